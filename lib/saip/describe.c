/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/describe.h"

#include "asn1/tlv.h"
#include "base/text.h"
#include "saip/contents.h"
#include "saip/describe_parts.h"
#include "saip/names.h"
#include "saip/services.h"

/* ----------------------------------------------------------------------------- the profile */

static const struct saip_ProfileHeader *header_of(const struct saip_package *p)
{
    return p->n && p->items[0].which == saip_ProfileElement_header ? &p->items[0].header : NULL;
}

/* ITU-T E.118: the last digit makes the sum by Luhn's formula a multiple of ten. */
static char check_digit(const char *digits, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned d = (unsigned)(digits[n - 1 - i] - '0');
        d = i % 2 ? d : 2 * d;
        sum += d > 9 ? d - 9 : d;
    }
    return (char)('0' + (10 - sum % 10) % 10);
}

static void tell_iccid(struct saip_told *profile, const char *name, const char *digits)
{
    size_t n = strlen(digits);
    saip_told_mark(saip_told_text(profile, name, digits), SAIP_TOLD_PERSONAL);
    if (n < 2)
        return;
    char right = check_digit(digits, n - 1);
    if (digits[n - 1] == right)
        saip_told_mark(saip_told_format(profile, "checkDigit", "%c, right", right), SAIP_TOLD_PERSONAL);
    else
        saip_told_mark(saip_told_format(profile, "checkDigit", "%c, but %c would be right (ITU-T E.118)",
                                        digits[n - 1], right),
                       SAIP_TOLD_PERSONAL);
}

/* The header's digits are not swapped. */
static const char *header_digits(struct arena *a, struct bytes iccid)
{
    char *hex = hex_encode(a, iccid);
    size_t n = hex ? strlen(hex) : 0;
    while (n && hex[n - 1] == 'F')
        hex[--n] = 0;
    return hex;
}

static const struct saip_file *ef(const struct saip_file *df, uint16_t fid)
{
    const struct saip_file *f = df ? saip_child(df, fid) : NULL;
    return f && f->body && f->type == SAIP_TRANSPARENT ? f : NULL;
}

/* What an EF says, or NULL if it is not there or empty. */
static const char *said(struct arena *a, const struct saip_file *f)
{
    struct bytes body = f ? bytes_make(f->body, f->size) : BYTES_NONE;
    const struct saip_content *c = f ? saip_content_of(f) : NULL;
    return c && !saip_content_empty(body) ? saip_content_text(a, c, body) : NULL;
}

static void iccids(struct saip_told *profile, const struct saip_subject *s, const struct saip_ProfileHeader *h)
{
    struct arena *a = profile->tale->arena;
    const char *file = said(a, ef(s->image->mf, 0x2FE2)), *header = h ? header_digits(a, h->iccid) : NULL;
    if (file)
        tell_iccid(profile, "iccid", file);
    if (header && file && strcmp(file, header) == 0)
        return;
    if (header && file)
        saip_told_mark(saip_told_text(profile, "iccidOfHeader", header), SAIP_TOLD_PERSONAL);
    else if (header)
        tell_iccid(profile, "iccidOfHeader", header);
}

/* The first ADF of a kind. */
static const struct saip_file *adf_of(const struct saip_image *m, enum saip_naa naa)
{
    for (const struct saip_file *f = m->mf ? m->mf->children : NULL; f; f = f->next)
        if (f->type == SAIP_ADF && f->naa == naa)
            return f;
    return NULL;
}

/* MCC and MNC are the beginning of the IMSI; how long, EF.AD says (TS 31.102 4.2.18). */
static void network(struct saip_told *profile, const char *imsi, const struct saip_file *ad)
{
    unsigned length = ad && ad->size > 3 ? ad->body[3] & 15u : 0;
    bool told = length == 2 || length == 3;
    if (strspn(imsi, "0123456789") != strlen(imsi) || strlen(imsi) < 6)
        return;
    saip_told_format(profile, "homeNetwork", "MCC %.3s, MNC %.*s%s", imsi, told ? (int)length : 2, imsi + 3,
                     told ? "" : " (if it has two digits: EF.AD does not say)");
}

static void subscription(struct saip_told *profile, const struct saip_subject *s)
{
    struct arena *a = profile->tale->arena;
    const struct saip_file *usim = adf_of(s->image, SAIP_USIM);
    const char *imsi = said(a, ef(usim, 0x6F07)), *name = said(a, ef(usim, 0x6F46));
    if (imsi)
        saip_told_mark(saip_told_text(profile, "imsi", imsi), SAIP_TOLD_PERSONAL);
    if (imsi)
        network(profile, imsi, ef(usim, 0x6FAD));
    if (name)
        saip_told_format(profile, "serviceProvider", "%.*s", (int)strcspn(name, ";"), name);
}

