/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "saip/contents.h"
#include "tools/profile.h"

enum { GAP = 2, INDENT = 2, OCTETS_SHOWN = 24 };

/* ---------------------------------------------------------------------------------- words */

/* Words of member names that are not written as they sound. */
static const char *proper(const char *word)
{
    static const char *const words[][2] = {
        { "iccid", "ICCID" }, { "imsi", "IMSI" }, { "aid", "AID" },   { "sqn", "SQN" },   { "k", "K" },
        { "opc", "OPc" },     { "res", "RES" },   { "pin", "PIN" },   { "pins", "PINs" }, { "tars", "TARs" },
        { "adf", "ADF" },     { "uicc", "UICC" }, { "ssd", "SSD" },   { "hrpd", "HRPD" }, { "ip", "IP" },
        { "sfi", "SFI" },     { "fid", "FID" },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], word) == 0)
            return words[i][1];
    return word;
}

const char *profile_label(struct arena *a, const char *name)
{
    struct buf out = buf_in(a);
    while (*name) {
        char word[64];
        size_t n = 0;
        do
            word[n++] = (char)(*name >= 'A' && *name <= 'Z' ? *name - 'A' + 'a' : *name);
        while (*++name && !(*name >= 'A' && *name <= 'Z') && n + 1 < sizeof word);
        word[n] = 0;
        buf_printf(&out, "%s%s", out.n ? " " : "", proper(word));
    }
    return buf_str(&out);
}

static bool for_people(const struct saip_told *t)
{
    return !(t->flags & (SAIP_TOLD_PROGRAMS | SAIP_TOLD_COMPARED));
}

/* A scalar, or a list or object in one line. */
static const char *shown(struct arena *a, const struct saip_told *t, const struct profile_style *s)
{
    struct buf out = buf_in(a);
    if (!t)
        return "";
    if ((t->flags & SAIP_TOLD_SECRET) && !s->secrets)
        return "hidden";
    if (t->kind == SAIP_TOLD_TEXT)
        return text_plain(a, bytes_text(t->text));
    if (t->kind == SAIP_TOLD_NUMBER)
        return arena_printf(a, "%lld", (long long)t->number);
    if (t->kind == SAIP_TOLD_YES)
        return t->number ? "yes" : "no";
    if (t->kind == SAIP_TOLD_OCTETS)
        return t->octets.n ? hex_encode(a, t->octets) : "none";
    for (const struct saip_told *m = t->first; m; m = m->next) {
        const char *one = for_people(m) ? shown(a, m, s) : "";
        buf_printf(&out, "%s%s", out.n && one && *one ? ", " : "", one ? one : "");
    }
    return buf_str(&out);
}

/* ---------------------------------------------------------------------------------- lines */

static size_t wide(const char *text)
{
    return text ? utf8_length(bytes_text(text)) : 0;
}

static void pad(struct buf *out, const char *text, size_t width)
{
    size_t n = wide(text);
    buf_text(out, text ? text : "");
    buf_fill(out, ' ', n < width ? width - n : 0);
}

/* No blank stands at the end of a line. */
static void end_line(struct buf *out)
{
    while (out->n && out->p[out->n - 1] == ' ')
        out->n--;
    buf_u8(out, '\n');
}

/* Octets of the longest beginning that fits, ending before a blank if there is one. */
static size_t fits(const char *text, size_t columns)
{
    size_t at = 0, used = 0, blank = 0;
    while (text[at] && used < columns) {
        do
            at++;
        while (((uint8_t)text[at] & 0xC0) == 0x80);
        used++;
        if (text[at] == ' ' || !text[at])
            blank = at;
    }
    return blank ? blank : at;
}

/* The text from column `column` on, in as many lines as it takes; those below begin with `margin`, filled to there. */
static void wrapped(struct buf *out, const char *text, const char *margin, size_t column, const struct profile_style *s)
{
    enum { LEAST = 12 };
    size_t columns = s->width > column + LEAST ? s->width - column : LEAST;
    for (bool first = true; text && (first || *text); first = false) {
        size_t n = fits(text, columns);
        if (!first)
            pad(out, margin, column);
        buf_add(out, bytes_make(text, n));
        end_line(out);
        text += n;
        text += *text == ' ';
    }
}

