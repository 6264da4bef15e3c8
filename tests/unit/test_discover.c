/* SPDX-License-Identifier: Apache-2.0
 *
 * Profile discovery (SGP.22 3.4.4) and event retrieval (3.6.2): a card, its root SM-DS, a further one, an SM-DP+. */
#include "rsp/ids.h"
#include "smds_double.h"

#define ROOT "smds.example.com"
#define ALT "alternative.example.com"
#define SMDP "smdp.example.com"

static struct smds_double root, alternative;
static const char *answers; /* of the user, one a question: y, n; then the world's */
static const char *gone_at; /* the card goes when this host is asked */
static bool gone;

static int serve(struct world *w, struct arena *a, const struct rsp_request *q, struct rsp_response *r)
{
    struct smds_double *const doubles[] = { &root, &alternative };
    bool lpa = w->host.p != NULL; /* else the operator */
    gone = gone || (lpa && gone_at && bytes_equal(w->host, bytes_text(gone_at)));
    for (int i = 0; lpa && i < 2; i++)
        if (doubles[i]->address && bytes_equal(w->host, bytes_text(doubles[i]->address))) {
            smds_double_handle(doubles[i], w, a, q, r);
            return 0;
        }
    if (lpa && !bytes_equal(w->host, BYTES_LIT(SMDP)))
        return -1;
    smdp_handle(&w->smdp, a, q, r);
    return 0;
}

static enum lpa_answer ask(void *context, const struct lpa_question *q, struct arena *a, struct bytes *code)
{
    (void)context;
    (void)q;
    (void)a;
    (void)code;
    return *answers && *answers++ == 'n' ? LPA_NO : LPA_YES;
}

static int (*world_transmit)(void *, struct arena *, struct bytes, struct bytes *, struct err *);

static int transmit(void *context, struct arena *a, struct bytes command, struct bytes *response, struct err *e)
{
    return gone ? err_set(e, ERR_IO, NULL, "the reader is gone")
                : world_transmit(context, a, command, response, e);
}

static bool open_world(struct world *w, enum ec_curve curve)
{
    root = (struct smds_double){ .address = ROOT };
    alternative = (struct smds_double){ .address = ALT };
    answers = "";
    gone_at = NULL;
    gone = false;
    bool right = world_open(w, curve, BYTES_NONE, false);
    w->serve = serve;
    w->lpa.env.ask = ask;
    world_transmit = w->lpa.env.transmit;
    w->lpa.env.transmit = transmit;
    return right;
}

/* An order, released, with a matching ID, or for the card's EID and the default SM-DP+ (""). */
static bool order(struct world *w, const char *iccid, const char *matching_id)
{
    struct es2_download_order q = { .profileType = BYTES_LIT("sample") };
    struct es2_download_order_done ordered;
    struct es2_confirm_order confirm = { .releaseFlag = true, .matchingId = bytes_text(matching_id) };
    struct es2_confirm_order_done confirmed;
    struct err e;
    w->host = BYTES_NONE;
    CHECK_OK(iccid_from_text(test_arena(), bytes_text(iccid), &q.iccid, &e), &e);
    if (!*matching_id)
        CHECK_OK(eid_from_text(test_arena(), bytes_text(w->pki.plan.eid), &q.eid, &e), &e);
    confirm.iccid = q.iccid;
    return CHECK_EQ(world_es2(w, ES2_DOWNLOAD_ORDER, &q, &ordered).executed, RSP_SUCCESS) &&
           CHECK_EQ(world_es2(w, ES2_CONFIRM_ORDER, &confirm, &confirmed).executed, RSP_SUCCESS);
}

static bool orders(struct world *w)
{
    return order(w, WORLD_ICCID, "E-1") && order(w, WORLD_ICCID2, "E-2");
}

static void default_smdp(struct world *w, const char *address)
{
    struct rsp_SetDefaultDpAddressRequest q = { .defaultDpAddress = bytes_text(address) };
    struct rsp_SetDefaultDpAddressResponse r;
    struct err e;
    CHECK_EQ(lpa_open(&w->lpa, &e), LPA_DONE);
    CHECK_EQ(lpa_es10(&w->lpa, "ES10a", "SetDefaultDpAddress", &rsp_SetDefaultDpAddressRequest_type, &q,
                      &rsp_SetDefaultDpAddressResponse_type, &r, &e),
             LPA_DONE);
    CHECK_EQ(r.setDefaultDpAddressResult, 0);
    lpa_close(&w->lpa);
}

