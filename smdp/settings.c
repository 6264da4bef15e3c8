/* SPDX-License-Identifier: Apache-2.0 */
#include "smdp/settings.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "rsp/ids.h"

#define DAY 86400

static const struct config_key server_keys[] = {
    { "addresses", CONFIG_HOSTS_AT(struct settings, server.addresses, server.n_addresses), .required = true,
      .help = "Host names of this SM-DP+, as activation codes carry them; the first is told to operators." },
    { "data", CONFIG_PATH_AT(struct settings, server.data), .fallback = "data",
      .help = "Folder of the database, of the key that seals it, and of the administration socket." },
    { "test-mode", CONFIG_YES_NO_AT(struct settings, server.test_mode), .fallback = "no",
      .help = "yes: the public test CI of GSMA SGP.26 is accepted. Never where real profiles are." },
    { "workers", CONFIG_NUMBER_AT(struct settings, server.workers), .fallback = "16", .min = 1, .max = 256,
      .help = "Requests that are worked on at the same time." },
    { "blocked", CONFIG_WORDS_AT(struct settings, server.blocked, server.n_blocked),
      .help = "EIDs that get nothing, or how they begin (the IIN of an EUM)." },
    { .name = NULL },
}, limits_keys[] = {
    { "confirmation-codes", CONFIG_NUMBER_AT(struct settings, limits.cc_tries), .fallback = "5", .min = 1, .max = 100,
      .help = "Wrong confirmation codes after which an order ends." },
    { "downloads", CONFIG_NUMBER_AT(struct settings, limits.downloads), .fallback = "10", .min = 1, .max = 1000,
      .help = "Downloads of one profile that may be begun." },
    { "order-lifetime", CONFIG_DURATION_AT(struct settings, limits.lifetime), .fallback = "0",
      .help = "From release until the order expires (8.8.5/4.10); 0: never." },
    { .name = NULL },
}, crl_keys[] = {
    { "required", CONFIG_YES_NO_AT(struct settings, crl.required), .fallback = "yes",
      .help = "no: cards of a CI whose list (crl) could not be had since the start are accepted." },
    { "grace", CONFIG_DURATION_AT(struct settings, crl.grace), .fallback = "12h",
      .help = "How long a list counts after its nextUpdate; then cards are refused." },
    { "refresh", CONFIG_DURATION_AT(struct settings, crl.refresh), .fallback = "1h", .min = 1,
      .help = "How often is looked for a newer list, in a URL only when nextUpdate has passed or none is there." },
    { .name = NULL },
}, outgoing_keys[] = {
    { "certificate", CONFIG_PATH_AT(struct settings, outgoing.certificate),
      .help = "TLS client certificate shown to operators and SM-DS (CERT.DP.TLS); without it nobody is told." },
    { "key", CONFIG_PATH_AT(struct settings, outgoing.key), .help = "Its key." },
    { "ca", CONFIG_PATH_AT(struct settings, outgoing.ca),
      .help = "CIs that operators' servers and SM-DS must chain to (PEM); default: the CIs of [certificates]." },
    { "deadline", CONFIG_DURATION_AT(struct settings, outgoing.deadline), .fallback = "10s", .min = 1, .max = 120,
      .help = "For one call." },
    { "connect", CONFIG_WORDS_AT(struct settings, outgoing.connect, outgoing.n_connect),
      .help = "For a laboratory: NAME=HOST:PORT, where a name is found." },
    { .name = NULL },
}, outbox_keys[] = {
    { "first-pause", CONFIG_DURATION_AT(struct settings, outbox.first_pause), .fallback = "5s", .min = 1,
      .help = "Until what could not be delivered is tried again; doubled each time." },
    { "longest-pause", CONFIG_DURATION_AT(struct settings, outbox.longest_pause), .fallback = "1h", .min = 1 },
    { "give-up", CONFIG_DURATION_AT(struct settings, outbox.give_up), .fallback = "30d",
      .help = "Age after which a message is put aside for the administrator; 0: never." },
    { "threads", CONFIG_NUMBER_AT(struct settings, outbox.threads), .fallback = "4", .min = 1, .max = 16,
      .help = "Destinations that are called at the same time." },
    { .name = NULL },
}, certificate_keys[] = {
    { "ci", CONFIG_PATH_AT(struct certificate_settings, ci), .required = true,
      .help = "Files in PEM or DER. CERT.CI: issuer of all, and of the cards that are trusted." },
    { "dpauth", CONFIG_PATH_AT(struct certificate_settings, dpauth), .required = true },
    { "dpauth-key", CONFIG_PATH_AT(struct certificate_settings, dpauth_key), .required = true },
    { "dppb", CONFIG_PATH_AT(struct certificate_settings, dppb), .required = true },
    { "dppb-key", CONFIG_PATH_AT(struct certificate_settings, dppb_key), .required = true },
    { "crl", CONFIG_PLACE_AT(struct certificate_settings, crl),
      .help = "The CI's revocation list. Cards are served while the newest one is held ([crl])." },
    { .name = NULL },
}, tls_keys[] = {
    { "certificate", CONFIG_PATH_AT(struct tls_settings, certificate), .required = true,
      .help = "Chain in PEM, CERT.DP.TLS first, or that alone in DER." },
    { "key", CONFIG_PATH_AT(struct tls_settings, key), .required = true },
    { .name = NULL },
}, listener_keys[] = {
    { "listen", CONFIG_ADDRESS_AT(struct listener_settings, listen), .required = true, .help = "HOST:PORT" },
    { "tls", CONFIG_WORDS_AT(struct listener_settings, tls, n_tls),
      .help = "Names of [tls] sections, one a curve; default: all." },
    { "certificates", CONFIG_WORDS_AT(struct listener_settings, certificates, n_certificates),
      .help = "Names of [certificates] sections offered here; default: all." },
    { "functions", CONFIG_WORDS_AT(struct listener_settings, functions, n_functions),
      .choices = (const char *const[]){ "es2", "es9", NULL }, .fallback = "es2, es9",
      .help = "es2: for operators, es9: for LPAs." },
    { "client-ca", CONFIG_PATH_AT(struct listener_settings, client_ca),
      .help = "CIs of operators that are known by the names in their certificates; default: those of [certificates]." },
    { "connections", CONFIG_NUMBER_AT(struct listener_settings, connections), .fallback = "900", .min = 1,
      .max = 60000 },
    { "per-address", CONFIG_NUMBER_AT(struct listener_settings, per_address), .fallback = "450", .min = 1,
      .max = 60000 },
    { .name = NULL },
};