/* Items of a list, none of them broken unless it is longer than a line; then the line is its own. */
static void wrapped_items(struct buf *out, const struct saip_told *list, const char *margin, size_t column,
                          const struct profile_style *s)
{
    size_t used = column;
    for (const struct saip_told *i = list->first; i; i = i->next) {
        const char *text = shown(out->arena, i, s);
        const char *piece = i->next ? arena_printf(out->arena, "%s,", text ? text : "") : text;
        size_t n = wide(piece);
        bool fits_nowhere = column + n > s->width;
        if (used > column && used + 1 + n > s->width) {
            end_line(out);
            pad(out, margin, column);
            used = column;
        }
        buf_text(out, used > column ? " " : "");
        used += n + (used > column ? 1 : 0);
        if (!i->next || fits_nowhere)
            wrapped(out, piece, margin, column, s);
        else
            buf_text(out, piece ? piece : "");
        if (i->next && fits_nowhere)
            pad(out, margin, used = column);
    }
}

void profile_text_wrapped(struct buf *out, const char *front, const char *text, const struct profile_style *s)
{
    buf_text(out, front);
    wrapped(out, text_plain(out->arena, bytes_text(text)), "", wide(front), s);
}

static void heading(struct buf *out, const char *text)
{
    buf_printf(out, "%s%s\n", out->n ? "\n" : "", text);
}

/* Members one below the other, their values in a column. */
static void lines(struct buf *out, const struct saip_told *object, size_t indent, const struct profile_style *s)
{
    size_t width = 0;
    for (const struct saip_told *m = object->first; m; m = m->next) {
        const char *label = for_people(m) ? profile_label(out->arena, m->name) : NULL;
        width = wide(label) > width ? wide(label) : width;
    }
    for (const struct saip_told *m = object->first; m; m = m->next) {
        if (!for_people(m) || (m->kind >= SAIP_TOLD_OBJECT && !m->first))
            continue;
        buf_fill(out, ' ', indent);
        pad(out, profile_label(out->arena, m->name), width + GAP);
        bool items = m->kind == SAIP_TOLD_LIST && m->first->kind == SAIP_TOLD_OBJECT;
        for (const struct saip_told *i = items ? m->first : NULL; i; i = i->next) {
            buf_fill(out, ' ', i == m->first ? 0 : indent + width + GAP);
            wrapped(out, arena_printf(out->arena, "%s: %s", i->key, shown(out->arena, i, s)), "",
                    indent + width + GAP, s);
        }
        if (!items && m->kind == SAIP_TOLD_LIST)
            wrapped_items(out, m, "", indent + width + GAP, s);
        else if (!items)
            wrapped(out, shown(out->arena, m, s), "", indent + width + GAP, s);
    }
}

/* --------------------------------------------------------------------------------- tables */

struct column {
    const char *name, *heading;
    bool right; /* numbers */
};

enum { COLUMNS_MAX = 8 };

static const char *cell_of(struct buf *out, const struct saip_told *row, const struct column *c,
                           const struct profile_style *s)
{
    return row ? shown(out->arena, saip_told_of(row, c->name), s) : c->heading;
}

/* 0: no row has it. */
static size_t width_of(struct buf *out, const struct saip_told *list, const struct column *c,
                       const struct profile_style *s)
{
    size_t width = 0;
    for (const struct saip_told *row = list->first; row; row = row->next) {
        size_t w = saip_told_of(row, c->name) ? wide(cell_of(out, row, c, s)) : 0;
        width = w > width ? w : width;
    }
    return width && wide(c->heading) > width ? wide(c->heading) : width;
}

