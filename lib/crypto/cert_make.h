/* Making certificates of a laboratory PKI (SGP.22 4.5.2.1), right ones and ones with a single
 * named fault.  Used by rsp-pki and by tests; servers and cards have no use for it. */
#ifndef RSPKIT_CRYPTO_CERT_MAKE_H
#define RSPKIT_CRYPTO_CERT_MAKE_H

#include "crypto/cert.h"

/* One deviation each from what the role demands. */
enum cert_fault {
    FAULT_NONE,
    FAULT_POLICY_OTHER,      /* the policy of another role */
    FAULT_POLICY_MISSING,
    FAULT_POLICY_NOT_CRITICAL,
    FAULT_USAGE_OTHER,       /* keyAgreement instead */
    FAULT_USAGE_MISSING,
    FAULT_USAGE_NOT_CRITICAL,
    FAULT_EXPIRED,
    FAULT_NOT_YET_VALID,
    FAULT_SIGNATURE,         /* one bit of it flipped */
    FAULT_ISSUER_NAME,
    FAULT_AKI_OTHER,         /* of a key that nobody has */
    FAULT_SKI_MISSING,
    FAULT_SAN_MISSING,
    FAULT_SAN_OTHER,         /* another object identifier */
    FAULT_SAN_TWICE,         /* two object identifiers */
    FAULT_CA,                /* basicConstraints turned round */
    FAULT_PATH_LENGTH,       /* EUM: 1 instead of 0 */
    FAULT_UNKNOWN_CRITICAL,  /* a critical extension nobody knows */
    FAULT_CURVE,             /* a key on the other curve */
    FAULT_EID_OUTSIDE,       /* eUICC: EID outside the EUM's constraint */
    FAULT_ORGANIZATION,      /* eUICC: another O than the EUM's */
    FAULT_CONSTRAINTS_MISSING, /* EUM */
    FAULT_VERSION,           /* X.509 v1 */
    CERT_FAULTS
};

const char *cert_fault_name(enum cert_fault); /* "expired" */
/* True if the fault makes sense for the role. */
bool cert_fault_applies(enum cert_fault, enum cert_role);

/* Everything that goes into a certificate; texts are NUL-terminated, NULL: left out. */
struct cert_plan {
    enum cert_role role;
    const char *country, *organization, *common_name, *serial_number;
    const char *rid;                /* dotted OID for the SAN */
    const char *const *dns;         /* NULL-terminated, or NULL */
    const char *iin;                /* EUM: constraint on the EID */
    const char *crl_uri;
    struct bytes serial;            /* content octets of the INTEGER */
    int64_t not_before, not_after;  /* seconds since 1970 */
    enum cert_fault fault;
};

/* `key`: whose public key is certified; `issuer` NULL: self-signed by `issuer_key`. */
int cert_make(struct arena *, const struct cert_plan *, const struct ec_key *key, const struct cert *issuer,
              const struct ec_key *issuer_key, struct bytes *der, struct err *);

/* DER as PEM text. */
struct bytes cert_to_pem(struct arena *, struct bytes der);

#endif
