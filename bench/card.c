/* SPDX-License-Identifier: Apache-2.0
 *
 * make bench: the card beside what it cannot do without.
 *
 *   APDUs     a second, of some kinds, through the whole card
 *   download  CPU of the card, beside the cheapest way we know to do its cryptography: 5 verifications, 4 signatures, a
 *             key pair, a key agreement, AES and CMAC over the same package; the least of some rounds each
 *   memory    of a card in power, as the process grows by many */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "crypto/bsp.h"
#include "crypto/crypto.h"
#include "crypto/ec.h"
#include "rounds.h"

enum { ROUNDS = 30, APDUS = 50000, CARDS = 200 };

/* ------------------------------------------------------------------------------- downloads */

static double floor_ms(enum ec_curve curve, struct bytes upp)
{
    struct ec_key *own = NULL, *once = NULL;
    struct ec_public *pub = NULL;
    struct bytes message = BYTES_LIT("a structure of some two hundred octets, as the signed ones are ...............");
    struct bytes *segments = calloc(upp.n / BSP_ENCRYPTED_MAX + 1, sizeof *segments), plain;
    struct arena *a = arena_new(8 << 20);
    uint8_t signature[64], secret[32] = { 0 };
    struct bsp bsp;
    struct err e;
    size_t n = 0;
    ec_key_generate(curve, &own, &e);
    ec_public_new(curve, ec_key_point(own), &pub, &e);
    ec_sign(own, &message, 1, signature, &e);
    bsp_derive(&bsp, BYTES_OF(secret), BYTES_LIT("host"), bytes_make(secret, 16), &e);
    for (size_t at = 0; at < upp.n; at += BSP_ENCRYPTED_MAX)
        bsp_protect(&bsp, a, 0x86, bytes_slice(upp, at, BSP_ENCRYPTED_MAX), &segments[n++], &e);
    double least = 1e9;
    for (int i = 0; i < ROUNDS; i++) {
        double start = bench_cpu();
        struct arena *scratch = arena_new(8 << 20);
        for (int k = 0; k < 5; k++)
            ec_verify(pub, &message, 1, bytes_make(signature, 64), &e);
        for (int k = 0; k < 4; k++)
            ec_sign(own, &message, 1, signature, &e);
        ec_key_generate(curve, &once, &e);
        ec_shared_secret(once, ec_key_point(own), secret, &e);
        memset(secret, 0, sizeof secret);
        bsp_derive(&bsp, BYTES_OF(secret), BYTES_LIT("host"), bytes_make(secret, 16), &e);
        for (size_t k = 0; k < n; k++)
            bsp_unprotect(&bsp, scratch, segments[k], &plain, &e);
        ec_key_free(once);
        arena_free(scratch);
        double took = bench_cpu() - start;
        least = took < least ? took : least;
    }
    bsp_end(&bsp);
    ec_public_free(pub);
    ec_key_free(own);
    arena_free(a);
    free(segments);
    return least;
}

static double card_ms;

static int transmit(void *context, struct arena *a, struct bytes command, struct bytes *response, struct err *e)
{
    struct world *w = context;
    (void)e;
    card_ms -= bench_cpu();
    euicc_apdu(w->cards[0], a, command, response);
    card_ms += bench_cpu();
    return 0;
}

static double download_ms(enum ec_curve curve, struct bytes package)
{
    struct world w;
    struct lpa_download d;
    double least = 1e9;
    bench_open(&w, curve, package, ROUNDS);
    w.lpa.env.transmit = transmit;
    for (int i = 0; i < ROUNDS; i++) {
        card_ms = 0;
        bench_download(&w, &d);
        least = card_ms < least ? card_ms : least;
        bench_forget(&w, &d);
    }
    world_close(&w);
    return least;
}

/* ----------------------------------------------------------------------------- APDUs, memory */

static void download_and_enable(struct world *w)
{
    struct activation_code code;
    struct lpa_download d;
    struct err e;
    if (!world_order(w, NULL, NULL, &code) || world_download(w, &code, &d, &e) != LPA_DONE ||
        lpa_open(&w->lpa, &e) != LPA_DONE || lpa_enable(&w->lpa, d.iccid, false, &e) != LPA_DONE)
        exit(1);
    lpa_close(&w->lpa);
    euicc_reset(w->cards[0]);
}

