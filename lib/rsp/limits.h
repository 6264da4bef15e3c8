/* Limits of lib/rsp, together. */
#ifndef RSPKIT_RSP_LIMITS_H
#define RSPKIT_RSP_LIMITS_H

enum {
    BPP_SEGMENTS_MAX = 4096, /* 4 MiB of profile in segments of 1,020 octets */
    BPP_MAC_OCTETS = 8,      /* SGP.22 2.5.3: C-MAC at the end of each segment */
    EVENTS_MAX = 1024,       /* entries of one ES11 answer */
    REVOCATION_LIST_MEMORY = 128 << 20, /* octets for a list with its index: 200,000 entries and more */
};

#endif
