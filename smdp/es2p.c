/* SPDX-License-Identifier: Apache-2.0
 *
 * ES2+: SGP.22 5.3. */
#include "crypto/hash.h"
#include "rsp/activation.h"
#include "rsp/ids.h"
#include "rsp/signed.h"
#include "smdp/core.h"

/* The caller's profile; somebody else's is told apart from none only by its ICCID's being taken. */
static int profile_get(struct op *op, struct bytes iccid, struct store_record *p)
{
    if (store_get(op->service->store, op->arena, KIND_PROFILE, iccid, p, op->err) != 0)
        return -1;
    if (!p->version)
        return op_refuse(op, RSP_PROFILE_UNKNOWN, "SGP.22 5.3");
    if (!bytes_equal(p->v[PROFILE_OPERATOR].b, op->caller.v[OPERATOR_NAME].b))
        return op_refuse(op, RSP_PROFILE_NOT_YOURS, "SGP.22 5.3");
    return p->v[PROFILE_EVENT].i == EVENT_REGISTERING && !op->begun ? es12_settle(op, p) : 0;
}

static int type_check(struct op *op, struct bytes name)
{
    struct store_record t;
    if (store_get(op->service->store, op->arena, KIND_TYPE, name, &t, op->err) != 0)
        return -1;
    if (!t.version)
        return op_refuse(op, RSP_TYPE_UNKNOWN, "SGP.22 5.3.1");
    return bytes_equal(t.v[TYPE_OPERATOR].b, op->caller.v[OPERATOR_NAME].b)
               ? 0
               : op_refuse(op, RSP_TYPE_NOT_YOURS, "SGP.22 5.3.1");
}

static bool same_optional(struct bytes a, struct bytes b)
{
    return bytes_present(a) == bytes_present(b) && bytes_equal(a, b);
}

/* The first of the pool behind `after`; version 0: none. */
static int pool_look(struct op *op, struct bytes type, int64_t after, bool newest, struct store_record *p)
{
    const struct store_query q = { .kind = KIND_PROFILE, .column = PROFILE_POOL, .value = { .b = type }, .after = after,
                                   .newest_first = newest, .limit = 1 };
    struct store_records found;
    if (store_find(op->service->store, op->arena, &q, &found, op->err) != 0)
        return -1;
    *p = found.n ? found.items[0] : (struct store_record){ 0 };
    return 0;
}

/* From a random place, so that parallel orders don't fight for one profile. */
static int pool_pick(struct op *op, struct bytes type, struct store_record *p)
{
    struct store_record oldest, newest;
    uint32_t random;
    if (pool_look(op, type, 0, false, &oldest) != 0 || pool_look(op, type, 0, true, &newest) != 0)
        return -1;
    if (!oldest.version)
        return op_refuse(op, RSP_TYPE_EMPTY, "SGP.22 5.3.1");
    if (op->service->random(op->service->context, (uint8_t *)&random, sizeof random) != 0)
        return err_set(op->err, ERR_CRYPTO, NULL, "no random octets");
    if (newest.serial < oldest.serial) /* the others were taken between the two looks */
        newest = oldest;
    int64_t range = newest.serial - oldest.serial + 1;
    if (pool_look(op, type, oldest.serial - 1 + random % range, false, p) != 0)
        return -1;
    if (!p->version)
        *p = oldest; /* taken meanwhile; if this one is too, the commit tells */
    return 0;
}

static int profile_pick(struct op *op, const struct es2_download_order *q, struct store_record *p)
{
    if (bytes_present(q->profileType) && type_check(op, q->profileType) != 0)
        return -1;
    if (bytes_present(q->iccid)) {
        if (profile_get(op, q->iccid, p) != 0)
            return -1;
        if (bytes_present(q->profileType) && !bytes_equal(q->profileType, p->v[PROFILE_TYPE].b))
            return op_refuse(op, RSP_TYPE_OTHER, "SGP.22 5.3.1");
        return 0;
    }
    if (!bytes_present(q->profileType))
        return op_refuse(op, RSP_FIELD_MISSING, "SGP.22 5.3.1");
    return pool_pick(op, q->profileType, p);
}

