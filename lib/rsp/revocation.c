/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/revocation.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "asn1/tlv.h"
#include "crypto/crl.h"
#include "rsp/limits.h"
#include "schema/rsp.h"

static const char CLAUSE[] = "SGP.22 4.6";

/* A list that is held, with everything it points to in its own arena. */
struct held {
    struct held *next;
    struct arena *arena;
    struct bytes ci; /* SubjectKeyIdentifier */
    struct crl list;
};

struct revocation {
    struct revocation_settings settings;
    pthread_rwlock_t lock;   /* of `lists`, for as long as one is looked up or put in place */
    pthread_mutex_t loading; /* one at a time, so that what a new list is compared with stays */
    struct held *lists;
    struct bytes required[REVOCATION_REQUIRED_MAX]; /* SubjectKeyIdentifiers */
    size_t n_required;
};

static struct held *held_new(void)
{
    struct arena *a = arena_new(REVOCATION_LIST_MEMORY);
    struct held *h = a ? arena_alloc(a, sizeof *h) : NULL;
    if (!h) {
        arena_free(a);
        return NULL;
    }
    h->arena = a;
    return h;
}

static void held_free(struct held *h)
{
    if (h)
        arena_free(h->arena);
}

struct revocation *revocation_new(const struct revocation_settings *settings)
{
    struct revocation *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->settings = *settings;
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP); /* checks never end */
    pthread_rwlock_init(&s->lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
    pthread_mutex_init(&s->loading, NULL);
    return s;
}

void revocation_free(struct revocation *s)
{
    if (!s)
        return;
    while (s->lists) {
        struct held *h = s->lists;
        s->lists = h->next;
        held_free(h);
    }
    pthread_mutex_destroy(&s->loading);
    pthread_rwlock_destroy(&s->lock);
    free(s);
}

void revocation_require(struct revocation *s, const struct cert *ci)
{
    if (s->n_required < REVOCATION_REQUIRED_MAX)
        s->required[s->n_required++] = ci->ski;
    else
        s->settings.required = true; /* too many to tell apart: all of them */
}

static bool is_required(const struct revocation *s, const struct cert *ci)
{
    for (size_t i = 0; i < s->n_required; i++)
        if (bytes_equal(s->required[i], ci->ski))
            return true;
    return s->settings.required;
}

static const struct held *held_find(const struct revocation *s, struct bytes ci)
{
    const struct held *h = s->lists;
    while (h && !bytes_equal(h->ci, ci))
        h = h->next;
    return h;
}

/* Puts the list first, and out with the CI's list before it. */
static void held_place(struct revocation *s, struct held *new)
{
    struct held *old = NULL;
    pthread_rwlock_wrlock(&s->lock);
    for (struct held **at = &s->lists; *at && !old; at = old ? at : &(*at)->next)
        if (bytes_equal((*at)->ci, new->ci)) {
            old = *at;
            *at = old->next;
        }
    new->next = s->lists;
    s->lists = new;
    pthread_rwlock_unlock(&s->lock);
    held_free(old);
}

/* ------------------------------------------------------------------------- loading */

enum { DATE_TEXT = 32, SKEW = 600 };

static const char *date_text(int64_t seconds, char out[DATE_TEXT])
{
    time_t t = (time_t)seconds;
    struct tm tm;
    gmtime_r(&t, &tm);
    strftime(out, DATE_TEXT, "%Y-%m-%d %H:%M:%S", &tm);
    return out;
}

static int name_size(const struct cert *ci)
{
    enum { NAME_MAX_SHOWN = 60 };
    return ci->common_name.n < NAME_MAX_SHOWN ? (int)ci->common_name.n : NAME_MAX_SHOWN;
}

/* "NAME" of a CI, as arguments of %.*s. */
#define NAME(ci) name_size(ci), (const char *)(ci)->common_name.p

/* A CertificateList is a SEQUENCE of a SEQUENCE that begins with a version; a list of them goes one level deeper. */
static bool is_one_list(struct bytes der)
{
    struct cursor c = cursor_over(der);
    struct tlv tlv;
    for (int level = 0; level < 2; level++) {
        if (tlv_next(&c, ASN1_WIRE, &tlv, NULL) != 0)
            return true;
        c = cursor_over(tlv.value);
    }
    return tlv_peek(&c) != 0x30;
}

static int lists_split(struct arena *a, struct bytes octets, struct rsp_SegmentedCrlList *out, struct err *e)
{
    struct bytes der;
    if (crl_from_file(a, octets, &der, e) != 0)
        return -1;
    if (der.p == octets.p)
        der = arena_copy(a, octets);
    struct bytes *one = arena_alloc(a, sizeof *one);
    if (!der.p || !one)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a revocation list");
    if (!is_one_list(der))
        return asn1_decode(a, &rsp_SegmentedCrlList_type, der, ASN1_WIRE, out, e);
    *one = der;
    *out = (struct rsp_SegmentedCrlList){ .n = 1, .items = one };
    return 0;
}

static const struct cert *signer_find(const struct crl *l, const struct cert *cis, size_t n_cis)
{
    for (size_t i = 0; i < n_cis; i++)
        if (bytes_equal(cis[i].ski, l->aki))
            return &cis[i];
    return NULL;
}

static int lists_verify(const struct crl *lists, size_t n, const struct cert *ci, struct err *e)
{
    for (size_t i = 0; i < n; i++)
        if (crl_verify(&lists[i], ci, e) != 0)
            return err_within(e, "list %zu of %zu", i + 1, n);
    return 0;
}

