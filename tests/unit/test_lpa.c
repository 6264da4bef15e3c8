/* SPDX-License-Identifier: Apache-2.0
 *
 * The LPA before cards and servers that misbehave: what it says, and that it always ends. */
#include "lpa/lpa.h"
#include "world.h"

/* A card that gives the answers of a list, the last one for ever. */
struct script {
    const char *const *answers;
    size_t at;
    struct bytes last; /* command */
};

static int scripted(void *context, struct arena *a, struct bytes command, struct bytes *response, struct err *e)
{
    struct script *s = context;
    const char *answer = s->answers[s->at];
    s->last = arena_copy(test_arena(), command);
    if (s->answers[s->at + 1])
        s->at++;
    if (strcmp(answer, "gone") == 0)
        return err_set(e, ERR_IO, NULL, "the reader is gone");
    *response = unhex(answer);
    (void)a;
    return 0;
}

static struct lpa lpa_over(struct script *s)
{
    return (struct lpa){ .env = { .transmit = scripted, .context = s }, .arena = test_arena() };
}

enum { ANSWERS_MAX = 8 };

TEST(cards_that_are_opened)
{
    static const struct {
        const char *name, *answers[ANSWERS_MAX];
        enum lpa_end end;
        const char *words, *last;
    } rows[] = {
        { "a card of SGP.22", { "9000", "019000", "6F07E0058203020500 9000" }, LPA_DONE, "",
          "01A4040010 A0000005591010FFFFFFFF8900000100 00" },
        { "TERMINAL CAPABILITY unknown to it", { "6D00", "019000", "6F07E0058203020500 9000" }, LPA_DONE, "", NULL },
        { "its answer by GET RESPONSE", { "9000", "019000", "6109", "6F07E0058203020500 9000" }, LPA_DONE, "",
          "01C0000009" },
        { "another length wanted", { "9000", "019000", "6C09", "6F07E0058203020500 9000" }, LPA_DONE, "",
          "01A4040010 A0000005591010FFFFFFFF8900000100 09" },
        { "no status word", { "90" }, LPA_READER, "without status word", NULL },
        { "nothing", { "" }, LPA_READER, "without status word", NULL },
        { "the reader is gone", { "9000", "gone" }, LPA_READER, "the reader is gone", NULL },
        { "an answer without end", { "9000", "019000", "6110" }, LPA_READER, "does not end", NULL },
        { "a length that never fits", { "9000", "019000", "6C10" }, LPA_READER, "does not end", NULL },
        { "no channel left", { "9000", "6A81" }, LPA_CARD, "no free logical channel", NULL },
        { "channel 4", { "9000", "049000", "6F07E0058203020500 9000" }, LPA_DONE, "",
          "40A4040010 A0000005591010FFFFFFFF8900000100 00" },
        { "channel 19", { "9000", "139000", "6109", "6F07E0058203020500 9000" }, LPA_DONE, "", "4FC0000009" },
        { "a channel beyond 19", { "9000", "149000" }, LPA_CARD, "refused", NULL },
        { "no ISD-R", { "9000", "019000", "6A82" }, LPA_CARD, "no eUICC for consumer devices", "00708001" },
        { "a card of SGP.02", { "9000", "019000", "6F028400 9000" }, LPA_CARD, "does not announce SGP.22", "00708001" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        struct script s = { .answers = rows[i].answers };
        struct lpa l = lpa_over(&s);
        struct err e = { 0 };
        CHECK_EQ(lpa_open(&l, &e), rows[i].end);
        if (!strstr(e.what, rows[i].words))
            CHECK_TEXT(e.what, rows[i].words);
        if (rows[i].last)
            CHECK_HEX(s.last, rows[i].last);
    }
}

TEST(answers_of_functions)
{
    static const struct {
        const char *name, *answers[ANSWERS_MAX];
        size_t block;
        enum lpa_end end;
        const char *words;
    } rows[] = {
        { "enabled", { "BF3103800100 9000" }, 0, LPA_DONE, "" },
        { "enabled, the card wants REFRESH",
          { "BF3103800100 910B", "D009 810301010982028182 9000", "9000", "9000", "019000", "6F07E0058203020500 9000" },
          0, LPA_DONE, "" },
        { "REFRESH that cannot be fetched", { "BF3103800100 910B", "6F00" }, 0, LPA_CARD, "did not go through" },
        { "REFRESH that is refused", { "BF3103800100 910B", "D009 810301010982028182 9000", "6985" }, 0, LPA_CARD,
          "did not go through" },
        { "an answer of another function", { "BF3203800100 9000" }, 0, LPA_CARD, "does not begin" },
        { "an answer cut short", { "BF31038001 9000" }, 0, LPA_CARD, "announces" },
        { "a result that nobody knows", { "BF3103800149 9000" }, 0, LPA_CARD, "gives no reason" },
        { "a status word that nobody knows", { "6F01" }, 0, LPA_CARD, "failed inside" },
        { "no answer at all", { "9000" }, 1, LPA_CARD, "ends where" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        struct script s = { .answers = rows[i].answers };
        struct lpa l = lpa_over(&s);
        struct err e = { 0 };
        l.block = rows[i].block;
        bool refresh = strstr(rows[i].name, "REFRESH") != NULL;
        CHECK_EQ(lpa_enable(&l, unhex("98109909002143658739"), refresh, &e), rows[i].end);
        if (!strstr(e.what, rows[i].words))
            CHECK_TEXT(e.what, rows[i].words);
    }
}

/* P2 counts blocks modulo 256 (SGP.22 5.7.2 gives it one octet). */
TEST(more_than_256_blocks)
{
    static const char *answers[300];
    struct script s = { .answers = answers };
    struct lpa l = lpa_over(&s);
    struct err e = { 0 };
    struct buf name = buf_in(test_arena());
    buf_fill(&name, 'a', 255);
    struct rsp_SetDefaultDpAddressRequest q = { .defaultDpAddress = buf_bytes(&name) };
    struct rsp_SetDefaultDpAddressResponse r;
    for (size_t i = 0; i < 263; i++) /* BF3F 820102, 8081FF, 255 letters: 263 octets */
        answers[i] = i == 262 ? "BF3F03800100 9000" : "9000";
    l.block = 1;
    CHECK_EQ(lpa_es10(&l, "ES10a", "SetDefaultDpAddress", &rsp_SetDefaultDpAddressRequest_type, &q,
                      &rsp_SetDefaultDpAddressResponse_type, &r, &e),
             LPA_DONE);
    CHECK_HEX(s.last, "80E29106 01 61 00");
}

static int posts;

static void count(struct world *w, struct rsp_request *q)
{
    (void)w;
    (void)q;
    posts++;
}

TEST(places_that_are_no_hosts)
{
    static const char *const rows[] = { "smdp.example.com/x?y=", "user@smdp.example.com", "localhost", "a.b:8443", "" };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        struct activation_code code;
        struct lpa_download d;
        struct err e;
        test_row("\"%s\"", rows[i]);
        posts = 0;
        if (world_open(&w, EC_P256, BYTES_NONE, false) && world_order(&w, NULL, NULL, &code)) {
            w.request = count;
            code.address = bytes_text(rows[i]);
            CHECK_FAILS(world_download(&w, &code, &d, &e) == LPA_NETWORK ? -1 : 0, &e, ERR_VALUE, "is no host name");
            CHECK_EQ(posts, 0);
        }
        world_close(&w);
    }
}

static void lose_notification(struct world *w, struct rsp_request *q)
{
    (void)w;
    if (bytes_equal(q->path, bytes_text(rsp_functions[ES9_HANDLE_NOTIFICATION].path)))
        q->path = BYTES_LIT("/nowhere");
}

TEST(server_that_cannot_be_told)
{
    struct world w;
    struct activation_code code;
    struct lpa_download d;
    struct err e;
    size_t sent = 0;
    if (world_open(&w, EC_P256, BYTES_NONE, false) && world_order(&w, NULL, NULL, &code)) {
        w.request = lose_notification;
        CHECK_EQ(world_download(&w, &code, &d, &e), LPA_DONE);
        CHECK(!d.told);
        CHECK_TEXT(world_state(&w), "Downloaded");
        w.request = NULL;
        CHECK_EQ(lpa_open(&w.lpa, &e), LPA_DONE);
        CHECK_EQ(lpa_notifications_send(&w.lpa, &sent, &e), LPA_DONE);
        lpa_close(&w.lpa);
        CHECK_EQ((int64_t)sent, 2);
        CHECK_TEXT(world_state(&w), "Installed");
    }
    world_close(&w);
}
