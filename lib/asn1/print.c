/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/check.h"

struct printer {
    struct buf *out;
    const struct asn1_style *style;
    int indent;
};

static void value_print(struct printer *p, const struct asn1_type *type, const void *value);

static void new_line(struct printer *p)
{
    buf_printf(p->out, "\n%*s", 2 * p->indent, "");
}

static void open_brace(struct printer *p)
{
    buf_u8(p->out, '{');
    p->indent++;
}

static void close_brace(struct printer *p, bool empty)
{
    p->indent--;
    if (empty)
        buf_u8(p->out, ' ');
    else
        new_line(p);
    buf_u8(p->out, '}');
}

/* ---------------------------------------------------------------------------- folding */

enum { OCTETS_A_STEP = 8, MARKS = 4 /* quotes, H and a comma */ };

/* Columns used in the last line; characters of UTF-8 count as one. */
static size_t column(const struct printer *p)
{
    size_t n = 0;
    for (size_t i = p->out->n; i && p->out->p[i - 1] != '\n'; i--)
        n += (p->out->p[i - 1] & 0xC0) != 0x80;
    return n;
}

static bool fits(const struct printer *p, size_t n)
{
    return !p->style || !p->style->width || column(p) + n <= p->style->width;
}

/* Goes on at the start of a line, one step deeper than this one's. */
static void line_below(struct printer *p)
{
    struct buf *out = p->out;
    while (out->n && out->p[out->n - 1] == ' ')
        out->n--;
    if (out->n && out->p[out->n - 1] != '\n')
        buf_u8(out, '\n');
    buf_printf(out, "%*s", 2 * p->indent + 2, "");
}

/* Octets of which as many stand in a line as fit, in steps of eight. */
static void hex_fold(struct printer *p, struct bytes b)
{
    line_below(p);
    size_t start = column(p), room = p->style->width > start + MARKS ? p->style->width - start - MARKS : 0;
    size_t line = room / 2 / OCTETS_A_STEP * OCTETS_A_STEP;
    line = line ? line : OCTETS_A_STEP;
    buf_u8(p->out, '\'');
    for (size_t i = 0; i < b.n; i += line) {
        if (i)
            buf_printf(p->out, "\n%*s", (int)start + 1, "");
        hex_append(p->out, bytes_slice(b, i, line));
    }
    buf_text(p->out, "'H");
}

static void hex_print(struct printer *p, struct bytes b)
{
    if (!fits(p, 2 * b.n + MARKS)) {
        hex_fold(p, b);
        return;
    }
    buf_u8(p->out, '\'');
    hex_append(p->out, b);
    buf_text(p->out, "'H");
}

/* ---------------------------------------------------------------------------- kinds */

static void print_boolean(struct printer *p, const struct asn1_type *type, const void *value)
{
    (void)type;
    buf_text(p->out, *(const bool *)value ? "TRUE" : "FALSE");
}

static void print_null(struct printer *p, const struct asn1_type *type, const void *value)
{
    (void)type;
    (void)value;
    buf_text(p->out, "NULL");
}

static void print_integer(struct printer *p, const struct asn1_type *type, const void *value)
{
    int64_t number = *(const int64_t *)value;
    const char *name = asn1_name_of(type, number);
    if (name)
        buf_text(p->out, name);
    else
        buf_printf(p->out, "%lld", (long long)number);
}

static void print_octets(struct printer *p, const struct asn1_type *type, const void *value)
{
    (void)type;
    hex_print(p, *(const struct bytes *)value);
}

static void print_bits(struct printer *p, const struct asn1_type *type, const void *value)
{
    struct asn1_bits bits = *(const struct asn1_bits *)value;
    bool first = true;
    size_t named = 0;
    for (size_t i = 0; i < bits.n; i++)
        named += asn1_bit(bits, i) && asn1_name_of(type, (int64_t)i);
    size_t set = 0;
    for (size_t i = 0; i < bits.n; i++)
        set += asn1_bit(bits, i);
    if (!type->n_names || named != set) { /* a bit without a name */
        buf_u8(p->out, '\'');
        for (size_t i = 0; i < bits.n; i++)
            buf_u8(p->out, asn1_bit(bits, i) ? '1' : '0');
        buf_text(p->out, "'B");
        return;
    }
    buf_text(p->out, "{ ");
    for (size_t i = 0; i < bits.n; i++) {
        if (!asn1_bit(bits, i))
            continue;
        const char *name = asn1_name_of(type, (int64_t)i);
        buf_text(p->out, first ? "" : ", ");
        if (!fits(p, strlen(name) + MARKS))
            line_below(p);
        buf_text(p->out, name);
        first = false;
    }
    buf_text(p->out, first ? "}" : " }");
}

