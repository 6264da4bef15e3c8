/* SPDX-License-Identifier: Apache-2.0
 *
 * rsp-profile check: each rule finds its planted fault, and nothing else. */
#include "base/text.h"
#include "saip/rules.h"
#include "sample.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* --------------------------------------------------------------------------- packages */

#define KEY "5D1E0A93C7B24F68810F3E2D9A6C5B47"
#define ZEROS "00000000000000000000000000000000"

/* The sample with keys in the place of its placeholders, as if an operator had put his own in. */
static const char *sample(void)
{
    static const struct sample_edit keys[] = { { "key '" ZEROS, "key '" KEY },
                                        { "opc '" ZEROS, "opc '91A3B2C4D5E6F70819203142536475AF" },
                                        { "keyData '" ZEROS, "keyData '1F2A3B4C5D6E7F8091A2B3C4D5E6F701" },
                                        { "keyData '" ZEROS, "keyData '2E1D0C9B8A7F6E5D4C3B2A190807F6E5" },
                                        { "keyData '" ZEROS, "keyData '73829104A5B6C7D8E9F00112233445A6" } };
    return sample_text(keys, COUNT(keys));
}

/* -------------------------------------------------------------------------- findings */

struct seen {
    struct buf names;
    const char *clause; /* of the rule that is looked for */
    const char *rule;
    size_t errors, warnings;
};

/* "rule@element.member", in the table's order. */
static void take(void *context, const struct saip_finding *f)
{
    struct seen *s = context;
    buf_printf(&s->names, "%s%s", s->names.n ? ", " : "", f->rule->name);
    if (f->fault.element)
        buf_printf(&s->names, "@%zu%s%s", f->fault.element, f->fault.member ? "." : "",
                   f->fault.member ? f->fault.member : "");
    if (s->rule && strcmp(s->rule, f->rule->name) == 0)
        s->clause = f->fault.clause;
    *(f->rule->verdict == SAIP_WARNS ? &s->warnings : &s->errors) += 1;
    CHECK(f->fault.expected && f->fault.found[0]);
    CHECK((f->fault.kind != NULL) == (f->fault.element != 0));
}

static bool look_at(struct bytes der, struct seen *s)
{
    struct saip_package p;
    struct saip_checked done;
    struct err e;
    s->names = buf_in(test_arena());
    if (!CHECK_OK(saip_decode(test_arena(), der, ASN1_STRICT, &p, &e), &e) ||
        !CHECK_OK(saip_check(test_arena(), &p, (struct saip_sink){ take, s }, &done, &e), &e))
        return false;
    CHECK_EQ(done.errors, s->errors);
    CHECK_EQ(done.warnings, s->warnings);
    return true;
}

static bool look_at_text(const char *text, struct seen *s)
{
    struct saip_package p;
    struct bytes der = BYTES_NONE;
    struct err e;
    return CHECK_OK(saip_parse(test_arena(), bytes_text(text), &p, &e), &e) &&
           CHECK_OK(saip_encode(test_arena(), &p, &der, &e), &e) && look_at(der, s);
}

/* ------------------------------------------------------------------------ planted faults */

#define BEFORE(n, kind) "value" #n " ProfileElement ::= " kind
#define INSERT(n, kind, element) { BEFORE(n, kind), "value99 ProfileElement ::= " element "\n" BEFORE(n, kind) }
#define PEH(name) name " { identification 30 }"
#define STATUS_OF(kind, status) kind " {\n    fileDescriptor : { pinStatusTemplateDO '" status "'H }"
#define LI "ef-li {\n"
#define LI_FCP(fcp) { LI, "ef-li {\n    fileDescriptor : { " fcp " },\n" }
#define KC_FCP(fcp) { "ef-kc { }", "ef-kc { fileDescriptor : { " fcp " } }" }
#define KCGPRS_FCP(fcp) { "ef-kcgprs { }", "ef-kcgprs { fileDescriptor : { " fcp " } }" }
#define GID1 "ef-gid1 {\n"
#define GID1_FCP(fcp) { GID1, "ef-gid1 {\n    fileDescriptor : { " fcp " },\n" }
#define GFM(commands) "genericFileManagement : { " PEH("gfm-header") ", fileManagementCMD { { " commands " } } }"
#define GFM_FCP(fcp) INSERT(6, "usim", GFM("createFCP : { " fcp " }"))
#define SUME "ef-sume {\n    fillFileContent : '850D5273706B6974204D6F62696C65'H\n  }"
#define MML(file) \
    { SUME, SUME ",\n  df-multimedia { fileDescriptor : { pinStatusTemplateDO '010A'H } },\n  ef-mml { " file " }" }
#define BER_TLV { "milenage NULL", "milenage NULL,\n    ber-tlv NULL" }
#define OPT_IOT "opt-iot : { " PEH("optiot-header") ", templateID { 2 23 143 1 2 18 } }"
#define PINS(reference) \
    "pinCodes : { " PEH("pin-Header") ", pinCodes pinconfig : { { keyReference " reference \
    ", pinValue '39383736FFFFFFFF'H } } }"
#define NON_STANDARD "nonStandard : { " PEH("nonStandard-header") ", issuerID { 1 2 3 }, content '00'H }"
#define DOMAIN(identification, aid, more, behind) \
    "securityDomain : { sd-Header { identification " #identification \
    " }, instance { applicationLoadPackageAID 'A0000001515350'H, classAID 'A000000151535041'H, instanceAID '" aid \
    "'H" more ", applicationPrivileges '82DC20'H, " behind "applicationSpecificParametersC9 '8100'H }"
#define RFM_ELEMENT \
    "rfm : { " PEH("rfm-header") ", instanceAID 'A00000055910100102'H, tarList { 'B00011'H }," \
    " minimumSecurityLevel '16'H, uiccAccessDomain '00'H, uiccAdminAccessDomain '00'H }"
#define TEMPLATES_END "{ 2 23 143 1 2 7 }\n  }"
#define ALSO_TEMPLATE(n) { TEMPLATES_END, "{ 2 23 143 1 2 7 },\n    { 2 23 143 1 2 " #n " }\n  }" }
#define ISIM \
    "isim : { " PEH("isim-header") ", templateID { 2 23 143 1 2 8 }, adf-isim { fileDescriptor : { fileID '7F02'H," \
    " dfName 'A0000000871004FF49FFFF8901000000'H, pinStatusTemplateDO '010A'H } }," \
    " ef-impi { fileDescriptor : { efFileSize '05'H }, fillFileContent : '8003616263'H }," \
    " ef-impu { fileDescriptor : { fileDescriptor '42210005'H, efFileSize '05'H }, fillFileContent : '8003616263'H }," \
    " ef-domain { fileDescriptor : { efFileSize '05'H }, fillFileContent : '8003616263'H }," \
    " ef-ist { fillFileContent : '0100000000000000000000000000'H }," \
    " ef-arr { fileDescriptor : { linkPath '7F016F06'H } } }"
