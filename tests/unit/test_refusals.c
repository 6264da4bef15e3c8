/* SPDX-License-Identifier: Apache-2.0
 *
 * What is done wrong, and how each side refuses it: the LPA's end and words, the card's error
 * and command, the server's code, the order's state afterwards.  One row each. */
#include "rsp/ids.h"
#include "rsp/refusal.h"
#include "tamper.h"

static int target_role, target_segment, segments, calls;
static struct bytes foreign, kept_bpp;
static struct pki other;

/* ----------------------------------------------------------------- answers of the server */

static void change_server_certificate(void *out)
{
    ((struct es9_initiate_authentication_done *)out)->serverCertificate = foreign;
}

static void foreign_server(struct world *w, const struct rsp_request *q, struct rsp_response *r)
{
    (void)w;
    tamper_answer(ES9_INITIATE_AUTHENTICATION, q, r, change_server_certificate);
}

static void change_pb_certificate(void *out)
{
    ((struct es9_authenticate_client_done *)out)->smdpCertificate = foreign;
}

static void foreign_pb(struct world *w, const struct rsp_request *q, struct rsp_response *r)
{
    (void)w;
    tamper_answer(ES9_AUTHENTICATE_CLIENT, q, r, change_pb_certificate);
}

static void change_signature_of_server(void *out)
{
    struct es9_initiate_authentication_done *d = out;
    d->serverSignature1 = tamper_flip(d->serverSignature1, 30);
}

static void bad_server_signature(struct world *w, const struct rsp_request *q, struct rsp_response *r)
{
    (void)w;
    tamper_answer(ES9_INITIATE_AUTHENTICATION, q, r, change_signature_of_server);
}

static void change_metadata(void *out)
{
    struct es9_authenticate_client_done *d = out;
    d->profileMetadata = tamper_flip(d->profileMetadata, d->profileMetadata.n - 1);
}

static void other_metadata(struct world *w, const struct rsp_request *q, struct rsp_response *r)
{
    (void)w;
    tamper_answer(ES9_AUTHENTICATE_CLIENT, q, r, change_metadata);
}

static void change_cut(void *out)
{
    struct es9_get_bound_profile_package_done *d = out;
    d->boundProfilePackage.n -= 100;
}

static void cut_bpp(struct world *w, const struct rsp_request *q, struct rsp_response *r)
{
    (void)w;
    tamper_answer(ES9_GET_BOUND_PROFILE_PACKAGE, q, r, change_cut);
}

static void change_keep(void *out)
{
    kept_bpp = ((struct es9_get_bound_profile_package_done *)out)->boundProfilePackage;
}

static void keep_bpp(struct world *w, const struct rsp_request *q, struct rsp_response *r)
{
    (void)w;
    tamper_answer(ES9_GET_BOUND_PROFILE_PACKAGE, q, r, change_keep);
}

static void change_replay(void *out)
{
    ((struct es9_get_bound_profile_package_done *)out)->boundProfilePackage = kept_bpp;
}

static void replay_bpp(struct world *w, const struct rsp_request *q, struct rsp_response *r)
{
    (void)w;
    tamper_answer(ES9_GET_BOUND_PROFILE_PACKAGE, q, r, change_replay);
}

static void keep_and_lose_bpp(struct world *w, const struct rsp_request *q, struct rsp_response *r)
{
    keep_bpp(w, q, r);
    if (tamper_is(q, ES9_GET_BOUND_PROFILE_PACKAGE))
        *r = (struct rsp_response){ .status = 500 };
}

static void lose_bpp(struct world *w, const struct rsp_request *q, struct rsp_response *r)
{
    (void)w;
    if (tamper_is(q, ES9_GET_BOUND_PROFILE_PACKAGE))
        *r = (struct rsp_response){ .status = 500 };
}

/* ------------------------------------------------------------------------------ the rows */

