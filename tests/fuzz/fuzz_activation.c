/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "rsp/activation.h"

/* What parses is written as a code that parses to the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(1 << 16);
    struct activation_code c, d;
    struct err e;
    if (activation_code_parse(bytes_make(data, size), false, &c, &e) == 0) {
        const char *text = activation_code_text(a, &c, false);
        if (!text || activation_code_parse(bytes_text(text), false, &d, &e) != 0 ||
            !bytes_equal(c.matching_id, d.matching_id))
            fuzz_demand("the code does not survive writing");
    }
    arena_free(a);
    return 0;
}
