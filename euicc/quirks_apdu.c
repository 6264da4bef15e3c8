/* SPDX-License-Identifier: Apache-2.0
 *
 * Quirks of power and transport. */
#include "asn1/tlv.h"
#include "euicc/quirks.h"

enum { INS_MANAGE_CHANNEL = 0x70, INS_SELECT = 0xA4, INS_CAPABILITY = 0xAA, INS_GET_RESPONSE = 0xC0, INS_STORE = 0xE2 };

static uint8_t octet(const struct quirk_call *c, size_t i)
{
    return i < c->command.n ? c->command.p[i] : 0;
}

static bool is_ins(const struct quirk_call *c, uint8_t ins)
{
    return octet(c, 1) == ins;
}

static bool answer(struct quirk_call *c, unsigned sw)
{
    c->response = quirk_status(c->arena, sw);
    return true;
}

/* The n-th from when it was asked for; then never again. */
static bool nth(struct misbehaviour *x, uint64_t n)
{
    return ++x->count == n;
}

/* -------------------------------------------------------------------------- power and time */

bool quirk_cut_apdu(struct misbehaviour *x, struct quirk_call *c)
{
    c->all->dead = nth(x, x->number[0]);
    return false;
}

void quirk_cut_answer(struct misbehaviour *x, struct quirk_call *c)
{
    c->all->dead = nth(x, x->number[0]);
}

bool quirk_cut_write(struct misbehaviour *x)
{
    return !nth(x, x->number[0]);
}

bool quirk_delay(struct misbehaviour *x, struct quirk_call *c)
{
    c->all->waited += x->number[0];
    if (c->all->wait)
        c->all->wait(c->all->context, x->number[0]);
    return false;
}

/* -------------------------------------------------------------------------- status words */

/* 9xxx, 61xx, 62xx and 63xx are answers of commands that were done. */
static bool is_done(uint64_t sw)
{
    return sw >> 12 == 9 || (sw >> 8 >= 0x61 && sw >> 8 <= 0x63);
}

static bool matches(const struct misbehaviour *x, const struct quirk_call *c)
{
    return x->number[0] > 0xFF || is_ins(c, (uint8_t)x->number[0]);
}

bool quirk_status_instead(struct misbehaviour *x, struct quirk_call *c)
{
    if (!matches(x, c))
        return false;
    x->on = nth(x, x->number[2]) || x->number[2] == 0;
    return x->on && !is_done(x->number[1]) && answer(c, (unsigned)x->number[1]);
}

void quirk_status_after(struct misbehaviour *x, struct quirk_call *c)
{
    struct buf out = buf_in(c->arena);
    if (!x->on || !matches(x, c) || c->response.n < 2)
        return;
    buf_add(&out, bytes_slice(c->response, 0, c->response.n - 2));
    buf_u16(&out, (unsigned)x->number[1]);
    c->response = buf_bytes(&out);
}

/* ----------------------------------------------------------------------- Le and 61xx, 6Cxx */

/* The place of Le in a command, 0 if it has none. */
static size_t le_at(struct bytes command)
{
    struct apdu a;
    return apdu_parse(command, &a) == 0 && a.le ? command.n - 1 : 0;
}

static void without_le(struct quirk_call *c)
{
    if (le_at(c->command))
        c->command.n--;
}

bool quirk_always_61(struct misbehaviour *x, struct quirk_call *c)
{
    (void)x;
    if (!is_ins(c, INS_GET_RESPONSE) && c->command.n > 5)
        without_le(c);
    return false;
}

bool quirk_pieces(struct misbehaviour *x, struct quirk_call *c)
{
    size_t at = le_at(c->command);
    struct buf out = buf_in(c->arena);
    if (!at || x->number[0] == 0 || x->number[0] > 255 || (c->command.p[at] && c->command.p[at] <= x->number[0]))
        return false;
    buf_add(&out, bytes_slice(c->command, 0, at));
    buf_u8(&out, (unsigned)x->number[0]);
    c->command = buf_bytes(&out);
    return false;
}

