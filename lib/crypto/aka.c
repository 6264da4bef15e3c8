/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/aka.h"

#include "crypto/cipher.h"

void aka_key_init(struct aka_key *key, enum aka_algorithm algorithm, const uint8_t k[16], const uint8_t opc[16])
{
    static const uint8_t rotations[5] = { 64, 0, 32, 64, 96 };
    memset(key, 0, sizeof *key);
    key->algorithm = algorithm;
    memcpy(key->k, k, 16);
    memcpy(key->opc, opc, 16);
    memcpy(key->r, rotations, 5);
    for (int i = 1; i < 5; i++)
        key->c[i][15] = (uint8_t)(1 << (i - 1));
    key->res_octets = algorithm == AKA_XOR ? 16 : 8;
}

static void xor16(uint8_t out[16], const uint8_t a[16], const uint8_t b[16])
{
    for (int i = 0; i < 16; i++)
        out[i] = a[i] ^ b[i];
}

int aka_opc(const uint8_t k[16], const uint8_t op[16], uint8_t opc[16], struct err *e)
{
    uint8_t out[16];
    if (aes_block(k, op, out, e) != 0)
        return -1;
    xor16(opc, out, op);
    return 0;
}

/* Rotation to the left by bits. */
static void rotate(uint8_t out[16], const uint8_t in[16], unsigned bits)
{
    unsigned octets = bits / 8 % 16, rest = bits % 8;
    for (unsigned i = 0; i < 16; i++) {
        unsigned pair = (unsigned)in[(i + octets) % 16] << 8 | in[(i + octets + 1) % 16];
        out[i] = (uint8_t)(pair >> (8 - rest));
    }
}

/* TEMP = E(RAND xor OPc) */
static int temp_of(const struct aka_key *k, const uint8_t rand[16], uint8_t temp[16], struct err *e)
{
    uint8_t in[16];
    xor16(in, rand, k->opc);
    return aes_block(k->k, in, temp, e);
}

/* OUTi = E(rot(TEMP xor OPc, ri) xor ci) xor OPc, i from 2 */
static int output(const struct aka_key *k, const uint8_t temp[16], int i, uint8_t out[16], struct err *e)
{
    uint8_t mixed[16], rotated[16];
    xor16(mixed, temp, k->opc);
    rotate(rotated, mixed, k->r[i - 1]);
    xor16(mixed, rotated, k->c[i - 1]);
    if (aes_block(k->k, mixed, out, e) != 0)
        return -1;
    xor16(out, out, k->opc);
    return 0;
}

static int milenage_vector(const struct aka_key *k, const uint8_t rand[16], struct aka_vector *v, struct err *e)
{
    uint8_t temp[16], out[16];
    if (temp_of(k, rand, temp, e) != 0 || output(k, temp, 2, out, e) != 0)
        return -1;
    memcpy(v->ak, out, 6);
    v->res_octets = k->res_octets < 8 ? k->res_octets : 8;
    memcpy(v->res, out + 8, v->res_octets);
    if (output(k, temp, 3, v->ck, e) != 0 || output(k, temp, 4, v->ik, e) != 0 || output(k, temp, 5, out, e) != 0)
        return -1;
    memcpy(v->aks, out, 6);
    return 0;
}

static int milenage_mac(const struct aka_key *k, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2],
                        uint8_t mac_a[8], uint8_t mac_s[8], struct err *e)
{
    uint8_t temp[16], in[16], mixed[16], out[16];
    if (temp_of(k, rand, temp, e) != 0)
        return -1;
    for (int half = 0; half < 2; half++) {
        memcpy(in + 8 * half, sqn, 6);
        memcpy(in + 8 * half + 6, amf, 2);
    }
    xor16(mixed, in, k->opc);
    rotate(in, mixed, k->r[0]);
    xor16(mixed, in, k->c[0]);
    xor16(mixed, mixed, temp);
    if (aes_block(k->k, mixed, out, e) != 0)
        return -1;
    xor16(out, out, k->opc);
    memcpy(mac_a, out, 8);
    memcpy(mac_s, out + 8, 8);
    return 0;
}

static int xor_vector(const struct aka_key *k, const uint8_t rand[16], struct aka_vector *v, struct err *e)
{
    uint8_t x[16];
    (void)e;
    xor16(x, k->k, rand);
    v->res_octets = k->res_octets;
    memcpy(v->res, x, v->res_octets);
    rotate(v->ck, x, 8);
    rotate(v->ik, x, 16);
    memcpy(v->ak, x + 3, 6);
    memcpy(v->aks, x + 3, 6);
    return 0;
}

