/* SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

const char *sample_edited(const char *text, const struct sample_edit *edits, size_t n)
{
    for (size_t i = 0; i < n && edits[i].old; i++) {
        const char *at = strstr(text, edits[i].old);
        if (!CHECK(at != NULL)) {
            printf("# not in the sample: %s\n", edits[i].old);
            break;
        }
        text = arena_printf(test_arena(), "%.*s%s%s", (int)(at - text), text, edits[i].new, at + strlen(edits[i].old));
    }
    return text;
}

const char *sample_text(const struct sample_edit *edits, size_t n)
{
    return sample_edited(arena_text(test_arena(), test_file(test_source("samples/operator.asn1"))), edits, n);
}

const char *sample_with_elements(const char *elements)
{
    static const char end[] = "value14 ProfileElement ::= end";
    return sample_text(&(struct sample_edit){ end, arena_printf(test_arena(), "%s%s", elements, end) }, 1);
}

struct bytes sample_der(const char *text)
{
    struct bytes der = BYTES_NONE;
    struct saip_package p;
    struct err e;
    if (CHECK_OK(saip_parse(test_arena(), bytes_text(text), &p, &e), &e))
        CHECK_OK(saip_encode(test_arena(), &p, &der, &e), &e);
    return der;
}

bool sample_decoded(const char *text, struct saip_package *p)
{
    struct bytes der = sample_der(text);
    struct err e;
    return der.p && CHECK_OK(saip_decode(test_arena(), der, ASN1_STRICT, p, &e), &e);
}
