/* SPDX-License-Identifier: Apache-2.0 */
#include "euicc/card.h"
#include "euicc/state.h"
#include "fuzz.h"
#include "rsp/ids.h"
#include "crypto/pki.h"

/* The card's memory.  An even first octet: the rest is the whole file.  An odd one: the rest is the body of a batch,
 * with right checksums, behind those of a new card; then what opens must look the same when it is written anew. */
static struct arena *kept;
static struct bytes new_card;

static int same_random(void *context, uint8_t *out, size_t n)
{
    (void)context;
    memset(out, 7, n);
    return 0;
}

static void make_card(void)
{
    static struct pki pki;
    struct nvm_memory memory = { 0 };
    struct pki_plan plan;
    uint8_t scalar[32];
    struct bytes eid;
    memory.arena = kept = arena_new(16 << 20);
    pki_plan_init(&plan, 1780000000);
    if (eid_from_text(kept, bytes_text(plan.eid), &eid, NULL) != 0 || pki_make(kept, &plan, &pki, NULL) != 0 ||
        ec_key_scalar(pki.of[CERT_EUICC].key, scalar, NULL) != 0)
        abort();
    struct euicc_identity id = { .eid = eid, .n_keys = 1, .n_cis = 1, .cis[0] = pki.of[CERT_CI].der };
    id.keys[0].euicc = pki.of[CERT_EUICC].der;
    id.keys[0].eum = pki.of[CERT_EUM].der;
    id.keys[0].scalar = BYTES_OF(scalar);
    struct nvm nvm = nvm_in_memory(&memory);
    if (euicc_make(&nvm, &id, NULL) != 0)
        abort();
    new_card = memory.all;
    pki_end(&pki);
}

static int nothing(void *context, const struct nvm_record *r, struct err *e)
{
    (void)context;
    (void)r;
    (void)e;
    return 0;
}

/* The new card with one batch more. */
static void add_batch(struct nvm_memory *memory, struct bytes body)
{
    struct nvm nvm = nvm_in_memory(memory);
    struct nvm_log log;
    struct nvm_batch b;
    memory->all = arena_copy(memory->arena, new_card);
    nvm_begin(&b, memory->arena);
    buf_add(&b.octets, body);
    b.n = 1;
    if (nvm_log_open(&log, &nvm, nothing, NULL, NULL) != 0 || nvm_log_commit(&log, &b, NULL) != 0)
        abort();
}

/* Power up, some commands, and what a person would see; absent: it does not open. */
static struct bytes look(struct arena *a, struct bytes content)
{
    static const char *const commands[] = { "\x00\x20\x00\x01\x00", "\x00\xA4\x00\x0C\x02\x2F\xE2",
                                            "\x00\xB0\x00\x00\x00" };
    static const size_t lengths[] = { 5, 7, 5 };
    struct nvm_memory memory = { .arena = a, .all = content };
    struct euicc_env env = { .nvm = nvm_in_memory(&memory), .random = same_random };
    struct euicc *card = NULL;
    struct err e = { 0 };
    struct buf out = buf_in(a);
    if (euicc_open(&env, &card, &e) != 0) {
        if (!e.what[0])
            fuzz_demand("refused without a word");
        return BYTES_NONE;
    }
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct bytes response;
        euicc_apdu(card, a, bytes_make(commands[i], lengths[i]), &response);
        buf_add(&out, response);
    }
    euicc_describe(card, &out);
    euicc_close(card);
    return buf_bytes(&out);
}

static void written_anew(struct arena *a, struct bytes content, struct bytes before)
{
    static const uint8_t mark[NVM_MARK] = { 1 };
    struct nvm_memory memory = { .arena = a };
    struct nvm nvm = nvm_in_memory(&memory);
    struct nvm_batch b;
    if (nvm_compacted(a, content, state_rules, state_n_rules, &b, NULL) != 0 || nvm_log_make(&nvm, &b, mark, NULL) != 0)
        fuzz_demand("a log that opens is not written anew");
    struct bytes after = look(a, memory.all);
    if (!bytes_equal(before, after))
        fuzz_demand("another card after the log was written anew");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new((size_t)256 << 20);
    struct nvm_memory memory = { .arena = a };
    struct bytes rest = bytes_slice(bytes_make(data, size), 1, size);
    if (!new_card.p)
        make_card();
    if (size && data[0] & 1)
        add_batch(&memory, rest);
    else
        memory.all = arena_copy(a, rest.p ? rest : BYTES_LIT(""));
    struct bytes content = arena_copy(a, memory.all), seen = look(a, memory.all);
    if (seen.p && size && data[0] & 1)
        written_anew(a, content, seen);
    arena_free(a);
    return 0;
}
