/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ec.h"

#include <pthread.h>
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/encoder.h>
#include <openssl/param_build.h>

#include "crypto/crypto.h"
#include "crypto/hash.h"
#include "crypto/openssl.h"

static const uint8_t OID_P256[] = { 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07 };
static const uint8_t OID_BRAINPOOL[] = { 0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x07 };

static const struct curve {
    const char *name, *alias, *group;
    struct bytes oid;
    int nid;
} curves[EC_CURVES] = {
    [EC_P256] = { "P-256", "p256", "prime256v1", { OID_P256, sizeof OID_P256 }, NID_X9_62_prime256v1 },
    [EC_BRAINPOOLP256R1] = { "brainpoolP256r1", "brainpool", "brainpoolP256r1",
                             { OID_BRAINPOOL, sizeof OID_BRAINPOOL }, NID_brainpoolP256r1 },
};

struct ec_key {
    enum ec_curve curve;
    EVP_PKEY *pkey;
    uint8_t point[EC_POINT_OCTETS];
};

struct ec_public {
    enum ec_curve curve;
    EVP_PKEY *pkey;
};

const char *ec_curve_name(enum ec_curve c)
{
    return c > EC_NONE && c < EC_CURVES ? curves[c].name : "an unknown curve";
}

struct bytes ec_curve_oid(enum ec_curve c)
{
    return curves[c].oid;
}

enum ec_curve ec_curve_of_oid(struct bytes oid)
{
    for (int i = 1; i < EC_CURVES; i++)
        if (bytes_equal(curves[i].oid, oid))
            return (enum ec_curve)i;
    return EC_NONE;
}

enum ec_curve ec_curve_of_name(const char *name)
{
    for (int i = 1; i < EC_CURVES; i++)
        if (strcmp(name, curves[i].name) == 0 || strcmp(name, curves[i].alias) == 0 ||
            strcmp(name, curves[i].group) == 0)
            return (enum ec_curve)i;
    return EC_NONE;
}

/* -------------------------------------------------------------------------- private */

static int key_adopt(EVP_PKEY *pkey, enum ec_curve curve, struct ec_key **out, struct err *e)
{
    struct ec_key *k = calloc(1, sizeof *k);
    size_t n = 0;
    if (k && EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY, k->point, sizeof k->point, &n) &&
        n == EC_POINT_OCTETS) {
        k->curve = curve;
        k->pkey = pkey;
        *out = k;
        return 0;
    }
    free(k);
    EVP_PKEY_free(pkey);
    return crypto_failed(e, "reading the public point of a key");
}

int ec_key_generate(enum ec_curve curve, struct ec_key **out, struct err *e)
{
    EVP_PKEY *pkey = EVP_PKEY_Q_keygen(crypto_context(), NULL, "EC", curves[curve].group);
    return pkey ? key_adopt(pkey, curve, out, e) : crypto_failed(e, "generating a key pair");
}

/* Public point of a scalar in 1..order-1. */
static int multiply(enum ec_curve curve, const BIGNUM *scalar, uint8_t point[EC_POINT_OCTETS])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name_ex(crypto_context(), NULL, curves[curve].nid);
    EC_POINT *p = group ? EC_POINT_new(group) : NULL;
    int ok = p && !BN_is_zero(scalar) && BN_cmp(scalar, EC_GROUP_get0_order(group)) < 0 &&
             EC_POINT_mul(group, p, scalar, NULL, NULL, NULL) &&
             EC_POINT_point2oct(group, p, POINT_CONVERSION_UNCOMPRESSED, point, EC_POINT_OCTETS, NULL) ==
                 EC_POINT_OCTETS;
    EC_POINT_free(p);
    EC_GROUP_free(group);
    return ok;
}

void ec_point_compress(const uint8_t point[EC_POINT_OCTETS], uint8_t out[EC_COMPRESSED_OCTETS])
{
    out[0] = 2 | (point[EC_POINT_OCTETS - 1] & 1); /* the parity of Y */
    memcpy(out + 1, point + 1, EC_COMPRESSED_OCTETS - 1);
}

