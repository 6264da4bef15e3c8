/* SPDX-License-Identifier: Apache-2.0
 *
 * ES10a, ES10b and ES10c by tables: each function with each of its result codes (tests/vectors/es10-functions.txt),
 * every command of a session behind every other (tests/vectors/es10-order.txt), STORE DATA with blocks of all kinds,
 * and what the card says about itself. */
#include "asn1/tlv.h"
#include "cardlab.h"
#include "crypto/crl_make.h"

enum { DAY = 86400, LINE_OCTETS = 400, COLUMNS = 6 };

#define FIRST "5A0A989400010000000000F9"
#define SECOND "5A0A989400010000010000F9"

static struct lab lab;
static struct server server;

/* ------------------------------------------------------------------------------- states */

/* One address for everything that happens to the profile. */
#define NOTIFIED "B618 3016 800204F0 8110 736D64702E6578616D706C652E636F6D"

static void install(const char *members, struct bytes upp)
{
    struct package p = { .metadata = package_metadata(members), .upp = upp };
    CHECK(package_install(&lab, lab_pki(0), &p));
}

static void fresh(void)
{
}

static void disabled(void)
{
    install(NOTIFIED, BYTES_NONE);
}

static void enabled(void)
{
    disabled();
    CHECK_TEXT(lab_say(&lab, "BF3111 A00C" FIRST "810100"), "BF3103800100");
    lab_select(&lab); /* the basic channel has got the profile's MF */
}

/* A profile with a rule, and another one. */
static void with_rule(const char *rules)
{
    struct package other = package_numbered(1);
    install(arena_printf(test_arena(), "B70B800300F110810452534B49 %s", rules),
            package_operator("465B5CE8B199B49FAA5F0A2EE238A6BC"));
    CHECK(package_install(&lab, lab_pki(0), &other));
}

static void rule_1(void)
{
    with_rule("99020640");
    CHECK_TEXT(lab_say(&lab, "BF3111 A00C" FIRST "810100"), "BF3103800100");
    lab_select(&lab);
}

static void rule_2(void)
{
    with_rule("99020520");
}

/* REFRESH was announced and not done yet. */
static void busy(void)
{
    struct package other = package_numbered(1);
    disabled();
    CHECK(package_install(&lab, lab_pki(0), &other));
    CHECK_TEXT(lab_say(&lab, "BF3111 A00C" FIRST "8101FF"), "BF3103800100");
}

static void write_fails(void)
{
    disabled();
    lab.fail = 1;
}

static void enabled_write_fails(void)
{
    enabled();
    lab.fail = 1;
}

static void challenge(void)
{
    CHECK_EQ(server_challenge(&server, &lab), 0);
}

static void authenticated(void)
{
    challenge();
    CHECK_EQ(server_authenticated(&server, &lab), 0);
}

static void ds_authenticated(void)
{
    server.auth = lab_pki(0)->of[CERT_DSAUTH];
    authenticated();
}

static void loading(void)
{
    struct package p = { 0 };
    struct bytes answer;
    CHECK(server_ready(&server, &lab));
    struct bpp_segments b = package_bind(&server, &p);
    for (size_t i = 0; i < 3; i++)
        CHECK_EQ(lab_es10(&lab, b.items[i].octets, &answer), 0x9000);
}

/* ----------------------------------------------------------------------------- commands */

static struct bytes crl_request(uint64_t number, uint64_t base, size_t n, enum crl_fault fault, const struct pki *pki)
{
    struct crl_entry entries[700];
    struct crl_plan plan = { .revoked = entries, .n = n, .number = number, .base_number = base, .delta = base != 0,
                             .this_update = lab_now(), .next_update = lab_now() + DAY,
                             .uri = "http://ci.example.com/CRL-A.crl", .fault = fault };
    struct buf q = buf_in(test_arena()), inner = buf_in(test_arena());
    struct bytes der = BYTES_NONE;
    struct err e;
    for (size_t i = 0; i < n; i++)
        entries[i] = (struct crl_entry){ .serial = unhex(arena_printf(test_arena(), "41%06X", (unsigned)i)),
                                         .date = lab_now(), .reason = CRL_REASON_NONE };
    CHECK_OK(crl_make(test_arena(), &plan, &pki->of[CERT_CI].cert, pki->of[CERT_CI].key, &der, &e), &e);
    struct cursor c = cursor_over(der);
    struct tlv list = { 0 };
    CHECK(tlv_next(&c, ASN1_WIRE, &list, NULL) == 0);
    tlv_add(&inner, 0xA0, list.value);
    tlv_add(&q, 0xBF35, buf_bytes(&inner));
    return buf_bytes(&q);
}

