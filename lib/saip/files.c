/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/files.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "saip/limits.h"

int saip_end(struct saip_builder *b, int64_t status, const char *format, ...)
{
    struct saip_result *r = b->result;
    char why[120];
    va_list ap;
    va_start(ap, format);
    vsnprintf(why, sizeof why, format, ap);
    va_end(ap);
    r->status = status;
    r->aborted = true;
    snprintf(r->reason, sizeof r->reason, "element %zu (%s)%s%s: %s", b->element, b->kind ? b->kind : "?",
             b->member ? ", " : "", b->member ? b->member : "", why);
    return -1;
}

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

static int set_identity(struct saip_builder *b, struct saip_file *f, const struct saip_template_file *row,
                        const struct saip_Fcp *fcp, unsigned instance)
{
    if (fcp && fcp->fileID.p)
        f->fid = (uint16_t)number_of(fcp->fileID);
    else if (row && row->fid && row->fid + instance <= row->last)
        f->fid = (uint16_t)(row->fid + instance);
    else
        return saip_end(b, SAIP_BAD_VALUES, "the file has no identifier");
    if (fcp && fcp->dfName.p)
        f->aid = arena_copy(b->arena, fcp->dfName);
    if (f->type == SAIP_DF && f->aid.p)
        f->type = SAIP_ADF;
    if (f->type == SAIP_ADF && !f->aid.p)
        return saip_end(b, SAIP_BAD_VALUES, "an ADF without an AID");
    f->name = row ? row->name : arena_printf(b->arena, "%04X", f->fid);
    return 0;
}

static void set_attributes(struct saip_builder *b, struct saip_file *f, const struct saip_template_file *row,
                           const struct saip_Fcp *fcp)
{
    const struct saip_ProprietaryInfo *info = fcp ? fcp->proprietaryEFInfo : NULL;
    f->lcsi = fcp && fcp->lcsi.n ? fcp->lcsi.p[0] : 5;
    f->sfi = row ? row->sfi : (f->fid & 0x1F) < 0x1F ? (uint8_t)(f->fid & 0x1F) : 0; /* 1 to 30: ISO/IEC 7816-4 */
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
        return saip_end(b, SAIP_BAD_VALUES, "the element must give size and descriptor of this file");
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
        return saip_end(b, SAIP_BAD_VALUES, "the file has no size");
    if (records && (f->record_length == 0 || f->size % f->record_length))
        return saip_end(b, SAIP_BAD_VALUES, "a size of %u is no whole number of records of %u", (unsigned)f->size,
                        f->record_length);
    if (f->size > SAIP_FILE_SIZE_MAX || f->size > SAIP_IMAGE_MAX - b->image->octets)
        return saip_end(b, SAIP_NOT_ENOUGH_MEMORY, "a file of %u octets does not fit", (unsigned)f->size);
    return 0;
}

/* Octets of one record, or of the whole body: the pattern's unit.  With a tail it is no pattern but content of the
 * template's own length, to be cut or padded (TCA 9.1). */
static void pattern_put(uint8_t *p, size_t n, size_t own, struct bytes head, struct bytes tail, enum saip_default how)
{
    for (size_t i = 0; i < n; i++) {
        if (how == SAIP_REPEAT)
            p[i] = head.p[i % head.n];
        else if (tail.n && i + tail.n >= own)
            p[i] = i < own ? tail.p[i + tail.n - own] : 0xFF;
        else if (i < head.n)
            p[i] = head.p[i];
        else
            p[i] = how == SAIP_FILL ? head.p[head.n - 1] : 0xFF;
    }
}

static int set_body(struct saip_builder *b, struct saip_file *f, const struct saip_template_file *row,
                    const struct saip_Fcp *fcp)
{
    const struct saip_ProprietaryInfo *info = fcp ? fcp->proprietaryEFInfo : NULL;
    struct bytes head = BYTES_NONE, tail = BYTES_NONE;
    enum saip_default how = SAIP_NO_DEFAULT;
    f->body = arena_alloc(b->arena, f->size);
    if (!f->body)
        return saip_end(b, SAIP_MEMORY_FAILURE, "no memory for a file of %u octets", (unsigned)f->size);
    memset(f->body, 0xFF, f->size);
    if (info && info->fillPattern.p && info->repeatPattern.p)
        return saip_end(b, SAIP_BAD_VALUES, "both a fill pattern and a repeat pattern");
    if (info && (info->fillPattern.p || info->repeatPattern.p)) {
        how = info->fillPattern.p ? SAIP_FILL : SAIP_REPEAT;
        head = info->fillPattern.p ? info->fillPattern : info->repeatPattern;
    } else if (row && row->how != SAIP_NO_DEFAULT) {
        how = row->how;
        if (hex_decode(b->arena, bytes_text(row->head), &head, NULL) != 0 ||
            hex_decode(b->arena, bytes_text(row->tail), &tail, NULL) != 0)
            return saip_end(b, SAIP_MEMORY_FAILURE, "no memory for a pattern");
    }
    size_t unit = f->record_length ? f->record_length : f->size;
    for (size_t at = 0; how != SAIP_NO_DEFAULT && at < f->size; at += unit)
        pattern_put(f->body + at, unit, row ? row->length : unit, head, tail, how);
    return 0;
}

