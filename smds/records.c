/* SPDX-License-Identifier: Apache-2.0 */
#include "smds/records.h"

#include "base/buf.h"

#define BLOB(name) { name, STORE_BLOB, false, false }
#define INDEXED(name) { name, STORE_BLOB, false, true }
#define INT(name) { name, STORE_INT, false, false }

static const struct store_column event[EVENT_COLUMNS] = {
    [EVENT_KEY] = BLOB("event_key"),
    [EVENT_OWNER] = BLOB("owner"),
    [EVENT_ID] = BLOB("id"),
    [EVENT_EID] = INDEXED("eid"),
    [EVENT_ADDRESS] = BLOB("address"),
    [EVENT_ROOT_ID] = BLOB("root_id"),
    [EVENT_STATE] = { "state", STORE_INT, false, true },
    [EVENT_UNTIL] = INT("until"),
    [EVENT_MADE] = INT("made"),
};
static const struct store_column session[SESSION_COMMON] = { SESSION_COMMON_COLUMNS };

static const struct store_kind kinds[] = {
    [SMDS_EVENT] = { "event", event, EVENT_COLUMNS },
    [SMDS_SESSION] = { "session", session, SESSION_COMMON, .volatile_max = SMDS_SESSIONS_MAX },
    [SMDS_OUTBOX] = OUTBOX_KIND,
    [SMDS_AUDIT] = AUDIT_KIND,
};
const struct store_schema smds_schema = { 1, kinds, sizeof kinds / sizeof *kinds };

struct bytes event_key(struct arena *a, struct bytes owner, struct bytes id)
{
    struct buf key = buf_in(a);
    buf_u8(&key, (unsigned)owner.n); /* an OID of a certificate is shorter than 256 octets */
    buf_add(&key, owner);
    buf_add(&key, id);
    return buf_bytes(&key);
}