static void crl(void)
{
    struct bytes answer;
    CHECK_EQ(lab_es10(&lab, crl_request(2, 0, 1, CRL_FAULT_NONE, lab_pki(0)), &answer), 0x9000);
}

static struct bytes cancel(struct bytes transaction)
{
    struct buf q = buf_in(test_arena()), in = buf_in(test_arena());
    tlv_add(&in, 0x80, transaction);
    buf_add(&in, unhex("810100"));
    tlv_add(&q, 0xBF41, buf_bytes(&in));
    return buf_bytes(&q);
}

/* An identifier of a curve that nobody here has. */
static struct pki_entity curve_unknown(enum cert_role role)
{
    struct pki_entity x = lab_pki(0)->of[role];
    struct bytes oid = ec_curve_oid(EC_P256);
    x.der = arena_copy(test_arena(), x.der);
    uint8_t *at = memmem(x.der.p, x.der.n, oid.p, oid.n);
    if (CHECK(at != NULL))
        at[oid.n - 1]--;
    return x;
}

static struct bytes spoken(const char *word)
{
    bool is_auth = strncmp(word, "!authenticate", 13) == 0, is_prepare = strncmp(word, "!prepare", 8) == 0;
    const char *how = strchr(word, ':');
    how = how ? how + 1 : "";
#define HOW(name) (strstr(how, name) != NULL) /* several faults at once: the first check that fails counts */
    if (is_auth) {
        server.bad_signature1 = HOW("signature");
        server.bad_challenge = HOW("challenge");
        server.auth = HOW("certificate") ? lab_pki(0)->of[CERT_DPPB]
                      : HOW("curve")     ? curve_unknown(CERT_DPAUTH)
                      : HOW("foreign")   ? lab_pki(LAB_SECOND)->of[CERT_DPAUTH] : server.auth;
        server.ci = HOW("ci") ? lab_pki(LAB_SECOND)->of[CERT_CI].cert.ski : server.ci;
        return server_authenticate(&server);
    }
    if (is_prepare) {
        server.bad_signature2 = HOW("signature");
        server.bad_transaction = HOW("transaction");
        server.code_required = HOW("code-missing");
        server.pb = HOW("certificate") ? lab_pki(0)->of[CERT_DPAUTH]
                    : HOW("curve")     ? curve_unknown(CERT_DPPB) : server.pb;
        return server_prepare(&server);
    }
    if (strncmp(word, "!cancel", 7) == 0)
        return cancel(HOW("other") ? BYTES_LIT("another one") : server.transaction);
    return crl_request(HOW("old") ? 1 : 7, HOW("delta") ? 3 : 0, HOW("long") ? 700 : 1,
                       HOW("signature") ? CRL_FAULT_SIGNATURE
                       : HOW("format")  ? CRL_FAULT_POINT_MISSING
                                        : CRL_FAULT_NONE,
                       lab_pki(HOW("key") ? LAB_SECOND : LAB_P256));
#undef HOW
}

/* ---------------------------------------------------------------------------- functions */

static const struct {
    const char *name;
    void (*enter)(void);
} states[] = { { "fresh", fresh },     { "disabled", disabled },       { "enabled", enabled },
               { "rule-1", rule_1 },   { "rule-2", rule_2 },           { "busy", busy },
               { "write-fails", write_fails }, { "enabled-write-fails", enabled_write_fails },
               { "challenge", challenge },     { "authenticated", authenticated },
               { "ds-authenticated", ds_authenticated }, { "loading", loading }, { "crl", crl } };

static bool enter(const char *name)
{
    server = server_of(lab_pki(0));
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(states[i].name, name) == 0 && lab_open(&lab, 1)) {
            states[i].enter();
            return true;
        }
    return CHECK(false);
}

