/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/x509.h"

#include <stdio.h>

#include "base/text.h"

/* ---------------------------------------------------------------------------- times */

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static int64_t days_of(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;
    int64_t era = y / 400, of_era = y - era * 400;
    int64_t day = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + day - 719468;
}

static int64_t digits(struct bytes text, size_t at, size_t n)
{
    int64_t v = 0;
    for (size_t i = at; i < at + n; i++)
        v = v * 10 + (text.p[i] - '0');
    return v;
}

/* The decoder has made sure of the digits. */
int x509_time_read(const struct x509_Time *t, int64_t *out, struct err *e)
{
    bool general = t->which == x509_Time_generalTime;
    struct bytes s = general ? t->generalTime : t->utcTime;
    size_t y = general ? 4 : 2;
    int64_t year = digits(s, 0, y), month = digits(s, y, 2), day = digits(s, y + 2, 2);
    if (!general)
        year += year < 50 ? 2000 : 1900;
    int64_t hour = digits(s, y + 4, 2), minute = digits(s, y + 6, 2), second = digits(s, y + 8, 2);
    if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
        return err_set(e, ERR_VALUE, "RFC 5280 4.1.2.5", "%.*s is no date", (int)s.n, s.p);
    *out = ((days_of(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    return 0;
}

/* Civil date of a count of days since 1970-01-01. */
static void date_of(int64_t days, int64_t *y, int64_t *m, int64_t *d)
{
    days += 719468;
    int64_t era = days / 146097, of_era = days - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t day = of_era - (365 * year + year / 4 - year / 100), month = (5 * day + 2) / 153;
    *d = day - (153 * month + 2) / 5 + 1;
    *m = month < 10 ? month + 3 : month - 9;
    *y = year + era * 400 + (*m <= 2);
}

struct x509_Time x509_time_make(struct arena *a, int64_t seconds)
{
    int64_t y, m, d, rest = seconds % 86400;
    date_of(seconds / 86400, &y, &m, &d);
    bool general = y >= 2050;
    char *text = arena_printf(a, "%0*lld%02lld%02lld%02lld%02lld%02lldZ", general ? 4 : 2,
                              (long long)(general ? y : y % 100), (long long)m, (long long)d,
                              (long long)(rest / 3600), (long long)(rest / 60 % 60), (long long)(rest % 60));
    struct x509_Time t = { .which = general ? x509_Time_generalTime : x509_Time_utcTime };
    if (general)
        t.generalTime = bytes_text(text);
    else
        t.utcTime = bytes_text(text);
    return t;
}

/* ------------------------------------------------------------------------ algorithm */

static const uint8_t ecdsa_with_sha256[] = { 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02 };

bool x509_is_ecdsa_sha256(const struct x509_AlgorithmIdentifier *a)
{
    return bytes_equal(a->algorithm, BYTES_OF(ecdsa_with_sha256)) && !a->parameters.p;
}

struct x509_AlgorithmIdentifier x509_ecdsa_sha256(void)
{
    return (struct x509_AlgorithmIdentifier){ .algorithm = BYTES_OF(ecdsa_with_sha256) };
}

/* -------------------------------------------------------------------------- as text */

int x509_base64_read(struct arena *a, struct bytes text, struct bytes *der, struct err *e)
{
    uint8_t *plain = arena_alloc(a, text.n);
    size_t n = 0;
    if (!plain)
        return err_set(e, ERR_MEMORY, NULL, "the text needs more memory than it may use");
    for (size_t i = 0; i < text.n; i++)
        if (!memchr(" \t\r\n", text.p[i], 4))
            plain[n++] = text.p[i];
    return base64_decode(a, bytes_make(plain, n), der, e);
}

/* Where the line begins that opens or ends a block; absent if there is none. */
static struct bytes line_find(struct bytes text, const char *what, const char *label)
{
    char line[64];
    int n = snprintf(line, sizeof line, "-----%s %s-----", what, label);
    const uint8_t *at = text.n ? memmem(text.p, text.n, line, (size_t)n) : NULL;
    return at ? bytes_make(at, (size_t)n) : BYTES_NONE;
}

int x509_pem_read(struct arena *a, struct bytes text, const char *label, struct bytes *der, struct err *e)
{
    *der = BYTES_NONE;
    struct bytes begin = line_find(text, "BEGIN", label);
    if (!begin.p)
        return 0;
    size_t from = (size_t)(begin.p - text.p) + begin.n;
    struct bytes rest = bytes_slice(text, from, text.n), end = line_find(rest, "END", label);
    if (!end.p)
        return err_set(e, ERR_SYNTAX, "RFC 7468", "the end line of a PEM %s is missing", label);
    return x509_base64_read(a, bytes_slice(rest, 0, (size_t)(end.p - rest.p)), der, e);
}

struct bytes x509_pem_make(struct arena *a, const char *label, struct bytes der)
{
    const char *base64 = base64_encode(a, der);
    struct buf out = buf_in(a);
    buf_printf(&out, "-----BEGIN %s-----\n", label);
    for (size_t n = base64 ? strlen(base64) : 0, at = 0; at < n; at += 64)
        buf_printf(&out, "%.64s\n", base64 + at);
    buf_printf(&out, "-----END %s-----\n", label);
    return buf_bytes(&out);
}
