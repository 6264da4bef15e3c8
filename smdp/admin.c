/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/asn1.h"
#include "base/csv.h"
#include "crypto/hash.h"
#include "rsp/ids.h"
#include "saip/personal.h"
#include "smdp/core.h"

enum { IMPORT_BATCH = 500 /* profiles committed together */, IMPORT_MEMORY = 16 << 20 };

static int commit(struct smdp *s, struct store_batch *b, const char *action, struct bytes subject, const char *exists,
                  struct err *e)
{
    struct audit_entry entry = { .time = s->now(s->context), .actor = BYTES_LIT("administration"), .subject = subject,
                                 .action = action, .outcome = "done" };
    const char *column;
    if (s->random(s->context, entry.batch, sizeof entry.batch) != 0)
        return err_set(e, ERR_CRYPTO, NULL, "no random octets");
    switch (audit_commit(s->store, KIND_AUDIT, &entry, b, &column, e)) {
    case STORE_COMMITTED:
        return 0;
    case STORE_CONFLICT:
    case STORE_DUPLICATE:
        return err_set(e, ERR_EXISTS, NULL, "%s", exists);
    default:
        return -1;
    }
}

static int put_new(struct smdp *s, struct arena *a, size_t kind, const struct store_record *r, const char *what,
                   const char *name, struct err *e)
{
    struct store_batch b = store_batch_in(a);
    store_put(&b, kind, r);
    return commit(s, &b, arena_printf(a, "add %s", what), bytes_text(name),
                  arena_printf(a, "%s \"%s\" exists already", what, name), e);
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
    return put_new(s, a, KIND_OPERATOR, &r, "operator", name, e);
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
    return put_new(s, a, KIND_TYPE, &r, "profile type", t->name, e);
}

/* ----------------------------------------------------------------------- lists of profiles */

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

/* A list on its way into the store. */
struct import {
    struct smdp *smdp;
    struct arena *arena; /* of the batch */
    struct store_record type;
    struct csv_line names;
    struct store_batch batch;
    struct smdp_imported *done;
};

static int import_commit(struct import *i, struct err *e)
{
    if (i->batch.n == 0)
        return 0;
    size_t n = i->batch.n;
    if (commit(i->smdp, &i->batch, "add profiles", i->type.v[TYPE_NAME].b,
               "an ICCID comes twice, or another import adds it", e) != 0)
        return -1;
    i->done->added += n;
    arena_reset(i->arena);
    i->batch = store_batch_in(i->arena);
    return 0;
}

static int profile_add(struct import *import, const struct csv_line *values, struct err *e)
{
    struct smdp *s = import->smdp;
    struct arena *a = import->arena;
    const struct csv_line *names = &import->names;
    const struct store_record *type = &import->type;
    struct saip_subscriber subscriber = { 0 };
    struct store_record r = { 0 }, there;
    if (values->n != names->n)
        return err_set(e, ERR_VALUE, NULL, "%zu values for %zu columns", values->n, names->n);
    for (size_t i = 0; i < names->n; i++)
        if (saip_subscriber_set(a, &subscriber, arena_text(a, names->field[i]), values->field[i], e) != 0)
            return -1;
    if (!subscriber.value[HOLE_ICCID].p || !subscriber.value[HOLE_IMSI].p || !subscriber.value[HOLE_K].p)
        return err_set(e, ERR_VALUE, NULL, "a profile needs iccid, imsi and k");
    r.v[PROFILE_ICCID].b = subscriber.value[HOLE_ICCID];
    if (store_get(s->store, a, KIND_PROFILE, r.v[PROFILE_ICCID].b, &there, e) != 0)
        return -1;
    if (there.version) {
        import->done->there++;
        return 0;
    }
    r.v[PROFILE_TYPE].b = r.v[PROFILE_POOL].b = type->v[TYPE_NAME].b;
    r.v[PROFILE_OPERATOR].b = type->v[TYPE_OPERATOR].b;
    r.v[PROFILE_STATE].i = ORDER_AVAILABLE;
    if (smdp_seal(s->keys, a, r.v[PROFILE_ICCID].b, subscriber_write(a, &subscriber), &r.v[PROFILE_SUBSCRIBER].b, e) !=
        0)
        return -1;
    store_put(&import->batch, KIND_PROFILE, &r);
    return import->batch.n == IMPORT_BATCH ? import_commit(import, e) : 0;
}

static int import_lines(struct import *i, struct bytes csv, struct err *e)
{
    struct cursor c = cursor_over(csv);
    struct csv_line values;
    if (!csv_next(&c, &i->names))
        return err_set(e, ERR_SYNTAX, NULL, "the list is empty");
    for (size_t number = 2; csv_next(&c, &values); number++)
        if (!csv_empty(&values) && profile_add(i, &values, e) != 0)
            return err_within(e, "line %zu", number);
    return import_commit(i, e);
}

int smdp_add_profiles(struct smdp *s, struct arena *a, const char *type, struct bytes csv, struct smdp_imported *done,
                      struct err *e)
{
    struct import i = { .smdp = s, .done = done };
    *done = (struct smdp_imported){ 0 };
    if (store_get(s->store, a, KIND_TYPE, bytes_text(type), &i.type, e) != 0)
        return -1;
    if (!i.type.version)
        return err_set(e, ERR_NOT_FOUND, NULL, "there is no profile type \"%s\"", type);
    i.arena = arena_new(IMPORT_MEMORY);
    if (!i.arena)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a list of profiles");
    i.batch = store_batch_in(i.arena);
    int result = import_lines(&i, csv, e);
    arena_free(i.arena);
    return result;
}

static int profile_get(struct smdp *s, struct arena *a, struct bytes iccid, struct store_record *p, struct err *e)
{
    if (store_get(s->store, a, KIND_PROFILE, iccid, p, e) != 0)
        return -1;
    return p->version ? 0 : err_set(e, ERR_NOT_FOUND, NULL, "there is no profile %s", iccid_text(a, iccid));
}

int smdp_set_expiry(struct smdp *s, struct arena *a, struct bytes iccid, int64_t expires, struct err *e)
{
    struct store_record p;
    struct store_batch b = store_batch_in(a);
    if (profile_get(s, a, iccid, &p, e) != 0)
        return -1;
    p.v[PROFILE_EXPIRES].i = expires;
    store_put(&b, KIND_PROFILE, &p);
    return commit(s, &b, "set expiry", iccid, "the profile changed meanwhile; next: try again", e);
}

int smdp_describe(struct smdp *s, struct arena *a, struct bytes iccid, const char **text, struct err *e)
{
    struct store_record p;
    if (profile_get(s, a, iccid, &p, e) != 0)
        return -1;
    struct buf out = buf_in(a);
    buf_printf(&out, "iccid        %s\ntype         %.*s\nstate        %s\n", iccid_text(a, iccid),
               (int)p.v[PROFILE_TYPE].b.n, p.v[PROFILE_TYPE].b.p,
               order_state_name((enum order_state)p.v[PROFILE_STATE].i));
    if (bytes_present(p.v[PROFILE_EID].b))
        buf_printf(&out, "eid          %s\n", eid_text(a, p.v[PROFILE_EID].b));
    if (bytes_present(p.v[PROFILE_MATCHING].b))
        buf_printf(&out, "matching id  %.*s\n", (int)p.v[PROFILE_MATCHING].b.n, p.v[PROFILE_MATCHING].b.p);
    buf_printf(&out, "downloads    %lld\n", (long long)p.v[PROFILE_DOWNLOADS].i);
    *text = buf_str(&out);
    return *text ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for a description");
}
