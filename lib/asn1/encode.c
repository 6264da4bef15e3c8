/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/check.h"
#include "asn1/tlv.h"

#include <stdlib.h>

/* DER is written from its end to its start: every length is known when its turn comes. */
struct encoder {
    struct arena *arena;
    uint8_t *p;
    size_t at, size; /* the octets written are p[at .. size) */
    bool forward;    /* nested raw octets win over members */
    struct err *err;
};

static int value_encode(struct encoder *w, const struct asn1_type *type, const void *value);

static int no_memory(struct encoder *w)
{
    return err_set(w->err, ERR_MEMORY, NULL, "the value needs more memory than it may use");
}

static int put(struct encoder *w, struct bytes b)
{
    if (b.n > w->at) {
        size_t used = w->size - w->at, size = w->size ? w->size : 256;
        while (size - used < b.n)
            size *= 2;
        uint8_t *p = arena_alloc(w->arena, size);
        if (!p)
            return no_memory(w);
        if (used)
            memcpy(p + size - used, w->p + w->at, used);
        w->p = p;
        w->at = size - used;
        w->size = size;
    }
    w->at -= b.n;
    if (b.n)
        memcpy(w->p + w->at, b.p, b.n);
    return 0;
}

/* Tag and length of everything written since `used` octets were there. */
static int put_header(struct encoder *w, uint32_t tag, size_t used)
{
    size_t length = w->size - w->at - used;
    uint8_t head[16];
    size_t n = sizeof head;
    if (length < 0x80) {
        head[--n] = (uint8_t)length;
    } else {
        unsigned count = 0;
        for (size_t left = length; left; left >>= 8, count++)
            head[--n] = (uint8_t)left;
        head[--n] = (uint8_t)(0x80 | count);
    }
    for (uint32_t left = tag; left; left >>= 8)
        head[--n] = (uint8_t)left;
    return put(w, bytes_make(head + n, sizeof head - n));
}

/* ---------------------------------------------------------------- contents by kind */

static int encode_boolean(struct encoder *w, const struct asn1_type *type, const void *value)
{
    (void)type;
    uint8_t octet = *(const bool *)value ? 0xFF : 0;
    return put(w, bytes_make(&octet, 1));
}

static int encode_null(struct encoder *w, const struct asn1_type *type, const void *value)
{
    (void)w;
    (void)type;
    (void)value;
    return 0;
}

static int encode_integer(struct encoder *w, const struct asn1_type *type, const void *value)
{
    int64_t number = *(const int64_t *)value;
    if (asn1_check_range(type, number, w->err) != 0)
        return -1;
    uint8_t octets[8];
    size_t n = 8;
    do {
        octets[--n] = (uint8_t)number;
        number >>= 8;
    } while (n && !(number == 0 && octets[n] < 0x80) && !(number == -1 && octets[n] >= 0x80));
    return put(w, bytes_make(octets + n, 8 - n));
}

static int encode_bits(struct encoder *w, const struct asn1_type *type, const void *value)
{
    struct asn1_bits bits = *(const struct asn1_bits *)value;
    if (type->n_names)
        bits.n = asn1_bits_trimmed(bits);
    if (asn1_check_size(type, bits.n, w->err) != 0)
        return -1;
    size_t n = (bits.n + 7) / 8;
    uint8_t unused = (uint8_t)(n * 8 - bits.n);
    uint8_t last = n ? (uint8_t)(bits.p[n - 1] & (0xFFu << unused)) : 0;
    if (n && (put(w, bytes_make(&last, 1)) != 0 || put(w, bytes_make(bits.p, n - 1)) != 0))
        return -1;
    return put(w, bytes_make(&unused, 1));
}

static int encode_octets(struct encoder *w, const struct asn1_type *type, const void *value)
{
    struct bytes b = *(const struct bytes *)value;
    return asn1_check_octets(type, b, w->err) != 0 ? -1 : put(w, b);
}

static int encode_bigint(struct encoder *w, const struct asn1_type *type, const void *value)
{
    struct bytes b = *(const struct bytes *)value;
    (void)type;
    return b.n ? put(w, b) : err_set(w->err, ERR_VALUE, "X.690 8.3", "an INTEGER without content");
}

