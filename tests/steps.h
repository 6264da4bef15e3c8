/* A download step by step: the LPA goes as far as it is let, then the test speaks to the SM-DP+ in the card's name,
 * with the card's key.  Also a server that is closed and opened, and its records. */
#ifndef RSPKIT_TESTS_STEPS_H
#define RSPKIT_TESTS_STEPS_H

#include "smdp/records.h"
#include "world.h"

enum step {
    STEP_AUTHENTICATED, /* GetBoundProfilePackage is not sent any more */
    STEP_BOUND,         /* its answer is lost */
    STEP_INSTALLED,     /* the card's result is not sent */
    STEP_ALL
};

/* What the SM-DP+ said last. */
struct said {
    struct bytes transaction;  /* absent: nothing */
    struct bytes metadata;     /* AuthenticateClient */
    struct rsp_SmdpSigned2 signed2;
    struct bytes bpp;          /* absent: none */
    struct rsp_status status;  /* of the last answer that has one */
};

/* The LPA with the world's card, as far as `last`. */
struct said steps_to(struct world *, const struct activation_code *, enum step last);

/* The card is told that the session is put off: it keeps its one-time key for a retry. */
void steps_put_off(struct world *, struct bytes transaction);

/* ES9+.CancelSession, signed by the world's card. */
struct rsp_status steps_cancel(struct world *, struct bytes transaction, int64_t reason);

/* A ProfileInstallationResult of the world's card; as it should be but for what is named. */
struct result {
    struct bytes transaction;
    int64_t error;     /* errorReason; 0: installed */
    struct bytes sima; /* simaResponse of a success; absent: 3000 */
    struct bytes oid;  /* absent: the server's */
    bool bad_signature;
};
struct bytes steps_result(struct world *, const struct result *);
/* finalResult as that TLV has it, by hand. */
struct bytes steps_final_result(const struct result *);

/* Another notification of the first card, about the first profile but for what is named. */
struct notice {
    int64_t seq;
    uint8_t events;     /* NotificationEvent, first bit on the left */
    struct bytes iccid; /* absent: the first profile's */
    bool no_iccid, bad_signature;
};
struct bytes steps_notice(struct world *, const struct notice *);

/* ES9+.HandleNotification; the HTTP status. */
int steps_notify(struct world *, struct bytes pending_notification);

/* Closes server, store and outbox, and opens them again on the SQLite file of world_store. */
bool steps_restart(struct world *, const char *path);


/* The first profile (WORLD_ICCID), and any record. */
struct bytes steps_iccid(void);
struct store_record steps_record(struct world *, enum smdp_kind, struct bytes key);
struct store_record steps_profile(struct world *);
/* Sets an integer column. */
void steps_set(struct world *, enum smdp_kind, struct bytes key, size_t column, int64_t value);
void steps_set_text(struct world *, enum smdp_kind, struct bytes key, size_t column, const char *value);

#endif
