/* SPDX-License-Identifier: Apache-2.0
 *
 * What the interpreter says of packages that do not install, or not whole: our own sample with one thing changed in its
 * text.  Clauses, status values and places are those of the TCA profile package, 8.1.3 to 8.10, and not of a run. */
#include "sample.h"
#include "saip/image.h"
#include "saip/names.h"
#include "saip/services.h"

/* ------------------------------------------------------------------------ a changed sample */

/* Text replaced once; then element `from` is moved, or repeated, to become element `to`. */
struct change {
    struct sample_edit edit;
    enum { STAYS, MOVES, REPEATS } how;
    size_t from, to; /* from 1 */
};

static void rearrange(struct saip_package *p, const struct change *c)
{
    struct saip_ProfileElement moved = p->items[c->from - 1];
    struct saip_ProfileElement *items = arena_array(test_arena(), p->n + 1, sizeof *items);
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        if (c->how == REPEATS || i != c->from - 1)
            items[n++] = p->items[i];
    memmove(items + c->to, items + c->to - 1, (n - (c->to - 1)) * sizeof *items);
    items[c->to - 1] = moved;
    p->n = n + 1;
    p->items = items;
}

/* Encoded and decoded again, so that each element has its octets. */
static bool sample(const struct change *c, struct saip_package *p)
{
    struct bytes der;
    struct err e;
    if (!sample_decoded(sample_text(&c->edit, 1), p) || c->how == STAYS)
        return p->n != 0;
    rearrange(p, c);
    return CHECK_OK(saip_encode(test_arena(), p, &der, &e), &e) &&
           CHECK_OK(saip_decode(test_arena(), der, ASN1_STRICT, p, &e), &e);
}

/* -------------------------------------------------------------------------------- refusals */

struct refusal {
    const char *name;
    struct change change;
    enum saip_status status;
    size_t element;
    const char *kind;
    int identification; /* -1: none */
    const char *member, *clause;
    const char *part;   /* hex: how the octets at the fault's offset begin; NULL: the element's own */
    const char *found;
};

#define TEXT(old, new) { { old, new }, STAYS, 0, 0 }
#define MOVE(from, to) { { NULL, NULL }, MOVES, from, to }
#define REPEAT(from, to) { { NULL, NULL }, REPEATS, from, to }
#define TCA(number) "TCA profile package " number
#define PACKAGE 0, NULL, -1, NULL

#define HEADER_END "{ 2 23 143 1 2 7 }\n  }\n"
#define LI "  ef-li {\n    fillFileContent : '656E'H\n  },\n"
#define GID1 "  ef-gid1 {\n    fillFileContent : '52534B49'H\n  },\n"
#define ACC "    fillFileContent : '0001'H\n"
#define SD_END "value13 ProfileElement ::= rfm"
#define GFM(commands) \
    "value13 ProfileElement ::= genericFileManagement : { gfm-header { mandated NULL, identification 90 }," \
    " fileManagementCMD { { " commands " } } }\nvalue14 ProfileElement ::= rfm"
#define OTHER(kind) "value13 ProfileElement ::= " kind "\nvalue14 ProfileElement ::= rfm"
#define APPLICATION(mandated) \
    OTHER("application : { app-Header { " mandated "identification 91 }, loadBlock { loadPackageAID 'A000000559AA'H," \
          " loadBlockObject 'CAFE'H }, instanceList { { applicationLoadPackageAID 'A000000559AA'H," \
          " classAID 'A000000559AB'H, instanceAID 'A000000559AC'H, applicationPrivileges '00'H," \
          " applicationSpecificParametersC9 ''H, applicationParameters {" \
          " uiccToolkitApplicationSpecificParametersField '0100000101010002010A03B0011100'H } } } }")
#define NON_STANDARD(mandated) \
    OTHER("nonStandard : { nonStandard-header { " mandated "identification 92 }, issuerID { 1 3 6 1 }, content '00'H }")
#define EIGHT "'000000000000'H, '000000000000'H, '000000000000'H, '000000000000'H, '000000000000'H, '000000000000'H, " \
              "'000000000000'H, '000000000000'H"
#define FIRST_NUMBERS "sqnOptions '0E'H, sqnInit { " EIGHT ", " EIGHT ", " EIGHT \
    ", '000000000000'H, '000000000000'H, '000000000000'H, '000000000000'H, '000000000000'H, '000000000000'H," \
    " '000000000000'H, 'FF0000000000'H }"
#define ALGORITHM \
    "algoParameter : {\n    algorithmID milenage,\n    algorithmOptions '00'H,\n    key" \
    " '00000000000000000000000000000000'H,\n    opc '00000000000000000000000000000000'H\n  }"