static void apdus(struct world *w)
{
    static const struct {
        const char *name, *first, *command;
    } rows[] = {
        { "SELECT the USIM", NULL, "00A4040407A0000000871002" },
        { "READ BINARY of EF.ICCID", "00A4080C022FE2", "00B000000A" },
        { "GetEID", "00A4040010A0000005591010FFFFFFFF8900000100", "80E2910006BF3E035C015A00" },
        { "GetProfilesInfo", "00A4040010A0000005591010FFFFFFFF8900000100", "80E2910003BF2D0000" },
        { "GetEUICCInfo2", "00A4040010A0000005591010FFFFFFFF8900000100", "80E2910003BF220000" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *a = arena_new(1 << 20);
        struct bytes command = unhex(rows[i].command), response;
        if (rows[i].first)
            euicc_apdu(w->cards[0], a, unhex(rows[i].first), &response);
        euicc_apdu(w->cards[0], a, command, &response);
        if (response.n < 2 || (response.p[response.n - 2] != 0x90 && response.p[response.n - 2] != 0x61))
            exit(1);
        double start = bench_cpu();
        for (int k = 0; k < APDUS; k++) {
            euicc_apdu(w->cards[0], a, command, &response);
            arena_reset(a);
        }
        printf("  %-28s %9.0f APDUs a second\n", rows[i].name, APDUS / (bench_cpu() - start) * 1e3);
        arena_free(a);
    }
}

static int random_octets(void *context, uint8_t *out, size_t n)
{
    (void)context;
    return crypto_random(out, n, NULL);
}

/* Heap that a card takes; its memory on the medium is shared and does not count. */
static double heap_kib(struct bytes content)
{
    static struct euicc *cards[CARDS];
    static struct nvm_memory media[CARDS];
    struct err e;
    struct mallinfo2 before = mallinfo2();
    for (int i = 0; i < CARDS; i++) {
        media[i] = (struct nvm_memory){ .arena = test_arena(), .all = content };
        struct euicc_env env = { .nvm = nvm_in_memory(&media[i]), .random = random_octets };
        if (euicc_open(&env, &cards[i], &e) != 0)
            exit(1);
    }
    struct mallinfo2 after = mallinfo2();
    for (int i = 0; i < CARDS; i++)
        euicc_close(cards[i]);
    return (double)(after.uordblks + after.hblkhd - before.uordblks - before.hblkhd) / CARDS / 1024;
}

static void memory(struct bytes sample)
{
    struct world w;
    if (!world_open(&w, EC_P256, sample, false))
        exit(1);
    double empty = heap_kib(w.memory[0].all);
    download_and_enable(&w);
    double full = heap_kib(w.memory[0].all);
    printf("  memory of a card in power: %.1f KiB empty, %.1f KiB with a profile: %.0f and %.0f in 2 GiB\n", empty,
           full, 2 * 1048576 / empty, 2 * 1048576 / full);
    world_close(&w);
}

TEST(card)
{
    static const enum ec_curve curves[] = { EC_P256, EC_BRAINPOOLP256R1 };
    const char *path = test_data("ts48-v7/bertlv_suci.der");
    struct bytes sample = world_sample(), ts48 = path ? test_file(path) : BYTES_NONE;
    struct world w;
    printf("# the card\n");
    if (world_open(&w, EC_P256, BYTES_NONE, false)) {
        download_and_enable(&w);
        apdus(&w);
    }
    world_close(&w);
    for (int i = 0; i < 4; i++) {
        struct bytes package = i < 2 ? sample : ts48;
        if (!package.p)
            break;
        double low = floor_ms(curves[i % 2], package), card = download_ms(curves[i % 2], package);
        printf("  %-16s %-10s floor %6.2f ms   card %6.2f ms   ratio %.2f\n", ec_curve_name(curves[i % 2]),
               i < 2 ? "own sample" : "TS.48", low, card, card / low);
    }
    memory(sample);
    if (ts48.p)
        memory(ts48);
    CHECK(true);
}
