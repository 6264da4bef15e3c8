/* SPDX-License-Identifier: Apache-2.0
 *
 * A whole P-256 session that another implementation recorded (RSPKIT_SESSION names the folder
 * with its files, RSPKIT_SESSION/../sgp26 the SGP.26 certificates): every signature, every
 * certificate, the keys and the package are computed again here. */
#include <stdlib.h>

#include "crypto/bsp.h"
#include "harness.h"
#include "rsp/bpp.h"
#include "rsp/card.h"
#include "rsp/refusal.h"
#include "rsp/signed.h"

static struct bytes recorded(const char *name)
{
    const char *dir = getenv("RSPKIT_SESSION");
    return dir ? test_file(arena_printf(test_arena(), "%s/%s", dir, name)) : BYTES_NONE;
}

static struct {
    struct rsp_InitiateAuthenticationOkEs9 initiate;
    struct rsp_AuthenticateServerResponse card;
    struct rsp_AuthenticateClientResponseEs9 client;
    struct rsp_PrepareDownloadResponse prepare;
    struct rsp_BoundProfilePackage bpp;
    struct rsp_PendingNotification pending;
    struct cert ci, ci_2017, eum, euicc, dpauth, dppb;
    struct bytes bpp_der;
} s;

static bool decode(const struct asn1_type *type, struct bytes der, void *out)
{
    struct err e;
    return CHECK_OK(asn1_decode(test_arena(), type, der, ASN1_WIRE, out, &e), &e);
}

static bool load(void)
{
    struct err e;
    s.bpp_der = recorded("bound-profile-package.der");
    if (!s.bpp_der.p) {
        test_skip("no recorded session (RSPKIT_SESSION)");
        return false;
    }
    return decode(&rsp_InitiateAuthenticationOkEs9_type, recorded("initiate-response.der"), &s.initiate) &&
           decode(&rsp_AuthenticateServerResponse_type, recorded("auth-server-response.der"), &s.card) &&
           decode(&rsp_AuthenticateClientResponseEs9_type, recorded("authenticate-response.der"), &s.client) &&
           decode(&rsp_PrepareDownloadResponse_type, recorded("prepare-download-response.der"), &s.prepare) &&
           decode(&rsp_BoundProfilePackage_type, s.bpp_der, &s.bpp) &&
           decode(&rsp_PendingNotification_type, recorded("pending-notification.der"), &s.pending) &&
           CHECK_OK(cert_parse(test_arena(), recorded("../sgp26/ci.der"), &s.ci, &e), &e) &&
           CHECK_OK(cert_parse(test_arena(), recorded("../sgp26/ci-2017.der"), &s.ci_2017, &e), &e) &&
           CHECK_OK(cert_parse(test_arena(), s.card.authenticateResponseOk.eumCertificate, &s.eum, &e), &e) &&
           CHECK_OK(cert_parse(test_arena(), s.card.authenticateResponseOk.euiccCertificate, &s.euicc, &e), &e) &&
           CHECK_OK(cert_parse(test_arena(), s.initiate.serverCertificate, &s.dpauth, &e), &e) &&
           CHECK_OK(cert_parse(test_arena(), s.client.authenticateClientOk.smdpCertificate, &s.dppb, &e), &e);
}

static void check_signature(const struct cert *signer, const struct rsp_tbs *tbs, struct bytes signature)
{
    struct ec_public *key = NULL;
    struct err e;
    if (!CHECK_OK(ec_public_new(signer->curve, signer->point, &key, &e), &e))
        return;
    CHECK_OK(rsp_verify(key, tbs, signature, &e), &e);
    struct bytes altered = arena_copy(test_arena(), signature);
    ((uint8_t *)(uintptr_t)altered.p)[40] ^= 1;
    CHECK_FAILS(rsp_verify(key, tbs, altered, &e), &e, ERR_VERIFY, "does not verify");
    ec_public_free(key);
}

