/* SPDX-License-Identifier: Apache-2.0 */
#include "euicc/apdu.h"

#include "base/cursor.h"

int apdu_parse(struct bytes command, struct apdu *out)
{
    struct cursor c = cursor_over(command);
    *out = (struct apdu){ .cla = cursor_u8(&c), .ins = cursor_u8(&c), .p1 = cursor_u8(&c), .p2 = cursor_u8(&c) };
    if (c.failed)
        return -1;
    if (cursor_done(&c))
        return 0;
    uint8_t length = cursor_u8(&c);
    if (cursor_done(&c)) {
        out->le = length ? length : 256;
        return 0;
    }
    out->data = cursor_take(&c, length);
    if (!cursor_done(&c)) {
        uint8_t le = cursor_u8(&c);
        out->le = le ? le : 256;
    }
    return c.failed || !cursor_done(&c) || length == 0 ? -1 : 0;
}

unsigned apdu_channel(uint8_t cla)
{
    return cla & 0x40 ? 4u + (cla & 0x0F) : cla & 0x03u;
}

unsigned apdu_class(uint8_t cla)
{
    bool further = cla & 0x40;
    if (cla == 0xFF || (!further && (cla & 0x20)))
        return SW_WRONG_CLA;
    if (cla & 0x10)
        return SW_NO_CHAINING;
    return cla & (further ? 0x20 : 0x0C) ? SW_NO_SECURE_MESSAGING : 0;
}
