/* SPDX-License-Identifier: Apache-2.0
 *
 * The card as a reader sees it: classes, channels, selection, transmission protocols, the toolkit.  What is expected
 * comes from ISO/IEC 7816-3 and 7816-4, TS 102 221, TS 102 223 and SGP.22, written by hand. */
#include <sys/socket.h>
#include <unistd.h>

#include "euicc/vpcd.h"
#include "world.h"

#define ISDR "A0000005591010FFFFFFFF8900000100"
#define ECASD "A0000005591010FFFFFFFF8900000200"
#define ISDR_FCI "6F1F 8410" ISDR "A504 9F6501FF E005 8203020500"
#define ECASD_FCI "6F18 8410" ECASD "A504 9F6501FF"
#define BARE_MF "621B 82027821 83023F00 A506800171870101 8A0105 8C0100 C603900100"
#define EID "BF3E12 5A10 89049032000000000000000000000163"
#define ICCID "5A0A 989400010000000010F7"

/* What is sent and what comes back, status word last. */
struct exchange {
    const char *name, *command, *answer;
};

static struct world w;
static struct transport t;

static bool card_new(enum transport_protocol protocol)
{
    bool opened = world_open(&w, EC_P256, BYTES_NONE, false);
    t = (struct transport){ .card = w.cards[0], .protocol = protocol };
    return opened;
}

/* One profile, not enabled. */
static bool card_with_profile(enum transport_protocol protocol)
{
    struct activation_code code;
    struct lpa_download d;
    struct err e;
    if (!card_new(protocol) || !world_order(&w, NULL, NULL, &code) ||
        !CHECK_EQ(world_download(&w, &code, &d, &e), LPA_DONE))
        return false;
    transport_reset(&t);
    return true;
}

static bool card_enabled(void)
{
    struct bytes answer;
    if (!card_with_profile(TRANSPORT_ANY))
        return false;
    transport_apdu(&t, test_arena(), unhex("00A4040010" ISDR "00"), &answer);
    transport_apdu(&t, test_arena(), unhex("80E2910014 BF3111 A00C" ICCID "810100 00"), &answer);
    transport_reset(&t);
    return CHECK_HEX(answer, "BF3103800100 9000");
}

static void talk(const struct exchange *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct bytes answer;
        test_row("%s", rows[i].name);
        transport_apdu(&t, test_arena(), unhex(rows[i].command), &answer);
        CHECK_HEX(answer, rows[i].answer);
    }
}

#define TALK(rows) talk(rows, sizeof rows / sizeof *rows)
#define SELECT_ISDR(class, number) { "SELECT ISD-R " number, class "A4040C10" ISDR, "9000" }

/* ------------------------------------------------------------------- before the protocol */

