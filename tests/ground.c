/* SPDX-License-Identifier: Apache-2.0 */
#include "ground.h"

#include <stdlib.h>

#include "exchange.h"
#include "crypto/crypto.h"

static struct arena *kept(void)
{
    static struct arena *a;
    if (!a)
        a = arena_new(16 << 20);
    return a;
}

static int random_octets(void *context, uint8_t *out, size_t n)
{
    (void)context;
    return crypto_random(out, n, NULL);
}

struct bytes ground_empty(void)
{
    static struct bytes content;
    struct world w;
    if (!content.p && world_open_two(&w)) {
        content = arena_copy(kept(), w.memory[0].all);
        world_close(&w);
    }
    return content;
}

static bool download(struct world *w, bool enable)
{
    struct activation_code code;
    struct lpa_download d;
    struct err e;
    if (!world_order(w, NULL, NULL, &code) || !CHECK_EQ(world_download(w, &code, &d, &e), LPA_DONE))
        return false;
    if (!enable)
        return true;
    bool done = CHECK_EQ(lpa_open(&w->lpa, &e), LPA_DONE) &&
                CHECK_EQ(lpa_enable(&w->lpa, d.iccid, false, &e), LPA_DONE);
    lpa_close(&w->lpa);
    return done;
}

struct bytes ground_content(void)
{
    static struct bytes content;
    struct world w;
    if (content.p)
        return content;
    if (world_open_two(&w) && download(&w, true) && download(&w, false))
        content = arena_copy(kept(), w.memory[0].all);
    world_close(&w);
    return content;
}

bool ground_open_failing(struct ground *g, struct bytes content, long at, enum sim_fault fault, struct err *e)
{
    g->card = NULL;
    g->arena = arena_new((size_t)512 << 20);
    sim_start(&g->sim, g->arena, content);
    g->sim.at = at;
    g->sim.fault = fault;
    if (nvm_file_open(&g->file, &g->sim.system, SIM_NAME, false, e) != 0)
        return false;
    struct euicc_env env = { .nvm = nvm_in_file(&g->file), .random = random_octets };
    return euicc_open(&env, &g->card, e) == 0;
}

bool ground_open(struct ground *g, struct bytes content, struct err *e)
{
    if (ground_open_failing(g, content, 0, SIM_NONE, e))
        return true;
    ground_close(g);
    return false;
}

void ground_close(struct ground *g)
{
    euicc_close(g->card);
    nvm_file_close(&g->file);
    arena_free(g->arena);
    g->card = NULL;
    g->arena = NULL;
}

struct bytes ground_left(struct ground *g)
{
    return arena_copy(test_arena(), sim_content(&g->sim, SIM_NAME));
}

static unsigned to_isdr(struct euicc *card, struct bytes tlv, struct bytes *data)
{
    struct buf all = buf_in(test_arena());
    buf_add(&all, BYTES_LIT("\x81\xE2\x91\x00"));
    buf_u8(&all, (unsigned)tlv.n);
    buf_add(&all, tlv);
    buf_u8(&all, 0);
    unsigned sw = exchange(card, buf_bytes(&all), 0x80, data);
    if (sw != 0x6881 && sw != 0x6985 && sw != 0x6D00)
        return sw;
    exchange(card, unhex("0070000101"), 0x00, data);
    exchange(card, unhex("01A40400 10 A0000005591010FFFFFFFF8900000100"), 0x00, data);
    return exchange(card, buf_bytes(&all), 0x80, data);
}

unsigned ground_say(struct euicc *card, const char *hex, struct bytes *data)
{
    struct bytes command = unhex(hex);
    return command.p[0] == 0xBF ? to_isdr(card, command, data) : exchange(card, command, 0x00, data);
}

struct bytes ground_observe(struct euicc *card)
{
    static const char *const looks[] = {
        "BF2D0F 5C0D 5A 4F 9F70 90 91 92 93 94 95 B6 B7 99", "BF2800", "BF3C00", "BF2200", "00200001",
        "00A4040C 07 A0000000871002", "00B0860002",
    };
    struct buf all = buf_in(test_arena());
    euicc_reset(card);
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
        struct bytes data;
        unsigned sw = ground_say(card, looks[i], &data);
        buf_add(&all, data);
        buf_u16(&all, sw);
    }
    return buf_bytes(&all);
}
