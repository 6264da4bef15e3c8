/* SPDX-License-Identifier: Apache-2.0
 *
 * Every type of every module: random values through encoder, decoders, printer and parser, and
 * the octets of each with one of them altered. */
#include "harness.h"
#include "oracle.h"
#include "random_value.h"
#include "schema/rsp.h"
#include "schema/saip.h"
#include "schema/x509.h"

enum { VALUES = 40, ALTERED = 60 };

static void one_value(struct arena *a, const struct asn1_type *t, uint64_t seed)
{
    void *v = arena_alloc(a, t->size);
    struct bytes der;
    struct err e;
    random_value(a, t, &seed, v);
    if (!CHECK_OK(asn1_encode(a, t, v, &der, &e), &e))
        return;
    void *w = arena_alloc(a, t->size);
    CHECK_OK(asn1_decode(a, t, der, ASN1_STRICT, w, &e), &e);
    CHECK_TEXT(oracle_strict(a, t, der), NULL);
    CHECK_TEXT(oracle_wire(a, t, der), NULL);
    CHECK_TEXT(oracle_print(a, t, w), NULL);
    for (int i = 0; i < ALTERED && der.n; i++) {
        struct bytes bad = arena_copy(a, der);
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        ((uint8_t *)(uintptr_t)bad.p)[(seed >> 33) % bad.n] ^= (uint8_t)(1u << (seed >> 60) % 8);
        CHECK_TEXT(oracle_strict(a, t, bad), NULL);
        CHECK_TEXT(oracle_wire(a, t, bad), NULL);
    }
}

static void module(const char *name, const struct asn1_type *const *types)
{
    for (; *types; types++) {
        if ((*types)->kind == ASN1_ANY)
            continue;
        test_row("%s.%s", name, (*types)->name);
        for (uint64_t seed = 1; seed <= VALUES; seed++) {
            struct arena *a = arena_new(64 << 20);
            one_value(a, *types, seed);
            arena_free(a);
        }
    }
}

TEST(every_type)
{
    module("rsp", rsp_types);
    module("saip", saip_types);
    module("x509", x509_types);
}
