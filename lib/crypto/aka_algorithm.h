/* What an algorithm set is to lib/crypto/aka.c, and nobody else. */
#ifndef RSPKIT_CRYPTO_AKA_ALGORITHM_H
#define RSPKIT_CRYPTO_AKA_ALGORITHM_H

#include "crypto/aka.h"

struct aka_functions {
    const char *clause;
    size_t k[2]; /* sizes that K may have, in octets; 0: no second one */
    size_t opc;  /* size of OPc or TOPc; 0: there is none */
    uint8_t res; /* the usual size of RES */
    /* f2 to f5*; the sizes are set already, the rest is zero */
    int (*vector)(const struct aka_key *, const uint8_t rand[16], struct aka_vector *, struct err *);
    int (*mac)(const struct aka_key *, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2],
               uint8_t mac_a[AKA_OUT_MAX], uint8_t mac_s[AKA_OUT_MAX], struct err *);
};

extern const struct aka_functions aka_milenage, aka_tuak, aka_xor;

/* out = a xor b; out may be either. */
static inline void aka_add(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = a[i] ^ b[i];
}

/* Rotation of 16 octets to the left by bits. */
void aka_rotate(uint8_t out[16], const uint8_t in[16], unsigned bits);

#endif
