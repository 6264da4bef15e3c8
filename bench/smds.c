/* SPDX-License-Identifier: Apache-2.0
 *
 * make bench: the CPU that an SM-DS takes to authenticate a card and tell its event, beside the cryptography of it: one
 * signature, three verifications (two certificates and what the card signed). */
#include <stdio.h>

#include "clock.h"
#include "crypto/ec.h"
#include "dslab.h"

enum { ROUNDS = 200, WARM = 20 };

static double smds_ms;

static void started(void)
{
    smds_ms -= bench_cpu();
}

static void ended(void)
{
    smds_ms += bench_cpu();
}

static double floor_ms(enum ec_curve curve)
{
    struct ec_key *key = NULL;
    struct ec_public *pub = NULL;
    struct bytes message = BYTES_LIT("a structure of some two hundred octets, as the signed ones are ...............");
    uint8_t signature[64];
    struct err e;
    double start = 0;
    CHECK_OK(ec_key_generate(curve, &key, &e), &e);
    CHECK_OK(ec_public_new(curve, ec_key_point(key), &pub, &e), &e);
    for (int i = 0; i < ROUNDS; i++) {
        if (i == WARM)
            start = bench_cpu();
        CHECK_OK(ec_sign(key, &message, 1, signature, &e), &e);
        for (int k = 0; k < 3; k++)
            CHECK_OK(ec_verify(pub, &message, 1, bytes_make(signature, sizeof signature), &e), &e);
    }
    double all = bench_cpu() - start;
    ec_public_free(pub);
    ec_key_free(key);
    return all / (ROUNDS - WARM);
}

static double server_ms(enum ec_curve curve, bool asn1)
{
    if (!lab_open_on(curve, false))
        return 0;
    CHECK_TEXT(lab_register(DS_ROOT, lab.owners[0], 0, "E1", "smdp.example.com", false), "ok");
    lab.request = started;
    lab.response = ended;
    for (int i = 0; i < ROUNDS; i++) {
        if (i == WARM)
            smds_ms = 0;
        CHECK_TEXT(lab_ask(DS_ROOT, &(struct session){ .asn1 = asn1 }), "E1@smdp.example.com");
    }
    lab_close();
    return smds_ms / (ROUNDS - WARM);
}

TEST(authentication)
{
    static const enum ec_curve curves[] = { EC_P256, EC_BRAINPOOLP256R1 };
    printf("# an SM-DS authenticates a card and tells its event, CPU\n");
    for (int i = 0; i < 4; i++) {
        double low = floor_ms(curves[i / 2]), ours = server_ms(curves[i / 2], i % 2);
        printf("  %-16s %-5s floor %6.2f ms   SM-DS %6.2f ms   ratio %.2f\n", ec_curve_name(curves[i / 2]),
               i % 2 ? "ASN.1" : "JSON", low, ours, ours / low);
    }
}
