/* SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"
#include "saip/access.h"
#include "saip/compare.h"
#include "saip/contents.h"
#include "saip/describe.h"
#include "saip/names.h"
#include "saip/services.h"

/* ------------------------------------------------------------------------------ contents */

/* Of the standards' examples where they give one, of the sheets of TS.48 v7 (beside their words for it), otherwise
 * worked out by hand from the clause.  Items of a list are lines. */
static const struct {
    const char *name;
    unsigned place;
    uint16_t fid;
    const char *content, *says;
} contents[] = {
    { "ICCID of 19 digits", SAIP_IN_MF, 0x2FE2, "989400010000000000F9", "8949001000000000009" },
    { "ICCID of TS.48", SAIP_IN_MF, 0x2FE2, "98001032547698103214", "89000123456789012341" },
    { "ICCID with a letter", SAIP_IN_MF, 0x2FE2, "9894000100000000A0F9",
      "9894000100000000A0F9 (not as TS 102 221 13.2 says)" },
    { "languages", SAIP_IN_MF, 0x2F05, "656E6465FFFF", "en\nde" },
    { "no language", SAIP_IN_MF, 0x2F05, "FFFFFFFFFFFF", "empty" },
    { "no letters", SAIP_IN_MF, 0x2F05, "0001", "0001 (not as TS 102 221 13.3 says)" },
    { "EF.DIR of TS.48", SAIP_IN_MF, 0x2F00, "61144F0CA0000000871002FF49FF058950045553494DFFFFFFFFFF",
      "A0000000871002FF49FF0589 \"USIM\"" },
    { "EF.DIR without a label", SAIP_IN_MF, 0x2F00, "61094F07A0000000871002FFFF", "A0000000871002" },
    { "EF.DIR of something else", SAIP_IN_MF, 0x2F00, "62094F07A0000000871002",
      "62094F07A0000000871002 (not as TS 102 221 13.1 says)" },
    { "power of TS.48", SAIP_IN_MF, 0x2F08, "3C3C000000", "at most 60 mA, time-out of 60 s" },
    { "IMSI of TS.48", SAIP_IN_USIM, 0x6F07, "080910101032547698", "001010123456789" },
    { "IMSI of 14 digits", SAIP_IN_USIM, 0x6F07, "0821261021436587F9", "26201123456789" },
    { "IMSI of odd parity without its last digit", SAIP_IN_USIM, 0x6F07, "0829261021436587F9",
      "0829261021436587F9 (not as TS 31.102 4.2.2 says)" },
    { "IMSI without parity", SAIP_IN_USIM, 0x6F07, "080810101032547698",
      "080810101032547698 (not as TS 31.102 4.2.2 says)" },
    { "IMSI longer than the file", SAIP_IN_USIM, 0x6F07, "090910101032547698",
      "090910101032547698 (not as TS 31.102 4.2.2 says)" },
    { "no keys", SAIP_IN_USIM, 0x6F08, "07FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
      "no keys yet" },
    { "technologies", SAIP_IN_USIM, 0x6F60, "62F2104000 62F2108000 FFFFFF0000 62F220488C",
      "262-01 (E-UTRAN)\n262-01 (UTRAN)\n262-02 (E-UTRAN, GSM, NG-RAN)" },
    { "technologies in part", SAIP_IN_USIM, 0x6F61, "1300146000 1300145000 1300140070 1300140084 1300140088",
      "310-410 (E-UTRAN WB-S1)\n310-410 (E-UTRAN NB-S1)\n310-410 (cdma2000 1xRTT, cdma2000 HRPD, GSM COMPACT)\n"
      "310-410 (GSM without EC-GSM-IoT)\n310-410 (EC-GSM-IoT)" },
    { "no technology, a reserved bit", SAIP_IN_USIM, 0x6F62, "62F2100000 62F2100001",
      "262-01 (no technology)\n262-01 (reserved bits 01)" },
    { "technologies cut", SAIP_IN_USIM, 0x6F60, "62F21040", "62F21040 (not as TS 31.102 4.2.5 says)" },
    { "search every hour", SAIP_IN_USIM, 0x6F31, "0A", "the home network is looked for every 60 min" },
    { "no search", SAIP_IN_USIM, 0x6F31, "00", "no search for the home network" },
    { "SPN of TS.48", SAIP_IN_USIM, 0x6F46, "0147534D411154455354FFFFFFFFFFFFFF",
      "\"GSMA_TEST\"; at home the PLMN name beside it; shown when roaming, too" },
    { "SPN not shown when roaming", SAIP_IN_USIM, 0x6F46, "0241FF", "\"A\"; not shown when roaming" },
    { "SPN in UCS2", SAIP_IN_USIM, 0x6F46, "008004180411FFFF", "\"\u0418\u0411\"; shown when roaming, too" },
    { "alpha identifier with a half page (102 221 Annex A)", SAIP_IN_USIM, 0x6F46, "00810313 5395A6FFFF",
      "\"S\u0995\u09A6\"; shown when roaming, too" },
    { "alpha identifier with a page (102 221 Annex A)", SAIP_IN_USIM, 0x6F46, "008205 0530 2D82D32D31",
      "\"-\u0532\u0583-1\"; shown when roaming, too" },
    { "escaped letters (23.038 6.2.1.1)", SAIP_IN_USIM, 0x6F46, "001B651B3C1B3EFF",
      "\"€[]\"; shown when roaming, too" },
    { "a control character", SAIP_IN_USIM, 0x6F46, "0080001B005B0041FFFF", "\"?[A\"; shown when roaming, too" },
    { "access class of TS.48", SAIP_IN_USIM, 0x6F78, "0001", "access class 0" },
    { "access classes", SAIP_IN_USIM, 0x6F78, "8102", "access class 1, 8, 15" },
    { "forbidden networks", SAIP_IN_USIM, 0x6F7B, "62F210FFFFFF130014", "262-01\n310-410" },
    { "no PLMN", SAIP_IN_USIM, 0x6F7B, "62A210", "62A210 (not as TS 31.102 4.2.16 says)" },
    { "location of TS.48", SAIP_IN_USIM, 0x6F7E, "FFFFFFFF42F618FFFEFF01", "not updated, last in 246-81" },
    { "location in an unknown state", SAIP_IN_USIM, 0x6F7E, "FFFFFFFF42F618FFFEFF04",
      "FFFFFFFF42F618FFFEFF04 (not as TS 31.102 4.2.17 says)" },
    { "PS location of TS.48", SAIP_IN_USIM, 0x6F73, "FFFFFFFFFFFFFF42F618FFFEFF01", "not updated, last in 246-81" },
    { "EPS location", SAIP_IN_USIM, 0x6FE3, "FFFFFFFFFFFFFFFFFFFFFFFF62F210000100", "registered, last in 262-01" },
    { "AD of TS.48", SAIP_IN_USIM, 0x6FAD, "80000002", "type approval, MNC of 2 digits" },
    { "AD", SAIP_IN_USIM, 0x6FAD, "00000003", "normal operation, MNC of 3 digits" },
    { "AD with an MNC of 15 digits", SAIP_IN_USIM, 0x6FAD, "0000000F", "0000000F (not as TS 31.102 4.2.18 says)" },
    { "AD of an ISIM", SAIP_IN_ISIM, 0x6FAD, "800002", "type approval" },
    { "emergency number", SAIP_IN_USIM, 0x6FB7, "11F2FF01", "112 (police)" },
    { "emergency number with a name", SAIP_IN_USIM, 0x6FB7, "19F1FF4575726FFFFF06",
      "911 \"Euro\" (ambulance, fire brigade)" },
    { "services", SAIP_IN_USIM, 0x6F38, "0500", "1 Local phone book\n3 Extension 2" },
    { "service 150", SAIP_IN_USIM, 0x6F38, "00000000000000000000000000000000000020",
      "150 IMS data channel indication" },
    { "a service of the future", SAIP_IN_USIM, 0x6F38, "00000000000000000000000000000000000040", "151 (reserved)" },
    { "IST of TS.48", SAIP_IN_ISIM, 0x6F07, "01001000000000", "1 P-CSCF address\n21 MuD and MiD configuration data" },
    { "enabled services", SAIP_IN_USIM, 0x6F56, "05", "1 Fixed dialling numbers (FDN)\n3 APN control list (ACL)" },
    { "MSISDN", SAIP_IN_USIM, 0x6F40, "54657374FF 0791947110325476FFFFFFFFFFFF", "\"Test\" +491701234567" },
    { "a national number with letters", SAIP_IN_TELECOM, 0x6F3B, "0481A1CB9DFFFFFFFFFFFFFFFFFF", "1*#p?9" },
    { "a number longer than its octets", SAIP_IN_TELECOM, 0x6F3B, "0C81A1CB9DFFFFFFFFFFFFFFFFFF",
      "0C81A1CB9DFFFFFFFFFFFFFFFFFF (not as TS 31.102 4.2.24 says)" },
    { "number of the phone book of TS.48", SAIP_IN_PHONEBOOK, 0x4F3A,
      "546573746E722E31FFFFFFFFFFFF 069194982143F1FFFFFFFFFFFFFF", "\"Testnr.1\" +498912341" },
    { "service centre", SAIP_IN_USIM, 0x6F42, "E1FFFFFFFFFFFFFFFFFFFFFFFF0791947106004034FFFFFFFF0000A7",
      "service centre +491760000443, protocol 00, coding 00, valid for 1440 min" },
    { "no service centre", SAIP_IN_USIM, 0x6F42, "FDFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF0000AD",
      "no protocol, no coding" },
    { "free message", SAIP_IN_TELECOM, 0x6F43, "FE01", "last reference 254, memory free" },
    { "broadcast", SAIP_IN_USIM, 0x6F45, "0032FFFF1112", "message 50\nmessage 4370" },
    { "broadcast ranges", SAIP_IN_USIM, 0x6F50, "00000003FFFFFFFF", "messages 0-3" },
    { "network name, packed", SAIP_IN_USIM, 0x6FC5, "430685E8329BFD06FFFF", "\"hello\"" },
    { "network names", SAIP_IN_USIM, 0x6FC5, "430590004800694503900041FF", "\"Hi\", short \"A\"" },
    { "network name in an unknown coding", SAIP_IN_USIM, 0x6FC5, "4302A041",
      "4302A041 (not as TS 31.102 4.2.58 says)" },
    { "operator list", SAIP_IN_USIM, 0x6FC6, "62F2100000FFFE01", "262-01, LAC 0000-FFFE: name 1 of EF.PNN" },
    { "operator list with wild digits", SAIP_IN_USIM, 0x6FC6, "62F2DD0000FFFE00",
      "262-**, LAC 0000-FFFE: name from elsewhere" },
    { "display list", SAIP_IN_USIM, 0x6FCD, "A308800662F210130014FFFF", "262-01\n310-410" },
    { "equivalent home networks", SAIP_IN_USIM, 0x6FD9, "62F210FFFFFF", "262-01" },
    { "presentation", SAIP_IN_USIM, 0x6FDB, "00", "no preference" },
    { "last network", SAIP_IN_USIM, 0x6FDC, "00", "at the start the last network" },
    { "access points", SAIP_IN_USIM, 0x6F57, "01DD0908696E7465726E6574FF", "internet" },
    { "access points that are not there", SAIP_IN_USIM, 0x6F57, "02DD0908696E7465726E6574",
      "02DD0908696E7465726E6574 (not as TS 31.102 4.2.48 says)" },
    { "menu title", SAIP_IN_TELECOM, 0x6F54, "8504 4D656E75 FFFF", "\"Menu\"" },
    { "centre for messages over IP, of TS.48", SAIP_IN_TELECOM, 0x6FE5, "801474656C3A2B313132323333343435353636373738",
      "tel:+112233445566778" },
    { "Kc", SAIP_IN_GSM_ACCESS, 0x4F20, "FFFFFFFFFFFFFFFF07", "no keys yet" },
    { "Kc in use", SAIP_IN_GSM_ACCESS, 0x4F20, "000000000000000001", "keys of an authentication" },
    { "5GS location of TS.48", SAIP_IN_5GS, 0x4F01, "FFFFFFFFFFFFFFFFFFFFFFFFFF42F61800000001",
      "not updated, last in 246-81" },
    { "access identities", SAIP_IN_5GS, 0x4F06, "03000000",
      "access identity 1 (multimedia priority), access identity 2 (mission critical)" },
    { "SUCI of TS.48", SAIP_IN_SAIP, 0x4F01, "A0020000FFFF", "null scheme" },
    { "SUCI, the example of 31.102", SAIP_IN_5GS, 0x4F07,
      "A00401010000A14A80010A81204E858C4D49D1343E6181284C47CA721730C98742CB7C6182D2E8126E08088D36"
      "80010B8120D1BC365F4997D17CE4374E72181431CBFEBA9E1B98D7618F79D48561B144672A",
      "Profile A (X25519) with key 1, null scheme; key 1 (identifier 10) "
      "4E858C4D49D1343E6181284C47CA721730C98742CB7C6182D2E8126E08088D36; key 2 (identifier 11) "
      "D1BC365F4997D17CE4374E72181431CBFEBA9E1B98D7618F79D48561B144672A" },
    { "5G operator list", SAIP_IN_5GS, 0x4F08, "62F210000000FFFFFE01", "262-01, TAC 000000-FFFFFE: name 1 of EF.PNN" },
    { "routing indicator of TS.48", SAIP_IN_5GS, 0x4F0A, "F0FFFFFF", "routing indicator 0" },
    { "routing indicator", SAIP_IN_5GS, 0x4F0A, "21F3FFFF", "routing indicator 123" },
    { "IMPI of TS.48", SAIP_IN_ISIM, 0x6F02, "801D30303130313031323334353637383940746573742E336770702E636F6DFF",
      "001010123456789@test.3gpp.com" },
    { "domain that is no UTF-8", SAIP_IN_ISIM, 0x6F03, "8001C3", "8001C3 (not as TS 31.103 4.2.3 says)" },
    { "P-CSCF by name", SAIP_IN_ISIM, 0x6F09, "800C006578616D706C652E6F7267", "example.org" },
    { "P-CSCF by IPv4", SAIP_IN_ISIM, 0x6F09, "8005017F000001", "127.0.0.1" },
    { "P-CSCF by IPv6", SAIP_IN_ISIM, 0x6F09, "80110220010DB8000000000000000000000001", "2001:db8:0:0:0:0:0:1" },
};

