/* SPDX-License-Identifier: Apache-2.0
 *
 * What operators are told of their orders, and how it reaches them (SGP.22 5.3.5). */
#include <stdlib.h>

#include "peers.h"
#include "rsp/ids.h"
#include "saip/suits.h"

#define OPERATOR BYTES_LIT("Rspkit Mobile")
#define SAMPLE BYTES_LIT("sample")
#define EVENT_TIME "2026-05-28T20:26:40Z" /* date -u -d @1780000000 */

enum { ALL_POINTS = 0x1E, DAY = 86400 };

static struct world world;
static struct activation_code code;

static void points(int64_t wanted)
{
    steps_set(&world, KIND_OPERATOR, OPERATOR, OPERATOR_POINTS, wanted);
}

static bool prepare(int64_t wanted)
{
    if (!world_open(&world, EC_P256, BYTES_NONE, false))
        return false;
    steps_set_text(&world, KIND_OPERATOR, OPERATOR, OPERATOR_URL, "https://operator.example.com/rsp/");
    points(wanted);
    peers_begin(&world);
    return true;
}

static bool order(const char *confirmation_code)
{
    return world_order(&world, confirmation_code, NULL, &code);
}

/* ---------------------------------------------------------------------------- the events */

/* Each makes one event happen, the last thing that it does. */
static void eligible(int64_t n)
{
    (void)n;
    if (order(NULL))
        steps_to(&world, &code, STEP_AUTHENTICATED);
}

/* The type's needs, changed: 0: a service that no card has, 1: more memory than any. */
static void unsuitable(int64_t n)
{
    struct store_record type = steps_record(&world, KIND_TYPE, SAMPLE);
    struct store_batch b = store_batch_in(test_arena());
    struct saip_needs needs;
    struct err e;
    CHECK_OK(saip_needs_decode(type.v[TYPE_NEEDS].b, &needs, &e), &e);
    if (n)
        needs.nvm = UINT32_MAX;
    else
        needs.major = 77;
    type.v[TYPE_NEEDS].b = saip_needs_encode(test_arena(), &needs);
    store_put(&b, KIND_TYPE, &type);
    CHECK_EQ(store_commit(world.smdp.service.store, &b, NULL, &e), STORE_COMMITTED);
    eligible(0);
}

static void too_often(int64_t n)
{
    (void)n;
    if (!order(NULL))
        return;
    steps_set(&world, KIND_PROFILE, steps_iccid(), PROFILE_DOWNLOADS, 50);
    steps_to(&world, &code, STEP_AUTHENTICATED);
}

/* Wrong codes, n times. */
static void wrong_code(int64_t n)
{
    if (!order("1234"))
        return;
    world.code = n ? "4321" : NULL;
    for (int64_t i = 0; i < n || i < 1; i++)
        steps_to(&world, &code, STEP_BOUND);
}

/* n-th delivery. */
static struct said deliver(int64_t n)
{
    struct said s = { 0 };
    if (!order(NULL))
        return s;
    while (n-- > 0)
        s = steps_to(&world, &code, STEP_BOUND);
    return s;
}

static void delivered(int64_t n)
{
    deliver(n);
}

/* The card forgets its one-time key: what it is offered is another. */
static void rebinding(int64_t n)
{
    (void)n;
    deliver(1);
    struct store_record binding = steps_record(&world, KIND_BINDING, steps_iccid());
    struct store_batch b = store_batch_in(test_arena());
    struct err e;
    binding.v[BINDING_EUICC_OTPK].b = ec_key_point(world.second_euicc[0].key);
    store_put(&b, KIND_BINDING, &binding);
    CHECK_EQ(store_commit(world.smdp.service.store, &b, NULL, &e), STORE_COMMITTED);
    steps_set(&world, KIND_TYPE, SAMPLE, TYPE_BIND_ONCE, 1);
    steps_to(&world, &code, STEP_BOUND);
}

