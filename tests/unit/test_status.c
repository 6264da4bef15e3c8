/* SPDX-License-Identifier: Apache-2.0
 *
 * Status codes: each row of tests/vectors/status-codes.txt, on both stores; those of ES9+ in both bindings on both
 * curves, at two listeners of one server. */
#include <json.h>
#include <stdlib.h>
#include <unistd.h>

#include "asn1/tlv.h"
#include "rsp/ids.h"
#include "rsp/refusal.h"
#include "smdp/records.h"
#include "tamper.h"

enum { PROFILES = 3, LINE_MAX_OCTETS = 400 };

static struct world world;
static struct activation_code code;
static enum rsp_function judged; /* the row's */

/* ------------------------------------------------------------------------------- the words */

/* The value of "name=value" among the words, or NULL. */
static const char *value_of(const char *step, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = step; (at = strstr(at, name)); at += n)
        if ((at == step || at[-1] == ' ') && at[n] == '=')
            return arena_text(test_arena(), bytes_make(at + n + 1, strcspn(at + n + 1, " ;")));
    return NULL;
}

static bool has_word(const char *step, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = step; (at = strstr(at, word)); at += n)
        if (at > step && at[-1] == ' ' && (!at[n] || at[n] == ' '))
            return true;
    return false;
}

static struct bytes iccid_number(int n)
{
    static const char *const iccids[PROFILES] = { WORLD_ICCID, WORLD_ICCID2, "8949001000000000033" };
    struct bytes iccid = BYTES_NONE;
    struct err e;
    CHECK_OK(iccid_from_text(test_arena(), bytes_text(n ? iccids[n - 1] : "8949001000000009999"), &iccid, &e), &e);
    return iccid;
}

static struct bytes iccid_of(const char *step)
{
    const char *value = value_of(step, "iccid");
    return value ? iccid_number(atoi(value)) : BYTES_NONE;
}

static const char *eid_digits(const char *value)
{
    return *value == '1' ? world.pki.plan.eid : WORLD_EID2;
}

static struct bytes eid_of(const char *step)
{
    const char *value = value_of(step, "eid");
    struct bytes eid = BYTES_NONE;
    struct err e;
    if (value)
        CHECK_OK(eid_from_text(test_arena(), bytes_text(eid_digits(value)), &eid, &e), &e);
    return eid;
}

static struct bytes caller_of(const char *step)
{
    const char *as = value_of(step, "as");
    if (!as)
        return world.pki.of[CERT_OPERATOR].der;
    if (strcmp(as, "none") == 0)
        return BYTES_NONE;
    return world.pki.of[strcmp(as, "other") == 0 ? CERT_DPTLS : CERT_DPPB].der;
}

/* ----------------------------------------------------------------------------- the answers */

/* What each function answered last: "ok", "204", "8.1/6.1"; "(5)" in ASN.1, "(400)" for that HTTP status in it. */
static const char *answers[RSP_FUNCTIONS];

static const char *status_text(const struct rsp_status *s)
{
    return s->executed == RSP_SUCCESS ? "ok"
                                      : arena_printf(test_arena(), "%.*s/%.*s", (int)s->subject.n, s->subject.p,
                                                     (int)s->reason.n, s->reason.p);
}

static const char *json_answer(enum rsp_function f, const struct rsp_response *r)
{
    struct rsp_status status;
    struct err e;
    if (!CHECK_OK(rsp_read_response(test_arena(), f, r->body, &status, NULL, &e), &e))
        return "unreadable";
    return status_text(&status);
}

/* A2 { function { A0 {..} or 81 number } } */
static const char *asn1_answer(const struct rsp_response *r)
{
    struct cursor c = cursor_over(tlv_find(r->body, 0xA2).value);
    struct tlv function, choice;
    struct err e;
    if (!CHECK_OK(tlv_next(&c, ASN1_STRICT, &function, &e), &e))
        return "unreadable";
    c = cursor_over(function.value);
    if (!CHECK_OK(tlv_next(&c, ASN1_STRICT, &choice, &e), &e) || choice.tag == 0xA0)
        return "ok";
    CHECK_EQ(choice.tag, 0x81);
    CHECK_EQ((int64_t)choice.value.n, 1);
    return arena_printf(test_arena(), "(%d)", choice.value.p[0]);
}

