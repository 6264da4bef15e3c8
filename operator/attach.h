/* An authentication centre with its subscribers' keys challenges a card (TS 33.102 6.3). */
#ifndef RSPKIT_OPERATOR_ATTACH_H
#define RSPKIT_OPERATOR_ATTACH_H

#include "base/arena.h"
#include "base/err.h"

/* What the authentication centre knows of a subscriber, as texts; the names are those of the list's columns. */
struct attach_keys {
    struct bytes k, opc;    /* hex: of Milenage 32 digits each; of TUAK 32 or 64, and 64 of TOPc */
    struct bytes algorithm; /* milenage (also when absent), tuak, test (TS 34.108 8.1.2) */
    struct bytes res;       /* octets of RES, from 4 to 16; absent: 8, of the test algorithm 16 */
    struct bytes keccaks;   /* iterations of TUAK; absent: 1 */
};

struct attach {
    const char *socket;       /* of the card */
    struct attach_keys keys;  /* of the card; with `subscribers`, what a line there does not say */
    struct bytes subscribers; /* CSV with imsi, k, opc and perhaps algorithm, res, keccaks */
    const char *pin;          /* PIN1, or NULL */
    size_t explain;           /* columns to show each message in, or 0 */
};

/* Challenge, the same again (test algorithm: one with AMF FFFF), resynchronisation, challenge: each step is told in a
 * line. */
int attach_run(const struct attach *, struct arena *, struct err *);

#endif
