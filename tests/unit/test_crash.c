/* SPDX-License-Identifier: Apache-2.0
 *
 * The SM-DP+ goes wrong at each of its commits, in each way.  A dry run counts the commits of a scene; then, for each
 * of them, the server dies by SIGKILL before it or after it, its answer is lost, or its store fails; the server starts
 * again, and what can be seen of it from outside is held to the invariants:
 *
 *   I1  a profile is never bound to two EIDs; no BPP leaves before its binding is committed
 *   I2  an order that was acknowledged is there, once
 *   I5  counters never go back
 *   I7  the audit trail is whole and agrees with the states
 *   I8  the same request again, or the download begun again, succeeds or is refused with a defined code
 *
 * An order by profile type has no name of its own before it is answered: its repetition takes another profile, and the
 * first stays Allocated for the operator to confirm or to cancel (SGP.22 5.3.1 has no means to tell the two apart). */
#include <sys/mman.h>

#include "mortal.h"
#include "rsp/ids.h"
#include "smdp/order.h"
#include "smdp/records.h"

enum { POOL = 2, LIST = 600 /* profiles imported: two batches */, CODES = 3 /* tries */ };
#define CODE "4711"
#define SMDS "smds.example.com"

static struct world w;
static struct mortal m;

/* ------------------------------------------------------- other servers, which don't die with ours */

static struct peers {
    bool event;  /* at the SM-DS */
    int told[5]; /* by point of HandleDownloadProgressInfo */
} *peers;

static void point_told(struct bytes body)
{
    struct rsp_header header;
    struct es2_progress in;
    struct err e;
    if (CHECK_OK(rsp_read_request(test_arena(), ES2_HANDLE_DOWNLOAD_PROGRESS_INFO, body, &header, &in, &e), &e) &&
        CHECK(in.notificationPointId >= 1 && in.notificationPointId <= 4))
        peers->told[in.notificationPointId]++;
}

static int peer(struct world *world, const struct service_call *c, struct service_answer *answer, struct err *e)
{
    enum rsp_function f = (enum rsp_function)rsp_function_at(c->path);
    struct rsp_status status = { .executed = RSP_SUCCESS };
    (void)world;
    if (c->peer == PEER_OPERATOR) {
        point_told(c->body);
        *answer = (struct service_answer){ .status = 204 };
        return 0;
    }
    bool registers = f == ES12_REGISTER_EVENT;
    if (peers->event == registers) /* there already, or unknown */
        status = (struct rsp_status){ .executed = RSP_FAILED, .subject = BYTES_LIT("8.9.5"),
                                      .reason = bytes_text(registers ? "3.3" : "3.9") };
    peers->event = registers;
    *answer = (struct service_answer){ .status = 200 };
    return rsp_write_response(test_arena(), f, &status, NULL, &answer->body, e);
}

/* Points 1, 3 and 4 are told to the operator. */
static bool operator_listens(void)
{
    struct store_batch b = store_batch_in(test_arena());
    struct store_record r;
    struct err e;
    if (!CHECK_OK(store_get(w.smdp.service.store, test_arena(), KIND_OPERATOR, BYTES_LIT("Rspkit Mobile"), &r, &e), &e))
        return false;
    r.v[OPERATOR_URL].b = BYTES_LIT("https://operator.example.com");
    r.v[OPERATOR_POINTS].i = 1 << 1 | 1 << 3 | 1 << 4;
    store_put(&b, KIND_OPERATOR, &r);
    return CHECK_EQ(store_commit(w.smdp.service.store, &b, NULL, &e), STORE_COMMITTED);
}

static int64_t waiting_messages(void)
{
    int64_t n, all = 0;
    struct err e;
    for (int state = OUTBOX_WAITING; state <= OUTBOX_DEAD; state++)
        if (CHECK_OK(outbox_count(w.outbox, BYTES_NONE, (enum outbox_state)state, &n, &e), &e))
            all += n;
    return all;
}

