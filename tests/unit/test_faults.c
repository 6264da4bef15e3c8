/* SPDX-License-Identifier: Apache-2.0
 *
 * The card's memory under power cuts and failing disks.  A dry run counts what an operation asks of its disk; then one
 * run for each of these calls and each way in which it can go wrong.  Afterwards the card is as before or as after. */
#include <errno.h>

#include "crypto/aka.h"
#include "euicc/core.h"
#include "ground.h"
#include "rsp/ids.h"
#include "sample.h"
#include "uicc_lab.h"

enum { SUBSETS_ALL = 6, SUBSETS_SOME = 48 };

struct act {
    const char *name;
    const char *before[4], *command;
    const char *good;     /* the answer of success; NULL: SW 9000 alone says so */
    const char *probe[3]; /* looked at after the power is back, too */
    unsigned between;     /* states between that are meant */
    bool full;            /* the log is so long that it is written anew */
    bool files;           /* on the card of tests/vectors/uicc-card.asn1 */
};

#define SET_ACC "00D6860002 0003"
#define ADM "0020000A 08 3838383838383838"
#define USIM "00A4040C 07 A0000000871002"
#define CYCLIC_PROBES { "00B2011C03", "00B2021C03", "00B2031C03" }
#define OBJECT_PROBES { "80CB008401 5C 00", "80CB008401 80 00", "80CB008401 81 00" }

static const struct act acts[] = {
    { "EnableProfile, another one being enabled", { NULL }, "BF3111 A00C" ICCID_2 "810100", "BF3103800100" },
    { "EnableProfile with REFRESH", { NULL }, "BF3111 A00C" ICCID_2 "8101FF", "BF3103800100" },
    { "DisableProfile", { NULL }, "BF3211 A00C" ICCID_1 "810100", "BF3203800100" },
    { "DeleteProfile", { NULL }, "BF330C" ICCID_2, "BF3303800100" },
    { "eUICCMemoryReset", { "BF3F05 8003612E62" }, "BF3404 820205E0", "BF3403800100" },
    { "SetNickname", { NULL }, "BF2912" ICCID_1 "9004 4D696E65", "BF2903800100" },
    { "SetDefaultDpAddress", { NULL }, "BF3F05 8003612E62", "BF3F03800100" },
    { "RemoveNotificationFromList", { NULL }, "BF3003 800101", "BF3003800100" },
    { "the terminal cannot REFRESH",
      { "BF3111 A00C" ICCID_2 "8101FF", "801000000A FFFFFFFFFFFFFFFFFFFF", "801200000B" },
      "801400000C 8103010109 82028281 830120", NULL },
    /* the counter is lowered before the comparison: that is a state of its own */
    { "VERIFY, the right PIN", { NULL }, RIGHT_PIN, NULL, { NULL }, 1 },
    { "VERIFY, a wrong PIN", { NULL }, "00200001 08 30303030FFFFFFFF", NULL },
    { "CHANGE PIN", { NULL }, "00240001 10 31323334FFFFFFFF 35363738FFFFFFFF", NULL,
      { "00200001 08 35363738FFFFFFFF" }, 1 },
    { "DISABLE PIN", { NULL }, "00260001 08 31323334FFFFFFFF", NULL, { USIM, "00B0870009" }, 1 },
    { "UNBLOCK PIN", { "00200001 08 30303030FFFFFFFF" }, "002C0001 10 3132333435363738 35363738FFFFFFFF", NULL,
      { "002C0001", "00200001 08 35363738FFFFFFFF" }, 1 },
    { "AUTHENTICATE", { USIM, RIGHT_PIN }, "authenticate", NULL, { USIM, RIGHT_PIN, "authenticate" } },
    { "UPDATE BINARY", { USIM, ADM }, SET_ACC, NULL, { USIM, RIGHT_PIN, "00B0860002" } },
    { "a change that writes the log anew", { NULL }, "BF2912" ICCID_1 "9004 4D696E65", "BF2903800100", .full = true },
    { "UPDATE RECORD of a cyclic file", { NULL }, "00DC001B03 FF0000", NULL, CYCLIC_PROBES, .files = true },
    { "INCREASE", { NULL }, "8032830003 010000", NULL, CYCLIC_PROBES, .files = true },
    { "SET DATA, a new object", { NULL }, "80DB008403 810141", NULL, OBJECT_PROBES, .files = true },
    { "SET DATA, a deletion", { NULL }, "80DB008401 80", NULL, OBJECT_PROBES, .files = true },
    { "SET DATA, the last of three blocks", { "00A4000C02 2F14", "80DB008003 810441", "80DB000001 42" },
      "80DB000002 4344", NULL, OBJECT_PROBES, .files = true },
    { "ACTIVATE FILE", { NULL }, "0044000002 2F19", NULL, { "00A4000C02 2F19" }, .files = true },
    { "DISABLE PIN, the universal PIN in its place", { NULL }, "0026800108 31323334FFFFFFFF", NULL,
      { "00A4000C02 2F15", "00B0000001", "0020000108 31323334FFFFFFFF" }, 1, .files = true },
    { "ENABLE PIN", { NULL }, "0028000308 33333333FFFFFFFF", NULL,
      { "00200003", "0020000308 33333333FFFFFFFF" }, 1, .files = true },
};

