/* SPDX-License-Identifier: Apache-2.0
 *
 * Access rules in expanded form, by reference to EF.ARR: TS 102 221 9.2.4, ISO/IEC 7816-4 5.4.3.2. */
#include "asn1/tlv.h"
#include "euicc/uicc.h"

enum { CONDITION_DEPTH = 4 };

static bool satisfied(const struct uicc *u, const struct uicc_channel *c, struct tlv condition, int depth);

static bool several(const struct uicc *u, const struct uicc_channel *c, struct bytes conditions, bool all, int depth)
{
    struct cursor k = cursor_over(conditions);
    struct tlv t;
    while (!cursor_done(&k)) {
        if (tlv_next(&k, ASN1_WIRE, &t, NULL) != 0)
            return false;
        if (satisfied(u, c, t, depth + 1) != all)
            return !all;
    }
    return all;
}

static bool key_verified(const struct uicc *u, const struct uicc_channel *c, struct bytes template)
{
    struct tlv key = tlv_find(template, 0x83);
    int pin = key.value.n == 1 ? uicc_pin(u, c, key.value.p[0]) : -1;
    return pin >= 0 && (u->verified[pin] || !u->profile->image.pins[pin].enabled);
}

static bool satisfied(const struct uicc *u, const struct uicc_channel *c, struct tlv condition, int depth)
{
    if (depth > CONDITION_DEPTH)
        return false;
    switch (condition.tag) {
    case 0x90:
        return true;
    case 0xA4:
        return key_verified(u, c, condition.value);
    case 0xA0:
        return several(u, c, condition.value, false, depth);
    case 0xAF:
        return several(u, c, condition.value, true, depth);
    default: /* 97: never; what is not known is never, too */
        return false;
    }
}

/* Does an access-mode object speak of this use?  80: mode bits; 84: an instruction. */
static bool concerns(struct tlv am, uint8_t mode, uint8_t ins)
{
    if (am.value.n != 1)
        return false;
    return am.tag == 0x80 ? (mode && (am.value.p[0] & mode)) : am.tag == 0x84 && ins && am.value.p[0] == ins;
}

bool uicc_allowed(const struct uicc *u, const struct uicc_channel *c, const struct saip_file *f, uint8_t mode,
                  uint8_t ins)
{
    const struct saip_file *arr = saip_arr_of(&u->profile->image, f);
    if (!arr || !arr->record_length || f->arr_record == 0 || (uint32_t)f->arr_record * arr->record_length > arr->size)
        return false;
    struct cursor k =
        cursor_over(bytes_make(arr->body + (f->arr_record - 1u) * arr->record_length, arr->record_length));
    bool concerned = false;
    struct tlv t;
    while (!cursor_done(&k) && cursor_peek(&k) != 0xFF && tlv_next(&k, ASN1_WIRE, &t, NULL) == 0) {
        if (t.tag == 0x80 || (t.tag >= 0x81 && t.tag <= 0x8F))
            concerned = concerns(t, mode, ins);
        else if (concerned)
            return satisfied(u, c, t, 0);
    }
    return false;
}
