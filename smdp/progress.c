/* SPDX-License-Identifier: Apache-2.0
 *
 * ES2+.HandleDownloadProgressInfo: operators are told the progress of their orders (SGP.22 5.3.5). */
#include "base/text.h"
#include "smdp/outgoing.h"

enum { RESULT_MAX = 32768 /* octets; cards' results have a few hundred, and a message of the outbox has its limit */ };

static const char lane_prefix[] = "operator ";

/* Table 32b. */
static const struct {
    int64_t reason;
    const char *subject, *code, *what;
} cancelled[] = {
    { rsp_CancelSessionReason_endUserRejection, "8.8.5", "3.8", "the user refused the profile" },
    { rsp_CancelSessionReason_pprNotAllowed, "8.2.8", "1.2", "the card's rules do not allow those of the profile" },
    { rsp_CancelSessionReason_metadataMismatch, "8.2.9", "3.11", "the metadata changed during the download" },
    { rsp_CancelSessionReason_loadBppExecutionError, "8.2.10", "4.2", "the card did not take the bound profile" },
    { rsp_CancelSessionReason_undefinedReason, "8", "4.2", "the LPA gave up without a reason" },
};
enum { CANCELLED_ROWS = sizeof cancelled / sizeof *cancelled };

static struct rsp_status cancel_status(int64_t reason)
{
    size_t i = 0;
    while (i < CANCELLED_ROWS - 1 && cancelled[i].reason != reason)
        i++; /* a reason of later versions counts as undefined */
    return (struct rsp_status){ .executed = RSP_FAILED,
                                .subject = bytes_text(cancelled[i].subject),
                                .reason = bytes_text(cancelled[i].code),
                                .message = bytes_text(cancelled[i].what) };
}

static struct rsp_status point_status(enum order_event event, const struct happening *what)
{
    if (event == EV_REJECTED)
        return cancel_status(what->reason);
    if (!what->refusal)
        return (struct rsp_status){ .executed = RSP_SUCCESS };
    const struct rsp_refusal *r = rsp_refusal_of(what->refusal);
    return (struct rsp_status){ .executed = RSP_FAILED,
                                .subject = bytes_text(r->subject),
                                .reason = bytes_text(r->reason),
                                .message = bytes_text(r->what) };
}

int progress_tell(struct op *op, const struct store_record *p, enum order_event event, const struct happening *what)
{
    struct store_record operator;
    struct es2_progress in = { .eid = bytes_present(op->eid) ? op->eid : p->v[PROFILE_EID].b,
                               .iccid = p->v[PROFILE_ICCID].b,
                               .profileType = p->v[PROFILE_TYPE].b,
                               .timestamp = bytes_text(date_encode(op->arena, op_now(op))),
                               .notificationPointId = what->point ? what->point : order_point(event),
                               .notificationPointStatus = point_status(event, what),
                               .resultData = what->result.n <= RESULT_MAX ? what->result : BYTES_NONE };
    if (op_operator(op, p->v[PROFILE_OPERATOR].b, &operator) != 0)
        return -1;
    bool wanted = in.notificationPointStatus.executed != RSP_SUCCESS ||
                  operator.v[OPERATOR_POINTS].i >> in.notificationPointId & 1;
    if (!bytes_present(operator.v[OPERATOR_URL].b) || !wanted)
        return 0;
    struct bytes name = operator.v[OPERATOR_NAME].b;
    const char *lane = arena_printf(op->arena, "%s%.*s", lane_prefix, (int)name.n, name.p);
    return outgoing_later(op, TOPIC_PROGRESS, bytes_text(lane), in.iccid, ES2_HANDLE_DOWNLOAD_PROGRESS_INFO, &in);
}

int progress_url(struct bytes url, struct bytes *host, struct bytes *prefix)
{
    static const char scheme[] = "https://";
    if (url.n < sizeof scheme || memcmp(url.p, scheme, sizeof scheme - 1) != 0)
        return -1;
    struct bytes rest = bytes_slice(url, sizeof scheme - 1, url.n);
    const uint8_t *slash = memchr(rest.p, '/', rest.n);
    *host = bytes_slice(rest, 0, slash ? (size_t)(slash - rest.p) : rest.n);
    *prefix = bytes_slice(rest, host->n, rest.n);
    while (prefix->n && prefix->p[prefix->n - 1] == '/')
        prefix->n--; /* the function's path has its own */
    return host->n ? 0 : -1;
}

enum outbox_outcome progress_send(struct op *op, const struct outbox_message *m, int64_t *retry_after)
{
    struct bytes name = bytes_slice(m->lane, sizeof lane_prefix - 1, m->lane.n), prefix;
    struct service_call c = { .peer = PEER_OPERATOR, .body = m->body };
    struct service_answer answer = { 0 };
    struct store_record operator;
    if (store_get(op->service->store, op->arena, KIND_OPERATOR, name, &operator, op->err) != 0)
        return OUTBOX_LATER;
    if (!bytes_present(operator.v[OPERATOR_URL].b))
        return OUTBOX_SENT; /* the operator does not want to be told any more */
    if (progress_url(operator.v[OPERATOR_URL].b, &c.host, &prefix) != 0)
        return err_set(op->err, ERR_VALUE, NULL, "the operator's URL is none"), OUTBOX_REFUSED;
    c.path = bytes_text(arena_printf(op->arena, "%.*s%s", (int)prefix.n, prefix.p,
                                     rsp_functions[ES2_HANDLE_DOWNLOAD_PROGRESS_INFO].path));
    int result = ask_post(op, &c, &answer);
    *retry_after = answer.retry_after;
    if (result != 0)
        return OUTBOX_LATER;
    if (answer.status >= 200 && answer.status < 300)
        return OUTBOX_SENT;
    ask_odd(op, &c, &answer);
    return OUTBOX_REFUSED;
}