static const struct saip_content *row_of(unsigned place, uint16_t fid)
{
    for (size_t i = 0; i < saip_contents_count; i++)
        if ((saip_contents[i].places & place) && saip_contents[i].fid == fid)
            return &saip_contents[i];
    return NULL;
}

TEST(contents)
{
    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        const struct saip_content *c = row_of(contents[i].place, contents[i].fid);
        test_row("%s", contents[i].name);
        if (CHECK(c != NULL))
            CHECK_TEXT(saip_content_text(test_arena(), c, unhex(contents[i].content)), contents[i].says);
    }
}

/* No two rows speak of one file, and every row with words has an example above. */
TEST(contents_table)
{
    for (size_t i = 0; i < saip_contents_count; i++) {
        const struct saip_content *c = &saip_contents[i];
        bool shown = !c->decode;
        test_row("%04X %s", c->fid, c->clause);
        for (size_t k = 0; k < i; k++)
            CHECK(!(saip_contents[k].fid == c->fid && (saip_contents[k].places & c->places)));
        for (size_t k = 0; k < saip_contents_count; k++)
            for (size_t n = 0; n < sizeof contents / sizeof *contents && saip_contents[k].decode == c->decode; n++)
                shown = shown || row_of(contents[n].place, contents[n].fid) == &saip_contents[k];
        CHECK(shown || c->fid == 0x6F3C);
    }
}

