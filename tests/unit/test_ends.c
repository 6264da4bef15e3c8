/* SPDX-License-Identifier: Apache-2.0
 *
 * How downloads end, now or long after, and what is kept for a retry (SGP.22 3.1.3, 3.1.6, 3.5, 5.6.2 to 5.6.5). */
#include <stdlib.h>

#include "asn1/tlv.h"
#include "peers.h"
#include "rsp/ids.h"
#include "rsp/refusal.h"

#define OPERATOR BYTES_LIT("Rspkit Mobile")
#define SAMPLE BYTES_LIT("sample")

enum { DAY = 86400 };

static struct world world;
static struct activation_code code;
static const char *path; /* of the SQLite file, or NULL */

static bool prepare(bool ppk)
{
    if (!world_open(&world, EC_P256, BYTES_NONE, ppk))
        return false;
    steps_set_text(&world, KIND_OPERATOR, OPERATOR, OPERATOR_URL, "https://operator.example.com");
    steps_set(&world, KIND_OPERATOR, OPERATOR, OPERATOR_POINTS, 1 << 4);
    peers_begin(&world);
    return world_order(&world, NULL, NULL, &code);
}

static struct bytes deliver(void)
{
    return steps_to(&world, &code, STEP_BOUND).transaction;
}

static bool cancel_order(const char *final)
{
    struct es2_cancel_order in = { .iccid = steps_iccid(), .eid = steps_profile(&world).v[PROFILE_EID].b,
                                   .finalProfileStatusIndicator = bytes_text(final) };
    return CHECK_EQ(world_es2(&world, ES2_CANCEL_ORDER, &in, NULL).executed, RSP_SUCCESS);
}

static const char *status_text(const struct rsp_status *s)
{
    if (s->executed == RSP_SUCCESS)
        return "ok";
    return arena_printf(test_arena(), "%.*s/%.*s", (int)s->subject.n, s->subject.p, (int)s->reason.n, s->reason.p);
}

/* ------------------------------------------------------------------------------ late results */

/* Each leaves a transaction whose result comes now. */
static struct bytes at_once(void)
{
    return deliver();
}

static struct bytes after_a_restart(void)
{
    struct bytes t = deliver();
    if (path)
        CHECK(steps_restart(&world, path));
    return t;
}

static struct bytes after_a_day(void)
{
    struct bytes t = deliver();
    world.now += DAY; /* the session's time is over */
    return t;
}

static struct bytes after_an_error(void)
{
    struct bytes t = deliver();
    steps_cancel(&world, t, 5);
    return t;
}

static struct bytes after_a_cancellation(void)
{
    struct bytes t = after_an_error();
    cancel_order("Available");
    return t;
}

/* The same card has the new order's BPP already. */
static struct bytes in_a_new_order(void)
{
    struct bytes t = after_a_cancellation();
    world_order(&world, NULL, NULL, &code);
    deliver();
    return t;
}

static struct bytes of_an_earlier_session(void)
{
    struct bytes first = deliver();
    deliver();
    return first;
}

static struct bytes after_the_profile_was_installed(void)
{
    const struct result ok = { .transaction = deliver() };
    struct bytes second = deliver();
    CHECK_EQ(steps_notify(&world, steps_result(&world, &ok)), 204);
    return second;
}

static struct bytes before_any_bpp(void)
{
    return steps_to(&world, &code, STEP_AUTHENTICATED).transaction;
}

static struct bytes of_nobody(void)
{
    deliver();
    return unhex("00112233445566778899AABBCCDDEEFF");
}

static const struct late {
    const char *name;
    struct bytes (*begin)(void);
    const char *installed, *failed; /* the order's state after a result of each kind */
    int told[2];                    /* how often the operator is told of point 4 */
} late[] = {
    { "at once", at_once, "Installed", "Error", { 1, 1 } },
    { "after a restart", after_a_restart, "Installed", "Error", { 1, 1 } },
    { "a day later", after_a_day, "Installed", "Error", { 1, 1 } },
    { "of an earlier session of the order", of_an_earlier_session, "Installed", "Error", { 1, 1 } },
    { "the order ended in Error", after_an_error, "Installed", "Error", { 1, 0 } },
    { "the order was cancelled", after_a_cancellation, "Available", "Available", { 0, 0 } },
    { "the profile is in a new order", in_a_new_order, "Downloaded", "Downloaded", { 0, 0 } },
    { "another session installed it", after_the_profile_was_installed, "Installed", "Installed", { 1, 1 } },
    { "no BPP was given", before_any_bpp, "Released", "Released", { 0, 0 } },
    { "unknown transaction", of_nobody, "Downloaded", "Downloaded", { 0, 0 } },
};

