/* SPDX-License-Identifier: Apache-2.0
 *
 * PINs: TS 102 221 9.4, 9.5, 11.1.9 to 11.1.13. */
#include "euicc/uicc.h"

int uicc_pin(const struct uicc *u, const struct uicc_channel *c, uint8_t reference)
{
    const struct saip_image *m = &u->profile->image;
    const struct saip_pin *pin = saip_pin_in(m, c->df, reference);
    if (!pin && c->adf)
        pin = saip_pin_in(m, c->adf, reference);
    return pin ? (int)(pin - m->pins) : -1;
}

bool uicc_application_pin(const struct uicc *u, const struct uicc_channel *c)
{
    for (size_t i = 0; i < c->adf->pst.n; i++) {
        uint8_t reference = c->adf->pst.p[i];
        if (reference < 0x01 || reference > 0x08)
            continue;
        int pin = uicc_pin(u, c, reference);
        return pin >= 0 && (u->verified[pin] || !u->profile->image.pins[pin].enabled);
    }
    return true;
}

static int pin_store(struct uicc *u, int index, const uint8_t value[8], uint8_t left, bool enabled)
{
    uint8_t number = (uint8_t)index, on = enabled;
    struct nvm_record r = { .type = REC_PIN,
                            .field = { u->profile->iccid, bytes_make(&number, 1), bytes_make(value, 8),
                                       bytes_make(&left, 1), bytes_make(&on, 1) } };
    return u->change(u->context, &r);
}

static struct saip_pin *pin_at(const struct uicc *u, int index)
{
    return &u->profile->image.pins[index];
}

/* The counter goes down before the comparison and is durable before the answer: cutting the
 * power gains no try. */
static unsigned pin_try(struct uicc *u, int index, struct bytes given)
{
    struct saip_pin *pin = pin_at(u, index);
    if (pin->left == 0)
        return SW_BLOCKED;
    uint8_t left = (uint8_t)(pin->left - 1);
    if (pin_store(u, index, pin->value, left, pin->enabled) != 0)
        return SW_INTERNAL;
    if (!bytes_equal_secret(given, bytes_make(pin->value, 8))) {
        u->verified[index] = false;
        return left ? 0x63C0u | left : SW_BLOCKED;
    }
    return pin_store(u, index, pin->value, pin->max, pin->enabled) == 0 ? SW_OK : SW_INTERNAL;
}

unsigned uicc_verify(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    (void)out;
    int index = a->p1 == 0 ? uicc_pin(u, c, a->p2) : -1;
    if (index < 0)
        return a->p1 ? SW_WRONG_P1P2 : SW_REFERENCE_NOT_FOUND;
    const struct saip_pin *pin = pin_at(u, index);
    if (a->data.n == 0)
        return pin->left ? 0x63C0u | pin->left : SW_BLOCKED;
    if (a->data.n != 8)
        return SW_WRONG_LENGTH;
    if (!pin->enabled)
        return SW_DATA_INVALIDATED;
    unsigned sw = pin_try(u, index, a->data);
    if (sw == SW_OK)
        u->verified[index] = true;
    return sw;
}

unsigned uicc_change_pin(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    (void)out;
    int index = a->p1 == 0 ? uicc_pin(u, c, a->p2) : -1;
    if (index < 0)
        return a->p1 ? SW_WRONG_P1P2 : SW_REFERENCE_NOT_FOUND;
    if (a->data.n != 16)
        return SW_WRONG_LENGTH;
    if (!pin_at(u, index)->enabled)
        return SW_DATA_INVALIDATED;
    if (!pin_at(u, index)->may_change)
        return SW_CONDITIONS;
    unsigned sw = pin_try(u, index, bytes_slice(a->data, 0, 8));
    if (sw != SW_OK)
        return sw;
    u->verified[index] = true;
    return pin_store(u, index, a->data.p + 8, pin_at(u, index)->max, true) == 0 ? SW_OK : SW_INTERNAL;
}

static unsigned pin_switch(struct uicc *u, struct uicc_channel *c, const struct apdu *a, bool on)
{
    int index = a->p1 == 0 ? uicc_pin(u, c, a->p2) : -1;
    if (index < 0)
        return a->p1 ? SW_WRONG_P1P2 : SW_REFERENCE_NOT_FOUND;
    if (a->data.n != 8)
        return SW_WRONG_LENGTH;
    const struct saip_pin *pin = pin_at(u, index);
    if (pin->enabled == on)
        return SW_DATA_INVALIDATED;
    if (!on && !pin->may_disable)
        return SW_CONDITIONS;
    unsigned sw = pin_try(u, index, a->data);
    if (sw != SW_OK)
        return sw;
    u->verified[index] = on;
    return pin_store(u, index, pin->value, pin->max, on) == 0 ? SW_OK : SW_INTERNAL;
}

unsigned uicc_disable_pin(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    (void)out;
    return pin_switch(u, c, a, false);
}

unsigned uicc_enable_pin(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    (void)out;
    return pin_switch(u, c, a, true);
}

static int puk_store(struct uicc *u, size_t index, uint8_t left)
{
    uint8_t number = (uint8_t)index;
    struct nvm_record r = { .type = REC_PUK,
                            .field = { u->profile->iccid, bytes_make(&number, 1), bytes_make(&left, 1) } };
    return u->change(u->context, &r);
}

unsigned uicc_unblock_pin(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    (void)out;
    struct saip_image *m = &u->profile->image;
    int index = a->p1 == 0 ? uicc_pin(u, c, a->p2) : -1;
    size_t k = 0;
    while (index >= 0 && k < m->n_puks && m->puks[k].reference != m->pins[index].unblocking)
        k++;
    if (index < 0 || k == m->n_puks)
        return a->p1 ? SW_WRONG_P1P2 : SW_REFERENCE_NOT_FOUND;
    struct saip_puk *puk = &m->puks[k];
    if (a->data.n == 0)
        return puk->left ? 0x63C0u | puk->left : SW_BLOCKED;
    if (a->data.n != 16)
        return SW_WRONG_LENGTH;
    if (puk->left == 0)
        return SW_BLOCKED;
    uint8_t left = (uint8_t)(puk->left - 1);
    if (puk_store(u, k, left) != 0)
        return SW_INTERNAL;
    if (!bytes_equal_secret(bytes_slice(a->data, 0, 8), bytes_make(puk->value, 8)))
        return left ? 0x63C0u | left : SW_BLOCKED;
    if (puk_store(u, k, puk->max) != 0 || pin_store(u, index, a->data.p + 8, m->pins[index].max, true) != 0)
        return SW_INTERNAL;
    u->verified[index] = true;
    return SW_OK;
}
