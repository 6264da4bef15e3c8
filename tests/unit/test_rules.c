/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules of local management, row by row of tests/vectors/card-rules.txt, through APDUs. */
#include <ctype.h>
#include <stdlib.h>

#include "asn1/tlv.h"
#include "cards.h"
#include "euicc/rules.h"

enum { LINE_MAX_OCTETS = 256, COLUMNS = 6, PROFILES = 8 };
enum { INSTALLED, COMMANDS, ANSWER, AFTER, REFRESH, NOTIFIED };

/* How a row's commands are given. */
struct variant {
    const char *name;
    bool by_aid, refresh;
};

static const struct variant variants[] = {
    { "by ICCID", false, false }, { "by AID", true, false },
    { "by ICCID, REFRESH", false, true }, { "by AID, REFRESH", true, true },
};

struct play {
    struct lab *lab;
    const struct variant *how;
    struct lab_profile profiles[PROFILES];
    size_t n;
    unsigned sw;
    int64_t result; /* -1: none */
    bool flagged;   /* the last command had its refreshFlag set */
    uint64_t first; /* notifications from here on are the last command's */
    uint64_t next;
};

static char *trimmed(char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    for (size_t n = strlen(s); n && isspace((unsigned char)s[n - 1]);)
        s[--n] = '\0';
    return s;
}

/* ------------------------------------------------------------------------- what is told */

static struct bytes es10(struct play *p, struct bytes command)
{
    struct bytes answer = BYTES_NONE;
    p->sw = lab_es10(p->lab->card, command, &answer);
    return answer;
}

/* Each notification's text in the notation of the table: "5 disable A a.example". */
static void notification_text(struct buf *out, const struct rsp_NotificationMetadata *m)
{
    static const char *const events[] = { "install", "enable", "disable", "delete" };
    char letter = m->iccid.n == 10 ? (char)m->iccid.p[8] : '?';
    size_t event = 0;
    while (event < 3 && !asn1_bit(m->profileManagementOperation, event))
        event++;
    const char *address = text_plain(out->arena, m->notificationAddress);
    buf_printf(out, "%s%lld %s %c", out->n ? ", " : "", (long long)m->seqNumber, events[event], letter);
    bool plain = strcmp(address, arena_printf(out->arena, "%c.example", tolower(letter))) == 0;
    if (!plain)
        buf_printf(out, "@%.*s", (int)strcspn(address, "."), address);
}

static const char *notified(struct play *p, uint64_t from)
{
    struct buf text = buf_in(test_arena());
    struct rsp_ListNotificationResponse r;
    struct err e;
    if (!CHECK_OK(asn1_decode(test_arena(), &rsp_ListNotificationResponse_type, es10(p, unhex("BF2800")), ASN1_WIRE, &r,
                              &e), &e))
        return "";
    for (size_t i = 0; i < r.notificationMetadataList.n; i++) {
        const struct rsp_NotificationMetadata *m = &r.notificationMetadataList.items[i];
        p->next = (uint64_t)m->seqNumber + 1 > p->next ? (uint64_t)m->seqNumber + 1 : p->next;
        if ((uint64_t)m->seqNumber >= from)
            notification_text(&text, m);
    }
    return text.n ? buf_str(&text) : "-";
}

/* "A- B+", in the order of installation. */
static const char *states(struct play *p)
{
    struct buf text = buf_in(test_arena());
    struct rsp_ProfileInfoListResponse r;
    struct err e;
    struct bytes answer = es10(p, unhex("BF2D05 5C035A9F70"));
    if (p->sw == 0x6985)
        return "changing";
    if (!CHECK_OK(asn1_decode(test_arena(), &rsp_ProfileInfoListResponse_type, answer, ASN1_WIRE, &r, &e), &e))
        return "";
    for (size_t i = 0; i < r.profileInfoListOk.n; i++) {
        const struct rsp_ProfileInfo *x = &r.profileInfoListOk.items[i];
        buf_printf(&text, "%s%c%c", i ? " " : "", x->iccid.p[8], x->profileState ? '+' : '-');
    }
    return buf_str(&text);
}

