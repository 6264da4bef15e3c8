/* What a card is: its identity, its profiles, its pending notifications.  Every change is an
 * nvm record, made durable first and applied then, by the same function that replays the
 * log at the start: what is in memory is what the log says.
 */
#ifndef RSPKIT_EUICC_STATE_H
#define RSPKIT_EUICC_STATE_H

#include "crypto/cert.h"
#include "euicc/nvm.h"
#include "saip/image.h"
#include "schema/rsp.h"

enum {
    EUICC_CIS_MAX = 8,
    EUICC_KEYS_MAX = 4,
    EUICC_PROFILES_MAX = 16,
    EUICC_RESULTS_MAX = 16, /* notifications: results of installations, and others */
    EUICC_OTHERS_MAX = 48,
    EUICC_NOTIFICATIONS_MAX = EUICC_RESULTS_MAX + EUICC_OTHERS_MAX,
    EUICC_MEMORY = 768 << 10, /* octets for profiles, as EUICCInfo2 counts them */
    EUICC_REVOKED_OCTETS = 8192, /* of a CI's revoked certificates, as `entries` below holds them */
    EUICC_SEGMENTS_MAX = 255, /* of one revocation list */
};

enum record_type {
    REC_EID = 1,          /* eid */
    REC_CI,               /* certificate */
    REC_KEY,              /* euicc certificate, eum certificate, scalar(32) */
    REC_ADDRESSES,        /* root SM-DS, factory default SM-DP+ */
    REC_DEFAULT_DP,       /* address (empty: none) */
    REC_PROFILE,          /* iccid, aid, metadata, upp, smdp oid, CI of the keys that sign for it */
    REC_PROFILE_STATE,    /* iccid, 1 octet: 0 disabled, 1 enabled */
    REC_PROFILE_DELETED,  /* iccid */
    REC_NICKNAME,         /* iccid, text */
    REC_NOTIFICATION,     /* seq(8), DER of the pending notification, DER of its metadata */
    REC_NOTIFICATION_GONE, /* seq(8) */
    REC_SEQUENCE,         /* next sequence number (8) */
    REC_BEGUN,            /* installation begun: transaction id, address, smdp oid, CI of the key, iccid if known */
    REC_BEGUN_END,
    REC_FILE,             /* iccid, file number(4), offset(4), octets */
    REC_PIN,              /* iccid, index(1), value(8), left(1), 1 octet: 0 disabled, 1 enabled, 2 replaced */
    REC_PUK,              /* iccid, index(1), left(1) */
    REC_SQN,              /* iccid, index(1), slot(1), seq(6) */
    REC_LCSI,             /* iccid, file number(4), life cycle(1) */
    REC_OBJECTS,          /* iccid, file number(4), all objects of a BER-TLV file */
    REC_RAT = 40,         /* DER of the RulesAuthorisationTable */
    REC_CHANGE,           /* enum rules_command(1), iccid: to be done at the end of REFRESH or at a reset */
    REC_CHANGE_END,
    REC_FORMER,           /* iccid of the profile to come back after the test profiles; empty: none */
    REC_RESULT,           /* as REC_NOTIFICATION, of an installation */
    REC_METADATA,         /* iccid, metadata (ES6.UpdateMetadata) */
    REC_PROPRIETARY,      /* iccid, DpProprietaryData of ConfigureISDP */
    REC_REVOCATIONS,      /* a struct euicc_revocations: ci, number, complete, segments, entries; time reference(8) */
};

/* A certificate of the card with its key, under one CI. */
struct euicc_key {
    struct cert euicc, eum;
    struct bytes ci_pkid; /* the EUM's AKI */
    struct ec_key *key;
};

struct euicc_profile {
    struct arena *arena; /* everything of it but what may change in length */
    struct bytes iccid, aid, metadata_der, smdp_oid, ci_pkid, nickname;
    struct arena *nickname_arena, *metadata_arena; /* of the latest UpdateMetadata, or NULL */
    size_t upp_octets; /* the package itself stays in the log */
    struct rsp_StoreMetadataRequest metadata;
    struct bytes proprietary; /* DpProprietaryData as received, or absent */
    bool enabled;
    struct saip_image image;
    struct saip_file **files; /* by number, in the order of creation */
};

struct euicc_notification {
    struct arena *arena;
    uint64_t seq;
    struct bytes der, metadata;
};

/* A profile whose image is made from a package already, before its record is there. */
struct euicc_ready {
    struct euicc_profile *profile; /* NULL: none */
    struct bytes upp;
};

/* What the revocation lists of a CI have said so far (SGP.22 5.7.12). */
struct euicc_revocations {
    struct arena *arena;
    struct bytes ci;       /* its key identifier */
    struct bytes number;   /* of the last list, of which segments may be missing */
    struct bytes complete; /* of the last list of which none is missing; empty: there was none */
    struct bytes segments; /* of the last list, an octet each: 1 if it was processed; empty: a list in one piece */
    struct bytes entries;  /* each: octets of the serial number(1), serial number, time of expiry(8) */
};

struct euicc_state {
    struct euicc_ready ready;
    struct arena *arena; /* what the card was made with */
    struct bytes eid, root_ds, factory_dp, default_dp;
    struct arena *default_dp_arena, *begun_arena;
    struct cert *cis;
    size_t n_cis;
    struct euicc_key *keys;
    size_t n_keys;
    struct euicc_profile *profiles[EUICC_PROFILES_MAX];
    size_t n_profiles;
    struct euicc_notification notifications[EUICC_NOTIFICATIONS_MAX]; /* ascending */
    size_t n_notifications;
    uint64_t next_seq;
    struct rsp_RulesAuthorisationTable rat;
    bool has_rat; /* else the default one */
    struct euicc_profile *former; /* operational, enabled before the first test profile was; NULL: none */
    struct {
        unsigned command; /* enum rules_command */
        struct euicc_profile *target; /* NULL: no change is ongoing */
    } change;
    struct euicc_revocations revocations[EUICC_CIS_MAX];
    size_t n_revocations;
    int64_t time; /* the newest thisUpdate, seconds since 1970 (SGP.22 4.6.3); 0: no list yet */
    bool begun;
    struct nvm_record begun_record;
};

/* Applies one record (context: struct euicc_state). */
int state_apply(void *state, const struct nvm_record *, struct err *);

void state_end(struct euicc_state *);

/* An empty profile for this package, whose image the caller makes in its arena; a record with the same package takes
 * it.  state_ready_end frees what none took; the package must stay until then. */
struct euicc_profile *state_ready(struct euicc_state *, struct bytes upp);
void state_ready_end(struct euicc_state *);

/* What each record makes obsolete, by type. */
extern const struct nvm_rule state_rules[];
extern const size_t state_n_rules;

struct euicc_profile *state_profile(const struct euicc_state *, struct bytes iccid);
struct euicc_profile *state_enabled(const struct euicc_state *);
/* Results of installations (SGP.22 2.5.6), as opposed to the other kind of notifications (SGP.22 3.5). */
size_t state_results(const struct euicc_state *);
/* Octets that profiles take. */
size_t state_used(const struct euicc_state *);

/* Numbers in records. */
struct bytes rec_number(struct arena *, uint64_t value, size_t octets);
uint64_t rec_value(struct bytes);

#endif
