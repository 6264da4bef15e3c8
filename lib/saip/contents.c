/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/contents.h"

#include "base/text.h"
#include "saip/decoders.h"

/* ------------------------------------------------------------------------------- the table */

#define UICC(clause) "TS 102 221 " clause
#define USIM(clause) "TS 31.102 " clause
#define ISIM(clause) "TS 31.103 " clause

enum {
    NUMBERS = SAIP_IN_USIM | SAIP_IN_TELECOM,
    PERSONAL = SAIP_CONTENT_PERSONAL,
    SECRET = SAIP_CONTENT_SECRET,
};

const struct saip_content saip_contents[] = {
    { SAIP_IN_MF, 0x2F00, UICC("13.1"), decode_directory, 0 },
    { SAIP_IN_MF, 0x2FE2, UICC("13.2"), decode_iccid, PERSONAL },
    { SAIP_IN_MF, 0x2F05, UICC("13.3"), decode_languages, 0 },
    { SAIP_IN_MF, 0x2F08, UICC("13.6"), decode_power, 0 },
    { SAIP_IN_USIM, 0x6F05, USIM("4.2.1"), decode_languages, 0 },
    { SAIP_IN_USIM, 0x6F07, USIM("4.2.2"), decode_imsi, PERSONAL },
    { SAIP_IN_USIM, 0x6F08, USIM("4.2.3"), decode_session_keys, SECRET },
    { SAIP_IN_USIM, 0x6F09, USIM("4.2.4"), decode_session_keys, SECRET },
    { SAIP_IN_USIM, 0x6F60, USIM("4.2.5"), decode_networks_with_technology, 0 },
    { SAIP_IN_USIM, 0x6F31, USIM("4.2.6"), decode_search_period, 0 },
    { SAIP_IN_USIM, 0x6F38, USIM("4.2.8"), decode_usim_services, 0 },
    { SAIP_IN_USIM, 0x6F46, USIM("4.2.12"), decode_provider, 0 },
    { SAIP_IN_USIM, 0x6F45, USIM("4.2.14"), decode_broadcast, 0 },
    { SAIP_IN_USIM, 0x6F78, USIM("4.2.15"), decode_access_classes, PERSONAL },
    { SAIP_IN_USIM, 0x6F7B, USIM("4.2.16"), decode_networks, 0 },
    { SAIP_IN_USIM, 0x6F7E, USIM("4.2.17"), decode_location_cs, 0 },
    { SAIP_IN_USIM, 0x6FAD, USIM("4.2.18"), decode_administrative, 0 },
    { SAIP_IN_USIM, 0x6F48, USIM("4.2.20"), decode_broadcast, 0 },
    { SAIP_IN_USIM, 0x6FB7, USIM("4.2.21"), decode_emergency, 0 },
    { SAIP_IN_USIM, 0x6F50, USIM("4.2.22"), decode_broadcast_ranges, 0 },
    { SAIP_IN_USIM, 0x6F73, USIM("4.2.23"), decode_location_ps, 0 },
    { NUMBERS, 0x6F3B, USIM("4.2.24"), decode_dialling, 0 },
    { NUMBERS | SAIP_IN_ISIM, 0x6F3C, USIM("4.2.25"), decode_message, 0 },
    { NUMBERS, 0x6F40, USIM("4.2.26"), decode_dialling, PERSONAL },
    { NUMBERS | SAIP_IN_ISIM, 0x6F42, USIM("4.2.27"), decode_message_parameters, 0 },
    { NUMBERS | SAIP_IN_ISIM, 0x6F43, USIM("4.2.28"), decode_message_status, 0 },
    { NUMBERS, 0x6F49, USIM("4.2.29"), decode_dialling, 0 },
    { SAIP_IN_USIM, 0x6FC3, USIM("4.2.42"), NULL, SECRET },
    { SAIP_IN_USIM, 0x6F4D, USIM("4.2.44"), decode_dialling, 0 },
    { SAIP_IN_USIM, 0x6F56, USIM("4.2.47"), decode_enabled_services, 0 },
    { SAIP_IN_USIM, 0x6F57, USIM("4.2.48"), decode_access_points, 0 },
    { SAIP_IN_USIM, 0x6F2C, USIM("4.2.49"), NULL, SECRET },
    { SAIP_IN_USIM, 0x6F61, USIM("4.2.53"), decode_networks_with_technology, 0 },
    { SAIP_IN_USIM, 0x6F62, USIM("4.2.54"), decode_networks_with_technology, 0 },
    { SAIP_IN_USIM, 0x6FC5, USIM("4.2.58"), decode_network_names, 0 },
    { SAIP_IN_USIM, 0x6FC6, USIM("4.2.59"), decode_operator_list, 0 },
    { SAIP_IN_USIM, 0x6FC7, USIM("4.2.60"), decode_dialling, 0 },
    { SAIP_IN_USIM, 0x6FCD, USIM("4.2.66"), decode_display_list, 0 },
    { SAIP_IN_USIM, 0x6FD9, USIM("4.2.84"), decode_networks, 0 },
    { SAIP_IN_USIM, 0x6FDB, USIM("4.2.85"), decode_equivalent_home, 0 },
    { SAIP_IN_USIM, 0x6FDC, USIM("4.2.86"), decode_last_network, 0 },
    { SAIP_IN_USIM, 0x6FD0, USIM("4.2.69"), NULL, SECRET },
    { SAIP_IN_USIM, 0x6FD2, USIM("4.2.71"), NULL, SECRET },
    { SAIP_IN_USIM, 0x6FE2, USIM("4.2.90"), NULL, SECRET },
    { SAIP_IN_USIM, 0x6FFC, "TS 31.102 4.2 (EF.XCAPConfigData)", NULL, SECRET },
    { SAIP_IN_USIM, 0x6FE3, USIM("4.2.91"), decode_location_eps, 0 },
    { SAIP_IN_USIM, 0x6FE4, USIM("4.2.92"), NULL, SECRET },
    { SAIP_IN_TELECOM, 0x6F3A, USIM("4.4.2.3"), decode_dialling, 0 },
    { SAIP_IN_TELECOM, 0x6F54, "TS 102 223", decode_menu_title, 0 },
    { SAIP_IN_TELECOM, 0x6FE5, USIM("4.6"), decode_object_text, 0 },
    { SAIP_IN_PHONEBOOK, 0x4F3A, USIM("4.4.2.3"), decode_dialling, 0 },
    { SAIP_IN_GSM_ACCESS, 0x4F20, USIM("4.4.3.1"), decode_session_key_gsm, SECRET },
    { SAIP_IN_GSM_ACCESS, 0x4F52, USIM("4.4.3.2"), decode_session_key_gsm, SECRET },
    { SAIP_IN_5GS, 0x4F01, USIM("4.4.11.2"), decode_location_5gs, 0 },
    { SAIP_IN_5GS, 0x4F02, USIM("4.4.11.3"), decode_location_5gs, 0 },
    { SAIP_IN_5GS, 0x4F03, USIM("4.4.11.4"), NULL, SECRET },
    { SAIP_IN_5GS, 0x4F04, USIM("4.4.11.5"), NULL, SECRET },
    { SAIP_IN_5GS, 0x4F05, USIM("4.4.11.6"), NULL, SECRET },
    { SAIP_IN_5GS, 0x4F06, USIM("4.4.11.7"), decode_identities, 0 },
    { SAIP_IN_5GS, 0x4F07, USIM("4.4.11.8"), decode_concealment, 0 },
    { SAIP_IN_5GS, 0x4F08, USIM("4.4.11.9"), decode_operator_list_5g, 0 },
    { SAIP_IN_5GS, 0x4F0A, USIM("4.4.11.11"), decode_routing, 0 },
    { SAIP_IN_SAIP, 0x4F01, USIM("4.4.11.8"), decode_concealment, 0 },
    { SAIP_IN_ISIM, 0x6F02, ISIM("4.2.2"), decode_object_text, PERSONAL },
    { SAIP_IN_ISIM, 0x6F03, ISIM("4.2.3"), decode_object_text, 0 },
    { SAIP_IN_ISIM, 0x6F04, ISIM("4.2.4"), decode_object_text, PERSONAL },
    { SAIP_IN_ISIM, 0x6FAD, ISIM("4.2.5"), decode_administrative, 0 },
    { SAIP_IN_ISIM, 0x6F07, ISIM("4.2.7"), decode_isim_services, 0 },
    { SAIP_IN_ISIM, 0x6F09, ISIM("4.2.8"), decode_proxy, 0 },
    { SAIP_IN_ISIM, 0x6FFC, ISIM("4.2.19"), NULL, SECRET },
    { SAIP_IN_EAP, 0x4F01, "TS 102 310", NULL, SECRET },
    { SAIP_IN_CSIM, 0x6F50, "3GPP2 C.S0065", NULL, SECRET },
    { SAIP_IN_CSIM, 0x6F67, "3GPP2 C.S0065", NULL, SECRET },
    { SAIP_IN_CSIM, 0x6F69, "3GPP2 C.S0065", NULL, SECRET },
    { SAIP_IN_CSIM, 0x6F33, "3GPP2 C.S0065", NULL, SECRET },
    { SAIP_IN_CSIM, 0x6F6B, "3GPP2 C.S0065", NULL, SECRET },
};
const size_t saip_contents_count = sizeof saip_contents / sizeof *saip_contents;

