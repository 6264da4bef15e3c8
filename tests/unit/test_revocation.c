/* SPDX-License-Identifier: Apache-2.0
 *
 * The lists that a server holds: what replaces what, what they say about a certificate, from many threads. */
#include <pthread.h>
#include <stdlib.h>

#include "crypto/crl_make.h"
#include "crypto/pki.h"
#include "harness.h"
#include "rsp/card.h"
#include "rsp/refusal.h"
#include "rsp/revocation.h"
#include "schema/rsp.h"

enum { NOW = 1750000000, DAY = 86400, GRACE = 2 * DAY, NEXT = NOW + 30 * DAY }; /* 2025-06-15 15:06:40 */

/* A laboratory PKI and a set of lists, for one test. */
static struct pki pki;
static struct revocation *set;

static bool begin_on(enum ec_curve curve, bool required)
{
    struct pki_plan plan;
    struct err e;
    pki_plan_init(&plan, NOW);
    plan.curve = curve;
    if (!CHECK_OK(pki_make(test_arena(), &plan, &pki, &e), &e))
        return false;
    set = revocation_new(&(struct revocation_settings){ .grace = GRACE, .required = required });
    return CHECK(set != NULL);
}

static void end(void)
{
    revocation_free(set);
    pki_end(&pki);
}

/* A list that revokes these roles' certificates. */
static struct crl_plan plan_of(uint64_t number, int64_t this_update, unsigned roles)
{
    struct crl_plan p = { .number = number, .this_update = this_update, .next_update = this_update + 30 * DAY,
                          .uri = "http://ci.example.com/CRL-A.crl" };
    struct crl_entry *entries = arena_array(test_arena(), CERT_ROLES, sizeof *entries);
    for (int role = 0; role < CERT_ROLES; role++)
        if (roles >> role & 1)
            entries[p.n++] = (struct crl_entry){ pki.of[role].cert.serial, NOW - DAY, pki.of[role].cert.not_after, true,
                                                 x509_CRLReason_keyCompromise };
    p.revoked = entries;
    return p;
}

static struct bytes made_of(struct crl_plan p)
{
    struct bytes der = BYTES_NONE;
    struct err e;
    CHECK_OK(crl_make(test_arena(), &p, &pki.of[CERT_CI].cert, pki.of[CERT_CI].key, &der, &e), &e);
    return der;
}

static struct bytes segments_of(struct crl_plan p, size_t leave_out, size_t *n)
{
    struct rsp_SegmentedCrlList list = { 0 };
    struct bytes der = BYTES_NONE;
    struct err e;
    if (!CHECK_OK(crl_make_segments(test_arena(), &p, &pki.of[CERT_CI].cert, pki.of[CERT_CI].key, &list.items, &list.n,
                                    &e), &e))
        return der;
    *n = list.n;
    list.n -= leave_out;
    CHECK_OK(asn1_encode(test_arena(), &rsp_SegmentedCrlList_type, &list, &der, &e), &e);
    return der;
}

static int load_at(struct bytes octets, int64_t now, struct err *e)
{
    return revocation_load(set, octets, &pki.of[CERT_CI].cert, 1, now, e);
}

static int check_at(enum cert_role role, int64_t now, struct err *e)
{
    return revocation_check(set, &pki.of[CERT_CI].cert, &pki.of[role].cert, now, e);
}

#define BIT(role) (1u << (role))

/* A test certificate that nobody will ask for, so that lists grow long. */
static struct crl_plan long_plan(uint64_t number)
{
    struct crl_plan p = plan_of(number, NOW, BIT(CERT_EUM));
    struct crl_entry *entries = arena_array(test_arena(), 40, sizeof *entries);
    uint8_t *serials = arena_alloc(test_arena(), 40);
    for (size_t i = 0; i < 40; i++) {
        serials[i] = (uint8_t)(i + 1);
        entries[i] = p.revoked[0];
        if (i != 17)
            entries[i].serial = bytes_make(serials + i, 1);
    }
    p.revoked = entries;
    p.n = 40;
    return p;
}

/* ----------------------------------------------------------------------------- forms */

