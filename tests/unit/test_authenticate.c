/* SPDX-License-Identifier: Apache-2.0
 *
 * AUTHENTICATE of a UICC by itself, without a card around it: sequence numbers by TS 33.102 Annex C, contexts, status
 * words and PINs by TS 31.102 7.1 and TS 31.103 7.1.  Challenges are made by the network's half of lib/crypto, whose
 * values test_crypto and test_aka hold to 3GPP's; here it counts what is accepted. */
#include <stdio.h>

#include "base/text.h"
#include "euicc/uicc.h"
#include "saip/personal.h"
#include "sample.h"

static const uint8_t RAND[16] = { 0x23, 0x55, 0x3C, 0xBE };
static const uint8_t AMF[2] = { 0x80, 0x00 };

/* An installed image with a UICC in power over it; changes go to memory, unless `full`. */
struct desk {
    struct euicc_profile profile;
    struct uicc uicc;
    struct uicc_channel channel;
    struct saip_aka *keys;
    int changes; /* of sequence numbers */
    bool full;
};

static int change(void *context, const struct nvm_record *r)
{
    struct desk *d = context;
    struct saip_image *m = &d->profile.image;
    if (d->full)
        return -1;
    if (r->type == REC_PIN)
        m->pins[r->field[1].p[0]].enabled = r->field[4].p[0];
    if (r->type == REC_SQN) {
        d->changes++;
        memcpy(m->akas[r->field[1].p[0]].seq[r->field[2].p[0]], r->field[3].p, 6);
    }
    return 0;
}

/* Edits end with one without `old`; NULL: none. */
static struct bytes edited(const struct sample_edit *edits)
{
    return bytes_text(sample_text(edits, edits ? SIZE_MAX : 0));
}

static unsigned say(struct desk *d, const char *hex, struct bytes *data)
{
    struct buf out = buf_in(test_arena());
    struct apdu a;
    if (apdu_parse(unhex(hex), &a) != 0)
        return SW_WRONG_LENGTH;
    bool by_aid = a.ins == 0xA4 && a.p1 == 0x04; /* which the card around it would do */
    unsigned sw = by_aid ? uicc_select(&d->uicc, &d->channel, saip_adf(&d->profile.image, a.data), &a, &out)
                         : uicc_command(&d->uicc, &d->channel, &a, &out);
    if (data)
        *data = buf_bytes(&out);
    return sw;
}

/* The sample with these edits, installed; nothing is selected. */
static bool desk_open(struct desk *d, const struct sample_edit *edits)
{
    struct saip_package package;
    struct saip_result result;
    struct err e;
    memset(d, 0, sizeof *d);
    if (!CHECK_OK(saip_parse(test_arena(), edited(edits), &package, &e), &e))
        return false;
    if (!CHECK_EQ(saip_install(test_arena(), &package, &d->profile.image, &result), 0)) {
        printf("# %s\n", result.faults[result.n - 1].found);
        return false;
    }
    d->keys = &d->profile.image.akas[0];
    uicc_start(&d->uicc, &d->profile);
    d->uicc.change = change;
    d->uicc.context = d;
    uicc_channel_start(&d->uicc, &d->channel);
    return true;
}

#define SELECT_USIM "00A4040C 07 A0000000871002"
#define SELECT_ISIM "00A4040C 07 A0000000871004"
#define PIN_1 "00200001 08 31323334FFFFFFFF"

static bool desk_ready(struct desk *d, const struct sample_edit *edits)
{
    return desk_open(d, edits) && CHECK_EQ(say(d, SELECT_USIM, NULL), SW_OK) && CHECK_EQ(say(d, PIN_1, NULL), SW_OK);
}

static void octets(uint64_t v, uint8_t out[6])
{
    for (int i = 0; i < 6; i++)
        out[i] = (uint8_t)(v >> 8 * (5 - i));
}

/* The command of a challenge with this SQN. */
static const char *challenge(const struct desk *d, uint64_t sqn, const uint8_t amf[2], bool forged)
{
    uint8_t number[6], autn[16];
    struct err e;
    octets(sqn, number);
    CHECK_OK(aka_autn(&d->keys->key, RAND, number, amf, autn, &e), &e);
    autn[15] ^= forged;
    return arena_printf(test_arena(), "0088008122 10%s10%s00", hex_encode(test_arena(), BYTES_OF(RAND)),
                        hex_encode(test_arena(), BYTES_OF(autn)));
}

