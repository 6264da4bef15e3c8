/* SPDX-License-Identifier: Apache-2.0 */
#include "smdp/server.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "crypto/cert_make.h"
#include "crypto/crypto.h"
#include "net/http_server.h"
#include "rsp/revocation.h"
#include "server/admin.h"
#include "server/crl_keeper.h"
#include "smdp/commands.h"
#include "smdp/records.h"

enum { FILE_MAX = 1 << 20, LEASE_SPARE = 30 /* seconds */, PEERS_MAX = 64 };

/* One peer that does not answer may not hold all workers. */
struct peer {
    char host[256];
    int64_t calls;
};

struct server_parts {
    pthread_mutex_t peers_lock;
    struct peer peers[PEERS_MAX];
    struct http_certificate tls[SETTINGS_TLS_MAX], picked[SMDP_LISTENERS_MAX][SETTINGS_TLS_MAX];
    struct http_listener listeners[SMDP_LISTENERS_MAX];
    struct http_client client;
    bool reaches_others;
    struct http_server *http;
    struct admin *admin;
    struct crl_keeper *crls;
};

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

static int post(void *context, struct arena *a, const struct smdp_call *c, struct smdp_answer *answer, struct err *e)
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
    *answer = (struct smdp_answer){ got.status, got.body, got.retry_after };
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

/* ------------------------------------------------------------------- what the settings name */

static int read_file(struct server *s, const char *path, struct bytes *out, struct err *e)
{
    return file_read(s->arena, path, FILE_MAX, out, e);
}

static int read_set(struct server *s, const struct certificate_settings *c, struct err *e)
{
    const char *const paths[] = { c->ci, c->dpauth, c->dpauth_key, c->dppb, c->dppb_key };
    struct bytes f[5];
    for (int i = 0; i < 5; i++)
        if (read_file(s, paths[i], &f[i], e) != 0)
            return -1;
    const struct smdp_set_files files = { .ci = f[0], .auth = f[1], .auth_key = f[2], .pb = f[3], .pb_key = f[4],
                                          .test_mode = s->settings.server.test_mode, .now = now(NULL) };
    return smdp_keys_add(&s->keys, &files, e) == 0 ? 0 : err_within(e, "[certificates %s]", c->name);
}

static int read_tls(struct server *s, struct err *e)
{
    for (size_t i = 0; i < s->settings.n_tls; i++) {
        const struct tls_settings *t = &s->settings.tls[i];
        if (read_file(s, t->certificate, &s->parts->tls[i].chain, e) != 0 ||
            read_file(s, t->key, &s->parts->tls[i].key, e) != 0)
            return err_within(e, "[tls %s]", t->name);
    }
    return 0;
}

/* The CIs of sets in PEM, one after the other. */
static struct bytes cis_pem(struct server *s, uint32_t sets)
{
    struct buf pem = buf_in(s->arena);
    for (size_t i = 0; i < s->keys.n; i++)
        if (!sets || sets >> i & 1)
            buf_add(&pem, cert_to_pem(s->arena, s->keys.sets[i].ci.der));
    return buf_bytes(&pem);
}

static bool names(const char *const *list, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i], name) == 0)
            return true;
    return false;
}

static int make_listener(struct server *s, size_t at, struct err *e)
{
    const struct settings *set = &s->settings;
    const struct listener_settings *l = &set->listeners[at];
    struct smdp_listener *own = &s->smdp.listeners[at];
    struct http_listener *h = &s->parts->listeners[at];
    struct http_certificate *picked = s->parts->picked[at];
    *h = (struct http_listener){ .host = l->listen.host, .port = l->listen.port, .certificates = picked,
                                 .connections = (int)l->connections, .per_address = (int)l->per_address };
    for (size_t i = 0; i < set->n_certificates; i++)
        if (names(l->certificates, l->n_certificates, set->certificates[i].name))
            own->sets |= 1u << i;
    for (size_t i = 0; i < set->n_tls; i++)
        if (l->n_tls == 0 || names(l->tls, l->n_tls, set->tls[i].name))
            picked[h->n_certificates++] = s->parts->tls[i];
    own->no_es2 = !names(l->functions, l->n_functions, "es2");
    own->no_es9 = !names(l->functions, l->n_functions, "es9");
    h->cbc = !own->no_es9;
    if (own->no_es2)
        return 0;
    h->client_ca = cis_pem(s, own->sets);
    return l->client_ca ? read_file(s, l->client_ca, &h->client_ca, e) : 0;
}

