/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/bpp.h"

#include "asn1/tlv.h"
#include "rsp/limits.h"

static const char CLAUSE[] = "SGP.22 2.5.5";

/* The four sequences after InitialiseSecureChannel, in their order. */
static const struct part {
    uint32_t tag, inner;
    bool whole;    /* one segment with all its elements, or a header and then each element */
    bool optional;
} parts[] = {
    { 0xA0, 0x87, true, false },
    { 0xA1, 0x88, false, false },
    { 0xA2, 0x87, true, true },
    { 0xA3, 0x86, false, false },
};

const char *bpp_segment_name(const struct bpp_segment *s)
{
    static const struct {
        uint32_t tag;
        const char *name;
    } names[] = {
        { 0xBF36, "InitialiseSecureChannel (BF36, BF23)" },
        { 0xA0, "ConfigureISDP, encrypted (A0)" },
        { 0xA1, "metadata follows (A1)" },
        { 0x88, "StoreMetadata, under a MAC (88)" },
        { 0xA2, "ReplaceSessionKeys, encrypted (A2)" },
        { 0xA3, "the profile follows (A3)" },
        { 0x86, "a piece of the profile, encrypted (86)" },
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].tag == s->tag)
            return names[i].name;
    return "unknown";
}

struct cutter {
    struct arena *arena;
    struct bpp_segments *out;
    size_t room;
    struct err *err;
};

static int emit(struct cutter *c, uint32_t tag, struct bytes octets)
{
    if (c->out->n == BPP_SEGMENTS_MAX)
        return err_set(c->err, ERR_LIMIT, CLAUSE, "a BPP of more than %d segments", BPP_SEGMENTS_MAX);
    if (c->out->n == c->room) {
        size_t room = c->room ? c->room * 2 : 32;
        struct bpp_segment *items = arena_array(c->arena, room, sizeof *items);
        if (!items)
            return err_set(c->err, ERR_MEMORY, NULL, "no memory for the segments of a BPP");
        if (c->out->n)
            memcpy(items, c->out->items, c->out->n * sizeof *items);
        c->out->items = items;
        c->room = room;
    }
    c->out->items[c->out->n++] = (struct bpp_segment){ octets, tag };
    return 0;
}

static int wrong(struct err *e, uint32_t found, uint32_t want)
{
    return err_set(e, ERR_SYNTAX, CLAUSE, "BPP: element %X stands where %X is expected", (unsigned)found,
                   (unsigned)want);
}

/* Header alone, then each element; or everything at once. */
static int cut_part(struct cutter *c, const struct part *part, struct tlv tlv)
{
    struct cursor inside = cursor_over(tlv.value);
    struct tlv element;
    struct bytes head = bytes_slice(tlv.whole, 0, tlv.whole.n - tlv.value.n);
    if (emit(c, part->tag, part->whole ? tlv.whole : head) != 0)
        return -1;
    if (cursor_done(&inside))
        return err_set(c->err, ERR_SYNTAX, CLAUSE, "BPP: element %X is empty", (unsigned)part->tag);
    while (!cursor_done(&inside)) {
        if (tlv_next(&inside, ASN1_WIRE, &element, c->err) != 0)
            return err_within(c->err, "BPP, element %X", (unsigned)part->tag);
        if (element.tag != part->inner)
            return wrong(c->err, element.tag, part->inner);
        if (!part->whole && emit(c, part->inner, element.whole) != 0)
            return -1;
    }
    return 0;
}

int bpp_cut(struct arena *a, struct bytes bpp, struct bpp_segments *out, struct err *e)
{
    struct cursor outer = cursor_over(bpp), inside;
    struct tlv tlv;
    struct cutter c = { .arena = a, .out = out, .err = e };
    *out = (struct bpp_segments){ 0 };
    if (tlv_next(&outer, ASN1_WIRE, &tlv, e) != 0)
        return err_within(e, "BPP");
    if (tlv.tag != 0xBF36 || !cursor_done(&outer))
        return err_set(e, ERR_SYNTAX, CLAUSE, "this is not a BoundProfilePackage (BF36)");
    inside = cursor_over(tlv.value);
    if (tlv_next(&inside, ASN1_WIRE, &tlv, e) != 0)
        return err_within(e, "BPP");
    if (tlv.tag != 0xBF23)
        return wrong(e, tlv.tag, 0xBF23);
    if (emit(&c, 0xBF36, bytes_make(bpp.p, (size_t)(inside.p - bpp.p))) != 0)
        return -1;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].optional && tlv_peek(&inside) != parts[i].tag)
            continue;
        if (tlv_next(&inside, ASN1_WIRE, &tlv, e) != 0)
            return err_within(e, "BPP");
        if (tlv.tag != parts[i].tag)
            return wrong(e, tlv.tag, parts[i].tag);
        if (cut_part(&c, &parts[i], tlv) != 0)
            return -1;
    }
    return cursor_done(&inside) ? 0 : wrong(e, tlv_peek(&inside), 0);
}

int bpp_metadata(struct arena *a, struct bytes bpp, struct bytes *metadata, struct err *e)
{
    struct bpp_segments cut;
    struct buf out = buf_in(a);
    if (bpp_cut(a, bpp, &cut, e) != 0)
        return -1;
    for (size_t i = 0; i < cut.n; i++) {
        if (cut.items[i].tag != 0x88)
            continue;
        struct cursor c = cursor_over(cut.items[i].octets);
        struct tlv tlv;
        if (tlv_next(&c, ASN1_WIRE, &tlv, e) != 0)
            return -1;
        if (tlv.value.n < BPP_MAC_OCTETS)
            return err_set(e, ERR_SYNTAX, CLAUSE, "BPP: a segment '88' is shorter than its MAC");
        buf_add(&out, bytes_slice(tlv.value, 0, tlv.value.n - BPP_MAC_OCTETS));
    }
    *metadata = buf_bytes(&out);
    return metadata->p ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for the metadata of a BPP");
}
