/* Inside the UICC: what its commands share, and the commands (TS 102 221 11.1, 11.3). */
#ifndef RSPKIT_EUICC_UICC_INSIDE_H
#define RSPKIT_EUICC_UICC_INSIDE_H

#include "euicc/uicc.h"

enum { UICC_MF = 0x3F00, UICC_ADF = 0x7FFF, UICC_ARR = 0x2F06, UNIVERSAL_PIN = 0x11 };

/* The file at a path of FIDs, through the current application where it begins with 7FFF; NULL: there is none. */
struct saip_file *uicc_by_path(const struct uicc *, const struct uicc_channel *, struct bytes path, bool from_mf);

/* FCP template (11.1.1.3). */
void uicc_fcp(struct buf *out, const struct uicc *, const struct saip_file *);

/* What a command wants of an EF: the current one, or one of the current DF by its SFI. */
struct uicc_want {
    bool by_sfi;
    uint8_t sfi;
    unsigned types; /* 1 << enum saip_file_type */
    uint8_t mode;   /* ACCESS_.., 0: the command has a rule of its own */
};
/* The EF, if it is there, of this structure, active and open to the command; 0 or a status word. */
unsigned uicc_reach(const struct uicc *, const struct uicc_channel *, struct uicc_want, const struct apdu *,
                    struct saip_file **);
/* Bit 8 of P1 says that an SFI is in the others; any other form of P1 and P2 is `plain`. */
bool uicc_sfi_in_p1(const struct apdu *, struct uicc_want *);
/* The command has succeeded: the EF is the current one now.  A new one has no current record. */
void uicc_use(struct uicc_channel *, struct saip_file *);
/* What goes on in blocks on a channel ends. */
void uicc_blocks_end(struct uicc_channel *);

/* Changes octets of a body. */
int uicc_write(struct uicc *, const struct saip_file *, size_t offset, struct bytes);
/* Four octets, as records number files. */
struct bytes uicc_number(struct arena *, const struct saip_file *);

/* One record of a linear fixed or cyclic file, counted from 1. */
struct bytes uicc_record(const struct saip_file *, unsigned number);
unsigned uicc_records(const struct saip_file *);
enum { TYPES_RECORDS = 1 << SAIP_LINEAR | 1 << SAIP_CYCLIC };

/* As seen from a directory of an application (NULL: none). */
int uicc_pin_from(const struct uicc *, const struct saip_file *df, const struct saip_file *adf, uint8_t reference);

typedef unsigned uicc_run(struct uicc *, struct uicc_channel *, const struct apdu *, struct buf *out);
uicc_run uicc_select_command, uicc_status, uicc_read_binary, uicc_update_binary, uicc_read_record, uicc_update_record,
    uicc_search_record, uicc_increase, uicc_verify, uicc_change_pin, uicc_disable_pin, uicc_enable_pin,
    uicc_unblock_pin, uicc_life_cycle, uicc_retrieve_data, uicc_set_data;

#endif
