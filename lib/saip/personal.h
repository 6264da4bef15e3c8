/* A subscriber's values in a profile package: found by field path once, then written into the
 * DER at fixed places, so that a profile is its template and a few hundred octets.
 *
 *   iccid   header (unswapped) and EF.ICCID (swapped)      imsi   EF.IMSI of the USIM
 *   k, opc  every set of keys in the package, of one size  pin1, puk1, pin2, puk2, adm1
 */
#ifndef RSPKIT_SAIP_PERSONAL_H
#define RSPKIT_SAIP_PERSONAL_H

#include "saip/package.h"

enum saip_hole {
    HOLE_ICCID_HEADER, /* 10 */
    HOLE_ICCID,        /* 10 */
    HOLE_IMSI,         /* 9 */
    HOLE_K,            /* 16; of TUAK also 32 */
    HOLE_OPC,          /* 16; of TUAK 32, the TOPc */
    HOLE_PIN1,         /* 8, as the other codes */
    HOLE_PUK1,
    HOLE_PIN2,
    HOLE_PUK2,
    HOLE_ADM1,
    SAIP_HOLES
};

enum { SAIP_PLACES_MAX = 8 };

/* Where each value stands: offsets into the DER; n == 0 if the package has no such field. */
struct saip_holes {
    struct {
        size_t n, offset[SAIP_PLACES_MAX];
        size_t length;
    } of[SAIP_HOLES];
};

/* A subscriber's values in the package's coding; absent: the template's stays. */
struct saip_subscriber {
    struct bytes value[SAIP_HOLES];
};

/* `package` must have been decoded from `der`. */
int saip_holes_find(const struct saip_package *, struct bytes der, struct saip_holes *, struct err *);

/* One value as people write it: name "iccid", "imsi", "k", "opc", "pin1" ..; hex for keys, digits
 * for the others.  Sets one or two holes. */
int saip_subscriber_set(struct arena *, struct saip_subscriber *, const char *name, struct bytes text, struct err *);
/* Is there a value of that name? */
int saip_subscriber_check_name(struct bytes name, struct err *);
const char *saip_hole_name(enum saip_hole);

/* A copy of the DER with the values in it.  A value without a place, or of another length, is
 * refused. */
int saip_personalise(struct arena *, struct bytes der, const struct saip_holes *, const struct saip_subscriber *,
                     struct bytes *out, struct err *);

#endif
