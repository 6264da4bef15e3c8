/* HTTP client: one request at a time on a connection of its own, every server verified by its name (libcurl). */
#ifndef RSPKIT_NET_HTTP_CLIENT_H
#define RSPKIT_NET_HTTP_CLIENT_H

#include "base/arena.h"
#include "base/err.h"

enum {
    HTTP_ANSWER_MAX = 8 << 20,
    HTTP_CONNECTS_MAX = 8,
    HTTP_REDIRECTS_MAX = 3,
    /* where a 0 is given: */
    HTTP_CLIENT_SECONDS = 60,
    HTTP_CONNECT_SECONDS = 10,
};

/* A plain value: a caller that wants other deadlines for a call copies it.  Of a file and octets, the octets count. */
struct http_client {
    const char *ca;                /* PEM file of the CIs that servers must chain to */
    struct bytes ca_octets;        /* PEM */
    const char *certificate, *key; /* client certificate, PEM files, or NULL */
    struct bytes certificate_octets, key_octets; /* PEM or DER; a chain in PEM, its own first */
    const char *connect[HTTP_CONNECTS_MAX]; /* "NAME=HOST:PORT" or, for one port, "NAME:PORT=HOST:PORT": where a name
                                               (in upper or lower case) is found in a laboratory */
    size_t n_connect;
    const char *user_agent;
    int deadline, connect_deadline; /* seconds for all of a call, and of these for TCP and TLS */
};

struct http_answer {
    int status;
    struct bytes body;
    unsigned retry_after; /* seconds; 0 without such a field, also if it was a date that has passed */
};

/* POST to https://HOST/PATH, over TLS 1.3 or one of the suites of SGP.22 2.6.6.  -1: ERR_IO for the network,
 * ERR_VERIFY if the server is not who it should be, ERR_LIMIT, ERR_USAGE; the sentence says what to do. */
int http_post(const struct http_client *, struct arena *, struct bytes host, struct bytes path,
              struct bytes content_type, struct bytes admin_protocol, struct bytes body, struct http_answer *,
              struct err *);

/* GET of an http:// or https:// address, such as a CRL's, with at most HTTP_REDIRECTS_MAX redirections and `limit`
 * octets of answer.  No client certificate is shown.  Whether the status is 200 is the caller's to see. */
int http_get(const struct http_client *, struct arena *, const char *url, size_t limit, struct http_answer *,
             struct err *);

#endif
