/* SPDX-License-Identifier: Apache-2.0
 *
 * A connection is a stage and what it waits for.  Each stage is a function that goes as far as it can. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "net/http_inside.h"

/* What a stage has come to. */
enum outcome { NEXT /* another stage's turn */, WAIT_READ, WAIT_WRITE, WAIT_WORKER, OVER };

enum stage { HANDSHAKE, READING, WORKING, CONTINUING, WRITING, LINGERING };

enum { MORE = 0, WHOLE = 1, CONTINUE = 100 }; /* beside the status of a refusal */

enum { LINGER = 2 /* seconds */ };

static enum outcome outcome_of(enum tls_step step)
{
    static const enum outcome outcomes[] = {
        [TLS_DONE] = NEXT, [TLS_READ] = WAIT_READ, [TLS_WRITE] = WAIT_WRITE, [TLS_CLOSED] = OVER, [TLS_FAILED] = OVER,
    };
    return outcomes[step];
}

/* ------------------------------------------------------------------------------- answering */

static const struct {
    int status;
    const char *phrase;
} phrases[] = {
    { 200, "OK" },
    { 204, "No Content" },
    { 400, "Bad Request" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 408, "Request Timeout" },
    { 413, "Content Too Large" },
    { 415, "Unsupported Media Type" },
    { 417, "Expectation Failed" },
    { 431, "Request Header Fields Too Large" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 503, "Service Unavailable" },
    { 505, "HTTP Version Not Supported" },
};

/* RFC 9112 4: a phrase may be empty. */
static const char *phrase_of(int status)
{
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
        if (phrases[i].status == status)
            return phrases[i].phrase;
    return "";
}

static enum http_counter refusal_counter(int status)
{
    static const struct {
        int status;
        enum http_counter counter;
    } own[] = { { 408, HTTP_TOO_LATE }, { 413, HTTP_REFUSED_BODY }, { 431, HTTP_REFUSED_HEADERS },
                { 503, HTTP_REFUSED_QUEUE } };
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (own[i].status == status)
            return own[i].counter;
    return HTTP_REFUSED_REQUEST;
}

static void write_head(struct connection *c, const struct http_response *r, bool old)
{
    struct http_server *s = c->listener->server;
    char date[40] = "";
    time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc))
        strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    evbuffer_add_printf(c->out, "HTTP/1.1 %d %s\r\nDate: %s\r\n", r->status, phrase_of(r->status), date);
    if (s->admin_protocol)
        evbuffer_add_printf(c->out, "X-Admin-Protocol: %s\r\n", s->admin_protocol);
    if (r->content_type)
        evbuffer_add_printf(c->out, "Content-Type: %s\r\n", r->content_type);
    if (r->retry_after)
        evbuffer_add_printf(c->out, "Retry-After: %u\r\n", r->retry_after);
    if (r->status == 405)
        evbuffer_add_printf(c->out, "Allow: POST\r\n");
    if (r->status != 204)
        evbuffer_add_printf(c->out, "Content-Length: %zu\r\n", r->body.n);
    if (c->last || old)
        evbuffer_add_printf(c->out, "Connection: %s\r\n", c->last ? "close" : "keep-alive");
    evbuffer_add_printf(c->out, "\r\n");
}

/* The time for the answer and the next request begins. */
static enum outcome respond(struct connection *c, const struct http_response *r)
{
    struct listener *l = c->listener;
    struct http_response answer = *r;
    bool old = c->ticket && c->ticket->head.old;
    if (answer.status < 200 || answer.status > 599)
        answer = (struct http_response){ .status = 500 };
    if (answer.status == 204)
        answer.body = BYTES_NONE;
    c->last |= c->ticket && !c->ticket->head.keep;
    write_head(c, &answer, old);
    if (answer.body.n && evbuffer_add(c->out, answer.body.p, answer.body.n) != 0)
        c->last = true; /* cut short, which the length before it shows */
    count_add(l, (enum http_counter)(HTTP_ANSWERS_2XX + answer.status / 100 - 2), 1);
    evtimer_add(c->deadline, &l->deadline);
    c->stage = WRITING;
    return NEXT;
}

static enum outcome refuse(struct connection *c, int status)
{
    const struct http_response r = { .status = status, .retry_after = status == 503 };
    count_add(c->listener, refusal_counter(status), 1);
    c->last |= status != 503 || !c->ticket;
    respond(c, &r);
    evbuffer_drain(c->body, evbuffer_get_length(c->body));
    ticket_free(c->ticket);
    c->ticket = NULL;
    return NEXT;
}