static int attach(struct saip_builder *b, struct saip_file *parent, struct saip_file *f)
{
    struct saip_file **end = parent ? &parent->children : &b->image->mf;
    for (; *end; end = &(*end)->next)
        if ((*end)->fid == f->fid || !parent)
            return saip_end(b, SAIP_BAD_VALUES, "file %04X exists already", f->fid);
    f->number = (uint32_t)b->image->n_files;
    if (++b->image->n_files > SAIP_FILES_MAX)
        return saip_end(b, SAIP_NOT_ENOUGH_MEMORY, "more than %d files", SAIP_FILES_MAX);
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
        return saip_end(b, SAIP_MEMORY_FAILURE, "no memory for a file");
    if (row)
        f->type = row->type;
    else if (!fcp || type_of_descriptor(fcp->fileDescriptor, &f->type) != 0) {
        if (!fcp || !fcp->linkPath.n)
            return saip_end(b, SAIP_BAD_VALUES, "the kind of the file is not stated");
        f->type = SAIP_TRANSPARENT; /* until its target is known */
    }
    f->parent = parent;
    if (set_identity(b, f, row, fcp, instance) != 0)
        return -1;
    set_attributes(b, f, row, fcp);
    if (fcp && fcp->linkPath.n) {
        f->link_path = arena_copy(b->arena, fcp->linkPath);
        if (!f->link_path.p)
            return saip_end(b, SAIP_MEMORY_FAILURE, "no memory for a file");
    } else if (!saip_is_df(f) && (set_size(b, f, row, fcp) != 0 || set_body(b, f, row, fcp) != 0)) {
        return -1;
    }
    *out = f;
    return attach(b, parent, f);
}

int saip_file_fill(struct saip_builder *b, struct saip_file *f, size_t *position, struct bytes content)
{
    if (!f || saip_is_df(f) || f->link_path.p)
        return saip_end(b, SAIP_BAD_VALUES, "content for something that takes none");
    if (*position > f->size || content.n > f->size - *position)
        return saip_end(b, SAIP_BAD_VALUES, "content ends %zu octets behind the file's end",
                        *position + content.n - f->size);
    if (content.n)
        memcpy(f->body + *position, content.p, content.n);
    *position += content.n;
    return 0;
}

static struct saip_file *at_path(const struct saip_image *image, struct bytes path)
{
    struct saip_file *f = image->mf;
    for (size_t i = 0; f && i + 1 < path.n; i += 2) {
        uint16_t fid = (uint16_t)(path.p[i] << 8 | path.p[i + 1]);
        if (i == 0 && fid == 0x3F00)
            continue;
        f = saip_child(f, fid);
    }
    return f;
}

enum { LINKS_MAX = 8 }; /* links to links; a longer chain is a circle */

static int link_resolve(struct saip_builder *b, struct saip_file *f)
{
    struct saip_file *target = f;
    for (int i = 0; target && target->link_path.p; i++) {
        if (i == LINKS_MAX)
            return saip_end(b, SAIP_BAD_VALUES, "the link of file %04X goes in a circle", f->fid);
        target = at_path(b->image, target->link_path);
    }
    if (!target)
        return saip_end(b, SAIP_BAD_VALUES, "the target of link %04X does not exist", f->fid);
    f->link = target;
    f->type = target->type;
    f->record_length = target->record_length;
    f->size = target->size;
    f->max_size = target->max_size;
    f->special = target->special;
    f->body = target->body;
    if (saip_is_df(target))
        f->children = target->children;
    return 0;
}

int saip_links_resolve(struct saip_builder *b, struct saip_file *root)
{
    for (struct saip_file *f = root->children; f; f = f->next) {
        if (f->link_path.p && link_resolve(b, f) != 0)
            return -1;
        if (!f->link_path.p && saip_links_resolve(b, f) != 0)
            return -1;
    }
    return 0;
}
