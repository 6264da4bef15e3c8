/* SPDX-License-Identifier: Apache-2.0 */
#include "euicc/uicc.h"

#include "asn1/tlv.h"

/* The default file system, which nothing changes: an MF. */
static struct saip_file bare_mf = { .name = "MF", .fid = 0x3F00, .type = SAIP_MF, .lcsi = 5 };
static struct euicc_profile bare = { .image.mf = &bare_mf };

void uicc_start(struct uicc *u, struct euicc_profile *p)
{
    u->profile = p ? p : &bare;
    memset(u->verified, 0, sizeof u->verified);
}

void uicc_channel_start(const struct uicc *u, struct uicc_channel *c)
{
    *c = (struct uicc_channel){ .df = u->profile ? u->profile->image.mf : NULL };
}

/* -------------------------------------------------------------------------- selection */

/* File descriptor byte, shareable (TS 102 221 11.1.1.4.3). */
static const uint8_t descriptors[] = {
    [SAIP_MF] = 0x78, [SAIP_ADF] = 0x78, [SAIP_DF] = 0x78, [SAIP_TRANSPARENT] = 0x41,
    [SAIP_LINEAR] = 0x42, [SAIP_CYCLIC] = 0x46, [SAIP_BERTLV] = 0x79,
};

static void fcp_descriptor(struct buf *out, const struct saip_file *f)
{
    bool records = f->record_length && (f->type == SAIP_LINEAR || f->type == SAIP_CYCLIC);
    tlv_header(out, 0x82, records ? 5 : 2);
    buf_u8(out, descriptors[f->type]);
    buf_u8(out, 0x21);
    if (records) {
        buf_u16(out, f->record_length);
        buf_u8(out, f->size / f->record_length);
    }
}

/* PIN status template DO: C6 { 90 enabled bits, then 83 and a reference each } (9.5.2). */
static void fcp_pins(struct buf *out, const struct uicc *u, const struct saip_file *f)
{
    struct buf inside = buf_in(out->arena);
    const struct uicc_channel c = { .df = (struct saip_file *)(uintptr_t)f,
                                    .adf = f->type == SAIP_ADF ? (struct saip_file *)(uintptr_t)f : NULL };
    uint8_t bits = 0;
    for (size_t i = 0; i < f->pst.n && i < 8; i++) {
        int pin = uicc_pin(u, &c, f->pst.p[i]);
        if (pin >= 0 && u->profile->image.pins[pin].enabled)
            bits |= (uint8_t)(0x80 >> i);
    }
    tlv_add(&inside, 0x90, bytes_make(&bits, 1));
    for (size_t i = 0; i < f->pst.n; i++)
        tlv_add(&inside, 0x83, bytes_slice(f->pst, i, 1));
    tlv_add(out, 0xC6, buf_bytes(&inside));
}

static void fcp_body(struct buf *out, const struct uicc *u, const struct saip_file *f)
{
    const uint8_t fid[2] = { (uint8_t)(f->fid >> 8), (uint8_t)f->fid };
    const uint8_t special[3] = { 0xC0, 1, f->special };
    const uint8_t arr[3] = { (uint8_t)(f->arr_fid >> 8), (uint8_t)f->arr_fid, f->arr_record };
    const uint8_t size[2] = { (uint8_t)(f->size >> 8), (uint8_t)f->size }, sfi = (uint8_t)(f->sfi << 3);
    fcp_descriptor(out, f);
    if (f->type != SAIP_ADF)
        tlv_add(out, 0x83, BYTES_OF(fid));
    if (f->type == SAIP_ADF)
        tlv_add(out, 0x84, f->aid);
    /* 87: TERMINAL CAPABILITY is wanted (TS 102 221 11.1.1.4.6, SGP.22 3.4.2) */
    tlv_add(out, 0xA5,
            f->type == SAIP_MF ? BYTES_LIT("\x80\x01\x71\x87\x01\x01")
            : saip_is_df(f)    ? BYTES_LIT("\x80\x01\x71")
                               : BYTES_OF(special));
    tlv_add(out, 0x8A, bytes_make(&f->lcsi, 1));
    if (f->arr_fid)
        tlv_add(out, 0x8B, BYTES_OF(arr));
    else
        tlv_add(out, 0x8C, BYTES_LIT("\x00")); /* nothing may be done with it */
    if (saip_is_df(f)) {
        fcp_pins(out, u, f);
        return;
    }
    tlv_add(out, 0x80, BYTES_OF(size));
    tlv_add(out, 0x88, bytes_make(&sfi, f->sfi ? 1 : 0));
}

