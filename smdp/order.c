/* SPDX-License-Identifier: Apache-2.0 */
#include "smdp/order.h"

#include <stdint.h>

#include "rsp/refusal.h"

static const char *const state_names[ORDER_STATES] = {
    [ORDER_AVAILABLE] = "Available", [ORDER_ALLOCATED] = "Allocated",   [ORDER_LINKED] = "Linked",
    [ORDER_CONFIRMED] = "Confirmed", [ORDER_RELEASED] = "Released",     [ORDER_DOWNLOADED] = "Downloaded",
    [ORDER_INSTALLED] = "Installed", [ORDER_ERROR] = "Error",           [ORDER_UNAVAILABLE] = "Unavailable",
};

static const char *const event_names[ORDER_EVENTS] = {
    [EV_ORDER] = "DownloadOrder",
    [EV_ORDER_EID] = "DownloadOrder with EID",
    [EV_CONFIRM] = "ConfirmOrder",
    [EV_CONFIRM_RELEASE] = "ConfirmOrder and release",
    [EV_RELEASE] = "ReleaseProfile",
    [EV_CANCEL_AVAILABLE] = "CancelOrder to Available",
    [EV_CANCEL_UNAVAILABLE] = "CancelOrder to Unavailable",
    [EV_AUTHENTICATED] = "AuthenticateClient",
    [EV_BOUND] = "GetBoundProfilePackage",
    [EV_PIR_OK] = "installed",
    [EV_PIR_TEMPORARY] = "temporary installation error",
    [EV_PIR_PERMANENT] = "permanent installation error",
    [EV_INELIGIBLE] = "eligibility check failed",
    [EV_CC_EXHAUSTED] = "confirmation codes exhausted",
    [EV_ATTEMPTS_EXHAUSTED] = "download attempts exhausted",
    [EV_REBINDING_REFUSED] = "second binding refused",
    [EV_REJECTED] = "session cancelled for good",
    [EV_POSTPONED] = "session cancelled for now",
    [EV_REARMED] = "armed again",
};

const char *order_state_name(enum order_state s)
{
    return state_names[s];
}

const char *order_event_name(enum order_event e)
{
    return event_names[e];
}

#define S(x) (1u << ORDER_##x)
#define CANCELLABLE (S(ALLOCATED) | S(LINKED) | S(CONFIRMED) | S(RELEASED) | S(ERROR))
#define DOWNLOADABLE (S(RELEASED) | S(DOWNLOADED))
enum { SAME = -2, REFUSED = -1, OVER = EFFECT_END | EFFECT_TELL, CANCELLED = EFFECT_END | EFFECT_FREE };

static const struct row {
    unsigned from;
    enum order_event event;
    int to;
    int refusal;
    unsigned effects;
} rows[] = {
    { S(AVAILABLE), EV_ORDER, ORDER_ALLOCATED, 0, 0 },
    { S(AVAILABLE), EV_ORDER_EID, ORDER_LINKED, 0, 0 },
    { ~0u, EV_ORDER, REFUSED, RSP_PROFILE_IN_USE, 0 },
    { ~0u, EV_ORDER_EID, REFUSED, RSP_PROFILE_IN_USE, 0 },

    { S(ALLOCATED) | S(LINKED), EV_CONFIRM, ORDER_CONFIRMED, 0, 0 },
    { S(ALLOCATED) | S(LINKED), EV_CONFIRM_RELEASE, ORDER_RELEASED, 0, 0 },
    { S(CONFIRMED), EV_RELEASE, ORDER_RELEASED, 0, 0 },
    { S(RELEASED), EV_RELEASE, SAME, 0, 0 }, /* sent again */

    { CANCELLABLE, EV_CANCEL_AVAILABLE, ORDER_AVAILABLE, 0, CANCELLED },
    { CANCELLABLE, EV_CANCEL_UNAVAILABLE, ORDER_UNAVAILABLE, 0, CANCELLED },
    { S(DOWNLOADED) | S(INSTALLED), EV_CANCEL_AVAILABLE, REFUSED, RSP_PROFILE_IN_USE, 0 },
    { S(DOWNLOADED) | S(INSTALLED), EV_CANCEL_UNAVAILABLE, REFUSED, RSP_PROFILE_IN_USE, 0 },

    { DOWNLOADABLE, EV_AUTHENTICATED, SAME, 0, EFFECT_TELL },
    { S(ALLOCATED) | S(LINKED) | S(CONFIRMED), EV_AUTHENTICATED, REFUSED, RSP_NOT_RELEASED, 0 },
    { S(AVAILABLE) | S(INSTALLED) | S(ERROR) | S(UNAVAILABLE), EV_AUTHENTICATED, REFUSED, RSP_MATCHING_ID, 0 },
    { DOWNLOADABLE, EV_BOUND, ORDER_DOWNLOADED, 0, EFFECT_TELL },
    { S(DOWNLOADED), EV_PIR_OK, ORDER_INSTALLED, 0, OVER },
    { S(ERROR), EV_PIR_OK, ORDER_INSTALLED, 0, EFFECT_TELL }, /* late, and nobody else may have the profile now */
    { S(DOWNLOADED), EV_PIR_TEMPORARY, SAME, 0, EFFECT_TELL },
    { S(DOWNLOADED), EV_PIR_PERMANENT, ORDER_ERROR, 0, OVER },
    { DOWNLOADABLE, EV_INELIGIBLE, ORDER_ERROR, 0, OVER },
    { DOWNLOADABLE, EV_CC_EXHAUSTED, ORDER_ERROR, 0, OVER },
    { DOWNLOADABLE, EV_ATTEMPTS_EXHAUSTED, ORDER_ERROR, 0, OVER },
    { S(DOWNLOADED), EV_REBINDING_REFUSED, ORDER_ERROR, 0, OVER },
    { DOWNLOADABLE, EV_REJECTED, ORDER_ERROR, 0, OVER },
    { DOWNLOADABLE, EV_POSTPONED, SAME, 0, 0 },
    { DOWNLOADABLE, EV_REARMED, SAME, 0, 0 },
    { S(ERROR), EV_REARMED, ORDER_RELEASED, 0, 0 },
};

struct order_next order_step(enum order_state from, enum order_event event)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *r = &rows[i];
        if (r->event == event && (r->from >> from & 1))
            return (struct order_next){ r->to == SAME ? (int)from : r->to, r->refusal, r->effects };
    }
    return (struct order_next){ REFUSED, RSP_PROFILE_STATE, 0 };
}

int order_point(enum order_event event)
{
    static const uint8_t points[ORDER_EVENTS] = {
        [EV_AUTHENTICATED] = 1, [EV_INELIGIBLE] = 1, [EV_ATTEMPTS_EXHAUSTED] = 1,
        [EV_CC_EXHAUSTED] = 2,  [EV_BOUND] = 3,      [EV_REBINDING_REFUSED] = 3,
        [EV_PIR_OK] = 4,        [EV_PIR_TEMPORARY] = 4, [EV_PIR_PERMANENT] = 4,
    };
    return points[event];
}
