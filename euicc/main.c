/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/file.h"
#include "base/text.h"
#include "crypto/cert.h"
#include "crypto/crypto.h"
#include "euicc/control.h"
#include "euicc/fleet.h"
#include "euicc/rules.h"
#include "euicc/serve.h"
#include "rsp/explain.h"

static const char HELP[] =
    "usage: rsp-euicc COMMAND CARD ..\n"
    "\n"
    "  init CARD --certs DIR ..   make a card from certificates of rsp-pki (one DIR a curve)\n"
    "    --default-smdp NAME, --root-smds NAME   addresses that the card holds\n"
    "    --rat RULES:OPERATORS[:consent] ..      who may use ppr1, ppr2 (rsp-euicc(1)); none: nobody\n"
    "  run CARD ..                power it up and answer APDUs; ends with Ctrl-C\n"
    "    --vpcd HOST:PORT         in vsmartcard's virtual reader, for every PC/SC program\n"
    "    --socket PATH            on a local socket, each APDU behind its length as two octets\n"
    "    --misbehave WHAT,..      do wrong what real cards do; counts begin at power-up\n"
    "    --trace FILE             laboratory: add there what ES8+ carries, decoded, keys left out\n"
    "    --operator-in-clear      laboratory: take UpdateMetadata (ES6) without the operator's keys\n"
    "  make DIR --count N --certs PKI ..   N cards, DIR/EID.card, certified by the EUM of each PKI\n"
    "    --eid FIRST              the first EID; the others follow (default: number 1 of the EUM)\n"
    "  host DIR                   answer for all cards of DIR; each is in power while it is used\n"
    "    --socket-dir DIR         a socket a card, EID.sock\n"
    "    --socket PATH            one for all: the first frame names the card\n"
    "  apdu CARD                  APDUs in hex, a line each, from standard input; \"reset\" gives the ATR\n"
    "    --protocol t0|t1|any     habits of that transmission protocol, told in the ATR too (any)\n"
    "  show CARD                  EID, profiles, memory; no keys\n"
    "  control SOCKET [WHAT,..]   tell what a running card does wrong; let it do WHAT, or \"none\"\n"
    "  quirks                     list what there is to do wrong\n"
    "\n"
    "CARD is the file that the card lives in.  Exit codes: 0 done, 1 refused, 2 wrong usage.\n"
    "See rsp-euicc(1).\n";

enum { CERT_DIRS_MAX = 4, RULES_MAX = 32 };

struct options {
    const char *certs[CERT_DIRS_MAX], *rat[RULES_MAX];
    size_t n_certs, n_rat;
    const char *smdp, *smds, *socket, *trace, *eid, *socket_dir;
    uint64_t count;
    struct misbehave misbehave;
    bool vpcd, operator_in_clear;
    struct vpcd_address reader;
    enum transport_protocol protocol;
};

static int random_octets(void *context, uint8_t *out, size_t n)
{
    (void)context;
    return crypto_random(out, n, NULL);
}

/* At once: the LPA may write to the same place. */
static void show_trace(void *context, const char *function, const struct asn1_type *type, const void *value)
{
    FILE *out = context;
    struct arena *a = arena_new(16 << 20);
    if (!a)
        return;
    struct buf text = buf_in(a);
    explain_head(&text, "SM-DP+", "eUICC", function, false, cli_columns());
    explain_value(&text, type, value, cli_columns());
    const char *shown = buf_str(&text);
    fputs(shown ? shown : "(no memory to show it)\n", out);
    fflush(out);
    arena_free(a);
}

/* ---------------------------------------------------------------------------------- init */

static int read_cert(struct arena *a, const char *dir, const char *name, struct bytes *der, struct err *e)
{
    struct bytes file;
    if (file_read(a, arena_printf(a, "%s/%s.pem", dir, name), 1 << 20, &file, e) != 0)
        return -1;
    return cert_from_file(a, file, der, e);
}

static int read_identity(struct arena *a, const struct options *o, struct euicc_identity *id, struct err *e)
{
    for (size_t i = 0; i < o->n_certs; i++) {
        struct bytes pem;
        struct ec_key *key = NULL;
        struct cert c;
        uint8_t *scalar = arena_alloc(a, EC_SCALAR_OCTETS);
        if (!scalar || read_cert(a, o->certs[i], "euicc", &id->keys[i].euicc, e) != 0 ||
            read_cert(a, o->certs[i], "eum", &id->keys[i].eum, e) != 0 ||
            read_cert(a, o->certs[i], "ci", &id->cis[i], e) != 0 ||
            file_read(a, arena_printf(a, "%s/euicc.key.pem", o->certs[i]), 1 << 16, &pem, e) != 0 ||
            ec_key_read(pem, &key, e) != 0)
            return -1;
        int bad = ec_key_scalar(key, scalar, e) != 0 || cert_parse(a, id->keys[i].euicc, &c, e) != 0 ||
                  cert_eid(a, &c, &id->eid, e) != 0;
        ec_key_free(key);
        if (bad)
            return -1;
        id->keys[i].scalar = bytes_make(scalar, EC_SCALAR_OCTETS);
    }
    id->n_keys = id->n_cis = o->n_certs;
    id->root_ds = bytes_text(o->smds);
    id->default_dp = bytes_text(o->smdp);
    return 0;
}

