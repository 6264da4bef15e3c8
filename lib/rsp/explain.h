/* Messages as a person reads them: who speaks to whom, interface and function, one line on what it protects
 * against, and the content in value notation.  Lines have `width` columns at most, as far as texts allow; what
 * comes from others cannot command the terminal; keys and codes are left out.
 */
#ifndef RSPKIT_RSP_EXPLAIN_H
#define RSPKIT_RSP_EXPLAIN_H

#include "asn1/asn1.h"
#include "rsp/function.h"

/* "== FROM -> TO  FUNCTION" and "-- protects: ..".  `function` with its interface: "ES10b.GetRAT". */
void explain_head(struct buf *out, const char *from, const char *to, const char *function, bool answer, size_t width);

/* What the function's request, or its answer, protects against; NULL if the table has no such function. */
const char *explain_lesson(const char *function, bool answer);

void explain_value(struct buf *out, const struct asn1_type *, const void *value, size_t width);
/* Hex where it does not decode. */
void explain_der(struct buf *out, const struct asn1_type *, struct bytes der, size_t width);

/* JSON of a function: as the ASN.1 binding's value where it has one and the answer is no refusal, else member by
 * member; as it stands where it is no JSON. */
void explain_json(struct buf *out, enum rsp_function, bool answer, struct bytes body, size_t width);

#endif
