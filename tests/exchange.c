/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange.h"

#include "harness.h"

unsigned exchange(struct euicc *card, struct bytes command, unsigned get_class, struct bytes *data)
{
    struct buf all = buf_in(test_arena());
    buf_add(&all, BYTES_LIT(""));
    for (;;) {
        struct bytes response;
        euicc_apdu(card, test_arena(), command, &response);
        *data = buf_bytes(&all);
        if (response.n < 2)
            return 0;
        unsigned sw = (unsigned)response.p[response.n - 2] << 8 | response.p[response.n - 1];
        buf_add(&all, bytes_slice(response, 0, response.n - 2));
        *data = buf_bytes(&all);
        if (sw >> 8 != 0x61)
            return sw;
        command = unhex(arena_printf(test_arena(), "%02XC0000000", get_class | (command.p[0] & 3)));
    }
}
