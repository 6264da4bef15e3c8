/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <stdlib.h>

#include "crypto/crypto.h"
#include "rsp/ids.h"
#include "saip/package.h"
#include "smdp/records.h"

struct world_plan world_plan;

static int64_t now(void *context)
{
    return ((struct world *)context)->now;
}

static int random_octets(void *context, uint8_t *out, size_t n)
{
    (void)context;
    return crypto_random(out, n, NULL);
}

/* ------------------------------------------------------------------------- the LPA's world */

static int transmit(void *context, struct arena *a, struct bytes command, struct bytes *response, struct err *e)
{
    struct world *w = context;
    if (w->segment)
        command = w->segment(w, command);
    euicc_apdu(w->cards[w->card], a, command, response);
    if (euicc_dead(w->cards[w->card]))
        return err_set(e, ERR_IO, NULL, "the card has gone");
    if (w->card_answer)
        w->card_answer(w, command, response);
    return 0;
}

/* The answer to an HTTP request; -1: nobody answers. */
static int serve(struct world *w, struct arena *a, const struct rsp_request *q, struct rsp_response *r)
{
    if (w->serve)
        return w->serve(w, a, q, r);
    smdp_handle(&w->smdp, a, q, r);
    return 0;
}

static int post(void *context, struct arena *a, struct bytes host, const struct rsp_request *request,
                struct rsp_response *response, struct err *e)
{
    struct world *w = context;
    struct rsp_request q = *request;
    w->host = host;
    q.listener = w->listener;
    if (w->request)
        w->request(w, &q);
    if (serve(w, a, &q, response) != 0)
        return err_set(e, ERR_IO, NULL, "nobody answers");
    if (w->response)
        w->response(w, &q, response);
    return 0;
}

static enum lpa_answer ask(void *context, const struct lpa_question *q, struct arena *a, struct bytes *code)
{
    struct world *w = context;
    (void)a;
    if (q->kind == LPA_ASK_CODE && w->code)
        *code = bytes_text(w->code);
    return w->answer;
}

static int post_to_peer(void *context, struct arena *a, const struct service_call *c, struct service_answer *answer,
                        struct err *e)
{
    struct world *w = context;
    (void)a;
    return w->peer ? w->peer(w, c, answer, e) : err_set(e, ERR_IO, NULL, "nobody answers");
}

static void wake(void *context, const struct store_batch *b)
{
    struct world *w = context;
    if (w->outbox)
        outbox_wake(w->outbox, b);
}

static enum outbox_outcome send_message(void *context, struct arena *a, const struct outbox_message *m,
                                        int64_t *retry_after, struct err *e)
{
    struct world *w = context;
    return smdp_send(&w->smdp, a, m, retry_after, e);
}

/* ---------------------------------------------------------------------------- setting up */

static bool key_add(struct euicc_identity *id, const struct pki *pki, struct bytes certificate,
                    const struct ec_key *key, uint8_t scalar[32])
{
    struct err e;
    id->cis[id->n_cis++] = pki->of[CERT_CI].der;
    id->keys[id->n_keys].euicc = certificate;
    id->keys[id->n_keys].eum = pki->of[CERT_EUM].der;
    id->keys[id->n_keys++].scalar = bytes_make(scalar, 32);
    return CHECK_OK(ec_key_scalar(key, scalar, &e), &e);
}

static bool power_up(struct world *w, int i)
{
    struct euicc_env env = { .nvm = nvm_in_memory(&w->memory[i]), .random = random_octets, .context = w,
                             .misbehave = i == 0 ? world_plan.misbehave : NULL };
    struct err e;
    return CHECK_OK(euicc_open(&env, &w->cards[i], &e), &e);
}

static bool card_start(struct world *w, int i, const struct euicc_identity *id)
{
    struct err e;
    w->memory[i].arena = test_arena();
    struct nvm nvm = nvm_in_memory(&w->memory[i]);
    return CHECK_OK(euicc_make(&nvm, id, &e), &e) && power_up(w, i);
}

bool world_power(struct world *w)
{
    euicc_close(w->cards[0]);
    w->cards[0] = NULL;
    return power_up(w, 0);
}