static void mandatory_services(struct saip_told *list, const struct saip_ProfileHeader *h)
{
    for (size_t i = 0; i < saip_ServicesList_type.n_fields; i++) {
        const struct asn1_field *f = &saip_ServicesList_type.fields[i];
        if (*(const bool *)((const uint8_t *)&h->eUICC_Mandatory_services + f->offset))
            saip_told_line(list, f->name);
    }
}

static void mandatory_libraries(struct saip_told *list, const struct saip_ProfileHeader *h)
{
    struct arena *a = list ? list->tale->arena : NULL;
    for (size_t i = 0; a && i < h->eUICC_Mandatory_AIDs->n; i++) {
        const char *aid = hex_encode(a, h->eUICC_Mandatory_AIDs->items[i].aid);
        const char *version = hex_encode(a, h->eUICC_Mandatory_AIDs->items[i].version);
        saip_told_line(list, aid && version ? arena_printf(a, "%s version %s", aid, version) : NULL);
    }
}

static void mandatory_templates(struct saip_told *list, const struct saip_ProfileHeader *h)
{
    for (size_t i = 0; list && i < h->eUICC_Mandatory_GFSTEList.n; i++)
        saip_told_line(list, asn1_oid_text(list->tale->arena, h->eUICC_Mandatory_GFSTEList.items[i]));
}

static void tell_profile(struct saip_told *root, const struct saip_subject *s)
{
    const struct saip_ProfileHeader *h = header_of(s->package);
    struct saip_told *p = saip_told_object(root, "profile");
    size_t octets = 0;
    if (!p)
        return;
    if (h)
        saip_told_format(p, "formatVersion", "%lld.%lld", (long long)h->major_version, (long long)h->minor_version);
    if (h && h->profileType.p)
        saip_told_text(p, "profileType", arena_text(root->tale->arena, h->profileType));
    iccids(p, s, h);
    subscription(p, s);
    if (h) {
        mandatory_services(saip_told_list(p, "mandatoryServices"), h);
        mandatory_templates(saip_told_mark(saip_told_list(p, "mandatoryTemplates"), SAIP_TOLD_PROGRAMS), h);
        if (h->eUICC_Mandatory_AIDs)
            mandatory_libraries(saip_told_list(p, "mandatoryLibraries"), h);
        /* the access point's password may be in them */
        saip_told_mark(saip_told_octets(p, "connectivityParameters", h->connectivityParameters), SAIP_TOLD_SECRET);
        saip_told_octets(p, "pol", h->pol);
    }
    for (size_t i = 0; i < s->package->n; i++)
        octets += s->package->items[i].raw.n;
    saip_told_mark(saip_told_format(p, "size", "%zu elements of %zu octets; %zu files of %zu octets", s->package->n,
                                    octets, s->image->n_files, s->image->octets),
                   SAIP_TOLD_APART);
}

/* ---------------------------------------------------------------------------- applications */

const char *saip_algorithm_name(int64_t algorithm)
{
    static const char *const names[] = { [AKA_MILENAGE] = "Milenage", [AKA_TUAK] = "TUAK",
                                         [AKA_XOR] = "XOR test algorithm" };
    bool known = algorithm >= AKA_MILENAGE && (size_t)algorithm < sizeof names / sizeof *names;
    return known ? names[algorithm] : "an unknown algorithm";
}

/* TS 35.206 4.1: which constants are not the standard's. */
static const char *constants(struct arena *a, const struct aka_key *key)
{
    struct aka_key standard;
    struct buf out = buf_in(a);
    if (aka_key_init(&standard, key->algorithm, bytes_make(key->k, key->k_octets), bytes_make(key->opc, 16), NULL) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof key->r; i++)
        if (key->r[i] != standard.r[i])
            buf_printf(&out, "%sr%zu", out.n ? ", " : "", i + 1);
    for (size_t i = 0; i < sizeof key->c / sizeof *key->c; i++)
        if (memcmp(key->c[i], standard.c[i], sizeof key->c[i]) != 0)
            buf_printf(&out, "%sc%zu", out.n ? ", " : "", i + 1);
    bytes_wipe(&standard, sizeof standard);
    if (out.n == 0)
        return "the standard's";
    buf_text(&out, out.n > 3 ? " differ from the standard's" : " differs from the standard's");
    return buf_str(&out);
}