static const struct refusal refusals[] = {
    { "format of version 4", TEXT("major-version 2", "major-version 4"), 31, 1, "header", -1, NULL, TCA("8.2.1"), NULL,
      "version 4" },
    { "a service that is lacking", TEXT("milenage NULL", "milenage NULL, javacard NULL"), 10, 1, "header", -1, NULL,
      TCA("8.2.1"), NULL, "javacard" },
    { "a template that nobody knows", TEXT("2 23 143 1 2 7 }", "2 23 143 1 2 99 }"), 9, 1, "header", -1, NULL,
      TCA("8.10"), NULL, "2.23.143.1.2.99" },
    { "libraries", TEXT(HEADER_END, HEADER_END ", eUICC-Mandatory-AIDs { { aid 'A0000000620101'H, version '0100'H } }"),
      8, 1, "header", -1, NULL, TCA("8.10"), NULL, "eUICC-Mandatory-AIDs" },
    { "an IoT profile", TEXT(HEADER_END, HEADER_END ", iotOptions { pix '01020304050607'H }"), 10, 1, "header", -1,
      NULL,
      TCA("7.5"), NULL, "IoT" },
    { "no header", MOVE(2, 1), 5, 1, "mf", 1, NULL, TCA("8.1.3"), NULL, "mf" },
    { "a second header", REPEAT(1, 3), 5, 3, "header", -1, NULL, TCA("8.1.3"), NULL, "another" },
    { "an end in the middle", REPEAT(14, 5), 5, 5, "end", 13, NULL, TCA("8.1.3"), NULL, "end" },
    { "no end", MOVE(14, 13), 5, 13, "end", 13, NULL, TCA("8.1.3"), NULL, "end" },
    { "a second MF", REPEAT(2, 4), 5, 4, "mf", 1, NULL, TCA("8.1.3"), NULL, "another" },
    { "telecom before the MF", MOVE(5, 2), 5, 2, "telecom", 4, NULL, TCA("8.1.3"), NULL, "none" },
    { "PINs before the MF", MOVE(4, 2), 5, 2, "pinCodes", 3, NULL, TCA("8.5.1"), NULL, "none" },
    { "optional files before their ADF", MOVE(7, 6), 5, 6, "opt-usim", 6, NULL, TCA("8.1.3"), NULL, "none" },
    { "keys before their ADF", MOVE(9, 6), 5, 6, "akaParameter", 8, NULL, TCA("8.4.2"), NULL, "no ADF" },
    { "keys twice", REPEAT(9, 10), 3, 10, "akaParameter", 8, NULL, TCA("8.4.2"), NULL, "ADF.USIM" },
    { "RFM before its domain", MOVE(13, 12), 6, 12, "rfm", 12, NULL, TCA("8.8"), NULL, "no security domain" },
    { "a domain twice", REPEAT(12, 13), 3, 13, "securityDomain", 11, NULL, TCA("8.6.2"), NULL, "one of before" },
    /* codes */
    { "a PUK twice", TEXT("secondPUKAppl1, pukValue", "pukAppl1, pukValue"), 3, 3, "pukCodes", 2, NULL, TCA("8.5.2"),
      "300D 800101", "01 again" },
    { "a PIN twice", TEXT("keyReference adm1,", "keyReference pinAppl1,"), 3, 4, "pinCodes", 3, NULL, TCA("8.5.1"),
      "30", "01 again" },
    { "a local PIN in the MF", TEXT("keyReference pinAppl1,", "keyReference secondPINAppl1,"), 3, 4, "pinCodes", 3,
      NULL, TCA("8.5.1"), "30", "81" },
    { "a global PIN in the ADF", TEXT("keyReference secondPINAppl1,", "keyReference pinAppl2,"), 3, 8, "pinCodes", 7,
      NULL, TCA("8.5.1"), "30", "02" },
    { "PINs shared with nobody", TEXT("pinconfig : {\n    { keyReference secondPINAppl1, pinValue '39383736FFFFFFFF'H,"
      " unblockingPINReference secondPUKAppl1 }\n  }", "filePath : '7F99'H"), 3, 8, "pinCodes", 7, NULL, TCA("8.5.1"),
      "7F99", "nothing" },
    { "PINs shared with themselves", TEXT("pinconfig : {\n    { keyReference secondPINAppl1, pinValue"
      " '39383736FFFFFFFF'H, unblockingPINReference secondPUKAppl1 }\n  }", "filePath : '7F01'H"), 3, 8, "pinCodes", 7,
      NULL, TCA("8.5.1"), "7F01", "the same" },
    { "a local PIN that is nowhere", TEXT("'01810A'H", "'01820A'H"), 11, PACKAGE, TCA("8.1.3"), NULL,
      "82 for ADF.USIM" },
    { "a global PIN that is nowhere", TEXT("'010A'H", "'020A'H"), 11, PACKAGE, TCA("8.1.3"), NULL, "02 for MF" },
    /* files */
    { "a record too much", TEXT("efFileSize '26'", "efFileSize '27'"), 3, 2, "mf", 1, "ef-dir", TCA("8.3.2"), "A109",
      "39 octets in records of 38" },
    { "no size", TEXT("fileDescriptor : { fileDescriptor '42210026'H, efFileSize '26'H },\n    ", ""), 3, 2, "mf", 1,
      "ef-dir", TCA("9.1"), "A5", "none" },
    { "a file of 65,550 octets", TEXT("efFileSize '26'", "efFileSize '01000E'"), 4, 2, "mf", 1, "ef-dir", TCA("8.3.2"),
      "A10B", NULL },
    { "two patterns", TEXT("ef-msisdn { }", "ef-msisdn { fileDescriptor : { proprietaryEFInfo { fillPattern 'FF'H,"
      " repeatPattern 'FF'H } } }"), 3, 7, "opt-usim", 6, "ef-msisdn", TCA("8.3.2"), "A1", "both" },
    { "content behind the end", TEXT("'0001'H", "'000102'H"), 3, 6, "usim", 5, "ef-acc", TCA("8.3.2"), "000102",
      "1 octets behind" },
    { "an offset behind the end", TEXT(ACC, "    fillFileOffset : 3,\n    fillFileContent : ''H\n"), 3, 6, "usim", 5,
      "ef-acc", TCA("8.3.2"), "", "1 octets behind" },
    { "a file identifier twice", TEXT("  ef-gid1 {\n", "  ef-gid1 {\n    fileDescriptor : { fileID '6F05'H },\n"), 3, 7,
      "opt-usim", 6, "ef-gid1", TCA("8.3.3"), "A104 8302 6F05", "6F05 again" },
    { "another type", TEXT(ACC, "    fileDescriptor : { fileDescriptor '42210002'H }\n"), 3, 6, "usim", 5, "ef-acc",
      TCA("8.3.3"), "A106", "42" },
    { "no type at all", TEXT(ACC, "    fileDescriptor : { fileDescriptor '4321'H }\n"), 3, 6, "usim", 5, "ef-acc",
      TCA("8.3.2"), "A104", "another" },
    { "an ADF without an AID", TEXT("      dfName 'A0000000871002FF49FFFF8901000000'H,\n", ""), 3, 6, "usim", 5,
      "adf-usim", TCA("8.3.3"), "A1", "none" },
    { "an EF with an AID", TEXT(ACC, "    fileDescriptor : { dfName 'A000000087'H }\n"), 3, 6, "usim", 5, "ef-acc",
      TCA("8.3.3"), "A107 8405", "6F78" },
    { "a link to nothing", TEXT(LI, "  ef-li { fileDescriptor : { linkPath '7F016F99'H } },\n"), 3, PACKAGE,
      TCA("8.3.3"), NULL, "6F05" },
    { "links in a circle", TEXT(LI GID1, "  ef-li { fileDescriptor : { linkPath '7F016F3E'H } },\n"
      "  ef-gid1 { fileDescriptor : { linkPath '7F016F05'H } },\n"), 3, PACKAGE, TCA("8.3.3"), NULL, "6F05" },
    { "content for a link", TEXT(LI,
      "  ef-li { fileDescriptor : { linkPath '2F05'H }, fillFileContent : '65'H },\n"), 3,
      7, "opt-usim", 6, "ef-li", TCA("8.3.2"), "65", "a link" },
    { "a file without its DF", TEXT("'850D5273706B6974204D6F62696C65'H\n  }", "'85'H\n  },\n  ef-img {"
      " fileDescriptor : { fileDescriptor '4221000A'H, efFileSize '0A'H } }"), 3, 5, "telecom", 4, "ef-img",
      TCA("8.3.1"), "AA", "5F50" },
    { "a file of a later template", TEXT("'00F1104000'H\n  }", "'00F1104000'H\n  },\n  ef-eaka { }"), 6, 7,
      "opt-usim", 6, "ef-eaka",
      TCA("9"), "BF", "later" },
    { "an element's template unknown", TEXT("{ mandated NULL, identification 9 },\n  templateID { 2 23 143 1 2 6 }",
      "{ mandated NULL, identification 9 },\n  templateID { 2 23 143 1 2 98 }"), 9, 10, "phonebook", 9, NULL,
      TCA("8.10"), "6781", "2.23.143.1.2.98" },
    { "an element that is not offered", TEXT(SD_END, NON_STANDARD("mandated NULL, ")), 1, 13, "nonStandard", 92, NULL,
      TCA("8.10"), NULL, "nonStandard" },
    /* generic file management */
    { "a path to nothing", TEXT(SD_END, GFM("filePath : '7F107F11'H")), 3, 13, "genericFileManagement", 90, NULL,
      TCA("8.3.5"), "7F107F11", "nothing" },
    { "a path of half a FID", TEXT(SD_END, GFM("filePath : '7F107F'H")), 3, 13, "genericFileManagement", 90, NULL,
      TCA("8.3.5"), "7F107F", "nothing" },
    { "content for the MF", TEXT(SD_END, GFM("fillFileContent : '00'H")), 3, 13, "genericFileManagement", 90, NULL,
      TCA("8.3.2"), "00", "a DF" },
    { "a file without a type", TEXT(SD_END, GFM("createFCP : { fileID '2F10'H, efFileSize '01'H }")), 3, 13,
      "genericFileManagement", 90, NULL, TCA("8.3.2"), "62", "none" },
    { "a file without an identifier", TEXT(SD_END, GFM("createFCP : { fileDescriptor '4121'H, efFileSize '01'H }")), 3,
      13, "genericFileManagement", 90, NULL, TCA("8.3.3"), "62", "none" },
    { "objects that are none", TEXT(SD_END, GFM("createFCP : { fileDescriptor '7921'H, fileID '2F10'H, efFileSize '04'H"
      " }, fillFileContent : '800501'H")), 3, PACKAGE, TCA("8.3.2"), NULL, "octet 0 of 2F10" },
    { "a file inside a link", TEXT(SD_END, GFM("createFCP : { fileDescriptor '7821'H, fileID '7F20'H, linkPath"
      " '7F10'H }, createFCP : { fileDescriptor '4121'H, fileID '6F10'H, efFileSize '01'H }")), 3, 13,
      "genericFileManagement", 90, NULL, TCA("8.3.3"), "62", "7F20" },
    /* keys */
    { "K of 15 octets", TEXT("key '00000000000000000000000000000000'H,\n    opc", "key"
      " '000000000000000000000000000000'H,\n    opc"), 3, 9, "akaParameter", 8, NULL, TCA("8.4.2"), "A1",
      "15 octets" },
    { "OPc of 15 octets", TEXT("opc '00000000000000000000000000000000'H", "opc '111111111111111111111111111111'H"),
      3, 9, "akaParameter", 8, NULL, TCA("8.4.2"), "A1", "15" },
    { "an algorithm of tomorrow", TEXT("algorithmID milenage", "algorithmID 4"), 10, 9, "akaParameter", 8, NULL,
      TCA("8.4.2"), "A1", "4" },
    { "a delta of 48 bits", TEXT("sqnOptions '0E'H", "sqnOptions '0E'H, sqnDelta '080000000000'H"), 3, 9,
      "akaParameter", 8, NULL, TCA("8.4.2"), "080000000000", "08" },
    { "a first number of 48 bits", TEXT("sqnOptions '0E'H", FIRST_NUMBERS), 3, 9, "akaParameter", 8, NULL,
      TCA("8.4.2"), "FF0000000000", "FF" },
    /* domains and applications */
    { "a key twice", TEXT("keyIdentifier '02'H", "keyIdentifier '01'H"), 3, 12, "securityDomain", 11, NULL,
      TCA("8.6.3"), "30", "version 01, identifier 01 again" },
    { "a component twice", TEXT("{ keyType '88'H, keyData '00000000000000000000000000000000'H }",
      "{ keyType '88'H, keyData '00000000000000000000000000000000'H }, { keyType '88'H, keyData"
      " '00000000000000000000000000000000'H }"), 3, 12, "securityDomain", 11, NULL, TCA("8.6.3"), "30", "one again" },
    { "RFM of a domain that is not there", TEXT("  tarList { 'B00010'H }", "  securityDomainAID 'A0000001510001'H,\n"
      "  tarList { 'B00010'H }"), 6, 13, "rfm", 12, NULL, TCA("8.8"), "A0000001510001", "another AID" },
    { "RFM of an ADF that is not there", TEXT("    adfAID 'A0000000871002FF49FFFF8901000000'H", "    adfAID"
      " 'A0000000871003FF49FFFF8901000000'H"), 6, 13, "rfm", 12, NULL, TCA("8.8"), "30", "another" },
    { "a mandated application", TEXT(SD_END, APPLICATION("mandated NULL, ")), 7, 13, "application", 91, NULL,
      TCA("8.10"), NULL, "an application" },
    { "toolkit parameters cut short", TEXT("'810280008201F08301F08701F0'H", "'810280008201F08301F08701F0'H,"
      " applicationParameters { uiccToolkitApplicationSpecificParametersField '0100000101'H }"), 6, 12,
      "securityDomain",
      11, NULL, TCA("8.7"), "0100000101", "5 octets" },
    { "keys of an NAA that is not there", TEXT(ALGORITHM, "mappingParameter : { mappingOptions 'FF'H, mappingSource"
      " 'A0000000871004'H }"), 3, 9, "akaParameter", 8, NULL, TCA("8.4.2"), "A0000000871004", "another" },
};

