/* The keys of a PE-AKAParameter (TCA profile package 8.4.2) as lib/crypto has them. */
#ifndef RSPKIT_SAIP_AKA_H
#define RSPKIT_SAIP_AKA_H

#include "crypto/aka.h"
#include "saip/package.h"

/* ERR_VALUE: a size or value that the algorithm does not have; ERR_UNSUPPORTED: an algorithm that there is not, or
 * sizes of TUAK that TS 33.102 has no room for (RES of 32, MAC of 16 or 32, CK and IK of 32 octets).
 *
 * algorithmOptions: the package format's table is not public to us; this one is that of cards which follow it, and fits
 * TS.48, whose 02 is told to mean a RES of 128 bits.  Bits 1 to 3 are the size of RES (0: 32 bits, 1: 64, 2: 128,
 * 3: 256), with TUAK bits 4 to 6 that of MAC (0: 64 bits, 1: 128, 2: 256) and bit 7 that of CK and IK (0: 128 bits,
 * 1: 256).  Milenage ignores it: RES is 64 bits.  authCounterMax is not counted. */
int saip_aka_key(const struct saip_AlgoParameter *, struct aka_key *, struct err *);

#endif
