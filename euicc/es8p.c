/* SPDX-License-Identifier: Apache-2.0
 *
 * ES8+: what a Bound Profile Package brings (SGP.22 5.5), segment by segment. */
#include "asn1/tlv.h"
#include "crypto/bsp.h"
#include "euicc/core.h"
#include "euicc/misbehave.h"
#include "euicc/rules.h"
#include "rsp/signed.h"
#include "saip/services.h"

enum { INITIALISE, CONFIGURE, METADATA, METADATA2, REPLACE_KEYS, LOAD_PROFILE }; /* BppCommandId */
#define REASON(name) rsp_ErrorReason_##name

static void trace(struct euicc *card, const char *function, const struct asn1_type *type, const void *value)
{
    if (card->env.trace)
        card->env.trace(card->env.context, function, type, value);
}

/* ------------------------------------------------------------ ProfileInstallationResult */

struct outcome {
    const struct euicc_key *key;
    struct bytes transaction_id, address, smdp_oid, iccid; /* iccid absent if not known yet */
    struct bytes aid; /* present: success */
    int64_t command, reason;
    struct bytes response; /* simaResponse, may be absent on errors */
};

/* The signed result as a notification, and the end of "installation begun", into the batch. */
static int put_result(struct nvm_batch *b, const struct outcome *o, uint64_t seq, struct bytes *pir, struct err *e)
{
    static const uint8_t install[] = { 0x80 };
    struct arena *a = b->arena;
    struct rsp_ProfileInstallationResult r = { 0 };
    struct rsp_ProfileInstallationResultData *d = &r.profileInstallationResultData;
    struct bytes der, metadata;
    d->transactionId = o->transaction_id;
    d->notificationMetadata = (struct rsp_NotificationMetadata){ .seqNumber = (int64_t)seq,
                                                                 .profileManagementOperation = { install, 8 },
                                                                 .notificationAddress = o->address,
                                                                 .iccid = o->iccid };
    d->smdpOid = o->smdp_oid;
    d->finalResult.which = o->aid.p ? rsp_ProfileInstallationResultData_finalResult_successResult
                                    : rsp_ProfileInstallationResultData_finalResult_errorResult;
    if (o->aid.p)
        d->finalResult.successResult = (struct rsp_SuccessResult){ .aid = o->aid, .simaResponse = o->response };
    else
        d->finalResult.errorResult = (struct rsp_ErrorResult){ .bppCommandId = o->command,
                                                               .errorReason = o->reason,
                                                               .simaResponse = o->response };
    if (asn1_encode(a, &rsp_ProfileInstallationResultData_type, d, &der, e) != 0 ||
        asn1_encode(a, &rsp_NotificationMetadata_type, &d->notificationMetadata, &metadata, e) != 0 ||
        notify_sign(a, o->key, der, &r.euiccSignPIR, e) != 0 ||
        asn1_encode(a, &rsp_ProfileInstallationResult_type, &r, pir, e) != 0)
        return -1;
    struct nvm_record kept = { .type = REC_RESULT, .field = { rec_number(a, seq, 8), *pir, metadata } };
    struct nvm_record end = { .type = REC_BEGUN_END };
    nvm_put(b, &kept);
    nvm_put(b, &end);
    notify_sequence(b, seq + 1);
    return 0;
}

static struct outcome outcome_of(const struct rsp_session *s)
{
    return (struct outcome){ .key = s->key,
                             .transaction_id = s->transaction_id,
                             .address = s->server_address,
                             .smdp_oid = s->pb.rid,
                             .iccid = s->metadata_known ? s->metadata.iccid : BYTES_NONE };
}