/* The first time the data stay where they are; asked again with the length, they are given. */
bool quirk_exact_le_command(struct misbehaviour *x, struct quirk_call *c)
{
    size_t at = le_at(c->command);
    if (!x->on || !at || is_ins(c, INS_GET_RESPONSE))
        return false;
    x->on = false;
    if (c->command.p[at] != c->card->answer.n)
        return false;
    const uint8_t get[] = { octet(c, 0), INS_GET_RESPONSE, 0, 0, c->command.p[at] };
    c->command = arena_copy(c->arena, BYTES_OF(get));
    return false;
}

void quirk_exact_le(struct misbehaviour *x, struct quirk_call *c)
{
    size_t at = le_at(c->command), n = c->response.n - 2;
    if (c->response.n <= 2 || n > 255 || !at || c->command.p[at] || is_ins(c, INS_GET_RESPONSE) || c->card->answer.n)
        return;
    c->card->answer = arena_copy(c->card->outgoing, bytes_slice(c->response, 0, n));
    c->response = quirk_status(c->arena, SW_WRONG_LE | (unsigned)n);
    x->on = true;
}

bool quirk_no_le(struct misbehaviour *x, struct quirk_call *c)
{
    (void)x;
    return is_ins(c, INS_STORE) && le_at(c->command) && answer(c, SW_WRONG_LENGTH);
}

bool quirk_get_response_0x(struct misbehaviour *x, struct quirk_call *c)
{
    (void)x;
    return is_ins(c, INS_GET_RESPONSE) && octet(c, 0) & 0x80 && answer(c, SW_WRONG_CLA);
}

bool quirk_get_response_8x(struct misbehaviour *x, struct quirk_call *c)
{
    (void)x;
    return is_ins(c, INS_GET_RESPONSE) && !(octet(c, 0) & 0x80) && answer(c, SW_WRONG_CLA);
}

/* ------------------------------------------------------------------------------- start-up */

void quirk_forget(struct misbehaviour *x)
{
    x->on = false;
}

bool quirk_no_capability(struct misbehaviour *x, struct quirk_call *c)
{
    (void)x;
    return is_ins(c, INS_CAPABILITY) && answer(c, SW_WRONG_CLA);
}

bool quirk_capability_first(struct misbehaviour *x, struct quirk_call *c)
{
    x->on = x->on || is_ins(c, INS_CAPABILITY);
    return !x->on && is_ins(c, INS_SELECT) && octet(c, 2) == 4 && answer(c, SW_NOT_FOUND);
}

bool quirk_no_channels(struct misbehaviour *x, struct quirk_call *c)
{
    (void)x;
    return is_ins(c, INS_MANAGE_CHANNEL) && answer(c, SW_CHANNEL_UNSUPPORTED);
}

bool quirk_sgp02_command(struct misbehaviour *x, struct quirk_call *c)
{
    (void)x;
    return is_ins(c, INS_STORE) && answer(c, SW_REFERENCE_NOT_FOUND);
}

/* FCI of the ISD-R without the template of SGP.22 5.7.1. */
void quirk_sgp02_response(struct misbehaviour *x, struct quirk_call *c)
{
    struct buf inner = buf_in(c->arena), out = buf_in(c->arena);
    struct tlv fci = tlv_find(bytes_slice(c->response, 0, c->response.n - 2), 0x6F);
    (void)x;
    if (!is_ins(c, INS_SELECT) || !tlv_find(fci.value, 0xE0).value.p)
        return;
    tlv_add(&inner, 0x84, tlv_find(fci.value, 0x84).value);
    tlv_add(&inner, 0xA5, tlv_find(fci.value, 0xA5).value);
    tlv_add(&out, 0x6F, buf_bytes(&inner));
    buf_u16(&out, quirk_sw(c->response));
    c->response = buf_bytes(&out);
}
