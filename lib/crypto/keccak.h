/* The permutation Keccak-f[1600] (FIPS 202 3.3), bare: TUAK iterates it, and OpenSSL offers it inside SHA-3 only. */
#ifndef RSPKIT_CRYPTO_KECCAK_H
#define RSPKIT_CRYPTO_KECCAK_H

#include <stdint.h>

enum { KECCAK_STATE = 200 };

/* In place; octets are the state's bits as FIPS 202 B.1 orders them. */
void keccak_f1600(uint8_t state[KECCAK_STATE]);

#endif