/* --------------------------------------------------------------------------------- reading */

static struct bytes received(struct connection *c)
{
    size_t n = evbuffer_get_length(c->in);
    return bytes_make(evbuffer_pullup(c->in, -1), n);
}

/* The octets of a whole head, with its empty line, in `in`: 0 if it is not there yet. */
static size_t head_length(struct connection *c)
{
    static const char end[] = "\r\n\r\n";
    struct bytes in = received(c), left = bytes_slice(in, c->searched, in.n);
    const uint8_t *at = left.n ? memmem(left.p, left.n, end, 4) : NULL;
    c->searched = in.n > 3 ? in.n - 3 : 0;
    return at ? (size_t)(at - in.p) + 4 : 0;
}

static struct ticket *ticket_new(struct connection *c, size_t head, struct bytes *octets)
{
    struct ticket *t = calloc(1, sizeof *t);
    uint8_t *copy = NULL;
    if (t && (t->arena = arena_new(HTTP_REQUEST_MEMORY)) != NULL)
        copy = arena_alloc(t->arena, head);
    if (!copy) {
        ticket_free(t);
        return NULL;
    }
    evbuffer_remove(c->in, copy, head);
    t->connection = c;
    *octets = bytes_make(copy, head);
    return t;
}

void ticket_free(struct ticket *t)
{
    if (t)
        arena_free(t->arena);
    free(t);
}

/* RFC 9112 2.2: an empty line before a request is passed over. */
static void pass_empty_lines(struct connection *c)
{
    for (struct bytes in = received(c); in.n >= 2 && in.p[0] == '\r' && in.p[1] == '\n'; in = received(c))
        evbuffer_drain(c->in, 2);
}

static int take_head(struct connection *c)
{
    struct bytes octets;
    if (c->searched == 0)
        pass_empty_lines(c);
    size_t n = head_length(c);
    if (n > HTTP_HEADERS_MAX || (n == 0 && evbuffer_get_length(c->in) > HTTP_HEADERS_MAX))
        return 431;
    if (n == 0)
        return MORE;
    c->searched = 0;
    c->chunks = (struct http_chunks){ .left = 0 };
    c->ticket = ticket_new(c, n, &octets);
    if (!c->ticket)
        return 503;
    struct http_head *h = &c->ticket->head;
    int status = http_head_parse(octets, h);
    if (status)
        return status;
    if (!bytes_equal(h->method, BYTES_LIT("POST")))
        return 405;
    if (h->length > c->listener->body_max)
        return 413;
    return h->continues && evbuffer_get_length(c->in) == 0 ? CONTINUE : MORE;
}

static int take_chunks(struct connection *c)
{
    struct cursor in = cursor_over(received(c));
    struct bytes data;
    enum http_chunk got;
    while ((got = http_chunk_next(&c->chunks, &in, &data)) == HTTP_CHUNK_DATA) {
        if (evbuffer_get_length(c->body) + data.n > c->listener->body_max)
            return 413;
        evbuffer_add(c->body, data.p, data.n);
    }
    evbuffer_drain(c->in, cursor_offset(&in));
    return got == HTTP_CHUNK_END ? WHOLE : got == HTTP_CHUNK_MORE ? MORE : 400;
}

static int take_body(struct connection *c)
{
    const struct http_head *h = &c->ticket->head;
    if (h->chunked)
        return take_chunks(c);
    evbuffer_remove_buffer(c->in, c->body, (size_t)h->length - evbuffer_get_length(c->body));
    return evbuffer_get_length(c->body) == h->length ? WHOLE : MORE;
}

static int take_request(struct connection *c)
{
    int status = c->ticket ? MORE : take_head(c);
    return status == MORE && c->ticket ? take_body(c) : status;
}

static bool fill(struct connection *c, struct ticket *t)
{
    size_t n = evbuffer_get_length(c->body);
    uint8_t *body = arena_alloc(t->arena, n);
    if (!body)
        return false;
    evbuffer_remove(c->body, body, n);
    const struct bytes *field = t->head.field;
    t->in = (struct http_request){
        .listener = c->listener->index,
        .method = arena_text(t->arena, t->head.method),
        .path = arena_text(t->arena, t->head.path),
        .host = field[HTTP_HOST],
        .content_type = field[HTTP_CONTENT_TYPE],
        .admin_protocol = field[HTTP_ADMIN_PROTOCOL],
        .user_agent = field[HTTP_USER_AGENT],
        .body = bytes_make(body, n),
        .peer = arena_text(t->arena, bytes_text(c->peer)),
    };
    t->in.client_cert = tls_client_certificate(c->tls, t->arena, &t->in.client_verified);
    return t->in.method && t->in.path && t->in.peer;
}