/* The code of a signed answer in digits, others in hex. */
static const char *said(const char *command, unsigned sw, struct bytes answer)
{
    if (sw >> 8 != 0x90 && sw >> 8 != 0x91)
        return arena_printf(test_arena(), "SW %04X", sw);
    if (strncmp(command, "!authenticate", 13) == 0)
        return arena_printf(test_arena(), "%d", (int)server_hear_authenticate(&server, answer));
    if (strncmp(command, "!prepare", 8) == 0)
        return arena_printf(test_arena(), "%d", (int)server_hear_prepare(&server, answer));
    return hex_encode(test_arena(), answer);
}

static const char *without_blanks(const char *text)
{
    struct buf out = buf_in(test_arena());
    for (; *text; text++)
        if (*text != ' ')
            buf_u8(&out, (uint8_t)*text);
    return buf_str(&out);
}

static void function_try(char *const column[COLUMNS])
{
    struct bytes answer = BYTES_NONE;
    test_row("%s %s %s: %s, %s", column[0], column[1], column[2], column[3], column[4]);
    if (enter(column[3])) {
        struct bytes command = column[4][0] == '!' ? spoken(column[4]) : unhex(column[4]);
        const char *got = said(column[4], lab_es10(&lab, command, &answer), answer);
        const char *want = without_blanks(column[5]);
        size_t n = strcspn(want, "*");
        if (want[n] == 0 || strncmp(got, want, n) != 0)
            CHECK_TEXT(got, want);
    }
    lab_close(&lab);
}

/* "a | b | c" into its parts; the last takes the rest. */
static int columns_cut(char *line, char *column[COLUMNS])
{
    int n = 0;
    for (char *at = line; at && n < COLUMNS; n++) {
        char *end = strstr(at, " | ");
        column[n] = at;
        if (end)
            *end = 0;
        at = end ? end + 3 : NULL;
    }
    return n;
}

/* Calls `each` for the rows of a table. */
static size_t table_read(const char *path, void (*each)(char *line))
{
    FILE *f = fopen(test_source(path), "r");
    char line[LINE_OCTETS];
    size_t n = 0;
    while (f && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = 0;
        if (line[0] == '#' || !line[0])
            continue;
        each(line);
        n++;
    }
    if (f)
        fclose(f);
    return n;
}

static void function_row(char *line)
{
    char *column[COLUMNS];
    int n = columns_cut(line, column);
    if (n == COLUMNS)
        function_try(column);
    else
        CHECK(n == 5 && strcmp(column[3], "-") == 0 && strlen(column[4]) > 10); /* a reason */
}

TEST(functions)
{
    CHECK_EQ((int64_t)table_read("tests/vectors/es10-functions.txt", function_row), 87);
}

/* Every code of the module has a row, every row's code is one of the module. */
static const struct {
    const char *function;
    const struct asn1_type *type; /* the codes are its own, or those of its member that is an INTEGER */
} codes[] = {
    { "AuthenticateServer", &rsp_AuthenticateErrorCode_type },
    { "PrepareDownload", &rsp_DownloadErrorCode_type },
    { "LoadCRL", &rsp_LoadCRLResponseError_type },
    { "GetProfilesInfo", &rsp_ProfileInfoListError_type },
    { "SetDefaultDpAddress", &rsp_SetDefaultDpAddressResponse_type },
    { "RemoveNotificationFromList", &rsp_NotificationSentResponse_type },
    { "EnableProfile", &rsp_EnableProfileResponse_type },
    { "DisableProfile", &rsp_DisableProfileResponse_type },
    { "DeleteProfile", &rsp_DeleteProfileResponse_type },
    { "eUICCMemoryReset", &rsp_EuiccMemoryResetResponse_type },
    { "SetNickname", &rsp_SetNicknameResponse_type },
    { "CancelSession", &rsp_CancelSessionResponse_type },
    { "ListNotification", &rsp_ListNotificationResponse_type },
    { "LpaeActivation", &rsp_LpaeActivationResponse_type },
    { "RetrieveNotificationsList", &rsp_RetrieveNotificationsListResponse_type },
};

static const char *wanted_function, *wanted_code, *wanted_name;
static bool found;

