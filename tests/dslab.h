/* Two SM-DS in one process, without sockets: an alternative and its root, and who speaks to them: two SM-DP+ by their
 * TLS certificates, two cards by their keys.  The messages of cards are made here, field by field. */
#ifndef RSPKIT_TESTS_DSLAB_H
#define RSPKIT_TESTS_DSLAB_H

#include "crypto/pki.h"
#include "harness.h"
#include "smds/records.h"
#include "smds/smds.h"

#define ROOT_NAME "root.example.com"
#define ALT_NAME "smds.example.com"

enum { DS_ALT, DS_ROOT };
enum { CARDS = 2, OWNERS = 2 };

/* How a call to the root goes. */
struct way {
    int at;                     /* only this call, counted by lab.calls; 0: each */
    bool deaf, lost;            /* the request, the answer does not arrive */
    int status;                 /* HTTP instead of the root's */
    const char *subject, *reason; /* refused with this instead of being done */
};

struct dslab {
    int64_t now;
    struct pki pki, other; /* the other: nobody trusts it */
    struct bytes owners[OWNERS];
    struct pki_entity cards[CARDS];
    const char *eids[CARDS];
    struct ds {
        struct smds smds;
        struct server_sets sets;
        struct store_faults faults;
        struct outbox *outbox;
        const char *path; /* of its SQLite file; NULL: memory */
    } ds[2];
    struct way way;
    bool unverified; /* the certificates of SM-DP+ chain to no CI of the listener */
    int calls; /* from the alternative to the root */
    void (*during)(void); /* called once, while the root is asked */
    void (*request)(void), (*response)(void); /* around what a server does with a request */
};
extern struct dslab lab;

bool lab_open(bool sqlite); /* on P-256 */
bool lab_open_on(enum ec_curve, bool sqlite);
void lab_close(void);
/* A server ends; it starts again on its store (SQLite) and recovers; *n: what it took back. */
bool lab_restart(int ds, size_t *n);
/* Both in a process of their own, which may be killed; afterwards they are here again, as after lab_restart. */
bool lab_apart(void (*run)(void));
/* What waits in the alternative's outbox, sent. */
void lab_deliver(void);
/* The same with a store that may fail. */
bool lab_try_deliver(void);
/* How many events a server has, whatever their state. */
int64_t lab_events(int ds);
struct bytes lab_eid(int card);

/* "ok", "8.9.5/3.3", "HTTP 503". */
const char *lab_register(int ds, struct bytes certificate, int card, const char *id, const char *address, bool forward);
const char *lab_delete(int ds, struct bytes certificate, int card, const char *id);

/* One session of a card; zeros: as it should be, by card 0, in JSON. */
struct session {
    int card;
    const char *id;      /* matchingId; NULL: none */
    bool asn1;
    const char *address; /* that it asks for; NULL: the server's */
    const char *svn;     /* hex */
    bool foreign_signing, foreign_verification; /* only a CI that nobody has, in that list of EUICCInfo1 */
    /* AuthenticateClient */
    struct bytes eum, euicc; /* certificates; absent: the card's */
    bool bad_signature, other_challenge, other_address, other_svn, unknown_transaction, other_transaction, card_error;
    int64_t later;       /* seconds between the two functions */
};
/* "ID@address ID@address" ("" if there are none), or what refused; of InitiateAuthentication too. */
const char *lab_ask(int ds, const struct session *);

#endif
