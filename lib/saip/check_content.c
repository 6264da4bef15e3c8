/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/tlv.h"
#include "base/cursor.h"
#include "base/text.h"
#include "saip/look.h"
#include "saip/services.h"

enum { FID_ICCID = 0x2FE2, FID_DIR = 0x2F00, FID_IMSI = 0x6F07, FID_AD = 0x6FAD, FID_UST = 0x6F38, FID_IST = 0x6F07,
       FID_EST = 0x6F56, FID_ACC = 0x6F78, FID_SPN = 0x6F46, FID_HPLMN = 0x6F62 };

static bool in_mf(const struct saip_file *f, uint16_t fid)
{
    return f->fid == fid && f->parent && f->parent->type == SAIP_MF;
}

static bool in_naa(const struct saip_file *f, enum saip_naa naa, uint16_t fid)
{
    return f->fid == fid && f->parent && f->parent->type == SAIP_ADF && f->parent->naa == naa;
}

/* Decimal digits of an octet string, low nibble first or high nibble first, up to the F; -1: something else. */
static int digits_read(struct bytes b, bool low_first, char *out, size_t most)
{
    size_t n = 0;
    bool ended = false;
    for (size_t i = 0; i < 2 * b.n; i++) {
        unsigned nibble = (i % 2 == 0) == low_first ? b.p[i / 2] & 15 : b.p[i / 2] >> 4;
        if (nibble == 15)
            ended = true;
        else if (nibble > 9 || ended || n == most)
            return -1;
        else
            out[n++] = (char)('0' + nibble);
    }
    return (int)n;
}

/* ------------------------------------------------------------------------------ ICCID */

enum { ICCID_DIGITS = 20 };

static struct saip_place header_place(const struct saip_ProfileHeader *h)
{
    return (struct saip_place){ 1, "iccid", h->iccid };
}

void saip_check_iccid_header(struct saip_look *l)
{
    const struct saip_ProfileHeader *h = saip_look_header(l);
    char digits[ICCID_DIGITS];
    if (h && digits_read(h->iccid, false, digits, sizeof digits) < 18)
        saip_found(l, header_place(h), "18 to 20 digits as they are written, with F behind", "%s",
                   hex_encode(l->arena, h->iccid));
}

/* ISO/IEC 7812-1 Annex B, by ITU-T E.118: the last digit checks the others. */
void saip_check_iccid_luhn(struct saip_look *l)
{
    const struct saip_ProfileHeader *h = saip_look_header(l);
    char digits[ICCID_DIGITS];
    int n = h ? digits_read(h->iccid, false, digits, sizeof digits) : 0;
    unsigned sum = 0;
    for (int i = 0; i < n; i++) {
        unsigned digit = (unsigned)(digits[n - 1 - i] - '0') << i % 2;
        sum += digit / 10 + digit % 10;
    }
    if (n > 0 && sum % 10)
        saip_found(l, header_place(h), "a check digit that fits the others", "%.*s", n, digits);
}

/* TS 102 221 13.2 */
void saip_check_iccid_file(struct saip_look *l, const struct saip_file *f)
{
    char digits[ICCID_DIGITS];
    struct bytes body = saip_body(f);
    if (in_mf(f, FID_ICCID) && (body.n != 10 || digits_read(body, true, digits, sizeof digits) < 18))
        saip_found(l, saip_file_place(f), "18 to 20 digits with nibbles swapped in 10 octets, with F behind", "%s",
                   hex_encode(l->arena, bytes_slice(body, 0, 16)));
}

void saip_check_iccid_same(struct saip_look *l, const struct saip_file *f)
{
    const struct saip_ProfileHeader *h = saip_look_header(l);
    char here[ICCID_DIGITS], there[ICCID_DIGITS];
    struct bytes body = saip_body(f);
    if (!in_mf(f, FID_ICCID) || !h || body.n != 10)
        return;
    int n = digits_read(body, true, here, sizeof here), m = digits_read(h->iccid, false, there, sizeof there);
    if (n > 0 && m > 0 && (n != m || memcmp(here, there, (size_t)n) != 0))
        saip_found(l, saip_file_place(f), "the header's iccid", "%.*s, not %.*s", n, here, m, there);
}

/* ----------------------------------------------------------------------------- EF.DIR */

