/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "rsp/activation.h"
#include "rsp/bpp.h"
#include "rsp/explain.h"
#include "rsp/function.h"
#include "rsp/ids.h"
#include "rsp/refusal.h"

static const char *text(struct bytes b)
{
    return b.p ? arena_text(test_arena(), b) : NULL;
}

TEST(activation_codes)
{
    /* SGP.22 4.1, the five forms */
    static const struct {
        const char *code, *address, *matching_id, *oid;
        bool confirmation;
    } rows[] = {
        { "1$SMDP.GSMA.COM$04386-AGYFT-A74Y8-3F815", "SMDP.GSMA.COM", "04386-AGYFT-A74Y8-3F815", NULL, false },
        { "1$SMDP.GSMA.COM$04386-AGYFT-A74Y8-3F815$$1", "SMDP.GSMA.COM", "04386-AGYFT-A74Y8-3F815", NULL, true },
        { "1$SMDP.GSMA.COM$04386-AGYFT-A74Y8-3F815$1.3.6.1.4.1.31746$1", "SMDP.GSMA.COM",
          "04386-AGYFT-A74Y8-3F815", "1.3.6.1.4.1.31746", true },
        { "1$SMDP.GSMA.COM$04386-AGYFT-A74Y8-3F815$1.3.6.1.4.1.31746", "SMDP.GSMA.COM",
          "04386-AGYFT-A74Y8-3F815", "1.3.6.1.4.1.31746", false },
        { "1$SMDP.GSMA.COM$$1.3.6.1.4.1.31746", "SMDP.GSMA.COM", "", "1.3.6.1.4.1.31746", false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].code);
        struct activation_code c;
        struct err e;
        if (!CHECK_OK(activation_code_parse(bytes_text(rows[i].code), false, &c, &e), &e))
            continue;
        CHECK_TEXT(text(c.address), rows[i].address);
        CHECK_TEXT(text(c.matching_id), rows[i].matching_id);
        CHECK_TEXT(text(c.oid), rows[i].oid);
        CHECK_EQ(c.confirmation_code, rows[i].confirmation);
        CHECK_TEXT(activation_code_text(test_arena(), &c, false), rows[i].code);
        const char *qr = arena_printf(test_arena(), "LPA:%s", rows[i].code);
        CHECK_TEXT(activation_code_text(test_arena(), &c, true), qr);
        CHECK_OK(activation_code_parse(bytes_text(qr), false, &c, &e), &e);
    }
    struct activation_code c;
    struct err e;
    test_row("unknown further fields are ignored");
    CHECK_OK(activation_code_parse(BYTES_LIT("1$a.b$X$$1$future$more"), false, &c, &e), &e);
    CHECK(c.confirmation_code);
    test_row("a port in a laboratory");
    CHECK_OK(activation_code_parse(BYTES_LIT("1$a.b:8443$X"), true, &c, &e), &e);
}

