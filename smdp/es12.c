/* SPDX-License-Identifier: Apache-2.0
 *
 * ES12: the events of orders at an SM-DS (SGP.22 3.6, 5.9).
 *
 * A registration is two batches with a call between them.  The first says that it is under way and until when; if the
 * second never comes (the server ended, the store failed), the next one who needs the order finishes the work.  Where
 * the SM-DS may have an event that it should not have, its deletion goes into the outbox. */
#include "smdp/outgoing.h"

static int event_get(struct op *op, struct bytes id, struct store_record *event)
{
    if (store_get(op->service->store, op->arena, KIND_EVENT, id, event, op->err) != 0)
        return -1;
    event->v[EVENT_ID].b = id;
    return 0;
}

/* -------------------------------------------------------------------------------- claiming */

/* Reads the order's event, new or its own; somebody else's, or one that is over, is refused. */
static int event_own(struct op *op, const struct store_record *p, struct store_record *event)
{
    if (event_get(op, p->v[PROFILE_MATCHING].b, event) != 0)
        return -1;
    if (!event->version) {
        event->v[EVENT_ICCID].b = p->v[PROFILE_ICCID].b;
        event->v[EVENT_STATE].i = EVENT_CLAIMED;
    }
    bool own = bytes_equal(event->v[EVENT_ICCID].b, p->v[PROFILE_ICCID].b);
    if (own && event->v[EVENT_STATE].i == EVENT_CLAIMED)
        return 0;
    bool soon = own && event->v[EVENT_STATE].i == EVENT_DELETING; /* once the SM-DS has forgotten it */
    return op_refuse(op, soon ? RSP_SMDS_UNREACHABLE : RSP_MATCHING_ID_USED, "SGP.22 3.6.1");
}

int es12_claim(struct op *op, const struct store_record *p)
{
    struct store_record event;
    if (event_own(op, p, &event) != 0)
        return -1;
    store_put(&op->batch, KIND_EVENT, &event);
    return 0;
}

/* --------------------------------------------------------------------------------- asking */

static struct asked registration(struct op *op, const struct store_record *p)
{
    const struct es12_register_event in = { .eid = p->v[PROFILE_EID].b,
                                            .rspServerAddress = bytes_text(op->service->addresses[0]),
                                            .eventId = p->v[PROFILE_MATCHING].b,
                                            .forwardingIndicator = true };
    struct asked a = ask_smds_now(op, ES12_REGISTER_EVENT, p->v[PROFILE_SMDS].b, &in);
    if (a.refusal == RSP_EVENT_EXISTS)
        a.refusal = 0; /* IDs are claimed for ever, so it is this order's: an answer was lost */
    else if (a.refusal && a.refusal != RSP_SMDS_UNREACHABLE)
        a.refusal = RSP_SMDS_FAILED; /* ES2+ has no other word: SGP.22 5.3.2, Table 27 */
    return a;
}

/* -------------------------------------------------------------- registering, SGP.22 5.9.1 */

static int deletion_add(struct op *op, const struct store_record *p, enum topic topic)
{
    const struct es12_delete_event in = { p->v[PROFILE_EID].b, p->v[PROFILE_MATCHING].b };
    return outgoing_later(op, topic, p->v[PROFILE_SMDS].b, p->v[PROFILE_ICCID].b, ES12_DELETE_EVENT, &in);
}

/* ConfirmOrder has failed: the order is what DownloadOrder made of it, and the event ID is free once the SM-DS has
 * surely forgotten it. */
static int confirmation_undo(struct op *op, struct store_record *p, bool known)
{
    static const int columns[] = { PROFILE_MATCHING, PROFILE_MATCHING_ID, PROFILE_PENDING, PROFILE_CC, PROFILE_SMDS };
    struct store_record event;
    if (event_get(op, p->v[PROFILE_MATCHING].b, &event) != 0)
        return -1;
    event.v[EVENT_STATE].i = EVENT_DELETING;
    if (known)
        store_remove(&op->batch, KIND_EVENT, &event);
    else
        store_put(&op->batch, KIND_EVENT, &event);
    if (!known && deletion_add(op, p, TOPIC_UNREGISTER) != 0)
        return -1;
    if (p->v[PROFILE_STATE].i == ORDER_ALLOCATED)
        p->v[PROFILE_EID].b = BYTES_NONE;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        p->v[columns[i]].b = BYTES_NONE;
    p->v[PROFILE_EVENT].i = EVENT_NONE;
    return 0;
}

static int registration_failed(struct op *op, struct store_record *p, const struct asked *a)
{
    if (p->v[PROFILE_STATE].i == ORDER_CONFIRMED)
        p->v[PROFILE_EVENT].i = a->known ? EVENT_NONE : EVENT_PERHAPS;
    else if (confirmation_undo(op, p, a->known) != 0)
        return -1;
    store_put(&op->batch, KIND_PROFILE, p);
    return op_refuse(op, a->refusal, "SGP.22 3.6.1");
}

/* The first batch: the event ID is this order's, and nobody else works on the order for a while. */
static int registration_begin(struct op *op, struct store_record *p)
{
    struct store_record event;
    if (event_own(op, p, &event) != 0)
        return -1;
    event.v[EVENT_UNTIL].i = op_now(op) + REGISTRATION_TIME;
    p->v[PROFILE_EVENT].i = EVENT_REGISTERING;
    store_put(&op->batch, KIND_EVENT, &event);
    store_put(&op->batch, KIND_PROFILE, p);
    op->subject = p->v[PROFILE_ICCID].b;
    if (op_commit(op, "registering the event") != 0)
        return -1;
    op->begun = true;
    return 0;
}

