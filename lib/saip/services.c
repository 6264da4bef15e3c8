/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/services.h"

#include "schema/rsp.h"

#define SERVICE(name, member, lacking) { name, 1u << rsp_UICCCapability_##member, lacking }

static const char NO_RUNTIME[] = "byte code is kept and not run", NO_OTA[] = "remote management over the air",
                  NO_GBA[] = "AUTHENTICATE has no GBA context", NO_MBMS[] = "AUTHENTICATE has no MBMS context",
                  NO_EAP[] = "no EAP client", NO_GROUP_CALL[] = "AUTHENTICATE has no VGCS/VBS context";

const struct saip_service saip_services[] = {
    SERVICE("contactless", contactlessSupport, "no contactless interface"),
    SERVICE("usim", usimSupport, NULL),
    SERVICE("isim", isimSupport, NULL),
    SERVICE("csim", csimSupport, NULL),
    SERVICE("milenage", akaMilenage, NULL),
    SERVICE("tuak128", akaTuak128, NULL),
    SERVICE("cave", akaCave, "CAVE parameters are kept and not used"),
    SERVICE("gba-usim", gbaAuthenUsim, NO_GBA),
    SERVICE("gba-isim", gbaAuthenISim, NO_GBA),
    SERVICE("mbms", mbmsAuthenUsim, NO_MBMS),
    SERVICE("eap", eapClient, NO_EAP),
    SERVICE("javacard", javacard, NO_RUNTIME),
    SERVICE("multos", multos, NO_RUNTIME),
    SERVICE("multiple-usim", multipleUsimSupport, NULL),
    SERVICE("multiple-isim", multipleIsimSupport, NULL),
    SERVICE("multiple-csim", multipleCsimSupport, NULL),
    SERVICE("tuak256", akaTuak256, NULL),
    SERVICE("usim-test-algorithm", usimTestAlgorithm, NULL),
    SERVICE("ber-tlv", berTlvFileSupport, NULL),
    SERVICE("dfLink", dfLinkSupport, NULL),
    SERVICE("cat-tp", catTp, NO_OTA),
    SERVICE("get-identity", getIdentity, NULL),
    SERVICE("profile-a-x25519", profile_a_x25519, NULL),
    SERVICE("profile-b-p256", profile_b_p256, NULL),
    SERVICE("suciCalculatorApi", suciCalculatorApi, NO_RUNTIME),
    SERVICE("dns-resolution", dns_resolution, NO_OTA),
    SERVICE("scp11ac", scp11ac, NO_OTA),
    SERVICE("scp11c-authorization-mechanism", scp11c_authorization_mechanism, NO_OTA),
    SERVICE("s16mode", s16mode, NO_OTA),
    SERVICE("eaka", eaka, "no enhanced AKA algorithm"),
};
const size_t saip_services_count = sizeof saip_services / sizeof *saip_services;

uint32_t saip_services_offered(void)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < saip_services_count; i++)
        bits |= saip_services[i].lacking ? 0 : saip_services[i].bit;
    return bits;
}

static uint32_t bit_of(const char *name)
{
    for (size_t i = 0; i < saip_services_count; i++)
        if (strcmp(saip_services[i].name, name) == 0)
            return saip_services[i].bit;
    return 0;
}

uint32_t saip_services_demanded(const struct saip_ProfileHeader *h)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < saip_ServicesList_type.n_fields; i++) {
        const struct asn1_field *f = &saip_ServicesList_type.fields[i];
        if (*(const bool *)((const uint8_t *)&h->eUICC_Mandatory_services + f->offset))
            bits |= bit_of(f->name);
    }
    return bits;
}

const struct saip_cleared saip_cleared[] = {
    { SAIP_USIM, 64, NO_GROUP_CALL },
    { SAIP_USIM, 65, NO_GROUP_CALL },
    { SAIP_USIM, 68, NO_GBA },
    { SAIP_USIM, 69, NO_MBMS },
    { SAIP_USIM, 75, NO_MBMS },
    { SAIP_USIM, 76, NO_GBA },
    { SAIP_ISIM, 2, NO_GBA },
    { SAIP_ISIM, 4, NO_GBA },
};
const size_t saip_cleared_count = sizeof saip_cleared / sizeof *saip_cleared;

/* EF.UST or EF.IST; NULL: there is none. */
static struct saip_file *table_of(const struct saip_file *adf)
{
    static const uint16_t tables[SAIP_NAAS] = { [SAIP_USIM] = 0x6F38, [SAIP_ISIM] = 0x6F07 };
    struct saip_file *table = tables[adf->naa] ? saip_child(adf, tables[adf->naa]) : NULL;
    return table && table->type == SAIP_TRANSPARENT ? table : NULL;
}

bool saip_service_available(const struct saip_file *adf, unsigned number)
{
    const struct saip_file *table = table_of(adf);
    unsigned bit = number - 1;
    return table && bit / 8 < table->size && (table->body[bit / 8] >> bit % 8 & 1);
}

void saip_services_clear(struct saip_image *image)
{
    for (struct saip_file *f = image->mf->children; f; f = f->next) {
        struct saip_file *table = table_of(f);
        for (size_t i = 0; table && i < saip_cleared_count; i++) {
            unsigned bit = saip_cleared[i].service - 1;
            if (saip_cleared[i].naa != f->naa || bit / 8 >= table->size)
                continue;
            table->cleared |= (table->body[bit / 8] >> bit % 8 & 1u) << i;
            table->body[bit / 8] &= (uint8_t)~(1u << bit % 8);
        }
    }
}
