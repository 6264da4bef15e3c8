/* SPDX-License-Identifier: Apache-2.0
 *
 * Revocation lists: those of the openssl program read by us, ours read by openssl, single faults, segments, deltas. */
#include <stdarg.h>

#include "base/file.h"
#include "crypto/crl_make.h"
#include "crypto/pki.h"
#include "harness.h"

enum { NOW = 1750000000, DAY = 86400 }; /* 2025-06-15 15:06:40 */

static const enum ec_curve both[] = { EC_P256, EC_BRAINPOOLP256R1 };

static bool begin(enum ec_curve curve, struct pki *pki)
{
    struct pki_plan plan;
    struct err e;
    pki_plan_init(&plan, NOW);
    plan.curve = curve;
    return CHECK_OK(pki_make(test_arena(), &plan, pki, &e), &e);
}

static const char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));

static const char *text(const char *format, ...)
{
    char line[4096];
    va_list ap;
    va_start(ap, format);
    vsnprintf(line, sizeof line, format, ap);
    va_end(ap);
    return arena_printf(test_arena(), "%s", line);
}

/* What a shell command in the test's folder prints, both streams. */
static const char *shell(const char *command)
{
    return test_shell("cd %s && { %s; }", test_folder(), command);
}

static bool says(const char *output, const char *part)
{
    if (strstr(output, part))
        return true;
    printf("# lacks \"%s\": %s\n", part, output);
    return false;
}

static bool folder_begin(const struct pki *pki)
{
    struct bytes key;
    struct err e;
    if (!CHECK_OK(ec_key_write(pki->of[CERT_CI].key, test_arena(), &key, &e), &e))
        return false;
    test_file_make("key.pem", key);
    test_file_make("ci.pem", cert_to_pem(test_arena(), pki->of[CERT_CI].der));
    return true;
}

/* -------------------------------------------------------------- lists made by openssl */

#define AKI "authorityKeyIdentifier = keyid:always\n"
#define POINT "issuingDistributionPoint = critical, @point\n"
/* A distribution point with one more setting. */
#define POINT_WITH(setting) \
    "issuingDistributionPoint = critical, @p\n[p]\nfullname = URI:http://x.example\n" setting "\n"
static const char FULL_NAME[] = "[point]\nfullname = URI:http://ci.example.com/CRL-A.crl\n";

/* A list by "openssl ca -gencrl": `index` is its database of certificates, `number` in hex. */
static struct bytes openssl_list(const char *extensions, const char *index, const char *number, const char *form)
{
    test_file_make("conf", bytes_text(text("[ca]\ndefault_ca = d\n[d]\ndatabase = index\ncrlnumber = number\n"
                                           "default_md = sha256\ncrl_extensions = x\n[x]\n%s%s",
                                           extensions, FULL_NAME)));
    test_file_make("index", bytes_text(index));
    test_file_make("number", bytes_text(text("%s\n", number)));
    shell("rm -f list.*");
    const char *told = shell(text("openssl ca -gencrl -config conf -keyfile key.pem -cert ci.pem -out list.pem "
                                   "-crl_lastupdate 20250601000000Z -crl_nextupdate 20510701000000Z && "
                                   "openssl crl -in list.pem -outform DER -out list.der"));
    struct bytes made = test_file(test_path(text("list.%s", form)));
    if (!CHECK(made.p != NULL))
        says(told, "a list");
    return made;
}

static int read_list(struct bytes file, struct crl *out, struct err *e)
{
    struct bytes der;
    if (crl_from_file(test_arena(), file, &der, e) != 0)
        return -1;
    return crl_parse(test_arena(), der, out, e);
}

/* serial, revoked on, reason as openssl spells it; then what we read */
static const struct {
    const char *serial, *date, *reason, *octets;
    int64_t when, code;
} revoked[] = {
    { "01", "240229235959Z", "", "01", 1709251199, CRL_REASON_NONE },
    { "7F", "250101000000Z", ",keyCompromise", "7F", 1735689600, x509_CRLReason_keyCompromise },
    { "FF", "250101000000Z", ",superseded", "00FF", 1735689600, x509_CRLReason_superseded },
    { "-01", "250101000000Z", ",cessationOfOperation", "FF", 1735689600, x509_CRLReason_cessationOfOperation },
    { "-0080", "250101000000Z", ",CACompromise", "80", 1735689600, x509_CRLReason_cACompromise },
    { "0080", "250101000000Z", ",affiliationChanged", "0080", 1735689600, x509_CRLReason_affiliationChanged },
    { "0100", "250101000000Z", ",unspecified", "0100", 1735689600, x509_CRLReason_unspecified },
    { "00000002", "250101000000Z", "", "02", 1735689600, CRL_REASON_NONE },
    { "89000000000000000000000000000000000000AB", "250101000000Z", "",
      "0089000000000000000000000000000000000000AB", 1735689600, CRL_REASON_NONE },
};
enum { REVOKED = sizeof revoked / sizeof *revoked };

