/* SPDX-License-Identifier: Apache-2.0 */
#include "smdp/shelf.h"

#include <pthread.h>
#include <stdlib.h>

#include "smdp/keys.h"

enum { TEMPLATE_MEMORY = 64 << 20 };

struct shelf {
    pthread_mutex_t lock;
    struct template *items[SHELF_MAX]; /* the oldest first */
    size_t n;
};

struct shelf *shelf_new(void)
{
    struct shelf *s = calloc(1, sizeof *s);
    if (s)
        pthread_mutex_init(&s->lock, NULL);
    return s;
}

static void template_free(struct template *t)
{
    if (t)
        arena_free(t->arena);
    free(t);
}

void shelf_free(struct shelf *s)
{
    for (size_t i = 0; s && i < s->n; i++)
        template_free(s->items[i]);
    if (s)
        pthread_mutex_destroy(&s->lock);
    free(s);
}

static int template_open(struct template *t, const struct smdp_keys *k, struct bytes name, struct err *e)
{
    struct saip_package p;
    struct arena *work = arena_new(TEMPLATE_MEMORY);
    if (!t->arena || !work || !t->sealed.p) {
        arena_free(work);
        return err_set(e, ERR_MEMORY, NULL, "no memory for a package");
    }
    int bad = smdp_unseal(k, t->arena, SEALED_PACKAGE, name, t->sealed, &t->der, e) != 0 ||
              saip_decode(work, t->der, ASN1_STRICT, &p, e) != 0 || saip_holes_find(&p, t->der, &t->holes, e) != 0;
    arena_free(work);
    return bad ? -1 : 0;
}

static struct template *template_new(const struct smdp_keys *k, struct bytes name, struct bytes sealed, struct err *e)
{
    struct template *t = calloc(1, sizeof *t);
    if (!t) {
        err_set(e, ERR_MEMORY, NULL, "no memory for a package");
        return NULL;
    }
    t->arena = arena_new(TEMPLATE_MEMORY);
    t->sealed = t->arena ? arena_copy(t->arena, sealed) : BYTES_NONE;
    t->users = 1;
    if (template_open(t, k, name, e) == 0)
        return t;
    template_free(t);
    return NULL;
}

/* Sealed octets hold a nonce: equal ones are the same package. */
static struct template *find(struct shelf *s, struct bytes sealed)
{
    for (size_t i = 0; i < s->n; i++)
        if (bytes_equal(s->items[i]->sealed, sealed))
            return s->items[i];
    return NULL;
}

/* Takes the oldest one out that nobody uses. */
static void make_room(struct shelf *s)
{
    size_t i = 0;
    while (i < s->n && s->items[i]->users)
        i++;
    if (i == s->n)
        return;
    template_free(s->items[i]);
    memmove(s->items + i, s->items + i + 1, (--s->n - i) * sizeof *s->items);
}

static void put(struct shelf *s, struct template *t)
{
    if (s->n == SHELF_MAX)
        make_room(s);
    if (s->n < SHELF_MAX)
        s->items[s->n++] = t;
}

int shelf_take(struct shelf *s, const struct smdp_keys *k, struct bytes name, struct bytes sealed,
               struct template **out, struct err *e)
{
    pthread_mutex_lock(&s->lock);
    *out = find(s, sealed);
    if (*out)
        (*out)->users++;
    pthread_mutex_unlock(&s->lock);
    if (*out)
        return 0;
    *out = template_new(k, name, sealed, e);
    if (!*out)
        return -1;
    pthread_mutex_lock(&s->lock);
    put(s, *out); /* two threads may have opened the same one: both copies are good */
    pthread_mutex_unlock(&s->lock);
    return 0;
}

static bool kept(const struct shelf *s, const struct template *t)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->items[i] == t)
            return true;
    return false;
}

void shelf_give_back(struct shelf *s, struct template *t)
{
    pthread_mutex_lock(&s->lock);
    t->users--;
    bool drop = t->users == 0 && !kept(s, t);
    pthread_mutex_unlock(&s->lock);
    if (drop)
        template_free(t);
}
