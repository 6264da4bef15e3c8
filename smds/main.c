/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/cli.h"
#include "base/file.h"
#include "server/admin.h"
#include "server/host_program.h"
#include "smds/help.h"
#include "smds/server.h"

struct options {
    const char *data, *after;
    bool json, dead, reload;
    const char *certs[SETS_MAX], *address, *listen, *root;
    size_t n_certs;
};

/* ------------------------------------------------------------------------ asking a server */

static int ask(const struct options *o, struct arena *a, const char *command, const char *word, struct err *e)
{
    const char *data = o->data ? o->data : getenv("RSP_SMDS_DATA");
    struct admin_request r = { 0 };
    if (!data)
        return err_set(e, ERR_USAGE, NULL, "%s needs the server's data folder: --data DIR, or RSP_SMDS_DATA=DIR",
                       command);
    admin_add_word(&r, command);
    if (word)
        admin_add_word(&r, word);
    admin_add_option(&r, a, "json", o->json ? "" : NULL);
    admin_add_option(&r, a, "dead", o->dead ? "" : NULL);
    admin_add_option(&r, a, "reload", o->reload ? "" : NULL);
    admin_add_option(&r, a, "after", o->after);
    return admin_call(a, host_socket(a, data), &r, e);
}

#define SIMPLE(function, name, word)                                                  \
    static int function(void *context, struct arena *a, char **words, struct err *e) \
    {                                                                                 \
        (void)words;                                                                  \
        return ask(context, a, name, word, e);                                        \
    }
SIMPLE(events, "events", words[0])
SIMPLE(statistics, "statistics", NULL)
HOST_ASKING_FUNCTIONS

/* -------------------------------------------------------------------------------- serving */

static int serve(void *context, struct arena *a, char **words, struct err *e)
{
    (void)context;
    return host_main_serve(server_host(), a, words[0], e);
}

static int sample_config(void *context, struct arena *a, char **words, struct err *e)
{
    (void)context, (void)words;
    return host_print_sample(a, &settings_table, e);
}

static int check_config(void *context, struct arena *a, char **words, struct err *e)
{
    (void)context;
    return host_main_check(server_host(), a, words[0], e);
}

/* ------------------------------------------------------------------------ a first folder */

static int write_config(const struct options *o, struct arena *a, const char *path, struct err *e)
{
    struct buf out = buf_in(a);
    buf_printf(&out, "# Made by rsp-smds init; rsp-smds sample-config shows every key there is.\n"
                     "[server]\naddresses = %s\n\n", o->address);
    if (o->root)
        buf_printf(&out, "[role]\nroot = %s\n\n", o->root);
    for (size_t i = 0; i < o->n_certs; i++) {
        const char *c = o->certs[i];
        buf_printf(&out, "[certificates set%zu]\nci = %s/ci.pem\ndsauth = %s/dsauth.pem\n", i + 1, c, c);
        buf_printf(&out, "dsauth-key = %s/dsauth.key.pem\n\n", c);
        buf_printf(&out, "[tls set%zu]\ncertificate = %s/dstls.pem\nkey = %s/dstls.key.pem\n\n", i + 1, c, c);
    }
    buf_printf(&out, "[listener main]\nlisten = %s\n\n[outgoing]\ncertificate = %s/dstls.pem\nkey = %s/dstls.key.pem\n",
               o->listen, o->certs[0], o->certs[0]);
    struct bytes text = buf_bytes(&out);
    return text.p ? file_write(path, text, 0600, e) : err_set(e, ERR_MEMORY, NULL, "no memory for a configuration");
}

static int init(void *context, struct arena *a, char **words, struct err *e)
{
    struct options *o = context;
    const char *path = arena_printf(a, "%s/smds.conf", words[0]);
    if (o->n_certs == 0 || !o->address)
        return err_set(e, ERR_USAGE, NULL, "init needs --certs PKI (made by rsp-pki init) and --address NAME");
    struct host_first_folder f;
    if (host_certs_find(a, o->certs, o->n_certs, e) != 0 || host_folder_begin(&f, words[0], path, e) != 0)
        return -1;
    if (write_config(o, a, path, e) == 0 && host_main_check(server_host(), a, path, e) == 0) {
        printf("  next: rsp-smds serve %s\n", path);
        return 0;
    }
    host_folder_undo(&f);
    return -1;
}

/* ---------------------------------------------------------------------------------- tables */

#define ASKED "data json"

static const struct cli_command commands[] = {
    { "init", "a folder", 1, 1, init, "certs address listen root", INIT_HELP },
    { "serve", "a configuration file", 1, 1, serve, "", SERVE_HELP },
    { "check-config", "a configuration file", 1, 1, check_config, "", CHECK_HELP },
    { "sample-config", "", 0, 0, sample_config, "", NULL },
    { "events", "an EID", 1, 1, events, ASKED, EVENTS_HELP },
    { "statistics", "", 0, 0, statistics, ASKED, EVENTS_HELP },
    HOST_ASKING_COMMANDS(ASKED),
    { .name = NULL },
};

int main(int argc, char **argv)
{
    struct options o = { .listen = "127.0.0.1:0" };
    const struct cli_option options[] = {
        { "data", .text = &o.data },
        { "after", .text = &o.after },
        { "json", .flag = &o.json },
        { "dead", .flag = &o.dead },
        { "reload", .flag = &o.reload },
        { "certs", .list = o.certs, .n = &o.n_certs, .most = SETS_MAX },
        { "address", .text = &o.address },
        { "listen", .text = &o.listen },
        { "root", .text = &o.root },
        { .name = NULL },
    };
    const struct cli_program program = { "rsp-smds", HELP, options, commands, .memory = (size_t)64 << 20 };
    return cli_main(&program, &o, argc, argv);
}