TEST(answers_to_reset)
{
    static const struct {
        const char *name;
        enum transport_protocol protocol;
        const char *atr;
    } rows[] = {
        { "any", TRANSPORT_ANY, "3B 9E 96 80 B1 FE45 3F C782 8031E073FE211F6672 73706B6974 7B" },
        { "t0", TRANSPORT_T0, "3B 9E 96 80 3F C782 8031E073FE211F6672 73706B6974 71" },
        { "t1", TRANSPORT_T1, "3B 9E 96 81 B1 FE45 3F C782 8031E073FE211F6672 73706B6974 7A" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum transport_protocol parsed = TRANSPORT_ANY;
        struct err e;
        uint8_t check = 0;
        test_row("%s", rows[i].name);
        struct bytes atr = transport_atr(rows[i].protocol);
        CHECK_HEX(atr, rows[i].atr);
        for (size_t k = 1; k < atr.n; k++) /* TCK: exclusive or of all from T0 on is zero (7816-3 8.2.5) */
            check ^= atr.p[k];
        CHECK_EQ(check, 0);
        CHECK_OK(transport_protocol_parse(rows[i].name, &parsed, &e), &e);
        CHECK_EQ(parsed, rows[i].protocol);
    }
    enum transport_protocol parsed;
    struct err e;
    test_row("no such protocol");
    CHECK_FAILS(transport_protocol_parse("t2", &parsed, &e), &e, ERR_USAGE, "t0, t1 or any");
}

TEST(places_of_readers)
{
    static const struct {
        const char *text, *host, *port; /* host NULL: refused */
    } rows[] = {
        { ":", NULL, NULL },
        { "", "127.0.0.1", "35963" },
        { ":4711", "127.0.0.1", "4711" },
        { "reader.example.com", "reader.example.com", "35963" },
        { "192.0.2.1:1", "192.0.2.1", "1" },
        { "localhost:65535", "localhost", "65535" },
        { "localhost:65536", NULL, NULL },
        { "localhost:0", NULL, NULL },
        { "localhost:x", NULL, NULL },
        { "a.name.that.is.longer.than.what.the.option.takes.for.the.host.of.a.reader", NULL, NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vpcd_address at;
        struct err e = { 0 };
        test_row("\"%s\"", rows[i].text);
        int got = vpcd_parse(rows[i].text, &at, &e);
        CHECK_EQ(got, rows[i].host ? 0 : -1);
        if (got == 0 && rows[i].host) {
            CHECK_TEXT(at.host, rows[i].host);
            CHECK_TEXT(at.port, rows[i].port);
        }
    }
}

/* Messages of vpcd: one octet is a control, without answer but for the ATR. */
TEST(messages_of_a_reader)
{
    static const struct exchange rows[] = {
        { "ATR", "04", "3B9E9680B1FE453FC7828031E073FE211F66 7273706B6974 7B" },
        { "power on", "01", NULL },
        { "a channel", "0070000001", "01 9000" },
        { "it is there", "01A4040C10" ISDR, "9000" },
        { "reset", "02", NULL },
        { "it has gone", "01A4040C10" ISDR, "6881" },
        { "a channel again", "0070000001", "01 9000" },
        { "power off", "00", NULL },
        { "it has gone again", "01A4040C10" ISDR, "6881" },
        { "a control that is none", "03", NULL },
        { "nothing", "", NULL },
        { "too short for an APDU", "0070", "6700" },
    };
    if (card_new(TRANSPORT_ANY))
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            struct bytes answer;
            test_row("%s", rows[i].name);
            vpcd_message(&t, test_arena(), unhex(rows[i].command), &answer);
            if (rows[i].answer)
                CHECK_HEX(answer, rows[i].answer);
            else
                CHECK(!bytes_present(answer));
        }
    world_close(&w);
}

/* The same over a connection: lengths of two octets; a reader that has gone ends it. */
TEST(connection_of_a_reader)
{
    int ends[2];
    uint8_t answer[64];
    if (card_new(TRANSPORT_ANY) && CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0)) {
        test_row("power on, then an APDU");
        CHECK_EQ(write(ends[0], "\0\1\1\0\5\0\x70\0\0\1", 10), 10);
        CHECK(vpcd_serve(&t, ends[1]) && vpcd_serve(&t, ends[1]));
        CHECK_EQ(read(ends[0], answer, sizeof answer), 5);
        CHECK_HEX(bytes_make(answer, 5), "0003 01 9000");
        test_row("gone inside a message");
        CHECK_EQ(write(ends[0], "\0\5\0", 3), 3);
        close(ends[0]);
        CHECK(!vpcd_serve(&t, ends[1]));
        test_row("gone");
        CHECK(!vpcd_serve(&t, ends[1]));
        close(ends[1]);
    }
    world_close(&w);
}

/* ----------------------------------------------------------------------------- protocols */

