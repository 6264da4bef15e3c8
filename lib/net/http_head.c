/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http_head.h"

#include "base/err.h"
#include "base/text.h"

static const char *const names[HTTP_FIELDS] = {
    [HTTP_HOST] = "Host",
    [HTTP_CONTENT_TYPE] = "Content-Type",
    [HTTP_CONTENT_LENGTH] = "Content-Length",
    [HTTP_TRANSFER_ENCODING] = "Transfer-Encoding",
    [HTTP_CONNECTION] = "Connection",
    [HTTP_EXPECT] = "Expect",
    [HTTP_USER_AGENT] = "User-Agent",
    [HTTP_ADMIN_PROTOCOL] = "X-Admin-Protocol",
};

/* RFC 9110 5.6.2 */
static bool is_token(struct bytes b)
{
    for (size_t i = 0; i < b.n; i++) {
        int c = b.p[i];
        bool alphanumeric = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        if (!alphanumeric && (c == 0 || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return b.n > 0;
}

/* RFC 9110 5.5: no control characters but the tabulator. */
static bool is_value(struct bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if ((b.p[i] < 0x20 && b.p[i] != '\t') || b.p[i] == 0x7F)
            return false;
    return true;
}

static bool is_target(struct bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] <= 0x20 || b.p[i] >= 0x7F)
            return false;
    return b.n > 0;
}

static struct bytes trim(struct bytes b)
{
    while (b.n && (b.p[0] == ' ' || b.p[0] == '\t'))
        b = bytes_slice(b, 1, b.n);
    while (b.n && (b.p[b.n - 1] == ' ' || b.p[b.n - 1] == '\t'))
        b.n--;
    return b;
}

static bool is(struct bytes b, const char *text)
{
    return bytes_equal_nocase(b, bytes_text(text));
}

/* The octets before the first `octet`; they and it are taken from `rest`.  False without one. */
static bool split(struct bytes *rest, int octet, struct bytes *before)
{
    const uint8_t *at = rest->n ? memchr(rest->p, octet, rest->n) : NULL;
    if (!at)
        return false;
    *before = bytes_slice(*rest, 0, (size_t)(at - rest->p));
    *rest = bytes_slice(*rest, before->n + 1, rest->n);
    return true;
}

/* A line without its CR LF; absent if there is no whole one. */
static struct bytes next_line(struct cursor *c)
{
    struct bytes all = bytes_make(c->p, cursor_left(c));
    const uint8_t *at = all.n ? memmem(all.p, all.n, "\r\n", 2) : NULL;
    struct bytes line = cursor_take(c, at ? (size_t)(at - all.p) : all.n + 1);
    cursor_take(c, 2);
    return line;
}

static int read_version(struct bytes b, struct http_head *h)
{
    bool shaped = b.n == 8 && memcmp(b.p, "HTTP/", 5) == 0 && b.p[6] == '.' && b.p[5] >= '0' && b.p[5] <= '9' &&
                  b.p[7] >= '0' && b.p[7] <= '9';
    if (!shaped)
        return 400;
    h->old = b.p[7] == '0';
    return b.p[5] == '1' ? 0 : 505;
}

/* RFC 9112 3.2: the path as it is, or behind a scheme and an authority. */
static struct bytes path_of(struct bytes target)
{
    static const char *const schemes[] = { "https://", "http://" };
    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(schemes[i]);
        if (!is(bytes_slice(target, 0, n), schemes[i]))
            continue;
        struct bytes rest = bytes_slice(target, n, target.n), authority;
        if (split(&rest, '/', &authority) && authority.n)
            return bytes_make(rest.p - 1, rest.n + 1);
    }
    return target;
}

static int read_request_line(struct bytes line, struct http_head *h)
{
    struct bytes target;
    if (!split(&line, ' ', &h->method) || !is_token(h->method) || !split(&line, ' ', &target) || !is_target(target))
        return 400;
    h->path = path_of(target);
    int status = read_version(line, h);
    return status ? status : h->path.p[0] == '/' ? 0 : 400;
}

struct connection_options {
    bool close, keep;
};

static void read_connection(struct bytes list, struct connection_options *o)
{
    for (bool more = true; more;) {
        struct bytes option = list;
        more = split(&list, ',', &option);
        o->close |= is(trim(option), "close");
        o->keep |= is(trim(option), "keep-alive");
    }
}

static int read_field(struct bytes line, struct http_head *h, struct connection_options *o)
{
    struct bytes name;
    if (!split(&line, ':', &name) || !is_token(name) || !is_value(line))
        return 400;
    for (int f = 0; f < HTTP_FIELDS; f++) {
        if (!is(name, names[f]))
            continue;
        if (f == HTTP_CONNECTION)
            read_connection(line, o);
        else if (bytes_present(h->field[f]))
            return 400;
        h->field[f] = trim(line);
    }
    return 0;
}

static int read_fields(struct cursor *c, struct http_head *h, struct connection_options *o)
{
    for (size_t n = 0;; n++) {
        struct bytes line = next_line(c);
        if (!bytes_present(line))
            return 400;
        if (line.n == 0)
            return cursor_done(c) ? 0 : 400;
        if (n == HTTP_HEAD_FIELDS_MAX)
            return 431;
        int status = read_field(line, h, o);
        if (status)
            return status;
    }
}