static int xor_mac(const struct aka_key *k, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2],
                   uint8_t mac_a[8], uint8_t mac_s[8], struct err *e)
{
    uint8_t x[16];
    (void)e;
    xor16(x, k->k, rand);
    for (int i = 0; i < 8; i++)
        mac_a[i] = mac_s[i] = x[i] ^ (i < 6 ? sqn[i] : amf[i - 6]);
    return 0;
}

static const struct algorithm {
    int (*vector)(const struct aka_key *, const uint8_t *, struct aka_vector *, struct err *);
    int (*mac)(const struct aka_key *, const uint8_t *, const uint8_t *, const uint8_t *, uint8_t *, uint8_t *,
               struct err *);
} algorithms[] = {
    [AKA_MILENAGE] = { milenage_vector, milenage_mac },
    [AKA_XOR] = { xor_vector, xor_mac },
};

static const struct algorithm *algorithm_of(const struct aka_key *k, struct err *e)
{
    if (k->algorithm == AKA_MILENAGE || k->algorithm == AKA_XOR)
        return &algorithms[k->algorithm];
    err_set(e, ERR_UNSUPPORTED, "TS 33.102", "authentication algorithm %d is not offered", k->algorithm);
    return NULL;
}

int aka_vector(const struct aka_key *k, const uint8_t rand[16], struct aka_vector *out, struct err *e)
{
    const struct algorithm *a = algorithm_of(k, e);
    memset(out, 0, sizeof *out);
    return a ? a->vector(k, rand, out, e) : -1;
}

int aka_mac(const struct aka_key *k, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2],
            uint8_t mac_a[8], uint8_t mac_s[8], struct err *e)
{
    const struct algorithm *a = algorithm_of(k, e);
    return a ? a->mac(k, rand, sqn, amf, mac_a, mac_s, e) : -1;
}

static void xor6(uint8_t out[6], const uint8_t a[6], const uint8_t b[6])
{
    for (int i = 0; i < 6; i++)
        out[i] = a[i] ^ b[i];
}

int aka_autn(const struct aka_key *k, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2],
             uint8_t autn[16], struct err *e)
{
    struct aka_vector v;
    uint8_t mac_s[8];
    if (aka_vector(k, rand, &v, e) != 0 || aka_mac(k, rand, sqn, amf, autn + 8, mac_s, e) != 0)
        return -1;
    xor6(autn, sqn, v.ak);
    memcpy(autn + 6, amf, 2);
    return 0;
}

int aka_autn_open(const struct aka_key *k, const uint8_t rand[16], const uint8_t autn[16], uint8_t sqn[6],
                  struct err *e)
{
    struct aka_vector v;
    uint8_t mac_a[8], mac_s[8];
    if (aka_vector(k, rand, &v, e) != 0)
        return -1;
    xor6(sqn, autn, v.ak);
    if (aka_mac(k, rand, sqn, autn + 6, mac_a, mac_s, e) != 0)
        return -1;
    if (!bytes_equal_secret(BYTES_OF(mac_a), bytes_make(autn + 8, 8)))
        return err_set(e, ERR_VERIFY, "TS 33.102 6.3.3", "MAC-A of the challenge is wrong");
    return 0;
}

int aka_auts(const struct aka_key *k, const uint8_t rand[16], const uint8_t sqn_ms[6], uint8_t auts[14],
             struct err *e)
{
    static const uint8_t amf[2] = { 0, 0 };
    struct aka_vector v;
    uint8_t mac_a[8];
    if (aka_vector(k, rand, &v, e) != 0 || aka_mac(k, rand, sqn_ms, amf, mac_a, auts + 6, e) != 0)
        return -1;
    xor6(auts, sqn_ms, v.aks);
    return 0;
}

int aka_auts_open(const struct aka_key *k, const uint8_t rand[16], const uint8_t auts[14], uint8_t sqn_ms[6],
                  struct err *e)
{
    static const uint8_t amf[2] = { 0, 0 };
    struct aka_vector v;
    uint8_t mac_a[8], mac_s[8];
    if (aka_vector(k, rand, &v, e) != 0)
        return -1;
    xor6(sqn_ms, auts, v.aks);
    if (aka_mac(k, rand, sqn_ms, amf, mac_a, mac_s, e) != 0)
        return -1;
    if (!bytes_equal_secret(BYTES_OF(mac_s), bytes_make(auts + 6, 8)))
        return err_set(e, ERR_VERIFY, "TS 33.102 6.3.5", "MAC-S of the resynchronisation is wrong");
    return 0;
}

void aka_gsm(const struct aka_vector *v, uint8_t sres[4], uint8_t kc[8])
{
    for (int i = 0; i < 4; i++)
        sres[i] = v->res[i] ^ v->res[i + 4] ^ v->res[i + 8] ^ v->res[i + 12];
    for (int i = 0; i < 8; i++)
        kc[i] = v->ck[i] ^ v->ck[i + 8] ^ v->ik[i] ^ v->ik[i + 8];
}
