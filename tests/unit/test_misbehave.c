/* SPDX-License-Identifier: Apache-2.0
 *
 * Misbehaviour on request: each quirk as a device sees it, and what our LPA makes of it. */
#include <stdlib.h>

#include "asn1/tlv.h"
#include "cards.h"
#include "euicc/rules.h"
#include "saip/rules.h"
#include "sample.h"

#define ICCID(letter) "5A0A9894000100000000" letter "F0"
#define EID "89049032000000000000000000000163"
#define GET_EID "81E2910006 BF3E035C015A 00"
#define SELECT "01A4040010 A0000005591010FFFFFFFF8900000100 00"
#define ENABLE_B(flag) "81E2910014 BF3111A00C" ICCID("42") "8101" flag " 00"

static bool with(struct misbehave *m, const char *text)
{
    struct err e;
    return CHECK_OK(misbehave_add(m, bytes_text(text), &e), &e);
}

/* ------------------------------------------------------------------- as a device sees them */

enum { EXCHANGES_MAX = 6 };

/* A command and the whole of its answer; the answer "" is none at all, NULL is not looked at. */
struct exchange {
    const char *command, *answer;
};

static const struct {
    const char *quirk;
    struct exchange talk[EXCHANGES_MAX];
} seen[] = {
    { "none", { { GET_EID, "BF3E12 5A10 " EID " 9000" } } },
    { "power-cut-apdu=2", { { GET_EID, "BF3E12 5A10 " EID " 9000" }, { GET_EID, "" }, { GET_EID, "" } } },
    { "power-cut-answer=2", { { GET_EID, "BF3E12 5A10 " EID " 9000" }, { GET_EID, "" }, { GET_EID, "" } } },
    { "power-cut-write=1", { { GET_EID, "BF3E12 5A10 " EID " 9000" }, { ENABLE_B("00"), "" }, { GET_EID, "" } } },
    { "delay=20", { { GET_EID, "BF3E12 5A10 " EID " 9000" } } },
    { "sw=E2/6F00/2",
      { { GET_EID, "BF3E12 5A10 " EID " 9000" }, { GET_EID, "6F00" }, { GET_EID, "BF3E12 5A10 " EID " 9000" } } },
    { "sw=e2/6985", { { GET_EID, "6985" }, { GET_EID, "6985" }, { SELECT, NULL } } },
    { "sw=any/6881", { { GET_EID, "6881" }, { SELECT, "6881" } } },
    { "sw=E2/9110", { { GET_EID, "BF3E12 5A10 " EID " 9110" } } },
    { "sw=E2/6282/1", { { GET_EID, "BF3E12 5A10 " EID " 6282" }, { GET_EID, "BF3E12 5A10 " EID " 9000" } } },
    { "always-61", { { GET_EID, "6115" }, { "01C0000015", "BF3E12 5A10 " EID " 9000" } } },
    { "pieces=8", { { GET_EID, "BF3E125A10890490 610D" }, { "01C000000D", "32000000 00000000 6105" },
                    { "01C0000005", "00000001 63 9000" } } },
    { "exact-le", { { GET_EID, "6C15" }, { "81E2910006 BF3E035C015A 15", "BF3E12 5A10 " EID " 9000" },
                    { GET_EID, "6C15" } } },
    { "no-le", { { GET_EID, "6700" }, { "81E2910006 BF3E035C015A", "6115" },
                 { "01C0000015", "BF3E12 5A10 " EID " 9000" } } },
    { "always-61,get-response-0x", { { GET_EID, "6115" }, { "81C0000015", "6E00" },
                                     { "01C0000015", "BF3E12 5A10 " EID " 9000" } } },
    { "always-61,get-response-8x", { { GET_EID, "6115" }, { "01C0000015", "6E00" },
                                     { "81C0000015", "BF3E12 5A10 " EID " 9000" } } },
    { "no-terminal-capability", { { "80AA00000AA9088100820101830107", "6E00" }, { SELECT, NULL } } },
    { "terminal-capability-first", { { SELECT, "6A82" }, { "80AA00000AA9088100820101830107", "9000" },
                                     { SELECT, "6F1F 8410 A0000005591010FFFFFFFF8900000100 A504 9F6501FF E005"
                                               " 8203020500 9000" } } },
    { "no-channels", { { "0070000001", "6881" }, { GET_EID, NULL } } },
    { "isdr-aid=A0000005591010FFFFFFFF8900050500",
      { { SELECT, "6A82" }, { "01A4040010 A0000005591010FFFFFFFF8900050500 00",
                              "6F1F 8410 A0000005591010FFFFFFFF8900050500 A504 9F6501FF E005 8203020500 9000" },
        { GET_EID, "BF3E12 5A10 " EID " 9000" } } },
    { "sgp02", { { SELECT, "6F18 8410 A0000005591010FFFFFFFF8900000100 A504 9F6501FF 9000" }, { GET_EID, "6A88" } } },
    { "refresh-never", { { ENABLE_B("FF"), "BF3103 800100 9000" },
                         { "81E2910008 BF2D055C035A9F70 00", "BF2D26 A024 E310" ICCID("41") "9F700100 E310" ICCID("42")
                           "9F700101 9000" } } },
    { "refresh-always", { { ENABLE_B("00"), "BF3103 800100 910B" }, { "801200000B", "D0098103010104820281829000" } } },
    { "switch-closes-channels", { { ENABLE_B("00"), "BF3103 800100 9000" }, { GET_EID, "6881" } } },
    { "only-aid", { { ENABLE_B("00"), "BF3103 800101 9000" },
                    { "81E291000F BF330C" ICCID("42") " 00", "BF3303 800101 9000" },
                    { "81E2910015 BF3312 4F10A0000005591010FFFFFFFF8900001100 00", "BF3303 800100 9000" } } },
    { "only-iccid", { { "81E2910015 BF3312 4F10A0000005591010FFFFFFFF8900001100 00", "BF3303 800101 9000" },
                      { "81E291000F BF330C" ICCID("42") " 00", "BF3303 800100 9000" } } },
    { "busy=1", { { ENABLE_B("00"), "BF3103 800105 9000" }, { ENABLE_B("00"), "BF3103 800100 9000" } } },
    { "number-unsigned", { { ENABLE_B("00"), NULL },
                           { "81E2910007 BF280481020640 00",
                             "BF2823 A021 BF2F1E 800180 81020640 0C09622E6578616D706C65" ICCID("42") "9000" } } },
    { "number-long", { { ENABLE_B("00"), NULL },
                       { "81E2910007 BF280481020640 00",
                         "BF2826 A024 BF2F21 800400000080 81020640 0C09622E6578616D706C65" ICCID("42") "9000" } } },
    { "newest-first", { { ENABLE_B("00"), NULL },
                        { "81E2910003 BF2800 00",
                          "BF2845 A043 BF2F1F 80020080 81020640 0C09622E6578616D706C65" ICCID("42")
                          "BF2F1E 80017F 81020520 0C09612E6578616D706C65" ICCID("41") "9000" } } },
    { "one-by-one", { { ENABLE_B("00"), NULL }, { "81E2910003 BF2B00 00", "BF2B03 81017F 9000" },
                      { "81E2910009 BF2B06 A00481020640 00", "BF2B03 81017F 9000" },
                      { "81E2910008 BF2B05 A003 800109 00", "BF2B02 A000 9000" } } },
};

