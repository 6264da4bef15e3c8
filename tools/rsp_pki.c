/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cli.h"
#include "base/file.h"
#include "base/text.h"
#include "crypto/pki.h"
#include "rsp/ids.h"

static const char HELP[] =
    "usage: rsp-pki COMMAND ..\n"
    "\n"
    "  init DIR           make a laboratory PKI: ci, eum, euicc, dpauth, dppb, dptls, dsauth, dstls and\n"
    "                     operator, each as NAME.der, NAME.pem and NAME.key.pem\n"
    "    --curve CURVE    p256 (default) or brainpool\n"
    "    --eid EID        of the eUICC, 32 digits\n"
    "    --smdp NAME      host name of the SM-DP+ (default smdp.example.com)\n"
    "    --faults         also DIR/faults/NAME.FAULT.der: every certificate with one named fault\n"
    "  show FILE          what a certificate says\n"
    "  verify FILE --role NAME --ca FILE   is it a good certificate for this role?\n"
    "\n"
    "Exit codes: 0 done, 1 refused, 2 wrong usage.  See rsp-pki(1).\n";

struct options {
    const char *curve, *eid, *smdp, *role, *ca;
    bool faults;
};

static int put(struct arena *a, const char *dir, const char *name, struct bytes content, unsigned mode, struct err *e)
{
    return file_write(arena_printf(a, "%s/%s", dir, name), content, mode, e);
}

static int make_dir(const char *path, struct err *e)
{
    if (mkdir(path, 0755) == 0 || errno == EEXIST)
        return 0;
    err_set(e, ERR_IO, NULL, "the folder cannot be made: %s", strerror(errno));
    return err_at(e, "%s", path);
}

static int write_entity(struct arena *a, const char *dir, enum cert_role role, const struct pki_entity *x,
                        struct err *e)
{
    struct bytes key;
    if (ec_key_write(x->key, a, &key, e) != 0 ||
        put(a, dir, arena_printf(a, "%s.der", pki_name(role)), x->der, 0644, e) != 0 ||
        put(a, dir, arena_printf(a, "%s.pem", pki_name(role)), cert_to_pem(a, x->der), 0644, e) != 0)
        return -1;
    return put(a, dir, arena_printf(a, "%s.key.pem", pki_name(role)), key, 0600, e);
}

static int write_faults(struct arena *a, const char *dir, const struct pki *pki, struct err *e)
{
    const char *folder = arena_printf(a, "%s/faults", dir);
    if (make_dir(folder, e) != 0)
        return -1;
    for (int role = 0; role < CERT_ROLES; role++)
        for (int fault = 1; fault < CERT_FAULTS; fault++) {
            struct pki_entity bad;
            if (!cert_fault_applies((enum cert_fault)fault, (enum cert_role)role))
                continue;
            if (pki_fault(a, pki, (enum cert_role)role, (enum cert_fault)fault, &bad, e) != 0)
                return -1;
            const char *name = arena_printf(a, "%s.%s.der", pki_name((enum cert_role)role),
                                            cert_fault_name((enum cert_fault)fault));
            int failed = put(a, folder, name, bad.der, 0644, e);
            if (bad.key != pki->of[role].key)
                ec_key_free(bad.key);
            if (failed)
                return -1;
        }
    return 0;
}

static int check_eid(struct arena *a, const char *text, struct err *e)
{
    char right[EID_DIGITS + 1];
    struct bytes eid;
    if (eid_from_text(a, bytes_text(text), &eid, e) != 0) {
        e->code = ERR_USAGE;
        return -1;
    }
    eid_complete(text, right);
    if (eid_valid(eid))
        return 0;
    return err_set(e, ERR_USAGE, "SGP.22 4.3", "the check digits of EID %s are wrong: with them it is %s", text, right);
}