static void lose_notification(struct world *w, struct rsp_request *q)
{
    (void)w;
    if (bytes_equal(q->path, bytes_text(rsp_functions[ES9_HANDLE_NOTIFICATION].path)))
        q->path = BYTES_LIT("/nowhere");
}

static struct lpa_discovery found;
static struct err why;

static enum lpa_end discover(struct world *w, const struct lpa_discovery *how)
{
    found = *how;
    memset(&why, 0, sizeof why);
    enum lpa_end end = lpa_open(&w->lpa, &why);
    if (end == LPA_DONE)
        end = lpa_discover(&w->lpa, &found, &why);
    lpa_close(&w->lpa);
    return end;
}

static const struct lpa_discovery usual;

/* The leads in their order: "> " for each SM-DS above, address, event ID, what became of it. */
static const char *leads(void)
{
    static const char *const words[] = { [LPA_NOT_ASKED] = "not asked", [LPA_NOTHING] = "nothing" };
    struct buf out = buf_in(test_arena());
    for (const struct lpa_lead *x = found.leads; x < found.leads + found.n; x++) {
        buf_text(&out, x > found.leads ? "\n" : "");
        for (unsigned i = 0; i < x->depth; i++)
            buf_text(&out, "> ");
        buf_printf(&out, "%s [%s] ", text_plain(test_arena(), x->address), text_plain(test_arena(), x->event_id));
        if (x->became == LPA_INSTALLED)
            buf_printf(&out, "installed %s", iccid_text(test_arena(), x->download.iccid));
        else if (x->became == LPA_EVENTS)
            buf_printf(&out, "events %zu", x->events);
        else if (x->became == LPA_LOST)
            buf_printf(&out, "%d: %s", x->end, x->err.what);
        else
            buf_text(&out, words[x->became]);
    }
    return buf_str(&out);
}

#define GONE "no order has this matching ID; next: check the activation code; it may have been used or cut"

static const struct scenario {
    const char *name;
    struct smds_event root[4], alternative[5];
    const char *answers;
    enum lpa_end end;
    const char *leads;
} scenarios[] = {
    { "one event at the root", { { NULL, "E-1", SMDP } }, { { 0 } }, "", LPA_DONE,
      ROOT " [] events 1\n> " SMDP " [E-1] installed " WORLD_ICCID },
    { "no event", { { 0 } }, { { 0 } }, "", LPA_DONE, ROOT " [] events 0" },
    { "by an alternative SM-DS", { { NULL, "A-1", ALT } }, { { "A-1", "E-1", SMDP }, { NULL, "E-2", SMDP } }, "",
      LPA_DONE, ROOT " [] events 1\n> " ALT " [A-1] events 1\n> > " SMDP " [E-1] installed " WORLD_ICCID },
    { "two events", { { NULL, "E-2", SMDP }, { NULL, "E-1", SMDP } }, { { 0 } }, "", LPA_DONE,
      ROOT " [] events 2\n> " SMDP " [E-2] installed " WORLD_ICCID2 "\n> " SMDP " [E-1] installed " WORLD_ICCID },
    { "one at the root, one by the alternative", { { NULL, "A-1", ALT }, { NULL, "E-2", SMDP } },
      { { "A-1", "E-1", SMDP } }, "", LPA_DONE,
      ROOT " [] events 2\n> " ALT " [A-1] events 1\n> > " SMDP " [E-1] installed " WORLD_ICCID
           "\n> " SMDP " [E-2] installed " WORLD_ICCID2 },
    { "the first is refused by the user", { { NULL, "E-1", SMDP }, { NULL, "E-2", SMDP } }, { { 0 } }, "ny", LPA_USER,
      ROOT " [] events 2\n> " SMDP " [E-1] 6: the download was refused by the user\n> " SMDP
           " [E-2] installed " WORLD_ICCID2 },
    { "the order of the first is gone", { { NULL, "E-0", SMDP }, { NULL, "E-1", SMDP } }, { { 0 } }, "", LPA_SERVER,
      ROOT " [] events 2\n> " SMDP " [E-0] 3: " GONE "\n> " SMDP " [E-1] installed " WORLD_ICCID },
    { "the alternative knows no such event", { { NULL, "A-0", ALT }, { NULL, "E-1", SMDP } },
      { { "A-1", "E-1", SMDP } }, "", LPA_SERVER,
      ROOT " [] events 2\n> " ALT " [A-0] 3: no such event; next: check the event ID\n> " SMDP
           " [E-1] installed " WORLD_ICCID },
    { "nobody at the first address", { { NULL, "E-1", "none.example.com" }, { NULL, "E-1", SMDP } }, { { 0 } }, "",
      LPA_NETWORK,
      ROOT " [] events 2\n> none.example.com [E-1] 4: nobody answers\n> " SMDP " [E-1] installed " WORLD_ICCID },
    { "round in a circle", { { NULL, "A-1", ALT }, { "B-1", "A-1", "Alternative.Example.com" } },
      { { "A-1", "B-1", ROOT } }, "", LPA_SERVER,
      ROOT " [] events 1\n> " ALT " [A-1] events 1\n> > " ROOT " [B-1] events 1\n> > > Alternative.Example.com [A-1] "
           "3: the event was told before, so it leads round in a circle; next: tell the operator" },
    { "the same event twice", { { NULL, "E-1", SMDP }, { NULL, "E-1", SMDP } }, { { 0 } }, "", LPA_SERVER,
      ROOT " [] events 2\n> " SMDP " [E-1] installed " WORLD_ICCID "\n> " SMDP
           " [E-1] 3: the event was told before, so it leads round in a circle; next: tell the operator" },
    { "one SM-DS behind the other", { { NULL, "A-1", ALT } },
      { { "A-1", "A-2", ALT }, { "A-2", "A-3", ALT }, { "A-3", "A-4", ALT }, { "A-4", "E-1", SMDP } }, "", LPA_SERVER,
      ROOT " [] events 1\n> " ALT " [A-1] events 1\n> > " ALT " [A-2] events 1\n> > > " ALT " [A-3] events 1\n> > > > "
           ALT " [A-4] events 1\n> > > > > " SMDP " [E-1] 3: too many SM-DSs stand one behind the other; next: tell "
           "the operator" },
};

