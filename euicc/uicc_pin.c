/* SPDX-License-Identifier: Apache-2.0
 *
 * PINs: TS 102 221 9.4, 9.5, 11.1.9 to 11.1.13. */
#include "euicc/uicc_inside.h"

enum { PIN_OCTETS = 8, PIN_DIGITS_MIN = 4 };

/* What a reference can mean: of bits 5 to 1 the number, 0A to 0E being administrative keys (table 9.3). */
static bool is_adm(uint8_t reference)
{
    uint8_t number = reference & 0x7F;
    return number >= 0x0A && number <= 0x0E;
}

int uicc_pin_from(const struct uicc *u, const struct saip_file *df, const struct saip_file *adf, uint8_t reference)
{
    const struct saip_image *m = &u->profile->image;
    const struct saip_pin *pin = saip_pin_in(m, df, reference);
    if (!pin && adf)
        pin = saip_pin_in(m, adf, reference);
    return pin ? (int)(pin - m->pins) : -1;
}

int uicc_pin(const struct uicc *u, const struct uicc_channel *c, uint8_t reference)
{
    return uicc_pin_from(u, c->df, c->adf, reference);
}

bool uicc_application_pin(const struct uicc *u, const struct uicc_channel *c)
{
    for (size_t i = 0; i < c->adf->pst.n; i++) {
        uint8_t reference = c->adf->pst.p[i];
        if (reference < 0x01 || reference > 0x08)
            continue;
        int pin = uicc_pin(u, c, reference);
        return pin >= 0 && uicc_pin_satisfied(u, pin);
    }
    return true;
}

static struct saip_pin *pin_at(const struct uicc *u, int index)
{
    return &u->profile->image.pins[index];
}

static int universal(const struct uicc *u)
{
    return uicc_pin_from(u, u->profile->image.mf, NULL, UNIVERSAL_PIN);
}

/* Disabled it asks for nothing, unless the universal PIN stands for it (11.1.11). */
bool uicc_pin_satisfied(const struct uicc *u, int index)
{
    const struct saip_pin *pin = pin_at(u, index);
    int other = pin->replaced ? universal(u) : -1;
    if (pin->enabled)
        return u->verified[index];
    return other < 0 || other == index || !pin_at(u, other)->enabled || u->verified[other];
}

/* ------------------------------------------------------------------------------- trying */

/* What lasts of a PIN. */
struct pin_state {
    const uint8_t *value;
    uint8_t left;
    enum { DISABLED, ENABLED, REPLACED } use;
};

static struct pin_state state_of(const struct saip_pin *pin)
{
    return (struct pin_state){ pin->value, pin->left, pin->enabled ? ENABLED : pin->replaced ? REPLACED : DISABLED };
}

static int pin_store(struct uicc *u, int index, struct pin_state s)
{
    uint8_t number = (uint8_t)index, use = (uint8_t)s.use;
    struct nvm_record r = { .type = REC_PIN,
                            .field = { u->profile->iccid, bytes_make(&number, 1), bytes_make(s.value, PIN_OCTETS),
                                       bytes_make(&s.left, 1), bytes_make(&use, 1) } };
    return u->change(u->context, &r);
}

/* The counter goes down before the comparison and is durable before the answer: cutting the power gains no try.  If
 * the value is right, the PIN becomes what `then` says, with all its tries. */
static unsigned pin_try(struct uicc *u, int index, struct bytes given, struct pin_state then)
{
    struct saip_pin *pin = pin_at(u, index);
    if (pin->left == 0)
        return SW_BLOCKED;
    struct pin_state less = state_of(pin);
    less.left--;
    if (pin_store(u, index, less) != 0)
        return SW_MEMORY;
    if (!bytes_equal_secret(given, bytes_make(pin->value, PIN_OCTETS))) {
        u->verified[index] = false;
        return SW_TRIES_LEFT | pin->left;
    }
    then.left = pin->max;
    return pin_store(u, index, then) == 0 ? SW_OK : SW_MEMORY;
}

/* Four to eight digits and FF behind them (11.1.9); an administrative key is any octets. */
static bool well_formed(uint8_t reference, const uint8_t *value)
{
    int digits = 0, i;
    while (digits < PIN_OCTETS && value[digits] >= '0' && value[digits] <= '9')
        digits++;
    for (i = digits; i < PIN_OCTETS && value[i] == 0xFF; i++)
        ;
    return is_adm(reference) || (digits >= PIN_DIGITS_MIN && i == PIN_OCTETS);
}

/* The PIN that P2 means; 0 or a status word. */
static unsigned pin_named(const struct uicc *u, const struct uicc_channel *c, const struct apdu *a, int *index)
{
    *index = uicc_pin(u, c, a->p2);
    return *index < 0 ? SW_REFERENCE_NOT_FOUND : 0;
}

/* -------------------------------------------------------------------------- the commands */

unsigned uicc_verify(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    int index;
    (void)out;
    if (a->p1)
        return SW_WRONG_P1P2;
    unsigned sw = pin_named(u, c, a, &index);
    if (sw)
        return sw;
    const struct saip_pin *pin = pin_at(u, index);
    if (a->data.n == 0)
        return SW_TRIES_LEFT | pin->left; /* of a blocked one, too (11.1.9.1.2) */
    if (a->data.n != PIN_OCTETS)
        return SW_WRONG_LENGTH;
    if (!pin->enabled)
        return SW_DATA_INVALIDATED;
    sw = pin_try(u, index, a->data, state_of(pin));
    if (sw == SW_OK)
        u->verified[index] = true;
    return sw;
}

