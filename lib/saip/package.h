/* A profile package (UPP): profile elements one after the other, in DER or in value
 * notation ("value1 ProfileElement ::= header : {..}").  TCA eUICC Profile Package 2.x, 3.x. */
#ifndef RSPKIT_SAIP_PACKAGE_H
#define RSPKIT_SAIP_PACKAGE_H

#include "schema/saip.h"

struct saip_package {
    size_t n;
    struct saip_ProfileElement *items; /* `raw` of each: its octets, when decoded */
};

/* STRICT: only what encodes again to the same octets.  err.where names the element. */
int saip_decode(struct arena *, struct bytes der, enum asn1_mode, struct saip_package *, struct err *);
int saip_encode(struct arena *, const struct saip_package *, struct bytes *der, struct err *);

/* Packages whose header says major-version 2 are written in the 2.x module's spelling. */
void saip_print(struct buf *out, const struct saip_package *, bool hide_secrets);
int saip_parse(struct arena *, struct bytes text, struct saip_package *, struct err *);

/* Name of an element's kind as the standard has it: "usim", "genericFileManagement". */
const char *saip_kind_name(const struct saip_ProfileElement *);

/* The element's header (PEHeader), NULL for the profile header and unknown kinds. */
const struct saip_PEHeader *saip_header_of(const struct saip_ProfileElement *);

/* The templateID of an element that makes files by one; absent for the others. */
struct bytes saip_template_of(const struct saip_ProfileElement *);

#endif
