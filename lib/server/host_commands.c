/* SPDX-License-Identifier: Apache-2.0 */
#include "server/host_commands.h"

#include "server/host_inside.h"
#include "server/shown.h"

enum { PAGE_MEMORY = 64 << 20 };

int host_pages(void *of, struct admin_session *s, host_page *one, int64_t after, void *context, struct err *e)
{
    struct arena *request = s->arena;
    int more = 1;
    s->arena = arena_new(PAGE_MEMORY);
    while (more == 1) {
        more = s->arena ? one(of, s, &after, context, e) : err_set(e, ERR_MEMORY, NULL, "no memory for a page");
        if (s->arena)
            arena_reset(s->arena);
    }
    arena_free(s->arena);
    s->arena = request;
    return more;
}

/* ---------------------------------------------------------------------------------- outbox */

static int lane_counts(struct host *host, const struct outbox_lane *lane, int64_t n[3], struct err *e)
{
    for (int state = OUTBOX_WAITING; state <= OUTBOX_DEAD; state++)
        if (outbox_count(host->outbox, lane->name, (enum outbox_state)state, &n[state], e) != 0)
            return -1;
    return 0;
}

static int show_lanes(struct host *host, struct admin_session *s, struct err *e)
{
    struct outbox_lane *lane;
    size_t n;
    int64_t count[3];
    if (outbox_lanes(host->outbox, s->arena, &lane, &n, e) != 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (show_gap(s, i == 0, e) != 0 || lane_counts(host, &lane[i], count, e) != 0)
            return -1;
        const struct shown rows[] = { SHOW_TEXT("destination", shown_text(s->arena, lane[i].name)),
                                      SHOW_NUMBER("waiting", count[OUTBOX_WAITING]),
                                      SHOW_NUMBER("refused", count[OUTBOX_ASIDE]),
                                      SHOW_NUMBER("givenUp", count[OUTBOX_DEAD]),
                                      SHOW_NUMBER("failures", lane[i].failures),
                                      SHOW_TEXT("nextTry", shown_date(s->arena, lane[i].until)),
                                      SHOW_END };
        if (show(s, rows, e) != 0)
            return -1;
    }
    return 0;
}

static int show_message(const struct host *host, struct admin_session *s, const struct outbox_message *m, struct err *e)
{
    static const char *const states[] = { "waiting", "refused", "given up" };
    struct arena *a = s->arena;
    const struct shown rows[] = { SHOW_TEXT("functionCallIdentifier", shown_hex(a, BYTES_OF(m->id))),
                                  SHOW_TEXT(host->program->subject, shown_text(a, m->subject)),
                                  SHOW_TEXT("state", states[m->state]),
                                  SHOW_TEXT("created", shown_date(a, m->created)),
                                  SHOW_NUMBER("tries", m->tries),
                                  SHOW_TEXT("nextTry", shown_date(a, m->due)),
                                  SHOW_TEXT("error", shown_text(a, m->error)),
                                  SHOW_END };
    return show(s, rows, e);
}

struct outbox_view {
    enum outbox_state state;
    struct outbox_place place;
    bool *first;
};

static int messages_page(void *of, struct admin_session *s, int64_t *after, void *context,
                         struct err *e)
{
    struct host *host = of;
    struct outbox_view *view = context;
    struct outbox_message *m;
    size_t n;
    (void)after;
    if (outbox_list(host->outbox, s->arena, bytes_text(s->words[0]), view->state, &view->place, HOST_PAGE_ROWS, &m,
                    &n, e) != 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (show_gap(s, *view->first, e) != 0 || show_message(host, s, &m[i], e) != 0)
            return -1;
        *view->first = false;
    }
    return n > 0;
}

int host_command_outbox(void *context, struct admin_session *s, struct err *e)
{
    bool first = true;
    if (s->n == 0)
        return show_lanes(context, s, e);
    for (int state = OUTBOX_WAITING; state <= OUTBOX_DEAD; state++) {
        struct outbox_view view = { .state = (enum outbox_state)state, .first = &first };
        if (host_pages(context, s, messages_page, 0, &view, e) != 0)
            return -1;
    }
    return 0;
}

int host_command_retry(void *context, struct admin_session *s, struct err *e)
{
    struct host *host = context;
    int64_t n;
    if (outbox_retry(host->outbox, bytes_text(s->words[0]), admin_option(s, "dead"), &n, e) != 0)
        return err_next(e, "%s outbox shows the destinations", host->program->name);
    return show(s, (const struct shown[]){ SHOW_NUMBER("messages", n), SHOW_END }, e);
}

/* ------------------------------------------------------------------------ revocation lists */

/* What came of a look for a newer list. */
static const char *list_look(struct host *host, struct arena *a, size_t source)
{
    struct err e;
    char text[sizeof e.where + sizeof e.what + 64];
    if (crl_keeper_load(host->parts->crls, source, &e) == 0)
        return "newer";
    return e.code == ERR_EXISTS ? "the same" : arena_text(a, bytes_text(err_text(&e, text, sizeof text)));
}

int host_command_lists(void *context, struct admin_session *s, struct err *e)
{
    struct host *host = context;
    size_t source = 0;
    for (size_t i = 0; i < host->n_sets; i++) {
        const struct set_settings *c = host->sets[i];
        if (!c->crl)
            continue;
        const char *found = admin_option(s, "reload") ? list_look(host, s->arena, source) : NULL;
        int64_t next = revocation_next_update(host->service->revocation, &host->service->sets->of[i].ci);
        const struct shown rows[] = { SHOW_TEXT("certificates", c->name),    SHOW_TEXT("crl", c->crl),
                                      SHOW_TEXT("found", found),             SHOW_YES("held", next != 0),
                                      SHOW_TEXT("nextUpdate", shown_date(s->arena, next)), SHOW_END };
        if (show_gap(s, source == 0, e) != 0 || show(s, rows, e) != 0)
            return -1;
        source++;
    }
    return source ? 0 : admin_option(s, "json") ? 0 : admin_print(s, e, "no [certificates] section names a crl\n");
}
