/* SPDX-License-Identifier: Apache-2.0
 *
 * ES10c: local management of profiles and card (SGP.22 3.2.4, 3.2.6, 3.3.1 and 3.3.4;
 * SGP.22 5.7.15, 5.7.16, 5.7.17, 5.7.18, 5.7.19, 5.7.20 and 5.7.21). */
#include "asn1/tlv.h"
#include "euicc/core.h"
#include "euicc/rules.h"

enum { EVENT_INSTALL, EVENT_ENABLE, EVENT_DISABLE, EVENT_DELETE };

/* ---------------------------------------------------------------------- GetProfilesInfo */

/* True if a tag stands in the tag list (absent: the default one of 5.7.15). */
static bool asked(struct bytes list, uint32_t tag)
{
    static const uint8_t by_default[] = { 0x5A, 0x4F, 0x9F, 0x70, 0x90, 0x91, 0x92, 0x93, 0x94, 0x95 };
    struct cursor c = cursor_over(bytes_present(list) ? list : BYTES_OF(by_default));
    while (!cursor_done(&c)) {
        uint32_t t = cursor_u8(&c);
        if ((t & 0x1F) == 0x1F)
            t = t << 8 | cursor_u8(&c);
        if (t == tag && !c.failed)
            return true;
    }
    return false;
}

static void describe(struct arena *a, const struct euicc_profile *p, struct bytes list, struct rsp_ProfileInfo *out)
{
    const struct rsp_StoreMetadataRequest *m = &p->metadata;
    struct rsp_DpProprietaryData *proprietary = arena_alloc(a, sizeof *proprietary);
    *out = (struct rsp_ProfileInfo){ 0 };
    if (asked(list, 0x5A))
        out->iccid = p->iccid;
    if (asked(list, 0x4F))
        out->isdpAid = p->aid;
    out->has_profileState = asked(list, 0x9F70);
    out->profileState = p->enabled;
    if (asked(list, 0x90) && p->nickname.n)
        out->profileNickname = p->nickname;
    if (asked(list, 0x91))
        out->serviceProviderName = m->serviceProviderName;
    if (asked(list, 0x92))
        out->profileName = m->profileName;
    out->has_iconType = asked(list, 0x93) && m->has_iconType;
    out->iconType = m->iconType;
    if (asked(list, 0x94))
        out->icon = m->icon;
    out->has_profileClass = asked(list, 0x95);
    out->profileClass = m->profileClass;
    if (asked(list, 0xB6))
        out->notificationConfigurationInfo = (void *)m->notificationConfigurationInfo;
    if (asked(list, 0xB7))
        out->profileOwner = m->profileOwner;
    if (asked(list, 0xB8) && p->proprietary.p && proprietary) {
        *proprietary = (struct rsp_DpProprietaryData){ .raw = p->proprietary };
        out->dpProprietaryData = proprietary;
    }
    if (asked(list, 0x99))
        out->profilePolicyRules = m->profilePolicyRules;
    if (asked(list, 0xBF22))
        out->serviceSpecificDataStoredInEuicc = m->serviceSpecificDataStoredInEuicc;
}

static bool matches(const struct euicc_profile *p, const struct rsp_ProfileInfoListRequest_searchCriteria *s)
{
    if (!s)
        return true;
    switch (s->which) {
    case rsp_ProfileInfoListRequest_searchCriteria_isdpAid:
        return bytes_equal(s->isdpAid, p->aid);
    case rsp_ProfileInfoListRequest_searchCriteria_iccid:
        return bytes_equal(s->iccid, p->iccid);
    default:
        return s->profileClass == p->metadata.profileClass;
    }
}

