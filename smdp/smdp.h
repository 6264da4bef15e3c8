/* The SM-DP+: ES2+ for operators, ES9+ for LPAs (SGP.22 5.3, 5.6), in JSON and ASN.1; towards others
 * ES2+.HandleDownloadProgressInfo and ES12.  A request in, a response out; everything outside is given by `env`.
 *
 * Every request reads, decides, and commits one batch before it is answered (two where an SM-DS is asked in between).
 */
#ifndef RSPKIT_SMDP_SMDP_H
#define RSPKIT_SMDP_SMDP_H

#include "rsp/card.h"
#include "rsp/exchange.h"
#include "server/outbox.h"
#include "smdp/keys.h"
#include "store/store.h"

enum { SMDP_ADDRESSES_MAX = 8, SMDP_LISTENERS_MAX = 8, SMDP_BLOCKED_MAX = 64 };

enum smdp_peer { SMDP_OPERATOR, SMDP_SMDS };

/* A POST in JSON to somebody else, over mutual TLS. */
struct smdp_call {
    enum smdp_peer peer;
    struct bytes host; /* name, perhaps with ":port" */
    struct bytes path;
    struct bytes body;
};

struct smdp_answer {
    int status;
    struct bytes body;
    unsigned retry_after; /* seconds, 0: not told */
};

/* What one listener offers; `struct rsp_request.listener` is its index. */
struct smdp_listener {
    uint32_t sets; /* 1 << index of a certificate set; 0: all */
    bool no_es2, no_es9;
};

/* Limits where neither profile type nor operator has one; 0: 5 codes, 10 downloads, no expiry. */
struct smdp_limits {
    int64_t cc_tries, downloads;
    int64_t lifetime; /* seconds from release to expiry */
};

struct smdp {
    struct store *store;
    struct smdp_keys *keys;
    const char *addresses[SMDP_ADDRESSES_MAX]; /* names of this server; the first is told to operators */
    size_t n_addresses;
    struct smdp_listener listeners[SMDP_LISTENERS_MAX];
    struct smdp_limits limits;
    const char *blocked[SMDP_BLOCKED_MAX]; /* EIDs, or their beginnings (an EUM's IIN), that get nothing */
    size_t n_blocked;
    /* env */
    int64_t (*now)(void *context); /* seconds since 1970 */
    int (*random)(void *context, uint8_t *out, size_t n);
    /* -1: ERR_IO if the other side cannot be reached, ERR_VERIFY if it is not who it should be.  NULL: there is
     * nobody. */
    int (*post)(void *context, struct arena *, const struct smdp_call *, struct smdp_answer *, struct err *);
    void (*wake)(void *context, const struct store_batch *); /* outbox_wake; may be NULL */
    /* A request that could not be carried out for a reason of ours (a damaged record), for a log; may be NULL. */
    void (*note)(void *context, const char *function, const struct err *);
    void *context;
    struct revocation *revocation; /* of EUM certificates; NULL: no lists are used */
    struct known *known;           /* EUM certificates verified before; NULL: each is verified each time */
};

/* Answers one HTTP request; the response is in the arena. */
void smdp_handle(struct smdp *, struct arena *, const struct rsp_request *, struct rsp_response *);

/* Sends a message of the outbox; context: struct smdp. */
outbox_send smdp_send;

/* After a start, before requests are answered: orders that were registering their event when the server ended are
 * released once the SM-DS has it, or go back to what they were.  *n: how many there were. */
int smdp_recover(struct smdp *, struct arena *, size_t *n, struct err *);

#endif