#define WHOLE .at = 0, .size = sizeof(struct settings)

static const struct config_section sections[] = {
    { "server", WHOLE, .required = true, .keys = server_keys },
    { "limits", WHOLE, .keys = limits_keys, .help = "Where neither profile type nor operator says otherwise." },
    { "certificates", CONFIG_NAMED(struct settings, certificates, n_certificates, struct certificate_settings, name),
      .required = true, .sample_name = "p256", .keys = certificate_keys,
      .help = "A set for ES9+ under one CI; several sets, several sections." },
    { "tls", CONFIG_NAMED(struct settings, tls, n_tls, struct tls_settings, name), .required = true,
      .sample_name = "p256", .keys = tls_keys },
    { "listener", CONFIG_NAMED(struct settings, listeners, n_listeners, struct listener_settings, name),
      .required = true, .sample_name = "public", .keys = listener_keys },
    { "crl", WHOLE, .keys = crl_keys, .help = "Revocation lists, SGP.22 4.6." },
    { "outgoing", WHOLE, .keys = outgoing_keys,
      .help = "Calls to others: HandleDownloadProgressInfo to operators, ES12 to an SM-DS." },
    { "outbox", WHOLE, .keys = outbox_keys, .help = "What could not be delivered yet." },
    { .name = NULL },
};

