/* SPDX-License-Identifier: Apache-2.0 */
#include "smdp/manage.h"

#include <stdlib.h>

#include "asn1/asn1.h"
#include "crypto/hash.h"
#include "rsp/ids.h"
#include "saip/personal.h"
#include "saip/suits.h"
#include "smdp/core.h"

enum {
    IMPORT_BATCH = 500, /* profiles committed together */
    IMPORT_MEMORY = 16 << 20,
    LINE_MAX_OCTETS = 4096,
    OPERATOR_NAME_MAX = 200, /* octets; it is part of the name of the operator's lane in the outbox */
    OPERATOR_URL_MAX = 2000
};

/* ------------------------------------------------------------------------------ committing */

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

/* ------------------------------------------------------------------------------- operators */

static int identity(struct arena *a, const struct smdp_operator *o, struct store_record *r, struct err *e)
{
    uint8_t *digest = arena_alloc(a, SHA256_OCTETS);
    struct bytes der;
    struct cert c;
    if (!digest)
        return err_set(e, ERR_MEMORY, NULL, "no memory for an operator");
    if (cert_from_file(a, o->certificate, &der, e) != 0 || cert_parse(a, der, &c, e) != 0)
        return err_within(e, "certificate of %s", o->name);
    if (o->by_names)
        sha256((const struct bytes[]){ c.issuer, c.subject }, 2, digest);
    else
        sha256(&der, 1, digest);
    r->v[o->by_names ? OPERATOR_NAMES : OPERATOR_FINGERPRINT].b = bytes_make(digest, SHA256_OCTETS);
    return 0;
}

int smdp_add_operator(struct smdp *s, struct arena *a, const struct smdp_operator *o, struct err *e)
{
    struct store_record r = { 0 };
    struct bytes host, prefix;
    if (identity(a, o, &r, e) != 0)
        return -1;
    if (o->url && (progress_url(bytes_text(o->url), &host, &prefix) != 0 || strlen(o->url) > OPERATOR_URL_MAX))
        return err_set(e, ERR_VALUE, "SGP.22 6.1", "\"%.100s\" is not https://HOST[/PATH]", o->url);
    if (!*o->name || strlen(o->name) > OPERATOR_NAME_MAX)
        return err_set(e, ERR_VALUE, NULL, "an operator's name has 1 to %d octets", OPERATOR_NAME_MAX);
    r.v[OPERATOR_NAME].b = bytes_text(o->name);
    r.v[OPERATOR_URL].b = bytes_text(o->url);
    r.v[OPERATOR_POINTS].i = o->points;
    r.v[OPERATOR_CC_TRIES].i = o->limits.cc_tries;
    r.v[OPERATOR_DOWNLOADS].i = o->limits.downloads;
    r.v[OPERATOR_LIFETIME].i = o->limits.lifetime;
    return put_new(s, a, KIND_OPERATOR, &r, "operator", o->name, e);
}

/* ----------------------------------------------------------------------------------- types */

/* A type is taken only if its package has a place for everything that makes a profile. */
static int template_check(struct arena *a, struct bytes upp, struct saip_needs *needs, struct err *e)
{
    struct saip_package p;
    struct saip_holes holes;
    if (saip_decode(a, upp, ASN1_STRICT, &p, e) != 0 || saip_holes_find(&p, upp, &holes, e) != 0)
        return -1;
    if (!holes.of[HOLE_ICCID].n || !holes.of[HOLE_IMSI].n || !holes.of[HOLE_K].n)
        return err_set(e, ERR_VALUE, NULL, "the package has no place for ICCID, IMSI or K");
    return saip_needs_of(a, &p, needs, e);
}

/* Bits of PprIds, as rsp_StoreMetadataRequest has them. */
static uint32_t rules_of(const struct rsp_StoreMetadataRequest *m)
{
    uint32_t rules = 0;
    for (uint32_t bit = 0; bit < 32; bit++)
        rules |= asn1_bit(m->profilePolicyRules, bit) ? 1u << bit : 0;
    return rules;
}

