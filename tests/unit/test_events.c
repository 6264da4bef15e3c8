/* SPDX-License-Identifier: Apache-2.0
 *
 * The events of orders at an SM-DS, whatever the SM-DS does (SGP.22 3.6, 5.9; 5.3.2 to 5.3.4). */
#include "peers.h"
#include "rsp/ids.h"

#define SMDS "smds.example.com"
#define ID "EVENT-1"
#define SAMPLE BYTES_LIT("sample")

enum { HOUR = 3600 };

static struct world world;
static struct rsp_status status;
static struct es2_confirm_order_done confirmed;

static bool prepare(void)
{
    if (!world_open(&world, EC_P256, BYTES_NONE, false))
        return false;
    peers_begin(&world);
    return true;
}

/* ---------------------------------------------------------------------------- ES2+ in words */

static struct bytes eid_of(const char *text)
{
    struct bytes eid = BYTES_NONE;
    struct err e;
    if (text)
        CHECK_OK(eid_from_text(test_arena(), bytes_text(text), &eid, &e), &e);
    return eid;
}

static struct bytes iccid_of(const char *text)
{
    struct bytes iccid = BYTES_NONE;
    struct err e;
    CHECK_OK(iccid_from_text(test_arena(), bytes_text(text), &iccid, &e), &e);
    return iccid;
}

/* "ok", "8.9/5.1", or "HTTP 503". */
static const char *outcome(int http)
{
    if (http != 200)
        return arena_printf(test_arena(), "HTTP %d", http);
    if (status.executed == RSP_SUCCESS)
        return "ok";
    return arena_printf(test_arena(), "%.*s/%.*s", (int)status.subject.n, status.subject.p, (int)status.reason.n,
                        status.reason.p);
}

static const char *order_of(const char *iccid, const char *eid)
{
    struct es2_download_order in = { .iccid = iccid_of(iccid), .eid = eid_of(eid) };
    struct es2_download_order_done out;
    return outcome(peers_es2(&world, ES2_DOWNLOAD_ORDER, &in, &out, &status));
}

static const char *confirm_at(const char *iccid, const char *smds, const char *id, const char *eid, bool release)
{
    struct es2_confirm_order in = { .iccid = iccid_of(iccid), .eid = eid_of(eid), .matchingId = bytes_text(id),
                                    .smdsAddress = bytes_text(smds), .releaseFlag = release };
    return outcome(peers_es2(&world, ES2_CONFIRM_ORDER, &in, &confirmed, &status));
}

static const char *confirm(const char *id, bool release)
{
    return confirm_at(WORLD_ICCID, SMDS, id, world.pki.plan.eid, release);
}

static const char *release(void)
{
    struct es2_release_profile in = { steps_iccid() };
    return outcome(peers_es2(&world, ES2_RELEASE_PROFILE, &in, NULL, &status));
}

static const char *cancel_of(const char *iccid, const char *final)
{
    struct es2_cancel_order in = { .iccid = iccid_of(iccid),
                                   .eid = steps_record(&world, KIND_PROFILE, iccid_of(iccid)).v[PROFILE_EID].b,
                                   .finalProfileStatusIndicator = bytes_text(final) };
    return outcome(peers_es2(&world, ES2_CANCEL_ORDER, &in, NULL, &status));
}

static const char *cancel(void)
{
    return cancel_of(WORLD_ICCID, "Available");
}

/* ------------------------------------------------------------------------------ what is there */

static const char *event_row(const char *id)
{
    static const char *const names[] = { "claimed", "deleting", "over" };
    struct store_record r = steps_record(&world, KIND_EVENT, bytes_text(id));
    return r.version ? names[r.v[EVENT_STATE].i] : "free";
}

static int64_t deletions(enum outbox_state state)
{
    struct err e;
    int64_t n = -1;
    CHECK_OK(outbox_count(world.outbox, BYTES_LIT(SMDS), state, &n, &e), &e);
    return n;
}

static void deliver_for(int hours)
{
    for (int i = 0; i < 60 * hours; i++) {
        world.now += 60;
        world_deliver(&world);
    }
}

/* The SM-DS has the event of the order, and nothing else. */
static void check_there(const char *id)
{
    if (CHECK_EQ(peers.n_events, 1)) {
        CHECK_BYTES(peers.events[0].id, bytes_text(id));
        CHECK_BYTES(peers.events[0].eid, bytes_text(world.pki.plan.eid));
    }
}

static struct activation_code code_of(void)
{
    return (struct activation_code){ .address = BYTES_LIT("smdp.example.com"), .matching_id = BYTES_LIT(ID) };
}

/* -------------------------------------------------------------------------------- the letters */