/* 7816-3 12.2: T=0 knows a length in each direction, never both. */
TEST(under_t0)
{
    static const struct exchange rows[] = {
        { "case 1", "00708001", "6881" },
        { "case 2 with the right Le", "0070000001", "01 9000" },
        { "case 2 with too much: the right one is told", "0070000002", "6C01" },
        { "the same with the right one", "0070000001", "02 9000" },
        { "that was one channel, not two", "0070000001", "03 9000" },
        { "case 2 with Le 00", "80F2000000", "6C1D" },
        { "the header again with another Le: a command of its own", "80F2000002", "621B 611B" },
        { "what is left by GET RESPONSE", "00C000001B", "82027821 83023F00 A506800171870101 8A0105 8C0100 C6039001 00"
          "9000" },
        { "Le 00 again", "80F2000000", "6C1D" },
        { "another command between: the answer is dropped", "0070800300", "9000" },
        { "it is made anew", "80F200001D", BARE_MF "9000" },
        { "case 3", "01A4040C10" ISDR, "9000" },
        { "case 4 without Le", "01A4040010" ISDR, "6121" },
        { "GET RESPONSE with the right Le", "01C0000021", ISDR_FCI "9000" },
        { "nothing is left", "01C0000021", "6985" },
        { "case 4 with Le: it is not looked at", "01A4040010" ISDR "00", "6121" },
        { "GET RESPONSE with Le 00", "01C0000000", "6C21" },
        { "GET RESPONSE again", "01C0000021", ISDR_FCI "9000" },
        { "STORE DATA", "81E2910006 BF3E035C015A", "6115" },
        { "GET RESPONSE in class 8x", "81C0000015", EID "9000" },
        { "STORE DATA again", "81E2910006 BF3E035C015A", "6115" },
        { "a part", "81C0000004", "BF3E125A 6111" },
        { "the rest", "81C0000011", "1089049032000000000000000000000163 9000" },
        { "STORE DATA once more", "81E2910006 BF3E035C015A", "6115" },
        { "GET RESPONSE without P3", "81C00000", "6700" },
        { "STORE DATA a last time", "81E2910006 BF3E035C015A", "6115" },
        { "interrupted", "80F200010C", "6A86" },
        { "then it has gone", "81C0000015", "6985" },
        { "extended lengths", "00A40400 000010" ISDR "0000", "6700" },
        { "extended Le", "80F20000 000000", "6700" },
        { "more than Lc says", "00A4040C02 3F0000FF", "6700" },
        { "a channel, but another Le", "0070000002", "6C01" },
        { "a command between", "80F2000C", "9000" },
        { "the answer has gone: one more channel", "0070000001", "04 9000" },
    };
    if (card_new(TRANSPORT_T0))
        TALK(rows);
    world_close(&w);
}

static const struct exchange over_t1[] = {
    { "case 1", "00708001", "6881" },
    { "case 2 with the right Le", "0070000001", "01 9000" },
    { "case 2 with Le 00", "0070000000", "02 9000" },
    { "case 2 with too much", "80F2000030", BARE_MF "9000" },
    { "case 2 with too little: the rest is announced", "80F2000002", "621B 611B" },
    { "and given", "80C000001B", "82027821 83023F00 A506800171870101 8A0105 8C0100 C603900100 9000" },
    { "case 3", "01A4040C10" ISDR, "9000" },
    { "case 4", "01A4040010" ISDR "00", ISDR_FCI "9000" },
    { "case 4 with its Le", "01A4040010" ISDR "21", ISDR_FCI "9000" },
    { "case 4 with less", "01A4040010" ISDR "20", "6F1F 8410" ISDR "A504 9F6501FF E005 82030205 6101" },
    { "case 4 without Le: the data wait", "81E2910006 BF3E035C015A", "6115" },
    { "GET RESPONSE in class 0x", "01C0000000", EID "9000" },
    { "GET RESPONSE of another channel", "81E2910006 BF3E035C015A", "6115" },
    { "has nothing", "00C0000000", "6985" },
    { "and drops what there was", "01C0000000", "6985" },
    { "GET RESPONSE with P1", "81E2910006 BF3E035C015A", "6115" },
    { "is refused", "81C0010000", "6A86" },
    { "and drops, too", "81C0000000", "6985" },
    { "GET RESPONSE without Le", "81E2910006 BF3E035C015A", "6115" },
    { "is no good", "81C00000", "6700" },
    { "it drops, too", "81C0000000", "6985" },
    { "GET RESPONSE with data", "81E2910006 BF3E035C015A", "6115" },
    { "is no better", "81C0000001 FF", "6700" },
    { "nothing is left", "81C0000000", "6985" },
    { "an interruption", "81E2910006 BF3E035C015A", "6115" },
    { "by something that is no APDU", "0000", "6700" },
    { "drops, too", "81C0000000", "6985" },
    { "an interruption again", "81E2910006 BF3E035C015A", "6115" },
    { "by a closed channel", "030000", "6700" },
    { "drops", "81C0000000", "6985" },
    { "Lc 00 with data behind", "00A4040000" "3F00", "6700" },
    { "extended lengths", "00A40400 000010" ISDR "0000", "6700" },
    { "extended Le", "80F20000 000000", "6700" },
    { "Lc beyond the end", "00A4000C02 3F", "6700" },
    { "four octets are the least", "00A400", "6700" },
};

