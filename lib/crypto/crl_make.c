/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crl_make.h"

#include "crypto/x509.h"

enum { DAY = 86400, EXTENSIONS_MAX = 8, ENTRY_EXTENSIONS_MAX = 3 };

static const char *const faults[CRL_FAULTS] = {
    [CRL_FAULT_NONE] = "good",
    [CRL_FAULT_VERSION] = "version",
    [CRL_FAULT_ALGORITHM_INNER] = "algorithm-inner",
    [CRL_FAULT_ALGORITHM_OUTER] = "algorithm-outer",
    [CRL_FAULT_SIGNATURE] = "signature",
    [CRL_FAULT_ISSUER_NAME] = "issuer-name",
    [CRL_FAULT_AKI_MISSING] = "aki-missing",
    [CRL_FAULT_AKI_OTHER] = "aki-other",
    [CRL_FAULT_EXPIRED] = "expired",
    [CRL_FAULT_NOT_YET_VALID] = "not-yet-valid",
    [CRL_FAULT_NEXT_MISSING] = "next-missing",
    [CRL_FAULT_NEXT_BEFORE] = "next-before",
    [CRL_FAULT_NUMBER_MISSING] = "number-missing",
    [CRL_FAULT_NUMBER_NEGATIVE] = "number-negative",
    [CRL_FAULT_NUMBER_LONG] = "number-long",
    [CRL_FAULT_POINT_MISSING] = "point-missing",
    [CRL_FAULT_POINT_NOT_CRITICAL] = "point-not-critical",
    [CRL_FAULT_POINT_EMPTY] = "point-empty",
    [CRL_FAULT_POINT_CAS] = "point-cas",
    [CRL_FAULT_POINT_REASONS] = "point-reasons",
    [CRL_FAULT_INDIRECT] = "indirect",
    [CRL_FAULT_UNKNOWN_CRITICAL] = "unknown-critical",
    [CRL_FAULT_ENTRY_CRITICAL] = "entry-critical",
    [CRL_FAULT_TWICE] = "twice",
    [CRL_FAULT_EMPTY] = "empty",
    [CRL_FAULT_REMOVED] = "removed",
    [CRL_FAULT_PART_ALONE] = "part-alone",
    [CRL_FAULT_PART_OUTSIDE] = "part-outside",
};

const char *crl_fault_name(enum crl_fault f)
{
    return faults[f];
}

/* A list, or a segment of one: some of the plan's entries. */
struct making {
    struct arena *arena;
    const struct crl_plan *plan;
    const struct crl_entry *revoked;
    size_t n_revoked;
    int64_t part, parts; /* 0 and 0: not segmented */
    struct x509_Extension *extensions;
    size_t n;
    struct err *err;
};

/* ---------------------------------------------------------------------- extensions */

static int add(struct making *m, enum crl_extension which, bool critical, const struct asn1_type *type,
               const void *value)
{
    struct x509_Extension *x = &m->extensions[m->n++];
    *x = (struct x509_Extension){ .extnID = crl_extension_oid(which), .critical = critical };
    return asn1_encode(m->arena, type, value, &x->extnValue, m->err);
}

static void add_unknown(struct making *m)
{
    static const uint8_t oid[] = { 0x88, 0x37, 0x63 }; /* 2.999.99 */
    m->extensions[m->n++] = (struct x509_Extension){ BYTES_NONE, BYTES_OF(oid), true, BYTES_LIT("\x05\x00") };
}

static int add_aki(struct making *m, struct bytes ski)
{
    static const uint8_t nobody[20] = { 0xAA };
    enum crl_fault f = m->plan->fault;
    struct x509_AuthorityKeyIdentifier aki = { .keyIdentifier = f == CRL_FAULT_AKI_OTHER ? BYTES_OF(nobody) : ski };
    return f == CRL_FAULT_AKI_MISSING ? 0 : add(m, CRL_AKI, true, &x509_AuthorityKeyIdentifier_type, &aki);
}

static int add_number(struct making *m, enum crl_extension which, bool critical, uint64_t number)
{
    static const uint8_t negative[] = { 0x80 }, longer[21] = { 0x01 };
    uint8_t octets[9] = { 0 };
    for (int i = 0; i < 8; i++)
        octets[8 - i] = (uint8_t)(number >> 8 * i);
    struct bytes content = BYTES_OF(octets);
    while (content.n > 1 && content.p[0] == 0 && content.p[1] < 0x80)
        content = bytes_slice(content, 1, content.n);
    if (m->plan->fault == CRL_FAULT_NUMBER_NEGATIVE)
        content = BYTES_OF(negative);
    if (m->plan->fault == CRL_FAULT_NUMBER_LONG)
        content = BYTES_OF(longer);
    return add(m, which, critical, &x509_CRLNumber_type, &content);
}

