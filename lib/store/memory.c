/* SPDX-License-Identifier: Apache-2.0
 *
 * The model: rows in the order of insertion, searched one by one. */
#include <pthread.h>
#include <stdlib.h>

#include "store/backend.h"

struct table {
    struct store_record **rows; /* each one allocation, with its blobs behind it */
    size_t n, room;
};

struct memory {
    const struct store_schema *schema;
    pthread_mutex_t lock;
    int64_t versions;
    struct table tables[STORE_KINDS_MAX];
};

/* What a change did: a row that was there, the row that is there now. */
struct done {
    size_t kind;
    struct store_record *before, *now;
};

/* ----------------------------------------------------------------------------------- rows */

static size_t blob_octets(const struct store_kind *k, const struct store_record *r)
{
    size_t n = 0;
    for (size_t i = 0; i < k->n; i++)
        n += k->columns[i].type == STORE_BLOB ? r->v[i].b.n : 0;
    return n;
}

/* A copy of a record whose blobs stand in `room`. */
static void copy(const struct store_kind *k, const struct store_record *from, struct store_record *to, uint8_t *room)
{
    *to = *from;
    for (size_t i = 0; i < k->n; i++) {
        if (k->columns[i].type != STORE_BLOB || !from->v[i].b.p)
            continue;
        if (from->v[i].b.n)
            memcpy(room, from->v[i].b.p, from->v[i].b.n);
        to->v[i].b.p = room;
        room += from->v[i].b.n;
    }
}

static struct store_record *row_new(const struct store_kind *k, const struct store_record *r)
{
    struct store_record *row = malloc(sizeof *row + blob_octets(k, r) + 1);
    if (row)
        copy(k, r, row, (uint8_t *)(row + 1));
    return row;
}

static void row_free(const struct store_kind *k, struct store_record *row)
{
    if (row)
        bytes_wipe(row, sizeof *row + blob_octets(k, row));
    free(row);
}

static int copy_out(const struct memory *m, struct arena *a, size_t kind, const struct store_record *row,
                    struct store_record *out, struct err *e)
{
    const struct store_kind *k = &m->schema->kinds[kind];
    uint8_t *room = arena_alloc(a, blob_octets(k, row) + 1);
    if (!room)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a record");
    copy(k, row, out, room);
    return 0;
}

/* Index of the row with a key; the number of rows if there is none. */
static size_t at_key(const struct table *t, struct bytes key)
{
    size_t i = 0;
    while (i < t->n && !bytes_equal(t->rows[i]->v[0].b, key))
        i++;
    return i;
}

static void take_out(struct table *t, size_t at)
{
    t->n--;
    memmove(t->rows + at, t->rows + at + 1, (t->n - at) * sizeof *t->rows);
}

/* Room for one more is there already. */
static void put_in(struct table *t, struct store_record *row)
{
    size_t at = t->n++;
    for (; at > 0 && t->rows[at - 1]->serial > row->serial; at--)
        t->rows[at] = t->rows[at - 1];
    t->rows[at] = row;
}

static int make_room(struct table *t)
{
    size_t room = t->room ? t->room * 2 : 16;
    if (t->n < t->room)
        return 0;
    struct store_record **rows = realloc(t->rows, room * sizeof *rows);
    if (!rows)
        return -1;
    t->rows = rows;
    t->room = room;
    return 0;
}

/* --------------------------------------------------------------------------------- reading */

static int memory_get(void *self, struct arena *a, size_t kind, struct bytes key, struct store_record *out,
                      struct err *e)
{
    struct memory *m = self;
    pthread_mutex_lock(&m->lock);
    const struct table *t = &m->tables[kind];
    size_t at = at_key(t, key);
    int result = at < t->n ? copy_out(m, a, kind, t->rows[at], out, e) : 0;
    pthread_mutex_unlock(&m->lock);
    return result;
}

static int memory_find(void *self, struct arena *a, const struct store_query *q, struct store_records *out,
                       struct err *e)
{
    struct memory *m = self;
    int result = 0;
    pthread_mutex_lock(&m->lock);
    const struct table *t = &m->tables[q->kind];
    out->items = arena_array(a, q->limit < t->n ? q->limit : t->n, sizeof *out->items);
    for (size_t i = 0; out->items && result == 0 && i < t->n && out->n < q->limit; i++) {
        const struct store_record *row = t->rows[q->newest_first ? t->n - 1 - i : i];
        if (store_matches(m->schema, q, row))
            result = copy_out(m, a, q->kind, row, &out->items[out->n++], e);
    }
    pthread_mutex_unlock(&m->lock);
    return out->items ? result : err_set(e, ERR_MEMORY, NULL, "no memory for records");
}

static int memory_count(void *self, const struct store_query *q, int64_t *n, struct err *e)
{
    struct memory *m = self;
    (void)e;
    pthread_mutex_lock(&m->lock);
    for (size_t i = 0; i < m->tables[q->kind].n; i++)
        *n += store_matches(m->schema, q, m->tables[q->kind].rows[i]);
    pthread_mutex_unlock(&m->lock);
    return 0;
}