TEST(forms)
{
    test_row("made");
    if (!begin_on(EC_P256, true))
        return;
    struct bytes der = made_of(plan_of(7, NOW, BIT(CERT_EUM)));
    size_t n;
    const struct {
        const char *name;
        struct bytes octets;
    } rows[] = {
        { "DER", der },
        { "PEM", crl_to_pem(test_arena(), der) },
        { "Base64 of DER", bytes_text(base64_encode(test_arena(), der)) },
        { "Base64 with an end of line",
          bytes_text(arena_printf(test_arena(), "%s\r\n", base64_encode(test_arena(), der))) },
        { "a list of one", segments_of(plan_of(7, NOW, BIT(CERT_EUM)), 0, &n) },
        { "segments", segments_of(long_plan(7), 0, &n) },
        { "Base64 of segments", bytes_text(base64_encode(test_arena(), segments_of(long_plan(7), 0, &n))) },
    };
    CHECK(n > 2);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err e;
        test_row("%s", rows[i].name);
        revocation_free(set);
        set = revocation_new(&(struct revocation_settings){ .grace = GRACE, .required = true });
        struct bytes copy = arena_copy(test_arena(), rows[i].octets);
        CHECK_OK(load_at(copy, NOW, &e), &e);
        memset((void *)(uintptr_t)copy.p, 0, copy.n); /* not needed afterwards */
        CHECK_FAILS(check_at(CERT_EUM, NOW, &e), &e, ERR_VERIFY,
                    "has revoked the certificate of \"Laboratory EUM\" on 2025-06-14 15:06:40: keyCompromise");
        CHECK_OK(check_at(CERT_DPAUTH, NOW, &e), &e);
    }
    end();
}

/* -------------------------------------------------------------------------- refusals */

