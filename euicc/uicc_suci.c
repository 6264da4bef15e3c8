/* SPDX-License-Identifier: Apache-2.0
 *
 * GET IDENTITY: TS 31.102 7.5, TS 102 221 11.1.20; how a USIM makes SUCIs: profile package 12.2.
 *
 * Status words, of those that TS 31.102 7.3.2 allows: 6A86 another context (also 02, that of 5G NSWO), 6700 with data,
 * 6985 no USIM that computes SUCIs is selected (services 124 and 125), 6982 its PIN is missing, 6A81 a SUPI that is
 * a GLI or GCI, 6A88 what a SUCI is made of is missing or malformed. */
#include "asn1/tlv.h"
#include "base/text.h"
#include "euicc/uicc.h"
#include "rsp/ids.h"
#include "rsp/mobile_identity.h"
#include "saip/suci_info.h"

enum { CONTEXT_SUCI = 0x01, TAG_SUCI = 0xA1 };
enum { SERVICE_PRIVACY = 124, SERVICE_BY_USIM = 125, SERVICE_NOT_IMSI = 130 }; /* TS 31.102 4.2.8 */
enum { EF_IMSI = 0x6F07, EF_AD = 0x6FAD, DF_5GS = 0x5FC0, DF_SAIP = 0x5FD0 };
enum { EF_SUPI_NAI = 0x4F09, EF_ROUTING_INDICATOR = 0x4F0A, EF_SUCI_CALC_INFO = 0x4F01 };
enum { TAG_NSI = 0x80, TAG_GLI = 0x81, TAG_GCI = 0x82 }; /* in EF.SUPI_NAI: 4.4.11.10 */

/* The USIM whose command this is, with the memory of its answer. */
struct usim {
    const struct saip_file *adf;
    struct arena *arena;
};

/* A transparent EF of the USIM's that is activated; absent if there is none. */
static struct bytes body(const struct saip_file *df, uint16_t fid)
{
    const struct saip_file *f = df ? saip_child(df, fid) : NULL;
    return f && f->type == SAIP_TRANSPARENT && f->lcsi & 1 ? bytes_make(f->body, f->size) : BYTES_NONE;
}

/* What went wrong: the files, or this card. */
static unsigned status_of(const struct err *e)
{
    switch (e->code) {
    case ERR_SYNTAX:
    case ERR_VALUE:
    case ERR_LIMIT:
    case ERR_UNSUPPORTED:
        return SW_REFERENCE_NOT_FOUND;
    default:
        return SW_INTERNAL;
    }
}

/* EF.IMSI (4.2.2): length, then a nibble with parity, then the digits; EF.AD (4.2.18) says how many are the MNC's. */
static unsigned imsi(const struct usim *u, struct suci *s)
{
    struct bytes file = body(u->adf, EF_IMSI), ad = body(u->adf, EF_AD), all;
    struct err e;
    size_t mnc = ad.n > 3 ? ad.p[3] & 15 : 0;
    if (file.n < 2 || file.p[0] == 0 || file.p[0] >= file.n || (mnc != 2 && mnc != 3))
        return SW_REFERENCE_NOT_FOUND;
    if (tbcd_read(u->arena, bytes_slice(file, 1, file.p[0]), 1, &all, &e) != 0)
        return status_of(&e);
    if (all.n <= 3 + mnc || all.n > 15)
        return SW_REFERENCE_NOT_FOUND;
    s->home = bytes_slice(all, 0, 3 + mnc);
    s->output.text = suci_input_imsi(u->arena, bytes_slice(all, 3 + mnc, all.n));
    return s->output.text.p ? 0 : SW_INTERNAL;
}

/* EF.SUPI_NAI: a network specific identifier is user name and realm. */
static unsigned nsi(const struct usim *u, struct suci *s)
{
    struct cursor c = cursor_over(body(saip_child(u->adf, DF_5GS), EF_SUPI_NAI));
    struct tlv t;
    if (cursor_done(&c) || tlv_next(&c, ASN1_WIRE, &t, NULL) != 0)
        return SW_REFERENCE_NOT_FOUND;
    if (t.tag == TAG_GLI || t.tag == TAG_GCI)
        return SW_NOT_SUPPORTED;
    s->type = SUPI_NSI;
    s->home = t.value;
    s->output.text = text_word(&s->home, '@');
    bool whole = t.tag == TAG_NSI && utf8_valid(t.value) && s->output.text.n && s->home.n && t.value.n <= SUCI_NAI_MAX;
    return whole ? 0 : SW_REFERENCE_NOT_FOUND;
}

/* Where none is configured it is 0 (TS 24.501 9.11.3.4). */
static unsigned routing(const struct usim *u, struct suci *s)
{
    struct bytes file = body(saip_child(u->adf, DF_5GS), EF_ROUTING_INDICATOR);
    struct err e;
    if (tbcd_read(u->arena, bytes_slice(file, 0, 2), 0, &s->routing, &e) != 0)
        return status_of(&e);
    if (s->routing.n == 0)
        s->routing = BYTES_LIT("0");
    return 0;
}

static int conceal(const struct usim *u, struct suci *s, struct err *e)
{
    struct suci_info info;
    struct suci_choice choice;
    struct suci_private ephemeral;
    struct bytes input = s->output.text;
    if (suci_info_read(body(saip_child(u->adf, DF_SAIP), EF_SUCI_CALC_INFO), &info, e) != 0 ||
        suci_info_choose(&info, &choice, e) != 0)
        return -1;
    s->scheme = choice.scheme;
    s->key_id = choice.key.id;
    if (suci_private_generate(choice.scheme, &ephemeral, e) != 0)
        return -1;
    int result = suci_conceal(&ephemeral, choice.key.octets, input, u->arena, &s->output, e);
    bytes_wipe(&ephemeral, sizeof ephemeral);
    return result;
}

static unsigned suci(const struct usim *u, bool not_imsi, struct buf *out)
{
    struct suci s = { .type = SUPI_IMSI };
    struct buf identity = buf_in(u->arena);
    struct err e;
    unsigned sw = not_imsi ? nsi(u, &s) : imsi(u, &s);
    if (!sw)
        sw = routing(u, &s);
    if (sw)
        return sw;
    if (conceal(u, &s, &e) != 0 || suci_write(&s, &identity, &e) != 0)
        return status_of(&e);
    tlv_add(out, TAG_SUCI, buf_bytes(&identity));
    return SW_OK;
}

unsigned uicc_get_identity(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    const struct usim usim = { c->adf, out->arena };
    if (a->p1 != 0 || a->p2 != CONTEXT_SUCI)
        return SW_WRONG_P1P2;
    if (a->data.n)
        return SW_WRONG_LENGTH;
    if (!uicc_service(c, SERVICE_PRIVACY) || !uicc_service(c, SERVICE_BY_USIM))
        return SW_CONDITIONS;
    if (!uicc_application_pin(u, c))
        return SW_SECURITY;
    return suci(&usim, uicc_service(c, SERVICE_NOT_IMSI), out);
}