#define NEW_FILE \
    "fileDescriptor '4121'H, fileID '2F50'H, securityAttributesReferenced '2F060A'H, efFileSize '01'H"

/* By hand from the clauses: what is broken, and all that must be told of it, by place; the first column is the rule
 * that the row is for, with the clause that it has to cite. */
static const struct planted {
    const char *rule, *clause, *findings;
    struct sample_edit edits[4];
} planted[] = {
    /* elements */
    { "header", "TCA profile package 8.2.1", "header@14",
      { INSERT(14, "end", "header : { major-version 2, minor-version 3, iccid '8949001000000000009F'H,"
                          " eUICC-Mandatory-services { }, eUICC-Mandatory-GFSTEList { } }") } },
    { "end", "TCA profile package 8.10", "end@13",
      { { BEFORE(14, "end") " : {\n  end-header { mandated NULL, identification 13 }\n}\n", "" } } },
    { "version", "TCA profile package 8.2.1", "version@1.major-version", { { "major-version 2", "major-version 4" } } },
    { "full-profile", "TCA profile package 7.4",
      "full-profile@8, order-iot@8, template-unlisted@8.templateID, template-version@8.templateID, software-card@8",
      { INSERT(8, "pinCodes", OPT_IOT) } },
    { "order-iot", "TCA profile package 8.1.3",
      "full-profile@8, order-iot@8, template-unlisted@8.templateID, template-version@8.templateID, software-card@8",
      { INSERT(8, "pinCodes", OPT_IOT) } },
    { "iot-profile", "TCA profile package 7.5", "iot-profile@2, iot-profile, puk-place@3, software-card@1",
      { { TEMPLATES_END, TEMPLATES_END ",\n  iotOptions { pix '10020000000000'H }" } } },
    { "identification", "TCA profile package 8.1.3", "identification@13",
      { { "rfm-header { mandated NULL, identification 12 }", "rfm-header { mandated NULL, identification 11 }" } } },
    { "mf", "TCA profile package 8.1.3", "mf@5",
      { INSERT(5, "telecom", GFM("createFCP : { fileDescriptor '7821'H, fileID '3F00'H,"
                                 " securityAttributesReferenced '2F060E'H, pinStatusTemplateDO '010A'H }")) } },
    { "order-mf", "TCA profile package 8.1.3", "mf@2, order-mf@2, template-unlisted@2.templateID",
      { INSERT(2, "mf", "cd : { " PEH("cd-header") ", templateID { 2 23 143 1 2 2 }, df-cd { fileDescriptor :"
                        " { pinStatusTemplateDO '010A'H } } }") } },
    { "order-usim", "TCA profile package 8.1.3",
      "order-usim@6, service-unlisted@6, template-unlisted@6.templateID",
      { INSERT(6, "usim", "df-saip : { " PEH("df-saip-header") ", templateID { 2 23 143 1 2 14 }, df-df-saip"
                          " { fileDescriptor : { pinStatusTemplateDO '01810A'H } } }") } },
    { "order-isim", "TCA profile package 8.1.3", "order-isim@8, template-unlisted@8.templateID",
      { INSERT(8, "pinCodes", "opt-isim : { " PEH("optisim-header") ", templateID { 2 23 143 1 2 9 } }") } },
    { "order-csim", "TCA profile package 8.1.3", "order-csim@10, service-unlisted@10",
      { INSERT(10, "phonebook", "cdmaParameter : { " PEH("cdma-header")
               ", authenticationKey '0102030405060708'H }") } },
    { "order-naa", "TCA profile package 8.1.3", "order-naa@6",
      { INSERT(6, "usim", "akaParameter : { " PEH("aka-header") ", algoConfiguration algoParameter : { algorithmID"
                          " milenage, algorithmOptions '00'H, key '" KEY "'H,"
                          " opc '91A3B2C4D5E6F70819203142536475AF'H } }") } },
    { "once", "TCA profile package 8.3.4", "once@8",
      { INSERT(8, "pinCodes", "opt-usim : { " PEH("optusim-header") ", templateID { 2 23 143 1 2 5 } }") } },
    { "puk-place", "TCA profile package 8.5.2", "puk-place@4, software-card@3",
      { INSERT(3, "pukCodes", NON_STANDARD) } },
    { "domain-first", "TCA profile package 8.6.2", "domain-first@12",
      { INSERT(12, "securityDomain", RFM_ELEMENT) } },
    { "domain-late", "TCA profile package 8.1.3", "domain-late@12",
      { INSERT(14, "end", GFM("createFCP : { " NEW_FILE ", shortEFID ''H }")) } },
    { "pol", "TCA profile package 8.2.1", "pol@1.pol", { { "009F'H,", "009F'H,\n  pol '00'H," } } },
    { "service-unlisted", "TCA profile package 8.2.1", "service-unlisted@9",
      { { "usim NULL,\n    milenage NULL", "usim NULL" } } },
    { "service-unlisted", "TCA profile package 8.2.1", "service-unlisted@13, software-card@13",
      { INSERT(13, "rfm", "application : { " PEH("app-Header") ", instanceList { { applicationLoadPackageAID"
                          " 'A000000559000101'H, classAID 'A000000559000102'H, instanceAID 'A000000559000103'H,"
                          " applicationPrivileges '00'H, applicationSpecificParametersC9 ''H } } }") } },
    { "service-unused", "TCA profile package 8.2.1", "service-unused@1.eUICC-Mandatory-services",
      { { "usim NULL,", "usim NULL,\n    isim NULL," } } },
    { "template-unlisted", "TCA profile package 8.2.1", "template-unlisted@11.templateID",
      { { ",\n    { 2 23 143 1 2 7 }", "" } } },
    { "template-unused", "TCA profile package 8.2.1", "template-unused@1.eUICC-Mandatory-GFSTEList",
      { ALSO_TEMPLATE(8) } },
    { "template-known", "TCA profile package Annex B",
      "template-unlisted@11.templateID, template-unused@1.eUICC-Mandatory-GFSTEList, template-known@11.templateID,"
      " ust-files@6.ef-ust, ust-files@6.ef-ust, software-card@11",
      { { "templateID { 2 23 143 1 2 7 }", "templateID { 2 23 143 1 9 9 }" } } },
    { "template-kind", "TCA profile package Annex B",
      "template-unused@1.eUICC-Mandatory-GFSTEList, template-kind@11.templateID, member@11.df-gsm-access,"
      " member@11.ef-kc, member@11.ef-kcgprs",
      { { "templateID { 2 23 143 1 2 7 }", "templateID { 2 23 143 1 2 6 }" } } },
    { "template-version", "TCA profile package 8.2.1", "template-version@7.templateID",
      { { "{ 2 23 143 1 2 5 },", "{ 2 23 143 1 2 5 2 }," },
        { "templateID { 2 23 143 1 2 5 }", "templateID { 2 23 143 1 2 5 2 }" } } },
    /* codes and keys */
    { "pin-context", "TCA profile package 8.5.1", "pin-context@9",
      { INSERT(9, "akaParameter", PINS("secondPINAppl2")) } },
    { "pin-scope", "TCA profile package 8.5.1", "pin-scope@8.pinCodes",
      { { "keyReference secondPINAppl1, pinValue", "keyReference pinAppl2, pinValue" } } },
    { "pin-scope", "TCA profile package 8.5.1", "pin-scope@4.pinCodes",
      { { "keyReference adm1", "keyReference secondPINAppl2" } } },
    { "pin-once", "TCA profile package 8.5.1", "pin-once@4.pinCodes",
      { { "{ keyReference adm1",
          "{ keyReference pinAppl1, pinValue '31323334FFFFFFFF'H },\n    { keyReference adm1" } } },
    { "puk-once", "TCA profile package 8.5.2", "puk-once@3.pukCodes",
      { { "{ keyReference secondPUKAppl1", "{ keyReference pukAppl1, pukValue '3132333435363738'H },\n"
                                          "    { keyReference secondPUKAppl1" } } },
    { "puk-exists", "TCA profile package 8.5.1", "puk-exists@4.pinCodes",
      { { "unblockingPINReference pukAppl1", "unblockingPINReference pukAppl2" } } },
    { "retries", "TCA profile package 8.5.1", "retries@4.pinCodes",
      { { "retryNumLeft 170", "retryNumLeft 58" } } }, /* 3A: 10 of 3 */
    { "pin-digits", "TS 102 221 9.5.1", "pin-digits@4.pinCodes", { { "31323334FFFFFFFF", "313233FFFFFFFFFF" } } },
    { "pin-digits", "TS 102 221 9.5.1", "pin-digits@8.pinCodes", { { "39383736FFFFFFFF", "39383736FF31FFFF" } } },
    { "puk-digits", "TS 102 221 9.5.1", "puk-digits@3.pukCodes", { { "3132333435363738", "31323334353637FF" } } },
    { "aka-key", "TCA profile package 8.4.2", "aka-key@9.key",
      { { "key '" KEY, "key '5D1E0A93C7B24F68810F3E2D9A6C5B" } } },
    { "aka-opc", "TCA profile package 8.4.2", "aka-opc@9.opc", { { "opc '91", "opc '" } } },
    { "sqn", "TCA profile package 8.4.2", "sqn@9.sqnDelta",
      { { "sqnOptions '0E'H", "sqnOptions '0E'H,\n  sqnDelta '080000000000'H" } } },
    { "placeholder-key", "TCA profile package 8.4.2", "placeholder-key@9.key", { { "key '" KEY, "key '" ZEROS } } },
    { "placeholder-key", "TCA profile package 8.4.2", "placeholder-key@9.key",
      { { "key '" KEY, "key '000102030405060708090A0B0C0D0E0F" } } },
    { "format-2.0", "SGP.22 2.5.2", "format-2.0@9.algoParameter, short-size@2.ef-dir, short-size@10.ef-pbr",
      { { "minor-version 3", "minor-version 0" },
        { "milenage NULL", "usim-test-algorithm NULL" },
        { "algorithmID milenage", "algorithmID usim-test-algorithm" } } },
    /* domains and applications */
    { "mno-only", "TCA profile package 8.6.6", "mno-only@13.openPersoData",
      { INSERT(13, "rfm", DOMAIN(30, "A000000151000001", "", "lifeCycleState '0F'H, ")
                          ", openPersoData { restrictParameter '00'H } }") } },
    { "mno-extradition", "TCA profile package 8.7.3", "mno-extradition@12.extraditeSecurityDomainAID",
      { { "instanceAID 'A000000151000000'H,",
          "instanceAID 'A000000151000000'H,\n    extraditeSecurityDomainAID 'A000000151000000'H," } } },
    { "domain-state", "TCA profile package 8.7.3", "domain-state@14.extraditeSecurityDomainAID",
      { INSERT(13, "rfm", DOMAIN(30, "A000000151000001", "", "") " }\nvalue98 ProfileElement ::= "
                          DOMAIN(31, "A000000151000002", ", extraditeSecurityDomainAID 'A000000151000001'H",
                                 "lifeCycleState '0F'H, ") " }") } },
    { "key-once", "TCA profile package 8.6.3", "key-once@12.keyList",
      { { "keyIdentifier '02'", "keyIdentifier '01'" } } },
    { "component-once", "TCA profile package 8.6.3", "component-once@12.keyList",
      { { "{ keyType '88'H, keyData '1F2A3B4C5D6E7F8091A2B3C4D5E6F701'H }",
          "{ keyType '88'H, keyData '1F2A3B4C5D6E7F8091A2B3C4D5E6F701'H },\n"
          "        { keyType '88'H, keyData '1F2A3B4C5D6E7F8091A2B3C4D5E6F701'H }" } } },
    { "key-version", "TCA profile package 8.6.3", "key-version@12.keyList",
      { { "keyIdentifier '01'H,\n      keyVersionNumber '01'H",
          "keyIdentifier '01'H,\n      keyVersionNumber '1F'H" } } },
    { "key-length", "TCA profile package 8.6.3", "key-length@12.keyList", { { "keyData '1F2A", "keyData '1F" } } },
    { "placeholder-ota", "TCA profile package 8.6.3", "placeholder-ota@12.keyList",
      { { "keyData '1F2A3B4C5D6E7F8091A2B3C4D5E6F701", "keyData '47474747474747474747474747474747" } } },
    { "rfm-tar", "TCA profile package 8.8", "rfm-tar@13.tarList", { { "tarList { 'B00010'H },\n  ", "" } } },
    { "security-level", "TS 102 225 5.1.1", "security-level@13.minimumSecurityLevel",
      { { "minimumSecurityLevel '16'", "minimumSecurityLevel '00'" } } },
    /* files as they are described */
    { "member", "TCA profile package 9.1", "member@7.ef-epdgid",
      { { "'00F1104000'H\n  }", "'00F1104000'H\n  },\n  ef-epdgid { fillFileContent : '8000'H }" } } },
    { "content", "TCA profile package 9.1", "content@7.ef-gid1",
      { { "ef-gid1 {\n    fillFileContent : '52534B49'H\n  }", "ef-gid1 { }" } } },
    { "do-not-create", "TCA profile package 8.3.2", "do-not-create@7.ef-li",
      { { LI "    fillFileContent : '656E'H", LI "    doNotCreate : NULL" } } },
    { "do-not-create", "TCA profile package 8.3.2", "do-not-create@6.ef-ecc, naa-files@6.adf-usim",
      { { "ef-ecc {\n", "ef-ecc {\n    doNotCreate : NULL,\n" } } },
    { "fcp-ef", "TCA profile package 8.3.3", "fcp-ef@11.ef-kc", { KC_FCP("pinStatusTemplateDO '01'H") } },
    { "fcp-df", "TCA profile package 8.3.3", "fcp-df@11.df-gsm-access",
      { { STATUS_OF("df-gsm-access", "01810A"), "df-gsm-access {\n    fileDescriptor : { fileID '5F3B'H }" } } },
    { "fcp-df", "TCA profile package 8.3.3", "fcp-df@11.df-gsm-access",
      { { STATUS_OF("df-gsm-access", "01810A"),
          "df-gsm-access {\n    fileDescriptor : { pinStatusTemplateDO '01810A'H, shortEFID '08'H }" } } },
    { "fcp-adf", "TCA profile package 8.3.3", "fcp-adf@6.adf-usim",
      { { ",\n      pinStatusTemplateDO '01810A'H\n    }", "\n    }" } } },
    { "fcp-link", "TCA profile package 8.3.2", "fcp-link@11.ef-kcgprs",
      { KCGPRS_FCP("efFileSize '09'H, linkPath '7F016F08'H") } },
    { "gfm", "TCA profile package 8.3.5", "gfm@6",
      { GFM_FCP("fileID '2F50'H, securityAttributesReferenced '2F060A'H, efFileSize '01'H, shortEFID ''H") } },
    { "gfm-df", "TCA profile package 8.3.5", "gfm-df@6",
      { GFM_FCP("fileDescriptor '7821'H, fileID '7F66'H, securityAttributesReferenced '2F060E'H") } },
    { "gfm-ef", "TCA profile package 8.3.5", "gfm-ef@6",
      { GFM_FCP("fileDescriptor '4121'H, fileID '2F50'H, securityAttributesReferenced '2F060A'H, efFileSize '01'H,"
                " pinStatusTemplateDO '01'H, shortEFID ''H") } },
    { "gfm-link", "TCA profile package 8.3.5", "gfm-link@6",
      { GFM_FCP("fileDescriptor '4121'H, fileID '2F50'H, securityAttributesReferenced '2F060A'H, efFileSize '01'H,"
                " shortEFID ''H, linkPath '2F05'H") } },
    { "descriptor-length", "TS 102 222 6.3.2.2", "descriptor-length@7.ef-li", { LI_FCP("fileDescriptor '412100'H") } },
    { "data-coding", "TS 102 222 6.3.2.2", "data-coding@7.ef-li", { LI_FCP("fileDescriptor '4122'H") } },
    { "descriptor-byte", "TS 102 221 11.1.1.4.3", "descriptor-byte@6",
      { GFM_FCP("fileDescriptor '4321'H, fileID '2F50'H, securityAttributesReferenced '2F060A'H, efFileSize '01'H,"
                " shortEFID ''H") } },
    { "record-length", "TS 102 221 11.1.1.4.3", "record-length@6",
      { GFM_FCP("fileDescriptor '4221'H, fileID '2F50'H, securityAttributesReferenced '2F060A'H, efFileSize '01'H,"
                " shortEFID ''H") } },
    { "record-length", "TS 102 221 11.1.1.4.3", "record-length@7.ef-li", { LI_FCP("fileDescriptor '41210006'H") } },
    { "template-type", "TCA profile package 8.3.3", "template-type@11.ef-kc",
      { KC_FCP("fileDescriptor '42210009'H") } },
    { "template-fid", "TCA profile package 8.3.3", "template-fid@7.ef-li", { LI_FCP("fileID '6F04'H") } },
    { "sfi-coding", "TS 102 221 11.1.1.4.8", "sfi-coding@10.ef-adn", { { "shortEFID '58'", "shortEFID '59'" } } },
    { "sfi-coding", "TS 102 221 11.1.1.4.8", "sfi-coding@10.ef-adn", { { "shortEFID '58'", "shortEFID 'F8'" } } },
    { "special-information", "TS 102 222 6.3.2.2", "special-information@7.ef-li",
      { LI_FCP("proprietaryEFInfo { specialFileInformation '01'H }") } },
    { "patterns", "TCA profile package 8.3.2", "patterns@7.ef-li",
      { LI_FCP("proprietaryEFInfo { fillPattern 'FF'H, repeatPattern 'FF'H }") } },
    { "ber-tlv-offset", "TCA profile package 8.3.2", "ber-tlv-offset@5.ef-mml",
      { BER_TLV, MML("fileDescriptor : { efFileSize '10'H }, fillFileOffset : 0, fillFileContent : '8000'H") } },
    { "ber-tlv-pattern", "TS 102 222 6.3.2.2", "ber-tlv-pattern@5.ef-mml",
      { BER_TLV, MML("fileDescriptor : { efFileSize '10'H, proprietaryEFInfo { fillPattern 'FF'H } }") } },
    { "arr-form", "TCA profile package 8.3.2", "arr-form@7.ef-li", { LI_FCP("securityAttributesReferenced '6F01'H") } },
    { "life-cycle", "TS 102 221 11.1.1.4.9", "life-cycle@7.ef-li", { LI_FCP("lcsi '02'H") } },
    { "minimal-size", "TCA profile package 8.3.2", "minimal-size@7.ef-li", { LI_FCP("efFileSize '0006'H") } },
    { "short-size", "TCA profile package 8.3.2", "short-size@2.ef-dir, short-size@10.ef-pbr",
      { { "minor-version 3", "minor-version 0" } } },
    { "records", "TCA profile package 8.3.2", "records@10.ef-adn", { { "efFileSize '0118'", "efFileSize '0119'" } } },
    { "record-count", "TS 102 221 8.2.2.2", "record-count@10.ef-adn", /* 255 of 28 octets */
      { { "efFileSize '0118'", "efFileSize '1BE4'" } } },
    { "pin-status-form", "TCA profile package 8.3.2",
      "pin-status-form@5.df-telecom, pin-status@5.df-telecom, pin-status@5.df-telecom",
      { { STATUS_OF("df-telecom", "010A"), STATUS_OF("df-telecom", "C602010A") } } },
    { "pattern-kept", "TCA profile package 8.3.3", "pattern-kept@11.ef-kc",
      { { "minor-version 3", "minor-version 2" }, KC_FCP("proprietaryEFInfo { specialFileInformation '80'H }") } },
    { "high-update", "TCA profile package 9.1", "high-update@11.ef-kc",
      { KC_FCP("proprietaryEFInfo { specialFileInformation '40'H }") } },
    /* what they make together */
    { "link", "TCA profile package 8.3.2", "link@11.ef-kcgprs", { KCGPRS_FCP("linkPath '7F016FFF'H") } },
    { "link", "TCA profile package 8.3.2", "link@11.ef-kc, link@11.ef-kcgprs",
      { KC_FCP("linkPath '7F015F3B4F52'H"), KCGPRS_FCP("linkPath '7F015F3B4F20'H") } },
    { "sfi-unique", "TS 102 221 11.1.1.4.8", "sfi-unique@7.ef-gid1",
      { GID1_FCP("shortEFID '38'H") } }, /* EF.IMSI's 7 */
    { "arr-record", "TS 102 221 11.1.1.4.7", "arr-record@7.ef-gid1",
      { GID1_FCP("securityAttributesReferenced '0F'H") } },
    { "arr-record", "TS 102 221 11.1.1.4.7", "arr-record@7.ef-gid1",
      { GID1_FCP("securityAttributesReferenced '6F0701'H") } },
    { "arr-coding", "TS 102 221 9.2", "arr-coding@2.ef-arr", { { "'8001019000800102A4", "'8001019100800102A4" } } },
    { "arr-coding", "TS 102 221 9.2", "arr-coding@2.ef-arr", { { "'80015EA40683010A950108'", "'80015E840132'" } } },
    { "arr-pin", "TS 102 221 9.2", "arr-pin@2.ef-iccid",
      { { "'8001019000800118A40683010A950108", "'8001019000800118A40683010B950108" } } },
    { "pin-status", "TCA profile package 8.1.3", "pin-status@5.df-telecom",
      { { STATUS_OF("df-telecom", "010A"), STATUS_OF("df-telecom", "01020A") } } },
    { "ber-tlv-objects", "TCA profile package 8.3.2", "ber-tlv-objects@5.ef-mml",
      { BER_TLV, MML("fileDescriptor : { efFileSize '10'H }, fillFileContent : '8005AA'H") } },
    { "tar-unique", "TS 101 220 Annex D", "tar-unique@13", { { "{ 'B00010'H }", "{ 'B00010'H, 'B00010'H }" } } },
    { "tar-unique", "TS 101 220 Annex D", "tar-unique@14",
      { INSERT(14, "end", "rfm : { " PEH("rfm-header") ", instanceAID 'A00000055910100102'H, tarList { 'B00010'H },"
                          " minimumSecurityLevel '16'H, uiccAccessDomain '00'H, uiccAdminAccessDomain '00'H }") } },
    { "tar-range", "TS 101 220 Annex D", "tar-range@13", { { "{ 'B00010'H }", "{ 'B10010'H }" } } },
    { "suci-scheme", "TCA profile package 12.2", "suci-scheme@10.ef-suci-calc-info-usim",
      { { "milenage NULL", "milenage NULL,\n    get-identity NULL" },
        ALSO_TEMPLATE(14),
        INSERT(10, "phonebook", "df-saip : { " PEH("df-saip-header") ", templateID { 2 23 143 1 2 14 }, df-df-saip"
               " { fileDescriptor : { pinStatusTemplateDO '01810A'H } }, ef-suci-calc-info-usim { fileDescriptor :"
               " { efFileSize '04'H }, fillFileContent : 'A0020101'H } }") } },
    /* what is in them */
    { "iccid-header", "TCA profile package 8.2.1", "iccid-header@1.iccid",
      { { "iccid '8949001000000000009F'", "iccid '89490010F0000000009F'" } } },
    { "iccid-check-digit", "ITU-T E.118", "iccid-check-digit@1.iccid",
      { { "iccid '8949001000000000009F'", "iccid '8949001000000000008F'" },
        { "'989400010000000000F9'", "'989400010000000000F8'" } } },
    { "iccid-file", "TS 102 221 13.2", "iccid-file@2.ef-iccid",
      { { "'989400010000000000F9'", "'989400010000000000A9'" } } },
    { "iccid-same", "TCA profile package 8.2.1", "iccid-same@2.ef-iccid",
      { { "'989400010000000000F9'", "'989400010000000010F8'" } } },
    { "dir-coding", "TS 102 221 13.1", "dir-coding@2.ef-dir, dir-adf@6.adf-usim",
      { { "'611F4F10A0", "'621F4F10A0" } } },
    { "dir-aid", "TS 102 221 13.1", "dir-aid@2.ef-dir",
      { { "'42210026'H, efFileSize '26'H", "'42210026'H, efFileSize '4C'H" },
        { "500B5273706B6974205553494D'H",
          "500B5273706B6974205553494D'H,\n    fillFileOffset : 5,\n"
          "    fillFileContent : '61094F07A0000000871004'H" } } },
    { "dir-adf", "TS 102 221 13.1", "dir-adf@6.adf-usim",
      { { "'611F4F10A0000000871002FF49FFFF8901000000500B5273706B6974205553494D'", "'FF'" } } },
    { "imsi", "TS 31.102 4.2.2", "imsi@6.ef-imsi", { { "'080910101000000010'", "'080A10101000000010'" } } },
    { "imsi", "TS 31.102 4.2.2", "imsi@6.ef-imsi", { { "'080910101000000010'", "'070910101000000010'" } } },
    { "imsi", "TS 31.102 4.2.2", "imsi@6.ef-imsi", { { "'080910101000000010'", "'08091010100000A010'" } } },
    { "mnc-length", "TS 31.102 4.2.18", "mnc-length@6.ef-ad",
      { { "ef-ecc {", "ef-ad {\n    fillFileContent : '00000004'H\n  },\n  ef-ecc {" } } },
    { "hplmn", "TS 31.102 4.2.54", "hplmn@7.ef-hplmnwact", { { "'00F1104000'", "'00F1204000'" } } },
    { "hplmn", "TS 31.102 4.2.54", "hplmn@7.ef-hplmnwact", /* 001-010 is what three digits make of the IMSI */
      { { "ef-ecc {", "ef-ad {\n    fillFileContent : '00000003'H\n  },\n  ef-ecc {" } } },
    { "plmn-list", "TS 31.102 4.2.5", "plmn-list@7.ef-hplmnwact", { { "'00F1104000'", "'0AF1104000'" } } },
    { "access-class", "TS 31.102 4.2.15", "access-class@6.ef-acc",
      { { "ef-acc {\n    fillFileContent : '0001'", "ef-acc {\n    fillFileContent : '0000'" } } },
    { "spn", "TS 31.102 4.2.12", "spn@6.ef-spn", { { "'015273706B", "'055273706B" } } },
    { "spn", "TS 31.102 4.2.12", "spn@6.ef-spn", { { "'015273706B", "'0152FF706B" } } },
    { "enabled-services", "TS 31.102 4.2.47", "enabled-services@6.ef-est",
      { { "ef-est {\n    fillFileContent : '00'", "ef-est {\n    fillFileContent : '01'" } } },
    { "ust-files", "TS 31.102 4.2.8", "ust-files@6.ef-ust", { { "'010A1D04", "'050A1D04" } } }, /* service 3: EF.EXT2 */
    { "ist-files", "TS 31.103 4.2.7", "dir-adf@12.adf-isim, ist-files@12.ef-ist", /* service 1: EF.P-CSCF */
      { { "usim NULL,", "usim NULL,\n    isim NULL," }, ALSO_TEMPLATE(8), INSERT(12, "securityDomain", ISIM) } },
    { "naa-files", "TS 31.102 4.2", "naa-files@6.adf-usim",
      { { "ef-ecc {", "ef-loci { doNotCreate : NULL },\n  ef-ecc {" } } },
    /* the interpreter's */
    { "installs", "TCA profile package 8.3.2", "installs@7.ef-gid1", { { "'52534B49'", "'52534B4952534B4952'" } } },
    { "installs", "TCA profile package 8.8", "installs@13",
      { { "adfAID 'A0000000871002FF49FFFF8901000000'", "adfAID 'A0000000871002FF49FFFF8901000001'" } } },
    { "installs", "TCA profile package 8.3.3", "installs@6",
      { GFM_FCP("fileDescriptor '4121'H, fileID '2F05'H, securityAttributesReferenced '2F060A'H, efFileSize '01'H") } },
    { "installs", "TCA profile package 8.7", "service-unlisted@13, installs@13, software-card@13",
      { INSERT(13, "rfm", "application : { " PEH("app-Header") ", instanceList { { applicationLoadPackageAID"
                          " 'A000000559000101'H, classAID 'A000000559000102'H, instanceAID 'A000000559000103'H,"
                          " extraditeSecurityDomainAID 'A000000559000104'H, applicationPrivileges '00'H,"
                          " applicationSpecificParametersC9 ''H } } }") } },
    { "software-card", "TCA profile package 8.10", "software-card@14", { INSERT(14, "end", NON_STANDARD) } },
};