static bool next_record(struct bytes body, unsigned length, size_t *at, struct bytes *record)
{
    if (!length || *at + length > body.n)
        return false;
    *record = bytes_slice(body, *at, length);
    *at += length;
    return true;
}

/* TS 102 221 13.1: an application template with an AID; FF in front: not used.  Absent: neither. */
static struct bytes aid_of(struct bytes record)
{
    struct cursor c = cursor_over(record);
    struct tlv t;
    if (record.n == 0 || tlv_next(&c, ASN1_WIRE, &t, NULL) != 0 || t.tag != 0x61)
        return BYTES_NONE;
    struct bytes aid = tlv_find(t.value, 0x4F).value;
    return aid.n >= 5 && aid.n <= 16 ? aid : BYTES_NONE;
}

void saip_check_dir_coding(struct saip_look *l, const struct saip_file *f)
{
    struct bytes record;
    size_t at = 0;
    while (in_mf(f, FID_DIR) && next_record(saip_body(f), f->record_length, &at, &record))
        if (record.p[0] != 0xFF && record.p[0] != 0x00 && !aid_of(record).p)
            saip_found(l, saip_file_place(f), "an application template with an AID in each record that is used",
                       "something else in record %zu", at / f->record_length);
}

static const struct saip_file *adf_with(const struct saip_image *m, struct bytes aid)
{
    for (const struct saip_file *f = m->mf->children; f; f = f->next)
        if (f->type == SAIP_ADF && bytes_equal(f->aid, aid))
            return f;
    return NULL;
}

static bool module_with(const struct saip_image *m, struct bytes aid)
{
    for (size_t i = 0; i < m->n_modules; i++)
        if (bytes_equal(m->modules[i].aid, aid))
            return true;
    return false;
}

void saip_check_dir_aid(struct saip_look *l, const struct saip_file *f)
{
    struct bytes record;
    size_t at = 0;
    while (in_mf(f, FID_DIR) && next_record(saip_body(f), f->record_length, &at, &record)) {
        struct bytes aid = aid_of(record);
        if (aid.p && !adf_with(l->image, aid) && !module_with(l->image, aid))
            saip_found(l, saip_file_place(f), "AIDs of applications that the profile has", "%s",
                       hex_encode(l->arena, aid));
    }
}

void saip_check_dir_adf(struct saip_look *l, const struct saip_file *f)
{
    const struct saip_file *dir = saip_child(l->image->mf, FID_DIR);
    struct bytes record;
    size_t at = 0;
    if (f->type != SAIP_ADF || f->link_path.p)
        return;
    while (dir && next_record(saip_body(dir), dir->record_length, &at, &record))
        if (bytes_equal(aid_of(record), f->aid))
            return;
    saip_found(l, saip_file_place(f), "the ADF's AID in EF.DIR", "no %s there", hex_encode(l->arena, f->aid));
}

/* ------------------------------------------------------------------------ IMSI and PLMNs */

enum { IMSI_MOST = 15, IMSI_LEAST = 6 };

/* TS 31.102 4.2.2: length, parity, digits, F.  The digits, or -1. */
static int imsi_read(struct bytes body, char *out)
{
    uint8_t coded[8];
    if (body.n != 9 || body.p[0] == 0 || body.p[0] > 8)
        return -1;
    memcpy(coded, body.p + 1, sizeof coded);
    unsigned parity = coded[0] & 15;
    int n = 2 * body.p[0] - (parity == 9 ? 1 : 2);
    if (parity != 1 && parity != 9)
        return -1;
    coded[0] &= 0xF0; /* a digit 0 in front, left out below */
    char digits[2 * sizeof coded];
    int found = digits_read(bytes_make(coded, sizeof coded), true, digits, sizeof digits);
    if (found != n + 1 || n < IMSI_LEAST || n > IMSI_MOST)
        return -1;
    memcpy(out, digits + 1, (size_t)n);
    return n;
}

void saip_check_imsi(struct saip_look *l, const struct saip_file *f)
{
    char digits[IMSI_MOST + 1];
    if (in_naa(f, SAIP_USIM, FID_IMSI) && imsi_read(saip_body(f), digits) < 0)
        saip_found(l, saip_file_place(f), "length, parity (1 or 9) and 6 to 15 digits of an IMSI", "%s",
                   hex_encode(l->arena, bytes_slice(saip_body(f), 0, 16)));
}