static void fcp(struct buf *out, const struct uicc *u, const struct saip_file *f)
{
    struct buf inside = buf_in(out->arena);
    fcp_body(&inside, u, f);
    tlv_add(out, 0x62, buf_bytes(&inside));
}

unsigned uicc_select(struct uicc *u, struct uicc_channel *c, struct saip_file *f, const struct apdu *a, struct buf *out)
{
    if (!f)
        return SW_NOT_FOUND;
    if ((a->p2 & 0x0C) == 0x08)
        return SW_WRONG_P1P2;
    if (saip_is_df(f)) {
        c->df = f;
        c->ef = NULL;
        if (f->type == SAIP_ADF)
            c->adf = f;
    } else {
        c->df = f->parent;
        c->ef = f;
    }
    c->record = 0;
    if ((a->p2 & 0x0C) == 0x0C)
        return SW_OK;
    fcp(out, u, f);
    return SW_OK;
}

/* TS 102 221 8.4.1: what a FID can mean from the current directory. */
static struct saip_file *by_fid(const struct uicc *u, const struct uicc_channel *c, uint16_t fid)
{
    struct saip_file *df = c->df, *f;
    if (fid == 0x3F00)
        return u->profile->image.mf;
    if (fid == 0x7FFF)
        return c->adf;
    if (df->fid == fid && df->type == SAIP_DF)
        return df;
    f = saip_child(df, fid);
    if (f && f->type != SAIP_ADF)
        return f;
    if (df->parent && df->parent->fid == fid && df->parent->type == SAIP_DF)
        return df->parent;
    f = df->parent ? saip_child(df->parent, fid) : NULL;
    return f && f->type == SAIP_DF ? f : NULL;
}

static struct saip_file *by_path(const struct uicc *u, const struct uicc_channel *c, struct bytes path, bool from_mf)
{
    struct saip_file *f = from_mf ? u->profile->image.mf : c->df;
    for (size_t i = 0; f && i + 1 < path.n; i += 2) {
        uint16_t fid = (uint16_t)(path.p[i] << 8 | path.p[i + 1]);
        if (i == 0 && fid == 0x7FFF && from_mf)
            f = c->adf;
        else if (!(i == 0 && fid == 0x3F00))
            f = saip_child(f, fid);
        if (f && f->type == SAIP_ADF && fid != 0x7FFF)
            return NULL; /* its FID is temporary */
    }
    return path.n % 2 ? NULL : f;
}

struct saip_file *uicc_adf(const struct uicc *u, unsigned index)
{
    struct saip_file *f = u->profile ? u->profile->image.mf->children : NULL;
    while (f && (f->type != SAIP_ADF || index-- > 0))
        f = f->next;
    return f;
}

static unsigned select(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    struct bytes d = a->data;
    switch (a->p1) {
    case 0x00:
        if (d.n == 0)
            return uicc_select(u, c, u->profile->image.mf, a, out);
        return d.n == 2 ? uicc_select(u, c, by_fid(u, c, (uint16_t)(d.p[0] << 8 | d.p[1])), a, out) : SW_WRONG_LENGTH;
    case 0x01: {
        struct saip_file *f = d.n == 2 ? saip_child(c->df, (uint16_t)(d.p[0] << 8 | d.p[1])) : NULL;
        return uicc_select(u, c, f && f->type == SAIP_DF ? f : NULL, a, out);
    }
    case 0x03:
        return uicc_select(u, c, c->df->parent, a, out);
    case 0x08:
    case 0x09:
        return d.n ? uicc_select(u, c, by_path(u, c, d, a->p1 == 0x08), a, out) : SW_WRONG_LENGTH;
    default:
        return SW_WRONG_P1P2;
    }
}