TEST(planted)
{
    for (size_t i = 0; i < COUNT(planted); i++) {
        struct seen s = { .rule = planted[i].rule };
        test_row("%s %zu", planted[i].rule, i);
        if (!look_at_text(sample_edited(sample(), planted[i].edits, COUNT(planted[i].edits)), &s))
            continue;
        CHECK_TEXT(buf_str(&s.names), planted[i].findings);
        CHECK_TEXT(s.clause, planted[i].clause);
    }
}

TEST(every_rule_has_a_planted_fault)
{
    size_t of_packages = 0;
    for (size_t r = 0; r < saip_rules_count; r++) {
        bool found = saip_rules[r].view == SAIP_CARD; /* test_suits */
        of_packages += !found;
        for (size_t i = 0; i < COUNT(planted); i++)
            found = found || strcmp(planted[i].rule, saip_rules[r].name) == 0;
        test_row("%s", saip_rules[r].name);
        CHECK(found);
        CHECK(saip_rules[r].next && strlen(saip_rules[r].next) > 3 &&
              saip_rules[r].next[strlen(saip_rules[r].next) - 1] != '.');
        for (size_t k = 0; k < r; k++)
            CHECK(strcmp(saip_rules[k].name, saip_rules[r].name) != 0);
    }
    printf("# %zu rules of packages\n", of_packages);
}

