/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cert.h"

#include "asn1/tlv.h"
#include "base/text.h"
#include "crypto/x509.h"

static const char CLAUSE[] = "SGP.22 4.5.2.1";

/* ------------------------------------------------------------------------ decoding */

/* The text of one attribute of a name; the last of its kind counts. */
static struct bytes attribute(const struct x509_Name *name, uint8_t last_octet)
{
    const uint8_t oid[] = { 0x55, 0x04, last_octet };
    struct bytes found = BYTES_NONE;
    for (size_t i = 0; i < name->n; i++)
        for (size_t k = 0; k < name->items[i].n; k++) {
            const struct x509_AttributeTypeAndValue *a = &name->items[i].items[k];
            struct cursor c = cursor_over(a->value);
            struct tlv tlv;
            if (bytes_equal(a->type, BYTES_OF(oid)) && tlv_next(&c, ASN1_WIRE, &tlv, NULL) == 0)
                found = tlv.value;
        }
    return found;
}

enum { AT_CN = 3, AT_SERIAL_NUMBER = 5, AT_ORGANIZATION = 10 };

struct reading {
    struct arena *arena;
    struct cert *cert;
    struct err *err;
};

#define DECODE(r, type, value, out) asn1_decode((r)->arena, &type, value, ASN1_WIRE, out, (r)->err)

static int read_key_usage(struct reading *r, struct bytes value)
{
    r->cert->has_key_usage = true;
    return DECODE(r, x509_KeyUsage_type, value, &r->cert->key_usage);
}

static int read_basic(struct reading *r, struct bytes value)
{
    struct x509_BasicConstraints b;
    if (DECODE(r, x509_BasicConstraints_type, value, &b) != 0)
        return -1;
    r->cert->has_basic = true;
    r->cert->ca = b.cA;
    r->cert->has_path_length = b.has_pathLenConstraint;
    r->cert->path_length = b.pathLenConstraint;
    return 0;
}

static int too_many(struct reading *r, const char *what)
{
    return err_set(r->err, ERR_LIMIT, CLAUSE, "more %s than a certificate of SGP.22 has", what);
}

static int read_policies(struct reading *r, struct bytes value)
{
    struct x509_CertificatePolicies p;
    if (DECODE(r, x509_CertificatePolicies_type, value, &p) != 0)
        return -1;
    if (p.n > CERT_POLICIES_MAX)
        return too_many(r, "policies");
    for (size_t i = 0; i < p.n; i++)
        r->cert->policies[i] = p.items[i].policyIdentifier;
    r->cert->n_policies = p.n;
    return 0;
}

static int read_ski(struct reading *r, struct bytes value)
{
    return DECODE(r, x509_SubjectKeyIdentifier_type, value, &r->cert->ski);
}

static int read_aki(struct reading *r, struct bytes value)
{
    struct x509_AuthorityKeyIdentifier a;
    if (DECODE(r, x509_AuthorityKeyIdentifier_type, value, &a) != 0)
        return -1;
    r->cert->aki = a.keyIdentifier;
    return 0;
}

static int read_san(struct reading *r, struct bytes value)
{
    struct x509_GeneralNames names;
    if (DECODE(r, x509_GeneralNames_type, value, &names) != 0)
        return -1;
    for (size_t i = 0; i < names.n; i++) {
        const struct x509_GeneralName *g = &names.items[i];
        if (g->which == x509_GeneralName_registeredID) {
            r->cert->rid = g->registeredID;
            r->cert->n_rids++;
        } else if (g->which == x509_GeneralName_dNSName) {
            if (r->cert->n_dns == CERT_NAMES_MAX)
                return too_many(r, "host names");
            r->cert->dns[r->cert->n_dns++] = g->dNSName;
        }
    }
    return 0;
}

static int read_eku(struct reading *r, struct bytes value)
{
    struct x509_ExtKeyUsage u;
    if (DECODE(r, x509_ExtKeyUsage_type, value, &u) != 0)
        return -1;
    if (u.n > CERT_NAMES_MAX)
        return too_many(r, "key purposes");
    for (size_t i = 0; i < u.n; i++)
        r->cert->eku[i] = u.items[i];
    r->cert->n_eku = u.n;
    return 0;
}