static void scenario_run(const struct scenario *s, enum ec_curve curve, bool asn1)
{
    struct world w;
    test_row("%s: %s, %s", s->name, asn1 ? "ASN.1" : "JSON", ec_curve_name(curve));
    if (open_world(&w, curve) && orders(&w)) {
        memcpy(root.events, s->root, sizeof s->root);
        memcpy(alternative.events, s->alternative, sizeof s->alternative);
        answers = s->answers;
        w.lpa.asn1 = asn1;
        CHECK_EQ(discover(&w, &usual), s->end);
        CHECK_TEXT(leads(), s->leads);
        CHECK_TEXT(answers, ""); /* each question was asked */
    }
    world_close(&w);
}

TEST(events_are_followed)
{
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++)
        for (int variant = 0; variant < 4; variant++)
            scenario_run(&scenarios[i], variant & 1 ? EC_BRAINPOOLP256R1 : EC_P256, variant & 2);
}

/* SGP.22 3.6.2 step 1: no matching ID at the root, the event ID at the alternative. */
TEST(what_an_sm_ds_is_given)
{
    struct world w;
    if (open_world(&w, EC_P256)) {
        root.events[0] = (struct smds_event){ NULL, "A-1", ALT };
        discover(&w, &usual);
        CHECK_EQ(root.asked, 1);
        CHECK(!root.with_id);
        CHECK_EQ(alternative.asked, 1);
        CHECK_BYTES(alternative.id, BYTES_LIT("A-1"));
        /* what the card has open after it: nothing that a new conversation could not replace */
        CHECK_EQ(discover(&w, &usual), LPA_SERVER);
        CHECK_EQ(root.asked, 2);
    }
    world_close(&w);
}

/* ------------------------------------------------------------------- entries that are none */

