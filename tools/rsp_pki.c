/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cli.h"
#include "base/file.h"
#include "base/text.h"
#include "crypto/crl_make.h"
#include "crypto/pki.h"
#include "rsp/ids.h"
#include "schema/rsp.h"

static const char HELP[] =
    "usage: rsp-pki COMMAND ..\n"
    "\n"
    "  init DIR           make a laboratory PKI: ci, eum, euicc, dpauth, dppb, dptls, dsauth, dstls and\n"
    "                     operator, each as NAME.der, NAME.pem and NAME.key.pem\n"
    "    --curve CURVE    p256 (default) or brainpool\n"
    "    --eid EID        of the eUICC, 32 digits\n"
    "    --smdp NAME      host name of the SM-DP+ (default smdp.example.com)\n"
    "    --smds NAME      host name of the SM-DS (default smds.example.com); given again, further names\n"
    "    --faults         also DIR/faults/NAME.FAULT.der: every certificate with one named fault\n"
    "  show FILE          what a certificate says\n"
    "  verify FILE --role NAME --ca FILE   is it a good certificate for this role?\n"
    "  crl DIR -o FILE    the revocation list of the CI in DIR: in DER if FILE ends in .der, as a CI gives\n"
    "                     it out for cards (segments, in Base64) if in .b64, else in PEM\n"
    "    --revoke FILE    a certificate of the CI that it revokes; can be given again\n"
    "    --reason NAME    why, of RFC 5280 5.3.1 (default keyCompromise)\n"
    "    --number N       of the list (default 0); a server takes higher ones only\n"
    "    --days N         until the next list (default 30)\n"
    "\n"
    "Exit codes: 0 done, 1 refused, 2 wrong usage.  See rsp-pki(1).\n";

enum { REVOKE_MAX = 64, SMDS_NAMES_MAX = 7, DAY = 86400 };

