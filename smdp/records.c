/* SPDX-License-Identifier: Apache-2.0 */
#include "smdp/records.h"

#define BLOB(name) { name, STORE_BLOB, false, false }
#define INDEXED(name) { name, STORE_BLOB, false, true }
#define UNIQUE(name) { name, STORE_BLOB, true, true }
#define INT(name) { name, STORE_INT, false, false }
#define INDEXED_INT(name) { name, STORE_INT, false, true }

static const struct store_column type[TYPE_COLUMNS] = {
    [TYPE_NAME] = BLOB("name"),           [TYPE_OPERATOR] = BLOB("operator"),
    [TYPE_UPP] = BLOB("upp"),             [TYPE_METADATA] = BLOB("metadata"),
    [TYPE_NEEDS] = BLOB("needs"),         [TYPE_PPK] = INT("ppk"),
    [TYPE_CC_TRIES] = INT("cc_tries"),    [TYPE_DOWNLOADS] = INT("downloads"),
    [TYPE_LIFETIME] = INT("lifetime"),    [TYPE_BIND_ONCE] = INT("bind_once"),
    [TYPE_NO_FIELD_TEST] = INT("no_field_test"),
};
static const struct store_column profile[PROFILE_COLUMNS] = {
    [PROFILE_ICCID] = BLOB("iccid"),
    [PROFILE_TYPE] = INDEXED("type"),
    [PROFILE_OPERATOR] = BLOB("operator"),
    [PROFILE_STATE] = INDEXED_INT("state"),
    [PROFILE_EID] = BLOB("eid"),
    [PROFILE_MATCHING_ID] = UNIQUE("matching_id"),
    [PROFILE_MATCHING] = BLOB("matching"),
    [PROFILE_POOL] = INDEXED("pool"),
    [PROFILE_PENDING] = INDEXED("pending"),
    [PROFILE_SUBSCRIBER] = BLOB("subscriber"),
    [PROFILE_CC] = BLOB("cc"),
    [PROFILE_SMDS] = BLOB("smds"),
    [PROFILE_EVENT] = INDEXED_INT("event"),
    [PROFILE_EXPIRES] = INT("expires"),
    [PROFILE_DOWNLOADS] = INT("downloads"),
    [PROFILE_CC_TRIES] = INT("cc_tries"),
    [PROFILE_ORDER] = INT("order_number"),
    [PROFILE_CHANGED] = INT("changed"),
    [PROFILE_ON_CARD] = INT("on_card"),
    [PROFILE_ON_CARD_SEQ] = INT("on_card_seq"),
    [PROFILE_BATCH] = BLOB("batch"),
};
static const struct store_column session[SESSION_COLUMNS] = {
    SESSION_COMMON_COLUMNS,
    [SESSION_ICCID] = BLOB("iccid"),
    [SESSION_ORDER] = INT("order_number"), [SESSION_EID] = BLOB("eid"),
    [SESSION_POINT] = BLOB("point"),     [SESSION_CURVE] = INT("curve"),
    [SESSION_SIGNATURE2] = BLOB("signature2"),
};
static const struct store_column binding[BINDING_COLUMNS] = {
    [BINDING_ICCID] = BLOB("iccid"),         [BINDING_EID] = BLOB("eid"),
    [BINDING_EUICC_OTPK] = BLOB("euicc_otpk"), [BINDING_SMDP_OTPK] = BLOB("smdp_otpk"),
    [BINDING_HOST_ID] = BLOB("host_id"),     [BINDING_BODY] = BLOB("body"),
};
static const struct store_column result[RESULT_COLUMNS] = {
    [RESULT_ID] = BLOB("id"),       [RESULT_ICCID] = BLOB("iccid"), [RESULT_ORDER] = INT("order_number"),
    [RESULT_EID] = BLOB("eid"),     [RESULT_POINT] = BLOB("point"), [RESULT_CURVE] = INT("curve"),
    [RESULT_OID] = BLOB("smdp_oid"), [RESULT_DONE] = INT("done"),
};
static const struct store_column operator[OPERATOR_COLUMNS] = {
    [OPERATOR_NAME] = BLOB("name"),       [OPERATOR_FINGERPRINT] = UNIQUE("fingerprint"),
    [OPERATOR_NAMES] = UNIQUE("names"),   [OPERATOR_URL] = BLOB("url"),
    [OPERATOR_POINTS] = INT("points"),    [OPERATOR_CC_TRIES] = INT("cc_tries"),
    [OPERATOR_DOWNLOADS] = INT("downloads"), [OPERATOR_LIFETIME] = INT("lifetime"),
};
static const struct store_column event[EVENT_COLUMNS] = {
    [EVENT_ID] = BLOB("id"), [EVENT_ICCID] = BLOB("iccid"), [EVENT_STATE] = INT("state"), [EVENT_UNTIL] = INT("until"),
};

static const struct store_kind kinds[] = {
    [KIND_TYPE] = { "profile_type", type, TYPE_COLUMNS },
    [KIND_PROFILE] = { "profile", profile, PROFILE_COLUMNS },
    [KIND_SESSION] = { "session", session, SESSION_COLUMNS, .volatile_max = SMDP_SESSIONS_MAX },
    [KIND_BINDING] = { "binding", binding, BINDING_COLUMNS },
    [KIND_RESULT] = { "result", result, RESULT_COLUMNS },
    [KIND_OPERATOR] = { "operator", operator, OPERATOR_COLUMNS },
    [KIND_EVENT] = { "event", event, EVENT_COLUMNS },
    [KIND_OUTBOX] = OUTBOX_KIND,
    [KIND_AUDIT] = AUDIT_KIND,
};
const struct store_schema smdp_schema = { 3, kinds, sizeof kinds / sizeof *kinds };

void profiles_stamp(struct store_batch *b, struct bytes number)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->items[i].kind == KIND_PROFILE && !b->items[i].remove)
            b->items[i].record.v[PROFILE_BATCH].b = number;
}
