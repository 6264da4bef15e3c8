/* HTTPS server: one event loop owns sockets, TLS and HTTP; whole requests go to worker
 * threads through a bounded queue; answers come back by ticket, and a client that has gone
 * takes nothing with it.  Knows nothing of eSIM.
 *
 * Limits: body, header and connections below.  A connection on which no request is complete within
 * the deadline (of its beginning, or of the last answer) is cut off, however busily it sends; a full queue is
 * answered 503; above the limit new connections are closed.
 */
#ifndef RSPKIT_NET_HTTP_SERVER_H
#define RSPKIT_NET_HTTP_SERVER_H

#include "base/arena.h"
#include "base/err.h"

enum {
    HTTP_BODY_MAX = 1 << 20,
    HTTP_HEADERS_MAX = 16 << 10,
    HTTP_QUEUE_MAX = 256,
    HTTP_WORKERS = 8,
    HTTP_DEADLINE = 30, /* seconds */
    HTTP_CONNECTIONS_MAX = 900,
    HTTP_REQUEST_MEMORY = 64 << 20,
};

struct http_request {
    const char *method, *path;
    struct bytes content_type, admin_protocol, body;
    struct bytes client_cert; /* DER, absent without one */
    bool client_verified;
    const char *peer; /* address as text */
};

struct http_response {
    int status;
    const char *content_type; /* NULL: none */
    struct bytes body;
    unsigned retry_after;
};

struct http_listener {
    const char *host; /* "127.0.0.1" */
    int port;         /* 0: any; set when the server listens */
    const char *certificate, *key; /* PEM files; chain in the first */
    const char *client_ca; /* PEM file of CIs that client certificates may chain to; NULL: none are asked for */
    int deadline;          /* seconds; 0: HTTP_DEADLINE */
    int connections;       /* at most; 0: HTTP_CONNECTIONS_MAX */
};

struct http_server;

/* `handle` runs on a worker; the response lives in the arena. */
typedef void http_handler(void *context, struct arena *, const struct http_request *, struct http_response *);

int http_server_open(struct http_listener *listeners, size_t n, http_handler *, void *context,
                     const char *admin_protocol, struct http_server **, struct err *);
/* Serves until http_server_stop (which may be called from a signal handler's thread) or SIGINT, SIGTERM. */
void http_server_run(struct http_server *);
void http_server_stop(struct http_server *);
void http_server_close(struct http_server *);

#endif
