/* Certificate sets: what an RSP server authenticates itself with, one a CI, and who signs with it.  The private key of
 * CERT.DPauth or CERT.DSauth (SGP.22 4.5.2.1) is used here and nowhere else. */
#ifndef RSPKIT_SERVER_SETS_H
#define RSPKIT_SERVER_SETS_H

#include "crypto/cert.h"
#include "schema/rsp.h"

enum { SETS_MAX = 4 };

/* Certificates and key under one CI. */
struct server_set {
    struct cert ci, auth;
    struct ec_key *auth_key;
};

/* Begins as zeros. */
struct server_sets {
    struct arena *arena; /* of what the certificates point to */
    struct server_set of[SETS_MAX];
    size_t n;
};

/* The files of a set: octets in PEM or DER. */
struct server_set_files {
    struct bytes ci, auth, auth_key;
    bool test_mode; /* a public test CI (GSMA SGP.26) is taken */
    int64_t now;    /* certificates must be valid then; 0: not checked */
};

/* Reads the next set into of[n] after checking that its parts fit together, its authentication certificate being of
 * `role`: ERR_VALUE, ERR_VERIFY, ERR_EXPIRED with the certificate's role.  The set counts (n) when its owner says so:
 * it may have more to read. */
int sets_read(struct server_sets *, const struct server_set_files *, enum cert_role role, struct err *);
/* A further certificate of the set that is read last, under its CI, and the certificate's key. */
int sets_read_pair(struct server_sets *, struct bytes certificate, struct bytes key, enum cert_role, int64_t now,
                   struct cert *, struct ec_key **, struct err *);
/* sets_read for who has no more to read. */
int sets_add(struct server_sets *, const struct server_set_files *, enum cert_role role, struct err *);
void sets_end(struct server_sets *);

/* serverSigned1 and its signature; `der` is the signed structure. */
int sets_sign_server1(const struct server_sets *, struct arena *, size_t set, const struct rsp_ServerSigned1 *,
                      struct bytes *der, struct bytes *signature, struct err *);

#endif
