/* The SM-DP+: ES2+ for operators, ES9+ for LPAs (SGP.22 5.3, 5.6), in JSON and ASN.1; towards others
 * ES2+.HandleDownloadProgressInfo and ES12.  server/service.h says what it is given from outside. */
#ifndef RSPKIT_SMDP_SMDP_H
#define RSPKIT_SMDP_SMDP_H

#include "server/outbox.h"
#include "server/service.h"
#include "smdp/keys.h"

/* Limits where neither profile type nor operator has one; 0: 5 codes, 10 downloads, no expiry. */
struct smdp_limits {
    int64_t cc_tries, downloads;
    int64_t lifetime; /* seconds from release to expiry */
};

struct smdp {
    struct service service; /* of smdp_role; sets: those of the keys */
    struct smdp_keys *keys;
    struct smdp_limits limits;
};

extern const struct service_role smdp_role;

/* Answers one HTTP request; the response is in the arena. */
void smdp_handle(struct smdp *, struct arena *, const struct rsp_request *, struct rsp_response *);

/* Sends a message of the outbox; context: struct smdp. */
outbox_send smdp_send;

/* After a start, before requests are answered: orders that were registering their event when the server ended are
 * released once the SM-DS has it, or go back to what they were.  *n: how many there were. */
int smdp_recover(struct smdp *, struct arena *, size_t *n, struct err *);

#endif
