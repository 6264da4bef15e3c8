/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "rsp/ids.h"
#include "world.h"

/* A card whose profile is installed and enabled takes any sequence of APDUs (each behind its length
 * in one octet); every answer has a status word. */
static struct euicc *card;
static struct nvm_memory memory;

static int same_random(void *context, uint8_t *out, size_t n)
{
    (void)context;
    memset(out, 7, n);
    return 0;
}

static void make_card(void)
{
    static struct pki pki;
    struct pki_plan plan;
    struct arena *a = arena_new((size_t)256 << 20);
    uint8_t scalar[32];
    struct bytes eid;
    pki_plan_init(&plan, 1780000000);
    if (eid_from_text(a, bytes_text(plan.eid), &eid, NULL) != 0 || pki_make(a, &plan, &pki, NULL) != 0 ||
        ec_key_scalar(pki.of[CERT_EUICC].key, scalar, NULL) != 0)
        abort();
    struct euicc_identity id = { .eid = eid, .n_keys = 1, .n_cis = 1 };
    id.keys[0].euicc = pki.of[CERT_EUICC].der;
    id.keys[0].eum = pki.of[CERT_EUM].der;
    id.keys[0].scalar = BYTES_OF(scalar);
    id.cis[0] = pki.of[CERT_CI].der;
    memory.arena = a;
    struct nvm nvm = nvm_in_memory(&memory);
    struct euicc_env env = { .nvm = nvm, .random = same_random };
    if (euicc_make(&nvm, &id, NULL) != 0 || euicc_open(&env, &card, NULL) != 0)
        abort();
    pki_end(&pki);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!card)
        make_card();
    euicc_reset(card);
    for (size_t at = 0; at < size;) {
        size_t n = data[at++];
        struct bytes command = bytes_slice(bytes_make(data, size), at, n), response;
        struct arena *a = arena_new(1 << 20);
        euicc_apdu(card, a, command, &response);
        if (response.n < 2)
            fuzz_demand("an answer without status word");
        arena_free(a);
        at += command.n;
        if (!command.n)
            break;
    }
    return 0;
}
