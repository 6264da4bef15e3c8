/* SPDX-License-Identifier: Apache-2.0
 *
 * The control socket of a running card, beside its own: what it is to do wrong from now on. */
#ifndef RSPKIT_EUICC_CONTROL_H
#define RSPKIT_EUICC_CONTROL_H

#include "euicc/misbehave.h"

/* CARD-SOCKET.control; NULL without memory. */
const char *control_path(struct arena *, const char *card_socket);

/* One request that waits at the listener: a frame of text, answered by a frame that begins with '+' or '-'. */
void control_serve(int listener, struct misbehave *);

/* Asks a running card; `what` as misbehave_add takes it, or NULL for what is in force.  Its answer goes to `out`. */
int control_ask(struct arena *, const char *card_socket, const char *what, struct bytes *out, struct err *);

#endif
