/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/check.h"
#include "asn1/tlv.h"

#include <stdio.h>

enum { MAX_DEPTH = 24 };

/* Where we are, for messages: member names, or list indices (name NULL). */
struct step {
    const char *name;
    size_t index;
};

struct decoder {
    struct arena *arena;
    enum asn1_mode mode;
    const uint8_t *base; /* positions in messages count from here */
    struct err *err;
    struct step path[MAX_DEPTH];
    size_t depth;
};

/* `tag`: the identifier that its place gives the value, 0 for none of its own. */
static int value_decode(struct decoder *d, const struct asn1_type *type, uint32_t tag, struct tlv tlv, void *out);

/* Completes an error with the path and the position. */
static int locate(struct decoder *d, const uint8_t *at)
{
    char path[120] = "";
    size_t n = 0;
    for (size_t i = 0; i < d->depth && n < sizeof path; i++) {
        const struct step *s = &d->path[i];
        int k = s->name ? snprintf(path + n, sizeof path - n, "%s%s", n ? "." : "", s->name)
                        : snprintf(path + n, sizeof path - n, "[%zu]", s->index + 1);
        n += (size_t)k;
    }
    return err_at(d->err, "%s%sbyte %zu", path, n ? ", " : "", (size_t)(at - d->base));
}

static int fail(struct decoder *d, const uint8_t *at, int code, const char *clause, const char *what)
{
    err_set(d->err, code, clause, "%s", what);
    return locate(d, at);
}

static int enter(struct decoder *d, const char *name, size_t index, const uint8_t *at)
{
    if (d->depth == MAX_DEPTH)
        return fail(d, at, ERR_LIMIT, NULL, "nested too deeply");
    d->path[d->depth++] = (struct step){ name, index };
    return 0;
}

static void *allocate(struct decoder *d, size_t count, size_t size, const uint8_t *at)
{
    void *p = arena_array(d->arena, count, size);
    if (!p)
        fail(d, at, ERR_MEMORY, NULL, "the value needs more memory than it may use");
    return p;
}

static int next(struct decoder *d, struct cursor *c, struct tlv *tlv)
{
    struct err inner;
    if (tlv_next(c, d->mode, tlv, &inner) == 0)
        return 0;
    return fail(d, c->p, inner.code, inner.clause, inner.what);
}

/* ---------------------------------------------------------------- primitive kinds */

static int decode_boolean(struct decoder *d, const struct asn1_type *type, struct tlv tlv, void *out)
{
    (void)type;
    if (tlv.value.n != 1)
        return fail(d, tlv.whole.p, ERR_SYNTAX, "X.690 8.2", "a BOOLEAN has one octet");
    if (d->mode == ASN1_STRICT && tlv.value.p[0] != 0 && tlv.value.p[0] != 0xFF)
        return fail(d, tlv.whole.p, ERR_SYNTAX, "X.690 11.1", "TRUE is FF in DER");
    *(bool *)out = tlv.value.p[0] != 0;
    return 0;
}

static int decode_null(struct decoder *d, const struct asn1_type *type, struct tlv tlv, void *out)
{
    (void)type;
    if (tlv.value.n != 0)
        return fail(d, tlv.whole.p, ERR_SYNTAX, "X.690 8.8", "a NULL has no content");
    *(bool *)out = true;
    return 0;
}

static bool padded_integer(struct bytes v)
{
    return v.n > 1 && ((v.p[0] == 0 && v.p[1] < 0x80) || (v.p[0] == 0xFF && v.p[1] >= 0x80));
}

/* The content of an INTEGER without superfluous octets; absent after an error. */
static struct bytes integer_octets(struct decoder *d, struct tlv tlv)
{
    struct bytes v = tlv.value;
    if (v.n == 0) {
        fail(d, tlv.whole.p, ERR_SYNTAX, "X.690 8.3", "an INTEGER without content");
        return BYTES_NONE;
    }
    if (d->mode == ASN1_STRICT && padded_integer(v)) {
        fail(d, tlv.whole.p, ERR_SYNTAX, "X.690 8.3.2", "an INTEGER in more octets than needed");
        return BYTES_NONE;
    }
    while (padded_integer(v))
        v = bytes_slice(v, 1, v.n);
    return v;
}

