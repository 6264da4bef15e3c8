/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "saip/access.h"
#include "saip/contents.h"
#include "saip/describe_parts.h"
#include "saip/limits.h"
#include "saip/names.h"
#include "saip/services.h"

static const char *const types[] = {
    [SAIP_MF] = "MF",         [SAIP_ADF] = "ADF",       [SAIP_DF] = "DF",         [SAIP_TRANSPARENT] = "transparent",
    [SAIP_LINEAR] = "linear", [SAIP_CYCLIC] = "cyclic", [SAIP_BERTLV] = "BER-TLV",
};

/* ISO/IEC 7816-4 life cycle status, TS 102 221 11.1.1.4.9. */
static const char *life_cycle(struct arena *a, uint8_t lcsi)
{
    static const struct {
        uint8_t mask, value;
        const char *name;
    } states[] = { { 0xFF, 0x01, "creation" },     { 0xFF, 0x03, "initialisation" }, { 0xFD, 0x05, "activated" },
                   { 0xFD, 0x04, "deactivated" }, { 0xFC, 0x0C, "terminated" } };
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if ((lcsi & states[i].mask) == states[i].value)
            return states[i].name;
    return arena_printf(a, "%02X", lcsi);
}

/* Its ADFs of one name get numbers from the second on. */
static const char *adf_name(struct arena *a, const struct saip_file *adf)
{
    unsigned before = 0;
    for (const struct saip_file *f = adf->parent ? adf->parent->children : adf; f && f != adf; f = f->next)
        before += f->type == SAIP_ADF && strcmp(f->name, adf->name) == 0;
    return before ? arena_printf(a, "%s:%u", adf->name, before + 1) : adf->name;
}

const char *saip_file_path(struct arena *a, const struct saip_file *f)
{
    const struct saip_file *steps[SAIP_DEPTH_MAX];
    size_t n = 0;
    struct buf out = buf_in(a);
    for (; f && n < SAIP_DEPTH_MAX; f = f->type == SAIP_ADF ? NULL : f->parent)
        steps[n++] = f;
    while (n--) {
        const char *name = steps[n]->type == SAIP_ADF ? adf_name(a, steps[n]) : NULL;
        buf_text(&out, out.n ? "/" : "");
        if (name)
            buf_text(&out, name);
        else
            buf_printf(&out, "%04X", steps[n]->fid);
    }
    return buf_str(&out);
}

/* ---------------------------------------------------------------------------- attributes */

static void access(struct saip_told *file, const struct saip_subject *s, const struct saip_file *f)
{
    struct arena *a = file->tale->arena;
    struct bytes record = saip_arr_record(s->image, f);
    size_t n;
    const struct saip_access_use *uses = saip_access_uses(saip_is_df(f), &n);
    saip_told_format(file, "rule", f->arr_record ? "%04X/%u" : "none", f->arr_fid, f->arr_record);
    saip_told_text(file, "access", record.p ? saip_access_line(a, record, saip_is_df(f)) : "no such rule: never");
    struct saip_told *words = saip_told_mark(saip_told_object(file, "uses"), SAIP_TOLD_PROGRAMS | SAIP_TOLD_APART);
    for (size_t i = 0; i < n; i++)
        saip_told_text(words, uses[i].name, saip_access_words(a, record, uses[i].mode, uses[i].ins));
}

static void pin_status(struct saip_told *file, const struct saip_file *f)
{
    struct buf names = buf_in(file->tale->arena);
    for (size_t i = 0; i < f->pst.n; i++)
        buf_printf(&names, "%s%02X", i ? " " : "", f->pst.p[i]);
    if (f->pst.n)
        saip_told_text(file, "pinStatus", buf_str(&names));
}

static void size(struct saip_told *file, const struct saip_file *f)
{
    bool records = f->record_length && (f->type == SAIP_LINEAR || f->type == SAIP_CYCLIC);
    if (saip_is_df(f) || (f->link_path.n && !f->link))
        return;
    saip_told_number(file, "size", f->size);
    if (records) {
        saip_told_number(file, "records", f->size / f->record_length);
        saip_told_number(file, "recordLength", f->record_length);
    }
    if (f->max_size)
        saip_told_number(file, "maximumSize", f->max_size);
}

static void attributes(struct saip_told *file, const struct saip_subject *s, const struct saip_file *f)
{
    struct arena *a = file->tale->arena;
    saip_told_text(file, "type", types[f->type]);
    if (f->aid.n)
        saip_told_octets(file, "aid", f->aid);
    size(file, f);
    if (f->sfi)
        saip_told_format(file, "sfi", "%02X", f->sfi);
    access(file, s, f);
    pin_status(file, f);
    saip_told_text(file, "lifeCycle", life_cycle(a, f->lcsi));
    if (f->special & 0x80)
        saip_told_yes(file, "highUpdate", true);
    if (f->special & 0x40)
        saip_told_yes(file, "readableWhenDeactivated", true);
    if (f->link)
        saip_told_text(file, "link", saip_file_path(a, f->link));
    else if (f->link_path.n)
        saip_told_octets(file, "linkPath", f->link_path);
    if (f->codes)
        saip_told_text(file, "sharesPinsWith", saip_file_path(a, f->codes));
}

