/* SPDX-License-Identifier: Apache-2.0 */
#include "dslab.h"

#include <sys/mman.h>

#include "rsp/binding.h"

/* The SM-DS against SGP.22 3.6 and 5.8 to 5.10: the tables of its functions, transcribed here, on both stores. */

static const char *const stores[] = { "memory", "SQLite" };

enum { HOUR = 3600 };

/* -------------------------------------------------------------- ES11.InitiateAuthentication */

static const struct {
    const char *name;
    struct session s;
    const char *json, *asn1; /* Table 48a; Annex H has three numbers, two rows share one */
} initiate_rows[] = {
    { "as it should be", { 0 }, "", "" },
    { "the address in capitals", { .address = "SMDS.EXAMPLE.COM" }, "", "" },
    { "another address", { .address = "smds2.example.com" }, "8.9.1/3.8", "8.9.1/3.8" },
    { "no CI for signing", { .foreign_signing = true }, "8.9.2/3.1", "8.9.2/3.1" },
    { "SGP.22 v3", { .svn = "030000" }, "8.9.3/3.1", "8.9.3/3.1" },
    { "SGP.22 v1", { .svn = "010100" }, "8.9.3/3.1", "8.9.3/3.1" },
    { "another minor version", { .svn = "020000" }, "", "" },
    { "no CI for verification", { .foreign_verification = true }, "8.9.4/3.7", "8.9.2/3.1" },
};

TEST(initiate_authentication)
{
    for (size_t k = 0; k < 2; k++) {
        if (!lab_open(k))
            return;
        for (size_t i = 0; i < sizeof initiate_rows / sizeof *initiate_rows; i++) {
            struct session s = initiate_rows[i].s;
            test_row("%s: %s", stores[k], initiate_rows[i].name);
            CHECK_TEXT(lab_ask(DS_ALT, &s), initiate_rows[i].json);
            s.asn1 = true;
            CHECK_TEXT(lab_ask(DS_ALT, &s), initiate_rows[i].asn1);
        }
        lab_close();
    }
}

/* ------------------------------------------------------------------- ES11.AuthenticateClient */

/* A certificate of a role with a fault, or another PKI's. */
struct fault {
    enum cert_role role;
    enum cert_fault fault;
    bool foreign;
};

static const struct {
    const char *name;
    struct session s;
    struct fault fault;
    const char *json, *asn1; /* Table 52 */
} client_rows[] = {
    { "the EUM certificate has another signature", { 0 }, { CERT_EUM, FAULT_SIGNATURE }, "8.1.2/6.1", "8.1.2/6.1" },
    { "the EUM certificate has expired", { 0 }, { CERT_EUM, FAULT_EXPIRED }, "8.1.2/6.3", "8.1.2/6.3" },
    { "the eUICC certificate has another signature", { 0 }, { CERT_EUICC, FAULT_SIGNATURE }, "8.1.3/6.1", "8.1.3/6.1" },
    { "the EID is outside the EUM's", { 0 }, { CERT_EUICC, FAULT_EID_OUTSIDE }, "8.1.3/6.1", "8.1.3/6.1" },
    { "the eUICC certificate has expired", { 0 }, { CERT_EUICC, FAULT_EXPIRED }, "8.1.3/6.3", "8.1.3/6.3" },
    { "the signature is wrong", { .bad_signature = true }, { 0 }, "8.1/6.1", "8.1/6.1" },
    { "another challenge", { .other_challenge = true }, { 0 }, "8.1/6.1", "8.1/6.1" },
    { "another address than the session's", { .other_address = true }, { 0 }, "8.1/6.1", "8.1/6.1" },
    { "another version than the session's", { .other_svn = true }, { 0 }, "8.1/6.1", "8.1/6.1" },
    { "the card answers with an error", { .card_error = true }, { 0 }, "8.1/6.1", "8.1/6.1" },
    { "an unknown transaction", { .unknown_transaction = true }, { 0 }, "8.10.1/3.9", "8.10.1/3.9" },
    { "another transaction inside", { .other_transaction = true }, { 0 }, "8.10.1/3.9", "8.10.1/3.9" },
    { "an hour and a second later", { .later = HOUR + 1 }, { 0 }, "8.10.1/3.9", "8.10.1/3.9" },
    { "an hour later", { .later = HOUR }, { 0 }, "E1@smdp.example.com E2@smdp.example.com",
      "E1@smdp.example.com E2@smdp.example.com" },
    /* Annex H has no number for it: undefinedError */
    { "a CI that is not trusted", { 0 }, { .role = CERT_EUM, .foreign = true }, "8.11.1/3.9", "1.6/4.2" },
    { "an event that is not there", { .id = "E3" }, { 0 }, "8.9.5/3.9", "8.9.5/3.9" },
    { "another card's event", { .card = 1, .id = "E1" }, { 0 }, "8.9.5/3.9", "8.9.5/3.9" },
    { "one of two events", { .id = "E2" }, { 0 }, "E2@smdp.example.com", "E2@smdp.example.com" },
    { "all events, in the order of registration", { 0 }, { 0 }, "E1@smdp.example.com E2@smdp.example.com",
      "E1@smdp.example.com E2@smdp.example.com" },
    { "an empty matching ID is none", { .id = "" }, { 0 }, "E1@smdp.example.com E2@smdp.example.com",
      "E1@smdp.example.com E2@smdp.example.com" },
    { "a card without events", { .card = 1 }, { 0 }, "", "" },
};

