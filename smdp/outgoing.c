/* SPDX-License-Identifier: Apache-2.0
 *
 * What the SM-DP+ tells others: operators the progress of a download (SGP.22 5.3.5), an SM-DS the events of its orders
 * (5.9). */
#include <stdio.h>

#include "rsp/ids.h"
#include "smdp/core.h"

enum topic { TOPIC_PROGRESS, TOPIC_DELETE_EVENT, TOPIC_UNREGISTER };

/* A request of ours, named by the octets of `id`. */
static int request_write(struct op *op, enum rsp_function f, const uint8_t id[OUTBOX_ID_OCTETS], const void *in,
                         struct bytes *body)
{
    const struct rsp_header header = { bytes_text(op->smdp->addresses[0]),
                                       bytes_text(hex_encode(op->arena, bytes_make(id, OUTBOX_ID_OCTETS))) };
    return rsp_write_request(op->arena, f, &header, in, body, op->err);
}

static int outbox_add(struct op *op, enum topic topic, const char *lane, struct bytes iccid, enum rsp_function f,
                      const void *in)
{
    struct smdp *s = op->smdp;
    struct outbox_message m = { .topic = topic,
                                .lane = bytes_text(lane),
                                .subject = bytes_text(iccid_text(op->arena, iccid)),
                                .created = op_now(op) };
    if (s->random(s->context, m.id, sizeof m.id) != 0)
        return err_set(op->err, ERR_CRYPTO, NULL, "no random octets");
    if (request_write(op, f, m.id, in, &m.body) != 0)
        return -1;
    return outbox_put(&op->batch, KIND_OUTBOX, &m, op->err);
}

/* A POST whose answer counts; -1: nobody answered. */
static int call(struct smdp *s, struct arena *a, const struct smdp_call *c, struct smdp_answer *answer, struct err *e)
{
    if (!s->post)
        return err_set(e, ERR_IO, NULL, "this server reaches nobody");
    return s->post(s->context, a, c, answer, e);
}

/* -------------------------------------------------- ES2+.HandleDownloadProgressInfo, SGP.22 5.3.5 */

/* Table 32b. */
static const struct {
    int64_t reason;
    const char *subject, *code;
} cancelled[] = {
    { rsp_CancelSessionReason_endUserRejection, "8.8.5", "3.8" },
    { rsp_CancelSessionReason_pprNotAllowed, "8.2.8", "1.2" },
    { rsp_CancelSessionReason_metadataMismatch, "8.2.9", "3.11" },
    { rsp_CancelSessionReason_loadBppExecutionError, "8.2.10", "4.2" },
    { rsp_CancelSessionReason_undefinedReason, "8", "4.2" },
};
enum { CANCELLED_ROWS = sizeof cancelled / sizeof *cancelled };

static struct rsp_status point_status(enum order_event event, const struct happening *what)
{
    const struct err refusal = { .code = what->refusal };
    size_t i = 0;
    if (event != EV_REJECTED)
        return rsp_status_of(what->refusal ? &refusal : NULL);
    while (i < CANCELLED_ROWS - 1 && cancelled[i].reason != what->reason)
        i++; /* a reason of later versions counts as undefined */
    return (struct rsp_status){ .executed = RSP_FAILED, .subject = bytes_text(cancelled[i].subject),
                                .reason = bytes_text(cancelled[i].code) };
}

int progress_tell(struct op *op, const struct store_record *p, enum order_event event, enum order_state before,
                  const struct happening *what)
{
    struct store_record operator;
    int point = order_point(event);
    if (point == 0)
        point = before == ORDER_DOWNLOADED ? 3 : 1;
    if (op_operator(op, p->v[PROFILE_OPERATOR].b, &operator) != 0)
        return -1;
    struct es2_progress in = { .eid = p->v[PROFILE_EID].b,
                               .iccid = p->v[PROFILE_ICCID].b,
                               .profileType = p->v[PROFILE_TYPE].b,
                               .timestamp = bytes_text(date_encode(op->arena, op_now(op))),
                               .notificationPointId = point,
                               .notificationPointStatus = point_status(event, what),
                               .resultData = what->result };
    bool wanted = in.notificationPointStatus.executed != RSP_SUCCESS || operator.v[OPERATOR_POINTS].i >> point & 1;
    if (!bytes_present(operator.v[OPERATOR_URL].b) || !wanted)
        return 0;
    const char *lane = arena_printf(op->arena, "operator %.*s", (int)operator.v[OPERATOR_NAME].b.n,
                                    operator.v[OPERATOR_NAME].b.p);
    return outbox_add(op, TOPIC_PROGRESS, lane, in.iccid, ES2_HANDLE_DOWNLOAD_PROGRESS_INFO, &in);
}

