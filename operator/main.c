/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cli.h"
#include "base/file.h"
#include "base/text.h"
#include "net/http_client.h"
#include "operator/attach.h"
#include "operator/qr.h"
#include "rsp/exchange.h"
#include "rsp/function.h"
#include "rsp/ids.h"
#include "rsp/refusal.h"

static const char PROGRAM[] = "rsp-operator";

static const char HELP[] =
    "usage: rsp-operator COMMAND ..\n"
    "\n"
    "  order --type TYPE | --iccid ICCID [--eid EID]     ES2+.DownloadOrder\n"
    "  confirm ICCID [--matching-id ID] [--confirmation-code CODE] [--eid EID] [--release]\n"
    "  release ICCID\n"
    "  cancel ICCID [--eid EID] [--matching-id ID] [--unavailable]\n"
    "  qr CODE [--png FILE]        an activation code as QR code\n"
    "  attach --card SOCKET --subscribers LIST.csv | --k HEX --opc HEX [--pin PIN]\n"
    "                              challenge the card as its network would\n"
    "\n"
    "  --server NAME --ca FILE     the SM-DP+ and the CI it must chain to\n"
    "  --cert FILE --key FILE      the operator's TLS client certificate\n"
    "  --connect NAME=HOST:PORT    where the server is found (laboratory)\n"
    "  --explain                   show what is sent and answered\n"
    "Exit codes: 0 done, 1 refused or failed, 2 wrong usage.  See rsp-operator(1).\n";

struct program {
    struct arena *arena;
    struct http_client http;
    const char *server, *type, *iccid, *eid, *matching_id, *code, *png;
    bool release, unavailable, explain;
    struct attach attach;
};

static int es2(struct program *p, enum rsp_function f, const void *in, void *out, struct err *e)
{
    struct rsp_header header = { BYTES_LIT("rsp-operator"), BYTES_NONE };
    struct rsp_status status;
    struct http_answer answer;
    struct bytes body;
    header.functionCallIdentifier = bytes_text(rsp_functions[f].name);
    if (!p->server || !p->http.ca || !p->http.certificate || !p->http.key)
        return err_set(e, ERR_USAGE, NULL, "--server, --ca, --cert and --key are needed");
    if (rsp_write_request(p->arena, f, &header, in, &body, e) != 0)
        return -1;
    if (p->explain)
        printf("== operator -> SM-DP+  %s\n-- protects: mutual TLS: only the owner of a profile may order it\n%.*s\n",
               rsp_functions[f].name, (int)body.n, (const char *)body.p);
    if (http_post(&p->http, p->arena, bytes_text(p->server), bytes_text(rsp_functions[f].path),
                  BYTES_LIT(RSP_TYPE_JSON), BYTES_LIT(RSP_ADMIN_PROTOCOL), body, &answer, e) != 0)
        return -1;
    if (p->explain)
        printf("== SM-DP+ -> operator  %s\n%.*s\n", rsp_functions[f].name, (int)answer.body.n,
               (const char *)answer.body.p);
    if (answer.status != 200)
        return err_set(e, ERR_PEER, "SGP.22 6.3", "the server answered with HTTP status %d; next: try again later",
                       answer.status);
    if (rsp_read_response(p->arena, f, answer.body, &status, out, e) != 0)
        return -1;
    if (status.executed <= RSP_WITH_WARNING)
        return 0;
    const struct rsp_refusal *r = rsp_refusal_find(status.subject, status.reason);
    err_set(e, ERR_PEER, "SGP.22 5.2.6", "%s; next: %s", r ? r->what : rsp_reason_name(status.reason),
            r ? r->next : "look at the order");
    return err_at(e, "%s, code %.*s/%.*s", rsp_functions[f].name, (int)status.subject.n, status.subject.p,
                  (int)status.reason.n, status.reason.p);
}