static int read_constraints(struct reading *r, struct bytes value)
{
    struct x509_NameConstraints nc;
    if (DECODE(r, x509_NameConstraints_type, value, &nc) != 0)
        return -1;
    r->cert->has_constraints = true;
    size_t n = nc.permittedSubtrees ? nc.permittedSubtrees->n : 0;
    if (n > CERT_CONSTRAINTS_MAX)
        return too_many(r, "name constraints");
    for (size_t i = 0; i < n; i++) {
        const struct x509_GeneralName *g = &nc.permittedSubtrees->items[i].base;
        if (g->which != x509_GeneralName_directoryName)
            return err_set(r->err, ERR_VALUE, CLAUSE, "a name constraint that is no directoryName");
        r->cert->constraints[r->cert->n_constraints++] =
            (struct cert_constraint){ attribute(&g->directoryName, AT_ORGANIZATION),
                                      attribute(&g->directoryName, AT_SERIAL_NUMBER) };
    }
    return 0;
}

static void crl_uri_take(struct cert *c, const struct x509_GeneralName *name)
{
    static const struct bytes http = BYTES_LIT("http://");
    bool is_uri = name->which == x509_GeneralName_uniformResourceIdentifier;
    struct bytes uri = name->uniformResourceIdentifier;
    if (is_uri && !c->crl_uri.p && bytes_equal_nocase(bytes_slice(uri, 0, http.n), http))
        c->crl_uri = uri;
}

static int read_crldp(struct reading *r, struct bytes value)
{
    struct x509_CRLDistributionPoints points;
    if (DECODE(r, x509_CRLDistributionPoints_type, value, &points) != 0)
        return -1;
    for (size_t i = 0; i < points.n; i++) {
        const struct x509_DistributionPointName *name = points.items[i].distributionPoint;
        for (size_t k = 0; name && name->which == x509_DistributionPointName_fullName && k < name->fullName.n; k++)
            crl_uri_take(r->cert, &name->fullName.items[k]);
    }
    return 0;
}

/* RFC 5280 4.2.1: all are 2.5.29.n */
static const struct {
    uint8_t last_octet;
    int (*read)(struct reading *, struct bytes);
    const char *name;
} extensions[EXT_COUNT] = {
    [EXT_KEY_USAGE] = { 15, read_key_usage, "keyUsage" },
    [EXT_BASIC] = { 19, read_basic, "basicConstraints" },
    [EXT_POLICIES] = { 32, read_policies, "certificatePolicies" },
    [EXT_SKI] = { 14, read_ski, "subjectKeyIdentifier" },
    [EXT_AKI] = { 35, read_aki, "authorityKeyIdentifier" },
    [EXT_SAN] = { 17, read_san, "subjectAltName" },
    [EXT_EKU] = { 37, read_eku, "extKeyUsage" },
    [EXT_CONSTRAINTS] = { 30, read_constraints, "nameConstraints" },
    [EXT_CRLDP] = { 31, read_crldp, "cRLDistributionPoints" },
};

static int extension_read(struct reading *r, const struct x509_Extension *x, uint32_t *seen)
{
    for (int i = 0; i < EXT_COUNT; i++) {
        const uint8_t oid[] = { 0x55, 0x1D, extensions[i].last_octet };
        if (!bytes_equal(x->extnID, BYTES_OF(oid)))
            continue;
        if (*seen >> i & 1)
            return err_set(r->err, ERR_VALUE, "RFC 5280 4.2", "extension %s appears twice", extensions[i].name);
        *seen |= 1u << i;
        if (x->critical)
            r->cert->critical |= 1u << i;
        return extensions[i].read(r, x->extnValue) == 0 ? 0 : err_within(r->err, "extension %s", extensions[i].name);
    }
    if (x->critical)
        r->cert->unknown_critical = true;
    return 0;
}

