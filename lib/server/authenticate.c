/* SPDX-License-Identifier: Apache-2.0 */
#include "server/authenticate.h"

#include "asn1/tlv.h"
#include "rsp/ids.h"

/* -------------------------------------------------------------------- certificates offered */

bool authenticate_set_offered(const struct op *op, size_t set)
{
    uint32_t sets = op->service->listeners[op->request->listener].sets;
    return !sets || sets >> set & 1;
}

/* The CIs that cards may chain to: those of the sets that the listener offers. */
static struct rsp_trust trust_of(const struct op *op)
{
    const struct service *s = op->service;
    struct cert *cis = arena_array(op->arena, SETS_MAX, sizeof *cis);
    struct rsp_trust t = { .cis = cis, .revocation = s->revocation, .known = s->known };
    for (size_t i = 0; cis && i < s->sets->n; i++)
        if (authenticate_set_offered(op, i))
            cis[t.n++] = s->sets->of[i].ci;
    return t;
}

/* Our set under the first CI of the card's verification list; -1: none. */
static int set_choose(const struct op *op, const struct rsp_CiPKIdList *list)
{
    const struct server_sets *k = op->service->sets;
    for (size_t i = 0; i < list->n; i++)
        for (size_t s = 0; s < k->n; s++)
            if (authenticate_set_offered(op, s) && bytes_equal(k->of[s].ci.ski, list->items[i]))
                return (int)s;
    return -1;
}

/* ------------------------------------------------------------------ InitiateAuthentication */

static bool own_address(const struct service *s, struct bytes name)
{
    for (size_t i = 0; i < s->n_addresses; i++)
        if (bytes_equal_nocase(bytes_text(s->addresses[i]), name))
            return true;
    return false;
}

static int info1_read(struct op *op, struct bytes der, struct rsp_EUICCInfo1 *out)
{
    if (asn1_decode(op->arena, &rsp_EUICCInfo1_type, der, ASN1_WIRE, out, op->err) == 0)
        return 0;
    return field_malformed(op, "euiccInfo1");
}

/* What is agreed with a card: the CI that it signs under, and our set. */
struct agreed {
    const struct cert *ci;
    int set;
};

static int agree(struct op *op, const struct es9_initiate_authentication *q, const struct rsp_EUICCInfo1 *info,
                 struct agreed *out)
{
    const struct service_authentication *of = &op->service->role->authentication;
    struct rsp_trust trust = trust_of(op);
    if (!own_address(op->service, q->smdpAddress))
        return op_refuse(op, of->address, of->initiate);
    if (info->svn.p[0] != 2)
        return op_refuse(op, of->svn, of->initiate);
    out->ci = rsp_trust_choose(&trust, &info->euiccCiPKIdListForSigning);
    if (!out->ci)
        return op_refuse(op, of->ci, of->initiate);
    out->set = set_choose(op, &info->euiccCiPKIdListForVerification);
    return out->set < 0 ? op_refuse(op, of->certificate, of->initiate) : 0;
}

static void session_add(struct op *op, const struct rsp_ServerSigned1 *s, const struct agreed *with, struct bytes svn)
{
    struct store_record session = { 0 };
    session.v[SESSION_ID].b = s->transactionId;
    session.v[SESSION_CHALLENGE].b = s->serverChallenge;
    session.v[SESSION_ADDRESS].b = s->serverAddress;
    session.v[SESSION_CI].b = with->ci->ski;
    session.v[SESSION_SET].i = with->set;
    session.v[SESSION_STARTED].i = op_now(op);
    session.v[SESSION_SVN].b = svn;
    store_put(&op->batch, op->service->role->session, &session);
}

int initiate_authentication_handle(struct op *op, const void *in, void *out)
{
    const struct es9_initiate_authentication *q = in;
    struct es9_initiate_authentication_done *r = out;
    struct service *s = op->service;
    struct rsp_EUICCInfo1 info;
    struct agreed with = { 0 };
    uint8_t *random = arena_alloc(op->arena, 32);
    if (q->euiccChallenge.n != 16)
        return op_refuse(op, RSP_BAD_FORMAT, s->role->authentication.initiate);
    if (info1_read(op, q->euiccInfo1, &info) != 0 || agree(op, q, &info, &with) != 0)
        return -1;
    if (!random || s->random(s->context, random, 32) != 0)
        return err_set(op->err, ERR_CRYPTO, NULL, "no random octets");

    struct rsp_ServerSigned1 signed1 = { .transactionId = bytes_make(random, 16),
                                         .euiccChallenge = q->euiccChallenge,
                                         .serverAddress = q->smdpAddress,
                                         .serverChallenge = bytes_make(random + 16, 16) };
    struct bytes signature;
    struct buf pkid = buf_in(op->arena);
    if (sets_sign_server1(s->sets, op->arena, (size_t)with.set, &signed1, &r->serverSigned1, &signature, op->err) != 0)
        return -1;
    tlv_add(&pkid, 0x04, with.ci->ski);
    r->transactionId = signed1.transactionId;
    r->serverSignature1 = rsp_signature_tlv(op->arena, signature);
    r->euiccCiPKIdToBeUsed = buf_bytes(&pkid);
    r->serverCertificate = s->sets->of[with.set].auth.der;
    session_add(op, &signed1, &with, info.svn);
    return 0;
}

