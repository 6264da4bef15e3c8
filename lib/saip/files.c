/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/builder.h"

#include "asn1/tlv.h"
#include "base/text.h"
#include "saip/limits.h"

static const char CLAUSE_FCP[] = SAIP_CLAUSE("8.3.2"), CLAUSE_RULES[] = SAIP_CLAUSE("8.3.3"),
                  CLAUSE_TEMPLATE[] = SAIP_CLAUSE("9.1");

static uint32_t number_of(struct bytes b)
{
    uint32_t v = 0;
    for (size_t i = 0; i < b.n && i < 4; i++)
        v = v << 8 | b.p[i];
    return v;
}

/* File descriptor byte of TS 102 221 11.1.1.4.3, shareable bit aside. */
static int type_of_descriptor(struct bytes d, enum saip_file_type *type)
{
    static const struct {
        uint8_t fdb;
        enum saip_file_type type;
    } forms[] = { { 0x38, SAIP_DF }, { 0x01, SAIP_TRANSPARENT }, { 0x02, SAIP_LINEAR }, { 0x06, SAIP_CYCLIC },
                  { 0x39, SAIP_BERTLV } };
    for (size_t i = 0; d.n >= 2 && i < sizeof forms / sizeof *forms; i++)
        if ((d.p[0] & 0x3F) == forms[i].fdb) {
            *type = forms[i].type;
            return 0;
        }
    return -1;
}

/* Which EF.ARR a one-octet reference means: 2F06 for the MF, ADFs and what lies under the MF. */
static uint16_t implied_arr(const struct saip_file *f)
{
    bool at_mf = f->type == SAIP_MF || f->type == SAIP_ADF || (f->parent && f->parent->type == SAIP_MF);
    return at_mf ? 0x2F06 : 0x6F06;
}

/* By the template or the descriptor, which may not differ; of a link it comes from the target. */
static int set_type(struct saip_builder *b, struct saip_file *f, const struct saip_template_file *row,
                    const struct saip_Fcp *fcp)
{
    enum saip_file_type stated = SAIP_TRANSPARENT;
    bool told = fcp && fcp->fileDescriptor.n, link = fcp && fcp->linkPath.n;
    bool known = told && type_of_descriptor(fcp->fileDescriptor, &stated) == 0;
    if (known && stated == SAIP_DF && !f->parent)
        stated = SAIP_MF;
    if (!link && ((told && !known) || (!told && !row)))
        return saip_end(b, SAIP_BAD_VALUES, CLAUSE_FCP, "a file descriptor of TS 102 221 11.1.1.4.3", "%s",
                        told ? "another" : "none");
    if (!link && row && known && stated != row->type && !(stated == SAIP_DF && row->type == SAIP_ADF))
        return saip_end(b, SAIP_BAD_VALUES, CLAUSE_RULES, "a file of the template's type", "descriptor %02X",
                        fcp->fileDescriptor.p[0]);
    f->type = row ? row->type : stated;
    return 0;
}

static int set_identity(struct saip_builder *b, struct saip_file *f, const struct saip_template_file *row,
                        const struct saip_Fcp *fcp, unsigned instance)
{
    if (fcp && fcp->fileID.p)
        f->fid = (uint16_t)number_of(fcp->fileID);
    else if (row && row->fid && row->fid + instance <= row->last)
        f->fid = (uint16_t)(row->fid + instance);
    else
        return saip_end(b, SAIP_BAD_VALUES, CLAUSE_RULES, "a file identifier", "none");
    if (fcp && fcp->dfName.p)
        f->aid = arena_copy(b->arena, fcp->dfName);
    if (f->type == SAIP_DF && f->aid.p)
        f->type = SAIP_ADF;
    if (f->type == SAIP_ADF && !f->aid.p)
        return saip_end(b, SAIP_BAD_VALUES, CLAUSE_RULES, "the AID of an ADF as dfName", "none");
    if (f->type != SAIP_ADF && f->aid.p)
        return saip_end(b, SAIP_BAD_VALUES, CLAUSE_RULES, "a dfName for an ADF only", "one for file %04X", f->fid);
    f->name = row ? row->name : arena_printf(b->arena, "%04X", f->fid);
    return f->name ? 0 : saip_no_memory(b);
}

