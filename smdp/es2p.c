/* SPDX-License-Identifier: Apache-2.0
 *
 * ES2+: SGP.22 5.3. */
#include "asn1/asn1.h"
#include "crypto/hash.h"
#include "smdp/core.h"

/* The caller's profile; somebody else's is told apart from none only by its ICCID's being taken. */
static int profile_get(struct op *op, struct bytes iccid, struct store_record *p)
{
    if (store_get(op->smdp->store, op->arena, KIND_PROFILE, iccid, p, op->err) != 0)
        return -1;
    if (!p->version)
        return op_refuse(op, RSP_PROFILE_UNKNOWN, "SGP.22 5.3");
    if (!bytes_equal(p->v[PROFILE_OPERATOR].b, op->operator))
        return op_refuse(op, RSP_PROFILE_NOT_YOURS, "SGP.22 5.3");
    return 0;
}

static int type_check(struct op *op, struct bytes name)
{
    struct store_record t;
    if (store_get(op->smdp->store, op->arena, KIND_TYPE, name, &t, op->err) != 0)
        return -1;
    if (!t.version)
        return op_refuse(op, RSP_TYPE_UNKNOWN, "SGP.22 5.3.1");
    return bytes_equal(t.v[TYPE_OPERATOR].b, op->operator) ? 0 : op_refuse(op, RSP_TYPE_NOT_YOURS, "SGP.22 5.3.1");
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
    if (store_find(op->smdp->store, op->arena, &q, &found, op->err) != 0)
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
    if (op->smdp->random(op->smdp->context, (uint8_t *)&random, sizeof random) != 0)
        return err_set(op->err, ERR_CRYPTO, NULL, "no random octets");
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
    if (op_step(op, &p, bytes_present(q->eid) ? EV_ORDER_EID : EV_ORDER) != 0)
        return -1;
    p.v[PROFILE_EID].b = q->eid;
    p.v[PROFILE_POOL].b = BYTES_NONE;
    p.v[PROFILE_DOWNLOADS].i = p.v[PROFILE_CC_TRIES].i = 0;
    store_put(&op->batch, KIND_PROFILE, &p);
    return 0;
}

/* 26 characters of 32: more than 128 bits (SGP.22 4.1.1 alphabet). */
static struct bytes matching_id_make(struct op *op)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint8_t random[26];
    struct buf out = buf_in(op->arena);
    if (op->smdp->random(op->smdp->context, random, sizeof random) != 0)
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
    if (bytes_present(q->eid) && bytes_present(known) && !bytes_equal(q->eid, known))
        return op_refuse(op, RSP_EID_CHANGED, "SGP.22 5.3.2");
    if (bytes_present(q->eid))
        p->v[PROFILE_EID].b = q->eid;
    bool needs = bytes_present(q->smdsAddress) || (bytes_present(q->matchingId) && q->matchingId.n == 0);
    return needs && !bytes_present(p->v[PROFILE_EID].b) ? op_refuse(op, RSP_EID_MISSING, "SGP.22 5.3.2") : 0;
}

static int code_keep(struct op *op, struct bytes code, struct store_record *p)
{
    uint8_t digest[SHA256_OCTETS];
    if (!bytes_present(code) || code.n == 0)
        return 0;
    sha256(&code, 1, digest);
    return smdp_seal(op->smdp->keys, op->arena, p->v[PROFILE_ICCID].b, BYTES_OF(digest), &p->v[PROFILE_CC].b, op->err);
}

static void confirmed(const struct smdp *smdp, const struct store_record *p, struct es2_confirm_order_done *r)
{
    *r = (struct es2_confirm_order_done){ .eid = p->v[PROFILE_EID].b,
                                          .matchingId = p->v[PROFILE_MATCHING].b,
                                          .smdpAddress = bytes_text(smdp->addresses[0]) };
}

int es2_confirm_order_handle(struct op *op, const void *in, void *out)
{
    const struct es2_confirm_order *q = in;
    struct store_record p;
    if (profile_get(op, q->iccid, &p) != 0)
        return -1;
    enum order_state state = (enum order_state)p.v[PROFILE_STATE].i;
    bool again = q->releaseFlag ? state >= ORDER_RELEASED && state <= ORDER_INSTALLED : state == ORDER_CONFIRMED;
    bool same_id = !bytes_present(q->matchingId) || bytes_equal(q->matchingId, p.v[PROFILE_MATCHING].b);
    if (again && same_id && (!bytes_present(q->eid) || bytes_equal(q->eid, p.v[PROFILE_EID].b))) {
        confirmed(op->smdp, &p, out);
        return 0;
    }
    if (op_step(op, &p, q->releaseFlag ? EV_CONFIRM_RELEASE : EV_CONFIRM) != 0 || eid_settle(op, q, &p) != 0)
        return -1;
    if (bytes_present(q->smdsAddress))
        return op_refuse(op, RSP_SMDS_UNREACHABLE, "SGP.22 5.3.2");
    struct bytes id = bytes_present(q->matchingId) ? q->matchingId : matching_id_make(op);
    if (!bytes_present(id))
        return err_set(op->err, ERR_CRYPTO, NULL, "no random octets for a matching ID");
    p.v[PROFILE_MATCHING].b = id;
    p.v[PROFILE_MATCHING_ID].b = id.n ? id : BYTES_NONE;
    p.v[PROFILE_PENDING].b = p.v[PROFILE_EID].b;
    if (code_keep(op, q->confirmationCode, &p) != 0)
        return -1;
    store_put(&op->batch, KIND_PROFILE, &p);
    confirmed(op->smdp, &p, out);
    return 0;
}

int es2_release_profile_handle(struct op *op, const void *in, void *out)
{
    const struct es2_release_profile *q = in;
    struct store_record p;
    (void)out;
    if (profile_get(op, q->iccid, &p) != 0)
        return -1;
    bool again = p.v[PROFILE_STATE].i == ORDER_RELEASED;
    if (op_step(op, &p, EV_RELEASE) != 0)
        return -1;
    if (!again)
        store_put(&op->batch, KIND_PROFILE, &p);
    return 0;
}

/* Nothing of the order stays; a new one begins with fresh counters. */
static void order_forget(struct store_record *p, bool available)
{
    static const int columns[] = { PROFILE_EID, PROFILE_MATCHING_ID, PROFILE_MATCHING, PROFILE_PENDING, PROFILE_CC,
                                   PROFILE_SMDS };
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        p->v[columns[i]].b = BYTES_NONE;
    p->v[PROFILE_DOWNLOADS].i = p->v[PROFILE_CC_TRIES].i = p->v[PROFILE_EXPIRES].i = 0;
    p->v[PROFILE_POOL].b = available ? p->v[PROFILE_TYPE].b : BYTES_NONE;
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
    if (op_step(op, &p, available ? EV_CANCEL_AVAILABLE : EV_CANCEL_UNAVAILABLE) != 0)
        return -1;
    order_forget(&p, available);
    store_put(&op->batch, KIND_PROFILE, &p);
    return 0;
}