TEST(nothing_in_the_sample)
{
    struct seen s = { 0 };
    if (look_at_text(sample(), &s))
        CHECK_TEXT(buf_str(&s.names), "");
}

/* What the clauses allow, by hand: nothing is told, or what the row says. */
TEST(fine)
{
    static const struct {
        const char *name, *findings;
        struct sample_edit edits[3];
    } rows[] = {
        { "an ICCID of 20 digits", "", /* TS.48's */
          { { "iccid '8949001000000000009F'", "iccid '89000123456789012341'" },
            { "'989400010000000000F9'", "'98001032547698103214'" } } },
        { "the check digit of 20", "iccid-check-digit@1.iccid",
          { { "iccid '8949001000000000009F'", "iccid '89000123456789012342'" },
            { "'989400010000000000F9'", "'98001032547698103224'" } } },
        { "an IMSI of 14 digits", "", { { "'080910101000000010'", "'0801101000000000F0'" } } }, /* 001 01 000000000 */
        { "an IMSI of 15 digits with the parity of 14", "imsi@6.ef-imsi",
          { { "'080910101000000010'", "'080110101000000010'" } } },
        { "an MNC of three digits", "", /* 001 010 */
          { { "ef-ecc {", "ef-ad {\n    fillFileContent : '00000003'H\n  },\n  ef-ecc {" },
            { "'00F1104000'", "'0001104000'" } } },
        { "a name in UCS2", "", { { "'015273706B6974204D6F62696C65'", "'0180041F04400438043204350442'" } } },
        { "no networks", "", { { "'00F1104000'", "'FFFFFF0000'" } } },
        { "access class 9 and 15", "",
          { { "ef-acc {\n    fillFileContent : '0001'", "ef-acc {\n    fillFileContent : '8200'" } } },
        { "access class 15 alone", "access-class@6.ef-acc",
          { { "ef-acc {\n    fillFileContent : '0001'", "ef-acc {\n    fillFileContent : '8000'" } } },
        { "service 99 without service 2", "",
          { { "'010A1D0420060000000010000000'", "'010A1D0420060000000010000400'" } } },
        { "service 99 with service 2", "ust-files@6.ef-ust",
          { { "'010A1D0420060000000010000000'", "'030A1D0420060000000010000400'" } } },
        { "FDN enabled with its service", "",
          { { "ef-est {\n    fillFileContent : '00'", "ef-est {\n    fillFileContent : '01'" },
            { "'010A1D0420060000000010000000'", "'030A1D0420060000000010000000'" } } },
        { "one condition or another", "",
          { { "'80015BA40683010A950108'H,\n    fillFileOffset : 22",
              "'800102A010A406830101950108A406830181950108'H,\n    fillFileOffset : 12" } } },
        { "a condition in which nothing stands", "arr-coding@2.ef-arr",
          { { "'80015BA40683010A950108'H,\n    fillFileOffset : 22",
              "'800102A4030A0108'H,\n    fillFileOffset : 25" } } },
        { "a mode with no condition behind it", "arr-coding@2.ef-arr",
          { { "'80015BA40683010A950108'H,\n    fillFileOffset : 22", "'80015B'H,\n    fillFileOffset : 30" } } },
        { "an AID with a TAR in it", "",
          { { "instanceAID 'A00000055910100101'H,\n  tarList { 'B00010'H }",
              "instanceAID 'A000000559101001FFFFFF89B0001000'H" } } },
        { "a PIN of eight digits", "", { { "31323334FFFFFFFF", "3132333435363738" } } },
        { "an administrative code of any octets", "", { { "3838383838383838", "0001FF0203040506" } } },
        { "a link to a file", "", { KCGPRS_FCP("linkPath '7F016F08'H") } },
        { "a link of a DF needs a service", "service-unlisted@6",
          { GFM_FCP("fileDescriptor '7821'H, fileID '7F66'H, securityAttributesReferenced '2F060E'H,"
                    " linkPath '7F10'H") } },
        { "a PIN status of a DF above", "",
          { { STATUS_OF("df-gsm-access", "01810A"), STATUS_OF("df-gsm-access", "810A") } } },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct seen s = { 0 };
        test_row("%s", rows[i].name);
        if (look_at_text(sample_edited(sample(), rows[i].edits, COUNT(rows[i].edits)), &s))
            CHECK_TEXT(buf_str(&s.names), rows[i].findings);
    }
}

