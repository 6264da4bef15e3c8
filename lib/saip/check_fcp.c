/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "saip/look.h"

static struct saip_place at(const struct saip_use *u, struct bytes part)
{
    struct saip_place place = u->at;
    place.part = part;
    return place;
}

static bool is_gfm(const struct saip_use *u)
{
    return !u->file;
}

static bool full_profile(const struct saip_look *l)
{
    const struct saip_ProfileHeader *h = saip_look_header(l);
    return h && !h->iotOptions;
}

/* ------------------------------------------------------------------- members and rows */

void saip_check_member(struct saip_look *l, const struct saip_use *u)
{
    if (u->template && !u->row)
        saip_found(l, u->at, "a file that this version of the template has", "one of another version");
}

/* What the template leaves to the package (flag REQUIRED). */
void saip_check_content_given(struct saip_look *l, const struct saip_use *u)
{
    const struct saip_ProprietaryInfo *info = u->fcp ? u->fcp->proprietaryEFInfo : NULL;
    bool given = u->link || (info && (info->fillPattern.p || info->repeatPattern.p));
    if (!u->row || !(u->row->flags & SAIP_REQUIRED))
        return;
    for (size_t i = 0; u->file && i < u->file->n; i++)
        given = given || u->file->items[i].which == saip_File_item_fillFileContent ||
                u->file->items[i].which == saip_File_item_doNotCreate;
    if (!given)
        saip_found(l, u->at, "content, which the template leaves to the package", "none");
}

void saip_check_do_not_create(struct saip_look *l, const struct saip_use *u)
{
    for (size_t i = 0; u->file && i < u->file->n; i++)
        if (u->file->items[i].which == saip_File_item_doNotCreate &&
            (u->file->n > 1 || (u->template && !u->template->by_default)))
            saip_found(l, u->at, "doNotCreate alone, for a file that the template makes by default", "%s",
                       u->file->n > 1 ? "more beside it" : "a template that makes none by default");
}

/* ------------------------------------------------------------ parameters by kind of file */

enum { DESCRIPTOR = 1, FID = 2, NAME = 4, REFERENCE = 8, SIZE = 16, STATUS = 32, SFI = 64, INFO = 128, LINK = 256 };

static const struct {
    unsigned bit;
    const char *name;
} parameters[] = {
    { DESCRIPTOR, "fileDescriptor" }, { FID, "fileID" },  { NAME, "dfName" },
    { REFERENCE, "securityAttributesReferenced" },        { SIZE, "efFileSize" },
    { STATUS, "pinStatusTemplateDO" }, { SFI, "shortEFID" }, { INFO, "proprietaryEFInfo" }, { LINK, "linkPath" },
};

static unsigned given(const struct saip_Fcp *f)
{
    if (!f)
        return 0;
    return (f->fileDescriptor.p ? DESCRIPTOR : 0) | (f->fileID.p ? FID : 0) | (f->dfName.p ? NAME : 0) |
           (f->securityAttributesReferenced.p ? REFERENCE : 0) | (f->efFileSize.p ? SIZE : 0) |
           (f->pinStatusTemplateDO.p ? STATUS : 0) | (f->shortEFID.p ? SFI : 0) | (f->proprietaryEFInfo ? INFO : 0) |
           (f->linkPath.p ? LINK : 0);
}

static void parameters_check(struct saip_look *l, const struct saip_use *u, unsigned needed, unsigned barred)
{
    unsigned has = given(u->fcp);
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
        unsigned bit = parameters[i].bit;
        const char *file = u->fcp && u->fcp->fileID.p ? hex_encode(l->arena, u->fcp->fileID) : "the file";
        if (needed & ~has & bit)
            saip_found(l, u->at, "all parameters that this kind of file needs", "no %s for %s", parameters[i].name,
                       file);
        if (barred & has & bit)
            saip_found(l, u->at, "only parameters that this kind of file may have", "%s for %s", parameters[i].name,
                       file);
    }
}

/* TCA 8.3.3: the table of what a template's file may and must be given. */
void saip_check_fcp_ef(struct saip_look *l, const struct saip_use *u)
{
    if (!is_gfm(u) && u->type > SAIP_DF)
        parameters_check(l, u, 0, STATUS | NAME);
}

