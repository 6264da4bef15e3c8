/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "saip/rules.h"

/* The needs come first, as stored, then the card's EUICCInfo2.  What is read is written the same; every rule is asked,
 * in the table's order, and tells its sentence. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(1 << 22);
    struct bytes input = bytes_make(data, size), stored = bytes_slice(input, 0, SAIP_NEEDS_OCTETS);
    const struct saip_policy policy = { .no_field_test = true };
    const struct saip_rule *rule = NULL, *last = NULL, *first;
    struct rsp_EUICCInfo2 info;
    struct saip_needs needs;
    struct saip_card card;
    struct err e;
    bool refused = false;
    if (saip_needs_decode(stored, &needs, &e) == 0 &&
        asn1_decode(a, &rsp_EUICCInfo2_type, bytes_slice(input, stored.n, size), ASN1_WIRE, &info, &e) == 0) {
        if (!bytes_equal(saip_needs_encode(a, &needs), stored))
            fuzz_demand("the needs are written otherwise");
        saip_card_of(&info, &card);
        while ((rule = saip_broken(&needs, &card, &policy, rule, &e)) != NULL) {
            if (rule <= last || e.clause != rule->clause || e.what[0] == '\0')
                fuzz_demand("a broken rule out of order, or without its sentence");
            refused = refused || rule->verdict != SAIP_WARNS;
            last = rule;
        }
        if ((saip_suits(&needs, &card, &policy, &first, &e) != 0) != refused || (first != NULL) != refused)
            fuzz_demand("the answer does not follow from the rules");
    }
    arena_free(a);
    return 0;
}