static struct bytes long_content(void);

static struct bytes content_for(const struct act *act)
{
    return act->full ? long_content() : act->files ? uicc_lab_content() : ground_content();
}

/* AUTHENTICATE with the sample's keys and SQN 64; other commands as they are. */
static const char *worded(const char *command)
{
    static const uint8_t rand[16] = { 1, 2, 3 }, sqn[6] = { 0, 0, 0, 0, 0, 64 }, amf[2] = { 0x80, 0 };
    struct aka_key key;
    uint8_t autn[16];
    struct err e;
    if (strcmp(command, "authenticate") != 0)
        return command;
    CHECK_OK(aka_key_init(&key, AKA_MILENAGE, unhex(WORLD_K), unhex(WORLD_OPC), &e), &e);
    CHECK_OK(aka_autn(&key, rand, sqn, amf, autn, &e), &e);
    return arena_printf(test_arena(), "0088008122 10%s10%s00", hex_encode(test_arena(), BYTES_OF(rand)),
                        hex_encode(test_arena(), BYTES_OF(autn)));
}

/* Everything to be seen, and the beginning of the answers to the probes. */
static struct bytes look(struct ground *g, const struct act *act)
{
    struct buf all = buf_in(test_arena());
    buf_add(&all, ground_observe(g->card));
    for (size_t i = 0; i < 3 && act->probe[i]; i++) {
        struct bytes data;
        buf_u16(&all, ground_say(g->card, worded(act->probe[i]), &data));
        buf_add(&all, bytes_slice(data, 0, 2));
    }
    return buf_bytes(&all);
}

/* The states of a card that an operation leads through. */
struct states {
    struct bytes before, after, between[4];
    size_t n_between;
};

static struct bytes state_of(struct bytes content, const struct act *act)
{
    struct ground g;
    struct err e;
    if (!CHECK_OK(ground_open(&g, content, &e) ? 0 : -1, &e))
        return BYTES_NONE;
    struct bytes state = look(&g, act);
    ground_close(&g);
    return state;
}

/* A log as long as it gets before it is written anew. */
static struct bytes long_content(void)
{
    struct ground g;
    struct err e;
    struct bytes data, content = BYTES_NONE;
    if (!ground_open(&g, ground_content(), &e))
        return content;
    size_t step = 0, end = sim_content(&g.sim, SIM_NAME).n, limit = 2 * g.card->log.first + (64 << 10);
    while (end + step < limit) {
        ground_say(g.card, "BF290F" ICCID_2 "900141", &data);
        step = sim_content(&g.sim, SIM_NAME).n - end;
        end += step;
    }
    content = ground_left(&g);
    ground_close(&g);
    return content;
}

