/* SPDX-License-Identifier: Apache-2.0
 *
 * Lanes and threads.  Whoever gives a lane its turn has marked it busy, works on a copy of its times without the lock,
 * and puts the copy back. */
#include "server/outbox.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "server/outbox_turn.h"

enum { LONGEST_NAP = 60 /* seconds after which a clock that was set is noticed */ };
static const int64_t year = 366 * 86400;

/* What somebody has asked for since the lane's last turn. */
enum call { QUIET, WOKEN, HURRIED };

struct lane {
    enum call call;
    bool busy;
    uint64_t served; /* number of its last turn */
    struct outbox_pace pace;
    size_t n;
    uint8_t name[];
};

struct outbox {
    struct outbox_setup setup;
    struct outbox_rows rows;
    struct outbox_hands hands; /* of outbox_step */
    pthread_mutex_t lock;
    pthread_cond_t changed, left;
    struct lane **lanes;
    size_t n, room;
    uint64_t turns;
    int suspects; /* turns now of lanes whose last try did not reach the destination */
    int started, working, sending; /* threads: ever, not ended, in the send function */
    pthread_t threads[OUTBOX_THREADS_MAX];
    bool closing, abandoned;
};

static int64_t clock_of(const struct outbox *o)
{
    return o->setup.now(o->setup.context);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* ------------------------------------------------------------------------------------- turns */

static int64_t turn_time(const struct lane *l, int64_t now)
{
    struct outbox_pace p = l->pace;
    if (l->call != QUIET)
        outbox_pace_look(&p, l->call == HURRIED, now);
    return outbox_pace_next(&p, now);
}

static bool sends(void *outbox, bool begins)
{
    struct outbox *o = outbox;
    pthread_mutex_lock(&o->lock);
    o->sending += begins ? 1 : -1;
    pthread_cond_broadcast(&o->left); /* outbox_close counts both */
    bool abandoned = o->abandoned;
    pthread_mutex_unlock(&o->lock);
    return abandoned;
}

/* A turn of a lane; the lock is held before and after. */
static int serve(struct outbox *o, struct outbox_hands *hands, struct lane *l, struct err *e)
{
    struct outbox_pace pace = l->pace;
    struct outbox_turn t = { &o->setup, &o->rows, hands, bytes_make(l->name, l->n), &pace, sends, o, e };
    if (l->call != QUIET)
        outbox_pace_look(&pace, l->call == HURRIED, clock_of(o));
    const bool suspect = pace.failures > 0;
    l->call = QUIET;
    l->busy = true;
    l->served = ++o->turns;
    o->suspects += suspect;
    pthread_mutex_unlock(&o->lock);
    int result = outbox_turn_run(&t);
    pthread_mutex_lock(&o->lock);
    l->pace = pace;
    l->busy = false;
    o->suspects -= suspect;
    pthread_cond_broadcast(&o->changed);
    arena_reset(hands->records);
    arena_reset(hands->sending);
    return result;
}

/* ------------------------------------------------------------------------------------- lanes */

/* A lane that is ready, the one that has waited for its turn longest; or NULL and when one will be. */
static struct lane *pick(const struct outbox *o, int64_t now, int64_t *next)
{
    const bool full = o->setup.threads > 1 && o->suspects >= o->setup.threads - 1;
    struct lane *best = NULL;
    *next = OUTBOX_NEVER;
    for (size_t i = 0; i < o->n; i++) {
        struct lane *l = o->lanes[i];
        if (l->busy || (full && l->pace.failures))
            continue;
        int64_t at = turn_time(l, now);
        if (at > now)
            *next = earlier(*next, at);
        else if (!best || l->served < best->served)
            best = l;
    }
    return best;
}

static int make_room(struct outbox *o)
{
    const size_t room = o->room ? o->room * 2 : 16;
    if (o->n < o->room)
        return 0;
    struct lane **lanes = realloc(o->lanes, room * sizeof *lanes);
    if (!lanes)
        return -1;
    o->lanes = lanes;
    o->room = room;
    return 0;
}

/* The lane of a name, new or not; NULL without memory. */
static struct lane *lane_of(struct outbox *o, struct bytes name)
{
    for (size_t i = 0; i < o->n; i++)
        if (bytes_equal(bytes_make(o->lanes[i]->name, o->lanes[i]->n), name))
            return o->lanes[i];
    struct lane *l = make_room(o) == 0 ? calloc(1, sizeof *l + name.n) : NULL;
    if (!l)
        return NULL;
    outbox_pace_begin(&l->pace);
    l->n = name.n;
    memcpy(l->name, name.p, name.n);
    return o->lanes[o->n++] = l;
}

void outbox_wake(struct outbox *o, const struct store_batch *b)
{
    pthread_mutex_lock(&o->lock);
    for (size_t i = 0; i < b->n; i++) {
        const struct store_change *c = &b->items[i];
        struct lane *l = c->kind == o->rows.kind && !c->remove ? lane_of(o, c->record.v[OUTBOX_LANE].b) : NULL;
        if (l && l->call == QUIET)
            l->call = WOKEN;
    }
    pthread_cond_broadcast(&o->changed);
    pthread_mutex_unlock(&o->lock);
}

int outbox_step(struct outbox *o, int64_t *next, struct err *e)
{
    struct err fault;
    int result = 0;
    pthread_mutex_lock(&o->lock);
    for (struct lane *l; (l = pick(o, clock_of(o), next));) {
        if (serve(o, &o->hands, l, &fault) == 0)
            continue;
        result = -1;
        if (e)
            *e = fault;
    }
    pthread_mutex_unlock(&o->lock);
    return result;
}

/* ----------------------------------------------------------------------------------- threads */

static int hands_make(struct outbox_hands *h)
{
    *h = (struct outbox_hands){ arena_new(OUTBOX_PAGE_MEMORY), arena_new(OUTBOX_MEMORY) };
    return h->records && h->sending ? 0 : -1;
}

static void hands_free(struct outbox_hands *h)
{
    arena_free(h->records);
    arena_free(h->sending);
}

static void outbox_free(struct outbox *o)
{
    for (size_t i = 0; i < o->n; i++)
        free(o->lanes[i]);
    free(o->lanes);
    hands_free(&o->hands);
    pthread_cond_destroy(&o->changed);
    pthread_cond_destroy(&o->left);
    pthread_mutex_destroy(&o->lock);
    free(o);
}

static struct timespec in_seconds(int64_t seconds)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += (time_t)seconds;
    return t;
}

