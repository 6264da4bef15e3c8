/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "server/audit.h"
#include "server/host_commands.h"
#include "server/service.h"
#include "server/shown.h"

int host_number(const struct admin_session *s, const char *name, int64_t otherwise, int64_t *out, struct err *e)
{
    const char *text = admin_option(s, name);
    uint64_t n;
    *out = otherwise;
    if (!text)
        return 0;
    if (decimal_decode(bytes_text(text), INT32_MAX, &n, e) != 0)
        return err_within(e, "--%s", name);
    *out = (int64_t)n;
    return 0;
}

static int show_audit(struct host *host, struct admin_session *s, const struct store_record *r, struct err *e)
{
    struct arena *a = s->arena;
    const char *about = NULL, *name = "subject";
    if (bytes_present(r->v[AUDIT_SUBJECT].b))
        name = host->program->audited(a, r->v[AUDIT_SUBJECT].b, &about);
    const struct shown rows[] = {
        SHOW_NUMBER("number", r->serial),
        SHOW_NUMBER("time", r->v[AUDIT_TIME].i),
        SHOW_TEXT("date", shown_date(a, r->v[AUDIT_TIME].i)),
        SHOW_TEXT("actor", shown_text(a, r->v[AUDIT_ACTOR].b)),
        SHOW_TEXT("action", shown_text(a, r->v[AUDIT_ACTION].b)),
        SHOW_TEXT("outcome", shown_text(a, r->v[AUDIT_OUTCOME].b)),
        SHOW_TEXT(name, about),
        SHOW_TEXT("subject", hex_encode(a, r->v[AUDIT_SUBJECT].b)),
        SHOW_TEXT("batch", shown_hex(a, r->v[AUDIT_BATCH].b)),
        SHOW_TEXT("chain", shown_hex(a, r->v[AUDIT_LINK].b)),
        SHOW_END,
    };
    return show_json(s, rows, e);
}

static int audit_page(void *of, struct admin_session *s, int64_t *after, void *context, struct err *e)
{
    struct host *host = of;
    const struct store_query q = { .kind = host->service->role->audit, .after = *after, .limit = HOST_PAGE_ROWS };
    struct store_records page;
    (void)context;
    if (store_find(host->service->store, s->arena, &q, &page, e) != 0)
        return -1;
    for (size_t i = 0; i < page.n; i++)
        if (show_audit(host, s, &page.items[i], e) != 0)
            return -1;
    *after = page.n ? page.items[page.n - 1].serial : *after;
    return page.n == HOST_PAGE_ROWS;
}

int host_command_export_audit(void *host, struct admin_session *s, struct err *e)
{
    int64_t after;
    return host_number(s, "after", 0, &after, e) != 0 ? -1 : host_pages(host, s, audit_page, after, NULL, e);
}
