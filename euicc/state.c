/* SPDX-License-Identifier: Apache-2.0 */
#include "euicc/state.h"

#include "saip/package.h"

enum { PACKAGE_MEMORY = 256 << 20, PROFILE_MEMORY = 64 << 20, BEGUN_MEMORY = 1 << 20,
       METADATA_MEMORY = 1 << 20, REVOCATIONS_MEMORY = 64 << 10 };

struct bytes rec_number(struct arena *a, uint64_t value, size_t octets)
{
    uint8_t *p = arena_alloc(a, octets);
    for (size_t i = 0; p && i < octets; i++)
        p[i] = (uint8_t)(value >> 8 * (octets - 1 - i));
    return p ? bytes_make(p, octets) : BYTES_NONE;
}

uint64_t rec_value(struct bytes b)
{
    uint64_t v = 0;
    for (size_t i = 0; i < b.n; i++)
        v = v << 8 | b.p[i];
    return v;
}

struct euicc_profile *state_profile(const struct euicc_state *s, struct bytes iccid)
{
    for (size_t i = 0; i < s->n_profiles; i++)
        if (bytes_equal(s->profiles[i]->iccid, iccid))
            return s->profiles[i];
    return NULL;
}

struct euicc_profile *state_enabled(const struct euicc_state *s)
{
    for (size_t i = 0; i < s->n_profiles; i++)
        if (s->profiles[i]->enabled)
            return s->profiles[i];
    return NULL;
}

size_t state_used(const struct euicc_state *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_profiles; i++)
        n += s->profiles[i]->image.octets + s->profiles[i]->upp_octets;
    return n;
}

static int damaged(struct err *e, const char *what)
{
    return err_set(e, ERR_VERIFY, NULL, "the card's memory holds %s", what);
}

static int no_memory(struct err *e)
{
    return err_set(e, ERR_MEMORY, NULL, "no memory for the card's state");
}

static int keep_in(struct arena *a, struct bytes from, struct bytes *to, struct err *e)
{
    *to = arena_copy(a, from);
    return to->p || !from.p ? 0 : no_memory(e);
}

static int keep(struct euicc_state *s, struct bytes from, struct bytes *to, struct err *e)
{
    return keep_in(s->arena, from, to, e);
}

/* A value that changes often: it has memory of its own, which goes with it. */
static int keep_alone(struct arena **own, struct bytes from, struct bytes *to, struct err *e)
{
    struct arena *a = arena_new(from.n + 64);
    if (!a || keep_in(a, from, to, e) != 0) {
        arena_free(a);
        return no_memory(e);
    }
    arena_free(*own);
    *own = a;
    return 0;
}

/* ------------------------------------------------------------------------- identity */

static int apply_eid(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    return keep(s, r->field[0], &s->eid, e);
}

/* One more item at the end of an array; NULL without memory. */
static void *grown(struct arena *a, const void *items, size_t n, size_t size)
{
    void *more = arena_array(a, n + 1, size);
    if (more && n)
        memcpy(more, items, n * size);
    return more;
}

static int apply_ci(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    struct bytes der;
    if (s->n_cis == EUICC_CIS_MAX)
        return damaged(e, "too many CI certificates");
    struct cert *more = grown(s->arena, s->cis, s->n_cis, sizeof *more);
    if (!more)
        return no_memory(e);
    s->cis = more;
    if (keep(s, r->field[0], &der, e) != 0 || cert_parse(s->arena, der, &s->cis[s->n_cis], e) != 0)
        return -1;
    s->n_cis++;
    return 0;
}

