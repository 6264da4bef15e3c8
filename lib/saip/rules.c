/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/rules.h"

#include <stdarg.h>
#include <stdio.h>

#include "saip/limits.h"
#include "saip/look.h"

/* ----------------------------------------------------------------------------- the table */

#define ALL(function) { .all = function }
#define USE(function) { .use = function }
#define FILE_(function) { .file = function }
#define TCA(number) SAIP_CLAUSE(number)
#define ERROR(name, clause, view, check, next) { name, clause, SAIP_FAULTY, view, 0, check, next }
#define WARNING(name, clause, view, check, next) { name, clause, SAIP_WARNS, view, 0, check, next }

static const char ORDER[] = TCA("8.1.3"), HEADER[] = TCA("8.2.1"), FCP[] = TCA("8.3.2"), TABLE[] = TCA("8.3.3"),
                  GFM[] = TCA("8.3.5"), AKA[] = TCA("8.4.2"), PIN[] = TCA("8.5.1"), PUK[] = TCA("8.5.2"),
                  DOMAIN[] = TCA("8.6.2"), KEYS[] = TCA("8.6.3"), RFM[] = TCA("8.8"), TEMPLATES[] = TCA("9.1"),
                  DESCRIPTOR[] = "TS 102 222 6.3.2.2", DESCRIPTOR_BYTE[] = "TS 102 221 11.1.1.4.3",
                  SFI[] = "TS 102 221 11.1.1.4.8", ACCESS[] = "TS 102 221 9.2", CODES[] = "TS 102 221 9.5.1",
                  DIR[] = "TS 102 221 13.1", ICCID[] = "TS 102 221 13.2", NUMBERS[] = "TS 101 220 Annex D",
                  INFO[] = "SGP.22 5.7.8", ANNEX_F[] = "SGP.22 Annex F";

static const char MOVE[] = "put the element where it belongs", REMOVE[] = "leave that one out",
                  LIST[] = "put it into the header's list", UNLIST[] = "take it out of the header's list",
                  PARAMETERS[] = "give what is missing, leave out what is barred",
                  CODING[] = "write the octets as the clause has them",
                  REAL[] = "put real values in (rsp-profile personalise)",
                  CARD_OR_PACKAGE[] = "use a card that has it, or a package that does without",
                  DELETE[] = "delete a profile from the card and try again",
                  LESS[] = "use a card that has it, if what is left out will be missed";