static void talk(struct lab *l, const struct exchange *x)
{
    for (; x->command; x++) {
        struct bytes response;
        euicc_apdu(l->card, test_arena(), unhex(x->command), &response);
        if (x->answer)
            CHECK_HEX(response, x->answer);
    }
}

static const struct lab_profile profiles[] = { { 'A', CLASS_OPERATIONAL, 0, true },
                                               { 'B', CLASS_OPERATIONAL, 0, false } };

/* A card with A enabled, B disabled, its counter at 127; on channel 1 the ISD-R. */
static bool card_with(struct lab *l, struct misbehave *m, const char *quirk)
{
    *m = (struct misbehave){ 0 };
    l->misbehave = m;
    return lab_card(l, profiles, 2, 127) && with(m, quirk);
}

TEST(quirks_are_seen)
{
    struct lab l;
    struct misbehave m;
    if (lab_open(&l, EC_P256))
        for (size_t i = 0; i < sizeof seen / sizeof *seen; i++) {
            test_row("%s", seen[i].quirk);
            if (card_with(&l, &m, seen[i].quirk))
                talk(&l, seen[i].talk);
            if (strcmp(seen[i].quirk, "delay=20") == 0)
                CHECK_EQ((int64_t)m.waited, 20);
        }
    lab_close(&l);
}

