/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/asn1.h"
#include "rsp/ids.h"
#include "server/audit.h"
#include "server/host_commands.h"
#include "server/shown.h"
#include "smds/records.h"
#include "smds/server.h"

static int show_event(struct admin_session *s, const struct store_record *r, struct err *e)
{
    struct arena *a = s->arena;
    const struct shown rows[] = {
        SHOW_TEXT("eventId", shown_text(a, r->v[EVENT_ID].b)),
        SHOW_TEXT("owner", asn1_oid_text(a, r->v[EVENT_OWNER].b)),
        SHOW_TEXT("rspServerAddress", shown_text(a, r->v[EVENT_ADDRESS].b)),
        SHOW_TEXT("rootEventId", shown_text(a, r->v[EVENT_ROOT_ID].b)),
        SHOW_TEXT("state", r->v[EVENT_STATE].i == EVENT_THERE ? "registered" : "on its way to the root"),
        SHOW_TEXT("date", shown_date(a, r->v[EVENT_MADE].i)),
        SHOW_END,
    };
    return show(s, rows, e);
}

/* The events of a card, whoever owns them, in the order in which it is told of them. */
static int events(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = server_of(context);
    struct store_query q = { .kind = SMDS_EVENT, .column = EVENT_EID, .limit = SMDS_EVENTS_MAX };
    struct store_records found;
    if (eid_from_text(s->arena, bytes_text(s->words[0]), &q.value.b, e) != 0 ||
        store_find(server->smds.service.store, s->arena, &q, &found, e) != 0)
        return -1;
    for (size_t i = 0; i < found.n; i++)
        if (show_gap(s, i == 0, e) != 0 || show_event(s, &found.items[i], e) != 0)
            return -1;
    return found.n || admin_option(s, "json") ? 0 : admin_print(s, e, "there are no events for this EID\n");
}

static int statistics(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = server_of(context);
    struct store *store = server->smds.service.store;
    const struct store_query all = { .kind = SMDS_EVENT };
    const struct store_query cascading = { .kind = SMDS_EVENT, .column = EVENT_STATE, .value.i = EVENT_CASCADING };
    int64_t n, under_way;
    if (store_count(store, &all, &n, e) != 0 || store_count(store, &cascading, &under_way, e) != 0)
        return -1;
    const struct shown rows[] = { SHOW_NUMBER("events", n), SHOW_NUMBER("onTheirWayToTheRoot", under_way), SHOW_END };
    return show(s, rows, e);
}

static int verify_audit(void *context, struct admin_session *s, struct err *e)
{
    struct server *server = server_of(context);
    uint8_t link[STORE_CHAIN];
    int64_t n;
    if (audit_verify_to(server->smds.service.store, SMDS_AUDIT, &n, link, e) != 0)
        return -1;
    const struct shown rows[] = { SHOW_NUMBER("records", n), SHOW_TEXT("chain", hex_encode(s->arena, BYTES_OF(link))),
                                  SHOW_END };
    return show(s, rows, e);
}

const struct admin_command smds_commands[] = {
    { "events", "an EID", 1, 1, "json", events },
    { "statistics", "no words", 0, 0, "json", statistics },
    { "outbox", "perhaps a destination", 0, 1, "json", host_command_outbox },
    { "retry", "a destination", 1, 1, "json dead", host_command_retry },
    { "lists", "no words", 0, 0, "json reload", host_command_lists },
    { "verify-audit", "no words", 0, 0, "json", verify_audit },
    { "export-audit", "no words", 0, 0, "json after", host_command_export_audit },
    { .name = NULL },
};
