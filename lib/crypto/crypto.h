/* The library context that every operation of lib/crypto uses, and randomness.
 * All functions may be called from many threads. */
#ifndef RSPKIT_CRYPTO_CRYPTO_H
#define RSPKIT_CRYPTO_CRYPTO_H

#include "base/bytes.h"
#include "base/err.h"

/* Octets of cryptographic quality.  ERR_CRYPTO if the system has none. */
int crypto_random(uint8_t *out, size_t n, struct err *);

/* A cryptographic operation could not be done: names it and OpenSSL's own reason. */
int crypto_failed(struct err *, const char *operation);

#endif