/* "https://host[:port][/prefix]" */
static int url_split(struct bytes url, struct bytes *host, struct bytes *prefix)
{
    static const char scheme[] = "https://";
    if (url.n < sizeof scheme || memcmp(url.p, scheme, sizeof scheme - 1) != 0)
        return -1;
    struct bytes rest = bytes_slice(url, sizeof scheme - 1, url.n);
    const uint8_t *slash = memchr(rest.p, '/', rest.n);
    *host = bytes_slice(rest, 0, slash ? (size_t)(slash - rest.p) : rest.n);
    *prefix = bytes_slice(rest, host->n, rest.n);
    return host->n ? 0 : -1;
}

static enum outbox_outcome progress_send(struct op *op, const struct outbox_message *m, int64_t *retry_after)
{
    static const char lane[] = "operator ";
    struct bytes name = bytes_slice(m->lane, sizeof lane - 1, m->lane.n), prefix;
    struct smdp_call c = { .peer = SMDP_OPERATOR, .body = m->body };
    struct smdp_answer answer = { 0 };
    struct store_record operator;
    if (store_get(op->smdp->store, op->arena, KIND_OPERATOR, name, &operator, op->err) != 0)
        return OUTBOX_LATER;
    if (!bytes_present(operator.v[OPERATOR_URL].b))
        return OUTBOX_SENT; /* the operator does not want to be told any more */
    if (url_split(operator.v[OPERATOR_URL].b, &c.host, &prefix) != 0)
        return err_set(op->err, ERR_VALUE, NULL, "the operator's URL is none"), OUTBOX_REFUSED;
    c.path = bytes_text(arena_printf(op->arena, "%.*s%s", (int)prefix.n, prefix.p,
                                     rsp_functions[ES2_HANDLE_DOWNLOAD_PROGRESS_INFO].path));
    if (call(op->smdp, op->arena, &c, &answer, op->err) != 0)
        return OUTBOX_LATER;
    *retry_after = answer.retry_after;
    if (answer.status >= 200 && answer.status < 300)
        return OUTBOX_SENT;
    err_set(op->err, ERR_PEER, NULL, "the operator's server answers with HTTP status %d", answer.status);
    return answer.status == 503 || answer.status == 429 ? OUTBOX_LATER : OUTBOX_REFUSED;
}

/* ------------------------------------------------------------------- ES12, SGP.22 3.6, 5.9 */

static struct bytes event_key(struct op *op, const struct store_record *p)
{
    struct bytes smds = p->v[PROFILE_SMDS].b, id = p->v[PROFILE_MATCHING].b;
    return bytes_text(
        arena_printf(op->arena, "%.*s|%.*s", (int)smds.n, smds.p, (int)id.n, id.p));
}

static int event_get(struct op *op, const struct store_record *p, struct store_record *event)
{
    struct bytes key = event_key(op, p);
    if (store_get(op->smdp->store, op->arena, KIND_EVENT, key, event, op->err) != 0)
        return -1;
    event->v[EVENT_KEY].b = key;
    return 0;
}

int event_claim(struct op *op, const struct store_record *p)
{
    struct store_record event;
    if (event_get(op, p, &event) != 0)
        return -1;
    if (!event.version) {
        event.v[EVENT_ICCID].b = p->v[PROFILE_ICCID].b;
        event.v[EVENT_STATE].i = EVENT_CLAIMED;
        store_put(&op->batch, KIND_EVENT, &event);
        return 0;
    }
    bool own = bytes_equal(event.v[EVENT_ICCID].b, p->v[PROFILE_ICCID].b);
    if (own && event.v[EVENT_STATE].i == EVENT_CLAIMED)
        return 0;
    return op_refuse(op, own && event.v[EVENT_STATE].i == EVENT_DELETING ? RSP_SMDS_UNREACHABLE : RSP_MATCHING_ID_USED,
                     "SGP.22 3.6.1");
}

