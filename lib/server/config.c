/* SPDX-License-Identifier: Apache-2.0 */
#include "server/config.h"

#include <ini.h>
#include <stdio.h>

#include "base/file.h"
#include "base/text.h"
#include "server/config_value.h"

enum { PLACE_MAX = 140 }; /* characters of the path in a message */

_Static_assert(CONFIG_LINE_MAX + 3 <= INI_MAX_LINE, "inih would cut a line");

/* A key as it stands in the file; line 0: it does not. */
struct given {
    size_t line;
    struct bytes text;
};

/* A section as it stands in the file; line 0: it does not, and has its defaults. */
struct part {
    const struct config_section *section;
    const char *name;
    size_t line;
    void *item;
    struct given *given; /* one a key */
};

struct reader {
    struct arena *arena;
    const char *path;
    const struct config_table *table;
    void *out;
    struct bytes left;
    size_t line;
    struct part *parts, *now; /* `now`: the section that is read, NULL before the first */
    size_t n_parts;
    struct err *e;
    bool failed;
};

/* Adds the place to the error that was set; of a long path its end.  Where there is no line, the first. */
static int failed(struct reader *r, size_t line)
{
    size_t n = strlen(r->path);
    r->failed = true;
    return err_at(r->e, "%s:%zu", r->path + (n > PLACE_MAX ? n - PLACE_MAX : 0), line ? line : 1);
}

static size_t key_count(const struct config_section *s)
{
    size_t n = 0;
    while (s->keys[n].name)
        n++;
    return n;
}

static const struct config_key *key_find(const struct config_section *s, struct bytes name)
{
    for (const struct config_key *k = s->keys; k->name; k++)
        if (bytes_equal(bytes_text(k->name), name))
            return k;
    return NULL;
}

/* The section, and its own name if `name` is present; NULL: it is not in the file. */
static struct part *part_find(struct reader *r, const char *section, struct bytes name)
{
    for (struct part *p = r->parts; p < r->parts + r->n_parts; p++)
        if (strcmp(p->section->name, section) == 0 && (!name.p || bytes_equal(bytes_text(p->name), name)))
            return p;
    return NULL;
}

static void *item_at(const struct reader *r, const struct config_section *s, size_t i)
{
    return (uint8_t *)r->out + s->at + i * s->size;
}

/* Parts are never more than the tables' rooms, plus one for each single section. */
static int parts_make(struct reader *r)
{
    size_t n = 0;
    for (const struct config_section *s = r->table->sections; s->name; s++)
        n += s->named ? s->most : 1;
    r->parts = arena_array(r->arena, n, sizeof *r->parts);
    return r->parts ? 0 : err_set(r->e, ERR_MEMORY, NULL, "no memory for %zu sections", n);
}

static int part_add(struct reader *r, const struct config_section *s, size_t i, struct bytes name, size_t line)
{
    struct part *p = &r->parts[r->n_parts];
    *p = (struct part){ s, arena_text(r->arena, name), line, item_at(r, s, i), NULL };
    p->given = arena_array(r->arena, key_count(s), sizeof *p->given);
    if (!p->name || !p->given)
        return err_set(r->e, ERR_MEMORY, NULL, "no memory for the section [%s]", s->name);
    if (s->named)
        *(const char **)(void *)((uint8_t *)p->item + s->name_at) = p->name;
    r->now = p;
    r->n_parts++;
    return 0;
}

/* ------------------------------------------------------------------------------------- headings */

static int section_unknown(struct reader *r, struct bytes word)
{
    struct buf all = buf_in(r->arena);
    for (const struct config_section *s = r->table->sections; s->name; s++)
        buf_printf(&all, "%s[%s%s]", s == r->table->sections ? "" : ", ", s->name, s->named ? " NAME" : "");
    const char *names = buf_str(&all);
    return err_set(r->e, ERR_NOT_FOUND, NULL, "there is no section [%.*s], only %s", config_shown(word),
                   word.p, names ? names : "others");
}

