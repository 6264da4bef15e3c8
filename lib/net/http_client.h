/* HTTPS client: one POST at a time, the server always verified (libcurl). */
#ifndef RSPKIT_NET_HTTP_CLIENT_H
#define RSPKIT_NET_HTTP_CLIENT_H

#include "base/arena.h"
#include "base/err.h"

enum { HTTP_ANSWER_MAX = 8 << 20, HTTP_CLIENT_SECONDS = 60, HTTP_CONNECTS_MAX = 8 };

struct http_client {
    const char *ca; /* PEM file of the CIs that servers must chain to */
    const char *certificate, *key; /* client certificate, PEM files, or NULL */
    const char *connect[HTTP_CONNECTS_MAX]; /* "NAME=HOST:PORT": where a name is found in a laboratory */
    size_t n_connect;
    const char *user_agent;
};

struct http_answer {
    int status;
    struct bytes body;
};

/* POST to https://HOST/PATH.  -1: ERR_IO for the network, ERR_VERIFY if the server is not who it should
 * be; the sentence says what to do. */
int http_post(const struct http_client *, struct arena *, struct bytes host, struct bytes path,
              struct bytes content_type, struct bytes admin_protocol, struct bytes body, struct http_answer *,
              struct err *);

#endif
