/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cursor.h"
#include "saip/image.h"
#include "saip/services.h"
#include "saip/suits.h"

#define SERVICE(name) (1u << rsp_UICCCapability_##name)

enum { SUCI_BY_USIM = 125 }; /* service of EF.UST, TS 31.102 4.2.8 */

/* ------------------------------------------------------------------------------ services */

static uint32_t header_services(const struct saip_ProfileHeader *h)
{
    return saip_services_demanded(h) | (h->iotOptions ? SERVICE(iotminimal) : 0);
}

/* What an element is by its kind. */
static const struct {
    int kind;
    uint32_t first, again; /* the service, and the one of a second such element */
} kinds[] = {
    { saip_ProfileElement_usim, SERVICE(usimSupport), SERVICE(multipleUsimSupport) },
    { saip_ProfileElement_isim, SERVICE(isimSupport), SERVICE(multipleIsimSupport) },
    { saip_ProfileElement_csim, SERVICE(csimSupport), SERVICE(multipleCsimSupport) },
    { saip_ProfileElement_eap, SERVICE(eapClient), 0 },
    { saip_ProfileElement_iot, SERVICE(iotminimal), 0 },
};

static uint32_t aka_service(const struct saip_PE_AKAParameter *p)
{
    static const uint32_t algorithms[] = { 0, SERVICE(akaMilenage), SERVICE(akaTuak128), SERVICE(usimTestAlgorithm) };
    const struct saip_AlgoParameter *algorithm = &p->algoConfiguration.algoParameter;
    if (p->algoConfiguration.which != saip_PE_AKAParameter_algoConfiguration_algoParameter ||
        algorithm->algorithmID < 0 || algorithm->algorithmID >= (int64_t)(sizeof algorithms / sizeof *algorithms))
        return 0;
    uint32_t bit = algorithms[algorithm->algorithmID];
    return bit == SERVICE(akaTuak128) && algorithm->key.n == 32 ? SERVICE(akaTuak256) : bit;
}

uint32_t saip_element_services(const struct saip_ProfileElement *pe, uint32_t seen)
{
    if (pe->which == saip_ProfileElement_akaParameter)
        return aka_service(&pe->akaParameter);
    if (pe->which == saip_ProfileElement_securityDomain)
        return pe->securityDomain.catTpParameters ? SERVICE(catTp) : 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].kind == pe->which)
            return kinds[i].first | (seen & kinds[i].first ? kinds[i].again : 0);
    return 0;
}

/* ----------------------------------------------------------------------------- templates */

/* The version of the format that a template came with; the others of 2.23.143.1.2.1 to 11 have been there from 1.0 on.
 * Without revision, since cards tell theirs without. */
static const struct {
    const char *template;
    uint32_t since;
} ages[] = {
    { "2.12", SAIP_VERSION(2, 2, 0) },   { "2.13", SAIP_VERSION(2, 3, 0) },   { "2.14", SAIP_VERSION(2, 3, 0) },
    { "2.3.2", SAIP_VERSION(3, 1, 0) },  { "2.4.2", SAIP_VERSION(3, 1, 0) },  { "2.5.2", SAIP_VERSION(3, 1, 0) },
    { "2.9.2", SAIP_VERSION(3, 1, 0) },  { "2.10.2", SAIP_VERSION(3, 1, 0) }, { "2.11.2", SAIP_VERSION(3, 1, 0) },
    { "2.13.2", SAIP_VERSION(3, 1, 0) }, { "2.13.3", SAIP_VERSION(3, 1, 0) }, { "2.5.3", SAIP_VERSION(3, 3, 0) },
    { "2.13.4", SAIP_VERSION(3, 3, 0) }, { "2.15", SAIP_VERSION(3, 3, 0) },   { "2.16", SAIP_VERSION(3, 3, 0) },
    { "2.17", SAIP_VERSION(3, 3, 0) },   { "2.18", SAIP_VERSION(3, 3, 0) },   { "2.3.3", SAIP_VERSION(3, 4, 0) },
    { "2.5.4", SAIP_VERSION(3, 4, 0) },  { "2.9.3", SAIP_VERSION(3, 4, 0) },  { "2.15.2", SAIP_VERSION(3, 4, 0) },
    { "2.16.2", SAIP_VERSION(3, 4, 0) }, { "2.19", SAIP_VERSION(3, 4, 0) },
};

