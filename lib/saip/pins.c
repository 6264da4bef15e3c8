/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/builder.h"

/* secondPINAppl1 to 8 are those of a DF or ADF; all others, ADM 6 to 10 too, are the MF's (8.5.1). */
static bool is_local(int64_t reference)
{
    return reference >= 0x81 && reference <= 0x88;
}

static const char CLAUSE_PIN[] = SAIP_CLAUSE("8.5.1"), CLAUSE_PUK[] = SAIP_CLAUSE("8.5.2"),
                  CLAUSE_STATUS[] = SAIP_CLAUSE("8.1.3");

static struct saip_puk *puk_of(struct saip_image *m, int64_t reference)
{
    for (size_t i = 0; i < m->n_puks; i++)
        if (m->puks[i].reference == reference)
            return &m->puks[i];
    return NULL;
}

static int puk_add(struct saip_builder *b, const struct saip_PUKConfiguration *c)
{
    struct saip_image *m = b->image;
    b->part = c->raw;
    if (m->n_puks == SAIP_PUKS_MAX)
        return saip_end(b, SAIP_NOT_ENOUGH_MEMORY, CLAUSE_PUK, "at most 16 PUKs", "one more");
    if (puk_of(m, c->keyReference))
        return saip_end(b, SAIP_BAD_VALUES, CLAUSE_PUK, "each PUK once", "key reference %02X again",
                        (unsigned)c->keyReference);
    struct saip_puk *puk = &m->puks[m->n_puks++];
    puk->reference = (uint8_t)c->keyReference;
    memcpy(puk->value, c->pukValue.p, sizeof puk->value);
    puk->max = (uint8_t)(c->maxNumOfAttemps_retryNumLeft >> 4);
    puk->left = c->maxNumOfAttemps_retryNumLeft & 15;
    return 0;
}

int saip_puks_install(struct saip_builder *b, const struct saip_ProfileElement *pe)
{
    const struct saip_PE_PUKCodes *p = &pe->pukCodes;
    for (size_t i = 0; i < p->pukCodes.n; i++)
        if (puk_add(b, &p->pukCodes.items[i]) != 0)
            return -1;
    return 0;
}

static const struct saip_pin *pin_of(const struct saip_image *m, const struct saip_file *df, int64_t reference)
{
    for (size_t i = 0; df && i < m->n_pins; i++)
        if (m->pins[i].context == df && m->pins[i].reference == reference)
            return &m->pins[i];
    return NULL;
}

const struct saip_pin *saip_pin_in(const struct saip_image *m, const struct saip_file *df, uint8_t reference)
{
    bool local = is_local(reference);
    const struct saip_pin *pin = local ? NULL : pin_of(m, m->mf, reference);
    for (; df && !pin && local; df = df->parent) {
        pin = pin_of(m, df, reference);
        if (!pin)
            pin = pin_of(m, df->codes, reference);
    }
    return pin;
}

static int pin_add(struct saip_builder *b, const struct saip_PINConfiguration *c)
{
    struct saip_image *m = b->image;
    bool at_mf = b->context == m->mf;
    b->part = c->raw;
    if (m->n_pins == SAIP_PINS_MAX)
        return saip_end(b, SAIP_NOT_ENOUGH_MEMORY, CLAUSE_PIN, "at most 64 PINs", "one more");
    if (pin_of(m, b->context, c->keyReference))
        return saip_end(b, SAIP_BAD_VALUES, CLAUSE_PIN, "each PIN once", "key reference %02X again",
                        (unsigned)c->keyReference);
    if (at_mf == is_local(c->keyReference))
        return saip_end(b, SAIP_BAD_VALUES, CLAUSE_PIN,
                        at_mf ? "a global PIN in the MF" : "a local PIN in a DF or ADF", "key reference %02X",
                        (unsigned)c->keyReference);
    struct saip_pin *pin = &m->pins[m->n_pins++];
    *pin = (struct saip_pin){ .context = b->context,
                              .reference = (uint8_t)c->keyReference,
                              .unblocking = c->has_unblockingPINReference ? (uint8_t)c->unblockingPINReference : 0,
                              .enabled = c->pinAttributes & 1,
                              .may_disable = c->pinAttributes & 2,
                              .may_change = c->pinAttributes & 4,
                              .max = (uint8_t)(c->maxNumOfAttemps_retryNumLeft >> 4),
                              .left = c->maxNumOfAttemps_retryNumLeft & 15 };
    memcpy(pin->value, c->pinValue.p, sizeof pin->value);
    return 0;
}

/* One value and one counter for both: what this DF has is looked for in the other. */
static int pins_share(struct saip_builder *b, struct bytes path)
{
    struct saip_file *from = path.n % 2 ? NULL : saip_at(b->image, path);
    b->part = path;
    if (!from || !saip_is_df(from) || from == b->context)
        return saip_end(b, SAIP_BAD_VALUES, CLAUSE_PIN, "the path of another DF or ADF, whose PINs count here too",
                        from == b->context ? "the same one" : "nothing there");
    b->context->codes = from;
    return 0;
}

int saip_pins_install(struct saip_builder *b, const struct saip_ProfileElement *pe)
{
    const struct saip_PE_PINCodes_pinCodes *p = &pe->pinCodes.pinCodes;
    if (!b->context)
        return saip_end(b, SAIP_INVALID_FORMAT, CLAUSE_PIN, "PINs behind the MF, DF or ADF that has them", "none yet");
    if (p->which == saip_PE_PINCodes_pinCodes_filePath)
        return pins_share(b, p->filePath);
    for (size_t i = 0; i < p->pinconfig.n; i++)
        if (pin_add(b, &p->pinconfig.items[i]) != 0)
            return -1;
    return 0;
}

/* ------------------------------------------------------------------------------- status */

/* TCA 8.1.3 */
static int check(struct saip_builder *b, const struct saip_file *df)
{
    for (size_t i = 0; i < df->pst.n; i++)
        if (!saip_pin_in(b->image, df, df->pst.p[i]))
            return saip_end(b, SAIP_PIN_MISSING, CLAUSE_STATUS, "every PIN that a PIN status template names",
                            "no PIN %02X for %s", df->pst.p[i], df->name);
    for (const struct saip_file *f = df->children; f; f = f->next)
        if (saip_is_df(f) && !f->link && check(b, f) != 0)
            return -1;
    return 0;
}

int saip_pins_check(struct saip_builder *b)
{
    return check(b, b->image->mf);
}
