/* SPDX-License-Identifier: Apache-2.0 */
#include "server/outbox_turn.h"

enum { JITTER = 8 * 256 /* a random octet of this is added to a pause */ };

static int64_t clock_of(const struct outbox_turn *t)
{
    return t->setup->now(t->setup->context);
}

static void note(const struct outbox_turn *t, const struct err *e)
{
    if (t->setup->note)
        t->setup->note(t->setup->context, t->lane, e);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* ------------------------------------------------------------------------------------- times */

/* The pause after the n-th failure. */
static int64_t pause_after(const struct outbox_plan *p, int64_t n)
{
    int64_t pause = p->first_pause;
    while (--n > 0 && pause < p->longest_pause)
        pause *= 2;
    return earlier(pause, p->longest_pause);
}

static int64_t with_jitter(const struct outbox_setup *s, int64_t pause)
{
    uint8_t octet = 0;
    if (s->random(s->context, &octet, 1) != 0)
        octet = 0;
    return pause + pause * octet / JITTER;
}

/* The queue whose pause is as long as the one after this queue, and as what the destination asked for. */
static int queue_after(const struct outbox_plan *p, int queue, int64_t retry_after)
{
    int64_t wanted = later(pause_after(p, queue + 1), earlier(retry_after, p->longest_pause));
    int next = OUTBOX_FIRST_ASIDE;
    while (next < OUTBOX_LAST_ASIDE && pause_after(p, next) < wanted)
        next++;
    return next;
}

static int64_t expiry(const struct outbox_setup *s, const struct store_record *r)
{
    return s->plan.give_up ? r->v[OUTBOX_CREATED].i + s->plan.give_up : OUTBOX_NEVER;
}

static bool is_down(const struct outbox_pace *p, int64_t now)
{
    return p->failures > 0 && p->until > now;
}

/* The queue with the earliest time. */
static int first_ready(const struct outbox_pace *p)
{
    int first = 0;
    for (int i = 1; i < OUTBOX_GRAVE; i++)
        if (p->queues[i].ready < p->queues[first].ready)
            first = i;
    return first;
}

static int first_expiring(const struct outbox_pace *p)
{
    int first = 0;
    for (int i = 1; i < OUTBOX_GRAVE; i++)
        if (p->queues[i].expires < p->queues[first].expires)
            first = i;
    return first;
}

int64_t outbox_pace_next(const struct outbox_pace *p, int64_t now)
{
    int64_t sends = later(p->until, p->queues[first_ready(p)].ready);
    return is_down(p, now) ? earlier(sends, p->queues[first_expiring(p)].expires) : sends;
}

void outbox_pace_begin(struct outbox_pace *p)
{
    *p = (struct outbox_pace){ 0 };
    for (int i = 0; i < OUTBOX_GRAVE; i++)
        p->queues[i] = (struct outbox_queue){ OUTBOX_NEVER, OUTBOX_NEVER };
}

void outbox_pace_look(struct outbox_pace *p, bool all, int64_t now)
{
    for (int i = 0; i < (all ? OUTBOX_GRAVE : OUTBOX_ORDER + 1); i++)
        p->queues[i].ready = earlier(p->queues[i].ready, now);
    if (all)
        p->until = p->failures = 0;
}

/* The first of the order tells whether the lane still has to wait. */
void outbox_pace_learn(struct outbox_pace *p, const struct outbox_setup *s, const struct store_record *r)
{
    const int queue = outbox_row_queue(r);
    if (queue >= OUTBOX_GRAVE || p->queues[queue].ready != OUTBOX_NEVER)
        return;
    p->queues[queue] = (struct outbox_queue){ later(r->v[OUTBOX_DUE].i, r->v[OUTBOX_LEASE].i), expiry(s, r) };
    if (queue == OUTBOX_ORDER && r->v[OUTBOX_TRIES].i) {
        p->failures = r->v[OUTBOX_TRIES].i;
        p->until = r->v[OUTBOX_DUE].i;
    }
}

/* ------------------------------------------------------------------------------------ a turn */

static void set_error(struct store_record *r, struct arena *a, const struct err *e)
{
    char text[512];
    err_text(e, text, sizeof text);
    r->v[OUTBOX_ERROR].b = arena_copy(a, bytes_text(e->code ? text : "no reason was given"));
}

/* The first record of a queue, owned by us: 1.  0: none may be sent now. */
static int take(struct outbox_turn *t, int queue, int64_t now, struct store_record *r)
{
    struct outbox_queue *q = &t->pace->queues[queue];
    struct store_records first;
    if (outbox_rows_page(t->rows, t->hands->records, t->lane, queue, 0, 1, &first, t->err) != 0)
        return -1;
    *q = (struct outbox_queue){ OUTBOX_NEVER, OUTBOX_NEVER };
    if (first.n == 0)
        return 0;
    *r = first.items[0];
    q->ready = later(r->v[OUTBOX_DUE].i, r->v[OUTBOX_LEASE].i);
    q->expires = expiry(t->setup, r);
    if (q->ready > now)
        return 0;
    q->ready = now + 1; /* if somebody else was quicker */
    return outbox_rows_claim(t->rows, t->hands->records, r, now + t->setup->plan.lease, t->err);
}

/* 1: nobody wants to know the outcome any more. */
static int send(struct outbox_turn *t, const struct store_record *r, enum outbox_outcome *outcome,
                int64_t *retry_after, struct err *why)
{
    struct outbox_message m;
    if (outbox_row_message(r, &m, t->err) != 0)
        return -1;
    t->sends(t->outbox, true);
    *outcome = t->setup->send(t->setup->context, t->hands->sending, &m, retry_after, why);
    return t->sends(t->outbox, false);
}

static int bury(struct outbox_turn *t, const struct store_record *held, struct store_record *next,
                const struct err *why)
{
    struct err told;
    if (outbox_row_move(t->hands->records, next, OUTBOX_GRAVE, t->err) != 0 ||
        outbox_rows_settle(t->rows, t->hands->records, held, next, false, t->err) != 0)
        return -1;
    err_set(&told, ERR_EXPIRED, NULL, "a message is given up after %lld tries: %s",
            (long long)next->v[OUTBOX_TRIES].i, why->what);
    note(t, &told);
    return 0;
}

static int settle_sent(struct outbox_turn *t, const struct store_record *held)
{
    t->pace->until = t->pace->failures = 0;
    return outbox_rows_settle(t->rows, t->hands->records, held, NULL, false, t->err);
}

static int settle_later(struct outbox_turn *t, int queue, const struct store_record *held, struct store_record *next,
                        int64_t now, int64_t retry_after, const struct err *why)
{
    struct outbox_pace *p = t->pace;
    struct outbox_queue *q = &p->queues[queue];
    int64_t pause = retry_after > 0 ? earlier(retry_after, OUTBOX_RETRY_AFTER_MAX)
                                    : pause_after(&t->setup->plan, p->failures + 1);
    p->failures++;
    p->until = now + with_jitter(t->setup, pause);
    if (expiry(t->setup, held) <= now) {
        q->expires = now; /* the next one is looked at */
        return bury(t, held, next, why);
    }
    q->ready = next->v[OUTBOX_DUE].i = p->until;
    return outbox_rows_settle(t->rows, t->hands->records, held, next, false, t->err);
}

static int settle_refused(struct outbox_turn *t, int queue, const struct store_record *held, struct store_record *next,
                          int64_t now, int64_t retry_after, const struct err *why)
{
    const struct outbox_plan *plan = &t->setup->plan;
    t->pace->until = t->pace->failures = 0;
    if (expiry(t->setup, held) <= now)
        return bury(t, held, next, why);
    int to = queue_after(plan, queue, retry_after);
    struct outbox_queue *q = &t->pace->queues[to];
    next->v[OUTBOX_DUE].i = now + with_jitter(t->setup, pause_after(plan, to));
    if (outbox_row_move(t->hands->records, next, to, t->err) != 0)
        return -1;
    q->ready = earlier(q->ready, next->v[OUTBOX_DUE].i);
    q->expires = earlier(q->expires, expiry(t->setup, next));
    return outbox_rows_settle(t->rows, t->hands->records, held, next, true, t->err);
}

static int send_one(struct outbox_turn *t, int64_t now)
{
    const int queue = first_ready(t->pace);
    struct store_record held, next;
    struct err why = { 0 };
    enum outbox_outcome outcome;
    int64_t retry_after = 0;
    int result = take(t, queue, now, &held);
    if (result != 1)
        return result;
    result = send(t, &held, &outcome, &retry_after, &why);
    if (result != 0)
        return result < 0 ? -1 : 0;
    now = clock_of(t);
    t->pace->queues[queue].ready = now;
    next = held;
    next.v[OUTBOX_LEASE].i = 0;
    next.v[OUTBOX_TRIES].i++;
    if (outcome == OUTBOX_SENT)
        return settle_sent(t, &held);
    set_error(&next, t->hands->records, &why);
    return (outcome == OUTBOX_LATER ? settle_later : settle_refused)(t, queue, &held, &next, now, retry_after, &why);
}

/* Adds the dead of a page to the batch; the time of the first that is none. */
static int64_t find_dead(struct outbox_turn *t, const struct store_records *page, int64_t now, struct store_batch *b)
{
    for (size_t i = 0; i < page->n; i++) {
        struct store_record r = page->items[i];
        int64_t at = later(expiry(t->setup, &r), r.v[OUTBOX_LEASE].i);
        if (at > now)
            return at;
        if (!r.v[OUTBOX_ERROR].b.p)
            r.v[OUTBOX_ERROR].b = BYTES_LIT("the destination was not reached in all the time; not tried by itself");
        b->failed = outbox_row_move(b->arena, &r, OUTBOX_GRAVE, t->err) != 0 || b->failed;
        store_put(b, t->rows->kind, &r);
    }
    return page->n == OUTBOX_PAGE ? now : OUTBOX_NEVER;
}

/* A page of a lane that is down: who waited too long is dead. */
static int bury_page(struct outbox_turn *t, int64_t now)
{
    const int queue = first_expiring(t->pace);
    struct store_batch b = store_batch_in(t->hands->records);
    struct store_records page;
    struct err told;
    if (outbox_rows_page(t->rows, b.arena, t->lane, queue, 0, OUTBOX_PAGE, &page, t->err) != 0)
        return -1;
    int64_t next = find_dead(t, &page, now, &b);
    enum store_commit result = b.n || b.failed ? store_commit(t->rows->store, &b, NULL, t->err) : STORE_COMMITTED;
    if (result != STORE_COMMITTED && result != STORE_CONFLICT)
        return -1;
    t->pace->queues[queue].expires = result == STORE_COMMITTED ? next : now + 1;
    if (result == STORE_CONFLICT || b.n == 0)
        return 0;
    err_set(&told, ERR_EXPIRED, NULL, "%zu messages are given up: the destination was not reached in time", b.n);
    note(t, &told);
    return 0;
}

/* The store failed: the lane rests, and is then looked at as if nothing were known of it. */
static void rest(struct outbox_turn *t, int64_t now)
{
    const int64_t at = now + t->setup->plan.first_pause;
    t->pace->until = later(t->pace->until, at);
    for (int i = 0; i < OUTBOX_GRAVE; i++) {
        struct outbox_queue *q = &t->pace->queues[i];
        q->ready = earlier(q->ready, at);
        q->expires = q->expires == OUTBOX_NEVER ? OUTBOX_NEVER : later(q->expires, at);
    }
    note(t, t->err);
}

int outbox_turn_run(struct outbox_turn *t)
{
    const int64_t now = clock_of(t);
    int result = is_down(t->pace, now) ? bury_page(t, now) : send_one(t, now);
    if (result != 0)
        rest(t, now);
    return result;
}
