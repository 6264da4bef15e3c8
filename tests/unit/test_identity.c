/* SPDX-License-Identifier: Apache-2.0
 *
 * GET IDENTITY asked of a card whose profile has DF.5GS and DF.SAIP.  Its files are changed as ADM; what is expected is
 * counted by hand from TS 31.102 7.5 and TS 24.501 9.11.3.4, and concealed identities are opened with the home
 * network's keys of TS 33.501 Annex C.4 (tests/scenario/test_suci_openssl opens them with openssl). */
#include "asn1/tlv.h"
#include "dialogue.h"
#include "rsp/mobile_identity.h"

#define A_PUBLIC "5A8D38864820197C3394B92613B20B91633CBD897119273BF8E4A6F4EEC0A650"
#define A_PRIVATE "C53C22208B61860B06C62E5406A7B330C2B577AA5558981510D128247D38BD1D"
#define B_X "72DA71976234CE833A6907425867B82E074D44EF907DFB4B3E21C1C2256EBCD1"
#define B_Y "5A7DED52FCBB097A4ED250E036C7B9C8C7004C4EEDC4F068CD7BF8D3F900E3B4"
#define B_PRIVATE "F1AB1074477EBCC7F554EA1C5FC368B1616730155E0041AC447D6301975FECDA"

#define GET_IDENTITY "80780001 00"
#define ASKED(name, sw, data) { name, GET_IDENTITY, sw, data }
/* Services 121 to 136: 1802 is 124, 125 and 130. */
#define SERVICES(octets) \
    { "EF.UST", "00A4080C04 7FFF6F38", 0x9000, "" }, { "services " octets, "00D6000F02" octets, 0x9000, "" }
#define WRITE(name, path, command) { name, "00A4080C" path, 0x9000, "" }, { name " is written", command, 0x9000, "" }
#define AD(mnc) WRITE("EF.AD", "04 7FFF6FAD", "00D6000301" mnc)
#define IMSI(octets) WRITE("EF.IMSI", "04 7FFF6F07", "00D6000009" octets)
#define ROUTING(octets) WRITE("EF.Routing_Indicator", "06 7FFF5FC04F0A", "00D6000002" octets)
#define SUPI_NAI(octets) WRITE("EF.SUPI_NAI", "06 7FFF5FC04F09", "00D60000" octets)
#define CALC_INFO(octets) WRITE("EF.SUCICalcInfo", "06 7FFF5FD04F01", "00D60000" octets)

/* The sample's IMSI is 001010123456789; by the template of EF.AD its MNC has two digits. */
#define NULL_SCHEME "A10D 01 00F110 F0FF 00 00 1032547698"

#define AID "A0000000871002FF49FFFF8901000000"

static bool card_5g(struct world *w, const char *aid)
{
    const struct sample_edit changes[] = {
        { "  ef-ust {\n    fillFileContent : '010A1D0420060000000010000000'H",
          "  ef-ust {\n    fileDescriptor : { efFileSize '11'H },\n"
          "    fillFileContent : '010A1D0420060000000010000000001800'H" },
        { "value12 ProfileElement ::= ",
          "value20 ProfileElement ::= df-5gs : {\n"
          "  df-5gs-header { mandated NULL, identification 20 },\n"
          "  templateID { 2 23 143 1 2 13 },\n"
          "  df-df-5gs { fileDescriptor : { pinStatusTemplateDO '01810A'H } },\n"
          "  ef-supinai { fileDescriptor : { efFileSize '40'H }, fillFileContent : 'FF'H },\n"
          "  ef-routing-indicator { fillFileContent : 'F0FF0000'H }\n"
          "}\n"
          "value21 ProfileElement ::= df-saip : {\n"
          "  df-saip-header { mandated NULL, identification 21 },\n"
          "  templateID { 2 23 143 1 2 14 },\n"
          "  df-df-saip { fileDescriptor : { pinStatusTemplateDO '01810A'H } },\n"
          "  ef-suci-calc-info-usim { fileDescriptor : { efFileSize '80'H } }\n"
          "}\n"
          "value12 ProfileElement ::= " },
        { "dfName '" AID "'H", arena_printf(test_arena(), "dfName '%s'H", aid) },
        { "adfAID '" AID "'H", arena_printf(test_arena(), "adfAID '%s'H", aid) },
    };
    return card_with(w, sample_der(sample_text(changes, sizeof changes / sizeof *changes)));
}

static void talk_5g(const struct dialogue *rows, size_t n)
{
    struct world w;
    if (card_5g(&w, AID))
        talk(&w, rows, n);
    world_close(&w);
}

#define TALK(rows) talk_5g(rows, sizeof rows / sizeof *rows)

