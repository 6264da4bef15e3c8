/* SPDX-License-Identifier: Apache-2.0 */
#include "smdp/server_inside.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "crypto/crypto.h"
#include "smdp/commands.h"
#include "smdp/records.h"

enum { LEASE_SPARE = 30 /* seconds */ };
static const char DATABASE[] = "smdp.db";

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
static struct peer *peer_enter(struct server *s, struct bytes host)
{
    struct server_parts *parts = s->parts;
    int64_t most = s->settings.server.workers / 4 + 1;
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

static void peer_leave(struct server *s, struct peer *p)
{
    pthread_mutex_lock(&s->parts->peers_lock);
    p->calls--;
    pthread_mutex_unlock(&s->parts->peers_lock);
}

static int post(void *context, struct arena *a, const struct service_call *c, struct service_answer *answer,
                struct err *e)
{
    struct server *s = context;
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
    struct server *s = context;
    if (s->outbox)
        outbox_wake(s->outbox, b);
}

static enum outbox_outcome send_message(void *context, struct arena *a, const struct outbox_message *m,
                                        int64_t *retry_after, struct err *e)
{
    struct server *s = context;
    return smdp_send(&s->smdp, a, m, retry_after, e);
}

static void note(const char *what, const char *where, const struct err *e)
{
    char text[512];
    fprintf(stderr, "rsp-smdp: %s %s: %s\n", what, where, err_text(e, text, sizeof text));
}

static void note_fault(void *context, const char *function, const struct err *e)
{
    (void)context;
    note("not carried out:", function, e);
}

static void note_lane(void *context, struct bytes lane, const struct err *e)
{
    char name[OUTBOX_TEXT_MAX + 1];
    (void)context;
    snprintf(name, sizeof name, "%.*s", (int)lane.n, lane.p);
    note("not delivered to", name, e);
}

static void note_crl(void *context, const char *place, const struct err *e)
{
    (void)context;
    note("revocation list", place, e);
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
    smdp_handle(context, a, &q, &r);
    *out = (struct http_response){ r.status, r.content_type, r.body, r.retry_after };
}

/* -------------------------------------------------------------------------------- checking */

static void take_settings(struct server *s)
{
    const struct settings *set = &s->settings;
    s->smdp = (struct smdp){ .keys = &s->keys, .limits = set->limits };
    s->smdp.service = (struct service){ .role = &smdp_role, .sets = &s->keys.sets, .now = now,
                                        .random = random_octets, .post = post, .wake = wake, .note = note_fault,
                                        .context = s, .known = known_new() };
    s->smdp.service.n_addresses = set->server.n_addresses;
    memcpy(s->smdp.service.addresses, set->server.addresses, sizeof set->server.addresses);
    s->smdp.service.n_blocked = set->server.n_blocked;
    memcpy(s->smdp.service.blocked, set->server.blocked, sizeof set->server.blocked);
}

static int check(struct server *s, const char *config, struct err *e)
{
    s->config = config;
    s->parts = arena_alloc(s->arena, sizeof *s->parts);
    if (!s->parts)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a server");
    pthread_mutex_init(&s->parts->peers_lock, NULL);
    if (settings_load(s->arena, config, &s->settings, e) != 0)
        return -1;
    take_settings(s);
    return server_files(s, e);
}

int server_check_all(struct server *s, const char *config, struct err *e)
{
    return check(s, config, e) != 0 || server_revocation(s, e) != 0 || server_lists(s, e) != 0 ? -1 : 0;
}

/* --------------------------------------------------------------------------------- opening */

static const char *data_path(struct server *s, const char *name)
{
    return arena_printf(s->arena, "%s/%s", s->settings.server.data, name);
}

static int make_master(struct server *s, const char *path, struct err *e)
{
    struct stat there;
    if (stat(data_path(s, DATABASE), &there) == 0) {
        err_set(e, ERR_NOT_FOUND, NULL,
                "the key that seals the database beside it is gone; next: put it back from your backup (without it the "
                "profiles cannot be read)");
        return err_at(e, "%s", path);
    }
    return crypto_random(s->keys.master, sizeof s->keys.master, e) != 0
               ? -1
               : file_write(path, BYTES_OF(s->keys.master), 0600, e);
}

/* The key that seals data at rest: made once, before the database, readable by its owner alone. */
static int open_master(struct server *s, struct err *e)
{
    const char *path = data_path(s, "master.key");
    struct bytes key;
    struct stat there;
    if (mkdir(s->settings.server.data, 0700) != 0 && errno != EEXIST) {
        err_set(e, ERR_IO, NULL, "the data folder cannot be made: %s", strerror(errno));
        return err_at(e, "%s", s->settings.server.data);
    }
    if (stat(path, &there) != 0)
        return make_master(s, path, e);
    if (file_read(s->arena, path, 1024, &key, e) != 0)
        return -1;
    if (key.n != sizeof s->keys.master)
        err_set(e, ERR_VALUE, NULL, "not a key of 32 octets; next: put it back from your backup");
    else if (there.st_mode & 077)
        err_set(e, ERR_VALUE, NULL, "others can read the key; next: chmod 600, and think who may have read it");
    else {
        memcpy(s->keys.master, key.p, key.n);
        return 0;
    }
    return err_at(e, "%s", path);
}

/* Does the key open the first record of a kind? */
static bool opens(struct server *s, enum smdp_kind kind, enum smdp_sealed what, size_t name, size_t sealed, bool *any)
{
    const struct store_query q = { .kind = kind, .limit = 1 };
    struct store_records found;
    struct bytes plain;
    if (store_find(s->smdp.service.store, s->arena, &q, &found, NULL) != 0 || found.n == 0)
        return false;
    *any = true;
    return smdp_unseal(&s->keys, s->arena, what, found.items[0].v[name].b, found.items[0].v[sealed].b, &plain, NULL) ==
           0;
}

/* Is the key the one of this database?  One record that it opens is enough: another may be damaged, which is told when
 * it is used. */
static int check_master(struct server *s, struct err *e)
{
    bool any = false;
    if (opens(s, KIND_TYPE, SEALED_PACKAGE, TYPE_NAME, TYPE_UPP, &any) ||
        opens(s, KIND_PROFILE, SEALED_SUBSCRIBER, PROFILE_ICCID, PROFILE_SUBSCRIBER, &any) || !any)
        return 0;
    err_set(e, ERR_VERIFY, NULL, "this is not the key that sealed the database beside it; next: put back the one that "
                                 "belongs to it from your backup");
    return err_at(e, "%s", data_path(s, "master.key"));
}

static int open_store(struct server *s, struct err *e)
{
    return store_open_sqlite(&smdp_schema, data_path(s, DATABASE), &s->smdp.service.store, e) != 0 ? -1
                                                                                                   : check_master(s, e);
}

static int open_outbox(struct server *s, struct err *e)
{
    const struct settings *set = &s->settings;
    const struct outbox_setup setup = {
        .store = s->smdp.service.store,
        .kind = KIND_OUTBOX,
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

static int open_crls(struct server *s, struct err *e)
{
    struct crl_plan plan = { .client = s->parts->client, .pause = s->settings.crl.refresh, .now = now,
                             .note = note_crl };
    if (server_revocation(s, e) != 0)
        return -1;
    plan.revocation = s->smdp.service.revocation;
    for (size_t i = 0; i < s->settings.n_certificates; i++)
        if (s->settings.certificates[i].crl)
            plan.sources[plan.n++] = (struct crl_source){ &s->keys.sets.of[i].ci, s->settings.certificates[i].crl };
    return plan.n ? crl_keeper_open(&plan, &s->parts->crls, e) : 0;
}

/* Orders that the last server left in the middle. */
static int recover(struct server *s, struct err *e)
{
    size_t n;
    if (smdp_recover(&s->smdp, s->arena, &n, e) != 0)
        return -1;
    if (n)
        printf("%zu orders were registering their events when the server ended; they are settled\n", n);
    return 0;
}

static int open_listeners(struct server *s, struct err *e)
{
    const struct http_service service = { .listeners = s->parts->listeners,
                                          .n = s->settings.n_listeners,
                                          .handle = handle,
                                          .context = &s->smdp,
                                          .admin_protocol = RSP_ADMIN_PROTOCOL,
                                          .workers = (int)s->settings.server.workers };
    return http_server_open(&service, &s->parts->http, e);
}

static void tell_ready(const struct server *s)
{
    for (size_t i = 0; i < s->settings.n_listeners; i++) {
        const struct http_listener *l = &s->parts->listeners[i];
        printf("ready %s=%s:%d %s\n", s->smdp.service.addresses[0], l->host, l->port, s->settings.listeners[i].name);
    }
    fflush(stdout);
}

const char *server_socket(struct arena *a, const char *data)
{
    return arena_printf(a, "%s/admin.sock", data);
}

int server_run(struct server *s, const char *config, struct err *e)
{
    if (check(s, config, e) != 0 || open_master(s, e) != 0 || open_store(s, e) != 0 || open_crls(s, e) != 0 ||
        recover(s, e) != 0 || open_outbox(s, e) != 0 || open_listeners(s, e) != 0 ||
        admin_open(server_socket(s->arena, s->settings.server.data), smdp_commands, s, &s->parts->admin, e) != 0)
        return -1;
    tell_ready(s);
    http_server_run(s->parts->http);
    return 0;
}

void server_end(struct server *s)
{
    if (s->parts) {
        admin_close(s->parts->admin);
        if (s->parts->http)
            http_server_close(s->parts->http);
        crl_keeper_close(s->parts->crls);
    }
    if (s->outbox)
        outbox_close(s->outbox, s->settings.outgoing.deadline, NULL);
    store_close(s->smdp.service.store);
    revocation_free(s->smdp.service.revocation);
    known_free(s->smdp.service.known);
    smdp_keys_end(&s->keys);
}
