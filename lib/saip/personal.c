/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/personal.h"

#include "base/text.h"

static const struct {
    const char *name;
    size_t length, other; /* in octets; 0: there is no other one */
} holes[SAIP_HOLES] = {
    [HOLE_ICCID_HEADER] = { "header iccid", 10 },
    [HOLE_ICCID] = { "EF.ICCID", 10 },
    [HOLE_IMSI] = { "EF.IMSI", 9 },
    [HOLE_K] = { "k", 16, 32 },
    [HOLE_OPC] = { "opc", 16, 32 },
    [HOLE_PIN1] = { "pin1", 8 },
    [HOLE_PUK1] = { "puk1", 8 },
    [HOLE_PIN2] = { "pin2", 8 },
    [HOLE_PUK2] = { "puk2", 8 },
    [HOLE_ADM1] = { "adm1", 8 },
};

struct search {
    struct bytes der;
    struct saip_holes *out;
    struct err *err;
};

static int found(struct search *s, enum saip_hole which, struct bytes value)
{
    size_t at = (size_t)(value.p - s->der.p);
    if (value.n != holes[which].length && (value.n == 0 || value.n != holes[which].other))
        return err_set(s->err, ERR_VALUE, NULL, "%s has %zu octets in the package, not %zu", holes[which].name, value.n,
                       holes[which].length);
    if (s->out->of[which].n && s->out->of[which].length != value.n)
        return err_set(s->err, ERR_UNSUPPORTED, NULL, "%s has %zu octets in one place of the package, %zu in another",
                       holes[which].name, s->out->of[which].length, value.n);
    if (value.p < s->der.p || at + value.n > s->der.n || s->out->of[which].n == SAIP_PLACES_MAX)
        return err_set(s->err, ERR_INTERNAL, NULL, "%s has no place in the package", holes[which].name);
    s->out->of[which].offset[s->out->of[which].n++] = at;
    s->out->of[which].length = value.n;
    return 0;
}

/* The content of a file that is given in one piece. */
static int file_found(struct search *s, enum saip_hole which, const struct saip_File *f)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->items[i].which == saip_File_item_fillFileContent)
            return found(s, which, f->items[i].fillFileContent);
    return 0;
}

static int pins_found(struct search *s, const struct saip_PE_PINCodes *p)
{
    static const struct {
        int64_t reference;
        enum saip_hole which;
    } places[] = { { 1, HOLE_PIN1 }, { 129, HOLE_PIN2 }, { 10, HOLE_ADM1 } };
    if (p->pinCodes.which != saip_PE_PINCodes_pinCodes_pinconfig)
        return 0;
    for (size_t i = 0; i < p->pinCodes.pinconfig.n; i++)
        for (size_t k = 0; k < sizeof places / sizeof *places; k++)
            if (p->pinCodes.pinconfig.items[i].keyReference == places[k].reference &&
                found(s, places[k].which, p->pinCodes.pinconfig.items[i].pinValue) != 0)
                return -1;
    return 0;
}

static int puks_found(struct search *s, const struct saip_PE_PUKCodes *p)
{
    for (size_t i = 0; i < p->pukCodes.n; i++) {
        int64_t reference = p->pukCodes.items[i].keyReference;
        if ((reference == 1 || reference == 129) &&
            found(s, reference == 1 ? HOLE_PUK1 : HOLE_PUK2, p->pukCodes.items[i].pukValue) != 0)
            return -1;
    }
    return 0;
}

static int keys_found(struct search *s, const struct saip_PE_AKAParameter *p)
{
    const struct saip_AlgoParameter *a = &p->algoConfiguration.algoParameter;
    if (p->algoConfiguration.which != saip_PE_AKAParameter_algoConfiguration_algoParameter)
        return 0;
    if (found(s, HOLE_K, a->key) != 0)
        return -1;
    return a->opc.n == 16 || a->opc.n == 32 ? found(s, HOLE_OPC, a->opc) : 0;
}

int saip_holes_find(const struct saip_package *p, struct bytes der, struct saip_holes *out, struct err *e)
{
    struct search s = { der, out, e };
    int bad = 0;
    memset(out, 0, sizeof *out);
    for (size_t i = 0; !bad && i < p->n; i++) {
        const struct saip_ProfileElement *pe = &p->items[i];
        switch (pe->which) {
        case saip_ProfileElement_header:
            bad = found(&s, HOLE_ICCID_HEADER, pe->header.iccid);
            break;
        case saip_ProfileElement_mf:
            bad = file_found(&s, HOLE_ICCID, &pe->mf.ef_iccid);
            break;
        case saip_ProfileElement_usim:
            bad = file_found(&s, HOLE_IMSI, &pe->usim.ef_imsi);
            break;
        case saip_ProfileElement_akaParameter:
            bad = keys_found(&s, &pe->akaParameter);
            break;
        case saip_ProfileElement_pinCodes:
            bad = pins_found(&s, &pe->pinCodes);
            break;
        case saip_ProfileElement_pukCodes:
            bad = puks_found(&s, &pe->pukCodes);
            break;
        default:
            break;
        }
    }
    return bad;
}

/* --------------------------------------------------------------------- people's values */

static int digits_check(const char *name, struct bytes text, size_t least, size_t most, struct err *e)
{
    bool right = text.n >= least && text.n <= most;
    for (size_t i = 0; right && i < text.n; i++)
        right = text.p[i] >= '0' && text.p[i] <= '9';
    if (right)
        return 0;
    return err_set(e, ERR_VALUE, NULL, "%s \"%.*s\" is not %zu to %zu digits", name, (int)text.n, text.p, least, most);
}

