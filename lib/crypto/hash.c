/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hash.h"

#include <stdlib.h>

#include "crypto/openssl.h"

/* A digest over memory can't fail but for want of memory: then nothing can go on. */
static void digest(const EVP_MD *md, const struct bytes *parts, size_t n, uint8_t *out)
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    int ok = c && EVP_DigestInit_ex2(c, md, NULL);
    for (size_t i = 0; ok && i < n; i++)
        ok = EVP_DigestUpdate(c, parts[i].p, parts[i].n);
    ok = ok && EVP_DigestFinal_ex(c, out, NULL);
    EVP_MD_CTX_free(c);
    if (!ok)
        abort();
}

void sha256(const struct bytes *parts, size_t n, uint8_t out[SHA256_OCTETS])
{
    digest(crypto_sha256(), parts, n, out);
}

void sha1(struct bytes data, uint8_t out[SHA1_OCTETS])
{
    digest(crypto_sha1(), &data, 1, out);
}

void hmac_sha256(struct bytes key, struct bytes data, uint8_t out[SHA256_OCTETS])
{
    size_t n = 0;
    if (!EVP_Q_mac(crypto_context(), "HMAC", NULL, "SHA256", NULL, key.p, key.n, data.p, data.n, out, SHA256_OCTETS,
                   &n) ||
        n != SHA256_OCTETS)
        abort();
}

void kdf_x963(struct bytes secret, const struct bytes *info, size_t n_info, uint8_t *out, size_t out_size)
{
    struct bytes parts[2 + KDF_PARTS_MAX] = { secret };
    uint8_t counter[4] = { 0, 0, 0, 0 }, block[SHA256_OCTETS];
    parts[1] = BYTES_OF(counter);
    if (n_info > KDF_PARTS_MAX)
        abort();
    for (size_t i = 0; i < n_info; i++)
        parts[2 + i] = info[i];
    for (size_t done = 0; done < out_size; done += SHA256_OCTETS) {
        uint32_t number = (uint32_t)(done / SHA256_OCTETS) + 1;
        for (int i = 0; i < 4; i++)
            counter[i] = (uint8_t)(number >> (24 - 8 * i));
        sha256(parts, 2 + n_info, block);
        memcpy(out + done, block, out_size - done < sizeof block ? out_size - done : sizeof block);
    }
    bytes_wipe(block, sizeof block);
}
