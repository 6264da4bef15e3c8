/* Octets as text and back: hex, base64 (RFC 4648 4), numbers. */
#ifndef RSPKIT_BASE_TEXT_H
#define RSPKIT_BASE_TEXT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* Upper-case hex; NULL without memory. */
char *hex_encode(struct arena *, struct bytes b);
void hex_append(struct buf *out, struct bytes b);
/* Two digits an octet, either case, nothing between them. */
int hex_decode(struct arena *, struct bytes text, struct bytes *out, struct err *);

char *base64_encode(struct arena *, struct bytes b);
void base64_append(struct buf *out, struct bytes b);
/* Padding required, white space refused, unused bits zero. */
int base64_decode(struct arena *, struct bytes text, struct bytes *out, struct err *);

/* A decimal number of digits only, at most `max`. */
int decimal_decode(struct bytes text, uint64_t max, uint64_t *out, struct err *);

/* A duration as people write it, at most `max` seconds: 90, 90s, 15m, 12h, 7d. */
int duration_decode(struct bytes text, uint64_t max, uint64_t *seconds, struct err *);
/* In the largest unit that divides it: "7d"; NULL without memory. */
const char *duration_encode(struct arena *, uint64_t seconds);

/* Seconds since 1970 as "2026-03-01T12:00:00Z"; NULL without memory. */
const char *date_encode(struct arena *, int64_t seconds);

/* The text up to `end`, or all of it; *text goes on behind that, absent when nothing is left. */
struct bytes text_word(struct bytes *text, char end);

/* Is the word among those of `words`, between which are blanks? */
bool text_is_among(const char *words, struct bytes word);

/* True if the octets are well-formed UTF-8 (RFC 3629) without NUL. */
bool utf8_valid(struct bytes text);
/* Characters in well-formed UTF-8. */
size_t utf8_length(struct bytes text);

/* Somebody else's text for a person's eyes, in place: each control character (C0, DEL, C1, marks of writing
 * direction) and each octet that is no UTF-8 becomes '?'.  Returns the new length. */
size_t text_make_plain(char *text, size_t n);
/* The same as a copy; never NULL. */
const char *text_plain(struct arena *, struct bytes text);

#endif