static void set_attributes(struct saip_builder *b, struct saip_file *f, const struct saip_template_file *row,
                           const struct saip_Fcp *fcp)
{
    const struct saip_ProprietaryInfo *info = fcp ? fcp->proprietaryEFInfo : NULL;
    f->lcsi = fcp && fcp->lcsi.n ? fcp->lcsi.p[0] : 5;
    f->sfi = row ? row->sfi : (uint8_t)(f->fid & 0x1F);
    if (fcp && fcp->shortEFID.p)
        f->sfi = fcp->shortEFID.n ? fcp->shortEFID.p[0] >> 3 : 0;
    if (saip_is_df(f))
        f->sfi = 0;
    f->special = info ? info->specialFileInformation.p[0] : row && (row->flags & SAIP_HIGH) ? 0x80 : 0;
    f->pst = fcp ? arena_copy(b->arena, fcp->pinStatusTemplateDO) : BYTES_NONE;
    f->arr_fid = implied_arr(f);
    f->arr_record = row ? row->arr : 0;
    struct bytes reference = fcp ? fcp->securityAttributesReferenced : BYTES_NONE;
    if (reference.n == 3)
        f->arr_fid = (uint16_t)number_of(bytes_slice(reference, 0, 2));
    if (reference.n)
        f->arr_record = reference.p[reference.n - 1];
}

static int set_size(struct saip_builder *b, struct saip_file *f, const struct saip_template_file *row,
                    const struct saip_Fcp *fcp)
{
    bool records = f->type == SAIP_LINEAR || f->type == SAIP_CYCLIC;
    if (row && !(fcp && fcp->fileDescriptor.p && fcp->efFileSize.p) && (row->flags & SAIP_UNSURE))
        return saip_end(b, SAIP_BAD_VALUES, CLAUSE_TEMPLATE, "fileDescriptor and efFileSize for this file", "not both");
    f->size = fcp && fcp->efFileSize.p ? number_of(fcp->efFileSize)
              : row                    ? (uint32_t)(row->records ? row->records * row->length
                                                    : records    ? 0
                                                                 : row->length)
                                       : 0;
    f->record_length = records && row ? row->length : 0;
    if (records && fcp && fcp->fileDescriptor.n == 4)
        f->record_length = (uint16_t)number_of(bytes_slice(fcp->fileDescriptor, 2, 2));
    if (fcp && fcp->proprietaryEFInfo && fcp->proprietaryEFInfo->maximumFileSize.p)
        f->max_size = number_of(fcp->proprietaryEFInfo->maximumFileSize);
    if (f->size == 0)
        return saip_end(b, SAIP_BAD_VALUES, CLAUSE_TEMPLATE, "a file size", "none");
    if (f->type == SAIP_BERTLV && f->max_size > f->size)
        f->size = f->max_size; /* room is kept for all that the file may take */
    if (records && (f->record_length == 0 || f->size % f->record_length))
        return saip_end(b, SAIP_BAD_VALUES, CLAUSE_FCP, "a file size of whole records", "%u octets in records of %u",
                        (unsigned)f->size, f->record_length);
    if (f->size > SAIP_FILE_SIZE_MAX || f->size > SAIP_IMAGE_MAX - b->image->octets)
        return saip_end(b, SAIP_NOT_ENOUGH_MEMORY, CLAUSE_FCP, "files of 65,535 octets, and of 2 MiB together",
                        "%u octets more", (unsigned)f->size);
    return 0;
}

/* Octets of one record, or of the whole body: the pattern's unit. */
static void pattern_put(uint8_t *p, size_t n, struct bytes head, struct bytes tail, enum saip_default how)
{
    for (size_t i = 0; i < n; i++) {
        if (how == SAIP_REPEAT)
            p[i] = head.p[i % head.n];
        else if (i < head.n)
            p[i] = head.p[i];
        else
            p[i] = how == SAIP_FILL ? head.p[head.n - 1] : 0xFF;
    }
    if (tail.n && tail.n <= n)
        memcpy(p + n - tail.n, tail.p, tail.n);
}

static int set_body(struct saip_builder *b, struct saip_file *f, const struct saip_template_file *row,
                    const struct saip_Fcp *fcp)
{
    const struct saip_ProprietaryInfo *info = fcp ? fcp->proprietaryEFInfo : NULL;
    struct bytes head = BYTES_NONE, tail = BYTES_NONE;
    enum saip_default how = SAIP_NO_DEFAULT;
    f->body = arena_alloc(b->arena, f->size);
    if (!f->body)
        return saip_no_memory(b);
    memset(f->body, 0xFF, f->size);
    if (info && info->fillPattern.p && info->repeatPattern.p)
        return saip_end(b, SAIP_BAD_VALUES, CLAUSE_FCP, "a fill pattern or a repeat pattern", "both");
    if (info && (info->fillPattern.p || info->repeatPattern.p)) {
        how = info->fillPattern.p ? SAIP_FILL : SAIP_REPEAT;
        head = info->fillPattern.p ? info->fillPattern : info->repeatPattern;
    } else if (row && row->how != SAIP_NO_DEFAULT) {
        how = row->how;
        if (hex_decode(b->arena, bytes_text(row->head), &head, NULL) != 0 ||
            hex_decode(b->arena, bytes_text(row->tail), &tail, NULL) != 0)
            return saip_no_memory(b);
    }
    size_t unit = f->record_length ? f->record_length : f->size;
    for (size_t at = 0; how != SAIP_NO_DEFAULT && at < f->size; at += unit)
        pattern_put(f->body + at, unit, head, tail, how);
    return 0;
}

