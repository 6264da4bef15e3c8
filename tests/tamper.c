/* SPDX-License-Identifier: Apache-2.0 */
#include "tamper.h"

#include "asn1/tlv.h"
#include "rsp/binding.h"
#include "rsp/signed.h"
#include "smdp/records.h"

/* --------------------------------------------------------------------------- bindings */

static bool in_asn1(const struct rsp_request *q)
{
    return bytes_equal(q->path, BYTES_LIT(RSP_PATH_ASN1));
}

bool tamper_is(const struct rsp_request *q, enum rsp_function f)
{
    enum rsp_function function;
    struct err e;
    void *in;
    if (!in_asn1(q))
        return bytes_equal(q->path, bytes_text(rsp_functions[f].path));
    return rsp_asn1_read_request(test_arena(), q->body, &function, &in, &e) == 0 && function == f;
}

/* A request, of either binding, into the function's struct; and back. */
static void request_open(const struct rsp_request *q, enum rsp_function f, void *in)
{
    enum rsp_function function;
    struct err e;
    void *read = NULL;
    if (!in_asn1(q)) {
        CHECK_OK(rsp_read_request(test_arena(), f, q->body, NULL, in, &e), &e);
        return;
    }
    if (CHECK_OK(rsp_asn1_read_request(test_arena(), q->body, &function, &read, &e), &e))
        memcpy(in, read, rsp_functions[f].request_size);
}

static void request_close(struct rsp_request *q, enum rsp_function f, const void *in)
{
    struct err e;
    CHECK_OK(in_asn1(q) ? rsp_asn1_write_request(test_arena(), f, in, &q->body, &e)
                        : rsp_write_request(test_arena(), f, NULL, in, &q->body, &e), &e);
}

void tamper_answer(enum rsp_function f, const struct rsp_request *q, struct rsp_response *r, void (*change)(void *out))
{
    void *out = arena_alloc(test_arena(), rsp_functions[f].response_size);
    struct rsp_status status;
    struct err e;
    if (!tamper_is(q, f) || r->status != 200)
        return;
    CHECK_OK(in_asn1(q) ? rsp_asn1_read_response(test_arena(), f, r->body, &status, out, &e)
                        : rsp_read_response(test_arena(), f, r->body, &status, out, &e), &e);
    if (status.executed != RSP_SUCCESS)
        return;
    change(out);
    CHECK_OK(in_asn1(q) ? rsp_asn1_write_response(test_arena(), f, NULL, out, &r->body, &e)
                        : rsp_write_response(test_arena(), f, &status, out, &r->body, &e), &e);
}

/* ----------------------------------------------------------------------------- octets */

struct bytes tamper_flip(struct bytes b, size_t at)
{
    struct bytes copy = arena_copy(test_arena(), b);
    ((uint8_t *)(uintptr_t)copy.p)[at] ^= 1;
    return copy;
}

static struct tlv element_of(struct bytes octets)
{
    struct cursor c = cursor_over(octets);
    struct tlv t = { 0 };
    struct err e;
    CHECK_OK(tlv_next(&c, ASN1_WIRE, &t, &e), &e);
    return t;
}

struct bytes tamper_append(struct bytes element, const char *elements)
{
    struct tlv outer = element_of(element);
    struct buf content = buf_in(test_arena()), out = buf_in(test_arena());
    buf_add(&content, outer.value);
    buf_add(&content, unhex(elements));
    tlv_add(&out, outer.tag, buf_bytes(&content));
    return buf_bytes(&out);
}

struct bytes tamper_replace(struct bytes element, uint32_t tag, const char *elements)
{
    struct tlv outer = element_of(element), inner = tlv_find(outer.value, tag);
    struct buf content = buf_in(test_arena()), out = buf_in(test_arena());
    if (!CHECK(inner.whole.p != NULL))
        return element;
    size_t at = (size_t)(inner.whole.p - outer.value.p);
    buf_add(&content, bytes_slice(outer.value, 0, at));
    buf_add(&content, unhex(elements));
    buf_add(&content, bytes_slice(outer.value, at + inner.whole.n, outer.value.n));
    tlv_add(&out, outer.tag, buf_bytes(&content));
    return buf_bytes(&out);
}

/* ---------------------------------------------------------------------------- signing */

enum { CHANGES_MAX = 8 };