static const char *revoked_index(void)
{
    struct buf index = buf_in(test_arena());
    for (size_t i = 0; i < REVOKED; i++)
        buf_printf(&index, "R\t350101000000Z\t%s%s\t%s\tunknown\t/CN=%zu\n", revoked[i].date, revoked[i].reason,
                   revoked[i].serial, i);
    buf_text(&index, "V\t350101000000Z\t\t55\tunknown\t/CN=good\n");
    return buf_str(&index);
}

TEST(openssl_lists)
{
    static const char *const forms[] = { "pem", "der" };
    for (int k = 0; k < 2; k++) {
        struct pki pki;
        struct crl list;
        struct err e;
        test_row("%s: %s", ec_curve_name(both[k]), forms[k]);
        if (!begin(both[k], &pki) || !folder_begin(&pki))
            return;
        struct bytes made = openssl_list("authorityKeyIdentifier = critical, keyid:always\n" POINT, revoked_index(),
                                         "2A", forms[k]);
        if (CHECK_OK(read_list(made, &list, &e), &e)) {
            CHECK_OK(crl_verify(&list, &pki.of[CERT_CI].cert, &e), &e);
            CHECK_EQ(list.n, REVOKED);
            CHECK_HEX(list.number, "2A");
            CHECK_EQ(list.this_update, 1748736000); /* date -ud 2025-06-01 +%s */
            CHECK_EQ(list.next_update, 2571782400); /* date -ud 2051-07-01 +%s */
            CHECK(!list.base_number.p && !list.parts);
            CHECK_BYTES(list.aki, pki.of[CERT_CI].cert.ski);
            for (size_t i = 0; i < REVOKED; i++) {
                test_row("%s: serial number %s", ec_curve_name(both[k]), revoked[i].serial);
                const struct crl_entry *entry = crl_find(&list, unhex(revoked[i].octets));
                if (!CHECK(entry != NULL))
                    continue;
                CHECK_EQ(entry->date, revoked[i].when);
                CHECK_EQ(entry->reason, revoked[i].code);
                CHECK(!entry->has_expires);
            }
            static const char *const absent[] = { "55", "00", "03", "81", "0081", "0101", "FF00",
                                                  "89000000000000000000000000000000000000AB" };
            for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) {
                test_row("%s: no serial number %s", ec_curve_name(both[k]), absent[i]);
                CHECK(!crl_find(&list, unhex(absent[i])));
            }
        }
        pki_end(&pki);
    }
}

/* Shapes that openssl can be asked for. */
static const struct {
    const char *name, *number, *refusal, *extensions; /* refusal NULL: taken */
} shapes[] = {
    { "AKI not critical", "01", NULL, AKI POINT },
    { "number of 20 octets", "7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", NULL, AKI POINT },
    { "number of 21 octets", "01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "more than 20 octets", AKI POINT },
    { "no AKI", "01", "authorityKeyIdentifier is missing", POINT },
    { "AKI without key", "01", "no keyIdentifier", "2.5.29.35 = DER:3000\n" POINT },
    { "no point", "01", "issuingDistributionPoint is missing", AKI },
    { "point not critical", "01", "not critical", AKI "issuingDistributionPoint = @point\n" },
    { "point without a name", "01", "names no distribution point", AKI "2.5.29.28 = critical, DER:3000\n" },
    { "user certificates only", "01", "some certificates or reasons", AKI POINT_WITH("onlyuser = TRUE") },
    { "CAs only", "01", "some certificates or reasons", AKI POINT_WITH("onlyCA = TRUE") },
    { "attribute certificates only", "01", "some certificates or reasons", AKI POINT_WITH("onlyAA = TRUE") },
    { "some reasons", "01", "some certificates or reasons", AKI POINT_WITH("onlysomereasons = keyCompromise") },
    { "indirect", "01", "other issuers", AKI POINT_WITH("indirectCRL = TRUE") },
    { "unknown extension", "01", NULL, AKI POINT "2.999.1 = DER:0500\n" },
    { "unknown critical extension", "01", "unknown extension is critical", AKI POINT "2.999.1 = critical, DER:0500\n" },
    { "an entry's extension at the list", "01", "unknown extension is critical",
      AKI POINT "2.5.29.21 = critical, DER:0A0101\n" },
    { "segment 2 of 3", "01", NULL, AKI POINT "2.23.146.1.2.0.2 = DER:020103\n2.23.146.1.2.0.3 = DER:020102\n" },
    { "segment 4 of 3", "01", "segment 4 of 3",
      AKI POINT "2.23.146.1.2.0.2 = DER:020103\n2.23.146.1.2.0.3 = DER:020104\n" },
    { "segment 0 of 3", "01", "segment 0 of 3",
      AKI POINT "2.23.146.1.2.0.2 = DER:020103\n2.23.146.1.2.0.3 = DER:020100\n" },
    { "segment 1 of 65536", "01", "segment 1 of 65536",
      AKI POINT "2.23.146.1.2.0.2 = DER:0203010000\n2.23.146.1.2.0.3 = DER:020101\n" },
    { "a segment of how many?", "01", "one is missing", AKI POINT "2.23.146.1.2.0.3 = DER:020101\n" },
    { "three segments, this being?", "01", "one is missing", AKI POINT "2.23.146.1.2.0.2 = DER:020103\n" },
    { "delta on 7", "09", NULL, AKI POINT "2.5.29.27 = critical, DER:020107\n" },
    { "delta on itself", "09", "not below its own", AKI POINT "2.5.29.27 = critical, DER:020109\n" },
    { "freshest list", "01", NULL, AKI POINT "freshestCRL = URI:http://ci.example.com/delta.crl\n" },
};

TEST(openssl_shapes)
{
    struct pki pki;
    test_row("made");
    if (!begin(EC_P256, &pki) || !folder_begin(&pki))
        return;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct crl list;
        struct err e;
        test_row("%s", shapes[i].name);
        struct bytes made = openssl_list(shapes[i].extensions, "", shapes[i].number, "der");
        if (!made.p)
            continue;
        if (!shapes[i].refusal) {
            CHECK_OK(read_list(made, &list, &e), &e);
            CHECK_OK(crl_verify(&list, &pki.of[CERT_CI].cert, &e), &e);
            CHECK_EQ(list.n, 0);
            CHECK(!crl_find(&list, unhex("01")));
        } else if (CHECK(read_list(made, &list, &e) != 0))
            CHECK(says(e.what, shapes[i].refusal));
    }
    pki_end(&pki);
}

