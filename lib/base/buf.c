/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

/* Room for n more octets and a NUL. */
static uint8_t *reserve(struct buf *b, size_t n)
{
    if (b->failed)
        return NULL;
    if (b->p && n < b->size - b->n)
        return b->p + b->n;
    size_t size = (b->size ? b->size * 2 : 64);
    while (size - b->n <= n)
        size *= 2;
    uint8_t *p = arena_alloc(b->arena, size);
    if (!p) {
        b->failed = true;
        return NULL;
    }
    if (b->n)
        memcpy(p, b->p, b->n);
    b->p = p;
    b->size = size;
    return p + b->n;
}

void buf_add(struct buf *b, struct bytes add)
{
    uint8_t *p = reserve(b, add.n);
    if (!p || !add.n)
        return;
    memcpy(p, add.p, add.n);
    b->n += add.n;
}

static void add_number(struct buf *b, uint64_t value, size_t n)
{
    uint8_t octets[8];
    for (size_t i = 0; i < n; i++)
        octets[i] = (uint8_t)(value >> 8 * (n - 1 - i));
    buf_add(b, bytes_make(octets, n));
}

void buf_u8(struct buf *b, unsigned value)
{
    add_number(b, value, 1);
}

void buf_u16(struct buf *b, unsigned value)
{
    add_number(b, value, 2);
}

void buf_u32(struct buf *b, uint32_t value)
{
    add_number(b, value, 4);
}

void buf_text(struct buf *b, const char *text)
{
    buf_add(b, bytes_text(text));
}

void buf_fill(struct buf *b, uint8_t value, size_t count)
{
    uint8_t *p = reserve(b, count);
    if (!p)
        return;
    memset(p, value, count);
    b->n += count;
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    uint8_t *p = n < 0 ? NULL : reserve(b, (size_t)n);
    if (!p)
        return;
    va_start(ap, format);
    vsnprintf((char *)p, (size_t)n + 1, format, ap);
    va_end(ap);
    b->n += (size_t)n;
}

struct bytes buf_bytes(struct buf *b)
{
    return reserve(b, 0) ? bytes_make(b->p, b->n) : BYTES_NONE;
}

const char *buf_str(struct buf *b)
{
    uint8_t *p = reserve(b, 0);
    if (!p)
        return NULL;
    *p = '\0';
    return (const char *)b->p;
}