static void nap(struct outbox *o, int64_t seconds)
{
    const struct timespec deadline = in_seconds(earlier(seconds, LONGEST_NAP));
    pthread_cond_timedwait(&o->changed, &o->lock, &deadline);
}

static void *work(void *context)
{
    struct outbox *o = context;
    struct outbox_hands hands;
    struct err e;
    const bool able = hands_make(&hands) == 0;
    pthread_mutex_lock(&o->lock);
    while (!o->closing) {
        int64_t now = clock_of(o), next;
        struct lane *l = able ? pick(o, now, &next) : NULL;
        if (l)
            serve(o, &hands, l, &e);
        else
            nap(o, able && next != OUTBOX_NEVER ? next - now : LONGEST_NAP);
    }
    o->working--;
    const bool last = o->abandoned && o->working == 0;
    pthread_cond_broadcast(&o->left);
    pthread_mutex_unlock(&o->lock);
    hands_free(&hands);
    if (last)
        outbox_free(o);
    return NULL;
}

static int start(struct outbox *o, struct err *e)
{
    pthread_mutex_lock(&o->lock);
    for (; o->started < o->setup.threads; o->started++, o->working++)
        if (pthread_create(&o->threads[o->started], NULL, work, o) != 0)
            break;
    pthread_mutex_unlock(&o->lock);
    return o->started == o->setup.threads ? 0 : err_set(e, ERR_IO, NULL, "no thread can be started for the outbox");
}

int outbox_close(struct outbox *o, int64_t patience, struct err *e)
{
    const struct timespec deadline = in_seconds(patience);
    int late = 0;
    if (!o)
        return 0;
    pthread_mutex_lock(&o->lock);
    o->closing = true;
    pthread_cond_broadcast(&o->changed);
    while (o->working && !(late && o->working == o->sending))
        if (late)
            pthread_cond_wait(&o->left, &o->lock);
        else
            late = pthread_cond_timedwait(&o->left, &o->lock, &deadline);
    const int stuck = o->working;
    o->abandoned = stuck > 0;
    for (int i = 0; stuck && i < o->started; i++)
        pthread_detach(o->threads[i]);
    pthread_mutex_unlock(&o->lock);
    if (stuck)
        return err_set(e, ERR_IO, NULL, "%d messages are still on their way; they may be sent again later", stuck);
    for (int i = 0; i < o->started; i++)
        pthread_join(o->threads[i], NULL);
    outbox_free(o);
    return 0;
}

/* -------------------------------------------------------------------------------------- open */

static int check_setup(const struct outbox_setup *s, struct err *e)
{
    const struct outbox_plan *p = &s->plan;
    if (p->first_pause < 1 || p->longest_pause < p->first_pause || p->longest_pause > year)
        return err_set(e, ERR_VALUE, NULL, "pauses from %lld to %lld seconds: must be from 1 up to a year",
                       (long long)p->first_pause, (long long)p->longest_pause);
    if (p->lease < 1 || p->lease > year || p->give_up < 0 || p->give_up > 100 * year)
        return err_set(e, ERR_VALUE, NULL, "a lease of %lld and an age of %lld seconds: not possible",
                       (long long)p->lease, (long long)p->give_up);
    if (s->threads < 0 || s->threads > OUTBOX_THREADS_MAX)
        return err_set(e, ERR_VALUE, NULL, "%d threads for the outbox: at most %d", s->threads, OUTBOX_THREADS_MAX);
    return 0;
}

