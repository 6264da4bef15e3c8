/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "asn1/tlv.h"
#include "base/cli.h"
#include "base/file.h"
#include "base/text.h"
#include "net/http_client.h"
#include "operator/attach.h"
#include "operator/qr.h"
#include "rsp/exchange.h"
#include "rsp/explain.h"
#include "rsp/function.h"
#include "rsp/ids.h"
#include "rsp/mobile_identity.h"
#include "rsp/refusal.h"

static const char HELP[] =
    "usage: rsp-operator COMMAND ..\n"
    "\n"
    "  order --type TYPE | --iccid ICCID [--eid EID]     ES2+.DownloadOrder\n"
    "  confirm ICCID [--matching-id ID] [--confirmation-code CODE] [--eid EID] [--smds ADDRESS]\n"
    "         [--release]          --matching-id '': for the card's default SM-DP+; --smds: tell it there\n"
    "  release ICCID\n"
    "  cancel ICCID [--eid EID] [--matching-id ID] [--unavailable]\n"
    "  qr CODE [--png FILE]        an activation code as QR code\n"
    "  attach --card SOCKET --subscribers LIST.csv | --k HEX --opc HEX [--pin PIN]\n"
    "         [--algorithm milenage|tuak|test] [--res OCTETS] [--keccaks N]\n"
    "                              challenge the card as its network would\n"
    "  suci HEX [--key FILE]       the SUPI in a card's answer to GET IDENTITY; --key: the\n"
    "                              home network's private key (X25519 or P-256)\n"
    "\n"
    "  --server NAME --ca FILE     the SM-DP+ and the CI it must chain to\n"
    "  --cert FILE --key FILE      the operator's TLS client certificate\n"
    "  --connect NAME=HOST:PORT    where the server is found (laboratory)\n"
    "  --explain                   show what is sent and answered\n"
    "Exit codes: 0 done, 1 refused or failed, 2 wrong usage.  See rsp-operator(1).\n";

struct program {
    struct http_client http;
    const char *server, *type, *iccid, *eid, *matching_id, *code, *png, *k, *opc, *algorithm, *res, *keccaks,
        *subscribers, *smds;
    bool release, unavailable, explain;
    struct attach attach;
};

static void show(struct arena *a, enum rsp_function f, bool answer, struct bytes body)
{
    struct buf text = buf_in(a);
    explain_head(&text, answer ? "SM-DP+" : "operator", answer ? "operator" : "SM-DP+", rsp_functions[f].name, answer,
                 cli_columns());
    explain_json(&text, f, answer, body, cli_columns());
    const char *shown = buf_str(&text);
    fputs(shown ? shown : "(no memory to show it)\n", stdout);
}

static int es2(struct program *p, struct arena *a, enum rsp_function f, const void *in, void *out, struct err *e)
{
    struct rsp_header header = { BYTES_LIT("rsp-operator"), BYTES_NONE };
    struct rsp_status status;
    struct http_answer answer;
    struct bytes body;
    header.functionCallIdentifier = bytes_text(rsp_functions[f].name);
    if (!p->server || !p->http.ca || !p->http.certificate || !p->http.key)
        return err_set(e, ERR_USAGE, NULL, "--server, --ca, --cert and --key are needed");
    if (rsp_write_request(a, f, &header, in, &body, e) != 0)
        return -1;
    if (p->explain)
        show(a, f, false, body);
    if (http_post(&p->http, a, bytes_text(p->server), bytes_text(rsp_functions[f].path),
                  BYTES_LIT(RSP_TYPE_JSON), BYTES_LIT(RSP_ADMIN_PROTOCOL), body, &answer, e) != 0)
        return -1;
    if (p->explain)
        show(a, f, true, answer.body);
    if (answer.status != 200)
        return err_set(e, ERR_PEER, "SGP.22 6.3", "the server answered with HTTP status %d; next: try again later",
                       answer.status);
    if (rsp_read_response(a, f, answer.body, &status, out, e) != 0)
        return -1;
    if (status.executed <= RSP_WITH_WARNING)
        return 0;
    const struct rsp_refusal *r = rsp_refusal_find(status.subject, status.reason);
    err_set(e, ERR_PEER, "SGP.22 5.2.6", "%s; next: %s", r ? r->what : rsp_reason_name(status.reason),
            r ? r->next : "look at the order");
    return err_at(e, "%s, code %.*s/%.*s", rsp_functions[f].name, (int)status.subject.n, status.subject.p,
                  (int)status.reason.n, status.reason.p);
}

