/* SPDX-License-Identifier: Apache-2.0 */
#include "server/outbox_rows.h"

#include "base/buf.h"

enum { SETTLE_TRIES = 3, MOVE_TRIES = 8 };

const struct store_column outbox_columns[OUTBOX_COLUMNS] = {
    [OUTBOX_ID] = { "id", STORE_BLOB, false, false },
    [OUTBOX_QUEUE] = { "queue", STORE_BLOB, false, true },
    [OUTBOX_LANE] = { "lane", STORE_BLOB, false, false },
    [OUTBOX_TOPIC] = { "topic", STORE_INT, false, false },
    [OUTBOX_SUBJECT] = { "subject", STORE_BLOB, false, false },
    [OUTBOX_BODY] = { "body", STORE_BLOB, false, false },
    [OUTBOX_CREATED] = { "created", STORE_INT, false, false },
    [OUTBOX_DUE] = { "due", STORE_INT, false, false },
    [OUTBOX_TRIES] = { "tries", STORE_INT, false, false },
    [OUTBOX_LEASE] = { "lease", STORE_INT, false, false },
    [OUTBOX_ERROR] = { "error", STORE_BLOB, false, false },
};

/* The queues of a state, first and last. */
static const struct {
    int first, last;
} queues_of[] = {
    [OUTBOX_WAITING] = { OUTBOX_ORDER, OUTBOX_ORDER },
    [OUTBOX_ASIDE] = { OUTBOX_FIRST_ASIDE, OUTBOX_LAST_ASIDE },
    [OUTBOX_DEAD] = { OUTBOX_GRAVE, OUTBOX_GRAVE },
};

/* ---------------------------------------------------------------------------------- a record */

static int queue_value(struct arena *a, struct bytes lane, int queue, struct bytes *out, struct err *e)
{
    struct buf b = buf_in(a);
    buf_u8(&b, (unsigned)('A' + queue));
    buf_add(&b, lane);
    *out = buf_bytes(&b);
    return out->p ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for a message");
}

int outbox_row_queue(const struct store_record *r)
{
    struct bytes value = r->v[OUTBOX_QUEUE].b;
    return value.n && value.p[0] >= 'A' && value.p[0] < 'A' + OUTBOX_QUEUES ? value.p[0] - 'A' : OUTBOX_QUEUES;
}

int outbox_row_move(struct arena *a, struct store_record *r, int queue, struct err *e)
{
    return queue_value(a, r->v[OUTBOX_LANE].b, queue, &r->v[OUTBOX_QUEUE].b, e);
}

static enum outbox_state state_of(int queue)
{
    return queue == OUTBOX_ORDER ? OUTBOX_WAITING : queue == OUTBOX_GRAVE ? OUTBOX_DEAD : OUTBOX_ASIDE;
}

int outbox_row_message(const struct store_record *r, struct outbox_message *m, struct err *e)
{
    const union store_value *v = r->v;
    if (v[OUTBOX_ID].b.n != OUTBOX_ID_OCTETS || outbox_row_queue(r) == OUTBOX_QUEUES)
        return err_set(e, ERR_VERIFY, NULL, "a record of the outbox is none that this program writes");
    *m = (struct outbox_message){
        .lane = v[OUTBOX_LANE].b,       .topic = v[OUTBOX_TOPIC].i,     .subject = v[OUTBOX_SUBJECT].b,
        .body = v[OUTBOX_BODY].b,       .created = v[OUTBOX_CREATED].i, .state = state_of(outbox_row_queue(r)),
        .due = v[OUTBOX_DUE].i,         .tries = v[OUTBOX_TRIES].i,     .lease = v[OUTBOX_LEASE].i,
        .error = v[OUTBOX_ERROR].b,
    };
    memcpy(m->id, v[OUTBOX_ID].b.p, sizeof m->id);
    return 0;
}

int outbox_put(struct store_batch *b, size_t kind, const struct outbox_message *m, struct err *e)
{
    struct store_record r = { 0 };
    if (!m->lane.n)
        return err_set(e, ERR_VALUE, NULL, "a message needs a destination");
    if (m->created < 0 || m->created > OUTBOX_NEVER / 2)
        return err_set(e, ERR_VALUE, NULL, "a message was not written at %lld", (long long)m->created);
    if (m->lane.n > OUTBOX_TEXT_MAX || m->subject.n > OUTBOX_TEXT_MAX || m->body.n > OUTBOX_BODY_MAX)
        return err_set(e, ERR_LIMIT, NULL,
                       "a message of %zu octets to \"%.*s\": at most %d are sent, with names of at most %d", m->body.n,
                       (int)bytes_slice(m->lane, 0, 60).n, (const char *)m->lane.p, OUTBOX_BODY_MAX, OUTBOX_TEXT_MAX);
    r.v[OUTBOX_ID].b = arena_copy(b->arena, BYTES_OF(m->id));
    r.v[OUTBOX_LANE].b = m->lane;
    r.v[OUTBOX_TOPIC].i = m->topic;
    r.v[OUTBOX_SUBJECT].b = m->subject;
    r.v[OUTBOX_BODY].b = m->body;
    r.v[OUTBOX_CREATED].i = r.v[OUTBOX_DUE].i = m->created;
    if (!r.v[OUTBOX_ID].b.p)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a message");
    if (outbox_row_move(b->arena, &r, OUTBOX_ORDER, e) != 0)
        return -1;
    store_put(b, kind, &r);
    return 0;
}