/* ------------------------------------------------------------------------------ contents */

/* An item a line of `text`. */
static void items(struct saip_told *contents, const char *text, unsigned flags)
{
    struct bytes rest = bytes_text(text);
    if (!text)
        contents->tale->lacks = true;
    while (rest.n)
        saip_told_mark(saip_told_line(contents, arena_text(contents->tale->arena, text_word(&rest, '\n'))), flags);
}

/* "3: text", a list in one line; equal records stand together. */
static void records(struct saip_told *contents, const struct saip_content *c, const struct saip_file *f)
{
    struct arena *a = contents->tale->arena;
    unsigned n = f->size / f->record_length, last = 0;
    for (unsigned i = 1; i <= n; i = last + 1) {
        struct bytes record = bytes_make(f->body + (i - 1u) * f->record_length, f->record_length);
        for (last = i; last < n; last++)
            if (memcmp(f->body + last * f->record_length, record.p, record.n) != 0)
                break;
        const char *said = saip_content_text(a, c, record);
        struct buf line = buf_in(a);
        if (last - i + 1 < n)
            buf_printf(&line, last > i ? "%u-%u: " : "%u: ", i, last);
        for (; said && *said; said++)
            buf_text(&line, *said == '\n' ? ", " : (char[]){ *said, 0 });
        saip_told_line(contents, said ? buf_str(&line) : NULL);
    }
}

/* All files, each with the EF.ARR that it refers to. */
struct listing {
    const struct saip_file **files, **arrs;
    size_t n;
};

enum { RULES = 256 };

/* A rule without a file is a DF's if it lets create a DF: no EF of a UICC is written (TS 102 221 9.2.4). */
static bool creates(struct bytes record)
{
    struct cursor c = cursor_over(record);
    struct saip_access rule;
    while (saip_access_next(&c, &rule))
        if (saip_access_concerns(&rule, SAIP_CREATE_DF, NULL))
            return true;
    return false;
}

/* What each rule says, in the words of an EF or of a DF by who refers to it. */
static void rules(struct saip_told *contents, const struct listing *all, const struct saip_file *arr)
{
    struct arena *a = contents->tale->arena;
    unsigned efs[RULES] = { 0 }, dfs[RULES] = { 0 };
    for (size_t i = 0; i < all->n; i++)
        if (all->arrs[i] == arr)
            (saip_is_df(all->files[i]) ? dfs : efs)[all->files[i]->arr_record]++;
    for (unsigned i = 1; i < RULES && i <= arr->size / arr->record_length; i++) {
        struct bytes record = bytes_make(arr->body + (i - 1u) * arr->record_length, arr->record_length);
        bool of_df = dfs[i] > efs[i] || (!efs[i] && creates(record)), used = efs[i] || dfs[i];
        const char *words = saip_content_empty(record) && !used ? "empty" : saip_access_line(a, record, of_df);
        const char *line = words ? arena_printf(a, "%u: %s%s", i, words, used ? "" : " (unused)") : NULL;
        saip_told_mark(saip_told_line(contents, line), used ? 0 : SAIP_TOLD_PROGRAMS);
    }
}

/* Services that the package sets and this card clears. */
static void cleared(struct saip_told *contents, const struct saip_file *f)
{
    for (size_t i = 0; i < saip_cleared_count; i++) {
        enum saip_service_table table = saip_cleared[i].naa == SAIP_USIM ? SAIP_UST : SAIP_IST;
        if (f->cleared >> i & 1)
            saip_told_format(contents, NULL, "%u %s (cleared by this card: %s)", saip_cleared[i].service,
                             saip_service_name(table, saip_cleared[i].service), saip_cleared[i].reason);
    }
}

static void content(struct saip_told *file, const struct listing *all, const struct saip_file *f)
{
    const struct saip_content *c = saip_content_of(f);
    bool is_records = f->record_length && (f->type == SAIP_LINEAR || f->type == SAIP_CYCLIC);
    unsigned flags = c && (c->flags & SAIP_CONTENT_PERSONAL) ? SAIP_TOLD_PERSONAL : 0;
    bool secret = c && (c->flags & SAIP_CONTENT_SECRET);
    if (saip_is_df(f) || f->link_path.n || !f->body)
        return;
    struct bytes body = bytes_make(f->body, f->type == SAIP_BERTLV ? f->used : f->size);
    struct saip_told *contents = saip_told_mark(saip_told_list(file, "contents"), flags);
    bool is_arr = is_records && (f->fid == 0x2F06 || f->fid == 0x6F06);
    if (is_arr) /* its words go with who refers to it; in comparisons the files' own access rules say more */
        saip_told_mark(contents, SAIP_TOLD_APART);
    if (contents && is_arr)
        rules(contents, all, f);
    else if (contents && c && c->decode && is_records)
        records(contents, c, f);
    else if (contents && c && c->decode && f->type == SAIP_TRANSPARENT)
        items(contents, saip_content_text(file->tale->arena, c, body), 0);
    else if (contents && saip_content_empty(body))
        saip_told_line(contents, "empty");
    if (contents)
        cleared(contents, f);
    saip_told_mark(saip_told_octets(file, "octets", body),
                   flags | (secret && !saip_content_empty(body) ? SAIP_TOLD_SECRET : 0));
}

