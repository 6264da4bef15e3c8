/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHUNK_LEAST = 512, CHUNK = 16 * 1024, ALIGN = _Alignof(max_align_t) };

struct chunk {
    struct chunk *next;
    size_t size, used;
    _Alignas(max_align_t) uint8_t data[];
};

struct arena {
    struct chunk *chunks; /* the newest first */
    size_t limit, used, peak;
};

struct arena *arena_new(size_t limit)
{
    struct arena *a = calloc(1, sizeof *a);
    if (a)
        a->limit = limit;
    return a;
}

void arena_reset(struct arena *a)
{
    while (a->chunks) {
        struct chunk *c = a->chunks;
        a->chunks = c->next;
        bytes_wipe(c->data, c->used);
        free(c);
    }
    a->used = 0;
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    arena_reset(a);
    free(a);
}

/* As large as what is in use already, within bounds: a small arena stays small, a large one has few chunks. */
static struct chunk *chunk_add(struct arena *a, size_t size)
{
    size_t n = a->used < CHUNK_LEAST ? CHUNK_LEAST : a->used < CHUNK ? a->used : CHUNK;
    n = size > n ? size : n;
    struct chunk *c = calloc(1, sizeof *c + n);
    if (!c)
        return NULL;
    c->size = n;
    c->next = a->chunks;
    a->chunks = c;
    return c;
}

void *arena_alloc(struct arena *a, size_t size)
{
    if (size > a->limit)
        return NULL;
    size_t n = (size ? size + ALIGN - 1 : ALIGN) & ~(size_t)(ALIGN - 1);
    if (n > a->limit - a->used)
        return NULL;
    struct chunk *c = a->chunks;
    if (!c || n > c->size - c->used)
        c = chunk_add(a, n);
    if (!c)
        return NULL;
    void *p = c->data + c->used;
    c->used += n;
    a->used += n;
    if (a->used > a->peak)
        a->peak = a->used;
    return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    return arena_alloc(a, count * size);
}

struct bytes arena_copy(struct arena *a, struct bytes b)
{
    if (!b.p)
        return BYTES_NONE;
    uint8_t *p = arena_alloc(a, b.n);
    if (!p)
        return BYTES_NONE;
    if (b.n)
        memcpy(p, b.p, b.n);
    return bytes_make(p, b.n);
}

char *arena_text(struct arena *a, struct bytes b)
{
    char *s = arena_alloc(a, b.n + 1);
    if (s && b.n)
        memcpy(s, b.p, b.n);
    return s;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    char *s = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
    if (!s)
        return NULL;
    va_start(ap, format);
    vsnprintf(s, (size_t)n + 1, format, ap);
    va_end(ap);
    return s;
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}

size_t arena_peak(const struct arena *a)
{
    return a->peak;
}
