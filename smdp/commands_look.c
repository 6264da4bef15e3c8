/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands that change nothing. */
#include "rsp/activation.h"
#include "rsp/ids.h"
#include "schema/rsp.h"
#include "server/host_commands.h"
#include "smdp/commands.h"
#include "smdp/records.h"
#include "smdp/server.h"
#include "server/shown.h"

/* -------------------------------------------------------------------------------- profiles */

static const char *code_text(const struct server *server, struct arena *a, const struct smdp_profile *p)
{
    const struct activation_code code = { .address = bytes_text(server->smdp.service.addresses[0]),
                                          .matching_id = p->matching_id, .confirmation_code = p->code };
    return bytes_present(p->matching_id) ? activation_code_text(a, &code, true) : NULL;
}

static int show_profile(const struct server *server, struct admin_session *s, const struct smdp_profile *p,
                        struct err *e)
{
    struct arena *a = s->arena;
    const struct shown rows[] = {
        SHOW_TEXT("iccid", iccid_text(a, p->iccid)),
        SHOW_TEXT("profileType", shown_text(a, p->type)),
        SHOW_TEXT("operator", shown_text(a, p->operator_name)),
        SHOW_TEXT("state", order_state_name(p->state)),
        SHOW_TEXT("since", shown_date(a, p->changed)),
        SHOW_TEXT("eid", bytes_present(p->eid) ? eid_text(a, p->eid) : NULL),
        SHOW_TEXT("matchingId", shown_text(a, p->matching_id)),
        SHOW_TEXT("activationCode", code_text(server, a, p)),
        { "confirmationCodeRequired", SHOWN_YES, p->code ? "" : NULL, true },
        SHOW_TEXT("smdsAddress", shown_text(a, p->smds)),
        { "eventRegistered", SHOWN_YES, bytes_present(p->smds) ? "" : NULL, p->event },
        SHOW_TEXT("expires", shown_date(a, p->expires)),
        SHOW_NUMBER("downloads", p->downloads),
        SHOW_NUMBER("wrongCodes", p->cc_tries),
        SHOW_TEXT("onCard", p->on_card),
        SHOW_END,
    };
    return show(s, rows, e);
}

int answer_profile(struct server *server, struct admin_session *s, struct bytes iccid, struct err *e)
{
    struct smdp_profile p;
    return smdp_profile(&server->smdp, s->arena, iccid, &p, e) != 0 ? -1 : show_profile(server, s, &p, e);
}

int command_show(void *context, struct admin_session *s, struct err *e)
{
    struct bytes iccid;
    return command_iccid(s, &iccid, e) != 0 ? -1 : answer_profile(context, s, iccid, e);
}

static int state_of(const char *name, struct err *e)
{
    for (int i = 0; i < ORDER_STATES; i++)
        if (bytes_equal_nocase(bytes_text(order_state_name((enum order_state)i)), bytes_text(name)))
            return i;
    return err_set(e, ERR_USAGE, "SGP.22 3.1.6", "\"%s\" is no state of an order, such as Available or Released", name);
}

static int list_line(struct admin_session *s, const struct smdp_profile *p, struct err *e)
{
    return admin_print(s, e, "%-20s %-12s %-32s %s\n", iccid_text(s->arena, p->iccid), order_state_name(p->state),
                       bytes_present(p->eid) ? eid_text(s->arena, p->eid) : "-", text_plain(s->arena, p->type));
}

