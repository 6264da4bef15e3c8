/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/cli.h"
#include "base/file.h"
#include "rsp/ids.h"
#include "saip/package.h"
#include "server/admin.h"
#include "smdp/metadata.h"
#include "smdp/server.h"

static const char PROGRAM[] = "rsp-smdp";

static const char HELP[] =
    "usage: rsp-smdp init DIR --certs PKI --address NAME ..   a folder with a configuration, from rsp-pki's files\n"
    "       rsp-smdp serve|check-config FILE | sample-config | order-graph\n"
    "of a running server, named by --data DIR (its data folder):\n"
    "  add-operator NAME --cert FILE [--by-names] [--url URL] [--points 1,3]\n"
    "  add-type NAME PACKAGE --operator NAME [--spn TEXT --profile-name TEXT --icon FILE --class NAME --owner MCCMNC\n"
    "      --gid1 HEX --gid2 HEX --ppr 1,2 --notify EVENTS=NAME] [--ppk] [--bind-once] [--no-field-test]\n"
    "      both: [--codes N] [--downloads N] [--lifetime SECONDS]\n"
    "  import TYPE LIST.csv             profiles: a line of names (iccid,imsi,k,opc,pin1 ..), then values\n"
    "  show ICCID | list [--state NAME] | statistics\n"
    "  expire ICCID [--in SECONDS|--never] | rearm ICCID\n"
    "  verify-audit | outbox | retry DESTINATION [--dead]\n"
    "--json: answers as JSON, an object a line.  serve prints a line \"ready NAME=HOST:PORT LISTENER\" for each\n"
    "listener and ends with Ctrl-C.  Exit codes: 0 done, 1 refused, 2 wrong usage.  See rsp-smdp(1).\n";

enum { PACKAGE_MAX = 16 << 20, WORDS_MAX = ADMIN_WORDS_MAX, PKIS_MAX = 2 };

struct options {
    const char *data;
    struct metadata_texts metadata;
    const char *certificate, *url, *points, *operator_name, *codes, *downloads, *lifetime, *state, *in;
    bool by_names, ppk, bind_once, no_field_test, never, dead, json;
    /* init */
    const char *certs[PKIS_MAX], *address, *listen;
    size_t n_certs;
};

/* ------------------------------------------------------------------------ asking a server */

struct question {
    struct arena *arena;
    char *words[WORDS_MAX];
    int n;
};

static void ask_word(struct question *q, const char *word)
{
    if (q->n < WORDS_MAX)
        q->words[q->n++] = arena_text(q->arena, bytes_text(word));
}

static void ask_option(struct question *q, const char *name, const char *value)
{
    if (value && q->n < WORDS_MAX)
        q->words[q->n++] = arena_printf(q->arena, "%s=%s", name, value);
}

static void ask_flag(struct question *q, const char *name, bool flag)
{
    ask_option(q, name, flag ? "yes" : NULL);
}

/* `data`: octets that go with the question, or absent. */
static int ask(const struct options *o, struct question *q, struct bytes data, struct err *e)
{
    if (!o->data)
        return err_set(e, ERR_USAGE, NULL, "%s needs the server's --data DIR", q->words[0]);
    ask_flag(q, "json", o->json);
    int result = admin_call(q->arena, server_socket(q->arena, o->data), q->n, q->words, data, e);
    if (result == 0 || e->code != ERR_IO)
        return result;
    return err_set(e, ERR_IO, NULL, "no server answers for %s; next: start it with rsp-smdp serve", o->data);
}

static struct question question(struct arena *a, const char *command)
{
    struct question q = { .arena = a };
    ask_word(&q, command);
    return q;
}

static void ask_limits(struct question *q, const struct options *o)
{
    ask_option(q, "codes", o->codes);
    ask_option(q, "downloads", o->downloads);
    ask_option(q, "lifetime", o->lifetime);
}

/* "1,3" -> 1 << 1 | 1 << 3 */
static const char *points_mask(struct arena *a, const char *list, struct err *e)
{
    unsigned mask = 0;
    for (const char *at = list; at && *at; at += at[1] == ',' ? 2 : 1) {
        if (*at < '1' || *at > '4' || (at[1] && at[1] != ','))
            return err_set(e, ERR_USAGE, "SGP.22 5.3.5", "--points takes numbers 1 to 4, with commas between them"),
                   NULL;
        mask |= 1u << (*at - '0');
    }
    return arena_printf(a, "%u", mask);
}

static int add_operator(void *context, struct arena *a, char **words, struct err *e)
{
    const struct options *o = context;
    struct question q = question(a, "add-operator");
    struct bytes certificate;
    const char *points = points_mask(a, o->points, e);
    if (!points)
        return -1;
    if (!o->certificate)
        return err_set(e, ERR_USAGE, NULL, "add-operator needs the operator's --cert FILE");
    if (file_read(a, o->certificate, 1 << 20, &certificate, e) != 0)
        return -1;
    ask_word(&q, words[0]);
    ask_option(&q, "url", o->url);
    ask_option(&q, "points", points);
    ask_flag(&q, "by-names", o->by_names);
    ask_limits(&q, o);
    return ask(o, &q, certificate, e);
}

