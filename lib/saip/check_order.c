/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/look.h"

/* ------------------------------------------------------------------ what elements make */

static const uint8_t aids[][7] = { { 0xA0, 0, 0, 0, 0x87, 0x10, 0x02 },
                                   { 0xA0, 0, 0, 0, 0x87, 0x10, 0x04 },
                                   { 0xA0, 0, 0, 0x03, 0x43, 0x10, 0x02 } };
static const unsigned naas[] = { SAIP_MAKES_USIM, SAIP_MAKES_ISIM, SAIP_MAKES_CSIM };

static unsigned fcp_makes(const struct saip_Fcp *fcp)
{
    bool df = fcp->fileDescriptor.n && (fcp->fileDescriptor.p[0] & 0x3F) == 0x38;
    unsigned makes = df ? SAIP_MAKES_DF : 0;
    if (bytes_equal(fcp->fileID, BYTES_LIT("\x3F\0")))
        makes |= SAIP_MAKES_MF;
    for (size_t i = 0; i < sizeof naas / sizeof *naas; i++)
        if (bytes_equal(bytes_slice(fcp->dfName, 0, sizeof aids[i]), BYTES_OF(aids[i])))
            makes |= naas[i];
    return makes;
}

static unsigned gfm_makes(const struct saip_PE_GenericFileManagement *g)
{
    unsigned makes = 0;
    for (size_t i = 0; i < g->fileManagementCMD.n; i++)
        for (size_t k = 0; k < g->fileManagementCMD.items[i].n; k++)
            if (g->fileManagementCMD.items[i].items[k].which == saip_FileManagement_item_createFCP)
                makes |= fcp_makes(&g->fileManagementCMD.items[i].items[k].createFCP);
    return makes;
}

unsigned saip_makes(const struct saip_ProfileElement *pe)
{
    static const struct {
        int kind;
        unsigned makes;
    } rows[] = {
        { saip_ProfileElement_mf, SAIP_MAKES_MF | SAIP_MAKES_DF },
        { saip_ProfileElement_cd, SAIP_MAKES_DF },
        { saip_ProfileElement_telecom, SAIP_MAKES_DF },
        { saip_ProfileElement_usim, SAIP_MAKES_USIM | SAIP_MAKES_DF },
        { saip_ProfileElement_isim, SAIP_MAKES_ISIM | SAIP_MAKES_DF },
        { saip_ProfileElement_csim, SAIP_MAKES_CSIM | SAIP_MAKES_DF },
        { saip_ProfileElement_phonebook, SAIP_MAKES_DF },
        { saip_ProfileElement_gsm_access, SAIP_MAKES_DF },
        { saip_ProfileElement_eap, SAIP_MAKES_DF },
        { saip_ProfileElement_df_5gs, SAIP_MAKES_DF },
        { saip_ProfileElement_df_saip, SAIP_MAKES_DF },
        { saip_ProfileElement_df_snpn, SAIP_MAKES_DF },
        { saip_ProfileElement_df_5gprose, SAIP_MAKES_DF },
        { saip_ProfileElement_iot, SAIP_MAKES_MF | SAIP_MAKES_USIM | SAIP_MAKES_DF | SAIP_MAKES_IOT },
    };
    if (pe->which == saip_ProfileElement_genericFileManagement)
        return gfm_makes(&pe->genericFileManagement);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].kind == pe->which)
            return rows[i].makes;
    return 0;
}

static struct saip_place element(size_t i)
{
    return (struct saip_place){ .element = i + 1 };
}

static const struct saip_place WHOLE = { 0 };

static bool makes_files(const struct saip_ProfileElement *pe)
{
    return pe->which == saip_ProfileElement_genericFileManagement || bytes_present(saip_template_of(pe));
}

/* --------------------------------------------------------------------------- the frame */

void saip_check_header(struct saip_look *l)
{
    const struct saip_package *p = l->package;
    if (p->n == 0 || p->items[0].which != saip_ProfileElement_header)
        saip_found(l, p->n ? element(0) : WHOLE, "the header as the first element", "%s",
                   p->n ? saip_kind_name(&p->items[0]) : "nothing");
    for (size_t i = 1; i < p->n; i++)
        if (p->items[i].which == saip_ProfileElement_header)
            saip_found(l, element(i), "one header, at the beginning", "one here");
}

