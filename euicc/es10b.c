/* SPDX-License-Identifier: Apache-2.0
 *
 * ES10a and the download part of ES10b: SGP.22 5.7.3, 5.7.4, 5.7.5, 5.7.7, 5.7.8, 5.7.13 and 5.7.14. */
#include "asn1/tlv.h"
#include "euicc/core.h"
#include "euicc/misbehave.h"
#include "euicc/rules.h"
#include "rsp/signed.h"

/* ------------------------------------------------------------------------------ ES10a */

unsigned es10a_get_configured_addresses(struct euicc *card, struct arena *a, struct bytes command, struct buf *out)
{
    struct rsp_EuiccConfiguredAddressesRequest q;
    struct rsp_EuiccConfiguredAddressesResponse r = { .rootDsAddress = card->state.root_ds };
    if (es10_decode(a, &rsp_EuiccConfiguredAddressesRequest_type, command, &q))
        return SW_BAD_DATA;
    if (card->state.default_dp.n)
        r.defaultDpAddress = card->state.default_dp;
    return es10_answer(a, &rsp_EuiccConfiguredAddressesResponse_type, &r, out);
}

unsigned es10a_set_default_dp_address(struct euicc *card, struct arena *a, struct bytes command, struct buf *out)
{
    struct rsp_SetDefaultDpAddressRequest q;
    struct rsp_SetDefaultDpAddressResponse r = { 0 };
    struct nvm_batch b;
    if (es10_decode(a, &rsp_SetDefaultDpAddressRequest_type, command, &q))
        return SW_BAD_DATA;
    struct nvm_record address = { .type = REC_DEFAULT_DP, .field = { q.defaultDpAddress } };
    nvm_begin(&b, a);
    nvm_put(&b, &address);
    if (card_commit(card, &b, NULL) != 0)
        r.setDefaultDpAddressResult = 127;
    return es10_answer(a, &rsp_SetDefaultDpAddressResponse_type, &r, out);
}

/* ------------------------------------------------------------------------ information */

static const uint8_t VERSION_SAIP[] = { 2, 3, 1 }, VERSION_SVN[] = { 2, 5, 0 }, VERSION_FIRMWARE[] = { 0, 1, 0 },
                     VERSION_PP[] = { 1, 0, 0 }, VERSION_GP[] = { 2, 3, 0 };

/* usimSupport, isimSupport, csimSupport, akaMilenage; usimTestAlgorithm; berTlv, dfLink, getIdentity,
 * profile-a-x25519; profile-b-p256 */
static const uint8_t CAPABILITY[] = { 0x78, 0x80, 0x1B, 0x80 };

/* crlSupport, testProfileSupport, deviceInfoExtensibilitySupport; and additionalProfile while there is room */
enum { RSP_CAPABILITY = 0x58, ADDITIONAL_PROFILE = 0x80 };

static struct asn1_bits rsp_capability(const struct euicc *card, struct arena *a)
{
    bool room = card->state.n_profiles < EUICC_PROFILES_MAX && card_free(card) > 0;
    return (struct asn1_bits){ rec_number(a, RSP_CAPABILITY | (room ? ADDITIONAL_PROFILE : 0), 1).p, 8 };
}

static struct rsp_CiPKIdList verification_list(const struct euicc *card, struct arena *a)
{
    struct rsp_CiPKIdList list = { .n = card->state.n_cis,
                                   .items = arena_array(a, EUICC_CIS_MAX, sizeof(struct bytes)) };
    for (size_t i = 0; list.items && i < list.n; i++)
        list.items[i] = card->state.cis[i].ski;
    return list;
}

static struct rsp_CiPKIdList signing_list(const struct euicc *card, struct arena *a)
{
    struct rsp_CiPKIdList list = { .n = card->state.n_keys,
                                   .items = arena_array(a, EUICC_KEYS_MAX, sizeof(struct bytes)) };
    for (size_t i = 0; list.items && i < list.n; i++)
        list.items[i] = card->state.keys[i].ci_pkid;
    return list;
}