static struct bytes faulty(const struct fault *f)
{
    struct pki_entity out = { 0 };
    struct err e;
    if (f->foreign)
        return lab.other.of[f->role].der;
    if (f->fault != FAULT_NONE)
        CHECK_OK(pki_fault(test_arena(), &lab.pki, f->role, f->fault, &out, &e), &e);
    return out.der;
}

TEST(authenticate_client)
{
    for (size_t k = 0; k < 2; k++) {
        if (!lab_open(k))
            return;
        CHECK_TEXT(lab_register(DS_ALT, lab.owners[0], 0, "E1", "smdp.example.com", false), "ok");
        CHECK_TEXT(lab_register(DS_ALT, lab.owners[0], 0, "E2", "smdp.example.com", false), "ok");
        for (size_t i = 0; i < sizeof client_rows / sizeof *client_rows; i++) {
            struct session s = client_rows[i].s;
            *(client_rows[i].fault.role == CERT_EUICC ? &s.euicc : &s.eum) = faulty(&client_rows[i].fault);
            test_row("%s: %s", stores[k], client_rows[i].name);
            CHECK_TEXT(lab_ask(DS_ALT, &s), client_rows[i].json);
            s.asn1 = true;
            CHECK_TEXT(lab_ask(DS_ALT, &s), client_rows[i].asn1);
        }
        lab_close();
    }
}

/* What is shown on P-256 above holds on the other curve of SGP.22 2.6.7.1. */
TEST(brainpool)
{
    if (!lab_open_on(EC_BRAINPOOLP256R1, false))
        return;
    CHECK_TEXT(lab_register(DS_ALT, lab.owners[1], 1, "E1", "smdp.example.com", true), "ok");
    for (int asn1 = 0; asn1 < 2; asn1++) {
        CHECK_TEXT(lab_ask(DS_ALT, &(struct session){ .card = 1, .asn1 = asn1 }), "E1@smdp.example.com");
        CHECK_TEXT(lab_ask(DS_ALT, &(struct session){ .card = 1, .asn1 = asn1, .bad_signature = true }), "8.1/6.1");
        CHECK(strstr(lab_ask(DS_ROOT, &(struct session){ .card = 1, .asn1 = asn1 }), "@" ALT_NAME));
    }
    CHECK_EQ(lab.pki.of[CERT_DSAUTH].cert.curve, EC_BRAINPOOLP256R1);
    lab_close();
}

