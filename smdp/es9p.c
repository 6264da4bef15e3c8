/* SPDX-License-Identifier: Apache-2.0
 *
 * ES9+: SGP.22 5.6. */
#include "asn1/tlv.h"
#include "rsp/ids.h"
#include "rsp/signed.h"
#include "smdp/core.h"

/* ---------------------------------------------------------------- InitiateAuthentication */

static bool own_address(const struct smdp *s, struct bytes name)
{
    for (size_t i = 0; i < s->n_addresses; i++)
        if (bytes_equal_nocase(bytes_text(s->addresses[i]), name))
            return true;
    return false;
}

/* The CIs that cards may chain to: those of our own sets. */
static struct rsp_trust trust_of(const struct smdp *s, struct arena *a)
{
    struct cert *cis = arena_array(a, SMDP_SETS_MAX, sizeof *cis);
    for (size_t i = 0; cis && i < s->keys->n; i++)
        cis[i] = s->keys->sets[i].ci;
    return (struct rsp_trust){ .cis = cis, .n = cis ? s->keys->n : 0 };
}

/* Our set under the first CI of the card's verification list; -1: none. */
static int set_choose(const struct smdp_keys *k, const struct rsp_CiPKIdList *list)
{
    for (size_t i = 0; i < list->n; i++)
        for (size_t s = 0; s < k->n; s++)
            if (bytes_equal(k->sets[s].ci.ski, list->items[i]))
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
    struct rsp_trust trust = trust_of(s, op->arena);
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
    int set = set_choose(s->keys, &info.euiccCiPKIdListForVerification);
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
    session.v[SESSION_STARTED].i = s->now(s->context);
    store_put(&op->batch, KIND_SESSION, &session);
    return 0;
}

/* --------------------------------------------------------------------------- the session */

static int session_get(struct op *op, struct bytes id, bool authenticated, struct store_record *out)
{
    if (store_get(op->smdp->store, op->arena, KIND_SESSION, id, out, op->err) != 0)
        return -1;
    int64_t age = op->smdp->now(op->smdp->context) - out->v[SESSION_STARTED].i;
    if (!out->version || age > SESSION_LIFETIME || (authenticated && !bytes_present(out->v[SESSION_ICCID].b)))
        return op_refuse(op, RSP_TRANSACTION, "SGP.22 5.6");
    return 0;
}

static int malformed(struct op *op, const char *field)
{
    op->err->code = RSP_BAD_FORMAT;
    return err_within(op->err, "%s", field);
}

static int signature_check(struct op *op, enum ec_curve curve, struct bytes point, const struct rsp_tbs *tbs,
                           struct bytes signature)
{
    struct ec_public *key;
    if (ec_public_new(curve, point, &key, op->err) != 0)
        return op_refuse(op, RSP_EUICC_SIGNATURE, "SGP.22 2.6.2");
    int result = rsp_verify(key, tbs, signature, op->err);
    ec_public_free(key);
    return result == 0 ? 0 : op_refuse(op, RSP_EUICC_SIGNATURE, "SGP.22 2.6.2");
}

/* -------------------------------------------------------------------- AuthenticateClient */

static struct bytes matching_id_of(const struct rsp_EuiccSigned1 *s)
{
    struct bytes id = s->ctxParams1.ctxParamsForCommonAuthentication.matchingId;
    return bytes_present(id) ? id : BYTES_LIT("");
}

static bool downloadable(const struct store_record *p)
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
        for (size_t i = 0; i < page.n && !downloadable(out); i++)
            if (!out->version || downloadable(&page.items[i]))
                *out = page.items[i];
        q.after = page.n ? page.items[page.n - 1].serial : 0;
    } while (page.n == q.limit && !downloadable(out));
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

static int end_order(struct op *op, struct store_record *p, enum order_event event, int refusal)
{
    if (op_step(op, p, event) != 0)
        return -1;
    p->v[PROFILE_PENDING].b = p->v[PROFILE_MATCHING_ID].b = BYTES_NONE;
    store_put(&op->batch, KIND_PROFILE, p);
    return op_refuse(op, refusal, "SGP.22 5.6.3");
}

