/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/function.h"

#include "rsp/refusal.h"

#define F(type, member, kind) { #member, NULL, kind, offsetof(struct type, member), false }
#define OPT(type, member, kind) { #member, NULL, kind, offsetof(struct type, member), true }
#define END { NULL, NULL, RSP_TEXT, 0, false }

static const struct rsp_field nothing[] = { END };

static const struct rsp_field download_order[] = {
    OPT(es2_download_order, eid, RSP_EID),
    OPT(es2_download_order, iccid, RSP_ICCID),
    OPT(es2_download_order, profileType, RSP_TEXT),
    END,
}, download_order_done[] = {
    F(es2_download_order_done, iccid, RSP_ICCID),
    END,
}, confirm_order[] = {
    F(es2_confirm_order, iccid, RSP_ICCID),
    OPT(es2_confirm_order, eid, RSP_EID),
    OPT(es2_confirm_order, matchingId, RSP_TEXT),
    OPT(es2_confirm_order, confirmationCode, RSP_TEXT),
    OPT(es2_confirm_order, smdsAddress, RSP_TEXT),
    F(es2_confirm_order, releaseFlag, RSP_BOOL),
    END,
}, confirm_order_done[] = {
    OPT(es2_confirm_order_done, eid, RSP_EID),
    F(es2_confirm_order_done, matchingId, RSP_TEXT),
    OPT(es2_confirm_order_done, smdpAddress, RSP_TEXT),
    END,
}, cancel_order[] = {
    F(es2_cancel_order, iccid, RSP_ICCID),
    OPT(es2_cancel_order, eid, RSP_EID),
    OPT(es2_cancel_order, matchingId, RSP_TEXT),
    F(es2_cancel_order, finalProfileStatusIndicator, RSP_TEXT),
    END,
}, release_profile[] = {
    F(es2_release_profile, iccid, RSP_ICCID),
    END,
}, progress[] = {
    OPT(es2_progress, eid, RSP_EID),
    F(es2_progress, iccid, RSP_ICCID),
    F(es2_progress, profileType, RSP_TEXT),
    { "timestamp", "timeStamp", RSP_TEXT, offsetof(struct es2_progress, timestamp), false },
    F(es2_progress, notificationPointId, RSP_INT),
    F(es2_progress, notificationPointStatus, RSP_STATUS),
    OPT(es2_progress, resultData, RSP_DER),
    END,
}, initiate_authentication[] = {
    F(es9_initiate_authentication, euiccChallenge, RSP_DER),
    F(es9_initiate_authentication, euiccInfo1, RSP_DER),
    F(es9_initiate_authentication, smdpAddress, RSP_TEXT),
    END,
}, initiate_authentication_done[] = {
    F(es9_initiate_authentication_done, transactionId, RSP_HEX),
    F(es9_initiate_authentication_done, serverSigned1, RSP_DER),
    F(es9_initiate_authentication_done, serverSignature1, RSP_DER),
    { "euiccCiPKIdToBeUsed", "euiccCiPKIdTobeUsed", RSP_DER,
      offsetof(struct es9_initiate_authentication_done, euiccCiPKIdToBeUsed), false },
    F(es9_initiate_authentication_done, serverCertificate, RSP_DER),
    END,
}, authenticate_client[] = {
    F(es9_authenticate_client, transactionId, RSP_HEX),
    F(es9_authenticate_client, authenticateServerResponse, RSP_DER),
    END,
}, authenticate_client_done[] = {
    F(es9_authenticate_client_done, transactionId, RSP_HEX),
    F(es9_authenticate_client_done, profileMetadata, RSP_DER),
    F(es9_authenticate_client_done, smdpSigned2, RSP_DER),
    F(es9_authenticate_client_done, smdpSignature2, RSP_DER),
    F(es9_authenticate_client_done, smdpCertificate, RSP_DER),
    END,
}, get_bound_profile_package[] = {
    F(es9_get_bound_profile_package, transactionId, RSP_HEX),
    F(es9_get_bound_profile_package, prepareDownloadResponse, RSP_DER),
    END,
}, get_bound_profile_package_done[] = {
    F(es9_get_bound_profile_package_done, transactionId, RSP_HEX),
    F(es9_get_bound_profile_package_done, boundProfilePackage, RSP_DER),
    END,
}, handle_notification[] = {
    F(es9_handle_notification, pendingNotification, RSP_DER),
    END,
}, cancel_session[] = {
    F(es9_cancel_session, transactionId, RSP_HEX),
    F(es9_cancel_session, cancelSessionResponse, RSP_DER),
    END,
}, events_done[] = {
    F(es11_authenticate_client_done, transactionId, RSP_HEX),
    F(es11_authenticate_client_done, eventEntries, RSP_EVENTS),
    END,
}, register_event[] = {
    F(es12_register_event, eid, RSP_EID),
    F(es12_register_event, rspServerAddress, RSP_TEXT),
    F(es12_register_event, eventId, RSP_TEXT),
    F(es12_register_event, forwardingIndicator, RSP_BOOL),
    END,
}, delete_event[] = {
    F(es12_delete_event, eid, RSP_EID),
    F(es12_delete_event, eventId, RSP_TEXT),
    END,
};

