/* Records, versions, batches: what a server keeps.  A store knows kinds of records and
 * nothing of their meaning; its user gives a constant table of kinds and columns, from which the
 * SQL is generated and which the in-memory store follows.
 *
 * A handler reads, decides, and commits one batch; every record in it carries the version
 * it was read with.  When store_commit returns COMMITTED the batch is durable.  Any number of threads may use
 * one store.
 */
#ifndef RSPKIT_STORE_STORE_H
#define RSPKIT_STORE_STORE_H

#include "base/arena.h"
#include "base/err.h"

enum { STORE_COLUMNS_MAX = 24, STORE_KINDS_MAX = 16, STORE_CHAIN = 32 /* octets of a chain value */ };

enum store_type { STORE_BLOB, STORE_INT }; /* blobs hold texts, too */

struct store_column {
    const char *name;
    enum store_type type;
    bool unique;  /* among the records of the kind; absent values do not count */
    bool indexed; /* store_find may ask for it */
};

union store_value {
    struct bytes b; /* absent: .p == NULL */
    int64_t i;
};

struct store_record {
    int64_t version; /* 0: not in the store; never given twice */
    int64_t serial;  /* place in the order of insertion */
    union store_value v[STORE_COLUMNS_MAX];
};

/* The chain value of a record from that of the one before it (zeros for the first). */
typedef void store_chain(const uint8_t previous[STORE_CHAIN], const struct store_record *, uint8_t out[STORE_CHAIN]);

/* Column 0 is the key. */
struct store_kind {
    const char *name;
    const struct store_column *columns;
    size_t n;
    /* Not 0: records live in memory only, the newest so many; to lose one must do no harm.  A
     * batch that could not be committed may have changed them. */
    size_t volatile_max;
    /* Not NULL: records are only added, and the store fills their last column. */
    store_chain *chain;
};

struct store_schema {
    int version; /* of the columns; a database of another version is refused */
    const struct store_kind *kinds;
    size_t n;
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

/* Puts and removals; keeps the records' slices, not copies.  Without memory it fails as a whole when committed. */
struct store_batch {
    struct arena *arena;
    size_t n, room;
    struct store_change *items;
    bool failed;
};

enum store_commit {
    STORE_COMMITTED,
    STORE_CONFLICT,    /* a version was not the expected one: read and decide again */
    STORE_DUPLICATE,   /* a unique column has the value already; `column` tells which */
    STORE_UNAVAILABLE, /* nothing happened; try later */
    STORE_UNKNOWN      /* it may have happened: read back a record that only this batch writes */
};

struct store_query {
    size_t kind;
    size_t column;           /* indexed or unique; 0: all records */
    union store_value value; /* that the column has */
    bool newest_first;       /* otherwise the oldest first */
    int64_t after;           /* serial that comes before the first wanted; 0: from the start */
    size_t limit;            /* of records returned; store_count takes none */
};

struct store;

/* The record with a key into the arena; version 0 if there is none.  -1: the store cannot answer
 * (ERR_IO), or the record is damaged (ERR_VERIFY). */
int store_get(struct store *, struct arena *, size_t kind, struct bytes key, struct store_record *, struct err *);
int store_find(struct store *, struct arena *, const struct store_query *, struct store_records *, struct err *);
int store_count(struct store *, const struct store_query *, int64_t *n, struct err *);

/* All or nothing.  `column` (may be NULL): name of the column of a DUPLICATE. */
enum store_commit store_commit(struct store *, const struct store_batch *, const char **column, struct err *);

void store_close(struct store *);

struct store_batch store_batch_in(struct arena *);
void store_put(struct store_batch *, size_t kind, const struct store_record *);
void store_remove(struct store_batch *, size_t kind, const struct store_record *);

/* A plain model of what a store does, for tests. */
int store_open_memory(const struct store_schema *, struct store **, struct err *);
/* SQLite, WAL with synchronous=FULL; made if it is not there.  One process at a time: ERR_EXISTS
 * while another one has it open. */
int store_open_sqlite(const struct store_schema *, const char *path, struct store **, struct err *);

/* A wrapper that counts commits and fails on purpose (tests). */
struct store_faults {
    long commits; /* so far */
    long at;      /* the commit at which it happens, 0: never */
    enum { STORE_FAIL_BEFORE, STORE_LOSE_ANSWER, STORE_LOSE_BATCH, STORE_DIE_BEFORE, STORE_DIE_AFTER } how;
};
int store_open_faults(struct store *inner, struct store_faults *, struct store **, struct err *);

#endif
