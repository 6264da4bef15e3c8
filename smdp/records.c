/* SPDX-License-Identifier: Apache-2.0 */
#include "smdp/records.h"

#define BLOB(name) { name, STORE_BLOB, false, false }
#define INDEXED(name) { name, STORE_BLOB, false, true }
#define UNIQUE(name) { name, STORE_BLOB, true, true }
#define INT(name) { name, STORE_INT, false, false }
#define INDEXED_INT(name) { name, STORE_INT, false, true }

static const struct store_column type[TYPE_COLUMNS] = {
    BLOB("name"), BLOB("operator"), BLOB("upp"), BLOB("metadata"), INT("ppk"), INT("cc_tries"), INT("downloads"),
};
static const struct store_column profile[PROFILE_COLUMNS] = {
    BLOB("iccid"),   BLOB("type"),       BLOB("operator"), INDEXED_INT("state"),        BLOB("eid"),
    UNIQUE("matching_id"), BLOB("matching"), INDEXED("pool"),  INDEXED("pending"), BLOB("subscriber"),
    BLOB("cc"),      BLOB("smds"),       INT("expires"),   INT("downloads"),    INT("cc_tries"),
};
static const struct store_column session[SESSION_COLUMNS] = {
    BLOB("id"),    BLOB("challenge"), BLOB("address"), BLOB("ci"),    INT("cert_set"),    INT("started"),
    BLOB("iccid"), BLOB("eid"),       BLOB("point"),   INT("curve"), BLOB("signature2"), INT("cc"),
};
static const struct store_column binding[BINDING_COLUMNS] = {
    BLOB("iccid"), BLOB("eid"), BLOB("euicc_otpk"), BLOB("smdp_otpk"), BLOB("host_id"), BLOB("body"),
};
static const struct store_column result[RESULT_COLUMNS] = {
    BLOB("id"), BLOB("iccid"), BLOB("eid"), BLOB("point"), INT("curve"), INT("cert_set"), INT("done"),
};
static const struct store_column operator[OPERATOR_COLUMNS] = { BLOB("fingerprint"), UNIQUE("name") };

static const struct store_kind kinds[] = {
    [KIND_TYPE] = { "profile_type", type, TYPE_COLUMNS },
    [KIND_PROFILE] = { "profile", profile, PROFILE_COLUMNS },
    [KIND_SESSION] = { "session", session, SESSION_COLUMNS, .volatile_max = SMDP_SESSIONS_MAX },
    [KIND_BINDING] = { "binding", binding, BINDING_COLUMNS },
    [KIND_RESULT] = { "result", result, RESULT_COLUMNS },
    [KIND_OPERATOR] = { "operator", operator, OPERATOR_COLUMNS },
    [KIND_AUDIT] = AUDIT_KIND,
};
const struct store_schema smdp_schema = { 1, kinds, sizeof kinds / sizeof *kinds };
