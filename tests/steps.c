/* SPDX-License-Identifier: Apache-2.0 */
#include "steps.h"


#include "asn1/tlv.h"
#include "crypto/crypto.h"
#include "rsp/ids.h"
#include "rsp/signed.h"

/* -------------------------------------------------------------------------------- the LPA */

static struct said said;
static enum step until;

static bool is(const struct rsp_request *q, enum rsp_function f)
{
    return bytes_equal(q->path, bytes_text(rsp_functions[f].path));
}

/* What comes after the last step goes nowhere. */
static void stop(struct world *w, struct rsp_request *q)
{
    (void)w;
    bool late = until < STEP_ALL && (is(q, ES9_HANDLE_NOTIFICATION) || is(q, ES9_CANCEL_SESSION));
    if (late || (until == STEP_AUTHENTICATED && is(q, ES9_GET_BOUND_PROFILE_PACKAGE)))
        q->path = BYTES_LIT("/nowhere");
}

static int read_answer(enum rsp_function f, const struct rsp_response *r, void *out)
{
    return rsp_read_response(test_arena(), f, r->body, &said.status, out, NULL);
}

static void hear(struct world *w, const struct rsp_request *q, struct rsp_response *r)
{
    struct es9_initiate_authentication_done begun;
    struct es9_authenticate_client_done client;
    struct es9_get_bound_profile_package_done bound;
    struct err e;
    (void)w;
    if (is(q, ES9_INITIATE_AUTHENTICATION) && read_answer(ES9_INITIATE_AUTHENTICATION, r, &begun) == 0)
        said.transaction = begun.transactionId;
    if (is(q, ES9_AUTHENTICATE_CLIENT) && read_answer(ES9_AUTHENTICATE_CLIENT, r, &client) == 0 &&
        said.status.executed == RSP_SUCCESS) {
        said.metadata = client.profileMetadata;
        CHECK_OK(asn1_decode(test_arena(), &rsp_SmdpSigned2_type, client.smdpSigned2, ASN1_WIRE, &said.signed2, &e),
                 &e);
    }
    if (is(q, ES9_GET_BOUND_PROFILE_PACKAGE) && read_answer(ES9_GET_BOUND_PROFILE_PACKAGE, r, &bound) == 0 &&
        said.status.executed == RSP_SUCCESS) {
        said.bpp = bound.boundProfilePackage;
        if (until == STEP_BOUND)
            *r = (struct rsp_response){ .status = 500 };
    }
}

struct said steps_to(struct world *w, const struct activation_code *code, enum step last)
{
    struct lpa_download d;
    struct err e;
    said = (struct said){ 0 };
    until = last;
    w->request = stop;
    w->response = hear;
    world_download(w, code, &d, &e);
    w->request = NULL;
    w->response = NULL;
    return said;
}

void steps_put_off(struct world *w, struct bytes transaction)
{
    struct rsp_CancelSessionRequest q = { .transactionId = transaction, .reason = rsp_CancelSessionReason_postponed };
    struct rsp_CancelSessionResponse r;
    struct err e;
    CHECK_EQ(lpa_open(&w->lpa, &e), LPA_DONE);
    CHECK_EQ(lpa_es10(&w->lpa, "ES10b", "CancelSession", &rsp_CancelSessionRequest_type, &q,
                      &rsp_CancelSessionResponse_type, &r, &e), LPA_DONE);
    lpa_close(&w->lpa);
}

/* -------------------------------------------------------------------------------- the card */

static struct bytes card_signature(struct world *w, struct bytes der)
{
    struct rsp_tbs tbs = rsp_tbs_alone(der);
    struct bytes signature = BYTES_NONE;
    struct err e;
    CHECK_OK(rsp_sign(test_arena(), world_card_key(w), &tbs, &signature, &e), &e);
    return signature;
}

static struct bytes encoded(const struct asn1_type *type, const void *value)
{
    struct bytes der = BYTES_NONE;
    struct err e;
    CHECK_OK(asn1_encode(test_arena(), type, value, &der, &e), &e);
    return der;
}

