/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/tlv.h"
#include "base/text.h"
#include "saip/look.h"
#include "saip/services.h"

#define BIT(name) (1u << rsp_UICCCapability_##name)

/* -------------------------------------------------------------------------- services */

/* What an element is, beside what eligibility asks for (needs.c): there a card that lacks CAVE leaves its parameters
 * out, here the header is to speak of them. */
static uint32_t more_services(const struct saip_look *l, size_t i)
{
    static const struct {
        int kind;
        uint32_t service;
    } kinds[] = { { saip_ProfileElement_cdmaParameter, BIT(akaCave) },
                  { saip_ProfileElement_df_saip, BIT(getIdentity) } };
    uint32_t bits = 0;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        bits |= l->package->items[i].which == kinds[k].kind ? kinds[k].service : 0;
    for (size_t k = 0; k < l->n_uses; k++) {
        const struct saip_use *u = &l->uses[k];
        if (u->at.element == i + 1 && u->type == SAIP_BERTLV)
            bits |= BIT(berTlvFileSupport);
        if (u->at.element == i + 1 && u->link && u->type <= SAIP_DF)
            bits |= BIT(dfLinkSupport);
    }
    return bits;
}

static const char *name_of(uint32_t bit)
{
    for (size_t i = 0; i < saip_services_count; i++)
        if (saip_services[i].bit == bit)
            return saip_services[i].name;
    return "iotOptions";
}

void saip_check_service_unlisted(struct saip_look *l)
{
    const struct saip_ProfileHeader *h = saip_look_header(l);
    uint32_t seen = 0, told = h ? saip_services_demanded(h) | BIT(iotminimal) : UINT32_MAX;
    for (size_t i = 0; h && i < l->package->n; i++) {
        const struct saip_ProfileElement *pe = &l->package->items[i];
        uint32_t bits = saip_element_services(pe, seen) | more_services(l, i);
        seen |= bits;
        if (pe->which == saip_ProfileElement_application && !(told & (BIT(javacard) | BIT(multos))))
            bits |= BIT(javacard);
        for (uint32_t missing = bits & ~told; missing; missing &= missing - 1) {
            uint32_t bit = missing & -missing;
            saip_found(l, (struct saip_place){ .element = i + 1 },
                       "the service that the element needs in eUICC-Mandatory-services", "no %s", name_of(bit));
            told |= bit;
        }
    }
}

/* Services that nothing but an element or a file can need; the others an application or the network may. */
enum {
    SEEN_IN_ELEMENTS = BIT(usimSupport) | BIT(isimSupport) | BIT(csimSupport) | BIT(akaMilenage) | BIT(akaTuak128) |
                       BIT(akaTuak256) | BIT(usimTestAlgorithm) | BIT(akaCave) | BIT(eapClient) |
                       BIT(multipleUsimSupport) | BIT(multipleIsimSupport) | BIT(multipleCsimSupport) |
                       BIT(berTlvFileSupport) | BIT(dfLinkSupport),
};

/* NAAs may be made by generic file management too. */
static uint32_t made_services(const struct saip_ProfileElement *pe)
{
    unsigned makes = saip_makes(pe);
    return (makes & SAIP_MAKES_USIM ? BIT(usimSupport) : 0) | (makes & SAIP_MAKES_ISIM ? BIT(isimSupport) : 0) |
           (makes & SAIP_MAKES_CSIM ? BIT(csimSupport) : 0);
}

void saip_check_service_unused(struct saip_look *l)
{
    const struct saip_ProfileHeader *h = saip_look_header(l);
    uint32_t used = 0;
    for (size_t i = 0; h && i < l->package->n; i++) {
        uint32_t made = made_services(&l->package->items[i]);
        if (l->package->items[i].which == saip_ProfileElement_genericFileManagement)
            used |= (used & made & BIT(usimSupport) ? BIT(multipleUsimSupport) : 0) | made;
        used |= saip_element_services(&l->package->items[i], used) | more_services(l, i) | made;
    }
    for (uint32_t idle = h ? saip_services_demanded(h) & SEEN_IN_ELEMENTS & ~used : 0; idle; idle &= idle - 1)
        saip_found(l, (struct saip_place){ 1, "eUICC-Mandatory-services", BYTES_NONE },
                   "services that an element of the package needs", "%s, which none does", name_of(idle & -idle));
}

/* TCA 12.2: EF.SUCI_Calc_Info_USIM names schemes that the card is to have. */
void saip_check_suci_schemes(struct saip_look *l, const struct saip_file *f)
{
    static const uint32_t schemes[] = { 0, BIT(profile_a_x25519), BIT(profile_b_p256) };
    const struct saip_ProfileHeader *h = saip_look_header(l);
    if (!h || f->fid != 0x4F01 || !f->parent || f->parent->fid != 0x5FD0)
        return;
    struct bytes list = tlv_find(saip_body(f), 0xA0).value;
    for (size_t i = 0; i + 1 < list.n; i += 2) /* identifier, index of its key */
        if (list.p[i] < sizeof schemes / sizeof *schemes && schemes[list.p[i]] & ~saip_services_demanded(h))
            saip_found(l, saip_file_place(f), "the services of its protection schemes in eUICC-Mandatory-services",
                       "no %s", name_of(schemes[list.p[i]]));
}

/* -------------------------------------------------------------------------- templates */

