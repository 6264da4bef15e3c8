/* File templates of the profile package format (2.23.143.1.2.x) as data: what a profile
 * element leaves unsaid about its files.  Later versions of a template hold only the rows
 * that differ and name the version they build on.
 *
 * Offered: 2.1 to 2.16 with the versions listed in template.c.  Not offered, so that their
 * elements end with template-not-supported: 2.3.3, 2.5.4, 2.9.3, 2.10.2, 2.11.2, 2.15.2, 2.16.2,
 * 2.17, 2.18, 2.19, whose contents are not known to us for certain.
 */
#ifndef RSPKIT_SAIP_TEMPLATE_H
#define RSPKIT_SAIP_TEMPLATE_H

#include "base/bytes.h"

enum saip_file_type { SAIP_MF, SAIP_ADF, SAIP_DF, SAIP_TRANSPARENT, SAIP_LINEAR, SAIP_CYCLIC, SAIP_BERTLV };

enum saip_row_flag {
    SAIP_HIGH = 1,     /* high update activity: special file information 80 */
    SAIP_REQUIRED = 2, /* the element must give content */
    SAIP_UNSURE = 4,   /* a fact of the row is not known: the element must give size and descriptor */
};

enum saip_default { SAIP_NO_DEFAULT, SAIP_PLAIN, SAIP_FILL, SAIP_REPEAT };

struct saip_template_file {
    const char *member, *name; /* "ef-imsi" in the schema, "EF.IMSI" */
    uint16_t fid, last;        /* last: end of a range of FIDs for several files of one member */
    uint16_t parent;           /* FID of the DF inside the template, 0: the template's own */
    enum saip_file_type type;
    unsigned flags;
    uint16_t records, length;  /* record count and length, or size of a transparent EF; 0: none */
    uint8_t sfi;               /* 0: none */
    uint8_t arr;               /* access rule: record of EF.ARR */
    enum saip_default how;
    const char *head, *tail; /* hex: FILL repeats the last octet of head up to the tail */
};

struct saip_template {
    const char *oid; /* dotted */
    const char *base; /* the template whose other rows count, or NULL */
    bool by_default; /* files are created although the element leaves them out */
    const struct saip_template_file *rows;
    size_t n;
};

/* By OID content octets; NULL: not offered. */
const struct saip_template *saip_template_find(struct bytes oid);

/* The row of a member, looked up through the versions; NULL if the template has none.  *place (0 at first) makes asking
 * for one member after the other quick. */
const struct saip_template_file *saip_template_row(const struct saip_template *, const char *member, size_t *place);

/* All templates, for tests and listings. */
extern const struct saip_template saip_templates[];
extern const size_t saip_templates_count;

#endif