static int iccid_of(struct program *p, const char *text, struct bytes *out, struct err *e)
{
    return text ? iccid_from_text(p->arena, bytes_text(text), out, e)
                : err_set(e, ERR_USAGE, NULL, "an ICCID is needed");
}

static int eid_of(struct program *p, struct bytes *out, struct err *e)
{
    *out = BYTES_NONE;
    return p->eid ? eid_from_text(p->arena, bytes_text(p->eid), out, e) : 0;
}

static int order(struct program *p, const char *argument, struct err *e)
{
    struct es2_download_order q = { .profileType = bytes_text(p->type) };
    struct es2_download_order_done r;
    (void)argument;
    if ((p->iccid && iccid_of(p, p->iccid, &q.iccid, e) != 0) || eid_of(p, &q.eid, e) != 0 ||
        es2(p, ES2_DOWNLOAD_ORDER, &q, &r, e) != 0)
        return -1;
    printf("%s\n", iccid_text(p->arena, r.iccid));
    return 0;
}

static int confirm(struct program *p, const char *argument, struct err *e)
{
    struct es2_confirm_order q = { .matchingId = bytes_text(p->matching_id),
                                   .confirmationCode = bytes_text(p->code),
                                   .releaseFlag = p->release };
    struct es2_confirm_order_done r;
    if (iccid_of(p, argument, &q.iccid, e) != 0 || eid_of(p, &q.eid, e) != 0 ||
        es2(p, ES2_CONFIRM_ORDER, &q, &r, e) != 0)
        return -1;
    struct bytes address = bytes_present(r.smdpAddress) ? r.smdpAddress : bytes_text(p->server);
    printf("LPA:1$%.*s$%.*s%s\n", (int)address.n, (const char *)address.p, (int)r.matchingId.n,
           (const char *)r.matchingId.p, p->code ? "$$1" : "");
    return 0;
}

static int release(struct program *p, const char *argument, struct err *e)
{
    struct es2_release_profile q;
    return iccid_of(p, argument, &q.iccid, e) != 0 ? -1 : es2(p, ES2_RELEASE_PROFILE, &q, NULL, e);
}

static int cancel(struct program *p, const char *argument, struct err *e)
{
    struct es2_cancel_order q = { .matchingId = bytes_text(p->matching_id) };
    q.finalProfileStatusIndicator = p->unavailable ? BYTES_LIT("Unavailable") : BYTES_LIT("Available");
    if (iccid_of(p, argument, &q.iccid, e) != 0 || eid_of(p, &q.eid, e) != 0)
        return -1;
    return es2(p, ES2_CANCEL_ORDER, &q, NULL, e);
}

static int qr(struct program *p, const char *argument, struct err *e)
{
    if (!argument)
        return err_set(e, ERR_USAGE, NULL, "an activation code is needed");
    return p->png && qr_png(argument, p->png, e) != 0 ? -1 : qr_terminal(argument, e);
}

static int attach(struct program *p, const char *argument, struct err *e)
{
    (void)argument;
    if (!p->attach.socket)
        return err_set(e, ERR_USAGE, NULL, "--card SOCKET is needed");
    return attach_run(&p->attach, p->arena, e);
}

static const struct {
    const char *name;
    int (*run)(struct program *, const char *, struct err *);
} commands[] = { { "order", order }, { "confirm", confirm }, { "release", release },
                 { "cancel", cancel }, { "qr", qr }, { "attach", attach } };

enum {
    OPT_SERVER = 256,
    OPT_CA,
    OPT_CERT,
    OPT_KEY,
    OPT_CONNECT,
    OPT_TYPE,
    OPT_ICCID,
    OPT_EID,
    OPT_ID,
    OPT_CODE,
    OPT_RELEASE,
    OPT_UNAVAILABLE,
    OPT_PNG,
    OPT_CARD,
    OPT_K,
    OPT_OPC,
    OPT_SUBSCRIBERS,
    OPT_PIN,
    OPT_EXPLAIN
};

