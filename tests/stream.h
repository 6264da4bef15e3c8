/* A TLS client of its own for tests: anything is trusted, octets go as they are given.  (Apart from netlab.c since
 * OpenSSL's names clash with those of lib/asn1.) */
#ifndef RSPKIT_TESTS_STREAM_H
#define RSPKIT_TESTS_STREAM_H

#include "base/arena.h"

struct stream;

/* TCP to 127.0.0.1 whose recv gives up after so many milliseconds; -1: nobody listens. */
int stream_connect(int port, int patience_ms);

/* TLS to 127.0.0.1.  `trusted`, if present: trusted_ca_keys (RFC 6066 6) of this content, over TLS 1.2.  NULL if
 * nothing could be agreed. */
struct stream *stream_open(int port, struct bytes trusted);
void stream_close(struct stream *); /* NULL is fine */
/* Closes with a reset, as a client that crashes. */
void stream_break(struct stream *);

void stream_say(struct stream *, struct bytes);
/* All until the server closes, as text. */
const char *stream_hear(struct stream *, struct arena *);
/* Until the text has come (or the server closes). */
const char *stream_hear_until(struct stream *, struct arena *, const char *text);

/* DER of the server's certificate. */
struct bytes stream_certificate(struct stream *, struct arena *);
/* Length of the server's trusted_ca_keys; -1: none. */
int stream_echo(const struct stream *);

#endif
