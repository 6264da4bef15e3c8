/* Making revocation lists of a laboratory CI (SGP.22 4.6), right ones and ones with a single named fault.
 * Used by rsp-pki and by tests; servers and cards have no use for it. */
#ifndef RSPKIT_CRYPTO_CRL_MAKE_H
#define RSPKIT_CRYPTO_CRL_MAKE_H

#include "crypto/crl.h"

/* A longer list is to be had in segments too (SGP.22 4.6.1). */
enum { CRL_SEGMENT_OCTETS = 1020 };

/* One deviation each from what SGP.22 4.6 demands. */
enum crl_fault {
    CRL_FAULT_NONE,
    CRL_FAULT_VERSION,         /* none, so version 1 */
    CRL_FAULT_ALGORITHM_INNER, /* ecdsa-with-SHA384 inside what is signed */
    CRL_FAULT_ALGORITHM_OUTER, /* the same outside */
    CRL_FAULT_SIGNATURE,       /* one bit of it flipped */
    CRL_FAULT_ISSUER_NAME,     /* the CI's without its last part */
    CRL_FAULT_AKI_MISSING,
    CRL_FAULT_AKI_OTHER,       /* of a key that nobody has */
    CRL_FAULT_EXPIRED,         /* nextUpdate was the day before thisUpdate should be */
    CRL_FAULT_NOT_YET_VALID,   /* thisUpdate when nextUpdate should be */
    CRL_FAULT_NEXT_MISSING,
    CRL_FAULT_NEXT_BEFORE,     /* nextUpdate and thisUpdate the wrong way round */
    CRL_FAULT_NUMBER_MISSING,
    CRL_FAULT_NUMBER_NEGATIVE,
    CRL_FAULT_NUMBER_LONG,     /* 21 octets */
    CRL_FAULT_POINT_MISSING,
    CRL_FAULT_POINT_NOT_CRITICAL,
    CRL_FAULT_POINT_EMPTY,     /* without distributionPoint */
    CRL_FAULT_POINT_CAS,       /* onlyContainsCACerts */
    CRL_FAULT_POINT_REASONS,   /* onlySomeReasons */
    CRL_FAULT_INDIRECT,        /* indirectCRL */
    CRL_FAULT_UNKNOWN_CRITICAL,
    CRL_FAULT_ENTRY_CRITICAL,  /* the same in the first entry */
    CRL_FAULT_TWICE,           /* cRLNumber twice */
    CRL_FAULT_EMPTY,           /* revokedCertificates without any */
    CRL_FAULT_REMOVED,         /* removeFromCRL in the first entry of a list that is no delta */
    CRL_FAULT_PART_ALONE,      /* partialCrlNumber only */
    CRL_FAULT_PART_OUTSIDE,    /* segment 2 of 1 */
    CRL_FAULTS
};

const char *crl_fault_name(enum crl_fault); /* "expired" */

struct crl_plan {
    const struct crl_entry *revoked; /* in any order */
    size_t n;
    uint64_t number, base_number;
    bool delta; /* it builds on base_number */
    int64_t this_update, next_update; /* seconds since 1970 */
    const char *uri; /* of the distribution point */
    enum crl_fault fault;
};

/* A list of the CI, whose key signs it. */
int crl_make(struct arena *, const struct crl_plan *, const struct cert *ci, const struct ec_key *, struct bytes *der,
             struct err *);

/* The same in segments of CRL_SEGMENT_OCTETS at most, in their order: *items, *n.  One list without segment numbers
 * if it is short enough. */
int crl_make_segments(struct arena *, const struct crl_plan *, const struct cert *ci, const struct ec_key *,
                      struct bytes **items, size_t *n, struct err *);

#endif
