/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cursor.h"
#include "saip/builder.h"
#include "saip/limits.h"

static const char CLAUSE_DOMAIN[] = SAIP_CLAUSE("8.6.2"), CLAUSE_KEYS[] = SAIP_CLAUSE("8.6.3"),
                  CLAUSE_APPLICATION[] = SAIP_CLAUSE("8.7"), CLAUSE_RFM[] = SAIP_CLAUSE("8.8"),
                  CLAUSE_STATUS[] = SAIP_CLAUSE("8.10");

enum { TAR = 3 /* octets */, MSL_SPI1 = 1 /* TS 102 226 8.2.1.3.2.4: the level is an SPI1 */ };

static const struct saip_module *domain_of(const struct saip_image *m, struct bytes aid)
{
    for (size_t i = 0; i < m->n_modules; i++)
        if (m->modules[i].kind == SAIP_DOMAIN && (!aid.p || bytes_equal(m->modules[i].aid, aid)))
            return &m->modules[i];
    return NULL;
}

static int module_add(struct saip_builder *b, enum saip_module_kind kind, const char *clause, struct bytes aid,
                      struct saip_module **out)
{
    struct saip_image *m = b->image;
    for (size_t i = 0; aid.p && i < m->n_modules; i++)
        if (bytes_equal(m->modules[i].aid, aid))
            return saip_end(b, SAIP_BAD_VALUES, clause, "an AID of its own for each instance", "one of before");
    struct saip_module *module = &m->modules[m->n_modules++];
    *module = (struct saip_module){ .kind = kind, .aid = aid.p ? arena_copy(b->arena, aid) : BYTES_NONE };
    *out = module;
    return aid.p && !module->aid.p ? saip_no_memory(b) : 0;
}

static int instance_add(struct saip_builder *b, enum saip_module_kind kind, const char *clause,
                        const struct saip_ApplicationInstance *instance, struct saip_module **out)
{
    if (module_add(b, kind, clause, instance->instanceAID, out) != 0)
        return -1;
    (*out)->load_package = arena_copy(b->arena, instance->applicationLoadPackageAID);
    return (*out)->load_package.p ? 0 : saip_no_memory(b);
}

int saip_modules_room(struct saip_builder *b, const struct saip_package *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        const struct saip_PE_Application *app = &p->items[i].application;
        n += p->items[i].which == saip_ProfileElement_securityDomain || p->items[i].which == saip_ProfileElement_rfm;
        if (p->items[i].which == saip_ProfileElement_application)
            n += 1 + (app->instanceList ? app->instanceList->n : 0);
    }
    if (n > SAIP_MODULES_MAX)
        return saip_end(b, SAIP_NOT_ENOUGH_MEMORY, CLAUSE_APPLICATION, "at most 256 domains, applications and RFM",
                        "%zu", n);
    b->image->modules = arena_array(b->arena, n, sizeof *b->image->modules);
    return b->image->modules || n == 0 ? 0 : saip_no_memory(b);
}

/* The first domain is the MNO-SD, which everything belongs to that names no other. */
static int associate(struct saip_builder *b, struct saip_module *module, struct bytes domain, const char *clause)
{
    b->part = domain;
    if (!domain_of(b->image, domain))
        return saip_end(b, SAIP_INVALID_PARAMETER, clause, "a security domain that is there already",
                        domain.p ? "another AID" : "no security domain yet");
    module->domain = domain.p ? arena_copy(b->arena, domain) : BYTES_NONE;
    return domain.p && !module->domain.p ? saip_no_memory(b) : 0;
}

/* TS 102 226 8.2.1.3.2.2.1: security level and TARs stand behind the menu entries and channels. */
static int toolkit_read(struct saip_builder *b, struct saip_module *module, const struct saip_ApplicationInstance *i)
{
    const struct saip_UICCApplicationParameters *p = i->applicationParameters;
    if (!p || !p->uiccToolkitApplicationSpecificParametersField.n)
        return 0;
    struct cursor c = cursor_over(p->uiccToolkitApplicationSpecificParametersField);
    cursor_take(&c, 3);
    cursor_take(&c, 2 * (size_t)cursor_u8(&c));
    cursor_u8(&c);
    struct bytes level = cursor_take(&c, cursor_u8(&c)), tars = cursor_take(&c, cursor_u8(&c));
    b->part = p->uiccToolkitApplicationSpecificParametersField;
    if (c.failed || tars.n % TAR)
        return saip_end(b, SAIP_INVALID_PARAMETER, CLAUSE_APPLICATION, "toolkit parameters as in TS 102 226",
                        "%zu octets of something else", b->part.n);
    module->security_level = level.n == 2 && level.p[0] == MSL_SPI1 ? level.p[1] : 0;
    module->tars = arena_copy(b->arena, tars);
    return tars.n && !module->tars.p ? saip_no_memory(b) : 0;
}