/* -------------------------------------------------------------------- lists of our own */

/* Serial numbers of one octet up to eight, all different, not in order. */
static struct crl_entry *entries_of(size_t n)
{
    struct crl_entry *entries = arena_array(test_arena(), n + 1, sizeof *entries);
    uint8_t *octets = arena_alloc(test_arena(), n * 5 + 1);
    for (size_t i = 0; i < n; i++, octets += 5) {
        uint32_t mixed = (uint32_t)i * 2654435761u; /* odd, so one to one */
        memcpy(octets, (uint8_t[]){ 0x7A, (uint8_t)(mixed >> 24), (uint8_t)(mixed >> 16), (uint8_t)(mixed >> 8),
                                    (uint8_t)mixed }, 5);
        entries[i] = (struct crl_entry){ bytes_make(octets, 5), NOW - (int64_t)i, NOW + DAY * (int64_t)i, true,
                                         (int64_t)(i % 6) };
    }
    return entries;
}

static struct crl_plan plan_of(size_t n)
{
    return (struct crl_plan){ .revoked = entries_of(n), .n = n, .number = 7, .this_update = NOW,
                              .next_update = NOW + 30 * DAY, .uri = "http://ci.example.com/CRL-A.crl" };
}

static struct bytes made_of(const struct crl_plan *p, const struct pki *pki)
{
    struct bytes der = BYTES_NONE;
    struct err e;
    CHECK_OK(crl_make(test_arena(), p, &pki->of[CERT_CI].cert, pki->of[CERT_CI].key, &der, &e), &e);
    return der;
}

static bool list_of(const struct crl_plan *p, const struct pki *pki, struct crl *out)
{
    struct err e;
    return CHECK_OK(crl_parse(test_arena(), made_of(p, pki), out, &e), &e) &&
           CHECK_OK(crl_verify(out, &pki->of[CERT_CI].cert, &e), &e);
}

/* Every entry as planned. */
static void check_entries(const struct crl *l, const struct crl_entry *want, size_t n)
{
    CHECK_EQ(l->n, (int64_t)n);
    for (size_t i = 0; i < n; i++) {
        const struct crl_entry *got = crl_find(l, want[i].serial);
        if (!got || got->date != want[i].date || got->reason != want[i].reason ||
            got->has_expires != want[i].has_expires || got->expires != want[i].expires) {
            CHECK_TEXT(got ? "differs" : "missing", hex_encode(test_arena(), want[i].serial));
            return;
        }
    }
}

