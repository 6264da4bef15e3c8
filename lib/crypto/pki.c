/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pki.h"

#include "crypto/crypto.h"

enum { DAY = 86400, YEAR = 365 * DAY };

static const char CRL_URI[] = "http://ci.example.com/CRL-A.crl";

static const char *const default_smdp[] = { "smdp.example.com", NULL };
static const char *const default_smds[] = { "smds.example.com", NULL };

/* SGP.26 names its subjects; these are our own.  2.999 is the arc for examples (X.660). */
static const struct entity {
    const char *file, *organization, *common_name, *rid;
    enum cert_role issuer;
    int64_t years;
} entities[CERT_ROLES] = {
    [CERT_CI] = { "ci", "rspkit laboratory", "Laboratory CI", "2.999.1", CERT_CI, 35 },
    [CERT_EUM] = { "eum", "rspkit laboratory EUM", "Laboratory EUM", "2.999.5", CERT_CI, 30 },
    [CERT_EUICC] = { "euicc", "rspkit laboratory EUM", "Laboratory eUICC", NULL, CERT_EUM, 5000 },
    [CERT_DPAUTH] = { "dpauth", "rspkit laboratory SM-DP+", "Laboratory SM-DP+", "2.999.10", CERT_CI, 10 },
    [CERT_DPPB] = { "dppb", "rspkit laboratory SM-DP+", "Laboratory SM-DP+", "2.999.10", CERT_CI, 10 },
    [CERT_DPTLS] = { "dptls", "rspkit laboratory SM-DP+", NULL, "2.999.10", CERT_CI, 1 },
    [CERT_DSAUTH] = { "dsauth", "rspkit laboratory SM-DS", "Laboratory SM-DS", "2.999.15", CERT_CI, 10 },
    [CERT_DSTLS] = { "dstls", "rspkit laboratory SM-DS", NULL, "2.999.15", CERT_CI, 1 },
    [CERT_OPERATOR] = { "operator", NULL, NULL, NULL, CERT_CI, 10 },
};

const char *pki_name(enum cert_role role)
{
    return entities[role].file;
}

void pki_plan_init(struct pki_plan *p, int64_t now)
{
    *p = (struct pki_plan){ .curve = EC_P256,
                            .eid = "89049032000000000000000000000163",
                            .smdp_hosts = default_smdp,
                            .smds_hosts = default_smds,
                            .operator_name = "rspkit laboratory operator",
                            .now = now };
}

static struct bytes serial_make(struct arena *a, struct err *e)
{
    uint8_t *out = arena_alloc(a, 8);
    if (!out || crypto_random(out, 8, e) != 0)
        return BYTES_NONE;
    out[0] = (uint8_t)((out[0] & 0x3F) | 0x40); /* positive, no leading zero */
    return bytes_make(out, 8);
}

static struct cert_plan plan_of(struct arena *a, const struct pki_plan *p, enum cert_role role, enum cert_fault fault,
                                struct err *e)
{
    const struct entity *x = &entities[role];
    const char *const *hosts = role == CERT_DPTLS ? p->smdp_hosts : role == CERT_DSTLS ? p->smds_hosts : NULL;
    bool operator = role == CERT_OPERATOR;
    struct cert_plan plan = {
        .role = role,
        .country = "CH",
        .organization = operator ? p->operator_name : x->organization,
        .common_name = operator ? p->operator_name : hosts ? hosts[0] : x->common_name,
        .serial_number = role == CERT_EUICC ? p->eid : NULL,
        .rid = x->rid,
        .dns = hosts,
        .iin = role == CERT_EUM ? arena_text(a, bytes_slice(bytes_text(p->eid), 0, 8)) : NULL,
        .crl_uri = operator ? NULL : CRL_URI,
        .serial = serial_make(a, e),
        .not_before = p->now - DAY,
        .not_after = p->now - DAY + x->years * YEAR,
        .fault = fault,
    };
    return plan;
}

static int make_one(struct arena *a, const struct pki *pki, enum cert_role role, enum cert_fault fault,
                    const struct ec_key *key, struct bytes *der, struct err *e)
{
    struct cert_plan plan = plan_of(a, &pki->plan, role, fault, e);
    const struct pki_entity *issuer = &pki->of[entities[role].issuer];
    if (!plan.serial.p)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a certificate");
    return cert_make(a, &plan, key, role == CERT_CI ? NULL : &issuer->cert, role == CERT_CI ? key : issuer->key, der,
                     e);
}

int pki_make(struct arena *a, const struct pki_plan *plan, struct pki *out, struct err *e)
{
    memset(out, 0, sizeof *out);
    out->plan = *plan;
    for (int role = 0; role < CERT_ROLES; role++) {
        struct pki_entity *x = &out->of[role];
        if (ec_key_generate(plan->curve, &x->key, e) != 0 ||
            make_one(a, out, (enum cert_role)role, FAULT_NONE, x->key, &x->der, e) != 0 ||
            cert_parse(a, x->der, &x->cert, e) != 0) {
            pki_end(out);
            return err_within(e, "%s", entities[role].file);
        }
    }
    return 0;
}

void pki_end(struct pki *pki)
{
    for (int role = 0; role < CERT_ROLES; role++) {
        ec_key_free(pki->of[role].key);
        pki->of[role].key = NULL;
    }
}

int pki_fault(struct arena *a, const struct pki *pki, enum cert_role role, enum cert_fault fault,
              struct pki_entity *out, struct err *e)
{
    memset(out, 0, sizeof *out);
    out->key = pki->of[role].key;
    enum ec_curve other = pki->plan.curve == EC_P256 ? EC_BRAINPOOLP256R1 : EC_P256;
    if (fault == FAULT_CURVE && ec_key_generate(other, &out->key, e) != 0)
        return -1;
    return make_one(a, pki, role, fault, out->key, &out->der, e);
}

int pki_issue_euicc(struct arena *a, const struct cert *eum, const struct ec_key *eum_key, const char *eid, int64_t now,
                    struct pki_entity *out, struct err *e)
{
    const struct entity *x = &entities[CERT_EUICC];
    struct cert_plan plan = { .role = CERT_EUICC,
                              .country = "CH",
                              .organization = arena_text(a, eum->organization),
                              .common_name = x->common_name,
                              .serial_number = eid,
                              .crl_uri = CRL_URI,
                              .serial = serial_make(a, e),
                              .not_before = now - DAY,
                              .not_after = now - DAY + x->years * YEAR };
    *out = (struct pki_entity){ .key = NULL };
    if (!plan.organization || !plan.serial.p)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a certificate");
    if (ec_key_generate(eum->curve, &out->key, e) == 0 &&
        cert_make(a, &plan, out->key, eum, eum_key, &out->der, e) == 0 && cert_parse(a, out->der, &out->cert, e) == 0 &&
        cert_check_constraints(&out->cert, eum, e) == 0)
        return 0;
    ec_key_free(out->key);
    out->key = NULL;
    return -1;
}