static const char *answer_text(enum rsp_function f, const struct rsp_response *r)
{
    if (r->status == 204)
        return CHECK(r->body.n == 0) ? "204" : "204 with a body";
    if (r->status != 200)
        return arena_printf(test_arena(), "(%d)", r->status);
    return world.lpa.asn1 && f >= ES9_INITIATE_AUTHENTICATION ? asn1_answer(r) : json_answer(f, r);
}

/* ----------------------------------------------------------------------------------- ES2+ */

/* The member of a message, or of its header: left out, or with another value. */
static struct bytes json_edit(struct bytes body, const char *name, const char *value)
{
    json_object *root = json_tokener_parse(arena_text(test_arena(), body)), *header = NULL;
    bool own = json_object_object_get_ex(root, name, NULL);
    json_object *holder = own || !json_object_object_get_ex(root, "header", &header) ? root : header;
    if (value)
        json_object_object_add(holder, name, json_tokener_parse(value));
    else
        json_object_object_del(holder, name);
    struct bytes edited = arena_copy(test_arena(), bytes_text(json_object_to_json_string(root)));
    json_object_put(root);
    return edited;
}

static void edit(const char *step, struct bytes *body)
{
    const char *drop = value_of(step, "drop"), *json = value_of(step, "json");
    const char *colon = json ? strchr(json, ':') : NULL;
    if (drop)
        *body = json_edit(*body, drop, NULL);
    if (colon)
        *body = json_edit(*body, arena_text(test_arena(), bytes_make(json, (size_t)(colon - json))), colon + 1);
}

static bool ask(const char *step, enum rsp_function f, const void *in, void *out)
{
    struct rsp_header h = { BYTES_LIT("Rspkit Mobile"), BYTES_LIT("1") };
    struct rsp_request q = { .path = bytes_text(rsp_functions[f].path), .content_type = BYTES_LIT(RSP_TYPE_JSON),
                             .client_cert = caller_of(step) };
    struct rsp_response r;
    struct rsp_status status;
    struct err e;
    CHECK_OK(rsp_write_request(test_arena(), f, &h, in, &q.body, &e), &e);
    edit(step, &q.body);
    smdp_handle(&world.smdp, test_arena(), &q, &r);
    answers[f] = answer_text(f, &r);
    bool done = strcmp(answers[f], "ok") == 0;
    if (done)
        CHECK_OK(rsp_read_response(test_arena(), f, r.body, &status, out, &e), &e);
    return done;
}

static bool order(const char *step)
{
    struct es2_download_order q = { .iccid = iccid_of(step), .eid = eid_of(step),
                                    .profileType = bytes_text(value_of(step, "type")) };
    struct es2_download_order_done done;
    bool ordered = ask(step, ES2_DOWNLOAD_ORDER, &q, &done);
    if (ordered && q.iccid.p)
        CHECK_BYTES(done.iccid, q.iccid); /* Table 23 */
    return ordered;
}

static bool confirm(const char *step)
{
    struct es2_confirm_order q = { .iccid = iccid_of(step),
                                   .eid = eid_of(step),
                                   .matchingId = bytes_text(value_of(step, "id")),
                                   .confirmationCode = bytes_text(value_of(step, "code")),
                                   .smdsAddress = bytes_text(value_of(step, "smds")),
                                   .releaseFlag = has_word(step, "release") };
    struct es2_confirm_order_done done;
    bool confirmed = ask(step, ES2_CONFIRM_ORDER, &q, &done);
    if (confirmed)
        code = (struct activation_code){ .address = done.smdpAddress, .matching_id = done.matchingId };
    return confirmed;
}

static bool release(const char *step)
{
    struct es2_release_profile q = { .iccid = iccid_of(step) };
    return ask(step, ES2_RELEASE_PROFILE, &q, NULL);
}

static bool cancel(const char *step)
{
    const char *final = value_of(step, "final");
    struct es2_cancel_order q = { .iccid = iccid_of(step),
                                  .eid = eid_of(step),
                                  .matchingId = bytes_text(value_of(step, "id")),
                                  .finalProfileStatusIndicator = bytes_text(final ? final : "Available") };
    return ask(step, ES2_CANCEL_ORDER, &q, NULL);
}

/* -------------------------------------------------------------------------------- the SM-DS */

static const char *sm_ds;

