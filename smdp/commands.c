/* SPDX-License-Identifier: Apache-2.0 */
#include "smdp/commands.h"

#include <stdlib.h>
#include <time.h>

#include "base/json.h"
#include "rsp/ids.h"
#include "rsp/refusal.h"
#include "smdp/core.h"
#include "smdp/server.h"

enum { PAGE_ROWS = 200, PIECE_MEMORY = 1 << 20, PROGRESS_LINES = 10000 };

/* ---------------------------------------------------------------------- words and answers */

/* The value of an option among the words, or NULL. */
static const char *option(const struct admin_session *s, const char *name)
{
    size_t n = strlen(name);
    for (int i = 0; i < s->n; i++)
        if (strncmp(s->words[i], name, n) == 0 && s->words[i][n] == '=')
            return s->words[i] + n + 1;
    return NULL;
}

static bool is_set(const struct admin_session *s, const char *name)
{
    return option(s, name) != NULL;
}

static int number(const struct admin_session *s, const char *name, int64_t *out, struct err *e)
{
    const char *text = option(s, name);
    uint64_t n = 0;
    int bad = text ? decimal_decode(bytes_text(text), INT32_MAX, &n, e) : 0;
    *out = (int64_t)n;
    return bad ? err_within(e, "%s", name) : 0;
}

static int limits_of(const struct admin_session *s, struct smdp_limits *l, struct err *e)
{
    return number(s, "codes", &l->cc_tries, e) != 0 || number(s, "downloads", &l->downloads, e) != 0 ||
                   number(s, "lifetime", &l->lifetime, e) != 0
               ? -1
               : 0;
}

static int iccid_of(const struct admin_session *s, struct bytes *out, struct err *e)
{
    return iccid_from_text(s->arena, bytes_text(s->words[0]), out, e);
}

/* All the data that came with the request. */
static int data_of(struct admin_session *s, struct bytes *out, struct err *e)
{
    struct buf all = buf_in(s->arena);
    struct bytes piece;
    int more;
    while ((more = admin_read(s, s->arena, &piece, e)) == 0)
        buf_add(&all, piece);
    if (more < 0)
        return -1;
    *out = buf_bytes(&all);
    return out->p ? 0 : err_set(e, ERR_LIMIT, NULL, "the file is larger than this command takes");
}

/* One thing that is shown: its members, ended by one without name.  `text` NULL: left out. */
struct shown {
    const char *name, *text;
    bool number;
};

static const char *as_json(struct arena *a, const struct shown *m)
{
    struct buf out = buf_in(a);
    bool first = true;
    buf_u8(&out, '{');
    for (; m->name; m++) {
        if (!m->text)
            continue;
        json_name(&out, m->name, &first);
        if (m->number)
            buf_text(&out, m->text);
        else
            json_string(&out, bytes_text(m->text));
    }
    buf_u8(&out, '}');
    return buf_str(&out);
}

static const char *as_lines(struct arena *a, const struct shown *m)
{
    struct buf out = buf_in(a);
    for (; m->name; m++)
        if (m->text)
            buf_printf(&out, "%-13s %s\n", m->name, m->text);
    return buf_str(&out);
}

static int show(struct admin_session *s, const struct shown *m, struct err *e)
{
    bool json = is_set(s, "json");
    const char *text = json ? as_json(s->arena, m) : as_lines(s->arena, m);
    if (!text)
        return err_set(e, ERR_MEMORY, NULL, "no memory for an answer");
    return admin_print(s, e, json ? "%s\n" : "%s", text);
}

static const char *text_of(struct arena *a, struct bytes b)
{
    return bytes_present(b) ? arena_text(a, b) : NULL;
}

static const char *number_text(struct arena *a, int64_t n)
{
    return arena_printf(a, "%lld", (long long)n);
}

static const char *date_text(struct arena *a, int64_t seconds)
{
    struct tm t;
    time_t clock = (time_t)seconds;
    if (seconds == 0 || !gmtime_r(&clock, &t))
        return NULL;
    return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour,
                        t.tm_min, t.tm_sec);
}

/* --------------------------------------------------------------------- operators and types */

static int add_operator(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = context;
    struct smdp_operator o = { .name = s->words[0], .url = option(s, "url"), .by_names = is_set(s, "by-names") };
    int64_t points;
    if (number(s, "points", &points, e) != 0 || limits_of(s, &o.limits, e) != 0 ||
        data_of(s, &o.certificate, e) != 0)
        return -1;
    o.points = (unsigned)points;
    return smdp_add_operator(&server->smdp, s->arena, &o, e);
}

