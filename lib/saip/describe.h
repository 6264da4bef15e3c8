/* A profile package as people want to know it: what the profile is, its elements, the files that come of them, codes,
 * authentication, domains and applications.
 *
 * One tree (saip/told.h) for all uses.  Its members: "profile" (object), "applications" (NAAs), "codes" (PINs and
 * PUKs), "elements", "files" (depth first, each with its "path" and "depth"), "modules", "cdma", "warnings" (lists),
 * and "fault" if the package does not install: then the rest is told as far as it goes.
 */
#ifndef RSPKIT_SAIP_DESCRIBE_H
#define RSPKIT_SAIP_DESCRIBE_H

#include "saip/image.h"
#include "saip/told.h"

struct saip_subject {
    const struct saip_package *package;
    const struct saip_image *image; /* as saip_install left it, whether it succeeded or not */
    const struct saip_result *result;
    bool members; /* the elements' members too, for comparisons: value notation */
};

/* The tree borrows from the subject; NULL without memory. */
const struct saip_told *saip_describe(struct arena *, const struct saip_subject *);

/* A file of a description by what a person calls it: "3F00/2FE2", "7F10/6F40", "7FFF/6F07" (7FFF: the first ADF),
 * "ADF.USIM/6F07", "USIM/EF.IMSI", or the name of the first such file alone: "IMSI".  Case does not count.  NULL: there
 * is none. */
const struct saip_told *saip_described_file(const struct saip_told *description, const char *path);

#endif