static int init(void *context, struct arena *a, char **words, struct err *e)
{
    const struct options *o = context;
    const char *dir = words[0];
    struct pki_plan plan;
    struct pki pki;
    const char *const hosts[] = { o->smdp, NULL };
    pki_plan_init(&plan, (int64_t)time(NULL));
    plan.curve = ec_curve_of_name(o->curve);
    if (plan.curve == EC_NONE)
        return err_set(e, ERR_USAGE, NULL, "there is no curve \"%s\" (p256, brainpool)", o->curve);
    if (o->eid && check_eid(a, o->eid, e) != 0)
        return -1;
    if (o->eid)
        plan.eid = o->eid;
    if (o->smdp)
        plan.smdp_hosts = hosts;
    if (make_dir(dir, e) != 0 || pki_make(a, &plan, &pki, e) != 0)
        return -1;
    int failed = 0;
    for (int role = 0; !failed && role < CERT_ROLES; role++)
        failed = write_entity(a, dir, (enum cert_role)role, &pki.of[role], e);
    if (!failed && o->faults)
        failed = write_faults(a, dir, &pki, e);
    pki_end(&pki);
    if (!failed)
        printf("%d certificates with their keys on %s in %s\nEID %s\n", CERT_ROLES, ec_curve_name(plan.curve), dir,
               plan.eid);
    return failed;
}

static int load(struct arena *a, const char *path, struct cert *out, struct err *e)
{
    struct bytes file, der;
    if (file_read(a, path, 1 << 20, &file, e) != 0)
        return -1;
    if (cert_from_file(a, file, &der, e) != 0 || cert_parse(a, der, out, e) != 0)
        return err_within(e, "%s", path);
    return 0;
}

static const char *date(struct arena *a, int64_t seconds)
{
    time_t t = (time_t)seconds;
    struct tm tm;
    gmtime_r(&t, &tm);
    return arena_printf(a, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

static int show(void *context, struct arena *a, char **words, struct err *e)
{
    struct cert c;
    (void)context;
    if (load(a, words[0], &c, e) != 0)
        return -1;
    const char *role = "none of SGP.22";
    for (int i = 0; i < CERT_ROLES; i++)
        if (cert_check_role(&c, (enum cert_role)i, e) == 0)
            role = cert_role_name((enum cert_role)i);
    printf("role      %s\nsubject   %s, %s\n", role, text_plain(a, c.organization), text_plain(a, c.common_name));
    if (c.serial_number.p)
        printf("serial    %s (EID of an eUICC)\n", text_plain(a, c.serial_number));
    printf("curve     %s\nvalid     %s to %s\n", ec_curve_name(c.curve), date(a, c.not_before), date(a, c.not_after));
    if (c.rid.p)
        printf("OID       %s\n", asn1_oid_text(a, c.rid));
    for (size_t i = 0; i < c.n_dns; i++)
        printf("host      %s\n", text_plain(a, c.dns[i]));
    printf("key id    %s\nissued by %s\n", c.ski.p ? hex_encode(a, c.ski) : "-",
           c.aki.p ? hex_encode(a, c.aki) : "itself");
    return 0;
}

static int verify(void *context, struct arena *a, char **words, struct err *e)
{
    const struct options *o = context;
    const char *path = words[0];
    struct cert c, ca;
    int role = 0;
    while (role < CERT_ROLES && (!o->role || strcmp(pki_name((enum cert_role)role), o->role) != 0))
        role++;
    if (role == CERT_ROLES || !o->ca)
        return err_set(e, ERR_USAGE, NULL, "--role NAME (ci, eum, euicc, dpauth ..) and --ca FILE are needed");
    if (load(a, path, &c, e) != 0 || load(a, o->ca, &ca, e) != 0)
        return -1;
    if (cert_check_role(&c, (enum cert_role)role, e) != 0 || cert_verify(&c, &ca, e) != 0 ||
        (role == CERT_EUICC && cert_check_constraints(&c, &ca, e) != 0) ||
        cert_check_dates(&c, (int64_t)time(NULL), e) != 0)
        return err_within(e, "%s", path);
    printf("%s: good as %s\n", path, cert_role_name((enum cert_role)role));
    return 0;
}

static const struct cli_command commands[] = {
    { "init", "a folder", 1, 1, init },
    { "show", "a file", 1, 1, show },
    { "verify", "a file", 1, 1, verify },
    { .name = NULL },
};

int main(int argc, char **argv)
{
    struct options o = { .curve = "p256" };
    const struct cli_option options[] = {
        { "curve", .text = &o.curve },
        { "eid", .text = &o.eid },
        { "smdp", .text = &o.smdp },
        { "faults", .flag = &o.faults },
        { "role", .text = &o.role },
        { "ca", .text = &o.ca },
        { .name = NULL },
    };
    const struct cli_program program = { "rsp-pki", HELP, options, commands, .memory = 64 << 20 };
    return cli_main(&program, &o, argc, argv);
}