/* The download ends here: its result is durable before it is given. */
static unsigned fail(struct euicc *card, struct arena *a, int64_t command, int64_t reason, struct bytes response,
                     struct buf *out)
{
    struct outcome o = outcome_of(&card->session);
    struct nvm_batch b;
    struct bytes pir;
    o.command = command;
    o.reason = reason;
    o.response = response;
    nvm_begin(&b, a);
    unsigned sw = SW_INTERNAL;
    if (put_result(&b, &o, card->state.next_seq, &pir, NULL) == 0 && card_commit(card, &b, NULL) == 0) {
        buf_add(out, pir);
        sw = SW_OK;
    }
    session_end(card);
    return sw;
}

int es8p_interrupted(struct euicc *card, struct err *e)
{
    struct arena *a = arena_new(1 << 20);
    const struct nvm_record *r = &card->state.begun_record;
    struct nvm_batch b;
    struct bytes pir;
    struct outcome o = { .key = card_key(card, r->field[3]),
                         .transaction_id = r->field[0],
                         .address = r->field[1],
                         .smdp_oid = r->field[2],
                         .iccid = r->field[4],
                         .command = LOAD_PROFILE,
                         .reason = REASON(installFailedDueToInterruption) };
    if (!a || !o.key) {
        arena_free(a);
        return err_set(e, ERR_VERIFY, NULL, "the card's memory holds an installation under a key that is not there");
    }
    nvm_begin(&b, a);
    int result = put_result(&b, &o, card->state.next_seq, &pir, e) != 0 ? -1 : card_commit(card, &b, e);
    arena_free(a);
    return result;
}

int session_discard(struct euicc *card, struct err *e)
{
    static const struct nvm_record end = { .type = REC_BEGUN_END };
    struct arena *a = arena_new(1 << 16);
    struct nvm_batch b;
    int result = a ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory to end a session");
    if (a && card->state.begun) {
        nvm_begin(&b, a);
        nvm_put(&b, &end);
        result = card_commit(card, &b, e);
    }
    arena_free(a);
    session_end(card);
    return result;
}

/* ------------------------------------------------------------- InitialiseSecureChannel */

/* What an interruption from here on is reported with. */
static int begun(struct euicc *card, struct arena *a)
{
    struct rsp_session *s = &card->session;
    struct nvm_batch b;
    struct nvm_record r = { .type = REC_BEGUN,
                            .field = { s->transaction_id, s->server_address, s->pb.rid, s->key->ci_pkid,
                                       s->metadata_known ? s->metadata.iccid : BYTES_NONE } };
    nvm_begin(&b, a);
    nvm_put(&b, &r);
    return card_commit(card, &b, NULL);
}

/* The checks of SGP.22 5.5.1 in their order: 0 or an ErrorReason. */
static int channel_check(struct euicc *card, struct arena *a, const struct rsp_InitialiseSecureChannelRequest *q)
{
    struct rsp_session *s = &card->session;
    const struct rsp_ControlRefTemplate *crt = &q->controlRefTemplate;
    struct ec_public *key = NULL;
    struct rsp_tbs tbs;
    uint8_t secret[EC_SECRET_OCTETS];
    if (rsp_tbs_secure_channel(a, q, ec_key_point(s->otsk), &tbs, NULL) != 0 ||
        ec_public_new(s->pb.curve, s->pb.point, &key, NULL) != 0)
        return REASON(incorrectInputValues);
    bool right = rsp_verify(key, &tbs, q->smdpSign, NULL) == 0;
    ec_public_free(key);
    if (!right)
        return REASON(invalidSignature);
    if (!bytes_equal(q->transactionId, s->transaction_id))
        return REASON(invalidTransactionId);
    if (crt->keyType.p[0] != BSP_KEY_TYPE_AES || crt->keyLen.p[0] != BSP_KEY_LENGTH)
        return REASON(unsupportedCrtValues);
    if (q->remoteOpId != rsp_RemoteOpId_installBoundProfilePackage)
        return REASON(unsupportedRemoteOperationType);
    int bad = ec_shared_secret(s->otsk, q->smdpOtpk, secret, NULL) != 0 ||
              bsp_derive(&s->bsp, BYTES_OF(secret), crt->hostId, card->state.eid, NULL) != 0;
    bytes_wipe(secret, sizeof secret);
    return bad ? REASON(incorrectInputValues) : 0;
}

