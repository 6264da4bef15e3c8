/* SPDX-License-Identifier: Apache-2.0
 *
 * Administration of the SM-DP+: lists of profiles, orders as the operator would place them, operators changed, lists of
 * new subscribers. */
#include <sys/stat.h>
#include <unistd.h>

#include "rsp/ids.h"
#include "rsp/refusal.h"
#include "smdp/generate.h"
#include "smdp/records.h"
#include "world.h"

static struct world world;

static struct bytes iccid_of(const char *text)
{
    struct bytes iccid;
    struct err e;
    CHECK_OK(iccid_from_text(test_arena(), bytes_text(text), &iccid, &e), &e);
    return iccid;
}

static int64_t in_state(enum order_state state)
{
    struct err e;
    int64_t n = -1;
    CHECK_OK(smdp_count(&world.smdp, state, &n, &e), &e);
    return n;
}

/* ---------------------------------------------------------------------------------- lists */

#define THIRD "8949001000000000033"
#define FOURTH "8949001000000000041"
#define KEYS WORLD_K "," WORLD_OPC "\n"
#define OTHER_KEYS WORLD_OPC "," WORLD_K "\n"
#define HEAD "iccid,imsi,k,opc\n"
#define FIRST_AGAIN WORLD_ICCID "," WORLD_IMSI "," KEYS

static const struct {
    const char *name, *list;
    int code; /* 0: taken */
    const char *told;
    int64_t added, there, other;
} lists[] = {
    { "two new ones", HEAD THIRD ",001010000000003," KEYS FOURTH ",001010000000004," KEYS, 0, NULL, 2, 0, 0 },
    { "one that is there", HEAD FIRST_AGAIN, 0, NULL, 0, 1, 0 },
    { "one that is there, with other keys", HEAD WORLD_ICCID "," WORLD_IMSI "," OTHER_KEYS, 0, NULL, 0, 0, 1 },
    { "one that is there, with a PIN", "iccid,imsi,k,opc,pin1\n" WORLD_ICCID "," WORLD_IMSI "," WORLD_K "," WORLD_OPC
      ",1234\n", 0, NULL, 0, 0, 1 },
    { "one twice", HEAD THIRD ",001010000000003," KEYS THIRD ",001010000000003," KEYS, 0, NULL, 1, 1, 0 },
    { "one twice, with other keys", HEAD THIRD ",001010000000003," KEYS THIRD ",001010000000003," OTHER_KEYS, 0, NULL,
      1, 0, 1 },
    { "a bad line behind a good one", HEAD THIRD ",001010000000003," KEYS FOURTH ",x," KEYS, ERR_VALUE, "imsi", 1, 0,
      0 },
    { "no OPc for a package with one", "iccid,imsi,k\n" THIRD ",001010000000003," WORLD_K "\n", ERR_VALUE,
      "needs iccid, imsi, k and opc", 0, 0, 0 },
    { "an unknown column", "iccid,imsi,k,colour\n" THIRD ",001010000000003," KEYS, ERR_VALUE, "no \"colour\"", 0, 0,
      0 },
    { "a column twice", "iccid,imsi,k,k\n" THIRD ",001010000000003," KEYS, ERR_EXISTS, "comes twice", 0, 0, 0 },
    { "a mark of UTF-8 in front", "\xEF\xBB\xBF" HEAD THIRD ",001010000000003," KEYS, 0, NULL, 1, 0, 0 },
    { "nothing", "", ERR_SYNTAX, "the list is empty", 0, 0, 0 },
};

TEST(lists)
{
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct smdp_imported done;
        struct err e;
        test_row("%s", lists[i].name);
        if (!world_open(&world, EC_P256, BYTES_NONE, false))
            return;
        int64_t before = in_state(ORDER_AVAILABLE);
        int result = smdp_add_profiles(&world.smdp, "sample", bytes_text(lists[i].list), &done, &e);
        if (lists[i].code)
            CHECK_FAILS(result, &e, lists[i].code, lists[i].told);
        else
            CHECK_OK(result, &e);
        CHECK_EQ((int64_t)done.added, lists[i].added);
        CHECK_EQ((int64_t)done.there, lists[i].there);
        CHECK_EQ((int64_t)done.other, lists[i].other);
        CHECK_EQ(in_state(ORDER_AVAILABLE), before + lists[i].added);
        world_close(&world);
    }
}