int es2_download_order_handle(struct op *op, const void *in, void *out)
{
    const struct es2_download_order *q = in;
    struct es2_download_order_done *r = out;
    struct store_record p;
    if (profile_pick(op, q, &p) != 0)
        return -1;
    r->iccid = p.v[PROFILE_ICCID].b;
    enum order_state state = (enum order_state)p.v[PROFILE_STATE].i;
    bool again = (state == ORDER_ALLOCATED || state == ORDER_LINKED) && same_optional(q->eid, p.v[PROFILE_EID].b);
    if (again) /* sent twice: the same answer, nothing done (SGP.22 5.3.1) */
        return 0;
    p.v[PROFILE_POOL].b = BYTES_NONE;
    p.v[PROFILE_EID].b = q->eid;
    p.v[PROFILE_DOWNLOADS].i = p.v[PROFILE_CC_TRIES].i = 0;
    p.v[PROFILE_ORDER].i++;
    return op_step(op, &p, bytes_present(q->eid) ? EV_ORDER_EID : EV_ORDER, NULL);
}

/* 26 characters of 32: more than 128 bits (SGP.22 4.1.1 alphabet). */
static struct bytes matching_id_make(struct op *op)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint8_t random[26];
    struct buf out = buf_in(op->arena);
    if (op->service->random(op->service->context, random, sizeof random) != 0)
        return BYTES_NONE;
    for (size_t i = 0; i < sizeof random; i++) {
        if (i && i % 5 == 0)
            buf_u8(&out, '-');
        buf_u8(&out, (unsigned char)alphabet[random[i] & 31]);
    }
    return buf_bytes(&out);
}

/* EID of the order: the one of either call; both must agree. */
static int eid_settle(struct op *op, const struct es2_confirm_order *q, struct store_record *p)
{
    struct bytes known = p->v[PROFILE_EID].b;
    bool given = bytes_present(q->eid);
    if (given && bytes_present(known) && !bytes_equal(q->eid, known))
        return op_refuse(op, RSP_EID_CHANGED, "SGP.22 5.3.2");
    if (given)
        p->v[PROFILE_EID].b = q->eid;
    bool needs = bytes_present(q->smdsAddress) || (bytes_present(q->matchingId) && q->matchingId.n == 0);
    return needs && !bytes_present(p->v[PROFILE_EID].b) ? op_refuse(op, RSP_EID_MISSING, "SGP.22 5.3.2") : 0;
}

/* SGP.22 4.1.1; the activation code around it has 255 characters at most (4.1). */
static bool id_valid(const struct op *op, struct bytes id)
{
    static const char around[] = "1$$$$1";
    for (size_t i = 0; i < id.n; i++)
        if ((id.p[i] < '0' || id.p[i] > '9') && (id.p[i] < 'A' || id.p[i] > 'Z') && id.p[i] != '-')
            return false;
    return id.n + strlen(op->service->addresses[0]) + sizeof around - 1 <= ACTIVATION_CODE_MAX;
}

static int id_settle(struct op *op, const struct es2_confirm_order *q, struct store_record *p)
{
    struct bytes id = bytes_present(q->matchingId) ? q->matchingId
                      : op->begun            ? p->v[PROFILE_MATCHING].b /* made before, and on its way */
                                                   : matching_id_make(op);
    if (!bytes_present(id))
        return err_set(op->err, ERR_CRYPTO, NULL, "no random octets for a matching ID");
    if (bytes_present(q->smdsAddress) && id.n == 0)
        return op_refuse(op, RSP_EVENT_ID_EMPTY, "SGP.22 5.3.2");
    if (!id_valid(op, id))
        return err_set(op->err, RSP_BAD_FORMAT, "SGP.22 4.1.1",
                       "matchingId has other characters than 0-9, A-Z and \"-\", or is longer than an activation code "
                       "holds");
    p->v[PROFILE_MATCHING].b = id;
    p->v[PROFILE_MATCHING_ID].b = id.n ? id : BYTES_NONE;
    p->v[PROFILE_PENDING].b = p->v[PROFILE_EID].b;
    return 0;
}

static int code_keep(struct op *op, struct bytes code, struct store_record *p)
{
    uint8_t digest[SHA256_OCTETS];
    if (!bytes_present(code) || code.n == 0)
        return 0;
    rsp_hash_code(code, digest);
    int result = smdp_seal(smdp_of(op)->keys, op->arena, SEALED_CODE, p->v[PROFILE_ICCID].b, BYTES_OF(digest),
                           &p->v[PROFILE_CC].b, op->err);
    bytes_wipe(digest, sizeof digest);
    return result;
}

static bool same_code(struct op *op, const struct store_record *p, struct bytes code)
{
    uint8_t digest[SHA256_OCTETS];
    struct bytes kept;
    if (!bytes_present(code) || code.n == 0 || !bytes_present(p->v[PROFILE_CC].b))
        return !bytes_present(p->v[PROFILE_CC].b) && code.n == 0;
    rsp_hash_code(code, digest);
    bool same = smdp_unseal(smdp_of(op)->keys, op->arena, SEALED_CODE, p->v[PROFILE_ICCID].b, p->v[PROFILE_CC].b, &kept,
                            op->err) == 0 &&
                bytes_equal_secret(kept, BYTES_OF(digest));
    bytes_wipe(digest, sizeof digest);
    return same;
}