TEST(openssl_reads_ours)
{
    for (int k = 0; k < 2; k++) {
        struct pki pki;
        test_row("%s: made", ec_curve_name(both[k]));
        if (!begin(both[k], &pki) || !folder_begin(&pki))
            return;
        struct crl_plan plan = plan_of(0);
        struct crl_entry entries[] = {
            { pki.of[CERT_DPAUTH].cert.serial, NOW - 5 * DAY, pki.of[CERT_DPAUTH].cert.not_after, true,
              x509_CRLReason_keyCompromise },
            { unhex("FF"), NOW, NOW, true, CRL_REASON_NONE },
            { unhex("00FF"), NOW, 2524608000, true, x509_CRLReason_superseded }, /* 2050-01-01 */
        };
        plan.revoked = entries;
        plan.n = 3;
        test_file_make("list.pem", crl_to_pem(test_arena(), made_of(&plan, &pki)));
        const char *output = shell("openssl crl -in list.pem -noout -text -CAfile ci.pem");
        static const char *const told[] = {
            "verify OK", "Version 2 (0x1)", "X509v3 CRL Number", "Last Update: Jun 15 15:06:40 2025 GMT",
            "Next Update: Jul 15 15:06:40 2025 GMT", "Authority Key Identifier: critical",
            "Issuing Distribution Point: critical", "URI:http://ci.example.com/CRL-A.crl",
            "Revocation Date: Jun 10 15:06:40 2025 GMT", "Key Compromise", "Superseded", "Serial Number: -01",
            "Serial Number: FF", "2.23.146.1.2.0.1: critical", "20500101000000Z",
        };
        for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
            test_row("%s: openssl tells %s", ec_curve_name(both[k]), told[i]);
            CHECK(says(output, told[i]));
        }
        CHECK(says(output, "CRL Number: \n                7\n"));
        CHECK(says(output, text("Serial Number: %s", hex_encode(test_arena(), entries[0].serial))));
        test_file_make("dpauth.pem", cert_to_pem(test_arena(), pki.of[CERT_DPAUTH].der));
        test_file_make("dppb.pem", cert_to_pem(test_arena(), pki.of[CERT_DPPB].der));
        const char *check = "openssl verify -attime 1750000060 -crl_check -ignore_critical -CAfile ci.pem "
                            "-CRLfile list.pem %s.pem";
        test_row("%s: openssl finds the certificate revoked", ec_curve_name(both[k]));
        CHECK(says(shell(arena_printf(test_arena(), check, "dpauth")), "certificate revoked"));
        test_row("%s: openssl finds another one good", ec_curve_name(both[k]));
        CHECK(says(shell(arena_printf(test_arena(), check, "dppb")), "dppb.pem: OK"));
        test_row("%s: openssl refuses a wrong signature", ec_curve_name(both[k]));
        plan.fault = CRL_FAULT_SIGNATURE;
        test_file_make("list.pem", crl_to_pem(test_arena(), made_of(&plan, &pki)));
        CHECK(says(shell("openssl crl -in list.pem -noout -CAfile ci.pem"), "verify failure"));
        pki_end(&pki);
    }
}

static const struct {
    int code; /* of crl_parse or, if `verify`, of crl_verify; 0: both take it, only the clock tells */
    bool verify;
    const char *part;
} refusals[CRL_FAULTS] = {
    [CRL_FAULT_VERSION] = { ERR_VALUE, false, "another version than 2" },
    [CRL_FAULT_ALGORITHM_INNER] = { ERR_VALUE, false, "not signed by ECDSA with SHA-256" },
    [CRL_FAULT_ALGORITHM_OUTER] = { ERR_VALUE, false, "not signed by ECDSA with SHA-256" },
    [CRL_FAULT_SIGNATURE] = { ERR_VERIFY, true, "signature of the revocation list is wrong" },
    [CRL_FAULT_ISSUER_NAME] = { ERR_VERIFY, true, "names another issuer" },
    [CRL_FAULT_AKI_MISSING] = { ERR_VALUE, false, "authorityKeyIdentifier is missing" },
    [CRL_FAULT_AKI_OTHER] = { ERR_VERIFY, true, "issued under another key" },
    [CRL_FAULT_NEXT_MISSING] = { ERR_VALUE, false, "nextUpdate is missing" },
    [CRL_FAULT_NEXT_BEFORE] = { ERR_VALUE, false, "not after thisUpdate" },
    [CRL_FAULT_NUMBER_MISSING] = { ERR_VALUE, false, "cRLNumber is missing" },
    [CRL_FAULT_NUMBER_NEGATIVE] = { ERR_VALUE, false, "negative" },
    [CRL_FAULT_NUMBER_LONG] = { ERR_LIMIT, false, "more than 20 octets" },
    [CRL_FAULT_POINT_MISSING] = { ERR_VALUE, false, "issuingDistributionPoint is missing" },
    [CRL_FAULT_POINT_NOT_CRITICAL] = { ERR_VALUE, false, "not critical" },
    [CRL_FAULT_POINT_EMPTY] = { ERR_VALUE, false, "names no distribution point" },
    [CRL_FAULT_POINT_CAS] = { ERR_VALUE, false, "some certificates or reasons" },
    [CRL_FAULT_POINT_REASONS] = { ERR_VALUE, false, "some certificates or reasons" },
    [CRL_FAULT_INDIRECT] = { ERR_VALUE, false, "other issuers" },
    [CRL_FAULT_UNKNOWN_CRITICAL] = { ERR_VALUE, false, "unknown extension is critical" },
    [CRL_FAULT_ENTRY_CRITICAL] = { ERR_VALUE, false, "unknown extension is critical" },
    [CRL_FAULT_TWICE] = { ERR_VALUE, false, "cRLNumber appears twice" },
    [CRL_FAULT_EMPTY] = { ERR_VALUE, false, "there and empty" },
    [CRL_FAULT_REMOVED] = { ERR_VALUE, false, "no delta" },
    [CRL_FAULT_PART_ALONE] = { ERR_VALUE, false, "one is missing" },
    [CRL_FAULT_PART_OUTSIDE] = { ERR_VALUE, false, "segment 2 of 1" },
};

