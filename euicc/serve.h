/* A card that runs: in a virtual reader, on a local socket, or both, until SIGINT or SIGTERM. */
#ifndef RSPKIT_EUICC_SERVE_H
#define RSPKIT_EUICC_SERVE_H

#include "euicc/misbehave.h"
#include "euicc/vpcd.h"

struct serve_places {
    const char *socket;              /* NULL: none */
    const struct vpcd_address *vpcd; /* NULL: none */
    const char *control;             /* beside the socket: what the card is to do wrong */
    struct misbehave *misbehave;
    /* After a power cut on request: the card of the transport is another one now. */
    int (*power_again)(void *context, struct transport *, struct err *);
    void *context;
};

/* Says on standard output where the card is found ("ready card=PATH", "ready vpcd=HOST:PORT").  A reader that is not
 * there yet or any more is waited for; the card has no power meanwhile.  -1 if a place cannot be had. */
int serve(struct transport *, const struct serve_places *, struct err *);

#endif
