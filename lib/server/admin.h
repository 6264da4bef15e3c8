/* Administration over a local socket: the running server does what its operator's shell asks, so that nobody else
 * opens its database.  One request a connection: words, then data in pieces; the answer is text in
 * pieces, printed as it comes, and an outcome.
 */
#ifndef RSPKIT_SERVER_ADMIN_H
#define RSPKIT_SERVER_ADMIN_H

#include "base/arena.h"
#include "base/err.h"

enum {
    ADMIN_WORDS_MAX = 32,
    ADMIN_MEMORY = 64 << 20,
    ADMIN_THREADS = 4, /* so that a long import keeps nobody from looking */
    ADMIN_PATIENCE = 60 /* seconds without a frame */
};

struct admin_session;

struct admin_command {
    const char *name;
    const char *usage; /* of its words: "ICCID" */
    int min, max;      /* number of words behind the name */
    int (*run)(void *context, struct admin_session *, struct err *);
};

/* What a command may do: `words` behind the name; the arena lives as long as the request. */
struct admin_session {
    int fd;
    struct arena *arena;
    const char *words[ADMIN_WORDS_MAX];
    int n;
};
int admin_print(struct admin_session *, struct err *, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The next piece of data; 1 at its end. */
int admin_read(struct admin_session *, struct arena *, struct bytes *, struct err *);

struct admin;

/* Listens at a path (mode 0600) and serves ADMIN_THREADS requests at once.  `commands` ends with a row without name. */
int admin_open(const char *path, const struct admin_command *commands, void *context, struct admin **, struct err *);
void admin_close(struct admin *);

/* The other side: sends words and data (absent: none), writes the answer to standard output.  ERR_IO if nobody listens;
 * otherwise the error that the server told. */
int admin_call(struct arena *, const char *path, int n, char *const words[], struct bytes data, struct err *);
/* The same with a file's octets as data, however long it is. */
int admin_send_file(struct arena *, const char *path, int n, char *const words[], const char *file, struct err *);

#endif
