/* SPDX-License-Identifier: Apache-2.0
 *
 * Server and card prove themselves to each other: SGP.22 3.1.2. */
#include "asn1/tlv.h"
#include "crypto/cert.h"
#include "lpa/core.h"
#include "rsp/signed.h"

static const char *const authenticate_errors[] = {
    [1] = "the card does not take the server's certificate",
    [2] = "the server's signature is wrong",
    [3] = "the card does not know the curve of the server's certificate",
    [4] = "the card has no session",
    [5] = "the server's object identifier is wrong",
    [6] = "the server signed another challenge than the card's",
    [7] = "the card does not know the server's CI",
};

enum lpa_end card_refused(const char *function, const char *const *texts, size_t n, int64_t code, struct err *e)
{
    const char *text = code > 0 && (size_t)code < n ? texts[code] : "the card gives no reason";
    lpa_fail(LPA_CARD, e, text, "use a server that the card's maker trusts");
    err_at(e, "%s, error %lld", function, (long long)code);
    return LPA_CARD;
}

static enum lpa_end challenge(struct lpa *l, const struct session *s, struct es9_initiate_authentication *q,
                              struct err *e)
{
    struct rsp_GetEuiccChallengeRequest ask = { 0 };
    struct rsp_GetEuiccChallengeResponse answer;
    struct rsp_GetEuiccInfo1Request ask_info = { 0 };
    struct rsp_EUICCInfo1 info;
    enum lpa_end end = lpa_es10(l, "ES10b", "GetEUICCChallenge", &rsp_GetEuiccChallengeRequest_type, &ask,
                                &rsp_GetEuiccChallengeResponse_type, &answer, e);
    if (end == LPA_DONE)
        end = lpa_es10(l, "ES10b", "GetEUICCInfo", &rsp_GetEuiccInfo1Request_type, &ask_info, &rsp_EUICCInfo1_type,
                       &info, e);
    if (end == LPA_DONE)
        *q = (struct es9_initiate_authentication){ answer.euiccChallenge, info.raw, s->address };
    return end;
}

/* The role and the object identifier of the certificate, which the card is still to verify; what is for neither role it
 * will refuse. */
static unsigned role_of(struct lpa *l, struct bytes certificate, const char **oid)
{
    struct cert c;
    struct err e;
    *oid = NULL;
    if (cert_parse(l->arena, certificate, &c, &e) != 0)
        return IS_SMDP;
    *oid = asn1_oid_text(l->arena, c.rid);
    for (size_t i = 0; i < c.n_policies; i++)
        if (bytes_equal(c.policies[i], cert_role_policy(CERT_DSAUTH)))
            return IS_SMDS;
    return IS_SMDP;
}

/* What the server says of itself, as far as the LPA can tell (SGP.22 3.1.2 step 10). */
static enum lpa_end server_check(struct lpa *l, struct session *s, const struct es9_initiate_authentication_done *r,
                                 struct rsp_AuthenticateServerRequest *a, struct err *e)
{
    const char *oid, *next = s->may_be == IS_SMDP ? "check the activation code" : "check the SM-DS address";
    if (asn1_decode(l->arena, &rsp_ServerSigned1_type, r->serverSigned1, ASN1_WIRE, &a->serverSigned1, e) != 0 ||
        rsp_signature_of_tlv(r->serverSignature1, &a->serverSignature1, e) != 0)
        return LPA_SERVER;
    if (!bytes_equal_nocase(a->serverSigned1.serverAddress, s->address))
        return lpa_fail(LPA_SERVER, e, "the server signs for another address than the one that was asked", next);
    s->is = role_of(l, r->serverCertificate, &oid);
    if (bytes_present(s->oid) && !(oid && bytes_equal(bytes_text(oid), s->oid)))
        return lpa_fail(LPA_SERVER, e, "the server is not the one that the activation code names (object identifier)",
                        next);
    return LPA_DONE;
}

static enum lpa_end ask_card(struct lpa *l, struct session *s, struct rsp_AuthenticateServerRequest *a, struct err *e)
{
    static const uint8_t tac[] = { 0x35, 0x29, 0x06, 0x11 };
    struct rsp_AuthenticateServerResponse answer;
    struct rsp_CtxParamsForCommonAuthentication *c = &a->ctxParams1.ctxParamsForCommonAuthentication;
    a->ctxParams1.which = rsp_CtxParams1_ctxParamsForCommonAuthentication;
    if (s->matching_id.n)
        c->matchingId = s->matching_id;
    c->deviceInfo.tac = BYTES_OF(tac);
    enum lpa_end end = lpa_es10(l, "ES10b", "AuthenticateServer", &rsp_AuthenticateServerRequest_type, a,
                                &rsp_AuthenticateServerResponse_type, &answer, e);
    if (end != LPA_DONE)
        return end;
    if (answer.which == rsp_AuthenticateServerResponse_authenticateResponseError)
        return card_refused("ES10b.AuthenticateServer", authenticate_errors,
                            sizeof authenticate_errors / sizeof *authenticate_errors,
                            answer.authenticateResponseError.authenticateErrorCode, e);
    s->response = answer.raw;
    return LPA_DONE;
}

/* The card takes SM-DP+ and SM-DS alike (SGP.22 5.7.13); which of them is right where, the LPA knows. */
static enum lpa_end role_check(const struct session *s, struct err *e)
{
    if (s->is & s->may_be)
        return LPA_DONE;
    return s->may_be == IS_SMDS
               ? lpa_fail(LPA_SERVER, e, "the server proves to be an SM-DP+, where an SM-DS was asked",
                          "check the SM-DS address")
               : lpa_fail(LPA_SERVER, e, "the server proves to be an SM-DS, where an SM-DP+ was asked",
                          "ask it for events: rsp-lpa discover --smds ADDRESS");
}

static const char *peer_name(unsigned is)
{
    return is == IS_SMDP ? "SM-DP+" : is == IS_SMDS ? "SM-DS" : "RSP server";
}

enum lpa_end session_open(struct lpa *l, struct session *s, struct err *e)
{
    struct es9_initiate_authentication q;
    struct es9_initiate_authentication_done r;
    struct rsp_AuthenticateServerRequest a = { 0 };
    enum lpa_end end = challenge(l, s, &q, e);
    l->peer = peer_name(s->may_be);
    lpa_progress(l, "authenticating the server", 0, 0);
    if (end == LPA_DONE)
        end = server_call(l, s->address,
                          s->may_be == IS_SMDS ? ES11_INITIATE_AUTHENTICATION : ES9_INITIATE_AUTHENTICATION, &q, &r,
                          &s->status, e);
    if (end == LPA_DONE)
        end = server_check(l, s, &r, &a, e);
    if (end != LPA_DONE)
        return end;
    l->peer = peer_name(s->is);
    s->transaction_id = r.transactionId;
    a.euiccCiPKIdToBeUsed = tlv_find(r.euiccCiPKIdToBeUsed, 0x04).value;
    a.serverCertificate = r.serverCertificate;
    end = ask_card(l, s, &a, e);
    return end == LPA_DONE ? role_check(s, e) : end;
}
