/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/rules.h"
#include "sample.h"
#include "world.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* --------------------------------------------------------------------------- the table */

/* By hand: order, clause, what a broken rule means, and the bits it looks at. */
static const struct {
    const char *name, *clause;
    enum saip_verdict verdict;
    uint32_t bit;
} table[] = {
    { "field-test", "SGP.22 5.6.3", SAIP_NOT_ELIGIBLE, 0 },
    { "PPR1", "SGP.22 5.7.8", SAIP_NOT_ELIGIBLE, 1u << 1 },
    { "PPR2", "SGP.22 5.7.8", SAIP_NOT_ELIGIBLE, 1u << 2 },
    { "test-profile", "SGP.22 5.7.8", SAIP_NOT_ELIGIBLE, 1u << 3 },
    { "format-major", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 0 },
    { "contactless", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 0 },
    { "usim", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 1 },
    { "isim", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 2 },
    { "csim", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 3 },
    { "milenage", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 4 },
    { "tuak128", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 6 },
    { "cave", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 5 },
    { "gba-usim", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 10 },
    { "gba-isim", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 11 },
    { "mbms", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 12 },
    { "eap", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 13 },
    { "javacard", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 14 },
    { "multos", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 15 },
    { "multiple-usim", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 16 },
    { "multiple-isim", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 17 },
    { "multiple-csim", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 18 },
    { "tuak256", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 7 },
    { "usim-test-algorithm", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 8 },
    { "ber-tlv", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 19 },
    { "dfLink", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 20 },
    { "cat-tp", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 21 },
    { "get-identity", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 22 },
    { "profile-a-x25519", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 23 },
    { "profile-b-p256", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 24 },
    { "suciCalculatorApi", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 25 },
    { "dns-resolution", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 26 },
    { "scp11ac", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 27 },
    { "scp11c-authorization-mechanism", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 28 },
    { "s16mode", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 29 },
    { "eaka", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 30 },
    { "iotOptions", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 1u << 31 },
    { "template", "TCA profile package 8.2.1", SAIP_NOT_ELIGIBLE, 0 },
    { "runtime", "TCA profile package 8.10", SAIP_NOT_ELIGIBLE, 1u << 14 | 1u << 15 },
    { "additional-profile", "SGP.22 3.1.3", SAIP_NO_ROOM, 1u << 0 },
    { "non-volatile-memory", "SGP.22 5.6.3", SAIP_NO_ROOM, 0 },
    { "volatile-memory", "SGP.22 5.6.3", SAIP_NO_ROOM, 0 },
    { "format-minor", "TCA profile package 8.2.1", SAIP_WARNS, 0 },
    { "used-service", "TCA profile package 8.10", SAIP_WARNS, 0 },
    { "used-template", "TCA profile package 8.10", SAIP_WARNS, 0 },
    { "DF.5GS", "SGP.22 Annex F", SAIP_WARNS, 0 },
    { "GET IDENTITY", "SGP.22 Annex F", SAIP_WARNS, 1u << 22 },
};

TEST(table)
{
    const struct saip_rule *r = saip_rules, *end = saip_rules + saip_rules_count;
    for (size_t i = 0; i < COUNT(table); i++, r++) {
        while (r < end && r->view != SAIP_CARD) /* those of packages: test_check */
            r++;
        if (!CHECK(r < end))
            return;
        test_row("%s", table[i].name);
        CHECK_TEXT(r->name, table[i].name);
        CHECK_TEXT(r->clause, table[i].clause);
        CHECK_EQ(r->verdict, table[i].verdict);
        CHECK_EQ(r->bit, table[i].bit);
        CHECK(r->next && strlen(r->next) > 10 && r->next[strlen(r->next) - 1] != '.');
    }
    CHECK(r == end);
}

/* ----------------------------------------------------------------- cards and packages by hand */

/* A card that has everything, as SGP.22 v2.5 has it told. */
static struct rsp_EUICCInfo2 full_info(void)
{
    static uint8_t format[] = { 2, 3, 1 }, svn[] = { 2, 5, 0 }, pp[] = { 1, 0, 0 }, all[] = { 0xFF, 0xFF, 0xFF, 0xFF };
    return (struct rsp_EUICCInfo2){ .profileVersion = BYTES_OF(format),
                                    .svn = BYTES_OF(svn),
                                    .euiccFirmwareVer = BYTES_OF(pp),
                                    .extCardResource = unhex("810100 820400100000 83022000"),
                                    .uiccCapability = { all, 32 },
                                    .rspCapability = { all, 6 },
                                    .ppVersion = BYTES_OF(pp),
                                    .sasAcreditationNumber = BYTES_LIT("XX-00-0000") };
}

static struct asn1_bits bits(const char *hex, size_t n)
{
    return (struct asn1_bits){ unhex(hex).p, n };
}

/* Through DER and back: what a server has received. */
static struct saip_card card_of(const struct rsp_EUICCInfo2 *info)
{
    struct rsp_EUICCInfo2 received;
    struct saip_card card = { 0 };
    struct bytes der;
    struct err e;
    if (CHECK_OK(asn1_encode(test_arena(), &rsp_EUICCInfo2_type, info, &der, &e), &e) &&
        CHECK_OK(asn1_decode(test_arena(), &rsp_EUICCInfo2_type, der, ASN1_WIRE, &received, &e), &e))
        saip_card_of(&received, &card);
    return card;
}

static struct saip_card full_card(void)
{
    struct rsp_EUICCInfo2 info = full_info();
    return card_of(&info);
}