/* Files of one FID mean something else in each DF; names of files without a template likewise. */
TEST(places)
{
    static const struct {
        enum saip_file_type type;
        enum saip_naa naa;
        uint16_t above, df, fid;
        const char *clause, *name;
    } rows[] = {
        { SAIP_ADF, SAIP_USIM, 0x3F00, 0x7F01, 0x6F07, "TS 31.102 4.2.2", "EF.IMSI" },
        { SAIP_ADF, SAIP_ISIM, 0x3F00, 0x7F01, 0x6F07, "TS 31.103 4.2.7", "EF.IST" },
        { SAIP_ADF, SAIP_CSIM, 0x3F00, 0x7F01, 0x6F07, NULL, "6F07" },
        { SAIP_ADF, SAIP_USIM, 0x3F00, 0x7F01, 0x6FFE, NULL, "EF.MuDMiDConfigData" },
        { SAIP_ADF, SAIP_NO_NAA, 0x3F00, 0x7F01, 0x6F07, NULL, "6F07" },
        { SAIP_DF, SAIP_NO_NAA, 0x3F00, 0x7F10, 0x6F40, "TS 31.102 4.2.26", "EF.MSISDN" },
        { SAIP_DF, SAIP_NO_NAA, 0x3F00, 0x7F20, 0x6F40, NULL, "6F40" },
        { SAIP_DF, SAIP_NO_NAA, 0x7F10, 0x5F3E, 0x4F02, NULL, "EF.V2X_CONFIG" },
        { SAIP_DF, SAIP_NO_NAA, 0x7F01, 0x5FC0, 0x4F0A, "TS 31.102 4.4.11.11", "EF.Routing_Indicator" },
        { SAIP_DF, SAIP_NO_NAA, 0x7F01, 0x5FD0, 0x4F0A, NULL, "4F0A" },
        { SAIP_DF, SAIP_NO_NAA, 0x7F01, 0x5F3A, 0x4F58, NULL, "4F58" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct saip_file mf = { .fid = 0x3F00, .type = SAIP_MF };
        struct saip_file above = { .fid = rows[i].above, .type = SAIP_DF, .parent = &mf };
        struct saip_file df = { .fid = rows[i].df, .type = rows[i].type, .naa = rows[i].naa,
                                .parent = rows[i].above == 0x3F00 ? &mf : &above };
        struct saip_file f = { .fid = rows[i].fid, .type = SAIP_TRANSPARENT, .parent = &df,
                               .name = arena_printf(test_arena(), "%04X", rows[i].fid) };
        const struct saip_content *c = saip_content_of(&f);
        test_row("%04X/%04X/%04X", rows[i].above, rows[i].df, rows[i].fid);
        CHECK_TEXT(c ? c->clause : NULL, rows[i].clause);
        CHECK_TEXT(saip_file_name(&f), rows[i].name);
    }
}

TEST(message_states)
{
    static const char *const states[] = { "free", "received, read", "free", "received, to be read" };
    for (uint8_t i = 0; i < 4; i++) {
        uint8_t record[176] = { i };
        test_row("status %u", i);
        CHECK_TEXT(saip_content_text(test_arena(), row_of(SAIP_IN_USIM, 0x6F3C), BYTES_OF(record)), states[i]);
    }
}

/* ----------------------------------------------------------------------------------- names */

TEST(names)
{
    static const struct { enum saip_service_table table; unsigned number; const char *name; } services[] = {
        { SAIP_UST, 0, NULL }, { SAIP_UST, 26, NULL }, { SAIP_UST, 38, "GSM security context" },
        { SAIP_UST, 89, "eCall data" }, { SAIP_UST, 91, "SM-over-IP" },
        { SAIP_UST, 106, "ePDG configuration: supported" },
        { SAIP_UST, 124, "Subscription identifier privacy" }, { SAIP_UST, 134, "MuD and MiD configuration data" },
        { SAIP_UST, 140, "Disaster roaming information" }, { SAIP_UST, 151, NULL },
        { SAIP_IST, 5, "P-CSCF discovery for IMS local break out" }, { SAIP_IST, 22, "IMS data channel indication" },
        { SAIP_IST, 23, NULL }, { SAIP_EST, 2, "Barred dialling numbers (BDN)" }, { SAIP_EST, 4, NULL },
    };
    static const struct { uint8_t reference; const char *name; } codes[] = {
        { 0x01, "PIN1" }, { 0x02, "PIN Appl 2" }, { 0x08, "PIN Appl 8" }, { 0x81, "PIN2" },
        { 0x82, "second PIN Appl 2" }, { 0x0A, "ADM1" }, { 0x0E, "ADM5" }, { 0x8A, "ADM6" }, { 0x8E, "ADM10" },
        { 0x11, "universal PIN" }, { 0x09, "key reference 09" }, { 0x0F, "key reference 0F" },
    };
    for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
        test_row("service %u of table %d", services[i].number, services[i].table);
        CHECK_TEXT(saip_service_name(services[i].table, services[i].number), services[i].name);
    }
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        test_row("key reference %02X", codes[i].reference);
        CHECK_TEXT(saip_pin_name(test_arena(), codes[i].reference), codes[i].name);
    }
    for (size_t i = 0; i < saip_cleared_count; i++) {
        test_row("cleared service %u has a name", saip_cleared[i].service);
        enum saip_service_table table = saip_cleared[i].naa == SAIP_USIM ? SAIP_UST : SAIP_IST;
        CHECK(saip_service_name(table, saip_cleared[i].service) != NULL);
    }
}

