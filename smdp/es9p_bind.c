/* SPDX-License-Identifier: Apache-2.0
 *
 * ES9+.GetBoundProfilePackage: SGP.22 5.6.2. */
#include "smdp/es9p.h"

static int code_check(struct op *op, const struct store_record *session, struct store_record *p,
                      const struct store_record *type, struct bytes hash)
{
    uint8_t want[32];
    struct bytes inner;
    struct store_record operator;
    if (!bytes_present(p->v[PROFILE_CC].b))
        return 0;
    if (!bytes_present(hash))
        return op_refuse(op, RSP_CC_MISSING, "SGP.22 5.6.2");
    if (smdp_unseal(smdp_of(op)->keys, op->arena, SEALED_CODE, p->v[PROFILE_ICCID].b, p->v[PROFILE_CC].b, &inner,
                    op->err) != 0 ||
        op_operator(op, p->v[PROFILE_OPERATOR].b, &operator) != 0)
        return -1;
    rsp_hash_cc(inner, session->v[SESSION_ID].b, want);
    if (bytes_equal_secret(hash, BYTES_OF(want)))
        return 0;
    if (++p->v[PROFILE_CC_TRIES].i >= op_limits(op, type, &operator).cc_tries)
        return op_end(op, p, EV_CC_EXHAUSTED, RSP_CC_EXHAUSTED, "SGP.22 5.6.2");
    store_put(&op->batch, KIND_PROFILE, p); /* counted before it is told */
    return op_refuse(op, RSP_CC_WRONG, "SGP.22 5.6.2");
}

/* otPK.EUICC.ECKA: a point of the curve that the session binds on.  Another one is no key, whoever signed it. */
static int point_check(struct op *op, const struct store_record *session, struct bytes point)
{
    struct ec_public *key;
    if (ec_public_new(smdp_of(op)->keys->pb[session->v[SESSION_SET].i].cert.curve, point, &key, op->err) != 0)
        return op_refuse(op, RSP_EUICC_SIGNATURE, "SGP.22 2.6.7.3");
    ec_public_free(key);
    return 0;
}

/* The card's answer in this session; what it signed is chained to our smdpSignature2. */
static int prepared_check(struct op *op, const struct store_record *session, struct bytes der,
                          struct rsp_PrepareDownloadResponse *out)
{
    if (asn1_decode(op->arena, &rsp_PrepareDownloadResponse_type, der, ASN1_WIRE, out, op->err) != 0)
        return field_malformed(op, "prepareDownloadResponse");
    if (out->which != rsp_PrepareDownloadResponse_downloadResponseOk)
        return op_refuse(op, RSP_EUICC_SIGNATURE, "SGP.22 5.6.2");
    const struct rsp_PrepareDownloadResponseOk *ok = &out->downloadResponseOk;
    struct rsp_tbs tbs = rsp_tbs_chained(op->arena, ok->euiccSigned2.raw, session->v[SESSION_SIGNATURE2].b);
    if (!bytes_equal(ok->euiccSigned2.transactionId, session->v[SESSION_ID].b))
        return op_refuse(op, RSP_TRANSACTION, "SGP.22 5.6.2");
    if (authenticate_signature(op, session->v[SESSION_CURVE].i, session->v[SESSION_POINT].b, &tbs,
                               ok->euiccSignature2) != 0)
        return -1;
    return point_check(op, session, ok->euiccSigned2.euiccOtpk);
}

static void binding_keep(struct op *op, struct store_record *binding, const struct smdp_binding *b)
{
    binding->v[BINDING_ICCID].b = b->iccid;
    binding->v[BINDING_EID].b = b->eid;
    binding->v[BINDING_EUICC_OTPK].b = b->euicc_otpk;
    binding->v[BINDING_SMDP_OTPK].b = b->smdp_otpk;
    binding->v[BINDING_HOST_ID].b = b->host_id;
    binding->v[BINDING_BODY].b = b->body;
    store_put(&op->batch, KIND_BINDING, binding);
}

/* Is what was bound for this card before of use now?  1: with the same key, only the signature is new (SGP.22 5.6.2);
 * 0: bind anew. */
static int binding_again(struct op *op, const struct store_record *binding, struct store_record *p,
                         const struct store_record *type, struct smdp_binding *b)
{
    if (!binding->version || !bytes_equal(binding->v[BINDING_EID].b, b->eid))
        return 0;
    if (bytes_equal(binding->v[BINDING_EUICC_OTPK].b, b->euicc_otpk)) {
        b->smdp_otpk = binding->v[BINDING_SMDP_OTPK].b;
        b->host_id = binding->v[BINDING_HOST_ID].b;
        b->body = binding->v[BINDING_BODY].b;
        return 1;
    }
    return type->v[TYPE_BIND_ONCE].i ? op_end(op, p, EV_REBINDING_REFUSED, RSP_REBINDING, "SGP.22 5.6.2") : 0;
}