static int decode_integer(struct decoder *d, const struct asn1_type *type, struct tlv tlv, void *out)
{
    struct bytes v = integer_octets(d, tlv);
    if (!v.p)
        return -1;
    if (v.n > 8)
        return fail(d, tlv.whole.p, ERR_LIMIT, NULL, "an INTEGER of more than 64 bits");
    uint64_t number = v.p[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < v.n; i++)
        number = number << 8 | v.p[i];
    if (asn1_check_range(type, (int64_t)number, d->err) != 0)
        return locate(d, tlv.whole.p);
    *(int64_t *)out = (int64_t)number;
    return 0;
}

static int decode_bigint(struct decoder *d, const struct asn1_type *type, struct tlv tlv, void *out)
{
    (void)type;
    struct bytes v = integer_octets(d, tlv);
    if (!v.p)
        return -1;
    *(struct bytes *)out = v;
    return 0;
}

static int decode_bits(struct decoder *d, const struct asn1_type *type, struct tlv tlv, void *out)
{
    struct bytes v = tlv.value;
    if (v.n == 0 || v.p[0] > 7 || (v.n == 1 && v.p[0] != 0))
        return fail(d, tlv.whole.p, ERR_SYNTAX, "X.690 8.6", "a BIT STRING with a wrong count of unused bits");
    unsigned unused = v.p[0];
    if (d->mode == ASN1_STRICT && unused && (v.p[v.n - 1] & ((1u << unused) - 1)))
        return fail(d, tlv.whole.p, ERR_SYNTAX, "X.690 11.2.1", "unused bits of a BIT STRING are not zero");
    struct asn1_bits bits = { v.p + 1, (v.n - 1) * 8 - unused };
    size_t significant = type->n_names ? asn1_bits_trimmed(bits) : bits.n;
    if (d->mode == ASN1_STRICT && significant != bits.n)
        return fail(d, tlv.whole.p, ERR_SYNTAX, "X.690 11.2.2", "named bits end in zero bits");
    bits.n = significant;
    if (asn1_check_size(type, bits.n, d->err) != 0)
        return locate(d, tlv.whole.p);
    *(struct asn1_bits *)out = bits;
    return 0;
}

static int decode_octets(struct decoder *d, const struct asn1_type *type, struct tlv tlv, void *out)
{
    if (asn1_check_octets(type, tlv.value, d->err) != 0)
        return locate(d, tlv.whole.p);
    *(struct bytes *)out = tlv.value;
    return 0;
}

static int decode_any(struct decoder *d, const struct asn1_type *type, struct tlv tlv, void *out)
{
    (void)d;
    (void)type;
    *(struct bytes *)out = tlv.whole;
    return 0;
}

/* -------------------------------------------------------------- constructed kinds */

static bool takes(const struct asn1_type *type, uint32_t field_tag, uint32_t tag)
{
    if (field_tag)
        return field_tag == tag;
    if (type->kind == ASN1_ANY)
        return true;
    for (size_t i = 0; i < type->n_fields; i++)
        if (takes(type->fields[i].type, type->fields[i].tag, tag))
            return true;
    return false;
}

/* The one element inside an explicit tag, in its place. */
static int unwrap(struct decoder *d, struct tlv *tlv)
{
    struct cursor c = cursor_over(tlv->value);
    struct tlv inner;
    if (next(d, &c, &inner) != 0)
        return -1;
    if (!cursor_done(&c))
        return fail(d, c.p, ERR_SYNTAX, "X.690 8.14", "more than one element inside an explicit tag");
    *tlv = inner;
    return 0;
}

static int member_decode(struct decoder *d, const struct asn1_field *f, struct tlv tlv, uint8_t *parent)
{
    if (enter(d, f->name, 0, tlv.whole.p) != 0)
        return -1;
    uint32_t tag = f->tag;
    if (f->flags & ASN1_EXPLICIT) {
        tag = f->type->tag;
        if (unwrap(d, &tlv) != 0)
            return -1;
        if (!takes(f->type, tag, tlv.tag))
            return fail(d, tlv.whole.p, ERR_SYNTAX, "X.690 8.14", "an explicit tag around another type");
    }
    if (d->mode == ASN1_STRICT && (f->flags & ASN1_DEFAULT) && bytes_equal(tlv.value, f->preset))
        return fail(d, tlv.whole.p, ERR_SYNTAX, "X.690 11.5", "a DEFAULT value must be left out in DER");
    void *out = parent + f->offset;
    if (f->flags & ASN1_POINTER) {
        void *made = allocate(d, 1, f->type->size, tlv.whole.p);
        if (!made)
            return -1;
        *(void **)out = made;
        out = made;
    }
    if (f->has)
        *(bool *)(parent + f->has) = true;
    if (value_decode(d, f->type, tag, tlv, out) != 0)
        return -1;
    d->depth--;
    return 0;
}

