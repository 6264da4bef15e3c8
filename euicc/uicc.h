/* The UICC that an enabled profile is: files, access rules, PINs, authentication
 * (TS 102 221 clauses 8 to 11, TS 31.102 7.1).  It changes nothing by itself: each change is handed to `change`
 * as an nvm record, which makes it durable and applies it, before the answer is given.
 *
 * Choices where TS 102 221 leaves one:
 * - P2 of SELECT with b5 to b3 zero is ISO/IEC 7816-4's FCI, answered like the FCP (11.1.1.2 has no such value).
 * - A SELECT or a command with an SFI that fails leaves everything selected as it was (11.1.1, 8.4.3).
 * - Le beyond the end of a transparent file or other than a record's length is 6Cxx, not 6282 (10.2.1.3).
 * - The status of a verification is the card's, on whatever channel it was made (11.1.9.1.1).  It ends with a wrong
 *   value, with the card session, and for local key references of an application with its last session: that is the
 *   application-specific security status of ISO/IEC 7816-4 (9.5.1 says only where such a reference counts).
 * - A PIN for which the universal PIN stands (11.1.11) is satisfied when the universal PIN is; P1 of DISABLE PIN is
 *   80, or 91 with the universal PIN's number.
 * - A new value of a PIN that is not four to eight digits with FF behind is 6A80 and costs no try (11.1.9); values of
 *   ADM keys are any octets.
 * - An unfinished SET DATA changes nothing; an object that was there stays until the last block has come (11.3.2).
 *   At most UICC_TRANSFERS of them are under way on all channels, one more is 6A84.
 *
 * Not offered.  6D00: CREATE FILE, DELETE FILE, RESIZE FILE and what terminates (TS 102 222), GET CHALLENGE,
 * MANAGE SECURE CHANNEL, TRANSACT DATA, SUSPEND UICC, AUTHENTICATE with INS 89 (MBMS, local keys).  9864: AUTHENTICATE
 * in the contexts GBA, VGCS/VBS, HTTP Digest.  6A86: proprietary search (11.1.7), GET IDENTITY in the context of 5G
 * NSWO; 6A81: its SUPIs of type GLI and GCI.
 * In the FCP: 81, the total size (optional); under A5 what the application needs (81, 82), which a package cannot
 * state, the memory for new files (83 of a DF), since none can be made, and C1, C2, which are for CREATE FILE alone.
 * Security attributes: by reference to a FID and a record (9.2.7); the form with security environments cannot be in a
 * package, whose references have at most three octets (PEDefinitions).
 */
#ifndef RSPKIT_EUICC_UICC_H
#define RSPKIT_EUICC_UICC_H

#include "euicc/apdu.h"
#include "euicc/state.h"

enum { UICC_TRANSFERS = 4 };

struct uicc_channel;

/* An object that SET DATA brings in blocks. */
struct uicc_transfer {
    const struct uicc_channel *owner;
    struct arena *arena; /* NULL: the slot is free */
    uint8_t *octets;     /* of the whole object, with tag and length */
    size_t length, n;    /* of all, and those that are there */
    size_t last;         /* where the latest block begins */
};

struct uicc {
    struct euicc_profile *profile; /* NULL: no profile is enabled */
    bool verified[SAIP_PINS_MAX];
    struct uicc_transfer transfers[UICC_TRANSFERS];
    int (*change)(void *context, const struct nvm_record *); /* 0, or -1: nothing changed */
    void *context;
};

/* What a logical channel has selected. */
struct uicc_channel {
    struct saip_file *df, *adf, *ef;
    uint16_t record; /* current record, 0: none */
    struct {
        uint32_t tag;     /* of the object that RETRIEVE DATA gives in blocks, 0: none */
        size_t next, last; /* where the next block begins, and where the latest one began */
        uint32_t changes;  /* of the file when it began: what is given in blocks is of one time */
    } reading;
    struct uicc_transfer *writing; /* what SET DATA brings in blocks, NULL: nothing */
};

/* A new session: nothing verified, every channel at the MF.  Without a profile there is a file system with an MF
 * alone (SGP.22 3.4.3).  To be called once more, without a profile, when the card goes. */
void uicc_start(struct uicc *, struct euicc_profile *);
void uicc_channel_start(const struct uicc *, struct uicc_channel *);
/* The last session of an application has ended: its local PINs are not verified any more. */
void uicc_application_end(struct uicc *, const struct saip_file *adf);

/* Runs a command; response data goes to `out`, the status word is returned.  Data comes with 62xx, too. */
unsigned uicc_command(struct uicc *, struct uicc_channel *, const struct apdu *, struct buf *out);

/* The applications, counted from 0; NULL behind the last. */
struct saip_file *uicc_adf(const struct uicc *, unsigned index);
unsigned uicc_select(struct uicc *, struct uicc_channel *, struct saip_file *, const struct apdu *, struct buf *out);

/* Inside the UICC: may the command do this with the file now?  `mode` is an access-mode bit of EFs
 * (TS 102 221 9.2.2), 0: only a rule that names the command's header allows it. */
enum { ACCESS_READ = 1, ACCESS_UPDATE = 2, ACCESS_DEACTIVATE = 8, ACCESS_ACTIVATE = 0x10 };
bool uicc_allowed(const struct uicc *, const struct uicc_channel *, const struct saip_file *, uint8_t mode,
                  const struct apdu *);

/* Index of a PIN by reference as seen from a channel, -1 if there is none. */
int uicc_pin(const struct uicc *, const struct uicc_channel *, uint8_t reference);
/* Is what this PIN protects open now? */
bool uicc_pin_satisfied(const struct uicc *, int pin);

/* Is the application's PIN verified, or not asked for?  It is the first application PIN (01 to 08) that the ADF's
 * PS_DO names (TS 102 221 9.5.1); what has none is free.  A package cannot define the universal PIN
 * (PINKeyReferenceValue lacks 11). */
bool uicc_application_pin(const struct uicc *, const struct uicc_channel *);

/* Does the EF.UST of the selected application have this service, counted from 1 (TS 31.102 4.2.8)? */
bool uicc_service(const struct uicc_channel *, unsigned number);

unsigned uicc_authenticate(struct uicc *, struct uicc_channel *, const struct apdu *, struct buf *out);
unsigned uicc_get_identity(struct uicc *, struct uicc_channel *, const struct apdu *, struct buf *out);

#endif