static const char *default_dp(struct play *p)
{
    struct rsp_EuiccConfiguredAddressesResponse r;
    struct err e;
    if (!CHECK_OK(asn1_decode(test_arena(), &rsp_EuiccConfiguredAddressesResponse_type, es10(p, unhex("BF3C00")),
                              ASN1_WIRE, &r, &e), &e))
        return "";
    return arena_printf(test_arena(), "dp=%s", text_plain(test_arena(), r.defaultDpAddress));
}

static const char *nickname(struct play *p, char letter)
{
    struct rsp_ProfileInfoListResponse r;
    struct err e;
    struct buf q = buf_in(test_arena());
    buf_add(&q, unhex("BF2D11 A00C 5A0A"));
    buf_add(&q, lab_iccid(letter));
    buf_add(&q, unhex("5C0190"));
    if (!CHECK_OK(asn1_decode(test_arena(), &rsp_ProfileInfoListResponse_type, es10(p, buf_bytes(&q)), ASN1_WIRE, &r,
                              &e), &e) || !CHECK_EQ((int64_t)r.profileInfoListOk.n, 1))
        return "";
    return arena_printf(test_arena(), "nick(%c)=%s", letter,
                        text_plain(test_arena(), r.profileInfoListOk.items[0].profileNickname));
}

/* --------------------------------------------------------------------------- commands */

static struct bytes identifier(const struct play *p, char letter)
{
    struct buf out = buf_in(test_arena());
    size_t i = 0;
    while (i < p->n && p->profiles[i].letter != letter)
        i++;
    tlv_add(&out, p->how->by_aid ? 0x4F : 0x5A, p->how->by_aid ? lab_aid(i) : lab_iccid(letter));
    return buf_bytes(&out);
}

static struct bytes tlv(uint32_t tag, struct bytes value)
{
    struct buf out = buf_in(test_arena());
    tlv_add(&out, tag, value);
    return buf_bytes(&out);
}

static struct bytes joined(struct bytes a, struct bytes b)
{
    struct buf out = buf_in(test_arena());
    buf_add(&out, a);
    buf_add(&out, b);
    return buf_bytes(&out);
}

/* The result stands in 80 of each of these answers. */
static void ask(struct play *p, struct bytes command)
{
    struct bytes answer = es10(p, command);
    struct tlv inner = tlv_find(tlv_find(answer, (uint32_t)(command.p[0] << 8 | command.p[1])).value, 0x80);
    p->result = p->sw >> 8 == 0x90 || p->sw >> 8 == 0x91 ? CHECK_EQ((int64_t)inner.value.n, 1) ? inner.value.p[0] : -1
                                                         : -1;
}

static unsigned fetch(struct play *p)
{
    struct bytes data;
    unsigned sw = lab_apdu(p->lab->card, unhex("8012000000"), &data);
    if (sw == 0x9000)
        CHECK_HEX(data, "D009 8103010104 82028182");
    return sw;
}

static unsigned response(struct play *p, const char *result)
{
    struct bytes data;
    unsigned sw = lab_apdu(p->lab->card, unhex(arena_printf(test_arena(), "801400000C 8103010104 82028281 8301%s",
                                                          result)), &data);
    struct bytes none;
    if (sw == 0x9000 && lab_apdu(p->lab->card, unhex("81F2000000"), &none) == 0x6881) /* all channels are closed */
        lab_select(p->lab->card);
    return sw;
}

static void do_switch(struct play *p, uint32_t tag, bool flag, char letter)
{
    struct bytes inner = joined(tlv(0xA0, identifier(p, letter)), unhex(flag ? "8101FF" : "810100"));
    ask(p, tlv(tag, inner));
    p->flagged = flag;
}

static void do_enable(struct play *p, char *words)
{
    do_switch(p, 0xBF31, p->how->refresh, words[0]);
}

static void do_disable(struct play *p, char *words)
{
    do_switch(p, 0xBF32, p->how->refresh, words[0]);
}

static void do_enable_only(struct play *p, char *words)
{
    do_switch(p, 0xBF31, true, words[0]);
}

