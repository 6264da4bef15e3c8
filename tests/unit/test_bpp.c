/* SPDX-License-Identifier: Apache-2.0
 *
 * A Bound Profile Package with one fault, after it was cut into segments: every octet altered, every segment dropped,
 * doubled, swapped, cut, extended.  What the card says is tests/vectors/bpp-faults.txt; then nothing of it is left,
 * and a good package installs on the same card.  Also each error reason there is, and what a card keeps for a retry. */
#include "cardlab.h"

#include <stdlib.h>

#include "asn1/tlv.h"
#include "saip/package.h"

#define ICCID "5A0A989400010000000000F9"

/* ------------------------------------------------------------------------- expectations */

enum { ROWS_MAX = 128, LINE_OCTETS = 160, WORD_OCTETS = 12 };

static struct row {
    char fault[WORD_OCTETS], segment[WORD_OCTETS], where[WORD_OCTETS], want[2][WORD_OCTETS];
    int tried[2];
} rows[ROWS_MAX];
static size_t n_rows;

static bool rows_read(void)
{
    FILE *f = fopen(test_source("tests/vectors/bpp-faults.txt"), "r");
    char line[LINE_OCTETS];
    n_rows = 0;
    while (f && fgets(line, sizeof line, f) && n_rows < ROWS_MAX) {
        struct row *r = &rows[n_rows];
        memset(r, 0, sizeof *r);
        if (line[0] != '#' && line[0] != '\n' &&
            CHECK_EQ(sscanf(line, "%11s %11s %11s %11s %11s", r->fault, r->segment, r->where, r->want[0], r->want[1]),
                     5))
            n_rows++;
    }
    if (f)
        fclose(f);
    return CHECK(n_rows > 0);
}

static struct row *row_of(const char *fault, const char *segment, const char *where)
{
    for (size_t i = 0; i < n_rows; i++)
        if (strcmp(rows[i].fault, fault) == 0 && strcmp(rows[i].segment, segment) == 0 &&
            strcmp(rows[i].where, where) == 0)
            return &rows[i];
    printf("# no row: %s %s %s\n", fault, segment, where);
    CHECK(false);
    return &rows[0];
}

/* --------------------------------------------------------------------------- one attempt */

static const char LONG_NAME[] = "9440"
                                "0102030405060708090A0B0C0D0E0F100102030405060708090A0B0C0D0E0F10"
                                "0102030405060708090A0B0C0D0E0F100102030405060708090A0B0C0D0E0F10";

/* Small, yet with several segments of each kind that may have several: 88, 86. */
static struct package several(bool ppk)
{
    const char *icon = arena_printf(test_arena(), "930101 %s B618 3016 800204F0 8110 736D64702E6578616D706C652E636F6D",
                                    LONG_NAME);
    return (struct package){ .ppk = ppk, .piece = 90, .metadata_piece = 50, .metadata = package_metadata(icon) };
}

/* What was said, in the words of the table; the notification of a result is removed. */
static const char *outcome(struct lab *l, const struct server *s, unsigned sw, struct bytes answer)
{
    if (sw != 0x9000)
        return arena_printf(test_arena(), "%04X", sw);
    if (answer.n == 0)
        return "none";
    struct result r = result_read(s, answer);
    CHECK(r.right);
    if (r.success)
        return "ok";
    struct buf gone = buf_in(test_arena()), number = buf_in(test_arena());
    if (r.seq > 0x7F)
        buf_u8(&number, (unsigned)r.seq >> 8);
    buf_u8(&number, (unsigned)r.seq & 0xFF);
    struct buf seq = buf_in(test_arena());
    tlv_add(&seq, 0x80, buf_bytes(&number));
    tlv_add(&gone, 0xBF30, buf_bytes(&seq));
    CHECK_EQ(lab_es10(l, buf_bytes(&gone), &answer), 0x9000);
    CHECK_HEX(answer, "BF3003800100"); /* it was in the list */
    return arena_printf(test_arena(), "%d/%d", (int)r.command, (int)r.reason);
}

