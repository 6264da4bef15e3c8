/* The head of an HTTP request and the chunked coding of its body (RFC 9112), read strictly: what two readers could
 * take for different things is refused, never repaired.  Pure functions over octets.
 *
 * Not checked here: whether the method, the path or the body's length is wanted.
 */
#ifndef RSPKIT_NET_HTTP_HEAD_H
#define RSPKIT_NET_HTTP_HEAD_H

#include "base/cursor.h"

enum { HTTP_HEAD_FIELDS_MAX = 64, HTTP_CHUNK_EXTRA_MAX = 4096 };

/* Fields that are looked at; each at most once but for Connection, whose last one is kept here. */
enum http_field {
    HTTP_HOST,
    HTTP_CONTENT_TYPE,
    HTTP_CONTENT_LENGTH,
    HTTP_TRANSFER_ENCODING,
    HTTP_CONNECTION,
    HTTP_EXPECT,
    HTTP_USER_AGENT,
    HTTP_ADMIN_PROTOCOL,
    HTTP_FIELDS
};

/* Slices of the octets that were parsed. */
struct http_head {
    struct bytes method, path; /* the path begins with '/', of printable ASCII */
    struct bytes field[HTTP_FIELDS];
    bool old;      /* HTTP/1.0 */
    bool keep;     /* the connection outlasts the answer */
    bool continues; /* the client waits for 100 before it sends the body */
    bool chunked;
    uint64_t length; /* of the body, unless chunked */
};

/* `head`: from the method to the empty line, with it.  Returns 0, or the status of the refusal: 400, 413 (a length
 * that is no 63-bit number), 417, 431 (more than HTTP_HEAD_FIELDS_MAX fields), 501 (a transfer coding), 505. */
int http_head_parse(struct bytes head, struct http_head *out);

/* The chunked coding, however it is cut; all zero at the beginning. */
struct http_chunks {
    int state;
    size_t digits, extra; /* of the size that is read; octets of extensions and trailers, all told */
    uint64_t left;
};

enum http_chunk {
    HTTP_CHUNK_MORE, /* `in` is used up */
    HTTP_CHUNK_DATA, /* the next octets of the body, a slice of `in` */
    HTTP_CHUNK_END,  /* `in` stands behind the last octet of the coding */
    HTTP_CHUNK_BAD
};

enum http_chunk http_chunk_next(struct http_chunks *, struct cursor *in, struct bytes *data);

#endif
