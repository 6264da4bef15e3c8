/* What every program says in the same way.  Exit codes: 0 done, 1 refused, 2 wrong usage;
 * a program's man page lists further ones. */
#ifndef RSPKIT_BASE_CLI_H
#define RSPKIT_BASE_CLI_H

#include "base/err.h"

enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2 };

/* "PROGRAM: where: what [clause]" and, if `next` is given, "  next: ..." to standard error.
 * Returns EXIT_REFUSED, or EXIT_USAGE for ERR_USAGE. */
int cli_failed(const char *program, const struct err *, const char *next);

/* "PROGRAM: message", and where to read more; returns EXIT_USAGE. */
int cli_usage(const char *program, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
