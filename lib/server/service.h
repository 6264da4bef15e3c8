/* A core of an RSP server (SGP.22 5, 6): a request in, a response out; everything outside is given by `env`.  What it
 * does is the role's (struct service_role); how a request is read, decided, committed and answered stands here.
 *
 * Every request reads, decides, and commits one batch before it is answered (more where another server is asked in
 * between). */
#ifndef RSPKIT_SERVER_SERVICE_H
#define RSPKIT_SERVER_SERVICE_H

#include "rsp/card.h"
#include "rsp/exchange.h"
#include "rsp/function.h"
#include "rsp/refusal.h"
#include "server/sets.h"
#include "store/store.h"

enum { SERVICE_ADDRESSES_MAX = 8, SERVICE_LISTENERS_MAX = 8, SERVICE_BLOCKED_MAX = 64 };

/* Who is called. */
enum service_peer { PEER_OPERATOR, PEER_SMDS };

/* A POST in JSON to somebody else, over mutual TLS. */
struct service_call {
    enum service_peer peer;
    struct bytes host; /* name, perhaps with ":port" */
    struct bytes path;
    struct bytes body;
};

struct service_answer {
    int status;
    struct bytes body;
    unsigned retry_after; /* seconds, 0: not told */
};

/* What one listener offers; `struct rsp_request.listener` is its index. */
struct service_listener {
    uint32_t sets;  /* 1 << index of a certificate set; 0: all */
    bool no_mutual; /* without the functions of other servers and operators (ES2+, ES12, ES15) */
    bool no_lpa;    /* without those of LPAs (ES9+, ES11) */
};

struct service {
    const struct service_role *role;
    struct store *store;
    const struct server_sets *sets;
    const char *addresses[SERVICE_ADDRESSES_MAX]; /* names of this server; the first is told to others */
    size_t n_addresses;
    struct service_listener listeners[SERVICE_LISTENERS_MAX];
    const char *blocked[SERVICE_BLOCKED_MAX]; /* EIDs, or their beginnings (an EUM's IIN), that get nothing */
    size_t n_blocked;
    /* env */
    int64_t (*now)(void *context); /* seconds since 1970 */
    int (*random)(void *context, uint8_t *out, size_t n);
    /* -1: ERR_IO if the other side cannot be reached, ERR_VERIFY if it is not who it should be.  NULL: there is
     * nobody. */
    int (*post)(void *context, struct arena *, const struct service_call *, struct service_answer *, struct err *);
    void (*wake)(void *context, const struct store_batch *); /* outbox_wake; may be NULL */
    /* A request that could not be carried out for a reason of ours (a damaged record), for a log; may be NULL. */
    void (*note)(void *context, const char *function, const struct err *);
    void *context;
    struct revocation *revocation; /* of EUM certificates; NULL: no lists are used */
    struct known *known;           /* EUM certificates verified before; NULL: each is verified each time */
};

/* Answers one HTTP request; the response is in the arena. */
void service_handle(struct service *, struct arena *, const struct rsp_request *, struct rsp_response *);

/* ------------------------------------------------------------------------ inside a role's core */

/* Not refusals: the request is decided anew, or put off (503). */
enum { OP_CONFLICT = -100, OP_BUSY };

/* One request at work. */
struct op {
    struct service *service;
    struct arena *arena;
    const struct rsp_request *request;
    const char *action;         /* of the audit trail: the function's name */
    struct bytes actor;         /* of the audit trail: the caller, or what else asks */
    struct store_record caller; /* of a function with a header: what the role keeps of its caller */
    struct store_batch batch;   /* committed before the answer, also before a refusal */
    struct bytes subject;       /* of the audit trail: what the batch is about */
    struct bytes eid;           /* of the card that has authenticated itself */
    bool begun;                 /* this request has committed a first batch, and goes on from there */
    struct err *err;
};

/* Fills `out` and the batch, or refuses. */
typedef int service_handler(struct op *, const void *in, void *out);

/* The refusals of common mutual authentication, whose subject codes name the role, and the clauses of its two
 * functions. */
struct service_authentication {
    int address, ci, svn, certificate;
    const char *initiate, *client;
};

struct service_role {
    service_handler *const *handlers; /* RSP_FUNCTIONS of them; NULL: none of the role's.  One function a path. */
    int (*caller)(struct op *);       /* who calls a function with a header: fills caller and actor, or refuses */
    void (*stamp)(struct store_batch *, struct bytes number); /* number of the batch's audit entry; may be NULL */
    struct service_authentication authentication;
    size_t session, outbox, audit; /* kinds of records */
    int duplicate;                 /* refusal of a value that must be unique and is there already */
    const char *duplicate_clause;
};

int op_refuse(struct op *, int code, const char *clause);
int64_t op_now(const struct op *);

/* Runs a handler until its batch is in or it can't be; *refused: the handler's refusal stands in op->err. */
enum store_commit op_perform(struct op *, service_handler *, const void *in, void *out, bool *refused);
/* Commits what is in the batch now, with an entry in the audit trail, and begins a new one, also when it fails.  -1:
 * OP_CONFLICT, OP_BUSY, or the refusal of a value that must be unique. */
int op_commit(struct op *, const char *outcome);

#endif