static const struct tamper *changes[CHANGES_MAX];
static size_t n_changes;
static const struct world *at_work;
static struct bytes eum_certificate, euicc_certificate;
/* The card's own signature under what it said before the change, if the server got another. */
static struct bytes own_signature1;

static struct bytes signature_by(const struct ec_key *key, struct rsp_tbs tbs)
{
    struct bytes signature = BYTES_NONE;
    struct err e;
    CHECK_OK(rsp_sign(test_arena(), key, &tbs, &signature, &e), &e);
    return signature;
}

/* The octets that are to be signed become the ones that are sent. */
static void settle(const struct asn1_type *type, void *value)
{
    struct asn1_choice *begin = value;
    struct err e;
    if (!begin->raw.p)
        CHECK_OK(asn1_forward(test_arena(), type, value, &begin->raw, &e), &e);
}

static struct store_record session_get(const struct world *w, struct bytes transaction_id)
{
    struct store_record session = { 0 };
    struct err e;
    CHECK_OK(store_get(w->smdp.service.store, test_arena(), KIND_SESSION, transaction_id, &session, &e), &e);
    return session;
}

static void sign_client(struct world *w, void *value)
{
    struct rsp_AuthenticateResponseOk *ok = value;
    own_signature1 = ok->euiccSignature1;
    settle(&rsp_EuiccSigned1_type, &ok->euiccSigned1);
    ok->euiccSignature1 = signature_by(world_card_key(w), rsp_tbs_alone(ok->euiccSigned1.raw));
}

static void sign_prepared(struct world *w, void *value)
{
    struct rsp_PrepareDownloadResponseOk *ok = value;
    struct bytes before = session_get(w, ok->euiccSigned2.transactionId).v[SESSION_SIGNATURE2].b;
    settle(&rsp_EUICCSigned2_type, &ok->euiccSigned2);
    ok->euiccSignature2 =
        signature_by(world_card_key(w), rsp_tbs_chained(test_arena(), ok->euiccSigned2.raw, before));
}

static void sign_cancelled(struct world *w, void *value)
{
    struct rsp_CancelSessionResponseOk *ok = value;
    settle(&rsp_EuiccCancelSessionSigned_type, &ok->euiccCancelSessionSigned);
    ok->euiccCancelSessionSignature =
        signature_by(world_card_key(w), rsp_tbs_alone(ok->euiccCancelSessionSigned.raw));
}

static void sign_notification(struct world *w, void *value)
{
    struct rsp_PendingNotification *n = value;
    struct rsp_ProfileInstallationResult *pir = &n->profileInstallationResult;
    struct rsp_OtherSignedNotification *other = &n->otherSignedNotification;
    if (n->which == rsp_PendingNotification_profileInstallationResult) {
        settle(&rsp_ProfileInstallationResultData_type, &pir->profileInstallationResultData);
        pir->euiccSignPIR = signature_by(world_card_key(w), rsp_tbs_alone(pir->profileInstallationResultData.raw));
    } else {
        settle(&rsp_NotificationMetadata_type, &other->tbsOtherNotification);
        other->euiccNotificationSignature =
            signature_by(world_card_key(w), rsp_tbs_alone(other->tbsOtherNotification.raw));
    }
}

/* --------------------------------------------------------------------------- messages */

/* The card's message in a function's request: where it is, where in it begins what changes are given, how it is
 * signed. */
static const struct message {
    enum rsp_function function;
    const struct asn1_type *type;
    size_t field, part;
    void (*sign)(struct world *, void *part);
} messages[] = {
    { ES9_INITIATE_AUTHENTICATION, &rsp_EUICCInfo1_type, offsetof(struct es9_initiate_authentication, euiccInfo1), 0,
      NULL },
    { ES9_AUTHENTICATE_CLIENT, &rsp_AuthenticateServerResponse_type,
      offsetof(struct es9_authenticate_client, authenticateServerResponse),
      offsetof(struct rsp_AuthenticateServerResponse, authenticateResponseOk), sign_client },
    { ES9_GET_BOUND_PROFILE_PACKAGE, &rsp_PrepareDownloadResponse_type,
      offsetof(struct es9_get_bound_profile_package, prepareDownloadResponse),
      offsetof(struct rsp_PrepareDownloadResponse, downloadResponseOk), sign_prepared },
    { ES9_CANCEL_SESSION, &rsp_CancelSessionResponse_type, offsetof(struct es9_cancel_session, cancelSessionResponse),
      offsetof(struct rsp_CancelSessionResponse, cancelSessionResponseOk), sign_cancelled },
    { ES9_HANDLE_NOTIFICATION, &rsp_PendingNotification_type,
      offsetof(struct es9_handle_notification, pendingNotification), 0, sign_notification },
};
enum { MESSAGES = sizeof messages / sizeof *messages };