static void info2(const struct euicc *card, struct arena *a, struct rsp_EUICCInfo2 *r)
{
    struct buf resource = buf_in(a);
    tlv_add(&resource, 0x81, BYTES_LIT("\0"));
    tlv_add(&resource, 0x82, rec_number(a, card_free(card), 4));
    tlv_add(&resource, 0x83, rec_number(a, 32768, 4));
    *r = (struct rsp_EUICCInfo2){
        .profileVersion = BYTES_OF(VERSION_SAIP),
        .svn = BYTES_OF(VERSION_SVN),
        .euiccFirmwareVer = BYTES_OF(VERSION_FIRMWARE),
        .extCardResource = buf_bytes(&resource),
        .uiccCapability = { CAPABILITY, 32 },
        .globalplatformVersion = BYTES_OF(VERSION_GP),
        .rspCapability = rsp_capability(card, a),
        .euiccCiPKIdListForVerification = verification_list(card, a),
        .euiccCiPKIdListForSigning = signing_list(card, a),
        .forbiddenProfilePolicyRules = rules_forbidden(card, a),
        .ppVersion = BYTES_OF(VERSION_PP),
        .sasAcreditationNumber = BYTES_LIT("RSPKIT-SOFTWARE-CARD"),
    };
    misbehave_info2(card->env.misbehave, a, r);
}

unsigned es10b_get_info1(struct euicc *card, struct arena *a, struct bytes command, struct buf *out)
{
    struct rsp_GetEuiccInfo1Request q;
    struct rsp_EUICCInfo1 r = { .svn = BYTES_OF(VERSION_SVN),
                                .euiccCiPKIdListForVerification = verification_list(card, a),
                                .euiccCiPKIdListForSigning = signing_list(card, a) };
    if (es10_decode(a, &rsp_GetEuiccInfo1Request_type, command, &q))
        return SW_BAD_DATA;
    return es10_answer(a, &rsp_EUICCInfo1_type, &r, out);
}

unsigned es10b_get_info2(struct euicc *card, struct arena *a, struct bytes command, struct buf *out)
{
    struct rsp_GetEuiccInfo2Request q;
    struct rsp_EUICCInfo2 r;
    if (es10_decode(a, &rsp_GetEuiccInfo2Request_type, command, &q))
        return SW_BAD_DATA;
    info2(card, a, &r);
    return es10_answer(a, &rsp_EUICCInfo2_type, &r, out);
}

/* There is no LPAe: the FCI of the ISD-R says so, and who asks all the same is told (5.7.1). */
unsigned es10_lpae_activation(struct euicc *card, struct arena *a, struct bytes command, struct buf *out)
{
    struct rsp_LpaeActivationRequest q;
    struct rsp_LpaeActivationResponse r = { .lpaeActivationResult = 1 };
    (void)card;
    if (es10_decode(a, &rsp_LpaeActivationRequest_type, command, &q))
        return SW_BAD_DATA;
    return es10_answer(a, &rsp_LpaeActivationResponse_type, &r, out);
}

/* ---------------------------------------------------------------------- authentication */

/* A one-time key that no package has used may serve a retry with the same SM-DP+ (SGP.22 3.1.3.2, 5.7.7, 5.7.14).  It
 * is never written: power off ends it. */
static void keep_key(struct euicc *card)
{
    struct rsp_session *s = &card->session;
    if (!s->otsk)
        return;
    ec_key_free(card->kept);
    arena_reset(card->kept_arena);
    card->kept = s->otsk;
    card->kept_oid = arena_copy(card->kept_arena, s->pb.rid);
    s->otsk = NULL;
}

unsigned es10b_get_challenge(struct euicc *card, struct arena *a, struct bytes command, struct buf *out)
{
    struct rsp_GetEuiccChallengeRequest q;
    struct rsp_session *s = &card->session;
    if (es10_decode(a, &rsp_GetEuiccChallengeRequest_type, command, &q))
        return SW_BAD_DATA;
    keep_key(card);
    if (session_discard(card, NULL) != 0 ||
        card->env.random(card->env.context, s->challenge, sizeof s->challenge) != 0)
        return SW_INTERNAL;
    s->challenged = true;
    struct rsp_GetEuiccChallengeResponse r = { .euiccChallenge = BYTES_OF(s->challenge) };
    return es10_answer(a, &rsp_GetEuiccChallengeResponse_type, &r, out);
}

