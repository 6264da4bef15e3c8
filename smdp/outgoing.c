/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls to others, now or by the outbox. */
#include "smdp/outgoing.h"

#include "rsp/ids.h"

int outgoing_request(struct op *op, enum rsp_function f, const uint8_t id[OUTBOX_ID_OCTETS], const void *in,
                     struct bytes *body)
{
    const struct rsp_header header = { bytes_text(op->smdp->addresses[0]),
                                       bytes_text(hex_encode(op->arena, bytes_make(id, OUTBOX_ID_OCTETS))) };
    return rsp_write_request(op->arena, f, &header, in, body, op->err);
}

int outgoing_later(struct op *op, enum topic topic, struct bytes lane, struct bytes iccid, enum rsp_function f,
                   const void *in)
{
    struct smdp *s = op->smdp;
    struct outbox_message m = { .topic = topic, .lane = lane, .created = op_now(op),
                                .subject = bytes_text(iccid_text(op->arena, iccid)) };
    if (s->random(s->context, m.id, sizeof m.id) != 0)
        return err_set(op->err, ERR_CRYPTO, NULL, "no random octets");
    if (outgoing_request(op, f, m.id, in, &m.body) != 0)
        return -1;
    return outbox_put(&op->batch, KIND_OUTBOX, &m, op->err);
}

static bool wants_pause(int status)
{
    static const int pauses[] = { 408, 429, 502, 503, 504 };
    for (size_t i = 0; i < sizeof pauses / sizeof *pauses; i++)
        if (status == pauses[i])
            return true;
    return false;
}

int outgoing_odd(struct op *op, const struct smdp_call *c, const struct smdp_answer *answer)
{
    return err_set(op->err, ERR_PEER, "SGP.22 6.3", "%.*s answers with HTTP status %d", (int)c->host.n, c->host.p,
                   answer->status);
}

int outgoing_post(struct op *op, const struct smdp_call *c, struct smdp_answer *answer)
{
    struct smdp *s = op->smdp;
    if (!s->post)
        return err_set(op->err, ERR_IO, NULL, "this server calls nobody: it has no certificate for that");
    if (s->post(s->context, op->arena, c, answer, op->err) != 0)
        return -1;
    return wants_pause(answer->status) ? outgoing_odd(op, c, answer) : 0;
}

enum outbox_outcome smdp_send(void *context, struct arena *a, const struct outbox_message *m, int64_t *retry_after,
                              struct err *e)
{
    struct op op = { .smdp = context, .arena = a, .err = e, .action = "outbox", .actor = BYTES_LIT("server"),
                     .batch = store_batch_in(a) };
    return m->topic == TOPIC_PROGRESS ? progress_send(&op, m, retry_after) : es12_send(&op, m, retry_after);
}