/* --------------------------------------------------------------------------------- writing */

/* Name of a unique column that a put would double, or NULL. */
static const char *duplicate(const struct store_kind *k, const struct table *t, const struct store_record *r)
{
    for (size_t c = 1; c < k->n; c++)
        for (size_t i = 0; k->columns[c].unique && r->v[c].b.p && i < t->n; i++)
            if (t->rows[i]->v[c].b.p && bytes_equal(t->rows[i]->v[c].b, r->v[c].b) &&
                !bytes_equal(t->rows[i]->v[0].b, r->v[0].b))
                return k->columns[c].name;
    return NULL;
}

static enum store_commit make_row(struct memory *m, const struct store_kind *k, struct table *t,
                                  const struct store_change *c, struct done *d)
{
    struct store_record r = c->record;
    uint8_t none[STORE_CHAIN] = { 0 }, link[STORE_CHAIN];
    if (k->chain) {
        k->chain(t->n ? t->rows[t->n - 1]->v[k->n - 1].b.p : none, &r, link);
        r.v[k->n - 1].b = BYTES_OF(link);
    }
    r.version = ++m->versions;
    r.serial = d->before ? d->before->serial : r.version;
    d->now = make_room(t) == 0 ? row_new(k, &r) : NULL;
    return d->now ? STORE_COMMITTED : STORE_UNAVAILABLE;
}

static enum store_commit change(struct memory *m, const struct store_change *c, const char **column, struct done *d)
{
    const struct store_kind *k = &m->schema->kinds[c->kind];
    struct table *t = &m->tables[c->kind];
    size_t at = at_key(t, c->record.v[0].b);
    *d = (struct done){ .kind = c->kind, .before = at < t->n ? t->rows[at] : NULL };
    if ((d->before ? d->before->version : 0) != c->record.version || (!d->before && c->remove) ||
        (k->chain && (d->before || c->remove)))
        return STORE_CONFLICT;
    *column = c->remove ? NULL : duplicate(k, t, &c->record);
    if (*column)
        return STORE_DUPLICATE;
    enum store_commit made = c->remove ? STORE_COMMITTED : make_row(m, k, t, c, d);
    if (made != STORE_COMMITTED)
        return made;
    if (d->before)
        take_out(t, at);
    if (d->now)
        put_in(t, d->now);
    return STORE_COMMITTED;
}

static void undo(struct memory *m, const struct done *d)
{
    struct table *t = &m->tables[d->kind];
    if (d->now) {
        take_out(t, at_key(t, d->now->v[0].b));
        row_free(&m->schema->kinds[d->kind], d->now);
    }
    if (d->before)
        put_in(t, d->before); /* a row was taken out here, so there is room */
}

static void forget_oldest(struct memory *m)
{
    for (size_t i = 0; i < m->schema->n; i++) {
        const struct store_kind *k = &m->schema->kinds[i];
        while (k->volatile_max && m->tables[i].n > k->volatile_max) {
            row_free(k, m->tables[i].rows[0]);
            take_out(&m->tables[i], 0);
        }
    }
}

static enum store_commit memory_commit(void *self, const struct store_batch *b, const char **column, struct err *e)
{
    struct memory *m = self;
    struct done *done = calloc(b->n + 1, sizeof *done);
    enum store_commit result = done ? STORE_COMMITTED : STORE_UNAVAILABLE;
    size_t n = 0;
    pthread_mutex_lock(&m->lock);
    while (result == STORE_COMMITTED && n < b->n) {
        result = change(m, &b->items[n], column, &done[n]);
        n += result == STORE_COMMITTED;
    }
    if (result == STORE_UNAVAILABLE)
        err_set(e, ERR_MEMORY, NULL, "no memory for a batch");
    while (result != STORE_COMMITTED && n > 0)
        undo(m, &done[--n]);
    for (size_t i = 0; i < n; i++)
        row_free(&m->schema->kinds[done[i].kind], done[i].before);
    forget_oldest(m);
    pthread_mutex_unlock(&m->lock);
    free(done);
    return result;
}

static void memory_close(void *self)
{
    struct memory *m = self;
    for (size_t k = 0; k < m->schema->n; k++) {
        for (size_t i = 0; i < m->tables[k].n; i++)
            row_free(&m->schema->kinds[k], m->tables[k].rows[i]);
        free(m->tables[k].rows);
    }
    pthread_mutex_destroy(&m->lock);
    free(m);
}

int store_open_memory(const struct store_schema *schema, struct store **out, struct err *e)
{
    static const struct store_ops ops = { memory_get, memory_find, memory_count, memory_commit, memory_close };
    struct memory *m = calloc(1, sizeof *m);
    if (!m)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a store");
    m->schema = schema;
    pthread_mutex_init(&m->lock, NULL);
    return store_make(&ops, m, out, e);
}