/* Letters about point 4. */
static int told(void)
{
    int n = 0;
    world_deliver(&world);
    for (int i = 0; i < peers.n; i++)
        n += strcmp(letter_member(&peers.letters[i], "notificationPointId"), "4") == 0;
    return n;
}

TEST(late_results)
{
    for (size_t i = 0; i < 4 * sizeof late / sizeof *late; i++) {
        const struct late *r = &late[i / 4];
        bool failed = i % 2, sqlite = i / 2 % 2;
        test_row("%s: %s (%s)", r->name, failed ? "permanent error" : "installed", sqlite ? "SQLite" : "memory");
        world_store(path = sqlite ? test_fresh_path("smdp.db") : NULL);
        if (prepare(false)) {
            struct result is = { .transaction = r->begin(), .error = failed ? 12 : 0 };
            for (int times = 0; times < 3; times++) { /* the card tells it until it has its answer */
                CHECK_EQ(steps_notify(&world, steps_result(&world, &is)), 204);
                CHECK_TEXT(world_state(&world), failed ? r->failed : r->installed);
                CHECK_EQ(told(), r->told[failed]);
            }
        }
        world_close(&world);
    }
    world_store(NULL);
}

/* A result that is none changes nothing, and the true one counts after it. */
TEST(false_results)
{
    static const struct {
        const char *name;
        bool bad_signature, other_card, other_oid;
    } rows[] = {
        { "wrong signature", true, false, false },
        { "signed by another card", false, true, false },
        { "OID of another SM-DP+", false, false, true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        if (prepare(false)) {
            struct result is = { .transaction = deliver(), .bad_signature = rows[i].bad_signature };
            if (rows[i].other_oid)
                is.oid = unhex("883701");
            world.card = rows[i].other_card;
            CHECK_EQ(steps_notify(&world, steps_result(&world, &is)), 204);
            CHECK_TEXT(world_state(&world), "Downloaded");
            CHECK_EQ(told(), 0);
            world.card = 0;
            is = (struct result){ .transaction = is.transaction };
            CHECK_EQ(steps_notify(&world, steps_result(&world, &is)), 204);
            CHECK_TEXT(world_state(&world), "Installed");
            CHECK_EQ(told(), 1);
        }
        world_close(&world);
    }
}

static int no_random(void *context, uint8_t *out, size_t n)
{
    (void)context, (void)out, (void)n;
    return -1;
}

/* The card keeps its result until the server has it (SGP.22 3.5). */
TEST(results_of_a_server_in_trouble)
{
    static const uint8_t zeros[40000];
    test_row("no random octets");
    if (prepare(false)) {
        struct result is = { .transaction = deliver() };
        int (*random)(void *, uint8_t *, size_t) = world.smdp.service.random;
        world.smdp.service.random = no_random;
        CHECK_EQ(steps_notify(&world, steps_result(&world, &is)), 500);
        CHECK_TEXT(world_state(&world), "Downloaded");
        world.smdp.service.random = random;
        CHECK_EQ(steps_notify(&world, steps_result(&world, &is)), 204);
        CHECK_TEXT(world_state(&world), "Installed");
        CHECK_EQ(told(), 1);
    }
    world_close(&world);
    test_row("no store");
    if (prepare(false)) {
        struct result is = { .transaction = deliver() };
        world.faults = (struct store_faults){ .at = 1, .how = STORE_FAIL_BEFORE };
        CHECK_EQ(steps_notify(&world, steps_result(&world, &is)), 503);
        CHECK_EQ(steps_notify(&world, steps_result(&world, &is)), 204);
        CHECK_TEXT(world_state(&world), "Installed");
        CHECK_EQ(told(), 1);
    }
    world_close(&world);
    test_row("a result that is too long to be told");
    if (prepare(false)) {
        struct result is = { .transaction = deliver(), .sima = BYTES_OF(zeros) };
        CHECK_EQ(steps_notify(&world, steps_result(&world, &is)), 204);
        CHECK_TEXT(world_state(&world), "Installed");
        CHECK_EQ(told(), 1);
        CHECK_TEXT(letter_member(&peers.letters[peers.n - 1], "resultData"), "");
    }
    world_close(&world);
}

/* SGP.22 3.1.6: temporary errors leave the order for a retry, as often as it may be downloaded. */
TEST(temporary_errors)
{
    for (int64_t error = 10; error <= 11; error++) {
        test_row("error %d, then installed", (int)error);
        if (prepare(false)) {
            struct result is = { .transaction = deliver(), .error = error };
            CHECK_EQ(steps_notify(&world, steps_result(&world, &is)), 204);
            CHECK_TEXT(world_state(&world), "Downloaded");
            CHECK_EQ(steps_notify(&world, steps_result(&world, &is)), 204);
            CHECK_EQ(told(), 1);
            is = (struct result){ .transaction = deliver() };
            CHECK_EQ(steps_notify(&world, steps_result(&world, &is)), 204);
            CHECK_TEXT(world_state(&world), "Installed");
        }
        world_close(&world);
        test_row("error %d until no attempt is left", (int)error);
        if (prepare(false)) {
            steps_set(&world, KIND_TYPE, SAMPLE, TYPE_DOWNLOADS, 2);
            for (int i = 0; i < 2; i++) {
                struct result is = { .transaction = deliver(), .error = error };
                CHECK_EQ(steps_notify(&world, steps_result(&world, &is)), 204);
            }
            CHECK_TEXT(world_state(&world), "Downloaded");
            struct rsp_status s = steps_to(&world, &code, STEP_BOUND).status;
            CHECK_TEXT(status_text(&s), "8.8.5/6.4");
            CHECK_TEXT(world_state(&world), "Error");
        }
        world_close(&world);
    }
}

/* ------------------------------------------------------------------------ other notifications */

enum { INSTALL = 0x80, ENABLE = 0x40, DISABLE = 0x20, DELETE = 0x10 };

static const char *on_card(void)
{
    struct smdp_profile p;
    struct err e;
    if (!CHECK_OK(smdp_profile(&world.smdp, test_arena(), steps_iccid(), &p, &e), &e))
        return "unknown";
    return p.on_card ? p.on_card : "nothing";
}

static void notice(const struct notice *n, const char *then)
{
    CHECK_EQ(steps_notify(&world, steps_notice(&world, n)), 204);
    CHECK_TEXT(on_card(), then);
}

static bool installed(void)
{
    if (!prepare(false))
        return false;
    const struct result ok = { .transaction = deliver() };
    CHECK_EQ(steps_notify(&world, steps_result(&world, &ok)), 204);
    return CHECK_TEXT(on_card(), "nothing");
}

/* One after the other, on one profile. */
TEST(notifications_in_order)
{
    static const struct {
        int64_t seq;
        uint8_t event;
        const char *then;
    } rows[] = {
        { 0, ENABLE, "enabled" },     { 0, DISABLE, "enabled" },     { 127, DISABLE, "disabled" },
        { 128, ENABLE, "enabled" },   { 127, DISABLE, "enabled" },   { 128, DISABLE, "enabled" },
        { 255, DISABLE, "disabled" }, { 256, ENABLE, "enabled" },    { 32767, DISABLE, "disabled" },
        { 32768, ENABLE, "enabled" }, { 32767, DISABLE, "enabled" }, { 0, DISABLE, "enabled" },
        { -1, DISABLE, "enabled" },   { 65535, DISABLE, "disabled" }, { 2147483648, INSTALL, "installed" },
        { 4294967296, DELETE, "deleted" },
    };
    world_store(path = test_fresh_path("smdp.db"));
    if (installed())
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            const struct notice n = { .seq = rows[i].seq, .events = rows[i].event };
            test_row("%zu: number %lld", i + 1, (long long)rows[i].seq);
            notice(&n, rows[i].then);
            CHECK_TEXT(world_state(&world), "Installed");
            if (i == 8)
                CHECK(steps_restart(&world, path));
        }
    world_close(&world);
    world_store(NULL);
}

