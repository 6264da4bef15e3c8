/* SPDX-License-Identifier: Apache-2.0 */
#include "server/admin.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/frame.h"

/* First octet of a frame of the answer. */
enum { TEXT = 'T', DONE = 'D', FAILED = 'F' };
enum { PIECE = 32768 };

struct admin {
    int fd;
    const char *path;
    const struct admin_command *commands;
    void *context;
    pthread_t threads[ADMIN_THREADS];
    size_t n_threads;
};

/* -------------------------------------------------------------------------------- answering */

static int answer(int fd, struct arena *a, uint8_t what, struct bytes text, struct err *e)
{
    struct buf frame = buf_in(a);
    buf_u8(&frame, what);
    buf_add(&frame, text);
    struct bytes b = buf_bytes(&frame);
    return b.p ? frame_send(fd, b, e) : err_set(e, ERR_MEMORY, NULL, "no memory for an answer");
}

int admin_print(struct admin_session *s, struct err *e, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    struct arena *a = arena_new(4096);
    int result =
        a ? answer(s->fd, a, TEXT, bytes_text(text), e) : err_set(e, ERR_MEMORY, NULL, "no memory for an answer");
    arena_free(a);
    return result;
}

int admin_read(struct admin_session *s, struct arena *a, struct bytes *piece, struct err *e)
{
    int got = frame_receive(s->fd, a, piece, e);
    if (got == 1)
        return err_set(e, ERR_IO, NULL, "the data ended before its end was told");
    return got == 0 && piece->n == 0 ? 1 : got;
}

/* Code, clause, place and sentence of an error, so that the other side can say the same. */
static void tell_failure(int fd, struct arena *a, const struct err *e)
{
    struct buf b = buf_in(a);
    buf_u32(&b, (uint32_t)e->code);
    buf_text(&b, e->clause ? e->clause : "");
    buf_u8(&b, 0);
    buf_text(&b, e->where);
    buf_u8(&b, 0);
    buf_text(&b, e->what);
    answer(fd, a, FAILED, buf_bytes(&b), NULL);
}

static int split(struct admin_session *s, struct bytes words, struct err *e)
{
    size_t at = 0;
    for (size_t i = 0; i < words.n; i++)
        if (words.p[i] == 0) {
            if (s->n == ADMIN_WORDS_MAX)
                return err_set(e, ERR_USAGE, NULL, "more than %d words", ADMIN_WORDS_MAX);
            s->words[s->n] = arena_text(s->arena, bytes_slice(words, at, i - at));
            if (!s->words[s->n++])
                return err_set(e, ERR_MEMORY, NULL, "no memory for a request");
            at = i + 1;
        }
    return s->n && at == words.n ? 0 : err_set(e, ERR_SYNTAX, NULL, "not a request");
}

static int run(struct admin *admin, struct admin_session *s, struct err *e)
{
    struct bytes words;
    if (frame_receive(s->fd, s->arena, &words, e) != 0)
        return err_set(e, ERR_IO, NULL, "no request came");
    if (split(s, words, e) != 0)
        return -1;
    const struct admin_command *c = admin->commands;
    while (c->name && strcmp(c->name, s->words[0]) != 0)
        c++;
    if (!c->name)
        return err_set(e, ERR_USAGE, NULL, "there is no command \"%s\"", s->words[0]);
    if (s->n - 1 < c->min || s->n - 1 > c->max)
        return err_set(e, ERR_USAGE, NULL, "%s takes %s", c->name, *c->usage ? c->usage : "no words");
    s->n--;
    memmove(s->words, s->words + 1, (size_t)s->n * sizeof *s->words);
    return c->run(admin->context, s, e);
}

static void serve_one(struct admin *admin, int fd)
{
    const struct timeval patience = { .tv_sec = ADMIN_PATIENCE };
    struct admin_session s = { .fd = fd, .arena = arena_new(ADMIN_MEMORY) };
    struct err e = { 0 };
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (!s.arena)
        return;
    if (run(admin, &s, &e) == 0)
        answer(fd, s.arena, DONE, BYTES_LIT(""), NULL);
    else
        tell_failure(fd, s.arena, &e);
    arena_free(s.arena);
}

static void *serve(void *context)
{
    struct admin *admin = context;
    for (;;) {
        int fd = accept(admin->fd, NULL, NULL);
        if (fd < 0 && errno != EINTR && errno != ECONNABORTED)
            return NULL; /* shut down */
        if (fd < 0)
            continue;
        serve_one(admin, fd);
        close(fd);
    }
}

int admin_open(const char *path, const struct admin_command *commands, void *context, struct admin **out, struct err *e)
{
    struct admin *admin = calloc(1, sizeof *admin);
    if (!admin)
        return err_set(e, ERR_MEMORY, NULL, "no memory for administration");
    *admin = (struct admin){ .path = path, .commands = commands, .context = context };
    if (frame_listen(path, &admin->fd, e) != 0) {
        free(admin);
        return -1;
    }
    while (admin->n_threads < ADMIN_THREADS &&
           pthread_create(&admin->threads[admin->n_threads], NULL, serve, admin) == 0)
        admin->n_threads++;
    *out = admin;
    if (admin->n_threads)
        return 0;
    admin_close(admin);
    return err_set(e, ERR_MEMORY, NULL, "no thread for administration");
}

