/* What is told of a package: a small tree of named values, made once and then printed for people, printed as JSON,
 * or compared with another one.
 *
 * Functions that add return what they added, or NULL without memory; adding to NULL does nothing and returns NULL, so
 * many may follow each other and one look at `lacks` at the end suffices.
 */
#ifndef RSPKIT_SAIP_TOLD_H
#define RSPKIT_SAIP_TOLD_H

#include "base/arena.h"
#include "base/buf.h"

enum saip_told_kind {
    SAIP_TOLD_TEXT,   /* `text` */
    SAIP_TOLD_NUMBER, /* `number` */
    SAIP_TOLD_YES,    /* `number` is 0 or 1 */
    SAIP_TOLD_OCTETS, /* `octets`: hex */
    SAIP_TOLD_OBJECT, /* members, each with a name */
    SAIP_TOLD_LIST,   /* items, each without a name: objects or texts */
};

enum saip_told_flag {
    SAIP_TOLD_SECRET = 1,   /* keys and codes: printed only on demand */
    SAIP_TOLD_PROGRAMS = 2, /* JSON and comparisons have it, people don't see it */
    SAIP_TOLD_COMPARED = 4, /* comparisons have it, nobody sees it */
    SAIP_TOLD_PERSONAL = 8, /* differs from subscriber to subscriber: comparisons may leave it out */
    SAIP_TOLD_APART = 16,   /* people and programs have it, comparisons leave it out */
};

struct saip_told {
    const char *name; /* of a member, in the way of JSON: "profileType"; NULL: an item */
    enum saip_told_kind kind;
    unsigned flags;
    const char *text;
    int64_t number;
    struct bytes octets;
    const char *key; /* of an item: what it is called, and matched by in another tree; or NULL: by its place */
    struct saip_told *first, *last, *next; /* members or items; the next of its own list */
    struct saip_tale *tale;
};

/* Of one tree. */
struct saip_tale {
    struct arena *arena;
    bool lacks; /* memory ran out, the tree is of no use */
};

struct saip_told *saip_told_root(struct saip_tale *); /* an object */

/* Texts are kept as they are given: they must live as long as the tree. */
struct saip_told *saip_told_text(struct saip_told *in, const char *name, const char *text);
struct saip_told *saip_told_format(struct saip_told *in, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
struct saip_told *saip_told_number(struct saip_told *in, const char *name, int64_t number);
struct saip_told *saip_told_yes(struct saip_told *in, const char *name, bool yes);
/* Absent octets add nothing. */
struct saip_told *saip_told_octets(struct saip_told *in, const char *name, struct bytes octets);
struct saip_told *saip_told_object(struct saip_told *in, const char *name);
struct saip_told *saip_told_list(struct saip_told *in, const char *name);
/* A text as an item of a list, `text` as above. */
struct saip_told *saip_told_line(struct saip_told *list, const char *text);
/* An object as an item of a list; `key` as above. */
struct saip_told *saip_told_item(struct saip_told *list, const char *key);
/* NULL-safe. */
struct saip_told *saip_told_mark(struct saip_told *, unsigned flags);

/* The member of that name, or NULL; of NULL, NULL. */
const struct saip_told *saip_told_of(const struct saip_told *, const char *name);
/* Its text, or NULL. */
const char *saip_told_text_of(const struct saip_told *, const char *name);

/* One JSON value, indented by two blanks a level; a secret is null unless `secrets`. */
void saip_told_json(struct buf *out, const struct saip_told *, bool secrets);

#endif
