/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/image.h"

#include <stdarg.h>
#include <stdio.h>

#include "saip/builder.h"
#include "saip/limits.h"
#include "saip/services.h"

struct saip_file *saip_child(const struct saip_file *df, uint16_t fid)
{
    for (struct saip_file *f = df->children; f; f = f->next)
        if (f->fid == fid)
            return f;
    return NULL;
}

struct saip_file *saip_at(const struct saip_image *image, struct bytes path)
{
    struct saip_file *f = image->mf;
    for (size_t i = 0; f && i + 1 < path.n; i += 2) {
        uint16_t fid = (uint16_t)(path.p[i] << 8 | path.p[i + 1]);
        f = i == 0 && fid == f->fid ? f : saip_child(f, fid);
    }
    return path.n % 2 ? NULL : f;
}

struct saip_file *saip_arr_of(const struct saip_image *m, const struct saip_file *f)
{
    const struct saip_file *df = saip_is_df(f) ? f : f->parent;
    if (f->arr_fid == 0x2F06)
        return saip_child(m->mf, 0x2F06);
    for (; df; df = df->type == SAIP_ADF ? NULL : df->parent) {
        struct saip_file *arr = saip_child(df, f->arr_fid);
        if (arr)
            return arr;
    }
    return NULL;
}

struct saip_file *saip_adf(const struct saip_image *image, struct bytes prefix)
{
    for (struct saip_file *f = image->mf ? image->mf->children : NULL; f; f = f->next)
        if (f->type == SAIP_ADF && f->aid.n >= prefix.n && bytes_equal(bytes_slice(f->aid, 0, prefix.n), prefix))
            return f;
    return NULL;
}

/* ------------------------------------------------------------------------------ faults */

/* Where the part is in the element's octets, if it is of them at all. */
static size_t offset_of(const struct saip_builder *b)
{
    struct bytes all = b->pe ? b->pe->raw : BYTES_NONE;
    uintptr_t from = (uintptr_t)all.p, at = (uintptr_t)b->part.p;
    return all.p && b->part.p && at >= from && at - from < all.n ? at - from : 0;
}

static void note(struct saip_builder *b, enum saip_status status, uint8_t additional, const char *clause,
                 const char *expected, const char *found, va_list ap)
{
    struct saip_result *r = b->result;
    struct saip_fault *f = &r->faults[r->n < SAIP_FAULTS_MAX ? r->n++ : SAIP_FAULTS_MAX - 1];
    const struct saip_PEHeader *header = b->pe ? saip_header_of(b->pe) : NULL;
    *f = (struct saip_fault){ .status = status,
                              .element = b->element,
                              .kind = b->pe ? saip_kind_name(b->pe) : NULL,
                              .identification = header ? (int32_t)header->identification : -1,
                              .member = b->member,
                              .offset = offset_of(b),
                              .additional = additional,
                              .clause = clause,
                              .expected = expected };
    vsnprintf(f->found, sizeof f->found, found, ap);
}

int saip_end(struct saip_builder *b, enum saip_status status, const char *clause, const char *expected,
             const char *found, ...)
{
    va_list ap;
    va_start(ap, found);
    note(b, status, 0, clause, expected, found, ap);
    va_end(ap);
    b->result->aborted = true;
    return -1;
}

int saip_pass(struct saip_builder *b, enum saip_status status, uint8_t additional, const char *clause,
              const char *expected, const char *found, ...)
{
    const struct saip_PEHeader *header = saip_header_of(b->pe);
    va_list ap;
    va_start(ap, found);
    note(b, status, additional, clause, expected, found, ap);
    va_end(ap);
    bool demanded = header ? header->mandated : b->pe->which == saip_ProfileElement_header;
    b->result->aborted = demanded && !b->any_card;
    return b->result->aborted ? -1 : 0;
}

int saip_no_memory(struct saip_builder *b)
{
    return saip_end(b, SAIP_MEMORY_FAILURE, SAIP_CLAUSE("8.10"), "memory for the profile", "none left");
}

/* ------------------------------------------------------------- elements with templates */

/* The files of one member: an Fcp each (none: one file of the template), then their content.  *first is the first of
 * them, NULL if none is to be made. */
