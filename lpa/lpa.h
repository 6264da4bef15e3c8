/* The LPA: one straight conversation between a card, a server and a user, all of them given by
 * the caller (SGP.22 3.1.3, 3.2, 3.5).  It reads nothing of the profile it carries.
 */
#ifndef RSPKIT_LPA_LPA_H
#define RSPKIT_LPA_LPA_H

#include "rsp/activation.h"
#include "rsp/exchange.h"
#include "rsp/function.h"
#include "schema/rsp.h"

/* How a conversation ended; also the exit codes of rsp-lpa. */
enum lpa_end {
    LPA_DONE = 0,
    LPA_FAILED = 1,  /* something else: memory, a malformed message */
    LPA_USAGE = 2,
    LPA_SERVER = 3,  /* the server refused */
    LPA_NETWORK = 4, /* the server could not be reached, or is not who it should be */
    LPA_CARD = 5,    /* the card refused */
    LPA_USER = 6,    /* the user said no */
    LPA_READER = 7,  /* the card could not be reached */
};

struct lpa_question {
    enum { LPA_ASK_CONSENT, LPA_ASK_CODE } kind;
    const struct rsp_StoreMetadataRequest *metadata; /* what is about to be installed */
    bool strong; /* the profile brings rules that the user should confirm twice */
};

enum lpa_answer { LPA_YES, LPA_NO, LPA_LATER };

struct lpa_message {
    bool to_card, from_card, to_server, from_server;
    const char *peer;                 /* who the server is: "SM-DP+", "SM-DS", "RSP server" before that is known */
    const char *interface, *function; /* "ES10b", "AuthenticateServer" */
    const struct asn1_type *type;     /* NULL: there is `text` instead of `der` */
    struct bytes der;
    struct bytes text;                /* to and from a server: JSON of `http`; empty: no content */
    enum rsp_function http;
};

struct lpa_env {
    /* One APDU and its answer.  -1: the reader is gone (err.code ERR_IO). */
    int (*transmit)(void *context, struct arena *, struct bytes command, struct bytes *response, struct err *);
    /* One POST to a host; -1: it could not be done (err says why). */
    int (*post)(void *context, struct arena *, struct bytes host, const struct rsp_request *, struct rsp_response *,
                struct err *);
    /* `code` is filled for LPA_ASK_CODE. */
    enum lpa_answer (*ask)(void *context, const struct lpa_question *, struct arena *, struct bytes *code);
    void (*progress)(void *context, const char *step, size_t done, size_t total); /* may be NULL */
    void (*trace)(void *context, const struct lpa_message *);                   /* may be NULL */
    void *context;
};

struct lpa {
    struct lpa_env env;
    struct arena *arena; /* of the whole conversation */
    struct bytes isdr_aid; /* absent: the standard's */
    size_t block;          /* octets in a STORE DATA, 0: 255 */
    bool asn1;             /* ES9+ and ES11 in ASN.1 (SGP.22 6.6) instead of JSON */
    uint8_t channel;
    bool open;
    const char *peer;      /* of the conversation, see lpa_message; NULL: an SM-DP+ */
    /* what was learnt about the card */
    bool no_le;          /* it takes STORE DATA without Le only */
    uint8_t get_class;   /* added to the class of GET RESPONSE: 0, or 80 for cards that want that */
    unsigned sw;         /* of the last ES10 command */
};

/* Opens a logical channel to the ISD-R; says so if the card is none of SGP.22. */
enum lpa_end lpa_open(struct lpa *, struct err *);
void lpa_close(struct lpa *);

/* ES10 by hand: a request value of a type, answered by a value of another. */
enum lpa_end lpa_es10(struct lpa *, const char *interface, const char *function, const struct asn1_type *request_type,
                      const void *request, const struct asn1_type *response_type, void *response, struct err *);

/* ------------------------------------------------------------------------------ download */