static struct rsp_response post(struct world *w, enum rsp_function f, const void *in)
{
    struct rsp_request q = { .path = bytes_text(rsp_functions[f].path), .content_type = BYTES_LIT(RSP_TYPE_JSON) };
    struct rsp_response r;
    struct err e;
    CHECK_OK(rsp_write_request(test_arena(), f, NULL, in, &q.body, &e), &e);
    smdp_handle(&w->smdp, test_arena(), &q, &r);
    return r;
}

struct rsp_status steps_cancel(struct world *w, struct bytes transaction, int64_t reason)
{
    struct rsp_CancelSessionResponse answer = { .which = rsp_CancelSessionResponse_cancelSessionResponseOk };
    struct rsp_CancelSessionResponseOk *ok = &answer.cancelSessionResponseOk;
    struct rsp_status status = { .executed = RSP_EXPIRED };
    struct err e;
    ok->euiccCancelSessionSigned = (struct rsp_EuiccCancelSessionSigned){
        .transactionId = transaction, .smdpOid = w->pki.of[CERT_DPAUTH].cert.rid, .reason = reason
    };
    ok->euiccCancelSessionSignature =
        card_signature(w, encoded(&rsp_EuiccCancelSessionSigned_type, &ok->euiccCancelSessionSigned));
    struct es9_cancel_session in = { transaction, encoded(&rsp_CancelSessionResponse_type, &answer) };
    struct rsp_response r = post(w, ES9_CANCEL_SESSION, &in);
    if (CHECK_EQ(r.status, 200))
        CHECK_OK(rsp_read_response(test_arena(), ES9_CANCEL_SESSION, r.body, &status, NULL, &e), &e);
    return status;
}

struct bytes steps_result(struct world *w, const struct result *r)
{
    static const uint8_t install[] = { 0x80 };
    struct rsp_PendingNotification n = { .which = rsp_PendingNotification_profileInstallationResult };
    struct rsp_ProfileInstallationResult *pir = &n.profileInstallationResult;
    struct rsp_ProfileInstallationResultData *d = &pir->profileInstallationResultData;
    d->transactionId = r->transaction;
    d->notificationMetadata = (struct rsp_NotificationMetadata){ .seqNumber = 1,
                                                                 .profileManagementOperation = { install, 8 },
                                                                 .notificationAddress = BYTES_LIT("smdp.example.com"),
                                                                 .iccid = steps_iccid() };
    d->smdpOid = bytes_present(r->oid) ? r->oid : w->pki.of[CERT_DPAUTH].cert.rid;
    if (r->error) {
        d->finalResult.which = rsp_ProfileInstallationResultData_finalResult_errorResult;
        d->finalResult.errorResult = (struct rsp_ErrorResult){ .bppCommandId = 5, .errorReason = r->error };
    } else {
        d->finalResult.which = rsp_ProfileInstallationResultData_finalResult_successResult;
        d->finalResult.successResult = (struct rsp_SuccessResult){
            .aid = unhex("A0000005591010FFFFFFFF8900001000"),
            .simaResponse = bytes_present(r->sima) ? r->sima : unhex("3000"),
        };
    }
    pir->euiccSignPIR = card_signature(w, encoded(&rsp_ProfileInstallationResultData_type, d));
    if (r->bad_signature)
        ((uint8_t *)(uintptr_t)pir->euiccSignPIR.p)[9] ^= 1;
    return encoded(&rsp_PendingNotification_type, &n);
}

/* SGP.22 2.5.6: A2 { A0 successResult { 4F aid, 04 simaResponse } } or A2 { A1 errorResult { 80, 81 } }. */
struct bytes steps_final_result(const struct result *r)
{
    return unhex(r->error ? arena_printf(test_arena(), "A208 A106 800105 8101%02X", (unsigned)r->error)
                          : "A218 A016 4F10A0000005591010FFFFFFFF8900001000 04023000");
}

