/* SPDX-License-Identifier: Apache-2.0
 *
 * ES10c: local profile management, SGP.22 5.7.15 to 5.7.21. */
#include "asn1/tlv.h"
#include "euicc/core.h"

enum { EVENT_INSTALL, EVENT_ENABLE, EVENT_DISABLE, EVENT_DELETE };
enum { CLASS_TEST, CLASS_PROVISIONING, CLASS_OPERATIONAL };
enum { PPR1 = 1, PPR2 = 2 };

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

static bool rule(const struct euicc_profile *p, size_t ppr)
{
    return asn1_bit(p->metadata.profilePolicyRules, ppr);
}

static void put_state(struct nvm_batch *b, const struct euicc_profile *p, bool on)
{
    struct nvm_record r = { .type = REC_PROFILE_STATE, .field = { p->iccid, rec_number(b->arena, on, 1) } };
    nvm_put(b, &r);
}

/* One batch: the former profile off, the new one on, the notifications of both. */
static int switch_states(struct euicc *card, struct arena *a, const struct euicc_profile *off,
                         const struct euicc_profile *on, bool refresh)
{
    struct nvm_batch b;
    uint64_t seq = card->state.next_seq;
    nvm_begin(&b, a);
    if (off) {
        put_state(&b, off, false);
        if (notify_event(card, &b, off, EVENT_DISABLE, &seq, NULL) != 0)
            return -1;
    }
    if (on) {
        put_state(&b, on, true);
        if (notify_event(card, &b, on, EVENT_ENABLE, &seq, NULL) != 0)
            return -1;
    }
    notify_sequence(&b, seq);
    card->refresh_back = off ? off->iccid : BYTES_NONE;
    if (card_commit(card, &b, NULL) != 0)
        return -1;
    if (refresh)
        card->refresh_waiting = true;
    else
        card_switch(card);
    return 0;
}

/* SGP.22 5.7.16: 0 or an EnableProfile result. */
static int enable_check(const struct euicc *card, const struct euicc_profile *p)
{
    const struct euicc_profile *now = state_enabled(&card->state);
    if (!p)
        return 1;
    if (p->enabled)
        return 2;
    if (now && rule(now, PPR1) && p->metadata.profileClass == CLASS_OPERATIONAL)
        return 3;
    return card->refresh_waiting ? 5 : 0;
}

/* The channel that carries the command must survive a switch without REFRESH (SGP.22 3.2.1). */
static void keep_isdr_channel(struct euicc *card, unsigned channel)
{
    card->channels[channel].open = card->channels[channel].isdr = true;
}

static unsigned switching(struct euicc *card, struct arena *a, const struct euicc_profile *off,
                          const struct euicc_profile *on, bool refresh, int64_t *result)
{
    unsigned channel = card->command_channel;
    if (switch_states(card, a, off, on, refresh) != 0)
        *result = 127;
    if (!refresh)
        keep_isdr_channel(card, channel);
    return SW_OK;
}

unsigned es10c_enable(struct euicc *card, struct arena *a, struct bytes command, struct buf *out)
{
    struct rsp_EnableProfileRequest q;
    struct rsp_EnableProfileResponse r = { 0 };
    if (es10_decode(a, &rsp_EnableProfileRequest_type, command, &q))
        return SW_BAD_DATA;
    bool by_aid = q.profileIdentifier.which == rsp_EnableProfileRequest_profileIdentifier_isdpAid;
    struct euicc_profile *p = find(card, by_aid, by_aid ? q.profileIdentifier.isdpAid : q.profileIdentifier.iccid);
    r.enableResult = enable_check(card, p);
    if (r.enableResult == 0)
        switching(card, a, state_enabled(&card->state), p, q.refreshFlag, &r.enableResult);
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
    r.disableResult = !p                                                                    ? 1
                      : !p->enabled                                                         ? 2
                      : rule(p, PPR1) && p->metadata.profileClass != CLASS_TEST ? 3
                      : card->refresh_waiting                                               ? 5
                                                                                            : 0;
    if (r.disableResult == 0)
        switching(card, a, p, NULL, q.refreshFlag, &r.disableResult);
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
    r.deleteResult = !p ? 1 : p->enabled ? 2 : rule(p, PPR2) ? 3 : 0;
    if (r.deleteResult == 0) {
        nvm_begin(&b, a);
        bool bad = delete_profile(card, &b, p, &seq) != 0;
        notify_sequence(&b, seq);
        if (bad || card_commit(card, &b, NULL) != 0)
            r.deleteResult = 127;
    }
    return es10_answer(a, &rsp_DeleteProfileResponse_type, &r, out);
}

static bool to_be_reset(const struct euicc_profile *p, struct asn1_bits options)
{
    bool operational = p->metadata.profileClass == CLASS_OPERATIONAL, test = p->metadata.profileClass == CLASS_TEST;
    return (operational && asn1_bit(options, 0)) || (test && asn1_bit(options, 1));
}

unsigned es10c_memory_reset(struct euicc *card, struct arena *a, struct bytes command, struct buf *out)
{
    struct rsp_EuiccMemoryResetRequest q;
    struct rsp_EuiccMemoryResetResponse r = { .resetResult = 1 };
    struct nvm_batch b;
    uint64_t seq = card->state.next_seq;
    bool bad = false, enabled_gone = false;
    if (es10_decode(a, &rsp_EuiccMemoryResetRequest_type, command, &q))
        return SW_BAD_DATA;
    nvm_begin(&b, a);
    for (size_t i = 0; i < card->state.n_profiles; i++) {
        const struct euicc_profile *p = card->state.profiles[i];
        if (!to_be_reset(p, q.resetOptions))
            continue;
        bad = bad || delete_profile(card, &b, p, &seq) != 0;
        enabled_gone = enabled_gone || p->enabled;
        r.resetResult = 0;
    }
    notify_sequence(&b, seq);
    if (asn1_bit(q.resetOptions, 2)) {
        struct nvm_record address = { .type = REC_DEFAULT_DP, .field = { card->state.factory_dp } };
        nvm_put(&b, &address);
    }
    if (session_discard(card, NULL) != 0 || bad || card_commit(card, &b, NULL) != 0)
        r.resetResult = 127;
    else if (enabled_gone) {
        card->refresh_waiting = true;
        card->refresh_back = BYTES_NONE;
        card->uicc.profile = NULL;
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