/* ------------------------------------------------------------------------------------ looking */

static struct bytes iccid_of(const char *text)
{
    struct bytes iccid = BYTES_NONE;
    struct err e;
    CHECK_OK(iccid_from_text(test_arena(), bytes_text(text), &iccid, &e), &e);
    return iccid;
}

static struct smdp_profile profile(void)
{
    struct smdp_profile p = { .state = ORDER_UNAVAILABLE };
    struct err e;
    CHECK_OK(smdp_profile(&w.smdp, test_arena(), iccid_of(WORLD_ICCID), &p, &e), &e);
    return p;
}

static int64_t available(void)
{
    int64_t n = -1;
    struct err e;
    CHECK_OK(smdp_count(&w.smdp, ORDER_AVAILABLE, &n, &e), &e);
    return n;
}

static const char *text_of(const struct rsp_status *s)
{
    if (s->executed != RSP_FAILED)
        return s->executed == RSP_EXPIRED ? "none" : "ok";
    return arena_printf(test_arena(), "%.*s/%.*s", (int)s->subject.n, s->subject.p, (int)s->reason.n, s->reason.p);
}

/* ------------------------------------------------------------------ I7: audit trail and states */

#define S(x) (1u << ORDER_##x)

/* The states that a profile may have after its last entry. */
static const struct {
    const char *action, *outcome;
    unsigned states;
} leaves[] = {
    { "ES2+.DownloadOrder", "done", S(ALLOCATED) | S(LINKED) },
    { "ES2+.ConfirmOrder", "done", S(CONFIRMED) | S(RELEASED) },
    { "ES2+.ReleaseProfile", "done", S(RELEASED) },
    { "recovery", "done", S(RELEASED) },
    { "ES2+.CancelOrder", "done", S(AVAILABLE) | S(UNAVAILABLE) },
    { "ES9+.AuthenticateClient", "done", S(RELEASED) | S(DOWNLOADED) },
    { "ES9+.GetBoundProfilePackage", "done", S(DOWNLOADED) },
    { "ES9+.GetBoundProfilePackage", "8.2.7/3.8", S(RELEASED) | S(DOWNLOADED) },
    { "ES9+.GetBoundProfilePackage", "8.2.7/6.4", S(ERROR) },
    { "ES9+.HandleNotification", "done", S(INSTALLED) },
    { "ES9+.CancelSession", "done", S(ERROR) | S(RELEASED) }, /* Released: put off */
    { "set expiry", "done", S(RELEASED) },
    { "arm again", "done", S(RELEASED) },
};

static void agrees(const struct smdp_profile *p)
{
    const struct store_query last = { .kind = KIND_AUDIT, .column = AUDIT_SUBJECT, .value.b = p->iccid,
                                      .newest_first = true, .limit = 1 };
    struct store_records found;
    struct err e;
    unsigned states = S(AVAILABLE); /* it came with a list */
    if (!CHECK_OK(store_find(w.smdp.service.store, test_arena(), &last, &found, &e), &e))
        return;
    for (size_t i = 0; found.n && i < sizeof leaves / sizeof *leaves; i++)
        if (bytes_equal(found.items[0].v[AUDIT_ACTION].b, bytes_text(leaves[i].action)) &&
            bytes_equal(found.items[0].v[AUDIT_OUTCOME].b, bytes_text(leaves[i].outcome)))
            states = leaves[i].states;
    if (!CHECK(states >> p->state & 1))
        printf("# %s is %s; the last entry of the trail: %.*s\n", iccid_text(test_arena(), p->iccid),
               order_state_name(p->state), found.n ? (int)found.items[0].v[AUDIT_ACTION].b.n : 0,
               found.n ? (const char *)found.items[0].v[AUDIT_ACTION].b.p : "");
}

