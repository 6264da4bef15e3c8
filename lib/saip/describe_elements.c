/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "saip/contents.h"
#include "saip/describe_parts.h"
#include "saip/names.h"

/* ----------------------------------------------------------------------- what they make */

/* An element at hand; `nth`: how many of its kind stand before it. */
struct element {
    const struct saip_subject *subject;
    const struct saip_ProfileElement *pe;
    size_t number, nth;
};

static void comma(struct buf *out)
{
    buf_text(out, out->n ? ", " : "");
}

static void make_pins(struct buf *out, const struct element *e)
{
    const struct saip_PE_PINCodes_pinCodes *p = &e->pe->pinCodes.pinCodes;
    if (p->which == saip_PE_PINCodes_pinCodes_filePath) {
        buf_text(out, "PINs shared with ");
        hex_append(out, p->filePath);
    }
    for (size_t i = 0; p->which == saip_PE_PINCodes_pinCodes_pinconfig && i < p->pinconfig.n; i++) {
        comma(out);
        buf_text(out, saip_pin_name(out->arena, (uint8_t)p->pinconfig.items[i].keyReference));
    }
}

static void make_puks(struct buf *out, const struct element *e)
{
    for (size_t i = 0; i < e->pe->pukCodes.pukCodes.n; i++) {
        comma(out);
        buf_text(out, saip_puk_name(out->arena, (uint8_t)e->pe->pukCodes.pukCodes.items[i].keyReference));
    }
}

static void make_aka(struct buf *out, const struct element *e)
{
    const struct saip_PE_AKAParameter *p = &e->pe->akaParameter;
    const struct saip_image *m = e->subject->image;
    bool own = p->algoConfiguration.which == saip_PE_AKAParameter_algoConfiguration_algoParameter;
    buf_text(out, own ? saip_algorithm_name(p->algoConfiguration.algoParameter.algorithmID) : "another NAA's keys");
    if (e->nth < m->n_akas)
        buf_printf(out, " for %s", saip_file_path(out->arena, m->akas[e->nth].adf));
}

static void make_cdma(struct buf *out, const struct element *e)
{
    const struct saip_image *m = e->subject->image;
    buf_text(out, "CAVE and access parameters");
    if (e->nth < m->n_cdmas)
        buf_printf(out, " for %s", saip_file_path(out->arena, m->cdmas[e->nth].adf));
}

static void instance(struct buf *out, const char *what, struct bytes aid)
{
    comma(out);
    buf_printf(out, "%s ", what);
    hex_append(out, aid);
}

static void make_domain(struct buf *out, const struct element *e)
{
    instance(out, "security domain", e->pe->securityDomain.instance.instanceAID);
}

static void make_rfm(struct buf *out, const struct element *e)
{
    instance(out, "RFM", e->pe->rfm.instanceAID);
}

static void make_application(struct buf *out, const struct element *e)
{
    const struct saip_PE_Application *p = &e->pe->application;
    if (p->loadBlock)
        instance(out, "code", p->loadBlock->loadPackageAID);
    for (size_t i = 0; p->instanceList && i < p->instanceList->n; i++)
        instance(out, "instance", p->instanceList->items[i].instanceAID);
}

static const struct saip_file *walk(const struct saip_file *f)
{
    if (saip_is_df(f) && !f->link_path.n && f->children)
        return f->children;
    while (f && !f->next)
        f = f->parent;
    return f ? f->next : NULL;
}

/* The DFs by name, the EFs by number. */
static void make_files(struct buf *out, const struct element *e)
{
    size_t efs = 0, dfs = 0;
    for (const struct saip_file *f = e->subject->image->mf; f; f = walk(f)) {
        if (f->element != e->number)
            continue;
        if (!saip_is_df(f))
            efs++;
        else if (dfs++ < 4) {
            comma(out);
            buf_text(out, saip_file_name(f));
        }
    }
    if (dfs > 4)
        buf_printf(out, " and %zu DFs more", dfs - 4);
    if (efs) {
        comma(out);
        buf_printf(out, "%zu %s", efs, efs == 1 ? "file" : "files");
    }
}

/* Those that are not here make files, or nothing. */
static void (*const makers[])(struct buf *, const struct element *) = {
    [saip_ProfileElement_pinCodes] = make_pins,           [saip_ProfileElement_pukCodes] = make_puks,
    [saip_ProfileElement_akaParameter] = make_aka,        [saip_ProfileElement_cdmaParameter] = make_cdma,
    [saip_ProfileElement_securityDomain] = make_domain,   [saip_ProfileElement_rfm] = make_rfm,
    [saip_ProfileElement_application] = make_application,
};

static const char *made(struct arena *a, const struct element *e)
{
    struct buf out = buf_in(a);
    size_t which = (size_t)e->pe->which;
    (which < sizeof makers / sizeof *makers && makers[which] ? makers[which] : make_files)(&out, e);
    return buf_str(&out);
}

/* ------------------------------------------------------------------------------ templates */

/* The OID of an element with files: its second member. */
static const char *template_of(struct arena *a, const struct saip_ProfileElement *pe)
{
    const struct asn1_field *f = &saip_ProfileElement_type.fields[pe->which - 1];
    if (f->type->kind != ASN1_SEQUENCE || f->type->n_fields < 2 || strcmp(f->type->fields[1].name, "templateID") != 0)
        return NULL;
    return asn1_oid_text(a, *(const struct bytes *)((const uint8_t *)pe + f->offset + f->type->fields[1].offset));
}