static bool needs_of_der(struct bytes der, struct saip_needs *n)
{
    struct saip_package p;
    struct err e;
    memset(n, 0, sizeof *n);
    return CHECK_OK(saip_decode(test_arena(), der, ASN1_STRICT, &p, &e), &e) &&
           CHECK_OK(saip_needs_of(test_arena(), &p, n, &e), &e);
}

static bool needs_of_text(const char *text, struct saip_needs *n)
{
    struct bytes der = sample_der(text);
    return der.p && needs_of_der(der, n);
}

static bool needs_of_sample(const struct sample_edit *edits, size_t n_edits, struct saip_needs *n)
{
    return needs_of_text(sample_text(edits, n_edits), n);
}

/* Names of all broken rules, in the table's order. */
static const char *broken(const struct saip_needs *n, const struct saip_card *c, const struct saip_policy *p)
{
    struct buf out = buf_in(test_arena());
    struct err e;
    for (const struct saip_rule *r = NULL; (r = saip_broken(n, c, p, r, &e)) != NULL;) {
        buf_printf(&out, "%s%s", out.n ? ", " : "", r->name);
        CHECK_TEXT(e.clause, r->clause);
        CHECK_EQ(e.code, ERR_UNSUPPORTED);
    }
    return buf_str(&out);
}

/* --------------------------------------------------------------------------- services */

/* Transcribed from UICCCapability and ServicesList of PEDefinitions 3.3.1, which SGP.22 v2.5 Annex H imports, and from
 * the UICCCapability of SGP.22 v2.4 Annex H (bits 0 to 7 and 10 to 25; 8 and 9 are rfu1 and rfu2) and v2.2 (to 18). */
static const struct {
    const char *service, *capability;
    unsigned bit, svn; /* the minor version of SGP.22 2.x that first has a name for the bit */
} services[] = {
    { "contactless", "contactlessSupport", 0, 2 },
    { "usim", "usimSupport", 1, 2 },
    { "isim", "isimSupport", 2, 2 },
    { "csim", "csimSupport", 3, 2 },
    { "milenage", "akaMilenage", 4, 2 },
    { "tuak128", "akaTuak128", 6, 2 },
    { "cave", "akaCave", 5, 2 },
    { "gba-usim", "gbaAuthenUsim", 10, 2 },
    { "gba-isim", "gbaAuthenISim", 11, 2 },
    { "mbms", "mbmsAuthenUsim", 12, 2 },
    { "eap", "eapClient", 13, 2 },
    { "javacard", "javacard", 14, 2 },
    { "multos", "multos", 15, 2 },
    { "multiple-usim", "multipleUsimSupport", 16, 2 },
    { "multiple-isim", "multipleIsimSupport", 17, 2 },
    { "multiple-csim", "multipleCsimSupport", 18, 2 },
    { "tuak256", "akaTuak256", 7, 2 },
    { "usim-test-algorithm", "usimTestAlgorithm", 8, 5 },
    { "ber-tlv", "berTlvFileSupport", 19, 4 },
    { "dfLink", "dfLinkSupport", 20, 4 },
    { "cat-tp", "catTp", 21, 4 },
    { "get-identity", "getIdentity", 22, 4 },
    { "profile-a-x25519", "profile-a-x25519", 23, 4 },
    { "profile-b-p256", "profile-b-p256", 24, 4 },
    { "suciCalculatorApi", "suciCalculatorApi", 25, 4 },
    { "dns-resolution", "dns-resolution", 26, 5 },
    { "scp11ac", "scp11ac", 27, 5 },
    { "scp11c-authorization-mechanism", "scp11c-authorization-mechanism", 28, 5 },
    { "s16mode", "s16mode", 29, 5 },
    { "eaka", "eaka", 30, 5 },
};

