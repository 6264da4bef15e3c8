/* SPDX-License-Identifier: Apache-2.0 */
#include "server/service.h"

#include "rsp/binding.h"
#include "server/audit.h"

enum { MAX_TRIES = 8 };

int op_refuse(struct op *op, int code, const char *clause)
{
    return rsp_refuse(op->err, code, clause);
}

int64_t op_now(const struct op *op)
{
    return op->service->now(op->service->context);
}

/* ----------------------------------------------------------------------------- committing */

static bool has_kind(const struct store_batch *b, size_t kind)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->items[i].kind == kind)
            return true;
    return false;
}

static bool only_sessions(const struct store_batch *b, size_t session)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->items[i].kind != session)
            return false;
    return true;
}

/* The batch and its entry in the audit trail. */
static enum store_commit commit(struct op *op, const char *outcome, const char **column, struct err *e)
{
    struct service *s = op->service;
    const struct service_role *role = s->role;
    struct audit_entry entry = { .time = op_now(op), .actor = op->actor, .subject = op->subject, .action = op->action,
                                 .outcome = outcome };
    if (op->batch.n == 0)
        return STORE_COMMITTED;
    if (only_sessions(&op->batch, role->session))
        return store_commit(s->store, &op->batch, column, e);
    bool told = has_kind(&op->batch, role->outbox);
    if (s->random(s->context, entry.batch, sizeof entry.batch) != 0)
        return STORE_UNAVAILABLE;
    if (role->stamp)
        role->stamp(&op->batch, BYTES_OF(entry.batch));
    enum store_commit done = audit_commit(s->store, role->audit, &entry, &op->batch, column, e);
    if (done != STORE_CONFLICT && told && s->wake)
        s->wake(s->context, &op->batch);
    return done;
}

static int duplicate(struct op *op)
{
    return op_refuse(op, op->service->role->duplicate, op->service->role->duplicate_clause);
}

int op_commit(struct op *op, const char *outcome)
{
    const char *column = NULL;
    enum store_commit done = commit(op, outcome, &column, op->err);
    op->batch = store_batch_in(op->arena);
    switch (done) {
    case STORE_COMMITTED:
        return 0;
    case STORE_CONFLICT:
        return err_set(op->err, OP_CONFLICT, NULL, "somebody else changed it meanwhile");
    case STORE_DUPLICATE:
        return duplicate(op);
    default:
        return err_set(op->err, OP_BUSY, NULL, "the store cannot commit now");
    }
}

static const char *outcome_of(struct op *op, bool refused)
{
    struct rsp_status s = rsp_status_of(refused ? op->err : NULL);
    return refused ? arena_printf(op->arena, "%.*s/%.*s", (int)s.subject.n, s.subject.p, (int)s.reason.n, s.reason.p)
                   : "done";
}

enum store_commit op_perform(struct op *op, service_handler *handle, const void *in, void *out, bool *refused)
{
    for (int tries = 0; tries < MAX_TRIES; tries++) {
        const char *column = NULL;
        struct err e;
        op->batch = store_batch_in(op->arena);
        *refused = handle(op, in, out) != 0;
        if (*refused && op->err->code == OP_CONFLICT)
            continue;
        if (*refused && !rsp_is_refusal(op->err->code))
            return op->err->code == ERR_IO || op->err->code == OP_BUSY ? STORE_UNAVAILABLE : STORE_COMMITTED;
        enum store_commit done = commit(op, outcome_of(op, *refused), &column, &e);
        if (done == STORE_DUPLICATE) {
            *refused = true;
            duplicate(op);
            return STORE_COMMITTED;
        }
        if (done != STORE_CONFLICT)
            return done;
    }
    return STORE_UNAVAILABLE;
}

/* ------------------------------------------------------------------------------- answering */

