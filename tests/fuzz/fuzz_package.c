/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "saip/image.h"

/* What decodes strictly encodes to the same octets, and installing it never breaks anything. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(64 << 20);
    struct saip_package p;
    struct bytes der = bytes_make(data, size), again;
    if (saip_decode(a, der, ASN1_STRICT, &p, NULL) == 0) {
        struct saip_image *image = arena_alloc(a, sizeof *image);
        struct saip_result *result = arena_alloc(a, sizeof *result);
        if (saip_encode(a, &p, &again, NULL) == 0 && !bytes_equal(der, again))
            fuzz_demand("the package encodes to other octets");
        if (image && result)
            saip_install(a, &p, image, result);
    }
    arena_free(a);
    return 0;
}