TEST(refused)
{
    static const uint8_t empty[] = { 0x30, 0x00 }, empties[] = { 0x30, 0x04, 0x30, 0x02, 0x30, 0x00 };
    test_row("made");
    if (!begin_on(EC_P256, false))
        return;
    struct crl_plan plan = plan_of(7, NOW, BIT(CERT_EUM));
    struct crl_plan spoilt = plan, delta = plan_of(8, NOW, BIT(CERT_DPPB));
    spoilt.fault = CRL_FAULT_SIGNATURE;
    delta.delta = true;
    delta.base_number = 7;
    size_t n;
    const struct {
        const char *name;
        struct bytes octets;
        int64_t now;
        int code;
        const char *part;
    } rows[] = {
        { "no list", BYTES_LIT("<html>"), NOW, ERR_SYNTAX, "neither in DER nor in PEM" },
        { "nothing", BYTES_NONE, NOW, ERR_SYNTAX, "neither in DER nor in PEM" },
        { "an empty list of lists", BYTES_OF(empty), NOW, ERR_SYNTAX, "missing" },
        { "a list of an empty list", BYTES_OF(empties), NOW, ERR_SYNTAX, "missing" },
        { "a wrong signature", made_of(spoilt), NOW, ERR_VERIFY, "signature" },
        { "a missing segment", segments_of(long_plan(7), 1, &n), NOW, ERR_VALUE, "is missing" },
        { "a delta without base", made_of(delta), NOW, ERR_VALUE, "whose complete list is not held" },
        { "more than the grace after nextUpdate", made_of(plan), NEXT + GRACE + 1, ERR_EXPIRED,
          "was to be replaced on 2025-07-15 15:06:40" },
        { "long before thisUpdate", made_of(plan), NOW - DAY, ERR_EXPIRED, "still to come" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err e;
        test_row("%s", rows[i].name);
        CHECK_FAILS(load_at(rows[i].octets, rows[i].now, &e), &e, rows[i].code, rows[i].part);
        CHECK_EQ(revocation_next_update(set, &pki.of[CERT_CI].cert), 0);
        CHECK_OK(check_at(CERT_EUM, NOW, &e), &e);
    }
    struct err e;
    test_row("of a CI that is not trusted");
    CHECK_FAILS(revocation_load(set, made_of(plan), NULL, 0, NOW, &e), &e, ERR_NOT_FOUND, "not trusted here");
    CHECK_FAILS(revocation_load(set, made_of(plan), &pki.of[CERT_EUM].cert, 1, NOW, &e), &e, ERR_NOT_FOUND,
                "not trusted here");
    test_row("at the end of the grace");
    CHECK_OK(load_at(made_of(plan), NEXT + GRACE, &e), &e);
    test_row("a clock that is some seconds late");
    CHECK_OK(load_at(made_of(plan_of(8, NOW + 60, 0)), NOW, &e), &e);
    end();
}

/* ------------------------------------------------------------------- what replaces what */

static const struct {
    const char *name;
    uint64_t number;
    int64_t this_update; /* after that of list 7 */
    int code;
    const char *part;
} successors[] = {
    { "the same", 7, 0, ERR_EXISTS, "revocation list 7 of \"Laboratory CI\" is held already" },
    { "a lower number", 6, 0, ERR_VALUE, "list 6 of 2025-06-15 15:06:40 is older than list 7" },
    { "a lower number, later", 6, DAY, ERR_VALUE, "is older than list 7" },
    { "a higher number, earlier", 8, -60, ERR_VALUE, "is older than list 7" },
    { "the same number, earlier", 7, -60, ERR_VALUE, "is older than list 7" },
    { "the next number", 8, 0, 0, NULL },
    { "the next number, later", 8, DAY, 0, NULL },
    { "the same number, later", 7, DAY, 0, NULL },
    { "a number of two octets", 300, DAY, 0, NULL },
};

TEST(replacement)
{
    test_row("made");
    if (!begin_on(EC_P256, true))
        return;
    for (size_t i = 0; i < sizeof successors / sizeof *successors; i++) {
        struct err e;
        test_row("%s", successors[i].name);
        revocation_free(set);
        set = revocation_new(&(struct revocation_settings){ .grace = GRACE, .required = true });
        CHECK_OK(load_at(made_of(plan_of(7, NOW, BIT(CERT_EUM))), NOW, &e), &e);
        int64_t this_update = NOW + successors[i].this_update;
        struct bytes next = made_of(plan_of(successors[i].number, this_update, BIT(CERT_DPPB)));
        bool taken = successors[i].code == 0;
        if (taken)
            CHECK_OK(load_at(next, NOW + DAY, &e), &e);
        else
            CHECK_FAILS(load_at(next, NOW + DAY, &e), &e, successors[i].code, successors[i].part);
        CHECK_EQ(check_at(CERT_EUM, NOW, &e), taken ? 0 : -1);
        CHECK_EQ(check_at(CERT_DPPB, NOW, &e), taken ? -1 : 0);
        CHECK_EQ(revocation_next_update(set, &pki.of[CERT_CI].cert), taken ? this_update + 30 * DAY : NEXT);
    }
    end();
}

TEST(deltas)
{
    struct err e;
    test_row("on its base");
    if (!begin_on(EC_P256, true))
        return;
    struct crl_plan delta = plan_of(8, NOW + DAY, BIT(CERT_DPPB));
    delta.delta = true;
    delta.base_number = 7;
    CHECK_OK(load_at(made_of(plan_of(7, NOW, BIT(CERT_EUM))), NOW, &e), &e);
    CHECK_OK(load_at(made_of(delta), NOW + DAY, &e), &e);
    CHECK_FAILS(check_at(CERT_EUM, NOW, &e), &e, ERR_VERIFY, "has revoked");
    CHECK_FAILS(check_at(CERT_DPPB, NOW, &e), &e, ERR_VERIFY, "has revoked");
    CHECK_OK(check_at(CERT_DPAUTH, NOW, &e), &e);
    CHECK_EQ(revocation_next_update(set, &pki.of[CERT_CI].cert), NEXT + DAY);
    test_row("the same again");
    CHECK_FAILS(load_at(made_of(delta), NOW + DAY, &e), &e, ERR_EXISTS, "list 8");
    test_row("the base again");
    CHECK_FAILS(load_at(made_of(plan_of(7, NOW, BIT(CERT_EUM))), NOW, &e), &e, ERR_VALUE, "older than list 8");
    test_row("one that builds on a list not held");
    delta.number = 11;
    delta.base_number = 10;
    CHECK_FAILS(load_at(made_of(delta), NOW + DAY, &e), &e, ERR_VALUE, "delta 11 builds on list 10");
    test_row("the next one");
    delta = plan_of(9, NOW + DAY, BIT(CERT_DPAUTH));
    delta.delta = true;
    delta.base_number = 8;
    CHECK_OK(load_at(made_of(delta), NOW + DAY, &e), &e);
    CHECK_FAILS(check_at(CERT_EUM, NOW, &e), &e, ERR_VERIFY, "has revoked");
    CHECK_FAILS(check_at(CERT_DPAUTH, NOW, &e), &e, ERR_VERIFY, "has revoked");
    end();
}

/* ------------------------------------------------------------------------------ checks */

TEST(dates)
{
    static const struct {
        const char *name;
        int64_t now;
        const char *refusal;
    } rows[] = {
        { "at nextUpdate", NEXT, NULL },
        { "at the end of the grace", NEXT + GRACE, NULL },
        { "after the grace", NEXT + GRACE + 1,
          "was to be replaced on 2025-07-15 15:06:40, more than the grace period ago" },
        { "years later", NEXT + 3650 * (int64_t)DAY, "more than the grace period ago" },
    };
    test_row("made");
    struct err e;
    if (!begin_on(EC_P256, false) || !CHECK_OK(load_at(made_of(plan_of(7, NOW, BIT(CERT_EUM))), NOW, &e), &e))
        return;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        if (rows[i].refusal)
            CHECK_FAILS(check_at(CERT_DPAUTH, rows[i].now, &e), &e, ERR_VERIFY, rows[i].refusal);
        else
            CHECK_OK(check_at(CERT_DPAUTH, rows[i].now, &e), &e);
        CHECK_FAILS(check_at(CERT_EUM, rows[i].now, &e), &e, ERR_VERIFY, "has revoked");
    }
    end();
}

