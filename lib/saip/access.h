/* Access rules in expanded form as records of EF.ARR hold them (TS 102 221 9.2.4, ISO/IEC 7816-4 5.4.3.2): read rule by
 * rule, for who evaluates them and for who puts them in words.
 *
 * Compact form is not read: the package format has references only (TCA profile package 8.3.2).
 */
#ifndef RSPKIT_SAIP_ACCESS_H
#define RSPKIT_SAIP_ACCESS_H

#include "asn1/tlv.h"
#include "saip/image.h"

/* Bits of an access mode byte (TS 102 221 Table 9.1, 9.2): of an EF, and where they differ of a DF. */
enum saip_access_mode {
    SAIP_READ = 0x01,
    SAIP_UPDATE = 0x02,
    SAIP_WRITE = 0x04,
    SAIP_DELETE_CHILD = 0x01,
    SAIP_CREATE_EF = 0x02,
    SAIP_CREATE_DF = 0x04,
    SAIP_DEACTIVATE = 0x08,
    SAIP_ACTIVATE = 0x10,
    SAIP_TERMINATE = 0x20,
    SAIP_DELETE = 0x40, /* itself */
};

enum { SAIP_INS_INCREASE = 0x32, SAIP_INS_RESIZE = 0xD4 };

/* One access mode data object with its conditions. */
struct saip_access {
    uint8_t modes;      /* 80: a mode byte, or 0 */
    uint8_t ins;        /* 84: an instruction, or 0; both 0: a mode of another form, which allows nothing here */
    struct bytes conditions; /* security condition data objects, any of which suffices */
};

/* The next rule of a record; false at its end, at the padding, or where it is no rule: what is not named by a rule
 * before that place is never allowed. */
bool saip_access_next(struct cursor *record, struct saip_access *);

enum saip_condition_kind {
    SAIP_ALWAYS,
    SAIP_NEVER, /* also a condition of an unknown form */
    SAIP_KEY,   /* user authentication with `key` */
    SAIP_ANY_OF, /* of `inner` */
    SAIP_ALL_OF,
};

struct saip_condition {
    enum saip_condition_kind kind;
    uint8_t key;
    struct bytes inner; /* conditions */
};

enum { SAIP_CONDITION_DEPTH = 4 }; /* conditions in conditions; deeper is never */

/* The next of several conditions; false at the end, or where there is no data object. */
bool saip_condition_next(struct cursor *conditions, struct saip_condition *);

/* The record of EF.ARR that holds a file's rules; absent if there is none. */
struct bytes saip_arr_record(const struct saip_image *, const struct saip_file *);

/* ------------------------------------------------------------------------------- words */

/* "always", "never", "PIN1", "PIN1 or PIN2", "PIN1 and ADM1": what a record demands for one mode (one bit) or, with
 * mode 0, for an instruction.  NULL without memory. */
const char *saip_access_words(struct arena *, struct bytes record, uint8_t mode, uint8_t ins);

/* A use that a rule may speak of, with what it is called. */
struct saip_use {
    const char *name; /* "read", "delete child" */
    uint8_t mode, ins;
};

/* Uses of an EF, or of a DF, in the order of their bits, RESIZE and INCREASE behind them; *n of them. */
const struct saip_use *saip_uses(bool df, size_t *n);

/* The whole record in one line: "read: always; update: PIN1; deactivate, activate, delete: ADM1".  Uses that no rule
 * names are never allowed and left out.  NULL without memory. */
const char *saip_access_line(struct arena *, struct bytes record, bool df);

#endif
