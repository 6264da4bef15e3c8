/* The protected channel of a Bound Profile Package: SCP03t as SGP.22 2.5.3 and Annex G
 * use it, both directions.
 *
 * Sending and receiving keep the same state: S-ENC, S-MAC, the MAC chaining value and a
 * counter that every segment moves on, also the MAC-only ones.
 */
#ifndef RSPKIT_CRYPTO_BSP_H
#define RSPKIT_CRYPTO_BSP_H

#include "base/arena.h"
#include "base/err.h"

enum {
    BSP_SEGMENT_MAX = 1020, /* with tag, length and MAC: SGP.22 2.5.3 */
    BSP_MAC = 8,
    BSP_ENCRYPTED_MAX = 1007, /* plaintext of one '86' or '87': pads to 1008 */
    BSP_PLAIN_MAX = 1008,     /* content of one '88' */
    BSP_HOST_ID_MAX = 16,
    BSP_KEY_TYPE_AES = 0x88,
    BSP_KEY_LENGTH = 0x10,
};

struct bsp {
    uint8_t enc[16], mac[16], mcv[16];
    uint64_t counter; /* of the next segment, from 1 */
};

/* Session keys from the shared secret (32 octets), hostId and EID (SGP.22 2.6.7, Annex G). */
int bsp_derive(struct bsp *, struct bytes secret, struct bytes host_id, struct bytes eid, struct err *);

/* New keys and chaining value (profile protection keys); the counter starts again at 1. */
void bsp_replace(struct bsp *, const uint8_t enc[16], const uint8_t mac[16], const uint8_t mcv[16]);

/* One segment: tag 0x86, 0x87 (encrypted and MACed) or 0x88 (MACed). */
int bsp_protect(struct bsp *, struct arena *, uint8_t tag, struct bytes plain, struct bytes *segment, struct err *);

/* The plaintext of one segment.  ERR_SYNTAX for its structure (scp03tStructureError),
 * ERR_VERIFY for MAC or padding (scp03tSecurityError); then the state must not be used
 * any more. */
int bsp_unprotect(struct bsp *, struct arena *, struct bytes segment, struct bytes *plain, struct err *);

/* Wipes the keys. */
void bsp_end(struct bsp *);

#endif
