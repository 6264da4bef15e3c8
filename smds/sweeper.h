/* A thread that removes stale events as they become so (smds_expire), a few at a time. */
#ifndef RSPKIT_SMDS_SWEEPER_H
#define RSPKIT_SMDS_SWEEPER_H

#include "smds/smds.h"

enum { SWEEP_PAUSE = 60 /* seconds between looks */ };

struct sweeper;

/* `note`: told of what could not be done. */
int sweeper_open(struct smds *, struct sweeper **, struct err *);
void sweeper_close(struct sweeper *); /* NULL is fine */

#endif