static void do_disable_only(struct play *p, char *words)
{
    do_switch(p, 0xBF32, true, words[0]);
}

static void do_delete(struct play *p, char *words)
{
    ask(p, tlv(0xBF33, identifier(p, words[0])));
}

static void do_reset(struct play *p, char *words)
{
    unsigned bits = (strstr(words, "op") ? 0x80u : 0) | (strstr(words, "test") ? 0x40u : 0) |
                    (strstr(words, "dp") ? 0x20u : 0);
    ask(p, unhex(arena_printf(test_arena(), "BF3404 820205%02X", bits)));
}

static struct bytes text_of(const char *word)
{
    return bytes_text(strcmp(word, "-") == 0 ? "" : word);
}

static void do_nickname(struct play *p, char *words)
{
    ask(p, tlv(0xBF29, joined(tlv(0x5A, lab_iccid(words[0])), tlv(0x90, text_of(words + 2)))));
}

static void do_dp(struct play *p, char *words)
{
    ask(p, tlv(0xBF3F, tlv(0x80, text_of(words))));
}

static void do_fetch(struct play *p, char *words)
{
    (void)words;
    p->sw = fetch(p);
}

static void do_response(struct play *p, char *words)
{
    p->sw = response(p, words);
}

static void do_power(struct play *p, char *words)
{
    (void)words;
    p->sw = lab_power(p->lab) ? 0x9000 : 0;
}

static void do_states(struct play *p, char *words)
{
    (void)words;
    es10(p, unhex("BF2D05 5C035A9F70"));
}

static void do_names(struct play *p, char *words)
{
    (void)words;
    es10(p, unhex("BF2D03 5C015A"));
}

static const struct {
    const char *name;
    void (*run)(struct play *, char *words);
    bool aid, flag; /* comes in variants */
} commands[] = {
    { "enable", do_enable, true, true }, { "disable", do_disable, true, true },
    { "enable!", do_enable_only, false, false }, { "disable!", do_disable_only, false, false },
    { "delete", do_delete, true, false }, { "reset", do_reset, false, false },
    { "nickname", do_nickname, false, false }, { "dp", do_dp, false, false }, { "fetch", do_fetch, false, false },
    { "response", do_response, false, false }, { "power", do_power, false, false },
    { "states", do_states, false, false }, { "names", do_names, false, false },
};

static size_t command_of(const char *text)
{
    size_t n = strcspn(text, " "), i = 0;
    while (strlen(commands[i].name) != n || strncmp(commands[i].name, text, n) != 0)
        i++; /* a word that none has runs off the table: the sanitizer tells */
    return i;
}

/* The proactive session that a switch with its flag begins, where the row leaves that to us. */
static void refresh(struct play *p, size_t command)
{
    if (!commands[command].flag || !p->how->refresh || p->result != 0)
        return;
    CHECK_EQ(p->sw, 0x910B);
    CHECK_TEXT(states(p), "changing");
    CHECK_EQ(fetch(p), 0x9000);
    CHECK_EQ(response(p, "00"), 0x9000);
}

/* --------------------------------------------------------------------------------- rows */

static void installed(struct play *p, const char *text)
{
    for (const char *s = text; *s; s += strcspn(s, " "), s += strspn(s, " ")) {
        if (!isupper((unsigned char)s[0]))
            continue;
        const char *rules = s + 3, *end = s + strcspn(s, " ");
        struct lab_profile *x = &p->profiles[p->n++];
        *x = (struct lab_profile){ .letter = s[0], .enabled = s[1] == '+',
                                   .class = s[2] == 'o' ? CLASS_OPERATIONAL : s[2] == 'p' ? CLASS_PROVISIONING
                                                                                          : CLASS_TEST };
        for (; rules < end; rules++)
            x->pprs |= *rules == '1' ? 0x40 : 0x20;
    }
}