unsigned es10c_get_profiles_info(struct euicc *card, struct arena *a, struct bytes command, struct buf *out)
{
    struct rsp_ProfileInfoListRequest q;
    struct rsp_ProfileInfoListResponse r = { .which = rsp_ProfileInfoListResponse_profileInfoListOk };
    struct rsp_ProfileInfo items[EUICC_PROFILES_MAX];
    if (es10_decode(a, &rsp_ProfileInfoListRequest_type, command, &q))
        return SW_BAD_DATA;
    if (card->refresh_waiting && asked(q.tagList, 0x9F70))
        return SW_CONDITIONS;
    r.profileInfoListOk.items = items;
    for (size_t i = 0; i < card->state.n_profiles; i++)
        if (matches(card->state.profiles[i], q.searchCriteria))
            describe(a, card->state.profiles[i], q.tagList, &items[r.profileInfoListOk.n++]);
    struct bytes der; /* with the proprietary data as the SM-DP+ sent them */
    if (asn1_forward(a, &rsp_ProfileInfoListResponse_type, &r, &der, NULL) != 0)
        return SW_INTERNAL;
    buf_add(out, der);
    return SW_OK;
}

/* -------------------------------------------------------------------- enable and disable */

static struct euicc_profile *find(const struct euicc *card, bool by_aid, struct bytes id)
{
    for (size_t i = 0; i < card->state.n_profiles; i++) {
        struct euicc_profile *p = card->state.profiles[i];
        if (bytes_equal(by_aid ? p->aid : p->iccid, id))
            return p;
    }
    return NULL;
}

static void put_state(struct nvm_batch *b, const struct euicc_profile *p, bool on)
{
    struct nvm_record r = { .type = REC_PROFILE_STATE, .field = { p->iccid, rec_number(b->arena, on, 1) } };
    nvm_put(b, &r);
}

/* Which profile comes back after the test profiles, and that nothing is marked any more. */
static void put_end(const struct euicc *card, struct nvm_batch *b, const struct euicc_profile *former)
{
    struct nvm_record back = { .type = REC_FORMER, .field = { former ? former->iccid : BYTES_LIT("") } },
                      end = { .type = REC_CHANGE_END };
    if (former != card->state.former)
        nvm_put(b, &back);
    if (card->state.change.target)
        nvm_put(b, &end);
}

/* One batch: the former profile off, the new one on, the notifications of both. */
static int switch_states(struct euicc *card, struct arena *a, enum rules_command command, struct euicc_profile *target)
{
    const struct rules_switch s = rules_switch_of(card, command, target);
    uint64_t seq = card->state.next_seq;
    struct nvm_batch b;
    nvm_begin(&b, a);
    if (s.off) {
        put_state(&b, s.off, false);
        if (notify_event(card, &b, s.off, EVENT_DISABLE, &seq, NULL) != 0)
            return -1;
    }
    if (s.on) {
        put_state(&b, s.on, true);
        if (notify_event(card, &b, s.on, EVENT_ENABLE, &seq, NULL) != 0)
            return -1;
    }
    put_end(card, &b, s.former);
    notify_sequence(&b, seq);
    return card_commit(card, &b, NULL);
}

/* Marked only: the profiles change when REFRESH has been done (SGP.22 5.7.16). */
static int mark(struct euicc *card, struct arena *a, enum rules_command command, const struct euicc_profile *target)
{
    struct nvm_batch b;
    nvm_begin(&b, a);
    struct nvm_record r = { .type = REC_CHANGE, .field = { rec_number(a, command, 1), target->iccid } };
    nvm_put(&b, &r);
    if (card_commit(card, &b, NULL) != 0)
        return -1;
    card->refresh_waiting = true;
    return 0;
}

static int with_change(struct euicc *card, int (*act)(struct euicc *, struct arena *))
{
    if (!card->state.change.target)
        return 0;
    struct arena *a = arena_new(4 << 20);
    int result = a ? act(card, a) : -1;
    arena_free(a);
    return result;
}

static int do_change(struct euicc *card, struct arena *a)
{
    return switch_states(card, a, card->state.change.command, card->state.change.target);
}

static int drop_change(struct euicc *card, struct arena *a)
{
    struct nvm_batch b;
    nvm_begin(&b, a);
    put_end(card, &b, card->state.former);
    return card_commit(card, &b, NULL);
}

int change_done(struct euicc *card)
{
    return with_change(card, do_change);
}

