/* SPDX-License-Identifier: Apache-2.0 */
#include "smdp/order.h"

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
    [EV_REJECTED] = "session cancelled for good",
    [EV_POSTPONED] = "session cancelled for now",
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
enum { SAME = -2, REFUSED = -1 };

/* from, event, to, refusal */
static const struct row {
    unsigned from;
    enum order_event event;
    int to;
    int refusal;
} rows[] = {
    { S(AVAILABLE), EV_ORDER, ORDER_ALLOCATED, 0 },
    { S(AVAILABLE), EV_ORDER_EID, ORDER_LINKED, 0 },
    { ~0u, EV_ORDER, REFUSED, RSP_PROFILE_IN_USE },
    { ~0u, EV_ORDER_EID, REFUSED, RSP_PROFILE_IN_USE },

    { S(ALLOCATED) | S(LINKED), EV_CONFIRM, ORDER_CONFIRMED, 0 },
    { S(ALLOCATED) | S(LINKED), EV_CONFIRM_RELEASE, ORDER_RELEASED, 0 },
    { S(CONFIRMED), EV_RELEASE, ORDER_RELEASED, 0 },
    { S(RELEASED), EV_RELEASE, SAME, 0 }, /* sent again */

    { S(ALLOCATED) | S(LINKED) | S(CONFIRMED) | S(RELEASED) | S(ERROR), EV_CANCEL_AVAILABLE, ORDER_AVAILABLE, 0 },
    { S(ALLOCATED) | S(LINKED) | S(CONFIRMED) | S(RELEASED) | S(ERROR), EV_CANCEL_UNAVAILABLE, ORDER_UNAVAILABLE, 0 },
    { S(DOWNLOADED) | S(INSTALLED), EV_CANCEL_AVAILABLE, REFUSED, RSP_PROFILE_IN_USE },
    { S(DOWNLOADED) | S(INSTALLED), EV_CANCEL_UNAVAILABLE, REFUSED, RSP_PROFILE_IN_USE },

    { S(RELEASED) | S(DOWNLOADED), EV_AUTHENTICATED, SAME, 0 },
    { S(ALLOCATED) | S(LINKED) | S(CONFIRMED), EV_AUTHENTICATED, REFUSED, RSP_NOT_RELEASED },
    { S(AVAILABLE) | S(INSTALLED) | S(ERROR) | S(UNAVAILABLE), EV_AUTHENTICATED, REFUSED, RSP_MATCHING_ID },
    { S(RELEASED) | S(DOWNLOADED), EV_BOUND, ORDER_DOWNLOADED, 0 },
    { S(DOWNLOADED), EV_PIR_OK, ORDER_INSTALLED, 0 },
    { S(DOWNLOADED), EV_PIR_TEMPORARY, SAME, 0 },
    { S(DOWNLOADED), EV_PIR_PERMANENT, ORDER_ERROR, 0 },
    { S(RELEASED) | S(DOWNLOADED), EV_INELIGIBLE, ORDER_ERROR, 0 },
    { S(RELEASED) | S(DOWNLOADED), EV_CC_EXHAUSTED, ORDER_ERROR, 0 },
    { S(RELEASED) | S(DOWNLOADED), EV_ATTEMPTS_EXHAUSTED, ORDER_ERROR, 0 },
    { S(RELEASED) | S(DOWNLOADED), EV_REJECTED, ORDER_ERROR, 0 },
    { S(RELEASED) | S(DOWNLOADED), EV_POSTPONED, SAME, 0 },
};

int order_step(enum order_state from, enum order_event event, int *refusal)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].event != event || !(rows[i].from >> from & 1))
            continue;
        *refusal = rows[i].refusal;
        return rows[i].to == SAME ? (int)from : rows[i].to;
    }
    *refusal = RSP_PROFILE_STATE;
    return REFUSED;
}
