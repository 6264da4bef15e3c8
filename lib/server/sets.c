/* SPDX-License-Identifier: Apache-2.0 */
#include "server/sets.h"

#include "rsp/signed.h"

/* The CI keys of GSMA SGP.26, whose private halves everybody has. */
static const char *const public_test_cis[] = {
    "F54172BDF98A95D65CBEB88A38A1C11D800A85C3", /* P-256 */
    "C0BC70BA36929D43B467FF57570530E57AB8FCD8", /* brainpoolP256r1 */
    "34EECF13156518D48D30BDF06853404D115F955D", /* SGP.26 v3, P-256 */
    "2209F61CD9EC5C9C854E787341FF83ECF9776A5B", /* SGP.26 v3, brainpoolP256r1 */
};

static int no_test_ci(struct arena *a, const struct cert *ci, struct err *e)
{
    const char *ski = hex_encode(a, ci->ski);
    for (size_t i = 0; ski && i < sizeof public_test_cis / sizeof *public_test_cis; i++)
        if (strcmp(ski, public_test_cis[i]) == 0)
            return err_set(e, ERR_VALUE, "GSMA SGP.26",
                           "this is the public test CI, whose key everybody has; next: use your own CI, or set "
                           "test-mode = yes where no real profiles are");
    return 0;
}

static int own_certificate(struct arena *a, struct bytes file, enum cert_role role, const struct cert *issuer,
                           int64_t now, struct cert *out, struct err *e)
{
    struct bytes der, kept;
    if (cert_from_file(a, file, &der, e) != 0)
        return err_within(e, "%s", cert_role_name(role));
    kept = arena_copy(a, der);
    if (cert_parse(a, kept, out, e) != 0 || cert_check_role(out, role, e) != 0 ||
        cert_verify(out, issuer ? issuer : out, e) != 0 || (now && cert_check_dates(out, now, e) != 0))
        return err_within(e, "%s", cert_role_name(role));
    return 0;
}

static int own_key(struct bytes file, enum cert_role role, const struct cert *c, struct ec_key **out, struct err *e)
{
    if (ec_key_read(file, out, e) != 0)
        return err_within(e, "key of %s", cert_role_name(role));
    if (ec_key_curve(*out) == c->curve && bytes_equal(ec_key_point(*out), c->point))
        return 0;
    ec_key_free(*out);
    *out = NULL;
    return err_set(e, ERR_VALUE, NULL, "the private key is not the one of %s, \"%.*s\"", cert_role_name(role),
                   (int)c->common_name.n, c->common_name.p);
}

int sets_read(struct server_sets *k, const struct server_set_files *f, enum cert_role role, struct err *e)
{
    if (!k->arena)
        k->arena = arena_new(1 << 20);
    if (!k->arena || k->n == SETS_MAX)
        return err_set(e, ERR_LIMIT, NULL, "more than %d certificate sets", SETS_MAX);
    struct server_set *s = &k->of[k->n];
    if (own_certificate(k->arena, f->ci, CERT_CI, NULL, f->now, &s->ci, e) != 0 ||
        (!f->test_mode && no_test_ci(k->arena, &s->ci, e) != 0))
        return -1;
    return sets_read_pair(k, f->auth, f->auth_key, role, f->now, &s->auth, &s->auth_key, e);
}

int sets_read_pair(struct server_sets *k, struct bytes certificate, struct bytes key, enum cert_role role, int64_t now,
                   struct cert *c, struct ec_key **out, struct err *e)
{
    const struct cert *ci = &k->of[k->n].ci;
    return own_certificate(k->arena, certificate, role, ci, now, c, e) != 0 ? -1 : own_key(key, role, c, out, e);
}

int sets_add(struct server_sets *k, const struct server_set_files *f, enum cert_role role, struct err *e)
{
    if (sets_read(k, f, role, e) != 0)
        return -1;
    k->n++;
    return 0;
}

void sets_end(struct server_sets *k)
{
    for (size_t i = 0; i < SETS_MAX; i++)
        ec_key_free(k->of[i].auth_key);
    arena_free(k->arena);
    *k = (struct server_sets){ 0 };
}

int sets_sign_server1(const struct server_sets *k, struct arena *a, size_t set, const struct rsp_ServerSigned1 *s,
                      struct bytes *der, struct bytes *signature, struct err *e)
{
    if (asn1_encode(a, &rsp_ServerSigned1_type, s, der, e) != 0)
        return -1;
    struct rsp_tbs tbs = rsp_tbs_alone(*der);
    return rsp_sign(a, k->of[set].auth_key, &tbs, signature, e);
}