TEST(entries_that_are_none)
{
    static const struct {
        const char *name, *event_id, *address, *words;
    } rows[] = {
        { "an address without a dot", "E-1", "localhost", "is no host name" },
        { "an address with a port", "E-1", SMDP ":8443", "is no host name" },
        { "an address with a path", "E-1", SMDP "/x", "is no host name" },
        { "no address", "E-1", "", "is no host name" },
        { "a control character in the address", "E-1", "a\033[2J.example.com", "is no host name" },
        { "no event ID", "", SMDP, "1 to 255 characters" },
        { "a blank in the event ID", "E 1", SMDP, "1 to 255 characters" },
        { "a control character in the event ID", "E-1\x1B", SMDP, "1 to 255 characters" },
        { "an event ID that is no ASCII", "E-\xC3\xA9", SMDP, "1 to 255 characters" },
        { "an event ID of 256 characters", NULL, SMDP, "1 to 255 characters" },
    };
    struct buf longest = buf_in(test_arena());
    buf_fill(&longest, 'A', 256);
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        struct world w;
        size_t k = i / 2;
        test_row("%s: %s", rows[k].name, i % 2 ? "ASN.1" : "JSON");
        if (open_world(&w, EC_P256) && orders(&w)) {
            w.lpa.asn1 = i % 2;
            root.events[0] = (struct smds_event){ NULL, rows[k].event_id ? rows[k].event_id : buf_str(&longest),
                                                  rows[k].address };
            root.events[1] = (struct smds_event){ NULL, "E-2", SMDP };
            CHECK_EQ(discover(&w, &usual), LPA_SERVER);
            if (!strstr(why.what, rows[k].words))
                CHECK_TEXT(why.what, rows[k].words);
            CHECK_EQ((int64_t)found.n, 3);
            CHECK_EQ(found.leads[1].became, LPA_LOST);
            CHECK_EQ(found.leads[2].became, LPA_INSTALLED);
        }
        world_close(&w);
    }
}

TEST(longest_event_id)
{
    struct world w;
    struct buf id = buf_in(test_arena());
    buf_fill(&id, 'A', 255);
    if (open_world(&w, EC_P256)) {
        root.events[0] = (struct smds_event){ NULL, buf_str(&id), ALT };
        alternative.events[0] = (struct smds_event){ buf_str(&id), "E-0", SMDP };
        discover(&w, &usual);
        CHECK_EQ(found.leads[1].became, LPA_EVENTS);
    }
    world_close(&w);
}

TEST(many_events)
{
    static const struct {
        const char *name;
        size_t times, leads, left_out;
        enum lpa_end end;
        const char *words;
    } rows[] = {
        { "as many as there is room for", 63, 64, 0, LPA_NETWORK, "nobody answers" },
        { "one more", 64, 64, 1, LPA_NETWORK, "nobody answers" },
        { "1024", 1024, 64, 961, LPA_NETWORK, "nobody answers" },
        { "1025", 1025, 1, 0, LPA_SERVER, "" },
    };
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        struct world w;
        size_t k = i / 2;
        test_row("%s: %s", rows[k].name, i % 2 ? "ASN.1" : "JSON");
        if (open_world(&w, EC_P256)) {
            w.lpa.asn1 = i % 2;
            root.events[0] = (struct smds_event){ NULL, "E-1", "none.example.com" };
            root.times = rows[k].times;
            CHECK_EQ(discover(&w, &usual), rows[k].end);
            CHECK_EQ((int64_t)found.n, (int64_t)rows[k].leads);
            CHECK_EQ((int64_t)found.left_out, (int64_t)rows[k].left_out);
            if (!strstr(why.what, rows[k].words))
                CHECK_TEXT(why.what, rows[k].words);
        }
        world_close(&w);
    }
}

/* --------------------------------------------------------------------------------- refusals */

/* SGP.22 v2.5 tables 48a and 52; the ASN.1 binding has no number of its own for two of them (Annex H). */
TEST(refusals_of_an_sm_ds)
{
    static const struct {
        enum rsp_function f;
        const char *subject, *reason;
        const char *asn1; /* the pair that the ASN.1 binding is read as */
    } rows[] = {
        { ES11_INITIATE_AUTHENTICATION, "8.9.1", "3.8", "8.9.1/3.8" },
        { ES11_INITIATE_AUTHENTICATION, "8.9.2", "3.1", "8.9.2/3.1" },
        { ES11_INITIATE_AUTHENTICATION, "8.9.3", "3.1", "8.9.3/3.1" },
        { ES11_INITIATE_AUTHENTICATION, "8.9.4", "3.7", "8.9.2/3.1" },
        { ES11_AUTHENTICATE_CLIENT, "8.1.2", "6.1", "8.1.2/6.1" },
        { ES11_AUTHENTICATE_CLIENT, "8.1.2", "6.3", "8.1.2/6.3" },
        { ES11_AUTHENTICATE_CLIENT, "8.1.3", "6.1", "8.1.3/6.1" },
        { ES11_AUTHENTICATE_CLIENT, "8.1.3", "6.3", "8.1.3/6.3" },
        { ES11_AUTHENTICATE_CLIENT, "8.1", "6.1", "8.1/6.1" },
        { ES11_AUTHENTICATE_CLIENT, "8.10.1", "3.9", "8.10.1/3.9" },
        { ES11_AUTHENTICATE_CLIENT, "8.11.1", "3.9", "1.6/4.2" },
        { ES11_AUTHENTICATE_CLIENT, "8.9.5", "3.9", "8.9.5/3.9" },
    };
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        struct world w;
        size_t k = i / 2;
        const char *code = i % 2 ? rows[k].asn1 : arena_printf(test_arena(), "%s/%s", rows[k].subject, rows[k].reason);
        test_row("%s %s/%s: %s", rsp_functions[rows[k].f].name, rows[k].subject, rows[k].reason,
                 i % 2 ? "ASN.1" : "JSON");
        if (open_world(&w, EC_P256)) {
            w.lpa.asn1 = i % 2;
            root.refuses = rows[k].f;
            root.subject = rows[k].subject;
            root.reason = rows[k].reason;
            CHECK_EQ(discover(&w, &usual), LPA_SERVER);
            CHECK_TEXT(why.where, arena_printf(test_arena(), "%s, code %s", rsp_functions[rows[k].f].name, code));
            CHECK(strstr(why.what, "; next: ") != NULL);
            CHECK_EQ((int64_t)found.n, 1);
        }
        world_close(&w);
    }
}

