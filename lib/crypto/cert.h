/* X.509 certificates as SGP.22 4.5.2 and SGP.14 shape them: decoded by our own tables,
 * checked against one table of what each role must carry.
 *
 * Not checked here: revocation (crl.h), trust (the caller knows its CIs), host names.
 */
#ifndef RSPKIT_CRYPTO_CERT_H
#define RSPKIT_CRYPTO_CERT_H

#include "crypto/ec.h"
#include "schema/x509.h"

enum cert_role {
    CERT_CI, CERT_EUM, CERT_EUICC, CERT_DPAUTH, CERT_DPPB, CERT_DPTLS, CERT_DSAUTH, CERT_DSTLS,
    CERT_OPERATOR, /* TLS client on ES2+: no role of SGP.22, and no policy */
    CERT_ROLES
};

enum { CERT_POLICIES_MAX = 4, CERT_NAMES_MAX = 8, CERT_CONSTRAINTS_MAX = 16 };

/* O and IIN that an EUM may put into its cards' certificates. */
struct cert_constraint {
    struct bytes organization, iin; /* text; digits of the EID's beginning */
};

/* Slices point into the DER, which must live as long. */
struct cert {
    struct bytes der, tbs, signature; /* signature: DER of r and s */
    struct bytes serial;
    struct bytes issuer, subject; /* DER of the names */
    struct bytes organization, common_name, serial_number; /* of the subject, as text; absent if missing */
    int64_t not_before, not_after; /* seconds since 1970 */
    enum ec_curve curve;
    struct bytes point; /* the public key, 65 octets */
    struct bytes ski, aki;
    bool has_key_usage;
    struct asn1_bits key_usage;
    bool has_basic, ca, has_path_length;
    int64_t path_length;
    struct bytes policies[CERT_POLICIES_MAX]; /* OID content octets */
    size_t n_policies;
    struct bytes rid; /* registeredID of the SAN */
    size_t n_rids;
    struct bytes dns[CERT_NAMES_MAX];
    size_t n_dns;
    struct bytes eku[CERT_NAMES_MAX];
    size_t n_eku;
    struct cert_constraint constraints[CERT_CONSTRAINTS_MAX];
    size_t n_constraints;
    bool has_constraints;
    struct bytes crl_uri; /* the first HTTP URI of the distribution points (SGP.22 4.5.2.1.3), or absent */
    uint32_t critical; /* 1 << enum cert_extension, for those marked critical */
    bool unknown_critical;
};

enum cert_extension {
    EXT_KEY_USAGE, EXT_BASIC, EXT_POLICIES, EXT_SKI, EXT_AKI, EXT_SAN, EXT_EKU, EXT_CONSTRAINTS, EXT_CRLDP, EXT_COUNT
};

const char *cert_role_name(enum cert_role); /* "CERT.DPauth" */
/* OID content octets of the role's policy (SGP.22 Annex H). */
struct bytes cert_role_policy(enum cert_role);

/* PEM (the first certificate) or DER -> DER in the arena. */
int cert_from_file(struct arena *, struct bytes file, struct bytes *der, struct err *);

/* Decodes; ERR_SYNTAX or ERR_VALUE with the member's path. */
int cert_parse(struct arena *, struct bytes der, struct cert *out, struct err *);

/* The shape that the role demands (SGP.22 4.5.2.1): ERR_VALUE with what is wrong. */
int cert_check_role(const struct cert *, enum cert_role, struct err *);

/* ERR_EXPIRED outside the validity period. */
int cert_check_dates(const struct cert *, int64_t now, struct err *);

/* Signed by the issuer's key, issuer and AKI are the issuer's subject and SKI, same curve:
 * ERR_VERIFY otherwise. */
int cert_verify(const struct cert *, const struct cert *issuer, struct err *);

/* The eUICC certificate lies within the EUM's name constraints: O equal as text, EID begins
 * with an IIN (SGP.22 4.5.2.1.0.2): ERR_VERIFY otherwise. */
int cert_check_constraints(const struct cert *euicc, const struct cert *eum, struct err *);

/* EID of an eUICC certificate (its subject's serialNumber), 16 octets. */
int cert_eid(struct arena *, const struct cert *, struct bytes *eid, struct err *);


#endif