/* A definite length; what it announces comes in later segments. */
static size_t length_of(struct cursor *c)
{
    uint8_t first = cursor_u8(c);
    size_t length = first;
    if (first & 0x80)
        for (length = 0, first &= 0x7F; first && !c->failed; first--)
            length = length << 8 | cursor_u8(c);
    return length;
}

/* BF36 with its length, and the whole of BF23. */
static unsigned load_begin(struct euicc *card, struct arena *a, struct bytes segment, struct buf *out)
{
    struct rsp_session *s = &card->session;
    struct rsp_InitialiseSecureChannelRequest q;
    struct cursor c = cursor_over(segment);
    if (!s->prepared || s->step != LOAD_NONE || !s->otsk)
        return SW_CONDITIONS;
    /* the outer length announces more than this segment holds: read its header by hand */
    cursor_u16(&c);
    size_t total = length_of(&c);
    if (c.failed || total > UPP_MAX || cursor_left(&c) > total)
        return SW_BAD_DATA;
    size_t here = cursor_left(&c);
    if (asn1_decode(a, &rsp_InitialiseSecureChannelRequest_type, cursor_rest(&c), ASN1_WIRE, &q, NULL) != 0)
        return fail(card, a, INITIALISE, REASON(incorrectInputValues), BYTES_NONE, out);
    trace(card, "ES8+.InitialiseSecureChannel", &rsp_InitialiseSecureChannelRequest_type, &q);
    int reason = channel_check(card, a, &q);
    /* the key pair has served: whatever comes, it is not used again (SGP.22 2.5.3) */
    ec_key_free(s->otsk);
    s->otsk = NULL;
    if (reason)
        return fail(card, a, INITIALISE, reason, BYTES_NONE, out);
    if (begun(card, a) != 0)
        return fail(card, a, INITIALISE, REASON(installFailedDueToUnknownError), BYTES_NONE, out);
    s->left = total - here;
    s->step = LOAD_CONFIGURE;
    s->metadata_octets = s->upp = buf_in(s->arena);
    return SW_OK;
}

/* ------------------------------------------------------------------- protected segments */

static int bsp_reason(const struct err *e)
{
    return e->code == ERR_VERIFY ? REASON(scp03tSecurityError) : REASON(scp03tStructureError);
}

/* The one segment inside A0 or A2. */
static int single(struct euicc *card, struct bytes segment, struct bytes *plain)
{
    struct cursor c = cursor_over(segment), inside;
    struct tlv outer, inner;
    struct err e;
    if (segment.n > card->session.left)
        return REASON(scp03tStructureError);
    card->session.left -= segment.n;
    if (tlv_next(&c, ASN1_WIRE, &outer, NULL) != 0 || !cursor_done(&c))
        return REASON(scp03tStructureError);
    inside = cursor_over(outer.value);
    if (tlv_next(&inside, ASN1_WIRE, &inner, NULL) != 0 || inner.tag != 0x87 || !cursor_done(&inside))
        return REASON(scp03tStructureError);
    return bsp_unprotect(&card->session.bsp, card->session.arena, inner.whole, plain, &e) == 0 ? 0 : bsp_reason(&e);
}

static unsigned configure(struct euicc *card, struct arena *a, struct bytes segment, struct buf *out)
{
    struct rsp_ConfigureISDPRequest q;
    struct bytes plain;
    int reason = single(card, segment, &plain);
    if (!reason && asn1_decode(a, &rsp_ConfigureISDPRequest_type, plain, ASN1_WIRE, &q, NULL) != 0)
        reason = REASON(incorrectInputValues);
    if (!reason && q.dpProprietaryData && q.dpProprietaryData->raw.n > 128)
        reason = REASON(incorrectInputValues);
    if (reason)
        return fail(card, a, CONFIGURE, reason, BYTES_NONE, out);
    trace(card, "ES8+.ConfigureISDP", &rsp_ConfigureISDPRequest_type, &q);
    card->session.proprietary = q.dpProprietaryData ? q.dpProprietaryData->raw : BYTES_NONE;
    card->session.step = LOAD_METADATA_HEAD;
    return SW_OK;
}

