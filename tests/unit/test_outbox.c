/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "server/outbox.h"
#include "store/backend.h"

enum { OUTBOX, OTHER };
static const struct store_column other[] = { { "id", STORE_BLOB, false, false } };
static const struct store_kind kinds[] = { [OUTBOX] = OUTBOX_KIND, [OTHER] = { "other", other, 1 } };
static const struct store_schema schema = { 1, kinds, 2 };

enum { MEMORY, SQLITE, BACK_ENDS };
static const char *const back_ends[BACK_ENDS] = { "memory", "SQLite" };

enum { START = 1000000 };
#define N(table) (sizeof table / sizeof *table)

/* ------------------------------------------------------------------------------- the store */

static const char *path(void)
{
    return test_path("outbox.db");
}

/* Where the sends of all threads meet the test: a log, and lanes whose sends are held. */
static struct stage {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    char log[65536];
    const char *held; /* lanes */
    int gone;         /* threads that have sent something and ended */
    bool no_commits;  /* they wait */
    int committing;   /* how many that are */
    int closed;       /* outboxes that a helper has closed */
} stage = { .lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER };
static pthread_key_t end_of_thread;

/* In front of a store: counts what is read, and fails to read while it is told to. */
static struct watched {
    struct store *inner;
    int64_t reads, rows;
    bool blind;
} watched;

static int seen(int result, size_t rows, struct err *e)
{
    __atomic_add_fetch(&watched.reads, 1, __ATOMIC_RELAXED);
    __atomic_add_fetch(&watched.rows, (int64_t)rows, __ATOMIC_RELAXED);
    return watched.blind ? err_set(e, ERR_IO, NULL, "nothing can be read on purpose") : result;
}

static int watched_get(void *self, struct arena *a, size_t kind, struct bytes key, struct store_record *out,
                       struct err *e)
{
    return seen(store_get(((struct watched *)self)->inner, a, kind, key, out, e), 1, e);
}

static int watched_find(void *self, struct arena *a, const struct store_query *q, struct store_records *out,
                        struct err *e)
{
    int result = store_find(((struct watched *)self)->inner, a, q, out, e);
    return seen(result, out->n, e);
}

static int watched_count(void *self, const struct store_query *q, int64_t *n, struct err *e)
{
    return store_count(((struct watched *)self)->inner, q, n, e);
}

static enum store_commit watched_commit(void *self, const struct store_batch *b, const char **column, struct err *e)
{
    pthread_mutex_lock(&stage.lock);
    stage.committing++;
    pthread_cond_broadcast(&stage.moved);
    while (stage.no_commits)
        pthread_cond_wait(&stage.moved, &stage.lock);
    pthread_mutex_unlock(&stage.lock);
    enum store_commit result = store_commit(((struct watched *)self)->inner, b, column, e);
    pthread_mutex_lock(&stage.lock);
    stage.committing--;
    pthread_cond_broadcast(&stage.moved);
    pthread_mutex_unlock(&stage.lock);
    return result;
}

static void watched_close(void *self)
{
    store_close(((struct watched *)self)->inner);
}

static struct store *open_store(int which)
{
    static const struct store_ops ops = { watched_get, watched_find, watched_count, watched_commit, watched_close };
    struct store *s = NULL;
    struct err e;
    watched = (struct watched){ 0 };
    if (which == MEMORY)
        CHECK_OK(store_open_memory(&schema, &watched.inner, &e), &e);
    else
        CHECK_OK(store_open_sqlite(&schema, path(), &watched.inner, &e), &e);
    CHECK_OK(store_make(&ops, &watched, &s, &e), &e);
    return s;
}

static struct store *open_new(int which)
{
    test_folder_clear();
    return open_store(which);
}

/* ----------------------------------------------------------------------------- destinations */

/* What destinations do, as words: "A1?2" does not reach the destination of A1 twice, "A1!1/25" refuses it once and
 * asks for 25 seconds; "A?9" is for all of lane A.  The first word that fits and is not used up counts. */
enum { WORDS = 8 };
struct word {
    char body[16], what;
    int times;
    int64_t retry_after;
};

static struct post {
    int64_t now;
    uint8_t random;
    struct word words[WORDS];
    char log[4096];         /* tries: "A1@0" sent at START + 0, "A1?10" not reached, "A1!10" refused */
    int child;              /* a pipe that is told what was sent, or 0 */
    struct outbox *meanwhile; /* takes a step while a message is sent */
    int64_t passes;         /* seconds that a send takes */
    bool greedy;            /* a send takes all the memory that it may */
    char last[256];         /* note */
} post;

static int64_t now(void *context)
{
    (void)context;
    return __atomic_load_n(&post.now, __ATOMIC_SEQ_CST);
}

static int same_octet(void *context, uint8_t *out, size_t n)
{
    (void)context;
    memset(out, post.random, n);
    return 0;
}

static void note(void *context, struct bytes lane, const struct err *e)
{
    (void)context;
    snprintf(post.last, sizeof post.last, "%.*s: %s", (int)lane.n, (const char *)lane.p, e->what);
}

static void destinations(const char *text)
{
    memset(&post, 0, sizeof post);
    post.now = START;
    char *save, *copy = arena_text(test_arena(), bytes_text(text));
    int i = 0;
    for (char *word = strtok_r(copy, " ", &save); word && i < WORDS; word = strtok_r(NULL, " ", &save), i++) {
        struct word *w = &post.words[i];
        long long pause = 0;
        CHECK(sscanf(word, "%15[A-Z0-9]%c%d/%lld", w->body, &w->what, &w->times, &pause) >= 3);
        w->retry_after = pause;
    }
}

static struct word *word_for(struct bytes body)
{
    for (struct word *w = post.words; w < post.words + WORDS && w->what; w++)
        if (w->times && body.n >= strlen(w->body) && memcmp(body.p, w->body, strlen(w->body)) == 0)
            return w;
    return NULL;
}

static enum outbox_outcome send(void *who, struct arena *a, const struct outbox_message *m, int64_t *retry_after,
                                struct err *e)
{
    struct word *w = word_for(m->body);
    const char what = w ? w->what : '@';
    size_t n = strlen(post.log);
    while (post.greedy && arena_alloc(a, 4096))
        ;
    CHECK_BYTES(m->lane, bytes_slice(m->body, 0, 1));
    snprintf(post.log + n, sizeof post.log - n, "%s%.*s%c%lld ", who ? (const char *)who : "", (int)m->body.n,
             (const char *)m->body.p, what, (long long)(now(NULL) - START));
    if (post.child && write(post.child, m->body.p, 2) != 2)
        return OUTBOX_LATER;
    struct outbox *meanwhile = post.meanwhile;
    post.meanwhile = NULL;
    post.now += post.passes;
    int64_t next;
    if (meanwhile)
        CHECK_OK(outbox_step(meanwhile, &next, NULL), &(struct err){ 0 });
    if (!w)
        return OUTBOX_SENT;
    w->times--;
    *retry_after = w->retry_after;
    err_set(e, ERR_PEER, NULL, "%s", what == '?' ? "nobody answers" : "not wanted");
    return what == '?' ? OUTBOX_LATER : OUTBOX_REFUSED;
}

