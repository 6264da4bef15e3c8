/* Records, versions, batches: what a server keeps.  A store knows kinds of records and
 * nothing of their meaning; its user gives a constant table of kinds and columns, from which the
 * SQL is generated and which the in-memory store follows.
 *
 * A handler reads, decides, and commits one batch; every record in it carries the version
 * it was read with.  When store_commit returns COMMITTED the batch is durable.
 */
#ifndef RSPKIT_STORE_STORE_H
#define RSPKIT_STORE_STORE_H

#include "base/arena.h"
#include "base/err.h"

enum { STORE_COLUMNS_MAX = 24, STORE_KINDS_MAX = 16, STORE_BATCH_MAX = 32 };

enum store_type { STORE_BLOB, STORE_INT }; /* blobs hold texts, too */

struct store_column {
    const char *name;
    enum store_type type;
    bool unique;  /* among the records of the kind; absent values do not count */
    bool indexed; /* store_find may ask for it */
};

/* Column 0 is the key. */
struct store_kind {
    const char *name;
    const struct store_column *columns;
    size_t n;
};

struct store_schema {
    const struct store_kind *kinds;
    size_t n;
};

union store_value {
    struct bytes b; /* absent: .p == NULL */
    int64_t i;
};

struct store_record {
    int64_t version; /* 0: not in the store */
    union store_value v[STORE_COLUMNS_MAX];
};

struct store_records {
    size_t n;
    struct store_record *items;
};

struct store_change {
    size_t kind;
    bool remove;
    struct store_record record; /* version: the one that must be there; 0: none may be */
};

struct store_batch {
    size_t n;
    struct store_change items[STORE_BATCH_MAX];
};

enum store_commit {
    STORE_COMMITTED,
    STORE_CONFLICT,    /* a version was not the expected one: read and decide again */
    STORE_DUPLICATE,   /* a unique column has the value already; `column` tells which */
    STORE_UNAVAILABLE, /* nothing happened; try later */
    STORE_UNKNOWN      /* it may have happened: read back */
};

struct store;

/* The record with a key into the arena; version 0 if there is none.  -1: the store cannot answer. */
int store_get(struct store *, struct arena *, size_t kind, struct bytes key, struct store_record *, struct err *);

/* At most `limit` records whose indexed or unique column has the value, oldest first. */
int store_find(struct store *, struct arena *, size_t kind, size_t column, struct bytes value, size_t limit,
               struct store_records *, struct err *);

/* All or nothing.  `column` (may be NULL): name of the column of a DUPLICATE. */
enum store_commit store_commit(struct store *, const struct store_batch *, const char **column, struct err *);

void store_close(struct store *);

/* Adds a put or a removal; the batch keeps the record's slices, not copies. */
void store_put(struct store_batch *, size_t kind, const struct store_record *);
void store_remove(struct store_batch *, size_t kind, const struct store_record *);

int store_open_memory(const struct store_schema *, struct store **, struct err *);
/* SQLite, WAL with synchronous=FULL; made if it is not there. */
int store_open_sqlite(const struct store_schema *, const char *path, struct store **, struct err *);

/* A wrapper that counts commits and fails on purpose (tests). */
struct store_faults {
    long commits;       /* so far */
    long at;            /* the commit at which it happens, 0: never */
    enum { STORE_FAIL_BEFORE, STORE_LOSE_ANSWER } how;
};
int store_open_faults(struct store *inner, struct store_faults *, struct store **, struct err *);

/* Inside lib/store: what a back end is. */
struct store_ops {
    int (*get)(void *self, struct arena *, size_t, struct bytes, struct store_record *, struct err *);
    int (*find)(void *self, struct arena *, size_t, size_t, struct bytes, size_t, struct store_records *, struct err *);
    enum store_commit (*commit)(void *self, const struct store_batch *, const char **, struct err *);
    void (*close)(void *self);
};
struct store {
    const struct store_ops *ops;
    void *self;
};

#endif
