/* SPDX-License-Identifier: Apache-2.0
 *
 * SEARCH RECORD: TS 102 221 11.1.7. */
#include "euicc/uicc_inside.h"

enum { FORWARD = 4, BACKWARD = 5, FORWARD_FROM_NEXT = 6, BACKWARD_FROM_PREVIOUS = 7 }; /* table 11.13 */
enum { ENHANCED = 6, PROPRIETARY = 7 };                                                /* table 11.12 */
enum { FROM_OFFSET = 0x00, BEHIND_VALUE = 0x08 }; /* search indication, b8 to b4 */

/* What is looked for, where in a record, and in which records. */
struct search {
    struct bytes pattern;
    unsigned way; /* table 11.13 */
    bool behind;  /* the first octet `from`; else from the octet number `from` on */
    uint8_t from;
};

static unsigned simple(const struct apdu *a, struct search *s)
{
    *s = (struct search){ .pattern = a->data, .way = a->p2 & 7 };
    return a->data.n ? 0 : SW_WRONG_LENGTH;
}

static unsigned enhanced(const struct apdu *a, struct search *s)
{
    struct cursor k = cursor_over(a->data);
    uint8_t indication = cursor_u8(&k), from = cursor_u8(&k);
    *s = (struct search){ .way = indication & 7, .behind = (indication & 0xF8) == BEHIND_VALUE, .from = from };
    s->pattern = cursor_rest(&k);
    if (k.failed || s->pattern.n == 0)
        return SW_WRONG_LENGTH;
    bool known = (indication & 0xF8) == FROM_OFFSET || (indication & 0xF8) == BEHIND_VALUE;
    return known && s->way >= FORWARD ? 0 : SW_BAD_DATA;
}

static bool matches(const struct search *s, struct bytes record)
{
    size_t at = s->from;
    if (s->behind) {
        const uint8_t *p = memchr(record.p, s->from, record.n);
        at = p ? (size_t)(p - record.p) + 1 : record.n;
    }
    return at < record.n && memmem(record.p + at, record.n - at, s->pattern.p, s->pattern.n);
}

/* The first record to look at, 0: there is none.  Next and previous count as READ RECORD does. */
static unsigned start(const struct saip_file *f, const struct search *s, unsigned p1, unsigned current)
{
    unsigned n = uicc_records(f), around = f->type == SAIP_CYCLIC;
    if (s->way == FORWARD_FROM_NEXT)
        return current < n ? current + 1 : around ? 1 : 0;
    if (s->way == BACKWARD_FROM_PREVIOUS)
        return current == 0 ? n : current > 1 ? current - 1 : around ? n : 0;
    return p1 ? p1 : current;
}

/* Numbers of the records that match, in the order of the search; 0: none does. */
static unsigned find(const struct saip_file *f, const struct search *s, unsigned from, struct buf *out)
{
    bool forward = s->way == FORWARD || s->way == FORWARD_FROM_NEXT;
    unsigned first = 0;
    for (unsigned i = from; i >= 1 && i <= uicc_records(f); i = forward ? i + 1 : i - 1)
        if (matches(s, uicc_record(f, i))) {
            first = first ? first : i;
            buf_u8(out, i);
        }
    return first;
}

unsigned uicc_search_record(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    struct uicc_want want = { .by_sfi = a->p2 >> 3, .sfi = a->p2 >> 3, .types = TYPES_RECORDS, .mode = ACCESS_READ };
    unsigned mode = a->p2 & 7, sw;
    struct saip_file *f;
    struct search s;
    if (mode < FORWARD || mode == PROPRIETARY)
        return SW_WRONG_P1P2;
    if ((sw = uicc_reach(u, c, want, a, &f)) != 0)
        return sw;
    if ((sw = mode == ENHANCED ? enhanced(a, &s) : simple(a, &s)) != 0)
        return sw;
    if (s.pattern.n > f->record_length)
        return SW_WRONG_LENGTH;
    unsigned from = start(f, &s, a->p1, f == c->ef ? c->record : 0);
    if (s.way < FORWARD_FROM_NEXT && (from == 0 || from > uicc_records(f)))
        return SW_RECORD_NOT_FOUND;
    unsigned first = find(f, &s, from, out);
    if (!first)
        return SW_END_REACHED;
    uicc_use(c, f);
    c->record = (uint16_t)first;
    return SW_OK;
}
