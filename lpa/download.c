/* SPDX-License-Identifier: Apache-2.0
 *
 * Profile download: SGP.22 3.1.3. */
#include <stdio.h>

#include "lpa/core.h"
#include "rsp/bpp.h"
#include "rsp/signed.h"

struct talk {
    struct lpa *lpa;
    struct lpa_download *d;
    struct err *err;
    struct bytes transaction_id;
    struct es9_authenticate_client_done client;
    struct rsp_StoreMetadataRequest metadata;
    struct rsp_SmdpSigned2 signed2;
    struct bytes bpp;
};

static enum lpa_end stop(struct talk *t, const char *what, const char *next)
{
    return lpa_fail(LPA_FAILED, t->err, what, next);
}

/* Tells card and server that the session ends (SGP.22 3.1.3.1); what went wrong before stays the error. */
static void cancel(struct talk *t, int64_t reason)
{
    struct rsp_CancelSessionRequest q = { .transactionId = t->transaction_id, .reason = reason };
    struct rsp_CancelSessionResponse r;
    struct err e;
    struct rsp_status status;
    if (lpa_es10(t->lpa, "ES10b", "CancelSession", &rsp_CancelSessionRequest_type, &q, &rsp_CancelSessionResponse_type,
                 &r, &e) != LPA_DONE)
        return;
    struct es9_cancel_session c = { t->transaction_id, r.raw };
    server_call(t->lpa, t->d->code.address, ES9_CANCEL_SESSION, &c, NULL, &status, &e);
}

/* After these the server gives the order up (SGP.22 5.6.4, 5.6.5). */
#define NEW_ORDER "ask the operator for a new activation code"

/* The package that came is none: told to both sides, and to the user. */
static enum lpa_end unreadable(struct talk *t)
{
    struct err why = *t->err;
    cancel(t, rsp_CancelSessionReason_loadBppExecutionError);
    err_set(t->err, why.code, why.clause, "%s; next: " NEW_ORDER, why.what);
    err_at(t->err, "the package that the server sent%s%s", why.where[0] ? ", " : "", why.where);
    return LPA_SERVER;
}

static const char *const download_errors[] = {
    [1] = "the card does not take the server's certificate for profile binding",
    [2] = "the server's second signature is wrong",
    [3] = "the card does not know the curve of the server's certificate",
    [4] = "the card has no session",
    [5] = "the server speaks of another transaction",
};

static bool gid_matches(struct bytes rule, struct bytes owner)
{
    if (!bytes_present(rule))
        return !bytes_present(owner);
    return rule.n == 0 || (bytes_present(owner) && bytes_equal(rule, owner));
}

static bool owner_matches(const struct rsp_OperatorId *rule, const struct rsp_OperatorId *owner)
{
    for (int i = 0; i < 6; i++) {
        unsigned shift = i % 2 ? 4 : 0, want = rule->mccMnc.p[i / 2] >> shift & 15,
                 got = owner->mccMnc.p[i / 2] >> shift & 15;
        if (want != 14 && want != got)
            return false;
    }
    return gid_matches(rule->gid1, owner->gid1) && gid_matches(rule->gid2, owner->gid2);
}

/* The first rule of the table that allows the owner this one decides about consent (SGP.22 2.9.2.4, Figure 6). */
static bool rule_allowed(const struct rsp_RulesAuthorisationTable *rat, size_t ppr, const struct rsp_OperatorId *owner,
                         bool *consent)
{
    for (size_t i = 0; owner && i < rat->n; i++) {
        const struct rsp_ProfilePolicyAuthorisationRule *row = &rat->items[i];
        for (size_t k = 0; asn1_bit(row->pprIds, ppr) && k < row->allowedOperators.n; k++)
            if (owner_matches(&row->allowedOperators.items[k], owner)) {
                *consent = *consent || asn1_bit(row->pprFlags, 0);
                return true;
            }
    }
    return false;
}

/* PPR1 is for the first operational profile of a card (Figure 5). */
enum lpa_end has_operational(struct lpa *l, bool *there, struct err *e)
{
    static const uint8_t iccid_tag[] = { 0x5A };
    struct rsp_ProfileInfoListRequest_searchCriteria s = { .which =
                                                               rsp_ProfileInfoListRequest_searchCriteria_profileClass };
    struct rsp_ProfileInfoListRequest q = { .searchCriteria = &s, .tagList = BYTES_OF(iccid_tag) };
    struct rsp_ProfileInfoListResponse r;
    s.profileClass = rsp_ProfileClass_operational;
    enum lpa_end end = lpa_es10(l, "ES10c", "GetProfilesInfo", &rsp_ProfileInfoListRequest_type, &q,
                                &rsp_ProfileInfoListResponse_type, &r, e);
    *there = end == LPA_DONE && r.which == rsp_ProfileInfoListResponse_profileInfoListOk && r.profileInfoListOk.n;
    return end;
}

