/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/attach.h"

#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/frame.h"
#include "crypto/aka.h"
#include "crypto/crypto.h"

enum { MORE_MAX = 16 };

struct network {
    struct arena *arena;
    int fd;
    struct aka_key key;
    uint64_t sqn;
    uint8_t rand[16], autn[16];
    struct err *err;
};

static int exchange(struct network *n, struct bytes command, struct bytes *data, unsigned *sw)
{
    struct buf all = buf_in(n->arena);
    for (int i = 0; i < MORE_MAX; i++) {
        struct bytes response;
        if (frame_send(n->fd, command, n->err) != 0 || frame_receive(n->fd, n->arena, &response, n->err) != 0)
            return -1;
        if (response.n < 2)
            return err_set(n->err, ERR_PEER, NULL, "the card gave no status word");
        buf_add(&all, bytes_slice(response, 0, response.n - 2));
        *sw = (unsigned)response.p[response.n - 2] << 8 | response.p[response.n - 1];
        *data = buf_bytes(&all);
        if (*sw >> 8 != 0x61)
            return 0;
        struct buf more = buf_in(n->arena);
        buf_add(&more, BYTES_LIT("\x00\xC0\x00\x00"));
        buf_u8(&more, *sw & 0xFF);
        command = buf_bytes(&more);
    }
    return err_set(n->err, ERR_PEER, NULL, "the card's answer does not end");
}

static int expect(struct network *n, const char *step, struct bytes command)
{
    struct bytes data;
    unsigned sw;
    if (exchange(n, command, &data, &sw) != 0)
        return -1;
    if (sw == 0x9000)
        return 0;
    err_set(n->err, ERR_PEER, "TS 31.102 7.1", "the card answered %04X", sw);
    return err_at(n->err, "%s", step);
}

static int verify_pin(struct network *n, const char *pin)
{
    struct buf command = buf_in(n->arena);
    size_t digits = strlen(pin);
    if (digits < 4 || digits > 8)
        return err_set(n->err, ERR_USAGE, NULL, "a PIN has 4 to 8 digits");
    buf_add(&command, BYTES_LIT("\x00\x20\x00\x01\x08"));
    buf_text(&command, pin);
    buf_fill(&command, 0xFF, 8 - digits);
    return expect(n, "VERIFY PIN", buf_bytes(&command));
}

static void octets(uint64_t v, uint8_t p[6])
{
    for (int i = 0; i < 6; i++)
        p[i] = (uint8_t)(v >> 8 * (5 - i));
}

/* A fresh challenge: the counter goes up by one in slot 1. */
static int challenge_make(struct network *n)
{
    static const uint8_t amf[2] = { 0x80, 0x00 };
    uint8_t sqn[6];
    n->sqn = ((n->sqn >> 5) + 1) << 5 | 1;
    octets(n->sqn, sqn);
    return crypto_random(n->rand, sizeof n->rand, n->err) != 0 ? -1 : aka_autn(&n->key, n->rand, sqn, amf, n->autn, n->err);
}

static int authenticate(struct network *n, struct bytes *answer)
{
    struct buf command = buf_in(n->arena);
    unsigned sw;
    buf_add(&command, BYTES_LIT("\x00\x88\x00\x81\x22\x10"));
    buf_add(&command, BYTES_OF(n->rand));
    buf_u8(&command, 16);
    buf_add(&command, BYTES_OF(n->autn));
    buf_u8(&command, 0);
    if (exchange(n, buf_bytes(&command), answer, &sw) != 0)
        return -1;
    if (sw == 0x9000 && answer->n > 1)
        return 0;
    const char *why = sw == 0x9862   ? "the card says that the network has other keys (MAC failure)"
                      : sw == 0x6982 ? "the card demands its PIN; next: give it with --pin"
                                     : "the card refused the challenge";
    err_set(n->err, ERR_PEER, "TS 31.102 7.1.2", "%s", why);
    return err_at(n->err, "AUTHENTICATE, status word %04X", sw);
}

/* RES, CK and IK of the answer against what the network computes itself. */
static int answer_check(struct network *n, struct bytes answer)
{
    struct aka_vector v;
    struct buf want = buf_in(n->arena);
    if (aka_vector(&n->key, n->rand, &v, n->err) != 0)
        return -1;
    buf_u8(&want, 0xDB);
    buf_u8(&want, (unsigned)v.res_octets);
    buf_add(&want, bytes_make(v.res, v.res_octets));
    buf_u8(&want, 16);
    buf_add(&want, BYTES_OF(v.ck));
    buf_u8(&want, 16);
    buf_add(&want, BYTES_OF(v.ik));
    struct bytes expected = buf_bytes(&want);
    if (bytes_equal(bytes_slice(answer, 0, expected.n), expected))
        return 0;
    return err_set(n->err, ERR_VERIFY, "TS 33.102 6.3.3", answer.p[0] == 0xDC
                   ? "the card asks for resynchronisation" : "RES, CK or IK is not what the subscriber's keys give");
}

static void step(const char *text)
{
    printf("attach    %s\n", text);
}

/* The counter that the card proves to have becomes the network's. */
static int resynchronise(struct network *n, struct bytes answer)
{
    uint8_t ms[6];
    if (answer.n < 16)
        return err_set(n->err, ERR_SYNTAX, "TS 31.102 7.1.2", "the card's AUTS is cut");
    if (aka_auts_open(&n->key, n->rand, answer.p + 2, ms, n->err) != 0)
        return -1;
    n->sqn = 0;
    for (int i = 0; i < 6; i++)
        n->sqn = n->sqn << 8 | ms[i];
    return 0;
}

static int conversation(struct network *n, const char *pin)
{
    struct bytes answer;
    if (expect(n, "SELECT USIM", BYTES_LIT("\x00\xA4\x04\x0C\x07\xA0\x00\x00\x00\x87\x10\x02")) != 0 ||
        (pin && verify_pin(n, pin) != 0) || challenge_make(n) != 0 || authenticate(n, &answer) != 0)
        return -1;
    if (answer.p[0] == 0xDC) { /* the card is ahead of this counter: follow it */
        if (resynchronise(n, answer) != 0 || challenge_make(n) != 0 || authenticate(n, &answer) != 0)
            return -1;
    }
    if (answer_check(n, answer) != 0)
        return -1;
    step("the card proved its key: RES, CK and IK are right");
    if (authenticate(n, &answer) != 0)
        return -1;
    if (answer.p[0] != 0xDC)
        return err_set(n->err, ERR_VERIFY, "TS 33.102 6.3.3", "the card took the same challenge twice");
    step("the same challenge again: refused with a synchronisation failure");
    if (resynchronise(n, answer) != 0)
        return -1;
    step("the card's counter is genuine (MAC-S); the network resynchronises");
    if (challenge_make(n) != 0 || authenticate(n, &answer) != 0 || answer_check(n, answer) != 0)
        return -1;
    step("the next challenge passes: attached");
    return 0;
}

int attach_run(const struct attach *a, struct arena *arena, struct err *e)
{
    struct network n = { .arena = arena, .err = e, .sqn = a->seq << 5 };
    if (a->k.n != 16 || a->opc.n != 16)
        return err_set(e, ERR_USAGE, NULL, "K and OPc have 32 hex digits each");
    aka_key_init(&n.key, AKA_MILENAGE, a->k.p, a->opc.p);
    if (frame_connect(a->socket, &n.fd, e) != 0)
        return -1;
    int result = conversation(&n, a->pin);
    close(n.fd);
    bytes_wipe(&n.key, sizeof n.key);
    return result;
}
