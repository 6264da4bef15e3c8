/* SPDX-License-Identifier: Apache-2.0 */
#include "server/crl_keeper.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"

enum { MEMORY = 2 * CRL_OCTETS_MAX + (1 << 20) };

struct crl_keeper {
    struct crl_plan plan;
    struct stat seen[CRL_SOURCES_MAX]; /* files at the last look */
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

int crl_keeper_load(struct crl_keeper *k, size_t i, struct err *e)
{
    const struct crl_source *s = &k->plan.sources[i];
    struct arena *a = arena_new(MEMORY);
    struct bytes octets;
    if (!a)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a revocation list");
    int result = fetch(k, a, s->place, &octets, e);
    if (result == 0)
        result = revocation_load(k->plan.revocation, octets, s->ci, 1, k->plan.now(k->plan.context), e);
    arena_free(a);
    return result;
}

/* Is the file another one than at the last look? */
static bool has_changed(struct crl_keeper *k, size_t i)
{
    struct stat now = { 0 }, *before = &k->seen[i];
    if (crl_is_url(k->plan.sources[i].place) || stat(k->plan.sources[i].place, &now) != 0)
        return false;
    bool same = now.st_ino == before->st_ino && now.st_size == before->st_size &&
                now.st_mtim.tv_sec == before->st_mtim.tv_sec && now.st_mtim.tv_nsec == before->st_mtim.tv_nsec;
    *before = now;
    return !same;
}

/* Loads what is due; *n: lists that are newer now. */
static void look(struct crl_keeper *k, size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < k->plan.n; i++) {
        const struct crl_source *s = &k->plan.sources[i];
        bool due = revocation_next_update(k->plan.revocation, s->ci) <= k->plan.now(k->plan.context);
        struct err e;
        if (!has_changed(k, i) && !due)
            continue;
        if (crl_keeper_load(k, i, &e) == 0)
            ++*n;
        else if (e.code != ERR_EXISTS && k->plan.note)
            k->plan.note(k->plan.context, s->place, &e);
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
        look(k, &n);
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
    look(k, &n);
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
