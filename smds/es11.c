/* SPDX-License-Identifier: Apache-2.0 */
#include "smds/core.h"

/* ES11: events for a card that has authenticated itself (SGP.22 3.6.2, 5.8.2). */

/* Is the event one of the asked?  An event that was cascaded is known to the card by the root's ID. */
static bool is_asked(const struct store_record *event, struct bytes id)
{
    struct bytes root_id = event->v[EVENT_ROOT_ID].b;
    return id.n == 0 || bytes_equal(bytes_present(root_id) ? root_id : event->v[EVENT_ID].b, id);
}

static bool is_told(const struct op *op, const struct store_record *event, struct bytes id)
{
    return event->v[EVENT_STATE].i == EVENT_THERE && !event_stale(op, event) && is_asked(event, id);
}

/* The EID's events with this ID (all if it is empty), in the order of registration. */
static int events_find(struct op *op, struct bytes eid, struct bytes id, struct es11_events *out)
{
    const struct store_query q = { .kind = SMDS_EVENT, .column = EVENT_EID, .value.b = eid, .limit = SMDS_EVENTS_MAX };
    struct store_records found;
    if (store_find(op->service->store, op->arena, &q, &found, op->err) != 0)
        return -1;
    out->items = arena_array(op->arena, found.n + 1, sizeof *out->items);
    if (!out->items)
        return err_set(op->err, ERR_MEMORY, NULL, "no memory for events");
    for (size_t i = 0; i < found.n; i++)
        if (is_told(op, &found.items[i], id))
            out->items[out->n++] = (struct es11_event){ found.items[i].v[EVENT_ID].b,
                                                        found.items[i].v[EVENT_ADDRESS].b };
    return 0;
}

int es11_authenticate_client_handle(struct op *op, const void *in, void *out)
{
    struct es11_authenticate_client_done *r = out;
    struct client c;
    if (client_authenticate(op, in, &c) != 0)
        return -1;
    struct bytes id = client_matching_id(&c);
    *r = (struct es11_authenticate_client_done){ .transactionId = c.session.v[SESSION_ID].b };
    if (events_find(op, c.card.eid, id, &r->eventEntries) != 0)
        return -1;
    return id.n && r->eventEntries.n == 0 ? op_refuse(op, RSP_EVENT_UNKNOWN, "SGP.22 5.8.2") : 0;
}
