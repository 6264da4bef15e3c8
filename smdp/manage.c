/* SPDX-License-Identifier: Apache-2.0 */
#include "smdp/manage.h"

#include "asn1/asn1.h"
#include "crypto/hash.h"
#include "rsp/activation.h"
#include "rsp/ids.h"
#include "saip/suits.h"
#include "smdp/core.h"

enum { OPERATOR_URL_MAX = 2000, NAME_OCTETS_MAX = 200 /* an operator's is part of its lane's name */ };

/* ------------------------------------------------------------------------------ committing */

int manage_commit(struct smdp *s, struct store_batch *b, const char *action, struct bytes subject, const char *exists,
                  struct err *e)
{
    struct audit_entry entry = { .time = s->service.now(s->service.context),
                                 .actor = BYTES_LIT("administration"),
                                 .subject = subject,
                                 .action = action,
                                 .outcome = "done" };
    const char *column;
    if (s->service.random(s->service.context, entry.batch, sizeof entry.batch) != 0)
        return err_set(e, ERR_CRYPTO, NULL, "no random octets");
    profiles_stamp(b, BYTES_OF(entry.batch));
    switch (audit_commit(s->service.store, KIND_AUDIT, &entry, b, &column, e)) {
    case STORE_COMMITTED:
        return 0;
    case STORE_CONFLICT:
        return err_set(e, ERR_EXISTS, NULL, "%s", exists);
    case STORE_DUPLICATE: /* the only values of ours that must be unique */
        return err_set(e, ERR_EXISTS, NULL,
                       "another operator is known by this certificate; next: rsp-smdp operators shows them");
    default:
        return -1;
    }
}

static int put(struct smdp *s, struct arena *a, size_t kind, const struct store_record *r, const char *what,
               struct err *e)
{
    struct store_batch b = store_batch_in(a);
    struct bytes name = r->v[0].b;
    store_put(&b, kind, r);
    const char *exists = r->version ? arena_printf(a, "somebody else changes this %s now; next: try again", what)
                                    : arena_printf(a, "the %s \"%.*s\" exists already", what, (int)name.n, name.p);
    return manage_commit(s, &b, arena_printf(a, "%s %s", r->version ? "change" : "add", what), name, exists, e);
}

/* A name goes into lists, messages and JSON of others. */
static int name_check(const char *what, const char *name, struct err *e)
{
    struct bytes text = bytes_text(name);
    bool right = text.n && text.n <= NAME_OCTETS_MAX && utf8_valid(text) && utf8_length(text) <= SMDP_NAME_MAX;
    for (size_t i = 0; i < text.n; i++)
        right = right && text.p[i] >= ' ' && text.p[i] != 0x7F;
    return right ? 0
                 : err_set(e, ERR_VALUE, NULL, "the name of %s has 1 to %d printable characters", what, SMDP_NAME_MAX);
}

/* ------------------------------------------------------------------------------- operators */

static int identity(struct arena *a, const struct smdp_operator *o, struct store_record *r, struct err *e)
{
    uint8_t *digest = arena_alloc(a, SHA256_OCTETS);
    struct bytes der;
    struct cert c;
    if (!digest)
        return err_set(e, ERR_MEMORY, NULL, "no memory for an operator");
    if (cert_from_file(a, o->certificate, &der, e) != 0 || cert_parse(a, der, &c, e) != 0) {
        err_next(e, "name a certificate of X.509 version 3 on P-256 or brainpoolP256r1, in PEM or DER");
        return err_within(e, "certificate of %s", o->name);
    }
    if (o->by_names)
        sha256((const struct bytes[]){ c.issuer, c.subject }, 2, digest);
    else
        sha256(&der, 1, digest);
    r->v[OPERATOR_NAMES].b = r->v[OPERATOR_FINGERPRINT].b = BYTES_NONE;
    r->v[o->by_names ? OPERATOR_NAMES : OPERATOR_FINGERPRINT].b = bytes_make(digest, SHA256_OCTETS);
    return 0;
}

static int url_check(const char *url, struct err *e)
{
    struct bytes host, prefix;
    bool right = strlen(url) <= OPERATOR_URL_MAX && !strpbrk(url, "?# \t") &&
                 progress_url(bytes_text(url), &host, &prefix) == 0 && fqdn_valid(host, true);
    return right ? 0 : err_set(e, ERR_VALUE, "SGP.22 6.1", "\"%.100s\" is not https://HOST[:PORT][/PATH]", url);
}

static void keep(int64_t *to, int64_t value)
{
    *to = value == SMDP_KEEP ? *to : value;
}

