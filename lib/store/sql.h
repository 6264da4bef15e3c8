/* Inside lib/store: one SQLite connection and the statements of a schema on it.  A connection belongs to one thread
 * at a time. */
#ifndef RSPKIT_STORE_SQL_H
#define RSPKIT_STORE_SQL_H

#include <sqlite3.h>

#include "store/store.h"

enum sql_what { SQL_GET, SQL_INSERT, SQL_UPDATE, SQL_REMOVE, SQL_OLDEST, SQL_NEWEST, SQL_COUNT, SQL_FORGET, SQL_WHATS };

enum sql_control {
    SQL_BEGIN,           /* to read, and to write if nobody else does */
    SQL_BEGIN_WRITING,
    SQL_SAVEPOINT,
    SQL_ROLLBACK_TO,
    SQL_RELEASE,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_VERSIONS,        /* keeps the last version given */
    SQL_CONTROLS
};

struct sql {
    const struct store_schema *schema;
    sqlite3 *db;
    sqlite3_stmt *controls[SQL_CONTROLS];
    sqlite3_stmt *made[STORE_KINDS_MAX][SQL_WHATS][STORE_COLUMNS_MAX]; /* as they were first needed */
    struct sql *next;
};

/* `flags`: SQLITE_OPEN_..  On failure nothing stays open. */
int sql_open(const struct store_schema *, const char *path, int flags, struct sql **, struct err *);
void sql_close(struct sql *);

int sql_run(struct sql *, const char *text, struct err *);
/* `value`: of SQL_VERSIONS */
int sql_control(struct sql *, enum sql_control, int64_t value, struct err *);
int sql_number(struct sql *, const char *text, int64_t *, struct err *);
/* Makes the tables of the kinds that are volatile, or of those that are not. */
int sql_create(struct sql *, bool is_volatile, struct err *);

int sql_get(struct sql *, struct arena *, size_t kind, struct bytes key, struct store_record *, struct err *);
int sql_find(struct sql *, struct arena *, const struct store_query *, struct store_records *, struct err *);
int sql_count(struct sql *, const struct store_query *, int64_t *, struct err *);

/* One change inside a transaction; `version` is given to what is put, `chain` is the last value of a chained kind
 * and moves on. */
enum store_commit sql_change(struct sql *, const struct store_change *, int64_t version, uint8_t chain[STORE_CHAIN],
                             const char **column, struct err *);
/* Of a volatile kind, all but the newest. */
int sql_forget(struct sql *, size_t kind, struct err *);

#endif
