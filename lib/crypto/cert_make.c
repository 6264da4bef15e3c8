/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cert_make.h"

#include "asn1/tlv.h"
#include "crypto/hash.h"
#include "crypto/x509.h"

#define ALL ((1u << CERT_ROLES) - 1)
#define ONLY(role) (1u << (role))
#define OWN (ALL & ~ONLY(CERT_OPERATOR)) /* roles of SGP.22 */
#define NOT_CI (OWN & ~ONLY(CERT_CI))
#define TLS (ONLY(CERT_DPTLS) | ONLY(CERT_DSTLS))
#define WITH_RID (OWN & ~ONLY(CERT_EUICC))

static const struct {
    const char *name;
    unsigned roles;
} faults[CERT_FAULTS] = {
    [FAULT_NONE] = { "good", ALL },
    [FAULT_POLICY_OTHER] = { "policy-other", OWN },
    [FAULT_POLICY_MISSING] = { "policy-missing", OWN },
    [FAULT_POLICY_NOT_CRITICAL] = { "policy-not-critical", OWN & ~TLS },
    [FAULT_USAGE_OTHER] = { "usage-other", OWN },
    [FAULT_USAGE_MISSING] = { "usage-missing", OWN },
    [FAULT_USAGE_NOT_CRITICAL] = { "usage-not-critical", OWN },
    [FAULT_EXPIRED] = { "expired", OWN },
    [FAULT_NOT_YET_VALID] = { "not-yet-valid", OWN },
    [FAULT_SIGNATURE] = { "signature", OWN },
    [FAULT_ISSUER_NAME] = { "issuer-name", NOT_CI },
    [FAULT_AKI_OTHER] = { "aki-other", NOT_CI },
    [FAULT_SKI_MISSING] = { "ski-missing", OWN },
    [FAULT_SAN_MISSING] = { "san-missing", WITH_RID },
    [FAULT_SAN_OTHER] = { "san-other", WITH_RID },
    [FAULT_SAN_TWICE] = { "san-twice", WITH_RID },
    [FAULT_CA] = { "ca", OWN },
    [FAULT_PATH_LENGTH] = { "path-length", ONLY(CERT_EUM) },
    [FAULT_UNKNOWN_CRITICAL] = { "unknown-critical", OWN },
    [FAULT_CURVE] = { "curve", NOT_CI },
    [FAULT_EID_OUTSIDE] = { "eid-outside", ONLY(CERT_EUICC) },
    [FAULT_ORGANIZATION] = { "organization", ONLY(CERT_EUICC) },
    [FAULT_CONSTRAINTS_MISSING] = { "constraints-missing", ONLY(CERT_EUM) },
    [FAULT_VERSION] = { "version", OWN },
};

const char *cert_fault_name(enum cert_fault f)
{
    return faults[f].name;
}

bool cert_fault_applies(enum cert_fault f, enum cert_role role)
{
    return faults[f].roles >> role & 1;
}

struct making {
    struct arena *arena;
    const struct cert_plan *plan;
    struct err *err;
    struct x509_Extension extensions[EXT_COUNT + 1];
    size_t n;
};

/* ---------------------------------------------------------------------------- names */

enum { MAX_ATTRIBUTES = 4 };

static struct bytes directory_string(struct arena *a, uint32_t tag, const char *text)
{
    struct buf out = buf_in(a);
    tlv_add(&out, tag, bytes_text(text));
    return buf_bytes(&out);
}

/* One attribute a RDN, in the order C, O, serialNumber, CN. */
static struct x509_Name name_of(struct arena *a, const char *country, const char *organization,
                                const char *serial_number, const char *common_name)
{
    static const uint8_t oids[MAX_ATTRIBUTES][3] = { { 0x55, 4, 6 }, { 0x55, 4, 10 }, { 0x55, 4, 5 }, { 0x55, 4, 3 } };
    static const uint32_t tags[MAX_ATTRIBUTES] = { 0x13, 0x0C, 0x13, 0x0C };
    const char *const texts[MAX_ATTRIBUTES] = { country, organization, serial_number, common_name };
    struct x509_Name name = { .items = arena_array(a, MAX_ATTRIBUTES, sizeof *name.items) };
    struct x509_AttributeTypeAndValue *values = arena_array(a, MAX_ATTRIBUTES, sizeof *values);
    for (size_t i = 0; name.items && values && i < MAX_ATTRIBUTES; i++) {
        if (!texts[i])
            continue;
        struct x509_AttributeTypeAndValue *v = &values[name.n];
        v->type = BYTES_OF(oids[i]);
        v->value = directory_string(a, tags[i], texts[i]);
        name.items[name.n].n = 1;
        name.items[name.n++].items = v;
    }
    return name;
}

