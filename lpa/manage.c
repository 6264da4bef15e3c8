/* SPDX-License-Identifier: Apache-2.0
 *
 * Local management and notifications: SGP.22 3.2, 3.5. */
#include <stdlib.h>

#include "asn1/tlv.h"
#include "lpa/core.h"

enum lpa_end lpa_info(struct lpa *l, struct lpa_info *out, struct err *e)
{
    static const uint8_t eid_tag[] = { 0x5A };
    struct rsp_GetEuiccDataRequest q = { .tagList = BYTES_OF(eid_tag) };
    struct rsp_GetEuiccDataResponse r;
    struct rsp_GetEuiccInfo2Request q2 = { 0 };
    struct rsp_EuiccConfiguredAddressesRequest qa = { 0 };
    enum lpa_end end =
        lpa_es10(l, "ES10c", "GetEID", &rsp_GetEuiccDataRequest_type, &q, &rsp_GetEuiccDataResponse_type, &r, e);
    if (end == LPA_DONE) {
        out->eid = r.eidValue;
        end = lpa_es10(l, "ES10b", "GetEUICCInfo", &rsp_GetEuiccInfo2Request_type, &q2, &rsp_EUICCInfo2_type,
                       &out->info2, e);
    }
    return end != LPA_DONE
               ? end
               : lpa_es10(l, "ES10a", "GetEuiccConfiguredAddresses", &rsp_EuiccConfiguredAddressesRequest_type, &qa,
                          &rsp_EuiccConfiguredAddressesResponse_type, &out->addresses, e);
}

enum lpa_end lpa_list(struct lpa *l, struct rsp_ProfileInfoListResponse *out, struct err *e)
{
    struct rsp_ProfileInfoListRequest q = { 0 };
    enum lpa_end end = lpa_es10(l, "ES10c", "GetProfilesInfo", &rsp_ProfileInfoListRequest_type, &q,
                                &rsp_ProfileInfoListResponse_type, out, e);
    if (end == LPA_DONE && out->which != rsp_ProfileInfoListResponse_profileInfoListOk)
        return lpa_fail(LPA_CARD, e, "the card does not list its profiles", NULL);
    return end;
}

/* Results of ES10c in words. */
enum action { ENABLE, DISABLE, DELETE, NICKNAME };

static const struct {
    enum action action;
    int64_t result;
    const char *what, *next;
} results[] = {
    { ENABLE, 1, "the card has no such profile", "list the profiles" },
    { ENABLE, 2, "the profile is enabled already", "list the profiles" },
    { ENABLE, 3, "the enabled profile may not be disabled (PPR1)", "ask its operator" },
    { ENABLE, 4, "the test profile that is enabled does not allow it", "disable the test profile" },
    { ENABLE, 5, "the card is busy", "try again" },
    { DISABLE, 1, "the card has no such profile", "list the profiles" },
    { DISABLE, 2, "the profile is not enabled", "list the profiles" },
    { DISABLE, 3, "the profile may not be disabled (PPR1)", "ask its operator" },
    { DISABLE, 5, "the card is busy", "try again" },
    { DELETE, 1, "the card has no such profile", "list the profiles" },
    { DELETE, 2, "an enabled profile cannot be deleted", "disable it first" },
    { DELETE, 3, "the profile may not be deleted (PPR2)", "ask its operator" },
    { NICKNAME, 1, "the card has no such profile", "list the profiles" },
};

static enum lpa_end result_of(enum action action, int64_t result, struct err *e)
{
    if (result == 0)
        return LPA_DONE;
    for (size_t i = 0; i < sizeof results / sizeof *results; i++)
        if (results[i].action == action && results[i].result == result)
            return lpa_fail(LPA_CARD, e, results[i].what, results[i].next);
    return lpa_fail(LPA_CARD, e, "the card gives no reason", NULL);
}