/* ------------------------------------------------------------------------------------ queues */

int outbox_rows_page(const struct outbox_rows *rows, struct arena *a, struct bytes lane, int queue, int64_t after,
                     size_t limit, struct store_records *out, struct err *e)
{
    struct store_query q = { .kind = rows->kind, .column = OUTBOX_QUEUE, .after = after, .limit = limit };
    if (queue_value(a, lane, queue, &q.value.b, e) != 0)
        return -1;
    return store_find(rows->store, a, &q, out, e);
}

int outbox_rows_count(const struct outbox_rows *rows, struct arena *a, struct bytes lane, enum outbox_state state,
                      int64_t *n, struct err *e)
{
    for (int queue = queues_of[state].first; queue <= queues_of[state].last; queue++) {
        struct store_query q = { .kind = rows->kind, .column = OUTBOX_QUEUE };
        int64_t more;
        if (queue_value(a, lane, queue, &q.value.b, e) != 0 || store_count(rows->store, &q, &more, e) != 0)
            return -1;
        *n += more;
    }
    return 0;
}

int outbox_rows_list(const struct outbox_rows *rows, struct arena *a, struct bytes lane, enum outbox_state state,
                     struct outbox_place *at, size_t limit, struct outbox_message **out, size_t *n, struct err *e)
{
    struct store_records page = { 0 };
    if (at->queue < queues_of[state].first)
        *at = (struct outbox_place){ .queue = queues_of[state].first };
    for (*n = 0; page.n == 0 && at->queue <= queues_of[state].last;) {
        if (outbox_rows_page(rows, a, lane, at->queue, at->serial, limit, &page, e) != 0)
            return -1;
        if (page.n == 0)
            *at = (struct outbox_place){ .queue = at->queue + 1 };
    }
    *out = arena_array(a, page.n, sizeof **out);
    if (!*out)
        return err_set(e, ERR_MEMORY, NULL, "no memory for messages");
    for (; *n < page.n; ++*n)
        if (outbox_row_message(&page.items[*n], &(*out)[*n], e) != 0)
            return -1;
    at->serial = page.n ? page.items[page.n - 1].serial : 0;
    return 0;
}

/* --------------------------------------------------------------------------------- ownership */

/* A claim of unknown outcome is not asked about: what is read could be the claim of somebody else.  If it was ours,
 * the record waits for its lease. */
int outbox_rows_claim(const struct outbox_rows *rows, struct arena *a, struct store_record *r, int64_t lease,
                      struct err *e)
{
    struct store_batch b = store_batch_in(a);
    const struct bytes id = r->v[OUTBOX_ID].b;
    r->v[OUTBOX_LEASE].i = lease;
    store_put(&b, rows->kind, r);
    enum store_commit result = store_commit(rows->store, &b, NULL, e);
    if (result != STORE_COMMITTED)
        return result == STORE_CONFLICT ? 0 : -1;
    if (store_get(rows->store, a, rows->kind, id, r, e) != 0)
        return -1;
    return r->version && r->v[OUTBOX_LEASE].i == lease;
}

int outbox_rows_settle(const struct outbox_rows *rows, struct arena *a, const struct store_record *held,
                       const struct store_record *next, bool anew, struct err *e)
{
    for (int i = 0; i < SETTLE_TRIES; i++) {
        struct store_batch b = store_batch_in(a);
        struct store_record put = next ? *next : *held, there;
        put.version = anew ? 0 : held->version;
        if (!next || anew)
            store_remove(&b, rows->kind, held);
        if (next)
            store_put(&b, rows->kind, &put);
        enum store_commit result = store_commit(rows->store, &b, NULL, e);
        if (result == STORE_COMMITTED || result == STORE_CONFLICT)
            return 0;
        if (store_get(rows->store, a, rows->kind, held->v[OUTBOX_ID].b, &there, e) == 0 &&
            there.version != held->version)
            return 0;
    }
    return -1;
}