static int apply_key(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    struct bytes euicc, eum;
    if (s->n_keys == EUICC_KEYS_MAX)
        return damaged(e, "too many keys");
    struct euicc_key *more = grown(s->arena, s->keys, s->n_keys, sizeof *more);
    if (!more)
        return no_memory(e);
    struct euicc_key *k = &more[s->n_keys];
    s->keys = more;
    if (keep(s, r->field[0], &euicc, e) != 0 || keep(s, r->field[1], &eum, e) != 0 ||
        cert_parse(s->arena, euicc, &k->euicc, e) != 0 || cert_parse(s->arena, eum, &k->eum, e) != 0 ||
        ec_key_from_scalar(k->euicc.curve, r->field[2], &k->key, e) != 0)
        return -1;
    k->ci_pkid = k->eum.aki;
    s->n_keys++;
    return 0;
}

static int apply_addresses(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    return keep(s, r->field[0], &s->root_ds, e) != 0 || keep(s, r->field[1], &s->factory_dp, e) != 0 ? -1 : 0;
}

static int apply_default(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    return keep_alone(&s->default_dp_arena, r->field[0], &s->default_dp, e);
}

/* ------------------------------------------------------------------------- profiles */

static void number_files(struct saip_file *f, struct saip_file **files)
{
    files[f->number] = f;
    for (struct saip_file *c = f->link ? NULL : f->children; c; c = c->next)
        number_files(c, files);
}

/* The image is made anew from the package at every start; the package itself is not kept in memory. */
static int image_make(struct euicc_profile *p, struct bytes upp, struct err *e)
{
    struct arena *scratch = arena_new(PACKAGE_MEMORY);
    struct saip_package package;
    struct saip_result result;
    if (!scratch)
        return no_memory(e);
    int bad = saip_decode(scratch, upp, ASN1_STRICT, &package, e);
    if (!bad && saip_install(p->arena, &package, &p->image, &result) != 0)
        bad = saip_fault_err(&result.faults[result.n - 1], e);
    arena_free(scratch);
    return bad ? -1 : 0;
}

static int profile_fill(struct euicc_profile *p, const struct nvm_record *r, struct err *e)
{
    struct bytes *const places[] = { &p->iccid, &p->aid, &p->metadata_der, NULL, &p->smdp_oid, &p->ci_pkid };
    for (size_t i = 0; i < NVM_FIELDS; i++)
        if (places[i] && keep_in(p->arena, r->field[i], places[i], e) != 0)
            return -1;
    if (asn1_decode(p->arena, &rsp_StoreMetadataRequest_type, p->metadata_der, ASN1_WIRE, &p->metadata, e) != 0 ||
        (!p->image.mf && image_make(p, r->field[3], e) != 0))
        return -1;
    p->upp_octets = r->field[3].n;
    p->files = arena_array(p->arena, p->image.n_files, sizeof *p->files);
    if (!p->files)
        return no_memory(e);
    number_files(p->image.mf, p->files);
    return 0;
}

static struct euicc_profile *profile_new(void)
{
    struct arena *a = arena_new(PROFILE_MEMORY);
    struct euicc_profile *p = a ? arena_alloc(a, sizeof *p) : NULL;
    if (p)
        p->arena = a;
    else
        arena_free(a);
    return p;
}

static void profile_free(struct euicc_profile *p)
{
    struct arena *a = p->arena;
    arena_free(p->nickname_arena);
    arena_free(p->metadata_arena);
    arena_free(a); /* the profile lies in it */
}

struct euicc_profile *state_ready(struct euicc_state *s, struct bytes upp)
{
    state_ready_end(s);
    s->ready = (struct euicc_ready){ profile_new(), upp };
    return s->ready.profile;
}

void state_ready_end(struct euicc_state *s)
{
    if (s->ready.profile)
        profile_free(s->ready.profile);
    s->ready = (struct euicc_ready){ .profile = NULL };
}

static struct euicc_profile *ready_take(struct euicc_state *s, struct bytes upp)
{
    struct euicc_profile *p = s->ready.profile;
    if (!p || !bytes_equal(s->ready.upp, upp))
        return profile_new();
    s->ready.profile = NULL;
    return p;
}