/* ------------------------------------------------------------------------ sequence numbers */

#define SEQ(seq, ind) ((uint64_t)(seq) << 5 | (ind))
enum { END = 0, TAKES = 1, MAC = 2, SYNC = 3 }; /* accepted, MAC failure, AUTS with the SQN_MS that follows */

/* A start, and challenges that follow one another. */
struct scenario {
    const char *name, *clause;
    uint8_t options;
    uint64_t delta, age;
    struct {
        unsigned slot;
        uint64_t seq;
    } start[3]; /* SEQ_MS of these slots; the others are 0 */
    struct {
        int outcome;
        uint64_t sqn, ms;
    } challenges[5];
};

#define TOP 0x07FFFFFFFFFF

static const struct scenario scenarios[] = {
    { "a new card: SEQ 1", "C.2.2", 0x02, 1 << 28, 0, { { 0 } }, { { TAKES, SEQ(1, 0) } } },
    { "a new card: SEQ 0 is not above 0", "C.2.2", 0, 0, 0, { { 0 } },
      { { SYNC, SEQ(0, 0), 0 }, { SYNC, SEQ(0, 31), 0 } } },
    { "the same twice", "C.2.2", 0, 0, 0, { { 0 } }, { { TAKES, SEQ(1, 0) }, { SYNC, SEQ(1, 0), SEQ(1, 0) } } },
    { "one below, the same, one above", "C.2.2", 0, 0, 0, { { 7, 100 } },
      { { SYNC, SEQ(99, 7), SEQ(100, 7) }, { SYNC, SEQ(100, 7), SEQ(100, 7) }, { TAKES, SEQ(101, 7) } } },
    { "each IND has a slot of its own", "C.2.2", 0, 0, 0, { { 0 } },
      { { TAKES, SEQ(10, 0) }, { TAKES, SEQ(5, 1) }, { TAKES, SEQ(3, 31) }, { SYNC, SEQ(5, 1), SEQ(10, 0) },
        { TAKES, SEQ(6, 1) } } },
    { "a batch out of order: only what is newer in the slot", "C.2.2", 0, 0, 0, { { 0 } },
      { { TAKES, SEQ(5, 2) }, { SYNC, SEQ(4, 2), SEQ(5, 2) }, { TAKES, SEQ(6, 2) } } },
    { "SQN_MS is the highest anywhere in the array", "C.2.2", 0, 0, 0, { { 3, 50 }, { 9, 70 }, { 20, 60 } },
      { { SYNC, SEQ(50, 3), SEQ(70, 9) } } },
    { "of one SEQ in two slots SQN_MS is that of the higher IND", "6.3.3", 0, 0, 0, { { 3, 70 }, { 9, 70 } },
      { { SYNC, SEQ(70, 3), SEQ(70, 9) } } },
    { "MAC comes before SQN: an old one that is forged", "6.3.3", 0, 0, 0, { { 1, 100 } },
      { { MAC, SEQ(50, 1) }, { SYNC, SEQ(50, 1), SEQ(100, 1) } } },
    { "a forged one is not kept", "6.3.3", 0, 0, 0, { { 0 } }, { { MAC, SEQ(9, 1) }, { TAKES, SEQ(9, 1) } } },
    { "a failure of synchronisation keeps nothing", "6.3.3", 0x02, 10, 0, { { 0 } },
      { { SYNC, SEQ(11, 1), 0 }, { TAKES, SEQ(10, 1) } } },
    { "a jump of delta", "C.2.1", 0x02, 1 << 28, 0, { { 0, 5 } }, { { TAKES, SEQ(5 + (1 << 28), 0) } } },
    { "a jump above delta", "C.2.1", 0x02, 1 << 28, 0, { { 0, 5 } }, { { SYNC, SEQ(6 + (1 << 28), 0), SEQ(5, 0) } } },
    { "delta counts from SEQ_MS of all slots", "C.2.1", 0x02, 10, 0, { { 0, 100 } },
      { { SYNC, SEQ(111, 4), SEQ(100, 0) }, { TAKES, SEQ(110, 4) }, { TAKES, SEQ(120, 0) } } },
    { "delta is nothing for what is lower", "C.2.1", 0x02, 10, 0, { { 0, 100 } }, { { TAKES, SEQ(1, 4) } } },
    { "without its option no delta", "C.2.1", 0, 10, 0, { { 0 } }, { { TAKES, SEQ(TOP, 0) } } },
    { "the end: nothing is above the highest SEQ", "C.2.1", 0, 0, 0, { { 0, TOP } },
      { { SYNC, SEQ(TOP, 0), SEQ(TOP, 0) }, { SYNC, SEQ(0, 0), SEQ(TOP, 0) }, { TAKES, SEQ(TOP, 1) } } },
    { "delta of the highest value protects nothing", "C.2.1", 0x02, TOP, 0, { { 0 } }, { { TAKES, SEQ(TOP, 3) } } },
    { "age just below L", "C.2.2", 0x04, 0, 20, { { 0, 100 } }, { { TAKES, SEQ(81, 1) } } },
    { "age of L", "C.2.2", 0x04, 0, 20, { { 0, 100 } }, { { SYNC, SEQ(80, 1), SEQ(100, 0) } } },
    { "the age counts from SEQ_MS, not from the slot", "C.2.2", 0x04, 0, 20, { { 0, 100 }, { 1, 10 } },
      { { SYNC, SEQ(11, 1), SEQ(100, 0) }, { TAKES, SEQ(90, 1) } } },
    { "young enough, and used in its slot", "C.2.2", 0x04, 0, 20, { { 0, 100 }, { 1, 95 } },
      { { SYNC, SEQ(95, 1), SEQ(100, 0) } } },
    { "without its option no age", "C.2.2", 0x02, 1 << 28, 20, { { 0, 100 } }, { { TAKES, SEQ(1, 1) } } },
    { "0E: delta and age", "C.2", 0x0E, 10, 20, { { 0, 100 } },
      { { SYNC, SEQ(111, 1), SEQ(100, 0) }, { SYNC, SEQ(80, 1), SEQ(100, 0) }, { TAKES, SEQ(110, 1) } } },
    { "08 alone: neither", "C.2", 0x08, 10, 20, { { 0, 100 } }, { { TAKES, SEQ(1, 1) }, { TAKES, SEQ(500, 1) } } },
    { "after a resynchronisation the network goes on from SQN_MS", "6.3.5", 0x06, 1 << 28, 1 << 28, { { 2, 1000 } },
      { { SYNC, SEQ(3, 2), SEQ(1000, 2) }, { TAKES, SEQ(1001, 2) }, { SYNC, SEQ(1001, 2), SEQ(1001, 2) } } },
    { "sqnInit is where a slot begins", "C.2.2", 0x02, 1 << 28, 0, { { 0, 7 }, { 31, 9 } },
      { { SYNC, SEQ(7, 0), SEQ(9, 31) }, { TAKES, SEQ(8, 0) }, { SYNC, SEQ(9, 31), SEQ(9, 31) } } },
};

