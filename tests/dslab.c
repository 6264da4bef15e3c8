/* SPDX-License-Identifier: Apache-2.0 */
#include "dslab.h"

#include <sys/wait.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "rsp/binding.h"
#include "rsp/ids.h"
#include "rsp/signed.h"

struct dslab lab;

/* ----------------------------------------------------------------------------- the servers */

static int64_t now(void *context)
{
    (void)context;
    return lab.now;
}

static int random_octets(void *context, uint8_t *out, size_t n)
{
    (void)context;
    return crypto_random(out, n, NULL);
}

static int refuse_by(struct arena *a, const char *subject, const char *reason, struct bytes *body, struct err *e)
{
    const struct rsp_status status = { RSP_FAILED, bytes_text(subject), bytes_text(reason), BYTES_NONE, BYTES_NONE };
    return rsp_write_response(a, ES12_DELETE_EVENT, &status, NULL, body, e);
}

/* The alternative calls its root. */
static int post(void *context, struct arena *a, const struct service_call *c, struct service_answer *answer,
                struct err *e)
{
    const struct rsp_request q = { .path = c->path, .content_type = BYTES_LIT(RSP_TYPE_JSON), .body = c->body,
                                   .client_cert = lab.pki.of[CERT_DSTLS].der, .client_verified = true };
    struct rsp_response r = { .status = 200 };
    (void)context;
    void (*during)(void) = lab.during;
    lab.calls++;
    const struct way way = lab.way.at == 0 || lab.way.at == lab.calls ? lab.way : (struct way){ 0 };
    lab.during = NULL;
    if (during)
        during();
    CHECK(bytes_equal(c->host, BYTES_LIT(ROOT_NAME)));
    if (!way.deaf && !way.subject)
        smds_handle(&lab.ds[DS_ROOT].smds, a, &q, &r);
    if (way.subject && refuse_by(a, way.subject, way.reason, &r.body, e) != 0)
        return -1;
    if (way.deaf || way.lost)
        return err_set(e, ERR_IO, NULL, "nobody answers");
    *answer = (struct service_answer){ way.status ? way.status : r.status, r.body, 0 };
    return 0;
}

static void wake(void *context, const struct store_batch *b)
{
    struct ds *d = context;
    if (d->outbox)
        outbox_wake(d->outbox, b);
}

static enum outbox_outcome send_message(void *context, struct arena *a, const struct outbox_message *m,
                                        int64_t *retry_after, struct err *e)
{
    struct ds *d = context;
    return smds_send(&d->smds, a, m, retry_after, e);
}

static bool store_start(struct ds *d)
{
    struct store *inner = NULL;
    struct err e;
    return CHECK_OK(d->path ? store_open_sqlite(&smds_schema, d->path, &inner, &e)
                            : store_open_memory(&smds_schema, &inner, &e), &e) &&
           CHECK_OK(store_open_faults(inner, &d->faults, &d->smds.service.store, &e), &e);
}

static bool outbox_start(struct ds *d)
{
    const struct outbox_setup setup = { .store = d->smds.service.store, .kind = SMDS_OUTBOX, .send = send_message,
                                        .now = now, .random = random_octets, .context = d,
                                        .plan = { .first_pause = 60, .longest_pause = 3600, .lease = 300 } };
    struct err e;
    return CHECK_OK(outbox_open(&setup, &d->outbox, &e), &e);
}

static struct bytes pem_key(const struct ec_key *key)
{
    struct bytes pem = BYTES_NONE;
    struct err e;
    CHECK_OK(ec_key_write(key, test_arena(), &pem, &e), &e);
    return pem;
}

static bool ds_open(struct ds *d, const char *name, const char *root, const char *file)
{
    const struct pki_entity *of = lab.pki.of;
    const struct server_set_files files = { of[CERT_CI].der, of[CERT_DSAUTH].der, pem_key(of[CERT_DSAUTH].key),
                                            .now = lab.now };
    struct err e;
    d->path = file;
    d->smds.root = root;
    d->smds.service = (struct service){ .role = &smds_role, .sets = &d->sets, .addresses = { name }, .n_addresses = 1,
                                        .now = now, .random = random_octets, .post = post, .wake = wake, .context = d };
    return CHECK_OK(sets_add(&d->sets, &files, CERT_DSAUTH, &e), &e) && store_start(d) && outbox_start(d);
}