/* DER, from DER or value notation. */
static int read_package(struct arena *a, const char *path, struct bytes *der, struct err *e)
{
    struct saip_package p;
    if (file_read(a, path, PACKAGE_MAX, der, e) != 0)
        return -1;
    if (der->n && der->p[0] == 0xA0)
        return 0;
    return saip_parse(a, *der, &p, e) == 0 && saip_encode(a, &p, der, e) == 0 ? 0 : err_within(e, "%s", path);
}

static int add_type(void *context, struct arena *a, char **words, struct err *e)
{
    const struct options *o = context;
    struct question q = question(a, "add-type");
    struct bytes package, metadata;
    if (read_package(a, words[1], &package, e) != 0 || metadata_make(a, &o->metadata, &metadata, e) != 0)
        return -1;
    ask_word(&q, words[0]);
    ask_option(&q, "operator", o->operator_name);
    ask_option(&q, "metadata", hex_encode(a, metadata));
    ask_flag(&q, "ppk", o->ppk);
    ask_flag(&q, "bind-once", o->bind_once);
    ask_flag(&q, "no-field-test", o->no_field_test);
    ask_limits(&q, o);
    return ask(o, &q, package, e);
}

static int import(void *context, struct arena *a, char **words, struct err *e)
{
    const struct options *o = context;
    struct question q = question(a, "import");
    ask_word(&q, words[0]);
    if (!o->data)
        return err_set(e, ERR_USAGE, NULL, "import needs the server's --data DIR");
    ask_flag(&q, "json", o->json);
    return admin_send_file(a, server_socket(a, o->data), q.n, q.words, words[1], e);
}

/* A command of a word or none, with the options that it may have. */
static int ask_simple(const struct options *o, struct arena *a, const char *command, const char *word, struct err *e)
{
    struct question q = question(a, command);
    if (word)
        ask_word(&q, word);
    ask_option(&q, "state", o->state);
    ask_option(&q, "in", o->in);
    ask_flag(&q, "never", o->never);
    ask_flag(&q, "dead", o->dead);
    return ask(o, &q, BYTES_NONE, e);
}

#define SIMPLE(function, name, word)                                                            \
    static int function(void *context, struct arena *a, char **words, struct err *e) \
    {                                                                                           \
        (void)words;                                                                            \
        return ask_simple(context, a, name, word, e);                                           \
    }
SIMPLE(show, "show", words[0])
SIMPLE(list, "list", NULL)
SIMPLE(statistics, "statistics", NULL)
SIMPLE(expire, "expire", words[0])
SIMPLE(rearm, "rearm", words[0])
SIMPLE(verify_audit, "verify-audit", NULL)
SIMPLE(outbox, "outbox", NULL)
SIMPLE(retry, "retry", words[0])

/* -------------------------------------------------------------------------------- serving */

/* No core file: it would hold keys. */
static void no_core(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
}

static int serve(void *context, struct arena *a, char **words, struct err *e)
{
    static struct server s;
    (void)context;
    no_core();
    s.arena = a;
    int result = server_run(&s, words[0], e);
    server_end(&s);
    return result;
}

static int check_config(void *context, struct arena *a, char **words, struct err *e)
{
    static struct server s;
    (void)context;
    s.arena = a;
    int result = server_check(&s, words[0], e);
    if (result == 0)
        printf("%s: %zu listeners, %zu certificate sets: all of it can be used\n", words[0], s.settings.n_listeners,
               s.settings.n_certificates);
    server_end(&s);
    return result;
}

static int sample_config(void *context, struct arena *a, char **words, struct err *e)
{
    struct buf out = buf_in(a);
    (void)context, (void)words;
    config_sample(&settings_table, &out);
    const char *text = buf_str(&out);
    if (!text)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a sample");
    return fputs(text, stdout) < 0 ? EXIT_REFUSED : 0;
}

/* The order of a profile as a Mermaid diagram, from the table that decides. */
static int order_graph(void *context, struct arena *a, char **words, struct err *e)
{
    (void)context, (void)a, (void)words, (void)e;
    printf("stateDiagram-v2\n    [*] --> Available\n");
    for (int from = 0; from < ORDER_STATES; from++)
        for (int event = 0; event < ORDER_EVENTS; event++) {
            struct order_next next = order_step((enum order_state)from, (enum order_event)event);
            if (next.to >= 0 && next.to != from)
                printf("    %s --> %s: %s\n", order_state_name((enum order_state)from),
                       order_state_name((enum order_state)next.to), order_event_name((enum order_event)event));
        }
    return 0;
}

/* ------------------------------------------------------------------------ a first folder */

