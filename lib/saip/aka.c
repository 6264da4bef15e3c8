/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/aka.h"

static const char CLAUSE[] = "TCA profile package 8.4.2";

/* What 3GPP's messages have room for (TS 33.102 6.3.7), in octets. */
enum { RES_MAX = 16, MAC_ONLY = 8, CK_ONLY = 16 };

static int milenage_set(struct aka_key *key, const struct saip_AlgoParameter *p, struct err *e)
{
    (void)e;
    memcpy(key->r, p->rotationConstants.p, sizeof key->r);
    memcpy(key->c, p->xoringConstants.p, sizeof key->c);
    return 0;
}

static int res_set(struct aka_key *key, uint8_t options, struct err *e)
{
    static const uint8_t sizes[8] = { 4, 8, 16, 32 };
    uint8_t size = sizes[options & 7];
    if (size == 0)
        return err_set(e, ERR_VALUE, CLAUSE, "algorithmOptions %02X name no size of RES", options);
    if (size > RES_MAX)
        return err_set(e, ERR_UNSUPPORTED, CLAUSE, "RES of %d octets; %d are the most", size, RES_MAX);
    key->res_octets = size;
    return 0;
}

static int test_set(struct aka_key *key, const struct saip_AlgoParameter *p, struct err *e)
{
    return res_set(key, p->algorithmOptions.p[0], e);
}

static int tuak_set(struct aka_key *key, const struct saip_AlgoParameter *p, struct err *e)
{
    static const uint8_t macs[8] = { 8, 16, 32 };
    uint8_t options = p->algorithmOptions.p[0], mac = macs[options >> 3 & 7];
    if (mac == 0 || options & 0x80)
        return err_set(e, ERR_VALUE, CLAUSE, "algorithmOptions %02X are not defined", options);
    if (mac != MAC_ONLY)
        return err_set(e, ERR_UNSUPPORTED, CLAUSE, "a MAC of %d octets has no room in AUTN; %d are expected", mac,
                       MAC_ONLY);
    if (options & 0x40)
        return err_set(e, ERR_UNSUPPORTED, CLAUSE, "CK and IK of 32 octets; %d are expected", CK_ONLY);
    if (p->numberOfKeccak < 1 || p->numberOfKeccak > UINT8_MAX)
        return err_set(e, ERR_VALUE, CLAUSE, "%lld iterations of Keccak; at least one is expected",
                       (long long)p->numberOfKeccak);
    key->keccaks = (uint8_t)p->numberOfKeccak;
    return res_set(key, options, e);
}

int saip_aka_key(const struct saip_AlgoParameter *p, struct aka_key *key, struct err *e)
{
    static int (*const sets[])(struct aka_key *, const struct saip_AlgoParameter *, struct err *) = {
        [AKA_MILENAGE] = milenage_set, [AKA_TUAK] = tuak_set, [AKA_XOR] = test_set
    };
    if (p->algorithmID < AKA_MILENAGE || p->algorithmID > AKA_XOR)
        return err_set(e, ERR_UNSUPPORTED, CLAUSE, "authentication algorithm %lld", (long long)p->algorithmID);
    enum aka_algorithm algorithm = (enum aka_algorithm)p->algorithmID;
    return aka_key_init(key, algorithm, p->key, p->opc, e) != 0 ? -1 : sets[algorithm](key, p, e);
}
