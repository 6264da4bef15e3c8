/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/bsp.h"

#include "asn1/tlv.h"
#include "crypto/cipher.h"
#include "crypto/hash.h"

static const char CLAUSE[] = "SGP.22 2.5.3";

int bsp_derive(struct bsp *s, struct bytes secret, struct bytes host_id, struct bytes eid, struct err *e)
{
    if (host_id.n < 1 || host_id.n > BSP_HOST_ID_MAX || eid.n != 16)
        return err_set(e, ERR_VALUE, "SGP.22 2.6.7", "hostId of %zu octets (1 to 16), EID of %zu (16)", host_id.n,
                       eid.n);
    const uint8_t head[] = { BSP_KEY_TYPE_AES, BSP_KEY_LENGTH, (uint8_t)host_id.n };
    const uint8_t eid_length = (uint8_t)eid.n;
    const struct bytes info[] = { BYTES_OF(head), host_id, bytes_make(&eid_length, 1), eid };
    uint8_t keys[48];
    kdf_x963(secret, info, 4, keys, sizeof keys);
    memcpy(s->mcv, keys, 16);
    memcpy(s->enc, keys + 16, 16);
    memcpy(s->mac, keys + 32, 16);
    s->counter = 1;
    bytes_wipe(keys, sizeof keys);
    return 0;
}

void bsp_replace(struct bsp *s, const uint8_t enc[16], const uint8_t mac[16], const uint8_t mcv[16])
{
    memcpy(s->enc, enc, 16);
    memcpy(s->mac, mac, 16);
    memcpy(s->mcv, mcv, 16);
    s->counter = 1;
}

/* The initial vector of this segment; the counter moves on. */
static int next_iv(struct bsp *s, uint8_t iv[16], struct err *e)
{
    uint8_t block[16] = { 0 };
    for (int i = 0; i < 8; i++)
        block[15 - i] = (uint8_t)(s->counter >> 8 * i);
    s->counter++;
    return aes_block(s->enc, block, iv, e);
}

/* MAC over chaining value, header (tag and length of the whole segment) and content. */
static int next_mac(struct bsp *s, struct bytes header, struct bytes content, uint8_t mac[16], struct err *e)
{
    const struct bytes parts[] = { BYTES_OF(s->mcv), header, content };
    return aes_cmac(s->mac, parts, 3, mac, e);
}

static bool tag_known(uint32_t tag)
{
    return tag >= 0x86 && tag <= 0x88;
}

int bsp_protect(struct bsp *s, struct arena *a, uint8_t tag, struct bytes plain, struct bytes *segment, struct err *e)
{
    bool encrypted = tag != 0x88;
    if (!tag_known(tag) || plain.n > (encrypted ? BSP_ENCRYPTED_MAX : BSP_PLAIN_MAX))
        return err_set(e, ERR_LIMIT, CLAUSE, "a segment %02X of %zu octets is too long", tag, plain.n);
    size_t n = encrypted ? (plain.n / AES_BLOCK + 1) * AES_BLOCK : plain.n;
    uint8_t *content = arena_alloc(a, n);
    uint8_t iv[16], mac[16];
    if (!content)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a segment");
    if (plain.n)
        memcpy(content, plain.p, plain.n);
    if (encrypted)
        content[plain.n] = 0x80;
    if (next_iv(s, iv, e) != 0 || (encrypted && aes_cbc_encrypt(s->enc, iv, bytes_make(content, n), content, e) != 0))
        return -1;
    struct buf out = buf_in(a);
    tlv_header(&out, tag, n + BSP_MAC);
    if (next_mac(s, bytes_make(out.p, out.n), bytes_make(content, n), mac, e) != 0)
        return -1;
    memcpy(s->mcv, mac, sizeof mac);
    buf_add(&out, bytes_make(content, n));
    buf_add(&out, bytes_make(mac, BSP_MAC));
    *segment = buf_bytes(&out);
    return segment->p ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for a segment");
}

/* Takes off 80 00..; false if it is not there. */
static bool unpad(struct bytes *b)
{
    size_t n = b->n;
    while (n && b->p[n - 1] == 0)
        n--;
    if (!n || b->p[n - 1] != 0x80 || b->n - n >= AES_BLOCK)
        return false;
    b->n = n - 1;
    return true;
}

int bsp_unprotect(struct bsp *s, struct arena *a, struct bytes segment, struct bytes *plain, struct err *e)
{
    struct cursor c = cursor_over(segment);
    struct tlv tlv;
    if (tlv_next(&c, ASN1_WIRE, &tlv, e) != 0)
        return -1;
    bool encrypted = tlv.tag != 0x88;
    if (!cursor_done(&c) || !tag_known(tlv.tag) || tlv.value.n < BSP_MAC ||
        (encrypted && (tlv.value.n - BSP_MAC == 0 || (tlv.value.n - BSP_MAC) % AES_BLOCK)))
        return err_set(e, ERR_SYNTAX, CLAUSE, "not a protected segment");
    struct bytes content = bytes_slice(tlv.value, 0, tlv.value.n - BSP_MAC);
    struct bytes header = bytes_slice(segment, 0, segment.n - tlv.value.n);
    uint8_t iv[16], mac[16];
    if (next_iv(s, iv, e) != 0 || next_mac(s, header, content, mac, e) != 0)
        return -1;
    if (!bytes_equal_secret(bytes_make(mac, BSP_MAC), bytes_slice(tlv.value, content.n, BSP_MAC)))
        return err_set(e, ERR_VERIFY, CLAUSE, "the MAC of a segment is wrong");
    memcpy(s->mcv, mac, sizeof mac);
    if (!encrypted) {
        *plain = content;
        return 0;
    }
    uint8_t *out = arena_alloc(a, content.n);
    if (!out)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a segment");
    if (aes_cbc_decrypt(s->enc, iv, content, out, e) != 0)
        return -1;
    *plain = bytes_make(out, content.n);
    return unpad(plain) ? 0 : err_set(e, ERR_VERIFY, CLAUSE, "the padding of a segment is wrong");
}

void bsp_end(struct bsp *s)
{
    bytes_wipe(s, sizeof *s);
}
