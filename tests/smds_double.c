/* SPDX-License-Identifier: Apache-2.0 */
#include "smds_double.h"

#include "asn1/tlv.h"
#include "crypto/crypto.h"
#include "rsp/binding.h"
#include "rsp/card.h"
#include "rsp/refusal.h"
#include "rsp/signed.h"

static const struct pki_entity *shown(const struct smds_double *d, const struct world *w)
{
    return &world_pki(w)->of[d->shows == CERT_CI ? CERT_DSAUTH : d->shows];
}

static struct bytes random_of(size_t n)
{
    uint8_t *p = arena_alloc(test_arena(), n);
    struct err e;
    CHECK_OK(crypto_random(p, n, &e), &e);
    return bytes_make(p, n);
}

static void initiate(struct smds_double *d, const struct world *w, const struct es9_initiate_authentication *q,
                     struct es9_initiate_authentication_done *r)
{
    const struct pki *pki = world_pki(w);
    const struct ec_key *key = d->other_key ? pki->of[CERT_EUM].key : shown(d, w)->key;
    struct bytes signature;
    struct buf pkid = buf_in(test_arena());
    struct err e;
    CHECK_BYTES(q->smdpAddress, bytes_text(d->address));
    d->session = (struct rsp_ServerSigned1){ .transactionId = random_of(16), .serverChallenge = random_of(16),
                                             .euiccChallenge = arena_copy(test_arena(), q->euiccChallenge),
                                             .serverAddress = bytes_text(d->address) };
    CHECK_OK(asn1_encode(test_arena(), &rsp_ServerSigned1_type, &d->session, &r->serverSigned1, &e), &e);
    struct rsp_tbs tbs = rsp_tbs_alone(r->serverSigned1);
    CHECK_OK(rsp_sign(test_arena(), key, &tbs, &signature, &e), &e);
    tlv_add(&pkid, 0x04, pki->of[CERT_CI].cert.ski);
    r->transactionId = d->session.transactionId;
    r->serverSignature1 = rsp_signature_tlv(test_arena(), signature);
    r->euiccCiPKIdToBeUsed = buf_bytes(&pkid);
    r->serverCertificate = shown(d, w)->der;
}

/* SGP.22 5.8.2: chain, signature, transaction, challenge. */
static void card_check(struct smds_double *d, const struct world *w, const struct es9_authenticate_client *q)
{
    struct rsp_AuthenticateServerResponse answer;
    const struct rsp_AuthenticateResponseOk *ok = &answer.authenticateResponseOk;
    const struct rsp_trust trust = { .cis = &world_pki(w)->of[CERT_CI].cert, .n = 1 };
    struct rsp_card card = { 0 };
    struct err e;
    if (!CHECK_OK(asn1_decode(test_arena(), &rsp_AuthenticateServerResponse_type,
                              arena_copy(test_arena(), q->authenticateServerResponse), ASN1_WIRE, &answer, &e), &e) ||
        !CHECK_EQ(answer.which, rsp_AuthenticateServerResponse_authenticateResponseOk))
        return;
    struct rsp_tbs tbs = rsp_tbs_alone(ok->euiccSigned1.raw);
    if (CHECK_OK(rsp_card_verify(test_arena(), &trust, ok->eumCertificate, ok->euiccCertificate, BYTES_NONE, w->now,
                                 &card, &e), &e))
        CHECK_OK(rsp_verify(card.key, &tbs, ok->euiccSignature1, &e), &e);
    ec_public_free(card.key);
    CHECK_BYTES(q->transactionId, d->session.transactionId);
    CHECK_BYTES(ok->euiccSigned1.transactionId, d->session.transactionId);
    CHECK_BYTES(ok->euiccSigned1.serverChallenge, d->session.serverChallenge);
    d->id = ok->euiccSigned1.ctxParams1.ctxParamsForCommonAuthentication.matchingId;
    d->with_id = bytes_present(d->id);
}

static struct es11_events found(const struct smds_double *d)
{
    size_t most = SMDS_EVENTS_MAX * (d->times + 1);
    struct es11_events out = { .items = arena_array(test_arena(), most, sizeof *out.items) };
    for (size_t k = 0; k < d->times + (d->times == 0); k++)
        for (const struct smds_event *x = d->events; x < d->events + SMDS_EVENTS_MAX && x->address; x++)
            if (x->under ? d->id.n && bytes_equal(d->id, bytes_text(x->under)) : !d->id.n)
                out.items[out.n++] = (struct es11_event){ bytes_text(x->event_id), bytes_text(x->address) };
    return out;
}

static int answer(struct smds_double *d, const struct world *w, enum rsp_function f, const void *in, void *out,
                  struct err *e)
{
    if (f == ES11_INITIATE_AUTHENTICATION) {
        d->begun++;
    } else {
        d->asked++;
        card_check(d, w, in);
    }
    if (d->subject && d->refuses == f)
        return rsp_refuse(e, rsp_refusal_find(bytes_text(d->subject), bytes_text(d->reason))->code, NULL);
    if (f == ES11_INITIATE_AUTHENTICATION) {
        initiate(d, w, in, out);
        return 0;
    }
    struct es11_authenticate_client_done *done = out;
    *done = (struct es11_authenticate_client_done){ d->session.transactionId, found(d) };
    return d->id.n && !done->eventEntries.n ? rsp_refuse(e, RSP_EVENT_UNKNOWN, NULL) : 0;
}

union value {
    struct es9_initiate_authentication initiate;
    struct es9_authenticate_client client;
    struct es9_initiate_authentication_done initiated;
    struct es11_authenticate_client_done events;
};

/* An AuthenticateClient of ES9+ that looks right until it is read. */
static const struct es9_authenticate_client_done no_profile = {
    { (const uint8_t *)"\1", 1 }, { (const uint8_t *)"\xBF\x25", 3 }, { (const uint8_t *)"\x30", 2 },
    { (const uint8_t *)"\x5F\x37", 3 }, { (const uint8_t *)"\x30", 2 }
};

void smds_double_handle(struct smds_double *d, const struct world *w, struct arena *a, const struct rsp_request *q,
                        struct rsp_response *r)
{
    bool asn1 = bytes_equal(q->path, BYTES_LIT(RSP_PATH_ASN1));
    int read = rsp_function_at(q->path);
    enum rsp_function f = (enum rsp_function)read;
    union value body = { 0 }, done = { 0 };
    void *in = &body;
    const void *out = &done;
    struct err refusal = { 0 }, e;
    if (asn1)
        CHECK_OK(rsp_asn1_read_request(a, q->body, &f, &in, &e), &e);
    f = f == ES9_INITIATE_AUTHENTICATION ? ES11_INITIATE_AUTHENTICATION : ES11_AUTHENTICATE_CLIENT;
    if (!asn1)
        CHECK_OK(rsp_read_request(a, f, q->body, NULL, in, &e), &e);
    bool refused = answer(d, w, f, in, &done, &refusal) != 0;
    if (f == ES11_AUTHENTICATE_CLIENT && d->answers_as_smdp) {
        f = ES9_AUTHENTICATE_CLIENT;
        out = &no_profile;
    }
    struct rsp_status status = rsp_status_of(refused ? &refusal : NULL);
    *r = (struct rsp_response){ .status = 200, .content_type = asn1 ? RSP_TYPE_ASN1 : RSP_TYPE_JSON };
    if (asn1)
        CHECK_OK(rsp_asn1_write_response(a, f, refused ? &refusal : NULL, out, &r->body, &e), &e);
    else
        CHECK_OK(rsp_write_response(a, f, &status, out, &r->body, &e), &e);
}
