/* SPDX-License-Identifier: Apache-2.0
 *
 * AUTN, AUTS and the conversions to GSM: TS 33.102 6.3 and 6.8.1.2. */
#include "crypto/aka_algorithm.h"

enum { MAC = 8 }; /* in AUTN and AUTS */

static const struct aka_functions *functions_of(enum aka_algorithm algorithm, struct err *e)
{
    static const struct aka_functions *const all[] = {
        [AKA_MILENAGE] = &aka_milenage, [AKA_TUAK] = &aka_tuak, [AKA_XOR] = &aka_xor
    };
    if (algorithm >= AKA_MILENAGE && algorithm <= AKA_XOR)
        return all[algorithm];
    err_set(e, ERR_UNSUPPORTED, "TS 33.102", "authentication algorithm %d is not offered", (int)algorithm);
    return NULL;
}

static int sizes_check(const struct aka_functions *f, struct bytes k, struct bytes opc, struct err *e)
{
    if (k.n != f->k[0] && f->k[1] == 0)
        return err_set(e, ERR_VALUE, f->clause, "the key has %zu octets; %zu are expected", k.n, f->k[0]);
    if (k.n != f->k[0] && k.n != f->k[1])
        return err_set(e, ERR_VALUE, f->clause, "the key has %zu octets; %zu or %zu are expected", k.n, f->k[0],
                       f->k[1]);
    if (f->opc && opc.n != f->opc)
        return err_set(e, ERR_VALUE, f->clause, "OPc or TOPc has %zu octets; %zu are expected", opc.n, f->opc);
    return 0;
}

int aka_key_init(struct aka_key *key, enum aka_algorithm algorithm, struct bytes k, struct bytes opc, struct err *e)
{
    static const uint8_t rotations[5] = { 64, 0, 32, 64, 96 };
    const struct aka_functions *f = functions_of(algorithm, e);
    memset(key, 0, sizeof *key);
    if (!f || sizes_check(f, k, opc, e) != 0)
        return -1;
    *key = (struct aka_key){
        .algorithm = algorithm, .k_octets = (uint8_t)k.n, .keccaks = 1, .res_octets = f->res, .mac_octets = MAC,
        .ck_octets = 16, .ik_octets = 16
    };
    memcpy(key->k, k.p, k.n);
    if (f->opc)
        memcpy(key->opc, opc.p, f->opc);
    memcpy(key->r, rotations, 5);
    for (int i = 1; i < 5; i++)
        key->c[i][15] = (uint8_t)(1 << (i - 1));
    return 0;
}

void aka_rotate(uint8_t out[16], const uint8_t in[16], unsigned bits)
{
    unsigned octets = bits / 8 % 16, rest = bits % 8;
    for (unsigned i = 0; i < 16; i++) {
        unsigned pair = (unsigned)in[(i + octets) % 16] << 8 | in[(i + octets + 1) % 16];
        out[i] = (uint8_t)(pair >> (8 - rest));
    }
}

int aka_vector(const struct aka_key *k, const uint8_t rand[16], struct aka_vector *out, struct err *e)
{
    const struct aka_functions *f = functions_of(k->algorithm, e);
    *out = (struct aka_vector){
        .res_octets = k->res_octets, .ck_octets = k->ck_octets, .ik_octets = k->ik_octets
    };
    return f ? f->vector(k, rand, out, e) : -1;
}

int aka_mac(const struct aka_key *k, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2],
            uint8_t mac_a[AKA_OUT_MAX], uint8_t mac_s[AKA_OUT_MAX], struct err *e)
{
    const struct aka_functions *f = functions_of(k->algorithm, e);
    return f ? f->mac(k, rand, sqn, amf, mac_a, mac_s, e) : -1;
}

/* What AUTN and AUTS need: f2 to f5*, f1 and f1* of a size that they have room for. */
struct parts {
    struct aka_vector v;
    uint8_t mac_a[AKA_OUT_MAX], mac_s[AKA_OUT_MAX];
};