static int type_get(struct op *op, const struct store_record *p, struct store_record *type)
{
    if (store_get(op->smdp->store, op->arena, KIND_TYPE, p->v[PROFILE_TYPE].b, type, op->err) != 0)
        return -1;
    return type->version ? 0 : err_set(op->err, ERR_INTERNAL, NULL, "the profile's type is gone");
}

/* Free memory of the card (extCardResource, tag 82) against the package. */
static bool fits(const struct rsp_EUICCInfo2 *info, size_t need)
{
    struct bytes free_nvm = tlv_find(info->extCardResource, 0x82).value;
    uint64_t n = 0;
    for (size_t i = 0; i < free_nvm.n && i < 8; i++)
        n = n << 8 | free_nvm.p[i];
    return !bytes_present(free_nvm) || n >= need;
}

/* SGP.22 5.6.3, eligibility: policy rules that the card forbids, memory. */
static int eligible(struct op *op, const struct rsp_EUICCInfo2 *info, const struct store_record *type,
                    const struct rsp_StoreMetadataRequest *m)
{
    for (size_t rule = 1; rule <= 2; rule++)
        if (asn1_bit(m->profilePolicyRules, rule) && asn1_bit(info->forbiddenProfilePolicyRules, rule))
            return op_refuse(op, RSP_NOT_ELIGIBLE, "SGP.22 5.6.3");
    return fits(info, type->v[TYPE_UPP].b.n) ? 0 : op_refuse(op, RSP_CARD_MEMORY, "SGP.22 5.6.3");
}

/* Order, state, expiry, attempts: in the order of the checks of SGP.22 5.6.3. */
static int order_check(struct op *op, const struct rsp_card *card, const struct rsp_EuiccSigned1 *s,
                       struct store_record *p, struct store_record *type)
{
    if (order_find(op, card->eid, matching_id_of(s), p) != 0 || op_step(op, p, EV_AUTHENTICATED) != 0 ||
        type_get(op, p, type) != 0)
        return -1;
    int64_t expires = p->v[PROFILE_EXPIRES].i, limit = type->v[TYPE_DOWNLOADS].i;
    if (expires && op->smdp->now(op->smdp->context) > expires)
        return op_refuse(op, RSP_ORDER_EXPIRED, "SGP.22 5.6.3");
    if (++p->v[PROFILE_DOWNLOADS].i > (limit ? limit : DEFAULT_DOWNLOADS))
        return end_order(op, p, EV_ATTEMPTS_EXHAUSTED, RSP_ATTEMPTS_EXHAUSTED);
    return 0;
}

