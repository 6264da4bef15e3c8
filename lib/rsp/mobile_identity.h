/* SUCIs as they travel: the 5GS mobile identity of TS 24.501 9.11.3.4 from its octet 4 on, which is also what a USIM
 * answers to GET IDENTITY (TS 31.102 7.5.2); the NAI form of TS 23.003 28.7.3 inside it; and the SUPIs in them.
 * Not offered: SUPIs of type GCI and GLI.
 */
#ifndef RSPKIT_RSP_MOBILE_IDENTITY_H
#define RSPKIT_RSP_MOBILE_IDENTITY_H

#include "base/buf.h"
#include "crypto/suci.h"

enum supi_type { SUPI_IMSI, SUPI_NSI }; /* International Mobile Subscription Identity, Network Specific Identifier */

struct suci {
    enum supi_type type;
    struct bytes home;    /* IMSI: digits of MCC and MNC (5 or 6); NSI: the realm, "example.com" */
    struct bytes routing; /* routing indicator, 1 to 4 digits */
    enum suci_scheme scheme;
    uint8_t key_id;            /* Home Network Public Key Identifier, 0 with the null-scheme */
    struct suci_output output; /* with the null-scheme .text is the scheme input */
};

/* Longest NAI (RFC 7542 2.2) that we take. */
enum { SUCI_NAI_MAX = 1024 };

/* The scheme input (TS 33.501 C.3.2): the MSIN of an IMSI as nibbles, low first, F behind an odd one.  (Of an NSI it is
 * the user name as it stands.)  Absent without memory. */
struct bytes suci_input_imsi(struct arena *, struct bytes msin);

/* Writes the mobile identity. */
int suci_write(const struct suci *, struct buf *out, struct err *);

/* Reads one; everything is in the arena or borrowed.  ERR_SYNTAX or ERR_VALUE with the clause; ERR_UNSUPPORTED for a
 * GCI, a GLI and schemes that we don't know. */
int suci_read(struct arena *, struct bytes identity, struct suci *out, struct err *);

/* "imsi-274012001002086" or "nai-user@example.com" (TS 29.571 5.3.2) of a SUCI and its scheme input. */
int supi_text(struct arena *, const struct suci *, struct bytes input, const char **out, struct err *);

#endif
