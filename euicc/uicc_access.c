/* SPDX-License-Identifier: Apache-2.0
 *
 * Access rules in expanded form, by reference to EF.ARR: TS 102 221 9.2, ISO/IEC 7816-4 5.4.3.2. */
#include "asn1/tlv.h"
#include "euicc/uicc_inside.h"
#include "saip/access.h"

enum { CONDITION_DEPTH = 4, USER_KNOWLEDGE = 0x08 };

/* ------------------------------------------------------------------------- conditions */

/* What is not known is granted neither as such nor as the opposite of something. */
enum verdict { UNKNOWN, REFUSED, GRANTED };

static enum verdict judge(const struct uicc *u, const struct uicc_channel *c, struct tlv condition, int depth);

/* Of conditions together: `decisive` as soon as one of them is so, else what all of them are, else unknown. */
static enum verdict together(const struct uicc *u, const struct uicc_channel *c, struct bytes conditions,
                             enum verdict decisive, int depth)
{
    struct cursor k = cursor_over(conditions);
    enum verdict all = decisive == GRANTED ? REFUSED : GRANTED;
    struct tlv t;
    if (cursor_done(&k))
        return UNKNOWN;
    while (!cursor_done(&k)) {
        enum verdict one = tlv_next(&k, ASN1_WIRE, &t, NULL) == 0 ? judge(u, c, t, depth + 1) : UNKNOWN;
        if (one == decisive)
            return decisive;
        if (k.failed || one == UNKNOWN)
            all = UNKNOWN;
        if (k.failed)
            break;
    }
    return all;
}

/* A control reference template: 83 the key, 95 how it is used; what cannot be verified by VERIFY PIN is refused. */
static enum verdict key_verified(const struct uicc *u, const struct uicc_channel *c, struct bytes template)
{
    struct bytes key = tlv_find(template, 0x83).value, usage = tlv_find(template, 0x95).value;
    if (key.n != 1 || (usage.p && (usage.n != 1 || !(usage.p[0] & USER_KNOWLEDGE))))
        return UNKNOWN;
    int pin = uicc_pin(u, c, key.p[0]);
    return pin >= 0 && uicc_pin_satisfied(u, pin) ? GRANTED : REFUSED;
}

static enum verdict judge(const struct uicc *u, const struct uicc_channel *c, struct tlv condition, int depth)
{
    static const enum verdict opposite[] = { [UNKNOWN] = UNKNOWN, [REFUSED] = GRANTED, [GRANTED] = REFUSED };
    if (depth > CONDITION_DEPTH)
        return UNKNOWN;
    switch (condition.tag) {
    case 0x90:
        return GRANTED;
    case 0x97:
        return REFUSED;
    case 0xA4:
        return key_verified(u, c, condition.value);
    case 0xA0:
        return together(u, c, condition.value, GRANTED, depth);
    case 0xAF:
        return together(u, c, condition.value, REFUSED, depth);
    case 0xA7:
        return opposite[together(u, c, condition.value, GRANTED, depth)];
    default:
        return UNKNOWN;
    }
}

/* -------------------------------------------------------------------------- the rules */

enum { AM_BITS = 0x80, AM_HEADER = 0x81, AM_HEADER_LAST = 0x8F, AM_MACHINE = 0x9C };

static bool is_mode(uint32_t tag)
{
    return tag == AM_BITS || (tag >= AM_HEADER && tag <= AM_HEADER_LAST) || tag == AM_MACHINE;
}

/* 81 to 8F: the tag's bits 4 to 1 say which of CLA, INS, P1, P2 the value has; it may have several of such groups. */
static bool names_header(struct tlv am, const struct apdu *a)
{
    const uint8_t header[] = { a->cla & 0x80, a->ins, a->p1, a->p2 };
    for (struct cursor k = cursor_over(am.value); !cursor_done(&k) && !k.failed;) {
        bool same = true;
        for (size_t i = 0; i < 4; i++)
            if (am.tag & 8u >> i)
                same = cursor_u8(&k) == header[i] && same;
        if (same && !k.failed)
            return true;
    }
    return false;
}

/* Does an access-mode object speak of this use?  80: the bits of groups of commands. */
static bool concerns(struct tlv am, uint8_t mode, const struct apdu *a)
{
    if (am.tag == AM_BITS)
        return am.value.n == 1 && am.value.p[0] & mode;
    return am.tag != AM_MACHINE && names_header(am, a);
}

/* Modes, then conditions of which one is enough; then the next rule. */
static bool rules_allow(const struct uicc *u, const struct uicc_channel *c, struct bytes rules, uint8_t mode,
                        const struct apdu *a)
{
    struct cursor k = cursor_over(rules);
    bool concerned = false, conditions = false;
    struct tlv t;
    while (!cursor_done(&k) && cursor_peek(&k) != 0xFF && tlv_next(&k, ASN1_WIRE, &t, NULL) == 0) {
        if (is_mode(t.tag)) {
            concerned = (concerned && !conditions) || concerns(t, mode, a);
            conditions = false;
            continue;
        }
        conditions = true;
        if (concerned && judge(u, c, t, 0) == GRANTED)
            return true;
    }
    return false;
}

bool uicc_allowed(const struct uicc *u, const struct uicc_channel *c, const struct saip_file *f, uint8_t mode,
                  const struct apdu *a)
{
    return rules_allow(u, c, saip_arr_record(&u->profile->image, f), mode, a);
}
