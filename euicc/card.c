/* SPDX-License-Identifier: Apache-2.0 */
#include "euicc/core.h"
#include "euicc/misbehave.h"

#include <stdlib.h>

#include "base/text.h"
#include "crypto/crypto.h"
#include "rsp/ids.h"

enum { STATE_MEMORY = 512 << 20, ANSWER_MEMORY = 16 << 20 };


/* ------------------------------------------------------------------- made and opened */

static int key_fits(struct arena *a, const struct euicc_identity *id, size_t i, struct err *e)
{
    struct cert euicc, eum;
    struct ec_key *key = NULL;
    struct bytes eid;
    if (cert_parse(a, id->keys[i].euicc, &euicc, e) != 0 || cert_parse(a, id->keys[i].eum, &eum, e) != 0 ||
        cert_check_role(&euicc, CERT_EUICC, e) != 0 || cert_check_role(&eum, CERT_EUM, e) != 0 ||
        cert_verify(&euicc, &eum, e) != 0 || cert_eid(a, &euicc, &eid, e) != 0 ||
        ec_key_from_scalar(euicc.curve, id->keys[i].scalar, &key, e) != 0)
        return -1;
    bool fits = bytes_equal(ec_key_point(key), euicc.point);
    ec_key_free(key);
    if (!fits)
        return err_set(e, ERR_VALUE, NULL, "the private key is not the one of the eUICC certificate");
    if (!bytes_equal(eid, id->eid))
        return err_set(e, ERR_VALUE, NULL, "the eUICC certificate is for another EID");
    return 0;
}

static void put(struct nvm_batch *b, uint8_t type, struct bytes f0, struct bytes f1, struct bytes f2)
{
    struct nvm_record r = { .type = type, .field = { f0, f1, f2 } };
    nvm_put(b, &r);
}

int euicc_make(const struct nvm *nvm, const struct euicc_identity *id, struct err *e)
{
    struct arena *a = arena_new(16 << 20);
    struct nvm_batch b;
    uint8_t mark[NVM_MARK];
    int result = -1;
    if (!a)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a card");
    nvm_begin(&b, a);
    put(&b, REC_EID, id->eid, BYTES_NONE, BYTES_NONE);
    for (size_t i = 0; i < id->n_cis; i++)
        put(&b, REC_CI, id->cis[i], BYTES_NONE, BYTES_NONE);
    for (size_t i = 0; i < id->n_keys; i++) {
        if (key_fits(a, id, i, e) != 0)
            goto out;
        put(&b, REC_KEY, id->keys[i].euicc, id->keys[i].eum, id->keys[i].scalar);
    }
    put(&b, REC_ADDRESSES, id->root_ds.p ? id->root_ds : BYTES_LIT(""),
        id->default_dp.p ? id->default_dp : BYTES_LIT(""), BYTES_NONE);
    put(&b, REC_DEFAULT_DP, id->default_dp.p ? id->default_dp : BYTES_LIT(""), BYTES_NONE, BYTES_NONE);
    put(&b, REC_SEQUENCE, rec_number(a, 0, 8), BYTES_NONE, BYTES_NONE);
    if (id->rat) {
        struct bytes rat;
        if (asn1_encode(a, &rsp_RulesAuthorisationTable_type, id->rat, &rat, e) != 0)
            goto out;
        put(&b, REC_RAT, rat, BYTES_NONE, BYTES_NONE);
    }
    if (id->eid.n != EID_OCTETS || !id->n_keys || !id->n_cis)
        err_set(e, ERR_VALUE, NULL, "a card needs an EID, a CI certificate and a certificate of its own");
    else
        result = crypto_random(mark, sizeof mark, e) != 0 ? -1 : nvm_log_make(nvm, &b, mark, e);
out:
    arena_free(a);
    return result;
}

static int change(void *context, const struct nvm_record *r)
{
    struct euicc *card = context;
    struct arena *a = arena_new(4 << 20);
    struct nvm_batch b;
    if (!a)
        return -1;
    nvm_begin(&b, a);
    nvm_put(&b, r);
    int result = card_commit(card, &b, NULL);
    arena_free(a);
    return result;
}

static bool in_use(const struct euicc *card)
{
    for (size_t i = 0; i < card->state.n_profiles; i++)
        if (card->state.profiles[i] == card->uicc.profile)
            return true;
    return false;
}

/* The state of a deleted profile is gone: the UICC may not point into it any more. */
static void detach(struct euicc *card)
{
    uicc_start(&card->uicc, NULL);
    for (int i = 0; i < CHANNELS; i++)
        uicc_channel_start(&card->uicc, &card->channels[i].uicc);
}

int card_commit(struct euicc *card, struct nvm_batch *b, struct err *e)
{
    const bool used = in_use(card);
    struct err inner;
    if (!e)
        e = &inner;
    if (nvm_log_commit(&card->log, b, e) != 0)
        return -1;
    if (nvm_batch_apply(b, state_apply, &card->state, e) != 0) {
        card->log.broken = true; /* what is in memory is not what the log says */
        return -1;
    }
    if (used && !in_use(card))
        detach(card);
    nvm_log_compact(&card->log, state_rules, state_n_rules, NULL); /* if it cannot be now, then later */
    return 0;
}