int change_dropped(struct euicc *card)
{
    return with_change(card, drop_change);
}

/* Without REFRESH: channels with an application of the former profile close, the others stay; the basic one gets the
 * MF; PINs are to be verified anew (SGP.22 5.7.16). */
static void switch_channels(struct euicc *card)
{
    uicc_start(&card->uicc, state_enabled(&card->state));
    for (int i = 0; i < CHANNELS; i++) {
        struct channel *c = &card->channels[i];
        if (c->uicc.adf && !c->isdr && !c->ecasd)
            c->open = false;
        uicc_channel_start(&card->uicc, &c->uicc);
    }
    card->channels[0] = (struct channel){ .open = true, .uicc = card->channels[0].uicc };
}

static int64_t switching(struct euicc *card, struct arena *a, enum rules_command command, struct euicc_profile *target,
                         bool refresh)
{
    int64_t result = rules_check(card, command, target);
    if (result)
        return result;
    if (refresh)
        return mark(card, a, command, target) == 0 ? 0 : 127;
    if (switch_states(card, a, command, target) != 0)
        return 127;
    switch_channels(card);
    return 0;
}

unsigned es10c_enable(struct euicc *card, struct arena *a, struct bytes command, struct buf *out)
{
    struct rsp_EnableProfileRequest q;
    struct rsp_EnableProfileResponse r = { 0 };
    if (es10_decode(a, &rsp_EnableProfileRequest_type, command, &q))
        return SW_BAD_DATA;
    bool by_aid = q.profileIdentifier.which == rsp_EnableProfileRequest_profileIdentifier_isdpAid;
    struct euicc_profile *p = find(card, by_aid, by_aid ? q.profileIdentifier.isdpAid : q.profileIdentifier.iccid);
    r.enableResult = switching(card, a, RULES_ENABLE, p, q.refreshFlag);
    return es10_answer(a, &rsp_EnableProfileResponse_type, &r, out);
}

unsigned es10c_disable(struct euicc *card, struct arena *a, struct bytes command, struct buf *out)
{
    struct rsp_DisableProfileRequest q;
    struct rsp_DisableProfileResponse r = { 0 };
    if (es10_decode(a, &rsp_DisableProfileRequest_type, command, &q))
        return SW_BAD_DATA;
    bool by_aid = q.profileIdentifier.which == rsp_DisableProfileRequest_profileIdentifier_isdpAid;
    struct euicc_profile *p = find(card, by_aid, by_aid ? q.profileIdentifier.isdpAid : q.profileIdentifier.iccid);
    r.disableResult = switching(card, a, RULES_DISABLE, p, q.refreshFlag);
    return es10_answer(a, &rsp_DisableProfileResponse_type, &r, out);
}

/* -------------------------------------------------------------------- delete and reset */

static int delete_profile(struct euicc *card, struct nvm_batch *b, const struct euicc_profile *p, uint64_t *seq)
{
    struct nvm_record gone = { .type = REC_PROFILE_DELETED, .field = { p->iccid } };
    if (notify_event(card, b, p, EVENT_DELETE, seq, NULL) != 0)
        return -1;
    nvm_put(b, &gone);
    return 0;
}

unsigned es10c_delete(struct euicc *card, struct arena *a, struct bytes command, struct buf *out)
{
    struct rsp_DeleteProfileRequest q;
    struct rsp_DeleteProfileResponse r = { 0 };
    struct nvm_batch b;
    uint64_t seq = card->state.next_seq;
    if (es10_decode(a, &rsp_DeleteProfileRequest_type, command, &q))
        return SW_BAD_DATA;
    bool by_aid = q.which == rsp_DeleteProfileRequest_isdpAid;
    struct euicc_profile *p = find(card, by_aid, by_aid ? q.isdpAid : q.iccid);
    r.deleteResult = rules_check(card, RULES_DELETE, p);
    if (r.deleteResult == SW_CONDITIONS)
        return SW_CONDITIONS;
    if (r.deleteResult == 0) {
        nvm_begin(&b, a);
        bool bad = delete_profile(card, &b, p, &seq) != 0;
        notify_sequence(&b, seq);
        if (bad || card_commit(card, &b, NULL) != 0)
            r.deleteResult = 127;
    }
    return es10_answer(a, &rsp_DeleteProfileResponse_type, &r, out);
}

