/* SPDX-License-Identifier: Apache-2.0
 *
 * Every place where the SM-DP+ takes a certificate, with every certificate that does not belong there: what comes of
 * it is tests/vectors/certificate-matrix.txt, and is printed as such a table. */
#include <stdlib.h>

#include "crypto/crl_make.h"
#include "matrix.h"
#include "rsp/ids.h"
#include "rsp/refusal.h"
#include "smdp/records.h"
#include "tamper.h"

#define VECTORS "tests/vectors/certificate-matrix.txt"

enum { DAY = 86400, SLOTS = MATRIX_SLOTS };

/* A card with an installed profile, and an order that waits for it. */
static struct world world;
static struct activation_code code;
static struct bytes installed;
static struct pki foreign;

/* What is put into a slot. */
struct given {
    const char *row;
    struct pki_entity entity; /* der absent: there is no such thing */
    bool own_key;             /* entity.key is to be freed */
};

static bool begin(void)
{
    struct lpa_download d;
    struct err e;
    size_t sent;
    if (!world_open(&world, EC_P256, BYTES_NONE, false) || !world_order(&world, NULL, NULL, &code) ||
        !CHECK_EQ(world_download(&world, &code, &d, &e), LPA_DONE) || !world_order(&world, NULL, NULL, &code))
        return false;
    installed = d.iccid;
    struct smdp_operator named = { .name = "Named", .certificate = world.pki.of[CERT_OPERATOR].der, .by_names = true };
    return CHECK_EQ(lpa_open(&world.lpa, &e), LPA_DONE) &&
           CHECK_EQ(lpa_notifications_send(&world.lpa, &sent, &e), LPA_DONE) &&
           CHECK_OK(smdp_add_operator(&world.smdp, test_arena(), &named, &e), &e) &&
           CHECK_OK(pki_make(test_arena(), &world.pki.plan, &foreign, &e), &e);
}

static void end(void)
{
    lpa_close(&world.lpa);
    pki_end(&foreign);
    world_close(&world);
}

/* --------------------------------------------------------------------------- certificates */

/* The same names from the same issuer, on a new key. */
static void reissue(enum cert_role role, struct given *g)
{
    struct pki other = world.pki;
    struct err e;
    g->own_key = CHECK_OK(ec_key_generate(world.pki.plan.curve, &other.of[role].key, &e), &e);
    CHECK_OK(pki_fault(test_arena(), &other, role, FAULT_NONE, &g->entity, &e), &e);
}

static void fault(enum cert_role role, struct given *g)
{
    struct err e;
    for (int f = FAULT_NONE + 1; f < CERT_FAULTS; f++)
        if (strcmp(cert_fault_name((enum cert_fault)f), g->row) == 0 && cert_fault_applies((enum cert_fault)f, role)) {
            CHECK_OK(pki_fault(test_arena(), &world.pki, role, (enum cert_fault)f, &g->entity, &e), &e);
            g->own_key = f == FAULT_CURVE;
        }
}

static const char *const revocations[] = { "revoked", "list-old", "list-missing", "other-revoked" };

static bool about_revocation(const char *row)
{
    for (size_t i = 0; i < sizeof revocations / sizeof *revocations; i++)
        if (strcmp(row, revocations[i]) == 0)
            return true;
    return false;
}

/* The certificate of a row for the slot of a role. */
static struct given given_for(const char *row, enum cert_role own)
{
    struct given g = { .row = row };
    for (int role = 0; role < CERT_ROLES; role++)
        if (strcmp(pki_name((enum cert_role)role), row) == 0)
            g.entity = world.pki.of[role];
    if (strcmp(row, "foreign") == 0)
        g.entity = foreign.of[own];
    if (strcmp(row, "reissued") == 0)
        reissue(own, &g);
    if ((strcmp(row, "unverified") == 0 && own == CERT_OPERATOR) || (about_revocation(row) && own == CERT_EUM))
        g.entity = world.pki.of[own];
    if (!g.entity.der.p)
        fault(own, &g);
    return g;
}

/* ----------------------------------------------------------------------------- revocation */

static void list_load(const char *row)
{
    bool old = strcmp(row, "list-old") == 0;
    int64_t now = old ? world.now - 100 * DAY : world.now;
    const struct cert *revoked = &world.pki.of[strcmp(row, "revoked") == 0 ? CERT_EUM : CERT_DSAUTH].cert;
    struct crl_entry entry = { revoked->serial, now - DAY, revoked->not_after, true, x509_CRLReason_keyCompromise };
    struct crl_plan plan = { .revoked = &entry, .n = 1, .number = 1, .this_update = now, .next_update = now + 30 * DAY,
                             .uri = "http://ci.example.com/CRL-A.crl" };
    const struct pki_entity *ci = &world.pki.of[CERT_CI];
    struct bytes der;
    struct err e;
    CHECK_OK(crl_make(test_arena(), &plan, &ci->cert, ci->key, &der, &e), &e);
    CHECK_OK(revocation_load(world.smdp.service.revocation, der, &ci->cert, 1, now, &e), &e);
}

