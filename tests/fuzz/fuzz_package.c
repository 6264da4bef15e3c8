/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "saip/rules.h"

static void take(void *context, const struct saip_finding *f)
{
    size_t *findings = context;
    ++*findings;
    if (!f->rule || !f->fault.clause || !f->fault.expected || !f->fault.found[0])
        fuzz_demand("a finding without rule, clause or sentence");
}

/* What decodes strictly encodes to the same octets, and installing and checking it never breaks anything; what does
 * not install has an error, or our card lacks something. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(64 << 20);
    struct saip_package p;
    struct bytes der = bytes_make(data, size), again;
    if (saip_decode(a, der, ASN1_STRICT, &p, NULL) == 0) {
        struct saip_image *image = arena_alloc(a, sizeof *image);
        struct saip_result *result = arena_alloc(a, sizeof *result);
        if (saip_encode(a, &p, &again, NULL) == 0 && !bytes_equal(der, again))
            fuzz_demand("the package encodes to other octets");
        struct saip_checked done = { 0 };
        size_t findings = 0;
        bool checked = saip_check(a, &p, (struct saip_sink){ take, &findings }, &done, NULL) == 0;
        if (checked && findings != done.errors + done.warnings)
            fuzz_demand("other findings than the totals tell");
        if (image && result && checked && saip_install(a, &p, image, result) != 0 && findings == 0 &&
            saip_result_status(result) != SAIP_MEMORY_FAILURE)
            fuzz_demand("a package that does not install, without a finding");
    }
    arena_free(a);
    return 0;
}