TEST(required)
{
    struct err e;
    test_row("a CI without a list, which is required");
    if (!begin_on(EC_P256, true))
        return;
    CHECK_FAILS(check_at(CERT_EUM, NOW, &e), &e, ERR_VERIFY, "there is no revocation list of \"Laboratory CI\"");
    CHECK_EQ(revocation_next_update(set, &pki.of[CERT_CI].cert), 0);
    test_row("with one");
    CHECK_OK(load_at(made_of(plan_of(0, NOW, 0)), NOW, &e), &e);
    CHECK_OK(check_at(CERT_EUM, NOW, &e), &e);
    end();
    test_row("a CI without a list, which is not required");
    if (!begin_on(EC_P256, false))
        return;
    CHECK_OK(check_at(CERT_EUM, NOW, &e), &e);
    test_row("required of another CI only");
    struct cert other = pki.of[CERT_CI].cert;
    other.ski = BYTES_LIT("another key");
    revocation_require(set, &other);
    CHECK_OK(check_at(CERT_EUM, NOW, &e), &e);
    test_row("required of this CI");
    revocation_require(set, &pki.of[CERT_CI].cert);
    CHECK_FAILS(check_at(CERT_EUM, NOW, &e), &e, ERR_VERIFY, "there is no revocation list of \"Laboratory CI\"");
    end();
}