/* After a cut the card is as before or as after, and goes on with power. */
TEST(power_cuts)
{
    static const struct {
        const char *quirk, *states;
    } rows[] = {
        { "power-cut-apdu=1", "BF2D26 A024 E310" ICCID("41") "9F700101 E310" ICCID("42") "9F700100" },
        { "power-cut-answer=1", "BF2D26 A024 E310" ICCID("41") "9F700100 E310" ICCID("42") "9F700101" },
        { "power-cut-write=1", "BF2D26 A024 E310" ICCID("41") "9F700101 E310" ICCID("42") "9F700100" },
        { "power-cut-write=2", "BF2D26 A024 E310" ICCID("41") "9F700101 E310" ICCID("42") "9F700100" },
    };
    struct lab l;
    struct misbehave m;
    if (lab_open(&l, EC_P256))
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            struct bytes answer, response;
            test_row("%s", rows[i].quirk);
            if (!card_with(&l, &m, rows[i].quirk))
                continue;
            euicc_apdu(l.card, test_arena(), unhex(ENABLE_B("00")), &response);
            CHECK_HEX(response, "");
            CHECK(euicc_dead(l.card));
            m.n = 0;
            if (lab_power(&l)) {
                CHECK_EQ(lab_es10(l.card, unhex("BF2D055C035A9F70"), &answer), 0x9000);
                CHECK_HEX(answer, rows[i].states);
            }
        }
    lab_close(&l);
}