static void ds_stop(struct ds *d)
{
    if (d->outbox)
        outbox_close(d->outbox, 1, NULL);
    store_close(d->smds.service.store);
    d->outbox = NULL;
    d->smds.service.store = NULL;
}

/* ------------------------------------------------------------------------------ the others */

/* A second SM-DP+ under the same CI. */
static bool second_owner(enum ec_curve curve, struct bytes *der)
{
    const char *const dns[] = { "other.example.com", NULL };
    const struct cert_plan plan = { .role = CERT_DPTLS, .country = "CH", .organization = "Another",
                                    .common_name = "other.example.com", .rid = "2.999.77", .dns = dns,
                                    .serial = BYTES_LIT("\x43"), .not_before = lab.now - 86400,
                                    .not_after = lab.now + 1000 * 86400 };
    const struct pki_entity *ci = &lab.pki.of[CERT_CI];
    struct ec_key *key = NULL;
    struct err e;
    bool right = CHECK_OK(ec_key_generate(curve, &key, &e), &e) &&
                 CHECK_OK(cert_make(test_arena(), &plan, key, &ci->cert, ci->key, der, &e), &e);
    ec_key_free(key);
    return right;
}

static bool people_open(enum ec_curve curve)
{
    static const char second[] = "89049032000000000000000000000228";
    const struct pki_entity *eum = &lab.pki.of[CERT_EUM];
    struct pki_plan plan;
    struct err e;
    pki_plan_init(&plan, lab.now);
    plan.curve = curve;
    if (!CHECK_OK(pki_make(test_arena(), &plan, &lab.pki, &e), &e) ||
        !CHECK_OK(pki_make(test_arena(), &plan, &lab.other, &e), &e))
        return false;
    lab.eids[0] = plan.eid;
    lab.eids[1] = second;
    lab.cards[0] = lab.pki.of[CERT_EUICC];
    lab.owners[0] = lab.pki.of[CERT_DPTLS].der;
    return second_owner(curve, &lab.owners[1]) &&
           CHECK_OK(pki_issue_euicc(test_arena(), &eum->cert, eum->key, second, lab.now, &lab.cards[1], &e), &e);
}

bool lab_open_on(enum ec_curve curve, bool sqlite)
{
    const char *folder = sqlite ? test_folder() : NULL;
    lab = (struct dslab){ .now = 1780000000 };
    return people_open(curve) &&
           ds_open(&lab.ds[DS_ALT], ALT_NAME, ROOT_NAME,
                   sqlite ? arena_printf(test_arena(), "%s/alt.db", folder) : NULL) &&
           ds_open(&lab.ds[DS_ROOT], ROOT_NAME, NULL, sqlite ? arena_printf(test_arena(), "%s/root.db", folder) : NULL);
}

bool lab_open(bool sqlite)
{
    return lab_open_on(EC_P256, sqlite);
}

void lab_close(void)
{
    for (int i = 0; i < 2; i++) {
        ds_stop(&lab.ds[i]);
        sets_end(&lab.ds[i].sets);
    }
    ec_key_free(lab.cards[1].key);
    pki_end(&lab.pki);
    pki_end(&lab.other);
    test_folder_clear();
}

bool lab_restart(int ds, size_t *n)
{
    struct ds *d = &lab.ds[ds];
    struct err e;
    ds_stop(d);
    d->faults = (struct store_faults){ 0 };
    return store_start(d) && CHECK_OK(smds_recover(&d->smds, test_arena(), n, &e), &e) && outbox_start(d);
}