static void result(int64_t error)
{
    const struct result r = { .transaction = deliver(1).transaction, .error = error };
    CHECK_EQ(steps_notify(&world, steps_result(&world, &r)), 204);
}

static void cancel(int64_t reason)
{
    if (order(NULL))
        CHECK_EQ(steps_cancel(&world, steps_to(&world, &code, STEP_AUTHENTICATED).transaction, reason).executed,
                 RSP_SUCCESS);
}

static void cancel_bound(int64_t reason)
{
    CHECK_EQ(steps_cancel(&world, deliver(1).transaction, reason).executed, RSP_SUCCESS);
}

static void cancel_retry(int64_t reason)
{
    deliver(1);
    CHECK_EQ(steps_cancel(&world, steps_to(&world, &code, STEP_AUTHENTICATED).transaction, reason).executed,
             RSP_SUCCESS);
}

static void expired(int64_t n)
{
    struct err e;
    (void)n;
    if (!order(NULL))
        return;
    CHECK_OK(smdp_set_expiry(&world.smdp, test_arena(), steps_iccid(), world.now - 1, &e), &e);
    steps_to(&world, &code, STEP_AUTHENTICATED);
}

/* Two cards with one activation code: the slower one gives up. */
static void other_card(int64_t n)
{
    (void)n;
    if (!order(NULL))
        return;
    world.card = 1;
    struct bytes slower = steps_to(&world, &code, STEP_AUTHENTICATED).transaction;
    world.card = 0;
    steps_to(&world, &code, STEP_BOUND);
    points(0);
    world.card = 1;
    CHECK_EQ(steps_cancel(&world, slower, 0).executed, RSP_SUCCESS);
    world.card = 0;
}

static const struct {
    const char *name; /* beginning of a row's; what follows is the argument */
    void (*run)(int64_t);
    int64_t argument; /* -1: the number at the end of the row's name */
} events[] = {
    { "eligible", eligible, 0 },
    { "ineligible", unsuitable, 0 },
    { "no-memory", unsuitable, 1 },
    { "attempts-exhausted", too_often, 0 },
    { "code-missing", wrong_code, 0 },
    { "code-wrong", wrong_code, 1 },
    { "codes-exhausted", wrong_code, 3 },
    { "delivered-again", delivered, 2 },
    { "delivered", delivered, 1 },
    { "rebinding-refused", rebinding, 0 },
    { "installed", result, 0 },
    { "result-", result, -1 },
    { "cancel-bound-", cancel_bound, -1 },
    { "cancel-retry-", cancel_retry, -1 },
    { "cancel-", cancel, -1 },
    { "expired", expired, 0 },
    { "other-card", other_card, 0 },
};

static void happen(const char *name)
{
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (strncmp(name, events[i].name, strlen(events[i].name)) == 0) {
            events[i].run(events[i].argument < 0 ? atoi(name + strlen(events[i].name)) : events[i].argument);
            return;
        }
    CHECK_TEXT(name, "an event that is known");
}

/* --------------------------------------------------------------------------------- the rows */

struct row {
    char event[32], point[4], status[32], code[16], result[8], state[16];
};