/* ----------------------------------------------------------------- services and their files */

/* The sample's USIM and an ISIM, both with the files that no service is needed for alone. */
static const char *bare(const char *ust, const char *ist)
{
    const struct sample_edit edits[] = {
        { "ef-ust {\n    fillFileContent : '010A1D0420060000000010000000'H\n  }",
          arena_printf(test_arena(), "ef-ust {\n    fileDescriptor : { efFileSize '14'H },\n"
                                     "    fillFileContent : '%s'H\n  },\n  ef-fdn { doNotCreate : NULL },\n"
                                     "  ef-sms { doNotCreate : NULL },\n"
                                     "  ef-smsp { doNotCreate : NULL },\n  ef-smss { doNotCreate : NULL }", ust) },
        { "ef-spn {\n    fillFileContent : '015273706B6974204D6F62696C65'H", "ef-spn {\n    doNotCreate : NULL" },
        { "ef-est {\n    fillFileContent : '00'H", "ef-est {\n    doNotCreate : NULL" },
        { "'11F2FF01'H\n  }",
          "'11F2FF01'H\n  },\n  ef-epsloci { doNotCreate : NULL },\n  ef-epsnsc { doNotCreate : NULL }" },
        { ",\n  ef-gid1 {\n    fillFileContent : '52534B49'H\n  },\n  ef-msisdn { },\n  ef-plmnwact { },\n"
          "  ef-oplmnwact { },\n  ef-hplmnwact {\n    fillFileContent : '00F1104000'H\n  }", "" },
        { ",\n  ef-kc { },\n  ef-kcgprs { }", "" },
        INSERT(12, "securityDomain", ISIM),
        { "'0100000000000000000000000000'H", arena_printf(test_arena(), "'%s'H", ist) },
    };
    return sample_edited(sample(), edits, COUNT(edits));
}