static bool concerns(const struct tamper *t, enum rsp_function f, bool message)
{
    return t->function == f && (t->level != TAMPER_FIELDS) == message;
}

static bool any(enum rsp_function f, bool message)
{
    for (size_t i = 0; i < n_changes; i++)
        if (concerns(changes[i], f, message))
            return true;
    return false;
}

static void chain_change(struct bytes *eum, struct bytes *euicc)
{
    *eum = eum_certificate.p ? eum_certificate : *eum;
    *euicc = euicc_certificate.p ? euicc_certificate : *euicc;
}

static void certificates_change(enum rsp_function f, void *part)
{
    struct rsp_PendingNotification *n = part;
    struct rsp_AuthenticateResponseOk *ok = part;
    if (f == ES9_AUTHENTICATE_CLIENT)
        chain_change(&ok->eumCertificate, &ok->euiccCertificate);
    if (f != ES9_HANDLE_NOTIFICATION || n->which != rsp_PendingNotification_otherSignedNotification)
        return;
    n->otherSignedNotification.raw = BYTES_NONE;
    chain_change(&n->otherSignedNotification.eumCertificate, &n->otherSignedNotification.euiccCertificate);
}

static void message_change(struct world *w, const struct message *m, struct bytes *der)
{
    void *value = arena_alloc(test_arena(), m->type->size), *part = (char *)value + m->part;
    bool sign = m->function == ES9_GET_BOUND_PROFILE_PACKAGE && own_signature1.p;
    struct err e;
    if (!CHECK_OK(asn1_decode(test_arena(), m->type, *der, ASN1_WIRE, value, &e), &e))
        return;
    ((struct asn1_choice *)value)->raw = ((struct asn1_choice *)part)->raw = BYTES_NONE;
    for (size_t i = 0; i < n_changes; i++)
        if (concerns(changes[i], m->function, true)) {
            changes[i]->change(part);
            sign = sign || changes[i]->level == TAMPER_SIGNED;
        }
    certificates_change(m->function, part);
    if (sign)
        m->sign(w, part);
    CHECK_OK(asn1_forward(test_arena(), m->type, value, der, &e), &e);
}

/* Nobody has a message of the card to change if the card says that it failed. */
static bool is_error(const struct message *m, struct bytes der)
{
    struct asn1_choice *value = arena_alloc(test_arena(), m->type->size);
    struct err e;
    return m->part && CHECK_OK(asn1_decode(test_arena(), m->type, der, ASN1_WIRE, value, &e), &e) && value->which != 1;
}

static void fields_change(struct world *w, const struct message *m, void *in)
{
    struct bytes *der = (struct bytes *)((char *)in + m->field);
    bool resigned = m->function == ES9_GET_BOUND_PROFILE_PACKAGE && own_signature1.p;
    if ((any(m->function, true) || eum_certificate.p || euicc_certificate.p || resigned) && !is_error(m, *der))
        message_change(w, m, der);
    for (size_t i = 0; i < n_changes; i++)
        if (concerns(changes[i], m->function, false))
            changes[i]->change(in);
}

void tamper_request(struct world *w, struct rsp_request *q)
{
    at_work = w;
    for (size_t i = 0; i < MESSAGES; i++) {
        const struct message *m = &messages[i];
        if (!tamper_is(q, m->function))
            continue;
        void *in = arena_alloc(test_arena(), rsp_functions[m->function].request_size);
        request_open(q, m->function, in);
        fields_change(w, m, in);
        request_close(q, m->function, in);
    }
}

/* The server has signed over the changed signature; the card knows its own. */
static void signature2_change(void *out)
{
    struct es9_authenticate_client_done *d = out;
    d->smdpSignature2 = rsp_signature_tlv(
        test_arena(), signature_by(world_pki(at_work)->of[CERT_DPPB].key,
                                   rsp_tbs_chained(test_arena(), d->smdpSigned2, own_signature1)));
}

void tamper_response(struct world *w, const struct rsp_request *q, struct rsp_response *r)
{
    at_work = w;
    if (own_signature1.p)
        tamper_answer(ES9_AUTHENTICATE_CLIENT, q, r, signature2_change);
}