static int section_open(struct reader *r, const struct config_section *s, struct bytes name)
{
    struct part *before = part_find(r, s->name, s->named ? name : BYTES_NONE);
    if (!s->named && name.n)
        return err_set(r->e, ERR_SYNTAX, NULL, "[%s] has no name behind it, since there is only one; write [%s]",
                       s->name, s->name);
    if (s->named && !name.n)
        return err_set(r->e, ERR_SYNTAX, NULL, "[%s] needs a name of its own; write [%s NAME]", s->name, s->name);
    if (s->named && !config_name_valid(name))
        return err_set(r->e, ERR_SYNTAX, NULL,
                       "\"%.*s\" cannot name a section; write at most %d letters, digits, '-', '_' and '.'",
                       config_shown(name), name.p, CONFIG_NAME_MAX);
    if (before)
        return err_set(r->e, ERR_EXISTS, NULL, "[%s%s%s] is there already, in line %zu; put the keys together%s",
                       s->name, s->named ? " " : "", before->name, before->line,
                       s->named ? " or write another name" : "");
    if (!s->named)
        return part_add(r, s, 0, BYTES_LIT(""), r->line);
    size_t *n = (size_t *)(void *)((uint8_t *)r->out + s->n_at);
    if (*n == s->most)
        return err_set(r->e, ERR_LIMIT, NULL, "there are more than %zu sections [%s NAME]; take some out", s->most,
                       s->name);
    return part_add(r, s, (*n)++, name, r->line);
}

static int heading(struct reader *r, struct bytes line)
{
    struct bytes inner = config_trim(bytes_slice(line, 1, line.n - 2));
    if (line.n < 3 || line.p[line.n - 1] != ']' || memchr(inner.p, '[', inner.n) || memchr(inner.p, ']', inner.n))
        return err_set(r->e, ERR_SYNTAX, NULL, "a heading is [SECTION] or [SECTION NAME] with nothing behind it");
    size_t n = 0;
    while (n < inner.n && inner.p[n] != ' ' && inner.p[n] != '\t')
        n++;
    for (const struct config_section *s = r->table->sections; s->name; s++)
        if (bytes_equal(bytes_text(s->name), bytes_slice(inner, 0, n)))
            return section_open(r, s, config_trim(bytes_slice(inner, n, inner.n)));
    return section_unknown(r, bytes_slice(inner, 0, n));
}

/* ----------------------------------------------------------------------------------------- keys */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Letters to put in, take out or exchange until `a` is `b` (Levenshtein). */
static size_t distance(struct bytes a, struct bytes b)
{
    size_t row[CONFIG_NAME_MAX + 1];
    if (a.n > CONFIG_NAME_MAX || b.n > CONFIG_NAME_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.n; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t exchanged = diagonal + (a.p[i - 1] != b.p[j - 1]);
            diagonal = row[j];
            row[j] = least(exchanged, 1 + least(row[j], row[j - 1]));
        }
    }
    return row[b.n];
}

/* The key that was meant: of another section, or written nearly so. */
static int key_unknown(struct reader *r, const struct config_section *in, struct bytes name)
{
    for (const struct config_section *s = r->table->sections; s->name; s++)
        if (key_find(s, name))
            return err_set(r->e, ERR_NOT_FOUND, NULL, "%.*s is no key of [%s]; it belongs into [%s%s]",
                           config_shown(name), name.p, in->name, s->name, s->named ? " NAME" : "");
    const struct config_key *best = NULL;
    size_t nearest = 1 + least(name.n / 2, 3);
    struct buf all = buf_in(r->arena);
    for (const struct config_key *k = in->keys; k->name; k++) {
        size_t d = distance(bytes_text(k->name), name);
        best = d < nearest ? k : best;
        nearest = least(d, nearest);
        buf_printf(&all, "%s%s", k == in->keys ? "" : ", ", k->name);
    }
    const char *names = buf_str(&all);
    return err_set(r->e, ERR_NOT_FOUND, NULL, "there is no key \"%.*s\" in [%s]; %s %s", config_shown(name), name.p,
                   in->name, best ? "did you mean" : "the keys are", best ? best->name : names ? names : "others");
}

static int take(struct reader *r, const struct part *p, const struct config_key *k, struct bytes text)
{
    struct config_value v = { r->arena, r->path, k, text, p->item, p->section->size };
    return config_value_take(&v, r->e);
}