/* How many digits the MNC has; 0: not told, or not as it should be. */
static unsigned mnc_digits(const struct saip_file *adf)
{
    const struct saip_file *ad = saip_child(adf, FID_AD);
    struct bytes body = ad ? saip_body(ad) : BYTES_NONE;
    return body.n >= 4 && body.p[3] >= 2 && body.p[3] <= 3 ? body.p[3] : 0;
}

/* TS 31.102 4.2.18 */
void saip_check_ad(struct saip_look *l, const struct saip_file *f)
{
    struct bytes body = saip_body(f);
    if (in_naa(f, SAIP_USIM, FID_AD) && !mnc_digits(f->parent))
        saip_found(l, saip_file_place(f), "4 octets or more, the last of them 02 or 03: digits of the MNC", "%s",
                   hex_encode(l->arena, bytes_slice(body, 0, 8)));
}

/* TS 24.008 10.5.1.13: MCC and MNC in three octets.  The digits (5 or 6); 0: FFFFFF; -1: something else. */
static int plmn_read(const uint8_t *p, char *out)
{
    unsigned nibbles[] = { p[0] & 15, p[0] >> 4, p[1] & 15, p[2] & 15, p[2] >> 4, p[1] >> 4 };
    bool none = p[0] == 0xFF && p[1] == 0xFF && p[2] == 0xFF;
    if (none)
        return 0;
    for (int i = 0; i < 6; i++) {
        if (nibbles[i] > 9)
            return i == 5 && nibbles[i] == 15 ? 5 : -1;
        out[i] = (char)('0' + nibbles[i]);
    }
    return 6;
}

/* The IMSI's own network, with EF.AD's digits of the MNC, stands in EF.HPLMNwAcT if anything does. */
void saip_check_hplmn(struct saip_look *l, const struct saip_file *f)
{
    const struct saip_file *imsi = f->parent ? saip_child(f->parent, FID_IMSI) : NULL;
    struct bytes body = saip_body(f);
    char digits[IMSI_MOST + 1], plmn[6];
    unsigned mnc = f->parent && saip_is_df(f->parent) ? mnc_digits(f->parent) : 0;
    bool any = false;
    if (!in_naa(f, SAIP_USIM, FID_HPLMN) || !imsi || !mnc || imsi_read(saip_body(imsi), digits) < 0)
        return;
    for (size_t at = 0; at + 5 <= body.n; at += 5) {
        int n = plmn_read(body.p + at, plmn);
        any = any || n > 0;
        if (n == (int)mnc + 3 && memcmp(plmn, digits, (size_t)n) == 0)
            return;
    }
    if (any)
        saip_found(l, saip_file_place(f), "the network of the IMSI, by the MNC's length in EF.AD", "not %.*s",
                   (int)mnc + 3, digits);
}

/* TS 31.102 4.2.5, 4.2.53, 4.2.54, 4.2.16, 4.2.84: entries of five octets (with access technologies) or of three. */
void saip_check_plmn(struct saip_look *l, const struct saip_file *f)
{
    static const struct {
        uint16_t fid;
        unsigned length;
    } lists[] = { { 0x6F60, 5 }, { 0x6F61, 5 }, { 0x6F62, 5 }, { 0x6F7B, 3 }, { 0x6FD9, 3 } };
    struct bytes body = saip_body(f);
    char plmn[6];
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (!in_naa(f, SAIP_USIM, lists[i].fid) || (f->link_path.p && !f->link))
            continue;
        if (body.n % lists[i].length)
            saip_found(l, saip_file_place(f), "whole entries", "%zu octets in entries of %u", body.n, lists[i].length);
        for (size_t at = 0; at + lists[i].length <= body.n; at += lists[i].length)
            if (plmn_read(body.p + at, plmn) < 0)
                saip_found(l, saip_file_place(f), "MCC and MNC in digits, or FFFFFF", "%02X%02X%02X in entry %zu",
                           body.p[at], body.p[at + 1], body.p[at + 2], at / lists[i].length + 1);
    }
}

/* -------------------------------------------------------------------------- small files */

