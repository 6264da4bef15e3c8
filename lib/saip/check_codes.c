/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/look.h"

static struct saip_place place(size_t i, const char *member, struct bytes part)
{
    return (struct saip_place){ i + 1, member, part };
}

/* The lists of an element; empty of another kind. */
static const struct saip_PE_PINCodes_pinCodes_pinconfig *pins_of(const struct saip_ProfileElement *pe)
{
    static const struct saip_PE_PINCodes_pinCodes_pinconfig none;
    bool has = pe->which == saip_ProfileElement_pinCodes &&
               pe->pinCodes.pinCodes.which == saip_PE_PINCodes_pinCodes_pinconfig;
    return has ? &pe->pinCodes.pinCodes.pinconfig : &none;
}

static const struct saip_PE_PUKCodes_pukCodes *puks_of(const struct saip_ProfileElement *pe)
{
    static const struct saip_PE_PUKCodes_pukCodes none;
    return pe->which == saip_ProfileElement_pukCodes ? &pe->pukCodes.pukCodes : &none;
}

/* TCA 8.5.1: global ones in the MF, local ones elsewhere; of ADM6 to ADM10 (138 to 142) it says nothing. */
void saip_check_pin_scope(struct saip_look *l)
{
    unsigned context = 0;
    for (size_t i = 0; i < l->package->n; i++) {
        const struct saip_ProfileElement *pe = &l->package->items[i];
        const struct saip_PE_PINCodes_pinCodes_pinconfig *pins = pins_of(pe);
        context = saip_makes(pe) & SAIP_MAKES_DF ? saip_makes(pe) : context;
        for (size_t k = 0; context && k < pins->n; k++) {
            int64_t r = pins->items[k].keyReference;
            bool mf = context & SAIP_MAKES_MF && !(context & SAIP_MAKES_IOT), local = r >= 129 && r <= 136;
            if (mf ? local : r < 129)
                saip_found(l, place(i, "pinCodes", pins->items[k].raw),
                           mf ? "global PINs in the MF" : "local PINs in a DF or ADF", "key reference %lld",
                           (long long)r);
        }
    }
}

void saip_check_pin_once(struct saip_look *l)
{
    for (size_t i = 0; i < l->package->n; i++) {
        const struct saip_PE_PINCodes_pinCodes_pinconfig *pins = pins_of(&l->package->items[i]);
        for (size_t k = 0; k < pins->n; k++)
            for (size_t j = 0; j < k; j++)
                if (pins->items[j].keyReference == pins->items[k].keyReference)
                    saip_found(l, place(i, "pinCodes", pins->items[k].raw), "each PIN once", "key reference %lld again",
                               (long long)pins->items[k].keyReference);
    }
}

void saip_check_puk_once(struct saip_look *l)
{
    for (size_t i = 0; i < l->package->n; i++) {
        const struct saip_PE_PUKCodes_pukCodes *puks = puks_of(&l->package->items[i]);
        for (size_t k = 0; k < puks->n; k++)
            for (size_t j = 0; j < k; j++)
                if (puks->items[j].keyReference == puks->items[k].keyReference)
                    saip_found(l, place(i, "pukCodes", puks->items[k].raw), "each PUK once", "key reference %lld again",
                               (long long)puks->items[k].keyReference);
    }
}

static bool puk_there(const struct saip_package *p, int64_t reference)
{
    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; k < puks_of(&p->items[i])->n; k++)
            if (puks_of(&p->items[i])->items[k].keyReference == reference)
                return true;
    return false;
}

void saip_check_puk_exists(struct saip_look *l)
{
    for (size_t i = 0; i < l->package->n; i++) {
        const struct saip_PE_PINCodes_pinCodes_pinconfig *pins = pins_of(&l->package->items[i]);
        for (size_t k = 0; k < pins->n; k++)
            if (pins->items[k].has_unblockingPINReference &&
                !puk_there(l->package, pins->items[k].unblockingPINReference))
                saip_found(l, place(i, "pinCodes", pins->items[k].raw), "the PUK that the PIN names", "no PUK %lld",
                           (long long)pins->items[k].unblockingPINReference);
    }
}

static void retries_check(struct saip_look *l, struct saip_place at, int64_t counters)
{
    if ((counters & 15) > counters >> 4)
        saip_found(l, at, "no more tries left than there are at most", "%d of %d", (int)(counters & 15),
                   (int)(counters >> 4));
}

void saip_check_retries(struct saip_look *l)
{
    for (size_t i = 0; i < l->package->n; i++) {
        const struct saip_PE_PINCodes_pinCodes_pinconfig *pins = pins_of(&l->package->items[i]);
        const struct saip_PE_PUKCodes_pukCodes *puks = puks_of(&l->package->items[i]);
        for (size_t k = 0; k < pins->n; k++)
            retries_check(l, place(i, "pinCodes", pins->items[k].raw), pins->items[k].maxNumOfAttemps_retryNumLeft);
        for (size_t k = 0; k < puks->n; k++)
            retries_check(l, place(i, "pukCodes", puks->items[k].raw), puks->items[k].maxNumOfAttemps_retryNumLeft);
    }
}

/* Digits in ASCII in front, FF behind: how many; -1: something else. */
static int digits_of(struct bytes code)
{
    size_t n = 0;
    while (n < code.n && code.p[n] >= '0' && code.p[n] <= '9')
        n++;
    for (size_t i = n; i < code.n; i++)
        if (code.p[i] != 0xFF)
            return -1;
    return (int)n;
}

