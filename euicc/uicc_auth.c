/* SPDX-License-Identifier: Apache-2.0
 *
 * AUTHENTICATE: TS 31.102 7.1.2, TS 31.103 7.1.2; sequence numbers: TS 33.102 Annex C. */
#include "crypto/aka.h"
#include "euicc/uicc.h"

enum { IND_BITS = 5 };

static uint64_t number(const uint8_t p[6])
{
    uint64_t v = 0;
    for (int i = 0; i < 6; i++)
        v = v << 8 | p[i];
    return v;
}

static void octets(uint64_t v, uint8_t p[6])
{
    for (int i = 0; i < 6; i++)
        p[i] = (uint8_t)(v >> 8 * (5 - i));
}

/* SQN_MS: the highest accepted SEQ, with its slot. */
static uint64_t highest(const struct saip_aka *k, unsigned *slot)
{
    uint64_t seq = 0;
    *slot = 0;
    for (unsigned i = 0; i < 32; i++)
        if (number(k->seq[i]) > seq) {
            seq = number(k->seq[i]);
            *slot = i;
        }
    return seq;
}

/* Bits of sqnOptions as TCA packages use them (inferred: 0E means all, 02 wrap-around only). */
enum { CHECK_WRAP = 2, CHECK_AGE = 4, CHECK_DELTA = 8 };

/* TS 33.102 C.2: freshness of SEQ in the slot that IND names. */
static bool fresh(const struct saip_aka *k, uint64_t sqn)
{
    unsigned slot;
    uint64_t seq = sqn >> IND_BITS, top = highest(k, &slot);
    if (seq <= number(k->seq[sqn & 31]))
        return false;
    if ((k->sqn_options & (CHECK_WRAP | CHECK_DELTA)) && seq > top && seq - top > number(k->sqn_delta))
        return false;
    return !(k->sqn_options & CHECK_AGE) || seq >= top || top - seq <= number(k->sqn_age_limit);
}

static struct saip_aka *keys_of(const struct uicc *u, const struct uicc_channel *c)
{
    struct saip_image *m = &u->profile->image;
    for (size_t i = 0; c->adf && i < m->n_akas; i++)
        if (m->akas[i].adf == c->adf)
            return &m->akas[i];
    return NULL;
}

static void add(struct buf *out, const void *p, size_t n)
{
    buf_u8(out, (unsigned)n);
    buf_add(out, bytes_make(p, n));
}

static int sqn_store(struct uicc *u, const struct saip_aka *k, uint64_t sqn)
{
    uint8_t index = (uint8_t)(k - u->profile->image.akas), slot = sqn & 31, seq[6];
    octets(sqn >> IND_BITS, seq);
    struct nvm_record r = {
        .type = REC_SQN, .field = { u->profile->iccid, bytes_make(&index, 1), bytes_make(&slot, 1), BYTES_OF(seq) }
    };
    return u->change(u->context, &r);
}

static unsigned synchronisation_failure(const struct saip_aka *k, const uint8_t rand[16], struct buf *out)
{
    unsigned slot;
    uint64_t seq = highest(k, &slot);
    uint8_t sqn[6], auts[14];
    octets(seq << IND_BITS | slot, sqn);
    if (aka_auts(&k->key, rand, sqn, auts, NULL) != 0)
        return SW_INTERNAL;
    buf_u8(out, 0xDC);
    add(out, auts, sizeof auts);
    return SW_OK;
}

static bool has_service_27(const struct uicc_channel *c)
{
    const struct saip_file *ust = saip_child(c->adf, 0x6F38);
    return ust && ust->size > 3 && (ust->body[3] >> 2 & 1);
}

static unsigned context_3g(struct uicc *u, struct uicc_channel *c, struct saip_aka *k, struct bytes data,
                           struct buf *out)
{
    if (data.n != 34 || data.p[0] != 16 || data.p[17] != 16)
        return SW_WRONG_LENGTH;
    const uint8_t *rand = data.p + 1, *autn = data.p + 18;
    uint8_t sqn[6], sres[4], kc[8];
    struct aka_vector v;
    if (aka_autn_open(&k->key, rand, autn, sqn, NULL) != 0)
        return SW_AUTH_MAC;
    if (!fresh(k, number(sqn)))
        return synchronisation_failure(k, rand, out);
    if (aka_vector(&k->key, rand, &v, NULL) != 0 || sqn_store(u, k, number(sqn)) != 0)
        return SW_INTERNAL;
    buf_u8(out, 0xDB);
    add(out, v.res, v.res_octets);
    add(out, v.ck, sizeof v.ck);
    add(out, v.ik, sizeof v.ik);
    if (has_service_27(c)) {
        aka_gsm(&v, sres, kc);
        add(out, kc, sizeof kc);
    }
    bytes_wipe(&v, sizeof v);
    return SW_OK;
}

static unsigned context_gsm(struct saip_aka *k, struct bytes data, struct buf *out)
{
    if (data.n != 17 || data.p[0] != 16)
        return SW_WRONG_LENGTH;
    struct aka_vector v;
    uint8_t sres[4], kc[8];
    if (aka_vector(&k->key, data.p + 1, &v, NULL) != 0)
        return SW_INTERNAL;
    aka_gsm(&v, sres, kc);
    add(out, sres, sizeof sres);
    add(out, kc, sizeof kc);
    bytes_wipe(&v, sizeof v);
    return SW_OK;
}

unsigned uicc_authenticate(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    struct saip_aka *k = keys_of(u, c);
    if (a->p1 != 0 || !(a->p2 & 0x80))
        return SW_WRONG_P1P2;
    if (!k)
        return SW_CONDITIONS;
    int pin = uicc_pin(u, c, 0x01);
    if (pin >= 0 && !uicc_pin_satisfied(u, pin))
        return SW_SECURITY;
    switch (a->p2 & 7) {
    case 1:
        return context_3g(u, c, k, a->data, out);
    case 0:
        return has_service_27(c) ? context_gsm(k, a->data, out) : SW_AUTH_CONTEXT;
    default:
        return SW_AUTH_CONTEXT;
    }
}
