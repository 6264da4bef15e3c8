/* Functions of other servers, asked over mutual TLS: at once, or by the outbox. */
#ifndef RSPKIT_SERVER_ASK_H
#define RSPKIT_SERVER_ASK_H

#include "server/outbox.h"
#include "server/service.h"

/* A request of ours in JSON; the octets of `id` name the call. */
int ask_request(struct op *, enum rsp_function, const uint8_t id[OUTBOX_ID_OCTETS], const void *in,
                struct bytes *body);
/* Into the batch, to be sent later; `subject`: text, for people. */
int ask_later(struct op *, int64_t topic, struct bytes lane, struct bytes subject, enum rsp_function, const void *in);
/* A POST now.  -1: nobody answered, or only with a wish to be called again later (HTTP 408, 429, 502, 503, 504). */
int ask_post(struct op *, const struct service_call *, struct service_answer *);
/* The error of an HTTP status that the function does not have; -1. */
int ask_odd(struct op *, const struct service_call *, const struct service_answer *);

/* What came of a function of an SM-DS (ES12, ES15). */
struct asked {
    int refusal;         /* 0: done; RSP_SMDS_UNREACHABLE, RSP_SMDS_FAILED where it said nothing that can be read */
    bool known;          /* the SM-DS said so; otherwise it may have done it all the same */
    int64_t retry_after; /* seconds, 0: not told */
};

/* Sends a request that is there, or makes it from `in` first. */
struct asked ask_smds(struct op *, enum rsp_function, struct bytes smds, struct bytes body);
struct asked ask_smds_now(struct op *, enum rsp_function, struct bytes smds, const void *in);

#endif