static bool signed_by(const struct cert *c, const struct rsp_tbs *tbs, struct bytes signature)
{
    struct ec_public *key;
    if (ec_public_new(c->curve, c->point, &key, NULL) != 0)
        return false;
    bool right = rsp_verify(key, tbs, signature, NULL) == 0;
    ec_public_free(key);
    return right;
}

/* A certificate of one of these roles under a CI of the card: 0 or an error of 5.7.13 and 5.7.5, whose first
 * three values agree. */
static int certificate_check(const struct euicc *card, struct arena *a, struct bytes der, enum cert_role role,
                             enum cert_role or_role, struct cert *out)
{
    struct err e;
    if (cert_parse(a, der, out, &e) != 0)
        return e.code == ERR_UNSUPPORTED ? rsp_AuthenticateErrorCode_unsupportedCurve
                                         : rsp_AuthenticateErrorCode_invalidCertificate;
    const struct cert *ci = card_ci(card, out->aki);
    if (!ci)
        return rsp_AuthenticateErrorCode_ciPKUnknown;
    if ((cert_check_role(out, role, &e) != 0 && cert_check_role(out, or_role, &e) != 0) ||
        cert_verify(out, ci, &e) != 0 || !card_trusts(card, out, ci))
        return rsp_AuthenticateErrorCode_invalidCertificate;
    return 0;
}

/* The checks of SGP.22 5.7.13 in their order: 0 or an AuthenticateErrorCode. */
static int server_check(struct euicc *card, const struct rsp_AuthenticateServerRequest *q)
{
    struct rsp_session *s = &card->session;
    if (!s->challenged)
        return rsp_AuthenticateErrorCode_noSessionContext;
    struct bytes der = arena_copy(s->arena, q->serverCertificate);
    int code = certificate_check(card, s->arena, der, CERT_DPAUTH, CERT_DSAUTH, &s->server);
    if (code)
        return code;
    struct rsp_tbs tbs = rsp_tbs_alone(q->serverSigned1.raw);
    if (!signed_by(&s->server, &tbs, q->serverSignature1))
        return rsp_AuthenticateErrorCode_invalidSignature;
    if (!bytes_equal(q->serverSigned1.euiccChallenge, BYTES_OF(s->challenge)))
        return rsp_AuthenticateErrorCode_euiccChallengeMismatch;
    s->key = card_key(card, q->euiccCiPKIdToBeUsed);
    return s->key ? 0 : rsp_AuthenticateErrorCode_ciPKUnknown;
}

static unsigned authenticate_error(struct arena *a, struct bytes transaction_id, int code, struct buf *out)
{
    struct rsp_AuthenticateServerResponse r = { .which = rsp_AuthenticateServerResponse_authenticateResponseError };
    r.authenticateResponseError.transactionId = transaction_id;
    r.authenticateResponseError.authenticateErrorCode = code;
    return es10_answer(a, &rsp_AuthenticateServerResponse_type, &r, out);
}

/* euiccSigned1, its signature and the chain of the key. */
static unsigned authenticate_answer(struct euicc *card, struct arena *a, const struct rsp_AuthenticateServerRequest *q,
                                    struct buf *out)
{
    struct rsp_session *s = &card->session;
    struct rsp_AuthenticateServerResponse r = { .which = rsp_AuthenticateServerResponse_authenticateResponseOk };
    struct rsp_AuthenticateResponseOk *ok = &r.authenticateResponseOk;
    struct bytes der;
    ok->euiccSigned1.transactionId = q->serverSigned1.transactionId;
    ok->euiccSigned1.serverAddress = q->serverSigned1.serverAddress;
    ok->euiccSigned1.serverChallenge = q->serverSigned1.serverChallenge;
    ok->euiccSigned1.ctxParams1 = q->ctxParams1;
    info2(card, a, &ok->euiccSigned1.euiccInfo2);
    /* ctxParams1 stays as the LPA wrote it */
    if (asn1_forward(a, &rsp_EuiccSigned1_type, &ok->euiccSigned1, &der, NULL) != 0 ||
        notify_sign(a, s->key, der, &ok->euiccSignature1, NULL) != 0 ||
        asn1_decode(a, &rsp_EuiccSigned1_type, der, ASN1_WIRE, &ok->euiccSigned1, NULL) != 0)
        return SW_INTERNAL;
    ok->euiccCertificate = s->key->euicc.der;
    ok->eumCertificate = s->key->eum.der;
    s->signature1 = arena_copy(s->arena, ok->euiccSignature1);
    s->transaction_id = arena_copy(s->arena, q->serverSigned1.transactionId);
    s->server_address = arena_copy(s->arena, q->serverSigned1.serverAddress);
    s->server_is_dp = cert_check_role(&s->server, CERT_DPAUTH, NULL) == 0;
    s->challenged = false; /* a challenge is used once */
    s->authenticated = true;
    if (asn1_forward(a, &rsp_AuthenticateServerResponse_type, &r, &der, NULL) != 0)
        return SW_INTERNAL;
    buf_add(out, der);
    return SW_OK;
}

