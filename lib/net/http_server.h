/* HTTPS server: one event loop owns sockets, TLS and HTTP; whole requests go to worker threads through a bounded
 * queue; answers come back by ticket, and a client that has gone takes nothing with it.  One server a process, since it
 * takes SIGINT, SIGTERM and (to ignore it) SIGPIPE.  Knows nothing of eSIM.
 *
 * What a stranger may do is bounded:
 *   connections of a listener, and of one address     the new one is closed
 *   the head (HTTP_HEADERS_MAX)                       431
 *   the body                                          413
 *   time until the next request is complete           408, or cut off if none has begun; however busily it sends
 *   requests that wait for a worker                   503 with Retry-After
 * Any method but POST is 405; what RFC 9112 doesn't allow is 400.  Such answers have no body, and all but 503 end the
 * connection.  Otherwise connections are kept (HTTP/1.1, or "keep-alive"), and requests may be pipelined.
 */
#ifndef RSPKIT_NET_HTTP_SERVER_H
#define RSPKIT_NET_HTTP_SERVER_H

#include "base/arena.h"
#include "base/err.h"

enum {
    HTTP_LISTENERS_MAX = 16,
    HTTP_CERTIFICATES_MAX = 8, /* of a listener */
    HTTP_HEADERS_MAX = 16 << 10,
    HTTP_REQUEST_MEMORY = 64 << 20, /* what a handler may take from its arena */
    /* where a 0 is given: */
    HTTP_BODY_MAX = 1 << 20,
    HTTP_DEADLINE = 30, /* seconds */
    HTTP_CONNECTIONS_MAX = 900,
    HTTP_PER_ADDRESS = 450,
    HTTP_WORKERS = 32,
    HTTP_QUEUE_MAX = 256,
    HTTP_PATIENCE = 10, /* seconds */
};

struct http_request {
    size_t listener; /* index of the one it came through */
    const char *method, *path; /* "POST", and at least "/" */
    struct bytes host, content_type, admin_protocol, user_agent; /* header fields; absent without one */
    struct bytes body;
    struct bytes client_cert; /* DER, absent without one */
    bool client_verified;     /* its chain ends at one of the listener's client_ca */
    const char *peer; /* address as text */
};

struct http_response {
    int status; /* 200 to 599 */
    const char *content_type; /* NULL: none */
    struct bytes body;        /* a 204 has none */
    unsigned retry_after;     /* seconds; 0: no such field */
};

struct http_certificate {
    struct bytes chain; /* PEM, the server's own first, or DER of that alone */
    struct bytes key;   /* PEM or DER, without passphrase */
};

/* All octets are only read while the server is opened. */
struct http_listener {
    const char *host; /* "127.0.0.1", "::1" */
    int port;         /* 0: any; set when the server listens */
    /* At most one is shown to a client: the first whose curve it can use (P-256; brainpoolP256r1 over TLS 1.2 only)
     * and whose issuer it trusts, as far as it says so (RFC 6066 6, SGP.22 3.1.2); else the first by its curve. */
    const struct http_certificate *certificates;
    size_t n_certificates;
    struct bytes client_ca;  /* PEM or DER of CIs that client certificates may chain to; absent: none are asked for */
    bool cbc;                /* TLS 1.2 also with ECDHE-ECDSA-AES128-SHA256 (SGP.22 2.6.6: ES9+ and ES11) */
    int deadline;            /* seconds for a request, from its connection's or the last answer's beginning */
    int connections;         /* at most */
    int per_address;         /* connections of one IPv4 address or IPv6 network (/64) */
    size_t body;             /* octets of a request */
};

/* `handle` runs on a worker; the response lives in the arena. */
typedef void http_handler(void *context, struct arena *, const struct http_request *, struct http_response *);

struct http_service {
    struct http_listener *listeners;
    size_t n;
    http_handler *handle;
    void *context;
    const char *admin_protocol; /* X-Admin-Protocol of every answer (SGP.22 6.2), or NULL; must outlive the server */
    int workers, queue;
    int patience; /* seconds that requests under way have once the server is to stop */
};

struct http_server;

/* -1, with the listener in the error's place: ERR_SYNTAX (a certificate or key cannot be read), ERR_VERIFY (the key is
 * another certificate's), ERR_EXPIRED (also: not valid yet), ERR_UNSUPPORTED (curve), ERR_IO (address), ERR_LIMIT. */
int http_server_open(const struct http_service *, struct http_server **, struct err *);

/* Serves until http_server_stop (from any thread, not from a signal handler), SIGINT or SIGTERM.  Then no connection is
 * taken any more, requests that have begun are answered, and the call returns: after `patience` at the latest, or at
 * once at a second such wish. */
void http_server_run(struct http_server *);
void http_server_stop(struct http_server *);

/* Waits for the handlers that still run.  Requests that none has begun are dropped. */
void http_server_close(struct http_server *);

enum http_counter {
    HTTP_ACCEPTED,        /* connections, those that were closed at once too */
    HTTP_REFUSED_FULL,    /* of these, above `connections` */
    HTTP_REFUSED_ADDRESS, /* of these, above `per_address` */
    HTTP_TLS_FAILED,      /* handshakes */
    HTTP_REQUESTS,        /* handed to a worker */
    HTTP_REFUSED_REQUEST, /* 400, 405, 417, 501, 505 */
    HTTP_REFUSED_HEADERS, /* 431 */
    HTTP_REFUSED_BODY,    /* 413 */
    HTTP_REFUSED_QUEUE,   /* 503 */
    HTTP_TOO_LATE,        /* 408 and connections cut off */
    HTTP_ANSWERS_2XX,
    HTTP_ANSWERS_3XX,
    HTTP_ANSWERS_4XX,
    HTTP_ANSWERS_5XX,
    HTTP_GONE,            /* answers whose client had gone */
    HTTP_OCTETS_IN,       /* inside TLS */
    HTTP_OCTETS_OUT,
    HTTP_CONNECTIONS,     /* now */
    HTTP_WORKED_ON,       /* requests that wait or are worked on, now */
    HTTP_COUNTERS
};

struct http_metrics {
    uint64_t count[HTTP_COUNTERS];
};

/* "refused_full"; the last two are gauges. */
const char *http_counter_name(enum http_counter);

/* The listener's counters as they are, from any thread. */
void http_server_metrics(const struct http_server *, size_t listener, struct http_metrics *);

#endif
