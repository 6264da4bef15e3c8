/* SPDX-License-Identifier: Apache-2.0
 *
 * APDUs: SGP.22 5.7.2, TS 102 221 10.1, 11.1. */
#include "asn1/tlv.h"
#include "lpa/core.h"

enum { RESPONSE_MAX = 1 << 20, MORE_MAX = 8192, CHANNELS = 20 };

static const uint8_t ISDR[] = { 0xA0, 0, 0, 5, 0x59, 0x10, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x89, 0, 0, 1, 0 };

enum lpa_end lpa_fail(enum lpa_end end, struct err *e, const char *what, const char *next)
{
    err_set(e, ERR_PEER, NULL, "%s%s%s", what, next ? "; next: " : "", next ? next : "");
    return end;
}

void lpa_progress(struct lpa *l, const char *step, size_t done, size_t total)
{
    if (l->env.progress)
        l->env.progress(l->env.context, step, done, total);
}

enum lpa_end es10_exchange(struct lpa *l, struct bytes command, struct bytes *data, unsigned *sw, struct err *e)
{
    struct bytes response;
    if (l->env.transmit(l->env.context, l->arena, command, &response, e) != 0)
        return LPA_READER;
    if (response.n < 2)
        return lpa_fail(LPA_READER, e, "the reader gave an answer without status word", "reset the card");
    *data = bytes_slice(response, 0, response.n - 2);
    *sw = (unsigned)response.p[response.n - 2] << 8 | response.p[response.n - 1];
    return LPA_DONE;
}

/* TS 102 221 10.1.1: channels from 4 on have a coding of their own. */
static uint8_t class_of(const struct lpa *l, bool proprietary)
{
    uint8_t channel = l->channel < 4 ? l->channel : (uint8_t)(0x40 | (l->channel - 4));
    return proprietary ? 0x80 | channel : channel;
}

/* GET RESPONSE: TS 102 221 has it in the class of the channel, some cards know it as 8x only. */
static enum lpa_end get_response(struct lpa *l, uint8_t n, struct bytes *part, unsigned *sw, struct err *e)
{
    const uint8_t get[] = { class_of(l, l->get_class), 0xC0, 0, 0, n },
                  other[] = { class_of(l, !l->get_class), 0xC0, 0, 0, n };
    enum lpa_end end = es10_exchange(l, BYTES_OF(get), part, sw, e);
    if (end != LPA_DONE || (*sw >> 8 != 0x6E && *sw >> 8 != 0x6D))
        return end;
    l->get_class ^= 0x80;
    return es10_exchange(l, BYTES_OF(other), part, sw, e);
}

/* Again with the right length (6Cxx). */
static enum lpa_end with_length(struct lpa *l, struct bytes command, uint8_t n, struct bytes *part, unsigned *sw,
                                struct err *e)
{
    struct buf again = buf_in(l->arena);
    buf_add(&again, bytes_slice(command, 0, command.n - 1));
    buf_u8(&again, n);
    return es10_exchange(l, buf_bytes(&again), part, sw, e);
}

/* Case 4 command, then as many GET RESPONSE as the card wants: bounded, since a card may be broken. */
static enum lpa_end transceive(struct lpa *l, struct bytes command, struct bytes *data, unsigned *sw, struct err *e)
{
    struct buf all = buf_in(l->arena);
    struct bytes part;
    enum lpa_end end = es10_exchange(l, command, &part, sw, e);
    for (int i = 0; end == LPA_DONE; i++) {
        buf_add(&all, part);
        unsigned high = *sw >> 8;
        if (high != 0x61 && high != 0x6C)
            break;
        if (i == MORE_MAX || all.n > RESPONSE_MAX)
            return lpa_fail(LPA_READER, e, "the card's answer does not end", "reset the card");
        end = high == 0x61 ? get_response(l, (uint8_t)*sw, &part, sw, e)
                           : with_length(l, command, (uint8_t)*sw, &part, sw, e);
    }
    *data = buf_bytes(&all);
    return end;
}