static void revocation_begin(const char *row)
{
    if (!about_revocation(row))
        return;
    world.smdp.service.revocation = revocation_new(&(struct revocation_settings){ .grace = 2 * DAY, .required = true });
    if (strcmp(row, "list-missing") != 0)
        list_load(row);
}

static void revocation_end(void)
{
    revocation_free(world.smdp.service.revocation);
    world.smdp.service.revocation = NULL;
}

/* -------------------------------------------------------------------------------- slots */

static const char *pair(const struct rsp_status *s)
{
    return arena_printf(test_arena(), "%.*s/%.*s", (int)s->subject.n, s->subject.p, (int)s->reason.n, s->reason.p);
}

/* The user puts the download off, so the order waits on whatever the server says. */
static const char *authenticate(struct bytes eum, struct bytes euicc)
{
    struct lpa_download d;
    struct err e;
    int64_t waiting;
    lpa_close(&world.lpa);
    world.answer = LPA_LATER;
    tamper_certificates(&world, eum, euicc);
    enum lpa_end how = world_download(&world, &code, &d, &e);
    tamper_end(&world);
    CHECK_EQ(lpa_open(&world.lpa, &e), LPA_DONE);
    CHECK_OK(smdp_count(&world.smdp, ORDER_RELEASED, &waiting, &e), &e);
    CHECK_EQ(waiting, 1);
    if (how == LPA_USER)
        return "ok";
    return how == LPA_SERVER ? pair(&d.status) : err_text(&e, arena_alloc(test_arena(), 500), 500);
}

static struct store_record installed_record(void)
{
    struct store_record p = { 0 };
    struct err e;
    CHECK_OK(store_get(world.smdp.service.store, test_arena(), KIND_PROFILE, installed, &p, &e), &e);
    return p;
}

static int http_status;

static void see_status(struct world *w, const struct rsp_request *q, struct rsp_response *r)
{
    (void)w;
    if (tamper_is(q, ES9_HANDLE_NOTIFICATION))
        http_status = r->status;
}

/* The profile is enabled, the next time disabled. */
static const char *notify(struct bytes eum, struct bytes euicc)
{
    static const char *const operations[] = { "disabled", "enabled" };
    static bool enabled;
    struct store_record before = installed_record(), after;
    struct smdp_profile p;
    struct err e;
    size_t sent;
    enabled = !enabled;
    tamper_certificates(&world, eum, euicc);
    world.response = see_status;
    CHECK_EQ((enabled ? lpa_enable : lpa_disable)(&world.lpa, installed, false, &e), LPA_DONE);
    CHECK_EQ(lpa_notifications_send(&world.lpa, &sent, &e), LPA_DONE);
    CHECK_EQ((int64_t)sent, 1);
    CHECK_EQ(http_status, 204);
    tamper_end(&world);
    after = installed_record();
    if (after.version == before.version)
        return "204";
    CHECK_OK(smdp_profile(&world.smdp, test_arena(), installed, &p, &e), &e);
    CHECK_TEXT(p.on_card, operations[enabled]);
    return "kept";
}

static const char *eum_slot(const struct given *g)
{
    return authenticate(g->entity.der, BYTES_NONE);
}

static const char *euicc_slot(const struct given *g)
{
    return authenticate(BYTES_NONE, g->entity.der);
}

static const char *eum_note_slot(const struct given *g)
{
    return notify(g->entity.der, BYTES_NONE);
}

static const char *euicc_note_slot(const struct given *g)
{
    return notify(BYTES_NONE, g->entity.der);
}

static struct bytes pem_of(const struct pki_entity *x)
{
    struct bytes pem = BYTES_NONE;
    struct err e;
    CHECK_OK(ec_key_write(x->key, test_arena(), &pem, &e), &e);
    return pem;
}

static const char *start_with(const struct pki_entity *ci, const struct pki_entity *auth, const struct pki_entity *pb)
{
    const struct smdp_set_files files = { { ci->der, auth->der, pem_of(auth), .now = world.now }, pb->der, pem_of(pb) };
    struct smdp_keys keys = { 0 };
    struct err e;
    int result = smdp_keys_add(&keys, &files, &e);
    CHECK_EQ((int64_t)keys.sets.n, result == 0 ? 1 : 0);
    smdp_keys_end(&keys);
    return result == 0 ? "ok" : err_text(&e, arena_alloc(test_arena(), 500), 500);
}

static const char *ci_slot(const struct given *g)
{
    return start_with(&g->entity, &world.pki.of[CERT_DPAUTH], &world.pki.of[CERT_DPPB]);
}

static const char *auth_slot(const struct given *g)
{
    return start_with(&world.pki.of[CERT_CI], &g->entity, &world.pki.of[CERT_DPPB]);
}

