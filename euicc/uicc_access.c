/* SPDX-License-Identifier: Apache-2.0
 *
 * Access rules in expanded form, by reference to EF.ARR: TS 102 221 9.2, ISO/IEC 7816-4 5.4.3.2. */
#include "euicc/uicc_inside.h"
#include "saip/access.h"

/* What is not known is granted neither as such nor as the opposite of something. */
enum verdict { UNKNOWN, REFUSED, GRANTED };

static enum verdict judge(const struct uicc *u, const struct uicc_channel *c, const struct saip_condition *, int depth);

/* Of conditions together: `decisive` as soon as one of them is so, else what all of them are, else unknown. */
static enum verdict together(const struct uicc *u, const struct uicc_channel *c, struct bytes conditions,
                             enum verdict decisive, int depth)
{
    struct cursor k = cursor_over(conditions);
    enum verdict all = decisive == GRANTED ? REFUSED : GRANTED;
    struct saip_condition one;
    if (cursor_done(&k))
        return UNKNOWN;
    while (saip_condition_next(&k, &one)) {
        enum verdict verdict = judge(u, c, &one, depth);
        if (verdict == decisive)
            return decisive;
        if (verdict == UNKNOWN)
            all = UNKNOWN;
    }
    return all;
}

static enum verdict key_verified(const struct uicc *u, const struct uicc_channel *c, uint8_t reference)
{
    int pin = uicc_pin(u, c, reference);
    return pin >= 0 && uicc_pin_satisfied(u, pin) ? GRANTED : REFUSED;
}

static enum verdict judge(const struct uicc *u, const struct uicc_channel *c, const struct saip_condition *one,
                          int depth)
{
    static const enum verdict opposite[] = { [UNKNOWN] = UNKNOWN, [REFUSED] = GRANTED, [GRANTED] = REFUSED };
    if (depth > SAIP_CONDITION_DEPTH)
        return UNKNOWN;
    switch (one->kind) {
    case SAIP_ALWAYS:
        return GRANTED;
    case SAIP_NEVER:
        return REFUSED;
    case SAIP_KEY:
        return key_verified(u, c, one->key);
    case SAIP_ANY_OF:
        return together(u, c, one->inner, GRANTED, depth + 1);
    case SAIP_ALL_OF:
        return together(u, c, one->inner, REFUSED, depth + 1);
    case SAIP_NONE_OF:
        return opposite[together(u, c, one->inner, GRANTED, depth + 1)];
    default:
        return UNKNOWN;
    }
}

/* One condition of one rule that concerns the use is enough. */
bool uicc_allowed(const struct uicc *u, const struct uicc_channel *c, const struct saip_file *f, uint8_t mode,
                  const struct apdu *a)
{
    const uint8_t header[4] = { a->cla & 0x80, a->ins, a->p1, a->p2 };
    struct cursor k = cursor_over(saip_arr_record(&u->profile->image, f));
    struct saip_access rule;
    while (saip_access_next(&k, &rule))
        if (saip_access_concerns(&rule, mode, header) && together(u, c, rule.conditions, GRANTED, 0) == GRANTED)
            return true;
    return false;
}
