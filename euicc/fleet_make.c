/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "crypto/pki.h"
#include "euicc/card.h"
#include "euicc/fleet.h"
#include "rsp/ids.h"

enum { ISSUERS_MAX = 4, SERIAL_DIGITS = 30, IIN_DIGITS = 8 };

/* Who certifies the cards, on one curve. */
struct issuer {
    struct bytes ci, eum;
    struct cert eum_cert;
    struct ec_key *key;
};

static int read_der(struct arena *a, const char *dir, const char *name, struct bytes *der, struct err *e)
{
    struct bytes file;
    if (file_read(a, arena_printf(a, "%s/%s", dir, name), 1 << 20, &file, e) != 0)
        return -1;
    return cert_from_file(a, file, der, e) == 0 ? 0 : err_within(e, "%s/%s", dir, name);
}

static int issuer_read(struct arena *a, const char *dir, struct issuer *x, struct err *e)
{
    struct bytes pem;
    if (read_der(a, dir, "ci.pem", &x->ci, e) != 0 || read_der(a, dir, "eum.pem", &x->eum, e) != 0 ||
        cert_parse(a, x->eum, &x->eum_cert, e) != 0 ||
        file_read(a, arena_printf(a, "%s/eum.key.pem", dir), 1 << 16, &pem, e) != 0)
        return -1;
    return ec_key_read(pem, &x->key, e) == 0 ? 0 : err_within(e, "%s/eum.key.pem", dir);
}

/* The digits before the check digits, as given or the EUM's first number. */
static int first_serial(const struct fleet_plan *p, const struct cert *eum, char out[SERIAL_DIGITS + 1], struct err *e)
{
    struct bytes iin = eum->n_constraints ? eum->constraints[0].iin : BYTES_NONE;
    size_t n = p->first_eid ? strlen(p->first_eid) : 0;
    char whole[33];
    if (!p->first_eid && iin.n >= IIN_DIGITS && iin.n < SERIAL_DIGITS) {
        memset(out, '0', SERIAL_DIGITS);
        memcpy(out, iin.p, iin.n);
        out[SERIAL_DIGITS - 1] = '1';
        out[SERIAL_DIGITS] = '\0';
        return 0;
    }
    if ((n != SERIAL_DIGITS && n != EID_DIGITS) || strspn(p->first_eid, "0123456789") != n)
        return err_set(e, ERR_USAGE, "SGP.22 4.3", "--eid is 30 digits, or 32 with the check digits");
    memcpy(out, p->first_eid, SERIAL_DIGITS);
    out[SERIAL_DIGITS] = '\0';
    eid_complete(out, whole);
    if (n == EID_DIGITS && strcmp(whole, p->first_eid) != 0)
        return err_set(e, ERR_USAGE, "SGP.22 4.3", "the check digits of %s are wrong; next: write %s", p->first_eid,
                       whole);
    return 0;
}

/* The next number; false after 999..9. */
static bool next_serial(char digits[SERIAL_DIGITS])
{
    for (int i = SERIAL_DIGITS - 1; i >= 0; i--) {
        if (digits[i] != '9') {
            digits[i]++;
            return true;
        }
        digits[i] = '0';
    }
    return false;
}

static int identity(struct arena *a, const struct fleet_plan *p, const struct issuer *issuers, const char *eid,
                    struct euicc_identity *id, struct err *e)
{
    *id = (struct euicc_identity){ .root_ds = bytes_text(p->root_ds), .default_dp = bytes_text(p->default_dp) };
    if (eid_from_text(a, bytes_text(eid), &id->eid, e) != 0)
        return -1;
    for (size_t i = 0; i < p->n_certs; i++) {
        struct pki_entity own;
        uint8_t *scalar = arena_alloc(a, EC_SCALAR_OCTETS);
        if (!scalar)
            return err_set(e, ERR_MEMORY, NULL, "no memory for a card");
        if (pki_issue_euicc(a, &issuers[i].eum_cert, issuers[i].key, eid, (int64_t)time(NULL), &own, e) != 0)
            return -1;
        int bad = ec_key_scalar(own.key, scalar, e);
        ec_key_free(own.key);
        if (bad)
            return -1;
        id->keys[i].euicc = own.der;
        id->keys[i].eum = issuers[i].eum;
        id->keys[i].scalar = bytes_make(scalar, EC_SCALAR_OCTETS);
        id->cis[i] = issuers[i].ci;
    }
    id->n_keys = id->n_cis = p->n_certs;
    return 0;
}

static int make_one(const struct fleet_plan *p, const struct issuer *issuers, const char *eid, struct err *e)
{
    struct arena *a = arena_new(4 << 20);
    struct euicc_identity id;
    struct nvm_file file;
    if (!a)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a card");
    const char *path = arena_printf(a, "%s/%s.card", p->folder, eid);
    int failed = identity(a, p, issuers, eid, &id, e) != 0 || nvm_file_open(&file, NULL, path, true, e) != 0;
    if (!failed) {
        struct nvm nvm = nvm_in_file(&file);
        failed = euicc_make(&nvm, &id, e) != 0;
        nvm_file_close(&file);
        if (failed)
            unlink(path);
    }
    arena_free(a);
    return failed ? -1 : 0;
}

static int make_all(struct arena *a, const struct fleet_plan *p, const struct issuer *issuers, const char **first,
                    const char **last, struct err *e)
{
    char serial[SERIAL_DIGITS + 1], eid[EID_DIGITS + 1] = "";
    if (first_serial(p, &issuers[0].eum_cert, serial, e) != 0)
        return -1;
    for (uint64_t i = 0; i < p->count; i++) {
        if (i && !next_serial(serial))
            return err_set(e, ERR_LIMIT, "SGP.22 4.3", "there is no EID behind %s", eid);
        eid_complete(serial, eid);
        if (i == 0)
            *first = arena_printf(a, "%s", eid);
        if (make_one(p, issuers, eid, e) != 0)
            return err_within(e, "card %llu of %llu", (unsigned long long)(i + 1), (unsigned long long)p->count);
    }
    *last = arena_printf(a, "%s", eid);
    return 0;
}

int fleet_make(struct arena *a, const struct fleet_plan *p, const char **first, const char **last, struct err *e)
{
    struct issuer issuers[ISSUERS_MAX] = { { .key = NULL } };
    int failed = 0;
    if (p->n_certs == 0 || p->n_certs > ISSUERS_MAX || p->count == 0)
        return err_set(e, ERR_USAGE, NULL, "--certs DIR and --count N are needed");
    if (mkdir(p->folder, 0700) != 0 && errno != EEXIST) {
        err_set(e, ERR_IO, NULL, "the folder cannot be made: %s", strerror(errno));
        return err_at(e, "%s", p->folder);
    }
    for (size_t i = 0; !failed && i < p->n_certs; i++)
        failed = issuer_read(a, p->certs[i], &issuers[i], e);
    if (!failed)
        failed = make_all(a, p, issuers, first, last, e);
    for (size_t i = 0; i < p->n_certs; i++)
        ec_key_free(issuers[i].key);
    return failed;
}
