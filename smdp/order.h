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
    EV_REJECTED,  /* CancelSession with a reason that ends the order */
    EV_POSTPONED, /* CancelSession postponed, timeout */
    ORDER_EVENTS
};

const char *order_state_name(enum order_state);
const char *order_event_name(enum order_event);

/* The state after an event, or -1: then *refusal is the code of lib/rsp/refusal.h. */
int order_step(enum order_state from, enum order_event, int *refusal);

#endif