bool lab_apart(void (*run)(void))
{
    size_t n;
    ds_stop(&lab.ds[DS_ALT]);
    ds_stop(&lab.ds[DS_ROOT]);
    pid_t child = fork();
    if (child == 0) {
        if (store_start(&lab.ds[DS_ALT]) && store_start(&lab.ds[DS_ROOT]) && outbox_start(&lab.ds[DS_ALT]))
            run();
        _exit(0);
    }
    return CHECK(child > 0) && CHECK(waitpid(child, NULL, 0) == child) && lab_restart(DS_ROOT, &n) &&
           lab_restart(DS_ALT, &n);
}

static int deliver(struct err *e)
{
    int64_t next;
    return outbox_step(lab.ds[DS_ALT].outbox, &next, e);
}

void lab_deliver(void)
{
    struct err e;
    CHECK_OK(deliver(&e), &e);
}

bool lab_try_deliver(void)
{
    return deliver(NULL) == 0;
}

int64_t lab_events(int ds)
{
    int64_t n = -1;
    struct err e;
    CHECK_OK(store_count(lab.ds[ds].smds.service.store, &(struct store_query){ .kind = SMDS_EVENT }, &n, &e), &e);
    return n;
}

struct bytes lab_eid(int card)
{
    struct bytes eid = BYTES_NONE;
    struct err e;
    CHECK_OK(eid_from_text(test_arena(), bytes_text(lab.eids[card]), &eid, &e), &e);
    return eid;
}

/* ------------------------------------------------------------------------------------ ES12 */

static const char *said(const struct rsp_status *s)
{
    return s->executed == RSP_SUCCESS ? "ok"
                                      : arena_printf(test_arena(), "%.*s/%.*s", (int)s->subject.n, s->subject.p,
                                                     (int)s->reason.n, s->reason.p);
}

static const char *http_said(int status)
{
    return arena_printf(test_arena(), "HTTP %d", status);
}

static void serve(int ds, const struct rsp_request *q, struct rsp_response *r)
{
    if (lab.request)
        lab.request();
    smds_handle(&lab.ds[ds].smds, test_arena(), q, r);
    if (lab.response)
        lab.response();
}

static const char *es12(int ds, struct bytes certificate, enum rsp_function f, const void *in)
{
    const struct rsp_header h = { BYTES_LIT("2.999.10"), BYTES_LIT("1") };
    struct rsp_request q = { .path = bytes_text(rsp_functions[f].path),
                             .content_type = BYTES_LIT(RSP_TYPE_JSON),
                             .client_cert = certificate,
                             .client_verified = bytes_present(certificate) && !lab.unverified };
    struct rsp_response r;
    struct rsp_status status;
    struct err e;
    if (!CHECK_OK(rsp_write_request(test_arena(), f, &h, in, &q.body, &e), &e))
        return "";
    serve(ds, &q, &r);
    if (r.status != 200)
        return http_said(r.status);
    return CHECK_OK(rsp_read_response(test_arena(), f, r.body, &status, NULL, &e), &e) ? said(&status) : "";
}

const char *lab_register(int ds, struct bytes certificate, int card, const char *id, const char *address, bool forward)
{
    const struct es12_register_event in = { lab_eid(card), bytes_text(address), bytes_text(id), forward };
    return es12(ds, certificate, ES12_REGISTER_EVENT, &in);
}

const char *lab_delete(int ds, struct bytes certificate, int card, const char *id)
{
    const struct es12_delete_event in = { lab_eid(card), bytes_text(id) };
    return es12(ds, certificate, ES12_DELETE_EVENT, &in);
}

/* ------------------------------------------------------------------------------------ ES11 */

