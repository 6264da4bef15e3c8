/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sql.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/checksum.h"

static int failed(struct sql *s, struct err *e, const char *what)
{
    return err_set(e, ERR_IO, NULL, "%s: %s", what, sqlite3_errmsg(s->db));
}

int sql_run(struct sql *s, const char *text, struct err *e)
{
    return sqlite3_exec(s->db, text, NULL, NULL, NULL) == SQLITE_OK ? 0
                                                                    : failed(s, e, "the database refused a statement");
}

int sql_number(struct sql *s, const char *text, int64_t *out, struct err *e)
{
    sqlite3_stmt *made = NULL;
    bool right = sqlite3_prepare_v2(s->db, text, -1, &made, NULL) == SQLITE_OK && sqlite3_step(made) == SQLITE_ROW;
    *out = right ? sqlite3_column_int64(made, 0) : 0;
    sqlite3_finalize(made);
    return right ? 0 : failed(s, e, "the database cannot be read");
}

int sql_control(struct sql *s, enum sql_control which, int64_t value, struct err *e)
{
    static const char *const texts[SQL_CONTROLS] = {
        [SQL_BEGIN] = "BEGIN",
        [SQL_BEGIN_WRITING] = "BEGIN IMMEDIATE",
        [SQL_SAVEPOINT] = "SAVEPOINT batch",
        [SQL_ROLLBACK_TO] = "ROLLBACK TO batch",
        [SQL_RELEASE] = "RELEASE batch",
        [SQL_COMMIT] = "COMMIT",
        [SQL_ROLLBACK] = "ROLLBACK",
        [SQL_VERSIONS] = "UPDATE store SET versions = ?1",
    };
    sqlite3_stmt **slot = &s->controls[which];
    if (!*slot && sqlite3_prepare_v3(s->db, texts[which], -1, SQLITE_PREPARE_PERSISTENT, slot, NULL) != SQLITE_OK)
        return failed(s, e, "the database refused a statement");
    if (which == SQL_VERSIONS)
        sqlite3_bind_int64(*slot, 1, value);
    int result = sqlite3_step(*slot) == SQLITE_DONE ? 0 : failed(s, e, "the database refused a statement");
    sqlite3_reset(*slot);
    return result;
}

/* ------------------------------------------------------------------------------- statements */

/* name: a format with the column's name in it */
static void columns(struct buf *out, const struct store_kind *k, size_t from, const char *format)
{
    for (size_t i = from; i < k->n; i++)
        buf_printf(out, format, k->columns[i].name, i + 3);
}

static void write_find(struct buf *out, const struct store_kind *k, size_t column, bool newest)
{
    buf_text(out, "SELECT serial, version, sum");
    columns(out, k, 0, ", %s");
    buf_printf(out, " FROM %s WHERE serial %s ?2", k->name, newest ? "<" : ">");
    if (column)
        buf_printf(out, " AND %s = ?1", k->columns[column].name);
    buf_printf(out, " ORDER BY serial%s LIMIT ?3", newest ? " DESC" : "");
}

static void write_count(struct buf *out, const struct store_kind *k, size_t column)
{
    buf_printf(out, "SELECT count(*) FROM %s WHERE serial > ?2", k->name);
    if (column)
        buf_printf(out, " AND %s = ?1", k->columns[column].name);
}

static void write_insert(struct buf *out, const struct store_kind *k)
{
    buf_printf(out, "INSERT INTO %s (version, sum", k->name);
    columns(out, k, 0, ", %s");
    buf_text(out, ") VALUES (?1, ?2");
    for (size_t i = 0; i < k->n; i++)
        buf_printf(out, ", ?%zu", i + 3);
    buf_text(out, ")");
}

static void write_update(struct buf *out, const struct store_kind *k)
{
    buf_printf(out, "UPDATE %s SET version = ?1, sum = ?2", k->name);
    columns(out, k, 1, ", %s = ?%zu");
    buf_printf(out, " WHERE %s = ?3 AND version = ?%zu", k->columns[0].name, k->n + 3);
}