static void code_row(char *line)
{
    char *column[COLUMNS];
    columns_cut(line, column);
    found = found || (strcmp(column[0], wanted_function) == 0 && strcmp(column[1], wanted_code) == 0 &&
                      strcmp(column[2], wanted_name) == 0);
}

TEST(every_code)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        const struct asn1_type *type = codes[i].type;
        for (size_t f = 0; !type->n_names && f < codes[i].type->n_fields; f++)
            if (codes[i].type->fields[f].type->kind == ASN1_INTEGER)
                type = codes[i].type->fields[f].type;
        for (size_t k = 0; k < type->n_names; k++) {
            wanted_function = codes[i].function;
            wanted_code = arena_printf(test_arena(), "%d", (int)type->names[k].value);
            wanted_name = type->names[k].name;
            found = false;
            test_row("%s %s %s", wanted_function, wanted_code, wanted_name);
            table_read("tests/vectors/es10-functions.txt", code_row);
            CHECK(found);
        }
        test_row("%s has codes", codes[i].function);
        CHECK(type->n_names > 0);
    }
}

/* --------------------------------------------------------------------------------- order */

enum { CHALLENGE, AUTHENTICATE, PREPARE, INITIALISE, CONFIGURE, METADATA_HEAD, METADATA, KEYS, ELEMENTS_HEAD, ELEMENTS,
       CANCEL, RESET, INFO, COMMANDS };
enum { START = -1, DONE = COMMANDS };

static const char *const names[COMMANDS] = { "Challenge", "Authenticate", "Prepare", "BF36", "A0",    "A1",  "88",
                                             "A2",        "A3",           "86",      "Cancel", "Reset", "Info" };
static struct bpp_segments segments;
static bool bound;

/* The package for the session; before there is a key of the card's, for any key. */
static struct bytes segment(int i)
{
    if (!bound) {
        struct package p = { .ppk = true, .piece = package_small().n / 2 + 1 };
        struct server s = server;
        s.otpk = server.otpk.p ? server.otpk : lab_pki(0)->of[CERT_DPTLS].cert.point;
        segments = package_bind(&s, &p);
        CHECK_EQ((int64_t)segments.n, 8);
        bound = server.otpk.p != NULL;
    }
    return segments.items[i].octets;
}

static struct bytes command_of(int which, bool second_piece)
{
    switch (which) {
    case CHALLENGE:
        return unhex("BF2E00");
    case AUTHENTICATE:
        return server_authenticate(&server);
    case PREPARE:
        return server_prepare(&server);
    case CANCEL:
        return cancel(server.transaction);
    case RESET:
        return unhex("BF3404 82020520");
    case INFO:
        return unhex("BF2200");
    default:
        return segment(which - INITIALISE + (which == ELEMENTS && second_piece));
    }
}

static const char *code_of(int which, struct bytes answer)
{
    int64_t code = which == CHALLENGE      ? server_hear_challenge(&server, answer)
                   : which == AUTHENTICATE ? server_hear_authenticate(&server, answer)
                   : which == PREPARE      ? server_hear_prepare(&server, answer)
                   : which == CANCEL       ? (answer.n == 6 ? answer.p[5] : 0)
                   : which == RESET        ? answer.p[answer.n - 1]
                                           : 0;
    if (which >= INITIALISE && which <= ELEMENTS && answer.n) {
        struct result r = result_read(&server, answer);
        CHECK(r.right);
        return r.success ? "ok" : arena_printf(test_arena(), "%d/%d", (int)r.command, (int)r.reason);
    }
    return code ? arena_printf(test_arena(), "%d", (int)code) : "ok";
}

static const char *speak(int which, bool second_piece)
{
    struct bytes answer;
    unsigned sw = lab_es10(&lab, command_of(which, second_piece), &answer);
    return sw == 0x9000 ? code_of(which, answer) : arena_printf(test_arena(), "%04X", sw);
}

/* A session up to a command, all of it right. */
static void session_to(int last)
{
    int end = last == CANCEL || last == RESET ? PREPARE : last == DONE ? ELEMENTS : last;
    for (int i = CHALLENGE; i <= end; i++)
        CHECK_TEXT(speak(i, false), "ok");
    if (last == DONE)
        CHECK_TEXT(speak(ELEMENTS, true), "ok");
    if (last == CANCEL)
        CHECK_TEXT(speak(CANCEL, false), "ok");
    if (last == RESET)
        CHECK_TEXT(speak(RESET, false), "1");
}

