/* Inside smds/. */
#ifndef RSPKIT_SMDS_CORE_H
#define RSPKIT_SMDS_CORE_H

#include "smds/records.h"
#include "smds/smds.h"

enum {
    CASCADE_TIME = 300,    /* seconds; longer than a call to the root can take */
    EVENT_ID_MAX = 128,    /* octets */
    EVENT_ID_OCTETS = 16,  /* random ones in an EventID2 */
    PAGE = 64              /* records */
};

/* In op->caller. */
enum { CALLER_OID };

/* Topics of the outbox; the lane is the root's address. */
enum { TOPIC_DELETE_EVENT };

service_handler es11_authenticate_client_handle, es12_register_event_handle, es12_delete_event_handle;

struct smds *smds_of(const struct op *);
/* Is the event too old to be told? */
bool event_stale(const struct op *, const struct store_record *event);
/* An event goes; its copy at the root goes by the outbox. */
int event_remove(struct op *, const struct store_record *event);

/* ES15.RegisterEvent for an event that is not registered yet: commits it, asks the root.  Refuses with 8.9/5.1 or
 * 8.9/4.2, and the event is then gone.  On success it is in the batch. */
int es15_register(struct op *, struct store_record *event);

#endif
