/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/cli.h"
#include "base/file.h"
#include "saip/limits.h"
#include "saip/package.h"
#include "saip/personal.h"
#include "tools/profile.h"
#include "tools/profile_check.h"

const char PROFILE_PROGRAM[] = "rsp-profile";

static const char HELP[] =
    "usage: rsp-profile COMMAND FILE [-o OUT]\n"
    "\n"
    "  decode FILE     DER -> ASN.1 value notation\n"
    "  encode FILE     ASN.1 value notation -> DER\n"
    "  show FILE [PATH]   the profile for people: files, access rules, contents, codes (show --help)\n"
    "  diff A B        what differs between two packages (diff --help)\n"
    "  check FILE      what is wrong with it, by clauses of the standards (DER or value notation)\n"
    "  check FILE --card INFO2   does it suit the card that says this (EUICCInfo2 in DER, BF22..)?\n"
    "  personalise FILE --set NAME=VALUE ..   a subscriber's values put in: iccid, imsi, k, opc,\n"
    "                  pin1, puk1, pin2, puk2, adm1 (DER or value notation -> DER)\n"
    "\n"
    "  -o OUT          write there instead of standard output\n"
    "  --anyway        decode also what would not encode to the same octets again\n"
    "  --hide-secrets  leave keys, PINs and PUKs out of the text\n"
    "  --json, --rules check's findings as JSON; the rules that it has\n"
    "  --help          this text\n"
    "\n"
    "FILE may be \"-\" for standard input.  Exit codes: 0 done, 1 the input is refused,\n"
    "2 wrong usage.  See rsp-profile(1).\n";

enum { INFO2_MAX = 1 << 16, MEMORY_LIMIT = 1 << 30 };

static int decode(void *context, struct arena *a, char **words, struct err *e)
{
    const struct profile_options *o = context;
    const char *path = words[0];
    struct bytes der, again;
    struct saip_package p;
    if (file_read(a, path, SAIP_PACKAGE_MAX, &der, e) != 0)
        return -1;
    bool strict = saip_decode(a, der, ASN1_STRICT, &p, e) == 0 && saip_encode(a, &p, &again, e) == 0;
    if (strict && !bytes_equal(again, der))
        err_set(e, ERR_INTERNAL, NULL, "the package encodes to other octets");
    strict = strict && bytes_equal(again, der);
    if (!strict) {
        err_within(e, "%s", path);
        int code = cli_failed(PROFILE_PROGRAM, e, o->anyway ? NULL : "--anyway shows what can be read all the same");
        if (!o->anyway)
            return code;
        if (saip_decode(a, der, ASN1_WIRE, &p, e) != 0)
            fprintf(stderr, "%s: only the %zu elements before that place are shown\n", PROFILE_PROGRAM, p.n);
    }
    struct buf text = buf_in(a);
    saip_print(&text, &p, o->hide_secrets);
    struct bytes out = buf_bytes(&text);
    if (!out.p)
        err_set(e, ERR_MEMORY, NULL, "no memory for the text");
    if (!out.p || file_write(o->out, out, 0644, e) != 0)
        return -1;
    return 0;
}

static int encode(void *context, struct arena *a, char **words, struct err *e)
{
    const struct profile_options *o = context;
    const char *path = words[0];
    struct bytes text, der;
    struct saip_package p;
    if (file_read(a, path, SAIP_TEXT_MAX, &text, e) != 0)
        return -1;
    if (saip_parse(a, text, &p, e) != 0 || saip_encode(a, &p, &der, e) != 0) {
        err_within(e, "%s", path);
        return cli_failed(PROFILE_PROGRAM, e, "correct the text at that place");
    }
    return file_write(o->out, der, 0644, e);
}