/* ---------------------------------------------------------------------------------- access */

/* The rules of the package format's Annex A 9.9 (their meaning stands beside them there), then some by hand. */
static const struct {
    const char *record;
    bool df;
    const char *says;
} rules[] = {
    { "8001019000800102A406830101950108800158A40683010A950108", false,
      "read: always; update: PIN1; deactivate, activate, delete: ADM1" },
    { "800101A40683010195010880015AA40683010A950108", false, "read: PIN1; update, deactivate, activate, delete: ADM1" },
    { "80015BA40683010A950108", false, "read, update, deactivate, activate, delete: ADM1" },
    { "800101900080011A9700800140A40683010A950108", false,
      "read: always; update, deactivate, activate: never; delete: ADM1" },
    { "800103A406830101950108800158A40683010A950108", false,
      "read, update: PIN1; deactivate, activate, delete: ADM1" },
    { "800111A40683010195010880014AA40683010A950108", false,
      "read, activate: PIN1; update, deactivate, delete: ADM1" },
    { "800103A406830101950108800158A40683010A950108840132A406830101950108", false,
      "read, update, increase: PIN1; deactivate, activate, delete: ADM1" },
    { "800101A406830101950108800102A406830181950108800158A40683010A950108", false,
      "read: PIN1; update: PIN2; deactivate, activate, delete: ADM1" },
    { "800101900080011AA406830101950108800140A40683010A950108", false,
      "read: always; update, deactivate, activate: PIN1; delete: ADM1" },
    { "800101900080015AA40683010A950108", false, "read: always; update, deactivate, activate, delete: ADM1" },
    { "8001019000800118A40683010A9501088001429700", false,
      "read: always; update, delete: never; deactivate, activate: ADM1" },
    { "800101A40683010195010880015A9700", false, "read: PIN1; update, deactivate, activate, delete: never" },
    { "800113A406830101950108800148A40683010A950108", false,
      "read, update, activate: PIN1; deactivate, delete: ADM1" },
    { "80015EA40683010A950108", true, "create EF, create DF, deactivate, activate, delete: ADM1" },
    { "800121A40683010A9501088401D4A40683010A950108FFFFFF", true, "delete child, terminate, resize: ADM1" },
    { "800102A010A406830101950108A406830181950108", false, "update: PIN1 or PIN2" },
    { "800102AF10A406830101950108A40683010A950108", false, "update: PIN1 and ADM1" },
    { "800102A01AA406830101950108AF10A406830181950108A40683010A950108", false, "update: PIN1 or (PIN2 and ADM1)" },
    { "800102A406830101950108A40683010A950108", false, "update: PIN1 or ADM1" },
    { "8001029E00", false, "update: never (an unknown condition)" },
    { "800102A403950108", false, "update: never (an unknown condition)" },
    { "800102A406830101950180", false, "update: never (an unknown condition)" },
    { "800102", false, "update: never" },
    { "800102A000", false, "update: never" },
    { "8001029000800102A406830101950108", false, "update: always" },
    { "8401328401D49000", false, "resize, increase: always" },
    { "8402D4009000", false, "resize: always" },
    { "800102A708A406830101950108", false, "update: not PIN1" },
    { "FFFFFFFFFFFF", false, "nothing is allowed" },
    { "9000", false, "nothing is allowed" },
    { "", false, "nothing is allowed" },
    { "8001019000800102A406", false, "read: always; update: never" },
    { "800101A00AA008A006A004A0029000", false, "read: never (an unknown condition)" },
};

