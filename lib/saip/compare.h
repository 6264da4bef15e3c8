/* What differs between two descriptions.
 *
 * Things are matched by what they are called: files by path, codes and keys by name, modules by AID, NAAs by name;
 * elements by kind in their order, so that one put in between moves none of the others.
 */
#ifndef RSPKIT_SAIP_COMPARE_H
#define RSPKIT_SAIP_COMPARE_H

#include "saip/told.h"

/* A list of objects, none if all is the same; NULL without memory.  Members: "section" ("files"), "of" (which one:
 * "ADF.USIM/6F38 EF.UST"; absent for the profile itself), "change" ("added", "removed" or "changed") and, if changed,
 * "what" ("sfi"), "before" and "after" (absent where there is nothing, or too much, to show; secrets are marked so),
 * and of octets "where" they differ ("octet 3").
 * Descriptions with members (struct saip_subject) tell which of an element's changed. */
const struct saip_told *saip_compare(struct arena *, const struct saip_told *a, const struct saip_told *b,
                                     bool ignore_subscriber);

#endif
