/* SPDX-License-Identifier: Apache-2.0
 *
 * Readers have a connection each.  Batches wait in a queue; whoever finds nobody writing takes
 * all that wait, a savepoint each, and commits them together: one fsync for as many as came meanwhile. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/backend.h"
#include "store/sql.h"

enum { GROUP_MAX = 256 };

struct waiting {
    const struct store_batch *batch;
    const char *column;
    struct err err;
    enum store_commit result;
    bool done;
    pthread_cond_t wake;
    struct waiting *next;
};

struct database {
    const struct store_schema *schema;
    char *path;
    int lock_file;
    pthread_mutex_t pool_lock;
    struct sql *readers; /* those that nobody uses */
    pthread_mutex_t volatile_lock;
    struct sql *volatiles; /* a database in memory; NULL without volatile kinds */
    /* writing */
    pthread_mutex_t queue_lock;
    struct waiting *first, **last;
    bool busy;
    bool unsettled; /* the last COMMIT failed: what the log holds may appear after a crash */
    struct sql *writer;
    int64_t versions; /* last one given */
    uint8_t chains[STORE_KINDS_MAX][STORE_CHAIN];
};

static bool is_volatile(const struct database *d, size_t kind)
{
    return d->schema->kinds[kind].volatile_max != 0;
}

/* ---------------------------------------------------------------------------------- writing */

static int64_t next_version(struct database *d)
{
    return __atomic_add_fetch(&d->versions, 1, __ATOMIC_RELAXED);
}

/* The volatile changes of a batch, all or none. */
static enum store_commit change_volatile(struct database *d, const struct store_batch *b, const char **column,
                                         struct err *e)
{
    struct sql *s = d->volatiles;
    enum store_commit result = STORE_COMMITTED;
    pthread_mutex_lock(&d->volatile_lock);
    bool begun = sql_control(s, SQL_BEGIN, 0, e) == 0;
    if (!begun)
        result = STORE_UNAVAILABLE;
    for (size_t i = 0; result == STORE_COMMITTED && i < b->n; i++) {
        const struct store_change *c = &b->items[i];
        if (!is_volatile(d, c->kind))
            continue;
        result = sql_change(s, c, next_version(d), NULL, column, e);
        if (result == STORE_COMMITTED && !c->record.version && sql_forget(s, c->kind, e) != 0)
            result = STORE_UNAVAILABLE;
    }
    if (begun && sql_control(s, result == STORE_COMMITTED ? SQL_COMMIT : SQL_ROLLBACK, 0, e) != 0)
        result = STORE_UNAVAILABLE;
    pthread_mutex_unlock(&d->volatile_lock);
    return result;
}

static bool has_changes(const struct database *d, const struct store_batch *b, bool of_volatile)
{
    for (size_t i = 0; i < b->n; i++)
        if (is_volatile(d, b->items[i].kind) == of_volatile)
            return true;
    return false;
}

static enum store_commit change_durable(struct database *d, struct waiting *w)
{
    enum store_commit result = STORE_COMMITTED;
    for (size_t i = 0; result == STORE_COMMITTED && i < w->batch->n; i++) {
        const struct store_change *c = &w->batch->items[i];
        if (!is_volatile(d, c->kind))
            result = sql_change(d->writer, c, next_version(d), d->chains[c->kind], &w->column, &w->err);
    }
    return result;
}

/* One batch inside the group's transaction. */
static void change_batch(struct database *d, struct waiting *w)
{
    uint8_t chains[STORE_KINDS_MAX][STORE_CHAIN];
    memcpy(chains, d->chains, sizeof chains);
    w->result = sql_control(d->writer, SQL_SAVEPOINT, 0, &w->err) == 0 ? change_durable(d, w) : STORE_UNAVAILABLE;
    if (w->result == STORE_COMMITTED && has_changes(d, w->batch, true))
        w->result = change_volatile(d, w->batch, &w->column, &w->err);
    if (w->result != STORE_COMMITTED) {
        memcpy(d->chains, chains, sizeof chains);
        sql_control(d->writer, SQL_ROLLBACK_TO, 0, NULL);
    }
    sql_control(d->writer, SQL_RELEASE, 0, NULL);
}