/* ----------------------------------------------------------------------------------- outbox */

static const struct outbox_plan plan = { .first_pause = 10, .longest_pause = 60, .lease = 30 };

static struct outbox_setup setup(struct store *s)
{
    return (struct outbox_setup){ .store = s, .kind = OUTBOX, .plan = plan, .send = send, .now = now,
                                  .random = same_octet, .note = note };
}

static struct outbox *open_as(const struct outbox_setup *with)
{
    struct outbox *o = NULL;
    struct err e;
    CHECK_OK(outbox_open(with, &o, &e), &e);
    return o;
}

static struct outbox *open_outbox(struct store *s)
{
    struct outbox_setup with = setup(s);
    return open_as(&with);
}

static void close_outbox(struct outbox *o)
{
    struct err e;
    CHECK_OK(outbox_close(o, 10, &e), &e);
}

static struct outbox_message message(const char *word)
{
    struct outbox_message m = { .lane = bytes_make(word, 1), .topic = word[1], .subject = BYTES_LIT("89"),
                                .body = bytes_text(word), .created = post.now };
    memcpy(m.id, word, strlen(word) + 1 < sizeof m.id ? strlen(word) + 1 : sizeof m.id);
    return m;
}

/* Messages of one batch, "A1 B1": the first letter is the lane. */
static struct store_batch batch_of(const char *text)
{
    struct store_batch b = store_batch_in(test_arena());
    struct err e;
    char *save, *copy = arena_text(test_arena(), bytes_text(text));
    for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        struct outbox_message m = message(word);
        CHECK_OK(outbox_put(&b, OUTBOX, &m, &e), &e);
    }
    return b;
}

static void put(struct store *s, struct outbox *o, const char *text)
{
    struct store_batch b = batch_of(text);
    struct err e;
    CHECK_EQ(store_commit(s, &b, NULL, &e), STORE_COMMITTED);
    if (o)
        outbox_wake(o, &b);
}

/* Steps, and moves the clock to where there is something to do, until there is nothing before START + `end`. */
static void run(struct outbox *o, int64_t end)
{
    struct err e;
    for (int i = 0; i < 1000; i++) {
        int64_t next = 0;
        outbox_step(o, &next, &e);
        CHECK(next > post.now);
        if (next > START + end)
            return;
        post.now = next;
    }
    CHECK(false);
}

static int64_t count(struct outbox *o, const char *lane, enum outbox_state state)
{
    int64_t n = -1;
    struct err e;
    CHECK_OK(outbox_count(o, bytes_text(lane), state, &n, &e), &e);
    return n;
}

static int64_t records(struct store *s)
{
    const struct store_query all = { .kind = OUTBOX };
    int64_t n = -1;
    struct err e;
    CHECK_OK(store_count(s, &all, &n, &e), &e);
    return n;
}

/* ----------------------------------------------------------------------------- order, pauses */

/* Pauses of 10, 20, 40, 60, 60 .. seconds; times by hand. */
static const struct {
    const char *name, *messages, *destinations;
    uint8_t random;
    int64_t give_up;
    const char *log;
    int64_t dead;
} rows[] = {
    { "in order, lanes in turn", "A1 A2 B1 A3 B2", "", 0, 0, "A1@0 B1@0 A2@0 B2@0 A3@0 ", 0 },
    { "a lane that is down, another one flows", "A1 A2 B1 B2", "A?3", 0, 0,
      "A1?0 B1@0 B2@0 A1?10 A1?30 A1@70 A2@70 ", 0 },
    { "pauses double up to the longest", "A1", "A1?6", 0, 0, "A1?0 A1?10 A1?30 A1?70 A1?130 A1?190 A1@250 ", 0 },
    { "a random octet adds up to an eighth", "A1", "A1?4", 255, 0, "A1?0 A1?11 A1?33 A1?77 A1@144 ", 0 },
    { "an outage ends, the next begins with the first pause", "A1 A2", "A1?2 A2?2", 0, 0,
      "A1?0 A1?10 A1@30 A2?30 A2?40 A2@60 ", 0 },
    { "Retry-After is shorter", "A1 A2", "A1?1/7", 0, 0, "A1?0 A1@7 A2@7 ", 0 },
    { "Retry-After is longer", "A1", "A1?1/500", 0, 0, "A1?0 A1@500 ", 0 },
    { "Retry-After is absurd", "A1", "A1?1/999999", 0, 0, "A1?0 A1@86400 ", 0 },
    { "Retry-After is in the past", "A1", "A1?1/-5", 0, 0, "A1?0 A1@10 ", 0 },
    { "a refused message steps aside", "A1 A2 A3", "A1!1", 0, 0, "A1!0 A2@0 A3@0 A1@10 ", 0 },
    { "refused again and again", "A1 A2", "A1!6", 0, 0,
      "A1!0 A2@0 A1!10 A1!30 A1!70 A1!130 A1!190 A1@250 ", 0 },
    { "refused ones keep to their own pauses", "A1 A2 A3", "A1!2 A2!1", 0, 0,
      "A1!0 A2!0 A3@0 A1!10 A2@10 A1@30 ", 0 },
    { "refused with a jitter", "A1", "A1!2", 255, 0, "A1!0 A1!11 A1@33 ", 0 },
    { "refused, Retry-After: the next pause that is as long", "A1", "A1!1/25", 0, 0, "A1!0 A1@40 ", 0 },
    { "refused, Retry-After is longer than the longest pause", "A1", "A1!1/500", 0, 0, "A1!0 A1@60 ", 0 },
    { "refused, then not reached", "A1 A2", "A1!1 A1?1", 0, 0, "A1!0 A2@0 A1?10 A1@20 ", 0 },
    { "not reached, refused, not reached", "A1", "A1?1 A1!1 A1?1", 0, 0, "A1?0 A1!10 A1?20 A1@30 ", 0 },
    { "down too long: all of the lane is given up", "A1 A2 B1", "A?9", 0, 100,
      "A1?0 B1@0 A1?10 A1?30 A1?70 ", 2 },
    { "given up by its own last try", "A1 A2", "A1?9", 0, 10, "A1?0 A1?10 ", 2 },
    { "refused too long", "A1 A2", "A1!9", 0, 100, "A1!0 A2@0 A1!10 A1!30 A1!70 A1!130 ", 1 },
    { "taken before it is too old", "A1", "A1?4", 0, 131, "A1?0 A1?10 A1?30 A1?70 A1@130 ", 0 },
};

