/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cipher.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "crypto/crypto.h"
#include "crypto/openssl.h"

static int run(const EVP_CIPHER *cipher, bool encrypt, const uint8_t *key, const uint8_t *iv, struct bytes in,
               uint8_t *out, struct err *e)
{
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    int n = 0;
    int ok = c && in.n < INT32_MAX && in.n % (size_t)EVP_CIPHER_get_block_size(cipher) == 0 &&
             EVP_CipherInit_ex2(c, cipher, key, iv, encrypt, NULL) && EVP_CIPHER_CTX_set_padding(c, 0) &&
             EVP_CipherUpdate(c, out, &n, in.p, (int)in.n);
    EVP_CIPHER_CTX_free(c);
    return ok ? 0 : crypto_failed(e, "AES");
}

int aes_block(const uint8_t key[16], const uint8_t in[16], uint8_t out[16], struct err *e)
{
    return run(crypto_aes128_ecb(), true, key, NULL, bytes_make(in, AES_BLOCK), out, e);
}

int aes_cbc_encrypt(const uint8_t key[16], const uint8_t iv[16], struct bytes in, uint8_t *out, struct err *e)
{
    return run(crypto_aes128_cbc(), true, key, iv, in, out, e);
}

int aes_cbc_decrypt(const uint8_t key[16], const uint8_t iv[16], struct bytes in, uint8_t *out, struct err *e)
{
    return run(crypto_aes128_cbc(), false, key, iv, in, out, e);
}

int aes_ctr(const uint8_t key[16], const uint8_t counter[16], struct bytes in, uint8_t *out, struct err *e)
{
    return run(crypto_aes128_ctr(), true, key, counter, in, out, e);
}

int aes_cmac(const uint8_t key[16], const struct bytes *parts, size_t n, uint8_t out[16], struct err *e)
{
    EVP_MAC_CTX *c = EVP_MAC_CTX_new(crypto_cmac());
    char name[] = "AES-128-CBC";
    const OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, name, 0),
                                  OSSL_PARAM_construct_end() };
    size_t written = 0;
    int ok = c && EVP_MAC_init(c, key, 16, params);
    for (size_t i = 0; ok && i < n; i++)
        ok = EVP_MAC_update(c, parts[i].p, parts[i].n);
    ok = ok && EVP_MAC_final(c, out, &written, 16) && written == 16;
    EVP_MAC_CTX_free(c);
    return ok ? 0 : crypto_failed(e, "AES-CMAC");
}

int gcm_seal(const uint8_t key[32], struct bytes associated, struct bytes in, uint8_t *out, struct err *e)
{
    int n = 0;
    if (in.n >= INT32_MAX || crypto_random(out, GCM_NONCE, e) != 0)
        return in.n >= INT32_MAX ? err_set(e, ERR_LIMIT, NULL, "too much to seal at once") : -1;
    uint8_t *body = out + GCM_NONCE;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    int ok = c && EVP_EncryptInit_ex2(c, crypto_aes256_gcm(), key, out, NULL) &&
             EVP_EncryptUpdate(c, NULL, &n, associated.p, (int)associated.n) &&
             EVP_EncryptUpdate(c, body, &n, in.p, (int)in.n) && EVP_EncryptFinal_ex(c, body + in.n, &n) &&
             EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, body + in.n);
    EVP_CIPHER_CTX_free(c);
    return ok ? 0 : crypto_failed(e, "AES-GCM");
}

int gcm_open(const uint8_t key[32], struct bytes associated, struct bytes in, uint8_t *out, struct err *e)
{
    int n = 0;
    uint8_t tag[GCM_TAG];
    if (in.n < GCM_NONCE + GCM_TAG || in.n >= INT32_MAX)
        return err_set(e, ERR_VERIFY, NULL, "a sealed value is too short");
    struct bytes body = bytes_slice(in, GCM_NONCE, in.n - GCM_NONCE - GCM_TAG);
    memcpy(tag, in.p + in.n - GCM_TAG, GCM_TAG);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    int ok = c && EVP_DecryptInit_ex2(c, crypto_aes256_gcm(), key, in.p, NULL) &&
             EVP_DecryptUpdate(c, NULL, &n, associated.p, (int)associated.n) &&
             EVP_DecryptUpdate(c, out, &n, body.p, (int)body.n) &&
             EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, tag) &&
             EVP_DecryptFinal_ex(c, out + body.n, &n) == 1;
    EVP_CIPHER_CTX_free(c);
    if (ok)
        return 0;
    bytes_wipe(out, body.n);
    return err_set(e, ERR_VERIFY, NULL, "a sealed value was altered or belongs elsewhere");
}
