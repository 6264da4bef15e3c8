/* SIGINT and SIGTERM as the wish to stop a loop that waits.
 *
 * They arrive only while it waits, in ppoll or epoll_pwait with `waiting` as the mask, so that none is missed between a
 * look at stop_asked and the wait behind it. */
#ifndef RSPKIT_BASE_STOP_H
#define RSPKIT_BASE_STOP_H

#include <signal.h>
#include <stdbool.h>

void stop_begin(sigset_t *waiting);
bool stop_asked(void);
/* From here on they arrive at any time again. */
void stop_end(const sigset_t *waiting);

#endif