static void print_oid(struct printer *p, const struct asn1_type *type, const void *value)
{
    const char *text = asn1_oid_text(p->out->arena, *(const struct bytes *)value);
    (void)type;
    buf_text(p->out, "{ ");
    for (; text && *text; text++)
        buf_u8(p->out, *text == '.' ? ' ' : (unsigned char)*text);
    buf_text(p->out, " }");
}

static void print_text(struct printer *p, const struct asn1_type *type, const void *value)
{
    struct bytes b = *(const struct bytes *)value;
    (void)type;
    if (p->style && p->style->width)
        b = bytes_text(text_plain(p->out->arena, b));
    buf_u8(p->out, '"');
    for (size_t i = 0; i < b.n; i++) {
        if (b.p[i] == '"')
            buf_u8(p->out, '"');
        buf_u8(p->out, b.p[i]);
    }
    buf_u8(p->out, '"');
}

static void print_any(struct printer *p, const struct asn1_type *type, const void *value)
{
    struct bytes b = *(const struct bytes *)value;
    const char *note = p->style && p->style->note ? p->style->note(p->out->arena, b) : NULL;
    (void)type;
    if (note) {
        line_below(p);
        size_t used = column(p) + 3, room = p->style->width > used ? p->style->width - used : strlen(note);
        buf_printf(p->out, "-- %s", text_plain(p->out->arena, bytes_slice(bytes_text(note), 0, room)));
        line_below(p);
    }
    hex_print(p, b);
}

static const char *spelling(const struct printer *p, const struct asn1_field *f)
{
    return p->style && p->style->old_names && f->old_name ? f->old_name : f->name;
}

static void member_print(struct printer *p, const struct asn1_field *f, const void *parent)
{
    const void *value = (const uint8_t *)parent + f->offset;
    if (f->flags & ASN1_POINTER)
        value = *(void *const *)value;
    if ((f->flags & ASN1_SECRET) && p->style && p->style->hide_secrets)
        buf_printf(p->out, "-- %zu octets, not shown --", ((const struct bytes *)value)->n);
    else
        value_print(p, f->type, value);
}

static bool shown(struct printer *p, const struct asn1_field *f, const void *parent)
{
    bool same = false;
    if (!asn1_present(f, parent))
        return false;
    return !(f->flags & ASN1_QUIET) || asn1_is_preset(p->out->arena, f, parent, &same, NULL) != 0 || !same;
}

static void print_sequence(struct printer *p, const struct asn1_type *type, const void *value)
{
    bool empty = true;
    open_brace(p);
    for (size_t i = 0; i < type->n_fields; i++) {
        const struct asn1_field *f = &type->fields[i];
        if (!shown(p, f, value))
            continue;
        if (!empty)
            buf_u8(p->out, ',');
        new_line(p);
        buf_printf(p->out, "%s ", spelling(p, f));
        member_print(p, f, value);
        empty = false;
    }
    close_brace(p, empty);
}

static void print_choice(struct printer *p, const struct asn1_type *type, const void *value)
{
    const struct asn1_choice *choice = value;
    if (choice->which < 1 || (size_t)choice->which > type->n_fields)
        return;
    const struct asn1_field *f = &type->fields[choice->which - 1];
    buf_printf(p->out, "%s : ", spelling(p, f));
    member_print(p, f, value);
}

static void print_of(struct printer *p, const struct asn1_type *type, const void *value)
{
    const struct asn1_list *list = value;
    open_brace(p);
    for (size_t i = 0; i < list->n; i++) {
        if (i)
            buf_u8(p->out, ',');
        new_line(p);
        value_print(p, type->element, (const uint8_t *)list->items + i * type->element->size);
    }
    close_brace(p, list->n == 0);
}

static void (*const printers[ASN1_KINDS])(struct printer *, const struct asn1_type *, const void *) = {
    [ASN1_BOOLEAN] = print_boolean, [ASN1_INTEGER] = print_integer, [ASN1_BIGINT] = print_octets,
    [ASN1_NULL] = print_null,       [ASN1_OCTETS] = print_octets,   [ASN1_BITS] = print_bits,
    [ASN1_OID] = print_oid,         [ASN1_UTF8] = print_text,       [ASN1_PRINTABLE] = print_text,
    [ASN1_IA5] = print_text,        [ASN1_UTCTIME] = print_text,    [ASN1_GENTIME] = print_text,
    [ASN1_ANY] = print_any,         [ASN1_SEQUENCE] = print_sequence, [ASN1_CHOICE] = print_choice,
    [ASN1_OF] = print_of,           [ASN1_SET_OF] = print_of,
};

static void value_print(struct printer *p, const struct asn1_type *type, const void *value)
{
    printers[type->kind](p, type, value);
}

void asn1_print(struct buf *out, const struct asn1_type *type, const void *value, const struct asn1_style *style,
                int indent)
{
    struct printer p = { out, style, indent };
    value_print(&p, type, value);
}
