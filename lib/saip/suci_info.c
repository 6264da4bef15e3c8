/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/suci_info.h"

#include "asn1/tlv.h"

enum { TAG_SCHEMES = 0xA0, TAG_KEYS = 0xA1, TAG_ID = 0x80, TAG_KEY = 0x81, UNUSED = 0xFF };

static const char CODING[] = "TS 31.102 4.4.11.8", CHOICE[] = "TCA profile package 12.2";

static int schemes_read(struct bytes list, struct suci_info *out, struct err *e)
{
    struct cursor c = cursor_over(list);
    if (list.n == 0 || list.n % 2)
        return err_set(e, ERR_SYNTAX, CODING, "a list of schemes of %zu octets, not two for each", list.n);
    while (!cursor_done(&c)) {
        if (out->n_schemes == SUCI_INFO_SCHEMES_MAX)
            return err_set(e, ERR_LIMIT, CODING, "more than %d protection schemes", SUCI_INFO_SCHEMES_MAX);
        out->schemes[out->n_schemes].scheme = cursor_u8(&c);
        out->schemes[out->n_schemes++].key = cursor_u8(&c);
    }
    return 0;
}

static int key_read(struct cursor *c, struct suci_key *out, struct err *e)
{
    struct tlv id, key;
    if (tlv_next(c, ASN1_WIRE, &id, e) != 0 || tlv_next(c, ASN1_WIRE, &key, e) != 0)
        return -1;
    if (id.tag != TAG_ID || id.value.n != 1 || key.tag != TAG_KEY || key.value.n == 0)
        return err_set(e, ERR_SYNTAX, CODING, "a public key is not an identifier (80, one octet) and the key (81)");
    *out = (struct suci_key){ id.value.p[0], key.value };
    return 0;
}

static int keys_read(struct bytes list, struct suci_info *out, struct err *e)
{
    struct cursor c = cursor_over(list);
    while (!cursor_done(&c)) {
        if (out->n_keys == SUCI_INFO_KEYS_MAX)
            return err_set(e, ERR_LIMIT, CODING, "more than %d public keys", SUCI_INFO_KEYS_MAX);
        if (key_read(&c, &out->keys[out->n_keys], e) != 0)
            return -1;
        out->n_keys++;
    }
    return 0;
}

static bool unused(struct bytes rest)
{
    for (size_t i = 0; i < rest.n; i++)
        if (rest.p[i] != UNUSED)
            return false;
    return true;
}

int suci_info_read(struct bytes body, struct suci_info *out, struct err *e)
{
    struct cursor c = cursor_over(body);
    struct tlv t;
    out->n_schemes = out->n_keys = 0;
    if (unused(body))
        return 0;
    if (cursor_peek(&c) != TAG_SCHEMES)
        return err_set(e, ERR_SYNTAX, CODING, "the list of protection schemes (A0) is not at the beginning");
    if (tlv_next(&c, ASN1_WIRE, &t, e) != 0 || schemes_read(t.value, out, e) != 0)
        return -1;
    if (cursor_peek(&c) == TAG_KEYS && (tlv_next(&c, ASN1_WIRE, &t, e) != 0 || keys_read(t.value, out, e) != 0))
        return -1;
    return unused(cursor_rest(&c)) ? 0 : err_set(e, ERR_SYNTAX, CODING, "something other than FF behind the lists");
}

static int key_of(const struct suci_info *info, uint8_t scheme, uint8_t index, struct suci_choice *out, struct err *e)
{
    *out = (struct suci_choice){ .scheme = SUCI_NULL };
    if (scheme == SUCI_NULL || index == 0 || info->n_keys == 0)
        return 0;
    if (index > info->n_keys)
        return err_set(e, ERR_VALUE, CODING, "scheme %u has key %u of %zu", scheme, index, info->n_keys);
    *out = (struct suci_choice){ (enum suci_scheme)scheme, info->keys[index - 1] };
    return 0;
}

int suci_info_choose(const struct suci_info *info, struct suci_choice *out, struct err *e)
{
    for (size_t i = 0; i < info->n_schemes; i++)
        if (info->schemes[i].scheme < SUCI_SCHEMES)
            return key_of(info, info->schemes[i].scheme, info->schemes[i].key, out, e);
    *out = (struct suci_choice){ .scheme = SUCI_NULL };
    return info->n_schemes ? err_set(e, ERR_UNSUPPORTED, CHOICE, "none of the protection schemes is supported") : 0;
}