/* After a status word the session is there still, and is cancelled as an LPA does. */
static void give_up(struct lab *l, const struct server *s)
{
    struct buf q = buf_in(test_arena()), in = buf_in(test_arena());
    struct bytes answer;
    tlv_add(&in, 0x80, s->transaction);
    buf_add(&in, unhex("810105"));
    tlv_add(&q, 0xBF41, buf_bytes(&in));
    CHECK_EQ(lab_es10(l, buf_bytes(&q), &answer), 0x9000);
    CHECK(answer.n > 5 && tlv_find(bytes_slice(answer, 3, answer.n), 0xA0).value.p);
}

typedef void spoiler(struct bpp_segments *, size_t segment, size_t octet);

static const char *attempt(struct lab *l, bool ppk, spoiler *spoil, size_t segment, size_t octet, unsigned *after)
{
    struct server s = server_of(lab_pki(0));
    struct package p = several(ppk);
    struct bytes answer, more;
    if (!server_ready(&s, l))
        return "not begun";
    struct bpp_segments segments = package_bind(&s, &p);
    spoil(&segments, segment, octet);
    unsigned sw = package_load(l, &segments, &answer);
    const char *said = outcome(l, &s, sw, answer);
    *after = 0;
    if (strchr(said, '/') || strcmp(said, "ok") == 0)
        *after = lab_es10(l, segments.items[segments.n - 1].octets, &more); /* who goes on is told so */
    else
        give_up(l, &s);
    return said;
}

/* ------------------------------------------------------------------------------ the kinds */

static struct bpp_segments pattern(bool ppk)
{
    struct server s = server_of(lab_pki(0));
    struct package p = several(ppk);
    s.otpk = lab_pki(0)->of[CERT_DPTLS].cert.point; /* as long as any */
    return package_bind(&s, &p);
}

static const char *segment_name(const struct bpp_segments *b, size_t i)
{
    uint32_t tag = b->items[i].tag;
    bool first = i == 0 || b->items[i - 1].tag != tag, last = i + 1 == b->n || b->items[i + 1].tag != tag;
    if (tag == 0x88)
        return first ? "88.1" : "88.2";
    if (tag == 0x86)
        return first ? "86.first" : last ? "86.last" : "86";
    return arena_printf(test_arena(), "%X", (unsigned)tag);
}

/* Octets of a header's length behind its first, if that says how many there are. */
static size_t header_octets(struct bytes b, size_t tag)
{
    return tag + 1 + (b.p[tag] & 0x80 ? b.p[tag] & 0x7F : 0);
}

/* Where in InitialiseSecureChannel an octet is: in a tag or length, or in what is signed. */
static const char *inside(struct bytes b, size_t at)
{
    struct cursor c = cursor_over(b);
    struct tlv t;
    while (tlv_next(&c, ASN1_WIRE, &t, NULL) == 0) {
        size_t from = (size_t)(t.whole.p - b.p), value = (size_t)(t.value.p - b.p);
        if (at < from + t.whole.n)
            return at < value ? "header" : t.tag == 0xA6 || t.tag == 0xBF23 ? inside(t.value, at - value) : "value";
    }
    return "value";
}

static const char *length_place(struct bytes b, size_t tag, size_t at)
{
    if (at < tag)
        return "tag";
    if (at == tag && b.p[tag] & 0x80)
        return "form";
    return b.p[at] & 1 ? "shorter" : "longer"; /* the lowest bit goes, or comes */
}

static const char *place(const struct bpp_segments *b, size_t i, size_t at)
{
    struct bytes o = b->items[i].octets;
    switch (b->items[i].tag) {
    case 0xBF36:
        return at < header_octets(o, 2) ? length_place(o, 2, at)
                                        : inside(bytes_slice(o, header_octets(o, 2), o.n), at - header_octets(o, 2));
    case 0xA1:
    case 0xA3:
        return length_place(o, 1, at);
    case 0xA0:
    case 0xA2: {
        size_t outer = header_octets(o, 1);
        return at == 0 ? "tag" : at < outer + header_octets(bytes_slice(o, outer, o.n), 1) ? "header" : "value";
    }
    default:
        return at == 0 ? "tag" : at < header_octets(o, 1) ? "header" : "value";
    }
}

