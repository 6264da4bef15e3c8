/* SPDX-License-Identifier: Apache-2.0 */
#include "euicc/rules.h"

#include "euicc/core.h"

/* ------------------------------------------------------------------- what a rule looks at */

struct situation {
    const struct euicc *card;
    struct euicc_profile *target, *now, *former; /* now: the one that is enabled */
};

static bool is_class(const struct euicc_profile *p, int64_t class)
{
    return p && p->metadata.profileClass == class;
}

static bool has_rule(const struct euicc_profile *p, size_t ppr)
{
    return p && asn1_bit(p->metadata.profilePolicyRules, ppr);
}

enum fact {
    UNKNOWN = 1 << 0,        /* the card has no such profile */
    CHANGING = 1 << 1,       /* REFRESH has not been done yet: a proactive session is ongoing */
    ENABLED = 1 << 2,        /* the target's state */
    DISABLED = 1 << 3,
    OPERATIONAL = 1 << 4,    /* the target's class */
    TEST = 1 << 5,
    NOT_TEST = 1 << 6,
    NOT_FORMER = 1 << 7,     /* nor the one that was enabled before the first test profile */
    KEPT = 1 << 8,           /* the target has PPR1, */
    UNDELETABLE = 1 << 9,    /* PPR2 */
    NOW_KEPT = 1 << 10,      /* the enabled one has PPR1, */
    NOW_TEST = 1 << 11,      /* is a test profile, */
    NOW_OPERATIONAL = 1 << 12,
};

static unsigned facts_of(const struct situation *s)
{
    const struct euicc_profile *t = s->target;
    const struct {
        unsigned fact;
        bool holds;
    } facts[] = {
        { UNKNOWN, !t },
        { CHANGING, s->card->refresh_waiting },
        { ENABLED, t && t->enabled },
        { DISABLED, t && !t->enabled },
        { OPERATIONAL, is_class(t, CLASS_OPERATIONAL) },
        { TEST, is_class(t, CLASS_TEST) },
        { NOT_TEST, t && !is_class(t, CLASS_TEST) },
        { NOT_FORMER, t && t != s->former },
        { KEPT, has_rule(t, PPR1) },
        { UNDELETABLE, has_rule(t, PPR2) },
        { NOW_KEPT, has_rule(s->now, PPR1) },
        { NOW_TEST, is_class(s->now, CLASS_TEST) },
        { NOW_OPERATIONAL, is_class(s->now, CLASS_OPERATIONAL) },
    };
    unsigned all = 0;
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        all |= facts[i].holds ? facts[i].fact : 0;
    return all;
}

static struct situation situation_of(const struct euicc *card, struct euicc_profile *target)
{
    return (struct situation){ card, target, state_enabled(&card->state), card->state.former };
}

/* ------------------------------------------------------------------------------ the rules */

/* The first row of the command whose facts all hold forbids it.  A provisioning profile may displace one with PPR1
 * (SGP.22 2.4.5.2), as may a test profile (2.9.3.3). */
static const struct {
    enum rules_command command;
    unsigned facts;
    int64_t result;
} rules[] = {
    { RULES_ENABLE, UNKNOWN, rsp_EnableProfileResponse_enableResult_iccidOrAidNotFound },
    { RULES_ENABLE, CHANGING, rsp_EnableProfileResponse_enableResult_catBusy },
    { RULES_ENABLE, ENABLED, rsp_EnableProfileResponse_enableResult_profileNotInDisabledState },
    { RULES_ENABLE, OPERATIONAL | NOW_KEPT, rsp_EnableProfileResponse_enableResult_disallowedByPolicy },
    { RULES_ENABLE, NOT_TEST | NOT_FORMER | NOW_TEST, rsp_EnableProfileResponse_enableResult_wrongProfileReenabling },
    { RULES_DISABLE, UNKNOWN, rsp_DisableProfileResponse_disableResult_iccidOrAidNotFound },
    { RULES_DISABLE, CHANGING, rsp_DisableProfileResponse_disableResult_catBusy },
    { RULES_DISABLE, DISABLED, rsp_DisableProfileResponse_disableResult_profileNotInEnabledState },
    { RULES_DISABLE, NOT_TEST | KEPT, rsp_DisableProfileResponse_disableResult_disallowedByPolicy },
    { RULES_DELETE, UNKNOWN, rsp_DeleteProfileResponse_deleteResult_iccidOrAidNotFound },
    { RULES_DELETE, CHANGING, SW_CONDITIONS }, /* SGP.22 5.7.2: it has no catBusy */
    { RULES_DELETE, ENABLED, rsp_DeleteProfileResponse_deleteResult_profileNotInDisabledState },
    { RULES_DELETE, UNDELETABLE, rsp_DeleteProfileResponse_deleteResult_disallowedByPolicy },
    { RULES_RESET, CHANGING, rsp_EuiccMemoryResetResponse_resetResult_catBusy },
};