static enum outcome submit(struct connection *c)
{
    if (!fill(c, c->ticket) || !server_submit(c->listener->server, c->ticket))
        return refuse(c, 503);
    count_add(c->listener, HTTP_REQUESTS, 1);
    count_add(c->listener, HTTP_WORKED_ON, 1);
    evtimer_del(c->deadline);
    c->stage = WORKING;
    return WAIT_WORKER;
}

static enum outcome request_step(struct connection *c, int status)
{
    if (status == MORE)
        return WAIT_READ;
    if (status == WHOLE)
        return submit(c);
    if (status != CONTINUE)
        return refuse(c, status);
    evbuffer_add_printf(c->out, "HTTP/1.1 100 Continue\r\n\r\n");
    c->stage = CONTINUING;
    return NEXT;
}

/* What an earlier step has read may hold a request; if not, one record more. */
static enum outcome read_stage(struct connection *c)
{
    uint8_t record[TLS_RECORD];
    size_t n = 0;
    int status = take_request(c);
    if (status != MORE)
        return request_step(c, status);
    enum tls_step step = tls_read(c->tls, record, sizeof record, &n);
    if (step != TLS_DONE)
        return outcome_of(step);
    count_add(c->listener, HTTP_OCTETS_IN, n);
    int added = evbuffer_add(c->in, record, n);
    bytes_wipe(record, n); /* the loop's stack lives as long as the server */
    return added == 0 ? request_step(c, take_request(c)) : OVER;
}

/* ---------------------------------------------------------------------------- other stages */

static enum outcome handshake_stage(struct connection *c)
{
    enum tls_step step = tls_handshake(c->tls);
    if (step == TLS_DONE)
        c->stage = READING;
    if (step == TLS_FAILED)
        count_add(c->listener, HTTP_TLS_FAILED, 1);
    return outcome_of(step);
}

static enum outcome work_stage(struct connection *c)
{
    (void)c;
    return WAIT_WORKER;
}

static enum outcome flush(struct connection *c)
{
    for (size_t n; evbuffer_get_length(c->out) > 0; evbuffer_drain(c->out, n)) {
        struct evbuffer_iovec piece;
        evbuffer_peek(c->out, -1, NULL, &piece, 1);
        enum tls_step step = tls_write(c->tls, piece.iov_base, piece.iov_len, &n);
        if (step != TLS_DONE)
            return outcome_of(step);
        count_add(c->listener, HTTP_OCTETS_OUT, n);
    }
    return NEXT;
}

static enum outcome continue_stage(struct connection *c)
{
    enum outcome o = flush(c);
    if (o == NEXT)
        c->stage = READING;
    return o;
}

static enum outcome write_stage(struct connection *c)
{
    static const struct timeval linger = { .tv_sec = LINGER };
    enum outcome o = flush(c);
    if (o == OVER)
        count_add(c->listener, HTTP_GONE, 1);
    if (o != NEXT)
        return o;
    c->stage = c->last ? LINGERING : READING;
    if (c->last) {
        tls_end(c->tls);
        shutdown(c->fd, SHUT_WR);
        evtimer_add(c->deadline, &linger);
    }
    return NEXT;
}

/* RFC 9112 9.6: closed while the client still sends, the connection would be reset, and the answer lost. */
static enum outcome linger_stage(struct connection *c)
{
    uint8_t unheard[TLS_RECORD];
    ssize_t n = recv(c->fd, unheard, sizeof unheard, MSG_DONTWAIT);
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)) ? WAIT_READ : OVER;
}

static enum outcome (*const stages[])(struct connection *) = {
    [HANDSHAKE] = handshake_stage, [READING] = read_stage,  [WORKING] = work_stage,
    [CONTINUING] = continue_stage, [WRITING] = write_stage, [LINGERING] = linger_stage,
};

static void advance(struct connection *c)
{
    enum outcome o;
    do
        o = stages[c->stage](c);
    while (o == NEXT);
    if (o == OVER)
        connection_close(c);
    else if (o != WAIT_WORKER)
        event_add(o == WAIT_READ ? c->readable : c->writable, NULL);
}

/* --------------------------------------------------------------------- beginning and end */

