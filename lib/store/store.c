/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "store/backend.h"

int store_get(struct store *s, struct arena *a, size_t kind, struct bytes key, struct store_record *out, struct err *e)
{
    memset(out, 0, sizeof *out);
    return s->ops->get(s->self, a, kind, key, out, e);
}

int store_find(struct store *s, struct arena *a, const struct store_query *q, struct store_records *out, struct err *e)
{
    *out = (struct store_records){ 0 };
    return s->ops->find(s->self, a, q, out, e);
}

int store_count(struct store *s, const struct store_query *q, int64_t *n, struct err *e)
{
    *n = 0;
    return s->ops->count(s->self, q, n, e);
}

enum store_commit store_commit(struct store *s, const struct store_batch *b, const char **column, struct err *e)
{
    const char *ignored;
    if (b->failed) {
        err_set(e, ERR_MEMORY, NULL, "no memory for a batch");
        return STORE_UNAVAILABLE;
    }
    return s->ops->commit(s->self, b, column ? column : &ignored, e);
}

void store_close(struct store *s)
{
    if (!s)
        return;
    s->ops->close(s->self);
    free(s);
}

/* ------------------------------------------------------------------------------ batches */

struct store_batch store_batch_in(struct arena *a)
{
    return (struct store_batch){ .arena = a };
}

static void grow(struct store_batch *b)
{
    size_t room = b->room ? b->room * 2 : 8;
    struct store_change *items = arena_array(b->arena, room, sizeof *items);
    b->failed = b->failed || !items;
    if (!items)
        return;
    if (b->n)
        memcpy(items, b->items, b->n * sizeof *items);
    b->items = items;
    b->room = room;
}

static void add(struct store_batch *b, size_t kind, const struct store_record *r, bool remove)
{
    if (b->n == b->room)
        grow(b);
    if (!b->failed)
        b->items[b->n++] = (struct store_change){ kind, remove, *r };
}

void store_put(struct store_batch *b, size_t kind, const struct store_record *r)
{
    add(b, kind, r, false);
}

void store_remove(struct store_batch *b, size_t kind, const struct store_record *r)
{
    add(b, kind, r, true);
}

/* ---------------------------------------------------------------------------- back ends */

int store_make(const struct store_ops *ops, void *self, struct store **out, struct err *e)
{
    struct store *s = calloc(1, sizeof *s);
    if (!s) {
        ops->close(self);
        return err_set(e, ERR_MEMORY, NULL, "no memory for a store");
    }
    *s = (struct store){ ops, self };
    *out = s;
    return 0;
}

bool store_matches(const struct store_schema *schema, const struct store_query *q, const struct store_record *r)
{
    if (q->after && (q->newest_first ? r->serial >= q->after : r->serial <= q->after))
        return false;
    if (q->column == 0)
        return true;
    if (schema->kinds[q->kind].columns[q->column].type == STORE_INT)
        return r->v[q->column].i == q->value.i;
    return bytes_present(r->v[q->column].b) && bytes_equal(r->v[q->column].b, q->value.b);
}