TEST(command)
{
    static const struct dialogue rows[] = {
        ASKED("before an application is selected", 0x6985, ""),
        SELECT_USIM,
        ASKED("without PIN", 0x6982, ""),
        VERIFY_PIN,
        ASKED("the null-scheme, since the file with the keys is blank", 0x9000, NULL_SCHEME),
        { "without Le", "80780001", 0x9000, NULL_SCHEME },
        { "from a directory below", "00A4010C02 5FC0", 0x9000, "" },
        ASKED("still the USIM's", 0x9000, NULL_SCHEME),
        { "class 00", "00780001 00", 0x6E00, "" },
        { "P1", "80780101 00", 0x6A86, "" },
        { "context 00", "80780000 00", 0x6A86, "" },
        { "the context of 5G NSWO", "80780002 00", 0x6A86, "" },
        { "context 01, with the top bit", "80780081 00", 0x6A86, "" },
        { "with data", "80780001 01 00 00", 0x6700, "" },
        { "its own file is not for the ME", "00A4080C06 7FFF5FD04F01", 0x9000, "" },
        { "so a PIN does not read it", "00B0000010", 0x6982, "" },
        VERIFY_ADM,
        SERVICES("0000"),
        ASKED("neither service", 0x6985, ""),
        SERVICES("0800"),
        ASKED("the ME is to compute (service 124 alone)", 0x6985, ""),
        SERVICES("1000"),
        ASKED("service 125 without 124", 0x6985, ""),
        SERVICES("1800"),
        ASKED("both", 0x9000, NULL_SCHEME),
    };
    TALK(rows);
}

