/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls to others, now or by the outbox. */
#include "smdp/outgoing.h"

#include "rsp/ids.h"

int outgoing_later(struct op *op, enum topic topic, struct bytes lane, struct bytes iccid, enum rsp_function f,
                   const void *in)
{
    return ask_later(op, topic, lane, bytes_text(iccid_text(op->arena, iccid)), f, in);
}

enum outbox_outcome smdp_send(void *context, struct arena *a, const struct outbox_message *m, int64_t *retry_after,
                              struct err *e)
{
    struct smdp *s = context;
    struct op op = { .service = &s->service, .arena = a, .err = e, .action = "outbox", .actor = BYTES_LIT("server"),
                     .batch = store_batch_in(a) };
    return m->topic == TOPIC_PROGRESS ? progress_send(&op, m, retry_after) : es12_send(&op, m, retry_after);
}