void saip_check_end(struct saip_look *l)
{
    const struct saip_package *p = l->package;
    if (p->n == 0 || p->items[p->n - 1].which != saip_ProfileElement_end)
        saip_found(l, p->n ? element(p->n - 1) : WHOLE, "an end as the last element", "%s",
                   p->n ? saip_kind_name(&p->items[p->n - 1]) : "nothing");
    for (size_t i = 0; i + 1 < p->n; i++)
        if (p->items[i].which == saip_ProfileElement_end)
            saip_found(l, element(i), "the end behind all other elements", "an element behind it");
}

void saip_check_version(struct saip_look *l)
{
    const struct saip_ProfileHeader *h = saip_look_header(l);
    if (h && h->major_version != 2 && h->major_version != 3)
        saip_found(l, (struct saip_place){ 1, "major-version", BYTES_NONE }, "version 2 or 3 of the format",
                   "version %lld", (long long)h->major_version);
}

/* SGP.02's POL1; a consumer eUICC leaves it alone (8.2.1). */
void saip_check_pol(struct saip_look *l)
{
    const struct saip_ProfileHeader *h = saip_look_header(l);
    if (h && h->pol.p)
        saip_found(l, (struct saip_place){ 1, "pol", h->pol }, "no pol in a profile for consumer eUICCs",
                   "%zu octets", h->pol.n);
}

/* TCA 7.4, 7.5: full and IoT minimal profiles keep apart; rule->bit: which of the two the rule is of. */
void saip_check_kind_of_profile(struct saip_look *l)
{
    const struct saip_ProfileHeader *h = saip_look_header(l);
    bool minimal = h && h->iotOptions, iot = false;
    if (!h || minimal != (l->rule->bit == SAIP_MAKES_IOT))
        return;
    for (size_t i = 0; i < l->package->n; i++) {
        const struct saip_ProfileElement *pe = &l->package->items[i];
        iot = iot || pe->which == saip_ProfileElement_iot;
        if (!minimal && (pe->which == saip_ProfileElement_iot || pe->which == saip_ProfileElement_opt_iot))
            saip_found(l, element(i), "no element of IoT minimal profiles, as the header has no iotOptions", "%s",
                       saip_kind_name(pe));
        if (minimal && pe->which == saip_ProfileElement_mf)
            saip_found(l, element(i), "no PE-MF in an IoT minimal profile", "one");
    }
    if (minimal && !iot)
        saip_found(l, WHOLE, "a PE-IoT, as the header has iotOptions", "none");
}

/* ------------------------------------------------------------------------------- order */

/* TCA 8.1.3: the MF once, before all other files. */
void saip_check_mf(struct saip_look *l)
{
    size_t first = 0, made = 0;
    for (size_t i = 0; i < l->package->n; i++) {
        const struct saip_ProfileElement *pe = &l->package->items[i];
        bool mf = saip_makes(pe) & SAIP_MAKES_MF;
        if (makes_files(pe) && !first++ && !mf)
            saip_found(l, element(i), "the MF as the first element of the file system", "%s", saip_kind_name(pe));
        if (mf && made++)
            saip_found(l, element(i), "one MF", "another");
    }
    if (!made && l->package->n)
        saip_found(l, WHOLE, "an MF, by PE-MF or generic file management", "none");
}