void saip_check_fcp_df(struct saip_look *l, const struct saip_use *u)
{
    if (!is_gfm(u) && !u->link && (u->type == SAIP_DF || u->type == SAIP_MF))
        parameters_check(l, u, full_profile(l) ? STATUS : 0, DESCRIPTOR | SIZE | SFI | INFO | NAME);
}

void saip_check_fcp_adf(struct saip_look *l, const struct saip_use *u)
{
    if (!is_gfm(u) && u->type == SAIP_ADF)
        parameters_check(l, u, full_profile(l) ? FID | NAME | STATUS : 0, SIZE | SFI | INFO);
}

/* TCA 8.3.2: a link has its target's size and content. */
void saip_check_fcp_link(struct saip_look *l, const struct saip_use *u)
{
    if (is_gfm(u) || !u->link)
        return;
    parameters_check(l, u, 0, SIZE);
    for (size_t i = 0; i < u->file->n; i++)
        if (u->file->items[i].which == saip_File_item_fillFileContent)
            saip_found(l, at(u, u->file->items[i].raw), "no content for a link", "some");
}

/* TCA 8.3.5: the same for files without template. */
void saip_check_gfm_any(struct saip_look *l, const struct saip_use *u)
{
    if (is_gfm(u))
        parameters_check(l, u, FID | REFERENCE | DESCRIPTOR, 0);
}

void saip_check_gfm_directory(struct saip_look *l, const struct saip_use *u)
{
    if (is_gfm(u) && !u->link && u->type <= SAIP_DF)
        parameters_check(l, u, STATUS, SIZE | SFI | INFO);
}

void saip_check_gfm_ef(struct saip_look *l, const struct saip_use *u)
{
    if (is_gfm(u) && !u->link && u->type > SAIP_DF)
        parameters_check(l, u, SIZE, NAME | STATUS);
}

void saip_check_gfm_link(struct saip_look *l, const struct saip_use *u)
{
    if (is_gfm(u) && u->link)
        parameters_check(l, u, 0, NAME | SIZE | STATUS | (u->type <= SAIP_DF ? SFI : 0));
}

/* ------------------------------------------------------------------------- descriptors */

static struct bytes descriptor(const struct saip_use *u)
{
    return u->fcp ? u->fcp->fileDescriptor : BYTES_NONE;
}

/* TS 102 221 11.1.1.4.3: bit 7 is the shareable bit. */
enum { FDB_DF = 0x38, FDB_TRANSPARENT = 0x01, FDB_LINEAR = 0x02, FDB_CYCLIC = 0x06, FDB_BERTLV = 0x39, FDB = 0x3F };

void saip_check_descriptor_length(struct saip_look *l, const struct saip_use *u)
{
    struct bytes d = descriptor(u);
    if (d.p && d.n != 2 && d.n != 4)
        saip_found(l, at(u, d), "a file descriptor of 2 or 4 octets", "%zu octets", d.n);
}

void saip_check_descriptor_coding(struct saip_look *l, const struct saip_use *u)
{
    struct bytes d = descriptor(u);
    if (d.n >= 2 && d.p[1] != 0x21)
        saip_found(l, at(u, d), "21 as the data coding octet", "%02X", d.p[1]);
}

void saip_check_descriptor_byte(struct saip_look *l, const struct saip_use *u)
{
    static const uint8_t defined[] = { FDB_DF, FDB_TRANSPARENT, FDB_LINEAR, FDB_CYCLIC, FDB_BERTLV };
    struct bytes d = descriptor(u);
    if (d.n && (d.p[0] & 0x80 || !memchr(defined, d.p[0] & FDB, sizeof defined)))
        saip_found(l, at(u, d), "a file descriptor byte of a DF, or of a transparent, linear, cyclic or BER-TLV EF",
                   "%02X", d.p[0]);
}

void saip_check_descriptor_record(struct saip_look *l, const struct saip_use *u)
{
    struct bytes d = descriptor(u);
    bool records = d.n && ((d.p[0] & FDB) == FDB_LINEAR || (d.p[0] & FDB) == FDB_CYCLIC);
    if (d.n >= 2 && records != (d.n == 4))
        saip_found(l, at(u, d), records ? "a record length" : "no record length, as there are no records", "%s",
                   records ? "none" : "one");
    else if (records && saip_number(bytes_slice(d, 2, 2)) == 0)
        saip_found(l, at(u, d), "a record length of 1 octet or more", "0");
}

