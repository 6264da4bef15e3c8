/* SPDX-License-Identifier: Apache-2.0
 *
 * One connection behind one lock: readers and the writer take turns. */
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "store/store.h"

struct statements {
    sqlite3_stmt *get, *insert, *update, *remove;
    sqlite3_stmt *find[STORE_COLUMNS_MAX];
};

struct database {
    const struct store_schema *schema;
    pthread_mutex_t lock;
    sqlite3 *db;
    struct statements of[STORE_KINDS_MAX];
};

static int failed(struct database *d, struct err *e, const char *what)
{
    return err_set(e, ERR_IO, NULL, "%s: %s", what, sqlite3_errmsg(d->db));
}

static int run(struct database *d, const char *sql, struct err *e)
{
    return sqlite3_exec(d->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : failed(d, e, "the database refused a statement");
}

/* ------------------------------------------------------------------------------ schema */

static void columns(struct buf *out, const struct store_kind *k, const char *format)
{
    for (size_t i = 0; i < k->n; i++) {
        if (i)
            buf_text(out, ", ");
        buf_printf(out, format, k->columns[i].name);
    }
}

static int create(struct database *d, struct arena *a, const struct store_kind *k, struct err *e)
{
    struct buf sql = buf_in(a);
    buf_printf(&sql, "CREATE TABLE IF NOT EXISTS %s (serial INTEGER PRIMARY KEY AUTOINCREMENT, version INTEGER NOT NULL",
               k->name);
    for (size_t i = 0; i < k->n; i++)
        buf_printf(&sql, ", %s %s%s", k->columns[i].name, k->columns[i].type == STORE_INT ? "INTEGER" : "BLOB",
                   i == 0 ? " NOT NULL UNIQUE" : k->columns[i].unique ? " UNIQUE" : "");
    buf_text(&sql, ");");
    for (size_t i = 1; i < k->n; i++)
        if (k->columns[i].indexed)
            buf_printf(&sql, "CREATE INDEX IF NOT EXISTS %s_%s ON %s(%s) WHERE %s IS NOT NULL;", k->name,
                       k->columns[i].name, k->name, k->columns[i].name, k->columns[i].name);
    const char *text = buf_str(&sql);
    return text ? run(d, text, e) : err_set(e, ERR_MEMORY, NULL, "no memory for a statement");
}

static int prepare(struct database *d, struct buf *sql, sqlite3_stmt **out, struct err *e)
{
    const char *text = buf_str(sql);
    if (!text)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a statement");
    int result = sqlite3_prepare_v3(d->db, text, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
    return result == SQLITE_OK ? 0 : failed(d, e, "the database is of another version");
}

static int prepare_kind(struct database *d, struct arena *a, size_t kind, struct err *e)
{
    const struct store_kind *k = &d->schema->kinds[kind];
    struct statements *s = &d->of[kind];
    struct buf get = buf_in(a), insert = buf_in(a), update = buf_in(a), gone = buf_in(a);
    buf_text(&get, "SELECT version, ");
    columns(&get, k, "%s");
    buf_printf(&get, " FROM %s WHERE %s = ?1", k->name, k->columns[0].name);
    buf_printf(&insert, "INSERT INTO %s (version, ", k->name);
    columns(&insert, k, "%s");
    buf_text(&insert, ") VALUES (1");
    for (size_t i = 0; i < k->n; i++)
        buf_printf(&insert, ", ?%zu", i + 1);
    buf_text(&insert, ")");
    buf_printf(&update, "UPDATE %s SET version = version + 1", k->name);
    for (size_t i = 1; i < k->n; i++)
        buf_printf(&update, ", %s = ?%zu", k->columns[i].name, i + 1);
    buf_printf(&update, " WHERE %s = ?1 AND version = ?%zu", k->columns[0].name, k->n + 1);
    buf_printf(&gone, "DELETE FROM %s WHERE %s = ?1 AND version = ?2", k->name, k->columns[0].name);
    if (prepare(d, &get, &s->get, e) != 0 || prepare(d, &insert, &s->insert, e) != 0 ||
        prepare(d, &update, &s->update, e) != 0 || prepare(d, &gone, &s->remove, e) != 0)
        return -1;
    for (size_t c = 1; c < k->n; c++) {
        struct buf find = buf_in(a);
        if (!k->columns[c].indexed && !k->columns[c].unique)
            continue;
        buf_text(&find, "SELECT version, ");
        columns(&find, k, "%s");
        buf_printf(&find, " FROM %s WHERE %s = ?1 ORDER BY serial LIMIT ?2", k->name, k->columns[c].name);
        if (prepare(d, &find, &s->find[c], e) != 0)
            return -1;
    }
    return 0;
}

/* ---------------------------------------------------------------------------- reading */

static void bind_blob(sqlite3_stmt *s, int at, struct bytes b)
{
    if (b.p)
        sqlite3_bind_blob64(s, at, b.p, b.n, SQLITE_STATIC);
    else
        sqlite3_bind_null(s, at);
}

static int read_row(const struct store_kind *k, sqlite3_stmt *s, struct arena *a, struct store_record *out,
                    struct err *e)
{
    out->version = sqlite3_column_int64(s, 0);
    for (size_t i = 0; i < k->n; i++) {
        int c = (int)i + 1;
        if (k->columns[i].type == STORE_INT)
            out->v[i].i = sqlite3_column_int64(s, c);
        else if (sqlite3_column_type(s, c) == SQLITE_NULL)
            out->v[i].b = BYTES_NONE;
        else {
            const void *p = sqlite3_column_blob(s, c);
            out->v[i].b = arena_copy(a, bytes_make(p ? p : "", (size_t)sqlite3_column_bytes(s, c)));
            if (!out->v[i].b.p)
                return err_set(e, ERR_MEMORY, NULL, "no memory for a record");
        }
    }
    return 0;
}

static int sqlite_get(void *self, struct arena *a, size_t kind, struct bytes key, struct store_record *out,
                      struct err *e)
{
    struct database *d = self;
    pthread_mutex_lock(&d->lock);
    sqlite3_stmt *s = d->of[kind].get;
    bind_blob(s, 1, key);
    int step = sqlite3_step(s), result = 0;
    if (step == SQLITE_ROW)
        result = read_row(&d->schema->kinds[kind], s, a, out, e);
    else if (step != SQLITE_DONE)
        result = failed(d, e, "the database cannot be read");
    sqlite3_reset(s);
    pthread_mutex_unlock(&d->lock);
    return result;
}

static int sqlite_find(void *self, struct arena *a, size_t kind, size_t column, struct bytes value, size_t limit,
                       struct store_records *out, struct err *e)
{
    struct database *d = self;
    struct buf rows = buf_in(a);
    int step, result = 0;
    pthread_mutex_lock(&d->lock);
    sqlite3_stmt *s = d->of[kind].find[column];
    bind_blob(s, 1, value);
    sqlite3_bind_int64(s, 2, (sqlite3_int64)limit);
    while (result == 0 && (step = sqlite3_step(s)) == SQLITE_ROW) {
        struct store_record r = { 0 };
        result = read_row(&d->schema->kinds[kind], s, a, &r, e);
        buf_add(&rows, bytes_make(&r, sizeof r));
        out->n++;
    }
    if (result == 0 && step != SQLITE_DONE)
        result = failed(d, e, "the database cannot be read");
    sqlite3_reset(s);
    pthread_mutex_unlock(&d->lock);
    out->items = (void *)(uintptr_t)buf_bytes(&rows).p;
    return out->items ? result : err_set(e, ERR_MEMORY, NULL, "no memory for records");
}

/* ---------------------------------------------------------------------------- writing */

static const char *duplicate_column(struct database *d, size_t kind)
{
    const struct store_kind *k = &d->schema->kinds[kind];
    const char *dot = strrchr(sqlite3_errmsg(d->db), '.'); /* "UNIQUE constraint failed: table.column" */
    for (size_t i = 1; dot && i < k->n; i++)
        if (k->columns[i].unique && strcmp(dot + 1, k->columns[i].name) == 0)
            return k->columns[i].name;
    return NULL;
}

static void bind_record(sqlite3_stmt *s, const struct store_kind *k, const struct store_record *r)
{
    for (size_t i = 0; i < k->n; i++)
        if (k->columns[i].type == STORE_INT)
            sqlite3_bind_int64(s, (int)i + 1, r->v[i].i);
        else
            bind_blob(s, (int)i + 1, r->v[i].b);
}

static bool is_there(struct database *d, const struct store_change *c)
{
    sqlite3_stmt *s = d->of[c->kind].get;
    bind_blob(s, 1, c->record.v[0].b);
    bool found = sqlite3_step(s) == SQLITE_ROW;
    sqlite3_reset(s);
    return found;
}

static enum store_commit change(struct database *d, const struct store_change *c, const char **column, struct err *e)
{
    const struct store_kind *k = &d->schema->kinds[c->kind];
    struct statements *of = &d->of[c->kind];
    sqlite3_stmt *s = c->remove ? of->remove : c->record.version ? of->update : of->insert;
    if (c->remove) {
        bind_blob(s, 1, c->record.v[0].b);
        sqlite3_bind_int64(s, 2, c->record.version);
    } else {
        bind_record(s, k, &c->record);
        if (c->record.version)
            sqlite3_bind_int64(s, (int)k->n + 1, c->record.version);
    }
    int step = sqlite3_step(s);
    enum store_commit result = STORE_COMMITTED;
    if (step == SQLITE_CONSTRAINT) {
        *column = duplicate_column(d, c->kind);
        result = *column && (c->record.version || !is_there(d, c)) ? STORE_DUPLICATE : STORE_CONFLICT;
    } else if (step != SQLITE_DONE) {
        failed(d, e, "the database cannot be written");
        result = STORE_UNAVAILABLE;
    } else if (sqlite3_changes(d->db) != 1) {
        result = STORE_CONFLICT;
    }
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    return result;
}

static enum store_commit sqlite_commit(void *self, const struct store_batch *b, const char **column, struct err *e)
{
    struct database *d = self;
    pthread_mutex_lock(&d->lock);
    enum store_commit result = run(d, "BEGIN IMMEDIATE", e) == 0 ? STORE_COMMITTED : STORE_UNAVAILABLE;
    for (size_t i = 0; result == STORE_COMMITTED && i < b->n; i++)
        result = change(d, &b->items[i], column, e);
    if (result == STORE_COMMITTED && run(d, "COMMIT", e) != 0)
        result = STORE_UNKNOWN; /* a failed fsync: what the log holds decides at the next opening */
    if (result != STORE_COMMITTED && !sqlite3_get_autocommit(d->db))
        run(d, "ROLLBACK", NULL);
    pthread_mutex_unlock(&d->lock);
    return result;
}

/* ------------------------------------------------------------------------------- open */

static void sqlite_close(void *self)
{
    struct database *d = self;
    for (size_t k = 0; k < d->schema->n; k++) {
        struct statements *s = &d->of[k];
        sqlite3_stmt *all[] = { s->get, s->insert, s->update, s->remove };
        for (size_t i = 0; i < 4; i++)
            sqlite3_finalize(all[i]);
        for (size_t i = 0; i < STORE_COLUMNS_MAX; i++)
            sqlite3_finalize(s->find[i]);
    }
    sqlite3_close(d->db);
    pthread_mutex_destroy(&d->lock);
    free(d);
}

static int open_all(struct database *d, const char *path, struct err *e)
{
    struct arena *a = arena_new(1 << 20);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int result = -1;
    if (!a)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a store");
    if (sqlite3_open_v2(path, &d->db, flags, NULL) != SQLITE_OK) {
        failed(d, e, "the database cannot be opened");
        err_at(e, "%s", path);
    } else {
        result = run(d, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; "
                        "PRAGMA busy_timeout=5000;", e);
        for (size_t k = 0; result == 0 && k < d->schema->n; k++)
            result = create(d, a, &d->schema->kinds[k], e) != 0 ? -1 : prepare_kind(d, a, k, e);
    }
    arena_free(a);
    return result;
}

int store_open_sqlite(const struct store_schema *schema, const char *path, struct store **out, struct err *e)
{
    static const struct store_ops ops = { sqlite_get, sqlite_find, sqlite_commit, sqlite_close };
    struct store *s = calloc(1, sizeof *s);
    struct database *d = calloc(1, sizeof *d);
    if (!s || !d || schema->n > STORE_KINDS_MAX) {
        free(s);
        free(d);
        return err_set(e, ERR_MEMORY, NULL, "no memory for a store");
    }
    d->schema = schema;
    pthread_mutex_init(&d->lock, NULL);
    if (open_all(d, path, e) != 0) {
        sqlite_close(d);
        free(s);
        return -1;
    }
    *s = (struct store){ &ops, d };
    *out = s;
    return 0;
}