static void take(struct desk *d, int outcome, uint64_t sqn, uint64_t ms)
{
    struct bytes data;
    uint8_t found[6], want[6];
    struct err e;
    int before = d->changes;
    unsigned sw = say(d, challenge(d, sqn, AMF, outcome == MAC), &data);
    CHECK_EQ(sw, outcome == MAC ? SW_AUTH_MAC : SW_OK);
    CHECK_EQ(d->changes - before, outcome == TAKES);
    if (outcome == MAC)
        CHECK_EQ(data.n, 0);
    else if (CHECK(data.n > 15) && CHECK_EQ(data.p[0], outcome == TAKES ? 0xDB : 0xDC) && outcome == SYNC) {
        octets(ms, want);
        CHECK_EQ(data.n, 16);
        CHECK_OK(aka_auts_open(&d->keys->key, RAND, data.p + 2, found, &e), &e);
        CHECK_BYTES(BYTES_OF(found), BYTES_OF(want));
    }
}

TEST(sequence_numbers)
{
    struct desk d;
    if (!desk_ready(&d, NULL))
        return;
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        const struct scenario *s = &scenarios[i];
        test_row("%s (TS 33.102 %s)", s->name, s->clause);
        d.keys->sqn_options = s->options;
        octets(s->delta, d.keys->sqn_delta);
        octets(s->age, d.keys->sqn_age_limit);
        memset(d.keys->seq, 0, sizeof d.keys->seq);
        for (size_t k = 0; k < 3; k++)
            if (s->start[k].seq)
                octets(s->start[k].seq, d.keys->seq[s->start[k].slot]);
        for (size_t k = 0; k < 5 && s->challenges[k].outcome != END; k++)
            take(&d, s->challenges[k].outcome, s->challenges[k].sqn, s->challenges[k].ms);
    }
}