struct missing {
    const char *rule;
    struct buf files; /* " EF.FDN EF.EST" */
};

static void missing_take(void *context, const struct saip_finding *f)
{
    struct missing *m = context;
    const char *name = strstr(f->fault.found, "without ");
    if (strcmp(f->rule->name, m->rule) == 0 && CHECK(name != NULL))
        buf_printf(&m->files, " %s", name + strlen("without "));
}

static const char *missing(const char *rule, const char *text)
{
    struct missing m = { rule, buf_in(test_arena()) };
    struct saip_package p;
    struct saip_checked done;
    struct err e;
    if (CHECK_OK(saip_parse(test_arena(), bytes_text(text), &p, &e), &e))
        CHECK_OK(saip_check(test_arena(), &p, (struct saip_sink){ missing_take, &m }, &done, &e), &e);
    return buf_str(&m.files);
}

static const char *table_with(size_t octets, unsigned service, unsigned other)
{
    uint8_t table[20] = { 0 };
    table[(service - 1) / 8] |= (uint8_t)(1u << (service - 1) % 8);
    if (other)
        table[(other - 1) / 8] |= (uint8_t)(1u << (other - 1) % 8);
    return hex_encode(test_arena(), bytes_make(table, octets));
}

/* What tests/vectors/service-files.txt says of a service by itself (with == 0), or of two. */
static const char *listed(const char *naa, unsigned service, unsigned with)
{
    struct buf files = buf_in(test_arena());
    struct bytes text = test_file(test_source("tests/vectors/service-files.txt"));
    const char *start = with ? arena_printf(test_arena(), "%s %u+%u ", naa, service, with)
                             : arena_printf(test_arena(), "%s %u ", naa, service);
    while (bytes_present(text)) {
        struct bytes line = text_word(&text, '\n');
        if (line.n > strlen(start) && memcmp(line.p, start, strlen(start)) == 0)
            buf_printf(&files, "%.*s", (int)(line.n - strlen(start) + 1), line.p + strlen(start) - 1);
    }
    return buf_str(&files);
}

