/* SPDX-License-Identifier: Apache-2.0
 *
 * ES10b.LoadCRL (SGP.22 5.7.12), and what it is for: certificates that are revoked or, by the newest list,
 * expired (4.6.3).  What is revoked stays so until it has expired: no list takes an entry back. */
#include "asn1/tlv.h"
#include "crypto/crl.h"
#include "euicc/core.h"

#define CODE(name) rsp_LoadCRLResponseError_##name

enum { TAKE = 0, ALREADY = -1 }; /* beside the error codes */
enum { TIME_OCTETS = 8, SERIAL_MAX = 255 };

/* Expiry of what the list gives none for. */
static const int64_t NEVER = INT64_MAX;

/* ------------------------------------------------------------------------ what is known */

static const struct euicc_revocations *known(const struct euicc *card, struct bytes ci)
{
    for (size_t i = 0; i < card->state.n_revocations; i++)
        if (bytes_equal(card->state.revocations[i].ci, ci))
            return &card->state.revocations[i];
    return NULL;
}

static bool entry_next(struct cursor *c, struct bytes *serial, int64_t *expires)
{
    if (cursor_done(c))
        return false;
    *serial = cursor_take(c, cursor_u8(c));
    *expires = (int64_t)rec_value(cursor_take(c, TIME_OCTETS));
    return !c->failed;
}

static bool listed(struct bytes entries, struct bytes serial)
{
    struct cursor c = cursor_over(entries);
    struct bytes s;
    int64_t expires;
    while (entry_next(&c, &s, &expires))
        if (bytes_equal(s, serial))
            return true;
    return false;
}

static bool good(const struct euicc *card, const struct euicc_revocations *r, const struct cert *c)
{
    return c->not_after >= card->state.time && !(r && listed(r->entries, c->serial));
}

bool card_trusts(const struct euicc *card, const struct cert *c, const struct cert *ci)
{
    const struct euicc_revocations *r = known(card, ci->ski);
    return good(card, r, c) && good(card, r, ci);
}

/* ------------------------------------------------------------------------------- checks */

static bool serials_fit(const struct crl *l)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->entries[i].serial.n > SERIAL_MAX)
            return false;
    return true;
}

/* `element` is a CertificateList whose tag says which member it is: 0 or an error code. */
static int list_read(const struct euicc *card, struct arena *a, struct bytes element, struct crl *out)
{
    struct bytes der = arena_copy(a, element);
    if (!der.p)
        return CODE(undefinedError);
    *(uint8_t *)(uintptr_t)der.p = 0x30;
    if (crl_parse(a, der, out, NULL) != 0)
        return CODE(invalidCRLFormat);
    const struct cert *ci = card_ci(card, out->aki);
    if (!ci || !asn1_bit(ci->key_usage, x509_KeyUsage_cRLSign))
        return CODE(verificationKeyNotFound);
    if (!bytes_equal(out->issuer, ci->subject))
        return CODE(invalidCRLFormat);
    if (crl_verify(out, ci, NULL) != 0)
        return CODE(invalidSignature);
    return serials_fit(out) ? TAKE : CODE(invalidCRLFormat);
}

static bool whole(struct bytes segments)
{
    return !segments.n || !memchr(segments.p, 0, segments.n);
}

/* A list against those that came before it: TAKE, ALREADY or an error code.  A list in one piece completes one of
 * which segments are missing. */
static int order_check(const struct euicc_revocations *r, const struct crl *l)
{
    int order = r ? crl_number_compare(l->number, r->number) : 1;
    size_t parts = (size_t)l->parts;
    if (order < 0)
        return CODE(fresherCrlAlreadyLoaded);
    if (order == 0 && whole(r->segments))
        return ALREADY;
    if (order == 0 && parts && r->segments.n != parts)
        return CODE(invalidCRLFormat);
    if (order == 0 && parts && r->segments.p[l->part - 1])
        return ALREADY;
    if (l->base_number.p && (!r || !r->complete.n || crl_number_compare(r->complete, l->base_number) < 0))
        return CODE(baseCrlMissing);
    return parts > EUICC_SEGMENTS_MAX ? CODE(notEnoughMemorySpace) : TAKE;
}

/* -------------------------------------------------------------------------- what is kept */

static void entry_add(struct buf *out, struct arena *a, struct bytes serial, int64_t expires)
{
    buf_u8(out, (unsigned)serial.n);
    buf_add(out, serial);
    buf_add(out, rec_number(a, (uint64_t)expires, TIME_OCTETS));
}

