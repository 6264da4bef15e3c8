/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/decoders.h"

bool saip_content_empty(struct bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] != 0xFF)
            return false;
    return true;
}

bool saip_digits(struct buf *out, struct bytes b)
{
    bool ended = false;
    for (size_t i = 0; i < 2 * b.n; i++) {
        unsigned digit = i % 2 ? b.p[i / 2] >> 4 : b.p[i / 2] & 15u;
        if (digit != 15 && (digit > 9 || ended))
            return false;
        ended = ended || digit == 15;
        if (!ended)
            buf_u8(out, '0' + digit);
    }
    return true;
}

void words_comma(struct buf *out)
{
    buf_text(out, out->n ? ", " : "");
}

void words_item(struct buf *out)
{
    buf_text(out, out->n ? "\n" : "");
}

bool words_plmn(struct buf *out, struct bytes b)
{
    static const uint8_t half[] = { 0, 1, 2, 4, 5, 3 };
    for (size_t i = 0; i < sizeof half; i++) {
        unsigned digit = b.n == 3 ? (half[i] % 2 ? b.p[half[i] / 2] >> 4 : b.p[half[i] / 2] & 15u) : 14;
        if (i == 3)
            buf_u8(out, '-');
        if (i == 5 && digit == 15)
            return true;
        if (digit > 9 && digit != 13)
            return false;
        buf_u8(out, digit == 13 ? '*' : '0' + digit);
    }
    return true;
}

void words_quoted(struct buf *out, void (*alphabet)(struct buf *, struct bytes), struct bytes text)
{
    struct buf inner = buf_in(out->arena);
    alphabet(&inner, text);
    if (inner.n == 0)
        return;
    buf_u8(out, '"');
    buf_add(out, buf_bytes(&inner));
    buf_u8(out, '"');
}

void words_bits(struct buf *out, unsigned value, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (names[i] && (value >> i & 1)) {
            words_comma(out);
            buf_text(out, names[i]);
            value &= ~(1u << i);
        }
    if (value) {
        words_comma(out);
        buf_printf(out, "reserved bits %02X", value);
    }
}

bool words_list(struct buf *out, struct bytes b, size_t size, bool (*one)(struct buf *, struct bytes))
{
    size_t n = 0;
    if (b.n % size)
        return false;
    for (size_t at = 0; at < b.n; at += size) {
        struct bytes each = bytes_slice(b, at, size);
        if (saip_content_empty(bytes_slice(each, 0, 3)))
            continue;
        buf_text(out, n++ ? "\n" : "");
        if (!one(out, each))
            return false;
    }
    if (n == 0)
        buf_text(out, "empty");
    return true;
}

void words_number(struct buf *out, uint8_t type, struct bytes b)
{
    static const char digits[] = "0123456789*#p?e";
    if ((type >> 4 & 7) == 1)
        buf_u8(out, '+');
    for (size_t i = 0; i < 2 * b.n; i++) {
        unsigned digit = i % 2 ? b.p[i / 2] >> 4 : b.p[i / 2] & 15u;
        if (digit == 15)
            return;
        buf_u8(out, (uint8_t)digits[digit]);
    }
}
