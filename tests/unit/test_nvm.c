/* SPDX-License-Identifier: Apache-2.0
 *
 * The card's log: damage and loss at every octet, and what is left out when it is written anew. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "euicc/core.h"
#include "ground.h"
#include "uicc_lab.h"

/* ------------------------------------------------------------------------------- damage */

static struct bytes altered(struct bytes content, size_t at, uint8_t by)
{
    struct bytes out = arena_copy(test_arena(), content);
    ((uint8_t *)(uintptr_t)out.p)[at] ^= by;
    return out;
}

/* A small card: made, then one change more, so that a batch stands behind the first. */
static struct bytes small_card(void)
{
    struct ground g;
    struct bytes data, content = BYTES_NONE;
    struct err e;
    if (ground_open(&g, ground_empty(), &e)) {
        ground_say(g.card, "BF3F05 8003612E62", &data);
        content = ground_left(&g);
        ground_close(&g);
    }
    return content;
}

static void refused(struct bytes content)
{
    struct nvm_memory memory = { .arena = test_arena(), .all = content };
    struct nvm nvm = nvm_in_memory(&memory);
    struct euicc_env env = { .nvm = nvm };
    struct euicc *card = NULL;
    struct err e = { 0 };
    if (!CHECK_EQ(euicc_open(&env, &card, &e), -1))
        euicc_close(card);
    CHECK(strstr(e.what, e.code == ERR_VERIFY ? "damaged at octet" : "this is no card") != NULL);
    CHECK(strstr(e.what, "next: ") != NULL);
}

/* Each octet with its lowest bit, its highest, and all of them flipped. */
TEST(a_flipped_bit_is_found)
{
    static const uint8_t flips[] = { 1, 0x80, 0xFF };
    struct bytes content = small_card();
    for (size_t k = 0; k < sizeof flips; k++) {
        test_row("%02X", flips[k]);
        for (size_t at = 0; at < content.n; at++)
            refused(altered(content, at, flips[k]));
    }
    printf("# %zu octets\n", content.n);
}

TEST(the_place_is_told)
{
    struct nvm_memory memory = { .arena = test_arena(), .all = altered(ground_empty(), 100, 4) };
    struct nvm nvm = nvm_in_memory(&memory);
    struct euicc_env env = { .nvm = nvm };
    struct euicc *card;
    struct err e;
    CHECK_FAILS(euicc_open(&env, &card, &e), &e, ERR_VERIFY, "damaged at octet 20;");
}

/* Cut to each length: no card, or the card before the change, or the one after. */
TEST(cut_short)
{
    struct bytes content = small_card(), before = ground_empty();
    size_t states[3] = { 0 };
    for (size_t n = 0; n <= content.n; n++) {
        struct ground g;
        struct bytes data;
        struct err e;
        if (!ground_open(&g, bytes_slice(content, 0, n), &e)) {
            states[0]++;
            CHECK(n < before.n && strstr(e.what, "this is no card"));
            continue;
        }
        ground_say(g.card, "BF3C00", &data);
        bool changed = memmem(data.p, data.n, "a.b", 3) != NULL;
        states[1 + changed]++;
        CHECK_EQ(changed, n == content.n);
        CHECK_EQ((int64_t)ground_left(&g).n, (int64_t)(changed ? content.n : before.n)); /* the end is taken away */
        ground_close(&g);
    }
    CHECK_EQ((int64_t)states[0], (int64_t)before.n);
    CHECK_EQ((int64_t)states[1], (int64_t)(content.n - before.n));
    CHECK_EQ((int64_t)states[2], 1);
}

/* ------------------------------------------------------------------------ written anew */

/* Rules of their own: type 1 is kept, 2 replaced by its first field, 3 ends 1 and 2, 4 lies over, 5 keeps two. */
static const struct nvm_rule rules[] = {
    [2] = { NVM_REPLACE, 1 },
    [3] = { NVM_END, 1, .ends = 1 << 1 | 1 << 2 | 1 << 4 },
    [4] = { NVM_OVERLAY, 1 },
    [5] = { NVM_KEEP, .most = 2 },
};

