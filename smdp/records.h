/* What the SM-DP+ keeps. */
#ifndef RSPKIT_SMDP_RECORDS_H
#define RSPKIT_SMDP_RECORDS_H

#include "server/audit.h"

enum smdp_kind { KIND_TYPE, KIND_PROFILE, KIND_SESSION, KIND_BINDING, KIND_RESULT, KIND_OPERATOR, KIND_AUDIT };

/* Sessions live in memory: to lose one makes the LPA start again. */
enum { SMDP_SESSIONS_MAX = 100000 };

enum { TYPE_NAME, TYPE_OPERATOR, TYPE_UPP, TYPE_METADATA, TYPE_PPK, TYPE_CC_TRIES, TYPE_DOWNLOADS, TYPE_COLUMNS };
enum {
    PROFILE_ICCID, /* 10 octets, swapped */
    PROFILE_TYPE,
    PROFILE_OPERATOR,
    PROFILE_STATE,
    PROFILE_EID,
    PROFILE_MATCHING_ID, /* unique; absent if empty or not given */
    PROFILE_MATCHING,    /* as given, may be empty; absent: not confirmed */
    PROFILE_POOL,        /* the type while Available */
    PROFILE_PENDING,     /* the EID while an order waits for it */
    PROFILE_SUBSCRIBER,  /* sealed */
    PROFILE_CC,          /* sealed SHA-256 of the confirmation code */
    PROFILE_SMDS,
    PROFILE_EXPIRES,
    PROFILE_DOWNLOADS,
    PROFILE_CC_TRIES,
    PROFILE_COLUMNS
};
enum {
    SESSION_ID,
    SESSION_CHALLENGE,
    SESSION_ADDRESS,
    SESSION_CI,      /* SKI that the card signs under */
    SESSION_SET,     /* index of the certificate set */
    SESSION_STARTED,
    SESSION_ICCID,   /* after AuthenticateClient, as the following */
    SESSION_EID,
    SESSION_POINT,
    SESSION_CURVE,
    SESSION_SIGNATURE2, /* smdpSignature2 */
    SESSION_CC,         /* confirmation code needed */
    SESSION_COLUMNS
};
/* One a profile: what a retry with the same key needs. */
enum {
    BINDING_ICCID,
    BINDING_EID,
    BINDING_EUICC_OTPK,
    BINDING_SMDP_OTPK,
    BINDING_HOST_ID,
    BINDING_BODY,
    BINDING_COLUMNS
};
/* One a transaction: what its installation result needs, however late it comes. */
enum { RESULT_ID, RESULT_ICCID, RESULT_EID, RESULT_POINT, RESULT_CURVE, RESULT_SET, RESULT_DONE, RESULT_COLUMNS };
enum { OPERATOR_FINGERPRINT, OPERATOR_NAME, OPERATOR_COLUMNS };

extern const struct store_schema smdp_schema;

#endif
