/* SPDX-License-Identifier: Apache-2.0 */
#include "server/ask.h"

int ask_request(struct op *op, enum rsp_function f, const uint8_t id[OUTBOX_ID_OCTETS], const void *in,
                struct bytes *body)
{
    const struct rsp_header header = { bytes_text(op->service->addresses[0]),
                                       bytes_text(hex_encode(op->arena, bytes_make(id, OUTBOX_ID_OCTETS))) };
    return rsp_write_request(op->arena, f, &header, in, body, op->err);
}

int ask_later(struct op *op, int64_t topic, struct bytes lane, struct bytes subject, enum rsp_function f,
              const void *in)
{
    struct service *s = op->service;
    struct outbox_message m = { .topic = topic, .lane = lane, .created = op_now(op), .subject = subject };
    if (s->random(s->context, m.id, sizeof m.id) != 0)
        return err_set(op->err, ERR_CRYPTO, NULL, "no random octets");
    if (ask_request(op, f, m.id, in, &m.body) != 0)
        return -1;
    return outbox_put(&op->batch, s->role->outbox, &m, op->err);
}

static bool wants_pause(int status)
{
    static const int pauses[] = { 408, 429, 502, 503, 504 };
    for (size_t i = 0; i < sizeof pauses / sizeof *pauses; i++)
        if (status == pauses[i])
            return true;
    return false;
}

int ask_odd(struct op *op, const struct service_call *c, const struct service_answer *answer)
{
    return err_set(op->err, ERR_PEER, "SGP.22 6.3", "%.*s answers with HTTP status %d", (int)c->host.n, c->host.p,
                   answer->status);
}

int ask_post(struct op *op, const struct service_call *c, struct service_answer *answer)
{
    struct service *s = op->service;
    if (!s->post)
        return err_set(op->err, ERR_IO, NULL, "this server calls nobody: it has no certificate for that");
    if (s->post(s->context, op->arena, c, answer, op->err) != 0)
        return -1;
    return wants_pause(answer->status) ? ask_odd(op, c, answer) : 0;
}

struct asked ask_smds(struct op *op, enum rsp_function f, struct bytes smds, struct bytes body)
{
    const struct service_call c = { .peer = PEER_SMDS, .host = smds, .path = bytes_text(rsp_functions[f].path),
                                    .body = body };
    struct service_answer answer = { 0 };
    struct rsp_status status;
    if (ask_post(op, &c, &answer) != 0)
        return (struct asked){ RSP_SMDS_UNREACHABLE, false, answer.retry_after };
    if (answer.status != 200)
        ask_odd(op, &c, &answer);
    if (answer.status != 200 || rsp_read_response(op->arena, f, answer.body, &status, NULL, op->err) != 0)
        return (struct asked){ RSP_SMDS_FAILED, false, answer.retry_after };
    if (status.executed <= RSP_WITH_WARNING)
        return (struct asked){ .known = true };
    const struct rsp_refusal *r = rsp_refusal_find(status.subject, status.reason);
    return (struct asked){ r ? r->code : RSP_SMDS_FAILED, true, 0 };
}

struct asked ask_smds_now(struct op *op, enum rsp_function f, struct bytes smds, const void *in)
{
    struct service *s = op->service;
    uint8_t id[OUTBOX_ID_OCTETS];
    struct bytes body;
    if (s->random(s->context, id, sizeof id) != 0 || ask_request(op, f, id, in, &body) != 0)
        return (struct asked){ RSP_INTERNAL, true, 0 };
    return ask_smds(op, f, smds, body);
}
