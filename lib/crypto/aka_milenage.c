/* SPDX-License-Identifier: Apache-2.0
 *
 * Milenage: TS 35.206 4. */
#include "crypto/aka_algorithm.h"
#include "crypto/cipher.h"

int aka_opc(const uint8_t k[16], const uint8_t op[16], uint8_t opc[16], struct err *e)
{
    uint8_t out[16];
    if (aes_block(k, op, out, e) != 0)
        return -1;
    aka_add(opc, out, op, 16);
    return 0;
}

/* TEMP = E(RAND xor OPc) */
static int temp_of(const struct aka_key *k, const uint8_t rand[16], uint8_t temp[16], struct err *e)
{
    uint8_t in[16];
    aka_add(in, rand, k->opc, 16);
    return aes_block(k->k, in, temp, e);
}

/* OUTi = E(rot(TEMP xor OPc, ri) xor ci) xor OPc, i from 2 */
static int output(const struct aka_key *k, const uint8_t temp[16], int i, uint8_t out[16], struct err *e)
{
    uint8_t mixed[16], rotated[16];
    aka_add(mixed, temp, k->opc, 16);
    aka_rotate(rotated, mixed, k->r[i - 1]);
    aka_add(mixed, rotated, k->c[i - 1], 16);
    if (aes_block(k->k, mixed, out, e) != 0)
        return -1;
    aka_add(out, out, k->opc, 16);
    return 0;
}

static int vector(const struct aka_key *k, const uint8_t rand[16], struct aka_vector *v, struct err *e)
{
    uint8_t temp[16], out[16];
    if (temp_of(k, rand, temp, e) != 0 || output(k, temp, 2, out, e) != 0)
        return -1;
    memcpy(v->ak, out, 6);
    memcpy(v->res, out + 8, v->res_octets < 8 ? v->res_octets : 8);
    if (output(k, temp, 3, v->ck, e) != 0 || output(k, temp, 4, v->ik, e) != 0 || output(k, temp, 5, out, e) != 0)
        return -1;
    memcpy(v->aks, out, 6);
    return 0;
}

static int mac(const struct aka_key *k, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2],
               uint8_t mac_a[AKA_OUT_MAX], uint8_t mac_s[AKA_OUT_MAX], struct err *e)
{
    uint8_t temp[16], in[16], mixed[16], out[16];
    if (temp_of(k, rand, temp, e) != 0)
        return -1;
    for (int half = 0; half < 2; half++) {
        memcpy(in + 8 * half, sqn, 6);
        memcpy(in + 8 * half + 6, amf, 2);
    }
    aka_add(mixed, in, k->opc, 16);
    aka_rotate(in, mixed, k->r[0]);
    aka_add(mixed, in, k->c[0], 16);
    aka_add(mixed, mixed, temp, 16);
    if (aes_block(k->k, mixed, out, e) != 0)
        return -1;
    aka_add(out, out, k->opc, 16);
    memcpy(mac_a, out, 8);
    memcpy(mac_s, out + 8, 8);
    return 0;
}

const struct aka_functions aka_milenage = {
    .clause = "TS 35.206 2.3", .k = { 16 }, .opc = 16, .res = 8, .vector = vector, .mac = mac
};