static int key_read(const struct x509_SubjectPublicKeyInfo *info, struct cert *out, struct err *e)
{
    static const uint8_t ec_public_key[] = { 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01 };
    struct cursor c = cursor_over(info->algorithm.parameters);
    struct tlv tlv;
    if (!bytes_equal(info->algorithm.algorithm, BYTES_OF(ec_public_key)) ||
        tlv_next(&c, ASN1_WIRE, &tlv, NULL) != 0 || tlv.tag != 0x06)
        return err_set(e, ERR_VALUE, CLAUSE, "the public key is not an EC key on a named curve");
    out->curve = ec_curve_of_oid(tlv.value);
    if (out->curve == EC_NONE)
        return err_set(e, ERR_UNSUPPORTED, "SGP.22 2.6.2", "the public key is on a curve that is not supported");
    if (info->subjectPublicKey.n != EC_POINT_OCTETS * 8)
        return err_set(e, ERR_VALUE, "SGP.22 2.6.2", "the public key is not an uncompressed point");
    out->point = bytes_make(info->subjectPublicKey.p, EC_POINT_OCTETS);
    return 0;
}

int cert_parse(struct arena *a, struct bytes der, struct cert *out, struct err *e)
{
    struct x509_Certificate x;
    struct reading r = { a, out, e };
    uint32_t seen = 0;
    memset(out, 0, sizeof *out);
    if (asn1_decode(a, &x509_Certificate_type, der, ASN1_WIRE, &x, e) != 0)
        return -1;
    const struct x509_TBSCertificate *t = &x.tbsCertificate;
    if (t->version != 2)
        return err_set(e, ERR_VALUE, CLAUSE, "a certificate of X.509 version %lld, not 3", (long long)t->version + 1);
    if (!x509_is_ecdsa_sha256(&t->signature) || !x509_is_ecdsa_sha256(&x.signatureAlgorithm))
        return err_set(e, ERR_VALUE, CLAUSE, "it is not signed by ECDSA with SHA-256");
    if (x.signatureValue.n % 8)
        return err_set(e, ERR_VALUE, CLAUSE, "the signature is not a whole number of octets");
    out->der = der;
    out->tbs = t->raw;
    out->signature = bytes_make(x.signatureValue.p, x.signatureValue.n / 8);
    out->serial = t->serialNumber;
    out->issuer = t->issuer.raw;
    out->subject = t->subject.raw;
    out->organization = attribute(&t->subject, AT_ORGANIZATION);
    out->common_name = attribute(&t->subject, AT_CN);
    out->serial_number = attribute(&t->subject, AT_SERIAL_NUMBER);
    if (x509_time_read(&t->validity.notBefore, &out->not_before, e) != 0 ||
        x509_time_read(&t->validity.notAfter, &out->not_after, e) != 0 ||
        key_read(&t->subjectPublicKeyInfo, out, e) != 0)
        return -1;
    for (size_t i = 0; t->extensions && i < t->extensions->n; i++)
        if (extension_read(&r, &t->extensions->items[i], &seen) != 0)
            return -1;
    return 0;
}

int cert_from_file(struct arena *a, struct bytes file, struct bytes *der, struct err *e)
{
    if (x509_pem_read(a, file, "CERTIFICATE", der, e) != 0)
        return -1;
    if (der->p)
        return 0;
    *der = file;
    return file.n && file.p[0] == 0x30 ? 0 : err_set(e, ERR_SYNTAX, NULL, "neither a certificate in DER nor in PEM");
}

/* --------------------------------------------------------------------------- roles */

/* 2.23.146.1.2.1.n */
#define POLICY(n) { 0x67, 0x81, 0x12, 0x01, 0x02, 0x01, n }
enum { POLICY_OCTETS = 7 };

enum demand { MUST, MUST_NOT, MAY };

#define BIT(x) (1u << (x))