struct bytes steps_notice(struct world *w, const struct notice *q)
{
    struct rsp_PendingNotification n = { .which = rsp_PendingNotification_otherSignedNotification };
    struct rsp_OtherSignedNotification *other = &n.otherSignedNotification;
    struct bytes iccid = bytes_present(q->iccid) ? q->iccid : steps_iccid();
    other->tbsOtherNotification =
        (struct rsp_NotificationMetadata){ .seqNumber = q->seq,
                                           .profileManagementOperation = { &q->events, 4 },
                                           .notificationAddress = BYTES_LIT("smdp.example.com"),
                                           .iccid = q->no_iccid ? BYTES_NONE : iccid };
    other->euiccNotificationSignature =
        card_signature(w, encoded(&rsp_NotificationMetadata_type, &other->tbsOtherNotification));
    if (q->bad_signature)
        ((uint8_t *)(uintptr_t)other->euiccNotificationSignature.p)[9] ^= 1;
    other->euiccCertificate = w->pki.of[CERT_EUICC].der;
    other->eumCertificate = w->pki.of[CERT_EUM].der;
    return encoded(&rsp_PendingNotification_type, &n);
}

int steps_notify(struct world *w, struct bytes pending_notification)
{
    struct es9_handle_notification in = { pending_notification };
    return post(w, ES9_HANDLE_NOTIFICATION, &in).status;
}

/* ------------------------------------------------------------------------------ the server */

static int64_t now(void *context)
{
    return ((struct world *)context)->now;
}

static int random_octets(void *context, uint8_t *out, size_t n)
{
    (void)context;
    return crypto_random(out, n, NULL);
}

static enum outbox_outcome send_message(void *context, struct arena *a, const struct outbox_message *m,
                                        int64_t *retry_after, struct err *e)
{
    struct world *w = context;
    return smdp_send(&w->smdp, a, m, retry_after, e);
}

bool steps_restart(struct world *w, const char *path)
{
    struct outbox_setup setup = { .kind = KIND_OUTBOX, .send = send_message, .now = now, .random = random_octets,
                                  .context = w,
                                  .plan = { .first_pause = 60, .longest_pause = 3600, .lease = 300 } };
    struct store *inner = NULL;
    struct err e;
    outbox_close(w->outbox, 1, NULL);
    w->outbox = NULL;
    store_close(w->smdp.service.store);
    w->smdp.service.store = NULL;
    w->faults = (struct store_faults){ 0 };
    if (!CHECK_OK(store_open_sqlite(&smdp_schema, path, &inner, &e), &e) ||
        !CHECK_OK(store_open_faults(inner, &w->faults, &w->smdp.service.store, &e), &e))
        return false;
    setup.store = w->smdp.service.store;
    return CHECK_OK(outbox_open(&setup, &w->outbox, &e), &e);
}

/* ----------------------------------------------------------------------------- its records */

struct bytes steps_iccid(void)
{
    struct bytes iccid = BYTES_NONE;
    struct err e;
    CHECK_OK(iccid_from_text(test_arena(), BYTES_LIT(WORLD_ICCID), &iccid, &e), &e);
    return iccid;
}

struct store_record steps_record(struct world *w, enum smdp_kind kind, struct bytes key)
{
    struct store_record r = { 0 };
    struct err e;
    CHECK_OK(store_get(w->smdp.service.store, test_arena(), kind, key, &r, &e), &e);
    return r;
}

struct store_record steps_profile(struct world *w)
{
    return steps_record(w, KIND_PROFILE, steps_iccid());
}

static void change(struct world *w, enum smdp_kind kind, struct bytes key, size_t column, union store_value value)
{
    struct store_record r = steps_record(w, kind, key);
    struct store_batch b = store_batch_in(test_arena());
    struct err e;
    r.v[column] = value;
    store_put(&b, kind, &r);
    CHECK_EQ(store_commit(w->smdp.service.store, &b, NULL, &e), STORE_COMMITTED);
}

void steps_set(struct world *w, enum smdp_kind kind, struct bytes key, size_t column, int64_t value)
{
    change(w, kind, key, column, (union store_value){ .i = value });
}

void steps_set_text(struct world *w, enum smdp_kind kind, struct bytes key, size_t column, const char *value)
{
    change(w, kind, key, column, (union store_value){ .b = bytes_text(value) });
}