TEST(access_in_words)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        test_row("%s", rules[i].record);
        CHECK_TEXT(saip_access_line(test_arena(), unhex(rules[i].record), rules[i].df), rules[i].says);
    }
    test_row("one use of a record");
    struct bytes record = unhex("8001019000800102A406830101950108840132A406830181950108");
    CHECK_TEXT(saip_access_words(test_arena(), record, SAIP_READ, 0), "always");
    CHECK_TEXT(saip_access_words(test_arena(), record, SAIP_UPDATE, 0), "PIN1");
    CHECK_TEXT(saip_access_words(test_arena(), record, 0, SAIP_INS_INCREASE), "PIN2");
    CHECK_TEXT(saip_access_words(test_arena(), record, 0, SAIP_INS_RESIZE), "never");
    CHECK_TEXT(saip_access_words(test_arena(), record, SAIP_DELETE, 0), "never");
    CHECK_TEXT(saip_access_words(test_arena(), BYTES_NONE, SAIP_READ, 0), "never");
}

/* ----------------------------------------------------------------------------- descriptions */

struct described {
    struct saip_package package;
    struct saip_image image;
    struct saip_result result;
    const struct saip_told *told;
};

/* The sample with one text for another; NULL: as it is. */
static struct described *describe(const char *from, const char *to)
{
    struct described *d = arena_alloc(test_arena(), sizeof *d);
    if (!sample_decoded(sample_text(&(struct sample_edit){ from, to }, 1), &d->package))
        return d;
    saip_install(test_arena(), &d->package, &d->image, &d->result);
    d->told = saip_describe(test_arena(), &(struct saip_subject){ &d->package, &d->image, &d->result, true });
    CHECK(d->told != NULL);
    return d;
}