static bool other_pki(struct world *w)
{
    struct pki_plan plan;
    struct err e;
    pki_plan_init(&plan, w->now);
    plan.curve = world_pki(w)->plan.curve;
    return CHECK_OK(pki_make(test_arena(), &plan, &other, &e), &e);
}

static void untrusted_eum(struct world *w, struct activation_code *c)
{
    (void)c;
    other_pki(w);
    tamper_certificates(w, other.of[CERT_EUM].der, BYTES_NONE);
}

static void expired_euicc(struct world *w, struct activation_code *c)
{
    struct pki_entity bad;
    struct err e;
    (void)c;
    CHECK_OK(pki_fault(test_arena(), world_pki(w), CERT_EUICC, FAULT_EXPIRED, &bad, &e), &e);
    tamper_certificates(w, BYTES_NONE, bad.der);
}

static void wrong_id(struct world *w, struct activation_code *c)
{
    (void)w;
    c->matching_id = BYTES_LIT("NOBODY-HAS-THIS");
}

static void server_of_other_ci(struct world *w, struct activation_code *c)
{
    (void)c;
    other_pki(w);
    foreign = other.of[CERT_DPAUTH].der;
    w->response = foreign_server;
}

static void other_oid(struct world *w, struct activation_code *c)
{
    (void)w;
    c->oid = BYTES_LIT("2.999.11");
}

static void other_address(struct world *w, struct activation_code *c)
{
    (void)w;
    c->address = BYTES_LIT("other.example.com");
}

static void user_no(struct world *w, struct activation_code *c)
{
    (void)c;
    w->answer = LPA_NO;
}

static void user_later(struct world *w, struct activation_code *c)
{
    (void)c;
    w->answer = LPA_LATER;
}

#define CHANGED(name, change)                                     \
    static void name(struct world *w, struct activation_code *c) \
    {                                                             \
        (void)c;                                                  \
        tamper_with(w, tamper_find(change));                      \
    }
CHANGED(signature1, "client-signature")
CHANGED(signature2, "prepared-signature")
CHANGED(json_id, "client-outer-id")
CHANGED(der_id, "client-inner-id")

#define HOOK(name, function)                                      \
    static void name(struct world *w, struct activation_code *c) \
    {                                                             \
        (void)c;                                                  \
        w->response = function;                                   \
    }
HOOK(server_signature, bad_server_signature)
HOOK(metadata_swapped, other_metadata)
HOOK(truncated, cut_bpp)

static const struct row {
    const char *name;
    void (*prepare)(struct world *, struct activation_code *);
    enum lpa_end end;
    const char *words, *subject, *reason, *state;
    const char *card; /* function and error number, if the card refused */
} rows[] = {
    { "wrong matching ID", wrong_id, LPA_SERVER, "no order has this matching ID", "8.2.6", "3.8", "Released" },
    { "untrusted EUM", untrusted_eum, LPA_SERVER, "the card's CI is not trusted", "8.11.1", "3.9", "Released" },
    { "expired eUICC certificate", expired_euicc, LPA_SERVER, "eUICC certificate has expired", "8.1.3", "6.3",
      "Released" },
    { "bad euiccSignature1", signature1, LPA_SERVER, "signature of the eUICC is wrong", "8.1", "6.1", "Released" },
    { "bad euiccSignature2", signature2, LPA_SERVER, "signature of the eUICC is wrong", "8.1", "6.1", "Released" },
    { "foreign transaction id in JSON", json_id, LPA_SERVER, "the transaction is not known", "8.10.1", "3.9",
      "Released" },
    { "foreign transaction id in DER", der_id, LPA_SERVER, "the transaction is not known", "8.10.1", "3.9",
      "Released" },
    { "server certificate of another CI at the card", server_of_other_ci, LPA_CARD, "does not know the server's CI",
      NULL, NULL, "Released", "ES10b.AuthenticateServer, error 7" },
    { "bad serverSignature1", server_signature, LPA_CARD, "the server's signature is wrong", NULL, NULL, "Released",
      "ES10b.AuthenticateServer, error 2" },
    { "another OID in the activation code", other_oid, LPA_SERVER, "not the one that the activation code names", NULL,
      NULL, "Released" },
    { "an address that the server does not have", other_address, LPA_SERVER, "does not have the address", "8.8.1",
      "3.8", "Released" },
    { "another profile than was shown", metadata_swapped, LPA_SERVER, "another profile than it had shown", NULL, NULL,
      "Error" },
    { "truncated BPP", truncated, LPA_SERVER, "announces", NULL, NULL, "Error" },
    { "the user says no", user_no, LPA_USER, "refused by the user", NULL, NULL, "Error" },
    { "the user says later", user_later, LPA_USER, "put off by the user", NULL, NULL, "Released" },
};