int64_t rules_check(const struct euicc *card, enum rules_command command, const struct euicc_profile *target)
{
    const struct situation s = situation_of(card, (struct euicc_profile *)(uintptr_t)target);
    const unsigned facts = facts_of(&s);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].command == command && (rules[i].facts & facts) == rules[i].facts)
            return rules[i].result;
    return 0;
}

/* Who is meant. */
enum who { NOBODY, TARGET, NOW, FORMER };

/* The first row whose facts hold says what happens (SGP.22 5.7.16 and 5.7.17). */
static const struct {
    enum rules_command command;
    unsigned facts;
    enum who off, on, former;
} switches[] = {
    { RULES_ENABLE, TEST | NOW_TEST, NOW, TARGET, FORMER },
    { RULES_ENABLE, TEST | NOW_OPERATIONAL, NOW, TARGET, NOW },
    { RULES_ENABLE, 0, NOW, TARGET, NOBODY },
    { RULES_DISABLE, TEST, TARGET, FORMER, NOBODY },
    { RULES_DISABLE, 0, TARGET, NOBODY, NOBODY },
};

static struct euicc_profile *person(const struct situation *s, enum who who)
{
    return who == TARGET ? s->target : who == NOW ? s->now : who == FORMER ? s->former : NULL;
}

struct rules_switch rules_switch_of(const struct euicc *card, enum rules_command command, struct euicc_profile *target)
{
    const struct situation s = situation_of(card, target);
    const unsigned facts = facts_of(&s);
    size_t i = 0;
    while (switches[i].command != command || (switches[i].facts & facts) != switches[i].facts)
        i++;
    return (struct rules_switch){ person(&s, switches[i].off), person(&s, switches[i].on),
                                  person(&s, switches[i].former) };
}

/* No profile is there from the start, so each test profile counts as loaded in the field. */
static const struct {
    int64_t class;
    size_t option;
} resets[] = {
    { CLASS_OPERATIONAL, rsp_EuiccMemoryResetRequest_resetOptions_deleteOperationalProfiles },
    { CLASS_TEST, rsp_EuiccMemoryResetRequest_resetOptions_deleteFieldLoadedTestProfiles },
};

bool rules_reset_takes(const struct euicc_profile *p, struct asn1_bits options)
{
    for (size_t i = 0; i < sizeof resets / sizeof *resets; i++)
        if (is_class(p, resets[i].class) && asn1_bit(options, resets[i].option))
            return true;
    return false;
}

/* ------------------------------------------------------------- Rules Authorisation Table */

static const uint8_t both[] = { 0x60 }, yes[] = { 0x80 }, no[] = { 0x00 }, anyone[] = { 0xEE, 0xEE, 0xEE };
static struct rsp_OperatorId everybody = { .mccMnc = { anyone, 3 }, .gid1 = { anyone, 0 }, .gid2 = { anyone, 0 } };
static struct rsp_ProfilePolicyAuthorisationRule with_consent = {
    .pprIds = { both, 3 }, .allowedOperators = { .n = 1, .items = &everybody }, .pprFlags = { yes, 1 }
};
/* A card that was made without a table has this one: everybody may use both rules, with the user's consent. */
static const struct rsp_RulesAuthorisationTable rat_default = { .n = 1, .items = &with_consent };

static const struct rsp_RulesAuthorisationTable *rat_of(const struct euicc *card)
{
    return card->state.has_rat ? &card->state.rat : &rat_default;
}

static unsigned nibble(struct bytes b, unsigned i)
{
    return b.p[i / 2] >> (i % 2 ? 4 : 0) & 15;
}

