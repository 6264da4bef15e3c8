/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/alphabet.h"

#include "base/cursor.h"

/* TS 23.038 6.2.1; 1B leads to the extension below, line ends are blanks here. */
static const char *const letters[128] = {
    "@", "£", "$", "¥", "è", "é", "ù", "ì", "ò", "Ç", " ", "Ø", "ø", " ", "Å", "å",
    "Δ", "_", "Φ", "Γ", "Λ", "Ω", "Π", "Ψ", "Σ", "Θ", "Ξ", "", "Æ", "æ", "ß", "É",
    " ", "!", "\"", "#", "¤", "%", "&", "'", "(", ")", "*", "+", ",", "-", ".", "/",
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", ":", ";", "<", "=", ">", "?",
    "¡", "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O",
    "P", "Q", "R", "S", "T", "U", "V", "W", "X", "Y", "Z", "Ä", "Ö", "Ñ", "Ü", "§",
    "¿", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o",
    "p", "q", "r", "s", "t", "u", "v", "w", "x", "y", "z", "ä", "ö", "ñ", "ü", "à",
};

/* TS 23.038 6.2.1.1 */
static const struct {
    uint8_t code;
    const char *letter;
} extension[] = { { 0x14, "^" }, { 0x28, "{" }, { 0x29, "}" }, { 0x2F, "\\" }, { 0x3C, "[" }, { 0x3D, "~" },
                  { 0x3E, "]" }, { 0x40, "|" }, { 0x65, "€" } };

enum { ESCAPE = 0x1B, PADDING = 0xFF, UCS2 = 0x80, HALF_PAGE = 0x81, ANY_PAGE = 0x82 };

/* One septet; *escaped says that the one before it was the escape. */
static void letter(struct buf *out, uint8_t code, bool *escaped)
{
    bool was = *escaped;
    *escaped = !was && code == ESCAPE;
    for (size_t i = 0; was && i < sizeof extension / sizeof *extension; i++)
        if (extension[i].code == code) {
            buf_text(out, extension[i].letter);
            return;
        }
    buf_text(out, letters[code & 0x7F]);
}

static void unit(struct buf *out, uint16_t c)
{
    if (c == 0 || (c >= 0xD800 && c <= 0xDFFF)) {
        buf_u8(out, '?');
    } else if (c < 0x80) {
        buf_u8(out, c);
    } else if (c < 0x800) {
        buf_u8(out, 0xC0u | c >> 6);
        buf_u8(out, 0x80u | (c & 0x3F));
    } else {
        buf_u8(out, 0xE0u | c >> 12);
        buf_u8(out, 0x80u | (c >> 6 & 0x3F));
        buf_u8(out, 0x80u | (c & 0x3F));
    }
}

void alphabet_ucs2(struct buf *out, struct bytes b)
{
    struct cursor c = cursor_over(b);
    while (cursor_left(&c) >= 2) {
        uint16_t one = cursor_u16(&c);
        if (one == 0xFFFF)
            break;
        unit(out, one);
    }
}

/* A count, a base, then octets: of the default alphabet, or with the top bit an offset to the base. */
static void paged(struct buf *out, struct bytes b, bool any_page)
{
    struct cursor c = cursor_over(b);
    bool escaped = false;
    cursor_u8(&c);
    uint8_t n = cursor_u8(&c);
    uint16_t base = any_page ? cursor_u16(&c) : (uint16_t)(cursor_u8(&c) << 7);
    for (; n && !cursor_done(&c); n--) {
        uint8_t one = cursor_u8(&c);
        if (one & 0x80)
            unit(out, (uint16_t)(base + (one & 0x7F)));
        else
            letter(out, one, &escaped);
    }
}

void alphabet_identifier(struct buf *out, struct bytes b)
{
    bool escaped = false;
    if (b.n && b.p[0] == UCS2)
        alphabet_ucs2(out, bytes_slice(b, 1, b.n));
    else if (b.n && (b.p[0] == HALF_PAGE || b.p[0] == ANY_PAGE))
        paged(out, b, b.p[0] == ANY_PAGE);
    else
        for (size_t i = 0; i < b.n && b.p[i] != PADDING; i++)
            letter(out, b.p[i], &escaped);
}

void alphabet_packed(struct buf *out, struct bytes b, unsigned spare)
{
    bool escaped = false;
    size_t bits = 8 * b.n > spare ? 8 * b.n - spare : 0;
    for (size_t at = 0; at + 7 <= bits; at += 7) {
        unsigned pair = b.p[at / 8] | (at / 8 + 1 < b.n ? (unsigned)b.p[at / 8 + 1] << 8 : 0);
        letter(out, pair >> at % 8 & 0x7F, &escaped);
    }
}