/* 2.23.143.1.2.13.3 is the third version of 2.23.143.1.2.13. */
static unsigned version_of(const char *oid)
{
    unsigned dots = 0;
    const char *last = oid;
    for (const char *at = oid; *at; at++)
        if (*at == '.') {
            dots++;
            last = at + 1;
        }
    uint64_t version = 1;
    if (dots >= 6 && decimal_decode(bytes_text(last), 99, &version, NULL) != 0)
        return 0;
    return (unsigned)version;
}

/* -------------------------------------------------------------------------------- members */

/* Members whose value is the subscriber's own. */
static bool is_personal(const char *kind, const char *member)
{
    static const char *const personal[][2] = {
        { "header", "iccid" },       { "mf", "ef-iccid" },       { "usim", "ef-imsi" },  { "usim", "ef-acc" },
        { "opt-usim", "ef-msisdn" }, { "isim", "ef-impi" },      { "isim", "ef-impu" },  { "pinCodes", "pinCodes" },
        { "pukCodes", "pukCodes" },  { "akaParameter", "algoConfiguration" }, { "securityDomain", "keyList" },
    };
    for (size_t i = 0; i < sizeof personal / sizeof *personal; i++)
        if (strcmp(kind, personal[i][0]) == 0 && strcmp(member, personal[i][1]) == 0)
            return true;
    return false;
}

/* A member stands two blanks in; what is further in belongs to it. */
static bool begins_member(struct bytes line)
{
    return line.n > 2 && line.p[0] == ' ' && line.p[1] == ' ' && line.p[2] != ' ' && line.p[2] != '}';
}

/* The member's lines, taken off the text. */
static struct bytes take_member(struct bytes *text)
{
    struct bytes whole = *text;
    for (bool first = true; text->n; first = false) {
        struct bytes rest = *text, line = text_word(&rest, '\n');
        if (!first && begins_member(line))
            break;
        *text = rest;
    }
    return bytes_slice(whole, 0, text->p ? (size_t)(text->p - whole.p) : whole.n);
}

static struct bytes printed(struct arena *a, const struct saip_ProfileElement *pe, bool hide)
{
    struct buf out = buf_in(a);
    const struct asn1_style style = { .hide_secrets = hide };
    asn1_print(&out, &saip_ProfileElement_type, pe, &style, 0);
    struct bytes text = buf_bytes(&out);
    return bytes_slice(text, 0, text.n > 2 ? text.n - 2 : 0); /* the element's own bracket, in a line of its own */
}

/* As value notation; what differs with secrets hidden holds one. */
static void members(struct saip_told *item, const struct saip_ProfileElement *pe)
{
    struct arena *a = item->tale->arena;
    struct bytes open = printed(a, pe, false), hidden = printed(a, pe, true);
    struct saip_told *list = saip_told_mark(saip_told_object(item, "members"), SAIP_TOLD_COMPARED);
    if (!open.p || !hidden.p) {
        item->tale->lacks = true;
        return;
    }
    text_word(&open, '\n');
    text_word(&hidden, '\n');
    while (list && open.n && begins_member(open)) {
        struct bytes shown = take_member(&open), without = take_member(&hidden);
        struct bytes value = bytes_slice(shown, 2, shown.n), name = text_word(&value, ' ');
        while (value.n && strchr(",\n", value.p[value.n - 1]))
            value.n--;
        const char *member = arena_text(a, name);
        if (!member)
            return;
        bool secret = !bytes_equal(shown, without) || strcmp(member, "connectivityParameters") == 0;
        saip_told_mark(saip_told_text(list, member, arena_text(a, value)),
                       (secret ? SAIP_TOLD_SECRET : 0) |
                           (is_personal(saip_kind_name(pe), member) ? SAIP_TOLD_PERSONAL : 0) |
                           (strstr(member, "eader") ? SAIP_TOLD_APART : 0));
    }
}

/* -------------------------------------------------------------------------------- the list */

static size_t before(const struct saip_package *p, size_t at)
{
    size_t n = 0;
    for (size_t i = 0; i < at; i++)
        n += p->items[i].which == p->items[at].which;
    return n;
}

void saip_tell_elements(struct saip_told *root, const struct saip_subject *s)
{
    struct saip_told *list = saip_told_list(root, "elements");
    struct arena *a = root->tale->arena;
    for (size_t i = 0; list && i < s->package->n; i++) {
        const struct saip_ProfileElement *pe = &s->package->items[i];
        const struct saip_PEHeader *header = saip_header_of(pe);
        const struct element e = { s, pe, i + 1, before(s->package, i) };
        struct saip_told *item = saip_told_item(list, saip_kind_name(pe));
        if (!item)
            return;
        saip_told_mark(saip_told_number(item, "number", (int64_t)e.number), SAIP_TOLD_APART);
        saip_told_text(item, "kind", saip_kind_name(pe));
        if (header)
            saip_told_number(item, "identification", header->identification);
        saip_told_yes(item, "mandated", !header || header->mandated);
        saip_told_mark(saip_told_number(item, "octets", (int64_t)pe->raw.n), SAIP_TOLD_APART);
        const char *oid = template_of(a, pe);
        if (oid) {
            saip_told_text(item, "template", oid);
            saip_told_mark(saip_told_number(item, "version", version_of(oid)), SAIP_TOLD_APART);
        }
        saip_told_mark(saip_told_text(item, "makes", made(a, &e)), SAIP_TOLD_APART);
        if (s->members)
            members(item, pe);
    }
}
