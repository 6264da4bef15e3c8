/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/ids.h"

#include "base/text.h"

static bool all_digits(struct bytes text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
    return text.n > 0;
}

int eid_from_text(struct arena *a, struct bytes text, struct bytes *eid, struct err *e)
{
    if (text.n != EID_DIGITS || !all_digits(text))
        return err_set(e, ERR_VALUE, "SGP.22 4.3", "\"%.*s\" is not an EID (32 digits)", (int)text.n, text.p);
    return hex_decode(a, text, eid, e);
}

const char *eid_text(struct arena *a, struct bytes eid)
{
    return hex_encode(a, eid);
}

static unsigned mod97(const char *digits, size_t n)
{
    unsigned rest = 0;
    for (size_t i = 0; i < n; i++)
        rest = (rest * 10 + (unsigned)(digits[i] - '0')) % 97;
    return rest;
}

bool eid_valid(struct bytes eid)
{
    char digits[EID_DIGITS];
    for (size_t i = 0; i < EID_DIGITS; i++) {
        unsigned nibble = eid.n == EID_OCTETS ? (eid.p[i / 2] >> (i % 2 ? 0 : 4) & 15) : 15;
        if (nibble > 9)
            return false;
        digits[i] = (char)('0' + nibble);
    }
    return mod97(digits, EID_DIGITS) == 1;
}

void eid_complete(const char digits[30], char out[33])
{
    char padded[33] = "";
    memcpy(padded, digits, 30);
    padded[30] = padded[31] = '0';
    unsigned check = 98 - mod97(padded, EID_DIGITS);
    padded[30] = (char)('0' + check / 10);
    padded[31] = (char)('0' + check % 10);
    memcpy(out, padded, sizeof padded);
}

int iccid_from_text(struct arena *a, struct bytes text, struct bytes *iccid, struct err *e)
{
    bool filler = text.n == 20 && (text.p[19] == 'F' || text.p[19] == 'f');
    size_t digits = filler ? 19 : text.n;
    if ((digits != 19 && digits != 20) || !all_digits(bytes_slice(text, 0, digits)))
        return err_set(e, ERR_VALUE, "SGP.22 5.3.1", "\"%.*s\" is not an ICCID (19 or 20 digits)", (int)text.n,
                       text.p);
    uint8_t *out = arena_alloc(a, ICCID_OCTETS);
    if (!out)
        return err_set(e, ERR_MEMORY, NULL, "no memory for an ICCID");
    for (size_t i = 0; i < 20; i++) {
        unsigned nibble = i < digits ? (unsigned)(text.p[i] - '0') : 15u;
        out[i / 2] |= (uint8_t)(nibble << (i % 2 ? 4 : 0));
    }
    *iccid = bytes_make(out, ICCID_OCTETS);
    return 0;
}

const char *iccid_text(struct arena *a, struct bytes iccid)
{
    struct buf out = buf_in(a);
    for (size_t i = 0; i < iccid.n * 2; i++) {
        unsigned nibble = iccid.p[i / 2] >> (i % 2 ? 4 : 0) & 15;
        if (nibble == 15)
            break;
        buf_u8(&out, (unsigned)"0123456789ABCDE?"[nibble]);
    }
    return buf_str(&out);
}

enum { FILLER = 15 };

void tbcd_add(struct buf *out, struct bytes digits, size_t octets)
{
    for (size_t i = 0; i < 2 * octets; i += 2) {
        unsigned low = i < digits.n ? digits.p[i] & 15u : FILLER;
        unsigned high = i + 1 < digits.n ? digits.p[i + 1] & 15u : FILLER;
        buf_u8(out, high << 4 | low);
    }
}

int tbcd_read(struct arena *a, struct bytes in, size_t from, struct bytes *digits, struct err *e)
{
    struct buf out = buf_in(a);
    for (size_t i = from; i < 2 * in.n; i++) {
        unsigned digit = in.p[i / 2] >> (i % 2 ? 4 : 0) & 15;
        bool ended = out.n < i - from;
        if (digit != FILLER && (digit > 9 || ended))
            return err_set(e, ERR_VALUE, "TS 24.008 10.5.4.7", "%X %s", digit,
                           digit > 9 ? "is no digit" : "behind the filler");
        if (digit != FILLER)
            buf_u8(&out, '0' + digit);
    }
    *digits = buf_bytes(&out);
    return digits->p ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for digits");
}

int plmn_from_text(struct arena *a, struct bytes text, struct bytes *plmn, struct err *e)
{
    uint8_t *out = arena_alloc(a, 3);
    if ((text.n != 5 && text.n != 6) || !all_digits(text))
        return err_set(e, ERR_VALUE, "TS 24.008 10.5.1.13", "\"%.*s\" is not MCC and MNC (5 or 6 digits)",
                       (int)text.n, text.p);
    if (!out)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a network code");
    const uint8_t *d = text.p;
    unsigned third = text.n == 6 ? (unsigned)(d[5] - '0') : 15u;
    out[0] = (uint8_t)((d[1] - '0') << 4 | (d[0] - '0'));
    out[1] = (uint8_t)(third << 4 | (d[2] - '0'));
    out[2] = (uint8_t)((d[4] - '0') << 4 | (d[3] - '0'));
    *plmn = bytes_make(out, 3);
    return 0;
}

const char *plmn_text(struct arena *a, struct bytes plmn)
{
    static const char digit[] = "0123456789ABC?E";
    if (plmn.n != 3)
        return "";
    const uint8_t *p = plmn.p;
    unsigned third = p[1] >> 4;
    struct buf out = buf_in(a);
    const unsigned nibbles[5] = { p[0] & 15u, p[0] >> 4, p[1] & 15u, p[2] & 15u, p[2] >> 4 };
    for (size_t i = 0; i < 5; i++)
        buf_u8(&out, (unsigned)digit[nibbles[i] % 15]);
    if (third != 15)
        buf_u8(&out, (unsigned)digit[third]);
    return buf_str(&out);
}

const char *version_text(struct arena *a, struct bytes v)
{
    return v.n == 3 ? arena_printf(a, "%u.%u.%u", v.p[0], v.p[1], v.p[2]) : "?";
}

static bool label_valid(struct bytes label)
{
    for (size_t i = 0; i < label.n; i++) {
        uint8_t c = label.p[i];
        bool word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!word && (c != '-' || i == 0 || i == label.n - 1))
            return false;
    }
    return label.n > 0 && label.n < 64;
}

bool fqdn_valid(struct bytes name, bool port)
{
    const uint8_t *colon = name.n ? memchr(name.p, ':', name.n) : NULL;
    if (colon) {
        uint64_t number;
        size_t at = (size_t)(colon - name.p);
        if (!port || decimal_decode(bytes_slice(name, at + 1, name.n), 65535, &number, NULL) != 0 || !number)
            return false;
        name.n = at;
    }
    size_t labels = 0;
    for (size_t i = 0; i <= name.n; labels++) {
        size_t end = i;
        while (end < name.n && name.p[end] != '.')
            end++;
        if (!label_valid(bytes_slice(name, i, end - i)))
            return false;
        i = end + 1;
    }
    return labels >= 2 && name.n <= 255;
}
