/* One tag-length-value, cut from octets.  For what has no schema (BPP segments,
 * card templates) and for the decoder itself. */
#ifndef RSPKIT_ASN1_TLV_H
#define RSPKIT_ASN1_TLV_H

#include "asn1/asn1.h"

struct tlv {
    uint32_t tag;       /* identifier octets as a number: 0x30, 0x5F37, 0xBF21 */
    struct bytes value; /* content octets */
    struct bytes whole; /* with tag and length */
};


/* Reads the next TLV.  Identifiers of one to three octets; definite lengths up to
 * 2^32-1, minimal ones only in STRICT mode. */
int tlv_next(struct cursor *, enum asn1_mode, struct tlv *out, struct err *);

/* The tag at the cursor without moving it, 0 at the end or if malformed. */
uint32_t tlv_peek(const struct cursor *);

/* The first TLV with this tag among the concatenated ones, or value absent. */
struct tlv tlv_find(struct bytes concatenation, uint32_t tag);

/* Identifier and length octets in front of `length` octets of content. */
void tlv_header(struct buf *out, uint32_t tag, size_t length);
void tlv_add(struct buf *out, uint32_t tag, struct bytes value);

#endif