static int age_of(struct arena *a, struct bytes oid, struct saip_newest *age, struct err *e)
{
    static const char ROOT[] = "2.23.143.1.";
    const char *text = asn1_oid_text(a, oid);
    memset(age, 0, sizeof *age);
    if (!text)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a template's OID");
    for (size_t i = 0; strncmp(text, ROOT, sizeof ROOT - 1) == 0 && i < sizeof ages / sizeof *ages; i++)
        if (strcmp(ages[i].template, text + sizeof ROOT - 1) == 0) {
            age->since = ages[i].since;
            memcpy(age->template, ages[i].template, strlen(ages[i].template));
        }
    return 0;
}

uint32_t saip_template_since(struct arena *a, struct bytes oid)
{
    struct saip_newest age;
    return age_of(a, oid, &age, NULL) == 0 ? age.since : 0;
}

static int newest_add(struct arena *a, struct saip_newest *newest, struct bytes oid, struct err *e)
{
    struct saip_newest age;
    if (age_of(a, oid, &age, e) != 0)
        return -1;
    if (age.since > newest->since)
        *newest = age;
    return 0;
}

static int templates_find(struct arena *a, const struct saip_package *p, struct saip_needs *n, struct err *e)
{
    const struct saip_ProfileHeader *h = &p->items[0].header;
    for (size_t i = 0; i < h->eUICC_Mandatory_GFSTEList.n; i++)
        if (newest_add(a, &n->templates, h->eUICC_Mandatory_GFSTEList.items[i], e) != 0)
            return -1;
    for (size_t i = 1; i < p->n; i++) {
        const struct saip_PEHeader *header = saip_header_of(&p->items[i]);
        struct bytes oid = saip_template_of(&p->items[i]);
        bool mandated = header && header->mandated;
        if (bytes_present(oid) && newest_add(a, mandated ? &n->templates : &n->used_templates, oid, e) != 0)
            return -1;
    }
    return 0;
}

/* -------------------------------------------------------------------------------- memory */

static void add(uint32_t *sum, uint64_t octets)
{
    *sum = octets > UINT32_MAX - *sum ? UINT32_MAX : *sum + (uint32_t)octets;
}

static uint32_t number_of(struct bytes b)
{
    uint32_t number = 0;
    for (size_t i = 0; i < b.n; i++)
        number = number << 8 | b.p[i];
    return number;
}

static void instance_memory(const struct saip_ApplicationInstance *instance, struct saip_needs *n)
{
    const struct saip_ApplicationSystemParameters *p = instance->systemSpecificParameters;
    if (!p)
        return;
    add(&n->nvm, number_of(p->nonVolatileReservedMemory));
    add(&n->ram, number_of(p->volatileReservedMemory));
}

static void element_memory(const struct saip_ProfileElement *pe, struct saip_needs *n)
{
    if (pe->which == saip_ProfileElement_securityDomain)
        instance_memory(&pe->securityDomain.instance, n);
    if (pe->which != saip_ProfileElement_application)
        return;
    const struct saip_PE_Application *app = &pe->application;
    if (app->loadBlock)
        add(&n->nvm, app->loadBlock->loadBlockObject.n);
    for (size_t i = 0; app->instanceList && i < app->instanceList->n; i++)
        instance_memory(&app->instanceList->items[i], n);
}

static bool suci_by_usim(const struct saip_image *image)
{
    for (const struct saip_file *f = image->mf->children; f; f = f->next)
        if (f->naa == SAIP_USIM && saip_service_available(f, SUCI_BY_USIM))
            return true;
    return false;
}

static int files_measure(struct arena *a, const struct saip_package *p, struct saip_needs *n, struct err *e)
{
    struct saip_image *image = arena_alloc(a, sizeof *image);
    struct saip_result result;
    if (!image)
        return err_set(e, ERR_MEMORY, NULL, "no memory for the files of the package");
    if (saip_interpret(a, p, image, &result) == 0) {
        add(&n->nvm, image->octets);
        n->get_identity = n->get_identity || suci_by_usim(image);
        return 0;
    }
    n->nvm = 0;
    for (size_t i = 0; i < p->n; i++)
        add(&n->nvm, p->items[i].raw.n);
    return 0;
}

/* ----------------------------------------------------------------------------- together */