static const char *organization_of(const struct cert_plan *p)
{
    return p->fault == FAULT_ORGANIZATION ? "Somebody Else" : p->organization;
}

static const char *serial_number_of(struct arena *a, const struct cert_plan *p)
{
    if (p->fault != FAULT_EID_OUTSIDE)
        return p->serial_number;
    char *other = arena_text(a, bytes_text(p->serial_number));
    other[0] = '7';
    return other;
}

/* ----------------------------------------------------------------------- extensions */

static int add(struct making *m, enum cert_extension which, bool critical, const struct asn1_type *type,
               const void *value)
{
    static const uint8_t last[EXT_COUNT][3] = {
        [EXT_KEY_USAGE] = { 0x55, 0x1D, 15 }, [EXT_BASIC] = { 0x55, 0x1D, 19 }, [EXT_POLICIES] = { 0x55, 0x1D, 32 },
        [EXT_SKI] = { 0x55, 0x1D, 14 },       [EXT_AKI] = { 0x55, 0x1D, 35 },   [EXT_SAN] = { 0x55, 0x1D, 17 },
        [EXT_EKU] = { 0x55, 0x1D, 37 },       [EXT_CONSTRAINTS] = { 0x55, 0x1D, 30 },
        [EXT_CRLDP] = { 0x55, 0x1D, 31 },
    };
    struct x509_Extension *x = &m->extensions[m->n++];
    *x = (struct x509_Extension){ .extnID = BYTES_OF(last[which]), .critical = critical };
    return asn1_encode(m->arena, type, value, &x->extnValue, m->err);
}

static int add_usage(struct making *m)
{
    static const uint8_t sign_certificates[] = { 0x06 }, sign[] = { 0x80 }, agree[] = { 0x08 };
    enum cert_fault f = m->plan->fault;
    bool authority = m->plan->role == CERT_CI || m->plan->role == CERT_EUM;
    struct asn1_bits usage = { f == FAULT_USAGE_OTHER ? agree : authority ? sign_certificates : sign, 8 };
    return f == FAULT_USAGE_MISSING ? 0
                                    : add(m, EXT_KEY_USAGE, f != FAULT_USAGE_NOT_CRITICAL, &x509_KeyUsage_type, &usage);
}

static int add_policy(struct making *m)
{
    const struct cert_plan *p = m->plan;
    if (p->role == CERT_OPERATOR)
        return 0;
    bool tls = p->role == CERT_DPTLS || p->role == CERT_DSTLS;
    enum cert_role role = p->fault != FAULT_POLICY_OTHER ? p->role : p->role == CERT_DPAUTH ? CERT_DPPB : CERT_DPAUTH;
    struct x509_PolicyInformation info = { .policyIdentifier = cert_role_policy(role) };
    struct x509_CertificatePolicies policies = { .n = 1, .items = &info };
    return p->fault == FAULT_POLICY_MISSING ? 0 : add(m, EXT_POLICIES, !tls && p->fault != FAULT_POLICY_NOT_CRITICAL,
                                                     &x509_CertificatePolicies_type, &policies);
}

static int add_basic(struct making *m)
{
    const struct cert_plan *p = m->plan;
    bool authority = p->role == CERT_CI || p->role == CERT_EUM;
    struct x509_BasicConstraints basic = { .cA = authority != (p->fault == FAULT_CA) };
    basic.has_pathLenConstraint = p->role == CERT_EUM && basic.cA;
    basic.pathLenConstraint = p->fault == FAULT_PATH_LENGTH;
    return !authority && p->fault != FAULT_CA ? 0 : add(m, EXT_BASIC, true, &x509_BasicConstraints_type, &basic);
}

/* SHA-1 of the point (RFC 5280 4.2.1.2 method 1). */
static struct bytes key_identifier(struct arena *a, struct bytes point)
{
    uint8_t *out = arena_alloc(a, SHA1_OCTETS);
    if (!out)
        return BYTES_NONE;
    sha1(point, out);
    return bytes_make(out, SHA1_OCTETS);
}

