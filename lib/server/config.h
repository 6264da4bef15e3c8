/* One commented configuration file for a server program, read through a constant table.  The same table gives the
 * places in the caller's structures, the bounds, the defaults, the messages and the sample file.
 *
 *     # a comment has lines of its own
 *     [server]
 *     addresses = smdp.example.com, smdp.example.net
 *     [listener public]
 *     listen = 127.0.0.1:8443
 *
 * Text in UTF-8 (a byte order mark is passed over), lines ending in LF or CR LF, blanks around a key, its value and a
 * line without meaning.  A value is the rest of its line, so "a;b" and "a#b" are values; a blank before ';' or '#' in
 * a line is refused, since it is either a comment that would have become part of the value or a value that other
 * readers of such files would have cut.  A key stands once in its section; a list may be given in several lines.
 */
#ifndef RSPKIT_SERVER_CONFIG_H
#define RSPKIT_SERVER_CONFIG_H

#include "base/buf.h"
#include "base/err.h"

enum {
    CONFIG_FILE_MAX = 64 << 10, /* octets */
    CONFIG_LINE_MAX = 197,      /* octets without the blanks around them: what inih reads */
    CONFIG_NAME_MAX = 40,       /* characters of a section's own name */
};

/* What a value is, and what the place in the structure has to be.  `min` and `max` of 0 bound nothing. */
enum config_kind {
    CONFIG_TEXT,      /* const char *: min .. max characters */
    CONFIG_HOST,      /* const char *: a host name with a dot (lib/rsp/ids.h) */
    CONFIG_PATH,      /* const char *: relative to the configuration file's folder */
    CONFIG_PLACE,     /* const char *: a path as CONFIG_PATH, or a URL (with "://") */
    CONFIG_NUMBER,    /* int64_t: digits, min .. max */
    CONFIG_YES_NO,    /* bool */
    CONFIG_DURATION,  /* int64_t: seconds, min .. max; written 90, 90s, 15m, 12h, 7d */
    CONFIG_ADDRESS,   /* struct config_address */
    CONFIG_CHOICE,    /* int: index into `choices` */
    CONFIG_WORDS,     /* const char *[], size_t: different words without blanks, of `choices` if there are some */
    CONFIG_HOSTS,     /* const char *[], size_t: different host names */
    CONFIG_REFERENCE, /* const ITEM *: the item of the section of that name; `choices` = the kind of section */
};

struct config_address {
    const char *host; /* a host name, "localhost", an IPv4 address, or an IPv6 address without its brackets */
    int port;         /* 0 (any free one) .. 65535 */
};

/* The last row has no name. */
struct config_key {
    const char *name;
    enum config_kind kind;
    size_t at, n_at, most; /* in the section's item: the place; of a list also its count and its room */
    bool required;
    const char *fallback; /* the default, as it would be written; NULL: the place keeps its zero */
    int64_t min, max;
    const char *const *choices; /* the last is NULL */
    const char *help;           /* lines of the sample, '\n' between them */
};

/* The last row has no name. */
struct config_section {
    const char *name;
    bool named;              /* [NAME own-name], up to `most` times; otherwise [NAME], once */
    bool required;           /* there is at least one */
    size_t at, n_at;         /* in the caller's structure: the item or array of items, and the count of them */
    size_t size, most;       /* of an item in octets; room in the array */
    size_t name_at;          /* in the item: const char *, its own name */
    const char *sample_name; /* the own name that the sample shows */
    const struct config_key *keys;
    int (*check)(const void *item, struct err *); /* of a whole item, or NULL; the place is added to its error */
    const char *help;
};

struct config_table {
    const struct config_section *sections;
    const char *help;
};

/* Parts of the rows; a member whose type is not the kind's does not compile.  The structure in a key's row is the item
 * of its section.
 *
 *     { "listen", CONFIG_ADDRESS_AT(struct listener, listen), .required = true, .help = "..." }
 *     { "server", CONFIG_SINGLE(struct settings, server), .required = true, .keys = ... }
 *     { "listener", CONFIG_NAMED(struct settings, listeners, n_listeners, struct listener, name), .keys = ... } */
#define CONFIG_AT(type, member, wanted) (offsetof(type, member) + 0 * sizeof(1 ? (wanted *)0 : &((type *)0)->member))
#define CONFIG_ROOM(type, array) (sizeof((type *)0)->array / sizeof((type *)0)->array[0])
#define CONFIG_LIST_AT(type, array, n) \
    .at = CONFIG_AT(type, array[0], const char *), .n_at = CONFIG_AT(type, n, size_t), .most = CONFIG_ROOM(type, array)

#define CONFIG_TEXT_AT(type, member) .kind = CONFIG_TEXT, .at = CONFIG_AT(type, member, const char *)
#define CONFIG_HOST_AT(type, member) .kind = CONFIG_HOST, .at = CONFIG_AT(type, member, const char *)
#define CONFIG_PATH_AT(type, member) .kind = CONFIG_PATH, .at = CONFIG_AT(type, member, const char *)
#define CONFIG_PLACE_AT(type, member) .kind = CONFIG_PLACE, .at = CONFIG_AT(type, member, const char *)
#define CONFIG_NUMBER_AT(type, member) .kind = CONFIG_NUMBER, .at = CONFIG_AT(type, member, int64_t)
#define CONFIG_YES_NO_AT(type, member) .kind = CONFIG_YES_NO, .at = CONFIG_AT(type, member, bool)
#define CONFIG_DURATION_AT(type, member) .kind = CONFIG_DURATION, .at = CONFIG_AT(type, member, int64_t)
#define CONFIG_ADDRESS_AT(type, member) .kind = CONFIG_ADDRESS, .at = CONFIG_AT(type, member, struct config_address)
#define CONFIG_CHOICE_AT(type, member) .kind = CONFIG_CHOICE, .at = CONFIG_AT(type, member, int)
#define CONFIG_WORDS_AT(type, array, n) .kind = CONFIG_WORDS, CONFIG_LIST_AT(type, array, n)
#define CONFIG_HOSTS_AT(type, array, n) .kind = CONFIG_HOSTS, CONFIG_LIST_AT(type, array, n)
#define CONFIG_REFERENCE_AT(type, member, item, section)                       \
    .kind = CONFIG_REFERENCE, .at = CONFIG_AT(type, member, const item *), \
    .choices = (const char *const[]){ section, NULL }

#define CONFIG_SINGLE(type, member) .at = offsetof(type, member), .size = sizeof((type *)0)->member
#define CONFIG_NAMED(type, array, n, item, own_name)                                                            \
    .named = true, .at = CONFIG_AT(type, array[0], item), .n_at = CONFIG_AT(type, n, size_t),               \
    .size = sizeof(item), .most = CONFIG_ROOM(type, array), .name_at = CONFIG_AT(item, own_name, const char *)

/* Fills `out`, which the caller has zeroed; texts live in the arena, references point into `out`.  `path` is the
 * file's own, for messages and relative paths.  A section that is not there has its defaults.  The first mistake is
 * told as "PATH:LINE: ...": ERR_SYNTAX, ERR_VALUE, ERR_LIMIT, ERR_EXISTS (twice), ERR_NOT_FOUND (unknown, missing). */
int config_read(struct arena *, const char *path, struct bytes text, const struct config_table *, void *out,
                struct err *);
/* The same with the file at `path`. */
int config_load(struct arena *, const char *path, const struct config_table *, void *out, struct err *);

/* A commented file in which only the values of required keys are left to write. */
void config_sample(const struct config_table *, struct buf *);

#endif
