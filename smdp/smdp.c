/* SPDX-License-Identifier: Apache-2.0 */
#include "smdp/smdp.h"

#include "crypto/cert.h"
#include "crypto/hash.h"
#include "server/authenticate.h"
#include "smdp/core.h"

static service_handler *const handlers[RSP_FUNCTIONS] = {
    [ES2_DOWNLOAD_ORDER] = es2_download_order_handle,
    [ES2_CONFIRM_ORDER] = es2_confirm_order_handle,
    [ES2_CANCEL_ORDER] = es2_cancel_order_handle,
    [ES2_RELEASE_PROFILE] = es2_release_profile_handle,
    [ES9_INITIATE_AUTHENTICATION] = initiate_authentication_handle,
    [ES9_AUTHENTICATE_CLIENT] = es9_authenticate_client_handle,
    [ES9_GET_BOUND_PROFILE_PACKAGE] = es9_get_bound_profile_package_handle,
    [ES9_HANDLE_NOTIFICATION] = es9_handle_notification_handle,
    [ES9_CANCEL_SESSION] = es9_cancel_session_handle,
};

/* ------------------------------------------------------------------------------ the caller */

static int operator_by(struct op *op, size_t column, const struct bytes *parts, size_t n)
{
    uint8_t digest[SHA256_OCTETS];
    struct store_records found;
    sha256(parts, n, digest);
    const struct store_query q = { .kind = KIND_OPERATOR, .column = column, .value = { .b = BYTES_OF(digest) },
                                   .limit = 1 };
    if (store_find(op->service->store, op->arena, &q, &found, op->err) != 0)
        return -1;
    if (found.n)
        op->caller = found.items[0];
    return (int)found.n;
}

/* The operator whose client certificate this is: pinned, or of a trusted CI with the registered names. */
static int caller_find(struct op *op)
{
    struct bytes der = op->request->client_cert;
    struct cert c;
    struct err ignored;
    int found = bytes_present(der) ? operator_by(op, OPERATOR_FINGERPRINT, &der, 1) : 0;
    if (found == 0 && op->request->client_verified && cert_parse(op->arena, der, &c, &ignored) == 0)
        found = operator_by(op, OPERATOR_NAMES, (const struct bytes[]){ c.issuer, c.subject }, 2);
    if (found < 0)
        return -1;
    if (!found)
        return op_refuse(op, RSP_REQUESTER_NOT_ALLOWED, "SGP.22 5.3");
    op->actor = op->caller.v[OPERATOR_NAME].b;
    return 0;
}

const struct service_role smdp_role = {
    .handlers = handlers,
    .caller = caller_find,
    .stamp = profiles_stamp,
    .authentication = { RSP_ADDRESS, RSP_CI_NOT_SUPPORTED, RSP_SVN_NOT_SUPPORTED, RSP_NO_CERTIFICATE, "SGP.22 5.6.1",
                        "SGP.22 5.6.3" },
    .session = KIND_SESSION,
    .outbox = KIND_OUTBOX,
    .audit = KIND_AUDIT,
    .duplicate = RSP_MATCHING_ID_USED, /* the one value of others that must be unique */
    .duplicate_clause = "SGP.22 5.3.2",
};

struct smdp *smdp_of(const struct op *op)
{
    return (struct smdp *)(void *)((char *)op->service - offsetof(struct smdp, service));
}

void smdp_handle(struct smdp *smdp, struct arena *a, const struct rsp_request *request, struct rsp_response *response)
{
    service_handle(&smdp->service, a, request, response);
}