/* `again`: the outbox, and with it an SQLite store, is closed and opened before each step. */
static void row_runs(size_t i, int which, bool again)
{
    struct store *s = open_new(which);
    destinations(rows[i].destinations);
    post.random = rows[i].random;
    struct outbox_setup with = setup(s);
    with.plan.give_up = rows[i].give_up;
    struct outbox *o = open_as(&with);
    put(s, o, rows[i].messages);
    for (int64_t next = 0; next <= START + 100000;) {
        post.now = next > post.now ? next : post.now;
        if (again) {
            close_outbox(o);
            if (which == SQLITE) {
                store_close(s);
                with.store = s = open_store(which);
            }
            o = open_as(&with);
        }
        CHECK_OK(outbox_step(o, &next, NULL), &(struct err){ 0 });
        if (!CHECK(next > post.now))
            break;
    }
    CHECK_TEXT(post.log, rows[i].log);
    CHECK_EQ(count(o, NULL, OUTBOX_DEAD), rows[i].dead);
    CHECK_EQ(records(s), rows[i].dead);
    close_outbox(o);
    store_close(s);
}

TEST(pauses)
{
    for (size_t i = 0; i < N(rows); i++)
        for (int which = 0; which < BACK_ENDS; which++) {
            test_row("%s: %s", back_ends[which], rows[i].name);
            row_runs(i, which, false);
        }
    test_folder_clear();
}

TEST(pauses_across_restarts)
{
    for (size_t i = 0; i < N(rows); i++)
        for (int which = 0; which < BACK_ENDS; which++) {
            test_row("%s: %s", back_ends[which], rows[i].name);
            row_runs(i, which, true);
        }
    test_folder_clear();
}

TEST(a_message_put_later)
{
    for (int which = 0; which < BACK_ENDS; which++) {
        struct store *s = open_new(which);
        struct outbox *o = open_outbox(s);
        struct err e;
        int64_t next;
        destinations("A1?1");
        test_row("%s: an outbox without messages waits for a wake", back_ends[which]);
        CHECK_OK(outbox_step(o, &next, &e), &e);
        CHECK_EQ(next, OUTBOX_NEVER);
        test_row("%s: it does not go before one that waits", back_ends[which]);
        put(s, o, "A1");
        CHECK_OK(outbox_step(o, &next, &e), &e);
        CHECK_EQ(next, START + 10);
        put(s, o, "A2");
        CHECK_OK(outbox_step(o, &next, &e), &e);
        CHECK_EQ(next, START + 10);
        run(o, 10);
        CHECK_TEXT(post.log, "A1?0 A1@10 A2@10 ");
        test_row("%s: a steady flow does not starve one that was refused", back_ends[which]);
        destinations("B1!1");
        post.passes = 1;
        put(s, o, "B1 B2 B3 B4 B5 B6 B7 B8 B9 B10 B11 B12 B13 B14");
        CHECK_OK(outbox_step(o, &next, &e), &e);
        CHECK_TEXT(post.log, "B1!0 B2@1 B3@2 B4@3 B5@4 B6@5 B7@6 B8@7 B9@8 B10@9 B11@10 B12@11 B1@12 B13@13 B14@14 ");
        test_row("%s: a send that takes all memory leaves enough to keep what came of it", back_ends[which]);
        destinations("C1!1 C2?1");
        post.greedy = true;
        put(s, o, "C1 C2 C3");
        run(o, 100);
        CHECK_TEXT(post.log, "C1!0 C2?0 C2@10 C3@10 C1@10 ");
        CHECK_EQ(records(s), 0);
        close_outbox(o);
        store_close(s);
    }
    test_folder_clear();
}

/* ------------------------------------------------------------------------------------ leases */

static void own(struct store *s, const char *word, int64_t lease)
{
    struct outbox_message m = message(word);
    struct store_batch b = store_batch_in(test_arena());
    struct store_record r;
    struct err e;
    CHECK_OK(store_get(s, test_arena(), OUTBOX, arena_copy(test_arena(), BYTES_OF(m.id)), &r, &e), &e);
    r.v[OUTBOX_LEASE].i = lease;
    store_put(&b, OUTBOX, &r);
    CHECK_EQ(store_commit(s, &b, NULL, &e), STORE_COMMITTED);
}

TEST(leases)
{
    for (int which = 0; which < BACK_ENDS; which++) {
        struct store *s = open_new(which);
        destinations("");
        put(s, NULL, "A1 A2 B1");
        struct outbox_setup of[2] = { setup(s), setup(s) };
        of[0].context = "x";
        of[1].context = "y";
        struct outbox *o[2] = { open_as(&of[0]), open_as(&of[1]) };
        test_row("%s: what one holds, and what is behind it, another one does not send", back_ends[which]);
        post.meanwhile = o[1];
        run(o[0], 0);
        CHECK_TEXT(post.log, "xA1@0 yB1@0 xA2@0 ");
        CHECK_EQ(records(s), 0);
        run(o[1], 100);
        CHECK_TEXT(post.log, "xA1@0 yB1@0 xA2@0 ");

        test_row("%s: a lease that is over: the other one takes over, and keeps it", back_ends[which]);
        destinations("");
        struct store_batch b = batch_of("C1 C2");
        struct err e;
        CHECK_EQ(store_commit(s, &b, NULL, &e), STORE_COMMITTED);
        outbox_wake(o[0], &b);
        outbox_wake(o[1], &b);
        post.meanwhile = o[1];
        post.passes = 31;
        run(o[0], 100);
        CHECK_TEXT(post.log, "xC1@0 yC1@31 yC2@62 ");
        CHECK_EQ(records(s), 0);

        test_row("%s: of a deliverer that died, until the lease is over and not before", back_ends[which]);
        destinations("");
        put(s, NULL, "D1 D2");
        own(s, "D1", START + 25);
        put(s, o[0], "");
        close_outbox(o[0]);
        o[0] = open_as(&of[0]);
        run(o[0], 24);
        CHECK_TEXT(post.log, "");
        run(o[0], 25);
        CHECK_TEXT(post.log, "xD1@25 xD2@25 ");
        CHECK_EQ(records(s), 0);
        close_outbox(o[0]);
        close_outbox(o[1]);
        store_close(s);
    }
    test_folder_clear();
}

/* ------------------------------------------------------------------------------------ faults */

static int tries_of(const char *word)
{
    int n = 0;
    for (const char *at = post.log; (at = strstr(at, word)); at++)
        n++;
    return n;
}

