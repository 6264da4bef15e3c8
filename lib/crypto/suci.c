/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/suci.h"

#include <openssl/decoder.h>

#include "crypto/cipher.h"
#include "crypto/crypto.h"
#include "crypto/ec.h"
#include "crypto/hash.h"
#include "crypto/openssl.h"

enum { SECRET_OCTETS = 32 };

/* ---------------------------------------------------------------------- X25519 (RFC 7748) */

static int x25519_public(const uint8_t private[SUCI_PRIVATE_OCTETS], uint8_t *out, struct err *e)
{
    size_t n = 32;
    EVP_PKEY *k = EVP_PKEY_new_raw_private_key_ex(crypto_context(), "X25519", NULL, private, SUCI_PRIVATE_OCTETS);
    int ok = k && EVP_PKEY_get_raw_public_key(k, out, &n) && n == 32;
    EVP_PKEY_free(k);
    return ok ? 0 : crypto_failed(e, "X25519");
}

/* A point of small order gives an all-zero secret, which OpenSSL refuses (RFC 7748 6.1). */
static int x25519_agree(const uint8_t private[SUCI_PRIVATE_OCTETS], struct bytes public, uint8_t *secret, struct err *e)
{
    if (public.n != 32)
        return err_set(e, ERR_VALUE, "RFC 7748", "a public key of X25519 has 32 octets, not %zu", public.n);
    size_t n = SECRET_OCTETS;
    EVP_PKEY *k = EVP_PKEY_new_raw_private_key_ex(crypto_context(), "X25519", NULL, private, SUCI_PRIVATE_OCTETS);
    EVP_PKEY *peer = EVP_PKEY_new_raw_public_key_ex(crypto_context(), "X25519", NULL, public.p, public.n);
    EVP_PKEY_CTX *c = k && peer ? EVP_PKEY_CTX_new_from_pkey(crypto_context(), k, NULL) : NULL;
    int ready = c && EVP_PKEY_derive_init(c) > 0 && EVP_PKEY_derive_set_peer(c, peer) > 0;
    int ok = ready && EVP_PKEY_derive(c, secret, &n) > 0 && n == SECRET_OCTETS;
    EVP_PKEY_CTX_free(c);
    EVP_PKEY_free(peer);
    EVP_PKEY_free(k);
    if (ok)
        return 0;
    crypto_failed(e, "X25519");
    return ready ? err_set(e, ERR_VALUE, "RFC 7748 6.1", "a public key of small order") : -1;
}

static int x25519_generate(uint8_t private[SUCI_PRIVATE_OCTETS], struct err *e)
{
    return crypto_random(private, SUCI_PRIVATE_OCTETS, e);
}

/* -------------------------------------------------------------------------------- P-256 */

static int p256_public(const uint8_t private[SUCI_PRIVATE_OCTETS], uint8_t *out, struct err *e)
{
    struct ec_key *k;
    if (ec_key_from_scalar(EC_P256, bytes_make(private, SUCI_PRIVATE_OCTETS), &k, e) != 0)
        return -1;
    ec_point_compress(ec_key_point(k).p, out);
    ec_key_free(k);
    return 0;
}

static int p256_agree(const uint8_t private[SUCI_PRIVATE_OCTETS], struct bytes public, uint8_t *secret, struct err *e)
{
    uint8_t point[EC_POINT_OCTETS];
    struct ec_key *k;
    if (ec_point_uncompress(EC_P256, public, point, e) != 0 ||
        ec_key_from_scalar(EC_P256, bytes_make(private, SUCI_PRIVATE_OCTETS), &k, e) != 0)
        return -1;
    int result = ec_shared_secret(k, BYTES_OF(point), secret, e);
    ec_key_free(k);
    return result;
}

static int p256_generate(uint8_t private[SUCI_PRIVATE_OCTETS], struct err *e)
{
    struct ec_key *k;
    if (ec_key_generate(EC_P256, &k, e) != 0)
        return -1;
    int result = ec_key_scalar(k, private, e);
    ec_key_free(k);
    return result;
}

/* ------------------------------------------------------------------------------ profiles */

static const struct profile {
    size_t public_octets;
    int (*generate)(uint8_t private[SUCI_PRIVATE_OCTETS], struct err *);
    int (*public)(const uint8_t private[SUCI_PRIVATE_OCTETS], uint8_t *out, struct err *);
    int (*agree)(const uint8_t private[SUCI_PRIVATE_OCTETS], struct bytes public, uint8_t *secret, struct err *);
} profiles[SUCI_SCHEMES] = {
    [SUCI_PROFILE_A] = { 32, x25519_generate, x25519_public, x25519_agree },
    [SUCI_PROFILE_B] = { 33, p256_generate, p256_public, p256_agree },
};

size_t suci_public_octets(enum suci_scheme s)
{
    return profiles[s].public_octets;
}

int suci_private_generate(enum suci_scheme s, struct suci_private *out, struct err *e)
{
    *out = (struct suci_private){ .scheme = s };
    return s == SUCI_NULL ? 0 : profiles[s].generate(out->octets, e);
}

