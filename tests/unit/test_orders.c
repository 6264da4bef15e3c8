/* SPDX-License-Identifier: Apache-2.0
 *
 * Orders at the SM-DP+ when there are many at once, and when the store fails. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "rsp/ids.h"
#include "rsp/refusal.h"
#include "smdp/order.h"
#include "smdp/records.h"
#include "store/backend.h"
#include "world.h"

enum { PROFILES = 1000, THREADS = 8, EACH = 150 /* orders of a thread that also cancels */ };

static const char csv_head[] = "iccid,imsi,k,opc\n";

/* PROFILES more of the type "sample". */
static void add_profiles(struct world *w)
{
    struct buf csv = buf_in(test_arena());
    struct smdp_imported done;
    struct err e;
    buf_text(&csv, csv_head);
    for (int i = 0; i < PROFILES; i++)
        buf_printf(&csv, "%s,001010%09d,%s,%s\n", world_iccid(i), i, WORLD_K, WORLD_OPC);
    CHECK_OK(smdp_add_profiles(&w->smdp, "sample", buf_bytes(&csv), &done, &e), &e);
    CHECK_EQ((int64_t)done.added, PROFILES);
    CHECK_EQ((int64_t)done.there, 0);
    CHECK_OK(smdp_add_profiles(&w->smdp, "sample", buf_bytes(&csv), &done, &e), &e);
    CHECK_EQ((int64_t)done.added, 0);
    CHECK_EQ((int64_t)done.there, PROFILES);
}

static int64_t in_state(struct world *w, enum order_state state)
{
    const struct store_query q = { .kind = KIND_PROFILE, .column = PROFILE_STATE, .value.i = state };
    struct err e;
    int64_t n = -1;
    CHECK_OK(store_count(w->smdp.service.store, &q, &n, &e), &e);
    return n;
}

/* In a thread: no test's arena, no checks. */
static int es2(struct world *w, struct arena *a, enum rsp_function f, const void *in, struct rsp_status *status,
               void *out)
{
    struct rsp_header h = { BYTES_LIT("Rspkit Mobile"), BYTES_LIT("1") };
    struct rsp_request q = { .path = bytes_text(rsp_functions[f].path), .content_type = BYTES_LIT(RSP_TYPE_JSON),
                             .client_cert = w->pki.of[CERT_OPERATOR].der };
    struct rsp_response r = { 0 };
    *status = (struct rsp_status){ .executed = RSP_EXPIRED };
    if (rsp_write_request(a, f, &h, in, &q.body, NULL) == 0)
        smdp_handle(&w->smdp, a, &q, &r);
    if (r.status == 200)
        rsp_read_response(a, f, r.body, status, out, NULL);
    return r.status;
}

static int order_by_type(struct world *w, struct arena *a, struct rsp_status *status, struct bytes *iccid)
{
    static const struct es2_download_order order = { .profileType = BYTES_LIT("sample") };
    struct es2_download_order_done done = { 0 };
    int http = es2(w, a, ES2_DOWNLOAD_ORDER, &order, status, &done);
    *iccid = done.iccid;
    return http;
}

/* Who has a profile, by its number; the world's own two come last. */
static struct ledger {
    struct world *w;
    atomic_bool held[PROFILES + 2];
    atomic_int doubled, odd, busy; /* orders of a profile that somebody had; answers that should not be; 503 */
} ledger;

static atomic_bool *held(struct arena *a, struct bytes iccid)
{
    const char *text = iccid_text(a, iccid);
    int number = strcmp(text, WORLD_ICCID) == 0 ? PROFILES : strcmp(text, WORLD_ICCID2) == 0 ? PROFILES + 1
                                                           : atoi(arena_text(a, bytes_make(text + 14, 4)));
    return &ledger.held[number];
}

/* Gives the profile back, after striking it out: somebody may have it before the answer is here. */
static void give_back(struct arena *a, struct bytes iccid)
{
    const struct es2_cancel_order q = { .iccid = iccid, .finalProfileStatusIndicator = BYTES_LIT("Available") };
    struct rsp_status status;
    *held(a, iccid) = false;
    int http;
    while ((http = es2(ledger.w, a, ES2_CANCEL_ORDER, &q, &status, NULL)) == 503)
        ledger.busy++;
    ledger.odd += http != 200 || status.executed != RSP_SUCCESS;
}

