/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/tlv.h"
#include "harness.h"
#include "schema/rsp.h"
#include "schema/saip.h"
#include "schema/x509.h"

/* Decodes, and encodes again to the same octets. */
static void strict_round(const struct asn1_type *type, struct bytes der)
{
    void *value = arena_alloc(test_arena(), type->size);
    struct bytes again = BYTES_NONE;
    struct err e;
    if (!CHECK_OK(asn1_decode(test_arena(), type, der, ASN1_STRICT, value, &e), &e))
        return;
    if (CHECK_OK(asn1_encode(test_arena(), type, value, &again, &e), &e))
        CHECK_BYTES(again, der);
}

TEST(canonical_values)
{
    /* Hand-made from SGP.22 Annex H and X.690. */
    static const struct {
        const char *name;
        const struct asn1_type *type;
        const char *der;
    } rows[] = {
        { "GetEuiccInfo1Request", &rsp_GetEuiccInfo1Request_type, "BF2000" },
        { "GetEuiccDataRequest", &rsp_GetEuiccDataRequest_type, "BF3E035C015A" },
        { "ListNotificationRequest", &rsp_ListNotificationRequest_type, "BF2804 81020640" },
        { "EnableProfileRequest by ICCID", &rsp_EnableProfileRequest_type,
          "BF3111 A00C5A0A98109909002143658739 8101FF" },
        { "EnableProfileRequest by AID", &rsp_EnableProfileRequest_type,
          "BF3117 A0124F10A0000005591010FFFFFFFF8900001000 810100" },
        { "DeleteProfileRequest", &rsp_DeleteProfileRequest_type, "BF330C 5A0A98109909002143658739" },
        { "ProfileInfoListResponse empty", &rsp_ProfileInfoListResponse_type, "BF2D02A000" },
        { "ProfileInfoListResponse error", &rsp_ProfileInfoListResponse_type, "BF2D03810101" },
        { "AuthenticateServerResponse error", &rsp_AuthenticateServerResponse_type,
          "BF3808 A106 800101 020102" },
        { "PrepareDownloadResponse error", &rsp_PrepareDownloadResponse_type, "BF2108 A106 800101 02017F" },
        { "CancelSessionResponse error", &rsp_CancelSessionResponse_type, "BF4103810105" },
        { "NotificationMetadata", &rsp_NotificationMetadata_type,
          "BF2F1A 80020080 81020780 0C0461622E63 5A0A98109909002143658739" },
        { "SmdpSigned2", &rsp_SmdpSigned2_type, "3006 800101 0101FF" },
        { "algoConfiguration: alternative A1 inside member A1", &saip_PE_AKAParameter_type,
          "3033 A003810102 A12C A12A 800101 810100 8210 00000000000000000000000000000000"
          "8310 00000000000000000000000000000000" },
        { "GeneralName directoryName", &x509_GeneralName_type, "A411 300F310D300B0603550403 0C0454657374" },
        { "BasicConstraints default", &x509_BasicConstraints_type, "3000" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        strict_round(rows[i].type, unhex(rows[i].der));
    }
}

TEST(refused)
{
    static const struct {
        const char *name;
        const struct asn1_type *type;
        const char *der, *why, *where;
        bool wire_takes;
    } rows[] = {
        { "trailing octet", &rsp_GetEuiccInfo1Request_type, "BF200000", "1 octets follow", "byte 3", false },
        { "truncated", &rsp_GetEuiccDataRequest_type, "BF3E035C01", "announces 3 octets and only 2",
          "byte 3", false },
        { "long length", &rsp_GetEuiccInfo1Request_type, "BF208100", "more octets than needed",
          "byte 4", true },
        { "long length, padded", &rsp_GetEuiccInfo1Request_type, "BF20820000", "more octets",
          "byte 5", true },
        { "indefinite length", &rsp_GetEuiccInfo1Request_type, "BF20800000", "indefinite", "byte 3", false },
        { "length of 5 octets", &rsp_GetEuiccInfo1Request_type, "BF20850100000000", "32 bits", "", false },
        { "long form of a small tag", &rsp_GetEuiccInfo1Request_type, "BF0500", "tag that is not",
          "byte", false },
        { "tag with a leading 80", &rsp_GetEuiccInfo1Request_type, "BF802000", "tag that is not",
          "byte", false },
        { "other tag", &rsp_GetEuiccInfo1Request_type, "BF2200", "does not begin a GetEuiccInfo1Request",
          "byte 0", false },
        { "unknown element", &rsp_GetEuiccInfo1Request_type, "BF2003810100", "unknown here", "byte 3", true },
        { "BOOLEAN 01", &rsp_SmdpSigned2_type, "3006800101010101", "TRUE is FF",
          "ccRequiredFlag, byte 5", true },
        { "BOOLEAN of 2", &rsp_SmdpSigned2_type, "300780010101020000", "one octet", "ccRequiredFlag", false },
        { "padded INTEGER", &rsp_NotificationSentRequest_type, "BF300480020001", "more octets than",
          "seqNumber", true },
        { "empty INTEGER", &rsp_NotificationSentRequest_type, "BF30028000", "without content",
          "seqNumber", false },
        { "INTEGER of 65 bits", &rsp_NotificationSentRequest_type, "BF300B8009010000000000000000", "64 bits",
          "", false },
        { "INTEGER out of range", &saip_PEHeader_type, "3004 8102 8000", "outside 0..32767",
          "identification", false },
        { "mandatory member missing", &rsp_SmdpSigned2_type, "30030101FF",
          "transactionId (tag 80) is missing", "byte 2", false },
        { "member out of order", &rsp_SmdpSigned2_type, "30060101FF800101", "transactionId (tag 80)",
          "", false },
        { "octets too short", &rsp_GetEuiccDataRequest_type, "BF3E025C00", "size of 0, it must be 1",
          "tagList", false },
        { "octets too long", &rsp_SmdpSigned2_type, "30168011000102030405060708090A0B0C0D0E0F100101FF",
          "1 to 16", "transactionId", false },
        { "named bits end in zero", &rsp_ListNotificationRequest_type, "BF28048102 0480", "X", "", true },
        { "unused bits set", &rsp_ListNotificationRequest_type, "BF28048102 07FF", "unused bits", "", true },
        { "8 unused bits", &rsp_ListNotificationRequest_type, "BF28048102 0800", "unused bits", "", false },
        { "DEFAULT stated", &saip_PUKConfiguration_type, "3011800101810831313131313131318202 00AA",
          "left out", "maxNumOf", true },
        { "not UTF-8", &rsp_SetDefaultDpAddressRequest_type, "BF3F038001FF", "not UTF-8",
          "defaultDpAddress", false },
        { "NUL in UTF-8", &rsp_SetDefaultDpAddressRequest_type, "BF3F03800100", "not UTF-8", "", false },
        { "33 characters", &rsp_UpdateMetadataRequest_type,
          "BF2A239121 616161616161616161616161616161616161616161616161616161616161616161", "0 to 32",
          "serviceProviderName", false },
        { "unknown alternative", &rsp_CancelSessionResponse_type, "BF4103820105", "none of the alternatives",
          "", false },
        { "choice with two", &rsp_CancelSessionResponse_type, "BF4106810105810105", "more than one",
          "", false },
        { "choice with none", &rsp_CancelSessionResponse_type, "BF4100", "ends where", "", false },
        { "NULL with content", &saip_PEHeader_type, "3006 800100 810101", "NULL has no content",
          "mandated", false },
        { "OID with leading 80", &x509_PolicyInformation_type, "3005 0603 558001", "object identifier",
          "policyIdentifier", false },
        { "SET OF out of order", &x509_RelativeDistinguishedName_type,
          "3118 300A06035504030C03626262 300A06035504030C03616161", "out of order", "", true },
        { "optional octets that are empty", &rsp_EUICCSigned2_type, "3009 800101 5F490104 0400",
          "size of 0, it must be 32", "hashCc", true },
        { "mandatory octets that are empty", &rsp_EUICCSigned2_type, "3006 8000 5F490104", "1 to 16", "transactionId",
          false },
        { "empty input", &rsp_GetEuiccInfo1Request_type, "", "ends where an element", "", false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        void *value = arena_alloc(test_arena(), rows[i].type->size);
        struct bytes der = unhex(rows[i].der);
        struct err e = { 0 };
        if (strcmp(rows[i].why, "X") != 0) {
            CHECK(asn1_decode(test_arena(), rows[i].type, der, ASN1_STRICT, value, &e) == -1);
            if (!strstr(e.what, rows[i].why) || !strstr(e.where, rows[i].where))
                CHECK_TEXT(err_text(&e, (char[500]){ 0 }, 500), rows[i].why);
        }
        CHECK_EQ(asn1_decode(test_arena(), rows[i].type, der, ASN1_WIRE, value, &e), rows[i].wire_takes ? 0 : -1);
    }
}

/* Odd forms taken in WIRE mode become canonical, and mean the same. */
TEST(wire_becomes_canonical)
{
    static const struct { const char *name; const struct asn1_type *type; const char *odd, *der; } rows[] = {
        { "length", &rsp_GetEuiccInfo1Request_type, "BF20820000", "BF2000" },
        { "BOOLEAN", &rsp_SmdpSigned2_type, "3006800101010101", "30068001010101FF" },
        { "INTEGER", &rsp_NotificationSentRequest_type, "BF300480020001", "BF3003800101" },
        { "named bits of 4", &rsp_ListNotificationRequest_type, "BF2804810204F0", "BF2804810204F0" },
        { "named bits with zeros", &rsp_ListNotificationRequest_type, "BF280481020480", "BF280481020780" },
        { "unknown element", &rsp_NotificationSentRequest_type, "BF30068001018501FF", "BF3003800101" },
        { "empty optional octets", &rsp_EUICCSigned2_type, "3009 800101 5F490104 0400", "3007 800101 5F490104" },
        { "DEFAULT", &rsp_StoreMetadataRequest_type, "BF2513 5A0A98109909002143658739 9100 9200 950102",
          "BF2510 5A0A98109909002143658739 9100 9200" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        void *value = arena_alloc(test_arena(), rows[i].type->size);
        struct bytes der;
        struct err e;
        if (CHECK_OK(asn1_decode(test_arena(), rows[i].type, unhex(rows[i].odd), ASN1_WIRE, value, &e), &e) &&
            CHECK_OK(asn1_encode(test_arena(), rows[i].type, value, &der, &e), &e))
            CHECK_HEX(der, rows[i].der);
    }
}

TEST(integers)
{
    /* X.690 8.3: seqNumber above 7F takes a leading zero (a bug seen elsewhere: read as negative). */
    static const struct { int64_t value; const char *der; } rows[] = {
        { 0, "BF3003800100" }, { 127, "BF300380017F" }, { 128, "BF300480020080" }, { 255, "BF3004800200FF" },
        { 256, "BF300480020100" }, { 32767, "BF300480027FFF" }, { 32768, "BF30058003008000" },
        { -1, "BF30038001FF" }, { -128, "BF3003800180" }, { -129, "BF30048002FF7F" },
        { INT64_MAX, "BF300A80087FFFFFFFFFFFFFFF" }, { INT64_MIN + 1, "BF300A80088000000000000001" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%lld", (long long)rows[i].value);
        struct rsp_NotificationSentRequest r = { .seqNumber = rows[i].value };
        struct bytes der;
        struct err e;
        if (CHECK_OK(asn1_encode(test_arena(), &rsp_NotificationSentRequest_type, &r, &der, &e), &e))
            CHECK_HEX(der, rows[i].der);
        if (CHECK_OK(asn1_decode(test_arena(), &rsp_NotificationSentRequest_type, der, ASN1_STRICT, &r, &e), &e))
            CHECK_EQ(r.seqNumber, rows[i].value);
    }
}

TEST(oids)
{
    static const struct { const char *text, *hex; } rows[] = {
        { "2.23.146.1.2.1.4", "67811201020104" }, { "1.2.840.10045.3.1.7", "2A8648CE3D030107" },
        { "2.999.10", "88370A" }, { "2.23.143.1.2.1", "67810F010201" }, { "0.39", "27" }, { "2.0", "50" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].text);
        struct bytes oid;
        struct err e;
        CHECK_TEXT(asn1_oid_text(test_arena(), unhex(rows[i].hex)), rows[i].text);
        if (CHECK_OK(asn1_oid_parse(test_arena(), bytes_text(rows[i].text), &oid, &e), &e))
            CHECK_HEX(oid, rows[i].hex);
    }
    static const char *const bad[] = { "", "2", "2.", "3.1", "1.40", "2..1", "2.x", "2.4294967296" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        test_row("refused \"%s\"", bad[i]);
        struct bytes oid;
        struct err e;
        CHECK_EQ(asn1_oid_parse(test_arena(), bytes_text(bad[i]), &oid, &e), -1);
    }
}

/* Received octets pass through unchanged, whatever their form. */
TEST(forwarded)
{
    struct bytes sig = unhex("AA");
    struct rsp_PrepareDownloadRequest r = { .smdpSignature2 = sig, .smdpCertificate = unhex("3000") };
    struct bytes out;
    struct err e;
    CHECK_OK(asn1_decode(test_arena(), &rsp_SmdpSigned2_type, unhex("3007 800101 01810101"), ASN1_WIRE,
                         &r.smdpSigned2, &e), &e);
    CHECK_OK(asn1_forward(test_arena(), &rsp_PrepareDownloadRequest_type, &r, &out, &e), &e);
    CHECK_HEX(out, "BF210F 300780010101810101 5F3701AA 3000");
    CHECK_OK(asn1_encode(test_arena(), &rsp_PrepareDownloadRequest_type, &r, &out, &e), &e);
    CHECK_HEX(out, "BF210E 30068001010101FF 5F3701AA 3000");

    struct rsp_HandleNotification n = { 0 };
    CHECK_OK(asn1_decode(test_arena(), &rsp_PendingNotification_type, unhex("3014 BF2F0A 800101 81020780 0C0161"
                         "5F3700 3000 3000"), ASN1_WIRE, &n.pendingNotification, &e), &e);
    CHECK_OK(asn1_forward(test_arena(), &rsp_HandleNotification_type, &n, &out, &e), &e);
    CHECK_HEX(out, "BF3D18 A016 3014 BF2F0A 800101 81020780 0C0161 5F3700 3000 3000");
}

/* For a terminal: lines end in time, and what folds still reads as the same value. */
static const char *printed(const struct asn1_type *type, struct bytes der, const struct asn1_style *style, bool same)
{
    void *value = arena_alloc(test_arena(), type->size), *parsed = arena_alloc(test_arena(), type->size);
    struct buf out = buf_in(test_arena());
    struct bytes again = BYTES_NONE;
    struct err e;
    size_t at = 0;
    if (!CHECK_OK(asn1_decode(test_arena(), type, der, ASN1_STRICT, value, &e), &e))
        return "";
    asn1_print(&out, type, value, style, 1);
    if (CHECK_OK(asn1_parse(test_arena(), type, buf_bytes(&out), &at, parsed, &e), &e) &&
        CHECK_OK(asn1_encode(test_arena(), type, parsed, &again, &e), &e))
        CHECK_EQ(bytes_equal(again, der), same);
    return buf_str(&out);
}

static const char *note_of_five(struct arena *a, struct bytes value)
{
    return value.n == 5 ? arena_printf(a, "5 octets of which\x1B this tells too much") : NULL;
}

TEST(printed_for_a_terminal)
{
    static const struct asn1_style narrow = { .width = 40, .note = note_of_five };
    test_row("octets, bits and a note within 40 columns");
    CHECK_TEXT(printed(&rsp_OtherSignedNotification_type,
                       unhex("302D BF2F0C 800101 810204F0 0C03612E62"
                             "5F3714 00112233445566778899AABBCCDDEEFF00112233 3003020101 3000"), &narrow, true),
               "{\n"
               "    tbsOtherNotification {\n"
               "      seqNumber 1,\n"
               "      profileManagementOperation {\n"
               "        notificationInstall,\n"
               "        notificationEnable,\n"
               "        notificationDisable,\n"
               "        notificationDelete },\n"
               "      notificationAddress \"a.b\"\n"
               "    },\n"
               "    euiccNotificationSignature\n"
               "      '0011223344556677\n"
               "       8899AABBCCDDEEFF\n"
               "       00112233'H,\n"
               "    euiccCertificate\n"
               "      -- 5 octets of which? this tells t\n"
               "      '3003020101'H,\n"
               "    eumCertificate '3000'H\n"
               "  }");
    struct bytes escape = unhex("BF3F07 8005 61 1B5B4A 62");
    test_row("a text cannot command the terminal");
    CHECK_TEXT(printed(&rsp_SetDefaultDpAddressRequest_type, escape, &narrow, false),
               "{\n    defaultDpAddress \"a?[Jb\"\n  }");
    test_row("without a width it stays as it is");
    CHECK_TEXT(printed(&rsp_SetDefaultDpAddressRequest_type, escape, NULL, true),
               "{\n    defaultDpAddress \"a\x1B[Jb\"\n  }");
}

static const char *const packages[] = { "nobertlv", "nobertlv_noramrfm", "bertlv_suci", "bertlv_suci_noramrfm" };

TEST(profile_packages_round)
{
    for (size_t i = 0; i < 4; i++) {
        test_row("%s", packages[i]);
        const char *path = test_data(arena_printf(test_arena(), "ts48-v7/%s.der", packages[i]));
        struct bytes der = test_file(path);
        if (!path) {
            test_skip("no test data ts48-v7");
            continue;
        }
        struct cursor c = cursor_over(der);
        struct buf again = buf_in(test_arena());
        struct err e;
        while (!cursor_done(&c)) {
            struct saip_ProfileElement pe;
            struct bytes out;
            if (!CHECK_OK(asn1_decode_next(test_arena(), &saip_ProfileElement_type, &c, ASN1_STRICT, &pe, &e), &e) ||
                !CHECK_OK(asn1_encode(test_arena(), &saip_ProfileElement_type, &pe, &out, &e), &e))
                break;
            buf_add(&again, out);
        }
        CHECK_BYTES(buf_bytes(&again), der);
    }
}

TEST(memory_limit)
{
    struct arena *small = arena_new(600);
    struct buf items = buf_in(test_arena()), list = buf_in(test_arena()), whole = buf_in(test_arena());
    for (int i = 0; i < 50; i++)
        buf_add(&items, unhex("3000"));
    tlv_add(&list, 0xA0, buf_bytes(&items));
    tlv_add(&whole, 0xBF2B, buf_bytes(&list));
    struct rsp_RetrieveNotificationsListResponse r;
    struct err e;
    CHECK_FAILS(asn1_decode(small, &rsp_RetrieveNotificationsListResponse_type, buf_bytes(&whole), ASN1_WIRE, &r, &e),
                &e, ERR_MEMORY, "memory");
    arena_free(small);
}
