/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/look.h"

static struct saip_place place(size_t i, const char *member, struct bytes part)
{
    return (struct saip_place){ i + 1, member, part };
}

static const struct saip_PE_SecurityDomain *domain(const struct saip_look *l, size_t i)
{
    const struct saip_ProfileElement *pe = &l->package->items[i];
    return pe->which == saip_ProfileElement_securityDomain ? &pe->securityDomain : NULL;
}

/* The first domain is the MNO-SD (TCA 8.6.2): its place, or the number of elements. */
static size_t mno(const struct saip_look *l)
{
    size_t i = 0;
    while (i < l->package->n && !domain(l, i))
        i++;
    return i;
}

void saip_check_mno_only(struct saip_look *l)
{
    for (size_t i = mno(l) + 1; i < l->package->n; i++) {
        const struct saip_PE_SecurityDomain *d = domain(l, i);
        if (d && d->openPersoData)
            saip_found(l, place(i, "openPersoData", BYTES_NONE), "openPersoData for the MNO-SD only",
                       "some for another domain");
        if (d && d->catTpParameters)
            saip_found(l, place(i, "catTpParameters", BYTES_NONE), "catTpParameters for the MNO-SD only",
                       "some for another domain");
    }
}

void saip_check_mno_extradition(struct saip_look *l)
{
    size_t i = mno(l);
    if (i < l->package->n && domain(l, i)->instance.extraditeSecurityDomainAID.p)
        saip_found(l, place(i, "extraditeSecurityDomainAID", domain(l, i)->instance.extraditeSecurityDomainAID),
                   "an MNO-SD that belongs to itself", "an AID that it is extradited to");
}

static void target_check(struct saip_look *l, size_t i, struct bytes aid)
{
    enum { PERSONALIZED = 0x0F };
    for (size_t k = 0; aid.p && k < l->package->n; k++) {
        const struct saip_PE_SecurityDomain *d = domain(l, k);
        if (d && bytes_equal(d->instance.instanceAID, aid) && d->instance.lifeCycleState.n &&
            d->instance.lifeCycleState.p[0] != PERSONALIZED)
            saip_found(l, place(i, "extraditeSecurityDomainAID", aid), "a security domain that is PERSONALIZED (0F)",
                       "one in state %02X", d->instance.lifeCycleState.p[0]);
    }
}

void saip_check_domain_state(struct saip_look *l)
{
    for (size_t i = 0; i < l->package->n; i++) {
        const struct saip_ProfileElement *pe = &l->package->items[i];
        if (pe->which == saip_ProfileElement_securityDomain)
            target_check(l, i, pe->securityDomain.instance.extraditeSecurityDomainAID);
        for (size_t k = 0; pe->which == saip_ProfileElement_application && pe->application.instanceList &&
                           k < pe->application.instanceList->n;
             k++)
            target_check(l, i, pe->application.instanceList->items[k].extraditeSecurityDomainAID);
    }
}

/* ------------------------------------------------------------------------------- keys */

typedef void key_check(struct saip_look *, size_t i, const struct saip_PE_SecurityDomain_keyList *, size_t k);

static void keys_check(struct saip_look *l, key_check *check)
{
    for (size_t i = 0; i < l->package->n; i++) {
        const struct saip_PE_SecurityDomain *d = domain(l, i);
        for (size_t k = 0; d && d->keyList && k < d->keyList->n; k++)
            check(l, i, d->keyList, k);
    }
}

static unsigned octet(struct bytes b)
{
    return b.n ? b.p[0] : 0;
}

static void key_once(struct saip_look *l, size_t i, const struct saip_PE_SecurityDomain_keyList *keys, size_t k)
{
    const struct saip_KeyObject *key = &keys->items[k];
    for (size_t j = 0; j < k; j++)
        if (bytes_equal(keys->items[j].keyIdentifier, key->keyIdentifier) &&
            bytes_equal(keys->items[j].keyVersionNumber, key->keyVersionNumber))
            saip_found(l, place(i, "keyList", key->raw), "each key once", "version %02X, identifier %02X again",
                       octet(key->keyVersionNumber), octet(key->keyIdentifier));
}