static void whole(void)
{
    struct smdp_profile *p;
    int64_t n, after = 0;
    struct err e;
    size_t found;
    CHECK_OK(audit_verify(w.smdp.service.store, KIND_AUDIT, &n, &e), &e);
    CHECK_OK(smdp_profiles_verify(&w.smdp, &n, &e), &e);
    if (CHECK_OK(smdp_profiles(&w.smdp, test_arena(), -1, &after, 1000, &p, &found, &e), &e))
        for (size_t i = 0; i < found; i++)
            agrees(&p[i]);
}

/* The outbox empties, and the SM-DS knows of an event exactly while the order may be downloaded. */
static void delivered(void)
{
    world_deliver(&w);
    CHECK_EQ(waiting_messages(), 0);
    struct smdp_profile p = profile();
    CHECK_EQ(peers->event, p.smds.p && p.state == ORDER_RELEASED);
}

/* ------------------------------------------------------------------------------------- scenes */

struct scene {
    const char *name;
    bool (*prepare)(void); /* in this process, before */
    bool (*act)(void);     /* with the server that will die; was it acknowledged? */
    void (*judge)(bool acknowledged);
    bool from_start;
};

static int points;

/* One life and the next; the commits there were. */
static long play(const struct scene *s, long at, enum mishap mishap)
{
    world_store(test_fresh_path("smdp.db"));
    peers = mmap(NULL, sizeof *peers, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    m = (struct mortal){ .at = at, .mishap = mishap, .from_start = s->from_start };
    if (CHECK(peers != MAP_FAILED) && world_open(&w, EC_P256, BYTES_NONE, false)) {
        w.peer = peer;
        if (operator_listens() && s->prepare()) {
            bool acknowledged = s->act();
            long commits = m.commits;
            if (mortal_end(&w)) {
                whole();
                s->judge(acknowledged);
                whole();
                delivered();
            }
            m.commits = commits;
        }
    }
    world_close(&w);
    munmap(peers, sizeof *peers);
    test_folder_clear();
    arena_reset(test_arena()); /* a small process forks fast */
    return m.commits;
}

static void play_all(const struct scene *s)
{
    test_row("%s: nothing goes wrong", s->name);
    long commits = play(s, 0, ANSWER_LOST);
    CHECK(commits > 0);
    for (long at = 1; at <= commits; at++)
        for (int mishap = 0; mishap < MISHAPS; mishap++) {
            if (s->from_start && mishap >= ANSWER_LOST)
                continue;
            test_row("%s: commit %ld of %ld: %s", s->name, at, commits, mishap_names[mishap]);
            play(s, at, (enum mishap)mishap);
            points++;
        }
}

/* --------------------------------------------------------------------------------------- ES2+ */

enum step { NO_STEP, ORDER, ORDER_EID, ORDER_TYPE, CONFIRM, CONFIRM_RELEASE, CONFIRM_CODE, CONFIRM_SMDS,
            CONFIRM_SMDS_RELEASE, RELEASE, CANCEL_AVAILABLE, CANCEL_UNAVAILABLE };

static struct bytes eid(void)
{
    struct bytes eid = BYTES_NONE;
    struct err e;
    CHECK_OK(eid_from_text(test_arena(), bytes_text(w.pki.plan.eid), &eid, &e), &e);
    return eid;
}

static struct activation_code activation;

static const struct function {
    const char *name;
    enum step before[2], step;
    enum order_state from, to;
    const char *again; /* the answer to a repetition, if the first was carried out */
} functions[] = {
    { "DownloadOrder by ICCID", { 0 }, ORDER, ORDER_AVAILABLE, ORDER_ALLOCATED, "ok" },
    { "DownloadOrder with EID", { 0 }, ORDER_EID, ORDER_AVAILABLE, ORDER_LINKED, "ok" },
    { "DownloadOrder by type", { 0 }, ORDER_TYPE, ORDER_AVAILABLE, ORDER_ALLOCATED, "ok" },
    { "ConfirmOrder", { ORDER }, CONFIRM, ORDER_ALLOCATED, ORDER_CONFIRMED, "ok" },
    { "ConfirmOrder and release", { ORDER }, CONFIRM_RELEASE, ORDER_ALLOCATED, ORDER_RELEASED, "ok" },
    { "ConfirmOrder with code", { ORDER }, CONFIRM_CODE, ORDER_ALLOCATED, ORDER_RELEASED, "ok" },
    { "ConfirmOrder with SM-DS", { ORDER_EID }, CONFIRM_SMDS, ORDER_LINKED, ORDER_CONFIRMED, "ok" },
    { "ConfirmOrder with SM-DS, release", { ORDER_EID }, CONFIRM_SMDS_RELEASE, ORDER_LINKED, ORDER_RELEASED, "ok" },
    { "ReleaseProfile", { ORDER, CONFIRM }, RELEASE, ORDER_CONFIRMED, ORDER_RELEASED, "ok" },
    { "ReleaseProfile with SM-DS", { ORDER_EID, CONFIRM_SMDS }, RELEASE, ORDER_CONFIRMED, ORDER_RELEASED, "ok" },
    { "CancelOrder to Available", { ORDER, CONFIRM_RELEASE }, CANCEL_AVAILABLE, ORDER_RELEASED, ORDER_AVAILABLE,
      "8.2.1/3.5" },
    { "CancelOrder to Unavailable", { ORDER, CONFIRM_RELEASE }, CANCEL_UNAVAILABLE, ORDER_RELEASED,
      ORDER_UNAVAILABLE, "8.2.1/3.5" },
    { "CancelOrder with SM-DS", { ORDER_EID, CONFIRM_SMDS_RELEASE }, CANCEL_AVAILABLE, ORDER_RELEASED,
      ORDER_AVAILABLE, "8.2.1/3.5" },
};

static const struct function *function; /* under test */

static struct rsp_status order(enum step s)
{
    const struct es2_download_order q = { .iccid = s == ORDER_TYPE ? BYTES_NONE : iccid_of(WORLD_ICCID),
                                          .eid = s == ORDER_EID ? eid() : BYTES_NONE,
                                          .profileType = s == ORDER_TYPE ? BYTES_LIT("sample") : BYTES_NONE };
    struct es2_download_order_done done = { 0 };
    return world_es2(&w, ES2_DOWNLOAD_ORDER, &q, &done);
}

static struct rsp_status confirm(enum step s)
{
    bool smds = s == CONFIRM_SMDS || s == CONFIRM_SMDS_RELEASE;
    const struct es2_confirm_order q = { .iccid = iccid_of(WORLD_ICCID),
                                         .smdsAddress = smds ? BYTES_LIT(SMDS) : BYTES_NONE,
                                         .confirmationCode = s == CONFIRM_CODE ? BYTES_LIT(CODE) : BYTES_NONE,
                                         .releaseFlag = s != CONFIRM && s != CONFIRM_SMDS };
    struct es2_confirm_order_done done = { 0 };
    struct rsp_status status = world_es2(&w, ES2_CONFIRM_ORDER, &q, &done);
    activation = (struct activation_code){ .address = BYTES_LIT("smdp.example.com"), .matching_id = done.matchingId };
    return status;
}

static struct rsp_status cancel(enum step s)
{
    const struct es2_cancel_order q = { .iccid = iccid_of(WORLD_ICCID),
                                        .eid = function->before[0] == ORDER_EID ? eid() : BYTES_NONE,
                                        .finalProfileStatusIndicator = s == CANCEL_AVAILABLE
                                                                           ? BYTES_LIT("Available")
                                                                           : BYTES_LIT("Unavailable") };
    return world_es2(&w, ES2_CANCEL_ORDER, &q, NULL);
}

static struct rsp_status take(enum step s)
{
    const struct es2_release_profile q = { .iccid = iccid_of(WORLD_ICCID) };
    if (s <= ORDER_TYPE)
        return order(s);
    if (s <= CONFIRM_SMDS_RELEASE)
        return confirm(s);
    return s == RELEASE ? world_es2(&w, ES2_RELEASE_PROFILE, &q, NULL) : cancel(s);
}

static bool function_prepare(void)
{
    for (int i = 0; i < 2 && function->before[i]; i++) {
        struct rsp_status s = take(function->before[i]);
        if (!CHECK_TEXT(text_of(&s), "ok"))
            return false;
    }
    return true;
}

static bool function_act(void)
{
    mortal_begin(&w, &m);
    return take(function->step).executed == RSP_SUCCESS;
}

/* One of the two states, and the later one if it was acknowledged; then the repetition. */
static void function_judge(bool acknowledged)
{
    enum order_state state = profile().state;
    bool carried_out = state == function->to;
    CHECK(carried_out || state == function->from);
    CHECK(carried_out || !acknowledged);
    struct rsp_status s = take(function->step);
    CHECK_TEXT(text_of(&s), carried_out ? function->again : "ok");
    CHECK_TEXT(order_state_name(profile().state), order_state_name(function->to));
    CHECK_EQ(available(), function->to == ORDER_AVAILABLE ? POOL : POOL - 1);
}

/* Each request takes one at most, each that was acknowledged one; so does the repetition. */
static void by_type_judge(bool acknowledged)
{
    int64_t gone = POOL - available();
    CHECK(gone >= acknowledged && gone <= m.asked[ES2_DOWNLOAD_ORDER]);
    struct rsp_status s = take(ORDER_TYPE);
    CHECK_TEXT(text_of(&s), gone < POOL ? "ok" : "8.2.5/3.7");
    CHECK_EQ(available(), gone < POOL ? POOL - gone - 1 : 0);
}

TEST(es2_functions)
{
    points = 0;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        function = &functions[i];
        play_all(&(struct scene){ function->name, function_prepare, function_act,
                                  function->step == ORDER_TYPE ? by_type_judge : function_judge, false });
    }
    printf("# %d points\n", points);
}

