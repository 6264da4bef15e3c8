/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/bpp.h"

#include "asn1/tlv.h"
#include "crypto/bsp.h"

/* Protects `plain` in as many segments as it needs; an empty one still takes one. */
static int protect_all(struct arena *a, struct bsp *s, uint8_t tag, size_t most, struct bytes plain, struct buf *out,
                       struct err *e)
{
    for (size_t at = 0; at == 0 || at < plain.n; at += most) {
        struct bytes segment;
        if (bsp_protect(s, a, tag, bytes_slice(plain, at, most), &segment, e) != 0)
            return -1;
        buf_add(out, segment);
    }
    return 0;
}

static int sequence(struct arena *a, struct bsp *s, uint32_t outer, uint8_t tag, size_t most, struct bytes plain,
                    struct buf *body, struct err *e)
{
    struct buf inside = buf_in(a);
    if (protect_all(a, s, tag, most, plain, &inside, e) != 0)
        return -1;
    tlv_add(body, outer, buf_bytes(&inside));
    return 0;
}

/* SGP.22 5.5.4 */
static int replace_keys(struct arena *a, struct bsp *s, const struct bpp_ppk *ppk, struct buf *body, struct err *e)
{
    struct rsp_ReplaceSessionKeysRequest r = { .initialMacChainingValue = BYTES_OF(ppk->mcv),
                                               .ppkEnc = BYTES_OF(ppk->enc),
                                               .ppkCmac = BYTES_OF(ppk->mac) };
    struct bytes der;
    if (asn1_encode(a, &rsp_ReplaceSessionKeysRequest_type, &r, &der, e) != 0 ||
        sequence(a, s, 0xA2, 0x87, BSP_ENCRYPTED_MAX, der, body, e) != 0)
        return -1;
    bsp_replace(s, ppk->enc, ppk->mac, ppk->mcv);
    return 0;
}

int bpp_body(struct arena *a, struct bsp *s, const struct bpp_content *c, const struct bpp_ppk *ppk,
             struct bytes *body, struct err *e)
{
    struct buf out = buf_in(a);
    if (c->configure_isdp.n > BSP_ENCRYPTED_MAX)
        return err_set(e, ERR_LIMIT, "SGP.22 5.5.2", "ConfigureISDP does not fit into one segment");
    if (sequence(a, s, 0xA0, 0x87, BSP_ENCRYPTED_MAX, c->configure_isdp, &out, e) != 0 ||
        sequence(a, s, 0xA1, 0x88, BSP_PLAIN_MAX, c->metadata, &out, e) != 0 ||
        (ppk && replace_keys(a, s, ppk, &out, e) != 0) ||
        sequence(a, s, 0xA3, 0x86, BSP_ENCRYPTED_MAX, c->upp, &out, e) != 0)
        return -1;
    *body = buf_bytes(&out);
    return body->p ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for a bound profile package");
}

int bpp_assemble(struct arena *a, const struct rsp_InitialiseSecureChannelRequest *isc, struct bytes body,
                 struct bytes *bpp, struct err *e)
{
    struct bytes der;
    struct buf out = buf_in(a);
    if (asn1_encode(a, &rsp_InitialiseSecureChannelRequest_type, isc, &der, e) != 0)
        return -1;
    tlv_header(&out, 0xBF36, der.n + body.n);
    buf_add(&out, der);
    buf_add(&out, body);
    *bpp = buf_bytes(&out);
    return bpp->p ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for a bound profile package");
}