/* Everything that an outbox does: send, find nobody, be refused, give up. */
static const char *const fault_messages = "A1 A2 A3 B1 C1 D1";
static const char *const fault_destinations = "A2!1 B?1 D?99";

/* No matter which commit goes wrong: all arrive, none twice, since nobody died; what must be given up stays. */
static void one_fault(int which, int how, long at, bool *reached)
{
    static const char *const sent[] = { "A1@", "A2@", "A3@", "B1@", "C1@" };
    struct store_faults f = { .at = at, .how = how };
    struct store *s = NULL;
    struct err e;
    destinations(fault_destinations);
    CHECK_OK(store_open_faults(open_new(which), &f, &s, &e), &e);
    struct outbox_setup with = setup(s);
    with.plan.give_up = 60;
    struct outbox *o = open_as(&with);
    f.commits = -1; /* the batch that caused them */
    put(s, o, fault_messages);
    run(o, 2000);
    *reached = f.commits >= at;
    for (size_t i = 0; i < N(sent); i++)
        CHECK_EQ(tries_of(sent[i]), 1);
    CHECK(strstr(post.log, "A1@") < strstr(post.log, "A2!"));
    CHECK(strstr(post.log, "A2!") < strstr(post.log, "A3@"));
    CHECK(strstr(post.log, "B1?") < strstr(post.log, "B1@"));
    CHECK_EQ(count(o, NULL, OUTBOX_DEAD), 1);
    CHECK_EQ(count(o, "D", OUTBOX_DEAD), 1);
    CHECK_EQ(records(s), 1);
    close_outbox(o);
    store_close(s);
}

TEST(faults)
{
    static const struct {
        const char *name;
        int how;
    } hows[] = { { "refused before", STORE_FAIL_BEFORE },
                 { "the answer is lost", STORE_LOSE_ANSWER },
                 { "the batch is lost", STORE_LOSE_BATCH } };
    for (int which = 0; which < BACK_ENDS; which++)
        for (size_t i = 0; i < N(hows); i++) {
            bool reached = true;
            long at = 0;
            while (reached && at < 100) {
                test_row("%s: %s at commit %ld", back_ends[which], hows[i].name, ++at);
                one_fault(which, hows[i].how, at, &reached);
            }
            test_row("%s: %s: there were commits to break", back_ends[which], hows[i].name);
            CHECK(at > 16 && at < 100);
        }
    test_folder_clear();
}

/* A child delivers until it is killed at a commit; another one goes on where it was. */
static bool dies(int how, long at, char received[64])
{
    int pipe_of[2], status = 0;
    ssize_t n = 0, got;
    if (!CHECK_EQ(pipe(pipe_of), 0))
        return false;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        struct store_faults f = { .at = at, .how = how };
        struct store *s = NULL;
        struct err e;
        destinations("A1!1");
        post.child = pipe_of[1];
        if (store_open_faults(open_store(SQLITE), &f, &s, &e) == 0)
            run(open_outbox(s), 500);
        _exit(0);
    }
    close(pipe_of[1]);
    while (n < 63 && (got = read(pipe_of[0], received + n, (size_t)(63 - n))) > 0)
        n += got;
    received[n] = 0;
    close(pipe_of[0]);
    CHECK_EQ(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status);
}

static void two_messages(void)
{
    struct store *s = open_new(SQLITE);
    destinations("");
    put(s, NULL, "A1 A2");
    store_close(s);
}

TEST(deaths)
{
    static const struct {
        const char *name;
        int how;
        /* what was sent before and after the death at commit 1, 2 ..: a claim, an end in turn (A1 is refused first) */
        const char *sent[6];
    } hows[] = {
        { "before", STORE_DIE_BEFORE, { "|A1A2A1", "A1|A1A2A1", "A1|A2A1", "A1A2|A1A2", "A1A2|A1", "A1A2A1|A1" } },
        { "after", STORE_DIE_AFTER, { "|A1A2A1", "A1|A2A1", "A1|A1A2", "A1A2|A1", "A1A2|A1", "A1A2A1|" } },
    };
    for (size_t i = 0; i < N(hows); i++)
        for (long at = 1; at <= 6; at++) {
            char first[64], second[64];
            two_messages();
            test_row("%s commit %ld", hows[i].name, at);
            CHECK(dies(hows[i].how, at, first));
            /* the second finds a message that was refused already as its own first try */
            struct store *s = open_store(SQLITE);
            destinations(at == 1 || (at == 2 && hows[i].how == STORE_DIE_BEFORE) ? "A1!1" : "");
            struct outbox *o = open_outbox(s);
            run(o, 500);
            close_outbox(o);
            size_t n = 0;
            for (const char *p = post.log; (p = strchr(p, 'A')); p++, n += 2)
                memcpy(second + n, p, 2);
            second[n] = 0;
            CHECK_TEXT(arena_printf(test_arena(), "%s|%s", first, second), hows[i].sent[at - 1]);
            CHECK_EQ(records(s), 0);
            store_close(s);
        }
    test_row("there is no commit 7");
    char first[64];
    two_messages();
    CHECK(!dies(STORE_DIE_BEFORE, 7, first));
    CHECK_TEXT(first, "A1A2A1");
    test_folder_clear();
}

TEST(a_store_that_cannot_be_read)
{
    for (int which = 0; which < BACK_ENDS; which++) {
        struct store *s = open_new(which);
        struct outbox *o;
        struct err e;
        int64_t next;
        destinations("");
        put(s, NULL, "A1");
        watched.blind = true;
        struct outbox_setup with = setup(s);
        test_row("%s: nothing is opened", back_ends[which]);
        CHECK_FAILS(outbox_open(&with, &o, &e), &e, ERR_IO, "on purpose");
        watched.blind = false;
        o = open_outbox(s);
        test_row("%s: a step says so, and when to try again", back_ends[which]);
        watched.blind = true;
        CHECK_FAILS(outbox_step(o, &next, &e), &e, ERR_IO, "on purpose");
        CHECK_EQ(next, START + 10);
        CHECK_TEXT(post.last, "A: nothing can be read on purpose");
        CHECK_TEXT(post.log, "");
        test_row("%s: then it is sent", back_ends[which]);
        watched.blind = false;
        run(o, 100);
        CHECK_TEXT(post.log, "A1@10 ");
        close_outbox(o);
        store_close(s);
    }
    test_folder_clear();
}

/* ---------------------------------------------------------------------------------- many */

enum { MANY = 10000, PART = 500, SOME = 300 };

static void put_many(struct store *s, struct outbox *o, int n)
{
    for (int i = 0; i < n;) {
        struct buf words = buf_in(test_arena());
        for (int k = 0; k < PART && i < n; k++)
            buf_printf(&words, "A%d ", ++i);
        put(s, o, buf_str(&words));
    }
}