void saip_check_key_once(struct saip_look *l)
{
    keys_check(l, key_once);
}

static void component_once(struct saip_look *l, size_t i, const struct saip_PE_SecurityDomain_keyList *keys, size_t k)
{
    const struct saip_KeyObject *key = &keys->items[k];
    for (size_t c = 0; c < key->keyComponents.n; c++)
        for (size_t j = 0; j < c; j++)
            if (bytes_equal(key->keyComponents.items[j].keyType, key->keyComponents.items[c].keyType))
                saip_found(l, place(i, "keyList", key->raw), "each component of a key once", "type %02X again",
                           octet(key->keyComponents.items[c].keyType));
}

void saip_check_component_once(struct saip_look *l)
{
    keys_check(l, component_once);
}

/* What the version number says of a key: SCP80 (TS 102 225 5.1.1), SCP02, SCP03 and SCP11, SCP81, tokens, receipts and
 * CASD (GlobalPlatform UICC Configuration); 11 is the DAP key of TCA 8.6.3. */
static const struct {
    uint8_t from, to;
} versions[] = { { 0x01, 0x0F }, { 0x11, 0x11 }, { 0x20, 0x2F }, { 0x30, 0x3F }, { 0x40, 0x4F }, { 0x70, 0x75 } };

static void key_version(struct saip_look *l, size_t i, const struct saip_PE_SecurityDomain_keyList *keys, size_t k)
{
    unsigned version = octet(keys->items[k].keyVersionNumber);
    for (size_t j = 0; j < sizeof versions / sizeof *versions; j++)
        if (version >= versions[j].from && version <= versions[j].to)
            return;
    saip_found(l, place(i, "keyList", keys->items[k].raw),
               "a key version of SCP80 (01-0F), SCP02 (20-2F), SCP03 (30-3F), SCP81 (40-4F), tokens (70-75) or DAP"
               " (11)",
               "%02X", version);
}

void saip_check_key_version(struct saip_look *l)
{
    keys_check(l, key_version);
}

/* GlobalPlatform Card Specification 11.1.8: 80 to 82 DES, 88 AES. */
static void key_length(struct saip_look *l, size_t i, const struct saip_PE_SecurityDomain_keyList *keys, size_t k)
{
    const struct saip_KeyObject *key = &keys->items[k];
    for (size_t c = 0; c < key->keyComponents.n; c++) {
        unsigned type = octet(key->keyComponents.items[c].keyType);
        size_t n = key->keyComponents.items[c].keyData.n;
        bool des = type >= 0x80 && type <= 0x82, aes = type == 0x88;
        if ((des && n != 8 && n != 16 && n != 24) || (aes && n != 16 && n != 24 && n != 32))
            saip_found(l, place(i, "keyList", key->raw),
                       des ? "a DES key of 8, 16 or 24 octets" : "an AES key of 16, 24 or 32 octets", "%zu octets", n);
    }
}

void saip_check_key_length(struct saip_look *l)
{
    keys_check(l, key_length);
}

static size_t placeholders(const struct saip_PE_SecurityDomain *d)
{
    size_t n = 0;
    for (size_t k = 0; d->keyList && k < d->keyList->n; k++)
        for (size_t c = 0; c < d->keyList->items[k].keyComponents.n; c++)
            n += saip_is_placeholder(d->keyList->items[k].keyComponents.items[c].keyData);
    return n;
}

void saip_check_placeholder_ota(struct saip_look *l)
{
    for (size_t i = 0; i < l->package->n; i++) {
        const struct saip_PE_SecurityDomain *d = domain(l, i);
        if (d && placeholders(d))
            saip_found(l, place(i, "keyList", BYTES_NONE), "keys of the operator", "patterns, as of tests: %zu",
                       placeholders(d));
    }
}