/* Tag and length of A1 or A3; their elements come in segments of their own.  The last must be all that is left. */
static unsigned head(struct euicc *card, struct arena *a, struct bytes segment, int64_t command, bool last,
                     struct buf *out)
{
    struct rsp_session *s = &card->session;
    struct cursor c = cursor_over(segment);
    cursor_u8(&c);
    size_t length = length_of(&c), room = s->left > segment.n ? s->left - segment.n : 0;
    if (c.failed || !cursor_done(&c) || length == 0 || length > room || (last && length != room))
        return fail(card, a, command, REASON(scp03tStructureError), BYTES_NONE, out);
    s->left = room;
    s->part_left = length;
    s->step = last ? LOAD_ELEMENTS : LOAD_METADATA;
    return SW_OK;
}

static unsigned metadata_head(struct euicc *card, struct arena *a, struct bytes segment, struct buf *out)
{
    return head(card, a, segment, METADATA, false, out);
}

static unsigned elements_head(struct euicc *card, struct arena *a, struct bytes segment, struct buf *out)
{
    return head(card, a, segment, LOAD_PROFILE, true, out);
}

/* True if the owner is an operator and no pattern (SGP.22 5.5.3). */
static bool owner_exact(const struct rsp_OperatorId *owner)
{
    for (size_t i = 0; owner && i < owner->mccMnc.n; i++)
        if ((owner->mccMnc.p[i] & 15) == 14 || owner->mccMnc.p[i] >> 4 == 14)
            return false;
    return true;
}

/* The rules of SGP.22 5.5.3 that can be decided from the metadata alone: 0 or an ErrorReason. */
static int metadata_check(struct euicc *card, const struct rsp_StoreMetadataRequest *m)
{
    if (m->profileClass < 0 || m->profileClass > 2)
        return REASON(unsupportedProfileClass);
    if (state_profile(&card->state, m->iccid))
        return REASON(installFailedDueToIccidAlreadyExistsOnEuicc);
    if ((m->icon.p != NULL) != m->has_iconType || !owner_exact(m->profileOwner))
        return REASON(incorrectInputValues);
    return rules_pprs_allowed(card, m) ? 0 : REASON(pprNotAllowed);
}

static unsigned metadata_done(struct euicc *card, struct arena *a, struct buf *out)
{
    struct rsp_session *s = &card->session;
    s->metadata_der = buf_bytes(&s->metadata_octets);
    int64_t command = s->metadata_segments > 1 ? METADATA2 : METADATA;
    if (asn1_decode(s->arena, &rsp_StoreMetadataRequest_type, s->metadata_der, ASN1_WIRE, &s->metadata, NULL) != 0)
        return fail(card, a, command, REASON(incorrectInputValues), BYTES_NONE, out);
    s->metadata_known = true;
    trace(card, "ES8+.StoreMetadata", &rsp_StoreMetadataRequest_type, &s->metadata);
    int reason = metadata_check(card, &s->metadata);
    if (!reason && card->state.n_profiles == EUICC_PROFILES_MAX)
        reason = REASON(installFailedDueToInsufficientMemoryForProfile);
    if (!reason && begun(card, a) != 0)
        reason = REASON(installFailedDueToUnknownError);
    if (reason)
        return fail(card, a, command, reason, BYTES_NONE, out);
    s->step = LOAD_KEYS_OR_HEAD;
    return SW_OK;
}

