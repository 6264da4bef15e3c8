/* SPDX-License-Identifier: Apache-2.0
 *
 * Local management and notifications: SGP.22 3.2, 3.5. */
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
    static const uint8_t fetch[] = { 0x80, 0x12, 0, 0, 0 };
    static const uint8_t done[] = { 0x80, 0x14, 0, 0, 0x0C, 0x81, 3, 1, 1, 9, 0x82, 2, 0x82, 0x81, 0x83, 1, 0 };
    struct bytes data;
    unsigned fetched, ended;
    enum lpa_end end = es10_exchange(l, BYTES_OF(fetch), &data, &fetched, e);
    if (end == LPA_DONE)
        end = es10_exchange(l, BYTES_OF(done), &data, &ended, e);
    if (end != LPA_DONE)
        return end;
    if (fetched != 0x9000 || ended != 0x9000)
        return lpa_fail(LPA_CARD, e, "the card did not go through with REFRESH", "list the profiles");
    l->open = false; /* the card has closed every channel */
    return lpa_open(l, e);
}

enum lpa_end lpa_enable(struct lpa *l, struct bytes iccid, bool with_refresh, struct err *e)
{
    struct rsp_EnableProfileRequest q = { .refreshFlag = with_refresh };
    struct rsp_EnableProfileResponse r;
    q.profileIdentifier.which = rsp_EnableProfileRequest_profileIdentifier_iccid;
    q.profileIdentifier.iccid = iccid;
    enum lpa_end end = lpa_es10(l, "ES10c", "EnableProfile", &rsp_EnableProfileRequest_type, &q,
                                &rsp_EnableProfileResponse_type, &r, e);
    if (end == LPA_DONE)
        end = result_of(ENABLE, r.enableResult, e);
    return end == LPA_DONE && with_refresh ? refresh(l, e) : end;
}

enum lpa_end lpa_disable(struct lpa *l, struct bytes iccid, bool with_refresh, struct err *e)
{
    struct rsp_DisableProfileRequest q = { .refreshFlag = with_refresh };
    struct rsp_DisableProfileResponse r;
    q.profileIdentifier.which = rsp_DisableProfileRequest_profileIdentifier_iccid;
    q.profileIdentifier.iccid = iccid;
    enum lpa_end end = lpa_es10(l, "ES10c", "DisableProfile", &rsp_DisableProfileRequest_type, &q,
                                &rsp_DisableProfileResponse_type, &r, e);
    if (end == LPA_DONE)
        end = result_of(DISABLE, r.disableResult, e);
    return end == LPA_DONE && with_refresh ? refresh(l, e) : end;
}

enum lpa_end lpa_delete(struct lpa *l, struct bytes iccid, struct err *e)
{
    struct rsp_DeleteProfileRequest q = { .which = rsp_DeleteProfileRequest_iccid };
    struct rsp_DeleteProfileResponse r;
    q.iccid = iccid;
    enum lpa_end end = lpa_es10(l, "ES10c", "DeleteProfile", &rsp_DeleteProfileRequest_type, &q,
                                &rsp_DeleteProfileResponse_type, &r, e);
    return end == LPA_DONE ? result_of(DELETE, r.deleteResult, e) : end;
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

enum lpa_end notification_send(struct lpa *l, const struct rsp_PendingNotification *n, struct err *e)
{
    const struct rsp_NotificationMetadata *m = metadata_of(n);
    struct es9_handle_notification q = { n->raw };
    struct rsp_status status;
    struct rsp_NotificationSentRequest gone = { .seqNumber = m->seqNumber };
    struct rsp_NotificationSentResponse r;
    enum lpa_end end = es9_call(l, m->notificationAddress, ES9_HANDLE_NOTIFICATION, &q, NULL, &status, e);
    return end != LPA_DONE ? end
                           : lpa_es10(l, "ES10b", "RemoveNotificationFromList", &rsp_NotificationSentRequest_type,
                                      &gone, &rsp_NotificationSentResponse_type, &r, e);
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

enum lpa_end lpa_notifications_send(struct lpa *l, size_t *sent, struct err *e)
{
    struct rsp_RetrieveNotificationsListRequest q = { 0 };
    struct rsp_RetrieveNotificationsListResponse r;
    *sent = 0;
    enum lpa_end end = lpa_es10(l, "ES10b", "RetrieveNotificationsList", &rsp_RetrieveNotificationsListRequest_type, &q,
                                &rsp_RetrieveNotificationsListResponse_type, &r, e), failed = LPA_DONE;
    if (end != LPA_DONE || r.which != rsp_RetrieveNotificationsListResponse_notificationList)
        return end;
    for (size_t i = 0; i < r.notificationList.n; i++) {
        struct err one;
        if ((end = notification_send(l, &r.notificationList.items[i], &one)) == LPA_DONE)
            ++*sent;
        else if (failed == LPA_DONE) {
            failed = end;
            *e = one;
        }
        if (end == LPA_READER)
            break;
    }
    return failed;
}