static int iccid_of(struct arena *a, const char *text, struct bytes *out, struct err *e)
{
    *out = BYTES_NONE;
    return text ? iccid_from_text(a, bytes_text(text), out, e) : 0;
}

static int eid_of(struct arena *a, const char *text, struct bytes *out, struct err *e)
{
    *out = BYTES_NONE;
    return text ? eid_from_text(a, bytes_text(text), out, e) : 0;
}

static int order(void *context, struct arena *a, char **words, struct err *e)
{
    struct program *p = context;
    struct es2_download_order q = { .profileType = bytes_text(p->type) };
    struct es2_download_order_done r;
    (void)words;
    if (iccid_of(a, p->iccid, &q.iccid, e) != 0 || eid_of(a, p->eid, &q.eid, e) != 0 ||
        es2(p, a, ES2_DOWNLOAD_ORDER, &q, &r, e) != 0)
        return -1;
    printf("%s\n", iccid_text(a, r.iccid));
    return 0;
}

static int confirm(void *context, struct arena *a, char **words, struct err *e)
{
    struct program *p = context;
    struct es2_confirm_order q = { .matchingId = bytes_text(p->matching_id),
                                   .confirmationCode = bytes_text(p->code),
                                   .smdsAddress = bytes_text(p->smds),
                                   .releaseFlag = p->release };
    struct es2_confirm_order_done r;
    if (iccid_of(a, words[0], &q.iccid, e) != 0 || eid_of(a, p->eid, &q.eid, e) != 0 ||
        es2(p, a, ES2_CONFIRM_ORDER, &q, &r, e) != 0)
        return -1;
    struct bytes address = bytes_present(r.smdpAddress) ? r.smdpAddress : bytes_text(p->server);
    if (p->smds)
        printf("the card finds it by its SM-DS, as event %s\n", text_plain(a, r.matchingId));
    else if (r.matchingId.n == 0)
        printf("the card finds it at its default SM-DP+\n");
    else
        printf("LPA:1$%s$%s%s\n", text_plain(a, address), text_plain(a, r.matchingId), p->code ? "$$1" : "");
    return 0;
}

static int release(void *context, struct arena *a, char **words, struct err *e)
{
    struct es2_release_profile q;
    return iccid_of(a, words[0], &q.iccid, e) != 0 ? -1 : es2(context, a, ES2_RELEASE_PROFILE, &q, NULL, e);
}

static int cancel(void *context, struct arena *a, char **words, struct err *e)
{
    struct program *p = context;
    struct es2_cancel_order q = { .matchingId = bytes_text(p->matching_id) };
    q.finalProfileStatusIndicator = p->unavailable ? BYTES_LIT("Unavailable") : BYTES_LIT("Available");
    if (iccid_of(a, words[0], &q.iccid, e) != 0 || eid_of(a, p->eid, &q.eid, e) != 0)
        return -1;
    return es2(p, a, ES2_CANCEL_ORDER, &q, NULL, e);
}

static int qr(void *context, struct arena *a, char **words, struct err *e)
{
    struct program *p = context;
    (void)a;
    return p->png && qr_png(words[0], p->png, e) != 0 ? -1 : qr_terminal(words[0], e);
}

static struct bytes given(const char *text)
{
    return text ? bytes_text(text) : BYTES_NONE;
}

static int attach(void *context, struct arena *a, char **words, struct err *e)
{
    struct program *p = context;
    (void)words;
    if (!p->attach.socket)
        return err_set(e, ERR_USAGE, NULL, "--card SOCKET is needed");
    if (p->subscribers && file_read(a, p->subscribers, 64 << 20, &p->attach.subscribers, e) != 0)
        return -1;
    p->attach.keys = (struct attach_keys){ given(p->k), given(p->opc), given(p->algorithm), given(p->res),
                                           given(p->keccaks) };
    p->attach.explain = p->explain ? cli_columns() : 0;
    return attach_run(&p->attach, a, e);
}

