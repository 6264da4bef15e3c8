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
#include "base/frame.h"
#include "base/text.h"

struct admin {
    int fd;
    const char *path;
    const struct admin_command *commands;
    void *context;
    pthread_t threads[ADMIN_THREADS];
    size_t n_threads;
    pthread_mutex_t lock; /* of the following */
    bool closing;
    int n_busy, busy[ADMIN_THREADS]; /* connections of requests under way */
};

/* -------------------------------------------------------------------------------- answering */

static int no_memory(struct err *e)
{
    return err_set(e, ERR_MEMORY, NULL, "no memory for an answer");
}

static int flush(struct admin_session *s, struct err *e)
{
    size_t n = s->n_out;
    s->n_out = 0;
    s->out[0] = ADMIN_TEXT;
    return n ? frame_send(s->fd, bytes_make(s->out, 1 + n), e) : 0;
}

int admin_write(struct admin_session *s, struct bytes text, struct err *e)
{
    while (text.n) {
        struct bytes part = bytes_slice(text, 0, ADMIN_PIECE - s->n_out);
        memcpy(s->out + 1 + s->n_out, part.p, part.n);
        s->n_out += part.n;
        text = bytes_slice(text, part.n, text.n);
        if (s->n_out == ADMIN_PIECE && flush(s, e) != 0)
            return -1;
    }
    return 0;
}

int admin_print(struct admin_session *s, struct err *e, const char *format, ...)
{
    char usual[512], *text = usual;
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(usual, sizeof usual, format, args);
    if (n >= (int)sizeof usual && (text = arena_alloc(s->arena, (size_t)n + 1)) != NULL)
        vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    va_end(args);
    return n >= 0 && text ? admin_write(s, bytes_make(text, (size_t)n), e) : no_memory(e);
}

int admin_progress(struct admin_session *s, struct err *e, const char *format, ...)
{
    char frame[256] = { ADMIN_PROGRESS };
    enum { HEAD = 9 };
    for (int i = 0; i < 8; i++)
        frame[1 + i] = (char)(s->taken >> (56 - 8 * i));
    va_list args;
    va_start(args, format);
    vsnprintf(frame + HEAD, sizeof frame - HEAD, format, args);
    va_end(args);
    return flush(s, e) != 0 ? -1 : frame_send(s->fd, bytes_make(frame, HEAD + strlen(frame + HEAD)), e);
}

int admin_read(struct admin_session *s, struct arena *a, struct bytes *piece, struct err *e)
{
    int got = frame_receive(s->fd, a, piece, e);
    if (got == 1)
        return err_set(e, ERR_IO, NULL, "the data ended before its end was told");
    s->taken += got == 0 ? piece->n : 0;
    return got == 0 && piece->n == 0 ? 1 : got;
}

/* Code, clause, place and sentence of an error, so that the other side can say the same. */
static void tell_failure(struct admin_session *s, const struct err *e)
{
    struct buf b = buf_in(s->arena);
    buf_u8(&b, ADMIN_FAILED);
    buf_u32(&b, (uint32_t)e->code);
    buf_text(&b, e->clause ? e->clause : "");
    buf_u8(&b, 0);
    buf_text(&b, e->where);
    buf_u8(&b, 0);
    buf_text(&b, e->what);
    if (flush(s, NULL) == 0)
        frame_send(s->fd, buf_bytes(&b), NULL);
}

/* ------------------------------------------------------------------------------- requests */

const char *admin_option(const struct admin_session *s, const char *name)
{
    size_t n = strlen(name);
    for (int i = 0; i < s->n_options; i++)
        if (strncmp(s->options[i], name, n) == 0 && s->options[i][n] == '=')
            return s->options[i] + n + 1;
    return NULL;
}

/* The first text of those in the frame, moved on; NULL at its end. */
static const char *next_text(struct admin_session *s, struct bytes *left)
{
    const uint8_t *end = memchr(left->p, 0, left->n);
    if (!end)
        return NULL;
    struct bytes text = bytes_slice(*left, 0, (size_t)(end - left->p));
    *left = bytes_slice(*left, text.n + 1, left->n);
    return arena_text(s->arena, text);
}

