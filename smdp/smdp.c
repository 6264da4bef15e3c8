/* SPDX-License-Identifier: Apache-2.0 */
#include "smdp/smdp.h"

#include "crypto/hash.h"
#include "rsp/binding.h"
#include "smdp/core.h"

enum { MAX_TRIES = 8 };

static handler *const handlers[RSP_FUNCTIONS] = {
    [ES2_DOWNLOAD_ORDER] = es2_download_order_handle,
    [ES2_CONFIRM_ORDER] = es2_confirm_order_handle,
    [ES2_CANCEL_ORDER] = es2_cancel_order_handle,
    [ES2_RELEASE_PROFILE] = es2_release_profile_handle,
    [ES9_INITIATE_AUTHENTICATION] = es9_initiate_authentication_handle,
    [ES9_AUTHENTICATE_CLIENT] = es9_authenticate_client_handle,
    [ES9_GET_BOUND_PROFILE_PACKAGE] = es9_get_bound_profile_package_handle,
    [ES9_HANDLE_NOTIFICATION] = es9_handle_notification_handle,
    [ES9_CANCEL_SESSION] = es9_cancel_session_handle,
};

int op_refuse(struct op *op, int code, const char *clause)
{
    return rsp_refuse(op->err, code, clause);
}

int op_step(struct op *op, struct store_record *profile, enum order_event event)
{
    enum order_state from = (enum order_state)profile->v[PROFILE_STATE].i;
    int refusal, to = order_step(from, event, &refusal);
    if (to < 0) {
        rsp_refuse(op->err, refusal, "SGP.22 3.1.6");
        return err_within(op->err, "%s in state %s", order_event_name(event), order_state_name(from));
    }
    profile->v[PROFILE_STATE].i = to;
    op->subject = profile->v[PROFILE_ICCID].b;
    return 0;
}

/* The operator whose client certificate this is (ES2+ is for registered callers only). */
static int caller_find(struct op *op)
{
    uint8_t fingerprint[SHA256_OCTETS];
    struct store_record r;
    if (!bytes_present(op->request->client_cert))
        return op_refuse(op, RSP_REQUESTER_NOT_ALLOWED, "SGP.22 5.3");
    sha256(&op->request->client_cert, 1, fingerprint);
    if (store_get(op->smdp->store, op->arena, KIND_OPERATOR, BYTES_OF(fingerprint), &r, op->err) != 0)
        return -1;
    if (!r.version)
        return op_refuse(op, RSP_REQUESTER_NOT_ALLOWED, "SGP.22 5.3");
    op->operator = r.v[OPERATOR_NAME].b;
    return 0;
}

static void plain(struct rsp_response *r, int status)
{
    *r = (struct rsp_response){ .status = status };
    if (status == 503)
        r->retry_after = 2;
}

static bool only_session(const struct store_batch *b)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->items[i].kind != KIND_SESSION)
            return false;
    return true;
}

/* The batch and its entry in the audit trail. */
static enum store_commit commit(struct op *op, int function, bool refused, const char **column, struct err *e)
{
    struct rsp_status status = rsp_status_of(refused ? op->err : NULL);
    struct audit_entry entry = { .time = op->smdp->now(op->smdp->context),
                                 .actor = op->operator,
                                 .subject = op->subject,
                                 .action = rsp_functions[function].name };
    entry.outcome = refused ? arena_printf(op->arena, "%.*s/%.*s", (int)status.subject.n, status.subject.p,
                                           (int)status.reason.n, status.reason.p) : "done";
    if (only_session(&op->batch))
        return store_commit(op->smdp->store, &op->batch, column, e);
    if (op->smdp->random(op->smdp->context, entry.batch, sizeof entry.batch) != 0)
        return STORE_UNAVAILABLE;
    return audit_commit(op->smdp->store, KIND_AUDIT, &entry, &op->batch, column, e);
}

/* Runs a handler until its batch is in or it can't be. */
static enum store_commit perform(struct op *op, int function, const void *in, void *out, bool *refused)
{
    for (int tries = 0; tries < MAX_TRIES; tries++) {
        const char *column = NULL;
        op->batch = store_batch_in(op->arena);
        *refused = handlers[function](op, in, out) != 0;
        if (*refused && !rsp_is_refusal(op->err->code))
            return op->err->code == ERR_IO ? STORE_UNAVAILABLE : STORE_COMMITTED;
        if (op->batch.n == 0)
            return STORE_COMMITTED;
        struct err e;
        enum store_commit done = commit(op, function, *refused, &column, &e);
        if (done == STORE_DUPLICATE) {
            *refused = true;
            op_refuse(op, RSP_MATCHING_ID_USED, "SGP.22 5.3.2");
            return STORE_COMMITTED;
        }
        if (done != STORE_CONFLICT)
            return done;
    }
    return STORE_UNAVAILABLE;
}