/* 101 220 Annex E: 1002 is a USIM, 100B one whose SUPI is no IMSI, 1004 an ISIM. */
TEST(applications)
{
    static const struct {
        const char *name, *aid;
        unsigned sw;
    } rows[] = {
        { "USIM", "A0000000871002FF49FFFF8901000000", 0x9000 },
        { "USIM, non-IMSI", "A000000087100BFF49FFFF8901000000", 0x9000 },
        { "ISIM", "A0000000871004FF49FFFF8901000000", 0x6985 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        struct bytes data;
        test_row("%s", rows[i].name);
        if (card_5g(&w, rows[i].aid)) {
            struct bytes select = unhex(arena_printf(test_arena(), "00A4040C10%s", rows[i].aid));
            CHECK_EQ(exchange(w.cards[0], select, 0, &data), 0x9000);
            CHECK_EQ(exchange(w.cards[0], unhex("00200001 08 31323334FFFFFFFF"), 0, &data), 0x9000);
            CHECK_EQ(exchange(w.cards[0], unhex(GET_IDENTITY), 0, &data), rows[i].sw);
        }
        world_close(&w);
    }
}

TEST(imsi)
{
    static const struct dialogue rows[] = {
        SELECT_USIM,
        VERIFY_PIN,
        VERIFY_ADM,
        AD("03"),
        ASKED("an MNC of three digits", 0x9000, "A10D 01 000110 F0FF 00 00 21436587F9"),
        AD("F2"),
        ASKED("the upper nibble is not the length's", 0x9000, NULL_SCHEME),
        AD("00"),
        ASKED("an MNC of no digit", 0x6A88, ""),
        AD("04"),
        ASKED("an MNC of four digits", 0x6A88, ""),
        AD("02"),
        IMSI("08 01 10 10 10 32 54 76 F8"),
        ASKED("an IMSI of 14 digits", 0x9000, "A10D 01 00F110 F0FF 00 00 10325476F8"),
        IMSI("04 09 10 10 F7 FFFFFFFF"),
        ASKED("an IMSI of 6 digits", 0x9000, "A109 01 00F110 F0FF 00 00 F7"),
        IMSI("03 09 10 10 FFFFFFFFFF"),
        ASKED("an IMSI without MSIN", 0x6A88, ""),
        IMSI("00 09 10 10 10 32 54 76 98"),
        ASKED("an IMSI of no octet", 0x6A88, ""),
        IMSI("09 09 10 10 10 32 54 76 98"),
        ASKED("an IMSI longer than the file", 0x6A88, ""),
        IMSI("08 09 10 10 10 32 54 7A 98"),
        ASKED("an IMSI with a digit A", 0x6A88, ""),
        IMSI("08 09 10 10 10 3F 54 76 98"),
        ASKED("an IMSI with a filler inside", 0x6A88, ""),
        IMSI("08 09 10 10 10 32 54 76 98"),
        ROUTING("2143"),
        ASKED("a routing indicator of four digits", 0x9000, "A10D 01 00F110 2143 00 00 1032547698"),
        ROUTING("21F3"),
        ASKED("of three", 0x9000, "A10D 01 00F110 21F3 00 00 1032547698"),
        ROUTING("FFFF"),
        ASKED("none is 0", 0x9000, NULL_SCHEME),
        ROUTING("1FF2"),
        ASKED("a digit behind the filler", 0x6A88, ""),
        ROUTING("F0FF"),
        { "EF.IMSI", "00A4080C04 7FFF6F07", 0x9000, "" },
        { "is deactivated", "00040000", 0x9000, "" },
        ASKED("an IMSI that is deactivated", 0x6A88, ""),
    };
    TALK(rows);
}

/* "name@example.com" and the like, tag 80. */
TEST(network_specific_identifier)
{
    static const struct dialogue rows[] = {
        SELECT_USIM,
        VERIFY_PIN,
        VERIFY_ADM,
        SERVICES("1802"),
        ASKED("a blank EF.SUPI_NAI", 0x6A88, ""),
        SUPI_NAI("0A 80 08 6E616D654061 2E62"),
        ASKED("type1.rid0.schid0.username@a.b, with the words rid and userid", 0x9000,
              "A121 11" "74797065312E726964302E7363686964302E757365726964" "6E616D65" "40" "612E62"),
        ROUTING("2143"),
        ASKED("its routing indicator", 0x9000,
              "A124 11" "74797065312E726964313233342E7363686964302E757365726964" "6E616D65" "40" "612E62"),
        SUPI_NAI("06 80 04 6E616D65"),
        ASKED("without realm", 0x6A88, ""),
        SUPI_NAI("07 80 05 6E616D6540"),
        ASKED("with an empty realm", 0x6A88, ""),
        SUPI_NAI("06 80 04 40612E62"),
        ASKED("with an empty user name", 0x6A88, ""),
        SUPI_NAI("0A 80 08 FF616D654061 2E62"),
        ASKED("that is no UTF-8", 0x6A88, ""),
        SUPI_NAI("0A 80 7F 6E616D654061 2E62"),
        ASKED("longer than the file", 0x6A88, ""),
        SUPI_NAI("0A 81 08 6E616D654061 2E62"),
        ASKED("a GLI", 0x6A81, ""),
        SUPI_NAI("0A 82 08 6E616D654061 2E62"),
        ASKED("a GCI", 0x6A81, ""),
        SUPI_NAI("0A 83 08 6E616D654061 2E62"),
        ASKED("something else", 0x6A88, ""),
        SERVICES("1800"),
        ASKED("without service 130 the IMSI counts", 0x9000, "A10D 01 00F110 2143 00 00 1032547698"),
    };
    TALK(rows);
}

/* What 12.2 calls an error: no scheme that we support, or a malformed key for the first one that we do. */
TEST(malformed_keys)
{
    static const struct dialogue rows[] = {
        SELECT_USIM,
        VERIFY_PIN,
        VERIFY_ADM,
        CALC_INFO("04 A0020000"),
        ASKED("the null-scheme is wanted", 0x9000, NULL_SCHEME),
        CALC_INFO("04 A0020100"),
        ASKED("profile A without a key", 0x9000, NULL_SCHEME),
        CALC_INFO("04 A0020C01"),
        ASKED("a scheme of its own alone", 0x6A88, ""),
        CALC_INFO("2E A0020102 A125 80011B8120" A_PUBLIC "FFFFFF"),
        ASKED("an index behind the keys", 0x6A88, ""),
        CALC_INFO("2E A0020101 A126 80011B8121" A_PUBLIC "00FFFF"),
        ASKED("profile A: a key of 33 octets", 0x6A88, ""),
        CALC_INFO("2E A0020201 A126 80011B8121 0200000000000000000000000000000000"
                  "00000000000000000000000000000001 FFFF"),
        ASKED("profile B: not on the curve", 0x6A88, ""),
        CALC_INFO("2E A0020201 A125 80011B8120" A_PUBLIC "FFFFFF"),
        ASKED("profile B with a key of A", 0x6A88, ""),
        CALC_INFO("31 A00502 01010200 A125 80011B8120" A_PUBLIC "FFFFFF"),
        ASKED("half a scheme", 0x6A88, ""),
        CALC_INFO("30 A0060201010100 00 A125 80011B8120" A_PUBLIC "FF"),
        ASKED("the next scheme does not help", 0x6A88, ""),
        CALC_INFO("30 A0060101020100 00 A125 80011B8120" A_PUBLIC "FF"),
        ASKED("unless it comes first", 0x9000, NULL),
    };
    TALK(rows);
}

/* ------------------------------------------------------------------------------ concealed */

static struct suci_private home_key(enum suci_scheme scheme)
{
    struct suci_private k = { .scheme = scheme };
    memcpy(k.octets, unhex(scheme == SUCI_PROFILE_A ? A_PRIVATE : B_PRIVATE).p, sizeof k.octets);
    return k;
}

/* Asks; the SUPI that the home network finds, "" if something is wrong. */
static const char *asked(struct world *w, struct suci *s)
{
    struct bytes data, plain;
    const char *supi = "";
    struct err e;
    if (!CHECK_EQ(exchange(w->cards[0], unhex(GET_IDENTITY), 0, &data), 0x9000))
        return supi;
    struct tlv t = tlv_find(data, 0xA1);
    CHECK_EQ(t.whole.n, data.n);
    if (!CHECK_OK(suci_read(test_arena(), t.value, s, &e), &e))
        return supi;
    struct suci_private home = home_key(s->scheme);
    if (CHECK_OK(suci_reveal(&home, &s->output, test_arena(), &plain, &e), &e))
        CHECK_OK(supi_text(test_arena(), s, plain, &supi, &e), &e);
    return supi;
}

#define KEYS "A1 6B 80011B 8141 04" B_X B_Y "80011E 8120" A_PUBLIC

TEST(concealed)
{
    static const struct {
        const char *name, *services, *file;
        enum suci_scheme scheme;
        int key_id;
        const char *supi;
    } rows[] = {
        { "profile B, its key compressed", "1800", "2F A0020201 A126 8001FF 8121 02" B_X "FFFFFFFF", SUCI_PROFILE_B,
          0xFF, "imsi-001010123456789" },
        { "profile A", "1800", "77 A008 0303 0102 0201 0000" KEYS, SUCI_PROFILE_A, 0x1E, "imsi-001010123456789" },
        { "profile B", "1800", "77 A008 0C00 0201 0102 0000" KEYS, SUCI_PROFILE_B, 0x1B, "imsi-001010123456789" },
        { "profile A, NSI", "1802", "77 A008 0303 0102 0201 0000" KEYS, SUCI_PROFILE_A, 0x1E, "nai-name@a.b" },
        { "profile B, NSI", "1802", "77 A008 0C00 0201 0102 0000" KEYS, SUCI_PROFILE_B, 0x1B, "nai-name@a.b" },
    };
    static const struct dialogue before[] = {
        SELECT_USIM,
        VERIFY_PIN,
        VERIFY_ADM,
        SUPI_NAI("0A 80 08 6E616D654061 2E62"),
    };
    struct world w;
    struct bytes data;
    if (!card_5g(&w, AID)) {
        world_close(&w);
        return;
    }
    talk(&w, before, sizeof before / sizeof *before);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct suci one = { 0 }, other = { 0 };
        test_row("%s", rows[i].name);
        exchange(w.cards[0], unhex("00A4080C04 7FFF6F38"), 0, &data);
        exchange(w.cards[0], unhex(arena_printf(test_arena(), "00D6000F02%s", rows[i].services)), 0, &data);
        exchange(w.cards[0], unhex("00A4080C06 7FFF5FD04F01"), 0, &data);
        CHECK_EQ(exchange(w.cards[0], unhex(arena_printf(test_arena(), "00D60000%s", rows[i].file)), 0, &data), 0x9000);
        CHECK_TEXT(asked(&w, &one), rows[i].supi);
        CHECK_EQ((int)one.scheme, rows[i].scheme);
        CHECK_EQ(one.key_id, rows[i].key_id);
        CHECK_TEXT(asked(&w, &other), rows[i].supi);
        CHECK(!bytes_equal(one.output.key, other.output.key)); /* nobody can tell that it is the same USIM */
    }
    world_close(&w);
}