static int add_identifiers(struct making *m, const struct ec_key *key, struct bytes issuer_ski)
{
    const struct cert_plan *p = m->plan;
    static const uint8_t nobody[20] = { 0xAA };
    struct bytes ski = key_identifier(m->arena, ec_key_point(key));
    struct x509_AuthorityKeyIdentifier aki = { .keyIdentifier = p->fault == FAULT_AKI_OTHER ? BYTES_OF(nobody)
                                                                                            : issuer_ski };
    if (p->fault != FAULT_SKI_MISSING && add(m, EXT_SKI, false, &x509_SubjectKeyIdentifier_type, &ski) != 0)
        return -1;
    return p->role == CERT_CI ? 0 : add(m, EXT_AKI, false, &x509_AuthorityKeyIdentifier_type, &aki);
}

static int add_san(struct making *m)
{
    const struct cert_plan *p = m->plan;
    struct x509_GeneralName items[CERT_NAMES_MAX] = { 0 };
    struct x509_GeneralNames names = { .items = items };
    struct bytes rid = BYTES_NONE;
    for (size_t i = 0; p->dns && p->dns[i] && i < CERT_NAMES_MAX - 2; i++) {
        items[names.n].which = x509_GeneralName_dNSName;
        items[names.n++].dNSName = bytes_text(p->dns[i]);
    }
    if (p->rid && p->fault != FAULT_SAN_MISSING) {
        const char *text = p->fault == FAULT_SAN_OTHER ? "2.999.77" : p->rid;
        if (asn1_oid_parse(m->arena, bytes_text(text), &rid, m->err) != 0)
            return -1;
        for (int times = p->fault == FAULT_SAN_TWICE ? 2 : 1; times > 0; times--) {
            items[names.n].which = x509_GeneralName_registeredID;
            items[names.n++].registeredID = rid;
        }
    }
    return names.n ? add(m, EXT_SAN, false, &x509_GeneralNames_type, &names) : 0;
}

static int add_eku(struct making *m)
{
    static const uint8_t server[] = { 0x2B, 6, 1, 5, 5, 7, 3, 1 }, client[] = { 0x2B, 6, 1, 5, 5, 7, 3, 2 };
    struct bytes purposes[] = { BYTES_OF(server), BYTES_OF(client) };
    bool operator = m->plan->role == CERT_OPERATOR;
    struct x509_ExtKeyUsage eku = { .n = operator ? 1 : 2, .items = operator ? purposes + 1 : purposes };
    bool tls = m->plan->role == CERT_DPTLS || m->plan->role == CERT_DSTLS;
    return tls || operator ? add(m, EXT_EKU, true, &x509_ExtKeyUsage_type, &eku) : 0;
}

static int add_constraints(struct making *m)
{
    const struct cert_plan *p = m->plan;
    if (p->role != CERT_EUM || p->fault == FAULT_CONSTRAINTS_MISSING)
        return 0;
    struct x509_GeneralSubtree subtree = { 0 };
    subtree.base.which = x509_GeneralName_directoryName;
    subtree.base.directoryName = name_of(m->arena, NULL, p->organization, p->iin, NULL);
    struct x509_GeneralSubtrees permitted = { .n = 1, .items = &subtree };
    struct x509_NameConstraints constraints = { .permittedSubtrees = &permitted };
    return add(m, EXT_CONSTRAINTS, true, &x509_NameConstraints_type, &constraints);
}

static int add_crldp(struct making *m)
{
    if (!m->plan->crl_uri || m->plan->role == CERT_EUICC)
        return 0;
    struct x509_GeneralName uri = { .which = x509_GeneralName_uniformResourceIdentifier };
    uri.uniformResourceIdentifier = bytes_text(m->plan->crl_uri);
    struct x509_DistributionPointName name = { .which = x509_DistributionPointName_fullName };
    name.fullName = (struct x509_GeneralNames){ .n = 1, .items = &uri };
    struct x509_DistributionPoint point = { .distributionPoint = &name };
    struct x509_CRLDistributionPoints points = { .n = 1, .items = &point };
    return add(m, EXT_CRLDP, false, &x509_CRLDistributionPoints_type, &points);
}