TEST(blocked_cards)
{
    if (!lab_open(false))
        return;
    lab.ds[DS_ALT].smds.service.blocked[0] = lab.eids[1];
    lab.ds[DS_ALT].smds.service.n_blocked = 1;
    CHECK_TEXT(lab_ask(DS_ALT, &(struct session){ .card = 0 }), "");
    CHECK_TEXT(lab_ask(DS_ALT, &(struct session){ .card = 1 }), "8.1.3/6.1");
    lab_close();
}

/* ------------------------------------------------------------------------------------ ES12 */

enum { REGISTER, DELETE };

/* Tables 54 and 56, one step after the other on one root; then the events of both cards. */
static const struct {
    const char *name;
    int function, owner, card;
    const char *id, *said, *first, *second;
} es12_rows[] = {
    { "an event is registered", REGISTER, 0, 0, "E1", "ok", "E1@smdp.example.com", "" },
    { "once more", REGISTER, 0, 0, "E1", "8.9.5/3.3", "E1@smdp.example.com", "" },
    { "with the same ID for another card", REGISTER, 0, 1, "E1", "8.9.5/3.3", "E1@smdp.example.com", "" },
    { "another SM-DP+ has IDs of its own", REGISTER, 1, 1, "E1", "ok", "E1@smdp.example.com", "E1@smdp.example.com" },
    { "an event that is not there is deleted", DELETE, 0, 0, "E2", "8.9.5/3.9", "E1@smdp.example.com",
      "E1@smdp.example.com" },
    { "another SM-DP+'s event is not deleted", DELETE, 1, 0, "E1", "ok", "E1@smdp.example.com", "" },
    { "its own went, so now there is none", DELETE, 1, 0, "E1", "8.9.5/3.9", "E1@smdp.example.com", "" },
    { "another SM-DP+ does not replace it", REGISTER, 1, 0, "E1", "ok", "E1@smdp.example.com E1@smdp.example.com", "" },
    { "an event is deleted", DELETE, 0, 0, "E1", "ok", "E1@smdp.example.com", "" },
    { "once more", DELETE, 0, 0, "E1", "8.9.5/3.9", "E1@smdp.example.com", "" },
    { "it may be registered again", REGISTER, 0, 0, "E1", "ok", "E1@smdp.example.com E1@smdp.example.com", "" },
};

TEST(events_of_owners)
{
    for (size_t k = 0; k < 2; k++) {
        if (!lab_open(k))
            return;
        for (size_t i = 0; i < sizeof es12_rows / sizeof *es12_rows; i++) {
            struct bytes owner = lab.owners[es12_rows[i].owner];
            int card = es12_rows[i].card;
            test_row("%s: %s (%zu)", stores[k], es12_rows[i].name, i + 1);
            CHECK_TEXT(es12_rows[i].function == REGISTER
                           ? lab_register(DS_ROOT, owner, card, es12_rows[i].id, "smdp.example.com", true)
                           : lab_delete(DS_ROOT, owner, card, es12_rows[i].id),
                       es12_rows[i].said);
            CHECK_TEXT(lab_ask(DS_ROOT, &(struct session){ .card = 0 }), es12_rows[i].first);
            CHECK_TEXT(lab_ask(DS_ROOT, &(struct session){ .card = 1 }), es12_rows[i].second);
        }
        CHECK_EQ(lab.calls, 0); /* the root ignores forwardingIndicator */
        lab_close();
    }
}

/* An owner is a CERT.DP.TLS or CERT.DS.TLS that the listener has verified, and nothing else. */
static const struct {
    const char *name;
    enum cert_role role;
    bool without;
    const char *said;
    bool unverified;
} caller_rows[] = {
    { "an SM-DP+", CERT_DPTLS, false, "ok" },
    { "an SM-DS", CERT_DSTLS, false, "ok" },
    { "nobody", CERT_DPTLS, true, "1.1/1.2" },
    { "an SM-DP+ that is not verified", CERT_DPTLS, false, "1.1/1.2", .unverified = true },
    { "an operator", CERT_OPERATOR, false, "1.1/1.2" },
    { "a CERT.DPauth", CERT_DPAUTH, false, "1.1/1.2" },
    { "a CERT.DSauth", CERT_DSAUTH, false, "1.1/1.2" },
    { "a card", CERT_EUICC, false, "1.1/1.2" },
    { "an EUM", CERT_EUM, false, "1.1/1.2" },
};