int es12_register(struct op *op, struct store_record *p)
{
    int64_t before = p->v[PROFILE_EVENT].i;
    if (before == EVENT_THERE)
        return 0;
    if (registration_begin(op, p) != 0)
        return -1;
    struct asked a = registration(op, p);
    if (before != EVENT_NONE)
        a.known = false; /* an earlier try may have arrived */
    if (store_get(op->service->store, op->arena, KIND_PROFILE, op->subject, p, op->err) != 0)
        return -1;
    if (a.refusal)
        return registration_failed(op, p, &a);
    p->v[PROFILE_EVENT].i = EVENT_THERE;
    return 0;
}

/* --------------------------------------------------------------------------------- deleting */

int es12_delete(struct op *op, struct store_record *p)
{
    struct store_record event;
    if (!bytes_present(p->v[PROFILE_SMDS].b))
        return 0;
    if (event_get(op, p->v[PROFILE_MATCHING].b, &event) != 0)
        return -1;
    event.v[EVENT_STATE].i = EVENT_OVER;
    store_put(&op->batch, KIND_EVENT, &event);
    bool there = p->v[PROFILE_EVENT].i != EVENT_NONE;
    p->v[PROFILE_EVENT].i = EVENT_NONE;
    return there ? deletion_add(op, p, TOPIC_DELETE_EVENT) : 0;
}

/* The SM-DS has forgotten the event of an order that was not confirmed: its ID may be used again. */
static enum outbox_outcome unclaim(struct op *op, const struct store_record *event)
{
    op->subject = event->v[EVENT_ICCID].b;
    store_remove(&op->batch, KIND_EVENT, event);
    return op_commit(op, "event deleted") == 0 ? OUTBOX_SENT : OUTBOX_LATER;
}

enum outbox_outcome es12_send(struct op *op, const struct outbox_message *m, int64_t *retry_after)
{
    struct es12_delete_event in;
    struct store_record event;
    if (rsp_read_request(op->arena, ES12_DELETE_EVENT, m->body, NULL, &in, op->err) != 0)
        return OUTBOX_REFUSED;
    if (event_get(op, in.eventId, &event) != 0)
        return OUTBOX_LATER;
    if (m->topic == TOPIC_UNREGISTER && event.v[EVENT_STATE].i != EVENT_DELETING)
        return OUTBOX_SENT; /* sent before; by now the ID may stand for a new event */
    struct asked a = ask_smds(op, ES12_DELETE_EVENT, m->lane, m->body);
    *retry_after = a.retry_after;
    if (a.refusal == 0 || a.refusal == RSP_EVENT_UNKNOWN) /* deleted before: SGP.22 3.6.3 */
        return m->topic == TOPIC_UNREGISTER ? unclaim(op, &event) : OUTBOX_SENT;
    if (a.known)
        op_refuse(op, a.refusal, "SGP.22 5.9.2");
    return a.refusal == RSP_SMDS_UNREACHABLE ? OUTBOX_LATER : OUTBOX_REFUSED;
}

/* ------------------------------------------------------------------------------ recovering */

/* The operator has no answer yet, so the order goes on to where its function would have led. */
static int registration_finish(struct op *op, struct store_record *p)
{
    return op_release(op, p, p->v[PROFILE_STATE].i == ORDER_CONFIRMED ? EV_RELEASE : EV_CONFIRM_RELEASE);
}

int es12_settle(struct op *op, struct store_record *p)
{
    struct store_record event;
    struct bytes iccid = p->v[PROFILE_ICCID].b;
    if (event_get(op, p->v[PROFILE_MATCHING].b, &event) != 0)
        return -1;
    if (op_now(op) < event.v[EVENT_UNTIL].i)
        return err_set(op->err, OP_BUSY, NULL, "another request is registering the event of this order");
    if (registration_finish(op, p) != 0 && !rsp_is_refusal(op->err->code))
        return -1;
    op->begun = false;
    if (op_commit(op, "registration settled") != 0)
        return -1;
    return store_get(op->service->store, op->arena, KIND_PROFILE, iccid, p, op->err);
}

static int recover_one(struct op *op, const void *in, void *out)
{
    const struct bytes *iccid = in;
    struct store_record p;
    (void)out;
    if (store_get(op->service->store, op->arena, KIND_PROFILE, *iccid, &p, op->err) != 0)
        return -1;
    return p.version && p.v[PROFILE_EVENT].i == EVENT_REGISTERING ? registration_finish(op, &p) : 0;
}

int smdp_recover(struct smdp *s, struct arena *a, size_t *n, struct err *e)
{
    struct store_query q = { .kind = KIND_PROFILE, .column = PROFILE_EVENT, .value = { .i = EVENT_REGISTERING },
                             .limit = PAGE };
    struct store_records page;
    *n = 0;
    do {
        if (store_find(s->service.store, a, &q, &page, e) != 0)
            return -1;
        for (size_t i = 0; i < page.n; i++) {
            struct op op = {
                .service = &s->service, .arena = a, .err = e, .action = "recovery", .actor = BYTES_LIT("server")
            };
            bool refused;
            if (op_perform(&op, recover_one, &page.items[i].v[PROFILE_ICCID].b, NULL, &refused) != STORE_COMMITTED)
                return err_set(e, ERR_IO, NULL, "the store cannot commit now");
            ++*n;
            q.after = page.items[i].serial;
        }
    } while (page.n == q.limit);
    return 0;
}
