/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/package.h"

#include "asn1/lex.h"
#include "saip/limits.h"

const char *saip_kind_name(const struct saip_ProfileElement *pe)
{
    return pe->which ? saip_ProfileElement_type.fields[pe->which - 1].name : "nothing";
}

const struct saip_PEHeader *saip_header_of(const struct saip_ProfileElement *pe)
{
    const struct asn1_field *f = pe->which ? &saip_ProfileElement_type.fields[pe->which - 1] : NULL;
    if (!f || f->type->n_fields == 0 || f->type->fields[0].type != &saip_PEHeader_type)
        return NULL;
    return (const void *)((const uint8_t *)pe + f->offset + f->type->fields[0].offset);
}

/* Room for one more element. */
static struct saip_ProfileElement *grow(struct arena *a, struct saip_package *p, size_t *room, struct err *e)
{
    if (p->n == SAIP_ELEMENTS_MAX) {
        err_set(e, ERR_LIMIT, NULL, "more than %d profile elements", SAIP_ELEMENTS_MAX);
        return NULL;
    }
    if (p->n == *room) {
        *room = *room ? *room * 2 : 16;
        struct saip_ProfileElement *items = arena_array(a, *room, sizeof *items);
        if (!items) {
            err_set(e, ERR_MEMORY, NULL, "no memory for the profile elements");
            return NULL;
        }
        if (p->n)
            memcpy(items, p->items, p->n * sizeof *items);
        p->items = items;
    }
    return &p->items[p->n];
}

int saip_decode(struct arena *a, struct bytes der, enum asn1_mode mode, struct saip_package *out, struct err *e)
{
    struct cursor c = cursor_over(der);
    size_t room = 0;
    *out = (struct saip_package){ 0 };
    if (der.n > SAIP_PACKAGE_MAX)
        return err_set(e, ERR_LIMIT, NULL, "a package of %zu octets, more than %d", der.n, SAIP_PACKAGE_MAX);
    if (der.n == 0)
        return err_set(e, ERR_SYNTAX, NULL, "the package is empty");
    while (!cursor_done(&c)) {
        struct saip_ProfileElement *pe = grow(a, out, &room, e);
        if (!pe)
            return -1;
        if (asn1_decode_next(a, &saip_ProfileElement_type, &c, mode, pe, e) != 0)
            return err_within(e, "element %zu", out->n + 1);
        out->n++;
    }
    return 0;
}

int saip_encode(struct arena *a, const struct saip_package *p, struct bytes *der, struct err *e)
{
    struct buf out = buf_in(a);
    for (size_t i = 0; i < p->n; i++) {
        struct bytes one;
        if (asn1_encode(a, &saip_ProfileElement_type, &p->items[i], &one, e) != 0)
            return err_within(e, "element %zu", i + 1);
        buf_add(&out, one);
    }
    *der = buf_bytes(&out);
    return der->p ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for the package");
}

void saip_print(struct buf *out, const struct saip_package *p, bool hide_secrets)
{
    const struct saip_ProfileElement *first = p->n ? &p->items[0] : NULL;
    struct asn1_style style = {
        .old_names = first && first->which == saip_ProfileElement_header && first->header.major_version == 2,
        .hide_secrets = hide_secrets,
    };
    for (size_t i = 0; i < p->n; i++) {
        buf_printf(out, "value%zu ProfileElement ::= ", i + 1);
        asn1_print(out, &saip_ProfileElement_type, &p->items[i], &style, 0);
        buf_u8(out, '\n');
    }
}

/* "NAME ProfileElement ::=" in front of each value. */
static int assignment(struct lexer *l, struct err *e)
{
    static const char *const want[] = { NULL, "ProfileElement", "::=" };
    for (int i = 0; i < 3; i++) {
        bool right = i == 0   ? l->word.kind == WORD_NAME
                     : i == 1 ? l->word.kind == WORD_NAME && bytes_equal(l->word.text, bytes_text(want[1]))
                              : word_is(l, want[2]);
        if (!right) {
            err_set(e, ERR_SYNTAX, NULL, "\"NAME ProfileElement ::=\" is expected, \"%.*s\" is there",
                    (int)bytes_slice(l->word.text, 0, 40).n, l->word.text.p);
            return lex_place(l, e);
        }
        if (i < 2 && lex_next(l, e) != 0)
            return -1;
    }
    return 0;
}

int saip_parse(struct arena *a, struct bytes text, struct saip_package *out, struct err *e)
{
    struct lexer l = { .text = text };
    size_t room = 0;
    *out = (struct saip_package){ 0 };
    if (text.n > SAIP_TEXT_MAX)
        return err_set(e, ERR_LIMIT, NULL, "a text of %zu octets, more than %d", text.n, SAIP_TEXT_MAX);
    for (;;) {
        if (lex_next(&l, e) != 0)
            return -1;
        if (l.word.kind == WORD_END)
            break;
        struct saip_ProfileElement *pe = grow(a, out, &room, e);
        if (!pe || assignment(&l, e) != 0)
            return -1;
        if (asn1_parse(a, &saip_ProfileElement_type, text, &l.at, pe, e) != 0)
            return err_within(e, "element %zu", out->n + 1);
        out->n++;
    }
    return out->n ? 0 : err_set(e, ERR_SYNTAX, NULL, "the text holds no profile element");
}

struct bytes saip_template_of(const struct saip_ProfileElement *pe)
{
    const struct asn1_field *f = pe->which ? &saip_ProfileElement_type.fields[pe->which - 1] : NULL;
    if (!f || f->type->n_fields < 2 || strcmp(f->type->fields[1].name, "templateID") != 0)
        return BYTES_NONE;
    return *(const struct bytes *)((const uint8_t *)pe + f->offset + f->type->fields[1].offset);
}
