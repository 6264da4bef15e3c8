/* SPDX-License-Identifier: Apache-2.0
 *
 * A command APDU on its way to who runs it, and the answer on its way back: TS 102 221 10, SGP.22 5.7.2. */
#include "euicc/core.h"
#include "euicc/misbehave.h"

enum { INS_MANAGE_CHANNEL = 0x70, INS_SELECT = 0xA4, INS_GET_RESPONSE = 0xC0, INS_FETCH = 0x12, INS_STATUS = 0xF2 };

static unsigned run_proprietary(struct euicc *card, unsigned number, const struct apdu *a, struct buf *out)
{
    const struct channel *c = &card->channels[number];
    switch (a->ins) {
    case 0xAA:
        return toolkit_capability(card, a);
    case 0x10:
        return toolkit_profile(card, a);
    case INS_FETCH:
        return toolkit_fetch(card, a, out);
    case 0x14:
        return toolkit_response(card, a);
    case 0xC2:
        return toolkit_envelope(card, a);
    case 0xE2:
        if (!c->isdr)
            return es6_store_data(card, number, a);
        return toolkit_lpa(card) ? isdr_store_data(card, number, a, out) : SW_CONDITIONS;
    case 0xE6:
        return c->isdr || c->ecasd ? SW_WRONG_INS : es6_personalise(card, number, a);
    default:
        return 0;
    }
}

static unsigned dispatch(struct euicc *card, unsigned number, const struct apdu *a, struct buf *out)
{
    struct channel *c = &card->channels[number];
    bool proprietary = a->cla & 0x80;
    if (a->ins == INS_MANAGE_CHANNEL && !proprietary)
        return channel_manage(card, number, a, out);
    if (a->ins == INS_SELECT && a->p1 == 0x04 && !proprietary)
        return channel_select(card, number, a, out);
    unsigned sw = proprietary ? run_proprietary(card, number, a, out) : 0;
    if (sw)
        return sw;
    if (c->isdr || c->ecasd) {
        if (a->ins == INS_STATUS && proprietary)
            return channel_status(card, number, a, out);
        if (a->ins != INS_SELECT)
            return SW_WRONG_INS;
        c->isdr = c->ecasd = false;
    }
    return uicc_command(&card->uicc, &c->uicc, a, out);
}

static void respond(struct arena *a, struct bytes data, unsigned sw, struct bytes *response)
{
    struct buf out = buf_in(a);
    buf_add(&out, data);
    buf_u16(&out, sw);
    *response = buf_bytes(&out);
    if (!response->p)
        *response = BYTES_LIT("\x6F\x00");
}

/* Up to `le` octets of the waiting answer, and how many are left (61xx). */
static void hand_out(struct euicc *card, struct arena *a, int le, struct bytes *response)
{
    size_t n = (size_t)le < card->answer.n ? (size_t)le : card->answer.n;
    struct bytes part = bytes_slice(card->answer, 0, n);
    card->answer = bytes_slice(card->answer, part.n, card->answer.n);
    unsigned left = (unsigned)(card->answer.n < 256 ? card->answer.n : 0);
    respond(a, part, card->answer.n ? SW_MORE | left : card->answer_sw, response);
    if (card->answer.n == 0)
        card->answer = BYTES_NONE;
}

/* Class 0x by TS 102 221, 8x by some LPAs; only right after the answer, on its channel. */
static unsigned response_check(const struct euicc *card, unsigned number, const struct apdu *a)
{
    if (!card->answer.p || card->answer_channel != number)
        return SW_CONDITIONS;
    if (a->p1 || a->p2)
        return SW_WRONG_P1P2;
    return a->data.n || !a->le ? SW_WRONG_LENGTH : 0;
}

static void get_response(struct euicc *card, struct arena *a, unsigned number, const struct apdu *apdu,
                         struct bytes *response)
{
    unsigned sw = response_check(card, number, apdu);
    if (!sw) {
        hand_out(card, a, apdu->le, response);
        return;
    }
    card->answer = BYTES_NONE;
    respond(a, BYTES_NONE, sw, response);
}

static void run(struct euicc *card, struct arena *a, unsigned number, const struct apdu *apdu, struct bytes *response)
{
    arena_reset(card->outgoing);
    struct buf out = buf_in(card->outgoing);
    unsigned sw = dispatch(card, number, apdu, &out);
    bool good = sw >> 8 == 0x90 || sw >> 8 == 0x91, blocks = sw == SW_MORE_AVAILABLE || sw == SW_MORE_EXPECTED;
    if (good && apdu->ins != INS_FETCH && toolkit_waiting(card))
        sw = SW_PROACTIVE | toolkit_waiting(card);
    if (blocks && toolkit_waiting(card))
        sw++; /* TS 102 221 10.2.1.3 */
    if (out.n == 0 || !(good || sw >> 8 == 0x62)) {
        respond(a, BYTES_NONE, out.failed ? SW_INTERNAL : sw, response);
        return;
    }
    card->answer = buf_bytes(&out);
    card->answer_channel = number;
    card->answer_sw = sw;
    hand_out(card, a, apdu->le, response);
}

static void answer(struct euicc *card, struct arena *a, struct bytes command, struct bytes *response)
{
    struct apdu apdu;
    unsigned sw = apdu_parse(command, &apdu) != 0 ? SW_WRONG_LENGTH : apdu_class(apdu.cla);
    unsigned number = apdu_channel(apdu.cla);
    if (!sw && !card->channels[number].open)
        sw = SW_CHANNEL_UNSUPPORTED;
    if (!sw && apdu.ins == INS_GET_RESPONSE) {
        get_response(card, a, number, &apdu, response);
        return;
    }
    card->answer = BYTES_NONE;
    if (sw)
        respond(a, BYTES_NONE, sw, response);
    else
        run(card, a, number, &apdu, response);
}

void euicc_apdu(struct euicc *card, struct arena *a, struct bytes command, struct bytes *response)
{
    if (misbehave_command(card, a, &command, response))
        return;
    answer(card, a, command, response);
    misbehave_response(card, a, command, response);
}
