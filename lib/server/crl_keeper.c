/* SPDX-License-Identifier: Apache-2.0 */
#include "server/crl_keeper.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/file.h"

enum { MEMORY = 2 * CRL_OCTETS_MAX + (1 << 20) };

struct crl_keeper {
    struct crl_plan plan;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    bool closing;
};

bool crl_is_url(const char *place)
{
    return strncmp(place, "http://", 7) == 0 || strncmp(place, "https://", 8) == 0;
}

static int fetch(const struct crl_keeper *k, struct arena *a, const char *place, struct bytes *out, struct err *e)
{
    struct http_answer answer;
    if (!crl_is_url(place))
        return file_read(a, place, CRL_OCTETS_MAX, out, e);
    if (http_get(&k->plan.client, a, place, CRL_OCTETS_MAX, &answer, e) != 0)
        return -1;
    *out = answer.body;
    return answer.status == 200
               ? 0
               : err_set(e, ERR_IO, "SGP.22 4.6.1", "the answer has HTTP status %d", answer.status);
}

/* 1: a newer list is in force. */
static int load(struct crl_keeper *k, const struct crl_source *s)
{
    struct arena *a = arena_new(MEMORY);
    struct bytes octets;
    struct err e = { .code = ERR_MEMORY, .what = "no memory for a revocation list" };
    int result = a ? fetch(k, a, s->place, &octets, &e) : -1;
    if (result == 0)
        result = revocation_load(k->plan.revocation, octets, s->ci, 1, k->plan.now(k->plan.context), &e);
    arena_free(a);
    if (result != 0 && e.code != ERR_EXISTS && k->plan.note)
        k->plan.note(k->plan.context, s->place, &e);
    return result == 0;
}

void crl_keeper_look(struct crl_keeper *k, size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < k->plan.n; i++) {
        const struct crl_source *s = &k->plan.sources[i];
        if (revocation_next_update(k->plan.revocation, s->ci) <= k->plan.now(k->plan.context))
            *n += (size_t)load(k, s);
    }
}

static void *keep(void *context)
{
    struct crl_keeper *k = context;
    struct timespec until;
    size_t n;
    pthread_mutex_lock(&k->lock);
    clock_gettime(CLOCK_MONOTONIC, &until);
    while (!k->closing) {
        until.tv_sec += k->plan.pause;
        while (!k->closing && pthread_cond_timedwait(&k->wake, &k->lock, &until) == 0)
            ;
        if (k->closing)
            break;
        pthread_mutex_unlock(&k->lock);
        crl_keeper_look(k, &n);
        pthread_mutex_lock(&k->lock);
    }
    pthread_mutex_unlock(&k->lock);
    return NULL;
}

int crl_keeper_open(const struct crl_plan *plan, struct crl_keeper **out, struct err *e)
{
    struct crl_keeper *k = calloc(1, sizeof *k);
    pthread_condattr_t attributes;
    size_t n;
    if (!k)
        return err_set(e, ERR_MEMORY, NULL, "no memory for revocation lists");
    k->plan = *plan;
    pthread_mutex_init(&k->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&k->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    crl_keeper_look(k, &n);
    if (pthread_create(&k->thread, NULL, keep, k) == 0) {
        *out = k;
        return 0;
    }
    pthread_cond_destroy(&k->wake);
    pthread_mutex_destroy(&k->lock);
    free(k);
    return err_set(e, ERR_MEMORY, NULL, "no thread for revocation lists");
}

void crl_keeper_close(struct crl_keeper *k)
{
    if (!k)
        return;
    pthread_mutex_lock(&k->lock);
    k->closing = true;
    pthread_cond_signal(&k->wake);
    pthread_mutex_unlock(&k->lock);
    pthread_join(k->thread, NULL);
    pthread_cond_destroy(&k->wake);
    pthread_mutex_destroy(&k->lock);
    free(k);
}