/* What is given into the record. */
static int operator_fill(struct arena *a, const struct smdp_operator *o, struct store_record *r, struct err *e)
{
    bool url = o->url && *o->url;
    if ((bytes_present(o->certificate) && identity(a, o, r, e) != 0) || (url && url_check(o->url, e) != 0))
        return -1;
    if (o->url)
        r->v[OPERATOR_URL].b = url ? bytes_text(o->url) : BYTES_NONE;
    keep(&r->v[OPERATOR_POINTS].i, o->points);
    keep(&r->v[OPERATOR_CC_TRIES].i, o->limits.cc_tries);
    keep(&r->v[OPERATOR_DOWNLOADS].i, o->limits.downloads);
    keep(&r->v[OPERATOR_LIFETIME].i, o->limits.lifetime);
    return 0;
}

int smdp_add_operator(struct smdp *s, struct arena *a, const struct smdp_operator *o, struct err *e)
{
    struct store_record r = { .v[OPERATOR_NAME].b = bytes_text(o->name) };
    if (name_check("an operator", o->name, e) != 0 || operator_fill(a, o, &r, e) != 0)
        return -1;
    return put(s, a, KIND_OPERATOR, &r, "operator", e);
}

int manage_operator(struct smdp *s, struct arena *a, const char *name, struct store_record *r, struct err *e)
{
    if (store_get(s->service.store, a, KIND_OPERATOR, bytes_text(name), r, e) != 0)
        return -1;
    return r->version ? 0
                      : err_set(e, ERR_NOT_FOUND, NULL,
                                "there is no operator \"%s\"; next: rsp-smdp operators shows them", name);
}

int smdp_change_operator(struct smdp *s, struct arena *a, const struct smdp_operator *o, struct err *e)
{
    struct store_record r;
    if (manage_operator(s, a, o->name, &r, e) != 0 || operator_fill(a, o, &r, e) != 0)
        return -1;
    return put(s, a, KIND_OPERATOR, &r, "operator", e);
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
        return err_set(e, ERR_VALUE, NULL,
                       "the package has no place for ICCID, IMSI or K; next: rsp-profile check shows what is in it");
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
    if (name_check("a profile type", t->name, e) != 0 || manage_operator(s, a, t->operator_name, &owner, e) != 0)
        return -1;
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
    return put(s, a, KIND_TYPE, &r, "profile type", e);
}

/* ---------------------------------------------------------------------------------- orders */

int manage_profile(struct smdp *s, struct arena *a, struct bytes iccid, struct store_record *p, struct err *e)
{
    if (store_get(s->service.store, a, KIND_PROFILE, iccid, p, e) != 0)
        return -1;
    return p->version ? 0
                      : err_set(e, ERR_NOT_FOUND, NULL, "there is no profile %s; next: rsp-smdp list shows them",
                                iccid_text(a, iccid));
}

static int expiry_handle(struct op *op, const void *in, void *out)
{
    const int64_t *expires = in;
    struct store_record p;
    (void)out;
    if (manage_profile(smdp_of(op), op->arena, op->subject, &p, op->err) != 0)
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
    if (manage_profile(smdp_of(op), op->arena, op->subject, &p, op->err) != 0 || op_allowed(op, &p, EV_REARMED) != 0 ||
        op_type(op, &p, &type) != 0 || op_operator(op, p.v[PROFILE_OPERATOR].b, &operator) != 0)
        return -1;
    int64_t lifetime = op_limits(op, &type, &operator).lifetime;
    p.v[PROFILE_DOWNLOADS].i = p.v[PROFILE_CC_TRIES].i = 0;
    p.v[PROFILE_EXPIRES].i = lifetime ? op_now(op) + lifetime : 0;
    p.v[PROFILE_PENDING].b = p.v[PROFILE_EID].b;
    p.v[PROFILE_MATCHING_ID].b = p.v[PROFILE_MATCHING].b.n ? p.v[PROFILE_MATCHING].b : BYTES_NONE;
    return op_step(op, &p, EV_REARMED, NULL);
}

static int perform_op(struct op *op, service_handler *handle, const void *in, void *out)
{
    bool refused;
    enum store_commit done = op_perform(op, handle, in, out, &refused);
    if (done != STORE_COMMITTED && !refused)
        return err_set(op->err, ERR_IO, NULL, "the store cannot commit now; next: try again");
    return refused ? -1 : 0;
}

static int perform(struct smdp *s, struct arena *a, const char *action, service_handler *handle, struct bytes iccid,
                   const void *in, struct err *e)
{
    struct op op = { .service = &s->service,
                     .arena = a,
                     .err = e,
                     .action = action,
                     .actor = BYTES_LIT("administration"),
                     .subject = iccid };
    return perform_op(&op, handle, in, NULL);
}