/* A second eUICC of the same EUM. */
static bool second_euicc(struct world *w, struct arena *a, const struct pki *pki, struct pki_entity *out)
{
    struct err e;
    struct cert_plan plan = { .role = CERT_EUICC, .country = "CH", .organization = "rspkit laboratory EUM",
                              .common_name = "Second eUICC", .serial_number = WORLD_EID2, .serial = BYTES_LIT("\x42"),
                              .not_before = w->now - 86400, .not_after = w->now + 1000 * 86400 };
    return CHECK_OK(ec_key_generate(pki->plan.curve, &out->key, &e), &e) &&
           CHECK_OK(cert_make(a, &plan, out->key, &pki->of[CERT_EUM].cert, pki->of[CERT_EUM].key, &out->der, &e), &e);
}

static bool cards_open(struct world *w)
{
    const char *const eids[WORLD_CARDS] = { w->pki.plan.eid, WORLD_EID2 };
    const struct pki *const pkis[] = { &w->pki, &w->second };
    bool right = true;
    struct err e;
    for (int i = 0; right && i < WORLD_CARDS; i++) {
        struct euicc_identity id = { .root_ds = BYTES_LIT("smds.example.com"), .rat = world_plan.rat };
        uint8_t scalars[2][32];
        right = CHECK_OK(eid_from_text(test_arena(), bytes_text(eids[i]), &id.eid, &e), &e);
        for (int k = 0; right && k < (w->two ? 2 : 1); k++) {
            const struct pki_entity *euicc = i == 0 ? &pkis[k]->of[CERT_EUICC] : &w->second_euicc[k];
            right = key_add(&id, pkis[k], euicc->der, euicc->key, scalars[k]);
        }
        right = right && card_start(w, i, &id);
    }
    return right;
}

static struct bytes metadata(void)
{
    static const uint8_t all[] = { 0xF0 };
    struct rsp_NotificationConfigurationInformation address = { .profileManagementOperation = { all, 4 },
                                                                .notificationAddress = BYTES_LIT("smdp.example.com") };
    struct rsp_StoreMetadataRequest_notificationConfigurationInfo list = { .n = 1, .items = &address };
    struct rsp_StoreMetadataRequest m = { .iccid = unhex("989400010000000000F9"),
                                          .serviceProviderName = BYTES_LIT("Rspkit Mobile"),
                                          .profileName = BYTES_LIT("Sample"),
                                          .profileClass = 2,
                                          .notificationConfigurationInfo = &list };
    struct bytes der = BYTES_NONE;
    struct err e;
    if (world_plan.metadata.p)
        return world_plan.metadata;
    CHECK_OK(asn1_encode(test_arena(), &rsp_StoreMetadataRequest_type, &m, &der, &e), &e);
    return der;
}

/* What is the same in all worlds of a program is made once. */
static struct arena *kept(void)
{
    static struct arena *a;
    if (!a)
        a = arena_new(16 << 20);
    return a;
}

struct bytes world_sample(void)
{
    static struct bytes der;
    struct saip_package p;
    struct err e;
    if (!der.p && CHECK_OK(saip_parse(test_arena(), test_file(test_source("samples/operator.asn1")), &p, &e), &e))
        CHECK_OK(saip_encode(kept(), &p, &der, &e), &e);
    return der;
}

static struct bytes pem_key(const struct ec_key *key)
{
    struct bytes pem = BYTES_NONE;
    struct err e;
    CHECK_OK(ec_key_write(key, test_arena(), &pem, &e), &e);
    return pem;
}

static const char *store_path;

void world_store(const char *path)
{
    store_path = path;
}

static int store_open(struct store **out, struct err *e)
{
    return store_path ? store_open_sqlite(&smdp_schema, store_path, out, e) : store_open_memory(&smdp_schema, out, e);
}

static int outbox_for(struct world *w, struct err *e)
{
    const struct outbox_setup setup = {
        .store = w->smdp.service.store, .kind = KIND_OUTBOX, .send = send_message, .now = now, .random = random_octets,
        .context = w, .plan = { .first_pause = 60, .longest_pause = 3600, .lease = 300 },
    };
    return outbox_open(&setup, &w->outbox, e);
}

static bool set_add(struct world *w, const struct pki *pki)
{
    const struct pki_entity *of = pki->of;
    struct err e;
    const struct smdp_set_files files = { { of[CERT_CI].der, of[CERT_DPAUTH].der, pem_key(of[CERT_DPAUTH].key),
                                            .now = w->now },
                                          of[CERT_DPPB].der, pem_key(of[CERT_DPPB].key) };
    return CHECK_OK(smdp_keys_add(&w->keys, &files, &e), &e);
}

