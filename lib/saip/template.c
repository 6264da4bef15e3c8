/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/template.h"

#include "asn1/asn1.h"

#define MF SAIP_MF
#define ADF SAIP_ADF
#define DF SAIP_DF
#define TR SAIP_TRANSPARENT
#define LF SAIP_LINEAR
#define CY SAIP_CYCLIC
#define BT SAIP_BERTLV
#define HIGH SAIP_HIGH
#define REQUIRED SAIP_REQUIRED
#define UNSURE SAIP_UNSURE
#define NO SAIP_NO_DEFAULT
#define PLAIN SAIP_PLAIN
#define FILL SAIP_FILL
#define REPEAT SAIP_REPEAT

/* member, name, FID, last FID, parent, type, flags, records, length, SFI, access rule, default */

/* 2.23.143.1.2.1 */
static const struct saip_template_file t2_1[] = {
    { "mf", "MF", 0x3F00, 0x3F00, 0, MF, 0, 0, 0, 0, 14, NO, "", "" },
    { "ef-pl", "EF.PL", 0x2F05, 0x2F05, 0, TR, 0, 0, 2, 5, 1, FILL, "FF", "" },
    { "ef-iccid", "EF.ICCID", 0x2FE2, 0x2FE2, 0, TR, REQUIRED, 0, 10, 0, 11, NO, "", "" },
    { "ef-dir", "EF.DIR", 0x2F00, 0x2F00, 0, LF, REQUIRED, 0, 0, 30, 10, NO, "", "" },
    { "ef-arr", "EF.ARR", 0x2F06, 0x2F06, 0, LF, REQUIRED, 0, 0, 0, 10, NO, "", "" },
    { "ef-umpc", "EF.UMPC", 0x2F08, 0x2F08, 0, TR, 0, 0, 5, 8, 10, NO, "", "" },
};