static int home_key(struct arena *a, const char *path, const struct suci *s, struct suci_private *key, struct err *e)
{
    struct bytes file;
    if (!path)
        return err_set(e, ERR_USAGE, NULL, "--key FILE is needed: the private key of identifier %u", s->key_id);
    if (file_read(a, path, 1 << 16, &file, e) != 0)
        return -1;
    if (suci_private_read(file, key, e) != 0)
        return err_within(e, "%s", path);
    if (key->scheme != s->scheme)
        return err_set(e, ERR_VALUE, "TS 33.501 C.3.4",
                       "the SUCI is of profile %s, the key is not; next: give the one of identifier %u",
                       s->scheme == SUCI_PROFILE_A ? "A (X25519)" : "B (P-256)", s->key_id);
    return 0;
}

/* Octets from 01 or 11 on, or in the object A1 that GET IDENTITY answers (TS 31.102 7.5.2). */
static int suci(void *context, struct arena *a, char **words, struct err *e)
{
    const struct program *p = context;
    struct bytes octets, input;
    struct suci_private key = { .scheme = SUCI_NULL };
    struct suci s;
    const char *supi;
    if (hex_decode(a, bytes_text(words[0]), &octets, e) != 0)
        return -1;
    struct tlv object = tlv_find(octets, 0xA1);
    if (suci_read(a, object.whole.n == octets.n ? object.value : octets, &s, e) != 0)
        return -1;
    int result = s.scheme == SUCI_NULL ? 0 : home_key(a, p->http.key, &s, &key, e);
    if (result == 0)
        result = suci_reveal(&key, &s.output, a, &input, e);
    bytes_wipe(&key, sizeof key);
    if (result == 0)
        result = supi_text(a, &s, input, &supi, e);
    if (result == 0)
        printf("%s\n", supi);
    return result;
}

static const struct cli_command commands[] = {
    { "order", "no words: --type or --iccid say what", 0, 0, order },
    { "confirm", "an ICCID", 1, 1, confirm },
    { "release", "an ICCID", 1, 1, release },
    { "cancel", "an ICCID", 1, 1, cancel },
    { "qr", "an activation code", 1, 1, qr },
    { "attach", "", 0, 0, attach },
    { "suci", "the answer to GET IDENTITY, in hex", 1, 1, suci },
    { .name = NULL },
};

int main(int argc, char **argv)
{
    struct program p = { .http.user_agent = "rsp-operator" };
    const struct cli_option options[] = {
        { "server", .text = &p.server },
        { "ca", .text = &p.http.ca },
        { "cert", .text = &p.http.certificate },
        { "key", .text = &p.http.key },
        { "connect", .list = p.http.connect, .n = &p.http.n_connect, .most = HTTP_CONNECTS_MAX,
          .take = cli_take_pair },
        { "type", .text = &p.type },
        { "iccid", .text = &p.iccid },
        { "eid", .text = &p.eid },
        { "smds", .text = &p.smds },
        { "matching-id", .text = &p.matching_id },
        { "confirmation-code", .text = &p.code },
        { "release", .flag = &p.release },
        { "unavailable", .flag = &p.unavailable },
        { "png", .text = &p.png },
        { "card", .text = &p.attach.socket },
        { "k", .text = &p.k },
        { "opc", .text = &p.opc },
        { "algorithm", .text = &p.algorithm },
        { "res", .text = &p.res },
        { "keccaks", .text = &p.keccaks },
        { "subscribers", .text = &p.subscribers },
        { "pin", .text = &p.attach.pin },
        { "explain", .flag = &p.explain },
        { .name = NULL },
    };
    const struct cli_program program = { "rsp-operator", HELP, options, commands, .memory = 64 << 20 };
    return cli_main(&program, &p, argc, argv);
}