/* --------------------------------------------------------------------------------------- ES9+ */

/* What the LPA and its user come to: "ok", a pair of codes, "none" without an answer, "user". */
static const char *download(int card, const char *confirmation_code)
{
    struct lpa_download d;
    struct err e;
    w.card = card;
    w.code = confirmation_code;
    w.lpa.arena = arena_new(32 << 20);
    enum lpa_end end = world_download(&w, &activation, &d, &e);
    const char *text = end == LPA_DONE      ? "ok"
                       : end == LPA_USER    ? "user"
                       : end == LPA_NETWORK ? "none"
                                            : text_of(&d.status);
    arena_free(w.lpa.arena);
    return text;
}

static void notifications_send(void)
{
    struct err e;
    size_t sent;
    w.card = 0;
    w.lpa.arena = arena_new(32 << 20);
    if (CHECK_EQ(lpa_open(&w.lpa, &e), LPA_DONE))
        CHECK_EQ(lpa_notifications_send(&w.lpa, &sent, &e), LPA_DONE);
    lpa_close(&w.lpa);
    arena_free(w.lpa.arena);
}

static bool is_installed(void)
{
    return profile().state == ORDER_INSTALLED;
}

static bool released(enum step how)
{
    struct rsp_status ordered = take(ORDER), confirmed = take(how);
    return CHECK_TEXT(text_of(&ordered), "ok") && CHECK_TEXT(text_of(&confirmed), "ok");
}

