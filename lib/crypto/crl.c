/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crl.h"

#include <stdlib.h>

#include "asn1/tlv.h"
#include "crypto/x509.h"

static const char CLAUSE[] = "SGP.22 4.6", NUMBER_CLAUSE[] = "RFC 5280 5.2.3", POINT_CLAUSE[] = "RFC 5280 5.2.5";

/* ------------------------------------------------------------------------- numbers */

static struct bytes without_sign(struct bytes number)
{
    return number.n > 1 && number.p[0] == 0 ? bytes_slice(number, 1, number.n) : number;
}

/* Shorter ones first: any order will do where only equality counts, and it is that of unsigned numbers. */
static int octets_compare(struct bytes a, struct bytes b)
{
    return a.n != b.n ? (a.n < b.n ? -1 : 1) : memcmp(a.p, b.p, a.n);
}

int crl_number_compare(struct bytes a, struct bytes b)
{
    return octets_compare(without_sign(a), without_sign(b));
}

const char *crl_number_text(struct bytes number, char out[CRL_NUMBER_TEXT])
{
    uint8_t left[CRL_NUMBER_OCTETS_MAX] = { 0 };
    size_t at = CRL_NUMBER_TEXT - 1;
    bool more = true;
    memcpy(left, number.p, number.n);
    for (out[at] = '\0'; more;) {
        unsigned rest = 0;
        more = false;
        for (size_t i = 0; i < number.n; i++) {
            unsigned value = rest << 8 | left[i];
            left[i] = (uint8_t)(value / 10);
            rest = value % 10;
            more = more || left[i];
        }
        out[--at] = (char)('0' + rest);
    }
    return out + at;
}

const char *crl_reason_name(int64_t reason)
{
    const char *name = asn1_name_of(&x509_CRLReason_type, reason);
    return name ? name : reason == CRL_REASON_NONE ? "no reason given" : "a reason that is not known";
}

/* ---------------------------------------------------------------------- extensions */

struct reading {
    struct arena *arena;
    struct crl *crl;
    struct crl_entry *entry; /* the one whose extensions are read, or NULL */
    uint32_t seen;           /* 1 << enum crl_extension */
    struct err *err;
};

#define DECODE(r, type, value, out) asn1_decode((r)->arena, &type, value, ASN1_WIRE, out, (r)->err)

static int read_aki(struct reading *r, const struct x509_Extension *x)
{
    struct x509_AuthorityKeyIdentifier a;
    if (DECODE(r, x509_AuthorityKeyIdentifier_type, x->extnValue, &a) != 0)
        return -1;
    r->crl->aki = a.keyIdentifier;
    return a.keyIdentifier.n ? 0 : err_set(r->err, ERR_VALUE, CLAUSE, "it has no keyIdentifier");
}

static int number_decode(struct reading *r, struct bytes value, struct bytes *out)
{
    if (DECODE(r, x509_CRLNumber_type, value, out) != 0)
        return -1;
    if (out->p[0] & 0x80)
        return err_set(r->err, ERR_VALUE, NUMBER_CLAUSE, "the number of a revocation list is negative");
    if (without_sign(*out).n > CRL_NUMBER_OCTETS_MAX)
        return err_set(r->err, ERR_LIMIT, NUMBER_CLAUSE, "a number of more than %d octets", CRL_NUMBER_OCTETS_MAX);
    *out = without_sign(*out);
    return 0;
}

static int read_number(struct reading *r, const struct x509_Extension *x)
{
    return number_decode(r, x->extnValue, &r->crl->number);
}

static int read_delta(struct reading *r, const struct x509_Extension *x)
{
    return number_decode(r, x->extnValue, &r->crl->base_number);
}

/* A list for some certificates only would let the others pass: it must be for all of them (SGP.22 4.6). */
static int read_point(struct reading *r, const struct x509_Extension *x)
{
    struct x509_IssuingDistributionPoint p;
    if (DECODE(r, x509_IssuingDistributionPoint_type, x->extnValue, &p) != 0)
        return -1;
    if (!x->critical)
        return err_set(r->err, ERR_VALUE, POINT_CLAUSE, "it is not critical");
    if (!p.distributionPoint)
        return err_set(r->err, ERR_VALUE, CLAUSE, "it names no distribution point");
    if (p.indirectCRL)
        return err_set(r->err, ERR_VALUE, CLAUSE, "the list is of certificates of other issuers too (indirectCRL)");
    if (p.onlyContainsUserCerts || p.onlyContainsCACerts || p.onlyContainsAttributeCerts || p.onlySomeReasons.p)
        return err_set(r->err, ERR_VALUE, CLAUSE, "the list is for some certificates or reasons only");
    return 0;
}

