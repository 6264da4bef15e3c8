/* SPDX-License-Identifier: Apache-2.0 */
#include "smdp/commands.h"

#include "rsp/ids.h"
#include "rsp/refusal.h"
#include "server/host_commands.h"
#include "smdp/server.h"
#include "server/shown.h"

enum { PIECE_MEMORY = 1 << 20, YEARS_MAX = 100, SECONDS_MAX = YEARS_MAX * 365 * 86400u };

/* ---------------------------------------------------------------------- words and answers */

static int seconds_of(const struct admin_session *s, const char *name, int64_t otherwise, int64_t *out, struct err *e)
{
    const char *text = admin_option(s, name);
    uint64_t n;
    *out = otherwise;
    if (!text)
        return 0;
    if (duration_decode(bytes_text(text), SECONDS_MAX, &n, e) != 0)
        return err_within(e, "--%s", name);
    *out = (int64_t)n;
    return 0;
}

static int limits_of(const struct admin_session *s, int64_t otherwise, struct smdp_limits *l, struct err *e)
{
    return host_number(s, "codes", otherwise, &l->cc_tries, e) != 0 ||
                   host_number(s, "downloads", otherwise, &l->downloads, e) != 0 ||
                   seconds_of(s, "lifetime", otherwise, &l->lifetime, e) != 0
               ? -1
               : 0;
}

int command_iccid(const struct admin_session *s, struct bytes *out, struct err *e)
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

/* A refusal of the standard as a sentence, with its code and what to do. */
static int refusal_told(struct err *e)
{
    if (!rsp_is_refusal(e->code))
        return -1;
    const struct rsp_refusal *r = rsp_refusal_of(e->code);
    err_next(e, "%s", r->next);
    e->code = ERR_WRONG_STATE;
    return err_within(e, "refused with %s/%s", r->subject, r->reason);
}

/* --------------------------------------------------------------------- operators and types */

static int operator_read(struct admin_session *s, int64_t otherwise, struct smdp_operator *o, struct err *e)
{
    *o = (struct smdp_operator){ .name = s->words[0], .url = admin_option(s, "url"),
                                 .by_names = admin_option(s, "by-names") };
    if (host_number(s, "points", otherwise, &o->points, e) != 0 || limits_of(s, otherwise, &o->limits, e) != 0 ||
        data_of(s, &o->certificate, e) != 0)
        return -1;
    if (!o->certificate.n)
        o->certificate = BYTES_NONE;
    return 0;
}

static int add_operator(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = server_of(context);
    struct smdp_operator o;
    if (operator_read(s, 0, &o, e) != 0)
        return -1;
    if (!bytes_present(o.certificate))
        return err_set(e, ERR_USAGE, NULL, "an operator needs its certificate");
    return smdp_add_operator(&server->smdp, s->arena, &o, e) != 0 ? -1 : answer_operator(server, s, o.name, e);
}

static int change_operator(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = server_of(context);
    struct smdp_operator o;
    if (operator_read(s, SMDP_KEEP, &o, e) != 0)
        return -1;
    if (o.by_names && !bytes_present(o.certificate))
        return err_set(e, ERR_USAGE, NULL, "--by-names needs the certificate that has the names: --cert FILE");
    return smdp_change_operator(&server->smdp, s->arena, &o, e) != 0 ? -1 : answer_operator(server, s, o.name, e);
}

static int add_type(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = server_of(context);
    const char *metadata = admin_option(s, "metadata");
    struct smdp_type t = { .name = s->words[0],
                           .operator_name = admin_option(s, "operator"),
                           .ppk = admin_option(s, "ppk"),
                           .bind_once = admin_option(s, "bind-once"),
                           .no_field_test = admin_option(s, "no-field-test") };
    if (!t.operator_name || !metadata)
        return err_set(e, ERR_USAGE, NULL, "a profile type needs its operator and its metadata");
    if (limits_of(s, 0, &t.limits, e) != 0 || hex_decode(s->arena, bytes_text(metadata), &t.metadata, e) != 0 ||
        data_of(s, &t.upp, e) != 0)
        return -1;
    return smdp_add_type(&server->smdp, s->arena, &t, e) != 0 ? -1 : answer_type(server, s, t.name, e);
}

/* ----------------------------------------------------------------------------- importing */

static int tell_progress(struct admin_session *s, const struct smdp_imported *done, struct err *e)
{
    return done->there ? admin_progress(s, e, "%zu profiles added, %zu already there", done->added, done->there)
                       : admin_progress(s, e, "%zu profiles added", done->added);
}

/* Piece by piece, so that a list of millions needs no memory; tells how far it is. */
static int import_pieces(struct smdp_import *i, struct admin_session *s, struct smdp_imported *done, struct err *e)
{
    struct arena *a = arena_new(PIECE_MEMORY);
    struct bytes piece;
    int more = a ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for a list of profiles");
    while (more == 0 && (more = admin_read(s, a, &piece, e)) == 0) {
        more = smdp_import_take(i, piece, done, e);
        arena_reset(a);
        if (more == 0)
            more = tell_progress(s, done, e);
    }
    arena_free(a);
    return more == 1 ? smdp_import_end(i, done, e) : -1;
}