static int list(void *context, const struct nvm_record *r, struct err *e)
{
    struct buf *out = context;
    (void)e;
    buf_printf(out, "%s%u", out->n ? " " : "", r->type);
    for (size_t i = 0; i < NVM_FIELDS && r->field[i].p; i++)
        buf_printf(out, ":%.*s", (int)r->field[i].n, (const char *)r->field[i].p);
    return 0;
}

/* "2:a:x 3:a" as records; the offset of type 4 is a letter, A for 65, which is the same as a number. */
static void add(struct nvm_batch *b, const char *text)
{
    char *copy = arena_text(test_arena(), bytes_text(text));
    for (char *word, *rest = copy; (word = strsep(&rest, " "));) {
        struct nvm_record r = { .type = (uint8_t)(word[0] - '0') };
        strsep(&word, ":");
        for (size_t i = 0; word; i++)
            r.field[i] = bytes_text(strsep(&word, ":"));
        nvm_put(b, &r);
    }
}

TEST(what_is_obsolete)
{
    static const struct {
        const char *name, *log, *left;
    } rows[] = {
        { "nothing", "1:a 1:a 1:b", "1:a 1:a 1:b" },
        { "no rule: kept", "7:a 7:a 9:b", "7:a 7:a 9:b" },
        { "replaced, by key", "2:a:1 2:b:1 2:a:2", "2:b:1 2:a:2" },
        { "many times", "2:a:1 2:a:2 2:a:3 2:a:4", "2:a:4" },
        { "ended, and the end with it", "1:a 2:a:1 1:b 3:a", "1:b" },
        { "ended, then there again", "1:a 3:a 1:a 2:a:1", "1:a 2:a:1" },
        { "ended twice", "1:a 3:a 1:a 3:a 1:a", "1:a" },
        { "an end of what is not there", "3:x 1:a", "1:a" },
        { "another type's key", "5:a 3:a", "5:a" },
        { "the newest two", "5:a 5:b 5:c 1:z 5:d", "5:c 1:z 5:d" },
        { "over itself", "4:a:A:xyz 4:a:A:XYZ", "4:a:A:XYZ" },
        { "a shorter one over it", "4:a:A:xyz 4:a:A:X", "4:a:A:Xyz" },
        { "inside", "4:a:A:vwxyz 4:a:C:X", "4:a:A:vwXyz" },
        { "at its end", "4:a:A:xyz 4:a:D:X", "4:a:A:xyzX" },
        { "before it", "4:a:D:xyz 4:a:B:AB", "4:a:B:ABxyz" },
        { "across its end", "4:a:A:xyz 4:a:C:XY", "4:a:A:xyXY" },
        { "apart", "4:a:A:x 4:a:C:y", "4:a:A:x 4:a:C:y" },
        { "between two: one", "4:a:A:x 4:a:C:z 4:a:B:Y", "4:a:A:xYz" },
        { "of another key", "4:a:A:x 4:b:A:y", "4:a:A:x 4:b:A:y" },
        { "a longer one, then a shorter one, then apart", "4:a:A:abc 4:a:A:X 4:a:F:z", "4:a:A:Xbc 4:a:F:z" },
        { "ended as well", "4:a:A:x 3:a 4:a:B:y", "4:a:B:y" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct nvm_memory memory = { .arena = test_arena() };
        struct nvm nvm = nvm_in_memory(&memory);
        struct nvm_batch b;
        struct buf left = buf_in(test_arena());
        struct err e;
        test_row("%s", rows[i].name);
        nvm_begin(&b, test_arena());
        add(&b, rows[i].log);
        CHECK_OK(nvm_log_make(&nvm, &b, unhex("0102030405060708").p, &e), &e);
        CHECK_OK(nvm_compacted(test_arena(), memory.all, rules, sizeof rules / sizeof *rules, &b, &e), &e);
        CHECK_OK(nvm_batch_apply(&b, list, &left, &e), &e);
        CHECK_TEXT(buf_str(&left), rows[i].left);
    }
}

static bool do_all(struct euicc *card, const char *const *commands, size_t n)
{
    bool right = true;
    for (size_t i = 0; right && i < n; i++) {
        struct bytes data;
        unsigned sw = ground_say(card, commands[i], &data);
        right = CHECK(sw == 0x9000 || sw >> 8 == 0x91);
    }
    return right;
}

struct counted {
    uint8_t type;
    int n;
};

static int count(void *context, const struct nvm_record *r, struct err *e)
{
    struct counted *c = context;
    (void)e;
    c->n += r->type == c->type;
    return 0;
}

/* A card used in every way, then its log written anew: what can be seen is the same. */
TEST(the_card_is_the_same)
{
    static const char *const uses[] = {
        "BF2912" ICCID_1 "9004 4D696E65", "BF2912" ICCID_2 "9004 4D696E65", "BF290E" ICCID_1 "9000",
        "BF3F05 8003612E62", "BF3003 800101", "BF3111 A00C" ICCID_2 "810100", "BF3111 A00C" ICCID_1 "810100",
        "00A4040C 07 A0000000871002", RIGHT_PIN, "0020000A 08 3838383838383838", "00D6860002 0003", "00D6860101 07",
        "00240001 10 31323334FFFFFFFF 35363738FFFFFFFF", ("BF330C" ICCID_2),
    };
    struct ground g;
    struct bytes fresh = BYTES_NONE;
    struct nvm_batch b;
    struct nvm_memory memory = { .arena = test_arena() };
    struct nvm nvm = nvm_in_memory(&memory);
    struct err e;
    if (!ground_open(&g, ground_content(), &e) || !do_all(g.card, uses, sizeof uses / sizeof *uses))
        return;
    struct bytes before = ground_observe(g.card), content = ground_left(&g);
    ground_close(&g);
    if (CHECK_OK(nvm_compacted(test_arena(), content, state_rules, state_n_rules, &b, &e), &e) &&
        CHECK_OK(nvm_log_make(&nvm, &b, unhex("0102030405060708").p, &e), &e))
        fresh = memory.all;
    CHECK(fresh.n < content.n);
    if (!CHECK_OK(ground_open(&g, fresh, &e) ? 0 : -1, &e))
        return;
    CHECK_BYTES(ground_observe(g.card), before);
    struct bytes data;
    CHECK_EQ(ground_say(g.card, "00200001 08 35363738FFFFFFFF", &data), 0x9000); /* the PIN as changed */
    ground_close(&g);
}

static const char *const file_looks[] = {
    "00B2011C03", "00B2021C03", "00B2031C03", "80CB008401 5C 00", "80CB008401 80 00", "80CB008401 81 00", "00B0810008",
    "00A4000402 2F19 00", "00A4000402 3F00 00", "00200001", "002C0001", "00A4000C02 2F15", "00B0000001",
};

static struct bytes looked_at(struct euicc *card)
{
    struct buf all = buf_in(test_arena());
    euicc_reset(card);
    for (size_t i = 0; i < sizeof file_looks / sizeof *file_looks; i++) {
        struct bytes data;
        buf_u16(&all, ground_say(card, file_looks[i], &data));
        buf_add(&all, data);
    }
    return buf_bytes(&all);
}

/* Files and PINs changed in every way, twice; of each object, life cycle and PIN the newest record is left alone. */
TEST(files_are_the_same)
{
    static const char *const uses[] = {
        "80DB008403 810141", "80DB008401 80", "80DB008404 81024142", "00DC001B03 0000FF", "8032830001 01 00",
        "0004000002 2F11", "0044000002 2F11", "0044000002 2F19", "00D6810102 4142", "0026800108 31323334FFFFFFFF",
        "0028000108 31323334FFFFFFFF", "0026800108 31323334FFFFFFFF",
        "002C000410 3132333435363738 31313131FFFFFFFF",
    };
    static const struct {
        uint8_t type;
        int records;
    } left[] = { { REC_OBJECTS, 1 }, { REC_LCSI, 2 }, { REC_PIN, 2 }, { REC_PUK, 1 } };
    struct ground g;
    struct nvm_batch b;
    struct nvm_memory memory = { .arena = test_arena() };
    struct nvm nvm = nvm_in_memory(&memory);
    struct err e;
    if (!ground_open(&g, uicc_lab_content(), &e) || !do_all(g.card, uses, sizeof uses / sizeof *uses))
        return;
    struct bytes before = looked_at(g.card), content = ground_left(&g);
    ground_close(&g);
    if (!CHECK_OK(nvm_compacted(test_arena(), content, state_rules, state_n_rules, &b, &e), &e) ||
        !CHECK_OK(nvm_log_make(&nvm, &b, unhex("0102030405060708").p, &e), &e))
        return;
    CHECK(memory.all.n < content.n);
    if (CHECK_OK(ground_open(&g, memory.all, &e) ? 0 : -1, &e))
        CHECK_BYTES(looked_at(g.card), before);
    ground_close(&g);
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        struct counted c = { left[i].type, 0 };
        CHECK_OK(nvm_batch_apply(&b, count, &c, &e), &e);
        CHECK_EQ(c.n, left[i].records);
    }
}

