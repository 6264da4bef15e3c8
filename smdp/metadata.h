/* The metadata of a profile type (StoreMetadataRequest, SGP.22 4.4, 5.5.3) from what a person writes. */
#ifndef RSPKIT_SMDP_METADATA_H
#define RSPKIT_SMDP_METADATA_H

#include "base/arena.h"
#include "base/err.h"

enum { METADATA_NOTIFY_MAX = 8, METADATA_ICON_MAX = 1024 /* octets */ };

/* NULL: not given. */
struct metadata_texts {
    const char *spn, *profile_name; /* up to 32 and 64 characters */
    const char *icon;               /* path of a PNG or JPEG file, METADATA_ICON_MAX at most */
    const char *profile_class;      /* "test", "provisioning", "operational" */
    const char *owner;              /* MCC and MNC: "00101" */
    const char *gid1, *gid2;        /* hex */
    const char *rules;              /* "1", "2", "1,2": PPR1 forbids disabling, PPR2 deleting */
    /* "install,enable=NAME" or "NAME" (all four events): who is notified (beside this
     * SM-DP+, which gets the installation result) */
    const char *notify[METADATA_NOTIFY_MAX];
    size_t n_notify;
};

/* DER in the arena; its ICCID stands for that of each profile. */
int metadata_make(struct arena *, const struct metadata_texts *, struct bytes *der, struct err *);

#endif
