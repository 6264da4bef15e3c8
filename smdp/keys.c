/* SPDX-License-Identifier: Apache-2.0 */
#include "smdp/keys.h"

#include "asn1/tlv.h"
#include "crypto/bsp.h"
#include "crypto/cipher.h"
#include "crypto/crypto.h"
#include "rsp/signed.h"
#include "smdp/shelf.h"

/* ------------------------------------------------------------------------ certificates */

int smdp_keys_add(struct smdp_keys *k, const struct smdp_set_files *f, struct err *e)
{
    struct server_sets *sets = &k->sets;
    struct smdp_pb *pb = &k->pb[sets->n < SETS_MAX ? sets->n : 0];
    if (!k->shelf)
        k->shelf = shelf_new();
    if (!k->shelf)
        return err_set(e, ERR_MEMORY, NULL, "no memory for packages");
    if (sets_read(sets, &f->set, CERT_DPAUTH, e) != 0 ||
        sets_read_pair(sets, f->pb, f->pb_key, CERT_DPPB, f->set.now, &pb->cert, &pb->key, e) != 0)
        return -1;
    if (!bytes_equal(sets->of[sets->n].auth.rid, pb->cert.rid))
        return err_set(e, ERR_VALUE, "SGP.22 4.5.2.1", "CERT.DPauth and CERT.DPpb name different object identifiers");
    sets->n++;
    return 0;
}

void smdp_keys_end(struct smdp_keys *k)
{
    for (size_t i = 0; i < SETS_MAX; i++)
        ec_key_free(k->pb[i].key);
    sets_end(&k->sets);
    shelf_free(k->shelf);
    bytes_wipe(k, sizeof *k);
}

/* ------------------------------------------------------------------------- signatures */

int smdp_sign_signed2(const struct smdp_keys *k, struct arena *a, size_t set, const struct rsp_SmdpSigned2 *s,
                      struct bytes euicc_signature1, struct bytes *der, struct bytes *signature, struct err *e)
{
    if (asn1_encode(a, &rsp_SmdpSigned2_type, s, der, e) != 0)
        return -1;
    struct rsp_tbs tbs = rsp_tbs_chained(a, *der, euicc_signature1);
    return rsp_sign(a, k->pb[set].key, &tbs, signature, e);
}

/* ------------------------------------------------------------------------------ sealing */

static struct bytes label(struct arena *a, enum smdp_sealed what, struct bytes name)
{
    struct buf out = buf_in(a);
    buf_u8(&out, what);
    buf_add(&out, name);
    return buf_bytes(&out);
}

int smdp_seal(const struct smdp_keys *k, struct arena *a, enum smdp_sealed what, struct bytes name, struct bytes plain,
              struct bytes *sealed, struct err *e)
{
    struct bytes of = label(a, what, name);
    uint8_t *out = arena_alloc(a, plain.n + GCM_NONCE + GCM_TAG);
    if (!out || !of.p)
        return err_set(e, ERR_MEMORY, NULL, "no memory to seal data");
    *sealed = bytes_make(out, plain.n + GCM_NONCE + GCM_TAG);
    return gcm_seal(k->master, of, plain, out, e);
}

int smdp_unseal(const struct smdp_keys *k, struct arena *a, enum smdp_sealed what, struct bytes name,
                struct bytes sealed, struct bytes *plain, struct err *e)
{
    struct bytes of = label(a, what, name);
    uint8_t *out = arena_alloc(a, sealed.n);
    if (!out || !of.p)
        return err_set(e, ERR_MEMORY, NULL, "no memory to open sealed data");
    if (gcm_open(k->master, of, sealed, out, e) != 0)
        return -1;
    *plain = bytes_make(out, sealed.n - GCM_NONCE - GCM_TAG);
    return 0;
}

int smdp_sealed_is(const struct smdp_keys *k, struct arena *a, enum smdp_sealed what, struct bytes name,
                   struct bytes sealed, struct bytes plain, bool *same, struct err *e)
{
    struct bytes kept;
    if (smdp_unseal(k, a, what, name, sealed, &kept, e) != 0)
        return -1;
    *same = bytes_equal_secret(kept, plain);
    return 0;
}

int smdp_package_holes(const struct smdp_keys *k, struct bytes type, struct bytes sealed, struct saip_holes *holes,
                       struct err *e)
{
    struct template *t;
    if (shelf_take(k->shelf, k, type, sealed, &t, e) != 0)
        return -1;
    *holes = t->holes;
    shelf_give_back(k->shelf, t);
    return 0;
}