static unsigned status(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    if (a->p1 > 2)
        return SW_WRONG_P1P2;
    if (a->p2 == 0x00)
        fcp(out, u, c->df);
    else if (a->p2 == 0x01 && c->adf)
        tlv_add(out, 0x84, c->adf->aid);
    else if (a->p2 != 0x0C)
        return SW_WRONG_P1P2;
    return SW_OK;
}

/* ----------------------------------------------------------------------- using an EF */

static struct saip_file *by_sfi(const struct uicc_channel *c, uint8_t sfi)
{
    for (struct saip_file *f = c->df->children; f; f = f->next)
        if (!saip_is_df(f) && f->sfi == sfi)
            return f;
    return NULL;
}

/* The EF that a command means, made current; 0 or a status word. */
static unsigned target(struct uicc *u, struct uicc_channel *c, bool with_sfi, uint8_t sfi, uint8_t mode, uint8_t ins)
{
    if (with_sfi) {
        struct saip_file *f = by_sfi(c, sfi);
        if (!f)
            return SW_NOT_FOUND;
        if (c->ef != f)
            c->record = 0;
        c->ef = f;
    }
    if (!c->ef)
        return SW_NO_EF_SELECTED;
    bool active = c->ef->lcsi & 1;
    if (!active && !(c->ef->special & 0x40) && mode <= ACCESS_UPDATE)
        return SW_DATA_INVALIDATED;
    return uicc_allowed(u, c, c->ef, mode, ins) ? 0 : SW_SECURITY;
}

static int file_change(struct uicc *u, const struct saip_file *f, size_t offset, struct bytes data)
{
    const struct saip_file *real = f->link ? f->link : f;
    uint8_t number[4], at[4];
    for (int i = 0; i < 4; i++) {
        number[i] = (uint8_t)(real->number >> (24 - 8 * i));
        at[i] = (uint8_t)(offset >> (24 - 8 * i));
    }
    struct nvm_record r = { .type = REC_FILE,
                            .field = { u->profile->iccid, BYTES_OF(number), BYTES_OF(at), data } };
    return u->change(u->context, &r);
}

static unsigned binary_place(struct uicc *u, struct uicc_channel *c, const struct apdu *a, uint8_t mode, size_t *offset)
{
    bool with_sfi = a->p1 & 0x80;
    unsigned sw = target(u, c, with_sfi, a->p1 & 0x1F, mode, 0);
    if (sw)
        return sw;
    if (c->ef->type != SAIP_TRANSPARENT)
        return SW_WRONG_STRUCTURE;
    *offset = with_sfi ? a->p2 : (size_t)a->p1 << 8 | a->p2;
    return *offset > c->ef->size || (*offset == c->ef->size && mode == ACCESS_READ) ? SW_WRONG_OFFSET : 0;
}

static unsigned read_binary(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    size_t offset, n;
    unsigned sw = binary_place(u, c, a, ACCESS_READ, &offset);
    if (sw)
        return sw;
    n = c->ef->size - offset;
    if (a->le && a->le != 256 && (size_t)a->le > n)
        return SW_WRONG_LE | (n & 0xFF);
    if (a->le && (size_t)a->le < n)
        n = (size_t)a->le;
    buf_add(out, bytes_make(c->ef->body + offset, n > 256 ? 256 : n));
    return SW_OK;
}

static unsigned update_binary(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    size_t offset;
    (void)out;
    unsigned sw = binary_place(u, c, a, ACCESS_UPDATE, &offset);
    if (sw)
        return sw;
    if (a->data.n == 0 || a->data.n > c->ef->size - offset)
        return SW_WRONG_LENGTH;
    return file_change(u, c->ef, offset, a->data) == 0 ? SW_OK : SW_INTERNAL;
}

