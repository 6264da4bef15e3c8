/* The servers that an SM-DP+ calls, as scripts: operators' servers, and an SM-DS that keeps events as SGP.22 5.9 says
 * and answers as it is told. */
#ifndef RSPKIT_TESTS_PEERS_H
#define RSPKIT_TESTS_PEERS_H

#include "steps.h"

enum { LETTERS_MAX = 128, PEER_EVENTS_MAX = 8 };

/* A request that came to one of them, or would have. */
struct letter {
    enum service_peer peer;
    struct bytes host, path, body;
    int64_t at;
};

/* How a server answers. */
struct manner {
    bool lost;            /* nobody hears the answer (with `deaf`: nor was the request heard) */
    bool deaf;            /* the request does nothing */
    int status;           /* HTTP; 0: as the function says */
    unsigned retry_after; /* seconds */
    const char *executed, *subject, *reason; /* SM-DS: functionExecutionStatus */
    const char *body;     /* SM-DS: instead of any */
};

struct peers {
    struct letter letters[LETTERS_MAX];
    int n;
    struct manner operator, smds;
    const char *patient;  /* a host that answers well whatever `operator` says */
    struct {
        struct bytes eid, id;
    } events[PEER_EVENTS_MAX]; /* at the SM-DS */
    int n_events;
    void (*during)(struct world *); /* called once, while an SM-DS is asked */
};

extern struct peers peers;

/* They answer well and know nothing. */
void peers_begin(struct world *);

/* Text of a member of a letter's JSON, read by json-c: "header.functionCallIdentifier"; "" if there is none. */
const char *letter_member(const struct letter *, const char *path);

/* The fault that python's jsonschema finds in a letter, by the standard's schema as transcribed; "" if none, NULL if
 * there is no such program.  Of all letters in one go. */
const char *letters_faults(const struct letter *, int n);

/* An ES2+ request; the HTTP status, and *status if it is 200. */
int peers_es2(struct world *, enum rsp_function, const void *in, void *out, struct rsp_status *status);

#endif