static int option_take(struct program *p, int c, const char *value, struct err *e)
{
    const struct {
        int option;
        const char **text;
    } texts[] = { { OPT_SERVER, &p->server }, { OPT_CA, &p->http.ca },          { OPT_CERT, &p->http.certificate },
                  { OPT_KEY, &p->http.key },  { OPT_TYPE, &p->type },           { OPT_ICCID, &p->iccid },
                  { OPT_EID, &p->eid },       { OPT_ID, &p->matching_id },      { OPT_CODE, &p->code },
                  { OPT_PNG, &p->png },       { OPT_CARD, &p->attach.socket },  { OPT_PIN, &p->attach.pin } };
    const struct {
        int option;
        bool *flag;
    } flags[] = { { OPT_RELEASE, &p->release }, { OPT_UNAVAILABLE, &p->unavailable }, { OPT_EXPLAIN, &p->explain } };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].option == c) {
            *texts[i].text = value;
            return 0;
        }
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (flags[i].option == c) {
            *flags[i].flag = true;
            return 0;
        }
    if (c == OPT_CONNECT && p->http.n_connect < HTTP_CONNECTS_MAX) {
        p->http.connect[p->http.n_connect++] = value;
        return 0;
    }
    if (c == OPT_K || c == OPT_OPC)
        return hex_decode(p->arena, bytes_text(value), c == OPT_K ? &p->attach.k : &p->attach.opc, e);
    if (c == OPT_SUBSCRIBERS)
        return file_read(p->arena, value, 64 << 20, &p->attach.subscribers, e);
    return err_set(e, ERR_USAGE, NULL, "that option is not known");
}

static int run(struct program *p, int argc, char **argv, struct err *e)
{
    static const struct option names[] = { { "server", required_argument, NULL, OPT_SERVER },
                                           { "ca", required_argument, NULL, OPT_CA },
                                           { "cert", required_argument, NULL, OPT_CERT },
                                           { "key", required_argument, NULL, OPT_KEY },
                                           { "connect", required_argument, NULL, OPT_CONNECT },
                                           { "type", required_argument, NULL, OPT_TYPE },
                                           { "iccid", required_argument, NULL, OPT_ICCID },
                                           { "eid", required_argument, NULL, OPT_EID },
                                           { "matching-id", required_argument, NULL, OPT_ID },
                                           { "confirmation-code", required_argument, NULL, OPT_CODE },
                                           { "release", no_argument, NULL, OPT_RELEASE },
                                           { "unavailable", no_argument, NULL, OPT_UNAVAILABLE },
                                           { "png", required_argument, NULL, OPT_PNG },
                                           { "card", required_argument, NULL, OPT_CARD },
                                           { "k", required_argument, NULL, OPT_K },
                                           { "opc", required_argument, NULL, OPT_OPC },
                                           { "subscribers", required_argument, NULL, OPT_SUBSCRIBERS },
                                           { "pin", required_argument, NULL, OPT_PIN },
                                           { "explain", no_argument, NULL, OPT_EXPLAIN },
                                           { NULL, 0, NULL, 0 } };
    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;)
        if (option_take(p, c, optarg, e) != 0)
            return -1;
    for (size_t i = 0; optind < argc && i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].name, argv[optind]) == 0)
            return commands[i].run(p, optind + 1 < argc ? argv[optind + 1] : NULL, e);
    return err_set(e, ERR_USAGE, NULL, "a command is expected: order, confirm, release, cancel, qr, attach");
}

int main(int argc, char **argv)
{
    struct program p = { .http.user_agent = "rsp-operator" };
    struct err e = { .code = ERR_MEMORY, .what = "no memory" };
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        return fputs(HELP, stdout) < 0;
    opterr = 0;
    p.arena = arena_new(64 << 20);
    int failed = !p.arena || run(&p, argc, argv, &e) != 0;
    int code = failed ? cli_failed(PROGRAM, &e, e.code == ERR_USAGE ? "rsp-operator --help" : NULL) : EXIT_DONE;
    arena_free(p.arena);
    return code;
}