/* Each rule of the profile must be known and allowed for its owner; *consent if the user must say so. */
static enum lpa_end rules_check(struct talk *t, bool *consent)
{
    const struct asn1_bits rules = t->metadata.profilePolicyRules;
    struct rsp_GetRatRequest q = { 0 };
    struct rsp_GetRatResponse r;
    bool allowed = true, there = false;
    enum lpa_end end =
        lpa_es10(t->lpa, "ES10b", "GetRAT", &rsp_GetRatRequest_type, &q, &rsp_GetRatResponse_type, &r, t->err);
    for (size_t ppr = rsp_PprIds_ppr1; end == LPA_DONE && ppr < rules.n; ppr++)
        allowed = allowed && (!asn1_bit(rules, ppr) || (ppr <= rsp_PprIds_ppr2 &&
                              rule_allowed(&r.rat, ppr, t->metadata.profileOwner, consent)));
    if (end == LPA_DONE && allowed && asn1_bit(rules, rsp_PprIds_ppr1))
        end = has_operational(t->lpa, &there, t->err);
    if (end != LPA_DONE || (allowed && !there))
        return end;
    cancel(t, rsp_CancelSessionReason_pprNotAllowed);
    return there ? lpa_fail(LPA_CARD, t->err, "a profile that may not be disabled cannot join the one on the card",
                            "delete that one, or ask the operator for a profile without this rule")
                 : lpa_fail(LPA_CARD, t->err, "the card does not allow this operator the rules of the profile",
                            "ask the operator for a profile without them");
}

/* What will be installed is shown; the user decides; the confirmation code is asked for. */
static enum lpa_end consent(struct talk *t, struct bytes *hash_cc)
{
    struct lpa *l = t->lpa;
    struct lpa_question q = { .kind = LPA_ASK_CONSENT, .metadata = &t->metadata };
    struct bytes code = BYTES_NONE;
    if (asn1_decode(l->arena, &rsp_StoreMetadataRequest_type, t->client.profileMetadata, ASN1_WIRE, &t->metadata,
                    t->err) != 0 ||
        asn1_decode(l->arena, &rsp_SmdpSigned2_type, t->client.smdpSigned2, ASN1_WIRE, &t->signed2, t->err) != 0) {
        cancel(t, rsp_CancelSessionReason_undefinedReason);
        return LPA_SERVER;
    }
    enum lpa_end end = rules_check(t, &q.strong);
    if (end != LPA_DONE)
        return end;
    enum lpa_answer answer = l->env.ask(l->env.context, &q, l->arena, &code);
    if (answer == LPA_YES && (t->d->code.confirmation_code || t->signed2.ccRequiredFlag)) {
        q.kind = LPA_ASK_CODE;
        answer = l->env.ask(l->env.context, &q, l->arena, &code);
    }
    if (answer != LPA_YES) {
        cancel(t, answer == LPA_NO ? rsp_CancelSessionReason_endUserRejection : rsp_CancelSessionReason_postponed);
        return lpa_fail(LPA_USER, t->err, answer == LPA_NO ? "the download was refused by the user"
                                                           : "the download was put off by the user", NULL);
    }
    if (bytes_present(code)) {
        uint8_t inner[32], *outer = arena_alloc(l->arena, 32);
        if (!outer)
            return stop(t, "no memory", NULL);
        rsp_hash_code(code, inner);
        rsp_hash_cc(BYTES_OF(inner), t->transaction_id, outer);
        *hash_cc = bytes_make(outer, 32);
    }
    return LPA_DONE;
}

