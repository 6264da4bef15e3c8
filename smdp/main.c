/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/cli.h"
#include "base/file.h"
#include "saip/rules.h"
#include "server/admin.h"
#include "server/host_program.h"
#include "smdp/generate.h"
#include "smdp/help.h"
#include "smdp/metadata.h"
#include "smdp/server.h"

enum { PACKAGE_MAX = 16 << 20, CERTIFICATE_MAX = 1 << 20 };

struct options {
    const char *data;
    bool json;
    struct metadata_texts metadata;
    /* sent as they are */
    const char *url, *operator_name, *codes, *downloads, *lifetime, *state, *in, *after;
    const char *type, *iccid, *eid, *matching_id, *code, *smds;
    bool by_names, ppk, bind_once, no_field_test, never, dead, release, unavailable, reload;
    /* read here */
    const char *certificate, *points, *imsi, *out;
    const char *certs[SETS_MAX], *address, *listen;
    size_t n_certs;
};

/* ------------------------------------------------------------------------ asking a server */

/* What is given of the options that a command of the server has under the same name; those that it lacks were refused
 * before. */
static void add_options(struct admin_request *r, struct arena *a, const struct options *o)
{
    const struct {
        const char *name, *value;
    } texts[] = { { "url", o->url },     { "operator", o->operator_name }, { "codes", o->codes },
                  { "downloads", o->downloads }, { "lifetime", o->lifetime }, { "state", o->state },
                  { "in", o->in },       { "after", o->after },            { "type", o->type },
                  { "iccid", o->iccid }, { "eid", o->eid },                { "matching-id", o->matching_id },
                  { "code", o->code },   { "smds", o->smds } };
    const struct {
        const char *name;
        bool given;
    } flags[] = { { "json", o->json },           { "by-names", o->by_names }, { "ppk", o->ppk },
                  { "bind-once", o->bind_once }, { "no-field-test", o->no_field_test }, { "never", o->never },
                  { "dead", o->dead },           { "release", o->release },   { "unavailable", o->unavailable },
                  { "reload", o->reload } };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        admin_add_option(r, a, texts[i].name, texts[i].value);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        admin_add_option(r, a, flags[i].name, flags[i].given ? "" : NULL);
}

static int ask(const struct options *o, struct arena *a, struct admin_request *r, struct err *e)
{
    const char *data = o->data ? o->data : getenv("RSP_SMDP_DATA");
    if (!data)
        return err_set(e, ERR_USAGE, NULL, "%s needs the server's data folder: --data DIR, or RSP_SMDP_DATA=DIR",
                       r->words[0]);
    return admin_call(a, host_socket(a, data), r, e);
}

static struct admin_request request(struct arena *a, const struct options *o, const char *command, const char *word)
{
    struct admin_request r = { 0 };
    admin_add_word(&r, command);
    if (word)
        admin_add_word(&r, word);
    add_options(&r, a, o);
    return r;
}

/* "1,3" -> 1 << 1 | 1 << 3 */
static const char *points_mask(struct arena *a, const char *list, struct err *e)
{
    unsigned mask = 0;
    for (const char *at = list; *at; at += at[1] == ',' ? 2 : 1) {
        if (*at < '1' || *at > '4' || (at[1] && at[1] != ','))
            return err_set(e, ERR_USAGE, "SGP.22 5.3.5", "--points takes numbers 1 to 4, with commas between them"),
                   NULL;
        mask |= 1u << (*at - '0');
    }
    return arena_printf(a, "%u", mask);
}

static int ask_operator(struct options *o, struct arena *a, const char *command, const char *name, struct err *e)
{
    struct admin_request r = request(a, o, command, name);
    const char *points = o->points ? points_mask(a, o->points, e) : NULL;
    r.data = BYTES_LIT("");
    if ((o->points && !points) ||
        (o->certificate && file_read(a, o->certificate, CERTIFICATE_MAX, &r.data, e) != 0))
        return -1;
    admin_add_option(&r, a, "points", points);
    return ask(o, a, &r, e);
}

static int add_operator(void *context, struct arena *a, char **words, struct err *e)
{
    struct options *o = context;
    if (!o->certificate)
        return err_set(e, ERR_USAGE, NULL, "add-operator needs the operator's --cert FILE");
    return ask_operator(o, a, "add-operator", words[0], e);
}

