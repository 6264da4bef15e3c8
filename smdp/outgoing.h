/* Inside smdp/: calls to others.  progress.c tells operators, es12.c tells SM-DS. */
#ifndef RSPKIT_SMDP_OUTGOING_H
#define RSPKIT_SMDP_OUTGOING_H

#include "server/ask.h"
#include "smdp/core.h"

/* What a message of the outbox is; its lane is the operator's (progress_lane) or the SM-DS's address. */
enum topic { TOPIC_PROGRESS, TOPIC_DELETE_EVENT, TOPIC_UNREGISTER };

/* Into the batch, to be sent later. */
int outgoing_later(struct op *, enum topic, struct bytes lane, struct bytes iccid, enum rsp_function, const void *in);

/* Sends a message of the outbox. */
enum outbox_outcome progress_send(struct op *, const struct outbox_message *, int64_t *retry_after);
enum outbox_outcome es12_send(struct op *, const struct outbox_message *, int64_t *retry_after);

#endif
