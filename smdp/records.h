/* What the SM-DP+ keeps. */
#ifndef RSPKIT_SMDP_RECORDS_H
#define RSPKIT_SMDP_RECORDS_H

#include "server/audit.h"
#include "server/authenticate.h"
#include "server/outbox.h"

enum smdp_kind {
    KIND_TYPE,
    KIND_PROFILE,
    KIND_SESSION,
    KIND_BINDING,
    KIND_RESULT,
    KIND_OPERATOR,
    KIND_EVENT,
    KIND_OUTBOX,
    KIND_AUDIT
};

/* Sessions live in memory: to lose one makes the LPA start again. */
enum { SMDP_SESSIONS_MAX = 100000 };

enum {
    TYPE_NAME,
    TYPE_OPERATOR,
    TYPE_UPP,        /* sealed: the package in DER, template of its profiles */
    TYPE_METADATA,   /* StoreMetadataRequest in DER */
    TYPE_NEEDS,      /* what a card must have (saip_needs) */
    TYPE_PPK,        /* 1: bound with profile protection keys */
    TYPE_CC_TRIES,   /* 0: the operator's limit; so the next two */
    TYPE_DOWNLOADS,
    TYPE_LIFETIME,   /* seconds from release to expiry */
    TYPE_BIND_ONCE,  /* 1: a retry with another otPK is refused (8.2/3.7) */
    TYPE_NO_FIELD_TEST, /* 1: not for field-test eUICCs */
    TYPE_COLUMNS
};
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
    PROFILE_SMDS,        /* address of the SM-DS */
    PROFILE_EVENT,       /* enum profile_event */
    PROFILE_EXPIRES,
    PROFILE_DOWNLOADS,
    PROFILE_CC_TRIES,
    PROFILE_ORDER,       /* counts the orders of the profile */
    PROFILE_CHANGED,     /* when the state was entered */
    PROFILE_ON_CARD,     /* bit of the last notification of the card (SGP.22 NotificationEvent), -1: none */
    PROFILE_ON_CARD_SEQ, /* its sequence number */
    PROFILE_BATCH,       /* of the last change: number of its entry in the audit trail, about this ICCID */
    PROFILE_COLUMNS
};
/* The event of an order at its SM-DS. */
enum profile_event {
    EVENT_NONE,
    EVENT_REGISTERING, /* a request has it on its way */
    EVENT_THERE,
    EVENT_PERHAPS /* the SM-DS did not answer */
};
/* Behind the columns that every session has. */
enum {
    SESSION_ICCID = SESSION_COMMON,   /* after AuthenticateClient, as the following */
    SESSION_ORDER,
    SESSION_EID,
    SESSION_POINT,
    SESSION_CURVE,
    SESSION_SIGNATURE2, /* smdpSignature2 */
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
enum {
    RESULT_ID,
    RESULT_ICCID,
    RESULT_ORDER,
    RESULT_EID,
    RESULT_POINT,
    RESULT_CURVE,
    RESULT_OID, /* of CERT.DPauth in that session */
    RESULT_DONE,
    RESULT_COLUMNS
};
enum {
    OPERATOR_NAME,
    OPERATOR_FINGERPRINT, /* SHA-256 of its TLS client certificate; absent: known by its names */
    OPERATOR_NAMES,       /* SHA-256 of issuer and subject of a certificate that chains to a trusted CI */
    OPERATOR_URL,         /* https://host/path before "/gsma/rsp2/es2plus/handleDownloadProgressInfo"; absent: none */
    OPERATOR_POINTS,      /* 1 << point: those that are told */
    OPERATOR_CC_TRIES,    /* 0: the default; so the next two */
    OPERATOR_DOWNLOADS,
    OPERATOR_LIFETIME,
    OPERATOR_COLUMNS
};
/* One an event ID, at whatever SM-DS, for ever: it is never used again (SGP.22 3.6.1). */
enum {
    EVENT_ID,
    EVENT_ICCID,
    EVENT_STATE,
    EVENT_UNTIL, /* when a registration under way has surely ended */
    EVENT_COLUMNS
};
enum event_state { EVENT_CLAIMED, EVENT_DELETING, EVENT_OVER };

extern const struct store_schema smdp_schema;

/* Writes the number of the batch's audit entry into the profiles in it. */
void profiles_stamp(struct store_batch *, struct bytes number);

#endif