TEST(words)
{
    static const struct {
        const char *text, *why;
        size_t in_force;
    } rows[] = {
        { "always-61", NULL, 1 },
        { "always-61,delay=5", NULL, 2 },
        { "always-61,none,delay=5", NULL, 1 },
        { "delay=5,delay=6", NULL, 1 },
        { "none", NULL, 0 },
        { "sw=any/6F00/3,isdr-aid=A0000005591010", NULL, 2 },
        { "", "no misbehaviour is called \"\"", 0 },
        { "always-62", "\"always-62\"", 0 },
        { "always-61,", NULL, 1 },
        { "always-61,x", "\"x\"", 0 },
        { "always-61=1", "takes no value", 0 },
        { "delay", "delay=a number is expected", 0 },
        { "delay=", "delay=a number is expected", 0 },
        { "delay=x", "delay=a number is expected", 0 },
        { "delay=4294967296", "delay=a number is expected", 0 },
        { "sw=E2", "sw=INS/SW[/N] is expected", 0 },
        { "sw=E2/900", "sw=INS/SW[/N] is expected", 0 },
        { "sw=E/9000", "sw=INS/SW[/N] is expected", 0 },
        { "sw=E2/9000/x", "sw=INS/SW[/N] is expected", 0 },
        { "isdr-aid=A0", "5 to 16 octets", 0 },
        { "isdr-aid=A0000005591010FFFFFFFF890000010000", "5 to 16 octets", 0 },
        { "isdr-aid=A000000559101", "5 to 16 octets", 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct misbehave m = { 0 };
        struct err e;
        test_row("\"%s\"", rows[i].text);
        int added = misbehave_add(&m, bytes_text(rows[i].text), &e);
        if (rows[i].why)
            CHECK_FAILS(added, &e, ERR_USAGE, rows[i].why);
        else
            CHECK_OK(added, &e);
        CHECK_EQ((int64_t)m.n, (int64_t)rows[i].in_force);
    }
}

/* ------------------------------------------------------------------------- before our LPA */

struct scene {
    struct lab lab;
    struct misbehave m;
    struct lpa lpa;
    int posts, refused; /* notifications that came; how many get no answer first */
    struct bytes hosts[16];
};

static int transmit(void *context, struct arena *a, struct bytes command, struct bytes *response, struct err *e)
{
    struct scene *s = context;
    euicc_apdu(s->lab.card, a, command, response);
    return euicc_dead(s->lab.card) ? err_set(e, ERR_IO, NULL, "the card has gone") : 0;
}

/* Each server takes each notification; what came is noted: number and host. */
static int post(void *context, struct arena *a, struct bytes host, const struct rsp_request *q, struct rsp_response *r,
                struct err *e)
{
    struct scene *s = context;
    (void)a;
    (void)q;
    if (s->posts < 16)
        s->hosts[s->posts] = arena_copy(test_arena(), host);
    s->posts++;
    if (s->refused-- > 0)
        return err_set(e, ERR_IO, NULL, "no answer");
    *r = (struct rsp_response){ .status = 204 };
    return 0;
}

static bool scene_open(struct scene *s, const char *quirk)
{
    if (!card_with(&s->lab, &s->m, "none"))
        return false;
    euicc_reset(s->lab.card);
    s->posts = s->refused = 0;
    s->lpa = (struct lpa){ .env = { .transmit = transmit, .post = post, .context = s }, .arena = test_arena() };
    return with(&s->m, quirk);
}

static enum lpa_end do_info(struct scene *s, struct err *e)
{
    struct lpa_info info;
    return lpa_info(&s->lpa, &info, e);
}

static enum lpa_end do_enable(struct scene *s, struct err *e)
{
    return lpa_enable(&s->lpa, lab_iccid('B'), false, e);
}

static enum lpa_end do_refresh(struct scene *s, struct err *e)
{
    return lpa_enable(&s->lpa, lab_iccid('B'), true, e);
}

static enum lpa_end do_disable(struct scene *s, struct err *e)
{
    return lpa_disable(&s->lpa, lab_iccid('A'), false, e);
}

static enum lpa_end do_delete(struct scene *s, struct err *e)
{
    return lpa_delete(&s->lpa, lab_iccid('B'), e);
}

/* A change, and its notifications in the same conversation. */
static enum lpa_end do_notify(struct scene *s, struct err *e)
{
    size_t sent;
    enum lpa_end end = do_enable(s, e);
    return end == LPA_DONE ? lpa_notifications_send(&s->lpa, &sent, e) : end;
}

static const struct {
    const char *quirk, *name;
    enum lpa_end (*act)(struct scene *, struct err *);
    enum lpa_end end;
    const char *words, *states;
    int posts;
} lpa_rows[] = {
    { "none", "info", do_info, LPA_DONE, "", "A+ B-", 0 },
    { "none", "enable", do_enable, LPA_DONE, "", "A- B+", 0 },
    { "none", "enable, REFRESH", do_refresh, LPA_DONE, "", "A- B+", 0 },
    { "none", "notifications", do_notify, LPA_DONE, "", "A- B+", 2 },
    { "power-cut-apdu=4", "enable", do_enable, LPA_READER, "the card has gone", "A+ B-", 0 },
    { "power-cut-answer=4", "enable", do_enable, LPA_READER, "the card has gone", "A- B+", 0 },
    { "power-cut-write=1", "enable", do_enable, LPA_READER, "the card has gone", "A+ B-", 0 },
    { "power-cut-answer=4", "enable, REFRESH", do_refresh, LPA_READER, "the card has gone", "A- B+", 0 },
    { "power-cut-apdu=5", "enable, REFRESH", do_refresh, LPA_READER, "the card has gone", "A- B+", 0 },
    { "delay=1", "info", do_info, LPA_DONE, "", "A+ B-", 0 },
    { "sw=E2/6F00", "info", do_info, LPA_CARD, "failed inside", "A+ B-", 0 },
    { "sw=E2/6A80/2", "info", do_info, LPA_CARD, "could not read the command", "A+ B-", 0 },
    { "sw=E2/6985", "enable", do_enable, LPA_CARD, "state does not allow it", "A+ B-", 0 },
    { "sw=E2/6881/1", "enable", do_enable, LPA_DONE, "", "A- B+", 0 },
    { "sw=E2/6881", "enable", do_enable, LPA_CARD, "no such logical channel", "A+ B-", 0 },
    { "sw=12/6F00", "enable, REFRESH", do_refresh, LPA_CARD, "did not go through with REFRESH", NULL, 0 },
    { "sw=14/6F00", "enable, REFRESH", do_refresh, LPA_CARD, "did not go through with REFRESH", NULL, 0 },
    { "always-61", "notifications", do_notify, LPA_DONE, "", "A- B+", 2 },
    { "pieces=7", "info", do_info, LPA_DONE, "", "A+ B-", 0 },
    { "pieces=1", "notifications", do_notify, LPA_DONE, "", "A- B+", 2 },
    { "exact-le", "enable, REFRESH", do_refresh, LPA_DONE, "", "A- B+", 0 },
    { "exact-le", "notifications", do_notify, LPA_DONE, "", "A- B+", 2 },
    { "no-le", "notifications", do_notify, LPA_DONE, "", "A- B+", 2 },
    { "no-le,get-response-8x", "notifications", do_notify, LPA_DONE, "", "A- B+", 2 },
    { "always-61,get-response-0x", "info", do_info, LPA_DONE, "", "A+ B-", 0 },
    { "always-61,get-response-8x", "info", do_info, LPA_DONE, "", "A+ B-", 0 },
    { "always-61,sw=C0/6D00", "info", do_info, LPA_CARD, "does not know this command", "A+ B-", 0 },
    { "no-terminal-capability", "info", do_info, LPA_DONE, "", "A+ B-", 0 },
    { "terminal-capability-first", "info", do_info, LPA_DONE, "", "A+ B-", 0 },
    { "no-channels", "info", do_info, LPA_CARD, "no such logical channel", "A+ B-", 0 },
    { "isdr-aid=A0000005591010FFFFFFFF8900050500", "info", do_info, LPA_CARD, "give the card's own AID", "A+ B-", 0 },
    { "sgp02", "info", do_info, LPA_CARD, "SGP.02", "A+ B-", 0 },
    { "refresh-never", "enable, REFRESH", do_refresh, LPA_DONE, "", "A- B+", 0 },
    { "refresh-always", "enable", do_enable, LPA_DONE, "", "A- B+", 0 },
    { "refresh-always", "disable", do_disable, LPA_DONE, "", "A- B-", 0 },
    { "refresh-always", "notifications", do_notify, LPA_DONE, "", "A- B+", 2 },
    { "switch-closes-channels", "notifications", do_notify, LPA_DONE, "", "A- B+", 2 },
    { "only-aid", "enable", do_enable, LPA_DONE, "", "A- B+", 0 },
    { "only-aid", "enable, REFRESH", do_refresh, LPA_DONE, "", "A- B+", 0 },
    { "only-aid", "disable", do_disable, LPA_DONE, "", "A- B-", 0 },
    { "only-aid", "delete", do_delete, LPA_DONE, "", "A+", 0 },
    { "only-iccid", "enable", do_enable, LPA_DONE, "", "A- B+", 0 },
    { "only-iccid", "delete", do_delete, LPA_DONE, "", "A+", 0 },
    { "only-aid,only-iccid", "enable", do_enable, LPA_CARD, "has no such profile", "A+ B-", 0 },
    { "busy=1", "enable", do_enable, LPA_CARD, "the card is busy; next: try again", "A+ B-", 0 },
    { "number-unsigned", "notifications", do_notify, LPA_DONE, "", "A- B+", 2 },
    { "number-long", "notifications", do_notify, LPA_DONE, "", "A- B+", 2 },
    { "newest-first", "notifications", do_notify, LPA_DONE, "", "A- B+", 2 },
    { "one-by-one", "notifications", do_notify, LPA_DONE, "", "A- B+", 2 },
    { "one-by-one,number-unsigned,newest-first", "notifications", do_notify, LPA_DONE, "", "A- B+", 2 },
};

/* What the card holds when it behaves again. */
static const char *states(struct scene *s)
{
    struct rsp_ProfileInfoListResponse r;
    struct buf text = buf_in(test_arena());
    struct bytes answer;
    struct err e;
    s->m.n = 0;
    if (!lab_power(&s->lab) || !CHECK_EQ(lab_es10(s->lab.card, unhex("BF2D00"), &answer), 0x9000) ||
        !CHECK_OK(asn1_decode(test_arena(), &rsp_ProfileInfoListResponse_type, answer, ASN1_WIRE, &r, &e), &e))
        return "";
    for (size_t i = 0; i < r.profileInfoListOk.n; i++)
        buf_printf(&text, "%s%c%c", i ? " " : "", r.profileInfoListOk.items[i].iccid.p[8],
                   r.profileInfoListOk.items[i].profileState ? '+' : '-');
    return buf_str(&text);
}

TEST(our_lpa)
{
    struct scene s = { 0 };
    if (lab_open(&s.lab, EC_P256))
        for (size_t i = 0; i < sizeof lpa_rows / sizeof *lpa_rows; i++) {
            struct err e = { 0 };
            char told[512];
            test_row("%s: %s", lpa_rows[i].quirk, lpa_rows[i].name);
            if (!scene_open(&s, lpa_rows[i].quirk))
                continue;
            enum lpa_end end = lpa_open(&s.lpa, &e);
            if (end == LPA_DONE)
                end = lpa_rows[i].act(&s, &e);
            CHECK_EQ(end, lpa_rows[i].end);
            err_text(&e, told, sizeof told);
            if (end != LPA_DONE && !strstr(told, lpa_rows[i].words))
                CHECK_TEXT(told, lpa_rows[i].words);
            CHECK_EQ(s.posts, lpa_rows[i].posts);
            if (s.posts == 2) { /* the disabled one's first, and nothing is left */
                struct bytes answer;
                CHECK_TEXT(text_plain(test_arena(), s.hosts[0]), "a.example");
                CHECK_TEXT(states(&s), lpa_rows[i].states);
                CHECK_EQ(lab_es10(s.lab.card, unhex("BF2800"), &answer), 0x9000);
                CHECK_HEX(answer, "BF2802 A000");
            } else if (lpa_rows[i].states) {
                CHECK_TEXT(states(&s), lpa_rows[i].states);
            }
        }
    lab_close(&s.lab);
}

/* A server that does not answer gets no later notification of this run; others do (SGP.22 3.5). */
TEST(silent_servers)
{
    struct scene s = { 0 };
    struct err e = { 0 };
    size_t sent = 9;
    if (lab_open(&s.lab, EC_P256) && scene_open(&s, "newest-first") && CHECK_EQ(lpa_open(&s.lpa, &e), LPA_DONE)) {
        CHECK_EQ(lpa_disable(&s.lpa, lab_iccid('A'), false, &e), LPA_DONE); /* a.example */
        CHECK_EQ(lpa_enable(&s.lpa, lab_iccid('A'), false, &e), LPA_DONE);  /* a.example */
        CHECK_EQ(lpa_enable(&s.lpa, lab_iccid('B'), false, &e), LPA_DONE);  /* a.example, b.example */
        s.refused = 1;
        CHECK_EQ(lpa_notifications_send(&s.lpa, &sent, &e), LPA_NETWORK);
        CHECK_EQ((int64_t)sent, 1);
        CHECK_EQ(s.posts, 2);
        CHECK_TEXT(text_plain(test_arena(), s.hosts[0]), "a.example");
        CHECK_TEXT(text_plain(test_arena(), s.hosts[1]), "b.example");
        CHECK_EQ(lpa_notifications_send(&s.lpa, &sent, &e), LPA_DONE);
        CHECK_EQ((int64_t)sent, 3);
    }
    lab_close(&s.lab);
}

/* ------------------------------------------------------------------------------- vendors */

/* Our sample package with one word of its header changed. */
struct variant {
    const char *name, *old, *new;
};
static const struct variant packages[] = {
    { "as it is", "", "" },
    { "ISIM", "usim NULL,", "usim NULL, isim NULL," },
    { "CSIM", "usim NULL,", "usim NULL, csim NULL," },
    { "EAP", "milenage NULL", "milenage NULL, eap NULL" },
    { "BER-TLV files", "milenage NULL", "milenage NULL, ber-tlv NULL" },
    { "GET IDENTITY", "milenage NULL", "milenage NULL, get-identity NULL" },
    { "Java Card", "milenage NULL", "milenage NULL, javacard NULL" },
    { "a format of 2.9", "minor-version 3", "minor-version 9" },
    { "a template of 2.3", "{ 2 23 143 1 2 7 }\n  }\n}", "{ 2 23 143 1 2 7 }, { 2 23 143 1 2 13 } }\n}" },
    { "a template of 3.1", "{ 2 23 143 1 2 7 }\n  }\n}", "{ 2 23 143 1 2 7 }, { 2 23 143 1 2 5 2 } }\n}" },
};

/* Does it fit: y or n for each package, by hand from the vendors' words in rsp-euicc quirks and uiccCapability. */
static const struct {
    const char *quirk, *fits, *info;
} vendors[] = {
    /* profileVersion, firmware, uiccCapability: what EUICCInfo2 says */
    { "vendor-a", "yynnnnnynn", "8103020100 8203020500 8303010003" },
    { "vendor-b", "yyynnnnyyn", "8103020301 8203020500 8303040200" },
    { "vendor-c", "yyynyynyyy", "8103020301 8203020500 8303070000" },
};

static struct bytes variant_of(const struct variant *v)
{
    return sample_der(sample_text(&(struct sample_edit){ v->old, v->new }, 1));
}

static bool world_with(struct world *w, struct misbehave *m, const char *quirk, struct bytes package)
{
    *m = (struct misbehave){ 0 };
    world_plan.misbehave = m;
    bool right = with(m, quirk) && world_open(w, EC_P256, package, false);
    world_plan.misbehave = NULL;
    return right;
}

/* What rsp-profile check --card says of the package and the card's own EUICCInfo2. */
static bool suits(struct world *w, struct bytes package, const char *info)
{
    struct rsp_EUICCInfo2 said;
    struct saip_package p;
    struct saip_needs needs;
    struct saip_card card;
    const struct saip_policy policy = { 0 };
    const struct saip_rule *broken;
    struct bytes answer;
    struct err e;
    if (!lab_select(w->cards[0]) || !CHECK_EQ(lab_es10(w->cards[0], unhex("BF2200"), &answer), 0x9000) ||
        !CHECK_OK(asn1_decode(test_arena(), &rsp_EUICCInfo2_type, answer, ASN1_WIRE, &said, &e), &e) ||
        !CHECK_OK(saip_decode(test_arena(), package, ASN1_STRICT, &p, &e), &e) ||
        !CHECK_OK(saip_needs_of(test_arena(), &p, &needs, &e), &e))
        return false;
    CHECK_HEX(bytes_slice(tlv_find(answer, 0xBF22).value, 0, 15), info);
    saip_card_of(&said, &card);
    return saip_suits(&needs, &card, &policy, &broken, &e) == 0;
}

/* The same card, of which the server knows only good. */
static int64_t installs(struct world *w, const char **words)
{
    struct activation_code code;
    struct lpa_download d = { .error_reason = -2 };
    static struct err e;
    e = (struct err){ 0 };
    if (world_order(w, NULL, NULL, &code) && world_download(w, &code, &d, &e) == LPA_DONE)
        return 0;
    *words = e.what;
    return d.error_reason;
}

TEST(vendors)
{
    for (size_t v = 0; v < sizeof vendors / sizeof *vendors; v++)
        for (size_t i = 0; i < sizeof packages / sizeof *packages; i++) {
            struct misbehave m;
            struct world w;
            const char *words = "";
            struct bytes package = variant_of(&packages[i]);
            test_row("%s, %s: rsp-profile check", vendors[v].quirk, packages[i].name);
            if (world_with(&w, &m, vendors[v].quirk, package))
                CHECK_EQ(suits(&w, package, vendors[v].info), vendors[v].fits[i] == 'y');
            test_row("%s, %s: the card", vendors[v].quirk, packages[i].name);
            if (w.cards[0] && with(&m, "boasts"))
                CHECK_EQ(installs(&w, &words), vendors[v].fits[i] == 'y' ? 0 : 12);
            world_close(&w);
        }
}

/* ---------------------------------------------------------------- before our LPA: downloads */

static bool empty(struct world *w)
{
    struct bytes answer;
    return lab_select(w->cards[0]) && CHECK_EQ(lab_es10(w->cards[0], unhex("BF2D00"), &answer), 0x9000) &&
           CHECK_HEX(answer, "BF2D02 A000");
}

/* A download to a card that the rest of the world believes in; then, behaving, the card is as it was or has it. */
TEST(downloads)
{
    static const struct {
        const char *quirk;
        int64_t reason; /* 0: installed; -1: it ended before */
        const char *words;
    } rows[] = {
        { "always-61", 0, "" },
        { "pieces=16", 0, "" },
        { "exact-le", 0, "" },
        { "no-le", 0, "" },
        { "delay=3", 0, "" },
        { "vendor-a,boasts,result-held", 0, "" },
        { "memory-full", -1, "the eUICC lacks memory" },
        { "memory=1000", -1, "the eUICC lacks memory" },
        { "power-cut-apdu=20", -1, "the card has gone" },
        { "sw=E2/6F00/20", -1, "failed inside" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct misbehave m;
        struct world w;
        const char *words = "";
        test_row("%s", rows[i].quirk);
        if (world_with(&w, &m, rows[i].quirk, BYTES_NONE)) {
            CHECK_EQ(installs(&w, &words), rows[i].reason);
            if (!strstr(words, rows[i].words))
                CHECK_TEXT(words, rows[i].words);
            m.n = 0;
            world_plan.misbehave = &m;
            if (rows[i].reason && world_power(&w))
                CHECK(empty(&w));
            world_plan.misbehave = NULL;
        }
        world_close(&w);
    }
}

/* The second profile's ICCID is on the card: a failure at the metadata, with segments still to come. */
static bool with_same_iccid(struct world *w)
{
    struct nvm nvm = nvm_in_memory(&w->memory[0]);
    struct nvm_batch b;
    struct err e;
    const struct rsp_StoreMetadataRequest m = { .iccid = unhex("989400010000000010F7"), .profileClass = 2,
                                                .serviceProviderName = BYTES_LIT(""), .profileName = BYTES_LIT("") };
    struct nvm_record r = { .type = REC_PROFILE };
    CHECK_OK(asn1_encode(test_arena(), &rsp_StoreMetadataRequest_type, &m, &r.field[2], &e), &e);
    r.field[0] = m.iccid;
    r.field[1] = lab_aid(0);
    r.field[3] = world_sample();
    r.field[4] = BYTES_LIT("\x2B");
    r.field[5] = w->pki.of[CERT_EUM].cert.aki;
    nvm_begin(&b, test_arena());
    nvm_put(&b, &r);
    return lab_append(&nvm, &b);
}

/* Where the card's own reason is behind a 6A88, or behind silence, it reaches the user and the server all the same. */
TEST(reasons_that_cards_hide)
{
    static const struct {
        const char *quirk;
        bool iccid; /* else an element that it refuses at the end */
        int64_t reason;
        const char *words;
    } rows[] = {
        { "vendor-a,boasts", false, 12, "could not process an element" },
        { "vendor-a,boasts,result-held", false, 12, "could not process an element" },
        { "none", true, 9, "has this profile already" },
        { "result-held", true, 9, "has this profile already" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct misbehave m;
        struct world w;
        const char *words = "";
        struct bytes answer;
        test_row("%s: reason %lld", rows[i].quirk, (long long)rows[i].reason);
        if (world_with(&w, &m, rows[i].quirk, rows[i].iccid ? BYTES_NONE : variant_of(&packages[4]))) {
            world_plan.misbehave = &m;
            if (rows[i].iccid)
                CHECK(with_same_iccid(&w) && world_power(&w));
            world_plan.misbehave = NULL;
            CHECK_EQ(installs(&w, &words), rows[i].reason);
            if (!strstr(words, rows[i].words))
                CHECK_TEXT(words, rows[i].words);
            CHECK(lab_select(w.cards[0]));
            CHECK_EQ(lab_es10(w.cards[0], unhex("BF2800"), &answer), 0x9000);
            CHECK_HEX(answer, "BF2802 A000"); /* the server has been told */
        }
        world_close(&w);
    }
}