void tamper_end(struct world *w)
{
    n_changes = 0;
    eum_certificate = euicc_certificate = own_signature1 = BYTES_NONE;
    w->request = NULL;
    w->response = NULL;
}

void tamper_with(struct world *w, const struct tamper *t)
{
    if (!CHECK(t != NULL && n_changes < CHANGES_MAX))
        return;
    changes[n_changes++] = t;
    w->request = tamper_request;
    w->response = tamper_response;
}

void tamper_certificates(struct world *w, struct bytes eum, struct bytes euicc)
{
    eum_certificate = eum;
    euicc_certificate = euicc;
    w->request = tamper_request;
    w->response = tamper_response;
}

/* -------------------------------------------------------------------- changes by name */

static void svn_set(struct rsp_EUICCInfo1 *i, uint8_t major)
{
    const uint8_t svn[3] = { major, 5, 0 };
    i->svn = arena_copy(test_arena(), BYTES_OF(svn));
}

static void info1_svn1(void *v)
{
    svn_set(v, 1);
}

static void info1_svn3(void *v)
{
    svn_set(v, 3);
}

static void list_set(struct rsp_CiPKIdList *list, struct bytes ski)
{
    struct bytes *item = arena_alloc(test_arena(), sizeof *item);
    *item = ski;
    *list = (struct rsp_CiPKIdList){ .n = 1, .items = item };
}

static struct bytes nobody(void)
{
    return unhex("0102030405060708090A0B0C0D0E0F1011121314");
}

static void info1_signing(void *v)
{
    list_set(&((struct rsp_EUICCInfo1 *)v)->euiccCiPKIdListForSigning, nobody());
}

static void info1_verification(void *v)
{
    list_set(&((struct rsp_EUICCInfo1 *)v)->euiccCiPKIdListForVerification, nobody());
}

/* Of the listener that is not in use. */
static const struct pki *other_pki(void)
{
    return at_work->listener ? &at_work->pki : &at_work->second;
}

static struct bytes other_ci(void)
{
    return other_pki()->of[CERT_CI].cert.ski;
}

static void info1_signing_other(void *v)
{
    list_set(&((struct rsp_EUICCInfo1 *)v)->euiccCiPKIdListForSigning, other_ci());
}

static void info1_verification_other(void *v)
{
    list_set(&((struct rsp_EUICCInfo1 *)v)->euiccCiPKIdListForVerification, other_ci());
}

static void info1_malformed(void *v)
{
    struct es9_initiate_authentication *in = v;
    in->euiccInfo1 = unhex("BF20 05 8203020500");
}

static void challenge_short(void *v)
{
    struct es9_initiate_authentication *in = v;
    in->euiccChallenge.n--;
}

/* Field-test eUICCs are told by this: SGP.22 5.6.3. */
static void client_field_test(void *v)
{
    struct rsp_EuiccSigned1 *s = &((struct rsp_AuthenticateResponseOk *)v)->euiccSigned1;
    s->raw = s->euiccInfo2.raw = BYTES_NONE;
    s->euiccInfo2.ppVersion = BYTES_LIT("\xFF\xFF\xFF");
}

static void client_no_memory(void *v)
{
    struct rsp_EuiccSigned1 *s = &((struct rsp_AuthenticateResponseOk *)v)->euiccSigned1;
    s->raw = s->euiccInfo2.raw = BYTES_NONE;
    s->euiccInfo2.extCardResource = unhex("810100 82020100 83020100");
}

static void client_svn(void *v)
{
    struct rsp_EuiccSigned1 *s = &((struct rsp_AuthenticateResponseOk *)v)->euiccSigned1;
    s->raw = s->euiccInfo2.raw = BYTES_NONE;
    s->euiccInfo2.svn = BYTES_LIT("\x02\x04\x00");
}

static void client_challenge(void *v)
{
    struct rsp_EuiccSigned1 *s = &((struct rsp_AuthenticateResponseOk *)v)->euiccSigned1;
    s->raw = BYTES_NONE;
    s->serverChallenge = tamper_flip(s->serverChallenge, 3);
}

static void client_address(void *v)
{
    struct rsp_EuiccSigned1 *s = &((struct rsp_AuthenticateResponseOk *)v)->euiccSigned1;
    s->raw = BYTES_NONE;
    s->serverAddress = BYTES_LIT("other.example.com");
}

