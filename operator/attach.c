/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/attach.h"

#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/csv.h"
#include "base/frame.h"
#include "base/text.h"
#include "crypto/aka.h"
#include "crypto/crypto.h"
#include "rsp/explain.h"

enum { MORE_MAX = 16, RES_MIN = 4, RES_MAX = 16, AUTS_TAG = 0xDC };

/* AMF of a challenge: the separation bit of EPS and 5G (TS 33.102 Annex H); what asks a test USIM for a
 * resynchronisation (TS 34.108 8.1.2). */
static const uint8_t AMF[2] = { 0x80, 0x00 }, AMF_RESYNCH[2] = { 0xFF, 0xFF };

static const struct algorithm {
    const char *name;
    enum aka_algorithm id;
    uint64_t res_max; /* octets of RES */
    bool any_sqn;     /* the card looks at AMF instead of SQN */
} algorithms[] = {
    { "milenage", AKA_MILENAGE, 8, false },
    { "tuak", AKA_TUAK, RES_MAX, false },
    { "test", AKA_XOR, RES_MAX, true },
};

struct network {
    struct arena *arena;
    int fd;
    struct aka_key key;
    const struct algorithm *algorithm;
    uint64_t sqn;
    uint8_t rand[16], autn[16];
    struct err *err;
    size_t explain; /* columns, or 0 */
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
    const char *next = sw == 0x6A82            ? "; next: enable a profile that has a USIM (rsp-lpa enable)"
                       : (sw & 0xFFF0) == 0x63C0 ? "; next: check --pin, the last digit is how many tries are left"
                                                 : "";
    err_set(n->err, ERR_PEER, "TS 31.102 7.1", "the card answered %04X%s", sw, next);
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
static int challenge_make(struct network *n, const uint8_t amf[2])
{
    uint8_t sqn[6];
    n->sqn = ((n->sqn >> 5) + 1) << 5 | 1;
    octets(n->sqn, sqn);
    return crypto_random(n->rand, sizeof n->rand, n->err) != 0 ? -1
                                                               : aka_autn(&n->key, n->rand, sqn, amf, n->autn, n->err);
}

/* What the two say to each other, keys left out; an answer is DB and RES, CK, IK, or DC and AUTS, with lengths. */
static void show(const struct network *n, bool answer, struct bytes data)
{
    struct buf out = buf_in(n->arena);
    struct cursor c = cursor_over(data);
    explain_head(&out, answer ? "eUICC" : "network", answer ? "network" : "eUICC", "USIM.AUTHENTICATE", answer,
                 n->explain);
    uint8_t tag = answer ? cursor_u8(&c) : 0;
    struct bytes first = cursor_take(&c, cursor_u8(&c)), second = cursor_take(&c, cursor_u8(&c));
    buf_printf(&out, "{\n  %s '", !answer ? "rand" : tag == AUTS_TAG ? "auts" : "res");
    hex_append(&out, first);
    buf_text(&out, "'H");
    if (!answer) {
        buf_text(&out, ",\n  autn '");
        hex_append(&out, second);
        buf_text(&out, "'H");
    } else if (tag != AUTS_TAG) {
        buf_printf(&out, ",\n  ck -- %zu octets, not shown --,\n  ik -- as many --", second.n);
    }
    buf_text(&out, "\n}\n");
    const char *text = buf_str(&out);
    fputs(text ? text : "", stdout);
}

static int authenticate(struct network *n, struct bytes *answer)
{
    struct buf command = buf_in(n->arena);
    unsigned sw;
    buf_add(&command, BYTES_LIT("\x00\x88\x00\x81\x22\x10"));
    buf_add(&command, BYTES_OF(n->rand));
    buf_u8(&command, 16);
    buf_add(&command, BYTES_OF(n->autn));
    if (n->explain)
        show(n, false, bytes_slice(buf_bytes(&command), 5, 34));
    buf_u8(&command, 0);
    if (exchange(n, buf_bytes(&command), answer, &sw) != 0)
        return -1;
    if (n->explain && answer->n)
        show(n, true, *answer);
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
    buf_u8(&want, v.res_octets);
    buf_add(&want, bytes_make(v.res, v.res_octets));
    buf_u8(&want, v.ck_octets);
    buf_add(&want, bytes_make(v.ck, v.ck_octets));
    buf_u8(&want, v.ik_octets);
    buf_add(&want, bytes_make(v.ik, v.ik_octets));
    struct bytes expected = buf_bytes(&want);
    if (bytes_equal(bytes_slice(answer, 0, expected.n), expected))
        return 0;
    return err_set(n->err, ERR_VERIFY, "TS 33.102 6.3.3", answer.p[0] == AUTS_TAG
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

/* The IMSI's digits: after the length and the parity, a nibble each (TS 31.102 4.2.2). */
static int imsi_read(struct network *n, const char **imsi)
{
    struct bytes file;
    struct buf digits = buf_in(n->arena);
    unsigned sw;
    if (expect(n, "SELECT EF.IMSI", BYTES_LIT("\x00\xA4\x00\x0C\x02\x6F\x07")) != 0 ||
        exchange(n, BYTES_LIT("\x00\xB0\x00\x00\x09"), &file, &sw) != 0)
        return -1;
    if (sw != 0x9000 || file.n != 9)
        return err_set(n->err, ERR_PEER, "TS 31.102 4.2.2", "EF.IMSI cannot be read: status word %04X", sw);
    for (size_t i = 3; i < 2 + 2 * (size_t)file.p[0] && i < 18; i++) {
        unsigned nibble = i % 2 ? file.p[i / 2] >> 4 : file.p[i / 2] & 15;
        if (nibble < 10)
            buf_u8(&digits, '0' + nibble);
    }
    *imsi = buf_str(&digits);
    return *imsi ? 0 : err_set(n->err, ERR_MEMORY, NULL, "no memory for an IMSI");
}

/* A column's value, if it is there and not empty. */
static void column_take(const struct csv_line *names, const struct csv_line *line, const char *name,
                        struct bytes *value)
{
    struct bytes field = csv_field(names, line, name);
    if (field.n)
        *value = field;
}

/* What the operator's list says of a subscriber; what it does not say stays. */
static int keys_find(struct network *n, struct bytes list, const char *imsi, struct attach_keys *out)
{
    struct cursor c = cursor_over(list);
    struct csv_line names, line;
    if (!csv_next(&c, &names))
        return err_set(n->err, ERR_SYNTAX, NULL, "the list of subscribers is empty");
    while (csv_next(&c, &line))
        if (bytes_equal(csv_field(&names, &line, "imsi"), bytes_text(imsi))) {
            column_take(&names, &line, "k", &out->k);
            column_take(&names, &line, "opc", &out->opc);
            column_take(&names, &line, "algorithm", &out->algorithm);
            column_take(&names, &line, "res", &out->res);
            column_take(&names, &line, "keccaks", &out->keccaks);
            return 0;
        }
    return err_set(n->err, ERR_NOT_FOUND, NULL, "IMSI %s is not in the list of subscribers", imsi);
}

/* A number that may be left out, then it stays. */
static int number_take(struct network *n, const char *name, struct bytes text, uint64_t min, uint64_t max,
                       uint8_t *out)
{
    uint64_t v = 0;
    if (text.n == 0)
        return 0;
    if (decimal_decode(text, max, &v, NULL) != 0 || v < min)
        return err_set(n->err, ERR_VALUE, NULL, "%s is \"%.*s\"; from %llu to %llu are possible", name, (int)text.n,
                       (const char *)text.p, (unsigned long long)min, (unsigned long long)max);
    *out = (uint8_t)v;
    return 0;
}

static int algorithm_find(struct network *n, struct bytes name)
{
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
        if (bytes_equal(name, bytes_text(algorithms[i].name)) || (name.n == 0 && i == 0)) {
            n->algorithm = &algorithms[i];
            return 0;
        }
    return err_set(n->err, ERR_VALUE, NULL, "no algorithm \"%.*s\"; milenage, tuak or test are possible", (int)name.n,
                   (const char *)name.p);
}

static int size_check(struct network *n)
{
    uint8_t res = n->key.res_octets;
    if (n->key.algorithm != AKA_TUAK || res == 4 || res == 8 || res == 16)
        return 0;
    return err_set(n->err, ERR_VALUE, "TS 35.231 5.1", "res is %d; with TUAK 4, 8 or 16 are possible", res);
}

static int key_make(struct network *n, const struct attach_keys *texts)
{
    struct bytes k, opc;
    if (algorithm_find(n, texts->algorithm) != 0 || hex_decode(n->arena, texts->k, &k, n->err) != 0 ||
        hex_decode(n->arena, texts->opc, &opc, n->err) != 0 ||
        aka_key_init(&n->key, n->algorithm->id, k, opc, n->err) != 0 ||
        number_take(n, "res", texts->res, RES_MIN, n->algorithm->res_max, &n->key.res_octets) != 0 ||
        number_take(n, "keccaks", texts->keccaks, 1, UINT8_MAX, &n->key.keccaks) != 0)
        return -1;
    return size_check(n);
}

static int keys_take(struct network *n, const struct attach *a)
{
    struct attach_keys keys = a->keys;
    const char *imsi;
    if (!bytes_present(a->subscribers))
        return key_make(n, &keys);
    if (imsi_read(n, &imsi) != 0 || keys_find(n, a->subscribers, imsi, &keys) != 0)
        return -1;
    printf("attach    the card is IMSI %s, a subscriber\n", imsi);
    return key_make(n, &keys) != 0 ? err_within(n->err, "subscriber %s", imsi) : 0;
}

/* A challenge that the card answers with its keys. */
static int prove(struct network *n)
{
    struct bytes answer;
    if (challenge_make(n, AMF) != 0 || authenticate(n, &answer) != 0)
        return -1;
    if (answer.p[0] == AUTS_TAG) { /* the card is ahead of this counter: follow it */
        if (resynchronise(n, answer) != 0 || challenge_make(n, AMF) != 0 || authenticate(n, &answer) != 0)
            return -1;
    }
    return answer_check(n, answer);
}

/* What must end in a resynchronisation. */
static int provoke(struct network *n)
{
    struct bytes answer;
    if ((n->algorithm->any_sqn && challenge_make(n, AMF_RESYNCH) != 0) || authenticate(n, &answer) != 0)
        return -1;
    if (answer.p[0] != AUTS_TAG)
        return err_set(n->err, ERR_VERIFY, "TS 33.102 6.3.3", "the card took %s",
                       n->algorithm->any_sqn ? "a challenge with AMF FFFF" : "the same challenge twice");
    step(n->algorithm->any_sqn ? "a challenge with AMF FFFF: answered with a synchronisation failure"
                               : "the same challenge again: refused with a synchronisation failure");
    return resynchronise(n, answer);
}

static int conversation(struct network *n, const struct attach *a)
{
    struct bytes answer;
    if (expect(n, "SELECT USIM", BYTES_LIT("\x00\xA4\x04\x0C\x07\xA0\x00\x00\x00\x87\x10\x02")) != 0 ||
        (a->pin && verify_pin(n, a->pin) != 0) || keys_take(n, a) != 0 || prove(n) != 0)
        return -1;
    step("the card proved its key: RES, CK and IK are right");
    if (provoke(n) != 0)
        return -1;
    step("the card's counter is genuine (MAC-S): the network follows it");
    if (challenge_make(n, AMF) != 0 || authenticate(n, &answer) != 0 || answer_check(n, answer) != 0)
        return -1;
    step("the next challenge passes: attached");
    return 0;
}

int attach_run(const struct attach *a, struct arena *arena, struct err *e)
{
    struct network n = { .arena = arena, .err = e, .explain = a->explain };
    if (!a->subscribers.p && !a->keys.k.p)
        return err_set(e, ERR_USAGE, NULL,
                       "K and OPc are needed, of Milenage 32 hex digits each; or give a list with --subscribers");
    if (frame_connect(a->socket, &n.fd, e) != 0)
        return -1;
    int result = conversation(&n, a);
    close(n.fd);
    bytes_wipe(&n.key, sizeof n.key);
    return result;
}