static bool is_listed(const struct saip_ProfileHeader *h, struct bytes oid)
{
    for (size_t i = 0; i < h->eUICC_Mandatory_GFSTEList.n; i++)
        if (bytes_equal(h->eUICC_Mandatory_GFSTEList.items[i], oid))
            return true;
    return false;
}

void saip_check_template_unlisted(struct saip_look *l)
{
    const struct saip_ProfileHeader *h = saip_look_header(l);
    for (size_t i = 1; h && i < l->package->n; i++) {
        struct bytes oid = saip_template_of(&l->package->items[i]);
        if (oid.p && !is_listed(h, oid))
            saip_found(l, (struct saip_place){ i + 1, "templateID", oid },
                       "the template in eUICC-Mandatory-GFSTEList", "no %s there", asn1_oid_text(l->arena, oid));
    }
}

void saip_check_template_unused(struct saip_look *l)
{
    const struct saip_ProfileHeader *h = saip_look_header(l);
    for (size_t i = 0; h && i < h->eUICC_Mandatory_GFSTEList.n; i++) {
        struct bytes oid = h->eUICC_Mandatory_GFSTEList.items[i];
        bool used = false;
        for (size_t k = 1; k < l->package->n; k++)
            used = used || bytes_equal(saip_template_of(&l->package->items[k]), oid);
        if (!used)
            saip_found(l, (struct saip_place){ 1, "eUICC-Mandatory-GFSTEList", oid },
                       "templates that an element uses", "%s, which none does", asn1_oid_text(l->arena, oid));
    }
}

/* Annex B: which template an element may have, as the last arcs of 2.23.143.1. */
static const struct {
    int kind;
    const char *first, *versions; /* "2.4", " 2.4.2" */
} assigned[] = {
    { saip_ProfileElement_mf, "2.1", "" },
    { saip_ProfileElement_cd, "2.2", "" },
    { saip_ProfileElement_telecom, "2.3", "2.3.2 2.3.3" },
    { saip_ProfileElement_usim, "2.4", "2.4.2" },
    { saip_ProfileElement_opt_usim, "2.5", "2.5.2 2.5.3 2.5.4" },
    { saip_ProfileElement_phonebook, "2.6", "" },
    { saip_ProfileElement_gsm_access, "2.7", "" },
    { saip_ProfileElement_isim, "2.8", "" },
    { saip_ProfileElement_opt_isim, "2.9", "2.9.2 2.9.3" },
    { saip_ProfileElement_csim, "2.10", "2.10.2" },
    { saip_ProfileElement_opt_csim, "2.11", "2.11.2" },
    { saip_ProfileElement_eap, "2.12", "" },
    { saip_ProfileElement_df_5gs, "2.13", "2.13.2 2.13.3 2.13.4" },
    { saip_ProfileElement_df_saip, "2.14", "" },
    { saip_ProfileElement_df_snpn, "2.15", "2.15.2" },
    { saip_ProfileElement_df_5gprose, "2.16", "2.16.2" },
    { saip_ProfileElement_iot, "2.17", "" },
    { saip_ProfileElement_opt_iot, "2.18", "" },
};

/* The kind of element that the template is of; 0: it is none of Annex B. */
static int kind_of_template(struct saip_look *l, struct bytes oid)
{
    static const char ROOT[] = "2.23.143.1.";
    const char *text = asn1_oid_text(l->arena, oid);
    if (!text || strncmp(text, ROOT, sizeof ROOT - 1) != 0)
        return 0;
    const char *arcs = text + sizeof ROOT - 1;
    for (size_t i = 0; i < sizeof assigned / sizeof *assigned; i++)
        if (strcmp(arcs, assigned[i].first) == 0 || text_is_among(assigned[i].versions, bytes_text(arcs)))
            return assigned[i].kind;
    return 0;
}

void saip_check_template_known(struct saip_look *l)
{
    for (size_t i = 1; i < l->package->n; i++) {
        struct bytes oid = saip_template_of(&l->package->items[i]);
        if (oid.p && !kind_of_template(l, oid))
            saip_found(l, (struct saip_place){ i + 1, "templateID", oid }, "a template of Annex B", "%s",
                       asn1_oid_text(l->arena, oid));
    }
}

void saip_check_template_kind(struct saip_look *l)
{
    for (size_t i = 1; i < l->package->n; i++) {
        struct bytes oid = saip_template_of(&l->package->items[i]);
        int kind = oid.p ? kind_of_template(l, oid) : 0;
        if (kind && kind != l->package->items[i].which)
            saip_found(l, (struct saip_place){ i + 1, "templateID", oid }, "a template of this kind of element",
                       "%s, which is of %s", asn1_oid_text(l->arena, oid),
                       saip_ProfileElement_type.fields[kind - 1].name);
    }
}

/* A card of the header's version need not have templates of a later one. */
void saip_check_template_version(struct saip_look *l)
{
    for (size_t i = 1; i < l->package->n; i++) {
        struct bytes oid = saip_template_of(&l->package->items[i]);
        uint32_t since = oid.p ? saip_template_since(l->arena, oid) : 0;
        if (since > saip_look_version(l))
            saip_found(l, (struct saip_place){ i + 1, "templateID", oid },
                       "templates of the version that the header tells", "one that came with %u.%u",
                       (unsigned)(since >> 16), (unsigned)(since >> 8 & 0xFF));
    }
}