static int member_install(struct saip_builder *b, struct saip_file *parent, const struct saip_template_file *row,
                          const struct saip_File *file, struct saip_file **first)
{
    struct saip_file *f = NULL;
    size_t position = 0;
    unsigned instance = 0;
    *first = NULL;
    for (size_t i = 0; file && i < file->n; i++) {
        const struct saip_File_item *item = &file->items[i];
        if (item->which == saip_File_item_doNotCreate && parent && parent->type != SAIP_MF)
            return 0; /* it has no effect in the MF (8.3.2) */
        if (item->which == saip_File_item_fileDescriptor) {
            if (saip_file_make(b, parent, row, &item->fileDescriptor, instance++, &f) != 0)
                return -1;
            position = 0;
        } else if (!f && saip_file_make(b, parent, row, NULL, instance++, &f) != 0) {
            return -1;
        } else if (item->which == saip_File_item_fillFileOffset) {
            position += (size_t)item->fillFileOffset;
        } else if (item->which == saip_File_item_fillFileContent &&
                   saip_file_fill(b, f, &position, item->fillFileContent) != 0) {
            return -1;
        }
        *first = *first ? *first : f;
    }
    return *first ? 0 : saip_file_make(b, parent, row, NULL, 0, first);
}

static const struct saip_File *file_of(const struct asn1_field *f, const void *pe)
{
    const uint8_t *at = (const uint8_t *)pe + f->offset;
    return f->flags & ASN1_POINTER ? *(void *const *)at : (const void *)at;
}

/* Where a row's file goes: the template's own DF (or the container), or a DF inside it. */
static struct saip_file *row_parent(struct saip_file *base, const struct saip_template_file *row)
{
    return row->parent && base && row->parent != base->fid ? saip_child(base, row->parent) : base;
}

/* An element with a template, on its way through the members. */
struct walk {
    const struct saip_template *template;
    const struct asn1_type *type;
    const void *value;
    struct saip_file *container, *root; /* root: the template's own DF, once it is there */
    size_t place;
};

enum { FIRST_MEMBER = 2 }; /* behind the header and the template's OID */

static int member_take(struct saip_builder *b, struct walk *w, size_t i)
{
    const struct asn1_field *f = &w->type->fields[i];
    const struct saip_File *file = file_of(f, w->value);
    const struct saip_template_file *row = saip_template_row(w->template, f->name, &w->place);
    struct saip_file *made;
    b->member = f->name;
    b->part = file ? file->raw : BYTES_NONE;
    bool is_root = i == FIRST_MEMBER && row && row->type <= SAIP_DF;
    if (!file && (!w->template->by_default || !row)) {
        if (is_root && w->container) /* of an element before this one */
            w->root = saip_child(w->container, row->fid);
        return 0;
    }
    if (!row)
        return saip_end(b, SAIP_INVALID_PARAMETER, SAIP_CLAUSE("9"), "a file of the template",
                        "one of a later version");
    struct saip_file *parent = is_root ? w->container : row_parent(w->root ? w->root : w->container, row);
    if (!parent && row->type != SAIP_MF)
        return saip_end(b, SAIP_BAD_VALUES, SAIP_CLAUSE("8.3.1"), "the DF of the file before it", "no DF %04X",
                        row->parent);
    if (member_install(b, parent, row, file, &made) != 0)
        return -1;
    if (is_root)
        w->root = made;
    return 0;
}

/* What the files of an element go into. */
enum container { NOWHERE, THE_MF, THE_USIM, THE_ISIM, THE_CSIM, THE_CONTEXT };

static struct saip_file *container(const struct saip_builder *b, enum container where)
{
    static const enum saip_naa naas[] = { [THE_USIM] = SAIP_USIM, [THE_ISIM] = SAIP_ISIM, [THE_CSIM] = SAIP_CSIM };
    return where == NOWHERE       ? NULL
           : where == THE_MF      ? b->image->mf
           : where == THE_CONTEXT ? b->naa
                                  : b->latest[naas[where]];
}

/* By its AID (TS 101 220 Annex E, 3GPP2 S.R0048); SAIP_NO_NAA: one that nobody knows. */
static enum saip_naa naa_of(struct bytes aid)
{
    static const struct {
        enum saip_naa naa;
        uint8_t prefix[7]; /* RID and application code */
    } aids[] = {
        { SAIP_USIM, { 0xA0, 0, 0, 0, 0x87, 0x10, 0x02 } },
        { SAIP_USIM, { 0xA0, 0, 0, 0, 0x87, 0x10, 0x0B } }, /* whose SUPI is no IMSI */
        { SAIP_ISIM, { 0xA0, 0, 0, 0, 0x87, 0x10, 0x04 } },
        { SAIP_CSIM, { 0xA0, 0, 0, 0x03, 0x43, 0x10, 0x02 } },
    };
    for (size_t i = 0; i < sizeof aids / sizeof *aids; i++)
        if (bytes_equal(bytes_slice(aid, 0, sizeof aids[i].prefix), BYTES_OF(aids[i].prefix)))
            return aids[i].naa;
    return SAIP_NO_NAA;
}

