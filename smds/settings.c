/* SPDX-License-Identifier: Apache-2.0 */
#include "smds/settings.h"

#define WHOLE .at = 0, .size = sizeof(struct settings)

static const struct config_key server_keys[] = {
    { "addresses", CONFIG_HOSTS_AT(struct host_settings, server.addresses, server.n_addresses), .required = true,
      .help = "Host names of this SM-DS; the first is told to its root." },
    HOST_SERVER_KEYS,
    { .name = NULL },
}, role_keys[] = {
    { "root", CONFIG_HOST_AT(struct settings, role.root),
      .help = "Host name of the root SM-DS, if this is an alternative one; without it this is the root." },
    { .name = NULL },
}, limits_keys[] = {
    { "events-of-owner", CONFIG_NUMBER_AT(struct settings, limits.of_owner), .fallback = "16", .min = 1,
      .max = SMDS_EVENTS_MAX, .help = "Events that one SM-DP+ or SM-DS may have for one EID." },
    { "events-of-card", CONFIG_NUMBER_AT(struct settings, limits.of_eid), .fallback = "128", .min = 1,
      .max = SMDS_EVENTS_MAX, .help = "Events for one EID, whoever registered them." },
    { "event-lifetime", CONFIG_DURATION_AT(struct settings, limits.lifetime), .fallback = "0",
      .help = "From registration until an event is stale and goes; 0: never." },
    { .name = NULL },
}, outgoing_keys[] = {
    { "certificate", CONFIG_PATH_AT(struct host_settings, outgoing.certificate),
      .help = "TLS client certificate shown to the root (CERT.DS.TLS)." },
    { "key", CONFIG_PATH_AT(struct host_settings, outgoing.key), .help = "Its key." },
    { "ca", CONFIG_PATH_AT(struct host_settings, outgoing.ca),
      .help = "CIs that the root must chain to (PEM); default: the CIs of [certificates]." },
    HOST_OUTGOING_REST,
    { .name = NULL },
}, certificate_keys[] = {
    { "ci", CONFIG_PATH_AT(struct set_settings, ci), .required = true,
      .help = "Files in PEM or DER. CERT.CI: issuer of all, and of the cards that are trusted." },
    { "dsauth", CONFIG_PATH_AT(struct set_settings, auth), .required = true },
    { "dsauth-key", CONFIG_PATH_AT(struct set_settings, auth_key), .required = true },
    { "crl", CONFIG_PLACE_AT(struct set_settings, crl),
      .help = "The CI's revocation list. Cards are served while the newest one is held ([crl])." },
    { .name = NULL },
}, tls_keys[] = {
    { "certificate", CONFIG_PATH_AT(struct tls_settings, certificate), .required = true,
      .help = "Chain in PEM, CERT.DS.TLS first, or that alone in DER." },
    { "key", CONFIG_PATH_AT(struct tls_settings, key), .required = true },
    { .name = NULL },
}, listener_keys[] = {
    HOST_LISTENER_KEYS,
    { "functions", CONFIG_WORDS_AT(struct listener_settings, functions, n_functions),
      .choices = (const char *const[]){ "es12", "es11", NULL }, .fallback = "es12, es11",
      .help = "es12: for SM-DP+ and, as ES15, for other SM-DS; es11: for LPAs." },
    { "client-ca", CONFIG_PATH_AT(struct listener_settings, client_ca),
      .help = "CIs of the SM-DP+ and SM-DS that may register events; default: those of [certificates]." },
    HOST_LISTENER_LIMITS,
    { .name = NULL },
};

static const struct config_section sections[] = {
    { "server", HOST_SECTION(struct settings), .required = true, .keys = server_keys },
    { "role", WHOLE, .keys = role_keys, .help = "Root, or alternative." },
    { "limits", WHOLE, .keys = limits_keys, .help = "Who has as many events is refused more (8.9.5/4.8)." },
    { "certificates", CONFIG_NAMED(struct settings, certificates, n_certificates, struct set_settings, name),
      .required = true, .sample_name = "p256", .keys = certificate_keys,
      .help = "A set for ES11 under one CI; several sets, several sections." },
    { "tls", CONFIG_NAMED(struct settings, host.tls, host.n_tls, struct tls_settings, name), .required = true,
      .sample_name = "p256", .keys = tls_keys },
    { "listener", CONFIG_NAMED(struct settings, host.listeners, host.n_listeners, struct listener_settings, name),
      .required = true, .sample_name = "public", .keys = listener_keys },
    { "crl", HOST_SECTION(struct settings), .keys = host_crl_keys, .help = "Revocation lists, SGP.22 4.6." },
    { "outgoing", HOST_SECTION(struct settings), .keys = outgoing_keys, .help = "Calls to the root SM-DS: ES15." },
    { "outbox", HOST_SECTION(struct settings), .keys = host_outbox_keys,
      .help = "Deletions that the root was not told yet." },
    { .name = NULL },
};

const struct config_table settings_table = { sections, .help = "rsp-smds: an SM-DS of GSMA SGP.22." };

int settings_load(struct arena *a, const char *path, struct settings *s, struct err *e)
{
    *s = (struct settings){ 0 };
    if (config_load(a, path, &settings_table, s, e) != 0)
        return -1;
    if (!s->role.root || s->host.outgoing.certificate)
        return 0;
    err_set(e, ERR_VALUE, "SGP.22 5.10",
            "an alternative SM-DS shows its root a certificate; next: write certificate and "
            "key of [outgoing], or take root away");
    return err_at(e, "%s: [role]", path);
}