static bool download_prepare(void)
{
    return released(CONFIRM_RELEASE);
}

static bool download_act(void)
{
    mortal_begin(&w, &m);
    return strcmp(download(0, NULL), "ok") == 0 && m.done[ES9_HANDLE_NOTIFICATION];
}

/* I1, I5: whoever was sent a BPP is the one it is bound to; attempts that were answered are counted. */
static void binding_holds(void)
{
    struct smdp_profile p = profile();
    CHECK(!(m.bound[0] && m.bound[1]));
    if (m.bound[0])
        CHECK_BYTES(p.eid, eid());
    CHECK(p.downloads >= m.done[ES9_AUTHENTICATE_CLIENT] && p.downloads <= m.asked[ES9_AUTHENTICATE_CLIENT]);
    CHECK(p.state != ORDER_RELEASED || (!m.bound[0] && !m.bound[1]));
    CHECK(p.state != ORDER_DOWNLOADED || bytes_present(p.eid));
}

static void all_points_told(void)
{
    world_deliver(&w);
    CHECK(peers->told[1] && peers->told[3] && peers->told[4]);
}

/* The same card goes on: what it owes to the server first, then from the beginning. */
static void goes_on(void)
{
    notifications_send();
    if (!is_installed())
        CHECK_TEXT(download(0, NULL), "ok");
    CHECK(is_installed());
    CHECK_BYTES(profile().eid, eid());
    CHECK_EQ(available(), POOL - 1);
}