/* Rows that a step reads. */
static int64_t reads(struct outbox *o)
{
    int64_t next;
    struct err e;
    watched.rows = watched.reads = 0;
    CHECK_OK(outbox_step(o, &next, &e), &e);
    return watched.rows > watched.reads ? watched.rows : watched.reads;
}

static const char *sqlite3_says(const char *sql)
{
    char *line = arena_alloc(test_arena(), 256);
    FILE *p = popen(arena_printf(test_arena(), "sqlite3 %s \"%s\" | tail -1", path(), sql), "r");
    if (p && fgets(line, 256, p))
        line[strcspn(line, "\n")] = 0;
    if (p)
        pclose(p);
    return line;
}

TEST(many_messages_of_a_lane_that_is_down)
{
    for (int which = 0; which < BACK_ENDS; which++) {
        struct store *s = open_new(which);
        struct outbox *o = open_outbox(s);
        destinations("A?99");
        put_many(s, o, MANY);
        test_row("%s: a try reads the first one, and what it has claimed", back_ends[which]);
        CHECK_EQ(reads(o), 2);
        CHECK_TEXT(post.log, "A1?0 ");
        test_row("%s: while the lane waits nothing is read", back_ends[which]);
        CHECK_EQ(reads(o), 0);
        put(s, o, "A0");
        CHECK_EQ(reads(o), 0);
        test_row("%s: another lane is read alone", back_ends[which]);
        put(s, o, "B1");
        CHECK_EQ(reads(o), 3); /* the third look finds the lane empty */
        test_row("%s: the next try", back_ends[which]);
        post.now += 10;
        CHECK_EQ(reads(o), 2);
        CHECK_TEXT(post.log, "A1?0 B1@0 A1?10 ");
        CHECK_EQ(count(o, "A", OUTBOX_WAITING), MANY + 1);
        test_row("%s: at the start each is read once", back_ends[which]);
        close_outbox(o);
        watched.rows = 0;
        o = open_outbox(s);
        CHECK_EQ(watched.rows, MANY + 1);
        CHECK_EQ(reads(o), 0);
        close_outbox(o);
        store_close(s);
        if (which == MEMORY)
            continue;
        test_row("the sqlite3 program finds the first by the index alone");
        CHECK(strstr(sqlite3_says("EXPLAIN QUERY PLAN SELECT serial, body FROM outbox WHERE serial > 0 AND "
                                  "queue = x'4141' ORDER BY serial LIMIT 1"),
                     "USING INDEX by_outbox_queue (queue=? AND rowid>?)") != NULL);
    }
    test_folder_clear();
}

TEST(many_messages_that_are_refused)
{
    for (int which = 0; which < BACK_ENDS; which++) {
        struct store *s = open_new(which);
        struct outbox *o = open_outbox(s);
        destinations("A!300 A150!1");
        put_many(s, o, SOME);
        test_row("%s: each is read twice and one look finds no more", back_ends[which]);
        CHECK_EQ(reads(o), 2 * SOME + 1);
        CHECK_EQ(count(o, "A", OUTBOX_ASIDE), SOME);
        test_row("%s: until they are due nothing is read", back_ends[which]);
        post.now += 9;
        CHECK_EQ(reads(o), 0);
        test_row("%s: then all are sent but one, which is due later", back_ends[which]);
        post.now += 1;
        CHECK_EQ(reads(o), 2 * SOME + 1);
        CHECK_EQ(count(o, "A", OUTBOX_ASIDE), 1);
        post.now += 10;
        CHECK_EQ(reads(o), 0);
        post.now += 10;
        CHECK_EQ(reads(o), 3);
        CHECK_EQ(records(s), 0);
        close_outbox(o);
        store_close(s);
    }
    test_folder_clear();
}

TEST(many_messages_that_are_given_up)
{
    for (int which = 0; which < BACK_ENDS; which++) {
        struct store *s = open_new(which);
        struct outbox_setup with = setup(s);
        destinations("A?99");
        with.plan.give_up = 100;
        struct outbox *o = open_as(&with);
        put_many(s, o, SOME);
        post.now += 50;
        put(s, o, "A0");
        test_row("%s: those that are too old, without a try each", back_ends[which]);
        run(o, 140);
        CHECK_TEXT(post.log, "A1?50 A1?60 A1?80 A0?120 ");
        CHECK_EQ(count(o, "A", OUTBOX_DEAD), SOME);
        CHECK_EQ(count(o, "A", OUTBOX_WAITING), 1);
        CHECK_TEXT(post.last, "A: 44 messages are given up: the destination was not reached in time");
        test_row("%s: the last one in its time, too", back_ends[which]);
        run(o, 150);
        CHECK_EQ(count(o, "A", OUTBOX_DEAD), SOME + 1);
        CHECK_EQ(count(o, "A", OUTBOX_WAITING), 0);
        close_outbox(o);
        store_close(s);
    }
    test_folder_clear();
}

/* --------------------------------------------------------------------------- administration */

/* All messages of a state, two at a time: "A1:3:error ". */
static const char *listed(struct outbox *o, const char *lane, enum outbox_state state)
{
    struct outbox_place at = { 0 };
    struct outbox_message *m;
    struct buf out = buf_in(test_arena());
    struct err e;
    for (size_t n = 1; n;) {
        if (!CHECK_OK(outbox_list(o, test_arena(), bytes_text(lane), state, &at, 2, &m, &n, &e), &e))
            break;
        CHECK(n <= 2);
        for (size_t i = 0; i < n; i++) {
            CHECK_EQ(m[i].state, state);
            buf_printf(&out, "%.*s:%d:%.*s ", (int)m[i].body.n, (const char *)m[i].body.p, (int)m[i].tries,
                       (int)m[i].error.n, m[i].error.n ? (const char *)m[i].error.p : "");
        }
    }
    return buf_str(&out);
}

static int64_t retry(struct outbox *o, const char *lane, bool dead)
{
    int64_t n = -1;
    struct err e;
    CHECK_OK(outbox_retry(o, bytes_text(lane), dead, &n, &e), &e);
    return n;
}