int smdp_set_expiry(struct smdp *s, struct arena *a, struct bytes iccid, int64_t expires, struct err *e)
{
    return perform(s, a, "set expiry", expiry_handle, iccid, &expires, e);
}

int smdp_rearm(struct smdp *s, struct arena *a, struct bytes iccid, struct err *e)
{
    return perform(s, a, "arm again", rearm_handle, iccid, NULL, e);
}

/* ------------------------------------------------------------------- ES2+ for an operator */

/* A function of ES2+ as its caller would be `operator_name`. */
static int es2(struct smdp *s, struct arena *a, struct bytes operator_name, enum rsp_function f,
               service_handler *handle, const void *in, void *out, struct err *e)
{
    struct op op = { .service = &s->service, .arena = a, .err = e, .action = rsp_functions[f].name,
                     .actor = BYTES_LIT("administration") };
    return op_operator(&op, operator_name, &op.caller) != 0 ? -1 : perform_op(&op, handle, in, out);
}

/* Whose order it is; *taken: it takes a profile that is Available. */
static int order_owner(struct smdp *s, struct arena *a, const struct smdp_order *o, struct bytes *owner, bool *taken,
                       struct err *e)
{
    struct store_record r;
    if (bytes_present(o->iccid)) {
        if (manage_profile(s, a, o->iccid, &r, e) != 0)
            return -1;
        *owner = r.v[PROFILE_OPERATOR].b;
        *taken = r.v[PROFILE_STATE].i == ORDER_AVAILABLE;
        return 0;
    }
    if (store_get(s->service.store, a, KIND_TYPE, bytes_text(o->type), &r, e) != 0)
        return -1;
    *owner = r.v[TYPE_OPERATOR].b;
    *taken = true;
    return r.version ? 0 : rsp_refuse(e, RSP_TYPE_UNKNOWN, "SGP.22 5.3.1");
}

static int order_confirm(struct smdp *s, struct arena *a, struct bytes owner, const struct smdp_order *o,
                         struct smdp_ordered *out, struct err *e)
{
    const struct es2_confirm_order q = { .iccid = out->iccid, .eid = o->eid, .matchingId = o->matching_id,
                                         .confirmationCode = o->code, .smdsAddress = o->smds,
                                         .releaseFlag = o->release };
    struct es2_confirm_order_done r;
    if (es2(s, a, owner, ES2_CONFIRM_ORDER, es2_confirm_order_handle, &q, &r, e) != 0)
        return -1;
    out->matching_id = r.matchingId;
    const struct activation_code code = { .address = r.smdpAddress, .matching_id = r.matchingId,
                                          .confirmation_code = bytes_present(o->code) };
    out->activation_code = activation_code_text(a, &code, true);
    return out->activation_code ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for an activation code");
}

int smdp_order(struct smdp *s, struct arena *a, const struct smdp_order *o, struct smdp_ordered *out, struct err *e)
{
    const struct es2_download_order q = { .eid = o->eid, .iccid = o->iccid, .profileType = bytes_text(o->type) };
    struct es2_download_order_done r;
    struct bytes owner;
    bool taken;
    if (order_owner(s, a, o, &owner, &taken, e) != 0 ||
        es2(s, a, owner, ES2_DOWNLOAD_ORDER, es2_download_order_handle, &q, &r, e) != 0)
        return -1;
    *out = (struct smdp_ordered){ .iccid = r.iccid };
    if (order_confirm(s, a, owner, o, out, e) == 0)
        return 0;
    struct err ignored; /* what was wrong is told, also if the profile stays ordered */
    if (taken)
        smdp_cancel(s, a, out->iccid, false, &ignored);
    return -1;
}

int smdp_release(struct smdp *s, struct arena *a, struct bytes iccid, struct err *e)
{
    const struct es2_release_profile q = { .iccid = iccid };
    struct store_record p;
    if (manage_profile(s, a, iccid, &p, e) != 0)
        return -1;
    return es2(s, a, p.v[PROFILE_OPERATOR].b, ES2_RELEASE_PROFILE, es2_release_profile_handle, &q, NULL, e);
}

int smdp_cancel(struct smdp *s, struct arena *a, struct bytes iccid, bool unavailable, struct err *e)
{
    struct store_record p;
    if (manage_profile(s, a, iccid, &p, e) != 0)
        return -1;
    const struct es2_cancel_order q = { .iccid = iccid, .eid = p.v[PROFILE_EID].b,
                                        .finalProfileStatusIndicator = unavailable ? BYTES_LIT("Unavailable")
                                                                                   : BYTES_LIT("Available") };
    return es2(s, a, p.v[PROFILE_OPERATOR].b, ES2_CANCEL_ORDER, es2_cancel_order_handle, &q, NULL, e);
}
