/* Lists of new subscribers: CSV with random K and OPc, for rsp-smdp import and the operator's HLR. */
#ifndef RSPKIT_SMDP_GENERATE_H
#define RSPKIT_SMDP_GENERATE_H

#include <stdint.h>

#include "base/err.h"

enum { GENERATE_MAX = 100000000 };

struct generate {
    const char *iccid; /* the first, 19 or 20 digits, the last of them its check digit (ITU-T E.118, Luhn) */
    const char *imsi;  /* the first, 6 to 15 digits */
    uint64_t count;
    const char *path;  /* of the list, readable by its owner alone */
};

/* Writes the list, or completes one that was begun: what is there stays, with its keys, and a last line that was cut is
 * written anew.  The list is on the disk when this returns.  *there: lines that were kept.  ERR_EXISTS: the file is
 * another list. */
int generate_list(const struct generate *, uint64_t *there, struct err *);

#endif
