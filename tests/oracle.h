/* What every parser is held to (design rule 3); used by unit tests and fuzzers.  Each returns NULL
 * or what is wrong. */
#ifndef RSPKIT_TESTS_ORACLE_H
#define RSPKIT_TESTS_ORACLE_H

#include "asn1/asn1.h"

/* The type that two octets of a fuzzer's input choose, of all modules. */
const struct asn1_type *oracle_type(uint8_t module, uint8_t index);

/* STRICT: what decodes encodes again to identical octets. */
const char *oracle_strict(struct arena *, const struct asn1_type *, struct bytes der);
/* WIRE: decode(encode(decode x)) equals decode x. */
const char *oracle_wire(struct arena *, const struct asn1_type *, struct bytes der);
/* Value notation: parse(print(x)) equals x; `text` may be anything. */
const char *oracle_notation(struct arena *, const struct asn1_type *, struct bytes text);
const char *oracle_print(struct arena *, const struct asn1_type *, const void *value);

#endif
