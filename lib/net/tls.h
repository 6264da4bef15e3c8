/* Inside lib/net: contexts of OpenSSL for the server. */
#ifndef RSPKIT_NET_TLS_H
#define RSPKIT_NET_TLS_H

#include <openssl/ssl.h>

#include "base/arena.h"
#include "base/err.h"

/* TLS 1.2 and 1.3, ECDHE with AES-GCM, no resumption (SGP.22 2.6.6: a fresh key exchange each time). */
SSL_CTX *tls_server(const char *certificate, const char *key, const char *client_ca, struct err *);

/* DER of the client's certificate in the arena, absent without one. */
struct bytes tls_client_certificate(SSL *, struct arena *, bool *verified);

#endif
