/* SPDX-License-Identifier: Apache-2.0
 *
 * What the functions of ES9+ share (SGP.22 5.6). */
#include "smdp/es9p.h"

int es9_session(struct op *op, struct bytes id, struct store_record *out)
{
    if (authenticate_session(op, id, out) != 0)
        return -1;
    if (!bytes_present(out->v[SESSION_ICCID].b))
        return op_refuse(op, RSP_TRANSACTION, "SGP.22 5.6");
    op->eid = out->v[SESSION_EID].b;
    return 0;
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