static void ready(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    advance(context);
}

/* A request that has begun is told; all else is cut off. */
static void too_late(evutil_socket_t fd, short what, void *context)
{
    struct connection *c = context;
    bool begun = c->stage == READING && (c->ticket || evbuffer_get_length(c->in) > 0);
    (void)fd, (void)what;
    event_del(c->readable);
    event_del(c->writable);
    if (begun) {
        refuse(c, 408);
        advance(c);
        return;
    }
    if (c->stage != LINGERING)
        count_add(c->listener, HTTP_TOO_LATE, 1);
    connection_close(c);
}

static void note_peer(struct connection *c, const struct sockaddr *from)
{
    uint8_t *octets = c->address.octets;
    if (from->sa_family == AF_INET6) {
        const struct in6_addr *six = &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr;
        memcpy(octets, six, IN6_IS_ADDR_V4MAPPED(six) ? 16 : 8);
        inet_ntop(AF_INET6, six, c->peer, sizeof c->peer);
    } else {
        const struct in_addr *four = &((const struct sockaddr_in *)(const void *)from)->sin_addr;
        octets[10] = octets[11] = 0xFF;
        memcpy(octets + 12, four, 4);
        inet_ntop(AF_INET, four, c->peer, sizeof c->peer);
    }
}

/* HTTP_COUNTERS: the connection is welcome. */
static enum http_counter refusal(const struct connection *c)
{
    int all = 0, same = 0;
    const struct connection *other;
    LIST_FOREACH(other, &c->listener->connections, others) {
        all++;
        same += memcmp(&other->address, &c->address, sizeof c->address) == 0;
    }
    return all >= c->listener->connections_max ? HTTP_REFUSED_FULL
           : same >= c->listener->per_address  ? HTTP_REFUSED_ADDRESS
                                               : HTTP_COUNTERS;
}

static bool equip(struct connection *c)
{
    struct event_base *base = c->listener->server->base;
    c->tls = tls_open(c->listener->tls, c->fd);
    c->readable = event_new(base, c->fd, EV_READ, ready, c);
    c->writable = event_new(base, c->fd, EV_WRITE, ready, c);
    c->deadline = evtimer_new(base, too_late, c);
    c->in = evbuffer_new();
    c->body = evbuffer_new();
    c->out = evbuffer_new();
    return c->tls && c->readable && c->writable && c->deadline && c->in && c->body && c->out &&
           evtimer_add(c->deadline, &c->listener->deadline) == 0;
}

static void dismantle(struct connection *c)
{
    struct event *const events[] = { c->readable, c->writable, c->deadline };
    struct evbuffer *const buffers[] = { c->in, c->body, c->out };
    for (int i = 0; i < 3; i++) {
        if (events[i])
            event_free(events[i]);
        if (buffers[i])
            evbuffer_free(buffers[i]);
    }
    SSL_free(c->tls);
    close(c->fd);
    free(c);
}

void connection_open(struct listener *l, int fd, const struct sockaddr *from)
{
    struct connection *c = calloc(1, sizeof *c);
    count_add(l, HTTP_ACCEPTED, 1);
    if (!c) {
        close(fd);
        return;
    }
    *c = (struct connection){ .listener = l, .fd = fd, .stage = HANDSHAKE };
    note_peer(c, from);
    enum http_counter refused = refusal(c);
    if (refused != HTTP_COUNTERS || !equip(c)) {
        count_add(l, refused == HTTP_COUNTERS ? HTTP_REFUSED_FULL : refused, 1);
        dismantle(c);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
    LIST_INSERT_HEAD(&l->connections, c, others);
    count_add(l, HTTP_CONNECTIONS, 1);
    advance(c);
}

void connection_answer(struct connection *c, const struct http_response *r)
{
    respond(c, r);
    c->ticket = NULL;
    advance(c);
}

void connection_end(struct connection *c)
{
    bool idle = c->stage == HANDSHAKE || (c->stage == READING && !c->ticket && evbuffer_get_length(c->in) == 0);
    c->last = true;
    if (idle)
        connection_close(c);
}

/* A ticket that a worker has, or that waits for one, stays. */
void connection_close(struct connection *c)
{
    struct listener *l = c->listener;
    if (c->stage == WORKING)
        c->ticket->connection = NULL;
    else
        ticket_free(c->ticket);
    LIST_REMOVE(c, others);
    count_add(l, HTTP_CONNECTIONS, (uint64_t)-1);
    dismantle(c);
    server_check_end(l->server);
}
