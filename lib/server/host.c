/* SPDX-License-Identifier: Apache-2.0 */
#include "server/host_inside.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "crypto/crypto.h"

enum { LEASE_SPARE = 30 /* seconds */ };

/* ------------------------------------------------------------------------ the outside world */

static int64_t now(void *context)
{
    (void)context;
    return (int64_t)time(NULL);
}

static int random_octets(void *context, uint8_t *out, size_t n)
{
    (void)context;
    return crypto_random(out, n, NULL);
}

/* The peer's place, with one call more; NULL: it has a quarter of the workers already. */
static struct peer *peer_enter(struct host *s, struct bytes host)
{
    struct host_parts *parts = s->parts;
    int64_t most = s->settings->server.workers / 4 + 1;
    struct peer *found = NULL, *unused = NULL;
    pthread_mutex_lock(&parts->peers_lock);
    for (struct peer *p = parts->peers; p < parts->peers + PEERS_MAX && !found; p++) {
        if (bytes_equal_nocase(bytes_text(p->host), host))
            found = p;
        else if (p->calls == 0)
            unused = p;
    }
    if (!found && unused && host.n < sizeof unused->host) {
        found = unused;
        memcpy(found->host, host.p, host.n);
        found->host[host.n] = '\0';
    }
    if (found && found->calls < most)
        found->calls++;
    else
        found = NULL;
    pthread_mutex_unlock(&parts->peers_lock);
    return found;
}

static void peer_leave(struct host *s, struct peer *p)
{
    pthread_mutex_lock(&s->parts->peers_lock);
    p->calls--;
    pthread_mutex_unlock(&s->parts->peers_lock);
}

static int post(void *context, struct arena *a, const struct service_call *c, struct service_answer *answer,
                struct err *e)
{
    struct host *s = context;
    struct http_answer got;
    if (!s->parts->reaches_others)
        return err_set(e, ERR_IO, NULL, "[outgoing] names no certificate, so nobody is called");
    struct peer *peer = peer_enter(s, c->host);
    if (!peer)
        return err_set(e, ERR_IO, NULL, "too many calls to %.*s wait for its answer", (int)c->host.n, c->host.p);
    int result = http_post(&s->parts->client, a, c->host, c->path, BYTES_LIT(RSP_TYPE_JSON),
                           BYTES_LIT(RSP_ADMIN_PROTOCOL), c->body, &got, e);
    peer_leave(s, peer);
    if (result != 0)
        return -1;
    *answer = (struct service_answer){ got.status, got.body, got.retry_after };
    return 0;
}

static void wake(void *context, const struct store_batch *b)
{
    struct host *s = context;
    if (s->outbox)
        outbox_wake(s->outbox, b);
}

static enum outbox_outcome send_message(void *context, struct arena *a, const struct outbox_message *m,
                                        int64_t *retry_after, struct err *e)
{
    struct host *s = context;
    return s->program->send(s->role, a, m, retry_after, e);
}

static void note(const struct host *s, const char *what, const char *where, const struct err *e)
{
    char text[512];
    fprintf(stderr, "%s: %s %s: %s\n", s->program->name, what, where, err_text(e, text, sizeof text));
}

static void note_fault(void *context, const char *function, const struct err *e)
{
    note(context, "not carried out:", function, e);
}

static void note_lane(void *context, struct bytes lane, const struct err *e)
{
    char name[OUTBOX_TEXT_MAX + 1];
    snprintf(name, sizeof name, "%.*s", (int)lane.n, lane.p);
    note(context, "not delivered to", name, e);
}

static void note_crl(void *context, const char *place, const struct err *e)
{
    note(context, "revocation list", place, e);
}

static void handle(void *context, struct arena *a, const struct http_request *in, struct http_response *out)
{
    struct rsp_request q = { .path = bytes_text(in->path),
                             .content_type = in->content_type,
                             .admin_protocol = in->admin_protocol,
                             .body = in->body,
                             .client_cert = in->client_cert,
                             .client_verified = in->client_verified,
                             .peer = bytes_text(in->peer),
                             .listener = (unsigned)in->listener };
    struct rsp_response r;
    service_handle(context, a, &q, &r);
    *out = (struct http_response){ r.status, r.content_type, r.body, r.retry_after };
}

/* -------------------------------------------------------------------------------- checking */

static void service_fill(struct host *s)
{
    const struct host_settings *set = s->settings;
    struct service *to = s->service;
    *to = (struct service){ .role = to->role, .sets = to->sets, .now = now, .random = random_octets, .post = post,
                            .wake = wake, .note = note_fault, .context = s, .known = known_new() };
    to->n_addresses = set->server.n_addresses;
    memcpy(to->addresses, set->server.addresses, sizeof set->server.addresses);
    to->n_blocked = set->server.n_blocked;
    memcpy(to->blocked, set->server.blocked, sizeof set->server.blocked);
}

