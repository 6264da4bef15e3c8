/* SPDX-License-Identifier: Apache-2.0 */
#include "euicc/vpcd.h"
#include "fuzz.h"
#include "rsp/ids.h"
#include "world.h"

/* A card takes any sequence of messages of a reader (controls and APDUs, each behind its length in one octet), under
 * either transmission protocol; every command gets an answer that the protocol allows. */
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

/* No more than a short APDU carries; under T=0 never data in both directions, nor more than was asked for. */
static const char *fault_of(enum transport_protocol protocol, struct bytes message, struct bytes answer)
{
    size_t asked = message.n == 5 && message.p[4] ? message.p[4] : 256u;
    if (message.n == 1)
        return bytes_present(answer) != (message.p[0] == VPCD_ATR) ? "an answer to a control" : NULL;
    if (answer.n < 2)
        return message.n ? "an answer without status word" : NULL;
    if (answer.n > 258)
        return "an answer longer than 256 octets";
    if (protocol == TRANSPORT_T0 && answer.n > 2 && (message.n != 5 || answer.n - 2 > asked))
        return "an answer that T=0 does not allow";
    return NULL;
}

static void talk(enum transport_protocol protocol, struct bytes all)
{
    struct transport t = { .card = card, .protocol = protocol };
    transport_reset(&t);
    for (size_t at = 0; at < all.n;) {
        struct bytes message = bytes_slice(all, at + 1, all.p[at]), answer;
        struct arena *a = arena_new(1 << 20);
        vpcd_message(&t, a, message, &answer);
        fuzz_demand(fault_of(protocol, message, answer));
        arena_free(a);
        at += 1 + message.n;
        if (!message.n)
            break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!card)
        make_card();
    talk(TRANSPORT_ANY, bytes_make(data, size));
    talk(TRANSPORT_T0, bytes_make(data, size));
    return 0;
}
