/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "crypto/pki.h"
#include "harness.h"

static const enum ec_curve both[] = { EC_P256, EC_BRAINPOOLP256R1 };

static bool make(enum ec_curve curve, struct pki *pki)
{
    struct pki_plan plan;
    struct err e;
    pki_plan_init(&plan, (int64_t)time(NULL));
    plan.curve = curve;
    return CHECK_OK(pki_make(test_arena(), &plan, pki, &e), &e);
}

/* Every role's certificate in every role's slot. */
TEST(role_matrix)
{
    for (int c = 0; c < 2; c++) {
        struct pki pki;
        test_row("made on %s", ec_curve_name(both[c]));
        if (!make(both[c], &pki))
            return;
        for (int is = 0; is < CERT_ROLES; is++)
            for (int as = 0; as < CERT_ROLES; as++) {
                struct err e;
                test_row("%s: %s as %s", ec_curve_name(both[c]), pki_name((enum cert_role)is),
                         pki_name((enum cert_role)as));
                if (is == as)
                    CHECK_OK(cert_check_role(&pki.of[is].cert, (enum cert_role)as, &e), &e);
                else
                    CHECK_EQ(cert_check_role(&pki.of[is].cert, (enum cert_role)as, &e), -1);
            }
        pki_end(&pki);
    }
}

/* Which check a fault trips: shape of the role, dates, or the chain. */
enum trips { PARSE = 1, ROLE, DATES, CHAIN, CONSTRAINTS, RID };

static const enum trips expected[CERT_FAULTS] = {
    [FAULT_POLICY_OTHER] = ROLE,        [FAULT_POLICY_MISSING] = ROLE,  [FAULT_POLICY_NOT_CRITICAL] = ROLE,
    [FAULT_USAGE_OTHER] = ROLE,         [FAULT_USAGE_MISSING] = ROLE,   [FAULT_USAGE_NOT_CRITICAL] = ROLE,
    [FAULT_EXPIRED] = DATES,            [FAULT_NOT_YET_VALID] = DATES,  [FAULT_SIGNATURE] = CHAIN,
    [FAULT_ISSUER_NAME] = CHAIN,        [FAULT_AKI_OTHER] = CHAIN,      [FAULT_SKI_MISSING] = ROLE,
    [FAULT_SAN_MISSING] = ROLE,         [FAULT_SAN_OTHER] = RID,        [FAULT_SAN_TWICE] = ROLE,
    [FAULT_CA] = ROLE,                  [FAULT_PATH_LENGTH] = ROLE,     [FAULT_UNKNOWN_CRITICAL] = ROLE,
    [FAULT_CURVE] = CHAIN,              [FAULT_EID_OUTSIDE] = CONSTRAINTS, [FAULT_ORGANIZATION] = CONSTRAINTS,
    [FAULT_CONSTRAINTS_MISSING] = ROLE, [FAULT_VERSION] = PARSE,
};

static int first_trip(const struct pki *pki, enum cert_role role, struct bytes der)
{
    struct cert c;
    struct err e = { 0 };
    const struct cert *ci = &pki->of[CERT_CI].cert, *eum = &pki->of[CERT_EUM].cert;
    if (cert_parse(test_arena(), der, &c, &e) != 0)
        return PARSE;
    if (cert_check_role(&c, role, &e) != 0)
        return e.code == ERR_VALUE ? ROLE : -1;
    if (cert_verify(&c, role == CERT_CI ? &c : role == CERT_EUICC ? eum : ci, &e) != 0)
        return e.code == ERR_VERIFY ? CHAIN : -1;
    if (cert_check_dates(&c, pki->plan.now, &e) != 0)
        return e.code == ERR_EXPIRED ? DATES : -1;
    if (role == CERT_EUICC && cert_check_constraints(&c, eum, &e) != 0)
        return CONSTRAINTS;
    return bytes_equal(c.rid, pki->of[role].cert.rid) ? 0 : RID;
}

