/* SPDX-License-Identifier: Apache-2.0 */
#include "euicc/state.h"

#include "saip/package.h"

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
        n += s->profiles[i]->image.octets + s->profiles[i]->upp.n;
    return n;
}

static int damaged(struct err *e, const char *what)
{
    return err_set(e, ERR_VERIFY, NULL, "the card's memory holds %s", what);
}

static int keep(struct euicc_state *s, struct bytes from, struct bytes *to, struct err *e)
{
    *to = arena_copy(s->arena, from);
    return to->p || !from.p ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for the card's state");
}

/* ------------------------------------------------------------------------- identity */

static int apply_eid(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    return keep(s, r->field[0], &s->eid, e);
}

static int apply_ci(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    struct bytes der;
    if (s->n_cis == EUICC_CIS_MAX)
        return damaged(e, "too many CI certificates");
    if (keep(s, r->field[0], &der, e) != 0 || cert_parse(s->arena, der, &s->cis[s->n_cis], e) != 0)
        return -1;
    s->n_cis++;
    return 0;
}

static int apply_key(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    struct euicc_key *k = &s->keys[s->n_keys];
    struct bytes euicc, eum;
    if (s->n_keys == EUICC_KEYS_MAX)
        return damaged(e, "too many keys");
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
    return keep(s, r->field[0], &s->default_dp, e);
}

/* ------------------------------------------------------------------------- profiles */

static void number_files(struct saip_file *f, struct saip_file **files)
{
    files[f->number] = f;
    for (struct saip_file *c = f->link ? NULL : f->children; c; c = c->next)
        number_files(c, files);
}

/* The image is made anew from the package at every start. */
static int apply_profile(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    struct euicc_profile *p = arena_alloc(s->arena, sizeof *p);
    struct saip_package package;
    struct saip_result result;
    if (!p || s->n_profiles == EUICC_PROFILES_MAX)
        return damaged(e, "too many profiles");
    if (keep(s, r->field[5], &p->ci_pkid, e) != 0 || keep(s, r->field[0], &p->iccid, e) != 0 ||
        keep(s, r->field[1], &p->aid, e) != 0 ||
        keep(s, r->field[2], &p->metadata_der, e) != 0 || keep(s, r->field[3], &p->upp, e) != 0 ||
        keep(s, r->field[4], &p->smdp_oid, e) != 0)
        return -1;
    if (asn1_decode(s->arena, &rsp_StoreMetadataRequest_type, p->metadata_der, ASN1_WIRE, &p->metadata, e) != 0 ||
        saip_decode(s->arena, p->upp, ASN1_STRICT, &package, e) != 0)
        return -1;
    if (saip_install(s->arena, &package, &p->image, &result) != 0)
        return damaged(e, result.reason);
    p->files = arena_array(s->arena, p->image.n_files, sizeof *p->files);
    if (!p->files)
        return err_set(e, ERR_MEMORY, NULL, "no memory for the files of a profile");
    number_files(p->image.mf, p->files);
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
    return profile_of(s, r, &p, e) != 0 ? -1 : keep(s, r->field[1], &p->nickname, e);
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
    p->image.pins[i].enabled = rec_value(r->field[4]);
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

/* -------------------------------------------------------------------- notifications */

bool state_is_result(const struct euicc_notification *n)
{
    return n->der.n && n->der.p[0] == 0xBF;
}

size_t state_results(const struct euicc_state *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_notifications; i++)
        n += state_is_result(&s->notifications[i]);
    return n;
}

static void forget(struct euicc_state *s, size_t i)
{
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
    while (state_is_result(&s->notifications[oldest]) != result)
        oldest++;
    forget(s, oldest);
}

static int apply_notification(struct euicc_state *s, const struct nvm_record *r, struct err *e)
{
    struct euicc_notification n = { .seq = rec_value(r->field[0]) };
    if (keep(s, r->field[1], &n.der, e) != 0 || keep(s, r->field[2], &n.metadata, e) != 0)
        return -1;
    make_room(s, state_is_result(&n));
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
    s->begun = true;
    s->begun_record = (struct nvm_record){ .type = REC_BEGUN };
    for (int i = 0; i < NVM_FIELDS; i++)
        if (keep(s, r->field[i], &s->begun_record.field[i], e) != 0)
            return -1;
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
    [REC_RAT] = apply_rat,
    [REC_CHANGE] = apply_change,
    [REC_CHANGE_END] = apply_change_end,
    [REC_FORMER] = apply_former,
};

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
    arena_free(s->arena);
    memset(s, 0, sizeof *s);
}
