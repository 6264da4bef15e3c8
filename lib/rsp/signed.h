/* What each signature of SGP.22 covers, in one place for those who make it and those
 * who check it (SGP.22 2.6, 5.5.1, 5.6, 5.7).  Parts are signed one after the other, over
 * SHA-256, as r||s of 64 octets; structures are taken as received (`raw`).
 *
 *   serverSignature1            serverSigned1                      CERT.DPauth / CERT.DSauth
 *   euiccSignature1             euiccSigned1                       CERT.EUICC
 *   smdpSignature2              smdpSigned2, 5F37 euiccSignature1  CERT.DPpb
 *   euiccSignature2             euiccSigned2, 5F37 smdpSignature2  CERT.EUICC
 *   smdpSign                    see rsp_tbs_secure_channel         CERT.DPpb
 *   euiccSignPIR                profileInstallationResultData      CERT.EUICC
 *   euiccNotificationSignature  tbsOtherNotification               CERT.EUICC
 *   euiccCancelSessionSignature euiccCancelSessionSigned           CERT.EUICC
 */
#ifndef RSPKIT_RSP_SIGNED_H
#define RSPKIT_RSP_SIGNED_H

#include "base/arena.h"
#include "crypto/ec.h"
#include "schema/rsp.h"

/* The octets to be signed, as parts. */
struct rsp_tbs {
    struct bytes part[4];
    size_t n;
};

/* One structure alone (serverSigned1, euiccSigned1, PIR data, notification, cancel). */
struct rsp_tbs rsp_tbs_alone(struct bytes structure);

/* A structure and the signature before it (smdpSigned2, euiccSigned2): `signature` is the
 * 64 octets, its 5F37 header is added in the arena. */
struct rsp_tbs rsp_tbs_chained(struct arena *, struct bytes structure, struct bytes signature);

/* smdpSign of InitialiseSecureChannel: remoteOpId, transactionId, controlRefTemplate,
 * otPK.DP, otPK.EUICC as TLVs (SGP.22 5.5.1).  Encodes the fields of `isc`. */
int rsp_tbs_secure_channel(struct arena *, const struct rsp_InitialiseSecureChannelRequest *isc,
                           struct bytes euicc_otpk, struct rsp_tbs *out, struct err *);

int rsp_sign(struct arena *, const struct ec_key *, const struct rsp_tbs *, struct bytes *signature, struct err *);
/* ERR_VERIFY if the signature is not of these octets and this key. */
int rsp_verify(const struct ec_public *, const struct rsp_tbs *, struct bytes signature, struct err *);

/* hashCc = SHA256(SHA256(confirmation code) || transactionId), SGP.22 4.7; `inner` is the
 * SHA-256 of the code.  32 octets. */
void rsp_hash_cc(struct bytes inner, struct bytes transaction_id, uint8_t out[32]);

/* SHA-256 of a confirmation code: what a server keeps of it. */
void rsp_hash_code(struct bytes code, uint8_t out[32]);

/* Wraps a signature for the JSON binding: 5F37 40 r||s. */
struct bytes rsp_signature_tlv(struct arena *, struct bytes signature);
/* And back: the 64 octets inside; ERR_SYNTAX otherwise. */
int rsp_signature_of_tlv(struct bytes tlv, struct bytes *signature, struct err *);

#endif
