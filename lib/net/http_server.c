/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http_server.h"

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/thread.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <arpa/inet.h>
#include <sys/socket.h>

#include "net/tls.h"

enum { LISTENERS_MAX = 8 };

/* One request on its way: made by the loop, worked on by a worker, answered by the loop. */
struct ticket {
    struct ticket *next;
    struct http_server *server;
    struct evhttp_request *request; /* NULL once the client has gone; only the loop looks */
    struct arena *arena;
    struct http_request in;
    struct http_response out;
};

struct listener {
    struct http_server *server;
    struct evhttp *http;
    SSL_CTX *tls;
    struct timeval deadline;
    int connections, connections_max;
};

/* Lives as long as its SSL object, which the connection's bufferevent frees. */
struct connection {
    struct listener *listener;
    struct bufferevent *stream;
    struct event *timer;
};

struct queue {
    struct ticket *first, **end;
    size_t n;
};

struct http_server {
    struct event_base *base;
    struct listener listeners[LISTENERS_MAX];
    size_t n;
    struct event *answered, *signals[2];
    http_handler *handle;
    void *context;
    const char *admin_protocol;
    pthread_mutex_t lock;
    pthread_cond_t waiting;
    struct queue requests, answers;
    bool stopping;
    pthread_t workers[HTTP_WORKERS];
    size_t n_workers;
};

static void push(struct queue *q, struct ticket *t)
{
    t->next = NULL;
    *q->end = t;
    q->end = &t->next;
    q->n++;
}

static struct ticket *pop(struct queue *q)
{
    struct ticket *t = q->first;
    if (!t)
        return NULL;
    q->first = t->next;
    if (!q->first)
        q->end = &q->first;
    q->n--;
    return t;
}

