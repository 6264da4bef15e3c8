/* The card that a profile package describes, in memory: a tree of files, codes, keys and
 * applications.  Made from decoded profile elements by the rules of the profile package format
 * (chapter 8 and Annex A); it knows nothing of cards, sessions or storage.
 */
#ifndef RSPKIT_SAIP_IMAGE_H
#define RSPKIT_SAIP_IMAGE_H

#include "crypto/aka.h"
#include "saip/package.h"
#include "saip/template.h"

struct saip_file {
    const char *name; /* "EF.IMSI", or the FID in hex for files without a template */
    uint16_t fid;     /* of an ADF: the temporary one, for paths only */
    enum saip_file_type type;
    struct saip_file *parent, *children, *next; /* children in the order of creation */
    struct saip_file *link; /* the file whose body this one shares, or NULL */
    struct bytes aid;       /* ADF */
    struct bytes pst;       /* MF, DF, ADF: PIN status template (key references) */
    uint8_t sfi;            /* 0: none */
    uint8_t lcsi;
    uint8_t special; /* 80 high update, 40 readable and updatable when deactivated */
    uint16_t arr_fid; /* EF.ARR by FID, looked up from the file's DF upward */
    uint8_t arr_record;
    uint16_t record_length; /* linear and cyclic */
    uint32_t size;          /* octets of the body */
    uint32_t max_size;      /* BER-TLV: limit, 0 if none is stated */
    uint8_t *body;          /* size octets; of a link: the target's */
    struct bytes link_path; /* FIDs from the MF */
    uint32_t number;        /* in the order of creation, from 0 */
};

struct saip_pin {
    struct saip_file *context; /* MF for global ones, else the DF or ADF */
    uint8_t reference;
    uint8_t value[8];
    uint8_t unblocking; /* PUK reference, 0: none */
    bool enabled, may_disable, may_change;
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
};

enum { SAIP_PINS_MAX = 64, SAIP_PUKS_MAX = 16, SAIP_AKAS_MAX = 8, SAIP_STATUSES_MAX = SAIP_PINS_MAX };

struct saip_image {
    struct saip_file *mf;
    size_t n_files, octets;
    struct saip_pin pins[SAIP_PINS_MAX];
    size_t n_pins;
    struct saip_puk puks[SAIP_PUKS_MAX];
    size_t n_puks;
    struct saip_aka akas[SAIP_AKAS_MAX];
    size_t n_akas;
    size_t n_domains, n_applications, n_rfms; /* kept in the package, never run */
};

/* What the interpreter says of the package: PEStatus values of SAIP, in simaResponse form. */
struct saip_result {
    struct saip_PEStatus items[SAIP_STATUSES_MAX];
    size_t n;
    bool aborted;
    int64_t status;    /* of the element that ended it, 0 if none did */
    char reason[200];  /* element, file and why, for people */
};

/* Interprets the package; the image keeps nothing of it.  Returns 0 if it installs (warnings may be in `result`), -1
 * if it ended; `result` is always filled. */
int saip_install(struct arena *, const struct saip_package *, struct saip_image *, struct saip_result *);

/* EUICCResponse (SAIP) in DER, for simaResponse. */
int saip_response(struct arena *, const struct saip_result *, struct bytes *der, struct err *);

/* The child with this FID, or the file at a path of FIDs from `from`; NULL if there is none. */
struct saip_file *saip_child(const struct saip_file *df, uint16_t fid);

/* The first ADF whose AID begins with these octets. */
struct saip_file *saip_adf(const struct saip_image *, struct bytes aid_prefix);

static inline bool saip_is_df(const struct saip_file *f)
{
    return f->type <= SAIP_DF;
}

#endif