static int request_split(struct admin_session *s, struct bytes frame, struct err *e)
{
    struct bytes left = bytes_slice(frame, 1, frame.n);
    int n = frame.n ? frame.p[0] : 0;
    const char *text;
    if (n < 1 || n > ADMIN_WORDS_MAX)
        return err_set(e, ERR_USAGE, NULL, "a request has 1 to %d words", ADMIN_WORDS_MAX);
    while (s->n < n && (text = next_text(s, &left)) != NULL)
        s->words[s->n++] = text;
    while (s->n == n && s->n_options < ADMIN_OPTIONS_MAX && (text = next_text(s, &left)) != NULL)
        s->options[s->n_options++] = text;
    return s->n == n && !left.n ? 0 : err_set(e, ERR_SYNTAX, NULL, "not a request");
}

static int options_check(const struct admin_command *c, const struct admin_session *s, struct err *e)
{
    for (int i = 0; i < s->n_options; i++) {
        size_t n = strcspn(s->options[i], "=");
        if (!s->options[i][n] || !text_is_among(c->options, bytes_make(s->options[i], n)))
            return err_set(e, ERR_USAGE, NULL, "--%.*s is no option of %s", (int)n, s->options[i], c->name);
    }
    return 0;
}

static int run(struct admin *admin, struct admin_session *s, struct err *e)
{
    struct bytes frame;
    if (frame_receive(s->fd, s->arena, &frame, e) != 0)
        return err_set(e, ERR_IO, NULL, "no request came");
    if (request_split(s, frame, e) != 0)
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
    return options_check(c, s, e) != 0 ? -1 : c->run(admin->context, s, e);
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
    if (run(admin, &s, &e) != 0)
        tell_failure(&s, &e);
    else if (flush(&s, NULL) == 0)
        frame_send(fd, bytes_make((const uint8_t[]){ ADMIN_DONE }, 1), NULL);
    arena_free(s.arena);
}

/* -------------------------------------------------------------------------------- serving */

/* False: the server ends. */
static bool busy_add(struct admin *admin, int fd)
{
    pthread_mutex_lock(&admin->lock);
    bool goes_on = !admin->closing;
    if (goes_on)
        admin->busy[admin->n_busy++] = fd;
    pthread_mutex_unlock(&admin->lock);
    return goes_on;
}

static void busy_remove(struct admin *admin, int fd)
{
    pthread_mutex_lock(&admin->lock);
    for (int i = 0; i < admin->n_busy; i++)
        if (admin->busy[i] == fd)
            admin->busy[i] = admin->busy[--admin->n_busy];
    pthread_mutex_unlock(&admin->lock);
}

static void *serve(void *context)
{
    struct admin *admin = context;
    for (;;) {
        int fd = accept4(admin->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0 && errno != EINTR && errno != ECONNABORTED)
            return NULL; /* shut down */
        if (fd < 0)
            continue;
        if (busy_add(admin, fd)) {
            serve_one(admin, fd);
            busy_remove(admin, fd);
        }
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
    pthread_mutex_init(&admin->lock, NULL);
    while (admin->n_threads < ADMIN_THREADS &&
           pthread_create(&admin->threads[admin->n_threads], NULL, serve, admin) == 0)
        admin->n_threads++;
    *out = admin;
    if (admin->n_threads)
        return 0;
    admin_close(admin);
    return err_set(e, ERR_MEMORY, NULL, "no thread for administration");
}

static void hang_up(struct admin *admin)
{
    pthread_mutex_lock(&admin->lock);
    admin->closing = true;
    for (int i = 0; i < admin->n_busy; i++)
        shutdown(admin->busy[i], SHUT_RDWR);
    pthread_mutex_unlock(&admin->lock);
}

void admin_close(struct admin *admin)
{
    if (!admin)
        return;
    shutdown(admin->fd, SHUT_RDWR);
    hang_up(admin);
    for (size_t i = 0; i < admin->n_threads; i++)
        pthread_join(admin->threads[i], NULL);
    close(admin->fd);
    unlink(admin->path);
    pthread_mutex_destroy(&admin->lock);
    free(admin);
}
