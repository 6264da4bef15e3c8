/* SPDX-License-Identifier: Apache-2.0
 *
 * ES9+, how a download ends: SGP.22 5.6.4, 5.6.5. */
#include "smdp/es9p.h"

#include "asn1/tlv.h"

/* -------------------------------------------------------------------- HandleNotification */

static enum order_event classify(const struct rsp_ProfileInstallationResultData *d)
{
    if (d->finalResult.which == rsp_ProfileInstallationResultData_finalResult_successResult)
        return EV_PIR_OK;
    int64_t reason = d->finalResult.errorResult.errorReason;
    bool temporary = reason == rsp_ErrorReason_installFailedDueToInsufficientMemoryForProfile ||
                     reason == rsp_ErrorReason_installFailedDueToInterruption;
    return temporary ? EV_PIR_TEMPORARY : EV_PIR_PERMANENT;
}

/* What the operator is told of a result that is none (the standard leaves the code open). */
static int refusal_of(enum order_event event, const struct rsp_ProfileInstallationResultData *d)
{
    if (event == EV_PIR_OK)
        return 0;
    return d->finalResult.errorResult.errorReason == rsp_ErrorReason_installFailedDueToInsufficientMemoryForProfile
               ? RSP_CARD_MEMORY
               : RSP_BPP_FAILED;
}

/* The order that a result speaks of, if it is still the same one. */
static int result_order(struct op *op, const struct store_record *result, struct store_record *p)
{
    if (store_get(op->service->store, op->arena, KIND_PROFILE, result->v[RESULT_ICCID].b, p, op->err) != 0)
        return -1;
    bool same = p->version && p->v[PROFILE_ORDER].i == result->v[RESULT_ORDER].i &&
                bytes_equal(p->v[PROFILE_EID].b, result->v[RESULT_EID].b);
    return same ? 0 : op_refuse(op, RSP_TRANSACTION, "SGP.22 5.6.4");
}

static int result_take(struct op *op, const struct rsp_ProfileInstallationResult *pir)
{
    const struct rsp_ProfileInstallationResultData *d = &pir->profileInstallationResultData;
    struct store_record result, p;
    struct rsp_tbs tbs = rsp_tbs_alone(d->raw);
    if (store_get(op->service->store, op->arena, KIND_RESULT, d->transactionId, &result, op->err) != 0)
        return -1;
    if (!result.version || result.v[RESULT_DONE].i)
        return op_refuse(op, RSP_TRANSACTION, "SGP.22 5.6.4"); /* unknown, or told before: nothing happens */
    if (authenticate_signature(op, result.v[RESULT_CURVE].i, result.v[RESULT_POINT].b, &tbs, pir->euiccSignPIR) != 0)
        return -1;
    if (!bytes_equal(d->smdpOid, result.v[RESULT_OID].b))
        return op_refuse(op, RSP_CALLER_OID, "SGP.22 5.6.4");
    if (result_order(op, &result, &p) != 0)
        return -1;
    enum order_event event = classify(d);
    const struct happening what = { .refusal = refusal_of(event, d),
                                    .result = tlv_find(tlv_find(d->raw, 0xBF27).value, 0xA2).whole };
    if (op_step(op, &p, event, &what) != 0)
        return -1;
    result.v[RESULT_DONE].i = 1;
    store_put(&op->batch, KIND_RESULT, &result);
    return 0;
}

static int64_t first_bit(struct asn1_bits bits)
{
    for (size_t i = 0; i < bits.n; i++)
        if (asn1_bit(bits, i))
            return (int64_t)i;
    return -1;
}

/* Enable, disable and delete notifications change no order; the newest of the profile's card is kept. */
static int other_take(struct op *op, const struct rsp_OtherSignedNotification *n)
{
    const struct rsp_NotificationMetadata *m = &n->tbsOtherNotification;
    struct rsp_tbs tbs = rsp_tbs_alone(m->raw);
    struct store_record p;
    struct rsp_card card;
    if (authenticate_card(op, n->eumCertificate, n->euiccCertificate, BYTES_NONE, &tbs, n->euiccNotificationSignature,
                          &card) != 0 ||
        store_get(op->service->store, op->arena, KIND_PROFILE, m->iccid, &p, op->err) != 0)
        return -1;
    bool newer = p.version && bytes_equal(p.v[PROFILE_EID].b, card.eid) &&
                 p.v[PROFILE_STATE].i == ORDER_INSTALLED && m->seqNumber > p.v[PROFILE_ON_CARD_SEQ].i;
    if (!newer)
        return 0;
    op->subject = m->iccid;
    p.v[PROFILE_ON_CARD].i = first_bit(m->profileManagementOperation);
    p.v[PROFILE_ON_CARD_SEQ].i = m->seqNumber;
    store_put(&op->batch, KIND_PROFILE, &p);
    return 0;
}

