/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "rsp/ids.h"
#include "server/ask.h"
#include "smds/core.h"

/* ES15, the alternative SM-DS's side: events of others at the root under IDs of its own (SGP.22 3.6.1, 3.6.3, 5.10).
 *
 * A registration is two batches with a call between them.  The first says that it is under way and until when; if the
 * second never comes, whoever needs the event next ends the work, or smds_recover takes it back. */

static struct bytes root_of(const struct op *op)
{
    return bytes_text(smds_of(op)->root);
}

int event_remove(struct op *op, const struct store_record *event)
{
    const struct es12_delete_event in = { event->v[EVENT_EID].b, event->v[EVENT_ROOT_ID].b };
    op->subject = bytes_text(eid_text(op->arena, in.eid));
    store_remove(&op->batch, SMDS_EVENT, event);
    return !bytes_present(in.eventId) || !smds_of(op)->root
               ? 0
               : ask_later(op, TOPIC_DELETE_EVENT, root_of(op), op->subject, ES12_DELETE_EVENT, &in);
}

/* The first batch: EventID2 is chosen, and nobody else works on the event for a while. */
static int cascade_begin(struct op *op, struct store_record *event)
{
    struct service *s = op->service;
    uint8_t id[EVENT_ID_OCTETS];
    if (s->random(s->context, id, sizeof id) != 0)
        return err_set(op->err, ERR_CRYPTO, NULL, "no random octets");
    if (!bytes_present(event->v[EVENT_ROOT_ID].b))
        event->v[EVENT_ROOT_ID].b = bytes_text(hex_encode(op->arena, BYTES_OF(id)));
    event->v[EVENT_STATE].i = EVENT_CASCADING;
    event->v[EVENT_UNTIL].i = op_now(op) + CASCADE_TIME;
    store_put(&op->batch, SMDS_EVENT, event);
    if (op_commit(op, "registering at the root") != 0)
        return -1;
    op->begun = true;
    return 0;
}

static struct asked cascade(struct op *op, const struct store_record *event)
{
    const struct es12_register_event in = { .eid = event->v[EVENT_EID].b,
                                            .rspServerAddress = bytes_text(op->service->addresses[0]),
                                            .eventId = event->v[EVENT_ROOT_ID].b };
    struct asked a = ask_smds_now(op, ES12_REGISTER_EVENT, root_of(op), &in);
    if (a.refusal == RSP_EVENT_EXISTS)
        a.refusal = 0; /* EventID2 is random, so it is this event's: an answer was lost */
    else if (a.refusal && a.refusal != RSP_SMDS_UNREACHABLE)
        a.refusal = RSP_SMDS_FAILED; /* SGP.22 5.9.1 has no other word */
    return a;
}

int es15_register(struct op *op, struct store_record *event)
{
    bool first = !event->version;
    struct bytes key = event->v[EVENT_KEY].b;
    if (!op->begun && cascade_begin(op, event) != 0)
        return -1;
    struct asked a = cascade(op, event);
    if (store_get(op->service->store, op->arena, SMDS_EVENT, key, event, op->err) != 0)
        return -1;
    if (!event->version) /* taken back meanwhile, at the root too */
        return op_refuse(op, RSP_SMDS_FAILED, "SGP.22 5.9.1");
    if (!a.refusal) {
        event->v[EVENT_STATE].i = EVENT_THERE;
        store_put(&op->batch, SMDS_EVENT, event);
        return 0;
    }
    if (a.known && first)
        store_remove(&op->batch, SMDS_EVENT, event);
    else if (event_remove(op, event) != 0) /* this try, or the one before, may have arrived */
        return -1;
    return op_refuse(op, a.refusal, "SGP.22 5.9.1");
}

enum outbox_outcome smds_send(void *context, struct arena *a, const struct outbox_message *m, int64_t *retry_after,
                              struct err *e)
{
    struct smds *s = context;
    struct op op = { .service = &s->service, .arena = a, .err = e, .action = "outbox", .actor = BYTES_LIT("server"),
                     .batch = store_batch_in(a) };
    struct asked done = ask_smds(&op, ES12_DELETE_EVENT, m->lane, m->body);
    *retry_after = done.retry_after;
    if (done.refusal == 0 || done.refusal == RSP_EVENT_UNKNOWN) /* deleted before: SGP.22 5.9.2 */
        return OUTBOX_SENT;
    if (done.known)
        op_refuse(&op, done.refusal, "SGP.22 5.9.2");
    return done.refusal == RSP_SMDS_UNREACHABLE ? OUTBOX_LATER : OUTBOX_REFUSED;
}
