/* SPDX-License-Identifier: Apache-2.0
 *
 * Status codes: each row of tests/vectors/status-codes.txt, on both stores. */
#include <stdlib.h>
#include <unistd.h>

#include "rsp/ids.h"
#include "rsp/refusal.h"
#include "smdp/records.h"
#include "world.h"

static struct world world;
static struct activation_code code;

/* ------------------------------------------------------------------------------- the words */

/* The value of "name=value" among the words, or NULL. */
static const char *value_of(const char *step, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = step; (at = strstr(at, name)); at += n)
        if ((at == step || at[-1] == ' ') && at[n] == '=')
            return arena_text(test_arena(), bytes_make(at + n + 1, strcspn(at + n + 1, " ;")));
    return NULL;
}

static bool has_word(const char *step, const char *word)
{
    const char *at = strstr(step, word);
    return at && at > step && at[-1] == ' ' && (!at[strlen(word)] || at[strlen(word)] == ' ');
}

static struct bytes iccid_of(const char *step)
{
    static const char *const iccids[] = { WORLD_ICCID, WORLD_ICCID2, "8949001000000000033" };
    const char *value = value_of(step, "iccid"), *text = "8949001000000009999";
    struct bytes iccid = BYTES_NONE;
    struct err e;
    if (!value)
        return BYTES_NONE;
    if (strcmp(value, "unknown") != 0)
        text = iccids[atoi(value) - 1];
    CHECK_OK(iccid_from_text(test_arena(), bytes_text(text), &iccid, &e), &e);
    return iccid;
}

static struct bytes eid_of(const char *step)
{
    const char *value = value_of(step, "eid");
    struct bytes eid = BYTES_NONE;
    struct err e;
    if (value)
        CHECK_OK(eid_from_text(test_arena(), bytes_text(*value == '1' ? world.pki.plan.eid : WORLD_EID2), &eid, &e),
                 &e);
    return eid;
}

static void take_caller(const char *step)
{
    const char *as = value_of(step, "as");
    world.caller = !as                           ? BYTES_NONE
                   : strcmp(as, "other") == 0 ? world.pki.of[CERT_DPTLS].der
                                                 : world.pki.of[CERT_DPPB].der;
}

/* -------------------------------------------------------------------------------- the steps */

static struct rsp_status order(const char *step)
{
    struct es2_download_order q = { .iccid = iccid_of(step), .eid = eid_of(step),
                                    .profileType = bytes_text(value_of(step, "type")) };
    struct es2_download_order_done done;
    return world_es2(&world, ES2_DOWNLOAD_ORDER, &q, &done);
}

static struct rsp_status confirm(const char *step)
{
    struct es2_confirm_order q = { .iccid = iccid_of(step),
                                   .eid = eid_of(step),
                                   .matchingId = bytes_text(value_of(step, "id")),
                                   .confirmationCode = bytes_text(value_of(step, "code")),
                                   .smdsAddress = bytes_text(value_of(step, "smds")),
                                   .releaseFlag = has_word(step, "release") };
    struct es2_confirm_order_done done;
    struct rsp_status s = world_es2(&world, ES2_CONFIRM_ORDER, &q, &done);
    if (s.executed == RSP_SUCCESS)
        code = (struct activation_code){ .address = done.smdpAddress, .matching_id = done.matchingId };
    return s;
}

static struct rsp_status release(const char *step)
{
    struct es2_release_profile q = { .iccid = iccid_of(step) };
    return world_es2(&world, ES2_RELEASE_PROFILE, &q, NULL);
}

static struct rsp_status cancel(const char *step)
{
    const char *final = value_of(step, "final");
    struct es2_cancel_order q = { .iccid = iccid_of(step),
                                  .eid = eid_of(step),
                                  .matchingId = bytes_text(value_of(step, "id")),
                                  .finalProfileStatusIndicator = bytes_text(final ? final : "Available") };
    return world_es2(&world, ES2_CANCEL_ORDER, &q, NULL);
}

static struct rsp_status expire(const char *step)
{
    struct err e;
    CHECK_OK(smdp_set_expiry(&world.smdp, test_arena(), iccid_of(step), world.now - 1, &e), &e);
    return (struct rsp_status){ .executed = RSP_SUCCESS };
}

static const char *info; /* what of EUICCInfo1 is changed */

static void change_info(struct world *w, struct rsp_request *q)
{
    struct es9_initiate_authentication in;
    struct rsp_EUICCInfo1 i;
    struct err e;
    uint8_t svn[3] = { 2, 5, 0 };
    struct bytes stranger = unhex("0102030405060708090A0B0C0D0E0F1011121314");
    (void)w;
    if (!bytes_equal(q->path, bytes_text(rsp_functions[ES9_INITIATE_AUTHENTICATION].path)))
        return;
    CHECK_OK(rsp_read_request(test_arena(), ES9_INITIATE_AUTHENTICATION, q->body, NULL, &in, &e), &e);
    CHECK_OK(asn1_decode(test_arena(), &rsp_EUICCInfo1_type, in.euiccInfo1, ASN1_WIRE, &i, &e), &e);
    if (strncmp(info, "svn", 3) == 0) {
        svn[0] = (uint8_t)(info[3] - '0');
        i.svn = BYTES_OF(svn);
    }
    if (strcmp(info, "signing") == 0)
        i.euiccCiPKIdListForSigning = (struct rsp_CiPKIdList){ .n = 1, .items = &stranger };
    if (strcmp(info, "verification") == 0)
        i.euiccCiPKIdListForVerification = (struct rsp_CiPKIdList){ .n = 1, .items = &stranger };
    i.raw = BYTES_NONE;
    CHECK_OK(asn1_encode(test_arena(), &rsp_EUICCInfo1_type, &i, &in.euiccInfo1, &e), &e);
    CHECK_OK(rsp_write_request(test_arena(), ES9_INITIATE_AUTHENTICATION, NULL, &in, &q->body, &e), &e);
}