/* Rows of a list; the last column takes what is left, and more lines. */
static void table(struct buf *out, const struct saip_told *list, const struct column *columns, size_t n,
                  const struct profile_style *s)
{
    size_t widths[COLUMNS_MAX], last = INDENT;
    for (size_t c = 0; c < n; c++) {
        widths[c] = width_of(out, list, &columns[c], s);
        last += c + 1 < n && widths[c] ? widths[c] + GAP : 0;
    }
    for (const struct saip_told *row = NULL;; row = row ? row->next : list->first) {
        buf_fill(out, ' ', INDENT);
        for (size_t c = 0; c + 1 < n; c++) {
            const char *text = cell_of(out, row, &columns[c], s);
            if (!widths[c])
                continue;
            buf_fill(out, ' ', columns[c].right ? widths[c] - wide(text) : 0);
            pad(out, text, (columns[c].right ? wide(text) : widths[c]) + GAP);
        }
        wrapped(out, cell_of(out, row, &columns[n - 1], s), "", last, s);
        if (row ? !row->next : !list->first)
            break;
    }
}

#define TABLE(out, list, columns, s) table(out, list, columns, sizeof columns / sizeof *columns, s)

/* ------------------------------------------------------------------------------ the tree */

static int64_t depth_of(const struct saip_told *file)
{
    return saip_told_of(file, "depth")->number;
}

enum { LINES_MAX = 16 }; /* levels that are drawn */

/* On the way through the files: whether the one on each level has another one behind it in its DF. */
struct drawing {
    const struct saip_told *top;
    bool goes_on[LINES_MAX];
};

/* The level of a file in the drawing, from 0; -1: the top. */
static int64_t level_of(const struct drawing *d, const struct saip_told *file)
{
    return depth_of(file) - depth_of(d->top) - 1;
}

static bool is_drawn(const struct drawing *d, const struct saip_told *file)
{
    return file && (file == d->top || level_of(d, file) >= 0);
}

/* The lines that lead to a file: with its own branch, or as they go on below it. */
static const char *branches(struct arena *a, struct drawing *d, const struct saip_told *file, bool below,
                            const struct profile_style *s)
{
    struct buf out = buf_in(a);
    int64_t own = level_of(d, file), last = own < LINES_MAX ? own : LINES_MAX - 1;
    if (own >= 0 && own < LINES_MAX)
        d->goes_on[own] = saip_told_of(file, "followed")->number;
    for (int64_t i = 0; i <= last; i++) {
        bool more = d->goes_on[i];
        if (i == own && !below)
            buf_text(&out, s->lines ? (more ? "├─ " : "└─ ") : "+- ");
        else
            buf_text(&out, !more ? "   " : s->lines ? "│  " : "|  ");
    }
    if (below && file->next && depth_of(file->next) > depth_of(file))
        buf_text(&out, s->lines ? "│  " : "|  ");
    else if (below)
        buf_text(&out, "   ");
    return buf_str(&out);
}

static const char *extent(struct arena *a, const struct saip_told *file)
{
    const struct saip_told *size = saip_told_of(file, "size"), *records = saip_told_of(file, "records");
    const char *type = saip_told_text_of(file, "type");
    const char *suffix = strcmp(type, "cyclic") == 0 || strcmp(type, "BER-TLV") == 0 ? type : "";
    const char *space = *suffix ? " " : "";
    if (saip_told_of(file, "link"))
        return "link";
    if (!size)
        return "";
    if (records)
        return arena_printf(a, "%lld x %lld%s%s", (long long)records->number,
                            (long long)saip_told_of(file, "recordLength")->number, space, suffix);
    return arena_printf(a, "%lld%s%s", (long long)size->number, space, suffix);
}

/* Columns of a file's line. */
enum { THE_FILE, EXTENT, SFI, READ, UPDATE, RULE, FILE_COLUMNS };

static void file_cells(struct arena *a, struct drawing *d, const struct saip_told *file, const struct profile_style *s,
                       const char *cells[FILE_COLUMNS])
{
    const struct saip_told *uses = saip_told_of(file, "uses");
    const char *sfi = saip_told_text_of(file, "sfi"), *read = saip_told_text_of(uses, "read"),
               *update = saip_told_text_of(uses, "update"), *branch = branches(a, d, file, false, s);
    const char *fid = saip_told_text_of(file, "fid"), *name = saip_told_text_of(file, "name");
    cells[THE_FILE] = strcmp(fid, name) == 0 ? arena_printf(a, "%s%s", branch ? branch : "", fid)
                                             : arena_printf(a, "%s%s %s", branch ? branch : "", fid, name);
    cells[EXTENT] = extent(a, file);
    cells[SFI] = sfi ? sfi : "";
    cells[READ] = read ? read : "";
    cells[UPDATE] = update ? update : "";
    cells[RULE] = saip_told_text_of(file, "rule");
}