/* TCA 8.3.3: the type is the template's. */
void saip_check_descriptor_type(struct saip_look *l, const struct saip_use *u)
{
    static const uint8_t bytes[] = { FDB_DF, FDB_DF, FDB_DF, FDB_TRANSPARENT, FDB_LINEAR, FDB_CYCLIC, FDB_BERTLV };
    struct bytes d = descriptor(u);
    if (u->row && !u->link && d.n && (d.p[0] & FDB) != bytes[u->row->type])
        saip_found(l, at(u, d), "the type that the template's file has", "file descriptor byte %02X", d.p[0]);
}

void saip_check_template_fid(struct saip_look *l, const struct saip_use *u)
{
    uint32_t fid = u->fcp && u->fcp->fileID.p ? saip_number(u->fcp->fileID) : 0;
    if (u->row && u->row->fid && fid && (fid < u->row->fid || fid > u->row->last))
        saip_found(l, at(u, u->fcp->fileID), "the file identifier of the template's file", "%04X, not %04X",
                   (unsigned)fid, u->row->fid);
}

/* ------------------------------------------------------------------------ other values */

/* Bits 8 to 4; 0 and 31 are no identifiers (ISO/IEC 7816-4 7.3.1.1). */
void saip_check_sfi_coding(struct saip_look *l, const struct saip_use *u)
{
    struct bytes sfi = u->fcp ? u->fcp->shortEFID : BYTES_NONE;
    if (sfi.n == 1 && (sfi.p[0] & 7 || sfi.p[0] == 0 || sfi.p[0] >> 3 == 31))
        saip_found(l, at(u, sfi), "a short file identifier of 1 to 30 in bits 8 to 4", "%02X", sfi.p[0]);
}

void saip_check_special(struct saip_look *l, const struct saip_use *u)
{
    const struct saip_ProprietaryInfo *info = u->fcp ? u->fcp->proprietaryEFInfo : NULL;
    if (info && info->specialFileInformation.n && info->specialFileInformation.p[0] & 0x3F)
        saip_found(l, at(u, info->specialFileInformation), "special file information of bits 8 and 7 only", "%02X",
                   info->specialFileInformation.p[0]);
}

void saip_check_patterns(struct saip_look *l, const struct saip_use *u)
{
    const struct saip_ProprietaryInfo *info = u->fcp ? u->fcp->proprietaryEFInfo : NULL;
    if (info && info->fillPattern.p && info->repeatPattern.p)
        saip_found(l, at(u, info->raw), "a fill pattern or a repeat pattern", "both");
}

/* TCA 8.3.2: BER-TLV objects stand one behind the other. */
void saip_check_ber_tlv_offset(struct saip_look *l, const struct saip_use *u)
{
    for (size_t i = 0; u->type == SAIP_BERTLV && u->file && i < u->file->n; i++)
        if (u->file->items[i].which == saip_File_item_fillFileOffset)
            saip_found(l, at(u, u->file->items[i].raw), "no fillFileOffset in a BER-TLV file", "one");
}

void saip_check_ber_tlv_pattern(struct saip_look *l, const struct saip_use *u)
{
    const struct saip_ProprietaryInfo *info = u->fcp ? u->fcp->proprietaryEFInfo : NULL;
    if (u->type == SAIP_BERTLV && info && (info->fillPattern.p || info->repeatPattern.p))
        saip_found(l, at(u, info->raw), "no pattern for a BER-TLV file", "one");
}

void saip_check_arr_form(struct saip_look *l, const struct saip_use *u)
{
    struct bytes r = u->fcp ? u->fcp->securityAttributesReferenced : BYTES_NONE;
    if (r.p && r.n != 1 && r.n != 3)
        saip_found(l, at(u, r), "a record number, or EF.ARR's identifier and a record number", "%zu octets", r.n);
}

/* TS 102 221 11.1.1.4.9; a high half that is not 0 is proprietary. */
void saip_check_lcsi(struct saip_look *l, const struct saip_use *u)
{
    static const uint8_t defined[] = { 0x00, 0x01, 0x03, 0x04, 0x05, 0x06, 0x07, 0x0C, 0x0D, 0x0E, 0x0F };
    struct bytes s = u->fcp ? u->fcp->lcsi : BYTES_NONE;
    if (s.n && s.p[0] < 0x10 && !memchr(defined, s.p[0], sizeof defined))
        saip_found(l, at(u, s), "a life cycle status that is defined", "%02X", s.p[0]);
}