/* -------------------------------------------------------------------------------- faults */

static void alter(struct bpp_segments *b, size_t i, size_t at)
{
    struct bytes copy = arena_copy(test_arena(), b->items[i].octets);
    ((uint8_t *)(uintptr_t)copy.p)[at] ^= 1;
    b->items[i].octets = copy;
}

static void drop(struct bpp_segments *b, size_t i, size_t at)
{
    (void)at;
    memmove(&b->items[i], &b->items[i + 1], (--b->n - i) * sizeof *b->items);
}

static void twice(struct bpp_segments *b, size_t i, size_t at)
{
    (void)at;
    memmove(&b->items[i + 1], &b->items[i], (b->n++ - i) * sizeof *b->items);
}

static void swap(struct bpp_segments *b, size_t i, size_t at)
{
    struct bpp_segment s = b->items[i];
    (void)at;
    b->items[i] = b->items[i + 1];
    b->items[i + 1] = s;
}

static void cut(struct bpp_segments *b, size_t i, size_t at)
{
    (void)at;
    b->items[i].octets.n--;
}

static void extend(struct bpp_segments *b, size_t i, size_t at)
{
    struct buf longer = buf_in(test_arena());
    (void)at;
    buf_add(&longer, b->items[i].octets);
    buf_u8(&longer, 0);
    b->items[i].octets = buf_bytes(&longer);
}

static const struct {
    const char *name;
    spoiler *spoil;
} faults[] = { { "dropped", drop }, { "doubled", twice }, { "swapped", swap }, { "cut", cut }, { "extended", extend } };

/* ------------------------------------------------------------------------ what is left */

/* The card is as it was, also when it is read from its memory; then a good package installs and goes again. */
static void nothing_left(struct lab *l, struct bytes before, bool ppk)
{
    struct package p = several(ppk);
    CHECK_BYTES(lab_view(l, true), before);
    if (!lab_power(l))
        return;
    CHECK_BYTES(lab_view(l, true), before);
    if (package_install(l, lab_pki(0), &p)) {
        CHECK(!bytes_equal(lab_view(l, false), before));
        CHECK_TEXT(lab_say(l, "BF330C" ICCID), "BF3303800100");
    }
    lab_clean(l);
    CHECK_BYTES(lab_view(l, true), before);
}

static void judge(struct row *r, bool ppk, size_t at, const char *said, unsigned after)
{
    r->tried[ppk]++;
    if (strcmp(said, r->want[ppk]) != 0) {
        printf("# octet %zu\n", at);
        CHECK_TEXT(said, r->want[ppk]);
    }
    if (after)
        CHECK_EQ(after, 0x6985);
}


TEST(altered)
{
    for (int ppk = 0; ppk < 2 && rows_read(); ppk++) {
        struct bpp_segments b = pattern(ppk);
        for (size_t i = 0; i < b.n; i++) {
            struct lab l;
            unsigned after;
            test_row("%s, segment %zu: %s, each of %zu octets", ppk ? "protection keys" : "session keys", i + 1,
                     segment_name(&b, i), b.items[i].octets.n);
            if (lab_open(&l, 1)) {
                struct bytes before = lab_view(&l, true);
                for (size_t at = 0; at < b.items[i].octets.n; at++) {
                    const char *said = attempt(&l, ppk, alter, i, at, &after);
                    judge(row_of("altered", segment_name(&b, i), place(&b, i, at)), ppk, at, said, after);
                }
                nothing_left(&l, before, ppk);
            }
            lab_close(&l);
        }
    }
}