TEST(callers)
{
    if (!lab_open(false))
        return;
    for (size_t i = 0; i < sizeof caller_rows / sizeof *caller_rows; i++) {
        struct bytes c = caller_rows[i].without ? BYTES_NONE : lab.pki.of[caller_rows[i].role].der;
        test_row("%s", caller_rows[i].name);
        lab.unverified = caller_rows[i].unverified;
        CHECK_TEXT(lab_register(DS_ROOT, c, 0, "E1", "smdp.example.com", false), caller_rows[i].said);
        if (strcmp(caller_rows[i].said, "ok") == 0)
            CHECK_TEXT(lab_delete(DS_ROOT, c, 0, "E1"), "ok");
        CHECK_EQ(lab_events(DS_ROOT), 0);
    }
    lab_close();
}

static const struct {
    const char *name, *id, *address, *said;
} form_rows[] = {
    { "an empty event ID", "", "smdp.example.com", "1.3.1/2.1" },
    { "a blank in the event ID", "E 1", "smdp.example.com", "1.3.1/2.1" },
    { "a control character in the event ID", "E\x1b", "smdp.example.com", "1.3.1/2.1" },
    { "an event ID of 128 octets",
      "12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
      "123456789012345678", "smdp.example.com", "ok" },
    { "an event ID of 129 octets",
      "12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
      "1234567890123456789", "smdp.example.com", "1.3.1/2.1" },
    { "no host name", "E1", "somewhere over there", "1.3.1/2.1" },
    { "a port", "E1", "smdp.example.com:8443", "1.3.1/2.1" },
};

TEST(forms)
{
    if (!lab_open(false))
        return;
    for (size_t i = 0; i < sizeof form_rows / sizeof *form_rows; i++) {
        test_row("%s", form_rows[i].name);
        CHECK_TEXT(lab_register(DS_ROOT, lab.owners[0], 0, form_rows[i].id, form_rows[i].address, false),
                   form_rows[i].said);
    }
    test_row("a port in a laboratory");
    lab.ds[DS_ROOT].smds.laboratory = true;
    CHECK_TEXT(lab_register(DS_ROOT, lab.owners[0], 0, "E1", "smdp.example.com:8443", false), "ok");
    lab_close();
}

TEST(quotas)
{
    for (size_t k = 0; k < 2; k++) {
        if (!lab_open(k))
            return;
        lab.ds[DS_ROOT].smds.limits = (struct smds_limits){ .of_owner = 2, .of_eid = 3 };
        test_row("%s: two of an owner", stores[k]);
        CHECK_TEXT(lab_register(DS_ROOT, lab.owners[0], 0, "A1", "smdp.example.com", false), "ok");
        CHECK_TEXT(lab_register(DS_ROOT, lab.owners[0], 0, "A2", "smdp.example.com", false), "ok");
        CHECK_TEXT(lab_register(DS_ROOT, lab.owners[0], 0, "A3", "smdp.example.com", false), "8.9.5/4.8");
        CHECK_TEXT(lab_register(DS_ROOT, lab.owners[0], 1, "A3", "smdp.example.com", false), "ok");
        test_row("%s: three of a card, whoever owns them", stores[k]);
        CHECK_TEXT(lab_register(DS_ROOT, lab.owners[1], 0, "B1", "smdp.example.com", false), "ok");
        CHECK_TEXT(lab_register(DS_ROOT, lab.owners[1], 0, "B2", "smdp.example.com", false), "8.9.5/4.8");
        test_row("%s: who deletes one has room", stores[k]);
        CHECK_TEXT(lab_delete(DS_ROOT, lab.owners[0], 0, "A1"), "ok");
        CHECK_TEXT(lab_register(DS_ROOT, lab.owners[1], 0, "B2", "smdp.example.com", false), "ok");
        lab_close();
    }
}

