/* The revocation lists that an RSP server goes by (SGP.22 4.6): the newest list of each CI, verified against the CIs
 * that are trusted.  Fetching is the caller's: revocation_next_update says when, cert.crl_uri from where.
 *
 * All functions may be called from many threads at once; a check waits only while a new list is put in its place.
 */
#ifndef RSPKIT_RSP_REVOCATION_H
#define RSPKIT_RSP_REVOCATION_H

#include "crypto/cert.h"

struct revocation;

struct revocation_settings {
    int64_t grace; /* seconds past nextUpdate in which a list still counts, at least 0 */
    bool required; /* a CI without a list is refused; otherwise nothing of it counts as revoked */
};

/* NULL without memory. */
struct revocation *revocation_new(const struct revocation_settings *);
void revocation_free(struct revocation *); /* NULL is fine */

/* A list of this CI is required whatever the settings say: without one its certificates are refused.  The certificate
 * must live as long; to be called before the first check. */
enum { REVOCATION_REQUIRED_MAX = 16 };
void revocation_require(struct revocation *, const struct cert *ci);

/* Takes what a CI gives out: a CRL or a SegmentedCrlList in DER, in PEM or in Base64 of DER (4.5.2.1.3); a delta CRL
 * goes on top of the list that is held.  `now`: seconds since 1970.  The octets are not needed afterwards.  What is
 * held stays when the new list is refused:
 *   ERR_SYNTAX, ERR_VALUE, ERR_LIMIT, ERR_MEMORY  its shape; segments that do not make a list; a delta without base;
 *                                                 a lower number or an older thisUpdate than what is held
 *   ERR_NOT_FOUND  none of the CIs has its key
 *   ERR_VERIFY     it is not signed by that CI
 *   ERR_EXPIRED    its nextUpdate is past by more than the grace, or its thisUpdate is to come
 *   ERR_EXISTS     it is the list that is held */
int revocation_load(struct revocation *, struct bytes octets, const struct cert *cis, size_t n_cis, int64_t now,
                    struct err *);

/* 0 if the certificate, which `ci` has issued, is not revoked.  -1 with ERR_VERIFY and the reason if it is, or if that
 * cannot be told: the CI's list is out of date by more than the grace, or is missing and required. */
int revocation_check(struct revocation *, const struct cert *ci, const struct cert *, int64_t now, struct err *);

/* nextUpdate of the CI's list: from then on a new one is to be fetched (4.6.1).  0 if none is held: now. */
int64_t revocation_next_update(struct revocation *, const struct cert *ci);

#endif
