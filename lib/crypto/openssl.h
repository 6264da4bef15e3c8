/* Inside lib/crypto only: algorithms fetched once. */
#ifndef RSPKIT_CRYPTO_OPENSSL_H
#define RSPKIT_CRYPTO_OPENSSL_H

#include <openssl/evp.h>

OSSL_LIB_CTX *crypto_context(void);
const EVP_MD *crypto_sha256(void);
const EVP_MD *crypto_sha1(void);
const EVP_CIPHER *crypto_aes128_cbc(void);
const EVP_CIPHER *crypto_aes128_ecb(void);
const EVP_CIPHER *crypto_aes128_ctr(void);
const EVP_CIPHER *crypto_aes256_gcm(void);
EVP_MAC *crypto_cmac(void);

#endif