static int load(struct euicc *card, struct err *e)
{
    int result = nvm_log_open(&card->log, &card->env.nvm, state_apply, &card->state, e);
    if (result == 0 && !card->state.eid.p)
        result = err_set(e, ERR_VALUE, NULL, "this is no card; next: make one with rsp-euicc init");
    return result;
}

int euicc_open(const struct euicc_env *env, struct euicc **out, struct err *e)
{
    struct euicc *card = calloc(1, sizeof *card);
    if (!card)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a card");
    card->env = *env;
    card->env.nvm = misbehave_power_up(env->misbehave, &env->nvm);
    card->state.arena = arena_new(STATE_MEMORY);
    card->session.arena = arena_new(SESSION_MAX);
    card->incoming = arena_new(4 * COMMAND_MAX);
    card->outgoing = arena_new(ANSWER_MEMORY);
    card->kept_arena = arena_new(4096);
    card->uicc.change = change;
    card->uicc.context = card;
    if (!card->state.arena || !card->session.arena || !card->incoming || !card->outgoing || !card->kept_arena ||
        load(card, e) != 0 || (card->state.begun && es8p_interrupted(card, e) != 0)) {
        euicc_close(card);
        return -1;
    }
    euicc_reset(card);
    *out = card;
    return 0;
}

void euicc_close(struct euicc *card)
{
    if (!card)
        return;
    session_end(card);
    ec_key_free(card->kept);
    uicc_start(&card->uicc, NULL);
    state_end(&card->state);
    arena_free(card->session.arena);
    arena_free(card->incoming);
    arena_free(card->outgoing);
    arena_free(card->kept_arena);
    free(card);
}

void session_end(struct euicc *card)
{
    struct rsp_session *s = &card->session;
    struct arena *a = s->arena;
    ec_key_free(s->otsk);
    bsp_end(&s->bsp);
    if (a)
        arena_reset(a);
    *s = (struct rsp_session){ .arena = a };
}

void card_switch(struct euicc *card)
{
    uicc_start(&card->uicc, state_enabled(&card->state));
    for (int i = 0; i < CHANNELS; i++) {
        card->channels[i] = (struct channel){ .open = i == 0 };
        uicc_channel_start(&card->uicc, &card->channels[i].uicc);
    }
}

void euicc_reset(struct euicc *card)
{
    session_end(card);
    if (card->state.begun)
        es8p_interrupted(card, NULL); /* if it cannot be kept now, the next start tells it */
    card->assembling = card->personalising = card->refresh_waiting = card->refresh_fetched = false;
    card->answer = BYTES_NONE;
    card->terminal = (struct terminal){ 0 };
    change_done(card); /* if that fails it stays marked */
    card_switch(card);
}

const struct euicc_key *card_key(const struct euicc *card, struct bytes ci_pkid)
{
    for (size_t i = 0; i < card->state.n_keys; i++)
        if (bytes_equal(card->state.keys[i].ci_pkid, ci_pkid))
            return &card->state.keys[i];
    return NULL;
}

const struct cert *card_ci(const struct euicc *card, struct bytes ski)
{
    for (size_t i = 0; ski.n && i < card->state.n_cis; i++)
        if (bytes_equal(card->state.cis[i].ski, ski))
            return &card->state.cis[i];
    return NULL;
}

size_t card_free(const struct euicc *card)
{
    size_t used = state_used(&card->state);
    return misbehave_memory(card->env.misbehave, used < EUICC_MEMORY ? EUICC_MEMORY - used : 0);
}

bool euicc_dead(const struct euicc *card)
{
    return card->env.misbehave && card->env.misbehave->dead;
}

/* What the profile brought beside files: kept, never run. */
static void describe_modules(struct buf *out, const struct saip_image *image)
{
    static const char *const kinds[] = { [SAIP_DOMAIN] = "domain", [SAIP_APPLICATION] = "application",
                                         [SAIP_RFM] = "RFM" };
    for (size_t i = 0; i < image->n_modules; i++) {
        const struct saip_module *m = &image->modules[i];
        buf_printf(out, "  %-13s ", kinds[m->kind]);
        hex_append(out, bytes_present(m->aid) ? m->aid : m->load_package);
        buf_text(out, m->tars.n ? "  TAR " : "");
        hex_append(out, m->tars);
        buf_text(out, "\n");
    }
}

void euicc_describe(struct euicc *card, struct buf *out)
{
    struct arena *a = out->arena;
    buf_printf(out, "EID             %s\n", eid_text(a, card->state.eid));
    buf_printf(out, "memory free     %zu octets\n", card_free(card));
    size_t results = state_results(&card->state);
    buf_printf(out, "notifications   %zu pending: %zu results (room for %d), %zu others (room for %d)\n",
               card->state.n_notifications, results, EUICC_RESULTS_MAX, card->state.n_notifications - results,
               EUICC_OTHERS_MAX);
    for (size_t i = 0; i < card->state.n_profiles; i++) {
        const struct euicc_profile *p = card->state.profiles[i];
        buf_printf(out, "profile         %s  %-8s  %s (%s)\n", iccid_text(a, p->iccid),
                   p->enabled ? "enabled" : "disabled", text_plain(a, p->metadata.profileName),
                   text_plain(a, p->metadata.serviceProviderName));
        describe_modules(out, &p->image);
    }
}
