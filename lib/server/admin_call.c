/* SPDX-License-Identifier: Apache-2.0
 *
 * Administration, the side of the shell. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/frame.h"
#include "server/admin.h"

struct call {
    int fd;
    struct arena *arena, *pieces;
    bool terminal;  /* progress is shown */
    bool shown;     /* there is some on the line */
    uint64_t total; /* octets of the file, 0: not known */
    struct err *e;
};

void admin_add_word(struct admin_request *r, const char *word)
{
    if (r->n < ADMIN_WORDS_MAX)
        r->words[r->n] = word;
    r->n++;
}

void admin_add_option(struct admin_request *r, struct arena *a, const char *name, const char *value)
{
    if (!value)
        return;
    if (r->n_options < ADMIN_OPTIONS_MAX)
        r->options[r->n_options] = arena_printf(a, "%s=%s", name, value);
    r->n_options++;
}

/* -------------------------------------------------------------------------------- answers */

static const char *text_until_nul(struct arena *a, struct cursor *c)
{
    const uint8_t *end = memchr(c->p, 0, cursor_left(c));
    struct bytes text = cursor_take(c, end ? (size_t)(end - c->p) : cursor_left(c));
    if (end)
        cursor_u8(c);
    return arena_text(a, text);
}

static int told(struct call *call, struct bytes b)
{
    struct arena *a = call->arena;
    struct cursor c = cursor_over(b);
    int code = (int)cursor_u32(&c);
    const char *clause = text_until_nul(a, &c), *where = text_until_nul(a, &c), *what = text_until_nul(a, &c);
    if (c.failed || !clause || !where || !what)
        return err_set(call->e, ERR_PEER, NULL, "the server's answer cannot be read");
    err_set(call->e, code, *clause ? clause : NULL, "%s", what);
    return *where ? err_at(call->e, "%s", where) : -1;
}

static void progress_end(struct call *call)
{
    if (call->shown)
        fputs("\r\033[K", stderr);
    call->shown = false;
}

static void progress_show(struct call *call, struct bytes b)
{
    struct cursor c = cursor_over(b);
    uint64_t taken = (uint64_t)cursor_u32(&c) << 32;
    taken |= cursor_u32(&c);
    const char *text = text_until_nul(call->pieces, &c);
    if (!call->terminal || c.failed || !text)
        return;
    progress_end(call);
    call->shown = true;
    if (call->total)
        fprintf(stderr, "%3u %%  ", (unsigned)(taken * 100 / call->total));
    fprintf(stderr, "%s ..", text);
    fflush(stderr);
}

/* 1: more is to come */
static int take_frame(struct call *call, struct bytes frame)
{
    struct bytes rest = bytes_slice(frame, 1, frame.n);
    if (frame.p[0] == ADMIN_PROGRESS) {
        progress_show(call, rest);
        return 1;
    }
    progress_end(call);
    if (frame.p[0] == ADMIN_DONE)
        return 0;
    if (frame.p[0] == ADMIN_FAILED)
        return told(call, rest);
    bool bad = fwrite(rest.p, 1, rest.n, stdout) != rest.n || fflush(stdout) != 0;
    return bad ? err_set(call->e, ERR_IO, NULL, "standard output cannot be written: %s", strerror(errno)) : 1;
}

static int receive_one(struct call *call)
{
    struct bytes frame;
    arena_reset(call->pieces);
    if (frame_receive(call->fd, call->pieces, &frame, call->e) == 0 && frame.n)
        return take_frame(call, frame);
    progress_end(call);
    return err_set(call->e, ERR_PEER, NULL,
                   "the server went away before it answered; next: start it again, look what it has done, and give the "
                   "command again");
}

/* Answers that are there already: a server that refuses does not take all of the data. */
static int receive_now(struct call *call)
{
    struct pollfd p = { .fd = call->fd, .events = POLLIN };
    int more = 1;
    while (more == 1 && poll(&p, 1, 0) > 0)
        more = receive_one(call);
    return more;
}

/* -------------------------------------------------------------------------------- requests */

