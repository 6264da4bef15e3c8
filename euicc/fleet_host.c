/* SPDX-License-Identifier: Apache-2.0
 *
 * One process, one thread, many cards.  What a card that nobody uses costs is its name and, with a folder of sockets,
 * a socket that listens. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/frame.h"
#include "base/stop.h"
#include "crypto/crypto.h"
#include "euicc/card.h"
#include "euicc/fleet.h"

enum { NO_CARD = -1, FRAME_MAX = 65535, EVENTS = 64, SPARE_FILES = 64 };

struct hosted {
    char *name; /* without ".card" */
    int listener, clients;
    struct powered {
        struct nvm_file file;
        struct euicc *card;
    } *powered; /* NULL: off */
};

struct client {
    int fd, card;
    size_t have, want; /* octets of the frame with its length; want 0: its length is not known yet */
    uint8_t head[2], *frame;
};

struct host {
    const struct host_plan *plan;
    struct hosted *cards;
    size_t n;
    struct client **clients; /* by file descriptor */
    size_t n_clients;
    int poll, listener;
};

static int no_memory(struct err *e)
{
    return err_set(e, ERR_MEMORY, NULL, "no memory for so many cards");
}

static int system_failed(struct err *e, const char *what)
{
    return err_set(e, ERR_IO, NULL, "%s: %s", what, strerror(errno));
}

/* ------------------------------------------------------------------------------ the cards */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct hosted *)a)->name, ((const struct hosted *)b)->name);
}

static int card_add(struct host *h, const char *file, struct err *e)
{
    size_t n = strlen(file);
    if (n <= 5 || strcmp(file + n - 5, ".card") != 0)
        return 0;
    if ((h->n & (h->n - 1)) == 0) {
        struct hosted *more = realloc(h->cards, (h->n ? 2 * h->n : 1) * sizeof *more);
        if (!more)
            return no_memory(e);
        h->cards = more;
    }
    h->cards[h->n] = (struct hosted){ .name = strndup(file, n - 5), .listener = -1 };
    return h->cards[h->n].name ? (h->n++, 0) : no_memory(e);
}

static int cards_find(struct host *h, struct err *e)
{
    DIR *d = opendir(h->plan->folder);
    int failed = 0;
    if (!d) {
        system_failed(e, "the folder cannot be read");
        return err_at(e, "%s", h->plan->folder);
    }
    for (struct dirent *f; !failed && (f = readdir(d));)
        failed = card_add(h, f->d_name, e);
    closedir(d);
    if (!failed && h->n == 0) {
        err_set(e, ERR_NOT_FOUND, NULL, "no card is there; next: rsp-euicc make");
        return err_at(e, "%s", h->plan->folder);
    }
    qsort(h->cards, h->n, sizeof *h->cards, by_name);
    return failed;
}

static int random_octets(void *context, uint8_t *out, size_t n)
{
    (void)context;
    return crypto_random(out, n, NULL);
}

static int power_up(struct host *h, struct hosted *x, struct err *e)
{
    char path[4096];
    struct powered *p = calloc(1, sizeof *p);
    if (!p || snprintf(path, sizeof path, "%s/%s.card", h->plan->folder, x->name) >= (int)sizeof path) {
        free(p);
        return no_memory(e);
    }
    if (nvm_file_open(&p->file, NULL, path, false, e) != 0) {
        free(p);
        return -1;
    }
    const struct euicc_env env = { .nvm = nvm_in_file(&p->file), .random = random_octets };
    if (euicc_open(&env, &p->card, e) != 0) {
        nvm_file_close(&p->file);
        free(p);
        return err_at(e, "%s", path);
    }
    x->powered = p;
    return 0;
}

static void power_down(struct hosted *x)
{
    if (!x->powered)
        return;
    euicc_close(x->powered->card);
    nvm_file_close(&x->powered->file);
    free(x->powered);
    x->powered = NULL;
}

/* ---------------------------------------------------------------------------- the clients */

static int watch(struct host *h, int fd, uint64_t what, struct err *e)
{
    struct epoll_event event = { .events = EPOLLIN, .data.u64 = what };
    return epoll_ctl(h->poll, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : system_failed(e, "a socket cannot be watched");
}

static void client_end(struct host *h, struct client *c)
{
    struct hosted *x = c->card == NO_CARD ? NULL : &h->cards[c->card];
    h->clients[c->fd] = NULL;
    close(c->fd);
    free(c->frame);
    free(c);
    if (x && --x->clients == 0)
        power_down(x);
}

/* A client of a card; its power comes with the first one. */
static int assign(struct host *h, struct client *c, int card)
{
    struct hosted *x = &h->cards[card];
    struct err e;
    char text[640];
    if (!x->powered && power_up(h, x, &e) != 0) {
        fprintf(stderr, "rsp-euicc: %s\n", err_text(&e, text, sizeof text));
        return -1;
    }
    c->card = card;
    x->clients++;
    return 0;
}

static int client_slot(struct host *h, int fd)
{
    if ((size_t)fd < h->n_clients)
        return 0;
    size_t n = (size_t)fd + 64;
    struct client **more = realloc(h->clients, n * sizeof *more);
    if (!more)
        return -1;
    memset(more + h->n_clients, 0, (n - h->n_clients) * sizeof *more);
    h->clients = more;
    h->n_clients = n;
    return 0;
}

static void client_accept(struct host *h, int listener, int card)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct client *c = fd >= 0 && client_slot(h, fd) == 0 ? calloc(1, sizeof *c) : NULL;
    if (!c) {
        if (fd >= 0)
            close(fd);
        return;
    }
    *c = (struct client){ .fd = fd, .card = NO_CARD };
    h->clients[fd] = c;
    if (watch(h, fd, h->n + 1 + (uint64_t)fd, NULL) != 0 || (card != NO_CARD && assign(h, c, card) != 0))
        client_end(h, c);
}

