/* Certificate revocation lists (SGP.22 4.6, RFC 5280 5): decoded by our own tables, checked for the shape that SGP.22
 * gives them, put together from segments and deltas, looked up by serial number.
 *
 * Tolerated: whether AKI and id-rsp-expDate are marked critical, since both are understood anyway.
 * Not checked here: dates against a clock, which of two lists is newer, the URI of the distribution point.
 */
#ifndef RSPKIT_CRYPTO_CRL_H
#define RSPKIT_CRYPTO_CRL_H

#include "crypto/cert.h"

enum { CRL_NUMBER_OCTETS_MAX = 20, CRL_PARTS_MAX = 65535, CRL_NUMBER_TEXT = 56 };
enum { CRL_REASON_NONE = -1 };

/* A certificate that is revoked, for good: SGP.22 knows no hold. */
struct crl_entry {
    struct bytes serial; /* content octets of the INTEGER, none superfluous, as in struct cert */
    int64_t date;        /* of the revocation; seconds since 1970 */
    int64_t expires;     /* when the certificate expires (id-rsp-expDate), if told */
    bool has_expires;
    int64_t reason;      /* x509_CRLReason_.., or CRL_REASON_NONE */
};

/* Slices point into the DER, which must live as long. */
struct crl {
    struct bytes der, tbs, signature; /* signature: DER of r and s */
    struct bytes issuer;              /* DER of the name */
    struct bytes aki;                 /* SubjectKeyIdentifier of the CI */
    int64_t this_update, next_update; /* seconds since 1970 */
    struct bytes number;              /* big endian, not negative, at most CRL_NUMBER_OCTETS_MAX */
    struct bytes base_number;         /* of a delta CRL: what it builds on; absent: a list by itself */
    int64_t part, parts;              /* segment `part` of 1..parts; 0 and 0: not segmented */
    const struct crl_entry *entries;  /* in the order that crl_find searches */
    size_t n;
};

/* Extensions of lists, then of entries. */
enum crl_extension {
    CRL_AKI, CRL_NUMBER, CRL_POINT, CRL_DELTA, CRL_FRESHEST, CRL_PARTS, CRL_PART, CRL_REASON, CRL_EXPIRES,
    CRL_EXTENSIONS
};

/* OID content octets of an extension. */
struct bytes crl_extension_oid(enum crl_extension);

/* DER, PEM, or Base64 of DER (SGP.22 4.5.2.1.3: how a CI gives lists out) -> DER in the arena or `file`. */
int crl_from_file(struct arena *, struct bytes file, struct bytes *der, struct err *);
struct bytes crl_to_pem(struct arena *, struct bytes der);

/* Decodes and checks the shape; makes the index, once.  ERR_SYNTAX, ERR_VALUE, ERR_LIMIT or ERR_MEMORY with the
 * place. */
int crl_parse(struct arena *, struct bytes der, struct crl *out, struct err *);

/* Issued and signed by this CI, which may sign lists: ERR_VERIFY otherwise. */
int crl_verify(const struct crl *, const struct cert *ci, struct err *);

/* The entry of a serial number (struct cert.serial) or NULL. */
const struct crl_entry *crl_find(const struct crl *, struct bytes serial);

/* The list that these segments make together, in whatever order; each has a signature of its own to verify.
 * ERR_VALUE if one is missing, there twice, or of another list.  One list that is not segmented is taken as it is.
 * `der`, `tbs` and `signature` are absent when there were segments. */
int crl_join(struct arena *, const struct crl *segments, size_t n, struct crl *out, struct err *);

/* A delta CRL on the list it builds on (RFC 5280 5.2.4): ERR_VALUE unless the base is of the same CI and its number
 * in base_number .. number - 1.  An entry that the delta takes out (removeFromCRL) stays: revoked is revoked.  The
 * result no longer needs `base`, but the octets of `delta`; `der`, `tbs` and `signature` are absent. */
int crl_merge(struct arena *, const struct crl *base, const struct crl *delta, struct crl *out, struct err *);

/* < 0, 0, > 0 as the numbers are. */
int crl_number_compare(struct bytes a, struct bytes b);
/* The number in decimal digits. */
const char *crl_number_text(struct bytes number, char out[CRL_NUMBER_TEXT]);
/* "keyCompromise"; never NULL. */
const char *crl_reason_name(int64_t reason);

#endif
