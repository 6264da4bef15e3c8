/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cli.h"
#include "base/file.h"
#include "crypto/crypto.h"
#include "net/http_server.h"
#include "rsp/ids.h"
#include "saip/package.h"
#include "server/admin.h"
#include "smdp/order.h"
#include "smdp/records.h"
#include "smdp/smdp.h"

static const char PROGRAM[] = "rsp-smdp";

static const char HELP[] =
    "usage: rsp-smdp serve --data DIR --certs DIR --address NAME [--listen HOST:PORT] ..\n"
    "       rsp-smdp show ICCID --data DIR        the profile's order, asked of the running server\n"
    "       rsp-smdp verify-audit --data DIR      is the audit trail whole?\n"
    "       rsp-smdp order-graph                  states and events of an order, as a Mermaid diagram\n"
    "\n"
    "serve, before it listens:\n"
    "  --operator NAME=CERT.pem     registers an operator by its TLS client certificate\n"
    "  --type NAME=PACKAGE          imports a profile type (DER or value notation) of the last operator\n"
    "    --spn TEXT --profile-name TEXT --notify NAME   its metadata, given before --type\n"
    "    --ppk                      its profiles are bound with profile protection keys\n"
    "  --profiles TYPE=LIST.csv     imports profiles: a line of names (iccid,imsi,k,opc,pin1 ..), then values\n"
    "What is there already stays as it is.  DIR of --certs is made by rsp-pki; --data holds the database and\n"
    "the key that seals it.  --listen defaults to 127.0.0.1:0, the port is printed.  Ends with Ctrl-C.\n"
    "Exit codes: 0 done, 1 refused, 2 wrong usage.  See rsp-smdp(1).\n";

struct server {
    struct arena *arena;
    struct smdp smdp;
    struct smdp_keys keys;
    const char *data, *certs, *host;
    int port;
    const char *operator_name, *spn, *profile_name, *notify;
    bool ppk;
};

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

static void handle(void *context, struct arena *a, const struct http_request *in, struct http_response *out)
{
    struct rsp_request q = { .path = bytes_text(in->path),       .content_type = in->content_type,
                             .admin_protocol = in->admin_protocol, .body = in->body,
                             .client_cert = in->client_cert,     .client_verified = in->client_verified,
                             .peer = bytes_text(in->peer) };
    struct rsp_response r;
    smdp_handle(context, a, &q, &r);
    *out = (struct http_response){ r.status, r.content_type, r.body, r.retry_after };
}

/* ---------------------------------------------------------------------------- opening */

static int read_file(struct server *s, const char *dir, const char *name, struct bytes *out, struct err *e)
{
    return file_read(s->arena, arena_printf(s->arena, "%s/%s", dir, name), 1 << 20, out, e);
}

static int open_keys(struct server *s, struct err *e)
{
    static const char *const names[] = { "ci.pem", "dpauth.pem", "dpauth.key.pem", "dppb.pem", "dppb.key.pem" };
    struct bytes f[5];
    for (int i = 0; i < 5; i++)
        if (read_file(s, s->certs, names[i], &f[i], e) != 0)
            return -1;
    return smdp_keys_add(&s->keys, f[0], f[1], f[2], f[3], f[4], e);
}

/* The key that seals data at rest: made once, readable by its owner alone. */
static int open_master(struct server *s, struct err *e)
{
    const char *path = arena_printf(s->arena, "%s/master.key", s->data);
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
    mkdir(s->data, 0700);
    return store_open_sqlite(&smdp_schema, arena_printf(s->arena, "%s/smdp.db", s->data), &s->smdp.store, e);
}

/* ---------------------------------------------------------------------------- importing */

static const char *split(struct server *s, const char *text, const char **value)
{
    const char *equals = strchr(text, '=');
    *value = equals ? equals + 1 : "";
    return equals ? arena_text(s->arena, bytes_make(text, (size_t)(equals - text))) : text;
}

static int exists_is_fine(int result, struct err *e)
{
    return result != 0 && e->code == ERR_EXISTS ? 0 : result;
}

static int add_operator(struct server *s, const char *text, struct err *e)
{
    const char *path;
    struct bytes file;
    s->operator_name = split(s, text, &path);
    if (file_read(s->arena, path, 1 << 20, &file, e) != 0)
        return -1;
    return exists_is_fine(smdp_add_operator(&s->smdp, s->arena, s->operator_name, file, e), e);
}

static int metadata_make(struct server *s, struct bytes *der, struct err *e)
{
    static const uint8_t all[] = { 0xF0 }, iccid[10] = { 0x98 };
    struct rsp_NotificationConfigurationInformation address = {
        .profileManagementOperation = { all, 4 },
        .notificationAddress = bytes_text(s->notify ? s->notify : s->smdp.addresses[0]),
    };
    struct rsp_StoreMetadataRequest_notificationConfigurationInfo list = { .n = 1, .items = &address };
    struct rsp_StoreMetadataRequest m = { .iccid = BYTES_OF(iccid),
                                          .serviceProviderName = bytes_text(s->spn),
                                          .profileName = bytes_text(s->profile_name),
                                          .profileClass = 2,
                                          .notificationConfigurationInfo = &list };
    return asn1_encode(s->arena, &rsp_StoreMetadataRequest_type, &m, der, e);
}