/* ----------------------------------------------------------------------------- who is there */

TEST(roles)
{
    static const struct {
        const char *name;
        bool at_root;
        enum cert_role shows;
        bool other_key, answers_as_smdp;
        enum lpa_end end;
        const char *words, *where;
        int asked; /* AuthenticateClient: whether the server learnt who the card is */
    } rows[] = {
        { "root: CERT.DPauth", true, CERT_DPAUTH, false, false, LPA_SERVER, "proves to be an SM-DP+", "", 0 },
        { "root: CERT.DPpb", true, CERT_DPPB, false, false, LPA_CARD, "does not take", "error 1", 0 },
        { "root: CERT.DS.TLS", true, CERT_DSTLS, false, false, LPA_CARD, "does not take", "error 1", 0 },
        { "root: CERT.DP.TLS", true, CERT_DPTLS, false, false, LPA_CARD, "does not take", "error 1", 0 },
        { "root: CERT.EUM", true, CERT_EUM, false, false, LPA_CARD, "does not take", "error 1", 0 },
        { "root: CERT.EUICC", true, CERT_EUICC, false, false, LPA_CARD, "does not know the server's CI", "error 7", 0 },
        { "root: an operator's", true, CERT_OPERATOR, false, false, LPA_CARD, "does not take", "error 1", 0 },
        { "root: another's CERT.DSauth", true, CERT_DSAUTH, true, false, LPA_CARD, "signature is wrong", "error 2", 0 },
        { "root: the answer of an SM-DP+", true, CERT_DSAUTH, false, true, LPA_SERVER, "",
          "ES11.AuthenticateClient, the server's answer", 1 },
        { "event: CERT.DPpb", false, CERT_DPPB, false, false, LPA_CARD, "does not take", "error 1", 0 },
        { "event: another's CERT.DSauth", false, CERT_DSAUTH, true, false, LPA_CARD, "signature is wrong", "error 2",
          0 },
        { "event: CERT.DSauth, the answer of an SM-DP+", false, CERT_DSAUTH, false, true, LPA_SERVER, "",
          "ES11.AuthenticateClient, the server's answer", 1 },
        { "event: CERT.DPauth, the answer of an SM-DS", false, CERT_DPAUTH, false, false, LPA_SERVER, "",
          "ES9+.AuthenticateClient, the server's answer", 1 },
    };
    for (size_t i = 0; i < 4 * sizeof rows / sizeof *rows; i++) {
        struct world w;
        size_t k = i / 4;
        struct smds_double *there = rows[k].at_root ? &root : &alternative;
        enum ec_curve curve = i & 1 ? EC_BRAINPOOLP256R1 : EC_P256;
        test_row("%s: %s, %s", rows[k].name, i & 2 ? "ASN.1" : "JSON", ec_curve_name(curve));
        if (open_world(&w, curve)) {
            w.lpa.asn1 = i & 2;
            root.events[0] = (struct smds_event){ NULL, "A-1", ALT };
            alternative.events[0] = (struct smds_event){ "A-1", "E-1", "none.example.com" };
            there->shows = rows[k].shows;
            there->other_key = rows[k].other_key;
            there->answers_as_smdp = rows[k].answers_as_smdp;
            CHECK_EQ(discover(&w, &usual), rows[k].end);
            if (!strstr(why.what, rows[k].words))
                CHECK_TEXT(why.what, rows[k].words);
            if (!strstr(why.where, rows[k].where))
                CHECK_TEXT(why.where, rows[k].where);
            CHECK_EQ(there->asked, rows[k].asked);
            CHECK_EQ((int64_t)found.n, rows[k].at_root ? 1 : 2);
        }
        world_close(&w);
    }
}

