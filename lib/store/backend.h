/* Inside lib/store: what a back end is. */
#ifndef RSPKIT_STORE_BACKEND_H
#define RSPKIT_STORE_BACKEND_H

#include "store/store.h"

struct store_ops {
    int (*get)(void *self, struct arena *, size_t kind, struct bytes key, struct store_record *, struct err *);
    int (*find)(void *self, struct arena *, const struct store_query *, struct store_records *, struct err *);
    int (*count)(void *self, const struct store_query *, int64_t *, struct err *);
    enum store_commit (*commit)(void *self, const struct store_batch *, const char **column, struct err *);
    void (*close)(void *self);
};

struct store {
    const struct store_ops *ops;
    void *self;
};

/* A store around a back end; -1 without memory or with too many kinds, the back end is then closed. */
int store_make(const struct store_ops *, void *self, struct store **, struct err *);

/* Is `value` what the record has in the query's column? */
bool store_matches(const struct store_schema *, const struct store_query *, const struct store_record *);

#endif