/* One order by type; false: the pool is empty. */
static bool order_one(bool cancel)
{
    struct arena *a = arena_new(4 << 20);
    struct rsp_status status;
    struct bytes iccid;
    int http = order_by_type(ledger.w, a, &status, &iccid);
    bool ordered = http == 200 && status.executed == RSP_SUCCESS, empty = http == 200 && !ordered;
    ledger.busy += http == 503;
    ledger.odd += http != 200 && http != 503;
    if (empty)
        ledger.odd += !bytes_equal(status.subject, BYTES_LIT("8.2.5")) || !bytes_equal(status.reason, BYTES_LIT("3.7"));
    if (ordered)
        ledger.doubled += atomic_exchange(held(a, iccid), true);
    if (ordered && cancel)
        give_back(a, iccid);
    arena_free(a);
    return !empty;
}

static void *only_order(void *unused)
{
    for (int n = 0; n < PROFILES + 2 && order_one(false);)
        n++;
    return unused;
}

/* Two of three are given back. */
static void *order_and_cancel(void *unused)
{
    for (int i = 0; i < EACH; i++)
        order_one(i % 3 != 0);
    return unused;
}

static const char *database(void)
{
    return test_path("orders.db");
}

static void run_threads(void *(*what)(void *))
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, what, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void no_profile_twice(struct world *w, void *(*what)(void *))
{
    int all = 0;
    int64_t n;
    struct err e;
    add_profiles(w);
    memset(&ledger, 0, sizeof ledger);
    ledger.w = w;
    run_threads(what);
    for (int i = 0; i < PROFILES + 2; i++)
        all += ledger.held[i];
    printf("# %d profiles taken, %d requests were put off\n", all, ledger.busy);
    CHECK_EQ(ledger.doubled, 0);
    CHECK_EQ(ledger.odd, 0);
    CHECK(what != only_order || all == PROFILES + 2);
    CHECK_EQ(in_state(w, ORDER_ALLOCATED), all);
    CHECK_EQ(in_state(w, ORDER_AVAILABLE), PROFILES + 2 - all);
    CHECK_OK(audit_verify(w->smdp.service.store, KIND_AUDIT, &n, &e), &e);
    CHECK_OK(smdp_profiles_verify(&w->smdp, &n, &e), &e);
}

TEST(parallel_orders_from_one_pool)
{
    for (int i = 0; i < 4; i++) {
        struct world w;
        bool sqlite = i / 2, cancels = i % 2;
        test_folder_clear();
        world_store(sqlite ? database() : NULL);
        test_row("%s, %s", sqlite ? "SQLite" : "memory", cancels ? "DownloadOrder and CancelOrder" : "DownloadOrder");
        if (world_open(&w, EC_P256, BYTES_NONE, false))
            no_profile_twice(&w, cancels ? order_and_cancel : only_order);
        world_close(&w);
    }
    test_folder_clear();
    world_store(NULL);
}

/* The store as it is, but for a pool whose one profile is the first record ever, and gone at the second look. */
static const struct store_ops *real_ops;

static int find_emptied(void *self, struct arena *a, const struct store_query *q, struct store_records *found,
                        struct err *e)
{
    int failed = real_ops->find(self, a, q, found, e);
    if (failed || q->kind != KIND_PROFILE || q->column != PROFILE_POOL)
        return failed;
    for (size_t i = 0; i < found->n; i++)
        found->items[i].serial = 1;
    found->n = q->newest_first ? 0 : found->n;
    return 0;
}

TEST(pool_empties_between_two_looks)
{
    struct world w;
    if (world_open(&w, EC_P256, BYTES_NONE, false)) {
        struct store *real = w.smdp.service.store;
        struct store_ops ops = *real->ops;
        struct store emptied = { &ops, real->self };
        struct rsp_status status;
        struct bytes iccid;
        real_ops = real->ops;
        ops.find = find_emptied;
        w.smdp.service.store = &emptied;
        CHECK_EQ(order_by_type(&w, test_arena(), &status, &iccid), 200);
        CHECK_EQ(status.executed, RSP_SUCCESS);
        w.smdp.service.store = real;
        CHECK_EQ(in_state(&w, ORDER_ALLOCATED), 1);
    }
    world_close(&w);
}