static const char *of_file(const struct described *d, const char *path, const char *member)
{
    const struct saip_told *file = saip_described_file(d->told, path), *m = saip_told_of(file, member);
    return !m ? NULL : m->kind == SAIP_TOLD_LIST ? m->first->text : m->text;
}

/* The sample as its text has it, read by hand. */
TEST(sample)
{
    const struct described *d = describe(NULL, NULL);
    static const struct { const char *member, *says; } profile[] = {
        { "formatVersion", "2.3" }, { "profileType", "Rspkit Mobile sample" }, { "iccid", "8949001000000000009" },
        { "checkDigit", "9, right" }, { "iccidOfHeader", NULL }, { "imsi", "001010100000001" },
        { "homeNetwork", "MCC 001, MNC 01" }, { "serviceProvider", "\"Rspkit Mobile\"" },
    };
    for (size_t i = 0; i < sizeof profile / sizeof *profile; i++) {
        test_row("profile: %s", profile[i].member);
        CHECK_TEXT(saip_told_text_of(saip_told_of(d->told, "profile"), profile[i].member), profile[i].says);
    }
    static const struct { const char *path, *member, *says; } files[] = {
        { "3F00", "name", "MF" }, { "2FE2", "contents", "8949001000000000009" },
        { "3F00/2FE2", "access", "read: always; update, delete: never; deactivate, activate: ADM1" },
        { "2FE2", "rule", "2F06/11" }, { "USIM/IMSI", "contents", "001010100000001" },
        { "adf.usim/ef.imsi", "path", "ADF.USIM/6F07" }, { "7FFF/6f07", "sfi", "07" },
        { "7F01/6F07", "rule", "6F06/2" },
        { "IMSI", "access", "read: PIN1; update, deactivate, activate, delete: ADM1" },
        { "3F00/ADF.USIM/6F07", "type", "transparent" }, { "USIM/GSM-ACCESS/Kc", "path", "ADF.USIM/5F3B/4F20" },
        { "ADF.USIM", "pinStatus", "01 81 0A" }, { "ADF.USIM", "lifeCycle", "activated" },
        { "SUME", "path", "3F00/7F10/6F54" }, { "LI", "contents", "en" }, { "6F3C", "type", "linear" },
        { "HPLMNwAcT", "contents", "001-01 (E-UTRAN)" }, { "ECC", "contents", "112 (police)" },
        { "USIM/9999", "name", NULL }, { "", "name", "MF" },
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        test_row("%s: %s", files[i].path, files[i].member);
        CHECK_TEXT(of_file(d, files[i].path, files[i].member), files[i].says);
    }
    test_row("numbers");
    CHECK_EQ(saip_told_of(saip_described_file(d->told, "FDN"), "records")->number, 20);
    CHECK_EQ(saip_told_of(saip_described_file(d->told, "FDN"), "recordLength")->number, 26);
    CHECK_EQ(saip_told_of(saip_described_file(d->told, "FDN"), "element")->number, 6);
    CHECK(saip_told_of(d->told, "fault") == NULL);
}

static const char *json_of(const struct described *d, bool secrets)
{
    struct buf out = buf_in(test_arena());
    saip_told_json(&out, d->told, secrets);
    return buf_str(&out);
}

#define KEY_2 \
    "keyIdentifier '02'H,\n      keyVersionNumber '01'H,\n      keyComponents {\n        { keyType '88'H, keyData '"

