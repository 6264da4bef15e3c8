/* The key holder: signs and binds on typed fields, and opens subscriber data only inside
 * itself, so that neither private keys nor K and OPc enter the rest of the server. */
#ifndef RSPKIT_SMDP_KEYS_H
#define RSPKIT_SMDP_KEYS_H

#include "rsp/bpp.h"
#include "saip/personal.h"
#include "server/sets.h"

struct shelf;

/* CERT.DPpb of a set. */
struct smdp_pb {
    struct cert cert;
    struct ec_key *key;
};

struct smdp_keys {
    struct server_sets sets;
    struct smdp_pb pb[SETS_MAX];
    uint8_t master[32];  /* seals data at rest */
    struct shelf *shelf; /* packages opened before; made with the first set */
};

/* The files of a set: octets in PEM or DER. */
struct smdp_set_files {
    struct server_set_files set;
    struct bytes pb, pb_key;
};

/* Adds a set after checking that its certificates and keys fit together: ERR_VALUE, ERR_VERIFY, ERR_EXPIRED with the
 * certificate's role. */
int smdp_keys_add(struct smdp_keys *, const struct smdp_set_files *, struct err *);
void smdp_keys_end(struct smdp_keys *);

/* smdpSigned2, over which and euiccSignature1 it signs. */
int smdp_sign_signed2(const struct smdp_keys *, struct arena *, size_t set, const struct rsp_SmdpSigned2 *,
                      struct bytes euicc_signature1, struct bytes *der, struct bytes *signature, struct err *);

/* What is bound for one card. */
struct smdp_binding {
    struct bytes transaction_id, eid, euicc_otpk; /* euicc_otpk: 65 octets */
    struct bytes iccid, type;                     /* name the sealed data */
    struct bytes subscriber, package;             /* sealed */
    struct bytes metadata;                        /* StoreMetadataRequest */
    bool ppk;                                     /* profile protection keys instead of session keys */
    /* in and out: absent for a new binding; given, only the signature is made anew */
    struct bytes smdp_otpk, host_id, body;
};

/* The BPP.  The one-time private key and the session keys are gone when it returns. */
int smdp_bind(const struct smdp_keys *, struct arena *, size_t set, struct smdp_binding *, struct bytes *bpp,
              struct err *);

/* Data at rest, bound to what it is and to the name of what it belongs to (ERR_VERIFY if swapped or altered). */
enum smdp_sealed { SEALED_SUBSCRIBER, SEALED_CODE, SEALED_PACKAGE };
int smdp_seal(const struct smdp_keys *, struct arena *, enum smdp_sealed, struct bytes name, struct bytes plain,
              struct bytes *sealed, struct err *);
int smdp_unseal(const struct smdp_keys *, struct arena *, enum smdp_sealed, struct bytes name, struct bytes sealed,
                struct bytes *plain, struct err *);

/* Is this what was sealed? */
int smdp_sealed_is(const struct smdp_keys *, struct arena *, enum smdp_sealed, struct bytes name, struct bytes sealed,
                   struct bytes plain, bool *same, struct err *);
/* Where the values of a subscriber stand in the sealed package of a type. */
int smdp_package_holes(const struct smdp_keys *, struct bytes type, struct bytes sealed, struct saip_holes *,
                       struct err *);

#endif
