/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/check.h"
#include "asn1/lex.h"

struct parser {
    struct arena *arena;
    struct lexer lex;
    struct err *err;
};

/* Each parser finds its first word current and leaves the first word behind it current. */
static int value_parse(struct parser *p, const struct asn1_type *type, void *out);

static int next(struct parser *p)
{
    return lex_next(&p->lex, p->err);
}

static int unexpected(struct parser *p, const char *want)
{
    struct bytes found = bytes_slice(p->lex.word.text, 0, 40);
    err_set(p->err, ERR_SYNTAX, NULL, "%s is expected, \"%.*s\" is there", want, (int)found.n, found.p);
    return lex_place(&p->lex, p->err);
}

static int expect(struct parser *p, const char *sign)
{
    return word_is(&p->lex, sign) ? next(p) : unexpected(p, arena_printf(p->arena, "\"%s\"", sign));
}

/* A constraint failed: the word before the current one is meant, so the place is near. */
static int invalid(struct parser *p)
{
    return lex_place(&p->lex, p->err);
}

static int no_memory(struct parser *p)
{
    return err_set(p->err, ERR_MEMORY, NULL, "the value needs more memory than it may use");
}

/* ---------------------------------------------------------------------------- kinds */

static int parse_boolean(struct parser *p, const struct asn1_type *type, void *out)
{
    (void)type;
    bool yes = bytes_equal(p->lex.word.text, BYTES_LIT("TRUE"));
    if (p->lex.word.kind != WORD_NAME || (!yes && !bytes_equal(p->lex.word.text, BYTES_LIT("FALSE"))))
        return unexpected(p, "TRUE or FALSE");
    *(bool *)out = yes;
    return next(p);
}

static int parse_null(struct parser *p, const struct asn1_type *type, void *out)
{
    (void)type;
    if (!bytes_equal(p->lex.word.text, BYTES_LIT("NULL")))
        return unexpected(p, "NULL");
    *(bool *)out = true;
    return next(p);
}

static bool named(const struct asn1_type *type, struct bytes word, int64_t *value)
{
    for (size_t i = 0; i < type->n_names; i++)
        if (bytes_equal(bytes_text(type->names[i].name), word)) {
            *value = type->names[i].value;
            return true;
        }
    return false;
}

static int parse_integer(struct parser *p, const struct asn1_type *type, void *out)
{
    struct bytes word = p->lex.word.text;
    int64_t value = 0;
    if (p->lex.word.kind == WORD_NUMBER) {
        bool minus = word.p[0] == '-';
        uint64_t number;
        if (decimal_decode(bytes_slice(word, minus, word.n), INT64_MAX, &number, p->err) != 0)
            return invalid(p);
        value = minus ? -(int64_t)number : (int64_t)number;
    } else if (p->lex.word.kind != WORD_NAME || !named(type, word, &value)) {
        return unexpected(p, type->n_names ? "a number or one of its names" : "a number");
    }
    if (asn1_check_range(type, value, p->err) != 0)
        return invalid(p);
    *(int64_t *)out = value;
    return next(p);
}

static struct bytes without_space(struct parser *p, struct bytes text)
{
    struct buf out = buf_in(p->arena);
    for (size_t i = 0; i < text.n; i++)
        if (!strchr(" \t\r\n", text.p[i]))
            buf_u8(&out, text.p[i]);
    return buf_bytes(&out);
}

static int parse_octets(struct parser *p, const struct asn1_type *type, void *out)
{
    struct bytes value, text;
    if (p->lex.word.kind != WORD_HEX)
        return unexpected(p, "octets in hex ('..'H)");
    text = without_space(p, p->lex.word.text);
    if (!text.p)
        return no_memory(p);
    if (hex_decode(p->arena, text, &value, p->err) != 0) {
        if (p->err)
            p->err->where[0] = '\0';
        return invalid(p);
    }
    if (type->kind != ASN1_ANY && type->kind != ASN1_BIGINT && asn1_check_octets(type, value, p->err) != 0)
        return invalid(p);
    *(struct bytes *)out = value;
    return next(p);
}