static int change_operator(void *context, struct arena *a, char **words, struct err *e)
{
    return ask_operator(context, a, "change-operator", words[0], e);
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

static void finding_tell(void *context, const struct saip_finding *f)
{
    const char *path = context;
    struct err e;
    char line[512];
    if (f->rule->verdict == SAIP_WARNS)
        return;
    saip_finding_err(f, &e);
    err_at(&e, "%s", path);
    fprintf(stderr, "rsp-smdp: %s\n  next: %s\n", err_text(&e, line, sizeof line), f->rule->next);
}

/* What is wrong with the package is told, and hinders nobody: cards differ in what they forgive. */
static int package_tell(struct arena *a, const char *path, struct bytes der, struct err *e)
{
    char *name = arena_text(a, bytes_text(path));
    struct saip_package p;
    struct saip_checked done;
    if (saip_decode(a, der, ASN1_STRICT, &p, NULL) != 0)
        return 0; /* the server refuses it */
    return saip_check(a, &p, (struct saip_sink){ finding_tell, name }, &done, e);
}

static int add_type(void *context, struct arena *a, char **words, struct err *e)
{
    const struct options *o = context;
    struct admin_request r = request(a, o, "add-type", words[0]);
    struct bytes metadata;
    if (!o->operator_name)
        return err_set(e, ERR_USAGE, NULL, "add-type needs the --operator NAME that the profiles belong to");
    if (read_package(a, words[1], &r.data, e) != 0 || package_tell(a, words[1], r.data, e) != 0 ||
        metadata_make(a, &o->metadata, &metadata, e) != 0)
        return -1;
    admin_add_option(&r, a, "metadata", hex_encode(a, metadata));
    return ask(o, a, &r, e);
}

static int import_file(const struct options *o, struct arena *a, const char *type, const char *file, struct err *e)
{
    struct admin_request r = { .file = file, .progress = !o->json };
    admin_add_word(&r, "import");
    admin_add_word(&r, type);
    admin_add_option(&r, a, "json", o->json ? "" : NULL);
    if (ask(o, a, &r, e) == 0)
        return 0;
    return strncmp(e->where, "line ", 5) == 0 ? err_within(e, "%s", file) : -1;
}

static int import(void *context, struct arena *a, char **words, struct err *e)
{
    return import_file(context, a, words[0], words[1], e);
}

static int generate(void *context, struct arena *a, char **words, struct err *e)
{
    const struct options *o = context;
    struct generate g = { .iccid = o->iccid, .imsi = o->imsi, .path = o->out };
    uint64_t there;
    if (!g.iccid || !g.imsi)
        return err_set(e, ERR_USAGE, NULL, "generate needs the first numbers: --iccid FIRST --imsi FIRST");
    if (decimal_decode(bytes_text(words[1]), GENERATE_MAX, &g.count, NULL) != 0)
        return err_set(e, ERR_USAGE, NULL, "\"%s\" is no count of profiles from 1 to %d", words[1], GENERATE_MAX);
    if (!g.path)
        g.path = arena_printf(a, "profiles-%s.csv", g.iccid);
    if (generate_list(&g, &there, e) != 0)
        return -1;
    if (!o->json)
        fprintf(stderr, "the keys are in %s%s: for the operator's HLR, and nobody else\n", g.path,
                there ? ", as it was begun before" : "");
    return import_file(o, a, words[0], g.path, e);
}

/* A command of a word or none, with the options that it has. */
#define SIMPLE(function, name, word)                                                  \
    static int function(void *context, struct arena *a, char **words, struct err *e) \
    {                                                                                 \
        struct admin_request r = request(a, context, name, word);                     \
        (void)words;                                                                  \
        return ask(context, a, &r, e);                                                \
    }
SIMPLE(operators, "operators", NULL)
SIMPLE(types, "types", NULL)
SIMPLE(show_one, "show", words[0])
SIMPLE(list, "list", NULL)
SIMPLE(statistics, "statistics", NULL)
SIMPLE(order, "order", NULL)
SIMPLE(release, "release", words[0])
SIMPLE(cancel, "cancel", words[0])
SIMPLE(expire, "expire", words[0])
SIMPLE(rearm, "rearm", words[0])
HOST_ASKING_FUNCTIONS

/* -------------------------------------------------------------------------------- serving */

static int serve(void *context, struct arena *a, char **words, struct err *e)
{
    (void)context;
    return host_main_serve(server_host(), a, words[0], e);
}

static int check_config(void *context, struct arena *a, char **words, struct err *e)
{
    (void)context;
    return host_main_check(server_host(), a, words[0], e);
}

static int sample_config(void *context, struct arena *a, char **words, struct err *e)
{
    (void)context, (void)words;
    return host_print_sample(a, &settings_table, e);
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

static int write_config(const struct options *o, struct arena *a, const char *path, struct err *e)
{
    struct buf out = buf_in(a);
    buf_printf(&out, "# Made by rsp-smdp init; rsp-smdp sample-config shows every key there is.\n"
                     "[server]\naddresses = %s\n\n", o->address);
    write_sets(&out, o);
    buf_printf(&out, "[listener main]\nlisten = %s\n\n[outgoing]\ncertificate = %s/dptls.pem\nkey = %s/dptls.key.pem\n",
               o->listen, o->certs[0], o->certs[0]);
    struct bytes text = buf_bytes(&out);
    return text.p ? file_write(path, text, 0600, e) : err_set(e, ERR_MEMORY, NULL, "no memory for a configuration");
}

static int init(void *context, struct arena *a, char **words, struct err *e)
{
    struct options *o = context;
    const char *path = arena_printf(a, "%s/smdp.conf", words[0]);
    struct host_first_folder f;
    if (o->n_certs == 0 || !o->address)
        return err_set(e, ERR_USAGE, NULL, "init needs --certs PKI (made by rsp-pki init) and --address NAME");
    if (host_certs_find(a, o->certs, o->n_certs, e) != 0 || host_folder_begin(&f, words[0], path, e) != 0)
        return -1;
    if (write_config(o, a, path, e) == 0 && host_main_check(server_host(), a, path, e) == 0) {
        printf("  next: rsp-smdp serve %s\n", path);
        return 0;
    }
    host_folder_undo(&f);
    return -1;
}

/* ---------------------------------------------------------------------------------- tables */

#define ASKED "data json"
#define LIMITS " codes downloads lifetime"
#define METADATA " spn profile-name icon class owner gid1 gid2 ppr notify"

static const struct cli_command commands[] = {
    { "init", "a folder", 1, 1, init, "certs address listen", INIT_HELP },
    { "serve", "a configuration file", 1, 1, serve, "", SERVE_HELP },
    { "check-config", "a configuration file", 1, 1, check_config, "", CHECK_HELP },
    { "sample-config", "", 0, 0, sample_config, "", NULL },
    { "order-graph", "", 0, 0, order_graph, "", NULL },
    { "add-operator", "a name", 1, 1, add_operator, ASKED " cert by-names url points" LIMITS, OPERATOR_HELP },
    { "change-operator", "a name", 1, 1, change_operator, ASKED " cert by-names url points" LIMITS, OPERATOR_HELP },
    { "operators", "", 0, 0, operators, ASKED, OPERATOR_HELP },
    { "add-type", "a name and a package", 2, 2, add_type,
      ASKED " operator ppk bind-once no-field-test" METADATA LIMITS, TYPE_HELP },
    { "types", "", 0, 0, types, ASKED, TYPE_HELP },
    { "import", "a profile type and a list in CSV", 2, 2, import, ASKED, IMPORT_HELP },
    { "generate", "a profile type and a count", 2, 2, generate, ASKED " iccid imsi out", GENERATE_HELP },
    { "show", "an ICCID", 1, 1, show_one, ASKED, LOOK_HELP },
    { "list", "", 0, 0, list, ASKED " state", LOOK_HELP },
    { "statistics", "", 0, 0, statistics, ASKED, LOOK_HELP },
    { "order", "no words: --type or --iccid say what", 0, 0, order,
      ASKED " type iccid eid matching-id code smds release", ORDER_HELP },
    { "release", "an ICCID", 1, 1, release, ASKED, ORDER_HELP },
    { "cancel", "an ICCID", 1, 1, cancel, ASKED " unavailable", ORDER_HELP },
    { "expire", "an ICCID", 1, 1, expire, ASKED " in never", EXPIRE_HELP },
    { "rearm", "an ICCID", 1, 1, rearm, ASKED, EXPIRE_HELP },
    HOST_ASKING_COMMANDS(ASKED),
    { .name = NULL },
};

int main(int argc, char **argv)
{
    struct options o = { .listen = "127.0.0.1:0" };
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
        { "type", .text = &o.type },
        { "iccid", .text = &o.iccid },
        { "imsi", .text = &o.imsi },
        { "out", 'o', .text = &o.out },
        { "eid", .text = &o.eid },
        { "matching-id", .text = &o.matching_id },
        { "code", .text = &o.code },
        { "smds", .text = &o.smds },
        { "release", .flag = &o.release },
        { "unavailable", .flag = &o.unavailable },
        { "state", .text = &o.state },
        { "in", .text = &o.in },
        { "never", .flag = &o.never },
        { "dead", .flag = &o.dead },
        { "reload", .flag = &o.reload },
        { "after", .text = &o.after },
        { "certs", .list = o.certs, .n = &o.n_certs, .most = SETS_MAX },
        { "address", .text = &o.address },
        { "listen", .text = &o.listen },
        { .name = NULL },
    };
    const struct cli_program program = { "rsp-smdp", HELP, options, commands, .memory = (size_t)512 << 20 };
    return cli_main(&program, &o, argc, argv);
}