TEST(files_of_one_service)
{
    for (unsigned service = 1; service <= 150; service++) {
        test_row("usim %u", service);
        CHECK_TEXT(missing("ust-files", bare(table_with(20, service, 0), table_with(14, 100, 0))),
                   listed("usim", service, 0));
    }
    for (unsigned service = 1; service <= 24; service++) {
        test_row("isim %u", service);
        CHECK_TEXT(missing("ist-files", bare(table_with(20, 1, 0), table_with(14, service, 0))),
                   listed("isim", service, 0));
    }
}

/* Those that hang on two: with both there are those of each besides, in any order. */
TEST(files_of_two_services)
{
    static const unsigned usim[][2] = { { 2, 99 }, { 4, 99 }, { 6, 99 }, { 52, 55 }, { 71, 73 }, { 68, 76 },
                                        { 106, 107 }, { 110, 111 } },
                          isim[][2] = { { 2, 4 }, { 6, 8 }, { 7, 8 } };
    for (size_t i = 0; i < COUNT(usim) + COUNT(isim); i++) {
        bool second = i >= COUNT(usim);
        const unsigned *pair = second ? isim[i - COUNT(usim)] : usim[i];
        const char *naa = second ? "isim" : "usim", *both = listed(naa, pair[0], pair[1]);
        const char *got = second ? missing("ist-files", bare(table_with(20, 1, 0), table_with(14, pair[0], pair[1])))
                                 : missing("ust-files", bare(table_with(20, pair[0], pair[1]), table_with(14, 100, 0)));
        test_row("%s %u and %u", naa, pair[0], pair[1]);
        CHECK(both[0] != '\0');
        CHECK_EQ(strlen(got), strlen(both) + strlen(listed(naa, pair[0], 0)) + strlen(listed(naa, pair[1], 0)));
        for (struct bytes left = bytes_text(both + 1); bytes_present(left);) {
            struct bytes word = text_word(&left, ' ');
            CHECK(text_is_among(got, word));
        }
    }
}