TEST(administration)
{
    for (int which = 0; which < BACK_ENDS; which++) {
        struct store *s = open_new(which);
        struct outbox *o = open_outbox(s);
        struct outbox_lane *lanes;
        size_t n;
        int64_t none;
        struct err e;
        destinations("A1!1 A3!2 A5!1 A6?2");
        put(s, o, "A1 A2 A3 A4 A5 A6 A7 B1");
        run(o, 10);
        CHECK_TEXT(post.log, "A1!0 B1@0 A2@0 A3!0 A4@0 A5!0 A6?0 A6?10 ");
        test_row("%s: lists", back_ends[which]);
        CHECK_TEXT(listed(o, "A", OUTBOX_WAITING), "A6:2:nobody answers A7:0: ");
        CHECK_TEXT(listed(o, "A", OUTBOX_ASIDE), "A1:1:not wanted A3:1:not wanted A5:1:not wanted ");
        CHECK_TEXT(listed(o, "A", OUTBOX_DEAD), "");
        CHECK_TEXT(listed(o, "B", OUTBOX_WAITING), "");
        test_row("%s: counts", back_ends[which]);
        CHECK_EQ(count(o, "A", OUTBOX_WAITING), 2);
        CHECK_EQ(count(o, "A", OUTBOX_ASIDE), 3);
        CHECK_EQ(count(o, NULL, OUTBOX_ASIDE), 3);
        CHECK_EQ(count(o, "B", OUTBOX_WAITING), 0);
        test_row("%s: lanes", back_ends[which]);
        CHECK_OK(outbox_lanes(o, test_arena(), &lanes, &n, &e), &e);
        if (CHECK_EQ((int64_t)n, 2)) {
            CHECK_BYTES(lanes[0].name, BYTES_LIT("A"));
            CHECK_EQ(lanes[0].failures, 2);
            CHECK_EQ(lanes[0].until, START + 30);
            CHECK_BYTES(lanes[1].name, BYTES_LIT("B"));
            CHECK_EQ(lanes[1].failures, 0);
        }
        test_row("%s: retry now", back_ends[which]);
        post.now = START + 15;
        post.log[0] = 0;
        CHECK_EQ(retry(o, "A", false), 3);
        run(o, 16);
        CHECK_TEXT(post.log, "A6@15 A7@15 A1@15 A3!15 A5@15 ");
        run(o, 100);
        CHECK_TEXT(post.log, "A6@15 A7@15 A1@15 A3!15 A5@15 A3@25 ");
        test_row("%s: a lane that nobody knows", back_ends[which]);
        CHECK_FAILS(outbox_retry(o, BYTES_LIT("C"), true, &none, &e), &e, ERR_NOT_FOUND, "no messages for \"C\"");
        close_outbox(o);
        store_close(s);
    }
    test_folder_clear();
}

TEST(dead_letters)
{
    for (int which = 0; which < BACK_ENDS; which++) {
        struct store *s = open_new(which);
        struct outbox_setup with = setup(s);
        destinations("A1!3 A2?2");
        with.plan.give_up = 30;
        struct outbox *o = open_as(&with);
        put(s, o, "A1 A2 A3");
        run(o, 1000);
        test_row("%s: are kept with what was wrong", back_ends[which]);
        CHECK_TEXT(post.log, "A1!0 A2?0 A2?10 A1!30 A2@30 A3@30 ");
        CHECK_TEXT(listed(o, "A", OUTBOX_DEAD), "A1:2:not wanted ");
        CHECK_TEXT(post.last, "A: a message is given up after 2 tries: not wanted");
        test_row("%s: stay so", back_ends[which]);
        close_outbox(o);
        o = open_as(&with);
        run(o, 1000);
        CHECK_EQ(retry(o, "A", false), 0);
        run(o, 1000);
        CHECK_EQ(count(o, "A", OUTBOX_DEAD), 1);
        test_row("%s: retried: one more try, for it is too old", back_ends[which]);
        post.log[0] = 0;
        CHECK_EQ(retry(o, "A", true), 1);
        run(o, 1000);
        CHECK_TEXT(post.log, "A1!30 ");
        CHECK_TEXT(listed(o, "A", OUTBOX_DEAD), "A1:1:not wanted ");
        test_row("%s: retried and taken", back_ends[which]);
        CHECK_EQ(retry(o, "A", true), 1);
        run(o, 1000);
        CHECK_TEXT(post.log, "A1!30 A1@30 ");
        CHECK_EQ(records(s), 0);
        close_outbox(o);
        store_close(s);
    }
    test_folder_clear();
}

static const struct {
    const char *name;
    size_t lane, subject, body;
    int64_t created;
    int code;
    const char *part;
} letters[] = {
    { "the longest that may be", 255, 255, 65536, 0, 0, "" },
    { "no destination", 0, 1, 1, 0, ERR_VALUE, "needs a destination" },
    { "a long destination", 256, 1, 1, 0, ERR_LIMIT, "names of at most 255" },
    { "a long subject", 1, 256, 1, 0, ERR_LIMIT, "names of at most 255" },
    { "a long body", 1, 1, 65537, 0, ERR_LIMIT, "at most 65536 are sent" },
    { "a time before all time", 1, 1, 1, -1, ERR_VALUE, "not written at -1" },
    { "a time after all time", 1, 1, 1, INT64_MAX, ERR_VALUE, "not written at" },
};

TEST(messages_put)
{
    struct buf a = buf_in(test_arena());
    buf_fill(&a, 'a', OUTBOX_BODY_MAX + 1);
    for (size_t i = 0; i < N(letters); i++) {
        struct store_batch b = store_batch_in(test_arena());
        struct outbox_message m = { .lane = bytes_slice(buf_bytes(&a), 0, letters[i].lane),
                                    .subject = bytes_slice(buf_bytes(&a), 0, letters[i].subject),
                                    .body = bytes_slice(buf_bytes(&a), 0, letters[i].body),
                                    .created = letters[i].created };
        struct err e;
        test_row("%s", letters[i].name);
        if (letters[i].code)
            CHECK_FAILS(outbox_put(&b, OUTBOX, &m, &e), &e, letters[i].code, letters[i].part);
        else
            CHECK_OK(outbox_put(&b, OUTBOX, &m, &e), &e);
        CHECK_EQ((int64_t)b.n, letters[i].code == 0);
    }
}

TEST(all_of_a_message_arrives)
{
    for (int which = 0; which < BACK_ENDS; which++) {
        struct store *s = open_new(which);
        struct store_batch b = store_batch_in(test_arena());
        struct outbox_message m = { .id = { 1, 2, 3, [15] = 16 }, .lane = BYTES_LIT("smds.example"), .topic = -7,
                                    .subject = BYTES_LIT("8949449999999990023"), .body = unhex("00FF00"),
                                    .created = START };
        struct outbox_place at = { 0 };
        struct outbox_message *got;
        size_t n;
        struct err e;
        test_row("%s", back_ends[which]);
        destinations("");
        CHECK_OK(outbox_put(&b, OUTBOX, &m, &e), &e);
        CHECK_EQ(store_commit(s, &b, NULL, &e), STORE_COMMITTED);
        struct outbox *o = open_outbox(s);
        CHECK_OK(outbox_list(o, test_arena(), m.lane, OUTBOX_WAITING, &at, 9, &got, &n, &e), &e);
        if (CHECK_EQ((int64_t)n, 1)) {
            CHECK_BYTES(BYTES_OF(got->id), unhex("01020300000000000000000000000010"));
            CHECK_BYTES(got->lane, BYTES_LIT("smds.example"));
            CHECK_EQ(got->topic, -7);
            CHECK_BYTES(got->subject, BYTES_LIT("8949449999999990023"));
            CHECK_BYTES(got->body, unhex("00FF00"));
            CHECK_EQ(got->created, START);
            CHECK(!bytes_present(got->error));
        }
        close_outbox(o);
        store_close(s);
    }
    test_folder_clear();
}

