/* Our own sample package with changes in its text. */
#ifndef RSPKIT_TESTS_SAMPLE_H
#define RSPKIT_TESTS_SAMPLE_H

#include "harness.h"
#include "saip/package.h"

struct sample_edit {
    const char *old, *new;
};

/* The text with `new` in the first place of each `old`, one edit after the other, up to one without `old`.  An `old`
 * that is not there fails the test. */
const char *sample_edited(const char *text, const struct sample_edit *, size_t n);
/* The same of samples/operator.asn1. */
const char *sample_text(const struct sample_edit *, size_t n);
/* The sample with more elements before its end, in value notation. */
const char *sample_with_elements(const char *elements);

/* A text as a package: in DER (absent: a check has failed); or decoded from it, so that each element has its octets. */
struct bytes sample_der(const char *text);
bool sample_decoded(const char *text, struct saip_package *);

#endif