static int state_of(const char *name)
{
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return strcmp(name, "Done") == 0 ? DONE : START;
}

static void order_row(char *line)
{
    char *save, *after = strtok_r(line, " ", &save);
    bool head = strcmp(after, "after") == 0;
    for (int i = 0; i < COMMANDS; i++) {
        const char *cell = strtok_r(NULL, " ", &save);
        test_row("%s after %s", names[i], after);
        if (!CHECK(cell != NULL))
            return;
        if (head) {
            CHECK_TEXT(cell, names[i]);
            continue;
        }
        server = server_of(lab_pki(0));
        bound = false;
        if (lab_open(&lab, 1)) {
            session_to(state_of(after));
            CHECK_TEXT(speak(i, state_of(after) == ELEMENTS), cell);
        }
        lab_close(&lab);
    }
}

TEST(order)
{
    CHECK_EQ((int64_t)table_read("tests/vectors/es10-order.txt", order_row), 15);
}

/* -------------------------------------------------------------------------------- blocks */

TEST(sizes)
{
    static const size_t sizes[] = { 1, 2, 3, 7, 16, 100, 120, 127, 128, 254, 255 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct package p = { .upp = package_operator("465B5CE8B199B49FAA5F0A2EE238A6BC"), .ppk = true };
        test_row("a download in blocks of %zu octets", sizes[i]);
        if (lab_open(&lab, 1)) {
            lab.block = sizes[i];
            CHECK(package_install(&lab, lab_pki(0), &p));
            CHECK_TEXT(lab_say(&lab, "BF2D12 A00C" FIRST "5C029F70"), "BF2D08A006E3049F700100");
        }
        lab_close(&lab);
    }
}

struct exchange {
    const char *name, *command;
    unsigned sw;
    const char *answer;
};

static unsigned exchange(const char *command, struct bytes *answer)
{
    struct bytes response;
    euicc_apdu(lab.card, test_arena(), unhex(command), &response);
    *answer = bytes_slice(response, 0, response.n - 2);
    return (unsigned)response.p[response.n - 2] << 8 | response.p[response.n - 1];
}

static void exchanges(const struct exchange *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct bytes answer;
        test_row("%s", rows[i].name);
        CHECK_EQ(exchange(rows[i].command, &answer), rows[i].sw);
        CHECK_HEX(answer, rows[i].answer);
    }
}
#define EXCHANGES(rows) exchanges(rows, sizeof rows / sizeof *rows)

#define EID "BF3E12 5A10 89049032000000000000000000000163"

