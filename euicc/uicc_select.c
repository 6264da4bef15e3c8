/* SPDX-License-Identifier: Apache-2.0
 *
 * SELECT (but by AID: channel.c) and STATUS: TS 102 221 8.4, 11.1.1, 11.1.2. */
#include "asn1/tlv.h"
#include "euicc/uicc_inside.h"

struct saip_file *uicc_adf(const struct uicc *u, unsigned index)
{
    struct saip_file *f = u->profile ? u->profile->image.mf->children : NULL;
    while (f && (f->type != SAIP_ADF || index-- > 0))
        f = f->next;
    return f;
}

/* P2 b5 to b3: what is answered. */
enum answer { ANSWER_FCI = 0x00, ANSWER_FCP = 0x04, ANSWER_NOTHING = 0x0C };

static bool answer_known(uint8_t p2)
{
    uint8_t answer = p2 & 0x1C;
    return !(p2 & 0x80) && (answer == ANSWER_FCI || answer == ANSWER_FCP || answer == ANSWER_NOTHING);
}

static bool is_active(const struct saip_file *f)
{
    return f->lcsi & 1;
}

unsigned uicc_select(struct uicc *u, struct uicc_channel *c, struct saip_file *f, const struct apdu *a, struct buf *out)
{
    if (!answer_known(a->p2))
        return SW_WRONG_P1P2;
    if (!f)
        return SW_NOT_FOUND;
    bool directory = saip_is_df(f);
    c->df = directory ? f : f->parent;
    c->ef = directory ? NULL : f;
    c->adf = f->type == SAIP_ADF ? f : c->adf;
    c->record = 0;
    uicc_blocks_end(c);
    if ((a->p2 & 0x1C) != ANSWER_NOTHING)
        uicc_fcp(out, u, f);
    return directory || is_active(f) ? SW_OK : SW_DEACTIVATED;
}

/* What a FID can mean from the current directory, in the order of 11.1.1.2; which of them at all: 8.4.1. */
static struct saip_file *by_fid(const struct uicc *u, const struct uicc_channel *c, uint16_t fid)
{
    struct saip_file *df = c->df, *f;
    if (fid == UICC_MF)
        return u->profile->image.mf;
    if (fid == UICC_ADF)
        return c->adf;
    f = saip_child(df, fid);
    if (f && f->type != SAIP_ADF)
        return f;
    if (df->fid == fid && df->type == SAIP_DF)
        return df;
    if (df->parent && df->parent->fid == fid && df->parent->type == SAIP_DF)
        return df->parent;
    f = df->parent ? saip_child(df->parent, fid) : NULL;
    return f && f->type == SAIP_DF ? f : NULL;
}

/* One step down; the FID of an ADF is temporary, no path goes through it. */
static struct saip_file *step(const struct saip_file *f, uint16_t fid)
{
    struct saip_file *child = saip_is_df(f) ? saip_child(f, fid) : NULL;
    return child && child->type != SAIP_ADF ? child : NULL;
}

struct saip_file *uicc_by_path(const struct uicc *u, const struct uicc_channel *c, struct bytes path, bool from_mf)
{
    struct cursor k = cursor_over(path);
    struct saip_file *f = from_mf ? u->profile->image.mf : c->df;
    while (f && cursor_left(&k) >= 2) {
        bool first = cursor_offset(&k) == 0;
        uint16_t fid = cursor_u16(&k);
        if (first && from_mf && fid == UICC_ADF)
            f = c->adf;
        else if (!(first && from_mf && fid == UICC_MF))
            f = step(f, fid);
    }
    return cursor_done(&k) ? f : NULL;
}

static uint16_t fid_of(struct bytes b)
{
    return (uint16_t)(b.p[0] << 8 | b.p[1]);
}

/* Without data it is the MF, and then nothing is answered (11.1.1.2). */
static unsigned select_by_fid(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    if (a->data.n == 0 && (a->p2 & 0x1C) != ANSWER_NOTHING)
        return SW_WRONG_P1P2;
    if (a->data.n == 0)
        return uicc_select(u, c, u->profile->image.mf, a, out);
    return a->data.n == 2 ? uicc_select(u, c, by_fid(u, c, fid_of(a->data)), a, out) : SW_WRONG_LENGTH;
}

static unsigned select_child(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    struct saip_file *f = a->data.n == 2 ? step(c->df, fid_of(a->data)) : NULL;
    return a->data.n != 2 ? SW_WRONG_LENGTH : uicc_select(u, c, f && saip_is_df(f) ? f : NULL, a, out);
}

static unsigned select_parent(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    return a->data.n ? SW_WRONG_LENGTH : uicc_select(u, c, c->df->parent, a, out);
}

static unsigned select_by_path(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    return a->data.n ? uicc_select(u, c, uicc_by_path(u, c, a->data, a->p1 == 0x08), a, out) : SW_WRONG_LENGTH;
}

unsigned uicc_select_command(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    static const struct {
        uint8_t p1;
        uicc_run *run;
    } ways[] = { { 0x00, select_by_fid }, { 0x01, select_child }, { 0x03, select_parent },
                 { 0x08, select_by_path }, { 0x09, select_by_path } };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (ways[i].p1 == a->p1)
            return ways[i].run(u, c, a, out);
    return SW_WRONG_P1P2;
}

unsigned uicc_status(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    if (a->p1 > 2)
        return SW_WRONG_P1P2;
    if (a->data.n)
        return SW_WRONG_LENGTH;
    if (a->p2 == 0x00)
        uicc_fcp(out, u, c->df);
    else if (a->p2 == 0x01 && c->adf)
        tlv_add(out, 0x84, c->adf->aid);
    else if (a->p2 != 0x0C)
        return SW_WRONG_P1P2;
    return SW_OK;
}
