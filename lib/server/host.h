/* A server program at work: everything that server/service.h wants given (clock, random octets, calls to others,
 * listeners, outbox, revocation lists, the administration socket), made from a configuration file.
 *
 *     host_begin, the role's certificate sets, host_files          what check-config does; then
 *     host_store, host_crls, the role's recovery, host_serve       until SIGINT or SIGTERM;
 *     host_end                                                     in any case */
#ifndef RSPKIT_SERVER_HOST_H
#define RSPKIT_SERVER_HOST_H

#include "server/admin.h"
#include "server/host_settings.h"
#include "server/outbox.h"

struct host;

/* What a role's program is. */
struct host_program {
    const char *name;        /* "rsp-smdp" */
    const char *mutual, *lpa; /* words of a listener's functions */
    const char *database;    /* file in the data folder */
    const struct store_schema *schema;
    size_t outbox;           /* kind */
    outbox_send *send;       /* gets host->role */
    const struct admin_command *commands; /* get the host */
    int (*start)(struct host *, struct err *); /* when the outbox is open, before requests are answered; or NULL */
    const char *subject;     /* what a message of the outbox is about: "iccid", "eid" */
};

struct host_parts;

struct host {
    const struct host_program *program;
    struct arena *arena;
    const char *config; /* path of the configuration file */
    const struct host_settings *settings;
    const struct set_settings *sets[SETS_MAX]; /* in the order of service->sets */
    size_t n_sets;
    struct service *service;
    void *role;                 /* the core around the service */
    struct outbox *outbox;
    struct host_parts *parts;
};

/* The settings are read and the service's role and sets are set: fills the rest of the service, and checks. */
int host_begin(struct host *, struct err *);
/* TLS certificates, keys, listeners and the client, read and checked; errors have file, section and key in their
 * place. */
int host_files(struct host *, struct err *);
/* What a section names: a file of at most a MiB, not empty. */
int host_read(struct host *, const char *path, struct bytes *out, struct err *);
/* Places an error, with what to do about it: file, section, and what in it ("" if it is the whole). */
int host_in_section(struct host *, const char *section, const char *name, const char *key, struct err *);

/* For the lists of the CIs, none of which is loaded; then loads those that are files now. */
int host_revocation(struct host *, struct err *);
int host_lists(struct host *, struct err *);
/* The keeper of the lists, that of set `i` being its n-th source if it has one; NULL: no set has a list. */
struct crl_keeper *host_crl_keeper(const struct host *);

const char *host_path(struct host *, const char *name); /* in the data folder */
/* The data folder, made if it is not there. */
int host_folder(struct host *, struct err *);
int host_store(struct host *, struct err *);
int host_crls(struct host *, struct err *);
/* Opens outbox, listeners and administration; prints "ready ADDRESS=HOST:PORT LISTENER" for each listener; serves. */
int host_serve(struct host *, struct err *);
void host_end(struct host *);

/* Where a server with this data folder is asked. */
const char *host_socket(struct arena *, const char *data);

#endif