/* TS 31.102 4.2.15, TS 22.011 4.2: a class of 0 to 9. */
void saip_check_acc(struct saip_look *l, const struct saip_file *f)
{
    struct bytes body = saip_body(f);
    if (!in_naa(f, SAIP_USIM, FID_ACC) || body.n < 2)
        return;
    unsigned classes = (unsigned)(body.p[0] << 8 | body.p[1]) & 0x03FF;
    if (!classes || body.p[0] & 0x04)
        saip_found(l, saip_file_place(f), "one of the access classes 0 to 9, and not bit 11", "%02X%02X", body.p[0],
                   body.p[1]);
}

/* TS 31.102 4.2.12: two bits of display condition; a name of TS 23.038, or of TS 102 221 Annex A. */
void saip_check_spn(struct saip_look *l, const struct saip_file *f)
{
    struct bytes body = saip_body(f);
    if (!in_naa(f, SAIP_USIM, FID_SPN) || !body.n)
        return;
    bool ucs2 = body.n > 1 && body.p[1] >= 0x80 && body.p[1] <= 0x82, ended = false, bad = body.n != 17;
    for (size_t i = 1; !ucs2 && i < body.n; i++) {
        bad = bad || (body.p[i] == 0xFF ? false : ended || body.p[i] & 0x80);
        ended = ended || body.p[i] == 0xFF;
    }
    if (body.p[0] != 0xFF && (bad || body.p[0] & 0xFC))
        saip_found(l, saip_file_place(f), "17 octets: display condition of two bits, a name, FF behind", "%s",
                   hex_encode(l->arena, bytes_slice(body, 0, 20)));
}

/* TS 31.102 4.2.47: what is switched on is a service that is available. */
void saip_check_est(struct saip_look *l, const struct saip_file *f)
{
    static const struct {
        unsigned service;
        const char *name;
    } bits[] = { { 2, "FDN" }, { 6, "BDN" }, { 35, "ACL" } };
    struct bytes body = saip_body(f);
    for (size_t i = 0; in_naa(f, SAIP_USIM, FID_EST) && body.n && i < sizeof bits / sizeof *bits; i++)
        if (body.p[0] >> i & 1 && !saip_service_available(f->parent, bits[i].service))
            saip_found(l, saip_file_place(f), "only services enabled that EF.UST has", "%s enabled without service %u",
                       bits[i].name, bits[i].service);
}

/* ---------------------------------------------------------------- services and their files */

/* A file that is there if a service is available: TS 31.102 4.2 and 4.4, TS 31.103 4.2.  Not here: files that are there
 * if a service is not available, or that hang on an entry's length.  parent: a DF of the ADF, or 0. */
