/* SPDX-License-Identifier: Apache-2.0
 *
 * Many at once: guesses of one confirmation code, cards with one activation code. */
#include <pthread.h>
#include <stdatomic.h>

#include "crypto/crypto.h"
#include "rsp/ids.h"
#include "smdp/order.h"
#include "smdp/records.h"
#include "world.h"

enum { GUESSES = 1000, THREADS = 16, LIMIT = 5, CARDS = 50, DOWNLOADS = 100000, PATIENCE = 1000 /* repetitions */ };
#define CODE "4711" /* no guess: they have four digits below 1000 */

static struct world w;
static struct bytes iccid;
static struct activation_code activation;

static const char *database(void)
{
    return test_path("races.db");
}

/* A released order of a profile type that allows LIMIT codes and any number of downloads. */
static bool order(const char *code)
{
    struct smdp_type type = { .name = "raced", .operator_name = "Rspkit Mobile",
                              .limits = { .cc_tries = LIMIT, .downloads = DOWNLOADS } };
    struct es2_download_order q = { 0 };
    struct es2_download_order_done ordered;
    struct es2_confirm_order confirm = { .releaseFlag = true, .confirmationCode = bytes_text(code) };
    struct es2_confirm_order_done confirmed;
    struct smdp_imported done;
    struct store_record sample;
    struct err e;
    const char *csv = arena_printf(test_arena(), "iccid,imsi,k,opc\n%s,001010123456781,%s,%s\n", world_iccid(0),
                                   WORLD_K, WORLD_OPC);
    if (!CHECK_OK(store_get(w.smdp.service.store, test_arena(), KIND_TYPE, BYTES_LIT("sample"), &sample, &e), &e))
        return false;
    type.upp = world_sample();
    type.metadata = sample.v[TYPE_METADATA].b;
    if (!CHECK_OK(smdp_add_type(&w.smdp, test_arena(), &type, &e), &e) ||
        !CHECK_OK(smdp_add_profiles(&w.smdp, "raced", bytes_text(csv), &done, &e), &e) ||
        !CHECK_OK(iccid_from_text(test_arena(), bytes_text(world_iccid(0)), &iccid, &e), &e))
        return false;
    q.iccid = confirm.iccid = iccid;
    bool right = CHECK_EQ(world_es2(&w, ES2_DOWNLOAD_ORDER, &q, &ordered).executed, RSP_SUCCESS) &&
                 CHECK_EQ(world_es2(&w, ES2_CONFIRM_ORDER, &confirm, &confirmed).executed, RSP_SUCCESS);
    activation = (struct activation_code){ .address = confirmed.smdpAddress, .matching_id = confirmed.matchingId };
    return right;
}

static struct smdp_profile profile(void)
{
    struct smdp_profile p = { 0 };
    struct err e;
    CHECK_OK(smdp_profile(&w.smdp, test_arena(), iccid, &p, &e), &e);
    return p;
}

static void trail_is_whole(void)
{
    int64_t n;
    struct err e;
    CHECK_OK(audit_verify(w.smdp.service.store, KIND_AUDIT, &n, &e), &e);
    CHECK_OK(smdp_profiles_verify(&w.smdp, &n, &e), &e);
}

static const char *const stores[] = { "memory", "SQLite" };

static bool open_on(int store, const char *code)
{
    test_folder_clear();
    world_store(store ? database() : NULL);
    return world_open(&w, EC_P256, BYTES_NONE, false) && order(code);
}

static void close_all(void)
{
    world_close(&w);
    world_store(NULL);
    test_folder_clear();
}

/* ---------------------------------------------------------------------- confirmation codes */

static struct bytes guesses[GUESSES + 1]; /* requests for the BPP, of a session each; the last has the right code */
static int n_guesses;

static bool is_function(const struct rsp_request *q, enum rsp_function f)
{
    return bytes_equal(q->path, bytes_text(rsp_functions[f].path));
}

/* Keeps the request that has the code, and answers nothing. */
static int withhold(struct world *world, struct arena *a, const struct rsp_request *q, struct rsp_response *r)
{
    if (is_function(q, ES9_GET_BOUND_PROFILE_PACKAGE)) {
        guesses[n_guesses++] = arena_copy(test_arena(), q->body);
        return -1;
    }
    smdp_handle(&world->smdp, a, q, r);
    return 0;
}

static bool prepare(const char *code)
{
    struct lpa_download d;
    struct err e;
    w.code = code;
    w.lpa.arena = arena_new(32 << 20);
    enum lpa_end end = world_download(&w, &activation, &d, &e);
    arena_free(w.lpa.arena);
    return CHECK_EQ(end, LPA_NETWORK);
}

static bool prepare_all(void)
{
    char code[16];
    bool right = true;
    n_guesses = 0;
    w.serve = withhold;
    for (int i = 0; right && i < GUESSES; i++) {
        snprintf(code, sizeof code, "%04d", i);
        right = prepare(code);
    }
    right = right && prepare(CODE);
    w.serve = NULL;
    return right && CHECK_EQ(n_guesses, GUESSES + 1);
}