/* What cannot be made durable is not answered. */
TEST(memory_full)
{
    struct desk d;
    struct bytes data;
    if (!desk_ready(&d, NULL))
        return;
    d.full = true;
    CHECK_EQ(say(&d, challenge(&d, SEQ(1, 0), AMF, false), &data), SW_INTERNAL);
    CHECK_EQ(data.n, 0);
    d.full = false;
    take(&d, TAKES, SEQ(1, 0), 0);
}

/* --------------------------------------------------------------------- contexts and PINs */

#define R "23553CBE000000000000000000000000"
#define GSM(p2) "008800" p2 "11 10" R "00"
#define UST_NONE { "'010A1D0420060000000010000000'H", "'010A1D0000060000000010000000'H" }
#define UST_CONTEXT { "'010A1D0420060000000010000000'H", "'010A1D0020060000000010000000'H" }
#define UST_ACCESS { "'010A1D0420060000000010000000'H", "'010A1D0400060000000010000000'H" }
#define UST_SHORT                                                                                                      \
    {                                                                                                                  \
        "    fillFileContent : '010A1D0420060000000010000000'H",                                                       \
            "    fileDescriptor : { efFileSize '04'H }, fillFileContent : '010A1D04'H"                                 \
    }
/* An ISIM behind the USIM's keys, with keys of its own. */
#define SIZE_OF(n) "fileDescriptor : { efFileSize '" n "'H }"
#define RECORD_OF(n) "fileDescriptor : { fileDescriptor '422100" n "'H, efFileSize '" n "'H }"
#define ISIM                                                                                                           \
    {                                                                                                                  \
        "value9 ProfileElement",                                                                                       \
            "value20 ProfileElement ::= isim : { isim-header { mandated NULL, identification 20 },\n"                  \
            " templateID { 2 23 143 1 2 8 }, adf-isim { fileDescriptor : { fileID '7FF2'H,\n"                          \
            " dfName 'A0000000871004FF49FFFF8901000000'H, pinStatusTemplateDO '010A'H } },\n"                          \
            " ef-impi { " SIZE_OF("02") " }, ef-impu { " RECORD_OF("02") " }, ef-domain { " SIZE_OF("02") " },\n"      \
            " ef-ist { " SIZE_OF("02") " }, ef-arr { " RECORD_OF("20") " } }\n"                                        \
            "value9 ProfileElement"                                                                                    \
    }

#define PS_DO(references) "pinStatusTemplateDO '" references "'H"
#define PIN_2_DEFINED                                                                                                  \
    {                                                                                                                  \
        "    { keyReference adm1,",                                                                                    \
            "    { keyReference pinAppl2, pinValue '35363738FFFFFFFF'H },\n    { keyReference adm1,"                   \
    }

enum { GOOD = 0x9000 };

