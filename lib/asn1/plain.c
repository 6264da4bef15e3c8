/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/plain.h"

#define PLAIN(kind, text, tag, ctype, low) \
    [kind] = { text, kind, tag, sizeof(ctype), low, INT64_MAX, NULL, 0, NULL, NULL, 0 }

const struct asn1_type asn1_plain[ASN1_KINDS] = {
    PLAIN(ASN1_BOOLEAN, "BOOLEAN", 0x01, bool, 0),
    PLAIN(ASN1_INTEGER, "INTEGER", 0x02, int64_t, INT64_MIN),
    PLAIN(ASN1_BIGINT, "INTEGER", 0x02, struct bytes, 0),
    PLAIN(ASN1_NULL, "NULL", 0x05, bool, 0),
    PLAIN(ASN1_OCTETS, "OCTET STRING", 0x04, struct bytes, 0),
    PLAIN(ASN1_BITS, "BIT STRING", 0x03, struct asn1_bits, 0),
    PLAIN(ASN1_OID, "OBJECT IDENTIFIER", 0x06, struct bytes, 0),
    PLAIN(ASN1_UTF8, "UTF8String", 0x0C, struct bytes, 0),
    PLAIN(ASN1_PRINTABLE, "PrintableString", 0x13, struct bytes, 0),
    PLAIN(ASN1_IA5, "IA5String", 0x16, struct bytes, 0),
    PLAIN(ASN1_UTCTIME, "UTCTime", 0x17, struct bytes, 0),
    PLAIN(ASN1_GENTIME, "GeneralizedTime", 0x18, struct bytes, 0),
    PLAIN(ASN1_ANY, "ANY", 0, struct bytes, 0),
};

const char *asn1_name_of(const struct asn1_type *type, int64_t value)
{
    for (size_t i = 0; i < type->n_names; i++)
        if (type->names[i].value == value)
            return type->names[i].name;
    return NULL;
}