TEST(single_faults)
{
    for (int k = 0; k < 2; k++) {
        struct pki pki;
        test_row("%s: made", ec_curve_name(both[k]));
        if (!begin(both[k], &pki))
            return;
        for (int fault = 0; fault < CRL_FAULTS; fault++) {
            struct crl list;
            struct err e;
            struct crl_plan plan = plan_of(fault == CRL_FAULT_EMPTY ? 0 : 3);
            plan.fault = (enum crl_fault)fault;
            test_row("%s: %s", ec_curve_name(both[k]), crl_fault_name(plan.fault));
            struct bytes der = made_of(&plan, &pki);
            if (refusals[fault].code && !refusals[fault].verify) {
                CHECK_FAILS(crl_parse(test_arena(), der, &list, &e), &e, refusals[fault].code, refusals[fault].part);
                continue;
            }
            if (!CHECK_OK(crl_parse(test_arena(), der, &list, &e), &e))
                continue;
            if (refusals[fault].code)
                CHECK_FAILS(crl_verify(&list, &pki.of[CERT_CI].cert, &e), &e, ERR_VERIFY, refusals[fault].part);
            else
                CHECK_OK(crl_verify(&list, &pki.of[CERT_CI].cert, &e), &e);
        }
        pki_end(&pki);
    }
}

/* The numbers are compared as INTEGERs, however they were written. */
TEST(padded_serials)
{
    static const struct {
        const char *written, *number;
    } rows[] = { { "0000FF", "00FF" }, { "00000005", "05" }, { "FFFF80", "80" }, { "FFFF7F", "FF7F" }, { "00", "00" } };
    enum { N = sizeof rows / sizeof *rows };
    struct pki pki;
    struct crl list;
    struct crl_plan plan = plan_of(N);
    struct crl_entry *entries = (struct crl_entry *)(uintptr_t)plan.revoked;
    for (size_t i = 0; i < N; i++)
        entries[i].serial = unhex(rows[i].written);
    test_row("made");
    if (!begin(EC_P256, &pki) || !list_of(&plan, &pki, &list))
        return;
    for (size_t i = 0; i < N; i++) {
        test_row("%s", rows[i].written);
        CHECK(crl_find(&list, unhex(rows[i].number)) != NULL);
    }
    test_row("80 is not 0080, nor FF 00FF");
    CHECK(!crl_find(&list, unhex("0080")));
    CHECK(!crl_find(&list, unhex("FF")));
    pki_end(&pki);
}

/* Where a server is to fetch lists (SGP.22 4.5.2.1.3): the eUICC's and the operator's certificates do not say. */
TEST(distribution_points)
{
    struct pki pki;
    test_row("made");
    if (!begin(EC_P256, &pki))
        return;
    for (int role = 0; role < CERT_ROLES; role++) {
        bool without = role == CERT_EUICC || role == CERT_OPERATOR;
        test_row("%s", cert_role_name((enum cert_role)role));
        CHECK_BYTES(pki.of[role].cert.crl_uri, bytes_text(without ? NULL : "http://ci.example.com/CRL-A.crl"));
    }
    pki_end(&pki);
}