static unsigned records_of(const struct saip_file *f)
{
    return f->record_length ? f->size / f->record_length : 0;
}

/* Resolves modes 2 (next), 3 (previous), 4 (absolute or current) to a record number from 1. */
static unsigned record_place(struct uicc *u, struct uicc_channel *c, const struct apdu *a, uint8_t mode,
                             unsigned *number)
{
    uint8_t sfi = a->p2 >> 3;
    unsigned sw = target(u, c, sfi != 0, sfi, mode, 0);
    if (sw)
        return sw;
    if (c->ef->type != SAIP_LINEAR && c->ef->type != SAIP_CYCLIC)
        return SW_WRONG_STRUCTURE;
    unsigned n = records_of(c->ef);
    bool cyclic = c->ef->type == SAIP_CYCLIC;
    switch (a->p2 & 7) {
    case 2:
        *number = c->record < n ? c->record + 1u : cyclic ? 1 : 0;
        break;
    case 3:
        *number = c->record == 0 ? n : c->record > 1 ? c->record - 1u : cyclic ? n : 0;
        break;
    case 4:
        *number = a->p1 ? a->p1 : c->record;
        break;
    default:
        return SW_WRONG_P1P2;
    }
    return *number >= 1 && *number <= n ? 0 : SW_RECORD_NOT_FOUND;
}

static unsigned read_record(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    unsigned number, sw = record_place(u, c, a, ACCESS_READ, &number);
    if (sw)
        return sw;
    size_t n = c->ef->record_length;
    if (a->le && a->le != 256 && (size_t)a->le != n)
        return SW_WRONG_LE | (n & 0xFF);
    if ((a->p2 & 7) != 4)
        c->record = (uint16_t)number;
    buf_add(out, bytes_make(c->ef->body + (number - 1) * n, n));
    return SW_OK;
}

/* A cyclic file takes the new record as number 1; the oldest falls out (TS 102 221 8.2.2.3). */
static unsigned cyclic_put(struct uicc *u, struct uicc_channel *c, struct bytes record, struct buf *out)
{
    struct saip_file *f = c->ef;
    struct buf body = buf_in(out->arena);
    buf_add(&body, record);
    buf_add(&body, bytes_make(f->body, f->size - f->record_length));
    struct bytes all = buf_bytes(&body);
    if (!all.p || file_change(u, f, 0, all) != 0)
        return SW_INTERNAL;
    c->record = 1;
    return SW_OK;
}

static unsigned update_record(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    unsigned number, sw = record_place(u, c, a, ACCESS_UPDATE, &number);
    if (sw)
        return sw;
    if (a->data.n != c->ef->record_length)
        return SW_WRONG_LENGTH;
    if (c->ef->type == SAIP_CYCLIC)
        return (a->p2 & 7) == 3 ? cyclic_put(u, c, a->data, out) : SW_WRONG_P1P2;
    if ((a->p2 & 7) != 4)
        c->record = (uint16_t)number;
    return file_change(u, c->ef, (number - 1) * (size_t)c->ef->record_length, a->data) == 0 ? SW_OK : SW_INTERNAL;
}

/* Simple search forward from P1 (P2 mode 4): numbers of the records that hold the pattern. */
static unsigned search_record(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    uint8_t sfi = a->p2 >> 3;
    unsigned sw = target(u, c, sfi != 0, sfi, ACCESS_READ, 0);
    if (sw)
        return sw;
    if (c->ef->type != SAIP_LINEAR && c->ef->type != SAIP_CYCLIC)
        return SW_WRONG_STRUCTURE;
    if ((a->p2 & 7) != 4)
        return SW_WRONG_P1P2;
    if (a->data.n == 0 || a->data.n > c->ef->record_length)
        return SW_WRONG_LENGTH;
    size_t length = c->ef->record_length, found = 0;
    for (unsigned i = a->p1 ? a->p1 : 1; i <= records_of(c->ef); i++)
        if (memmem(c->ef->body + (i - 1) * length, length, a->data.p, a->data.n)) {
            if (!found++)
                c->record = (uint16_t)i;
            buf_u8(out, i);
        }
    return found ? SW_OK : SW_RECORD_NOT_FOUND;
}