TEST(segments)
{
    for (int k = 0; k < 10 && rows_read(); k++) {
        bool ppk = k % 2;
        struct bpp_segments b = pattern(ppk);
        for (size_t i = 0; i < b.n; i++) {
            struct lab l;
            unsigned after;
            if (strcmp(faults[k / 2].name, "swapped") == 0 && i + 1 == b.n)
                continue;
            test_row("%s, %s: segment %zu, %s", faults[k / 2].name, ppk ? "protection keys" : "session keys", i + 1,
                     segment_name(&b, i));
            if (lab_open(&l, 1)) {
                struct bytes before = lab_view(&l, true);
                const char *said = attempt(&l, ppk, faults[k / 2].spoil, i, 0, &after);
                judge(row_of(faults[k / 2].name, segment_name(&b, i), "-"), ppk, 0, said, after);
                if (strcmp(said, "ok") == 0) {
                    CHECK_TEXT(lab_say(&l, "BF330C" ICCID), "BF3303800100");
                    lab_clean(&l);
                }
                nothing_left(&l, before, ppk);
            }
            lab_close(&l);
        }
    }
}

/* Every row has been tried. */
TEST(table)
{
    struct bpp_segments b[2] = { pattern(false), pattern(true) };
    if (!rows_read())
        return;
    for (size_t r = 0; r < n_rows; r++)
        for (int ppk = 0; ppk < 2; ppk++) {
            bool there = false;
            test_row("%s %s %s, %s", rows[r].fault, rows[r].segment, rows[r].where,
                     ppk ? "protection keys" : "session keys");
            for (size_t i = 0; i < b[ppk].n; i++) {
                bool named = strcmp(segment_name(&b[ppk], i), rows[r].segment) == 0, found = rows[r].where[0] == '-';
                for (size_t at = 0; named && !found && at < b[ppk].items[i].octets.n; at++)
                    found = strcmp(place(&b[ppk], i, at), rows[r].where) == 0;
                there = there || (named && found);
            }
            /* a length is too short or too long by its own value */
            bool by_chance = strcmp(rows[r].where, "shorter") == 0 || strcmp(rows[r].where, "longer") == 0;
            CHECK(by_chance || there == (strcmp(rows[r].want[ppk], "-") != 0));
        }
}

/* ------------------------------------------------------- segments that are out of place */

/* They leave everything as it is: the download goes on (3.1.5, 5.7.6). */
TEST(out_of_place)
{
    static const struct {
        const char *name, *segment;
        unsigned sw;
    } strangers[] = { { "an unknown tag", "A403010203", 0x6A88 },
                      { "an unknown tag of which more is to come", "A9820100", 0x6A88 },
                      { "87 by itself", "87020102", 0x6985 },
                      { "BF23 by itself", "BF2300", 0x6A88 },
                      { "a second BF36", "BF36820100BF2300", 0x6985 },
                      { "no TLV", "00", 0x6A80 } };
    for (size_t k = 0; k < sizeof strangers / sizeof *strangers; k++) {
        struct lab l;
        struct server s = server_of(lab_pki(0));
        struct package p = several(true);
        struct bytes answer = BYTES_NONE;
        test_row("%s", strangers[k].name);
        if (lab_open(&l, 1) && server_ready(&s, &l)) {
            struct bpp_segments b = package_bind(&s, &p);
            for (size_t i = 0; i < b.n; i++) {
                CHECK_EQ(lab_es10(&l, b.items[i].octets, &answer), 0x9000);
                CHECK_EQ((int64_t)answer.n > 0, i + 1 == b.n);
                if (i + 1 < b.n) {
                    struct bytes none;
                    CHECK_EQ(lab_es10(&l, unhex(strangers[k].segment), &none), strangers[k].sw);
                }
            }
            CHECK(result_read(&s, answer).success);
        }
        lab_close(&l);
    }
}

/* ------------------------------------------------------------------- every error reason */

static struct bytes hexed(const char *hex, size_t zeros)
{
    struct buf b = buf_in(test_arena());
    buf_add(&b, unhex(hex));
    buf_fill(&b, 0, zeros);
    return buf_bytes(&b);
}

static void as_it_is(struct lab *l, struct package *p)
{
    (void)l;
    (void)p;
}

static void off_curve(struct lab *l, struct package *p)
{
    struct bytes point = arena_copy(test_arena(), lab_pki(0)->of[CERT_DPTLS].cert.point);
    (void)l;
    ((uint8_t *)(uintptr_t)point.p)[64] ^= 1;
    p->point = point;
}

static void bad_signature(struct lab *l, struct package *p)
{
    (void)l;
    p->bad_signature = true;
}