static void write_sets(struct buf *out, const struct options *o)
{
    for (size_t i = 0; i < o->n_certs; i++) {
        const char *c = o->certs[i];
        buf_printf(out, "[certificates set%zu]\nci = %s/ci.pem\ndpauth = %s/dpauth.pem\n", i + 1, c, c);
        buf_printf(out, "dpauth-key = %s/dpauth.key.pem\ndppb = %s/dppb.pem\ndppb-key = %s/dppb.key.pem\n\n", c, c, c);
        buf_printf(out, "[tls set%zu]\ncertificate = %s/dptls.pem\nkey = %s/dptls.key.pem\n\n", i + 1, c, c);
    }
}

static int init(void *context, struct arena *a, char **words, struct err *e)
{
    struct options *o = context;
    const char *path = arena_printf(a, "%s/smdp.conf", words[0]);
    struct buf out = buf_in(a);
    struct stat there;
    if (o->n_certs == 0 || !o->address)
        return err_set(e, ERR_USAGE, NULL, "init takes --certs DIR (made by rsp-pki) and --address NAME");
    for (size_t i = 0; i < o->n_certs; i++)
        if (!(o->certs[i] = realpath(o->certs[i], arena_alloc(a, 4096))))
            return err_set(e, ERR_IO, NULL, "a folder of --certs is not there");
    if (stat(path, &there) == 0)
        return err_set(e, ERR_EXISTS, NULL, "%s is there already", path);
    buf_printf(&out, "# Made by rsp-smdp init; rsp-smdp sample-config shows every key there is.\n"
                     "[server]\naddresses = %s\n\n", o->address);
    write_sets(&out, o);
    buf_printf(&out, "[listener main]\nlisten = %s\n\n[outgoing]\ncertificate = %s/dptls.pem\nkey = %s/dptls.key.pem\n",
               o->listen, o->certs[0], o->certs[0]);
    struct bytes text = buf_bytes(&out);
    mkdir(words[0], 0700);
    if (!text.p || file_write(path, text, 0600, e) != 0)
        return text.p ? -1 : err_set(e, ERR_MEMORY, NULL, "no memory for a configuration");
    printf("%s is written; next: rsp-smdp serve %s\n", path, path);
    return 0;
}

static const struct cli_command commands[] = {
    { "init", "a folder", 1, 1, init },
    { "serve", "a configuration file", 1, 1, serve },
    { "check-config", "a configuration file", 1, 1, check_config },
    { "sample-config", "", 0, 0, sample_config },
    { "order-graph", "", 0, 0, order_graph },
    { "add-operator", "a name", 1, 1, add_operator },
    { "add-type", "a name and a package", 2, 2, add_type },
    { "import", "a profile type and a list in CSV", 2, 2, import },
    { "show", "an ICCID", 1, 1, show },
    { "list", "", 0, 0, list },
    { "statistics", "", 0, 0, statistics },
    { "expire", "an ICCID", 1, 1, expire },
    { "rearm", "an ICCID", 1, 1, rearm },
    { "verify-audit", "", 0, 0, verify_audit },
    { "outbox", "", 0, 0, outbox },
    { "retry", "a destination", 1, 1, retry },
    { .name = NULL },
};

int main(int argc, char **argv)
{
    struct options o = { .listen = "127.0.0.1:0", .points = "" };
    struct metadata_texts *m = &o.metadata;
    m->spn = "Rspkit Mobile";
    m->profile_name = "Sample";
    const struct cli_option options[] = {
        { "data", .text = &o.data },
        { "json", .flag = &o.json },
        { "cert", .text = &o.certificate },
        { "by-names", .flag = &o.by_names },
        { "url", .text = &o.url },
        { "points", .text = &o.points },
        { "codes", .text = &o.codes },
        { "downloads", .text = &o.downloads },
        { "lifetime", .text = &o.lifetime },
        { "operator", .text = &o.operator_name },
        { "spn", .text = &m->spn },
        { "profile-name", .text = &m->profile_name },
        { "icon", .text = &m->icon },
        { "class", .text = &m->profile_class },
        { "owner", .text = &m->owner },
        { "gid1", .text = &m->gid1 },
        { "gid2", .text = &m->gid2 },
        { "ppr", .text = &m->rules },
        { "notify", .list = m->notify, .n = &m->n_notify, .most = METADATA_NOTIFY_MAX },
        { "ppk", .flag = &o.ppk },
        { "bind-once", .flag = &o.bind_once },
        { "no-field-test", .flag = &o.no_field_test },
        { "state", .text = &o.state },
        { "in", .text = &o.in },
        { "never", .flag = &o.never },
        { "dead", .flag = &o.dead },
        { "certs", .list = o.certs, .n = &o.n_certs, .most = PKIS_MAX },
        { "address", .text = &o.address },
        { "listen", .text = &o.listen },
        { .name = NULL },
    };
    const struct cli_program program = { PROGRAM, HELP, options, commands, .memory = (size_t)512 << 20 };
    return cli_main(&program, &o, argc, argv);
}
