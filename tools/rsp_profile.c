/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cli.h"
#include "base/file.h"
#include "saip/limits.h"
#include "saip/package.h"

static const char PROGRAM[] = "rsp-profile";

static const char HELP[] =
    "usage: rsp-profile COMMAND FILE [-o OUT]\n"
    "\n"
    "  decode FILE     DER -> ASN.1 value notation\n"
    "  encode FILE     ASN.1 value notation -> DER\n"
    "\n"
    "  -o OUT          write there instead of standard output\n"
    "  --anyway        decode also what would not encode to the same octets again\n"
    "  --hide-secrets  leave keys, PINs and PUKs out of the text\n"
    "  --help          this text\n"
    "\n"
    "FILE may be \"-\" for standard input.  Exit codes: 0 done, 1 the input is refused,\n"
    "2 wrong usage.  See rsp-profile(1).\n";

struct options {
    const char *out;
    bool anyway, hide_secrets;
};

enum { MEMORY_LIMIT = 1 << 30 };

static int decode(struct arena *a, const char *path, const struct options *o)
{
    struct bytes der, again;
    struct saip_package p;
    struct err e = { 0 };
    if (file_read(a, path, SAIP_PACKAGE_MAX, &der, &e) != 0)
        return cli_failed(PROGRAM, &e, NULL);
    bool strict = saip_decode(a, der, ASN1_STRICT, &p, &e) == 0 && saip_encode(a, &p, &again, &e) == 0;
    if (strict && !bytes_equal(again, der))
        err_set(&e, ERR_INTERNAL, NULL, "the package encodes to other octets");
    strict = strict && bytes_equal(again, der);
    if (!strict) {
        err_within(&e, "%s", path);
        int code = cli_failed(PROGRAM, &e, o->anyway ? NULL : "--anyway shows what can be read all the same");
        if (!o->anyway)
            return code;
        if (saip_decode(a, der, ASN1_WIRE, &p, &e) != 0)
            fprintf(stderr, "%s: only the %zu elements before that place are shown\n", PROGRAM, p.n);
    }
    struct buf text = buf_in(a);
    saip_print(&text, &p, o->hide_secrets);
    struct bytes out = buf_bytes(&text);
    if (!out.p)
        err_set(&e, ERR_MEMORY, NULL, "no memory for the text");
    if (!out.p || file_write(o->out, out, 0644, &e) != 0)
        return cli_failed(PROGRAM, &e, NULL);
    return EXIT_DONE;
}

static int encode(struct arena *a, const char *path, const struct options *o)
{
    struct bytes text, der;
    struct saip_package p;
    struct err e = { 0 };
    if (file_read(a, path, SAIP_TEXT_MAX, &text, &e) != 0)
        return cli_failed(PROGRAM, &e, NULL);
    if (saip_parse(a, text, &p, &e) != 0 || saip_encode(a, &p, &der, &e) != 0) {
        err_within(&e, "%s", path);
        return cli_failed(PROGRAM, &e, "correct the text at that place");
    }
    return file_write(o->out, der, 0644, &e) == 0 ? EXIT_DONE : cli_failed(PROGRAM, &e, NULL);
}

static const struct {
    const char *name;
    int (*run)(struct arena *, const char *path, const struct options *);
} commands[] = {
    { "decode", decode },
    { "encode", encode },
};

static int run(const char *command, const char *path, const struct options *o)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].name, command) != 0)
            continue;
        struct arena *a = arena_new(MEMORY_LIMIT);
        int code = a ? commands[i].run(a, path, o) : EXIT_REFUSED;
        arena_free(a);
        return code;
    }
    return cli_usage(PROGRAM, "there is no command \"%s\"", command);
}

int main(int argc, char **argv)
{
    static const struct option names[] = { { "help", no_argument, NULL, 'h' },
                                           { "output", required_argument, NULL, 'o' },
                                           { "anyway", no_argument, NULL, 'a' },
                                           { "hide-secrets", no_argument, NULL, 's' },
                                           { NULL, 0, NULL, 0 } };
    struct options o = { .out = "-" };
    for (int c; (c = getopt_long(argc, argv, "ho:", names, NULL)) != -1;) {
        if (c == 'h')
            return fputs(HELP, stdout) < 0;
        if (c == 'o')
            o.out = optarg;
        else if (c == 'a')
            o.anyway = true;
        else if (c == 's')
            o.hide_secrets = true;
        else
            return cli_usage(PROGRAM, "that option is not known");
    }
    if (argc - optind != 2)
        return cli_usage(PROGRAM, "a command and a file are expected");
    return run(argv[optind], argv[optind + 1], &o);
}