static const struct {
    const char *name;
    struct sample_edit edits[3];
    const char *before[3], *command; /* NULL: a good challenge in the 3G context */
    unsigned sw;
    size_t octets; /* of the answer */
} rows[] = {
    { "no application", { { 0 } }, { PIN_1 }, GSM("80"), 0x6985, 0 },
    { "no PIN", { { 0 } }, { SELECT_USIM }, NULL, 0x6982, 0 },
    { "no PIN, GSM", { { 0 } }, { SELECT_USIM }, GSM("80"), 0x6982, 0 },
    { "no PIN, no such context", { { 0 } }, { SELECT_USIM }, GSM("83"), 0x6A86, 0 },
    { "a wrong PIN", { { 0 } }, { SELECT_USIM, "00200001 08 30303030FFFFFFFF" }, NULL, 0x6982, 0 },
    { "PIN disabled", { { 0 } }, { "00260001 08 31323334FFFFFFFF", SELECT_USIM }, NULL, GOOD, 53 },
    { "the ADM code is not the PIN", { { 0 } }, { SELECT_USIM, "0020000A 08 3838383838383838" }, NULL, 0x6982, 0 },
    { "PIN2 is not the PIN", { { 0 } }, { SELECT_USIM, "00200081 08 39383736FFFFFFFF" }, NULL, 0x6982, 0 },
    { "PIN 02 in PS_DO, PIN 01 shown",
      { { PS_DO("01810A"), PS_DO("02810A") },
        PIN_2_DEFINED },
      { SELECT_USIM, PIN_1 }, NULL, 0x6982, 0 },
    { "PIN 02 in PS_DO, PIN 02 shown",
      { { PS_DO("01810A"), PS_DO("02810A") },
        PIN_2_DEFINED },
      { SELECT_USIM, "00200002 08 35363738FFFFFFFF" }, NULL, GOOD, 53 },
    { "PS_DO without an application PIN", { { PS_DO("01810A"), PS_DO("810A") } },
      { SELECT_USIM }, NULL, GOOD, 53 },
    { "3G: RES, CK, IK, Kc (service 27)", { { 0 } }, { SELECT_USIM, PIN_1 }, NULL, GOOD, 1 + 9 + 17 + 17 + 9 },
    { "3G without service 27: no Kc", { UST_CONTEXT }, { SELECT_USIM, PIN_1 }, NULL, GOOD, 44 },
    { "GSM: SRES and Kc (service 38)", { { 0 } }, { SELECT_USIM, PIN_1 }, GSM("80"), GOOD, 14 },
    { "GSM, service 38 without 27", { UST_CONTEXT }, { SELECT_USIM, PIN_1 }, GSM("80"), GOOD, 14 },
    { "GSM, service 27 without 38", { UST_ACCESS }, { SELECT_USIM, PIN_1 }, GSM("80"), 0x9864, 0 },
    { "GSM, neither service", { UST_NONE }, { SELECT_USIM, PIN_1 }, GSM("80"), 0x9864, 0 },
    { "VGCS/VBS", { { 0 } }, { SELECT_USIM, PIN_1 }, GSM("82"), 0x9864, 0 },
    { "GBA", { { 0 } }, { SELECT_USIM, PIN_1 }, "0088008404 DD000000 00", 0x9864, 0 },
    { "context 3", { { 0 } }, { SELECT_USIM, PIN_1 }, GSM("83"), 0x6A86, 0 },
    { "context 5", { { 0 } }, { SELECT_USIM, PIN_1 }, GSM("85"), 0x6A86, 0 },
    { "context 6", { { 0 } }, { SELECT_USIM, PIN_1 }, GSM("86"), 0x6A86, 0 },
    { "context 7", { { 0 } }, { SELECT_USIM, PIN_1 }, GSM("87"), 0x6A86, 0 },
    { "P2 without specific reference", { { 0 } }, { SELECT_USIM, PIN_1 }, GSM("01"), 0x6A86, 0 },
    { "P2 with a reserved bit", { { 0 } }, { SELECT_USIM, PIN_1 }, GSM("C0"), 0x6A86, 0 },
    { "P1 1", { { 0 } }, { SELECT_USIM, PIN_1 }, "0088018011 10" R "00", 0x6A86, 0 },
    { "odd INS", { { 0 } }, { SELECT_USIM, PIN_1 }, "0089008011 10" R "00", 0x6D00, 0 },
    { "class 80", { { 0 } }, { SELECT_USIM, PIN_1 }, "8088008011 10" R "00", 0x6E00, 0 },
    { "GSM: RAND of 15", { { 0 } }, { SELECT_USIM, PIN_1 }, "0088008010 0F 23553CBE0000000000000000000000 00", 0x6700,
      0 },
    { "GSM: a length that lies", { { 0 } }, { SELECT_USIM, PIN_1 }, "0088008011 0F" R "00", 0x6700, 0 },
    { "GSM with an AUTN", { { 0 } }, { SELECT_USIM, PIN_1 }, "0088008022 10" R "10" R "00", 0x6700, 0 },
    { "GSM without data", { { 0 } }, { SELECT_USIM, PIN_1 }, "0088008000", 0x6700, 0 },
    { "3G without AUTN", { { 0 } }, { SELECT_USIM, PIN_1 }, GSM("81"), 0x6700, 0 },
    { "3G: the length of AUTN lies", { { 0 } }, { SELECT_USIM, PIN_1 }, "0088008122 10" R "0F" R "00", 0x6700, 0 },
    { "3G: the length of RAND lies", { { 0 } }, { SELECT_USIM, PIN_1 }, "0088008122 11" R "10" R "00", 0x6700, 0 },
    { "3G: one octet more", { { 0 } }, { SELECT_USIM, PIN_1 }, "0088008123 10" R "10" R "0000", 0x6700, 0 },
    { "3G: another MAC", { { 0 } }, { SELECT_USIM, PIN_1 }, "0088008122 10" R "10" R "00", 0x9862, 0 },
    { "the MF is chosen, the USIM stays the application", { { 0 } }, { SELECT_USIM, PIN_1, "00A4000C02 3F00" }, NULL,
      GOOD, 53 },
    { "ISIM: RES, CK, IK and no Kc", { ISIM }, { SELECT_ISIM, PIN_1 }, NULL, GOOD, 44 },
    { "ISIM without PIN", { ISIM }, { SELECT_ISIM }, NULL, 0x6982, 0 },
    { "ISIM: no GSM context", { ISIM }, { SELECT_ISIM, PIN_1 }, GSM("80"), 0x9864, 0 },
    { "ISIM: HTTP Digest", { ISIM }, { SELECT_ISIM, PIN_1 }, GSM("82"), 0x9864, 0 },
    { "ISIM: GBA", { ISIM }, { SELECT_ISIM, PIN_1 }, "0088008404 DD000000 00", 0x9864, 0 },
    { "services of EF.UST are a USIM's", { { "dfName 'A0000000871002", "dfName 'A0000000871004" },
      { "adfAID 'A0000000871002", "adfAID 'A0000000871004" } },
      { SELECT_ISIM, PIN_1 }, NULL, GOOD, 44 },
    { "a USIM that has no keys", { ISIM }, { SELECT_USIM, PIN_1 }, NULL, 0x6A88, 0 },
    { "a service table that ends before 38", { UST_SHORT }, { SELECT_USIM, PIN_1 }, GSM("80"), 0x9864, 0 },
};

