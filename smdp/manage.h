/* Administration of an SM-DP+: operators, profile types, profiles, orders.  Each change is one batch (imports: one for
 * each few hundred profiles) with its entry in the audit trail. */
#ifndef RSPKIT_SMDP_MANAGE_H
#define RSPKIT_SMDP_MANAGE_H

#include "base/csv.h"
#include "smdp/order.h"
#include "smdp/smdp.h"

enum { SMDP_NAME_MAX = 64 /* characters of an operator's or a profile type's name */, SMDP_KEEP = -1 };

/* For a change: an absent certificate, a URL of NULL and numbers of SMDP_KEEP leave what is there. */
struct smdp_operator {
    const char *name;
    struct bytes certificate; /* PEM or DER; its TLS client certificate */
    bool by_names;            /* any certificate of that issuer and subject, chained to a listener's CI */
    const char *url;          /* https://HOST[/PATH] where HandleDownloadProgressInfo goes; NULL or empty: nowhere */
    int64_t points;           /* 1 << point: successes that are told; failures always are */
    struct smdp_limits limits;
};

struct smdp_type {
    const char *name, *operator_name;
    struct bytes upp;      /* package in DER, the template of its profiles */
    struct bytes metadata; /* StoreMetadataRequest in DER; its ICCID is replaced for each profile */
    bool ppk, bind_once, no_field_test;
    struct smdp_limits limits; /* 0: the operator's */
};

/* ERR_EXISTS if there is one of that name (or certificate). */
int smdp_add_operator(struct smdp *, struct arena *, const struct smdp_operator *, struct err *);
int smdp_change_operator(struct smdp *, struct arena *, const struct smdp_operator *, struct err *);
int smdp_add_type(struct smdp *, struct arena *, const struct smdp_type *, struct err *);

/* ----------------------------------------------------------------------------- importing */

struct smdp_imported {
    size_t added, there; /* profiles that are new; that were there before with the same values */
    size_t other;        /* that were there with other values or of another type; they stay as they are */
    char first_other[21]; /* ICCID of the first of these */
    size_t lines;        /* read so far */
};

/* A list of profiles in CSV, taken as it comes: a line of names (iccid, imsi, k, opc, pin1 ..), then a line a profile.
 * After an error in a line, those before it are in the store; after any other, those of whole batches.  The corrected
 * list may be given again. */
struct smdp_import;
int smdp_import_new(struct smdp *, const char *type, struct smdp_import **, struct err *);
int smdp_import_take(struct smdp_import *, struct bytes piece, struct smdp_imported *done, struct err *);
/* The last line, if it has no end, and what is not committed yet. */
int smdp_import_end(struct smdp_import *, struct smdp_imported *done, struct err *);
void smdp_import_free(struct smdp_import *);

/* A whole list at once. */
int smdp_add_profiles(struct smdp *, const char *type, struct bytes csv, struct smdp_imported *, struct err *);

/* -------------------------------------------------------------------------------- orders */

/* ES2+.DownloadOrder and ES2+.ConfirmOrder as the operator that the type or the profile belongs to; for tests, and for
 * an operator without ES2+. */
struct smdp_order {
    const char *type;         /* NULL: `iccid` says which profile */
    struct bytes iccid;       /* absent: one of the type */
    struct bytes eid;         /* absent: any card */
    struct bytes matching_id; /* absent: made; empty: none (default SM-DP+, SM-DS) */
    struct bytes code, smds;  /* confirmation code, address of an SM-DS; absent: none */
    bool release;
};
struct smdp_ordered {
    struct bytes iccid, matching_id;
    const char *activation_code;
};
/* Refusals are those of ES2+; a profile that was taken for the order is then Available again. */
int smdp_order(struct smdp *, struct arena *, const struct smdp_order *, struct smdp_ordered *, struct err *);
int smdp_release(struct smdp *, struct arena *, struct bytes iccid, struct err *);
int smdp_cancel(struct smdp *, struct arena *, struct bytes iccid, bool unavailable, struct err *);

/* The time after which the order of a profile cannot be downloaded any more (8.8.5/4.10), seconds since 1970; 0: never.
 */
int smdp_set_expiry(struct smdp *, struct arena *, struct bytes iccid, int64_t expires, struct err *);
/* Counters begin anew; an order that ended in Error may be downloaded again, by the same card. */
int smdp_rearm(struct smdp *, struct arena *, struct bytes iccid, struct err *);

/* ------------------------------------------------------------------------------- looking */

/* What is to be seen of a profile. */
struct smdp_profile {
    struct bytes iccid, type, operator_name;
    enum order_state state;
    struct bytes eid;         /* absent: none */
    struct bytes matching_id; /* absent: not confirmed */
    struct bytes smds;        /* absent: none */
    bool event, code;         /* registered at the SM-DS; needs a confirmation code */
    int64_t changed, expires; /* seconds since 1970; 0: never */
    int64_t downloads, cc_tries;
    const char *on_card;      /* "enabled", "disabled", "deleted": what the card told last; NULL: nothing */
};
int smdp_profile(struct smdp *, struct arena *, struct bytes iccid, struct smdp_profile *, struct err *);
/* Those in a state (-1: all) behind `*after`, oldest first, at most `limit`; *after moves on. */
int smdp_profiles(struct smdp *, struct arena *, int state, int64_t *after, size_t limit, struct smdp_profile **,
                  size_t *n, struct err *);
int smdp_count(struct smdp *, enum order_state, int64_t *n, struct err *);

/* What is registered of an operator; limits as they are in force. */
struct smdp_operator_seen {
    struct bytes name, url;
    struct bytes identity; /* SHA-256 of its certificate, or of issuer and subject */
    bool by_names;
    int64_t points;
    struct smdp_limits limits;
};
struct smdp_type_seen {
    struct bytes name, operator_name;
    struct bytes service_provider_name, profile_name;
    int64_t profile_class; /* enum rsp_ProfileClass */
    bool ppk, bind_once, no_field_test;
    struct smdp_limits limits;
    int64_t profiles, available;
};
/* As smdp_profiles. */
int smdp_operators(struct smdp *, struct arena *, int64_t *after, size_t limit, struct smdp_operator_seen **,
                   size_t *n, struct err *);
int smdp_types(struct smdp *, struct arena *, int64_t *after, size_t limit, struct smdp_type_seen **, size_t *n,
               struct err *);
int smdp_operator_see(struct smdp *, struct arena *, const char *name, struct smdp_operator_seen *, struct err *);
int smdp_type_see(struct smdp *, struct arena *, const char *name, struct smdp_type_seen *, struct err *);
/* Each profile is as its last entry in the audit trail left it; *n: how many were looked at.  ERR_VERIFY names the
 * first that is not: an old record was put back, or the entry was taken out.  An old copy of the whole database passes,
 * and records of other kinds are not held to the trail. */
int smdp_profiles_verify(struct smdp *, int64_t *n, struct err *);

#endif
