/* Inside lib/saip: the parts of a description. */
#ifndef RSPKIT_SAIP_DESCRIBE_PARTS_H
#define RSPKIT_SAIP_DESCRIBE_PARTS_H

#include "saip/describe.h"

/* Each adds one list to the root. */
void saip_tell_files(struct saip_told *root, const struct saip_subject *);    /* describe_files.c */
void saip_tell_elements(struct saip_told *root, const struct saip_subject *); /* describe_elements.c */
void saip_tell_modules(struct saip_told *root, const struct saip_subject *);  /* describe_modules.c */

/* "ADF.USIM", "3F00/7F10", "ADF.USIM/5FC0/4F07"; NULL without memory. */
const char *saip_file_path(struct arena *, const struct saip_file *);

/* "Milenage" */
const char *saip_algorithm_name(int64_t algorithm);

#endif
