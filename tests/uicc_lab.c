/* SPDX-License-Identifier: Apache-2.0 */
#include "uicc_lab.h"

#include <stdlib.h>

#include "exchange.h"
#include "saip/package.h"
#include "world.h"

#define METADATA "BF251E 5A0A 98940001000000009000 9106 66756C6C6572 9208 6C61726765722E31"
#define PROFILE_ICCID "98940001000000009000"

static struct bytes package(void)
{
    struct bytes text = test_file(test_source("tests/vectors/uicc-card.asn1")), der = BYTES_NONE;
    struct saip_package p;
    struct err e;
    if (CHECK(text.p != NULL) && CHECK_OK(saip_parse(test_arena(), text, &p, &e), &e))
        CHECK_OK(saip_encode(test_arena(), &p, &der, &e), &e);
    return der;
}

/* The profile is put there directly, enabled: how it would come is not what is asked here. */
static bool put_profile(struct euicc *card)
{
    struct nvm_record profile = { REC_PROFILE,
                                  { unhex(PROFILE_ICCID), unhex("A0000005591010FFFFFFFF8900002000"), unhex(METADATA),
                                    package(), unhex("883701"), card->state.keys[0].ci_pkid } },
                      enabled = { REC_PROFILE_STATE, { unhex(PROFILE_ICCID), BYTES_LIT("\x01") } };
    struct nvm_batch b;
    struct err e;
    nvm_begin(&b, test_arena());
    nvm_put(&b, &profile);
    nvm_put(&b, &enabled);
    return CHECK_OK(card_commit(card, &b, &e), &e);
}

struct bytes uicc_lab_content(void)
{
    static struct bytes content;
    static struct arena *kept;
    struct world w;
    if (kept)
        return content;
    kept = arena_new(4 << 20);
    if (world_open(&w, EC_P256, BYTES_NONE, false)) {
        if (put_profile(w.cards[0]))
            content = arena_copy(kept, w.memory[0].all);
        world_close(&w);
    }
    return content;
}

/* The medium in memory, until it breaks. */
static struct nvm sound;

static int append(void *context, struct bytes octets, struct err *e)
{
    struct uicc_lab *l = context;
    return l->broken ? err_set(e, ERR_IO, NULL, "broken") : sound.append(&l->memory, octets, e);
}

static int load(void *context, struct arena *a, struct bytes *all, struct err *e)
{
    return sound.load(&((struct uicc_lab *)context)->memory, a, all, e);
}

static int truncate_to(void *context, size_t octets, struct err *e)
{
    return sound.truncate(&((struct uicc_lab *)context)->memory, octets, e);
}

static int barrier(void *context, struct err *e)
{
    return sound.barrier(&((struct uicc_lab *)context)->memory, e);
}

static int replace(void *context, struct bytes all, struct err *e)
{
    return sound.replace(&((struct uicc_lab *)context)->memory, all, e);
}

static int some_random(void *context, uint8_t *out, size_t n)
{
    (void)context;
    memset(out, 7, n);
    return 0;
}

bool uicc_lab_open(struct uicc_lab *l)
{
    struct err e;
    *l = (struct uicc_lab){ .memory = { .arena = arena_new(8 << 20) } };
    l->memory.all = arena_copy(l->memory.arena, uicc_lab_content());
    l->memory.size = l->memory.all.n;
    sound = nvm_in_memory(&l->memory);
    struct euicc_env env = { .nvm = { load, append, truncate_to, barrier, replace, l }, .random = some_random };
    return CHECK(l->memory.all.p != NULL) && CHECK_OK(euicc_open(&env, &l->card, &e), &e);
}

void uicc_lab_close(struct uicc_lab *l)
{
    euicc_close(l->card);
    arena_free(l->memory.arena);
}

struct bytes uicc_lab_hex(const char *text)
{
    struct buf out = buf_in(test_arena());
    char *copy = arena_text(test_arena(), bytes_text(text));
    buf_text(&out, "");
    for (char *word; (word = strsep(&copy, " ")) != NULL;) {
        char *times = strchr(word, '*');
        if (strcmp(word, "wrong") == 0)
            buf_text(&out, "30303030FFFFFFFF");
        for (long i = times ? strtol(times + 1, NULL, 10) : 0; i > 0; i--)
            buf_printf(&out, "%.2s", word);
        if (!times && strcmp(word, "wrong") != 0)
            buf_text(&out, word);
    }
    return unhex(buf_str(&out));
}

unsigned uicc_lab_say(struct uicc_lab *l, const char *command, struct bytes *data)
{
    return exchange(l->card, uicc_lab_hex(command), 0x00, data);
}

static bool succeeds(struct uicc_lab *l, const char *command)
{
    struct bytes data;
    unsigned sw1 = uicc_lab_say(l, command, &data) >> 8;
    return sw1 == 0x90 || sw1 == 0x91 || sw1 == 0x62 || sw1 == 0x63;
}

static bool select_each(struct uicc_lab *l, char *fids)
{
    bool done = true;
    for (char *fid; done && (fid = strsep(&fids, " ")) != NULL;)
        done = succeeds(l, arena_printf(test_arena(), "00A4000C02%s", fid));
    return done;
}

/* Words that stand for a command. */
static const struct {
    const char *word, *command;
} words[] = {
    { "pin1", "0020000108 31323334FFFFFFFF" },      { "pin2", "0020008108 39383736FFFFFFFF" },
    { "adm", "0020000A08 3838383838383838" },       { "universal", "0020001108 35353535FFFFFFFF" },
    { "adf1", "00A4040C07 A0000000090001" },        { "adf2", "00A4040C07 A0000000090002" },
    { "channel", "0070000001" },
};

static bool step(struct uicc_lab *l, char *text)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(text, words[i].word) == 0)
            return succeeds(l, words[i].command);
    if (strncmp(text, "select ", 7) == 0)
        return select_each(l, text + 7);
    if (text[0] == '!')
        return !succeeds(l, text + 1);
    if (strcmp(text, "reset") == 0)
        euicc_reset(l->card);
    else if (strcmp(text, "broken") == 0)
        l->broken = true;
    else if (strcmp(text, "proactive") == 0)
        l->card->refresh_waiting = true;
    else
        return succeeds(l, text);
    return true;
}

bool uicc_lab_prepare(struct uicc_lab *l, const char *steps)
{
    char *copy = arena_text(test_arena(), bytes_text(steps));
    bool done = true;
    for (char *text; done && (text = strsep(&copy, ";")) != NULL;) {
        text += strspn(text, " ");
        for (size_t n = strlen(text); n && text[n - 1] == ' '; n--)
            text[n - 1] = 0;
        done = !*text || step(l, text);
        if (!done)
            printf("# this step did not do what it should: %s\n", text);
    }
    return CHECK(done);
}
