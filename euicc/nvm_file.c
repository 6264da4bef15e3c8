/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "euicc/nvm.h"

enum { CARD_MAX = 256 << 20 };

static int failed(struct err *e, const char *path, const char *what)
{
    int number = errno;
    const char *next = number == EEXIST   ? "; next: choose another name, or remove that card first"
                       : number == ENOENT ? "; next: make the card with rsp-euicc init"
                                          : "";
    err_set(e, ERR_IO, NULL, "%s: %s%s", what, strerror(number), next);
    return err_at(e, "%s", path);
}

int nvm_file_open(struct nvm_file *f, const char *path, bool create, struct err *e)
{
    if (snprintf(f->path, sizeof f->path, "%s", path) >= (int)sizeof f->path)
        return err_set(e, ERR_LIMIT, NULL, "the file name is too long");
    f->fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC | (create ? O_CREAT | O_EXCL : 0), 0600);
    if (f->fd < 0)
        return failed(e, path, create ? "the card file cannot be made" : "the card file cannot be opened");
    if (flock(f->fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    close(f->fd);
    f->fd = -1;
    err_set(e, ERR_WRONG_STATE, NULL, "another program uses this card");
    return err_at(e, "%s", path);
}

void nvm_file_close(struct nvm_file *f)
{
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
}

static int load(void *context, struct arena *a, struct bytes *all, struct err *e)
{
    struct nvm_file *f = context;
    return file_read(a, f->path, CARD_MAX, all, e);
}

static int append(void *context, struct bytes octets, struct err *e)
{
    struct nvm_file *f = context;
    off_t before = lseek(f->fd, 0, SEEK_END);
    while (octets.n) {
        ssize_t n = write(f->fd, octets.p, octets.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            failed(e, f->path, "the card file cannot be written");
            if (ftruncate(f->fd, before) != 0)
                err_within(e, "half a record stays");
            return -1;
        }
        octets = bytes_slice(octets, (size_t)n, octets.n);
    }
    return fdatasync(f->fd) == 0 ? 0 : failed(e, f->path, "the card file cannot be made durable");
}

/* A new file takes the old one's name; the lock moves with it. */
static int replace(void *context, struct bytes all, struct err *e)
{
    struct nvm_file *f = context;
    if (file_write(f->path, all, 0600, e) != 0)
        return -1;
    int fd = open(f->path, O_RDWR | O_APPEND | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0)
        return failed(e, f->path, "the card file cannot be opened again");
    close(f->fd);
    f->fd = fd;
    return 0;
}

struct nvm nvm_in_file(struct nvm_file *f)
{
    return (struct nvm){ load, append, replace, f };
}