static bool in_transaction(const struct database *d)
{
    return !sqlite3_get_autocommit(d->writer->db);
}

/* Every batch of the group in turn; -1 when an error has ended the transaction under them. */
static int change_all(struct database *d, struct waiting *group, bool *any, struct err *e)
{
    for (struct waiting *w = group; w; w = w->next) {
        change_batch(d, w);
        if (!in_transaction(d)) {
            *e = w->err;
            return -1;
        }
        *any = *any || w->result == STORE_COMMITTED;
    }
    return 0;
}

static enum store_commit commit_all(struct database *d, struct waiting *group, bool *any, struct err *e)
{
    enum store_commit result = STORE_COMMITTED;
    if (sql_control(d->writer, SQL_BEGIN_WRITING, 0, e) != 0 || change_all(d, group, any, e) != 0 ||
        (*any && sql_control(d->writer, SQL_VERSIONS, __atomic_load_n(&d->versions, __ATOMIC_RELAXED), e) != 0))
        result = STORE_UNAVAILABLE;
    else if (*any && sql_control(d->writer, SQL_COMMIT, 0, e) != 0)
        result = STORE_UNKNOWN;
    if (in_transaction(d))
        sql_control(d->writer, SQL_ROLLBACK, 0, NULL);
    return result;
}

static void commit_group(struct database *d, struct waiting *group)
{
    uint8_t chains[STORE_KINDS_MAX][STORE_CHAIN];
    struct err e = { 0 };
    bool any = false;
    memcpy(chains, d->chains, sizeof chains);
    enum store_commit all = commit_all(d, group, &any, &e);
    if (all == STORE_UNKNOWN)
        __atomic_store_n(&d->unsettled, true, __ATOMIC_RELEASE);
    else if (all == STORE_COMMITTED && any)
        __atomic_store_n(&d->unsettled, false, __ATOMIC_RELEASE);
    if (all == STORE_COMMITTED)
        return;
    memcpy(d->chains, chains, sizeof chains);
    for (struct waiting *w = group; w; w = w->next)
        if (w->result == STORE_COMMITTED || all == STORE_UNAVAILABLE) {
            w->result = all;
            w->err = e;
        }
}

/* Takes what waits, at most GROUP_MAX. */
static struct waiting *take_group(struct database *d)
{
    struct waiting *group = d->first, **end = &group;
    for (int n = 0; *end && n < GROUP_MAX; n++)
        end = &(*end)->next;
    d->first = *end;
    *end = NULL;
    if (!d->first)
        d->last = &d->first;
    return group;
}

static void wake(struct waiting *group)
{
    for (struct waiting *w = group, *next; w; w = next) {
        next = w->next; /* w is gone when its thread goes on */
        w->done = true;
        pthread_cond_signal(&w->wake);
    }
}

/* Waits for an outcome, or writes for all. */
static void submit(struct database *d, struct waiting *me)
{
    pthread_cond_init(&me->wake, NULL);
    pthread_mutex_lock(&d->queue_lock);
    *d->last = me;
    d->last = &me->next;
    while (!me->done && d->busy)
        pthread_cond_wait(&me->wake, &d->queue_lock);
    while (!me->done) {
        struct waiting *group = take_group(d);
        d->busy = true;
        pthread_mutex_unlock(&d->queue_lock);
        commit_group(d, group);
        pthread_mutex_lock(&d->queue_lock);
        d->busy = false;
        wake(group);
    }
    if (!d->busy && d->first)
        pthread_cond_signal(&d->first->wake); /* the next one to write */
    pthread_mutex_unlock(&d->queue_lock);
    pthread_cond_destroy(&me->wake);
}