/* All of it is one batch: after a power cut it is done or not begun. */
static int reset_memory(struct euicc *card, struct arena *a, struct asn1_bits options, bool *enabled_gone,
                        int64_t *result)
{
    struct nvm_batch b;
    uint64_t seq = card->state.next_seq;
    struct nvm_record address = { .type = REC_DEFAULT_DP, .field = { card->state.factory_dp } };
    nvm_begin(&b, a);
    for (size_t i = 0; i < card->state.n_profiles; i++) {
        const struct euicc_profile *p = card->state.profiles[i];
        if (!rules_reset_takes(p, options))
            continue;
        if (delete_profile(card, &b, p, &seq) != 0)
            return -1;
        *enabled_gone = *enabled_gone || p->enabled;
        *result = rsp_EuiccMemoryResetResponse_resetResult_ok;
    }
    notify_sequence(&b, seq);
    if (asn1_bit(options, rsp_EuiccMemoryResetRequest_resetOptions_resetDefaultSmdpAddress)) /* SGP.22 3.3.4 */
        nvm_put(&b, &address);
    return card_commit(card, &b, NULL);
}

unsigned es10c_memory_reset(struct euicc *card, struct arena *a, struct bytes command, struct buf *out)
{
    struct rsp_EuiccMemoryResetRequest q;
    struct rsp_EuiccMemoryResetResponse r = { .resetResult = rsp_EuiccMemoryResetResponse_resetResult_nothingToDelete };
    bool enabled_gone = false;
    if (es10_decode(a, &rsp_EuiccMemoryResetRequest_type, command, &q))
        return SW_BAD_DATA;
    int64_t forbidden = rules_check(card, RULES_RESET, NULL);
    if (forbidden) {
        r.resetResult = forbidden;
        return es10_answer(a, &rsp_EuiccMemoryResetResponse_type, &r, out);
    }
    if (session_discard(card, NULL) != 0 ||
        reset_memory(card, a, q.resetOptions, &enabled_gone, &r.resetResult) != 0) {
        r.resetResult = 127;
    } else if (enabled_gone) {
        card->refresh_waiting = true;
    }
    return es10_answer(a, &rsp_EuiccMemoryResetResponse_type, &r, out);
}

/* ------------------------------------------------------------------------------- others */

unsigned es10c_get_eid(struct euicc *card, struct arena *a, struct bytes command, struct buf *out)
{
    struct rsp_GetEuiccDataRequest q;
    struct rsp_GetEuiccDataResponse r = { .eidValue = card->state.eid };
    if (es10_decode(a, &rsp_GetEuiccDataRequest_type, command, &q))
        return SW_BAD_DATA;
    if (q.tagList.p[0] != 0x5A)
        return SW_REFERENCE_NOT_FOUND;
    return es10_answer(a, &rsp_GetEuiccDataResponse_type, &r, out);
}

unsigned es10c_set_nickname(struct euicc *card, struct arena *a, struct bytes command, struct buf *out)
{
    struct rsp_SetNicknameRequest q;
    struct rsp_SetNicknameResponse r = { 0 };
    struct nvm_batch b;
    if (es10_decode(a, &rsp_SetNicknameRequest_type, command, &q))
        return SW_BAD_DATA;
    if (!state_profile(&card->state, q.iccid)) {
        r.setNicknameResult = 1;
    } else {
        struct nvm_record name = { .type = REC_NICKNAME, .field = { q.iccid, q.profileNickname } };
        nvm_begin(&b, a);
        nvm_put(&b, &name);
        if (card_commit(card, &b, NULL) != 0)
            r.setNicknameResult = 127;
    }
    return es10_answer(a, &rsp_SetNicknameResponse_type, &r, out);
}