/* A list in pieces of any length is the same list. */
TEST(pieces)
{
    static const char list[] = HEAD THIRD ",001010000000003," KEYS FOURTH ",001010000000004," KEYS;
    for (size_t length = 1; length < sizeof list; length += 7) {
        struct smdp_imported done = { 0 };
        struct smdp_import *i;
        struct err e;
        test_row("of %zu octets", length);
        if (!world_open(&world, EC_P256, BYTES_NONE, false))
            return;
        if (CHECK_OK(smdp_import_new(&world.smdp, "sample", &i, &e), &e)) {
            for (struct bytes left = BYTES_LIT(list); left.n; left = bytes_slice(left, length, left.n))
                CHECK_OK(smdp_import_take(i, bytes_slice(left, 0, length), &done, &e), &e);
            CHECK_OK(smdp_import_end(i, &done, &e), &e);
            smdp_import_free(i);
        }
        CHECK_EQ((int64_t)done.added, 2);
        world_close(&world);
    }
}

/* --------------------------------------------------------------------------------- orders */

static struct smdp_order order_of(const char *type)
{
    return (struct smdp_order){ .type = type };
}

/* How often the trail has this action of this actor. */
static int audited(const char *actor, const char *action)
{
    const struct store_query q = { .kind = KIND_AUDIT, .limit = 100 };
    struct store_records found;
    struct err e;
    int n = 0;
    if (CHECK_OK(store_find(world.smdp.service.store, test_arena(), &q, &found, &e), &e))
        for (size_t i = 0; i < found.n; i++)
            n += bytes_equal(found.items[i].v[AUDIT_ACTOR].b, bytes_text(actor)) &&
                 bytes_equal(found.items[i].v[AUDIT_ACTION].b, bytes_text(action));
    return n;
}

TEST(an_order)
{
    struct activation_code code;
    struct lpa_download d;
    struct smdp_ordered ordered;
    struct smdp_profile p;
    struct err e;
    if (!world_open(&world, EC_P256, BYTES_NONE, false))
        return;
    struct smdp_order o = order_of("sample");
    o.release = true;
    o.matching_id = BYTES_LIT("TEST-1");
    if (CHECK_OK(smdp_order(&world.smdp, test_arena(), &o, &ordered, &e), &e)) {
        CHECK_TEXT(ordered.activation_code, "LPA:1$smdp.example.com$TEST-1");
        CHECK_OK(activation_code_parse(bytes_text(ordered.activation_code), false, &code, &e), &e);
        CHECK_EQ(world_download(&world, &code, &d, &e), LPA_DONE);
        CHECK_OK(smdp_profile(&world.smdp, test_arena(), ordered.iccid, &p, &e), &e);
        CHECK_TEXT(order_state_name(p.state), "Installed");
    }
    CHECK_EQ(audited("administration", "ES2+.DownloadOrder"), 1);
    CHECK_EQ(audited("administration", "ES2+.ConfirmOrder"), 1);
    world_close(&world);
}

static struct smdp_order wanted; /* of a row */

static void no_type(void)
{
    wanted.type = "none";
}
static void empty_without_eid(void)
{
    wanted.matching_id = BYTES_LIT("");
}
static void small_letters(void)
{
    wanted.matching_id = BYTES_LIT("test-1");
}
static void too_long(void)
{
    wanted.matching_id = bytes_text(arena_printf(test_arena(), "%0240d", 1)); /* with the rest, 260 characters */
}
static void unreachable(void)
{
    wanted.eid = unhex("89049032000000000000000000000163");
    wanted.smds = BYTES_LIT("smds.example.com");
    wanted.release = true;
}