static unsigned metadata(struct euicc *card, struct arena *a, struct bytes segment, struct buf *out)
{
    struct rsp_session *s = &card->session;
    struct bytes plain;
    struct err e;
    s->metadata_segments++;
    int64_t command = s->metadata_segments > 1 ? METADATA2 : METADATA;
    if (segment.n > s->part_left || s->metadata_segments > 2)
        return fail(card, a, command, REASON(scp03tStructureError), BYTES_NONE, out);
    if (bsp_unprotect(&s->bsp, s->arena, segment, &plain, &e) != 0)
        return fail(card, a, command, bsp_reason(&e), BYTES_NONE, out);
    buf_add(&s->metadata_octets, plain);
    s->left -= segment.n;
    s->part_left -= segment.n;
    return s->part_left ? SW_OK : metadata_done(card, a, out);
}

/* SGP.22 5.5.4 */
static unsigned replace_keys(struct euicc *card, struct arena *a, struct bytes segment, struct buf *out)
{
    struct rsp_ReplaceSessionKeysRequest q;
    struct bytes plain;
    int reason = single(card, segment, &plain);
    if (!reason && (asn1_decode(a, &rsp_ReplaceSessionKeysRequest_type, plain, ASN1_WIRE, &q, NULL) != 0 ||
                    q.initialMacChainingValue.n != 16 || q.ppkEnc.n != 16 || q.ppkCmac.n != 16))
        reason = REASON(incorrectInputValues);
    if (reason)
        return fail(card, a, REPLACE_KEYS, reason, BYTES_NONE, out);
    trace(card, "ES8+.ReplaceSessionKeys", &rsp_ReplaceSessionKeysRequest_type, &q);
    bsp_replace(&card->session.bsp, q.ppkEnc.p, q.ppkCmac.p, q.initialMacChainingValue.p);
    card->session.step = LOAD_HEAD;
    return SW_OK;
}

/* ------------------------------------------------------------------------- installation */

/* The owner is checked against the first USIM. */
static const struct saip_file *usim_of(const struct saip_image *m)
{
    const struct saip_file *f = m->mf->children;
    while (f && f->naa != SAIP_USIM)
        f = f->next;
    return f;
}

/* EF.GIDn against the owner: equal if given, the service off if not (SGP.22 5.5.5). */
static bool gid_fits(const struct saip_image *m, struct bytes gid, uint16_t fid, unsigned number)
{
    const struct saip_file *usim = usim_of(m), *f = usim ? saip_child(usim, fid) : NULL;
    bool available = usim && saip_service_available(usim, number);
    if (!bytes_present(gid))
        return !available;
    return available && f && f->size >= gid.n && memcmp(f->body, gid.p, gid.n) == 0;
}

/* MCC and MNC at the start of EF.IMSI: digits 2 to 7 of its nibbles. */
static bool imsi_fits(const struct saip_image *m, struct bytes mcc_mnc)
{
    const struct saip_file *usim = usim_of(m), *f = usim ? saip_child(usim, 0x6F07) : NULL;
    uint8_t want[6], got[6];
    if (!f || f->size < 5)
        return false;
    for (int i = 0; i < 6; i++)
        got[i] = i % 2 ? f->body[1 + (i + 1) / 2] & 15 : f->body[1 + i / 2] >> 4;
    const uint8_t *p = mcc_mnc.p;
    want[0] = p[0] & 15, want[1] = p[0] >> 4, want[2] = p[1] & 15, want[3] = p[2] & 15, want[4] = p[2] >> 4;
    want[5] = p[1] >> 4;
    return memcmp(want, got, want[5] == 15 ? 5 : 6) == 0;
}

/* Test profiles carry test keys only (SGP.22 2.4.5.3 and 3.1.3.3, Annex C.3 of SGP.21): K of zeros but for its last 32
 * bits, or 00 01 .. 0F, or the test algorithm. */