static int preset_decode(struct decoder *d, const struct asn1_field *f, uint8_t *parent)
{
    struct tlv tlv = { f->tag, f->preset, f->preset };
    void *out = parent + f->offset;
    if (value_decode(d, f->type, f->tag, tlv, out) != 0)
        return -1;
    if (f->type->kind >= ASN1_SEQUENCE)
        *(struct bytes *)out = BYTES_NONE;
    return 0;
}

static int missing(struct decoder *d, const struct asn1_field *f, struct cursor *c)
{
    uint32_t found = tlv_peek(c);
    char tag[20] = "the end", want[20] = "";
    if (found)
        snprintf(tag, sizeof tag, "tag %X", (unsigned)found);
    if (f->tag)
        snprintf(want, sizeof want, " (tag %X)", (unsigned)f->tag);
    err_set(d->err, ERR_SYNTAX, NULL, "%s%s is missing: %s stands in its place", f->name, want, tag);
    return locate(d, c->p);
}

/* EXTENSIBILITY IMPLIED: what follows the known members is of a later version. */
static int leftover(struct decoder *d, struct cursor *c)
{
    struct tlv tlv;
    while (!cursor_done(c)) {
        const uint8_t *at = c->p;
        if (next(d, c, &tlv) != 0)
            return -1;
        if (d->mode == ASN1_STRICT) {
            err_set(d->err, ERR_SYNTAX, NULL, "element %X is unknown here or out of order", (unsigned)tlv.tag);
            return locate(d, at);
        }
    }
    return 0;
}

/* Octets that cannot be empty and are: how some senders leave an optional member out. */
static bool says_nothing(const struct asn1_field *f, struct tlv member)
{
    return f->flags & ASN1_OPTIONAL && f->type->kind == ASN1_OCTETS && f->type->min > 0 && member.value.n == 0;
}

static int decode_sequence(struct decoder *d, const struct asn1_type *type, struct tlv tlv, void *out)
{
    struct cursor c = cursor_over(tlv.value);
    *(struct bytes *)out = tlv.whole;
    for (size_t i = 0; i < type->n_fields; i++) {
        const struct asn1_field *f = &type->fields[i];
        if (cursor_done(&c) || !takes(f->type, f->tag, tlv_peek(&c))) {
            if (f->flags & ASN1_DEFAULT ? preset_decode(d, f, out) != 0 : !(f->flags & ASN1_OPTIONAL))
                return f->flags & ASN1_DEFAULT ? -1 : missing(d, f, &c);
            continue;
        }
        struct tlv member;
        if (next(d, &c, &member) != 0)
            return -1;
        if (d->mode == ASN1_WIRE && says_nothing(f, member))
            continue;
        if (member_decode(d, f, member, out) != 0)
            return -1;
    }
    return leftover(d, &c);
}

static int decode_choice(struct decoder *d, const struct asn1_type *type, struct tlv tlv, void *out)
{
    struct asn1_choice *choice = out;
    choice->raw = tlv.whole;
    for (size_t i = 0; i < type->n_fields; i++) {
        const struct asn1_field *f = &type->fields[i];
        if (!takes(f->type, f->tag, tlv.tag))
            continue;
        choice->which = (int)i + 1;
        return member_decode(d, f, tlv, out);
    }
    err_set(d->err, ERR_SYNTAX, NULL, "tag %X is none of the alternatives of %s", (unsigned)tlv.tag, type->name);
    return locate(d, tlv.whole.p);
}

static int count_items(struct decoder *d, struct bytes content, size_t *n)
{
    struct cursor c = cursor_over(content);
    struct tlv item;
    for (*n = 0; !cursor_done(&c); ++*n)
        if (next(d, &c, &item) != 0)
            return -1;
    return 0;
}

/* DER order of a SET OF: ascending octets, the shorter padded with zeros (X.690 11.6). */
static bool in_order(struct bytes a, struct bytes b)
{
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return order < 0 || (order == 0 && a.n <= b.n);
}

