/* SPDX-License-Identifier: Apache-2.0 */
#include "smds/sweeper.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { AT_ONCE = 64 /* events */, SWEEP_MEMORY = 8 << 20 };

struct sweeper {
    struct smds *smds;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool ending;
};

/* Not ending, after the pause. */
static bool pause_over(struct sweeper *w)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += SWEEP_PAUSE;
    pthread_mutex_lock(&w->lock);
    while (!w->ending && pthread_cond_timedwait(&w->wake, &w->lock, &until) == 0)
        ;
    bool go_on = !w->ending;
    pthread_mutex_unlock(&w->lock);
    return go_on;
}

static void sweep(struct smds *s, struct arena *a)
{
    size_t n = AT_ONCE;
    struct err e = { 0 };
    for (; n == AT_ONCE; arena_reset(a))
        if (smds_expire(s, a, AT_ONCE, &n, &e) != 0) {
            s->service.note(s->service.context, "expiry", &e);
            return;
        }
}

static void *work(void *context)
{
    struct sweeper *w = context;
    struct arena *a = arena_new(SWEEP_MEMORY);
    do
        if (a)
            sweep(w->smds, a);
    while (pause_over(w));
    arena_free(a);
    return NULL;
}

int sweeper_open(struct smds *s, struct sweeper **out, struct err *e)
{
    struct sweeper *w = calloc(1, sizeof *w);
    if (!w)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a thread");
    w->smds = s;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->wake, NULL);
    if (pthread_create(&w->thread, NULL, work, w) != 0) {
        free(w);
        return err_set(e, ERR_LIMIT, NULL, "no further thread can be made");
    }
    *out = w;
    return 0;
}

void sweeper_close(struct sweeper *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->wake);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
