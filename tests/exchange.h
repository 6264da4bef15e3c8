/* A card asked by one command APDU, as a terminal does: the rest of a long answer is fetched. */
#ifndef RSPKIT_TESTS_EXCHANGE_H
#define RSPKIT_TESTS_EXCHANGE_H

#include "euicc/card.h"

/* SW1 SW2, or 0 from a card without power; *data: all that the card gave, in the test's arena.  GET RESPONSE goes in
 * the class 00 (TS 102 221) or 80 (as some LPAs have it), on the command's channel. */
unsigned exchange(struct euicc *, struct bytes command, unsigned get_class, struct bytes *data);

#endif