/* What the operator sees and what the store holds, when the one commit of an order goes wrong. */
static const struct {
    const char *name;
    int how, status;
    int64_t allocated;
    long commits;
} lost[] = {
    { "the store is not there", STORE_FAIL_BEFORE, 503, 0, 1 },
    { "the answer of the commit is lost", STORE_LOSE_ANSWER, 200, 1, 1 },
    { "the commit is lost", STORE_LOSE_BATCH, 200, 1, 2 },
};

TEST(unknown_outcome_of_an_order)
{
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
        struct world w;
        test_row("%s", lost[i].name);
        if (world_open(&w, EC_P256, BYTES_NONE, false)) {
            struct rsp_status status;
            struct bytes iccid;
            w.faults = (struct store_faults){ .at = 1, .how = lost[i].how };
            CHECK_EQ(order_by_type(&w, test_arena(), &status, &iccid), lost[i].status);
            CHECK_EQ(in_state(&w, ORDER_ALLOCATED), lost[i].allocated);
            CHECK_EQ(w.faults.commits, lost[i].commits);
        }
        world_close(&w);
    }
}

/* One download with each of its commits going wrong in each way: one profile is bound, to one card, and a retry ends
 * well. */
static bool download_with_fault(long at, int how)
{
    struct world w;
    struct activation_code code;
    struct lpa_download d;
    struct err e;
    bool reached = false;
    if (world_open(&w, EC_P256, BYTES_NONE, false) && world_order(&w, NULL, NULL, &code)) {
        w.faults = (struct store_faults){ .at = at, .how = how };
        enum lpa_end end = world_download(&w, &code, &d, &e);
        reached = w.faults.commits >= at;
        w.faults.at = 0;
        if (end != LPA_DONE)
            end = world_download(&w, &code, &d, &e);
        if (!CHECK_EQ(end, LPA_DONE))
            printf("# %s\n", e.what);
        CHECK_EQ(in_state(&w, ORDER_AVAILABLE), 1);
        CHECK_EQ(in_state(&w, ORDER_INSTALLED) + in_state(&w, ORDER_DOWNLOADED), 1);
        int64_t n;
        CHECK_OK(audit_verify(w.smdp.service.store, KIND_AUDIT, &n, &e), &e);
    }
    world_close(&w);
    return reached;
}

TEST(a_download_with_each_commit_going_wrong)
{
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
        long at = 1;
        do
            test_row("%s: %ld", lost[i].name, at);
        while (download_with_fault(at++, lost[i].how));
        test_row("%s: there were commits", lost[i].name);
        CHECK(at > 4);
    }
}

/* SGP.22 5.6.3: by matching ID each of many orders of a card, without one the oldest. */
TEST(many_orders_for_one_card)
{
    struct world w;
    if (world_open(&w, EC_P256, BYTES_NONE, false)) {
        struct activation_code last = { 0 };
        struct lpa_download d;
        struct err e;
        add_profiles(&w);
        for (int i = 0; i < 3; i++) {
            struct es2_download_order order = { 0 };
            struct es2_download_order_done ordered;
            struct es2_confirm_order confirm = { .releaseFlag = true };
            struct es2_confirm_order_done confirmed;
            CHECK_OK(iccid_from_text(test_arena(), bytes_text(world_iccid(i)), &order.iccid, &e), &e);
            CHECK_OK(eid_from_text(test_arena(), bytes_text(w.pki.plan.eid), &order.eid, &e), &e);
            CHECK_EQ(world_es2(&w, ES2_DOWNLOAD_ORDER, &order, &ordered).executed, RSP_SUCCESS);
            confirm.iccid = ordered.iccid;
            CHECK_EQ(world_es2(&w, ES2_CONFIRM_ORDER, &confirm, &confirmed).executed, RSP_SUCCESS);
            last = (struct activation_code){ .address = confirmed.smdpAddress, .matching_id = confirmed.matchingId };
        }
        test_row("the third, by its matching ID");
        CHECK_EQ(world_download(&w, &last, &d, &e), LPA_DONE);
        CHECK_TEXT(iccid_text(test_arena(), d.iccid), world_iccid(2));
        last.matching_id = BYTES_LIT("");
        for (int i = 0; i < 2; i++) {
            test_row("without one: number %d", i + 1);
            CHECK_EQ(world_download(&w, &last, &d, &e), LPA_DONE);
            CHECK_TEXT(iccid_text(test_arena(), d.iccid), world_iccid(i));
        }
        test_row("no order is left");
        CHECK_EQ(world_download(&w, &last, &d, &e), LPA_SERVER);
    }
    world_close(&w);
}
