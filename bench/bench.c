/* SPDX-License-Identifier: Apache-2.0
 *
 * make bench: ratios of CPU time, measured in one run.
 *
 *   floor     the cheapest way we know to do one download's cryptography: 3 signatures, 5
 *             verifications, a key pair, a key agreement, AES and CMAC over the same package
 *   SM-DP+    what the SM-DP+ core takes for one download, everything included (memory store)
 *   package   decoding and encoding a profile package, and the memory it takes
 */
#include <stdio.h>
#include <stdlib.h>

#include "crypto/bsp.h"
#include "crypto/ec.h"
#include "rounds.h"
#include "saip/image.h"
#include "saip/package.h"

enum { ROUNDS = 30, WARM = 5 };

static double smdp_ms;

/* The LPA's post with the server's share of the time taken. */
static void started(struct world *w, struct rsp_request *q)
{
    (void)w;
    (void)q;
    smdp_ms -= bench_cpu();
}

static void ended(struct world *w, const struct rsp_request *q, struct rsp_response *r)
{
    (void)w;
    (void)q;
    (void)r;
    smdp_ms += bench_cpu();
}

static double floor_ms(enum ec_curve curve, struct bytes upp)
{
    struct ec_key *own = NULL, *card = NULL, *once = NULL;
    struct ec_public *pub = NULL;
    struct bytes message = BYTES_LIT("a structure of some two hundred octets, as the signed ones are ...............");
    uint8_t signature[64], secret[32];
    struct err e;
    ec_key_generate(curve, &own, &e);
    ec_key_generate(curve, &card, &e);
    ec_public_new(curve, ec_key_point(card), &pub, &e);
    double start = bench_cpu();
    for (int i = 0; i < ROUNDS; i++) {
        struct arena *a = arena_new(8 << 20);
        struct bsp bsp;
        struct bytes segment;
        for (int k = 0; k < 3; k++)
            ec_sign(own, &message, 1, signature, &e);
        ec_sign(card, &message, 1, signature, &e); /* made by the card: not counted below */
        for (int k = 0; k < 5; k++)
            ec_verify(pub, &message, 1, bytes_make(signature, 64), &e);
        ec_key_generate(curve, &once, &e);
        ec_shared_secret(once, ec_key_point(card), secret, &e);
        bsp_derive(&bsp, bytes_make(secret, 32), BYTES_LIT("host"), bytes_make(secret, 16), &e);
        for (size_t at = 0; at < upp.n; at += BSP_ENCRYPTED_MAX)
            bsp_protect(&bsp, a, 0x86, bytes_slice(upp, at, BSP_ENCRYPTED_MAX), &segment, &e);
        ec_key_free(once);
        arena_free(a);
    }
    double all = bench_cpu() - start;
    start = bench_cpu();
    for (int i = 0; i < ROUNDS; i++)
        ec_sign(card, &message, 1, signature, &e);
    all -= bench_cpu() - start;
    ec_public_free(pub);
    ec_key_free(own);
    ec_key_free(card);
    return all / ROUNDS;
}

/* One download after the other from a running server; the card forgets each profile. */
static double server_ms(enum ec_curve curve, struct bytes package)
{
    struct world w;
    struct lpa_download d;
    bench_open(&w, curve, package, ROUNDS);
    w.request = started;
    w.response = ended;
    for (int i = 0; i < ROUNDS; i++) {
        if (i == WARM)
            smdp_ms = 0;
        bench_download(&w, &d);
        bench_forget(&w, &d);
    }
    world_close(&w);
    return smdp_ms / (ROUNDS - WARM);
}

static void package_row(const char *name, struct bytes der)
{
    double start = bench_cpu();
    size_t peak = 0;
    for (int i = 0; i < ROUNDS * 5; i++) {
        struct arena *a = arena_new(64 << 20);
        struct saip_package p;
        struct bytes again;
        struct err e;
        if (saip_decode(a, der, ASN1_STRICT, &p, &e) != 0 || saip_encode(a, &p, &again, &e) != 0)
            exit(1);
        peak = arena_peak(a);
        arena_free(a);
    }
    printf("  %-34s %7zu octets  %7.3f ms   peak %5zu KiB\n", name, der.n, (bench_cpu() - start) / (ROUNDS * 5),
           peak / 1024);
}

/* From the package's octets to a file system: what a card does with it once it is deciphered. */
static void install_row(const char *name, struct bytes der)
{
    double start = bench_cpu(), ms;
    size_t octets = 0;
    for (int i = 0; i < ROUNDS * 5; i++) {
        struct arena *scratch = arena_new(64 << 20), *a = arena_new(64 << 20);
        struct saip_image *image = arena_alloc(a, sizeof *image);
        struct saip_package p;
        struct saip_result r;
        struct err e;
        if (saip_decode(scratch, der, ASN1_STRICT, &p, &e) != 0 || saip_install(a, &p, image, &r) != 0)
            exit(1);
        octets = arena_used(a);
        arena_free(scratch);
        arena_free(a);
    }
    ms = (bench_cpu() - start) / (ROUNDS * 5);
    printf("  %-34s %7.0f a second  %7.3f ms   profile %5zu KiB\n", name, 1000 / ms, ms, octets / 1024);
}

TEST(bench)
{
    static const enum ec_curve curves[] = { EC_P256, EC_BRAINPOOLP256R1 };
    const char *path = test_data("ts48-v7/bertlv_suci.der");
    struct bytes sample = world_sample(), ts48 = path ? test_file(path) : BYTES_NONE;
    printf("# decode and encode of a package, strictly\n");
    package_row("own sample", sample);
    if (ts48.p)
        package_row("TS.48 bertlv_suci", ts48);
    printf("# decode and install a package, without cryptography\n");
    install_row("own sample", sample);
    if (ts48.p)
        install_row("TS.48 bertlv_suci", ts48);
    printf("# one download with the %s package, CPU\n", ts48.p ? "TS.48" : "sample");
    struct bytes package = ts48.p ? ts48 : sample;
    for (int i = 0; i < 2; i++) {
        double low = floor_ms(curves[i], package), core = server_ms(curves[i], package);
        printf("  %-16s floor %6.2f ms   SM-DP+ core %6.2f ms   ratio %.2f\n", ec_curve_name(curves[i]), low, core,
               core / low);
    }
    CHECK(true);
}