static void other_transaction(struct lab *l, struct package *p)
{
    (void)l;
    p->transaction = BYTES_LIT("another one");
}

static void key_type(struct lab *l, struct package *p)
{
    (void)l;
    p->key_type = 0x80;
}

static void key_length(struct lab *l, struct package *p)
{
    (void)l;
    p->key_length = 0x20;
}

static void operation(struct lab *l, struct package *p)
{
    (void)l;
    p->operation = 2;
}

static void configure_other(struct lab *l, struct package *p)
{
    (void)l;
    p->configure = unhex("BF2500");
}

/* B8 and its length are of the 129 octets. */
static void configure_long(struct lab *l, struct package *p)
{
    (void)l;
    p->configure = hexed("BF248181 B87F 8003883703 0478", 120);
}

static void configure_longest(struct lab *l, struct package *p)
{
    (void)l;
    p->configure = hexed("BF248180 B87E 8003883703 0477", 119);
}

#define METADATA(name, members)                           \
    static void name(struct lab *l, struct package *p)    \
    {                                                     \
        (void)l;                                          \
        p->metadata = package_metadata(members);          \
    }
METADATA(class_3, "950103")
METADATA(icon_alone, "94020102")
METADATA(type_alone, "930101")
METADATA(rules_without_owner, "99020640")
METADATA(unknown_rule, "B705800300F110 99020410")
METADATA(owner_pattern, "B7058003EEF110 99020640")
METADATA(other_owner, "B705800300F120")

static void metadata_garbage(struct lab *l, struct package *p)
{
    (void)l;
    p->metadata = unhex("BF2503800100");
}

static void twice_installed(struct lab *l, struct package *p)
{
    CHECK(package_install(l, lab_pki(0), p));
}

static void full_of_profiles(struct lab *l, struct package *p)
{
    for (int i = 1; i <= 16; i++) {
        struct package other = package_numbered(i);
        CHECK(package_install(l, lab_pki(0), &other));
    }
    (void)p;
}

static struct bytes upp_with(const char *elements)
{
    struct saip_package p;
    struct bytes der = BYTES_NONE;
    struct buf text = buf_in(test_arena());
    struct err e;
    struct saip_package small;
    CHECK_OK(saip_decode(test_arena(), package_small(), ASN1_STRICT, &small, &e), &e);
    small.n--;
    saip_print(&text, &small, false);
    buf_text(&text, elements);
    buf_text(&text, "\nvalue9 ProfileElement ::= end : { end-header { mandated NULL, identification 90 } }\n");
    if (CHECK_OK(saip_parse(test_arena(), bytes_text(buf_str(&text)), &p, &e), &e))
        CHECK_OK(saip_encode(test_arena(), &p, &der, &e), &e);
    return der;
}

static void large_files(struct lab *l, struct package *p)
{
    struct buf text = buf_in(test_arena());
    (void)l;
    for (unsigned i = 0; i < 13; i++)
        buf_printf(&text, "value8 ProfileElement ::= genericFileManagement : { gfm-header { mandated NULL, "
                          "identification %u }, fileManagementCMD { { filePath : ''H, createFCP : { fileDescriptor "
                          "'4121'H, fileID '4F%02X'H, securityAttributesReferenced '0A'H, efFileSize 'FFFF'H } } } }\n",
                   20 + i, 0x10 + i);
    p->upp = upp_with(buf_str(&text));
}

static void garbage(struct lab *l, struct package *p)
{
    (void)l;
    p->upp = unhex("3082FFFF00");
}

static void other_iccid(struct lab *l, struct package *p)
{
    (void)l;
    p->upp = package_iccid(package_small(), package_numbered_iccid(3));
}

static void short_keys(struct lab *l, struct package *p)
{
    (void)l;
    p->ppk = true;
    p->ppk_octets = 15;
}

static void real_key(struct lab *l, struct package *p)
{
    (void)l;
    p->metadata = package_metadata("950100");
    p->upp = package_operator("465B5CE8B199B49FAA5F0A2EE238A6BC");
}