static const struct {
    unsigned mask, sw;
    const char *what, *next;
} words[] = {
    { 0xFFFF, 0x6A80, "the card could not read the command", "check for a card of another version" },
    { 0xFFFF, 0x6A88, "the card does not know this function", "check for a card of another version" },
    { 0xFFFF, 0x6985, "the card's state does not allow it now", "start again" },
    { 0xFFFF, 0x6A82, "the application is not on the card", "check that this is an eUICC" },
    { 0xFFFF, 0x6881, "the card has no such logical channel", "reset the card" },
    { 0xFFFF, 0x6A81, "the card has no free logical channel", "reset the card" },
    { 0xFFFF, 0x6982, "the card demands a PIN", "verify the PIN" },
    { 0xFF00, 0x6700, "the card refused the length of a command", "try smaller blocks" },
    { 0xFF00, 0x6D00, "the card does not know this command", "check that this is an eUICC" },
    { 0xFF00, 0x6F00, "the card failed inside", "reset the card" },
};

static enum lpa_end sw_fail(unsigned sw, struct err *e)
{
    const char *what = "the card refused the command", *next = NULL;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if ((sw & words[i].mask) == words[i].sw) {
            what = words[i].what;
            next = words[i].next;
            break;
        }
    lpa_fail(LPA_CARD, e, what, next);
    err_at(e, "status word %04X", sw);
    return LPA_CARD;
}

static bool good(unsigned sw)
{
    return sw == 0x9000 || sw >> 8 == 0x91;
}

enum lpa_end es10_fetch(struct lpa *l, uint8_t n, struct bytes *data, unsigned *sw, struct err *e)
{
    const uint8_t fetch[] = { 0x80, 0x12, 0, 0, n };
    return transceive(l, BYTES_OF(fetch), data, sw, e);
}

enum lpa_end lpa_open(struct lpa *l, struct err *e)
{
    static const uint8_t capability[] = { 0x80, 0xAA, 0, 0, 0x0A, 0xA9, 8, 0x81, 0, 0x82, 1, 1, 0x83, 1, 7 };
    static const uint8_t open[] = { 0x00, 0x70, 0, 0, 1 };
    struct bytes data, aid = bytes_present(l->isdr_aid) ? l->isdr_aid : BYTES_OF(ISDR);
    unsigned sw;
    l->channel = 0;
    enum lpa_end end = transceive(l, BYTES_OF(capability), &data, &sw, e);
    if (end == LPA_DONE)
        end = transceive(l, BYTES_OF(open), &data, &sw, e);
    if (end != LPA_DONE)
        return end;
    if (!good(sw) || data.n != 1 || data.p[0] == 0 || data.p[0] >= CHANNELS)
        return sw_fail(sw, e);
    l->channel = data.p[0];
    l->open = true;
    struct buf select = buf_in(l->arena);
    buf_u8(&select, class_of(l, false));
    buf_add(&select, BYTES_LIT("\xA4\x04\x00"));
    buf_u8(&select, (unsigned)aid.n);
    buf_add(&select, aid);
    buf_u8(&select, 0);
    end = transceive(l, buf_bytes(&select), &data, &sw, e);
    if (end == LPA_DONE && !good(sw)) {
        lpa_close(l);
        return sw == 0x6A82 ? lpa_fail(LPA_CARD, e, "the card has no ISD-R, so it is no eUICC for consumer devices",
                                       "choose another reader, or give the card's own AID")
                            : sw_fail(sw, e);
    }
    struct tlv fci = end == LPA_DONE ? tlv_find(data, 0x6F) : (struct tlv){ 0 };
    if (end == LPA_DONE && !tlv_find(fci.value, 0xE0).value.p) {
        lpa_close(l);
        return lpa_fail(LPA_CARD, e, "the card does not announce SGP.22 (it may be an SGP.02 card)",
                        "use an eUICC for consumer devices");
    }
    return end;
}