/* What elements stand behind; rule->bit says which of them the rule is of. */
static const struct {
    int kind;
    unsigned behind;
} orders[] = {
    { saip_ProfileElement_cd, SAIP_MAKES_MF },
    { saip_ProfileElement_telecom, SAIP_MAKES_MF },
    { saip_ProfileElement_usim, SAIP_MAKES_MF },
    { saip_ProfileElement_isim, SAIP_MAKES_MF },
    { saip_ProfileElement_csim, SAIP_MAKES_MF },
    { saip_ProfileElement_opt_usim, SAIP_MAKES_USIM },
    { saip_ProfileElement_phonebook, SAIP_MAKES_USIM },
    { saip_ProfileElement_gsm_access, SAIP_MAKES_USIM },
    { saip_ProfileElement_df_5gs, SAIP_MAKES_USIM },
    { saip_ProfileElement_df_saip, SAIP_MAKES_USIM },
    { saip_ProfileElement_df_snpn, SAIP_MAKES_USIM },
    { saip_ProfileElement_df_5gprose, SAIP_MAKES_USIM },
    { saip_ProfileElement_opt_isim, SAIP_MAKES_ISIM },
    { saip_ProfileElement_opt_csim, SAIP_MAKES_CSIM },
    { saip_ProfileElement_cdmaParameter, SAIP_MAKES_CSIM },
    { saip_ProfileElement_opt_iot, SAIP_MAKES_IOT },
    { saip_ProfileElement_akaParameter, SAIP_MAKES_NAA },
    { saip_ProfileElement_eap, SAIP_MAKES_NAA },
};

static unsigned behind_of(const struct saip_ProfileElement *pe)
{
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        if (orders[i].kind == pe->which)
            return orders[i].behind;
    return 0;
}

static const char *maker_of(unsigned makes)
{
    static const struct {
        unsigned makes;
        const char *text;
    } rows[] = { { SAIP_MAKES_MF, "the MF before this element" },
                 { SAIP_MAKES_USIM, "an ADF.USIM before this element" },
                 { SAIP_MAKES_ISIM, "an ADF.ISIM before this element" },
                 { SAIP_MAKES_CSIM, "an ADF.CSIM before this element" },
                 { SAIP_MAKES_IOT, "PE-IoT before this element" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].makes == makes)
            return rows[i].text;
    return "the ADF of its application before this element";
}

void saip_check_order(struct saip_look *l)
{
    unsigned made = 0;
    for (size_t i = 0; i < l->package->n; i++) {
        const struct saip_ProfileElement *pe = &l->package->items[i];
        if (behind_of(pe) == l->rule->bit && !(made & l->rule->bit))
            saip_found(l, element(i), maker_of(l->rule->bit), "none");
        made |= saip_makes(pe);
    }
}

/* TCA 8.3.4: once a package, or once for the NAA that was made last. */
void saip_check_once(struct saip_look *l)
{
    static const struct {
        int kind;
        unsigned scope; /* what is made begins it anew; 0: nothing does */
    } rows[] = {
        { saip_ProfileElement_cd, 0 },
        { saip_ProfileElement_telecom, 0 },
        { saip_ProfileElement_pukCodes, 0 },
        { saip_ProfileElement_opt_usim, SAIP_MAKES_USIM },
        { saip_ProfileElement_phonebook, SAIP_MAKES_USIM },
        { saip_ProfileElement_gsm_access, SAIP_MAKES_USIM },
        { saip_ProfileElement_df_5gs, SAIP_MAKES_USIM },
        { saip_ProfileElement_df_saip, SAIP_MAKES_USIM },
        { saip_ProfileElement_df_snpn, SAIP_MAKES_USIM },
        { saip_ProfileElement_df_5gprose, SAIP_MAKES_USIM },
        { saip_ProfileElement_opt_isim, SAIP_MAKES_ISIM },
        { saip_ProfileElement_opt_csim, SAIP_MAKES_CSIM },
        { saip_ProfileElement_cdmaParameter, SAIP_MAKES_CSIM },
        { saip_ProfileElement_akaParameter, SAIP_MAKES_NAA },
    };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        size_t seen = 0;
        for (size_t i = 0; i < l->package->n; i++) {
            const struct saip_ProfileElement *pe = &l->package->items[i];
            if (saip_makes(pe) & rows[r].scope)
                seen = 0;
            if (pe->which == rows[r].kind && seen++)
                saip_found(l, element(i), rows[r].scope ? "one such element an application" : "one such element",
                           "another %s", saip_kind_name(pe));
        }
    }
}

void saip_check_identification(struct saip_look *l)
{
    enum { IDENTIFICATIONS = 1 << 15 };
    uint8_t *seen = arena_alloc(l->arena, IDENTIFICATIONS);
    for (size_t i = 0; seen && i < l->package->n; i++) {
        const struct saip_PEHeader *h = saip_header_of(&l->package->items[i]);
        if (h && h->identification >= 0 && h->identification < IDENTIFICATIONS && seen[h->identification]++)
            saip_found(l, element(i), "an identification of its own", "%lld again", (long long)h->identification);
    }
}