/* An activation code leads to an SM-DP+ (SGP.22 3.1.3 step 1): an SM-DS there is not told who the card is. */
TEST(sm_ds_for_an_activation_code)
{
    static const enum ec_curve curves[] = { EC_P256, EC_BRAINPOOLP256R1 };
    for (size_t i = 0; i < 2; i++) {
        struct world w;
        struct lpa_download d;
        struct err e;
        const struct activation_code code = { .address = BYTES_LIT(ALT), .matching_id = BYTES_LIT("E-1") };
        test_row("%s", ec_curve_name(curves[i]));
        if (open_world(&w, curves[i])) {
            CHECK_EQ(world_download(&w, &code, &d, &e), LPA_SERVER);
            CHECK_FAILS(-1, &e, ERR_PEER, "proves to be an SM-DS, where an SM-DP+ was asked");
            CHECK_EQ(alternative.begun, 1);
            CHECK_EQ(alternative.asked, 0);
        }
        world_close(&w);
    }
}

/* ------------------------------------------------------------------------- SGP.22 3.4.4 */

/* The sample profile as one that is none of an operator. */
static struct bytes test_profile(void)
{
    struct rsp_StoreMetadataRequest m = { .iccid = unhex("989400010000000000F9"),
                                          .serviceProviderName = BYTES_LIT("Rspkit Mobile"),
                                          .profileName = BYTES_LIT("Sample") };
    struct bytes der = BYTES_NONE;
    struct err e;
    m.profileClass = rsp_ProfileClass_provisioning;
    CHECK_OK(asn1_encode(test_arena(), &rsp_StoreMetadataRequest_type, &m, &der, &e), &e);
    return der;
}

TEST(order_of_discovery)
{
    static const struct {
        const char *name, *smdp, *order;
        bool provisioning;
        enum lpa_end end;
        const char *leads;
    } rows[] = {
        { "no default SM-DP+", NULL, NULL, false, LPA_DONE,
          ROOT " [] events 1\n> " SMDP " [E-2] installed " WORLD_ICCID2 },
        { "the default SM-DP+ has an order", SMDP, "", false, LPA_DONE, SMDP " [] installed " WORLD_ICCID },
        { "it has none", SMDP, NULL, false, LPA_DONE,
          SMDP " [] nothing\n" ROOT " [] events 1\n> " SMDP " [E-2] installed " WORLD_ICCID2 },
        { "it does not answer", "none.example.com", NULL, false, LPA_NETWORK,
          "none.example.com [] 4: nobody answers\n" ROOT " [] events 1\n> " SMDP " [E-2] installed " WORLD_ICCID2 },
        { "it is an SM-DS", ALT, NULL, false, LPA_SERVER,
          ALT " [] 3: the server proves to be an SM-DS, where an SM-DP+ was asked; next: ask it for events: rsp-lpa "
              "discover --smds ADDRESS\n" ROOT " [] events 1\n> " SMDP " [E-2] installed " WORLD_ICCID2 },
        { "its profile is a provisioning one", SMDP, "", true, LPA_DONE,
          SMDP " [] installed " WORLD_ICCID "\n" ROOT " [] events 1\n> " SMDP " [E-2] installed " WORLD_ICCID2 },
    };
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        struct world w;
        size_t k = i / 2;
        test_row("%s: %s", rows[k].name, i % 2 ? "ASN.1" : "JSON");
        world_plan.metadata = rows[k].provisioning ? test_profile() : BYTES_NONE;
        if (open_world(&w, EC_P256) && order(&w, WORLD_ICCID2, "E-2")) {
            w.lpa.asn1 = i % 2;
            if (rows[k].smdp)
                default_smdp(&w, rows[k].smdp);
            if (rows[k].order)
                order(&w, WORLD_ICCID, rows[k].order);
            root.events[0] = (struct smds_event){ NULL, "E-2", SMDP };
            CHECK_EQ(discover(&w, &usual), rows[k].end);
            CHECK_TEXT(leads(), rows[k].leads);
        }
        world_close(&w);
    }
    world_plan.metadata = BYTES_NONE;
}