static int add_type(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = context;
    const char *metadata = option(s, "metadata");
    struct smdp_type t = { .name = s->words[0],
                           .operator_name = option(s, "operator"),
                           .ppk = is_set(s, "ppk"),
                           .bind_once = is_set(s, "bind-once"),
                           .no_field_test = is_set(s, "no-field-test") };
    if (!t.operator_name || !metadata)
        return err_set(e, ERR_USAGE, NULL, "a profile type needs its operator and its metadata");
    if (limits_of(s, &t.limits, e) != 0 || hex_decode(s->arena, bytes_text(metadata), &t.metadata, e) != 0 ||
        data_of(s, &t.upp, e) != 0)
        return -1;
    return smdp_add_type(&server->smdp, s->arena, &t, e);
}

/* ----------------------------------------------------------------------------- importing */

/* Piece by piece, so that a list of millions needs no memory; tells how far it is. */
static int import_pieces(struct smdp_import *i, struct admin_session *s, struct smdp_imported *done, struct err *e)
{
    struct arena *a = arena_new(PIECE_MEMORY);
    struct bytes piece;
    size_t told = 0;
    int more = a ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for a list of profiles");
    while (more == 0 && (more = admin_read(s, a, &piece, e)) == 0) {
        more = smdp_import_take(i, piece, done, e);
        arena_reset(a);
        if (more == 0 && done->lines - told >= PROGRESS_LINES && !is_set(s, "json")) {
            told = done->lines;
            more = admin_print(s, e, "%zu lines read, %zu profiles added ..\n", done->lines, done->added);
        }
    }
    arena_free(a);
    return more == 1 ? smdp_import_end(i, done, e) : -1;
}

static int import(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = context;
    struct smdp_import *i;
    struct smdp_imported done = { 0 };
    if (smdp_import_new(&server->smdp, s->words[0], &i, e) != 0)
        return -1;
    int result = import_pieces(i, s, &done, e);
    smdp_import_free(i);
    const struct shown rows[] = { { "added", number_text(s->arena, (int64_t)done.added), true },
                                  { "there already", number_text(s->arena, (int64_t)done.there), true },
                                  { NULL, NULL, false } };
    if (result == 0 || done.added)
        return show(s, rows, NULL) == 0 ? result : -1;
    return result;
}

/* --------------------------------------------------------------------------------- orders */

static int show_profile(struct admin_session *s, const struct smdp_profile *p, struct err *e)
{
    struct arena *a = s->arena;
    const struct shown rows[] = {
        { "iccid", iccid_text(a, p->iccid), false },
        { "type", text_of(a, p->type), false },
        { "operator", text_of(a, p->operator_name), false },
        { "state", order_state_name(p->state), false },
        { "since", date_text(a, p->changed), false },
        { "eid", bytes_present(p->eid) ? eid_text(a, p->eid) : NULL, false },
        { "matching id", text_of(a, p->matching_id), false },
        { "code", p->code ? "needed" : NULL, false },
        { "sm-ds", text_of(a, p->smds), false },
        { "event", p->smds.p ? p->event ? "registered" : "not registered" : NULL, false },
        { "expires", date_text(a, p->expires), false },
        { "downloads", number_text(a, p->downloads), true },
        { "wrong codes", number_text(a, p->cc_tries), true },
        { "on the card", p->on_card, false },
        { NULL, NULL, false },
    };
    return show(s, rows, e);
}

static int show_one(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = context;
    struct smdp_profile p;
    struct bytes iccid;
    if (iccid_of(s, &iccid, e) != 0 || smdp_profile(&server->smdp, s->arena, iccid, &p, e) != 0)
        return -1;
    return show_profile(s, &p, e);
}

static int state_of(const char *name, struct err *e)
{
    for (int i = 0; i < ORDER_STATES; i++)
        if (bytes_equal_nocase(bytes_text(order_state_name((enum order_state)i)), bytes_text(name)))
            return i;
    return err_set(e, ERR_USAGE, "SGP.22 3.1.6", "\"%s\" is no state of an order, such as Available or Released", name);
}

static int list_page(struct server *server, struct admin_session *s, int state, int64_t *after, struct err *e)
{
    struct smdp_profile *p;
    size_t n;
    if (smdp_profiles(&server->smdp, s->arena, state, after, PAGE_ROWS, &p, &n, e) != 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        int result = is_set(s, "json")
                         ? show_profile(s, &p[i], e)
                         : admin_print(s, e, "%-20s %-12s %-32s %.*s\n", iccid_text(s->arena, p[i].iccid),
                                       order_state_name(p[i].state),
                                       bytes_present(p[i].eid) ? eid_text(s->arena, p[i].eid) : "-",
                                       (int)p[i].type.n, p[i].type.p);
        if (result != 0)
            return -1;
    }
    return n == PAGE_ROWS;
}

