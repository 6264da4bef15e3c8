/* SPDX-License-Identifier: Apache-2.0
 *
 * ES6.UpdateMetadata (SGP.22 5.4.1) as an operator's server sends it inside its secured packets: INSTALL [for
 * personalisation], STORE DATA. */
#include "asn1/tlv.h"
#include "cardlab.h"

#define FIRST "5A0A989400010000000000F9"
#define PERSONALISE "80E6200016 000010A0000005591010FFFFFFFF8900000F00 000000"

static struct lab lab;

static unsigned say(const char *hex)
{
    struct bytes answer;
    unsigned sw = lab_apdu(&lab, unhex(hex), &answer);
    CHECK_EQ((int64_t)answer.n, 0); /* the response has no data */
    return sw;
}

static unsigned personalised(void)
{
    return say(PERSONALISE);
}

static unsigned store(struct bytes data)
{
    unsigned sw = 0x9000, block = 0;
    for (size_t at = 0; sw == 0x9000 && (at == 0 || at < data.n); at += 255, block++) {
        struct bytes part = bytes_slice(data, at, 255);
        struct buf c = buf_in(test_arena());
        struct bytes answer;
        buf_add(&c, unhex(at + 255 < data.n ? "80E210" : "80E290"));
        buf_u8(&c, block);
        buf_u8(&c, (unsigned)part.n);
        buf_add(&c, part);
        sw = lab_apdu(&lab, buf_bytes(&c), &answer);
        CHECK_EQ((int64_t)answer.n, 0);
    }
    return sw;
}

/* The ISD-R on channel 1, for what the LPA sees; the operator speaks on channel 0. */
static const char *seen(void)
{
    struct buf all = buf_in(test_arena());
    struct bytes answer;
    euicc_apdu(lab.card, test_arena(), unhex("81E29100 0A BF2D07 5C05 9192939499 00"), &answer);
    while (answer.n >= 2 && answer.p[answer.n - 2] == 0x61) {
        buf_add(&all, bytes_slice(answer, 0, answer.n - 2));
        euicc_apdu(lab.card, test_arena(), unhex("81C0000000"), &answer);
    }
    buf_add(&all, answer);
    return hex_encode(test_arena(), buf_bytes(&all));
}

static bool channel_1(void)
{
    struct bytes answer;
    return CHECK_EQ(lab_apdu(&lab, unhex("0070000001"), &answer), 0x9000) &&
           CHECK_EQ(lab_apdu(&lab, unhex("01A4040010 A0000005591010FFFFFFFF8900000100 00"), &answer), 0x9000);
}

/* Names "P" and "N", an icon, PPR1 and PPR2. */
static bool begin(void)
{
    struct package p = { .metadata = package_metadata("930101 940401020304 B70B800300F110810452534B49 99020560"),
                         .upp = package_operator("465B5CE8B199B49FAA5F0A2EE238A6BC") };
    struct bytes answer;
    return lab_open(&lab, 1) && package_install(&lab, lab_pki(0), &p) &&
           CHECK_TEXT(lab_say(&lab, "BF3111 A00C" FIRST "810100"), "BF3103800100") &&
           CHECK_EQ(lab_apdu(&lab, unhex("00A40004023F00 00"), &answer), 0x9000) && channel_1();
}