int ec_point_uncompress(enum ec_curve curve, struct bytes point, uint8_t out[EC_POINT_OCTETS], struct err *e)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name_ex(crypto_context(), NULL, curves[curve].nid);
    EC_POINT *p = group ? EC_POINT_new(group) : NULL;
    int ok = p && EC_POINT_oct2point(group, p, point.p, point.n, NULL) && !EC_POINT_is_at_infinity(group, p) &&
             EC_POINT_point2oct(group, p, POINT_CONVERSION_UNCOMPRESSED, out, EC_POINT_OCTETS, NULL) ==
                 EC_POINT_OCTETS;
    EC_POINT_free(p);
    EC_GROUP_free(group);
    if (ok)
        return 0;
    crypto_failed(NULL, "");
    return err_set(e, ERR_VALUE, "SEC 1 2.3.4", "not a point of %s", ec_curve_name(curve));
}

static EVP_PKEY *pkey_from(enum ec_curve curve, const BIGNUM *scalar, const uint8_t *point)
{
    EVP_PKEY *pkey = NULL;
    OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
    int ok = b && OSSL_PARAM_BLD_push_utf8_string(b, OSSL_PKEY_PARAM_GROUP_NAME, curves[curve].group, 0) &&
             OSSL_PARAM_BLD_push_octet_string(b, OSSL_PKEY_PARAM_PUB_KEY, point, EC_POINT_OCTETS) &&
             (!scalar || OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_PRIV_KEY, scalar));
    OSSL_PARAM *params = ok ? OSSL_PARAM_BLD_to_param(b) : NULL;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(crypto_context(), "EC", NULL);
    if (!params || !c || EVP_PKEY_fromdata_init(c) <= 0 ||
        EVP_PKEY_fromdata(c, &pkey, scalar ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) <= 0)
        pkey = NULL;
    EVP_PKEY_CTX_free(c);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(b);
    return pkey;
}

int ec_key_from_scalar(enum ec_curve curve, struct bytes scalar, struct ec_key **out, struct err *e)
{
    if (scalar.n != EC_SCALAR_OCTETS)
        return err_set(e, ERR_VALUE, "SGP.22 2.6.2", "a private key of %zu octets, not 32", scalar.n);
    BIGNUM *n = BN_secure_new();
    uint8_t point[EC_POINT_OCTETS];
    EVP_PKEY *pkey = n && BN_bin2bn(scalar.p, (int)scalar.n, n) && multiply(curve, n, point)
                         ? pkey_from(curve, n, point) : NULL;
    BN_clear_free(n);
    return pkey ? key_adopt(pkey, curve, out, e) : err_set(e, ERR_VALUE, "SGP.22 2.6.2", "not a private key of %s",
                                                           ec_curve_name(curve));
}

static enum ec_curve curve_of(EVP_PKEY *pkey)
{
    char group[64] = "";
    size_t n = 0;
    if (!EVP_PKEY_get_group_name(pkey, group, sizeof group, &n))
        return EC_NONE;
    return ec_curve_of_name(group);
}

/* openssl ecparam -genkey writes the curve, too, in front of the key. */
static struct bytes without_parameters(struct bytes file)
{
    static const char end[] = "-----END EC PARAMETERS-----";
    const uint8_t *at = file.n ? memmem(file.p, file.n, end, sizeof end - 1) : NULL;
    return at ? bytes_slice(file, (size_t)(at - file.p) + sizeof end - 1, file.n) : file;
}

int ec_key_read(struct bytes file, struct ec_key **out, struct err *e)
{
    file = without_parameters(file);
    EVP_PKEY *pkey = NULL;
    OSSL_DECODER_CTX *c = OSSL_DECODER_CTX_new_for_pkey(&pkey, NULL, NULL, "EC", EVP_PKEY_KEYPAIR, crypto_context(),
                                                        NULL);
    const unsigned char *p = file.p;
    size_t n = file.n;
    int ok = c && file.n && OSSL_DECODER_from_data(c, &p, &n) && pkey;
    OSSL_DECODER_CTX_free(c);
    if (!ok) {
        EVP_PKEY_free(pkey);
        crypto_failed(NULL, "");
        return err_set(e, ERR_SYNTAX, NULL, "not an EC private key in PEM or DER (SEC1 or PKCS#8, without passphrase)");
    }
    enum ec_curve curve = curve_of(pkey);
    if (curve != EC_NONE)
        return key_adopt(pkey, curve, out, e);
    EVP_PKEY_free(pkey);
    return err_set(e, ERR_UNSUPPORTED, "SGP.22 2.6.2", "a key on neither P-256 nor brainpoolP256r1");
}