/* The same request once more: it would give the state that is there (NOTE of SGP.22 5.3.2). */
static bool confirmed_already(struct op *op, const struct es2_confirm_order *q, const struct store_record *p)
{
    enum order_state state = (enum order_state)p->v[PROFILE_STATE].i;
    bool there = q->releaseFlag ? state >= ORDER_RELEASED && state <= ORDER_INSTALLED : state == ORDER_CONFIRMED;
    return there && (!bytes_present(q->matchingId) || bytes_equal(q->matchingId, p->v[PROFILE_MATCHING].b)) &&
           (!bytes_present(q->eid) || bytes_equal(q->eid, p->v[PROFILE_EID].b)) &&
           same_optional(q->smdsAddress, p->v[PROFILE_SMDS].b) && same_code(op, p, q->confirmationCode);
}

static int smds_settle(struct op *op, struct bytes address, struct store_record *p)
{
    if (!bytes_present(address))
        return 0;
    if (!fqdn_valid(address, false))
        return op_refuse(op, RSP_SMDS_UNREACHABLE, "SGP.22 5.3.2");
    p->v[PROFILE_SMDS].b = address;
    return 0;
}

/* The event is registered when the order is released; its ID is taken now. */
static int confirm(struct op *op, struct store_record *p)
{
    if (bytes_present(p->v[PROFILE_SMDS].b) && es12_claim(op, p) != 0)
        return -1;
    return op_step(op, p, EV_CONFIRM, NULL);
}

int es2_confirm_order_handle(struct op *op, const void *in, void *out)
{
    const struct es2_confirm_order *q = in;
    struct es2_confirm_order_done *r = out;
    struct store_record p;
    enum order_event event = q->releaseFlag ? EV_CONFIRM_RELEASE : EV_CONFIRM;
    if (profile_get(op, q->iccid, &p) != 0)
        return -1;
    if (!confirmed_already(op, q, &p)) {
        if (op_allowed(op, &p, event) != 0 || eid_settle(op, q, &p) != 0 || id_settle(op, q, &p) != 0 ||
            smds_settle(op, q->smdsAddress, &p) != 0 || code_keep(op, q->confirmationCode, &p) != 0)
            return -1;
        if ((q->releaseFlag ? op_release(op, &p, event) : confirm(op, &p)) != 0)
            return -1;
    }
    *r = (struct es2_confirm_order_done){ .eid = p.v[PROFILE_EID].b,
                                          .matchingId = p.v[PROFILE_MATCHING].b,
                                          .smdpAddress = bytes_text(op->service->addresses[0]) };
    return 0;
}

/* SGP.22 5.3.4 */
int es2_release_profile_handle(struct op *op, const void *in, void *out)
{
    const struct es2_release_profile *q = in;
    struct store_record p;
    (void)out;
    if (profile_get(op, q->iccid, &p) != 0 || op_allowed(op, &p, EV_RELEASE) != 0)
        return -1;
    return p.v[PROFILE_STATE].i == ORDER_RELEASED ? 0 : op_release(op, &p, EV_RELEASE);
}

int es2_cancel_order_handle(struct op *op, const void *in, void *out)
{
    const struct es2_cancel_order *q = in;
    struct store_record p;
    (void)out;
    bool available = bytes_equal(q->finalProfileStatusIndicator, BYTES_LIT("Available"));
    if (!available && !bytes_equal(q->finalProfileStatusIndicator, BYTES_LIT("Unavailable")))
        return op_refuse(op, RSP_BAD_FORMAT, "SGP.22 5.3.3");
    if (profile_get(op, q->iccid, &p) != 0)
        return -1;
    if (!same_optional(q->eid, p.v[PROFILE_EID].b) && bytes_present(p.v[PROFILE_EID].b))
        return op_refuse(op, RSP_PROFILE_EID, "SGP.22 5.3.3");
    if (bytes_present(q->matchingId) && !bytes_equal(q->matchingId, p.v[PROFILE_MATCHING].b))
        return op_refuse(op, RSP_MATCHING_ID_OTHER, "SGP.22 5.3.3");
    return op_step(op, &p, available ? EV_CANCEL_AVAILABLE : EV_CANCEL_UNAVAILABLE, NULL);
}