static int read_freshest(struct reading *r, const struct x509_Extension *x)
{
    struct x509_CRLDistributionPoints points;
    return DECODE(r, x509_CRLDistributionPoints_type, x->extnValue, &points);
}

static int read_parts(struct reading *r, const struct x509_Extension *x)
{
    return DECODE(r, x509_PartialCrlNumber_type, x->extnValue, &r->crl->parts);
}

static int read_part(struct reading *r, const struct x509_Extension *x)
{
    return DECODE(r, x509_PartialCrlNumber_type, x->extnValue, &r->crl->part);
}

static int read_reason(struct reading *r, const struct x509_Extension *x)
{
    return DECODE(r, x509_CRLReason_type, x->extnValue, &r->entry->reason);
}

static int read_expires(struct reading *r, const struct x509_Extension *x)
{
    struct x509_Time t;
    r->entry->has_expires = true;
    return DECODE(r, x509_Time_type, x->extnValue, &t) != 0 ? -1 : x509_time_read(&t, &r->entry->expires, r->err);
}

/* id-ce is 2.5.29, id-rspExt 2.23.146.1.2.0 */
#define ID_CE(n) { 0x55, 0x1D, n }, 3
#define ID_RSP_EXT(n) { 0x67, 0x81, 0x12, 0x01, 0x02, 0x00, n }, 7

static const struct {
    uint8_t oid[7];
    size_t n;
    bool of_entry;
    int (*read)(struct reading *, const struct x509_Extension *);
    const char *name;
} extensions[CRL_EXTENSIONS] = {
    [CRL_AKI] = { ID_CE(35), false, read_aki, "authorityKeyIdentifier" },
    [CRL_NUMBER] = { ID_CE(20), false, read_number, "cRLNumber" },
    [CRL_POINT] = { ID_CE(28), false, read_point, "issuingDistributionPoint" },
    [CRL_DELTA] = { ID_CE(27), false, read_delta, "deltaCRLIndicator" },
    [CRL_FRESHEST] = { ID_CE(46), false, read_freshest, "freshestCRL" },
    [CRL_PARTS] = { ID_RSP_EXT(2), false, read_parts, "totalPartialCrlNumber" },
    [CRL_PART] = { ID_RSP_EXT(3), false, read_part, "partialCrlNumber" },
    [CRL_REASON] = { ID_CE(21), true, read_reason, "cRLReasons" },
    [CRL_EXPIRES] = { ID_RSP_EXT(1), true, read_expires, "expDate" },
};

struct bytes crl_extension_oid(enum crl_extension which)
{
    return bytes_make(extensions[which].oid, extensions[which].n);
}

static int extension_read(struct reading *r, const struct x509_Extension *x)
{
    for (int i = 0; i < CRL_EXTENSIONS; i++) {
        if (extensions[i].of_entry != (r->entry != NULL) ||
            !bytes_equal(x->extnID, crl_extension_oid((enum crl_extension)i)))
            continue;
        if (r->seen >> i & 1)
            return err_set(r->err, ERR_VALUE, "RFC 5280 4.2", "extension %s appears twice", extensions[i].name);
        r->seen |= 1u << i;
        return extensions[i].read(r, x) == 0 ? 0 : err_within(r->err, "extension %s", extensions[i].name);
    }
    return x->critical ? err_set(r->err, ERR_VALUE, "RFC 5280 5.2", "an unknown extension is critical") : 0;
}

/* ------------------------------------------------------------------------- entries */

static int entry_extensions(struct reading *r, struct bytes list)
{
    struct cursor c = { 0 };
    struct tlv tlv = { 0 };
    if (list.p) {
        c = cursor_over(list);
        if (tlv_next(&c, ASN1_WIRE, &tlv, r->err) != 0)
            return -1;
        c = cursor_over(tlv.value);
    }
    r->seen = 0;
    while (!cursor_done(&c)) {
        struct x509_Extension x;
        if (asn1_decode_next(r->arena, &x509_Extension_type, &c, ASN1_WIRE, &x, r->err) != 0 ||
            extension_read(r, &x) != 0)
            return -1;
    }
    return 0;
}

