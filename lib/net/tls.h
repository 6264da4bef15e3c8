/* Inside lib/net: the server's side of TLS over non-blocking sockets (OpenSSL). */
#ifndef RSPKIT_NET_TLS_H
#define RSPKIT_NET_TLS_H

#include <openssl/ssl.h>

#include "net/http_server.h"

struct tls_server; /* certificates and rules of a listener */

/* TLS 1.2 and 1.3, ECDHE and ECDSA with SHA-256, no resumption, no renegotiation (SGP.22 2.6.6).  Errors as
 * http_server_open. */
int tls_server_new(const struct http_listener *, struct tls_server **, struct err *);
void tls_server_free(struct tls_server *);

/* What a step has come to: it is done, or waits for the socket, or the stream has ended. */
enum tls_step { TLS_DONE, TLS_READ, TLS_WRITE, TLS_CLOSED, TLS_FAILED };

/* NULL without memory.  Freed with SSL_free; the socket stays open. */
SSL *tls_open(struct tls_server *, int fd);
enum tls_step tls_handshake(SSL *);
/* At least TLS_RECORD octets of room, so that nothing stays behind in `ssl` that the socket doesn't tell of. */
enum tls_step tls_read(SSL *, void *room, size_t size, size_t *n);
enum tls_step tls_write(SSL *, const void *octets, size_t size, size_t *n);
/* Says goodbye, if that can be done at once. */
void tls_end(SSL *);

enum { TLS_RECORD = 16 << 10 };

/* DER of the client's certificate in the arena, absent without one. */
struct bytes tls_client_certificate(SSL *, struct arena *, bool *verified);

#endif