/* One call in either binding; NULL: done, otherwise what refused. */
static const char *es11(int ds, bool asn1, enum rsp_function f, const void *in, void *out)
{
    struct rsp_request q = { .path = asn1 ? BYTES_LIT(RSP_PATH_ASN1) : bytes_text(rsp_functions[f].path),
                             .content_type = asn1 ? BYTES_LIT(RSP_TYPE_ASN1) : BYTES_LIT(RSP_TYPE_JSON) };
    struct rsp_response r;
    struct rsp_status status = { 0 };
    struct err e;
    CHECK_OK(asn1 ? rsp_asn1_write_request(test_arena(), f, in, &q.body, &e)
                  : rsp_write_request(test_arena(), f, NULL, in, &q.body, &e), &e);
    serve(ds, &q, &r);
    if (r.status != 200)
        return http_said(r.status);
    if (!CHECK_OK(asn1 ? rsp_asn1_read_response(test_arena(), f, r.body, &status, out, &e)
                       : rsp_read_response(test_arena(), f, r.body, &status, out, &e), &e))
        return "";
    return status.executed == RSP_SUCCESS ? NULL : said(&status);
}

static struct bytes encode(const struct asn1_type *type, const void *value)
{
    struct bytes der = BYTES_NONE;
    struct err e;
    CHECK_OK(asn1_encode(test_arena(), type, value, &der, &e), &e);
    return der;
}

static struct bytes svn_of(const struct session *s)
{
    return unhex(s->svn ? s->svn : "020500");
}

static struct bytes info1(const struct session *s)
{
    struct bytes foreign = unhex("1111111111111111111111111111111111111111"), ci = lab.pki.of[CERT_CI].cert.ski;
    struct bytes signing[] = { s->foreign_signing ? foreign : ci };
    struct bytes verification[] = { s->foreign_verification ? foreign : ci };
    const struct rsp_EUICCInfo1 info = { .svn = svn_of(s), .euiccCiPKIdListForSigning = { .n = 1, .items = signing },
                                         .euiccCiPKIdListForVerification = { .n = 1, .items = verification } };
    return encode(&rsp_EUICCInfo1_type, &info);
}

static struct rsp_EUICCInfo2 info2(const struct session *s)
{
    static const uint8_t version[] = { 2, 3, 1 }, none[] = { 0 };
    static struct bytes ci[1];
    ci[0] = lab.pki.of[CERT_CI].cert.ski;
    struct rsp_CiPKIdList list = { .n = 1, .items = ci };
    return (struct rsp_EUICCInfo2){ .profileVersion = BYTES_OF(version),
                                    .svn = s->other_svn ? unhex("020100") : svn_of(s),
                                    .euiccFirmwareVer = BYTES_OF(version),
                                    .extCardResource = unhex("81010082040010000083022000"),
                                    .uiccCapability = { none, 1 },
                                    .rspCapability = { none, 1 },
                                    .euiccCiPKIdListForVerification = list,
                                    .euiccCiPKIdListForSigning = list,
                                    .ppVersion = BYTES_OF(version),
                                    .sasAcreditationNumber = BYTES_LIT("XX-00-0000") };
}

/* SGP.22 5.7.13, with the card's key. */
static struct bytes card_answer(const struct session *s, struct bytes transaction, struct bytes challenge,
                                struct bytes address)
{
    const struct pki_entity *card = &lab.cards[s->card];
    struct rsp_AuthenticateServerResponse r = { .which = rsp_AuthenticateServerResponse_authenticateResponseOk };
    struct rsp_AuthenticateResponseOk *ok = &r.authenticateResponseOk;
    struct rsp_EuiccSigned1 *signed1 = &ok->euiccSigned1;
    struct rsp_CtxParamsForCommonAuthentication *params = &signed1->ctxParams1.ctxParamsForCommonAuthentication;
    struct bytes signature = BYTES_NONE;
    struct err e;
    signed1->transactionId = s->other_transaction ? unhex("00112233445566778899AABBCCDDEEFF") : transaction;
    signed1->serverAddress = s->other_address ? BYTES_LIT("smdp.example.com") : address;
    signed1->serverChallenge = s->other_challenge ? unhex("00112233445566778899AABBCCDDEEFF") : challenge;
    signed1->euiccInfo2 = info2(s);
    signed1->ctxParams1.which = rsp_CtxParams1_ctxParamsForCommonAuthentication;
    params->matchingId = bytes_text(s->id);
    params->deviceInfo.tac = unhex("35290611");
    struct rsp_tbs tbs = rsp_tbs_alone(encode(&rsp_EuiccSigned1_type, signed1));
    CHECK_OK(rsp_sign(test_arena(), card->key, &tbs, &signature, &e), &e);
    if (s->bad_signature)
        ((uint8_t *)(uintptr_t)signature.p)[20] ^= 1;
    ok->euiccSignature1 = signature;
    ok->euiccCertificate = s->euicc.p ? s->euicc : card->der;
    ok->eumCertificate = s->eum.p ? s->eum : lab.pki.of[CERT_EUM].der;
    if (s->card_error)
        r = (struct rsp_AuthenticateServerResponse){
            .which = rsp_AuthenticateServerResponse_authenticateResponseError,
            .authenticateResponseError = { .transactionId = transaction, .authenticateErrorCode = 2 },
        };
    return encode(&rsp_AuthenticateServerResponse_type, &r);
}

