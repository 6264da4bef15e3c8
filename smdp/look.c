/* SPDX-License-Identifier: Apache-2.0
 *
 * What an administrator sees. */
#include "asn1/asn1.h"
#include "smdp/core.h"
#include "smdp/manage.h"

/* -------------------------------------------------------------------------------- profiles */

static struct smdp_profile seen(const struct store_record *p)
{
    static const char *const on_card[] = { "installed", "enabled", "disabled", "deleted" };
    int64_t last = p->v[PROFILE_ON_CARD].i;
    return (struct smdp_profile){
        .iccid = p->v[PROFILE_ICCID].b,
        .type = p->v[PROFILE_TYPE].b,
        .operator_name = p->v[PROFILE_OPERATOR].b,
        .state = (enum order_state)p->v[PROFILE_STATE].i,
        .eid = p->v[PROFILE_EID].b,
        .matching_id = p->v[PROFILE_MATCHING].b,
        .smds = p->v[PROFILE_SMDS].b,
        .event = p->v[PROFILE_EVENT].i == EVENT_THERE,
        .code = bytes_present(p->v[PROFILE_CC].b),
        .changed = p->v[PROFILE_CHANGED].i,
        .expires = p->v[PROFILE_EXPIRES].i,
        .downloads = p->v[PROFILE_DOWNLOADS].i,
        .cc_tries = p->v[PROFILE_CC_TRIES].i,
        .on_card = last >= 0 && last < 4 ? on_card[last] : NULL,
    };
}

int smdp_profile(struct smdp *s, struct arena *a, struct bytes iccid, struct smdp_profile *out, struct err *e)
{
    struct store_record p;
    if (manage_profile(s, a, iccid, &p, e) != 0)
        return -1;
    *out = seen(&p);
    return 0;
}

int smdp_profiles(struct smdp *s, struct arena *a, int state, int64_t *after, size_t limit, struct smdp_profile **out,
                  size_t *n, struct err *e)
{
    const struct store_query q = { .kind = KIND_PROFILE, .column = state < 0 ? 0 : PROFILE_STATE,
                                   .value = { .i = state }, .after = *after, .limit = limit };
    struct store_records found;
    if (store_find(s->service.store, a, &q, &found, e) != 0)
        return -1;
    *out = arena_array(a, found.n, sizeof **out);
    if (!*out)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a list");
    for (size_t i = 0; i < found.n; i++)
        (*out)[i] = seen(&found.items[i]);
    *n = found.n;
    *after = found.n ? found.items[found.n - 1].serial : *after;
    return 0;
}

int smdp_count(struct smdp *s, enum order_state state, int64_t *n, struct err *e)
{
    const struct store_query q = { .kind = KIND_PROFILE, .column = PROFILE_STATE, .value = { .i = state } };
    return store_count(s->service.store, &q, n, e);
}

/* ---------------------------------------------------------------------- operators and types */

/* A page of all records of a kind, and where the next begins. */
static int page_of(struct smdp *s, struct arena *a, size_t kind, int64_t *after, size_t limit,
                   struct store_records *out, struct err *e)
{
    const struct store_query q = { .kind = kind, .after = *after, .limit = limit };
    if (store_find(s->service.store, a, &q, out, e) != 0)
        return -1;
    *after = out->n ? out->items[out->n - 1].serial : *after;
    return 0;
}

static const struct store_record no_type = { 0 };

static struct smdp_operator_seen operator_seen(struct smdp *s, const struct store_record *r)
{
    const struct op op = { .service = &s->service };
    bool by_names = bytes_present(r->v[OPERATOR_NAMES].b);
    return (struct smdp_operator_seen){
        .name = r->v[OPERATOR_NAME].b,
        .url = r->v[OPERATOR_URL].b,
        .identity = r->v[by_names ? OPERATOR_NAMES : OPERATOR_FINGERPRINT].b,
        .by_names = by_names,
        .points = r->v[OPERATOR_POINTS].i,
        .limits = op_limits(&op, &no_type, r),
    };
}

static int count_by(struct smdp *s, size_t column, struct bytes value, int64_t *n, struct err *e)
{
    const struct store_query q = { .kind = KIND_PROFILE, .column = column, .value = { .b = value } };
    return store_count(s->service.store, &q, n, e);
}

static int type_seen(struct smdp *s, struct arena *a, const struct store_record *r, struct smdp_type_seen *out,
                     struct err *e)
{
    struct op op = { .service = &s->service, .arena = a, .err = e };
    struct rsp_StoreMetadataRequest m;
    struct store_record operator;
    if (op_operator(&op, r->v[TYPE_OPERATOR].b, &operator) != 0 ||
        asn1_decode(a, &rsp_StoreMetadataRequest_type, r->v[TYPE_METADATA].b, ASN1_WIRE, &m, e) != 0)
        return -1;
    *out = (struct smdp_type_seen){
        .name = r->v[TYPE_NAME].b,
        .operator_name = r->v[TYPE_OPERATOR].b,
        .service_provider_name = m.serviceProviderName,
        .profile_name = m.profileName,
        .profile_class = m.profileClass,
        .ppk = r->v[TYPE_PPK].i,
        .bind_once = r->v[TYPE_BIND_ONCE].i,
        .no_field_test = r->v[TYPE_NO_FIELD_TEST].i,
        .limits = op_limits(&op, r, &operator),
    };
    return count_by(s, PROFILE_TYPE, out->name, &out->profiles, e) != 0 ||
                   count_by(s, PROFILE_POOL, out->name, &out->available, e) != 0
               ? -1
               : 0;
}

int smdp_operators(struct smdp *s, struct arena *a, int64_t *after, size_t limit, struct smdp_operator_seen **out,
                   size_t *n, struct err *e)
{
    struct store_records page;
    if (page_of(s, a, KIND_OPERATOR, after, limit, &page, e) != 0)
        return -1;
    *out = arena_array(a, page.n, sizeof **out);
    if (!*out)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a list");
    for (*n = 0; *n < page.n; ++*n)
        (*out)[*n] = operator_seen(s, &page.items[*n]);
    return 0;
}

int smdp_types(struct smdp *s, struct arena *a, int64_t *after, size_t limit, struct smdp_type_seen **out, size_t *n,
               struct err *e)
{
    struct store_records page;
    if (page_of(s, a, KIND_TYPE, after, limit, &page, e) != 0)
        return -1;
    *out = arena_array(a, page.n, sizeof **out);
    if (!*out)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a list");
    for (*n = 0; *n < page.n; ++*n)
        if (type_seen(s, a, &page.items[*n], &(*out)[*n], e) != 0)
            return -1;
    return 0;
}

int smdp_operator_see(struct smdp *s, struct arena *a, const char *name, struct smdp_operator_seen *out, struct err *e)
{
    struct store_record r;
    if (manage_operator(s, a, name, &r, e) != 0)
        return -1;
    *out = operator_seen(s, &r);
    return 0;
}

int smdp_type_see(struct smdp *s, struct arena *a, const char *name, struct smdp_type_seen *out, struct err *e)
{
    struct store_record r;
    if (store_get(s->service.store, a, KIND_TYPE, bytes_text(name), &r, e) != 0)
        return -1;
    return r.version ? type_seen(s, a, &r, out, e)
                     : err_set(e, ERR_NOT_FOUND, NULL, "there is no profile type \"%s\"", name);
}