/* Numbers of three digits and more as N: how long a package is may change. */
static const char *without_sizes(const char *text)
{
    struct buf out = buf_in(test_arena());
    while (*text) {
        size_t digits = strspn(text, "0123456789");
        if (digits > 2)
            buf_u8(&out, 'N');
        else
            buf_add(&out, bytes_make(text, digits));
        text += digits;
        if (*text)
            buf_u8(&out, (uint8_t)*text++);
    }
    return buf_str(&out);
}

/* What was seen stands as a row in docs/refusals.md; "-": that side had no part in it. */
static void documented(struct world *w, const char *name, enum lpa_end end, const struct lpa_download *d,
                       const struct err *e)
{
    struct bytes page = test_file(test_source("docs/refusals.md"));
    const char *server = "-";
    if (d->status.subject.p)
        server = arena_printf(test_arena(), "%s/%s", arena_text(test_arena(), d->status.subject),
                              arena_text(test_arena(), d->status.reason));
    const char *card = end == LPA_CARD ? e->where : "-";
    const char *line = arena_printf(test_arena(), "| %s | %d | %s | %s | %s | %s |\n", name, end,
                                    without_sizes(e->what), card, server, world_state(w));
    if (!CHECK(page.n && memmem(page.p, page.n, line, strlen(line))))
        printf("# not in docs/refusals.md: %s", line);
}

static void judge(struct world *w, const struct row *r, enum lpa_end end, const struct lpa_download *d,
                  const struct err *e)
{
    char text[500];
    err_text(e, text, sizeof text);
    CHECK_EQ(end, r->end);
    if (!strstr(text, r->words))
        CHECK_TEXT(text, r->words);
    if (r->subject && CHECK(d->status.subject.p != NULL)) {
        CHECK_BYTES(d->status.subject, bytes_text(r->subject));
        CHECK_BYTES(d->status.reason, bytes_text(r->reason));
    }
    CHECK_TEXT(world_state(w), r->state);
    if (r->card)
        CHECK_TEXT(e->where, r->card);
    documented(w, r->name, end, d, e);
}

/* After any refusal the card is as before, and a good download of a new order succeeds. */
static void still_works(struct world *w)
{
    struct activation_code code;
    struct lpa_download d;
    struct err e;
    tamper_end(w);
    w->segment = NULL;
    w->answer = LPA_YES;
    if (world_order(w, NULL, NULL, &code) && !CHECK_EQ(world_download(w, &code, &d, &e), LPA_DONE))
        CHECK_TEXT(err_text(&e, (char[500]){ 0 }, 500), "");
}

/* Each row in each binding at each listener of one server. */
static const struct variant {
    const char *name;
    unsigned listener;
    bool asn1;
} variants[] = { { "JSON, P-256", 0, false },
                 { "ASN.1, P-256", 0, true },
                 { "JSON, brainpoolP256r1", 1, false },
                 { "ASN.1, brainpoolP256r1", 1, true } };
enum { VARIANTS = sizeof variants / sizeof *variants };

static bool open_world(struct world *w, const struct variant *v, struct activation_code *code)
{
    memset(&other, 0, sizeof other);
    bool opened = world_open_two(w) && world_order(w, NULL, NULL, code);
    w->listener = v->listener;
    w->lpa.asn1 = v->asn1;
    return opened;
}

