/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdlib.h>

#include "store/backend.h"

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

static int faulty_find(void *self, struct arena *a, const struct store_query *q, struct store_records *out,
                       struct err *e)
{
    struct faulty *f = self;
    return store_find(f->inner, a, q, out, e);
}

static int faulty_count(void *self, const struct store_query *q, int64_t *n, struct err *e)
{
    struct faulty *f = self;
    return store_count(f->inner, q, n, e);
}

static enum store_commit faulty_commit(void *self, const struct store_batch *b, const char **column, struct err *e)
{
    struct faulty *f = self;
    bool now = __atomic_add_fetch(&f->faults->commits, 1, __ATOMIC_RELAXED) == f->faults->at;
    int how = f->faults->how;
    if (now && how == STORE_DIE_BEFORE)
        raise(SIGKILL);
    if (now && (how == STORE_FAIL_BEFORE || how == STORE_LOSE_BATCH)) {
        err_set(e, ERR_IO, NULL, "the store failed on purpose");
        return how == STORE_LOSE_BATCH ? STORE_UNKNOWN : STORE_UNAVAILABLE;
    }
    enum store_commit result = store_commit(f->inner, b, column, e);
    if (now && how == STORE_DIE_AFTER)
        raise(SIGKILL);
    if (!now)
        return result;
    err_set(e, ERR_IO, NULL, "the store's answer was lost on purpose");
    return STORE_UNKNOWN;
}

static void faulty_close(void *self)
{
    struct faulty *f = self;
    store_close(f->inner);
    free(f);
}

int store_open_faults(struct store *inner, struct store_faults *faults, struct store **out, struct err *e)
{
    static const struct store_ops ops = { faulty_get, faulty_find, faulty_count, faulty_commit, faulty_close };
    struct faulty *f = calloc(1, sizeof *f);
    if (!f) {
        store_close(inner);
        return err_set(e, ERR_MEMORY, NULL, "no memory for a store");
    }
    *f = (struct faulty){ inner, faults };
    return store_make(&ops, f, out, e);
}
