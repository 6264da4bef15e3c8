/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "base/cursor.h"

#define TLS_GROUPS "X25519:P-256:brainpoolP256r1"
#define TLS_GCM "ECDHE-ECDSA-AES128-GCM-SHA256"
#define TLS_CBC "ECDHE-ECDSA-AES128-SHA256"
#define TLS_13_SUITES "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384"
#define TLS_SIGNATURE "ECDSA+SHA256"
#define TLS_CLIENT_SIGNATURES "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:RSA-PSS+SHA256:RSA+SHA256"

/* Numbers of the TLS registries. */
enum { GROUP_P256 = 23, GROUP_BRAINPOOL = 26, GROUP_X25519 = 29, ECDSA_SHA256 = 0x0403 };
enum { EXT_TRUSTED_CA_KEYS = 3, EXT_GROUPS = 10, EXT_SIGNATURES = 13, EXT_VERSIONS = 43 };
enum { KEY_ID = 20 /* octets: SHA-1 of a public key */, CHAIN_MAX = 8, CAS_MAX = 64, FILE_MAX = 1 << 20 };

/* OpenSSL 3.0 signs with brainpool keys over TLS 1.2 only. */
static const struct curve {
    const char *name; /* OpenSSL's */
    unsigned group;
    int newest;
} curves[] = {
    { "prime256v1", GROUP_P256, TLS1_3_VERSION },
    { "brainpoolP256r1", GROUP_BRAINPOOL, TLS1_2_VERSION },
};

struct credential {
    SSL_CTX *context;
    const struct curve *curve;
    struct {
        uint8_t octets[KEY_ID];
    } issuers[CHAIN_MAX]; /* keys that the chain's certificates are signed by */
    size_t n_issuers;
};

struct tls_server {
    struct credential credentials[HTTP_CERTIFICATES_MAX];
    size_t n;
};

static int failed(struct err *e, int code, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return err_set(e, code, NULL, "%s%s%s%s", what, reason ? " (" : "", reason ? reason : "", reason ? ")" : "");
}

/* --------------------------------------------------------------------------- certificates */

static bool is_pem(struct bytes b)
{
    static const char begin[] = "-----BEGIN ";
    return b.n && memmem(b.p, b.n, begin, sizeof begin - 1);
}

static int no_passphrase(char *buffer, int size, int writing, void *context)
{
    (void)buffer, (void)size, (void)writing, (void)context;
    return -1;
}

static BIO *open_file(struct bytes file)
{
    return file.n && file.n <= FILE_MAX ? BIO_new_mem_buf(file.p, (int)file.n) : NULL;
}

static X509 *next_certificate(BIO *in, bool pem)
{
    return pem ? PEM_read_bio_X509(in, NULL, no_passphrase, NULL) : d2i_X509_bio(in, NULL);
}

/* All certificates, in their order; NULL if one cannot be read, there is none, or there are too many. */
static STACK_OF(X509) *read_certificates(struct bytes file, int most)
{
    bool pem = is_pem(file);
    BIO *in = open_file(file);
    STACK_OF(X509) *all = sk_X509_new_null();
    bool good = in && all;
    while (good && BIO_pending(in) > 0) {
        X509 *x = next_certificate(in, pem);
        bool end = !x && pem && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
        good = end || (x && sk_X509_push(all, x) > 0);
        if (!good)
            X509_free(x);
    }
    BIO_free(in);
    if (good && sk_X509_num(all) > 0 && sk_X509_num(all) <= most) {
        ERR_clear_error();
        return all;
    }
    sk_X509_pop_free(all, X509_free);
    return NULL;
}

static EVP_PKEY *read_key(struct bytes file)
{
    BIO *in = open_file(file);
    EVP_PKEY *key = !in ? NULL
                    : is_pem(file) ? PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL)
                                   : d2i_PrivateKey_bio(in, NULL);
    BIO_free(in);
    return key;
}