/* DFs of one meaning wherever they are. */
static unsigned place_of(const struct saip_file *df)
{
    static const struct {
        uint16_t fid;
        unsigned place;
    } dfs[] = { { 0x7F10, SAIP_IN_TELECOM }, { 0x5F3A, SAIP_IN_PHONEBOOK }, { 0x5F3B, SAIP_IN_GSM_ACCESS },
                { 0x5FC0, SAIP_IN_5GS }, { 0x5FD0, SAIP_IN_SAIP } };
    static const unsigned naas[SAIP_NAAS] = { [SAIP_USIM] = SAIP_IN_USIM, [SAIP_ISIM] = SAIP_IN_ISIM,
                                              [SAIP_CSIM] = SAIP_IN_CSIM };
    if (!df || df->type == SAIP_MF)
        return df ? SAIP_IN_MF : 0;
    if (df->type == SAIP_ADF)
        return naas[df->naa];
    for (size_t i = 0; i < sizeof dfs / sizeof *dfs; i++)
        if (dfs[i].fid == df->fid)
            return dfs[i].place;
    return df->name && strcmp(df->name, "DF.EAP") == 0 ? SAIP_IN_EAP : 0;
}

const struct saip_content *saip_content_of(const struct saip_file *f)
{
    unsigned place = place_of(f->parent);
    for (size_t i = 0; i < saip_contents_count; i++)
        if ((saip_contents[i].places & place) && saip_contents[i].fid == f->fid)
            return &saip_contents[i];
    return NULL;
}

