/* SPDX-License-Identifier: Apache-2.0
 *
 * READ BINARY, UPDATE BINARY: TS 102 221 11.1.3, 11.1.4. */
#include "euicc/uicc_inside.h"

/* Where in which file; 0 or a status word. */
static unsigned place(struct uicc *u, const struct uicc_channel *c, const struct apdu *a, uint8_t mode,
                      struct saip_file **f, size_t *offset)
{
    struct uicc_want want = { .types = 1 << SAIP_TRANSPARENT, .mode = mode };
    if (!uicc_sfi_in_p1(a, &want))
        return SW_WRONG_P1P2;
    *offset = want.by_sfi ? a->p2 : (size_t)a->p1 << 8 | a->p2;
    unsigned sw = uicc_reach(u, c, want, a, f);
    return sw ? sw : *offset >= (*f)->size ? SW_WRONG_OFFSET : 0;
}

unsigned uicc_read_binary(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    struct saip_file *f;
    size_t offset;
    if (a->data.n)
        return SW_WRONG_LENGTH;
    unsigned sw = place(u, c, a, ACCESS_READ, &f, &offset);
    if (sw)
        return sw;
    size_t n = f->size - offset, le = a->le ? (size_t)a->le : 256;
    if (le != 256 && le > n)
        return SW_WRONG_LE | (n & 0xFF);
    uicc_use(c, f);
    buf_add(out, bytes_make(f->body + offset, n < le ? n : le));
    return SW_OK;
}

unsigned uicc_update_binary(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    struct saip_file *f;
    size_t offset;
    (void)out;
    unsigned sw = place(u, c, a, ACCESS_UPDATE, &f, &offset);
    if (sw)
        return sw;
    if (a->data.n == 0 || a->data.n > f->size - offset)
        return SW_WRONG_LENGTH;
    if (uicc_write(u, f, offset, a->data) != 0)
        return SW_MEMORY;
    uicc_use(c, f);
    return SW_OK;
}
