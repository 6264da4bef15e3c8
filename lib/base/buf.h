/* Octets or text built front to back, in an arena.  A failed append (no
 * memory) sets `failed` and the later ones do nothing: append many, check once.
 */
#ifndef RSPKIT_BASE_BUF_H
#define RSPKIT_BASE_BUF_H

#include "base/arena.h"

struct buf {
    struct arena *arena;
    uint8_t *p;
    size_t n, size;
    bool failed;
};

static inline struct buf buf_in(struct arena *arena)
{
    return (struct buf){ .arena = arena };
}

void buf_u8(struct buf *b, unsigned value);
void buf_u16(struct buf *b, unsigned value); /* big endian, as all of these */
void buf_u32(struct buf *b, uint32_t value);
void buf_add(struct buf *b, struct bytes add);
void buf_text(struct buf *b, const char *text);
void buf_fill(struct buf *b, uint8_t value, size_t count);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What was built; absent if an append failed, never absent otherwise. */
struct bytes buf_bytes(struct buf *b);
/* The same as NUL-terminated text; NULL if an append failed. */
const char *buf_str(struct buf *b);

#endif