/* EFs of DF.TELECOM that templates leave out: once the SIM's, now links to those of the USIM (TS 51.011 10.5). */
static const char *telecom_name(uint16_t fid)
{
    static const struct {
        uint16_t fid;
        const char *name;
    } names[] = { { 0x6F3A, "EF.ADN" },  { 0x6F3B, "EF.FDN" },  { 0x6F3C, "EF.SMS" },  { 0x6F40, "EF.MSISDN" },
                  { 0x6F42, "EF.SMSP" }, { 0x6F43, "EF.SMSS" }, { 0x6F44, "EF.LND" },  { 0x6F47, "EF.SMSR" },
                  { 0x6F49, "EF.SDN" },  { 0x6F4A, "EF.EXT1" }, { 0x6F4B, "EF.EXT2" }, { 0x6F4C, "EF.EXT3" } };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].fid == fid)
            return names[i].name;
    return NULL;
}

/* A row of a template's versions for this FID in this DF (0: the template's own); ranges of FIDs are no name. */
static const char *name_in(const char *family, uint16_t df, uint16_t fid)
{
    size_t n = strlen(family);
    for (size_t i = 0; i < saip_templates_count; i++) {
        const struct saip_template *t = &saip_templates[i];
        const char *number = t->oid + sizeof "2.23.143.1." - 1;
        for (size_t k = 0; strncmp(number, family, n) == 0 && (number[n] == '.' || !number[n]) && k < t->n; k++)
            if (t->rows[k].fid == fid && t->rows[k].last == fid && t->rows[k].parent == df)
                return t->rows[k].name;
    }
    return NULL;
}