static int begin(struct host *s, struct err *e)
{
    s->parts = arena_alloc(s->arena, sizeof *s->parts);
    if (!s->parts)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a server");
    pthread_mutex_init(&s->parts->peers_lock, NULL);
    service_fill(s);
    return host_settings_check(s->settings, s->sets, s->n_sets, s->config, e);
}

static int check(struct host *s, const char *config, struct err *e)
{
    s->config = config;
    if (s->program->load(s, e) != 0 || begin(s, e) != 0)
        return -1;
    for (size_t i = 0; i < s->n_sets; i++)
        if (s->program->read_set(s, i, e) != 0)
            return -1;
    return host_files(s, e);
}

int host_check(struct host *s, const char *config, struct err *e)
{
    return check(s, config, e) != 0 || host_revocation(s, e) != 0 || host_lists(s, e) != 0 ? -1 : 0;
}

/* --------------------------------------------------------------------------------- opening */

const char *host_path(struct host *s, const char *name)
{
    return arena_printf(s->arena, "%s/%s", s->settings->server.data, name);
}

int host_folder(struct host *s, struct err *e)
{
    if (mkdir(s->settings->server.data, 0700) == 0 || errno == EEXIST)
        return 0;
    err_set(e, ERR_IO, NULL, "the data folder cannot be made: %s", strerror(errno));
    return err_at(e, "%s", s->settings->server.data);
}

int host_store(struct host *s, struct err *e)
{
    return store_open_sqlite(s->program->schema, host_path(s, s->program->database), &s->service->store, e);
}

static int open_outbox(struct host *s, struct err *e)
{
    const struct host_settings *set = s->settings;
    const struct outbox_setup setup = {
        .store = s->service->store,
        .kind = s->program->outbox,
        .plan = { .first_pause = set->outbox.first_pause, .longest_pause = set->outbox.longest_pause,
                  .give_up = set->outbox.give_up, .lease = set->outgoing.deadline + LEASE_SPARE },
        .send = send_message,
        .now = now,
        .random = random_octets,
        .note = note_lane,
        .context = s,
        .threads = (int)set->outbox.threads,
    };
    return outbox_open(&setup, &s->outbox, e);
}

static int open_crls(struct host *s, struct err *e)
{
    struct crl_plan plan = { .client = s->parts->client, .pause = s->settings->crl.refresh, .now = now,
                             .note = note_crl, .context = s };
    if (host_revocation(s, e) != 0)
        return -1;
    plan.revocation = s->service->revocation;
    for (size_t i = 0; i < s->n_sets; i++)
        if (s->sets[i]->crl)
            plan.sources[plan.n++] = (struct crl_source){ &s->service->sets->of[i].ci, s->sets[i]->crl };
    return plan.n ? crl_keeper_open(&plan, &s->parts->crls, e) : 0;
}

static int open_listeners(struct host *s, struct err *e)
{
    const struct http_service service = { .listeners = s->parts->listeners,
                                          .n = s->settings->n_listeners,
                                          .handle = handle,
                                          .context = s->service,
                                          .admin_protocol = RSP_ADMIN_PROTOCOL,
                                          .workers = (int)s->settings->server.workers };
    return http_server_open(&service, &s->parts->http, e);
}

static void tell_ready(const struct host *s)
{
    for (size_t i = 0; i < s->settings->n_listeners; i++) {
        const struct http_listener *l = &s->parts->listeners[i];
        printf("ready %s=%s:%d %s\n", s->service->addresses[0], l->host, l->port, s->settings->listeners[i].name);
    }
    fflush(stdout);
}

const char *host_socket(struct arena *a, const char *data)
{
    return arena_printf(a, "%s/admin.sock", data);
}

static int open_all(struct host *s, struct err *e)
{
    return open_crls(s, e) != 0 || open_outbox(s, e) != 0 || (s->program->start && s->program->start(s, e) != 0) ||
                   open_listeners(s, e) != 0 ||
                   admin_open(host_socket(s->arena, s->settings->server.data), s->program->commands, s,
                              &s->parts->admin, e) != 0
               ? -1
               : 0;
}

int host_run(struct host *s, const char *config, struct err *e)
{
    if (check(s, config, e) != 0 || host_folder(s, e) != 0 || s->program->open(s, e) != 0 || open_all(s, e) != 0)
        return -1;
    tell_ready(s);
    http_server_run(s->parts->http);
    return 0;
}

void host_end(struct host *s)
{
    if (s->parts) {
        admin_close(s->parts->admin);
        if (s->parts->http)
            http_server_close(s->parts->http);
        crl_keeper_close(s->parts->crls);
    }
    if (s->program->stop)
        s->program->stop(s);
    if (s->outbox)
        outbox_close(s->outbox, s->settings->outgoing.deadline, NULL);
    if (s->service) {
        store_close(s->service->store);
        revocation_free(s->service->revocation);
        known_free(s->service->known);
    }
    s->program->end(s);
}
