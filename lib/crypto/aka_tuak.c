/* SPDX-License-Identifier: Apache-2.0
 *
 * TUAK: TS 35.231 6.  All functions are one: a block with the inputs, least significant octet first, goes through
 * Keccak-f[1600] so many times; what it was for stands in the octet INSTANCE. */
#include "crypto/aka_algorithm.h"
#include "crypto/keccak.h"

/* Places in the block, in octets; K of 16 octets leaves the upper half of its place zero. */
enum { AT_TOPC = 0, AT_INSTANCE = 32, AT_NAME = 33, AT_RAND = 40, AT_AMF = 56, AT_SQN = 58, AT_K = 64, AT_PAD = 96 };
enum { RATE = 136 }; /* of SHA3-256, whose padding is the block's */
enum { AT_RES = 0, AT_MAC = 0, AT_CK = 32, AT_IK = 64, AT_AK = 96 };

/* INSTANCE: the function and the sizes of what it gives (6.2 to 6.7).  The bits of a MAC's or RES' size are its number
 * of octets; a RES of 4 has none. */
enum { TOPC = 0x00, F1 = 0x00, F1_STAR = 0x80, F2345 = 0x40, F5_STAR = 0xC0 };
enum { LONG_K = 0x01, LONG_IK = 0x02, LONG_CK = 0x04, SIZE_BITS = 0x38 };

static void reversed(uint8_t *out, const uint8_t *in, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = in[n - 1 - i];
}

/* The block of a function without RAND, AMF and SQN. */
static void begin(uint8_t block[KECCAK_STATE], const uint8_t topc[32], uint8_t instance, struct bytes k)
{
    memset(block, 0, KECCAK_STATE);
    reversed(block + AT_TOPC, topc, 32);
    block[AT_INSTANCE] = instance | (k.n == AKA_KEY_MAX ? LONG_K : 0);
    reversed(block + AT_NAME, (const uint8_t *)"TUAK1.0", 7);
    reversed(block + AT_K, k.p, k.n);
    block[AT_PAD] = 0x1F;
    block[RATE - 1] = 0x80;
}

static void permute(uint8_t block[KECCAK_STATE], unsigned keccaks)
{
    for (unsigned i = 0; i < keccaks; i++)
        keccak_f1600(block);
}

int aka_topc(struct bytes k, const uint8_t top[32], uint8_t keccaks, uint8_t topc[32], struct err *e)
{
    uint8_t block[KECCAK_STATE];
    if (k.n != 16 && k.n != AKA_KEY_MAX)
        return err_set(e, ERR_VALUE, aka_tuak.clause, "the key has %zu octets; 16 or 32 are expected", k.n);
    begin(block, top, TOPC, k);
    permute(block, keccaks);
    reversed(topc, block, 32);
    bytes_wipe(block, sizeof block);
    return 0;
}

static void challenge(const struct aka_key *key, uint8_t instance, const uint8_t rand[16],
                      uint8_t block[KECCAK_STATE])
{
    begin(block, key->opc, instance, bytes_make(key->k, key->k_octets));
    reversed(block + AT_RAND, rand, 16);
}

static int vector(const struct aka_key *k, const uint8_t rand[16], struct aka_vector *v, struct err *e)
{
    (void)e;
    uint8_t block[KECCAK_STATE];
    uint8_t sizes = (uint8_t)((v->res_octets & SIZE_BITS) | (v->ck_octets == 32 ? LONG_CK : 0) |
                              (v->ik_octets == 32 ? LONG_IK : 0));
    challenge(k, F2345 | sizes, rand, block);
    permute(block, k->keccaks);
    reversed(v->res, block + AT_RES, v->res_octets);
    reversed(v->ck, block + AT_CK, v->ck_octets);
    reversed(v->ik, block + AT_IK, v->ik_octets);
    reversed(v->ak, block + AT_AK, 6);
    challenge(k, F5_STAR, rand, block);
    permute(block, k->keccaks);
    reversed(v->aks, block + AT_AK, 6);
    bytes_wipe(block, sizeof block);
    return 0;
}

static int mac(const struct aka_key *k, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2],
               uint8_t mac_a[AKA_OUT_MAX], uint8_t mac_s[AKA_OUT_MAX], struct err *e)
{
    (void)e;
    const struct {
        uint8_t instance, *out;
    } macs[] = { { F1, mac_a }, { F1_STAR, mac_s } };
    uint8_t block[KECCAK_STATE];
    for (int i = 0; i < 2; i++) {
        challenge(k, macs[i].instance | k->mac_octets, rand, block);
        reversed(block + AT_AMF, amf, 2);
        reversed(block + AT_SQN, sqn, 6);
        permute(block, k->keccaks);
        reversed(macs[i].out, block + AT_MAC, k->mac_octets);
    }
    bytes_wipe(block, sizeof block);
    return 0;
}

const struct aka_functions aka_tuak = {
    .clause = "TS 35.231 5.1", .k = { 16, AKA_KEY_MAX }, .opc = 32, .res = 8, .vector = vector, .mac = mac
};