/* RFC 9112 6.3: a length, or chunks, never both. */
static int read_framing(struct http_head *h)
{
    struct bytes length = h->field[HTTP_CONTENT_LENGTH], coding = h->field[HTTP_TRANSFER_ENCODING];
    struct err e;
    h->chunked = bytes_present(coding);
    if (h->chunked && (bytes_present(length) || h->old))
        return 400;
    if (h->chunked)
        return is(coding, "chunked") ? 0 : 501;
    if (!bytes_present(length) || decimal_decode(length, INT64_MAX, &h->length, &e) == 0)
        return 0;
    return e.code == ERR_SYNTAX ? 400 : 413;
}

int http_head_parse(struct bytes head, struct http_head *h)
{
    struct cursor c = cursor_over(head);
    struct connection_options o = { false, false };
    *h = (struct http_head){ .length = 0 };
    int status = read_request_line(next_line(&c), h);
    if (!status)
        status = read_fields(&c, h, &o);
    if (!status)
        status = read_framing(h);
    if (status)
        return status;
    h->keep = !o.close && (o.keep || !h->old);
    struct bytes expect = h->field[HTTP_EXPECT];
    h->continues = bytes_present(expect) && !h->old;
    if (h->continues && !is(expect, "100-continue"))
        return 417;
    return h->old || bytes_present(h->field[HTTP_HOST]) ? 0 : 400; /* RFC 9112 3.2 */
}

/* -------------------------------------------------------------------------------- chunks */

/* What is expected next. */
enum { FIRST_DIGIT, DIGIT, EXTENSION, SIZE_LF, DATA, DATA_CR, DATA_LF, TRAILER, TRAILER_TEXT, TRAILER_LF, LAST_LF,
       END, BAD };
enum { HEX, CR, LF, SEMICOLON, OTHER, CLASSES };

/* RFC 9112 7.1.  DATA is a matter of counting, END and BAD last. */
static const uint8_t steps[END][CLASSES] = {
    /*                  HEX           CR          LF           ;             other */
    [FIRST_DIGIT] =  { DIGIT,        BAD,        BAD,         BAD,          BAD },
    [DIGIT] =        { DIGIT,        SIZE_LF,    BAD,         EXTENSION,    BAD },
    [EXTENSION] =    { EXTENSION,    SIZE_LF,    BAD,         EXTENSION,    EXTENSION },
    [SIZE_LF] =      { BAD,          BAD,        DATA,        BAD,          BAD },
    [DATA_CR] =      { BAD,          DATA_LF,    BAD,         BAD,          BAD },
    [DATA_LF] =      { BAD,          BAD,        FIRST_DIGIT, BAD,          BAD },
    [TRAILER] =      { TRAILER_TEXT, LAST_LF,    BAD,         TRAILER_TEXT, TRAILER_TEXT },
    [TRAILER_TEXT] = { TRAILER_TEXT, TRAILER_LF, BAD,         TRAILER_TEXT, TRAILER_TEXT },
    [TRAILER_LF] =   { BAD,          BAD,        TRAILER,     BAD,          BAD },
    [LAST_LF] =      { BAD,          BAD,        END,         BAD,          BAD },
};

static int digit_of(int octet)
{
    static const char digits[] = "0123456789abcdef";
    int lower = octet >= 'A' && octet <= 'F' ? octet | 0x20 : octet;
    const char *at = lower ? strchr(digits, lower) : NULL;
    return at ? (int)(at - digits) : -1;
}

static int class_of(int octet)
{
    return octet == '\r' ? CR : octet == '\n' ? LF : octet == ';' ? SEMICOLON : digit_of(octet) >= 0 ? HEX : OTHER;
}

static int chunk_step(struct http_chunks *c, int octet)
{
    enum { DIGITS_MAX = 8 };
    int next = steps[c->state][class_of(octet)];
    if (next == FIRST_DIGIT)
        c->digits = 0;
    if (next == DIGIT) {
        c->left = (c->digits ? c->left << 4 : 0) | (uint64_t)digit_of(octet);
        next = ++c->digits <= DIGITS_MAX ? DIGIT : BAD;
    }
    if (next == EXTENSION || next == TRAILER_TEXT)
        next = ++c->extra <= HTTP_CHUNK_EXTRA_MAX ? next : BAD;
    return next == DATA && c->left == 0 ? TRAILER : next;
}

enum http_chunk http_chunk_next(struct http_chunks *c, struct cursor *in, struct bytes *data)
{
    while (c->state < END) {
        size_t there = cursor_left(in);
        if (there == 0)
            return HTTP_CHUNK_MORE;
        if (c->state != DATA) {
            c->state = chunk_step(c, cursor_u8(in));
            continue;
        }
        *data = cursor_take(in, there < c->left ? there : (size_t)c->left);
        c->left -= data->n;
        c->state = c->left ? DATA : DATA_CR;
        return HTTP_CHUNK_DATA;
    }
    return c->state == END ? HTTP_CHUNK_END : HTTP_CHUNK_BAD;
}
