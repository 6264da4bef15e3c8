/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/compare.h"

#include "base/text.h"

enum { SHOWN_MAX = 400 /* characters of a value */, SHOWN_OCTETS = 8 };

/* A place in the descriptions. */
struct place {
    struct saip_told *out; /* the list of differences */
    const char *section, *of;
    bool ignore_subscriber;
};

static bool left_out(const struct place *p, const struct saip_told *t)
{
    return (t->flags & SAIP_TOLD_APART) || (p->ignore_subscriber && (t->flags & SAIP_TOLD_PERSONAL));
}

static struct saip_told *difference(const struct place *p, const char *change)
{
    struct saip_told *item = saip_told_item(p->out, NULL);
    saip_told_text(item, "section", p->section);
    if (p->of)
        saip_told_text(item, "of", p->of);
    saip_told_text(item, "change", change);
    return item;
}

/* -------------------------------------------------------------------------------- values */

static const char *value_text(struct arena *a, const struct saip_told *t)
{
    if (t->kind == SAIP_TOLD_TEXT)
        return t->text;
    if (t->kind == SAIP_TOLD_YES)
        return t->number ? "yes" : "no";
    return t->kind == SAIP_TOLD_NUMBER ? arena_printf(a, "%lld", (long long)t->number) : hex_encode(a, t->octets);
}

static void value(struct saip_told *item, const char *name, const char *text, unsigned flags)
{
    if (text && strlen(text) <= SHOWN_MAX && !strchr(text, '\n'))
        saip_told_mark(saip_told_text(item, name, text), flags & SAIP_TOLD_SECRET);
}

static struct saip_told *changed(const struct place *p, const char *what, const char *before, const char *after,
                                 unsigned flags)
{
    struct saip_told *item = difference(p, "changed");
    saip_told_text(item, "what", what);
    value(item, "before", before, flags);
    value(item, "after", after, flags);
    return item;
}

/* The octets around the first that differs. */
static void octets(const struct place *p, const struct saip_told *a, const struct saip_told *b)
{
    struct arena *arena = p->out->tale->arena;
    size_t n = a->octets.n < b->octets.n ? a->octets.n : b->octets.n, from = 0, to;
    unsigned flags = a->flags | b->flags;
    while (from < n && a->octets.p[from] == b->octets.p[from])
        from++;
    for (to = n; to > from && a->octets.p[to - 1] == b->octets.p[to - 1];)
        to--;
    if (from == n && a->octets.n == b->octets.n)
        return;
    if (from == n) { /* one of them is longer */
        changed(p, a->name, arena_printf(arena, "%zu octets", a->octets.n),
                arena_printf(arena, "%zu octets", b->octets.n), 0);
        return;
    }
    size_t length = to - from < SHOWN_OCTETS ? to - from : SHOWN_OCTETS;
    const char *where = to - from == 1 ? arena_printf(arena, "octet %zu", from + 1)
                                       : arena_printf(arena, "octets %zu to %zu", from + 1, to);
    const char *dots = to - from > length ? ".." : "";
    const char *before = hex_encode(arena, bytes_slice(a->octets, from, length));
    const char *after = hex_encode(arena, bytes_slice(b->octets, from, length));
    struct saip_told *item = changed(p, a->name, before ? arena_printf(arena, "%s%s", before, dots) : NULL,
                                     after ? arena_printf(arena, "%s%s", after, dots) : NULL, flags);
    if (!(flags & SAIP_TOLD_SECRET))
        saip_told_text(item, "where", where);
}

static void scalar(const struct place *p, const struct saip_told *a, const struct saip_told *b)
{
    struct arena *arena = p->out->tale->arena;
    if (a->kind == SAIP_TOLD_OCTETS && b->kind == SAIP_TOLD_OCTETS) {
        octets(p, a, b);
        return;
    }
    const char *before = value_text(arena, a), *after = value_text(arena, b);
    if (!before || !after)
        p->out->tale->lacks = true;
    else if (strcmp(before, after) != 0)
        changed(p, a->name, before, after, a->flags | b->flags);
}

/* --------------------------------------------------------------------------- lists of texts */

static bool has_line(const struct saip_told *list, const struct saip_told *line)
{
    for (const struct saip_told *t = list->first; t; t = t->next)
        if (t->text && strcmp(t->text, line->text) == 0)
            return true;
    return false;
}