static int smds_answer(struct world *w, const struct service_call *c, struct service_answer *a, struct err *e)
{
    const char *slash = strchr(sm_ds, '/');
    (void)w;
    CHECK_EQ(c->peer, PEER_SMDS);
    if (strcmp(sm_ds, "none") == 0)
        return err_set(e, ERR_IO, NULL, "nobody answers");
    if (strcmp(sm_ds, "stranger") == 0)
        return err_set(e, ERR_VERIFY, NULL, "somebody else answers");
    a->status = atoi(sm_ds) >= 100 ? atoi(sm_ds) : 200;
    if (strcmp(sm_ds, "ok") == 0)
        a->body = BYTES_LIT("{\"header\":{\"functionExecutionStatus\":{\"status\":\"Executed-Success\"}}}");
    else if (slash)
        a->body = bytes_text(arena_printf(test_arena(),
                                          "{\"header\":{\"functionExecutionStatus\":{\"status\":\"Failed\","
                                          "\"statusCodeData\":{\"subjectCode\":\"%.*s\",\"reasonCode\":\"%s\"}}}}",
                                          (int)(slash - sm_ds), sm_ds, slash + 1));
    else
        a->body = BYTES_LIT("{\"header\":");
    return 0;
}

/* ----------------------------------------------------------------------- what else happens */

static bool expire(const char *step)
{
    struct err e;
    return CHECK_OK(smdp_set_expiry(&world.smdp, test_arena(), iccid_of(step), world.now - 1, &e), &e);
}

static bool damage(const char *step)
{
    struct store_batch b = store_batch_in(test_arena());
    struct store_record p;
    struct err e;
    CHECK_OK(store_get(world.smdp.service.store, test_arena(), KIND_PROFILE, iccid_of(step), &p, &e), &e);
    p.v[PROFILE_SUBSCRIBER].b = tamper_flip(p.v[PROFILE_SUBSCRIBER].b, 30);
    store_put(&b, KIND_PROFILE, &p);
    return CHECK_EQ(store_commit(world.smdp.service.store, &b, NULL, &e), STORE_COMMITTED);
}

static bool block(const char *step)
{
    const char *eid = value_of(step, "eid");
    world.smdp.service.blocked[0] = eid ? eid_digits(eid) : "89049032";
    world.smdp.service.n_blocked = 1;
    return true;
}

static void lose(struct world *w, const struct rsp_request *q, struct rsp_response *r)
{
    (void)w;
    if (tamper_is(q, ES9_GET_BOUND_PROFILE_PACKAGE))
        *r = (struct rsp_response){ .status = 500 };
}

/* The second card takes the profile while the first one is about to. */
static void other_card(bool loses)
{
    struct world mine = world;
    struct lpa_download d;
    struct err e;
    world.card = 1;
    world.lpa.open = false;
    world.answer = LPA_YES;
    world.request = NULL;
    world.response = loses ? lose : NULL;
    CHECK_EQ(world_download(&world, &code, &d, &e), loses ? LPA_SERVER : LPA_DONE);
    world = mine;
}

static const char *meanwhile;
static bool twice;

static void happen(const char *what)
{
    if (strcmp(what, "late") == 0)
        world.now += 2 * 3600;
    else if (strncmp(what, "other", 5) == 0)
        other_card(strcmp(what, "other-lose") == 0);
    else
        CHECK((strcmp(what, "expire") == 0 ? expire : cancel)(" iccid=1"));
}

/* ----------------------------------------------------------------------------- the download */

static void on_request(struct world *w, struct rsp_request *q)
{
    struct rsp_response first;
    const char *what = meanwhile;
    bool now = tamper_is(q, judged);
    if (now && what) {
        meanwhile = NULL;
        happen(what);
    }
    tamper_request(w, q);
    if (now && twice) {
        twice = false;
        smdp_handle(&w->smdp, test_arena(), q, &first);
    }
}

static bool loses;

static void on_response(struct world *w, const struct rsp_request *q, struct rsp_response *r)
{
    for (int f = ES9_INITIATE_AUTHENTICATION; f <= ES9_CANCEL_SESSION; f++)
        if (tamper_is(q, (enum rsp_function)f))
            answers[f] = answer_text((enum rsp_function)f, r);
    tamper_response(w, q, r);
    if (loses)
        lose(w, q, r);
}