static int add_type(struct server *s, const char *text, struct err *e)
{
    struct smdp_type t = { .operator_name = s->operator_name, .ppk = s->ppk };
    struct saip_package p;
    const char *path;
    t.name = split(s, text, &path);
    if (!s->operator_name)
        return err_set(e, ERR_USAGE, NULL, "--operator must come before --type");
    if (file_read(s->arena, path, 16 << 20, &t.upp, e) != 0)
        return -1;
    if (t.upp.n && t.upp.p[0] != 0xA0 &&
        (saip_parse(s->arena, t.upp, &p, e) != 0 || saip_encode(s->arena, &p, &t.upp, e) != 0))
        return err_within(e, "%s", path);
    if (metadata_make(s, &t.metadata, e) != 0)
        return -1;
    return exists_is_fine(smdp_add_type(&s->smdp, s->arena, &t, e), e);
}

static int add_profiles(struct server *s, const char *text, struct err *e)
{
    struct bytes csv;
    const char *path, *type = split(s, text, &path);
    struct smdp_imported done;
    if (file_read(s->arena, path, 64 << 20, &csv, e) != 0)
        return -1;
    if (smdp_add_profiles(&s->smdp, s->arena, type, csv, &done, e) != 0)
        return err_within(e, "%s", path);
    printf("imported %zu profiles of type %s", done.added, type);
    if (done.there)
        printf(", %zu were there already", done.there);
    putchar('\n');
    return 0;
}

/* ------------------------------------------------------------------------------ commands */

static int show_command(void *context, struct admin_session *session, struct err *e)
{
    struct server *s = context;
    struct bytes iccid;
    const char *shown;
    if (iccid_from_text(session->arena, bytes_text(session->words[0]), &iccid, e) != 0 ||
        smdp_describe(&s->smdp, session->arena, iccid, &shown, e) != 0)
        return -1;
    return admin_print(session, e, "%s", shown);
}

static int audit_command(void *context, struct admin_session *session, struct err *e)
{
    struct server *s = context;
    int64_t n;
    if (audit_verify(s->smdp.store, KIND_AUDIT, &n, e) != 0)
        return -1;
    return admin_print(session, e, "%lld records, the chain is whole\n", (long long)n);
}

static const struct admin_command commands[] = {
    { "show", "an ICCID", 1, 1, show_command },
    { "verify-audit", "", 0, 0, audit_command },
    { NULL, NULL, 0, 0, NULL },
};

static const char *socket_path(struct server *s)
{
    return arena_printf(s->arena, "%s/admin.sock", s->data);
}

static int ask_server(struct server *s, int n, char **words, struct err *e)
{
    int result = admin_call(s->arena, socket_path(s), n, words, NULL, e);
    if (result == 0 || e->code != ERR_IO)
        return result;
    return err_set(e, ERR_IO, NULL, "no server answers for %s; next: start it with rsp-smdp serve", s->data);
}

static int serve(struct server *s, struct err *e)
{
    struct admin *admin;
    struct http_listener l = { .host = s->host, .port = s->port };
    struct http_certificate certificate;
    struct http_service service = { .listeners = &l, .n = 1, .handle = handle, .context = &s->smdp,
                                    .admin_protocol = RSP_ADMIN_PROTOCOL };
    struct http_server *http;
    l.certificates = &certificate;
    l.n_certificates = 1;
    l.cbc = true;
    if (read_file(s, s->certs, "dptls.pem", &certificate.chain, e) != 0 ||
        read_file(s, s->certs, "dptls.key.pem", &certificate.key, e) != 0 ||
        read_file(s, s->certs, "ci.pem", &l.client_ca, e) != 0 || http_server_open(&service, &http, e) != 0)
        return -1;
    if (admin_open(socket_path(s), commands, s, &admin, e) != 0) {
        http_server_close(http);
        return -1;
    }
    printf("ready %s=%s:%d\n", s->smdp.addresses[0], l.host, l.port);
    fflush(stdout);
    http_server_run(http);
    admin_close(admin);
    http_server_close(http);
    return 0;
}

static int listen_at(struct server *s, const char *text, struct err *e)
{
    const char *colon = strrchr(text, ':');
    uint64_t port;
    if (!colon || decimal_decode(bytes_text(colon + 1), 65535, &port, NULL) != 0)
        return err_set(e, ERR_USAGE, NULL, "--listen takes HOST:PORT");
    s->host = arena_text(s->arena, bytes_make(text, (size_t)(colon - text)));
    s->port = (int)port;
    return 0;
}

enum {
    OPT_DATA = 256,
    OPT_CERTS,
    OPT_ADDRESS,
    OPT_LISTEN,
    OPT_OPERATOR,
    OPT_TYPE,
    OPT_SPN,
    OPT_NAME,
    OPT_NOTIFY,
    OPT_PPK,
    OPT_PROFILES
};