/* A GID that the rule leaves out fits only an owner who has none; an empty one fits all (SGP.22 2.9.2.1). */
static bool gid_matches(struct bytes rule, struct bytes owner)
{
    if (!bytes_present(rule))
        return !bytes_present(owner);
    return rule.n == 0 || (bytes_present(owner) && bytes_equal(rule, owner));
}

static bool operator_matches(const struct rsp_OperatorId *rule, const struct rsp_OperatorId *owner)
{
    for (unsigned i = 0; i < 6; i++)
        if (nibble(rule->mccMnc, i) != 0xE && nibble(rule->mccMnc, i) != nibble(owner->mccMnc, i))
            return false;
    return gid_matches(rule->gid1, owner->gid1) && gid_matches(rule->gid2, owner->gid2);
}

/* Figure 8; without an owner: is there any rule for this PPR? */
static bool authorised(const struct rsp_RulesAuthorisationTable *rat, size_t ppr, const struct rsp_OperatorId *owner)
{
    for (size_t i = 0; i < rat->n; i++) {
        const struct rsp_ProfilePolicyAuthorisationRule *rule = &rat->items[i];
        bool found = !owner;
        for (size_t k = 0; k < rule->allowedOperators.n; k++)
            found = found || operator_matches(&rule->allowedOperators.items[k], owner);
        if (found && asn1_bit(rule->pprIds, ppr))
            return true;
    }
    return false;
}

static bool holds_operational(const struct euicc *card)
{
    for (size_t i = 0; i < card->state.n_profiles; i++)
        if (is_class(card->state.profiles[i], CLASS_OPERATIONAL))
            return true;
    return false;
}

/* An owner is named, not a set of them (SGP.22 5.5.3). */
static bool names_one(const struct rsp_OperatorId *owner)
{
    for (unsigned i = 0; owner && i < 6; i++)
        if (nibble(owner->mccMnc, i) == 0xE)
            return false;
    return owner;
}

bool rules_pprs_allowed(const struct euicc *card, const struct rsp_StoreMetadataRequest *m)
{
    bool any = false;
    for (size_t bit = PPR1; bit < m->profilePolicyRules.n; bit++) {
        if (!asn1_bit(m->profilePolicyRules, bit))
            continue;
        if (bit >= PPR_COUNT || !names_one(m->profileOwner) || !authorised(rat_of(card), bit, m->profileOwner))
            return false;
        any = true;
    }
    return !any || !asn1_bit(m->profilePolicyRules, PPR1) || !holds_operational(card);
}

struct asn1_bits rules_forbidden(const struct euicc *card, struct arena *a)
{
    uint8_t *bits = arena_alloc(a, 1);
    if (!bits)
        return (struct asn1_bits){ NULL, 0 };
    for (size_t ppr = PPR1; ppr < PPR_COUNT; ppr++)
        if (!authorised(rat_of(card), ppr, NULL) || (ppr == PPR1 && holds_operational(card)))
            *bits |= (uint8_t)(0x80 >> ppr);
    return *bits ? (struct asn1_bits){ bits, PPR_COUNT } : (struct asn1_bits){ NULL, 0 };
}

/* SGP.22 5.7.22 */
unsigned es10b_get_rat(struct euicc *card, struct arena *a, struct bytes command, struct buf *out)
{
    struct rsp_GetRatRequest q;
    struct rsp_GetRatResponse r = { .rat = *rat_of(card) };
    if (es10_decode(a, &rsp_GetRatRequest_type, command, &q))
        return SW_BAD_DATA;
    return es10_answer(a, &rsp_GetRatResponse_type, &r, out);
}

/* ------------------------------------------------------------------------ table from text */

static bool is(struct bytes w, const char *text)
{
    return bytes_equal_nocase(w, bytes_text(text));
}

static int parse_gid(struct arena *a, struct bytes text, struct bytes *gid, struct err *e)
{
    *gid = is(text, "any") ? BYTES_LIT("") : BYTES_NONE;
    return is(text, "any") || text.n == 0 ? 0 : hex_decode(a, text, gid, e);
}

static int digit_of(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : c == 'E' || c == 'e' ? 0xE : -1;
}

/* OperatorId (SGP.22 2.8.1.2) as TS 24.008 has it: MCC digits 2 and 1, MNC digit 3 (F: none) and MCC digit 3, MNC
 * digits 2 and 1. */