/* What the SM-DS says to a function of ES12: 0, or a refusal; *known: its answer is certain. */
static int ask(struct op *op, enum rsp_function f, struct bytes smds, struct bytes body, bool *known,
               int64_t *retry_after)
{
    const struct smdp_call c = { .peer = SMDP_SMDS, .host = smds, .path = bytes_text(rsp_functions[f].path),
                                 .body = body };
    struct smdp_answer answer = { 0 };
    struct rsp_status status;
    *known = false;
    if (call(op->smdp, op->arena, &c, &answer, op->err) != 0)
        return RSP_SMDS_UNREACHABLE;
    if (retry_after)
        *retry_after = answer.retry_after;
    if (answer.status != 200 || rsp_read_response(op->arena, f, answer.body, &status, NULL, op->err) != 0)
        return answer.status == 503 ? RSP_SMDS_UNREACHABLE : RSP_SMDS_FAILED;
    *known = true;
    if (status.executed <= RSP_WITH_WARNING)
        return 0;
    const struct rsp_refusal *r = rsp_refusal_find(status.subject, status.reason);
    return r && (r->code == RSP_SMDS_UNREACHABLE || r->code == RSP_EVENT_EXISTS || r->code == RSP_EVENT_UNKNOWN)
               ? r->code
               : RSP_SMDS_FAILED;
}

static int registration(struct op *op, const struct store_record *p, bool *known)
{
    struct smdp *s = op->smdp;
    const struct es12_register_event in = { .eid = p->v[PROFILE_EID].b,
                                            .rspServerAddress = bytes_text(s->addresses[0]),
                                            .eventId = p->v[PROFILE_MATCHING].b,
                                            .forwardingIndicator = true };
    uint8_t id[OUTBOX_ID_OCTETS];
    struct bytes body;
    *known = true;
    if (s->random(s->context, id, sizeof id) != 0 || request_write(op, ES12_REGISTER_EVENT, id, &in, &body) != 0)
        return RSP_INTERNAL;
    int refusal = ask(op, ES12_REGISTER_EVENT, p->v[PROFILE_SMDS].b, body, known, NULL);
    return refusal == RSP_EVENT_EXISTS ? 0 : refusal; /* an earlier try of ours arrived: SGP.22 5.9.1 */
}

static int deletion_add(struct op *op, const struct store_record *p, enum topic topic)
{
    const struct es12_delete_event in = { p->v[PROFILE_EID].b, p->v[PROFILE_MATCHING].b };
    const char *lane = arena_printf(op->arena, "smds %.*s", (int)p->v[PROFILE_SMDS].b.n, p->v[PROFILE_SMDS].b.p);
    return outbox_add(op, topic, lane, p->v[PROFILE_ICCID].b, ES12_DELETE_EVENT, &in);
}

/* ConfirmOrder has failed: the order is what DownloadOrder made of it, and the event ID is free once the SM-DS has
 * surely forgotten it. */
static int confirmation_undo(struct op *op, struct store_record *p, bool known)
{
    struct store_record event;
    if (event_get(op, p, &event) != 0)
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
    p->v[PROFILE_MATCHING].b = p->v[PROFILE_MATCHING_ID].b = p->v[PROFILE_PENDING].b = BYTES_NONE;
    p->v[PROFILE_CC].b = p->v[PROFILE_SMDS].b = BYTES_NONE;
    p->v[PROFILE_EVENT].i = EVENT_NONE;
    return 0;
}

static int registration_failed(struct op *op, struct store_record *p, bool known, int refusal)
{
    if (p->v[PROFILE_STATE].i == ORDER_CONFIRMED)
        p->v[PROFILE_EVENT].i = known ? EVENT_NONE : EVENT_PERHAPS;
    else if (confirmation_undo(op, p, known) != 0)
        return -1;
    store_put(&op->batch, KIND_PROFILE, p);
    return op_refuse(op, refusal, "SGP.22 3.6.1");
}

int event_register(struct op *op, struct store_record *p)
{
    bool known;
    if (p->v[PROFILE_EVENT].i == EVENT_THERE)
        return 0;
    if (event_claim(op, p) != 0)
        return -1;
    p->v[PROFILE_EVENT].i = EVENT_REGISTERING;
    store_put(&op->batch, KIND_PROFILE, p);
    op->registering = true;
    op->subject = p->v[PROFILE_ICCID].b;
    if (op_commit(op, "registering the event") != 0)
        return -1;
    int refusal = registration(op, p, &known);
    if (store_get(op->smdp->store, op->arena, KIND_PROFILE, op->subject, p, op->err) != 0)
        return -1;
    if (refusal)
        return registration_failed(op, p, known, refusal);
    p->v[PROFILE_EVENT].i = EVENT_THERE;
    return 0;
}