TEST(contexts)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct desk d;
        struct bytes data = BYTES_NONE;
        test_row("%s", rows[i].name);
        if (!desk_open(&d, rows[i].edits))
            continue;
        for (size_t k = 0; k < 3 && rows[i].before[k]; k++)
            say(&d, rows[i].before[k], NULL);
        CHECK_EQ(say(&d, rows[i].command ? rows[i].command : challenge(&d, SEQ(1, 0), AMF, false), &data), rows[i].sw);
        CHECK_EQ(data.n, rows[i].octets);
        CHECK_EQ(d.changes, rows[i].sw == GOOD && !rows[i].command);
    }
}

/* ------------------------------------------------------- algorithms, as packages tell them */

#define K16 "000102030405060708090A0B0C0D0E0F"
#define ZEROS "00000000000000000000000000000000"
#define KEYS(name, options, k, opc)                                                                                    \
    "algorithmID " name ", algorithmOptions '" options "'H, key '" k "'H, opc '" opc "'H"
#define AKA(text)                                                                                                      \
    {                                                                                                                  \
        "algorithmID milenage,\n    algorithmOptions '00'H,\n    key '" ZEROS "'H,\n    opc '" ZEROS "'H", text        \
    }
#define TUAK(options, k, more) AKA(KEYS("tuak", options, k, K16 K16) more)
#define TEST_OF(options, opc) AKA(KEYS("usim-test-algorithm", options, K16, opc))