/* The server has signed what the card asked (SGP.22 5.8.1): its certificate is the CI's, its signature that one's. */
static bool server_proves(const struct es9_initiate_authentication_done *d, struct rsp_ServerSigned1 *signed1)
{
    struct ec_public *key = NULL;
    struct bytes signature;
    struct cert c;
    struct err e;
    struct rsp_tbs tbs = rsp_tbs_alone(d->serverSigned1);
    bool right =
        CHECK_OK(cert_parse(test_arena(), d->serverCertificate, &c, &e), &e) &&
        CHECK_OK(cert_check_role(&c, CERT_DSAUTH, &e), &e) &&
        CHECK_OK(cert_verify(&c, &lab.pki.of[CERT_CI].cert, &e), &e) &&
        CHECK_OK(rsp_signature_of_tlv(d->serverSignature1, &signature, &e), &e) &&
        CHECK_OK(ec_public_new(c.curve, c.point, &key, &e), &e) && CHECK_OK(rsp_verify(key, &tbs, signature, &e), &e) &&
        CHECK_OK(asn1_decode(test_arena(), &rsp_ServerSigned1_type, d->serverSigned1, ASN1_STRICT, signed1, &e), &e);
    ec_public_free(key);
    return right;
}

static const char *entries(const struct es11_events *events)
{
    struct buf out = buf_in(test_arena());
    for (size_t i = 0; i < events->n; i++)
        buf_printf(&out, "%s%.*s@%.*s", i ? " " : "", (int)events->items[i].eventId.n, events->items[i].eventId.p,
                   (int)events->items[i].rspServerAddress.n, events->items[i].rspServerAddress.p);
    return buf_str(&out);
}

const char *lab_ask(int ds, const struct session *s)
{
    struct bytes challenge = unhex("A0A1A2A3A4A5A6A7A8A9AAABACADAEAF");
    struct bytes address = bytes_text(s->address ? s->address : lab.ds[ds].smds.service.addresses[0]);
    const struct es9_initiate_authentication start = { challenge, info1(s), address };
    struct es9_initiate_authentication_done begun = { 0 };
    struct es11_authenticate_client_done done = { 0 };
    struct rsp_ServerSigned1 signed1;
    const char *refused = es11(ds, s->asn1, ES11_INITIATE_AUTHENTICATION, &start, &begun);
    if (refused)
        return refused;
    if (!server_proves(&begun, &signed1) || !CHECK_BYTES(signed1.euiccChallenge, challenge))
        return "";
    CHECK_BYTES(signed1.serverAddress, address);
    lab.now += s->later;
    const struct es9_authenticate_client answer = {
        s->unknown_transaction ? unhex("FFEEDDCCBBAA99887766554433221100") : begun.transactionId,
        card_answer(s, signed1.transactionId, signed1.serverChallenge, signed1.serverAddress),
    };
    refused = es11(ds, s->asn1, ES11_AUTHENTICATE_CLIENT, &answer, &done);
    if (!refused)
        CHECK_BYTES(done.transactionId, begun.transactionId);
    return refused ? refused : entries(&done.eventEntries);
}