static int apply_profile(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    if (s->n_profiles == EUICC_PROFILES_MAX)
        return damaged(e, "too many profiles");
    struct euicc_profile *p = ready_take(s, r->field[3]);
    if (!p)
        return no_memory(e);
    if (profile_fill(p, r, e) != 0) {
        profile_free(p);
        return -1;
    }
    s->profiles[s->n_profiles++] = p;
    return 0;
}

static int profile_of(struct euicc_state *s, const struct nvm_record *r, struct euicc_profile **p, struct err *e)
{
    *p = state_profile(s, r->field[0]);
    return *p ? 0 : damaged(e, "a change of a profile that is not there");
}

static int apply_state(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    struct euicc_profile *p;
    if (profile_of(s, r, &p, e) != 0)
        return -1;
    p->enabled = rec_value(r->field[1]);
    return 0;
}

static int apply_deleted(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    struct euicc_profile *p;
    if (profile_of(s, r, &p, e) != 0)
        return -1;
    size_t i = 0;
    while (s->profiles[i] != p)
        i++;
    memmove(&s->profiles[i], &s->profiles[i + 1], (s->n_profiles - i - 1) * sizeof s->profiles[0]);
    s->n_profiles--;
    s->former = s->former == p ? NULL : s->former;
    s->change.target = s->change.target == p ? NULL : s->change.target;
    profile_free(p);
    return 0;
}

/* ------------------------------------------------------------------------- rules */

static int apply_rat(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    struct bytes der;
    s->has_rat = true;
    return keep(s, r->field[0], &der, e) != 0
               ? -1
               : asn1_decode(s->arena, &rsp_RulesAuthorisationTable_type, der, ASN1_WIRE, &s->rat, e);
}

static int apply_change(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    s->change.command = (unsigned)rec_value(r->field[0]);
    s->change.target = state_profile(s, r->field[1]);
    return s->change.target ? 0 : damaged(e, "a change of a profile that is not there");
}

static int apply_change_end(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    (void)r;
    (void)e;
    s->change.target = NULL;
    return 0;
}

static int apply_former(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    s->former = r->field[0].n ? state_profile(s, r->field[0]) : NULL;
    return s->former || r->field[0].n == 0 ? 0 : damaged(e, "a former profile that is not there");
}

static int apply_nickname(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    struct euicc_profile *p;
    return profile_of(s, r, &p, e) != 0 ? -1 : keep_alone(&p->nickname_arena, r->field[1], &p->nickname, e);
}

static struct saip_file *file_of(const struct euicc_profile *p, struct bytes number)
{
    uint64_t n = rec_value(number);
    return n < p->image.n_files ? p->files[n] : NULL;
}

static int apply_file(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    struct euicc_profile *p;
    if (profile_of(s, r, &p, e) != 0)
        return -1;
    struct saip_file *f = file_of(p, r->field[1]);
    uint64_t offset = rec_value(r->field[2]);
    if (!f || !f->body || offset > f->size || r->field[3].n > f->size - offset)
        return damaged(e, "a change outside a file");
    if (r->field[3].n)
        memcpy(f->body + offset, r->field[3].p, r->field[3].n);
    return 0;
}

static int apply_pin(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    struct euicc_profile *p;
    if (profile_of(s, r, &p, e) != 0)
        return -1;
    uint64_t i = rec_value(r->field[1]);
    if (i >= p->image.n_pins || r->field[2].n != 8)
        return damaged(e, "a PIN that is not there");
    memmove(p->image.pins[i].value, r->field[2].p, 8);
    p->image.pins[i].left = (uint8_t)rec_value(r->field[3]);
    p->image.pins[i].enabled = rec_value(r->field[4]) == 1;
    p->image.pins[i].replaced = rec_value(r->field[4]) == 2;
    return 0;
}

