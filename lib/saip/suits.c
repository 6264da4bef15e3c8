/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/look.h"

#include <stdio.h>

/* ------------------------------------------------------------- policy and profile metadata */

void saip_card_field_test(struct saip_look *l)
{
    if (!l->card->field_test || !l->policy->no_field_test)
        return;
    saip_says(l, "the card is a Field-Test eUICC (ppVersion 255.255.255), the profile's owner allows none");
}

void saip_card_policy_rule(struct saip_look *l)
{
    if (!(l->needs->pprs & l->card->forbidden & l->rule->bit))
        return;
    saip_says(l, "the profile has %s, which the card forbids", l->rule->name);
}

void saip_card_test_profile(struct saip_look *l)
{
    if (!l->needs->test || l->card->rsp & l->rule->bit)
        return;
    saip_says(l, "the profile is of the class test, of which the card takes none");
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

static void format_error(struct saip_look *l)
{
    const struct saip_card *c = l->card;
    char list[SAIP_FORMATS_MAX * sizeof " 255.255"] = "";
    for (size_t i = 0, at = 0; i < c->n_formats; i++)
        at += (size_t)snprintf(list + at, sizeof list - at, " %u.%u", major_of(c->formats[i]), minor_of(c->formats[i]));
    saip_says(l, "the package is of version %u.%u of the format, the card takes%s", l->needs->major, l->needs->minor,
              list);
}

/* profileVersion is to be a 2.x.  A card that puts a later one there says nothing of the versions before. */
void saip_card_format_major(struct saip_look *l)
{
    const struct saip_card *c = l->card;
    unsigned major = l->needs->major;
    bool told = c->n_formats && (major_of(c->formats[0]) == 2 || major > major_of(newest_format(c)));
    if (told && !format_of(c, major))
        format_error(l);
}

/* The minor version informs: elements of a later one are left out unless they are mandated. */
void saip_card_format_minor(struct saip_look *l)
{
    uint32_t format = format_of(l->card, l->needs->major);
    if (format && l->needs->minor > minor_of(format))
        format_error(l);
}

static void newest_template(struct saip_look *l, const struct saip_newest *t)
{
    uint32_t format = newest_format(l->card);
    if (!l->card->n_formats || t->since <= format)
        return;
    saip_says(l, "the package needs file template 2.23.143.1.%.*s, which came with version %u.%u of the format; the"
              " card takes %u.%u", (int)sizeof t->template, t->template, major_of(t->since), minor_of(t->since),
              major_of(format), minor_of(format));
}

void saip_card_template_demanded(struct saip_look *l)
{
    newest_template(l, &l->needs->templates);
}

void saip_card_template_used(struct saip_look *l)
{
    newest_template(l, &l->needs->used_templates);
}

/* ----------------------------------------------------------------------------- services */

void saip_card_service(struct saip_look *l)
{
    if (!(l->needs->services & ~l->card->services & l->rule->bit))
        return;
    saip_says(l, "the package demands %s, which the card lacks (bit %d of its uiccCapability)", l->rule->name,
              __builtin_ctz(l->rule->bit));
}

void saip_card_service_used(struct saip_look *l)
{
    uint32_t missing = l->needs->used & ~l->card->services;
    char list[160] = "";
    if (!missing)
        return;
    for (const struct saip_rule *s = saip_rules; s < saip_rules + saip_rules_count; s++)
        if (s->check.all == saip_card_service && s->bit & missing) {
            size_t at = strlen(list);
            snprintf(list + at, sizeof list - at, " %s", s->name);
        }
    saip_says(l, "the card will leave out elements of the package that need%s", list);
}

void saip_card_runtime(struct saip_look *l)
{
    if (!(l->needs->applications || l->needs->libraries) || l->card->services & l->rule->bit)
        return;
    saip_says(l, "the package demands %s, the card has neither Java Card nor Multos",
              l->needs->applications ? "an application" : "libraries for applications");
}

void saip_card_df_5gs(struct saip_look *l)
{
    if (!l->needs->df_5gs || !l->card->n_formats || newest_format(l->card) >= SAIP_VERSION(2, 3, 1))
        return;
    saip_says(l, "the package makes DF.5GS by its own element, for cards from version 2.3.1 of the format on");
}

void saip_card_get_identity(struct saip_look *l)
{
    if (!l->needs->get_identity || l->card->services & l->rule->bit)
        return;
    saip_says(l, "the USIM is to compute SUCIs (service 125 or DF.SAIP), the card has no GET IDENTITY");
}

/* -------------------------------------------------------------------------------- memory */

void saip_card_additional_profile(struct saip_look *l)
{
    if (l->card->rsp & l->rule->bit)
        return;
    saip_says(l, "the card has no room for one more profile");
}

static void memory(struct saip_look *l, const char *kind, uint32_t need, uint64_t octets)
{
    if (need <= octets)
        return;
    saip_says(l, "the profile needs %lu octets of %s memory at least, the card has %llu free", (unsigned long)need,
              kind, (unsigned long long)octets);
}

void saip_card_nvm(struct saip_look *l)
{
    memory(l, "non-volatile", l->needs->nvm, l->card->nvm);
}

void saip_card_ram(struct saip_look *l)
{
    memory(l, "volatile", l->needs->ram, l->card->ram);
}