TEST(letters)
{
    if (!prepare()) {
        world_close(&world);
        return;
    }
    test_row("RegisterEvent");
    CHECK_TEXT(order_of(WORLD_ICCID, NULL), "ok");
    CHECK_TEXT(confirm(ID, true), "ok");
    CHECK_TEXT(world_state(&world), "Released");
    if (CHECK_EQ(peers.n, 1)) {
        const struct letter *l = &peers.letters[0];
        CHECK_EQ(l->peer, PEER_SMDS);
        CHECK_BYTES(l->host, BYTES_LIT(SMDS));
        CHECK_BYTES(l->path, BYTES_LIT("/gsma/rsp2/es12/registerEvent"));
        CHECK_TEXT(letter_member(l, "eid"), world.pki.plan.eid);
        CHECK_TEXT(letter_member(l, "rspServerAddress"), "smdp.example.com");
        CHECK_TEXT(letter_member(l, "eventId"), ID);
        CHECK_TEXT(letter_member(l, "forwardingIndicator"), "true");
        CHECK_TEXT(letter_member(l, "header.functionRequesterIdentifier"), "smdp.example.com");
        CHECK(strlen(letter_member(l, "header.functionCallIdentifier")) == 32);
    }
    test_row("DeleteEvent");
    CHECK_TEXT(cancel(), "ok");
    world_deliver(&world);
    if (CHECK_EQ(peers.n, 2)) {
        const struct letter *l = &peers.letters[1];
        CHECK_BYTES(l->host, BYTES_LIT(SMDS));
        CHECK_BYTES(l->path, BYTES_LIT("/gsma/rsp2/es12/deleteEvent"));
        CHECK_TEXT(letter_member(l, "eid"), world.pki.plan.eid);
        CHECK_TEXT(letter_member(l, "eventId"), ID);
        CHECK(strcmp(letter_member(l, "header.functionCallIdentifier"),
                     letter_member(&peers.letters[0], "header.functionCallIdentifier")) != 0);
    }
    CHECK_EQ(peers.n_events, 0);
    test_row("both by the standard's schema, read by python");
    const char *faults = letters_faults(peers.letters, peers.n);
    if (faults)
        CHECK_TEXT(faults, "");
    else
        test_skip("python3 has no module jsonschema");
    world_close(&world);
}

/* ------------------------------------------------------------------------ answers of the SM-DS */

/* `sure`: it is certain that the SM-DS has no event. */
static const struct said_row {
    const char *name;
    struct manner smds;
    const char *outcome;
    bool sure;
} said_rows[] = {
    { "success", { 0 }, "ok", false },
    { "success with warning", { .deaf = true, .executed = "Executed-WithWarning" }, "ok", false },
    { "the event is there already", { .executed = "Failed", .subject = "8.9.5", .reason = "3.3" }, "ok", false },
    { "the root is not reached", { .executed = "Failed", .subject = "8.9", .reason = "5.1" }, "8.9/5.1", true },
    { "the root has an error", { .executed = "Failed", .subject = "8.9", .reason = "4.2" }, "8.9/4.2", true },
    { "a code that means something else", { .executed = "Failed", .subject = "8.9.5", .reason = "3.9" }, "8.9/4.2",
      true },
    { "an unknown code", { .executed = "Failed", .subject = "1.2", .reason = "9.9" }, "8.9/4.2", true },
    { "a failure without code", { .executed = "Failed" }, "8.9/4.2", true },
    { "expired", { .executed = "Expired" }, "8.9/4.2", true },
    { "HTTP 500, not done", { .deaf = true, .status = 500 }, "8.9/4.2", false },
    { "HTTP 500, done all the same", { .status = 500 }, "8.9/4.2", false },
    { "HTTP 404", { .deaf = true, .status = 404 }, "8.9/4.2", false },
    { "HTTP 204", { .deaf = true, .status = 204 }, "8.9/4.2", false },
    { "HTTP 503", { .deaf = true, .status = 503 }, "8.9/5.1", false },
    { "HTTP 504, done all the same", { .status = 504 }, "8.9/5.1", false },
    { "no JSON", { .deaf = true, .body = "<html>" }, "8.9/4.2", false },
    { "no header, done all the same", { .body = "{}" }, "8.9/4.2", false },
    { "no answer, not done", { .deaf = true, .lost = true }, "8.9/5.1", false },
    { "no answer, done all the same", { .lost = true }, "8.9/5.1", false },
};
enum { SAID_ROWS = sizeof said_rows / sizeof *said_rows };

