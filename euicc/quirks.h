/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside misbehave.c: one quirk is one row, whose hooks are called at the card's points. */
#ifndef RSPKIT_EUICC_QUIRKS_H
#define RSPKIT_EUICC_QUIRKS_H

#include "euicc/core.h"
#include "euicc/misbehave.h"

/* One APDU, or one ES10 command, on its way. */
struct quirk_call {
    struct euicc *card;
    struct misbehave *all;
    struct arena *arena;
    struct bytes command, response; /* APDUs: with the status word */
    uint32_t tag;                   /* of an ES10 command */
    unsigned sw;                    /* of its answer, the octets being in `response` */
};

enum quirk_value { VALUE_NONE, VALUE_NUMBER, VALUE_OCTETS, VALUE_STATUS };

struct quirk {
    const char *name;
    enum quirk_value value;
    const char *what;
    /* Before an APDU: may change the command; true: `response` stands and the card does not get it. */
    bool (*command)(struct misbehaviour *, struct quirk_call *);
    void (*response)(struct misbehaviour *, struct quirk_call *);
    /* The same for an ES10 command; `sw` and `response` stand. */
    bool (*function)(struct misbehaviour *, struct quirk_call *);
    void (*result)(struct misbehaviour *, struct quirk_call *);
    bool (*power)(struct misbehaviour *); /* before a write; false: it is gone */
    void (*up)(struct misbehaviour *);
    size_t (*memory)(const struct misbehaviour *, size_t free);
    void (*info)(const struct misbehaviour *, struct arena *, struct rsp_EUICCInfo2 *);
    int64_t (*install)(const struct misbehaviour *, struct arena *, const struct saip_package *);
};

/* The last two octets, as a number; and a response of a status word alone. */
unsigned quirk_sw(struct bytes response);
struct bytes quirk_status(struct arena *, unsigned sw);

/* quirks_apdu.c */
bool quirk_cut_apdu(struct misbehaviour *, struct quirk_call *),
    quirk_delay(struct misbehaviour *, struct quirk_call *),
    quirk_status_instead(struct misbehaviour *, struct quirk_call *),
    quirk_always_61(struct misbehaviour *, struct quirk_call *),
    quirk_pieces(struct misbehaviour *, struct quirk_call *),
    quirk_no_le(struct misbehaviour *, struct quirk_call *),
    quirk_get_response_0x(struct misbehaviour *, struct quirk_call *),
    quirk_get_response_8x(struct misbehaviour *, struct quirk_call *),
    quirk_no_capability(struct misbehaviour *, struct quirk_call *),
    quirk_capability_first(struct misbehaviour *, struct quirk_call *),
    quirk_no_channels(struct misbehaviour *, struct quirk_call *),
    quirk_sgp02_command(struct misbehaviour *, struct quirk_call *),
    quirk_exact_le_command(struct misbehaviour *, struct quirk_call *);
void quirk_cut_answer(struct misbehaviour *, struct quirk_call *),
    quirk_status_after(struct misbehaviour *, struct quirk_call *),
    quirk_exact_le(struct misbehaviour *, struct quirk_call *),
    quirk_sgp02_response(struct misbehaviour *, struct quirk_call *);
bool quirk_cut_write(struct misbehaviour *);
void quirk_forget(struct misbehaviour *);

/* quirks_es10.c */
bool quirk_refresh_never(struct misbehaviour *, struct quirk_call *),
    quirk_refresh_always(struct misbehaviour *, struct quirk_call *),
    quirk_only_aid(struct misbehaviour *, struct quirk_call *),
    quirk_only_iccid(struct misbehaviour *, struct quirk_call *),
    quirk_busy(struct misbehaviour *, struct quirk_call *),
    quirk_one_by_one(struct misbehaviour *, struct quirk_call *),
    quirk_after_result(struct misbehaviour *, struct quirk_call *);
void quirk_closes_channels(struct misbehaviour *, struct quirk_call *),
    quirk_number_unsigned(struct misbehaviour *, struct quirk_call *),
    quirk_number_long(struct misbehaviour *, struct quirk_call *),
    quirk_reversed(struct misbehaviour *, struct quirk_call *),
    quirk_result_held(struct misbehaviour *, struct quirk_call *);
size_t quirk_memory(const struct misbehaviour *, size_t free),
    quirk_memory_full(const struct misbehaviour *, size_t free);
void quirk_rules_untold(const struct misbehaviour *, struct arena *, struct rsp_EUICCInfo2 *);

/* quirks_vendor.c */
size_t quirk_vendor_memory(const struct misbehaviour *, size_t free);
void quirk_vendor_info(const struct misbehaviour *, struct arena *, struct rsp_EUICCInfo2 *),
    quirk_boasts(const struct misbehaviour *, struct arena *, struct rsp_EUICCInfo2 *);
int64_t quirk_vendor_install(const struct misbehaviour *, struct arena *, const struct saip_package *);

#endif