int profile_read(struct arena *a, const char *path, struct bytes *der, struct saip_package *p, struct err *e)
{
    struct bytes file;
    if (file_read(a, path, SAIP_TEXT_MAX, &file, e) != 0)
        return -1;
    *der = file;
    if (file.n && file.p[0] != 0xA0 && (saip_parse(a, file, p, e) != 0 || saip_encode(a, p, der, e) != 0))
        return err_within(e, "%s", path);
    return saip_decode(a, *der, ASN1_STRICT, p, e) == 0 ? 0 : err_within(e, "%s", path);
}

static int card_read(struct arena *a, const char *path, struct saip_card *card, struct err *e)
{
    struct bytes der;
    struct rsp_EUICCInfo2 info;
    if (file_read(a, path, INFO2_MAX, &der, e) != 0)
        return -1;
    if (asn1_decode(a, &rsp_EUICCInfo2_type, der, ASN1_WIRE, &info, e) != 0)
        return err_within(e, "%s", path);
    saip_card_of(&info, card);
    return 0;
}

static int check(void *context, struct arena *a, char **words, struct err *e)
{
    const struct profile_options *o = context;
    const struct profile_check c = { .path = words[0], .json = o->json };
    struct bytes der;
    struct saip_package p;
    struct saip_card card;
    if (o->rules)
        return profile_rules(a, o->json, e);
    if (!words[0])
        return err_set(e, ERR_USAGE, NULL, "check needs a file, or --rules");
    if (profile_read(a, words[0], &der, &p, e) != 0 || (o->card && card_read(a, o->card, &card, e) != 0))
        return -1;
    return o->card ? profile_check_card(a, &c, &p, &card, e) : profile_check(a, &c, &p, e);
}

static int personalise(void *context, struct arena *a, char **words, struct err *e)
{
    const struct profile_options *o = context;
    const char *path = words[0];
    struct bytes der, out;
    struct saip_package p;
    struct saip_holes holes;
    struct saip_subscriber s = { 0 };
    if (profile_read(a, path, &der, &p, e) != 0 || saip_holes_find(&p, der, &holes, e) != 0)
        return -1;
    for (size_t i = 0; i < o->n_settings; i++) {
        const char *equals = strchr(o->settings[i], '=');
        if (!equals)
            return err_set(e, ERR_USAGE, NULL, "--set takes NAME=VALUE");
        char *name = arena_text(a, bytes_make(o->settings[i], (size_t)(equals - o->settings[i])));
        if (saip_subscriber_set(a, &s, name, bytes_text(equals + 1), e) != 0)
            return -1;
    }
    if (saip_personalise(a, der, &holes, &s, &out, e) != 0 || file_write(o->out, out, 0600, e) != 0)
        return -1;
    return 0;
}

static const struct cli_command commands[] = {
    { "decode", "a file", 1, 1, decode, "output anyway hide-secrets", NULL },
    { "encode", "a file", 1, 1, encode, "output", NULL },
    { "show", "a file, and the path of one inside", 1, 2, profile_show, "output json full secrets", PROFILE_SHOW_HELP },
    { "diff", "two files", 2, 2, profile_diff, "output json secrets ignore-subscriber", PROFILE_DIFF_HELP },
    { "check", "a file", 0, 1, check, "card json rules", NULL },
    { "personalise", "a file", 1, 1, personalise, "output set", NULL },
    { .name = NULL },
};

int main(int argc, char **argv)
{
    struct profile_options o = { .out = "-" };
    const struct cli_option options[] = {
        { "output", 'o', .text = &o.out },
        { "anyway", .flag = &o.anyway },
        { "card", .text = &o.card },
        { "set", .list = o.settings, .n = &o.n_settings, .most = PROFILE_SETTINGS_MAX },
        { "rules", .flag = &o.rules },
        { "hide-secrets", .flag = &o.hide_secrets },
        { "json", .flag = &o.json },
        { "full", .flag = &o.full },
        { "secrets", .flag = &o.secrets },
        { "ignore-subscriber", .flag = &o.ignore_subscriber },
        { .name = NULL },
    };
    const struct cli_program program = { PROFILE_PROGRAM, HELP, options, commands, .memory = MEMORY_LIMIT };
    return cli_main(&program, &o, argc, argv);
}