static bool steps(struct play *p, const char *text)
{
    char *rest, *copy = arena_text(test_arena(), bytes_text(text));
    for (char *step = strtok_r(copy, ";", &rest), *next; step; step = next) {
        next = strtok_r(NULL, ";", &rest);
        step = trimmed(step);
        size_t i = command_of(step);
        p->result = -1;
        p->first = p->next;
        p->flagged = false;
        commands[i].run(p, trimmed(step + strcspn(step, " ")));
        if (!next)
            return true;
        CHECK(p->result <= 0);
        refresh(p, i);
        notified(p, 0);
    }
    return false;
}

/* Each word of "A- B+ dp=x" on its own. */
static void check_after(struct play *p, const char *want)
{
    struct buf plain = buf_in(test_arena());
    char *rest, *copy = arena_text(test_arena(), bytes_text(want));
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        if (strncmp(word, "dp=", 3) == 0)
            CHECK_TEXT(default_dp(p), word);
        else if (strncmp(word, "nick(", 5) == 0)
            CHECK_TEXT(nickname(p, word[5]), word);
        else
            buf_printf(&plain, "%s%s", plain.n ? " " : "", word);
    }
    CHECK_TEXT(states(p), plain.n ? buf_str(&plain) : "");
}

static void check_answer(const struct play *p, const char *want, const char *refresh)
{
    long number = strtol(want, NULL, strlen(want) == 4 ? 16 : 10);
    bool wanted = strcmp(refresh, "yes") == 0 || (strcmp(refresh, "flag") == 0 && p->flagged);
    if (strlen(want) == 4 && number != 0x9000)
        CHECK_EQ(p->sw, number);
    else
        CHECK_EQ(p->sw, wanted ? 0x910B : 0x9000);
    if (strlen(want) != 4)
        CHECK_EQ(p->result, number);
}

static void one(struct lab *lab, char *const *cells, const struct variant *how)
{
    struct play p = { .lab = lab, .how = how, .next = 5 };
    installed(&p, cells[INSTALLED]);
    if (!lab_card(lab, p.profiles, p.n, 5) || !steps(&p, cells[COMMANDS]))
        return;
    check_answer(&p, cells[ANSWER], cells[REFRESH]);
    const char *last = strrchr(cells[COMMANDS], ';');
    uint64_t first = p.first;
    refresh(&p, command_of(trimmed(arena_text(test_arena(), bytes_text(last ? last + 1 : cells[COMMANDS])))));
    CHECK_TEXT(notified(&p, first), cells[NOTIFIED]);
    check_after(&p, cells[AFTER]);
}

/* Does any command of the row come in variants? */
static bool varies(const char *text, bool by_flag)
{
    char *rest, *copy = arena_text(test_arena(), bytes_text(text));
    for (char *step = strtok_r(copy, ";", &rest); step; step = strtok_r(NULL, ";", &rest)) {
        size_t i = command_of(trimmed(step));
        if (by_flag ? commands[i].flag : commands[i].aid)
            return true;
    }
    return false;
}

static void row(struct lab *lab, char *line)
{
    char *cells[COLUMNS];
    size_t n = 0;
    for (char *at = line; n < COLUMNS; n++) {
        char *bar = strchr(at, '|');
        if (bar)
            *bar = '\0';
        cells[n] = trimmed(at);
        at = bar ? bar + 1 : at + strlen(at);
    }
    bool aid = varies(cells[COMMANDS], false), flag = varies(cells[COMMANDS], true);
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        if ((variants[i].by_aid && !aid) || (variants[i].refresh && !flag))
            continue;
        test_row("%s: %s%s%s", cells[INSTALLED], cells[COMMANDS], aid || flag ? ", " : "",
                 aid || flag ? variants[i].name : "");
        one(lab, cells, &variants[i]);
    }
}

TEST(rules)
{
    struct lab lab;
    char line[LINE_MAX_OCTETS];
    FILE *f = fopen(test_source("tests/vectors/card-rules.txt"), "r");
    if (!CHECK(f != NULL))
        return;
    if (lab_open(&lab, EC_P256))
        while (fgets(line, sizeof line, f))
            if (line[0] != '#' && strchr(line, '|') && strncmp(line, "install ", 8) != 0)
                row(&lab, line);
    lab_close(&lab);
    fclose(f);
}

/* -------------------------------------------------------------------------- installation */

