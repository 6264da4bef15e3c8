/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct arena *a = arena_new(32 << 20);
    fuzz_demand(oracle_wire(a, oracle_type(data[0], data[1]), bytes_make(data + 2, size - 2)));
    arena_free(a);
    return 0;
}
