/* SPDX-License-Identifier: Apache-2.0
 *
 * ES9+.AuthenticateClient: SGP.22 5.6.3. */
#include "smdp/es9p.h"

#include "saip/rules.h"

static bool is_downloadable(const struct store_record *p)
{
    return p->v[PROFILE_STATE].i == ORDER_RELEASED || p->v[PROFILE_STATE].i == ORDER_DOWNLOADED;
}

/* The oldest order that waits for the card, one that is not released yet only if there is no other; version 0: none. */
static int order_waiting(struct op *op, struct bytes eid, struct store_record *out)
{
    struct store_query q = { .kind = KIND_PROFILE, .column = PROFILE_PENDING, .value = { .b = eid }, .limit = PAGE };
    struct store_records page;
    *out = (struct store_record){ 0 };
    do {
        if (store_find(op->service->store, op->arena, &q, &page, op->err) != 0)
            return -1;
        for (size_t i = 0; i < page.n && !is_downloadable(out); i++)
            if (!out->version || is_downloadable(&page.items[i]))
                *out = page.items[i];
        q.after = page.n ? page.items[page.n - 1].serial : 0;
    } while (page.n == q.limit && !is_downloadable(out));
    return 0;
}

static int order_named(struct op *op, struct bytes matching_id, struct store_record *out)
{
    const struct store_query q = { .kind = KIND_PROFILE, .column = PROFILE_MATCHING_ID, .value = { .b = matching_id },
                                   .limit = 1 };
    struct store_records found;
    if (store_find(op->service->store, op->arena, &q, &found, op->err) != 0)
        return -1;
    *out = found.n ? found.items[0] : (struct store_record){ 0 };
    return 0;
}

/* SGP.22 5.6.3: the order for this card and matching ID. */
static int order_find(struct op *op, struct bytes eid, struct bytes matching_id, struct store_record *out)
{
    bool named = matching_id.n != 0;
    if ((named ? order_named(op, matching_id, out) : order_waiting(op, eid, out)) != 0)
        return -1;
    if (!out->version)
        return op_refuse(op, named ? RSP_MATCHING_ID : RSP_EID_OTHER, "SGP.22 5.6.3");
    struct bytes owner = out->v[PROFILE_EID].b;
    return bytes_present(owner) && !bytes_equal(owner, eid) ? op_refuse(op, RSP_EID_OTHER, "SGP.22 5.6.3") : 0;
}

/* SGP.22 5.6.3, eligibility (Annex F): the card against what the package needs. */
static int eligible(struct op *op, const struct rsp_EUICCInfo2 *info, const struct store_record *type)
{
    const struct saip_policy policy = { .no_field_test = type->v[TYPE_NO_FIELD_TEST].i };
    const struct saip_rule *broken;
    struct saip_needs needs;
    struct saip_card card;
    if (saip_needs_decode(type->v[TYPE_NEEDS].b, &needs, op->err) != 0)
        return -1;
    saip_card_of(info, &card);
    if (saip_suits(&needs, &card, &policy, &broken, op->err) == 0)
        return 0;
    op->err->code = broken->verdict == SAIP_NO_ROOM ? RSP_CARD_MEMORY : RSP_NOT_ELIGIBLE;
    return -1;
}

/* Order, state, expiry, attempts: in the order of the checks of SGP.22 3.1.3 and 5.6.3. */
static int order_check(struct op *op, const struct client *c, struct store_record *p, struct store_record *type)
{
    struct store_record operator;
    if (order_find(op, c->card.eid, client_matching_id(c), p) != 0 || op_allowed(op, p, EV_AUTHENTICATED) != 0 ||
        es9_not_expired(op, p, "SGP.22 5.6.3") != 0 || op_type(op, p, type) != 0 ||
        op_operator(op, p->v[PROFILE_OPERATOR].b, &operator) != 0)
        return -1;
    if (++p->v[PROFILE_DOWNLOADS].i > op_limits(op, type, &operator).downloads)
        return op_end(op, p, EV_ATTEMPTS_EXHAUSTED, RSP_ATTEMPTS_EXHAUSTED, "SGP.22 3.1.3");
    return 0;
}

static int smdp_signed2(struct op *op, const struct store_record *session, const struct store_record *p,
                        const struct rsp_card *card, struct bytes signature1, struct bytes *der,
                        struct bytes *signature)
{
    struct store_record binding;
    if (store_get(op->service->store, op->arena, KIND_BINDING, p->v[PROFILE_ICCID].b, &binding, op->err) != 0)
        return -1;
    struct rsp_SmdpSigned2 signed2 = { .transactionId = session->v[SESSION_ID].b,
                                       .ccRequiredFlag = bytes_present(p->v[PROFILE_CC].b) };
    if (binding.version && bytes_equal(binding.v[BINDING_EID].b, card->eid))
        signed2.bppEuiccOtpk = binding.v[BINDING_EUICC_OTPK].b;
    return smdp_sign_signed2(smdp_of(op)->keys, op->arena, (size_t)session->v[SESSION_SET].i, &signed2, signature1, der,
                             signature, op->err);
}

static void session_attach(struct op *op, struct store_record *session, const struct rsp_card *card,
                           const struct store_record *p, struct bytes signature2)
{
    session->v[SESSION_ICCID].b = p->v[PROFILE_ICCID].b;
    session->v[SESSION_ORDER].i = p->v[PROFILE_ORDER].i;
    session->v[SESSION_EID].b = card->eid;
    session->v[SESSION_POINT].b = card->public_point;
    session->v[SESSION_CURVE].i = card->curve;
    session->v[SESSION_SIGNATURE2].b = signature2;
    store_put(&op->batch, KIND_SESSION, session);
}

/* The order ends; the LPA is told which rule it was. */
static int ineligible(struct op *op, struct store_record *p)
{
    struct err why = *op->err;
    const struct happening what = { .refusal = why.code };
    if (!rsp_is_refusal(why.code) || op_step(op, p, EV_INELIGIBLE, &what) != 0)
        return -1;
    *op->err = why;
    return -1;
}

static int client_answer(struct op *op, struct client *c, struct store_record *p, const struct store_record *type,
                         struct es9_authenticate_client_done *r)
{
    const struct rsp_AuthenticateResponseOk *ok = &c->answer.authenticateResponseOk;
    struct store_record *session = &c->session;
    struct rsp_StoreMetadataRequest m;
    struct bytes signature;
    if (es9_metadata(op, type, p, &m, &r->profileMetadata) != 0)
        return -1;
    if (eligible(op, &ok->euiccSigned1.euiccInfo2, type) != 0)
        return ineligible(op, p);
    if (smdp_signed2(op, session, p, &c->card, ok->euiccSignature1, &r->smdpSigned2, &signature) != 0)
        return -1;
    r->transactionId = session->v[SESSION_ID].b;
    r->smdpSignature2 = rsp_signature_tlv(op->arena, signature);
    r->smdpCertificate = smdp_of(op)->keys->pb[session->v[SESSION_SET].i].cert.der;
    session_attach(op, session, &c->card, p, signature);
    return op_step(op, p, EV_AUTHENTICATED, NULL);
}

int es9_authenticate_client_handle(struct op *op, const void *in, void *out)
{
    struct client c;
    struct store_record p, type;
    if (client_authenticate(op, in, &c) != 0 || order_check(op, &c, &p, &type) != 0)
        return -1;
    return client_answer(op, &c, &p, &type, out);
}