static const char *sequence_words(struct arena *a, uint8_t options)
{
    static const struct {
        uint8_t bit;
        const char *name;
    } checks[] = { { 0x02, "wrap-around protection" }, { 0x04, "age limit" } };
    struct buf out = buf_in(a);
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        if (options & checks[i].bit)
            buf_printf(&out, "%s%s", out.n ? ", " : "", checks[i].name);
        options &= (uint8_t)~checks[i].bit;
    }
    if (options)
        buf_printf(&out, "%sbits without a meaning: %02X", out.n ? ", " : "", options);
    buf_text(&out, out.n ? "" : "nothing is checked");
    return buf_str(&out);
}

static void sequence(struct saip_told *app, const struct saip_aka *aka)
{
    bool zero = true;
    for (size_t i = 0; i < sizeof aka->seq; i++)
        zero = zero && ((const uint8_t *)aka->seq)[i] == 0;
    saip_told_text(app, "sqnChecks", sequence_words(app->tale->arena, aka->sqn_options));
    saip_told_octets(app, "sqnDelta", BYTES_OF(aka->sqn_delta));
    saip_told_octets(app, "sqnAgeLimit", BYTES_OF(aka->sqn_age_limit));
    if (zero)
        saip_told_text(app, "sqnInit", "all 0");
    else
        saip_told_octets(app, "sqnInit", BYTES_OF(aka->seq));
}

static void authentication(struct saip_told *app, const struct saip_image *m, const struct saip_aka *aka)
{
    const unsigned secret = SAIP_TOLD_SECRET | SAIP_TOLD_PERSONAL;
    saip_told_text(app, "authentication", saip_algorithm_name(aka->key.algorithm));
    saip_told_mark(saip_told_octets(app, "k", bytes_make(aka->key.k, aka->key.k_octets)), secret);
    if (aka->key.algorithm == AKA_MILENAGE) {
        saip_told_mark(saip_told_octets(app, "opc", bytes_make(aka->key.opc, 16)), secret);
        saip_told_text(app, "constants", constants(app->tale->arena, &aka->key));
    } else if (aka->key.algorithm == AKA_TUAK) {
        saip_told_mark(saip_told_octets(app, "topc", BYTES_OF(aka->key.opc)), secret);
        saip_told_format(app, "iterations", "%u", aka->key.keccaks);
    }
    if (aka->key.algorithm != AKA_MILENAGE)
        saip_told_format(app, "resLength", "%u bits", 8u * aka->key.res_octets);
    sequence(app, aka);
    if (aka->sequence < m->n_akas && &m->akas[aka->sequence] != aka)
        saip_told_text(app, "sqnSharedWith", saip_file_path(app->tale->arena, m->akas[aka->sequence].adf));
}

/* The label that EF.DIR has for an AID (TS 102 221 13.1). */
static const char *label_of(struct arena *a, const struct saip_image *m, struct bytes aid)
{
    const struct saip_file *dir = saip_child(m->mf, 0x2F00);
    const struct saip_content *c = dir && dir->body && dir->record_length ? saip_content_of(dir) : NULL;
    for (uint32_t at = 0; c && at < dir->size; at += dir->record_length) {
        struct bytes record = bytes_make(dir->body + at, dir->record_length);
        struct bytes application = tlv_find(record, 0x61).value;
        if (!application.n || !bytes_equal(tlv_find(application, 0x4F).value, aid))
            continue;
        const char *line = saip_content_text(a, c, record);
        return line ? strchr(line, ' ') : NULL;
    }
    return NULL;
}

static void tell_applications(struct saip_told *root, const struct saip_subject *s)
{
    struct saip_told *list = saip_told_list(root, "applications");
    const struct saip_image *m = s->image;
    struct arena *a = root->tale->arena;
    for (const struct saip_file *f = m->mf && list ? m->mf->children : NULL; f; f = f->next) {
        const char *path = f->type == SAIP_ADF ? saip_file_path(a, f) : NULL;
        struct saip_told *app = path ? saip_told_item(list, path) : NULL;
        if (!app)
            continue;
        saip_told_mark(saip_told_text(app, "name", path), SAIP_TOLD_APART | SAIP_TOLD_PROGRAMS);
        saip_told_octets(app, "aid", f->aid);
        const char *label = label_of(a, m, f->aid);
        saip_told_text(app, "label", label ? label + 1 : "none in EF.DIR");
        for (size_t i = 0; i < m->n_akas; i++)
            if (m->akas[i].adf == f)
                authentication(app, m, &m->akas[i]);
    }
}