enum { I_TABLE = 1, I_INSTALLED, I_PROFILE, I_CARD, I_LPA };

static struct rsp_RulesAuthorisationTable *table_of(const char *text)
{
    const char *texts[PROFILES];
    size_t n = 0;
    struct err e;
    struct rsp_RulesAuthorisationTable *rat = arena_alloc(test_arena(), sizeof *rat);
    char *rest, *copy = arena_text(test_arena(), bytes_text(text));
    if (strcmp(text, "default") == 0)
        return NULL;
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        texts[n++] = word;
    CHECK_OK(rules_rat_parse(test_arena(), texts, n, rat, &e), &e);
    return rat;
}

/* "o12 00101/0A": the owner by hand, as TS 24.008 has it. */
static struct bytes metadata_of(char *text)
{
    static uint8_t pprs;
    struct rsp_OperatorId owner = { 0 };
    struct rsp_StoreMetadataRequest m = { .iccid = unhex("989400010000000000F9"),
                                          .serviceProviderName = BYTES_LIT("Rspkit Mobile"),
                                          .profileName = BYTES_LIT("Sample"),
                                          .profileClass = *text == 'o' ? 2 : 1 };
    struct bytes der = BYTES_NONE;
    struct err e;
    char *name = strchr(text, ' ');
    pprs = 0;
    for (char *c = text + 1; *c && *c != ' '; c++)
        pprs |= (uint8_t)(0x80 >> (*c - '0'));
    if (text[1])
        m.profilePolicyRules = (struct asn1_bits){ &pprs, 4 };
    if (name) {
        char *gid1 = strchr(++name, '/'), *gid2 = gid1 ? strchr(gid1 + 1, '/') : NULL;
        bool three = (gid1 ? (size_t)(gid1 - name) : strlen(name)) == 6;
        owner.mccMnc = unhex(arena_printf(test_arena(), "%c%c%c%c%c%c", name[1], name[0], three ? name[5] : 'F',
                                          name[2], name[4], name[3]));
        if (gid2)
            owner.gid2 = unhex(gid2 + 1);
        if (gid1 && gid1 + 1 != gid2 && gid1[1])
            owner.gid1 = unhex(arena_printf(test_arena(), "%.2s", gid1 + 1));
        m.profileOwner = &owner;
    }
    CHECK_OK(asn1_encode(test_arena(), &rsp_StoreMetadataRequest_type, &m, &der, &e), &e);
    return der;
}

/* An LPA that asks the card and gets "all allowed", and no operational profile to see. */
static void answer_all_allowed(struct world *w, struct bytes command, struct bytes *response)
{
    struct bytes tag = bytes_slice(command, 5, 2);
    (void)w;
    if (command.p[1] != 0xE2)
        return;
    if (bytes_equal(tag, BYTES_LIT("\xBF\x43")))
        *response = unhex("BF4319 A017 3015 80020470 A10B 3009 8003EEEEEE 8100 8200 82020700 9000");
    if (bytes_equal(tag, BYTES_LIT("\xBF\x2D")))
        *response = unhex("BF2D02A000 9000");
}

static bool strong;

static enum lpa_answer note_question(void *context, const struct lpa_question *q, struct arena *a, struct bytes *code)
{
    (void)context;
    (void)a;
    (void)code;
    strong = strong || q->strong;
    return LPA_YES;
}

static bool open_with(struct world *w, char *const *cells)
{
    static struct misbehave untold;
    struct play p = { 0 };
    struct err e;
    untold = (struct misbehave){ 0 };
    CHECK_OK(misbehave_add(&untold, BYTES_LIT("rules-untold"), &e), &e);
    world_plan.metadata = metadata_of(arena_text(test_arena(), bytes_text(cells[I_PROFILE])));
    world_plan.rat = table_of(cells[I_TABLE]);
    world_plan.misbehave = &untold; /* else the server would refuse before the card does */
    bool right = world_open(w, EC_P256, BYTES_NONE, false);
    memset(&world_plan, 0, sizeof world_plan);
    installed(&p, cells[I_INSTALLED]);
    world_plan.misbehave = &untold;
    right = right && lab_write(&w->memory[0], &w->pki, p.profiles, p.n, 0) && world_power(w);
    world_plan.misbehave = NULL;
    return right;
}