/* By an element of this kind, or by generic file management. */
static void adf_made(struct saip_builder *b, struct saip_file *adf, enum saip_naa kind)
{
    enum saip_naa naa = naa_of(adf->aid);
    adf->naa = naa ? naa : kind;
    b->naa = b->latest[adf->naa] = b->latest[kind] = adf;
}

/* -------------------------------------------------------------- generic file management */

static const char CLAUSE_GFM[] = SAIP_CLAUSE("8.3.5");

static int gfm_path(struct saip_builder *b, struct bytes path)
{
    struct saip_file *f = saip_at(b->image, path);
    b->part = path;
    if (!f)
        return saip_end(b, SAIP_BAD_VALUES, CLAUSE_GFM, "the path of a file that is there", "nothing at its end");
    b->selected = f;
    b->current = saip_is_df(f) ? f : f->parent;
    return 0;
}

/* ADFs lie under the MF, wherever they are made. */
static int gfm_create(struct saip_builder *b, const struct saip_Fcp *fcp)
{
    struct saip_file *made = NULL, *parent = fcp->dfName.p ? b->image->mf : b->current;
    if (saip_file_make(b, parent, NULL, fcp, 0, &made) != 0)
        return -1;
    b->selected = made;
    if (saip_is_df(made))
        b->current = made;
    if (made->type == SAIP_ADF)
        adf_made(b, made, SAIP_NO_NAA);
    return 0;
}

static int gfm_command(struct saip_builder *b, const struct saip_FileManagement_item *c, size_t *position)
{
    bool creates = c->which == saip_FileManagement_item_createFCP;
    bool is_mf = creates && bytes_equal(c->createFCP.fileID, BYTES_LIT("\x3F\0"));
    b->part = c->raw;
    if (++b->commands > SAIP_COMMANDS_MAX)
        return saip_end(b, SAIP_NOT_ENOUGH_MEMORY, CLAUSE_GFM, "at most 16,384 commands", "one more");
    if (!b->image->mf && !is_mf)
        return saip_end(b, SAIP_INVALID_FORMAT, CLAUSE_GFM, "the MF before everything else", "another file");
    switch (c->which) {
    case saip_FileManagement_item_filePath:
        *position = 0;
        return gfm_path(b, c->filePath);
    case saip_FileManagement_item_createFCP:
        *position = 0;
        return gfm_create(b, &c->createFCP);
    case saip_FileManagement_item_fillFileOffset:
        *position += (size_t)c->fillFileOffset;
        return 0;
    default:
        return saip_file_fill(b, b->selected, position, c->fillFileContent);
    }
}

static int gfm_install(struct saip_builder *b, const struct saip_ProfileElement *pe)
{
    const struct saip_PE_GenericFileManagement *g = &pe->genericFileManagement;
    size_t position = 0;
    b->current = b->selected = b->image->mf;
    for (size_t i = 0; i < g->fileManagementCMD.n; i++)
        for (size_t k = 0; k < g->fileManagementCMD.items[i].n; k++)
            if (gfm_command(b, &g->fileManagementCMD.items[i].items[k], &position) != 0)
                return -1;
    return 0;
}

/* -------------------------------------------------------------------------- the others */

static int services_check(struct saip_builder *b, const struct saip_ProfileHeader *h)
{
    uint32_t lacking = saip_services_demanded(h) & ~saip_services_offered();
    for (size_t i = 0; i < saip_services_count; i++)
        if (saip_services[i].bit & lacking)
            if (saip_pass(b, SAIP_FEATURE_NOT_SUPPORTED, 0, SAIP_CLAUSE("8.2.1"),
                          "mandatory services that this card has", "%s (%s)", saip_services[i].name,
                          saip_services[i].lacking) != 0)
                return -1;
    if (h->iotOptions)
        return saip_end(b, SAIP_FEATURE_NOT_SUPPORTED, SAIP_CLAUSE("7.5"), "a full profile", "an IoT minimal profile");
    return 0;
}