TEST(blocks)
{
    static const struct exchange rows[] = {
        { "in one block", "80E2910006 BF3E035C015A 00", 0x9000, EID },
        { "in two", "80E2110003 BF3E03 00", 0x9000, "" },
        { "the second", "80E2910103 5C015A 00", 0x9000, EID },
        { "a first block", "80E2110003 BF3E03 00", 0x9000, "" },
        { "the first again: from the beginning", "80E2110003 BF3E03 00", 0x9000, "" },
        { "the second of that", "80E2910103 5C015A 00", 0x9000, EID },
        { "the first of three", "80E2110002 BF3E 00", 0x9000, "" },
        { "the second of three", "80E2110102 035C 00", 0x9000, "" },
        { "the second again", "80E2110102 035C 00", 0x6A86, "" },
        { "the third: nothing is there any more", "80E2910202 015A 00", 0x6A86, "" },
        { "the first of three, anew", "80E2110002 BF3E 00", 0x9000, "" },
        { "the third: one is missing", "80E2910202 015A 00", 0x6A86, "" },
        { "the second: nothing is there", "80E2110102 035C 00", 0x6A86, "" },
        { "a whole command", "80E2910006 BF3E035C015A 00", 0x9000, EID },
        { "more behind the last block", "80E2910101 00 00", 0x6A86, "" },
        { "a block that is not the first", "80E291FF01 00 00", 0x6A86, "" },
        { "a first block, before a wrong P1", "80E2110003 BF3E03 00", 0x9000, "" },
        { "the wrong P1", "80E2130103 5C015A 00", 0x6A86, "" },
        { "the second: nothing is there any more", "80E2910103 5C015A 00", 0x6A86, "" },
        { "empty, last", "80E29100 00", 0x6A80, "" },
        { "empty without Le", "80E29100", 0x6A80, "" },
        { "empty, more to come", "80E21100 00", 0x9000, "" },
        { "all of it in the second", "80E2910106 BF3E035C015A 00", 0x9000, EID },
        { "two commands in one", "80E2910009 BF3E035C015A BF2000 00", 0x6A80, "" },
        { "no TLV", "80E2910002 BF3E 00", 0x6A80, "" },
        { "an unknown tag", "80E2910003 BF7F00 00", 0x6A88, "" },
        { "an unknown tag that is cut", "80E2910003 BF7F01 00", 0x6A80, "" },
        { "Lc of more than there is", "80E2910007 BF3E035C015A", 0x6700, "" },
        { "a channel that is not open", "81E2910006 BF3E035C015A 00", 0x6881, "" },
    };
    static const struct exchange lengths[] = {
        { "without Le: the answer waits", "80E2910006 BF3E035C015A", 0x6115, "" },
        { "GET RESPONSE", "80C0000015", 0x9000, EID },
        { "GET RESPONSE twice", "80C0000015", 0x6985, "" },
        { "Le of 5: the rest waits", "80E2910006 BF3E035C015A 05", 0x6110, "BF3E12 5A10" },
        { "GET RESPONSE in class 0", "00C0000000", 0x9000, "89049032000000000000000000000163" },
        { "another command ends the waiting", "80E2910006 BF3E035C015A", 0x6115, "" },
        { "a block", "80E2110003 BF3E03", 0x9000, "" },
        { "no answer waits", "80C0000015", 0x6985, "" },
    };
    static const struct exchange channels[] = {
        { "a second channel", "0070000001", 0x9000, "01" },
        { "the ISD-R there", "01A4040010 A0000005591010FFFFFFFF8900000100", 0x6121, "" },
        { "a first block on channel 0", "80E2110003 BF3E03 00", 0x9000, "" },
        { "the second block on channel 1", "81E2910103 5C015A 00", 0x6A86, "" },
        { "the second block on channel 0: it is gone", "80E2910103 5C015A 00", 0x6A86, "" },
        { "a whole command on channel 1", "81E2910006 BF3E035C015A 00", 0x9000, EID },
    };
    if (lab_open(&lab, 1)) {
        EXCHANGES(rows);
        EXCHANGES(lengths);
        EXCHANGES(channels);
    }
    lab_close(&lab);
}

/* P1 has three values; all others are refused. */
TEST(p1)
{
    if (lab_open(&lab, 1))
        for (unsigned p1 = 0; p1 < 256; p1++) {
            struct bytes answer;
            bool more = p1 == 0x11, last = p1 == 0x91;
            test_row("%02X", p1);
            CHECK_EQ(exchange(arena_printf(test_arena(), "80E2%02X0003BF200000", p1), &answer),
                     more || last ? 0x9000 : 0x6A86);
            CHECK_EQ((int64_t)answer.n > 0, last);
        }
    lab_close(&lab);
}

/* Blocks without end: P2 goes round, and 64 KiB are the most that a command may have. */
TEST(many_blocks)
{
    struct bytes answer;
    size_t octets = 0;
    if (lab_open(&lab, 1))
        for (unsigned i = 0; octets + 255 <= 65536; i++, octets += 255) {
            struct buf c = buf_in(test_arena());
            buf_add(&c, unhex("80E211"));
            buf_u8(&c, i & 0xFF);
            buf_u8(&c, 255);
            buf_fill(&c, 0x5A, 255);
            CHECK_EQ(lab_apdu(&lab, buf_bytes(&c), &answer), 0x9000);
        }
    test_row("one too many");
    struct buf c = buf_in(test_arena());
    buf_add(&c, unhex("80E21101FF"));
    buf_fill(&c, 0x5A, 255);
    CHECK_EQ(lab_apdu(&lab, buf_bytes(&c), &answer), 0x6A84);
    test_row("and it is forgotten");
    CHECK_EQ(exchange("80E2910201 00", &answer), 0x6A86);
    CHECK_EQ(exchange("80E2910006 BF3E035C015A 00", &answer), 0x9000);
    lab_close(&lab);
}