static void download_judge(bool acknowledged)
{
    CHECK(!acknowledged || is_installed());
    binding_holds();
    goes_on();
    binding_holds();
    all_points_told();
    CHECK_TEXT(download(1, NULL), "8.2.6/3.8"); /* the order is over */
}

/* Another card has the activation code, too, and comes first. */
static void other_card_judge(bool acknowledged)
{
    enum order_state before = profile().state;
    bool bound = bytes_present(profile().eid);
    CHECK(!acknowledged || is_installed());
    binding_holds();
    const char *other = download(1, NULL);
    CHECK(!(m.bound[0] && m.bound[1]));
    if (bound) {
        CHECK_TEXT(other, before == ORDER_INSTALLED ? "8.2.6/3.8" : "8.1.1/3.8");
        goes_on();
    } else {
        CHECK_TEXT(other, "ok");
        CHECK_TEXT(download(0, NULL), "8.2.6/3.8");
    }
    CHECK_EQ(available(), POOL - 1);
}

TEST(downloads)
{
    static const struct scene scenes[] = {
        { "download, gone on with", download_prepare, download_act, download_judge, false },
        { "download, then another card", download_prepare, download_act, other_card_judge, false },
    };
    points = 0;
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
        play_all(&scenes[i]);
    printf("# %d points\n", points);
}

static int wrong_before; /* codes, before the server that dies */

static bool code_prepare(void)
{
    if (!released(CONFIRM_CODE))
        return false;
    for (int i = 0; i < wrong_before; i++)
        CHECK_TEXT(download(0, "1174"), "8.2.7/3.8");
    return true;
}

static bool wrong_code_act(void)
{
    mortal_begin(&w, &m);
    download(0, "1174");
    return m.refused[ES9_GET_BOUND_PROFILE_PACKAGE] > 0;
}

/* I5: what was told is counted; what is counted was asked; no more than CODES are ever told. */
static void wrong_code_judge(bool acknowledged)
{
    int64_t counted = profile().cc_tries, told = wrong_before + m.refused[ES9_GET_BOUND_PROFILE_PACKAGE];
    CHECK(!acknowledged || counted >= wrong_before + 1);
    CHECK(counted >= told && counted <= wrong_before + m.asked[ES9_GET_BOUND_PROFILE_PACKAGE]);
    while (counted < CODES && told < CODES) {
        CHECK_TEXT(download(0, "1174"), counted + 1 < CODES ? "8.2.7/3.8" : "8.2.7/6.4");
        CHECK_EQ(profile().cc_tries, ++counted);
        told++;
    }
    CHECK_TEXT(order_state_name(profile().state), "Error");
    CHECK_TEXT(download(0, CODE), "8.2.6/3.8");
    CHECK(!m.bound[0]);
}

/* The right code after wrong ones: their count stays. */
static bool right_code_act(void)
{
    mortal_begin(&w, &m);
    return strcmp(download(0, CODE), "ok") == 0 && m.done[ES9_HANDLE_NOTIFICATION];
}

