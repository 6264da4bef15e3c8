/* ASN.1 by tables: one constant table per type, and interpreters that walk it
 * (decode, encode, print, parse).  The tables and the C structs are generated
 * from schema/NAME.schema; schema/README.md describes the notation and how a type
 * becomes a struct.
 *
 * Values: every constructed value begins with `struct bytes raw`, the octets it
 * was decoded from (whole, with tag and length; absent in a value built by hand).
 * Signatures are verified over `raw`, never over a re-encoding.  Octets in a
 * decoded value are borrowed from the input; lists and pointers live in the arena.
 */
#ifndef RSPKIT_ASN1_ASN1_H
#define RSPKIT_ASN1_ASN1_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "base/text.h"

enum asn1_kind {
    ASN1_BOOLEAN,   /* bool */
    ASN1_INTEGER,   /* int64_t; also ENUMERATED */
    ASN1_BIGINT,    /* struct bytes: an INTEGER of any length, its content octets */
    ASN1_NULL,      /* bool: present */
    ASN1_OCTETS,    /* struct bytes */
    ASN1_BITS,      /* struct asn1_bits */
    ASN1_OID,       /* struct bytes: content octets */
    ASN1_UTF8,      /* struct bytes, checked to be UTF-8 */
    ASN1_PRINTABLE, /* struct bytes, checked */
    ASN1_IA5,       /* struct bytes, checked */
    ASN1_UTCTIME,   /* struct bytes, YYMMDDhhmmssZ */
    ASN1_GENTIME,   /* struct bytes, YYYYMMDDhhmmssZ */
    ASN1_ANY,       /* struct bytes: one whole TLV, kept as it is */
    ASN1_SEQUENCE,  /* struct with raw and its members */
    ASN1_CHOICE,    /* struct asn1_choice, then a union of the alternatives */
    ASN1_OF,        /* struct asn1_list: SEQUENCE OF */
    ASN1_SET_OF,    /* struct asn1_list: SET OF, in DER order when encoded */
    ASN1_KINDS
};

/* A BIT STRING: bit 0 is the top bit of p[0].  `p == NULL`: absent. */
struct asn1_bits {
    const uint8_t *p;
    size_t n; /* bits */
};

/* How every constructed struct begins. */
struct asn1_choice {
    struct bytes raw;
    int which; /* 1 for the first alternative; 0: none chosen */
};

struct asn1_list {
    struct bytes raw;
    size_t n;
    void *items; /* n elements of the element type's size */
};

/* A named number or named bit. */
struct asn1_name {
    const char *name;
    int64_t value;
};

enum asn1_flag {
    ASN1_OPTIONAL = 1,
    ASN1_DEFAULT = 2,  /* always filled when decoded, left out when encoded if equal */
    ASN1_POINTER = 4,  /* the member is a pointer, NULL when absent */
    ASN1_EXPLICIT = 8, /* the field's tag wraps the type's own */
    ASN1_SECRET = 16,  /* may be blanked when printed */
    ASN1_QUIET = 32,   /* a DEFAULT that value notation leaves out */
};

struct asn1_type;

struct asn1_field {
    const char *name;
    const char *old_name; /* spelling of the 2.x module where it differs, or NULL */
    const struct asn1_type *type;
    uint32_t tag;    /* identifier octets as a number; 0: whatever the (untagged) type takes */
    uint32_t offset; /* in the C struct */
    uint32_t has;    /* offset of the `bool has_NAME` of an OPTIONAL number, else 0 */
    uint32_t flags;  /* enum asn1_flag */
    struct bytes preset; /* content octets of the DEFAULT value */
};

struct asn1_type {
    const char *name; /* as in the standard */
    enum asn1_kind kind;
    uint32_t tag;      /* identifier octets; 0: untagged CHOICE or ANY */
    uint32_t size;     /* octets of its C representation */
    int64_t min, max;  /* length (octets, characters, elements, bits) or value of an INTEGER */
    const struct asn1_field *fields;
    size_t n_fields;
    const struct asn1_type *element;
    const struct asn1_name *names;
    size_t n_names;
};

/* STRICT: canonical DER without unknown elements; what decodes encodes again to
 * the same octets.  WIRE: messages of others; unknown trailing elements and odd but
 * unambiguous forms (long lengths, padded integers, stated defaults, zero bits at
 * the end of named bits, BOOLEAN other than FF, optional octets that are empty though
 * their size forbids it: absent) are tolerated and stay in `raw`. */
enum asn1_mode { ASN1_STRICT, ASN1_WIRE };

/* Decodes one value from `input`, all of which must be used.  `out` points to the
 * type's struct.  Fails with ERR_SYNTAX (shape), ERR_VALUE (constraint), ERR_LIMIT,
 * ERR_MEMORY; err.where is the path of member names and the octet position. */
int asn1_decode(struct arena *, const struct asn1_type *, struct bytes input, enum asn1_mode,
                void *out, struct err *);

/* The same for the next value of a concatenation; the cursor moves behind it.
 * Positions in errors count from the cursor's start. */
int asn1_decode_next(struct arena *, const struct asn1_type *, struct cursor *, enum asn1_mode,
                     void *out, struct err *);

/* DER of the value's members; `raw` is ignored. */
int asn1_encode(struct arena *, const struct asn1_type *, const void *value, struct bytes *out,
                struct err *);

/* As asn1_encode, but a nested value that has `raw` is passed on as those octets (with
 * the tag that its place asks for): how received, signed structures are forwarded. */
int asn1_forward(struct arena *, const struct asn1_type *, const void *value, struct bytes *out,
                 struct err *);

/* ------------------------------------------------------------------ value notation */

struct asn1_style {
    bool old_names; /* the 2.x module's spellings */
    bool hide_secrets; /* members marked secret are printed as their length only */
    size_t width; /* columns: longer octets and bit names go on below, and control characters in texts become '?',
                   * as a terminal would obey them; 0: neither */
    /* A comment that stands above an ANY, or NULL for none; may be NULL. */
    const char *(*note)(struct arena *, struct bytes value);
};

/* Value notation (X.680) of a decoded value, without a leading name; nested by
 * two spaces from `indent` on.  Prints every DEFAULT member except quiet ones.
 * `out->failed` tells that memory ran out. */
void asn1_print(struct buf *out, const struct asn1_type *, const void *value,
                const struct asn1_style *, int indent);

/* Parses the value notation of one value from `text` at *pos (moved behind it).
 * Comments (-- to end of line or --, and slash-star) are skipped.  Members stand in the
 * type's order; DEFAULT members may be present or absent; both spellings are taken.
 * err.where gives line, column and the path of member names. */
int asn1_parse(struct arena *, const struct asn1_type *, struct bytes text, size_t *pos, void *out,
               struct err *);

/* ------------------------------------------------------------------------- helpers */

static inline bool asn1_bit(struct asn1_bits b, size_t bit)
{
    return bit < b.n && (b.p[bit / 8] >> (7 - bit % 8) & 1);
}

/* Name of a number or bit, or NULL. */
const char *asn1_name_of(const struct asn1_type *, int64_t value);

/* "2.23.146.1.2.1.4" <-> content octets. */
const char *asn1_oid_text(struct arena *, struct bytes oid);
int asn1_oid_parse(struct arena *, struct bytes text, struct bytes *oid, struct err *);

#endif
