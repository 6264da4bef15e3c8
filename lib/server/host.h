/* A server program at work: everything that server/service.h wants given (clock, random octets, calls to others,
 * listeners, outbox, revocation lists, the administration socket), made from a configuration file. */
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
    /* What is the role's in a start, one after the other. */
    int (*load)(struct host *, struct err *);      /* fills settings, sets, service (role and sets), role */
    int (*read_set)(struct host *, size_t set, struct err *); /* a set's files into the service's sets */
    int (*open)(struct host *, struct err *);      /* the store, and what of it is to be recovered */
    int (*start)(struct host *, struct err *);     /* when the outbox is open, before requests are answered; or NULL */
    void (*stop)(struct host *); /* undoes start, before the outbox is closed; or NULL */
    void (*end)(struct host *);
    const char *subject;     /* what a message of the outbox is about: "iccid", "eid" */
    /* What an audit record is about, for people: the member's name, and its text; NULL: there is none. */
    const char *(*audited)(struct arena *, struct bytes subject, const char **text);
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

/* Reads and checks the configuration with every file that it names, also with what a start would not insist on: the
 * revocation lists that are files.  Opens nothing, changes nothing. */
int host_check(struct host *, const char *config, struct err *);
/* Opens all of it, prints "ready ADDRESS=HOST:PORT LISTENER" for each listener, serves until SIGINT or SIGTERM. */
int host_run(struct host *, const char *config, struct err *);
void host_end(struct host *);

/* ----------------------------------------------------------------------------- for a role */

/* What a section names: a file of at most a MiB, not empty. */
int host_read(struct host *, const char *path, struct bytes *out, struct err *);
/* Places an error, with what to do about it: file, section, and what in it ("" if it is the whole). */
int host_in_section(struct host *, const char *section, const char *name, const char *key, struct err *);

const char *host_path(struct host *, const char *name); /* in the data folder */
/* The data folder, made if it is not there. */
int host_folder(struct host *, struct err *);
int host_store(struct host *, struct err *);
/* Where a server with this data folder is asked. */
const char *host_socket(struct arena *, const char *data);

#endif
