/* Memory with one lifetime: what is allocated together is freed together.
 *
 * The limit given at the start is the memory limit of the work done in the
 * arena (a request, a session, a command).  Memory is zeroed when given out
 * and wiped before it goes back, since it may have held secrets.
 */
#ifndef RSPKIT_BASE_ARENA_H
#define RSPKIT_BASE_ARENA_H

#include "base/bytes.h"

struct arena;

/* `limit`: octets that may be in use at once.  NULL without memory. */
struct arena *arena_new(size_t limit);
void arena_free(struct arena *);

/* Frees everything allocated and keeps the arena. */
void arena_reset(struct arena *);

/* Zeroed memory aligned for any type; NULL when the limit is reached or the
 * system has none.  A size of 0 gives a valid unique pointer. */
void *arena_alloc(struct arena *, size_t size);
/* As arena_alloc(count * size), refusing an overflow. */
void *arena_array(struct arena *, size_t count, size_t size);

/* Copies; `.p == NULL` when there is no memory (or `b` is absent). */
struct bytes arena_copy(struct arena *, struct bytes b);
/* A NUL-terminated copy of the octets as text; NULL without memory. */
char *arena_text(struct arena *, struct bytes b);
char *arena_printf(struct arena *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Octets in use now, and the most there ever were. */
size_t arena_used(const struct arena *);
size_t arena_peak(const struct arena *);

#endif
