/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tls.h"

#include <openssl/err.h>

#define TLS_GROUPS "X25519:P-256:brainpoolP256r1"
#define TLS_CIPHERS "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384"

static int failed(struct err *e, const char *where, const char *what)
{
    char reason[160];
    ERR_error_string_n(ERR_get_error(), reason, sizeof reason);
    ERR_clear_error();
    err_set(e, ERR_CRYPTO, NULL, "%s: %s", what, reason);
    return err_at(e, "%s", where);
}

/* Who the client is, the caller decides by its certificate: pinned ones need no chain. */
static int take_any(int verified, X509_STORE_CTX *context)
{
    (void)verified;
    (void)context;
    return 1;
}

static int set_up(SSL_CTX *c, const char *certificate, const char *key, const char *client_ca, struct err *e)
{
    if (!SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) || !SSL_CTX_set1_groups_list(c, TLS_GROUPS) ||
        !SSL_CTX_set_cipher_list(c, TLS_CIPHERS))
        return failed(e, "TLS", "the parameters are refused");
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(c, SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_num_tickets(c, 0);
    if (!SSL_CTX_use_certificate_chain_file(c, certificate))
        return failed(e, certificate, "the TLS certificate cannot be used");
    if (!SSL_CTX_use_PrivateKey_file(c, key, SSL_FILETYPE_PEM) || !SSL_CTX_check_private_key(c))
        return failed(e, key, "the TLS key cannot be used, or is another certificate's");
    if (!client_ca)
        return 0;
    if (!SSL_CTX_load_verify_locations(c, client_ca, NULL))
        return failed(e, client_ca, "the CI certificate for clients cannot be used");
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER, take_any);
    return 0;
}

SSL_CTX *tls_server(const char *certificate, const char *key, const char *client_ca, struct err *e)
{
    SSL_CTX *c = SSL_CTX_new(TLS_server_method());
    if (!c) {
        failed(e, "TLS", "no context");
        return NULL;
    }
    if (set_up(c, certificate, key, client_ca, e) == 0)
        return c;
    SSL_CTX_free(c);
    return NULL;
}

struct bytes tls_client_certificate(SSL *ssl, struct arena *a, bool *verified)
{
    X509 *x = SSL_get1_peer_certificate(ssl);
    unsigned char *der = NULL;
    int n = x ? i2d_X509(x, &der) : -1;
    struct bytes out = n > 0 ? arena_copy(a, bytes_make(der, (size_t)n)) : BYTES_NONE;
    *verified = x && SSL_get_verify_result(ssl) == X509_V_OK;
    OPENSSL_free(der);
    X509_free(x);
    return out;
}