struct options {
    const char *curve, *eid, *smdp, *role, *ca, *out, *reason;
    const char *smds[SMDS_NAMES_MAX + 1]; /* ended by NULL */
    size_t n_smds;
    bool faults;
    const char *revoke[REVOKE_MAX];
    size_t n_revoke;
    uint64_t number, days;
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
    if (o->n_smds)
        plan.smds_hosts = o->smds;
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

/* ----------------------------------------------------------------- revocation lists */

static int take_number(void *context, const char *text, struct err *e)
{
    struct options *o = context;
    if (decimal_decode(bytes_text(text), INT64_MAX, &o->number, NULL) == 0)
        return 0;
    return err_set(e, ERR_USAGE, NULL, "a number from 0 on, not \"%.40s\"", text);
}

static int take_days(void *context, const char *text, struct err *e)
{
    struct options *o = context;
    if (decimal_decode(bytes_text(text), 36500, &o->days, NULL) == 0 && o->days)
        return 0;
    return err_set(e, ERR_USAGE, NULL, "1 to 36500 days, not \"%.40s\"", text);
}

static int reason_find(const char *name, int64_t *reason, struct err *e)
{
    for (size_t i = 0; i < x509_CRLReason_type.n_names; i++)
        if (strcmp(x509_CRLReason_type.names[i].name, name) == 0 &&
            x509_CRLReason_type.names[i].value != x509_CRLReason_removeFromCRL) {
            *reason = x509_CRLReason_type.names[i].value;
            return 0;
        }
    return err_set(e, ERR_USAGE, "RFC 5280 5.3.1", "there is no reason \"%.40s\" (keyCompromise, superseded ..)", name);
}

/* An entry for each certificate, which must be the CI's own. */
static int revoke(struct arena *a, const struct options *o, const struct cert *ci, int64_t now,
                  struct crl_entry *entries, struct err *e)
{
    int64_t reason = x509_CRLReason_unspecified;
    if (reason_find(o->reason, &reason, e) != 0)
        return -1;
    for (size_t i = 0; i < o->n_revoke; i++) {
        struct cert c;
        if (load(a, o->revoke[i], &c, e) != 0)
            return -1;
        if (cert_verify(&c, ci, e) != 0)
            return err_within(e, "%s", o->revoke[i]);
        entries[i] = (struct crl_entry){ c.serial, now, c.not_after, true, reason };
    }
    return 0;
}

static int key_load(struct arena *a, const char *path, struct ec_key **key, struct err *e)
{
    struct bytes file;
    if (file_read(a, path, 1 << 20, &file, e) != 0)
        return -1;
    return ec_key_read(file, key, e) == 0 ? 0 : err_within(e, "%s", path);
}

static bool ends_in(const char *path, const char *ending)
{
    size_t n = strlen(path), m = strlen(ending);
    return n > m && strcmp(path + n - m, ending) == 0;
}

/* What goes into the file that `path` names. */
static int crl_write(struct arena *a, const char *path, const struct crl_plan *p, const struct cert *ci,
                     const struct ec_key *key, struct bytes *out, struct err *e)
{
    struct bytes der;
    struct rsp_SegmentedCrlList list = { 0 };
    if (!ends_in(path, ".b64")) {
        if (crl_make(a, p, ci, key, &der, e) != 0)
            return -1;
        *out = ends_in(path, ".der") ? der : crl_to_pem(a, der);
        return 0;
    }
    if (crl_make_segments(a, p, ci, key, &list.items, &list.n, e) != 0 ||
        asn1_encode(a, &rsp_SegmentedCrlList_type, &list, &der, e) != 0)
        return -1;
    *out = bytes_text(base64_encode(a, der));
    return 0;
}

static int crl(void *context, struct arena *a, char **words, struct err *e)
{
    const struct options *o = context;
    struct crl_entry entries[REVOKE_MAX];
    struct cert ci;
    struct ec_key *key = NULL;
    struct bytes content;
    int64_t now = (int64_t)time(NULL);
    if (!o->out)
        return err_set(e, ERR_USAGE, NULL, "-o FILE is needed");
    const char *path = arena_printf(a, "%s/ci.pem", words[0]);
    if (load(a, path, &ci, e) != 0 || revoke(a, o, &ci, now, entries, e) != 0)
        return -1;
    if (!ci.crl_uri.p) {
        err_set(e, ERR_VALUE, "SGP.22 4.5.2.1.3", "the certificate names no distribution point over HTTP");
        return err_at(e, "%s", path);
    }
    if (key_load(a, arena_printf(a, "%s/ci.key.pem", words[0]), &key, e) != 0)
        return -1;
    struct crl_plan plan = { .revoked = entries, .n = o->n_revoke, .number = o->number, .this_update = now,
                             .next_update = now + (int64_t)o->days * DAY,
                             .uri = arena_text(a, ci.crl_uri) };
    int failed = crl_write(a, o->out, &plan, &ci, key, &content, e) != 0 || file_write(o->out, content, 0644, e) != 0;
    ec_key_free(key);
    if (failed)
        return -1;
    printf("%s: revocation list %llu of \"%.*s\", %zu revoked, next one by %s\n", o->out,
           (unsigned long long)o->number, (int)ci.common_name.n, (const char *)ci.common_name.p, o->n_revoke,
           date(a, plan.next_update));
    return 0;
}

static const struct cli_command commands[] = {
    { "init", "a folder", 1, 1, init },
    { "show", "a file", 1, 1, show },
    { "verify", "a file", 1, 1, verify },
    { "crl", "the folder of a PKI", 1, 1, crl },
    { .name = NULL },
};

int main(int argc, char **argv)
{
    struct options o = { .curve = "p256", .reason = "keyCompromise", .days = 30 };
    const struct cli_option options[] = {
        { "curve", .text = &o.curve },
        { "eid", .text = &o.eid },
        { "smdp", .text = &o.smdp },
        { "smds", .list = o.smds, .n = &o.n_smds, .most = SMDS_NAMES_MAX },
        { "faults", .flag = &o.faults },
        { "role", .text = &o.role },
        { "ca", .text = &o.ca },
        { "out", 'o', .text = &o.out },
        { "revoke", .list = o.revoke, .n = &o.n_revoke, .most = REVOKE_MAX },
        { "reason", .text = &o.reason },
        { "number", .take = take_number },
        { "days", .take = take_days },
        { .name = NULL },
    };
    const struct cli_program program = { "rsp-pki", HELP, options, commands, .memory = 64 << 20 };
    return cli_main(&program, &o, argc, argv);
}