#define P "/gsma/rsp2/"
#define IN(table, type) .request = table, .request_size = sizeof(struct type)
#define OUT(table, type) .response = table, .response_size = sizeof(struct type)
#define NO_OUT .response = nothing

const struct rsp_function_info rsp_functions[RSP_FUNCTIONS] = {
    [ES2_DOWNLOAD_ORDER] = { "ES2+.DownloadOrder", P "es2plus/downloadOrder", true, false,
                             IN(download_order, es2_download_order),
                             OUT(download_order_done, es2_download_order_done) },
    [ES2_CONFIRM_ORDER] = { "ES2+.ConfirmOrder", P "es2plus/confirmOrder", true, false,
                            IN(confirm_order, es2_confirm_order),
                            OUT(confirm_order_done, es2_confirm_order_done) },
    [ES2_CANCEL_ORDER] = { "ES2+.CancelOrder", P "es2plus/cancelOrder", true, false,
                           IN(cancel_order, es2_cancel_order), NO_OUT },
    [ES2_RELEASE_PROFILE] = { "ES2+.ReleaseProfile", P "es2plus/releaseProfile", true, false,
                              IN(release_profile, es2_release_profile), NO_OUT },
    [ES2_HANDLE_DOWNLOAD_PROGRESS_INFO] = { "ES2+.HandleDownloadProgressInfo",
                                            P "es2plus/handleDownloadProgressInfo", true, true,
                                            IN(progress, es2_progress), NO_OUT },
    [ES9_INITIATE_AUTHENTICATION] = { "ES9+.InitiateAuthentication", P "es9plus/initiateAuthentication", false,
                                      false, IN(initiate_authentication, es9_initiate_authentication),
                                      OUT(initiate_authentication_done, es9_initiate_authentication_done) },
    [ES9_AUTHENTICATE_CLIENT] = { "ES9+.AuthenticateClient", P "es9plus/authenticateClient", false, false,
                                  IN(authenticate_client, es9_authenticate_client),
                                  OUT(authenticate_client_done, es9_authenticate_client_done) },
    [ES9_GET_BOUND_PROFILE_PACKAGE] = { "ES9+.GetBoundProfilePackage", P "es9plus/getBoundProfilePackage",
                                        false, false,
                                        IN(get_bound_profile_package, es9_get_bound_profile_package),
                                        OUT(get_bound_profile_package_done, es9_get_bound_profile_package_done) },
    [ES9_HANDLE_NOTIFICATION] = { "ES9+.HandleNotification", P "es9plus/handleNotification", false, true,
                                  IN(handle_notification, es9_handle_notification), NO_OUT },
    [ES9_CANCEL_SESSION] = { "ES9+.CancelSession", P "es9plus/cancelSession", false, false,
                             IN(cancel_session, es9_cancel_session), NO_OUT },
    [ES11_INITIATE_AUTHENTICATION] = { "ES11.InitiateAuthentication", P "es9plus/initiateAuthentication", false,
                                       false, IN(initiate_authentication, es9_initiate_authentication),
                                       OUT(initiate_authentication_done, es9_initiate_authentication_done) },
    [ES11_AUTHENTICATE_CLIENT] = { "ES11.AuthenticateClient", P "es9plus/authenticateClient", false, false,
                                   IN(authenticate_client, es9_authenticate_client),
                                   OUT(events_done, es11_authenticate_client_done) },
    [ES12_REGISTER_EVENT] = { "ES12.RegisterEvent", P "es12/registerEvent", true, false,
                              IN(register_event, es12_register_event), NO_OUT },
    [ES12_DELETE_EVENT] = { "ES12.DeleteEvent", P "es12/deleteEvent", true, false,
                            IN(delete_event, es12_delete_event), NO_OUT },
};

int rsp_function_at(struct bytes path)
{
    for (int i = 0; i < RSP_FUNCTIONS; i++)
        if (bytes_equal(bytes_text(rsp_functions[i].path), path))
            return i;
    return -1;
}

struct rsp_status rsp_status_of(const struct err *e)
{
    if (!e || e->code == ERR_NONE)
        return (struct rsp_status){ .executed = RSP_SUCCESS };
    const struct rsp_refusal *r = rsp_refusal_of(e->code);
    return (struct rsp_status){
        .executed = RSP_FAILED,
        .subject = bytes_text(r->subject),
        .reason = bytes_text(r->reason),
        .message = bytes_text(rsp_is_refusal(e->code) ? e->what : r->what),
    };
}