int event_delete(struct op *op, struct store_record *p)
{
    struct store_record event;
    if (!bytes_present(p->v[PROFILE_SMDS].b))
        return 0;
    if (event_get(op, p, &event) != 0)
        return -1;
    event.v[EVENT_STATE].i = EVENT_OVER;
    store_put(&op->batch, KIND_EVENT, &event);
    bool there = p->v[PROFILE_EVENT].i != EVENT_NONE;
    p->v[PROFILE_EVENT].i = EVENT_NONE;
    return there ? deletion_add(op, p, TOPIC_DELETE_EVENT) : 0;
}

/* The SM-DS has forgotten the event of an order that was not confirmed: its ID may be used again. */
static int event_unclaim(struct op *op, struct bytes smds, struct bytes id)
{
    struct store_record event;
    struct bytes key =
        bytes_text(arena_printf(op->arena, "%.*s|%.*s", (int)smds.n, smds.p, (int)id.n, id.p));
    if (store_get(op->smdp->store, op->arena, KIND_EVENT, key, &event, op->err) != 0)
        return -1;
    if (!event.version || event.v[EVENT_STATE].i != EVENT_DELETING)
        return 0;
    store_remove(&op->batch, KIND_EVENT, &event);
    return op_commit(op, "event deleted");
}

static enum outbox_outcome event_send(struct op *op, const struct outbox_message *m, int64_t *retry_after)
{
    static const char lane[] = "smds ";
    struct bytes smds = bytes_slice(m->lane, sizeof lane - 1, m->lane.n);
    struct es12_delete_event in;
    struct rsp_header header;
    bool known;
    if (rsp_read_request(op->arena, ES12_DELETE_EVENT, m->body, &header, &in, op->err) != 0)
        return OUTBOX_REFUSED;
    int refusal = ask(op, ES12_DELETE_EVENT, smds, m->body, &known, retry_after);
    bool done = refusal == 0 || refusal == RSP_EVENT_UNKNOWN; /* deleted before: SGP.22 3.6.3 */
    if (done)
        return m->topic == TOPIC_UNREGISTER && event_unclaim(op, smds, in.eventId) != 0 ? OUTBOX_LATER : OUTBOX_SENT;
    if (known)
        op_refuse(op, refusal, "SGP.22 5.9.2");
    return known && refusal != RSP_SMDS_UNREACHABLE ? OUTBOX_REFUSED : OUTBOX_LATER;
}

/* ------------------------------------------------------------------------------- sending */

enum outbox_outcome smdp_send(void *context, struct arena *a, const struct outbox_message *m, int64_t *retry_after,
                              struct err *e)
{
    struct op op = { .smdp = context, .arena = a, .err = e, .action = "outbox", .actor = BYTES_LIT("server"),
                     .batch = store_batch_in(a) };
    return m->topic == TOPIC_PROGRESS ? progress_send(&op, m, retry_after) : event_send(&op, m, retry_after);
}

/* ------------------------------------------------------------------------------ recovering */

/* An order whose event was on its way when the server ended: the operator has no answer yet, so it goes on. */
static int recover_one(struct op *op, const void *in, void *out)
{
    const struct bytes *iccid = in;
    struct store_record p;
    (void)out;
    if (store_get(op->smdp->store, op->arena, KIND_PROFILE, *iccid, &p, op->err) != 0)
        return -1;
    if (!p.version || p.v[PROFILE_EVENT].i != EVENT_REGISTERING)
        return 0;
    enum order_event event = p.v[PROFILE_STATE].i == ORDER_CONFIRMED ? EV_RELEASE : EV_CONFIRM_RELEASE;
    return event_register(op, &p) != 0 ? -1 : op_step(op, &p, event, NULL);
}

int smdp_recover(struct smdp *s, struct arena *a, size_t *n, struct err *e)
{
    struct store_query q = { .kind = KIND_PROFILE, .column = PROFILE_EVENT, .value = { .i = EVENT_REGISTERING },
                             .limit = PAGE };
    struct store_records page;
    *n = 0;
    do {
        if (store_find(s->store, a, &q, &page, e) != 0)
            return -1;
        for (size_t i = 0; i < page.n; i++) {
            struct op op = { .smdp = s, .arena = a, .err = e, .action = "recovery", .actor = BYTES_LIT("server") };
            bool refused;
            if (op_perform(&op, recover_one, &page.items[i].v[PROFILE_ICCID].b, NULL, &refused) != STORE_COMMITTED)
                return err_set(e, ERR_IO, NULL, "the store cannot commit now");
            ++*n;
            q.after = page.items[i].serial;
        }
    } while (page.n == q.limit);
    return 0;
}