/* Power, what comes first, then the operation with this fault; true if its answer says that it is done. */
static bool attempt(struct ground *g, const struct act *act, struct bytes content, long at, enum sim_fault fault,
                    int number)
{
    struct bytes data;
    struct err e;
    if (!CHECK_OK(ground_open(g, content, &e) ? 0 : -1, &e))
        return false;
    for (size_t i = 0; i < 4 && act->before[i]; i++)
        ground_say(g->card, worded(act->before[i]), &data);
    g->sim.calls = 0;
    g->sim.at = at;
    g->sim.fault = fault;
    g->sim.number = number;
    unsigned sw = ground_say(g->card, worded(act->command), &data);
    bool done = (sw == 0x9000 || sw >> 8 == 0x91) && (!act->good || bytes_equal(data, unhex(act->good)));
    return done || (strstr(act->name, "a wrong PIN") && sw >> 8 == 0x63);
}

static bool known(const struct states *s, struct bytes state)
{
    bool found = bytes_equal(state, s->before) || bytes_equal(state, s->after);
    for (size_t i = 0; i < s->n_between; i++)
        found = found || bytes_equal(state, s->between[i]);
    return found;
}

/* After the power cut: a known state, the one after if the answer was given; and the card still takes changes. */
static void check_left(const struct act *act, const struct states *s, struct bytes content, bool answered)
{
    struct ground g;
    struct bytes data;
    struct err e;
    if (!CHECK_OK(ground_open(&g, content, &e) ? 0 : -1, &e))
        return;
    struct bytes state = look(&g, act);
    CHECK(answered ? bytes_equal(state, s->after) : known(s, state));
    ground_say(g.card, "BF3F08 8006 6E65772E6578", &data);
    CHECK_HEX(data, "BF3F03800100");
    struct bytes then = ground_left(&g);
    CHECK_EQ((int64_t)g.sim.n, 0);
    ground_close(&g);
    if (!CHECK_OK(ground_open(&g, then, &e) ? 0 : -1, &e))
        return;
    ground_say(g.card, "BF3C00", &data);
    CHECK(memmem(data.p, data.n, "new.ex", 6) != NULL);
    ground_close(&g);
}

/* ----------------------------------------------------------------------------- power cuts */

struct survey {
    void (*check)(void *context, struct bytes content, bool answered);
    void *context;
    bool answered;
    long points;
};

static void point(struct survey *v, const struct sim *s, const bool survives[], bool half)
{
    v->points++;
    v->check(v->context, sim_after(s, survives, half, SIM_NAME), v->answered);
}

/* Everything before the last call survives, of its own changes the first `n`. */
static void survey_torn(struct survey *v, const struct sim *s)
{
    static bool survives[SIM_CHANGES];
    for (size_t i = 0; i < s->n; i++)
        survives[i] = i < s->last_first;
    for (size_t i = s->last_first; i < s->n; i++) {
        survives[i] = true;
        point(v, s, survives, true);
        if (i + 1 < s->n)
            point(v, s, survives, false);
    }
}

/* Any of the pending changes survive: all subsets if they are few, else some that a fixed generator picks. */
static void survey_reordered(struct survey *v, const struct sim *s)
{
    static bool survives[SIM_CHANGES];
    static uint32_t seed = 1;
    size_t subsets = s->n <= SUBSETS_ALL ? (size_t)1 << s->n : SUBSETS_SOME;
    for (size_t k = 0; k < subsets; k++) {
        for (size_t i = 0; i < s->n; i++) {
            seed = seed * 1664525 + 1013904223;
            survives[i] = s->n <= SUBSETS_ALL ? k >> i & 1 : seed >> 30 & 1;
        }
        point(v, s, survives, false);
        if (s->n > SUBSETS_ALL)
            point(v, s, survives, true);
    }
}

/* What may be on the disk when the power went at this call. */
static void survey_cut(struct survey *v, const struct sim *s, enum sim_fault fault)
{
    static bool all[SIM_CHANGES];
    memset(all, true, sizeof all);
    point(v, s, all, false);
    if (fault == CUT_AFTER && s->last == CALL_WRITE)
        survey_torn(v, s);
    if (fault == CUT_BEFORE && s->last == CALL_BARRIER)
        survey_reordered(v, s);
}

struct subject {
    const struct act *act;
    const struct states *states;
};

static void check_subject(void *context, struct bytes content, bool answered)
{
    const struct subject *x = context;
    check_left(x->act, x->states, content, answered);
}