static size_t expired(int ds, size_t limit)
{
    size_t n = 0;
    struct err e;
    CHECK_OK(smds_expire(&lab.ds[ds].smds, test_arena(), limit, &n, &e), &e);
    return n;
}

TEST(stale_events)
{
    for (size_t k = 0; k < 2; k++) {
        if (!lab_open(k))
            return;
        test_row("%s", stores[k]);
        lab.ds[DS_ALT].smds.limits.lifetime = HOUR;
        CHECK_TEXT(lab_register(DS_ALT, lab.owners[0], 0, "E1", "smdp.example.com", true), "ok");
        lab.now += 60;
        CHECK_TEXT(lab_register(DS_ALT, lab.owners[0], 0, "E2", "smdp.example.com", false), "ok");
        lab.now += HOUR - 60;
        CHECK_TEXT(lab_ask(DS_ALT, &(struct session){ 0 }), "E1@smdp.example.com E2@smdp.example.com");
        CHECK_EQ((int64_t)expired(DS_ALT, 10), 0);
        lab.now += 1;
        CHECK_TEXT(lab_ask(DS_ALT, &(struct session){ 0 }), "E2@smdp.example.com");
        CHECK_EQ((int64_t)expired(DS_ALT, 10), 1);
        CHECK_EQ(lab_events(DS_ALT), 1);
        lab_deliver();
        CHECK_EQ(lab_events(DS_ROOT), 0);
        lab.ds[DS_ALT].smds.limits.lifetime = 0;
        lab.now += 1000 * HOUR;
        CHECK_EQ((int64_t)expired(DS_ALT, 10), 0);
        lab_close();
    }
}

/* ------------------------------------------------------------------------------------ ES15 */

/* What the root has for a card, as the card learns it: its ID, and the alternative's address. */
static const char *root_id(int card)
{
    const char *told = lab_ask(DS_ROOT, &(struct session){ .card = card });
    const char *at = strchr(told, '@');
    if (!CHECK(at && strcmp(at, "@" ALT_NAME) == 0))
        return "";
    return arena_printf(test_arena(), "%.*s", (int)(at - told), told);
}

TEST(cascade)
{
    for (size_t k = 0; k < 2; k++) {
        if (!lab_open(k))
            return;
        test_row("%s: the root tells of the alternative, that one of the SM-DP+", stores[k]);
        CHECK_TEXT(lab_register(DS_ALT, lab.owners[0], 0, "E1", "smdp.example.com", true), "ok");
        const char *id = root_id(0);
        CHECK_EQ(strcmp(id, "E1") == 0, false);
        CHECK_TEXT(lab_ask(DS_ALT, &(struct session){ .id = id }), "E1@smdp.example.com");
        CHECK_TEXT(lab_ask(DS_ALT, &(struct session){ .id = id, .asn1 = true }), "E1@smdp.example.com");
        CHECK_TEXT(lab_ask(DS_ALT, &(struct session){ .id = id, .card = 1 }), "8.9.5/3.9");
        CHECK_TEXT(lab_ask(DS_ALT, &(struct session){ .id = "E1" }), "8.9.5/3.9");
        CHECK_TEXT(lab_ask(DS_ALT, &(struct session){ 0 }), "E1@smdp.example.com");
        test_row("%s: the SM-DP+ cannot delete the alternative's event at the root", stores[k]);
        CHECK_TEXT(lab_delete(DS_ROOT, lab.owners[0], 0, id), "8.9.5/3.9");
        test_row("%s: what is not to be forwarded is not", stores[k]);
        CHECK_TEXT(lab_register(DS_ALT, lab.owners[0], 1, "E2", "smdp.example.com", false), "ok");
        CHECK_TEXT(lab_ask(DS_ROOT, &(struct session){ .card = 1 }), "");
        test_row("%s: a deletion goes both ways", stores[k]);
        CHECK_TEXT(lab_delete(DS_ALT, lab.owners[0], 0, "E1"), "ok");
        CHECK_TEXT(lab_ask(DS_ALT, &(struct session){ 0 }), "");
        lab_deliver();
        CHECK_EQ(lab_events(DS_ROOT), 0);
        lab_close();
    }
}

