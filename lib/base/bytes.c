/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include <strings.h>

bool bytes_equal_secret(struct bytes a, struct bytes b)
{
    if (a.n != b.n)
        return false;
    uint8_t diff = 0;
    for (size_t i = 0; i < a.n; i++)
        diff |= (uint8_t)(a.p[i] ^ b.p[i]);
    return diff == 0;
}

bool bytes_equal_nocase(struct bytes a, struct bytes b)
{
    return a.n == b.n && (a.n == 0 || strncasecmp((const char *)a.p, (const char *)b.p, a.n) == 0);
}

struct bytes bytes_slice(struct bytes b, size_t from, size_t n)
{
    if (from > b.n)
        from = b.n;
    if (n > b.n - from)
        n = b.n - from;
    return (struct bytes){ b.p ? b.p + from : NULL, n };
}

void bytes_wipe(void *p, size_t n)
{
    explicit_bzero(p, n);
}