static int entry_read(struct reading *r, struct cursor *c, struct crl_entry *out)
{
    struct x509_RevokedCertificate x;
    if (asn1_decode_next(r->arena, &x509_RevokedCertificate_type, c, ASN1_WIRE, &x, r->err) != 0)
        return -1;
    *out = (struct crl_entry){ .serial = x.userCertificate, .reason = CRL_REASON_NONE };
    r->entry = out;
    if (x509_time_read(&x.revocationDate, &out->date, r->err) != 0 || entry_extensions(r, x.crlEntryExtensions) != 0)
        return -1;
    if (out->reason == x509_CRLReason_removeFromCRL && !r->crl->base_number.p)
        return err_set(r->err, ERR_VALUE, "RFC 5280 5.3.1", "removeFromCRL stands in a list that is no delta");
    return 0;
}

static int by_serial(const void *a, const void *b)
{
    const struct crl_entry *x = a, *y = b;
    return octets_compare(x->serial, y->serial);
}

static int entries_count(struct reading *r, struct cursor c, size_t *n)
{
    struct tlv tlv;
    for (*n = 0; !cursor_done(&c); ++*n)
        if (tlv_next(&c, ASN1_WIRE, &tlv, r->err) != 0)
            return err_within(r->err, "entry %zu", *n + 1);
    return *n ? 0 : err_set(r->err, ERR_VALUE, "RFC 5280 5.1.2.6", "revokedCertificates is there and empty");
}

static struct crl_entry *entries_new(struct arena *a, size_t n, struct err *e)
{
    struct crl_entry *entries = arena_array(a, n, sizeof *entries);
    if (!entries)
        err_set(e, ERR_MEMORY, NULL, "no memory for %zu entries of a revocation list", n);
    return entries;
}

static int entries_read(struct reading *r, struct bytes list)
{
    struct cursor c = cursor_over(list);
    struct tlv tlv;
    if (!list.p)
        return 0;
    if (tlv_next(&c, ASN1_WIRE, &tlv, r->err) != 0)
        return -1;
    c = cursor_over(tlv.value);
    if (entries_count(r, c, &r->crl->n) != 0)
        return -1;
    struct crl_entry *entries = entries_new(r->arena, r->crl->n, r->err);
    if (!entries)
        return -1;
    for (size_t i = 0; i < r->crl->n; i++)
        if (entry_read(r, &c, &entries[i]) != 0)
            return err_within(r->err, "entry %zu", i + 1);
    qsort(entries, r->crl->n, sizeof *entries, by_serial);
    r->crl->entries = entries;
    return 0;
}

const struct crl_entry *crl_find(const struct crl *l, struct bytes serial)
{
    const struct crl_entry key = { .serial = serial };
    return l->n ? bsearch(&key, l->entries, l->n, sizeof key, by_serial) : NULL;
}

/* --------------------------------------------------------------------------- lists */

static int extensions_check(const struct crl *l, uint32_t seen, struct err *e)
{
    static const enum crl_extension needed[] = { CRL_AKI, CRL_NUMBER, CRL_POINT };
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!(seen >> needed[i] & 1))
            return err_set(e, ERR_VALUE, CLAUSE, "the extension %s is missing", extensions[needed[i]].name);
    bool parts = seen >> CRL_PARTS & 1, part = seen >> CRL_PART & 1;
    if (parts != part)
        return err_set(e, ERR_VALUE, CLAUSE, "of totalPartialCrlNumber and partialCrlNumber one is missing");
    if (parts && (l->parts > CRL_PARTS_MAX || l->part < 1 || l->part > l->parts))
        return err_set(e, ERR_VALUE, CLAUSE, "segment %lld of %lld", (long long)l->part, (long long)l->parts);
    if (l->base_number.p && crl_number_compare(l->base_number, l->number) >= 0)
        return err_set(e, ERR_VALUE, "RFC 5280 5.2.4", "a delta that builds on a number not below its own");
    return 0;
}

static int times_read(const struct x509_TBSCertList *t, struct crl *out, struct err *e)
{
    if (!t->nextUpdate)
        return err_set(e, ERR_VALUE, "RFC 5280 5.1.2.5", "nextUpdate is missing");
    if (x509_time_read(&t->thisUpdate, &out->this_update, e) != 0 ||
        x509_time_read(t->nextUpdate, &out->next_update, e) != 0)
        return -1;
    if (out->next_update <= out->this_update)
        return err_set(e, ERR_VALUE, "RFC 5280 5.1.2.5", "nextUpdate is not after thisUpdate");
    return 0;
}

