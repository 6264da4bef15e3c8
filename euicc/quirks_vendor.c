/* SPDX-License-Identifier: Apache-2.0
 *
 * Three vendors' cards: what they say of themselves in EUICCInfo2 (SGP.22 5.7.8), and what they do with a package
 * that asks for more (TCA profile package 8.2, 8.10). */
#include "asn1/tlv.h"
#include "euicc/quirks.h"
#include "saip/fault.h"
#include "saip/suits.h"

#define BIT(name) (1u << rsp_UICCCapability_##name)
#define BASIC (BIT(usimSupport) | BIT(isimSupport) | BIT(akaMilenage))
#define COMMON (BASIC | BIT(csimSupport) | BIT(usimTestAlgorithm) | BIT(dfLinkSupport))
#define ALL (COMMON | BIT(berTlvFileSupport) | BIT(getIdentity) | BIT(profile_a_x25519) | BIT(profile_b_p256))

static const struct vendor {
    const char *name;
    uint8_t version[3], later[3]; /* of the package format; later: of a 3.x, or 0 */
    uint8_t firmware[3];
    uint32_t services;
    size_t memory; /* octets */
} vendors[] = {
    { "vendor-a", { 2, 1, 0 }, { 0 }, { 1, 0, 3 }, BASIC, 96 << 10 },
    { "vendor-b", { 2, 3, 1 }, { 0 }, { 4, 2, 0 }, COMMON, 384 << 10 },
    { "vendor-c", { 2, 3, 1 }, { 3, 3, 1 }, { 7, 0, 0 }, ALL, 512 << 10 },
};

static const struct vendor *vendor_of(const struct misbehaviour *x)
{
    const struct vendor *v = vendors;
    while (strcmp(v->name, x->quirk->name) != 0)
        v++;
    return v;
}

/* Of what the card has free, whose whole is EUICC_MEMORY. */
size_t quirk_vendor_memory(const struct misbehaviour *x, size_t free)
{
    size_t used = EUICC_MEMORY - free, memory = vendor_of(x)->memory;
    return used < memory ? memory - used : 0;
}

static void tell(const struct vendor *v, struct arena *a, struct rsp_EUICCInfo2 *info)
{
    struct rsp_EUICCInfo2_additionalEuiccProfilePackageVersions *more = arena_alloc(a, sizeof *more);
    struct bytes *later = arena_alloc(a, sizeof *later);
    uint8_t *bits = arena_alloc(a, 4);
    if (!more || !later || !bits)
        return;
    for (unsigned n = 0; n < 32; n++)
        bits[n / 8] |= (uint8_t)((v->services >> n & 1) << (7 - n % 8));
    *later = BYTES_OF(v->later);
    *more = (struct rsp_EUICCInfo2_additionalEuiccProfilePackageVersions){ .n = 1, .items = later };
    info->profileVersion = BYTES_OF(v->version);
    info->euiccFirmwareVer = BYTES_OF(v->firmware);
    info->uiccCapability = (struct asn1_bits){ bits, 32 };
    info->additionalEuiccProfilePackageVersions = v->later[0] ? more : NULL;
}

/* None of them has Java Card. */
void quirk_vendor_info(const struct misbehaviour *x, struct arena *a, struct rsp_EUICCInfo2 *info)
{
    tell(vendor_of(x), a, info);
    info->ts102241Version = BYTES_NONE;
}

void quirk_boasts(const struct misbehaviour *x, struct arena *a, struct rsp_EUICCInfo2 *info)
{
    static const struct vendor everything = { "", { 2, 3, 1 }, { 3, 4, 0 }, { 9, 9, 9 }, UINT32_MAX, 0 };
    (void)x;
    tell(&everything, a, info);
}

static bool takes_major(const struct vendor *v, unsigned major)
{
    return v->version[0] == major || (v->later[0] && v->later[0] == major);
}

/* Elements that are not mandated are left out where the card lacks what they need; our interpreter has them all, so
 * that only refusals differ from it. */
int64_t quirk_vendor_install(const struct misbehaviour *x, struct arena *a, const struct saip_package *p)
{
    const struct vendor *v = vendor_of(x);
    const uint8_t *newest = v->later[0] ? v->later : v->version;
    struct saip_needs n;
    if (saip_needs_of(a, p, &n, NULL) != 0)
        return SAIP_INVALID_FORMAT;
    if (!takes_major(v, n.major))
        return SAIP_WRONG_VERSION;
    if (n.applications || n.libraries)
        return SAIP_RUNTIME_NOT_SUPPORTED;
    if (n.templates.since > SAIP_VERSION(newest[0], newest[1], newest[2]))
        return SAIP_TEMPLATE_NOT_SUPPORTED;
    return n.services & ~v->services ? SAIP_FEATURE_NOT_SUPPORTED : 0;
}
