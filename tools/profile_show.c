/* SPDX-License-Identifier: Apache-2.0 */
#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/file.h"
#include "saip/compare.h"
#include "saip/describe.h"
#include "tools/profile.h"

const char PROFILE_SHOW_HELP[] =
    "usage: rsp-profile show FILE [PATH]\n"
    "\n"
    "  FILE            a profile package, in DER or value notation; \"-\" is standard input\n"
    "  PATH            only this file with all that is known of it, and what lies in it:\n"
    "                  3F00/2FE2, ADF.USIM/6F07, USIM/IMSI, 7FFF/6F07 (the first ADF), 7F10, IMSI\n"
    "\n"
    "  --full          all octets, access rules and attributes\n"
    "  --secrets       show keys, PINs and PUKs, too\n"
    "  --json          the same for programs\n"
    "  -o OUT          write there instead of standard output\n"
    "\n"
    "Columns \"read\" and \"update\" say what the card asks for; \"rule\" is the record of EF.ARR,\n"
    "which has the other uses.  Exit codes: 0 done, 1 it does not install (what comes before the\n"
    "fault is shown) or cannot be read, 2 wrong usage.\n";

const char PROFILE_DIFF_HELP[] =
    "usage: rsp-profile diff A B\n"
    "\n"
    "What differs between two packages: elements and their members, then what a card makes of them:\n"
    "codes, files, domains.  Lines begin with - (only in A), + (only in B) or ~ (in both).\n"
    "\n"
    "  --ignore-subscriber  leave out what is one subscriber's: ICCID, IMSI, keys, PINs and such\n"
    "  --secrets            show keys, PINs and PUKs, too\n"
    "  --json               the same for programs\n"
    "  -o OUT               write there instead of standard output\n"
    "\n"
    "Exit codes: 0 the same, 1 different, 2 trouble.\n";

static struct profile_style style_of(const struct profile_options *o)
{
    bool terminal = strcmp(o->out, "-") == 0 && isatty(STDOUT_FILENO);
    setlocale(LC_CTYPE, "");
    return (struct profile_style){
        .width = cli_columns(),
        .lines = terminal && strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
        .full = o->full,
        .secrets = o->secrets,
    };
}

static int write_out(const struct profile_options *o, struct buf *text, struct err *e)
{
    struct bytes out = buf_bytes(text);
    unsigned mode = o->secrets ? 0600 : 0644;
    return out.p ? file_write(o->out, out, mode, e) : err_set(e, ERR_MEMORY, NULL, "no memory for the text");
}

/* *installs may be NULL. */
static const struct saip_told *describe(struct arena *a, const char *path, bool members, bool *installs, struct err *e)
{
    struct bytes der;
    struct saip_package *p = arena_alloc(a, sizeof *p);
    struct saip_image *image = arena_alloc(a, sizeof *image);
    struct saip_result *result = arena_alloc(a, sizeof *result);
    if (!p || !image || !result)
        err_set(e, ERR_MEMORY, NULL, "no memory for the package");
    if (!p || !image || !result || profile_read(a, path, &der, p, e) != 0)
        return NULL;
    bool done = saip_install(a, p, image, result) == 0;
    if (installs)
        *installs = done;
    const struct saip_subject subject = { p, image, result, members };
    const struct saip_told *told = saip_describe(a, &subject);
    if (!told)
        err_set(e, ERR_MEMORY, NULL, "no memory for the description");
    return told;
}

int profile_show(void *context, struct arena *a, char **words, struct err *e)
{
    const struct profile_options *o = context;
    const struct profile_style style = style_of(o);
    bool installs;
    struct buf out = buf_in(a);
    const struct saip_told *told = describe(a, words[0], false, &installs, e);
    if (!told)
        return -1;
    const struct saip_told *file = words[1] ? saip_described_file(told, words[1]) : NULL;
    if (words[1] && !file)
        return err_set(e, ERR_NOT_FOUND, NULL, "%s has no file \"%s\"; next: rsp-profile show %s lists its files",
                       words[0], words[1], words[0]);
    if (o->json) {
        saip_told_json(&out, file ? file : told, o->secrets);
        buf_u8(&out, '\n');
    } else if (file) {
        profile_text_file(&out, file, &style);
    } else {
        profile_text(&out, told, &style);
    }
    if (write_out(o, &out, e) != 0)
        return -1;
    return installs ? EXIT_DONE : EXIT_REFUSED;
}

