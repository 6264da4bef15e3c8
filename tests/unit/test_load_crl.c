/* SPDX-License-Identifier: Apache-2.0
 *
 * ES10b.LoadCRL: each of its answers (SGP.22 5.7.12), segments and deltas in any order, and what a card refuses
 * afterwards.  Answers are by hand. */
#include "asn1/tlv.h"
#include "cardlab.h"
#include "crypto/crl_make.h"

enum { DAY = 86400, ENTRIES_MAX = 900 };

#define OK "BF3502A000"
#define CODE(n) "BF35038101" n

/* Which entries: serial numbers of this many octets, from `first` on. */
struct spec {
    uint64_t number, base;
    size_t first, n, serial;
    int64_t this_update, expires; /* days from now; 0 and 0: now, never */
    enum crl_fault fault;
};

static struct crl_entry entries[ENTRIES_MAX];

static void entries_fill(const struct spec *s)
{
    for (size_t i = 0; i < s->n; i++) {
        uint8_t serial[32] = { 0x40 };
        size_t n = s->serial ? s->serial : 4;
        serial[n - 2] = (uint8_t)((s->first + i) >> 8);
        serial[n - 1] = (uint8_t)(s->first + i);
        entries[i] = (struct crl_entry){ .serial = arena_copy(test_arena(), bytes_make(serial, n)),
                                         .date = lab_now() - DAY,
                                         .expires = lab_now() + s->expires * DAY,
                                         .has_expires = s->expires != 0,
                                         .reason = CRL_REASON_NONE };
    }
}

static struct crl_plan plan_of(const struct spec *s)
{
    int64_t at = lab_now() + s->this_update * DAY;
    entries_fill(s);
    return (struct crl_plan){ .revoked = entries, .n = s->n, .number = s->number, .base_number = s->base,
                              .delta = s->base != 0, .this_update = at, .next_update = at + 30 * DAY,
                              .uri = "http://ci.example.com/CRL-A.crl", .fault = s->fault };
}

static struct bytes list_by(const struct pki *pki, const struct crl_plan *plan)
{
    struct bytes der = BYTES_NONE;
    struct err e;
    CHECK_OK(crl_make(test_arena(), plan, &pki->of[CERT_CI].cert, pki->of[CERT_CI].key, &der, &e), &e);
    return der;
}

static struct bytes list_of(const struct spec *s)
{
    struct crl_plan plan = plan_of(s);
    return list_by(lab_pki(0), &plan);
}

static struct bytes *segments_of(const struct spec *s, size_t *n)
{
    const struct pki_entity *ci = &lab_pki(0)->of[CERT_CI];
    struct crl_plan plan = plan_of(s);
    struct bytes *items = NULL;
    struct err e;
    *n = 0;
    CHECK_OK(crl_make_segments(test_arena(), &plan, &ci->cert, ci->key, &items, n, &e), &e);
    return items;
}

/* LoadCRLRequest: A0 stands for the list's own 30 (automatic tags of Annex H). */
static const char *load(struct lab *l, struct bytes der)
{
    struct cursor c = cursor_over(der);
    struct buf inner = buf_in(test_arena()), q = buf_in(test_arena());
    struct tlv list = { 0 };
    struct bytes answer;
    CHECK(tlv_next(&c, ASN1_WIRE, &list, NULL) == 0);
    tlv_add(&inner, 0xA0, list.value);
    tlv_add(&q, 0xBF35, buf_bytes(&inner));
    unsigned sw = lab_es10(l, buf_bytes(&q), &answer);
    return sw == 0x9000 ? hex_encode(test_arena(), answer) : arena_printf(test_arena(), "SW %04X", sw);
}

/* ------------------------------------------------------------------------------- faults */