static void *work(void *context)
{
    struct http_server *s = context;
    pthread_mutex_lock(&s->lock);
    for (;;) {
        struct ticket *t = pop(&s->requests);
        if (!t && s->stopping)
            break;
        if (!t) {
            pthread_cond_wait(&s->waiting, &s->lock);
            continue;
        }
        pthread_mutex_unlock(&s->lock);
        s->handle(s->context, t->arena, &t->in, &t->out);
        pthread_mutex_lock(&s->lock);
        push(&s->answers, t);
        event_active(s->answered, EV_READ, 0);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* ---------------------------------------------------------------------------- the loop */

static int connection_index; /* of a struct connection in its SSL object */

static void ticket_free(struct ticket *t)
{
    arena_free(t->arena);
    free(t);
}

static void reply(struct evhttp_request *r, const char *admin_protocol, const struct http_response *out)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(r);
    struct evbuffer *body = evbuffer_new();
    char seconds[16];
    if (admin_protocol)
        evhttp_add_header(headers, "X-Admin-Protocol", admin_protocol);
    if (out->content_type)
        evhttp_add_header(headers, "Content-Type", out->content_type);
    if (out->retry_after) {
        snprintf(seconds, sizeof seconds, "%u", out->retry_after);
        evhttp_add_header(headers, "Retry-After", seconds);
    }
    if (body && out->body.n)
        evbuffer_add(body, out->body.p, out->body.n);
    evhttp_send_reply(r, out->status, NULL, body);
    if (body)
        evbuffer_free(body);
}

/* The time in which the next request must be complete begins, or stands still. */
static void set_timer(struct evhttp_request *r, bool running)
{
    struct bufferevent *stream = evhttp_connection_get_bufferevent(evhttp_request_get_connection(r));
    struct connection *c = SSL_get_ex_data(bufferevent_openssl_get_ssl(stream), connection_index);
    if (running)
        evtimer_add(c->timer, &c->listener->deadline);
    else
        evtimer_del(c->timer);
}

static void answer(struct http_server *s, struct evhttp_request *r, const struct http_response *out)
{
    set_timer(r, true);
    reply(r, s->admin_protocol, out);
}

static void client_gone(struct evhttp_connection *connection, void *context)
{
    struct ticket *t = context;
    (void)connection;
    t->request = NULL;
}

static void deliver(evutil_socket_t fd, short what, void *context)
{
    struct http_server *s = context;
    (void)fd;
    (void)what;
    for (;;) {
        pthread_mutex_lock(&s->lock);
        struct ticket *t = pop(&s->answers);
        pthread_mutex_unlock(&s->lock);
        if (!t)
            return;
        if (t->request) {
            evhttp_connection_set_closecb(evhttp_request_get_connection(t->request), NULL, NULL);
            answer(s, t->request, &t->out);
        }
        ticket_free(t);
    }
}

static struct bytes header(struct arena *a, struct evhttp_request *r, const char *name)
{
    const char *value = evhttp_find_header(evhttp_request_get_input_headers(r), name);
    return value ? arena_copy(a, bytes_text(value)) : BYTES_NONE;
}

static bool fill(struct ticket *t, struct evhttp_request *r)
{
    struct arena *a = t->arena;
    struct evbuffer *body = evhttp_request_get_input_buffer(r);
    struct evhttp_connection *c = evhttp_request_get_connection(r);
    size_t n = evbuffer_get_length(body);
    uint8_t *copy = arena_alloc(a, n);
    char *address = NULL;
    uint16_t port;
    if (!copy)
        return false;
    evbuffer_remove(body, copy, n);
    evhttp_connection_get_peer(c, &address, &port);
    t->in.method = evhttp_request_get_command(r) == EVHTTP_REQ_POST ? "POST" : "GET";
    t->in.path = arena_text(a, bytes_text(evhttp_request_get_uri(r)));
    t->in.peer = arena_text(a, bytes_text(address ? address : "?"));
    t->in.body = bytes_make(copy, n);
    t->in.content_type = header(a, r, "Content-Type");
    t->in.admin_protocol = header(a, r, "X-Admin-Protocol");
    SSL *ssl = bufferevent_openssl_get_ssl(evhttp_connection_get_bufferevent(c));
    t->in.client_cert = tls_client_certificate(ssl, a, &t->in.client_verified);
    return t->in.path && t->in.peer;
}

static void accept_request(struct evhttp_request *r, void *context)
{
    struct http_server *s = context;
    struct ticket *t = calloc(1, sizeof *t);
    set_timer(r, false);
    static const struct http_response busy = { .status = 503, .retry_after = 1 };
    if (t)
        t->arena = arena_new(HTTP_REQUEST_MEMORY);
    if (!t || !t->arena || !fill(t, r)) {
        if (t)
            ticket_free(t);
        answer(s, r, &busy);
        return;
    }
    t->server = s;
    t->request = r;
    pthread_mutex_lock(&s->lock);
    bool full = s->requests.n >= HTTP_QUEUE_MAX || s->stopping;
    if (!full) {
        evhttp_connection_set_closecb(evhttp_request_get_connection(r), client_gone, t);
        push(&s->requests, t);
        pthread_cond_signal(&s->waiting);
    }
    pthread_mutex_unlock(&s->lock);
    if (full) {
        ticket_free(t);
        answer(s, r, &busy);
    }
}

/* --------------------------------------------------------------------------- connections */

/* evhttp sees the end of the stream and closes. */
static void too_late(evutil_socket_t fd, short what, void *context)
{
    struct connection *c = context;
    (void)fd;
    (void)what;
    shutdown(bufferevent_getfd(c->stream), SHUT_RDWR);
}

static void connection_free(void *parent, void *data, CRYPTO_EX_DATA *ad, int index, long argl, void *argp)
{
    struct connection *c = data;
    (void)parent, (void)ad, (void)index, (void)argl, (void)argp;
    if (!c)
        return;
    event_free(c->timer);
    c->listener->connections--;
    free(c);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void connection_index_make(void)
{
    connection_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, connection_free);
}

/* Above the limit a connection is cut off as soon as it has a socket. */
static bool connection_watch(struct listener *l, SSL *ssl, struct bufferevent *stream)
{
    static const struct timeval at_once = { 0 };
    struct connection *c = calloc(1, sizeof *c);
    if (c)
        *c = (struct connection){ l, stream, evtimer_new(l->server->base, too_late, c) };
    if (!c || !c->timer || SSL_set_ex_data(ssl, connection_index, c) != 1) {
        if (c && c->timer)
            event_free(c->timer);
        free(c);
        return false;
    }
    bool full = l->connections++ >= l->connections_max;
    return evtimer_add(c->timer, full ? &at_once : &l->deadline) == 0;
}

/* Never NULL: evhttp would serve plain text instead. */
static struct bufferevent *tls_connection(struct event_base *base, void *context)
{
    struct listener *l = context;
    SSL *ssl = SSL_new(l->tls);
    struct bufferevent *b =
        ssl ? bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE) : NULL;
    if (!b || !connection_watch(l, ssl, b))
        abort();
    bufferevent_openssl_set_allow_dirty_shutdown(b, 1);
    return b;
}