/* A card of that version of SGP.22 with all bits but one, or none but USIM, Milenage and one. */
static struct saip_card card_with(unsigned bit, bool has, unsigned svn_minor)
{
    struct rsp_EUICCInfo2 info = full_info();
    uint8_t svn[] = { 2, (uint8_t)svn_minor, 0 }, octets[4];
    memcpy(octets, has ? (uint8_t[]){ 0x48, 0, 0, 0 } : (uint8_t[]){ 0xFF, 0xFF, 0xFF, 0xFF }, 4);
    if (has)
        octets[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
    else
        octets[bit / 8] &= (uint8_t)~(0x80 >> bit % 8);
    info.svn = BYTES_OF(svn);
    info.uiccCapability = (struct asn1_bits){ octets, 32 };
    return card_of(&info);
}

static bool needs_service(const char *service, struct saip_needs *n)
{
    const char *list = arena_printf(test_arena(), "{\n    %s NULL\n  },\n  eUICC-M", service);
    struct sample_edit edits[] = { { "{\n    usim NULL,\n    milenage NULL\n  },\n  eUICC-M", list } };
    return needs_of_sample(edits, 1, n);
}

TEST(services)
{
    const struct saip_policy policy = { 0 };
    CHECK_EQ(saip_ServicesList_type.n_fields, COUNT(services));
    for (size_t i = 0; i < COUNT(services); i++) {
        struct saip_needs n;
        test_row("%s", services[i].service);
        CHECK_TEXT(asn1_name_of(&rsp_EUICCInfo2_type.fields[4].type[0], services[i].bit), services[i].capability);
        CHECK_TEXT(saip_ServicesList_type.fields[i].name, services[i].service);
        if (!needs_service(services[i].service, &n))
            continue;
        CHECK_EQ(n.services, 1u << services[i].bit | 1u << 1 | 1u << 4);
        for (unsigned svn = 2; svn <= 5; svn++) {
            struct saip_card with = card_with(services[i].bit, true, svn);
            struct saip_card without = card_with(services[i].bit, false, svn);
            bool said = svn >= services[i].svn;
            CHECK_TEXT(broken(&n, &with, &policy), "");
            CHECK_TEXT(broken(&n, &without, &policy), said ? services[i].service : "");
        }
    }
}

TEST(service_sentence)
{
    struct saip_card card = card_with(19, false, 5);
    struct saip_needs n;
    struct err e;
    const struct saip_rule *r;
    if (!needs_service("ber-tlv", &n))
        return;
    CHECK_FAILS(saip_suits(&n, &card, &(struct saip_policy){ 0 }, &r, &e), &e, ERR_UNSUPPORTED,
                "the package demands ber-tlv, which the card lacks (bit 19 of its uiccCapability)");
    CHECK(r && strcmp(r->name, "ber-tlv") == 0);
}

/* ------------------------------------------------------------------------- EUICCInfo2 */

TEST(capabilities)
{
    static const struct {
        const char *name, *hex;
        size_t n;
        uint8_t svn[3];
        bool java;
        uint32_t has_or_may_have;
    } rows[] = {
        /* bit n of the BIT STRING is bit n here, counted from the low end */
        { "v2.5: what is not set is not there", "48000000", 32, { 2, 5, 0 }, false, 0x00000012 },
        { "v2.5: a short string", "48", 5, { 2, 5, 0 }, false, 0x00000012 },
        { "v2.5: the last bit", "40000001", 32, { 2, 5, 0 }, false, 0x80000002 },
        { "v3 as v2.5", "48", 5, { 3, 1, 0 }, false, 0x00000012 },
        { "longer than 32 bits", "48000000FF", 40, { 2, 5, 0 }, false, 0x00000012 },
        { "v2.4: no word for 8, 9 and 26 on", "48", 5, { 2, 4, 0 }, false, 0xFC000312 },
        { "v2.3.1: nor for 19 on", "48", 5, { 2, 3, 1 }, false, 0xFFF80312 },
        { "v2.2.0", "48", 5, { 2, 2, 0 }, false, 0xFFF80312 },
        { "no bit at all says nothing", "", 0, { 2, 5, 0 }, false, 0xFFFFFFFF },
        { "zeros say nothing", "0000", 16, { 2, 5, 0 }, false, 0xFFFFFFFF },
        { "ts102241Version is Java Card", "48", 5, { 2, 5, 0 }, true, 0x00004012 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rsp_EUICCInfo2 info = full_info();
        test_row("%s", rows[i].name);
        info.svn = bytes_make(rows[i].svn, 3);
        info.uiccCapability = bits(rows[i].hex, rows[i].n);
        if (rows[i].java)
            info.ts102241Version = unhex("0F0100");
        CHECK_EQ(card_of(&info).services, rows[i].has_or_may_have);
    }
}

TEST(memory_of_a_card)
{
    static const struct {
        const char *name, *resource;
        uint64_t nvm, ram;
    } rows[] = {
        { "TS 102 226", "810100 82040003E800 83022000", 256000, 8192 },
        { "sizes of one and three octets", "810100 8201FF 8303010000", 255, 65536 },
        { "none left", "810100 820400000000 8300", 0, UINT64_MAX },
        { "nothing told", "", UINT64_MAX, UINT64_MAX },
        { "no such numbers", "810100", UINT64_MAX, UINT64_MAX },
        { "number without octets", "8200 830101", UINT64_MAX, 1 },
        { "number of nine octets", "8209000000000000000001 830101", UINT64_MAX, 1 },
        { "cut", "81010082040003", UINT64_MAX, UINT64_MAX },
        { "wrapped as in TS 102 226", "FF2109 810100 820203E8 8300", UINT64_MAX, UINT64_MAX },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rsp_EUICCInfo2 info = full_info();
        test_row("%s", rows[i].name);
        info.extCardResource = unhex(rows[i].resource);
        struct saip_card card = card_of(&info);
        CHECK_EQ((int64_t)card.nvm, (int64_t)rows[i].nvm);
        CHECK_EQ((int64_t)card.ram, (int64_t)rows[i].ram);
    }
}

TEST(versions_of_a_card)
{
    static const struct {
        const char *name, *base, *more[9];
        size_t n_more, n;
        uint32_t first, last;
    } rows[] = {
        { "2.3.1 alone", "020301", { 0 }, 0, 1, 0x020301, 0x020301 },
        { "2.3 and 3.2", "020300", { "030200" }, 1, 2, 0x020300, 0x030200 },
        { "2.3, 3.4 and 4.0", "020300", { "030400", "040000" }, 2, 3, 0x020300, 0x040000 },
        { "zeros", "000000", { "030200" }, 1, 0, 0, 0 },
        { "seven more", "020300", { "030000", "030000", "030000", "030000", "030000", "030000", "030100" }, 7, 8,
          0x020300, 0x030100 },
        { "too many to know", "020300",
          { "030000", "030000", "030000", "030000", "030000", "030000", "030000", "030000" }, 8, 0, 0, 0 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rsp_EUICCInfo2 info = full_info();
        struct bytes items[9];
        struct rsp_EUICCInfo2_additionalEuiccProfilePackageVersions more = { .n = rows[i].n_more, .items = items };
        test_row("%s", rows[i].name);
        info.profileVersion = unhex(rows[i].base);
        for (size_t k = 0; k < rows[i].n_more; k++)
            items[k] = unhex(rows[i].more[k]);
        info.additionalEuiccProfilePackageVersions = rows[i].n_more ? &more : NULL;
        struct saip_card card = card_of(&info);
        if (!CHECK_EQ(card.n_formats, rows[i].n) || card.n_formats == 0)
            continue;
        CHECK_EQ(card.formats[0], rows[i].first);
        CHECK_EQ(card.formats[card.n_formats - 1], rows[i].last);
    }
}

TEST(other_facts_of_a_card)
{
    struct rsp_EUICCInfo2 info = full_info();
    struct saip_card card = card_of(&info);
    CHECK_EQ(card.rsp, 0x3F);
    CHECK_EQ(card.forbidden, 0);
    CHECK(!card.field_test);
    info.rspCapability = bits("90", 4);
    info.forbiddenProfilePolicyRules = bits("60", 3);
    info.ppVersion = unhex("FFFFFF");
    card = card_of(&info);
    CHECK_EQ(card.rsp, 1 << 0 | 1 << 3);
    CHECK_EQ(card.forbidden, 1 << 1 | 1 << 2);
    CHECK(card.field_test);
    info.rspCapability = bits("", 0); /* DER of a card that has none of it */
    CHECK_EQ(card_of(&info).rsp, 0);
    info.ppVersion = unhex("FFFFFE");
    CHECK(!card_of(&info).field_test);
}

/* ------------------------------------------------------------------------- every rule */

#define NO_MANDATE(element) element " { mandated NULL, ", element " { "
#define FILES "{ 2 23 143 1 2 7 }\n  }"
#define UST(last) "fillFileContent : '010A1D0420060000000010000000'H",                                            \
    "fileDescriptor : { efFileSize '10'H }, fillFileContent : '010A1D04200600000000100000000" last "'H"
#define AKA "    algorithmID milenage,\n    algorithmOptions '00'H,\n    key '00000000000000000000000000000000'H,"
#define AKA_OF(name, key) "    algorithmID " name ",\n    algorithmOptions '00'H,\n    key '" key "'H,"
#define KEY16 "00000000000000000000000000000000"
#define END "value14 ProfileElement ::= end"
#define TELECOM "value5 ProfileElement ::= telecom"
#define DF_5GS(mandated)                                                                                      \
    "x ProfileElement ::= df-5gs : { df-5gs-header { " mandated " identification 40 }, "                      \
    "templateID { 2 23 143 1 2 13 }, df-df-5gs { fileDescriptor : { pinStatusTemplateDO '01810A'H } } }\n" END
#define DF_SAIP                                                                                                \
    "x ProfileElement ::= df-saip : { df-saip-header { identification 41 }, "                                  \
    "templateID { 2 23 143 1 2 14 }, df-df-saip { fileDescriptor : { pinStatusTemplateDO '01810A'H } } }\n" END
#define APPLICATION(mandated, parameters)                                                                      \
    "x ProfileElement ::= application : { app-Header { " mandated " identification 42 }, loadBlock { "         \
    "loadPackageAID 'A0000000010101'H, loadBlockObject '0102030405'H }, instanceList { { "                     \
    "applicationLoadPackageAID 'A0000000010101'H, classAID 'A000000001010101'H, instanceAID "                  \
    "'A000000001010102'H, applicationPrivileges '00'H, applicationSpecificParametersC9 ''H" parameters         \
    " } } }\n" END
#define ISIM(id)                                                                                               \
    "x ProfileElement ::= isim : { isim-header { mandated NULL, identification " id " }, templateID "          \
    "{ 2 23 143 1 2 8 }, adf-isim { fileDescriptor : { fileID '7F" id "'H, dfName "                           \
    "'A0000000871004FF33FF0189000001" id "'H, pinStatusTemplateDO '01810A'H } }, ef-impi { }, ef-impu { }, "   \
    "ef-domain { }, ef-ist { fillFileContent : '00'H }, ef-arr { } }\n" END
#define HEADER_END "{ 2 23 143 1 2 7 }\n  }\n}"

enum { FORMAT_2_1 = 0x020100, FORMAT_2_2 = 0x020200, FORMAT_2_3 = 0x020300, FORMAT_3_1 = 0x030100 };

/* How the card differs from one that has everything. */
struct lacks {
    uint32_t services, rsp, forbidden;
    const char *resource;
    uint32_t formats[2];
    bool no_formats, field_test;
};

static const struct {
    const char *name;
    struct sample_edit edits[3];
    struct lacks card;
    struct saip_needs given; /* pprs, test */
    bool no_field_test;
    const char *broken; /* all broken rules */
    const char *says;   /* part of the first one's sentence */
} rows[] = {
    { "our sample", .broken = "" },
    { "a field-test card, none allowed", .card = { .field_test = true }, .no_field_test = true,
      .broken = "field-test", .says = "ppVersion 255.255.255" },
    { "a field-test card, allowed", .card = { .field_test = true }, .broken = "" },
    { "a certified card, no field-test card allowed", .no_field_test = true, .broken = "" },
    { "PPR1, forbidden", .card = { .forbidden = 2 }, .given = { .pprs = 2 }, .broken = "PPR1" },
    { "PPR1, PPR2 forbidden", .card = { .forbidden = 4 }, .given = { .pprs = 2 }, .broken = "" },
    { "PPR2, forbidden", .card = { .forbidden = 4 }, .given = { .pprs = 4 }, .broken = "PPR2",
      .says = "the profile has PPR2, which the card forbids" },
    { "both", .card = { .forbidden = 6 }, .given = { .pprs = 6 }, .broken = "PPR1, PPR2" },
    { "PPRs that are not forbidden", .given = { .pprs = 6 }, .broken = "" },
    { "PPRs forbidden, none set", .card = { .forbidden = 6 }, .broken = "" },
    { "pprUpdateControl is no rule", .card = { .forbidden = 1 }, .given = { .pprs = 1 }, .broken = "" },
    { "a test profile", .card = { .rsp = 8 }, .given = { .test = true }, .broken = "test-profile",
      .says = "class test" },
    { "a test profile, supported", .given = { .test = true }, .broken = "" },
    { "an operational one where no test profile goes", .card = { .rsp = 8 }, .broken = "" },

    { "version 3.1, card 2.3", { { "version 2", "version 3" }, { "version 3,\n  profileT", "version 1,\n  profileT" } },
      .card = { .formats = { FORMAT_2_3 } }, .broken = "format-major" },
    { "version 3.3, card 2.3 and 3.1", { { "version 2", "version 3" } },
      .card = { .formats = { FORMAT_2_3, FORMAT_3_1 } }, .broken = "format-minor" },
    { "version 4.3, card 2.3 and 3.1", { { "version 2", "version 4" } },
      .card = { .formats = { FORMAT_2_3, FORMAT_3_1 } }, .broken = "format-major",
      .says = "of version 4.3 of the format, the card takes 2.3 3.1" },
    { "version 1.3, card 2.3", { { "version 2", "version 1" } }, .card = { .formats = { FORMAT_2_3 } },
      .broken = "format-major" },
    { "version 2.3, card tells 3.1 alone", .card = { .formats = { FORMAT_3_1 } }, .broken = "" },
    { "version 4.3, card tells 3.1 alone", { { "version 2", "version 4" } }, .card = { .formats = { FORMAT_3_1 } },
      .broken = "format-major" },
    { "version 4.3, card tells nothing", { { "version 2", "version 4" } }, .card = { .no_formats = true },
      .broken = "" },
    { "version 2.3, card 2.2", .card = { .formats = { FORMAT_2_2 } }, .broken = "format-minor",
      .says = "of version 2.3 of the format, the card takes 2.2" },
    { "version 2.2, card 2.2", { { "version 3", "version 2" } }, .card = { .formats = { FORMAT_2_2 } }, .broken = "" },

    { "no Milenage", .card = { .services = 1 << 4 }, .broken = "milenage" },
    { "no USIM, no Milenage", .card = { .services = 1 << 4 | 1 << 1 }, .broken = "usim, milenage" },
    { "an IoT Minimal Profile", { { HEADER_END, FILES ",\n  iotOptions { pix '01020304050607'H }\n}" } },
      .card = { .services = 1u << 31 }, .broken = "iotOptions" },
    { "a mandated element is a demand", { { "milenage NULL", "eap NULL" }, { "usim NULL,", "" } },
      .card = { .services = 1 << 4 | 1 << 1 }, .broken = "usim, milenage" },
    { "an element that is not is not", { { "usim NULL,\n    milenage NULL", "eap NULL" },
      { NO_MANDATE("usim-header") }, { NO_MANDATE("aka-header") } }, .card = { .services = 1 << 4 | 1 << 1 },
      .broken = "used-service", .says = "elements of the package that need usim milenage" },
    { "elements that are not, supported", { { "usim NULL,\n    milenage NULL", "eap NULL" },
      { NO_MANDATE("usim-header") }, { NO_MANDATE("aka-header") } }, .broken = "" },
    { "TUAK with a key of 128 bits", { { AKA, AKA_OF("tuak", KEY16) } }, .card = { .services = 1 << 6 },
      .broken = "tuak128" },
    { "TUAK with a key of 256 bits", { { AKA, AKA_OF("tuak", KEY16 KEY16) } }, .card = { .services = 1 << 7 },
      .broken = "tuak256" },
    { "TUAK of 128 where 256 is missing", { { AKA, AKA_OF("tuak", KEY16) } }, .card = { .services = 1 << 7 },
      .broken = "" },
    { "the test algorithm", { { AKA, AKA_OF("usim-test-algorithm", KEY16) } }, .card = { .services = 1 << 8 },
      .broken = "usim-test-algorithm" },
    { "CAT_TP at a security domain", { { "    }\n  }\n}\n\nvalue13", "    }\n  },\n  catTpParameters { catTpMaxSduSize"
      " 1000, catTpMaxPduSize 500 }\n}\n\nvalue13" } }, .card = { .services = 1 << 21 }, .broken = "cat-tp" },
    { "an ISIM", { { END, ISIM("50") } }, .card = { .services = 1 << 2 | 1 << 17 }, .broken = "isim" },
    { "two ISIMs", { { END, ISIM("50") }, { END, ISIM("51") } }, .card = { .services = 1 << 17 },
      .broken = "multiple-isim" },

    { "template 2.13.4, mandatory, card 2.3", { { FILES, "{ 2 23 143 1 2 13 4 }\n  }" } },
      .card = { .formats = { FORMAT_2_3 } }, .broken = "template",
      .says = "2.23.143.1.2.13.4, which came with version 3.3 of the format; the card takes 2.3" },
    { "template 2.13.4, card unknown", { { FILES, "{ 2 23 143 1 2 13 4 }\n  }" } }, .card = { .no_formats = true },
      .broken = "" },
    { "template 2.13.2, mandatory, card 2.3 and 3.1", { { FILES, "{ 2 23 143 1 2 13 2 }\n  }" } },
      .card = { .formats = { FORMAT_2_3, FORMAT_3_1 } }, .broken = "" },
    { "a template of which nothing is known", { { FILES, "{ 2 23 143 1 2 99 }\n  }" } },
      .card = { .formats = { FORMAT_2_3 } }, .broken = "" },
    { "a mandated element with template 2.13, card 2.2", { { "version 3", "version 2" },
      { END, DF_5GS("mandated NULL,") } },
      .card = { .formats = { FORMAT_2_2 } }, .broken = "template, DF.5GS" },
    { "an element with template 2.13, card 2.2", { { "version 3", "version 2" }, { END, DF_5GS("") } },
      .card = { .formats = { FORMAT_2_2 } }, .broken = "used-template, DF.5GS",
      .says = "2.13, which came with version 2.3" },
    { "DF.5GS, card 2.3", { { END, DF_5GS("") } }, .card = { .formats = { FORMAT_2_3 } }, .broken = "DF.5GS",
      .says = "for cards from version 2.3.1" },
    { "DF.5GS, card 2.3.1", { { END, DF_5GS("") } }, .broken = "" },
    { "DF.5GS, card unknown", { { END, DF_5GS("") } }, .card = { .no_formats = true }, .broken = "" },

    { "libraries, no Java Card and no Multos", { { HEADER_END,
      "{ 2 23 143 1 2 7 }\n  },\n  eUICC-Mandatory-AIDs { { aid 'A0000000620001'H, version '0100'H } }\n}" } },
      .card = { .services = 3 << 14 }, .broken = "runtime", .says = "demands libraries" },
    { "an application, no Java Card and no Multos", { { END, APPLICATION("mandated NULL,", "") } },
      .card = { .services = 3 << 14 }, .broken = "runtime", .says = "demands an application" },
    { "an application, Java Card", { { END, APPLICATION("mandated NULL,", "") } }, .card = { .services = 1 << 15 },
      .broken = "" },
    { "an application, Multos", { { END, APPLICATION("mandated NULL,", "") } }, .card = { .services = 1 << 14 },
      .broken = "" },
    { "an application that is not mandated", { { END, APPLICATION("", "") } }, .card = { .services = 3 << 14 },
      .broken = "" },

    { "no further profile", .card = { .rsp = 1 }, .broken = "additional-profile", .says = "no room for one more" },
    { "256 octets free", .card = { .resource = "82020100" }, .broken = "non-volatile-memory",
      .says = "needs 4604 octets of non-volatile memory at least, the card has 256 free" },
    { "memory not told", .card = { .resource = "810100" }, .broken = "" },
    { "an instance that reserves 64 octets of 63", { { END,
      APPLICATION("mandated NULL,", ", systemSpecificParameters { volatileReservedMemory '0040'H }") } },
      .card = { .resource = "83013F" }, .broken = "volatile-memory",
      .says = "needs 64 octets of volatile memory at least, the card has 63 free" },
    { "of 64", { { END,
      APPLICATION("mandated NULL,", ", systemSpecificParameters { volatileReservedMemory '0040'H }") } },
      .card = { .resource = "830140" }, .broken = "" },
    { "nothing reserved, nothing free", .card = { .resource = "830100" }, .broken = "" },

    { "service 125, no GET IDENTITY", { { UST("010") } },
      .card = { .services = 1 << 22 }, .broken = "GET IDENTITY",
      .says = "SUCIs (service 125 or DF.SAIP)" },
    { "service 125, GET IDENTITY", { { UST("010") } },
      .broken = "" },
    { "all of that octet but service 125", { { UST("0EF") } },
      .card = { .services = 1 << 22 }, .broken = "" },
    { "DF.SAIP, no GET IDENTITY", { { END, DF_SAIP } }, .card = { .services = 1 << 22 }, .broken = "GET IDENTITY" },
};

static struct saip_card card_lacking(const struct lacks *l)
{
    struct rsp_EUICCInfo2 info = full_info();
    struct saip_card card;
    if (l->resource)
        info.extCardResource = unhex(l->resource);
    card = card_of(&info);
    card.services &= ~l->services;
    card.rsp &= ~l->rsp;
    card.forbidden = l->forbidden;
    card.field_test = l->field_test;
    if (l->formats[0] || l->no_formats) {
        memcpy(card.formats, l->formats, sizeof l->formats);
        card.n_formats = l->no_formats ? 0 : l->formats[1] ? 2 : 1;
    }
    return card;
}

TEST(rules)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct saip_policy policy = { .no_field_test = rows[i].no_field_test };
        struct saip_card card = card_lacking(&rows[i].card);
        struct saip_needs n;
        const struct saip_rule *first;
        struct err e;
        test_row("%s", rows[i].name);
        if (!needs_of_sample(rows[i].edits, 3, &n))
            continue;
        n.pprs = rows[i].given.pprs;
        n.test = rows[i].given.test;
        CHECK_TEXT(broken(&n, &card, &policy), rows[i].broken);
        if (rows[i].says)
            CHECK(saip_broken(&n, &card, &policy, NULL, &e) && strstr(e.what, rows[i].says));
        int result = saip_suits(&n, &card, &policy, &first, &e);
        CHECK_EQ(result, first ? -1 : 0);
        CHECK(!first || (first->verdict != SAIP_WARNS &&
                         strncmp(rows[i].broken, first->name, strlen(first->name)) == 0));
    }
}

/* No rule of the table is left without a row above that breaks it. */
TEST(rules_are_all_broken_once)
{
    for (size_t r = 0; r < saip_rules_count; r++) {
        bool found = saip_rules[r].view != SAIP_CARD;
        for (size_t i = 0; i < COUNT(services); i++)
            found = found || strcmp(services[i].service, saip_rules[r].name) == 0;
        for (size_t i = 0; i < COUNT(rows); i++)
            found = found || strstr(rows[i].broken, saip_rules[r].name);
        test_row("%s", saip_rules[r].name);
        CHECK(found);
    }
}

/* The version that each template came with, as the format's own list has it. */
TEST(template_ages)
{
    static const struct {
        const char *template; /* behind 2 23 143 1 */
        uint32_t since;
    } ages[] = {
        { "2 1", 0 },             { "2 2", 0 },             { "2 3", 0 },             { "2 4", 0 },
        { "2 5", 0 },             { "2 6", 0 },             { "2 7", 0 },             { "2 8", 0 },
        { "2 9", 0 },             { "2 10", 0 },            { "2 11", 0 },            { "2 12", 0x020200 },
        { "2 13", 0x020300 },     { "2 14", 0x020300 },     { "2 3 2", 0x030100 },    { "2 4 2", 0x030100 },
        { "2 5 2", 0x030100 },    { "2 9 2", 0x030100 },    { "2 10 2", 0x030100 },   { "2 11 2", 0x030100 },
        { "2 13 2", 0x030100 },   { "2 13 3", 0x030100 },   { "2 5 3", 0x030300 },    { "2 13 4", 0x030300 },
        { "2 15", 0x030300 },     { "2 16", 0x030300 },     { "2 17", 0x030300 },     { "2 18", 0x030300 },
        { "2 3 3", 0x030400 },    { "2 5 4", 0x030400 },    { "2 9 3", 0x030400 },    { "2 15 2", 0x030400 },
        { "2 16 2", 0x030400 },   { "2 19", 0x030400 },     { "2 99", 0 },            { "9 13", 0 },
    };
    for (size_t i = 0; i < COUNT(ages); i++) {
        struct saip_needs n;
        struct sample_edit edit = { FILES, arena_printf(test_arena(), "{ 2 23 143 1 %s }\n  }", ages[i].template) };
        char dotted[16] = "";
        test_row("2.23.143.1 %s", ages[i].template);
        for (size_t k = 0; ages[i].since && ages[i].template[k]; k++)
            dotted[k] = ages[i].template[k] == ' ' ? '.' : ages[i].template[k];
        if (!needs_of_sample(&edit, 1, &n))
            continue;
        CHECK_EQ(n.templates.since, ages[i].since);
        CHECK_TEXT(n.templates.template, dotted);
    }
}

/* ------------------------------------------------------------------ memory of a package */

TEST(memory_of_a_package)
{
    struct saip_needs plain, n;
    const struct sample_edit longer[] = { { "efFileSize '0118'H", "efFileSize '0230'H" } }; /* 280 octets, 560 */
    const struct sample_edit loaded[] = {
        { END, APPLICATION("", ", systemSpecificParameters { volatileMemoryQuotaC7 '4000'H, volatileReservedMemory"
                               " '000102'H, nonVolatileReservedMemory '1000'H }") }
    };
    const struct sample_edit huge[] = { { END, APPLICATION("", ", systemSpecificParameters { nonVolatileReservedMemory "
                                                        "'FFFFFFFF'H }") } };
    const struct sample_edit tuak[] = { { AKA, AKA_OF("tuak", KEY16) } };
    const char *text = sample_text(NULL, 0);
    if (!needs_of_sample(NULL, 0, &plain))
        return;
    CHECK_EQ(plain.ram, 0);
    test_row("files of the MF, two of them with the template's size");
    const char *mf = arena_printf(test_arena(), "%.*s%s", (int)(strstr(text, TELECOM) - text), text, strstr(text, END));
    if (needs_of_text(mf, &n))
        CHECK_EQ(n.nvm, 2 + 10 + 0x26 + 0x1CE + 5);
    test_row("a longer file");
    if (needs_of_sample(longer, 1, &n))
        CHECK_EQ(n.nvm, plain.nvm + 280);
    test_row("code of 5 octets, 4096 reserved");
    if (needs_of_sample(loaded, 1, &n)) {
        CHECK_EQ(n.nvm, plain.nvm + 5 + 4096);
        CHECK_EQ(n.ram, 258);
    }
    test_row("more than can be counted");
    if (needs_of_sample(huge, 1, &n))
        CHECK_EQ(n.nvm, UINT32_MAX);
    test_row("a package that our interpreter does not take");
    if (needs_of_sample(tuak, 1, &n))
        CHECK_EQ(n.nvm, sample_der(sample_text(tuak, 1)).n);
}

TEST(no_header)
{
    struct saip_package p;
    struct saip_needs n;
    struct err e;
    if (!CHECK_OK(saip_decode(test_arena(), unhex("AA07A0058000810108"), ASN1_STRICT, &p, &e), &e))
        return;
    CHECK_FAILS(saip_needs_of(test_arena(), &p, &n, &e), &e, ERR_VALUE, "does not begin with a header");
    p.n = 0;
    CHECK_FAILS(saip_needs_of(test_arena(), &p, &n, &e), &e, ERR_VALUE, "does not begin with a header");
}

/* ------------------------------------------------------------------------- in the store */

static const struct saip_needs whole = { .major = 2, .minor = 3, .services = 0x80000012, .used = 0x00012000,
                                         .templates = { 0x030300, "2.13.4" }, .used_templates = { 0x020300, "2.14" },
                                         .libraries = true, .df_5gs = true, .test = true, .nvm = 0x01020304,
                                         .ram = 258, .pprs = 6 };
static const char WHOLE[] = "01 02 03 15 80000012 00012000 00030300 322E31332E340000 00020300 322E313400000000"
                            "01020304 00000102 00000006";

TEST(stored)
{
    struct saip_needs n;
    struct err e;
    CHECK_HEX(saip_needs_encode(test_arena(), &whole), WHOLE);
    CHECK_EQ(unhex(WHOLE).n, SAIP_NEEDS_OCTETS);
    if (!CHECK_OK(saip_needs_decode(unhex(WHOLE), &n, &e), &e))
        return;
    CHECK_HEX(saip_needs_encode(test_arena(), &n), WHOLE);
    CHECK(n.libraries && !n.applications && n.df_5gs && !n.get_identity && n.test);
    CHECK_TEXT(n.templates.template, "2.13.4");
    CHECK_EQ(n.nvm, 0x01020304);
    struct saip_needs other = { .applications = true, .get_identity = true };
    CHECK(saip_needs_decode(saip_needs_encode(test_arena(), &other), &n, &e) == 0 && !n.libraries && n.applications &&
          !n.df_5gs && n.get_identity && !n.test);
}

TEST(stored_refused)
{
    static const struct {
        const char *name;
        size_t at, n; /* the octet to change, the octets to keep */
        uint8_t to;
    } changes[] = {
        { "nothing", 0, 0, 1 },          { "another layout", 0, 48, 2 }, { "an unknown flag", 3, 48, 0x20 },
        { "cut", 0, 47, 1 },             { "letters", 16, 48, 'a' },     { "no end of the text", 21, 48, 0 },
    };
    for (size_t i = 0; i < COUNT(changes); i++) {
        uint8_t octets[SAIP_NEEDS_OCTETS];
        struct saip_needs n;
        struct err e;
        test_row("%s", changes[i].name);
        memcpy(octets, unhex(WHOLE).p, sizeof octets);
        octets[changes[i].at] = changes[i].to;
        if (i == 5) /* 2.13.4 becomes 2.13. NUL 4 */
            octets[20] = 0, octets[21] = '4';
        CHECK_FAILS(saip_needs_decode(bytes_make(octets, changes[i].n), &n, &e), &e, ERR_VALUE, "another version");
    }
    struct saip_needs n;
    struct err e;
    test_row("one octet more");
    CHECK_FAILS(saip_needs_decode(unhex(arena_printf(test_arena(), "%s00", WHOLE)), &n, &e), &e, ERR_VALUE,
                "another version");
}

/* ------------------------------------------------------------------------ whole packages */

static struct saip_card minimal_card(const char *format, const char *svn, const char *capability)
{
    struct rsp_EUICCInfo2 info = full_info();
    info.profileVersion = unhex(format);
    info.svn = unhex(svn);
    info.uiccCapability = bits(capability, 5);
    info.rspCapability = bits("", 0);
    info.extCardResource = unhex("810100 82020400 83020400");
    return card_of(&info);
}

/* Expected lists by hand from the headers and elements of the packages: all demand USIM, ISIM, CSIM, the test
 * algorithm, GET IDENTITY, both SUCI profiles and templates 13 and 14, all have DF.5GS, DF.SAIP and service 125;
 * two demand BER-TLV. */
TEST(ts48)
{
#define OLD "isim, csim, template, additional-profile, non-volatile-memory, format-minor, DF.5GS"
#define NEW(ber_tlv)                                                                                         \
    "isim, csim, usim-test-algorithm, " ber_tlv "get-identity, profile-a-x25519, profile-b-p256, "           \
    "additional-profile, non-volatile-memory, DF.5GS, GET IDENTITY"
    static const struct {
        const char *package, *old_card, *new_card;
    } packages[] = {
        { "nobertlv", OLD, NEW("") },
        { "nobertlv_noramrfm", OLD, NEW("") },
        { "bertlv_suci", OLD, NEW("ber-tlv, ") },
        { "bertlv_suci_noramrfm", OLD, NEW("ber-tlv, ") },
    };
    const struct saip_policy policy = { .no_field_test = true };
    for (size_t i = 0; i < COUNT(packages); i++) {
        const char *path = test_data(arena_printf(test_arena(), "ts48-v7/%s.der", packages[i].package));
        struct saip_card full = full_card(), old = minimal_card("020100", "020200", "48"),
                         new = minimal_card("020300", "020500", "48");
        struct saip_needs n;
        test_row("%s", packages[i].package);
        if (!path)
            test_skip("no test data ts48-v7");
        else if (needs_of_der(test_file(path), &n)) {
            CHECK_TEXT(broken(&n, &full, &policy), "");
            CHECK_TEXT(broken(&n, &old, &policy), packages[i].old_card);
            CHECK_TEXT(broken(&n, &new, &policy), packages[i].new_card);
        }
    }
}

/* ------------------------------------------------------------------------- our own card */

TEST(our_card_takes_our_sample)
{
    struct world w;
    struct lpa_info told;
    struct rsp_EUICCInfo2 info;
    struct saip_needs n;
    struct saip_card card;
    struct err e;
    if (!world_open(&w, EC_P256, BYTES_NONE, false))
        return;
    if (CHECK_EQ(lpa_open(&w.lpa, &e), LPA_DONE) && CHECK_EQ(lpa_info(&w.lpa, &told, &e), LPA_DONE) &&
        CHECK_OK(asn1_decode(test_arena(), &rsp_EUICCInfo2_type, told.info2.raw, ASN1_STRICT, &info, &e), &e) &&
        needs_of_der(world_sample(), &n)) {
        saip_card_of(&info, &card);
        CHECK_TEXT(broken(&n, &card, &(struct saip_policy){ .no_field_test = true }), "");
        CHECK(n.nvm < card.nvm && card.nvm != UINT64_MAX && card.ram == 32768);
    }
    lpa_close(&w.lpa);
    world_close(&w);
}