/* A registration whose way to the root is not the usual: what the SM-DP+ is told, and what each side has afterwards,
 * once the way is free and the outbox has been sent. */
static const struct {
    const char *name;
    struct way way;
    const char *said;
    int64_t events;
} way_rows[] = {
    { "all is well", { 0 }, "ok", 1 },
    { "the root is not reached", { .deaf = true }, "8.9/5.1", 0 },
    { "the answer is lost", { .lost = true }, "8.9/5.1", 0 },
    { "HTTP 503, done all the same", { .status = 503 }, "8.9/5.1", 0 },
    { "HTTP 500, done all the same", { .status = 500 }, "8.9/4.2", 0 },
    { "the root does not know the caller", { .subject = "1.1", .reason = "1.2" }, "8.9/4.2", 0 },
    { "the root is full", { .subject = "8.9.5", .reason = "4.8" }, "8.9/4.2", 0 },
};

TEST(ways_to_the_root)
{
    for (size_t k = 0; k < 2; k++) {
        if (!lab_open(k))
            return;
        for (size_t i = 0; i < sizeof way_rows / sizeof *way_rows; i++) {
            test_row("%s: %s", stores[k], way_rows[i].name);
            lab.way = way_rows[i].way;
            CHECK_TEXT(lab_register(DS_ALT, lab.owners[0], 0, "E1", "smdp.example.com", true), way_rows[i].said);
            lab.way = (struct way){ 0 };
            lab_deliver();
            CHECK_EQ(lab_events(DS_ALT), way_rows[i].events);
            CHECK_EQ(lab_events(DS_ROOT), way_rows[i].events);
            if (!way_rows[i].events) /* and the ID is free */
                CHECK_TEXT(lab_register(DS_ALT, lab.owners[0], 0, "E1", "smdp.example.com", true), "ok");
            CHECK_TEXT(lab_delete(DS_ALT, lab.owners[0], 0, "E1"), "ok");
            lab_deliver();
        }
        lab_close();
    }
}

/* A deletion whose way to the root is not the usual: done here at once, there when the way is free. */
TEST(deletions_at_the_root)
{
    static const struct way ways[] = { { .deaf = true }, { .lost = true }, { .status = 503 }, { .status = 500 },
                                       { .subject = "1.6", .reason = "4.2" } };
    if (!lab_open(false))
        return;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        test_row("way %zu", i + 1);
        CHECK_TEXT(lab_register(DS_ALT, lab.owners[0], 0, "E1", "smdp.example.com", true), "ok");
        lab.way = ways[i];
        CHECK_TEXT(lab_delete(DS_ALT, lab.owners[0], 0, "E1"), "ok");
        lab_deliver();
        CHECK_EQ(lab_events(DS_ALT), 0);
        lab.way = (struct way){ 0 };
        lab.now += 2 * HOUR;
        lab_deliver();
        CHECK_EQ(lab_events(DS_ROOT), 0);
    }
    lab_close();
}

/* While the root is asked, another request of the SM-DP+ waits (HTTP 503), and no card is told. */
static int asked_meanwhile;

static void look_meanwhile(void)
{
    asked_meanwhile++;
    CHECK_TEXT(lab_ask(DS_ALT, &(struct session){ 0 }), "");
    CHECK_TEXT(lab_register(DS_ALT, lab.owners[0], 0, "E1", "smdp.example.com", true), "HTTP 503");
    CHECK_TEXT(lab_delete(DS_ALT, lab.owners[0], 0, "E1"), "HTTP 503");
    CHECK_TEXT(lab_register(DS_ALT, lab.owners[1], 1, "E1", "smdp.example.com", false), "ok");
}