/* The letter about the row's event: the last one. */
static void judge(const struct row *r, const struct letter *l)
{
    char *slash;
    char subject[16];
    snprintf(subject, sizeof subject, "%s", r->code);
    if ((slash = strchr(subject, '/')))
        *slash++ = '\0';
    const char *codes = "notificationPointStatus.statusCodeData";
    const struct result of = { .error = atoi(strncmp(r->event, "result-", 7) == 0 ? r->event + 7 : "0") };
    CHECK_BYTES(l->host, BYTES_LIT("operator.example.com"));
    CHECK_BYTES(l->path, BYTES_LIT("/rsp/gsma/rsp2/es2plus/handleDownloadProgressInfo"));
    CHECK_TEXT(letter_member(l, "notificationPointId"), r->point);
    CHECK_TEXT(letter_member(l, "notificationPointStatus.status"), r->status);
    CHECK_TEXT(letter_member(l, arena_printf(test_arena(), "%s.subjectCode", codes)), slash ? subject : "");
    CHECK_TEXT(letter_member(l, arena_printf(test_arena(), "%s.reasonCode", codes)), slash ? slash : "");
    CHECK_TEXT(letter_member(l, "eid"), world.pki.plan.eid);
    CHECK_TEXT(letter_member(l, "iccid"), WORLD_ICCID);
    CHECK_TEXT(letter_member(l, "profileType"), "sample");
    CHECK_TEXT(letter_member(l, "timestamp"), EVENT_TIME);
    CHECK_TEXT(letter_member(l, "header.functionRequesterIdentifier"), "smdp.example.com");
    CHECK(strlen(letter_member(l, "header.functionCallIdentifier")) == 32);
    CHECK_TEXT(letter_member(l, "resultData"),
               strcmp(r->result, "-") == 0 ? "" : base64_encode(test_arena(), steps_final_result(&of)));
}

/* `succeeds`: the operator wants successes, too. */
static void play(const struct row *r, bool succeeds)
{
    bool told = strcmp(r->point, "-") != 0, failed = strcmp(r->status, "Failed") == 0;
    happen(r->event);
    CHECK_TEXT(world_state(&world), r->state);
    world.now += DAY; /* the time of the event counts */
    world_deliver(&world);
    if (!succeeds)
        CHECK_EQ(peers.n, told && failed);
    if ((told && (succeeds || failed)) && CHECK(peers.n > 0))
        judge(r, &peers.letters[peers.n - 1]);
}

/* The paths as the schemas name them. */
static void check_schema(struct letter *all, int n)
{
    test_row("every letter by the standard's schema, read by python");
    for (int i = 0; i < n; i++)
        all[i].path = bytes_slice(all[i].path, strlen("/rsp"), all[i].path.n);
    const char *faults = letters_faults(all, n);
    if (!faults) {
        test_skip("python3 has no module jsonschema");
        return;
    }
    CHECK_TEXT(faults, "");
    test_row("one that lacks a member is found");
    all[0].body = BYTES_LIT("{\"header\":{\"functionRequesterIdentifier\":\"a\"}}");
    CHECK(strstr(letters_faults(all, 1), "'functionCallIdentifier' is a required property") != NULL);
}

TEST(points_of_events)
{
    static struct letter all[256];
    struct row r;
    int n = 0, rows = 0;
    char line[200];
    FILE *f = fopen(test_source("tests/vectors/progress.txt"), "r");
    while (f && fgets(line, sizeof line, f)) {
        if (line[0] == '#' || sscanf(line, "%31s %3s %31s %15s %7s %15s", r.event, r.point, r.status, r.code, r.result,
                                     r.state) != 6)
            continue;
        rows++;
        for (int succeeds = 0; succeeds < 2; succeeds++) {
            test_row("%s%s", r.event, succeeds ? ", all points wanted" : ", failures only");
            if (prepare(succeeds ? ALL_POINTS : 0))
                play(&r, succeeds);
            for (int i = 0; i < peers.n && n < 256; i++)
                all[n++] = peers.letters[i];
            world_close(&world);
        }
    }
    if (CHECK(f != NULL))
        fclose(f);
    check_schema(all, n);
    test_row("all rows were read");
    CHECK_EQ(rows, 44);
}

/* ------------------------------------------------------------------------- what is wanted */

/* Points of the letters from `first` on, as "1 3 4". */
static const char *told(int first)
{
    struct buf out = buf_in(test_arena());
    for (int i = first; i < peers.n; i++)
        buf_printf(&out, "%s%s", i > first ? " " : "", letter_member(&peers.letters[i], "notificationPointId"));
    return buf_str(&out);
}

