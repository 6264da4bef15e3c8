/* Authentication and key agreement of 3GPP, both sides: Milenage (TS 35.206), TUAK (TS 35.231), the XOR test
 * algorithm (TS 34.108 8.1.2), AUTN and AUTS (TS 33.102 6.3).  What sequence numbers are
 * accepted is the card's policy and not decided here.
 */
#ifndef RSPKIT_CRYPTO_AKA_H
#define RSPKIT_CRYPTO_AKA_H

#include "base/bytes.h"
#include "base/err.h"

enum aka_algorithm { AKA_MILENAGE = 1, AKA_TUAK = 2, AKA_XOR = 3 }; /* as SAIP numbers them */

enum { AKA_KEY_MAX = 32, AKA_OUT_MAX = 32 };

struct aka_key {
    enum aka_algorithm algorithm;
    uint8_t k_octets; /* 16, TUAK also 32 */
    uint8_t k[AKA_KEY_MAX];
    uint8_t opc[32];  /* OPc (16 octets) of Milenage, TOPc (32) of TUAK */
    uint8_t r[5];     /* Milenage: rotations in bits */
    uint8_t c[5][16]; /* Milenage: constants */
    uint8_t keccaks;  /* TUAK: iterations of Keccak-f[1600], from 1 (TS 35.231 7.2) */
    /* sizes in octets; what TUAK can: RES 4, 8, 16, 32; MAC 8, 16, 32; CK and IK 16, 32.  XOR: RES 4..16; Milenage:
     * RES 4..8.  TS 33.102 6.3 carries RES of 4 to 16, MAC of 8, CK and IK of 16 octets. */
    uint8_t res_octets, mac_octets, ck_octets, ik_octets;
};

/* A key with the standard's constants, one iteration; RES of 8 octets (XOR: of 16), MAC of 8, CK and IK of 16.
 * ERR_UNSUPPORTED: no such algorithm; ERR_VALUE: K or OPc (of XOR: ignored) of another length than the algorithm's. */
int aka_key_init(struct aka_key *, enum aka_algorithm, struct bytes k, struct bytes opc, struct err *);

/* OPc = E(OP) xor OP. */
int aka_opc(const uint8_t k[16], const uint8_t op[16], uint8_t opc[16], struct err *);
/* TOPc of TOP and K (16 or 32 octets), so many iterations: TS 35.231 6.1. */
int aka_topc(struct bytes k, const uint8_t top[32], uint8_t keccaks, uint8_t topc[32], struct err *);

struct aka_vector {
    uint8_t res[AKA_OUT_MAX], ck[AKA_OUT_MAX], ik[AKA_OUT_MAX]; /* zeros behind their size */
    uint8_t res_octets, ck_octets, ik_octets;
    uint8_t ak[6];  /* f5 */
    uint8_t aks[6]; /* f5* */
};

/* f2, f3, f4, f5, f5* of a challenge. */
int aka_vector(const struct aka_key *, const uint8_t rand[16], struct aka_vector *out, struct err *);

/* f1 (MAC-A) and f1* (MAC-S), mac_octets each. */
int aka_mac(const struct aka_key *, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2],
            uint8_t mac_a[AKA_OUT_MAX], uint8_t mac_s[AKA_OUT_MAX], struct err *);

/* AUTN and AUTS have room for a MAC of 8 octets: with another size, ERR_UNSUPPORTED. */

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

/* GSM: SRES (4) and Kc (8) by the conversions c2 and c3 of TS 33.102 6.8.1.2; of RES, CK, IK the first 16 octets. */
void aka_gsm(const struct aka_vector *, uint8_t sres[4], uint8_t kc[8]);

#endif