static void installs(struct world *w, char *const *cells, bool lpa)
{
    struct activation_code code;
    struct lpa_download d;
    struct err e = { 0 };
    strong = false;
    w->lpa.env.ask = note_question;
    w->card_answer = lpa ? NULL : answer_all_allowed;
    if (!world_order(w, NULL, NULL, &code))
        return;
    enum lpa_end end = world_download(w, &code, &d, &e);
    bool passed = end == LPA_DONE || d.error_reason == 13; /* behind the check of the rules */
    if (lpa) {
        CHECK_TEXT(!passed && d.error_reason == -1 ? "no" : strong ? "consent" : "yes", cells[I_LPA]);
    } else {
        CHECK_TEXT(passed ? "allowed" : arena_printf(test_arena(), "%lld", (long long)d.error_reason), cells[I_CARD]);
        CHECK_EQ(d.bpp_command, d.error_reason == 15 || d.error_reason == 1 ? 2 : d.error_reason == 13 ? 5 : -1);
    }
}

static void install_row(char *line)
{
    char *cells[COLUMNS];
    size_t n = 0;
    for (char *at = line; n < COLUMNS; n++) {
        char *bar = strchr(at, '|');
        if (bar)
            *bar = '\0';
        cells[n] = trimmed(at);
        at = bar ? bar + 1 : at + strlen(at);
    }
    for (int lpa = strcmp(cells[I_CARD], "-") == 0; lpa < 2; lpa++) {
        struct world w;
        test_row("%s; %s; %s: %s", cells[I_TABLE], *cells[I_INSTALLED] ? cells[I_INSTALLED] : "empty",
                 cells[I_PROFILE], lpa ? "LPA" : "card");
        if (open_with(&w, cells))
            installs(&w, cells, lpa);
        world_close(&w);
    }
}

TEST(installation)
{
    char line[LINE_MAX_OCTETS];
    FILE *f = fopen(test_source("tests/vectors/card-rules.txt"), "r");
    if (!CHECK(f != NULL))
        return;
    while (fgets(line, sizeof line, f))
        if (strncmp(line, "install ", 8) == 0)
            install_row(line);
    fclose(f);
}

/* ----------------------------------------------------------------------- rules as text, and told */

