/* SPDX-License-Identifier: Apache-2.0
 *
 * ES9+ in ASN.1 (SGP.22 6.6): the messages of whole sessions against the types of Annex H. */
#include "asn1/tlv.h"
#include "rsp/binding.h"
#include "rsp/refusal.h"
#include "world.h"

enum { MESSAGES_MAX = 32 };
static struct message {
    bool request;
    struct bytes der;
} messages[MESSAGES_MAX];
static int n_messages;

static void keep(bool request, struct bytes der)
{
    if (CHECK(n_messages < MESSAGES_MAX))
        messages[n_messages++] = (struct message){ request, arena_copy(test_arena(), der) };
}

static void keep_request(struct world *w, struct rsp_request *q)
{
    (void)w;
    CHECK_BYTES(q->path, BYTES_LIT("/gsma/rsp2/asn1"));
    CHECK_BYTES(q->content_type, BYTES_LIT("application/x-gsma-rsp-asn1"));
    keep(true, q->body);
}

static void keep_response(struct world *w, const struct rsp_request *q, struct rsp_response *r)
{
    (void)w;
    (void)q;
    if (r->status == 204)
        return;
    CHECK_TEXT(r->content_type, "application/x-gsma-rsp-asn1");
    keep(false, r->body);
}

/* A download, and one that the user refuses: all five functions. */
static bool record(struct world *w)
{
    struct activation_code code;
    struct lpa_download d;
    struct err e;
    n_messages = 0;
    if (!world_open(w, EC_P256, BYTES_NONE, false) || !world_order(w, NULL, NULL, &code))
        return false;
    w->lpa.asn1 = true;
    w->request = keep_request;
    w->response = keep_response;
    CHECK_EQ(world_download(w, &code, &d, &e), LPA_DONE);
    CHECK_TEXT(world_state(w), "Installed");
    w->answer = LPA_NO;
    return world_order(w, NULL, NULL, &code) && CHECK_EQ(world_download(w, &code, &d, &e), LPA_USER);
}

TEST(messages_are_those_of_annex_h)
{
    struct world w;
    bool seen[256] = { false };
    if (record(&w))
        for (int i = 0; i < n_messages; i++) {
            const struct asn1_type *type = messages[i].request ? &rsp_RemoteProfileProvisioningRequest_type
                                                               : &rsp_RemoteProfileProvisioningResponse_type;
            struct asn1_choice *value = arena_alloc(test_arena(), type->size);
            struct bytes again;
            struct err e;
            test_row("message %d", i + 1);
            CHECK_OK(asn1_decode(test_arena(), type, messages[i].der, ASN1_STRICT, value, &e), &e);
            seen[value->which + (messages[i].request ? 0 : 128)] = true;
            CHECK_OK(asn1_encode(test_arena(), type, value, &again, &e), &e);
            CHECK_BYTES(again, messages[i].der);
        }
    world_close(&w);
    test_row("every function was there");
    static const int wanted[] = { rsp_RemoteProfileProvisioningRequest_initiateAuthenticationRequest,
                                  rsp_RemoteProfileProvisioningRequest_authenticateClientRequest,
                                  rsp_RemoteProfileProvisioningRequest_getBoundProfilePackageRequest,
                                  rsp_RemoteProfileProvisioningRequest_cancelSessionRequestEs9,
                                  rsp_RemoteProfileProvisioningRequest_handleNotification,
                                  128 + rsp_RemoteProfileProvisioningResponse_initiateAuthenticationResponse,
                                  128 + rsp_RemoteProfileProvisioningResponse_authenticateClientResponseEs9,
                                  128 + rsp_RemoteProfileProvisioningResponse_getBoundProfilePackageResponse,
                                  128 + rsp_RemoteProfileProvisioningResponse_cancelSessionResponseEs9 };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        CHECK(seen[wanted[i]]);
}

/* Some encoders write the tag of a function twice (A2 { BF39 { BF39 .. }}). */
static struct bytes doubled(struct bytes message)
{
    struct buf twice = buf_in(test_arena()), out = buf_in(test_arena());
    struct tlv function = { .whole = tlv_find(message, 0xA2).value };
    struct cursor c = cursor_over(function.whole);
    tlv_add(&twice, tlv_peek(&c), function.whole);
    tlv_add(&out, 0xA2, buf_bytes(&twice));
    return buf_bytes(&out);
}