/* ------------------------------------------------------------------------------ the walk */

/* Depth first; links to DFs are not entered, for what is below them is the target's. */
static const struct saip_file *next_of(const struct saip_file *f, size_t *depth)
{
    if (saip_is_df(f) && !f->link_path.n && f->children) {
        ++*depth;
        return f->children;
    }
    for (; f && !f->next; f = f->parent)
        --*depth;
    return f ? f->next : NULL;
}

static bool list_files(struct arena *a, const struct saip_image *m, struct listing *all)
{
    size_t depth = 0;
    *all = (struct listing){ arena_array(a, m->n_files + 1, sizeof *all->files),
                             arena_array(a, m->n_files + 1, sizeof *all->arrs), 0 };
    if (!all->files || !all->arrs)
        return false;
    for (const struct saip_file *f = m->mf; f && all->n < m->n_files; f = next_of(f, &depth)) {
        all->files[all->n] = f;
        all->arrs[all->n++] = saip_arr_of(m, f);
    }
    return true;
}

void saip_tell_files(struct saip_told *root, const struct saip_subject *s)
{
    struct saip_told *list = saip_told_list(root, "files");
    struct arena *a = root->tale->arena;
    struct listing all;
    size_t depth = 0;
    root->tale->lacks = !list_files(a, s->image, &all) || root->tale->lacks;
    for (const struct saip_file *f = s->image->mf; list && !root->tale->lacks && f; f = next_of(f, &depth)) {
        const char *path = saip_file_path(a, f);
        struct saip_told *file = saip_told_item(list, path);
        if (!file)
            return;
        saip_told_mark(saip_told_text(file, "path", path), SAIP_TOLD_APART);
        saip_told_mark(saip_told_number(file, "depth", (int64_t)depth), SAIP_TOLD_PROGRAMS | SAIP_TOLD_APART);
        saip_told_mark(saip_told_yes(file, "followed", f->next != NULL), SAIP_TOLD_COMPARED | SAIP_TOLD_APART);
        saip_told_mark(saip_told_format(file, "fid", "%04X", f->fid), f->type == SAIP_ADF ? SAIP_TOLD_APART : 0);
        saip_told_text(file, "name", saip_file_name(f));
        saip_told_mark(saip_told_number(file, "element", f->element), SAIP_TOLD_APART);
        attributes(file, s, f);
        content(file, &all, f);
    }
}

/* --------------------------------------------------------------------------- finding one */

/* "IMSI" is EF.IMSI. */
static bool called(struct bytes word, const char *name)
{
    struct bytes whole = bytes_text(name);
    const char *dot = strchr(name, '.');
    return bytes_equal_nocase(word, whole) || (dot && bytes_equal_nocase(word, bytes_text(dot + 1)));
}

static bool matches(const struct saip_told *file, struct bytes word)
{
    const char *type = saip_told_text_of(file, "type"), *path = saip_told_text_of(file, "path");
    const char *last = strrchr(path, '/');
    return bytes_equal_nocase(word, bytes_text(saip_told_text_of(file, "fid"))) ||
           called(word, saip_told_text_of(file, "name")) || called(word, last ? last + 1 : path) ||
           (strcmp(type, "ADF") == 0 && bytes_equal(word, BYTES_LIT("7FFF")));
}

static int64_t depth_of(const struct saip_told *file)
{
    return saip_told_of(file, "depth")->number;
}

/* The child of `df` (files follow it in the list) that the word means. */
static const struct saip_told *child(const struct saip_told *df, struct bytes word)
{
    int64_t depth = depth_of(df);
    for (const struct saip_told *f = df->next; f && depth_of(f) > depth; f = f->next)
        if (depth_of(f) == depth + 1 && matches(f, word))
            return f;
    return NULL;
}

const struct saip_told *saip_described_file(const struct saip_told *description, const char *path)
{
    const struct saip_told *files = saip_told_of(description, "files"), *mf = files ? files->first : NULL, *at = mf;
    struct bytes rest = bytes_text(path);
    bool alone = !strchr(path, '/');
    for (bool first = true; at && rest.n; first = false) {
        struct bytes word = text_word(&rest, '/');
        at = first && matches(mf, word) ? mf : child(at, word);
    }
    for (const struct saip_told *f = mf; alone && f && !at; f = f->next)
        at = matches(f, bytes_text(path)) ? f : NULL;
    return at;
}
