/* Concealment of subscription identifiers, both sides: the ECIES profiles of TS 33.501 Annex C.3.  How a SUCI is
 * written is lib/rsp/mobile_identity.h.  Not offered: schemes of operators of their own (C to F).
 */
#ifndef RSPKIT_CRYPTO_SUCI_H
#define RSPKIT_CRYPTO_SUCI_H

#include "base/arena.h"
#include "base/err.h"

enum suci_scheme { SUCI_NULL, SUCI_PROFILE_A, SUCI_PROFILE_B, SUCI_SCHEMES }; /* as TS 33.501 C.1 numbers them */

enum { SUCI_PRIVATE_OCTETS = 32, SUCI_PUBLIC_MAX = 33, SUCI_MAC_OCTETS = 8 };

/* Octets of an ephemeral public key as it is sent: 32 (X25519), 33 (P-256, compressed), 0 with the null-scheme. */
size_t suci_public_octets(enum suci_scheme);

/* The parts of a scheme output.  With the null-scheme there is the text alone, in clear. */
struct suci_output {
    struct bytes key, text, mac;
};

/* A private key of profile A or B: of a home network, or one that serves once.  Under the null-scheme there is none,
 * and what is concealed and revealed stays as it is. */
struct suci_private {
    enum suci_scheme scheme;
    uint8_t octets[SUCI_PRIVATE_OCTETS];
};

/* PEM or DER, PKCS#8 (P-256 also SEC1), without passphrase; the kind of key says which profile it is of.  The caller
 * wipes it. */
int suci_private_read(struct bytes file, struct suci_private *out, struct err *);
int suci_private_generate(enum suci_scheme, struct suci_private *out, struct err *);

/* The card's side: conceals for a home network's public key (profile A: 32 octets, RFC 7748; B: a point of P-256 in
 * either form, RFC 5480) with a private key that must be fresh each time, of the same profile.  ERR_VALUE: the public
 * key is malformed.  The output is in the arena. */
int suci_conceal(const struct suci_private *ephemeral, struct bytes home_public, struct bytes plain, struct arena *,
                 struct suci_output *out, struct err *);

/* The home network's side.  ERR_VALUE: the ephemeral key is malformed, or uncompressed (C.3.4.2); ERR_VERIFY: the MAC
 * is wrong, so this is no output for this key, or one that was altered. */
int suci_reveal(const struct suci_private *home, const struct suci_output *, struct arena *, struct bytes *plain,
                struct err *);

#endif
