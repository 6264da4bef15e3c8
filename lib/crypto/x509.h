/* Inside lib/crypto: what certificates and revocation lists of RFC 5280 have in common. */
#ifndef RSPKIT_CRYPTO_X509_H
#define RSPKIT_CRYPTO_X509_H

#include "schema/x509.h"

/* Seconds since 1970 of a decoded Time; ERR_VALUE if it is no date. */
int x509_time_read(const struct x509_Time *, int64_t *seconds, struct err *);
/* UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280 4.1.2.5). */
struct x509_Time x509_time_make(struct arena *, int64_t seconds);

/* ecdsa-with-SHA256 without parameters, the one algorithm of SGP.22 4.5.2.1.1 that is used here. */
bool x509_is_ecdsa_sha256(const struct x509_AlgorithmIdentifier *);
struct x509_AlgorithmIdentifier x509_ecdsa_sha256(void);

/* The DER in the first PEM block with this label ("CERTIFICATE"), in the arena; *der is absent, and 0 returned, if
 * the text has none.  ERR_SYNTAX if it is broken (RFC 7468). */
int x509_pem_read(struct arena *, struct bytes text, const char *label, struct bytes *der, struct err *);
struct bytes x509_pem_make(struct arena *, const char *label, struct bytes der);

/* Base64 with white space in it. */
int x509_base64_read(struct arena *, struct bytes text, struct bytes *der, struct err *);

#endif