static const struct option names[] = {
    { "help", no_argument, NULL, 'h' },
    { "data", required_argument, NULL, OPT_DATA },
    { "certs", required_argument, NULL, OPT_CERTS },
    { "address", required_argument, NULL, OPT_ADDRESS },
    { "listen", required_argument, NULL, OPT_LISTEN },
    { "operator", required_argument, NULL, OPT_OPERATOR },
    { "type", required_argument, NULL, OPT_TYPE },
    { "spn", required_argument, NULL, OPT_SPN },
    { "profile-name", required_argument, NULL, OPT_NAME },
    { "notify", required_argument, NULL, OPT_NOTIFY },
    { "ppk", no_argument, NULL, OPT_PPK },
    { "profiles", required_argument, NULL, OPT_PROFILES },
    { NULL, 0, NULL, 0 },
};

/* Where things are; -1: not known. */
static int place(struct server *s, int option, const char *value, struct err *e)
{
    switch (option) {
    case OPT_DATA:
        s->data = value;
        return 0;
    case OPT_CERTS:
        s->certs = value;
        return 0;
    case OPT_ADDRESS:
        if (!fqdn_valid(bytes_text(value), false) || s->smdp.n_addresses == SMDP_ADDRESSES_MAX)
            return err_set(e, ERR_USAGE, "SGP.22 4.1", "\"%s\" is not a host name with a dot", value);
        s->smdp.addresses[s->smdp.n_addresses++] = value;
        return 0;
    case OPT_LISTEN:
        return listen_at(s, value, e);
    default:
        return option == '?' ? err_set(e, ERR_USAGE, NULL, "that option is not known") : 0;
    }
}

/* What is imported, in the order given. */
static int import(struct server *s, int option, const char *value, struct err *e)
{
    switch (option) {
    case OPT_OPERATOR:
        return add_operator(s, value, e);
    case OPT_TYPE:
        return add_type(s, value, e);
    case OPT_PROFILES:
        return add_profiles(s, value, e);
    case OPT_SPN:
        s->spn = value;
        return 0;
    case OPT_NAME:
        s->profile_name = value;
        return 0;
    case OPT_NOTIFY:
        s->notify = value;
        return 0;
    case OPT_PPK:
        s->ppk = true;
        return 0;
    default:
        return 0;
    }
}

static int options_walk(struct server *s, int argc, char **argv,
                        int (*take)(struct server *, int, const char *, struct err *), struct err *e)
{
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, "h", names, NULL)) != -1;)
        if (take(s, c, optarg, e) != 0)
            return -1;
    return 0;
}

/* The order of a profile as a Mermaid diagram, from the table that decides. */
static int order_graph(void)
{
    printf("stateDiagram-v2\n    [*] --> Available\n");
    for (int from = 0; from < ORDER_STATES; from++)
        for (int event = 0; event < ORDER_EVENTS; event++) {
            int refusal, to = order_step((enum order_state)from, (enum order_event)event, &refusal);
            if (to >= 0 && to != from)
                printf("    %s --> %s: %s\n", order_state_name((enum order_state)from),
                       order_state_name((enum order_state)to), order_event_name((enum order_event)event));
        }
    return 0;
}

static int run(struct server *s, int argc, char **argv, struct err *e)
{
    if (options_walk(s, argc, argv, place, e) != 0)
        return -1;
    const char *command = optind < argc ? argv[optind] : "";
    if (!*command)
        return err_set(e, ERR_USAGE, NULL, "a command is expected, such as serve or show");
    if (strcmp(command, "order-graph") == 0)
        return order_graph();
    if (strcmp(command, "serve") != 0)
        return s->data ? ask_server(s, argc - optind, argv + optind, e)
                       : err_set(e, ERR_USAGE, NULL, "%s needs the server's --data DIR", command);
    if (!s->data || !s->certs || !s->smdp.n_addresses)
        return err_set(e, ERR_USAGE, NULL, "serve takes --data DIR, --certs DIR and --address NAME");
    if (open_store(s, e) != 0)
        return -1;
    if (open_keys(s, e) != 0 || open_master(s, e) != 0 || options_walk(s, argc, argv, import, e) != 0)
        return -1;
    return serve(s, e);
}

int main(int argc, char **argv)
{
    static struct server s = { .host = "127.0.0.1", .spn = "Rspkit Mobile", .profile_name = "Sample" };
    struct err e = { .code = ERR_MEMORY, .what = "no memory" };
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        return fputs(HELP, stdout) < 0;
    s.arena = arena_new((size_t)512 << 20);
    s.smdp.keys = &s.keys;
    s.smdp.now = now;
    s.smdp.random = random_octets;
    opterr = 0;
    int failed = !s.arena || run(&s, argc, argv, &e) != 0;
    int code = failed ? cli_failed(PROGRAM, &e, e.code == ERR_USAGE ? "rsp-smdp --help" : NULL) : EXIT_DONE;
    store_close(s.smdp.store);
    smdp_keys_end(&s.keys);
    arena_free(s.arena);
    return code;
}
