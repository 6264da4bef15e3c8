/* SPDX-License-Identifier: Apache-2.0
 *
 * The test algorithm: TS 34.108 8.1.2. */
#include "crypto/aka_algorithm.h"

static int vector(const struct aka_key *k, const uint8_t rand[16], struct aka_vector *v, struct err *e)
{
    uint8_t x[16];
    (void)e;
    aka_add(x, k->k, rand, 16);
    memcpy(v->res, x, v->res_octets < 16 ? v->res_octets : 16);
    aka_rotate(v->ck, x, 8);
    aka_rotate(v->ik, x, 16);
    memcpy(v->ak, x + 3, 6);
    memcpy(v->aks, x + 3, 6);
    return 0;
}

static int mac(const struct aka_key *k, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2],
               uint8_t mac_a[AKA_OUT_MAX], uint8_t mac_s[AKA_OUT_MAX], struct err *e)
{
    uint8_t x[16];
    (void)e;
    aka_add(x, k->k, rand, 16);
    aka_add(mac_a, x, sqn, 6);
    aka_add(mac_a + 6, x + 6, amf, 2);
    memcpy(mac_s, mac_a, 8);
    return 0;
}

const struct aka_functions aka_xor = {
    .clause = "TS 34.108 8.1.2", .k = { 16 }, .res = 16, .vector = vector, .mac = mac
};