static void write_statement(struct buf *out, const struct store_kind *k, enum sql_what what, size_t column)
{
    switch (what) {
    case SQL_GET:
        buf_text(out, "SELECT serial, version, sum");
        columns(out, k, 0, ", %s");
        buf_printf(out, " FROM %s WHERE %s = ?1", k->name, k->columns[0].name);
        return;
    case SQL_INSERT:
        write_insert(out, k);
        return;
    case SQL_UPDATE:
        write_update(out, k);
        return;
    case SQL_REMOVE:
        buf_printf(out, "DELETE FROM %s WHERE %s = ?1 AND version = ?2", k->name, k->columns[0].name);
        return;
    case SQL_OLDEST:
    case SQL_NEWEST:
        write_find(out, k, column, what == SQL_NEWEST);
        return;
    case SQL_COUNT:
        write_count(out, k, column);
        return;
    default: /* SQL_FORGET */
        buf_printf(out, "DELETE FROM %s WHERE serial <= (SELECT max(serial) FROM %s) - %zu", k->name, k->name,
                   k->volatile_max);
    }
}

static sqlite3_stmt *statement(struct sql *s, size_t kind, enum sql_what what, size_t column, struct err *e)
{
    sqlite3_stmt **slot = &s->made[kind][what][column];
    if (*slot)
        return *slot;
    struct arena *a = arena_new(1 << 16);
    struct buf text = buf_in(a);
    if (a)
        write_statement(&text, &s->schema->kinds[kind], what, column);
    const char *sql = a ? buf_str(&text) : NULL;
    if (!sql)
        err_set(e, ERR_MEMORY, NULL, "no memory for a statement");
    else if (sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, slot, NULL) != SQLITE_OK)
        failed(s, e, "the database refused a statement");
    arena_free(a);
    return *slot;
}

static void bind_blob(sqlite3_stmt *s, int at, struct bytes b)
{
    if (b.p)
        sqlite3_bind_blob64(s, at, b.p, b.n, SQLITE_STATIC);
    else
        sqlite3_bind_null(s, at);
}

static void bind_value(sqlite3_stmt *s, int at, const struct store_column *c, const union store_value *v)
{
    if (c->type == STORE_INT)
        sqlite3_bind_int64(s, at, v->i);
    else
        bind_blob(s, at, v->b);
}

static void done(sqlite3_stmt *s)
{
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
}

/* ---------------------------------------------------------------------------------- reading */

/* A flipped bit in a stored record is found when it is read. */
static uint32_t checksum(size_t kind, const struct store_kind *k, const struct store_record *r)
{
    uint64_t head[2] = { kind, (uint64_t)r->version };
    uint32_t sum = crc32_add(0, bytes_make(head, sizeof head));
    for (size_t i = 0; i < k->n; i++) {
        bool blob = k->columns[i].type == STORE_BLOB;
        uint64_t n = !blob ? (uint64_t)r->v[i].i : r->v[i].b.p ? r->v[i].b.n : UINT64_MAX;
        sum = crc32_add(sum, bytes_make(&n, sizeof n));
        if (blob)
            sum = crc32_add(sum, r->v[i].b);
    }
    return sum;
}

static int read_row(struct sql *s, sqlite3_stmt *row, struct arena *a, size_t kind, struct store_record *out,
                    struct err *e)
{
    const struct store_kind *k = &s->schema->kinds[kind];
    out->serial = sqlite3_column_int64(row, 0);
    out->version = sqlite3_column_int64(row, 1);
    for (size_t i = 0; i < k->n; i++) {
        int c = (int)i + 3;
        if (k->columns[i].type == STORE_INT) {
            out->v[i].i = sqlite3_column_int64(row, c);
        } else if (sqlite3_column_type(row, c) == SQLITE_NULL) {
            out->v[i].b = BYTES_NONE;
        } else {
            const void *p = sqlite3_column_blob(row, c);
            out->v[i].b = arena_copy(a, bytes_make(p ? p : "", (size_t)sqlite3_column_bytes(row, c)));
            if (!out->v[i].b.p)
                return err_set(e, ERR_MEMORY, NULL, "no memory for a record");
        }
    }
    if ((uint32_t)sqlite3_column_int64(row, 2) == checksum(kind, k, out))
        return 0;
    err_set(e, ERR_VERIFY, NULL, "a record of \"%s\" is damaged in the database; next: put a backup of it back",
            k->name);
    return err_at(e, "%s, serial %lld", k->name, (long long)out->serial);
}