TEST(under_t1)
{
    if (card_new(TRANSPORT_T1))
        TALK(over_t1);
    world_close(&w);
}

TEST(under_any_protocol)
{
    if (card_new(TRANSPORT_ANY))
        TALK(over_t1);
    world_close(&w);
}

/* A notification is longer than 256 octets: 61 00 while at least as much is left (7816-4 5.3.4). */
static void chain(enum transport_protocol protocol, const char *first, const char *get)
{
    struct buf all = buf_in(test_arena());
    struct bytes answer;
    int parts = 0;
    if (!card_enabled())
        return;
    t.protocol = protocol;
    transport_apdu(&t, test_arena(), unhex("00A4040C10" ISDR), &answer);
    transport_apdu(&t, test_arena(), unhex(first), &answer);
    while (parts < 50 && answer.n >= 2 && answer.p[answer.n - 2] == 0x61) {
        uint8_t left = answer.p[answer.n - 1];
        buf_add(&all, bytes_slice(answer, 0, answer.n - 2));
        struct buf command = buf_in(test_arena());
        buf_add(&command, unhex(get));
        buf_u8(&command, left);
        transport_apdu(&t, test_arena(), buf_bytes(&command), &answer);
        CHECK_EQ(answer.n - 2, left ? left : 256);
        parts++;
    }
    CHECK(answer.n > 2 && answer.p[answer.n - 2] == 0x90);
    buf_add(&all, bytes_slice(answer, 0, answer.n - 2));
    struct bytes whole = buf_bytes(&all);
    CHECK(parts >= 3 && whole.n > 768);
    CHECK(whole.n > 5 && whole.p[0] == 0xBF && whole.p[1] == 0x2B && whole.p[2] == 0x82);
    CHECK_EQ(whole.n, whole.n > 5 ? ((size_t)whole.p[3] << 8 | whole.p[4]) + 5 : 0);
}

TEST(long_answers)
{
    static const struct {
        const char *name, *first, *get;
        enum transport_protocol protocol;
    } rows[] = {
        { "T=0, class 00", "80E2910003 BF2B00", "00C00000", TRANSPORT_T0 },
        { "T=0, class 80", "80E2910003 BF2B00 00", "80C00000", TRANSPORT_T0 },
        { "T=1, with Le", "80E2910003 BF2B00 00", "80C00000", TRANSPORT_T1 },
        { "T=1, without", "80E2910003 BF2B00", "00C00000", TRANSPORT_T1 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        chain(rows[i].protocol, rows[i].first, rows[i].get);
        world_close(&w);
    }
}

/* ------------------------------------------------------------------- classes and channels */

/* TS 102 221 10.1.1: what each class byte means, all 256 of them by their pattern. */
TEST(classes)
{
    static const struct {
        const char *name;
        uint8_t first, last;
        const char *answer; /* of an instruction that is none */
    } rows[] = {
        { "0x: basic channel", 0x00, 0x00, "6D00" },
        { "0x: channels 1 to 3, closed", 0x01, 0x03, "6881" },
        { "0x: secure messaging", 0x04, 0x0F, "6882" },
        { "1x: chaining", 0x10, 0x1F, "6884" },
        { "2x and 3x: none", 0x20, 0x3F, "6E00" },
        { "4x: channels 4 to 19, closed", 0x40, 0x4F, "6881" },
        { "5x: chaining", 0x50, 0x5F, "6884" },
        { "6x: secure messaging", 0x60, 0x6F, "6882" },
        { "7x: chaining", 0x70, 0x7F, "6884" },
        { "8x: basic channel", 0x80, 0x80, "6D00" },
        { "8x: channels 1 to 3, closed", 0x81, 0x83, "6881" },
        { "8x: secure messaging", 0x84, 0x8F, "6882" },
        { "9x: chaining", 0x90, 0x9F, "6884" },
        { "Ax and Bx: none", 0xA0, 0xBF, "6E00" },
        { "Cx: channels 4 to 19, closed", 0xC0, 0xCF, "6881" },
        { "Dx: chaining", 0xD0, 0xDF, "6884" },
        { "Ex: secure messaging", 0xE0, 0xEF, "6882" },
        { "Fx: chaining", 0xF0, 0xFE, "6884" },
        { "FF: none", 0xFF, 0xFF, "6E00" },
    };
    int seen = 0;
    if (card_new(TRANSPORT_ANY))
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            test_row("%s", rows[i].name);
            for (unsigned class = rows[i].first; class <= rows[i].last; class++, seen++) {
                const uint8_t command[] = { (uint8_t)class, 0x02, 0, 0 };
                struct bytes answer;
                transport_apdu(&t, test_arena(), BYTES_OF(command), &answer);
                CHECK_HEX(answer, rows[i].answer);
            }
        }
    CHECK_EQ(seen, 256);
    world_close(&w);
}