TEST(signatures)
{
    if (!load())
        return;
    const struct rsp_AuthenticateResponseOk *auth = &s.card.authenticateResponseOk;
    const struct rsp_AuthenticateClientOk *client = &s.client.authenticateClientOk;
    const struct rsp_PrepareDownloadResponseOk *prepared = &s.prepare.downloadResponseOk;
    const struct rsp_ProfileInstallationResult *pir = &s.pending.profileInstallationResult;
    struct rsp_tbs tbs;
    struct err e;
    test_row("serverSignature1");
    tbs = rsp_tbs_alone(s.initiate.serverSigned1.raw);
    check_signature(&s.dpauth, &tbs, s.initiate.serverSignature1);
    test_row("euiccSignature1");
    tbs = rsp_tbs_alone(auth->euiccSigned1.raw);
    check_signature(&s.euicc, &tbs, auth->euiccSignature1);
    test_row("smdpSignature2");
    tbs = rsp_tbs_chained(test_arena(), client->smdpSigned2.raw, auth->euiccSignature1);
    check_signature(&s.dppb, &tbs, client->smdpSignature2);
    test_row("euiccSignature2");
    tbs = rsp_tbs_chained(test_arena(), prepared->euiccSigned2.raw, client->smdpSignature2);
    check_signature(&s.euicc, &tbs, prepared->euiccSignature2);
    test_row("smdpSign");
    CHECK_OK(rsp_tbs_secure_channel(test_arena(), &s.bpp.initialiseSecureChannelRequest,
                                    prepared->euiccSigned2.euiccOtpk, &tbs, &e), &e);
    check_signature(&s.dppb, &tbs, s.bpp.initialiseSecureChannelRequest.smdpSign);
    test_row("euiccSignPIR");
    tbs = rsp_tbs_alone(pir->profileInstallationResultData.raw);
    check_signature(&s.euicc, &tbs, pir->euiccSignPIR);
}

/* Octet for octet the recorded package, from the recorded one-time key. */
TEST(package)
{
    if (!load())
        return;
    const struct rsp_InitialiseSecureChannelRequest *isc = &s.bpp.initialiseSecureChannelRequest;
    struct ec_key *otsk = NULL;
    struct bsp session;
    struct bytes body, bpp, eid, metadata;
    uint8_t secret[32];
    struct err e;
    CHECK_OK(ec_key_from_scalar(EC_P256, recorded("otsk-dp.bin"), &otsk, &e), &e);
    CHECK_OK(ec_shared_secret(otsk, s.prepare.downloadResponseOk.euiccSigned2.euiccOtpk, secret, &e), &e);
    CHECK_OK(cert_eid(test_arena(), &s.euicc, &eid, &e), &e);
    CHECK_OK(bsp_derive(&session, BYTES_OF(secret), isc->controlRefTemplate.hostId, eid, &e), &e);
    struct bpp_content content = { unhex("BF2400"), recorded("store-metadata.der"), recorded("upp.der") };
    CHECK_OK(bpp_body(test_arena(), &session, &content, NULL, &body, &e), &e);
    CHECK_OK(bpp_assemble(test_arena(), isc, body, &bpp, &e), &e);
    CHECK_BYTES(bpp, s.bpp_der);
    CHECK_OK(bpp_metadata(test_arena(), s.bpp_der, &metadata, &e), &e);
    CHECK_BYTES(metadata, recorded("store-metadata.der"));
    ec_key_free(otsk);
}

/* The SGP.26 certificates: each has its own role and no other. */
TEST(roles)
{
    if (!load())
        return;
    const struct cert *const certs[] = { [CERT_CI] = &s.ci, [CERT_EUM] = &s.eum, [CERT_EUICC] = &s.euicc,
                                         [CERT_DPAUTH] = &s.dpauth, [CERT_DPPB] = &s.dppb };
    for (int i = CERT_CI; i <= CERT_DPPB; i++)
        for (int role = 0; role < CERT_ROLES; role++) {
            struct err e;
            test_row("%s as %s", cert_role_name((enum cert_role)i), cert_role_name((enum cert_role)role));
            CHECK_EQ(cert_check_role(certs[i], (enum cert_role)role, &e), i == role ? 0 : -1);
        }
}

enum { DAY = 86400 };

TEST(card_chain)
{
    if (!load())
        return;
    const struct rsp_AuthenticateResponseOk *auth = &s.card.authenticateResponseOk;
    struct rsp_trust trust = { .cis = &s.ci_2017, .n = 1 };
    struct rsp_card card;
    struct err e;
    test_row("trusted");
    int64_t now = s.euicc.not_before + DAY;
    if (CHECK_OK(rsp_card_verify(test_arena(), &trust, auth->eumCertificate, auth->euiccCertificate, BYTES_NONE, now,
                                 &card, &e), &e)) {
        CHECK_HEX(card.eid, "89049032123451234512345678901235");
        ec_public_free(card.key);
    }
    test_row("CI of the same key with another name");
    trust.cis = &s.ci;
    CHECK_FAILS(rsp_card_verify(test_arena(), &trust, auth->eumCertificate, auth->euiccCertificate, BYTES_NONE, now,
                                &card, &e), &e, RSP_EUM_INVALID, "another issuer");
    test_row("untrusted");
    trust.n = 0;
    CHECK_FAILS(rsp_card_verify(test_arena(), &trust, auth->eumCertificate, auth->euiccCertificate, BYTES_NONE, now,
                                &card, &e), &e, RSP_CI_UNKNOWN, "not trusted");
}
