/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <stdlib.h>

int store_get(struct store *s, struct arena *a, size_t kind, struct bytes key, struct store_record *out, struct err *e)
{
    memset(out, 0, sizeof *out);
    return s->ops->get(s->self, a, kind, key, out, e);
}

int store_find(struct store *s, struct arena *a, size_t kind, size_t column, struct bytes value, size_t limit,
               struct store_records *out, struct err *e)
{
    *out = (struct store_records){ 0 };
    return s->ops->find(s->self, a, kind, column, value, limit, out, e);
}

enum store_commit store_commit(struct store *s, const struct store_batch *b, const char **column, struct err *e)
{
    const char *ignored;
    return s->ops->commit(s->self, b, column ? column : &ignored, e);
}

void store_close(struct store *s)
{
    if (!s)
        return;
    s->ops->close(s->self);
    free(s);
}

static void add(struct store_batch *b, size_t kind, const struct store_record *r, bool remove)
{
    if (b->n == STORE_BATCH_MAX)
        abort(); /* batches are small by construction */
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

/* ----------------------------------------------------------------------------- faults */

struct faulty {
    struct store *inner;
    struct store_faults *faults;
};

static int faulty_get(void *self, struct arena *a, size_t kind, struct bytes key, struct store_record *out,
                      struct err *e)
{
    struct faulty *f = self;
    return store_get(f->inner, a, kind, key, out, e);
}

static int faulty_find(void *self, struct arena *a, size_t kind, size_t column, struct bytes value, size_t limit,
                       struct store_records *out, struct err *e)
{
    struct faulty *f = self;
    return store_find(f->inner, a, kind, column, value, limit, out, e);
}

static enum store_commit faulty_commit(void *self, const struct store_batch *b, const char **column, struct err *e)
{
    struct faulty *f = self;
    bool now = ++f->faults->commits == f->faults->at;
    if (now && f->faults->how == STORE_FAIL_BEFORE) {
        err_set(e, ERR_IO, NULL, "the store failed on purpose");
        return STORE_UNAVAILABLE;
    }
    enum store_commit result = store_commit(f->inner, b, column, e);
    return now ? STORE_UNKNOWN : result;
}

static void faulty_close(void *self)
{
    struct faulty *f = self;
    store_close(f->inner);
    free(f);
}

int store_open_faults(struct store *inner, struct store_faults *faults, struct store **out, struct err *e)
{
    static const struct store_ops ops = { faulty_get, faulty_find, faulty_commit, faulty_close };
    struct store *s = calloc(1, sizeof *s);
    struct faulty *f = calloc(1, sizeof *f);
    if (!s || !f) {
        free(s);
        free(f);
        return err_set(e, ERR_MEMORY, NULL, "no memory for a store");
    }
    *f = (struct faulty){ inner, faults };
    *s = (struct store){ &ops, f };
    *out = s;
    return 0;
}