/* TS 102 221 11.1.17. */
TEST(channels)
{
    static const struct exchange rows[] = {
        { "opened by number", "0070000500", "9000" },
        { "open already", "0070000500", "6A81" },
        { "the last one, 19", "00700013", "9000" },
        { "20 is none", "00700014", "6A86" },
        { "neither opened nor closed", "0070400001", "6A86" },
        { "with data", "0070000001 00", "6700" },
        { "in a class of its own", "8070000001", "6D00" },
        { "the first that is free", "0070000001", "01 9000" },
        { "the next one", "0070000001", "02 9000" },
        { "the third", "0070000001", "03 9000" },
        { "the fourth", "0070000001", "04 9000" },
        { "not 5, which is open", "0070000001", "06 9000" },
        { "closed", "00708002", "9000" },
        { "is free again", "0070000001", "02 9000" },
        { "closed from another one", "03708002", "9000" },
        { "closed from itself", "03708003", "9000" },
        { "it does not answer any more", "03708003", "6881" },
        { "closed without a number: the one it came on", "41708000", "9000" },
        { "that was 5", "41A4040C10" ISDR, "6881" },
        { "the basic one stays", "00708000", "6881" },
        { "20 cannot be closed", "00708014", "6881" },
        { "channel 19 by its class", "4FA4040C10" ISDR, "9000" },
        { "and by its proprietary class", "CFE2910006 BF3E035C015A 00", EID "9000" },
        { "GET RESPONSE: the data wait", "CFE2910006 BF3E035C015A", "6115" },
        { "GET RESPONSE in class 4F", "4FC0000015", EID "9000" },
    };
    if (card_new(TRANSPORT_ANY))
        TALK(rows);
    world_close(&w);
}

TEST(all_channels)
{
    if (card_new(TRANSPORT_ANY)) {
        for (unsigned i = 1; i < 20; i++) {
            const uint8_t want[] = { (uint8_t)i, 0x90, 0x00 };
            struct bytes answer;
            test_row("channel %u", i);
            transport_apdu(&t, test_arena(), unhex("0070000001"), &answer);
            CHECK_BYTES(answer, BYTES_OF(want));
        }
        static const struct exchange rows[] = {
            { "there is no further one", "0070000001", "6A81" },
            { "one closed", "00708011", "9000" },
            { "is given", "0070000001", "11 9000" },
        };
        TALK(rows);
    }
    world_close(&w);
}

/* Each channel has a selection of its own; the ISD-R answers where it is selected. */
TEST(channels_are_apart)
{
    static const struct exchange rows[] = {
        { "two channels", "0070000001", "01 9000" },
        { "and another", "0070000001", "02 9000" },
        SELECT_ISDR("01", "on 1"),
        { "ES10 there", "81E2910006 BF3E035C015A 00", EID "9000" },
        { "not on 2", "82E2910006 BF3E035C015A 00", "6985" },
        { "nor on the basic one", "80E2910006 BF3E035C015A 00", "6985" },
        { "the USIM on 2", "02A4040C07 A0000000871002", "9000" },
        { "its AID", "82F2000100", "8410 A0000000871002FF49FFFF8901000000 9000" },
        { "the ISD-R's", "81F2000100", "8410" ISDR "9000" },
        { "the MF is on the basic one", "80F2000100", "6A86" },
        { "opened from 2: what 2 has", "0270000001", "03 9000" },
        { "the USIM", "83F2000100", "8410 A0000000871002FF49FFFF8901000000 9000" },
        { "opened from 1", "0170000001", "04 9000" },
        { "the ISD-R", "C0F2000100", "8410" ISDR "9000" },
        { "opened from the basic one", "0070000001", "05 9000" },
        { "the MF", "C1F2000100", "6A86" },
        { "closed and opened", "00708001", "9000" },
        { "it begins anew", "0070000001", "01 9000" },
        { "no ISD-R", "81E2910006 BF3E035C015A 00", "6985" },
        { "one channel's EF", "02A4000C02 6FAD", "9000" },
        { "is not the other's", "03B0000001", "6986" },
        { "the USIM on the basic one", "00A4040C07 A0000000871002", "9000" },
        { "opened from there", "0070000001", "06 9000" },
        { "the MF all the same", "C2F2000100", "6A86" },
    };
    if (card_enabled())
        TALK(rows);
    world_close(&w);
}