TEST(doubled_tags)
{
    struct world w;
    if (record(&w))
        for (int i = 0; i < n_messages; i++) {
            enum rsp_function once, twice;
            void *in;
            struct bytes same;
            struct err e;
            if (!messages[i].request)
                continue;
            test_row("message %d", i + 1);
            CHECK_OK(rsp_asn1_read_request(test_arena(), messages[i].der, &once, &in, &e), &e);
            CHECK_OK(rsp_asn1_read_request(test_arena(), doubled(messages[i].der), &twice, &in, &e), &e);
            CHECK_EQ(once, twice);
            CHECK_OK(rsp_asn1_write_request(test_arena(), twice, in, &same, &e), &e);
            CHECK_BYTES(same, messages[i].der);
        }
    world_close(&w);
}

static const struct {
    const char *name;
    enum rsp_function function;
    const char *tag;
} functions[] = { { "initiateAuthentication", ES9_INITIATE_AUTHENTICATION, "BF39" },
                  { "authenticateClient", ES9_AUTHENTICATE_CLIENT, "BF3B" },
                  { "getBoundProfilePackage", ES9_GET_BOUND_PROFILE_PACKAGE, "BF3A" },
                  { "cancelSession", ES9_CANCEL_SESSION, "BF41" },
                  { "es11.initiateAuthentication", ES11_INITIATE_AUTHENTICATION, "BF39" },
                  { "es11.authenticateClient", ES11_AUTHENTICATE_CLIENT, "BF40" } };

/* Both ways between a number and the pair of the JSON binding. */
static void number_row(const char *name, int number, const char *subject, const char *reason)
{
    size_t i = 0;
    while (strcmp(functions[i].name, name) != 0)
        i++;
    enum rsp_function f = functions[i].function;
    struct bytes der = unhex(arena_printf(test_arena(), "A206 %s 03 8101%02X", functions[i].tag, number)), written;
    const struct rsp_refusal *r = rsp_refusal_find(bytes_text(subject), bytes_text(reason));
    void *out = arena_alloc(test_arena(), rsp_functions[f].response_size + 1);
    struct rsp_status status;
    struct err e;
    CHECK_OK(rsp_asn1_read_response(test_arena(), f, der, &status, out, &e), &e);
    CHECK_EQ(status.executed, RSP_FAILED);
    CHECK_BYTES(status.subject, bytes_text(subject));
    CHECK_BYTES(status.reason, bytes_text(reason));
    if (!CHECK(r != NULL))
        return;
    for (int code = RSP_REFUSAL_FIRST + 1; code < RSP_REFUSAL_END; code++)
        if (rsp_refusal_of(code) == r) {
            struct err refusal = { .code = code };
            CHECK_OK(rsp_asn1_write_response(test_arena(), f, &refusal, NULL, &written, &e), &e);
            CHECK_BYTES(written, der);
        }
}

TEST(error_numbers)
{
    FILE *f = fopen(test_source("tests/vectors/es9-asn1-errors.txt"), "r");
    char line[200], name[32], subject[16], reason[16];
    int number, rows = 0;
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "%31s %d %15s %15s", name, &number, subject, reason) == 4 && name[0] != '#') {
            test_row("%s %d", name, number);
            number_row(name, number, subject, reason);
            rows++;
        }
    if (f)
        fclose(f);
    test_row("all rows were read");
    CHECK_EQ(rows, 33);
    test_row("a refusal without a number of its own");
    struct err refusal = { .code = RSP_ATTEMPTS_EXHAUSTED }, e;
    struct bytes written;
    CHECK_OK(rsp_asn1_write_response(test_arena(), ES9_AUTHENTICATE_CLIENT, &refusal, NULL, &written, &e), &e);
    CHECK_HEX(written, "A206 BF3B 03 81017F");
}

static const struct {
    const char *name, *hex, *words;
} bad[] = {
    { "nothing", "", "ends where an element should begin" },
    { "another outer tag", "A306BF3903800100", "does not begin with tag A2" },
    { "octets behind", "A206BF390380010000", "octets behind" },
    { "an unknown function", "A206BF3803800100", "tag BF38 is no function of ES9+" },
    { "a length beyond the end", "A210BF3903800100", "announces" },
    { "a member of another tag", "A206BF3903800100", "tag 80 stands where 81 should be" },
    { "a member that is missing", "A215BF39128110000102030405060708090A0B0C0D0E0F",
      "ends where an element should begin" },
    { "no function inside", "A200", "ends where an element should begin" },
};

TEST(bad_messages)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        enum rsp_function f;
        void *in;
        struct err e;
        test_row("%s", bad[i].name);
        CHECK_FAILS(rsp_asn1_read_request(test_arena(), unhex(bad[i].hex), &f, &in, &e), &e, ERR_SYNTAX, bad[i].words);
    }
}