static const struct {
    enum saip_naa naa;
    uint16_t parent, fid;
    const char *name;
    uint8_t service, with; /* with: another one that must be available too, 0: none */
} services[] = {
    { SAIP_USIM, 0, 0x6F3B, "EF.FDN", 2, 0 },
    { SAIP_USIM, 0, 0x6F56, "EF.EST", 2, 0 },
    { SAIP_USIM, 0, 0x6F56, "EF.EST", 6, 0 },
    { SAIP_USIM, 0, 0x6F56, "EF.EST", 34, 0 },
    { SAIP_USIM, 0, 0x6F56, "EF.EST", 35, 0 },
    { SAIP_USIM, 0, 0x6F4B, "EF.EXT2", 3, 0 },
    { SAIP_USIM, 0, 0x6F49, "EF.SDN", 4, 0 },
    { SAIP_USIM, 0, 0x6F4C, "EF.EXT3", 5, 0 },
    { SAIP_USIM, 0, 0x6F4D, "EF.BDN", 6, 0 },
    { SAIP_USIM, 0, 0x6F58, "EF.CMI", 6, 0 },
    { SAIP_USIM, 0, 0x6F55, "EF.EXT4", 7, 0 },
    { SAIP_USIM, 0, 0x6F81, "EF.OCI", 8, 0 },
    { SAIP_USIM, 0, 0x6F83, "EF.OCT", 8, 0 },
    { SAIP_USIM, 0, 0x6F80, "EF.ICI", 9, 0 },
    { SAIP_USIM, 0, 0x6F82, "EF.ICT", 9, 0 },
    { SAIP_USIM, 0, 0x6F3C, "EF.SMS", 10, 0 },
    { SAIP_USIM, 0, 0x6F43, "EF.SMSS", 10, 0 },
    { SAIP_USIM, 0, 0x6F47, "EF.SMSR", 11, 0 },
    { SAIP_USIM, 0, 0x6F42, "EF.SMSP", 12, 0 },
    { SAIP_USIM, 0, 0x6F37, "EF.ACMmax", 13, 0 },
    { SAIP_USIM, 0, 0x6F39, "EF.ACM", 13, 0 },
    { SAIP_USIM, 0, 0x6F41, "EF.PUCT", 13, 0 },
    { SAIP_USIM, 0, 0x6F4F, "EF.CCP2", 14, 0 },
    { SAIP_USIM, 0, 0x6F45, "EF.CBMI", 15, 0 },
    { SAIP_USIM, 0, 0x6F50, "EF.CBMIR", 16, 0 },
    { SAIP_USIM, 0, 0x6F3E, "EF.GID1", 17, 0 },
    { SAIP_USIM, 0, 0x6F3F, "EF.GID2", 18, 0 },
    { SAIP_USIM, 0, 0x6F46, "EF.SPN", 19, 0 },
    { SAIP_USIM, 0, 0x6F60, "EF.PLMNwAcT", 20, 0 },
    { SAIP_USIM, 0, 0x6F40, "EF.MSISDN", 21, 0 },
    { SAIP_USIM, 0, 0x6FB5, "EF.eMLPP", 24, 0 },
    { SAIP_USIM, 0, 0x6FB6, "EF.AaeM", 25, 0 },
    { SAIP_USIM, 0x5F3B, 0x4F20, "EF.Kc", 27, 0 },
    { SAIP_USIM, 0x5F3B, 0x4F52, "EF.KcGPRS", 27, 0 },
    { SAIP_USIM, 0, 0x6F48, "EF.CBMID", 29, 0 },
    { SAIP_USIM, 0, 0x6F57, "EF.ACL", 35, 0 },
    { SAIP_USIM, 0, 0x6F2C, "EF.DCK", 36, 0 },
    { SAIP_USIM, 0, 0x6F32, "EF.CNL", 37, 0 },
    { SAIP_USIM, 0x5F3B, 0x4F63, "EF.CPBCCH", 39, 0 },
    { SAIP_USIM, 0x5F3B, 0x4F64, "EF.InvScan", 40, 0 },
    { SAIP_USIM, 0, 0x6F61, "EF.OPLMNwAcT", 42, 0 },
    { SAIP_USIM, 0, 0x6F62, "EF.HPLMNwAcT", 43, 0 },
    { SAIP_USIM, 0, 0x6F4E, "EF.EXT5", 44, 0 },
    { SAIP_USIM, 0, 0x6FC5, "EF.PNN", 45, 0 },
    { SAIP_USIM, 0, 0x6FC6, "EF.OPL", 46, 0 },
    { SAIP_USIM, 0, 0x6FC7, "EF.MBDN", 47, 0 },
    { SAIP_USIM, 0, 0x6FC9, "EF.MBI", 47, 0 },
    { SAIP_USIM, 0, 0x6FCA, "EF.MWIS", 48, 0 },
    { SAIP_USIM, 0, 0x6FCB, "EF.CFIS", 49, 0 },
    { SAIP_USIM, 0, 0x6FCD, "EF.SPDI", 51, 0 },
    { SAIP_USIM, 0, 0x6FCE, "EF.MMSN", 52, 0 },
    { SAIP_USIM, 0, 0x6FD0, "EF.MMSICP", 52, 0 },
    { SAIP_USIM, 0, 0x6FD1, "EF.MMSUP", 52, 0 },
    { SAIP_USIM, 0, 0x6FCF, "EF.EXT8", 53, 0 },
    { SAIP_USIM, 0, 0x6FD2, "EF.MMSUCP", 52, 55 },
    { SAIP_USIM, 0, 0x6FD3, "EF.NIA", 56, 0 },
    { SAIP_USIM, 0, 0x6FB1, "EF.VGCS", 57, 0 },
    { SAIP_USIM, 0, 0x6FB2, "EF.VGCSS", 57, 0 },
    { SAIP_USIM, 0, 0x6FB3, "EF.VBS", 58, 0 },
    { SAIP_USIM, 0, 0x6FB4, "EF.VBSS", 58, 0 },
    { SAIP_USIM, 0, 0x6FD4, "EF.VGCSCA", 64, 0 },
    { SAIP_USIM, 0, 0x6FD5, "EF.VBSCA", 65, 0 },
    { SAIP_USIM, 0, 0x6FD6, "EF.GBABP", 68, 0 },
    { SAIP_USIM, 0, 0x6FDA, "EF.GBANL", 68, 0 },
    { SAIP_USIM, 0, 0x6FD7, "EF.MSK", 69, 0 },
    { SAIP_USIM, 0, 0x6FD8, "EF.MUK", 69, 0 },
    { SAIP_USIM, 0, 0x6FD9, "EF.EHPLMN", 71, 0 },
    { SAIP_USIM, 0, 0x6FDB, "EF.EHPLMNPI", 71, 73 },
    { SAIP_USIM, 0, 0x6FDC, "EF.LRPLMNSI", 74, 0 },
    { SAIP_USIM, 0, 0x6FDD, "EF.NAFKCA", 68, 76 },
    { SAIP_USIM, 0, 0x6FDE, "EF.SPNI", 78, 0 },
    { SAIP_USIM, 0, 0x6FDF, "EF.PNNI", 79, 0 },
    { SAIP_USIM, 0, 0x6FE2, "EF.NCP-IP", 80, 0 },
    { SAIP_USIM, 0, 0x6FE3, "EF.EPSLOCI", 85, 0 },
    { SAIP_USIM, 0, 0x6FE4, "EF.EPSNSC", 85, 0 },
    { SAIP_USIM, 0, 0x6FE7, "EF.UICCIARI", 95, 0 },
    { SAIP_USIM, 0, 0x6FE8, "EF.NASCONFIG", 96, 0 },
    { SAIP_USIM, 0, 0x6FEC, "EF.PWS", 97, 0 },
    { SAIP_USIM, 0, 0x6FED, "EF.FDNURI", 2, 99 },
    { SAIP_USIM, 0, 0x6FEE, "EF.BDNURI", 6, 99 },
    { SAIP_USIM, 0, 0x6FEF, "EF.SDNURI", 4, 99 },
    { SAIP_USIM, 0, 0x6FF3, "EF.ePDGId", 106, 107 },
    { SAIP_USIM, 0, 0x6FF4, "EF.ePDGSelection", 106, 107 },
    { SAIP_USIM, 0, 0x6FF5, "EF.ePDGIdEm", 110, 111 },
    { SAIP_USIM, 0, 0x6FF6, "EF.ePDGSelectionEm", 110, 111 },
    { SAIP_USIM, 0, 0x6FF7, "EF.FromPreferred", 114, 0 },
    { SAIP_USIM, 0, 0x6FF8, "EF.IMSConfigData", 115, 0 },
    { SAIP_USIM, 0, 0x6FF9, "EF.3GPPPSDATAOFF", 117, 0 },
    { SAIP_USIM, 0, 0x6FFA, "EF.3GPPPSDATAOFFservicelist", 118, 0 },
    { SAIP_USIM, 0, 0x6FFC, "EF.XCAPConfigData", 120, 0 },
    { SAIP_USIM, 0, 0x6FFD, "EF.EARFCNList", 121, 0 },
    { SAIP_USIM, 0x5FC0, 0x4F01, "EF.5GS3GPPLOCI", 122, 0 },
    { SAIP_USIM, 0x5FC0, 0x4F02, "EF.5GSN3GPPLOCI", 122, 0 },
    { SAIP_USIM, 0x5FC0, 0x4F03, "EF.5GS3GPPNSC", 122, 0 },
    { SAIP_USIM, 0x5FC0, 0x4F04, "EF.5GSN3GPPNSC", 122, 0 },
    { SAIP_USIM, 0x5FC0, 0x4F05, "EF.5GAUTHKEYS", 123, 0 },
    { SAIP_USIM, 0x5FC0, 0x4F0A, "EF.Routing_Indicator", 124, 0 },
    { SAIP_USIM, 0x5FC0, 0x4F06, "EF.UAC_AIC", 126, 0 },
    { SAIP_USIM, 0x5FC0, 0x4F08, "EF.OPL5G", 129, 0 },
    { SAIP_USIM, 0x5FC0, 0x4F09, "EF.SUPI_NAI", 130, 0 },
    { SAIP_USIM, 0x5FC0, 0x4F0B, "EF.URSP", 132, 0 },
    { SAIP_USIM, 0, 0x6FFE, "EF.MuDMiDConfigData", 134, 0 },
    { SAIP_USIM, 0x5FC0, 0x4F0C, "EF.TN3GPPSNN", 135, 0 },
    { SAIP_ISIM, 0, 0x6F09, "EF.P-CSCF", 1, 0 },
    { SAIP_ISIM, 0, 0x6FD5, "EF.GBABP", 2, 0 },
    { SAIP_ISIM, 0, 0x6FD7, "EF.GBANL", 2, 0 },
    { SAIP_ISIM, 0, 0x6FDD, "EF.NAFKCA", 2, 4 },
    { SAIP_ISIM, 0, 0x6F3C, "EF.SMS", 6, 8 },
    { SAIP_ISIM, 0, 0x6F43, "EF.SMSS", 6, 8 },
    { SAIP_ISIM, 0, 0x6F47, "EF.SMSR", 7, 8 },
    { SAIP_ISIM, 0, 0x6F42, "EF.SMSP", 8, 0 },
    { SAIP_ISIM, 0, 0x6FE7, "EF.UICCIARI", 10, 0 },
};