/* The entries that there are, without what has expired, and those of the list. */
static struct bytes entries_after(struct arena *a, const struct euicc_revocations *r, const struct crl *l, int64_t time)
{
    struct buf out = buf_in(a);
    struct cursor c = cursor_over(r ? r->entries : BYTES_NONE);
    struct bytes serial;
    int64_t expires;
    buf_add(&out, BYTES_LIT(""));
    while (entry_next(&c, &serial, &expires))
        if (expires >= time)
            entry_add(&out, a, serial, expires);
    for (size_t i = 0; i < l->n; i++) {
        const struct crl_entry *x = &l->entries[i];
        bool back = x->reason == x509_CRLReason_removeFromCRL, over = x->has_expires && x->expires < time;
        if (!back && !over && !(r && listed(r->entries, x->serial)))
            entry_add(&out, a, x->serial, x->has_expires ? x->expires : NEVER);
    }
    return buf_bytes(&out);
}

/* An octet each: those of the same list that were there, and this one. */
static struct bytes segments_after(struct arena *a, const struct euicc_revocations *r, const struct crl *l)
{
    if (!l->parts)
        return BYTES_LIT("");
    bool same = r && crl_number_compare(r->number, l->number) == 0;
    uint8_t *all = arena_alloc(a, (size_t)l->parts);
    if (!all)
        return BYTES_NONE;
    memset(all, 0, (size_t)l->parts);
    if (same)
        memcpy(all, r->segments.p, r->segments.n);
    all[l->part - 1] = 1;
    return bytes_make(all, (size_t)l->parts);
}

/* All that the list changes becomes durable at once: 0 or an error code. */
static int list_take(struct euicc *card, struct arena *a, const struct crl *l)
{
    const struct euicc_revocations *r = known(card, l->aki);
    int64_t time = l->this_update > card->state.time ? l->this_update : card->state.time;
    struct bytes segments = segments_after(a, r, l), entries = entries_after(a, r, l, time);
    struct bytes complete = whole(segments) ? l->number : r ? r->complete : BYTES_LIT("");
    struct nvm_record kept = { .type = REC_REVOCATIONS,
                               .field = { l->aki, l->number, complete, segments, entries,
                                          rec_number(a, (uint64_t)time, TIME_OCTETS) } };
    struct nvm_batch b;
    if (!segments.p || !entries.p)
        return CODE(undefinedError);
    if (entries.n > EUICC_REVOKED_OCTETS)
        return CODE(notEnoughMemorySpace);
    nvm_begin(&b, a);
    nvm_put(&b, &kept);
    return card_commit(card, &b, NULL) == 0 ? 0 : CODE(undefinedError);
}

/* ------------------------------------------------------------------------------- answer */

/* Numbers of the segments that are missing; absent if none is. */
static void missing_list(struct arena *a, struct bytes segments, struct rsp_LoadCRLResponseOk_missingParts *list)
{
    list->items = arena_array(a, segments.n, sizeof *list->items);
    for (size_t i = 0; list->items && i < segments.n; i++)
        if (!segments.p[i])
            list->items[list->n++] = (int64_t)i + 1;
}

unsigned es10b_load_crl(struct euicc *card, struct arena *a, struct bytes command, struct buf *out)
{
    struct rsp_LoadCRLRequest q;
    struct rsp_LoadCRLResponse r = { .which = rsp_LoadCRLResponse_loadCRLResponseOk };
    struct rsp_LoadCRLResponseOk_missingParts missing = { 0 };
    struct crl list;
    if (es10_decode(a, &rsp_LoadCRLRequest_type, command, &q))
        return SW_BAD_DATA;
    int code = list_read(card, a, q.crl, &list);
    if (code == TAKE)
        code = order_check(known(card, list.aki), &list);
    if (code == TAKE)
        code = list_take(card, a, &list);
    if (code > 0) {
        r.which = rsp_LoadCRLResponse_loadCRLResponseError;
        r.loadCRLResponseError = code;
        return es10_answer(a, &rsp_LoadCRLResponse_type, &r, out);
    }
    struct bytes segments = known(card, list.aki)->segments;
    if (!whole(segments)) {
        missing_list(a, segments, &missing);
        r.loadCRLResponseOk.missingParts = &missing;
    }
    return es10_answer(a, &rsp_LoadCRLResponse_type, &r, out);
}
