/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <time.h>

static const char HEX[] = "0123456789ABCDEF";
static const char B64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void hex_append(struct buf *out, struct bytes b)
{
    for (size_t i = 0; i < b.n; i++) {
        buf_u8(out, (uint8_t)HEX[b.p[i] >> 4]);
        buf_u8(out, (uint8_t)HEX[b.p[i] & 15]);
    }
}

char *hex_encode(struct arena *a, struct bytes b)
{
    struct buf out = buf_in(a);
    hex_append(&out, b);
    return (char *)(uintptr_t)buf_str(&out);
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

int hex_decode(struct arena *a, struct bytes text, struct bytes *out, struct err *e)
{
    if (text.n % 2) {
        err_set(e, ERR_SYNTAX, NULL, "an odd number of hex digits (%zu)", text.n);
        return err_at(e, "character %zu", text.n);
    }
    uint8_t *p = arena_alloc(a, text.n / 2);
    if (!p)
        return err_set(e, ERR_MEMORY, NULL, "no memory for %zu octets", text.n / 2);
    for (size_t i = 0; i < text.n; i += 2) {
        int hi = hex_digit(text.p[i]), lo = hex_digit(text.p[i + 1]);
        if (hi < 0 || lo < 0) {
            err_set(e, ERR_SYNTAX, NULL, "not a hex digit");
            return err_at(e, "character %zu", hi < 0 ? i + 1 : i + 2);
        }
        p[i / 2] = (uint8_t)(hi << 4 | lo);
    }
    *out = bytes_make(p, text.n / 2);
    return 0;
}

enum { BASE64_PIECE = 384 /* octets at a time, a multiple of 3 */ };

static void base64_quad(struct bytes b, char out[4])
{
    uint32_t v = (uint32_t)b.p[0] << 16 | (b.n > 1 ? (uint32_t)b.p[1] << 8 : 0) | (b.n > 2 ? b.p[2] : 0);
    out[0] = B64[v >> 18];
    out[1] = B64[v >> 12 & 63];
    out[2] = b.n > 1 ? B64[v >> 6 & 63] : '=';
    out[3] = b.n > 2 ? B64[v & 63] : '=';
}

void base64_append(struct buf *out, struct bytes b)
{
    char text[BASE64_PIECE / 3 * 4];
    for (; b.n; b = bytes_slice(b, BASE64_PIECE, b.n)) {
        struct bytes piece = bytes_slice(b, 0, BASE64_PIECE);
        size_t n = 0;
        for (size_t i = 0; i < piece.n; i += 3, n += 4)
            base64_quad(bytes_slice(piece, i, 3), text + n);
        buf_add(out, bytes_make(text, n));
    }
}

char *base64_encode(struct arena *a, struct bytes b)
{
    struct buf out = buf_in(a);
    base64_append(&out, b);
    return (char *)(uintptr_t)buf_str(&out);
}

static int base64_digit(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static int base64_bad(struct err *e, size_t at, const char *why)
{
    err_set(e, ERR_SYNTAX, "RFC 4648 4", "%s", why);
    return err_at(e, "character %zu", at + 1);
}

int base64_decode(struct arena *a, struct bytes text, struct bytes *out, struct err *e)
{
    if (text.n % 4)
        return base64_bad(e, text.n, "the length of base64 text is not a multiple of 4");
    size_t pad = 0;
    while (pad < 2 && pad < text.n && text.p[text.n - 1 - pad] == '=')
        pad++;
    size_t n = text.n / 4 * 3 - pad, k = 0;
    uint8_t *p = arena_alloc(a, n);
    if (!p)
        return err_set(e, ERR_MEMORY, NULL, "no memory for %zu octets", n);
    uint32_t bits = 0;
    unsigned have = 0;
    for (size_t i = 0; i < text.n - pad; i++) {
        int d = base64_digit(text.p[i]);
        if (d < 0)
            return base64_bad(e, i, "not a base64 character");
        bits = bits << 6 | (uint32_t)d;
        have += 6;
        if (have >= 8) {
            have -= 8;
            p[k++] = (uint8_t)(bits >> have);
        }
    }
    if (bits & ((1u << have) - 1))
        return base64_bad(e, text.n - pad - 1, "unused bits of base64 text are not zero");
    *out = bytes_make(p, n);
    return 0;
}

int decimal_decode(struct bytes text, uint64_t max, uint64_t *out, struct err *e)
{
    uint64_t v = 0;
    if (text.n == 0)
        return err_set(e, ERR_SYNTAX, NULL, "a number is missing");
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return err_set(e, ERR_SYNTAX, NULL, "\"%.*s\" is not a number", (int)text.n, text.p);
        unsigned d = text.p[i] - '0';
        if (v > (max - d) / 10 || d > max)
            return err_set(e, ERR_LIMIT, NULL, "\"%.*s\" is more than %llu", (int)text.n, text.p,
                           (unsigned long long)max);
        v = v * 10 + d;
    }
    *out = v;
    return 0;
}

/* Length of the character at p and its number, 0 if malformed. */
static size_t utf8_one(const uint8_t *p, size_t left, uint32_t *character)
{
    static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
    *character = *p;
    if (*p < 0x80)
        return *p ? 1 : 0;
    size_t n = *p >= 0xF0 ? 4 : *p >= 0xE0 ? 3 : 2;
    if (*p < 0xC0 || *p > 0xF4 || n > left)
        return 0;
    uint32_t v = *p & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        v = v << 6 | (p[i] & 0x3Fu);
    }
    *character = v;
    return v < least[n] || v > 0x10FFFF || (v >= 0xD800 && v < 0xE000) ? 0 : n;
}