/* rule->bit: the NAA whose table the rule is of. */
void saip_check_services_files(struct saip_look *l, const struct saip_file *f)
{
    static const uint16_t tables[SAIP_NAAS] = { [SAIP_USIM] = FID_UST, [SAIP_ISIM] = FID_IST };
    enum saip_naa naa = (enum saip_naa)l->rule->bit;
    if (!in_naa(f, naa, tables[naa]))
        return;
    for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
        const struct saip_file *df = services[i].parent ? saip_child(f->parent, services[i].parent) : f->parent;
        if (services[i].naa == naa && saip_service_available(f->parent, services[i].service) &&
            (!services[i].with || saip_service_available(f->parent, services[i].with)) &&
            !(df && saip_child(df, services[i].fid)))
            saip_found(l, saip_file_place(f), "the files of each service that is available", "service %u without %s",
                       services[i].service, services[i].name);
    }
}

/* TS 31.102 4.2, TS 31.103 4.2: files that every application has. */
void saip_check_naa_files(struct saip_look *l, const struct saip_file *f)
{
    static const struct {
        enum saip_naa naa;
        uint16_t fid;
        const char *name;
    } rows[] = {
        { SAIP_USIM, 0x6F06, "EF.ARR" }, { SAIP_USIM, 0x6F08, "EF.Keys" },
        { SAIP_USIM, 0x6F09, "EF.KeysPS" }, { SAIP_USIM, 0x6F31, "EF.HPPLMN" },
        { SAIP_USIM, 0x6F38, "EF.UST" }, { SAIP_USIM, 0x6F5B, "EF.START-HFN" },
        { SAIP_USIM, 0x6F5C, "EF.THRESHOLD" }, { SAIP_USIM, 0x6F73, "EF.PSLOCI" },
        { SAIP_USIM, 0x6F78, "EF.ACC" }, { SAIP_USIM, 0x6F7B, "EF.FPLMN" },
        { SAIP_USIM, 0x6F7E, "EF.LOCI" }, { SAIP_USIM, 0x6FAD, "EF.AD" },
        { SAIP_USIM, 0x6FB7, "EF.ECC" }, { SAIP_ISIM, 0x6F02, "EF.IMPI" },
        { SAIP_ISIM, 0x6F03, "EF.DOMAIN" }, { SAIP_ISIM, 0x6F04, "EF.IMPU" },
        { SAIP_ISIM, 0x6FAD, "EF.AD" }, { SAIP_ISIM, 0x6F06, "EF.ARR" },
    };
    for (size_t i = 0; f->type == SAIP_ADF && !f->link_path.p && i < sizeof rows / sizeof *rows; i++)
        if (rows[i].naa == f->naa && !saip_child(f, rows[i].fid))
            saip_found(l, saip_file_place(f), "the files that every such application has", "no %s", rows[i].name);
}
