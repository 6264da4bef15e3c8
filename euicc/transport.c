/* SPDX-License-Identifier: Apache-2.0 */
#include "euicc/transport.h"

#include <string.h>

/* TS 3B; 512/32; [T=1: IFSC 254, BWI 4, CWI 5]; T=15: any clock stop, 5 V, 3 V and 1.8 V, eUICC functions (TS 102 221
 * 6.3.3, SGP.22 3.4.1).  Historical octets: card service data, card capabilities (every way to select, channels
 * assigned by both sides, more than seven of them), pre-issuing data "rspkit".  The last one is TCK. */
#define HISTORICAL "\x80\x31\xE0\x73\xFE\x21\x1F\x66rspkit"
#define GLOBAL "\x3F\xC7\x82"

struct bytes transport_atr(enum transport_protocol protocol)
{
    static const char *const atrs[] = {
        [TRANSPORT_ANY] = "\x3B\x9E\x96\x80\xB1\xFE\x45" GLOBAL HISTORICAL "\x7B",
        [TRANSPORT_T0] = "\x3B\x9E\x96\x80" GLOBAL HISTORICAL "\x71",
        [TRANSPORT_T1] = "\x3B\x9E\x96\x81\xB1\xFE\x45" GLOBAL HISTORICAL "\x7A",
    };
    return bytes_text(atrs[protocol]);
}

int transport_protocol_parse(const char *text, enum transport_protocol *out, struct err *e)
{
    static const char *const names[] = { [TRANSPORT_ANY] = "any", [TRANSPORT_T0] = "t0", [TRANSPORT_T1] = "t1" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(text, names[i]) == 0) {
            *out = (enum transport_protocol)i;
            return 0;
        }
    return err_set(e, ERR_USAGE, NULL, "t0, t1 or any is expected");
}

void transport_reset(struct transport *t)
{
    t->n_held = 0;
    euicc_reset(t->card);
}

/* ------------------------------------------------------------------------------- T=0 */

enum { HEADER = 4, P3 = 4 };

static struct bytes answer(struct arena *a, struct bytes data, uint8_t sw1, uint8_t sw2)
{
    struct buf out = buf_in(a);
    buf_add(&out, data);
    buf_u8(&out, sw1);
    buf_u8(&out, sw2);
    return buf_bytes(&out);
}

/* Case 4 as a TPDU has no Le. */
static struct bytes without_le(struct bytes command)
{
    bool case_4 = command.n > P3 && command.p[P3] && command.n == (size_t)P3 + 2 + command.p[P3];
    return case_4 ? bytes_slice(command, 0, command.n - 1) : command;
}

static bool comes_again(const struct transport *t, struct bytes command)
{
    return t->n_held && command.n == HEADER + 1 && memcmp(command.p, t->header, HEADER) == 0 &&
           command.p[P3] == (uint8_t)(t->n_held - 2);
}

/* Less data than Le: kept, and its length told. */
static struct bytes hold(struct transport *t, struct arena *a, struct bytes command, struct bytes response)
{
    memcpy(t->header, command.p, HEADER);
    memcpy(t->held, response.p, response.n);
    t->n_held = response.n;
    return answer(a, BYTES_NONE, 0x6C, (uint8_t)(response.n - 2));
}

static struct bytes t0(struct transport *t, struct arena *a, struct bytes command)
{
    struct bytes response;
    if (comes_again(t, command)) {
        response = arena_copy(a, bytes_make(t->held, t->n_held));
        t->n_held = 0;
        return response;
    }
    t->n_held = 0;
    euicc_apdu(t->card, a, without_le(command), &response);
    size_t data = response.n - 2, le = command.n == HEADER + 1 ? (command.p[P3] ? command.p[P3] : 256u) : 0;
    return data && data < le ? hold(t, a, command, response) : response;
}

void transport_apdu(struct transport *t, struct arena *a, struct bytes command, struct bytes *response)
{
    if (t->protocol == TRANSPORT_T0)
        *response = t0(t, a, command);
    else
        euicc_apdu(t->card, a, command, response);
    if (response->n < 2)
        *response = BYTES_LIT("\x6F\x00"); /* no memory */
}