/* What is said to one request for a BPP. */
enum said { WRONG, EXHAUSTED, NO_SUCH, BPP, BUSY, ELSE, SAID };

static enum said said_to(struct bytes body)
{
    static const struct {
        const char *subject, *reason;
    } pairs[] = { [WRONG] = { "8.2.7", "3.8" }, [EXHAUSTED] = { "8.2.7", "6.4" }, [NO_SUCH] = { "8.10.1", "3.9" } };
    const struct rsp_request q = { .path = bytes_text(rsp_functions[ES9_GET_BOUND_PROFILE_PACKAGE].path),
                                   .content_type = BYTES_LIT(RSP_TYPE_JSON), .body = body };
    struct rsp_response r;
    struct rsp_status status = { .executed = RSP_EXPIRED };
    struct arena *a = arena_new(16 << 20);
    smdp_handle(&w.smdp, a, &q, &r);
    enum said said = r.status == 503 ? BUSY : ELSE;
    if (r.status == 200 && rsp_read_response(a, ES9_GET_BOUND_PROFILE_PACKAGE, r.body, &status, NULL, NULL) == 0)
        said = status.executed == RSP_SUCCESS ? BPP : ELSE;
    for (int i = 0; i < 3; i++)
        if (bytes_equal(status.subject, bytes_text(pairs[i].subject)) &&
            bytes_equal(status.reason, bytes_text(pairs[i].reason)))
            said = (enum said)i;
    arena_free(a);
    return said;
}

static atomic_int next_guess, tally[SAID];

static void *guess(void *unused)
{
    for (int i; (i = next_guess++) < GUESSES;) {
        enum said said;
        for (int tries = 0; (said = said_to(guesses[i])) == BUSY && tries < PATIENCE; tries++)
            tally[BUSY]++;
        tally[said]++;
    }
    return unused;
}

static void guess_all(void)
{
    pthread_t threads[THREADS];
    next_guess = 0;
    for (int i = 0; i < SAID; i++)
        tally[i] = 0;
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, guess, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("# %d judged, %d too late, %d times put off\n", tally[WRONG] + tally[EXHAUSTED], tally[NO_SUCH],
           tally[BUSY]);
}

/* SGP.22 5.6.2: of a thousand at once no more are judged than the limit allows; the rest are told that there is no such
 * transaction any more. */
TEST(guesses)
{
    for (int store = 0; store < 2; store++) {
        test_row("%d guesses (%s)", GUESSES, stores[store]);
        if (open_on(store, CODE) && prepare_all()) {
            guess_all();
            CHECK_EQ(tally[WRONG], LIMIT - 1);
            CHECK_EQ(tally[EXHAUSTED], 1);
            CHECK_EQ(tally[NO_SUCH], GUESSES - LIMIT);
            CHECK_EQ(tally[BPP] + tally[ELSE], 0);
            CHECK_EQ(profile().cc_tries, LIMIT);
            CHECK_TEXT(order_state_name(profile().state), "Error");
            trail_is_whole();
            test_row("the right code comes too late (%s)", stores[store]);
            CHECK_EQ(said_to(guesses[GUESSES]), NO_SUCH);
            CHECK_EQ(profile().cc_tries, LIMIT);
        }
        close_all();
    }
}

/* ------------------------------------------------------------------------------------ cards */

/* A card with its LPA and user, who share nothing but the server. */
struct racer {
    struct world w;
    struct nvm_memory memory;
    struct ec_key *key;
    struct bytes eid;
    enum lpa_end end;
    char refusal[24];
    int bpps, busy;
};

static struct racer racers[CARDS];

/* 89049032, a number, and the check digits of MOD 97-10. */
static const char *eid_digits(int n)
{
    char *text = arena_printf(test_arena(), "8904903200000000000000001%05d", n);
    int rest = 0;
    for (const char *s = text; *s; s++)
        rest = (rest * 10 + *s - '0') % 97;
    return arena_printf(test_arena(), "%s%02d", text, 98 - rest * 100 % 97);
}

static int count_bpps(struct world *world, struct arena *a, const struct rsp_request *q, struct rsp_response *r)
{
    struct racer *racer = (struct racer *)world;
    struct rsp_status status;
    smdp_handle(&world->smdp, a, q, r);
    racer->busy += r->status == 503;
    racer->bpps += is_function(q, ES9_GET_BOUND_PROFILE_PACKAGE) && r->status == 200 &&
                   rsp_read_response(a, ES9_GET_BOUND_PROFILE_PACKAGE, r->body, &status, NULL, NULL) == 0 &&
                   status.executed == RSP_SUCCESS;
    return 0;
}

static int random_octets(void *context, uint8_t *out, size_t n)
{
    (void)context;
    return crypto_random(out, n, NULL);
}

