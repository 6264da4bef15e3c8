/* SPDX-License-Identifier: Apache-2.0
 *
 * Objects of a BER-TLV file, in blocks: RETRIEVE DATA, SET DATA (TS 102 221 11.3). */
#include "asn1/tlv.h"
#include "euicc/uicc_inside.h"

enum { TAG_LIST = 0x5C };

/* P2 b8 b7; b6 is zero, the others are an SFI in a first block. */
enum block { NEXT_BLOCK = 0x00, PREVIOUS_BLOCK = 0x40, FIRST_BLOCK = 0x80 };

/* The file and what kind of block; 0 or a status word. */
static unsigned reach(struct uicc *u, const struct uicc_channel *c, const struct apdu *a, uint8_t mode,
                      struct saip_file **f)
{
    uint8_t block = a->p2 & 0xC0, sfi = a->p2 & 0x1F;
    if (a->p1 || a->p2 & 0x20 || block == 0xC0 || (sfi && block != FIRST_BLOCK))
        return SW_WRONG_P1P2;
    struct uicc_want want = { .by_sfi = sfi, .sfi = sfi, .types = 1 << SAIP_BERTLV, .mode = mode };
    return uicc_reach(u, c, want, a, f);
}

/* ---------------------------------------------------------------------------- objects */

/* Context-specific, of one to three octets (11.3.0): 80..9E, 9F1F..9F7F, 9F8100..9FFF7F, and so from A0. */
static bool tag_read(struct cursor *k, uint32_t *tag)
{
    uint8_t first = cursor_u8(k);
    *tag = first;
    if ((first & 0xC0) != 0x80)
        return false;
    if ((first & 0x1F) != 0x1F)
        return !k->failed;
    uint8_t second = cursor_u8(k);
    *tag = *tag << 8 | second;
    if (second < 0x80)
        return second >= 0x1F && !k->failed;
    uint8_t third = cursor_u8(k);
    *tag = *tag << 8 | third;
    return second > 0x80 && third < 0x80 && !k->failed;
}

/* DER, one to four octets. */
static bool length_read(struct cursor *k, size_t *length)
{
    uint8_t first = cursor_u8(k);
    *length = first;
    if (first < 0x80)
        return !k->failed;
    unsigned octets = first & 0x7F;
    if (octets == 0 || octets > 3)
        return false;
    *length = 0;
    for (unsigned i = 0; i < octets; i++)
        *length = *length << 8 | cursor_u8(k);
    return !k->failed && *length >= (octets == 1 ? 0x80u : (size_t)1 << 8 * (octets - 1));
}

static struct bytes objects_of(const struct saip_file *f)
{
    return bytes_make(f->body, saip_real(f)->used);
}

/* Tag, length and value; absent if there is no such object. */
static struct bytes object_of(const struct saip_file *f, uint32_t tag)
{
    struct cursor k = cursor_over(objects_of(f));
    struct tlv t;
    while (!cursor_done(&k) && tlv_next(&k, ASN1_WIRE, &t, NULL) == 0)
        if (t.tag == tag)
            return t.whole;
    return BYTES_NONE;
}

/* The tags of all objects, under a tag of its own. */
static struct bytes list_of(const struct saip_file *f, struct arena *arena)
{
    struct cursor k = cursor_over(objects_of(f));
    struct buf tags = buf_in(arena), all = buf_in(arena);
    struct tlv t;
    while (!cursor_done(&k) && tlv_next(&k, ASN1_WIRE, &t, NULL) == 0)
        buf_add(&tags, bytes_slice(t.whole, 0, t.tag > 0xFFFF ? 3 : t.tag > 0xFF ? 2 : 1));
    tlv_add(&all, TAG_LIST, buf_bytes(&tags));
    return buf_bytes(&all);
}

/* ---------------------------------------------------------------------- RETRIEVE DATA */

static unsigned read_begin(struct uicc_channel *c, struct saip_file *f, const struct apdu *a)
{
    struct cursor k = cursor_over(a->data);
    uint32_t tag = TAG_LIST;
    if (a->data.n == 0)
        return SW_WRONG_LENGTH;
    if (!bytes_equal(a->data, BYTES_LIT("\x5C")) && (!tag_read(&k, &tag) || !cursor_done(&k)))
        return SW_BAD_DATA;
    if (tag != TAG_LIST && !object_of(f, tag).p)
        return SW_REFERENCE_NOT_FOUND;
    uicc_use(c, f);
    uicc_blocks_end(c);
    c->reading.tag = tag;
    c->reading.next = c->reading.last = 0;
    c->reading.changes = saip_real(f)->changes;
    return 0;
}

/* Where the block begins that comes now: 0 or a status word. */
static unsigned read_on(struct uicc_channel *c, const struct saip_file *f, const struct apdu *a)
{
    if (a->data.n)
        return SW_WRONG_LENGTH;
    if (!c->reading.tag || c->reading.changes != saip_real(f)->changes)
        return SW_CONDITIONS;
    if ((a->p2 & 0xC0) == PREVIOUS_BLOCK)
        c->reading.next = c->reading.last;
    return 0;
}