static int import(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = server_of(context);
    struct smdp_import *i;
    struct smdp_imported done = { 0 };
    if (smdp_import_new(&server->smdp, s->words[0], &i, e) != 0)
        return -1;
    int result = import_pieces(i, s, &done, e);
    smdp_import_free(i);
    const struct shown rows[] = { SHOW_NUMBER("added", (int64_t)done.added),
                                  SHOW_SOME("alreadyThere", (int64_t)done.there),
                                  SHOW_SOME("otherValues", (int64_t)done.other), SHOW_END };
    if (result != 0)
        err_next(e, "correct the list and give it again; what is there already stays");
    else if (done.other)
        result = err_set(e, ERR_EXISTS, NULL,
                         "%zu profiles are there with other values, such as %s, and stay as they are; next: find out "
                         "which values are right", done.other, done.first_other);
    return show(s, rows, result == 0 ? e : NULL) == 0 ? result : -1;
}

/* --------------------------------------------------------------------------------- orders */

static int optional_id(int (*read)(struct arena *, struct bytes, struct bytes *, struct err *), struct admin_session *s,
                       const char *name, struct bytes *out, struct err *e)
{
    const char *text = admin_option(s, name);
    return text && read(s->arena, bytes_text(text), out, e) != 0 ? err_within(e, "--%s", name) : 0;
}

static int order(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = server_of(context);
    struct smdp_ordered ordered;
    struct smdp_order o = { .type = admin_option(s, "type"),
                            .matching_id = bytes_text(admin_option(s, "matching-id")),
                            .code = bytes_text(admin_option(s, "code")),
                            .smds = bytes_text(admin_option(s, "smds")),
                            .release = admin_option(s, "release") };
    if (!o.type && !admin_option(s, "iccid"))
        return err_set(e, ERR_USAGE, NULL, "order needs --type NAME or --iccid ICCID");
    if (optional_id(iccid_from_text, s, "iccid", &o.iccid, e) != 0 ||
        optional_id(eid_from_text, s, "eid", &o.eid, e) != 0)
        return -1;
    if (smdp_order(&server->smdp, s->arena, &o, &ordered, e) != 0)
        return refusal_told(e);
    return answer_profile(server, s, ordered.iccid, e);
}

/* What changes a profile answers with what it is then. */
static int changed(struct server *server, struct admin_session *s, int result, struct bytes iccid, struct err *e)
{
    return result != 0 ? refusal_told(e) : answer_profile(server, s, iccid, e);
}

static int release(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = server_of(context);
    struct bytes iccid;
    return command_iccid(s, &iccid, e) != 0
               ? -1
               : changed(server, s, smdp_release(&server->smdp, s->arena, iccid, e), iccid, e);
}

static int cancel(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = server_of(context);
    struct bytes iccid;
    if (command_iccid(s, &iccid, e) != 0)
        return -1;
    return changed(server, s, smdp_cancel(&server->smdp, s->arena, iccid, admin_option(s, "unavailable"), e), iccid, e);
}

static int expire(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = server_of(context);
    struct bytes iccid;
    int64_t in, now = server->smdp.service.now(server->smdp.service.context);
    if (admin_option(s, "never") && admin_option(s, "in"))
        return err_set(e, ERR_USAGE, NULL, "--in and --never exclude each other");
    if (command_iccid(s, &iccid, e) != 0 || seconds_of(s, "in", -1, &in, e) != 0)
        return -1;
    int64_t at = admin_option(s, "never") ? 0 : now + in;
    return changed(server, s, smdp_set_expiry(&server->smdp, s->arena, iccid, at, e), iccid, e);
}

static int rearm(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = server_of(context);
    struct bytes iccid;
    return command_iccid(s, &iccid, e) != 0
               ? -1
               : changed(server, s, smdp_rearm(&server->smdp, s->arena, iccid, e), iccid, e);
}

#define LIMITS "codes downloads lifetime"

const struct admin_command smdp_commands[] = {
    { "add-operator", "a name", 1, 1, "json url points by-names " LIMITS, add_operator },
    { "change-operator", "a name", 1, 1, "json url points by-names " LIMITS, change_operator },
    { "add-type", "a name", 1, 1, "json operator metadata ppk bind-once no-field-test " LIMITS, add_type },
    { "import", "a profile type", 1, 1, "json", import },
    { "order", "no words", 0, 0, "json type iccid eid matching-id code smds release", order },
    { "release", "an ICCID", 1, 1, "json", release },
    { "cancel", "an ICCID", 1, 1, "json unavailable", cancel },
    { "expire", "an ICCID", 1, 1, "json in never", expire },
    { "rearm", "an ICCID", 1, 1, "json", rearm },
    { "show", "an ICCID", 1, 1, "json", command_show },
    { "list", "no words", 0, 0, "json state", command_list },
    { "statistics", "no words", 0, 0, "json", command_statistics },
    { "operators", "no words", 0, 0, "json", command_operators },
    { "types", "no words", 0, 0, "json", command_types },
    { "outbox", "perhaps a destination", 0, 1, "json", host_command_outbox },
    { "retry", "a destination", 1, 1, "json dead", host_command_retry },
    { "lists", "no words", 0, 0, "json reload", host_command_lists },
    { "verify-audit", "no words", 0, 0, "json", command_verify_audit },
    { "export-audit", "no words", 0, 0, "json after", host_command_export_audit },
    { .name = NULL },
};
