/* SPDX-License-Identifier: Apache-2.0 */
#include "server/shown.h"

#include "base/json.h"
#include "base/text.h"

static bool is_hidden(const struct shown *m)
{
    return !m->text;
}

/* What others sent may be no UTF-8; JSON always is. */
static void json_text(struct buf *out, struct bytes text)
{
    json_string(out, utf8_valid(text) ? text : bytes_text(text_plain(out->arena, text)));
}

static void json_value(struct buf *out, const struct shown *m)
{
    if (m->kind == SHOWN_TEXT || m->kind == SHOWN_TO_PROGRAMS)
        json_text(out, bytes_text(m->text));
    else if (m->kind == SHOWN_YES)
        buf_text(out, m->number ? "true" : "false");
    else
        buf_printf(out, "%lld", (long long)m->number);
}

static const char *as_json(struct arena *a, const struct shown *m)
{
    struct buf out = buf_in(a);
    bool first = true;
    buf_u8(&out, '{');
    for (; m->name; m++)
        if (!is_hidden(m)) {
            json_name(&out, m->name, &first);
            json_value(&out, m);
        }
    buf_text(&out, "}\n");
    return buf_str(&out);
}

/* "matchingId" -> "matching id" */
static const char *label(struct arena *a, const char *name)
{
    struct buf out = buf_in(a);
    for (; *name; name++) {
        bool capital = *name >= 'A' && *name <= 'Z';
        if (capital && out.n)
            buf_u8(&out, ' ');
        buf_u8(&out, (unsigned char)(capital && out.n ? *name - 'A' + 'a' : *name));
    }
    return buf_str(&out);
}

static const char *plain_value(struct arena *a, const struct shown *m)
{
    if (m->kind == SHOWN_TEXT)
        return text_plain(a, bytes_text(m->text));
    if (m->kind == SHOWN_YES)
        return m->number ? "yes" : "no";
    return m->kind == SHOWN_SECONDS ? duration_encode(a, (uint64_t)m->number)
                                    : arena_printf(a, "%lld", (long long)m->number);
}

static bool is_for_people(const struct shown *m)
{
    return !is_hidden(m) && (m->kind < SHOWN_SOME || m->number);
}

static const char *as_lines(struct arena *a, const struct shown *members)
{
    struct buf out = buf_in(a);
    size_t width = 0;
    for (const struct shown *m = members; m->name; m++) {
        const char *text = is_for_people(m) ? label(a, m->name) : "";
        width = text && strlen(text) > width ? strlen(text) : width;
    }
    for (const struct shown *m = members; m->name; m++) {
        if (!is_for_people(m))
            continue;
        const char *name = label(a, m->name), *value = plain_value(a, m);
        if (!name || !value)
            return NULL;
        buf_printf(&out, "%-*s  %s\n", (int)width, name, value);
    }
    return buf_str(&out);
}

static int answer(struct admin_session *s, const char *text, struct err *e)
{
    return text ? admin_write(s, bytes_text(text), e) : err_set(e, ERR_MEMORY, NULL, "no memory for an answer");
}

int show_json(struct admin_session *s, const struct shown *m, struct err *e)
{
    return answer(s, as_json(s->arena, m), e);
}

int show(struct admin_session *s, const struct shown *m, struct err *e)
{
    return answer(s, admin_option(s, "json") ? as_json(s->arena, m) : as_lines(s->arena, m), e);
}

const char *shown_text(struct arena *a, struct bytes b)
{
    return bytes_present(b) ? arena_text(a, b) : NULL;
}

const char *shown_hex(struct arena *a, struct bytes b)
{
    return bytes_present(b) ? hex_encode(a, b) : NULL;
}

const char *shown_date(struct arena *a, int64_t seconds)
{
    return seconds ? date_encode(a, seconds) : NULL;
}

int show_gap(struct admin_session *s, bool first, struct err *e)
{
    return first || admin_option(s, "json") ? 0 : admin_print(s, e, "\n");
}
