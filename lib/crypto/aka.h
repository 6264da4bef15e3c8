/* Authentication and key agreement of 3GPP, both sides: Milenage (TS 35.206), the XOR test
 * algorithm (TS 34.108 8.1.2), AUTN and AUTS (TS 33.102 6.3).  What sequence numbers are
 * accepted is the card's policy and not decided here.
 */
#ifndef RSPKIT_CRYPTO_AKA_H
#define RSPKIT_CRYPTO_AKA_H

#include "base/bytes.h"
#include "base/err.h"

enum aka_algorithm { AKA_MILENAGE = 1, AKA_TUAK = 2, AKA_XOR = 3 }; /* as SAIP numbers them */

struct aka_key {
    enum aka_algorithm algorithm; /* AKA_TUAK is refused with ERR_UNSUPPORTED */
    uint8_t k[16], opc[16];
    uint8_t r[5];     /* rotations in bits */
    uint8_t c[5][16]; /* constants */
    uint8_t res_octets; /* XOR: 4..16; Milenage: 8 (or 4, cut) */
};

/* Standard constants of Milenage, RES of 8 octets (XOR: of 16). */
void aka_key_init(struct aka_key *, enum aka_algorithm, const uint8_t k[16], const uint8_t opc[16]);

/* OPc = E(OP) xor OP. */
int aka_opc(const uint8_t k[16], const uint8_t op[16], uint8_t opc[16], struct err *);

struct aka_vector {
    uint8_t res[16];
    size_t res_octets;
    uint8_t ck[16], ik[16];
    uint8_t ak[6];  /* f5 */
    uint8_t aks[6]; /* f5* */
};

/* f2, f3, f4, f5, f5* of a challenge. */
int aka_vector(const struct aka_key *, const uint8_t rand[16], struct aka_vector *out, struct err *);

/* f1 (MAC-A) and f1* (MAC-S). */
int aka_mac(const struct aka_key *, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2],
            uint8_t mac_a[8], uint8_t mac_s[8], struct err *);

/* AUTN = (SQN xor AK) || AMF || MAC-A: the network's side. */
int aka_autn(const struct aka_key *, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2],
             uint8_t autn[16], struct err *);
/* The card's side: the SQN inside, or ERR_VERIFY if MAC-A is wrong. */
int aka_autn_open(const struct aka_key *, const uint8_t rand[16], const uint8_t autn[16], uint8_t sqn[6],
                  struct err *);

/* AUTS = (SQNms xor AK*) || MAC-S with AMF 0000: the card's side. */
int aka_auts(const struct aka_key *, const uint8_t rand[16], const uint8_t sqn_ms[6], uint8_t auts[14], struct err *);
/* The network's side: SQNms, or ERR_VERIFY if MAC-S is wrong. */
int aka_auts_open(const struct aka_key *, const uint8_t rand[16], const uint8_t auts[14], uint8_t sqn_ms[6],
                  struct err *);

/* GSM: SRES (4) and Kc (8) by the conversions c2 and c3 of TS 33.102 6.8.1.2. */
void aka_gsm(const struct aka_vector *, uint8_t sres[4], uint8_t kc[8]);

#endif