static void elements_read(const struct saip_package *p, struct saip_needs *n)
{
    uint32_t seen = 0;
    for (size_t i = 1; i < p->n; i++) {
        const struct saip_ProfileElement *pe = &p->items[i];
        const struct saip_PEHeader *header = saip_header_of(pe);
        uint32_t bits = saip_element_services(pe, seen);
        seen |= bits;
        if (header && header->mandated)
            n->services |= bits;
        else
            n->used |= bits;
        n->applications = n->applications || (pe->which == saip_ProfileElement_application && header->mandated);
        n->df_5gs = n->df_5gs || pe->which == saip_ProfileElement_df_5gs;
        n->get_identity = n->get_identity || pe->which == saip_ProfileElement_df_saip;
        element_memory(pe, n);
    }
    n->used &= ~n->services;
}

int saip_needs_of(struct arena *a, const struct saip_package *p, struct saip_needs *n, struct err *e)
{
    if (p->n == 0 || p->items[0].which != saip_ProfileElement_header)
        return err_set(e, ERR_VALUE, "TCA profile package 8.2", "the package does not begin with a header");
    const struct saip_ProfileHeader *h = &p->items[0].header;
    *n = (struct saip_needs){ .major = (uint8_t)h->major_version,
                              .minor = (uint8_t)h->minor_version,
                              .services = header_services(h),
                              .libraries = h->eUICC_Mandatory_AIDs && h->eUICC_Mandatory_AIDs->n };
    elements_read(p, n);
    return templates_find(a, p, n, e) != 0 ? -1 : files_measure(a, p, n, e);
}

/* ------------------------------------------------------------------------- for the store */

enum { LAYOUT = 1, LIBRARIES = 1, APPLICATIONS = 2, DF_5GS = 4, GET_IDENTITY = 8, TEST = 16, FLAGS = 31 };

static void newest_put(struct buf *out, const struct saip_newest *t)
{
    buf_u32(out, t->since);
    buf_add(out, BYTES_OF(t->template));
}

struct bytes saip_needs_encode(struct arena *a, const struct saip_needs *n)
{
    struct buf out = buf_in(a);
    buf_u8(&out, LAYOUT);
    buf_u8(&out, n->major);
    buf_u8(&out, n->minor);
    buf_u8(&out, n->libraries * LIBRARIES + n->applications * APPLICATIONS + n->df_5gs * DF_5GS +
                     n->get_identity * GET_IDENTITY + n->test * TEST);
    buf_u32(&out, n->services);
    buf_u32(&out, n->used);
    newest_put(&out, &n->templates);
    newest_put(&out, &n->used_templates);
    buf_u32(&out, n->nvm);
    buf_u32(&out, n->ram);
    buf_u32(&out, n->pprs);
    return buf_bytes(&out);
}

/* False if it is no text of digits and dots with zeros behind. */
static bool newest_take(struct cursor *c, struct saip_newest *t)
{
    t->since = cursor_u32(c);
    struct bytes text = cursor_take(c, sizeof t->template);
    size_t n = 0;
    if (!text.p)
        return false;
    memcpy(t->template, text.p, sizeof t->template);
    while (n < sizeof t->template && (t->template[n] == '.' || (t->template[n] >= '0' && t->template[n] <= '9')))
        n++;
    for (; n < sizeof t->template; n++)
        if (t->template[n] != '\0')
            return false;
    return true;
}

int saip_needs_decode(struct bytes octets, struct saip_needs *n, struct err *e)
{
    struct cursor c = cursor_over(octets);
    unsigned layout = cursor_u8(&c);
    memset(n, 0, sizeof *n);
    n->major = cursor_u8(&c);
    n->minor = cursor_u8(&c);
    unsigned flags = cursor_u8(&c);
    n->services = cursor_u32(&c);
    n->used = cursor_u32(&c);
    bool texts = newest_take(&c, &n->templates) && newest_take(&c, &n->used_templates);
    n->nvm = cursor_u32(&c);
    n->ram = cursor_u32(&c);
    n->pprs = cursor_u32(&c);
    if (layout != LAYOUT || flags > FLAGS || !texts || c.failed || !cursor_done(&c))
        return err_set(e, ERR_VALUE, NULL, "what is stored of the package's needs is of another version");
    n->libraries = flags & LIBRARIES;
    n->applications = flags & APPLICATIONS;
    n->df_5gs = flags & DF_5GS;
    n->get_identity = flags & GET_IDENTITY;
    n->test = flags & TEST;
    return 0;
}
