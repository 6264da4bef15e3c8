/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/told.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/json.h"
#include "base/text.h"

static struct saip_told *make(struct saip_tale *tale, const char *name, enum saip_told_kind kind)
{
    struct saip_told *t = tale->lacks ? NULL : arena_alloc(tale->arena, sizeof *t);
    tale->lacks = !t;
    if (t)
        *t = (struct saip_told){ .name = name, .kind = kind, .tale = tale };
    return t;
}

static struct saip_told *add(struct saip_told *in, const char *name, enum saip_told_kind kind)
{
    struct saip_told *t = in ? make(in->tale, name, kind) : NULL;
    if (t)
        *(in->last ? &in->last->next : &in->first) = t;
    if (t)
        in->last = t;
    return t;
}

struct saip_told *saip_told_root(struct saip_tale *tale)
{
    return make(tale, NULL, SAIP_TOLD_OBJECT);
}

struct saip_told *saip_told_text(struct saip_told *in, const char *name, const char *text)
{
    struct saip_told *t = text ? add(in, name, SAIP_TOLD_TEXT) : NULL;
    if (in && !text)
        in->tale->lacks = true;
    if (t)
        t->text = text;
    return t;
}

struct saip_told *saip_told_format(struct saip_told *in, const char *name, const char *format, ...)
{
    va_list ap;
    char small[512];
    if (!in)
        return NULL;
    va_start(ap, format);
    vsnprintf(small, sizeof small, format, ap);
    va_end(ap);
    return saip_told_text(in, name, arena_text(in->tale->arena, bytes_text(small)));
}

struct saip_told *saip_told_number(struct saip_told *in, const char *name, int64_t number)
{
    struct saip_told *t = add(in, name, SAIP_TOLD_NUMBER);
    if (t)
        t->number = number;
    return t;
}

struct saip_told *saip_told_yes(struct saip_told *in, const char *name, bool yes)
{
    struct saip_told *t = add(in, name, SAIP_TOLD_YES);
    if (t)
        t->number = yes;
    return t;
}

struct saip_told *saip_told_octets(struct saip_told *in, const char *name, struct bytes octets)
{
    struct saip_told *t = octets.p ? add(in, name, SAIP_TOLD_OCTETS) : NULL;
    if (t)
        t->octets = octets;
    return t;
}

struct saip_told *saip_told_object(struct saip_told *in, const char *name)
{
    return add(in, name, SAIP_TOLD_OBJECT);
}

struct saip_told *saip_told_list(struct saip_told *in, const char *name)
{
    return add(in, name, SAIP_TOLD_LIST);
}

struct saip_told *saip_told_line(struct saip_told *list, const char *text)
{
    return saip_told_text(list, NULL, text);
}

struct saip_told *saip_told_item(struct saip_told *list, const char *key)
{
    struct saip_told *t = add(list, NULL, SAIP_TOLD_OBJECT);
    if (t)
        t->key = key;
    return t;
}

struct saip_told *saip_told_mark(struct saip_told *t, unsigned flags)
{
    if (t)
        t->flags |= flags;
    return t;
}

const struct saip_told *saip_told_of(const struct saip_told *t, const char *name)
{
    for (t = t ? t->first : NULL; t; t = t->next)
        if (t->name && strcmp(t->name, name) == 0)
            return t;
    return NULL;
}

const char *saip_told_text_of(const struct saip_told *t, const char *name)
{
    t = saip_told_of(t, name);
    return t ? t->text : NULL;
}

/* -------------------------------------------------------------------------------- JSON */

/* What a package holds as text may be no UTF-8; JSON always is. */
static void json_text(struct buf *out, struct bytes text)
{
    json_string(out, utf8_valid(text) ? text : bytes_text(text_plain(out->arena, text)));
}

static void json_scalar(struct buf *out, const struct saip_told *t)
{
    if (t->kind == SAIP_TOLD_TEXT)
        json_text(out, bytes_text(t->text));
    else if (t->kind == SAIP_TOLD_YES)
        buf_text(out, t->number ? "true" : "false");
    else if (t->kind == SAIP_TOLD_NUMBER)
        buf_printf(out, "%lld", (long long)t->number);
    else {
        buf_u8(out, '"');
        hex_append(out, t->octets);
        buf_u8(out, '"');
    }
}

static void line(struct buf *out, int depth)
{
    buf_u8(out, '\n');
    buf_fill(out, ' ', 2 * (size_t)depth);
}

/* As deep as descriptions are made, which is by hand. */
static void json(struct buf *out, const struct saip_told *t, bool secrets, int depth)
{
    bool compound = t->kind >= SAIP_TOLD_OBJECT, list = t->kind == SAIP_TOLD_LIST;
    size_t n = 0;
    if (t->name) {
        json_string(out, bytes_text(t->name));
        buf_text(out, ": ");
    }
    if ((t->flags & SAIP_TOLD_SECRET) && !secrets)
        buf_text(out, "null");
    else if (!compound)
        json_scalar(out, t);
    if (!compound || ((t->flags & SAIP_TOLD_SECRET) && !secrets))
        return;
    buf_u8(out, list ? '[' : '{');
    for (const struct saip_told *m = t->first; m; m = m->next) {
        if (m->flags & SAIP_TOLD_COMPARED)
            continue;
        buf_text(out, n++ ? "," : "");
        line(out, depth + 1);
        json(out, m, secrets, depth + 1);
    }
    if (n)
        line(out, depth);
    buf_u8(out, list ? ']' : '}');
}

void saip_told_json(struct buf *out, const struct saip_told *root, bool secrets)
{
    json(out, root, secrets, 0);
}
