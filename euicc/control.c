/* SPDX-License-Identifier: Apache-2.0 */
#include "euicc/control.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/frame.h"

enum { PATIENCE = 5 /* seconds; the card answers nobody else meanwhile */ };

const char *control_path(struct arena *a, const char *card_socket)
{
    return arena_printf(a, "%s.control", card_socket);
}

static struct bytes answer(struct arena *a, struct misbehave *m, struct bytes text)
{
    struct buf out = buf_in(a);
    struct err e;
    if (text.n && misbehave_add(m, text, &e) != 0) {
        buf_printf(&out, "-%s", e.what);
    } else {
        buf_u8(&out, '+');
        misbehave_describe(m, &out);
    }
    return buf_bytes(&out);
}

void control_serve(int listener, struct misbehave *m)
{
    const struct timeval patience = { .tv_sec = PATIENCE };
    struct arena *a = arena_new(1 << 20);
    struct bytes text;
    struct err e;
    int fd = accept(listener, NULL, NULL);
    if (a && fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        if (frame_receive(fd, a, &text, &e) == 0)
            frame_send(fd, answer(a, m, text), &e);
    }
    if (fd >= 0)
        close(fd);
    arena_free(a);
}

int control_ask(struct arena *a, const char *card_socket, const char *what, struct bytes *out, struct err *e)
{
    struct bytes answer;
    int fd;
    const char *path = control_path(a, card_socket);
    if (!path || frame_connect(path, &fd, e) != 0)
        return path ? -1 : err_set(e, ERR_MEMORY, NULL, "no memory for a request");
    int got = frame_send(fd, bytes_text(what ? what : ""), e) == 0 ? frame_receive(fd, a, &answer, e) : -1;
    close(fd);
    if (got != 0)
        return got < 0 ? -1 : err_set(e, ERR_IO, NULL, "the card gave no answer; next: see whether it still runs");
    *out = bytes_slice(answer, 1, answer.n);
    return answer.n && answer.p[0] == '+' ? 0 : err_set(e, ERR_VALUE, NULL, "%.*s", (int)out->n, out->p);
}
