/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/suits.h"

#include <stdio.h>

/* ------------------------------------------------------------- policy and profile metadata */

static int field_test(const struct saip_rule *r, const struct saip_match *m, struct err *e)
{
    if (!m->card->field_test || !m->policy->no_field_test)
        return 0;
    return err_set(e, ERR_UNSUPPORTED, r->clause,
                   "the card is a Field-Test eUICC (ppVersion 255.255.255), the profile's owner allows none");
}

static int policy_rule(const struct saip_rule *r, const struct saip_match *m, struct err *e)
{
    if (!(m->needs->pprs & m->card->forbidden & r->bit))
        return 0;
    return err_set(e, ERR_UNSUPPORTED, r->clause, "the profile has %s, which the card forbids", r->name);
}

static int test_profile(const struct saip_rule *r, const struct saip_match *m, struct err *e)
{
    if (!m->needs->test || m->card->rsp & r->bit)
        return 0;
    return err_set(e, ERR_UNSUPPORTED, r->clause, "the profile is of the class test, of which the card takes none");
}

/* ------------------------------------------------------------------- versions of the format */

static unsigned major_of(uint32_t version)
{
    return version >> 16 & 0xFF;
}

static unsigned minor_of(uint32_t version)
{
    return version >> 8 & 0xFF;
}

static uint32_t format_of(const struct saip_card *c, unsigned major)
{
    for (size_t i = 0; i < c->n_formats; i++)
        if (major_of(c->formats[i]) == major)
            return c->formats[i];
    return 0;
}

static uint32_t newest_format(const struct saip_card *c)
{
    uint32_t newest = 0;
    for (size_t i = 0; i < c->n_formats; i++)
        newest = c->formats[i] > newest ? c->formats[i] : newest;
    return newest;
}

static int format_error(const struct saip_rule *r, const struct saip_match *m, struct err *e)
{
    const struct saip_card *c = m->card;
    char list[SAIP_FORMATS_MAX * sizeof " 255.255"] = "";
    for (size_t i = 0, at = 0; i < c->n_formats; i++)
        at += (size_t)snprintf(list + at, sizeof list - at, " %u.%u", major_of(c->formats[i]), minor_of(c->formats[i]));
    return err_set(e, ERR_UNSUPPORTED, r->clause, "the package is of version %u.%u of the format, the card takes%s",
                   m->needs->major, m->needs->minor, list);
}

/* profileVersion is to be a 2.x.  A card that puts a later one there says nothing of the versions before. */
static int format_major(const struct saip_rule *r, const struct saip_match *m, struct err *e)
{
    const struct saip_card *c = m->card;
    unsigned major = m->needs->major;
    bool told = c->n_formats && (major_of(c->formats[0]) == 2 || major > major_of(newest_format(c)));
    return told && !format_of(c, major) ? format_error(r, m, e) : 0;
}

/* The minor version informs: elements of a later one are left out unless they are mandated. */
static int format_minor(const struct saip_rule *r, const struct saip_match *m, struct err *e)
{
    uint32_t format = format_of(m->card, m->needs->major);
    return format && m->needs->minor > minor_of(format) ? format_error(r, m, e) : 0;
}

static int newest_template(const struct saip_rule *r, const struct saip_newest *t, const struct saip_card *c,
                           struct err *e)
{
    uint32_t format = newest_format(c);
    if (!c->n_formats || t->since <= format)
        return 0;
    return err_set(e, ERR_UNSUPPORTED, r->clause,
                   "the package needs file template 2.23.143.1.%.*s, which came with version %u.%u of the format; the"
                   " card takes %u.%u", (int)sizeof t->template, t->template, major_of(t->since), minor_of(t->since),
                   major_of(format), minor_of(format));
}

static int template_demanded(const struct saip_rule *r, const struct saip_match *m, struct err *e)
{
    return newest_template(r, &m->needs->templates, m->card, e);
}

static int template_used(const struct saip_rule *r, const struct saip_match *m, struct err *e)
{
    return newest_template(r, &m->needs->used_templates, m->card, e);
}

/* ----------------------------------------------------------------------------- services */

static int service(const struct saip_rule *r, const struct saip_match *m, struct err *e)
{
    if (!(m->needs->services & ~m->card->services & r->bit))
        return 0;
    return err_set(e, ERR_UNSUPPORTED, r->clause, "the package demands %s, which the card lacks (bit %d of its"
                   " uiccCapability)", r->name, __builtin_ctz(r->bit));
}