static void right_code_judge(bool acknowledged)
{
    CHECK(!acknowledged || is_installed());
    CHECK_EQ(profile().cc_tries, wrong_before);
    notifications_send();
    if (!is_installed())
        CHECK_TEXT(download(0, CODE), "ok");
    CHECK(is_installed());
}

TEST(confirmation_codes)
{
    points = 0;
    for (wrong_before = 0; wrong_before < CODES; wrong_before++) {
        static const char *const names[CODES] = { "first wrong code", "second wrong code", "third wrong code" };
        play_all(&(struct scene){ names[wrong_before], code_prepare, wrong_code_act, wrong_code_judge, false });
    }
    wrong_before = 2;
    play_all(&(struct scene){ "right code after two wrong ones", code_prepare, right_code_act, right_code_judge });
    printf("# %d points\n", points);
}

/* --------------------------------------------------------------------------- CancelSession */

static bool cancel_act(void)
{
    mortal_begin(&w, &m);
    w.answer = LPA_NO;
    download(0, NULL);
    return m.done[ES9_CANCEL_SESSION] > 0;
}

static void cancel_judge(bool acknowledged)
{
    bool over = profile().state == ORDER_ERROR;
    CHECK(over || (!acknowledged && profile().state == ORDER_RELEASED));
    CHECK_TEXT(download(0, NULL), over ? "8.2.6/3.8" : "user");
    CHECK_TEXT(order_state_name(profile().state), "Error");
    CHECK(!m.bound[0]);
}

static bool postpone_act(void)
{
    mortal_begin(&w, &m);
    w.answer = LPA_LATER;
    download(0, NULL);
    return m.done[ES9_CANCEL_SESSION] > 0;
}

static void postpone_judge(bool acknowledged)
{
    (void)acknowledged;
    CHECK_TEXT(order_state_name(profile().state), "Released");
    w.answer = LPA_YES;
    binding_holds();
    goes_on();
}

TEST(sessions_cancelled)
{
    static const struct scene scenes[] = {
        { "session cancelled for good", download_prepare, cancel_act, cancel_judge, false },
        { "session put off", download_prepare, postpone_act, postpone_judge, false },
    };
    points = 0;
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
        play_all(&scenes[i]);
    printf("# %d points\n", points);
}

/* ----------------------------------------------------------------------------- administration */

static struct smdp_imported imported;

static struct bytes list(void)
{
    struct buf csv = buf_in(test_arena());
    buf_text(&csv, "iccid,imsi,k,opc\n");
    for (int i = 0; i < LIST; i++)
        buf_printf(&csv, "%s,001010%09d,%s,%s\n", world_iccid(i), i, WORLD_K, WORLD_OPC);
    return buf_bytes(&csv);
}

static bool import(struct world *world)
{
    struct err e;
    return smdp_add_profiles(&world->smdp, "sample", list(), &imported, &e) == 0;
}

static bool nothing(void)
{
    return true;
}

static bool administer(bool (*what)(struct world *))
{
    m.administer = what;
    mortal_begin(&w, &m);
    return mortal_administer(&w);
}

static bool import_act(void)
{
    return administer(import);
}

/* A list given again goes on where it had come to. */
static void import_judge(bool acknowledged)
{
    int64_t there = available() - POOL;
    CHECK(there == 0 || there == 500 || there == LIST);
    CHECK(!acknowledged || there == LIST);
    CHECK(import(&w));
    CHECK_EQ((int64_t)imported.there, there);
    CHECK_EQ((int64_t)imported.added, LIST - there);
    CHECK_EQ(available(), POOL + LIST);
}

static struct bytes sample, sample_metadata;

static bool sample_read(void)
{
    struct store_record r;
    struct err e;
    sample = world_sample();
    bool there = CHECK_OK(store_get(w.smdp.service.store, test_arena(), KIND_TYPE, BYTES_LIT("sample"), &r, &e), &e);
    sample_metadata = r.v[TYPE_METADATA].b;
    return there;
}

static int type_code;

