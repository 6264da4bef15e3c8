/* SPDX-License-Identifier: Apache-2.0 */
#include "random_value.h"

#include "asn1/plain.h"

/* splitmix64 */
static uint64_t next(uint64_t *seed)
{
    uint64_t z = *seed += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

/* A size the type allows, mostly small. */
static size_t size_of(const struct asn1_type *t, uint64_t *seed, size_t most)
{
    uint64_t low = t->min > 0 ? (uint64_t)t->min : 0, span = (uint64_t)t->max - low;
    if (span > most)
        span = most;
    return low + (span ? next(seed) % (span + 1) : 0);
}

static struct bytes octets(struct arena *a, size_t n, uint64_t *seed, const char *alphabet)
{
    uint8_t *p = arena_alloc(a, n + 1);
    for (size_t i = 0; i < n; i++) {
        uint64_t r = next(seed);
        p[i] = alphabet ? (uint8_t)alphabet[r % strlen(alphabet)] : (uint8_t)r;
    }
    return bytes_make(p, n);
}

static int64_t number(const struct asn1_type *t, uint64_t *seed)
{
    if (t->n_names && next(seed) % 2)
        return t->names[next(seed) % t->n_names].value;
    int64_t v = (int64_t)(next(seed) >> next(seed) % 64);
    if (next(seed) % 2)
        v = -v;
    if (v < t->min || v > t->max)
        v = t->min + (int64_t)(next(seed) % (uint64_t)(t->max - t->min + 1));
    return v;
}

static struct asn1_bits bits(struct arena *a, const struct asn1_type *t, uint64_t *seed)
{
    size_t n = size_of(t, seed, t->n_names ? 16 : 40);
    struct bytes b = octets(a, n / 8 + 1, seed, NULL);
    uint8_t *p = (uint8_t *)(uintptr_t)b.p;
    if (n % 8)
        p[n / 8] &= (uint8_t)(0xFF << (8 - n % 8));
    struct asn1_bits v = { p, n };
    while (t->n_names && v.n && !asn1_bit(v, v.n - 1)) /* canonical */
        v.n--;
    return v;
}

static void sequence(struct arena *a, const struct asn1_type *t, uint64_t *seed, uint8_t *out)
{
    for (size_t i = 0; i < t->n_fields; i++) {
        const struct asn1_field *f = &t->fields[i];
        bool there = !(f->flags & ASN1_OPTIONAL) || next(seed) % 2;
        if (!there)
            continue;
        void *at = out + f->offset;
        if (f->flags & ASN1_POINTER) {
            *(void **)at = arena_alloc(a, f->type->size);
            at = *(void **)at;
        }
        if (f->has)
            *((bool *)out + f->has) = true;
        random_value(a, f->type, seed, at);
    }
}

static int order(struct arena *a, const struct asn1_type *element, const void *x, const void *y)
{
    struct bytes dx, dy;
    asn1_encode(a, element, x, &dx, NULL);
    asn1_encode(a, element, y, &dy, NULL);
    int c = memcmp(dx.p, dy.p, dx.n < dy.n ? dx.n : dy.n);
    return c ? c : (dx.n > dy.n) - (dx.n < dy.n);
}

static void list(struct arena *a, const struct asn1_type *t, uint64_t *seed, struct asn1_list *out)
{
    out->n = size_of(t, seed, 3);
    out->items = arena_array(a, out->n, t->element->size);
    for (size_t i = 0; i < out->n; i++) {
        uint8_t *at = (uint8_t *)out->items + i * t->element->size;
        random_value(a, t->element, seed, at);
        if (t->kind == ASN1_SET_OF && i && order(a, t->element, at - t->element->size, at) > 0)
            memcpy(at, at - t->element->size, t->element->size);
    }
}

void random_value(struct arena *a, const struct asn1_type *t, uint64_t *seed, void *out)
{
    static const uint8_t null[] = { 0x05, 0x00 }, oid[] = { 0x2B, 0x06, 0x01 };
    struct asn1_choice *choice = out;
    switch (t->kind) {
    case ASN1_BOOLEAN:
        *(bool *)out = next(seed) % 2;
        break;
    case ASN1_INTEGER:
        *(int64_t *)out = number(t, seed);
        break;
    case ASN1_BIGINT:
        *(struct bytes *)out = octets(a, 1, seed, NULL);
        break;
    case ASN1_NULL:
        *(bool *)out = true;
        break;
    case ASN1_BITS:
        *(struct asn1_bits *)out = bits(a, t, seed);
        break;
    case ASN1_OID:
        *(struct bytes *)out = BYTES_OF(oid);
        break;
    case ASN1_UTF8:
    case ASN1_PRINTABLE:
    case ASN1_IA5:
        *(struct bytes *)out = octets(a, size_of(t, seed, 12), seed, t->kind == ASN1_UTF8 ? "aZ \"'-{}:," : "aZ 9.-");
        break;
    case ASN1_UTCTIME:
        *(struct bytes *)out = BYTES_LIT("260101000000Z");
        break;
    case ASN1_GENTIME:
        *(struct bytes *)out = BYTES_LIT("74960101000000Z");
        break;
    case ASN1_ANY:
        *(struct bytes *)out = t->tag ? BYTES_LIT("\x30\x00") : BYTES_OF(null);
        break;
    case ASN1_SEQUENCE:
        sequence(a, t, seed, out);
        break;
    case ASN1_CHOICE:
        choice->which = (int)(next(seed) % t->n_fields) + 1;
        random_value(a, t->fields[choice->which - 1].type, seed, (uint8_t *)out + t->fields[choice->which - 1].offset);
        break;
    case ASN1_OF:
    case ASN1_SET_OF:
        list(a, t, seed, out);
        break;
    default:
        *(struct bytes *)out = octets(a, size_of(t, seed, 12), seed, NULL);
    }
}