static void notes(struct buf *out, const struct saip_told *file, const char *margin, const struct profile_style *s);

static void tree(struct buf *out, const struct saip_told *top, const struct profile_style *s)
{
    static const char *const headings[FILE_COLUMNS] = { "file", "octets", "SFI", "read", "update", "rule" };
    size_t widths[FILE_COLUMNS], total = 0;
    const char *cells[FILE_COLUMNS];
    struct drawing d = { .top = top };
    for (size_t c = 0; c < FILE_COLUMNS; c++)
        widths[c] = wide(headings[c]);
    for (const struct saip_told *f = top; is_drawn(&d, f); f = f->next) {
        file_cells(out->arena, &d, f, s, cells);
        for (size_t c = 0; c < FILE_COLUMNS; c++)
            widths[c] = wide(cells[c]) > widths[c] ? wide(cells[c]) : widths[c];
    }
    for (size_t c = 0; c < FILE_COLUMNS; c++)
        total += widths[c] + GAP;
    size_t gap = total - GAP > s->width ? 1 : GAP;
    for (size_t c = 0; c < FILE_COLUMNS; c++)
        pad(out, headings[c], widths[c] + gap);
    end_line(out);
    for (const struct saip_told *f = top; is_drawn(&d, f); f = f->next) {
        file_cells(out->arena, &d, f, s, cells);
        for (size_t c = 0; c < FILE_COLUMNS; c++)
            pad(out, cells[c], widths[c] + gap);
        end_line(out);
        const char *margin = branches(out->arena, &d, f, true, s);
        notes(out, f, margin ? margin : "", s);
    }
}

/* --------------------------------------------------------------------- below a file's line */

static void note(struct buf *out, const char *margin, const char *text, const struct profile_style *s)
{
    size_t column = wide(margin) + INDENT;
    pad(out, margin, column);
    wrapped(out, text, margin, column, s);
}

static void label_note(struct buf *out, const char *margin, const char *name, const struct saip_told *value,
                       const struct profile_style *s)
{
    const char *text = value ? shown(out->arena, value, s) : NULL;
    if (text)
        note(out, margin, arena_printf(out->arena, "%s %s", name, text), s);
}

/* Records are lines of their own, items of a list share one. */
static void contents_notes(struct buf *out, const struct saip_told *file, const char *margin,
                           const struct profile_style *s)
{
    const struct saip_told *contents = saip_told_of(file, "contents");
    bool records = saip_told_of(file, "records") != NULL;
    size_t hidden = 0;
    for (const struct saip_told *line = contents && records ? contents->first : NULL; line; line = line->next)
        if (s->full || for_people(line))
            note(out, margin, shown(out->arena, line, s), s);
        else
            hidden++;
    if (hidden)
        note(out, margin, arena_printf(out->arena, "%zu unused (--full shows them)", hidden), s);
    if (contents && contents->first && !records) {
        pad(out, margin, wide(margin) + INDENT);
        wrapped_items(out, contents, margin, wide(margin) + INDENT, s);
    }
}

static void octets_note(struct buf *out, const struct saip_told *file, const char *margin,
                        const struct profile_style *s)
{
    const struct saip_told *octets = saip_told_of(file, "octets"), *contents = saip_told_of(file, "contents");
    bool told = contents && contents->first;
    if (!octets || (told && !s->full))
        return;
    if ((octets->flags & SAIP_TOLD_SECRET) && !s->secrets)
        note(out, margin, "hidden", s);
    else if (octets->octets.n == 0)
        note(out, margin, "no objects", s);
    else
        note(out, margin, saip_short_hex(out->arena, octets->octets, s->full ? octets->octets.n : OCTETS_SHOWN), s);
}

