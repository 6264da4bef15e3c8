/* SPDX-License-Identifier: Apache-2.0 */
#include "base/frame.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int failed(struct err *e, const char *what)
{
    return err_set(e, ERR_IO, NULL, "%s: %s", what, strerror(errno));
}

static int send_all(int fd, struct bytes b, struct err *e)
{
    while (b.n) {
        ssize_t n = send(fd, b.p, b.n, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return failed(e, "the connection broke while sending");
        b = bytes_slice(b, (size_t)n, b.n);
    }
    return 0;
}

int frame_send(int fd, struct bytes frame, struct err *e)
{
    if (frame.n > UINT16_MAX)
        return err_set(e, ERR_LIMIT, NULL, "a frame of %zu octets is more than 65535", frame.n);
    const uint8_t head[2] = { (uint8_t)(frame.n >> 8), (uint8_t)frame.n };
    return send_all(fd, BYTES_OF(head), e) != 0 ? -1 : send_all(fd, frame, e);
}

/* Octets read: n, or fewer if the other side closed; -1 on errors. */
static ssize_t receive_all(int fd, uint8_t *p, size_t n)
{
    size_t have = 0;
    while (have < n) {
        ssize_t got = recv(fd, p + have, n - have, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        have += (size_t)got;
    }
    return (ssize_t)have;
}

int frame_receive(int fd, struct arena *a, struct bytes *frame, struct err *e)
{
    uint8_t head[2];
    ssize_t got = receive_all(fd, head, sizeof head);
    if (got < 0)
        return failed(e, "the connection broke while receiving");
    if (got == 0)
        return 1;
    size_t n = (size_t)head[0] << 8 | head[1];
    uint8_t *p = got == 2 ? arena_alloc(a, n) : NULL;
    if (!p)
        return got == 2 ? err_set(e, ERR_MEMORY, NULL, "no memory for a frame of %zu octets", n)
                        : err_set(e, ERR_IO, NULL, "the connection was closed inside a frame");
    if (receive_all(fd, p, n) != (ssize_t)n)
        return err_set(e, ERR_IO, NULL, "the connection was closed inside a frame");
    *frame = bytes_make(p, n);
    return 0;
}

static int local_address(const char *path, struct sockaddr_un *out, struct err *e)
{
    *out = (struct sockaddr_un){ .sun_family = AF_UNIX };
    if (snprintf(out->sun_path, sizeof out->sun_path, "%s", path) < (int)sizeof out->sun_path)
        return 0;
    return err_set(e, ERR_LIMIT, NULL, "the socket's name is longer than %zu characters", sizeof out->sun_path - 1);
}

int frame_connect(const char *path, int *fd, struct err *e)
{
    struct sockaddr_un address;
    if (local_address(path, &address, e) != 0)
        return -1;
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*fd >= 0 && connect(*fd, (struct sockaddr *)&address, sizeof address) == 0)
        return 0;
    int why = errno;
    err_set(e, ERR_IO, NULL, "nothing answers there (%s); next: start the program that listens there", strerror(why));
    if (*fd >= 0)
        close(*fd);
    errno = why;
    return err_at(e, "%s", path);
}

int frame_listen(const char *path, int *fd, struct err *e)
{
    struct sockaddr_un address;
    if (local_address(path, &address, e) != 0)
        return -1;
    unlink(path);
    mode_t before = umask(0177);
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool listening = *fd >= 0 && bind(*fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(*fd, 8) == 0;
    umask(before);
    if (listening)
        return 0;
    failed(e, "the socket cannot be made");
    if (*fd >= 0)
        close(*fd);
    return err_at(e, "%s", path);
}
