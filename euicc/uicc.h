/* The UICC that an enabled profile is: files, access rules, PINs, authentication
 * (TS 102 221, TS 31.102 7.1).  It changes nothing by itself: each change is handed to `change`
 * as an nvm record, which makes it durable and applies it, before the answer is given.
 *
 * Not offered, answered 6D00: RETRIEVE DATA, SET DATA, AUTHENTICATE with INS 89 (MBMS, local keys); answered 9864: its
 * contexts GBA, VGCS/VBS, HTTP Digest.  GET IDENTITY makes SUCIs of IMSIs and network specific identifiers; its context
 * of 5G NSWO, and SUPIs of type GLI and GCI, are refused.
 */
#ifndef RSPKIT_EUICC_UICC_H
#define RSPKIT_EUICC_UICC_H

#include "euicc/apdu.h"
#include "euicc/state.h"

struct uicc {
    struct euicc_profile *profile; /* NULL: no profile is enabled */
    bool verified[SAIP_PINS_MAX];
    int (*change)(void *context, const struct nvm_record *); /* 0, or -1: nothing changed */
    void *context;
};

/* What a logical channel has selected. */
struct uicc_channel {
    struct saip_file *df, *adf, *ef;
    uint16_t record; /* current record, 0: none */
};

/* A new session: nothing verified, every channel at the MF.  Without a profile there is a file system with an MF
 * alone (SGP.22 3.4.3). */
void uicc_start(struct uicc *, struct euicc_profile *);
void uicc_channel_start(const struct uicc *, struct uicc_channel *);

/* Runs a command; response data goes to `out`, the status word is returned. */
unsigned uicc_command(struct uicc *, struct uicc_channel *, const struct apdu *, struct buf *out);

/* The applications, counted from 0; NULL behind the last. */
struct saip_file *uicc_adf(const struct uicc *, unsigned index);
unsigned uicc_select(struct uicc *, struct uicc_channel *, struct saip_file *, const struct apdu *, struct buf *out);

/* Inside the UICC: may the file be used this way now?  `mode` is an access-mode bit of EFs
 * (TS 102 221 9.3.2), `ins` an instruction with a rule of its own, or 0. */
enum { ACCESS_READ = 1, ACCESS_UPDATE = 2, ACCESS_DEACTIVATE = 8, ACCESS_ACTIVATE = 0x10 };
bool uicc_allowed(const struct uicc *, const struct uicc_channel *, const struct saip_file *, uint8_t mode,
                  uint8_t ins);

/* Index of a PIN by reference as seen from a channel, -1 if there is none. */
int uicc_pin(const struct uicc *, const struct uicc_channel *, uint8_t reference);

/* Is the application's PIN verified, or not asked for?  It is the first application PIN (01 to 08) that the ADF's
 * PS_DO names (TS 102 221 9.5.1); what has none is free.  A package cannot define the universal PIN
 * (PINKeyReferenceValue lacks 11). */
bool uicc_application_pin(const struct uicc *, const struct uicc_channel *);

/* Does the EF.UST of the selected application have this service, counted from 1 (TS 31.102 4.2.8)? */
bool uicc_service(const struct uicc_channel *, unsigned number);

unsigned uicc_authenticate(struct uicc *, struct uicc_channel *, const struct apdu *, struct buf *out);
unsigned uicc_get_identity(struct uicc *, struct uicc_channel *, const struct apdu *, struct buf *out);
unsigned uicc_verify(struct uicc *, struct uicc_channel *, const struct apdu *, struct buf *out);
unsigned uicc_change_pin(struct uicc *, struct uicc_channel *, const struct apdu *, struct buf *out);
unsigned uicc_disable_pin(struct uicc *, struct uicc_channel *, const struct apdu *, struct buf *out);
unsigned uicc_enable_pin(struct uicc *, struct uicc_channel *, const struct apdu *, struct buf *out);
unsigned uicc_unblock_pin(struct uicc *, struct uicc_channel *, const struct apdu *, struct buf *out);

#endif