void admin_close(struct admin *admin)
{
    if (!admin)
        return;
    shutdown(admin->fd, SHUT_RDWR);
    for (size_t i = 0; i < admin->n_threads; i++)
        pthread_join(admin->threads[i], NULL);
    close(admin->fd);
    unlink(admin->path);
    free(admin);
}

/* ----------------------------------------------------------------------------------- asking */

static int send_words(int fd, struct arena *a, int n, char *const words[], struct err *e)
{
    struct buf b = buf_in(a);
    for (int i = 0; i < n; i++) {
        buf_text(&b, words[i]);
        buf_u8(&b, 0);
    }
    struct bytes frame = buf_bytes(&b);
    return frame.p ? frame_send(fd, frame, e) : err_set(e, ERR_MEMORY, NULL, "no memory for a request");
}

/* A server that refuses does not take all of the data: what is sent in vain is no error here. */
static void send_octets(int fd, struct bytes data)
{
    int result = 0;
    for (; result == 0 && data.n; data = bytes_slice(data, PIECE, data.n))
        result = frame_send(fd, bytes_slice(data, 0, PIECE), NULL);
    if (result == 0)
        frame_send(fd, BYTES_LIT(""), NULL);
}

static int send_file(int fd, const char *path, struct err *e)
{
    uint8_t piece[PIECE];
    size_t n;
    int result = 0;
    FILE *f = fopen(path, "rb");
    if (!f) {
        err_set(e, ERR_USAGE, NULL, "cannot be read: %s", strerror(errno));
        return err_at(e, "%s", path);
    }
    while (result == 0 && (n = fread(piece, 1, sizeof piece, f)) > 0)
        result = frame_send(fd, bytes_make(piece, n), NULL);
    int bad = ferror(f) ? err_set(e, ERR_USAGE, NULL, "%s cannot be read", path) : 0;
    fclose(f);
    bytes_wipe(piece, sizeof piece);
    if (!bad && result == 0)
        frame_send(fd, BYTES_LIT(""), NULL);
    return bad;
}

static const char *text_until_nul(struct arena *a, struct cursor *c)
{
    const uint8_t *end = memchr(c->p, 0, cursor_left(c));
    struct bytes text = cursor_take(c, end ? (size_t)(end - c->p) : cursor_left(c));
    if (end)
        cursor_u8(c);
    return arena_text(a, text);
}

static int told(struct arena *a, struct bytes b, struct err *e)
{
    struct cursor c = cursor_over(b);
    int code = (int)cursor_u32(&c);
    const char *clause = text_until_nul(a, &c), *where = text_until_nul(a, &c), *what = text_until_nul(a, &c);
    if (c.failed || !clause || !where || !what)
        return err_set(e, ERR_PEER, NULL, "the server's answer cannot be read");
    err_set(e, code, *clause ? clause : NULL, "%s", what);
    return *where ? err_at(e, "%s", where) : -1;
}

/* 1: text that was printed, and more is to come */
static int receive_one(int fd, struct arena *a, struct arena *pieces, struct err *e)
{
    struct bytes frame;
    if (frame_receive(fd, pieces, &frame, e) != 0 || frame.n == 0)
        return err_set(e, ERR_PEER, NULL, "the server went away before it answered");
    struct bytes rest = bytes_slice(frame, 1, frame.n);
    if (frame.p[0] == DONE)
        return 0;
    if (frame.p[0] == FAILED)
        return told(a, rest, e);
    fwrite(rest.p, 1, rest.n, stdout);
    fflush(stdout);
    return 1;
}

static int receive(int fd, struct arena *a, struct err *e)
{
    struct arena *pieces = arena_new(1 << 20);
    int result = pieces ? 1 : err_set(e, ERR_MEMORY, NULL, "no memory for an answer");
    while (result == 1) {
        result = receive_one(fd, a, pieces, e);
        arena_reset(pieces);
    }
    arena_free(pieces);
    return result;
}

/* Sends what `data` or `file` hold behind the words. */
static int call(struct arena *a, const char *path, int n, char *const words[], struct bytes data, const char *file,
                struct err *e)
{
    int fd;
    if (frame_connect(path, &fd, e) != 0)
        return -1;
    int result = send_words(fd, a, n, words, e);
    if (result == 0 && bytes_present(data))
        send_octets(fd, data);
    if (result == 0 && file)
        result = send_file(fd, file, e);
    if (result == 0)
        result = receive(fd, a, e);
    close(fd);
    return result;
}

int admin_call(struct arena *a, const char *path, int n, char *const words[], struct bytes data, struct err *e)
{
    return call(a, path, n, words, data, NULL, e);
}

int admin_send_file(struct arena *a, const char *path, int n, char *const words[], const char *file, struct err *e)
{
    return call(a, path, n, words, BYTES_NONE, file, e);
}