TEST(formats)
{
    static const char *const words[CRL_FAULTS] = {
        [CRL_FAULT_NONE] = OK,
        [CRL_FAULT_SIGNATURE] = CODE("01"),
        [CRL_FAULT_AKI_OTHER] = CODE("04"),
        /* of a time that has passed, or will come: a card has no clock */
        [CRL_FAULT_EXPIRED] = OK,
        [CRL_FAULT_NOT_YET_VALID] = OK,
    };
    for (int f = 0; f < CRL_FAULTS; f++) {
        struct lab l;
        struct spec s = { .number = 7, .n = f == CRL_FAULT_EMPTY ? 0 : 2, .fault = (enum crl_fault)f };
        test_row("%s", crl_fault_name((enum crl_fault)f));
        if (lab_open(&l, 1)) {
            CHECK_TEXT(load(&l, list_of(&s)), words[f] ? words[f] : CODE("02"));
            /* nothing of a refused list has stayed */
            s.number = 1;
            s.fault = CRL_FAULT_NONE;
            CHECK_TEXT(load(&l, list_of(&s)), words[f] && strcmp(words[f], OK) == 0 ? CODE("05") : OK);
        }
        lab_close(&l);
    }
}

TEST(keys)
{
    struct lab l;
    struct spec s = { .number = 1, .n = 1 };
    struct crl_plan plan = plan_of(&s);
    test_row("of a CI that the card doesn't know");
    if (lab_open(&l, 1))
        CHECK_TEXT(load(&l, list_by(lab_pki(LAB_SECOND), &plan)), CODE("04"));
    lab_close(&l);
    test_row("of each CI that it knows, numbers of their own");
    if (lab_open(&l, LAB_PKIS))
        for (int i = 0; i < LAB_PKIS; i++) {
            plan.number = (uint64_t)(9 - i);
            CHECK_TEXT(load(&l, list_by(lab_pki(i), &plan)), OK);
        }
    lab_close(&l);
    test_row("signed by another key of the same name and identifier");
    if (lab_open(&l, 1)) {
        struct bytes der = BYTES_NONE;
        struct err e;
        CHECK_OK(crl_make(test_arena(), &plan, &lab_pki(0)->of[CERT_CI].cert, lab_pki(0)->of[CERT_EUM].key, &der, &e),
                 &e);
        CHECK_TEXT(load(&l, der), CODE("01"));
    }
    lab_close(&l);
    test_row("no list at all");
    if (lab_open(&l, 1)) {
        CHECK_TEXT(lab_say(&l, "BF3500"), "SW 6A80");
        CHECK_TEXT(lab_say(&l, "BF3502 3000"), "SW 6A80");
        CHECK_TEXT(lab_say(&l, "BF3502 A000"), CODE("02"));
        CHECK_TEXT(lab_say(&l, "BF3504 A0023000"), CODE("02"));
    }
    lab_close(&l);
}

/* -------------------------------------------------------------------------------- order */

struct loaded {
    const char *name;
    struct spec list;
    const char *answer;
};

static void load_all(const char *name, const struct loaded *rows, size_t n)
{
    struct lab l;
    if (lab_open(&l, 1))
        for (size_t i = 0; i < n; i++) {
            test_row("%s: %s", name, rows[i].name);
            CHECK_TEXT(load(&l, list_of(&rows[i].list)), rows[i].answer);
            CHECK(lab_power(&l)); /* what it knows, it knows from its memory */
        }
    lab_close(&l);
}

#define LOAD_ALL(name, rows) load_all(name, rows, sizeof rows / sizeof *rows)

