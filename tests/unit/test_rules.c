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
        CHECK_HEX(data, "D009 8103010109 82028182");
    return sw;
}

static unsigned response(struct play *p, const char *result)
{
    struct bytes data;
    unsigned sw = lab_apdu(p->lab->card, unhex(arena_printf(test_arena(), "801400000C 8103010109 82028281 8301%s",
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
    if (lab_open(&lab))
        while (fgets(line, sizeof line, f))
            if (line[0] != '#' && strchr(line, '|'))
                row(&lab, line);
    lab_close(&lab);
    fclose(f);
}
