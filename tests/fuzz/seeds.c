/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes where fuzzers begin: a random value of every type, in DER and in value notation.
 * usage: seeds FOLDER (gets strict/ wire/ notation/) */
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "oracle.h"
#include "random_value.h"

static void put(struct arena *a, const char *folder, const char *kind, int module, int index, struct bytes content)
{
    struct buf whole = buf_in(a);
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, kind);
    mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/%s/%d-%d", folder, kind, module, index);
    buf_u8(&whole, (unsigned)module);
    buf_u8(&whole, (unsigned)index);
    buf_add(&whole, content);
    file_write(path, buf_bytes(&whole), 0644, NULL);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    mkdir(argv[1], 0755);
    for (int module = 0; module < 3; module++)
        for (int index = 0; index < 250 && (index == 0 || oracle_type((uint8_t)module, (uint8_t)index) !=
                                                              oracle_type((uint8_t)module, 0)); index++) {
            const struct asn1_type *t = oracle_type((uint8_t)module, (uint8_t)index);
            struct arena *a = arena_new(16 << 20);
            void *value = arena_alloc(a, t->size);
            uint64_t seed = (uint64_t)(module * 1000 + index);
            struct bytes der;
            struct buf text = buf_in(a);
            if (t->kind != ASN1_ANY) {
                random_value(a, t, &seed, value);
                if (asn1_encode(a, t, value, &der, NULL) == 0) {
                    put(a, argv[1], "strict", module, index, der);
                    put(a, argv[1], "wire", module, index, der);
                    asn1_print(&text, t, value, NULL, 0);
                    put(a, argv[1], "notation", module, index, buf_bytes(&text));
                }
            }
            arena_free(a);
        }
    return 0;
}
