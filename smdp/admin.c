/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/asn1.h"
#include "crypto/hash.h"
#include "rsp/ids.h"
#include "saip/personal.h"
#include "smdp/core.h"

static int put_new(struct smdp *s, size_t kind, const struct store_record *r, const char *what, struct err *e)
{
    struct store_batch b = { 0 };
    store_put(&b, kind, r);
    switch (store_commit(s->store, &b, NULL, e)) {
    case STORE_COMMITTED:
        return 0;
    case STORE_CONFLICT:
    case STORE_DUPLICATE:
        return err_set(e, ERR_EXISTS, NULL, "%s exists already", what);
    default:
        return -1;
    }
}

int smdp_add_operator(struct smdp *s, struct arena *a, const char *name, struct bytes certificate, struct err *e)
{
    struct store_record r = { 0 };
    uint8_t fingerprint[SHA256_OCTETS];
    struct bytes der;
    if (cert_from_file(a, certificate, &der, e) != 0)
        return -1;
    sha256(&der, 1, fingerprint);
    r.v[OPERATOR_FINGERPRINT].b = BYTES_OF(fingerprint);
    r.v[OPERATOR_NAME].b = bytes_text(name);
    return put_new(s, KIND_OPERATOR, &r, arena_printf(a, "operator \"%s\"", name), e);
}

/* A type is taken only if its package has a place for everything that makes a profile. */
static int template_check(struct arena *a, struct bytes upp, struct err *e)
{
    struct saip_package p;
    struct saip_holes holes;
    if (saip_decode(a, upp, ASN1_STRICT, &p, e) != 0 || saip_holes_find(&p, upp, &holes, e) != 0)
        return -1;
    if (!holes.of[HOLE_ICCID].n || !holes.of[HOLE_IMSI].n || !holes.of[HOLE_K].n)
        return err_set(e, ERR_VALUE, NULL, "the package has no place for ICCID, IMSI or K");
    return 0;
}

int smdp_add_type(struct smdp *s, struct arena *a, const struct smdp_type *t, struct err *e)
{
    struct store_record r = { 0 };
    struct rsp_StoreMetadataRequest m;
    if (template_check(a, t->upp, e) != 0)
        return err_within(e, "package");
    if (asn1_decode(a, &rsp_StoreMetadataRequest_type, t->metadata, ASN1_STRICT, &m, e) != 0)
        return err_within(e, "metadata");
    r.v[TYPE_NAME].b = bytes_text(t->name);
    r.v[TYPE_OPERATOR].b = bytes_text(t->operator_name);
    r.v[TYPE_UPP].b = t->upp;
    r.v[TYPE_METADATA].b = t->metadata;
    r.v[TYPE_PPK].i = t->ppk;
    r.v[TYPE_CC_TRIES].i = t->cc_tries;
    r.v[TYPE_DOWNLOADS].i = t->downloads;
    return put_new(s, KIND_TYPE, &r, arena_printf(a, "profile type \"%s\"", t->name), e);
}

/* --------------------------------------------------------------------------------- CSV */

enum { CSV_COLUMNS_MAX = 16 };

struct line {
    struct bytes field[CSV_COLUMNS_MAX];
    size_t n;
};

static bool next_line(struct cursor *c, struct line *out)
{
    out->n = 0;
    if (cursor_done(c))
        return false;
    const uint8_t *end = memchr(c->p, '\n', cursor_left(c));
    struct bytes text = cursor_take(c, end ? (size_t)(end - c->p) : cursor_left(c));
    if (end)
        cursor_u8(c);
    if (text.n && text.p[text.n - 1] == '\r')
        text.n--;
    for (size_t i = 0; i <= text.n && out->n < CSV_COLUMNS_MAX;) {
        size_t stop = i;
        while (stop < text.n && text.p[stop] != ',')
            stop++;
        out->field[out->n++] = bytes_slice(text, i, stop - i);
        i = stop + 1;
    }
    return true;
}