static int service_used(const struct saip_rule *r, const struct saip_match *m, struct err *e)
{
    uint32_t missing = m->needs->used & ~m->card->services;
    char list[160] = "";
    if (!missing)
        return 0;
    for (const struct saip_rule *s = saip_rules; s < saip_rules + saip_rules_count; s++)
        if (s->check == service && s->bit & missing) {
            size_t at = strlen(list);
            snprintf(list + at, sizeof list - at, " %s", s->name);
        }
    return err_set(e, ERR_UNSUPPORTED, r->clause, "the card will leave out elements of the package that need%s", list);
}

static int runtime(const struct saip_rule *r, const struct saip_match *m, struct err *e)
{
    if (!(m->needs->applications || m->needs->libraries) || m->card->services & r->bit)
        return 0;
    return err_set(e, ERR_UNSUPPORTED, r->clause, "the package demands %s, the card has neither Java Card nor Multos",
                   m->needs->applications ? "an application" : "libraries for applications");
}

static int df_5gs(const struct saip_rule *r, const struct saip_match *m, struct err *e)
{
    if (!m->needs->df_5gs || !m->card->n_formats || newest_format(m->card) >= SAIP_VERSION(2, 3, 1))
        return 0;
    return err_set(e, ERR_UNSUPPORTED, r->clause,
                   "the package makes DF.5GS by its own element, for cards from version 2.3.1 of the format on");
}

static int get_identity(const struct saip_rule *r, const struct saip_match *m, struct err *e)
{
    if (!m->needs->get_identity || m->card->services & r->bit)
        return 0;
    return err_set(e, ERR_UNSUPPORTED, r->clause,
                   "the USIM is to compute SUCIs (service 125 or DF.SAIP), the card has no GET IDENTITY");
}

/* -------------------------------------------------------------------------------- memory */

static int additional_profile(const struct saip_rule *r, const struct saip_match *m, struct err *e)
{
    if (m->card->rsp & r->bit)
        return 0;
    return err_set(e, ERR_UNSUPPORTED, r->clause, "the card has no room for one more profile");
}

static int memory(const struct saip_rule *r, const char *kind, uint32_t need, uint64_t octets, struct err *e)
{
    if (need <= octets)
        return 0;
    return err_set(e, ERR_UNSUPPORTED, r->clause, "the profile needs %lu octets of %s memory at least, the card has"
                   " %llu free", (unsigned long)need, kind, (unsigned long long)octets);
}

static int nvm(const struct saip_rule *r, const struct saip_match *m, struct err *e)
{
    return memory(r, "non-volatile", m->needs->nvm, m->card->nvm, e);
}

static int ram(const struct saip_rule *r, const struct saip_match *m, struct err *e)
{
    return memory(r, "volatile", m->needs->ram, m->card->ram, e);
}

/* ----------------------------------------------------------------------------- the table */

static const char HEADER[] = "TCA profile package 8.2.1", INFO[] = "SGP.22 5.7.8", ANNEX_F[] = "SGP.22 Annex F",
                  CARD_OR_PACKAGE[] = "use a card that has it, or a package that does without",
                  DELETE[] = "delete a profile from the card and try again",
                  LESS[] = "use a card that has it, if what is left out will be missed";

#define BIT(name) (1u << rsp_##name)
#define SERVICE(name, bit) { name, HEADER, SAIP_NOT_ELIGIBLE, BIT(UICCCapability_##bit), service, CARD_OR_PACKAGE }