static int key_read(struct reader *r, struct bytes name, struct bytes text)
{
    if (!r->now)
        return err_set(r->e, ERR_SYNTAX, NULL,
                       "%.*s stands before the first heading; write the heading of its section above it",
                       config_shown(name), name.p);
    const struct config_section *s = r->now->section;
    const struct config_key *k = key_find(s, name);
    if (!k)
        return key_unknown(r, s, name);
    struct given *g = &r->now->given[k - s->keys];
    if (g->line && !config_value_is_list(k))
        return err_set(r->e, ERR_EXISTS, NULL, "%s is given already, in line %zu; keep one of them", k->name, g->line);
    *g = (struct given){ r->line, bytes_text(arena_text(r->arena, text)) };
    return g->text.p ? take(r, r->now, k, text) : err_set(r->e, ERR_MEMORY, NULL, "no memory for %s", k->name);
}

/* ---------------------------------------------------------------------------------------- lines */

#define BYTE_ORDER_MARK BYTES_LIT("\xEF\xBB\xBF")

static bool is_marked(struct bytes text)
{
    return bytes_equal(bytes_slice(text, 0, BYTE_ORDER_MARK.n), BYTE_ORDER_MARK);
}

static int line_is_text(struct reader *r, struct bytes line)
{
    if (line.n > CONFIG_LINE_MAX)
        return err_set(r->e, ERR_LIMIT, NULL,
                       "the line has more than %d octets; shorten it (a list may be given in several lines)",
                       CONFIG_LINE_MAX);
    if (is_marked(line))
        return err_set(r->e, ERR_SYNTAX, NULL, "a byte-order mark stands here; only a file begins with one");
    for (size_t i = 0; i < line.n; i++)
        if ((line.p[i] < ' ' && line.p[i] != '\t') || line.p[i] == 0x7F)
            return err_set(r->e, ERR_SYNTAX, NULL,
                           "the line has a control character (%02X at %zu); save the file as plain text in UTF-8",
                           line.p[i], i + 1);
    return utf8_valid(line) ? 0
                            : err_set(r->e, ERR_SYNTAX, NULL, "the line is not UTF-8; save the file in that encoding");
}

/* inih would cut the value at the first of these, and leave the second in it. */
static int no_comment_behind(struct reader *r, struct bytes line)
{
    for (size_t i = 1; i < line.n; i++)
        if ((line.p[i] == ';' || line.p[i] == '#') && (line.p[i - 1] == ' ' || line.p[i - 1] == '\t'))
            return err_set(r->e, ERR_SYNTAX, NULL,
                           "a blank before '%c' is neither value nor comment; give the comment a line of its own",
                           line.p[i]);
    return 0;
}

static int line_check(struct reader *r, struct bytes line)
{
    if (line_is_text(r, line) != 0)
        return -1;
    if (!line.n || line.p[0] == '#' || line.p[0] == ';')
        return 0;
    if (no_comment_behind(r, line) != 0)
        return -1;
    if (line.p[0] == '[')
        return heading(r, line);
    size_t n = 0;
    while (n < line.n && line.p[n] != '=' && line.p[n] != ':')
        n++;
    return n > 0 && n < line.n && line.p[n] == '='
               ? 0
               : err_set(r->e, ERR_SYNTAX, NULL, "the line is neither [SECTION] nor KEY = VALUE nor a comment (#)");
}

static struct bytes line_next(struct reader *r)
{
    const uint8_t *end = memchr(r->left.p, '\n', r->left.n);
    size_t n = end ? (size_t)(end - r->left.p) : r->left.n;
    struct bytes line = bytes_slice(r->left, 0, n);
    r->left = bytes_slice(r->left, n + 1, r->left.n);
    r->line++;
    return config_trim(line);
}

/* inih's reader, as fgets.  Lines go to inih without blanks in front, which would continue the line before. */
static char *on_line(char *to, int size, void *user)
{
    struct reader *r = user;
    if (r->failed || !r->left.n)
        return NULL;
    struct bytes line = line_next(r);
    if (line_check(r, line) != 0)
        return failed(r, r->line), NULL;
    if (snprintf(to, (size_t)size, "%.*s\n", (int)line.n, line.p) < size)
        return to;
    err_set(r->e, ERR_INTERNAL, NULL, "inih reads lines of %d octets only; install one built for %d", size,
            INI_MAX_LINE);
    return failed(r, r->line), NULL;
}