static int init(void *context, struct arena *a, char **words, struct err *e)
{
    const struct options *o = context;
    const char *path = words[0];
    struct euicc_identity id = { 0 };
    struct rsp_RulesAuthorisationTable rat;
    struct nvm_file file;
    if (o->n_certs == 0)
        return err_set(e, ERR_USAGE, NULL, "--certs DIR is needed");
    if (o->n_rat && rules_rat_parse(a, o->rat, o->n_rat, &rat, e) != 0)
        return -1;
    id.rat = o->n_rat ? &rat : NULL;
    if (read_identity(a, o, &id, e) != 0 || nvm_file_open(&file, NULL, path, true, e) != 0)
        return -1;
    struct nvm nvm = nvm_in_file(&file);
    int failed = euicc_make(&nvm, &id, e);
    nvm_file_close(&file);
    if (failed)
        unlink(path);
    else
        printf("%s: a card with EID %s\n", path, hex_encode(a, id.eid));
    return failed;
}

/* ------------------------------------------------------------------------------- commands */

/* A card as it is, and what it is to do besides; its memory and randomness come here. */
static int power_up(const char *path, struct euicc_env env, struct nvm_file *file, struct euicc **card, struct err *e)
{
    if (nvm_file_open(file, NULL, path, false, e) != 0)
        return -1;
    env.nvm = nvm_in_file(file);
    env.random = random_octets;
    if (euicc_open(&env, card, e) == 0)
        return 0;
    nvm_file_close(file);
    return err_at(e, "%s", path);
}

static int show(void *context, struct arena *a, char **words, struct err *e)
{
    struct nvm_file file;
    struct euicc *card;
    struct buf text = buf_in(a);
    (void)context;
    if (power_up(words[0], (struct euicc_env){ .context = NULL }, &file, &card, e) != 0)
        return -1;
    euicc_describe(card, &text);
    const char *shown = buf_str(&text);
    fputs(shown ? shown : "", stdout);
    euicc_close(card);
    nvm_file_close(&file);
    return 0;
}

static int apdu_line(struct arena *a, struct transport *t, char *line, size_t number, struct err *e)
{
    struct bytes command, response = transport_atr(t->protocol);
    line[strcspn(line, "\r\n")] = '\0';
    if (strcmp(line, "reset") == 0)
        transport_reset(t);
    else if (hex_decode(a, bytes_text(line), &command, e) != 0)
        return err_within(e, "line %zu", number);
    else
        transport_apdu(t, a, command, &response);
    puts(hex_encode(a, response));
    fflush(stdout);
    return 0;
}

static int apdus(void *context, struct arena *unused, char **words, struct err *e)
{
    const struct options *o = context;
    struct transport transport = { .protocol = o->protocol };
    struct nvm_file file;
    char *line = NULL;
    size_t size = 0;
    int result = 0;
    (void)unused;
    struct arena *a = arena_new(4 << 20);
    if (!a || power_up(words[0], (struct euicc_env){ .context = NULL }, &file, &transport.card, e) != 0) {
        arena_free(a);
        return -1;
    }
    for (size_t number = 1; result == 0 && getline(&line, &size, stdin) > 0; number++) {
        result = apdu_line(a, &transport, line, number, e);
        arena_reset(a);
    }
    free(line);
    arena_free(a);
    euicc_close(transport.card);
    nvm_file_close(&file);
    return result;
}

static void wait_milliseconds(void *context, uint64_t milliseconds)
{
    const struct timespec pause = { .tv_sec = (time_t)(milliseconds / 1000),
                                    .tv_nsec = (long)(milliseconds % 1000) * 1000000 };
    (void)context;
    nanosleep(&pause, NULL);
}

/* A card that runs. */
struct running {
    const char *path;
    struct euicc_env env;
    struct nvm_file file;
};

static int power_again(void *context, struct transport *t, struct err *e)
{
    struct running *r = context;
    euicc_close(t->card);
    nvm_file_close(&r->file);
    t->card = NULL;
    return power_up(r->path, r->env, &r->file, &t->card, e);
}

static int run_with(struct options *o, struct arena *a, FILE *trace, const char *path, struct err *e)
{
    struct running r = { .path = path,
                         .env = { .trace = trace ? show_trace : NULL, .context = trace, .misbehave = &o->misbehave,
                                  .operator_in_clear = o->operator_in_clear } };
    struct transport t = { .protocol = o->protocol };
    const struct serve_places places = { .socket = o->socket, .vpcd = o->vpcd ? &o->reader : NULL,
                                         .control = o->socket ? control_path(a, o->socket) : NULL,
                                         .misbehave = &o->misbehave, .power_again = power_again, .context = &r };
    o->misbehave.wait = wait_milliseconds;
    if (o->socket && !places.control)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a path");
    if (power_up(path, r.env, &r.file, &t.card, e) != 0)
        return -1;
    int failed = serve(&t, &places, e);
    if (t.card) {
        euicc_close(t.card);
        nvm_file_close(&r.file);
    }
    return failed;
}

