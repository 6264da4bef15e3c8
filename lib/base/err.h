/* Errors, told once: functions return 0 or -1, and the deepest place that
 * knows what is wrong fills one `struct err`.  Callers pass it upward
 * untouched; a caller that knows the outer place may add it in front of
 * `where` (err_within).
 */
#ifndef RSPKIT_BASE_ERR_H
#define RSPKIT_BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>

/* General codes.  A layer with codes of its own numbers them from its base
 * (lib/rsp: ERR_RSP) and keeps the table that gives them meaning. */
enum err_code {
    ERR_NONE = 0,
    ERR_SYNTAX,      /* input that its grammar does not allow */
    ERR_VALUE,       /* well-formed input with a value that is not allowed */
    ERR_LIMIT,       /* larger, deeper or longer than we accept */
    ERR_MEMORY,      /* an arena is full or the system has no memory */
    ERR_IO,          /* a system call failed */
    ERR_CRYPTO,      /* a cryptographic operation could not be done */
    ERR_VERIFY,      /* a signature, MAC or chain does not verify */
    ERR_WRONG_STATE, /* not now: the state does not allow it */
    ERR_EXPIRED,     /* valid once, not any more */
    ERR_NOT_FOUND,   /* what was named does not exist */
    ERR_EXISTS,      /* what should be new exists already */
    ERR_UNSUPPORTED, /* understood, and not offered */
    ERR_USAGE,       /* the program was called wrongly */
    ERR_PEER,        /* the other side answered with a refusal */
    ERR_INTERNAL,    /* a defect of ours */
    ERR_RSP = 1000   /* first code of lib/rsp/refusal.h */
};

struct err {
    int code;
    const char *clause; /* static text such as "SGP.22 5.7.13", or NULL */
    char where[320];    /* place in the input, or empty */
    char what[240];     /* a sentence without the place */
};

/* Fills `e` (which may be NULL) and returns -1, so that a check reads
 * `return err_set(e, ERR_VALUE, "SGP.22 4.1", "format %d ...", n);` */
int err_set(struct err *e, int code, const char *clause, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Sets the place, if none is set yet. */
int err_at(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts an outer place in front of the one that is there ("outer: inner"). */
int err_within(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds "; next: ..." to the sentence, unless it says what to do already. */
int err_next(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "where: what [clause]" in one line, plain (base/text.h); truncated, always terminated. */
const char *err_text(const struct err *e, char *out, size_t size);

#endif