static int list_page(void *of, struct admin_session *s, int64_t *after, void *context, struct err *e)
{
    struct server *server = server_of(of);
    const int *state = context;
    struct smdp_profile *p;
    size_t n;
    if (smdp_profiles(&server->smdp, s->arena, *state, after, HOST_PAGE_ROWS, &p, &n, e) != 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if ((admin_option(s, "json") ? show_profile(server, s, &p[i], e) : list_line(s, &p[i], e)) != 0)
            return -1;
    return n == HOST_PAGE_ROWS;
}

int command_list(void *context, struct admin_session *s, struct err *e)
{
    const char *name = admin_option(s, "state");
    int state = name ? state_of(name, e) : -1;
    return name && state < 0 ? -1 : host_pages(context, s, list_page, 0, &state, e);
}

int command_statistics(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = server_of(context);
    struct shown rows[ORDER_STATES + 3] = { 0 };
    int64_t n;
    for (int i = 0; i < ORDER_STATES; i++) {
        if (smdp_count(&server->smdp, (enum order_state)i, &n, e) != 0)
            return -1;
        rows[i] = (struct shown)SHOW_NUMBER(order_state_name((enum order_state)i), n);
    }
    static const char *const names[] = { "messagesWaiting", "messagesGivenUp" };
    static const enum outbox_state states[] = { OUTBOX_WAITING, OUTBOX_DEAD };
    for (int i = 0; i < 2; i++) {
        if (outbox_count(server->host.outbox, BYTES_NONE, states[i], &n, e) != 0)
            return -1;
        rows[ORDER_STATES + i] = (struct shown)SHOW_NUMBER(names[i], n);
    }
    return show(s, rows, e);
}

/* ---------------------------------------------------------------------- operators and types */

/* 1 << 1 | 1 << 3 -> "1,3" */
static const char *points_text(struct arena *a, int64_t points)
{
    struct buf out = buf_in(a);
    for (unsigned i = 1; i <= 4; i++)
        if (points >> i & 1)
            buf_printf(&out, "%s%u", out.n ? "," : "", i);
    return out.n ? buf_str(&out) : NULL;
}

static int show_operator(struct admin_session *s, const struct smdp_operator_seen *o, struct err *e)
{
    struct arena *a = s->arena;
    const struct shown rows[] = {
        SHOW_TEXT("operator", shown_text(a, o->name)),
        SHOW_TEXT("knownBy", o->by_names ? "names" : "certificate"),
        SHOW_TO_PROGRAMS("sha256", shown_hex(a, o->identity)),
        SHOW_TEXT("url", shown_text(a, o->url)),
        SHOW_TEXT("points", points_text(a, o->points)),
        SHOW_NUMBER("maxWrongCodes", o->limits.cc_tries),
        SHOW_NUMBER("maxDownloads", o->limits.downloads),
        SHOW_SECONDS("orderLifetime", o->limits.lifetime),
        SHOW_END,
    };
    return show(s, rows, e);
}

static int show_type(struct admin_session *s, const struct smdp_type_seen *t, struct err *e)
{
    static const char *const classes[] = { "test", "provisioning", "operational" };
    struct arena *a = s->arena;
    const struct shown rows[] = {
        SHOW_TEXT("profileType", shown_text(a, t->name)),
        SHOW_TEXT("operator", shown_text(a, t->operator_name)),
        SHOW_TEXT("serviceProviderName", shown_text(a, t->service_provider_name)),
        SHOW_TEXT("profileName", shown_text(a, t->profile_name)),
        SHOW_TEXT("profileClass", t->profile_class >= 0 && t->profile_class < 3 ? classes[t->profile_class] : NULL),
        SHOW_NUMBER("profiles", t->profiles),
        SHOW_NUMBER("available", t->available),
        SHOW_YES("profileProtectionKeys", t->ppk),
        SHOW_YES("bindOnce", t->bind_once),
        SHOW_YES("noFieldTest", t->no_field_test),
        SHOW_NUMBER("maxWrongCodes", t->limits.cc_tries),
        SHOW_NUMBER("maxDownloads", t->limits.downloads),
        SHOW_SECONDS("orderLifetime", t->limits.lifetime),
        SHOW_END,
    };
    return show(s, rows, e);
}

int answer_operator(struct server *server, struct admin_session *s, const char *name, struct err *e)
{
    struct smdp_operator_seen o;
    return smdp_operator_see(&server->smdp, s->arena, name, &o, e) != 0 ? -1 : show_operator(s, &o, e);
}

int answer_type(struct server *server, struct admin_session *s, const char *name, struct err *e)
{
    struct smdp_type_seen t;
    return smdp_type_see(&server->smdp, s->arena, name, &t, e) != 0 ? -1 : show_type(s, &t, e);
}

static int operators_page(void *of, struct admin_session *s, int64_t *after, void *context,
                          struct err *e)
{
    struct server *server = server_of(of);
    struct smdp_operator_seen *o;
    size_t n;
    bool first = *after == 0;
    (void)context;
    if (smdp_operators(&server->smdp, s->arena, after, HOST_PAGE_ROWS, &o, &n, e) != 0)
        return -1;
    for (size_t i = 0; i < n; i++, first = false)
        if (show_gap(s, first, e) != 0 || show_operator(s, &o[i], e) != 0)
            return -1;
    return n == HOST_PAGE_ROWS;
}

int command_operators(void *context, struct admin_session *s, struct err *e)
{
    return host_pages(context, s, operators_page, 0, NULL, e);
}

/* One by one, since each is read with its package. */
static int types_page(void *of, struct admin_session *s, int64_t *after, void *context,
                      struct err *e)
{
    struct server *server = server_of(of);
    struct smdp_type_seen *t;
    size_t n;
    bool first = *after == 0;
    (void)context;
    if (smdp_types(&server->smdp, s->arena, after, 1, &t, &n, e) != 0)
        return -1;
    return n == 0 ? 0 : show_gap(s, first, e) != 0 || show_type(s, t, e) != 0 ? -1 : 1;
}

int command_types(void *context, struct admin_session *s, struct err *e)
{
    return host_pages(context, s, types_page, 0, NULL, e);
}

/* ----------------------------------------------------------------------------------- audit */

int command_verify_audit(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = server_of(context);
    uint8_t link[STORE_CHAIN];
    int64_t n, profiles;
    if (audit_verify_to(server->smdp.service.store, KIND_AUDIT, &n, link, e) != 0 ||
        smdp_profiles_verify(&server->smdp, &profiles, e) != 0)
        return -1;
    const struct shown rows[] = { SHOW_NUMBER("records", n), SHOW_NUMBER("profiles", profiles),
                                  SHOW_TEXT("chain", hex_encode(s->arena, BYTES_OF(link))), SHOW_END };
    if (!admin_option(s, "json") && admin_print(s, e, "the chain is whole\n") != 0)
        return -1;
    return show(s, rows, e);
}
