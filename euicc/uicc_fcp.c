/* SPDX-License-Identifier: Apache-2.0
 *
 * File control parameters: TS 102 221 11.1.1.3, 11.1.1.4. */
#include "asn1/tlv.h"
#include "euicc/uicc_inside.h"

enum { USED = 0x08, UNUSED = 0x00 }; /* usage qualifier of the universal PIN (9.5.2) */

/* File descriptor byte, shareable (11.1.1.4.3). */
static const uint8_t descriptors[] = {
    [SAIP_MF] = 0x78, [SAIP_ADF] = 0x78, [SAIP_DF] = 0x78, [SAIP_TRANSPARENT] = 0x41,
    [SAIP_LINEAR] = 0x42, [SAIP_CYCLIC] = 0x46, [SAIP_BERTLV] = 0x79,
};

static void descriptor(struct buf *out, const struct saip_file *f)
{
    bool records = TYPES_RECORDS >> f->type & 1;
    tlv_header(out, 0x82, records ? 5 : 2);
    buf_u8(out, descriptors[f->type]);
    buf_u8(out, 0x21);
    if (records) {
        buf_u16(out, f->record_length);
        buf_u8(out, uicc_records(f));
    }
}

/* Two octets at least, as all sizes here. */
static void add_size(struct buf *out, uint32_t tag, size_t size)
{
    tlv_header(out, tag, 2);
    buf_u16(out, (unsigned)size);
}

static void add_objects(struct buf *out, const struct saip_file *f)
{
    add_size(out, 0x83, f->size - saip_real(f)->used);
    tlv_add(out, 0x84, BYTES_LIT("\x01")); /* DER alone */
    add_size(out, 0x85, f->reserved);
    if (f->max_size)
        add_size(out, 0x86, f->max_size);
}

static void proprietary(struct buf *out, const struct saip_file *f)
{
    struct buf inside = buf_in(out->arena);
    if (saip_is_df(f))
        tlv_add(&inside, 0x80, BYTES_LIT("\x71")); /* any clock stop, 5 V, 3 V, 1.8 V */
    if (f->type == SAIP_MF)
        tlv_add(&inside, 0x87, BYTES_LIT("\x01")); /* TERMINAL CAPABILITY is wanted (SGP.22 3.4.2) */
    if (f->type == SAIP_BERTLV)
        add_objects(&inside, f);
    if (!saip_is_df(f))
        tlv_add(&inside, 0xC0, bytes_make(&f->special, 1));
    tlv_add(out, 0xA5, buf_bytes(&inside));
}

/* By reference to EF.ARR (9.2.7); without one nothing may be done with the file, in the compact form. */
static void security(struct buf *out, const struct saip_file *f)
{
    const uint8_t arr[3] = { (uint8_t)(f->arr_fid >> 8), (uint8_t)f->arr_fid, f->arr_record };
    if (f->arr_fid)
        tlv_add(out, 0x8B, BYTES_OF(arr));
    else
        tlv_add(out, 0x8C, BYTES_LIT("\x00"));
}

static const struct saip_pin *pin_of(const struct uicc *u, const struct saip_file *f, size_t i)
{
    int pin = uicc_pin_from(u, f, f->type == SAIP_ADF ? f : NULL, f->pst.p[i]);
    return pin >= 0 ? &u->profile->image.pins[pin] : NULL;
}

/* PIN status template: 90 { a bit for each that is enabled }, then their references; that of the universal PIN behind
 * what says whether it stands for one of the others (9.5.2). */
static void pins(struct buf *out, const struct uicc *u, const struct saip_file *f)
{
    struct buf inside = buf_in(out->arena);
    uint8_t bits[(UINT8_MAX + 1) / 8] = { 0 }, usage = UNUSED;
    for (size_t i = 0; i < f->pst.n && i <= UINT8_MAX; i++) {
        const struct saip_pin *pin = pin_of(u, f, i);
        if (pin && pin->enabled)
            bits[i / 8] |= (uint8_t)(0x80 >> i % 8);
        if (pin && pin->replaced)
            usage = USED;
    }
    tlv_add(&inside, 0x90, bytes_make(bits, f->pst.n > 8 ? (f->pst.n + 7) / 8 : 1));
    for (size_t i = 0; i < f->pst.n; i++) {
        if (f->pst.p[i] == UNIVERSAL_PIN)
            tlv_add(&inside, 0x95, bytes_make(&usage, 1));
        tlv_add(&inside, 0x83, bytes_slice(f->pst, i, 1));
    }
    tlv_add(out, 0xC6, buf_bytes(&inside));
}

static void body(struct buf *out, const struct uicc *u, const struct saip_file *f)
{
    const uint8_t fid[2] = { (uint8_t)(f->fid >> 8), (uint8_t)f->fid }, sfi = (uint8_t)(f->sfi << 3);
    descriptor(out, f);
    if (f->type == SAIP_ADF)
        tlv_add(out, 0x84, f->aid); /* its FID is temporary */
    else
        tlv_add(out, 0x83, BYTES_OF(fid));
    proprietary(out, f);
    tlv_add(out, 0x8A, bytes_make(&f->lcsi, 1));
    security(out, f);
    if (saip_is_df(f)) {
        pins(out, u, f);
        return;
    }
    add_size(out, 0x80, f->type == SAIP_BERTLV ? f->reserved : f->size);
    tlv_add(out, 0x88, bytes_make(&sfi, f->sfi ? 1 : 0)); /* absent, the FID would tell one (11.1.1.4.8) */
}

void uicc_fcp(struct buf *out, const struct uicc *u, const struct saip_file *f)
{
    struct buf inside = buf_in(out->arena);
    body(&inside, u, f);
    tlv_add(out, 0x62, buf_bytes(&inside));
}