int ec_key_write(const struct ec_key *k, struct arena *a, struct bytes *pem, struct err *e)
{
    unsigned char *text = NULL;
    size_t n = 0;
    OSSL_ENCODER_CTX *c = OSSL_ENCODER_CTX_new_for_pkey(k->pkey, EVP_PKEY_KEYPAIR, "PEM", "PrivateKeyInfo", NULL);
    int ok = c && OSSL_ENCODER_to_data(c, &text, &n);
    OSSL_ENCODER_CTX_free(c);
    if (!ok)
        return crypto_failed(e, "writing a private key");
    *pem = arena_copy(a, bytes_make(text, n));
    OPENSSL_clear_free(text, n);
    return pem->p ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for a private key");
}

void ec_key_free(struct ec_key *k)
{
    if (!k)
        return;
    EVP_PKEY_free(k->pkey);
    free(k);
}

enum ec_curve ec_key_curve(const struct ec_key *k)
{
    return k->curve;
}

struct bytes ec_key_point(const struct ec_key *k)
{
    return BYTES_OF(k->point);
}

int ec_key_scalar(const struct ec_key *k, uint8_t out[EC_SCALAR_OCTETS], struct err *e)
{
    BIGNUM *n = NULL;
    int ok = EVP_PKEY_get_bn_param(k->pkey, OSSL_PKEY_PARAM_PRIV_KEY, &n) &&
             BN_bn2binpad(n, out, EC_SCALAR_OCTETS) == EC_SCALAR_OCTETS;
    BN_clear_free(n);
    return ok ? 0 : crypto_failed(e, "reading a private key");
}

/* --------------------------------------------------------------------------- public */

/* Parameters of each curve, from which public keys are made cheaply. */
static EVP_PKEY *templates[EC_CURVES];
static pthread_once_t templates_once = PTHREAD_ONCE_INIT;

static void templates_make(void)
{
    for (int i = 1; i < EC_CURVES; i++)
        templates[i] = EVP_PKEY_Q_keygen(crypto_context(), NULL, "EC", curves[i].group);
}

static EVP_PKEY *public_pkey(enum ec_curve curve, struct bytes point)
{
    pthread_once(&templates_once, templates_make);
    EVP_PKEY *pkey = EVP_PKEY_new();
    if (pkey && point.n == EC_POINT_OCTETS && point.p[0] == 4 && templates[curve] &&
        EVP_PKEY_copy_parameters(pkey, templates[curve]) > 0 &&
        EVP_PKEY_set1_encoded_public_key(pkey, point.p, point.n) > 0)
        return pkey;
    EVP_PKEY_free(pkey);
    crypto_failed(NULL, "");
    return NULL;
}

static int bad_point(enum ec_curve curve, struct err *e)
{
    return err_set(e, ERR_VALUE, "SGP.22 2.6.2", "not an uncompressed point of %s", ec_curve_name(curve));
}

int ec_public_new(enum ec_curve curve, struct bytes point, struct ec_public **out, struct err *e)
{
    EVP_PKEY *pkey = public_pkey(curve, point);
    struct ec_public *k = pkey ? calloc(1, sizeof *k) : NULL;
    if (!k) {
        EVP_PKEY_free(pkey);
        return bad_point(curve, e);
    }
    k->curve = curve;
    k->pkey = pkey;
    *out = k;
    return 0;
}

void ec_public_free(struct ec_public *k)
{
    if (!k)
        return;
    EVP_PKEY_free(k->pkey);
    free(k);
}

/* ----------------------------------------------------------------------- signatures */

enum { DER_SIGNATURE_MAX = 80 };

