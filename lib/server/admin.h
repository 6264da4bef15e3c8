/* Administration over a local socket: the running server does what its operator's shell asks, so that nobody else
 * opens its database.  One request a connection: words and options, then data in pieces; the answer is text in
 * pieces, printed as it comes, and an outcome.
 */
#ifndef RSPKIT_SERVER_ADMIN_H
#define RSPKIT_SERVER_ADMIN_H

#include "base/arena.h"
#include "base/err.h"

enum {
    ADMIN_WORDS_MAX = 8,
    ADMIN_OPTIONS_MAX = 24,
    ADMIN_MEMORY = 64 << 20,
    ADMIN_THREADS = 4, /* so that a long import keeps nobody from looking */
    ADMIN_PATIENCE = 60, /* seconds without a frame */
    ADMIN_PIECE = 32768 /* octets that travel at once */
};

/* ------------------------------------------------------------------------------- the server */

struct admin_session;

/* The last row has no name. */
struct admin_command {
    const char *name;
    const char *usage; /* of its words: "an ICCID" */
    int min, max;      /* number of words behind the name */
    const char *options; /* names of those that it has, blanks between them; others are refused */
    int (*run)(void *context, struct admin_session *, struct err *);
};

/* What a command may do: `words` behind the name; the arena lives as long as the request. */
struct admin_session {
    int fd;
    struct arena *arena;
    const char *words[ADMIN_WORDS_MAX], *options[ADMIN_OPTIONS_MAX];
    int n, n_options;
    uint64_t taken; /* octets of data read */
    size_t n_out;   /* of the answer that is not sent yet, behind the first octet of `out` */
    uint8_t out[1 + ADMIN_PIECE];
};

/* The value of an option, or NULL.  A flag that was given has the value "". */
const char *admin_option(const struct admin_session *, const char *name);
int admin_write(struct admin_session *, struct bytes text, struct err *);
int admin_print(struct admin_session *, struct err *, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* What a person who waits is shown at once, and others never: "3000 profiles added". */
int admin_progress(struct admin_session *, struct err *, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The next piece of data; 1 at its end. */
int admin_read(struct admin_session *, struct arena *, struct bytes *, struct err *);

struct admin;

/* Listens at a path (mode 0600) and serves ADMIN_THREADS requests at once. */
int admin_open(const char *path, const struct admin_command *commands, void *context, struct admin **, struct err *);
/* Requests under way lose their connections; what they have committed stays. */
void admin_close(struct admin *);

/* -------------------------------------------------------------------------- the other side */

struct admin_request {
    const char *words[ADMIN_WORDS_MAX];     /* the command's name first */
    const char *options[ADMIN_OPTIONS_MAX]; /* "NAME=VALUE" */
    int n, n_options;
    struct bytes data; /* what goes with the request, or absent: then the octets of `file` ("-": standard input) */
    const char *file;
    bool progress; /* shown on standard error, if that is a terminal */
};
/* A further word or option; ERR_USAGE when the request is asked if they were too many.  A value of NULL: none. */
void admin_add_word(struct admin_request *, const char *word);
void admin_add_option(struct admin_request *, struct arena *, const char *name, const char *value);

/* Asks, and writes the answer to standard output.  ERR_IO if nobody listens; otherwise the error that the server
 * told. */
int admin_call(struct arena *, const char *path, const struct admin_request *, struct err *);

/* --------------------------------------------------------------------------- what travels */

/* The request: a frame of the number of words, then words and options, each ended by a NUL; data in frames, ended by
 * an empty one.  The answer: frames that begin with one of these. */
enum admin_frame {
    ADMIN_TEXT = 'T',
    ADMIN_PROGRESS = 'P', /* octets of data that were read (8), text */
    ADMIN_DONE = 'D',
    ADMIN_FAILED = 'F' /* the code (4), clause and place ended by a NUL each, sentence */
};

#endif
