/* Inside smdp/: what the functions of ES9+ share (SGP.22 5.6). */
#ifndef RSPKIT_SMDP_ES9P_H
#define RSPKIT_SMDP_ES9P_H

#include "smdp/core.h"

/* The session of a transaction whose card is authenticated; 8.10.1/3.9 if there is none. */
int es9_session(struct op *, struct bytes id, struct store_record *out);
/* The profile's metadata, decoded and in DER. */
int es9_metadata(struct op *, const struct store_record *type, const struct store_record *profile,
                 struct rsp_StoreMetadataRequest *, struct bytes *der);
/* 8.8.5/4.10 after the order's time; its event goes. */
int es9_not_expired(struct op *, struct store_record *profile, const char *clause);

#endif