/* The answer of an SM-DS, by hand from Annex H: automatic tags, so 80 and A1, and 80 and 81 in an entry. */
TEST(events_of_es11)
{
    static const struct {
        const char *name, *hex;
        size_t n;
    } rows[] = {
        { "no event", "A20A BF4007 A005 800107 A100", 0 },
        { "one event", "A215 BF4012 A010 800107 A10B 3009 80024531 8103612E62", 1 },
        { "two events", "A220 BF401D A01B 800107 A116 3009 80024531 8103612E62 3009 80024532 8103612E63", 2 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct es11_authenticate_client_done done = { 0 };
        struct rsp_RemoteProfileProvisioningResponse annex_h;
        struct rsp_status status;
        struct bytes der = unhex(rows[i].hex), again;
        struct err e;
        test_row("%s", rows[i].name);
        CHECK_OK(asn1_decode(test_arena(), &rsp_RemoteProfileProvisioningResponse_type, der, ASN1_STRICT, &annex_h, &e),
                 &e);
        CHECK_EQ(annex_h.which, rsp_RemoteProfileProvisioningResponse_authenticateClientResponseEs11);
        CHECK_OK(rsp_asn1_read_response(test_arena(), ES11_AUTHENTICATE_CLIENT, der, &status, &done, &e), &e);
        CHECK_HEX(done.transactionId, "07");
        CHECK_EQ((int64_t)done.eventEntries.n, (int64_t)rows[i].n);
        for (size_t k = 0; k < done.eventEntries.n && k < 2; k++) {
            CHECK_BYTES(done.eventEntries.items[k].eventId, k ? BYTES_LIT("E2") : BYTES_LIT("E1"));
            CHECK_BYTES(done.eventEntries.items[k].rspServerAddress, k ? BYTES_LIT("a.c") : BYTES_LIT("a.b"));
        }
        CHECK_OK(rsp_asn1_write_response(test_arena(), ES11_AUTHENTICATE_CLIENT, NULL, &done, &again, &e), &e);
        CHECK_BYTES(again, der);
    }
}

TEST(bad_events_of_es11)
{
    static const struct {
        const char *name, *hex, *words;
    } rows[] = {
        { "an entry of another tag", "A215 BF4012 A010 800107 A10B 3109 80024531 8103612E62",
          "tag 31 stands where an" },
        { "an entry cut short", "A215 BF4012 A010 800107 A10B 300A 80024531 8103612E62", "announces" },
        { "an entry without address", "A210 BF400D A00B 800107 A106 3004 80024531", "ends where an element" },
        { "an entry without event ID", "A211 BF400E A00C 800107 A107 3005 8103612E62", "tag 81 stands where 80" },
        { "no entries", "A208 BF4005 A003 800107", "ends where an element" },
        { "the answer of an SM-DP+", "A20A BF3B07 A005 800107 A100", "is one of another function" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct es11_authenticate_client_done done = { 0 };
        struct rsp_status status;
        struct err e;
        test_row("%s", rows[i].name);
        int read = rsp_asn1_read_response(test_arena(), ES11_AUTHENTICATE_CLIENT, unhex(rows[i].hex), &status, &done,
                                          &e);
        CHECK_FAILS(read, &e, ERR_SYNTAX, rows[i].words);
    }
}

/* What is not a request is told with HTTP 400 and a JSON body. */
TEST(bad_messages_over_http)
{
    struct world w;
    if (world_open(&w, EC_P256, BYTES_NONE, false)) {
        struct rsp_request q = { .path = BYTES_LIT(RSP_PATH_ASN1), .content_type = BYTES_LIT(RSP_TYPE_ASN1),
                                 .body = unhex("A206BF3803800100") };
        struct rsp_response r;
        test_row("an unknown function");
        smdp_handle(&w.smdp, test_arena(), &q, &r);
        CHECK_EQ(r.status, 400);
        CHECK_TEXT(r.content_type, RSP_TYPE_JSON);
        CHECK(strstr(arena_text(test_arena(), r.body), "tag BF38 is no function of ES9+") != NULL);
        test_row("JSON at the path of ASN.1");
        q.content_type = BYTES_LIT(RSP_TYPE_JSON);
        smdp_handle(&w.smdp, test_arena(), &q, &r);
        CHECK_EQ(r.status, 415);
        test_row("JSON that is none");
        q.path = BYTES_LIT("/gsma/rsp2/es9plus/initiateAuthentication");
        q.body = BYTES_LIT("{");
        smdp_handle(&w.smdp, test_arena(), &q, &r);
        CHECK_EQ(r.status, 400);
        CHECK_TEXT(r.content_type, RSP_TYPE_JSON);
        CHECK(r.body.n > 0);
    }
    world_close(&w);
}
