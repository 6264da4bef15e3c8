/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/image.h"

#include <stdio.h>

#include "saip/aka.h"
#include "saip/files.h"
#include "saip/limits.h"

struct saip_file *saip_child(const struct saip_file *df, uint16_t fid)
{
    for (struct saip_file *f = df->children; f; f = f->next)
        if (f->fid == fid)
            return f;
    return NULL;
}

struct saip_file *saip_adf(const struct saip_image *image, struct bytes prefix)
{
    for (struct saip_file *f = image->mf ? image->mf->children : NULL; f; f = f->next)
        if (f->type == SAIP_ADF && f->aid.n >= prefix.n && bytes_equal(bytes_slice(f->aid, 0, prefix.n), prefix))
            return f;
    return NULL;
}

static void note(struct saip_builder *b, int64_t status, const struct saip_PEHeader *header)
{
    struct saip_result *r = b->result;
    if (r->n == SAIP_STATUSES_MAX)
        return;
    r->items[r->n] = (struct saip_PEStatus){ .status = status };
    if (header) {
        r->items[r->n].has_identification = true;
        r->items[r->n].identification = header->identification;
    }
    r->n++;
}

/* ------------------------------------------------------------- elements with templates */

enum place { AT_MF, IN_MF, IN_USIM, IN_ISIM, IN_CSIM, IN_CONTEXT };

static struct saip_file *container(const struct saip_builder *b, enum place place)
{
    switch (place) {
    case IN_MF:
        return b->image->mf;
    case IN_USIM:
        return b->adf[0];
    case IN_ISIM:
        return b->adf[1];
    case IN_CSIM:
        return b->adf[2];
    case IN_CONTEXT:
        return b->context;
    default:
        return NULL;
    }
}

/* The files of one member: an Fcp each (none: one file of the template), then their content. */
static int member_install(struct saip_builder *b, struct saip_file *parent, const struct saip_template_file *row,
                          const struct saip_File *file, struct saip_file **first)
{
    struct saip_file *f = NULL;
    size_t position = 0;
    unsigned instance = 0;
    for (size_t i = 0; file && i < file->n; i++) {
        const struct saip_File_item *item = &file->items[i];
        if (item->which == saip_File_item_doNotCreate && row->type != SAIP_MF)
            return 0;
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
        if (first && !*first)
            *first = f;
    }
    if (!f && saip_file_make(b, parent, row, NULL, 0, &f) != 0)
        return -1;
    if (first && !*first)
        *first = f;
    return 0;
}

static const struct saip_File *file_of(const struct asn1_field *f, const void *pe)
{
    const uint8_t *at = (const uint8_t *)pe + f->offset;
    return f->flags & ASN1_POINTER ? *(void *const *)at : (const void *)at;
}

/* Where a row's file goes: the template's own DF (or the container), or a DF inside it. */
static struct saip_file *row_parent(struct saip_file *root, struct saip_file *container,
                                    const struct saip_template_file *row)
{
    struct saip_file *base = root ? root : container;
    return row->parent && base && row->parent != base->fid ? saip_child(base, row->parent) : base;
}

static int template_install(struct saip_builder *b, const struct saip_template *t, const struct asn1_type *type,
                            const void *pe, struct saip_file *container_df, bool at_mf)
{
    struct saip_file *root = NULL;
    size_t place = 0;
    if (!at_mf && !container_df)
        return saip_end(b, SAIP_INVALID_FORMAT, "the element comes before the DF that it belongs to");
    for (size_t i = 2; i < type->n_fields; i++) {
        const struct asn1_field *f = &type->fields[i];
        const struct saip_File *file = file_of(f, pe);
        const struct saip_template_file *row = saip_template_row(t, f->name, &place);
        b->member = f->name;
        if (!file && (!t->by_default || !row))
            continue;
        if (!row)
            return saip_end(b, SAIP_INVALID_PARAMETER, "template %s has no such file", t->oid);
        bool is_root = i == 2 && row->type <= SAIP_DF;
        struct saip_file *parent = is_root ? container_df : row_parent(root, container_df, row);
        if (!is_root && !parent)
            return saip_end(b, SAIP_BAD_VALUES, "its DF %04X is not there", row->parent);
        if (member_install(b, parent, row, file, is_root ? &root : NULL) != 0)
            return -1;
    }
    b->member = NULL;
    if (root)
        b->context = root;
    return 0;
}

