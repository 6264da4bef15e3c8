/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/asn1.h"

const char *asn1_oid_text(struct arena *a, struct bytes oid)
{
    struct buf out = buf_in(a);
    uint64_t arc = 0;
    bool first = true;
    for (size_t i = 0; i < oid.n; i++) {
        arc = arc << 7 | (oid.p[i] & 0x7F);
        if (oid.p[i] & 0x80)
            continue;
        if (first) {
            unsigned root = arc < 40 ? 0 : arc < 80 ? 1 : 2;
            buf_printf(&out, "%u.", root);
            arc -= 40 * root;
        } else {
            buf_u8(&out, '.');
        }
        buf_printf(&out, "%llu", (unsigned long long)arc);
        first = false;
        arc = 0;
    }
    return buf_str(&out);
}

static void add_arc(struct buf *out, uint64_t arc)
{
    unsigned groups = 1;
    while (groups < 10 && arc >> 7 * groups)
        groups++;
    while (groups--)
        buf_u8(out, (unsigned)(arc >> 7 * groups & 0x7F) | (groups ? 0x80 : 0));
}

int asn1_oid_parse(struct arena *a, struct bytes text, struct bytes *oid, struct err *e)
{
    struct buf out = buf_in(a);
    uint64_t root = 0;
    size_t index = 0;
    for (size_t i = 0; i <= text.n; index++) {
        size_t end = i;
        while (end < text.n && text.p[end] != '.')
            end++;
        uint64_t arc;
        if (decimal_decode(bytes_slice(text, i, end - i), UINT32_MAX, &arc, e) != 0)
            return err_at(e, "arc %zu of an object identifier", index + 1);
        if (index == 0 ? arc > 2 : index == 1 && root < 2 && arc > 39)
            return err_set(e, ERR_VALUE, "X.660", "no object identifier begins with these arcs: %.*s",
                           (int)text.n, text.p);
        if (index == 0)
            root = arc;
        else
            add_arc(&out, index == 1 ? root * 40 + arc : arc);
        i = end + 1;
    }
    if (index < 2)
        return err_set(e, ERR_SYNTAX, "X.660", "an object identifier has at least two arcs");
    *oid = buf_bytes(&out);
    return oid->p ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for an object identifier");
}