TEST(notifications_ignored)
{
    static const struct {
        const char *name;
        struct notice n;
        bool other_eid, not_installed;
    } rows[] = {
        { "wrong signature", { .seq = 5, .events = ENABLE, .bad_signature = true }, false, false },
        { "no ICCID", { .seq = 5, .events = ENABLE, .no_iccid = true }, false, false },
        { "unknown ICCID", { .seq = 5, .events = ENABLE, .iccid = BYTES_LIT("\x98\x94\0\0\0\0\0\0\x99\xF9") }, false,
          false },
        { "profile of another card", { .seq = 5, .events = ENABLE }, true, false },
        { "no result of the installation yet", { .seq = 5, .events = ENABLE }, false, true },
        { "no event at all", { .seq = 5, .events = 0 }, false, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        if (rows[i].not_installed ? prepare(false) : installed()) {
            struct bytes eid = BYTES_NONE;
            struct err e;
            CHECK_OK(eid_from_text(test_arena(), BYTES_LIT(WORLD_EID2), &eid, &e), &e);
            if (rows[i].not_installed)
                deliver();
            if (rows[i].other_eid) {
                struct store_record p = steps_profile(&world);
                struct store_batch b = store_batch_in(test_arena());
                p.v[PROFILE_EID].b = eid;
                store_put(&b, KIND_PROFILE, &p);
                CHECK_EQ(store_commit(world.smdp.service.store, &b, NULL, &e), STORE_COMMITTED);
            }
            notice(&rows[i].n, "nothing");
        }
        world_close(&world);
    }
    test_row("octets that are no notification");
    if (installed())
        CHECK_EQ(steps_notify(&world, unhex("BF3700")), 204);
    world_close(&world);
}

/* --------------------------------------------------------------------------------- CancelSession */

/* A session that is older than what happened to its order. */
TEST(cancelled_too_late)
{
    static const struct {
        const char *name;
        struct bytes (*begin)(void);
        const char *state;
    } rows[] = {
        { "the order ended in Error", after_an_error, "Error" },
        { "the order was cancelled", after_a_cancellation, "Available" },
        { "the profile is in a new order", in_a_new_order, "Downloaded" },
        { "it is installed", after_the_profile_was_installed, "Installed" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        if (prepare(false)) {
            struct bytes t = rows[i].begin();
            struct rsp_status s = steps_cancel(&world, t, 0);
            bool known = i > 1; /* the first two have no session any more: it was cancelled before */
            CHECK_TEXT(status_text(&s), known && i == 3 ? "ok" : "8.10.1/3.9");
            CHECK_TEXT(world_state(&world), rows[i].state);
        }
        world_close(&world);
    }
    test_row("a second session of a cancelled order");
    if (prepare(false)) {
        struct bytes t = steps_to(&world, &code, STEP_AUTHENTICATED).transaction;
        cancel_order("Available");
        world_order(&world, NULL, NULL, &code);
        struct rsp_status s = steps_cancel(&world, t, 0);
        CHECK_TEXT(status_text(&s), "ok");
        CHECK_TEXT(world_state(&world), "Released");
    }
    world_close(&world);
    test_row("by the card that was slower: the order is another's");
    if (prepare(false)) {
        world.card = 1;
        struct bytes t = steps_to(&world, &code, STEP_AUTHENTICATED).transaction;
        world.card = 0;
        deliver();
        world.card = 1;
        struct rsp_status s = steps_cancel(&world, t, 0);
        CHECK_TEXT(status_text(&s), "ok");
        CHECK_TEXT(world_state(&world), "Downloaded");
    }
    world_close(&world);
}

/* ------------------------------------------------------------------------------ retry, binding */

/* Parts of a BPP: BF36 { BF23 { .. }, A0, A1, [A2], A3 }. */
static struct bytes part(struct bytes bpp, uint32_t tag)
{
    return tlv_find(tlv_find(bpp, 0xBF36).value, tag).whole;
}

static struct bytes channel(struct bytes bpp, uint32_t tag)
{
    return tlv_find(tlv_find(part(bpp, 0xBF23), 0xBF23).value, tag).whole;
}

/* A BPP that got lost; the card keeps its key for the next session. */
static struct said deliver_and_keep(void)
{
    struct said s = steps_to(&world, &code, STEP_BOUND);
    steps_put_off(&world, s.transaction);
    return s;
}

static const uint32_t protected[] = { 0xA0, 0xA1, 0xA2, 0xA3 };

static struct bytes card_key(void)
{
    return steps_record(&world, KIND_BINDING, steps_iccid()).v[BINDING_EUICC_OTPK].b;
}

/* The card has another one-time key than the one that is kept here. */
static void forget_key(void)
{
    struct store_record r = steps_record(&world, KIND_BINDING, steps_iccid());
    struct store_batch b = store_batch_in(test_arena());
    struct err e;
    r.v[BINDING_EUICC_OTPK].b = ec_key_point(world.second_euicc[0].key);
    store_put(&b, KIND_BINDING, &r);
    CHECK_EQ(store_commit(world.smdp.service.store, &b, NULL, &e), STORE_COMMITTED);
}

static bool same(struct bytes a, struct bytes b)
{
    return bytes_equal(a, b);
}

TEST(retries)
{
    for (int i = 0; i < 4; i++) {
        bool ppk = i / 2, sqlite = i % 2;
        test_row("same key, %s (%s)", ppk ? "protection keys" : "session keys", sqlite ? "SQLite" : "memory");
        world_store(path = sqlite ? test_fresh_path("smdp.db") : NULL);
        if (prepare(ppk)) {
            struct said first = deliver_and_keep();
            if (path)
                CHECK(steps_restart(&world, path));
            struct said second = deliver_and_keep();
            CHECK(!bytes_present(first.signed2.bppEuiccOtpk));
            CHECK_BYTES(second.signed2.bppEuiccOtpk, card_key());
            for (int k = 0; k < 4; k++) {
                CHECK_EQ(part(first.bpp, protected[k]).n > 0, ppk || protected[k] != 0xA2);
                CHECK_BYTES(part(second.bpp, protected[k]), part(first.bpp, protected[k]));
            }
            CHECK_BYTES(channel(second.bpp, 0xA6), channel(first.bpp, 0xA6));
            CHECK_BYTES(channel(second.bpp, 0x5F49), channel(first.bpp, 0x5F49));
            CHECK(!same(channel(second.bpp, 0x80), channel(first.bpp, 0x80)));
            CHECK(!same(channel(second.bpp, 0x5F37), channel(first.bpp, 0x5F37)));
            steps_to(&world, &code, STEP_ALL);
            CHECK_TEXT(world_state(&world), "Installed");
            CHECK_EQ(steps_record(&world, KIND_BINDING, steps_iccid()).version, 0);
        }
        world_close(&world);
    }
    for (int ppk = 0; ppk < 2; ppk++) {
        world_store(path = NULL);
        test_row("another key, %s", ppk ? "protection keys" : "session keys");
        if (prepare(ppk)) {
            struct said first = steps_to(&world, &code, STEP_BOUND);
            forget_key();
            struct said second = steps_to(&world, &code, STEP_BOUND);
            CHECK_BYTES(second.signed2.bppEuiccOtpk, ec_key_point(world.second_euicc[0].key));
            CHECK(!same(card_key(), ec_key_point(world.second_euicc[0].key)));
            CHECK(!same(channel(second.bpp, 0x5F49), channel(first.bpp, 0x5F49)));
            CHECK(!same(channel(second.bpp, 0xA6), channel(first.bpp, 0xA6)));
            for (int k = 0; k < 4; k++) /* with protection keys A3 depends on these alone: they are new, too */
                CHECK(!same(part(second.bpp, protected[k]), part(first.bpp, protected[k])) ||
                      (!ppk && protected[k] == 0xA2));
            steps_to(&world, &code, STEP_ALL);
            CHECK_TEXT(world_state(&world), "Installed");
        }
        world_close(&world);
    }
    test_row("another key, bound once");
    if (prepare(false)) {
        steps_set(&world, KIND_TYPE, SAMPLE, TYPE_BIND_ONCE, 1);
        deliver_and_keep();
        CHECK_TEXT(world_state(&world), "Downloaded");
        struct said again = deliver_and_keep();
        CHECK_TEXT(status_text(&again.status), "ok"); /* the same key may be used again */
        forget_key();
        again = steps_to(&world, &code, STEP_BOUND);
        CHECK_TEXT(status_text(&again.status), "8.2/3.7");
        CHECK_TEXT(world_state(&world), "Error");
        CHECK_EQ(steps_record(&world, KIND_BINDING, steps_iccid()).version, 0);
    }
    world_close(&world);
}

/* ---------------------------------------------------------------- something between two steps */

static enum rsp_function before;
static void (*between)(void);

static void at_request(struct world *w, struct rsp_request *q)
{
    (void)w;
    if (bytes_equal(q->path, bytes_text(rsp_functions[before].path)))
        between();
}

static void cancelled(void)
{
    cancel_order("Available");
}

static void cancelled_for_good(void)
{
    cancel_order("Unavailable");
}

static void ordered_anew(void)
{
    struct activation_code other;
    cancelled();
    world_order(&world, NULL, NULL, &other);
}

static void time_passes(void)
{
    world.now += 101;
}

static void session_ends(void)
{
    world.now += 3601;
}

static void other_card_is_faster(void)
{
    void (*request)(struct world *, struct rsp_request *) = world.request;
    struct lpa lpa = world.lpa;
    world.card = 1;
    deliver();
    world.card = 0;
    world.lpa = lpa;
    world.request = request;
}

TEST(between_authentication_and_binding)
{
    static const struct {
        const char *name;
        void (*between)(void);
        const char *status, *state;
    } rows[] = {
        { "the order is cancelled", cancelled, "8.10.1/3.9", "Available" },
        { "the profile is made unavailable", cancelled_for_good, "8.10.1/3.9", "Unavailable" },
        { "the profile gets a new order", ordered_anew, "8.10.1/3.9", "Released" },
        { "the order's time is over", time_passes, "8.8.5/4.10", "Released" },
        { "the session's time is over", session_ends, "8.10.1/3.9", "Released" },
        { "another card is faster", other_card_is_faster, "8.2/3.7", "Downloaded" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        if (prepare(false)) {
            struct lpa_download d;
            struct err e;
            CHECK_OK(smdp_set_expiry(&world.smdp, test_arena(), steps_iccid(), world.now + 100, &e), &e);
            before = ES9_GET_BOUND_PROFILE_PACKAGE;
            between = rows[i].between;
            world.request = at_request;
            CHECK_EQ(world_download(&world, &code, &d, &e), LPA_SERVER);
            CHECK_TEXT(status_text(&d.status), rows[i].status);
            CHECK_TEXT(world_state(&world), rows[i].state);
        }
        world_close(&world);
    }
}

/* ----------------------------------------------------------------------------------- metadata */

static struct bytes icon(void)
{
    uint8_t *octets = arena_alloc(test_arena(), 1024);
    for (int i = 0; i < 1024; i++)
        octets[i] = (uint8_t)(i * 7);
    return bytes_make(octets, 1024);
}

static struct bytes rich_metadata(void)
{
    static const uint8_t all[] = { 0xF0 }, no_delete[] = { 0x20 };
    struct rsp_NotificationConfigurationInformation addresses[] = {
        { .profileManagementOperation = { all, 4 }, .notificationAddress = BYTES_LIT("smdp.example.com") },
        { .profileManagementOperation = { all, 4 }, .notificationAddress = BYTES_LIT("other.example.com") },
    };
    struct rsp_StoreMetadataRequest_notificationConfigurationInfo list = { .n = 2, .items = addresses };
    struct rsp_OperatorId owner = { .mccMnc = unhex("00F110"), .gid1 = unhex("52534B49") }; /* as in the sample */
    struct rsp_StoreMetadataRequest m = { .iccid = unhex("989400010000000000F9"),
                                          .serviceProviderName = BYTES_LIT("12345678901234567890123456789012"),
                                          .profileName = BYTES_LIT("A name of sixty-four characters, which is as many "
                                                                   "as may be 1234"),
                                          .has_iconType = true,
                                          .iconType = 1,
                                          .icon = icon(),
                                          .profileClass = 2,
                                          .notificationConfigurationInfo = &list,
                                          .profileOwner = &owner,
                                          .profilePolicyRules = { no_delete, 3 } };
    struct bytes der = BYTES_NONE;
    struct err e;
    CHECK_OK(asn1_encode(test_arena(), &rsp_StoreMetadataRequest_type, &m, &der, &e), &e);
    return der;
}

static void check_on_card(void)
{
    struct rsp_ProfileInfoListResponse list;
    struct err e;
    CHECK_EQ(lpa_open(&world.lpa, &e), LPA_DONE);
    CHECK_EQ(lpa_list(&world.lpa, &list, &e), LPA_DONE);
    if (CHECK_EQ((int64_t)list.profileInfoListOk.n, 1)) {
        const struct rsp_ProfileInfo *p = &list.profileInfoListOk.items[0];
        CHECK_BYTES(p->icon, icon());
        CHECK_EQ(p->iconType, 1);
        CHECK_EQ(p->profileClass, 2);
        CHECK_BYTES(p->serviceProviderName, BYTES_LIT("12345678901234567890123456789012"));
        CHECK_EQ((int64_t)p->profileName.n, 64);
    }
    lpa_close(&world.lpa);
}

/* What the card says of owner and rules, by hand: GetProfilesInfo with tagList B7 (owner), 99 (rules), B6. */
static void check_owner(void)
{
    struct bytes response, info;
    euicc_apdu(world.cards[0], test_arena(), unhex("00A4040010 A0000005591010FFFFFFFF8900000100 00"), &response);
    euicc_apdu(world.cards[0], test_arena(), unhex("80E2910008 BF2D05 5C03B799B6 00"), &response);
    CHECK_EQ(response.n > 2 ? response.p[response.n - 2] : 0, 0x90);
    info = tlv_find(tlv_find(tlv_find(response, 0xBF2D).value, 0xA0).value, 0xE3).value;
    CHECK_HEX(tlv_find(info, 0xB7).whole, "B70B 800300F110 810452534B49");
    CHECK_HEX(tlv_find(info, 0x99).whole, "99020520");
    struct bytes notify = tlv_find(info, 0xB6).value;
    CHECK(notify.n > 40);
}

TEST(rich_profile)
{
    for (int ppk = 0; ppk < 2; ppk++) {
        test_row("icon of 1,024 octets, owner, rules; %s", ppk ? "protection keys" : "session keys");
        if (prepare(ppk)) {
            struct store_record type = steps_record(&world, KIND_TYPE, SAMPLE);
            struct store_batch b = store_batch_in(test_arena());
            struct err e;
            type.v[TYPE_METADATA].b = rich_metadata();
            store_put(&b, KIND_TYPE, &type);
            CHECK_EQ(store_commit(world.smdp.service.store, &b, NULL, &e), STORE_COMMITTED);
            struct said s = steps_to(&world, &code, STEP_ALL);
            CHECK_TEXT(world_state(&world), "Installed");
            struct bytes list = tlv_find(part(s.bpp, 0xA1), 0xA1).value;
            struct tlv first = tlv_find(list, 0x88);
            struct bytes rest = bytes_slice(list, first.whole.n, list.n);
            struct tlv second = tlv_find(rest, 0x88);
            CHECK(first.whole.n > 1000 && first.whole.n <= 1020); /* SGP.22 2.5.5 */
            CHECK_EQ((int64_t)(first.whole.n + second.whole.n), (int64_t)list.n);
            CHECK(second.value.n > 8);
            check_on_card();
            check_owner();
        }
        world_close(&world);
    }
}

/* -------------------------------------------------------------------------------- time to live */

static void set_lifetimes(int64_t type, int64_t operator, int64_t server)
{
    steps_set(&world, KIND_TYPE, SAMPLE, TYPE_LIFETIME, type);
    steps_set(&world, KIND_OPERATOR, OPERATOR, OPERATOR_LIFETIME, operator);
    world.smdp.limits.lifetime = server;
}

TEST(lifetimes)
{
    static const struct {
        const char *name;
        int64_t type, operator, server, lifetime;
    } rows[] = {
        { "none", 0, 0, 0, 0 },
        { "the server's", 0, 0, 300, 300 },
        { "the operator's before the server's", 0, 200, 300, 200 },
        { "the type's before all", 100, 200, 300, 100 },
        { "the type's, longer", 1000, 200, 300, 1000 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        if (world_open(&world, EC_P256, BYTES_NONE, false)) {
            set_lifetimes(rows[i].type, rows[i].operator, rows[i].server);
            CHECK(world_order(&world, NULL, NULL, &code));
            int64_t released = world.now;
            CHECK_EQ(steps_profile(&world).v[PROFILE_EXPIRES].i, rows[i].lifetime ? released + rows[i].lifetime : 0);
            world.now = released + (rows[i].lifetime ? rows[i].lifetime : 100 * DAY);
            struct rsp_status s = steps_to(&world, &code, STEP_AUTHENTICATED).status;
            CHECK_TEXT(status_text(&s), "ok");
            world.now++;
            s = steps_to(&world, &code, STEP_AUTHENTICATED).status;
            CHECK_TEXT(status_text(&s), rows[i].lifetime ? "8.8.5/4.10" : "ok");
            CHECK_TEXT(world_state(&world), "Released");
        }
        world_close(&world);
    }
    test_row("begun anew by the administrator");
    if (world_open(&world, EC_P256, BYTES_NONE, false)) {
        struct err e;
        set_lifetimes(100, 0, 0);
        CHECK(world_order(&world, NULL, NULL, &code));
        world.now += 101;
        CHECK_OK(smdp_rearm(&world.smdp, test_arena(), steps_iccid(), &e), &e);
        CHECK_EQ(steps_profile(&world).v[PROFILE_EXPIRES].i, world.now + 100);
        struct rsp_status s = steps_to(&world, &code, STEP_ALL).status;
        CHECK_TEXT(status_text(&s), "ok");
        CHECK_TEXT(world_state(&world), "Installed");
    }
    world_close(&world);
    test_row("a new order has its own time");
    if (world_open(&world, EC_P256, BYTES_NONE, false)) {
        set_lifetimes(100, 0, 0);
        CHECK(world_order(&world, NULL, NULL, &code));
        world.now += 5000;
        CHECK(cancel_order("Available"));
        CHECK_EQ(steps_profile(&world).v[PROFILE_EXPIRES].i, 0);
        CHECK(world_order(&world, NULL, NULL, &code));
        CHECK_EQ(steps_profile(&world).v[PROFILE_EXPIRES].i, world.now + 100);
    }
    world_close(&world);
}

/* ---------------------------------------------------------------------------------- armed again */

TEST(armed_again)
{
    struct err e;
    struct rsp_status s;
    test_row("after an error: the same card, the same activation code");
    if (prepare(false)) {
        after_an_error();
        s = steps_to(&world, &code, STEP_AUTHENTICATED).status;
        CHECK_TEXT(status_text(&s), "8.2.6/3.8");
        CHECK_OK(smdp_rearm(&world.smdp, test_arena(), steps_iccid(), &e), &e);
        CHECK_TEXT(world_state(&world), "Released");
        world.card = 1;
        s = steps_to(&world, &code, STEP_AUTHENTICATED).status;
        CHECK_TEXT(status_text(&s), "8.1.1/3.8");
        world.card = 0;
        steps_to(&world, &code, STEP_ALL);
        CHECK_TEXT(world_state(&world), "Installed");
    }
    world_close(&world);
    test_row("the matching ID has been given away");
    if (prepare(false)) {
        struct es2_confirm_order in = { .matchingId = code.matching_id, .releaseFlag = true };
        struct es2_confirm_order_done out;
        struct es2_download_order second = { .profileType = SAMPLE };
        struct es2_download_order_done ordered;
        after_an_error();
        CHECK_EQ(world_es2(&world, ES2_DOWNLOAD_ORDER, &second, &ordered).executed, RSP_SUCCESS);
        in.iccid = ordered.iccid;
        CHECK_EQ(world_es2(&world, ES2_CONFIRM_ORDER, &in, &out).executed, RSP_SUCCESS);
        CHECK_FAILS(smdp_rearm(&world.smdp, test_arena(), steps_iccid(), &e), &e, RSP_MATCHING_ID_USED, "used");
        CHECK_TEXT(world_state(&world), "Error");
    }
    world_close(&world);
    test_row("not what is installed");
    if (installed())
        CHECK_FAILS(smdp_rearm(&world.smdp, test_arena(), steps_iccid(), &e), &e, RSP_PROFILE_STATE, "state");
    world_close(&world);
}

/* ------------------------------------------------------------------- what an end leaves behind */

TEST(left_behind)
{
    static const struct {
        const char *name, *final; /* NULL: installed */
        const char *state, *pool;
    } rows[] = {
        { "installed", NULL, "Installed", NULL },
        { "cancelled to Available", "Available", "Available", "sample" },
        { "cancelled to Unavailable", "Unavailable", "Unavailable", NULL },
    };
    static const int freed[] = { PROFILE_EID, PROFILE_MATCHING, PROFILE_CC, PROFILE_SMDS };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        if (world_open(&world, EC_P256, BYTES_NONE, false) && world_order(&world, "1234", NULL, &code)) {
            world.code = "1234";
            const struct result ok = { .transaction = deliver() };
            if (rows[i].final) {
                steps_cancel(&world, ok.transaction, 0);
                cancel_order(rows[i].final);
            } else {
                CHECK_EQ(steps_notify(&world, steps_result(&world, &ok)), 204);
            }
            struct store_record p = steps_profile(&world);
            CHECK_TEXT(world_state(&world), rows[i].state);
            CHECK(!bytes_present(p.v[PROFILE_PENDING].b) && !bytes_present(p.v[PROFILE_MATCHING_ID].b));
            CHECK_EQ(steps_record(&world, KIND_BINDING, steps_iccid()).version, 0);
            for (int k = 0; k < 3; k++)
                CHECK_EQ(bytes_present(p.v[freed[k]].b), !rows[i].final);
            CHECK_EQ(p.v[PROFILE_DOWNLOADS].i, !rows[i].final);
            CHECK_BYTES(p.v[PROFILE_POOL].b, bytes_text(rows[i].pool));
        }
        world_close(&world);
    }
}
