/* SPDX-License-Identifier: Apache-2.0 */
#include "server/audit.h"

#include "crypto/hash.h"

enum { PAGE = 256, PAGE_MEMORY = 4 << 20 };

const struct store_column audit_columns[AUDIT_COLUMNS] = {
    [AUDIT_BATCH] = { "batch", STORE_BLOB, false, false },   [AUDIT_TIME] = { "time", STORE_INT, false, false },
    [AUDIT_ACTOR] = { "actor", STORE_BLOB, false, false },   [AUDIT_ACTION] = { "action", STORE_BLOB, false, false },
    [AUDIT_SUBJECT] = { "subject", STORE_BLOB, false, true }, [AUDIT_OUTCOME] = { "outcome", STORE_BLOB, false, false },
    [AUDIT_LINK] = { "link", STORE_BLOB, false, false },
};

/* SHA-256 over the link before, the time, and each other column behind its length. */
void audit_link(const uint8_t previous[STORE_CHAIN], const struct store_record *r, uint8_t out[STORE_CHAIN])
{
    static const int blobs[] = { AUDIT_BATCH, AUDIT_ACTOR, AUDIT_ACTION, AUDIT_SUBJECT, AUDIT_OUTCOME };
    enum { N = sizeof blobs / sizeof *blobs };
    uint8_t numbers[N + 1][8];
    struct bytes parts[2 + 2 * N] = { bytes_make(previous, STORE_CHAIN), BYTES_OF(numbers[N]) };
    for (size_t i = 0; i <= N; i++) {
        uint64_t n = i == N ? (uint64_t)r->v[AUDIT_TIME].i : r->v[blobs[i]].b.n;
        for (int k = 0; k < 8; k++)
            numbers[i][k] = (uint8_t)(n >> (56 - 8 * k));
        if (i < N) {
            parts[2 + 2 * i] = BYTES_OF(numbers[i]);
            parts[3 + 2 * i] = r->v[blobs[i]].b;
        }
    }
    sha256(parts, sizeof parts / sizeof *parts, out);
}

enum store_commit audit_commit(struct store *s, size_t kind, const struct audit_entry *entry, struct store_batch *b,
                               const char **column, struct err *e)
{
    struct store_record r = { 0 }, there;
    r.v[AUDIT_BATCH].b = BYTES_OF(entry->batch);
    r.v[AUDIT_TIME].i = entry->time;
    r.v[AUDIT_ACTOR].b = entry->actor;
    r.v[AUDIT_ACTION].b = bytes_text(entry->action);
    r.v[AUDIT_SUBJECT].b = entry->subject;
    r.v[AUDIT_OUTCOME].b = bytes_text(entry->outcome);
    store_put(b, kind, &r);
    enum store_commit result = store_commit(s, b, column, e);
    if (result != STORE_UNKNOWN || store_get(s, b->arena, kind, BYTES_OF(entry->batch), &there, e) != 0)
        return result;
    return there.version ? STORE_COMMITTED : STORE_CONFLICT;
}

static int verify_page(struct store *s, struct arena *a, struct store_query *q, uint8_t link[STORE_CHAIN], int64_t *n,
                       struct err *e)
{
    struct store_records page;
    if (store_find(s, a, q, &page, e) != 0)
        return -1;
    for (size_t i = 0; i < page.n; i++) {
        uint8_t want[STORE_CHAIN];
        audit_link(link, &page.items[i], want);
        if (!bytes_equal(page.items[i].v[AUDIT_LINK].b, BYTES_OF(want)))
            return err_set(e, ERR_VERIFY, NULL,
                           "audit record %lld does not follow from the one before it: one was changed "
                           "or taken out",
                           (long long)*n + 1);
        memcpy(link, want, sizeof want);
        ++*n;
    }
    q->after = page.n ? page.items[page.n - 1].serial : 0;
    return page.n == q->limit;
}

int audit_verify_to(struct store *s, size_t kind, int64_t *n, uint8_t link[STORE_CHAIN], struct err *e)
{
    struct store_query q = { .kind = kind, .limit = PAGE };
    struct arena *a = arena_new(PAGE_MEMORY);
    int result = a ? 1 : err_set(e, ERR_MEMORY, NULL, "no memory for a page of records");
    memset(link, 0, STORE_CHAIN);
    for (*n = 0; result == 1; arena_reset(a))
        result = verify_page(s, a, &q, link, n, e);
    arena_free(a);
    return result;
}

int audit_verify(struct store *s, size_t kind, int64_t *n, struct err *e)
{
    uint8_t link[STORE_CHAIN];
    return audit_verify_to(s, kind, n, link, e);
}