static const struct {
    const char *name;
    struct sample_edit edits[2];
    int64_t status;    /* PEStatus, or 0: it installs */
    const char *what;
    unsigned res;
} algorithms[] = {
    { "TUAK, RES of 32 bits", { TUAK("00", K16, "") }, 0, NULL, 4 },
    { "TUAK, RES of 64 bits", { TUAK("01", K16, "") }, 0, NULL, 8 },
    { "TUAK, RES of 128 bits, K of 256", { TUAK("02", K16 K16, ", numberOfKeccak 2") }, 0, NULL, 16 },
    { "TUAK, RES of 256 bits", { TUAK("03", K16, "") }, 10, "RES of 32 octets", 0 },
    { "TUAK, a size of RES that is none", { TUAK("04", K16, "") }, 3, "algorithmOptions 04 name no size of RES", 0 },
    { "TUAK, MAC of 128 bits", { TUAK("09", K16, "") }, 10, "a MAC of 16 octets has no room in AUTN", 0 },
    { "TUAK, MAC of 256 bits", { TUAK("11", K16, "") }, 10, "a MAC of 32 octets has no room in AUTN", 0 },
    { "TUAK, a size of MAC that is none", { TUAK("19", K16, "") }, 3, "algorithmOptions 19 are not defined", 0 },
    { "TUAK, CK and IK of 256 bits", { TUAK("41", K16, "") }, 10, "CK and IK of 32 octets", 0 },
    { "TUAK, a reserved bit", { TUAK("81", K16, "") }, 3, "algorithmOptions 81 are not defined", 0 },
    { "TUAK, no iteration", { TUAK("01", K16, ", numberOfKeccak 0") }, 3, "0 iterations of Keccak", 0 },
    { "TUAK, 255 iterations", { TUAK("01", K16, ", numberOfKeccak 255") }, 0, NULL, 8 },
    { "TUAK, K of 24 octets", { TUAK("01", "000102030405060708090A0B0C0D0E0F0001020304050607", "") }, 3,
      "the key has 24 octets", 0 },
    { "TUAK, OPc of Milenage", { AKA(KEYS("tuak", "01", K16, K16)) }, 3,
      "OPc or TOPc has 16 octets", 0 },
    { "Milenage ignores the options", { AKA(KEYS("milenage", "FF", K16, K16)) }, 0, NULL, 8 },
    { "Milenage, K of 15 octets", { AKA(KEYS("milenage", "00", "000102030405060708090A0B0C0D0E", K16)) }, 3,
      "the key has 15 octets", 0 },
    { "test algorithm, RES of 32 bits", { TEST_OF("00", "") }, 0, NULL, 4 },
    { "test algorithm, RES of 64 bits", { TEST_OF("01", "") }, 0, NULL, 8 },
    { "test algorithm, RES of 128 bits as TS.48", { TEST_OF("02", K16) }, 0, NULL, 16 },
    { "test algorithm, RES of 256 bits", { TEST_OF("03", "") }, 10, "RES of 32 octets", 0 },
    { "no such algorithm", { AKA(KEYS("4", "00", K16, K16)) }, 10,
      "authentication algorithm 4", 0 },
};

static void refused(const struct sample_edit *edits, int64_t status, const char *what)
{
    struct saip_package package;
    struct saip_image image;
    struct saip_result result;
    struct err e;
    if (!CHECK_OK(saip_parse(test_arena(), edited(edits), &package, &e), &e))
        return;
    memset(&image, 0, sizeof image);
    CHECK_EQ(saip_install(test_arena(), &package, &image, &result), -1);
    CHECK_EQ(saip_result_status(&result), status);
    CHECK_TEXT(result.faults[result.n - 1].found, what);
}

TEST(algorithms_of_packages)
{
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        struct desk d;
        struct bytes data;
        test_row("%s", algorithms[i].name);
        if (algorithms[i].status) {
            refused(algorithms[i].edits, algorithms[i].status, algorithms[i].what);
            continue;
        }
        if (!desk_ready(&d, algorithms[i].edits))
            continue;
        CHECK_EQ(say(&d, challenge(&d, SEQ(1, 0), AMF, false), &data), SW_OK);
        if (CHECK_EQ(data.n, algorithms[i].res + 45))
            CHECK_EQ(data.p[1], algorithms[i].res);
    }
}

/* A second NAA's keys behind the first ones. */
#define SECOND_KEYS(name, k, opc)                                                                                      \
    {                                                                                                                  \
        "value10 ProfileElement",                                                                                      \
            "value21 ProfileElement ::= akaParameter : { aka-header { mandated NULL, identification 21 },\n"           \
            " algoConfiguration algoParameter : { " KEYS(name, "00", k, opc) " } }\nvalue10 ProfileElement"            \
    }

/* Where a subscriber's K and OPc go, and which are refused. */
static const struct {
    const char *name;
    struct sample_edit edits[3];
    size_t places, k, opc; /* places of K; 0: the package cannot be personalised */
} holes[] = {
    { "Milenage", { { 0 } }, 1, 16, 16 },
    { "TUAK of 128 bits", { TUAK("01", K16, "") }, 1, 16, 32 },
    { "TUAK of 256 bits", { TUAK("01", K16 K16, "") }, 1, 32, 32 },
    { "test algorithm without OPc", { TEST_OF("02", "") }, 1, 16, 0 },
    { "two of one size", { SECOND_KEYS("milenage", K16, K16) }, 2, 16, 16 },
    { "two of different sizes", { SECOND_KEYS("tuak", K16 K16, K16 K16) }, 0, 0, 0 },
    { "a K of 24 octets", { TUAK("01", "000102030405060708090A0B0C0D0E0F0001020304050607", "") }, 0, 0, 0 },
};