TEST(single_faults)
{
    for (int k = 0; k < 2; k++) {
        struct pki pki;
        test_row("made on %s", ec_curve_name(both[k]));
        if (!make(both[k], &pki))
            return;
        for (int role = 0; role < CERT_ROLES; role++)
            for (int fault = 0; fault < CERT_FAULTS; fault++) {
                struct pki_entity bad;
                struct err e;
                if (!cert_fault_applies((enum cert_fault)fault, (enum cert_role)role))
                    continue;
                test_row("%s %s with fault %s", ec_curve_name(both[k]), pki_name((enum cert_role)role),
                         cert_fault_name((enum cert_fault)fault));
                if (!CHECK_OK(pki_fault(test_arena(), &pki, (enum cert_role)role, (enum cert_fault)fault, &bad, &e),
                              &e))
                    continue;
                bool tls_curve = fault == FAULT_POLICY_NOT_CRITICAL && (role == CERT_DPTLS || role == CERT_DSTLS);
                if (!tls_curve)
                    CHECK_EQ(first_trip(&pki, (enum cert_role)role, bad.der), expected[fault]);
                if (bad.key != pki.of[role].key)
                    ec_key_free(bad.key);
            }
        pki_end(&pki);
    }
}

static const char *write_pem(const char *name, struct bytes der)
{
    return test_file_make(name, cert_to_pem(test_arena(), der));
}

static bool contains(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

/* The openssl program's view: chain, names, extensions. */
TEST(openssl_agrees)
{
    for (int k = 0; k < 2; k++) {
        struct pki pki;
        test_row("made on %s", ec_curve_name(both[k]));
        if (!make(both[k], &pki))
            return;
        const char *ci = write_pem("ci", pki.of[CERT_CI].der);
        for (int role = CERT_EUM; role < CERT_ROLES; role++) {
            test_row("%s: %s", ec_curve_name(both[k]), pki_name((enum cert_role)role));
            const char *path = write_pem(pki_name((enum cert_role)role), pki.of[role].der);
            /* generic name constraints fail on eUICC certificates by design (certificates.md 2):
             * that one is held to the EUM's signature without a chain */
            const char *eum = test_path("eum");
            const char *verdict =
                role == CERT_EUICC
                    ? test_shell("openssl verify -partial_chain -trusted %s %s", eum, path)
                    : test_shell("openssl verify -ignore_critical -CAfile %s %s", ci, path);
            if (role == CERT_EUICC)
                CHECK(contains(verdict, "permitted subtree violation") || contains(verdict, ": OK"));
            else
                CHECK(contains(verdict, ": OK"));
            const char *text = test_shell("openssl x509 -in %s -noout -text -certopt ext_parse", path);
            if (pki.of[role].cert.rid.p)
                CHECK(contains(text, arena_printf(test_arena(), "Registered ID:%s",
                                                  asn1_oid_text(test_arena(), pki.of[role].cert.rid))));
            if (role == CERT_EUICC)
                CHECK(contains(text, "serialNumber = 89049032000000000000000000000163"));
            if (role == CERT_DPTLS)
                CHECK(contains(text, "DNS:smdp.example.com"));
            CHECK(contains(text, ec_curve_name(both[k])));
        }
        pki_end(&pki);
    }
}

TEST(pem)
{
    struct pki pki;
    struct bytes der;
    struct err e;
    if (!make(EC_P256, &pki))
        return;
    CHECK_OK(cert_from_file(test_arena(), cert_to_pem(test_arena(), pki.of[CERT_CI].der), &der, &e), &e);
    CHECK_BYTES(der, pki.of[CERT_CI].der);
    CHECK_OK(cert_from_file(test_arena(), pki.of[CERT_CI].der, &der, &e), &e);
    CHECK_FAILS(cert_from_file(test_arena(), BYTES_LIT("no"), &der, &e), &e, ERR_SYNTAX, "neither");
    CHECK_FAILS(cert_from_file(test_arena(), BYTES_LIT("-----BEGIN CERTIFICATE-----\nMII"), &der, &e), &e, ERR_SYNTAX,
                "end line");
    pki_end(&pki);
}

/* A certificate with any one octet altered is refused somewhere, and nothing breaks. */
TEST(altered_octets)
{
    struct pki pki;
    if (!make(EC_P256, &pki))
        return;
    struct bytes der = pki.of[CERT_EUICC].der;
    int taken = 0;
    for (size_t i = 0; i < der.n; i++) {
        struct bytes copy = arena_copy(test_arena(), der);
        ((uint8_t *)(uintptr_t)copy.p)[i] ^= 0x01;
        taken += first_trip(&pki, CERT_EUICC, copy) == 0;
    }
    CHECK_EQ(taken, 0);
    pki_end(&pki);
}