/* ----------------------------------------------------------------------------------- diff */

static const char *side(const struct saip_told *item, const char *name, bool secrets)
{
    const struct saip_told *t = saip_told_of(item, name);
    return !t ? NULL : (t->flags & SAIP_TOLD_SECRET) && !secrets ? "hidden" : t->text;
}

/* Short values side by side, longer ones below each other. */
static void changed(struct buf *out, const struct saip_told *item, const struct profile_style *s)
{
    const char *before = side(item, "before", s->secrets), *after = side(item, "after", s->secrets);
    const char *what = saip_told_text_of(item, "what");
    bool standard = strcmp(saip_told_text_of(item, "section"), "elements") == 0; /* names of ASN.1 stay as they are */
    what = standard ? what : profile_label(out->arena, what);
    const char *where = saip_told_text_of(item, "where");
    what = where ? arena_printf(out->arena, "%s, %s", what, where) : what;
    bool hidden = before && after && strcmp(before, after) == 0;
    size_t length = 12 + (what ? strlen(what) : 0) + (before ? strlen(before) : 0) + (after ? strlen(after) : 0);
    if (hidden || (!before && !after))
        buf_printf(out, "    %s differs%s\n", what, hidden ? " (hidden)" : "");
    else if (before && after && length <= s->width)
        buf_printf(out, "    %s: %s -> %s\n", what, before, after);
    else {
        buf_printf(out, "    %s:\n", what);
        if (before)
            profile_text_wrapped(out, "      - ", before, s);
        if (after)
            profile_text_wrapped(out, "      + ", after, s);
    }
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Differences of one thing stand below its line. */
static void differences(struct buf *out, const struct saip_told *list, const struct profile_style *s)
{
    const char *section = NULL, *of = "";
    for (const struct saip_told *d = list->first; d; d = d->next) {
        const char *change = saip_told_text_of(d, "change"), *here = saip_told_text_of(d, "of");
        if (!same_text(section, saip_told_text_of(d, "section"))) {
            section = saip_told_text_of(d, "section");
            buf_printf(out, "%s%s\n", out->n ? "\n" : "", section);
            of = "";
        }
        bool one_sided = strcmp(change, "changed") != 0;
        if (one_sided || !same_text(of, here))
            buf_printf(out, "  %c %s\n", one_sided ? (*change == 'a' ? '+' : '-') : '~', here ? here : "the profile");
        of = here;
        if (!one_sided)
            changed(out, d, s);
    }
}

enum { SAME = 0, DIFFERENT = 1, TROUBLE = 2 };

static int compare(const struct profile_options *o, struct arena *a, char **words, struct err *e)
{
    const struct profile_style style = style_of(o);
    struct buf out = buf_in(a);
    if (strcmp(words[0], "-") == 0 && strcmp(words[1], "-") == 0)
        return err_set(e, ERR_USAGE, NULL, "only one of the two can be standard input");
    const struct saip_told *x = describe(a, words[0], true, NULL, e);
    const struct saip_told *y = x ? describe(a, words[1], true, NULL, e) : NULL;
    if (!y)
        return -1;
    const struct saip_told *list = saip_compare(a, x, y, o->ignore_subscriber);
    if (!list)
        return err_set(e, ERR_MEMORY, NULL, "no memory for the differences");
    if (o->json) {
        struct saip_told whole = *list;
        whole.name = NULL;
        saip_told_json(&out, &whole, o->secrets);
        buf_u8(&out, '\n');
    } else {
        differences(&out, list, &style);
    }
    if (write_out(o, &out, e) != 0)
        return -1;
    return list->first ? DIFFERENT : SAME;
}

int profile_diff(void *context, struct arena *a, char **words, struct err *e)
{
    int code = compare(context, a, words, e);
    if (code >= SAME)
        return code;
    cli_failed(PROFILE_PROGRAM, e, NULL);
    return TROUBLE;
}