/* Lines of `list` that `other` lacks, in one; NULL: none. */
static const char *lines_only(const struct saip_told *list, const struct saip_told *other, struct arena *a)
{
    struct buf out = buf_in(a);
    for (const struct saip_told *t = list->first; t; t = t->next)
        if (t->text && !has_line(other, t))
            buf_printf(&out, "%s%s", out.n ? ", " : "", t->text);
    return out.n ? buf_str(&out) : NULL;
}

/* True if they differ. */
static bool texts(const struct place *p, const struct saip_told *a, const struct saip_told *b)
{
    struct arena *arena = p->out->tale->arena;
    const char *before = lines_only(a, b, arena), *after = lines_only(b, a, arena);
    if (before || after)
        changed(p, a->name, before, after, a->flags | b->flags);
    return before || after;
}

/* ------------------------------------------------------------------------------- objects */

static void lists(const struct place *p, const struct saip_told *a, const struct saip_told *b);

static bool is_texts(const struct saip_told *list)
{
    return !list->first || list->first->kind == SAIP_TOLD_TEXT;
}

static void one_sided(const struct place *p, const struct saip_told *t, bool before)
{
    bool compound = t->kind >= SAIP_TOLD_OBJECT;
    const char *text = compound ? "there" : value_text(p->out->tale->arena, t);
    struct saip_told *item = difference(p, "changed");
    saip_told_text(item, "what", t->name);
    value(item, "before", before ? text : "none", before ? t->flags : 0);
    value(item, "after", before ? "none" : text, before ? 0 : t->flags);
}

/* What a content's words tell apart is not told again in hex. */
static void members(const struct place *p, const struct saip_told *a, const struct saip_told *b)
{
    bool told = false;
    for (const struct saip_told *m = a->first; m; m = m->next) {
        const struct saip_told *other = saip_told_of(b, m->name);
        if (left_out(p, m) || (told && strcmp(m->name, "octets") == 0))
            continue;
        if (!other)
            one_sided(p, m, true);
        else if (m->kind == SAIP_TOLD_LIST && is_texts(m) && is_texts(other))
            told = texts(p, m, other) || told;
        else if (m->kind == SAIP_TOLD_LIST)
            lists(p, m, other);
        else if (m->kind == SAIP_TOLD_OBJECT)
            members(p, m, other);
        else
            scalar(p, m, other);
    }
    for (const struct saip_told *m = b->first; m; m = m->next)
        if (!left_out(p, m) && !saip_told_of(a, m->name))
            one_sided(p, m, false);
}

/* What an item is called: its key, with the name that it has beside. */
static const char *label(const struct place *p, const struct saip_told *item)
{
    struct arena *a = p->out->tale->arena;
    const struct saip_told *number = saip_told_of(item, "number");
    const char *name = saip_told_text_of(item, "name"), *outer = p->of ? p->of : "";
    const char *space = p->of ? ", " : "";
    if (!item->key)
        return arena_printf(a, "%s%s%s", outer, space, saip_told_text_of(item, "what"));
    if (number)
        return arena_printf(a, "%s%selement %lld, %s", outer, space, (long long)number->number, item->key);
    if (name && !strstr(item->key, name))
        return arena_printf(a, "%s%s%s %s", outer, space, item->key, name);
    return arena_printf(a, "%s%s%s", outer, space, item->key);
}

static void item_pair(const struct place *p, const struct saip_told *a, const struct saip_told *b)
{
    struct place here = *p;
    here.of = label(p, a ? a : b);
    if (!here.of)
        p->out->tale->lacks = true;
    else if (a && b)
        members(&here, a, b);
    else
        difference(&here, a ? "removed" : "added");
}

/* --------------------------------------------------------------------------- lists by key */

static const char *key_of(const struct saip_told *item)
{
    return item->key ? item->key : saip_told_text_of(item, "what");
}

static const struct saip_told *by_key(const struct saip_told *list, const struct saip_told *item)
{
    for (const struct saip_told *t = list->first; t; t = t->next)
        if (strcmp(key_of(t), key_of(item)) == 0)
            return t;
    return NULL;
}

static void keyed(const struct place *p, const struct saip_told *a, const struct saip_told *b)
{
    for (const struct saip_told *t = a->first; t; t = t->next)
        item_pair(p, t, by_key(b, t));
    for (const struct saip_told *t = b->first; t; t = t->next)
        if (!by_key(a, t))
            item_pair(p, NULL, t);
}