/* Faults and changes on the way. */
static void spoil(const char *step, struct pki *foreign)
{
    static const char *const slots[] = { "eum", "euicc" };
    static const enum cert_role roles[] = { CERT_EUM, CERT_EUICC };
    struct bytes der[2] = { BYTES_NONE, BYTES_NONE };
    struct pki_entity bad;
    struct err e;
    for (int slot = 0; slot < 2; slot++) {
        const char *value = value_of(step, slots[slot]);
        if (value && strcmp(value, "foreign") == 0)
            der[slot] = foreign->of[roles[slot]].der;
        if (value && strcmp(value, "other-listener") == 0)
            der[slot] = (world.listener ? &world.pki : &world.second)->of[roles[slot]].der;
        for (int fault = 0; value && fault < CERT_FAULTS; fault++)
            if (strcmp(cert_fault_name((enum cert_fault)fault), value) == 0) {
                CHECK_OK(pki_fault(test_arena(), world_pki(&world), roles[slot], (enum cert_fault)fault, &bad, &e), &e);
                der[slot] = bad.der;
            }
        CHECK(!value || der[slot].p);
    }
    tamper_certificates(&world, der[0], der[1]);
    if (value_of(step, "change"))
        tamper_with(&world, tamper_find(value_of(step, "change")));
}

static bool foreign_make(const char *step, struct pki *out)
{
    struct err e;
    memset(out, 0, sizeof *out);
    return !strstr(step, "=foreign") || CHECK_OK(pki_make(test_arena(), &world_pki(&world)->plan, out, &e), &e);
}

static bool run_download(const char *step)
{
    const char *card = value_of(step, "card"), *id = value_of(step, "id"), *address = value_of(step, "address"),
               *answer = value_of(step, "answer");
    struct activation_code with = code;
    struct lpa_download d;
    struct err e;
    world.card = card && *card == '2';
    world.code = value_of(step, "code");
    world.answer = !answer ? LPA_YES : strcmp(answer, "no") == 0 ? LPA_NO : LPA_LATER;
    world.request = on_request;
    world.response = on_response;
    with.matching_id = id ? bytes_text(id) : with.matching_id;
    with.address = address ? bytes_text(address) : with.address;
    enum lpa_end end = world_download(&world, &with, &d, &e);
    if (loses || answer)
        return CHECK_EQ(end, loses ? LPA_SERVER : LPA_USER);
    if (end != LPA_DONE && end != LPA_SERVER)
        CHECK_TEXT(err_text(&e, (char[500]){ 0 }, 500), "");
    return end == LPA_DONE;
}

static bool download(const char *step)
{
    struct pki foreign;
    meanwhile = value_of(step, "meanwhile");
    twice = has_word(step, "twice");
    loses = has_word(step, "lose");
    if (foreign_make(step, &foreign))
        spoil(step, &foreign);
    bool done = run_download(step);
    tamper_end(&world);
    pki_end(&foreign);
    return done;
}

/* -------------------------------------------------------------------------------- the rows */

static const struct {
    const char *verb;
    bool (*run)(const char *step);
} verbs[] = { { "order", order },   { "confirm", confirm }, { "release", release }, { "cancel", cancel },
              { "expire", expire }, { "damage", damage },   { "block", block },     { "download", download } };

static bool run(const char *step)
{
    const char *mode = value_of(step, "sm-ds");
    sm_ds = mode ? mode : "none";
    memset(answers, 0, sizeof answers);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strncmp(step, verbs[i].verb, strlen(verbs[i].verb)) == 0)
            return verbs[i].run(step);
    return CHECK_TEXT(step, "a step that is known");
}

static const char *state_of(int number)
{
    struct smdp_profile p;
    struct err e;
    return CHECK_OK(smdp_profile(&world.smdp, test_arena(), iccid_number(number), &p, &e), &e)
               ? order_state_name(p.state)
               : "unknown";
}