/* ----------------------------------------------------------------------------- a long life */

enum { LIFE = 100000 };

/* Enabled and disabled 100,000 times, each time told. */
TEST(a_long_life)
{
    struct nvm_memory memory = { .arena = arena_new((size_t)64 << 20) };
    struct nvm nvm = nvm_in_memory(&memory);
    struct euicc_env env = { .nvm = nvm };
    struct euicc *card = NULL;
    struct err e;
    size_t largest = 0;
    memory.all = arena_copy(memory.arena, ground_content());
    memory.size = memory.all.n;
    if (CHECK_OK(euicc_open(&env, &card, &e), &e)) {
        struct nvm_batch b;
        for (long i = 0; i < LIFE && card; i++) {
            struct arena *a = arena_new(1 << 20);
            uint8_t on = i & 1, seq[8] = { 0, 0, 0, 0, 0, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };
            struct bytes iccid = bytes_slice(unhex(ICCID_1), 2, 10);
            struct nvm_record state = { REC_PROFILE_STATE, { iccid, bytes_make(&on, 1) } },
                              told = { REC_NOTIFICATION, { BYTES_OF(seq), unhex("3000"), unhex("BF2F00") } },
                              next = { REC_SEQUENCE, { BYTES_OF(seq) } };
            nvm_begin(&b, a);
            nvm_put(&b, &state);
            nvm_put(&b, &told);
            nvm_put(&b, &next);
            if (!CHECK_OK(card_commit(card, &b, &e), &e))
                i = LIFE;
            arena_free(a);
            largest = memory.all.n > largest ? memory.all.n : largest;
        }
        CHECK_EQ((int64_t)(card->state.n_notifications - state_results(&card->state)), EUICC_OTHERS_MAX);
        CHECK_EQ((int64_t)card->state.next_seq, LIFE - 1);
        euicc_close(card);
    }
    CHECK(largest < (128 << 10));
    test_row("it opens");
    card = NULL;
    if (CHECK_OK(euicc_open(&env, &card, &e), &e))
        CHECK_EQ((int64_t)card->state.notifications[state_results(&card->state)].seq, LIFE - EUICC_OTHERS_MAX);
    euicc_close(card);
    printf("# %d changes: the log was never larger than %zu octets\n", LIFE, largest);
    arena_free(memory.arena);
}