static void add_unknown(struct making *m)
{
    static const uint8_t oid[] = { 0x88, 0x37, 0x63 };
    if (m->plan->fault == FAULT_UNKNOWN_CRITICAL)
        m->extensions[m->n++] = (struct x509_Extension){ .extnID = BYTES_OF(oid), .critical = true,
                                                         .extnValue = BYTES_LIT("\x05\x00") };
}

static int extensions(struct making *m, const struct ec_key *key, struct bytes issuer_ski)
{
    if (add_identifiers(m, key, issuer_ski) != 0 || add_usage(m) != 0 || add_policy(m) != 0 || add_basic(m) != 0 ||
        add_san(m) != 0 || add_eku(m) != 0 || add_constraints(m) != 0 || add_crldp(m) != 0)
        return -1;
    add_unknown(m);
    return 0;
}

/* --------------------------------------------------------------------- certificate */

static struct x509_Validity validity_of(struct arena *a, const struct cert_plan *p)
{
    int64_t from = p->not_before, to = p->not_after;
    if (p->fault == FAULT_EXPIRED)
        to = from - 86400, from = to - 86400;
    if (p->fault == FAULT_NOT_YET_VALID)
        from = to, to += 86400;
    return (struct x509_Validity){ .notBefore = x509_time_make(a, from), .notAfter = x509_time_make(a, to) };
}

static struct x509_SubjectPublicKeyInfo key_info(struct arena *a, const struct ec_key *key)
{
    static const uint8_t ec_public_key[] = { 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01 };
    struct buf curve = buf_in(a);
    tlv_add(&curve, 0x06, ec_curve_oid(ec_key_curve(key)));
    struct x509_SubjectPublicKeyInfo info = { 0 };
    info.algorithm.algorithm = BYTES_OF(ec_public_key);
    info.algorithm.parameters = buf_bytes(&curve);
    info.subjectPublicKey = (struct asn1_bits){ ec_key_point(key).p, EC_POINT_OCTETS * 8 };
    return info;
}

static int name_decode(struct arena *a, struct bytes der, struct x509_Name *out, struct err *e)
{
    return asn1_decode(a, &x509_Name_type, der, ASN1_WIRE, out, e);
}

static int sign(struct arena *a, struct x509_Certificate *x, const struct ec_key *issuer_key, bool spoil,
                struct bytes *der, struct err *e)
{
    struct bytes tbs, signature;
    if (asn1_encode(a, &x509_TBSCertificate_type, &x->tbsCertificate, &tbs, e) != 0 ||
        ec_sign_der(issuer_key, tbs, a, &signature, e) != 0)
        return -1;
    if (spoil)
        ((uint8_t *)(uintptr_t)signature.p)[signature.n - 1] ^= 1;
    x->signatureValue = (struct asn1_bits){ signature.p, signature.n * 8 };
    return asn1_encode(a, &x509_Certificate_type, x, der, e);
}

int cert_make(struct arena *a, const struct cert_plan *p, const struct ec_key *key, const struct cert *issuer,
              const struct ec_key *issuer_key, struct bytes *der, struct err *e)
{
    struct making m = { .arena = a, .plan = p, .err = e };
    struct x509_Certificate x = { 0 };
    struct x509_TBSCertificate *t = &x.tbsCertificate;
    if (extensions(&m, key, issuer ? issuer->ski : BYTES_NONE) != 0)
        return -1;
    struct x509_Extensions list = { .n = m.n, .items = m.extensions };
    t->version = p->fault == FAULT_VERSION ? 0 : 2;
    t->serialNumber = p->serial;
    t->signature = x.signatureAlgorithm = x509_ecdsa_sha256();
    t->validity = validity_of(a, p);
    t->subject = name_of(a, p->country, organization_of(p), serial_number_of(a, p), p->common_name);
    t->subjectPublicKeyInfo = key_info(a, key);
    t->extensions = &list;
    if (p->fault == FAULT_ISSUER_NAME)
        t->issuer = name_of(a, NULL, "Nobody", NULL, "Another CI");
    else if (!issuer)
        t->issuer = t->subject;
    else if (name_decode(a, issuer->subject, &t->issuer, e) != 0)
        return -1;
    return sign(a, &x, issuer_key, p->fault == FAULT_SIGNATURE, der, e);
}

struct bytes cert_to_pem(struct arena *a, struct bytes der)
{
    return x509_pem_make(a, "CERTIFICATE", der);
}
