/* Octet strings over a stream socket, each behind its length as two octets (the
 * framing of vsmartcard's vpcd): how APDUs travel between a reader and a card.
 */
#ifndef RSPKIT_BASE_FRAME_H
#define RSPKIT_BASE_FRAME_H

#include "base/arena.h"
#include "base/err.h"

/* Sends one frame of at most 65535 octets. */
int frame_send(int fd, struct bytes frame, struct err *);

/* Receives one frame into the arena; returns 1 if the other side closed the connection
 * between frames, 0 with a frame, -1 on errors. */
int frame_receive(int fd, struct arena *, struct bytes *frame, struct err *);

/* A local socket: connected to one that listens (else errno says why not), or listening at a new path (mode 0600). */
int frame_connect(const char *path, int *fd, struct err *);
int frame_listen(const char *path, int *fd, struct err *);

#endif