static bool prepare(unsigned listener, bool asn1)
{
    static const char csv[] = "iccid,imsi,k,opc\n8949001000000000033,001010123456781," WORLD_K "," WORLD_OPC "\n";
    struct smdp_type type = { .name = "short", .operator_name = "Rspkit Mobile", .bind_once = true,
                              .no_field_test = true, .limits = { .cc_tries = 2, .downloads = 2 } };
    struct smdp_operator other = { .name = "Other" };
    struct smdp_imported done;
    struct store_record sample;
    struct err e;
    if (!world_open_two(&world) ||
        !CHECK_OK(store_get(world.smdp.service.store, test_arena(), KIND_TYPE, BYTES_LIT("sample"), &sample, &e), &e))
        return false;
    world.listener = listener;
    world.lpa.asn1 = asn1;
    world.peer = smds_answer;
    type.upp = world_sample();
    type.metadata = sample.v[TYPE_METADATA].b;
    other.certificate = world.pki.of[CERT_DPTLS].der;
    return CHECK_OK(smdp_add_type(&world.smdp, test_arena(), &type, &e), &e) &&
           CHECK_OK(smdp_add_profiles(&world.smdp, "short", BYTES_LIT(csv), &done, &e), &e) &&
           CHECK_OK(smdp_add_operator(&world.smdp, test_arena(), &other, &e), &e);
}

struct row {
    const char *function, *steps;
    const char *status; /* subject and reason, "ok", "204" */
    const char *number; /* "(5)" */
    const char *state;  /* NULL: as before, if refused */
};

/* The state that is told, or, after a refusal, those that were. */
static void judge_state(const struct row *r, const char *const before[PROFILES])
{
    const char *first = strstr(r->steps, "iccid=");
    if (r->state && CHECK(first != NULL))
        CHECK_TEXT(state_of(atoi(first + 6)), r->state);
    for (int i = 0; i < PROFILES && !r->state && strchr(r->status, '/'); i++)
        CHECK_TEXT(state_of(i + 1), before[i]);
}

static void play(const struct row *r)
{
    char *steps = arena_text(test_arena(), bytes_text(r->steps));
    bool by_number = world.lpa.asn1 && strchr(r->status, '/');
    const char *before[PROFILES];
    for (char *save, *step = strtok_r(steps, ";", &save), *next; step; step = next) {
        next = strtok_r(NULL, ";", &save);
        while (*step == ' ')
            step++;
        for (int i = 0; i < PROFILES && !next; i++)
            before[i] = state_of(i + 1);
        bool done = run(step);
        if (next)
            CHECK(done != has_word(step, "!"));
    }
    CHECK_TEXT(answers[judged], by_number ? r->number : r->status);
    judge_state(r, before);
}

/* ------------------------------------------------------------------------- reading the file */

/* "function | status (number) | steps -> state" */
static bool row_read(const char *line, struct row *r)
{
    char function[40], status[16], number[16] = "", rest[LINE_MAX_OCTETS];
    if (line[0] == '#' || (sscanf(line, "%39s | %15s %15[(0-9)] | %399[^\n]", function, status, number, rest) != 4 &&
                           sscanf(line, "%39s | %15s | %399[^\n]", function, status, rest) != 3))
        return false;
    char *arrow = strstr(rest, " -> ");
    if (arrow)
        *arrow = 0;
    struct arena *a = test_arena();
    *r = (struct row){ arena_printf(a, "%s", function), arena_printf(a, "%s", rest), arena_printf(a, "%s", status),
                       arena_printf(a, "%s", number), arrow ? arena_printf(a, "%s", arrow + 4) : NULL };
    return true;
}

static void each_row(void (*take)(const struct row *, void *), void *context)
{
    FILE *f = fopen(test_source("tests/vectors/status-codes.txt"), "r");
    char line[LINE_MAX_OCTETS];
    struct row r;
    while (CHECK(f != NULL) && fgets(line, sizeof line, f))
        if (row_read(line, &r))
            take(&r, context);
    if (f)
        fclose(f);
}

static const char *database(void)
{
    return test_path("status.db");
}

/* One of ES9+ in each binding at each listener; on SQLite, where what differs is below them, in each of both once. */
static void play_on(const struct row *r, bool sqlite)
{
    static const char *const curves[] = { "P-256", "brainpoolP256r1" };
    int variants = judged >= ES9_INITIATE_AUTHENTICATION ? 4 : 1;
    for (int v = 0; v < variants; v += sqlite ? 3 : 1) {
        bool asn1 = v & 1;
        test_folder_clear();
        world_store(sqlite ? database() : NULL);
        const char *store = sqlite ? "SQLite" : "memory";
        if (variants == 1)
            test_row("%s %s (%s): %s", r->function, r->status, store, r->steps);
        else
            test_row("%s %s (%s, %s, %s): %s", r->function, r->status, store, curves[v / 2], asn1 ? "ASN.1" : "JSON",
                     r->steps);
        if (prepare((unsigned)v / 2, asn1))
            play(r);
        world_close(&world);
    }
}

