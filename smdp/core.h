/* Inside smdp/: one request at work. */
#ifndef RSPKIT_SMDP_CORE_H
#define RSPKIT_SMDP_CORE_H

#include "rsp/function.h"
#include "rsp/refusal.h"
#include "smdp/order.h"
#include "smdp/records.h"
#include "smdp/smdp.h"

enum { SESSION_LIFETIME = 3600 /* seconds */, PAGE = 64 /* records */, DEFAULT_CC_TRIES = 5, DEFAULT_DOWNLOADS = 10 };

struct op {
    struct smdp *smdp;
    struct arena *arena;
    const struct rsp_request *request;
    struct bytes operator; /* ES2+: the caller's name */
    struct store_batch batch; /* committed before the answer, also before a refusal */
    struct bytes subject;     /* ICCID that the batch is about */
    struct err *err;
};

/* Fills `out` and the batch, or refuses. */
typedef int handler(struct op *, const void *in, void *out);

handler es2_download_order_handle, es2_confirm_order_handle, es2_cancel_order_handle, es2_release_profile_handle,
    es9_initiate_authentication_handle, es9_authenticate_client_handle, es9_get_bound_profile_package_handle,
    es9_handle_notification_handle, es9_cancel_session_handle;

/* Moves a profile's order; refuses what the table lacks. */
int op_step(struct op *, struct store_record *profile, enum order_event);
int op_refuse(struct op *, int code, const char *clause);

#endif