/* FETCH and TERMINAL RESPONSE: what a device does for a card that asks for REFRESH. */
static enum lpa_end refresh(struct lpa *l, struct err *e)
{
    static const uint8_t done[] = { 0x80, 0x14, 0, 0, 0x0C, 0x81, 3, 1, 1, 9, 0x82, 2, 0x82, 0x81, 0x83, 1, 0 };
    struct bytes data;
    unsigned fetched, ended;
    enum lpa_end end = es10_fetch(l, (uint8_t)l->sw, &data, &fetched, e);
    if (end == LPA_DONE)
        end = es10_exchange(l, BYTES_OF(done), &data, &ended, e);
    if (end != LPA_DONE)
        return end;
    if (fetched != 0x9000 || ended != 0x9000)
        return lpa_fail(LPA_CARD, e, "the card did not go through with REFRESH", "list the profiles");
    l->open = false; /* the card has closed every channel */
    return lpa_open(l, e);
}

/* How a profile is named: by ICCID, or by AID to cards that know no other way. */
struct name {
    struct bytes iccid, aid; /* aid absent: not asked yet */
};

static enum lpa_end find_aid(struct lpa *l, struct name *n, struct err *e)
{
    static const uint8_t tag[] = { 0x4F };
    struct rsp_ProfileInfoListRequest_searchCriteria s = { .which = rsp_ProfileInfoListRequest_searchCriteria_iccid };
    struct rsp_ProfileInfoListRequest q = { .searchCriteria = &s, .tagList = BYTES_OF(tag) };
    struct rsp_ProfileInfoListResponse r;
    s.iccid = n->iccid;
    enum lpa_end end = lpa_es10(l, "ES10c", "GetProfilesInfo", &rsp_ProfileInfoListRequest_type, &q,
                                &rsp_ProfileInfoListResponse_type, &r, e);
    if (end == LPA_DONE && r.which == rsp_ProfileInfoListResponse_profileInfoListOk && r.profileInfoListOk.n == 1)
        n->aid = r.profileInfoListOk.items[0].isdpAid;
    return end;
}

static enum lpa_end ask_enable(struct lpa *l, const struct name *n, bool flag, int64_t *result, struct err *e)
{
    struct rsp_EnableProfileRequest q = { .refreshFlag = flag };
    struct rsp_EnableProfileResponse r = { 0 };
    q.profileIdentifier.which = n->aid.p ? rsp_EnableProfileRequest_profileIdentifier_isdpAid
                                         : rsp_EnableProfileRequest_profileIdentifier_iccid;
    if (n->aid.p)
        q.profileIdentifier.isdpAid = n->aid;
    else
        q.profileIdentifier.iccid = n->iccid;
    enum lpa_end end = lpa_es10(l, "ES10c", "EnableProfile", &rsp_EnableProfileRequest_type, &q,
                                &rsp_EnableProfileResponse_type, &r, e);
    *result = r.enableResult;
    return end;
}

static enum lpa_end ask_disable(struct lpa *l, const struct name *n, bool flag, int64_t *result, struct err *e)
{
    struct rsp_DisableProfileRequest q = { .refreshFlag = flag };
    struct rsp_DisableProfileResponse r = { 0 };
    q.profileIdentifier.which = n->aid.p ? rsp_DisableProfileRequest_profileIdentifier_isdpAid
                                         : rsp_DisableProfileRequest_profileIdentifier_iccid;
    if (n->aid.p)
        q.profileIdentifier.isdpAid = n->aid;
    else
        q.profileIdentifier.iccid = n->iccid;
    enum lpa_end end = lpa_es10(l, "ES10c", "DisableProfile", &rsp_DisableProfileRequest_type, &q,
                                &rsp_DisableProfileResponse_type, &r, e);
    *result = r.disableResult;
    return end;
}

static enum lpa_end ask_delete(struct lpa *l, const struct name *n, bool flag, int64_t *result, struct err *e)
{
    struct rsp_DeleteProfileRequest q = { .which = rsp_DeleteProfileRequest_iccid };
    struct rsp_DeleteProfileResponse r = { 0 };
    (void)flag;
    q.iccid = n->iccid;
    if (n->aid.p) {
        q.which = rsp_DeleteProfileRequest_isdpAid;
        q.isdpAid = n->aid;
    }
    enum lpa_end end = lpa_es10(l, "ES10c", "DeleteProfile", &rsp_DeleteProfileRequest_type, &q,
                                &rsp_DeleteProfileResponse_type, &r, e);
    *result = r.deleteResult;
    return end;
}

enum { NOT_FOUND = 1 }; /* of all three */