static int check_dates(X509 *x, struct err *e)
{
    if (X509_cmp_current_time(X509_get0_notBefore(x)) >= 0)
        return err_set(e, ERR_EXPIRED, "RFC 5280 4.1.2.5",
                       "the TLS certificate is not valid yet; next: check the clock, or wait");
    if (X509_cmp_current_time(X509_get0_notAfter(x)) <= 0)
        return err_set(e, ERR_EXPIRED, "RFC 5280 4.1.2.5",
                       "the TLS certificate has expired; next: have its CI issue another one");
    return 0;
}

static const struct curve *curve_of(X509 *x)
{
    char name[64] = "";
    EVP_PKEY *key = X509_get0_pubkey(x);
    if (key)
        EVP_PKEY_get_group_name(key, name, sizeof name, NULL);
    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
        if (strcmp(name, curves[i].name) == 0)
            return &curves[i];
    return NULL;
}

static void note_issuers(struct credential *c, STACK_OF(X509) *chain)
{
    for (int i = 0; i < sk_X509_num(chain); i++) {
        const ASN1_OCTET_STRING *id = X509_get0_authority_key_id(sk_X509_value(chain, i));
        if (id && ASN1_STRING_length(id) == KEY_ID)
            memcpy(c->issuers[c->n_issuers++].octets, ASN1_STRING_get0_data(id), KEY_ID);
    }
}

static int use_pair(struct credential *c, X509 *own, EVP_PKEY *key, STACK_OF(X509) *issuers, struct err *e)
{
    c->curve = curve_of(own);
    if (!c->curve)
        return err_set(e, ERR_UNSUPPORTED, "SGP.22 2.6.7.1",
                       "the TLS certificate's key is neither on P-256 nor on brainpoolP256r1; next: use one that is");
    if (check_dates(own, e) != 0)
        return -1;
    if (!X509_check_private_key(own, key))
        return failed(e, ERR_VERIFY, "the TLS key is not the certificate's; next: give the key that was certified");
    if (!SSL_CTX_use_cert_and_key(c->context, own, key, issuers, 1))
        return failed(e, ERR_CRYPTO, "the TLS certificate cannot be used");
    return 0;
}

static int credential_read(struct credential *c, const struct http_certificate *from, struct err *e)
{
    STACK_OF(X509) *chain = read_certificates(from->chain, CHAIN_MAX);
    if (!chain)
        return failed(e, ERR_SYNTAX, "the TLS certificate cannot be read: neither a PEM chain nor DER");
    note_issuers(c, chain);
    X509 *own = sk_X509_shift(chain);
    EVP_PKEY *key = read_key(from->key);
    int result = key ? use_pair(c, own, key, chain, e)
                     : failed(e, ERR_SYNTAX, "the TLS key cannot be read: neither PEM nor DER, or under a passphrase");
    EVP_PKEY_free(key);
    X509_free(own);
    sk_X509_pop_free(chain, X509_free);
    return result;
}

/* ---------------------------------------------------------------------------- ClientHello */

static struct cursor extension(SSL *ssl, unsigned type)
{
    const unsigned char *p;
    size_t n;
    return cursor_over(SSL_client_hello_get0_ext(ssl, type, &p, &n) ? bytes_make(p, n) : BYTES_NONE);
}

/* A list of numbers of two octets behind its length of one or two octets; cut short, it ends there. */
static bool lists(struct cursor c, int length, unsigned wanted)
{
    for (cursor_take(&c, (size_t)length); cursor_left(&c) >= 2;)
        if (cursor_u16(&c) == wanted)
            return true;
    return false;
}

static bool offers_version(SSL *ssl, unsigned version)
{
    struct cursor c = extension(ssl, EXT_VERSIONS);
    return c.p ? lists(c, 1, version)
               : version == TLS1_2_VERSION && SSL_client_hello_get0_legacy_version(ssl) >= TLS1_2_VERSION;
}

/* SGP.22 2.6.6: sha256/ecdsa is selected, and the certificate's curve is among the client's (RFC 8422 5.1); over TLS
 * 1.3 any curve for the key exchange will do. */