/* ------------------------------------------------------------------------------ binding */

/* Subscriber data at rest: TLVs, tag = number of the hole. */
static int subscriber_read(struct bytes plain, struct saip_subscriber *out, struct err *e)
{
    struct cursor c = cursor_over(plain);
    memset(out, 0, sizeof *out);
    while (!cursor_done(&c)) {
        uint8_t hole = cursor_u8(&c);
        struct bytes value = cursor_take(&c, cursor_u8(&c));
        if (c.failed || hole >= SAIP_HOLES)
            return err_set(e, ERR_VERIFY, NULL, "the stored subscriber data are damaged");
        out->value[hole] = value;
    }
    return 0;
}

/* The subscriber's own package; it never leaves this file in clear. */
static int upp_make(const struct smdp_keys *k, struct arena *a, const struct smdp_binding *b, struct bytes *upp,
                    struct err *e)
{
    struct template *t;
    struct bytes plain;
    struct saip_subscriber s;
    if (smdp_unseal(k, a, SEALED_SUBSCRIBER, b->iccid, b->subscriber, &plain, e) != 0 ||
        subscriber_read(plain, &s, e) != 0 || shelf_take(k->shelf, k, b->type, b->package, &t, e) != 0)
        return -1;
    int result = saip_personalise(a, t->der, &t->holes, &s, upp, e);
    shelf_give_back(k->shelf, t);
    return result;
}

/* New one-time key pair, session keys and body. */
static int bind_anew(const struct smdp_keys *k, struct arena *a, size_t set, struct smdp_binding *b, struct err *e)
{
    static const uint8_t empty_configure[] = { 0xBF, 0x24, 0x00 };
    struct ec_key *otsk = NULL;
    struct bsp session;
    struct bpp_ppk ppk;
    uint8_t secret[EC_SECRET_OCTETS];
    uint8_t *host_id = arena_alloc(a, 16);
    struct bpp_content content = { BYTES_OF(empty_configure), b->metadata, BYTES_NONE };
    int bad = !host_id || crypto_random(host_id, 16, e) != 0 || upp_make(k, a, b, &content.upp, e) != 0 ||
              ec_key_generate(k->pb[set].cert.curve, &otsk, e) != 0;
    if (bad)
        return host_id ? -1 : err_set(e, ERR_MEMORY, NULL, "no memory for a binding");
    b->host_id = bytes_make(host_id, 16);
    b->smdp_otpk = arena_copy(a, ec_key_point(otsk));
    bad = ec_shared_secret(otsk, b->euicc_otpk, secret, e) != 0 ||
          bsp_derive(&session, BYTES_OF(secret), b->host_id, b->eid, e) != 0 ||
          (b->ppk && crypto_random((uint8_t *)&ppk, sizeof ppk, e) != 0) ||
          bpp_body(a, &session, &content, b->ppk ? &ppk : NULL, &b->body, e) != 0;
    ec_key_free(otsk);
    bytes_wipe(secret, sizeof secret);
    bytes_wipe(&ppk, sizeof ppk);
    bsp_end(&session);
    return bad ? -1 : 0;
}

int smdp_bind(const struct smdp_keys *k, struct arena *a, size_t set, struct smdp_binding *b, struct bytes *bpp,
              struct err *e)
{
    static const uint8_t type[] = { BSP_KEY_TYPE_AES }, length[] = { BSP_KEY_LENGTH };
    struct rsp_InitialiseSecureChannelRequest isc = { .remoteOpId = rsp_RemoteOpId_installBoundProfilePackage };
    struct rsp_tbs tbs;
    if (!b->body.p && bind_anew(k, a, set, b, e) != 0)
        return -1;
    isc.transactionId = b->transaction_id;
    isc.controlRefTemplate.keyType = BYTES_OF(type);
    isc.controlRefTemplate.keyLen = BYTES_OF(length);
    isc.controlRefTemplate.hostId = b->host_id;
    isc.smdpOtpk = b->smdp_otpk;
    if (rsp_tbs_secure_channel(a, &isc, b->euicc_otpk, &tbs, e) != 0 ||
        rsp_sign(a, k->pb[set].key, &tbs, &isc.smdpSign, e) != 0)
        return -1;
    return bpp_assemble(a, &isc, b->body, bpp, e);
}
