/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cert.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(16 << 20);
    struct bytes der, file = bytes_make(data, size);
    struct cert c;
    if (cert_from_file(a, file, &der, NULL) == 0 && cert_parse(a, der, &c, NULL) == 0) {
        struct bytes eid;
        for (int role = 0; role < CERT_ROLES; role++)
            cert_check_role(&c, (enum cert_role)role, NULL);
        cert_verify(&c, &c, NULL);
        cert_check_constraints(&c, &c, NULL);
        cert_eid(a, &c, &eid, NULL);
    }
    arena_free(a);
    return 0;
}