/* The states between: what is there when the power goes right after each barrier. */
static void find_between(const struct act *act, struct bytes content, long calls, struct states *s)
{
    for (long at = 1; at <= calls && s->n_between < 4; at++) {
        struct ground g;
        attempt(&g, act, content, at, CUT_AFTER, 0);
        struct bytes left = ground_left(&g);
        bool barrier = g.sim.last == CALL_BARRIER;
        ground_close(&g);
        struct bytes state = state_of(left, act);
        if (barrier && !known(s, state))
            s->between[s->n_between++] = state;
    }
}

/* Dry run: how many calls, and the states. */
static long dry_run(const struct act *act, struct bytes content, struct states *s)
{
    struct ground g;
    *s = (struct states){ 0 };
    attempt(&g, act, content, 0, SIM_NONE, 0);
    long calls = g.sim.calls;
    CHECK_EQ((int64_t)g.sim.n, 0); /* what is answered is durable */
    struct bytes after = ground_left(&g);
    ground_close(&g);
    attempt(&g, act, content, 1, CUT_BEFORE, 0);
    struct bytes before = ground_left(&g);
    ground_close(&g);
    s->before = state_of(before, act);
    s->after = state_of(after, act);
    find_between(act, content, calls, s);
    return calls;
}

static long total;

TEST(power_cuts)
{
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        const struct act *act = &acts[i];
        struct bytes content = content_for(act);
        struct states states;
        test_row("%s", act->name);
        long calls = dry_run(act, content, &states);
        CHECK_EQ((int64_t)states.n_between, act->between);
        struct subject subject = { act, &states };
        struct survey v = { check_subject, &subject, false, 0 };
        for (long at = 1; at <= calls; at++)
            for (enum sim_fault fault = CUT_BEFORE; fault <= CUT_AFTER; fault++) {
                struct ground g;
                v.answered = attempt(&g, act, content, at, fault, 0);
                survey_cut(&v, &g.sim, fault);
                ground_close(&g);
            }
        CHECK(calls > 0 && (act->between || !bytes_equal(states.before, states.after)));
        printf("# %s: %ld calls of the disk, %ld points\n", act->name, calls, v.points);
        total += v.points;
    }
    printf("# %ld points in all\n", total);
}

/* ---------------------------------------------------------------------------- failing disks */

static const struct {
    const char *name;
    enum sim_fault fault;
    int number;
} faults[] = {
    { "EIO once", FAIL_ONCE, EIO },           { "ENOSPC once", FAIL_ONCE, ENOSPC },
    { "EINTR once", FAIL_ONCE, EINTR },       { "EIO from then on", FAIL_ALWAYS, EIO },
    { "ENOSPC from then on", FAIL_ALWAYS, ENOSPC }, { "a short write", WRITE_SHORT, 0 },
    { "a short write, then ENOSPC", WRITE_SHORT_THEN_FAIL, ENOSPC },
};

/* The disk has failed at one call: the card says so or is as after; it is the same after a start; then all is well. */
static void check_failing(const struct act *act, const struct states *s, struct bytes content, long at, size_t f)
{
    struct ground g;
    struct bytes data;
    struct err e;
    bool done = attempt(&g, act, content, at, faults[f].fault, faults[f].number);
    g.sim.at = 0;
    struct bytes left = ground_left(&g);
    ground_close(&g);
    struct bytes state = state_of(left, act);
    CHECK(done ? bytes_equal(state, s->after) : known(s, state));
    if (faults[f].fault == WRITE_SHORT)
        CHECK(done);
    if (!ground_open(&g, left, &e))
        return;
    ground_say(g.card, "BF3F05 8003612E62", &data);
    CHECK_HEX(data, "BF3F03800100");
    ground_close(&g);
}

TEST(failing_disks)
{
    long points = 0;
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        const struct act *act = &acts[i];
        struct bytes content = content_for(act);
        struct states states;
        test_row("%s", act->name);
        long calls = dry_run(act, content, &states);
        for (long at = 1; at <= calls; at++)
            for (size_t f = 0; f < sizeof faults / sizeof *faults; f++, points++)
                check_failing(act, &states, content, at, f);
    }
    printf("# %ld points\n", points);
}

