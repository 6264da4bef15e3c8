/* What a card offers of the services that packages may demand (ServicesList) and that EUICCInfo2 tells
 * (UICCCapability), and what it does with files that speak of services which it lacks.
 */
#ifndef RSPKIT_SAIP_SERVICES_H
#define RSPKIT_SAIP_SERVICES_H

#include "saip/image.h"

struct saip_service {
    const char *name;    /* as in ServicesList */
    uint32_t bit;        /* bit n of UICCCapability as 1u << n */
    const char *lacking; /* why our card lacks it, or NULL: it has it */
};

extern const struct saip_service saip_services[];
extern const size_t saip_services_count;

/* Bits of what our card has. */
uint32_t saip_services_offered(void);
/* Bits of eUICC-Mandatory-services. */
uint32_t saip_services_demanded(const struct saip_ProfileHeader *);

/* Services of EF.UST (TS 31.102 4.2.8) and EF.IST (TS 31.103 4.2.7) whose bits a card clears, since it lacks them
 * (TCA profile package 9.5.2, 9.6.2).
 *
 * The format has a card that lacks GBA or MBMS leave out their optional files too, and refuse a mandated element that
 * has them.  Ours makes these files, which are memory and nothing else: otherwise it would refuse the packages of
 * TS.48, whose mandated PE-OPT-ISIM has EF.GBABP and EF.GBANL. */
struct saip_cleared {
    enum saip_naa naa;  /* SAIP_USIM: EF.UST; SAIP_ISIM: EF.IST */
    unsigned service;   /* number, from 1; its name: saip/names.h */
    const char *reason;
};

extern const struct saip_cleared saip_cleared[];
extern const size_t saip_cleared_count;

/* Is a service, counted from 1, available by the table of a USIM (EF.UST) or an ISIM (EF.IST)?  False for others. */
bool saip_service_available(const struct saip_file *adf, unsigned number);

/* Clears them in an image that is complete. */
void saip_services_clear(struct saip_image *);

#endif