static void client_inner_id(void *v)
{
    struct rsp_EuiccSigned1 *s = &((struct rsp_AuthenticateResponseOk *)v)->euiccSigned1;
    s->raw = BYTES_NONE;
    s->transactionId = tamper_flip(s->transactionId, 0);
}

static void client_signature(void *v)
{
    struct rsp_AuthenticateResponseOk *ok = v;
    ok->euiccSignature1 = tamper_flip(ok->euiccSignature1, 20);
}

static void client_outer_id(void *v)
{
    struct es9_authenticate_client *in = v;
    in->transactionId = tamper_flip(in->transactionId, 0);
}

static void client_malformed(void *v)
{
    struct es9_authenticate_client *in = v;
    in->authenticateServerResponse = unhex("BF38 04 A0023000");
}

/* authenticateResponseError: the card's own refusal, passed on. */
static void client_error(void *v)
{
    struct es9_authenticate_client *in = v;
    in->authenticateServerResponse = unhex(arena_printf(test_arena(), "BF38 17 A115 8010 %s 020102",
                                                        hex_encode(test_arena(), in->transactionId)));
}

static void prepared_signature(void *v)
{
    struct rsp_PrepareDownloadResponseOk *ok = v;
    ok->euiccSignature2 = tamper_flip(ok->euiccSignature2, 20);
}

static void prepared_inner_id(void *v)
{
    struct rsp_EUICCSigned2 *s = &((struct rsp_PrepareDownloadResponseOk *)v)->euiccSigned2;
    s->raw = BYTES_NONE;
    s->transactionId = tamper_flip(s->transactionId, 0);
}

static void prepared_outer_id(void *v)
{
    struct es9_get_bound_profile_package *in = v;
    in->transactionId = tamper_flip(in->transactionId, 0);
}

static void prepared_malformed(void *v)
{
    struct es9_get_bound_profile_package *in = v;
    in->prepareDownloadResponse = unhex("BF21 04 A0023000");
}

static void prepared_error(void *v)
{
    struct es9_get_bound_profile_package *in = v;
    in->prepareDownloadResponse = unhex(arena_printf(test_arena(), "BF21 17 A115 8010 %s 020102",
                                                     hex_encode(test_arena(), in->transactionId)));
}

static void prepared_no_code(void *v)
{
    struct rsp_EUICCSigned2 *s = &((struct rsp_PrepareDownloadResponseOk *)v)->euiccSigned2;
    s->raw = s->hashCc = BYTES_NONE;
}

static void point_set(void *v, struct bytes point)
{
    struct rsp_EUICCSigned2 *s = &((struct rsp_PrepareDownloadResponseOk *)v)->euiccSigned2;
    s->raw = BYTES_NONE;
    s->euiccOtpk = point;
}

static struct bytes point_of(const void *v)
{
    return ((const struct rsp_PrepareDownloadResponseOk *)v)->euiccSigned2.euiccOtpk;
}

static void point_off_curve(void *v)
{
    point_set(v, tamper_flip(point_of(v), 64));
}

static void point_infinite(void *v)
{
    point_set(v, BYTES_LIT("\0"));
}

static void point_zero(void *v)
{
    uint8_t zeros[EC_POINT_OCTETS] = { 4 };
    point_set(v, arena_copy(test_arena(), BYTES_OF(zeros)));
}

static void point_compressed(void *v)
{
    struct bytes whole = point_of(v), half = arena_copy(test_arena(), bytes_slice(whole, 0, 33));
    ((uint8_t *)(uintptr_t)half.p)[0] = 2 + (whole.p[64] & 1);
    point_set(v, half);
}

static void point_empty(void *v)
{
    point_set(v, BYTES_LIT(""));
}

static void point_long(void *v)
{
    struct bytes whole = point_of(v);
    point_set(v, bytes_slice(unhex(arena_printf(test_arena(), "%s00", hex_encode(test_arena(), whole))), 0, 66));
}

static void point_other_curve(void *v)
{
    point_set(v, other_pki()->of[CERT_EUICC].cert.point);
}

/* A point as good as the card's own: the BPP is of no use to it. */
static void point_fresh(void *v)
{
    point_set(v, world_pki(at_work)->of[CERT_DPTLS].cert.point);
}

