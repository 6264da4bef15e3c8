/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/buf.h"

enum { GIVE_UP = 20000 /* milliseconds */, TRUSTED_CA_KEYS = 3 };

struct stream {
    int fd, echo;
    struct bytes trusted;
    SSL_CTX *context;
    SSL *ssl;
};

int stream_connect(int port, int patience_ms)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const struct timeval patience = { patience_ms / 1000, patience_ms % 1000 * 1000 };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    close(fd);
    return -1;
}

static int send_trusted(SSL *ssl, unsigned type, unsigned where, const unsigned char **out, size_t *n, X509 *x,
                        size_t index, int *alert, void *context)
{
    const struct stream *s = context;
    (void)ssl, (void)type, (void)where, (void)x, (void)index, (void)alert;
    *out = s->trusted.p;
    *n = s->trusted.n;
    return 1;
}

static int hear_echo(SSL *ssl, unsigned type, unsigned where, const unsigned char *in, size_t n, X509 *x,
                     size_t index, int *alert, void *context)
{
    struct stream *s = context;
    (void)ssl, (void)type, (void)where, (void)in, (void)x, (void)index, (void)alert;
    s->echo = (int)n;
    return 1;
}

struct stream *stream_open(int port, struct bytes trusted)
{
    struct stream *s = calloc(1, sizeof *s);
    *s = (struct stream){ stream_connect(port, GIVE_UP), -1, trusted, SSL_CTX_new(TLS_client_method()), NULL };
    if (bytes_present(trusted)) {
        SSL_CTX_set_max_proto_version(s->context, TLS1_2_VERSION);
        SSL_CTX_set1_groups_list(s->context, "X25519:P-256:brainpoolP256r1");
        SSL_CTX_add_custom_ext(s->context, TRUSTED_CA_KEYS, SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO,
                               send_trusted, NULL, s, hear_echo, s);
    }
    s->ssl = SSL_new(s->context);
    SSL_set_fd(s->ssl, s->fd);
    if (s->fd >= 0 && SSL_connect(s->ssl) == 1)
        return s;
    stream_close(s);
    return NULL;
}

void stream_close(struct stream *s)
{
    if (!s)
        return;
    SSL_free(s->ssl);
    SSL_CTX_free(s->context);
    if (s->fd >= 0)
        close(s->fd);
    free(s);
}

void stream_break(struct stream *s)
{
    const struct linger none = { .l_onoff = 1, .l_linger = 0 };
    setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    stream_close(s);
}

void stream_say(struct stream *s, struct bytes octets)
{
    size_t n;
    if (octets.n)
        SSL_write_ex(s->ssl, octets.p, octets.n, &n);
}

const char *stream_hear_until(struct stream *s, struct arena *a, const char *text)
{
    struct buf out = buf_in(a);
    char part[4096];
    const char *heard = buf_str(&out);
    for (size_t n; !(text && strstr(heard, text)) && SSL_read_ex(s->ssl, part, sizeof part, &n) == 1;
         heard = buf_str(&out))
        buf_add(&out, bytes_make(part, n));
    return heard;
}

const char *stream_hear(struct stream *s, struct arena *a)
{
    return stream_hear_until(s, a, NULL);
}

struct bytes stream_certificate(struct stream *s, struct arena *a)
{
    X509 *x = SSL_get1_peer_certificate(s->ssl);
    unsigned char *der = NULL;
    int n = x ? i2d_X509(x, &der) : -1;
    struct bytes out = n > 0 ? arena_copy(a, bytes_make(der, (size_t)n)) : BYTES_NONE;
    OPENSSL_free(der);
    X509_free(x);
    return out;
}

int stream_echo(const struct stream *s)
{
    return s->echo;
}
