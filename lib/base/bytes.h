/* Borrowed octets: a pointer and a length, owning nothing.
 *
 * `p == NULL` means "absent"; an empty value that is present has a non-NULL
 * pointer.  Every layer passes octets this way.
 */
#ifndef RSPKIT_BASE_BYTES_H
#define RSPKIT_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
    const uint8_t *p;
    size_t n;
};

#define BYTES_NONE ((struct bytes){ NULL, 0 })
/* The octets of an array, or of a string literal without its NUL. */
#define BYTES_OF(array) ((struct bytes){ (const uint8_t *)(array), sizeof(array) })
#define BYTES_LIT(text) ((struct bytes){ (const uint8_t *)(text), sizeof(text) - 1 })

static inline struct bytes bytes_make(const void *p, size_t n)
{
    return (struct bytes){ p, n };
}

static inline struct bytes bytes_text(const char *s)
{
    return (struct bytes){ (const uint8_t *)s, s ? strlen(s) : 0 };
}

static inline bool bytes_present(struct bytes b)
{
    return b.p != NULL;
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* As bytes_equal, in a time that depends on the lengths only. */
bool bytes_equal_secret(struct bytes a, struct bytes b);

/* ASCII case-insensitive equality (host names, hex text). */
bool bytes_equal_nocase(struct bytes a, struct bytes b);

/* Octets [from, from+n), clamped to what exists. */
struct bytes bytes_slice(struct bytes b, size_t from, size_t n);

/* Overwrites memory so that the compiler may not leave it out. */
void bytes_wipe(void *p, size_t n);

#endif