static int apply_puk(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    struct euicc_profile *p;
    if (profile_of(s, r, &p, e) != 0)
        return -1;
    uint64_t i = rec_value(r->field[1]);
    if (i >= p->image.n_puks)
        return damaged(e, "a PUK that is not there");
    p->image.puks[i].left = (uint8_t)rec_value(r->field[2]);
    return 0;
}

static int apply_sqn(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    struct euicc_profile *p;
    if (profile_of(s, r, &p, e) != 0)
        return -1;
    uint64_t i = rec_value(r->field[1]), slot = rec_value(r->field[2]);
    if (i >= p->image.n_akas || slot > 31 || r->field[3].n != 6)
        return damaged(e, "a sequence number that is not there");
    memcpy(p->image.akas[i].seq[slot], r->field[3].p, 6);
    return 0;
}

static int apply_lcsi(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    struct euicc_profile *p;
    if (profile_of(s, r, &p, e) != 0)
        return -1;
    struct saip_file *f = file_of(p, r->field[1]);
    if (!f)
        return damaged(e, "a change of a file that is not there");
    f->lcsi = (uint8_t)rec_value(r->field[2]);
    return 0;
}

static int apply_objects(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    struct euicc_profile *p;
    if (profile_of(s, r, &p, e) != 0)
        return -1;
    struct saip_file *f = file_of(p, r->field[1]);
    if (!f || f->type != SAIP_BERTLV || f->link || r->field[2].n > f->size)
        return damaged(e, "objects outside a file");
    if (r->field[2].n)
        memcpy(f->body, r->field[2].p, r->field[2].n);
    f->used = (uint32_t)r->field[2].n;
    f->changes++;
    return 0;
}

static int apply_metadata(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    struct euicc_profile *p;
    struct rsp_StoreMetadataRequest m;
    struct bytes der = BYTES_NONE;
    struct arena *a = arena_new(METADATA_MEMORY);
    if (!a)
        return no_memory(e);
    if (profile_of(s, r, &p, e) != 0 || keep_in(a, r->field[1], &der, e) != 0 ||
        asn1_decode(a, &rsp_StoreMetadataRequest_type, der, ASN1_WIRE, &m, e) != 0) {
        arena_free(a);
        return -1;
    }
    arena_free(p->metadata_arena);
    p->metadata_arena = a;
    p->metadata_der = der;
    p->metadata = m;
    return 0;
}

static int apply_proprietary(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    struct euicc_profile *p;
    return profile_of(s, r, &p, e) != 0 ? -1 : keep_in(p->arena, r->field[1], &p->proprietary, e);
}

/* ----------------------------------------------------------------------- revocation */

static int apply_revocations(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    size_t i = 0;
    while (i < s->n_revocations && !bytes_equal(s->revocations[i].ci, r->field[0]))
        i++;
    if (i == EUICC_CIS_MAX)
        return damaged(e, "revocation lists of too many CIs");
    struct euicc_revocations to = { .arena = arena_new(REVOCATIONS_MEMORY) };
    if (!to.arena)
        return no_memory(e);
    struct bytes *const places[] = { &to.ci, &to.number, &to.complete, &to.segments, &to.entries };
    for (size_t k = 0; k < sizeof places / sizeof *places; k++)
        if (keep_in(to.arena, r->field[k], places[k], e) != 0) {
            arena_free(to.arena);
            return -1;
        }
    arena_free(s->revocations[i].arena);
    s->revocations[i] = to;
    s->n_revocations = i == s->n_revocations ? i + 1 : s->n_revocations;
    s->time = (int64_t)rec_value(r->field[5]);
    return 0;
}

/* -------------------------------------------------------------------- notifications */

static bool is_result(const struct euicc_notification *n)
{
    return n->der.n && n->der.p[0] == 0xBF;
}

size_t state_results(const struct euicc_state *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_notifications; i++)
        n += is_result(&s->notifications[i]);
    return n;
}

static void forget(struct euicc_state *s, size_t i)
{
    arena_free(s->notifications[i].arena);
    memmove(&s->notifications[i], &s->notifications[i + 1],
            (s->n_notifications - i - 1) * sizeof s->notifications[0]);
    s->n_notifications--;
}