/* What people type; administrative codes are any octets. */
void saip_check_pin_digits(struct saip_look *l)
{
    for (size_t i = 0; i < l->package->n; i++) {
        const struct saip_PE_PINCodes_pinCodes_pinconfig *pins = pins_of(&l->package->items[i]);
        for (size_t k = 0; k < pins->n; k++)
            if ((pins->items[k].keyReference & 0x7F) <= 8 && digits_of(pins->items[k].pinValue) < 4)
                saip_found(l, place(i, "pinCodes", pins->items[k].pinValue), "a PIN of 4 to 8 digits with FF behind",
                           "something else for key reference %lld", (long long)pins->items[k].keyReference);
    }
}

void saip_check_puk_digits(struct saip_look *l)
{
    for (size_t i = 0; i < l->package->n; i++) {
        const struct saip_PE_PUKCodes_pukCodes *puks = puks_of(&l->package->items[i]);
        for (size_t k = 0; k < puks->n; k++)
            if (digits_of(puks->items[k].pukValue) != 8)
                saip_found(l, place(i, "pukCodes", puks->items[k].pukValue), "a PUK of 8 digits",
                           "something else for key reference %lld", (long long)puks->items[k].keyReference);
    }
}

/* ------------------------------------------------------------------------------- keys */

enum { MILENAGE = 1, TUAK = 2, TEST_ALGORITHM = 3 };

static const struct saip_AlgoParameter *algorithm_of(const struct saip_ProfileElement *pe)
{
    bool has = pe->which == saip_ProfileElement_akaParameter &&
               pe->akaParameter.algoConfiguration.which == saip_PE_AKAParameter_algoConfiguration_algoParameter;
    return has ? &pe->akaParameter.algoConfiguration.algoParameter : NULL;
}

/* TCA 8.4.2: 16 octets; of TUAK 16 or 32. */
void saip_check_aka_key(struct saip_look *l)
{
    for (size_t i = 0; i < l->package->n; i++) {
        const struct saip_AlgoParameter *a = algorithm_of(&l->package->items[i]);
        if (a && a->key.n != 16 && !(a->algorithmID == TUAK && a->key.n == 32))
            saip_found(l, place(i, "key", a->key), a->algorithmID == TUAK ? "a key of 16 or 32 octets"
                                                                           : "a key of 16 octets",
                       "%zu octets", a->key.n);
    }
}

void saip_check_aka_opc(struct saip_look *l)
{
    for (size_t i = 0; i < l->package->n; i++) {
        const struct saip_AlgoParameter *a = algorithm_of(&l->package->items[i]);
        size_t needed = !a ? 0 : a->algorithmID == MILENAGE ? 16 : a->algorithmID == TUAK ? 32 : 0;
        if (needed && a->opc.n != needed)
            saip_found(l, place(i, "opc", a->opc), needed == 16 ? "an OPc of 16 octets" : "a TOPc of 32 octets",
                       "%zu octets", a->opc.n);
    }
}

static void sequence_check(struct saip_look *l, size_t i, const char *member, struct bytes value)
{
    if (value.n && value.p[0] > 0x07)
        saip_found(l, place(i, member, value), "at most 07FFFFFFFFFF", "%02X in front", value.p[0]);
}

void saip_check_sqn(struct saip_look *l)
{
    for (size_t i = 0; i < l->package->n; i++) {
        if (l->package->items[i].which != saip_ProfileElement_akaParameter)
            continue;
        const struct saip_PE_AKAParameter *p = &l->package->items[i].akaParameter;
        sequence_check(l, i, "sqnDelta", p->sqnDelta);
        sequence_check(l, i, "sqnAgeLimit", p->sqnAgeLimit);
        for (size_t k = 0; k < p->sqnInit.n; k++)
            sequence_check(l, i, "sqnInit", p->sqnInit.items[k]);
    }
}

bool saip_is_placeholder(struct bytes key)
{
    bool same = key.n > 0, counts = key.n > 0;
    for (size_t i = 0; i < key.n; i++) {
        same = same && key.p[i] == key.p[0];
        counts = counts && key.p[i] == (uint8_t)(key.p[0] + i);
    }
    return same || counts;
}

void saip_check_placeholder(struct saip_look *l)
{
    for (size_t i = 0; i < l->package->n; i++) {
        const struct saip_AlgoParameter *a = algorithm_of(&l->package->items[i]);
        if (a && saip_is_placeholder(a->key))
            saip_found(l, place(i, "key", a->key), "a key of the subscriber", "a pattern, as of tests");
        if (a && a->algorithmID != TEST_ALGORITHM && saip_is_placeholder(a->opc))
            saip_found(l, place(i, "opc", a->opc), "an OPc made of the operator's OP", "a pattern, as of tests");
    }
}

/* SGP.22 2.5.2: cards of version 2.0 know neither. */
void saip_check_format_20(struct saip_look *l)
{
    const struct saip_package *p = l->package;
    for (size_t i = 0; saip_look_version(l) <= SAIP_VERSION(2, 0, 0) && i < p->n; i++) {
        const struct saip_AlgoParameter *a = algorithm_of(&p->items[i]);
        if (a && (a->algorithmID == TEST_ALGORITHM || a->numberOfKeccak != 1))
            saip_found(l, place(i, "algoParameter", a->raw), "nothing that cards of version 2.0 do not know", "%s",
                       a->algorithmID == TEST_ALGORITHM ? "the USIM test algorithm" : "numberOfKeccak");
    }
}