static enum lpa_end prepare(struct talk *t, struct bytes hash_cc)
{
    struct lpa *l = t->lpa;
    struct rsp_PrepareDownloadRequest q = { .smdpSigned2 = t->signed2, .hashCc = hash_cc,
                                            .smdpCertificate = t->client.smdpCertificate };
    struct rsp_PrepareDownloadResponse r;
    struct es9_get_bound_profile_package_done done;
    if (rsp_signature_of_tlv(t->client.smdpSignature2, &q.smdpSignature2, t->err) != 0)
        return LPA_SERVER;
    enum lpa_end end = lpa_es10(l, "ES10b", "PrepareDownload", &rsp_PrepareDownloadRequest_type, &q,
                                &rsp_PrepareDownloadResponse_type, &r, t->err);
    if (end != LPA_DONE)
        return end;
    if (r.which == rsp_PrepareDownloadResponse_downloadResponseError) {
        end = card_refused("ES10b.PrepareDownload", download_errors, sizeof download_errors / sizeof *download_errors,
                           r.downloadResponseError.downloadErrorCode, t->err);
        cancel(t, rsp_CancelSessionReason_undefinedReason);
        return end;
    }
    lpa_progress(l, "fetching the profile", 0, 0);
    struct es9_get_bound_profile_package g = { t->transaction_id, r.raw };
    end = server_call(l, t->d->code.address, ES9_GET_BOUND_PROFILE_PACKAGE, &g, &done, &t->d->status, t->err);
    if (end == LPA_SERVER && t->err->code != ERR_PEER) /* it answered, and that cannot be read */
        return unreadable(t);
    t->bpp = done.boundProfilePackage;
    return end;
}

/* What is inside must be what was shown (SGP.22 3.1.3 step 7). */
static enum lpa_end compare(struct talk *t)
{
    struct bytes inside;
    struct rsp_StoreMetadataRequest m;
    if (bpp_metadata(t->lpa->arena, t->bpp, &inside, t->err) != 0 ||
        asn1_decode(t->lpa->arena, &rsp_StoreMetadataRequest_type, inside, ASN1_WIRE, &m, t->err) != 0)
        return unreadable(t);
    if (bytes_equal(inside, t->client.profileMetadata))
        return LPA_DONE;
    cancel(t, rsp_CancelSessionReason_metadataMismatch);
    return lpa_fail(LPA_SERVER, t->err, "the server sent another profile than it had shown", NEW_ORDER);
}

/* ------------------------------------------------------------------------------- loading */

static const struct {
    int64_t reason;
    const char *what, *next;
} reasons[] = {
    { 1, "the package holds a value that the card does not take", "ask the operator" },
    { 2, "the signature of the package is wrong", NEW_ORDER },
    { 3, "the package belongs to another transaction", NEW_ORDER },
    { 4, "the package asks for keys that the card does not support", "ask the operator" },
    { 5, "the package asks for an operation that the card does not support", "ask the operator" },
    { 6, "the card does not take profiles of this class", "use another card" },
    { 7, "the package was altered on its way (its structure is broken)", NEW_ORDER },
    { 8, "the package was altered on its way (its protection does not verify)", NEW_ORDER },
    { 9, "the card has this profile already", "delete it first, or use the one that is there" },
    { 10, "the card lacks memory for the profile", "delete another profile, then download again" },
    { 11, "the installation was interrupted", "download again" },
    { 12, "the card could not process an element of the profile", "have the profile checked for this card" },
    { 13, "the profile's files do not fit its metadata", "ask the operator" },
    { 14, "a test profile with keys that are no test keys", "ask the operator" },
    { 15, "the card does not allow the rules of the profile", "ask the operator for a profile without them" },
};

static enum lpa_end install_error(struct talk *t, const struct rsp_ErrorResult *r)
{
    const char *what = "the card could not install the profile", *next = NULL;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].reason == r->errorReason) {
            what = reasons[i].what;
            next = reasons[i].next;
        }
    t->d->error_reason = r->errorReason;
    t->d->bpp_command = r->bppCommandId;
    lpa_fail(LPA_CARD, t->err, what, next);
    err_at(t->err, "ES8+ command %lld, reason %lld", (long long)r->bppCommandId, (long long)r->errorReason);
    return LPA_CARD;
}

static void trace_segment(struct lpa *l, const struct bpp_segments *cut, size_t i)
{
    const struct bpp_segment *s = &cut->items[i];
    struct lpa_message m = { .to_card = true, .interface = "ES10b", .function = "LoadBoundProfilePackage" };
    if (!l->env.trace)
        return;
    m.text = bytes_text(arena_printf(l->arena, "segment %zu of %zu, %zu octets: %s", i + 1, cut->n, s->octets.n,
                                     bpp_segment_name(s)));
    l->env.trace(l->env.context, &m);
}

/* Some cards refuse the segment after a failure and keep the reason for the notifications: the one of this
 * transaction, if it is there. */