/* ----------------------------------------------------------------------------------- codes */

static void code_value(struct saip_told *item, const uint8_t value[8])
{
    bool digits = true;
    size_t n = 8;
    while (n && value[n - 1] == 0xFF)
        n--;
    for (size_t i = 0; i < n; i++)
        digits = digits && value[i] >= '0' && value[i] <= '9';
    char *text = digits && n ? arena_text(item->tale->arena, bytes_make(value, n)) : NULL;
    struct saip_told *t = text ? saip_told_text(item, "value", text)
                               : saip_told_octets(item, "value", bytes_make(value, 8));
    saip_told_mark(t, SAIP_TOLD_SECRET | SAIP_TOLD_PERSONAL);
}

static struct saip_told *code(struct saip_told *list, const char *name, const char *of, uint8_t reference, uint8_t left,
                              uint8_t max)
{
    struct arena *a = list->tale->arena;
    struct saip_told *item = saip_told_item(list, arena_printf(a, "%s of %s", name, of));
    saip_told_mark(saip_told_text(item, "name", name), SAIP_TOLD_APART);
    saip_told_mark(saip_told_text(item, "of", of), SAIP_TOLD_APART);
    saip_told_format(item, "reference", "%02X", reference);
    saip_told_format(item, "tries", "%u of %u", left, max);
    return item;
}

static void tell_pin(struct saip_told *list, const struct saip_pin *pin)
{
    struct arena *a = list->tale->arena;
    struct saip_told *item = code(list, saip_pin_name(a, pin->reference), saip_file_path(a, pin->context),
                                  pin->reference, pin->left, pin->max);
    if (!item)
        return;
    saip_told_text(item, "state", pin->enabled ? "enabled" : "disabled");
    saip_told_text(item, "mayBe", pin->may_change && pin->may_disable ? "changed, disabled"
                                  : pin->may_change                   ? "changed"
                                  : pin->may_disable                  ? "disabled"
                                                                      : "nothing");
    saip_told_text(item, "unblockedBy", pin->unblocking ? saip_puk_name(a, pin->unblocking) : "nothing");
    code_value(item, pin->value);
}

static void tell_codes(struct saip_told *root, const struct saip_subject *s)
{
    struct saip_told *list = saip_told_list(root, "codes");
    const struct saip_image *m = s->image;
    for (size_t i = 0; list && i < m->n_pins; i++)
        tell_pin(list, &m->pins[i]);
    for (size_t i = 0; list && i < m->n_puks; i++) {
        struct saip_told *item = code(list, saip_puk_name(root->tale->arena, m->puks[i].reference), "3F00",
                                      m->puks[i].reference, m->puks[i].left, m->puks[i].max);
        if (item)
            code_value(item, m->puks[i].value);
    }
}

/* ------------------------------------------------------------------------------ the result */

static void fault_text(struct saip_told *item, const struct saip_fault *f)
{
    struct err e;
    char text[sizeof e.where + sizeof e.what + 128];
    saip_fault_err(f, &e);
    saip_told_text(item, "what", arena_text(item->tale->arena, bytes_text(err_text(&e, text, sizeof text))));
    saip_told_mark(saip_told_text(item, "status", saip_status_name(f->status)), SAIP_TOLD_PROGRAMS);
}

static void tell_result(struct saip_told *root, const struct saip_subject *s)
{
    const struct saip_result *r = s->result;
    struct saip_told *list = saip_told_list(root, "warnings");
    size_t warnings = r->aborted && r->n ? r->n - 1 : r->n;
    for (size_t i = 0; list && i < warnings; i++) {
        struct saip_told *item = saip_told_item(list, NULL);
        if (item)
            fault_text(item, &r->faults[i]);
    }
    struct saip_told *fault = r->aborted && r->n ? saip_told_object(root, "fault") : NULL;
    if (fault)
        fault_text(fault, &r->faults[r->n - 1]);
}

const struct saip_told *saip_describe(struct arena *a, const struct saip_subject *s)
{
    struct saip_tale *tale = arena_alloc(a, sizeof *tale);
    if (!tale)
        return NULL;
    tale->arena = a;
    struct saip_told *root = saip_told_root(tale);
    static void (*const parts[])(struct saip_told *, const struct saip_subject *) = {
        tell_profile,    tell_applications, tell_codes,  saip_tell_elements,
        saip_tell_files, saip_tell_modules, tell_result,
    };
    for (size_t i = 0; root && i < sizeof parts / sizeof *parts; i++)
        parts[i](root, s);
    return tale->lacks ? NULL : root;
}