/* The key that the server has a package for, as its bppEuiccOtpk says. */
static void point_offered(void *v)
{
    struct bytes id = ((struct rsp_PrepareDownloadResponseOk *)v)->euiccSigned2.transactionId;
    struct store_record session = session_get(at_work, id), binding;
    struct err e;
    CHECK_OK(
        store_get(at_work->smdp.service.store, test_arena(), KIND_BINDING, session.v[SESSION_ICCID].b, &binding, &e),
        &e);
    point_set(v, binding.v[BINDING_EUICC_OTPK].b);
}

static void cancelled_signature(void *v)
{
    struct rsp_CancelSessionResponseOk *ok = v;
    ok->euiccCancelSessionSignature = tamper_flip(ok->euiccCancelSessionSignature, 20);
}

static void cancelled_inner_id(void *v)
{
    struct rsp_EuiccCancelSessionSigned *s = &((struct rsp_CancelSessionResponseOk *)v)->euiccCancelSessionSigned;
    s->raw = BYTES_NONE;
    s->transactionId = tamper_flip(s->transactionId, 0);
}

static void cancelled_oid(void *v)
{
    struct rsp_EuiccCancelSessionSigned *s = &((struct rsp_CancelSessionResponseOk *)v)->euiccCancelSessionSigned;
    s->raw = BYTES_NONE;
    s->smdpOid = BYTES_LIT("\x88\x37\x0B"); /* 2.999.11 */
}

/* A reason of a later version of the standard. */
static void cancelled_reason(void *v)
{
    struct rsp_EuiccCancelSessionSigned *s = &((struct rsp_CancelSessionResponseOk *)v)->euiccCancelSessionSigned;
    s->raw = BYTES_NONE;
    s->reason = 99;
}

static void cancelled_timeout(void *v)
{
    struct rsp_EuiccCancelSessionSigned *s = &((struct rsp_CancelSessionResponseOk *)v)->euiccCancelSessionSigned;
    s->raw = BYTES_NONE;
    s->reason = rsp_CancelSessionReason_timeout;
}

static void cancelled_outer_id(void *v)
{
    struct es9_cancel_session *in = v;
    in->transactionId = tamper_flip(in->transactionId, 0);
}

static void cancelled_malformed(void *v)
{
    struct es9_cancel_session *in = v;
    in->cancelSessionResponse = unhex("BF41 04 A0023000");
}

static void cancelled_error(void *v)
{
    struct es9_cancel_session *in = v;
    in->cancelSessionResponse = unhex("BF41 03 810105");
}

static void result_signature(void *v)
{
    struct rsp_ProfileInstallationResult *r = &((struct rsp_PendingNotification *)v)->profileInstallationResult;
    r->raw = BYTES_NONE;
    r->euiccSignPIR = tamper_flip(r->euiccSignPIR, 20);
}

static struct rsp_ProfileInstallationResultData *result_data(void *v)
{
    struct rsp_ProfileInstallationResult *r = &((struct rsp_PendingNotification *)v)->profileInstallationResult;
    r->raw = r->profileInstallationResultData.raw = BYTES_NONE;
    return &r->profileInstallationResultData;
}

static void result_id(void *v)
{
    struct rsp_ProfileInstallationResultData *d = result_data(v);
    d->transactionId = tamper_flip(d->transactionId, 0);
}

static void result_oid(void *v)
{
    result_data(v)->smdpOid = BYTES_LIT("\x88\x37\x0B");
}

static void result_error(void *v, int64_t reason)
{
    struct rsp_ProfileInstallationResultData *d = result_data(v);
    d->finalResult.raw = BYTES_NONE;
    d->finalResult.which = rsp_ProfileInstallationResultData_finalResult_errorResult;
    d->finalResult.errorResult =
        (struct rsp_ErrorResult){ .bppCommandId = rsp_BppCommandId_loadProfileElements, .errorReason = reason };
}

static void result_memory(void *v)
{
    result_error(v, rsp_ErrorReason_installFailedDueToInsufficientMemoryForProfile);
}

static void result_interrupted(void *v)
{
    result_error(v, rsp_ErrorReason_installFailedDueToInterruption);
}

static void result_permanent(void *v)
{
    result_error(v, rsp_ErrorReason_installFailedDueToPEProcessingError);
}

static void result_malformed(void *v)
{
    struct es9_handle_notification *in = v;
    in->pendingNotification = unhex("BF37 02 BF27");
}

#define INIT ES9_INITIATE_AUTHENTICATION
#define AUTH ES9_AUTHENTICATE_CLIENT
#define BPP ES9_GET_BOUND_PROFILE_PACKAGE
#define CANCEL ES9_CANCEL_SESSION
#define NOTE ES9_HANDLE_NOTIFICATION