static void lose(struct world *w, const struct rsp_request *q, struct rsp_response *r)
{
    (void)w;
    if (bytes_equal(q->path, bytes_text(rsp_functions[ES9_GET_BOUND_PROFILE_PACKAGE].path)))
        *r = (struct rsp_response){ .status = 500 };
}

static struct rsp_status download(const char *step)
{
    struct activation_code with = code;
    struct lpa_download d;
    struct err e;
    const char *card = value_of(step, "card"), *id = value_of(step, "id"), *address = value_of(step, "address");
    bool lost = has_word(step, "lose");
    info = value_of(step, "info");
    world.card = card && *card == '2';
    world.code = value_of(step, "code");
    world.request = info ? change_info : NULL;
    world.response = lost ? lose : NULL;
    if (id)
        with.matching_id = bytes_text(id);
    if (address)
        with.address = bytes_text(address);
    enum lpa_end end = world_download(&world, &with, &d, &e);
    if (end != LPA_DONE && end != LPA_SERVER)
        CHECK_TEXT(err_text(&e, (char[500]){ 0 }, 500), "");
    return lost ? (struct rsp_status){ .executed = RSP_SUCCESS } : d.status;
}

static const struct {
    const char *verb;
    struct rsp_status (*run)(const char *step);
} verbs[] = { { "order", order },   { "confirm", confirm }, { "release", release },
              { "cancel", cancel }, { "expire", expire },   { "download", download } };

static struct rsp_status run(const char *step)
{
    take_caller(step);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strncmp(step, verbs[i].verb, strlen(verbs[i].verb)) == 0)
            return verbs[i].run(step);
    CHECK_TEXT(step, "a step that is known");
    return (struct rsp_status){ 0 };
}

static const char *text_of(const struct rsp_status *s)
{
    return s->executed == RSP_SUCCESS ? "ok"
                                      : arena_printf(test_arena(), "%.*s/%.*s", (int)s->subject.n, s->subject.p,
                                                     (int)s->reason.n, s->reason.p);
}

/* --------------------------------------------------------------------------------- the rows */

static bool prepare(void)
{
    static const char csv[] = "iccid,imsi,k,opc\n8949001000000000033,001010123456781," WORLD_K "," WORLD_OPC "\n";
    struct smdp_type type = { .name = "short", .operator_name = "Rspkit Mobile",
                              .limits = { .cc_tries = 2, .downloads = 2 } };
    struct smdp_operator other = { .name = "Other" };
    struct smdp_imported done;
    struct store_record sample;
    struct err e;
    if (!world_open(&world, EC_P256, BYTES_NONE, false) ||
        !CHECK_OK(store_get(world.smdp.store, test_arena(), KIND_TYPE, BYTES_LIT("sample"), &sample, &e), &e))
        return false;
    type.upp = world_sample();
    type.metadata = sample.v[TYPE_METADATA].b;
    other.certificate = world.pki.of[CERT_DPTLS].der;
    return CHECK_OK(smdp_add_type(&world.smdp, test_arena(), &type, &e), &e) &&
           CHECK_OK(smdp_add_profiles(&world.smdp, "short", BYTES_LIT(csv), &done, &e), &e) &&
           CHECK_OK(smdp_add_operator(&world.smdp, test_arena(), &other, &e), &e);
}

static void play(char *steps, const char *wanted)
{
    for (char *save, *step = strtok_r(steps, ";", &save); step;) {
        char *next = strtok_r(NULL, ";", &save);
        while (*step == ' ')
            step++;
        struct rsp_status s = run(step);
        if (!next)
            CHECK_TEXT(text_of(&s), wanted);
        else
            CHECK((s.executed == RSP_SUCCESS) != has_word(step, "!"));
        step = next;
    }
}

static const char *database(void)
{
    return arena_printf(test_arena(), "/tmp/rspkit-status-%d.db", (int)getpid());
}

static void clean(void)
{
    static const char *const ends[] = { "", "-wal", "-shm", "-lock" };
    for (int i = 0; i < 4; i++)
        remove(arena_printf(test_arena(), "%s%s", database(), ends[i]));
}

TEST(status_codes)
{
    FILE *f = fopen(test_source("tests/vectors/status-codes.txt"), "r");
    char line[300], function[40], wanted[16], steps[240];
    int rows = 0;
    while (f && fgets(line, sizeof line, f)) {
        if (line[0] == '#' || sscanf(line, "%39s | %15s | %239[^\n]", function, wanted, steps) != 3)
            continue;
        rows++;
        for (int sqlite = 0; sqlite < 2; sqlite++) {
            char copy[240];
            clean();
            world_store(sqlite ? database() : NULL);
            test_row("%s %s: %s (%s)", function, wanted, steps, sqlite ? "SQLite" : "memory");
            strcpy(copy, steps);
            if (prepare())
                play(copy, wanted);
            world_close(&world);
        }
    }
    if (f)
        fclose(f);
    clean();
    test_row("all rows were read");
    CHECK_EQ(rows, 72);
}