TEST(numbers)
{
    static const struct loaded whole[] = {
        { "the first", { .number = 5, .n = 1 }, OK },
        { "the same again", { .number = 5, .n = 1 }, OK },
        { "an older one", { .number = 4, .n = 1 }, CODE("05") },
        { "the next", { .number = 6, .n = 2 }, OK },
        { "one of nine octets", { .number = UINT64_MAX, .n = 2 }, OK },
        { "an older one of one octet", { .number = 200, .n = 2 }, CODE("05") },
        { "without any entry", { .number = UINT64_MAX, .n = 0 }, OK },
    };
    static const struct loaded deltas[] = {
        { "without anything before", { .number = 8, .base = 5, .n = 1 }, CODE("06") },
        { "its base", { .number = 5, .n = 1 }, OK },
        { "on it", { .number = 7, .base = 5, .first = 9, .n = 1 }, OK },
        { "on that delta", { .number = 8, .base = 7, .first = 10, .n = 1 }, OK },
        { "on an older base than there is", { .number = 9, .base = 3, .first = 11, .n = 1 }, OK },
        { "on a base that never came", { .number = 12, .base = 10, .first = 12, .n = 1 }, CODE("06") },
        { "the same again", { .number = 9, .base = 3, .first = 11, .n = 1 }, OK },
        { "an older one", { .number = 8, .base = 7, .first = 10, .n = 1 }, CODE("05") },
    };
    LOAD_ALL("complete lists", whole);
    LOAD_ALL("deltas", deltas);
}

TEST(memory)
{
    static const struct loaded rows[] = {
        { "as many entries as fit: 630 of 13 octets", { .number = 1, .n = 630 }, OK },
        { "the same entries", { .number = 2, .n = 630 }, OK },
        { "one too many", { .number = 3, .n = 631 }, CODE("03") },
        { "a list that fits, after it", { .number = 3, .n = 630 }, OK },
        { "much more", { .number = 4, .first = 5000, .n = 900 }, CODE("03") },
        { "more once the others have expired", { .number = 5, .this_update = 2, .first = 5000, .n = 600 }, CODE("03") },
    };
    static const struct loaded expiring[] = {
        { "entries until tomorrow", { .number = 1, .n = 480, .expires = 1 }, OK },
        { "as many others today", { .number = 2, .first = 5000, .n = 480, .expires = 9 }, CODE("03") },
        { "as many others when the first are over",
          { .number = 2, .this_update = 2, .first = 5000, .n = 480, .expires = 9 }, OK },
        { "entries that are over already", { .number = 3, .this_update = 2, .n = 480, .expires = 1 }, OK },
        { "a serial number of 21 octets", { .number = 4, .this_update = 2, .n = 1, .serial = 21 }, OK },
    };
    LOAD_ALL("entries", rows);
    LOAD_ALL("expiry", expiring);
}

/* The write fails: undefinedError, and nothing has changed. */
TEST(a_write_that_fails)
{
    struct lab l;
    struct spec s = { .number = 3, .n = 1 };
    if (lab_open(&l, 1)) {
        l.fail = 1;
        CHECK_TEXT(load(&l, list_of(&s)), "BF35038101" "7F");
        s.number = 2;
        CHECK_TEXT(load(&l, list_of(&s)), OK);
    }
    lab_close(&l);
}

/* ------------------------------------------------------------------------------ segments */

static const char *missing(const char *numbers)
{
    struct bytes n = unhex(numbers);
    struct buf all = buf_in(test_arena()), list = buf_in(test_arena()), ok = buf_in(test_arena());
    for (size_t i = 0; i < n.n; i++)
        tlv_add(&all, 0x02, bytes_slice(n, i, 1));
    if (n.n)
        tlv_add(&list, 0xA0, buf_bytes(&all));
    else
        buf_add(&list, BYTES_LIT(""));
    tlv_add(&ok, 0xA0, buf_bytes(&list));
    struct buf out = buf_in(test_arena());
    tlv_add(&out, 0xBF35, buf_bytes(&ok));
    return hex_encode(test_arena(), buf_bytes(&out));
}

