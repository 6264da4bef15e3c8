/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "euicc/core.h"
#include "euicc/misbehave.h"
#include "euicc/rules.h"
#include "fuzz.h"
#include "rsp/ids.h"
#include "saip/package.h"
#include "world.h"

/* The first line is a table of rules, the second what a card is to do wrong; then APDUs, each behind its length in one
 * octet.  Every answer has a status word, but for those of a card without power. */
static struct bytes memory;

static int same_random(void *context, uint8_t *out, size_t n)
{
    (void)context;
    memset(out, 7, n);
    return 0;
}

static int sample(struct arena *a, struct bytes *upp)
{
    const char *source = getenv("RSPKIT_SOURCE");
    struct bytes text;
    struct saip_package p;
    const char *path = arena_printf(a, "%s/samples/operator.asn1", source ? source : ".");
    return file_read(a, path, 1 << 20, &text, NULL) != 0 || saip_parse(a, text, &p, NULL) != 0
               ? -1
               : saip_encode(a, &p, upp, NULL);
}

/* A profile as the card's memory has it, of a class and with its number at the end of ICCID and AID. */
static void add_profile(struct nvm_batch *b, struct bytes upp, struct bytes ci, int64_t class, uint8_t number)
{
    uint8_t iccid[10] = { 0x98, 0x94, 0, 1, 0, 0, 0, 0, 0x41 + number, 0xF0 };
    uint8_t aid[16] = { 0xA0, 0, 0, 5, 0x59, 0x10, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x89, 0, 0, 0x10 + number, 0 };
    static const uint8_t all = 0xF0;
    struct rsp_NotificationConfigurationInformation address = { .profileManagementOperation = { &all, 4 },
                                                                .notificationAddress = BYTES_LIT("a.example") };
    struct rsp_StoreMetadataRequest_notificationConfigurationInfo list = { .n = 1, .items = &address };
    const struct rsp_StoreMetadataRequest m = { .iccid = BYTES_OF(iccid), .profileClass = class,
                                                .serviceProviderName = BYTES_LIT(""), .profileName = BYTES_LIT(""),
                                                .notificationConfigurationInfo = &list };
    struct nvm_record r = { .type = REC_PROFILE,
                            .field = { m.iccid, BYTES_OF(aid), BYTES_NONE, upp, BYTES_LIT("+"), ci } };
    if (asn1_encode(b->arena, &rsp_StoreMetadataRequest_type, &m, &r.field[2], NULL) != 0)
        abort();
    nvm_put(b, &r);
}

static void make_card(void)
{
    static struct pki pki;
    struct pki_plan plan;
    struct arena *a = arena_new((size_t)64 << 20);
    static struct nvm_memory medium; /* holds the arena */
    medium.arena = a;
    struct nvm nvm = nvm_in_memory(&medium);
    struct nvm_batch b;
    struct bytes upp, eid;
    uint8_t scalar[32];
    pki_plan_init(&plan, 1780000000);
    if (eid_from_text(a, bytes_text(plan.eid), &eid, NULL) != 0 || pki_make(a, &plan, &pki, NULL) != 0 ||
        ec_key_scalar(pki.of[CERT_EUICC].key, scalar, NULL) != 0 || sample(a, &upp) != 0)
        abort();
    struct euicc_identity id = { .eid = eid, .n_keys = 1, .n_cis = 1, .cis = { pki.of[CERT_CI].der } };
    id.keys[0].euicc = pki.of[CERT_EUICC].der;
    id.keys[0].eum = pki.of[CERT_EUM].der;
    id.keys[0].scalar = BYTES_OF(scalar);
    nvm_begin(&b, a);
    add_profile(&b, upp, pki.of[CERT_EUM].cert.aki, CLASS_OPERATIONAL, 0);
    add_profile(&b, upp, pki.of[CERT_EUM].cert.aki, CLASS_TEST, 1);
    struct euicc_env env = { .nvm = nvm, .random = same_random };
    struct euicc *card;
    if (euicc_make(&nvm, &id, NULL) != 0 || euicc_open(&env, &card, NULL) != 0 || card_commit(card, &b, NULL) != 0)
        abort();
    euicc_close(card);
    memory = medium.all;
    pki_end(&pki);
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
