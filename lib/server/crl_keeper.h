/* Keeps a server's revocation lists fresh (SGP.22 4.6.1): loads them at the start from files or URLs, and again when
 * their nextUpdate has come, or when their file has changed.  What a newer list says counts from the next request on; a
 * list that cannot be had leaves the old one in force until its grace is over. */
#ifndef RSPKIT_SERVER_CRL_KEEPER_H
#define RSPKIT_SERVER_CRL_KEEPER_H

#include "net/http_client.h"
#include "rsp/revocation.h"

enum { CRL_SOURCES_MAX = 16, CRL_OCTETS_MAX = 32 << 20 };

struct crl_source {
    const struct cert *ci;
    const char *place; /* path of a file, or http://, https:// */
};

/* Is the place a URL, and not a file? */
bool crl_is_url(const char *place);

struct crl_keeper;

struct crl_plan {
    struct revocation *revocation;
    struct crl_source sources[CRL_SOURCES_MAX];
    size_t n;
    struct http_client client; /* for URLs */
    int64_t pause;             /* seconds between looks */
    int64_t (*now)(void *context);
    void (*note)(void *context, const char *place, const struct err *); /* for a log: what could not be had; or NULL */
    void *context;
};

/* Loads every list once; those that cannot be had are noted, and looked for again. */
int crl_keeper_open(const struct crl_plan *, struct crl_keeper **, struct err *);
/* Loads the list of source `i` although it is not due: a CI tells that there is a new one (SGP.22 4.6.1).  ERR_EXISTS:
 * it is the one that is held.  From any thread. */
int crl_keeper_load(struct crl_keeper *, size_t i, struct err *);
void crl_keeper_close(struct crl_keeper *);

#endif