static void test_key(struct lab *l, struct package *p)
{
    (void)l;
    p->metadata = package_metadata("950100");
    p->upp = package_operator("000000000000000000000000DEADBEEF");
}

static void rule_1_beside_another(struct lab *l, struct package *p)
{
    struct package other = package_numbered(1);
    CHECK(package_install(l, lab_pki(0), &other));
    p->metadata = package_metadata("B70B800300F110810452534B49 99020640");
    p->upp = package_operator("465B5CE8B199B49FAA5F0A2EE238A6BC");
}

static void rule_2_beside_another(struct lab *l, struct package *p)
{
    rule_1_beside_another(l, p);
    p->metadata = package_metadata("B70B800300F110810452534B49 99020520");
}

/* SGP.22 2.5.6, Table 4a. */
TEST(reasons)
{
    static const struct {
        const char *name;
        void (*change)(struct lab *, struct package *);
        int command, reason;
        bool iccid; /* known by then, so it is told */
        long fail;  /* the write of the installation that fails */
    } reasons[] = {
        { "nothing", as_it_is, -1, 0, true },
        { "otPK.DP off the curve", off_curve, 0, 1, false },
        { "a bad signature", bad_signature, 0, 2, false },
        { "another transaction, rightly signed", other_transaction, 0, 3, false },
        { "a key type other than AES", key_type, 0, 4, false },
        { "keys of 32 octets", key_length, 0, 4, false },
        { "another remote operation", operation, 0, 5, false },
        { "the first write fails", as_it_is, 0, 127, false, 1 },
        { "no ConfigureISDP in its place", configure_other, 1, 1, false },
        { "proprietary data of 129 octets", configure_long, 1, 1, false },
        { "proprietary data of 128 octets", configure_longest, -1, 0, true },
        { "metadata that are none", metadata_garbage, 2, 1, false },
        { "an icon without its type", icon_alone, 2, 1, true },
        { "a type without its icon", type_alone, 2, 1, true },
        { "an owner with wildcards", owner_pattern, 2, 1, true },
        { "a class that is none", class_3, 2, 6, true },
        { "the ICCID is on the card", twice_installed, 2, 9, true },
        { "the card has as many profiles as it can", full_of_profiles, 2, 10, true },
        { "rules without an owner", rules_without_owner, 2, 15, true },
        { "a rule that nobody knows", unknown_rule, 2, 15, true },
        { "PPR1 beside an operational profile", rule_1_beside_another, 2, 15, true },
        { "PPR2 beside an operational profile", rule_2_beside_another, -1, 0, true },
        { "the second write fails", as_it_is, 2, 127, true, 3 },
        { "protection keys of 15 octets", short_keys, 4, 1, true },
        { "files larger than the memory", large_files, 5, 10, true },
        { "a package that is none", garbage, 5, 12, true },
        { "another ICCID in EF.ICCID", other_iccid, 5, 13, true },
        { "an owner without EF.IMSI", other_owner, 5, 13, true },
        { "a test profile with a key of its own", real_key, 5, 14, true },
        { "a test profile with a test key", test_key, -1, 0, true },
        { "the last write fails", as_it_is, 5, 127, true, 5 },
    };
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        struct lab l;
        struct package p = { 0 };
        struct bytes answer;
        struct server s = server_of(lab_pki(0));
        test_row("%s: %d/%d", reasons[i].name, reasons[i].command, reasons[i].reason);
        if (lab_open(&l, 1)) {
            reasons[i].change(&l, &p);
            struct bytes before = lab_view(&l, false);
            if (server_ready(&s, &l)) {
                struct bpp_segments b = package_bind(&s, &p);
                l.fail = reasons[i].fail;
                CHECK_EQ(package_load(&l, &b, &answer), 0x9000);
                struct result r = result_read(&s, answer);
                CHECK(r.right);
                CHECK_EQ(r.command, reasons[i].command);
                CHECK_EQ(r.reason, reasons[i].reason);
                CHECK_EQ(bytes_present(r.iccid), reasons[i].iccid);
                if (!r.success)
                    CHECK_BYTES(lab_view(&l, false), before);
                CHECK(lab_power(&l) && bytes_equal(lab_view(&l, false), before) == !r.success);
            }
        }
        lab_close(&l);
    }
}