/* ---------------------------------------------------------------------- AuthenticateClient */

int authenticate_session(struct op *op, struct bytes id, struct store_record *out)
{
    if (store_get(op->service->store, op->arena, op->service->role->session, id, out, op->err) != 0)
        return -1;
    int64_t age = op_now(op) - out->v[SESSION_STARTED].i;
    if (!out->version || age > SESSION_LIFETIME)
        return op_refuse(op, RSP_TRANSACTION, op->service->role->authentication.client);
    return 0;
}

int field_malformed(struct op *op, const char *field)
{
    op->err->code = RSP_BAD_FORMAT;
    return err_within(op->err, "%s", field);
}

int authenticate_signature(struct op *op, int64_t curve, struct bytes point, const struct rsp_tbs *tbs,
                           struct bytes signature)
{
    struct ec_public *key;
    if (ec_public_new((enum ec_curve)curve, point, &key, op->err) != 0)
        return op_refuse(op, RSP_EUICC_SIGNATURE, "SGP.22 2.6.2");
    int result = rsp_verify(key, tbs, signature, op->err);
    ec_public_free(key);
    return result == 0 ? 0 : op_refuse(op, RSP_EUICC_SIGNATURE, "SGP.22 2.6.2");
}

int authenticate_card(struct op *op, struct bytes eum, struct bytes euicc, struct bytes ci, const struct rsp_tbs *tbs,
               struct bytes signature, struct rsp_card *card)
{
    struct rsp_trust trust = trust_of(op);
    if (rsp_card_verify(op->arena, &trust, eum, euicc, ci, op_now(op), card, op->err) != 0)
        return -1;
    int bad = rsp_verify(card->key, tbs, signature, op->err);
    ec_public_free(card->key);
    card->key = NULL;
    return bad ? op_refuse(op, RSP_EUICC_SIGNATURE, op->service->role->authentication.client) : 0;
}

/* EIDs that get nothing: a card known to be cloned, or all of an EUM's. */
static bool blocked(const struct op *op, struct bytes eid)
{
    const char *text = eid_text(op->arena, eid);
    for (size_t i = 0; text && i < op->service->n_blocked; i++)
        if (strncmp(text, op->service->blocked[i], strlen(op->service->blocked[i])) == 0)
            return true;
    return !text;
}

/* The card that answers: its chain, its signature over our challenge, the version it began with. */
static int answer_check(struct op *op, struct client *c)
{
    const struct store_record *session = &c->session;
    const struct rsp_AuthenticateResponseOk *ok = &c->answer.authenticateResponseOk;
    const struct rsp_EuiccSigned1 *s = &ok->euiccSigned1;
    struct rsp_tbs tbs = rsp_tbs_alone(s->raw);
    if (authenticate_card(op, ok->eumCertificate, ok->euiccCertificate, session->v[SESSION_CI].b, &tbs,
                          ok->euiccSignature1, &c->card) != 0)
        return -1;
    if (!bytes_equal(s->serverChallenge, session->v[SESSION_CHALLENGE].b) ||
        !bytes_equal_nocase(s->serverAddress, session->v[SESSION_ADDRESS].b) ||
        !bytes_equal(s->euiccInfo2.svn, session->v[SESSION_SVN].b))
        return op_refuse(op, RSP_EUICC_SIGNATURE, op->service->role->authentication.client);
    op->eid = c->card.eid;
    return blocked(op, c->card.eid) ? op_refuse(op, RSP_EUICC_INVALID, "SGP.22 4.5.2.2") : 0;
}

int client_authenticate(struct op *op, const struct es9_authenticate_client *q, struct client *c)
{
    const char *clause = op->service->role->authentication.client;
    if (authenticate_session(op, q->transactionId, &c->session) != 0)
        return -1;
    if (asn1_decode(op->arena, &rsp_AuthenticateServerResponse_type, q->authenticateServerResponse, ASN1_WIRE,
                    &c->answer, op->err) != 0)
        return field_malformed(op, "authenticateServerResponse");
    if (c->answer.which != rsp_AuthenticateServerResponse_authenticateResponseOk)
        return op_refuse(op, RSP_EUICC_SIGNATURE, clause);
    if (!bytes_equal(c->answer.authenticateResponseOk.euiccSigned1.transactionId, c->session.v[SESSION_ID].b))
        return op_refuse(op, RSP_TRANSACTION, clause);
    return answer_check(op, c);
}

struct bytes client_matching_id(const struct client *c)
{
    const struct rsp_EuiccSigned1 *s = &c->answer.authenticateResponseOk.euiccSigned1;
    struct bytes id = s->ctxParams1.ctxParamsForCommonAuthentication.matchingId;
    return bytes_present(id) ? id : BYTES_LIT("");
}
