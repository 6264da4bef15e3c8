/* The part of a server program's configuration file that all of them have; a role's own structure begins with it, and
 * its table has these keys beside those of the role. */
#ifndef RSPKIT_SERVER_HOST_SETTINGS_H
#define RSPKIT_SERVER_HOST_SETTINGS_H

#include "server/config.h"
#include "server/service.h"

enum { HOST_TLS_MAX = 8, HOST_CONNECTS_MAX = 8 };

/* What every set of certificates has; a role's own may have more behind it. */
struct set_settings {
    const char *name;
    const char *ci, *auth, *auth_key; /* files */
    const char *crl;                  /* file or URL, or NULL */
};

struct tls_settings {
    const char *name;
    const char *certificate, *key;
};

struct listener_settings {
    const char *name;
    struct config_address listen;
    const char *tls[HOST_TLS_MAX], *certificates[SETS_MAX], *functions[2];
    size_t n_tls, n_certificates, n_functions;
    const char *client_ca; /* file, or NULL: the CIs of its certificate sets */
    int64_t connections, per_address;
};

struct host_settings {
    struct {
        const char *data;
        const char *addresses[SERVICE_ADDRESSES_MAX], *blocked[SERVICE_BLOCKED_MAX];
        size_t n_addresses, n_blocked;
        bool test_mode;
        int64_t workers;
    } server;
    struct {
        bool required;
        int64_t grace, refresh;
    } crl;
    struct {
        const char *certificate, *key, *ca, *connect[HOST_CONNECTS_MAX];
        size_t n_connect;
        int64_t deadline;
    } outgoing;
    struct {
        int64_t first_pause, longest_pause, give_up, threads;
    } outbox;
    struct tls_settings tls[HOST_TLS_MAX];
    struct listener_settings listeners[SERVICE_LISTENERS_MAX];
    size_t n_tls, n_listeners;
};

/* Rows of a role's tables, where the words are the same for all; without the last row. */
#define HOST_SERVER_KEYS                                                                                       \
    { "data", CONFIG_PATH_AT(struct host_settings, server.data), .fallback = "data",                           \
      .help = "Folder of the database, of the key that seals it, and of the administration socket." },         \
    { "test-mode", CONFIG_YES_NO_AT(struct host_settings, server.test_mode), .fallback = "no",                 \
      .help = "yes: the public test CI of GSMA SGP.26 is accepted. Never where real profiles are." },          \
    { "workers", CONFIG_NUMBER_AT(struct host_settings, server.workers), .fallback = "16", .min = 1, .max = 256, \
      .help = "Requests that are worked on at the same time." },                                               \
    { "blocked", CONFIG_WORDS_AT(struct host_settings, server.blocked, server.n_blocked),                      \
      .help = "EIDs that get nothing, or how they begin (the IIN of an EUM)." }

#define HOST_LISTENER_KEYS                                                                                     \
    { "listen", CONFIG_ADDRESS_AT(struct listener_settings, listen), .required = true, .help = "HOST:PORT" },  \
    { "tls", CONFIG_WORDS_AT(struct listener_settings, tls, n_tls),                                            \
      .help = "Names of [tls] sections, one a curve; default: all." },                                         \
    { "certificates", CONFIG_WORDS_AT(struct listener_settings, certificates, n_certificates),                 \
      .help = "Names of [certificates] sections offered here; default: all." }

#define HOST_LISTENER_LIMITS                                                                                   \
    { "connections", CONFIG_NUMBER_AT(struct listener_settings, connections), .fallback = "900", .min = 1,     \
      .max = 60000 },                                                                                          \
    { "per-address", CONFIG_NUMBER_AT(struct listener_settings, per_address), .fallback = "450", .min = 1,     \
      .max = 60000 }

#define HOST_OUTGOING_REST                                                                                     \
    { "deadline", CONFIG_DURATION_AT(struct host_settings, outgoing.deadline), .fallback = "10s", .min = 1,    \
      .max = 120, .help = "For one call." },                                                                   \
    { "connect", CONFIG_WORDS_AT(struct host_settings, outgoing.connect, outgoing.n_connect),                  \
      .help = "For a laboratory: NAME=HOST:PORT, where a name is found." }

/* Where these keys stand: the role's structure has a member `host`. */
#define HOST_SECTION(type) CONFIG_SINGLE(type, host)

extern const struct config_key host_crl_keys[], host_outbox_keys[];

/* Names and paths that have to fit together; `sets`: those of the role's [certificates] sections. */
int host_settings_check(const struct host_settings *, const struct set_settings *const *sets, size_t n_sets,
                        const char *path, struct err *);

#endif
