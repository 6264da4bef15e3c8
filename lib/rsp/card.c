/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/card.h"

#include "rsp/refusal.h"

static const char CLAUSE[] = "SGP.22 5.6.3";

static const struct cert *trust_find(const struct rsp_trust *t, struct bytes ski)
{
    for (size_t i = 0; ski.n && i < t->n; i++)
        if (bytes_equal(t->cis[i].ski, ski))
            return &t->cis[i];
    return NULL;
}

const struct cert *rsp_trust_choose(const struct rsp_trust *t, const struct rsp_CiPKIdList *list)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct cert *ci = trust_find(t, list->items[i]);
        if (ci)
            return ci;
    }
    return NULL;
}

/* What is wrong with a certificate, as the refusal for its place; the reason stays. */
static int refuse(struct err *e, int invalid, int expired)
{
    if (e)
        e->code = e->code == ERR_EXPIRED ? expired : invalid;
    return -1;
}

static int eum_check(const struct rsp_trust *t, const struct cert *ci, const struct cert *eum, int64_t now,
                     struct err *e)
{
    if (cert_check_role(eum, CERT_EUM, e) != 0 || known_verify(t->known, eum, ci, e) != 0 ||
        cert_check_dates(eum, now, e) != 0)
        return -1;
    return t->revocation ? revocation_check(t->revocation, ci, eum, now, e) : 0;
}

static int euicc_check(const struct cert *eum, const struct cert *euicc, int64_t now, struct err *e)
{
    if (cert_check_role(euicc, CERT_EUICC, e) != 0 || cert_verify(euicc, eum, e) != 0 ||
        cert_check_constraints(euicc, eum, e) != 0)
        return -1;
    return cert_check_dates(euicc, now, e);
}

int rsp_card_verify(struct arena *a, const struct rsp_trust *t, struct bytes eum_certificate,
                    struct bytes euicc_certificate, struct bytes expected_ci, int64_t now, struct rsp_card *out,
                    struct err *e)
{
    struct cert eum, euicc;
    memset(out, 0, sizeof *out);
    if (cert_parse(a, eum_certificate, &eum, e) != 0)
        return refuse(e, RSP_EUM_INVALID, RSP_EUM_EXPIRED);
    const struct cert *ci = trust_find(t, eum.aki);
    if (!ci || (bytes_present(expected_ci) && !bytes_equal(expected_ci, ci->ski)))
        return rsp_refuse(e, RSP_CI_UNKNOWN, CLAUSE);
    if (eum_check(t, ci, &eum, now, e) != 0)
        return refuse(e, RSP_EUM_INVALID, RSP_EUM_EXPIRED);
    if (cert_parse(a, euicc_certificate, &euicc, e) != 0 || euicc_check(&eum, &euicc, now, e) != 0 ||
        cert_eid(a, &euicc, &out->eid, e) != 0 || ec_public_new(euicc.curve, euicc.point, &out->key, e) != 0)
        return refuse(e, RSP_EUICC_INVALID, RSP_EUICC_EXPIRED);
    out->ci_pkid = ci->ski;
    out->curve = euicc.curve;
    out->public_point = euicc.point;
    return 0;
}