/* Each CI has a list of its own: a serial number that one revokes is good under another. */
TEST(two_cis)
{
    struct err e;
    test_row("made");
    if (!begin_on(EC_BRAINPOOLP256R1, true))
        return;
    struct pki first = pki;
    struct bytes brainpool = made_of(plan_of(7, NOW, BIT(CERT_EUM)));
    revocation_free(set);
    if (!begin_on(EC_P256, true))
        return;
    const struct cert cis[] = { pki.of[CERT_CI].cert, first.of[CERT_CI].cert };
    CHECK_OK(revocation_load(set, brainpool, cis, 2, NOW, &e), &e);
    CHECK_OK(revocation_load(set, made_of(plan_of(5, NOW, BIT(CERT_DPPB))), cis, 2, NOW, &e), &e);
    const struct {
        const char *name;
        const struct cert *ci, *cert;
        int result;
    } rows[] = {
        { "revoked by its CI", &cis[1], &first.of[CERT_EUM].cert, -1 },
        { "not revoked by its CI", &cis[1], &first.of[CERT_DPPB].cert, 0 },
        { "revoked by the other CI", &cis[0], &pki.of[CERT_DPPB].cert, -1 },
        { "not revoked by the other CI", &cis[0], &pki.of[CERT_EUM].cert, 0 },
        { "the same serial number under the other CI", &cis[0], &first.of[CERT_EUM].cert, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        CHECK_EQ(revocation_check(set, rows[i].ci, rows[i].cert, NOW, &e), rows[i].result);
    }
    test_row("a new list of one leaves the other's");
    CHECK_OK(revocation_load(set, made_of(plan_of(6, NOW, 0)), cis, 2, NOW, &e), &e);
    CHECK_OK(revocation_check(set, &cis[0], &pki.of[CERT_DPPB].cert, NOW, &e), &e);
    CHECK_FAILS(revocation_check(set, &cis[1], &first.of[CERT_EUM].cert, NOW, &e), &e, ERR_VERIFY, "has revoked");
    pki_end(&first);
    end();
}

/* ---------------------------------------------------------------------- cards, threads */

static int card_at(struct revocation *lists, int64_t now, struct err *e)
{
    struct rsp_trust trust = { .cis = &pki.of[CERT_CI].cert, .n = 1, .revocation = lists };
    struct rsp_card card;
    int result = rsp_card_verify(test_arena(), &trust, pki.of[CERT_EUM].der, pki.of[CERT_EUICC].der, BYTES_NONE, now,
                                 &card, e);
    ec_public_free(card.key);
    return result;
}

TEST(cards)
{
    struct err e;
    test_row("no lists are used");
    if (!begin_on(EC_P256, true))
        return;
    CHECK_OK(card_at(NULL, NOW, &e), &e);
    test_row("no list yet");
    CHECK_FAILS(card_at(set, NOW, &e), &e, RSP_EUM_INVALID, "there is no revocation list");
    test_row("an EUM that is not revoked");
    CHECK_OK(load_at(made_of(plan_of(7, NOW, BIT(CERT_DPPB))), NOW, &e), &e);
    CHECK_OK(card_at(set, NOW, &e), &e);
    test_row("a list out of date");
    CHECK_FAILS(card_at(set, NEXT + GRACE + 1, &e), &e, RSP_EUM_INVALID, "grace period");
    test_row("an EUM that is revoked: 8.1.2/6.1 (SGP.22 5.6.3)");
    CHECK_OK(load_at(made_of(plan_of(8, NOW, BIT(CERT_EUM))), NOW, &e), &e);
    CHECK_FAILS(card_at(set, NOW, &e), &e, RSP_EUM_INVALID, "on 2025-06-14 15:06:40: keyCompromise");
    CHECK_TEXT(rsp_refusal_of(e.code)->subject, "8.1.2");
    CHECK_TEXT(rsp_refusal_of(e.code)->reason, "6.1");
    test_row("the eUICC's own number in the CI's list");
    CHECK_OK(load_at(made_of(plan_of(9, NOW, BIT(CERT_EUICC))), NOW, &e), &e);
    CHECK_OK(card_at(set, NOW, &e), &e);
    end();
}

enum { READERS = 3, LISTS = 40 };

struct reader {
    pthread_t thread;
    bool *done;
    int wrong;
};

/* Every list revokes the EUM and none the SM-DP+. */
static void *read_on(void *context)
{
    struct reader *r = context;
    do
        r->wrong += check_at(CERT_EUM, NOW, NULL) != -1 || check_at(CERT_DPAUTH, NOW, NULL) != 0;
    while (!__atomic_load_n(r->done, __ATOMIC_ACQUIRE));
    return NULL;
}

/* What was verified once is not verified again; another signature, or another CI, is. */
TEST(known_certificates)
{
    struct pki one, other;
    struct pki_plan plan;
    struct pki_entity bad;
    struct err e;
    struct known *k = known_new();
    pki_plan_init(&plan, 1780000000);
    test_row("verified, and remembered");
    if (CHECK(k != NULL) && CHECK_OK(pki_make(test_arena(), &plan, &one, &e), &e) &&
        CHECK_OK(pki_make(test_arena(), &plan, &other, &e), &e) &&
        CHECK_OK(pki_fault(test_arena(), &one, CERT_EUM, FAULT_SIGNATURE, &bad, &e), &e)) {
        const struct cert *ci = &one.of[CERT_CI].cert, *eum = &one.of[CERT_EUM].cert;
        struct cert changed = *eum;
        CHECK_OK(known_verify(k, eum, ci, &e), &e);
        changed.signature = BYTES_LIT("not looked at: the octets of the whole are known");
        CHECK_OK(known_verify(k, &changed, ci, &e), &e);
        test_row("one bit of the signature");
        CHECK(known_verify(k, &bad.cert, ci, &e) != 0);
        CHECK(known_verify(k, &bad.cert, ci, &e) != 0);
        test_row("another CI");
        CHECK(known_verify(k, eum, &other.of[CERT_CI].cert, &e) != 0);
        test_row("more than it can remember");
        for (int i = 0; i < KNOWN_MAX + 3; i++) {
            struct cert many = *eum;
            many.der = bytes_text(arena_printf(test_arena(), "%d", i));
            CHECK_OK(known_verify(k, &many, ci, &e), &e);
        }
        CHECK_FAILS(known_verify(k, &changed, ci, &e), &e, ERR_VERIFY, "");
        pki_end(&one);
        pki_end(&other);
    }
    known_free(k);
}

TEST(threads)
{
    struct reader readers[READERS];
    struct bytes lists[LISTS];
    struct err e;
    bool done = false;
    if (!begin_on(EC_P256, true))
        return;
    for (uint64_t i = 0; i < LISTS; i++)
        lists[i] = made_of(plan_of(i, NOW, BIT(CERT_EUM)));
    CHECK_OK(load_at(lists[0], NOW, &e), &e);
    for (int i = 0; i < READERS; i++) {
        readers[i] = (struct reader){ .done = &done };
        pthread_create(&readers[i].thread, NULL, read_on, &readers[i]);
    }
    for (uint64_t i = 1; i < LISTS; i++)
        CHECK_OK(load_at(lists[i], NOW, &e), &e);
    __atomic_store_n(&done, true, __ATOMIC_RELEASE);
    for (int i = 0; i < READERS; i++) {
        pthread_join(readers[i].thread, NULL);
        CHECK_EQ(readers[i].wrong, 0);
    }
    end();
}
