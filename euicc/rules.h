/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules of local management and of Profile Policy Rules as data (SGP.22 2.9.1, 2.9.3.3, 3.2.1, 3.2.2 and 3.2.3;
 * SGP.22 3.3.2, 3.3.3, 5.7.16, 5.7.17, 5.7.18 and 5.7.19). */
#ifndef RSPKIT_EUICC_RULES_H
#define RSPKIT_EUICC_RULES_H

#include "euicc/state.h"

struct euicc;

/* profileClass, and PprIds (SGP.22 2.8.1.1). */
enum { CLASS_TEST, CLASS_PROVISIONING, CLASS_OPERATIONAL };
enum { PPR_UPDATE_CONTROL, PPR1, PPR2, PPR_COUNT };

enum rules_command { RULES_ENABLE, RULES_DISABLE, RULES_DELETE, RULES_RESET };

/* May the command be done now?  0; the function's result by the first rule that forbids it; or, from 6000 on, a status
 * word.  `target` is NULL if the card has no such profile, and for RULES_RESET. */
int64_t rules_check(const struct euicc *, enum rules_command, const struct euicc_profile *target);

/* What enabling or disabling a profile does; NULL: nobody. */
struct rules_switch {
    struct euicc_profile *off, *on;
    struct euicc_profile *former; /* comes back when the test profile, enabled then, is disabled */
};
struct rules_switch rules_switch_of(const struct euicc *, enum rules_command, struct euicc_profile *target);

/* Is the profile among those that eUICCMemoryReset is asked to delete (SGP.22 5.7.19)? */
bool rules_reset_takes(const struct euicc_profile *, struct asn1_bits options);

/* The check of a profile's rules when it is installed (SGP.22 2.9.3.1). */
bool rules_pprs_allowed(const struct euicc *, const struct rsp_StoreMetadataRequest *);

/* forbiddenProfilePolicyRules of EUICCInfo2 (SGP.22 5.7.8); absent if there are none. */
struct asn1_bits rules_forbidden(const struct euicc *, struct arena *);

/* Rules Authorisation Table from text: one rule each, RULES:OPERATORS[:consent], where RULES are ppr1, ppr2 and
 * OPERATORS are MCCMNC[/GID1[/GID2]] between commas: digits, of which E matches any; GIDs in hex, "any" or absent;
 * "any" alone is everybody.  The single text "none" is an empty table. */
int rules_rat_parse(struct arena *, const char *const *texts, size_t n, struct rsp_RulesAuthorisationTable *,
                    struct err *);

#endif
