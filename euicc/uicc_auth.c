/* SPDX-License-Identifier: Apache-2.0
 *
 * AUTHENTICATE: TS 31.102 7.1, TS 31.103 7.1; sequence numbers: TS 33.102 6.3.3 and Annex C (euicc/sqn.h). */
#include "crypto/aka.h"
#include "euicc/sqn.h"
#include "euicc/uicc.h"
#include "saip/services.h"

enum { RAND = 16, AUTN = 16, RES_TAG = 0xDB, AUTS_TAG = 0xDC };

/* Services of EF.UST (TS 31.102 4.2.8); an ISIM has neither. */
enum service { GSM_ACCESS = 27, GSM_CONTEXT = 38 };

struct challenge {
    struct uicc *uicc;
    const struct uicc_channel *channel;
    struct saip_aka *keys;
    struct saip_aka *counted; /* whose sequence numbers count: of `keys`, or of what they are mapped to */
    struct bytes data;
};

bool uicc_service(const struct uicc_channel *c, unsigned number)
{
    return c->adf && c->adf->naa == SAIP_USIM && saip_service_available(c->adf, number);
}

static struct saip_aka *keys_of(const struct uicc *u, const struct saip_file *adf)
{
    struct saip_image *m = &u->profile->image;
    for (size_t i = 0; i < m->n_akas; i++)
        if (m->akas[i].adf == adf)
            return &m->akas[i];
    return NULL;
}

static void add(struct buf *out, const void *p, size_t n)
{
    buf_u8(out, (unsigned)n);
    buf_add(out, bytes_make(p, n));
}

static int sqn_store(const struct challenge *c, uint64_t sqn)
{
    struct uicc *u = c->uicc;
    uint8_t index = (uint8_t)(c->counted - u->profile->image.akas), slot = sqn % SQN_SLOTS, seq[6];
    sqn_octets(sqn >> SQN_IND_BITS, seq);
    struct nvm_record r = {
        .type = REC_SQN, .field = { u->profile->iccid, bytes_make(&index, 1), bytes_make(&slot, 1), BYTES_OF(seq) }
    };
    return u->change(u->context, &r);
}

/* TS 34.108 8.1.2: with the test algorithm the network says by AMF that it wants a resynchronisation, and SQN is not
 * looked at; the package's SQN parameters are ignored (TCA profile package 8.4.2). */
static bool acceptable(const struct challenge *c, uint64_t sqn, const uint8_t amf[2])
{
    if (c->keys->key.algorithm == AKA_XOR)
        return amf[0] != 0xFF || amf[1] != 0xFF;
    return sqn_judge(c->keys, c->counted->seq, sqn) == SQN_FRESH;
}

static unsigned synchronisation_failure(const struct challenge *c, const uint8_t rand[RAND], struct buf *out)
{
    uint8_t sqn[6], auts[14];
    sqn_octets(sqn_ms(c->counted->seq), sqn);
    if (aka_auts(&c->keys->key, rand, sqn, auts, NULL) != 0)
        return SW_INTERNAL;
    buf_u8(out, AUTS_TAG);
    add(out, auts, sizeof auts);
    return SW_OK;
}

static void answer(const struct challenge *c, const struct aka_vector *v, struct buf *out)
{
    uint8_t sres[4], kc[8];
    buf_u8(out, RES_TAG);
    add(out, v->res, v->res_octets);
    add(out, v->ck, v->ck_octets);
    add(out, v->ik, v->ik_octets);
    if (uicc_service(c->channel, GSM_ACCESS)) {
        aka_gsm(v, sres, kc);
        add(out, kc, sizeof kc);
    }
}

/* 3G, EPS and 5G security context of a USIM, IMS AKA of an ISIM: MAC first, then SQN (TS 33.102 6.3.3); what is
 * accepted is durable before it is answered, so that a power cut makes nothing fresh again. */
static unsigned context_3g(const struct challenge *c, struct buf *out)
{
    struct bytes d = c->data;
    if (d.n != 1 + RAND + 1 + AUTN || d.p[0] != RAND || d.p[1 + RAND] != AUTN)
        return SW_WRONG_LENGTH;
    const uint8_t *rand = d.p + 1, *autn = rand + RAND + 1, *amf = autn + 6;
    const struct aka_key *key = &c->keys->key;
    uint8_t sqn[6];
    struct aka_vector v;
    struct err e;
    if (aka_autn_open(key, rand, autn, sqn, &e) != 0)
        return e.code == ERR_VERIFY ? SW_AUTH_MAC : SW_INTERNAL;
    uint64_t number = sqn_number(sqn);
    if (!acceptable(c, number, amf))
        return synchronisation_failure(c, rand, out);
    bool news = number >> SQN_IND_BITS > sqn_number(c->counted->seq[number % SQN_SLOTS]);
    if (aka_vector(key, rand, &v, NULL) != 0 || (news && sqn_store(c, number) != 0))
        return SW_INTERNAL;
    answer(c, &v, out);
    bytes_wipe(&v, sizeof v);
    return SW_OK;
}

static unsigned context_gsm(const struct challenge *c, struct buf *out)
{
    struct aka_vector v;
    uint8_t sres[4], kc[8];
    if (!uicc_service(c->channel, GSM_CONTEXT))
        return SW_AUTH_CONTEXT;
    if (c->data.n != 1 + RAND || c->data.p[0] != RAND)
        return SW_WRONG_LENGTH;
    if (aka_vector(&c->keys->key, c->data.p + 1, &v, NULL) != 0)
        return SW_INTERNAL;
    aka_gsm(&v, sres, kc);
    add(out, sres, sizeof sres);
    add(out, kc, sizeof kc);
    bytes_wipe(&v, sizeof v);
    return SW_OK;
}

static unsigned context_refused(const struct challenge *c, struct buf *out)
{
    (void)c;
    (void)out;
    return SW_AUTH_CONTEXT;
}

/* By the last three bits of P2 (TS 31.102 table 1, TS 31.103 table 1); the rest is reserved. */
static unsigned (*const contexts[8])(const struct challenge *, struct buf *out) = {
    [0] = context_gsm, [1] = context_3g, [2] = context_refused /* VGCS/VBS; HTTP Digest */,
    [4] = context_refused /* GBA */
};

unsigned uicc_authenticate(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    if (a->p1 != 0 || (a->p2 & 0xF8) != 0x80 || !contexts[a->p2 & 7])
        return SW_WRONG_P1P2;
    if (!c->adf)
        return SW_CONDITIONS;
    struct saip_aka *keys = keys_of(u, c->adf);
    if (!keys)
        return SW_REFERENCE_NOT_FOUND;
    struct challenge challenge = { u, c, keys, &u->profile->image.akas[keys->sequence], a->data };
    if (!uicc_application_pin(u, c))
        return SW_SECURITY;
    return contexts[a->p2 & 7](&challenge, out);
}