static bool can_use(SSL *ssl, const struct curve *curve)
{
    struct cursor groups = extension(ssl, EXT_GROUPS);
    if (!lists(extension(ssl, EXT_SIGNATURES), 2, ECDSA_SHA256))
        return false;
    if (curve->newest == TLS1_3_VERSION && offers_version(ssl, TLS1_3_VERSION) &&
        (lists(groups, 2, GROUP_P256) || lists(groups, 2, GROUP_X25519)))
        return true;
    return offers_version(ssl, TLS1_2_VERSION) && (!groups.p || lists(groups, 2, curve->group));
}

/* RFC 6066 6: an authority by the SHA-1 of its key (1).  Others are passed over: nothing (0), a name (2), the SHA-1
 * of a certificate (3). */
static bool trusts(SSL *ssl, const struct credential *credential)
{
    struct cursor c = extension(ssl, EXT_TRUSTED_CA_KEYS);
    for (cursor_u16(&c); cursor_left(&c) && !c.failed;) {
        unsigned type = cursor_u8(&c);
        struct bytes id = cursor_take(&c, type == 2 ? cursor_u16(&c) : type == 0 ? 0 : KEY_ID);
        for (size_t i = 0; type == 1 && i < credential->n_issuers; i++)
            if (bytes_equal(id, BYTES_OF(credential->issuers[i].octets)))
                return true;
    }
    return false;
}

static int choose(SSL *ssl, int *alert, void *context)
{
    const struct tls_server *s = context;
    const struct credential *chosen = NULL;
    for (size_t i = 0; i < s->n; i++) {
        const struct credential *c = &s->credentials[i];
        if (!can_use(ssl, c->curve))
            continue;
        bool trusted = trusts(ssl, c);
        if (trusted || !chosen)
            chosen = c;
        if (trusted)
            break;
    }
    *alert = SSL_AD_HANDSHAKE_FAILURE;
    if (!chosen || !SSL_set_SSL_CTX(ssl, chosen->context) || !SSL_set_max_proto_version(ssl, chosen->curve->newest))
        return SSL_CLIENT_HELLO_ERROR;
    return SSL_CLIENT_HELLO_SUCCESS;
}

/* ------------------------------------------------------------------------------- contexts */

/* Who the client is, the caller decides by its certificate: pinned ones need no chain. */
static int take_any(int verified, X509_STORE_CTX *context)
{
    (void)verified;
    (void)context;
    return 1;
}

/* RFC 6066 6: the server's answer to trusted_ca_keys is empty. */
static int echo(SSL *ssl, unsigned type, unsigned context, const unsigned char **out, size_t *n, X509 *x, size_t index,
                int *alert, void *unused)
{
    (void)ssl, (void)type, (void)context, (void)x, (void)index, (void)alert, (void)unused;
    *out = NULL;
    *n = 0;
    return 1;
}

static int set_rules(SSL_CTX *c, struct tls_server *s, bool cbc, struct err *e)
{
    /* not registered, the extension would not be shown to `choose` */
    unsigned where = SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO;
    if (!SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) || !SSL_CTX_set1_groups_list(c, TLS_GROUPS) ||
        !SSL_CTX_set_cipher_list(c, cbc ? TLS_GCM ":" TLS_CBC : TLS_GCM) ||
        !SSL_CTX_set_ciphersuites(c, TLS_13_SUITES) || !SSL_CTX_set1_sigalgs_list(c, TLS_SIGNATURE) ||
        !SSL_CTX_set1_client_sigalgs_list(c, TLS_CLIENT_SIGNATURES) || !SSL_CTX_set_num_tickets(c, 0) ||
        !SSL_CTX_add_custom_ext(c, EXT_TRUSTED_CA_KEYS, where, echo, NULL, NULL, NULL, NULL))
        return failed(e, ERR_CRYPTO, "the TLS parameters are refused");
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(c, SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_clear_mode(c, SSL_MODE_AUTO_RETRY); /* one record a step, so that nobody keeps the loop to himself */
    SSL_CTX_set_client_hello_cb(c, choose, s);
    return 0;
}

