/* Text as cards keep it, turned into UTF-8.  Total: what has no meaning becomes "?".  */
#ifndef RSPKIT_SAIP_ALPHABET_H
#define RSPKIT_SAIP_ALPHABET_H

#include "base/buf.h"

/* An alpha identifier (TS 102 221 Annex A): the default alphabet an octet a character, or UCS2 in one of three forms;
 * up to the padding of FF. */
void alphabet_identifier(struct buf *out, struct bytes);
/* Septets of the default alphabet (TS 23.038 6.1.2.1.1), packed; `spare` bits at the end are none of them. */
void alphabet_packed(struct buf *out, struct bytes, unsigned spare);
/* UCS2, big endian. */
void alphabet_ucs2(struct buf *out, struct bytes);

#endif