static const char *pb_slot(const struct given *g)
{
    return start_with(&world.pki.of[CERT_CI], &world.pki.of[CERT_DPAUTH], &g->entity);
}

/* An order for a type that is not there: those that the server knows are told so. */
static const char *order_as(const struct given *g, bool verified)
{
    struct rsp_header h = { BYTES_LIT("Anybody"), BYTES_LIT("1") };
    struct es2_download_order in = { .profileType = BYTES_LIT("nothing") };
    struct rsp_request q = { .path = bytes_text(rsp_functions[ES2_DOWNLOAD_ORDER].path),
                             .content_type = BYTES_LIT(RSP_TYPE_JSON), .client_cert = g->entity.der,
                             .client_verified = verified };
    struct rsp_response r;
    struct rsp_status status;
    struct err e;
    CHECK_OK(rsp_write_request(test_arena(), ES2_DOWNLOAD_ORDER, &h, &in, &q.body, &e), &e);
    smdp_handle(&world.smdp, test_arena(), &q, &r);
    if (!CHECK_EQ(r.status, 200) ||
        !CHECK_OK(rsp_read_response(test_arena(), ES2_DOWNLOAD_ORDER, r.body, &status, NULL, &e), &e))
        return "nothing";
    const char *told = pair(&status);
    return strcmp(told, "8.2.5/3.9") == 0 ? "ok" : told;
}

static const char *pinned_slot(const struct given *g)
{
    return order_as(g, false);
}

/* The pinned operator has that very certificate; for this slot it is forgotten. */
static const char *named_slot(const struct given *g)
{
    bool verified = strcmp(g->row, "foreign") != 0 && strcmp(g->row, "unverified") != 0;
    struct store_batch away = store_batch_in(test_arena()), back = store_batch_in(test_arena());
    struct store_record pinned;
    struct err e;
    CHECK_OK(store_get(world.smdp.service.store, test_arena(), KIND_OPERATOR, BYTES_LIT("Rspkit Mobile"), &pinned, &e),
             &e);
    store_remove(&away, KIND_OPERATOR, &pinned);
    CHECK_EQ(store_commit(world.smdp.service.store, &away, NULL, &e), STORE_COMMITTED);
    const char *told = order_as(g, verified);
    pinned.version = 0;
    store_put(&back, KIND_OPERATOR, &pinned);
    CHECK_EQ(store_commit(world.smdp.service.store, &back, NULL, &e), STORE_COMMITTED);
    return told;
}

static const struct slot {
    const char *name;
    enum cert_role own;
    const char *(*outcome)(const struct given *);
} slots[SLOTS] = {
    { "EUM", CERT_EUM, eum_slot },
    { "eUICC", CERT_EUICC, euicc_slot },
    { "EUM-note", CERT_EUM, eum_note_slot },
    { "eUICC-note", CERT_EUICC, euicc_note_slot },
    { "CI", CERT_CI, ci_slot },
    { "DPauth", CERT_DPAUTH, auth_slot },
    { "DPpb", CERT_DPPB, pb_slot },
    { "pinned", CERT_OPERATOR, pinned_slot },
    { "named", CERT_OPERATOR, named_slot },
};

/* -------------------------------------------------------------------------- the matrix */

static struct matrix matrix;

static void cell_try(struct matrix_row *r, int slot)
{
    const struct slot *s = &slots[slot];
    struct given g = given_for(r->name, s->own);
    r->got[0][slot] = "-";
    test_row("%s in the place of %s", r->name, s->name);
    if (g.entity.der.p) {
        revocation_begin(r->name);
        r->got[0][slot] = matrix_word(&matrix, s->outcome(&g));
        revocation_end();
    }
    CHECK_TEXT(r->got[0][slot], r->cells[slot]);
    if (g.own_key)
        ec_key_free(g.entity.key);
}

static void matrix_print(void)
{
    printf("#\n");
    for (size_t i = 0; i < matrix.n_rows; i++) {
        printf("# %-20s", matrix.rows[i].name);
        for (int slot = 0; slot < SLOTS; slot++)
            printf(" %-10s", i ? matrix.rows[i].got[0][slot] : matrix.rows[i].cells[slot]);
        printf("\n");
    }
    printf("#\n");
}

TEST(certificates)
{
    test_row("the matrix");
    if (matrix_read(&matrix, VECTORS, SLOTS) && begin()) {
        for (int slot = 0; slot < SLOTS; slot++)
            CHECK_TEXT(matrix.rows[0].cells[slot], slots[slot].name);
        for (size_t i = 1; i < matrix.n_rows; i++)
            for (int slot = 0; slot < SLOTS; slot++)
                cell_try(&matrix.rows[i], slot);
        matrix_print();
    }
    end();
}

TEST(rows_for_all)
{
    if (matrix_read(&matrix, VECTORS, SLOTS))
        matrix_check_names(&matrix);
}
