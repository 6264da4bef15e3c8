/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "saip/access.h"
#include "saip/compare.h"
#include "saip/contents.h"
#include "saip/describe.h"

/* A package that decodes is described, whether it installs or not, and does not differ from itself. */
static void package(struct arena *a, struct bytes der)
{
    struct saip_package p;
    struct saip_image *image = arena_alloc(a, sizeof *image);
    struct saip_result *result = arena_alloc(a, sizeof *result);
    if (!image || !result || saip_decode(a, der, ASN1_STRICT, &p, NULL) != 0)
        return;
    saip_install(a, &p, image, result);
    const struct saip_subject subject = { &p, image, result, true };
    const struct saip_told *told = saip_describe(a, &subject);
    const struct saip_told *same = told ? saip_compare(a, told, told, false) : NULL;
    struct buf json = buf_in(a);
    if (same && same->first)
        fuzz_demand("a package differs from itself");
    if (told)
        saip_told_json(&json, told, true);
    if (told && !json.failed && !utf8_valid(buf_bytes(&json)))
        fuzz_demand("JSON that is no UTF-8");
}

/* Any octets have something to say to any decoder, in UTF-8. */
static void contents(struct arena *a, struct bytes octets)
{
    for (size_t i = 0; i < saip_contents_count; i++) {
        const char *text = saip_content_text(a, &saip_contents[i], octets);
        if (text && (!*text || !utf8_valid(bytes_text(text))))
            fuzz_demand(*text ? "a content in words that are no UTF-8" : "a content without words");
        if (!text && saip_contents[i].decode)
            fuzz_demand("a content without words");
    }
    for (int df = 0; df < 2; df++)
        if (!saip_access_line(a, octets, df))
            fuzz_demand("a rule without words");
}

/* The first octet chooses: F1 and all that comes behind it is a file's content, otherwise a package begins with it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { CONTENT = 0xF1, CONTENT_MAX = 4096 };
    struct arena *a = arena_new(256 << 20);
    if (size && data[0] == CONTENT)
        contents(a, bytes_make(data + 1, size - 1 < CONTENT_MAX ? size - 1 : CONTENT_MAX));
    else
        package(a, bytes_make(data, size));
    arena_free(a);
    return 0;
}
