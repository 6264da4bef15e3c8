/* SPDX-License-Identifier: Apache-2.0 */
#include "euicc/serve.h"

#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/frame.h"
#include "base/stop.h"
#include "euicc/control.h"

enum { CLIENTS_MAX = 16, RETRY_NS = 200 * 1000 * 1000, STALL_SECONDS = 5 };

/* Places in the array that is polled; one that is not in use has -1. */
enum { LISTENER, CONTROL, READER, FIRST_CLIENT };

struct server {
    struct transport *transport;
    const struct serve_places *places;
    struct pollfd fds[FIRST_CLIENT + CLIENTS_MAX];
    nfds_t n;
    bool told; /* that the reader is waited for */
};

/* Who stops inside a message holds up everybody else no longer than this. */
static void bound(int fd)
{
    const struct timeval most = { .tv_sec = STALL_SECONDS };
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
}

/* -------------------------------------------------------------------- the virtual reader */

static void reader_connect(struct server *s)
{
    const struct vpcd_address *at = s->places->vpcd;
    struct err e;
    bool connected = vpcd_connect(at, &s->fds[READER].fd, &e) == 0;
    if (connected)
        bound(s->fds[READER].fd);
    if (connected)
        printf("ready vpcd=%s:%s\n", at->host, at->port);
    else if (!s->told)
        printf("waiting for a virtual reader at %s:%s\n", at->host, at->port);
    s->told = !connected;
    fflush(stdout);
}

static void reader_gone(struct server *s)
{
    close(s->fds[READER].fd);
    s->fds[READER].fd = -1;
    if (!euicc_dead(s->transport->card))
        transport_reset(s->transport);
}

static void reader_serve(struct server *s)
{
    if (!vpcd_serve(s->transport, s->fds[READER].fd) || euicc_dead(s->transport->card))
        reader_gone(s);
}

/* ---------------------------------------------------------------------- the local socket */

static bool client_serve(struct server *s, int fd)
{
    struct arena *a = arena_new(1 << 20);
    struct bytes command, response;
    struct err e;
    bool there = a && frame_receive(fd, a, &command, &e) == 0;
    if (there) {
        transport_apdu(s->transport, a, command, &response);
        there = !euicc_dead(s->transport->card) && frame_send(fd, response, &e) == 0;
    }
    arena_free(a);
    return there;
}

static void client_gone(struct server *s, nfds_t i)
{
    close(s->fds[i].fd);
    s->fds[i] = s->fds[--s->n];
}

static void client_accept(struct server *s)
{
    int client = accept(s->fds[LISTENER].fd, NULL, NULL);
    if (client < 0)
        return;
    bound(client);
    if (s->n < sizeof s->fds / sizeof *s->fds)
        s->fds[s->n++] = (struct pollfd){ .fd = client, .events = POLLIN };
    else
        close(client);
}

/* ------------------------------------------------------------------------------ together */

/* A card whose power was cut on request is powered up again for whoever comes next. */
static int power(struct server *s, struct err *e)
{
    if (!euicc_dead(s->transport->card))
        return 0;
    s->transport->n_held = 0;
    return s->places->power_again(s->places->context, s->transport, e);
}

static int serve_ready(struct server *s, struct err *e)
{
    int result = 0;
    if (s->fds[READER].fd >= 0 && s->fds[READER].revents) {
        reader_serve(s);
        result = power(s, e);
    }
    for (nfds_t i = FIRST_CLIENT; result == 0 && i < s->n; i++)
        if (s->fds[i].revents && !client_serve(s, s->fds[i].fd)) {
            client_gone(s, i--);
            result = power(s, e);
        }
    if (s->fds[CONTROL].revents)
        control_serve(s->fds[CONTROL].fd, s->places->misbehave);
    if (s->fds[LISTENER].revents)
        client_accept(s);
    return result;
}

static int loop(struct server *s, const sigset_t *waiting, struct err *e)
{
    const struct timespec retry = { .tv_nsec = RETRY_NS };
    int result = 0;
    while (!stop_asked() && result == 0) {
        if (s->places->vpcd && s->fds[READER].fd < 0)
            reader_connect(s);
        bool absent = s->places->vpcd && s->fds[READER].fd < 0;
        if (ppoll(s->fds, s->n, absent ? &retry : NULL, waiting) > 0)
            result = serve_ready(s, e);
    }
    return result;
}

static int listen_at(struct server *s, const char *path, int place, struct err *e)
{
    return path ? frame_listen(path, &s->fds[place].fd, e) : 0;
}

static void close_all(struct server *s)
{
    for (nfds_t i = 0; i < s->n; i++)
        if (s->fds[i].fd >= 0)
            close(s->fds[i].fd);
    if (s->places->socket)
        unlink(s->places->socket);
    if (s->places->control)
        unlink(s->places->control);
}

int serve(struct transport *t, const struct serve_places *places, struct err *e)
{
    struct server s = { .transport = t, .places = places, .n = FIRST_CLIENT };
    sigset_t waiting;
    for (nfds_t i = 0; i < s.n; i++)
        s.fds[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
    int result = listen_at(&s, places->socket, LISTENER, e);
    if (result == 0)
        result = listen_at(&s, places->control, CONTROL, e);
    if (result == 0) {
        stop_begin(&waiting);
        if (places->socket)
            printf("ready card=%s\n", places->socket);
        fflush(stdout);
        result = loop(&s, &waiting, e);
        stop_end(&waiting);
    }
    close_all(&s);
    return result;
}
