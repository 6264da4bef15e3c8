/* Names that people know things by: services of the tables of USIM and ISIM, PINs and PUKs. */
#ifndef RSPKIT_SAIP_NAMES_H
#define RSPKIT_SAIP_NAMES_H

#include "base/arena.h"

enum saip_service_table {
    SAIP_UST, /* EF.UST, TS 31.102 4.2.8: services 1 to 150 (release 18) */
    SAIP_IST, /* EF.IST, TS 31.103 4.2.7: services 1 to 22 */
    SAIP_EST, /* EF.EST, TS 31.102 4.2.47 */
};

/* A service's name in short; NULL for numbers that are reserved or not in the table. */
const char *saip_service_name(enum saip_service_table, unsigned number);

/* A key reference (TS 102 221 9.5.1): "PIN1" is PIN Appl 1, "PIN2" the second PIN of application 1, "ADM1".  NULL
 * without memory. */
const char *saip_pin_name(struct arena *, uint8_t reference);
/* The PUK of a key reference: "PUK1" for 01, "PUK2" for 81. */
const char *saip_puk_name(struct arena *, uint8_t reference);

#endif
