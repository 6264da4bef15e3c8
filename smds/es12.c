/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/ids.h"
#include "smds/core.h"

/* ES12, and ES15, which is the same at the root (SGP.22 5.9, 5.10): events by those who own them. */

enum { OF_OWNER_DEFAULT = 16, OF_EID_DEFAULT = 128 };

/* -------------------------------------------------------------------------- RegisterEvent */

/* Octets that a card and an LPA carry as they are: visible ASCII. */
static bool id_valid(struct bytes id)
{
    for (size_t i = 0; i < id.n; i++)
        if (id.p[i] <= ' ' || id.p[i] >= 0x7F)
            return false;
    return id.n && id.n <= EVENT_ID_MAX;
}

/* Additional verifications, which 5.9.1 leaves to the SM-DS.  Registrations that come at once may pass together. */
static int within_quotas(struct op *op, const struct store_record *event)
{
    const struct smds_limits *l = &smds_of(op)->limits;
    int64_t of_owner = l->of_owner ? l->of_owner : OF_OWNER_DEFAULT, of_eid = l->of_eid ? l->of_eid : OF_EID_DEFAULT;
    const struct store_query q = { .kind = SMDS_EVENT, .column = EVENT_EID, .value = event->v[EVENT_EID],
                                   .limit = (size_t)of_eid };
    struct store_records found;
    if (store_find(op->service->store, op->arena, &q, &found, op->err) != 0)
        return -1;
    for (size_t i = 0; i < found.n; i++)
        of_owner -= bytes_equal(found.items[i].v[EVENT_OWNER].b, event->v[EVENT_OWNER].b);
    return (int64_t)found.n < of_eid && of_owner > 0 ? 0 : op_refuse(op, RSP_EVENTS_FULL, "SGP.22 5.9.1");
}

/* The caller's event of this ID; version 0: there is none. */
static int event_get(struct op *op, struct bytes id, struct store_record *event)
{
    struct bytes owner = op->caller.v[CALLER_OID].b, key = event_key(op->arena, owner, id);
    if (!key.p)
        return err_set(op->err, ERR_MEMORY, NULL, "no memory for an event");
    if (store_get(op->service->store, op->arena, SMDS_EVENT, key, event, op->err) != 0)
        return -1;
    event->v[EVENT_KEY].b = key;
    event->v[EVENT_OWNER].b = owner;
    event->v[EVENT_ID].b = id;
    return 0;
}

static int register_new(struct op *op, const struct es12_register_event *q, struct store_record *event)
{
    event->v[EVENT_EID].b = q->eid;
    event->v[EVENT_ADDRESS].b = q->rspServerAddress;
    event->v[EVENT_MADE].i = op_now(op);
    if (within_quotas(op, event) != 0)
        return -1;
    if (smds_of(op)->root && q->forwardingIndicator)
        return es15_register(op, event);
    store_put(&op->batch, SMDS_EVENT, event); /* the root ignores forwardingIndicator */
    return 0;
}

/* A registration that nobody has ended: another request is at it, or left it. */
static int register_again(struct op *op, const struct es12_register_event *q, struct store_record *event)
{
    if (!op->begun && op_now(op) < event->v[EVENT_UNTIL].i)
        return err_set(op->err, OP_BUSY, NULL, "another request is registering this event");
    bool same = bytes_equal(q->eid, event->v[EVENT_EID].b) &&
                bytes_equal(q->rspServerAddress, event->v[EVENT_ADDRESS].b);
    return same ? es15_register(op, event) : op_refuse(op, RSP_EVENT_EXISTS, "SGP.22 5.9.1");
}

int es12_register_event_handle(struct op *op, const void *in, void *out)
{
    const struct es12_register_event *q = in;
    struct store_record event;
    (void)out;
    op->subject = bytes_text(eid_text(op->arena, q->eid));
    if (!id_valid(q->eventId) || !fqdn_valid(q->rspServerAddress, smds_of(op)->laboratory))
        return op_refuse(op, RSP_BAD_FORMAT, "SGP.22 5.9.1");
    if (event_get(op, q->eventId, &event) != 0)
        return -1;
    if (!event.version)
        return register_new(op, q, &event);
    return event.v[EVENT_STATE].i == EVENT_CASCADING ? register_again(op, q, &event)
                                                     : op_refuse(op, RSP_EVENT_EXISTS, "SGP.22 5.9.1");
}

/* ---------------------------------------------------------------------------- DeleteEvent */

/* The record is the one of caller and event ID; 5.9.2 does not compare the EID. */
int es12_delete_event_handle(struct op *op, const void *in, void *out)
{
    const struct es12_delete_event *q = in;
    struct store_record event;
    (void)out;
    op->subject = bytes_text(eid_text(op->arena, q->eid));
    if (event_get(op, q->eventId, &event) != 0)
        return -1;
    if (!event.version)
        return op_refuse(op, RSP_EVENT_UNKNOWN, "SGP.22 5.9.2");
    if (event.v[EVENT_STATE].i == EVENT_CASCADING && op_now(op) < event.v[EVENT_UNTIL].i)
        return err_set(op->err, OP_BUSY, NULL, "another request is registering this event");
    return event_remove(op, &event);
}
