/* The functions of ES2+, ES9+, ES11 and ES12 and their JSON binding (SGP.22 5.3, 5.6,
 * 5.8, 5.9, 6.5): one table names each function's path and fields, and one reader
 * and one writer walk it, for callers and for providers.
 *
 * Every field is a `struct bytes` in the struct below (text as it stands, DER and
 * identifiers decoded), a bool or an int; absent: `.p == NULL`.
 */
#ifndef RSPKIT_RSP_FUNCTION_H
#define RSPKIT_RSP_FUNCTION_H

#include "base/arena.h"
#include "base/err.h"

enum rsp_function {
    ES2_DOWNLOAD_ORDER,
    ES2_CONFIRM_ORDER,
    ES2_CANCEL_ORDER,
    ES2_RELEASE_PROFILE,
    ES2_HANDLE_DOWNLOAD_PROGRESS_INFO,
    ES9_INITIATE_AUTHENTICATION,
    ES9_AUTHENTICATE_CLIENT,
    ES9_GET_BOUND_PROFILE_PACKAGE,
    ES9_HANDLE_NOTIFICATION,
    ES9_CANCEL_SESSION,
    ES11_INITIATE_AUTHENTICATION,
    ES11_AUTHENTICATE_CLIENT,
    ES12_REGISTER_EVENT,
    ES12_DELETE_EVENT,
    RSP_FUNCTIONS
};

/* Header of a request on ES2+, ES12, ES15 (SGP.22 6.5.1.3). */
struct rsp_header {
    struct bytes functionRequesterIdentifier, functionCallIdentifier;
};

enum rsp_executed { RSP_SUCCESS, RSP_WITH_WARNING, RSP_FAILED, RSP_EXPIRED };

/* functionExecutionStatus (SGP.22 6.5.1.4). */
struct rsp_status {
    enum rsp_executed executed;
    struct bytes subject, reason;     /* "8.2.6", "3.8": absent on success */
    struct bytes identifier, message; /* optional */
};

struct es2_download_order { struct bytes eid, iccid, profileType; };
struct es2_download_order_done { struct bytes iccid; };
struct es2_confirm_order {
    struct bytes iccid, eid, matchingId, confirmationCode, smdsAddress;
    bool releaseFlag;
};
struct es2_confirm_order_done { struct bytes eid, matchingId, smdpAddress; };
struct es2_cancel_order { struct bytes iccid, eid, matchingId, finalProfileStatusIndicator; };
struct es2_release_profile { struct bytes iccid; };
struct es2_progress {
    struct bytes eid, iccid, profileType, timestamp;
    int notificationPointId;
    struct rsp_status notificationPointStatus;
    struct bytes resultData;
};
struct es9_initiate_authentication { struct bytes euiccChallenge, euiccInfo1, smdpAddress; };
struct es9_initiate_authentication_done {
    struct bytes transactionId, serverSigned1, serverSignature1, euiccCiPKIdToBeUsed, serverCertificate;
};
struct es9_authenticate_client { struct bytes transactionId, authenticateServerResponse; };
struct es9_authenticate_client_done {
    struct bytes transactionId, profileMetadata, smdpSigned2, smdpSignature2, smdpCertificate;
};
struct es9_get_bound_profile_package { struct bytes transactionId, prepareDownloadResponse; };
struct es9_get_bound_profile_package_done { struct bytes transactionId, boundProfilePackage; };
struct es9_handle_notification { struct bytes pendingNotification; };
struct es9_cancel_session { struct bytes transactionId, cancelSessionResponse; };
struct es11_event { struct bytes eventId, rspServerAddress; };
struct es11_events {
    size_t n;
    struct es11_event *items;
};
struct es11_authenticate_client_done {
    struct bytes transactionId;
    struct es11_events eventEntries;
};
struct es12_register_event {
    struct bytes eid, rspServerAddress, eventId;
    bool forwardingIndicator;
};
struct es12_delete_event { struct bytes eid, eventId; };

enum rsp_field_kind {
    RSP_TEXT,   /* a JSON string, kept as it is */
    RSP_DER,    /* base64 of octets */
    RSP_HEX,    /* transactionId: upper-case hex out, either case in */
    RSP_EID,    /* 32 digits <-> 16 octets */
    RSP_ICCID,  /* 19 or 20 digits or F <-> 10 octets */
    RSP_BOOL,   /* bool */
    RSP_INT,    /* int; a string of digits is taken too */
    RSP_STATUS, /* struct rsp_status */
    RSP_EVENTS, /* struct es11_events */
};

struct rsp_field {
    const char *name;
    const char *also; /* another spelling that is read, or NULL */
    enum rsp_field_kind kind;
    size_t offset;
    bool optional;
};

struct rsp_function_info {
    const char *name; /* "ES9+.InitiateAuthentication" */
    const char *path; /* "/gsma/rsp2/es9plus/initiateAuthentication" */
    bool header;      /* requests carry struct rsp_header */
    bool notification; /* answered by 204 without a body */
    const struct rsp_field *request, *response; /* ended by a row without name */
    size_t request_size, response_size;
};

extern const struct rsp_function_info rsp_functions[RSP_FUNCTIONS];

/* The function at a path, ES9+ before ES11 (which shares paths); -1 if none. */
int rsp_function_at(struct bytes path);

/* JSON of others into `out` (zeroed first).  Malformed JSON fails with ERR_SYNTAX (HTTP 400);
 * a field missing or of the wrong form with RSP_FIELD_MISSING or RSP_BAD_FORMAT.  Unknown
 * members are ignored.  `header` may be NULL where the function has none. */
int rsp_read_request(struct arena *, enum rsp_function, struct bytes body, struct rsp_header *header,
                     void *out, struct err *);
/* `status` is always filled when this returns 0; `out` only on success or warning. */
int rsp_read_response(struct arena *, enum rsp_function, struct bytes body, struct rsp_status *status,
                      void *out, struct err *);

int rsp_write_request(struct arena *, enum rsp_function, const struct rsp_header *, const void *in,
                      struct bytes *body, struct err *);
/* `in` is read only if the status is success or warning. */
int rsp_write_response(struct arena *, enum rsp_function, const struct rsp_status *, const void *in,
                       struct bytes *body, struct err *);

/* Success, or what err.code says. */
struct rsp_status rsp_status_of(const struct err *e);

#endif
