/* Digests over one or more parts. */
#ifndef RSPKIT_CRYPTO_HASH_H
#define RSPKIT_CRYPTO_HASH_H

#include "base/bytes.h"

enum { SHA256_OCTETS = 32, SHA1_OCTETS = 20 };

void sha256(const struct bytes *parts, size_t n, uint8_t out[SHA256_OCTETS]);
/* Only for key identifiers (RFC 5280 4.2.1.2). */
void sha1(struct bytes data, uint8_t out[SHA1_OCTETS]);

void hmac_sha256(struct bytes key, struct bytes data, uint8_t out[SHA256_OCTETS]);

/* ANSI X9.63 key derivation with SHA-256 (SGP.22 2.6.7): `out_size` octets from the
 * shared secret and the shared info, given in parts. */
enum { KDF_PARTS_MAX = 6 };
void kdf_x963(struct bytes secret, const struct bytes *info, size_t n_info, uint8_t *out, size_t out_size);

#endif