static void plain(struct rsp_response *r, int status)
{
    *r = (struct rsp_response){ .status = status };
    if (status == 503)
        r->retry_after = 2;
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

/* The role's function at a path; -1: it has none.  (ES9+ and ES11 share a path.) */
static int function_at(const struct service_role *role, struct bytes path)
{
    for (int i = 0; i < RSP_FUNCTIONS; i++)
        if (role->handlers[i] && bytes_equal(bytes_text(rsp_functions[i].path), path))
            return i;
    return -1;
}

static int read_json(struct op *op, struct call *c)
{
    struct rsp_header header;
    c->function = (enum rsp_function)function_at(op->service->role, op->request->path);
    c->in = arena_alloc(op->arena, rsp_functions[c->function].request_size);
    if (!c->in)
        return err_set(op->err, ERR_MEMORY, NULL, "no memory for a request");
    return rsp_read_request(op->arena, c->function, op->request->body, &header, c->in, op->err);
}

/* A tag names the function of ES9+, whose request an ES11 function has too: SGP.22 6.6.2.7. */
static int read_asn1(struct op *op, struct call *c)
{
    if (rsp_asn1_read_request(op->arena, op->request->body, &c->function, &c->in, op->err) != 0)
        return -1;
    int own = function_at(op->service->role, bytes_text(rsp_functions[c->function].path));
    if (own < 0)
        return err_set(op->err, ERR_SYNTAX, "SGP.22 6.6", "%s is none of this server's",
                       rsp_functions[c->function].name);
    c->function = (enum rsp_function)own;
    return 0;
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

/* Neither a refusal nor a wish to wait: something of ours is wrong, and somebody should know. */
static bool is_fault(const struct op *op)
{
    const struct service *s = op->service;
    bool fault = op->err->code > ERR_NONE && !rsp_is_refusal(op->err->code);
    if (fault && s->note)
        s->note(s->context, op->action, op->err);
    return fault;
}

static void run(struct op *op, struct call *c, struct rsp_response *response)
{
    const struct service_role *role = op->service->role;
    bool refused = false;
    if ((c->asn1 ? read_asn1(op, c) : read_json(op, c)) != 0) {
        unreadable(op, c, response);
        return;
    }
    const struct rsp_function_info *info = &rsp_functions[c->function];
    c->out = arena_alloc(op->arena, info->response_size + 1);
    op->action = info->name;
    op->actor = BYTES_LIT("LPA");
    if (!c->out) {
        plain(response, 500);
        return;
    }
    if (info->header && role->caller(op) != 0) {
        if (is_fault(op) && op->err->code == ERR_IO)
            plain(response, 503);
        else
            answer(op, c, true, response);
        return;
    }
    enum store_commit done = op_perform(op, role->handlers[c->function], c->in, c->out, &refused);
    bool fault = refused && is_fault(op);
    if (done != STORE_COMMITTED)
        plain(response, 503);
    else if (info->notification)
        plain(response, fault ? 500 : 204); /* 204 also for what changes nothing: SGP.22 5.6.4 */
    else
        answer(op, c, refused, response);
}

/* A media type, with parameters or without. */
static bool is_type(struct bytes given, const char *type)
{
    struct bytes name = bytes_text(type), rest = bytes_slice(given, name.n, given.n);
    return bytes_equal_nocase(bytes_slice(given, 0, name.n), name) && (rest.n == 0 || memchr("; \t", rest.p[0], 3));
}

/* Is the function offered at the request's listener? */
static bool offered(const struct service *s, const struct rsp_request *q, int function)
{
    const struct service_listener *l = &s->listeners[q->listener];
    bool mutual = function >= 0 && rsp_functions[function].header;
    return mutual ? !l->no_mutual : !l->no_lpa;
}

void service_handle(struct service *s, struct arena *a, const struct rsp_request *request,
                    struct rsp_response *response)
{
    struct err e = { 0 };
    struct op op = { .service = s, .arena = a, .request = request, .err = &e };
    struct call call = { .asn1 = bytes_equal(request->path, BYTES_LIT(RSP_PATH_ASN1)) };
    int function = call.asn1 ? -1 : function_at(s->role, request->path);
    if ((!call.asn1 && function < 0) || !offered(s, request, function))
        plain(response, 404);
    else if (!is_type(request->content_type, call.asn1 ? RSP_TYPE_ASN1 : RSP_TYPE_JSON))
        plain(response, 415);
    else
        run(&op, &call, response);
}
