/* Between a reader and a card: what commands and answers look like under a transmission protocol (ISO/IEC 7816-3 10
 * to 12, TS 102 221 6.3, 7.3).
 *
 * Under T=0 a command of case 4 comes without Le, or with one that is not looked at: its answer is fetched by GET
 * RESPONSE after 61xx.  A command of case 2 whose Le is not what there is to give is answered 6Cxx, and gives its
 * answer when it comes again with that Le.  Under T=1 and where nothing is fixed, Le is heeded in the command itself,
 * and what is longer than Le or 256 octets goes on with 61xx.  Extended lengths are refused: 6700.
 */
#ifndef RSPKIT_EUICC_TRANSPORT_H
#define RSPKIT_EUICC_TRANSPORT_H

#include "euicc/card.h"

enum transport_protocol { TRANSPORT_ANY, TRANSPORT_T0, TRANSPORT_T1 };

struct transport {
    struct euicc *card;
    enum transport_protocol protocol;
    /* T=0: an answer that waits for its command to come again */
    uint8_t header[4], held[258];
    size_t n_held; /* 0: none */
};

/* "t0", "t1", "any". */
int transport_protocol_parse(const char *text, enum transport_protocol *, struct err *);

/* Answer to reset, valid for good: an eUICC with the protocols named. */
struct bytes transport_atr(enum transport_protocol);

/* The card and what waits in between, as after RST. */
void transport_reset(struct transport *);

/* One command as a reader hands it over; the response (data and status word) is in the arena. */
void transport_apdu(struct transport *, struct arena *, struct bytes command, struct bytes *response);

#endif
