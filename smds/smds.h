/* The SM-DS: ES12 and ES15 for those who register events, ES11 for LPAs (SGP.22 5.8 to 5.10), root or alternative by
 * configuration.  server/service.h says what it is given from outside.
 *
 * An event belongs to the object identifier in the TLS certificate that registered it.  An alternative SM-DS hands a
 * registration on to its root before it answers, if it was asked to; a deletion is committed together with the message
 * that tells the root, so the caller waits for no one.
 *
 * Not here: a list of the SM-DP+ that may register (whoever has a CERT.DP.TLS or CERT.DS.TLS of a CI of the listener
 * may, within the quotas). */
#ifndef RSPKIT_SMDS_SMDS_H
#define RSPKIT_SMDS_SMDS_H

#include "server/outbox.h"
#include "server/service.h"

enum { SMDS_EVENTS_MAX = 1000 /* that a card can have */ };

/* 0: the default. */
struct smds_limits {
    int64_t of_owner; /* events that one owner may have for one EID: 16 */
    int64_t of_eid;   /* events for one EID: 128, at most SMDS_EVENTS_MAX */
    int64_t lifetime; /* seconds after which an event is stale and goes; no default: never */
};

struct smds {
    struct service service; /* of smds_role */
    const char *root;       /* address of the root SM-DS; NULL: this is the root */
    struct smds_limits limits;
    bool laboratory; /* RSP server addresses may have a port */
};

extern const struct service_role smds_role;

/* Answers one HTTP request; the response is in the arena. */
void smds_handle(struct smds *, struct arena *, const struct rsp_request *, struct rsp_response *);

/* Sends a message of the outbox; context: struct smds. */
outbox_send smds_send;

/* After a start, before requests are answered: registrations that were on their way to the root when the server ended
 * are taken back, at the root too; their callers had no answer.  *n: how many there were. */
int smds_recover(struct smds *, struct arena *, size_t *n, struct err *);

/* Removes stale events, `limit` at most, at the root too; *n: how many.  Until it has come to one it is not told. */
int smds_expire(struct smds *, struct arena *, size_t limit, size_t *n, struct err *);

#endif