static bool server_open(struct world *w, struct bytes package, bool ppk)
{
    static const char csv[] = "iccid,imsi,k,opc\n" WORLD_ICCID "," WORLD_IMSI "," WORLD_K "," WORLD_OPC
                              "\n" WORLD_ICCID2 ",001010123456780," WORLD_OPC "," WORLD_K "\n";
    static const char csv_test[] = "iccid,imsi,k\n" WORLD_ICCID "," WORLD_IMSI "," WORLD_K
                                   "\n" WORLD_ICCID2 ",001010123456780," WORLD_OPC "\n";
    const struct pki_entity *of = w->pki.of;
    struct smdp_type type = { .name = "sample", .operator_name = "Rspkit Mobile", .metadata = metadata(), .ppk = ppk,
                              .limits = { .cc_tries = 3, .downloads = 50 } };
    struct smdp_operator operator = { .name = "Rspkit Mobile", .certificate = of[CERT_OPERATOR].der };
    struct store *inner = NULL;
    struct smdp_imported done;
    struct err e;
    type.upp = package.p ? package : world_sample();
    w->smdp = (struct smdp){ .keys = &w->keys };
    w->smdp.service = (struct service){ .role = &smdp_role, .sets = &w->keys.sets,
                                        .addresses = { "smdp.example.com" }, .n_addresses = 1, .now = now,
                                        .random = random_octets, .post = post_to_peer, .wake = wake, .context = w,
                                        .known = known_new() };
    bool right = set_add(w, &w->pki) && (!w->two || set_add(w, &w->second)) &&
                 CHECK_OK(crypto_random(w->keys.master, 32, &e), &e) &&
                 CHECK_OK(store_open(&inner, &e), &e) &&
                 CHECK_OK(store_open_faults(inner, &w->faults, &w->smdp.service.store, &e), &e) &&
                 CHECK_OK(outbox_for(w, &e), &e) &&
                 CHECK_OK(smdp_add_operator(&w->smdp, test_arena(), &operator, &e), &e) &&
                 CHECK_OK(smdp_add_type(&w->smdp, test_arena(), &type, &e), &e);
    if (!right)
        return false;
    if (smdp_add_profiles(&w->smdp, "sample", BYTES_LIT(csv), &done, &e) != 0)
        right = CHECK_OK(smdp_add_profiles(&w->smdp, "sample", BYTES_LIT(csv_test), &done, &e), &e);
    return right && CHECK_EQ((int64_t)done.added, 2);
}

static bool pki_open(struct world *w, struct arena *a, enum ec_curve curve, struct pki *out, struct pki_entity *second)
{
    struct pki_plan plan;
    struct err e;
    pki_plan_init(&plan, w->now);
    plan.curve = curve;
    return CHECK_OK(pki_make(a, &plan, out, &e), &e) && second_euicc(w, a, out, second);
}

static void begin(struct world *w)
{
    *w = (struct world){ .now = 1780000000, .answer = LPA_YES };
    w->lpa =
        (struct lpa){ .env = { .transmit = transmit, .post = post, .ask = ask, .context = w }, .arena = test_arena() };
}

bool world_open(struct world *w, enum ec_curve curve, struct bytes package, bool ppk)
{
    begin(w);
    return pki_open(w, test_arena(), curve, &w->pki, w->second_euicc) && cards_open(w) && server_open(w, package, ppk);
}

bool world_open_two(struct world *w)
{
    static struct pki pkis[2];
    static struct pki_entity euiccs[2];
    static const enum ec_curve curves[] = { EC_P256, EC_BRAINPOOLP256R1 };
    bool right = true;
    begin(w);
    w->two = true;
    for (unsigned i = 0; right && i < 2; i++)
        right = euiccs[i].key || pki_open(w, kept(), curves[i], &pkis[i], &euiccs[i]);
    w->pki = pkis[0];
    w->second = pkis[1];
    memcpy(w->second_euicc, euiccs, sizeof euiccs);
    right = right && cards_open(w) && server_open(w, BYTES_NONE, false);
    for (unsigned i = 0; i < 2; i++)
        w->smdp.service.listeners[i].sets = 1u << i;
    return right;
}

const struct pki *world_pki(const struct world *w)
{
    return w->listener ? &w->second : &w->pki;
}

const struct ec_key *world_card_key(const struct world *w)
{
    return w->card == 0 ? world_pki(w)->of[CERT_EUICC].key : w->second_euicc[w->listener].key;
}

void world_stop(struct world *w)
{
    if (w->outbox)
        outbox_close(w->outbox, 1, NULL);
    store_close(w->smdp.service.store);
    w->outbox = NULL;
    w->smdp.service.store = NULL;
}

