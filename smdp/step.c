/* SPDX-License-Identifier: Apache-2.0
 *
 * An order on its way through the table of order.c, with all that its events cause. */
#include "smdp/core.h"

int op_operator(struct op *op, struct bytes name, struct store_record *out)
{
    if (store_get(op->service->store, op->arena, KIND_OPERATOR, name, out, op->err) != 0)
        return -1;
    return out->version ? 0 : err_set(op->err, ERR_INTERNAL, NULL, "the profile's operator is gone");
}

int op_type(struct op *op, const struct store_record *p, struct store_record *out)
{
    if (store_get(op->service->store, op->arena, KIND_TYPE, p->v[PROFILE_TYPE].b, out, op->err) != 0)
        return -1;
    return out->version ? 0 : err_set(op->err, ERR_INTERNAL, NULL, "the profile's type is gone");
}

static int64_t first_set(int64_t a, int64_t b, int64_t c, int64_t otherwise)
{
    return a ? a : b ? b : c ? c : otherwise;
}

struct smdp_limits op_limits(const struct op *op, const struct store_record *type, const struct store_record *operator)
{
    const struct smdp_limits *own = &smdp_of(op)->limits;
    return (struct smdp_limits){
        .cc_tries = first_set(type->v[TYPE_CC_TRIES].i, operator->v[OPERATOR_CC_TRIES].i, own->cc_tries,
                              DEFAULT_CC_TRIES),
        .downloads = first_set(type->v[TYPE_DOWNLOADS].i, operator->v[OPERATOR_DOWNLOADS].i, own->downloads,
                               DEFAULT_DOWNLOADS),
        .lifetime = first_set(type->v[TYPE_LIFETIME].i, operator->v[OPERATOR_LIFETIME].i, own->lifetime, 0),
    };
}

/* ------------------------------------------------------------------------------ the table */

static int not_now(struct op *op, int refusal, enum order_state from, enum order_event event)
{
    rsp_refuse(op->err, refusal, "SGP.22 3.1.6");
    return err_within(op->err, "%s in state %s", order_event_name(event), order_state_name(from));
}

int op_allowed(struct op *op, const struct store_record *p, enum order_event event)
{
    enum order_state from = (enum order_state)p->v[PROFILE_STATE].i;
    struct order_next next = order_step(from, event);
    return next.to >= 0 ? 0 : not_now(op, next.refusal, from, event);
}

/* The BPP that was kept for a retry. */
static int binding_forget(struct op *op, const struct store_record *p)
{
    struct store_record binding;
    if (store_get(op->service->store, op->arena, KIND_BINDING, p->v[PROFILE_ICCID].b, &binding, op->err) != 0)
        return -1;
    if (binding.version)
        store_remove(&op->batch, KIND_BINDING, &binding);
    return 0;
}

static int order_end(struct op *op, struct store_record *p)
{
    p->v[PROFILE_PENDING].b = p->v[PROFILE_MATCHING_ID].b = BYTES_NONE;
    return es12_delete(op, p) != 0 ? -1 : binding_forget(op, p);
}

static void order_free(struct store_record *p)
{
    static const int columns[] = { PROFILE_EID, PROFILE_MATCHING, PROFILE_CC, PROFILE_SMDS };
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        p->v[columns[i]].b = BYTES_NONE;
    p->v[PROFILE_DOWNLOADS].i = p->v[PROFILE_CC_TRIES].i = p->v[PROFILE_EXPIRES].i = 0;
    p->v[PROFILE_POOL].b = p->v[PROFILE_STATE].i == ORDER_AVAILABLE ? p->v[PROFILE_TYPE].b : BYTES_NONE;
}

int op_step(struct op *op, struct store_record *p, enum order_event event, const struct happening *what)
{
    static const struct happening nothing = { 0 };
    enum order_state from = (enum order_state)p->v[PROFILE_STATE].i;
    struct order_next next = order_step(from, event);
    op->subject = p->v[PROFILE_ICCID].b;
    if (next.to < 0)
        return not_now(op, next.refusal, from, event);
    if (next.to != (int)from)
        p->v[PROFILE_CHANGED].i = op_now(op);
    p->v[PROFILE_STATE].i = next.to;
    if ((next.effects & EFFECT_TELL && progress_tell(op, p, event, what ? what : &nothing) != 0) ||
        (next.effects & EFFECT_END && order_end(op, p) != 0))
        return -1;
    if (next.effects & EFFECT_FREE)
        order_free(p);
    store_put(&op->batch, KIND_PROFILE, p);
    return 0;
}

int op_end(struct op *op, struct store_record *p, enum order_event event, int refusal, const char *clause)
{
    const struct happening what = { .refusal = refusal };
    return op_step(op, p, event, &what) != 0 ? -1 : op_refuse(op, refusal, clause);
}

int op_release(struct op *op, struct store_record *p, enum order_event event)
{
    struct store_record type, operator;
    if (op_type(op, p, &type) != 0 || op_operator(op, p->v[PROFILE_OPERATOR].b, &operator) != 0)
        return -1;
    if (bytes_present(p->v[PROFILE_SMDS].b) && es12_register(op, p) != 0)
        return -1;
    int64_t lifetime = op_limits(op, &type, &operator).lifetime;
    if (lifetime && !p->v[PROFILE_EXPIRES].i)
        p->v[PROFILE_EXPIRES].i = op_now(op) + lifetime;
    return op_step(op, p, event, NULL);
}
