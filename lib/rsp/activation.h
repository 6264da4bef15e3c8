/* Activation code (SGP.22 4.1): 1$FQDN$MatchingID[$OID[$1]], in a QR code behind "LPA:". */
#ifndef RSPKIT_RSP_ACTIVATION_H
#define RSPKIT_RSP_ACTIVATION_H

#include "base/arena.h"
#include "base/err.h"

enum { ACTIVATION_CODE_MAX = 255 };

struct activation_code {
    struct bytes address;     /* FQDN of the SM-DP+ (or SM-DS) */
    struct bytes matching_id; /* may be empty, never absent */
    struct bytes oid;         /* dotted text, absent if not given */
    bool confirmation_code;   /* one will be asked for */
};

/* Slices point into `text`.  With `port`, the address may end in ":number" (laboratory).
 * Unknown further fields are ignored.  Errors name the field and the clause, and point out
 * codes that a shell has probably cut. */
int activation_code_parse(struct bytes text, bool port, struct activation_code *out, struct err *);

/* The code as text, with "LPA:" in front if `qr`; NULL without memory. */
const char *activation_code_text(struct arena *, const struct activation_code *, bool qr);

#endif
