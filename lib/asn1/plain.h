/* The types without constraints or names, by kind; the generated tables refer to them. */
#ifndef RSPKIT_ASN1_PLAIN_H
#define RSPKIT_ASN1_PLAIN_H

#include "asn1/asn1.h"

extern const struct asn1_type asn1_plain[ASN1_KINDS];

#endif