static int make_client(struct server *s, struct err *e)
{
    const struct settings *set = &s->settings;
    struct http_client *c = &s->parts->client;
    *c = (struct http_client){ .deadline = (int)set->outgoing.deadline, .connect_deadline = (int)set->outgoing.deadline,
                               .n_connect = set->outgoing.n_connect, .user_agent = "rsp-smdp",
                               .ca_octets = cis_pem(s, 0) };
    memcpy(c->connect, set->outgoing.connect, sizeof set->outgoing.connect);
    s->parts->reaches_others = set->outgoing.certificate != NULL;
    if (set->outgoing.ca && read_file(s, set->outgoing.ca, &c->ca_octets, e) != 0)
        return -1;
    if (!s->parts->reaches_others)
        return 0;
    return read_file(s, set->outgoing.certificate, &c->certificate_octets, e) != 0 ||
                   read_file(s, set->outgoing.key, &c->key_octets, e) != 0
               ? -1
               : 0;
}

static void take_settings(struct server *s)
{
    const struct settings *set = &s->settings;
    s->smdp = (struct smdp){ .keys = &s->keys, .limits = set->limits, .now = now, .random = random_octets,
                             .post = post, .wake = wake, .context = s };
    s->smdp.n_addresses = set->server.n_addresses;
    memcpy(s->smdp.addresses, set->server.addresses, sizeof set->server.addresses);
    s->smdp.n_blocked = set->server.n_blocked;
    memcpy(s->smdp.blocked, set->server.blocked, sizeof set->server.blocked);
}

int server_check(struct server *s, const char *config, struct err *e)
{
    s->parts = arena_alloc(s->arena, sizeof *s->parts);
    if (!s->parts)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a server");
    pthread_mutex_init(&s->parts->peers_lock, NULL);
    if (settings_load(s->arena, config, &s->settings, e) != 0)
        return -1;
    take_settings(s);
    for (size_t i = 0; i < s->settings.n_certificates; i++)
        if (read_set(s, &s->settings.certificates[i], e) != 0)
            return -1;
    if (read_tls(s, e) != 0 || make_client(s, e) != 0)
        return -1;
    for (size_t i = 0; i < s->settings.n_listeners; i++)
        if (make_listener(s, i, e) != 0)
            return err_within(e, "[listener %s]", s->settings.listeners[i].name);
    return 0;
}

/* --------------------------------------------------------------------------------- opening */

/* The key that seals data at rest: made once, readable by its owner alone. */
static int open_master(struct server *s, struct err *e)
{
    const char *path = arena_printf(s->arena, "%s/master.key", s->settings.server.data);
    struct bytes key;
    struct stat there;
    if (stat(path, &there) != 0) {
        if (crypto_random(s->keys.master, sizeof s->keys.master, e) != 0)
            return -1;
        return file_write(path, BYTES_OF(s->keys.master), 0600, e);
    }
    if (file_read(s->arena, path, 1024, &key, e) != 0)
        return -1;
    if (key.n != sizeof s->keys.master) {
        err_set(e, ERR_VALUE, NULL, "not a key of 32 octets");
        return err_at(e, "%s", path);
    }
    memcpy(s->keys.master, key.p, key.n);
    return 0;
}

static int open_store(struct server *s, struct err *e)
{
    mkdir(s->settings.server.data, 0700);
    return store_open_sqlite(&smdp_schema, arena_printf(s->arena, "%s/smdp.db", s->settings.server.data),
                             &s->smdp.store, e);
}

static int open_outbox(struct server *s, struct err *e)
{
    const struct settings *set = &s->settings;
    const struct outbox_setup setup = {
        .store = s->smdp.store,
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
    const struct revocation_settings how = { .grace = s->settings.crl.grace, .required = s->settings.crl.required };
    struct crl_plan plan = { .client = s->parts->client, .pause = s->settings.crl.refresh, .now = now,
                             .note = note_crl };
    s->smdp.revocation = plan.revocation = revocation_new(&how);
    if (!plan.revocation)
        return err_set(e, ERR_MEMORY, NULL, "no memory for revocation lists");
    for (size_t i = 0; i < s->settings.n_certificates; i++)
        if (s->settings.certificates[i].crl)
            plan.sources[plan.n++] = (struct crl_source){ &s->keys.sets[i].ci, s->settings.certificates[i].crl };
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
        printf("ready %s=%s:%d %s\n", s->smdp.addresses[0], l->host, l->port, s->settings.listeners[i].name);
    }
    fflush(stdout);
}

const char *server_socket(struct arena *a, const char *data)
{
    return arena_printf(a, "%s/admin.sock", data);
}

int server_run(struct server *s, const char *config, struct err *e)
{
    if (server_check(s, config, e) != 0 || open_store(s, e) != 0 || open_master(s, e) != 0 || open_crls(s, e) != 0 ||
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
    store_close(s->smdp.store);
    revocation_free(s->smdp.revocation);
    smdp_keys_end(&s->keys);
}
