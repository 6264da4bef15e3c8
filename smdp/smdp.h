/* The SM-DP+: ES2+ for operators, ES9+ for LPAs (SGP.22 5.3, 5.6), in JSON and ASN.1.  A request in,
 * a response out; everything outside is given by `env`.
 *
 * Every request reads, decides, and commits one batch before it is answered.  Not offered yet:
 * ES2+.HandleDownloadProgressInfo, ES12 (smdsAddress is refused with 8.9/5.1).
 */
#ifndef RSPKIT_SMDP_SMDP_H
#define RSPKIT_SMDP_SMDP_H

#include "rsp/exchange.h"
#include "smdp/keys.h"
#include "store/store.h"

enum { SMDP_ADDRESSES_MAX = 8 };

struct smdp {
    struct store *store;
    struct smdp_keys *keys;
    const char *addresses[SMDP_ADDRESSES_MAX]; /* names of this server; the first is told to operators */
    size_t n_addresses;
    int64_t (*now)(void *context); /* seconds since 1970 */
    int (*random)(void *context, uint8_t *out, size_t n);
    void *context;
};

/* Answers one HTTP request; the response is in the arena. */
void smdp_handle(struct smdp *, struct arena *, const struct rsp_request *, struct rsp_response *);

/* ---------------------------------------------------------------------- administration */

struct smdp_type {
    const char *name, *operator_name;
    struct bytes upp;      /* package in DER, the template of its profiles */
    struct bytes metadata; /* StoreMetadataRequest in DER; its ICCID is replaced for each profile */
    bool ppk;
    int64_t cc_tries, downloads; /* limits; 0: 5 and 10 */
};

int smdp_add_operator(struct smdp *, struct arena *, const char *name, struct bytes certificate, struct err *);
int smdp_add_type(struct smdp *, struct arena *, const struct smdp_type *, struct err *);
struct smdp_imported {
    size_t added, there; /* profiles that are new; that were in the store before, and stay as they are */
};

/* CSV with a header line of names (iccid, imsi, k, opc, pin1 ..), a profile a line.  After an
 * error the lines counted in `added` are in the store: the corrected list may be given again. */
int smdp_add_profiles(struct smdp *, struct arena *, const char *type, struct bytes csv, struct smdp_imported *,
                      struct err *);
/* The time after which the order of a profile cannot be downloaded any more (8.8.5/4.10), seconds since 1970; 0: never.
 */
int smdp_set_expiry(struct smdp *, struct arena *, struct bytes iccid, int64_t expires, struct err *);
/* State, EID, matching ID and counters of a profile as text; NULL-terminated lines. */
int smdp_describe(struct smdp *, struct arena *, struct bytes iccid, const char **text, struct err *);

#endif