static void notes(struct buf *out, const struct saip_told *file, const char *margin, const struct profile_style *s)
{
    const char *state = saip_told_text_of(file, "lifeCycle");
    bool is_df = !saip_told_of(file, "size") && !saip_told_of(file, "link");
    label_note(out, margin, "AID", saip_told_of(file, "aid"), s);
    label_note(out, margin, "link to", saip_told_of(file, "link"), s);
    label_note(out, margin, "link that is not followed, to", saip_told_of(file, "linkPath"), s);
    label_note(out, margin, "PINs shared with", saip_told_of(file, "sharesPinsWith"), s);
    if (s->full && is_df)
        label_note(out, margin, "PIN status template", saip_told_of(file, "pinStatus"), s);
    if (s->full || is_df)
        note(out, margin, saip_told_text_of(file, "access"), s);
    if (strcmp(state, "activated") != 0)
        note(out, margin, state, s);
    if (s->full && saip_told_of(file, "highUpdate"))
        note(out, margin, "often updated", s);
    if (s->full && saip_told_of(file, "readableWhenDeactivated"))
        note(out, margin, "readable and updatable when deactivated", s);
    contents_notes(out, file, margin, s);
    octets_note(out, file, margin, s);
}

/* ------------------------------------------------------------------------------- the page */

static void items(struct buf *out, const struct saip_told *list, const struct profile_style *s)
{
    for (const struct saip_told *i = list->first; i; i = i->next) {
        buf_printf(out, "  %s\n", i->key);
        lines(out, i, 2 * INDENT, s);
    }
}

static void faults(struct buf *out, const struct saip_told *list, const struct profile_style *s)
{
    for (const struct saip_told *i = list->first; i; i = i->next) {
        buf_fill(out, ' ', INDENT);
        wrapped(out, shown(out->arena, saip_told_of(i, "what"), s), "", INDENT, s);
    }
}

static void codes(struct buf *out, const struct saip_told *list, const struct profile_style *s)
{
    static const struct column columns[] = {
        { "name", "name", false },   { "of", "of", false },       { "reference", "ref", false },
        { "tries", "tries", false }, { "value", "value", false }, { "unblockedBy", "unblocked by", false },
        { "state", "state", false }, { "mayBe", "may be", false },
    };
    TABLE(out, list, columns, s);
}

static void elements(struct buf *out, const struct saip_told *list, const struct profile_style *s)
{
    static const struct column columns[] = {
        { "number", "#", true },      { "kind", "kind", false },         { "identification", "id", true },
        { "mandated", "must", false },   { "octets", "octets", true },   { "template", "template", false },
        { "makes", "makes", false },
    };
    TABLE(out, list, columns, s);
}

static void files(struct buf *out, const struct saip_told *list, const struct profile_style *s)
{
    tree(out, list->first, s);
}

void profile_text(struct buf *out, const struct saip_told *root, const struct profile_style *s)
{
    static const struct {
        const char *name, *heading;
        void (*print)(struct buf *, const struct saip_told *, const struct profile_style *);
    } parts[] = {
        { "applications", "Applications of the network", items },
        { "codes", "PINs and PUKs", codes },
        { "elements", "Elements", elements },
        { "files", "Files", files },
        { "modules", "Domains, applications, remote management", items },
        { "cdma", "CDMA", items },
        { "warnings", "Warnings", faults },
    };
    const struct saip_told *profile = saip_told_of(root, "profile"), *fault = saip_told_of(root, "fault");
    heading(out, "Profile");
    lines(out, profile, INDENT, s);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const struct saip_told *list = saip_told_of(root, parts[i].name);
        if (!list || !list->first)
            continue;
        heading(out, parts[i].heading);
        parts[i].print(out, list, s);
    }
    if (fault) {
        heading(out, "It does not install; the above is how far it goes");
        buf_fill(out, ' ', INDENT);
        wrapped(out, shown(out->arena, saip_told_of(fault, "what"), s), "", INDENT, s);
    }
}

void profile_text_file(struct buf *out, const struct saip_told *file, const struct profile_style *s)
{
    struct profile_style all = *s;
    all.full = true;
    lines(out, file, 0, &all);
    if (file->next && depth_of(file->next) > depth_of(file)) {
        buf_u8(out, '\n');
        tree(out, file, s);
    }
}
