/* SPDX-License-Identifier: Apache-2.0 */
#include "cards.h"

#include "asn1/tlv.h"
#include "crypto/crypto.h"
#include "exchange.h"
#include "rsp/ids.h"

static int random_octets(void *context, uint8_t *out, size_t n)
{
    (void)context;
    return crypto_random(out, n, NULL);
}

bool lab_open(struct lab *l, enum ec_curve curve)
{
    struct pki_plan plan;
    struct err e;
    *l = (struct lab){ 0 };
    pki_plan_init(&plan, 1780000000);
    plan.curve = curve;
    return CHECK_OK(pki_make(test_arena(), &plan, &l->pki, &e), &e);
}

void lab_close(struct lab *l)
{
    euicc_close(l->card);
    pki_end(&l->pki);
    arena_free(l->memory.arena);
}

struct bytes lab_iccid(char letter)
{
    return unhex(arena_printf(test_arena(), "9894000100000000%02XF0", (unsigned)(uint8_t)letter));
}

struct bytes lab_aid(size_t n)
{
    return unhex(arena_printf(test_arena(), "A0000005591010FFFFFFFF890000%02zX00", 0x10 + n));
}

/* ----------------------------------------------------------------------------- profiles */

enum { INSTALL = 0x80, ENABLE = 0x40, DISABLE = 0x20, DELETE = 0x10 };

/* The letters whose configuration is another than all events at "x.example". */
static const struct {
    char letter;
    uint8_t events;
    const char *address;
} special[] = {
    { 'M', INSTALL | ENABLE, "m1.example" }, { 'M', ENABLE, "m2.example" }, { 'M', DISABLE | DELETE, "m1.example" },
    { 'M', DELETE, "m3.example" },           { 'N', 0, "n.example" },
};

static void configuration(char letter, struct rsp_StoreMetadataRequest_notificationConfigurationInfo *list)
{
    static const uint8_t all = INSTALL | ENABLE | DISABLE | DELETE;
    *list = (struct rsp_StoreMetadataRequest_notificationConfigurationInfo){
        .items = arena_array(test_arena(), 8, sizeof *list->items)
    };
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (special[i].letter == letter)
            list->items[list->n++] = (struct rsp_NotificationConfigurationInformation){
                .profileManagementOperation = { &special[i].events, 4 },
                .notificationAddress = bytes_text(special[i].address)
            };
    if (list->n)
        return;
    const char *address = arena_printf(test_arena(), "%c.example", letter | 0x20);
    list->items[list->n++] = (struct rsp_NotificationConfigurationInformation){
        .profileManagementOperation = { &all, 4 }, .notificationAddress = bytes_text(address)
    };
}

static struct bytes metadata(const struct lab_profile *p)
{
    static const uint8_t owner[] = { 0x00, 0xF1, 0x10 };
    struct rsp_OperatorId operator = { .mccMnc = BYTES_OF(owner) };
    struct rsp_StoreMetadataRequest_notificationConfigurationInfo list;
    struct rsp_StoreMetadataRequest m = { .iccid = lab_iccid(p->letter),
                                          .serviceProviderName = BYTES_LIT("Laboratory"),
                                          .profileName = bytes_make(&p->letter, 1),
                                          .profileClass = p->class,
                                          .notificationConfigurationInfo = &list };
    struct bytes der = BYTES_NONE;
    struct err e;
    configuration(p->letter, &list);
    if (p->pprs) {
        m.profileOwner = &operator;
        m.profilePolicyRules = (struct asn1_bits){ &p->pprs, 3 };
    }
    CHECK_OK(asn1_encode(test_arena(), &rsp_StoreMetadataRequest_type, &m, &der, &e), &e);
    return der;
}

static int look_away(void *context, const struct nvm_record *r, struct err *e)
{
    (void)context, (void)r, (void)e;
    return 0;
}

bool lab_append(const struct nvm *nvm, struct nvm_batch *b)
{
    struct nvm_log log;
    struct err e;
    return CHECK_OK(nvm_log_open(&log, nvm, look_away, NULL, &e), &e) && CHECK_OK(nvm_log_commit(&log, b, &e), &e);
}

