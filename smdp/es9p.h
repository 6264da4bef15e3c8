/* Inside smdp/: what the functions of ES9+ share (SGP.22 5.6). */
#ifndef RSPKIT_SMDP_ES9P_H
#define RSPKIT_SMDP_ES9P_H

#include "rsp/signed.h"
#include "smdp/core.h"

/* Does the request's listener offer this certificate set? */
bool es9_set_offered(const struct op *, size_t set);
/* The CIs that cards may chain to: those of the sets that the listener offers. */
struct rsp_trust es9_trust(const struct op *);

/* The session of a transaction; 8.10.1/3.9 if there is none, or none whose card is authenticated. */
int es9_session(struct op *, struct bytes id, bool authenticated, struct store_record *out);
/* A DER field that cannot be read. */
int es9_malformed(struct op *, const char *field);
/* A signature of the session's card; 8.1/6.1. */
int es9_signature(struct op *, int64_t curve, struct bytes point, const struct rsp_tbs *, struct bytes signature);
/* A card's chain (up to `ci`, SKI, if present) and its signature. */
int es9_card(struct op *, struct bytes eum, struct bytes euicc, struct bytes ci, const struct rsp_tbs *,
             struct bytes signature, struct rsp_card *);
/* The profile's metadata, decoded and in DER. */
int es9_metadata(struct op *, const struct store_record *type, const struct store_record *profile,
                 struct rsp_StoreMetadataRequest *, struct bytes *der);
/* 8.8.5/4.10 after the order's time; its event goes. */
int es9_not_expired(struct op *, struct store_record *profile, const char *clause);

#endif