int sql_get(struct sql *s, struct arena *a, size_t kind, struct bytes key, struct store_record *out, struct err *e)
{
    sqlite3_stmt *get = statement(s, kind, SQL_GET, 0, e);
    if (!get)
        return -1;
    bind_blob(get, 1, key);
    int step = sqlite3_step(get), result = 0;
    if (step == SQLITE_ROW)
        result = read_row(s, get, a, kind, out, e);
    else if (step != SQLITE_DONE)
        result = failed(s, e, "the database cannot be read");
    done(get);
    return result;
}

static sqlite3_stmt *query(struct sql *s, const struct store_query *q, enum sql_what what, struct err *e)
{
    sqlite3_stmt *found = statement(s, q->kind, what, q->column, e);
    if (!found)
        return NULL;
    if (q->column)
        bind_value(found, 1, &s->schema->kinds[q->kind].columns[q->column], &q->value);
    sqlite3_bind_int64(found, 2, q->after || !q->newest_first ? q->after : INT64_MAX);
    return found;
}

int sql_find(struct sql *s, struct arena *a, const struct store_query *q, struct store_records *out, struct err *e)
{
    struct buf rows = buf_in(a);
    int step = SQLITE_DONE, result = 0;
    sqlite3_stmt *find = query(s, q, q->newest_first ? SQL_NEWEST : SQL_OLDEST, e);
    if (!find)
        return -1;
    sqlite3_bind_int64(find, 3, (sqlite3_int64)q->limit);
    while (result == 0 && (step = sqlite3_step(find)) == SQLITE_ROW) {
        struct store_record r = { 0 };
        result = read_row(s, find, a, q->kind, &r, e);
        buf_add(&rows, bytes_make(&r, sizeof r));
        out->n++;
    }
    if (result == 0 && step != SQLITE_DONE)
        result = failed(s, e, "the database cannot be read");
    done(find);
    out->items = (void *)(uintptr_t)buf_bytes(&rows).p;
    return out->items ? result : err_set(e, ERR_MEMORY, NULL, "no memory for records");
}

int sql_count(struct sql *s, const struct store_query *q, int64_t *n, struct err *e)
{
    struct store_query oldest = *q;
    oldest.newest_first = false;
    sqlite3_stmt *count = query(s, &oldest, SQL_COUNT, e);
    if (!count)
        return -1;
    int result = sqlite3_step(count) == SQLITE_ROW ? 0 : failed(s, e, "the database cannot be read");
    *n = result == 0 ? sqlite3_column_int64(count, 0) : 0;
    done(count);
    return result;
}

/* ---------------------------------------------------------------------------------- writing */

static const char *duplicate_column(struct sql *s, const struct store_kind *k)
{
    const char *dot = strrchr(sqlite3_errmsg(s->db), '.'); /* "UNIQUE constraint failed: table.column" */
    for (size_t i = 1; dot && i < k->n; i++)
        if (k->columns[i].unique && strcmp(dot + 1, k->columns[i].name) == 0)
            return k->columns[i].name;
    return NULL;
}

static bool is_there(struct sql *s, size_t kind, struct bytes key)
{
    sqlite3_stmt *get = statement(s, kind, SQL_GET, 0, NULL);
    if (!get)
        return false;
    bind_blob(get, 1, key);
    bool found = sqlite3_step(get) == SQLITE_ROW;
    done(get);
    return found;
}

static enum store_commit step(struct sql *s, sqlite3_stmt *made, const struct store_change *c, const char **column,
                              struct err *e)
{
    const struct store_kind *k = &s->schema->kinds[c->kind];
    int code = sqlite3_step(made);
    enum store_commit result = STORE_COMMITTED;
    if (code == SQLITE_CONSTRAINT) {
        const char *which = duplicate_column(s, k);
        bool conflict = !which || (!c->record.version && is_there(s, c->kind, c->record.v[0].b));
        *column = conflict ? NULL : which;
        result = conflict ? STORE_CONFLICT : STORE_DUPLICATE;
    } else if (code != SQLITE_DONE) {
        failed(s, e, "the database cannot be written");
        result = STORE_UNAVAILABLE;
    } else if (sqlite3_changes(s->db) != 1) {
        result = STORE_CONFLICT;
    }
    done(made);
    return result;
}

