/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http_server.h"

#include <event2/thread.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <sys/resource.h>

#include "net/http_inside.h"

/* -------------------------------------------------------------------------------- workers */

static struct queue queue_of(size_t most)
{
    return (struct queue){ .most = most };
}

static void push(struct queue *q, struct ticket *t)
{
    t->next = NULL;
    if (!q->first)
        q->end = &q->first;
    *q->end = t;
    q->end = &t->next;
    q->n++;
}

static struct ticket *pop(struct queue *q)
{
    struct ticket *t = q->first;
    if (t) {
        q->first = t->next;
        q->n--;
    }
    return t;
}

static void *work(void *context)
{
    struct http_server *s = context;
    pthread_mutex_lock(&s->lock);
    while (!s->stopping) {
        struct ticket *t = pop(&s->requests);
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

bool server_submit(struct http_server *s, struct ticket *t)
{
    pthread_mutex_lock(&s->lock);
    bool taken = s->requests.n < s->requests.most && !s->stopping;
    if (taken) {
        push(&s->requests, t);
        pthread_cond_signal(&s->waiting);
    }
    pthread_mutex_unlock(&s->lock);
    return taken;
}

static struct ticket *next_answer(struct http_server *s)
{
    pthread_mutex_lock(&s->lock);
    struct ticket *t = pop(&s->answers);
    pthread_mutex_unlock(&s->lock);
    return t;
}

static void deliver(evutil_socket_t fd, short what, void *context)
{
    struct http_server *s = context;
    (void)fd, (void)what;
    for (struct ticket *t; (t = next_answer(s)) != NULL; ticket_free(t)) {
        struct listener *l = &s->listeners[t->in.listener];
        count_add(l, HTTP_WORKED_ON, (uint64_t)-1);
        if (t->connection)
            connection_answer(t->connection, &t->out);
        else
            count_add(l, HTTP_GONE, 1);
    }
}

/* ------------------------------------------------------------------------------ listeners */

static void accepted(struct evconnlistener *socket, evutil_socket_t fd, struct sockaddr *from, int size, void *context)
{
    (void)socket, (void)size;
    connection_open(context, fd, from);
}

static void listen_again(evutil_socket_t fd, short what, void *context)
{
    struct listener *l = context;
    (void)fd, (void)what;
    if (l->socket)
        evconnlistener_enable(l->socket);
}

/* Without a file descriptor to spare, the loop would spin on the one who waits: a second's rest. */
static void not_accepted(struct evconnlistener *socket, void *context)
{
    static const struct timeval rest = { .tv_sec = 1 };
    struct listener *l = context;
    evconnlistener_disable(socket);
    event_base_once(l->server->base, -1, EV_TIMEOUT, listen_again, l, &rest);
}

static struct evconnlistener *bind_to(struct listener *l, const struct addrinfo *at)
{
    const unsigned flags = LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_CLOSE_ON_FREE;
    for (; at; at = at->ai_next) {
        struct evconnlistener *socket = evconnlistener_new_bind(l->server->base, accepted, l, flags, SOMAXCONN,
                                                                at->ai_addr, (int)at->ai_addrlen);
        if (socket)
            return socket;
    }
    return NULL;
}

static int bind_listener(struct listener *l, struct http_listener *from, struct err *e)
{
    const struct addrinfo wanted = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
    struct addrinfo *at = NULL;
    char port[8];
    snprintf(port, sizeof port, "%hu", (unsigned short)from->port);
    if (getaddrinfo(from->host, port, &wanted, &at) == 0)
        l->socket = bind_to(l, at);
    if (at)
        freeaddrinfo(at);
    if (!l->socket)
        return err_set(e, ERR_IO, NULL, "the address cannot be listened on; next: choose a free port of this machine");
    evconnlistener_set_error_cb(l->socket, not_accepted);
    struct sockaddr_storage bound = { .ss_family = AF_UNSPEC };
    socklen_t size = sizeof bound;
    getsockname(evconnlistener_get_fd(l->socket), (struct sockaddr *)&bound, &size);
    from->port = ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
                                                   : ((struct sockaddr_in *)&bound)->sin_port);
    return 0;
}

static int or_default(int value, int otherwise)
{
    return value ? value : otherwise;
}

static int listen_on(struct http_server *s, struct http_listener *from, struct err *e)
{
    struct listener *l = &s->listeners[s->n];
    *l = (struct listener){ .server = s,
                            .index = s->n,
                            .deadline = { .tv_sec = or_default(from->deadline, HTTP_DEADLINE) },
                            .connections_max = or_default(from->connections, HTTP_CONNECTIONS_MAX),
                            .per_address = or_default(from->per_address, HTTP_PER_ADDRESS),
                            .body_max = from->body ? from->body : HTTP_BODY_MAX };
    s->n++;
    LIST_INIT(&l->connections);
    if (tls_server_new(from, &l->tls, e) != 0 || bind_listener(l, from, e) != 0)
        return err_within(e, "%s:%d", from->host, from->port);
    return 0;
}

/* ------------------------------------------------------------------------- beginning, end */

void server_check_end(struct http_server *s)
{
    bool busy = !s->ending;
    for (size_t i = 0; i < s->n; i++)
        busy |= !LIST_EMPTY(&s->listeners[i].connections);
    if (!busy)
        event_base_loopbreak(s->base);
}

static void close_listener(struct listener *l)
{
    if (l->socket)
        evconnlistener_free(l->socket);
    l->socket = NULL;
}

static void end(evutil_socket_t fd, short what, void *context)
{
    struct http_server *s = context;
    (void)fd, (void)what;
    if (s->ending) {
        event_base_loopbreak(s->base);
        return;
    }
    s->ending = true;
    evtimer_add(s->patience, &s->patience_time);
    for (size_t i = 0; i < s->n; i++) {
        struct connection *c = LIST_FIRST(&s->listeners[i].connections), *next;
        close_listener(&s->listeners[i]);
        for (; c; c = next) {
            next = LIST_NEXT(c, others);
            connection_end(c);
        }
    }
    server_check_end(s);
}

static int make_events(struct http_server *s, struct err *e)
{
    s->base = event_base_new();
    if (!s->base)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a server");
    s->answered = event_new(s->base, -1, EV_READ | EV_PERSIST, deliver, s);
    s->stop = event_new(s->base, -1, EV_READ | EV_PERSIST, end, s);
    s->patience = evtimer_new(s->base, end, s);
    return s->answered && s->stop && s->patience ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for a server's events");
}

static int take_signals(struct http_server *s, struct err *e)
{
    static const int numbers[2] = { SIGINT, SIGTERM };
    signal(SIGPIPE, SIG_IGN); /* a client that has gone must not end the server */
    for (int i = 0; i < 2; i++) {
        s->interrupted[i] = evsignal_new(s->base, numbers[i], end, s);
        if (!s->interrupted[i] || event_add(s->interrupted[i], NULL) != 0)
            return err_set(e, ERR_MEMORY, NULL, "no memory for a server's signals");
    }
    return 0;
}

static int start_workers(struct http_server *s, size_t n, struct err *e)
{
    s->workers = calloc(n, sizeof *s->workers);
    while (s->workers && s->n_workers < n && pthread_create(&s->workers[s->n_workers], NULL, work, s) == 0)
        s->n_workers++;
    return s->n_workers == n ? 0 : err_set(e, ERR_MEMORY, NULL, "the system gives no more threads; next: ask for less");
}

/* As many file descriptors as the connections may need, and some for stores and peers, if the system lets us. */
static void make_room(const struct http_server *s)
{
    enum { OTHERS = 256 };
    struct rlimit limit;
    rlim_t wanted = OTHERS;
    for (size_t i = 0; i < s->n; i++)
        wanted += (rlim_t)s->listeners[i].connections_max;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static int start(struct http_server *s, const struct http_service *from, struct err *e)
{
    if (from->n > HTTP_LISTENERS_MAX)
        return err_set(e, ERR_LIMIT, NULL, "a server has at most %d listeners", HTTP_LISTENERS_MAX);
    if (make_events(s, e) != 0)
        return -1;
    for (size_t i = 0; i < from->n; i++)
        if (listen_on(s, &from->listeners[i], e) != 0)
            return -1;
    make_room(s);
    if (take_signals(s, e) != 0)
        return -1;
    return start_workers(s, (size_t)or_default(from->workers, HTTP_WORKERS), e);
}

int http_server_open(const struct http_service *from, struct http_server **out, struct err *e)
{
    struct http_server *s = evthread_use_pthreads() == 0 ? calloc(1, sizeof *s) : NULL;
    if (!s)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a server");
    s->handle = from->handle;
    s->context = from->context;
    s->admin_protocol = from->admin_protocol;
    s->patience_time.tv_sec = or_default(from->patience, HTTP_PATIENCE);
    s->requests = queue_of((size_t)or_default(from->queue, HTTP_QUEUE_MAX));
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->waiting, NULL);
    if (start(s, from, e) != 0) {
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
    event_active(s->stop, EV_READ, 0);
}

static void send_workers_home(struct http_server *s)
{
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_broadcast(&s->waiting);
    pthread_mutex_unlock(&s->lock);
}

static void await_workers(struct http_server *s)
{
    for (size_t i = 0; i < s->n_workers; i++)
        pthread_join(s->workers[i], NULL);
    free(s->workers);
}

static void drop(struct queue *q)
{
    for (struct ticket *t; (t = pop(q)) != NULL;)
        ticket_free(t);
}

/* Clients don't wait for handlers that take their time. */
void http_server_close(struct http_server *s)
{
    struct event *const events[] = { s->answered, s->stop, s->patience, s->interrupted[0], s->interrupted[1] };
    send_workers_home(s);
    for (size_t i = 0; i < s->n; i++) {
        close_listener(&s->listeners[i]);
        while (!LIST_EMPTY(&s->listeners[i].connections))
            connection_close(LIST_FIRST(&s->listeners[i].connections));
        tls_server_free(s->listeners[i].tls);
    }
    await_workers(s);
    drop(&s->requests);
    drop(&s->answers);
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (events[i])
            event_free(events[i]);
    if (s->base)
        event_base_free(s->base);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->waiting);
    free(s);
}

/* -------------------------------------------------------------------------------- counters */

static const char *const counter_names[HTTP_COUNTERS] = {
    [HTTP_ACCEPTED] = "accepted",
    [HTTP_REFUSED_FULL] = "refused_full",
    [HTTP_REFUSED_ADDRESS] = "refused_address",
    [HTTP_TLS_FAILED] = "tls_failed",
    [HTTP_REQUESTS] = "requests",
    [HTTP_REFUSED_REQUEST] = "refused_request",
    [HTTP_REFUSED_HEADERS] = "refused_headers",
    [HTTP_REFUSED_BODY] = "refused_body",
    [HTTP_REFUSED_QUEUE] = "refused_queue",
    [HTTP_TOO_LATE] = "too_late",
    [HTTP_ANSWERS_2XX] = "answers_2xx",
    [HTTP_ANSWERS_3XX] = "answers_3xx",
    [HTTP_ANSWERS_4XX] = "answers_4xx",
    [HTTP_ANSWERS_5XX] = "answers_5xx",
    [HTTP_GONE] = "gone",
    [HTTP_OCTETS_IN] = "octets_in",
    [HTTP_OCTETS_OUT] = "octets_out",
    [HTTP_CONNECTIONS] = "connections",
    [HTTP_WORKED_ON] = "worked_on",
};

const char *http_counter_name(enum http_counter c)
{
    return counter_names[c];
}

void http_server_metrics(const struct http_server *s, size_t listener, struct http_metrics *out)
{
    for (size_t c = 0; c < HTTP_COUNTERS; c++)
        out->count[c] = listener < s->n
                            ? atomic_load_explicit(&s->listeners[listener].count[c], memory_order_relaxed)
                            : 0;
}