/* Who may sign: the CI whose list it is, if its certificate says cRLSign. */
TEST(signers)
{
    struct pki pki, other;
    struct crl list;
    struct err e;
    test_row("made");
    struct crl_plan plan = plan_of(1);
    if (!begin(EC_P256, &pki) || !begin(EC_BRAINPOOLP256R1, &other) || !list_of(&plan, &pki, &list))
        return;
    static const uint8_t certificates_only[] = { 0x04 };
    struct cert ci = pki.of[CERT_CI].cert;
    test_row("a CI without cRLSign");
    ci.key_usage = (struct asn1_bits){ certificates_only, 8 };
    CHECK_FAILS(crl_verify(&list, &ci, &e), &e, ERR_VERIFY, "cRLSign");
    test_row("a CI without key usage");
    ci = pki.of[CERT_CI].cert;
    ci.has_key_usage = false;
    CHECK_FAILS(crl_verify(&list, &ci, &e), &e, ERR_VERIFY, "cRLSign");
    test_row("a CI of the same name on the other curve");
    CHECK_FAILS(crl_verify(&list, &other.of[CERT_CI].cert, &e), &e, ERR_VERIFY, "under another key");
    test_row("the same key identifier for a key on the other curve");
    ci = other.of[CERT_CI].cert;
    ci.ski = pki.of[CERT_CI].cert.ski;
    CHECK_FAILS(crl_verify(&list, &ci, &e), &e, ERR_VERIFY, "signature");
    pki_end(&pki);
    pki_end(&other);
}

/* A list with any one octet altered is refused. */
TEST(altered_octets)
{
    struct pki pki;
    struct crl_plan plan = plan_of(3);
    if (!begin(EC_P256, &pki))
        return;
    struct bytes der = made_of(&plan, &pki);
    int taken = 0;
    for (size_t i = 0; i < der.n; i++) {
        struct bytes copy = arena_copy(test_arena(), der);
        struct crl list;
        struct err e;
        ((uint8_t *)(uintptr_t)copy.p)[i] ^= 0x01;
        taken += crl_parse(test_arena(), copy, &list, &e) == 0 && crl_verify(&list, &pki.of[CERT_CI].cert, &e) == 0;
    }
    CHECK_EQ(taken, 0);
    for (size_t n = 0; n < der.n; n++) {
        struct crl list;
        taken += crl_parse(test_arena(), bytes_slice(der, 0, n), &list, NULL) == 0;
    }
    CHECK_EQ(taken, 0);
    pki_end(&pki);
}

/* One index for all look-ups; and no more memory than it needs. */
TEST(long_list)
{
    enum { N = 100000 };
    struct pki pki;
    struct crl list;
    struct err e;
    struct crl_plan plan = plan_of(N);
    if (!begin(EC_P256, &pki))
        return;
    struct bytes der = made_of(&plan, &pki);
    struct arena *a = arena_new(N * sizeof(struct crl_entry) + 65536);
    test_row("read");
    if (CHECK_OK(crl_parse(a, der, &list, &e), &e)) {
        test_row("every serial number is found as it was made");
        check_entries(&list, plan.revoked, N);
        test_row("no other is");
        int found = 0;
        for (uint32_t i = 0; i < N; i++) {
            uint32_t mixed = (N + i) * 2654435761u;
            uint8_t serial[] = { 0x7A, (uint8_t)(mixed >> 24), (uint8_t)(mixed >> 16), (uint8_t)(mixed >> 8),
                                 (uint8_t)mixed };
            found += crl_find(&list, BYTES_OF(serial)) != NULL;
        }
        CHECK_EQ(found, 0);
    }
    arena_free(a);
    test_row("without memory for it");
    a = arena_new(65536);
    CHECK_FAILS(crl_parse(a, der, &list, &e), &e, ERR_MEMORY, "no memory for 100000 entries");
    arena_free(a);
    pki_end(&pki);
}

/* ---------------------------------------------------------------------------- segments */

static size_t segments_of(const struct crl_plan *p, const struct pki *pki, struct crl **out)
{
    struct bytes *items;
    size_t n = 0;
    struct err e;
    if (!CHECK_OK(crl_make_segments(test_arena(), p, &pki->of[CERT_CI].cert, pki->of[CERT_CI].key, &items, &n, &e), &e))
        return 0;
    *out = arena_array(test_arena(), n + 1, sizeof **out);
    for (size_t i = 0; i < n; i++) {
        CHECK(items[i].n <= 1020); /* SGP.22 4.6.1 */
        CHECK_OK(crl_parse(test_arena(), items[i], &(*out)[i], &e), &e);
        CHECK_OK(crl_verify(&(*out)[i], &pki->of[CERT_CI].cert, &e), &e);
    }
    return n;
}