static int add_point(struct making *m)
{
    static const uint8_t key_compromise[] = { 0x40 };
    enum crl_fault f = m->plan->fault;
    struct x509_GeneralName uri = { .which = x509_GeneralName_uniformResourceIdentifier };
    uri.uniformResourceIdentifier = bytes_text(m->plan->uri);
    struct x509_DistributionPointName name = { .which = x509_DistributionPointName_fullName };
    name.fullName = (struct x509_GeneralNames){ .n = 1, .items = &uri };
    struct x509_IssuingDistributionPoint point = { .distributionPoint = f == CRL_FAULT_POINT_EMPTY ? NULL : &name };
    point.onlyContainsCACerts = f == CRL_FAULT_POINT_CAS;
    point.indirectCRL = f == CRL_FAULT_INDIRECT;
    if (f == CRL_FAULT_POINT_REASONS)
        point.onlySomeReasons = (struct asn1_bits){ key_compromise, 2 };
    return f == CRL_FAULT_POINT_MISSING ? 0 : add(m, CRL_POINT, f != CRL_FAULT_POINT_NOT_CRITICAL,
                                                 &x509_IssuingDistributionPoint_type, &point);
}

static int add_parts(struct making *m)
{
    enum crl_fault f = m->plan->fault;
    int64_t part = f == CRL_FAULT_PART_OUTSIDE ? 2 : f == CRL_FAULT_PART_ALONE ? 1 : m->part;
    int64_t parts = f == CRL_FAULT_PART_OUTSIDE ? 1 : m->parts;
    if (parts && add(m, CRL_PARTS, false, &x509_PartialCrlNumber_type, &parts) != 0)
        return -1;
    return part ? add(m, CRL_PART, false, &x509_PartialCrlNumber_type, &part) : 0;
}

static int list_extensions(struct making *m, const struct cert *ci, struct x509_Extensions *out)
{
    const struct crl_plan *p = m->plan;
    m->extensions = out->items;
    m->n = 0;
    if (add_aki(m, ci->ski) != 0 || add_point(m) != 0 || add_parts(m) != 0 ||
        (p->fault != CRL_FAULT_NUMBER_MISSING && add_number(m, CRL_NUMBER, false, p->number) != 0) ||
        (p->fault == CRL_FAULT_TWICE && add_number(m, CRL_NUMBER, false, p->number) != 0) ||
        (p->delta && add_number(m, CRL_DELTA, true, p->base_number) != 0))
        return -1;
    if (p->fault == CRL_FAULT_UNKNOWN_CRITICAL)
        add_unknown(m);
    out->n = m->n;
    return 0;
}

/* ------------------------------------------------------------------------- entries */

static int entry_make(struct making *m, const struct crl_entry *e, bool first, struct x509_RevokedCertificate *out)
{
    struct x509_Extension items[ENTRY_EXTENSIONS_MAX];
    enum crl_fault f = first ? m->plan->fault : CRL_FAULT_NONE;
    int64_t reason = f == CRL_FAULT_REMOVED ? x509_CRLReason_removeFromCRL : e->reason;
    struct x509_Time expires = x509_time_make(m->arena, e->expires);
    out->userCertificate = e->serial;
    out->revocationDate = x509_time_make(m->arena, e->date);
    m->extensions = items;
    m->n = 0;
    if ((reason != CRL_REASON_NONE && add(m, CRL_REASON, false, &x509_CRLReason_type, &reason) != 0) ||
        (e->has_expires && add(m, CRL_EXPIRES, true, &x509_Time_type, &expires) != 0))
        return -1;
    if (f == CRL_FAULT_ENTRY_CRITICAL)
        add_unknown(m);
    struct x509_Extensions list = { .n = m->n, .items = items };
    return m->n ? asn1_encode(m->arena, &x509_Extensions_type, &list, &out->crlEntryExtensions, m->err) : 0;
}

static int entries_make(struct making *m, struct bytes *out)
{
    struct x509_RevokedCertificates list = { .n = m->n_revoked };
    if (m->plan->fault == CRL_FAULT_EMPTY)
        *out = BYTES_LIT("\x30\x00");
    if (m->n_revoked == 0)
        return 0;
    list.items = arena_array(m->arena, list.n, sizeof *list.items);
    if (!list.items)
        return err_set(m->err, ERR_MEMORY, NULL, "no memory for %zu entries of a revocation list", list.n);
    for (size_t i = 0; i < list.n; i++)
        if (entry_make(m, &m->revoked[i], i == 0, &list.items[i]) != 0)
            return -1;
    return asn1_encode(m->arena, &x509_RevokedCertificates_type, &list, out, m->err);
}

/* --------------------------------------------------------------------------- lists */

static struct x509_AlgorithmIdentifier algorithm(const struct crl_plan *p, enum crl_fault fault)
{
    static const uint8_t ecdsa_with_sha384[] = { 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03 };
    struct x509_AlgorithmIdentifier a = x509_ecdsa_sha256();
    if (p->fault == fault)
        a.algorithm = BYTES_OF(ecdsa_with_sha384);
    return a;
}