/* Values as TLVs: number of the hole, length, value (read by the key holder). */
static struct bytes subscriber_write(struct arena *a, const struct saip_subscriber *s)
{
    struct buf out = buf_in(a);
    for (unsigned i = 0; i < SAIP_HOLES; i++)
        if (bytes_present(s->value[i])) {
            buf_u8(&out, i);
            buf_u8(&out, (unsigned)s->value[i].n);
            buf_add(&out, s->value[i]);
        }
    return buf_bytes(&out);
}

static int profile_add(struct smdp *s, struct arena *a, const struct store_record *type, const struct line *names,
                       const struct line *values, struct err *e)
{
    struct saip_subscriber subscriber = { 0 };
    struct store_record r = { 0 };
    if (values->n != names->n)
        return err_set(e, ERR_VALUE, NULL, "%zu values for %zu columns", values->n, names->n);
    for (size_t i = 0; i < names->n; i++)
        if (saip_subscriber_set(a, &subscriber, arena_text(a, names->field[i]), values->field[i], e) != 0)
            return -1;
    if (!subscriber.value[HOLE_ICCID].p || !subscriber.value[HOLE_IMSI].p || !subscriber.value[HOLE_K].p)
        return err_set(e, ERR_VALUE, NULL, "a profile needs iccid, imsi and k");
    r.v[PROFILE_ICCID].b = subscriber.value[HOLE_ICCID];
    r.v[PROFILE_TYPE].b = r.v[PROFILE_POOL].b = type->v[TYPE_NAME].b;
    r.v[PROFILE_OPERATOR].b = type->v[TYPE_OPERATOR].b;
    r.v[PROFILE_STATE].i = ORDER_AVAILABLE;
    if (smdp_seal(s->keys, a, r.v[PROFILE_ICCID].b, subscriber_write(a, &subscriber), &r.v[PROFILE_SUBSCRIBER].b, e) != 0)
        return -1;
    return put_new(s, KIND_PROFILE, &r, arena_printf(a, "profile %s", iccid_text(a, r.v[PROFILE_ICCID].b)), e);
}

int smdp_add_profiles(struct smdp *s, struct arena *a, const char *type, struct bytes csv, size_t *added, struct err *e)
{
    struct cursor c = cursor_over(csv);
    struct line names, values;
    struct store_record t;
    *added = 0;
    if (store_get(s->store, a, KIND_TYPE, bytes_text(type), &t, e) != 0)
        return -1;
    if (!t.version)
        return err_set(e, ERR_NOT_FOUND, NULL, "there is no profile type \"%s\"", type);
    if (!next_line(&c, &names))
        return err_set(e, ERR_SYNTAX, NULL, "the list is empty");
    for (size_t number = 2; next_line(&c, &values); number++) {
        if (values.n == 1 && values.field[0].n == 0)
            continue;
        if (profile_add(s, a, &t, &names, &values, e) != 0)
            return err_within(e, "line %zu", number);
        ++*added;
    }
    return 0;
}

int smdp_describe(struct smdp *s, struct arena *a, struct bytes iccid, const char **text, struct err *e)
{
    struct store_record p;
    if (store_get(s->store, a, KIND_PROFILE, iccid, &p, e) != 0)
        return -1;
    if (!p.version)
        return err_set(e, ERR_NOT_FOUND, NULL, "there is no profile %s", iccid_text(a, iccid));
    struct buf out = buf_in(a);
    buf_printf(&out, "iccid        %s\ntype         %.*s\nstate        %s\n", iccid_text(a, iccid),
               (int)p.v[PROFILE_TYPE].b.n, p.v[PROFILE_TYPE].b.p, order_state_name((enum order_state)p.v[PROFILE_STATE].i));
    if (bytes_present(p.v[PROFILE_EID].b))
        buf_printf(&out, "eid          %s\n", eid_text(a, p.v[PROFILE_EID].b));
    if (bytes_present(p.v[PROFILE_MATCHING].b))
        buf_printf(&out, "matching id  %.*s\n", (int)p.v[PROFILE_MATCHING].b.n, p.v[PROFILE_MATCHING].b.p);
    buf_printf(&out, "downloads    %lld\n", (long long)p.v[PROFILE_DOWNLOADS].i);
    *text = buf_str(&out);
    return *text ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for a description");
}
