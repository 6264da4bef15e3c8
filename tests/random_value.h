/* Random values of any ASN.1 type, made by walking its table: what encoders, decoders, printers
 * and parsers must carry through unchanged. */
#ifndef RSPKIT_TESTS_RANDOM_VALUE_H
#define RSPKIT_TESTS_RANDOM_VALUE_H

#include "asn1/asn1.h"

/* The same seed gives the same value. */
void random_value(struct arena *, const struct asn1_type *, uint64_t *seed, void *out);

#endif