const struct saip_rule saip_rules[] = {
    { "field-test", "SGP.22 5.6.3", SAIP_NOT_ELIGIBLE, 0, field_test,
      "use a certified card, or ask the profile's owner" },
    { "PPR1", INFO, SAIP_NOT_ELIGIBLE, BIT(PprIds_ppr1), policy_rule,
      "delete the operational profile that is on the card, use another card, or a profile without PPR1" },
    { "PPR2", INFO, SAIP_NOT_ELIGIBLE, BIT(PprIds_ppr2), policy_rule, "use another card, or a profile without PPR2" },
    { "test-profile", INFO, SAIP_NOT_ELIGIBLE, BIT(RspCapability_testProfileSupport), test_profile,
      "use a card for test profiles" },
    { "format-major", HEADER, SAIP_NOT_ELIGIBLE, 0, format_major,
      "make the package in a version that the card takes, or use another card" },
    SERVICE("contactless", contactlessSupport),
    SERVICE("usim", usimSupport),
    SERVICE("isim", isimSupport),
    SERVICE("csim", csimSupport),
    SERVICE("milenage", akaMilenage),
    SERVICE("tuak128", akaTuak128),
    SERVICE("cave", akaCave),
    SERVICE("gba-usim", gbaAuthenUsim),
    SERVICE("gba-isim", gbaAuthenISim),
    SERVICE("mbms", mbmsAuthenUsim),
    SERVICE("eap", eapClient),
    SERVICE("javacard", javacard),
    SERVICE("multos", multos),
    SERVICE("multiple-usim", multipleUsimSupport),
    SERVICE("multiple-isim", multipleIsimSupport),
    SERVICE("multiple-csim", multipleCsimSupport),
    SERVICE("tuak256", akaTuak256),
    SERVICE("usim-test-algorithm", usimTestAlgorithm),
    SERVICE("ber-tlv", berTlvFileSupport),
    SERVICE("dfLink", dfLinkSupport),
    SERVICE("cat-tp", catTp),
    SERVICE("get-identity", getIdentity),
    SERVICE("profile-a-x25519", profile_a_x25519),
    SERVICE("profile-b-p256", profile_b_p256),
    SERVICE("suciCalculatorApi", suciCalculatorApi),
    SERVICE("dns-resolution", dns_resolution),
    SERVICE("scp11ac", scp11ac),
    SERVICE("scp11c-authorization-mechanism", scp11c_authorization_mechanism),
    SERVICE("s16mode", s16mode),
    SERVICE("eaka", eaka),
    SERVICE("iotOptions", iotminimal), /* no service: the header's member that makes an IoT Minimal Profile */
    { "template", HEADER, SAIP_NOT_ELIGIBLE, 0, template_demanded,
      "make these files with generic file management or an earlier template, or use a newer card" },
    { "runtime", "TCA profile package 8.10", SAIP_NOT_ELIGIBLE,
      BIT(UICCCapability_javacard) | BIT(UICCCapability_multos), runtime, CARD_OR_PACKAGE },
    { "additional-profile", "SGP.22 3.1.3", SAIP_NO_ROOM, BIT(RspCapability_additionalProfile), additional_profile,
      DELETE },
    { "non-volatile-memory", "SGP.22 5.6.3", SAIP_NO_ROOM, 0, nvm, DELETE },
    { "volatile-memory", "SGP.22 5.6.3", SAIP_NO_ROOM, 0, ram, DELETE },
    { "format-minor", HEADER, SAIP_WARNS, 0, format_minor, "try it on a card of this kind before many get it" },
    { "used-service", "TCA profile package 8.10", SAIP_WARNS, 0, service_used, LESS },
    { "used-template", "TCA profile package 8.10", SAIP_WARNS, 0, template_used, LESS },
    { "DF.5GS", ANNEX_F, SAIP_WARNS, 0, df_5gs, "make DF.5GS with generic file management for such cards" },
    { "GET IDENTITY", ANNEX_F, SAIP_WARNS, BIT(UICCCapability_getIdentity), get_identity,
      "for such cards leave DF.SAIP out and clear service 125 in EF.UST, so that the device computes them" },
};
const size_t saip_rules_count = sizeof saip_rules / sizeof *saip_rules;

const struct saip_rule *saip_broken(const struct saip_needs *n, const struct saip_card *c, const struct saip_policy *p,
                                    const struct saip_rule *after, struct err *e)
{
    const struct saip_match match = { n, c, p };
    for (const struct saip_rule *r = after ? after + 1 : saip_rules; r < saip_rules + saip_rules_count; r++)
        if (r->check(r, &match, e) != 0)
            return r;
    return NULL;
}

int saip_suits(const struct saip_needs *n, const struct saip_card *c, const struct saip_policy *p,
               const struct saip_rule **broken, struct err *e)
{
    *broken = saip_broken(n, c, p, NULL, e);
    while (*broken && (*broken)->verdict == SAIP_WARNS)
        *broken = saip_broken(n, c, p, *broken, e);
    return *broken ? -1 : 0;
}