static bool type_add(struct world *world)
{
    const struct smdp_type t = { .name = "other", .operator_name = "Rspkit Mobile", .upp = sample,
                                 .metadata = sample_metadata };
    struct err e = { 0 };
    bool added = smdp_add_type(&world->smdp, test_arena(), &t, &e) == 0;
    type_code = e.code;
    return added;
}

static bool type_act(void)
{
    return administer(type_add);
}

static void type_judge(bool acknowledged)
{
    bool added = type_add(&w);
    CHECK(!(added && acknowledged));
    CHECK(added || type_code == ERR_EXISTS);
    struct err e;
    CHECK_OK(smdp_add_profiles(&w.smdp, "other", list(), &imported, &e), &e);
    CHECK_EQ((int64_t)imported.added, LIST);
}

static bool expire(struct world *world)
{
    struct err e;
    return smdp_set_expiry(&world->smdp, test_arena(), iccid_of(WORLD_ICCID), world->now + 100, &e) == 0;
}

static bool expire_act(void)
{
    return administer(expire);
}

static void expire_judge(bool acknowledged)
{
    CHECK(profile().expires == w.now + 100 || (profile().expires == 0 && !acknowledged));
    CHECK(expire(&w));
    CHECK_EQ(profile().expires, w.now + 100);
    goes_on();
}

static bool rearm_prepare(void)
{
    bool ready = released(CONFIRM_CODE);
    for (int i = 0; i < CODES; i++)
        CHECK_TEXT(download(0, "1174"), i < CODES - 1 ? "8.2.7/3.8" : "8.2.7/6.4");
    return ready;
}

static bool rearm(struct world *world)
{
    struct err e;
    return smdp_rearm(&world->smdp, test_arena(), iccid_of(WORLD_ICCID), &e) == 0;
}

static bool rearm_act(void)
{
    return administer(rearm);
}

/* Counters go to zero by this alone. */
static void rearm_judge(bool acknowledged)
{
    bool armed = profile().state == ORDER_RELEASED;
    CHECK(armed || !acknowledged);
    CHECK_EQ(profile().cc_tries, armed ? 0 : CODES);
    CHECK(rearm(&w));
    CHECK_EQ(profile().cc_tries, 0);
    CHECK_TEXT(download(0, CODE), "ok");
    CHECK(is_installed());
}

TEST(administration)
{
    static const struct scene scenes[] = {
        { "import", nothing, import_act, import_judge, false },
        { "add-type", sample_read, type_act, type_judge, false },
        { "expire", download_prepare, expire_act, expire_judge, false },
        { "rearm", rearm_prepare, rearm_act, rearm_judge, false },
    };
    points = 0;
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
        play_all(&scenes[i]);
    printf("# %d points\n", points);
}

/* ----------------------------------------------------------------------------------- recovery */

/* The server died when it was about to ask the SM-DS; the next one dies while it makes up for that. */
static bool registering_prepare(void)
{
    const struct mortal plan = m;
    struct rsp_status s = take(ORDER_EID);
    CHECK_TEXT(text_of(&s), "ok");
    m = (struct mortal){ .at = 1, .mishap = KILLED_AFTER };
    mortal_begin(&w, &m);
    s = take(CONFIRM_SMDS_RELEASE);
    CHECK_TEXT(text_of(&s), "none");
    bool died = mortal_reap(&w);
    m = plan;
    return died;
}

static bool is_up(struct world *world)
{
    (void)world;
    return true;
}

static bool recovery_act(void)
{
    return administer(is_up);
}

static void recovery_judge(bool acknowledged)
{
    (void)acknowledged;
    CHECK_TEXT(order_state_name(profile().state), "Released");
    CHECK(profile().event && peers->event);
    struct rsp_status s = take(CONFIRM_SMDS_RELEASE);
    CHECK_TEXT(text_of(&s), "ok");
}

TEST(recovery)
{
    static const struct scene s = { "recovery", registering_prepare, recovery_act, recovery_judge, true };
    points = 0;
    play_all(&s);
    printf("# %d points\n", points);
}