/* ------------------------------------------------------------------------------- TARs */

enum { TAR = 3 };

static uint32_t tar(const struct saip_module *m, size_t at)
{
    return saip_number(bytes_slice(m->tars, at, TAR));
}

static struct saip_place module_place(const struct saip_look *l, const struct saip_module *m)
{
    for (size_t i = 0; i < l->package->n; i++) {
        const struct saip_ProfileElement *pe = &l->package->items[i];
        struct bytes aid = pe->which == saip_ProfileElement_securityDomain ? pe->securityDomain.instance.instanceAID
                           : pe->which == saip_ProfileElement_rfm          ? pe->rfm.instanceAID
                                                                           : BYTES_NONE;
        for (size_t k = 0; pe->which == saip_ProfileElement_application && pe->application.instanceList &&
                           k < pe->application.instanceList->n;
             k++)
            if (bytes_equal(pe->application.instanceList->items[k].instanceAID, m->aid))
                aid = m->aid;
        if (aid.p && bytes_equal(aid, m->aid))
            return place(i, NULL, BYTES_NONE);
    }
    return (struct saip_place){ 0 };
}

/* TS 101 220 Annex D: one application answers to a TAR. */
void saip_check_tar_once(struct saip_look *l)
{
    for (size_t i = 0; i < l->image->n_modules; i++)
        for (size_t k = 0; k + TAR <= l->image->modules[i].tars.n; k += TAR)
            for (size_t j = 0; j <= i; j++)
                for (size_t n = 0; n + TAR <= l->image->modules[j].tars.n && (j < i || n < k); n += TAR)
                    if (tar(&l->image->modules[j], n) == tar(&l->image->modules[i], k))
                        saip_found(l, module_place(l, &l->image->modules[i]), "a TAR of its own", "%06X again",
                                   (unsigned)tar(&l->image->modules[i], k));
}

/* TS 101 220 Annex D: B00000 to B0FFFF are remote file management's; 000000 is the issuer's domain. */
void saip_check_tar_range(struct saip_look *l)
{
    for (size_t i = 0; i < l->image->n_modules; i++) {
        const struct saip_module *m = &l->image->modules[i];
        for (size_t k = 0; k + TAR <= m->tars.n; k += TAR) {
            bool rfm = tar(m, k) >> 16 == 0xB0;
            if (m->kind == SAIP_RFM ? !rfm : rfm)
                saip_found(l, module_place(l, m),
                           m->kind == SAIP_RFM ? "a TAR of B00000 to B0FFFF for remote file management"
                                               : "a TAR outside B00000 to B0FFFF, which are remote file management's",
                           "%06X", (unsigned)tar(m, k));
        }
    }
}

/* TCA 8.8: without one it can't be addressed under SCP80. */
void saip_check_rfm_tar(struct saip_look *l)
{
    for (size_t i = 0; i < l->package->n; i++)
        if (l->package->items[i].which == saip_ProfileElement_rfm && !l->package->items[i].rfm.tarList &&
            l->package->items[i].rfm.instanceAID.n < 15)
            saip_found(l, place(i, "tarList", BYTES_NONE), "a TAR list, or an AID with a TAR in octets 13 to 15",
                       "an AID of %zu octets", l->package->items[i].rfm.instanceAID.n);
}

void saip_check_security_level(struct saip_look *l)
{
    for (size_t i = 0; i < l->package->n; i++)
        if (l->package->items[i].which == saip_ProfileElement_rfm &&
            octet(l->package->items[i].rfm.minimumSecurityLevel) == 0)
            saip_found(l, place(i, "minimumSecurityLevel", l->package->items[i].rfm.minimumSecurityLevel),
                       "a level that asks for a checksum or a cipher", "00, which lets everybody write");
}