int es9_handle_notification_handle(struct op *op, const void *in, void *out)
{
    const struct es9_handle_notification *q = in;
    struct rsp_PendingNotification n;
    (void)out;
    if (asn1_decode(op->arena, &rsp_PendingNotification_type, q->pendingNotification, ASN1_WIRE, &n, op->err) != 0)
        return field_malformed(op, "pendingNotification");
    if (n.which == rsp_PendingNotification_profileInstallationResult)
        return result_take(op, &n.profileInstallationResult);
    return other_take(op, &n.otherSignedNotification);
}

/* ------------------------------------------------------------------------ CancelSession */

/* The session's order, if it is still that card's and may be cancelled. */
static bool still_ours(const struct store_record *session, const struct store_record *p, enum order_event event)
{
    struct bytes owner = p->v[PROFILE_EID].b;
    return p->version && p->v[PROFILE_ORDER].i == session->v[SESSION_ORDER].i &&
           (!bytes_present(owner) || bytes_equal(owner, session->v[SESSION_EID].b)) &&
           order_step((enum order_state)p->v[PROFILE_STATE].i, event).to >= 0;
}

/* The answer of the session's card, for this SM-DP+. */
static int cancel_check(struct op *op, const struct store_record *session, struct bytes der,
                        struct rsp_CancelSessionResponse *answer)
{
    if (asn1_decode(op->arena, &rsp_CancelSessionResponse_type, der, ASN1_WIRE, answer, op->err) != 0)
        return field_malformed(op, "cancelSessionResponse");
    if (answer->which != rsp_CancelSessionResponse_cancelSessionResponseOk)
        return op_refuse(op, RSP_EUICC_SIGNATURE, "SGP.22 5.6.5");
    const struct rsp_EuiccCancelSessionSigned *s = &answer->cancelSessionResponseOk.euiccCancelSessionSigned;
    struct rsp_tbs tbs = rsp_tbs_alone(s->raw);
    if (!bytes_equal(s->transactionId, session->v[SESSION_ID].b))
        return op_refuse(op, RSP_TRANSACTION, "SGP.22 5.6.5");
    if (authenticate_signature(op, session->v[SESSION_CURVE].i, session->v[SESSION_POINT].b, &tbs,
                      answer->cancelSessionResponseOk.euiccCancelSessionSignature) != 0)
        return -1;
    bool ours = bytes_equal(s->smdpOid, smdp_of(op)->keys->sets.of[session->v[SESSION_SET].i].auth.rid);
    return ours ? 0 : op_refuse(op, RSP_CALLER_OID, "SGP.22 5.6.5");
}

int es9_cancel_session_handle(struct op *op, const void *in, void *out)
{
    const struct es9_cancel_session *q = in;
    struct rsp_CancelSessionResponse answer;
    struct store_record session, p, delivered;
    (void)out;
    if (es9_session(op, q->transactionId, &session) != 0 ||
        cancel_check(op, &session, q->cancelSessionResponse, &answer) != 0 ||
        store_get(op->service->store, op->arena, KIND_PROFILE, session.v[SESSION_ICCID].b, &p, op->err) != 0 ||
        store_get(op->service->store, op->arena, KIND_RESULT, q->transactionId, &delivered, op->err) != 0)
        return -1;
    int64_t reason = answer.cancelSessionResponseOk.euiccCancelSessionSigned.reason;
    bool later = reason == rsp_CancelSessionReason_postponed || reason == rsp_CancelSessionReason_timeout;
    enum order_event event = later ? EV_POSTPONED : EV_REJECTED;
    const struct happening what = { .reason = reason,
                                    .point = order_point(delivered.version ? EV_BOUND : EV_AUTHENTICATED) };
    if (still_ours(&session, &p, event) && op_step(op, &p, event, &what) != 0)
        return -1;
    store_remove(&op->batch, KIND_SESSION, &session);
    return 0;
}