/* What failed once is done when it is asked for again, without a start between. */
TEST(a_retry_succeeds)
{
    const struct act *act = &acts[0];
    struct states states;
    long calls = dry_run(act, ground_content(), &states);
    for (long at = 1; at <= calls; at++) {
        struct ground g;
        struct bytes data;
        test_row("call %ld", at);
        CHECK(!attempt(&g, act, ground_content(), at, FAIL_ONCE, EIO));
        CHECK(bytes_equal(look(&g, act), states.before));
        ground_say(g.card, act->command, &data);
        CHECK_HEX(data, act->good);
        CHECK(bytes_equal(look(&g, act), states.after));
        struct bytes left = ground_left(&g);
        ground_close(&g);
        CHECK(bytes_equal(state_of(left, act), states.after));
    }
}

/* ----------------------------------------------------------------------------- installation */

/* What a download leaves on the card, told by the numbers of its notifications: the result is 0, "installed" is 1. */
static const struct ending {
    const char *name;
    bool profile;
    const char *list; /* ListNotification */
    bool interrupted; /* the result says so */
} endings[] = {
    { "as before", false, "BF2802 A000", false },
    { "interrupted", false, "BF281E A01C BF2F19 800100 81020780 0C10 736D64702E6578616D706C652E636F6D", true },
    { "interrupted behind the metadata", false,
      "BF282A A028 BF2F25 800100 81020780 0C10 736D64702E6578616D706C652E636F6D" ICCID_1, true },
    { "installed", true,
      "BF2852 A050 BF2F25 800100 81020780 0C10 736D64702E6578616D706C652E636F6D" ICCID_1
      "BF2F25 800101 81020780 0C10 736D64702E6578616D706C652E636F6D" ICCID_1, false },
    { "installed, and the server knows", true,
      "BF282A A028 BF2F25 800101 81020780 0C10 736D64702E6578616D706C652E636F6D" ICCID_1, false },
};

static const struct ending *ending_of(struct euicc *card)
{
    struct bytes profiles, list, results;
    ground_say(card, "BF2D00", &profiles);
    ground_say(card, "BF2800", &list);
    ground_say(card, "BF2B00", &results);
    /* errorResult { bppCommandId loadProfileElements, errorReason installFailedDueToInterruption } */
    bool interrupted = memmem(results.p, results.n, unhex("A106 800105 81010B").p, 8) != NULL;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (bytes_equal(list, unhex(endings[i].list)) && interrupted == endings[i].interrupted &&
            endings[i].profile == !bytes_equal(profiles, unhex("BF2D02A000")))
            return &endings[i];
    return NULL;
}

/* Challenges and one-time keys that the server has seen. */
static struct bytes values[2][8];
static size_t n_values[2];

static void note(size_t kind, struct bytes value)
{
    for (size_t i = 0; i < n_values[kind]; i++)
        CHECK(!bytes_equal(values[kind][i], value));
    if (CHECK(n_values[kind] < 8))
        values[kind][n_values[kind]++] = value;
}

static void listen(struct world *w, struct rsp_request *q)
{
    struct es9_initiate_authentication begun;
    struct es9_get_bound_profile_package wanted;
    struct rsp_PrepareDownloadResponse r;
    struct err e;
    (void)w;
    if (bytes_equal(q->path, bytes_text(rsp_functions[ES9_INITIATE_AUTHENTICATION].path)) &&
        CHECK_OK(rsp_read_request(test_arena(), ES9_INITIATE_AUTHENTICATION, q->body, NULL, &begun, &e), &e))
        note(0, begun.euiccChallenge);
    if (bytes_equal(q->path, bytes_text(rsp_functions[ES9_GET_BOUND_PROFILE_PACKAGE].path)) &&
        CHECK_OK(rsp_read_request(test_arena(), ES9_GET_BOUND_PROFILE_PACKAGE, q->body, NULL, &wanted, &e), &e) &&
        CHECK_OK(asn1_decode(test_arena(), &rsp_PrepareDownloadResponse_type, wanted.prepareDownloadResponse, ASN1_WIRE,
                             &r, &e), &e))
        note(1, r.downloadResponseOk.euiccSigned2.euiccOtpk);
}

struct installation {
    struct world w;
    struct activation_code code;
    struct ground g;
    bool told; /* the LPA says that it is done */
};

/* A card without power says nothing. */
static struct sim *disk;

