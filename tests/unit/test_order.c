/* SPDX-License-Identifier: Apache-2.0
 *
 * Every state with every event, against our own transcription of the standard's table. */
#include <stdlib.h>

#include "harness.h"
#include "rsp/refusal.h"
#include "smdp/order.h"

static const char *const states[ORDER_STATES] = { "Available",  "Allocated", "Linked", "Confirmed",  "Released",
                                                  "Downloaded", "Installed", "Error",  "Unavailable" };
/* In the order of enum order_event. */
static const char *const events[ORDER_EVENTS] = {
    "order",
    "order-eid",
    "confirm",
    "confirm-release",
    "release",
    "cancel-available",
    "cancel-unavailable",
    "authenticate",
    "bound",
    "installed",
    "install-temporary",
    "install-permanent",
    "ineligible",
    "code-exhausted",
    "attempts-exhausted",
    "rebinding-refused",
    "rejected",
    "postponed",
    "rearmed",
};

/* What the transcription says of a state and an event; 8.2.1/3.5 where it says nothing. */
static const char *transcribed(const char *state, const char *event)
{
    FILE *f = fopen(test_source("tests/vectors/order-transitions.txt"), "r");
    char line[160], from[16], what[32], to[16];
    const char *found = "8.2.1/3.5";
    while (f && fgets(line, sizeof line, f))
        if (line[0] != '#' && sscanf(line, "%15s %31s %15s", from, what, to) == 3 && strcmp(from, state) == 0 &&
            strcmp(what, event) == 0)
            found = arena_printf(test_arena(), "%s", to);
    if (CHECK(f != NULL))
        fclose(f);
    return found;
}

TEST(transitions)
{
    for (int from = 0; from < ORDER_STATES; from++)
        for (int event = 0; event < ORDER_EVENTS; event++) {
            struct order_next next = order_step((enum order_state)from, (enum order_event)event);
            const struct rsp_refusal *r = rsp_refusal_of(next.refusal);
            test_row("%s: %s", states[from], events[event]);
            CHECK_TEXT(order_state_name((enum order_state)from), states[from]);
            CHECK_TEXT(next.to >= 0 ? order_state_name((enum order_state)next.to)
                               : arena_printf(test_arena(), "%s/%s", r->subject, r->reason),
                       transcribed(states[from], events[event]));
        }
}

/* What the transcription says of the effects of an event: "end,tell 4"; "- -" where it says nothing. */
static const char *effects_transcribed(const char *state, const char *event)
{
    FILE *f = fopen(test_source("tests/vectors/order-effects.txt"), "r");
    char line[160], from[16], what[32], effects[16], point[4];
    const char *found = "- -";
    while (f && fgets(line, sizeof line, f))
        if (line[0] != '#' && sscanf(line, "%15s %31s %15s %3s", from, what, effects, point) == 4 &&
            strcmp(from, state) == 0 && strcmp(what, event) == 0)
            found = arena_printf(test_arena(), "%s %s", effects, point);
    if (CHECK(f != NULL))
        fclose(f);
    return found;
}

static const char *effects_of(struct order_next next, enum order_event event)
{
    static const char *const names[] = { "-",    "end",      "free",      "end,free",
                                         "tell", "end,tell", "free,tell", "end,free,tell" };
    const char *effects = names[next.effects];
    return next.effects & EFFECT_TELL ? arena_printf(test_arena(), "%s %d", effects, order_point(event))
                                      : arena_printf(test_arena(), "%s -", effects);
}

TEST(effects)
{
    for (int from = 0; from < ORDER_STATES; from++)
        for (int event = 0; event < ORDER_EVENTS; event++) {
            struct order_next next = order_step((enum order_state)from, (enum order_event)event);
            test_row("%s: %s", states[from], events[event]);
            CHECK_TEXT(effects_of(next, (enum order_event)event), effects_transcribed(states[from], events[event]));
        }
}