TEST(refusals)
{
    for (size_t i = 0; i < VARIANTS * sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i / VARIANTS];
        const struct variant *v = &variants[i % VARIANTS];
        struct world w;
        struct activation_code code;
        struct lpa_download d;
        struct err e = { 0 };
        test_row("%s: %s", row->name, v->name);
        if (open_world(&w, v, &code)) {
            row->prepare(&w, &code);
            enum lpa_end end = world_download(&w, &code, &d, &e);
            judge(&w, row, end, &d, &e);
            still_works(&w);
        }
        pki_end(&other);
        world_close(&w);
    }
}

TEST(orders_refused)
{
    struct world w;
    struct activation_code code;
    struct lpa_download d;
    struct err e;
    struct es2_download_order order = { .profileType = BYTES_LIT("sample") };
    struct es2_download_order_done ordered;
    struct es2_confirm_order confirm = { .matchingId = BYTES_LIT("MINE") };
    struct es2_confirm_order_done confirmed;
    test_row("unreleased order");
    if (world_open(&w, EC_P256, BYTES_NONE, false)) {
        static const struct row r = { "unreleased order", NULL, LPA_SERVER, "not released yet", "8.2", "1.2",
                                      "Confirmed" };
        CHECK_OK(iccid_from_text(test_arena(), BYTES_LIT(WORLD_ICCID), &order.iccid, &e), &e);
        CHECK_EQ(world_es2(&w, ES2_DOWNLOAD_ORDER, &order, &ordered).executed, RSP_SUCCESS);
        confirm.iccid = ordered.iccid;
        CHECK_EQ(world_es2(&w, ES2_CONFIRM_ORDER, &confirm, &confirmed).executed, RSP_SUCCESS);
        code = (struct activation_code){ .address = confirmed.smdpAddress, .matching_id = confirmed.matchingId };
        enum lpa_end end = world_download(&w, &code, &d, &e);
        judge(&w, &r, end, &d, &e);
    }
    world_close(&w);
    test_row("other EID");
    if (world_open(&w, EC_P256, BYTES_NONE, false) && world_order(&w, NULL, WORLD_EID2, &code)) {
        static const struct row r = { "other EID", NULL, LPA_SERVER, "belongs to another EID", "8.1.1", "3.8",
                                      "Released" };
        enum lpa_end end = world_download(&w, &code, &d, &e);
        judge(&w, &r, end, &d, &e);
        w.card = 1;
        CHECK_EQ(world_download(&w, &code, &d, &e), LPA_DONE);
    }
    world_close(&w);
    test_row("second download of the same order by another card");
    if (world_open(&w, EC_P256, BYTES_NONE, false) && world_order(&w, NULL, NULL, &code)) {
        static const struct row r = { "second download of the same order by another card", NULL, LPA_SERVER,
                                      "belongs to another EID", "8.1.1", "3.8", "Downloaded" };
        w.response = lose_bpp;
        CHECK_EQ(world_download(&w, &code, &d, &e), LPA_SERVER);
        w.response = NULL;
        w.card = 1;
        enum lpa_end end = world_download(&w, &code, &d, &e);
        judge(&w, &r, end, &d, &e);
        w.card = 0; /* the first may try again */
        CHECK_EQ(world_download(&w, &code, &d, &e), LPA_DONE);
        CHECK_TEXT(world_state(&w), "Installed");
    }
    world_close(&w);
    test_row("replayed BPP");
    if (world_open(&w, EC_P256, BYTES_NONE, false) && world_order(&w, NULL, NULL, &code)) {
        w.response = keep_and_lose_bpp; /* recorded on its way in a first session */
        CHECK_EQ(world_download(&w, &code, &d, &e), LPA_SERVER);
        CHECK_TEXT(world_state(&w), "Downloaded");
        w.response = replay_bpp;
        /* the card has kept its one-time key, so the signature is good: the transaction tells */
        static const struct row r = { "replayed BPP", NULL, LPA_CARD, "belongs to another transaction", NULL, NULL,
                                      "Error", "ES8+ command 0, reason 3" };
        enum lpa_end end = world_download(&w, &code, &d, &e);
        judge(&w, &r, end, &d, &e);
        still_works(&w);
    }
    world_close(&w);
}

