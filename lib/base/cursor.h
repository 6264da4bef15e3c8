/* Reading octets front to back.  A read past the end sets `failed`, gives
 * zeros or nothing, and every later read does the same: read many, check once.
 */
#ifndef RSPKIT_BASE_CURSOR_H
#define RSPKIT_BASE_CURSOR_H

#include "base/bytes.h"

struct cursor {
    const uint8_t *start, *p, *end;
    bool failed;
};

static inline struct cursor cursor_over(struct bytes b)
{
    return (struct cursor){ b.p, b.p, b.p ? b.p + b.n : NULL, false };
}

static inline size_t cursor_left(const struct cursor *c)
{
    return (size_t)(c->end - c->p);
}

static inline bool cursor_done(const struct cursor *c)
{
    return c->p == c->end;
}

/* Octets read so far. */
static inline size_t cursor_offset(const struct cursor *c)
{
    return (size_t)(c->p - c->start);
}

uint8_t cursor_u8(struct cursor *c);
uint16_t cursor_u16(struct cursor *c); /* big endian, as all of these */
uint32_t cursor_u32(struct cursor *c);
/* The next octet without reading it, or -1 at the end. */
int cursor_peek(const struct cursor *c);
/* The next `n` octets, absent on failure. */
struct bytes cursor_take(struct cursor *c, size_t n);
/* All that is left (may be empty, never absent unless over absent bytes). */
struct bytes cursor_rest(struct cursor *c);

#endif