static const struct {
    char letter;
    uint64_t seconds;
} units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };
enum { N_UNITS = sizeof units / sizeof *units };

int duration_decode(struct bytes text, uint64_t max, uint64_t *seconds, struct err *e)
{
    uint64_t unit = 1, n;
    struct bytes digits = text;
    for (size_t i = 0; text.n && i < N_UNITS; i++)
        if (text.p[text.n - 1] == units[i].letter) {
            unit = units[i].seconds;
            digits.n = text.n - 1;
        }
    if (decimal_decode(digits, max / unit, &n, NULL) != 0)
        return err_set(e, ERR_VALUE, NULL, "\"%.*s\" is not a duration such as 90s, 15m, 12h or 7d",
                       text.n < 40 ? (int)text.n : 40, text.p);
    *seconds = n * unit;
    return 0;
}

const char *duration_encode(struct arena *a, uint64_t seconds)
{
    size_t i = 0;
    while (seconds % units[i].seconds)
        i++;
    return arena_printf(a, "%llu%c", (unsigned long long)(seconds / units[i].seconds), seconds ? units[i].letter : 's');
}

const char *date_encode(struct arena *a, int64_t seconds)
{
    struct tm t = { 0 };
    time_t clock = (time_t)seconds;
    gmtime_r(&clock, &t);
    return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour,
                        t.tm_min, t.tm_sec);
}

struct bytes text_word(struct bytes *text, char end)
{
    size_t n = 0;
    while (n < text->n && text->p[n] != (uint8_t)end)
        n++;
    struct bytes w = bytes_slice(*text, 0, n);
    *text = n < text->n ? bytes_slice(*text, n + 1, text->n) : BYTES_NONE;
    return w;
}

bool text_is_among(const char *words, struct bytes word)
{
    for (const char *at = words; *at; at += *at == ' ') {
        size_t n = strcspn(at, " ");
        if (bytes_equal(bytes_make(at, n), word))
            return true;
        at += n;
    }
    return false;
}

bool utf8_valid(struct bytes text)
{
    uint32_t character;
    for (size_t i = 0; i < text.n;) {
        size_t n = utf8_one(text.p + i, text.n - i, &character);
        if (!n)
            return false;
        i += n;
    }
    return true;
}

size_t utf8_length(struct bytes text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += (text.p[i] & 0xC0) != 0x80;
    return n;
}

/* What a terminal obeys instead of showing it, and what turns the direction of writing. */
static bool commands_terminal(uint32_t c)
{
    static const struct { uint32_t first, last; } ranges[] = { { 0, 0x1F }, { 0x7F, 0x9F }, { 0x200E, 0x200F },
                                                               { 0x2028, 0x202E }, { 0x2066, 0x2069 } };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

size_t text_make_plain(char *text, size_t n)
{
    size_t to = 0;
    for (size_t i = 0; i < n;) {
        uint32_t character;
        size_t length = utf8_one((const uint8_t *)text + i, n - i, &character);
        if (length && !commands_terminal(character)) {
            memmove(text + to, text + i, length);
            to += length;
        } else {
            text[to++] = '?';
        }
        i += length ? length : 1;
    }
    return to;
}

const char *text_plain(struct arena *a, struct bytes text)
{
    char *plain = arena_text(a, text);
    if (!plain)
        return "";
    plain[text_make_plain(plain, text.n)] = '\0';
    return plain;
}