static const struct {
    const char *name;
    struct outbox_plan plan;
    int threads;
    const char *part;
} plans[] = {
    { "no pause", { 0, 60, 30, 0 }, 0, "pauses from 0 to 60 seconds" },
    { "longest before first", { 10, 9, 30, 0 }, 0, "pauses from 10 to 9 seconds" },
    { "longer than a year", { 10, INT64_MAX, 30, 0 }, 0, "up to a year" },
    { "no lease", { 10, 60, 0, 0 }, 0, "a lease of 0" },
    { "a negative age", { 10, 60, 30, -1 }, 0, "an age of -1" },
    { "more threads than there may be", { 10, 60, 30, 0 }, 17, "17 threads for the outbox: at most 16" },
};

TEST(plans_refused)
{
    struct store *s = open_new(MEMORY);
    for (size_t i = 0; i < N(plans); i++) {
        struct outbox_setup with = setup(s);
        struct outbox *o;
        struct err e;
        with.plan = plans[i].plan;
        with.threads = plans[i].threads;
        test_row("%s", plans[i].name);
        CHECK_FAILS(outbox_open(&with, &o, &e), &e, ERR_VALUE, plans[i].part);
    }
    store_close(s);
    test_folder_clear();
}

/* ----------------------------------------------------------------------------------- threads */

static void thread_counts(int *what)
{
    pthread_mutex_lock(&stage.lock);
    ++*what;
    pthread_cond_broadcast(&stage.moved);
    pthread_mutex_unlock(&stage.lock);
}

static void thread_ends(void *unused)
{
    (void)unused;
    thread_counts(&stage.gone);
}

static enum outbox_outcome staged(void *unused, struct arena *a, const struct outbox_message *m, int64_t *retry_after,
                                  struct err *e)
{
    (void)unused, (void)a, (void)retry_after;
    pthread_setspecific(end_of_thread, &stage);
    pthread_mutex_lock(&stage.lock);
    size_t n = strlen(stage.log);
    snprintf(stage.log + n, sizeof stage.log - n, "%.*s ", (int)m->body.n, (const char *)m->body.p);
    pthread_cond_broadcast(&stage.moved);
    while (stage.held && memchr(stage.held, m->lane.p[0], strlen(stage.held)))
        pthread_cond_wait(&stage.moved, &stage.lock);
    struct word *w = word_for(m->body);
    if (w)
        w->times--;
    pthread_mutex_unlock(&stage.lock);
    err_set(e, ERR_PEER, NULL, "nobody answers");
    return w ? OUTBOX_LATER : OUTBOX_SENT;
}

/* What is not allowed to go on: sends of lanes, all commits. */
static void hold_all(const char *lanes, bool commits)
{
    pthread_mutex_lock(&stage.lock);
    stage.held = lanes;
    stage.no_commits = commits;
    pthread_cond_broadcast(&stage.moved);
    pthread_mutex_unlock(&stage.lock);
}

static void hold(const char *lanes)
{
    hold_all(lanes, false);
}

static bool has_sent(const char *word, int times)
{
    int n = 0;
    for (const char *at = stage.log; (at = strstr(at, word)); at++)
        n++;
    return n >= times;
}

static bool has_ended(const char *unused, int threads)
{
    (void)unused;
    return stage.gone >= threads;
}

static bool is_committing(const char *unused, int batches)
{
    (void)unused;
    return stage.committing == batches;
}

static bool is_closed(const char *unused, int outboxes)
{
    (void)unused;
    return stage.closed == outboxes;
}

/* The store has it that so many tries failed. */
static bool has_failed(const char *word, int tries)
{
    struct outbox_message m = message(word);
    struct store_record r;
    return store_get(watched.inner, test_arena(), OUTBOX, BYTES_OF(m.id), &r, NULL) == 0 &&
           r.v[OUTBOX_TRIES].i == tries;
}

/* Looks whenever something has moved; half a minute means never, and whoever waits after that does so in vain. */
static void await(bool (*happened)(const char *, int), const char *word, int n)
{
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 30;
    static int late;
    pthread_mutex_lock(&stage.lock);
    while (!late && !happened(word, n))
        late = pthread_cond_timedwait(&stage.moved, &stage.lock, &end);
    pthread_mutex_unlock(&stage.lock);
    CHECK(!late);
}

static const char *staged_log(void)
{
    pthread_mutex_lock(&stage.lock);
    const char *log = arena_text(test_arena(), bytes_text(stage.log));
    pthread_mutex_unlock(&stage.lock);
    return log;
}

static int64_t real_now(void *context)
{
    (void)context;
    return time(NULL);
}

static struct outbox *open_threads(struct store *s, const char *script, int threads)
{
    struct outbox_setup with = setup(s);
    destinations(script);
    if (!end_of_thread)
        pthread_key_create(&end_of_thread, thread_ends);
    stage.log[0] = 0;
    stage.held = NULL;
    stage.gone = stage.closed = 0;
    with.send = staged;
    with.threads = threads;
    return open_as(&with);
}

static void move_clock(struct outbox *o, int64_t seconds)
{
    static const struct store_batch none;
    __atomic_add_fetch(&post.now, seconds, __ATOMIC_SEQ_CST);
    outbox_wake(o, &none);
}

TEST(slow_destinations)
{
    for (int which = 0; which < BACK_ENDS; which++) {
        struct store *s = open_new(which);
        test_row("%s: a destination that hangs holds one thread, and its lane", back_ends[which]);
        struct outbox *o = open_threads(s, "", 2);
        hold("A");
        put(s, o, "A1 A2 B1 B2 B3");
        await(has_sent, "A1 ", 1);
        await(has_sent, "B3 ", 1);
        CHECK(strstr(staged_log(), "A2") == NULL);
        hold(NULL);
        await(has_sent, "A2 ", 1);
        close_outbox(o);
        CHECK_EQ(records(s), 0);
        test_row("%s: of those that were down one thread is kept free", back_ends[which]);
        o = open_threads(s, "A1?1 B1?1", 2);
        put(s, o, "A1 B1");
        await(has_failed, "A1", 1);
        await(has_failed, "B1", 1);
        hold("AB");
        move_clock(o, 10);
        await(has_sent, "1 ", 3);
        put(s, o, "C1");
        await(has_sent, "C1 ", 1);
        CHECK_EQ((int64_t)strlen(staged_log()), (int64_t)strlen("A1 B1 A1 C1 "));
        hold(NULL);
        await(has_sent, "1 ", 5);
        close_outbox(o);
        CHECK_EQ(records(s), 0);
        store_close(s);
    }
    test_folder_clear();
}

