/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

#include <pthread.h>

#include <openssl/err.h>
#include <openssl/rand.h>

#include "crypto/openssl.h"

static struct {
    OSSL_LIB_CTX *context;
    EVP_MD *sha256, *sha1;
    EVP_CIPHER *cbc, *ecb, *ctr, *gcm;
    EVP_MAC *cmac;
} fetched;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fetch(void)
{
    OSSL_LIB_CTX *c = fetched.context = OSSL_LIB_CTX_new();
    fetched.sha256 = EVP_MD_fetch(c, "SHA256", NULL);
    fetched.sha1 = EVP_MD_fetch(c, "SHA1", NULL);
    fetched.cbc = EVP_CIPHER_fetch(c, "AES-128-CBC", NULL);
    fetched.ecb = EVP_CIPHER_fetch(c, "AES-128-ECB", NULL);
    fetched.ctr = EVP_CIPHER_fetch(c, "AES-128-CTR", NULL);
    fetched.gcm = EVP_CIPHER_fetch(c, "AES-256-GCM", NULL);
    fetched.cmac = EVP_MAC_fetch(c, "CMAC", NULL);
}

#define FETCHED(type, function, member) \
    type function(void)                 \
    {                                   \
        pthread_once(&once, fetch);     \
        return fetched.member;          \
    }

FETCHED(OSSL_LIB_CTX *, crypto_context, context)
FETCHED(const EVP_MD *, crypto_sha256, sha256)
FETCHED(const EVP_MD *, crypto_sha1, sha1)
FETCHED(const EVP_CIPHER *, crypto_aes128_cbc, cbc)
FETCHED(const EVP_CIPHER *, crypto_aes128_ecb, ecb)
FETCHED(const EVP_CIPHER *, crypto_aes128_ctr, ctr)
FETCHED(const EVP_CIPHER *, crypto_aes256_gcm, gcm)
FETCHED(EVP_MAC *, crypto_cmac, cmac)

int crypto_random(uint8_t *out, size_t n, struct err *e)
{
    return RAND_bytes_ex(crypto_context(), out, n, 256) == 1 ? 0 : crypto_failed(e, "random octets");
}

int crypto_failed(struct err *e, const char *operation)
{
    char reason[120] = "no reason given";
    unsigned long code = ERR_get_error();
    if (code)
        ERR_error_string_n(code, reason, sizeof reason);
    ERR_clear_error();
    return err_set(e, ERR_CRYPTO, NULL, "%s failed: %s", operation, reason);
}