TEST(confirmation_codes)
{
    static const struct row wrong = { "wrong confirmation code", NULL, LPA_SERVER, "confirmation code is wrong;",
                                      "8.2.7", "3.8", "Released" };
    static const struct row over = { "the last try of it", NULL, LPA_SERVER, "wrong too often", "8.2.7", "6.4",
                                     "Error" };
    struct world w;
    struct activation_code code;
    struct lpa_download d;
    struct err e;
    test_row("wrong, wrong, exhausted (limit 3)");
    if (world_open(&w, EC_P256, BYTES_NONE, false) && world_order(&w, "1234", NULL, &code)) {
        w.code = "4321";
        for (int i = 0; i < 3; i++) {
            enum lpa_end end = world_download(&w, &code, &d, &e);
            judge(&w, i < 2 ? &wrong : &over, end, &d, &e);
        }
    }
    world_close(&w);
    test_row("wrong, then right");
    if (world_open(&w, EC_P256, BYTES_NONE, false) && world_order(&w, "1234", NULL, &code)) {
        w.code = "4321";
        CHECK_EQ(world_download(&w, &code, &d, &e), LPA_SERVER);
        w.code = "1234";
        CHECK_EQ(world_download(&w, &code, &d, &e), LPA_DONE);
        CHECK_TEXT(world_state(&w), "Installed");
    }
    world_close(&w);
}

/* ------------------------------------------------------------- every role in every slot */

/* The slot's own error for a certificate of another role: code of the card, or refusal of the server. */
static int slot_expected(int slot, int role)
{
    static const int card_auth[CERT_ROLES] = {
        [CERT_CI] = 7,    [CERT_EUM] = 1,    [CERT_EUICC] = 7, [CERT_DPPB] = 1,
        [CERT_DPTLS] = 1, [CERT_DSAUTH] = 2, [CERT_DSTLS] = 1, [CERT_OPERATOR] = 1
    };
    bool foreign_aki = role == CERT_CI || role == CERT_EUICC;
    switch (slot) {
    case 0:
        return card_auth[role];
    case 1:
        return 1;
    case 2:
        return foreign_aki ? RSP_CI_UNKNOWN : RSP_EUM_INVALID;
    default:
        return RSP_EUICC_INVALID;
    }
}

/* The certificate of the target role takes the place of the slot's own. */
static void put_into_slot(struct world *w, int slot)
{
    struct bytes der = w->pki.of[target_role].der;
    foreign = der;
    if (slot < 2)
        w->response = slot == 0 ? foreign_server : foreign_pb;
    else
        tamper_certificates(w, slot == 2 ? der : BYTES_NONE, slot == 3 ? der : BYTES_NONE);
}

TEST(roles_in_slots)
{
    static const struct {
        const char *name;
        int own;
        const char *state;
    } slots[] = {
        { "card, AuthenticateServer", CERT_DPAUTH, "Released" },
        { "card, PrepareDownload", CERT_DPPB, "Error" },
        { "server, EUM", CERT_EUM, "Released" },
        { "server, eUICC", CERT_EUICC, "Released" },
    };
    for (int slot = 0; slot < 4; slot++)
        for (target_role = 0; target_role < CERT_ROLES; target_role++) {
            struct world w;
            struct activation_code code;
            struct lpa_download d;
            struct err e = { 0 };
            char want[32];
            if (target_role == slots[slot].own)
                continue;
            const char *name =
                arena_printf(test_arena(), "%s: %s", slots[slot].name, cert_role_name((enum cert_role)target_role));
            test_row("%s", name);
            if (open_world(&w, &variants[0], &code)) {
                put_into_slot(&w, slot);
                enum lpa_end end = world_download(&w, &code, &d, &e);
                CHECK_EQ(end, slot < 2 ? LPA_CARD : LPA_SERVER);
                CHECK_TEXT(world_state(&w), slots[slot].state);
                documented(&w, name, end, &d, &e);
                int expected = slot_expected(slot, target_role);
                if (slot < 2) {
                    snprintf(want, sizeof want, "error %d", expected);
                    if (!strstr(e.where, want))
                        CHECK_TEXT(e.where, want);
                } else if (CHECK(d.status.subject.p != NULL)) {
                    CHECK_BYTES(d.status.subject, bytes_text(rsp_refusal_of(expected)->subject));
                    CHECK_BYTES(d.status.reason, bytes_text(rsp_refusal_of(expected)->reason));
                }
            }
            tamper_end(&w);
            world_close(&w);
        }
}

