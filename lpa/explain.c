/* SPDX-License-Identifier: Apache-2.0 */
#include "lpa/explain.h"

#include <stdio.h>

#include "rsp/explain.h"

static void head(struct buf *out, const struct lpa_message *m, size_t width)
{
    bool answer = m->from_card || m->from_server;
    const char *from = m->from_card ? "eUICC" : m->from_server ? m->peer : "LPA";
    const char *to = m->to_card ? "eUICC" : m->to_server ? m->peer : "LPA";
    explain_head(out, from, to, arena_printf(out->arena, "%s.%s", m->interface, m->function), answer, width);
}

static void body(struct buf *out, const struct lpa_message *m, size_t width)
{
    bool http = m->to_server || m->from_server;
    if (m->type)
        explain_der(out, m->type, m->der, width);
    else if (http && m->text.n)
        explain_json(out, m->http, m->from_server, m->text, width);
    else
        buf_printf(out, "%s\n", m->text.n ? text_plain(out->arena, m->text) : "(no content)");
}

void lpa_explain(const struct lpa_message *m, size_t width)
{
    struct arena *a = arena_new(64 << 20);
    if (!a)
        return;
    struct buf out = buf_in(a);
    head(&out, m, width);
    body(&out, m, width);
    const char *text = buf_str(&out);
    fputs(text ? text : "(no memory to show it)\n", stdout);
    fflush(stdout);
    arena_free(a);
}