unsigned es10b_authenticate_server(struct euicc *card, struct arena *a, struct bytes command, struct buf *out)
{
    struct rsp_AuthenticateServerRequest q;
    if (es10_decode(a, &rsp_AuthenticateServerRequest_type, command, &q))
        return SW_BAD_DATA;
    int code = server_check(card, &q);
    if (code == 0)
        return authenticate_answer(card, a, &q, out);
    if (code != rsp_AuthenticateErrorCode_noSessionContext)
        session_end(card);
    return authenticate_error(a, q.serverSigned1.transactionId, code, out);
}

/* ---------------------------------------------------------------------- PrepareDownload */

/* Of one SM-DP+ under one CI.  Its other certificate may have been revoked since it was shown. */
static bool belong_together(const struct euicc *card, const struct cert *auth, const struct cert *pb)
{
    return bytes_equal(pb->rid, auth->rid) && bytes_equal(pb->aki, auth->aki) &&
           card_trusts(card, auth, card_ci(card, auth->aki));
}

/* The checks of SGP.22 5.7.5 in their order: 0 or a DownloadErrorCode.  The certificate for binding is `pb`, which
 * belongs to the session only once all is right. */
static int prepare_check(struct euicc *card, struct arena *a, const struct rsp_PrepareDownloadRequest *q,
                         struct cert *pb)
{
    struct rsp_session *s = &card->session;
    if (!s->authenticated || !s->server_is_dp)
        return rsp_DownloadErrorCode_noSessionContext;
    if (!bytes_equal(q->smdpSigned2.transactionId, s->transaction_id))
        return rsp_DownloadErrorCode_invalidTransactionId;
    struct bytes der = arena_copy(s->arena, q->smdpCertificate);
    int code = certificate_check(card, s->arena, der, CERT_DPPB, CERT_DPPB, pb);
    if (code == rsp_AuthenticateErrorCode_ciPKUnknown)
        code = rsp_DownloadErrorCode_invalidCertificate;
    if (code)
        return code;
    struct rsp_tbs tbs = rsp_tbs_chained(a, q->smdpSigned2.raw, s->signature1);
    if (!signed_by(pb, &tbs, q->smdpSignature2))
        return rsp_DownloadErrorCode_invalidSignature;
    if (!belong_together(card, &s->server, pb))
        return rsp_DownloadErrorCode_invalidCertificate;
    if (q->smdpSigned2.ccRequiredFlag && !bytes_present(q->hashCc))
        return rsp_DownloadErrorCode_undefinedError;
    return 0;
}

/* The key that the server knows already, if it is still here and its SM-DP+ is the same; else a new one. */
static int one_time_key(struct euicc *card, struct bytes offered)
{
    struct rsp_session *s = &card->session;
    ec_key_free(s->otsk);
    s->otsk = NULL;
    if (card->kept && bytes_equal(offered, ec_key_point(card->kept)) && bytes_equal(card->kept_oid, s->pb.rid) &&
        ec_key_curve(card->kept) == s->pb.curve) {
        s->otsk = card->kept;
        card->kept = NULL;
        return 0;
    }
    ec_key_free(card->kept);
    card->kept = NULL;
    return ec_key_generate(s->pb.curve, &s->otsk, NULL);
}