static int type_limits(const struct smdp_type *t, struct store_record *r, struct err *e)
{
    const struct smdp_limits *l = &t->limits;
    if (l->cc_tries < 0 || l->downloads < 0 || l->lifetime < 0)
        return err_set(e, ERR_VALUE, NULL, "a limit is negative");
    r->v[TYPE_CC_TRIES].i = l->cc_tries;
    r->v[TYPE_DOWNLOADS].i = l->downloads;
    r->v[TYPE_LIFETIME].i = l->lifetime;
    return 0;
}

/* SGP.22 4.4, 5.5.3: what is shown to the user, and what the card's rules need. */
static int metadata_check(const struct rsp_StoreMetadataRequest *m, struct err *e)
{
    if (bytes_present(m->icon) != m->has_iconType)
        return err_set(e, ERR_VALUE, "SGP.22 5.5.3", "an icon needs its type, and a type its icon");
    if (rules_of(m) && !m->profileOwner)
        return err_set(e, ERR_VALUE, "SGP.22 2.4.5.3", "policy rules need the profile's owner (MCC and MNC)");
    return 0;
}

int smdp_add_type(struct smdp *s, struct arena *a, const struct smdp_type *t, struct err *e)
{
    struct store_record r = { 0 }, owner;
    struct rsp_StoreMetadataRequest m;
    struct saip_needs needs;
    if (store_get(s->store, a, KIND_OPERATOR, bytes_text(t->operator_name), &owner, e) != 0)
        return -1;
    if (!owner.version)
        return err_set(e, ERR_NOT_FOUND, NULL, "there is no operator \"%s\"", t->operator_name);
    if (template_check(a, t->upp, &needs, e) != 0)
        return err_within(e, "package");
    if (asn1_decode(a, &rsp_StoreMetadataRequest_type, t->metadata, ASN1_STRICT, &m, e) != 0 ||
        metadata_check(&m, e) != 0)
        return err_within(e, "metadata");
    needs.pprs = rules_of(&m);
    needs.test = m.profileClass == rsp_ProfileClass_test;
    r.v[TYPE_NAME].b = bytes_text(t->name);
    r.v[TYPE_OPERATOR].b = bytes_text(t->operator_name);
    r.v[TYPE_METADATA].b = t->metadata;
    r.v[TYPE_NEEDS].b = saip_needs_encode(a, &needs);
    r.v[TYPE_PPK].i = t->ppk;
    r.v[TYPE_BIND_ONCE].i = t->bind_once;
    r.v[TYPE_NO_FIELD_TEST].i = t->no_field_test;
    if (type_limits(t, &r, e) != 0 ||
        smdp_seal(s->keys, a, SEALED_PACKAGE, r.v[TYPE_NAME].b, t->upp, &r.v[TYPE_UPP].b, e) != 0)
        return -1;
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

struct smdp_import {
    struct smdp *smdp;
    struct arena *kept;  /* type and names */
    struct arena *arena; /* of the batch */
    struct store_record type;
    struct csv_line names;
    struct store_batch batch;
    uint8_t line[LINE_MAX_OCTETS]; /* the beginning of one whose end has not come */
    size_t n;
};

int smdp_import_new(struct smdp *s, const char *type, struct smdp_import **out, struct err *e)
{
    struct smdp_import *i = calloc(1, sizeof *i);
    if (i)
        *i = (struct smdp_import){ .smdp = s, .kept = arena_new(IMPORT_MEMORY), .arena = arena_new(IMPORT_MEMORY) };
    int result = 0;
    if (!i || !i->kept || !i->arena)
        result = err_set(e, ERR_MEMORY, NULL, "no memory for a list of profiles");
    else if (store_get(s->store, i->kept, KIND_TYPE, bytes_text(type), &i->type, e) != 0)
        result = -1;
    else if (!i->type.version)
        result = err_set(e, ERR_NOT_FOUND, NULL, "there is no profile type \"%s\"", type);
    if (result != 0) {
        smdp_import_free(i);
        return -1;
    }
    i->batch = store_batch_in(i->arena);
    *out = i;
    return 0;
}

void smdp_import_free(struct smdp_import *i)
{
    if (!i)
        return;
    arena_free(i->kept);
    arena_free(i->arena);
    bytes_wipe(i->line, sizeof i->line);
    free(i);
}

static int import_commit(struct smdp_import *i, struct smdp_imported *done, struct err *e)
{
    if (i->batch.n == 0)
        return 0;
    size_t n = i->batch.n;
    if (commit(i->smdp, &i->batch, "add profiles", i->type.v[TYPE_NAME].b,
               "an ICCID comes twice, or another import adds it", e) != 0)
        return -1;
    done->added += n;
    arena_reset(i->arena);
    i->batch = store_batch_in(i->arena);
    return 0;
}

static int subscriber_read(struct smdp_import *i, const struct csv_line *values, struct saip_subscriber *s,
                           struct err *e)
{
    if (values->n != i->names.n)
        return err_set(e, ERR_VALUE, NULL, "%zu values for %zu columns", values->n, i->names.n);
    for (size_t k = 0; k < values->n; k++)
        if (saip_subscriber_set(i->arena, s, arena_text(i->arena, i->names.field[k]), values->field[k], e) != 0)
            return -1;
    if (!s->value[HOLE_ICCID].p || !s->value[HOLE_IMSI].p || !s->value[HOLE_K].p)
        return err_set(e, ERR_VALUE, NULL, "a profile needs iccid, imsi and k");
    return 0;
}

static int profile_add(struct smdp_import *i, const struct csv_line *values, struct smdp_imported *done,
                       struct err *e)
{
    struct smdp *s = i->smdp;
    struct saip_subscriber subscriber = { 0 };
    struct store_record r = { 0 }, there;
    if (subscriber_read(i, values, &subscriber, e) != 0)
        return -1;
    r.v[PROFILE_ICCID].b = subscriber.value[HOLE_ICCID];
    if (store_get(s->store, i->arena, KIND_PROFILE, r.v[PROFILE_ICCID].b, &there, e) != 0)
        return -1;
    if (there.version) {
        done->there++;
        return 0;
    }
    r.v[PROFILE_TYPE].b = r.v[PROFILE_POOL].b = i->type.v[TYPE_NAME].b;
    r.v[PROFILE_OPERATOR].b = i->type.v[TYPE_OPERATOR].b;
    r.v[PROFILE_STATE].i = ORDER_AVAILABLE;
    r.v[PROFILE_CHANGED].i = s->now(s->context);
    r.v[PROFILE_ON_CARD].i = r.v[PROFILE_ON_CARD_SEQ].i = -1;
    if (smdp_seal(s->keys, i->arena, SEALED_SUBSCRIBER, r.v[PROFILE_ICCID].b, subscriber_write(i->arena, &subscriber),
                  &r.v[PROFILE_SUBSCRIBER].b, e) != 0)
        return -1;
    store_put(&i->batch, KIND_PROFILE, &r);
    return i->batch.n == IMPORT_BATCH ? import_commit(i, done, e) : 0;
}

static int names_keep(struct smdp_import *i, const struct csv_line *line, struct err *e)
{
    i->names = *line;
    for (size_t k = 0; k < line->n; k++) {
        i->names.field[k] = arena_copy(i->kept, line->field[k]);
        if (!i->names.field[k].p)
            return err_set(e, ERR_MEMORY, NULL, "no memory for a list of profiles");
    }
    return 0;
}

static int line_take(struct smdp_import *i, struct bytes text, struct smdp_imported *done, struct err *e)
{
    struct cursor c = cursor_over(text);
    struct csv_line line;
    done->lines++;
    if (!csv_next(&c, &line) || csv_empty(&line))
        return 0;
    int result = i->names.n ? profile_add(i, &line, done, e) : names_keep(i, &line, e);
    return result == 0 ? 0 : err_within(e, "line %zu", done->lines);
}

int smdp_import_take(struct smdp_import *i, struct bytes piece, struct smdp_imported *done, struct err *e)
{
    while (piece.n) {
        const uint8_t *end = memchr(piece.p, '\n', piece.n);
        size_t n = end ? (size_t)(end - piece.p) + 1 : piece.n;
        if (i->n + n > sizeof i->line) {
            err_set(e, ERR_LIMIT, NULL, "longer than %d octets", LINE_MAX_OCTETS);
            return err_within(e, "line %zu", done->lines + 1);
        }
        memcpy(i->line + i->n, piece.p, n);
        i->n += n;
        piece = bytes_slice(piece, n, piece.n);
        if (!end)
            return 0;
        size_t length = i->n;
        i->n = 0;
        if (line_take(i, bytes_make(i->line, length), done, e) != 0)
            return -1;
    }
    return 0;
}

int smdp_import_end(struct smdp_import *i, struct smdp_imported *done, struct err *e)
{
    if (i->n && line_take(i, bytes_make(i->line, i->n), done, e) != 0)
        return -1;
    i->n = 0;
    if (!i->names.n)
        return err_set(e, ERR_SYNTAX, NULL, "the list is empty");
    return import_commit(i, done, e);
}

int smdp_add_profiles(struct smdp *s, const char *type, struct bytes csv, struct smdp_imported *done, struct err *e)
{
    struct smdp_import *i;
    *done = (struct smdp_imported){ 0 };
    if (smdp_import_new(s, type, &i, e) != 0)
        return -1;
    int result = smdp_import_take(i, csv, done, e);
    if (result == 0)
        result = smdp_import_end(i, done, e);
    smdp_import_free(i);
    return result;
}

/* ---------------------------------------------------------------------------------- orders */

static int profile_get(struct smdp *s, struct arena *a, struct bytes iccid, struct store_record *p, struct err *e)
{
    if (store_get(s->store, a, KIND_PROFILE, iccid, p, e) != 0)
        return -1;
    return p->version ? 0 : err_set(e, ERR_NOT_FOUND, NULL, "there is no profile %s", iccid_text(a, iccid));
}

static int expiry_handle(struct op *op, const void *in, void *out)
{
    const int64_t *expires = in;
    struct store_record p;
    (void)out;
    if (profile_get(op->smdp, op->arena, op->subject, &p, op->err) != 0)
        return -1;
    p.v[PROFILE_EXPIRES].i = *expires;
    store_put(&op->batch, KIND_PROFILE, &p);
    return 0;
}

/* The order's time begins anew, too. */
static int rearm_handle(struct op *op, const void *in, void *out)
{
    struct store_record p, type, operator;
    (void)in, (void)out;
    if (profile_get(op->smdp, op->arena, op->subject, &p, op->err) != 0 || op_allowed(op, &p, EV_REARMED) != 0 ||
        op_type(op, &p, &type) != 0 || op_operator(op, p.v[PROFILE_OPERATOR].b, &operator) != 0)
        return -1;
    int64_t lifetime = op_limits(op, &type, &operator).lifetime;
    p.v[PROFILE_DOWNLOADS].i = p.v[PROFILE_CC_TRIES].i = 0;
    p.v[PROFILE_EXPIRES].i = lifetime ? op_now(op) + lifetime : 0;
    p.v[PROFILE_PENDING].b = p.v[PROFILE_EID].b;
    p.v[PROFILE_MATCHING_ID].b = p.v[PROFILE_MATCHING].b.n ? p.v[PROFILE_MATCHING].b : BYTES_NONE;
    return op_step(op, &p, EV_REARMED, NULL);
}

static int perform(struct smdp *s, struct arena *a, const char *action, handler *handle, struct bytes iccid,
                   const void *in, struct err *e)
{
    struct op op = { .smdp = s, .arena = a, .err = e, .action = action, .actor = BYTES_LIT("administration"),
                     .subject = iccid };
    bool refused;
    enum store_commit done = op_perform(&op, handle, in, NULL, &refused);
    if (done != STORE_COMMITTED && !refused)
        return err_set(e, ERR_IO, NULL, "the store cannot commit now; next: try again");
    return refused ? -1 : 0;
}

int smdp_set_expiry(struct smdp *s, struct arena *a, struct bytes iccid, int64_t expires, struct err *e)
{
    return perform(s, a, "set expiry", expiry_handle, iccid, &expires, e);
}

int smdp_rearm(struct smdp *s, struct arena *a, struct bytes iccid, struct err *e)
{
    return perform(s, a, "arm again", rearm_handle, iccid, NULL, e);
}

/* ---------------------------------------------------------------------------------- looking */

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
    if (profile_get(s, a, iccid, &p, e) != 0)
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
    if (store_find(s->store, a, &q, &found, e) != 0)
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
    return store_count(s->store, &q, n, e);
}
