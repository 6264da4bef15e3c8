/* SPDX-License-Identifier: Apache-2.0
 *
 * Every place where a card takes a certificate, with every certificate that does not belong there, on both curves: what
 * comes of it is tests/vectors/card-certificate-matrix.txt, and is printed as such a table.  The card knows three CIs.
 */
#include <stdlib.h>

#include "asn1/tlv.h"
#include "cardlab.h"
#include "crypto/crl_make.h"
#include "matrix.h"

#define VECTORS "tests/vectors/card-certificate-matrix.txt"

enum { DAY = 86400, SLOTS = 3, CURVES = MATRIX_CURVES };

static const enum cert_role owns[SLOTS] = { CERT_DPAUTH, CERT_DSAUTH, CERT_DPPB };
static const char *const slot_names[SLOTS] = { "DPauth", "DSauth", "DPpb" };

static struct matrix matrix;

/* ------------------------------------------------------------------------- certificates */

/* What is put into a slot. */
struct given {
    struct pki_entity entity; /* der absent: there is no such thing */
    bool own_key;             /* entity.key is to be freed */
};

static bool is(const char *row, const char *name)
{
    return strcmp(row, name) == 0;
}

static struct pki_entity parsed(struct pki_entity x)
{
    struct err e;
    cert_parse(test_arena(), x.der, &x.cert, &e);
    return x;
}

/* The same names from the same issuer, on a new key. */
static struct given reissued(const struct pki *pki, enum cert_role role)
{
    struct pki other = *pki;
    struct given g = { 0 };
    struct err e;
    g.own_key = CHECK_OK(ec_key_generate(pki->plan.curve, &other.of[role].key, &e), &e);
    CHECK_OK(pki_fault(test_arena(), &other, role, FAULT_NONE, &g.entity, &e), &e);
    return g;
}

/* The last octet of the curve's identifier becomes that of another curve of X9.62, or of RFC 5639. */
static struct pki_entity curve_unknown(const struct pki *pki, enum cert_role role)
{
    struct pki_entity x = pki->of[role];
    struct bytes oid = ec_curve_oid(pki->plan.curve);
    x.der = arena_copy(test_arena(), x.der);
    uint8_t *at = memmem(x.der.p, x.der.n, oid.p, oid.n);
    if (CHECK(at != NULL))
        at[oid.n - 1]--;
    return x;
}

static struct given faulty(const struct pki *pki, enum cert_role role, const char *row)
{
    struct given g = { 0 };
    for (int f = FAULT_NONE + 1; f < CERT_FAULTS; f++)
        if (is(row, cert_fault_name((enum cert_fault)f)) && cert_fault_applies((enum cert_fault)f, role)) {
            g.entity = lab_fault(pki, role, (enum cert_fault)f);
            g.own_key = f == FAULT_CURVE;
        }
    return g;
}

static const char *const about_lists[] = { "revoked", "other-revoked", "ci-revoked", "revoked-elsewhere", "late" };

static struct given given_for(const char *row, const struct pki *pki, const struct pki *foreign, enum cert_role own)
{
    struct given g = { 0 };
    for (int role = 0; role < CERT_ROLES; role++)
        if (is(row, pki_name((enum cert_role)role)))
            g.entity = pki->of[role];
    for (size_t i = 0; i < sizeof about_lists / sizeof *about_lists; i++)
        if (is(row, about_lists[i]))
            g.entity = pki->of[own];
    if (is(row, "foreign"))
        g.entity = foreign->of[own];
    if (is(row, "second-ci"))
        g.entity = lab_pki(LAB_SECOND)->of[own];
    if (is(row, "curve-unknown"))
        g.entity = curve_unknown(pki, own);
    if (is(row, "reissued"))
        g = reissued(pki, own);
    return g.entity.der.p ? g : faulty(pki, own, row);
}

/* ----------------------------------------------------------------------------- the lists */

static void list_load(struct lab *l, const struct pki *pki, const struct cert *revoked, int64_t now)
{
    struct crl_entry entry = { revoked->serial, now - DAY, now + 40000 * (int64_t)DAY, true,
                               x509_CRLReason_keyCompromise };
    struct crl_plan plan = { .revoked = &entry, .n = 1, .number = 1, .this_update = now, .next_update = now + 30 * DAY,
                             .uri = "http://ci.example.com/CRL-A.crl" };
    struct bytes der = BYTES_NONE, answer;
    struct buf q = buf_in(test_arena()), inner = buf_in(test_arena());
    struct tlv list = { 0 };
    struct err e;
    CHECK_OK(crl_make(test_arena(), &plan, &pki->of[CERT_CI].cert, pki->of[CERT_CI].key, &der, &e), &e);
    struct cursor c = cursor_over(der);
    CHECK(tlv_next(&c, ASN1_WIRE, &list, NULL) == 0);
    tlv_add(&inner, 0xA0, list.value);
    tlv_add(&q, 0xBF35, buf_bytes(&inner));
    CHECK_EQ(lab_es10(l, buf_bytes(&q), &answer), 0x9000);
    CHECK_HEX(answer, "BF3502A000");
}

