/* Whether a profile suits a card, asked before it is delivered (SGP.22 Annex F, 3.1.3, 5.6.3, 5.7.8): what the package
 * needs, and what the card says of itself.  The rules over both are rows of rules.h.
 */
#ifndef RSPKIT_SAIP_SUITS_H
#define RSPKIT_SAIP_SUITS_H

#include "saip/package.h"
#include "schema/rsp.h"

/* Versions as numbers: 2.3.1 is 0x020301. */
#define SAIP_VERSION(major, minor, revision) ((uint32_t)(major) << 16 | (uint32_t)(minor) << 8 | (uint32_t)(revision))

/* ------------------------------------------------------------------------------ the card */

enum { SAIP_FORMATS_MAX = 8 };

/* Bit n of a BIT STRING is 1u << n here.  What is not known counts in the card's favour: a bit is set if the card has
 * the thing or may have it. */
struct saip_card {
    uint32_t formats[SAIP_FORMATS_MAX]; /* profileVersion, then additionalEuiccProfilePackageVersions */
    size_t n_formats;                   /* 0: not known */
    uint32_t services;                  /* UICCCapability */
    uint32_t rsp;                       /* RspCapability */
    uint32_t forbidden;                 /* PprIds of forbiddenProfilePolicyRules */
    uint64_t nvm, ram;                  /* free octets; UINT64_MAX: not known */
    bool field_test;                    /* ppVersion 255.255.255 */
};

/* Never fails.  SGP.22 before v2.5 has no word for some services (v2.4 Annex H: bits 8, 9 and those after 25; v2.2:
 * those after 18 either), so on cards of such an `svn` their bits say something only when they are set. */
void saip_card_of(const struct rsp_EUICCInfo2 *, struct saip_card *);

/* --------------------------------------------------------------------------- the package */

/* Of several file templates the one that came last into the format. */
struct saip_newest {
    uint32_t since;   /* the format's version, without revision; 0: there is none, or none that we know */
    char template[8]; /* "2.13.4": the OID without 2.23.143.1 in front */
};

struct saip_needs {
    uint8_t major, minor;       /* version of the format */
    uint32_t services;          /* as bits of UICCCapability: eUICC-Mandatory-services and what mandated elements are */
    uint32_t used;              /* what the other elements are: a card without it leaves them out */
    struct saip_newest templates, used_templates; /* eUICC-Mandatory-GFSTEList and mandated elements; the others */
    bool libraries, applications;                 /* eUICC-Mandatory-AIDs; a mandated application */
    bool df_5gs;                /* DF.5GS by its element */
    bool get_identity;          /* DF.SAIP, or service 125 in an EF.UST */
    uint32_t nvm, ram;          /* octets, at least; see saip_needs_of */
    /* From the profile's metadata, which the package does not hold: the caller's to fill; 0 and false if unknown. */
    uint32_t pprs;              /* bits of PprIds */
    bool test;                  /* profileClass test */
};

/* Reads a decoded package (`raw` of its elements is used) once, when it is imported.  Fails with ERR_VALUE if it does
 * not begin with a header, and with ERR_MEMORY.
 *
 * `nvm` is the least that any card must find room for: the bodies of all files at their full size (links share one),
 * code to be loaded, and the non-volatile memory that instances reserve.  What a card spends on file descriptors, keys
 * and its own order is not counted, for that differs from card to card.  A package that our interpreter does not
 * install counts with its own octets.  `ram` is what instances reserve. */
int saip_needs_of(struct arena *, const struct saip_package *, struct saip_needs *, struct err *);

/* For a store: SAIP_NEEDS_OCTETS, absent without memory; and back.  ERR_VALUE for octets of another version or
 * length: compute the needs again. */
enum { SAIP_NEEDS_OCTETS = 48 };
struct bytes saip_needs_encode(struct arena *, const struct saip_needs *);
int saip_needs_decode(struct bytes, struct saip_needs *, struct err *);

/* The services that an element is by its kind or algorithm; `seen`: those of the elements before it. */
uint32_t saip_element_services(const struct saip_ProfileElement *, uint32_t seen);

/* The format's version that a template came with, without revision; 0: the first one, or a template not known. */
uint32_t saip_template_since(struct arena *, struct bytes oid);

/* What the owner of the profile decides. */
struct saip_policy {
    bool no_field_test; /* no download to Field-Test eUICCs (SGP.22 5.6.3) */
};

#endif