TEST(choices_of_the_user)
{
    struct world w;
    struct lpa_discovery how = { .list = true };
    if (open_world(&w, EC_P256) && orders(&w)) {
        default_smdp(&w, SMDP);
        root.events[0] = (struct smds_event){ NULL, "A-1", ALT };
        root.events[1] = (struct smds_event){ NULL, "E-1", SMDP };
        alternative.events[0] = (struct smds_event){ NULL, "E-2", SMDP };
        test_row("a list only");
        CHECK_EQ(discover(&w, &how), LPA_DONE);
        CHECK_TEXT(leads(), ROOT " [] events 2\n> " ALT " [A-1] not asked\n> " SMDP " [E-1] not asked");
        CHECK_EQ(alternative.begun, 0);
        test_row("a list of another SM-DS");
        how.smds = BYTES_LIT(ALT);
        CHECK_EQ(discover(&w, &how), LPA_DONE);
        CHECK_TEXT(leads(), ALT " [] events 1\n> " SMDP " [E-2] not asked");
        test_row("another SM-DS, after the default SM-DP+");
        how.list = false;
        CHECK_EQ(discover(&w, &how), LPA_DONE);
        CHECK_TEXT(leads(), SMDP " [] nothing\n" ALT " [] events 1\n> " SMDP " [E-2] installed " WORLD_ICCID2);
        test_row("at power-on, with an operational profile on the card");
        int before = root.begun;
        how = (struct lpa_discovery){ .power_on = true };
        CHECK_EQ(discover(&w, &how), LPA_DONE);
        CHECK(found.skipped);
        CHECK_EQ((int64_t)found.n, 0);
        CHECK_EQ(root.begun, before);
        test_row("not at power-on, with one");
        CHECK_EQ(discover(&w, &usual), LPA_SERVER); /* A-1 leads nowhere */
        CHECK(!found.skipped);
        CHECK_EQ(found.leads[3].became, LPA_INSTALLED);
        test_row("an SM-DS that is no host name");
        how = (struct lpa_discovery){ .smds = BYTES_LIT(ROOT ":8443") };
        CHECK_EQ(discover(&w, &how), LPA_NETWORK);
        CHECK_FAILS(-1, &why, ERR_VALUE, "is no host name");
    }
    world_close(&w);
    test_row("at power-on, without a profile");
    if (open_world(&w, EC_P256)) {
        how = (struct lpa_discovery){ .power_on = true };
        CHECK_EQ(discover(&w, &how), LPA_DONE);
        CHECK(!found.skipped);
        CHECK_TEXT(leads(), ROOT " [] events 0");
    }
    world_close(&w);
}

/* ------------------------------------------------------------------------------- the card */

TEST(card_that_goes)
{
    struct world w;
    if (open_world(&w, EC_P256) && orders(&w)) {
        root.events[0] = (struct smds_event){ NULL, "E-1", SMDP };
        root.events[1] = (struct smds_event){ NULL, "E-2", SMDP };
        gone_at = SMDP;
        CHECK_EQ(discover(&w, &usual), LPA_READER);
        CHECK_TEXT(leads(), ROOT " [] events 2\n> " SMDP " [E-1] 7: the reader is gone");
    }
    world_close(&w);
}

/* A card without addresses, as GetEuiccConfiguredAddresses tells it (SGP.22 5.7.3). */
static void no_addresses(struct world *w, struct bytes command, struct bytes *response)
{
    (void)w;
    if (memmem(command.p, command.n, "\xBF\x3C", 2))
        *response = unhex("BF3C028100 9000");
}

TEST(card_without_addresses)
{
    struct world w;
    struct lpa_discovery how = { .smds = BYTES_LIT(ALT) };
    if (open_world(&w, EC_P256)) {
        w.card_answer = no_addresses;
        test_row("nobody to ask");
        CHECK_EQ(discover(&w, &usual), LPA_CARD);
        CHECK_FAILS(-1, &why, ERR_PEER, "names no server to ask; next: give an SM-DS with --smds");
        test_row("an SM-DS is given");
        CHECK_EQ(discover(&w, &how), LPA_DONE);
        CHECK_TEXT(leads(), ALT " [] events 0");
    }
    world_close(&w);
}

/* -------------------------------------------------------------------------- what is told */