static void lists(struct lab *l, const char *row, const struct pki *pki, enum cert_role own)
{
    const struct cert *c = &pki->of[own].cert;
    if (is(row, "revoked"))
        list_load(l, pki, c, lab_now());
    if (is(row, "other-revoked"))
        list_load(l, pki, &pki->of[CERT_EUM].cert, lab_now());
    if (is(row, "ci-revoked"))
        list_load(l, pki, &pki->of[CERT_CI].cert, lab_now());
    if (is(row, "revoked-elsewhere"))
        list_load(l, lab_pki(LAB_SECOND), c, lab_now());
    if (is(row, "late"))
        list_load(l, lab_pki(LAB_SECOND), &pki->of[CERT_EUM].cert, c->not_after + 1);
}

/* -------------------------------------------------------------------------- the matrix */

static const char *outcome(struct lab *l, const char *row, const struct pki *pki, const struct given *g, int slot)
{
    struct server s = server_of(pki);
    int64_t code;
    if (slot == 2) {
        s.pb = g->entity;
        CHECK_EQ(server_challenge(&s, l), 0);
        CHECK_EQ(server_authenticated(&s, l), 0);
        lists(l, row, pki, CERT_DPPB);
        code = server_prepared(&s, l);
    } else {
        s.auth = g->entity;
        lists(l, row, pki, owns[slot]);
        CHECK_EQ(server_challenge(&s, l), 0);
        code = server_authenticated(&s, l);
    }
    return arena_printf(test_arena(), "%d", (int)code);
}

static void cell_try(struct matrix_row *r, const struct pki *foreign, int curve, int slot)
{
    const struct pki *pki = lab_pki(curve);
    struct given g = given_for(r->name, pki, foreign, owns[slot]);
    struct lab l;
    r->got[curve][slot] = "-";
    test_row("%s in the place of %s, %s", r->name, slot_names[slot], ec_curve_name(pki->plan.curve));
    if (g.entity.der.p) {
        g.entity = parsed(g.entity);
        if (lab_open(&l, LAB_PKIS))
            r->got[curve][slot] = outcome(&l, r->name, pki, &g, slot);
        lab_close(&l);
    }
    CHECK_TEXT(r->got[curve][slot], r->cells[slot]);
    if (g.own_key)
        ec_key_free(g.entity.key);
}

static void matrix_print(void)
{
    for (int curve = 0; curve < CURVES; curve++) {
        printf("#\n# %-20s", ec_curve_name(lab_pki(curve)->plan.curve));
        for (int slot = 0; slot < SLOTS; slot++)
            printf(" %-7s", slot_names[slot]);
        for (size_t i = 1; i < matrix.n_rows; i++) {
            printf("\n# %-20s", matrix.rows[i].name);
            for (int slot = 0; slot < SLOTS; slot++)
                printf(" %-7s", matrix.rows[i].got[curve][slot]);
        }
        printf("\n");
    }
}

TEST(certificates)
{
    test_row("the matrix");
    if (!matrix_read(&matrix, VECTORS, SLOTS))
        return;
    for (int slot = 0; slot < SLOTS; slot++)
        CHECK_TEXT(matrix.rows[0].cells[slot], slot_names[slot]);
    for (int curve = 0; curve < CURVES; curve++) {
        struct pki foreign;
        struct err e;
        if (!CHECK_OK(pki_make(test_arena(), &lab_pki(curve)->plan, &foreign, &e), &e))
            return;
        for (size_t i = 1; i < matrix.n_rows; i++)
            for (int slot = 0; slot < SLOTS; slot++)
                cell_try(&matrix.rows[i], &foreign, curve, slot);
        pki_end(&foreign);
    }
    matrix_print();
}

TEST(rows_for_all)
{
    if (matrix_read(&matrix, VECTORS, SLOTS))
        matrix_check_names(&matrix);
}

/* The CIs that a card knows, in the order of its preference; each of its keys signs, whatever CI the server has. */
TEST(several_cis)
{
    struct lab l;
    if (!lab_open(&l, LAB_PKIS))
        return;
    for (int server = 0; server < LAB_PKIS; server++)
        for (int key = 0; key < LAB_PKIS; key++) {
            struct server s = server_of(lab_pki(server));
            struct bytes answer;
            test_row("the server's CI %d, the card's key under CI %d", server + 1, key + 1);
            s.ci = lab_pki(key)->of[CERT_CI].cert.ski;
            CHECK_EQ(server_challenge(&s, &l), 0);
            CHECK_EQ(lab_es10(&l, server_authenticate(&s), &answer), 0x9000);
            CHECK_EQ(server_hear_authenticate(&s, answer), 0);
            CHECK(memmem(answer.p, answer.n, lab_pki(key)->of[CERT_EUICC].der.p, lab_pki(key)->of[CERT_EUICC].der.n));
            CHECK_EQ(server_prepared(&s, &l), 0);
        }
    test_row("a key under a CI that the card doesn't know");
    struct server s = server_of(lab_pki(0));
    s.ci = lab_pki(0)->of[CERT_EUM].cert.ski;
    CHECK_EQ(server_challenge(&s, &l), 0);
    CHECK_EQ(server_authenticated(&s, &l), 7);
    lab_close(&l);
}
