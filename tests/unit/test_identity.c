/* SPDX-License-Identifier: Apache-2.0
 *
 * GET IDENTITY asked of a card whose profile has DF.5GS and DF.SAIP.  Its files are changed as ADM; what is expected is
 * counted by hand from TS 31.102 7.5 and TS 24.501 9.11.3.4, and concealed identities are opened with the home
 * network's keys of TS 33.501 Annex C.4.  (tests/scenario/test_suci opens them with openssl.) */
#include "dialogue.h"
#include "rsp/mobile_identity.h"

#define UST "'010A1D0400060000000010000000'H"
#define UST_5G "'010A1D04000600000000100000000018'H" /* services 124 and 125 */

#define A_PUBLIC "5A8D38864820197C3394B92613B20B91633CBD897119273BF8E4A6F4EEC0A650"
#define A_PRIVATE "C53C22208B61860B06C62E5406A7B330C2B577AA5558981510D128247D38BD1D"
#define B_PUBLIC "0272DA71976234CE833A6907425867B82E074D44EF907DFB4B3E21C1C2256EBCD1"
#define B_PRIVATE "F1AB1074477EBCC7F554EA1C5FC368B1616730155E0041AC447D6301975FECDA"

#define GET_IDENTITY "80780001 00"
#define UPDATE_UST(octets) { "EF.UST " octets, "00A4080C04 7FFF6F38", 0x9000, "" }, \
                           { "services " octets, "00D6000F02" octets, 0x9000, "" }
#define SUCI_CALC_INFO "00A4080C06 7FFF5FD04F01"
#define CALC_INFO(name, length, octets) { name, "00D60000" length octets, 0x9000, "" }

/* Its IMSI is 001010123456789, of which an EF.AD that comes from the template says that the MNC has two digits. */
static bool card_5g(struct world *w)
{
    const char *text = (const char *)test_file(test_source("samples/operator.asn1")).p;
    (void)text;
    return card_with(w, sample_with("value12 ProfileElement ::= securityDomain",
                                    "value20 ProfileElement ::= df-5gs : {\n"
                                    "  df-5gs-header { mandated NULL, identification 20 },\n"
                                    "  templateID { 2 23 143 1 2 13 },\n"
                                    "  df-df-5gs { fileDescriptor : { pinStatusTemplateDO '01810A'H } },\n"
                                    "  ef-supinai { fileDescriptor : { efFileSize '40'H }, fillFileContent : 'FF'H },\n"
                                    "  ef-routing-indicator { fillFileContent : 'F0FF0000'H }\n"
                                    "}\n"
                                    "value21 ProfileElement ::= df-saip : {\n"
                                    "  df-saip-header { mandated NULL, identification 21 },\n"
                                    "  templateID { 2 23 143 1 2 14 },\n"
                                    "  df-df-saip { fileDescriptor : { pinStatusTemplateDO '01810A'H } },\n"
                                    "  ef-suci-calc-info-usim { fileDescriptor : { efFileSize '80'H } }\n"
                                    "}\n"
                                    "value12 ProfileElement ::= securityDomain"));
}
