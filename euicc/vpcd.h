/* The card in a virtual reader: the protocol of vsmartcard's vpcd, a driver of pcscd.  The card connects to it; each
 * message has its length in front (base/frame.h).  One octet is a control, anything longer an APDU. */
#ifndef RSPKIT_EUICC_VPCD_H
#define RSPKIT_EUICC_VPCD_H

#include "euicc/transport.h"

enum { VPCD_PORT = 35963 };

enum vpcd_control { VPCD_OFF = 0, VPCD_ON = 1, VPCD_RESET = 2, VPCD_ATR = 4 };

struct vpcd_address {
    char host[64], port[6];
};

/* HOST:PORT, HOST or :PORT; what is left out is 127.0.0.1 and 35963. */
int vpcd_parse(const char *text, struct vpcd_address *, struct err *);

/* -1 with ERR_IO if nobody listens there. */
int vpcd_connect(const struct vpcd_address *, int *fd, struct err *);

/* What the reader sent; `answer` stays absent where none is due. */
void vpcd_message(struct transport *, struct arena *, struct bytes message, struct bytes *answer);

/* One message of a connection answered; false: the reader has gone. */
bool vpcd_serve(struct transport *, int fd);

#endif