TEST(a_deliverer_wakes_by_itself)
{
    struct store *s = open_new(MEMORY);
    struct outbox_setup with = setup(s);
    close_outbox(open_threads(s, "A1?1", 1));
    with.send = staged;
    with.now = real_now;
    with.threads = 1;
    with.plan.first_pause = 1;
    struct outbox *o = open_as(&with);
    put(s, o, "A1");
    await(has_sent, "A1 ", 2);
    close_outbox(o);
    CHECK_EQ(records(s), 0);
    store_close(s);
    test_folder_clear();
}

static void *let_go(void *unused)
{
    hold(NULL);
    return unused;
}

static void *closes(void *outbox)
{
    struct err e;
    CHECK_FAILS(outbox_close(outbox, 0, &e), &e, ERR_IO, "1 messages are still on their way");
    thread_counts(&stage.closed);
    return NULL;
}

/* The send begins when nobody has patience any more. */
static void close_while_claiming(struct store *s)
{
    struct outbox *o = open_threads(s, "", 1);
    struct store_batch b = batch_of("A1");
    pthread_t helper;
    struct err e;
    CHECK_EQ(store_commit(s, &b, NULL, &e), STORE_COMMITTED);
    hold_all("A", true);
    outbox_wake(o, &b);
    await(is_committing, NULL, 1);
    CHECK_EQ(pthread_create(&helper, NULL, closes, o), 0);
    for (int i = 0; i < 1000; i++)
        sched_yield(); /* so that it waits already, which would be the harder case */
    hold("A");
    await(is_closed, NULL, 1);
    hold(NULL);
    await(has_ended, NULL, 1);
    pthread_join(helper, NULL);
    destinations("");
    o = open_outbox(s);
    run(o, 100);
    CHECK_TEXT(post.log, "A1@30 ");
    close_outbox(o);
}

TEST(closing)
{
    for (int which = 0; which < BACK_ENDS; which++) {
        struct store *s = open_new(which);
        pthread_t helper;
        struct err e;
        test_row("%s: waits for the message on its way", back_ends[which]);
        struct outbox *o = open_threads(s, "", 2);
        hold("A");
        put(s, o, "A1");
        await(has_sent, "A1 ", 1);
        CHECK_EQ(pthread_create(&helper, NULL, let_go, NULL), 0);
        CHECK_OK(outbox_close(o, 600, &e), &e);
        pthread_join(helper, NULL);
        CHECK_EQ(records(s), 0);
        test_row("%s: but not for ever: then the store is not used any more", back_ends[which]);
        o = open_threads(s, "", 1);
        hold("A");
        put(s, o, "A1 A2");
        await(has_sent, "A1 ", 1);
        CHECK_FAILS(outbox_close(o, 0, &e), &e, ERR_IO, "1 messages are still on their way");
        if (which == SQLITE) {
            store_close(s);
            s = open_store(which);
        }
        hold(NULL);
        await(has_ended, NULL, 1);
        CHECK(strstr(staged_log(), "A2") == NULL);
        CHECK_EQ(records(s), 2);
        test_row("%s: and they are sent again after the lease", back_ends[which]);
        destinations("");
        o = open_outbox(s);
        run(o, 100);
        CHECK_TEXT(post.log, "A1@30 A2@30 ");
        close_outbox(o);
        test_row("%s: nor for one that is only being claimed", back_ends[which]);
        close_while_claiming(s);
        store_close(s);
    }
    test_folder_clear();
}

/* ------------------------------------------------------------------------------------- crowd */

enum { WRITERS = 4, EACH = 40 };
static struct store *crowded;
static struct outbox *crowd_outbox;

/* Each writer has two lanes of its own, and numbers what it puts. */
static void *writes(void *number)
{
    const int writer = *(const int *)number;
    for (int i = 0; i < EACH; i++) {
        struct arena *a = arena_new(1 << 16);
        struct store_batch b = store_batch_in(a);
        const char *word = arena_printf(a, "%c%03d", 'A' + 2 * writer + i % 2, i);
        struct outbox_message m = { .lane = bytes_make(word, 1), .body = bytes_text(word), .created = START };
        struct err e;
        memcpy(m.id, word, 4);
        if (outbox_put(&b, OUTBOX, &m, &e) == 0)
            store_commit(crowded, &b, NULL, &e);
        outbox_wake(crowd_outbox, &b);
        arena_free(a);
    }
    return NULL;
}

TEST(a_crowd)
{
    for (int which = 0; which < BACK_ENDS; which++) {
        pthread_t threads[WRITERS];
        int numbers[WRITERS], last[2 * WRITERS], in_order = 0;
        crowded = open_new(which);
        crowd_outbox = open_threads(crowded, "A0?3 C0?2", 4);
        for (int i = 0; i < WRITERS; i++) {
            numbers[i] = i;
            pthread_create(&threads[i], NULL, writes, &numbers[i]);
        }
        for (int i = 0; i < WRITERS; i++)
            pthread_join(threads[i], NULL);
        test_row("%s: every message of every thread arrives", back_ends[which]);
        for (int i = 0; i < 2 * WRITERS; i++)
            last[i] = -1;
        for (int i = 1; i <= 3; i++) {
            await(has_failed, "A000", i);
            await(has_failed, "C000", i < 3 ? i : 0);
            move_clock(crowd_outbox, 60);
        }
        for (int i = 0; i < 2 * WRITERS; i++)
            await(has_sent, arena_printf(test_arena(), "%c%03d ", 'A' + i, EACH - 2 + i % 2), 1);
        close_outbox(crowd_outbox);
        CHECK_EQ(records(crowded), 0);
        test_row("%s: once, but for those that failed, and in order", back_ends[which]);
        for (const char *p = stage.log; *p; p += 5) {
            int lane = *p - 'A', i = atoi(p + 1);
            in_order += i == last[lane] || i == (last[lane] < 0 ? lane % 2 : last[lane] + 2);
            last[lane] = i;
        }
        CHECK_EQ(in_order, WRITERS * EACH + 5);
        CHECK_EQ((int64_t)strlen(stage.log), 5 * (WRITERS * EACH + 5));
        store_close(crowded);
    }
    test_folder_clear();
}