/* As it stands in samples/, its keys are placeholders, as it says itself. */
TEST(the_sample_as_it_stands)
{
    struct seen s = { 0 };
    if (look_at_text(arena_text(test_arena(), test_file(test_source("samples/operator.asn1"))), &s))
        CHECK_TEXT(buf_str(&s.names), "placeholder-key@9.key, placeholder-key@9.opc, placeholder-ota@12.keyList");
}

/* ----------------------------------------------------------------------------- TS.48 v7 */

/* All that is told of the packages of TS.48, and why it is right.
 *
 * service-unlisted   The CAVE parameters of PE-CDMAParameter have no "cave" in the header: the profile is to install on
 *                    cards without CDMA authentication.
 * placeholder-key    Keys 00 01 02 .. 0F: TS.48 publishes them, every tester has them.
 * placeholder-ota    The same of the keys of the MNO-SD.
 * content            EF.5GAUTHKEYS without content: it keeps FF, and is written when the first 5G AKA has run.
 * arr-record         EF.MuDMiDConfigData of the ISIM names record 4 of the ISIM's EF.ARR, as its twin of the USIM does;
 *                    there are three rules in that file, its fourth record is empty.
 */
#define COMMON \
    "service-unlisted@18, placeholder-key@11.key, placeholder-key@22.key, placeholder-ota@25.keyList," \
    " content@13.ef-5gauthkeys"

TEST(ts48)
{
    static const struct {
        const char *name, *findings;
    } rows[] = {
        { "nobertlv", COMMON },
        { "nobertlv_noramrfm", COMMON },
        { "bertlv_suci", COMMON ", arr-record@23" },
        { "bertlv_suci_noramrfm", COMMON ", arr-record@23" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *path = test_data(arena_printf(test_arena(), "ts48-v7/%s.der", rows[i].name));
        struct seen s = { 0 };
        test_row("%s", rows[i].name);
        if (!path)
            test_skip("no test data ts48-v7");
        else if (look_at(test_file(path), &s))
            CHECK_TEXT(buf_str(&s.names), rows[i].findings);
    }
}

/* ------------------------------------------------------------------------------ sentences */

TEST(sentence)
{
    struct saip_finding f = { .rule = saip_rules,
                              .fault = { .element = 6, .kind = "usim", .identification = 5, .member = "ef-imsi",
                                         .clause = "TS 31.102 4.2.2", .expected = "an IMSI", .found = "none" } };
    struct err e;
    CHECK_FAILS(saip_finding_err(&f, &e), &e, ERR_VALUE,
                "element 6 (usim, identification 5), ef-imsi: an IMSI expected, none found");
    CHECK_TEXT(e.clause, "TS 31.102 4.2.2");
}

/* Rules that look at what the elements make are not asked when it can't be told. */
TEST(skipped)
{
    static const struct sample_edit broken[] = { { "'52534B49'", "'52534B4952534B4952'" } };
    struct saip_package p;
    struct saip_checked done;
    struct seen s = { .names = buf_in(test_arena()) };
    struct err e;
    size_t of_files = 0;
    for (size_t r = 0; r < saip_rules_count; r++)
        of_files += saip_rules[r].view == SAIP_FILES || saip_rules[r].view == SAIP_IMAGE;
    if (CHECK_OK(saip_parse(test_arena(), bytes_text(sample_edited(sample(), broken, 1)), &p, &e), &e) &&
        CHECK_OK(saip_check(test_arena(), &p, (struct saip_sink){ take, &s }, &done, &e), &e)) {
        CHECK_EQ(done.skipped, of_files);
        CHECK(of_files > 20);
    }
}

/* docs/profile-checks.md has a row for each rule, and no other. */
TEST(page)
{
    static const char *const severities[] = { "warning", "error", "refused", "refused" };
    const char *page = arena_text(test_arena(), test_file(test_source("docs/profile-checks.md")));
    size_t rows = 0;
    for (size_t r = 0; r < saip_rules_count; r++) {
        const struct saip_rule *rule = &saip_rules[r];
        const char *line = arena_printf(test_arena(), "| %s | %s | %s | %s |\n", rule->name, severities[rule->verdict],
                                        rule->clause, rule->next);
        if (!CHECK(strstr(page, line) != NULL))
            printf("# not in docs/profile-checks.md: %s", line);
    }
    for (const char *at = page; (at = strstr(at, "\n| ")) != NULL; at++)
        rows++;
    CHECK_EQ(rows, saip_rules_count + 2); /* a heading each of the two tables */
}
