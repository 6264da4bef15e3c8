/* SPDX-License-Identifier: Apache-2.0 */
#include "mortal.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/frame.h"

enum { REQUEST_MEMORY = 64 << 20, NOT_STARTED = 3 };

/* What lies in the quarantine of freed memory makes each fork slow. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=8";
}

const char *const mishap_names[MISHAPS] = {
    [KILLED_BEFORE] = "killed before",       [KILLED_AFTER] = "killed after",
    [ANSWER_LOST] = "answer lost",           [STORE_REFUSES] = "the store refuses",
    [COMMIT_LOST] = "lost, outcome unknown", [COMMIT_UNKNOWN] = "done, outcome unknown",
};

static const int hows[MISHAPS] = {
    [KILLED_BEFORE] = STORE_DIE_BEFORE,   [KILLED_AFTER] = STORE_DIE_AFTER,   [STORE_REFUSES] = STORE_FAIL_BEFORE,
    [COMMIT_LOST] = STORE_LOSE_BATCH,     [COMMIT_UNKNOWN] = STORE_LOSE_ANSWER,
};

/* One at a time. */
static struct {
    struct mortal *m;
    pid_t pid; /* 0: the server is in this process */
    int fd;
} server;

/* ---------------------------------------------------------------------- in the server's process */

/* A request without a path is administration. */
static int receive(int fd, struct arena *a, struct rsp_request *q)
{
    struct bytes *const parts[] = { &q->path, &q->content_type, &q->body, &q->client_cert };
    *q = (struct rsp_request){ 0 };
    for (int i = 0; i < 4; i++) {
        if (frame_receive(fd, a, parts[i], NULL) != 0)
            return -1;
        if (parts[i]->n == 0)
            *parts[i] = BYTES_NONE;
    }
    return 0;
}

static void answer(struct world *w, int fd, struct arena *a, const struct rsp_request *q)
{
    struct rsp_response r = { 0 };
    if (q->path.n)
        smdp_handle(&w->smdp, a, q, &r);
    else
        r.status = server.m->administer(w) ? 200 : 400;
    const int64_t head[] = { r.status, w->faults.commits };
    frame_send(fd, BYTES_OF(head), NULL);
    frame_send(fd, r.body.p ? r.body : BYTES_LIT(""), NULL);
}

static _Noreturn void live(struct world *w, int fd)
{
    const struct mortal *m = server.m;
    const struct store_faults faults = { .at = m->mishap == ANSWER_LOST ? 0 : m->at, .how = hows[m->mishap] };
    struct rsp_request q;
    w->serve = NULL;
    w->faults = m->from_start ? faults : (struct store_faults){ 0 };
    if (!world_start(w))
        _exit(NOT_STARTED);
    if (!m->from_start)
        w->faults = faults;
    for (;;) {
        struct arena *a = arena_new(REQUEST_MEMORY);
        if (!a || receive(fd, a, &q) != 0)
            _exit(0);
        answer(w, fd, a, &q);
        arena_free(a);
    }
}

/* ------------------------------------------------------------------------------- in this process */

static int exchange(struct arena *a, const struct rsp_request *q, struct rsp_response *r)
{
    const struct bytes parts[] = { q->path, q->content_type, q->body, q->client_cert };
    struct bytes head;
    int64_t numbers[2];
    int bad = 0;
    for (int i = 0; i < 4; i++)
        bad |= frame_send(server.fd, parts[i].p ? parts[i] : BYTES_LIT(""), NULL);
    if (bad || frame_receive(server.fd, a, &head, NULL) != 0 || frame_receive(server.fd, a, &r->body, NULL) != 0 ||
        head.n != sizeof numbers) {
        server.m->died = true;
        return -1;
    }
    memcpy(numbers, head.p, sizeof numbers);
    r->status = (int)numbers[0];
    server.m->commits = (long)numbers[1];
    return 0;
}

static void note(const struct world *w, const struct rsp_request *q, const struct rsp_response *r)
{
    int f = rsp_function_at(q->path);
    struct rsp_status status = { .executed = RSP_FAILED };
    if (f < 0)
        return;
    if (r->status == 200)
        rsp_read_response(test_arena(), (enum rsp_function)f, r->body, &status, NULL, NULL);
    bool done = r->status == 204 || status.executed == RSP_SUCCESS;
    server.m->done[f] += done;
    server.m->refused[f] += r->status == 200 && !done;
    if (done && f == ES9_GET_BOUND_PROFILE_PACKAGE)
        server.m->bound[w->card] = true;
}

static int serve(struct world *w, struct arena *a, const struct rsp_request *q, struct rsp_response *r)
{
    struct mortal *m = server.m;
    int f = rsp_function_at(q->path);
    *r = (struct rsp_response){ 0 };
    if (m->died && server.pid)
        return -1;
    if (f >= 0)
        m->asked[f]++;
    long before = m->commits;
    if (!server.pid)
        smdp_handle(&w->smdp, a, q, r);
    else if (exchange(a, q, r) != 0)
        return -1;
    bool lost = server.pid && m->mishap == ANSWER_LOST && before < m->at && m->commits >= m->at;
    if (lost)
        return serve(w, a, q, r);
    note(w, q, r);
    return r->status == 503 ? -1 : 0; /* to try later */
}

bool mortal_administer(struct world *w)
{
    static const struct rsp_request administration;
    struct rsp_response r;
    return serve(w, test_arena(), &administration, &r) == 0 && r.status == 200;
}

void mortal_begin(struct world *w, struct mortal *m)
{
    int pair[2];
    server.m = m;
    world_stop(w);
    fflush(stdout); /* or both processes would print what waits */
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0 || (server.pid = fork()) < 0) {
        perror("no process for a server");
        exit(2);
    }
    if (server.pid == 0) {
        close(pair[0]);
        live(w, pair[1]);
    }
    close(pair[1]);
    server.fd = pair[0];
    w->serve = serve;
}

bool mortal_reap(struct world *w)
{
    struct mortal *m = server.m;
    int status;
    shutdown(server.fd, SHUT_WR);
    close(server.fd);
    waitpid(server.pid, &status, 0);
    server.pid = 0;
    w->faults = (struct store_faults){ 0 };
    bool killed = m->at && m->mishap <= KILLED_AFTER;
    bool as_wanted = killed ? WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL : status == 0 || m->from_start;
    if (!as_wanted)
        printf("# the server's process ended with status 0x%04X\n", (unsigned)status);
    m->died |= killed;
    return CHECK(as_wanted);
}

bool mortal_end(struct world *w)
{
    return mortal_reap(w) && world_start(w);
}
