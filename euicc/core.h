/* Inside euicc/: the card and its RSP session. */
#ifndef RSPKIT_EUICC_CORE_H
#define RSPKIT_EUICC_CORE_H

#include "crypto/bsp.h"
#include "euicc/card.h"
#include "euicc/state.h"
#include "euicc/uicc.h"

enum {
    CHANNELS = 20,
    COMMAND_MAX = 64 << 10,  /* octets of one ES10 command */
    SESSION_MAX = 8 << 20,   /* memory of one RSP session */
    UPP_MAX = 1 << 20,
};

/* Loading a Bound Profile Package: where we are in its sequence (SGP.22 2.5.5). */
enum load_step {
    LOAD_NONE,
    LOAD_CONFIGURE,
    LOAD_METADATA_HEAD,
    LOAD_METADATA,
    LOAD_KEYS_OR_HEAD,
    LOAD_HEAD,
    LOAD_ELEMENTS
};

/* One RSP session (SGP.22 3.1.2, 3.1.3); everything in it dies with its arena. */
struct rsp_session {
    struct arena *arena;
    bool challenged, authenticated, prepared;
    uint8_t challenge[16];
    struct bytes transaction_id, server_address, signature1, signature2;
    struct cert server, pb;
    bool server_is_dp;
    const struct euicc_key *key;
    struct ec_key *otsk; /* one-time key pair, until the installation has ended */
    enum load_step step;
    size_t left;         /* octets of the BPP that are still to come */
    size_t part_left;    /* of the sequence at hand */
    struct bsp bsp;
    struct buf metadata_octets, upp;
    unsigned metadata_segments;
    struct rsp_StoreMetadataRequest metadata;
    struct bytes metadata_der;
    struct bytes proprietary; /* of ConfigureISDP, or absent */
    bool metadata_known;
};

struct channel {
    bool open, isdr, ecasd;
    struct uicc_channel uicc;
};

/* What the device has said of itself since the last reset. */
struct terminal {
    bool capable_told, has_lpa; /* TERMINAL CAPABILITY, and an LPA among them (SGP.22 3.4.2) */
    bool profile_told;          /* TERMINAL PROFILE */
    bool profile_used_up;       /* the profiles have changed since: a new one is needed (SGP.22 5.7.16) */
    uint8_t profile[40];
};

struct euicc {
    struct euicc_env env;
    struct nvm_log log;
    struct euicc_state state;
    struct uicc uicc;
    struct channel channels[CHANNELS];
    struct rsp_session session;
    struct ec_key *kept; /* an unused one-time key, for a retry with the same SM-DP+ */
    struct arena *kept_arena;
    struct bytes kept_oid;
    /* STORE DATA being assembled */
    struct arena *incoming;
    struct buf command;
    unsigned next_block, command_channel;
    bool assembling;
    bool personalising; /* the last command said that the next is for the ISD-P (es6.c) */
    unsigned personalised_channel;
    /* response waiting for GET RESPONSE */
    struct arena *outgoing;
    struct bytes answer;
    unsigned answer_channel, answer_sw;
    /* proactive session */
    struct terminal terminal;
    bool refresh_waiting, refresh_fetched;
};

/* One ES10 command: the whole TLV in, the response TLV out; a status word is returned. */
typedef unsigned es10_handler(struct euicc *, struct arena *, struct bytes command, struct buf *out);

/* MANAGE CHANNEL and SELECT by AID (channel.c). */
unsigned channel_manage(struct euicc *, unsigned channel, const struct apdu *, struct buf *out);
unsigned channel_select(struct euicc *, unsigned channel, const struct apdu *, struct buf *out);
/* STATUS where an application without files is selected. */
unsigned channel_status(const struct euicc *, unsigned channel, const struct apdu *, struct buf *out);

