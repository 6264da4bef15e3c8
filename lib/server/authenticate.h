/* Common mutual authentication as an RSP server does it (SGP.22 3.1.2, 5.6.1, 5.6.3, 5.8.1, 5.8.2): the whole of
 * InitiateAuthentication, and of AuthenticateClient what stands before the role's own work.  The role's refusals and
 * clauses are those of its struct service_authentication. */
#ifndef RSPKIT_SERVER_AUTHENTICATE_H
#define RSPKIT_SERVER_AUTHENTICATE_H

#include "rsp/signed.h"
#include "server/service.h"

enum { SESSION_LIFETIME = 3600 /* seconds */ };

/* Columns with which the session of every role begins. */
enum {
    SESSION_ID,
    SESSION_CHALLENGE,
    SESSION_ADDRESS,
    SESSION_CI,      /* SKI that the card signs under */
    SESSION_SET,     /* index of the certificate set */
    SESSION_STARTED,
    SESSION_SVN,     /* of EUICCInfo1 */
    SESSION_COMMON
};
#define SESSION_COMMON_COLUMNS                                                                                    \
    [SESSION_ID] = { .name = "id", .type = STORE_BLOB }, [SESSION_CHALLENGE] = { .name = "challenge" },          \
    [SESSION_ADDRESS] = { .name = "address" }, [SESSION_CI] = { .name = "ci" },                                  \
    [SESSION_SET] = { .name = "cert_set", .type = STORE_INT },                                                    \
    [SESSION_STARTED] = { .name = "started", .type = STORE_INT }, [SESSION_SVN] = { .name = "svn" }

/* Puts a new session into the batch. */
service_handler initiate_authentication_handle;

/* A card that has answered, and the session in which it did. */
struct client {
    struct store_record session;
    struct rsp_AuthenticateServerResponse answer; /* authenticateResponseOk */
    struct rsp_card card;
};

/* AuthenticateServerResponse against the session, in the order of SGP.22 5.6.3: transaction, chain up to the session's
 * CI, signature, challenge, address, version; the card is not blocked.  Fills op->eid. */
int client_authenticate(struct op *, const struct es9_authenticate_client *, struct client *);
/* What the card asks for: absent and empty are the same. */
struct bytes client_matching_id(const struct client *);

/* Does the request's listener offer this certificate set? */
bool authenticate_set_offered(const struct op *, size_t set);

/* The session of a transaction; 8.10.1/3.9 if there is none (any more). */
int authenticate_session(struct op *, struct bytes id, struct store_record *out);
/* A DER field that cannot be read. */
int field_malformed(struct op *, const char *field);
/* A signature of the session's card; 8.1/6.1. */
int authenticate_signature(struct op *, int64_t curve, struct bytes point, const struct rsp_tbs *,
                           struct bytes signature);
/* A card's chain (up to `ci`, SKI, if present) and its signature. */
int authenticate_card(struct op *, struct bytes eum, struct bytes euicc, struct bytes ci, const struct rsp_tbs *,
               struct bytes signature, struct rsp_card *);

#endif