TEST(segments)
{
    static const size_t sizes[] = { 0, 1, 5, 50, 500 };
    struct pki pki;
    test_row("made");
    if (!begin(EC_P256, &pki) || !folder_begin(&pki))
        return;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct crl *parts, whole, list;
        struct err e;
        test_row("%zu entries", sizes[i]);
        struct crl_plan plan = plan_of(sizes[i]);
        size_t n = segments_of(&plan, &pki, &parts);
        if (!n || !list_of(&plan, &pki, &list))
            continue;
        CHECK_EQ(n == 1, list.der.n <= 1020);
        CHECK_EQ(parts[0].parts, n == 1 ? 0 : (int64_t)n);
        if (!CHECK_OK(crl_join(test_arena(), parts, n, &whole, &e), &e))
            continue;
        check_entries(&whole, plan.revoked, plan.n);
        CHECK_EQ(whole.parts, 0);
        CHECK_BYTES(whole.number, list.number);
        for (size_t k = 0; k < n; k += 7) {
            test_file_make("list.pem", crl_to_pem(test_arena(), parts[k].der));
            const char *output = shell("openssl crl -in list.pem -noout -text -CAfile ci.pem");
            CHECK(says(output, "verify OK"));
            CHECK_EQ(strstr(output, "2.23.146.1.2.0.2:") != NULL, n > 1);
        }
    }
    pki_end(&pki);
}

/* What happens to segments 1, 2, 3 before they are joined. */
enum change {
    NONE, SWAP, LEAVE_OUT, LEAVE_OUT_LAST, DOUBLE, OTHER_NUMBER, OTHER_TIME, OTHER_TOTAL, OTHER_BASE, WHOLE_LIST,
    NOTHING
};

static const struct {
    const char *name;
    enum change change;
    const char *refusal; /* NULL: joined */
} joins[] = {
    { "in order", NONE, NULL },
    { "in another order", SWAP, NULL },
    { "the second is missing", LEAVE_OUT, "segment 2 of 3 is missing" },
    { "the last is missing", LEAVE_OUT_LAST, "segment 3 of 3 is missing" },
    { "the first stands for the second", DOUBLE, "segment 1 is there twice" },
    { "one of another number", OTHER_NUMBER, "segment 2 is of another list than segment 1" },
    { "one of another time", OTHER_TIME, "segment 2 is of another list than segment 1" },
    { "one of a list in four segments", OTHER_TOTAL, "segment 2 is of another list than segment 1" },
    { "one of a delta list", OTHER_BASE, "segment 2 is of another list than segment 1" },
    { "one that is no segment", WHOLE_LIST, "list 2 of 3 is not a segment" },
    { "none at all", NOTHING, "no revocation list at all" },
};

TEST(joins)
{
    struct pki pki;
    struct crl *made, out;
    struct err e;
    test_row("made");
    struct crl_plan plan = plan_of(26);
    if (!begin(EC_P256, &pki) || !CHECK_EQ((int64_t)segments_of(&plan, &pki, &made), 3))
        return;
    for (size_t i = 0; i < sizeof joins / sizeof *joins; i++) {
        struct crl s[3] = { made[0], made[1], made[2] };
        size_t n = 3;
        test_row("%s", joins[i].name);
        switch (joins[i].change) {
        case SWAP: s[0] = made[2], s[2] = made[0]; break;
        case LEAVE_OUT: s[1] = made[2], n = 2; break;
        case LEAVE_OUT_LAST: n = 2; break;
        case DOUBLE: s[1] = made[0]; break;
        case OTHER_NUMBER: s[1].number = unhex("08"); break;
        case OTHER_TIME: s[1].this_update++; break;
        case OTHER_TOTAL: s[1].parts = 4; break;
        case OTHER_BASE: s[1].base_number = unhex("01"); break;
        case WHOLE_LIST: s[1].part = s[1].parts = 0; break;
        case NOTHING: n = 0; break;
        case NONE: break;
        }
        if (joins[i].refusal)
            CHECK_FAILS(crl_join(test_arena(), s, n, &out, &e), &e, ERR_VALUE, joins[i].refusal);
        else if (CHECK_OK(crl_join(test_arena(), s, n, &out, &e), &e))
            check_entries(&out, plan.revoked, plan.n);
    }
    pki_end(&pki);
}

/* ------------------------------------------------------------------------------ deltas */

static const struct {
    const char *name;
    uint64_t base, builds_on, number; /* of the list that is there, of the delta */
    const char *refusal;
} deltas[] = {
    { "the list it builds on", 5, 5, 6, NULL },
    { "a later list", 7, 5, 8, NULL },
    { "an earlier list", 4, 5, 6, "delta 6 builds on list 5 or a later one, here is 4" },
    { "a list that has it in it", 6, 5, 6, "delta 6 builds on list 5 or a later one, here is 6" },
    { "a list after it", 300, 5, 6, "delta 6 builds on list 5 or a later one, here is 300" },
    { "numbers of one and two octets", 255, 127, 256, NULL },
};

