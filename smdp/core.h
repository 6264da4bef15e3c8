/* Inside smdp/: one request at work. */
#ifndef RSPKIT_SMDP_CORE_H
#define RSPKIT_SMDP_CORE_H

#include "rsp/function.h"
#include "rsp/refusal.h"
#include "smdp/order.h"
#include "smdp/records.h"
#include "smdp/smdp.h"

enum {
    REGISTRATION_TIME = 300, /* seconds; longer than a call to an SM-DS can take */
    PAGE = 64,               /* records */
    DEFAULT_CC_TRIES = 5,
    DEFAULT_DOWNLOADS = 10
};

service_handler es2_download_order_handle, es2_confirm_order_handle, es2_cancel_order_handle,
    es2_release_profile_handle, es9_authenticate_client_handle, es9_get_bound_profile_package_handle,
    es9_handle_notification_handle, es9_cancel_session_handle;

/* The SM-DP+ that a request is at. */
struct smdp *smdp_of(const struct op *);

/* A batch of the administration with its entry in the audit trail; ERR_EXISTS with the sentence `exists` if somebody
 * else was first. */
int manage_commit(struct smdp *, struct store_batch *, const char *action, struct bytes subject, const char *exists,
                  struct err *);
/* What an administrator names; ERR_NOT_FOUND says how to find it. */
int manage_profile(struct smdp *, struct arena *, struct bytes iccid, struct store_record *, struct err *);
int manage_operator(struct smdp *, struct arena *, const char *name, struct store_record *, struct err *);

/* What happened to an order, beside the event itself. */
struct happening {
    int refusal;         /* the status that the operator is told; 0: success */
    int point;           /* of ES2+.HandleDownloadProgressInfo, where the event alone does not tell it */
    int64_t reason;      /* CancelSessionReason, for EV_REJECTED */
    struct bytes result; /* finalResult of an installation result, TLV */
};

/* May this happen now?  Refuses what the table lacks. */
int op_allowed(struct op *, const struct store_record *profile, enum order_event);
/* Moves a profile's order, with the effects that the table names, and puts it into the batch. */
int op_step(struct op *, struct store_record *profile, enum order_event, const struct happening *);
/* The same for an event that ends in a refusal. */
int op_end(struct op *, struct store_record *profile, enum order_event, int refusal, const char *clause);
/* The order may be downloaded from now on: its event is registered, its time to live begins. */
int op_release(struct op *, struct store_record *profile, enum order_event);

int op_operator(struct op *, struct bytes name, struct store_record *out);
int op_type(struct op *, const struct store_record *profile, struct store_record *out);
/* The limit in force: the type's, the operator's, the server's. */
struct smdp_limits op_limits(const struct op *, const struct store_record *type, const struct store_record *operator);

/* -------------------------------------------------- what is told to operators (progress.c) */

/* ES2+.HandleDownloadProgressInfo into the outbox, if the operator wants its point. */
int progress_tell(struct op *, const struct store_record *profile, enum order_event, const struct happening *);
/* Parts of "https://host[:port][/prefix]"; -1: it is none. */
int progress_url(struct bytes url, struct bytes *host, struct bytes *prefix);

/* ------------------------------------------------------- what is told to an SM-DS (es12.c) */

/* The order's matching ID becomes an event ID at its SM-DS (8.2.6/3.3 if it ever was one). */
int es12_claim(struct op *, const struct store_record *profile);
/* ES12.RegisterEvent, before the order may be released: claims the event ID, commits, asks the SM-DS.  Refuses with
 * 8.9/5.1, 8.9/4.2, 8.2.6/3.3; the order is then what it was.  On success `profile` is read anew. */
int es12_register(struct op *, struct store_record *profile);
/* ES12.DeleteEvent into the outbox, if there may be an event. */
int es12_delete(struct op *, struct store_record *profile);
/* An order in EVENT_REGISTERING: OP_BUSY while somebody is at it; if nobody is any more, the work is finished or
 * undone, committed, and the profile read anew. */
int es12_settle(struct op *, struct store_record *profile);

#endif
