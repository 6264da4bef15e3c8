/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

int err_set(struct err *e, int code, const char *clause, const char *format, ...)
{
    if (!e)
        return -1;
    e->code = code;
    e->clause = clause;
    e->where[0] = '\0';
    va_list ap;
    va_start(ap, format);
    vsnprintf(e->what, sizeof e->what, format, ap);
    va_end(ap);
    return -1;
}

int err_at(struct err *e, const char *format, ...)
{
    if (!e || e->where[0] != '\0')
        return -1;
    va_list ap;
    va_start(ap, format);
    vsnprintf(e->where, sizeof e->where, format, ap);
    va_end(ap);
    return -1;
}

int err_within(struct err *e, const char *format, ...)
{
    if (!e)
        return -1;
    char inner[sizeof e->where];
    memcpy(inner, e->where, sizeof inner);
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(e->where, sizeof e->where, format, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n < sizeof e->where && inner[0] != '\0')
        snprintf(e->where + n, sizeof e->where - (size_t)n, ": %s", inner);
    return -1;
}

int err_next(struct err *e, const char *format, ...)
{
    static const char mark[] = "; next: ";
    size_t n = e ? strlen(e->what) : 0;
    if (!e || strstr(e->what, mark) || n + sizeof mark >= sizeof e->what)
        return -1;
    memcpy(e->what + n, mark, sizeof mark);
    n += sizeof mark - 1;
    va_list ap;
    va_start(ap, format);
    vsnprintf(e->what + n, sizeof e->what - n, format, ap);
    va_end(ap);
    return -1;
}

const char *err_text(const struct err *e, char *out, size_t size)
{
    snprintf(out, size, "%s%s%s%s%s%s", e->where, e->where[0] ? ": " : "", e->what,
             e->clause ? " [" : "", e->clause ? e->clause : "", e->clause ? "]" : "");
    out[text_make_plain(out, strlen(out))] = '\0';
    return out;
}