TEST(words_for_people)
{
    static const struct {
        const char *name, *smdp;
        struct smds_event root[4], alternative[2];
        size_t times;
        bool untold, list;
        const char *text;
    } rows[] = {
        { "nothing anywhere", SMDP, { { 0 } }, { { 0 } }, 0, false, false,
          "default SM-DP+ " SMDP ": no profile for this card\nSM-DS " ROOT ": 0 events\n"
          "nothing waits for this card; next: rsp-lpa download, with an activation code of the operator\n" },
        { "a profile by the alternative, and an order that is gone", NULL,
          { { NULL, "A-1", ALT }, { NULL, "E-0", SMDP } }, { { "A-1", "E-1", SMDP } }, 0, false, false,
          "SM-DS " ROOT ": 2 events\n  event A-1 at " ALT ": 1 event\n    event E-1 at " SMDP
          ": installed " WORLD_ICCID "\n  event E-0 at " SMDP ": " GONE "\n" },
        { "a server that could not be told", NULL, { { NULL, "E-1", SMDP } }, { { 0 } }, 0, true, false,
          "SM-DS " ROOT ": 1 event\n  event E-1 at " SMDP ": installed " WORLD_ICCID
          "; the server could not be told; next: rsp-lpa notifications send\n" },
        { "a list", NULL, { { NULL, "E-1", SMDP } }, { { 0 } }, 0, false, true,
          "SM-DS " ROOT ": 1 event\n  event E-1 at " SMDP ": not asked\n" },
        { "a text that would command the terminal", NULL, { { NULL, "E-1", "a\033[2J" } }, { { 0 } }, 0, false, true,
          "SM-DS " ROOT ": 1 event\n  event E-1 at a?[2J: the event's address is no host name; next: tell the "
          "operator\n" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        const struct lpa_discovery how = { .list = rows[i].list };
        test_row("%s", rows[i].name);
        if (open_world(&w, EC_P256) && orders(&w)) {
            if (rows[i].smdp)
                default_smdp(&w, rows[i].smdp);
            memcpy(root.events, rows[i].root, sizeof rows[i].root);
            memcpy(alternative.events, rows[i].alternative, sizeof rows[i].alternative);
            w.request = rows[i].untold ? lose_notification : NULL;
            discover(&w, &how);
            CHECK_TEXT(lpa_discovery_text(test_arena(), &found), rows[i].text);
        }
        world_close(&w);
    }
    struct world w;
    struct lpa_discovery how = { .list = true };
    test_row("more events than are followed");
    if (open_world(&w, EC_P256)) {
        root.events[0] = (struct smds_event){ NULL, "E-1", SMDP };
        root.times = 70;
        discover(&w, &how);
        CHECK(strstr(lpa_discovery_text(test_arena(), &found),
                     "\n7 more events were left out; next: rsp-lpa discover again\n") != NULL);
    }
    world_close(&w);
    test_row("nobody was asked");
    how = (struct lpa_discovery){ .skipped = true };
    CHECK_TEXT(lpa_discovery_text(test_arena(), &how),
               "the card has an operational profile already, so nobody was asked\n");
}

static struct buf told;

static void trace(void *context, const struct lpa_message *m)
{
    (void)context;
    if (m->to_server || m->from_server)
        buf_printf(&told, "%s%s %s.%s", told.n ? "\n" : "", m->peer, m->interface, m->function);
}

TEST(names_of_servers)
{
    struct world w;
    if (open_world(&w, EC_P256)) {
        root.events[0] = (struct smds_event){ NULL, "A-1", ALT };
        alternative.events[0] = (struct smds_event){ "A-1", "E-0", SMDP };
        told = buf_in(test_arena());
        w.lpa.env.trace = trace;
        discover(&w, &usual);
        CHECK_TEXT(buf_str(&told), "SM-DS ES11.InitiateAuthentication\nSM-DS ES11.InitiateAuthentication\n"
                                   "SM-DS ES11.AuthenticateClient\nSM-DS ES11.AuthenticateClient\n"
                                   "RSP server ES9+.InitiateAuthentication\nRSP server ES9+.InitiateAuthentication\n"
                                   "SM-DS ES11.AuthenticateClient\nSM-DS ES11.AuthenticateClient\n"
                                   "RSP server ES9+.InitiateAuthentication\nRSP server ES9+.InitiateAuthentication\n"
                                   "SM-DP+ ES9+.AuthenticateClient\nSM-DP+ ES9+.AuthenticateClient");
    }
    world_close(&w);
}