/* What the SM-DP+ keeps in the ISD-P is there for the LPA, as it was sent (5.5.2, 5.7.15). */
TEST(proprietary_data)
{
    static const char data[] = "B80B 80038837 0A 8104DEADBEEF";
    struct package p = { .configure = unhex(arena_printf(test_arena(), "BF240D %s", data)) };
    struct lab l;
    if (lab_open(&l, 1) && package_install(&l, lab_pki(0), &p))
        for (int i = 0; i < 2; i++) {
            test_row(i ? "after power off" : "installed");
            CHECK_TEXT(lab_say(&l, "BF2D03 5C01B8"), "BF2D11A00FE30DB80B800388370A8104DEADBEEF");
            CHECK(lab_power(&l));
        }
    lab_close(&l);
}

/* ------------------------------------------------------------------------- interruption */

/* Power goes behind each segment: the next start reports it (11), the ICCID once it was known. */
TEST(interrupted)
{
    struct bpp_segments b = pattern(true);
    for (int warm = 0; warm < 2; warm++)
        for (size_t i = 0; i + 1 < b.n; i++) {
            struct lab l;
            struct server s = server_of(lab_pki(0));
            struct package p = several(true);
            struct bytes answer;
            test_row("%s behind segment %zu, %s", warm ? "a reset" : "power off", i + 1, segment_name(&b, i));
            if (lab_open(&l, 1) && server_ready(&s, &l)) {
                struct bytes before = lab_view(&l, false);
                struct bpp_segments all = package_bind(&s, &p);
                for (size_t k = 0; k <= i; k++)
                    CHECK_EQ(lab_es10(&l, all.items[k].octets, &answer), 0x9000);
                if (warm) {
                    euicc_reset(l.card);
                    lab_select(&l);
                } else {
                    lab_power(&l);
                }
                CHECK_BYTES(lab_view(&l, false), before);
                CHECK_EQ(lab_es10(&l, unhex("BF2B00"), &answer), 0x9000);
                struct cursor c = cursor_over(answer);
                struct tlv list = { 0 };
                CHECK(tlv_next(&c, ASN1_WIRE, &list, NULL) == 0);
                struct result r = result_read(&s, tlv_find(list.value, 0xA0).value);
                CHECK(r.right && !r.success);
                CHECK_EQ(r.reason, 11);
                CHECK_EQ(bytes_present(r.iccid), i >= 4); /* behind the second '88' */
                lab_clean(&l);
                CHECK(package_install(&l, lab_pki(0), &p));
            }
            lab_close(&l);
        }
}

/* A session that is given up is not interrupted: nothing is reported (3.1.5, 5.7.14). */
TEST(given_up)
{
    static const char *const ways[] = { "GetEUICCChallenge", "CancelSession", "eUICCMemoryReset" };
    for (int way = 0; way < 3; way++) {
        struct lab l;
        struct server s = server_of(lab_pki(0));
        struct package p = several(false);
        struct bytes answer;
        test_row("%s in the middle of a package", ways[way]);
        if (lab_open(&l, 1)) {
            struct bytes before = lab_view(&l, true);
            if (server_ready(&s, &l)) {
                struct bpp_segments b = package_bind(&s, &p);
                for (size_t k = 0; k < 6; k++)
                    CHECK_EQ(lab_es10(&l, b.items[k].octets, &answer), 0x9000);
                if (way == 0)
                    lab_say(&l, "BF2E00");
                else if (way == 1)
                    give_up(&l, &s);
                else
                    CHECK_TEXT(lab_say(&l, "BF3404820206C0"), "BF3403800101");
                CHECK_EQ(lab_es10(&l, b.items[6].octets, &answer), 0x6985);
                nothing_left(&l, before, false);
            }
        }
        lab_close(&l);
    }
}

/* ------------------------------------------------------------------------------- retries */