/* ------------------------------------------------------------------------------------- retry */

static void again(struct store_record *r, int64_t now)
{
    r->v[OUTBOX_DUE].i = now;
    r->v[OUTBOX_TRIES].i = 0;
}

/* A page of another queue to the end of the order, as far as nobody owns its records. */
static enum store_commit move_page(const struct outbox_rows *rows, struct arena *a, const struct store_records *page,
                                   int64_t now, int64_t *n, struct err *e)
{
    struct store_batch b = store_batch_in(a);
    for (size_t i = 0; i < page->n; i++) {
        struct store_record r = page->items[i];
        if (r.v[OUTBOX_LEASE].i > now)
            continue;
        store_remove(&b, rows->kind, &r);
        r.version = 0;
        again(&r, now);
        if (outbox_row_move(a, &r, OUTBOX_ORDER, e) != 0)
            return STORE_UNAVAILABLE;
        store_put(&b, rows->kind, &r);
    }
    enum store_commit result = store_commit(rows->store, &b, NULL, e);
    *n += result == STORE_COMMITTED ? (int64_t)b.n / 2 : 0;
    return result;
}

/* The serial of a queue's last record: a record that comes back while we move the others is not moved again. */
static int last_serial(const struct outbox_rows *rows, struct arena *a, struct bytes lane, int queue, int64_t *serial,
                       struct err *e)
{
    struct store_query q = { .kind = rows->kind, .column = OUTBOX_QUEUE, .newest_first = true, .limit = 1 };
    struct store_records found;
    if (queue_value(a, lane, queue, &q.value.b, e) != 0 || store_find(rows->store, a, &q, &found, e) != 0)
        return -1;
    *serial = found.n ? found.items[0].serial : 0;
    return 0;
}

/* 1: there is more behind *after. */
static int move_some(const struct outbox_rows *rows, struct arena *a, struct bytes lane, int queue, int64_t last,
                     int64_t *after, int64_t now, int64_t *n, struct err *e)
{
    for (int i = 0; i < MOVE_TRIES; i++) {
        struct store_records page;
        if (outbox_rows_page(rows, a, lane, queue, *after, OUTBOX_PAGE, &page, e) != 0)
            return -1;
        while (page.n && page.items[page.n - 1].serial > last)
            page.n--;
        if (page.n == 0)
            return 0;
        enum store_commit result = move_page(rows, a, &page, now, n, e);
        if (result == STORE_UNAVAILABLE)
            return -1;
        if (result == STORE_COMMITTED) {
            *after = page.items[page.n - 1].serial;
            return 1;
        }
    }
    return err_set(e, ERR_IO, NULL, "the messages changed while they were moved: try again");
}

static int move_queue(const struct outbox_rows *rows, struct arena *a, struct bytes lane, int queue, int64_t now,
                      int64_t *n, struct err *e)
{
    int64_t last, after = 0;
    int result = last_serial(rows, a, lane, queue, &last, e);
    if (result != 0 || last == 0)
        return result;
    do {
        arena_reset(a);
        result = move_some(rows, a, lane, queue, last, &after, now, n, e);
    } while (result == 1);
    return result;
}

/* The first of the order is the one that may wait for the destination. */
static int make_due(const struct outbox_rows *rows, struct arena *a, struct bytes lane, int64_t now, struct err *e)
{
    struct store_records first;
    struct store_batch b = store_batch_in(a);
    if (outbox_rows_page(rows, a, lane, OUTBOX_ORDER, 0, 1, &first, e) != 0)
        return -1;
    if (first.n == 0 || first.items[0].v[OUTBOX_DUE].i <= now || first.items[0].v[OUTBOX_LEASE].i > now)
        return 0;
    again(&first.items[0], now);
    store_put(&b, rows->kind, &first.items[0]);
    enum store_commit result = store_commit(rows->store, &b, NULL, e);
    return result == STORE_COMMITTED || result == STORE_CONFLICT ? 0 : -1;
}

int outbox_rows_retry(const struct outbox_rows *rows, struct bytes lane, bool dead, int64_t now, int64_t *n,
                      struct err *e)
{
    struct arena *a = arena_new(OUTBOX_PAGE_MEMORY);
    int result = a ? make_due(rows, a, lane, now, e) : err_set(e, ERR_MEMORY, NULL, "no memory for messages");
    for (int queue = dead ? OUTBOX_GRAVE : OUTBOX_LAST_ASIDE; result == 0 && queue > OUTBOX_ORDER; queue--)
        result = move_queue(rows, a, lane, queue, now, n, e);
    arena_free(a);
    return result;
}