TEST(orders_refused)
{
    static const struct { const char *name; void (*make)(void); int refusal; } rows[] = {
        { "no such type", no_type, RSP_TYPE_UNKNOWN },
        { "no matching ID and no EID", empty_without_eid, RSP_EID_MISSING },
        { "a matching ID of small letters", small_letters, RSP_BAD_FORMAT },
        { "a matching ID too long for an activation code", too_long, RSP_BAD_FORMAT },
        { "an SM-DS that nobody reaches", unreachable, RSP_SMDS_UNREACHABLE },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct smdp_ordered ordered;
        struct err e;
        test_row("%s", rows[i].name);
        if (!world_open(&world, EC_P256, BYTES_NONE, false))
            return;
        wanted = order_of("sample");
        rows[i].make();
        CHECK_EQ(smdp_order(&world.smdp, test_arena(), &wanted, &ordered, &e), -1);
        CHECK_EQ(e.code, rows[i].refusal);
        CHECK_EQ(in_state(ORDER_AVAILABLE), 2);
        world_close(&world);
    }
}

TEST(order_of_another)
{
    struct smdp_ordered first, again;
    struct err e;
    if (!world_open(&world, EC_P256, BYTES_NONE, false))
        return;
    struct smdp_order o = order_of(NULL);
    o.iccid = iccid_of(WORLD_ICCID);
    o.matching_id = BYTES_LIT("A-1");
    CHECK_OK(smdp_order(&world.smdp, test_arena(), &o, &first, &e), &e);
    test_row("a matching ID that is used takes no second profile");
    o.iccid = iccid_of(WORLD_ICCID2);
    CHECK_FAILS(smdp_order(&world.smdp, test_arena(), &o, &again, &e), &e, RSP_MATCHING_ID_USED, "used by another");
    CHECK_EQ(in_state(ORDER_AVAILABLE), 1);
    test_row("an order that is refused leaves the one before as it is");
    o.iccid = iccid_of(WORLD_ICCID);
    o.matching_id = BYTES_LIT("A-2");
    CHECK_FAILS(smdp_order(&world.smdp, test_arena(), &o, &again, &e), &e, RSP_PROFILE_IN_USE, "in use");
    CHECK_EQ(in_state(ORDER_CONFIRMED), 1);
    test_row("what the operator has ordered stays ordered");
    const struct es2_download_order q = { .iccid = iccid_of(WORLD_ICCID2) };
    struct es2_download_order_done r;
    CHECK_EQ(world_es2(&world, ES2_DOWNLOAD_ORDER, &q, &r).executed, RSP_SUCCESS);
    o.iccid = q.iccid;
    o.matching_id = BYTES_LIT("A-1");
    CHECK_FAILS(smdp_order(&world.smdp, test_arena(), &o, &again, &e), &e, RSP_MATCHING_ID_USED, "used by another");
    CHECK_EQ(in_state(ORDER_ALLOCATED), 1);
    test_row("released, then cancelled for good");
    o.iccid = iccid_of(WORLD_ICCID);
    CHECK_OK(smdp_release(&world.smdp, test_arena(), o.iccid, &e), &e);
    CHECK_EQ(in_state(ORDER_RELEASED), 1);
    CHECK_OK(smdp_cancel(&world.smdp, test_arena(), o.iccid, true, &e), &e);
    CHECK_EQ(in_state(ORDER_UNAVAILABLE), 1);
    world_close(&world);
}

/* ------------------------------------------------------------------------------ operators */