/* Enable, Disable, Delete without response data (5.7.16 to 5.7.18). */
TEST(without_answer)
{
    static const struct {
        const char *name, *state, *data;
        unsigned sw;
    } rows[] = {
        { "EnableProfile", "disabled", "BF3111A00C" FIRST "810100", 0x9000 },
        { "EnableProfile with REFRESH", "disabled", "BF3111A00C" FIRST "8101FF", 0x910B },
        { "EnableProfile: not found", "fresh", "BF3111A00C" FIRST "810100", 0x6A82 },
        { "EnableProfile: not disabled", "enabled", "BF3111A00C" FIRST "810100", 0x6985 },
        { "EnableProfile: the other has PPR1", "rule-1", "BF3111A00C" SECOND "810100", 0x6985 },
        { "EnableProfile: REFRESH is waiting", "busy", "BF3111A00C" SECOND "810100", 0x9300 },
        { "DisableProfile", "enabled", "BF3211A00C" FIRST "810100", 0x9000 },
        { "DisableProfile with REFRESH", "enabled", "BF3211A00C" FIRST "8101FF", 0x910B },
        { "DisableProfile: not found", "fresh", "BF3211A00C" FIRST "810100", 0x6A82 },
        { "DisableProfile: not enabled", "disabled", "BF3211A00C" FIRST "810100", 0x6985 },
        { "DisableProfile: PPR1", "rule-1", "BF3211A00C" FIRST "810100", 0x6985 },
        { "DisableProfile: REFRESH is waiting", "busy", "BF3211A00C" FIRST "810100", 0x9300 },
        { "DeleteProfile", "disabled", "BF330C" FIRST, 0x9000 },
        { "DeleteProfile: not found", "fresh", "BF330C" FIRST, 0x6A82 },
        { "DeleteProfile: enabled", "enabled", "BF330C" FIRST, 0x6985 },
        { "DeleteProfile: PPR2", "rule-2", "BF330C" FIRST, 0x6985 },
        { "DeleteProfile: the write fails", "write-fails", "BF330C" FIRST, 0x6F00 },
        { "no command that can be read", "fresh", "BF330B" FIRST, 0x6A80 },
        { "another function", "fresh", "BF2000", 0x6A86 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        if (enter(rows[i].state)) {
            struct bytes answer;
            const char *command = arena_printf(test_arena(), "80E29000%02X%s", (unsigned)strlen(rows[i].data) / 2,
                                               rows[i].data);
            CHECK_EQ(exchange(command, &answer), rows[i].sw);
            CHECK_EQ((int64_t)answer.n, 0);
            CHECK_EQ(exchange("80C0000000", &answer), 0x6985);
        }
        lab_close(&lab);
    }
}

/* Each command cut off behind each octet. */
TEST(truncated)
{
    static const char *const commands[] = {
        "BF2000", "BF2200", "BF2E00", "BF4300", "BF3C00", "BF4204 80020780", "BF3F05 8003612E62",
        "BF2800", "BF2804 81020780",
        "BF2B05 A003 800100", "BF3003 800100", "BF4106 80010A 810100", "BF2D12 A00C" FIRST "5C029F70",
        "BF3111 A00C" FIRST "810100", "BF3211 A00C" FIRST "810100", "BF330C" FIRST, "BF3404 82020780", "BF3E03 5C015A",
        "BF290F" FIRST "900141",
    };
    server = server_of(lab_pki(0));
    if (!lab_open(&lab, 1))
        return;
    for (size_t i = 0; i < sizeof commands / sizeof *commands + 3; i++) {
        size_t own = sizeof commands / sizeof *commands;
        struct bytes whole = i < own      ? unhex(commands[i])
                             : i == own   ? server_authenticate(&server)
                             : i > own + 1 ? crl_request(1, 0, 1, CRL_FAULT_NONE, lab_pki(0))
                                          : server_prepare(&server);
        test_row("%02X%02X", whole.p[0], whole.p[1]);
        for (size_t n = 1; n < whole.n; n++) {
            struct bytes answer;
            CHECK_EQ(lab_es10(&lab, bytes_slice(whole, 0, n), &answer), 0x6A80);
            CHECK_EQ((int64_t)answer.n, 0);
        }
    }
    lab_close(&lab);
}

/* --------------------------------------------------------------------------- information */

static uint64_t memory_free(void)
{
    struct bytes info, free;
    CHECK_EQ(lab_es10(&lab, unhex("BF2200"), &info), 0x9000);
    struct cursor c = cursor_over(info);
    struct tlv outer = { 0 };
    CHECK(tlv_next(&c, ASN1_WIRE, &outer, NULL) == 0);
    free = tlv_find(tlv_find(outer.value, 0x84).value, 0x82).value;
    uint64_t n = 0;
    for (size_t i = 0; i < free.n; i++)
        n = n << 8 | free.p[i];
    return n;
}

static const char *info_part(uint32_t tag)
{
    struct bytes info;
    CHECK_EQ(lab_es10(&lab, unhex("BF2200"), &info), 0x9000);
    struct cursor c = cursor_over(info);
    struct tlv outer = { 0 };
    CHECK(tlv_next(&c, ASN1_WIRE, &outer, NULL) == 0);
    struct bytes whole = tlv_find(outer.value, tag).whole;
    return whole.p ? hex_encode(test_arena(), whole) : "-";
}

TEST(information)
{
    test_row("memory: less by an installation, as before by a deletion");
    if (lab_open(&lab, 1)) {
        uint64_t before = memory_free();
        disabled();
        uint64_t with = memory_free();
        CHECK(with < before && before - with >= package_small().n);
        CHECK_TEXT(lab_say(&lab, "BF330C" FIRST), "BF3303800100");
        CHECK_EQ((int64_t)memory_free(), (int64_t)before);
    }
    test_row("rspCapability: additionalProfile, crlSupport, testProfileSupport, deviceInfoExtensibilitySupport");
    CHECK_TEXT(info_part(0x88), "880203D8");
    test_row("additionalProfile until the card is full");
    for (int i = 1; i <= 16; i++) {
        struct package p = package_numbered(i);
        CHECK_TEXT(info_part(0x88), "880203D8");
        CHECK(package_install(&lab, lab_pki(0), &p));
    }
    CHECK_TEXT(info_part(0x88), "88020358");
    CHECK_TEXT(lab_say(&lab, "BF330C" SECOND), "BF3303800100");
    CHECK_TEXT(info_part(0x88), "880203D8");
    lab_close(&lab);
    test_row("forbidden rules: PPR1 once there is an operational profile");
    if (lab_open(&lab, 1)) {
        CHECK_TEXT(info_part(0x99), "-");
        install("950100", BYTES_NONE);
        CHECK_TEXT(info_part(0x99), "-");
        CHECK_TEXT(lab_say(&lab, "BF330C" FIRST), "BF3303800100");
        disabled();
        CHECK_TEXT(info_part(0x99), "99020640");
    }
    lab_close(&lab);
    test_row("no version of TS 102 241 without Java Card");
    if (lab_open(&lab, 1))
        CHECK_TEXT(info_part(0x86), "-");
    lab_close(&lab);
    for (int n = 1; n <= LAB_PKIS; n++) {
        struct buf list = buf_in(test_arena());
        test_row("lists of %d CIs, the preferred one first", n);
        for (int i = 0; i < n; i++)
            tlv_add(&list, 0x04, lab_pki(i)->of[CERT_CI].cert.ski);
        struct buf verify = buf_in(test_arena()), sign = buf_in(test_arena());
        tlv_add(&verify, 0xA9, buf_bytes(&list));
        tlv_add(&sign, 0xAA, buf_bytes(&list));
        if (lab_open(&lab, n)) {
            CHECK_TEXT(info_part(0xA9), hex_encode(test_arena(), buf_bytes(&verify)));
            CHECK_TEXT(info_part(0xAA), hex_encode(test_arena(), buf_bytes(&sign)));
            CHECK(strstr(lab_say(&lab, "BF2000"), hex_encode(test_arena(), buf_bytes(&sign))) != NULL);
        }
        lab_close(&lab);
    }
}