static int attach(struct saip_builder *b, struct saip_file *parent, struct saip_file *f)
{
    struct saip_file **end = parent ? &parent->children : &b->image->mf;
    if (parent && parent->link_path.p)
        return saip_end(b, SAIP_BAD_VALUES, CLAUSE_RULES, "a DF of its own for new files", "a link, %s", parent->name);
    for (; *end; end = &(*end)->next)
        if ((*end)->fid == f->fid || !parent)
            return saip_end(b, SAIP_BAD_VALUES, CLAUSE_RULES, "a file identifier that is free in its DF", "%04X again",
                            f->fid);
    f->number = (uint32_t)b->image->n_files;
    f->element = (uint32_t)b->element;
    if (++b->image->n_files > SAIP_FILES_MAX)
        return saip_end(b, SAIP_NOT_ENOUGH_MEMORY, CLAUSE_RULES, "at most 2,048 files", "one more");
    *end = f;
    f->parent = parent;
    b->image->octets += f->link_path.p ? 0 : f->size;
    return 0;
}

int saip_file_make(struct saip_builder *b, struct saip_file *parent, const struct saip_template_file *row,
                   const struct saip_Fcp *fcp, unsigned instance, struct saip_file **out)
{
    struct saip_file *f = arena_alloc(b->arena, sizeof *f);
    if (!f)
        return saip_no_memory(b);
    f->parent = parent;
    b->part = fcp ? fcp->raw : b->part;
    if (set_type(b, f, row, fcp) != 0 || set_identity(b, f, row, fcp, instance) != 0)
        return -1;
    set_attributes(b, f, row, fcp);
    if (fcp && fcp->linkPath.n) {
        f->link_path = arena_copy(b->arena, fcp->linkPath);
        if (!f->link_path.p)
            return saip_no_memory(b);
    } else if (!saip_is_df(f) && (set_size(b, f, row, fcp) != 0 || set_body(b, f, row, fcp) != 0)) {
        return -1;
    }
    if (saip_is_df(f) && !b->first)
        b->first = f;
    *out = f;
    return attach(b, parent, f);
}

int saip_file_fill(struct saip_builder *b, struct saip_file *f, size_t *position, struct bytes content)
{
    b->part = content;
    if (!f || saip_is_df(f) || f->link_path.p)
        return saip_end(b, SAIP_BAD_VALUES, CLAUSE_FCP, "content for an EF that is no link", "%s",
                        !f ? "no file" : saip_is_df(f) ? "a DF" : "a link");
    if (*position > f->size || content.n > f->size - *position)
        return saip_end(b, SAIP_BAD_VALUES, CLAUSE_FCP, "content that ends with the file", "%zu octets behind its end",
                        *position + content.n - f->size);
    if (content.n)
        memcpy(f->body + *position, content.p, content.n);
    *position += content.n;
    if (f->type == SAIP_BERTLV)
        f->used = (uint32_t)*position;
    return 0;
}

enum { LINKS_MAX = 8 }; /* links to links; a longer chain is a circle */

static int link_resolve(struct saip_builder *b, struct saip_file *f)
{
    struct saip_file *target = f;
    for (int i = 0; target && target->link_path.p; i++) {
        if (i == LINKS_MAX)
            return saip_end(b, SAIP_BAD_VALUES, CLAUSE_RULES, "a link that leads to a file", "a circle from %04X",
                            f->fid);
        target = saip_at(b->image, target->link_path);
    }
    if (!target)
        return saip_end(b, SAIP_BAD_VALUES, CLAUSE_RULES, "a link to a file that is there", "nothing where %04X leads",
                        f->fid);
    f->link = target;
    f->type = target->type;
    f->record_length = target->record_length;
    f->size = target->size;
    f->max_size = target->max_size;
    f->special = target->special;
    f->body = target->body;
    if (saip_is_df(target)) {
        f->children = target->children;
        f->pst = target->pst;
    }
    return 0;
}

static int objects_check(struct saip_builder *b, const struct saip_file *f)
{
    struct cursor c = cursor_over(bytes_make(f->body, f->used));
    struct tlv t;
    while (!cursor_done(&c))
        if (tlv_next(&c, ASN1_WIRE, &t, NULL) != 0)
            return saip_end(b, SAIP_BAD_VALUES, CLAUSE_FCP, "BER-TLV objects one behind the other",
                            "something else at octet %zu of %s", cursor_offset(&c), f->name);
    return 0;
}

int saip_files_finish(struct saip_builder *b, struct saip_file *root)
{
    for (struct saip_file *f = root->children; f; f = f->next) {
        int failed = f->link_path.p            ? link_resolve(b, f)
                     : saip_is_df(f)           ? saip_files_finish(b, f)
                     : f->type == SAIP_BERTLV ? objects_check(b, f)
                                               : 0;
        if (failed)
            return -1;
    }
    return 0;
}