/* SGP.22 4.5.2.1, one row a role. */
static const struct role {
    const char *name;
    uint8_t policy[POLICY_OCTETS];
    int usage;         /* the key usage bit it must have */
    uint32_t critical; /* extensions that must be critical */
    bool ca;
    enum demand rid, dns, constraints, aki;
} roles[CERT_ROLES] = {
    [CERT_CI] = { "CERT.CI", POLICY(0), x509_KeyUsage_keyCertSign,
                  BIT(EXT_KEY_USAGE) | BIT(EXT_POLICIES) | BIT(EXT_BASIC), true, MUST, MAY, MUST_NOT, MAY },
    [CERT_EUM] = { "CERT.EUM", POLICY(2), x509_KeyUsage_keyCertSign,
                   BIT(EXT_KEY_USAGE) | BIT(EXT_POLICIES) | BIT(EXT_BASIC) | BIT(EXT_CONSTRAINTS), true, MUST, MAY,
                   MUST, MUST },
    [CERT_EUICC] = { "CERT.EUICC", POLICY(1), x509_KeyUsage_digitalSignature, BIT(EXT_KEY_USAGE) | BIT(EXT_POLICIES),
                     false, MAY, MAY, MUST_NOT, MUST },
    [CERT_DPAUTH] = { "CERT.DPauth", POLICY(4), x509_KeyUsage_digitalSignature,
                      BIT(EXT_KEY_USAGE) | BIT(EXT_POLICIES), false, MUST, MAY, MUST_NOT, MUST },
    [CERT_DPPB] = { "CERT.DPpb", POLICY(5), x509_KeyUsage_digitalSignature, BIT(EXT_KEY_USAGE) | BIT(EXT_POLICIES),
                    false, MUST, MAY, MUST_NOT, MUST },
    [CERT_DPTLS] = { "CERT.DP.TLS", POLICY(3), x509_KeyUsage_digitalSignature, BIT(EXT_KEY_USAGE) | BIT(EXT_EKU),
                     false, MUST, MUST, MUST_NOT, MUST },
    [CERT_DSAUTH] = { "CERT.DSauth", POLICY(7), x509_KeyUsage_digitalSignature,
                      BIT(EXT_KEY_USAGE) | BIT(EXT_POLICIES), false, MUST, MAY, MUST_NOT, MUST },
    [CERT_DSTLS] = { "CERT.DS.TLS", POLICY(6), x509_KeyUsage_digitalSignature, BIT(EXT_KEY_USAGE) | BIT(EXT_EKU),
                     false, MUST, MUST, MUST_NOT, MUST },
    [CERT_OPERATOR] = { "TLS client certificate of an operator", { 0 }, x509_KeyUsage_digitalSignature, 0, false, MAY,
                        MAY, MUST_NOT, MAY },
};

const char *cert_role_name(enum cert_role role)
{
    return roles[role].name;
}

struct bytes cert_role_policy(enum cert_role role)
{
    return role == CERT_OPERATOR ? BYTES_NONE : bytes_make(roles[role].policy, POLICY_OCTETS);
}

static int unfit(const struct role *role, struct err *e, const char *why)
{
    return err_set(e, ERR_VALUE, CLAUSE, "not a %s: %s", role->name, why);
}

static bool violates(enum demand demand, bool there)
{
    return (demand == MUST && !there) || (demand == MUST_NOT && there);
}

static bool has_policy(const struct cert *c, struct bytes policy)
{
    if (!bytes_present(policy))
        return c->n_policies == 0;
    for (size_t i = 0; i < c->n_policies; i++)
        if (bytes_equal(c->policies[i], policy))
            return true;
    return false;
}

int cert_check_role(const struct cert *c, enum cert_role which, struct err *e)
{
    const struct role *role = &roles[which];
    if (c->unknown_critical)
        return unfit(role, e, "an unknown extension is critical");
    if (!has_policy(c, cert_role_policy(which)))
        return unfit(role, e, "the policy of the role is missing");
    if (!c->has_key_usage || !asn1_bit(c->key_usage, (size_t)role->usage))
        return unfit(role, e, "the key usage is another");
    if (!role->ca && asn1_bit(c->key_usage, x509_KeyUsage_keyCertSign))
        return unfit(role, e, "its key may sign certificates");
    if ((c->critical & role->critical) != role->critical)
        return unfit(role, e, "an extension that must be critical is not");
    if (role->ca != (c->has_basic && c->ca))
        return unfit(role, e, role->ca ? "it may not sign certificates" : "it is an authority");
    if (which == CERT_EUM && (!c->has_path_length || c->path_length != 0))
        return unfit(role, e, "its path length is not 0");
    if (!bytes_present(c->ski))
        return unfit(role, e, "the subject key identifier is missing");
    if (violates(role->aki, bytes_present(c->aki)))
        return unfit(role, e, "the authority key identifier is missing");
    if (violates(role->rid, c->n_rids == 1))
        return unfit(role, e, "it does not name exactly one object identifier (registeredID)");
    if (violates(role->dns, c->n_dns > 0))
        return unfit(role, e, "it names no host");
    if (violates(role->constraints, c->has_constraints))
        return unfit(role, e, role->constraints == MUST ? "name constraints are missing" : "it has name constraints");
    return 0;
}