#define BIT(name) (1u << rsp_##name)
#define SERVICE(name, bit) \
    { name, HEADER, SAIP_NOT_ELIGIBLE, SAIP_CARD, BIT(UICCCapability_##bit), ALL(saip_card_service), CARD_OR_PACKAGE }
#define BEHIND(name, bit) { name, ORDER, SAIP_FAULTY, SAIP_ELEMENTS, bit, ALL(saip_check_order), MOVE }

const struct saip_rule saip_rules[] = {
    /* the package: its elements */
    ERROR("header", HEADER, SAIP_ELEMENTS, ALL(saip_check_header), "begin the package with its one header"),
    ERROR("end", TCA("8.10"), SAIP_ELEMENTS, ALL(saip_check_end), "end the package with its one PE-End"),
    ERROR("version", HEADER, SAIP_ELEMENTS, ALL(saip_check_version),
          "make the package in version 2 or 3 of the format"),
    { "full-profile", TCA("7.4"), SAIP_FAULTY, SAIP_ELEMENTS, 0, ALL(saip_check_kind_of_profile),
      "put iotOptions into the header, or use the elements of full profiles" },
    { "iot-profile", TCA("7.5"), SAIP_FAULTY, SAIP_ELEMENTS, SAIP_MAKES_IOT, ALL(saip_check_kind_of_profile),
      "make the files with PE-IoT, or leave iotOptions out" },
    ERROR("identification", ORDER, SAIP_ELEMENTS, ALL(saip_check_identification), "number the elements anew"),
    ERROR("mf", ORDER, SAIP_ELEMENTS, ALL(saip_check_mf), "make the MF once, behind the header"),
    BEHIND("order-mf", SAIP_MAKES_MF),
    BEHIND("order-usim", SAIP_MAKES_USIM),
    BEHIND("order-isim", SAIP_MAKES_ISIM),
    BEHIND("order-csim", SAIP_MAKES_CSIM),
    BEHIND("order-iot", SAIP_MAKES_IOT),
    BEHIND("order-naa", SAIP_MAKES_NAA),
    ERROR("once", TCA("8.3.4"), SAIP_ELEMENTS, ALL(saip_check_once), "put both into one element"),
    ERROR("puk-place", PUK, SAIP_ELEMENTS, ALL(saip_check_puk_place), MOVE),
    ERROR("domain-first", DOMAIN, SAIP_ELEMENTS, ALL(saip_check_domain_first), MOVE),
    WARNING("domain-late", ORDER, SAIP_ELEMENTS, ALL(saip_check_domain_late), MOVE),
    WARNING("pol", HEADER, SAIP_ELEMENTS, ALL(saip_check_pol), REMOVE),
    WARNING("service-unlisted", HEADER, SAIP_ELEMENTS, ALL(saip_check_service_unlisted), LIST),
    WARNING("service-unused", HEADER, SAIP_ELEMENTS, ALL(saip_check_service_unused), UNLIST),
    WARNING("template-unlisted", HEADER, SAIP_ELEMENTS, ALL(saip_check_template_unlisted), LIST),
    WARNING("template-unused", HEADER, SAIP_ELEMENTS, ALL(saip_check_template_unused), UNLIST),
    ERROR("template-known", TCA("Annex B"), SAIP_ELEMENTS, ALL(saip_check_template_known),
          "name a template of Annex B, or make the files with generic file management"),
    ERROR("template-kind", TCA("Annex B"), SAIP_ELEMENTS, ALL(saip_check_template_kind),
          "name the template that the element is for"),
    WARNING("template-version", HEADER, SAIP_ELEMENTS, ALL(saip_check_template_version),
            "raise the header's version, or use an earlier template"),
    /* codes and keys */
    ERROR("pin-context", PIN, SAIP_ELEMENTS, ALL(saip_check_pin_context), "put both into one element"),
    ERROR("pin-scope", PIN, SAIP_ELEMENTS, ALL(saip_check_pin_scope), "move the PIN to where it counts"),
    ERROR("pin-once", PIN, SAIP_ELEMENTS, ALL(saip_check_pin_once), REMOVE),
    ERROR("puk-once", PUK, SAIP_ELEMENTS, ALL(saip_check_puk_once), REMOVE),
    ERROR("puk-exists", PIN, SAIP_ELEMENTS, ALL(saip_check_puk_exists), "add the PUK to PE-PUKCodes"),
    WARNING("retries", PIN, SAIP_ELEMENTS, ALL(saip_check_retries),
            "write the most into the high half, what is left into the low one"),
    ERROR("pin-digits", CODES, SAIP_ELEMENTS, ALL(saip_check_pin_digits), CODING),
    ERROR("puk-digits", CODES, SAIP_ELEMENTS, ALL(saip_check_puk_digits), CODING),
    ERROR("aka-key", AKA, SAIP_ELEMENTS, ALL(saip_check_aka_key), "give a key of the algorithm's length"),
    ERROR("aka-opc", AKA, SAIP_ELEMENTS, ALL(saip_check_aka_opc), "give an OPc of the algorithm's length"),
    ERROR("sqn", AKA, SAIP_ELEMENTS, ALL(saip_check_sqn), "write sequence numbers without their index, in 43 bits"),
    WARNING("placeholder-key", AKA, SAIP_ELEMENTS, ALL(saip_check_placeholder), REAL),
    WARNING("format-2.0", "SGP.22 2.5.2", SAIP_ELEMENTS, ALL(saip_check_format_20),
            "use another algorithm, or raise the header's version"),
    /* domains and applications */
    ERROR("mno-only", TCA("8.6.6"), SAIP_ELEMENTS, ALL(saip_check_mno_only), "move it to the first security domain"),
    ERROR("mno-extradition", TCA("8.7.3"), SAIP_ELEMENTS, ALL(saip_check_mno_extradition), REMOVE),
    ERROR("domain-state", TCA("8.7.3"), SAIP_ELEMENTS, ALL(saip_check_domain_state),
          "give that security domain lifeCycleState 0F"),
    ERROR("key-once", KEYS, SAIP_ELEMENTS, ALL(saip_check_key_once), REMOVE),
    ERROR("component-once", KEYS, SAIP_ELEMENTS, ALL(saip_check_component_once), REMOVE),
    WARNING("key-version", KEYS, SAIP_ELEMENTS, ALL(saip_check_key_version), "give the key a version of its protocol"),
    ERROR("key-length", KEYS, SAIP_ELEMENTS, ALL(saip_check_key_length), "give a key of the type's length"),
    WARNING("placeholder-ota", KEYS, SAIP_ELEMENTS, ALL(saip_check_placeholder_ota),
            "put the operator's keys in before the package goes to a server"),
    WARNING("rfm-tar", RFM, SAIP_ELEMENTS, ALL(saip_check_rfm_tar), "give the instance a tarList"),
    WARNING("security-level", "TS 102 225 5.1.1", SAIP_ELEMENTS, ALL(saip_check_security_level),
            "raise minimumSecurityLevel, for instance to 12 or 16"),
    /* files as the elements describe them */
    ERROR("member", TEMPLATES, SAIP_USES, USE(saip_check_member), "name the template's later version"),
    WARNING("content", TEMPLATES, SAIP_USES, USE(saip_check_content_given), "give fillFileContent or a pattern"),
    ERROR("do-not-create", FCP, SAIP_USES, USE(saip_check_do_not_create), "leave the member out instead"),
    ERROR("fcp-ef", TABLE, SAIP_USES, USE(saip_check_fcp_ef), PARAMETERS),
    ERROR("fcp-df", TABLE, SAIP_USES, USE(saip_check_fcp_df), PARAMETERS),
    ERROR("fcp-adf", TABLE, SAIP_USES, USE(saip_check_fcp_adf), PARAMETERS),
    ERROR("fcp-link", FCP, SAIP_USES, USE(saip_check_fcp_link), PARAMETERS),
    ERROR("gfm", GFM, SAIP_USES, USE(saip_check_gfm_any), PARAMETERS),
    ERROR("gfm-df", GFM, SAIP_USES, USE(saip_check_gfm_directory), PARAMETERS),
    ERROR("gfm-ef", GFM, SAIP_USES, USE(saip_check_gfm_ef), PARAMETERS),
    ERROR("gfm-link", GFM, SAIP_USES, USE(saip_check_gfm_link), PARAMETERS),
    ERROR("descriptor-length", DESCRIPTOR, SAIP_USES, USE(saip_check_descriptor_length), CODING),
    ERROR("data-coding", DESCRIPTOR, SAIP_USES, USE(saip_check_descriptor_coding), CODING),
    ERROR("descriptor-byte", DESCRIPTOR_BYTE, SAIP_USES, USE(saip_check_descriptor_byte), CODING),
    ERROR("record-length", DESCRIPTOR_BYTE, SAIP_USES, USE(saip_check_descriptor_record), CODING),
    ERROR("template-type", TABLE, SAIP_USES, USE(saip_check_descriptor_type),
          "give the template's type, or make the file with generic file management"),
    WARNING("template-fid", TABLE, SAIP_USES, USE(saip_check_template_fid), "leave fileID out"),
    ERROR("sfi-coding", SFI, SAIP_USES, USE(saip_check_sfi_coding), CODING),
    ERROR("special-information", DESCRIPTOR, SAIP_USES, USE(saip_check_special), CODING),
    ERROR("patterns", FCP, SAIP_USES, USE(saip_check_patterns), REMOVE),
    ERROR("ber-tlv-offset", FCP, SAIP_USES, USE(saip_check_ber_tlv_offset), "write the objects one behind the other"),
    ERROR("ber-tlv-pattern", DESCRIPTOR, SAIP_USES, USE(saip_check_ber_tlv_pattern), REMOVE),
    ERROR("arr-form", FCP, SAIP_USES, USE(saip_check_arr_form), CODING),
    ERROR("life-cycle", "TS 102 221 11.1.1.4.9", SAIP_USES, USE(saip_check_lcsi), "write 05, or leave lcsi out"),
    ERROR("minimal-size", FCP, SAIP_USES, USE(saip_check_minimal), CODING),
    WARNING("short-size", FCP, SAIP_USES, USE(saip_check_short_size), "raise the header's version to 2.1 or later"),
    ERROR("records", FCP, SAIP_USES, USE(saip_check_records), "make the size a multiple of the record length"),
    ERROR("record-count", "TS 102 221 8.2.2.2", SAIP_USES, USE(saip_check_record_count), "make the file smaller"),
    ERROR("pin-status-form", FCP, SAIP_USES, USE(saip_check_pst_form),
          "write the key references without tag and length"),
    WARNING("pattern-kept", TABLE, SAIP_USES, USE(saip_check_pattern_kept), "repeat the template's pattern"),
    WARNING("high-update", TEMPLATES, SAIP_USES, USE(saip_check_high_update), "write specialFileInformation 80 or C0"),
    /* what the elements make together */
    ERROR("link", FCP, SAIP_FILES, FILE_(saip_check_link),
          "let linkPath lead to a file, ADFs by their temporary identifier"),
    ERROR("sfi-unique", SFI, SAIP_FILES, FILE_(saip_check_sfi_unique), "give another shortEFID, or an empty one"),
    ERROR("arr-record", "TS 102 221 11.1.1.4.7", SAIP_FILES, FILE_(saip_check_arr_record),
          "add the record to EF.ARR, or name another"),
    ERROR("arr-coding", ACCESS, SAIP_FILES, FILE_(saip_check_arr_coding), CODING),
    WARNING("arr-pin", ACCESS, SAIP_FILES, FILE_(saip_check_arr_pin),
            "add the code, or name another in the access rule"),
    ERROR("pin-status", ORDER, SAIP_FILES, FILE_(saip_check_pin_status), "add the PIN, or take it out of the template"),
    ERROR("ber-tlv-objects", FCP, SAIP_FILES, FILE_(saip_check_ber_tlv_objects), CODING),
    ERROR("tar-unique", NUMBERS, SAIP_IMAGE, ALL(saip_check_tar_once), "give each application a TAR of its own"),
    WARNING("tar-range", NUMBERS, SAIP_IMAGE, ALL(saip_check_tar_range), "take a TAR of the right range"),
    WARNING("suci-scheme", TCA("12.2"), SAIP_FILES, FILE_(saip_check_suci_schemes), LIST),
    /* what is in the files */
    ERROR("iccid-header", HEADER, SAIP_ELEMENTS, ALL(saip_check_iccid_header), CODING),
    WARNING("iccid-check-digit", "ITU-T E.118", SAIP_ELEMENTS, ALL(saip_check_iccid_luhn),
            "compute the last digit anew, if the operator's numbers have a check digit"),
    ERROR("iccid-file", ICCID, SAIP_FILES, FILE_(saip_check_iccid_file), CODING),
    ERROR("iccid-same", HEADER, SAIP_FILES, FILE_(saip_check_iccid_same), "write the same ICCID in both places"),
    ERROR("dir-coding", DIR, SAIP_FILES, FILE_(saip_check_dir_coding), CODING),
    ERROR("dir-aid", DIR, SAIP_FILES, FILE_(saip_check_dir_aid), "take the record out of EF.DIR, or correct its AID"),
    ERROR("dir-adf", DIR, SAIP_FILES, FILE_(saip_check_dir_adf), "add the application to EF.DIR"),
    ERROR("imsi", "TS 31.102 4.2.2", SAIP_FILES, FILE_(saip_check_imsi), CODING),
    ERROR("mnc-length", "TS 31.102 4.2.18", SAIP_FILES, FILE_(saip_check_ad), "write 02 or 03 as octet 4 of EF.AD"),
    WARNING("hplmn", "TS 31.102 4.2.54", SAIP_FILES, FILE_(saip_check_hplmn),
            "put the IMSI's network into EF.HPLMNwAcT, or correct EF.AD"),
    ERROR("plmn-list", "TS 31.102 4.2.5", SAIP_FILES, FILE_(saip_check_plmn), CODING),
    ERROR("access-class", "TS 31.102 4.2.15", SAIP_FILES, FILE_(saip_check_acc),
          "set the bit of the subscriber's class"),
    ERROR("spn", "TS 31.102 4.2.12", SAIP_FILES, FILE_(saip_check_spn), CODING),
    ERROR("enabled-services", "TS 31.102 4.2.47", SAIP_FILES, FILE_(saip_check_est),
          "clear the bit in EF.EST, or set the service in EF.UST"),
    { "ust-files", "TS 31.102 4.2.8", SAIP_FAULTY, SAIP_FILES, SAIP_USIM, FILE_(saip_check_services_files),
      "make the file, or clear the service in EF.UST" },
    { "ist-files", "TS 31.103 4.2.7", SAIP_FAULTY, SAIP_FILES, SAIP_ISIM, FILE_(saip_check_services_files),
      "make the file, or clear the service in EF.IST" },
    ERROR("naa-files", "TS 31.102 4.2", SAIP_FILES, FILE_(saip_check_naa_files), "make the file"),
    /* what the interpreter says beside */
    ERROR("installs", TCA("8"), SAIP_ELEMENTS, ALL(saip_check_installs), "correct that element"),
    WARNING("software-card", TCA("8.10"), SAIP_ELEMENTS, ALL(saip_check_our_card),
            "use another card than rsp-euicc, or do without"),
    /* the package and a card: refusals, then warnings */
    { "field-test", "SGP.22 5.6.3", SAIP_NOT_ELIGIBLE, SAIP_CARD, 0, ALL(saip_card_field_test),
      "use a certified card, or ask the profile's owner" },
    { "PPR1", INFO, SAIP_NOT_ELIGIBLE, SAIP_CARD, BIT(PprIds_ppr1), ALL(saip_card_policy_rule),
      "delete the operational profile that is on the card, use another card, or a profile without PPR1" },
    { "PPR2", INFO, SAIP_NOT_ELIGIBLE, SAIP_CARD, BIT(PprIds_ppr2), ALL(saip_card_policy_rule),
      "use another card, or a profile without PPR2" },
    { "test-profile", INFO, SAIP_NOT_ELIGIBLE, SAIP_CARD, BIT(RspCapability_testProfileSupport),
      ALL(saip_card_test_profile),
      "use a card for test profiles" },
    { "format-major", HEADER, SAIP_NOT_ELIGIBLE, SAIP_CARD, 0, ALL(saip_card_format_major),
      "make the package in a version that the card takes, or use another card" },
    SERVICE("contactless", contactlessSupport),
    SERVICE("usim", usimSupport),
    SERVICE("isim", isimSupport),
    SERVICE("csim", csimSupport),
    SERVICE("milenage", akaMilenage),
    SERVICE("tuak128", akaTuak128),
    SERVICE("cave", akaCave),
    SERVICE("gba-usim", gbaAuthenUsim),
    SERVICE("gba-isim", gbaAuthenISim),
    SERVICE("mbms", mbmsAuthenUsim),
    SERVICE("eap", eapClient),
    SERVICE("javacard", javacard),
    SERVICE("multos", multos),
    SERVICE("multiple-usim", multipleUsimSupport),
    SERVICE("multiple-isim", multipleIsimSupport),
    SERVICE("multiple-csim", multipleCsimSupport),
    SERVICE("tuak256", akaTuak256),
    SERVICE("usim-test-algorithm", usimTestAlgorithm),
    SERVICE("ber-tlv", berTlvFileSupport),
    SERVICE("dfLink", dfLinkSupport),
    SERVICE("cat-tp", catTp),
    SERVICE("get-identity", getIdentity),
    SERVICE("profile-a-x25519", profile_a_x25519),
    SERVICE("profile-b-p256", profile_b_p256),
    SERVICE("suciCalculatorApi", suciCalculatorApi),
    SERVICE("dns-resolution", dns_resolution),
    SERVICE("scp11ac", scp11ac),
    SERVICE("scp11c-authorization-mechanism", scp11c_authorization_mechanism),
    SERVICE("s16mode", s16mode),
    SERVICE("eaka", eaka),
    SERVICE("iotOptions", iotminimal), /* no service: the header's member that makes an IoT Minimal Profile */
    { "template", HEADER, SAIP_NOT_ELIGIBLE, SAIP_CARD, 0, ALL(saip_card_template_demanded),
      "make these files with generic file management or an earlier template, or use a newer card" },
    { "runtime", "TCA profile package 8.10", SAIP_NOT_ELIGIBLE, SAIP_CARD,
      BIT(UICCCapability_javacard) | BIT(UICCCapability_multos), ALL(saip_card_runtime), CARD_OR_PACKAGE },
    { "additional-profile", "SGP.22 3.1.3", SAIP_NO_ROOM, SAIP_CARD, BIT(RspCapability_additionalProfile),
      ALL(saip_card_additional_profile), DELETE },
    { "non-volatile-memory", "SGP.22 5.6.3", SAIP_NO_ROOM, SAIP_CARD, 0, ALL(saip_card_nvm), DELETE },
    { "volatile-memory", "SGP.22 5.6.3", SAIP_NO_ROOM, SAIP_CARD, 0, ALL(saip_card_ram), DELETE },
    { "format-minor", HEADER, SAIP_WARNS, SAIP_CARD, 0, ALL(saip_card_format_minor),
      "try it on a card of this kind before many get it" },
    { "used-service", "TCA profile package 8.10", SAIP_WARNS, SAIP_CARD, 0, ALL(saip_card_service_used), LESS },
    { "used-template", "TCA profile package 8.10", SAIP_WARNS, SAIP_CARD, 0, ALL(saip_card_template_used), LESS },
    { "DF.5GS", ANNEX_F, SAIP_WARNS, SAIP_CARD, 0, ALL(saip_card_df_5gs),
      "make DF.5GS with generic file management for such cards" },
    { "GET IDENTITY", ANNEX_F, SAIP_WARNS, SAIP_CARD, BIT(UICCCapability_getIdentity), ALL(saip_card_get_identity),
      "for such cards leave DF.SAIP out and clear service 125 in EF.UST, so that the device computes them" },
};
const size_t saip_rules_count = sizeof saip_rules / sizeof *saip_rules;

/* ------------------------------------------------------------------------------ findings */

static size_t offset_of(const struct saip_look *l, const struct saip_place *place)
{
    struct bytes all = place->element ? l->package->items[place->element - 1].raw : BYTES_NONE;
    uintptr_t from = (uintptr_t)all.p, at = (uintptr_t)place->part.p;
    return all.p && place->part.p && at >= from && at - from < all.n ? at - from : 0;
}

void saip_found(struct saip_look *l, struct saip_place place, const char *expected, const char *found, ...)
{
    const struct saip_ProfileElement *pe = place.element ? &l->package->items[place.element - 1] : NULL;
    const struct saip_PEHeader *header = pe ? saip_header_of(pe) : NULL;
    struct saip_finding f = { .rule = l->rule,
                              .fault = { .status = SAIP_BAD_VALUES,
                                         .element = place.element,
                                         .kind = pe ? saip_kind_name(pe) : NULL,
                                         .identification = header ? (int32_t)header->identification : -1,
                                         .member = place.member,
                                         .offset = offset_of(l, &place),
                                         .clause = l->rule->clause,
                                         .expected = expected } };
    va_list ap;
    va_start(ap, found);
    vsnprintf(f.fault.found, sizeof f.fault.found, found, ap);
    va_end(ap);
    l->found++;
    if (l->rule->verdict == SAIP_FAULTY)
        l->failed_elements[place.element]++;
    l->sink.take(l->sink.context, &f);
}

void saip_says(struct saip_look *l, const char *sentence, ...)
{
    struct saip_finding f = { .rule = l->rule, .fault = { .identification = -1, .clause = l->rule->clause } };
    va_list ap;
    va_start(ap, sentence);
    vsnprintf(f.fault.found, sizeof f.fault.found, sentence, ap);
    va_end(ap);
    l->found++;
    l->sink.take(l->sink.context, &f);
}

int saip_finding_err(const struct saip_finding *f, struct err *e)
{
    return f->fault.expected ? saip_fault_err(&f->fault, e)
                             : err_set(e, ERR_UNSUPPORTED, f->fault.clause, "%s", f->fault.found);
}

const struct saip_ProfileHeader *saip_look_header(const struct saip_look *l)
{
    const struct saip_package *p = l->package;
    return p->n && p->items[0].which == saip_ProfileElement_header ? &p->items[0].header : NULL;
}

uint32_t saip_look_version(const struct saip_look *l)
{
    const struct saip_ProfileHeader *h = saip_look_header(l);
    return h ? SAIP_VERSION(h->major_version, h->minor_version, 0) : UINT32_MAX;
}

uint32_t saip_number(struct bytes b)
{
    uint32_t v = 0;
    for (size_t i = b.n > 4 ? b.n - 4 : 0; i < b.n; i++)
        v = v << 8 | b.p[i];
    return v;
}

/* ---------------------------------------------------------------- what elements describe */

/* Without a template's row: by the descriptor, or by the member's name. */
static enum saip_file_type described_type(const char *member, const struct saip_Fcp *fcp)
{
    static const struct {
        uint8_t fdb;
        enum saip_file_type type;
    } forms[] = { { 0x38, SAIP_DF }, { 0x02, SAIP_LINEAR }, { 0x06, SAIP_CYCLIC }, { 0x39, SAIP_BERTLV } };
    enum saip_file_type type = member && strncmp(member, "ef-", 3) != 0 ? SAIP_DF : SAIP_TRANSPARENT;
    for (size_t i = 0; fcp && fcp->fileDescriptor.n && i < sizeof forms / sizeof *forms; i++)
        if ((fcp->fileDescriptor.p[0] & 0x3F) == forms[i].fdb)
            type = forms[i].type;
    if (type != SAIP_DF || !fcp)
        return type;
    return fcp->dfName.p ? SAIP_ADF : saip_number(fcp->fileID) == 0x3F00 ? SAIP_MF : SAIP_DF;
}

/* The uses as octets of one growing array. */
static void use_add(struct buf *uses, struct saip_use u)
{
    u.link = u.fcp && u.fcp->linkPath.n;
    u.type = u.row && (u.row->type == SAIP_ADF || !u.link) ? u.row->type : described_type(u.at.member, u.fcp);
    buf_add(uses, bytes_make(&u, sizeof u));
}

static void gfm_uses(struct buf *uses, size_t element, const struct saip_ProfileElement *pe)
{
    const struct saip_PE_GenericFileManagement *g = &pe->genericFileManagement;
    for (size_t i = 0; i < g->fileManagementCMD.n; i++)
        for (size_t k = 0; k < g->fileManagementCMD.items[i].n; k++) {
            const struct saip_FileManagement_item *c = &g->fileManagementCMD.items[i].items[k];
            if (c->which == saip_FileManagement_item_createFCP)
                use_add(uses, (struct saip_use){ .at = { element, NULL, c->raw }, .pe = pe, .fcp = &c->createFCP });
        }
}

static void member_uses(struct buf *uses, struct saip_use u)
{
    bool any = false;
    for (size_t i = 0; i < u.file->n; i++)
        if (u.file->items[i].which == saip_File_item_fileDescriptor) {
            u.fcp = &u.file->items[i].fileDescriptor;
            u.at.part = u.fcp->raw;
            use_add(uses, u);
            any = true;
        }
    if (!any)
        use_add(uses, u);
}

enum { FIRST_MEMBER = 2 }; /* behind the header and the template's OID */

static void template_uses(struct buf *uses, size_t element, const struct saip_ProfileElement *pe, struct bytes oid)
{
    const struct asn1_field *alternative = &saip_ProfileElement_type.fields[pe->which - 1];
    const struct saip_template *t = saip_template_find(oid);
    size_t place = 0;
    for (size_t i = FIRST_MEMBER; i < alternative->type->n_fields; i++) {
        const struct asn1_field *f = &alternative->type->fields[i];
        const uint8_t *at = (const uint8_t *)pe + alternative->offset + f->offset;
        const struct saip_File *file = f->flags & ASN1_POINTER ? *(void *const *)at : (const void *)at;
        const struct saip_template_file *row = t ? saip_template_row(t, f->name, &place) : NULL;
        if (file)
            member_uses(uses, (struct saip_use){ .at = { element, f->name, file->raw }, .pe = pe, .row = row,
                                                 .template = t, .file = file });
    }
}

static int uses_find(struct saip_look *l)
{
    struct buf uses = buf_in(l->arena);
    for (size_t i = 0; i < l->package->n; i++) {
        const struct saip_ProfileElement *pe = &l->package->items[i];
        struct bytes oid = saip_template_of(pe);
        if (pe->which == saip_ProfileElement_genericFileManagement)
            gfm_uses(&uses, i + 1, pe);
        else if (oid.p)
            template_uses(&uses, i + 1, pe, oid);
    }
    struct bytes all = buf_bytes(&uses);
    l->uses = (const void *)all.p;
    l->n_uses = all.n / sizeof *l->uses;
    return all.p ? 0 : -1;
}

/* --------------------------------------------------------------------------- asking them */

static void files_ask(struct saip_look *l, const struct saip_file *f)
{
    l->rule->check.file(l, f);
    for (const struct saip_file *c = saip_is_df(f) && !f->link_path.p ? f->children : NULL; c; c = c->next)
        files_ask(l, c);
}

/* False if there is nothing to look at. */
static bool rule_ask(struct saip_look *l)
{
    enum saip_view view = l->rule->view;
    l->found = 0;
    if ((view == SAIP_IMAGE || view == SAIP_FILES) && !l->image)
        return false;
    for (size_t i = 0; view == SAIP_USES && i < l->n_uses; i++)
        l->rule->check.use(l, &l->uses[i]);
    if (view == SAIP_FILES)
        files_ask(l, l->image->mf);
    if (view != SAIP_USES && view != SAIP_FILES)
        l->rule->check.all(l);
    return true;
}

static void rules_ask(struct saip_look *l, bool of_cards, struct saip_checked *out)
{
    memset(out, 0, sizeof *out);
    for (l->rule = saip_rules; l->rule < saip_rules + saip_rules_count; l->rule++)
        if ((l->rule->view == SAIP_CARD) == of_cards) {
            *(rule_ask(l) ? &out->asked : &out->skipped) += 1;
            *(l->rule->verdict == SAIP_WARNS ? &out->warnings : &out->errors) += l->found;
        }
}

int saip_check(struct arena *a, const struct saip_package *p, struct saip_sink sink, struct saip_checked *out,
               struct err *e)
{
    struct saip_image *image = arena_alloc(a, sizeof *image);
    struct saip_result *result = arena_alloc(a, sizeof *result);
    struct saip_look l = { .arena = a, .package = p, .result = result, .sink = sink };
    l.failed_elements = arena_array(a, p->n + 1, sizeof *l.failed_elements);
    if (!image || !result || !l.failed_elements || uses_find(&l) != 0)
        return err_set(e, ERR_MEMORY, NULL, "no memory to check the package");
    l.image = saip_interpret(a, p, image, result) == 0 ? image : NULL;
    rules_ask(&l, false, out);
    return 0;
}

void saip_check_card(const struct saip_needs *n, const struct saip_card *c, const struct saip_policy *p,
                     struct saip_sink sink, struct saip_checked *out)
{
    struct saip_look l = { .needs = n, .card = c, .policy = p, .sink = sink };
    rules_ask(&l, true, out);
}

static void keep_err(void *context, const struct saip_finding *f)
{
    saip_finding_err(f, context);
}

const struct saip_rule *saip_broken(const struct saip_needs *n, const struct saip_card *c, const struct saip_policy *p,
                                    const struct saip_rule *after, struct err *e)
{
    struct saip_look l = { .needs = n, .card = c, .policy = p, .sink = { keep_err, e } };
    for (l.rule = after ? after + 1 : saip_rules; l.rule < saip_rules + saip_rules_count; l.rule++)
        if (l.rule->view == SAIP_CARD && rule_ask(&l) && l.found)
            return l.rule;
    return NULL;
}

int saip_suits(const struct saip_needs *n, const struct saip_card *c, const struct saip_policy *p,
               const struct saip_rule **broken, struct err *e)
{
    *broken = saip_broken(n, c, p, NULL, e);
    while (*broken && (*broken)->verdict == SAIP_WARNS)
        *broken = saip_broken(n, c, p, *broken, e);
    return *broken ? -1 : 0;
}