static void times_make(struct making *m, struct x509_TBSCertList *t, struct x509_Time *next)
{
    const struct crl_plan *p = m->plan;
    int64_t from = p->this_update, to = p->next_update;
    if (p->fault == CRL_FAULT_EXPIRED)
        to = from - DAY, from = to - DAY;
    if (p->fault == CRL_FAULT_NOT_YET_VALID)
        from = to, to += DAY;
    if (p->fault == CRL_FAULT_NEXT_BEFORE)
        from = p->next_update, to = p->this_update;
    t->thisUpdate = x509_time_make(m->arena, from);
    *next = x509_time_make(m->arena, to);
    t->nextUpdate = p->fault == CRL_FAULT_NEXT_MISSING ? NULL : next;
}

static int sign(struct making *m, struct x509_CertificateList *x, const struct ec_key *key, struct bytes *der)
{
    struct bytes tbs, signature;
    if (asn1_encode(m->arena, &x509_TBSCertList_type, &x->tbsCertList, &tbs, m->err) != 0 ||
        ec_sign_der(key, tbs, m->arena, &signature, m->err) != 0)
        return -1;
    if (m->plan->fault == CRL_FAULT_SIGNATURE)
        ((uint8_t *)(uintptr_t)signature.p)[signature.n - 1] ^= 1;
    x->signatureValue = (struct asn1_bits){ signature.p, signature.n * 8 };
    return asn1_encode(m->arena, &x509_CertificateList_type, x, der, m->err);
}

static int make(struct making *m, const struct cert *ci, const struct ec_key *key, struct bytes *der)
{
    const struct crl_plan *p = m->plan;
    struct x509_CertificateList x = { 0 };
    struct x509_TBSCertList *t = &x.tbsCertList;
    struct x509_Extension items[EXTENSIONS_MAX];
    struct x509_Extensions list = { .items = items };
    struct x509_Time next;
    t->has_version = p->fault != CRL_FAULT_VERSION;
    t->version = 1;
    t->signature = algorithm(p, CRL_FAULT_ALGORITHM_INNER);
    x.signatureAlgorithm = algorithm(p, CRL_FAULT_ALGORITHM_OUTER);
    if (asn1_decode(m->arena, &x509_Name_type, ci->subject, ASN1_WIRE, &t->issuer, m->err) != 0)
        return -1;
    t->issuer.n -= p->fault == CRL_FAULT_ISSUER_NAME;
    times_make(m, t, &next);
    if (entries_make(m, &t->revokedCertificates) != 0 || list_extensions(m, ci, &list) != 0)
        return -1;
    t->crlExtensions = &list;
    return sign(m, &x, key, der);
}

int crl_make(struct arena *a, const struct crl_plan *p, const struct cert *ci, const struct ec_key *key,
             struct bytes *der, struct err *e)
{
    struct making m = { .arena = a, .plan = p, .revoked = p->revoked, .n_revoked = p->n, .err = e };
    return make(&m, ci, key, der);
}

/* Segments of `each` entries; 1 if one of them is too long. */
static int segments_make(struct arena *a, const struct crl_plan *p, size_t each, const struct cert *ci,
                         const struct ec_key *key, struct bytes *items, struct err *e)
{
    int64_t parts = (int64_t)((p->n + each - 1) / each);
    for (int64_t i = 0; i < parts; i++) {
        size_t at = (size_t)i * each, n = p->n - at < each ? p->n - at : each;
        struct making m = { a, p, p->revoked + at, n, i + 1, parts, NULL, 0, e };
        if (make(&m, ci, key, &items[i]) != 0)
            return -1;
        if (items[i].n > CRL_SEGMENT_OCTETS)
            return 1;
    }
    return 0;
}

int crl_make_segments(struct arena *a, const struct crl_plan *p, const struct cert *ci, const struct ec_key *key,
                      struct bytes **items, size_t *n, struct err *e)
{
    enum { SMALLEST_ENTRY = 20 }; /* a serial number of one octet and a UTCTime */
    *n = 1;
    *items = arena_array(a, p->n + 1, sizeof **items);
    if (!*items)
        return err_set(e, ERR_MEMORY, NULL, "no memory for the segments of a revocation list");
    if (crl_make(a, p, ci, key, &(*items)[0], e) != 0)
        return -1;
    if ((*items)[0].n <= CRL_SEGMENT_OCTETS)
        return 0;
    int result = 1;
    for (size_t each = CRL_SEGMENT_OCTETS / SMALLEST_ENTRY; p->n && result == 1 && each > 0; each--) {
        *n = (p->n + each - 1) / each;
        result = segments_make(a, p, each, ci, key, *items, e);
    }
    return result == 1 ? err_set(e, ERR_LIMIT, "SGP.22 4.6.1", "a segment is too long even with one entry") : result;
}
