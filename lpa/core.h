/* Inside lpa/. */
#ifndef RSPKIT_LPA_CORE_H
#define RSPKIT_LPA_CORE_H

#include "lpa/lpa.h"

/* One exchange; `data` gets the response without its status word. */
enum lpa_end es10_exchange(struct lpa *, struct bytes command, struct bytes *data, unsigned *sw, struct err *);

/* FETCH of the `n` octets that a status word 91xx announces. */
enum lpa_end es10_fetch(struct lpa *, uint8_t n, struct bytes *data, unsigned *sw, struct err *);

/* A command TLV (or BPP segment) by STORE DATA; the response data.  LPA_CARD with the status word
 * in words if it is not 9000 or 91xx; *sw is filled. */
enum lpa_end es10_store_data(struct lpa *, struct bytes command, struct bytes *response, unsigned *sw, struct err *);

/* One function of ES9+: `out` on success; LPA_SERVER with the refusal in words. */
enum lpa_end es9_call(struct lpa *, struct bytes host, enum rsp_function, const void *in, void *out,
                      struct rsp_status *, struct err *);

void lpa_progress(struct lpa *, const char *step, size_t done, size_t total);
enum lpa_end lpa_fail(enum lpa_end, struct err *, const char *what, const char *next);

/* Those of the card, in any order; one by one from cards that do not give them together. */
enum lpa_end notifications_retrieve(struct lpa *, struct rsp_RetrieveNotificationsListResponse_notificationList *,
                                    struct err *);
/* Sends one pending notification and removes it from the card. */
enum lpa_end notification_send(struct lpa *, const struct rsp_PendingNotification *, struct err *);

#endif
