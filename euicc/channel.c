/* SPDX-License-Identifier: Apache-2.0
 *
 * Logical channels and what is selected on them: TS 102 221 8.4, 8.5, 11.1.1, 11.1.17; SGP.22 5.7.1. */
#include "asn1/tlv.h"
#include "euicc/core.h"
#include "euicc/misbehave.h"

static const uint8_t AID_ISDR[] = { 0xA0, 0, 0, 5, 0x59, 0x10, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x89, 0, 0, 1, 0 };
static const uint8_t AID_ECASD[] = { 0xA0, 0, 0, 5, 0x59, 0x10, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x89, 0, 0, 2, 0 };
static const uint8_t SVN[] = { 2, 5, 0 };

/* -------------------------------------------------------------------- MANAGE CHANNEL */

/* The channel is another application's, or none's, from now on: was it the last one of this? */
static void application_left(struct euicc *card, const struct saip_file *adf)
{
    for (unsigned i = 0; adf && i < CHANNELS; i++)
        if (card->channels[i].open && card->channels[i].uicc.adf == adf)
            return;
    if (adf)
        uicc_application_end(&card->uicc, adf);
}

/* P2 = 0 means the channel that the command came on (7816-4 11.1.2); the basic one stays. */
static unsigned close_channel(struct euicc *card, unsigned from, const struct apdu *a)
{
    unsigned n = a->p2 ? a->p2 : from;
    if (n == 0 || n >= CHANNELS || !card->channels[n].open)
        return SW_CHANNEL_UNSUPPORTED;
    card->channels[n].open = false;
    application_left(card, card->channels[n].uicc.adf);
    return SW_OK;
}

/* A channel opened from the basic one begins at the MF, from another one where that is (TS 102 221 11.1.17.1). */
static void begin_channel(struct euicc *card, unsigned n, unsigned from)
{
    struct channel *c = &card->channels[n];
    *c = (struct channel){ .open = true };
    uicc_channel_start(&card->uicc, &c->uicc);
    if (from != 0)
        *c = card->channels[from];
    c->uicc.ef = NULL;
    c->uicc.record = 0;
    c->uicc.reading.tag = 0;
    c->uicc.writing = NULL;
}

unsigned channel_manage(struct euicc *card, unsigned from, const struct apdu *a, struct buf *out)
{
    if (a->data.n)
        return SW_WRONG_LENGTH;
    if (a->p1 == 0x80)
        return close_channel(card, from, a);
    if (a->p1 != 0 || a->p2 >= CHANNELS)
        return SW_WRONG_P1P2;
    unsigned n = a->p2 ? a->p2 : 1;
    while (a->p2 == 0 && n < CHANNELS && card->channels[n].open)
        n++;
    if (n == CHANNELS || card->channels[n].open)
        return SW_NOT_SUPPORTED;
    begin_channel(card, n, from);
    if (a->p2 == 0)
        buf_u8(out, n);
    return SW_OK;
}

/* -------------------------------------------------------------------- SELECT by AID */

/* What an AID can name, in the order of the occurrences: ISD-R, ECASD, then the ADFs. */
struct application {
    struct bytes aid;
    struct saip_file *adf; /* NULL: none, it has no files */
};

enum { ISDR, ECASD, FIRST_ADF };

static struct bytes isdr_aid(const struct euicc *card)
{
    return misbehave_isdr(card->env.misbehave, BYTES_OF(AID_ISDR));
}

static struct application application_at(const struct euicc *card, unsigned index)
{
    if (index == ISDR)
        return (struct application){ isdr_aid(card), NULL };
    if (index == ECASD)
        return (struct application){ BYTES_OF(AID_ECASD), NULL };
    struct saip_file *adf = uicc_adf(&card->uicc, index - FIRST_ADF);
    return adf ? (struct application){ adf->aid, adf } : (struct application){ 0 };
}

static int current_application(const struct euicc *card, const struct channel *c)
{
    if (c->isdr || c->ecasd)
        return c->isdr ? ISDR : ECASD;
    for (unsigned i = FIRST_ADF; c->uicc.adf && application_at(card, i).aid.p; i++)
        if (application_at(card, i).adf == c->uicc.adf)
            return (int)i;
    return -1;
}

