/* Cards in readers, through PC/SC (libpcsclite). */
#ifndef RSPKIT_LPA_PCSC_H
#define RSPKIT_LPA_PCSC_H

#include "base/arena.h"
#include "base/err.h"

enum { PCSC_READERS_MAX = 32 };

struct pcsc_reader {
    const char *name;
    bool card; /* one is in it */
};

struct pcsc {
    long context, card; /* of libpcsclite; 0: none */
    unsigned long protocol;
};

/* Errors of all functions: ERR_IO with a sentence. */
int pcsc_start(struct pcsc *, struct err *);
void pcsc_end(struct pcsc *);

/* Names are in the arena. */
int pcsc_list(struct pcsc *, struct arena *, struct pcsc_reader out[PCSC_READERS_MAX], size_t *n, struct err *);

/* The card is ours alone until pcsc_disconnect. */
int pcsc_connect(struct pcsc *, const char *reader, struct err *);
/* `reset`: the card begins anew, as after a change of profiles (SGP.22 3.2.1). */
void pcsc_disconnect(struct pcsc *, bool reset);

/* One APDU and its answer.  Under T=0 a command of case 4 goes without its Le, as that protocol wants it. */
int pcsc_transmit(struct pcsc *, struct arena *, struct bytes command, struct bytes *response, struct err *);

#endif
