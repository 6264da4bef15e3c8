/* SPDX-License-Identifier: Apache-2.0 */
#include "euicc/core.h"
#include "euicc/misbehave.h"

#include <stdlib.h>

#include "asn1/tlv.h"
#include "crypto/crypto.h"
#include "rsp/ids.h"

enum { STATE_MEMORY = 512 << 20, ANSWER_MEMORY = 16 << 20 };

static const uint8_t AID_ISDR[] = { 0xA0, 0, 0, 5, 0x59, 0x10, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x89, 0, 0, 1, 0 };
static const uint8_t AID_ECASD[] = { 0xA0, 0, 0, 5, 0x59, 0x10, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x89, 0, 0, 2, 0 };
static const uint8_t SVN[] = { 2, 5, 0 };

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

/* The state of a deleted profile is gone: the UICC may not point into it any more. */
static void detach(struct euicc *card)
{
    for (size_t i = 0; i < card->state.n_profiles; i++)
        if (card->state.profiles[i] == card->uicc.profile)
            return;
    card->uicc.profile = NULL;
    for (int i = 0; i < CHANNELS; i++)
        card->channels[i].uicc = (struct uicc_channel){ 0 };
}

int card_commit(struct euicc *card, struct nvm_batch *b, struct err *e)
{
    struct err inner;
    if (!e)
        e = &inner;
    if (nvm_log_commit(&card->log, b, e) != 0)
        return -1;
    if (nvm_batch_apply(b, state_apply, &card->state, e) != 0) {
        card->log.broken = true; /* what is in memory is not what the log says */
        return -1;
    }
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

/* -------------------------------------------------------------------------- channels */

static unsigned manage_channel(struct euicc *card, const struct apdu *a, struct buf *out)
{
    if (a->p1 == 0x80) {
        if (a->p2 == 0 || a->p2 >= CHANNELS || !card->channels[a->p2].open)
            return SW_CHANNEL_UNSUPPORTED;
        card->channels[a->p2].open = false;
        return SW_OK;
    }
    if (a->p1 != 0 || a->p2 >= CHANNELS)
        return SW_WRONG_P1P2;
    unsigned n = a->p2 ? a->p2 : 1;
    while (a->p2 == 0 && n < CHANNELS && card->channels[n].open)
        n++;
    if (n == CHANNELS || card->channels[n].open)
        return SW_NOT_SUPPORTED;
    card->channels[n] = (struct channel){ .open = true };
    uicc_channel_start(&card->uicc, &card->channels[n].uicc);
    if (a->p2 == 0)
        buf_u8(out, n);
    return SW_OK;
}

/* FCI with the SVN: how an LPA knows a card of SGP.22 (5.7.1). */
static void isdr_fci(struct bytes aid, struct buf *out)
{
    struct buf own = buf_in(out->arena), all = buf_in(out->arena);
    tlv_add(&own, 0x82, BYTES_OF(SVN));
    tlv_add(&all, 0x84, aid);
    tlv_add(&all, 0xA5, BYTES_LIT("\x9F\x65\x01\xFF"));
    tlv_add(&all, 0xE0, buf_bytes(&own));
    tlv_add(out, 0x6F, buf_bytes(&all));
}

static bool names(struct bytes aid, struct bytes given)
{
    return given.n >= 5 && given.n <= aid.n && bytes_equal(bytes_slice(aid, 0, given.n), given);
}

static unsigned select_aid(struct euicc *card, struct channel *c, const struct apdu *a, struct buf *out)
{
    const struct bytes isdr = misbehave_isdr(card->env.misbehave, BYTES_OF(AID_ISDR));
    c->isdr = c->ecasd = false;
    if (names(isdr, a->data)) {
        c->isdr = true;
        isdr_fci(isdr, out);
        return SW_OK;
    }
    if (names(BYTES_OF(AID_ECASD), a->data)) {
        c->ecasd = true;
        tlv_add(out, 0x6F, BYTES_LIT(""));
        return SW_OK;
    }
    if (!c->uicc.df)
        return SW_NOT_FOUND;
    return uicc_select(&card->uicc, &c->uicc, uicc_application(&card->uicc, a->data), a, out);
}

/* ------------------------------------------------------------------ proactive commands */

/* REFRESH, "eUICC Profile State Change" (TS 102 223 8.6): D0 { command details, devices } */
static const uint8_t REFRESH[] = { 0xD0, 0x09, 0x81, 0x03, 0x01, 0x01, 0x09, 0x82, 0x02, 0x81, 0x82 };

static unsigned fetch(struct euicc *card, struct buf *out)
{
    if (!card->refresh_waiting)
        return SW_CONDITIONS;
    card->refresh_fetched = true;
    buf_add(out, BYTES_OF(REFRESH));
    return SW_OK;
}

static unsigned terminal_response(struct euicc *card, const struct apdu *a)
{
    struct tlv result = tlv_find(a->data, 0x83);
    if (!result.value.p)
        result = tlv_find(a->data, 0x03);
    if (!card->refresh_fetched)
        return SW_CONDITIONS;
    card->refresh_waiting = card->refresh_fetched = false;
    /* result 2x or 3x: the terminal could not, all stays as it was (SGP.22 5.7.16) */
    bool done = result.value.n && (result.value.p[0] >> 4) < 2;
    if (done ? change_done(card) != 0 : change_dropped(card) != 0)
        return SW_INTERNAL;
    if (done)
        card_switch(card);
    return SW_OK;
}

/* ------------------------------------------------------------------------- transport */

static unsigned dispatch(struct euicc *card, unsigned number, const struct apdu *a, struct buf *out)
{
    struct channel *c = &card->channels[number];
    bool proprietary = a->cla & 0x80;
    if (a->ins == 0x70 && !proprietary)
        return manage_channel(card, a, out);
    if (a->ins == 0xA4 && a->p1 == 0x04 && !proprietary)
        return select_aid(card, c, a, out);
    if (proprietary) {
        switch (a->ins) {
        case 0xAA: /* TERMINAL CAPABILITY */
        case 0x10: /* TERMINAL PROFILE */
            return SW_OK;
        case 0x12:
            return fetch(card, out);
        case 0x14:
            return terminal_response(card, a);
        case 0xE2:
            return c->isdr ? isdr_store_data(card, number, a, out) : es6_store_data(card, number, a);
        case 0xE6:
            return c->isdr || c->ecasd ? SW_WRONG_INS : es6_personalise(card, number, a);
        default:
            break;
        }
    }
    if (c->isdr || c->ecasd) {
        if (a->ins != 0xA4)
            return SW_WRONG_INS;
        c->isdr = c->ecasd = false;
    }
    return uicc_command(&card->uicc, &c->uicc, a, out);
}

static void respond(struct arena *a, struct bytes data, unsigned sw, struct bytes *response)
{
    struct buf out = buf_in(a);
    buf_add(&out, data);
    buf_u16(&out, sw);
    *response = buf_bytes(&out);
    if (!response->p)
        *response = BYTES_LIT("\x6F\x00");
}

/* Up to `le` octets of the waiting answer, and how many are left (61xx). */
static void hand_out(struct euicc *card, struct arena *a, int le, struct bytes *response)
{
    size_t n = le > 0 && (size_t)le < card->answer.n ? (size_t)le : card->answer.n;
    struct bytes part = bytes_slice(card->answer, 0, le > 0 ? (n > 256 ? 256 : n) : 0);
    card->answer = bytes_slice(card->answer, part.n, card->answer.n);
    unsigned left = (unsigned)(card->answer.n < 256 ? card->answer.n : 0);
    respond(a, part, card->answer.n ? SW_MORE | left : card->answer_sw, response);
    if (card->answer.n == 0)
        card->answer = BYTES_NONE;
}

static void answer(struct euicc *card, struct arena *a, struct bytes command, struct bytes *response)
{
    struct apdu apdu;
    if (apdu_parse(command, &apdu) != 0) {
        respond(a, BYTES_NONE, SW_WRONG_LENGTH, response);
        return;
    }
    unsigned number = apdu_channel(apdu.cla);
    bool chained = apdu.cla & 0x10, secure = apdu.cla & (apdu.cla & 0x40 ? 0x20 : 0x0C);
    if (chained || secure || !card->channels[number].open) {
        respond(a, BYTES_NONE,
                chained  ? SW_WRONG_CLA
                : secure ? SW_NO_SECURE_MESSAGING
                         : SW_CHANNEL_UNSUPPORTED,
                response);
        return;
    }
    if (apdu.ins == 0xC0) { /* GET RESPONSE: class 0x by TS 102 221, 8x by some LPAs */
        if (!card->answer.p || card->answer_channel != number)
            respond(a, BYTES_NONE, SW_CONDITIONS, response);
        else
            hand_out(card, a, apdu.le ? apdu.le : 256, response);
        return;
    }
    arena_reset(card->outgoing);
    struct buf out = buf_in(card->outgoing);
    unsigned sw = dispatch(card, number, &apdu, &out);
    card->answer = BYTES_NONE;
    bool good = sw >> 8 == 0x90 || sw >> 8 == 0x91;
    if (good && card->refresh_waiting && !card->refresh_fetched && apdu.ins != 0x12)
        sw = SW_PROACTIVE | sizeof REFRESH;
    if (out.n == 0 || !good) {
        respond(a, BYTES_NONE, out.failed ? SW_INTERNAL : sw, response);
        return;
    }
    card->answer = buf_bytes(&out);
    card->answer_channel = number;
    card->answer_sw = sw;
    hand_out(card, a, apdu.le, response);
}

void euicc_apdu(struct euicc *card, struct arena *a, struct bytes command, struct bytes *response)
{
    if (misbehave_command(card, a, &command, response))
        return;
    answer(card, a, command, response);
    misbehave_response(card, a, command, response);
}

bool euicc_dead(const struct euicc *card)
{
    return card->env.misbehave && card->env.misbehave->dead;
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
    }
}
