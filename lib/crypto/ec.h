/* Elliptic curves of SGP.22 2.6.2: key pairs, ECDSA over SHA-256, ECDH.
 *
 * Points are uncompressed (65 octets, 04||X||Y) and checked to be on the curve before
 * use.  Signatures of messages are r||s, 64 octets (TR-03111); inside certificates
 * they are DER.
 */
#ifndef RSPKIT_CRYPTO_EC_H
#define RSPKIT_CRYPTO_EC_H

#include "base/arena.h"
#include "base/err.h"

enum ec_curve { EC_NONE, EC_P256, EC_BRAINPOOLP256R1, EC_CURVES };

enum {
    EC_POINT_OCTETS = 65,
    EC_COMPRESSED_OCTETS = 33,
    EC_SCALAR_OCTETS = 32,
    EC_SIGNATURE_OCTETS = 64,
    EC_SECRET_OCTETS = 32
};

const char *ec_curve_name(enum ec_curve); /* "P-256", "brainpoolP256r1" */
struct bytes ec_curve_oid(enum ec_curve); /* content octets of the named-curve OID */
enum ec_curve ec_curve_of_oid(struct bytes oid); /* EC_NONE if unknown */
enum ec_curve ec_curve_of_name(const char *name); /* "p256", "brainpool", ..; EC_NONE */

struct ec_key;    /* a private key with its public point */
struct ec_public; /* a public key, checked */

int ec_key_generate(enum ec_curve, struct ec_key **out, struct err *);
/* From the 32 octets of the scalar. */
int ec_key_from_scalar(enum ec_curve, struct bytes scalar, struct ec_key **out, struct err *);
/* PEM or DER, SEC1 (also behind its EC PARAMETERS) or PKCS#8, on one of our curves. */
int ec_key_read(struct bytes file, struct ec_key **out, struct err *);
/* PKCS#8 in PEM. */
int ec_key_write(const struct ec_key *, struct arena *, struct bytes *pem, struct err *);
void ec_key_free(struct ec_key *); /* wipes; NULL is fine */
enum ec_curve ec_key_curve(const struct ec_key *);
/* 65 octets that live as long as the key. */
struct bytes ec_key_point(const struct ec_key *);
/* The scalar, 32 octets: for lasting storage by the key's owner only. */
int ec_key_scalar(const struct ec_key *, uint8_t out[EC_SCALAR_OCTETS], struct err *);

/* The compressed form (SEC 1 2.3.3) of an uncompressed point, and either form made uncompressed: ERR_VALUE if it is
 * not a point of the curve, or infinite.  Only profile B of TS 33.501 compresses. */
void ec_point_compress(const uint8_t point[EC_POINT_OCTETS], uint8_t out[EC_COMPRESSED_OCTETS]);
int ec_point_uncompress(enum ec_curve, struct bytes point, uint8_t out[EC_POINT_OCTETS], struct err *);

/* ERR_VALUE if the point is not on the curve, infinite, compressed or of wrong length. */
int ec_public_new(enum ec_curve, struct bytes point, struct ec_public **out, struct err *);
void ec_public_free(struct ec_public *);

/* Signs SHA-256 of the parts, one after the other. */
int ec_sign(const struct ec_key *, const struct bytes *parts, size_t n, uint8_t out[EC_SIGNATURE_OCTETS],
            struct err *);
/* The same as DER for certificates, into the arena. */
int ec_sign_der(const struct ec_key *, struct bytes data, struct arena *, struct bytes *out, struct err *);

/* ERR_VERIFY unless `signature` (64 octets, or DER) is of these octets under this key. */
int ec_verify(const struct ec_public *, const struct bytes *parts, size_t n, struct bytes signature, struct err *);
int ec_verify_der(const struct ec_public *, struct bytes data, struct bytes signature, struct err *);

/* The X coordinate shared between the key and a peer's point on the same curve. */
int ec_shared_secret(const struct ec_key *, struct bytes peer_point, uint8_t out[EC_SECRET_OCTETS], struct err *);

#endif