static enum store_commit sqlite_commit(void *self, const struct store_batch *b, const char **column, struct err *e)
{
    struct database *d = self;
    if (!has_changes(d, b, false))
        return has_changes(d, b, true) ? change_volatile(d, b, column, e) : STORE_COMMITTED;
    struct waiting me = { .batch = b };
    submit(d, &me);
    *column = me.column;
    if (e && (me.result == STORE_UNAVAILABLE || me.result == STORE_UNKNOWN))
        *e = me.err;
    return me.result;
}

/* ---------------------------------------------------------------------------------- reading */

/* After a failed COMMIT nothing is read before another one has overwritten what it may have left in the log: what is
 * read is then what stays. */
static int settle(struct database *d, struct err *e)
{
    static const struct store_batch none;
    if (!__atomic_load_n(&d->unsettled, __ATOMIC_ACQUIRE))
        return 0;
    struct waiting me = { .batch = &none };
    submit(d, &me);
    if (me.result == STORE_COMMITTED)
        return 0;
    if (e)
        *e = me.err;
    return -1;
}

static struct sql *reader_take(struct database *d, struct err *e)
{
    pthread_mutex_lock(&d->pool_lock);
    struct sql *s = d->readers;
    if (s)
        d->readers = s->next;
    pthread_mutex_unlock(&d->pool_lock);
    if (s || sql_open(d->schema, d->path, SQLITE_OPEN_READWRITE, &s, e) != 0)
        return s;
    /* one connection writes, and only that one copies the log back */
    if (sql_run(s, "PRAGMA query_only = ON; PRAGMA wal_autocheckpoint = 0;", e) == 0)
        return s;
    sql_close(s);
    return NULL;
}

static void reader_give(struct database *d, struct sql *s)
{
    pthread_mutex_lock(&d->pool_lock);
    s->next = d->readers;
    d->readers = s;
    pthread_mutex_unlock(&d->pool_lock);
}

static struct sql *reading(struct database *d, size_t kind, struct err *e)
{
    if (!is_volatile(d, kind))
        return settle(d, e) == 0 ? reader_take(d, e) : NULL;
    pthread_mutex_lock(&d->volatile_lock);
    return d->volatiles;
}

static void read_done(struct database *d, size_t kind, struct sql *s)
{
    if (is_volatile(d, kind))
        pthread_mutex_unlock(&d->volatile_lock);
    else
        reader_give(d, s);
}

static int sqlite_get(void *self, struct arena *a, size_t kind, struct bytes key, struct store_record *out,
                      struct err *e)
{
    struct sql *s = reading(self, kind, e);
    if (!s)
        return -1;
    int result = sql_get(s, a, kind, key, out, e);
    read_done(self, kind, s);
    return result;
}

static int sqlite_find(void *self, struct arena *a, const struct store_query *q, struct store_records *out,
                       struct err *e)
{
    struct sql *s = reading(self, q->kind, e);
    if (!s)
        return -1;
    int result = sql_find(s, a, q, out, e);
    read_done(self, q->kind, s);
    return result;
}

static int sqlite_count(void *self, const struct store_query *q, int64_t *n, struct err *e)
{
    struct sql *s = reading(self, q->kind, e);
    if (!s)
        return -1;
    int result = sql_count(s, q, n, e);
    read_done(self, q->kind, s);
    return result;
}

/* ------------------------------------------------------------------------------------- open */

static void sqlite_close(void *self)
{
    struct database *d = self;
    for (struct sql *s = d->readers, *next; s; s = next) {
        next = s->next;
        sql_close(s);
    }
    sql_close(d->volatiles);
    sql_close(d->writer);
    if (d->lock_file >= 0)
        close(d->lock_file);
    pthread_mutex_destroy(&d->pool_lock);
    pthread_mutex_destroy(&d->volatile_lock);
    pthread_mutex_destroy(&d->queue_lock);
    free(d->path);
    free(d);
}

