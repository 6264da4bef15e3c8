/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "saip/describe_parts.h"

static const char *const kinds[] = {
    [SAIP_DOMAIN] = "security domain",
    [SAIP_APPLICATION] = "application",
    [SAIP_RFM] = "remote file management",
};

/* GlobalPlatform Card Specification 2.3 Table 11-16. */
static const char *key_type(struct arena *a, uint8_t type)
{
    static const struct {
        uint8_t type;
        const char *name;
    } types[] = { { 0x80, "DES" }, { 0x82, "3DES" }, { 0x85, "PSK" },  { 0x88, "AES" },
                  { 0x90, "HMAC" }, { 0xA1, "RSA" }, { 0xB0, "ECC public" }, { 0xB1, "ECC private" } };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].type == type)
            return types[i].name;
    return arena_printf(a, "type %02X", type);
}

/* What the key's version number means (TCA profile package 8.6.3, GlobalPlatform). */
static const char *version_use(uint8_t version)
{
    static const struct {
        uint8_t from, to;
        const char *use;
    } uses[] = { { 0x01, 0x0F, "SCP80" }, { 0x20, 0x2F, "SCP02" }, { 0x30, 0x3F, "SCP03" }, { 0x40, 0x4F, "SCP81" },
                 { 0x70, 0x75, "tokens, receipts, CASD" } };
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++)
        if (version >= uses[i].from && version <= uses[i].to)
            return uses[i].use;
    return "other";
}

/* GlobalPlatform Card Specification 2.3 Table 11-17, the combinations that SCP80 uses (TS 102 226 8.2.1.5). */
static const char *usage(struct arena *a, struct bytes qualifier)
{
    static const struct {
        uint8_t qualifier;
        const char *name;
    } usual[] = { { 0x18, "ciphering" }, { 0x14, "integrity" }, { 0x48, "key decryption" } };
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (qualifier.n == 1 && qualifier.p[0] == usual[i].qualifier)
            return usual[i].name;
    const char *hex = hex_encode(a, qualifier);
    return hex ? arena_printf(a, "usage %s", hex) : NULL;
}

static void key(struct saip_told *list, const struct saip_KeyObject *k)
{
    struct arena *a = list->tale->arena;
    uint8_t version = k->keyVersionNumber.n ? k->keyVersionNumber.p[0] : 0;
    uint8_t identifier = k->keyIdentifier.n ? k->keyIdentifier.p[0] : 0;
    struct saip_told *item = saip_told_item(list, arena_printf(a, "%02X/%02X", version, identifier));
    saip_told_mark(saip_told_format(item, "version", "%02X", version), SAIP_TOLD_PROGRAMS);
    saip_told_mark(saip_told_format(item, "identifier", "%02X", identifier), SAIP_TOLD_PROGRAMS);
    saip_told_text(item, "protocol", version_use(version));
    saip_told_text(item, "usage", usage(a, k->keyUsageQualifier));
    for (size_t i = 0; i < k->keyComponents.n; i++) {
        const struct saip_KeyObject_keyComponents_item *c = &k->keyComponents.items[i];
        const char *type = i ? arena_printf(a, "type%zu", i + 1) : "type";
        const char *value = i ? arena_printf(a, "value%zu", i + 1) : "value";
        if (!type || !value)
            return;
        saip_told_text(item, type, key_type(a, c->keyType.n ? c->keyType.p[0] : 0));
        saip_told_mark(saip_told_octets(item, value, c->keyData), SAIP_TOLD_SECRET | SAIP_TOLD_PERSONAL);
    }
}

/* The element that made a module: by its AID. */
static const struct saip_PE_SecurityDomain *domain_of(const struct saip_package *p, struct bytes aid)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->items[i].which == saip_ProfileElement_securityDomain &&
            bytes_equal(p->items[i].securityDomain.instance.instanceAID, aid))
            return &p->items[i].securityDomain;
    return NULL;
}

static void domain(struct saip_told *item, const struct saip_subject *s, const struct saip_module *m)
{
    const struct saip_PE_SecurityDomain *p = domain_of(s->package, m->aid);
    if (!p)
        return;
    saip_told_octets(item, "privileges", p->instance.applicationPrivileges);
    saip_told_octets(item, "lifeCycle", p->instance.lifeCycleState);
    saip_told_octets(item, "parameters", p->instance.applicationSpecificParametersC9);
    if (p->sdPersoData)
        saip_told_number(item, "personalisationCommands", (int64_t)p->sdPersoData->n);
    struct saip_told *keys = saip_told_list(item, "keys");
    for (size_t i = 0; keys && p->keyList && i < p->keyList->n; i++)
        key(keys, &p->keyList->items[i]);
}