/* Decodes the lists and puts them together; the CI has signed each by itself. */
static int lists_read(struct arena *a, const struct rsp_SegmentedCrlList *in, const struct cert *cis, size_t n_cis,
                      const struct cert **ci, struct crl *out, struct err *e)
{
    struct crl *lists = arena_array(a, in->n, sizeof *lists);
    if (!lists)
        return err_set(e, ERR_MEMORY, NULL, "no memory for %zu revocation lists", in->n);
    for (size_t i = 0; i < in->n; i++)
        if (crl_parse(a, in->items[i], &lists[i], e) != 0)
            return err_within(e, "list %zu of %zu", i + 1, in->n);
    if (crl_join(a, lists, in->n, out, e) != 0)
        return -1;
    *ci = signer_find(out, cis, n_cis);
    if (!*ci)
        return err_set(e, ERR_NOT_FOUND, CLAUSE, "the revocation list is of a CI that is not trusted here");
    return lists_verify(lists, in->n, *ci, e);
}

static int dates_check(const struct revocation *s, const struct cert *ci, const struct crl *l, int64_t now,
                       struct err *e)
{
    char date[DATE_TEXT];
    if (l->this_update - now > SKEW)
        return err_set(e, ERR_EXPIRED, CLAUSE, "the revocation list of \"%.*s\" is of %s, which is still to come",
                       NAME(ci), date_text(l->this_update, date));
    if (now - l->next_update > s->settings.grace)
        return err_set(e, ERR_EXPIRED, CLAUSE,
                       "the revocation list of \"%.*s\" was to be replaced on %s; fetch the newest one", NAME(ci),
                       date_text(l->next_update, date));
    return 0;
}

/* Neither number nor thisUpdate may go back: that would be an old list, played again. */
static int newer_check(const struct cert *ci, const struct crl *held, const struct crl *new, struct err *e)
{
    char have[CRL_NUMBER_TEXT], got[CRL_NUMBER_TEXT], have_date[DATE_TEXT], got_date[DATE_TEXT];
    int order = crl_number_compare(new->number, held->number);
    if (order == 0 && new->this_update == held->this_update)
        return err_set(e, ERR_EXISTS, CLAUSE, "revocation list %s of \"%.*s\" is held already",
                       crl_number_text(held->number, have), NAME(ci));
    if (order >= 0 && new->this_update >= held->this_update)
        return 0;
    return err_set(e, ERR_VALUE, CLAUSE,
                   "revocation list %s of %s is older than list %s of %s that is held for \"%.*s\"",
                   crl_number_text(new->number, got), date_text(new->this_update, got_date),
                   crl_number_text(held->number, have), date_text(held->this_update, have_date), NAME(ci));
}

static int held_read(const struct revocation *s, struct held *h, struct bytes octets, const struct cert *cis,
                     size_t n_cis, int64_t now, struct err *e)
{
    struct rsp_SegmentedCrlList in;
    const struct cert *ci = NULL;
    struct crl read;
    if (lists_split(h->arena, octets, &in, e) != 0 ||
        lists_read(h->arena, &in, cis, n_cis, &ci, &read, e) != 0 || dates_check(s, ci, &read, now, e) != 0)
        return -1;
    const struct held *before = held_find(s, ci->ski);
    if (before && newer_check(ci, &before->list, &read, e) != 0)
        return -1;
    h->ci = read.aki;
    h->list = read;
    if (!read.base_number.p)
        return 0;
    if (!before)
        return err_set(e, ERR_VALUE, CLAUSE, "a delta list of \"%.*s\", whose complete list is not held", NAME(ci));
    return crl_merge(h->arena, &before->list, &read, &h->list, e);
}

int revocation_load(struct revocation *s, struct bytes octets, const struct cert *cis, size_t n_cis, int64_t now,
                    struct err *e)
{
    struct held *h = held_new();
    if (!h)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a revocation list");
    pthread_mutex_lock(&s->loading);
    int result = held_read(s, h, octets, cis, n_cis, now, e);
    if (result == 0)
        held_place(s, h);
    pthread_mutex_unlock(&s->loading);
    if (result != 0)
        held_free(h);
    return result;
}

/* ------------------------------------------------------------------------ checking */

static int list_check(const struct revocation *s, const struct crl *l, const struct cert *ci, const struct cert *c,
                      int64_t now, struct err *e)
{
    char date[DATE_TEXT];
    const struct crl_entry *entry = crl_find(l, c->serial);
    if (entry)
        return err_set(e, ERR_VERIFY, CLAUSE, "\"%.*s\" has revoked the certificate of \"%.*s\" on %s: %s", NAME(ci),
                       NAME(c), date_text(entry->date, date), crl_reason_name(entry->reason));
    if (now - l->next_update <= s->settings.grace)
        return 0;
    return err_set(e, ERR_VERIFY, CLAUSE,
                   "the revocation list of \"%.*s\" was to be replaced on %s, more than the grace period ago; "
                   "fetch the newest one", NAME(ci), date_text(l->next_update, date));
}

int revocation_check(struct revocation *s, const struct cert *ci, const struct cert *c, int64_t now, struct err *e)
{
    pthread_rwlock_rdlock(&s->lock);
    const struct held *h = held_find(s, ci->ski);
    int result = h ? list_check(s, &h->list, ci, c, now, e) : 0;
    pthread_rwlock_unlock(&s->lock);
    if (h || !is_required(s, ci))
        return result;
    return err_set(e, ERR_VERIFY, CLAUSE,
                   "there is no revocation list of \"%.*s\", and one is required; fetch it from its distribution point",
                   NAME(ci));
}

int64_t revocation_next_update(struct revocation *s, const struct cert *ci)
{
    pthread_rwlock_rdlock(&s->lock);
    const struct held *h = held_find(s, ci->ski);
    int64_t next = h ? h->list.next_update : 0;
    pthread_rwlock_unlock(&s->lock);
    return next;
}