static int parse_mcc_mnc(struct arena *a, struct bytes text, struct bytes *out, struct err *e)
{
    static const int places[] = { 0, 1, 2, 4, 5, 3 };
    uint8_t *octets = arena_alloc(a, 3);
    if (!octets)
        return err_set(e, ERR_MEMORY, NULL, "no memory for an operator");
    bool right = text.n == 5 || text.n == 6;
    for (size_t i = 0; right && i < text.n; i++) {
        int digit = digit_of(text.p[i]);
        right = digit >= 0;
        octets[places[i] / 2] |= (uint8_t)(right ? digit << (places[i] % 2 ? 4 : 0) : 0);
    }
    if (!right)
        return err_set(e, ERR_VALUE, "SGP.22 2.9.2.1", "\"%.*s\" is no operator; next: write MCC and MNC as 5 or 6"
                       " digits, E for any digit", (int)text.n, text.p);
    octets[1] |= text.n == 5 ? 0xF0 : 0;
    *out = bytes_make(octets, 3);
    return 0;
}

static int parse_operator(struct arena *a, struct bytes text, struct rsp_OperatorId *out, struct err *e)
{
    if (is(text, "any")) {
        *out = everybody;
        return 0;
    }
    *out = (struct rsp_OperatorId){ 0 };
    struct bytes rest = text, name = text_word(&rest, '/'), gid1 = text_word(&rest, '/');
    return parse_mcc_mnc(a, name, &out->mccMnc, e) == 0 && parse_gid(a, gid1, &out->gid1, e) == 0 ?
               parse_gid(a, rest, &out->gid2, e) : -1;
}

enum { OPERATORS_MAX = 64 };

static int parse_operators(struct arena *a, struct bytes text, struct rsp_ProfilePolicyAuthorisationRule *out,
                           struct err *e)
{
    out->allowedOperators.items = arena_array(a, OPERATORS_MAX, sizeof *out->allowedOperators.items);
    if (!out->allowedOperators.items)
        return err_set(e, ERR_MEMORY, NULL, "no memory for operators");
    do {
        if (out->allowedOperators.n == OPERATORS_MAX)
            return err_set(e, ERR_LIMIT, NULL, "more than %d operators in one rule", OPERATORS_MAX);
        if (parse_operator(a, text_word(&text, ','), &out->allowedOperators.items[out->allowedOperators.n++], e) != 0)
            return -1;
    } while (text.n);
    return 0;
}

static int parse_rule(struct arena *a, struct bytes text, struct rsp_ProfilePolicyAuthorisationRule *out, struct err *e)
{
    struct bytes names = text_word(&text, ':'), operators = text_word(&text, ':');
    uint8_t *pprs = arena_alloc(a, 1);
    if (!pprs)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a rule");
    do {
        struct bytes name = text_word(&names, ',');
        if (!is(name, "ppr1") && !is(name, "ppr2"))
            return err_set(e, ERR_VALUE, "SGP.22 2.9.1", "\"%.*s\" is no policy rule; next: write"
                           " ppr1,ppr2:OPERATORS[:consent]", (int)name.n, name.p);
        *pprs |= is(name, "ppr1") ? 0x40 : 0x20;
    } while (names.n);
    if (text.n && !is(text, "consent"))
        return err_set(e, ERR_VALUE, "SGP.22 2.9.2.1", "\"%.*s\" stands where only \"consent\" may", (int)text.n,
                       text.p);
    out->pprIds = (struct asn1_bits){ pprs, PPR_COUNT };
    out->pprFlags = (struct asn1_bits){ text.n ? yes : no, 1 };
    return parse_operators(a, operators, out, e);
}

int rules_rat_parse(struct arena *a, const char *const *texts, size_t n, struct rsp_RulesAuthorisationTable *out,
                    struct err *e)
{
    *out = (struct rsp_RulesAuthorisationTable){ .items = arena_array(a, n + 1, sizeof *out->items) };
    if (!out->items)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a table of rules");
    if (n == 1 && strcmp(texts[0], "none") == 0)
        return 0;
    for (; out->n < n; out->n++)
        if (parse_rule(a, bytes_text(texts[out->n]), &out->items[out->n], e) != 0)
            return err_within(e, "rule %zu of the table", out->n + 1);
    return 0;
}