static int on_key(void *user, const char *section, const char *name, const char *value)
{
    (void)section; /* the heading is read by heading(), which inih has no call for */
    struct reader *r = user;
    return key_read(r, bytes_text(name), bytes_text(value)) == 0 || (failed(r, r->line), 0);
}

/* -------------------------------------------------------------------------------------- the end */

static int reference(struct reader *r, const struct part *p, const struct config_key *k, const struct given *g)
{
    const struct part *to = part_find(r, k->choices[0], g->text);
    if (!to) {
        err_set(r->e, ERR_NOT_FOUND, NULL, "%s names [%s %s], which is not there; write that section or another name",
                k->name, k->choices[0], (const char *)g->text.p);
        return failed(r, g->line);
    }
    const void *item = to->item;
    memcpy((uint8_t *)p->item + k->at, &item, sizeof item);
    return 0;
}

static int key_finish(struct reader *r, const struct part *p, const struct config_key *k)
{
    struct given *g = &p->given[k - p->section->keys];
    if (!g->line && p->line && k->required) {
        err_set(r->e, ERR_NOT_FOUND, NULL, "[%s%s%s] lacks %s; write %s = VALUE below it", p->section->name,
                *p->name ? " " : "", p->name, k->name, k->name);
        return failed(r, p->line);
    }
    if (!g->line && !k->fallback)
        return 0;
    if (!g->line) {
        *g = (struct given){ p->line, bytes_text(k->fallback) };
        if (take(r, p, k, g->text) != 0)
            return failed(r, p->line);
    }
    return k->kind == CONFIG_REFERENCE ? reference(r, p, k, g) : 0;
}

static int part_finish(struct reader *r, const struct part *p)
{
    for (const struct config_key *k = p->section->keys; k->name; k++)
        if (key_finish(r, p, k) != 0)
            return -1;
    if (p->line && p->section->check && p->section->check(p->item, r->e) != 0)
        return failed(r, p->line);
    return 0;
}

/* Sections that are not there: an error, or one of defaults. */
static int section_finish(struct reader *r, const struct config_section *s)
{
    if (part_find(r, s->name, BYTES_NONE))
        return 0;
    if (!s->required)
        return s->named ? 0 : part_add(r, s, 0, BYTES_LIT(""), 0);
    return err_set(r->e, ERR_NOT_FOUND, NULL, "the section [%s%s] is missing; write it with its keys", s->name,
                   s->named ? " NAME" : "");
}

static int finish(struct reader *r)
{
    for (const struct config_section *s = r->table->sections; s->name; s++)
        if (section_finish(r, s) != 0)
            return failed(r, r->line);
    for (size_t i = 0; i < r->n_parts; i++)
        if (part_finish(r, &r->parts[i]) != 0)
            return -1;
    return 0;
}

int config_read(struct arena *a, const char *path, struct bytes text, const struct config_table *table, void *out,
                struct err *e)
{
    struct reader r = { .arena = a, .path = path, .table = table, .out = out, .left = text, .e = e };
    if (text.n > CONFIG_FILE_MAX) {
        err_set(e, ERR_LIMIT, NULL, "it is larger than %d octets; is it a configuration file?", CONFIG_FILE_MAX);
        return failed(&r, 0);
    }
    if (is_marked(text))
        r.left = bytes_slice(text, BYTE_ORDER_MARK.n, text.n);
    if (parts_make(&r) != 0)
        return failed(&r, 0);
    int line = ini_parse_stream(on_line, &r, on_key, &r);
    if (line && !r.failed) {
        err_set(e, ERR_INTERNAL, NULL, "inih does not understand the line");
        return failed(&r, (size_t)(line > 0 ? line : 0));
    }
    return r.failed ? -1 : finish(&r);
}

int config_load(struct arena *a, const char *path, const struct config_table *table, void *out, struct err *e)
{
    struct bytes text;
    return file_read(a, path, CONFIG_FILE_MAX, &text, e) == 0 ? config_read(a, path, text, table, out, e) : -1;
}