/* One key and code after the other, each with a value that stands nowhere else. */
TEST(secrets_stay_hidden)
{
    static const struct { const char *name, *from, *to, *value; } rows[] = {
        { "K", "    key '00000000000000000000000000000000'H", "    key 'C0FFEE00000000000000000000000001'H", "C0FFEE" },
        { "OPc", "    opc '00000000000000000000000000000000'H", "    opc 'C0FFEE00000000000000000000000002'H",
          "C0FFEE" },
        { "PIN1", "pinValue '31323334FFFFFFFF'H", "pinValue '37353931FFFFFFFF'H", "\"7591\"" },
        { "PUK2", "pukValue '3837363534333231'H", "pukValue '3735393137353932'H", "\"75917592\"" },
        { "ADM1", "pinValue '3838383838383838'H", "pinValue 'C0FFEE0000000003'H", "C0FFEE" },
        { "a key of the domain", KEY_2 "00", KEY_2 "C0", "\"C0000000000000000000000000000000\"" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct described *d = describe(rows[i].from, rows[i].to);
        test_row("%s", rows[i].name);
        CHECK(!strstr(json_of(d, false), rows[i].value));
        CHECK(strstr(json_of(d, true), rows[i].value) != NULL);
    }
    const struct described *d = describe("  ef-ust {", "  ef-keys { fillFileContent : '01C0FFEE04'H },\n  ef-ust {");
    test_row("EF.Keys");
    CHECK_TEXT(of_file(d, "USIM/Keys", "contents"), "keys of an authentication");
    CHECK(!strstr(json_of(d, false), "C0FFEE"));
    CHECK(strstr(json_of(d, true), "C0FFEE") != NULL);
}

TEST(oddities)
{
    test_row("header and EF.ICCID differ");
    const struct described *d = describe("iccid '8949001000000000009F'H", "iccid '8949001000000000017F'H");
    const struct saip_told *profile = saip_told_of(d->told, "profile");
    CHECK_TEXT(saip_told_text_of(profile, "iccid"), "8949001000000000009");
    CHECK_TEXT(saip_told_text_of(profile, "iccidOfHeader"), "8949001000000000017");
    test_row("MNC of three digits");
    d = describe("  ef-ecc {", "  ef-ad { fillFileContent : '00000003'H },\n  ef-ecc {");
    CHECK_TEXT(saip_told_text_of(saip_told_of(d->told, "profile"), "homeNetwork"), "MCC 001, MNC 010");
    test_row("wrong check digit");
    d = describe("989400010000000000F9", "989400010000000000F8");
    CHECK_TEXT(saip_told_text_of(saip_told_of(d->told, "profile"), "checkDigit"),
               "8, but 9 would be right (ITU-T E.118)");
    test_row("constants of its own");
    d = describe("  sqnOptions '0E'H", "  sqnOptions '04'H");
    CHECK_TEXT(saip_told_text_of(saip_told_of(d->told, "applications")->first, "sqnChecks"), "age limit");
    CHECK_TEXT(saip_told_text_of(saip_told_of(d->told, "applications")->first, "constants"), "the standard's");
    d = describe("opc '00000000000000000000000000000000'H",
                 "opc '00000000000000000000000000000000'H,\n    rotationConstants '4001204060'H");
    CHECK_TEXT(saip_told_text_of(saip_told_of(d->told, "applications")->first, "constants"),
               "r2 differs from the standard's");
    test_row("services that the card clears");
    d = describe("'010A1D0420060000000010000000'H", "'010A1D0420060000080010000000'H");
    const struct saip_told *ust = saip_told_of(saip_described_file(d->told, "UST"), "contents");
    CHECK_TEXT(ust->last->text, "68 Generic bootstrapping architecture (GBA) (cleared by this card: "
                                "AUTHENTICATE has no GBA context)");
    test_row("a record of EF.ARR that is not there");
    d = describe("ef-gid1 {", "ef-gid1 {\n    fileDescriptor : { securityAttributesReferenced '0F'H },");
    CHECK_TEXT(of_file(d, "GID1", "access"), "no such rule: never");
    test_row("an application that is kept and not run");
    d = describe("value14 ProfileElement ::= end : {",
                 "value14 ProfileElement ::= application : { app-Header { identification 92 }, instanceList { {\n"
                 "applicationLoadPackageAID 'A000000559AA'H, classAID 'A000000559AABB'H, "
                 "instanceAID 'A000000559AABBCC'H, "
                 "applicationPrivileges '000000'H, applicationSpecificParametersC9 ''H } } }\n"
                 "value15 ProfileElement ::= end : {");
    const struct saip_told *application = saip_told_of(d->told, "modules")->last;
    CHECK_TEXT(application->key, "application A000000559AABBCC");
    CHECK_BYTES(saip_told_of(application, "loadPackage")->octets, unhex("A000000559AA"));
    const char *warning = saip_told_text_of(saip_told_of(d->told, "warnings")->first, "what");
    CHECK(warning && strstr(warning, "element 14 (application, identification 92)"));
    test_row("what does not install is told up to there");
    d = describe("fillFileContent : '52534B49'H", "fillFileContent : '525354495253544952'H");
    const char *fault = saip_told_text_of(saip_told_of(d->told, "fault"), "what");
    CHECK(fault && strstr(fault, "element 7 (opt-usim, identification 6), ef-gid1") && strstr(fault, "8.3.2"));
    CHECK_TEXT(of_file(d, "USIM/IMSI", "contents"), "001010100000001");
    CHECK(saip_described_file(d->told, "MSISDN") == NULL);
}

/* ------------------------------------------------------------------------------ comparisons */

/* "section|of|change|what|where|before|after" of each difference. */
static const char *differences(const struct saip_told *list)
{
    static const char *const members[] = { "section", "of", "change", "what", "where", "before", "after" };
    struct buf out = buf_in(test_arena());
    for (const struct saip_told *d = list ? list->first : NULL; d; d = d->next) {
        for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
            const char *text = saip_told_text_of(d, members[i]);
            buf_printf(&out, "%s%s", i ? "|" : "", text ? text : "");
        }
        buf_text(&out, "\n");
    }
    return buf_str(&out);
}