/* ANY keeps the whole element; its place may ask for another tag. */
static int any_encode(struct encoder *w, uint32_t tag, struct bytes whole)
{
    struct cursor c = cursor_over(whole);
    struct tlv tlv;
    if (tlv_next(&c, ASN1_WIRE, &tlv, w->err) != 0)
        return -1;
    if (!cursor_done(&c))
        return err_set(w->err, ERR_SYNTAX, NULL, "octets follow the element");
    if (!tag || tag == tlv.tag)
        return put(w, whole);
    size_t used = w->size - w->at;
    return put(w, tlv.value) != 0 ? -1 : put_header(w, tag, used);
}

bool asn1_present(const struct asn1_field *f, const void *parent)
{
    const uint8_t *at = (const uint8_t *)parent + f->offset;
    if (f->flags & ASN1_POINTER)
        return *(void *const *)at != NULL;
    if (f->has)
        return *((const bool *)parent + f->has);
    switch (f->type->kind) {
    case ASN1_BOOLEAN:
    case ASN1_INTEGER:
    case ASN1_SEQUENCE:
    case ASN1_CHOICE:
    case ASN1_OF:
    case ASN1_SET_OF:
        return true;
    case ASN1_NULL:
        return *(const bool *)at;
    default: /* all begin with a pointer */
        return *(const uint8_t *const *)at != NULL;
    }
}

/* The field's value with its tag.  `tag` 0: an untagged type writes its own. */
static int tagged_encode(struct encoder *w, const struct asn1_type *type, uint32_t tag, const void *value)
{
    if (type->kind == ASN1_ANY)
        return any_encode(w, tag, *(const struct bytes *)value);
    size_t used = w->size - w->at;
    struct bytes raw = type->kind >= ASN1_SEQUENCE ? *(const struct bytes *)value : BYTES_NONE;
    if (w->forward && raw.p && (type->kind != ASN1_CHOICE || type->tag))
        return any_encode(w, tag, raw);
    if (w->forward && raw.p)
        return put(w, raw) != 0 ? -1 : tag ? put_header(w, tag, used) : 0;
    if (value_encode(w, type, value) != 0)
        return -1;
    return tag ? put_header(w, tag, used) : 0;
}

static int member_encode(struct encoder *w, const struct asn1_field *f, const uint8_t *parent)
{
    const void *value = parent + f->offset;
    if (f->flags & ASN1_POINTER)
        value = *(void *const *)value;
    size_t used = w->size - w->at;
    uint32_t tag = f->flags & ASN1_EXPLICIT ? f->type->tag : f->tag;
    if (tagged_encode(w, f->type, tag, value) != 0)
        return err_within(w->err, "%s", f->name);
    if (f->flags & ASN1_EXPLICIT && put_header(w, f->tag, used) != 0)
        return -1;
    return 0;
}

/* True if a DEFAULT member has its default value. */
static int is_preset(struct encoder *w, const struct asn1_field *f, const uint8_t *parent, bool *same)
{
    size_t used = w->size - w->at;
    if (value_encode(w, f->type, parent + f->offset) != 0)
        return err_within(w->err, "%s", f->name);
    *same = bytes_equal(bytes_make(w->p + w->at, w->size - w->at - used), f->preset);
    w->at = w->size - used;
    return 0;
}

static int encode_sequence(struct encoder *w, const struct asn1_type *type, const void *value)
{
    for (size_t i = type->n_fields; i-- > 0;) {
        const struct asn1_field *f = &type->fields[i];
        if (!asn1_present(f, value)) {
            if (f->flags & (ASN1_OPTIONAL | ASN1_DEFAULT))
                continue;
            err_set(w->err, ERR_VALUE, NULL, "a mandatory member is missing");
            return err_within(w->err, "%s", f->name);
        }
        bool same = false;
        if ((f->flags & ASN1_DEFAULT) && is_preset(w, f, value, &same) != 0)
            return -1;
        if (!same && member_encode(w, f, value) != 0)
            return -1;
    }
    return 0;
}

static int encode_choice(struct encoder *w, const struct asn1_type *type, const void *value)
{
    const struct asn1_choice *choice = value;
    if (choice->which < 1 || (size_t)choice->which > type->n_fields)
        return err_set(w->err, ERR_VALUE, NULL, "no alternative of %s is chosen", type->name);
    return member_encode(w, &type->fields[choice->which - 1], value);
}

