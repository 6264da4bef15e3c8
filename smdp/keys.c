/* SPDX-License-Identifier: Apache-2.0 */
#include "smdp/keys.h"

#include "asn1/tlv.h"
#include "crypto/bsp.h"
#include "crypto/cipher.h"
#include "crypto/crypto.h"
#include "rsp/signed.h"
#include "saip/personal.h"

/* ------------------------------------------------------------------------ certificates */

static int own_certificate(struct arena *a, struct bytes file, enum cert_role role, const struct cert *issuer,
                           struct cert *out, struct err *e)
{
    struct bytes der, kept;
    if (cert_from_file(a, file, &der, e) != 0)
        return err_within(e, "%s", cert_role_name(role));
    kept = arena_copy(a, der);
    if (cert_parse(a, kept, out, e) != 0 || cert_check_role(out, role, e) != 0 ||
        cert_verify(out, issuer ? issuer : out, e) != 0)
        return err_within(e, "%s", cert_role_name(role));
    return 0;
}

static int own_key(struct bytes file, const struct cert *c, struct ec_key **out, struct err *e)
{
    if (ec_key_read(file, out, e) != 0)
        return -1;
    if (ec_key_curve(*out) == c->curve && bytes_equal(ec_key_point(*out), c->point))
        return 0;
    ec_key_free(*out);
    *out = NULL;
    return err_set(e, ERR_VALUE, NULL, "the private key is not the one of the certificate of \"%.*s\"",
                   (int)c->common_name.n, c->common_name.p);
}

int smdp_keys_add(struct smdp_keys *k, struct bytes ci, struct bytes auth, struct bytes auth_key, struct bytes pb,
                  struct bytes pb_key, struct err *e)
{
    struct smdp_set *s = &k->sets[k->n];
    if (!k->arena)
        k->arena = arena_new(1 << 20);
    if (!k->arena || k->n == SMDP_SETS_MAX)
        return err_set(e, ERR_LIMIT, NULL, "more than %d certificate sets", SMDP_SETS_MAX);
    if (own_certificate(k->arena, ci, CERT_CI, NULL, &s->ci, e) != 0 ||
        own_certificate(k->arena, auth, CERT_DPAUTH, &s->ci, &s->auth, e) != 0 ||
        own_certificate(k->arena, pb, CERT_DPPB, &s->ci, &s->pb, e) != 0)
        return -1;
    if (!bytes_equal(s->auth.rid, s->pb.rid))
        return err_set(e, ERR_VALUE, "SGP.22 4.5.2.1", "CERT.DPauth and CERT.DPpb name different object identifiers");
    if (own_key(auth_key, &s->auth, &s->auth_key, e) != 0 || own_key(pb_key, &s->pb, &s->pb_key, e) != 0)
        return -1;
    k->n++;
    return 0;
}

void smdp_keys_end(struct smdp_keys *k)
{
    for (size_t i = 0; i < SMDP_SETS_MAX; i++) {
        ec_key_free(k->sets[i].auth_key);
        ec_key_free(k->sets[i].pb_key);
    }
    arena_free(k->arena);
    bytes_wipe(k, sizeof *k);
}

/* ------------------------------------------------------------------------- signatures */

int smdp_sign_server1(const struct smdp_keys *k, struct arena *a, size_t set, const struct rsp_ServerSigned1 *s,
                      struct bytes *der, struct bytes *signature, struct err *e)
{
    if (asn1_encode(a, &rsp_ServerSigned1_type, s, der, e) != 0)
        return -1;
    struct rsp_tbs tbs = rsp_tbs_alone(*der);
    return rsp_sign(a, k->sets[set].auth_key, &tbs, signature, e);
}

int smdp_sign_signed2(const struct smdp_keys *k, struct arena *a, size_t set, const struct rsp_SmdpSigned2 *s,
                      struct bytes euicc_signature1, struct bytes *der, struct bytes *signature, struct err *e)
{
    if (asn1_encode(a, &rsp_SmdpSigned2_type, s, der, e) != 0)
        return -1;
    struct rsp_tbs tbs = rsp_tbs_chained(a, *der, euicc_signature1);
    return rsp_sign(a, k->sets[set].pb_key, &tbs, signature, e);
}

/* ------------------------------------------------------------------------------ sealing */

int smdp_seal(const struct smdp_keys *k, struct arena *a, struct bytes name, struct bytes plain, struct bytes *sealed,
              struct err *e)
{
    uint8_t *out = arena_alloc(a, plain.n + GCM_NONCE + GCM_TAG);
    if (!out)
        return err_set(e, ERR_MEMORY, NULL, "no memory to seal data");
    *sealed = bytes_make(out, plain.n + GCM_NONCE + GCM_TAG);
    return gcm_seal(k->master, name, plain, out, e);
}

int smdp_unseal(const struct smdp_keys *k, struct arena *a, struct bytes name, struct bytes sealed, struct bytes *plain,
                struct err *e)
{
    uint8_t *out = arena_alloc(a, sealed.n);
    if (!out)
        return err_set(e, ERR_MEMORY, NULL, "no memory to open sealed data");
    if (gcm_open(k->master, name, sealed, out, e) != 0)
        return -1;
    *plain = bytes_make(out, sealed.n - GCM_NONCE - GCM_TAG);
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
static int personal_upp(const struct smdp_keys *k, struct arena *a, const struct smdp_binding *b, struct bytes *upp,
                        struct err *e)
{
    struct bytes plain;
    struct saip_subscriber s;
    struct saip_package p;
    struct saip_holes holes;
    if (smdp_unseal(k, a, b->iccid, b->subscriber, &plain, e) != 0 || subscriber_read(plain, &s, e) != 0 ||
        saip_decode(a, b->upp_template, ASN1_STRICT, &p, e) != 0 ||
        saip_holes_find(&p, b->upp_template, &holes, e) != 0)
        return -1;
    return saip_personalise(a, b->upp_template, &holes, &s, upp, e);
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
    int bad = !host_id || crypto_random(host_id, 16, e) != 0 || personal_upp(k, a, b, &content.upp, e) != 0 ||
              ec_key_generate(k->sets[set].pb.curve, &otsk, e) != 0;
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
        rsp_sign(a, k->sets[set].pb_key, &tbs, &isc.smdpSign, e) != 0)
        return -1;
    return bpp_assemble(a, &isc, b->body, bpp, e);
}