static const struct tamper named[] = {
    { "info1-svn-1", INIT, TAMPER_MESSAGE, info1_svn1 },
    { "info1-svn-3", INIT, TAMPER_MESSAGE, info1_svn3 },
    { "info1-signing", INIT, TAMPER_MESSAGE, info1_signing },
    { "info1-verification", INIT, TAMPER_MESSAGE, info1_verification },
    { "info1-signing-other-listener", INIT, TAMPER_MESSAGE, info1_signing_other },
    { "info1-verification-other-listener", INIT, TAMPER_MESSAGE, info1_verification_other },
    { "info1-malformed", INIT, TAMPER_FIELDS, info1_malformed },
    { "challenge-short", INIT, TAMPER_FIELDS, challenge_short },
    { "client-field-test", AUTH, TAMPER_SIGNED, client_field_test },
    { "client-no-memory", AUTH, TAMPER_SIGNED, client_no_memory },
    { "client-svn", AUTH, TAMPER_SIGNED, client_svn },
    { "client-challenge", AUTH, TAMPER_SIGNED, client_challenge },
    { "client-address", AUTH, TAMPER_SIGNED, client_address },
    { "client-inner-id", AUTH, TAMPER_SIGNED, client_inner_id },
    { "client-signature", AUTH, TAMPER_MESSAGE, client_signature },
    { "client-outer-id", AUTH, TAMPER_FIELDS, client_outer_id },
    { "client-malformed", AUTH, TAMPER_FIELDS, client_malformed },
    { "client-error", AUTH, TAMPER_FIELDS, client_error },
    { "prepared-signature", BPP, TAMPER_MESSAGE, prepared_signature },
    { "prepared-inner-id", BPP, TAMPER_MESSAGE, prepared_inner_id },
    { "prepared-outer-id", BPP, TAMPER_FIELDS, prepared_outer_id },
    { "prepared-malformed", BPP, TAMPER_FIELDS, prepared_malformed },
    { "prepared-error", BPP, TAMPER_FIELDS, prepared_error },
    { "prepared-no-code", BPP, TAMPER_SIGNED, prepared_no_code },
    { "point-off-curve", BPP, TAMPER_SIGNED, point_off_curve },
    { "point-infinite", BPP, TAMPER_SIGNED, point_infinite },
    { "point-zero", BPP, TAMPER_SIGNED, point_zero },
    { "point-compressed", BPP, TAMPER_SIGNED, point_compressed },
    { "point-empty", BPP, TAMPER_SIGNED, point_empty },
    { "point-long", BPP, TAMPER_SIGNED, point_long },
    { "point-other-curve", BPP, TAMPER_SIGNED, point_other_curve },
    { "point-fresh", BPP, TAMPER_SIGNED, point_fresh },
    { "point-offered", BPP, TAMPER_SIGNED, point_offered },
    { "cancelled-signature", CANCEL, TAMPER_MESSAGE, cancelled_signature },
    { "cancelled-inner-id", CANCEL, TAMPER_SIGNED, cancelled_inner_id },
    { "cancelled-oid", CANCEL, TAMPER_SIGNED, cancelled_oid },
    { "cancelled-reason", CANCEL, TAMPER_SIGNED, cancelled_reason },
    { "cancelled-timeout", CANCEL, TAMPER_SIGNED, cancelled_timeout },
    { "cancelled-outer-id", CANCEL, TAMPER_FIELDS, cancelled_outer_id },
    { "cancelled-malformed", CANCEL, TAMPER_FIELDS, cancelled_malformed },
    { "cancelled-error", CANCEL, TAMPER_FIELDS, cancelled_error },
    { "result-signature", NOTE, TAMPER_MESSAGE, result_signature },
    { "result-id", NOTE, TAMPER_SIGNED, result_id },
    { "result-oid", NOTE, TAMPER_SIGNED, result_oid },
    { "result-memory", NOTE, TAMPER_SIGNED, result_memory },
    { "result-interrupted", NOTE, TAMPER_SIGNED, result_interrupted },
    { "result-permanent", NOTE, TAMPER_SIGNED, result_permanent },
    { "result-malformed", NOTE, TAMPER_FIELDS, result_malformed },
};

const struct tamper *tamper_find(const char *name)
{
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (strcmp(named[i].name, name) == 0)
            return &named[i];
    return NULL;
}
