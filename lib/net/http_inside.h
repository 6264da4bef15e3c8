/* Inside lib/net: what the server (listeners, workers, beginning and end) and its connections share.  All of it belongs
 * to the loop's thread, but for the queues (under `lock`), the counters, and a ticket while a worker has it. */
#ifndef RSPKIT_NET_HTTP_INSIDE_H
#define RSPKIT_NET_HTTP_INSIDE_H

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <pthread.h>
#include <stdatomic.h>

#include <arpa/inet.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "net/http_head.h"
#include "net/tls.h"

/* One request on its way: made by its connection, worked on by a worker, answered by its connection if that is still
 * there. */
struct ticket {
    struct ticket *next;
    struct connection *connection; /* NULL once it has gone; only the loop looks */
    struct arena *arena;
    struct http_head head;
    struct http_request in;
    struct http_response out;
};

void ticket_free(struct ticket *); /* NULL is fine */

struct queue {
    struct ticket *first, **end;
    size_t n, most;
};

struct address {
    uint8_t octets[16]; /* IPv4 as ::ffff:a.b.c.d; IPv6 without its host part */
};

LIST_HEAD(connections, connection);

struct listener {
    struct http_server *server;
    size_t index;
    struct tls_server *tls;
    struct evconnlistener *socket; /* NULL when no more are taken */
    struct connections connections;
    struct timeval deadline;
    int connections_max, per_address;
    size_t body_max;
    _Atomic uint64_t count[HTTP_COUNTERS];
};

static inline void count_add(struct listener *l, enum http_counter c, uint64_t n)
{
    atomic_fetch_add_explicit(&l->count[c], n, memory_order_relaxed);
}

struct http_server {
    struct event_base *base;
    struct listener listeners[HTTP_LISTENERS_MAX];
    size_t n;
    struct event *answered, *stop, *interrupted[2], *patience;
    struct timeval patience_time;
    bool ending; /* no connection is taken, none kept */
    http_handler *handle;
    void *context;
    const char *admin_protocol;
    pthread_mutex_t lock;
    pthread_cond_t waiting;
    struct queue requests, answers;
    bool stopping; /* under `lock`: workers go home */
    pthread_t *workers;
    size_t n_workers;
};

/* Gives the ticket to the workers; false: too many wait. */
bool server_submit(struct http_server *, struct ticket *);
/* A connection has gone: the last one of a server that ends ends its loop. */
void server_check_end(struct http_server *);

struct connection {
    LIST_ENTRY(connection) others; /* of the listener */
    struct listener *listener;
    struct address address;
    char peer[INET6_ADDRSTRLEN];
    int fd;
    SSL *tls;
    struct event *readable, *writable, *deadline;
    int stage;
    struct evbuffer *in, *body, *out;
    size_t searched;       /* octets of `in` that hold no end of a head */
    struct ticket *ticket; /* of the request that is read or worked on */
    struct http_chunks chunks;
    bool last; /* the connection ends with the answer */
};

/* Takes over the socket. */
void connection_open(struct listener *, int fd, const struct sockaddr *);
/* The answer of the ticket, which stays the caller's. */
void connection_answer(struct connection *, const struct http_response *);
/* Nothing new begins on it: closed if nothing is under way. */
void connection_end(struct connection *);
void connection_close(struct connection *);

#endif