/* The two kinds have rooms of their own; in a full one the lowest number gives way (SGP.22 3.5). */
static void make_room(struct euicc_state *s, bool result)
{
    size_t results = state_results(s), oldest = 0;
    if (result ? results < EUICC_RESULTS_MAX : s->n_notifications - results < EUICC_OTHERS_MAX)
        return;
    while (is_result(&s->notifications[oldest]) != result)
        oldest++;
    forget(s, oldest);
}

/* Both in one piece: the card may hold many. */
static int notification_fill(struct euicc_notification *n, const struct nvm_record *r, struct err *e)
{
    const struct bytes der = r->field[1], metadata = r->field[2];
    *n = (struct euicc_notification){ .arena = arena_new(der.n + metadata.n + 64), .seq = rec_value(r->field[0]) };
    uint8_t *p = n->arena ? arena_alloc(n->arena, der.n + metadata.n) : NULL;
    if (!p || !der.p || !metadata.p) {
        arena_free(n->arena);
        return p ? damaged(e, "half a notification") : no_memory(e);
    }
    memcpy(p, der.p, der.n);
    memcpy(p + der.n, metadata.p, metadata.n);
    n->der = bytes_make(p, der.n);
    n->metadata = bytes_make(p + der.n, metadata.n);
    return 0;
}

static int apply_notification(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    struct euicc_notification n;
    if (notification_fill(&n, r, e) != 0)
        return -1;
    make_room(s, is_result(&n));
    s->notifications[s->n_notifications++] = n;
    return 0;
}

static int apply_gone(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    (void)e;
    for (size_t i = 0; i < s->n_notifications; i++)
        if (s->notifications[i].seq == rec_value(r->field[0])) {
            forget(s, i);
            return 0;
        }
    return 0;
}

static int apply_sequence(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    (void)e;
    s->next_seq = rec_value(r->field[0]);
    return 0;
}

static int apply_begun(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    struct arena *a = arena_new(BEGUN_MEMORY);
    if (!a)
        return no_memory(e);
    arena_free(s->begun_arena);
    s->begun_arena = a;
    s->begun_record = (struct nvm_record){ .type = REC_BEGUN };
    for (int i = 0; i < NVM_FIELDS; i++)
        if (keep_in(a, r->field[i], &s->begun_record.field[i], e) != 0)
            return -1;
    s->begun = true;
    return 0;
}

static int apply_begun_end(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    (void)r;
    (void)e;
    s->begun = false;
    return 0;
}

static int (*const appliers[])(struct euicc_state *, const struct nvm_record *, struct err *) = {
    [REC_EID] = apply_eid,
    [REC_CI] = apply_ci,
    [REC_KEY] = apply_key,
    [REC_ADDRESSES] = apply_addresses,
    [REC_DEFAULT_DP] = apply_default,
    [REC_PROFILE] = apply_profile,
    [REC_PROFILE_STATE] = apply_state,
    [REC_PROFILE_DELETED] = apply_deleted,
    [REC_NICKNAME] = apply_nickname,
    [REC_NOTIFICATION] = apply_notification,
    [REC_NOTIFICATION_GONE] = apply_gone,
    [REC_SEQUENCE] = apply_sequence,
    [REC_BEGUN] = apply_begun,
    [REC_BEGUN_END] = apply_begun_end,
    [REC_FILE] = apply_file,
    [REC_PIN] = apply_pin,
    [REC_PUK] = apply_puk,
    [REC_SQN] = apply_sqn,
    [REC_LCSI] = apply_lcsi,
    [REC_OBJECTS] = apply_objects,
    [REC_RAT] = apply_rat,
    [REC_CHANGE] = apply_change,
    [REC_CHANGE_END] = apply_change_end,
    [REC_FORMER] = apply_former,
    [REC_RESULT] = apply_notification,
    [REC_METADATA] = apply_metadata,
    [REC_PROPRIETARY] = apply_proprietary,
    [REC_REVOCATIONS] = apply_revocations,
};

