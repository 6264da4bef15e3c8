/* SPDX-License-Identifier: Apache-2.0 */
#include "smdp/smdp.h"

#include "crypto/hash.h"
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

static void answer(struct op *op, int function, bool refused, const void *out, struct rsp_response *response)
{
    struct rsp_status status = rsp_status_of(refused ? op->err : NULL);
    struct err e;
    *response = (struct rsp_response){ .status = 200, .content_type = RSP_TYPE_JSON };
    if (rsp_write_response(op->arena, (enum rsp_function)function, &status, refused ? NULL : out, &response->body,
                           &e) != 0)
        plain(response, 500);
}

static void run(struct op *op, int function, struct rsp_response *response)
{
    const struct rsp_function_info *info = &rsp_functions[function];
    void *in = arena_alloc(op->arena, info->request_size), *out = arena_alloc(op->arena, info->response_size + 1);
    struct rsp_header header;
    bool refused = false;
    if (!in || !out) {
        plain(response, 500);
        return;
    }
    if (rsp_read_request(op->arena, (enum rsp_function)function, op->request->body, &header, in, op->err) != 0) {
        if (op->err->code == ERR_SYNTAX || info->notification)
            plain(response, info->notification && op->err->code != ERR_SYNTAX ? 204 : 400);
        else
            answer(op, function, true, NULL, response);
        return;
    }
    if (info->header && caller_find(op) != 0) {
        if (op->err->code == ERR_IO)
            plain(response, 503);
        else
            answer(op, function, true, NULL, response);
        return;
    }
    enum store_commit done = perform(op, function, in, out, &refused);
    if (done != STORE_COMMITTED)
        plain(response, 503);
    else if (info->notification)
        plain(response, 204); /* also for what changes nothing: SGP.22 5.6.4 */
    else
        answer(op, function, refused, out, response);
}

void smdp_handle(struct smdp *smdp, struct arena *a, const struct rsp_request *request, struct rsp_response *response)
{
    struct err e = { 0 };
    struct op op = { .smdp = smdp, .arena = a, .request = request, .err = &e };
    int function = rsp_function_at(request->path);
    static const char json[] = RSP_TYPE_JSON;
    if (function < 0 || !handlers[function])
        plain(response, 404);
    else if (!bytes_equal_nocase(bytes_slice(request->content_type, 0, sizeof json - 1), BYTES_LIT(RSP_TYPE_JSON)))
        plain(response, 415);
    else
        run(&op, function, response);
}