/* The card's status word tells whether it wants REFRESH: some do without being asked, some don't when asked. */
static enum lpa_end act(struct lpa *l, enum action action, struct bytes iccid, bool flag, struct err *e)
{
    static enum lpa_end (*const asks[])(struct lpa *, const struct name *, bool, int64_t *, struct err *) = {
        [ENABLE] = ask_enable, [DISABLE] = ask_disable, [DELETE] = ask_delete
    };
    struct name n = { .iccid = iccid };
    int64_t result = 0;
    enum lpa_end end = asks[action](l, &n, flag, &result, e);
    if (end == LPA_DONE && result == NOT_FOUND) {
        end = find_aid(l, &n, e);
        if (end == LPA_DONE && n.aid.p)
            end = asks[action](l, &n, flag, &result, e);
    }
    bool wanted = end == LPA_DONE && l->sw >> 8 == 0x91;
    if (end == LPA_DONE)
        end = result_of(action, result, e);
    return end == LPA_DONE && wanted ? refresh(l, e) : end;
}

enum lpa_end lpa_enable(struct lpa *l, struct bytes iccid, bool with_refresh, struct err *e)
{
    return act(l, ENABLE, iccid, with_refresh, e);
}

enum lpa_end lpa_disable(struct lpa *l, struct bytes iccid, bool with_refresh, struct err *e)
{
    return act(l, DISABLE, iccid, with_refresh, e);
}

enum lpa_end lpa_delete(struct lpa *l, struct bytes iccid, struct err *e)
{
    return act(l, DELETE, iccid, false, e);
}

enum lpa_end lpa_nickname(struct lpa *l, struct bytes iccid, struct bytes name, struct err *e)
{
    struct rsp_SetNicknameRequest q = { .iccid = iccid, .profileNickname = name };
    struct rsp_SetNicknameResponse r;
    enum lpa_end end =
        lpa_es10(l, "ES10c", "SetNickname", &rsp_SetNicknameRequest_type, &q, &rsp_SetNicknameResponse_type, &r, e);
    return end == LPA_DONE ? result_of(NICKNAME, r.setNicknameResult, e) : end;
}

/* -------------------------------------------------------------------------- notifications */

static const struct rsp_NotificationMetadata *metadata_of(const struct rsp_PendingNotification *n)
{
    return n->which == rsp_PendingNotification_profileInstallationResult
               ? &n->profileInstallationResult.profileInstallationResultData.notificationMetadata
               : &n->otherSignedNotification.tbsOtherNotification;
}

/* Numbers are never negative: cards that say so have left out the octet 00 in front. */
static int64_t number_of(const struct rsp_NotificationMetadata *m)
{
    struct bytes octets = tlv_find(tlv_find(m->raw, 0xBF2F).value, 0x80).value;
    int64_t number = 0;
    if (m->seqNumber >= 0 || octets.n > 7)
        return m->seqNumber;
    for (size_t i = 0; i < octets.n; i++)
        number = number << 8 | octets.p[i];
    return number;
}

static enum lpa_end send(struct lpa *l, const struct rsp_PendingNotification *n, bool *answered, struct err *e)
{
    const struct rsp_NotificationMetadata *m = metadata_of(n);
    struct es9_handle_notification q = { n->raw };
    struct rsp_status status;
    struct rsp_NotificationSentRequest gone = { .seqNumber = number_of(m) };
    struct rsp_NotificationSentResponse r;
    enum lpa_end end = server_call(l, m->notificationAddress, ES9_HANDLE_NOTIFICATION, &q, NULL, &status, e);
    *answered = end != LPA_NETWORK;
    return end != LPA_DONE ? end
                           : lpa_es10(l, "ES10b", "RemoveNotificationFromList", &rsp_NotificationSentRequest_type,
                                      &gone, &rsp_NotificationSentResponse_type, &r, e);
}

enum lpa_end notification_send(struct lpa *l, const struct rsp_PendingNotification *n, struct err *e)
{
    bool answered;
    return send(l, n, &answered, e);
}

