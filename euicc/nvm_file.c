/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "euicc/nvm.h"

enum { CARD_MAX = 256 << 20, PIECE = 64 << 10 };

/* -------------------------------------------------------------------------- the real system */

static int real_open(void *context, const char *path, int flags, unsigned mode)
{
    (void)context;
    return open(path, flags, mode);
}

static int real_close(void *context, int fd)
{
    (void)context;
    return close(fd);
}

/* The one who had it may have written the file anew: then this is not the file of that name any more. */
static int real_lock(void *context, int fd, const char *path)
{
    struct stat own, named;
    (void)context;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &own) != 0)
        return -1;
    return stat(path, &named) != 0 || own.st_ino != named.st_ino || own.st_dev != named.st_dev;
}

static long real_size(void *context, int fd)
{
    struct stat own;
    (void)context;
    return fstat(fd, &own) == 0 ? (long)own.st_size : -1;
}

static long real_read(void *context, int fd, uint8_t *out, size_t n, size_t at)
{
    (void)context;
    return pread(fd, out, n, (off_t)at);
}

static long real_write(void *context, int fd, const uint8_t *p, size_t n, size_t at)
{
    (void)context;
    return pwrite(fd, p, n, (off_t)at);
}

static int real_truncate(void *context, int fd, size_t octets)
{
    (void)context;
    return ftruncate(fd, (off_t)octets);
}

static int real_sync(void *context, int fd)
{
    (void)context;
    return fdatasync(fd);
}

static int real_rename(void *context, const char *from, const char *to)
{
    (void)context;
    return rename(from, to);
}

static int real_unlink(void *context, const char *path)
{
    (void)context;
    return unlink(path);
}

static int real_sync_folder(void *context, const char *path)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');
    (void)context;
    int n = slash == path ? 1 : slash ? (int)(slash - path) : 1;
    if (snprintf(folder, sizeof folder, "%.*s", n, slash ? path : ".") >= (int)sizeof folder) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int result = fsync(fd), why = errno;
    close(fd);
    errno = why;
    return result;
}

static const struct nvm_system real = {
    real_open, real_close, real_lock,   real_size,   real_read,        real_write,
    real_truncate, real_sync, real_rename, real_unlink, real_sync_folder, NULL,
};

/* --------------------------------------------------------------------------- open and close */

static int failed(struct err *e, const char *path, const char *what)
{
    int number = errno;
    const char *next = number == EEXIST   ? "; next: choose another name, or remove that card first"
                       : number == ENOENT ? "; next: make the card with rsp-euicc init"
                       : number == ENOSPC ? "; next: make room on the disk"
                                          : "";
    err_set(e, ERR_IO, NULL, "%s: %s%s", what, strerror(number), next);
    return err_at(e, "%s", path);
}

static void drop(struct nvm_file *f)
{
    if (f->fd >= 0)
        f->system->close(f->system->context, f->fd);
    f->fd = -1;
}

void nvm_file_close(struct nvm_file *f)
{
    drop(f);
    free(f->path);
    f->path = NULL;
}

/* The name beside the card's, where it is written anew; what a power cut left there holds keys. */
static bool beside(const struct nvm_file *f, char out[4096])
{
    return snprintf(out, 4096, "%s.new", f->path) < 4096;
}

int nvm_file_open(struct nvm_file *f, const struct nvm_system *system, const char *path, bool create, struct err *e)
{
    const struct nvm_system *s = system ? system : &real;
    char other[4096];
    int locked = 1;
    *f = (struct nvm_file){ .system = s, .path = strdup(path), .fd = -1 };
    if (!f->path || !beside(f, other)) {
        nvm_file_close(f);
        return err_set(e, ERR_LIMIT, NULL, "the file name is too long");
    }
    while (locked == 1) {
        f->fd = s->open(s->context, path, O_RDWR | O_CLOEXEC | (create ? O_CREAT | O_EXCL : 0), 0600);
        if (f->fd < 0) {
            failed(e, path, create ? "the card file cannot be made" : "the card file cannot be opened");
            nvm_file_close(f);
            return -1;
        }
        locked = s->lock(s->context, f->fd, path);
        if (locked != 0) {
            int why = errno;
            drop(f);
            errno = why;
        }
    }
    long size = locked == 0 ? s->size(s->context, f->fd) : -1;
    if (size >= 0) {
        f->size = (size_t)size;
        s->unlink(s->context, other);
        return 0;
    }
    if (locked != 0 && errno == EWOULDBLOCK) {
        err_set(e, ERR_WRONG_STATE, NULL, "another program uses this card");
        err_at(e, "%s", path);
    } else {
        failed(e, path, "the card file cannot be opened");
    }
    nvm_file_close(f);
    return -1;
}