static unsigned increase(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    bool with_sfi = a->p1 & 0x80;
    unsigned sw = target(u, c, with_sfi, a->p1 & 0x1F, 0, a->ins);
    if (sw)
        return sw;
    if (c->ef->type != SAIP_CYCLIC)
        return SW_WRONG_STRUCTURE;
    size_t n = c->ef->record_length;
    if (a->data.n == 0 || a->data.n > n)
        return SW_WRONG_LENGTH;
    uint8_t *sum = arena_alloc(out->arena, n);
    if (!sum)
        return SW_INTERNAL;
    unsigned carry = 0;
    for (size_t i = 0; i < n; i++) {
        size_t at = n - 1 - i;
        carry += c->ef->body[at] + (i < a->data.n ? a->data.p[a->data.n - 1 - i] : 0u);
        sum[at] = (uint8_t)carry;
        carry >>= 8;
    }
    if (carry)
        return 0x9850; /* maximum reached: TS 102 221 10.2.1.7 */
    sw = cyclic_put(u, c, bytes_make(sum, n), out);
    if (sw == SW_OK) {
        buf_add(out, bytes_make(sum, n));
        buf_add(out, a->data);
    }
    return sw;
}

static unsigned life_cycle(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    (void)out;
    bool on = a->ins == 0x44;
    if (a->p1 != 0 || a->p2 != 0)
        return SW_WRONG_P1P2;
    if (a->data.n == 2)
        c->ef = saip_child(c->df, (uint16_t)(a->data.p[0] << 8 | a->data.p[1]));
    unsigned sw = target(u, c, false, 0, on ? ACCESS_ACTIVATE : ACCESS_DEACTIVATE, 0);
    if (sw)
        return sw;
    const struct saip_file *real = c->ef->link ? c->ef->link : c->ef;
    uint8_t number[4], state = on ? 5 : 4;
    for (int i = 0; i < 4; i++)
        number[i] = (uint8_t)(real->number >> (24 - 8 * i));
    struct nvm_record r = { .type = REC_LCSI,
                            .field = { u->profile->iccid, BYTES_OF(number), bytes_make(&state, 1) } };
    return u->change(u->context, &r) == 0 ? SW_OK : SW_INTERNAL;
}

/* --------------------------------------------------------------------------- commands */

static const struct {
    uint8_t ins;
    bool proprietary; /* class 8x or Cx; else 0x or 4x */
    unsigned (*run)(struct uicc *, struct uicc_channel *, const struct apdu *, struct buf *);
} commands[] = {
    { 0xA4, false, select },
    { 0xF2, true, status },
    { 0xB0, false, read_binary },
    { 0xD6, false, update_binary },
    { 0xB2, false, read_record },
    { 0xDC, false, update_record },
    { 0xA2, false, search_record },
    { 0x32, true, increase },
    { 0x20, false, uicc_verify },
    { 0x24, false, uicc_change_pin },
    { 0x26, false, uicc_disable_pin },
    { 0x28, false, uicc_enable_pin },
    { 0x2C, false, uicc_unblock_pin },
    { 0x04, false, life_cycle },
    { 0x44, false, life_cycle },
    { 0x88, false, uicc_authenticate },
    { 0x78, true, uicc_get_identity },
};

unsigned uicc_command(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (commands[i].ins != a->ins)
            continue;
        if (commands[i].proprietary != (bool)(a->cla & 0x80))
            return SW_WRONG_CLA;
        if (!u->profile || !c->df)
            return a->ins == 0xA4 ? SW_NOT_FOUND : SW_CONDITIONS;
        return commands[i].run(u, c, a, out);
    }
    return SW_WRONG_INS;
}
