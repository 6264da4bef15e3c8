/* An authentication centre with its subscribers' keys challenges a card (TS 33.102 6.3). */
#ifndef RSPKIT_OPERATOR_ATTACH_H
#define RSPKIT_OPERATOR_ATTACH_H

#include "base/arena.h"
#include "base/err.h"

struct attach {
    const char *socket;    /* of the card */
    struct bytes k, opc;   /* 16 octets each; absent: those of the card's IMSI in `subscribers` */
    struct bytes subscribers; /* CSV with imsi, k, opc */
    const char *pin;       /* PIN1, or NULL */
    size_t explain;        /* columns to show each message in, or 0 */
};

/* Challenge, the same again, resynchronisation, challenge: each step is told in a line. */
int attach_run(const struct attach *, struct arena *, struct err *);

#endif