struct lpa_download {
    struct activation_code code; /* matching_id empty: default SM-DP+ */
    struct bytes iccid;          /* out: of the installed profile */
    bool operational;            /* out: the profile is an operational one */
    bool told;                   /* out: the server has the result; else it waits on the card */
    int64_t error_reason, bpp_command; /* out: of the card, if it refused to install; else -1 */
    struct rsp_status status;    /* out: of the server, if it refused */
};

/* The whole of SGP.22 3.1.3 with the result sent to the server, if it is there.  On failure every session is
 * cancelled as the standard says and err holds a sentence. */
enum lpa_end lpa_download(struct lpa *, struct lpa_download *, struct err *);

/* ------------------------------------------------------------------------------ discovery */

enum { LPA_LEADS_MAX = 64 };

/* Where a profile may wait: the card's default SM-DP+, its root SM-DS, or what an event record names. */
struct lpa_lead {
    struct bytes address;
    struct bytes event_id; /* empty: an address of the card */
    unsigned depth;        /* 0: of the card; each event is one deeper than the SM-DS that told it */
    bool smds;             /* it is an SM-DS; true before it was asked only for the root */
    enum lpa_became {
        LPA_NOT_ASKED,
        LPA_INSTALLED, /* download.iccid */
        LPA_EVENTS,    /* an SM-DS that has answered; its events come next, one deeper */
        LPA_NOTHING,   /* the default SM-DP+ has no profile for this card */
        LPA_LOST,      /* `end` and `err` say why there is no profile */
    } became;
    size_t events; /* of an SM-DS: how many it told */
    enum lpa_end end;
    struct err err;
    struct lpa_download download;
};

struct lpa_discovery {
    struct bytes smds; /* asked instead of the card's root SM-DS; absent: that one */
    bool list;         /* the SM-DS is asked, its events are not followed */
    bool power_on;     /* only if the card has no operational profile (SGP.22 3.4.4) */
    /* out */
    bool skipped;      /* power_on, and there is one */
    size_t left_out;   /* events beyond LPA_LEADS_MAX */
    size_t n;
    struct lpa_lead leads[LPA_LEADS_MAX]; /* in the order in which they were found and asked */
};

/* Profile discovery (SGP.22 3.4.4): the default SM-DP+; if that gave no operational profile, the events of the root
 * SM-DS in their order (3.6.2), each followed to an SM-DP+ or to a further SM-DS.  The user is asked for each profile;
 * one lead's failure does not stop the next, but a card that has gone does.  Returns the end of the first lead that
 * failed, with its error. */
enum lpa_end lpa_discover(struct lpa *, struct lpa_discovery *, struct err *);

/* What was found, for people: a line a lead, and the next step; "" if it failed before anybody was asked. */
const char *lpa_discovery_text(struct arena *, const struct lpa_discovery *);

/* ---------------------------------------------------------------------------- management */

struct lpa_info {
    struct bytes eid;
    struct rsp_EUICCInfo2 info2;
    struct rsp_EuiccConfiguredAddressesResponse addresses;
};
enum lpa_end lpa_info(struct lpa *, struct lpa_info *, struct err *);
enum lpa_end lpa_list(struct lpa *, struct rsp_ProfileInfoListResponse *, struct err *);
enum lpa_end lpa_enable(struct lpa *, struct bytes iccid, bool refresh, struct err *);
enum lpa_end lpa_disable(struct lpa *, struct bytes iccid, bool refresh, struct err *);
enum lpa_end lpa_delete(struct lpa *, struct bytes iccid, struct err *);
enum lpa_end lpa_nickname(struct lpa *, struct bytes iccid, struct bytes name, struct err *);

/* Sends what waits, in the order of the sequence numbers, and removes each after its 204; *sent
 * counts them.  A server that cannot be reached leaves its notifications on the card. */
enum lpa_end lpa_notifications_send(struct lpa *, size_t *sent, struct err *);
enum lpa_end lpa_notifications_list(struct lpa *, struct rsp_ListNotificationResponse *, struct err *);

#endif
