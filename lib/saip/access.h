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

/* A rule: modes, each enough to concern it, and conditions, each enough to allow what it concerns. */
struct saip_access {
    struct bytes modes;      /* access mode data objects */
    struct bytes conditions; /* security condition data objects; none: what it concerns is never allowed */
};

/* The next rule of a record; false at its end, at the padding, or where it is no rule (the cursor stays there): what no
 * rule before that place allows is never allowed. */
bool saip_access_next(struct cursor *record, struct saip_access *);

/* Does the rule concern a use: one of the mode's bits, or a command of this header (b8 of CLA, INS, P1, P2)?  NULL: no
 * command. */
bool saip_access_concerns(const struct saip_access *, uint8_t mode, const uint8_t header[4]);

enum saip_condition_kind {
    SAIP_UNKNOWN, /* of no form that is known here: it is not met, nor is its opposite */
    SAIP_ALWAYS,
    SAIP_NEVER,
    SAIP_KEY,    /* user authentication with `key` by VERIFY PIN */
    SAIP_ANY_OF, /* of `inner` */
    SAIP_ALL_OF,
    SAIP_NONE_OF,
};

struct saip_condition {
    enum saip_condition_kind kind;
    uint8_t key;
    struct bytes inner; /* conditions */
};

enum { SAIP_CONDITION_DEPTH = 4 }; /* conditions in conditions; deeper ones are unknown */

/* The next of several conditions; false at the end.  What is no data object is one unknown condition, the last. */
bool saip_condition_next(struct cursor *conditions, struct saip_condition *);

/* The record of EF.ARR that holds a file's rules; absent if there is none. */
struct bytes saip_arr_record(const struct saip_image *, const struct saip_file *);

/* ------------------------------------------------------------------------------- words */

/* "always", "never", "PIN1", "PIN1 or PIN2", "PIN1 and ADM1": what a record demands for one mode (one bit) or, with
 * mode 0, for an instruction.  NULL without memory. */
const char *saip_access_words(struct arena *, struct bytes record, uint8_t mode, uint8_t ins);

/* A use that a rule may speak of, with what it is called. */
struct saip_access_use {
    const char *name; /* "read", "delete child" */
    uint8_t mode, ins;
};

/* Uses of an EF, or of a DF, in the order of their bits, RESIZE and INCREASE behind them; *n of them. */
const struct saip_access_use *saip_access_uses(bool df, size_t *n);

/* The whole record in one line: "read: always; update: PIN1; deactivate, activate, delete: ADM1".  Uses that no rule
 * names are never allowed and left out.  NULL without memory. */
const char *saip_access_line(struct arena *, struct bytes record, bool df);

#endif