/* The octets at the fault's offset, in the element. */
static struct bytes part_of(const struct saip_package *p, const struct saip_fault *f, size_t n)
{
    return bytes_slice(f->element ? p->items[f->element - 1].raw : BYTES_NONE, f->offset, n);
}

static void check_fault(const struct saip_package *p, const struct saip_fault *f, const struct refusal *r)
{
    CHECK_EQ(f->status, r->status);
    CHECK_EQ(f->element, r->element);
    CHECK_TEXT(f->kind ? f->kind : "", r->kind ? r->kind : "");
    CHECK_EQ(f->identification, r->identification);
    CHECK_TEXT(f->member ? f->member : "", r->member ? r->member : "");
    CHECK_TEXT(f->clause, r->clause);
    CHECK(f->expected && *f->expected);
    if (r->found && !CHECK(strstr(f->found, r->found) != NULL))
        printf("# found: %s\n", f->found);
    if (r->part)
        CHECK_HEX(part_of(p, f, unhex(r->part).n), r->part);
    else
        CHECK_EQ(f->offset, 0);
}

TEST(refusals)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *r = &refusals[i];
        struct saip_image *image = arena_alloc(test_arena(), sizeof *image);
        struct saip_package p;
        struct saip_result result;
        test_row("%s", r->name);
        if (!sample(&r->change, &p))
            continue;
        CHECK_EQ(saip_install(test_arena(), &p, image, &result), -1);
        CHECK(result.aborted);
        CHECK_EQ(saip_result_status(&result), r->status);
        if (CHECK_EQ(result.n, 1))
            check_fault(&p, &result.faults[0], r);
    }
}

