/* An SM-DS for tests, in the test's process: ES11 in both bindings over a list of events, made from the words of SGP.22
 * alone (5.8, 3.6.2).  It verifies cards as an SM-DS must, and can be told to misbehave. */
#ifndef RSPKIT_TESTS_SMDS_DOUBLE_H
#define RSPKIT_TESTS_SMDS_DOUBLE_H

#include "world.h"

/* An event record. */
struct smds_event {
    const char *under; /* told to who asks with this event ID; NULL: to who asks without one */
    const char *event_id, *address;
};

enum { SMDS_EVENTS_MAX = 16 };

struct smds_double {
    const char *address;
    struct smds_event events[SMDS_EVENTS_MAX]; /* ends with the first that has no address */
    size_t times;          /* the list is told so many times over; 0: once */
    enum cert_role shows;  /* whose certificate it shows and whose key it signs with; CERT_CI: CERT.DSauth */
    bool other_key;        /* it signs with another key than the certificate's */
    enum rsp_function refuses; /* this function of ES11 */
    const char *subject, *reason;  /* with this; NULL: nothing is refused */
    bool answers_as_smdp;  /* its AuthenticateClient answers in the form of ES9+ */
    /* notes */
    int begun, asked;      /* calls of the two functions */
    bool with_id;          /* the last AuthenticateClient held a matching ID, which was .. */
    struct bytes id;
    struct rsp_ServerSigned1 session;
};

/* Answers one request; the card is one of the world's. */
void smds_double_handle(struct smds_double *, const struct world *, struct arena *, const struct rsp_request *,
                        struct rsp_response *);

#endif