TEST(activation_codes_refused)
{
    static const struct { const char *code, *why; } rows[] = {
        { "", "begin with \"1$\"" },
        { "2$smdp.example.com$X", "begin with \"1$\"" },
        { "LPA:1.example.com-X", "single quotes" },
        { "1$smdp.example.com", "single quotes" },
        { "1$localhost$X", "host name" },
        { "1$smdp..com$X", "host name" },
        { "1$-smdp.com$X", "host name" },
        { "1$smdp.example.com:443$X", "host name" },
        { "1$smdp.example.com$A B", "not printable" },
        { "1$smdp.example.com$X$not-an-oid", "object identifier" },
        { "1$smdp.example.com$X$$yes", "neither empty" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("\"%s\"", rows[i].code);
        struct activation_code c;
        struct err e;
        CHECK_FAILS(activation_code_parse(bytes_text(rows[i].code), false, &c, &e), &e, ERR_SYNTAX, rows[i].why);
        CHECK_TEXT(e.clause, "SGP.22 4.1");
    }
    test_row("256 characters");
    char longest[257];
    memset(longest, 'A', 256);
    longest[256] = '\0';
    memcpy(longest, "1$a.b$", 6);
    struct activation_code c;
    struct err e;
    CHECK_FAILS(activation_code_parse(bytes_text(longest), false, &c, &e), &e, ERR_SYNTAX, "255");
    longest[255] = '\0';
    CHECK_OK(activation_code_parse(bytes_text(longest), false, &c, &e), &e);
}

TEST(eids)
{
    /* Two EIDs of the field, and one wrong digit. */
    static const struct { const char *eid; bool valid; } rows[] = {
        { "89049032123451234512345678901235", true },
        { "89882119900000000000000000001654", true },
        { "89049032123451234512345678901236", false },
        { "89049032123451234512345678911235", false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].eid);
        struct bytes eid;
        struct err e;
        CHECK_OK(eid_from_text(test_arena(), bytes_text(rows[i].eid), &eid, &e), &e);
        CHECK_EQ(eid_valid(eid), rows[i].valid);
        CHECK_TEXT(eid_text(test_arena(), eid), rows[i].eid);
    }
    test_row("check digits are made");
    char made[33];
    eid_complete("890490321234512345123456789012", made);
    CHECK_TEXT(made, "89049032123451234512345678901235");
    static const char *const bad[] = { "", "8904", "8904903212345123451234567890123F",
                                       "890490321234512345123456789012355" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        test_row("refused \"%s\"", bad[i]);
        struct bytes eid;
        struct err e;
        CHECK_FAILS(eid_from_text(test_arena(), bytes_text(bad[i]), &eid, &e), &e, ERR_VALUE, "32 digits");
    }
}

TEST(iccids)
{
    /* mission.md: ICCID 89019990001234567893 of the header is 98109909002143658739 in EF.ICCID */
    static const struct { const char *text, *octets, *back; } rows[] = {
        { "89019990001234567893", "98109909002143658739", "89019990001234567893" },
        { "8901999000123456789", "981099090021436587F9", "8901999000123456789" },
        { "8901999000123456789F", "981099090021436587F9", "8901999000123456789" },
        { "8901999000123456789f", "981099090021436587F9", "8901999000123456789" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].text);
        struct bytes iccid;
        struct err e;
        if (!CHECK_OK(iccid_from_text(test_arena(), bytes_text(rows[i].text), &iccid, &e), &e))
            continue;
        CHECK_HEX(iccid, rows[i].octets);
        CHECK_TEXT(iccid_text(test_arena(), iccid), rows[i].back);
    }
    static const char *const bad[] = { "", "890199900012345678", "890199900012345678930", "8901999000123456789A" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        test_row("refused \"%s\"", bad[i]);
        struct bytes iccid;
        struct err e;
        CHECK_FAILS(iccid_from_text(test_arena(), bytes_text(bad[i]), &iccid, &e), &e, ERR_VALUE, "19 or 20");
    }
}

TEST(plmns)
{
    /* TS 24.008 10.5.1.13; 246-81 is the example of SGP.22 */
    static const struct { const char *text, *octets; } rows[] = {
        { "24681", "42F618" }, { "00101", "00F110" }, { "310410", "130014" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].text);
        struct bytes plmn;
        struct err e;
        if (CHECK_OK(plmn_from_text(test_arena(), bytes_text(rows[i].text), &plmn, &e), &e))
            CHECK_HEX(plmn, rows[i].octets);
        CHECK_TEXT(plmn_text(test_arena(), plmn), rows[i].text);
    }
}

/* Transcribed from SGP.22 v2.5 5.3, 5.6, 5.8, 5.9 (also spec/es9-es2-es11-es12-es15.md
 * section 4), one row a refusal. */