/* The card application toolkit, as far as an eUICC needs it (toolkit.c). */
unsigned toolkit_capability(struct euicc *, const struct apdu *);
unsigned toolkit_profile(struct euicc *, const struct apdu *);
unsigned toolkit_fetch(struct euicc *, const struct apdu *, struct buf *out);
unsigned toolkit_response(struct euicc *, const struct apdu *);
unsigned toolkit_envelope(struct euicc *, const struct apdu *);
/* Octets of the proactive command that waits to be fetched, 0: none. */
unsigned toolkit_waiting(const struct euicc *);
/* False if the device has said that it has no LPA. */
bool toolkit_lpa(const struct euicc *);

unsigned isdr_store_data(struct euicc *, unsigned channel, const struct apdu *, struct buf *out);
/* One block of a command: 0 or a status word.  `command` is absent until the last block is there, and borrowed until
 * isdr_forget. */
unsigned isdr_assemble(struct euicc *, unsigned channel, const struct apdu *, struct bytes *command);
void isdr_forget(struct euicc *);
/* One logical segment of a BPP. */
unsigned es8p_segment(struct euicc *, struct arena *, struct bytes segment, struct buf *out);
/* After a power cut inside an installation: the result notification says so. */
int es8p_interrupted(struct euicc *, struct err *);

/* ES10a, ES10b, ES10c. */
es10_handler es10a_get_configured_addresses, es10a_set_default_dp_address, es10b_get_info1, es10b_get_info2,
    es10b_get_challenge, es10b_authenticate_server, es10b_prepare_download, es10b_cancel_session,
    es10b_list_notification, es10b_retrieve_notifications, es10b_remove_notification, es10b_load_crl, es10b_get_rat,
    es10c_get_profiles_info, es10c_enable, es10c_disable, es10c_delete, es10c_memory_reset, es10c_get_eid,
    es10c_set_nickname, es10_lpae_activation;

/* Decodes an ES10 command; 0 or the status word 6A80. */
unsigned es10_decode(struct arena *, const struct asn1_type *, struct bytes command, void *out);
/* Encodes a response; 9000 or 6F00. */
unsigned es10_answer(struct arena *, const struct asn1_type *, const void *value, struct buf *out);

/* Makes a batch durable and applies its records. */
int card_commit(struct euicc *, struct nvm_batch *, struct err *);
const struct euicc_key *card_key(const struct euicc *, struct bytes ci_pkid);
const struct cert *card_ci(const struct euicc *, struct bytes ski);
void card_switch(struct euicc *); /* the enabled profile becomes the UICC */
size_t card_free(const struct euicc *);

/* Neither revoked nor, by the newest list, expired; nor is the CI above it (SGP.22 4.5.2.2, 4.6.3). */
bool card_trusts(const struct euicc *, const struct cert *, const struct cert *ci);

void session_end(struct euicc *);
/* Ends a session that its owner gives up: nothing of it is reported at the next start (SGP.22 3.1.5). */
int session_discard(struct euicc *, struct err *);

/* ES6 as the profile's ISD-P has it, on a channel where the profile is in use (es6.c). */
unsigned es6_personalise(struct euicc *, unsigned channel, const struct apdu *);
unsigned es6_store_data(struct euicc *, unsigned channel, const struct apdu *);
/* UpdateMetadata (SGP.22 5.4.1): 9000, or a status word and nothing has changed. */
unsigned es6_update_metadata(struct euicc *, struct arena *, const struct euicc_profile *, struct bytes command);

/* The change of profiles that was marked goes on, at the end of REFRESH or at a reset, or is given up (SGP.22 5.7.16,
 * 5.7.17).  Done at once where there is none. */
int change_done(struct euicc *);
int change_dropped(struct euicc *);

/* Adds a notification for each configured address of the event to the batch (SGP.22 3.5);
 * *seq moves on. */
int notify_event(struct euicc *, struct nvm_batch *, const struct euicc_profile *, unsigned event_bit, uint64_t *seq,
                 struct err *);
void notify_sequence(struct nvm_batch *, uint64_t next);
int notify_sign(struct arena *, const struct euicc_key *, struct bytes der, struct bytes *signature, struct err *);

#endif
