/* SPDX-License-Identifier: Apache-2.0 */
#include "oracle.h"

#include "schema/rsp.h"
#include "schema/saip.h"
#include "schema/x509.h"

const struct asn1_type *oracle_type(uint8_t module, uint8_t index)
{
    const struct asn1_type *const *const modules[] = { rsp_types, saip_types, x509_types };
    const struct asn1_type *const *types = modules[module % 3];
    size_t n = 0;
    while (types[n])
        n++;
    return types[index % n];
}

static void *value_of(struct arena *a, const struct asn1_type *t, struct bytes der, enum asn1_mode mode)
{
    void *v = arena_alloc(a, t->size);
    return v && t->kind != ASN1_ANY && asn1_decode(a, t, der, mode, v, NULL) == 0 ? v : NULL;
}

const char *oracle_strict(struct arena *a, const struct asn1_type *t, struct bytes der)
{
    struct bytes again;
    void *v = value_of(a, t, der, ASN1_STRICT);
    if (!v)
        return NULL;
    if (asn1_encode(a, t, v, &again, NULL) != 0)
        return "what decodes does not encode";
    return bytes_equal(der, again) ? NULL : "it encodes to other octets";
}

const char *oracle_wire(struct arena *a, const struct asn1_type *t, struct bytes der)
{
    struct bytes once, twice;
    void *v = value_of(a, t, der, ASN1_WIRE);
    if (!v)
        return NULL;
    if (asn1_encode(a, t, v, &once, NULL) != 0)
        return "what decodes does not encode";
    void *w = value_of(a, t, once, ASN1_WIRE);
    if (!w || asn1_encode(a, t, w, &twice, NULL) != 0)
        return "what was encoded does not decode";
    return bytes_equal(once, twice) ? NULL : "the second encoding differs";
}

/* For a terminal: it still parses, with control characters in texts replaced. */
static const char *oracle_folded(struct arena *a, const struct asn1_type *t, const void *v)
{
    static const struct asn1_style narrow = { .width = 40 };
    struct buf text = buf_in(a);
    size_t pos = 0;
    void *w = arena_alloc(a, t->size);
    asn1_print(&text, t, v, &narrow, 0);
    struct bytes shown = buf_bytes(&text);
    if (!w || !shown.p)
        return NULL;
    return asn1_parse(a, t, shown, &pos, w, NULL) == 0 ? NULL : "what was printed folded does not parse";
}

const char *oracle_print(struct arena *a, const struct asn1_type *t, const void *v)
{
    struct bytes der, again;
    struct buf text = buf_in(a);
    size_t pos = 0;
    void *w = arena_alloc(a, t->size);
    if (!w || asn1_encode(a, t, v, &der, NULL) != 0)
        return NULL;
    asn1_print(&text, t, v, NULL, 0);
    struct bytes shown = buf_bytes(&text);
    if (!shown.p)
        return NULL;
    if (asn1_parse(a, t, shown, &pos, w, NULL) != 0 || pos != shown.n)
        return "what was printed does not parse";
    if (asn1_encode(a, t, w, &again, NULL) != 0)
        return "what was parsed does not encode";
    return bytes_equal(der, again) ? oracle_folded(a, t, v) : "what was parsed is another value";
}

const char *oracle_notation(struct arena *a, const struct asn1_type *t, struct bytes text)
{
    void *v = arena_alloc(a, t->size);
    size_t pos = 0;
    if (!v || t->kind == ASN1_ANY || asn1_parse(a, t, text, &pos, v, NULL) != 0)
        return NULL;
    return oracle_print(a, t, v);
}