TEST(points_wanted)
{
    static const struct {
        int64_t points;
        const char *told;
    } rows[] = { { 0, "" },       { 1 << 1, "1" },  { 1 << 2, "" },          { 1 << 3, "3" },
                 { 1 << 4, "4" }, { 0x12, "1 4" }, { ALL_POINTS, "1 3 4" }, { -1, "1 3 4" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("successes of points 0x%llx", (unsigned long long)rows[i].points);
        if (prepare(rows[i].points)) {
            result(0);
            world_deliver(&world);
            CHECK_TEXT(told(0), rows[i].told);
        }
        world_close(&world);
    }
}

static int64_t owed(enum outbox_state state)
{
    struct err e;
    int64_t n = -1;
    CHECK_OK(outbox_count(world.outbox, BYTES_NONE, state, &n, &e), &e);
    return n;
}

TEST(operator_without_url)
{
    test_row("nothing is owed");
    if (world_open(&world, EC_P256, BYTES_NONE, false)) {
        points(ALL_POINTS);
        result(12);
        CHECK_EQ(owed(OUTBOX_WAITING), 0);
        CHECK_TEXT(world_state(&world), "Error");
    }
    world_close(&world);
    test_row("one that has no URL any more is told nothing");
    if (prepare(0)) {
        result(12);
        CHECK_EQ(owed(OUTBOX_WAITING), 1);
        struct store_record r = steps_record(&world, KIND_OPERATOR, OPERATOR);
        struct store_batch b = store_batch_in(test_arena());
        struct err e;
        r.v[OPERATOR_URL].b = BYTES_NONE;
        store_put(&b, KIND_OPERATOR, &r);
        CHECK_EQ(store_commit(world.smdp.service.store, &b, NULL, &e), STORE_COMMITTED);
        world_deliver(&world);
        CHECK_EQ(owed(OUTBOX_WAITING), 0);
        CHECK_EQ(peers.n, 0);
    }
    world_close(&world);
}

TEST(urls)
{
    static const struct {
        const char *url, *host, *path; /* NULL: refused when the operator is added */
    } rows[] = {
        { "https://a.example.com", "a.example.com", "" },
        { "https://a.example.com/", "a.example.com", "" },
        { "https://a.example.com:8443", "a.example.com:8443", "" },
        { "https://a.example.com/x/y", "a.example.com", "/x/y" },
        { "https://a.example.com:8443/x//", "a.example.com:8443", "/x" },
        { "http://a.example.com", NULL, NULL },
        { "https://", NULL, NULL },
        { "https:///x", NULL, NULL },
        { "a.example.com", NULL, NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err e;
        test_row("\"%s\"", rows[i].url);
        if (prepare(0)) {
            struct smdp_operator other = { .name = "Other", .certificate = world.pki.of[CERT_DPTLS].der,
                                           .url = rows[i].url };
            if (rows[i].host) {
                CHECK_OK(smdp_add_operator(&world.smdp, test_arena(), &other, &e), &e);
                steps_set_text(&world, KIND_OPERATOR, OPERATOR, OPERATOR_URL, rows[i].url);
                result(12);
                world_deliver(&world);
                if (CHECK_EQ(peers.n, 1)) {
                    CHECK_TEXT(arena_text(test_arena(), peers.letters[0].host), rows[i].host);
                    CHECK_TEXT(arena_text(test_arena(), peers.letters[0].path),
                               arena_printf(test_arena(), "%s/gsma/rsp2/es2plus/handleDownloadProgressInfo",
                                            rows[i].path));
                }
            } else {
                CHECK_FAILS(smdp_add_operator(&world.smdp, test_arena(), &other, &e), &e, ERR_VALUE, "https://HOST");
            }
        }
        world_close(&world);
    }
}

TEST(names_of_operators)
{
    static const struct {
        const char *name, *unit;
        int n;
        bool fits;
    } rows[] = {
        { "64 characters", "n", 64, true },
        { "65 characters", "n", 65, false },
        { "60 characters of 4 octets do not fit into a lane's name", "\xF0\x9F\x93\xB1", 60, false },
        { "50 do", "\xF0\x9F\x93\xB1", 50, true },
        { "none at all", "", 1, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf name = buf_in(test_arena());
        struct err e;
        test_row("%s", rows[i].name);
        for (int k = 0; k < rows[i].n; k++)
            buf_text(&name, rows[i].unit);
        if (prepare(0)) {
            struct smdp_operator other = { .name = buf_str(&name), .certificate = world.pki.of[CERT_DPTLS].der };
            if (rows[i].fits)
                CHECK_OK(smdp_add_operator(&world.smdp, test_arena(), &other, &e), &e);
            else
                CHECK_FAILS(smdp_add_operator(&world.smdp, test_arena(), &other, &e), &e, ERR_VALUE, "1 to 64");
        }
        world_close(&world);
    }
}

/* ------------------------------------------------------------------------ operators' servers */

static const char *path; /* of the SQLite file, or NULL */

/* A second operator with a profile of its own, whose order has been told. */
static void another_operator(void)
{
    static const char csv[] = "iccid,imsi,k,opc\n8949001000000000033,001010123456781," WORLD_K "," WORLD_OPC "\n";
    struct smdp_operator other = { .name = "Other", .certificate = world.pki.of[CERT_DPTLS].der,
                                   .url = "https://other.example.com", .points = ALL_POINTS };
    struct smdp_type type = { .name = "other", .operator_name = "Other", .upp = world_sample() };
    struct es2_download_order order_it = { .profileType = BYTES_LIT("other") };
    struct es2_download_order_done ordered;
    struct es2_confirm_order confirm = { .releaseFlag = true };
    struct es2_confirm_order_done confirmed = { 0 };
    struct smdp_imported done;
    struct err e;
    type.metadata = steps_record(&world, KIND_TYPE, SAMPLE).v[TYPE_METADATA].b;
    CHECK_OK(smdp_add_operator(&world.smdp, test_arena(), &other, &e), &e);
    CHECK_OK(smdp_add_type(&world.smdp, test_arena(), &type, &e), &e);
    CHECK_OK(smdp_add_profiles(&world.smdp, "other", BYTES_LIT(csv), &done, &e), &e);
    world.caller = other.certificate;
    CHECK_EQ(world_es2(&world, ES2_DOWNLOAD_ORDER, &order_it, &ordered).executed, RSP_SUCCESS);
    confirm.iccid = ordered.iccid;
    CHECK_EQ(world_es2(&world, ES2_CONFIRM_ORDER, &confirm, &confirmed).executed, RSP_SUCCESS);
    world.caller = BYTES_NONE;
    code = (struct activation_code){ .address = confirmed.smdpAddress, .matching_id = confirmed.matchingId };
    steps_to(&world, &code, STEP_AUTHENTICATED);
}

static int heard(const char *host)
{
    int n = 0;
    for (int i = 0; i < peers.n; i++)
        n += bytes_equal(peers.letters[i].host, bytes_text(host));
    return n;
}

/* Hours pass; the outbox is looked at each minute. */
static void hours(int n)
{
    for (int i = 0; i < 60 * n; i++) {
        world.now += 60;
        world_deliver(&world);
    }
}

/* Three letters wait for an operator whose server is not as it should be. */
static void a_day_away(void)
{
    peers.operator = (struct manner){ .lost = true };
    world_deliver(&world);
    CHECK_EQ(heard("other.example.com"), 1); /* not delayed */
    hours(12);
    if (path)
        CHECK(steps_restart(&world, path));
    hours(12);
    CHECK(heard("operator.example.com") > 20);
    CHECK(heard("operator.example.com") < 40);
    for (int i = 0; i < peers.n; i++) /* the first, again and again */
        if (bytes_equal(peers.letters[i].host, BYTES_LIT("operator.example.com")))
            CHECK_TEXT(letter_member(&peers.letters[i], "notificationPointId"), "1");
    int before = peers.n;
    peers.operator = (struct manner){ 0 };
    hours(2);
    CHECK_TEXT(told(before), "1 3 4");
    CHECK_TEXT(letter_member(&peers.letters[peers.n - 1], "timestamp"), EVENT_TIME);
    hours(24);
    CHECK_EQ(peers.n, before + 3); /* each once, then gone */
}

static void asks_for_a_pause(void)
{
    peers.operator = (struct manner){ .status = 503, .retry_after = 7200 };
    world_deliver(&world);
    CHECK_EQ(heard("other.example.com"), 1);
    peers.operator = (struct manner){ 0 };
    int before = peers.n;
    world.now += 7199;
    world_deliver(&world);
    CHECK_EQ(peers.n, before);
    hours(1); /* up to an eighth of the pause more */
    CHECK_TEXT(told(before), "1 3 4");
}

/* What is refused steps aside, and those behind it go. */
static void refuses(int status)
{
    peers.operator = (struct manner){ .status = status };
    world_deliver(&world);
    CHECK_EQ(heard("operator.example.com"), 3);
    CHECK_EQ(owed(OUTBOX_ASIDE), 3);
    if (path)
        CHECK(steps_restart(&world, path));
    peers.operator = (struct manner){ 0 };
    int before = peers.n;
    hours(1);
    CHECK_EQ(peers.n, before + 3);
    CHECK_EQ(owed(OUTBOX_ASIDE), 0);
}

static void has_an_error(void)
{
    refuses(500);
}

static void says_bad_request(void)
{
    refuses(400);
}

/* The server took it, and nobody knows: the same call once more. */
static void loses_an_answer(void)
{
    peers.operator = (struct manner){ .lost = true };
    world_deliver(&world);
    struct letter first = peers.letters[0];
    if (path)
        CHECK(steps_restart(&world, path));
    peers.operator = (struct manner){ 0 };
    int before = peers.n;
    hours(2);
    CHECK_TEXT(told(before), "1 3 4");
    CHECK_BYTES(peers.letters[before].body, first.body);
}

static void answers_with_200(void)
{
    peers.operator = (struct manner){ .status = 200 };
    world_deliver(&world);
    CHECK_EQ(owed(OUTBOX_WAITING) + owed(OUTBOX_ASIDE), 0);
}

static void gateway(void)
{
    peers.operator = (struct manner){ .status = 502 };
    world_deliver(&world);
    CHECK_EQ(heard("operator.example.com"), 1);
    CHECK_EQ(owed(OUTBOX_WAITING), 3);
}

TEST(servers_of_operators)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } rows[] = {
        { "away for a day", a_day_away },
        { "503 with Retry-After", asks_for_a_pause },
        { "500", has_an_error },
        { "400", says_bad_request },
        { "the answer is lost", loses_an_answer },
        { "200 instead of 204", answers_with_200 },
        { "502 of a gateway", gateway },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int sqlite = 0; sqlite < 2; sqlite++) {
            test_row("%s (%s)", rows[i].name, sqlite ? "SQLite" : "memory");
            world_store(path = sqlite ? test_fresh_path("smdp.db") : NULL);
            if (prepare(ALL_POINTS)) {
                result(0);
                another_operator();
                peers.patient = "other.example.com";
                rows[i].run();
            }
            world_close(&world);
        }
    world_store(NULL);
}

/* What happened comes in its order, whatever happened in between to others. */
TEST(order_of_letters)
{
    if (prepare(ALL_POINTS)) {
        result(10);
        for (int i = 0; i < 2; i++)
            steps_to(&world, &code, STEP_BOUND);
        steps_cancel(&world, steps_to(&world, &code, STEP_AUTHENTICATED).transaction, 0);
        world_deliver(&world);
        CHECK_TEXT(told(0), "1 3 4 1 3 1 3 1 1");
    }
    world_close(&world);
}