#define TYPE(record) ((uint64_t)1 << (record))

/* Records that a profile takes with it: all whose first field is its ICCID, so all but these. */
#define NOT_OF_A_PROFILE                                                                                          \
    (TYPE(REC_EID) | TYPE(REC_CI) | TYPE(REC_KEY) | TYPE(REC_ADDRESSES) | TYPE(REC_DEFAULT_DP) |                  \
     TYPE(REC_NOTIFICATION) | TYPE(REC_RESULT) | TYPE(REC_NOTIFICATION_GONE) | TYPE(REC_SEQUENCE) |               \
     TYPE(REC_BEGUN) | TYPE(REC_BEGUN_END) | TYPE(REC_RAT) | TYPE(REC_CHANGE) | TYPE(REC_CHANGE_END) |     \
     TYPE(REC_REVOCATIONS))

const struct nvm_rule state_rules[] = {
    [REC_DEFAULT_DP] = { NVM_REPLACE, 0 },
    [REC_PROFILE_STATE] = { NVM_REPLACE, 1 },
    [REC_PROFILE_DELETED] = { NVM_END, 1, .ends = ~NOT_OF_A_PROFILE },
    [REC_NICKNAME] = { NVM_REPLACE, 1 },
    [REC_NOTIFICATION] = { NVM_KEEP, .most = EUICC_OTHERS_MAX },
    [REC_RESULT] = { NVM_KEEP, .most = EUICC_RESULTS_MAX },
    [REC_NOTIFICATION_GONE] = { NVM_END, 1, .ends = TYPE(REC_NOTIFICATION) | TYPE(REC_RESULT) },
    [REC_SEQUENCE] = { NVM_REPLACE, 0 },
    [REC_BEGUN] = { NVM_REPLACE, 0 },
    [REC_BEGUN_END] = { NVM_END, 0, .ends = TYPE(REC_BEGUN) },
    [REC_FILE] = { NVM_OVERLAY, 2 },
    [REC_PIN] = { NVM_REPLACE, 2 },
    [REC_PUK] = { NVM_REPLACE, 2 },
    [REC_SQN] = { NVM_REPLACE, 3 },
    [REC_LCSI] = { NVM_REPLACE, 2 },
    [REC_OBJECTS] = { NVM_REPLACE, 2 },
    [REC_RAT] = { NVM_REPLACE, 0 },
    [REC_CHANGE] = { NVM_REPLACE, 0 },
    [REC_CHANGE_END] = { NVM_END, 0, .ends = TYPE(REC_CHANGE) },
    [REC_FORMER] = { NVM_REPLACE, 0 },
    [REC_METADATA] = { NVM_REPLACE, 1 },
    [REC_REVOCATIONS] = { NVM_REPLACE, 1 },
};
const size_t state_n_rules = sizeof state_rules / sizeof *state_rules;

int state_apply(void *state, const struct nvm_record *r, struct err *e)
{
    if (r->type >= sizeof appliers / sizeof *appliers || !appliers[r->type])
        return damaged(e, "a record of a later version");
    return appliers[r->type](state, r, e);
}

void state_end(struct euicc_state *s)
{
    for (size_t i = 0; i < s->n_keys; i++)
        ec_key_free(s->keys[i].key);
    for (size_t i = 0; i < s->n_profiles; i++)
        profile_free(s->profiles[i]);
    state_ready_end(s);
    while (s->n_notifications)
        forget(s, s->n_notifications - 1);
    for (size_t i = 0; i < s->n_revocations; i++)
        arena_free(s->revocations[i].arena);
    arena_free(s->default_dp_arena);
    arena_free(s->begun_arena);
    arena_free(s->arena);
    memset(s, 0, sizeof *s);
}
