/* A fuzz target: aborts on what must not be. */
#ifndef RSPKIT_TESTS_FUZZ_H
#define RSPKIT_TESTS_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_demand(const char *wrong)
{
    if (wrong) {
        fprintf(stderr, "oracle: %s\n", wrong);
        abort();
    }
}

#endif