/* -------------------------------------------------------------- generic file management */

static int gfm_path(struct saip_builder *b, struct bytes path)
{
    struct saip_file *f = b->image->mf;
    for (size_t i = 0; f && i + 1 < path.n; i += 2)
        f = saip_child(f, (uint16_t)(path.p[i] << 8 | path.p[i + 1]));
    if (!f || path.n % 2)
        return saip_end(b, SAIP_BAD_VALUES, "a path that leads nowhere");
    b->selected = f;
    b->current = saip_is_df(f) ? f : f->parent;
    return 0;
}

static int gfm_command(struct saip_builder *b, const struct saip_FileManagement_item *c, size_t *position)
{
    struct saip_file *made = NULL;
    switch (c->which) {
    case saip_FileManagement_item_filePath:
        *position = 0;
        return gfm_path(b, c->filePath);
    case saip_FileManagement_item_createFCP:
        if (saip_file_make(b, b->current, NULL, &c->createFCP, 0, &made) != 0)
            return -1;
        b->selected = made;
        if (saip_is_df(made))
            b->current = b->context = made;
        *position = 0;
        return 0;
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
    b->current = b->image->mf;
    if (!b->current)
        return saip_end(b, SAIP_INVALID_FORMAT, "the element comes before the MF");
    for (size_t i = 0; i < g->fileManagementCMD.n; i++)
        for (size_t k = 0; k < g->fileManagementCMD.items[i].n; k++)
            if (gfm_command(b, &g->fileManagementCMD.items[i].items[k], &position) != 0)
                return -1;
    return 0;
}

/* ----------------------------------------------------------------------- codes and keys */

static int puks_install(struct saip_builder *b, const struct saip_ProfileElement *pe)
{
    const struct saip_PE_PUKCodes *p = &pe->pukCodes;
    for (size_t i = 0; i < p->pukCodes.n; i++) {
        const struct saip_PUKConfiguration *c = &p->pukCodes.items[i];
        struct saip_puk *puk = &b->image->puks[b->image->n_puks];
        if (b->image->n_puks == SAIP_PUKS_MAX)
            return saip_end(b, SAIP_BAD_VALUES, "more than %d PUKs", SAIP_PUKS_MAX);
        puk->reference = (uint8_t)c->keyReference;
        memcpy(puk->value, c->pukValue.p, 8);
        puk->max = (uint8_t)(c->maxNumOfAttemps_retryNumLeft >> 4);
        puk->left = c->maxNumOfAttemps_retryNumLeft & 15;
        b->image->n_puks++;
    }
    return 0;
}

static int pin_add(struct saip_builder *b, const struct saip_PINConfiguration *c)
{
    struct saip_image *m = b->image;
    if (m->n_pins == SAIP_PINS_MAX)
        return saip_end(b, SAIP_BAD_VALUES, "more than %d PINs", SAIP_PINS_MAX);
    for (size_t i = 0; i < m->n_pins; i++)
        if (m->pins[i].context == b->context && m->pins[i].reference == c->keyReference)
            return saip_end(b, SAIP_BAD_VALUES, "PIN %lld is defined twice", (long long)c->keyReference);
    struct saip_pin *pin = &m->pins[m->n_pins++];
    *pin = (struct saip_pin){ .context = b->context,
                              .reference = (uint8_t)c->keyReference,
                              .unblocking = c->has_unblockingPINReference ? (uint8_t)c->unblockingPINReference : 0,
                              .enabled = c->pinAttributes & 1,
                              .may_disable = c->pinAttributes & 2,
                              .may_change = c->pinAttributes & 4,
                              .max = (uint8_t)(c->maxNumOfAttemps_retryNumLeft >> 4),
                              .left = c->maxNumOfAttemps_retryNumLeft & 15 };
    memcpy(pin->value, c->pinValue.p, 8);
    return 0;
}

/* The PINs of another DF count here too: each keeps one value and one counter, so the lookup
 * follows the context; here only the existence is made sure of. */
static int pins_shared(struct saip_builder *b, struct bytes path)
{
    struct saip_file *from = b->image->mf;
    for (size_t i = 0; from && i + 1 < path.n; i += 2)
        from = saip_child(from, (uint16_t)(path.p[i] << 8 | path.p[i + 1]));
    if (!from)
        return saip_end(b, SAIP_BAD_VALUES, "PINs are shared with a DF that is not there");
    for (size_t i = 0, n = b->image->n_pins; i < n; i++) {
        if (b->image->pins[i].context != from)
            continue;
        if (b->image->n_pins == SAIP_PINS_MAX)
            return saip_end(b, SAIP_BAD_VALUES, "more than %d PINs", SAIP_PINS_MAX);
        b->image->pins[b->image->n_pins] = b->image->pins[i];
        b->image->pins[b->image->n_pins++].context = b->context;
    }
    return 0;
}

static int pins_install(struct saip_builder *b, const struct saip_ProfileElement *pe)
{
    const struct saip_PE_PINCodes_pinCodes *p = &pe->pinCodes.pinCodes;
    if (!b->context)
        return saip_end(b, SAIP_INVALID_FORMAT, "the element comes before any DF");
    if (p->which == saip_PE_PINCodes_pinCodes_filePath)
        return pins_shared(b, p->filePath);
    for (size_t i = 0; i < p->pinconfig.n; i++)
        if (pin_add(b, &p->pinconfig.items[i]) != 0)
            return -1;
    return 0;
}

static int algorithm_set(struct saip_builder *b, struct saip_aka *aka, const struct saip_AlgoParameter *p)
{
    struct err e;
    if (saip_aka_key(p, &aka->key, &e) == 0)
        return 0;
    return saip_end(b, e.code == ERR_UNSUPPORTED ? SAIP_FEATURE_NOT_SUPPORTED : SAIP_BAD_VALUES, "%s", e.what);
}

static int aka_install(struct saip_builder *b, const struct saip_ProfileElement *pe)
{
    const struct saip_PE_AKAParameter *p = &pe->akaParameter;
    struct saip_image *m = b->image;
    if (!b->context || b->context->type != SAIP_ADF)
        return saip_end(b, SAIP_INVALID_FORMAT, "the element does not follow an NAA");
    if (m->n_akas == SAIP_AKAS_MAX)
        return saip_end(b, SAIP_BAD_VALUES, "more than %d sets of keys", SAIP_AKAS_MAX);
    struct saip_aka *aka = &m->akas[m->n_akas];
    aka->adf = b->context;
    if (p->algoConfiguration.which == saip_PE_AKAParameter_algoConfiguration_mappingParameter) {
        struct saip_file *source = saip_adf(m, p->algoConfiguration.mappingParameter.mappingSource);
        for (size_t i = 0; source && i < m->n_akas; i++)
            if (m->akas[i].adf == source) {
                *aka = m->akas[i];
                aka->adf = b->context;
                m->n_akas++;
                return 0;
            }
        return saip_end(b, SAIP_BAD_VALUES, "the NAA whose keys it maps is not there");
    }
    if (algorithm_set(b, aka, &p->algoConfiguration.algoParameter) != 0)
        return -1;
    aka->sqn_options = p->sqnOptions.p[0];
    memcpy(aka->sqn_delta, p->sqnDelta.p, 6);
    memcpy(aka->sqn_age_limit, p->sqnAgeLimit.p, 6);
    for (size_t i = 0; i < 32 && i < p->sqnInit.n; i++)
        memcpy(aka->seq[i], p->sqnInit.items[i].p, 6);
    m->n_akas++;
    return 0;
}

/* -------------------------------------------------------------------------- the others */

static int header_install(struct saip_builder *b, const struct saip_ProfileElement *pe)
{
    const struct saip_ProfileHeader *h = &pe->header;
    if (b->element != 1)
        return saip_end(b, SAIP_INVALID_FORMAT, "a second header");
    if (h->major_version != 2 && h->major_version != 3)
        return saip_end(b, SAIP_WRONG_VERSION, "version %lld of the package format", (long long)h->major_version);
    const struct saip_ServicesList *s = &h->eUICC_Mandatory_services;
    if (s->contactless || s->gba_usim || s->gba_isim || s->mbms || s->eap || s->multos ||
        s->cat_tp || s->suciCalculatorApi || s->dns_resolution || s->scp11ac || s->scp11c_authorization_mechanism ||
        s->s16mode || s->eaka)
        return saip_end(b, SAIP_FEATURE_NOT_SUPPORTED, "a mandatory service that this card lacks");
    for (size_t i = 0; i < h->eUICC_Mandatory_GFSTEList.n; i++)
        if (!saip_template_find(h->eUICC_Mandatory_GFSTEList.items[i]))
            return saip_end(b, SAIP_TEMPLATE_NOT_SUPPORTED, "mandatory template %s",
                            asn1_oid_text(b->arena, h->eUICC_Mandatory_GFSTEList.items[i]));
    return 0;
}

static int domain_install(struct saip_builder *b, const struct saip_ProfileElement *pe)
{
    (void)pe;
    b->image->n_domains++;
    return 0;
}

static int application_install(struct saip_builder *b, const struct saip_ProfileElement *pe)
{
    (void)pe;
    b->image->n_applications++;
    return 0;
}

static int rfm_install(struct saip_builder *b, const struct saip_ProfileElement *pe)
{
    (void)pe;
    b->image->n_rfms++;
    return 0;
}

/* CAVE keys stay in the package: no command of ours uses them. */
static int accept(struct saip_builder *b, const struct saip_ProfileElement *pe)
{
    (void)b;
    (void)pe;
    return 0;
}

static const struct element {
    int (*install)(struct saip_builder *, const struct saip_ProfileElement *);
    bool files;       /* a template element */
    enum place place; /* of its own DF, or of its files */
    int naa;          /* 1 + index in `adf` of the ADF that it makes */
} elements[] = {
    [saip_ProfileElement_header] = { header_install, false, AT_MF, 0 },
    [saip_ProfileElement_genericFileManagement] = { gfm_install, false, AT_MF, 0 },
    [saip_ProfileElement_pinCodes] = { pins_install, false, AT_MF, 0 },
    [saip_ProfileElement_pukCodes] = { puks_install, false, AT_MF, 0 },
    [saip_ProfileElement_akaParameter] = { aka_install, false, AT_MF, 0 },
    [saip_ProfileElement_cdmaParameter] = { accept, false, AT_MF, 0 },
    [saip_ProfileElement_securityDomain] = { domain_install, false, AT_MF, 0 },
    [saip_ProfileElement_rfm] = { rfm_install, false, AT_MF, 0 },
    [saip_ProfileElement_application] = { application_install, false, AT_MF, 0 },
    [saip_ProfileElement_end] = { accept, false, AT_MF, 0 },
    [saip_ProfileElement_mf] = { NULL, true, AT_MF, 0 },
    [saip_ProfileElement_cd] = { NULL, true, IN_MF, 0 },
    [saip_ProfileElement_telecom] = { NULL, true, IN_MF, 0 },
    [saip_ProfileElement_usim] = { NULL, true, IN_MF, 1 },
    [saip_ProfileElement_opt_usim] = { NULL, true, IN_USIM, 0 },
    [saip_ProfileElement_isim] = { NULL, true, IN_MF, 2 },
    [saip_ProfileElement_opt_isim] = { NULL, true, IN_ISIM, 0 },
    [saip_ProfileElement_phonebook] = { NULL, true, IN_USIM, 0 },
    [saip_ProfileElement_gsm_access] = { NULL, true, IN_USIM, 0 },
    [saip_ProfileElement_csim] = { NULL, true, IN_MF, 3 },
    [saip_ProfileElement_opt_csim] = { NULL, true, IN_CSIM, 0 },
    [saip_ProfileElement_eap] = { NULL, true, IN_CONTEXT, 0 },
    [saip_ProfileElement_df_5gs] = { NULL, true, IN_USIM, 0 },
    [saip_ProfileElement_df_saip] = { NULL, true, IN_USIM, 0 },
    [saip_ProfileElement_df_snpn] = { NULL, true, IN_USIM, 0 },
    [saip_ProfileElement_df_5gprose] = { NULL, true, IN_USIM, 0 },
};

static int files_install(struct saip_builder *b, const struct element *x, const struct saip_ProfileElement *pe)
{
    const struct asn1_field *alternative = &saip_ProfileElement_type.fields[pe->which - 1];
    const void *value = (const uint8_t *)pe + alternative->offset;
    /* member 1 of each is the template's OID */
    struct bytes oid = *(const struct bytes *)((const uint8_t *)value + alternative->type->fields[1].offset);
    const struct saip_template *t = saip_template_find(oid);
    const struct saip_PEHeader *header = saip_header_of(pe);
    if (!t && header && !header->mandated) {
        note(b, SAIP_TEMPLATE_NOT_SUPPORTED, header);
        return 0;
    }
    if (!t)
        return saip_end(b, SAIP_TEMPLATE_NOT_SUPPORTED, "template %s", asn1_oid_text(b->arena, oid));
    if (template_install(b, t, alternative->type, value, container(b, x->place), x->place == AT_MF) != 0)
        return -1;
    if (x->naa)
        b->adf[x->naa - 1] = b->context;
    return 0;
}

static int element_install(struct saip_builder *b, const struct saip_ProfileElement *pe)
{
    const struct saip_PEHeader *header = saip_header_of(pe);
    const struct element *x = (size_t)pe->which < sizeof elements / sizeof *elements ? &elements[pe->which] : NULL;
    b->kind = saip_kind_name(pe);
    b->member = NULL;
    if (!x || (!x->install && !x->files)) {
        if (header && header->mandated)
            return saip_end(b, SAIP_PE_NOT_SUPPORTED, "this element is not offered");
        note(b, SAIP_PE_NOT_SUPPORTED, header);
        return 0;
    }
    return x->files ? files_install(b, x, pe) : x->install(b, pe);
}

/* header first, MF before everything with files, end last and once */
static int order_check(struct saip_builder *b, const struct saip_package *p)
{
    b->element = 1;
    if (p->items[0].which != saip_ProfileElement_header)
        return saip_end(b, SAIP_INVALID_FORMAT, "the package does not begin with a header");
    for (size_t i = 0; i < p->n; i++) {
        b->element = i + 1;
        b->kind = saip_kind_name(&p->items[i]);
        if ((p->items[i].which == saip_ProfileElement_end) != (i + 1 == p->n))
            return saip_end(b, SAIP_INVALID_FORMAT, i + 1 == p->n ? "the package does not close with an end"
                                                                 : "an end before the last element");
    }
    return 0;
}

/* Global PINs that a PIN status template names must exist in the MF (pin-code-missing). */
static int pins_check(struct saip_builder *b, const struct saip_file *df)
{
    for (size_t i = 0; i < df->pst.n; i++) {
        uint8_t reference = df->pst.p[i];
        bool found = reference >= 0x80;
        for (size_t k = 0; !found && k < b->image->n_pins; k++)
            found = b->image->pins[k].reference == reference && b->image->pins[k].context == b->image->mf;
        if (!found)
            return saip_end(b, SAIP_PIN_MISSING, "PIN %02X of %s is not defined", reference, df->name);
    }
    for (const struct saip_file *f = df->children; f; f = f->next)
        if (saip_is_df(f) && !f->link && pins_check(b, f) != 0)
            return -1;
    return 0;
}

static int elements_install(struct saip_builder *b, const struct saip_package *p)
{
    if (order_check(b, p) != 0)
        return -1;
    for (size_t i = 0; i < p->n; i++) {
        b->element = i + 1;
        if (element_install(b, &p->items[i]) != 0)
            return -1;
    }
    if (!b->image->mf)
        return saip_end(b, SAIP_INVALID_FORMAT, "the package makes no MF");
    return saip_links_resolve(b, b->image->mf) != 0 ? -1 : pins_check(b, b->image->mf);
}

int saip_install(struct arena *a, const struct saip_package *p, struct saip_image *image, struct saip_result *result)
{
    struct saip_builder b = { .arena = a, .image = image, .result = result };
    memset(image, 0, sizeof *image);
    memset(result, 0, sizeof *result);
    if (p->n == 0)
        return saip_end(&b, SAIP_INVALID_FORMAT, "the package is empty");
    if (elements_install(&b, p) == 0) {
        note(&b, SAIP_OK, NULL);
        return 0;
    }
    note(&b, result->status, b.element && b.element <= p->n ? saip_header_of(&p->items[b.element - 1]) : NULL);
    return -1;
}

int saip_response(struct arena *a, const struct saip_result *r, struct bytes *der, struct err *e)
{
    struct saip_EUICCResponse response = {
        .peStatus = { .n = r->n, .items = (struct saip_PEStatus *)(uintptr_t)r->items },
        .profileInstallationAborted = r->aborted,
    };
    return asn1_encode(a, &saip_EUICCResponse_type, &response, der, e);
}
