/* SPDX-License-Identifier: Apache-2.0 */
#include "mutate.h"

#include "asn1/tlv.h"

enum { NODES_MAX = 20000, DEPTH_MAX = 24 };

struct node {
    uint32_t tag;
    struct bytes content; /* of a primitive one */
    struct node *children, *next;
    bool constructed;
};

struct tree {
    struct arena *arena;
    struct node *root, **all;
    size_t n;
    uint64_t *random;
};

uint64_t mutate_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static size_t below(struct tree *t, size_t limit)
{
    return limit ? (size_t)(mutate_random(t->random) % limit) : 0;
}

/* The TLVs one behind the other; *whole tells whether the octets are nothing else. */
static struct node *grow(struct tree *t, struct bytes octets, int depth, bool *whole)
{
    struct node *first = NULL, **end = &first;
    struct cursor c = cursor_over(octets);
    struct tlv tlv;
    *whole = false;
    while (!cursor_done(&c)) {
        if (t->n == NODES_MAX || tlv_next(&c, ASN1_WIRE, &tlv, NULL) != 0)
            return first;
        struct node *node = arena_alloc(t->arena, sizeof *node);
        if (!node)
            return first;
        uint8_t head = tlv.whole.p[0];
        bool deeper = head & 0x20 && depth < DEPTH_MAX, inner = false;
        *node = (struct node){ .tag = tlv.tag, .content = tlv.value };
        size_t before = t->n;
        t->all[t->n++] = node;
        node->children = deeper ? grow(t, tlv.value, depth + 1, &inner) : NULL;
        node->constructed = inner;
        if (!inner)
            t->n = before + 1;
        *end = node;
        end = &node->next;
    }
    *whole = true;
    return first;
}

static void write(struct buf *out, const struct node *node)
{
    for (; node; node = node->next) {
        struct buf inside = buf_in(out->arena);
        if (node->constructed)
            write(&inside, node->children);
        tlv_add(out, node->tag, node->constructed ? bytes_slice(buf_bytes(&inside), 0, inside.n) : node->content);
    }
}

/* ------------------------------------------------------------------------------ changes */

static void drop(struct tree *t, struct node *node)
{
    (void)t;
    if (node->next)
        *node = *node->next;
    else
        *node = (struct node){ .tag = 0x80, .content = BYTES_LIT("") };
}

static void twice(struct tree *t, struct node *node)
{
    struct node *copy = arena_alloc(t->arena, sizeof *copy);
    if (!copy)
        return;
    *copy = *node;
    node->next = copy;
}

/* Its inside from elsewhere.  A node does not come into itself: copies are of what stood there before. */
static void inside_of(struct tree *t, struct node *node)
{
    struct node other = *t->all[below(t, t->n)];
    if (other.constructed)
        return;
    node->content = other.content;
    node->constructed = false;
}

static void renamed(struct tree *t, struct node *node)
{
    node->tag ^= 1u << below(t, 5);
}

static uint8_t *fresh(struct tree *t, struct node *node, size_t more)
{
    uint8_t *p = arena_alloc(t->arena, node->content.n + more + 1);
    if (p && node->content.n)
        memcpy(p, node->content.p, node->content.n);
    return p;
}

static void octet(struct tree *t, struct node *node)
{
    static const uint8_t values[] = { 0x00, 0xFF, 0x7F, 0x80, 0x01 };
    uint8_t *p = fresh(t, node, 0);
    if (!p || node->constructed || node->content.n == 0)
        return;
    size_t at = below(t, node->content.n), which = below(t, 2 * sizeof values);
    p[at] = which < sizeof values ? values[which] : p[at] ^ (uint8_t)(1u << below(t, 8));
    node->content.p = p;
}

static void longer(struct tree *t, struct node *node)
{
    size_t more = below(t, 4) ? 1 : 300;
    uint8_t *p = fresh(t, node, more);
    if (!p || node->constructed)
        return;
    memset(p + node->content.n, (int)below(t, 256), more);
    node->content = bytes_make(p, node->content.n + more);
}

static void shorter(struct tree *t, struct node *node)
{
    if (!node->constructed && node->content.n)
        node->content.n = below(t, node->content.n);
}

static void (*const changes[])(struct tree *, struct node *) = { drop, twice, inside_of, renamed,
                                                                 octet, octet, longer,  shorter };

struct bytes mutate_der(struct arena *a, struct bytes der, uint64_t *state)
{
    struct tree t = { .arena = a, .random = state, .all = arena_array(a, NODES_MAX, sizeof *t.all) };
    struct buf out = buf_in(a);
    bool whole;
    if (!t.all)
        return BYTES_NONE;
    t.root = grow(&t, der, 0, &whole);
    if (!t.n)
        return der;
    for (size_t i = 0, n = 1 + below(&t, 4); i < n; i++)
        changes[below(&t, sizeof changes / sizeof *changes)](&t, t.all[below(&t, t.n)]);
    write(&out, t.root);
    return buf_bytes(&out);
}
