/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

void json_string(struct buf *out, struct bytes text)
{
    buf_u8(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        if (c == '"' || c == '\\')
            buf_u8(out, '\\');
        if (c < 0x20)
            buf_printf(out, "\\u%04X", c);
        else
            buf_u8(out, c);
    }
    buf_u8(out, '"');
}

void json_name(struct buf *out, const char *name, bool *first)
{
    if (!*first)
        buf_u8(out, ',');
    *first = false;
    json_string(out, bytes_text(name));
    buf_u8(out, ':');
}