/* One change each; what is told of it, by hand. */
TEST(one_change)
{
    static const struct {
        const char *name, *from, *to;
        const char *tells[5]; /* all lines, in their order */
    } rows[] = {
        { "content in hex", "'52534B49'H", "'52534C49'H",
          { "elements|element 7, opt-usim|changed|ef-gid1|||",
            "files|ADF.USIM/6F3E EF.GID1|changed|octets|octet 3|4B|4C" } },
        { "content in words", "'010A1D0420060000000010000000'H", "'030A1D0420060000000000000000'H",
          { "elements|element 6, usim|changed|ef-ust|||",
            "files|ADF.USIM/6F38 EF.UST|changed|contents||85 EPS mobility management information|"
            "2 Fixed dialling numbers (FDN)" } },
        { "short file identifier", "shortEFID '58'H", "shortEFID '60'H",
          { "elements|element 10, phonebook|changed|ef-adn|||",
            "files|ADF.USIM/5F3A/4F58 EF.ADN|changed|sfi||0B|0C" } },
        { "size", "efFileSize '0118'H", "efFileSize '0134'H",
          { "elements|element 10, phonebook|changed|ef-adn|||",
            "files|ADF.USIM/5F3A/4F58 EF.ADN|changed|size||280|308",
            "files|ADF.USIM/5F3A/4F58 EF.ADN|changed|records||10|11",
            "files|ADF.USIM/5F3A/4F58 EF.ADN|changed|octets||280 octets|308 octets" } },
        { "a rule", "'80015EA40683010A950108'H\n  }\n}\n\nvalue3", "'80015CA40683010A950108'H\n  }\n}\n\nvalue3",
          { "elements|element 2, mf|changed|ef-arr|||",
            "files|3F00 MF|changed|access||create EF, create DF, deactivate, activate, delete: ADM1|"
            "create DF, deactivate, activate, delete: ADM1",
            "files|3F00/2F06 EF.ARR|changed|octets|octet 432|5E|5C", "files|3F00/7F10 DF.TELECOM|changed|access||",
            "files|ADF.USIM|changed|access||" } },
        { "a PIN", "'31323334FFFFFFFF'H", "'31323335FFFFFFFF'H",
          { "codes|PIN1 of 3F00|changed|value||1234|1235", "elements|element 4, pinCodes|changed|pinCodes|||" } },
        { "the last octet", "'52534B49'H", "'52534B49FFFFFFFE'H",
          { "elements|element 7, opt-usim|changed|ef-gid1|||",
            "files|ADF.USIM/6F3E EF.GID1|changed|octets|octet 8|FF|FE" } },
        { "the profile's type", "\"Rspkit Mobile sample\"", "\"Another\"",
          { "profile||changed|profileType||Rspkit Mobile sample|Another",
            "elements|element 1, header|changed|profileType||\"Rspkit Mobile sample\"|\"Another\"" } },
        { "a TAR", "tarList { 'B00010'H }", "tarList { 'B00011'H }",
          { "elements|element 13, rfm|changed|tarList|||",
            "modules|remote file management A00000055910100101|changed|tars||B00010|B00011" } },
        { "a file less", "  ef-msisdn { },\n", "",
          { "elements|element 7, opt-usim|changed|ef-msisdn||{ }|none",
            "files|ADF.USIM/6F40 EF.MSISDN|removed||||" } },
        { "one more of a kind", "value13 ProfileElement ::= rfm : {",
          "value12 ProfileElement ::= rfm : { rfm-header { identification 91 }, instanceAID 'A00000055910100102'H, "
          "tarList { 'B00012'H }, minimumSecurityLevel '16'H, uiccAccessDomain '00'H, uiccAdminAccessDomain '00'H }\n"
          "value13 ProfileElement ::= rfm : {",
          { "elements|element 13, rfm|added||||",
            "modules|remote file management A00000055910100102|added||||" } },
        { "an element more", "value14 ProfileElement ::= end : {",
          "value15 ProfileElement ::= genericFileManagement : { gfm-header { identification 90 }, "
          "fileManagementCMD { { "
          "createFCP : { fileDescriptor '4121'H, fileID '2F77'H, securityAttributesReferenced '2F060A'H, efFileSize "
          "'01'H } } } }\nvalue14 ProfileElement ::= end : {",
          { "elements|element 14, genericFileManagement|added||||", "files|3F00/2F77|added||||" } },
    };
    const struct described *same = describe(NULL, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct described *other = describe(rows[i].from, rows[i].to);
        const char *told = differences(saip_compare(test_arena(), same->told, other->told, false)), *at = told;
        test_row("%s", rows[i].name);
        size_t n = 0;
        for (; n < 5 && rows[i].tells[n]; n++) {
            const char *found = strstr(at, rows[i].tells[n]);
            if (!CHECK(found != NULL))
                printf("# lacks %s\n", rows[i].tells[n]);
            at = found ? found : at;
        }
        for (at = told; *at; at++)
            n -= *at == '\n';
        if (!CHECK_EQ(n, 0))
            printf("# %s", told);
    }
    test_row("nothing changed");
    CHECK_TEXT(differences(saip_compare(test_arena(), same->told, describe(NULL, NULL)->told, false)), "");
}

/* What is one subscriber's is left out on demand, and nothing else. */
TEST(subscriber)
{
    static const struct { const char *from, *to; bool personal; } rows[] = {
        { "'080910101000000010'H", "'080910101000000020'H", true },
        { "key '00000000000000000000000000000000'H", "key '00000000000000000000000000000001'H", true },
        { "'31323334FFFFFFFF'H", "'31323335FFFFFFFF'H", true },
        { "'52534B49'H", "'52534C49'H", false },
        { "  sqnOptions '0E'H", "  sqnOptions '02'H", false },
    };
    const struct described *same = describe(NULL, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct described *other = describe(rows[i].from, rows[i].to);
        test_row("%s", rows[i].to);
        CHECK(saip_compare(test_arena(), same->told, other->told, false)->first != NULL);
        CHECK_EQ(saip_compare(test_arena(), same->told, other->told, true)->first == NULL, rows[i].personal);
    }
}
