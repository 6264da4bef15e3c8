/* SPDX-License-Identifier: Apache-2.0 */
#include "smdp/settings.h"

#define DAY 86400

static const struct config_key server_keys[] = {
    { "addresses", CONFIG_HOSTS_AT(struct host_settings, server.addresses, server.n_addresses), .required = true,
      .help = "Host names of this SM-DP+, as activation codes carry them; the first is told to operators." },
    HOST_SERVER_KEYS,
    { .name = NULL },
}, limits_keys[] = {
    { "confirmation-codes", CONFIG_NUMBER_AT(struct settings, limits.cc_tries), .fallback = "5", .min = 1, .max = 100,
      .help = "Wrong confirmation codes after which an order ends." },
    { "downloads", CONFIG_NUMBER_AT(struct settings, limits.downloads), .fallback = "10", .min = 1, .max = 1000,
      .help = "Downloads of one profile that may be begun." },
    { "order-lifetime", CONFIG_DURATION_AT(struct settings, limits.lifetime), .fallback = "0",
      .help = "From release until the order expires (8.8.5/4.10); 0: never." },
    { .name = NULL },
}, outgoing_keys[] = {
    { "certificate", CONFIG_PATH_AT(struct host_settings, outgoing.certificate),
      .help = "TLS client certificate shown to operators and SM-DS (CERT.DP.TLS); without it nobody is told." },
    { "key", CONFIG_PATH_AT(struct host_settings, outgoing.key), .help = "Its key." },
    { "ca", CONFIG_PATH_AT(struct host_settings, outgoing.ca),
      .help = "CIs that operators' servers and SM-DS must chain to (PEM); default: the CIs of [certificates]." },
    HOST_OUTGOING_REST,
    { .name = NULL },
}, certificate_keys[] = {
    { "ci", CONFIG_PATH_AT(struct certificate_settings, set.ci), .required = true,
      .help = "Files in PEM or DER. CERT.CI: issuer of all, and of the cards that are trusted." },
    { "dpauth", CONFIG_PATH_AT(struct certificate_settings, set.auth), .required = true },
    { "dpauth-key", CONFIG_PATH_AT(struct certificate_settings, set.auth_key), .required = true },
    { "dppb", CONFIG_PATH_AT(struct certificate_settings, dppb), .required = true },
    { "dppb-key", CONFIG_PATH_AT(struct certificate_settings, dppb_key), .required = true },
    { "crl", CONFIG_PLACE_AT(struct certificate_settings, set.crl),
      .help = "The CI's revocation list. Cards are served while the newest one is held ([crl])." },
    { .name = NULL },
}, tls_keys[] = {
    { "certificate", CONFIG_PATH_AT(struct tls_settings, certificate), .required = true,
      .help = "Chain in PEM, CERT.DP.TLS first, or that alone in DER." },
    { "key", CONFIG_PATH_AT(struct tls_settings, key), .required = true },
    { .name = NULL },
}, listener_keys[] = {
    HOST_LISTENER_KEYS,
    { "functions", CONFIG_WORDS_AT(struct listener_settings, functions, n_functions),
      .choices = (const char *const[]){ "es2", "es9", NULL }, .fallback = "es2, es9",
      .help = "es2: for operators, es9: for LPAs." },
    { "client-ca", CONFIG_PATH_AT(struct listener_settings, client_ca),
      .help = "CIs of operators that are known by the names in their certificates; default: those of [certificates]." },
    HOST_LISTENER_LIMITS,
    { .name = NULL },
};

#define WHOLE .at = 0, .size = sizeof(struct settings)

static const struct config_section sections[] = {
    { "server", HOST_SECTION(struct settings), .required = true, .keys = server_keys },
    { "limits", WHOLE, .keys = limits_keys, .help = "Where neither profile type nor operator says otherwise." },
    { "certificates",
      CONFIG_NAMED(struct settings, certificates, n_certificates, struct certificate_settings, set.name),
      .required = true, .sample_name = "p256", .keys = certificate_keys,
      .help = "A set for ES9+ under one CI; several sets, several sections." },
    { "tls", CONFIG_NAMED(struct settings, host.tls, host.n_tls, struct tls_settings, name), .required = true,
      .sample_name = "p256", .keys = tls_keys },
    { "listener", CONFIG_NAMED(struct settings, host.listeners, host.n_listeners, struct listener_settings, name),
      .required = true, .sample_name = "public", .keys = listener_keys },
    { "crl", HOST_SECTION(struct settings), .keys = host_crl_keys, .help = "Revocation lists, SGP.22 4.6." },
    { "outgoing", HOST_SECTION(struct settings), .keys = outgoing_keys,
      .help = "Calls to others: HandleDownloadProgressInfo to operators, ES12 to an SM-DS." },
    { "outbox", HOST_SECTION(struct settings), .keys = host_outbox_keys, .help = "What could not be delivered yet." },
    { .name = NULL },
};

const struct config_table settings_table = { sections, .help = "rsp-smdp: an SM-DP+ of GSMA SGP.22." };

int settings_load(struct arena *a, const char *path, struct settings *s, struct err *e)
{
    *s = (struct settings){ 0 };
    return config_load(a, path, &settings_table, s, e);
}