TEST(status_codes)
{
    static const struct { int code; const char *subject, *reason; } rows[] = {
        { RSP_PROFILE_UNKNOWN, "8.2.1", "3.9" },    { RSP_PROFILE_NOT_YOURS, "8.2.1", "1.2" },
        { RSP_PROFILE_IN_USE, "8.2.1", "3.3" },     { RSP_PROFILE_STATE, "8.2.1", "3.5" },
        { RSP_PROFILE_EID, "8.2.1", "3.10" },       { RSP_TYPE_UNKNOWN, "8.2.5", "3.9" },
        { RSP_TYPE_NOT_YOURS, "8.2.5", "1.2" },     { RSP_TYPE_EMPTY, "8.2.5", "3.7" },
        { RSP_TYPE_OTHER, "8.2.5", "3.8" },         { RSP_MATCHING_ID_USED, "8.2.6", "3.3" },
        { RSP_EID_MISSING, "8.1.1", "2.2" },        { RSP_EID_CHANGED, "8.1.1", "3.10" },
        { RSP_SMDS_UNREACHABLE, "8.9", "5.1" },     { RSP_SMDS_FAILED, "8.9", "4.2" },
        { RSP_MATCHING_ID_OTHER, "8.2.6", "3.10" }, { RSP_ADDRESS, "8.8.1", "3.8" },
        { RSP_CI_NOT_SUPPORTED, "8.8.2", "3.1" },   { RSP_SVN_NOT_SUPPORTED, "8.8.3", "3.1" },
        { RSP_NO_CERTIFICATE, "8.8.4", "3.7" },     { RSP_TRANSACTION, "8.10.1", "3.9" },
        { RSP_CI_UNKNOWN, "8.11.1", "3.9" },        { RSP_EUM_INVALID, "8.1.2", "6.1" },
        { RSP_EUM_EXPIRED, "8.1.2", "6.3" },        { RSP_EUICC_INVALID, "8.1.3", "6.1" },
        { RSP_EUICC_EXPIRED, "8.1.3", "6.3" },      { RSP_EUICC_SIGNATURE, "8.1", "6.1" },
        { RSP_MATCHING_ID, "8.2.6", "3.8" },        { RSP_EID_OTHER, "8.1.1", "3.8" },
        { RSP_NOT_RELEASED, "8.2", "1.2" },         { RSP_NOT_ELIGIBLE, "8.2.5", "4.3" },
        { RSP_CARD_MEMORY, "8.1", "4.8" },          { RSP_ORDER_EXPIRED, "8.8.5", "4.10" },
        { RSP_ATTEMPTS_EXHAUSTED, "8.8.5", "6.4" }, { RSP_CC_MISSING, "8.2.7", "2.2" },
        { RSP_CC_WRONG, "8.2.7", "3.8" },           { RSP_CC_EXHAUSTED, "8.2.7", "6.4" },
        { RSP_REBINDING, "8.2", "3.7" },            { RSP_CALLER_OID, "8.8", "3.10" },
        { RSP_EVENT_EXISTS, "8.9.5", "3.3" },       { RSP_EVENT_UNKNOWN, "8.9.5", "3.9" },
        { RSP_SMDS_ADDRESS, "8.9.1", "3.8" },       { RSP_SMDS_CI_NOT_SUPPORTED, "8.9.2", "3.1" },
        { RSP_SMDS_SVN_NOT_SUPPORTED, "8.9.3", "3.1" }, { RSP_SMDS_NO_CERTIFICATE, "8.9.4", "3.7" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct rsp_refusal *r = rsp_refusal_of(rows[i].code);
        test_row("%s", r->name);
        CHECK_TEXT(r->subject, rows[i].subject);
        CHECK_TEXT(r->reason, rows[i].reason);
        CHECK(rsp_refusal_find(bytes_text(rows[i].subject), bytes_text(rows[i].reason)) == r);
        struct err e;
        rsp_refuse(&e, rows[i].code, "clause");
        struct rsp_status s = rsp_status_of(&e);
        CHECK_EQ(s.executed, RSP_FAILED);
        CHECK_TEXT(text(s.subject), rows[i].subject);
        CHECK_TEXT(text(s.message), r->what);
    }
    test_row("what is no refusal is told without its inside");
    struct err e;
    err_set(&e, ERR_IO, NULL, "disk /dev/sda is full");
    struct rsp_status s = rsp_status_of(&e);
    CHECK_TEXT(text(s.subject), "1.6");
    CHECK(strstr(text(s.message), "sda") == NULL);
}

TEST(json_requests)
{
    struct err e;
    struct es9_initiate_authentication r;
    test_row("the field names of SGP.22 6.5.2.6");
    CHECK_OK(rsp_read_request(test_arena(), ES9_INITIATE_AUTHENTICATION,
                              BYTES_LIT("{\"euiccChallenge\":\"AQIDBAUGBwgJCgsMDQ4PEA==\",\"future\":[1,{}],"
                                        "\"euiccInfo1\":\"vyAA\",\"smdpAddress\":\"smdp.example.com\"}"),
                              NULL, &r, &e), &e);
    CHECK_HEX(r.euiccChallenge, "0102030405060708090A0B0C0D0E0F10");
    CHECK_HEX(r.euiccInfo1, "BF2000");
    CHECK_TEXT(text(r.smdpAddress), "smdp.example.com");

    static const struct { const char *body; int code; const char *why;
    } rows[] = {
        { "", ERR_SYNTAX, "not a JSON object" },
        { "[]", ERR_SYNTAX, "not a JSON object" },
        { "{", ERR_SYNTAX, "ends too early" },
        { "{}x", ERR_SYNTAX, "not a JSON object" },
        { "{'euiccChallenge':1}", ERR_SYNTAX, "not a JSON object" },
        { "{\"a\":[[[[[[[[[[[[[[1]]]]]]]]]]]]]]}", ERR_SYNTAX, "not a JSON object" },
        { "{\"a\":\"\xFF\"}", ERR_SYNTAX, "not a JSON object" },
        { "{\"euiccChallenge\":\"AQI=\"}", RSP_FIELD_MISSING, "euiccInfo1" },
        { "{\"euiccChallenge\":null}", RSP_FIELD_MISSING, "euiccChallenge" },
        { "{\"euiccChallenge\":7}", RSP_BAD_FORMAT, "not a string" },
        { "{\"euiccChallenge\":\"A\"}", RSP_BAD_FORMAT, "multiple of 4" },
        { "{\"euiccChallenge\":\"AQ==\",\"euiccInfo1\":\"vyAA\",\"smdpAddress\":\"a\\u0000b\"}", RSP_BAD_FORMAT,
          "NUL" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("refused %s", rows[i].body);
        CHECK_FAILS(rsp_read_request(test_arena(), ES9_INITIATE_AUTHENTICATION, bytes_text(rows[i].body), NULL, &r,
                                     &e), &e, rows[i].code, rows[i].why);
    }
}

/* Written text against the schemas of SGP.22 6.5.2, by hand. */
TEST(json_written)
{
    struct bytes body;
    struct err e;
    test_row("ES2+ request with its header");
    struct rsp_header h = { BYTES_LIT("operator"), BYTES_LIT("call \"7\"\n") };
    struct es2_confirm_order c = { .iccid = unhex("98109909002143658739"), .matchingId = BYTES_LIT(""),
                                   .releaseFlag = true };
    CHECK_OK(rsp_write_request(test_arena(), ES2_CONFIRM_ORDER, &h, &c, &body, &e), &e);
    CHECK_TEXT(text(body), "{\"header\":{\"functionRequesterIdentifier\":\"operator\",\"functionCallIdentifier\":"
                           "\"call \\\"7\\\"\\u000A\"},\"iccid\":\"89019990001234567893\",\"matchingId\":\"\","
                           "\"releaseFlag\":true}");
    struct es2_confirm_order back;
    struct rsp_header head;
    CHECK_OK(rsp_read_request(test_arena(), ES2_CONFIRM_ORDER, body, &head, &back, &e), &e);
    CHECK(back.matchingId.p && back.matchingId.n == 0 && !back.eid.p && back.releaseFlag);
    CHECK_TEXT(text(head.functionCallIdentifier), "call \"7\"\n");

    test_row("success");
    struct es9_get_bound_profile_package_done g = { unhex("0ABC"), unhex("BF3600") };
    struct rsp_status ok = { .executed = RSP_SUCCESS };
    CHECK_OK(rsp_write_response(test_arena(), ES9_GET_BOUND_PROFILE_PACKAGE, &ok, &g, &body, &e), &e);
    CHECK_TEXT(text(body), "{\"header\":{\"functionExecutionStatus\":{\"status\":\"Executed-Success\"}},"
                           "\"transactionId\":\"0ABC\",\"boundProfilePackage\":\"vzYA\"}");

    test_row("failure has no body fields, and codes are not cut (3.10)");
    rsp_refuse(&e, RSP_MATCHING_ID_OTHER, NULL);
    struct rsp_status failed = rsp_status_of(&e);
    CHECK_OK(rsp_write_response(test_arena(), ES2_CANCEL_ORDER, &failed, NULL, &body, &e), &e);
    CHECK_TEXT(text(body), "{\"header\":{\"functionExecutionStatus\":{\"status\":\"Failed\",\"statusCodeData\":"
                           "{\"subjectCode\":\"8.2.6\",\"reasonCode\":\"3.10\",\"message\":"
                           "\"the matching ID is not the one of the order\"}}}}");
    struct rsp_status read;
    CHECK_OK(rsp_read_response(test_arena(), ES2_CANCEL_ORDER, body, &read, NULL, &e), &e);
    CHECK_EQ(read.executed, RSP_FAILED);
    CHECK_TEXT(text(read.reason), "3.10");

    test_row("spellings of SGP.22 Annex I are read");
    struct es9_initiate_authentication_done done;
    CHECK_OK(
        rsp_read_response(test_arena(), ES9_INITIATE_AUTHENTICATION,
                          BYTES_LIT("{\"header\":{\"functionExecutionStatus\":{\"status\":\"Executed-Success\"}},"
                                    "\"transactionId\":\"0a\",\"serverSigned1\":\"MAA=\",\"serverSignature1\":\"MAA=\","
                                    "\"euiccCiPKIdTobeUsed\":\"BAA=\",\"serverCertificate\":\"MAA=\"}"),
                          &read, &done, &e),
        &e);
    CHECK_HEX(done.euiccCiPKIdToBeUsed, "0400");
    CHECK_HEX(done.transactionId, "0A");
}

TEST(function_paths)
{
    /* SGP.22 6.5.2 */
    static const struct { const char *path; int function; } rows[] = {
        { "/gsma/rsp2/es2plus/downloadOrder", ES2_DOWNLOAD_ORDER },
        { "/gsma/rsp2/es2plus/confirmOrder", ES2_CONFIRM_ORDER },
        { "/gsma/rsp2/es2plus/cancelOrder", ES2_CANCEL_ORDER },
        { "/gsma/rsp2/es2plus/releaseProfile", ES2_RELEASE_PROFILE },
        { "/gsma/rsp2/es2plus/handleDownloadProgressInfo", ES2_HANDLE_DOWNLOAD_PROGRESS_INFO },
        { "/gsma/rsp2/es9plus/initiateAuthentication", ES9_INITIATE_AUTHENTICATION },
        { "/gsma/rsp2/es9plus/authenticateClient", ES9_AUTHENTICATE_CLIENT },
        { "/gsma/rsp2/es9plus/getBoundProfilePackage", ES9_GET_BOUND_PROFILE_PACKAGE },
        { "/gsma/rsp2/es9plus/handleNotification", ES9_HANDLE_NOTIFICATION },
        { "/gsma/rsp2/es9plus/cancelSession", ES9_CANCEL_SESSION },
        { "/gsma/rsp2/es12/registerEvent", ES12_REGISTER_EVENT },
        { "/gsma/rsp2/es12/deleteEvent", ES12_DELETE_EVENT },
        { "/gsma/rsp2/es9plus/initiateauthentication", -1 },
        { "/", -1 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].path);
        CHECK_EQ(rsp_function_at(bytes_text(rows[i].path)), rows[i].function);
    }
}

TEST(bpp_is_cut)
{
    /* SGP.22 2.5.5: a BPP of two '88' and two '86', with PPK; segments by hand. */
    struct bpp_segments cut;
    struct err e;
    static const char *const want[] = { "BF3625BF2300", "A0038701AA", "A106", "8801B1", "8801B2", "A2038701CC",
                                        "A30E", "8601D1", "8609D20102030405060708" };
    struct bytes bpp =
        unhex("BF3625 BF2300 A0038701AA A106 8801B1 8801B2 A2038701CC A30E 8601D1 8609D20102030405060708");
    test_row("with PPK");
    if (CHECK_OK(bpp_cut(test_arena(), bpp, &cut, &e), &e) && CHECK_EQ((int64_t)cut.n, 9))
        for (size_t i = 0; i < cut.n; i++)
            CHECK_HEX(cut.items[i].octets, want[i]);
    static const struct { const char *name, *bpp, *why; } rows[] = {
        { "other tag", "BF3700", "not a BoundProfilePackage" },
        { "trailing", "BF360000", "not a BoundProfilePackage" },
        { "without BF23", "BF3605 A0038701AA", "BF23 is expected" },
        { "without A1", "BF360B BF2300 A0038701AA A38601D1", "" },
        { "A0 empty", "BF3605 BF2300 A000", "is empty" },
        { "wrong inside", "BF3608 BF2300 A0038801AA", "87 is expected" },
        { "cut in the middle", "BF3608 BF2300 A0048701AA", "announces" },
        { "more behind", "BF3614 BF2300 A0038701AA A1038801B1 A3038601D1 0400", "is expected" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        CHECK_EQ(bpp_cut(test_arena(), unhex(rows[i].bpp), &cut, &e), -1);
        if (!strstr(e.what, rows[i].why))
            CHECK_TEXT(e.what, rows[i].why);
    }
}

TEST(explained)
{
    static const struct { const char *name; enum rsp_function f; bool answer; const char *body, *want; } rows[] = {
        { "JSON of ES2+", ES2_CONFIRM_ORDER, false,
          "{\"header\":{\"functionRequesterIdentifier\":\"a\"},\"confirmationCode\":\"1234\",\"releaseFlag\":true}",
          "{\n  header {\n    functionRequesterIdentifier \"a\"\n  },\n  confirmationCode -- not shown --,\n"
          "  releaseFlag TRUE\n}\n" },
        { "ES9+ as the ASN.1 binding's value", ES9_CANCEL_SESSION, false,
          "{\"transactionId\":\"0A0B\",\"cancelSessionResponse\":\"v0EDgQEF\"}",
          "cancelSessionRequestEs9 : {\n  transactionId '0A0B'H,\n"
          "  cancelSessionResponse cancelSessionResponseError : invalidTransactionId\n}\n" },
        { "events of ES11 as the ASN.1 binding's value", ES11_AUTHENTICATE_CLIENT, true,
          "{\"header\":{\"functionExecutionStatus\":{\"status\":\"Executed-Success\"}},\"transactionId\":\"0A0B\","
          "\"eventEntries\":[{\"eventId\":\"E-1\",\"rspServerAddress\":\"a.b\"}]}",
          "authenticateClientResponseEs11 : authenticateClientOk : {\n  transactionId '0A0B'H,\n  eventEntries {\n"
          "    {\n      eventId \"E-1\",\n      rspServerAddress \"a.b\"\n    }\n  }\n}\n" },
        { "a refusal with its codes", ES9_CANCEL_SESSION, true,
          "{\"header\":{\"functionExecutionStatus\":{\"status\":\"Failed\",\"statusCodeData\":"
          "{\"subjectCode\":\"8.10.1\",\"reasonCode\":\"3.9\"}}}}",
          "{\n  header {\n    functionExecutionStatus {\n      status \"Failed\",\n      statusCodeData {\n"
          "        subjectCode \"8.10.1\",\n        reasonCode \"3.9\"\n      }\n    }\n  }\n}\n" },
        { "no JSON", ES9_CANCEL_SESSION, false, "<html>\x1B[2J", "<html>?[2J\n" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        struct buf out = buf_in(test_arena());
        explain_json(&out, rows[i].f, rows[i].answer, bytes_text(rows[i].body), 100);
        CHECK_TEXT(buf_str(&out), rows[i].want);
    }
    test_row("a head within 50 columns");
    struct buf head = buf_in(test_arena());
    explain_head(&head, "LPA", "eUICC", "ES10c.GetEID", true, 50);
    CHECK_TEXT(buf_str(&head), "== LPA -> eUICC  ES10c.GetEID\n"
                               "-- protects: the EID is in the card's certificate\n"
                               "--           as well: it cannot be claimed by\n"
                               "--           another\n");
    for (int f = ES2_DOWNLOAD_ORDER; f <= ES11_AUTHENTICATE_CLIENT; f++) {
        test_row("a lesson for both directions of %s", rsp_functions[f].name);
        CHECK(explain_lesson(rsp_functions[f].name, false) && explain_lesson(rsp_functions[f].name, true));
    }
    test_row("octets that do not decode");
    struct buf odd = buf_in(test_arena());
    explain_der(&odd, &rsp_GetEuiccInfo1Request_type, unhex("0500"), 100);
    CHECK_TEXT(buf_str(&odd), "'0500'H\n");
}