void saip_check_minimal(struct saip_look *l, const struct saip_use *u)
{
    const struct saip_ProprietaryInfo *info = u->fcp ? u->fcp->proprietaryEFInfo : NULL;
    struct bytes numbers[] = { u->fcp ? u->fcp->efFileSize : BYTES_NONE, info ? info->maximumFileSize : BYTES_NONE };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i].p && (numbers[i].n == 0 || numbers[i].p[0] == 0))
            saip_found(l, at(u, numbers[i]), "a size in as few octets as it needs, and not 0", "%zu octets: %s",
                       numbers[i].n, numbers[i].n ? "the first is 00" : "none");
}

/* Cards of version 2.0 want two octets where one would do. */
void saip_check_short_size(struct saip_look *l, const struct saip_use *u)
{
    struct bytes size = u->fcp ? u->fcp->efFileSize : BYTES_NONE;
    if (size.n == 1 && saip_look_version(l) <= SAIP_VERSION(2, 0, 0))
        saip_found(l, at(u, size), "sizes of two octets for cards of version 2.0", "one octet");
}

/* 0: no records, or their length is not told. */
static uint32_t record_length(const struct saip_use *u)
{
    struct bytes d = descriptor(u);
    bool records = u->type == SAIP_LINEAR || u->type == SAIP_CYCLIC;
    return !records || u->link ? 0 : d.n == 4 ? saip_number(bytes_slice(d, 2, 2)) : u->row ? u->row->length : 0;
}

void saip_check_records(struct saip_look *l, const struct saip_use *u)
{
    struct bytes size = u->fcp ? u->fcp->efFileSize : BYTES_NONE;
    uint32_t length = record_length(u);
    if (length && size.n && saip_number(size) % length)
        saip_found(l, at(u, size), "a file size of whole records", "%u octets in records of %u",
                   (unsigned)saip_number(size), (unsigned)length);
}

void saip_check_record_count(struct saip_look *l, const struct saip_use *u)
{
    struct bytes size = u->fcp ? u->fcp->efFileSize : BYTES_NONE;
    uint32_t length = record_length(u);
    if (length && saip_number(size) / length > 254)
        saip_found(l, at(u, size), "at most 254 records", "%u", (unsigned)(saip_number(size) / length));
}

/* TS 102 221 9.5.1, table 9.3 */
static bool is_reference(uint8_t r)
{
    uint8_t low = r & 0x7F;
    return (low >= 0x01 && low <= 0x08) || (low >= 0x0A && low <= 0x0E) || r == 0x11;
}

void saip_check_pst_form(struct saip_look *l, const struct saip_use *u)
{
    struct bytes pst = u->fcp ? u->fcp->pinStatusTemplateDO : BYTES_NONE;
    for (size_t i = 0; i < pst.n; i++)
        if (!is_reference(pst.p[i])) {
            saip_found(l, at(u, pst), "a list of key references and nothing else", "%02X in it", pst.p[i]);
            return;
        }
    if (pst.p && !pst.n)
        saip_found(l, at(u, pst), "a list of key references", "none in it");
}

/* ------------------------------------------------------- what cards make of an override */

static bool has_content(const struct saip_File *file)
{
    for (size_t i = 0; file && i < file->n; i++)
        if (file->items[i].which == saip_File_item_fillFileContent)
            return true;
    return false;
}

void saip_check_pattern_kept(struct saip_look *l, const struct saip_use *u)
{
    const struct saip_ProprietaryInfo *info = u->fcp ? u->fcp->proprietaryEFInfo : NULL;
    if (info && !u->link && u->row && u->row->how != SAIP_NO_DEFAULT && !info->fillPattern.p &&
        !info->repeatPattern.p && !has_content(u->file) && saip_look_version(l) <= SAIP_VERSION(2, 2, 0))
        saip_found(l, at(u, info->raw), "the template's pattern again, for cards up to version 2.2",
                   "proprietaryEFInfo without a pattern");
}

void saip_check_high_update(struct saip_look *l, const struct saip_use *u)
{
    const struct saip_ProprietaryInfo *info = u->fcp ? u->fcp->proprietaryEFInfo : NULL;
    if (info && !u->link && u->row && u->row->flags & SAIP_HIGH && info->specialFileInformation.n &&
        !(info->specialFileInformation.p[0] & 0x80))
        saip_found(l, at(u, info->raw), "high update activity, as the template has it", "special file information %02X",
                   info->specialFileInformation.p[0]);
}
