/* SPDX-License-Identifier: Apache-2.0
 *
 * STORE DATA on the ISD-R: blocks into commands, commands to functions (SGP.22 5.7.2). */
#include "asn1/tlv.h"
#include "euicc/core.h"
#include "euicc/misbehave.h"

static const struct {
    uint32_t tag;
    es10_handler *run;
} functions[] = {
    { 0xBF3C, es10a_get_configured_addresses },
    { 0xBF3F, es10a_set_default_dp_address },
    { 0xBF20, es10b_get_info1 },
    { 0xBF22, es10b_get_info2 },
    { 0xBF2E, es10b_get_challenge },
    { 0xBF38, es10b_authenticate_server },
    { 0xBF21, es10b_prepare_download },
    { 0xBF41, es10b_cancel_session },
    { 0xBF28, es10b_list_notification },
    { 0xBF2B, es10b_retrieve_notifications },
    { 0xBF30, es10b_remove_notification },
    { 0xBF35, es10b_load_crl },
    { 0xBF43, es10b_get_rat },
    { 0xBF42, es10_lpae_activation },
    { 0xBF2D, es10c_get_profiles_info },
    { 0xBF31, es10c_enable },
    { 0xBF32, es10c_disable },
    { 0xBF33, es10c_delete },
    { 0xBF34, es10c_memory_reset },
    { 0xBF3E, es10c_get_eid },
    { 0xBF29, es10c_set_nickname },
};

static es10_handler *find(uint32_t tag)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (functions[i].tag == tag)
            return functions[i].run;
    return NULL;
}

unsigned es10_decode(struct arena *a, const struct asn1_type *type, struct bytes command, void *out)
{
    return asn1_decode(a, type, command, ASN1_WIRE, out, NULL) == 0 ? 0 : SW_BAD_DATA;
}

unsigned es10_answer(struct arena *a, const struct asn1_type *type, const void *value, struct buf *out)
{
    struct bytes der;
    if (asn1_encode(a, type, value, &der, NULL) != 0)
        return SW_INTERNAL;
    buf_add(out, der);
    return SW_OK;
}

/* What a segment of a BPP may begin with while one is being loaded, or to begin one. */
static bool is_segment(const struct euicc *card, uint32_t tag)
{
    bool inner = tag == 0xA0 || tag == 0xA1 || tag == 0xA2 || tag == 0xA3 || tag == 0x86 || tag == 0x88;
    return tag == 0xBF36 || (inner && card->session.step != LOAD_NONE);
}

static bool bpp_part(uint32_t tag)
{
    return tag == 0xA0 || tag == 0xA1 || tag == 0xA2 || tag == 0xA3 || tag == 0x86 || tag == 0x88 || tag == 0x87;
}

static unsigned function(struct euicc *card, uint32_t tag, struct bytes command, struct buf *out)
{
    struct cursor c = cursor_over(command);
    struct tlv tlv;
    if (is_segment(card, tag))
        return es8p_segment(card, card->outgoing, command, out);
    if (bpp_part(tag))
        return SW_CONDITIONS; /* no BPP is being loaded (5.7.6) */
    es10_handler *handler = find(tag);
    bool whole = tlv_next(&c, ASN1_WIRE, &tlv, NULL) == 0 && cursor_done(&c);
    /* during a download an unknown tag may begin a segment, of which more is to come (3.1.5) */
    if (tag && !handler && (whole || card->session.prepared))
        return SW_REFERENCE_NOT_FOUND;
    return whole ? handler(card, card->outgoing, command, out) : SW_BAD_DATA;
}

static unsigned run(struct euicc *card, struct bytes command, struct buf *out)
{
    struct cursor c = cursor_over(command);
    uint32_t tag = tlv_peek(&c);
    unsigned sw = misbehave_function(card, card->outgoing, tag, &command, out);
    return sw ? sw : misbehave_result(card, card->outgoing, tag, function(card, tag, command, out), out);
}

/* ------------------------------------------------------------- commands without answer */

/* EnableProfile, DisableProfile and DeleteProfile have a form without response data: what the result would be, as a
 * status word (5.7.16 to 5.7.18). */
static const struct {
    uint8_t result;
    unsigned sw;
} results[] = { { 0, SW_OK },         { 1, SW_NOT_FOUND },  { 2, SW_CONDITIONS },
                { 3, SW_CONDITIONS }, { 4, SW_CONDITIONS }, { 5, SW_CAT_BUSY } };

static bool has_case_3(struct bytes command)
{
    struct cursor c = cursor_over(command);
    uint32_t tag = tlv_peek(&c);
    return tag == 0xBF31 || tag == 0xBF32 || tag == 0xBF33;
}

static unsigned run_case_3(struct euicc *card, struct bytes command)
{
    struct buf answer = buf_in(card->outgoing);
    if (!has_case_3(command))
        return SW_WRONG_P1P2;
    unsigned sw = run(card, command, &answer);
    if (sw != SW_OK)
        return sw;
    for (size_t i = 0; answer.n && i < sizeof results / sizeof *results; i++)
        if (results[i].result == answer.p[answer.n - 1])
            return results[i].sw;
    return SW_INTERNAL;
}

/* -------------------------------------------------------------------------------- blocks */

void isdr_forget(struct euicc *card)
{
    card->assembling = false;
    arena_reset(card->incoming);
}

/* P2 counts the blocks of a command from 0, and after 255 goes on with 0.  A block 0 in any other place begins a
 * command anew. */
static bool goes_on(const struct euicc *card, unsigned channel, unsigned p2)
{
    return card->assembling && card->command_channel == channel && (p2 != 0 || (card->next_block & 0xFF) == 0);
}

unsigned isdr_assemble(struct euicc *card, unsigned channel, const struct apdu *a, struct bytes *command)
{
    *command = BYTES_NONE;
    if (!goes_on(card, channel, a->p2)) {
        isdr_forget(card);
        card->command = buf_in(card->incoming);
        card->next_block = 0;
        card->assembling = true;
        card->command_channel = channel;
    }
    if (a->p2 != (card->next_block & 0xFF) || card->command.n + a->data.n > COMMAND_MAX) {
        unsigned sw = card->command.n + a->data.n > COMMAND_MAX ? SW_NO_MEMORY : SW_WRONG_P1P2;
        isdr_forget(card);
        return sw;
    }
    card->next_block++;
    buf_add(&card->command, a->data);
    if (!(a->p1 & 0x80))
        return 0;
    *command = buf_bytes(&card->command);
    if (command->n)
        return 0;
    isdr_forget(card);
    return SW_BAD_DATA;
}

unsigned isdr_store_data(struct euicc *card, unsigned channel, const struct apdu *a, struct buf *out)
{
    struct bytes command;
    bool case_3 = a->p1 == 0x90;
    if ((a->p1 != 0x11 && a->p1 != 0x91 && !case_3) || (case_3 && a->p2 != 0)) {
        isdr_forget(card);
        return SW_WRONG_P1P2;
    }
    unsigned sw = isdr_assemble(card, channel, a, &command);
    if (sw || !command.p)
        return sw ? sw : SW_OK;
    sw = case_3 ? run_case_3(card, command) : run(card, command, out);
    isdr_forget(card);
    return sw;
}
