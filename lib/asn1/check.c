/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/check.h"

int asn1_check_range(const struct asn1_type *type, int64_t value, struct err *e)
{
    if (value >= type->min && value <= type->max)
        return 0;
    return err_set(e, ERR_VALUE, NULL, "%lld is outside %lld..%lld", (long long)value, (long long)type->min,
                   (long long)type->max);
}

int asn1_check_size(const struct asn1_type *type, size_t n, struct err *e)
{
    if (n >= (uint64_t)type->min && n <= (uint64_t)type->max)
        return 0;
    if (type->min == type->max)
        return err_set(e, ERR_VALUE, NULL, "a size of %zu, it must be %lld", n, (long long)type->min);
    if (type->max == INT64_MAX)
        return err_set(e, ERR_VALUE, NULL, "a size of %zu, it must be at least %lld", n, (long long)type->min);
    return err_set(e, ERR_VALUE, NULL, "a size of %zu, it must be %lld to %lld", n, (long long)type->min,
                   (long long)type->max);
}

size_t asn1_bits_trimmed(struct asn1_bits bits)
{
    while (bits.n && !asn1_bit(bits, bits.n - 1))
        bits.n--;
    return bits.n;
}

static bool all_of(struct bytes v, bool (*test)(uint8_t))
{
    for (size_t i = 0; i < v.n; i++)
        if (!test(v.p[i]))
            return false;
    return true;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_printable(uint8_t c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c && strchr(" '()+,-./:=?", c));
}

static bool is_ascii(uint8_t c)
{
    return c < 0x80;
}

static bool oid_valid(struct bytes v)
{
    bool start = true;
    for (size_t i = 0; i < v.n; i++) {
        if (start && v.p[i] == 0x80)
            return false;
        start = !(v.p[i] & 0x80);
    }
    return v.n && v.n <= 64 && start;
}

static bool time_valid(struct bytes v, size_t digits)
{
    return v.n == digits + 1 && v.p[digits] == 'Z' && all_of(bytes_slice(v, 0, digits), is_digit);
}

int asn1_check_octets(const struct asn1_type *type, struct bytes value, struct err *e)
{
    size_t n = value.n;
    switch (type->kind) {
    case ASN1_OID:
        return oid_valid(value) ? 0 : err_set(e, ERR_SYNTAX, "X.690 8.19", "not an object identifier");
    case ASN1_UTF8:
        if (!utf8_valid(value))
            return err_set(e, ERR_SYNTAX, "X.690 8.23", "%s is not UTF-8", type->name);
        n = utf8_length(value);
        break;
    case ASN1_PRINTABLE:
        if (!all_of(value, is_printable))
            return err_set(e, ERR_SYNTAX, "X.680 41.4", "a character that PrintableString lacks");
        break;
    case ASN1_IA5:
        if (!all_of(value, is_ascii))
            return err_set(e, ERR_SYNTAX, "X.680 41.1", "a character outside ASCII");
        break;
    case ASN1_UTCTIME:
        return time_valid(value, 12) ? 0 : err_set(e, ERR_SYNTAX, "RFC 5280 4.1.2.5.1", "not YYMMDDhhmmssZ");
    case ASN1_GENTIME:
        return time_valid(value, 14) ? 0 : err_set(e, ERR_SYNTAX, "RFC 5280 4.1.2.5.2", "not YYYYMMDDhhmmssZ");
    default:
        break;
    }
    return asn1_check_size(type, n, e);
}