void lpa_close(struct lpa *l)
{
    const uint8_t close[] = { 0x00, 0x70, 0x80, l->channel };
    struct bytes data;
    struct err e;
    if (!l->open)
        return;
    l->open = false;
    l->env.transmit(l->env.context, l->arena, BYTES_OF(close), &data, &e);
}

/* One block; without Le for cards that refuse the length otherwise. */
static enum lpa_end store_block(struct lpa *l, struct bytes part, size_t number, bool last, struct bytes *response,
                                struct err *e)
{
    struct buf apdu = buf_in(l->arena);
    buf_u8(&apdu, class_of(l, true));
    buf_u8(&apdu, 0xE2);
    buf_u8(&apdu, last ? 0x91 : 0x11);
    buf_u8(&apdu, number & 0xFF);
    buf_u8(&apdu, (unsigned)part.n);
    buf_add(&apdu, part);
    buf_u8(&apdu, 0);
    struct bytes whole = buf_bytes(&apdu), bare = bytes_slice(whole, 0, whole.n - 1);
    if (!whole.p)
        return lpa_fail(LPA_FAILED, e, "no memory for a command", NULL);
    enum lpa_end end = transceive(l, l->no_le ? bare : whole, response, &l->sw, e);
    if (end != LPA_DONE || l->no_le || l->sw != 0x6700)
        return end;
    end = transceive(l, bare, response, &l->sw, e);
    l->no_le = end == LPA_DONE && l->sw != 0x6700;
    return end;
}

/* P2 counts the blocks (SGP.22 5.7.2) and goes on with 0 after 255, which only small ones need. */
enum lpa_end es10_store_data(struct lpa *l, struct bytes command, struct bytes *response, unsigned *sw, struct err *e)
{
    size_t block = l->block ? l->block : 255;
    for (size_t at = 0, number = 0; at < command.n; at += block, number++) {
        struct bytes part = bytes_slice(command, at, block);
        enum lpa_end end = store_block(l, part, number, at + part.n == command.n, response, e);
        *sw = l->sw;
        if (end != LPA_DONE)
            return end;
        if (!good(*sw))
            return sw_fail(*sw, e);
    }
    return LPA_DONE;
}

/* The same on a new channel if the card has closed ours, as some do when profiles change. */
static enum lpa_end store_data_anew(struct lpa *l, struct bytes command, struct bytes *answer, struct err *e)
{
    unsigned sw = 0;
    enum lpa_end end = es10_store_data(l, command, answer, &sw, e);
    if (end != LPA_CARD || sw != 0x6881 || !l->open)
        return end;
    l->open = false;
    end = lpa_open(l, e);
    return end == LPA_DONE ? es10_store_data(l, command, answer, &sw, e) : end;
}

static void trace(struct lpa *l, const char *interface, const char *function, bool to_card,
                  const struct asn1_type *type, struct bytes der)
{
    struct lpa_message m = { .to_card = to_card, .from_card = !to_card, .interface = interface, .function = function,
                             .type = type, .der = der };
    if (l->env.trace)
        l->env.trace(l->env.context, &m);
}

enum lpa_end lpa_es10(struct lpa *l, const char *interface, const char *function, const struct asn1_type *request_type,
                      const void *request, const struct asn1_type *response_type, void *response, struct err *e)
{
    struct bytes command, answer;
    if (asn1_forward(l->arena, request_type, request, &command, e) != 0)
        return LPA_FAILED;
    trace(l, interface, function, true, request_type, command);
    enum lpa_end end = store_data_anew(l, command, &answer, e);
    if (end != LPA_DONE) {
        err_within(e, "%s.%s", interface, function);
        return end;
    }
    trace(l, interface, function, false, response_type, answer);
    if (asn1_decode(l->arena, response_type, answer, ASN1_WIRE, response, e) == 0)
        return LPA_DONE;
    err_within(e, "%s.%s, the card's answer", interface, function);
    return LPA_CARD;
}