/* TCA 8.5.2: right behind the element that makes the MF, in an IoT minimal profile right behind the header. */
void saip_check_puk_place(struct saip_look *l)
{
    const struct saip_ProfileHeader *h = saip_look_header(l);
    for (size_t i = 1; h && i < l->package->n; i++) {
        const struct saip_ProfileElement *before = &l->package->items[i - 1];
        bool right = h->iotOptions ? i == 1 : saip_makes(before) & SAIP_MAKES_MF;
        if (l->package->items[i].which == saip_ProfileElement_pukCodes && !right)
            saip_found(l, element(i), h->iotOptions ? "PUKs right behind the header" : "PUKs right behind the MF",
                       "%s before them", saip_kind_name(before));
    }
}

/* TCA 8.6.2 */
void saip_check_domain_first(struct saip_look *l)
{
    bool domain = false;
    for (size_t i = 0; i < l->package->n; i++) {
        int which = l->package->items[i].which;
        domain = domain || which == saip_ProfileElement_securityDomain;
        if (!domain && (which == saip_ProfileElement_rfm || which == saip_ProfileElement_application))
            saip_found(l, element(i), "the MNO-SD before this element", "no security domain yet");
    }
}

/* TCA 8.1.3: security domains come when files, parameters of NAAs and codes are there. */
void saip_check_domain_late(struct saip_look *l)
{
    size_t last = 0;
    for (size_t i = 0; i < l->package->n; i++) {
        const struct saip_ProfileElement *pe = &l->package->items[i];
        if (makes_files(pe) || pe->which == saip_ProfileElement_akaParameter ||
            pe->which == saip_ProfileElement_pinCodes || pe->which == saip_ProfileElement_pukCodes)
            last = i;
    }
    for (size_t i = 0; i < last; i++)
        if (l->package->items[i].which == saip_ProfileElement_securityDomain)
            saip_found(l, element(i), "security domains behind files, codes and keys of applications",
                       "%s behind it", saip_kind_name(&l->package->items[last]));
}

/* TCA 8.5.1: the context is the first DF that the last element with DFs has made. */
void saip_check_pin_context(struct saip_look *l)
{
    size_t here = 0;
    for (size_t i = 0; i < l->package->n; i++) {
        const struct saip_ProfileElement *pe = &l->package->items[i];
        if (saip_makes(pe) & SAIP_MAKES_DF)
            here = 0;
        if (pe->which == saip_ProfileElement_pinCodes && here++)
            saip_found(l, element(i), "one PE-PINCodes a DF or ADF", "another, and no DF made between");
    }
}

/* ------------------------------------------------------------------ the interpreter's say */

static bool is_lack(const struct saip_fault *f)
{
    static const enum saip_status lacks[] = { SAIP_PE_NOT_SUPPORTED,       SAIP_RUNTIME_NOT_SUPPORTED,
                                              SAIP_LIB_NOT_SUPPORTED,      SAIP_TEMPLATE_NOT_SUPPORTED,
                                              SAIP_FEATURE_NOT_SUPPORTED };
    for (size_t i = 0; i < sizeof lacks / sizeof *lacks; i++)
        if (f->status == lacks[i])
            return true;
    return false;
}

static void tell(struct saip_look *l, const struct saip_fault *f)
{
    struct saip_finding finding = { l->rule, *f };
    l->found++;
    l->sink.take(l->sink.context, &finding);
}

/* What ended the interpretation, unless a rule has told an error of that element. */
void saip_check_installs(struct saip_look *l)
{
    const struct saip_fault *f = &l->result->faults[l->result->n - (l->result->n > 0)];
    if (l->result->aborted && l->result->n && !l->failed_elements[f->element] && !is_lack(f))
        tell(l, f);
}

void saip_check_our_card(struct saip_look *l)
{
    for (size_t i = 0; i < l->result->n; i++)
        if (is_lack(&l->result->faults[i]))
            tell(l, &l->result->faults[i]);
}
