/* Authentication of eUICCs by RSP servers (SGP.22 5.6.3, 5.8.2, 4.5.2.2): chain of eUICC
 * and EUM certificates up to a trusted CI, and the signatures made with the card's key.
 * Shared by SM-DP+ and SM-DS.
 */
#ifndef RSPKIT_RSP_CARD_H
#define RSPKIT_RSP_CARD_H

#include "base/arena.h"
#include "crypto/cert.h"
#include "crypto/ec.h"
#include "rsp/known.h"
#include "rsp/revocation.h"
#include "schema/rsp.h"

/* The CIs that a server trusts for cards. */
struct rsp_trust {
    const struct cert *cis;
    size_t n;
    struct revocation *revocation; /* what they have revoked (SGP.22 4.6); NULL: no lists are used */
    struct known *known;           /* EUM certificates verified before, or NULL */
};

/* A card whose chain is verified. */
struct rsp_card {
    struct bytes eid;            /* 16 octets, from the subject's serialNumber */
    struct bytes ci_pkid;        /* SubjectKeyIdentifier of its CI */
    enum ec_curve curve;
    struct bytes public_point;   /* 65 octets */
    struct ec_public *key;       /* to be freed by ec_public_free */
};

/* CI keys of `list` (SKIs as 20 octets) by the card's priority: the first that `trust` holds,
 * or NULL (8.8.2/3.1). */
const struct cert *rsp_trust_choose(const struct rsp_trust *, const struct rsp_CiPKIdList *list);

/* Verifies eumCertificate and euiccCertificate at `now` (seconds since 1970).  Fails with the
 * refusals RSP_CI_UNKNOWN, RSP_EUM_INVALID, RSP_EUM_EXPIRED, RSP_EUICC_INVALID,
 * RSP_EUICC_EXPIRED, in the order of SGP.22 5.6.3.  `expected_ci` (SKI, or absent): the CI
 * that the session agreed on. */
int rsp_card_verify(struct arena *, const struct rsp_trust *, struct bytes eum_certificate,
                    struct bytes euicc_certificate, struct bytes expected_ci, int64_t now, struct rsp_card *out,
                    struct err *);

#endif
