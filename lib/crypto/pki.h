/* A laboratory PKI in memory: one certificate and key a role, shaped as SGP.26 shapes them,
 * on one curve.  rsp-pki writes it to files; tests use it as it is. */
#ifndef RSPKIT_CRYPTO_PKI_H
#define RSPKIT_CRYPTO_PKI_H

#include "crypto/cert_make.h"

struct pki_plan {
    enum ec_curve curve;
    const char *eid;             /* 32 digits; its first 8 are the EUM's constraint */
    const char *const *smdp_hosts; /* NULL-terminated; the first is the common name */
    const char *const *smds_hosts;
    const char *operator_name;
    int64_t now; /* seconds since 1970 */
};

/* "smdp.example.com", "smds.example.com", an EID under IIN 89049032, P-256. */
void pki_plan_init(struct pki_plan *, int64_t now);

struct pki_entity {
    struct cert cert;
    struct bytes der;
    struct ec_key *key;
};

struct pki {
    struct pki_plan plan;
    struct pki_entity of[CERT_ROLES];
};

/* Certificates live in the arena, keys until pki_end. */
int pki_make(struct arena *, const struct pki_plan *, struct pki *, struct err *);
void pki_end(struct pki *);

/* The certificate of a role with one fault.  The key is the role's own, but for FAULT_CURVE;
 * `out->key` is to be freed by the caller if it differs from the role's. */
int pki_fault(struct arena *, const struct pki *, enum cert_role, enum cert_fault, struct pki_entity *out,
              struct err *);

/* A further eUICC of an EUM, with a key of its own on the EUM's curve, which the caller frees.  ERR_VERIFY if the EID
 * (32 digits) is outside the EUM's constraint. */
int pki_issue_euicc(struct arena *, const struct cert *eum, const struct ec_key *eum_key, const char *eid, int64_t now,
                    struct pki_entity *out, struct err *);

/* File name of a role without ending: "ci", "dpauth". */
const char *pki_name(enum cert_role);

#endif