static unsigned prepare_answer(struct euicc *card, struct arena *a, const struct rsp_PrepareDownloadRequest *q,
                               struct buf *out)
{
    struct rsp_session *s = &card->session;
    struct rsp_PrepareDownloadResponse r = { .which = rsp_PrepareDownloadResponse_downloadResponseOk };
    struct rsp_PrepareDownloadResponseOk *ok = &r.downloadResponseOk;
    struct bytes der;
    if (one_time_key(card, q->smdpSigned2.bppEuiccOtpk) != 0)
        return SW_INTERNAL;
    ok->euiccSigned2.transactionId = s->transaction_id;
    ok->euiccSigned2.euiccOtpk = ec_key_point(s->otsk);
    ok->euiccSigned2.hashCc = q->hashCc;
    s->signature2 = arena_copy(s->arena, q->smdpSignature2);
    if (asn1_encode(a, &rsp_EUICCSigned2_type, &ok->euiccSigned2, &der, NULL) != 0)
        return SW_INTERNAL;
    struct rsp_tbs tbs = rsp_tbs_chained(a, der, s->signature2);
    if (rsp_sign(a, s->key->key, &tbs, &ok->euiccSignature2, NULL) != 0)
        return SW_INTERNAL;
    s->prepared = true;
    return es10_answer(a, &rsp_PrepareDownloadResponse_type, &r, out);
}

unsigned es10b_prepare_download(struct euicc *card, struct arena *a, struct bytes command, struct buf *out)
{
    struct rsp_PrepareDownloadRequest q;
    struct rsp_session *s = &card->session;
    struct cert pb;
    if (es10_decode(a, &rsp_PrepareDownloadRequest_type, command, &q))
        return SW_BAD_DATA;
    if (s->step != LOAD_NONE)
        return SW_CONDITIONS; /* a BPP is being loaded (3.1.5) */
    s->prepared = false;
    int code = prepare_check(card, a, &q, &pb);
    if (code == 0) {
        s->pb = pb;
        return prepare_answer(card, a, &q, out);
    }
    struct rsp_PrepareDownloadResponse r = { .which = rsp_PrepareDownloadResponse_downloadResponseError };
    r.downloadResponseError.transactionId = q.smdpSigned2.transactionId;
    r.downloadResponseError.downloadErrorCode = code;
    return es10_answer(a, &rsp_PrepareDownloadResponse_type, &r, out);
}

/* ------------------------------------------------------------------------ CancelSession */

unsigned es10b_cancel_session(struct euicc *card, struct arena *a, struct bytes command, struct buf *out)
{
    struct rsp_session *s = &card->session;
    struct rsp_CancelSessionRequest q;
    struct rsp_CancelSessionResponse r = { .which = rsp_CancelSessionResponse_cancelSessionResponseOk };
    struct rsp_CancelSessionResponseOk *ok = &r.cancelSessionResponseOk;
    struct bytes der;
    if (es10_decode(a, &rsp_CancelSessionRequest_type, command, &q))
        return SW_BAD_DATA;
    if (!s->authenticated || !bytes_equal(q.transactionId, s->transaction_id)) {
        r.which = rsp_CancelSessionResponse_cancelSessionResponseError;
        r.cancelSessionResponseError = 5;
        return es10_answer(a, &rsp_CancelSessionResponse_type, &r, out);
    }
    ok->euiccCancelSessionSigned.transactionId = s->transaction_id;
    ok->euiccCancelSessionSigned.smdpOid = s->server.rid;
    ok->euiccCancelSessionSigned.reason = q.reason;
    if (asn1_encode(a, &rsp_EuiccCancelSessionSigned_type, &ok->euiccCancelSessionSigned, &der, NULL) != 0 ||
        notify_sign(a, s->key, der, &ok->euiccCancelSessionSignature, NULL) != 0)
        return SW_INTERNAL;
    unsigned sw = es10_answer(a, &rsp_CancelSessionResponse_type, &r, out);
    if (q.reason == rsp_CancelSessionReason_postponed || q.reason == rsp_CancelSessionReason_timeout)
        keep_key(card);
    return session_discard(card, NULL) == 0 ? sw : SW_INTERNAL;
}
