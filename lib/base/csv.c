/* SPDX-License-Identifier: Apache-2.0 */
#include "base/csv.h"

bool csv_next(struct cursor *c, struct csv_line *out)
{
    out->n = 0;
    if (cursor_done(c))
        return false;
    const uint8_t *end = memchr(c->p, '\n', cursor_left(c));
    struct bytes text = cursor_take(c, end ? (size_t)(end - c->p) : cursor_left(c));
    if (end)
        cursor_u8(c);
    if (text.n && text.p[text.n - 1] == '\r')
        text.n--;
    for (size_t i = 0; i <= text.n && out->n < CSV_COLUMNS_MAX;) {
        size_t stop = i;
        while (stop < text.n && text.p[stop] != ',')
            stop++;
        out->field[out->n++] = bytes_slice(text, i, stop - i);
        i = stop + 1;
    }
    return true;
}

bool csv_empty(const struct csv_line *line)
{
    return line->n == 1 && line->field[0].n == 0;
}

struct bytes csv_field(const struct csv_line *names, const struct csv_line *line, const char *name)
{
    for (size_t i = 0; i < names->n && i < line->n; i++)
        if (bytes_equal(names->field[i], bytes_text(name)))
            return line->field[i];
    return BYTES_NONE;
}
