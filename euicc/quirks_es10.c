/* SPDX-License-Identifier: Apache-2.0
 *
 * Quirks of ES10 functions. */
#include "asn1/tlv.h"
#include "euicc/quirks.h"

enum { TAG_ENABLE = 0xBF31, TAG_DISABLE = 0xBF32, TAG_DELETE = 0xBF33, TAG_LIST = 0xBF28, TAG_RETRIEVE = 0xBF2B,
       TAG_RESULT = 0xBF37, TAG_METADATA = 0xBF2F, TAG_SIGNED = 0xBF27 };

static bool is_switch(uint32_t tag)
{
    return tag == TAG_ENABLE || tag == TAG_DISABLE;
}

/* TAG { 80 code }: how these functions answer. */
static bool answer_code(struct quirk_call *c, uint8_t code)
{
    struct buf inner = buf_in(c->arena), out = buf_in(c->arena);
    tlv_add(&inner, 0x80, bytes_make(&code, 1));
    tlv_add(&out, c->tag, buf_bytes(&inner));
    c->response = buf_bytes(&out);
    c->sw = SW_OK;
    return true;
}

/* --------------------------------------------------------------------- changes of profiles */

static bool set_flag(struct quirk_call *c, uint8_t flag)
{
    struct bytes value = tlv_find(c->command, c->tag).value;
    struct buf inner = buf_in(c->arena), out = buf_in(c->arena);
    if (!is_switch(c->tag) || !tlv_find(value, 0x81).value.p)
        return false;
    buf_add(&inner, tlv_find(value, 0xA0).whole);
    tlv_add(&inner, 0x81, bytes_make(&flag, 1));
    tlv_add(&out, c->tag, buf_bytes(&inner));
    c->command = buf_bytes(&out);
    return false;
}

bool quirk_refresh_never(struct misbehaviour *x, struct quirk_call *c)
{
    (void)x;
    return set_flag(c, 0);
}

bool quirk_refresh_always(struct misbehaviour *x, struct quirk_call *c)
{
    (void)x;
    return set_flag(c, 0xFF);
}

static bool names_by(const struct quirk_call *c, uint32_t tag)
{
    struct bytes value = tlv_find(c->command, c->tag).value;
    if (is_switch(c->tag))
        value = tlv_find(value, 0xA0).value;
    return tlv_find(value, tag).value.p && (is_switch(c->tag) || c->tag == TAG_DELETE);
}

bool quirk_only_aid(struct misbehaviour *x, struct quirk_call *c)
{
    (void)x;
    return names_by(c, 0x5A) && answer_code(c, rsp_EnableProfileResponse_enableResult_iccidOrAidNotFound);
}

bool quirk_only_iccid(struct misbehaviour *x, struct quirk_call *c)
{
    (void)x;
    return names_by(c, 0x4F) && answer_code(c, rsp_EnableProfileResponse_enableResult_iccidOrAidNotFound);
}

bool quirk_busy(struct misbehaviour *x, struct quirk_call *c)
{
    return is_switch(c->tag) && x->count < x->number[0] && ++x->count &&
           answer_code(c, rsp_EnableProfileResponse_enableResult_catBusy);
}

/* Without REFRESH too; what waits for GET RESPONSE is lost with its channel. */
void quirk_closes_channels(struct misbehaviour *x, struct quirk_call *c)
{
    struct tlv code = tlv_find(tlv_find(c->response, c->tag).value, 0x80);
    (void)x;
    if (!is_switch(c->tag) || code.value.n != 1 || code.value.p[0])
        return;
    for (size_t i = 1; i < CHANNELS; i++)
        c->card->channels[i].open = false;
}

/* --------------------------------------------------------------------------- notifications */

typedef void number_writer(struct buf *, struct bytes value);

/* BF2F { 80 seqNumber .. } written anew, by the writer. */
static void add_metadata(struct buf *out, struct bytes value, number_writer *number)
{
    struct buf inner = buf_in(out->arena), all = buf_in(out->arena);
    struct tlv first = tlv_find(value, 0x80);
    number(&inner, first.value);
    tlv_add(&all, 0x80, buf_bytes(&inner));
    buf_add(&all, bytes_slice(value, first.whole.n, value.n));
    tlv_add(out, TAG_METADATA, buf_bytes(&all));
}

/* The elements of a sequence, BF2F among them written anew. */
static struct bytes with_metadata(struct arena *a, struct bytes elements, number_writer *number)
{
    struct buf out = buf_in(a);
    struct cursor c = cursor_over(elements);
    struct tlv t;
    while (!cursor_done(&c) && tlv_next(&c, ASN1_WIRE, &t, NULL) == 0)
        if (t.tag == TAG_METADATA)
            add_metadata(&out, t.value, number);
        else
            buf_add(&out, t.whole);
    return buf_bytes(&out);
}

