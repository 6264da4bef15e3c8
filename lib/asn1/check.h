/* Constraints that every interpreter holds a value to.  Each fills the error
 * without its place. */
#ifndef RSPKIT_ASN1_CHECK_H
#define RSPKIT_ASN1_CHECK_H

#include "asn1/asn1.h"

/* The value of an INTEGER against its range. */
int asn1_check_range(const struct asn1_type *, int64_t value, struct err *);
/* A count of octets, characters, bits or elements against the SIZE. */
int asn1_check_size(const struct asn1_type *, size_t n, struct err *);
/* Size and characters of OCTETS, OID, strings and times. */
int asn1_check_octets(const struct asn1_type *, struct bytes value, struct err *);

/* True if a member of a SEQUENCE has a value. */
bool asn1_present(const struct asn1_field *, const void *parent);

/* Fills a member with its DEFAULT value. */
int asn1_preset(struct arena *, const struct asn1_field *, void *parent, struct err *);

/* True if a DEFAULT member has its default value. */
int asn1_is_preset(struct arena *, const struct asn1_field *, const void *parent, bool *same, struct err *);

/* Bits without the zero bits at the end. */
size_t asn1_bits_trimmed(struct asn1_bits);

#endif