/* TS 102 221 8.5.1.3, 11.1.1.2. */
TEST(selection_by_aid)
{
    static const struct exchange rows[] = {
        { "whole", "00A4040010" ISDR "00", ISDR_FCI "9000" },
        { "the ECASD", "00A4040010" ECASD "00", ECASD_FCI "9000" },
        { "without answer", "00A4040C10" ECASD, "9000" },
        { "a part that both have: the first", "00A404000A A0000005591010FFFFFF 00", ISDR_FCI "9000" },
        { "the next", "00A404020A A0000005591010FFFFFF 00", ECASD_FCI "9000" },
        { "no further one", "00A404020A A0000005591010FFFFFF 00", "6A82" },
        { "and the last choice stays", "80F2000100", "8410" ECASD "9000" },
        { "the one before", "00A404030A A0000005591010FFFFFF 00", ISDR_FCI "9000" },
        { "none before", "00A404030A A0000005591010FFFFFF 00", "6A82" },
        { "the last", "00A404010A A0000005591010FFFFFF 00", ECASD_FCI "9000" },
        { "the first again", "00A404000A A0000005591010FFFFFF 00", ISDR_FCI "9000" },
        { "the provider alone", "00A4040C05 A000000559", "9000" },
        { "less than the provider", "00A4040C04 A0000005", "6A82" },
        { "nothing", "00A4040C", "6A82" },
        { "longer than the AID", "00A4040C11" ISDR "00", "6A82" },
        { "none of the kind", "00A4040C07 A0000000871004", "6A82" },
        { "the USIM by a part", "00A4040C07 A0000000871002", "9000" },
        { "the USIM is the only one of its kind", "00A4040E07 A0000000871002", "6A82" },
        { "P2: reserved answer", "00A4040807 A0000000871002", "6A86" },
        { "P2: reserved session control", "00A4042C07 A0000000871002", "6A86" },
        { "P2: reserved bit", "00A4041C07 A0000000871002", "6A86" },
        { "P2: the highest bit", "00A4048C07 A0000000871002", "6A86" },
        { "ended: not the one that is selected", "00A4044C10" ISDR, "6985" },
        { "ended", "00A4044C07 A0000000871002", "9000" },
        { "the MF is selected", "80F2000100", "6A86" },
        { "a file after the ISD-R", "00A4040C10" ISDR, "9000" },
        { "the MF", "00A4000C02 3F00", "9000" },
        { "the ISD-R has gone", "80E2910006 BF3E035C015A 00", "6985" },
    };
    if (card_enabled())
        TALK(rows);
    world_close(&w);
}

/* SGP.22 3.4.1 to 3.4.3: a card without profile goes through activation. */
TEST(without_profile)
{
    static const struct exchange rows[] = {
        { "SELECT MF", "00A4000402 3F00 00", BARE_MF "9000" },
        { "STATUS", "80F2000000", BARE_MF "9000" },
        { "STATUS without data", "80F2000C", "9000" },
        { "STATUS: P1 that is none", "80F2030C", "6A86" },
        { "no EF.ICCID", "00A4000C02 2FE2", "6A82" },
        { "no USIM", "00A4040C07 A0000000871002", "6A82" },
        { "no EF is selected", "00B0000001", "6986" },
        { "no PIN", "00200001", "6A88" },
        { "AUTHENTICATE", "00880080 11 10 00000000000000000000000000000000", "6985" },
        { "STATUS of the ECASD: selected", "00A4040C10" ECASD, "9000" },
        { "STATUS of the ECASD: FCI", "80F2000000", ECASD_FCI "9000" },
        { "STATUS of the ECASD: AID", "80F2000100", "8410" ECASD "9000" },
        { "STATUS of the ECASD: no data", "80F2000C", "9000" },
        { "STATUS of the ECASD: P1 that is none", "80F2030C", "6A86" },
        { "STATUS of the ECASD: P2 that is none", "80F20002", "6A86" },
        { "STORE DATA of the ECASD", "80E2910006 BF3E035C015A 00", "6985" },
    };
    if (card_new(TRANSPORT_ANY))
        TALK(rows);
    world_close(&w);
}

