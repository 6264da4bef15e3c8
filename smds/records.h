/* What the SM-DS keeps. */
#ifndef RSPKIT_SMDS_RECORDS_H
#define RSPKIT_SMDS_RECORDS_H

#include "server/audit.h"
#include "server/authenticate.h"
#include "server/outbox.h"

enum smds_kind { SMDS_EVENT, SMDS_SESSION, SMDS_OUTBOX, SMDS_AUDIT };

/* Sessions live in memory: to lose one makes the LPA start again. */
enum { SMDS_SESSIONS_MAX = 100000 };

/* An event record (SGP.22 3.6.1): registered by whom the OID names, and told to the card with the EID, in the order of
 * registration (store_record.serial). */
enum {
    EVENT_KEY,     /* owner and event ID: see event_key */
    EVENT_OWNER,   /* OID of the caller's TLS certificate, content octets */
    EVENT_ID,      /* EventID1, text */
    EVENT_EID,     /* 16 octets */
    EVENT_ADDRESS, /* RSP server address */
    EVENT_ROOT_ID, /* EventID2, under which the root has it; absent: not cascaded */
    EVENT_STATE,
    EVENT_UNTIL,   /* EVENT_CASCADING: when the registration at the root has surely ended */
    EVENT_MADE,    /* seconds since 1970 */
    EVENT_COLUMNS
};
enum event_state {
    EVENT_THERE,
    EVENT_CASCADING /* a request has it on its way to the root; nobody is told of it yet */
};

extern const struct store_schema smds_schema;

/* The value of EVENT_KEY in the arena; absent without memory. */
struct bytes event_key(struct arena *, struct bytes owner, struct bytes id);

#endif