TEST(fields)
{
    static const struct {
        const char *name, *command;
        unsigned sw;
        const char *members; /* 91 92 93 94 99 afterwards; NULL: as before */
    } rows[] = {
        { "a provider's name", "BF2A04 91025051", 0x9000, "91025051 92014E 930101 940401020304 99020560" },
        { "a profile's name", "BF2A04 92025051", 0x9000, "910150 92025051 930101 940401020304 99020560" },
        { "both", "BF2A06 910151 920151", 0x9000, "910151 920151 930101 940401020304 99020560" },
        { "no name any more", "BF2A04 9100 9200", 0x9000, "9100 9200 930101 940401020304 99020560" },
        { "another icon", "BF2A07 930100 94020A0B", 0x9000, "910150 92014E 930100 94020A0B 99020560" },
        { "no icon any more", "BF2A04 9300 9400", 0x9000, "910150 92014E 99020560" },
        { "PPR1 goes, PPR2 stays", "BF2A04 99020520", 0x9000, "910150 92014E 930101 940401020304 99020520" },
        { "PPR2 goes, PPR1 stays", "BF2A04 99020640", 0x9000, "910150 92014E 930101 940401020304 99020640" },
        { "both stay", "BF2A04 99020560", 0x9000, "910150 92014E 930101 940401020304 99020560" },
        { "both go", "BF2A03 990100", 0x9000, "910150 92014E 930101 940401020304" },
        { "both go: an empty value", "BF2A02 9900", 0x9000, "910150 92014E 930101 940401020304" },
        { "all at once", "BF2A0D 910151 920151 9300 9400 990100", 0x9000, "910151 920151" },
        { "a name of 32 characters", "BF2A22 9120 4141414141414141414141414141414141414141414141414141414141414141",
          0x9000, "9120 4141414141414141414141414141414141414141414141414141414141414141 92014E 930101 940401020304 "
                  "99020560" },

        { "pprUpdateControl", "BF2A04 99020780", 0x6A81, NULL },
        { "pprUpdateControl beside a rule and a name", "BF2A07 910151 990205A0", 0x6A81, NULL },
        { "no field", "BF2A00", 0x6A80, NULL },
        { "a name of 33 characters", "BF2A23 9121 414141414141414141414141414141414141414141414141414141414141414141",
          0x6A80, NULL },
        { "a name that is no UTF-8", "BF2A04 9102C328", 0x6A80, NULL },
        { "an icon without its type", "BF2A04 94020A0B", 0x6A80, NULL },
        { "a type without its icon", "BF2A03 930100", 0x6A80, NULL },
        { "an empty type with an icon", "BF2A06 9300 94020A0B", 0x6A80, NULL },
        { "a type with an empty icon", "BF2A05 930100 9400", 0x6A80, NULL },
        { "a type that is none", "BF2A07 930102 94020A0B", 0x6A80, NULL },
        { "a right name before a wrong icon", "BF2A07 910151 94020A0B", 0x6A80, NULL },
        { "fields in another order", "BF2A06 920151 910151", 0x6A80, NULL },
        { "a field twice", "BF2A06 910151 910151", 0x6A80, NULL },
        { "a field that is none", "BF2A03 950102", 0x6A80, NULL },
        { "rules with more unused bits than an octet has", "BF2A04 99020920", 0x6A80, NULL },
        { "service specific data, which the card doesn't offer", "BF2A03 BF2200", 0x6A80, NULL },
        { "another command", "BF2500", 0x6A80, NULL },
        { "octets behind it", "BF2A03 910151 00", 0x6A80, NULL },
        { "a length beyond it", "BF2A05 910151", 0x6A80, NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        if (begin()) {
            const char *before = seen();
            CHECK_EQ(personalised(), 0x9000);
            CHECK_EQ(store(unhex(rows[i].command)), rows[i].sw);
            struct buf list = buf_in(test_arena()), outer = buf_in(test_arena()), profile = buf_in(test_arena());
            tlv_add(&profile, 0xE3, unhex(rows[i].members ? rows[i].members : "00"));
            tlv_add(&list, 0xA0, buf_bytes(&profile));
            tlv_add(&outer, 0xBF2D, buf_bytes(&list));
            buf_add(&outer, unhex("9000"));
            const char *want = rows[i].members ? hex_encode(test_arena(), buf_bytes(&outer)) : before;
            CHECK_TEXT(seen(), want);
            CHECK(lab_power(&lab) && channel_1());
            CHECK_TEXT(seen(), want);
        }
        lab_close(&lab);
    }
}

/* A rule that is gone is enforced no more (2.9.3.2); one that has stayed is. */
TEST(rules)
{
    test_row("PPR1 keeps the profile enabled");
    if (begin()) {
        struct bytes answer;
        const char *disable = "81E291001A BF3217 A012 4F10A0000005591010FFFFFFFF8900001000 810100 00";
        CHECK_EQ(lab_apdu(&lab, unhex(disable), &answer), 0x9000);
        CHECK_HEX(answer, "BF3203800103");
        test_row("until it is taken away");
        CHECK_EQ(personalised(), 0x9000);
        CHECK_EQ(store(unhex("BF2A04 99020520")), 0x9000);
        CHECK_EQ(lab_apdu(&lab, unhex(disable), &answer), 0x9000);
        CHECK_HEX(answer, "BF3203800100");
        test_row("PPR2 has stayed");
        CHECK(lab_select(&lab));
        CHECK_TEXT(lab_say(&lab, "BF330C" FIRST), "BF3303800103");
    }
    lab_close(&lab);
}

/* What was taken away does not come back. */
TEST(never_set)
{
    static const char *const steps[][3] = { { "PPR1 goes", "BF2A04 99020520", "99020520" },
                                            { "PPR1 and PPR2 are sent", "BF2A04 99020560", "99020520" },
                                            { "PPR1 alone is sent", "BF2A04 99020640", NULL },
                                            { "PPR1 and PPR2 once more", "BF2A04 99020560", NULL } };
    if (begin())
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
            test_row("%s", steps[i][0]);
            CHECK_EQ(personalised(), 0x9000);
            CHECK_EQ(store(unhex(steps[i][1])), 0x9000);
            const char *end = steps[i][2] ? arena_printf(test_arena(), "%s9000", steps[i][2]) : "9404010203049000";
            CHECK_TEXT(seen() + strlen(seen()) - strlen(end), end);
        }
    lab_close(&lab);
}

