/* SPDX-License-Identifier: Apache-2.0 */
#include "euicc/vpcd.h"

#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/frame.h"
#include "base/text.h"

int vpcd_parse(const char *text, struct vpcd_address *out, struct err *e)
{
    const char *colon = strrchr(text, ':');
    size_t host = colon ? (size_t)(colon - text) : strlen(text);
    uint64_t port = VPCD_PORT;
    if (colon && (decimal_decode(bytes_text(colon + 1), 65535, &port, NULL) != 0 || port == 0))
        return err_set(e, ERR_USAGE, NULL, "a port from 1 to 65535 is expected behind the colon");
    if (host >= sizeof out->host)
        return err_set(e, ERR_USAGE, NULL, "the name of the host is too long");
    snprintf(out->host, sizeof out->host, "%.*s", host ? (int)host : INT_MAX, host ? text : "127.0.0.1");
    snprintf(out->port, sizeof out->port, "%u", (unsigned)port);
    return 0;
}

int vpcd_connect(const struct vpcd_address *at, int *fd, struct err *e)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    int why = getaddrinfo(at->host, at->port, &hints, &found), on = 1;
    *fd = -1;
    if (why) {
        err_set(e, ERR_IO, NULL, "the host is not found (%s)", gai_strerror(why));
        return err_at(e, "%s", at->host);
    }
    for (struct addrinfo *a = found; a && *fd < 0; a = a->ai_next) {
        *fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (*fd >= 0 && connect(*fd, a->ai_addr, a->ai_addrlen) != 0) {
            close(*fd);
            *fd = -1;
        }
    }
    freeaddrinfo(found);
    if (*fd >= 0) {
        setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        return 0;
    }
    err_set(e, ERR_IO, NULL, "no virtual reader listens there; next: start pcscd with vsmartcard's vpcd");
    return err_at(e, "%s:%s", at->host, at->port);
}

void vpcd_message(struct transport *t, struct arena *a, struct bytes message, struct bytes *answer)
{
    *answer = BYTES_NONE;
    if (message.n > 1) {
        transport_apdu(t, a, message, answer);
        return;
    }
    int control = message.n ? message.p[0] : -1;
    if (control == VPCD_ATR)
        *answer = transport_atr(t->protocol);
    else if (control == VPCD_OFF || control == VPCD_ON || control == VPCD_RESET)
        transport_reset(t);
}

bool vpcd_serve(struct transport *t, int fd)
{
    struct arena *a = arena_new(1 << 20);
    struct bytes message, answer;
    struct err e;
    int on = 1;
    /* the reader sends a length and what it counts apart: the second waits until the first is acknowledged */
    setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    bool there = a && frame_receive(fd, a, &message, &e) == 0;
    if (there) {
        vpcd_message(t, a, message, &answer);
        there = !answer.p || frame_send(fd, answer, &e) == 0;
    }
    arena_free(a);
    return there;
}
