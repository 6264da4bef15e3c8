/* EUM certificates whose signature was verified before: they come with every card of a maker, and verify once.  Only
 * the very same octets under the very same CI count; dates and revocation are looked at each time.
 *
 * May be used from many threads. */
#ifndef RSPKIT_RSP_KNOWN_H
#define RSPKIT_RSP_KNOWN_H

#include "crypto/cert.h"

enum { KNOWN_MAX = 128 /* the newest so many */ };

struct known;

struct known *known_new(void); /* NULL without memory */
void known_free(struct known *); /* NULL is fine */

/* cert_verify, or the memory of it; `k` may be NULL. */
int known_verify(struct known *, const struct cert *, const struct cert *issuer, struct err *);

#endif
