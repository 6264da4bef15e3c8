/* SPDX-License-Identifier: Apache-2.0
 *
 * What the functions of ES9+ share (SGP.22 5.6). */
#include "smdp/es9p.h"

#include "rsp/ids.h"

bool es9_set_offered(const struct op *op, size_t set)
{
    uint32_t sets = op->smdp->listeners[op->request->listener].sets;
    return !sets || sets >> set & 1;
}

struct rsp_trust es9_trust(const struct op *op)
{
    const struct smdp *s = op->smdp;
    struct cert *cis = arena_array(op->arena, SMDP_SETS_MAX, sizeof *cis);
    struct rsp_trust t = { .cis = cis, .revocation = s->revocation, .known = s->known };
    for (size_t i = 0; cis && i < s->keys->n; i++)
        if (es9_set_offered(op, i))
            cis[t.n++] = s->keys->sets[i].ci;
    return t;
}

int es9_session(struct op *op, struct bytes id, bool authenticated, struct store_record *out)
{
    if (store_get(op->smdp->store, op->arena, KIND_SESSION, id, out, op->err) != 0)
        return -1;
    int64_t age = op_now(op) - out->v[SESSION_STARTED].i;
    if (!out->version || age > SESSION_LIFETIME || (authenticated && !bytes_present(out->v[SESSION_ICCID].b)))
        return op_refuse(op, RSP_TRANSACTION, "SGP.22 5.6");
    op->eid = out->v[SESSION_EID].b;
    return 0;
}

int es9_malformed(struct op *op, const char *field)
{
    op->err->code = RSP_BAD_FORMAT;
    return err_within(op->err, "%s", field);
}

int es9_signature(struct op *op, int64_t curve, struct bytes point, const struct rsp_tbs *tbs, struct bytes signature)
{
    struct ec_public *key;
    if (ec_public_new((enum ec_curve)curve, point, &key, op->err) != 0)
        return op_refuse(op, RSP_EUICC_SIGNATURE, "SGP.22 2.6.2");
    int result = rsp_verify(key, tbs, signature, op->err);
    ec_public_free(key);
    return result == 0 ? 0 : op_refuse(op, RSP_EUICC_SIGNATURE, "SGP.22 2.6.2");
}

int es9_card(struct op *op, struct bytes eum, struct bytes euicc, struct bytes ci, const struct rsp_tbs *tbs,
             struct bytes signature, struct rsp_card *card)
{
    struct rsp_trust trust = es9_trust(op);
    if (rsp_card_verify(op->arena, &trust, eum, euicc, ci, op_now(op), card, op->err) != 0)
        return -1;
    int bad = rsp_verify(card->key, tbs, signature, op->err);
    ec_public_free(card->key);
    card->key = NULL;
    return bad ? op_refuse(op, RSP_EUICC_SIGNATURE, "SGP.22 5.6.3") : 0;
}

/* The type's metadata with this profile's ICCID. */
int es9_metadata(struct op *op, const struct store_record *type, const struct store_record *p,
                 struct rsp_StoreMetadataRequest *m, struct bytes *der)
{
    if (asn1_decode(op->arena, &rsp_StoreMetadataRequest_type, type->v[TYPE_METADATA].b, ASN1_WIRE, m, op->err) != 0)
        return -1;
    m->iccid = p->v[PROFILE_ICCID].b;
    return asn1_encode(op->arena, &rsp_StoreMetadataRequest_type, m, der, op->err);
}

int es9_not_expired(struct op *op, struct store_record *p, const char *clause)
{
    int64_t expires = p->v[PROFILE_EXPIRES].i;
    if (!expires || op_now(op) <= expires)
        return 0;
    op->subject = p->v[PROFILE_ICCID].b;
    if (p->v[PROFILE_EVENT].i != EVENT_NONE) {
        if (es12_delete(op, p) != 0)
            return -1;
        store_put(&op->batch, KIND_PROFILE, p);
    }
    return op_refuse(op, RSP_ORDER_EXPIRED, clause);
}
