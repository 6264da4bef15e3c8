/* SPDX-License-Identifier: Apache-2.0
 *
 * What an eUICC needs of the card application toolkit: it learns what the device can do, and asks for REFRESH when the
 * profiles change (SGP.22 3.4.1, 3.4.2, 5.7.16; TS 102 221 11.1.19, 11.2; TS 102 223 5.2, 6.4.7, 6.8). */
#include "asn1/tlv.h"
#include "euicc/core.h"

/* -------------------------------------------------------------- what the device can do */

static unsigned header_check(const struct apdu *a)
{
    return a->p1 || a->p2 ? SW_WRONG_P1P2 : 0;
}

unsigned toolkit_capability(struct euicc *card, const struct apdu *a)
{
    struct cursor c = cursor_over(a->data);
    struct tlv all;
    if (header_check(a))
        return SW_WRONG_P1P2;
    if (a->data.n == 0)
        return SW_WRONG_LENGTH;
    if (tlv_next(&c, ASN1_WIRE, &all, NULL) != 0 || !cursor_done(&c) || all.tag != 0xA9)
        return SW_BAD_DATA;
    struct bytes lpa = tlv_find(all.value, 0x83).value;
    card->terminal.capable_told = true;
    card->terminal.has_lpa = lpa.n && (lpa.p[0] & 7);
    return SW_OK;
}

bool toolkit_lpa(const struct euicc *card)
{
    return !card->terminal.capable_told || card->terminal.has_lpa;
}

unsigned toolkit_profile(struct euicc *card, const struct apdu *a)
{
    struct terminal *t = &card->terminal;
    if (header_check(a))
        return SW_WRONG_P1P2;
    if (a->data.n == 0)
        return SW_WRONG_LENGTH;
    memset(t->profile, 0, sizeof t->profile);
    memcpy(t->profile, a->data.p, a->data.n < sizeof t->profile ? a->data.n : sizeof t->profile);
    t->profile_told = true;
    t->profile_used_up = false;
    return SW_OK;
}

/* Octet and bit as TS 102 223 5.2 counts them, from 1. */
static bool device_has(const struct euicc *card, size_t octet, unsigned bit)
{
    return card->terminal.profile[octet - 1] >> (bit - 1) & 1;
}

/* --------------------------------------------------------------------------- REFRESH */

enum { COMMAND_NUMBER = 1, COMMAND_REFRESH = 0x01, MODE_UICC_RESET = 4, MODE_PROFILE_STATE_CHANGE = 9 };

/* A device that has not told its TERMINAL PROFILE gets the mode that every device has (SGP.22 C.1, DEV4); one that has
 * no REFRESH at all is not asked: then the next reset changes the profiles. */
static bool may_refresh(const struct euicc *card)
{
    return !card->terminal.profile_told || (!card->terminal.profile_used_up && device_has(card, 3, 8));
}

static void proactive_command(const struct euicc *card, struct buf *out)
{
    uint8_t mode = device_has(card, 34, 6) ? MODE_PROFILE_STATE_CHANGE : MODE_UICC_RESET;
    const uint8_t details[] = { COMMAND_NUMBER, COMMAND_REFRESH, mode }, devices[] = { 0x81, 0x82 };
    struct buf inside = buf_in(out->arena);
    tlv_add(&inside, 0x81, BYTES_OF(details));
    tlv_add(&inside, 0x82, BYTES_OF(devices));
    tlv_add(out, 0xD0, buf_bytes(&inside));
}

enum { REFRESH_OCTETS = 11 };

unsigned toolkit_waiting(const struct euicc *card)
{
    return card->refresh_waiting && !card->refresh_fetched && may_refresh(card) ? REFRESH_OCTETS : 0;
}

unsigned toolkit_fetch(struct euicc *card, const struct apdu *a, struct buf *out)
{
    if (header_check(a))
        return SW_WRONG_P1P2;
    if (!card->refresh_waiting || !may_refresh(card))
        return SW_CONDITIONS;
    if (a->data.n)
        return SW_WRONG_LENGTH;
    if (a->le != 256 && a->le != REFRESH_OCTETS)
        return SW_WRONG_LE | REFRESH_OCTETS;
    card->refresh_fetched = true;
    proactive_command(card, out);
    return SW_OK;
}

/* A comprehension TLV: its tag with or without the flag. */
static struct bytes data_object(struct bytes data, uint32_t tag)
{
    struct bytes flagged = tlv_find(data, tag | 0x80).value;
    return flagged.p ? flagged : tlv_find(data, tag).value;
}

unsigned toolkit_response(struct euicc *card, const struct apdu *a)
{
    struct bytes details = data_object(a->data, 0x01), result = data_object(a->data, 0x03);
    if (header_check(a))
        return SW_WRONG_P1P2;
    if (a->data.n == 0)
        return SW_WRONG_LENGTH;
    if (!card->refresh_fetched)
        return SW_CONDITIONS;
    if (details.n != 3 || details.p[0] != COMMAND_NUMBER || details.p[1] != COMMAND_REFRESH || result.n == 0)
        return SW_BAD_DATA;
    card->refresh_waiting = card->refresh_fetched = false;
    if (result.p[0] >> 4 >= 2) /* the terminal could not: all stays as it was (SGP.22 5.7.16) */
        return change_dropped(card) == 0 ? SW_OK : SW_INTERNAL;
    if (change_done(card) != 0)
        return SW_INTERNAL;
    card->terminal.profile_used_up = card->terminal.profile_told;
    card_switch(card);
    return SW_OK;
}

/* -------------------------------------------------------------------------- ENVELOPE */

/* No application of the toolkit is on the card: what is well formed is taken, and nobody listens. */
unsigned toolkit_envelope(struct euicc *card, const struct apdu *a)
{
    struct cursor c = cursor_over(a->data);
    struct tlv t;
    (void)card;
    if (header_check(a))
        return SW_WRONG_P1P2;
    if (a->data.n == 0)
        return SW_WRONG_LENGTH;
    bool known = tlv_next(&c, ASN1_WIRE, &t, NULL) == 0 && cursor_done(&c) && t.tag >= 0xD1 && t.tag <= 0xE4;
    return known ? SW_OK : SW_BAD_DATA;
}