static bool test_key(const struct aka_key *k)
{
    static const uint8_t zero[AKA_KEY_MAX];
    bool counting = true;
    for (int i = 0; i < k->k_octets; i++)
        counting = counting && k->k[i] == i;
    return counting || k->algorithm == AKA_XOR || memcmp(k->k, zero, k->k_octets - 4u) == 0;
}

static int data_check(const struct rsp_StoreMetadataRequest *m, const struct saip_image *image)
{
    const struct saip_file *iccid = saip_child(image->mf, 0x2FE2);
    if (!iccid || iccid->size != 10 || !bytes_equal(bytes_make(iccid->body, 10), m->iccid))
        return REASON(installFailedDueToDataMismatch);
    if (m->profileOwner && (!imsi_fits(image, m->profileOwner->mccMnc) ||
                            !gid_fits(image, m->profileOwner->gid1, 0x6F3E, 17) ||
                            !gid_fits(image, m->profileOwner->gid2, 0x6F3F, 18)))
        return REASON(installFailedDueToDataMismatch);
    for (size_t i = 0; m->profileClass == 0 && i < image->n_akas; i++)
        if (!test_key(&image->akas[i].key))
            return REASON(testProfileInstallFailedDueToInvalidNaaKey);
    return 0;
}

/* ISD-P AIDs of SGP.02: A0000005591010FFFFFFFF89 0000 xxxx 00, from 10 on. */
static struct bytes free_aid(const struct euicc *card, struct arena *a)
{
    static const uint8_t base[16] = { 0xA0, 0, 0, 5, 0x59, 0x10, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x89, 0, 0, 0x10, 0 };
    uint8_t *aid = arena_alloc(a, sizeof base);
    if (!aid)
        return BYTES_NONE;
    memcpy(aid, base, sizeof base);
    for (bool taken = true; taken;) {
        taken = false;
        for (size_t i = 0; i < card->state.n_profiles; i++)
            taken = taken || bytes_equal(card->state.profiles[i]->aid, bytes_make(aid, sizeof base));
        if (taken)
            aid[14]++;
    }
    return bytes_make(aid, sizeof base);
}

/* Profile, result and notifications become durable in one batch. */
static unsigned install_commit(struct euicc *card, struct arena *a, struct bytes upp, struct bytes response,
                               struct buf *out)
{
    struct rsp_session *s = &card->session;
    struct outcome o = outcome_of(s);
    struct nvm_batch b;
    struct bytes pir;
    struct euicc_profile p = { .iccid = s->metadata.iccid, .metadata = s->metadata, .ci_pkid = s->key->ci_pkid };
    uint64_t seq = card->state.next_seq + 1;
    o.aid = free_aid(card, a);
    o.response = response;
    struct nvm_record profile = {
        .type = REC_PROFILE, .field = { s->metadata.iccid, o.aid, s->metadata_der, upp, s->pb.rid, s->key->ci_pkid }
    };
    struct nvm_record proprietary = { .type = REC_PROPRIETARY, .field = { s->metadata.iccid, s->proprietary } };
    nvm_begin(&b, a);
    nvm_put(&b, &profile);
    if (s->proprietary.p)
        nvm_put(&b, &proprietary);
    if (put_result(&b, &o, card->state.next_seq, &pir, NULL) != 0 || notify_event(card, &b, &p, 0, &seq, NULL) != 0)
        return fail(card, a, LOAD_PROFILE, REASON(installFailedDueToUnknownError), BYTES_NONE, out);
    notify_sequence(&b, seq);
    if (card_commit(card, &b, NULL) != 0)
        return fail(card, a, LOAD_PROFILE, REASON(installFailedDueToUnknownError), BYTES_NONE, out);
    buf_add(out, pir);
    session_end(card);
    return SW_OK;
}