static int decode_of(struct decoder *d, const struct asn1_type *type, struct tlv tlv, void *out)
{
    struct asn1_list *list = out;
    const struct asn1_type *element = type->element;
    list->raw = tlv.whole;
    if (count_items(d, tlv.value, &list->n) != 0)
        return -1;
    if (asn1_check_size(type, list->n, d->err) != 0)
        return locate(d, tlv.whole.p);
    list->items = allocate(d, list->n, element->size, tlv.whole.p);
    if (!list->items)
        return -1;
    struct cursor c = cursor_over(tlv.value);
    struct bytes before = BYTES_NONE;
    for (size_t i = 0; i < list->n; i++) {
        struct tlv item;
        if (enter(d, NULL, i, c.p) != 0 || next(d, &c, &item) != 0)
            return -1;
        if (!takes(element, element->tag, item.tag)) {
            err_set(d->err, ERR_SYNTAX, NULL, "tag %X does not begin a %s", (unsigned)item.tag, element->name);
            return locate(d, item.whole.p);
        }
        if (type->kind == ASN1_SET_OF && d->mode == ASN1_STRICT && before.p && !in_order(before, item.whole))
            return fail(d, item.whole.p, ERR_SYNTAX, "X.690 11.6", "elements of a SET OF out of order");
        before = item.whole;
        if (value_decode(d, element, element->tag, item, (uint8_t *)list->items + i * element->size) != 0)
            return -1;
        d->depth--;
    }
    return 0;
}

static int (*const decoders[ASN1_KINDS])(struct decoder *, const struct asn1_type *, struct tlv, void *) = {
    [ASN1_BOOLEAN] = decode_boolean, [ASN1_INTEGER] = decode_integer, [ASN1_BIGINT] = decode_bigint,
    [ASN1_NULL] = decode_null,       [ASN1_OCTETS] = decode_octets,   [ASN1_BITS] = decode_bits,
    [ASN1_OID] = decode_octets,      [ASN1_UTF8] = decode_octets,     [ASN1_PRINTABLE] = decode_octets,
    [ASN1_IA5] = decode_octets,      [ASN1_UTCTIME] = decode_octets,  [ASN1_GENTIME] = decode_octets,
    [ASN1_ANY] = decode_any,         [ASN1_SEQUENCE] = decode_sequence, [ASN1_CHOICE] = decode_choice,
    [ASN1_OF] = decode_of,           [ASN1_SET_OF] = decode_of,
};

static int value_decode(struct decoder *d, const struct asn1_type *type, uint32_t tag, struct tlv tlv, void *out)
{
    if (type->kind != ASN1_CHOICE || !tag)
        return decoders[type->kind](d, type, tlv, out);
    struct bytes whole = tlv.whole;
    if (unwrap(d, &tlv) != 0 || decode_choice(d, type, tlv, out) != 0)
        return -1;
    if (type->tag) /* the tag is the type's, so it belongs to what was received */
        ((struct asn1_choice *)out)->raw = whole;
    return 0;
}

/* ------------------------------------------------------------------------- entries */

int asn1_decode_next(struct arena *a, const struct asn1_type *type, struct cursor *c, enum asn1_mode mode,
                     void *out, struct err *e)
{
    struct decoder d = { .arena = a, .mode = mode, .base = c->start, .err = e };
    struct tlv tlv;
    memset(out, 0, type->size);
    if (next(&d, c, &tlv) != 0)
        return -1;
    if (!takes(type, type->tag, tlv.tag)) {
        err_set(e, ERR_SYNTAX, NULL, "tag %X does not begin a %s", (unsigned)tlv.tag, type->name);
        return locate(&d, tlv.whole.p);
    }
    return value_decode(&d, type, type->tag, tlv, out);
}

int asn1_preset(struct arena *a, const struct asn1_field *f, void *parent, struct err *e)
{
    struct decoder d = { .arena = a, .mode = ASN1_WIRE, .base = f->preset.p, .err = e };
    return preset_decode(&d, f, parent);
}

int asn1_decode(struct arena *a, const struct asn1_type *type, struct bytes input, enum asn1_mode mode,
                void *out, struct err *e)
{
    struct cursor c = cursor_over(input);
    if (asn1_decode_next(a, type, &c, mode, out, e) != 0)
        return -1;
    if (cursor_done(&c))
        return 0;
    err_set(e, ERR_SYNTAX, NULL, "%zu octets follow the end of %s", cursor_left(&c), type->name);
    return err_at(e, "byte %zu", cursor_offset(&c));
}