enum store_commit sql_change(struct sql *s, const struct store_change *c, int64_t version, uint8_t chain[STORE_CHAIN],
                             const char **column, struct err *e)
{
    const struct store_kind *k = &s->schema->kinds[c->kind];
    enum sql_what what = c->remove ? SQL_REMOVE : c->record.version ? SQL_UPDATE : SQL_INSERT;
    if (k->chain && what != SQL_INSERT)
        return STORE_CONFLICT;
    sqlite3_stmt *made = statement(s, c->kind, what, 0, e);
    if (!made)
        return STORE_UNAVAILABLE;
    if (c->remove) {
        bind_blob(made, 1, c->record.v[0].b);
        sqlite3_bind_int64(made, 2, c->record.version);
        return step(s, made, c, column, e);
    }
    struct store_record r = c->record;
    uint8_t link[STORE_CHAIN];
    if (k->chain) {
        k->chain(chain, &r, link);
        r.v[k->n - 1].b = BYTES_OF(link);
    }
    r.version = version;
    sqlite3_bind_int64(made, 1, version);
    sqlite3_bind_int64(made, 2, checksum(c->kind, k, &r));
    for (size_t i = 0; i < k->n; i++)
        bind_value(made, (int)i + 3, &k->columns[i], &r.v[i]);
    if (what == SQL_UPDATE)
        sqlite3_bind_int64(made, (int)k->n + 3, c->record.version);
    enum store_commit result = step(s, made, c, column, e);
    if (k->chain && result == STORE_COMMITTED)
        memcpy(chain, link, sizeof link);
    return result;
}

int sql_forget(struct sql *s, size_t kind, struct err *e)
{
    sqlite3_stmt *forget = statement(s, kind, SQL_FORGET, 0, e);
    if (!forget)
        return -1;
    int result = sqlite3_step(forget) == SQLITE_DONE ? 0 : failed(s, e, "the database cannot be written");
    done(forget);
    return result;
}

/* ------------------------------------------------------------------------------------- open */

static void write_table(struct buf *out, const struct store_kind *k)
{
    buf_printf(out, "CREATE TABLE IF NOT EXISTS %s (serial INTEGER PRIMARY KEY, version INTEGER NOT NULL, "
                    "sum INTEGER NOT NULL", k->name);
    for (size_t i = 0; i < k->n; i++)
        buf_printf(out, ", %s %s%s", k->columns[i].name, k->columns[i].type == STORE_INT ? "INTEGER" : "BLOB",
                   i == 0 ? " NOT NULL UNIQUE" : k->columns[i].unique ? " UNIQUE" : "");
    buf_text(out, ");");
    for (size_t i = 1; i < k->n; i++)
        if (k->columns[i].indexed)
            buf_printf(out, "CREATE INDEX IF NOT EXISTS by_%s_%s ON %s(%s) WHERE %s IS NOT NULL;", k->name,
                       k->columns[i].name, k->name, k->columns[i].name, k->columns[i].name);
}

int sql_create(struct sql *s, bool is_volatile, struct err *e)
{
    struct arena *a = arena_new(1 << 18);
    if (!a)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a store");
    struct buf text = buf_in(a);
    for (size_t i = 0; i < s->schema->n; i++)
        if ((s->schema->kinds[i].volatile_max != 0) == is_volatile)
            write_table(&text, &s->schema->kinds[i]);
    const char *sql = buf_str(&text);
    int result = sql ? sql_run(s, sql, e) : err_set(e, ERR_MEMORY, NULL, "no memory for a statement");
    arena_free(a);
    return result;
}

int sql_open(const struct store_schema *schema, const char *path, int flags, struct sql **out, struct err *e)
{
    struct sql *s = calloc(1, sizeof *s);
    if (!s)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a connection");
    s->schema = schema;
    if (sqlite3_open_v2(path, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        failed(s, e, "the database cannot be opened");
        err_at(e, "%s", path);
        sql_close(s);
        return -1;
    }
    sqlite3_busy_timeout(s->db, 5000);
    *out = s;
    return 0;
}

void sql_close(struct sql *s)
{
    if (!s)
        return;
    for (size_t k = 0; k < STORE_KINDS_MAX; k++)
        for (size_t w = 0; w < SQL_WHATS; w++)
            for (size_t c = 0; c < STORE_COLUMNS_MAX; c++)
                sqlite3_finalize(s->made[k][w][c]);
    for (size_t i = 0; i < SQL_CONTROLS; i++)
        sqlite3_finalize(s->controls[i]);
    sqlite3_close(s->db);
    free(s);
}