static unsigned install_package(struct euicc *card, struct arena *a, struct bytes upp, struct buf *out)
{
    struct rsp_session *s = &card->session;
    struct bytes response = BYTES_NONE;
    struct saip_package package;
    struct euicc_profile *ready = state_ready(&card->state, upp);
    struct saip_image *image = ready ? &ready->image : NULL;
    struct saip_result result = { 0 };
    if (!image || !upp.p)
        return fail(card, a, LOAD_PROFILE, REASON(installFailedDueToInsufficientMemoryForProfile), BYTES_NONE, out);
    if (saip_decode(s->arena, upp, ASN1_STRICT, &package, NULL) != 0) {
        saip_result_end(&result, SAIP_INVALID_FORMAT);
    } else {
        for (size_t i = 0; i < package.n; i++)
            trace(card, "ES8+.LoadProfileElements", &saip_ProfileElement_type, &package.items[i]);
        saip_install(ready->arena, &package, image, &result);
        int64_t odd = misbehave_install(card->env.misbehave, s->arena, &package);
        if (odd)
            saip_result_end(&result, (enum saip_status)odd);
    }
    if (saip_response(a, &result, &response, NULL) != 0)
        return fail(card, a, LOAD_PROFILE, REASON(installFailedDueToUnknownError), BYTES_NONE, out);
    enum saip_status status = saip_result_status(&result);
    int reason = status == SAIP_NOT_ENOUGH_MEMORY ? REASON(installFailedDueToInsufficientMemoryForProfile)
                 : status                         ? REASON(installFailedDueToPEProcessingError)
                 : image->octets + upp.n > card_free(card) ? REASON(installFailedDueToInsufficientMemoryForProfile)
                                                           : data_check(&s->metadata, image);
    if (reason)
        return fail(card, a, LOAD_PROFILE, reason, response, out);
    return install_commit(card, a, upp, response, out);
}

/* The image that was checked is the one that the profile gets, if it comes to that. */
static unsigned install(struct euicc *card, struct arena *a, struct buf *out)
{
    unsigned sw = install_package(card, a, buf_bytes(&card->session.upp), out);
    state_ready_end(&card->state);
    return sw;
}

static unsigned elements(struct euicc *card, struct arena *a, struct bytes segment, struct buf *out)
{
    struct rsp_session *s = &card->session;
    struct bytes plain;
    struct err e;
    if (segment.n > s->part_left)
        return fail(card, a, LOAD_PROFILE, REASON(scp03tStructureError), BYTES_NONE, out);
    if (bsp_unprotect(&s->bsp, s->arena, segment, &plain, &e) != 0)
        return fail(card, a, LOAD_PROFILE, bsp_reason(&e), BYTES_NONE, out);
    buf_add(&s->upp, plain);
    s->left -= segment.n;
    s->part_left -= segment.n;
    return s->part_left ? SW_OK : install(card, a, out);
}

/* ------------------------------------------------------------------------------ sequence */

/* SGP.22 2.5.5: what may come where.  BF36 comes first and is not here. */
static const struct {
    enum load_step step;
    uint32_t tag;
    unsigned (*take)(struct euicc *, struct arena *, struct bytes segment, struct buf *out);
} steps[] = {
    { LOAD_CONFIGURE, 0xA0, configure },
    { LOAD_METADATA_HEAD, 0xA1, metadata_head },
    { LOAD_METADATA, 0x88, metadata },
    { LOAD_KEYS_OR_HEAD, 0xA2, replace_keys },
    { LOAD_KEYS_OR_HEAD, 0xA3, elements_head },
    { LOAD_HEAD, 0xA3, elements_head },
    { LOAD_ELEMENTS, 0x86, elements },
};

/* A segment out of its place leaves everything as it is (SGP.22 5.7.6). */
unsigned es8p_segment(struct euicc *card, struct arena *a, struct bytes segment, struct buf *out)
{
    struct cursor c = cursor_over(segment);
    uint32_t tag = tlv_peek(&c);
    if (tag == 0xBF36)
        return load_begin(card, a, segment, out);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (steps[i].step == card->session.step && steps[i].tag == tag)
            return steps[i].take(card, a, segment, out);
    return SW_CONDITIONS;
}