TEST(segments)
{
    static const struct {
        const char *name;
        size_t segment; /* from 1; 0: the complete list; 9: segment 1 of the next list */
        const char *missing;
    } rows[] = {
        { "the second of three", 2, "0103" },
        { "the same again", 2, "0103" },
        { "the third", 3, "01" },
        { "the first", 1, "" },
        { "the first again", 1, "" },
        { "the complete list of that number", 0, "" },
        { "the first of the next", 9, "0203" },
        { "the third of the former", 3, "older" },
    };
    struct spec now = { .number = 4, .n = 60, .serial = 8 }, next = { .number = 5, .n = 60, .serial = 8 };
    size_t n, m;
    struct bytes *segments = segments_of(&now, &n), *later = segments_of(&next, &m);
    struct lab l;
    test_row("there are three");
    if (CHECK_EQ((int64_t)n, 3) && CHECK_EQ((int64_t)m, 3) && lab_open(&l, 1)) {
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            test_row("%s", rows[i].name);
            struct bytes list = rows[i].segment == 9   ? later[0]
                                : rows[i].segment == 0 ? list_of(&now)
                                                       : segments[rows[i].segment - 1];
            CHECK_TEXT(load(&l, list), strcmp(rows[i].missing, "older") == 0 ? CODE("05") : missing(rows[i].missing));
            CHECK(lab_power(&l));
        }
        lab_close(&l);
    }
}

TEST(segments_and_others)
{
    struct spec now = { .number = 4, .n = 60, .serial = 8 }, more = { .number = 4, .n = 120, .serial = 8 };
    struct spec delta = { .number = 6, .base = 4, .n = 1 };
    size_t n, m;
    struct bytes *segments = segments_of(&now, &n), *others = segments_of(&more, &m);
    struct lab l;
    test_row("a complete list stands for those that are missing");
    if (lab_open(&l, 1)) {
        CHECK_TEXT(load(&l, segments[0]), missing("0203"));
        CHECK_TEXT(load(&l, list_of(&now)), OK);
        CHECK_TEXT(load(&l, segments[1]), OK);
    }
    lab_close(&l);
    test_row("segments of a list of the same number and another length");
    if (CHECK(n != m) && lab_open(&l, 1)) {
        CHECK_TEXT(load(&l, segments[0]), missing("0203"));
        CHECK_TEXT(load(&l, others[1]), CODE("02"));
    }
    lab_close(&l);
    test_row("a delta on a list of which one is missing, and when none is");
    if (lab_open(&l, 1)) {
        CHECK_TEXT(load(&l, segments[0]), missing("0203"));
        CHECK_TEXT(load(&l, segments[1]), missing("03"));
        CHECK_TEXT(load(&l, list_of(&delta)), CODE("06"));
        CHECK_TEXT(load(&l, segments[2]), OK);
        CHECK_TEXT(load(&l, list_of(&delta)), OK);
    }
    lab_close(&l);
}

/* --------------------------------------------------------------------------- enforcement */

/* One entry: the certificate of a role. */
static struct bytes revoking(enum cert_role role, uint64_t number, int64_t days)
{
    const struct cert *c = &lab_pki(0)->of[role].cert;
    struct spec s = { .number = number, .this_update = days };
    struct crl_plan plan = plan_of(&s);
    entries[0] = (struct crl_entry){ c->serial, lab_now() - DAY, c->not_after, true, x509_CRLReason_keyCompromise };
    plan.revoked = entries;
    plan.n = 1;
    return list_by(lab_pki(0), &plan);
}

static const char *codes(struct lab *l, const struct pki *pki)
{
    struct server s = server_of(pki);
    int64_t code = server_challenge(&s, l), prepared = -1;
    if (CHECK_EQ(code, 0) && (code = server_authenticated(&s, l)) == 0)
        prepared = server_prepared(&s, l);
    return code ? arena_printf(test_arena(), "%d", (int)code) : arena_printf(test_arena(), "0 %d", (int)prepared);
}

