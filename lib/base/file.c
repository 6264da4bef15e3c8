/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"

static int failed(struct err *e, const char *path, const char *what)
{
    int number = errno;
    err_set(e, ERR_IO, NULL, "%s: %s", what, strerror(number));
    return err_at(e, "%s", path);
}

int file_read(struct arena *a, const char *path, size_t limit, struct bytes *out, struct err *e)
{
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return failed(e, path, "it cannot be opened");
    struct buf all = buf_in(a);
    uint8_t part[16384];
    ssize_t n;
    while ((n = read(fd, part, sizeof part)) > 0 && all.n + (size_t)n <= limit)
        buf_add(&all, bytes_make(part, (size_t)n));
    if (n < 0)
        failed(e, path, "it cannot be read");
    if (!standard)
        close(fd);
    if (n < 0)
        return -1;
    if (n > 0) {
        err_set(e, ERR_LIMIT, NULL, "it is larger than %zu octets", limit);
        return err_at(e, "%s", path);
    }
    *out = buf_bytes(&all);
    return out->p ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory to read %s", path);
}

static int write_all(int fd, struct bytes content)
{
    while (content.n) {
        ssize_t n = write(fd, content.p, content.n);
        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0)
            content = bytes_slice(content, (size_t)n, content.n);
    }
    return 0;
}

int file_write(const char *path, struct bytes content, unsigned mode, struct err *e)
{
    if (strcmp(path, "-") == 0)
        return write_all(STDOUT_FILENO, content) == 0 ? 0 : failed(e, "standard output", "it cannot be written");
    char beside[4096];
    if (snprintf(beside, sizeof beside, "%s.%d.part", path, (int)getpid()) >= (int)sizeof beside)
        return err_set(e, ERR_LIMIT, NULL, "the file name is too long");
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0)
        return failed(e, path, "it cannot be written");
    int bad = write_all(fd, content) != 0 || fsync(fd) != 0;
    bad = close(fd) != 0 || bad;
    if (!bad && rename(beside, path) == 0)
        return 0;
    failed(e, path, "it cannot be written");
    unlink(beside);
    return -1;
}
