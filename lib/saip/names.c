/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/names.h"

#include <stddef.h>

/* By number, from 1; NULL: reserved. */
static const char *const ust[] = {
    "Local phone book", "Fixed dialling numbers (FDN)", "Extension 2", "Service dialling numbers (SDN)",
    "Extension 3", "Barred dialling numbers (BDN)", "Extension 4", "Outgoing call information (OCI, OCT)",
    "Incoming call information (ICI, ICT)", "Short message storage (SMS)", "Short message status reports (SMSR)",
    "Short message service parameters (SMSP)", "Advice of charge (AoC)",
    "Capability configuration parameters 2 (CCP2)", "Cell broadcast message identifier",
    "Cell broadcast message identifier ranges", "Group identifier level 1", "Group identifier level 2",
    "Service provider name", "User controlled PLMN selector with access technology", "MSISDN", "Image (IMG)",
    "Localised service areas (SoLSA)", "Enhanced multi-level precedence and pre-emption (eMLPP)",
    "Automatic answer for eMLPP", NULL, "GSM access", "Data download via SMS-PP", "Data download via SMS-CB",
    "Call control by USIM", "MO-SMS control by USIM", "RUN AT COMMAND", "(always set)", "Enabled services table",
    "APN control list (ACL)", "Depersonalisation control keys", "Co-operative network list", "GSM security context",
    "CPBCCH information", "Investigation scan", "MExE", "Operator controlled PLMN selector with access technology",
    "HPLMN selector with access technology", "Extension 5", "PLMN network name", "Operator PLMN list",
    "Mailbox dialling numbers", "Message waiting indication status", "Call forwarding indication status",
    "(reserved)", "Service provider display information", "Multimedia messaging service (MMS)", "Extension 8",
    "Call control on GPRS by USIM", "MMS user connectivity parameters", "Network's indication of alerting (NIA)",
    "VGCS group identifier list", "VBS group identifier list", "Pseudonym",
    "User controlled PLMN selector for I-WLAN", "Operator controlled PLMN selector for I-WLAN",
    "User controlled WSID list", "Operator controlled WSID list", "VGCS security", "VBS security",
    "WLAN reauthentication identity", "Multimedia messages storage", "Generic bootstrapping architecture (GBA)",
    "MBMS security", "Data download via USSD, USSD application mode", "Equivalent HPLMN",
    "Additional TERMINAL PROFILE after activation", "Equivalent HPLMN presentation indication",
    "Last RPLMN selection indication", "OMA BCAST smart card profile", "GBA-based local key establishment",
    "Terminal applications", "Service provider name icon", "PLMN network name icon",
    "Connectivity parameters for USIM IP connections", "Home I-WLAN specific identifier list",
    "I-WLAN equivalent HPLMN presentation indication", "I-WLAN HPLMN priority indication",
    "I-WLAN last registered PLMN", "EPS mobility management information", "Allowed CSG lists and indications",
    "Call control on EPS PDN connection by USIM", "HPLMN direct access", "eCall data",
    "Operator CSG lists and indications", "SM-over-IP", "CSG display control",
    "Communication control for IMS by USIM", "Extended terminal applications", "UICC access to IMS",
    "NAS configuration by USIM", "PWS configuration by USIM", NULL, "URI support by UICC", "Extended EARFCN", "ProSe",
    "USAT application pairing", "Media type", "IMS call disconnection cause", "URI for MO short message control",
    "ePDG configuration: supported", "ePDG configuration: configured", "ACDC", "Mission critical services (MCPTT)",
    "ePDG configuration for emergency: supported", "ePDG configuration for emergency: configured",
    "eCall data over IMS", "URI for SMS-PP download", "From preferred", "IMS configuration data", "TV configuration",
    "3GPP PS data off", "3GPP PS data off service list", "V2X", "XCAP configuration data",
    "EARFCN list for MTC and NB-IoT", "5GS mobility management information", "5G security parameters",
    "Subscription identifier privacy", "SUCI calculation by the USIM", "UAC access identities",
    "Steering of roaming expected at registration in VPLMN", "Call control on PDU session by USIM",
    "5GS operator PLMN list", "SUPI of type NSI, GLI or GCI", "3GPP PS data off, separate home and roaming lists",
    "URSP by USIM", "5G security parameters extended", "MuD and MiD configuration data",
    "Trusted non-3GPP access networks by USIM", "NAS security contexts of several registrations",
    "Pre-configured CAG information list", "SOR-CMCI storage", "5G ProSe", "Disaster roaming information",
    "Pre-configured eDRX parameters", "5G NSWO", "PWS configuration for SNPN",
    "Multiplier for higher priority PLMN search by satellite NG-RAN", "K_AUSF derivation configuration",
    "Network identifier for SNPN (NID)", "5MBS UE pre-configuration",
    "Operator controlled signal threshold per access technology", "A2X", "IMS data channel indication",
};

static const char *const ist[] = {
    "P-CSCF address", "Generic bootstrapping architecture (GBA)", "HTTP digest", "GBA-based local key establishment",
    "P-CSCF discovery for IMS local break out", "Short message storage (SMS)", "Short message status reports (SMSR)",
    "SM-over-IP, data download via SMS-PP", "Communication control for IMS by ISIM", "UICC access to IMS",
    "URI support by UICC", "Media type", "IMS call disconnection cause", "URI for MO short message control",
    "Mission critical services (MCPTT)", "URI for SMS-PP download", "From preferred", "IMS configuration data",
    "XCAP configuration data", "WebRTC URI", "MuD and MiD configuration data", "IMS data channel indication",
};

static const char *const est[] = {
    "Fixed dialling numbers (FDN)", "Barred dialling numbers (BDN)", "APN control list (ACL)",
};

#define TABLE(names) { names, sizeof names / sizeof *names }

const char *saip_service_name(enum saip_service_table table, unsigned number)
{
    static const struct {
        const char *const *names;
        size_t n;
    } tables[] = { [SAIP_UST] = TABLE(ust), [SAIP_IST] = TABLE(ist), [SAIP_EST] = TABLE(est) };
    return number && number <= tables[table].n ? tables[table].names[number - 1] : NULL;
}

/* Key references one behind the other; the name's number counts from `first`. */
static const struct codes {
    uint8_t from, to, first;
    const char *name, *one; /* "PIN Appl %u", and what the first one is usually called */
} codes[] = {
    { 0x01, 0x08, 1, "PIN Appl ", "PIN1" },
    { 0x81, 0x88, 1, "second PIN Appl ", "PIN2" },
    { 0x0A, 0x0E, 1, "ADM", NULL },
    { 0x8A, 0x8E, 6, "ADM", NULL },
    { 0x11, 0x11, 0, "universal PIN", "universal PIN" },
}, unblocking[] = {
    { 0x01, 0x08, 1, "PUK Appl ", "PUK1" },
    { 0x81, 0x88, 1, "second PUK Appl ", "PUK2" },
};

static const char *code_name(struct arena *a, const struct codes *table, size_t n, uint8_t reference)
{
    for (const struct codes *c = table; c < table + n; c++)
        if (reference >= c->from && reference <= c->to)
            return reference == c->from && c->one ? c->one
                                                  : arena_printf(a, "%s%u", c->name, c->first + reference - c->from);
    return arena_printf(a, "key reference %02X", reference);
}

const char *saip_pin_name(struct arena *a, uint8_t reference)
{
    return code_name(a, codes, sizeof codes / sizeof *codes, reference);
}

const char *saip_puk_name(struct arena *a, uint8_t reference)
{
    return code_name(a, unblocking, sizeof unblocking / sizeof *unblocking, reference);
}