/* The type's metadata with this profile's ICCID. */
static int metadata_of(struct op *op, const struct store_record *type, const struct store_record *p,
                       struct rsp_StoreMetadataRequest *m, struct bytes *der)
{
    if (asn1_decode(op->arena, &rsp_StoreMetadataRequest_type, type->v[TYPE_METADATA].b, ASN1_WIRE, m, op->err) != 0)
        return -1;
    m->iccid = p->v[PROFILE_ICCID].b;
    return asn1_encode(op->arena, &rsp_StoreMetadataRequest_type, m, der, op->err);
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

/* The card that answers: its chain, its signature over our challenge. */
static int card_check(struct op *op, const struct store_record *session, const struct rsp_AuthenticateResponseOk *ok,
                      struct rsp_card *card)
{
    struct rsp_trust trust = trust_of(op->smdp, op->arena);
    if (rsp_card_verify(op->arena, &trust, ok->eumCertificate, ok->euiccCertificate, session->v[SESSION_CI].b,
                        op->smdp->now(op->smdp->context), card, op->err) != 0)
        return -1;
    struct rsp_tbs tbs = rsp_tbs_alone(ok->euiccSigned1.raw);
    int bad = rsp_verify(card->key, &tbs, ok->euiccSignature1, op->err);
    ec_public_free(card->key);
    card->key = NULL;
    if (bad || !bytes_equal(ok->euiccSigned1.serverChallenge, session->v[SESSION_CHALLENGE].b) ||
        !bytes_equal(ok->euiccSigned1.serverAddress, session->v[SESSION_ADDRESS].b))
        return op_refuse(op, RSP_EUICC_SIGNATURE, "SGP.22 5.6.3");
    return 0;
}

static int client_answer(struct op *op, const struct rsp_AuthenticateResponseOk *ok, const struct rsp_card *card,
                         struct store_record *session, struct store_record *p, const struct store_record *type,
                         struct es9_authenticate_client_done *r)
{
    struct rsp_StoreMetadataRequest m;
    struct bytes signature;
    if (metadata_of(op, type, p, &m, &r->profileMetadata) != 0)
        return -1;
    if (eligible(op, &ok->euiccSigned1.euiccInfo2, type, &m) != 0) {
        int refusal = op->err->code;
        return end_order(op, p, EV_INELIGIBLE, refusal);
    }
    if (smdp_signed2(op, session, p, card, ok->euiccSignature1, &r->smdpSigned2, &signature) != 0)
        return -1;
    r->transactionId = session->v[SESSION_ID].b;
    r->smdpSignature2 = rsp_signature_tlv(op->arena, signature);
    r->smdpCertificate = op->smdp->keys->sets[session->v[SESSION_SET].i].pb.der;
    session->v[SESSION_ICCID].b = p->v[PROFILE_ICCID].b;
    session->v[SESSION_EID].b = card->eid;
    session->v[SESSION_POINT].b = card->public_point;
    session->v[SESSION_CURVE].i = card->curve;
    session->v[SESSION_SIGNATURE2].b = signature;
    session->v[SESSION_CC].i = bytes_present(p->v[PROFILE_CC].b);
    store_put(&op->batch, KIND_SESSION, session);
    store_put(&op->batch, KIND_PROFILE, p);
    return 0;
}

int es9_authenticate_client_handle(struct op *op, const void *in, void *out)
{
    const struct es9_authenticate_client *q = in;
    struct rsp_AuthenticateServerResponse answer;
    struct store_record session, p, type;
    struct rsp_card card;
    if (session_get(op, q->transactionId, false, &session) != 0)
        return -1;
    if (asn1_decode(op->arena, &rsp_AuthenticateServerResponse_type, q->authenticateServerResponse, ASN1_WIRE, &answer,
                    op->err) != 0)
        return malformed(op, "authenticateServerResponse");
    if (answer.which != rsp_AuthenticateServerResponse_authenticateResponseOk)
        return op_refuse(op, RSP_EUICC_SIGNATURE, "SGP.22 5.6.3");
    const struct rsp_AuthenticateResponseOk *ok = &answer.authenticateResponseOk;
    if (!bytes_equal(ok->euiccSigned1.transactionId, session.v[SESSION_ID].b))
        return op_refuse(op, RSP_TRANSACTION, "SGP.22 5.6.3");
    if (card_check(op, &session, ok, &card) != 0 || order_check(op, &card, &ok->euiccSigned1, &p, &type) != 0)
        return -1;
    return client_answer(op, ok, &card, &session, &p, &type, out);
}

/* ---------------------------------------------------------------- GetBoundProfilePackage */

static int code_check(struct op *op, const struct store_record *session, struct store_record *p,
                      const struct store_record *type, struct bytes hash)
{
    uint8_t want[32];
    struct bytes inner;
    int64_t limit = type->v[TYPE_CC_TRIES].i ? type->v[TYPE_CC_TRIES].i : DEFAULT_CC_TRIES;
    if (!bytes_present(p->v[PROFILE_CC].b))
        return 0;
    if (!bytes_present(hash))
        return op_refuse(op, RSP_CC_MISSING, "SGP.22 5.6.2");
    if (smdp_unseal(op->smdp->keys, op->arena, p->v[PROFILE_ICCID].b, p->v[PROFILE_CC].b, &inner, op->err) != 0)
        return -1;
    rsp_hash_cc(inner, session->v[SESSION_ID].b, want);
    if (bytes_equal_secret(hash, BYTES_OF(want)))
        return 0;
    if (++p->v[PROFILE_CC_TRIES].i >= limit)
        return end_order(op, p, EV_CC_EXHAUSTED, RSP_CC_EXHAUSTED);
    store_put(&op->batch, KIND_PROFILE, p); /* counted before it is told */
    return op_refuse(op, RSP_CC_WRONG, "SGP.22 5.6.2");
}

/* The card's answer in this session; what it signed is chained to our smdpSignature2. */
static int prepared_check(struct op *op, const struct store_record *session, struct bytes der,
                          struct rsp_PrepareDownloadResponse *out)
{
    if (asn1_decode(op->arena, &rsp_PrepareDownloadResponse_type, der, ASN1_WIRE, out, op->err) != 0)
        return malformed(op, "prepareDownloadResponse");
    if (out->which != rsp_PrepareDownloadResponse_downloadResponseOk)
        return op_refuse(op, RSP_EUICC_SIGNATURE, "SGP.22 5.6.2");
    const struct rsp_PrepareDownloadResponseOk *ok = &out->downloadResponseOk;
    struct rsp_tbs tbs = rsp_tbs_chained(op->arena, ok->euiccSigned2.raw, session->v[SESSION_SIGNATURE2].b);
    if (!bytes_equal(ok->euiccSigned2.transactionId, session->v[SESSION_ID].b))
        return op_refuse(op, RSP_TRANSACTION, "SGP.22 5.6.2");
    return signature_check(op, (enum ec_curve)session->v[SESSION_CURVE].i, session->v[SESSION_POINT].b, &tbs,
                           ok->euiccSignature2);
}

static int bind(struct op *op, const struct store_record *session, const struct store_record *p,
                const struct store_record *type, struct bytes euicc_otpk, struct bytes *bpp)
{
    struct store_record binding;
    struct rsp_StoreMetadataRequest m;
    struct bytes metadata;
    if (store_get(op->smdp->store, op->arena, KIND_BINDING, p->v[PROFILE_ICCID].b, &binding, op->err) != 0 ||
        metadata_of(op, type, p, &m, &metadata) != 0)
        return -1;
    struct smdp_binding b = { .transaction_id = session->v[SESSION_ID].b,
                              .eid = session->v[SESSION_EID].b,
                              .euicc_otpk = euicc_otpk,
                              .iccid = p->v[PROFILE_ICCID].b,
                              .upp_template = type->v[TYPE_UPP].b,
                              .subscriber = p->v[PROFILE_SUBSCRIBER].b,
                              .metadata = metadata,
                              .ppk = type->v[TYPE_PPK].i };
    bool same = binding.version && bytes_equal(binding.v[BINDING_EID].b, b.eid) &&
                bytes_equal(binding.v[BINDING_EUICC_OTPK].b, euicc_otpk);
    if (same) { /* a retry with the same key: only the signature is new (SGP.22 5.6.2) */
        b.smdp_otpk = binding.v[BINDING_SMDP_OTPK].b;
        b.host_id = binding.v[BINDING_HOST_ID].b;
        b.body = binding.v[BINDING_BODY].b;
    }
    if (smdp_bind(op->smdp->keys, op->arena, (size_t)session->v[SESSION_SET].i, &b, bpp, op->err) != 0)
        return -1;
    binding.v[BINDING_ICCID].b = b.iccid;
    binding.v[BINDING_EID].b = b.eid;
    binding.v[BINDING_EUICC_OTPK].b = euicc_otpk;
    binding.v[BINDING_SMDP_OTPK].b = b.smdp_otpk;
    binding.v[BINDING_HOST_ID].b = b.host_id;
    binding.v[BINDING_BODY].b = b.body;
    store_put(&op->batch, KIND_BINDING, &binding);
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
    r.v[RESULT_SET].i = session->v[SESSION_SET].i;
    store_put(&op->batch, KIND_RESULT, &r);
}

static int order_again(struct op *op, const struct store_record *session, struct store_record *p,
                       struct store_record *type)
{
    if (store_get(op->smdp->store, op->arena, KIND_PROFILE, session->v[SESSION_ICCID].b, p, op->err) != 0)
        return -1;
    struct bytes eid = p->v[PROFILE_EID].b;
    if (!p->version || (bytes_present(eid) && !bytes_equal(eid, session->v[SESSION_EID].b)))
        return op_refuse(op, RSP_REBINDING, "SGP.22 5.6.2"); /* another card was faster */
    op->subject = p->v[PROFILE_ICCID].b;
    int64_t expires = p->v[PROFILE_EXPIRES].i;
    if (expires && op->smdp->now(op->smdp->context) > expires)
        return op_refuse(op, RSP_ORDER_EXPIRED, "SGP.22 5.6.2");
    return type_get(op, p, type);
}

int es9_get_bound_profile_package_handle(struct op *op, const void *in, void *out)
{
    const struct es9_get_bound_profile_package *q = in;
    struct es9_get_bound_profile_package_done *r = out;
    struct rsp_PrepareDownloadResponse prepared;
    struct store_record session, p, type, known;
    if (session_get(op, q->transactionId, true, &session) != 0 ||
        prepared_check(op, &session, q->prepareDownloadResponse, &prepared) != 0 ||
        order_again(op, &session, &p, &type) != 0)
        return -1;
    const struct rsp_EUICCSigned2 *s = &prepared.downloadResponseOk.euiccSigned2;
    if (code_check(op, &session, &p, &type, s->hashCc) != 0)
        return -1;
    if (op_step(op, &p, EV_BOUND) != 0)
        return op_refuse(op, RSP_TRANSACTION, "SGP.22 5.6.2");
    if (bind(op, &session, &p, &type, s->euiccOtpk, &r->boundProfilePackage) != 0 ||
        store_get(op->smdp->store, op->arena, KIND_RESULT, q->transactionId, &known, op->err) != 0)
        return -1;
    p.v[PROFILE_EID].b = p.v[PROFILE_PENDING].b = session.v[SESSION_EID].b;
    store_put(&op->batch, KIND_PROFILE, &p);
    if (!known.version)
        expect_result(op, &session);
    r->transactionId = session.v[SESSION_ID].b;
    return 0;
}

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

static int result_take(struct op *op, const struct rsp_ProfileInstallationResult *pir)
{
    const struct rsp_ProfileInstallationResultData *d = &pir->profileInstallationResultData;
    struct store_record result, p;
    struct rsp_tbs tbs = rsp_tbs_alone(d->raw);
    if (store_get(op->smdp->store, op->arena, KIND_RESULT, d->transactionId, &result, op->err) != 0)
        return -1;
    if (!result.version || result.v[RESULT_DONE].i)
        return op_refuse(op, RSP_TRANSACTION, "SGP.22 5.6.4"); /* unknown, or told before: nothing happens */
    if (signature_check(op, (enum ec_curve)result.v[RESULT_CURVE].i, result.v[RESULT_POINT].b, &tbs,
                        pir->euiccSignPIR) != 0)
        return -1;
    if (!bytes_equal(d->smdpOid, op->smdp->keys->sets[result.v[RESULT_SET].i].auth.rid))
        return op_refuse(op, RSP_CALLER_OID, "SGP.22 5.6.4");
    if (store_get(op->smdp->store, op->arena, KIND_PROFILE, result.v[RESULT_ICCID].b, &p, op->err) != 0)
        return -1;
    enum order_event event = classify(d);
    if (op_step(op, &p, event) != 0)
        return -1;
    if (event != EV_PIR_TEMPORARY)
        p.v[PROFILE_PENDING].b = p.v[PROFILE_MATCHING_ID].b = BYTES_NONE;
    result.v[RESULT_DONE].i = 1;
    store_put(&op->batch, KIND_RESULT, &result);
    store_put(&op->batch, KIND_PROFILE, &p);
    return 0;
}

/* Enable, disable and delete notifications change no order; they are verified and taken. */
static int other_take(struct op *op, const struct rsp_OtherSignedNotification *n)
{
    struct rsp_trust trust = trust_of(op->smdp, op->arena);
    struct rsp_card card;
    if (rsp_card_verify(op->arena, &trust, n->eumCertificate, n->euiccCertificate, BYTES_NONE,
                        op->smdp->now(op->smdp->context), &card, op->err) != 0)
        return -1;
    struct rsp_tbs tbs = rsp_tbs_alone(n->tbsOtherNotification.raw);
    int bad = rsp_verify(card.key, &tbs, n->euiccNotificationSignature, op->err);
    ec_public_free(card.key);
    return bad ? op_refuse(op, RSP_EUICC_SIGNATURE, "SGP.22 5.6.4") : 0;
}

int es9_handle_notification_handle(struct op *op, const void *in, void *out)
{
    const struct es9_handle_notification *q = in;
    struct rsp_PendingNotification n;
    (void)out;
    if (asn1_decode(op->arena, &rsp_PendingNotification_type, q->pendingNotification, ASN1_WIRE, &n, op->err) != 0)
        return malformed(op, "pendingNotification");
    if (n.which == rsp_PendingNotification_profileInstallationResult)
        return result_take(op, &n.profileInstallationResult);
    return other_take(op, &n.otherSignedNotification);
}

/* ------------------------------------------------------------------------ CancelSession */

int es9_cancel_session_handle(struct op *op, const void *in, void *out)
{
    const struct es9_cancel_session *q = in;
    struct rsp_CancelSessionResponse answer;
    struct store_record session, p;
    (void)out;
    if (session_get(op, q->transactionId, true, &session) != 0)
        return -1;
    if (asn1_decode(op->arena, &rsp_CancelSessionResponse_type, q->cancelSessionResponse, ASN1_WIRE, &answer,
                    op->err) != 0)
        return malformed(op, "cancelSessionResponse");
    if (answer.which != rsp_CancelSessionResponse_cancelSessionResponseOk)
        return op_refuse(op, RSP_EUICC_SIGNATURE, "SGP.22 5.6.5");
    const struct rsp_EuiccCancelSessionSigned *s = &answer.cancelSessionResponseOk.euiccCancelSessionSigned;
    struct rsp_tbs tbs = rsp_tbs_alone(s->raw);
    if (!bytes_equal(s->transactionId, session.v[SESSION_ID].b))
        return op_refuse(op, RSP_TRANSACTION, "SGP.22 5.6.5");
    if (signature_check(op, (enum ec_curve)session.v[SESSION_CURVE].i, session.v[SESSION_POINT].b, &tbs,
                        answer.cancelSessionResponseOk.euiccCancelSessionSignature) != 0)
        return -1;
    if (!bytes_equal(s->smdpOid, op->smdp->keys->sets[session.v[SESSION_SET].i].auth.rid))
        return op_refuse(op, RSP_CALLER_OID, "SGP.22 5.6.5");
    bool later = s->reason == rsp_CancelSessionReason_postponed || s->reason == rsp_CancelSessionReason_timeout;
    if (store_get(op->smdp->store, op->arena, KIND_PROFILE, session.v[SESSION_ICCID].b, &p, op->err) != 0)
        return -1;
    if (!later && op_step(op, &p, EV_REJECTED) == 0) {
        p.v[PROFILE_PENDING].b = p.v[PROFILE_MATCHING_ID].b = BYTES_NONE;
        store_put(&op->batch, KIND_PROFILE, &p);
    }
    store_remove(&op->batch, KIND_SESSION, &session);
    return 0;
}