static int header_read(const struct x509_CertificateList *x, struct crl *out, struct err *e)
{
    const struct x509_TBSCertList *t = &x->tbsCertList;
    if (!t->has_version || t->version != 1)
        return err_set(e, ERR_VALUE, CLAUSE, "a revocation list of another version than 2");
    if (!x509_is_ecdsa_sha256(&t->signature) || !x509_is_ecdsa_sha256(&x->signatureAlgorithm))
        return err_set(e, ERR_VALUE, CLAUSE, "it is not signed by ECDSA with SHA-256");
    if (x->signatureValue.n % 8)
        return err_set(e, ERR_VALUE, CLAUSE, "the signature is not a whole number of octets");
    out->tbs = t->raw;
    out->issuer = t->issuer.raw;
    out->signature = bytes_make(x->signatureValue.p, x->signatureValue.n / 8);
    return times_read(t, out, e);
}

int crl_parse(struct arena *a, struct bytes der, struct crl *out, struct err *e)
{
    struct x509_CertificateList x;
    struct reading r = { .arena = a, .crl = out, .err = e };
    *out = (struct crl){ .der = der };
    if (asn1_decode(a, &x509_CertificateList_type, der, ASN1_WIRE, &x, e) != 0 || header_read(&x, out, e) != 0)
        return -1;
    const struct x509_Extensions *list = x.tbsCertList.crlExtensions;
    for (size_t i = 0; list && i < list->n; i++)
        if (extension_read(&r, &list->items[i]) != 0)
            return -1;
    if (extensions_check(out, r.seen, e) != 0)
        return -1;
    return entries_read(&r, x.tbsCertList.revokedCertificates);
}

int crl_verify(const struct crl *l, const struct cert *ci, struct err *e)
{
    if (!ci->has_key_usage || !asn1_bit(ci->key_usage, x509_KeyUsage_cRLSign))
        return err_set(e, ERR_VERIFY, "RFC 5280 6.3.3", "the CI's key may not sign revocation lists (cRLSign)");
    if (!bytes_equal(l->issuer, ci->subject))
        return err_set(e, ERR_VERIFY, CLAUSE, "the revocation list names another issuer");
    if (!bytes_equal(l->aki, ci->ski))
        return err_set(e, ERR_VERIFY, CLAUSE, "the revocation list was issued under another key");
    struct ec_public *key;
    if (ec_public_new(ci->curve, ci->point, &key, e) != 0)
        return -1;
    int result = ec_verify_der(key, l->tbs, l->signature, e);
    ec_public_free(key);
    return result == 0 ? 0 : err_set(e, ERR_VERIFY, CLAUSE, "the signature of the revocation list is wrong");
}

/* ------------------------------------------------------------- segments and deltas */

static bool same_list(const struct crl *a, const struct crl *b)
{
    return bytes_equal(a->issuer, b->issuer) && bytes_equal(a->aki, b->aki) && bytes_equal(a->number, b->number) &&
           bytes_equal(a->base_number, b->base_number) && a->this_update == b->this_update &&
           a->next_update == b->next_update && a->parts == b->parts;
}

/* Every one of 1..n is there once, and all belong together. */
static int segments_check(struct arena *a, const struct crl *s, size_t n, struct err *e)
{
    bool *there = arena_array(a, n + 1, sizeof *there);
    if (!there)
        return err_set(e, ERR_MEMORY, NULL, "no memory for %zu segments", n);
    for (size_t i = 0; i < n; i++) {
        if (s[i].parts == 0)
            return err_set(e, ERR_VALUE, CLAUSE, "list %zu of %zu is not a segment", i + 1, n);
        if (!same_list(&s[0], &s[i]))
            return err_set(e, ERR_VALUE, CLAUSE, "segment %lld is of another list than segment %lld",
                           (long long)s[i].part, (long long)s[0].part);
        if ((size_t)s[i].part <= n && there[s[i].part])
            return err_set(e, ERR_VALUE, CLAUSE, "segment %lld is there twice", (long long)s[i].part);
        if ((size_t)s[i].part <= n)
            there[s[i].part] = true;
    }
    for (size_t i = 1; i <= n; i++)
        if (!there[i])
            return err_set(e, ERR_VALUE, CLAUSE, "segment %zu of %lld is missing", i, (long long)s[0].parts);
    if ((size_t)s[0].parts != n)
        return err_set(e, ERR_VALUE, CLAUSE, "segment %zu of %lld is missing", n + 1, (long long)s[0].parts);
    return 0;
}

