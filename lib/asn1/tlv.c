/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/tlv.h"

static int malformed(struct err *e, const struct cursor *c, const char *what)
{
    err_set(e, ERR_SYNTAX, "X.690 8.1", "%s", what);
    return err_at(e, "byte %zu", cursor_offset(c));
}

/* 0 on failure. */
static uint32_t read_tag(struct cursor *c)
{
    uint32_t tag = cursor_u8(c);
    if ((tag & 0x1F) != 0x1F)
        return tag;
    for (int i = 0; i < 2; i++) {
        uint8_t more = cursor_u8(c);
        if (i == 0 && (more == 0x80 || (!(more & 0x80) && more < 31)))
            return 0; /* a number that the short form takes */
        tag = tag << 8 | more;
        if (!(more & 0x80))
            return tag;
    }
    return 0;
}

static int read_length(struct cursor *c, enum asn1_mode mode, size_t *out, struct err *e)
{
    uint8_t first = cursor_u8(c);
    if (first < 0x80) {
        *out = first;
        return 0;
    }
    unsigned count = first & 0x7F;
    if (count == 0)
        return malformed(e, c, "an indefinite length");
    uint64_t length = 0;
    unsigned significant = 0;
    for (unsigned i = 0; i < count && !c->failed; i++) {
        uint8_t octet = cursor_u8(c);
        if (significant || octet)
            significant++;
        length = length << 8 | octet;
        if (significant > 4)
            return malformed(e, c, "a length of more than 32 bits");
    }
    bool minimal = significant == count && length >= 0x80;
    if (mode == ASN1_STRICT && !minimal && !c->failed)
        return malformed(e, c, "a length in more octets than needed");
    *out = (size_t)length;
    return 0;
}

int tlv_next(struct cursor *c, enum asn1_mode mode, struct tlv *out, struct err *e)
{
    const uint8_t *start = c->p;
    if (cursor_done(c))
        return malformed(e, c, "the input ends where an element should begin");
    out->tag = read_tag(c);
    if (out->tag == 0)
        return malformed(e, c, c->failed ? "the input ends inside a tag" : "a tag that is not allowed");
    size_t length = 0;
    if (read_length(c, mode, &length, e) != 0)
        return -1;
    if (c->failed)
        return malformed(e, c, "the input ends inside a length");
    if (length > cursor_left(c)) {
        err_set(e, ERR_SYNTAX, "X.690 8.1.3", "element %X announces %zu octets and only %zu are left",
                (unsigned)out->tag, length, cursor_left(c));
        return err_at(e, "byte %zu", cursor_offset(c));
    }
    out->value = cursor_take(c, length);
    out->whole = bytes_make(start, (size_t)(c->p - start));
    return 0;
}

uint32_t tlv_peek(const struct cursor *c)
{
    struct cursor ahead = *c;
    if (ahead.failed || cursor_done(&ahead))
        return 0;
    uint32_t tag = read_tag(&ahead);
    return ahead.failed ? 0 : tag;
}

struct tlv tlv_find(struct bytes concatenation, uint32_t tag)
{
    struct cursor c = cursor_over(concatenation);
    struct tlv t;
    while (!cursor_done(&c) && tlv_next(&c, ASN1_WIRE, &t, NULL) == 0)
        if (t.tag == tag)
            return t;
    return (struct tlv){ 0 };
}

void tlv_header(struct buf *out, uint32_t tag, size_t length)
{
    if (tag > 0xFFFF)
        buf_u8(out, tag >> 16 & 0xFF);
    if (tag > 0xFF)
        buf_u8(out, tag >> 8 & 0xFF);
    buf_u8(out, tag & 0xFF);
    if (length < 0x80) {
        buf_u8(out, (unsigned)length);
        return;
    }
    unsigned octets = 1;
    while (octets < 8 && length >> 8 * octets)
        octets++;
    buf_u8(out, 0x80 | octets);
    while (octets--)
        buf_u8(out, length >> 8 * octets & 0xFF);
}

void tlv_add(struct buf *out, uint32_t tag, struct bytes value)
{
    tlv_header(out, tag, value.n);
    buf_add(out, value);
}