/* -------------------------------------------------------------------------------- toolkit */

#define SELECT { "SELECT ISD-R", "00A4040C10" ISDR, "9000" }
#define ENABLE "80E2910014 BF3111 A00C" ICCID "8101FF 00"
#define DISABLE "80E2910014 BF3211 A00C" ICCID "8101FF 00"
#define STATE "80E2910007 BF2D04 5C029F70 00"
#define DISABLED "BF2D08 A006 E304 9F700100 9000"
#define ENABLED "BF2D08 A006 E304 9F700101 9000"
/* TERMINAL PROFILE of 34 octets with REFRESH (octet 3, bit 8), the last octet given */
#define PROFILE(last) "8010000022 000080 00000000000000000000 00000000000000000000 00000000000000000000" last
#define REFRESH(mode) "D009 810301 01" mode "82028182 9000"
#define DONE(mode, result) "801400000C 810301 01" mode "82028281 8301" result

/* SGP.22 3.4.2, table 7. */
TEST(terminal_capability)
{
    static const struct exchange rows[] = {
        SELECT,
        { "nothing is told: the LPA may be there", "80E2910006 BF3E035C015A 00", EID "9000" },
        { "no template", "80AA000003 830107", "6A80" },
        { "a template cut short", "80AA000003 A90281", "6A80" },
        { "something behind it", "80AA000006 A903830107 00", "6A80" },
        { "no data", "80AA0000", "6700" },
        { "P1", "80AA010005 A903830107", "6A86" },
        { "P2", "80AA000105 A903830107", "6A86" },
        { "in class 00", "00AA000005 A903830107", "6D00" },
        { "a device with LPA", "80AA00000A A908 8100 820101 830107", "9000" },
        { "one without", "80AA00000A A908 8100 820101 830100", "9000" },
        { "its functions are closed", "80E2910006 BF3E035C015A 00", "6985" },
        { "one that does not speak of eUICCs", "80AA000007 A905 8100 820101", "9000" },
        { "closed as well", "80E2910006 BF3E035C015A 00", "6985" },
        { "one with LPA again", "80AA00000A A908 8100 820101 830107", "9000" },
        { "they are open", "80E2910006 BF3E035C015A 00", EID "9000" },
    };
    if (card_new(TRANSPORT_ANY))
        TALK(rows);
    world_close(&w);
}

TEST(toolkit_commands)
{
    static const struct exchange rows[] = {
        { "FETCH of nothing", "8012000000", "6985" },
        { "TERMINAL RESPONSE to nothing", DONE("09", "00"), "6985" },
        { "TERMINAL PROFILE without data", "80100000", "6700" },
        { "TERMINAL PROFILE with P1", "8010010001 FF", "6A86" },
        { "TERMINAL PROFILE with P2", "8010000101 FF", "6A86" },
        { "TERMINAL PROFILE of one octet", "8010000001 FF", "9000" },
        { "TERMINAL PROFILE in class 00", "0010000001 FF", "6D00" },
        { "FETCH with P1", "8012010000", "6A86" },
        { "TERMINAL RESPONSE with P2", "801400010C 810301010982028281830100", "6A86" },
        { "TERMINAL RESPONSE without data", "80140000", "6700" },
        { "ENVELOPE: an event", "80C2000009 D607 990109 82028281", "9000" },
        { "ENVELOPE: SMS-PP", "80C2000006 D104 82028381", "9000" },
        { "ENVELOPE: no such tag", "80C2000002 D000", "6A80" },
        { "ENVELOPE cut short", "80C2000002 D605", "6A80" },
        { "ENVELOPE without data", "80C20000", "6700" },
        { "ENVELOPE with P1", "80C2010002 D600", "6A86" },
    };
    if (card_new(TRANSPORT_ANY))
        TALK(rows);
    world_close(&w);
}