/* A failure: the order is what it was, the ID is free once the SM-DS has surely no event, and a retry ends well. */
static void confirm_fails(const struct said_row *r, const char *before)
{
    bool eid = strcmp(before, "Linked") == 0;
    struct store_record p = steps_profile(&world);
    CHECK_TEXT(world_state(&world), before);
    CHECK_EQ(bytes_present(p.v[PROFILE_EID].b), eid);
    CHECK(!bytes_present(p.v[PROFILE_MATCHING].b) && !bytes_present(p.v[PROFILE_MATCHING_ID].b));
    CHECK(!bytes_present(p.v[PROFILE_SMDS].b) && !bytes_present(p.v[PROFILE_PENDING].b));
    CHECK_EQ(p.v[PROFILE_EVENT].i, EVENT_NONE);
    CHECK_TEXT(event_row(ID), r->sure ? "free" : "deleting");
    CHECK_EQ(deletions(OUTBOX_WAITING), !r->sure);
    peers.smds = (struct manner){ 0 };
    if (!r->sure) {
        CHECK_TEXT(confirm(ID, true), "8.9/5.1"); /* not before the SM-DS has forgotten it */
        world_deliver(&world);
        CHECK_EQ(peers.n_events, 0);
        CHECK_TEXT(event_row(ID), "free");
    }
    CHECK_TEXT(confirm(ID, true), "ok");
}

TEST(confirming_with_release)
{
    for (size_t i = 0; i < 2 * SAID_ROWS; i++) {
        const struct said_row *r = &said_rows[i / 2];
        const char *before = i % 2 ? "Linked" : "Allocated";
        test_row("%s: %s", before, r->name);
        if (prepare()) {
            CHECK_TEXT(order_of(WORLD_ICCID, i % 2 ? world.pki.plan.eid : NULL), "ok");
            peers.smds = r->smds;
            CHECK_TEXT(confirm(ID, true), r->outcome);
            if (strcmp(r->outcome, "ok") != 0)
                confirm_fails(r, before);
            CHECK_TEXT(world_state(&world), "Released");
            CHECK_TEXT(event_row(ID), "claimed");
            CHECK_EQ(steps_profile(&world).v[PROFILE_EVENT].i, EVENT_THERE);
            CHECK_EQ(deletions(OUTBOX_WAITING), 0);
            if (!r->smds.deaf && !r->smds.executed)
                check_there(ID);
            int letters = peers.n;
            CHECK_TEXT(confirm(ID, true), "ok"); /* sent again: nothing is done */
            CHECK_EQ(peers.n, letters);
        }
        world_close(&world);
    }
}

/* The order stays confirmed; the operator tries again, or cancels: then nothing is left at the SM-DS. */
static void release_fails(const struct said_row *r, bool again)
{
    CHECK_TEXT(world_state(&world), "Confirmed");
    CHECK_TEXT(event_row(ID), "claimed");
    CHECK_EQ(steps_profile(&world).v[PROFILE_EVENT].i, r->sure ? EVENT_NONE : EVENT_PERHAPS);
    CHECK_EQ(deletions(OUTBOX_WAITING), 0);
    peers.smds = (struct manner){ 0 };
    if (again)
        return;
    CHECK_TEXT(cancel(), "ok");
    CHECK_EQ(deletions(OUTBOX_WAITING), !r->sure);
    world_deliver(&world);
    CHECK_EQ(peers.n_events, 0);
    CHECK_EQ(deletions(OUTBOX_WAITING), 0);
    CHECK_TEXT(event_row(ID), "over");
}

TEST(releasing)
{
    for (size_t i = 0; i < 2 * SAID_ROWS; i++) {
        const struct said_row *r = &said_rows[i / 2];
        bool again = i % 2, fails = strcmp(r->outcome, "ok") != 0;
        test_row("%s, then %s", r->name, again ? "again" : "cancelled");
        if (prepare()) {
            CHECK_TEXT(order_of(WORLD_ICCID, world.pki.plan.eid), "ok");
            CHECK_TEXT(confirm(ID, false), "ok");
            CHECK_EQ(peers.n, 0);
            CHECK_TEXT(event_row(ID), "claimed");
            peers.smds = r->smds;
            CHECK_TEXT(release(), r->outcome);
            if (fails)
                release_fails(r, again);
            if (!fails || again) {
                CHECK_TEXT(release(), "ok");
                CHECK_TEXT(world_state(&world), "Released");
                CHECK_EQ(steps_profile(&world).v[PROFILE_EVENT].i, EVENT_THERE);
                if (!r->smds.deaf && !r->smds.executed)
                    check_there(ID);
            }
        }
        world_close(&world);
    }
}

/* The first try may have arrived; that the second is refused for sure does not change it. */
TEST(unsure_then_refused)
{
    static const struct manner root_fails = { .executed = "Failed", .subject = "8.9", .reason = "4.2" };
    if (prepare()) {
        CHECK_TEXT(order_of(WORLD_ICCID, world.pki.plan.eid), "ok");
        CHECK_TEXT(confirm(ID, false), "ok");
        peers.smds = (struct manner){ .lost = true };
        CHECK_TEXT(release(), "8.9/5.1");
        peers.smds = root_fails;
        CHECK_TEXT(release(), "8.9/4.2");
        peers.smds = (struct manner){ 0 };
        CHECK_TEXT(cancel(), "ok");
        world_deliver(&world);
        CHECK_EQ(peers.n_events, 0);
    }
    world_close(&world);
}