static int transmit(void *context, struct arena *a, struct bytes command, struct bytes *response, struct err *e)
{
    struct world *w = context;
    euicc_apdu(w->cards[0], a, command, response);
    return disk->dead ? err_set(e, ERR_IO, NULL, "the card has gone") : 0;
}

/* A download by a card whose disk fails; false: the world did not come up. */
static bool install(struct installation *x, long at, enum sim_fault fault, int number)
{
    struct lpa_download d;
    struct err e;
    n_values[0] = n_values[1] = 0;
    if (!world_open_two(&x->w) || !world_order(&x->w, NULL, NULL, &x->code))
        return false;
    euicc_close(x->w.cards[0]);
    x->w.cards[0] = NULL;
    if (!CHECK_OK(ground_open(&x->g, x->w.memory[0].all, &e) ? 0 : -1, &e))
        return false;
    x->g.sim.calls = 0;
    x->g.sim.at = at;
    x->g.sim.fault = fault;
    x->g.sim.number = number;
    x->w.cards[0] = x->g.card;
    x->w.request = listen;
    x->w.lpa.env.transmit = transmit;
    disk = &x->g.sim;
    x->told = world_download(&x->w, &x->code, &d, &e) == LPA_DONE;
    return true;
}

static void install_end(struct installation *x)
{
    x->w.cards[0] = NULL;
    ground_close(&x->g);
    world_close(&x->w);
}

static void check_installed(void *context, struct bytes content, bool told)
{
    struct ground g;
    struct err e;
    bool *seen = context;
    if (!CHECK_OK(ground_open(&g, content, &e) ? 0 : -1, &e))
        return;
    const struct ending *end = ending_of(g.card);
    if (CHECK(end != NULL)) {
        CHECK(!told || end->profile);
        seen[end - endings] = true;
    }
    /* what the card gives back: EUICCInfo2 tells of free memory as before */
    struct bytes info, fresh = BYTES_NONE;
    ground_say(g.card, "BF2200", &info);
    ground_close(&g);
    if (end && !end->profile && ground_open(&g, ground_empty(), &e)) {
        ground_say(g.card, "BF2200", &fresh);
        CHECK_BYTES(info, fresh);
        ground_close(&g);
    }
}

/* With what the power cut left, the same download again. */
static void again(struct installation *x, struct bytes content)
{
    struct ground g;
    struct lpa_download d;
    struct err e;
    if (!CHECK_OK(ground_open(&g, content, &e) ? 0 : -1, &e))
        return;
    const struct ending *end = ending_of(g.card);
    if (end && !end->profile) {
        x->w.cards[0] = g.card;
        disk = &g.sim;
        CHECK_EQ(world_download(&x->w, &x->code, &d, &e), LPA_DONE);
        CHECK_TEXT(world_state(&x->w), "Installed");
        x->w.cards[0] = x->g.card;
    }
    ground_close(&g);
}

TEST(power_cuts_of_an_installation)
{
    struct installation x;
    bool seen[sizeof endings / sizeof *endings] = { false };
    struct survey v = { check_installed, seen, false, 0 };
    long calls = install(&x, 0, SIM_NONE, 0) ? x.g.sim.calls : 0;
    CHECK(x.told);
    install_end(&x);
    for (long at = 1; at <= calls; at++)
        for (enum sim_fault fault = CUT_BEFORE; fault <= CUT_AFTER; fault++) {
            test_row("%s call %ld of %ld", fault == CUT_BEFORE ? "before" : "after", at, calls);
            if (install(&x, at, fault, 0)) {
                struct bytes left = ground_left(&x.g);
                v.answered = x.told;
                survey_cut(&v, &x.g.sim, fault);
                again(&x, left);
            }
            install_end(&x);
        }
    test_row("each ending was seen");
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        CHECK(seen[i]);
    printf("# installation: %ld calls of the disk, %ld points\n", calls, v.points);
}

