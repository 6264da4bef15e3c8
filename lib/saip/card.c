/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/tlv.h"
#include "saip/suits.h"

#define BITS(from, to) (UINT32_MAX >> (31 - (to)) & UINT32_MAX << (from))

/* Which bits of UICCCapability had a name, by the version of SGP.22.  From v2.5 on the type is imported from the
 * package format, so that it knows all services which the card itself knows. */
static const struct {
    uint32_t svn, bits;
} words[] = {
    { SAIP_VERSION(2, 5, 0), UINT32_MAX },
    { SAIP_VERSION(2, 4, 0), BITS(0, 7) | BITS(10, 25) },
    { 0, BITS(0, 7) | BITS(10, 18) },
};

static uint32_t version_of(struct bytes b)
{
    return b.n == 3 ? SAIP_VERSION(b.p[0], b.p[1], b.p[2]) : 0;
}

static uint32_t bits_of(struct asn1_bits b)
{
    uint32_t bits = 0;
    for (size_t n = 0; n < 32; n++)
        bits |= (uint32_t)asn1_bit(b, n) << n;
    return bits;
}

static uint32_t services_of(const struct rsp_EUICCInfo2 *info)
{
    uint32_t bits = bits_of(info->uiccCapability), svn = version_of(info->svn);
    size_t row = 0;
    if (bits == 0) /* not even a USIM: nothing was said */
        return UINT32_MAX;
    if (bytes_present(info->ts102241Version)) /* only cards with Java Card have it (SGP.22 5.7.8) */
        bits |= 1u << rsp_UICCCapability_javacard;
    while (svn < words[row].svn)
        row++;
    return bits | ~words[row].bits;
}

/* One of the numbers of TS 102 226 8.2.1.7.2. */
static uint64_t memory_of(struct bytes resource, uint32_t tag)
{
    struct bytes number = tlv_find(resource, tag).value;
    uint64_t octets = 0;
    if (number.n == 0 || number.n > sizeof octets)
        return UINT64_MAX;
    for (size_t i = 0; i < number.n; i++)
        octets = octets << 8 | number.p[i];
    return octets;
}

static void formats_of(const struct rsp_EUICCInfo2 *info, struct saip_card *card)
{
    const struct rsp_EUICCInfo2_additionalEuiccProfilePackageVersions *more =
        info->additionalEuiccProfilePackageVersions;
    size_t n = more ? more->n : 0;
    card->formats[0] = version_of(info->profileVersion);
    if (card->formats[0] == 0 || n >= SAIP_FORMATS_MAX)
        return;
    for (size_t i = 0; i < n; i++)
        card->formats[i + 1] = version_of(more->items[i]);
    card->n_formats = n + 1;
}

void saip_card_of(const struct rsp_EUICCInfo2 *info, struct saip_card *card)
{
    *card = (struct saip_card){
        .services = services_of(info),
        .rsp = bits_of(info->rspCapability),
        .forbidden = bits_of(info->forbiddenProfilePolicyRules),
        .nvm = memory_of(info->extCardResource, 0x82),
        .ram = memory_of(info->extCardResource, 0x83),
        .field_test = version_of(info->ppVersion) == SAIP_VERSION(255, 255, 255),
    };
    formats_of(info, card);
}
