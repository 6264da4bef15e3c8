/* The whole system in one process, without sockets: a laboratory PKI, an SM-DP+ on the memory
 * store, a card in memory, an LPA between them.  Tests change what passes through. */
#ifndef RSPKIT_TESTS_WORLD_H
#define RSPKIT_TESTS_WORLD_H

#include "crypto/pki.h"
#include "euicc/card.h"
#include "harness.h"
#include "lpa/lpa.h"
#include "rsp/function.h"
#include "smdp/manage.h"

enum { WORLD_CARDS = 2 };

struct world {
    struct pki pki, second; /* second: of the other curve, for listener 1 (world_open_two) */
    struct smdp smdp;
    struct smdp_keys keys;
    struct store_faults faults;
    struct nvm_memory memory[WORLD_CARDS];
    struct euicc *cards[WORLD_CARDS];
    struct pki_entity second_euicc[2]; /* the second card's, under either PKI (without .cert) */
    bool two;                          /* both PKIs are there, and belong to all worlds of the program */
    struct lpa lpa;
    int card;          /* which one the LPA uses */
    unsigned listener; /* of the server, through which the LPA comes */
    int64_t now;
    struct bytes host; /* that the LPA's request at hand goes to */
    /* who answers the requests of LPA and operator, NULL: the server in this process; -1: nobody does */
    int (*serve)(struct world *, struct arena *, const struct rsp_request *, struct rsp_response *);
    /* hooks of tests; NULL: nothing is changed */
    void (*request)(struct world *, struct rsp_request *);
    void (*response)(struct world *, const struct rsp_request *, struct rsp_response *);
    struct bytes (*segment)(struct world *, struct bytes command);
    void (*card_answer)(struct world *, struct bytes command, struct bytes *response);
    struct bytes caller; /* client certificate on ES2+; absent: the operator's */
    /* other servers: SM-DS, operator; NULL: nobody answers */
    int (*peer)(struct world *, const struct service_call *, struct service_answer *, struct err *);
    struct outbox *outbox; /* delivers when world_deliver is called */
    enum lpa_answer answer;
    const char *code;      /* confirmation code that the user enters */
    struct bytes codes[8]; /* notes of hooks */
    int notes;
};

/* What worlds opened from now on are made of, where it is not the usual. */
extern struct world_plan {
    struct bytes metadata; /* of the profiles, in DER */
    const struct rsp_RulesAuthorisationTable *rat; /* of the cards */
    struct misbehave *misbehave; /* of the first card */
} world_plan;

#define WORLD_EID2 "89049032000000000000000000000228"

/* The store of the worlds opened from now on: SQLite in this file, or memory (NULL). */
void world_store(const char *path);
/* A package in DER (NULL: our own sample); false: a check has failed. */
bool world_open(struct world *, enum ec_curve, struct bytes package, bool ppk);
/* One server with two certificate sets: its listener 0 offers P-256, listener 1 brainpoolP256r1.  The cards have keys
 * on both curves. */
bool world_open_two(struct world *);
/* The PKI of the listener in use, and the current card's key under it. */
const struct pki *world_pki(const struct world *);
const struct ec_key *world_card_key(const struct world *);
void world_close(struct world *);
/* The server ends; it starts again on its store, which is in a file (world_store), and recovers. */
void world_stop(struct world *);
bool world_start(struct world *);
/* The first card's power, off and on. */
bool world_power(struct world *);

/* ES2+ as the operator: order of the first profile (the second, if that is taken), confirmed and released; the
 * activation code. */
bool world_order(struct world *, const char *confirmation_code, const char *eid, struct activation_code *);
/* One ES2+ call; the status, RSP_EXPIRED without an answer. */
struct rsp_status world_es2(struct world *, enum rsp_function, const void *in, void *out);

/* Delivers what the outbox holds and is due. */
void world_deliver(struct world *);
/* Downloads to the current card. */
enum lpa_end world_download(struct world *, const struct activation_code *, struct lpa_download *, struct err *);
/* State of the first profile at the SM-DP+, as its name. */
const char *world_state(struct world *);
/* Our own sample package in DER. */
struct bytes world_sample(void);

/* More ICCIDs: 894900200000000nnnn and their check digit. */
const char *world_iccid(int n);

#define WORLD_ICCID "8949001000000000017"
#define WORLD_ICCID2 "8949001000000000025"
#define WORLD_IMSI "001010123456789"
#define WORLD_K "465B5CE8B199B49FAA5F0A2EE238A6BC"
#define WORLD_OPC "CD63CB71954A9F4E48A5994E37A02BAF"

#endif
