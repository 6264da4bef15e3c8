/* The card that a profile package describes, in memory: a tree of files, codes, keys and
 * applications.  Made from decoded profile elements by the rules of the profile package format
 * (chapter 8 and Annex A); it knows nothing of cards, sessions or storage.
 */
#ifndef RSPKIT_SAIP_IMAGE_H
#define RSPKIT_SAIP_IMAGE_H

#include "crypto/aka.h"
#include "saip/fault.h"
#include "saip/package.h"
#include "saip/template.h"

/* What an ADF is: by its AID (TS 101 220 Annex E, 3GPP2 S.R0048), or else by the element that made it. */
enum saip_naa { SAIP_NO_NAA, SAIP_USIM, SAIP_ISIM, SAIP_CSIM, SAIP_NAAS };

struct saip_file {
    const char *name; /* "EF.IMSI", or the FID in hex for files without a template */
    uint16_t fid;     /* of an ADF: the temporary one, for paths only */
    enum saip_file_type type;
    struct saip_file *parent, *children, *next; /* children in the order of creation */
    struct saip_file *link; /* the file whose body this one shares, or NULL */
    struct bytes aid;       /* ADF */
    enum saip_naa naa;      /* ADF */
    struct bytes pst;       /* MF, DF, ADF: PIN status template (key references) */
    uint8_t sfi;            /* 0: none */
    uint8_t lcsi;
    uint8_t special; /* 80 high update, 40 readable and updatable when deactivated */
    uint16_t arr_fid; /* EF.ARR by FID, looked up from the file's DF upward */
    uint8_t arr_record;
    uint16_t record_length; /* linear and cyclic */
    uint32_t size;          /* octets of the body */
    uint32_t used;          /* BER-TLV: octets of the objects, one behind the other at the body's start */
    uint32_t reserved;      /* BER-TLV: efFileSize; `size` has room for max_size */
    uint32_t max_size;      /* BER-TLV: limit, 0 if none is stated */
    uint32_t changes;       /* BER-TLV: how often the card has changed the objects since it has its power */
    uint8_t *body;          /* size octets; of a link: the target's */
    struct bytes link_path; /* FIDs from the MF */
    struct saip_file *codes; /* MF, DF, ADF: the DF whose local PINs count here too, or NULL */
    uint32_t number;        /* in the order of creation, from 0 */
    size_t element;         /* that made it: its number, from 1 */
    const char *member;     /* of that element, or NULL: generic file management */
    uint32_t cleared;       /* EF.UST, EF.IST: bit n says that the package sets the service of row n of saip_cleared */
};

struct saip_pin {
    struct saip_file *context; /* MF for global ones, else the DF or ADF */
    uint8_t reference;
    uint8_t value[8];
    uint8_t unblocking; /* PUK reference, 0: none */
    bool enabled, may_disable, may_change;
    bool replaced; /* disabled, and the universal PIN stands for it (TS 102 221 11.1.11); no package says so */
    uint8_t max, left;
};

struct saip_puk {
    uint8_t reference, value[8], max, left;
};

/* Authentication parameters of one NAA. */
struct saip_aka {
    struct saip_file *adf;
    struct aka_key key;
    uint8_t sqn_options; /* what they mean: euicc/sqn.h */
    uint8_t sqn_delta[6], sqn_age_limit[6];
    uint8_t seq[32][6]; /* SEQ of each IND slot, without the IND bits */
    size_t sequence;    /* index of the NAA whose `seq` counts: its own, or the one that it is mapped to */
};

/* CAVE and access parameters of a CSIM (PE-CDMAParameter): kept for who reads the image, used by no command. */
struct saip_cdma {
    struct saip_file *adf;
    struct bytes key, ssd, hrpd, simple_ip, mobile_ip; /* absent where the package has none */
};

/* What a package puts on the card beside files: kept and listed, never run. */
enum saip_module_kind { SAIP_DOMAIN, SAIP_APPLICATION, SAIP_RFM };

struct saip_module {
    enum saip_module_kind kind;
    struct bytes load_package, aid;  /* of the instance; an application that is only loaded has no aid */
    struct bytes domain;             /* AID of the security domain that it belongs to, or absent: the MNO-SD */
    struct bytes tars;               /* three octets each */
    uint8_t security_level;          /* minimum, of RFM and toolkit parameters (TS 102 225 5.1.1) */
    struct bytes key_versions;       /* SAIP_DOMAIN: version and identifier of each key */
    size_t code;                     /* octets of the load block */
};

enum {
    SAIP_PINS_MAX = 64,
    SAIP_PUKS_MAX = 16,
    SAIP_AKAS_MAX = 8,
    SAIP_CDMAS_MAX = 4,
};

struct saip_image {
    struct saip_file *mf;
    size_t n_files, octets;
    struct saip_pin pins[SAIP_PINS_MAX];
    size_t n_pins;
    struct saip_puk puks[SAIP_PUKS_MAX];
    size_t n_puks;
    struct saip_aka akas[SAIP_AKAS_MAX];
    size_t n_akas;
    struct saip_cdma cdmas[SAIP_CDMAS_MAX];
    size_t n_cdmas;
    struct saip_module *modules;
    size_t n_modules;
};

/* Interprets the package; the image keeps nothing of it.  Returns 0 if it installs (warnings may be in `result`), -1
 * if it ended; `result` is always filled. */
int saip_install(struct arena *, const struct saip_package *, struct saip_image *, struct saip_result *);

/* The same as the package says it, whatever our card lacks: services are not asked for, and none are cleared in EF.UST.
 * A link without target keeps `link` NULL and has no body; PIN status templates may name PINs that are not there;
 * objects of BER-TLV files are as they are.  Faults that are left in `result` tell what our card lacks. */
int saip_interpret(struct arena *, const struct saip_package *, struct saip_image *, struct saip_result *);

/* The child with this FID; NULL if there is none. */
struct saip_file *saip_child(const struct saip_file *df, uint16_t fid);
/* The file at a path of FIDs (ADFs by their temporary ones) from the MF, which may be named; empty: the MF. */
struct saip_file *saip_at(const struct saip_image *, struct bytes path);

/* The PIN that a key reference means in a directory: a global one of the MF; a local one of the directory, of one above
 * it or of one that it shares (TS 102 221 9.5.1, TCA profile package 8.5.1).  NULL: there is none. */
const struct saip_pin *saip_pin_in(const struct saip_image *, const struct saip_file *df, uint8_t reference);

/* The EF.ARR that has a file's access rule: 2F06 of the MF; another one of its DF (of a DF: in itself), or of those
 * above up to the ADF (TS 102 221 11.1.1.4.7).  NULL: there is none. */
struct saip_file *saip_arr_of(const struct saip_image *, const struct saip_file *);

/* The first ADF whose AID begins with these octets. */
struct saip_file *saip_adf(const struct saip_image *, struct bytes aid_prefix);

/* The file whose body it is: of a link, the target. */
static inline const struct saip_file *saip_real(const struct saip_file *f)
{
    return f->link ? f->link : f;
}

static inline bool saip_is_df(const struct saip_file *f)
{
    return f->type <= SAIP_DF;
}

#endif