TEST(no_way_to_any_smds)
{
    if (prepare()) {
        CHECK_TEXT(order_of(WORLD_ICCID, world.pki.plan.eid), "ok");
        world.smdp.service.post = NULL;
        CHECK_TEXT(confirm(ID, true), "8.9/5.1");
        CHECK_TEXT(world_state(&world), "Linked");
    }
    world_close(&world);
}

/* ----------------------------------------------------------------------------------- inputs */

TEST(inputs)
{
    const struct {
        const char *name, *eid, *confirm_eid, *smds, *id, *outcome;
    } rows[] = {
        { "EID in DownloadOrder", WORLD_EID2, NULL, SMDS, ID, "ok" },
        { "EID in ConfirmOrder", NULL, WORLD_EID2, SMDS, ID, "ok" },
        { "no EID", NULL, NULL, SMDS, ID, "8.1.1/2.2" },
        { "two EIDs", WORLD_EID2, "89049032123451234512345678901235", SMDS, ID, "8.1.1/3.10" },
        { "empty matching ID", WORLD_EID2, NULL, SMDS, "", "8.2.6/2.1" },
        { "no matching ID: one is made", WORLD_EID2, NULL, SMDS, NULL, "ok" },
        { "no host name", WORLD_EID2, NULL, "smds", ID, "8.9/5.1" },
        { "a URL", WORLD_EID2, NULL, "https://smds.example.com", ID, "8.9/5.1" },
        { "an empty address", WORLD_EID2, NULL, "", ID, "8.9/5.1" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        if (prepare()) {
            CHECK_TEXT(order_of(WORLD_ICCID, rows[i].eid), "ok");
            CHECK_TEXT(confirm_at(WORLD_ICCID, rows[i].smds, rows[i].id, rows[i].confirm_eid, true), rows[i].outcome);
            bool ok = strcmp(rows[i].outcome, "ok") == 0;
            CHECK_EQ(peers.n, ok);
            CHECK_TEXT(world_state(&world), ok ? "Released" : rows[i].eid ? "Linked" : "Allocated");
            if (ok)
                CHECK_TEXT(letter_member(&peers.letters[0], "eventId"),
                           arena_text(test_arena(), confirmed.matchingId));
            if (ok && !rows[i].id)
                CHECK(confirmed.matchingId.n >= 26);
        }
        world_close(&world);
    }
}

/* The longest name that DNS has, 253 octets: its lane must fit, too. */
TEST(longest_address)
{
    struct buf name = buf_in(test_arena());
    for (int i = 0; i < 3; i++) {
        buf_fill(&name, 'a', 63);
        buf_u8(&name, '.');
    }
    buf_fill(&name, 'b', 61);
    if (prepare()) {
        CHECK_EQ((int64_t)buf_bytes(&name).n, 253);
        CHECK_TEXT(order_of(WORLD_ICCID, world.pki.plan.eid), "ok");
        CHECK_TEXT(confirm_at(WORLD_ICCID, buf_str(&name), ID, NULL, true), "ok");
        CHECK_TEXT(cancel(), "ok");
        world_deliver(&world);
        CHECK_EQ(peers.n_events, 0);
    }
    world_close(&world);
}

/* ------------------------------------------------------------------- one ID, one event, for ever */

TEST(ids_are_used_once)
{
    if (!prepare()) {
        world_close(&world);
        return;
    }
    CHECK_TEXT(order_of(WORLD_ICCID, world.pki.plan.eid), "ok");
    CHECK_TEXT(order_of(WORLD_ICCID2, world.pki.plan.eid), "ok");
    CHECK_TEXT(confirm(ID, false), "ok");
    test_row("while an order has it");
    CHECK_TEXT(confirm_at(WORLD_ICCID2, SMDS, ID, NULL, true), "8.2.6/3.3");
    test_row("at another SM-DS");
    CHECK_TEXT(confirm_at(WORLD_ICCID2, "other.example.com", ID, NULL, true), "8.2.6/3.3");
    CHECK_EQ(peers.n, 0);
    test_row("after the order was cancelled, though it was never registered");
    CHECK_TEXT(cancel(), "ok");
    CHECK_EQ(deletions(OUTBOX_WAITING), 0);
    CHECK_TEXT(confirm_at(WORLD_ICCID2, SMDS, ID, NULL, true), "8.2.6/3.3");
    test_row("by the same profile in a new order");
    CHECK_TEXT(order_of(WORLD_ICCID, world.pki.plan.eid), "ok");
    CHECK_TEXT(confirm(ID, true), "8.2.6/3.3");
    test_row("at another SM-DS after the cancellation");
    CHECK_TEXT(confirm_at(WORLD_ICCID, "other.example.com", ID, NULL, true), "8.2.6/3.3");
    CHECK_EQ(peers.n, 0);
    test_row("another ID is taken");
    CHECK_TEXT(confirm("EVENT-2", true), "ok");
    test_row("as the ID of an order without SM-DS, it is no event ID");
    CHECK_TEXT(confirm_at(WORLD_ICCID2, NULL, ID, NULL, true), "ok");
    world_close(&world);
}

/* ---------------------------------------------------------------------------------- deleting */

static void by_cancelling(void)
{
    CHECK_TEXT(cancel_of(WORLD_ICCID, "Unavailable"), "ok");
}

static void by_result(int64_t error)
{
    struct activation_code code = code_of();
    const struct result r = { .transaction = steps_to(&world, &code, STEP_BOUND).transaction, .error = error };
    CHECK_EQ(steps_notify(&world, steps_result(&world, &r)), 204);
}

static void by_installing(void)
{
    by_result(0);
}

static void by_a_permanent_error(void)
{
    by_result(7);
}

static void not_by_a_temporary_error(void)
{
    by_result(11);
}

static void by_the_user(void)
{
    struct activation_code code = code_of();
    steps_cancel(&world, steps_to(&world, &code, STEP_AUTHENTICATED).transaction, 0);
}

static void not_by_a_postponement(void)
{
    struct activation_code code = code_of();
    steps_cancel(&world, steps_to(&world, &code, STEP_AUTHENTICATED).transaction, 1);
}

static void by_attempts(void)
{
    struct activation_code code = code_of();
    steps_set(&world, KIND_PROFILE, steps_iccid(), PROFILE_DOWNLOADS, 50);
    steps_to(&world, &code, STEP_AUTHENTICATED);
}

static void by_time(void)
{
    struct activation_code code = code_of();
    struct err e;
    CHECK_OK(smdp_set_expiry(&world.smdp, test_arena(), steps_iccid(), world.now - 1, &e), &e);
    for (int i = 0; i < 2; i++)
        steps_to(&world, &code, STEP_AUTHENTICATED);
}

static void not_by_a_download(void)
{
    struct activation_code code = code_of();
    steps_to(&world, &code, STEP_BOUND);
}

static const struct {
    const char *name;
    void (*run)(void);
    const char *state;
    int deleted;
} ends[] = {
    { "CancelOrder", by_cancelling, "Unavailable", 1 },
    { "installed", by_installing, "Installed", 1 },
    { "permanent error", by_a_permanent_error, "Error", 1 },
    { "temporary error", not_by_a_temporary_error, "Downloaded", 0 },
    { "the user refuses", by_the_user, "Error", 1 },
    { "the user waits", not_by_a_postponement, "Released", 0 },
    { "attempts exhausted", by_attempts, "Error", 1 },
    { "expired", by_time, "Released", 1 },
    { "a BPP was delivered", not_by_a_download, "Downloaded", 0 },
};
enum { ENDS = sizeof ends / sizeof *ends };

static bool release_with_event(void)
{
    return prepare() && CHECK_TEXT(order_of(WORLD_ICCID, world.pki.plan.eid), "ok") &&
           CHECK_TEXT(confirm(ID, true), "ok");
}

TEST(ends_of_events)
{
    for (size_t i = 0; i < ENDS; i++) {
        test_row("%s", ends[i].name);
        if (release_with_event()) {
            ends[i].run();
            CHECK_TEXT(world_state(&world), ends[i].state);
            CHECK_EQ(deletions(OUTBOX_WAITING), ends[i].deleted);
            world_deliver(&world);
            CHECK_EQ(peers.n_events, !ends[i].deleted);
            CHECK_TEXT(event_row(ID), ends[i].deleted ? "over" : "claimed");
            CHECK_EQ(peers.n, 1 + ends[i].deleted);
        }
        world_close(&world);
    }
}

static const struct {
    const char *name;
    struct manner smds;
    enum outbox_state state; /* of the deletion after its first try; -1: done */
} deletion_rows[] = {
    { "success", { 0 }, (enum outbox_state)-1 },
    { "no such event: done before", { .executed = "Failed", .subject = "8.9.5", .reason = "3.9" },
      (enum outbox_state)-1 },
    { "the root is not reached", { .executed = "Failed", .subject = "8.9", .reason = "5.1" }, OUTBOX_WAITING },
    { "the root has an error", { .executed = "Failed", .subject = "8.9", .reason = "4.2" }, OUTBOX_ASIDE },
    { "an unknown code", { .executed = "Failed", .subject = "1.2", .reason = "9.9" }, OUTBOX_ASIDE },
    { "HTTP 500", { .deaf = true, .status = 500 }, OUTBOX_ASIDE },
    { "HTTP 404", { .deaf = true, .status = 404 }, OUTBOX_ASIDE },
    { "HTTP 503", { .deaf = true, .status = 503, .retry_after = 1800 }, OUTBOX_WAITING },
    { "no JSON", { .deaf = true, .body = "<html>" }, OUTBOX_ASIDE },
    { "no answer", { .deaf = true, .lost = true }, OUTBOX_WAITING },
    { "no answer, done all the same", { .lost = true }, OUTBOX_WAITING },
};

/* Of an order that is over, and of a registration that failed. */
TEST(deletions)
{
    for (size_t i = 0; i < 2 * sizeof deletion_rows / sizeof *deletion_rows; i++) {
        bool undone = i % 2;
        const struct manner *smds = &deletion_rows[i / 2].smds;
        test_row("%s: %s", undone ? "undone" : "over", deletion_rows[i / 2].name);
        if (prepare()) {
            CHECK_TEXT(order_of(WORLD_ICCID, world.pki.plan.eid), "ok");
            peers.smds = (struct manner){ .lost = undone };
            CHECK_TEXT(confirm(ID, true), undone ? "8.9/5.1" : "ok");
            if (!undone)
                by_cancelling();
            check_there(ID);
            peers.smds = *smds;
            world_deliver(&world);
            for (int state = OUTBOX_WAITING; state <= OUTBOX_DEAD; state++)
                CHECK_EQ(deletions((enum outbox_state)state), state == (int)deletion_rows[i / 2].state);
            peers.smds = (struct manner){ 0 };
            deliver_for(2);
            CHECK_EQ(deletions(OUTBOX_WAITING) + deletions(OUTBOX_ASIDE), 0);
            if (!smds->executed || deletion_rows[i / 2].state != (enum outbox_state)-1)
                CHECK_EQ(peers.n_events, 0);
            CHECK_TEXT(event_row(ID), undone ? "free" : "over");
        }
        world_close(&world);
    }
}

/* One deletion that the SM-DS never takes does not keep those behind it. */
TEST(a_deletion_that_is_refused)
{
    if (release_with_event()) {
        by_cancelling();
        peers.smds = (struct manner){ .deaf = true, .status = 404 };
        world_deliver(&world);
        CHECK_TEXT(order_of(WORLD_ICCID2, world.pki.plan.eid), "ok");
        peers.smds = (struct manner){ 0 };
        CHECK_TEXT(confirm_at(WORLD_ICCID2, SMDS, "EVENT-2", NULL, true), "ok");
        CHECK_TEXT(cancel_of(WORLD_ICCID2, "Available"), "ok");
        world_deliver(&world);
        check_there(ID);
        deliver_for(2);
        CHECK_EQ(peers.n_events, 0);
    }
    world_close(&world);
}

/* The SM-DS is away for a day, and the server is started anew meanwhile. */
TEST(deletion_after_a_day)
{
    world_store(test_fresh_path("smdp.db"));
    if (release_with_event()) {
        by_installing();
        peers.smds = (struct manner){ .deaf = true, .lost = true };
        deliver_for(12);
        CHECK(steps_restart(&world, test_path("smdp.db")));
        deliver_for(12);
        check_there(ID);
        peers.smds = (struct manner){ 0 };
        deliver_for(2);
        CHECK_EQ(peers.n_events, 0);
        CHECK_EQ(deletions(OUTBOX_WAITING), 0);
    }
    world_close(&world);
    world_store(NULL);
}

/* The outbox sends at least once: a deletion that comes again must not hit a new event of the same ID. */
TEST(deletion_sent_twice)
{
    if (prepare()) {
        struct outbox_place place = { 0 };
        struct outbox_message *m;
        size_t n;
        int64_t pause;
        struct err e;
        CHECK_TEXT(order_of(WORLD_ICCID, world.pki.plan.eid), "ok");
        peers.smds = (struct manner){ .lost = true };
        CHECK_TEXT(confirm(ID, true), "8.9/5.1");
        peers.smds = (struct manner){ 0 };
        CHECK_OK(outbox_list(world.outbox, test_arena(), BYTES_LIT(SMDS), OUTBOX_WAITING, &place, 1, &m, &n, &e), &e);
        CHECK_EQ((int64_t)n, 1);
        world_deliver(&world);
        CHECK_TEXT(confirm(ID, true), "ok");
        if (n)
            CHECK_EQ(smdp_send(&world.smdp, test_arena(), m, &pause, &e), OUTBOX_SENT);
        check_there(ID);
        CHECK_TEXT(event_row(ID), "claimed");
    }
    world_close(&world);
}

/* -------------------------------------------------------------------- while it is on its way */

static const char *meanwhile[4];
static bool by_release;

static void others_ask(struct world *w)
{
    (void)w;
    meanwhile[0] = confirm(ID, true);
    meanwhile[1] = release();
    meanwhile[2] = cancel();
    meanwhile[3] = order_of(WORLD_ICCID, NULL);
}

static void card_asks(struct world *w)
{
    struct activation_code code = code_of();
    struct rsp_status s = steps_to(w, &code, STEP_AUTHENTICATED).status;
    meanwhile[0] = arena_printf(test_arena(), "%.*s/%.*s", (int)s.subject.n, s.subject.p, (int)s.reason.n, s.reason.p);
}

/* An administrator changes the record: the request's own last batch conflicts. */
static void admin_changes(struct world *w)
{
    struct err e;
    CHECK_OK(smdp_set_expiry(&w->smdp, test_arena(), steps_iccid(), w->now + HOUR, &e), &e);
}

static const char *register_during(void (*during)(struct world *))
{
    CHECK_TEXT(order_of(WORLD_ICCID, world.pki.plan.eid), "ok");
    if (by_release)
        CHECK_TEXT(confirm(ID, false), "ok");
    peers.during = during;
    return by_release ? release() : confirm(ID, true);
}

TEST(while_registering)
{
    for (int i = 0; i < 2; i++) {
        const char *what = (by_release = i) ? "ReleaseProfile" : "ConfirmOrder";
        test_row("%s: other requests for the order", what);
        if (prepare()) {
            CHECK_TEXT(register_during(others_ask), "ok");
            for (int k = 0; k < 4; k++)
                CHECK_TEXT(meanwhile[k], "HTTP 503");
            CHECK_EQ(peers.n, 1);
            check_there(ID);
        }
        world_close(&world);
        test_row("%s: the card", what);
        if (prepare()) {
            CHECK_TEXT(register_during(card_asks), "ok");
            CHECK_TEXT(meanwhile[0], "8.2/1.2");
            CHECK_TEXT(world_state(&world), "Released");
        }
        world_close(&world);
        test_row("%s: the record is changed by an administrator", what);
        if (prepare()) {
            CHECK_TEXT(register_during(admin_changes), "ok");
            CHECK_TEXT(world_state(&world), "Released");
            CHECK_EQ(steps_profile(&world).v[PROFILE_EXPIRES].i, world.now + HOUR);
            check_there(ID);
        }
        world_close(&world);
    }
}

/* Somebody was quicker between reading and the first commit. */
static int random_calls;
static int (*true_random)(void *, uint8_t *, size_t);

static int random_and_change(void *context, uint8_t *out, size_t n)
{
    if (random_calls++ == 0)
        admin_changes(context);
    return true_random(context, out, n);
}

TEST(conflict_before_registering)
{
    if (prepare()) {
        CHECK_TEXT(order_of(WORLD_ICCID, world.pki.plan.eid), "ok");
        true_random = world.smdp.service.random;
        world.smdp.service.random = random_and_change;
        random_calls = 0;
        CHECK_TEXT(confirm(NULL, true), "ok"); /* asks for random octets first, for the matching ID */
        CHECK(random_calls > 1);
        CHECK_EQ(peers.n, 1);
        check_there(arena_text(test_arena(), confirmed.matchingId));
        CHECK_TEXT(world_state(&world), "Released");
    }
    world_close(&world);
}

/* ------------------------------------------------------------------------- ends in between */

/* The store fails at the commit after the SM-DS was asked. */
static void break_store(struct world *w)
{
    w->faults.at = w->faults.commits + 1;
    w->faults.how = STORE_FAIL_BEFORE;
}

static const struct manner there = { 0 }, refused = { .executed = "Failed", .subject = "8.9", .reason = "4.2" },
                           away = { .deaf = true, .lost = true };

/* How the SM-DS was when the first request ended in between, and how it is when the order is looked at again. */
static const struct half_row {
    const char *name;
    const struct manner *first, *then;
    bool released;
} half_rows[] = {
    { "registered, then there", &there, &there, true },
    { "not registered, then there", &away, &there, true },
    { "registered, then away", &there, &away, false },
    { "not registered, then away", &away, &away, false },
    { "registered, then refused", &there, &refused, false },
    { "not registered, then refused", &away, &refused, false },
};
enum { HALF_ROWS = sizeof half_rows / sizeof *half_rows };

static bool half_done(const struct half_row *r)
{
    if (!prepare())
        return false;
    CHECK_TEXT(order_of(WORLD_ICCID, world.pki.plan.eid), "ok");
    if (by_release)
        CHECK_TEXT(confirm(ID, false), "ok");
    peers.smds = *r->first;
    peers.during = break_store;
    CHECK_TEXT(by_release ? release() : confirm(ID, true), "HTTP 503");
    world.faults.at = 0;
    CHECK_EQ(steps_profile(&world).v[PROFILE_EVENT].i, EVENT_REGISTERING);
    peers.smds = *r->then;
    return true;
}

/* Once both sides are back, nothing is left behind and the operator gets what was asked for. */
static void both_back(const struct half_row *r)
{
    const char *before = by_release ? "Confirmed" : "Linked";
    CHECK_TEXT(world_state(&world), r->released ? "Released" : before);
    peers.smds = there;
    deliver_for(2);
    if (!r->released && !by_release)
        CHECK_EQ(peers.n_events, 0);
    CHECK_TEXT(by_release ? release() : confirm(ID, true), "ok");
    CHECK_TEXT(world_state(&world), "Released");
    check_there(ID);
    CHECK_TEXT(cancel(), "ok");
    deliver_for(2);
    CHECK_EQ(peers.n_events, 0);
}

TEST(server_ends_while_registering)
{
    for (size_t i = 0; i < 2 * HALF_ROWS; i++) {
        const struct half_row *r = &half_rows[i / 2];
        size_t n = 9;
        struct err e;
        by_release = i % 2;
        test_row("%s: %s", by_release ? "ReleaseProfile" : "ConfirmOrder", r->name);
        world_store(test_fresh_path("smdp.db"));
        if (half_done(r) && CHECK(steps_restart(&world, test_path("smdp.db")))) {
            CHECK_OK(smdp_recover(&world.smdp, test_arena(), &n, &e), &e);
            CHECK_EQ((int64_t)n, 1);
            both_back(r);
            CHECK_OK(smdp_recover(&world.smdp, test_arena(), &n, &e), &e);
            CHECK_EQ((int64_t)n, 0);
        }
        world_close(&world);
    }
    world_store(NULL);
}

/* The server goes on: the next who needs the order settles it, once the first has surely ended. */
TEST(store_fails_while_registering)
{
    for (size_t i = 0; i < 2 * HALF_ROWS; i++) {
        const struct half_row *r = &half_rows[i / 2];
        by_release = i % 2;
        test_row("%s: %s", by_release ? "ReleaseProfile" : "ConfirmOrder", r->name);
        if (half_done(r)) {
            CHECK_TEXT(cancel(), "HTTP 503");
            world.now += 299;
            CHECK_TEXT(cancel(), "HTTP 503");
            world.now += 1;
            /* refused, but settled before */
            CHECK_TEXT(order_of(WORLD_ICCID, WORLD_EID2), "8.2.1/3.3");
            both_back(r);
        }
        world_close(&world);
    }
}

TEST(many_to_recover)
{
    enum { ORDERS = 2 };
    size_t n = 0;
    struct err e;
    if (prepare()) {
        static const char *const iccids[ORDERS] = { WORLD_ICCID, WORLD_ICCID2 };
        for (int i = 0; i < ORDERS; i++) {
            CHECK_TEXT(order_of(iccids[i], world.pki.plan.eid), "ok");
            peers.during = break_store;
            CHECK_TEXT(confirm_at(iccids[i], SMDS, iccids[i], NULL, true), "HTTP 503");
        }
        world.faults.at = 0;
        CHECK_OK(smdp_recover(&world.smdp, test_arena(), &n, &e), &e);
        CHECK_EQ((int64_t)n, ORDERS);
        CHECK_EQ(peers.n_events, ORDERS);
        CHECK_TEXT(world_state(&world), "Released");
        test_row("the store fails meanwhile: the server does not start");
        CHECK_TEXT(cancel(), "ok");
        CHECK_TEXT(order_of(WORLD_ICCID, world.pki.plan.eid), "ok");
        peers.during = break_store;
        CHECK_TEXT(confirm(ID, true), "HTTP 503");
        world.faults = (struct store_faults){ .at = 1, .how = STORE_FAIL_BEFORE };
        CHECK_FAILS(smdp_recover(&world.smdp, test_arena(), &n, &e), &e, ERR_IO, "cannot commit");
    }
    world_close(&world);
}

/* ------------------------------------------------------------------------------ time to live */

/* It begins with the release, not with a try that failed. */
TEST(lifetime_begins_with_the_release)
{
    if (prepare()) {
        steps_set(&world, KIND_TYPE, SAMPLE, TYPE_LIFETIME, 1000);
        CHECK_TEXT(order_of(WORLD_ICCID, world.pki.plan.eid), "ok");
        CHECK_TEXT(confirm(ID, false), "ok");
        peers.smds = away;
        CHECK_TEXT(release(), "8.9/5.1");
        CHECK_EQ(steps_profile(&world).v[PROFILE_EXPIRES].i, 0);
        world.now += 5000;
        peers.smds = there;
        CHECK_TEXT(release(), "ok");
        CHECK_EQ(steps_profile(&world).v[PROFILE_EXPIRES].i, world.now + 1000);
    }
    world_close(&world);
}