/* 2.23.143.1.2.2 */
static const struct saip_template_file t2_2[] = {
    { "df-cd", "DF.CD", 0x7F11, 0x7F11, 0, DF, 0, 0, 0, 0, 14, NO, "", "" },
    { "ef-launchpad", "EF.LAUNCHPAD", 0x6F01, 0x6F01, 0, TR, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-icon", "EF.ICON", 0x6F40, 0x6F7F, 0, TR, REQUIRED, 0, 0, 0, 2, NO, "", "" },
};

/* 2.23.143.1.2.3 */
static const struct saip_template_file t2_3[] = {
    { "df-telecom", "DF.TELECOM", 0x7F10, 0x7F10, 0, DF, 0, 0, 0, 0, 14, NO, "", "" },
    { "ef-arr", "EF.ARR", 0x6F06, 0x6F06, 0, LF, REQUIRED, 0, 0, 0, 10, NO, "", "" },
    { "ef-rma", "EF.RMA", 0x6F53, 0x6F53, 0, LF, REQUIRED, 0, 0, 0, 3, NO, "", "" },
    { "ef-sume", "EF.SUME", 0x6F54, 0x6F54, 0, TR, REQUIRED, 0, 22, 0, 3, NO, "", "" },
    { "ef-ice-dn", "EF.ICE_DN", 0x6FE0, 0x6FE0, 0, LF, 0, 50, 24, 0, 9, FILL, "FF", "" },
    { "ef-ice-ff", "EF.ICE_FF", 0x6FE1, 0x6FE1, 0, LF, 0, 0, 0, 0, 9, FILL, "FF", "" },
    { "ef-psismsc", "EF.PSISMSC", 0x6FE5, 0x6FE5, 0, LF, REQUIRED, 0, 0, 0, 5, NO, "", "" },
    { "df-graphics", "DF.GRAPHICS", 0x5F50, 0x5F50, 0, DF, 0, 0, 0, 0, 14, NO, "", "" },
    { "ef-img", "EF.IMG", 0x4F20, 0x4F20, 0x5F50, LF, 0, 0, 0, 0, 2, FILL, "00FF", "" },
    { "ef-iidf", "EF.IIDF", 0x4F40, 0x4F7F, 0x5F50, TR, 0, 0, 0, 0, 2, FILL, "FF", "" },
    { "ef-ice-graphics", "EF.ICE_GRAPHICS", 0x4F21, 0x4F21, 0x5F50, BT, 0, 0, 0, 0, 9, NO, "", "" },
    { "ef-launch-scws", "EF.LAUNCH_SCWS", 0x4F01, 0x4F01, 0x5F50, TR, REQUIRED, 0, 0, 0, 10, NO, "", "" },
    { "ef-icon", "EF.ICON", 0x4F80, 0x4FBF, 0x5F50, TR, REQUIRED, 0, 0, 0, 10, NO, "", "" },
    { "df-phonebook", "DF.PHONEBOOK", 0x5F3A, 0x5F3A, 0, DF, 0, 0, 0, 0, 14, NO, "", "" },
    { "ef-pbr", "EF.PBR", 0x4F30, 0x4F30, 0x5F3A, LF, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-ext1", "EF.EXT1", 0x4F38, 0x4F3F, 0x5F3A, LF, 0, 0, 13, 0, 5, FILL, "00FF", "" },
    { "ef-aas", "EF.AAS", 0x4F40, 0x4F47, 0x5F3A, LF, 0, 0, 0, 0, 5, FILL, "FF", "" },
    { "ef-gas", "EF.GAS", 0x4F48, 0x4F4F, 0x5F3A, LF, 0, 0, 0, 0, 5, FILL, "FF", "" },
    { "ef-psc", "EF.PSC", 0x4F22, 0x4F22, 0x5F3A, TR, 0, 0, 4, 0, 5, PLAIN, "00000000", "" },
    { "ef-cc", "EF.CC", 0x4F23, 0x4F23, 0x5F3A, TR, HIGH, 0, 2, 0, 5, PLAIN, "0000", "" },
    { "ef-puid", "EF.PUID", 0x4F24, 0x4F24, 0x5F3A, TR, HIGH, 0, 2, 0, 5, PLAIN, "0000", "" },
    { "ef-iap", "EF.IAP", 0x4F50, 0x4F57, 0x5F3A, LF, 0, 0, 0, 0, 5, FILL, "FF", "" },
    { "ef-adn", "EF.ADN", 0x4F58, 0x4F5F, 0x5F3A, LF, 0, 0, 0, 0, 5, FILL, "FF", "" },
    { "ef-pbc", "EF.PBC", 0x4F60, 0x4F67, 0x5F3A, LF, 0, 0, 2, 0, 5, FILL, "00", "" },
    { "ef-anr", "EF.ANR", 0x4F68, 0x4F6F, 0x5F3A, LF, 0, 0, 0, 0, 5, FILL, "FF", "" },
    { "ef-puri", "EF.PURI", 0x4F70, 0x4F77, 0x5F3A, LF, REQUIRED, 0, 0, 0, 5, NO, "", "" },
    { "ef-email", "EF.EMAIL", 0x4F78, 0x4F7F, 0x5F3A, LF, 0, 0, 0, 0, 5, FILL, "FF", "" },
    { "ef-sne", "EF.SNE", 0x4F80, 0x4F87, 0x5F3A, LF, 0, 0, 0, 0, 5, FILL, "FF", "" },
    { "ef-uid", "EF.UID", 0x4F88, 0x4F8F, 0x5F3A, LF, 0, 0, 2, 0, 5, PLAIN, "0000", "" },
    { "ef-grp", "EF.GRP", 0x4F90, 0x4F97, 0x5F3A, LF, 0, 0, 0, 0, 5, FILL, "00", "" },
    { "ef-ccp1", "EF.CCP1", 0x4F98, 0x4F9F, 0x5F3A, LF, 0, 0, 0, 0, 5, FILL, "FF", "" },
    { "df-multimedia", "DF.MULTIMEDIA", 0x5F3B, 0x5F3B, 0, DF, 0, 0, 0, 0, 14, NO, "", "" },
    { "ef-mml", "EF.MML", 0x4F47, 0x4F47, 0x5F3B, BT, 0, 0, 0, 0, 5, NO, "", "" },
    { "ef-mmdf", "EF.MMDF", 0x4F48, 0x4F48, 0x5F3B, BT, 0, 0, 0, 0, 5, NO, "", "" },
    { "df-mmss", "DF.MMSS", 0x5F3C, 0x5F3C, 0, DF, 0, 0, 0, 0, 14, NO, "", "" },
    { "ef-mlpl", "EF.MLPL", 0x4F20, 0x4F20, 0x5F3C, TR, REQUIRED, 0, 0, 1, 2, NO, "", "" },
    { "ef-mspl", "EF.MSPL", 0x4F21, 0x4F21, 0x5F3C, TR, REQUIRED, 0, 0, 2, 2, NO, "", "" },
    { "ef-mmssmode", "EF.MMSSMODE", 0x4F22, 0x4F22, 0x5F3C, TR, REQUIRED, 0, 1, 3, 2, NO, "", "" },
};

/* 2.23.143.1.2.3.2 */
static const struct saip_template_file t2_3_2[] = {
    { "df-mcs", "DF.MCS", 0x5F3D, 0x5F3D, 0, DF, 0, 0, 0, 0, 14, NO, "", "" },
    { "ef-mst", "EF.MST", 0x4F01, 0x4F01, 0x5F3D, TR, REQUIRED, 0, 0, 1, 2, NO, "", "" },
    { "ef-mcs-config", "EF.MCS_CONFIG", 0x4F02, 0x4F02, 0x5F3D, BT, REQUIRED, 0, 0, 2, 2, NO, "", "" },
    { "df-v2x", "DF.V2X", 0x5F3E, 0x5F3E, 0, DF, 0, 0, 0, 0, 14, NO, "", "" },
    { "ef-vst", "EF.VST", 0x4F01, 0x4F01, 0x5F3E, TR, REQUIRED, 0, 0, 1, 2, NO, "", "" },
    { "ef-v2x-config", "EF.V2X_CONFIG", 0x4F02, 0x4F02, 0x5F3E, BT, REQUIRED, 0, 0, 2, 2, NO, "", "" },
    { "ef-v2xp-pc5", "EF.V2XP_PC5", 0x4F03, 0x4F03, 0x5F3E, TR, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-v2xp-Uu", "EF.V2XP_Uu", 0x4F04, 0x4F04, 0x5F3E, TR, REQUIRED, 0, 0, 0, 2, NO, "", "" },
};

/* 2.23.143.1.2.4 */
static const struct saip_template_file t2_4[] = {
    { "adf-usim", "ADF.USIM", 0x0000, 0x0000, 0, ADF, 0, 0, 0, 0, 14, NO, "", "" },
    { "ef-imsi", "EF.IMSI", 0x6F07, 0x6F07, 0, TR, REQUIRED, 0, 9, 7, 2, NO, "", "" },
    { "ef-arr", "EF.ARR", 0x6F06, 0x6F06, 0, LF, REQUIRED, 0, 0, 23, 10, NO, "", "" },
    { "ef-keys", "EF.Keys", 0x6F08, 0x6F08, 0, TR, HIGH, 0, 33, 8, 5, FILL, "07FF", "" },
    { "ef-keysPS", "EF.KeysPS", 0x6F09, 0x6F09, 0, TR, HIGH, 0, 33, 9, 5, FILL, "07FF", "" },
    { "ef-hpplmn", "EF.HPPLMN", 0x6F31, 0x6F31, 0, TR, 0, 0, 1, 18, 2, PLAIN, "0A", "" },
    { "ef-ust", "EF.UST", 0x6F38, 0x6F38, 0, TR, REQUIRED, 0, 14, 4, 2, NO, "", "" },
    { "ef-fdn", "EF.FDN", 0x6F3B, 0x6F3B, 0, LF, 0, 20, 26, 0, 8, FILL, "FF", "" },
    { "ef-sms", "EF.SMS", 0x6F3C, 0x6F3C, 0, LF, 0, 10, 176, 0, 5, FILL, "00FF", "" },
    { "ef-smsp", "EF.SMSP", 0x6F42, 0x6F42, 0, LF, 0, 1, 38, 0, 5, FILL, "FF", "" },
    { "ef-smss", "EF.SMSS", 0x6F43, 0x6F43, 0, TR, 0, 0, 2, 0, 5, PLAIN, "FFFF", "" },
    { "ef-spn", "EF.SPN", 0x6F46, 0x6F46, 0, TR, REQUIRED, 0, 17, 0, 10, NO, "", "" },
    { "ef-est", "EF.EST", 0x6F56, 0x6F56, 0, TR, REQUIRED, 0, 1, 5, 8, NO, "", "" },
    { "ef-start-hfn", "EF.START-HFN", 0x6F5B, 0x6F5B, 0, TR, HIGH, 0, 6, 15, 5, PLAIN, "F00000F00000", "" },
    { "ef-threshold", "EF.THRESHOLD", 0x6F5C, 0x6F5C, 0, TR, 0, 0, 3, 16, 2, PLAIN, "FFFFFF", "" },
    { "ef-psloci", "EF.PSLOCI", 0x6F73, 0x6F73, 0, TR, HIGH, 0, 14, 12, 5,
      PLAIN, "FFFFFFFFFFFFFFFFFFFF0000FF01", "" },
    { "ef-acc", "EF.ACC", 0x6F78, 0x6F78, 0, TR, REQUIRED, 0, 2, 6, 2, NO, "", "" },
    { "ef-fplmn", "EF.FPLMN", 0x6F7B, 0x6F7B, 0, TR, 0, 0, 12, 13, 5, FILL, "FF", "" },
    { "ef-loci", "EF.LOCI", 0x6F7E, 0x6F7E, 0, TR, HIGH, 0, 11, 11, 5, PLAIN, "FFFFFFFFFFFFFF0000FF01", "" },
    { "ef-ad", "EF.AD", 0x6FAD, 0x6FAD, 0, TR, 0, 0, 4, 3, 10, PLAIN, "00000002", "" },
    { "ef-ecc", "EF.ECC", 0x6FB7, 0x6FB7, 0, LF, REQUIRED, 1, 4, 1, 10, NO, "", "" },
    { "ef-netpar", "EF.NETPAR", 0x6FC4, 0x6FC4, 0, TR, HIGH, 0, 128, 0, 5, FILL, "FF", "" },
    { "ef-epsloci", "EF.EPSLOCI", 0x6FE3, 0x6FE3, 0, TR, HIGH, 0, 18, 30, 5,
      PLAIN, "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFF000001", "" },
    { "ef-epsnsc", "EF.EPSNSC", 0x6FE4, 0x6FE4, 0, LF, HIGH, 1, 80, 24, 5, FILL, "FF", "" },
};

/* 2.23.143.1.2.4.2 */
static const struct saip_template_file t2_4_2[] = {
    { "ef-ust", "EF.UST", 0x6F38, 0x6F38, 0, TR, REQUIRED, 0, 17, 4, 2, NO, "", "" },
};

/* 2.23.143.1.2.5 */
static const struct saip_template_file t2_5[] = {
    { "ef-li", "EF.LI", 0x6F05, 0x6F05, 0, TR, 0, 0, 6, 2, 1, FILL, "FF", "" },
    { "ef-acmax", "EF.ACMmax", 0x6F37, 0x6F37, 0, TR, 0, 0, 3, 0, 5, PLAIN, "000000", "" },
    { "ef-acm", "EF.ACM", 0x6F39, 0x6F39, 0, CY, HIGH, 1, 3, 0, 7, PLAIN, "000000", "" },
    { "ef-gid1", "EF.GID1", 0x6F3E, 0x6F3E, 0, TR, REQUIRED, 0, 8, 0, 2, NO, "", "" },
    { "ef-gid2", "EF.GID2", 0x6F3F, 0x6F3F, 0, TR, REQUIRED, 0, 8, 0, 2, NO, "", "" },
    { "ef-msisdn", "EF.MSISDN", 0x6F40, 0x6F40, 0, LF, 0, 1, 24, 0, 2, FILL, "FF", "" },
    { "ef-puct", "EF.PUCT", 0x6F41, 0x6F41, 0, TR, 0, 0, 5, 0, 5, PLAIN, "FFFFFF0000", "" },
    { "ef-cbmi", "EF.CBMI", 0x6F45, 0x6F45, 0, TR, 0, 0, 10, 0, 5, FILL, "FF", "" },
    { "ef-cbmid", "EF.CBMID", 0x6F48, 0x6F48, 0, TR, 0, 0, 10, 14, 2, FILL, "FF", "" },
    { "ef-sdn", "EF.SDN", 0x6F49, 0x6F49, 0, LF, 0, 10, 24, 0, 2, FILL, "FF", "" },
    { "ef-ext2", "EF.EXT2", 0x6F4B, 0x6F4B, 0, LF, 0, 10, 13, 0, 8, FILL, "00FF", "" },
    { "ef-ext3", "EF.EXT3", 0x6F4C, 0x6F4C, 0, LF, 0, 10, 13, 0, 2, FILL, "00FF", "" },
    { "ef-cbmir", "EF.CBMIR", 0x6F50, 0x6F50, 0, TR, 0, 0, 20, 0, 5, FILL, "FF", "" },
    { "ef-plmnwact", "EF.PLMNwAcT", 0x6F60, 0x6F60, 0, TR, 0, 0, 40, 10, 5, REPEAT, "FFFFFF0000", "" },
    { "ef-oplmnwact", "EF.OPLMNwAcT", 0x6F61, 0x6F61, 0, TR, 0, 0, 40, 17, 2, REPEAT, "FFFFFF0000", "" },
    { "ef-hplmnwact", "EF.HPLMNwAcT", 0x6F62, 0x6F62, 0, TR, 0, 0, 5, 19, 2, REPEAT, "FFFFFF0000", "" },
    { "ef-dck", "EF.DCK", 0x6F2C, 0x6F2C, 0, TR, 0, 0, 16, 0, 5, FILL, "FF", "" },
    { "ef-cnl", "EF.CNL", 0x6F32, 0x6F32, 0, TR, 0, 0, 30, 0, 2, FILL, "FF", "" },
    { "ef-smsr", "EF.SMSR", 0x6F47, 0x6F47, 0, LF, 0, 10, 30, 0, 5, FILL, "00FF", "" },
    { "ef-bdn", "EF.BDN", 0x6F4D, 0x6F4D, 0, LF, 0, 10, 25, 0, 8, FILL, "FF", "" },
    { "ef-ext5", "EF.EXT5", 0x6F4E, 0x6F4E, 0, LF, 0, 10, 13, 0, 5, FILL, "00FF", "" },
    { "ef-ccp2", "EF.CCP2", 0x6F4F, 0x6F4F, 0, LF, 0, 5, 15, 22, 5, FILL, "FF", "" },
    { "ef-ext4", "EF.EXT4", 0x6F55, 0x6F55, 0, LF, 0, 10, 13, 0, 8, FILL, "00FF", "" },
    { "ef-acl", "EF.ACL", 0x6F57, 0x6F57, 0, TR, 0, 0, 101, 0, 8, FILL, "00FF", "" },
    { "ef-cmi", "EF.CMI", 0x6F58, 0x6F58, 0, LF, 0, 10, 11, 0, 2, FILL, "FF", "" },
    { "ef-ici", "EF.ICI", 0x6F80, 0x6F80, 0, CY, HIGH, 20, 38, 20, 5, FILL, "FF", "0000000001FFFF" },
    { "ef-oci", "EF.OCI", 0x6F81, 0x6F81, 0, CY, HIGH, 20, 37, 21, 5, FILL, "FF", "00000001FFFF" },
    { "ef-ict", "EF.ICT", 0x6F82, 0x6F82, 0, CY, HIGH, 1, 3, 0, 7, PLAIN, "000000", "" },
    { "ef-oct", "EF.OCT", 0x6F83, 0x6F83, 0, CY, HIGH, 1, 3, 0, 7, PLAIN, "000000", "" },
    { "ef-vgcs", "EF.VGCS", 0x6FB1, 0x6FB1, 0, TR, REQUIRED, 0, 20, 0, 2, NO, "", "" },
    { "ef-vgcss", "EF.VGCSS", 0x6FB2, 0x6FB2, 0, TR, REQUIRED, 0, 7, 0, 5, NO, "", "" },
    { "ef-vbs", "EF.VBS", 0x6FB3, 0x6FB3, 0, TR, REQUIRED, 0, 20, 0, 2, NO, "", "" },
    { "ef-vbss", "EF.VBSS", 0x6FB4, 0x6FB4, 0, TR, REQUIRED, 0, 7, 0, 5, NO, "", "" },
    { "ef-emlpp", "EF.eMLPP", 0x6FB5, 0x6FB5, 0, TR, REQUIRED, 0, 2, 0, 2, NO, "", "" },
    { "ef-aaem", "EF.AaeM", 0x6FB6, 0x6FB6, 0, TR, 0, 0, 1, 0, 5, PLAIN, "00", "" },
    { "ef-hiddenkey", "EF.HiddenKey", 0x6FC3, 0x6FC3, 0, TR, 0, 0, 4, 0, 5, FILL, "FF", "" },
    { "ef-pnn", "EF.PNN", 0x6FC5, 0x6FC5, 0, LF, REQUIRED, 10, 16, 25, 10, NO, "", "" },
    { "ef-opl", "EF.OPL", 0x6FC6, 0x6FC6, 0, LF, REQUIRED, 5, 8, 26, 10, NO, "", "" },
    { "ef-mbdn", "EF.MBDN", 0x6FC7, 0x6FC7, 0, LF, REQUIRED, 3, 24, 0, 5, NO, "", "" },
    { "ef-ext6", "EF.EXT6", 0x6FC8, 0x6FC8, 0, LF, 0, 10, 13, 0, 5, FILL, "00FF", "" },
    { "ef-mbi", "EF.MBI", 0x6FC9, 0x6FC9, 0, LF, REQUIRED, 10, 5, 0, 5, NO, "", "" },
    { "ef-mwis", "EF.MWIS", 0x6FCA, 0x6FCA, 0, LF, HIGH, 10, 6, 0, 5, FILL, "00", "" },
    { "ef-cfis", "EF.CFIS", 0x6FCB, 0x6FCB, 0, LF, 0, 10, 16, 0, 5, FILL, "0100FF", "" },
    { "ef-ext7", "EF.EXT7", 0x6FCC, 0x6FCC, 0, LF, 0, 10, 13, 0, 5, FILL, "00FF", "" },
    { "ef-spdi", "EF.SPDI", 0x6FCD, 0x6FCD, 0, TR, REQUIRED, 0, 17, 27, 2, NO, "", "" },
    { "ef-mmsn", "EF.MMSN", 0x6FCE, 0x6FCE, 0, LF, 0, 10, 6, 0, 5, FILL, "000000FF", "" },
    { "ef-ext8", "EF.EXT8", 0x6FCF, 0x6FCF, 0, LF, 0, 10, 13, 0, 5, FILL, "00FF", "" },
    { "ef-mmsicp", "EF.MMSICP", 0x6FD0, 0x6FD0, 0, TR, 0, 0, 100, 0, 2, FILL, "FF", "" },
    { "ef-mmsup", "EF.MMSUP", 0x6FD1, 0x6FD1, 0, LF, 0, 0, 0, 0, 5, FILL, "FF", "" },
    { "ef-mmsucp", "EF.MMSUCP", 0x6FD2, 0x6FD2, 0, TR, 0, 0, 100, 0, 5, FILL, "FF", "" },
    { "ef-nia", "EF.NIA", 0x6FD3, 0x6FD3, 0, LF, 0, 5, 11, 0, 2, FILL, "FF", "" },
    { "ef-vgcsca", "EF.VGCSCA", 0x6FD4, 0x6FD4, 0, TR, 0, 0, 0, 0, 2, FILL, "00", "" },
    { "ef-vbsca", "EF.VBSCA", 0x6FD5, 0x6FD5, 0, TR, 0, 0, 0, 0, 2, FILL, "00", "" },
    { "ef-gbabp", "EF.GBABP", 0x6FD6, 0x6FD6, 0, TR, 0, 0, 0, 0, 5, FILL, "FF", "" },
    { "ef-msk", "EF.MSK", 0x6FD7, 0x6FD7, 0, LF, HIGH, 0, 0, 0, 2, FILL, "FF", "" },
    { "ef-muk", "EF.MUK", 0x6FD8, 0x6FD8, 0, LF, 0, 0, 0, 0, 2, FILL, "FF", "" },
    { "ef-ehplmn", "EF.EHPLMN", 0x6FD9, 0x6FD9, 0, TR, 0, 0, 15, 29, 2, FILL, "FF", "" },
    { "ef-gbanl", "EF.GBANL", 0x6FDA, 0x6FDA, 0, LF, 0, 0, 0, 0, 2, FILL, "FF", "" },
    { "ef-ehplmnpi", "EF.EHPLMNPI", 0x6FDB, 0x6FDB, 0, TR, 0, 0, 1, 0, 2, PLAIN, "00", "" },
    { "ef-lrplmnsi", "EF.LRPLMNSI", 0x6FDC, 0x6FDC, 0, TR, 0, 0, 1, 0, 2, PLAIN, "00", "" },
    { "ef-nafkca", "EF.NAFKCA", 0x6FDD, 0x6FDD, 0, LF, 0, 0, 0, 0, 2, FILL, "FF", "" },
    { "ef-spni", "EF.SPNI", 0x6FDE, 0x6FDE, 0, TR, 0, 0, 0, 0, 10, FILL, "00FF", "" },
    { "ef-pnni", "EF.PNNI", 0x6FDF, 0x6FDF, 0, LF, 0, 0, 0, 0, 10, FILL, "00FF", "" },
    { "ef-ncp-ip", "EF.NCP-IP", 0x6FE2, 0x6FE2, 0, LF, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-ufc", "EF.UFC", 0x6FE6, 0x6FE6, 0, TR, 0, 0, 30, 0, 10,
      PLAIN, "801E60C01E900080040000000000000000F0000000004000000000000080", "" },
    { "ef-nasconfig", "EF.NASCONFIG", 0x6FE8, 0x6FE8, 0, TR, REQUIRED, 0, 18, 0, 2, NO, "", "" },
    { "ef-uicciari", "EF.UICCIARI", 0x6FE7, 0x6FE7, 0, LF, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-pws", "EF.PWS", 0x6FEC, 0x6FEC, 0, TR, REQUIRED, 0, 0, 0, 10, NO, "", "" },
    { "ef-fdnuri", "EF.FDNURI", 0x6FED, 0x6FED, 0, LF, 0, 0, 0, 0, 8, FILL, "FF", "" },
    { "ef-bdnuri", "EF.BDNURI", 0x6FEE, 0x6FEE, 0, LF, 0, 0, 0, 0, 8, FILL, "FF", "" },
    { "ef-sdnuri", "EF.SDNURI", 0x6FEF, 0x6FEF, 0, LF, 0, 0, 0, 0, 2, FILL, "FF", "" },
    { "ef-ial", "EF.IAL", 0x6FF0, 0x6FF0, 0, LF, 0, 0, 0, 0, 3, FILL, "FF", "" },
    { "ef-ips", "EF.IPS", 0x6FF1, 0x6FF1, 0, CY, HIGH, 0, 4, 0, 10, FILL, "FF", "" },
    { "ef-ipd", "EF.IPD", 0x6FF2, 0x6FF2, 0, LF, HIGH, 0, 0, 0, 3, FILL, "FF", "" },
};

/* 2.23.143.1.2.5.2 */
static const struct saip_template_file t2_5_2[] = {
    { "ef-plmnwact", "EF.PLMNwAcT", 0x6F60, 0x6F60, 0, TR, 0, 0, 40, 10, 5,
      PLAIN, "FFFFFF0000FFFFFF0000FFFFFF0000FFFFFF0000FFFFFF0000FFFFFF0000FFFFFF0000FFFFFF0000", "" },
    { "ef-oplmnwact", "EF.OPLMNwAcT", 0x6F61, 0x6F61, 0, TR, 0, 0, 40, 17, 2,
      PLAIN, "FFFFFF0000FFFFFF0000FFFFFF0000FFFFFF0000FFFFFF0000FFFFFF0000FFFFFF0000FFFFFF0000", "" },
    { "ef-hplmnwact", "EF.HPLMNwAcT", 0x6F62, 0x6F62, 0, TR, 0, 0, 5, 19, 2, PLAIN, "FFFFFF0000", "" },
    { "ef-epdgid", "EF.EPDGID", 0x6FF3, 0x6FF3, 0, TR, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-epdgselection", "EF.EPDGSELECTION", 0x6FF4, 0x6FF4, 0, TR, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-epdgidem", "EF.EPDGIDEM", 0x6FF5, 0x6FF5, 0, TR, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-epdgselectionem", "EF.ePDGSelectionEm", 0x6FF6, 0x6FF6, 0, TR, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-frompreferred", "EF.FromPreferred", 0x6FF7, 0x6FF7, 0, TR, 0, 0, 1, 0, 2, PLAIN, "00", "" },
    { "ef-imsconfigdata", "EF.IMSConfigData", 0x6FF8, 0x6FF8, 0, BT, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-3gpppsdataoff", "EF.3GPPPSDataOff", 0x6FF9, 0x6FF9, 0, TR, REQUIRED, 0, 4, 0, 2, NO, "", "" },
    { "ef-3gpppsdataoffservicelist", "EF.3GPPPSDATAOFFservicelist", 0x6FFA, 0x6FFA, 0, LF, REQUIRED, 0, 0, 0, 2,
      NO, "", "" },
    { "ef-xcapconfigdata", "EF.XCAPConfigData", 0x6FFC, 0x6FFC, 0, BT, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-earfcnlist", "EF.EARFCNLIST", 0x6FFD, 0x6FFD, 0, TR, REQUIRED, 0, 0, 0, 10, NO, "", "" },
    { "ef-mudmidconfigdata", "EF.MuDMiDConfigData", 0x6FFE, 0x6FFE, 0, BT, REQUIRED, 0, 0, 0, 2, NO, "", "" },
};

/* 2.23.143.1.2.5.3 */
static const struct saip_template_file t2_5_3[] = {
    { "ef-eaka", "EF.eAKA", 0x6F01, 0x6F01, 0, TR, REQUIRED, 0, 1, 0, 3, NO, "", "" },
};

/* 2.23.143.1.2.6 */
static const struct saip_template_file t2_6[] = {
    { "df-phonebook", "DF.PHONEBOOK", 0x5F3A, 0x5F3A, 0, DF, 0, 0, 0, 0, 14, NO, "", "" },
    { "ef-pbr", "EF.PBR", 0x4F30, 0x4F30, 0x5F3A, LF, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-ext1", "EF.EXT1", 0x4F38, 0x4F3F, 0x5F3A, LF, 0, 0, 13, 0, 5, FILL, "00FF", "" },
    { "ef-aas", "EF.AAS", 0x4F40, 0x4F47, 0x5F3A, LF, 0, 0, 0, 0, 5, FILL, "FF", "" },
    { "ef-gas", "EF.GAS", 0x4F48, 0x4F4F, 0x5F3A, LF, 0, 0, 0, 0, 5, FILL, "FF", "" },
    { "ef-psc", "EF.PSC", 0x4F22, 0x4F22, 0x5F3A, TR, 0, 0, 4, 0, 5, PLAIN, "00000000", "" },
    { "ef-cc", "EF.CC", 0x4F23, 0x4F23, 0x5F3A, TR, HIGH, 0, 2, 0, 5, PLAIN, "0000", "" },
    { "ef-puid", "EF.PUID", 0x4F24, 0x4F24, 0x5F3A, TR, HIGH, 0, 2, 0, 5, PLAIN, "0000", "" },
    { "ef-iap", "EF.IAP", 0x4F50, 0x4F57, 0x5F3A, LF, 0, 0, 0, 0, 5, FILL, "FF", "" },
    { "ef-adn", "EF.ADN", 0x4F58, 0x4F5F, 0x5F3A, LF, 0, 0, 0, 0, 5, FILL, "FF", "" },
    { "ef-pbc", "EF.PBC", 0x4F60, 0x4F67, 0x5F3A, LF, 0, 0, 2, 0, 5, FILL, "00", "" },
    { "ef-anr", "EF.ANR", 0x4F68, 0x4F6F, 0x5F3A, LF, 0, 0, 0, 0, 5, FILL, "FF", "" },
    { "ef-puri", "EF.PURI", 0x4F70, 0x4F77, 0x5F3A, LF, REQUIRED, 0, 0, 0, 5, NO, "", "" },
    { "ef-email", "EF.EMAIL", 0x4F78, 0x4F7F, 0x5F3A, LF, 0, 0, 0, 0, 5, FILL, "FF", "" },
    { "ef-sne", "EF.SNE", 0x4F80, 0x4F87, 0x5F3A, LF, 0, 0, 0, 0, 5, FILL, "FF", "" },
    { "ef-uid", "EF.UID", 0x4F88, 0x4F8F, 0x5F3A, LF, 0, 0, 2, 0, 5, PLAIN, "0000", "" },
    { "ef-grp", "EF.GRP", 0x4F90, 0x4F97, 0x5F3A, LF, 0, 0, 0, 0, 5, FILL, "00", "" },
    { "ef-ccp1", "EF.CCP1", 0x4F98, 0x4F9F, 0x5F3A, LF, 0, 0, 0, 0, 5, FILL, "FF", "" },
};

/* 2.23.143.1.2.7 */
static const struct saip_template_file t2_7[] = {
    { "df-gsm-access", "DF.GSM-ACCESS", 0x5F3B, 0x5F3B, 0, DF, 0, 0, 0, 0, 14, NO, "", "" },
    { "ef-kc", "EF.Kc", 0x4F20, 0x4F20, 0, TR, HIGH, 0, 9, 1, 5, FILL, "FF", "07" },
    { "ef-kcgprs", "EF.KcGPRS", 0x4F52, 0x4F52, 0, TR, HIGH, 0, 9, 2, 5, FILL, "FF", "07" },
    { "ef-cpbcch", "EF.CPBCCH", 0x4F63, 0x4F63, 0, TR, HIGH, 0, 10, 0, 5, FILL, "FF", "" },
    { "ef-invscan", "EF.InvScan", 0x4F64, 0x4F64, 0, TR, 0, 0, 1, 0, 2, PLAIN, "00", "" },
};

/* 2.23.143.1.2.8 */
static const struct saip_template_file t2_8[] = {
    { "adf-isim", "ADF.ISIM", 0x0000, 0x0000, 0, ADF, 0, 0, 0, 0, 14, NO, "", "" },
    { "ef-impi", "EF.IMPI", 0x6F02, 0x6F02, 0, TR, REQUIRED, 0, 0, 2, 2, NO, "", "" },
    { "ef-impu", "EF.IMPU", 0x6F04, 0x6F04, 0, LF, REQUIRED, 1, 0, 4, 2, NO, "", "" },
    { "ef-domain", "EF.Domain", 0x6F03, 0x6F03, 0, TR, REQUIRED, 0, 0, 5, 2, NO, "", "" },
    { "ef-ist", "EF.IST", 0x6F07, 0x6F07, 0, TR, REQUIRED, 0, 14, 7, 2, NO, "", "" },
    { "ef-ad", "EF.AD", 0x6FAD, 0x6FAD, 0, TR, 0, 0, 3, 3, 10, PLAIN, "000000", "" },
    { "ef-arr", "EF.ARR", 0x6F06, 0x6F06, 0, LF, REQUIRED, 0, 0, 6, 10, NO, "", "" },
};

/* 2.23.143.1.2.9 */
static const struct saip_template_file t2_9[] = {
    { "ef-pcscf", "EF.P-CSCF", 0x6F09, 0x6F09, 0, LF, REQUIRED, 1, 0, 0, 2, NO, "", "" },
    { "ef-sms", "EF.SMS", 0x6F3C, 0x6F3C, 0, LF, 0, 10, 176, 0, 5, FILL, "00FF", "" },
    { "ef-smsp", "EF.SMSP", 0x6F42, 0x6F42, 0, LF, 0, 1, 38, 0, 5, FILL, "FF", "" },
    { "ef-smss", "EF.SMSS", 0x6F43, 0x6F43, 0, TR, 0, 0, 2, 0, 5, PLAIN, "FFFF", "" },
    { "ef-smsr", "EF.SMSR", 0x6F47, 0x6F47, 0, LF, 0, 10, 30, 0, 5, FILL, "00FF", "" },
    { "ef-gbabp", "EF.GBABP", 0x6FD5, 0x6FD5, 0, TR, 0, 0, 0, 0, 5, FILL, "FF", "" },
    { "ef-gbanl", "EF.GBANL", 0x6FD7, 0x6FD7, 0, LF, 0, 0, 0, 0, 2, FILL, "FF", "" },
    { "ef-nafkca", "EF.NAFKCA", 0x6FDD, 0x6FDD, 0, LF, 0, 0, 0, 0, 2, FILL, "FF", "" },
    { "ef-uicciari", "EF.UICCIARI", 0x6FE7, 0x6FE7, 0, LF, REQUIRED, 0, 0, 0, 2, NO, "", "" },
};

/* 2.23.143.1.2.9.2 */
static const struct saip_template_file t2_9_2[] = {
    { "ef-frompreferred", "EF.FromPreferred", 0x6FF7, 0x6FF7, 0, TR, 0, 0, 1, 0, 2, PLAIN, "00", "" },
    { "ef-imsconfigdata", "EF.ImsConfigData", 0x6FF8, 0x6FF8, 0, BT, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-xcapconfigdata", "EF.XcapconfigData", 0x6FFC, 0x6FFC, 0, BT, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-webrtcuri", "EF.WebRTCURI", 0x6FFA, 0x6FFA, 0, LF, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-mudmidconfigdata", "EF.MuDMiDConfigData", 0x6FFE, 0x6FFE, 0, BT, REQUIRED, 0, 0, 0, 2, NO, "", "" },
};

/* 2.23.143.1.2.10 */
static const struct saip_template_file t2_10[] = {
    { "adf-csim", "ADF.CSIM", 0x0000, 0x0000, 0, ADF, 0, 0, 0, 0, 14, NO, "", "" },
    { "ef-arr", "EF.ARR", 0x6F06, 0x6F06, 0, LF, REQUIRED, 0, 0, 23, 10, NO, "", "" },
    { "ef-call-count", "EF.COUNT", 0x6F21, 0x6F21, 0, CY, HIGH | REQUIRED, 10, 2, 0, 7, NO, "", "" },
    { "ef-imsi-m", "EF.IMSI_M", 0x6F22, 0x6F22, 0, TR, REQUIRED, 0, 10, 4, 6, NO, "", "" },
    { "ef-imsi-t", "EF.IMSI_T", 0x6F23, 0x6F23, 0, TR, REQUIRED, 0, 10, 5, 6, NO, "", "" },
    { "ef-tmsi", "EF.TMSI", 0x6F24, 0x6F24, 0, TR, HIGH | REQUIRED, 0, 16, 6, 13, NO, "", "" },
    { "ef-ah", "EF.AH", 0x6F25, 0x6F25, 0, TR, REQUIRED, 0, 2, 0, 5, NO, "", "" },
    { "ef-aop", "EF.AOP", 0x6F26, 0x6F26, 0, TR, REQUIRED, 0, 1, 0, 5, NO, "", "" },
    { "ef-aloc", "EF.ALOC", 0x6F27, 0x6F27, 0, TR, HIGH | REQUIRED, 0, 7, 0, 5, NO, "", "" },
    { "ef-cdmahome", "EF.CDMAHOME", 0x6F28, 0x6F28, 0, LF, REQUIRED, 0, 5, 12, 5, NO, "", "" },
    { "ef-znregi", "EF.ZNREGI", 0x6F29, 0x6F29, 0, LF, HIGH | REQUIRED, 0, 8, 0, 5, NO, "", "" },
    { "ef-snregi", "EF.SNREGI", 0x6F2A, 0x6F2A, 0, TR, HIGH | REQUIRED, 0, 7, 13, 5, NO, "", "" },
    { "ef-distregi", "EF.DISTREGI", 0x6F2B, 0x6F2B, 0, TR, HIGH | REQUIRED, 0, 8, 0, 5, NO, "", "" },
    { "ef-accolc", "EF.ACCOLC", 0x6F2C, 0x6F2C, 0, TR, REQUIRED, 0, 1, 3, 2, NO, "", "" },
    { "ef-term", "EF.TERM", 0x6F2D, 0x6F2D, 0, TR, REQUIRED, 0, 1, 0, 5, NO, "", "" },
    { "ef-acp", "EF.ACP", 0x6F2F, 0x6F2F, 0, TR, REQUIRED, 0, 7, 0, 5, NO, "", "" },
    { "ef-prl", "EF.PRL", 0x6F30, 0x6F30, 0, TR, REQUIRED, 0, 0, 7, 2, NO, "", "" },
    { "ef-ruimid", "EF.RUIMID", 0x6F31, 0x6F31, 0, TR, REQUIRED | UNSURE, 0, 8, 0, 4, NO, "", "" },
    { "ef-csim-st", "EF.CSIM_ST", 0x6F32, 0x6F32, 0, TR, REQUIRED, 0, 0, 2, 2, NO, "", "" },
    { "ef-spc", "EF.SPC", 0x6F33, 0x6F33, 0, TR, REQUIRED, 0, 3, 0, 3, NO, "", "" },
    { "ef-otapaspc", "EF.OTAPASPC", 0x6F34, 0x6F34, 0, TR, REQUIRED, 0, 1, 0, 5, NO, "", "" },
    { "ef-namlock", "EF.NAMLOCK", 0x6F35, 0x6F35, 0, TR, REQUIRED, 0, 1, 0, 5, NO, "", "" },
    { "ef-ota", "EF.OTA", 0x6F36, 0x6F36, 0, TR, REQUIRED, 0, 17, 0, 2, NO, "", "" },
    { "ef-sp", "EF.SP", 0x6F37, 0x6F37, 0, TR, REQUIRED, 0, 1, 0, 5, NO, "", "" },
    { "ef-esn-meid-me", "EF.ESN_MEID_ME", 0x6F38, 0x6F38, 0, TR, REQUIRED, 0, 8, 0, 10, NO, "", "" },
    { "ef-li", "EF.LI", 0x6F3A, 0x6F3A, 0, TR, REQUIRED, 0, 0, 10, 1, NO, "", "" },
    { "ef-usgind", "EF.USGIND", 0x6F42, 0x6F42, 0, TR, REQUIRED, 0, 1, 0, 2, NO, "", "" },
    { "ef-ad", "EF.AD", 0x6F43, 0x6F43, 0, TR, REQUIRED, 0, 3, 1, 10, NO, "", "" },
    { "ef-max-prl", "EF.MAX_PRL", 0x6F45, 0x6F45, 0, TR, REQUIRED, 0, 4, 0, 2, NO, "", "" },
    { "ef-spcs", "EF.SPCS", 0x6F46, 0x6F46, 0, TR, REQUIRED, 0, 1, 0, 12, NO, "", "" },
    { "ef-mecrp", "EF.MECRP", 0x6F55, 0x6F55, 0, TR, REQUIRED, 0, 3, 0, 5, NO, "", "" },
    { "ef-home-tag", "EF.HOME_TAG", 0x6F70, 0x6F70, 0, TR, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-group-tag", "EF.GROUP_TAG", 0x6F71, 0x6F71, 0, TR, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-specific-tag", "EF.SPECIFIC_TAG", 0x6F72, 0x6F72, 0, TR, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-call-prompt", "EF.CALL_PROMPT", 0x6F73, 0x6F73, 0, TR, REQUIRED, 0, 0, 0, 2, NO, "", "" },
};

/* 2.23.143.1.2.11 */
static const struct saip_template_file t2_11[] = {
    { "ef-ssci", "EF.SSCI", 0x6F2E, 0x6F2E, 0, TR, REQUIRED, 0, 1, 0, 5, NO, "", "" },
    { "ef-fdn", "EF.FDN", 0x6F3B, 0x6F3B, 0, LF, UNSURE, 0, 0, 0, 8, FILL, "FF", "" },
    { "ef-sms", "EF.SMS", 0x6F3C, 0x6F3C, 0, LF, HIGH | UNSURE, 0, 0, 0, 5, FILL, "00FF", "" },
    { "ef-smsp", "EF.SMSP", 0x6F3D, 0x6F3D, 0, LF, HIGH | REQUIRED, 0, 0, 0, 5, NO, "", "" },
    { "ef-smss", "EF.SMSS", 0x6F3E, 0x6F3E, 0, TR, 0, 0, 0, 0, 5, FILL, "FF", "" },
    { "ef-ssfc", "EF.SSFC", 0x6F3F, 0x6F3F, 0, TR, REQUIRED, 0, 0, 0, 5, NO, "", "" },
    { "ef-spn", "EF.SPN", 0x6F41, 0x6F41, 0, TR, REQUIRED, 0, 35, 8, 10, NO, "", "" },
    { "ef-mdn", "EF.MDN", 0x6F44, 0x6F44, 0, LF, REQUIRED, 0, 11, 0, 5, NO, "", "" },
    { "ef-ecc", "EF.ECC", 0x6F47, 0x6F47, 0, TR, REQUIRED, 0, 0, 9, 10, NO, "", "" },
    { "ef-me3gpdopc", "EF.ME3GPDOPC", 0x6F48, 0x6F48, 0, TR, REQUIRED, 0, 1, 0, 5, NO, "", "" },
    { "ef-3gpdopm", "EF.3GPDOPM", 0x6F49, 0x6F49, 0, TR, REQUIRED, 0, 1, 0, 5, NO, "", "" },
    { "ef-sipcap", "EF.SIPCAP", 0x6F4A, 0x6F4A, 0, TR, REQUIRED, 0, 4, 0, 2, NO, "", "" },
    { "ef-mipcap", "EF.MIPCAP", 0x6F4B, 0x6F4B, 0, TR, REQUIRED, 0, 5, 0, 2, NO, "", "" },
    { "ef-sipupp", "EF.SIPUPP", 0x6F4C, 0x6F4C, 0, TR, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-mipupp", "EF.MIPUPP", 0x6F4D, 0x6F4D, 0, TR, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-sipsp", "EF.SIPSP", 0x6F4E, 0x6F4E, 0, TR, REQUIRED, 0, 1, 0, 5, NO, "", "" },
    { "ef-mipsp", "EF.MIPSP", 0x6F4F, 0x6F4F, 0, TR, REQUIRED, 0, 0, 0, 5, NO, "", "" },
    { "ef-sippapss", "EF.SIPPAPSS", 0x6F50, 0x6F50, 0, TR, REQUIRED, 0, 0, 0, 5, NO, "", "" },
    { "ef-puzl", "EF.PUZL", 0x6F53, 0x6F53, 0, TR, UNSURE, 0, 0, 0, 0, NO, "", "" },
    { "ef-maxpuzl", "EF.MAXPUZL", 0x6F54, 0x6F54, 0, TR, UNSURE, 0, 5, 0, 2, NO, "", "" },
    { "ef-hrpdcap", "EF.HRPDCAP", 0x6F56, 0x6F56, 0, TR, REQUIRED, 0, 3, 0, 2, NO, "", "" },
    { "ef-hrpdupp", "EF.HRPDUPP", 0x6F57, 0x6F57, 0, TR, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-csspr", "EF.CSSPR", 0x6F58, 0x6F58, 0, TR, REQUIRED, 0, 1, 0, 2, NO, "", "" },
    { "ef-atc", "EF.ATC", 0x6F59, 0x6F59, 0, TR, REQUIRED, 0, 1, 0, 2, NO, "", "" },
    { "ef-eprl", "EF.EPRL", 0x6F5A, 0x6F5A, 0, TR, REQUIRED, 0, 0, 14, 2, NO, "", "" },
    { "ef-bcsmscfg", "EF.BCSMScfg", 0x6F5B, 0x6F5B, 0, TR, UNSURE, 0, 1, 0, 2, NO, "", "" },
    { "ef-bcsmspref", "EF.BCSMSpref", 0x6F5C, 0x6F5C, 0, TR, UNSURE, 0, 1, 0, 5, NO, "", "" },
    { "ef-bcsmstable", "EF.BCSMStable", 0x6F5D, 0x6F5D, 0, LF, UNSURE, 0, 0, 0, 2, NO, "", "" },
    { "ef-bcsmsp", "EF.BCSMSP", 0x6F5E, 0x6F5E, 0, LF, HIGH | REQUIRED, 0, 2, 0, 5, NO, "", "" },
    { "ef-bakpara", "EF.BAKPARA", 0x6F63, 0x6F63, 0, TR, UNSURE, 0, 0, 0, 0, NO, "", "" },
    { "ef-upbakpara", "EF.UpBAKPARA", 0x6F64, 0x6F64, 0, TR, UNSURE, 0, 0, 0, 0, NO, "", "" },
    { "ef-mmsn", "EF.MMSN", 0x6F65, 0x6F65, 0, LF, 0, 0, 0, 0, 5, FILL, "000000FF", "" },
    { "ef-ext8", "EF.EXT8", 0x6F66, 0x6F66, 0, LF, UNSURE, 0, 13, 0, 5, FILL, "00FF", "" },
    { "ef-mmsicp", "EF.MMSICP", 0x6F67, 0x6F67, 0, TR, UNSURE, 0, 0, 0, 2, FILL, "FF", "" },
    { "ef-mmsup", "EF.MMSUP", 0x6F68, 0x6F68, 0, LF, UNSURE, 0, 0, 0, 5, FILL, "FF", "" },
    { "ef-mmsucp", "EF.MMSUCP", 0x6F69, 0x6F69, 0, TR, UNSURE, 0, 0, 0, 5, FILL, "FF", "" },
    { "ef-auth-capability", "EF.AuthCapability", 0x6F6A, 0x6F6A, 0, TR, UNSURE, 0, 0, 0, 2, NO, "", "" },
    { "ef-3gcik", "EF.3GCIK", 0x6F6B, 0x6F6B, 0, TR, REQUIRED, 0, 32, 11, 2, NO, "", "" },
    { "ef-dck", "EF.DCK", 0x6F6C, 0x6F6C, 0, TR, UNSURE, 0, 0, 0, 5, NO, "", "" },
    { "ef-gid1", "EF.GID1", 0x6F6D, 0x6F6D, 0, TR, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-gid2", "EF.GID2", 0x6F6E, 0x6F6E, 0, TR, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-cdmacnl", "EF.CDMACNL", 0x6F6F, 0x6F6F, 0, TR, UNSURE, 0, 0, 0, 2, NO, "", "" },
    { "ef-sf-euimid", "EF.SF_EUIMID", 0x6F74, 0x6F74, 0, TR, REQUIRED, 0, 7, 0, 4, NO, "", "" },
    { "ef-est", "EF.EST", 0x6F75, 0x6F75, 0, TR, REQUIRED, 0, 0, 15, 8, NO, "", "" },
    { "ef-hidden-key", "EF.HiddenKey", 0x6F76, 0x6F76, 0, TR, UNSURE, 0, 4, 0, 5, FILL, "FF", "" },
    { "ef-lcsver", "EF.LCSVER", 0x6F77, 0x6F77, 0, TR, UNSURE, 0, 0, 0, 0, NO, "", "" },
    { "ef-lcscp", "EF.LCSCP", 0x6F78, 0x6F78, 0, TR, UNSURE, 0, 0, 0, 0, NO, "", "" },
    { "ef-sdn", "EF.SDN", 0x6F79, 0x6F79, 0, LF, UNSURE, 0, 0, 0, 2, FILL, "FF", "" },
    { "ef-ext2", "EF.EXT2", 0x6F7A, 0x6F7A, 0, LF, UNSURE, 0, 13, 0, 8, FILL, "00FF", "" },
    { "ef-ext3", "EF.EXT3", 0x6F7B, 0x6F7B, 0, LF, UNSURE, 0, 13, 0, 2, FILL, "00FF", "" },
    { "ef-ici", "EF.ICI", 0x6F7C, 0x6F7C, 0, CY, HIGH | UNSURE, 0, 0, 16, 5, NO, "", "" },
    { "ef-oci", "EF.OCI", 0x6F7D, 0x6F7D, 0, CY, HIGH | UNSURE, 0, 0, 17, 5, NO, "", "" },
    { "ef-ext5", "EF.EXT5", 0x6F7E, 0x6F7E, 0, LF, UNSURE, 0, 13, 0, 5, FILL, "00FF", "" },
    { "ef-ccp2", "EF.CCP2", 0x6F7F, 0x6F7F, 0, LF, UNSURE, 0, 15, 18, 5, FILL, "FF", "" },
    { "ef-applabels", "EF.AppLabels", 0x6F80, 0x6F80, 0, TR, UNSURE, 0, 0, 0, 0, NO, "", "" },
    { "ef-model", "EF.Model", 0x6F81, 0x6F81, 0, TR, 0, 0, 126, 0, 5, FILL, "FF", "" },
    { "ef-rc", "EF.RC", 0x6F82, 0x6F82, 0, TR, UNSURE, 0, 0, 0, 0, NO, "", "" },
    { "ef-smscap", "EF.SMSCap", 0x6F83, 0x6F83, 0, TR, UNSURE, 0, 0, 0, 0, NO, "", "" },
    { "ef-mipflags", "EF.MIPFlags", 0x6F84, 0x6F84, 0, TR, UNSURE, 0, 0, 0, 0, NO, "", "" },
    { "ef-3gpduppext", "EF.3GPDUPPExt", 0x6F85, 0x6F85, 0, TR, UNSURE, 0, 0, 0, 0, NO, "", "" },
    { "ef-ipv6cap", "EF.IPv6Cap", 0x6F87, 0x6F87, 0, TR, UNSURE, 0, 0, 0, 0, NO, "", "" },
    { "ef-tcpconfig", "EF.TCPConfig", 0x6F88, 0x6F88, 0, TR, UNSURE, 0, 0, 0, 0, NO, "", "" },
    { "ef-dgc", "EF.DGC", 0x6F89, 0x6F89, 0, TR, UNSURE, 0, 0, 0, 0, NO, "", "" },
    { "ef-wapbrowsercp", "EF.WAPBrowserCP", 0x6F8A, 0x6F8A, 0, TR, UNSURE, 0, 0, 0, 0, NO, "", "" },
    { "ef-wapbrowserbm", "EF.WAPBrowserBM", 0x6F8B, 0x6F8B, 0, TR, UNSURE, 0, 0, 0, 0, NO, "", "" },
    { "ef-mmsconfig", "EF.MMSConfig", 0x6F8C, 0x6F8C, 0, TR, UNSURE, 0, 0, 0, 0, NO, "", "" },
    { "ef-jdl", "EF.JDL", 0x6F8D, 0x6F8D, 0, TR, UNSURE, 0, 0, 0, 0, NO, "", "" },
};

/* 2.23.143.1.2.12 */
static const struct saip_template_file t2_12[] = {
    { "df-eap", "DF.EAP", 0x0000, 0x0000, 0, DF, 0, 0, 0, 0, 14, NO, "", "" },
    { "ef-eapkeys", "EF.EAPKEYS", 0x4F01, 0x4F01, 0, TR, HIGH | REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-eapstatus", "EF.EAPSTATUS", 0x4F02, 0x4F02, 0, TR, HIGH, 0, 1, 0, 2, PLAIN, "00", "" },
    { "ef-puid", "EF.PUId", 0x4F03, 0x4F03, 0, TR, REQUIRED, 0, 0, 0, 2, NO, "", "" },
    { "ef-ps", "EF.Ps", 0x4F04, 0x4F04, 0, TR, HIGH, 0, 0, 0, 5, FILL, "FF", "" },
    { "ef-curid", "EF.CurID", 0x4F20, 0x4F20, 0, TR, HIGH, 0, 0, 0, 5, FILL, "FF", "" },
    { "ef-reid", "EF.ReID", 0x4F21, 0x4F21, 0, TR, REQUIRED, 0, 0, 0, 5, NO, "", "" },
    { "ef-realm", "EF.Realm", 0x4F22, 0x4F22, 0, TR, REQUIRED, 0, 0, 0, 5, NO, "", "" },
};

/* 2.23.143.1.2.13 */
static const struct saip_template_file t2_13[] = {
    { "df-df-5gs", "DF.5GS", 0x5FC0, 0x5FC0, 0, DF, 0, 0, 0, 0, 14, NO, "", "" },
    { "ef-5gs3gpploci", "EF.5GS3GPPLOCI", 0x4F01, 0x4F01, 0, TR, HIGH, 0, 20, 1, 5,
      PLAIN, "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000001", "" },
    { "ef-5gsn3gpploci", "EF.5GSN3GPPLOCI", 0x4F02, 0x4F02, 0, TR, HIGH, 0, 20, 2, 5,
      PLAIN, "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000001", "" },
    { "ef-5gs3gppnsc", "EF.5GS3GPPNSC", 0x4F03, 0x4F03, 0, LF, HIGH, 1, 57, 3, 5, FILL, "FF", "" },
    { "ef-5gsn3gppnsc", "EF.5GSN3GPPNSC", 0x4F04, 0x4F04, 0, LF, HIGH, 1, 57, 4, 5, FILL, "FF", "" },
    { "ef-5gauthkeys", "EF.5GAUTHKEYS", 0x4F05, 0x4F05, 0, TR, HIGH | REQUIRED, 0, 110, 5, 5, NO, "", "" },
    { "ef-uac-aic", "EF.UAC_AIC", 0x4F06, 0x4F06, 0, TR, REQUIRED, 0, 4, 6, 2, NO, "", "" },
    { "ef-suci-calc-info", "EF.SUCI_Calc_Info", 0x4F07, 0x4F07, 0, TR, 0, 0, 0, 7, 2, FILL, "FF", "" },
    { "ef-opl5g", "EF.OPL5G", 0x4F08, 0x4F08, 0, LF, 0, 0, 10, 8, 10, FILL, "FF", "" },
    { "ef-supinai", "EF.SUPI_NAI", 0x4F09, 0x4F09, 0, TR, REQUIRED, 0, 0, 9, 2, NO, "", "" },
    { "ef-routing-indicator", "EF.Routing_Indicator", 0x4F0A, 0x4F0A, 0, TR, 0, 0, 4, 10, 2, PLAIN, "F0FFFFFF", "" },
};

/* 2.23.143.1.2.13.2 */
static const struct saip_template_file t2_13_2[] = {
    { "ef-ursp", "EF.URSP", 0x4F0B, 0x4F0B, 0, BT, 0, 0, 0, 0, 2, NO, "", "" },
    { "ef-tn3gppsnn", "EF.TN3GPPSNN", 0x4F0C, 0x4F0C, 0, TR, 0, 0, 1, 12, 2, PLAIN, "00", "" },
};

/* 2.23.143.1.2.13.3 */
static const struct saip_template_file t2_13_3[] = {
    { "ef-5gs3gppnsc", "EF.5GS3GPPNSC", 0x4F03, 0x4F03, 0, LF, HIGH, 2, 62, 3, 5, FILL, "FF", "" },
    { "ef-5gsn3gppnsc", "EF.5GSN3GPPNSC", 0x4F04, 0x4F04, 0, LF, HIGH, 2, 62, 4, 5, FILL, "FF", "" },
};

/* 2.23.143.1.2.13.4 */
static const struct saip_template_file t2_13_4[] = {
    { "ef-routing-indicator", "EF.Routing_Indicator", 0x4F0A, 0x4F0A, 0, TR, 0, 0, 4, 10, 2, PLAIN, "F0FF0000", "" },
    { "ef-cag", "EF.CAG", 0x4F0D, 0x4F0D, 0, TR, REQUIRED, 0, 2, 13, 2, NO, "", "" },
    { "ef-sor-cmci", "EF.SOR_CMCI", 0x4F0E, 0x4F0E, 0, TR, REQUIRED, 0, 0, 14, 2, NO, "", "" },
    { "ef-dri", "EF.DRI", 0x4F0F, 0x4F0F, 0, TR, REQUIRED, 0, 7, 15, 2, NO, "", "" },
    { "ef-5gsedrx", "EF.5GSEDRX", 0x4F10, 0x4F10, 0, TR, REQUIRED, 0, 2, 16, 2, NO, "", "" },
    { "ef-5gnswo-conf", "EF.5GNSWO_CONF", 0x4F11, 0x4F11, 0, TR, REQUIRED, 0, 1, 17, 2, NO, "", "" },
    { "ef-mchpplmn", "EF.MCHPPLMN", 0x4F15, 0x4F15, 0, TR, REQUIRED, 0, 1, 21, 2, NO, "", "" },
    { "ef-kausf-derivation", "EF.KAUSF_DERIVATION", 0x4F16, 0x4F16, 0, TR, REQUIRED, 0, 1, 22, 2, NO, "", "" },
};

/* 2.23.143.1.2.14 */
static const struct saip_template_file t2_14[] = {
    { "df-df-saip", "DF.SAIP", 0x5FD0, 0x5FD0, 0, DF, 0, 0, 0, 0, 14, NO, "", "" },
    { "ef-suci-calc-info-usim", "EF.SUCICalcInfo", 0x4F01, 0x4F01, 0, TR, 0, 0, 0, 0, 3, FILL, "FF", "" },
};

/* 2.23.143.1.2.15 */
static const struct saip_template_file t2_15[] = {
    { "df-df-snpn", "DF.SNPN", 0x5FE0, 0x5FE0, 0, DF, 0, 0, 0, 0, 14, NO, "", "" },
    { "ef-pws-snpn", "EF.PWS_SNPN", 0x4F01, 0x4F01, 0, TR, REQUIRED, 0, 1, 0, 10, NO, "", "" },
};

/* 2.23.143.1.2.16 */
static const struct saip_template_file t2_16[] = {
    { "df-df-5g-prose", "DF.5G_ProSe", 0x5FF0, 0x5FF0, 0, DF, 0, 0, 0, 0, 14, NO, "", "" },
    { "ef-5g-prose-st", "EF.5G_PROSE_ST", 0x4F01, 0x4F01, 0, TR, REQUIRED, 0, 1, 1, 2, NO, "", "" },
    { "ef-5g-prose-dd", "EF.5G_PROSE_DD", 0x4F02, 0x4F02, 0, TR, REQUIRED, 0, 26, 2, 2, NO, "", "" },
    { "ef-5g-prose-dc", "EF.5G_PROSE_DC", 0x4F03, 0x4F03, 0, TR, REQUIRED, 0, 12, 3, 2, NO, "", "" },
    { "ef-5g-prose-u2nru", "EF.5G_PROSE_U2NRU", 0x4F04, 0x4F04, 0, TR, REQUIRED, 0, 32, 4, 2, NO, "", "" },
    { "ef-5g-prose-ru", "EF.5G_PROSE_RU", 0x4F05, 0x4F05, 0, TR, REQUIRED, 0, 29, 5, 2, NO, "", "" },
    { "ef-5g-prose-uir", "EF.5G_PROSE_UIR", 0x4F06, 0x4F06, 0, TR, REQUIRED, 0, 32, 6, 2, NO, "", "" },
};

#define ROWS(table) table, sizeof table / sizeof *table

const struct saip_template saip_templates[] = {
    { "2.23.143.1.2.1", NULL, true, ROWS(t2_1) },
    { "2.23.143.1.2.2", NULL, false, ROWS(t2_2) },
    { "2.23.143.1.2.3", NULL, false, ROWS(t2_3) },
    { "2.23.143.1.2.3.2", "2.23.143.1.2.3", false, ROWS(t2_3_2) },
    { "2.23.143.1.2.4", NULL, true, ROWS(t2_4) },
    { "2.23.143.1.2.4.2", "2.23.143.1.2.4", true, ROWS(t2_4_2) },
    { "2.23.143.1.2.5", NULL, false, ROWS(t2_5) },
    { "2.23.143.1.2.5.2", "2.23.143.1.2.5", false, ROWS(t2_5_2) },
    { "2.23.143.1.2.5.3", "2.23.143.1.2.5.2", false, ROWS(t2_5_3) },
    { "2.23.143.1.2.6", NULL, false, ROWS(t2_6) },
    { "2.23.143.1.2.7", NULL, false, ROWS(t2_7) },
    { "2.23.143.1.2.8", NULL, true, ROWS(t2_8) },
    { "2.23.143.1.2.9", NULL, false, ROWS(t2_9) },
    { "2.23.143.1.2.9.2", "2.23.143.1.2.9", false, ROWS(t2_9_2) },
    { "2.23.143.1.2.10", NULL, true, ROWS(t2_10) },
    { "2.23.143.1.2.11", NULL, false, ROWS(t2_11) },
    { "2.23.143.1.2.12", NULL, false, ROWS(t2_12) },
    { "2.23.143.1.2.13", NULL, false, ROWS(t2_13) },
    { "2.23.143.1.2.13.2", "2.23.143.1.2.13", false, ROWS(t2_13_2) },
    { "2.23.143.1.2.13.3", "2.23.143.1.2.13.2", false, ROWS(t2_13_3) },
    { "2.23.143.1.2.13.4", "2.23.143.1.2.13.3", false, ROWS(t2_13_4) },
    { "2.23.143.1.2.14", NULL, false, ROWS(t2_14) },
    { "2.23.143.1.2.15", NULL, false, ROWS(t2_15) },
    { "2.23.143.1.2.16", NULL, false, ROWS(t2_16) },
};
const size_t saip_templates_count = sizeof saip_templates / sizeof *saip_templates;

static const struct saip_template *by_text(const char *oid)
{
    for (size_t i = 0; oid && i < saip_templates_count; i++)
        if (strcmp(saip_templates[i].oid, oid) == 0)
            return &saip_templates[i];
    return NULL;
}

const struct saip_template *saip_template_find(struct bytes oid)
{
    struct arena *scratch = arena_new(1024);
    const struct saip_template *found = scratch ? by_text(asn1_oid_text(scratch, oid)) : NULL;
    arena_free(scratch);
    return found;
}

/* Rows stand in the order of the members, and are asked for in it: the search goes on behind the last one found. */
static const struct saip_template_file *row_from(const struct saip_template *t, const char *member, size_t *place)
{
    size_t at = *place;
    for (size_t i = 0; i < t->n; i++, at++) {
        at = at < t->n ? at : 0;
        if (strcmp(t->rows[at].member, member) == 0) {
            *place = at + 1;
            return &t->rows[at];
        }
    }
    return NULL;
}

const struct saip_template_file *saip_template_row(const struct saip_template *t, const char *member, size_t *place)
{
    const struct saip_template_file *row = NULL;
    for (; t && !row; t = by_text(t->base))
        row = row_from(t, member, place);
    return row;
}
