/* Inside lib/saip: files of an image, one at a time. */
#ifndef RSPKIT_SAIP_FILES_H
#define RSPKIT_SAIP_FILES_H

#include "saip/image.h"

enum saip_status {
    SAIP_OK = 0,
    SAIP_PE_NOT_SUPPORTED = 1,
    SAIP_MEMORY_FAILURE = 2,
    SAIP_BAD_VALUES = 3,
    SAIP_NOT_ENOUGH_MEMORY = 4,
    SAIP_INVALID_FORMAT = 5,
    SAIP_INVALID_PARAMETER = 6,
    SAIP_TEMPLATE_NOT_SUPPORTED = 9,
    SAIP_FEATURE_NOT_SUPPORTED = 10,
    SAIP_PIN_MISSING = 11,
    SAIP_WRONG_VERSION = 31,
};

struct saip_builder {
    struct arena *arena;
    struct saip_image *image;
    struct saip_result *result;
    struct saip_file *context;  /* where PIN codes and AKA parameters go */
    struct saip_file *adf[3];   /* the latest ADF.USIM, ADF.ISIM, ADF.CSIM */
    struct saip_file *current;  /* generic file management: DF, and the last file selected */
    struct saip_file *selected;
    size_t element; /* number of the element at hand, from 1 */
    const char *kind, *member;
};

/* Ends with a status; the reason names element and member. */
int saip_end(struct saip_builder *, int64_t status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Makes one file under `parent` from a template row (NULL: none) and the element's Fcp (NULL: none);
 * `instance` counts the files of one member from 0. */
int saip_file_make(struct saip_builder *, struct saip_file *parent, const struct saip_template_file *,
                   const struct saip_Fcp *, unsigned instance, struct saip_file **out);

/* Writes content at a position of the body (BER-TLV: appends). */
int saip_file_fill(struct saip_builder *, struct saip_file *, size_t *position, struct bytes content);

/* After the last element: every link finds its target. */
int saip_links_resolve(struct saip_builder *, struct saip_file *root);

#endif