static void interrupted(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    http_server_stop(context);
}

/* --------------------------------------------------------------------------- open, close */

static int listen_on(struct http_server *s, struct http_listener *l, struct err *e)
{
    struct listener *own = &s->listeners[s->n];
    *own = (struct listener){ .server = s, .tls = tls_server(l->certificate, l->key, l->client_ca, e),
                              .deadline = { .tv_sec = l->deadline ? l->deadline : HTTP_DEADLINE },
                              .connections_max = l->connections ? l->connections : HTTP_CONNECTIONS_MAX };
    if (!own->tls)
        return -1;
    s->n++;
    own->http = evhttp_new(s->base);
    if (!own->http)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a listener");
    evhttp_set_bevcb(own->http, tls_connection, own);
    evhttp_set_gencb(own->http, accept_request, s);
    evhttp_set_max_body_size(own->http, HTTP_BODY_MAX);
    evhttp_set_max_headers_size(own->http, HTTP_HEADERS_MAX);
    evhttp_set_timeout(own->http, HTTP_DEADLINE);
    evhttp_set_allowed_methods(own->http, EVHTTP_REQ_POST | EVHTTP_REQ_GET);
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(own->http, l->host, (uint16_t)l->port);
    if (!bound) {
        err_set(e, ERR_IO, NULL, "the address cannot be listened on; next: choose a free port");
        return err_at(e, "%s:%d", l->host, l->port);
    }
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    if (getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&address, &size) == 0)
        l->port = ntohs(address.sin_port);
    return 0;
}

int http_server_open(struct http_listener *listeners, size_t n, http_handler *handle, void *context,
                     const char *admin_protocol, struct http_server **out, struct err *e)
{
    struct http_server *s = calloc(1, sizeof *s);
    if (!s || n > LISTENERS_MAX || evthread_use_pthreads() != 0) {
        free(s);
        return err_set(e, ERR_MEMORY, NULL, "no memory for a server");
    }
    s->requests.end = &s->requests.first;
    s->answers.end = &s->answers.first;
    s->handle = handle;
    s->context = context;
    s->admin_protocol = admin_protocol;
    signal(SIGPIPE, SIG_IGN); /* a client that has gone must not end the server */
    pthread_once(&once, connection_index_make);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->waiting, NULL);
    s->base = event_base_new();
    s->answered = s->base ? event_new(s->base, -1, EV_READ | EV_PERSIST, deliver, s) : NULL;
    int bad = !s->answered;
    for (size_t i = 0; !bad && i < n; i++)
        bad = listen_on(s, &listeners[i], e) != 0;
    static const int numbers[2] = { SIGINT, SIGTERM };
    for (int i = 0; !bad && i < 2; i++) {
        s->signals[i] = evsignal_new(s->base, numbers[i], interrupted, s);
        bad = !s->signals[i] || event_add(s->signals[i], NULL) != 0;
    }
    for (size_t i = 0; !bad && i < HTTP_WORKERS; i++) {
        bad = pthread_create(&s->workers[i], NULL, work, s) != 0;
        s->n_workers += !bad;
    }
    if (bad) {
        http_server_close(s);
        return -1;
    }
    *out = s;
    return 0;
}

void http_server_run(struct http_server *s)
{
    event_base_loop(s->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

void http_server_stop(struct http_server *s)
{
    event_base_loopbreak(s->base);
}

void http_server_close(struct http_server *s)
{
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_broadcast(&s->waiting);
    pthread_mutex_unlock(&s->lock);
    for (size_t i = 0; i < s->n_workers; i++)
        pthread_join(s->workers[i], NULL);
    if (s->base)
        deliver(-1, 0, s); /* what was being worked on is answered */
    for (size_t i = 0; i < s->n; i++) {
        if (s->listeners[i].http)
            evhttp_free(s->listeners[i].http);
        SSL_CTX_free(s->listeners[i].tls);
    }
    for (int i = 0; i < 2; i++)
        if (s->signals[i])
            event_free(s->signals[i]);
    if (s->answered)
        event_free(s->answered);
    if (s->base)
        event_base_free(s->base);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->waiting);
    free(s);
}