static int sign(const struct ec_key *k, const struct bytes *parts, size_t n, uint8_t der[DER_SIGNATURE_MAX],
                size_t *size, struct err *e)
{
    uint8_t digest[SHA256_OCTETS];
    sha256(parts, n, digest);
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(crypto_context(), k->pkey, NULL);
    *size = DER_SIGNATURE_MAX;
    int ok = c && EVP_PKEY_sign_init(c) > 0 && EVP_PKEY_sign(c, der, size, digest, sizeof digest) > 0;
    EVP_PKEY_CTX_free(c);
    return ok ? 0 : crypto_failed(e, "signing");
}

int ec_sign(const struct ec_key *k, const struct bytes *parts, size_t n, uint8_t out[EC_SIGNATURE_OCTETS],
            struct err *e)
{
    uint8_t der[DER_SIGNATURE_MAX];
    const unsigned char *p = der;
    size_t size;
    if (sign(k, parts, n, der, &size, e) != 0)
        return -1;
    ECDSA_SIG *s = d2i_ECDSA_SIG(NULL, &p, (long)size);
    int ok = s && BN_bn2binpad(ECDSA_SIG_get0_r(s), out, 32) == 32 &&
             BN_bn2binpad(ECDSA_SIG_get0_s(s), out + 32, 32) == 32;
    ECDSA_SIG_free(s);
    return ok ? 0 : crypto_failed(e, "signing");
}

int ec_sign_der(const struct ec_key *k, struct bytes data, struct arena *a, struct bytes *out, struct err *e)
{
    uint8_t der[DER_SIGNATURE_MAX];
    size_t size;
    if (sign(k, &data, 1, der, &size, e) != 0)
        return -1;
    *out = arena_copy(a, bytes_make(der, size));
    return out->p ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for a signature");
}

static int wrong(struct err *e)
{
    crypto_failed(NULL, "");
    return err_set(e, ERR_VERIFY, "SGP.22 2.6.2", "the signature does not verify");
}

static int verify(const struct ec_public *k, const struct bytes *parts, size_t n, const uint8_t *der, size_t size,
                  struct err *e)
{
    uint8_t digest[SHA256_OCTETS];
    sha256(parts, n, digest);
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(crypto_context(), k->pkey, NULL);
    int ok = c && EVP_PKEY_verify_init(c) > 0 && EVP_PKEY_verify(c, der, size, digest, sizeof digest) == 1;
    EVP_PKEY_CTX_free(c);
    return ok ? 0 : wrong(e);
}

int ec_verify(const struct ec_public *k, const struct bytes *parts, size_t n, struct bytes signature, struct err *e)
{
    if (signature.n != EC_SIGNATURE_OCTETS)
        return err_set(e, ERR_VERIFY, "SGP.22 2.6.2", "a signature of %zu octets, not 64", signature.n);
    unsigned char *der = NULL;
    ECDSA_SIG *s = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature.p, 32, NULL), *t = BN_bin2bn(signature.p + 32, 32, NULL);
    int size = -1;
    if (s && r && t && ECDSA_SIG_set0(s, r, t)) {
        r = t = NULL;
        size = i2d_ECDSA_SIG(s, &der);
    }
    BN_free(r);
    BN_free(t);
    ECDSA_SIG_free(s);
    int result = size > 0 ? verify(k, parts, n, der, (size_t)size, e) : wrong(e);
    OPENSSL_free(der);
    return result;
}

int ec_verify_der(const struct ec_public *k, struct bytes data, struct bytes signature, struct err *e)
{
    return verify(k, &data, 1, signature.p, signature.n, e);
}

int ec_shared_secret(const struct ec_key *k, struct bytes peer_point, uint8_t out[EC_SECRET_OCTETS], struct err *e)
{
    EVP_PKEY *peer = public_pkey(k->curve, peer_point);
    if (!peer)
        return bad_point(k->curve, e);
    size_t n = EC_SECRET_OCTETS;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(crypto_context(), k->pkey, NULL);
    /* 0: the point was checked when it was set */
    int ok = c && EVP_PKEY_derive_init(c) > 0 && EVP_PKEY_derive_set_peer_ex(c, peer, 0) > 0 &&
             EVP_PKEY_derive(c, out, &n) > 0 && n == EC_SECRET_OCTETS;
    EVP_PKEY_CTX_free(c);
    EVP_PKEY_free(peer);
    return ok ? 0 : crypto_failed(e, "key agreement");
}
