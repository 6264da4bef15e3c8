/* Identifiers in their two codings: as people and JSON write them, and as cards
 * and DER hold them.  SGP.22 4.3 (EID), ITU-T E.118 and TS 102 221 (ICCID), TS 23.003. */
#ifndef RSPKIT_RSP_IDS_H
#define RSPKIT_RSP_IDS_H

#include "base/buf.h"
#include "base/err.h"

enum {
    EID_OCTETS = 16,
    EID_DIGITS = 32,
    ICCID_OCTETS = 10,
    TRANSACTION_ID_MAX = 16,
};

/* 32 digits <-> 16 octets, first digit in the high nibble.  The check digits
 * (MOD 97-10) are verified by eid_valid only: cards of the field may lack them. */
int eid_from_text(struct arena *, struct bytes text, struct bytes *eid, struct err *);
const char *eid_text(struct arena *, struct bytes eid);
bool eid_valid(struct bytes eid);
/* The 30 leading digits (rest ignored) completed with the two check digits: 32 digits and NUL. */
void eid_complete(const char digits[30], char out[33]);

/* 19 or 20 digits (or 19 and F) <-> 10 octets with swapped nibbles.  `iccid_text` leaves out
 * the filler; texts with and without it name the same profile. */
int iccid_from_text(struct arena *, struct bytes text, struct bytes *iccid, struct err *);
const char *iccid_text(struct arena *, struct bytes iccid);

/* Telephony BCD (TS 24.008): digits in nibbles, low first, filled up with F to `octets`; read from the nibble `from` to
 * the filler, behind which nothing else may stand. */
void tbcd_add(struct buf *out, struct bytes digits, size_t octets);
int tbcd_read(struct arena *, struct bytes in, size_t from, struct bytes *digits, struct err *);

/* MCC and MNC of TS 24.008 10.5.1.13 ("00101", "246081") <-> 3 octets. */
int plmn_from_text(struct arena *, struct bytes text, struct bytes *plmn, struct err *);
const char *plmn_text(struct arena *, struct bytes plmn);

/* Version of three octets as "2.5.0". */
const char *version_text(struct arena *, struct bytes version);

/* A host name: labels of letters, digits and hyphens, at least one dot, 255 characters at
 * most; with `port` also ":1..65535" behind it (laboratory only). */
bool fqdn_valid(struct bytes name, bool port);

#endif