/* All profiles, or those in a state; a page at a time, so that the list may be long. */
static int list(void *context, struct admin_session *s, struct err *e)
{
    struct arena *request = s->arena;
    int state = option(s, "state") ? state_of(option(s, "state"), e) : -1, more = 1;
    int64_t after = 0;
    if (option(s, "state") && state < 0)
        return -1;
    while (more == 1) {
        s->arena = arena_new(PIECE_MEMORY);
        more = s->arena ? list_page(context, s, state, &after, e)
                        : err_set(e, ERR_MEMORY, NULL, "no memory for a page");
        arena_free(s->arena);
    }
    s->arena = request;
    return more;
}

static int statistics(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = context;
    struct shown rows[ORDER_STATES + 3] = { 0 };
    int64_t n;
    for (int i = 0; i < ORDER_STATES; i++) {
        if (smdp_count(&server->smdp, (enum order_state)i, &n, e) != 0)
            return -1;
        rows[i] = (struct shown){ order_state_name((enum order_state)i), number_text(s->arena, n), true };
    }
    static const char *const names[] = { "to be told", "given up" };
    static const enum outbox_state states[] = { OUTBOX_WAITING, OUTBOX_DEAD };
    for (int i = 0; i < 2; i++) {
        if (outbox_count(server->outbox, BYTES_NONE, states[i], &n, e) != 0)
            return -1;
        rows[ORDER_STATES + i] = (struct shown){ names[i], number_text(s->arena, n), true };
    }
    return show(s, rows, e);
}

static int expire(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = context;
    struct bytes iccid;
    int64_t in;
    if (iccid_of(s, &iccid, e) != 0 || number(s, "in", &in, e) != 0)
        return -1;
    int64_t at = server->smdp.now(server->smdp.context) + (is_set(s, "in") ? in : -1);
    return smdp_set_expiry(&server->smdp, s->arena, iccid, is_set(s, "never") ? 0 : at, e);
}

static int rearm(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = context;
    struct bytes iccid;
    return iccid_of(s, &iccid, e) != 0 ? -1 : smdp_rearm(&server->smdp, s->arena, iccid, e);
}

/* ------------------------------------------------------------------------- audit, outbox */

static int verify_audit(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = context;
    int64_t n;
    if (audit_verify(server->smdp.store, KIND_AUDIT, &n, e) != 0)
        return -1;
    if (!is_set(s, "json"))
        return admin_print(s, e, "%lld records, the chain is whole\n", (long long)n);
    return show(s, (const struct shown[]){ { "records", number_text(s->arena, n), true }, { NULL, NULL, false } }, e);
}

static int retry(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = context;
    int64_t n;
    if (outbox_retry(server->outbox, bytes_text(s->words[0]), is_set(s, "dead"), &n, e) != 0)
        return -1;
    return admin_print(s, e, "%lld messages are tried again\n", (long long)n);
}

static int lanes(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = context;
    struct outbox_lane *lane;
    size_t n;
    if (outbox_lanes(server->outbox, s->arena, &lane, &n, e) != 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        int64_t waiting, aside, dead;
        if (outbox_count(server->outbox, lane[i].name, OUTBOX_WAITING, &waiting, e) != 0 ||
            outbox_count(server->outbox, lane[i].name, OUTBOX_ASIDE, &aside, e) != 0 ||
            outbox_count(server->outbox, lane[i].name, OUTBOX_DEAD, &dead, e) != 0)
            return -1;
        const struct shown rows[] = { { "destination", text_of(s->arena, lane[i].name), false },
                                      { "waiting", number_text(s->arena, waiting), true },
                                      { "refused", number_text(s->arena, aside), true },
                                      { "given up", number_text(s->arena, dead), true },
                                      { "failures", number_text(s->arena, lane[i].failures), true },
                                      { "next try", date_text(s->arena, lane[i].until), false },
                                      { NULL, NULL, false } };
        if (show(s, rows, e) != 0)
            return -1;
    }
    return 0;
}

enum { OPTIONS = 16 };

const struct admin_command smdp_commands[] = {
    { "add-operator", "a name", 1, 1 + OPTIONS, add_operator },
    { "add-type", "a name", 1, 1 + OPTIONS, add_type },
    { "import", "a profile type", 1, 1 + OPTIONS, import },
    { "show", "an ICCID", 1, 1 + OPTIONS, show_one },
    { "list", "options", 0, OPTIONS, list },
    { "statistics", "options", 0, OPTIONS, statistics },
    { "expire", "an ICCID", 1, 1 + OPTIONS, expire },
    { "rearm", "an ICCID", 1, 1 + OPTIONS, rearm },
    { "verify-audit", "options", 0, OPTIONS, verify_audit },
    { "outbox", "options", 0, OPTIONS, lanes },
    { "retry", "a destination", 1, 1 + OPTIONS, retry },
    { NULL, NULL, 0, 0, NULL },
};