static int bind(struct op *op, const struct store_record *session, struct store_record *p,
                const struct store_record *type, struct bytes euicc_otpk, struct bytes *bpp)
{
    struct store_record binding;
    struct rsp_StoreMetadataRequest m;
    struct smdp_binding b = { .transaction_id = session->v[SESSION_ID].b,
                              .eid = session->v[SESSION_EID].b,
                              .euicc_otpk = euicc_otpk,
                              .iccid = p->v[PROFILE_ICCID].b,
                              .type = type->v[TYPE_NAME].b,
                              .package = type->v[TYPE_UPP].b,
                              .subscriber = p->v[PROFILE_SUBSCRIBER].b,
                              .ppk = type->v[TYPE_PPK].i };
    if (store_get(op->service->store, op->arena, KIND_BINDING, b.iccid, &binding, op->err) != 0 ||
        es9_metadata(op, type, p, &m, &b.metadata) != 0)
        return -1;
    int again = binding_again(op, &binding, p, type, &b);
    if (again < 0 || smdp_bind(smdp_of(op)->keys, op->arena, (size_t)session->v[SESSION_SET].i, &b, bpp, op->err) != 0)
        return -1;
    if (!again)
        binding_keep(op, &binding, &b);
    return 0;
}

/* What the installation result will need, whenever it comes. */
static void expect_result(struct op *op, const struct store_record *session)
{
    struct store_record r = { 0 };
    r.v[RESULT_ID].b = session->v[SESSION_ID].b;
    r.v[RESULT_ICCID].b = session->v[SESSION_ICCID].b;
    r.v[RESULT_EID].b = session->v[SESSION_EID].b;
    r.v[RESULT_POINT].b = session->v[SESSION_POINT].b;
    r.v[RESULT_CURVE].i = session->v[SESSION_CURVE].i;
    r.v[RESULT_ORDER].i = session->v[SESSION_ORDER].i;
    r.v[RESULT_OID].b = smdp_of(op)->keys->sets.of[session->v[SESSION_SET].i].auth.rid;
    store_put(&op->batch, KIND_RESULT, &r);
}

/* The session's order, as it is now. */
static int order_again(struct op *op, const struct store_record *session, struct store_record *p,
                       struct store_record *type)
{
    if (store_get(op->service->store, op->arena, KIND_PROFILE, session->v[SESSION_ICCID].b, p, op->err) != 0)
        return -1;
    struct bytes eid = p->v[PROFILE_EID].b;
    if (!p->version || p->v[PROFILE_ORDER].i != session->v[SESSION_ORDER].i)
        return op_refuse(op, RSP_TRANSACTION, "SGP.22 5.6.2"); /* cancelled meanwhile */
    if (bytes_present(eid) && !bytes_equal(eid, session->v[SESSION_EID].b))
        return op_refuse(op, RSP_REBINDING, "SGP.22 5.6.2"); /* another card was faster */
    op->subject = p->v[PROFILE_ICCID].b;
    return es9_not_expired(op, p, "SGP.22 5.6.2") != 0 ? -1 : op_type(op, p, type);
}

int es9_get_bound_profile_package_handle(struct op *op, const void *in, void *out)
{
    const struct es9_get_bound_profile_package *q = in;
    struct es9_get_bound_profile_package_done *r = out;
    struct rsp_PrepareDownloadResponse prepared;
    struct store_record session, p, type, known;
    if (es9_session(op, q->transactionId, &session) != 0 ||
        prepared_check(op, &session, q->prepareDownloadResponse, &prepared) != 0 ||
        order_again(op, &session, &p, &type) != 0)
        return -1;
    const struct rsp_EUICCSigned2 *s = &prepared.downloadResponseOk.euiccSigned2;
    if (op_allowed(op, &p, EV_BOUND) != 0)
        return op_refuse(op, RSP_TRANSACTION, "SGP.22 5.6.2");
    if (code_check(op, &session, &p, &type, s->hashCc) != 0 ||
        bind(op, &session, &p, &type, s->euiccOtpk, &r->boundProfilePackage) != 0 ||
        store_get(op->service->store, op->arena, KIND_RESULT, q->transactionId, &known, op->err) != 0)
        return -1;
    p.v[PROFILE_EID].b = p.v[PROFILE_PENDING].b = session.v[SESSION_EID].b;
    if (!known.version)
        expect_result(op, &session);
    r->transactionId = session.v[SESSION_ID].b;
    return op_step(op, &p, EV_BOUND, NULL);
}
