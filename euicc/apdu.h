/* Command and response APDUs (ISO/IEC 7816-4 5.1, short lengths). */
#ifndef RSPKIT_EUICC_APDU_H
#define RSPKIT_EUICC_APDU_H

#include "base/buf.h"

struct apdu {
    uint8_t cla, ins, p1, p2;
    struct bytes data; /* absent in cases 1 and 2 */
    int le;            /* 1..256, or 0 if none was given */
};

/* -1 if the octets are no APDU (then the answer is 6700). */
int apdu_parse(struct bytes command, struct apdu *out);

/* Logical channel of a class byte: 0..3 from 0x, 8x; 4..19 from 4x, Cx (7816-4 5.4.1). */
unsigned apdu_channel(uint8_t cla);

/* 0, or why no command of this class is taken: 6E00 there is no such class (2x, 3x, Ax, Bx, FF: TS 102 221 10.1.1),
 * 6882 secure messaging, 6884 command chaining. */
unsigned apdu_class(uint8_t cla);

/* Status words used in more than one place. */
enum {
    SW_OK = 0x9000,
    SW_PROACTIVE = 0x9100,
    SW_CAT_BUSY = 0x9300,
    SW_END_REACHED = 0x6282,    /* here: nothing was found */
    SW_DEACTIVATED = 0x6283,
    SW_MORE_AVAILABLE = 0x62F1, /* 62F2, 63F2: and a proactive command waits */
    SW_MORE_EXPECTED = 0x63F1,
    SW_TRIES_LEFT = 0x63C0,
    SW_WRONG_LENGTH = 0x6700,
    SW_CHANNEL_UNSUPPORTED = 0x6881,
    SW_NO_SECURE_MESSAGING = 0x6882,
    SW_NO_CHAINING = 0x6884,
    SW_NO_EF_SELECTED = 0x6986,
    SW_WRONG_STRUCTURE = 0x6981,
    SW_SECURITY = 0x6982,
    SW_BLOCKED = 0x6983,
    SW_DATA_INVALIDATED = 0x6984,
    SW_CONDITIONS = 0x6985,
    SW_BAD_DATA = 0x6A80,
    SW_NOT_SUPPORTED = 0x6A81,
    SW_NOT_FOUND = 0x6A82,
    SW_RECORD_NOT_FOUND = 0x6A83,
    SW_NO_MEMORY = 0x6A84,
    SW_WRONG_P1P2 = 0x6A86,
    SW_REFERENCE_NOT_FOUND = 0x6A88,
    SW_WRONG_OFFSET = 0x6B00,
    SW_WRONG_LE = 0x6C00,
    SW_WRONG_INS = 0x6D00,
    SW_WRONG_CLA = 0x6E00,
    SW_MORE = 0x6100,
    SW_MEMORY = 0x6581, /* a change could not be made durable */
    SW_INTERNAL = 0x6F00,
    SW_MAXIMUM = 0x9850,
    SW_AUTH_MAC = 0x9862,
    SW_AUTH_CONTEXT = 0x9864,
};

#endif