static struct bytes choose(struct host *h, struct client *c, struct bytes name)
{
    char text[256] = "";
    if (name.n < sizeof text && name.n)
        memcpy(text, name.p, name.n);
    const struct hosted key = { .name = text }, *x = bsearch(&key, h->cards, h->n, sizeof *h->cards, by_name);
    return x && assign(h, c, (int)(x - h->cards)) == 0 ? BYTES_LIT("\x90\x00") : BYTES_LIT("\x6A\x82");
}

/* A whole frame: the card's name, or an APDU. */
static int answer(struct host *h, struct client *c)
{
    struct arena *a = arena_new(1 << 20);
    struct bytes frame = bytes_make(c->frame ? c->frame : c->head, c->want - 2), response = BYTES_NONE;
    if (!a)
        return -1;
    if (c->card == NO_CARD)
        response = choose(h, c, frame);
    else
        euicc_apdu(h->cards[c->card].powered->card, a, frame, &response);
    int sent = frame_send(c->fd, response, NULL);
    arena_free(a);
    return sent;
}

/* Octets of the frame as they come; memory for it only while it is on its way. */
static int client_read(struct host *h, struct client *c)
{
    uint8_t *to = c->have < 2 ? c->head + c->have : c->frame + c->have - 2;
    size_t most = c->have < 2 ? 2 - c->have : c->want - c->have;
    ssize_t n = most ? recv(c->fd, to, most, 0) : 0;
    if (most && n <= 0)
        return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
    c->have += (size_t)n;
    if (c->have == 2 && !c->want) {
        c->want = 2 + ((size_t)c->head[0] << 8 | c->head[1]);
        c->frame = malloc(c->want - 2 + 1);
        if (!c->frame)
            return -1;
    }
    if (!c->want || c->have < c->want)
        return 0;
    int result = answer(h, c);
    free(c->frame);
    c->frame = NULL;
    c->have = c->want = 0;
    return result;
}

/* --------------------------------------------------------------------------------- the host */

static int many_files(size_t n, struct err *e)
{
    struct rlimit l;
    if (getrlimit(RLIMIT_NOFILE, &l) != 0 || l.rlim_cur >= n)
        return 0;
    l.rlim_cur = l.rlim_max < n ? l.rlim_max : n;
    if (l.rlim_max < n)
        return err_set(e, ERR_LIMIT, NULL,
                       "%zu open files are needed, %llu are allowed; next: raise ulimit -n, or use --socket", n,
                       (unsigned long long)l.rlim_max);
    return setrlimit(RLIMIT_NOFILE, &l) == 0 ? 0 : system_failed(e, "more files cannot be opened");
}

static int listen_all(struct host *h, struct err *e)
{
    char path[4096];
    if (h->plan->socket && (frame_listen(h->plan->socket, &h->listener, e) != 0 || watch(h, h->listener, h->n, e) != 0))
        return -1;
    if (!h->plan->socket_dir)
        return 0;
    if (many_files(h->n + SPARE_FILES, e) != 0)
        return -1;
    for (size_t i = 0; i < h->n; i++) {
        snprintf(path, sizeof path, "%s/%s.sock", h->plan->socket_dir, h->cards[i].name);
        if (frame_listen(path, &h->cards[i].listener, e) != 0 || watch(h, h->cards[i].listener, i, e) != 0)
            return -1;
    }
    return 0;
}

static void serve(struct host *h, const sigset_t *waiting)
{
    struct epoll_event events[EVENTS];
    while (!stop_asked()) {
        int n = epoll_pwait(h->poll, events, EVENTS, -1, waiting);
        for (int i = 0; i < n; i++) {
            uint64_t what = events[i].data.u64;
            if (what < h->n)
                client_accept(h, h->cards[what].listener, (int)what);
            else if (what == h->n)
                client_accept(h, h->listener, NO_CARD);
            else if (h->clients[what - h->n - 1] && client_read(h, h->clients[what - h->n - 1]) != 0)
                client_end(h, h->clients[what - h->n - 1]);
        }
    }
}

static void host_end(struct host *h)
{
    char path[4096];
    for (size_t i = 0; i < h->n_clients; i++)
        if (h->clients[i])
            client_end(h, h->clients[i]);
    for (size_t i = 0; i < h->n; i++) {
        if (h->cards[i].listener >= 0) {
            close(h->cards[i].listener);
            snprintf(path, sizeof path, "%s/%s.sock", h->plan->socket_dir, h->cards[i].name);
            unlink(path);
        }
        free(h->cards[i].name);
    }
    if (h->listener >= 0) {
        close(h->listener);
        unlink(h->plan->socket);
    }
    if (h->poll >= 0)
        close(h->poll);
    free(h->clients);
    free(h->cards);
}

int fleet_host(const struct host_plan *plan, struct err *e)
{
    struct host h = { .plan = plan, .poll = epoll_create1(EPOLL_CLOEXEC), .listener = -1 };
    int failed = 0;
    if (!plan->socket && !plan->socket_dir)
        failed = err_set(e, ERR_USAGE, NULL, "--socket-dir DIR or --socket PATH is needed");
    else if (h.poll < 0)
        failed = system_failed(e, "the sockets cannot be watched");
    if (!failed)
        failed = cards_find(&h, e) != 0 || listen_all(&h, e) != 0 ? -1 : 0;
    if (!failed) {
        sigset_t waiting;
        stop_begin(&waiting);
        printf("ready cards=%zu\n", h.n);
        fflush(stdout);
        serve(&h, &waiting);
        stop_end(&waiting);
    }
    host_end(&h);
    return failed;
}