TEST(deltas)
{
    struct pki pki;
    test_row("made");
    if (!begin(EC_P256, &pki))
        return;
    for (size_t i = 0; i < sizeof deltas / sizeof *deltas; i++) {
        struct crl base, delta, out;
        struct err e;
        test_row("%s", deltas[i].name);
        struct crl_plan plan = plan_of(40), more = plan_of(60);
        plan.number = deltas[i].base;
        more.number = deltas[i].number;
        more.this_update += DAY;
        more.delta = true;
        more.base_number = deltas[i].builds_on;
        struct crl_entry *entries = (struct crl_entry *)(uintptr_t)more.revoked + 30;
        entries[0].reason = x509_CRLReason_removeFromCRL; /* in the base: stays */
        entries[29].reason = x509_CRLReason_removeFromCRL; /* not in the base: not added */
        more.revoked = entries;
        more.n = 30;
        if (!list_of(&plan, &pki, &base) || !list_of(&more, &pki, &delta))
            continue;
        if (deltas[i].refusal) {
            CHECK_FAILS(crl_merge(test_arena(), &base, &delta, &out, &e), &e, ERR_VALUE, deltas[i].refusal);
            continue;
        }
        if (!CHECK_OK(crl_merge(test_arena(), &base, &delta, &out, &e), &e))
            continue;
        memset((void *)(uintptr_t)base.der.p, 0, base.der.n); /* not needed any more */
        check_entries(&out, plan_of(59).revoked, 59);
        CHECK_BYTES(out.number, delta.number);
        CHECK_EQ(out.this_update, NOW + DAY);
        CHECK(!out.base_number.p && !out.der.p);
    }
    pki_end(&pki);
}

TEST(delta_places)
{
    struct pki pki, other;
    struct crl base, delta, out;
    struct err e;
    test_row("made");
    struct crl_plan plan = plan_of(2), more = plan_of(3);
    more.number = 8;
    more.delta = true;
    more.base_number = 7;
    if (!begin(EC_P256, &pki) || !begin(EC_P256, &other) || !list_of(&plan, &pki, &base) ||
        !list_of(&more, &pki, &delta))
        return;
    test_row("a complete list as delta");
    CHECK_FAILS(crl_merge(test_arena(), &base, &base, &out, &e), &e, ERR_VALUE, "no delta");
    test_row("a delta as base");
    CHECK_FAILS(crl_merge(test_arena(), &delta, &delta, &out, &e), &e, ERR_VALUE, "on a complete list");
    test_row("a base of another CI");
    if (list_of(&plan, &other, &base))
        CHECK_FAILS(crl_merge(test_arena(), &base, &delta, &out, &e), &e, ERR_VALUE, "different issuers");
    pki_end(&pki);
    pki_end(&other);
}

/* ------------------------------------------------------------------------------- words */

TEST(numbers)
{
    /* decimal: python3 -c 'print(0x...)' */
    static const struct {
        const char *hex, *decimal;
    } rows[] = { /* ascending */
        { "00", "0" }, { "01", "1" }, { "0A", "10" }, { "7F", "127" }, { "80", "128" }, { "0100", "256" },
        { "FFFFFFFFFFFFFFFF", "18446744073709551615" },
        { "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "1461501637330902918203684832716283019655932542975" },
    };
    enum { N = sizeof rows / sizeof *rows };
    for (size_t i = 0; i < N; i++) {
        char out[CRL_NUMBER_TEXT];
        test_row("%s", rows[i].hex);
        CHECK_TEXT(crl_number_text(unhex(rows[i].hex), out), rows[i].decimal);
        for (size_t k = 0; k < N; k++) {
            int order = crl_number_compare(unhex(rows[i].hex), unhex(rows[k].hex));
            CHECK_EQ((order > 0) - (order < 0), (i > k) - (i < k));
        }
    }
    test_row("reasons");
    CHECK_TEXT(crl_reason_name(1), "keyCompromise");
    CHECK_TEXT(crl_reason_name(7), "a reason that is not known"); /* RFC 5280 5.3.1: value 7 is not used */
    CHECK_TEXT(crl_reason_name(CRL_REASON_NONE), "no reason given");
}

TEST(files)
{
    static const struct {
        const char *name, *content;
    } rows[] = {
        { "nothing", "" },
        { "words", "<html>404 Not Found</html>" },
        { "Base64 of something else", "AAAA" },
        { "Base64 without its padding", "MIIBdzCB" "=" },
    };
    struct bytes der;
    struct err e;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        CHECK_FAILS(crl_from_file(test_arena(), bytes_text(rows[i].content), &der, &e), &e, ERR_SYNTAX,
                    "neither in DER nor in PEM nor in Base64");
    }
    test_row("PEM without an end");
    CHECK_FAILS(crl_from_file(test_arena(), BYTES_LIT("-----BEGIN X509 CRL-----\nMII"), &der, &e), &e, ERR_SYNTAX,
                "end line");
    test_row("Base64 in lines");
    CHECK_OK(crl_from_file(test_arena(), BYTES_LIT("\r\nMAAw\r\nAA==\r\n"), &der, &e), &e);
    CHECK_HEX(der, "30003000");
}