TEST(places_of_keys)
{
    for (size_t i = 0; i < sizeof holes / sizeof *holes; i++) {
        struct saip_package text, package;
        struct saip_holes found;
        struct bytes der = BYTES_NONE;
        struct err e;
        test_row("%s", holes[i].name);
        if (!CHECK_OK(saip_parse(test_arena(), edited(holes[i].edits), &text, &e), &e) ||
            !CHECK_OK(saip_encode(test_arena(), &text, &der, &e), &e) ||
            !CHECK_OK(saip_decode(test_arena(), der, ASN1_STRICT, &package, &e), &e))
            continue;
        CHECK_EQ(saip_holes_find(&package, der, &found, &e), holes[i].places ? 0 : -1);
        if (holes[i].places == 0)
            continue;
        CHECK_EQ(found.of[HOLE_K].n, holes[i].places);
        CHECK_EQ(found.of[HOLE_K].length, holes[i].k);
        CHECK_EQ(found.of[HOLE_OPC].length, holes[i].opc);
    }
}

/* TUAK's set 1 of TS 35.233 through the card: f5 hides SQN, f1 is over AMF FFFF. */
TEST(tuak_set_1)
{
    struct desk d;
    struct bytes data;
    const struct sample_edit edits[] = {
        AKA(KEYS("tuak", "00", "ABABABABABABABABABABABABABABABAB",
                 "BD04D9530E87513C5D837AC2AD954623A8E2330C115305A73EB45D1F40CCCBFF")),
        { "sqnOptions '0E'H", "sqnOptions '00'H" }, { NULL, NULL }
    };
    if (!desk_ready(&d, edits))
        return;
    CHECK_EQ(say(&d, "0088008122 10 42424242424242424242424242424242 10 608E0F8A8145 FFFF F9A54E6AEAA8618D 00", &data),
             SW_OK);
    /* Kc by c3: D71A1E5C6CAFFE98 ^ 6A26F783E5C78BE1 ^ BE849FA2564F869A ^ ECEE6F62D4337E72 */
    CHECK_HEX(data, "DB 04 657ACD64 10 D71A1E5C6CAFFE986A26F783E5C78BE1 10 BE849FA2564F869AECEE6F62D4337E72"
                    "08 EF5619 1F0B148D91");
}

/* TS 34.108 8.1.2: SQN is not looked at, AMF FFFF asks for a resynchronisation. */
TEST(test_algorithm)
{
    static const uint8_t resynch[2] = { 0xFF, 0xFF };
    static const struct {
        const char *name;
        uint64_t sqn;
        const uint8_t *amf;
        unsigned tag;
        int changes;
    } steps[] = {
        { "SQN 0", 0, AMF, 0xDB, 0 },
        { "a first one", SEQ(7, 1), AMF, 0xDB, 1 },
        { "the same again", SEQ(7, 1), AMF, 0xDB, 0 },
        { "a lower one", SEQ(3, 1), AMF, 0xDB, 0 },
        { "the highest", SEQ(TOP, 0), AMF, 0xDB, 1 },
        { "AMF FFFF", SEQ(8, 1), resynch, 0xDC, 0 },
    };
    const struct sample_edit edits[] = { TEST_OF("02", ""), { NULL, NULL } };
    struct desk d;
    struct bytes data;
    uint8_t found[6];
    struct err e;
    if (!desk_ready(&d, edits))
        return;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        test_row("%s", steps[i].name);
        int before = d.changes;
        CHECK_EQ(say(&d, challenge(&d, steps[i].sqn, steps[i].amf, false), &data), SW_OK);
        CHECK_EQ(data.n ? data.p[0] : 0, steps[i].tag);
        CHECK_EQ(d.changes - before, steps[i].changes);
    }
    test_row("SQN_MS is the highest that passed");
    CHECK_OK(aka_auts_open(&d.keys->key, RAND, data.p + 2, found, &e), &e);
    CHECK_HEX(BYTES_OF(found), "FFFFFFFFFFE0");
    test_row("MAC counts all the same");
    CHECK_EQ(say(&d, challenge(&d, SEQ(9, 1), resynch, true), &data), SW_AUTH_MAC);
}