static int x25519_read(struct bytes file, uint8_t private[SUCI_PRIVATE_OCTETS])
{
    EVP_PKEY *k = NULL;
    OSSL_DECODER_CTX *c = OSSL_DECODER_CTX_new_for_pkey(&k, NULL, NULL, "X25519", EVP_PKEY_KEYPAIR, crypto_context(),
                                                        NULL);
    const unsigned char *p = file.p;
    size_t n = file.n, octets = SUCI_PRIVATE_OCTETS;
    int ok = c && file.n && OSSL_DECODER_from_data(c, &p, &n) && k &&
             EVP_PKEY_get_raw_private_key(k, private, &octets) && octets == SUCI_PRIVATE_OCTETS;
    OSSL_DECODER_CTX_free(c);
    EVP_PKEY_free(k);
    if (!ok)
        crypto_failed(NULL, "");
    return ok ? 0 : -1;
}

static int p256_read(struct bytes file, uint8_t private[SUCI_PRIVATE_OCTETS])
{
    struct ec_key *k = NULL;
    int ok = ec_key_read(file, &k, NULL) == 0 && ec_key_curve(k) == EC_P256 && ec_key_scalar(k, private, NULL) == 0;
    ec_key_free(k);
    return ok ? 0 : -1;
}

int suci_private_read(struct bytes file, struct suci_private *out, struct err *e)
{
    bool a = x25519_read(file, out->octets) == 0;
    out->scheme = a ? SUCI_PROFILE_A : SUCI_PROFILE_B;
    if (a || p256_read(file, out->octets) == 0)
        return 0;
    return err_set(e, ERR_SYNTAX, "TS 33.501 C.3.4",
                   "not a private key of X25519 or P-256 in PEM or DER, without passphrase");
}

/* C.3.4.1: K of 64 octets is encryption key (16), initial counter block (16), MAC key (32); SharedInfo1 is the
 * ephemeral public key, SharedInfo2 is empty. */
struct keys {
    uint8_t encryption[16], counter[16], mac[32];
};

static int keys_agree(const struct suci_private *own, struct bytes peer, struct bytes ephemeral, struct keys *k,
                      struct err *e)
{
    uint8_t secret[SECRET_OCTETS];
    if (profiles[own->scheme].agree(own->octets, peer, secret, e) != 0)
        return -1;
    kdf_x963(BYTES_OF(secret), &ephemeral, 1, (uint8_t *)k, sizeof *k);
    bytes_wipe(secret, sizeof secret);
    return 0;
}

static void mac_of(const struct keys *k, struct bytes text, uint8_t mac[SHA256_OCTETS])
{
    hmac_sha256(BYTES_OF(k->mac), text, mac);
}

int suci_conceal(const struct suci_private *ephemeral, struct bytes home_public, struct bytes plain, struct arena *a,
                 struct suci_output *out, struct err *e)
{
    const struct profile *p = &profiles[ephemeral->scheme];
    if (ephemeral->scheme == SUCI_NULL) {
        *out = (struct suci_output){ .text = plain };
        return 0;
    }
    uint8_t *key = arena_alloc(a, p->public_octets), *text = arena_alloc(a, plain.n + 1);
    uint8_t *mac = arena_alloc(a, SHA256_OCTETS);
    struct keys k;
    if (!key || !text || !mac)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a SUCI");
    *out = (struct suci_output){ bytes_make(key, p->public_octets), bytes_make(text, plain.n),
                                 bytes_make(mac, SUCI_MAC_OCTETS) };
    if (p->public(ephemeral->octets, key, e) != 0 || keys_agree(ephemeral, home_public, out->key, &k, e) != 0)
        return -1;
    int result = aes_ctr(k.encryption, k.counter, plain, text, e);
    mac_of(&k, out->text, mac);
    bytes_wipe(&k, sizeof k);
    return result;
}

int suci_reveal(const struct suci_private *home, const struct suci_output *in, struct arena *a, struct bytes *plain,
                struct err *e)
{
    uint8_t mac[SHA256_OCTETS], *text = arena_alloc(a, in->text.n + 1);
    struct keys k;
    *plain = in->text;
    if (home->scheme == SUCI_NULL)
        return 0;
    if (!text)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a SUPI");
    if (in->key.n != profiles[home->scheme].public_octets)
        return err_set(e, ERR_VALUE, "TS 33.501 C.3.4", "an ephemeral public key of %zu octets, not %zu", in->key.n,
                       profiles[home->scheme].public_octets);
    if (keys_agree(home, in->key, in->key, &k, e) != 0)
        return -1;
    mac_of(&k, in->text, mac);
    int result = bytes_equal_secret(bytes_make(mac, SUCI_MAC_OCTETS), in->mac)
                     ? aes_ctr(k.encryption, k.counter, in->text, text, e)
                     : err_set(e, ERR_VERIFY, "TS 33.501 C.3.3",
                               "the MAC is wrong: the SUCI is for another key, or it was altered");
    bytes_wipe(&k, sizeof k);
    *plain = bytes_make(text, in->text.n);
    return result;
}