struct playing {
    enum rsp_function function;
    int rows;
};

static void play_row(const struct row *r, void *context)
{
    struct playing *p = context;
    judged = p->function;
    if (strcmp(r->function, rsp_functions[p->function].name) != 0)
        return;
    p->rows++;
    for (int sqlite = 0; sqlite < 2; sqlite++)
        play_on(r, sqlite);
}

static void play_function(enum rsp_function f, int rows)
{
    struct playing p = { .function = f };
    each_row(play_row, &p);
    test_folder_clear();
    test_row("all rows were read");
    CHECK_EQ(p.rows, rows);
}

#define ROWS_OF(name, function, rows)  \
    TEST(name)                         \
    {                                  \
        play_function(function, rows); \
    }
ROWS_OF(download_order, ES2_DOWNLOAD_ORDER, 33)
ROWS_OF(confirm_order, ES2_CONFIRM_ORDER, 52)
ROWS_OF(cancel_order, ES2_CANCEL_ORDER, 27)
ROWS_OF(release_profile, ES2_RELEASE_PROFILE, 22)
ROWS_OF(initiate_authentication, ES9_INITIATE_AUTHENTICATION, 12)
ROWS_OF(authenticate_client, ES9_AUTHENTICATE_CLIENT, 46)
ROWS_OF(get_bound_profile_package, ES9_GET_BOUND_PROFILE_PACKAGE, 29)
ROWS_OF(handle_notification, ES9_HANDLE_NOTIFICATION, 10)
ROWS_OF(cancel_session, ES9_CANCEL_SESSION, 17)

/* ---------------------------------------------------------------------------- completeness */

struct wanted {
    const char *function, *status; /* function NULL: any */
    bool found;
};

static void look(const struct row *r, void *context)
{
    struct wanted *w = context;
    bool function = !w->function || strcmp(r->function, w->function) == 0;
    w->found = w->found || (function && strcmp(r->status, w->status) == 0);
}

/* Each code of each table has a row. */
TEST(tables_of_the_standard)
{
    FILE *f = fopen(test_source("tests/vectors/status-codes.txt"), "r");
    char line[LINE_MAX_OCTETS], function[40];
    int number, at, codes = 0;
    while (CHECK(f != NULL) && fgets(line, sizeof line, f)) {
        if (sscanf(line, "Table %d %39[^:]: %n", &number, function, &at) != 2)
            continue;
        for (char *save, *pair = strtok_r(line + at, " \n", &save); pair; pair = strtok_r(NULL, " \n", &save)) {
            struct wanted w = { function, pair, false };
            test_row("Table %d, %s %s", number, function, pair);
            each_row(look, &w);
            CHECK(w.found);
            codes++;
        }
    }
    if (f)
        fclose(f);
    test_row("all tables were read");
    CHECK_EQ(codes, 50);
}

/* Told to others than callers of ES2+ and ES9+. */
static bool elsewhere(int refusal)
{
    static const int others[] = {
        RSP_BPP_FAILED,                                                                       /* ES2+, by the SM-DP+ */
        RSP_SMDS_ADDRESS, RSP_SMDS_CI_NOT_SUPPORTED, RSP_SMDS_SVN_NOT_SUPPORTED, RSP_SMDS_NO_CERTIFICATE, /* ES11 */
        RSP_EVENT_EXISTS, RSP_EVENT_UNKNOWN, RSP_EVENTS_FULL,                                 /* ES11, ES12 */
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i] == refusal)
            return true;
    return false;
}

/* Each refusal of the product has a row, so that a new one without is seen here. */
TEST(refusals_of_the_product)
{
    for (int refusal = RSP_REFUSAL_FIRST + 1; refusal < RSP_REFUSAL_END; refusal++) {
        const struct rsp_refusal *r = rsp_refusal_of(refusal);
        struct wanted w = { NULL, arena_printf(test_arena(), "%s/%s", r->subject, r->reason), false };
        test_row("%s %s", r->name, w.status);
        CHECK(rsp_refusal_find(bytes_text(r->subject), bytes_text(r->reason)) == r);
        each_row(look, &w);
        CHECK(w.found != elsewhere(refusal));
    }
}
