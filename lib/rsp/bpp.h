/* Bound Profile Package (SGP.22 2.5.5, 5.7.6): built by the SM-DP+, cut into segments by the
 * LPA, without either knowing what the profile is.
 */
#ifndef RSPKIT_RSP_BPP_H
#define RSPKIT_RSP_BPP_H

#include "base/arena.h"
#include "base/err.h"
#include "schema/rsp.h"

struct bsp; /* crypto/bsp.h */

/* What goes in, in clear. */
struct bpp_content {
    struct bytes configure_isdp; /* ConfigureISDPRequest, BF24 */
    struct bytes metadata;       /* StoreMetadataRequest, BF25 */
    struct bytes upp;            /* the unprotected profile package */
};

/* Profile protection keys (PPK mode, SGP.22 2.5.4): 16 octets each. */
struct bpp_ppk {
    uint8_t enc[16], mac[16], mcv[16];
};

/* The body: A0, A1, A2 (with `ppk`), A3 (SGP.22 5.5.2 and 5.5.3, SGP.22 5.5.4, SGP.22 5.5.5) one after the other,
 * protected by the session (whose counter and chaining value move on).  `ppk` NULL: session-key mode. */
int bpp_body(struct arena *, struct bsp *session, const struct bpp_content *, const struct bpp_ppk *ppk,
             struct bytes *body, struct err *);

/* BF36 around InitialiseSecureChannel (signed, BF23) and a body. */
int bpp_assemble(struct arena *, const struct rsp_InitialiseSecureChannelRequest *, struct bytes body,
                 struct bytes *bpp, struct err *);

/* One logical segment of SGP.22 2.5.5: what one sequence of STORE DATA commands carries. */
struct bpp_segment {
    struct bytes octets;
    uint32_t tag; /* of its first TLV: BF36, A0, A1, 88, A2, A3, 86 */
};

/* What the segment carries, for a person. */
const char *bpp_segment_name(const struct bpp_segment *);

struct bpp_segments {
    size_t n;
    struct bpp_segment *items;
};

/* Cuts a BPP; its structure is checked (SGP.22 3.1.3.3: a BPP that is not well formed is
 * loadBppExecutionError for the LPA). */
int bpp_cut(struct arena *, struct bytes bpp, struct bpp_segments *out, struct err *);

/* The StoreMetadataRequest inside the '88' segments (they are MACed, not encrypted), so
 * that the LPA can compare it with what it was shown before. */
int bpp_metadata(struct arena *, struct bytes bpp, struct bytes *metadata, struct err *);

#endif