/* TS 102 225 5.1.1, first octet: the least that a command's security must be. */
static const char *security_words(struct arena *a, uint8_t spi)
{
    static const char *const checks[] = { NULL, "redundancy check", "cryptographic checksum", "digital signature" };
    static const char *const counters[] = { NULL, "counter, not checked", "counter higher", "counter one higher" };
    struct buf out = buf_in(a);
    buf_printf(&out, "%02X", spi);
    if (checks[spi & 3])
        buf_printf(&out, ", %s", checks[spi & 3]);
    if (spi & 4)
        buf_text(&out, ", ciphering");
    if (counters[spi >> 3 & 3])
        buf_printf(&out, ", %s", counters[spi >> 3 & 3]);
    return buf_str(&out);
}

static const char *tars(struct arena *a, struct bytes all)
{
    struct buf out = buf_in(a);
    for (size_t i = 0; i < all.n; i += 3) {
        buf_text(&out, i ? " " : "");
        hex_append(&out, bytes_slice(all, i, 3));
    }
    return buf_str(&out);
}

/* TS 102 226 8.2.1.3.2.5: 02 is followed by what a UICC's access rules ask for. */
static void access_domain(struct saip_told *item, const char *name, struct bytes domain)
{
    if (domain.n == 1 && domain.p[0] == 0x00)
        saip_told_text(item, name, "full");
    else if (domain.n == 1 && domain.p[0] == 0xFF)
        saip_told_text(item, name, "none");
    else
        saip_told_octets(item, name, domain);
}

static void rfm(struct saip_told *item, const struct saip_subject *s, const struct saip_module *m)
{
    for (size_t i = 0; i < s->package->n; i++) {
        const struct saip_PE_RFM *p = &s->package->items[i].rfm;
        if (s->package->items[i].which != saip_ProfileElement_rfm || !bytes_equal(p->instanceAID, m->aid))
            continue;
        access_domain(item, "uiccAccess", p->uiccAccessDomain);
        access_domain(item, "uiccAdminAccess", p->uiccAdminAccessDomain);
        if (!p->adfRFMAccess)
            continue;
        saip_told_octets(item, "adf", p->adfRFMAccess->adfAID);
        access_domain(item, "adfAccess", p->adfRFMAccess->adfAccessDomain);
        access_domain(item, "adfAdminAccess", p->adfRFMAccess->adfAdminAccessDomain);
    }
}

static void module(struct saip_told *list, const struct saip_subject *s, const struct saip_module *m)
{
    struct arena *a = list->tale->arena;
    bool instance = m->aid.p != NULL;
    const char *aid = hex_encode(a, instance ? m->aid : m->load_package);
    struct saip_told *item = saip_told_item(list, arena_printf(a, "%s %s", kinds[m->kind], aid ? aid : ""));
    if (!item)
        return;
    saip_told_mark(saip_told_text(item, "kind", kinds[m->kind]), SAIP_TOLD_APART | SAIP_TOLD_PROGRAMS);
    if (instance)
        saip_told_octets(item, "aid", m->aid);
    saip_told_octets(item, "loadPackage", m->load_package);
    if (m->code)
        saip_told_number(item, "codeOctets", (int64_t)m->code);
    saip_told_octets(item, "domain", m->domain);
    if (m->tars.n) {
        saip_told_text(item, "tars", tars(a, m->tars));
        saip_told_text(item, "securityLevel", security_words(a, m->security_level));
    }
    if (m->kind == SAIP_DOMAIN)
        domain(item, s, m);
    else if (m->kind == SAIP_RFM)
        rfm(item, s, m);
}

static void cdma(struct saip_told *list, const struct saip_cdma *c)
{
    const unsigned secret = SAIP_TOLD_SECRET | SAIP_TOLD_PERSONAL;
    const char *path = saip_file_path(list->tale->arena, c->adf);
    struct saip_told *item = saip_told_item(list, path);
    if (!item)
        return;
    saip_told_mark(saip_told_text(item, "of", path), SAIP_TOLD_APART | SAIP_TOLD_PROGRAMS);
    saip_told_mark(saip_told_octets(item, "authenticationKey", c->key), secret);
    saip_told_mark(saip_told_octets(item, "ssd", c->ssd), secret);
    saip_told_mark(saip_told_octets(item, "hrpdAccess", c->hrpd), secret);
    saip_told_mark(saip_told_octets(item, "simpleIp", c->simple_ip), secret);
    saip_told_mark(saip_told_octets(item, "mobileIp", c->mobile_ip), secret);
}

void saip_tell_modules(struct saip_told *root, const struct saip_subject *s)
{
    struct saip_told *list = saip_told_list(root, "modules");
    for (size_t i = 0; list && i < s->image->n_modules; i++)
        module(list, s, &s->image->modules[i]);
    list = saip_told_list(root, "cdma");
    for (size_t i = 0; list && i < s->image->n_cdmas; i++)
        cdma(list, &s->image->cdmas[i]);
}
