/* SPDX-License-Identifier: Apache-2.0 */
#include "smds/smds.h"

#include "asn1/asn1.h"
#include "crypto/cert.h"
#include "smds/core.h"

static service_handler *const handlers[RSP_FUNCTIONS] = {
    [ES11_INITIATE_AUTHENTICATION] = initiate_authentication_handle,
    [ES11_AUTHENTICATE_CLIENT] = es11_authenticate_client_handle,
    [ES12_REGISTER_EVENT] = es12_register_event_handle,
    [ES12_DELETE_EVENT] = es12_delete_event_handle,
};

/* SGP.22 5.9, 5.10: an SM-DP+ or another SM-DS is the OID in its TLS certificate. */
static int caller_find(struct op *op)
{
    struct cert c;
    struct err not_dp, not_ds;
    if (!op->request->client_verified || cert_parse(op->arena, op->request->client_cert, &c, &not_dp) != 0 ||
        (cert_check_role(&c, CERT_DPTLS, &not_dp) != 0 && cert_check_role(&c, CERT_DSTLS, &not_ds) != 0) ||
        !bytes_present(c.rid) || c.rid.n > UINT8_MAX)
        return op_refuse(op, RSP_REQUESTER_NOT_ALLOWED, "SGP.22 5.9");
    op->caller.v[CALLER_OID].b = c.rid;
    op->actor = bytes_text(asn1_oid_text(op->arena, c.rid));
    return 0;
}

const struct service_role smds_role = {
    .handlers = handlers,
    .caller = caller_find,
    .authentication = { RSP_SMDS_ADDRESS, RSP_SMDS_CI_NOT_SUPPORTED, RSP_SMDS_SVN_NOT_SUPPORTED,
                        RSP_SMDS_NO_CERTIFICATE, "SGP.22 5.8.1", "SGP.22 5.8.2" },
    .session = SMDS_SESSION,
    .outbox = SMDS_OUTBOX,
    .audit = SMDS_AUDIT,
    .duplicate = RSP_EVENT_EXISTS,
    .duplicate_clause = "SGP.22 5.9.1",
};

struct smds *smds_of(const struct op *op)
{
    return (struct smds *)(void *)((char *)op->service - offsetof(struct smds, service));
}

void smds_handle(struct smds *s, struct arena *a, const struct rsp_request *request, struct rsp_response *response)
{
    service_handle(&s->service, a, request, response);
}

/* --------------------------------------------------------------------------- stale events */

bool event_stale(const struct op *op, const struct store_record *event)
{
    int64_t lifetime = smds_of(op)->limits.lifetime;
    return lifetime && op_now(op) - event->v[EVENT_MADE].i > lifetime;
}

static struct op op_by_itself(struct smds *s, struct arena *a, const char *action, struct err *e)
{
    return (struct op){ .service = &s->service, .arena = a, .err = e, .action = action, .actor = BYTES_LIT("server") };
}

/* An event that was found goes, unless it has left its state meanwhile. */
static int remove_found(struct op *op, const void *in, void *out)
{
    const struct store_record *found = in;
    struct store_record event;
    (void)out;
    if (store_get(op->service->store, op->arena, SMDS_EVENT, found->v[EVENT_KEY].b, &event, op->err) != 0)
        return -1;
    return event.version && event.v[EVENT_STATE].i == found->v[EVENT_STATE].i ? event_remove(op, &event) : 0;
}

static int perform(struct op *op, const struct store_record *event)
{
    bool refused;
    if (op_perform(op, remove_found, event, NULL, &refused) != STORE_COMMITTED)
        return err_set(op->err, ERR_IO, NULL, "the store cannot commit now");
    return refused ? -1 : 0;
}

/* Events stand in the order of registration, so the first that is not stale ends the search. */
int smds_expire(struct smds *s, struct arena *a, size_t limit, size_t *n, struct err *e)
{
    const struct store_query q = { .kind = SMDS_EVENT, .limit = limit };
    struct op op = op_by_itself(s, a, "expiry", e);
    struct store_records found;
    *n = 0;
    if (!s->limits.lifetime)
        return 0;
    if (store_find(s->service.store, a, &q, &found, e) != 0)
        return -1;
    for (size_t i = 0; i < found.n && event_stale(&op, &found.items[i]); i++, ++*n)
        if (perform(&op, &found.items[i]) != 0)
            return -1;
    return 0;
}

/* ------------------------------------------------------------------------------ recovering */

static int cascading(struct smds *s, struct arena *a, struct store_records *out, struct err *e)
{
    const struct store_query q = { .kind = SMDS_EVENT, .column = EVENT_STATE, .value.i = EVENT_CASCADING,
                                   .limit = PAGE };
    return store_find(s->service.store, a, &q, out, e);
}

int smds_recover(struct smds *s, struct arena *a, size_t *n, struct err *e)
{
    struct op op = op_by_itself(s, a, "recovery", e);
    struct store_records page;
    int result;
    *n = 0;
    while ((result = cascading(s, a, &page, e)) == 0 && page.n)
        for (size_t i = 0; i < page.n; i++, ++*n)
            if (perform(&op, &page.items[i]) != 0)
                return -1;
    return result;
}