const struct config_table settings_table = { sections, .help = "rsp-smdp: an SM-DP+ of GSMA SGP.22." };

/* ------------------------------------------------------------------------------- checking */

/* Both kinds of items begin with their names. */
static int named(const char *what, const void *items, size_t n, size_t size, const char *name, struct err *e)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(*(const char *const *)(const void *)((const char *)items + i * size), name) == 0)
            return 0;
    return err_set(e, ERR_NOT_FOUND, NULL,
                   "%s names [%s %s], which is not there; next: write that section, or another name",
                   what, what, name);
}

static int names_check(const struct settings *s, const struct listener_settings *l, struct err *e)
{
    for (size_t i = 0; i < l->n_tls; i++)
        if (named("tls", s->tls, s->n_tls, sizeof *s->tls, l->tls[i], e) != 0)
            return -1;
    for (size_t i = 0; i < l->n_certificates; i++)
        if (named("certificates", s->certificates, s->n_certificates, sizeof *s->certificates, l->certificates[i],
                  e) != 0)
            return -1;
    return 0;
}

/* A port of 0 is any free one. */
static int port_check(const struct settings *s, const struct listener_settings *l, struct err *e)
{
    for (const struct listener_settings *other = s->listeners; other < l; other++)
        if (l->listen.port && l->listen.port == other->listen.port && strcmp(l->listen.host, other->listen.host) == 0)
            return err_set(e, ERR_EXISTS, NULL, "[listener %s] has %s:%d already; next: write another port",
                           other->name, l->listen.host, l->listen.port);
    return 0;
}

static int listeners_check(const struct settings *s, const char *path, struct err *e)
{
    for (size_t i = 0; i < s->n_listeners; i++)
        if (names_check(s, &s->listeners[i], e) != 0 || port_check(s, &s->listeners[i], e) != 0)
            return err_at(e, "%s: [listener %s]", path, s->listeners[i].name);
    return 0;
}

static int outgoing_check(const struct settings *s, const char *path, struct err *e)
{
    if (!s->outgoing.certificate == !s->outgoing.key)
        return 0;
    err_set(e, ERR_VALUE, NULL, "certificate and key need each other; next: write both, or none");
    return err_at(e, "%s: [outgoing]", path);
}

/* The socket's name must fit into its address (unix(7)). */
static int data_check(const struct settings *s, const char *path, struct err *e)
{
    size_t most = sizeof((struct sockaddr_un *)0)->sun_path - sizeof "/admin.sock";
    if (strlen(s->server.data) <= most)
        return 0;
    err_set(e, ERR_LIMIT, NULL, "the path of data is longer than %zu characters; next: write a shorter one", most);
    return err_at(e, "%s: [server]", path);
}

static int blocked_check(const struct settings *s, const char *path, struct err *e)
{
    for (size_t i = 0; i < s->server.n_blocked; i++) {
        size_t n = strspn(s->server.blocked[i], "0123456789");
        if (s->server.blocked[i][n] == '\0' && n <= EID_DIGITS)
            continue;
        err_set(e, ERR_VALUE, "SGP.22 4.3", "blocked has \"%.40s\"; next: write an EID of %d digits, or its beginning",
                s->server.blocked[i], EID_DIGITS);
        return err_at(e, "%s: [server]", path);
    }
    return 0;
}

int settings_load(struct arena *a, const char *path, struct settings *s, struct err *e)
{
    *s = (struct settings){ 0 };
    if (config_load(a, path, &settings_table, s, e) != 0)
        return -1;
    return data_check(s, path, e) != 0 || blocked_check(s, path, e) != 0 || listeners_check(s, path, e) != 0 ||
                   outgoing_check(s, path, e) != 0
               ? -1
               : 0;
}