/* A request as its binding gave it. */
struct call {
    bool asn1;
    enum rsp_function function;
    void *in, *out;
};

/* What is not even a request is told in JSON, with HTTP status 400. */
static void malformed(struct op *op, struct rsp_response *response)
{
    struct err e;
    char text[sizeof op->err->where + sizeof op->err->what + 64];
    struct rsp_status status = { .executed = RSP_FAILED, .subject = BYTES_LIT("1.3.1"), .reason = BYTES_LIT("2.1"),
                                 .message = bytes_text(err_text(op->err, text, sizeof text)) };
    *response = (struct rsp_response){ .status = 400, .content_type = RSP_TYPE_JSON };
    if (rsp_write_response(op->arena, ES2_RELEASE_PROFILE, &status, NULL, &response->body, &e) != 0)
        plain(response, 400);
}

static void answer(struct op *op, const struct call *c, bool refused, struct rsp_response *response)
{
    struct rsp_status status = rsp_status_of(refused ? op->err : NULL);
    struct err e;
    *response = (struct rsp_response){ .status = 200, .content_type = c->asn1 ? RSP_TYPE_ASN1 : RSP_TYPE_JSON };
    int result =
        c->asn1 ? rsp_asn1_write_response(op->arena, c->function, refused ? op->err : NULL, c->out, &response->body, &e)
                : rsp_write_response(op->arena, c->function, &status, refused ? NULL : c->out, &response->body, &e);
    if (result == 0)
        return;
    if (e.code == ERR_UNSUPPORTED)
        malformed(op, response); /* no error of the binding says it: SGP.22 Annex H */
    else
        plain(response, 500);
}

static int read_json(struct op *op, struct call *c)
{
    int function = rsp_function_at(op->request->path);
    struct rsp_header header;
    c->function = (enum rsp_function)function;
    c->in = arena_alloc(op->arena, rsp_functions[function].request_size);
    if (!c->in)
        return err_set(op->err, ERR_MEMORY, NULL, "no memory for a request");
    return rsp_read_request(op->arena, c->function, op->request->body, &header, c->in, op->err);
}

static void unreadable(struct op *op, const struct call *c, struct rsp_response *response)
{
    bool notification = rsp_functions[c->function].notification;
    if (op->err->code == ERR_MEMORY)
        plain(response, 500);
    else if (!rsp_is_refusal(op->err->code))
        malformed(op, response);
    else if (notification)
        plain(response, 204);
    else
        answer(op, c, true, response);
}

static void run(struct op *op, struct call *c, struct rsp_response *response)
{
    bool refused = false;
    int read = c->asn1 ? rsp_asn1_read_request(op->arena, op->request->body, &c->function, &c->in, op->err)
                       : read_json(op, c);
    if (read != 0) {
        unreadable(op, c, response);
        return;
    }
    const struct rsp_function_info *info = &rsp_functions[c->function];
    c->out = arena_alloc(op->arena, info->response_size + 1);
    if (!c->out) {
        plain(response, 500);
        return;
    }
    if (info->header && caller_find(op) != 0) {
        if (op->err->code == ERR_IO)
            plain(response, 503);
        else
            answer(op, c, true, response);
        return;
    }
    if (perform(op, c->function, c->in, c->out, &refused) != STORE_COMMITTED)
        plain(response, 503);
    else if (info->notification)
        plain(response, 204); /* also for what changes nothing: SGP.22 5.6.4 */
    else
        answer(op, c, refused, response);
}

void smdp_handle(struct smdp *smdp, struct arena *a, const struct rsp_request *request, struct rsp_response *response)
{
    struct err e = { 0 };
    struct op op = { .smdp = smdp, .arena = a, .request = request, .err = &e };
    struct call call = { .asn1 = bytes_equal(request->path, BYTES_LIT(RSP_PATH_ASN1)) };
    struct bytes type = bytes_text(call.asn1 ? RSP_TYPE_ASN1 : RSP_TYPE_JSON);
    int function = rsp_function_at(request->path);
    if (!call.asn1 && (function < 0 || !handlers[function]))
        plain(response, 404);
    else if (!bytes_equal_nocase(bytes_slice(request->content_type, 0, type.n), type))
        plain(response, 415);
    else
        run(&op, &call, response);
}
