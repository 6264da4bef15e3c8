/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdlib.h>

#include "store/store.h"

struct row {
    struct store_record record; /* blobs are malloc'ed */
};

struct table {
    struct row *rows;
    size_t n, room;
};

struct memory {
    const struct store_schema *schema;
    pthread_mutex_t lock;
    int64_t versions;
    struct table tables[STORE_KINDS_MAX];
};

static const struct store_kind *kind_of(const struct memory *m, size_t kind)
{
    return &m->schema->kinds[kind];
}

static struct row *row_of(struct memory *m, size_t kind, struct bytes key)
{
    struct table *t = &m->tables[kind];
    for (size_t i = 0; i < t->n; i++)
        if (bytes_equal(t->rows[i].record.v[0].b, key))
            return &t->rows[i];
    return NULL;
}

static int copy_out(const struct memory *m, struct arena *a, size_t kind, const struct store_record *from,
                    struct store_record *to, struct err *e)
{
    const struct store_kind *k = kind_of(m, kind);
    *to = *from;
    for (size_t i = 0; i < k->n; i++)
        if (k->columns[i].type == STORE_BLOB && from->v[i].b.p) {
            to->v[i].b = arena_copy(a, from->v[i].b);
            if (!to->v[i].b.p)
                return err_set(e, ERR_MEMORY, NULL, "no memory for a record");
        }
    return 0;
}

static int memory_get(void *self, struct arena *a, size_t kind, struct bytes key, struct store_record *out,
                      struct err *e)
{
    struct memory *m = self;
    pthread_mutex_lock(&m->lock);
    struct row *r = row_of(m, kind, key);
    int result = r ? copy_out(m, a, kind, &r->record, out, e) : 0;
    pthread_mutex_unlock(&m->lock);
    return result;
}

static int memory_find(void *self, struct arena *a, size_t kind, size_t column, struct bytes value, size_t limit,
                       struct store_records *out, struct err *e)
{
    struct memory *m = self;
    int result = 0;
    pthread_mutex_lock(&m->lock);
    struct table *t = &m->tables[kind];
    out->items = arena_array(a, limit < t->n ? limit : t->n, sizeof *out->items);
    for (size_t i = 0; out->items && result == 0 && i < t->n && out->n < limit; i++)
        if (bytes_present(t->rows[i].record.v[column].b) && bytes_equal(t->rows[i].record.v[column].b, value))
            result = copy_out(m, a, kind, &t->rows[i].record, &out->items[out->n++], e);
    pthread_mutex_unlock(&m->lock);
    return out->items ? result : err_set(e, ERR_MEMORY, NULL, "no memory for records");
}

/* Would this put break a unique column? */
static const char *duplicate(struct memory *m, const struct store_change *c)
{
    const struct store_kind *k = kind_of(m, c->kind);
    struct table *t = &m->tables[c->kind];
    for (size_t i = 1; i < k->n; i++) {
        if (!k->columns[i].unique || !bytes_present(c->record.v[i].b))
            continue;
        for (size_t r = 0; r < t->n; r++)
            if (bytes_present(t->rows[r].record.v[i].b) && bytes_equal(t->rows[r].record.v[i].b, c->record.v[i].b) &&
                !bytes_equal(t->rows[r].record.v[0].b, c->record.v[0].b))
                return k->columns[i].name;
    }
    return NULL;
}

static enum store_commit check(struct memory *m, const struct store_batch *b, const char **column)
{
    for (size_t i = 0; i < b->n; i++) {
        const struct store_change *c = &b->items[i];
        struct row *r = row_of(m, c->kind, c->record.v[0].b);
        if ((r ? r->record.version : 0) != c->record.version)
            return STORE_CONFLICT;
        *column = c->remove ? NULL : duplicate(m, c);
        if (*column)
            return STORE_DUPLICATE;
    }
    return STORE_COMMITTED;
}

static void wipe_row(const struct store_kind *k, struct row *r)
{
    for (size_t i = 0; i < k->n; i++)
        if (k->columns[i].type == STORE_BLOB && r->record.v[i].b.p) {
            bytes_wipe((void *)(uintptr_t)r->record.v[i].b.p, r->record.v[i].b.n);
            free((void *)(uintptr_t)r->record.v[i].b.p);
        }
}

static void apply(struct memory *m, const struct store_change *c)
{
    const struct store_kind *k = kind_of(m, c->kind);
    struct table *t = &m->tables[c->kind];
    struct row *r = row_of(m, c->kind, c->record.v[0].b);
    struct row made = { .record = c->record };
    for (size_t i = 0; !c->remove && i < k->n; i++)
        if (k->columns[i].type == STORE_BLOB && c->record.v[i].b.p) {
            uint8_t *p = malloc(c->record.v[i].b.n + 1);
            if (!p)
                abort(); /* a test store without memory has nothing left to test */
            memcpy(p, c->record.v[i].b.p, c->record.v[i].b.n);
            made.record.v[i].b.p = p;
        }
    made.record.version = ++m->versions;
    if (r)
        wipe_row(k, r);
    if (r && !c->remove) {
        *r = made;
    } else if (r) {
        memmove(r, r + 1, (size_t)(t->rows + t->n - r - 1) * sizeof *r);
        t->n--;
    } else if (!c->remove) {
        if (t->n == t->room) {
            t->room = t->room ? t->room * 2 : 16;
            t->rows = realloc(t->rows, t->room * sizeof *t->rows);
            if (!t->rows)
                abort();
        }
        t->rows[t->n++] = made;
    }
}

static enum store_commit memory_commit(void *self, const struct store_batch *b, const char **column, struct err *e)
{
    struct memory *m = self;
    (void)e;
    pthread_mutex_lock(&m->lock);
    enum store_commit result = check(m, b, column);
    for (size_t i = 0; result == STORE_COMMITTED && i < b->n; i++)
        apply(m, &b->items[i]);
    pthread_mutex_unlock(&m->lock);
    return result;
}

static void memory_close(void *self)
{
    struct memory *m = self;
    for (size_t k = 0; k < m->schema->n; k++) {
        for (size_t i = 0; i < m->tables[k].n; i++)
            wipe_row(kind_of(m, k), &m->tables[k].rows[i]);
        free(m->tables[k].rows);
    }
    pthread_mutex_destroy(&m->lock);
    free(m);
}

int store_open_memory(const struct store_schema *schema, struct store **out, struct err *e)
{
    static const struct store_ops ops = { memory_get, memory_find, memory_commit, memory_close };
    struct store *s = calloc(1, sizeof *s);
    struct memory *m = calloc(1, sizeof *m);
    if (!s || !m || schema->n > STORE_KINDS_MAX) {
        free(s);
        free(m);
        return err_set(e, ERR_MEMORY, NULL, "no memory for a store");
    }
    m->schema = schema;
    pthread_mutex_init(&m->lock, NULL);
    *s = (struct store){ &ops, m };
    *out = s;
    return 0;
}