static struct bytes result_kept(struct talk *t)
{
    struct rsp_RetrieveNotificationsListResponse_notificationList list;
    struct err e;
    if (notifications_retrieve(t->lpa, &list, &e) != LPA_DONE)
        return BYTES_NONE;
    for (size_t i = 0; i < list.n; i++)
        if (list.items[i].which == rsp_PendingNotification_profileInstallationResult &&
            bytes_equal(list.items[i].profileInstallationResult.profileInstallationResultData.transactionId,
                        t->transaction_id))
            return list.items[i].raw;
    return BYTES_NONE;
}

/* Segment by segment; an answer with data is the result and ends it (SGP.22 5.7.6). */
static enum lpa_end load(struct talk *t, struct bytes *pir)
{
    struct bpp_segments cut;
    struct lpa *l = t->lpa;
    unsigned sw;
    *pir = BYTES_NONE;
    if (bpp_cut(l->arena, t->bpp, &cut, t->err) != 0)
        return unreadable(t);
    for (size_t i = 0; i < cut.n && !pir->n; i++) {
        lpa_progress(l, "installing", i + 1, cut.n);
        trace_segment(l, &cut, i);
        enum lpa_end end = es10_store_data(l, cut.items[i].octets, pir, &sw, t->err);
        if (end == LPA_CARD && !(*pir = result_kept(t)).n)
            cancel(t, rsp_CancelSessionReason_loadBppExecutionError);
        if (end != LPA_DONE && !pir->n)
            return end;
    }
    if (!pir->n)
        *pir = result_kept(t);
    return pir->n ? LPA_DONE
                  : lpa_fail(LPA_CARD, t->err, "the card gave no result of the installation", "look at its profiles");
}

static enum lpa_end finish(struct talk *t, struct bytes pir)
{
    struct rsp_PendingNotification n;
    struct err later;
    if (asn1_decode(t->lpa->arena, &rsp_PendingNotification_type, pir, ASN1_WIRE, &n, t->err) != 0)
        return LPA_CARD;
    struct lpa_message m = { .from_card = true, .interface = "ES10b", .function = "LoadBoundProfilePackage",
                             .type = &rsp_PendingNotification_type, .der = pir };
    if (t->lpa->env.trace)
        t->lpa->env.trace(t->lpa->env.context, &m);
    /* the result is told whatever it is; if the server is away it stays on the card for later */
    lpa_progress(t->lpa, "telling the server", 0, 0);
    t->d->told = notification_send(t->lpa, &n, &later) == LPA_DONE;
    const struct rsp_ProfileInstallationResultData *d = &n.profileInstallationResult.profileInstallationResultData;
    if (n.which != rsp_PendingNotification_profileInstallationResult)
        return lpa_fail(LPA_CARD, t->err, "the card's result is none of an installation", NULL);
    if (d->finalResult.which == rsp_ProfileInstallationResultData_finalResult_errorResult)
        return install_error(t, &d->finalResult.errorResult);
    t->d->iccid = d->notificationMetadata.iccid;
    t->d->operational = t->metadata.profileClass == rsp_ProfileClass_operational;
    return LPA_DONE;
}

enum lpa_end download_in(struct lpa *l, const struct session *s, struct lpa_download *d, struct err *e)
{
    struct talk t = { .lpa = l, .d = d, .err = e, .transaction_id = s->transaction_id };
    struct es9_authenticate_client client = { s->transaction_id, s->response };
    struct bytes hash_cc = BYTES_NONE, pir;
    d->error_reason = d->bpp_command = -1;
    lpa_progress(l, "authenticating the card", 0, 0);
    enum lpa_end end = server_call(l, d->code.address, ES9_AUTHENTICATE_CLIENT, &client, &t.client, &d->status, e);
    if (end == LPA_DONE)
        end = consent(&t, &hash_cc);
    if (end == LPA_DONE)
        end = prepare(&t, hash_cc);
    if (end == LPA_DONE)
        end = compare(&t);
    if (end == LPA_DONE)
        end = load(&t, &pir);
    return end == LPA_DONE ? finish(&t, pir) : end;
}

enum lpa_end lpa_download(struct lpa *l, struct lpa_download *d, struct err *e)
{
    struct session s = { .address = d->code.address, .matching_id = d->code.matching_id, .oid = d->code.oid,
                         .may_be = IS_SMDP };
    d->error_reason = d->bpp_command = -1;
    enum lpa_end end = session_open(l, &s, e);
    d->status = s.status;
    return end == LPA_DONE ? download_in(l, &s, d, e) : end;
}
