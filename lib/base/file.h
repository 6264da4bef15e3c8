/* Whole files: read at once, written so that nobody ever sees half of one. */
#ifndef RSPKIT_BASE_FILE_H
#define RSPKIT_BASE_FILE_H

#include "base/arena.h"
#include "base/err.h"

/* The file's octets in the arena; "-" is standard input.  ERR_LIMIT above `limit` octets. */
int file_read(struct arena *, const char *path, size_t limit, struct bytes *out, struct err *);

/* Writes beside the place and renames; "-" is standard output.  `mode` as for open(2). */
int file_write(const char *path, struct bytes content, unsigned mode, struct err *);

#endif