/* The tables of rsp-euicc init, as GetRAT tells them; written by hand from SGP.22 Annex H and 2.9.2.1. */
TEST(tables)
{
    static const struct {
        const char *name, *texts[3], *told, *forbidden;
        const char *why; /* of a refusal */
    } rows[] = {
        { "the default", { NULL }, "BF4319 A017 3015 80020560 A10B 3009 8003EEEEEE 8100 8200 82020780", "" },
        { "none", { "none" }, "BF4302 A000", "99020560" },
        { "one operator, one rule", { "ppr1:24681" }, "BF4314 A012 3010 80020640 A107 3005 800342F618 820100",
          "99020520" },
        { "three digits of MNC", { "ppr2:310150" }, "BF4314 A012 3010 80020520 A107 3005 8003130051 820100",
          "99020640" },
        { "wildcards", { "PPR1,ppr2:3E0e5E" }, "BF4314 A012 3010 80020560 A107 3005 8003E3E05E 820100", "" },
        { "a GID", { "ppr1,ppr2:24681/0A0b" }, "BF4318 A016 3014 80020560 A10B 3009 800342F618 81020A0B 820100", "" },
        { "any GID, and none", { "ppr1,ppr2:24681/any" },
          "BF4316 A014 3012 80020560 A109 3007 800342F618 8100 820100", "" },
        { "the second GID alone", { "ppr1,ppr2:24681//0B" },
          "BF4317 A015 3013 80020560 A10A 3008 800342F618 82010B 820100", "" },
        { "two operators", { "ppr1,ppr2:24681,24682" },
          "BF431B A019 3017 80020560 A10E 3005 800342F618 3005 800342F628 820100", "" },
        { "two rules, in their order", { "ppr1:24681:consent", "ppr2:any" },
          "BF432B A029 3011 80020640 A107 3005 800342F618 82020780 3014 80020520 A10B 3009 8003EEEEEE 8100 8200 820100",
          "" },
        { "a rule that is none", { "ppr3:any" }, NULL, NULL, "\"ppr3\" is no policy rule" },
        { "no rule", { ":any" }, NULL, NULL, "is no policy rule" },
        { "no operator", { "ppr1" }, NULL, NULL, "\"\" is no operator" },
        { "an operator too short", { "ppr1:2468" }, NULL, NULL, "\"2468\" is no operator" },
        { "an operator too long", { "ppr1:2468100" }, NULL, NULL, "\"2468100\" is no operator" },
        { "an operator with a letter", { "ppr1:2468F" }, NULL, NULL, "\"2468F\" is no operator" },
        { "a GID that is no hex", { "ppr1:24681/0" }, NULL, NULL, "hex" },
        { "another word for consent", { "ppr1:any:yes" }, NULL, NULL, "\"yes\" stands where only \"consent\" may" },
        { "the second rule", { "ppr1:any", "x" }, NULL, NULL, "\"x\" is no policy rule" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rsp_RulesAuthorisationTable rat;
        struct err e;
        struct world w;
        size_t n = 0;
        while (rows[i].texts[n])
            n++;
        test_row("%s", rows[i].name);
        int parsed = rules_rat_parse(test_arena(), rows[i].texts, n, &rat, &e);
        if (rows[i].why) {
            CHECK_FAILS(parsed, &e, strstr(rows[i].why, "hex") ? ERR_SYNTAX : ERR_VALUE, rows[i].why);
            continue;
        }
        world_plan.rat = n ? &rat : NULL;
        if (CHECK_OK(parsed, &e) && world_open(&w, EC_P256, BYTES_NONE, false) && lab_select(w.cards[0])) {
            struct bytes answer;
            CHECK_EQ(lab_es10(w.cards[0], unhex("BF4300"), &answer), 0x9000);
            CHECK_HEX(answer, rows[i].told);
            CHECK_EQ(lab_es10(w.cards[0], unhex("BF2200"), &answer), 0x9000);
            struct tlv forbidden = tlv_find(tlv_find(answer, 0xBF22).value, 0x99);
            CHECK_HEX(forbidden.value.p ? forbidden.whole : BYTES_LIT(""), rows[i].forbidden);
        }
        world_plan.rat = NULL;
        world_close(&w);
    }
}

/* What no server of ours sends. */
TEST(rules_of_odd_profiles)
{
    static const uint8_t unknown[] = { 0x10 }, ppr1[] = { 0x40 }, control[] = { 0x80 };
    static const uint8_t one[] = { 0x00, 0xF1, 0x10 }, many[] = { 0x00, 0xFE, 0x10 };
    static const struct {
        const char *name;
        struct asn1_bits pprs;
        struct bytes owner;
        bool allowed;
    } rows[] = {
        { "a rule, an owner", { ppr1, 3 }, { one, 3 }, true },
        { "a rule of a later version", { unknown, 4 }, { one, 3 }, false },
        { "bits that are not set", { ppr1, 8 }, { one, 3 }, true },
        { "no owner", { ppr1, 3 }, { NULL, 0 }, false },
        { "an owner with a wildcard", { ppr1, 3 }, { many, 3 }, false },
        { "no rule but the bit about updates", { control, 3 }, { NULL, 0 }, true },
        { "nothing", { NULL, 0 }, { NULL, 0 }, true },
    };
    struct world w;
    if (world_open(&w, EC_P256, BYTES_NONE, false))
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            struct rsp_OperatorId owner = { .mccMnc = rows[i].owner };
            const struct rsp_StoreMetadataRequest m = { .profilePolicyRules = rows[i].pprs,
                                                        .profileOwner = rows[i].owner.p ? &owner : NULL };
            test_row("%s", rows[i].name);
            CHECK_EQ(rules_pprs_allowed(w.cards[0], &m), rows[i].allowed);
        }
    world_close(&w);
}

/* ------------------------------------------------------------------------------ the device */