static int too_many(struct err *e)
{
    return err_set(e, ERR_USAGE, NULL, "more than %d words or %d options", ADMIN_WORDS_MAX, ADMIN_OPTIONS_MAX);
}

static int send_words(struct call *call, const struct admin_request *r)
{
    struct buf b = buf_in(call->arena);
    if (r->n > ADMIN_WORDS_MAX || r->n_options > ADMIN_OPTIONS_MAX)
        return too_many(call->e);
    buf_u8(&b, (unsigned)r->n);
    for (int i = 0; i < r->n + r->n_options; i++) {
        buf_text(&b, i < r->n ? r->words[i] : r->options[i - r->n]);
        buf_u8(&b, 0);
    }
    struct bytes frame = buf_bytes(&b);
    return frame.p ? frame_send(call->fd, frame, call->e)
                   : err_set(call->e, ERR_MEMORY, NULL, "no memory for a request");
}

/* 1: go on; otherwise the server has answered, or gone: what it said is still to be read. */
static int send_piece(struct call *call, struct bytes piece)
{
    int more = receive_now(call);
    if (more == 1 && frame_send(call->fd, piece, NULL) != 0)
        while (more == 1)
            more = receive_one(call);
    return more;
}

static int send_octets(struct call *call, struct bytes data)
{
    int more = 1;
    for (; more == 1 && data.n; data = bytes_slice(data, ADMIN_PIECE, data.n))
        more = send_piece(call, bytes_slice(data, 0, ADMIN_PIECE));
    return more == 1 ? send_piece(call, BYTES_LIT("")) : more;
}

static int send_file(struct call *call, FILE *f, const char *path)
{
    uint8_t piece[ADMIN_PIECE];
    int more = 1;
    size_t n;
    while (more == 1 && (n = fread(piece, 1, sizeof piece, f)) > 0)
        more = send_piece(call, bytes_make(piece, n));
    bytes_wipe(piece, sizeof piece);
    if (more != 1 || !ferror(f))
        return more == 1 ? send_piece(call, BYTES_LIT("")) : more;
    err_set(call->e, ERR_IO, NULL, "it cannot be read: %s", strerror(errno));
    return err_at(call->e, "%s", path);
}

static int send_data(struct call *call, const struct admin_request *r, FILE *f)
{
    return f ? send_file(call, f, r->file) : bytes_present(r->data) ? send_octets(call, r->data) : 1;
}

static int open_file(struct call *call, const char *path, FILE **f)
{
    struct stat s;
    *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
    if (!*f) {
        err_set(call->e, ERR_USAGE, NULL, "it cannot be opened: %s", strerror(errno));
        return err_at(call->e, "%s", path);
    }
    if (fstat(fileno(*f), &s) == 0 && S_ISREG(s.st_mode))
        call->total = (uint64_t)s.st_size;
    return 0;
}

static int reach(struct call *call, const char *path)
{
    if (frame_connect(path, &call->fd, call->e) == 0)
        return 0;
    int why = errno;
    if (call->e->code == ERR_IO)
        err_set(call->e, ERR_IO, NULL, "no server answers there (%s); next: start it, or name its data folder",
                strerror(why));
    return err_at(call->e, "%s", path);
}

int admin_call(struct arena *a, const char *path, const struct admin_request *r, struct err *e)
{
    struct call call = { .fd = -1, .arena = a, .terminal = r->progress && isatty(STDERR_FILENO), .e = e };
    FILE *f = NULL;
    call.pieces = arena_new(1 << 20);
    int result = call.pieces ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for an answer");
    if (result == 0 && r->file)
        result = open_file(&call, r->file, &f);
    if (result == 0)
        result = reach(&call, path);
    if (result == 0)
        result = send_words(&call, r);
    if (result == 0)
        result = send_data(&call, r, f);
    while (result == 1)
        result = receive_one(&call);
    if (call.fd >= 0)
        close(call.fd);
    if (f && f != stdin)
        fclose(f);
    arena_free(call.pieces);
    return result;
}
