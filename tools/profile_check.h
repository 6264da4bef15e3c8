/* What rsp-profile check prints. */
#ifndef RSPKIT_TOOLS_PROFILE_CHECK_H
#define RSPKIT_TOOLS_PROFILE_CHECK_H

#include "saip/rules.h"

struct profile_check {
    const char *path; /* of the package, for the totals */
    bool json;
};

/* The package alone: errors, then warnings, then what it is in numbers; `package` as decoded.  Returns EXIT_REFUSED if
 * there are errors, EXIT_DONE if not, -1 without memory. */
int profile_check(struct arena *, const struct profile_check *, const struct saip_package *, struct err *);

/* The package and a card; what the profile's metadata decides (PPRs, class) is not in the package.  EXIT_REFUSED if
 * it does not suit the card. */
int profile_check_card(struct arena *, const struct profile_check *, const struct saip_package *,
                       const struct saip_card *, struct err *);

/* Every rule with its clause, as the rows of docs/profile-checks.md, or as JSON. */
int profile_rules(struct arena *, bool json, struct err *);

#endif