/* TCA 8.6.3: no key twice, no component of a key twice. */
static int key_check(struct saip_builder *b, const struct saip_PE_SecurityDomain_keyList *keys, size_t at)
{
    const struct saip_KeyObject *k = &keys->items[at];
    b->part = k->raw;
    for (size_t i = 0; i < at; i++)
        if (bytes_equal(keys->items[i].keyIdentifier, k->keyIdentifier) &&
            bytes_equal(keys->items[i].keyVersionNumber, k->keyVersionNumber))
            return saip_end(b, SAIP_BAD_VALUES, CLAUSE_KEYS, "each key once", "version %02X, identifier %02X again",
                            k->keyVersionNumber.p[0], k->keyIdentifier.p[0]);
    if (k->keyComponents.n > SAIP_COMPONENTS_MAX)
        return saip_end(b, SAIP_NOT_ENOUGH_MEMORY, CLAUSE_KEYS, "at most 16 components of a key", "%zu",
                        k->keyComponents.n);
    for (size_t i = 0; i < k->keyComponents.n; i++)
        for (size_t j = 0; j < i; j++)
            if (bytes_equal(k->keyComponents.items[i].keyType, k->keyComponents.items[j].keyType))
                return saip_end(b, SAIP_BAD_VALUES, CLAUSE_KEYS, "each component of a key once", "one again");
    return 0;
}

static int keys_read(struct saip_builder *b, struct saip_module *domain, const struct saip_PE_SecurityDomain *p)
{
    struct buf versions = buf_in(b->arena);
    if (p->keyList && p->keyList->n > SAIP_KEYS_MAX)
        return saip_end(b, SAIP_NOT_ENOUGH_MEMORY, CLAUSE_KEYS, "at most 256 keys", "%zu", p->keyList->n);
    for (size_t i = 0; p->keyList && i < p->keyList->n; i++) {
        if (key_check(b, p->keyList, i) != 0)
            return -1;
        buf_add(&versions, p->keyList->items[i].keyVersionNumber);
        buf_add(&versions, p->keyList->items[i].keyIdentifier);
    }
    domain->key_versions = buf_bytes(&versions);
    return versions.failed ? saip_no_memory(b) : 0;
}

int saip_domain_install(struct saip_builder *b, const struct saip_ProfileElement *pe)
{
    const struct saip_PE_SecurityDomain *p = &pe->securityDomain;
    const struct saip_ApplicationInstance *instance = &p->instance;
    struct saip_module *domain;
    bool first = !domain_of(b->image, BYTES_NONE);
    if (instance_add(b, SAIP_DOMAIN, CLAUSE_DOMAIN, instance, &domain) != 0 ||
        (!first && associate(b, domain, instance->extraditeSecurityDomainAID, CLAUSE_DOMAIN) != 0))
        return -1;
    return keys_read(b, domain, p) != 0 || toolkit_read(b, domain, instance) != 0 ? -1 : 0;
}

static int load_keep(struct saip_builder *b, const struct saip_ApplicationLoadPackage *load)
{
    struct saip_module *module;
    if (module_add(b, SAIP_APPLICATION, CLAUSE_APPLICATION, BYTES_NONE, &module) != 0)
        return -1;
    module->load_package = arena_copy(b->arena, load->loadPackageAID);
    module->code = load->loadBlockObject.n;
    return !module->load_package.p ? saip_no_memory(b)
                                   : associate(b, module, load->securityDomainAID, CLAUSE_APPLICATION);
}

static int instance_keep(struct saip_builder *b, const struct saip_ApplicationInstance *instance)
{
    struct saip_module *module;
    return instance_add(b, SAIP_APPLICATION, CLAUSE_APPLICATION, instance, &module) != 0 ||
                   associate(b, module, instance->extraditeSecurityDomainAID, CLAUSE_APPLICATION) != 0
               ? -1
               : toolkit_read(b, module, instance);
}

/* There is no run-time environment: an application that is not mandated is kept and listed. */
int saip_application_install(struct saip_builder *b, const struct saip_ProfileElement *pe)
{
    const struct saip_PE_Application *p = &pe->application;
    if (saip_pass(b, SAIP_RUNTIME_NOT_SUPPORTED, 0, CLAUSE_STATUS, "a package without byte code to be run",
                  "an application") != 0 ||
        (p->loadBlock && load_keep(b, p->loadBlock) != 0))
        return -1;
    for (size_t i = 0; p->instanceList && i < p->instanceList->n; i++)
        if (instance_keep(b, &p->instanceList->items[i]) != 0)
            return -1;
    return 0;
}

/* Without a list, octets 13 to 15 of the AID are the TAR; without these there is none (8.8). */
static int tars_read(struct saip_builder *b, struct saip_module *rfm, const struct saip_PE_RFM *p)
{
    struct buf tars = buf_in(b->arena);
    if (!p->tarList && p->instanceAID.n >= 15)
        buf_add(&tars, bytes_slice(p->instanceAID, 12, TAR));
    for (size_t i = 0; p->tarList && i < p->tarList->n; i++)
        buf_add(&tars, p->tarList->items[i]);
    rfm->tars = buf_bytes(&tars);
    return tars.failed ? saip_no_memory(b) : 0;
}

int saip_rfm_install(struct saip_builder *b, const struct saip_ProfileElement *pe)
{
    const struct saip_PE_RFM *p = &pe->rfm;
    struct saip_module *rfm;
    if (module_add(b, SAIP_RFM, CLAUSE_RFM, p->instanceAID, &rfm) != 0 ||
        associate(b, rfm, p->securityDomainAID, CLAUSE_RFM) != 0 || tars_read(b, rfm, p) != 0)
        return -1;
    rfm->security_level = p->minimumSecurityLevel.p[0];
    b->part = p->adfRFMAccess ? p->adfRFMAccess->raw : BYTES_NONE;
    if (p->adfRFMAccess && !saip_adf(b->image, p->adfRFMAccess->adfAID))
        return saip_end(b, SAIP_INVALID_PARAMETER, CLAUSE_RFM, "the AID of an ADF that is there", "another");
    return 0;
}