bool world_start(struct world *w)
{
    struct store *inner = NULL;
    struct err e;
    size_t n;
    return CHECK_OK(store_open(&inner, &e), &e) &&
           CHECK_OK(store_open_faults(inner, &w->faults, &w->smdp.service.store, &e), &e) &&
           CHECK_OK(smdp_recover(&w->smdp, test_arena(), &n, &e), &e) && CHECK_OK(outbox_for(w, &e), &e);
}

void world_close(struct world *w)
{
    for (int i = 0; i < WORLD_CARDS; i++)
        euicc_close(w->cards[i]);
    world_stop(w);
    known_free(w->smdp.service.known);
    smdp_keys_end(&w->keys);
    if (w->two)
        return;
    pki_end(&w->pki);
    ec_key_free(w->second_euicc[0].key);
}

/* -------------------------------------------------------------------------------- acting */

/* Check digit: ISO/IEC 7812, Luhn. */
const char *world_iccid(int n)
{
    char *text = arena_printf(test_arena(), "89490020000000%04d", n);
    int sum = 0;
    for (int i = 0; i < 18; i++) {
        int digit = text[17 - i] - '0', twice = 2 * digit;
        sum += i % 2 ? digit : twice > 9 ? twice - 9 : twice;
    }
    return arena_printf(test_arena(), "%s%d", text, (10 - sum % 10) % 10);
}

struct rsp_status world_es2(struct world *w, enum rsp_function f, const void *in, void *out)
{
    struct rsp_header h = { BYTES_LIT("Rspkit Mobile"), BYTES_LIT("1") };
    struct rsp_request q = { .path = bytes_text(rsp_functions[f].path), .content_type = BYTES_LIT(RSP_TYPE_JSON),
                             .client_cert = w->caller.p ? w->caller : w->pki.of[CERT_OPERATOR].der };
    struct rsp_response r;
    struct rsp_status status = { .executed = RSP_EXPIRED };
    struct err e;
    CHECK_OK(rsp_write_request(test_arena(), f, &h, in, &q.body, &e), &e);
    if (serve(w, test_arena(), &q, &r) == 0 && CHECK_EQ(r.status, 200))
        CHECK_OK(rsp_read_response(test_arena(), f, r.body, &status, out, &e), &e);
    return status;
}

bool world_order(struct world *w, const char *confirmation_code, const char *eid, struct activation_code *code)
{
    struct es2_download_order order = { .profileType = BYTES_LIT("sample") };
    struct es2_download_order_done ordered;
    struct es2_confirm_order confirm = { .releaseFlag = true, .confirmationCode = bytes_text(confirmation_code) };
    struct es2_confirm_order_done confirmed;
    struct err e;
    bool first = strcmp(world_state(w), "Available") == 0;
    CHECK_OK(iccid_from_text(test_arena(), bytes_text(first ? WORLD_ICCID : WORLD_ICCID2), &order.iccid, &e), &e);
    if (eid)
        CHECK_OK(eid_from_text(test_arena(), bytes_text(eid), &order.eid, &e), &e);
    if (!CHECK_EQ(world_es2(w, ES2_DOWNLOAD_ORDER, &order, &ordered).executed, RSP_SUCCESS))
        return false;
    confirm.iccid = ordered.iccid;
    if (!CHECK_EQ(world_es2(w, ES2_CONFIRM_ORDER, &confirm, &confirmed).executed, RSP_SUCCESS))
        return false;
    *code = (struct activation_code){ .address = confirmed.smdpAddress, .matching_id = confirmed.matchingId };
    return true;
}

enum lpa_end world_download(struct world *w, const struct activation_code *code, struct lpa_download *d, struct err *e)
{
    enum lpa_end end = lpa_open(&w->lpa, e);
    *d = (struct lpa_download){ .code = *code };
    if (end == LPA_DONE)
        end = lpa_download(&w->lpa, d, e);
    lpa_close(&w->lpa);
    return end;
}

void world_deliver(struct world *w)
{
    int64_t next;
    struct err e;
    CHECK_OK(outbox_step(w->outbox, &next, &e), &e);
}

const char *world_state(struct world *w)
{
    struct bytes iccid;
    struct smdp_profile p;
    struct err e;
    if (!CHECK_OK(iccid_from_text(test_arena(), BYTES_LIT(WORLD_ICCID), &iccid, &e), &e) ||
        !CHECK_OK(smdp_profile(&w->smdp, test_arena(), iccid, &p, &e), &e))
        return "unknown";
    return order_state_name(p.state);
}
