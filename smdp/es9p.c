/* SPDX-License-Identifier: Apache-2.0
 *
 * ES9+, authentication: SGP.22 5.6.1, 5.6.3. */
#include "smdp/es9p.h"

#include "asn1/tlv.h"
#include "rsp/ids.h"
#include "saip/rules.h"

/* ---------------------------------------------------------------- InitiateAuthentication */

static bool own_address(const struct smdp *s, struct bytes name)
{
    for (size_t i = 0; i < s->n_addresses; i++)
        if (bytes_equal_nocase(bytes_text(s->addresses[i]), name))
            return true;
    return false;
}

/* Our set under the first CI of the card's verification list; -1: none. */
static int set_choose(const struct op *op, const struct rsp_CiPKIdList *list)
{
    const struct smdp_keys *k = op->smdp->keys;
    for (size_t i = 0; i < list->n; i++)
        for (size_t s = 0; s < k->n; s++)
            if (es9_set_offered(op, s) && bytes_equal(k->sets[s].ci.ski, list->items[i]))
                return (int)s;
    return -1;
}

static int info1_read(struct op *op, struct bytes der, struct rsp_EUICCInfo1 *out)
{
    if (asn1_decode(op->arena, &rsp_EUICCInfo1_type, der, ASN1_WIRE, out, op->err) == 0)
        return 0;
    op->err->code = RSP_BAD_FORMAT;
    return err_within(op->err, "euiccInfo1");
}

int es9_initiate_authentication_handle(struct op *op, const void *in, void *out)
{
    const struct es9_initiate_authentication *q = in;
    struct es9_initiate_authentication_done *r = out;
    struct smdp *s = op->smdp;
    struct rsp_EUICCInfo1 info;
    struct rsp_trust trust = es9_trust(op);
    uint8_t *random = arena_alloc(op->arena, 32);
    if (q->euiccChallenge.n != 16)
        return op_refuse(op, RSP_BAD_FORMAT, "SGP.22 5.6.1");
    if (info1_read(op, q->euiccInfo1, &info) != 0)
        return -1;
    if (!own_address(s, q->smdpAddress))
        return op_refuse(op, RSP_ADDRESS, "SGP.22 5.6.1");
    if (info.svn.p[0] != 2)
        return op_refuse(op, RSP_SVN_NOT_SUPPORTED, "SGP.22 5.6.1");
    const struct cert *ci = rsp_trust_choose(&trust, &info.euiccCiPKIdListForSigning);
    if (!ci)
        return op_refuse(op, RSP_CI_NOT_SUPPORTED, "SGP.22 5.6.1");
    int set = set_choose(op, &info.euiccCiPKIdListForVerification);
    if (set < 0)
        return op_refuse(op, RSP_NO_CERTIFICATE, "SGP.22 5.6.1");
    if (!random || s->random(s->context, random, 32) != 0)
        return err_set(op->err, ERR_CRYPTO, NULL, "no random octets");

    struct rsp_ServerSigned1 signed1 = { .transactionId = bytes_make(random, 16),
                                         .euiccChallenge = q->euiccChallenge,
                                         .serverAddress = q->smdpAddress,
                                         .serverChallenge = bytes_make(random + 16, 16) };
    struct bytes signature;
    struct buf pkid = buf_in(op->arena);
    if (smdp_sign_server1(s->keys, op->arena, (size_t)set, &signed1, &r->serverSigned1, &signature, op->err) != 0)
        return -1;
    tlv_add(&pkid, 0x04, ci->ski);
    r->transactionId = signed1.transactionId;
    r->serverSignature1 = rsp_signature_tlv(op->arena, signature);
    r->euiccCiPKIdToBeUsed = buf_bytes(&pkid);
    r->serverCertificate = s->keys->sets[set].auth.der;

    struct store_record session = { 0 };
    session.v[SESSION_ID].b = signed1.transactionId;
    session.v[SESSION_CHALLENGE].b = signed1.serverChallenge;
    session.v[SESSION_ADDRESS].b = q->smdpAddress;
    session.v[SESSION_CI].b = ci->ski;
    session.v[SESSION_SET].i = set;
    session.v[SESSION_STARTED].i = op_now(op);
    session.v[SESSION_SVN].b = info.svn;
    store_put(&op->batch, KIND_SESSION, &session);
    return 0;
}

/* -------------------------------------------------------------------- AuthenticateClient */