static void cancelled(struct lab *l, const struct server *s, int reason)
{
    struct buf q = buf_in(test_arena()), in = buf_in(test_arena());
    struct bytes answer;
    tlv_add(&in, 0x80, s->transaction);
    tlv_add(&in, 0x81, bytes_make(&(uint8_t){ (uint8_t)reason }, 1));
    tlv_add(&q, 0xBF41, buf_bytes(&in));
    CHECK_EQ(lab_es10(l, buf_bytes(&q), &answer), 0x9000);
}

static void begun(struct lab *l, const struct server *s)
{
    struct package p = { 0 };
    struct bytes answer;
    struct bpp_segments b = package_bind(s, &p);
    CHECK_EQ(lab_es10(l, b.items[0].octets, &answer), 0x9000);
}

/* The one-time key serves again if no package has used it, its SM-DP+ comes back and asks for it, and the card had
 * power all the time (5.7.5, 5.7.7, 5.7.14). */
TEST(one_time_keys)
{
    enum end { NEW_CHALLENGE, LATER, TIMEOUT, REFUSED, USED, POWER, RESET };
    static const struct {
        const char *name;
        enum end end;
        bool offered, other_server, same;
    } ways[] = {
        { "a new challenge", NEW_CHALLENGE, true, false, true },
        { "put off", LATER, true, false, true },
        { "timed out", TIMEOUT, true, false, true },
        { "put off, and the server does not ask for it", LATER, false, false, false },
        { "put off, and another server asks for it", LATER, true, true, false },
        { "refused", REFUSED, true, false, false },
        { "used by a package", USED, true, false, false },
        { "power off", POWER, true, false, false },
        { "a reset", RESET, true, false, false },
    };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct lab l;
        struct server first = server_of(lab_pki(0)), second = server_of(lab_pki(0));
        struct package p = { 0 };
        struct bytes answer;
        test_row("%s", ways[i].name);
        if (lab_open(&l, 1) && server_ready(&first, &l)) {
            if (ways[i].end == LATER || ways[i].end == TIMEOUT || ways[i].end == REFUSED)
                cancelled(&l, &first, ways[i].end == LATER ? 1 : ways[i].end == TIMEOUT ? 2 : 0);
            else if (ways[i].end == USED)
                begun(&l, &first);
            else if (ways[i].end == POWER)
                lab_power(&l);
            else if (ways[i].end == RESET)
                CHECK((euicc_reset(l.card), lab_select(&l)));
            second.offered = ways[i].offered ? first.otpk : BYTES_NONE;
            if (ways[i].other_server) {
                second.auth = lab_fault(lab_pki(0), CERT_DPAUTH, FAULT_SAN_OTHER);
                second.pb = lab_fault(lab_pki(0), CERT_DPPB, FAULT_SAN_OTHER);
            }
            if (server_ready(&second, &l)) {
                CHECK_EQ(bytes_equal(first.otpk, second.otpk), ways[i].same);
                struct bpp_segments b = package_bind(&second, &p);
                CHECK_EQ(package_load(&l, &b, &answer), 0x9000);
                CHECK(result_read(&second, answer).success);
            }
        }
        lab_close(&l);
    }
}

/* A session that was prepared is so no more once another certificate was shown, however wrong it was: nobody's package
 * is taken under that certificate. */
TEST(another_certificate_for_binding)
{
    struct lab l;
    struct server s = server_of(lab_pki(0));
    struct package p = { 0 };
    struct bytes answer;
    struct pki_entity own = lab_pki(LAB_SECOND)->of[CERT_DPPB];
    if (lab_open(&l, 1) && server_ready(&s, &l)) {
        struct server thief = s;
        thief.pb = own; /* of a CI that the card doesn't know */
        CHECK_EQ(server_prepared(&thief, &l), 1);
        struct bpp_segments b = package_bind(&thief, &p);
        CHECK_EQ(lab_es10(&l, b.items[0].octets, &answer), 0x6985);
        CHECK_EQ((int64_t)answer.n, 0);
        CHECK_EQ(server_prepared(&s, &l), 0); /* the right one may go on */
        b = package_bind(&s, &p);
        CHECK_EQ(package_load(&l, &b, &answer), 0x9000);
        CHECK(result_read(&s, answer).success);
    }
    lab_close(&l);
}
