/* SPDX-License-Identifier: Apache-2.0 */
#include "server/config_value.h"

static const char SYNTAX[] =
    "\n"
    "Below a heading in brackets stand lines of KEY = VALUE.  A comment has lines of its own.\n"
    "A setting behind '#' is the default: take the '#' away to write another value.\n"
    "A list may be given in several lines, each with the key in front.";

/* Each line of the text behind "# ". */
static void comment(struct buf *out, const char *text)
{
    while (text && *text) {
        size_t n = strcspn(text, "\n");
        buf_printf(out, "#%s%.*s\n", n ? " " : "", (int)n, text);
        text += n + (text[n] != '\0');
    }
}

static void sample_key(const struct config_key *k, bool live, struct buf *out)
{
    buf_text(out, "\n");
    comment(out, k->help);
    buf_text(out, k->required ? "# (required: " : "# (");
    config_value_expected(k, out);
    buf_printf(out, ")\n%s%s =%s%s\n", live && k->required ? "" : "#", k->name, k->fallback ? " " : "",
               k->fallback ? k->fallback : "");
}

/* A heading may stand where nothing would be missing below it. */
static bool is_live(const struct config_section *s)
{
    bool live = !s->named;
    for (const struct config_key *k = s->keys; k->name; k++)
        live = live && !k->required;
    return live || s->required;
}

void config_sample(const struct config_table *table, struct buf *out)
{
    comment(out, table->help);
    comment(out, SYNTAX);
    for (const struct config_section *s = table->sections; s->name; s++) {
        bool live = is_live(s);
        buf_text(out, "\n\n");
        comment(out, s->help);
        if (s->named)
            buf_printf(out, "# (at most %zu sections of this kind, each with a name of its own)\n", s->most);
        buf_printf(out, "%s[%s%s%s]\n", live ? "" : "#", s->name, s->named ? " " : "", s->named ? s->sample_name : "");
        for (const struct config_key *k = s->keys; k->name; k++)
            sample_key(k, live, out);
    }
}
