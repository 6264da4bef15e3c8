/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/signed.h"

#include "asn1/tlv.h"
#include "crypto/hash.h"

enum { TAG_SIGNATURE = 0x5F37, TAG_OTPK = 0x5F49 };

struct rsp_tbs rsp_tbs_alone(struct bytes structure)
{
    return (struct rsp_tbs){ { structure }, 1 };
}

struct bytes rsp_signature_tlv(struct arena *a, struct bytes signature)
{
    struct buf out = buf_in(a);
    tlv_add(&out, TAG_SIGNATURE, signature);
    return buf_bytes(&out);
}

int rsp_signature_of_tlv(struct bytes tlv, struct bytes *signature, struct err *e)
{
    struct cursor c = cursor_over(tlv);
    struct tlv t;
    if (tlv_next(&c, ASN1_WIRE, &t, e) != 0)
        return err_within(e, "signature");
    if (t.tag != TAG_SIGNATURE || !cursor_done(&c))
        return err_set(e, ERR_SYNTAX, "SGP.22 5.6", "a signature is expected (5F37), element %X is there",
                       (unsigned)t.tag);
    *signature = t.value;
    return 0;
}

struct rsp_tbs rsp_tbs_chained(struct arena *a, struct bytes structure, struct bytes signature)
{
    return (struct rsp_tbs){ { structure, rsp_signature_tlv(a, signature) }, 2 };
}

int rsp_tbs_secure_channel(struct arena *a, const struct rsp_InitialiseSecureChannelRequest *isc,
                           struct bytes euicc_otpk, struct rsp_tbs *out, struct err *e)
{
    struct rsp_InitialiseSecureChannelRequest unsigned_ = *isc;
    struct bytes der;
    unsigned_.smdpSign = BYTES_LIT("");
    struct cursor c;
    struct tlv outer;
    struct buf otpk = buf_in(a);
    if (asn1_encode(a, &rsp_InitialiseSecureChannelRequest_type, &unsigned_, &der, e) != 0)
        return -1;
    c = cursor_over(der);
    if (tlv_next(&c, ASN1_STRICT, &outer, e) != 0)
        return -1;
    /* all members but the signature, whose empty TLV (5F37 00) ends the value */
    struct bytes members = bytes_slice(outer.value, 0, outer.value.n - 3);
    tlv_add(&otpk, TAG_OTPK, euicc_otpk);
    *out = (struct rsp_tbs){ { members, buf_bytes(&otpk) }, 2 };
    return out->part[1].p ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for the signed octets");
}

int rsp_sign(struct arena *a, const struct ec_key *key, const struct rsp_tbs *tbs, struct bytes *signature,
             struct err *e)
{
    uint8_t *out = arena_alloc(a, EC_SIGNATURE_OCTETS);
    if (!out)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a signature");
    *signature = bytes_make(out, EC_SIGNATURE_OCTETS);
    return ec_sign(key, tbs->part, tbs->n, out, e);
}

int rsp_verify(const struct ec_public *key, const struct rsp_tbs *tbs, struct bytes signature, struct err *e)
{
    return ec_verify(key, tbs->part, tbs->n, signature, e);
}

void rsp_hash_cc(struct bytes inner, struct bytes transaction_id, uint8_t out[32])
{
    const struct bytes parts[] = { inner, transaction_id };
    sha256(parts, 2, out);
}

void rsp_hash_code(struct bytes code, uint8_t out[32])
{
    sha256(&code, 1, out);
}