/* The power fails again while the card reports the interruption. */
TEST(power_cuts_of_a_recovery)
{
    struct installation x;
    struct bytes left = BYTES_NONE;
    bool seen[sizeof endings / sizeof *endings] = { false };
    if (install(&x, 4, CUT_AFTER, 0)) /* "installation begun" is durable */
        left = ground_left(&x.g);
    install_end(&x);
    struct survey v = { check_installed, seen, false, 0 };
    for (long at = 1, calls = 1; at <= calls; at++)
        for (enum sim_fault fault = CUT_BEFORE; fault <= CUT_AFTER; fault++) {
            struct ground g;
            struct err e;
            test_row("%s call %ld", fault == CUT_BEFORE ? "before" : "after", at);
            if (at == 1 && fault == CUT_BEFORE && ground_open_failing(&g, left, 0, SIM_NONE, &e)) {
                calls = g.sim.calls;
                CHECK_EQ(calls, 4);
                ground_close(&g);
            }
            if (ground_open_failing(&g, left, at, fault, &e))
                CHECK(fault == CUT_AFTER && at == calls);
            survey_cut(&v, &g.sim, fault);
            ground_close(&g);
        }
    CHECK(seen[1] && !seen[0]);
    printf("# recovery: %ld points\n", v.points);
}

TEST(failing_disks_of_an_installation)
{
    struct installation x;
    bool seen[sizeof endings / sizeof *endings] = { false };
    long points = 0, calls = install(&x, 0, SIM_NONE, 0) ? x.g.sim.calls : 0;
    install_end(&x);
    for (long at = 1; at <= calls; at++) {
        test_row("call %ld of %ld", at, calls);
        for (size_t f = 0; f < sizeof faults / sizeof *faults; f++, points++) {
            if (install(&x, at, faults[f].fault, faults[f].number)) {
                x.g.sim.at = 0;
                check_installed(seen, ground_left(&x.g), x.told);
            }
            install_end(&x);
        }
    }
    printf("# installation: %ld points\n", points);
}

/* ---------------------------------------------------------------------------------- no room */

/* Our sample with `files` more files of `size` octets in the MF. */
static struct bytes larger(unsigned files, unsigned size)
{
    struct buf out = buf_in(test_arena());
    buf_text(&out, "value99 ProfileElement ::= genericFileManagement : {"
                   " gfm-header { mandated NULL, identification 99 }, fileManagementCMD { { filePath : ''H");
    for (unsigned i = 0; i < files; i++)
        buf_printf(&out, ", createFCP : { fileDescriptor '4121'H, fileID '7A%02X'H, lcsi '05'H,"
                         " securityAttributesReferenced '2F060E'H, efFileSize '%04X'H }", i, size);
    buf_text(&out, " } } }\n");
    return sample_der(sample_with_elements(buf_str(&out)));
}

static struct bytes info2(struct euicc *card)
{
    struct bytes data;
    ground_say(card, "BF2200", &data);
    return data;
}

/* The card's memory is filled while the package is on its way: the server has found that it fits. */
static unsigned filling; /* octets in each of twelve files; 0: none */

static void fill_memory(struct world *w, const struct rsp_request *q, struct rsp_response *r)
{
    struct nvm_batch b;
    struct err e;
    struct bytes metadata = unhex("BF25 1E 5A0A 98940001000000009000 9106 66756C6C6572 9208 6C61726765722E31");
    (void)r;
    if (!filling || !bytes_equal(q->path, bytes_text(rsp_functions[ES9_GET_BOUND_PROFILE_PACKAGE].path)))
        return;
    struct nvm_record profile = { REC_PROFILE,
                                  { unhex("98940001000000009000"), unhex("A0000005591010FFFFFFFF8900002000"), metadata,
                                    larger(12, filling), unhex("883701"), w->cards[0]->state.keys[0].ci_pkid } };
    nvm_begin(&b, test_arena());
    nvm_put(&b, &profile);
    CHECK_OK(card_commit(w->cards[0], &b, &e), &e);
    filling = 0;
}

/* An installation that finds too little memory: 10 by loadProfileElements, nothing is left, and what is free is as
 * before; when there is room it succeeds. */