/* ------------------------------------------------------------------------------ as a medium */

static int load(void *context, struct arena *a, struct bytes *all, struct err *e)
{
    struct nvm_file *f = context;
    const struct nvm_system *s = f->system;
    size_t have = 0;
    uint8_t *p = f->size <= CARD_MAX ? arena_alloc(a, f->size) : NULL;
    if (!p)
        return err_set(e, ERR_MEMORY, NULL, "no memory to read a card of %zu octets", f->size);
    while (have < f->size) {
        long n = s->read(s->context, f->fd, p + have, f->size - have, have);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return failed(e, f->path, "the card file cannot be read");
        have += (size_t)n;
    }
    *all = bytes_make(p, have);
    return 0;
}

static int write_all(const struct nvm_system *s, int fd, struct bytes octets, size_t at)
{
    while (octets.n) {
        long n = s->write(s->context, fd, octets.p, octets.n < PIECE ? octets.n : PIECE, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            errno = n == 0 ? ENOSPC : errno;
            return -1;
        }
        at += (size_t)n;
        octets = bytes_slice(octets, (size_t)n, octets.n);
    }
    return 0;
}

static int unusable(const struct nvm_file *f, struct err *e)
{
    err_set(e, ERR_WRONG_STATE, NULL, "the card file has failed before; next: start the card anew");
    return err_at(e, "%s", f->path);
}

static int append(void *context, struct bytes octets, struct err *e)
{
    struct nvm_file *f = context;
    if (f->failed)
        return unusable(f, e);
    if (write_all(f->system, f->fd, octets, f->size) != 0)
        return failed(e, f->path, "the card file cannot be written");
    f->size += octets.n;
    return 0;
}

static int truncate_to(void *context, size_t octets, struct err *e)
{
    struct nvm_file *f = context;
    if (f->failed)
        return unusable(f, e);
    if (f->system->truncate(f->system->context, f->fd, octets) != 0)
        return failed(e, f->path, "the card file cannot be cut to what is whole");
    f->size = octets;
    return 0;
}

static int barrier(void *context, struct err *e)
{
    struct nvm_file *f = context;
    if (f->failed)
        return unusable(f, e);
    if (f->system->sync(f->system->context, f->fd) != 0)
        return failed(e, f->path, "the card file cannot be made durable");
    return 0;
}

/* A new file beside it, locked and durable. */
static int write_beside(const struct nvm_file *f, const char *other, struct bytes all)
{
    const struct nvm_system *s = f->system;
    int fd = s->open(s->context, other, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    if (s->lock(s->context, fd, other) == 0 && write_all(s, fd, all, 0) == 0 && s->sync(s->context, fd) == 0)
        return fd;
    int why = errno;
    s->close(s->context, fd);
    s->unlink(s->context, other);
    errno = why;
    return -1;
}

/* The new file takes the old one's name; it is locked already, so that nobody can come between. */
static int replace(void *context, struct bytes all, struct err *e)
{
    struct nvm_file *f = context;
    const struct nvm_system *s = f->system;
    char other[4096];
    if (f->failed || !beside(f, other))
        return unusable(f, e);
    int fd = write_beside(f, other, all);
    if (fd < 0)
        return failed(e, f->path, "the card file cannot be written anew");
    if (s->rename(s->context, other, f->path) != 0) {
        failed(e, f->path, "the card file cannot be written anew");
        s->close(s->context, fd);
        s->unlink(s->context, other);
        return -1;
    }
    drop(f);
    f->fd = fd;
    f->size = all.n;
    /* which of the two the folder names after a power cut is not known now: nothing more may be promised */
    f->failed = s->sync_folder(s->context, f->path) != 0;
    return f->failed ? failed(e, f->path, "the card file cannot be made durable") : 0;
}

struct nvm nvm_in_file(struct nvm_file *f)
{
    return (struct nvm){ load, append, truncate_to, barrier, replace, f };
}