static int header_install(struct saip_builder *b, const struct saip_ProfileElement *pe)
{
    const struct saip_ProfileHeader *h = &pe->header;
    if (b->element != 1)
        return saip_end(b, SAIP_INVALID_FORMAT, SAIP_CLAUSE("8.1.3"), "one header, at the beginning", "another");
    if (h->major_version != 2 && h->major_version != 3)
        return saip_end(b, SAIP_WRONG_VERSION, SAIP_CLAUSE("8.2.1"), "version 2 or 3 of the format", "version %lld",
                        (long long)h->major_version);
    if (h->eUICC_Mandatory_GFSTEList.n > SAIP_DEMANDS_MAX)
        return saip_end(b, SAIP_NOT_ENOUGH_MEMORY, SAIP_CLAUSE("8.2.1"), "at most 256 mandatory templates", "%zu",
                        h->eUICC_Mandatory_GFSTEList.n);
    for (size_t i = 0; i < h->eUICC_Mandatory_GFSTEList.n; i++)
        if (!saip_template_find(h->eUICC_Mandatory_GFSTEList.items[i]) &&
            saip_pass(b, SAIP_TEMPLATE_NOT_SUPPORTED, 0, SAIP_CLAUSE("8.10"), "mandatory templates that this card has",
                      "%s", asn1_oid_text(b->arena, h->eUICC_Mandatory_GFSTEList.items[i])) != 0)
            return -1;
    if (h->eUICC_Mandatory_AIDs && h->eUICC_Mandatory_AIDs->n &&
        saip_pass(b, SAIP_LIB_NOT_SUPPORTED, 0, SAIP_CLAUSE("8.10"), "no library, since this card has none",
                  "eUICC-Mandatory-AIDs") != 0)
        return -1;
    return services_check(b, h);
}

static int end_install(struct saip_builder *b, const struct saip_ProfileElement *pe)
{
    (void)b;
    (void)pe;
    return 0;
}

/* An element is installed by a function, or by the files of its template. */
static const struct kind {
    saip_installer *install;
    enum container where; /* of its own DF, or of its files */
    enum saip_naa naa;    /* the NAA whose ADF it makes */
    bool at_mf;           /* it makes the MF */
} kinds[] = {
    [saip_ProfileElement_header] = { .install = header_install },
    [saip_ProfileElement_genericFileManagement] = { .install = gfm_install },
    [saip_ProfileElement_pinCodes] = { .install = saip_pins_install },
    [saip_ProfileElement_pukCodes] = { .install = saip_puks_install },
    [saip_ProfileElement_akaParameter] = { .install = saip_aka_install },
    [saip_ProfileElement_cdmaParameter] = { .install = saip_cdma_install },
    [saip_ProfileElement_securityDomain] = { .install = saip_domain_install },
    [saip_ProfileElement_rfm] = { .install = saip_rfm_install },
    [saip_ProfileElement_application] = { .install = saip_application_install },
    [saip_ProfileElement_end] = { .install = end_install },
    [saip_ProfileElement_mf] = { .at_mf = true },
    [saip_ProfileElement_cd] = { .where = THE_MF },
    [saip_ProfileElement_telecom] = { .where = THE_MF },
    [saip_ProfileElement_usim] = { .where = THE_MF, .naa = SAIP_USIM },
    [saip_ProfileElement_opt_usim] = { .where = THE_USIM },
    [saip_ProfileElement_isim] = { .where = THE_MF, .naa = SAIP_ISIM },
    [saip_ProfileElement_opt_isim] = { .where = THE_ISIM },
    [saip_ProfileElement_phonebook] = { .where = THE_USIM },
    [saip_ProfileElement_gsm_access] = { .where = THE_USIM },
    [saip_ProfileElement_csim] = { .where = THE_MF, .naa = SAIP_CSIM },
    [saip_ProfileElement_opt_csim] = { .where = THE_CSIM },
    [saip_ProfileElement_eap] = { .where = THE_CONTEXT },
    [saip_ProfileElement_df_5gs] = { .where = THE_USIM },
    [saip_ProfileElement_df_saip] = { .where = THE_USIM },
    [saip_ProfileElement_df_snpn] = { .where = THE_USIM },
    [saip_ProfileElement_df_5gprose] = { .where = THE_USIM },
};