static int run(void *context, struct arena *a, char **words, struct err *e)
{
    struct options *o = context;
    if (!o->socket && !o->vpcd)
        return err_set(e, ERR_USAGE, NULL, "--socket PATH or --vpcd HOST:PORT is needed");
    FILE *trace = o->trace ? fopen(o->trace, "a") : NULL;
    if (o->trace && !trace) {
        err_set(e, ERR_IO, NULL, "%s", strerror(errno));
        return err_at(e, "%s", o->trace);
    }
    int failed = run_with(o, a, trace, words[0], e);
    if (trace)
        fclose(trace);
    return failed;
}

static int take_vpcd(void *context, const char *value, struct err *e)
{
    struct options *o = context;
    o->vpcd = true;
    return vpcd_parse(value, &o->reader, e);
}

static int take_protocol(void *context, const char *value, struct err *e)
{
    struct options *o = context;
    return transport_protocol_parse(value, &o->protocol, e);
}

/* --misbehave, taken as it is read so that a wrong word ends the program at once. */
static int take_misbehaviour(void *context, const char *value, struct err *e)
{
    struct options *o = context;
    return misbehave_add(&o->misbehave, bytes_text(value), e);
}

static int control(void *context, struct arena *a, char **words, struct err *e)
{
    struct bytes text;
    (void)context;
    if (control_ask(a, words[0], words[1], &text, e) != 0)
        return -1;
    fwrite(text.p, 1, text.n, stdout);
    return 0;
}

static int list_quirks(void *context, struct arena *a, char **words, struct err *e)
{
    struct buf out = buf_in(a);
    (void)context;
    (void)words;
    misbehave_help(&out);
    const char *text = buf_str(&out);
    return text ? fputs(text, stdout) < 0 : err_set(e, ERR_MEMORY, NULL, "no memory for a list");
}

/* ----------------------------------------------------------------------------- many at once */

static int take_count(void *context, const char *text, struct err *e)
{
    struct options *o = context;
    if (decimal_decode(bytes_text(text), 1000000, &o->count, NULL) == 0 && o->count)
        return 0;
    return err_set(e, ERR_USAGE, NULL, "1 to 1000000 cards, not \"%.40s\"", text);
}

static int make(void *context, struct arena *a, char **words, struct err *e)
{
    const struct options *o = context;
    const struct fleet_plan plan = { .folder = words[0], .certs = o->certs, .n_certs = o->n_certs, .count = o->count,
                                     .first_eid = o->eid, .root_ds = o->smds, .default_dp = o->smdp };
    const char *first, *last;
    if (fleet_make(a, &plan, &first, &last, e) != 0)
        return -1;
    printf("%s: %llu cards with EIDs %s to %s\n", words[0], (unsigned long long)o->count, first, last);
    return 0;
}

static int host(void *context, struct arena *a, char **words, struct err *e)
{
    const struct options *o = context;
    const struct host_plan plan = { .folder = words[0], .socket_dir = o->socket_dir, .socket = o->socket };
    (void)a;
    return fleet_host(&plan, e);
}

static const struct cli_command commands[] = {
    { "make", "a folder", 1, 1, make },
    { "host", "a folder of cards", 1, 1, host },
    { "init", "a card file", 1, 1, init },
    { "run", "a card file", 1, 1, run },
    { "apdu", "a card file", 1, 1, apdus },
    { "show", "a card file", 1, 1, show },
    { "control", "a card's socket and what it is to do wrong", 1, 2, control },
    { "quirks", "", 0, 0, list_quirks },
    { .name = NULL },
};

int main(int argc, char **argv)
{
    struct options o = { .smds = "", .smdp = "" };
    const struct cli_option options[] = {
        { "certs", .list = o.certs, .n = &o.n_certs, .most = CERT_DIRS_MAX },
        { "default-smdp", .text = &o.smdp },
        { "rat", .list = o.rat, .n = &o.n_rat, .most = RULES_MAX },
        { "misbehave", .take = take_misbehaviour },
        { "root-smds", .text = &o.smds },
        { "socket", .text = &o.socket },
        { "vpcd", .take = take_vpcd },
        { "protocol", .take = take_protocol },
        { "trace", .text = &o.trace },
        { "operator-in-clear", .flag = &o.operator_in_clear },
        { "eid", .text = &o.eid },
        { "socket-dir", .text = &o.socket_dir },
        { "count", .take = take_count },
        { .name = NULL },
    };
    const struct cli_program program = { "rsp-euicc", HELP, options, commands, .memory = 16 << 20 };
    return cli_main(&program, &o, argc, argv);
}