static int set_bits(struct parser *p, const struct asn1_type *type, uint8_t *bits, size_t n, void *out)
{
    struct asn1_bits value = { bits, n };
    if (type->n_names)
        value.n = asn1_bits_trimmed(value);
    if (asn1_check_size(type, value.n, p->err) != 0)
        return invalid(p);
    *(struct asn1_bits *)out = value;
    return 0;
}

static int binary_bits(struct parser *p, const struct asn1_type *type, void *out)
{
    struct bytes text = without_space(p, p->lex.word.text);
    uint8_t *bits = text.p ? arena_alloc(p->arena, text.n / 8 + 1) : NULL;
    if (!bits)
        return no_memory(p);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '0' && text.p[i] != '1')
            return unexpected(p, "0 and 1 only");
        if (text.p[i] == '1')
            bits[i / 8] |= (uint8_t)(0x80 >> i % 8);
    }
    return set_bits(p, type, bits, text.n, out) != 0 ? -1 : next(p);
}

enum { NAMED_BITS_MAX = 64 };

static int parse_bits(struct parser *p, const struct asn1_type *type, void *out)
{
    if (p->lex.word.kind == WORD_BINARY)
        return binary_bits(p, type, out);
    uint8_t *bits = arena_alloc(p->arena, NAMED_BITS_MAX / 8);
    if (!bits)
        return no_memory(p);
    if (expect(p, "{") != 0)
        return -1;
    for (bool first = true; !word_is(&p->lex, "}"); first = false) {
        int64_t bit;
        if (!first && expect(p, ",") != 0)
            return -1;
        if (!named(type, p->lex.word.text, &bit) || bit >= NAMED_BITS_MAX)
            return unexpected(p, "the name of a bit");
        bits[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
        if (next(p) != 0)
            return -1;
    }
    return set_bits(p, type, bits, NAMED_BITS_MAX, out) != 0 ? -1 : next(p);
}

static int parse_oid(struct parser *p, const struct asn1_type *type, void *out)
{
    struct buf dotted = buf_in(p->arena);
    (void)type;
    if (expect(p, "{") != 0)
        return -1;
    for (bool first = true; !word_is(&p->lex, "}"); first = false) {
        if (p->lex.word.kind != WORD_NUMBER)
            return unexpected(p, "an arc of an object identifier");
        buf_text(&dotted, first ? "" : ".");
        buf_add(&dotted, p->lex.word.text);
        if (next(p) != 0)
            return -1;
    }
    if (asn1_oid_parse(p->arena, buf_bytes(&dotted), out, p->err) != 0 ||
        asn1_check_octets(type, *(struct bytes *)out, p->err) != 0)
        return invalid(p);
    return next(p);
}

static int parse_text(struct parser *p, const struct asn1_type *type, void *out)
{
    if (p->lex.word.kind != WORD_STRING)
        return unexpected(p, "a string in double quotes");
    struct buf text = buf_in(p->arena);
    struct bytes word = p->lex.word.text;
    for (size_t i = 0; i < word.n; i++) {
        buf_u8(&text, word.p[i]);
        if (word.p[i] == '"')
            i++;
    }
    struct bytes value = buf_bytes(&text);
    if (!value.p)
        return no_memory(p);
    if (asn1_check_octets(type, value, p->err) != 0)
        return invalid(p);
    *(struct bytes *)out = value;
    return next(p);
}

static bool names_field(struct bytes word, const struct asn1_field *f)
{
    return bytes_equal(word, bytes_text(f->name)) || (f->old_name && bytes_equal(word, bytes_text(f->old_name)));
}

static int member_parse(struct parser *p, const struct asn1_field *f, void *parent)
{
    uint8_t *out = (uint8_t *)parent + f->offset;
    if (f->flags & ASN1_POINTER) {
        void *made = arena_alloc(p->arena, f->type->size);
        if (!made)
            return no_memory(p);
        *(void **)out = made;
        out = made;
    }
    if (f->has)
        *((bool *)parent + f->has) = true;
    return value_parse(p, f->type, out) == 0 ? 0 : err_within(p->err, "%s", f->name);
}

/* A member that the text leaves out. */
static int member_absent(struct parser *p, const struct asn1_field *f, void *parent)
{
    if (f->flags & ASN1_DEFAULT)
        return asn1_preset(p->arena, f, parent, p->err);
    return f->flags & ASN1_OPTIONAL ? 0 : unexpected(p, arena_printf(p->arena, "member %s", f->name));
}

static int parse_sequence(struct parser *p, const struct asn1_type *type, void *out)
{
    bool first = true;
    if (expect(p, "{") != 0)
        return -1;
    for (size_t i = 0; i < type->n_fields; i++) {
        const struct asn1_field *f = &type->fields[i];
        struct lexer before = p->lex;
        if (!first && word_is(&p->lex, ",") && next(p) != 0)
            return -1;
        bool separated = first || word_is(&before, ",");
        if (!separated || p->lex.word.kind != WORD_NAME || !names_field(p->lex.word.text, f)) {
            if (member_absent(p, f, out) != 0)
                return -1;
            p->lex = before;
            continue;
        }
        if (next(p) != 0 || member_parse(p, f, out) != 0)
            return -1;
        first = false;
    }
    return word_is(&p->lex, "}") ? next(p)
                                 : unexpected(p, arena_printf(p->arena, "the end (\"}\") of %s or a further member",
                                                              type->name));
}

static int parse_choice(struct parser *p, const struct asn1_type *type, void *out)
{
    for (size_t i = 0; p->lex.word.kind == WORD_NAME && i < type->n_fields; i++) {
        if (!names_field(p->lex.word.text, &type->fields[i]))
            continue;
        ((struct asn1_choice *)out)->which = (int)i + 1;
        return next(p) != 0 || expect(p, ":") != 0 ? -1 : member_parse(p, &type->fields[i], out);
    }
    return unexpected(p, arena_printf(p->arena, "an alternative of %s", type->name));
}

static int parse_of(struct parser *p, const struct asn1_type *type, void *out)
{
    struct asn1_list *list = out;
    size_t size = type->element->size, room = 0;
    if (expect(p, "{") != 0)
        return -1;
    for (; !word_is(&p->lex, "}"); list->n++) {
        if (list->n && expect(p, ",") != 0)
            return -1;
        if (list->n == room) {
            room = room ? room * 2 : 4;
            void *items = arena_array(p->arena, room, size);
            if (!items)
                return no_memory(p);
            if (list->n)
                memcpy(items, list->items, list->n * size);
            list->items = items;
        }
        if (value_parse(p, type->element, (uint8_t *)list->items + list->n * size) != 0)
            return err_within(p->err, "[%zu]", list->n + 1);
    }
    if (asn1_check_size(type, list->n, p->err) != 0)
        return invalid(p);
    return next(p);
}

static int (*const parsers[ASN1_KINDS])(struct parser *, const struct asn1_type *, void *) = {
    [ASN1_BOOLEAN] = parse_boolean, [ASN1_INTEGER] = parse_integer, [ASN1_BIGINT] = parse_octets,
    [ASN1_NULL] = parse_null,       [ASN1_OCTETS] = parse_octets,   [ASN1_BITS] = parse_bits,
    [ASN1_OID] = parse_oid,         [ASN1_UTF8] = parse_text,       [ASN1_PRINTABLE] = parse_text,
    [ASN1_IA5] = parse_text,        [ASN1_UTCTIME] = parse_text,    [ASN1_GENTIME] = parse_text,
    [ASN1_ANY] = parse_octets,      [ASN1_SEQUENCE] = parse_sequence, [ASN1_CHOICE] = parse_choice,
    [ASN1_OF] = parse_of,           [ASN1_SET_OF] = parse_of,
};

static int value_parse(struct parser *p, const struct asn1_type *type, void *out)
{
    return parsers[type->kind](p, type, out);
}

int asn1_parse(struct arena *a, const struct asn1_type *type, struct bytes text, size_t *pos, void *out,
               struct err *e)
{
    struct parser p = { .arena = a, .lex = { .text = text, .at = *pos }, .err = e };
    memset(out, 0, type->size);
    if (next(&p) != 0 || value_parse(&p, type, out) != 0)
        return -1;
    *pos = p.lex.start;
    return 0;
}