TEST(memory_full)
{
    static const struct {
        const char *name;
        unsigned filling;
        bool fits;
    } rows[] = { { "some memory is left", 0xE000, true }, { "too little memory is left", 0xFC00, false } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct activation_code code;
        struct lpa_download d;
        struct world w;
        struct err e;
        test_row("%s", rows[i].name);
        if (world_open(&w, EC_P256, BYTES_NONE, false) && world_order(&w, NULL, NULL, &code)) {
            struct bytes data;
            w.response = fill_memory;
            filling = rows[i].filling;
            CHECK_EQ(world_download(&w, &code, &d, &e), rows[i].fits ? LPA_DONE : LPA_CARD);
            if (!rows[i].fits) {
                CHECK_EQ(d.error_reason, 10);
                CHECK_EQ(d.bpp_command, 5);
                size_t left = card_free(w.cards[0]);
                CHECK(left > 0 && left < 8192);
            }
            CHECK_EQ((int64_t)w.cards[0]->state.n_profiles, rows[i].fits ? 2 : 1);
            ground_say(w.cards[0], "BF330C 5A0A 98940001000000009000", &data);
            CHECK_HEX(data, "BF3303800100");
            w.response = NULL;
            if (!rows[i].fits && world_order(&w, NULL, NULL, &code))
                CHECK_EQ(world_download(&w, &code, &d, &e), LPA_DONE);
        }
        world_close(&w);
    }
}

/* As many profiles as the card has places for, put there directly: the same package under other ICCIDs. */
static void fill(struct euicc *card)
{
    const struct euicc_profile *like = card->state.profiles[0];
    struct nvm_record r = { REC_PROFILE, { BYTES_NONE, like->aid, like->metadata_der, world_sample(), like->smdp_oid,
                                           like->ci_pkid } };
    struct bytes data;
    for (size_t i = 1; i < NVM_FIELDS; i++)
        r.field[i] = arena_copy(test_arena(), r.field[i]);
    ground_say(card, "BF3211 A00C" ICCID_1 "810100", &data);
    ground_say(card, "BF330C" ICCID_1, &data);
    ground_say(card, "BF330C" ICCID_2, &data);
    for (unsigned i = 0; i < EUICC_PROFILES_MAX; i++) {
        struct nvm_batch b;
        struct err e;
        r.field[0] = unhex(arena_printf(test_arena(), "989400010000000090%02X", i));
        nvm_begin(&b, test_arena());
        nvm_put(&b, &r);
        CHECK_OK(card_commit(card, &b, &e), &e);
    }
}

static void fill_places(struct world *w, const struct rsp_request *q, struct rsp_response *r)
{
    (void)r;
    if (bytes_equal(q->path, bytes_text(rsp_functions[ES9_GET_BOUND_PROFILE_PACKAGE].path)))
        fill(w->cards[0]);
}

/* Of profiles: the last one goes while the package is on its way, as the server has asked the card before. */
TEST(no_place)
{
    struct ground g;
    struct world w;
    struct activation_code code;
    struct lpa_download d;
    struct err e;
    if (!world_open_two(&w) || !ground_open(&g, ground_content(), &e))
        return;
    struct euicc *own = w.cards[0];
    w.cards[0] = g.card;
    w.response = fill_places;
    if (world_order(&w, NULL, NULL, &code)) {
        CHECK_EQ(world_download(&w, &code, &d, &e), LPA_CARD);
        CHECK_EQ(d.error_reason, 10);
    }
    CHECK_EQ(info2(g.card).n > 0, 1);
    CHECK_EQ((int64_t)g.card->state.n_profiles, EUICC_PROFILES_MAX);
    w.cards[0] = own;
    ground_close(&g);
    world_close(&w);
}

/* EnableProfile with REFRESH, the former profile deleted, and then the terminal cannot REFRESH. */
TEST(a_profile_to_go_back_to_is_gone)
{
    static const char *const commands[] = {
        "BF3111A00C" ICCID_2 "8101FF", ("BF330C" ICCID_1), "801000000AFFFFFFFFFFFFFFFFFFFF", "801200000B",
        "801400000C810301010982028281830120",
    };
    struct ground g;
    struct bytes data;
    struct err e;
    if (!ground_open(&g, ground_content(), &e))
        return;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        ground_say(g.card, commands[i], &data);
    CHECK(ground_observe(g.card).n > 0);
    struct bytes left = ground_left(&g);
    ground_close(&g);
    if (CHECK_OK(ground_open(&g, left, &e) ? 0 : -1, &e))
        ground_close(&g);
}
