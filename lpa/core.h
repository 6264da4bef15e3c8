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

/* One function of ES9+ or ES11: `out` on success; LPA_SERVER with the refusal in words. */
enum lpa_end server_call(struct lpa *, struct bytes host, enum rsp_function, const void *in, void *out,
                         struct rsp_status *, struct err *);

/* What a server may be, and what its certificate says it is. */
enum { IS_SMDP = 1, IS_SMDS = 2 };

/* Common mutual authentication (SGP.22 3.1.2). */
struct session {
    struct bytes address;
    struct bytes matching_id; /* empty: none is given */
    struct bytes oid;         /* that the server's certificate must name, dotted text; absent: any */
    unsigned may_be;
    /* out */
    unsigned is; /* IS_SMDP or IS_SMDS, by its certificate, which the card has verified */
    struct bytes transaction_id;
    struct bytes response; /* the card's, for AuthenticateClient, which comes next */
    struct rsp_status status; /* of the server, if it refused */
};

/* Up to AuthenticateServer: on success the card has a session, and the server is what it may be. */
enum lpa_end session_open(struct lpa *, struct session *, struct err *);

/* The card's reason in words, from a table of `n` texts; LPA_CARD. */
enum lpa_end card_refused(const char *function, const char *const *texts, size_t n, int64_t code, struct err *);

/* A profile download from AuthenticateClient on (SGP.22 3.1.3). */
enum lpa_end download_in(struct lpa *, const struct session *, struct lpa_download *, struct err *);

/* Whether there is an operational profile on the card. */
enum lpa_end has_operational(struct lpa *, bool *there, struct err *);

void lpa_progress(struct lpa *, const char *step, size_t done, size_t total);
enum lpa_end lpa_fail(enum lpa_end, struct err *, const char *what, const char *next);

/* Those of the card, in any order; one by one from cards that do not give them together. */
enum lpa_end notifications_retrieve(struct lpa *, struct rsp_RetrieveNotificationsListResponse_notificationList *,
                                    struct err *);
/* Sends one pending notification and removes it from the card. */
enum lpa_end notification_send(struct lpa *, const struct rsp_PendingNotification *, struct err *);

#endif
