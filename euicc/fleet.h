/* Many cards: made at once, and hosted by one process.  Part of rsp-euicc. */
#ifndef RSPKIT_EUICC_FLEET_H
#define RSPKIT_EUICC_FLEET_H

#include "base/arena.h"
#include "base/err.h"

struct fleet_plan {
    const char *folder;       /* made if it is not there; a card is FOLDER/EID.card */
    const char *const *certs; /* folders of rsp-pki, one a curve: ci.pem, eum.pem, eum.key.pem */
    size_t n_certs;
    uint64_t count;
    const char *first_eid;    /* 30 digits, or 32 with the check digits; NULL: number 1 of the EUM's */
    const char *root_ds, *default_dp;
};

/* Cards with consecutive EIDs and certificates of the EUM.  *first and *last are their EIDs as text.  A card that is
 * there already is refused, those before it stay. */
int fleet_make(struct arena *, const struct fleet_plan *, const char **first, const char **last, struct err *);

struct host_plan {
    const char *folder;     /* with cards: *.card */
    const char *socket_dir; /* a socket a card, EID.sock; or NULL */
    const char *socket;     /* one for all: the first frame is the card's name, answered by 9000 or 6A82; or NULL */
};

/* Hosts the cards until SIGINT or SIGTERM.  A card is in power while a client is connected to it, and takes memory only
 * then. */
int fleet_host(const struct host_plan *, struct err *);

#endif
