/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cursor.h"

struct bytes cursor_take(struct cursor *c, size_t n)
{
    if (c->failed || n > cursor_left(c)) {
        c->failed = true;
        return BYTES_NONE;
    }
    struct bytes b = bytes_make(c->p, n);
    if (n)
        c->p += n;
    return b;
}

static uint64_t take_number(struct cursor *c, size_t n)
{
    struct bytes b = cursor_take(c, n);
    uint64_t v = 0;
    for (size_t i = 0; b.p && i < n; i++)
        v = v << 8 | b.p[i];
    return v;
}

uint8_t cursor_u8(struct cursor *c)
{
    return (uint8_t)take_number(c, 1);
}

uint16_t cursor_u16(struct cursor *c)
{
    return (uint16_t)take_number(c, 2);
}

uint32_t cursor_u32(struct cursor *c)
{
    return (uint32_t)take_number(c, 4);
}

int cursor_peek(const struct cursor *c)
{
    return c->failed || cursor_done(c) ? -1 : *c->p;
}

struct bytes cursor_rest(struct cursor *c)
{
    return cursor_take(c, cursor_left(c));
}