/* --------------------------------------------------------------------------------- warnings */

/* The same things where they are not mandated: the installation goes on. */
static const struct refusal warnings[] = {
    { "an element that is not offered", TEXT(SD_END, NON_STANDARD("")), 1, 13, "nonStandard", 92, NULL, TCA("8.10"),
      NULL, "nonStandard" },
    { "an element's template unknown", TEXT("{ mandated NULL, identification 9 },\n  templateID { 2 23 143 1 2 6 }",
      "{ identification 9 },\n  templateID { 2 23 143 1 2 98 }"), 9, 10, "phonebook", 9, NULL, TCA("8.10"), "6781",
      "2.23.143.1.2.98" },
    { "an application", TEXT(SD_END, APPLICATION("")), 7, 13, "application", 91, NULL, TCA("8.10"), NULL,
      "an application" },
};

TEST(warnings)
{
    for (size_t i = 0; i < sizeof warnings / sizeof *warnings; i++) {
        const struct refusal *r = &warnings[i];
        struct saip_image *image = arena_alloc(test_arena(), sizeof *image);
        struct saip_package p;
        struct saip_result result;
        test_row("%s", r->name);
        if (!sample(&r->change, &p))
            continue;
        CHECK_EQ(saip_install(test_arena(), &p, image, &result), 0);
        CHECK(!result.aborted);
        CHECK_EQ(saip_result_status(&result), SAIP_OK);
        if (CHECK_EQ(result.n, 1))
            check_fault(&p, &result.faults[0], r);
        CHECK(image->mf && saip_adf(image, unhex("A0000000871002")));
    }
}