bool lab_write(struct nvm_memory *memory, const struct pki *pki, const struct lab_profile *profiles, size_t n,
               uint64_t seq)
{
    struct nvm nvm = nvm_in_memory(memory);
    struct arena *a = test_arena();
    struct nvm_batch b;
    nvm_begin(&b, a);
    for (size_t i = 0; i < n; i++) {
        const struct lab_profile *p = &profiles[i];
        struct nvm_record there = { .type = REC_PROFILE,
                                    .field = { lab_iccid(p->letter), lab_aid(i), metadata(p), world_sample(),
                                               BYTES_LIT("\x2B"), pki->of[CERT_EUM].cert.aki } };
        struct nvm_record state = { .type = REC_PROFILE_STATE,
                                    .field = { lab_iccid(p->letter), rec_number(a, p->enabled, 1) } };
        nvm_put(&b, &there);
        nvm_put(&b, &state);
    }
    struct nvm_record counter = { .type = REC_SEQUENCE, .field = { rec_number(a, seq, 8) } };
    nvm_put(&b, &counter);
    return lab_append(&nvm, &b);
}

bool lab_card(struct lab *l, const struct lab_profile *profiles, size_t n, uint64_t seq)
{
    struct euicc_identity id = { .root_ds = BYTES_LIT("smds.example.com"), .default_dp = BYTES_LIT("factory.example"),
                                 .n_keys = 1, .n_cis = 1 };
    uint8_t scalar[32];
    struct err e;
    euicc_close(l->card);
    l->card = NULL;
    arena_free(l->memory.arena);
    l->memory = (struct nvm_memory){ .arena = arena_new(64 << 20) };
    struct nvm nvm = nvm_in_memory(&l->memory);
    id.cis[0] = l->pki.of[CERT_CI].der;
    id.keys[0].euicc = l->pki.of[CERT_EUICC].der;
    id.keys[0].eum = l->pki.of[CERT_EUM].der;
    id.keys[0].scalar = BYTES_OF(scalar);
    return CHECK_OK(eid_from_text(test_arena(), bytes_text(l->pki.plan.eid), &id.eid, &e), &e) &&
           CHECK_OK(ec_key_scalar(l->pki.of[CERT_EUICC].key, scalar, &e), &e) &&
           CHECK_OK(euicc_make(&nvm, &id, &e), &e) && lab_write(&l->memory, &l->pki, profiles, n, seq) && lab_power(l);
}

bool lab_power(struct lab *l)
{
    struct euicc_env env = { .nvm = nvm_in_memory(&l->memory), .random = random_octets,
                             .misbehave = l->misbehave };
    struct err e;
    euicc_close(l->card);
    l->card = NULL;
    return CHECK_OK(euicc_open(&env, &l->card, &e), &e) && lab_select(l->card);
}

/* ------------------------------------------------------------------------------- APDUs */

bool lab_select(struct euicc *card)
{
    struct bytes data;
    return CHECK_EQ(lab_apdu(card, unhex("0070000001"), &data), 0x9000) &&
           CHECK_EQ(lab_apdu(card, unhex("01A40400 10 A0000005591010FFFFFFFF8900000100 00"), &data), 0x9000);
}

unsigned lab_apdu(struct euicc *card, struct bytes command, struct bytes *data)
{
    return exchange(card, command, 0x00, data);
}

unsigned lab_es10(struct euicc *card, struct bytes command, struct bytes *answer)
{
    unsigned sw = 0x9000;
    for (size_t at = 0, block = 0; at < command.n && sw == 0x9000; at += 255, block++) {
        struct bytes part = bytes_slice(command, at, 255);
        struct buf all = buf_in(test_arena());
        buf_u16(&all, 0x81E2);
        buf_u8(&all, at + part.n == command.n ? 0x91 : 0x11);
        buf_u8(&all, (unsigned)block);
        buf_u8(&all, (unsigned)part.n);
        buf_add(&all, part);
        buf_u8(&all, 0);
        sw = lab_apdu(card, buf_bytes(&all), answer);
    }
    return sw;
}
