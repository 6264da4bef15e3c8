/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crl.h"
#include "fuzz.h"
#include "rsp/revocation.h"

/* Every entry that was read is found; what a list becomes as segment or delta holds them too. */
static void demand_all(const struct crl *in, const struct crl *of)
{
    for (size_t i = 0; i < of->n; i++) {
        const struct crl_entry *e = crl_find(in, of->entries[i].serial);
        if (!e || !bytes_equal(e->serial, of->entries[i].serial))
            fuzz_demand("an entry is not found");
        crl_reason_name(e->reason);
    }
}

static void use(struct arena *a, const struct crl *l)
{
    char number[CRL_NUMBER_TEXT];
    struct crl whole, merged, base = *l;
    struct crl *parts = arena_array(a, 2, sizeof *parts);
    demand_all(l, l);
    crl_number_text(l->number, number);
    if (!parts)
        return;
    parts[0] = parts[1] = *l;
    if (crl_join(a, parts, 1, &whole, NULL) == 0)
        demand_all(&whole, l);
    if (crl_join(a, parts, 2, &whole, NULL) == 0)
        fuzz_demand("a segment is taken twice");
    parts[1].part = l->part == 1 ? 2 : 1;
    if (crl_join(a, parts, 2, &whole, NULL) == 0)
        demand_all(&whole, l);
    if (l->base_number.p) {
        base.number = l->base_number;
        base.base_number = BYTES_NONE;
        if (crl_merge(a, &base, l, &merged, NULL) == 0)
            demand_all(&merged, l);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(16 << 20);
    struct bytes der, file = bytes_make(data, size);
    struct crl l;
    if (crl_from_file(a, file, &der, NULL) == 0 && crl_parse(a, der, &l, NULL) == 0)
        use(a, &l);
    struct revocation *set = revocation_new(&(struct revocation_settings){ .grace = 0 });
    if (set && revocation_load(set, file, NULL, 0, 0, NULL) == 0)
        fuzz_demand("a list is taken without a CI");
    revocation_free(set);
    arena_free(a);
    return 0;
}