static int size_fits(const struct aka_key *k, struct err *e)
{
    if (k->mac_octets == MAC)
        return 0;
    return err_set(e, ERR_UNSUPPORTED, "TS 33.102 6.3.7", "a MAC of %d octets has no room in AUTN; %d are expected",
                   k->mac_octets, MAC);
}

static int parts_of(const struct aka_key *k, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2],
                    struct parts *out, struct err *e)
{
    return size_fits(k, e) != 0 || aka_vector(k, rand, &out->v, e) != 0 ||
                   aka_mac(k, rand, sqn, amf, out->mac_a, out->mac_s, e) != 0
               ? -1
               : 0;
}

/* The same for who finds SQN hidden by AK, or SQNms by AK*. */
static int parts_behind(const struct aka_key *k, const uint8_t rand[16], const uint8_t hidden[6],
                        const uint8_t amf[2], bool resynchronisation, uint8_t sqn[6], struct parts *out,
                        struct err *e)
{
    if (size_fits(k, e) != 0 || aka_vector(k, rand, &out->v, e) != 0)
        return -1;
    aka_add(sqn, hidden, resynchronisation ? out->v.aks : out->v.ak, 6);
    return aka_mac(k, rand, sqn, amf, out->mac_a, out->mac_s, e);
}

static const uint8_t AMF_RESYNCHRONISATION[2] = { 0, 0 };

int aka_autn(const struct aka_key *k, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2],
             uint8_t autn[16], struct err *e)
{
    struct parts p;
    if (parts_of(k, rand, sqn, amf, &p, e) != 0)
        return -1;
    aka_add(autn, sqn, p.v.ak, 6);
    memcpy(autn + 6, amf, 2);
    memcpy(autn + 8, p.mac_a, MAC);
    bytes_wipe(&p, sizeof p);
    return 0;
}

int aka_autn_open(const struct aka_key *k, const uint8_t rand[16], const uint8_t autn[16], uint8_t sqn[6],
                  struct err *e)
{
    struct parts p;
    if (parts_behind(k, rand, autn, autn + 6, false, sqn, &p, e) != 0)
        return -1;
    bool right = bytes_equal_secret(bytes_make(p.mac_a, MAC), bytes_make(autn + 8, MAC));
    bytes_wipe(&p, sizeof p);
    return right ? 0 : err_set(e, ERR_VERIFY, "TS 33.102 6.3.3", "MAC-A of the challenge is wrong");
}

int aka_auts(const struct aka_key *k, const uint8_t rand[16], const uint8_t sqn_ms[6], uint8_t auts[14],
             struct err *e)
{
    struct parts p;
    if (parts_of(k, rand, sqn_ms, AMF_RESYNCHRONISATION, &p, e) != 0)
        return -1;
    aka_add(auts, sqn_ms, p.v.aks, 6);
    memcpy(auts + 6, p.mac_s, MAC);
    bytes_wipe(&p, sizeof p);
    return 0;
}

int aka_auts_open(const struct aka_key *k, const uint8_t rand[16], const uint8_t auts[14], uint8_t sqn_ms[6],
                  struct err *e)
{
    struct parts p;
    if (parts_behind(k, rand, auts, AMF_RESYNCHRONISATION, true, sqn_ms, &p, e) != 0)
        return -1;
    bool right = bytes_equal_secret(bytes_make(p.mac_s, MAC), bytes_make(auts + 6, MAC));
    bytes_wipe(&p, sizeof p);
    return right ? 0 : err_set(e, ERR_VERIFY, "TS 33.102 6.3.5", "MAC-S of the resynchronisation is wrong");
}

void aka_gsm(const struct aka_vector *v, uint8_t sres[4], uint8_t kc[8])
{
    for (int i = 0; i < 4; i++)
        sres[i] = v->res[i] ^ v->res[i + 4] ^ v->res[i + 8] ^ v->res[i + 12];
    for (int i = 0; i < 8; i++)
        kc[i] = v->ck[i] ^ v->ck[i + 8] ^ v->ik[i] ^ v->ik[i + 8];
}