#define ISDR "A0000005591010FFFFFFFF8900000100"
#define USIM "A0000000871002FF49FFFF8901"
#define ICCID(letter) "5A0A 9894000100000000" letter "F0"

/* A change without REFRESH (5.7.16, 5.7.17): channels with an application of the former profile close, the others stay,
 * the basic one gets the MF, PINs are not verified any more. */
TEST(channels)
{
    static const struct lab_profile two[] = { { 'A', CLASS_OPERATIONAL, 0, true },
                                              { 'B', CLASS_OPERATIONAL, 0, false } };
    static const struct {
        const char *name, *command;
        unsigned sw;
    } before[] = {
        { "a channel for the USIM", "0070000001", 0x9000 },
        { "the USIM", "02A4040C0D" USIM, 0x9000 },
        { "a channel for its MF", "0070000001", 0x9000 },
        { "the PIN", "0020000108 31323334FFFFFFFF", 0x9000 },
        { "EF.IMSI, which wants it", "02B0870001", 0x9000 },
        { "the ISD-R on the basic channel", "00A4040010" ISDR, 0x6121 },
        { "GetEID there", "80E2910006 BF3E035C015A", 0x6115 },
    }, after[] = {
        { "the ISD-R's channel stays", "81E2910006 BF3E035C015A", 0x6115 },
        { "the USIM's has closed", "82F2000000", 0x6881 },
        { "the one with the MF stays", "83F2000000", 0x9000 },
        { "the basic one has the MF in place of the ISD-R", "80E2910006 BF3E035C015A", 0x6985 },
        { "STATUS there", "80F2000000", 0x9000 },
        { "the USIM there", "00A4040C0D" USIM, 0x9000 },
        { "EF.IMSI: the PIN is not verified", "00B0870001", 0x6982 },
    };
    struct lab l;
    struct bytes data;
    if (lab_open(&l, EC_P256) && lab_card(&l, two, 2, 0)) {
        for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
            struct bytes response;
            euicc_apdu(l.card, test_arena(), unhex(before[i].command), &response);
            test_row("before: %s", before[i].name);
            CHECK_EQ((int64_t)rec_value(bytes_slice(response, response.n - 2, 2)), before[i].sw);
        }
        test_row("enabled");
        CHECK_EQ(lab_es10(l.card, unhex("BF3111 A00C " ICCID("42") " 810100"), &data), 0x9000);
        CHECK_HEX(data, "BF3103 800100");
        for (size_t i = 0; i < sizeof after / sizeof *after; i++) {
            struct bytes response;
            test_row("after: %s", after[i].name);
            euicc_apdu(l.card, test_arena(), unhex(after[i].command), &response);
            CHECK_EQ((int64_t)rec_value(bytes_slice(response, response.n - 2, 2)), after[i].sw);
        }
    }
    lab_close(&l);
}

/* Nothing of a profile that a memory reset has taken can be read before REFRESH. */
TEST(files_of_the_deleted)
{
    static const struct lab_profile one_profile[] = { { 'A', CLASS_OPERATIONAL, 0, true } };
    struct lab l;
    struct bytes data;
    if (lab_open(&l, EC_P256) && lab_card(&l, one_profile, 1, 0)) {
        test_row("EF.ICCID before");
        CHECK_EQ(lab_apdu(l.card, unhex("00A4000C022FE2"), &data), 0x9000);
        CHECK_EQ(lab_apdu(l.card, unhex("00B000000A"), &data), 0x9000);
        CHECK_EQ(lab_es10(l.card, unhex("BF3404 82020780"), &data), 0x910B);
        test_row("EF.ICCID after");
        CHECK(lab_apdu(l.card, unhex("00B000000A"), &data) != 0x910B);
        CHECK_HEX(data, "");
        CHECK(lab_apdu(l.card, unhex("00A4000C022FE2"), &data) >> 8 == 0x6A);
        test_row("the default file system is there (SGP.22 3.4.3)");
        CHECK_EQ(lab_apdu(l.card, unhex("00A4000C023F00"), &data), 0x910B);
    }
    lab_close(&l);
}
