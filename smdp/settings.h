/* The configuration file of rsp-smdp. */
#ifndef RSPKIT_SMDP_SETTINGS_H
#define RSPKIT_SMDP_SETTINGS_H

#include "server/config.h"
#include "smdp/smdp.h"

enum { SETTINGS_TLS_MAX = 8, SETTINGS_CONNECTS_MAX = 8 };

struct certificate_settings {
    const char *name;
    const char *ci, *dpauth, *dpauth_key, *dppb, *dppb_key; /* files */
    const char *crl;                                        /* file or URL, or NULL */
};

struct tls_settings {
    const char *name;
    const char *certificate, *key;
};

struct listener_settings {
    const char *name;
    struct config_address listen;
    const char *tls[SETTINGS_TLS_MAX], *certificates[SETS_MAX], *functions[2];
    size_t n_tls, n_certificates, n_functions;
    const char *client_ca; /* file, or NULL: the CIs of its certificate sets */
    int64_t connections, per_address;
};

struct settings {
    struct {
        const char *data;
        const char *addresses[SERVICE_ADDRESSES_MAX], *blocked[SERVICE_BLOCKED_MAX];
        size_t n_addresses, n_blocked;
        bool test_mode;
        int64_t workers;
    } server;
    struct smdp_limits limits;
    struct {
        bool required;
        int64_t grace, refresh;
    } crl;
    struct {
        const char *certificate, *key, *ca, *connect[SETTINGS_CONNECTS_MAX];
        size_t n_connect;
        int64_t deadline;
    } outgoing;
    struct {
        int64_t first_pause, longest_pause, give_up, threads;
    } outbox;
    struct certificate_settings certificates[SETS_MAX];
    struct tls_settings tls[SETTINGS_TLS_MAX];
    struct listener_settings listeners[SERVICE_LISTENERS_MAX];
    size_t n_certificates, n_tls, n_listeners;
};

extern const struct config_table settings_table;

/* Reads the file and checks that the names in it fit together. */
int settings_load(struct arena *, const char *path, struct settings *, struct err *);

#endif
