/* SPDX-License-Identifier: Apache-2.0 */
#include "cards.h"
#include "euicc/rules.h"
#include "fuzz.h"

/* The first line is a table of rules, the second what a card is to do wrong; then APDUs, each behind its length in one
 * octet.  Every answer has a status word, but for those of a card without power. */
static struct lab lab;
static struct bytes memory;

static void make_card(void)
{
    static const struct lab_profile two[] = { { 'A', CLASS_OPERATIONAL, 0, true }, { 'B', CLASS_TEST, 0, false } };
    if (!lab_open(&lab, EC_P256) || !lab_card(&lab, two, 2, 127))
        abort();
    memory = lab.memory.all;
    euicc_close(lab.card);
}

static int same_random(void *context, uint8_t *out, size_t n)
{
    (void)context;
    memset(out, 7, n);
    return 0;
}

static struct euicc *power_up(struct nvm_memory *medium, struct misbehave *m)
{
    struct euicc_env env = { .nvm = nvm_in_memory(medium), .random = same_random, .misbehave = m };
    struct euicc *card;
    if (euicc_open(&env, &card, NULL) != 0)
        fuzz_demand("a card that does not power up");
    return card;
}

static struct bytes line(struct bytes *rest)
{
    size_t n = 0;
    while (n < rest->n && rest->p[n] != '\n')
        n++;
    struct bytes l = bytes_slice(*rest, 0, n);
    *rest = bytes_slice(*rest, n + 1, rest->n);
    return l;
}

static void rules(struct arena *a, struct bytes text)
{
    const char *texts[] = { arena_text(a, text) };
    struct rsp_RulesAuthorisationTable rat;
    struct bytes der;
    struct err e;
    if (rules_rat_parse(a, texts, 1, &rat, &e) == 0 &&
        asn1_encode(a, &rsp_RulesAuthorisationTable_type, &rat, &der, &e) != 0)
        fuzz_demand("a table that cannot be encoded");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes rest = bytes_make(data, size);
    struct misbehave m = { 0 };
    struct arena *a = arena_new(8 << 20);
    struct err e;
    if (!memory.p)
        make_card();
    struct nvm_memory medium = { .arena = a, .all = memory };
    rules(a, line(&rest));
    misbehave_add(&m, line(&rest), &e);
    struct euicc *card = power_up(&medium, &m);
    while (rest.n > 1) {
        struct bytes command = bytes_slice(rest, 1, rest.p[0]), response;
        euicc_apdu(card, a, command, &response);
        if (response.n < 2 && !euicc_dead(card))
            fuzz_demand("an answer without status word");
        rest = bytes_slice(rest, 1 + command.n, rest.n);
        if (euicc_dead(card)) {
            euicc_close(card);
            m.n = 0;
            card = power_up(&medium, &m);
        }
    }
    euicc_close(card);
    arena_free(a);
    return 0;
}