/* One more eUICC of the world's EUM. */
static bool card_make(struct racer *r, const char *digits)
{
    const struct pki_entity *eum = &w.pki.of[CERT_EUM];
    struct euicc_identity id = { .n_keys = 1, .n_cis = 1, .cis = { w.pki.of[CERT_CI].der }, .keys[0].eum = eum->der };
    struct cert_plan plan = { .role = CERT_EUICC, .country = "CH", .organization = "rspkit laboratory EUM",
                              .common_name = "Racing eUICC", .serial_number = digits,
                              .not_before = w.now - 86400, .not_after = w.now + 1000 * 86400 };
    uint8_t scalar[32];
    struct err e;
    struct nvm nvm = nvm_in_memory(&r->memory);
    const struct euicc_env env = { .nvm = nvm, .random = random_octets };
    if (!CHECK_OK(eid_from_text(test_arena(), bytes_text(digits), &r->eid, &e), &e))
        return false;
    id.eid = plan.serial = r->eid;
    id.keys[0].scalar = BYTES_OF(scalar);
    return CHECK_OK(ec_key_generate(w.pki.plan.curve, &r->key, &e), &e) &&
           CHECK_OK(ec_key_scalar(r->key, scalar, &e), &e) &&
           CHECK_OK(cert_make(test_arena(), &plan, r->key, &eum->cert, eum->key, &id.keys[0].euicc, &e), &e) &&
           CHECK_OK(euicc_make(&nvm, &id, &e), &e) && CHECK_OK(euicc_open(&env, &r->w.cards[0], &e), &e);
}

static bool racer_make(struct racer *r, int n)
{
    *r = (struct racer){ .w = w, .memory.arena = arena_new(8 << 20) };
    r->w.cards[0] = NULL;
    r->w.lpa.arena = arena_new(64 << 20);
    r->w.lpa.env.context = &r->w;
    r->w.serve = count_bpps;
    return card_make(r, eid_digits(n));
}

static void racer_end(struct racer *r)
{
    euicc_close(r->w.cards[0]);
    ec_key_free(r->key);
    arena_free(r->memory.arena);
    arena_free(r->w.lpa.arena);
}

static pthread_barrier_t start;

static void *race(void *context)
{
    struct racer *r = context;
    struct lpa_download d;
    struct err e;
    int busy = -1;
    pthread_barrier_wait(&start);
    for (int tries = 0; busy != r->busy && tries < PATIENCE; tries++) {
        busy = r->busy;
        r->end = world_download(&r->w, &activation, &d, &e);
    }
    if (d.status.subject.p)
        snprintf(r->refusal, sizeof r->refusal, "%.*s/%.*s", (int)d.status.subject.n, d.status.subject.p,
                 (int)d.status.reason.n, d.status.reason.p);
    return NULL;
}

static void race_all(void)
{
    pthread_t threads[CARDS];
    pthread_barrier_init(&start, NULL, CARDS);
    for (int i = 0; i < CARDS; i++)
        pthread_create(&threads[i], NULL, race, &racers[i]);
    for (int i = 0; i < CARDS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&start);
}

/* The order has another EID; it was bound meanwhile; it is over. */
static const char *const refusals[] = { "8.1.1/3.8", "8.2/3.7", "8.2.6/3.8", "8.10.1/3.9" };
enum { REFUSALS = sizeof refusals / sizeof *refusals };

static void one_wins(void)
{
    int bpps = 0, done = 0, busy = 0, refused[REFUSALS] = { 0 };
    for (int i = 0; i < CARDS; i++) {
        const struct racer *r = &racers[i];
        int which = 0;
        bpps += r->bpps;
        busy += r->busy;
        done += r->end == LPA_DONE;
        if (r->end == LPA_DONE) {
            CHECK_BYTES(profile().eid, r->eid);
            continue;
        }
        while (which < REFUSALS && strcmp(refusals[which], r->refusal) != 0)
            which++;
        if (CHECK(which < REFUSALS))
            refused[which]++;
        else
            printf("# card %d: %d \"%s\"\n", i, (int)r->end, r->refusal);
    }
    printf("# refused");
    for (int i = 0; i < REFUSALS; i++)
        printf(" %s: %d;", refusals[i], refused[i]);
    printf(" %d requests put off\n", busy);
    CHECK_EQ(bpps, 1);
    CHECK_EQ(done, 1);
    CHECK_TEXT(order_state_name(profile().state), "Installed");
    trail_is_whole();
}

TEST(cards)
{
    for (int store = 0; store < 2; store++) {
        bool ready = true;
        test_row("%d cards, one activation code (%s)", CARDS, stores[store]);
        if (open_on(store, NULL)) {
            for (int i = 0; i < CARDS; i++)
                ready = racer_make(&racers[i], i) && ready;
            if (ready) {
                race_all();
                one_wins();
            }
            for (int i = 0; i < CARDS; i++)
                racer_end(&racers[i]);
        }
        close_all();
    }
}