unsigned uicc_retrieve_data(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    struct saip_file *f;
    unsigned sw = reach(u, c, a, ACCESS_READ, &f);
    if (!sw)
        sw = (a->p2 & 0xC0) == FIRST_BLOCK ? read_begin(c, f, a) : read_on(c, f, a);
    if (sw)
        return sw;
    struct bytes object = c->reading.tag == TAG_LIST ? list_of(f, out->arena) : object_of(f, c->reading.tag);
    if (c->reading.next >= object.n)
        return SW_CONDITIONS; /* all of it was given */
    size_t left = object.n - c->reading.next, le = a->le ? (size_t)a->le : 256, n = left < le ? left : le;
    buf_add(out, bytes_slice(object, c->reading.next, n));
    c->reading.last = c->reading.next;
    c->reading.next += n;
    return n < left ? SW_MORE_AVAILABLE : SW_OK;
}

/* --------------------------------------------------------------------------- SET DATA */

/* The objects with this one put in place of the one with its tag, or behind the others (absent: taken out). */
static unsigned store(struct uicc *u, const struct saip_file *f, uint32_t tag, struct bytes object, struct arena *arena)
{
    struct buf all = buf_in(arena);
    struct bytes now = objects_of(f), old = object_of(f, tag);
    size_t before = old.p ? (size_t)(old.p - now.p) : now.n;
    buf_add(&all, bytes_slice(now, 0, before));
    buf_add(&all, object);
    buf_add(&all, bytes_slice(now, before + old.n, now.n - before - old.n));
    if (all.n > f->size)
        return SW_NO_MEMORY; /* another channel has filled the file meanwhile */
    struct nvm_record r = { .type = REC_OBJECTS,
                            .field = { u->profile->iccid, uicc_number(arena, saip_real(f)), buf_bytes(&all) } };
    return r.field[1].p && r.field[2].p && u->change(u->context, &r) == 0 ? SW_OK : SW_MEMORY;
}

static void transfer_end(struct uicc_transfer *t)
{
    arena_free(t->arena);
    *t = (struct uicc_transfer){ .arena = NULL };
}

/* A slot that is free, or whose channel has given it up. */
static struct uicc_transfer *transfer_begin(struct uicc *u, struct uicc_channel *c, size_t length)
{
    for (size_t i = 0; i < UICC_TRANSFERS; i++) {
        struct uicc_transfer *t = &u->transfers[i];
        if (t->arena && t->owner != c && t->owner->writing == t)
            continue;
        transfer_end(t);
        t->arena = arena_new(length + 64);
        t->octets = t->arena ? arena_alloc(t->arena, length) : NULL;
        if (!t->octets)
            break;
        t->owner = c;
        t->length = length;
        c->writing = t;
        return t;
    }
    return NULL;
}

/* One block more; with the last one the object is there, in one change. */
static unsigned transfer_add(struct uicc *u, struct uicc_channel *c, const struct saip_file *f, struct bytes block,
                             struct arena *arena)
{
    struct uicc_transfer *t = c->writing;
    if (block.n == 0 || block.n > t->length - t->n)
        return SW_WRONG_LENGTH;
    memcpy(t->octets + t->n, block.p, block.n);
    t->last = t->n;
    t->n += block.n;
    if (t->n < t->length)
        return SW_MORE_EXPECTED;
    struct cursor k = cursor_over(bytes_make(t->octets, t->n));
    uint32_t tag;
    tag_read(&k, &tag);
    return store(u, f, tag, bytes_make(t->octets, t->n), arena);
}

/* Tag, length and the beginning of the value; or a tag alone, whose object goes. */
static unsigned write_begin(struct uicc *u, struct uicc_channel *c, struct saip_file *f, const struct apdu *a,
                            struct arena *arena)
{
    struct cursor k = cursor_over(a->data);
    uint32_t tag;
    size_t length;
    if (a->data.n == 0)
        return SW_WRONG_LENGTH;
    if (!tag_read(&k, &tag))
        return SW_BAD_DATA;
    struct bytes old = object_of(f, tag);
    uicc_use(c, f);
    uicc_blocks_end(c);
    if (cursor_done(&k))
        return old.p ? store(u, f, tag, BYTES_NONE, arena) : SW_REFERENCE_NOT_FOUND;
    if (!length_read(&k, &length))
        return SW_BAD_DATA;
    length += cursor_offset(&k);
    if (length > f->size || saip_real(f)->used - old.n > f->size - length)
        return SW_NO_MEMORY;
    return transfer_begin(u, c, length) ? transfer_add(u, c, f, a->data, arena) : SW_NO_MEMORY;
}

static unsigned write_on(struct uicc *u, struct uicc_channel *c, struct saip_file *f, const struct apdu *a,
                         struct arena *arena)
{
    struct uicc_transfer *t = c->writing;
    bool again = (a->p2 & 0xC0) == PREVIOUS_BLOCK;
    if (!t)
        return SW_CONDITIONS;
    if (again && t->last == 0)
        return write_begin(u, c, f, a, arena);
    t->n = again ? t->last : t->n;
    return transfer_add(u, c, f, a->data, arena);
}

unsigned uicc_set_data(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    struct saip_file *f;
    unsigned sw = reach(u, c, a, ACCESS_UPDATE, &f);
    if (sw)
        return sw;
    sw = (a->p2 & 0xC0) == FIRST_BLOCK ? write_begin(u, c, f, a, out->arena) : write_on(u, c, f, a, out->arena);
    if (sw != SW_MORE_EXPECTED && c->writing) {
        transfer_end(c->writing);
        uicc_blocks_end(c);
    }
    return sw;
}
