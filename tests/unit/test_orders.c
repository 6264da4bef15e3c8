/* SPDX-License-Identifier: Apache-2.0
 *
 * Orders at the SM-DP+ when there are many at once, and when the store fails. */
#include <pthread.h>

#include "rsp/ids.h"
#include "rsp/refusal.h"
#include "smdp/order.h"
#include "smdp/records.h"
#include "world.h"

enum { PROFILES = 200, THREADS = 8 };

static const char csv_head[] = "iccid,imsi,k,opc\n";

/* ICCIDs 894900200000000nnnn and their check digit (ISO/IEC 7812, Luhn). */
static const char *iccid_number(int n)
{
    char *text = arena_printf(test_arena(), "89490020000000%04d", n);
    int sum = 0;
    for (int i = 0; i < 18; i++) {
        int digit = text[17 - i] - '0', twice = 2 * digit;
        sum += i % 2 ? digit : twice > 9 ? twice - 9 : twice;
    }
    return arena_printf(test_arena(), "%s%d", text, (10 - sum % 10) % 10);
}

/* PROFILES more of the type "sample". */
static void add_profiles(struct world *w)
{
    struct buf csv = buf_in(test_arena());
    struct smdp_imported done;
    struct err e;
    buf_text(&csv, csv_head);
    for (int i = 0; i < PROFILES; i++)
        buf_printf(&csv, "%s,001010%09d,%s,%s\n", iccid_number(i), i, WORLD_K, WORLD_OPC);
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
    CHECK_OK(store_count(w->smdp.store, &q, &n, &e), &e);
    return n;
}

static struct rsp_response order_by_type(struct world *w, struct arena *a)
{
    struct rsp_header h = { BYTES_LIT("Rspkit Mobile"), BYTES_LIT("1") };
    struct es2_download_order order = { .profileType = BYTES_LIT("sample") };
    struct rsp_request q = { .path = bytes_text(rsp_functions[ES2_DOWNLOAD_ORDER].path),
                             .content_type = BYTES_LIT(RSP_TYPE_JSON), .client_cert = w->pki.of[CERT_OPERATOR].der };
    struct rsp_response r = { 0 };
    if (rsp_write_request(a, ES2_DOWNLOAD_ORDER, &h, &order, &q.body, NULL) == 0)
        smdp_handle(&w->smdp, a, &q, &r);
    return r;
}

static int taken[THREADS];

struct orderer {
    struct world *w;
    int *taken;
};

static void *orders(void *context)
{
    struct orderer *o = context;
    for (;;) {
        struct arena *a = arena_new(1 << 20);
        struct rsp_response r = order_by_type(o->w, a);
        struct es2_download_order_done done;
        struct rsp_status status = { .executed = RSP_FAILED };
        if (r.status == 200)
            rsp_read_response(a, ES2_DOWNLOAD_ORDER, r.body, &status, &done, NULL);
        arena_free(a);
        if (r.status == 200 && status.executed != RSP_SUCCESS)
            return NULL; /* the pool is empty */
        *o->taken += r.status == 200;
    }
}

TEST(parallel_orders_from_one_pool)
{
    struct world w;
    pthread_t threads[THREADS];
    struct orderer of[THREADS];
    int all = 0;
    if (world_open(&w, EC_P256, BYTES_NONE, false)) {
        add_profiles(&w);
        for (int i = 0; i < THREADS; i++) {
            of[i] = (struct orderer){ &w, &taken[i] };
            pthread_create(&threads[i], NULL, orders, &of[i]);
        }
        for (int i = 0; i < THREADS; i++) {
            pthread_join(threads[i], NULL);
            all += taken[i];
        }
        CHECK_EQ(all, PROFILES + 2);
        CHECK_EQ(in_state(&w, ORDER_ALLOCATED), PROFILES + 2);
        CHECK_EQ(in_state(&w, ORDER_AVAILABLE), 0);
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
            w.faults = (struct store_faults){ .at = 1, .how = lost[i].how };
            CHECK_EQ(order_by_type(&w, test_arena()).status, lost[i].status);
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
        CHECK_OK(audit_verify(w.smdp.store, KIND_AUDIT, &n, &e), &e);
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
            CHECK_OK(iccid_from_text(test_arena(), bytes_text(iccid_number(i)), &order.iccid, &e), &e);
            CHECK_OK(eid_from_text(test_arena(), bytes_text(w.pki.plan.eid), &order.eid, &e), &e);
            CHECK_EQ(world_es2(&w, ES2_DOWNLOAD_ORDER, &order, &ordered).executed, RSP_SUCCESS);
            confirm.iccid = ordered.iccid;
            CHECK_EQ(world_es2(&w, ES2_CONFIRM_ORDER, &confirm, &confirmed).executed, RSP_SUCCESS);
            last = (struct activation_code){ .address = confirmed.smdpAddress, .matching_id = confirmed.matchingId };
        }
        test_row("the third, by its matching ID");
        CHECK_EQ(world_download(&w, &last, &d, &e), LPA_DONE);
        CHECK_TEXT(iccid_text(test_arena(), d.iccid), iccid_number(2));
        last.matching_id = BYTES_LIT("");
        for (int i = 0; i < 2; i++) {
            test_row("without one: number %d", i + 1);
            CHECK_EQ(world_download(&w, &last, &d, &e), LPA_DONE);
            CHECK_TEXT(iccid_text(test_arena(), d.iccid), iccid_number(i));
        }
        test_row("no order is left");
        CHECK_EQ(world_download(&w, &last, &d, &e), LPA_SERVER);
    }
    world_close(&w);
}