static int lock_file(struct database *d, struct err *e)
{
    char name[4096];
    if ((size_t)snprintf(name, sizeof name, "%s-lock", d->path) >= sizeof name)
        return err_set(e, ERR_LIMIT, NULL, "the database's name is too long");
    d->lock_file = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (d->lock_file < 0) {
        err_set(e, ERR_IO, NULL, "the database cannot be opened: %s", strerror(errno));
        return err_at(e, "%s", d->path);
    }
    if (flock(d->lock_file, LOCK_EX | LOCK_NB) == 0)
        return 0;
    err_set(e, ERR_EXISTS, NULL, "another process has the database open");
    return err_at(e, "%s", d->path);
}

static int check_version(struct database *d, struct err *e)
{
    int64_t version;
    char text[64];
    if (sql_number(d->writer, "PRAGMA user_version", &version, e) != 0)
        return -1;
    if (version && version != d->schema->version) {
        err_set(e, ERR_UNSUPPORTED, NULL, "the database has version %lld, this program writes version %d",
                (long long)version, d->schema->version);
        return err_at(e, "%s", d->path);
    }
    snprintf(text, sizeof text, "PRAGMA user_version = %d", d->schema->version);
    return version ? 0 : sql_run(d->writer, text, e);
}

static int read_chain(struct database *d, size_t kind, struct arena *a, struct err *e)
{
    const struct store_query newest = { .kind = kind, .newest_first = true, .limit = 1 };
    struct store_records found;
    if (sql_find(d->writer, a, &newest, &found, e) != 0)
        return -1;
    struct bytes value = found.n ? found.items[0].v[d->schema->kinds[kind].n - 1].b : BYTES_NONE;
    if (value.n == STORE_CHAIN)
        memcpy(d->chains[kind], value.p, STORE_CHAIN);
    return 0;
}

static int read_chains(struct database *d, struct err *e)
{
    struct arena *a = arena_new(1 << 20);
    int result = a ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for a store");
    for (size_t i = 0; result == 0 && i < d->schema->n; i++)
        if (d->schema->kinds[i].chain)
            result = read_chain(d, i, a, e);
    arena_free(a);
    return result;
}

static int open_writer(struct database *d, struct err *e)
{
    static const char set_up[] =
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
        "CREATE TABLE IF NOT EXISTS store (one INTEGER PRIMARY KEY CHECK (one = 1), versions INTEGER NOT NULL);"
        "INSERT OR IGNORE INTO store VALUES (1, 0);";
    if (sql_open(d->schema, d->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &d->writer, e) != 0)
        return -1;
    if (sql_run(d->writer, set_up, e) != 0 || check_version(d, e) != 0 || sql_create(d->writer, false, e) != 0 ||
        sql_number(d->writer, "SELECT versions FROM store", &d->versions, e) != 0)
        return err_at(e, "%s", d->path);
    return read_chains(d, e);
}

/* Versions of volatile records count on from the durable ones' too, so that none comes twice while the process lives.
 */
static int open_volatile(struct database *d, struct err *e)
{
    bool any = false;
    for (size_t i = 0; i < d->schema->n; i++)
        any = any || is_volatile(d, i);
    if (!any)
        return 0;
    if (sql_open(d->schema, ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &d->volatiles, e) != 0)
        return -1;
    return sql_create(d->volatiles, true, e);
}

int store_open_sqlite(const struct store_schema *schema, const char *path, struct store **out, struct err *e)
{
    static const struct store_ops ops = { sqlite_get, sqlite_find, sqlite_count, sqlite_commit, sqlite_close };
    struct database *d = calloc(1, sizeof *d);
    if (!d)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a store");
    d->schema = schema;
    d->lock_file = -1;
    d->last = &d->first;
    pthread_mutex_init(&d->pool_lock, NULL);
    pthread_mutex_init(&d->volatile_lock, NULL);
    pthread_mutex_init(&d->queue_lock, NULL);
    d->path = strdup(path);
    int opened = d->path ? lock_file(d, e) : err_set(e, ERR_MEMORY, NULL, "no memory for a store");
    if (opened != 0 || open_writer(d, e) != 0 || open_volatile(d, e) != 0) {
        sqlite_close(d);
        return -1;
    }
    return store_make(&ops, d, out, e);
}