static int set_iccid(struct arena *a, struct saip_subscriber *s, const char *name, struct bytes text, struct err *e)
{
    uint8_t *plain = arena_alloc(a, 10), *swapped = arena_alloc(a, 10);
    if (digits_check(name, text, 19, 20, e) != 0)
        return -1;
    if (!plain || !swapped)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a subscriber");
    for (size_t i = 0; i < 20; i++) {
        unsigned nibble = i < text.n ? (unsigned)(text.p[i] - '0') : 15u;
        plain[i / 2] |= (uint8_t)(nibble << (i % 2 ? 0 : 4));
        swapped[i / 2] |= (uint8_t)(nibble << (i % 2 ? 4 : 0));
    }
    s->value[HOLE_ICCID_HEADER] = bytes_make(plain, 10);
    s->value[HOLE_ICCID] = bytes_make(swapped, 10);
    return 0;
}

/* TS 31.102 4.2.2: length, then parity nibble and digits, low nibble first. */
static int set_imsi(struct arena *a, struct saip_subscriber *s, const char *name, struct bytes text, struct err *e)
{
    uint8_t *out = arena_alloc(a, 9);
    if (digits_check(name, text, 6, 15, e) != 0)
        return -1;
    if (!out)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a subscriber");
    memset(out, 0xFF, 9);
    out[0] = (uint8_t)(text.n / 2 + 1);
    out[1] = (uint8_t)((text.p[0] - '0') << 4 | (text.n % 2 ? 9 : 1));
    for (size_t i = 1; i < text.n; i++) {
        uint8_t *at = &out[1 + (i + 1) / 2];
        unsigned digit = (unsigned)(text.p[i] - '0');
        *at = (uint8_t)(i % 2 ? (*at & 0xF0) | digit : (*at & 0x0F) | digit << 4);
    }
    s->value[HOLE_IMSI] = bytes_make(out, 9);
    return 0;
}

static int set_key(struct arena *a, struct saip_subscriber *s, const char *name, struct bytes text, struct err *e)
{
    struct bytes *out = &s->value[strcmp(name, "k") == 0 ? HOLE_K : HOLE_OPC];
    if (hex_decode(a, text, out, e) != 0 || (out->n != 16 && out->n != 32))
        return err_set(e, ERR_VALUE, NULL, "%s is not 32 or 64 hex digits", name);
    return 0;
}

/* Digits in ASCII, filled up with FF (TS 102 221 9.5.1). */
static int set_code(struct arena *a, struct saip_subscriber *s, const char *name, struct bytes text, struct err *e)
{
    enum saip_hole which = HOLE_PIN1;
    while (which < SAIP_HOLES && strcmp(holes[which].name, name) != 0)
        which++;
    uint8_t *out = arena_alloc(a, 8);
    if (digits_check(name, text, 4, 8, e) != 0)
        return -1;
    if (!out)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a subscriber");
    memset(out, 0xFF, 8);
    memcpy(out, text.p, text.n);
    s->value[which] = bytes_make(out, 8);
    return 0;
}

static const struct {
    const char *name;
    int (*set)(struct arena *, struct saip_subscriber *, const char *, struct bytes, struct err *);
} names[] = { { "iccid", set_iccid }, { "imsi", set_imsi }, { "k", set_key },     { "opc", set_key },
              { "pin1", set_code },   { "puk1", set_code }, { "pin2", set_code }, { "puk2", set_code },
              { "adm1", set_code } };
enum { N_NAMES = sizeof names / sizeof *names };

/* The row of a name, or -1. */
static int name_find(struct bytes name, struct err *e)
{
    for (int i = 0; i < N_NAMES; i++)
        if (bytes_equal(bytes_text(names[i].name), name))
            return i;
    return err_set(e, ERR_VALUE, NULL,
                   "a subscriber has no \"%.*s\" (iccid, imsi, k, opc, pin1, puk1, pin2, puk2, adm1)",
                   name.n < 40 ? (int)name.n : 40, name.p);
}

int saip_subscriber_check_name(struct bytes name, struct err *e)
{
    return name_find(name, e) < 0 ? -1 : 0;
}

int saip_subscriber_set(struct arena *a, struct saip_subscriber *s, const char *name, struct bytes text, struct err *e)
{
    int i = name_find(bytes_text(name), e);
    return i < 0 ? -1 : names[i].set(a, s, name, text, e);
}

const char *saip_hole_name(enum saip_hole which)
{
    return holes[which].name;
}

int saip_personalise(struct arena *a, struct bytes der, const struct saip_holes *h, const struct saip_subscriber *s,
                     struct bytes *out, struct err *e)
{
    *out = arena_copy(a, der);
    if (!out->p)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a profile");
    for (int i = 0; i < SAIP_HOLES; i++) {
        struct bytes v = s->value[i];
        if (!bytes_present(v))
            continue;
        if (h->of[i].n == 0)
            return err_set(e, ERR_VALUE, NULL, "the package has no %s", holes[i].name);
        if (v.n != h->of[i].length)
            return err_set(e, ERR_VALUE, NULL, "%s has %zu octets, the package has room for %zu", holes[i].name, v.n,
                           h->of[i].length);
        for (size_t k = 0; k < h->of[i].n; k++)
            memcpy((uint8_t *)(uintptr_t)out->p + h->of[i].offset[k], v.p, v.n);
    }
    return 0;
}
