/* SPDX-License-Identifier: Apache-2.0
 *
 * READ RECORD, UPDATE RECORD, INCREASE: TS 102 221 11.1.5, 11.1.6, 11.1.8. */
#include "euicc/uicc_inside.h"

enum { NEXT = 2, PREVIOUS = 3, ABSOLUTE = 4 }; /* P2 b3 to b1; ABSOLUTE with P1 00: the current one */

unsigned uicc_records(const struct saip_file *f)
{
    return f->record_length ? f->size / f->record_length : 0;
}

struct bytes uicc_record(const struct saip_file *f, unsigned number)
{
    return bytes_make(f->body + (size_t)(number - 1) * f->record_length, f->record_length);
}

/* The record that a mode means, 0: there is none.  In a cyclic file the first follows the last. */
static unsigned number_of(const struct saip_file *f, unsigned current, const struct apdu *a)
{
    unsigned n = uicc_records(f), around = f->type == SAIP_CYCLIC;
    switch (a->p2 & 7) {
    case NEXT:
        return current < n ? current + 1 : around ? 1 : 0;
    case PREVIOUS:
        return current == 0 ? n : current > 1 ? current - 1 : around ? n : 0;
    default: {
        unsigned number = a->p1 ? a->p1 : current;
        return number <= n ? number : 0;
    }
    }
}

/* Which record of which file; 0 or a status word. */
static unsigned place(struct uicc *u, const struct uicc_channel *c, const struct apdu *a, uint8_t mode,
                      struct saip_file **f, unsigned *number)
{
    struct uicc_want want = { .by_sfi = a->p2 >> 3, .sfi = a->p2 >> 3, .types = TYPES_RECORDS, .mode = mode };
    unsigned way = a->p2 & 7;
    if (way != NEXT && way != PREVIOUS && way != ABSOLUTE)
        return SW_WRONG_P1P2;
    unsigned sw = uicc_reach(u, c, want, a, f);
    if (sw)
        return sw;
    *number = number_of(*f, *f == c->ef ? c->record : 0, a);
    return *number ? 0 : SW_RECORD_NOT_FOUND;
}

/* Next and previous move the pointer, the other modes leave it (11.1.5.1). */
static void reached(struct uicc_channel *c, struct saip_file *f, const struct apdu *a, unsigned number)
{
    uicc_use(c, f);
    if ((a->p2 & 7) != ABSOLUTE)
        c->record = (uint16_t)number;
}

unsigned uicc_read_record(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    struct saip_file *f;
    unsigned number;
    if (a->data.n)
        return SW_WRONG_LENGTH;
    unsigned sw = place(u, c, a, ACCESS_READ, &f, &number);
    if (sw)
        return sw;
    if (a->le && a->le != 256 && a->le != f->record_length)
        return SW_WRONG_LE | (f->record_length & 0xFF);
    reached(c, f, a, number);
    buf_add(out, uicc_record(f, number));
    return SW_OK;
}

/* A cyclic file takes the new record as number 1; the oldest falls out (8.2.2.3).  One change of the whole body. */
static unsigned cyclic_put(struct uicc *u, struct uicc_channel *c, struct saip_file *f, struct bytes record,
                           struct arena *arena)
{
    struct buf body = buf_in(arena);
    buf_add(&body, record);
    buf_add(&body, bytes_make(f->body, f->size - f->record_length));
    struct bytes all = buf_bytes(&body);
    if (!all.p || uicc_write(u, f, 0, all) != 0)
        return SW_MEMORY;
    uicc_use(c, f);
    c->record = 1;
    return SW_OK;
}

unsigned uicc_update_record(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    struct saip_file *f;
    unsigned number, sw = place(u, c, a, ACCESS_UPDATE, &f, &number);
    if (sw)
        return sw;
    if (f->type == SAIP_CYCLIC && (a->p2 & 7) != PREVIOUS)
        return SW_WRONG_P1P2; /* the only mode there (11.1.6.1) */
    if (a->data.n != f->record_length)
        return SW_WRONG_LENGTH;
    if (f->type == SAIP_CYCLIC)
        return cyclic_put(u, c, f, a->data, out->arena);
    if (uicc_write(u, f, (size_t)(number - 1) * f->record_length, a->data) != 0)
        return SW_MEMORY;
    reached(c, f, a, number);
    return SW_OK;
}

/* -------------------------------------------------------------------------- INCREASE */

/* Big-endian sum as long as the record; false: it does not fit. */
static bool add(struct bytes record, struct bytes value, uint8_t *sum)
{
    unsigned carry = 0;
    for (size_t i = 0; i < record.n; i++) {
        size_t at = record.n - 1 - i;
        carry += record.p[at] + (i < value.n ? value.p[value.n - 1 - i] : 0u);
        sum[at] = (uint8_t)carry;
        carry >>= 8;
    }
    return !carry;
}

unsigned uicc_increase(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    struct uicc_want want = { .types = 1 << SAIP_CYCLIC }; /* its access rule names the instruction */
    struct saip_file *f;
    if (!uicc_sfi_in_p1(a, &want) || (!want.by_sfi && a->p1) || a->p2)
        return SW_WRONG_P1P2;
    unsigned sw = uicc_reach(u, c, want, a, &f);
    if (sw)
        return sw;
    if (a->data.n == 0 || a->data.n > f->record_length)
        return SW_WRONG_LENGTH;
    uint8_t *sum = arena_alloc(out->arena, f->record_length);
    if (!sum)
        return SW_MEMORY;
    if (!add(uicc_record(f, 1), a->data, sum))
        return SW_MAXIMUM;
    sw = cyclic_put(u, c, f, bytes_make(sum, f->record_length), out->arena);
    if (sw == SW_OK) {
        buf_add(out, bytes_make(sum, f->record_length));
        buf_add(out, a->data);
    }
    return sw;
}