/* A pending notification with another way to write its number, which the card signs as it signs all. */
static void add_pending(struct quirk_call *c, struct buf *out, const struct tlv *t, number_writer *number)
{
    const struct euicc_key *key = &c->card->state.keys[0];
    struct buf tbs = buf_in(c->arena), all = buf_in(c->arena);
    struct bytes signature, rest = t->value;
    bool result = t->tag == TAG_RESULT;
    struct tlv first = tlv_find(t->value, result ? TAG_SIGNED : TAG_METADATA), old = tlv_find(t->value, 0x5F37);
    if (result)
        tlv_add(&tbs, TAG_SIGNED, with_metadata(c->arena, first.value, number));
    else
        add_metadata(&tbs, first.value, number);
    if (notify_sign(c->arena, key, buf_bytes(&tbs), &signature, NULL) != 0)
        return;
    buf_add(&all, buf_bytes(&tbs));
    tlv_add(&all, 0x5F37, signature);
    buf_add(&all, bytes_slice(rest, first.whole.n + old.whole.n, rest.n));
    tlv_add(out, t->tag, buf_bytes(&all));
}

static void change_numbers(struct quirk_call *c, number_writer *number)
{
    struct bytes list = tlv_find(tlv_find(c->response, c->tag).value, 0xA0).value;
    struct buf all = buf_in(c->arena), inner = buf_in(c->arena), out = buf_in(c->arena);
    struct cursor at = cursor_over(list);
    struct tlv t;
    if ((c->tag != TAG_LIST && c->tag != TAG_RETRIEVE) || !list.p)
        return;
    while (!cursor_done(&at) && tlv_next(&at, ASN1_WIRE, &t, NULL) == 0)
        if (t.tag == TAG_METADATA)
            add_metadata(&all, t.value, number);
        else
            add_pending(c, &all, &t, number);
    tlv_add(&inner, 0xA0, buf_bytes(&all));
    tlv_add(&out, c->tag, buf_bytes(&inner));
    c->response = buf_bytes(&out);
}

static void bare(struct buf *out, struct bytes value)
{
    buf_add(out, value.n > 1 && value.p[0] == 0 ? bytes_slice(value, 1, value.n) : value);
}

static void padded(struct buf *out, struct bytes value)
{
    buf_fill(out, 0, value.n < 4 ? 4 - value.n : 0);
    buf_add(out, value);
}

void quirk_number_unsigned(struct misbehaviour *x, struct quirk_call *c)
{
    (void)x;
    change_numbers(c, bare);
}

void quirk_number_long(struct misbehaviour *x, struct quirk_call *c)
{
    (void)x;
    change_numbers(c, padded);
}

void quirk_reversed(struct misbehaviour *x, struct quirk_call *c)
{
    struct bytes list = tlv_find(tlv_find(c->response, c->tag).value, 0xA0).value;
    struct tlv items[EUICC_NOTIFICATIONS_MAX];
    struct cursor at = cursor_over(list);
    struct buf all = buf_in(c->arena), inner = buf_in(c->arena), out = buf_in(c->arena);
    size_t n = 0;
    (void)x;
    if ((c->tag != TAG_LIST && c->tag != TAG_RETRIEVE) || !list.p)
        return;
    while (n < EUICC_NOTIFICATIONS_MAX && !cursor_done(&at) && tlv_next(&at, ASN1_WIRE, &items[n], NULL) == 0)
        n++;
    while (n)
        buf_add(&all, items[--n].whole);
    tlv_add(&inner, 0xA0, buf_bytes(&all));
    tlv_add(&out, c->tag, buf_bytes(&inner));
    c->response = buf_bytes(&out);
}

bool quirk_one_by_one(struct misbehaviour *x, struct quirk_call *c)
{
    static const uint8_t undefined[] = { 0xBF, 0x2B, 3, 0x81, 1, 0x7F };
    struct bytes criteria = tlv_find(tlv_find(c->command, c->tag).value, 0xA0).value;
    (void)x;
    if (c->tag != TAG_RETRIEVE || tlv_find(criteria, 0x80).value.p)
        return false;
    c->response = BYTES_OF(undefined);
    c->sw = SW_OK;
    return true;
}

/* ---------------------------------------------------------------------------- installation */

static bool is_segment(uint32_t tag)
{
    return tag == 0xBF36 || (tag >= 0xA0 && tag <= 0xA3) || tag == 0x86 || tag == 0x88;
}

void quirk_result_held(struct misbehaviour *x, struct quirk_call *c)
{
    struct bytes data = tlv_find(tlv_find(c->response, TAG_RESULT).value, TAG_SIGNED).value;
    bool failed = tlv_find(tlv_find(data, 0xA2).value, 0xA1).value.p;
    if (!is_segment(c->tag) || !failed)
        return;
    x->on = true;
    c->response = BYTES_LIT("");
}

bool quirk_after_result(struct misbehaviour *x, struct quirk_call *c)
{
    x->on = x->on && is_segment(c->tag) && c->tag != 0xBF36;
    c->sw = SW_REFERENCE_NOT_FOUND;
    return x->on;
}

void quirk_rules_untold(const struct misbehaviour *x, struct arena *a, struct rsp_EUICCInfo2 *info)
{
    (void)x;
    (void)a;
    info->forbiddenProfilePolicyRules = (struct asn1_bits){ NULL, 0 };
}

/* --------------------------------------------------------------------------------- memory */

size_t quirk_memory(const struct misbehaviour *x, size_t free)
{
    return free < x->number[0] ? free : (size_t)x->number[0];
}

size_t quirk_memory_full(const struct misbehaviour *x, size_t free)
{
    (void)x;
    (void)free;
    return 0;
}