/* SGP.22 5.7.16, 5.7.17; TS 102 223 6.4.7. */
TEST(refresh)
{
    static const struct exchange rows[] = {
        { "TERMINAL PROFILE with eUICC Profile State Change", PROFILE("20"), "9000" },
        SELECT,
        { "enabled, REFRESH waits", ENABLE, "BF3103800100 910B" },
        { "any other command tells it", "80F2000C", "910B" },
        { "catBusy meanwhile", DISABLE, "BF3203800105 910B" },
        { "FETCH with too little", "801200000A", "6C0B" },
        { "FETCH with data", "8012000001 00", "6700" },
        { "FETCH", "801200000B", REFRESH("09") },
        { "nobody is told again", "80F2000C", "9000" },
        { "TERMINAL RESPONSE to another command", "801400000C 810302 0109 82028281 830100", "6A80" },
        { "TERMINAL RESPONSE of another type", "801400000C 810301 2109 82028281 830100", "6A80" },
        { "TERMINAL RESPONSE without result", "8014000009 810301 0109 82028281", "6A80" },
        { "TERMINAL RESPONSE", DONE("09", "00"), "9000" },
        { "that was all", DONE("09", "00"), "6985" },
        { "the profile's MF", "00A4000C02 2FE2", "9000" },
        { "the ISD-R is not selected any more", STATE, "6985" },
        SELECT,
        { "it is enabled", STATE, ENABLED },
        { "disabled: no command before a new TERMINAL PROFILE", DISABLE, "BF3203800100 9000" },
        { "nothing to fetch", "8012000000", "6985" },
        { "a new TERMINAL PROFILE", PROFILE("20"), "910B" },
        { "FETCH now", "8012000000", REFRESH("09") },
        { "performed with limits", DONE("09", "03"), "9000" },
        SELECT,
        { "it is disabled", STATE, DISABLED },
    };
    if (card_with_profile(TRANSPORT_ANY))
        TALK(rows);
    world_close(&w);
}

TEST(refresh_by_what_the_device_can)
{
    static const struct exchange reset[] = {
        { "REFRESH, but no eUICC Profile State Change", PROFILE("DF"), "9000" },
        SELECT,
        { "enabled", ENABLE, "BF3103800100 910B" },
        { "FETCH: UICC Reset", "8012000000", REFRESH("04") },
        { "temporary problem", DONE("04", "20"), "9000" },
        { "the selection has stayed", STATE, DISABLED },
        { "enabled again", ENABLE, "BF3103800100 910B" },
        { "FETCH again", "8012000000", REFRESH("04") },
        { "permanent problem", DONE("04", "30"), "9000" },
        { "disabled still", STATE, DISABLED },
        { "enabled a third time", ENABLE, "BF3103800100 910B" },
    };
    static const struct exchange short_profile[] = {
        SELECT,
        { "a reset enables as well", STATE, ENABLED },
        { "TERMINAL PROFILE without REFRESH", "8010000003 FFFF7F", "9000" },
        { "disabled: nothing is announced", DISABLE, "BF3203800100 9000" },
        { "nor to be fetched", "8012000000", "6985" },
    };
    static const struct exchange silent[] = {
        SELECT,
        { "a reset disables as well", STATE, DISABLED },
        { "no TERMINAL PROFILE: UICC Reset, which every device has", ENABLE, "BF3103800100 910B" },
        { "FETCH of it", "8012000000", REFRESH("04") },
    };
    if (card_with_profile(TRANSPORT_ANY)) {
        TALK(reset);
        transport_reset(&t);
        TALK(short_profile);
        transport_reset(&t);
        TALK(silent);
    }
    world_close(&w);
}

/* Under T=0 the status word of a pending command comes after the data. */
TEST(refresh_under_t0)
{
    static const struct exchange rows[] = {
        SELECT,
        { "enabled: data first", ENABLE, "6106" },
        { "then 91xx", "00C0000006", "BF3103800100 910B" },
        { "FETCH with Le 00", "8012000000", "6C0B" },
        { "FETCH", "801200000B", REFRESH("04") },
        { "TERMINAL RESPONSE", DONE("04", "00"), "9000" },
    };
    if (card_with_profile(TRANSPORT_T0))
        TALK(rows);
    world_close(&w);
}