static int encode_of(struct encoder *w, const struct asn1_type *type, const void *value)
{
    const struct asn1_list *list = value;
    if (asn1_check_size(type, list->n, w->err) != 0)
        return -1;
    for (size_t i = list->n; i-- > 0;) {
        const uint8_t *item = (const uint8_t *)list->items + i * type->element->size;
        if (tagged_encode(w, type->element, type->element->tag, item) != 0)
            return err_within(w->err, "[%zu]", i + 1);
    }
    return 0;
}

static int compare_octets(const void *left, const void *right)
{
    const struct bytes *a = left, *b = right;
    int order = memcmp(a->p, b->p, a->n < b->n ? a->n : b->n);
    return order ? order : (a->n > b->n) - (a->n < b->n);
}

/* Encodes as a list, then puts the elements into DER order (X.690 11.6). */
static int encode_set_of(struct encoder *w, const struct asn1_type *type, const void *value)
{
    const struct asn1_list *list = value;
    size_t used = w->size - w->at;
    if (encode_of(w, type, value) != 0)
        return -1;
    if (list->n < 2)
        return 0;
    struct bytes all = arena_copy(w->arena, bytes_make(w->p + w->at, w->size - w->at - used));
    struct bytes *items = arena_array(w->arena, list->n, sizeof *items);
    if (!all.p || !items)
        return no_memory(w);
    struct cursor c = cursor_over(all);
    for (size_t i = 0; i < list->n; i++) {
        struct tlv item;
        if (tlv_next(&c, ASN1_STRICT, &item, w->err) != 0)
            return -1;
        items[i] = item.whole;
    }
    qsort(items, list->n, sizeof *items, compare_octets);
    w->at = w->size - used;
    for (size_t i = list->n; i-- > 0;)
        if (put(w, items[i]) != 0)
            return -1;
    return 0;
}

static int (*const encoders[ASN1_KINDS])(struct encoder *, const struct asn1_type *, const void *) = {
    [ASN1_BOOLEAN] = encode_boolean, [ASN1_INTEGER] = encode_integer, [ASN1_BIGINT] = encode_bigint,
    [ASN1_NULL] = encode_null,       [ASN1_OCTETS] = encode_octets,   [ASN1_BITS] = encode_bits,
    [ASN1_OID] = encode_octets,      [ASN1_UTF8] = encode_octets,     [ASN1_PRINTABLE] = encode_octets,
    [ASN1_IA5] = encode_octets,      [ASN1_UTCTIME] = encode_octets,  [ASN1_GENTIME] = encode_octets,
    [ASN1_SEQUENCE] = encode_sequence, [ASN1_CHOICE] = encode_choice, [ASN1_OF] = encode_of,
    [ASN1_SET_OF] = encode_set_of,
};

static int value_encode(struct encoder *w, const struct asn1_type *type, const void *value)
{
    return encoders[type->kind](w, type, value);
}

/* ------------------------------------------------------------------------- entries */

static int encode(struct arena *a, const struct asn1_type *type, const void *value, bool forward,
                  struct bytes *out, struct err *e)
{
    struct encoder w = { .arena = a, .forward = forward, .err = e };
    if (type->kind == ASN1_ANY)
        return err_set(e, ERR_INTERNAL, NULL, "ANY is encoded already");
    if (value_encode(&w, type, value) != 0 || (type->tag && put_header(&w, type->tag, 0) != 0))
        return -1;
    *out = bytes_make(w.p + w.at, w.size - w.at);
    return 0;
}

int asn1_is_preset(struct arena *a, const struct asn1_field *f, const void *parent, bool *same, struct err *e)
{
    struct encoder w = { .arena = a, .err = e };
    return is_preset(&w, f, parent, same);
}

int asn1_encode(struct arena *a, const struct asn1_type *type, const void *value, struct bytes *out,
                struct err *e)
{
    return encode(a, type, value, false, out, e);
}

int asn1_forward(struct arena *a, const struct asn1_type *type, const void *value, struct bytes *out,
                 struct err *e)
{
    return encode(a, type, value, true, out, e);
}
