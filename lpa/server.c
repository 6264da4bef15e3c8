/* SPDX-License-Identifier: Apache-2.0
 *
 * ES9+ and ES11 as their client: SGP.22 6. */
#include "lpa/core.h"
#include "rsp/binding.h"
#include "rsp/ids.h"
#include "rsp/refusal.h"

static void trace(struct lpa *l, enum rsp_function f, bool to_server, struct bytes body)
{
    const char *name = rsp_functions[f].name, *dot = strchr(name, '.');
    struct lpa_message m = { .to_server = to_server, .from_server = !to_server, .peer = l->peer ? l->peer : "SM-DP+",
                             .interface = arena_printf(l->arena, "%.*s", (int)(dot - name), name),
                             .function = dot + 1, .http = f };
    if (l->asn1 && body.n) {
        m.type = to_server ? &rsp_RemoteProfileProvisioningRequest_type : &rsp_RemoteProfileProvisioningResponse_type;
        m.der = body;
    } else {
        m.text = body;
    }
    if (l->env.trace)
        l->env.trace(l->env.context, &m);
}

/* A refusal as a sentence: ours if we know the pair, else the code lists' words. */
static enum lpa_end refused(const struct rsp_status *s, enum rsp_function f, struct err *e)
{
    const struct rsp_refusal *r = rsp_refusal_find(s->subject, s->reason);
    if (r)
        err_set(e, ERR_PEER, "SGP.22 5.2.6", "%s; next: %s", r->what, r->next);
    else
        err_set(e, ERR_PEER, "SGP.22 5.2.6", "%s: %s", rsp_subject_name(s->subject), rsp_reason_name(s->reason));
    err_at(e, "%s, code %.*s/%.*s", rsp_functions[f].name, (int)s->subject.n, s->subject.p, (int)s->reason.n,
           s->reason.p);
    return LPA_SERVER;
}

static int write_request(struct lpa *l, enum rsp_function f, const void *in, struct rsp_request *q, struct err *e)
{
    *q = (struct rsp_request){ .path = bytes_text(l->asn1 ? RSP_PATH_ASN1 : rsp_functions[f].path),
                               .content_type = bytes_text(l->asn1 ? RSP_TYPE_ASN1 : RSP_TYPE_JSON),
                               .admin_protocol = BYTES_LIT(RSP_ADMIN_PROTOCOL) };
    return l->asn1 ? rsp_asn1_write_request(l->arena, f, in, &q->body, e)
                   : rsp_write_request(l->arena, f, NULL, in, &q->body, e);
}

enum lpa_end server_call(struct lpa *l, struct bytes host, enum rsp_function f, const void *in, void *out,
                         struct rsp_status *status, struct err *e)
{
    struct rsp_request q;
    struct rsp_response r = { 0 };
    if (!fqdn_valid(host, false)) {
        err_set(e, ERR_VALUE, "SGP.22 4.1", "\"%.*s\" is no host name, so nothing is sent there", (int)host.n, host.p);
        err_at(e, "%s", rsp_functions[f].name);
        return LPA_NETWORK;
    }
    if (write_request(l, f, in, &q, e) != 0)
        return LPA_FAILED;
    trace(l, f, true, q.body);
    if (l->env.post(l->env.context, l->arena, host, &q, &r, e) != 0)
        return LPA_NETWORK;
    if (rsp_functions[f].notification && r.status == 204) {
        trace(l, f, false, BYTES_LIT(""));
        return LPA_DONE;
    }
    if (r.status != 200) {
        err_set(e, ERR_PEER, "SGP.22 6.3", "the server answered with HTTP status %d; next: try again later", r.status);
        err_at(e, "%s", rsp_functions[f].name);
        return LPA_SERVER;
    }
    trace(l, f, false, r.body);
    int read = l->asn1 ? rsp_asn1_read_response(l->arena, f, r.body, status, out, e)
                       : rsp_read_response(l->arena, f, r.body, status, out, e);
    if (read != 0) {
        err_within(e, "%s, the server's answer", rsp_functions[f].name);
        return LPA_SERVER;
    }
    return status->executed <= RSP_WITH_WARNING ? LPA_DONE : refused(status, f, e);
}