TEST(blocks)
{
    struct buf icon = buf_in(test_arena()), q = buf_in(test_arena());
    uint8_t picture[1024];
    memset(picture, 0x77, sizeof picture);
    buf_add(&icon, unhex("930101"));
    tlv_add(&icon, 0x94, BYTES_OF(picture));
    tlv_add(&q, 0xBF2A, buf_bytes(&icon));
    test_row("an icon of 1024 octets in five blocks");
    if (begin()) {
        CHECK_EQ(personalised(), 0x9000);
        CHECK_EQ(store(buf_bytes(&q)), 0x9000);
        CHECK(strstr(seen(), "9401020304") == NULL && strstr(seen(), "9482040077777777") != NULL);
    }
    lab_close(&lab);
    test_row("one of 1025");
    icon = buf_in(test_arena());
    q = buf_in(test_arena());
    uint8_t larger[1025] = { 0 };
    buf_add(&icon, unhex("930101"));
    tlv_add(&icon, 0x94, BYTES_OF(larger));
    tlv_add(&q, 0xBF2A, buf_bytes(&icon));
    if (begin()) {
        const char *before = seen();
        CHECK_EQ(personalised(), 0x9000);
        CHECK_EQ(store(buf_bytes(&q)), 0x6A80);
        CHECK_TEXT(seen(), before);
    }
    lab_close(&lab);
}

TEST(commands)
{
    static const struct {
        const char *name, *command;
        unsigned sw;
    } rows[] = {
        { "STORE DATA before INSTALL", "80E2900007 BF2A04 91025051", 0x6985 },
        { "INSTALL for another application", "80E6200016 000010A0000005591010FFFFFFFF8900001000 000000", 0x6A88 },
        { "STORE DATA after it", "80E2900007 BF2A04 91025051", 0x6985 },
        { "INSTALL for something else", "80E6040016 000010A0000005591010FFFFFFFF8900000F00 000000", 0x6A86 },
        { "INSTALL [for personalisation]", PERSONALISE, 0x9000 },
        { "a case 4 P1", "80E2910007 BF2A04 91025051", 0x6A86 },
        { "a block that is not the first", "80E2900107 BF2A04 91025051", 0x6A86 },
        { "STORE DATA", "80E2900007 BF2A04 91025051", 0x9000 },
        { "STORE DATA once more: an INSTALL is for one command", "80E2900007 BF2A04 91025051", 0x6985 },
        { "INSTALL again", PERSONALISE, 0x9000 },
        { "STORE DATA on another channel", "81E2900007 BF2A04 91025051", 0x6A86 },
    };
    if (begin())
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            test_row("%s", rows[i].name);
            CHECK_EQ(say(rows[i].command), rows[i].sw);
        }
    lab_close(&lab);
    test_row("a write that fails: nothing has changed");
    if (begin()) {
        const char *before = seen();
        CHECK_EQ(personalised(), 0x9000);
        lab.fail = 1;
        CHECK_EQ(store(unhex("BF2A04 91025051")), 0x6F00);
        CHECK_TEXT(seen(), before);
    }
    lab_close(&lab);
    test_row("no profile is enabled");
    if (lab_open(&lab, 1)) {
        struct bytes answer;
        CHECK_EQ(lab_apdu(&lab, unhex("0070000001"), &answer), 0x9000);
        CHECK_EQ(say("81" "E6200016 000010A0000005591010FFFFFFFF8900000F00 000000"), 0x6D00);
        CHECK_EQ(say("81E2900007 BF2A04 91025051"), 0x6985);
    }
    lab_close(&lab);
}

/* A card that is not in laboratory mode opens no such door. */
TEST(not_in_the_laboratory)
{
    struct bytes answer;
    if (begin()) {
        struct euicc_env env = { .nvm = lab.nvm, .context = &lab };
        struct err e;
        euicc_close(lab.card);
        lab.card = NULL;
        CHECK_OK(euicc_open(&env, &lab.card, &e), &e);
        CHECK_EQ(lab_apdu(&lab, unhex(PERSONALISE), &answer), 0x6D00);
        CHECK_EQ(lab_apdu(&lab, unhex("80E2900007 BF2A04 91025051"), &answer), 0x6985);
    }
    lab_close(&lab);
}