TEST(operator_changed)
{
    struct smdp_operator_seen seen;
    struct err e;
    if (!world_open(&world, EC_P256, BYTES_NONE, false))
        return;
    struct smdp_operator o = { .name = "Rspkit Mobile", .url = "https://a.example.com/x", .points = 1 << 4,
                               .limits = { .cc_tries = 7, .downloads = 8, .lifetime = 9 } };
    CHECK_OK(smdp_change_operator(&world.smdp, test_arena(), &o, &e), &e);
    o = (struct smdp_operator){ .name = "Rspkit Mobile", .points = SMDP_KEEP,
                                .limits = { .cc_tries = 6, .downloads = SMDP_KEEP, .lifetime = SMDP_KEEP } };
    test_row("what is not given stays");
    CHECK_OK(smdp_change_operator(&world.smdp, test_arena(), &o, &e), &e);
    if (CHECK_OK(smdp_operator_see(&world.smdp, test_arena(), o.name, &seen, &e), &e)) {
        CHECK_BYTES(seen.url, BYTES_LIT("https://a.example.com/x"));
        CHECK_EQ(seen.points, 1 << 4);
        CHECK_EQ(seen.limits.cc_tries, 6);
        CHECK_EQ(seen.limits.downloads, 8);
        CHECK_EQ(seen.limits.lifetime, 9);
    }
    test_row("another certificate, which calls ES2+ from then on");
    o.certificate = world.pki.of[CERT_DPTLS].der;
    CHECK_OK(smdp_change_operator(&world.smdp, test_arena(), &o, &e), &e);
    const struct es2_download_order q = { .profileType = BYTES_LIT("sample") };
    struct es2_download_order_done r;
    CHECK_EQ(world_es2(&world, ES2_DOWNLOAD_ORDER, &q, &r).executed, RSP_FAILED);
    world.caller = world.pki.of[CERT_DPTLS].der;
    CHECK_EQ(world_es2(&world, ES2_DOWNLOAD_ORDER, &q, &r).executed, RSP_SUCCESS);
    test_row("nobody");
    o.name = "Nobody";
    CHECK_FAILS(smdp_change_operator(&world.smdp, test_arena(), &o, &e), &e, ERR_NOT_FOUND, "next: rsp-smdp operators");
    world_close(&world);
}

/* ----------------------------------------------------------------------- new subscribers */

/* Numbers and their check digits by hand (ISO/IEC 7812-1). */
TEST(generated)
{
    static const struct { const char *name, *iccid, *imsi; uint64_t count; int code; const char *told; } rows[] = {
        { "19 digits", "8949001000000000017", "001010000000009", 2, 0,
          "8949001000000000017,001010000000009,\n8949001000000000025,001010000000010,\n" },
        { "20 digits, over a 9", "89490010000000000997", "00101099", 2, 0,
          "89490010000000000997,00101099,\n89490010000000001003,00101100,\n" },
        { "a wrong check digit", "8949001000000000018", "001010000000009", 1, ERR_USAGE, "write 8949001000000000017" },
        { "into another issuer's ICCIDs", "8949001999999999990", "001010000000009", 2, ERR_USAGE, "another issuer" },
        { "into another network's IMSIs", "8949001000000000017", "001019999999999", 2, ERR_USAGE, "another issuer" },
        { "none", "8949001000000000017", "001010000000009", 0, ERR_USAGE, "from 1 to" },
        { "an IMSI of letters", "8949001000000000017", "00101x", 1, ERR_USAGE, "6 to 15 digits" },
    };
    const char *path = test_path("list.csv");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct generate g = { rows[i].iccid, rows[i].imsi, rows[i].count, path };
        uint64_t there;
        struct err e;
        test_row("%s", rows[i].name);
        int result = generate_list(&g, &there, &e);
        if (rows[i].code) {
            CHECK_FAILS(result, &e, rows[i].code, rows[i].told);
            CHECK(access(path, F_OK) != 0);
        } else if (CHECK_OK(result, &e)) {
            struct buf begins = buf_in(test_arena());
            struct bytes list = test_file(path);
            struct cursor c = cursor_over(list);
            struct csv_line line;
            csv_next(&c, &line);
            while (csv_next(&c, &line)) {
                buf_printf(&begins, "%.*s,%.*s,\n", (int)line.field[0].n, line.field[0].p, (int)line.field[1].n,
                           line.field[1].p);
                CHECK_EQ((int64_t)line.field[2].n, 32);
                CHECK_EQ((int64_t)line.field[3].n, 32);
                CHECK(!bytes_equal(line.field[2], line.field[3]));
            }
            CHECK_TEXT(buf_str(&begins), rows[i].told);
            unlink(path);
        }
    }
}
