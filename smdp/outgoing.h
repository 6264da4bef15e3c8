/* Inside smdp/: calls to others.  progress.c tells operators, es12.c tells SM-DS. */
#ifndef RSPKIT_SMDP_OUTGOING_H
#define RSPKIT_SMDP_OUTGOING_H

#include "smdp/core.h"

/* What a message of the outbox is; its lane is the operator's (progress_lane) or the SM-DS's address. */
enum topic { TOPIC_PROGRESS, TOPIC_DELETE_EVENT, TOPIC_UNREGISTER };

/* A request of ours in JSON; the octets of `id` name the call. */
int outgoing_request(struct op *, enum rsp_function, const uint8_t id[OUTBOX_ID_OCTETS], const void *in,
                     struct bytes *body);
/* Into the batch, to be sent later. */
int outgoing_later(struct op *, enum topic, struct bytes lane, struct bytes iccid, enum rsp_function, const void *in);
/* A POST now.  -1: nobody answered, or only with a wish to be called again later (HTTP 408, 429, 502, 503, 504). */
int outgoing_post(struct op *, const struct smdp_call *, struct smdp_answer *);
/* The error of an HTTP status that the function does not have; -1. */
int outgoing_odd(struct op *, const struct smdp_call *, const struct smdp_answer *);

/* Sends a message of the outbox. */
enum outbox_outcome progress_send(struct op *, const struct outbox_message *, int64_t *retry_after);
enum outbox_outcome es12_send(struct op *, const struct outbox_message *, int64_t *retry_after);

#endif
