/* The order of a profile at the SM-DP+: SGP.22 3.1.6, Table 6b, as data.  What the table lacks
 * is refused. */
#ifndef RSPKIT_SMDP_ORDER_H
#define RSPKIT_SMDP_ORDER_H

#include <stddef.h>

enum order_state {
    ORDER_AVAILABLE,
    ORDER_ALLOCATED,
    ORDER_LINKED,
    ORDER_CONFIRMED,
    ORDER_RELEASED,
    ORDER_DOWNLOADED,
    ORDER_INSTALLED,
    ORDER_ERROR,
    ORDER_UNAVAILABLE,
    ORDER_STATES
};

enum order_event {
    EV_ORDER,            /* ES2+.DownloadOrder without EID */
    EV_ORDER_EID,        /* with EID */
    EV_CONFIRM,          /* ES2+.ConfirmOrder, releaseFlag false */
    EV_CONFIRM_RELEASE,  /* releaseFlag true */
    EV_RELEASE,          /* ES2+.ReleaseProfile */
    EV_CANCEL_AVAILABLE, /* ES2+.CancelOrder */
    EV_CANCEL_UNAVAILABLE,
    EV_AUTHENTICATED, /* the order was found for a card */
    EV_BOUND,         /* a BPP was made */
    EV_PIR_OK,
    EV_PIR_TEMPORARY, /* errorReason 10 or 11 */
    EV_PIR_PERMANENT,
    EV_INELIGIBLE,
    EV_CC_EXHAUSTED,
    EV_ATTEMPTS_EXHAUSTED,
    EV_REBINDING_REFUSED, /* another otPK, and the profile type forbids a second binding */
    EV_REJECTED,  /* CancelSession with a reason that ends the order */
    EV_POSTPONED, /* CancelSession postponed, timeout */
    EV_REARMED,   /* administration: downloads and codes are counted anew */
    ORDER_EVENTS
};

/* What an event causes beside the new state. */
enum order_effect {
    EFFECT_END = 1,  /* the order is over: no card waits for it, the stored BPP goes, the SM-DS forgets the event */
    EFFECT_FREE = 2, /* nothing of the order stays with the profile */
    EFFECT_TELL = 4, /* HandleDownloadProgressInfo, at the event's point */
};

const char *order_state_name(enum order_state);
const char *order_event_name(enum order_event);

/* The state after an event, with its effects, or -1: then *refusal is the code of lib/rsp/refusal.h. */
struct order_next {
    int to;
    int refusal;
    unsigned effects; /* of enum order_effect */
};
struct order_next order_step(enum order_state from, enum order_event);

/* The point of ES2+.HandleDownloadProgressInfo that an event belongs to (SGP.22 5.3.5), 0: the one that the session has
 * reached. */
int order_point(enum order_event);

#endif