/* ---------------------------------------------------------------------------- lists in order */

/* An item with a sum over what it says. */
struct step {
    const struct saip_told *item;
    uint64_t sum;
};

static uint64_t sum_of(uint64_t sum, const struct saip_told *t)
{
    struct bytes b = t->kind == SAIP_TOLD_OCTETS ? t->octets : bytes_text(t->text);
    for (size_t i = 0; i < b.n; i++)
        sum = (sum ^ b.p[i]) * 0x100000001B3u;
    return (sum ^ (uint64_t)t->number) * 0x100000001B3u;
}

static struct step *steps_of(struct arena *a, const struct saip_told *list, size_t *n)
{
    *n = 0;
    for (const struct saip_told *t = list->first; t; t = t->next)
        ++*n;
    struct step *steps = arena_array(a, *n + 1, sizeof *steps);
    size_t i = 0;
    for (const struct saip_told *t = list->first; steps && t; t = t->next, i++) {
        const struct saip_told *members_of = saip_told_of(t, "members");
        steps[i] = (struct step){ t, 0xCBF29CE484222325u };
        for (const struct saip_told *m = members_of ? members_of->first : NULL; m; m = m->next)
            steps[i].sum = sum_of(steps[i].sum, m);
    }
    return steps;
}

/* How well two fit: not at all, by kind, or being the same. */
static uint32_t fit(const struct step *a, const struct step *b)
{
    enum { KIND = 1, SAME = 2 };
    return strcmp(a->item->key, b->item->key) != 0 ? 0 : a->sum == b->sum ? SAME : KIND;
}

/* The pairing in order that fits best (as the longest common subsequence is found). */
static void ordered(const struct place *p, const struct saip_told *a, const struct saip_told *b)
{
    size_t n, m, width;
    struct arena *arena = p->out->tale->arena;
    struct step *x = steps_of(arena, a, &n), *y = steps_of(arena, b, &m);
    width = m + 1;
    uint32_t *best = arena_array(arena, (n + 1) * width, sizeof *best); /* of what is left from (i, j) on */
    if (!x || !y || !best) {
        p->out->tale->lacks = true;
        return;
    }
    for (size_t i = n; i-- > 0;)
        for (size_t j = m; j-- > 0;) {
            uint32_t f = fit(&x[i], &y[j]), with = f ? f + best[(i + 1) * width + j + 1] : 0;
            uint32_t without = best[(i + 1) * width + j] > best[i * width + j + 1] ? best[(i + 1) * width + j]
                                                                                   : best[i * width + j + 1];
            best[i * width + j] = with > without ? with : without;
        }
    for (size_t i = 0, j = 0; i < n || j < m;) {
        uint32_t f = i < n && j < m ? fit(&x[i], &y[j]) : 0;
        if (f && best[i * width + j] == f + best[(i + 1) * width + j + 1])
            item_pair(p, x[i++].item, y[j++].item);
        else if (i < n && (j == m || best[(i + 1) * width + j] >= best[i * width + j + 1]))
            item_pair(p, x[i++].item, NULL);
        else
            item_pair(p, NULL, y[j++].item);
    }
}

static void lists(const struct place *p, const struct saip_told *a, const struct saip_told *b)
{
    (a->name && strcmp(a->name, "elements") == 0 ? ordered : keyed)(p, a, b);
}

const struct saip_told *saip_compare(struct arena *arena, const struct saip_told *a, const struct saip_told *b,
                                     bool ignore_subscriber)
{
    struct saip_tale *tale = arena_alloc(arena, sizeof *tale);
    if (!tale)
        return NULL;
    tale->arena = arena;
    struct saip_told *root = saip_told_root(tale), *out = saip_told_list(root, "differences");
    for (const struct saip_told *m = a->first; out && m; m = m->next) {
        const struct saip_told *other = saip_told_of(b, m->name);
        const struct place p = { out, m->name, NULL, ignore_subscriber };
        if (m->kind == SAIP_TOLD_LIST && other)
            lists(&p, m, other);
        else if (other)
            members(&p, m, other);
        else
            difference(&p, "removed");
    }
    for (const struct saip_told *m = b->first; out && m; m = m->next)
        if (!saip_told_of(a, m->name))
            difference(&(struct place){ out, m->name, NULL, ignore_subscriber }, "added");
    return tale->lacks ? NULL : out;
}
