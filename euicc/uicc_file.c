/* SPDX-License-Identifier: Apache-2.0
 *
 * How commands reach an EF and change it; ACTIVATE FILE and DEACTIVATE FILE (TS 102 221 8.4.3, 11.1.14, 11.1.15). */
#include "euicc/uicc_inside.h"

static struct saip_file *by_sfi(const struct uicc_channel *c, uint8_t sfi)
{
    for (struct saip_file *f = c->df->children; f && sfi; f = f->next)
        if (!saip_is_df(f) && f->sfi == sfi)
            return f;
    return NULL;
}

enum { USABLE_INACTIVE = 0x40 }; /* special file information (11.1.1.4.6) */

/* A deactivated file can be activated, and some can be read and updated. */
static bool usable(const struct saip_file *f, uint8_t mode)
{
    return f->lcsi & 1 || mode & (ACCESS_ACTIVATE | ACCESS_DEACTIVATE) ||
           (f->special & USABLE_INACTIVE && mode & (ACCESS_READ | ACCESS_UPDATE));
}

unsigned uicc_reach(const struct uicc *u, const struct uicc_channel *c, struct uicc_want want, const struct apdu *a,
                    struct saip_file **out)
{
    struct saip_file *f = want.by_sfi ? by_sfi(c, want.sfi) : c->ef;
    *out = f;
    if (!f)
        return want.by_sfi ? SW_NOT_FOUND : SW_NO_EF_SELECTED;
    if (!(want.types >> f->type & 1))
        return SW_WRONG_STRUCTURE;
    if (!usable(f, want.mode))
        return SW_DATA_INVALIDATED;
    return uicc_allowed(u, c, f, want.mode, a) ? 0 : SW_SECURITY;
}

bool uicc_sfi_in_p1(const struct apdu *a, struct uicc_want *want)
{
    want->by_sfi = a->p1 & 0x80;
    want->sfi = a->p1 & 0x1F;
    return !want->by_sfi || !(a->p1 & 0x60);
}

void uicc_blocks_end(struct uicc_channel *c)
{
    c->reading.tag = 0;
    c->writing = NULL;
}

void uicc_use(struct uicc_channel *c, struct saip_file *f)
{
    if (c->ef == f)
        return;
    c->ef = f;
    c->record = 0;
    uicc_blocks_end(c);
}

struct bytes uicc_number(struct arena *a, const struct saip_file *f)
{
    return rec_number(a, f->number, 4);
}

int uicc_write(struct uicc *u, const struct saip_file *f, size_t offset, struct bytes data)
{
    uint8_t number[4], at[4];
    for (int i = 0; i < 4; i++) {
        number[i] = (uint8_t)(saip_real(f)->number >> (24 - 8 * i));
        at[i] = (uint8_t)(offset >> (24 - 8 * i));
    }
    struct nvm_record r = { .type = REC_FILE,
                            .field = { u->profile->iccid, BYTES_OF(number), BYTES_OF(at), data } };
    return u->change(u->context, &r);
}

/* -------------------------------------------------------------------- the life cycle */

enum { INS_ACTIVATE = 0x44, ACTIVATED = 5, DEACTIVATED = 4 }; /* life cycle: 11.1.1.4.9 */

/* The EF that data and P1 name; without data the current one. */
static unsigned named(const struct uicc *u, const struct uicc_channel *c, const struct apdu *a, struct saip_file **f)
{
    if (a->p2 != 0 || (a->p1 != 0x00 && a->p1 != 0x08 && a->p1 != 0x09))
        return SW_WRONG_P1P2;
    if (a->p1 == 0x00 && a->data.n != 0 && a->data.n != 2)
        return SW_WRONG_LENGTH;
    if (a->p1 != 0x00 && a->data.n == 0)
        return SW_WRONG_LENGTH;
    *f = a->data.n ? uicc_by_path(u, c, a->data, a->p1 == 0x08) : c->ef;
    if (!*f)
        return a->data.n ? SW_NOT_FOUND : SW_NO_EF_SELECTED;
    return saip_is_df(*f) ? SW_WRONG_STRUCTURE : 0;
}

/* A link has a life cycle of its own. */
static int life_cycle_store(struct uicc *u, struct arena *arena, const struct saip_file *f, uint8_t lcsi)
{
    struct nvm_record r = { .type = REC_LCSI,
                            .field = { u->profile->iccid, uicc_number(arena, f), bytes_make(&lcsi, 1) } };
    return r.field[1].p ? u->change(u->context, &r) : -1;
}

unsigned uicc_life_cycle(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    bool on = a->ins == INS_ACTIVATE;
    struct saip_file *f;
    unsigned sw = named(u, c, a, &f);
    if (sw)
        return sw;
    if (!uicc_allowed(u, c, f, on ? ACCESS_ACTIVATE : ACCESS_DEACTIVATE, a))
        return SW_SECURITY;
    if (life_cycle_store(u, out->arena, f, on ? ACTIVATED : DEACTIVATED) != 0)
        return SW_MEMORY;
    c->df = f->parent;
    uicc_use(c, f);
    return SW_OK;
}