/* Five octets name at least the provider (TS 101 220). */
static bool names(struct bytes given, struct bytes aid)
{
    return given.n >= 5 && given.n <= aid.n && bytes_equal(bytes_slice(aid, 0, given.n), given);
}

/* P2 b2 b1: which of those whose AID begins so (TS 102 221 11.1.1.2). */
enum occurrence { OCCURRENCE_FIRST, OCCURRENCE_LAST, OCCURRENCE_NEXT, OCCURRENCE_PREVIOUS };

static int find_application(const struct euicc *card, const struct channel *c, struct bytes given,
                            enum occurrence occurrence)
{
    int now = current_application(card, c), found = -1;
    for (unsigned i = 0; application_at(card, i).aid.p; i++) {
        bool fits = names(given, application_at(card, i).aid);
        if (occurrence == OCCURRENCE_NEXT)
            fits = fits && (int)i > now;
        if (occurrence == OCCURRENCE_PREVIOUS)
            fits = fits && (int)i < now;
        if (fits && (found < 0 || occurrence == OCCURRENCE_LAST || occurrence == OCCURRENCE_PREVIOUS))
            found = (int)i;
    }
    return found;
}

/* FCI; that of the ISD-R has the SVN, by which an LPA knows a card of SGP.22 (5.7.1). */
static void add_fci(const struct euicc *card, struct buf *out, int application)
{
    struct buf own = buf_in(out->arena), all = buf_in(out->arena);
    tlv_add(&own, 0x82, BYTES_OF(SVN));
    tlv_add(&all, 0x84, application_at(card, (unsigned)application).aid);
    tlv_add(&all, 0xA5, BYTES_LIT("\x9F\x65\x01\xFF"));
    if (application == ISDR)
        tlv_add(&all, 0xE0, buf_bytes(&own));
    tlv_add(out, 0x6F, buf_bytes(&all));
}

static void forget_application(struct euicc *card, struct channel *c)
{
    const struct saip_file *adf = c->uicc.adf;
    c->isdr = c->ecasd = false;
    uicc_channel_start(&card->uicc, &c->uicc);
    application_left(card, adf);
}

/* P2 b8 to b5: 000x activates, 0100 ends the application's session; b4 b3: FCI, FCP or nothing, 10 is for others. */
static bool p2_is_known(uint8_t p2)
{
    uint8_t session = p2 & 0xF0;
    return (session == 0x00 || session == 0x40) && (p2 & 0x0C) != 0x08;
}

unsigned channel_select(struct euicc *card, unsigned number, const struct apdu *a, struct buf *out)
{
    struct channel *c = &card->channels[number];
    if (!p2_is_known(a->p2))
        return SW_WRONG_P1P2;
    int i = find_application(card, c, a->data, a->p2 & 3);
    if (i < 0)
        return SW_NOT_FOUND;
    if (a->p2 & 0x40) {
        if (i != current_application(card, c))
            return SW_CONDITIONS;
        forget_application(card, c);
        return SW_OK;
    }
    c->isdr = i == ISDR;
    c->ecasd = i == ECASD;
    if (i >= FIRST_ADF) {
        const struct saip_file *before = c->uicc.adf;
        unsigned sw = uicc_select(&card->uicc, &c->uicc, application_at(card, (unsigned)i).adf, a, out);
        application_left(card, before);
        return sw;
    }
    if ((a->p2 & 0x0C) != 0x0C)
        add_fci(card, out, i);
    return SW_OK;
}

unsigned channel_status(const struct euicc *card, unsigned number, const struct apdu *a, struct buf *out)
{
    const struct channel *c = &card->channels[number];
    int application = c->isdr ? ISDR : ECASD;
    if (a->p1 > 2)
        return SW_WRONG_P1P2;
    if (a->p2 == 0x00)
        add_fci(card, out, application);
    else if (a->p2 == 0x01)
        tlv_add(out, 0x84, application_at(card, (unsigned)application).aid);
    else if (a->p2 != 0x0C)
        return SW_WRONG_P1P2;
    return SW_OK;
}
