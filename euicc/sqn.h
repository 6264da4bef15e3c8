/* Sequence numbers of a USIM or ISIM: TS 33.102 6.3.3 and Annex C.2.
 *
 * SQN has 48 bits: SEQ (43), IND (5), the slot of an array of 32 in which SEQ_MS of the last accepted one stands.
 * sqnOptions of the package (TCA profile package 8.4.2), whose table is not public to us: 02 the protection against
 * wrap-around (C.2.1, sqnDelta), which TS.48 is told to have; 04 the age limit (C.2.2, sqnAgeLimit), by the order of
 * the fields; other bits mean nothing here.  Without a bit its check is not made; that of the slot always is.
 */
#ifndef RSPKIT_EUICC_SQN_H
#define RSPKIT_EUICC_SQN_H

#include "saip/image.h"

enum { SQN_IND_BITS = 5, SQN_SLOTS = 1 << SQN_IND_BITS };

enum sqn_verdict {
    SQN_FRESH,
    SQN_TOO_FAR, /* C.2.1: SEQ - SEQ_MS > delta */
    SQN_TOO_OLD, /* C.2.2: SEQ_MS - SEQ >= L */
    SQN_USED,    /* C.2.2: SEQ <= SEQ_MS(IND) */
};
/* By the limits of the NAA and the array that counts for it (which may be that of another NAA, by a mapping). */
enum sqn_verdict sqn_judge(const struct saip_aka *, const uint8_t seq[SQN_SLOTS][6], uint64_t sqn);

/* SQN_MS: the highest that was ever accepted, anywhere in the array; 0 if none was. */
uint64_t sqn_ms(const uint8_t seq[SQN_SLOTS][6]);

/* 48 bits, most significant octet first. */
uint64_t sqn_number(const uint8_t octets[6]);
void sqn_octets(uint64_t, uint8_t out[6]);

#endif