TEST(registrations_under_way)
{
    asked_meanwhile = 0;
    if (!lab_open(true))
        return;
    lab.during = look_meanwhile;
    CHECK_TEXT(lab_register(DS_ALT, lab.owners[0], 0, "E1", "smdp.example.com", true), "ok");
    CHECK_EQ(asked_meanwhile, 1);
    CHECK_TEXT(lab_ask(DS_ALT, &(struct session){ 0 }), "E1@smdp.example.com");
    lab_close();
}

/* A registration that the store could not end: who calls again when its time is over ends it. */
TEST(registrations_left)
{
    static const struct {
        const char *name, *address, *said;
        int64_t later, events;
    } rows[] = {
        { "the same, too early", "smdp.example.com", "HTTP 503", 299, 1 },
        { "the same", "smdp.example.com", "ok", 300, 1 },
        { "another address", "other.example.com", "8.9.5/3.3", 300, 1 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        if (!lab_open(false))
            return;
        lab.ds[DS_ALT].faults = (struct store_faults){ .at = 2, .how = STORE_FAIL_BEFORE };
        CHECK_TEXT(lab_register(DS_ALT, lab.owners[0], 0, "E1", "smdp.example.com", true), "HTTP 503");
        lab.now += rows[i].later;
        CHECK_TEXT(lab_register(DS_ALT, lab.owners[0], 0, "E1", rows[i].address, true), rows[i].said);
        CHECK_EQ(lab_events(DS_ALT), rows[i].events);
        CHECK_EQ(lab_events(DS_ROOT), rows[i].events);
        lab_close();
    }
}

/* The ASN.1 answer of ES11.AuthenticateClient, octet by octet from SGP.22 6.6.2.7: A2 { BF40 { A0 { 80 transactionId,
 * A1 { 30 { 80 eventId, 81 rspServerAddress } .. } } } }. */
TEST(octets_of_the_answer)
{
    struct es11_event items[] = { { BYTES_LIT("E1"), BYTES_LIT("a.b") }, { BYTES_LIT("E2"), BYTES_LIT("c.d") } };
    const struct es11_authenticate_client_done done = { unhex("0102"), { 2, items } };
    struct es11_authenticate_client_done read = { 0 };
    struct rsp_status status;
    struct bytes body = BYTES_NONE;
    struct err e;
    CHECK_OK(rsp_asn1_write_response(test_arena(), ES11_AUTHENTICATE_CLIENT, NULL, &done, &body, &e), &e);
    CHECK_HEX(body, "A221 BF401E A01C 8002 0102 A116 3009 8002 4531 8103 612E62 3009 8002 4532 8103 632E64");
    CHECK_OK(rsp_asn1_read_response(test_arena(), ES11_AUTHENTICATE_CLIENT, body, &status, &read, &e), &e);
    if (CHECK_EQ((int64_t)read.eventEntries.n, 2))
        CHECK_BYTES(read.eventEntries.items[1].rspServerAddress, BYTES_LIT("c.d"));
    body = unhex("A20A BF4007 A005 8001 01 A100");
    CHECK_OK(rsp_asn1_read_response(test_arena(), ES11_AUTHENTICATE_CLIENT, body, &status, &read, &e), &e);
    CHECK_EQ((int64_t)read.eventEntries.n, 0);
    e.code = RSP_EVENT_UNKNOWN;
    CHECK_OK(rsp_asn1_write_response(test_arena(), ES11_AUTHENTICATE_CLIENT, &e, NULL, &body, &e), &e);
    CHECK_HEX(body, "A206 BF4003 8101 06");
}

/* -------------------------------------------------------------------------- ends in the middle */

/* A registration, a deletion, and what the outbox makes of it.  At each commit of either server the process ends,
 * before it or behind it, or the store fails; each message, or the answer to it, is lost besides.  The servers start
 * again and the way is free: then no event is left at the root that the alternative does not have, none is lost, and
 * what the SM-DP+ was told is so. */
struct cut {
    int server, how; /* enum store_fault_how at its n-th commit */
    int64_t at;
    struct way way;
};

/* What the SM-DP+ was told, also by a process that is gone. */
static struct told {
    char registered[16], deleted[16];
} *told;

static void story(void)
{
    snprintf(told->registered, sizeof told->registered, "%s",
             lab_register(DS_ALT, lab.owners[0], 0, "E1", "smdp.example.com", true));
    if (strcmp(told->registered, "ok") == 0)
        snprintf(told->deleted, sizeof told->deleted, "%s", lab_delete(DS_ALT, lab.owners[0], 0, "E1"));
    lab_try_deliver();
}

static bool story_cut(const struct cut *c)
{
    size_t taken_back;
    *told = (struct told){ 0 };
    lab.calls = 0;
    lab.way = c->way;
    lab.ds[c->server].faults = (struct store_faults){ .at = c->at, .how = c->how };
    if (c->how == STORE_DIE_BEFORE || c->how == STORE_DIE_AFTER)
        return lab_apart(story);
    story();
    return lab_restart(DS_ROOT, &taken_back) && lab_restart(DS_ALT, &taken_back);
}

static void way_is_free(void)
{
    lab.way = (struct way){ 0 };
    lab.now += 2 * HOUR;
    lab_deliver();
    CHECK_EQ(lab_events(DS_ROOT), lab_events(DS_ALT));
}

static void cut(const struct cut *c)
{
    if (!story_cut(c))
        return;
    way_is_free();
    if (strcmp(told->deleted, "ok") == 0 || strncmp(told->registered, "8.9/", 4) == 0)
        CHECK_EQ(lab_events(DS_ALT), 0);
    else if (strcmp(told->registered, "ok") == 0 && c->how == STORE_DIE_BEFORE)
        CHECK_EQ(lab_events(DS_ALT), 1);
    /* a caller without an answer calls again, and learns how it is */
    const char *again = lab_register(DS_ALT, lab.owners[0], 0, "E1", "smdp.example.com", true);
    CHECK(strcmp(again, "ok") == 0 || strcmp(again, "8.9.5/3.3") == 0);
    CHECK_TEXT(lab_delete(DS_ALT, lab.owners[0], 0, "E1"), "ok");
    way_is_free();
    CHECK_EQ(lab_events(DS_ALT), 0);
}

static const struct {
    const char *name;
    int how;
} hows[] = { { "killed before", STORE_DIE_BEFORE }, { "killed after", STORE_DIE_AFTER },
             { "failed", STORE_FAIL_BEFORE },     { "answer lost", STORE_LOSE_ANSWER },
             { "batch lost", STORE_LOSE_BATCH } };

/* One server's n-th commit in each manner, each message arriving or not. */
static void cut_commit(int server, int64_t at, int messages)
{
    static const char *const servers[] = { "alternative", "root" };
    for (size_t h = 0; h < sizeof hows / sizeof *hows; h++)
        for (int m = 0; m <= 2 * messages; m++) {
            struct way way = { .at = (m + 1) / 2, .deaf = m && m % 2, .lost = m && m % 2 == 0 };
            test_row("%s: commit %d, %s; %s %d", servers[server], (int)at, hows[h].name,
                     m == 0 ? "all messages arrive" : way.deaf ? "lost is message" : "lost is the answer to", way.at);
            cut(&(struct cut){ server, hows[h].how, at, way });
        }
}

TEST(cuts)
{
    told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!CHECK(told != MAP_FAILED) || !lab_open(true))
        return;
    story();
    CHECK_TEXT(told->deleted, "ok");
    int64_t commits[] = { lab.ds[DS_ALT].faults.commits, lab.ds[DS_ROOT].faults.commits };
    int messages = lab.calls;
    test_row("both servers commit, and messages go between them");
    CHECK(commits[DS_ALT] >= 3 && commits[DS_ROOT] >= 2 && messages == 2);
    for (int server = DS_ALT; server <= DS_ROOT; server++)
        for (int64_t at = 1; at <= commits[server]; at++)
            cut_commit(server, at, messages);
    lab_close();
    munmap(told, sizeof *told);
}