static int set_client_cas(SSL_CTX *c, struct bytes file, struct err *e)
{
    STACK_OF(X509) *cas = read_certificates(file, CAS_MAX);
    bool good = cas != NULL;
    for (int i = 0; good && i < sk_X509_num(cas); i++)
        good = X509_STORE_add_cert(SSL_CTX_get_cert_store(c), sk_X509_value(cas, i));
    sk_X509_pop_free(cas, X509_free);
    if (!good)
        return failed(e, ERR_SYNTAX, "the CI certificates for clients cannot be read");
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER, take_any);
    return 0;
}

static int credential_new(struct tls_server *s, const struct http_listener *l, size_t i, struct err *e)
{
    struct credential *c = &s->credentials[i];
    c->context = SSL_CTX_new(TLS_server_method());
    if (!c->context)
        return failed(e, ERR_MEMORY, "no memory for TLS");
    s->n++;
    if (set_rules(c->context, s, l->cbc, e) != 0)
        return -1;
    if (bytes_present(l->client_ca) && set_client_cas(c->context, l->client_ca, e) != 0)
        return -1;
    if (credential_read(c, &l->certificates[i], e) == 0)
        return 0;
    return l->n_certificates > 1 ? err_at(e, "certificate %zu", i + 1) : -1;
}

int tls_server_new(const struct http_listener *l, struct tls_server **out, struct err *e)
{
    if (l->n_certificates == 0 || l->n_certificates > HTTP_CERTIFICATES_MAX)
        return err_set(e, ERR_LIMIT, NULL, "a listener has 1 to %d TLS certificates, not %zu", HTTP_CERTIFICATES_MAX,
                       l->n_certificates);
    struct tls_server *s = calloc(1, sizeof *s);
    if (!s)
        return err_set(e, ERR_MEMORY, NULL, "no memory for TLS");
    for (size_t i = 0; i < l->n_certificates; i++)
        if (credential_new(s, l, i, e) != 0) {
            tls_server_free(s);
            return -1;
        }
    *out = s;
    return 0;
}

void tls_server_free(struct tls_server *s)
{
    for (size_t i = 0; s && i < s->n; i++)
        SSL_CTX_free(s->credentials[i].context);
    free(s);
}

/* ------------------------------------------------------------------------------- a stream */

SSL *tls_open(struct tls_server *s, int fd)
{
    SSL *ssl = SSL_new(s->credentials[0].context);
    if (ssl && SSL_set_fd(ssl, fd)) {
        SSL_set_accept_state(ssl);
        return ssl;
    }
    SSL_free(ssl);
    return NULL;
}

static enum tls_step outcome(SSL *ssl, int result)
{
    if (result > 0)
        return TLS_DONE;
    int error = SSL_get_error(ssl, result);
    bool ended = error == SSL_ERROR_ZERO_RETURN || error == SSL_ERROR_SYSCALL ||
                 ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    ERR_clear_error();
    return error == SSL_ERROR_WANT_READ ? TLS_READ : error == SSL_ERROR_WANT_WRITE ? TLS_WRITE
           : ended                                                                 ? TLS_CLOSED
                                                                                   : TLS_FAILED;
}

enum tls_step tls_handshake(SSL *ssl)
{
    ERR_clear_error();
    return outcome(ssl, SSL_do_handshake(ssl));
}

enum tls_step tls_read(SSL *ssl, void *room, size_t size, size_t *n)
{
    ERR_clear_error();
    return outcome(ssl, SSL_read_ex(ssl, room, size, n));
}

enum tls_step tls_write(SSL *ssl, const void *octets, size_t size, size_t *n)
{
    ERR_clear_error();
    return outcome(ssl, SSL_write_ex(ssl, octets, size, n));
}

void tls_end(SSL *ssl)
{
    SSL_shutdown(ssl);
    ERR_clear_error();
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