/* In an ADF or a DF of the card, or in a DF there. */
static const char *template_name(const struct saip_file *f)
{
    static const struct {
        unsigned place;
        const char *family;
    } families[] = { { SAIP_IN_MF, "2.1" },    { SAIP_IN_TELECOM, "2.3" }, { SAIP_IN_USIM, "2.4" },
                     { SAIP_IN_USIM, "2.5" },  { SAIP_IN_ISIM, "2.8" },    { SAIP_IN_ISIM, "2.9" },
                     { SAIP_IN_CSIM, "2.10" }, { SAIP_IN_CSIM, "2.11" },   { SAIP_IN_GSM_ACCESS, "2.7" },
                     { SAIP_IN_5GS, "2.13" },  { SAIP_IN_SAIP, "2.14" } };
    const struct saip_file *df = f->parent, *above = df ? df->parent : NULL;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        const char *name = place_of(df) == families[i].place ? name_in(families[i].family, 0, f->fid) : NULL;
        if (!name && above && place_of(above) == families[i].place)
            name = name_in(families[i].family, df->fid, f->fid);
        if (name)
            return name;
    }
    return NULL;
}

const char *saip_file_name(const struct saip_file *f)
{
    bool unnamed = !strchr(f->name, '.') && f->type != SAIP_MF;
    const char *name = unnamed ? template_name(f) : NULL;
    if (unnamed && !name && place_of(f->parent) == SAIP_IN_TELECOM)
        name = telecom_name(f->fid);
    return name ? name : f->name;
}

const char *saip_short_hex(struct arena *a, struct bytes b, size_t most)
{
    struct buf out = buf_in(a);
    hex_append(&out, bytes_slice(b, 0, most));
    if (b.n > most)
        buf_printf(&out, ".. (%zu octets)", b.n);
    return buf_str(&out);
}

enum { ODD_OCTETS = 16 };

/* Items stay apart, whatever else commands a terminal goes. */
static const char *items_plain(struct buf *said)
{
    struct buf out = buf_in(said->arena);
    for (struct bytes rest = buf_bytes(said); rest.n;) {
        struct bytes one = text_word(&rest, '\n');
        words_item(&out);
        buf_text(&out, text_plain(said->arena, one));
    }
    buf_text(&out, out.n || said->failed ? "" : "empty");
    return said->failed ? NULL : buf_str(&out);
}

const char *saip_content_text(struct arena *a, const struct saip_content *c, struct bytes content)
{
    struct buf out = buf_in(a);
    if (!c->decode)
        return NULL;
    if (saip_content_empty(content))
        return "empty";
    if (c->decode(&out, content))
        return items_plain(&out);
    return arena_printf(a, "%s (not as %s says)",
                        c->flags & SAIP_CONTENT_SECRET ? "hidden" : saip_short_hex(a, content, ODD_OCTETS), c->clause);
}