/* ------------------------------------------------------------------------------ in the answer */

/* EUICCResponse, put together by hand from the type's definition. */
TEST(sima_response)
{
    static const struct {
        const char *name;
        struct change change;
        const char *answer;
    } rows[] = {
        { "nothing to say", TEXT(NULL, NULL), "3007 A005 3003 800100" },
        /* feature-not-supported, at the header; the message is "PE 1 header: an IoT minimal profile" */
        { "refused", TEXT(HEADER_END, HEADER_END ", iotOptions { pix '01020304050607'H }"),
          "3031 A008 3006 80010A 830100 8100 8223 50452031206865616465723A"
          "20616E20496F54206D696E696D616C2070726F66696C65" },
        /* pe-not-supported of the element with identification 92 (5C), and ok at the end */
        { "a warning", TEXT(SD_END, NON_STANDARD("")), "3012 A010 3009 800101 81015C 830100 3003 800100" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct saip_image *image = arena_alloc(test_arena(), sizeof *image);
        struct saip_package p;
        struct saip_result result;
        struct bytes der;
        struct err e;
        test_row("%s", rows[i].name);
        if (!sample(&rows[i].change, &p))
            continue;
        saip_install(test_arena(), &p, image, &result);
        if (CHECK_OK(saip_response(test_arena(), &result, &der, &e), &e))
            CHECK_HEX(der, rows[i].answer);
    }
}

TEST(in_words)
{
    const struct change change = TEXT("'0001'H", "'000102'H");
    struct saip_image *image = arena_alloc(test_arena(), sizeof *image);
    struct saip_package p;
    struct saip_result result;
    struct err e;
    if (!sample(&change, &p) || !CHECK_EQ(saip_install(test_arena(), &p, image, &result), -1))
        return;
    saip_fault_err(&result.faults[0], &e);
    CHECK_TEXT(e.what, "element 6 (usim, identification 5), ef-acc: content that ends with the file expected, 1 octets"
                       " behind its end found");
    CHECK_TEXT(e.clause, "TCA profile package 8.3.2");
    CHECK_TEXT(saip_status_name(result.faults[0].status), "bad-values");
}

/* ------------------------------------------------------------------------------------- kept */

static bool installed(const struct change *c, struct saip_image **image)
{
    struct saip_package p;
    struct saip_result result;
    struct err e = { 0 };
    *image = arena_alloc(test_arena(), sizeof **image);
    if (!sample(c, &p))
        return false;
    int failed = saip_install(test_arena(), &p, *image, &result);
    if (failed)
        saip_fault_err(&result.faults[result.n - 1], &e);
    return CHECK_OK(failed, &e);
}

/* Empty or absent: nothing either way. */
static void check_octets(struct bytes got, const char *want)
{
    if (*want)
        CHECK_HEX(got, want);
    else
        CHECK_EQ(got.n, 0);
}

TEST(domains_applications_rfm)
{
    static const struct change change = TEXT(SD_END, APPLICATION(""));
    static const struct {
        enum saip_module_kind kind;
        const char *aid, *load_package, *domain, *tars, *keys;
        unsigned level;
        size_t code;
    } rows[] = {
        { SAIP_DOMAIN, "A000000151000000", "A0000001515350", "", "", "0101 0102 0103", 0, 0 },
        { SAIP_APPLICATION, "", "A000000559AA", "", "", "", 0, 2 },
        { SAIP_APPLICATION, "A000000559AC", "A000000559AA", "", "B00111", "", 0x0A, 0 },
        { SAIP_RFM, "A00000055910100101", "", "", "B00010", "", 0x16, 0 },
    };
    struct saip_image *m;
    if (!installed(&change, &m) || !CHECK_EQ(m->n_modules, sizeof rows / sizeof *rows))
        return;
    for (size_t i = 0; i < m->n_modules; i++) {
        const struct saip_module *got = &m->modules[i];
        test_row("module %zu", i + 1);
        CHECK_EQ(got->kind, rows[i].kind);
        check_octets(got->aid, rows[i].aid);
        check_octets(got->load_package, rows[i].load_package);
        check_octets(got->domain, rows[i].domain);
        check_octets(got->tars, rows[i].tars);
        check_octets(got->key_versions, rows[i].keys);
        CHECK_EQ(got->security_level, rows[i].level);
        CHECK_EQ(got->code, rows[i].code);
    }
}

TEST(parameters_of_another_naa)
{
    static const struct {
        const char *name, *options;
        bool sequence, delta, age;
    } rows[] = {
        { "everything", "FF", true, true, true },
        { "the sequence number", "F8", true, false, false },
        { "the delta", "F4", false, true, false },
        { "the age limit", "F2", false, false, true },
        { "keys alone", "F0", false, false, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct change change = TEXT(SD_END, arena_printf(test_arena(),
            "value91 ProfileElement ::= genericFileManagement : { gfm-header { identification 90 }, fileManagementCMD"
            " { { createFCP : { fileDescriptor '7821'H, fileID '7F04'H, dfName 'A0000000871004FFFFFFFF'H,"
            " pinStatusTemplateDO '010A'H } } } }\n"
            "value92 ProfileElement ::= akaParameter : { aka-header { identification 93 }, algoConfiguration"
            " mappingParameter : { mappingOptions '%s'H, mappingSource 'A0000000871002'H },"
            " sqnDelta '000000000011'H, sqnAgeLimit '000000000022'H }\n" SD_END, rows[i].options));
        struct saip_image *m;
        test_row("%s", rows[i].name);
        if (!installed(&change, &m) || !CHECK_EQ(m->n_akas, 2))
            continue;
        const struct saip_aka *usim = &m->akas[0], *isim = &m->akas[1];
        CHECK(isim->adf == saip_adf(m, unhex("A0000000871004")));
        CHECK_EQ(isim->adf->naa, SAIP_ISIM);
        CHECK_EQ(memcmp(&isim->key, &usim->key, sizeof usim->key), 0);
        CHECK_EQ(usim->sequence, 0);
        CHECK_EQ(isim->sequence, rows[i].sequence ? 0 : 1);
        CHECK_HEX(BYTES_OF(isim->sqn_delta), rows[i].delta ? "000010000000" : "000000000011");
        CHECK_HEX(BYTES_OF(isim->sqn_age_limit), rows[i].age ? "000010000000" : "000000000022");
    }
}

/* CDMA parameters go to the latest ADF, whatever it is. */
TEST(cdma_parameters)
{
    static const struct change change = TEXT(SD_END, OTHER("cdmaParameter : { cdma-header { mandated NULL,"
        " identification 94 }, authenticationKey '0102030405060708'H, ssd '00112233445566778899AABBCCDDEEFF'H }"));
    struct saip_image *m;
    if (!installed(&change, &m) || !CHECK_EQ(m->n_cdmas, 1))
        return;
    CHECK(m->cdmas[0].adf == saip_adf(m, unhex("A0000000871002")));
    CHECK_HEX(m->cdmas[0].key, "0102030405060708");
    CHECK_HEX(m->cdmas[0].ssd, "00112233445566778899AABBCCDDEEFF");
    CHECK(!m->cdmas[0].hrpd.p && !m->cdmas[0].simple_ip.p && !m->cdmas[0].mobile_ip.p);
}

/* DF.TELECOM has the local PINs of the USIM: one value, one counter. */
TEST(shared_pins)
{
    static const struct change change = TEXT(SD_END,
        "value91 ProfileElement ::= genericFileManagement : { gfm-header { identification 90 }, fileManagementCMD"
        " { { createFCP : { fileDescriptor '7821'H, fileID '7F20'H, pinStatusTemplateDO '01810A'H },"
        " createFCP : { fileDescriptor '7821'H, fileID '5F10'H, pinStatusTemplateDO '81'H } } } }\n"
        "value92 ProfileElement ::= pinCodes : { pin-Header { identification 91 }, pinCodes filePath : '7F01'H }\n"
        SD_END);
    struct saip_image *m;
    if (!installed(&change, &m))
        return;
    const struct saip_file *usim = saip_adf(m, unhex("A0000000871002")), *df = saip_child(m->mf, 0x7F20);
    const struct saip_pin *pin2 = saip_pin_in(m, usim, 0x81);
    if (!CHECK(pin2 != NULL) || !CHECK(df != NULL))
        return;
    CHECK(pin2->context == usim);
    CHECK(saip_pin_in(m, df, 0x81) == pin2); /* the first DF of the element is the context */
    CHECK(saip_pin_in(m, saip_child(df, 0x5F10), 0x81) == pin2);
    CHECK(saip_pin_in(m, m->mf, 0x81) == NULL);
    CHECK(saip_pin_in(m, saip_child(m->mf, 0x7F10), 0x81) == NULL);
    CHECK(saip_pin_in(m, df, 0x01) == saip_pin_in(m, m->mf, 0x01) && saip_pin_in(m, df, 0x01));
    CHECK(saip_pin_in(m, df, 0x02) == NULL);
}

/* A profile without one template: MF, a file, an ADF. */
TEST(generic_file_management_alone)
{
    static const char text[] =
        "value1 ProfileElement ::= header : { major-version 2, minor-version 3, iccid '8949001000000000009F'H,"
        " eUICC-Mandatory-services { }, eUICC-Mandatory-GFSTEList { } }\n"
        "value2 ProfileElement ::= genericFileManagement : { gfm-header { mandated NULL, identification 1 },"
        " fileManagementCMD { { createFCP : { fileDescriptor '7821'H, fileID '3F00'H, pinStatusTemplateDO '0A'H },"
        " createFCP : { fileDescriptor '4121'H, fileID '2FE2'H, securityAttributesReferenced '2F0601'H,"
        " efFileSize '0A'H }, fillFileContent : '9894'H,"
        " createFCP : { fileDescriptor '7821'H, fileID '7F01'H, dfName 'A0000000871002FF'H,"
        " pinStatusTemplateDO '0A'H },"
        " createFCP : { fileDescriptor '42210003'H, fileID '6F07'H, efFileSize '06'H, shortEFID ''H },"
        " fillFileOffset : 1, fillFileContent : '01'H, fillFileOffset : 2, fillFileContent : '02'H } } }\n"
        "value3 ProfileElement ::= pinCodes : { pin-Header { identification 2 }, pinCodes pinconfig : {"
        " { keyReference adm1, pinValue '3838383838383838'H } } }\n"
        "value4 ProfileElement ::= end : { end-header { identification 3 } }\n";
    struct saip_image *m = arena_alloc(test_arena(), sizeof *m);
    struct saip_package p;
    struct saip_result r;
    struct err e = { 0 };
    if (!CHECK_OK(saip_parse(test_arena(), BYTES_LIT(text), &p, &e), &e))
        return;
    int failed = saip_install(test_arena(), &p, m, &r);
    if (failed)
        saip_fault_err(&r.faults[0], &e);
    if (!CHECK_OK(failed, &e))
        return;
    const struct saip_file *adf = saip_adf(m, unhex("A0000000871002")), *iccid = saip_child(m->mf, 0x2FE2);
    CHECK_EQ(m->mf->type, SAIP_MF);
    CHECK_EQ(m->n_pins, 1);
    CHECK(m->pins[0].context == m->mf); /* the first DF that the element made */
    if (CHECK(iccid != NULL) && CHECK_EQ(iccid->size, 10)) {
        CHECK_HEX(bytes_make(iccid->body, 10), "9894FFFFFFFFFFFFFFFF");
        CHECK_EQ(iccid->sfi, 0x02); /* the low five bits of its identifier */
    }
    if (!CHECK(adf != NULL))
        return;
    CHECK_EQ(adf->naa, SAIP_USIM);
    const struct saip_file *imsi = saip_child(adf, 0x6F07);
    if (CHECK(imsi != NULL) && CHECK_EQ(imsi->size, 6)) {
        CHECK_HEX(bytes_make(imsi->body, 6), "FF01FFFF02FF");
        CHECK_EQ(imsi->sfi, 0);
    }
}

/* Each service that the card lacks goes from EF.UST, and no other. */
TEST(services_cleared)
{
    static const struct change change = TEXT("'010A1D0420060000000010000000'H",
                                             "'FFFFFFFFFFFFFFFFFFFFFFFFFFFF'H");
    struct saip_image *m;
    if (!installed(&change, &m))
        return;
    const struct saip_file *ust = saip_child(saip_adf(m, unhex("A0000000871002")), 0x6F38);
    /* 64, 65, 68, 69, 75, 76 (TS 31.102 4.2.8): bit 8 of octet 8; 1, 4, 5 of octet 9; 3, 4 of octet 10 */
    CHECK_HEX(bytes_make(ust->body, ust->size), "FFFFFFFFFFFFFF 7F E6 F3 FFFFFFFF");
}

/* ------------------------------------------------------------------------------ documented */

static bool in_document(const char *line)
{
    static struct bytes text;
    static struct arena *of;
    if (of != test_arena()) {
        text = test_file(test_source("docs/conformance-profile.md"));
        of = test_arena();
    }
    return memmem(text.p, text.n, line, strlen(line)) != NULL;
}

/* docs/conformance-profile.md lists what there is and what there is not. */
TEST(documented)
{
    for (size_t i = 0; i < saip_services_count; i++) {
        const struct saip_service *s = &saip_services[i];
        test_row("service %s", s->name);
        CHECK(in_document(arena_printf(test_arena(), "| %s | %s%s |", s->name, s->lacking ? "no: " : "yes",
                                       s->lacking ? s->lacking : "")));
    }
    for (size_t i = 0; i < saip_cleared_count; i++) {
        const struct saip_cleared *c = &saip_cleared[i];
        const char *file = c->naa == SAIP_USIM ? "EF.UST" : "EF.IST";
        const char *name = saip_service_name(c->naa == SAIP_USIM ? SAIP_UST : SAIP_IST, c->service);
        test_row("service %u of %s", c->service, file);
        CHECK(in_document(arena_printf(test_arena(), "| %s | %u | %s | %s |", file, c->service, name, c->reason)));
    }
    for (size_t i = 0; i < saip_templates_count; i++) {
        const char *number = saip_templates[i].oid + strlen("2.23.143.1");
        test_row("template 2.23.143.1%s", number);
        CHECK(in_document(arena_printf(test_arena(), " %s,", number + 1)) ||
              in_document(arena_printf(test_arena(), " %s.\n", number + 1)));
    }
}