static int files_install(struct saip_builder *b, const struct kind *k, const struct saip_ProfileElement *pe)
{
    const struct asn1_field *alternative = &saip_ProfileElement_type.fields[pe->which - 1];
    struct walk w = { .type = alternative->type, .value = (const uint8_t *)pe + alternative->offset,
                      .container = container(b, k->where) };
    struct bytes oid = *(const struct bytes *)((const uint8_t *)w.value + w.type->fields[1].offset);
    w.template = saip_template_find(oid);
    b->part = oid;
    if (!w.template)
        return saip_pass(b, SAIP_TEMPLATE_NOT_SUPPORTED, 0, SAIP_CLAUSE("8.10"), "a template that this card has", "%s",
                         asn1_oid_text(b->arena, oid));
    b->part = BYTES_NONE;
    if (k->at_mf ? b->image->mf != NULL : w.container == NULL)
        return saip_end(b, SAIP_INVALID_FORMAT, SAIP_CLAUSE("8.1.3"),
                        k->at_mf ? "one MF" : "the MF or ADF that the element belongs to",
                        k->at_mf ? "another" : "none");
    for (size_t i = FIRST_MEMBER; i < w.type->n_fields; i++)
        if (member_take(b, &w, i) != 0)
            return -1;
    if (k->naa && w.root)
        adf_made(b, w.root, k->naa);
    return 0;
}

static int element_install(struct saip_builder *b, const struct saip_ProfileElement *pe)
{
    const struct kind *k = (size_t)pe->which < sizeof kinds / sizeof *kinds ? &kinds[pe->which] : NULL;
    b->pe = pe;
    b->member = NULL;
    b->part = BYTES_NONE;
    b->first = NULL;
    if (!k || (!k->install && !k->where && !k->at_mf))
        return saip_pass(b, SAIP_PE_NOT_SUPPORTED, 0, SAIP_CLAUSE("8.10"), "an element that this card has", "%s",
                         saip_kind_name(pe));
    if ((k->install ? k->install(b, pe) : files_install(b, k, pe)) != 0)
        return -1;
    if (b->first)
        b->context = b->first;
    return 0;
}

/* Header first, end last and once; the others find their places themselves. */
static int frame_check(struct saip_builder *b, const struct saip_package *p)
{
    static const char clause[] = SAIP_CLAUSE("8.1.3");
    for (size_t i = 0; i < p->n; i++) {
        bool is_end = p->items[i].which == saip_ProfileElement_end;
        b->element = i + 1;
        b->pe = &p->items[i];
        if (i == 0 && p->items[i].which != saip_ProfileElement_header)
            return saip_end(b, SAIP_INVALID_FORMAT, clause, "a header as the first element", "%s",
                            saip_kind_name(b->pe));
        if (is_end != (i + 1 == p->n))
            return saip_end(b, SAIP_INVALID_FORMAT, clause, "an end as the last element, and only there", "%s",
                            saip_kind_name(b->pe));
    }
    return 0;
}

/* What is said from here on is said of the package, not of an element. */
static void step_back(struct saip_builder *b)
{
    b->element = 0;
    b->pe = NULL;
    b->member = NULL;
    b->part = BYTES_NONE;
}

static int finish(struct saip_builder *b)
{
    step_back(b);
    if (!b->image->mf)
        return saip_end(b, SAIP_INVALID_FORMAT, SAIP_CLAUSE("8.1.3"), "an MF", "none");
    if (b->any_card)
        return saip_links_finish(b, b->image->mf);
    if (saip_files_finish(b, b->image->mf) != 0 || saip_pins_check(b) != 0)
        return -1;
    saip_services_clear(b->image);
    return 0;
}

static int interpret(struct saip_builder *b, const struct saip_package *p)
{
    memset(b->image, 0, sizeof *b->image);
    memset(b->result, 0, sizeof *b->result);
    if (p->n == 0)
        return saip_end(b, SAIP_INVALID_FORMAT, SAIP_CLAUSE("8.1"), "a profile package", "nothing");
    if (frame_check(b, p) != 0)
        return -1;
    step_back(b);
    if (saip_modules_room(b, p) != 0)
        return -1;
    for (size_t i = 0; i < p->n; i++) {
        b->element = i + 1;
        if (element_install(b, &p->items[i]) != 0)
            return -1;
    }
    return finish(b);
}

int saip_install(struct arena *a, const struct saip_package *p, struct saip_image *image, struct saip_result *result)
{
    struct saip_builder b = { .arena = a, .image = image, .result = result };
    return interpret(&b, p);
}

int saip_interpret(struct arena *a, const struct saip_package *p, struct saip_image *image, struct saip_result *result)
{
    struct saip_builder b = { .arena = a, .image = image, .result = result, .any_card = true };
    return interpret(&b, p);
}