TEST(revoked)
{
    static const struct {
        const char *name;
        enum cert_role role;
        const char *codes; /* of AuthenticateServer, PrepareDownload */
    } rows[] = {
        { "DPauth", CERT_DPAUTH, "1" },        { "DPpb", CERT_DPPB, "0 1" },     { "CI", CERT_CI, "1" },
        { "DSauth, which is not in use", CERT_DSAUTH, "0 0" }, { "EUM, the card's own", CERT_EUM, "0 0" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lab l;
        struct spec later = { .number = 2 };
        test_row("%s", rows[i].name);
        if (lab_open(&l, LAB_PKIS)) {
            CHECK_TEXT(codes(&l, lab_pki(0)), "0 0");
            CHECK_TEXT(load(&l, revoking(rows[i].role, 1, 0)), OK);
            CHECK_TEXT(codes(&l, lab_pki(0)), rows[i].codes);
            CHECK_TEXT(codes(&l, lab_pki(LAB_SECOND)), "0 0"); /* the list is of its own CI's certificates */
            CHECK_TEXT(codes(&l, lab_pki(LAB_BRAINPOOL)), "0 0");
            CHECK(lab_power(&l));
            CHECK_TEXT(codes(&l, lab_pki(0)), rows[i].codes);
            CHECK_TEXT(load(&l, list_of(&later)), OK); /* revoked is revoked, whatever a later list lacks */
            CHECK_TEXT(codes(&l, lab_pki(0)), rows[i].codes);
        }
        lab_close(&l);
    }
}

/* In the middle of a session. */
TEST(revoked_meanwhile)
{
    static const enum cert_role roles[] = { CERT_DPAUTH, CERT_DPPB };
    for (int i = 0; i < 2; i++) {
        struct lab l;
        struct server s = server_of(lab_pki(0));
        test_row("%s, behind AuthenticateServer", cert_role_name(roles[i]));
        if (lab_open(&l, 1) && CHECK_EQ(server_challenge(&s, &l), 0) && CHECK_EQ(server_authenticated(&s, &l), 0)) {
            CHECK_TEXT(load(&l, revoking(roles[i], 1, 0)), OK);
            CHECK_EQ(server_prepared(&s, &l), 1);
        }
        lab_close(&l);
    }
}

/* What a list's thisUpdate is later than has expired (4.6.3), under whatever CI. */
TEST(time_reference)
{
    enum { YEAR = 366 };
    static const struct {
        const char *name;
        int64_t days;
        const char *codes;
    } rows[] = {
        { "today", 0, "0 0" },
        { "in nine years", 9 * YEAR, "0 0" },
        { "in eleven: server certificates are of ten", 11 * YEAR, "1" },
        { "back to today", 0, "1" },
    };
    struct lab l;
    if (lab_open(&l, LAB_PKIS))
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            struct spec s = { .number = i + 1, .this_update = rows[i].days };
            test_row("%s", rows[i].name);
            CHECK_TEXT(load(&l, list_of(&s)), OK);
            CHECK_TEXT(codes(&l, lab_pki(0)), rows[i].codes);
            CHECK_TEXT(codes(&l, lab_pki(LAB_BRAINPOOL)), rows[i].codes);
            CHECK(lab_power(&l));
            CHECK_TEXT(codes(&l, lab_pki(0)), rows[i].codes);
        }
    lab_close(&l);
}

/* A certificate's last second counts. */
TEST(the_last_second)
{
    int64_t last = lab_pki(0)->of[CERT_DPAUTH].cert.not_after;
    for (int late = 0; late < 2; late++) {
        struct spec s = { .number = 1 };
        struct crl_plan plan = plan_of(&s);
        struct lab l;
        test_row("%s", late ? "the one behind it" : "the last one");
        plan.this_update = last + late;
        plan.next_update = last + DAY;
        if (lab_open(&l, 1)) {
            CHECK_TEXT(load(&l, list_by(lab_pki(0), &plan)), OK);
            CHECK_TEXT(codes(&l, lab_pki(0)), late ? "1" : "0 0");
        }
        lab_close(&l);
    }
}
