/* AES: single blocks, CBC, CTR, CMAC with 128-bit keys; GCM with 256-bit keys for data at rest. */
#ifndef RSPKIT_CRYPTO_CIPHER_H
#define RSPKIT_CRYPTO_CIPHER_H

#include "base/bytes.h"
#include "base/err.h"

enum { AES_BLOCK = 16, GCM_KEY = 32, GCM_NONCE = 12, GCM_TAG = 16 };

int aes_block(const uint8_t key[16], const uint8_t in[16], uint8_t out[16], struct err *);

/* CBC without padding: `in.n` is a multiple of 16, `out` has as many octets (may be in.p). */
int aes_cbc_encrypt(const uint8_t key[16], const uint8_t iv[16], struct bytes in, uint8_t *out, struct err *);
int aes_cbc_decrypt(const uint8_t key[16], const uint8_t iv[16], struct bytes in, uint8_t *out, struct err *);

/* CTR from an initial counter block, all of whose 128 bits count; the same both ways. */
int aes_ctr(const uint8_t key[16], const uint8_t counter[16], struct bytes in, uint8_t *out, struct err *);

/* AES-CMAC (RFC 4493) over parts. */
int aes_cmac(const uint8_t key[16], const struct bytes *parts, size_t n, uint8_t out[16], struct err *);

/* AES-256-GCM: out = nonce(12) || ciphertext || tag(16), so in.n + 28 octets. */
int gcm_seal(const uint8_t key[32], struct bytes associated, struct bytes in, uint8_t *out, struct err *);
/* ERR_VERIFY if the octets or `associated` are not those that were sealed; out: in.n - 28. */
int gcm_open(const uint8_t key[32], struct bytes associated, struct bytes in, uint8_t *out, struct err *);

#endif