/* EUICCInfo2: bits 22 to 24 of uiccCapability are getIdentity, profile-a-x25519, profile-b-p256 (PEDefinitions). */
TEST(capability)
{
    struct world w;
    struct bytes data;
    if (card_with(&w, BYTES_NONE)) {
        CHECK_EQ(exchange(w.cards[0], unhex("00A4040C10 A0000005591010FFFFFFFF8900000100"), 0, &data), 0x9000);
        CHECK_EQ(exchange(w.cards[0], unhex("80E2910003BF220000"), 0, &data), 0x9000);
        struct bytes bits = tlv_find(tlv_find(data, 0xBF22).value, 0x85).value; /* the first octet: unused bits */
        CHECK(bits.n > 4 && (bits.p[3] & 3) == 3 && bits.p[4] & 0x80);
    }
    world_close(&w);
}

/* GSMA's test profile computes SUCIs with the null-scheme: IMSI 001010123456789, routing indicator 0. */
TEST(ts48)
{
    const char *path = test_data("ts48-v7/bertlv_suci.der");
    struct world w;
    struct bytes data;
    if (!path) {
        test_skip("no test data ts48-v7");
        return;
    }
    if (card_with(&w, test_file(path))) {
        CHECK_EQ(exchange(w.cards[0], unhex("00A4040C07A0000000871002"), 0, &data), 0x9000);
        CHECK_EQ(exchange(w.cards[0], unhex(GET_IDENTITY), 0, &data), 0x9000);
        CHECK_HEX(data, NULL_SCHEME);
    }
    world_close(&w);
}
