/* SPDX-License-Identifier: Apache-2.0 */
#include "euicc/core.h"
#include "fuzz.h"

/* UpdateMetadata on a profile with every field: what would be kept can be read again, is of the same profile, and has
 * no rule that was not there. */
static const uint8_t iccid[10] = { 0x98, 0x94, 0, 1 }, rules[] = { 0x20 }, icon[] = { 1, 2 };
static const struct rsp_StoreMetadataRequest metadata = {
    .iccid = { iccid, 10 }, .serviceProviderName = BYTES_LIT("P"), .profileName = BYTES_LIT("N"), .has_iconType = true,
    .icon = { icon, 2 }, .profileClass = 2, .profilePolicyRules = { rules, 8 },
};

static int look(void *context, const struct nvm_record *r, struct err *e)
{
    struct arena *a = context;
    struct rsp_StoreMetadataRequest m;
    (void)e;
    if (r->type != REC_METADATA || !bytes_equal(r->field[0], metadata.iccid) ||
        asn1_decode(a, &rsp_StoreMetadataRequest_type, r->field[1], ASN1_STRICT, &m, NULL) != 0)
        fuzz_demand("something that is no metadata would be kept");
    if (!bytes_equal(m.iccid, metadata.iccid) || m.profileClass != 2 || (m.icon.p != NULL) != m.has_iconType)
        fuzz_demand("metadata of another profile would be kept");
    for (size_t i = 0; i < m.profilePolicyRules.n; i++)
        if (asn1_bit(m.profilePolicyRules, i) && i != 2)
            fuzz_demand("a rule was set");
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t mark[NVM_MARK] = { 1 };
    const struct euicc_profile p = { .iccid = metadata.iccid, .metadata = metadata };
    struct arena *a = arena_new(8 << 20);
    struct nvm_memory memory = { .arena = a };
    struct nvm nvm = nvm_in_memory(&memory);
    struct euicc card = { .env.nvm = nvm };
    struct nvm_batch nothing;
    nvm_begin(&nothing, a);
    if (nvm_log_make(&nvm, &nothing, mark, NULL) != 0 || nvm_log_open(&card.log, &nvm, look, a, NULL) != 0)
        fuzz_demand("an empty log is none");
    unsigned sw = es6_update_metadata(&card, a, &p, bytes_make(data, size));
    if (sw != SW_BAD_DATA && sw != SW_NOT_SUPPORTED && sw != SW_INTERNAL)
        fuzz_demand("another status word");
    /* this card has no profiles, so what the log has taken stays there */
    if (sw == SW_INTERNAL && nvm_log_open(&card.log, &nvm, look, a, NULL) != 0)
        fuzz_demand("what was kept can't be read");
    arena_free(a);
    return 0;
}
