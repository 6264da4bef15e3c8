/* SPDX-License-Identifier: Apache-2.0
 *
 * What is freed is wiped, whoever frees it.  Libraries for TLS, HTTP, JSON and the database hold confirmation codes and
 * passwords for a while, and json-c has no hook for what becomes of them: so free and realloc of the C library (glibc)
 * are stood before, in every program that uses lib/base.  Sanitizers bring an allocator of their own. */
#include "base/bytes.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
    !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer) && !__has_feature(memory_sanitizer)

#include <malloc.h>
#include <stdlib.h>

void __libc_free(void *);

void free(void *p)
{
    if (!p)
        return;
    bytes_wipe(p, malloc_usable_size(p));
    __libc_free(p);
}

/* Never in place when it grows, so that no copy is left behind. */
void *realloc(void *p, size_t n)
{
    size_t room = p ? malloc_usable_size(p) : 0;
    if (!p)
        return malloc(n);
    if (n && n <= room)
        return p;
    void *larger = n ? malloc(n) : NULL;
    if (larger)
        memcpy(larger, p, room);
    if (larger || n == 0)
        free(p);
    return larger;
}

#endif