/* ------------------------------------------- one octet in each segment, after segmentation */

static uint8_t segment_tag;

/* Counts the STORE DATA commands that begin a BPP segment; spoils the last octet of the chosen one. */
static struct bytes spoil(struct world *w, struct bytes command)
{
    static bool inside;
    (void)w;
    if (command.n < 7 || command.p[1] != 0xE2)
        return command;
    const uint8_t *data = command.p + 5;
    bool part = data[0] == 0x86 || data[0] == 0x88 || data[0] == 0xA0 || data[0] == 0xA1 || data[0] == 0xA2 ||
                data[0] == 0xA3 || (data[0] == 0xBF && data[1] == 0x36);
    if (command.p[3] == 0 && part) {
        inside = segments++ == target_segment;
        if (inside)
            segment_tag = data[0];
    } else if (command.p[3] == 0) {
        inside = false;
    }
    if (!inside || command.p[2] != 0x91)
        return command;
    inside = false;
    struct bytes copy = arena_copy(test_arena(), command);
    uint8_t *last = (uint8_t *)(uintptr_t)copy.p + copy.n - 2;
    if (segment_tag == 0xA1 || segment_tag == 0xA3)
        --*last; /* a length that is one too small */
    else
        *last ^= 1;
    calls++;
    return copy;
}

TEST(altered_segments)
{
    for (int ppk = 0; ppk < 2; ppk++)
        for (target_segment = 0;; target_segment++) {
            struct world w;
            struct activation_code code;
            struct lpa_download d;
            struct err e = { 0 };
            segments = calls = 0;
            test_row("%s, segment %d", ppk ? "protection keys" : "session keys", target_segment + 1);
            bool opened = world_open(&w, EC_P256, BYTES_NONE, ppk) && world_order(&w, NULL, NULL, &code);
            if (opened) {
                w.segment = spoil;
                enum lpa_end end = world_download(&w, &code, &d, &e);
                if (calls == 0) { /* one beyond the last: untouched, so it installs */
                    CHECK_EQ(end, LPA_DONE);
                    CHECK(target_segment >= (ppk ? 8 : 7));
                } else {
                    static const struct { uint8_t tag; int command, reason;
                    } wanted[] = { { 0xBF, 0, 2 }, { 0xA0, 1, 8 }, { 0xA1, 2, 7 }, { 0x88, 2, 8 },
                                   { 0xA2, 4, 8 }, { 0xA3, 5, 7 }, { 0x86, 5, 8 } };
                    CHECK_EQ(end, LPA_CARD);
                    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
                        if (wanted[i].tag == segment_tag) {
                            CHECK_EQ(d.bpp_command, wanted[i].command);
                            CHECK_EQ(d.error_reason, wanted[i].reason);
                        }
                    CHECK_TEXT(world_state(&w), "Error");
                    documented(&w, arena_printf(test_arena(), "one octet altered in segment %d (%02X), %s",
                                                target_segment + 1, segment_tag, ppk ? "PPK" : "session keys"),
                               end, &d, &e);
                    still_works(&w);
                }
            }
            world_close(&w);
            if (calls == 0)
                break;
        }
}