enum lpa_end lpa_notifications_list(struct lpa *l, struct rsp_ListNotificationResponse *out, struct err *e)
{
    struct rsp_ListNotificationRequest q = { 0 };
    enum lpa_end end = lpa_es10(l, "ES10b", "ListNotification", &rsp_ListNotificationRequest_type, &q,
                                &rsp_ListNotificationResponse_type, out, e);
    if (end == LPA_DONE && out->which != rsp_ListNotificationResponse_notificationMetadataList)
        return lpa_fail(LPA_CARD, e, "the card does not list its notifications", NULL);
    return end;
}

static enum lpa_end retrieve(struct lpa *l, struct rsp_RetrieveNotificationsListRequest *q,
                             struct rsp_RetrieveNotificationsListResponse *r, struct err *e)
{
    return lpa_es10(l, "ES10b", "RetrieveNotificationsList", &rsp_RetrieveNotificationsListRequest_type, q,
                    &rsp_RetrieveNotificationsListResponse_type, r, e);
}

static enum lpa_end retrieve_each(struct lpa *l, struct rsp_RetrieveNotificationsListResponse_notificationList *out,
                                  struct err *e)
{
    struct rsp_RetrieveNotificationsListRequest_searchCriteria s = {
        .which = rsp_RetrieveNotificationsListRequest_searchCriteria_seqNumber
    };
    struct rsp_RetrieveNotificationsListRequest q = { .searchCriteria = &s };
    struct rsp_RetrieveNotificationsListResponse r;
    struct rsp_ListNotificationResponse list;
    enum lpa_end end = lpa_notifications_list(l, &list, e);
    if (end != LPA_DONE)
        return end;
    out->items = arena_array(l->arena, list.notificationMetadataList.n, sizeof *out->items);
    for (size_t i = 0; i < list.notificationMetadataList.n && out->items; i++) {
        s.seqNumber = number_of(&list.notificationMetadataList.items[i]);
        if ((end = retrieve(l, &q, &r, e)) != LPA_DONE)
            return end;
        if (r.which == rsp_RetrieveNotificationsListResponse_notificationList && r.notificationList.n == 1)
            out->items[out->n++] = r.notificationList.items[0];
    }
    return LPA_DONE;
}

enum lpa_end notifications_retrieve(struct lpa *l, struct rsp_RetrieveNotificationsListResponse_notificationList *out,
                                    struct err *e)
{
    struct rsp_RetrieveNotificationsListRequest q = { 0 };
    struct rsp_RetrieveNotificationsListResponse r;
    *out = (struct rsp_RetrieveNotificationsListResponse_notificationList){ 0 };
    enum lpa_end end = retrieve(l, &q, &r, e);
    if (end != LPA_DONE)
        return end;
    if (r.which != rsp_RetrieveNotificationsListResponse_notificationList)
        return retrieve_each(l, out, e);
    *out = r.notificationList;
    return LPA_DONE;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = number_of(metadata_of(a)), y = number_of(metadata_of(b));
    return (x > y) - (x < y);
}

static bool same_server(const struct rsp_PendingNotification *a, const struct rsp_PendingNotification *b)
{
    return bytes_equal_nocase(metadata_of(a)->notificationAddress, metadata_of(b)->notificationAddress);
}

/* In the order of their numbers.  A server that gives no answer gets none of its later ones (SGP.22 3.5). */
enum lpa_end lpa_notifications_send(struct lpa *l, size_t *sent, struct err *e)
{
    struct rsp_RetrieveNotificationsListResponse_notificationList list;
    *sent = 0;
    enum lpa_end end = notifications_retrieve(l, &list, e), failed = LPA_DONE;
    if (end != LPA_DONE)
        return end;
    bool *silent = arena_array(l->arena, list.n + 1, sizeof *silent);
    if (!silent)
        return lpa_fail(LPA_FAILED, e, "no memory for notifications", NULL);
    if (list.n)
        qsort(list.items, list.n, sizeof *list.items, by_number);
    for (size_t i = 0; i < list.n && end != LPA_READER; i++) {
        struct err one;
        bool answered = true;
        for (size_t k = 0; k < i && !silent[i]; k++)
            silent[i] = silent[k] && same_server(&list.items[k], &list.items[i]);
        if (silent[i])
            continue;
        end = send(l, &list.items[i], &answered, &one);
        silent[i] = !answered;
        *sent += end == LPA_DONE;
        if (end != LPA_DONE && failed == LPA_DONE) {
            failed = end;
            *e = one;
        }
    }
    return failed;
}