int crl_join(struct arena *a, const struct crl *segments, size_t n, struct crl *out, struct err *e)
{
    if (n == 0)
        return err_set(e, ERR_VALUE, CLAUSE, "no revocation list at all");
    *out = segments[0];
    if (n == 1 && segments[0].parts == 0)
        return 0;
    if (segments_check(a, segments, n, e) != 0)
        return -1;
    out->n = 0;
    for (size_t i = 0; i < n; i++)
        out->n += segments[i].n;
    struct crl_entry *entries = entries_new(a, out->n, e), *at = entries;
    if (!entries)
        return -1;
    for (size_t i = 0; i < n; at += segments[i++].n)
        if (segments[i].n)
            memcpy(at, segments[i].entries, segments[i].n * sizeof *at);
    qsort(entries, out->n, sizeof *entries, by_serial);
    out->entries = entries;
    out->der = out->tbs = out->signature = BYTES_NONE;
    out->part = out->parts = 0;
    return 0;
}

static int base_check(const struct crl *base, const struct crl *delta, struct err *e)
{
    char have[CRL_NUMBER_TEXT], from[CRL_NUMBER_TEXT], to[CRL_NUMBER_TEXT];
    if (!delta->base_number.p)
        return err_set(e, ERR_VALUE, CLAUSE, "the list is no delta");
    if (base->base_number.p || base->parts || delta->parts)
        return err_set(e, ERR_VALUE, CLAUSE, "a delta builds on a complete list, both without segments");
    if (!bytes_equal(base->issuer, delta->issuer) || !bytes_equal(base->aki, delta->aki))
        return err_set(e, ERR_VALUE, CLAUSE, "base and delta are of different issuers");
    if (crl_number_compare(base->number, delta->base_number) < 0 ||
        crl_number_compare(base->number, delta->number) >= 0)
        return err_set(e, ERR_VALUE, "RFC 5280 5.2.4", "delta %s builds on list %s or a later one, here is %s",
                       crl_number_text(delta->number, to), crl_number_text(delta->base_number, from),
                       crl_number_text(base->number, have));
    return 0;
}

int crl_merge(struct arena *a, const struct crl *base, const struct crl *delta, struct crl *out, struct err *e)
{
    if (base_check(base, delta, e) != 0)
        return -1;
    struct crl_entry *entries = entries_new(a, base->n + delta->n, e);
    if (!entries)
        return -1;
    *out = *delta;
    out->n = 0;
    for (size_t i = 0; i < base->n; i++) {
        entries[out->n] = base->entries[i];
        entries[out->n].serial = arena_copy(a, base->entries[i].serial);
        if (!entries[out->n++].serial.p)
            return err_set(e, ERR_MEMORY, NULL, "no memory for the entries of the base");
    }
    for (size_t i = 0; i < delta->n; i++)
        if (delta->entries[i].reason != x509_CRLReason_removeFromCRL && !crl_find(base, delta->entries[i].serial))
            entries[out->n++] = delta->entries[i];
    qsort(entries, out->n, sizeof *entries, by_serial);
    out->entries = entries;
    out->der = out->tbs = out->signature = out->base_number = BYTES_NONE;
    return 0;
}

/* ------------------------------------------------------------------------- as text */

static const char LABEL[] = "X509 CRL";

int crl_from_file(struct arena *a, struct bytes file, struct bytes *der, struct err *e)
{
    if (file.n && file.p[0] == 0x30) {
        *der = file;
        return 0;
    }
    if (x509_pem_read(a, file, LABEL, der, e) != 0)
        return -1;
    if (der->p)
        return 0;
    if (x509_base64_read(a, file, der, NULL) == 0 && der->n && der->p[0] == 0x30)
        return 0;
    return err_set(e, ERR_SYNTAX, NULL, "a revocation list is neither in DER nor in PEM nor in Base64");
}

struct bytes crl_to_pem(struct arena *a, struct bytes der)
{
    return x509_pem_make(a, LABEL, der);
}