static struct bytes matching_id_of(const struct rsp_EuiccSigned1 *s)
{
    struct bytes id = s->ctxParams1.ctxParamsForCommonAuthentication.matchingId;
    return bytes_present(id) ? id : BYTES_LIT("");
}

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
        if (store_find(op->smdp->store, op->arena, &q, &page, op->err) != 0)
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
    if (store_find(op->smdp->store, op->arena, &q, &found, op->err) != 0)
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
static int order_check(struct op *op, const struct rsp_card *card, const struct rsp_EuiccSigned1 *s,
                       struct store_record *p, struct store_record *type)
{
    struct store_record operator;
    if (order_find(op, card->eid, matching_id_of(s), p) != 0 || op_allowed(op, p, EV_AUTHENTICATED) != 0 ||
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
    if (store_get(op->smdp->store, op->arena, KIND_BINDING, p->v[PROFILE_ICCID].b, &binding, op->err) != 0)
        return -1;
    struct rsp_SmdpSigned2 signed2 = { .transactionId = session->v[SESSION_ID].b,
                                       .ccRequiredFlag = bytes_present(p->v[PROFILE_CC].b) };
    if (binding.version && bytes_equal(binding.v[BINDING_EID].b, card->eid))
        signed2.bppEuiccOtpk = binding.v[BINDING_EUICC_OTPK].b;
    return smdp_sign_signed2(op->smdp->keys, op->arena, (size_t)session->v[SESSION_SET].i, &signed2, signature1, der,
                             signature, op->err);
}

/* EIDs that get nothing: a card known to be cloned, or all of an EUM's. */
static bool blocked(const struct op *op, struct bytes eid)
{
    const char *text = eid_text(op->arena, eid);
    for (size_t i = 0; text && i < op->smdp->n_blocked; i++)
        if (strncmp(text, op->smdp->blocked[i], strlen(op->smdp->blocked[i])) == 0)
            return true;
    return !text;
}

/* The card that answers: its chain, its signature over our challenge, the version it began with. */
static int card_check(struct op *op, const struct store_record *session, const struct rsp_AuthenticateResponseOk *ok,
                      struct rsp_card *card)
{
    const struct rsp_EuiccSigned1 *s = &ok->euiccSigned1;
    struct rsp_tbs tbs = rsp_tbs_alone(s->raw);
    if (es9_card(op, ok->eumCertificate, ok->euiccCertificate, session->v[SESSION_CI].b, &tbs, ok->euiccSignature1,
                 card) != 0)
        return -1;
    if (!bytes_equal(s->serverChallenge, session->v[SESSION_CHALLENGE].b) ||
        !bytes_equal_nocase(s->serverAddress, session->v[SESSION_ADDRESS].b) ||
        !bytes_equal(s->euiccInfo2.svn, session->v[SESSION_SVN].b))
        return op_refuse(op, RSP_EUICC_SIGNATURE, "SGP.22 5.6.3");
    op->eid = card->eid;
    return blocked(op, card->eid) ? op_refuse(op, RSP_EUICC_INVALID, "SGP.22 4.5.2.2") : 0;
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

static int client_answer(struct op *op, const struct rsp_AuthenticateResponseOk *ok, const struct rsp_card *card,
                         struct store_record *session, struct store_record *p, const struct store_record *type,
                         struct es9_authenticate_client_done *r)
{
    struct rsp_StoreMetadataRequest m;
    struct bytes signature;
    if (es9_metadata(op, type, p, &m, &r->profileMetadata) != 0)
        return -1;
    if (eligible(op, &ok->euiccSigned1.euiccInfo2, type) != 0)
        return ineligible(op, p);
    if (smdp_signed2(op, session, p, card, ok->euiccSignature1, &r->smdpSigned2, &signature) != 0)
        return -1;
    r->transactionId = session->v[SESSION_ID].b;
    r->smdpSignature2 = rsp_signature_tlv(op->arena, signature);
    r->smdpCertificate = op->smdp->keys->sets[session->v[SESSION_SET].i].pb.der;
    session_attach(op, session, card, p, signature);
    return op_step(op, p, EV_AUTHENTICATED, NULL);
}

int es9_authenticate_client_handle(struct op *op, const void *in, void *out)
{
    const struct es9_authenticate_client *q = in;
    struct rsp_AuthenticateServerResponse answer;
    struct store_record session, p, type;
    struct rsp_card card;
    if (es9_session(op, q->transactionId, false, &session) != 0)
        return -1;
    if (asn1_decode(op->arena, &rsp_AuthenticateServerResponse_type, q->authenticateServerResponse, ASN1_WIRE, &answer,
                    op->err) != 0)
        return es9_malformed(op, "authenticateServerResponse");
    if (answer.which != rsp_AuthenticateServerResponse_authenticateResponseOk)
        return op_refuse(op, RSP_EUICC_SIGNATURE, "SGP.22 5.6.3");
    const struct rsp_AuthenticateResponseOk *ok = &answer.authenticateResponseOk;
    if (!bytes_equal(ok->euiccSigned1.transactionId, session.v[SESSION_ID].b))
        return op_refuse(op, RSP_TRANSACTION, "SGP.22 5.6.3");
    if (card_check(op, &session, ok, &card) != 0 || order_check(op, &card, &ok->euiccSigned1, &p, &type) != 0)
        return -1;
    return client_answer(op, ok, &card, &session, &p, &type, out);
}
