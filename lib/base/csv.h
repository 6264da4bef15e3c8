/* Comma-separated values without quoting: a line of names, then a line a record. */
#ifndef RSPKIT_BASE_CSV_H
#define RSPKIT_BASE_CSV_H

#include "base/cursor.h"

enum { CSV_COLUMNS_MAX = 32 };

struct csv_line {
    struct bytes field[CSV_COLUMNS_MAX];
    size_t n;
};

/* The next line, without its end (LF or CR LF); false at the end.  Fields beyond CSV_COLUMNS_MAX are left out. */
bool csv_next(struct cursor *, struct csv_line *);
/* An empty line has one empty field. */
bool csv_empty(const struct csv_line *);
/* The field of a line under a name; absent if there is none. */
struct bytes csv_field(const struct csv_line *names, const struct csv_line *line, const char *name);

#endif