int cert_check_dates(const struct cert *c, int64_t now, struct err *e)
{
    if (now < c->not_before)
        return err_set(e, ERR_EXPIRED, "RFC 5280 4.1.2.5", "the certificate of \"%.*s\" is not valid yet",
                       (int)c->common_name.n, c->common_name.p);
    if (now > c->not_after)
        return err_set(e, ERR_EXPIRED, "RFC 5280 4.1.2.5", "the certificate of \"%.*s\" has expired",
                       (int)c->common_name.n, c->common_name.p);
    return 0;
}

static bool is_text(uint32_t tag)
{
    return tag == 0x0C || tag == 0x13; /* UTF8String, PrintableString */
}

/* RFC 5280 7.1: texts in either coding, whatever the case of their letters.  Name, RDN, attribute: three levels. */
static bool names_match(struct bytes a, struct bytes b, int levels)
{
    struct cursor x = cursor_over(a), y = cursor_over(b);
    struct tlv s, t;
    while (!cursor_done(&x) && !cursor_done(&y)) {
        if (tlv_next(&x, ASN1_WIRE, &s, NULL) != 0 || tlv_next(&y, ASN1_WIRE, &t, NULL) != 0)
            return false;
        bool inside = levels > 0 && s.tag == t.tag;
        bool same = is_text(s.tag) && is_text(t.tag) ? bytes_equal_nocase(s.value, t.value)
                    : inside && s.tag & 0x20         ? names_match(s.value, t.value, levels - 1)
                                                     : bytes_equal(s.whole, t.whole);
        if (!same)
            return false;
    }
    return cursor_done(&x) && cursor_done(&y);
}

int cert_verify(const struct cert *c, const struct cert *issuer, struct err *e)
{
    if (c->curve != issuer->curve)
        return err_set(e, ERR_VERIFY, "SGP.22 2.6.2", "certificate and issuer are on different curves");
    if (!names_match(c->issuer, issuer->subject, 3))
        return err_set(e, ERR_VERIFY, "RFC 5280 6.1", "the certificate names another issuer");
    if (bytes_present(c->aki) && !bytes_equal(c->aki, issuer->ski))
        return err_set(e, ERR_VERIFY, "RFC 5280 4.2.1.1", "the certificate was issued under another key");
    struct ec_public *key;
    if (ec_public_new(issuer->curve, issuer->point, &key, e) != 0)
        return -1;
    int result = ec_verify_der(key, c->tbs, c->signature, e);
    ec_public_free(key);
    return result == 0 ? 0 : err_set(e, ERR_VERIFY, "RFC 5280 6.1", "the signature of the certificate is wrong");
}

int cert_check_constraints(const struct cert *euicc, const struct cert *eum, struct err *e)
{
    for (size_t i = 0; i < eum->n_constraints; i++) {
        const struct cert_constraint *k = &eum->constraints[i];
        bool iin = k->iin.n && k->iin.n <= euicc->serial_number.n &&
                   bytes_equal(k->iin, bytes_slice(euicc->serial_number, 0, k->iin.n));
        if (iin && bytes_present(k->organization) && bytes_equal(k->organization, euicc->organization))
            return 0;
    }
    return err_set(e, ERR_VERIFY, CLAUSE, "organization \"%.*s\" and EID %.*s lie outside the EUM's name constraints",
                   (int)euicc->organization.n, euicc->organization.p, (int)euicc->serial_number.n,
                   euicc->serial_number.p);
}

int cert_eid(struct arena *a, const struct cert *c, struct bytes *eid, struct err *e)
{
    for (size_t i = 0; i < c->serial_number.n; i++)
        if (c->serial_number.p[i] < '0' || c->serial_number.p[i] > '9')
            return err_set(e, ERR_VALUE, CLAUSE, "the subject's serialNumber is not an EID");
    if (c->serial_number.n != 32)
        return err_set(e, ERR_VALUE, CLAUSE, "the subject's serialNumber is not an EID of 32 digits");
    return hex_decode(a, c->serial_number, eid, e);
}