static int learn(struct outbox *o, const struct store_record *r, struct err *e)
{
    struct outbox_message m;
    if (outbox_row_message(r, &m, e) != 0)
        return -1;
    struct lane *l = lane_of(o, m.lane);
    if (!l)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a destination");
    outbox_pace_learn(&l->pace, &o->setup, r);
    return 0;
}

static int learn_all(struct outbox *o, struct err *e)
{
    struct store_query q = { .kind = o->rows.kind, .limit = OUTBOX_PAGE };
    struct store_records page = { 0 };
    int result = 0;
    do {
        arena_reset(o->hands.records);
        result = store_find(o->rows.store, o->hands.records, &q, &page, e);
        for (size_t i = 0; result == 0 && i < page.n; i++)
            result = learn(o, &page.items[i], e);
        q.after = page.n ? page.items[page.n - 1].serial : 0;
    } while (result == 0 && page.n == q.limit);
    return result;
}

static int outbox_make(const struct outbox_setup *setup, struct outbox **out, struct err *e)
{
    pthread_condattr_t monotonic;
    struct outbox *o = calloc(1, sizeof *o);
    if (!o)
        return err_set(e, ERR_MEMORY, NULL, "no memory for an outbox");
    o->setup = *setup;
    o->rows = (struct outbox_rows){ setup->store, setup->kind };
    pthread_mutex_init(&o->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&o->changed, &monotonic);
    pthread_cond_init(&o->left, &monotonic);
    pthread_condattr_destroy(&monotonic);
    *out = o;
    return hands_make(&o->hands) == 0 ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for an outbox");
}

int outbox_open(const struct outbox_setup *setup, struct outbox **out, struct err *e)
{
    struct outbox *o = NULL;
    if (check_setup(setup, e) == 0 && outbox_make(setup, &o, e) == 0 && learn_all(o, e) == 0 && start(o, e) == 0) {
        *out = o;
        return 0;
    }
    outbox_close(o, setup->plan.lease, NULL);
    return -1;
}

/* ---------------------------------------------------------------------------- administration */

int outbox_lanes(struct outbox *o, struct arena *a, struct outbox_lane **out, size_t *n, struct err *e)
{
    int result = 0;
    pthread_mutex_lock(&o->lock);
    *n = o->n;
    *out = arena_array(a, o->n, sizeof **out);
    for (size_t i = 0; *out && i < o->n; i++) {
        const struct lane *l = o->lanes[i];
        (*out)[i] = (struct outbox_lane){ arena_copy(a, bytes_make(l->name, l->n)), l->pace.failures, l->pace.until };
        result = (*out)[i].name.p ? result : -1;
    }
    pthread_mutex_unlock(&o->lock);
    return *out && result == 0 ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for the destinations");
}

int outbox_count(struct outbox *o, struct bytes lane, enum outbox_state state, int64_t *n, struct err *e)
{
    struct arena *a = arena_new(OUTBOX_PAGE_MEMORY);
    struct outbox_lane one = { .name = lane }, *lanes = &one;
    size_t n_lanes = 1;
    *n = 0;
    int result = a ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for the destinations");
    if (result == 0 && !bytes_present(lane))
        result = outbox_lanes(o, a, &lanes, &n_lanes, e);
    for (size_t i = 0; result == 0 && i < n_lanes; i++)
        result = outbox_rows_count(&o->rows, a, lanes[i].name, state, n, e);
    arena_free(a);
    return result;
}

int outbox_list(struct outbox *o, struct arena *a, struct bytes lane, enum outbox_state state, struct outbox_place *at,
                size_t limit, struct outbox_message **out, size_t *n, struct err *e)
{
    return outbox_rows_list(&o->rows, a, lane, state, at, limit, out, n, e);
}

static int check_known(struct outbox *o, struct bytes lane, struct err *e)
{
    int64_t all = 0;
    for (int state = OUTBOX_WAITING; state <= OUTBOX_DEAD; state++) {
        int64_t n;
        if (outbox_count(o, lane, (enum outbox_state)state, &n, e) != 0)
            return -1;
        all += n;
    }
    return all ? 0 : err_set(e, ERR_NOT_FOUND, NULL, "there are no messages for \"%.*s\"",
                             (int)bytes_slice(lane, 0, OUTBOX_TEXT_MAX).n, (const char *)lane.p);
}

int outbox_retry(struct outbox *o, struct bytes lane, bool dead, int64_t *n, struct err *e)
{
    *n = 0;
    if (check_known(o, lane, e) != 0)
        return -1;
    int result = outbox_rows_retry(&o->rows, lane, dead, clock_of(o), n, e);
    pthread_mutex_lock(&o->lock);
    struct lane *l = lane_of(o, lane);
    if (l)
        l->call = HURRIED;
    pthread_cond_broadcast(&o->changed);
    pthread_mutex_unlock(&o->lock);
    return result;
}
