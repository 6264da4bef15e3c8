/* Inside lib/saip: an image on its way, element by element.
 *
 * Installers return 0, or -1 after saip_end; then the image is of no use.
 */
#ifndef RSPKIT_SAIP_BUILDER_H
#define RSPKIT_SAIP_BUILDER_H

#include "saip/image.h"

struct saip_builder {
    struct arena *arena;
    struct saip_image *image;
    struct saip_result *result;
    bool any_card; /* the package as it says, on whatever card (saip_interpret) */
    /* where the next element goes */
    struct saip_file *context; /* PINs: the first DF that the last element with DFs has made (8.5.1) */
    struct saip_file *naa;     /* authentication parameters: the latest ADF (8.4) */
    struct saip_file *latest[SAIP_NAAS]; /* optional files: the latest ADF of each kind (8.1.3) */
    struct saip_file *current, *selected; /* generic file management: the DF, the file */
    size_t commands;                      /* and how many of it there were */
    /* the element at hand */
    const struct saip_ProfileElement *pe;
    size_t element;          /* its number, from 1 */
    const char *member;      /* or NULL: the element as a whole */
    struct bytes part;       /* of its octets: what is being read, or absent */
    struct saip_file *first; /* DF that it has made, or NULL */
};

/* Ends the installation: what was expected there and, by the format, what was found.  Returns -1. */
int saip_end(struct saip_builder *, enum saip_status, const char *clause, const char *expected, const char *found,
             ...) __attribute__((format(printf, 5, 6)));
/* The same of what our card lacks, and in `additional` which: a warning, if the element is not mandated or the card is
 * any card; the installation goes on without what it speaks of.  Returns 0, or -1 for a mandated element. */
int saip_pass(struct saip_builder *, enum saip_status, uint8_t additional, const char *clause, const char *expected,
              const char *found, ...) __attribute__((format(printf, 6, 7)));
int saip_no_memory(struct saip_builder *);

/* Makes one file under `parent` from a template row (NULL: none) and the element's Fcp (NULL: none);
 * `instance` counts the files of one member from 0. */
int saip_file_make(struct saip_builder *, struct saip_file *parent, const struct saip_template_file *,
                   const struct saip_Fcp *, unsigned instance, struct saip_file **out);

/* Writes content at a position of the body (BER-TLV: appends). */
int saip_file_fill(struct saip_builder *, struct saip_file *, size_t *position, struct bytes content);

/* After the last element: every link finds its target, BER-TLV files hold objects. */
int saip_files_finish(struct saip_builder *, struct saip_file *root);
/* Of these, the links: those that have a target.  Returns 0. */
int saip_links_finish(struct saip_builder *, struct saip_file *root);

/* Elements without files. */
typedef int saip_installer(struct saip_builder *, const struct saip_ProfileElement *);
saip_installer saip_pins_install, saip_puks_install;                               /* pins.c */
saip_installer saip_aka_install, saip_cdma_install;                                /* keys.c */
saip_installer saip_domain_install, saip_application_install, saip_rfm_install;    /* modules.c */

/* Before the first element: room for what modules.c keeps of the package. */
int saip_modules_room(struct saip_builder *, const struct saip_package *);

/* After the last element: every PIN that a PIN status template names is there (pins.c). */
int saip_pins_check(struct saip_builder *);

#endif