unsigned uicc_change_pin(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    int index;
    (void)out;
    if (a->p1)
        return SW_WRONG_P1P2;
    unsigned sw = pin_named(u, c, a, &index);
    if (sw)
        return sw;
    const struct saip_pin *pin = pin_at(u, index);
    if (a->data.n != 2 * PIN_OCTETS)
        return SW_WRONG_LENGTH;
    if (!pin->enabled)
        return SW_DATA_INVALIDATED;
    if (!pin->may_change)
        return SW_CONDITIONS;
    if (!well_formed(a->p2, a->data.p + PIN_OCTETS))
        return SW_BAD_DATA;
    struct pin_state then = { a->data.p + PIN_OCTETS, 0, ENABLED };
    sw = pin_try(u, index, bytes_slice(a->data, 0, PIN_OCTETS), then);
    if (sw == SW_OK)
        u->verified[index] = true;
    return sw;
}

/* From enabled to `use` or the other way. */
static unsigned pin_switch(struct uicc *u, int index, const struct apdu *a, struct pin_state then)
{
    const struct saip_pin *pin = pin_at(u, index);
    if (a->data.n != PIN_OCTETS)
        return SW_WRONG_LENGTH;
    if (pin->enabled == (then.use == ENABLED))
        return SW_DATA_INVALIDATED;
    if (then.use != ENABLED && !pin->may_disable)
        return SW_CONDITIONS;
    unsigned sw = pin_try(u, index, a->data, then);
    if (sw == SW_OK)
        u->verified[index] = then.use == ENABLED;
    return sw;
}

/* P1 b8: another PIN stands for it, whose number is b5 to b1; only the universal PIN can be that (11.1.11). */
static unsigned replacement(const struct uicc *u, int index, const struct apdu *a, struct pin_state *then)
{
    then->use = a->p1 ? REPLACED : DISABLED;
    if (a->p1 != 0 && a->p1 != 0x80 && a->p1 != (0x80 | UNIVERSAL_PIN))
        return SW_WRONG_P1P2;
    bool there = universal(u) >= 0 && universal(u) != index;
    return a->p1 && !there ? SW_REFERENCE_NOT_FOUND : 0;
}

unsigned uicc_disable_pin(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    struct pin_state then;
    int index;
    (void)out;
    unsigned sw = pin_named(u, c, a, &index);
    if (!sw) {
        then = state_of(pin_at(u, index));
        sw = replacement(u, index, a, &then);
    }
    return sw ? sw : pin_switch(u, index, a, then);
}

unsigned uicc_enable_pin(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    int index;
    (void)out;
    unsigned sw = a->p1 ? SW_WRONG_P1P2 : pin_named(u, c, a, &index);
    return sw ? sw : pin_switch(u, index, a, (struct pin_state){ pin_at(u, index)->value, 0, ENABLED });
}

/* ------------------------------------------------------------------------- unblocking */

static struct saip_puk *puk_of(const struct uicc *u, const struct saip_pin *pin)
{
    struct saip_image *m = &u->profile->image;
    for (size_t i = 0; pin->unblocking && i < m->n_puks; i++)
        if (m->puks[i].reference == pin->unblocking)
            return &m->puks[i];
    return NULL;
}

static int puk_store(struct uicc *u, const struct saip_puk *puk, uint8_t left)
{
    uint8_t number = (uint8_t)(puk - u->profile->image.puks);
    struct nvm_record r = { .type = REC_PUK,
                            .field = { u->profile->iccid, bytes_make(&number, 1), bytes_make(&left, 1) } };
    return u->change(u->context, &r);
}

/* As pin_try.  A power cut between the two changes leaves all tries of the PUK and the PIN as it was. */
static unsigned puk_try(struct uicc *u, struct saip_puk *puk, int index, struct bytes data)
{
    if (puk->left == 0)
        return SW_BLOCKED;
    if (puk_store(u, puk, (uint8_t)(puk->left - 1)) != 0)
        return SW_MEMORY;
    if (!bytes_equal_secret(bytes_slice(data, 0, PIN_OCTETS), bytes_make(puk->value, PIN_OCTETS)))
        return SW_TRIES_LEFT | puk->left;
    struct pin_state then = { data.p + PIN_OCTETS, pin_at(u, index)->max, ENABLED };
    if (puk_store(u, puk, puk->max) != 0 || pin_store(u, index, then) != 0)
        return SW_MEMORY;
    u->verified[index] = true;
    return SW_OK;
}

unsigned uicc_unblock_pin(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    int index;
    (void)out;
    unsigned sw = a->p1 ? SW_WRONG_P1P2 : pin_named(u, c, a, &index);
    if (sw)
        return sw;
    struct saip_puk *puk = puk_of(u, pin_at(u, index));
    if (!puk)
        return SW_REFERENCE_NOT_FOUND;
    if (a->data.n == 0)
        return SW_TRIES_LEFT | puk->left;
    if (a->data.n != 2 * PIN_OCTETS)
        return SW_WRONG_LENGTH;
    return well_formed(a->p2, a->data.p + PIN_OCTETS) ? puk_try(u, puk, index, a->data) : SW_BAD_DATA;
}
