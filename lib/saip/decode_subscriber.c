/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/tlv.h"
#include "base/text.h"
#include "saip/alphabet.h"
#include "saip/decoders.h"
#include "saip/names.h"

/* ---------------------------------------------------------------------- files of the UICC */

bool decode_iccid(struct buf *out, struct bytes b)
{
    return b.n == 10 && saip_digits(out, b);
}

static bool is_letter(uint8_t c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* Language codes of two letters. */
bool decode_languages(struct buf *out, struct bytes b)
{
    if (b.n % 2)
        return false;
    for (size_t i = 0; i < b.n; i += 2) {
        struct bytes code = bytes_slice(b, i, 2);
        if (saip_content_empty(code))
            continue;
        if (!is_letter(code.p[0]) || !is_letter(code.p[1]))
            return false;
        words_item(out);
        buf_add(out, code);
    }
    return true;
}

bool decode_directory(struct buf *out, struct bytes b)
{
    struct cursor c = cursor_over(b);
    struct tlv application;
    if (tlv_next(&c, ASN1_WIRE, &application, NULL) != 0 || application.tag != 0x61)
        return false;
    struct bytes aid = tlv_find(application.value, 0x4F).value, label = tlv_find(application.value, 0x50).value;
    if (!aid.n)
        return false;
    hex_append(out, aid);
    buf_text(out, label.n ? " " : "");
    words_quoted(out, alphabet_identifier, label);
    return true;
}

bool decode_power(struct buf *out, struct bytes b)
{
    if (b.n < 3)
        return false;
    if (b.p[0] == 0xFF)
        buf_text(out, "no limit of power");
    else
        buf_printf(out, "at most %u mA", b.p[0]);
    buf_printf(out, ", time-out of %u s%s%s", b.p[1], b.p[2] & 1 ? ", more current when idle" : "",
               b.p[2] & 2 ? ", may be suspended" : "");
    return true;
}

/* ------------------------------------------------------------------------ who, and where */

bool decode_imsi(struct buf *out, struct bytes b)
{
    if (b.n != 9 || b.p[0] == 0 || b.p[0] > 8 || (b.p[1] & 7) != 1)
        return false;
    bool odd = b.p[1] & 8;
    struct buf all = buf_in(out->arena);
    unsigned first = b.p[1] >> 4;
    if (first > 9 || !saip_digits(&all, bytes_slice(b, 2, b.p[0] - 1u)) ||
        all.n + 1 != 2u * b.p[0] - (odd ? 1u : 2u))
        return false;
    buf_u8(out, '0' + first);
    buf_add(out, buf_bytes(&all));
    return true;
}

bool decode_provider(struct buf *out, struct bytes b)
{
    if (b.n < 2 || b.p[0] > 3)
        return false;
    words_quoted(out, alphabet_identifier, bytes_slice(b, 1, b.n));
    buf_text(out, out->n ? "" : "no name");
    buf_text(out, b.p[0] & 1 ? "; at home the PLMN name beside it" : "");
    buf_text(out, b.p[0] & 2 ? "; not shown when roaming" : "; shown when roaming, too");
    return true;
}

bool decode_access_classes(struct buf *out, struct bytes b)
{
    if (b.n != 2)
        return false;
    for (unsigned i = 0; i < 16; i++)
        if ((b.p[1 - i / 8] >> i % 8 & 1) && i != 10) {
            buf_text(out, out->n ? ", " : "access class ");
            buf_printf(out, "%u", i);
        }
    buf_text(out, out->n ? "" : "no access class");
    return true;
}

/* Steps of six minutes (TS 22.011 3.2.2.5). */
bool decode_search_period(struct buf *out, struct bytes b)
{
    if (b.n != 1)
        return false;
    if (b.p[0] == 0)
        buf_text(out, "no search for the home network");
    else
        buf_printf(out, "the home network is looked for every %u min", 6u * b.p[0]);
    return true;
}

bool decode_administrative(struct buf *out, struct bytes b)
{
    static const struct {
        uint8_t mode;
        const char *name;
    } modes[] = { { 0x00, "normal operation" },
                  { 0x80, "type approval" },
                  { 0x01, "normal operation and specific facilities" },
                  { 0x81, "type approval and specific facilities" },
                  { 0x02, "maintenance off line" },
                  { 0x04, "cell test" } };
    const char *name = NULL;
    for (size_t i = 0; b.n >= 3 && i < sizeof modes / sizeof *modes; i++)
        name = modes[i].mode == b.p[0] ? modes[i].name : name;
    if (!name)
        return false;
    buf_text(out, name);
    if (b.n > 3)
        buf_printf(out, ", MNC of %u digits", b.p[3] & 15u);
    return b.n < 4 || (b.p[3] & 15) == 2 || (b.p[3] & 15) == 3;
}

bool decode_emergency(struct buf *out, struct bytes b)
{
    static const char *const categories[] = { "police", "ambulance", "fire brigade", "marine guard", "mountain rescue",
                                              "manual eCall", "automatic eCall" };
    struct buf services = buf_in(out->arena);
    if (b.n < 4)
        return false;
    words_number(out, 0, bytes_slice(b, 0, 3));
    buf_u8(out, ' ');
    words_quoted(out, alphabet_identifier, bytes_slice(b, 3, b.n - 4));
    if (out->p && out->p[out->n - 1] != ' ')
        buf_u8(out, ' ');
    WORDS_BITS(&services, b.p[b.n - 1] == 0xFF ? 0u : b.p[b.n - 1], categories);
    buf_printf(out, "(%s)", services.n ? buf_str(&services) : "no category");
    return out->n > 1 && out->p[0] != ' ';
}

/* An alpha identifier, then length, type and plan, ten octets of digits, two references (TS 31.102 4.4.2.3). */
bool decode_dialling(struct buf *out, struct bytes b)
{
    if (b.n < 14)
        return false;
    struct bytes fixed = bytes_slice(b, b.n - 14, 14);
    words_quoted(out, alphabet_identifier, bytes_slice(b, 0, b.n - 14));
    if (fixed.p[0] == 0xFF || fixed.p[0] == 0)
        return out->n != 0;
    if (fixed.p[0] > 11)
        return false;
    buf_text(out, out->n ? " " : "");
    words_number(out, fixed.p[1], bytes_slice(fixed, 2, fixed.p[0] - 1u));
    return true;
}

/* -------------------------------------------------------------------------------- services */

static bool services(struct buf *out, struct bytes b, enum saip_service_table table)
{
    for (unsigned i = 0; i < 8 * b.n; i++)
        if (b.p[i / 8] >> i % 8 & 1) {
            const char *name = saip_service_name(table, i + 1);
            words_item(out);
            buf_printf(out, "%u %s", i + 1, name ? name : "(reserved)");
        }
    buf_text(out, out->n ? "" : "no service");
    return b.n != 0;
}

bool decode_usim_services(struct buf *out, struct bytes b)
{
    return services(out, b, SAIP_UST);
}

bool decode_isim_services(struct buf *out, struct bytes b)
{
    return services(out, b, SAIP_IST);
}

bool decode_enabled_services(struct buf *out, struct bytes b)
{
    return services(out, b, SAIP_EST);
}

/* Relative validity (TS 23.040 9.2.3.12.1). */
static void validity(struct buf *out, uint8_t v)
{
    if (v <= 143)
        buf_printf(out, ", valid for %u min", 5u * (v + 1u));
    else if (v <= 167)
        buf_printf(out, ", valid for %u min", 720u + 30u * (v - 143u));
    else if (v <= 196)
        buf_printf(out, ", valid for %u days", v - 166u);
    else
        buf_printf(out, ", valid for %u weeks", v - 192u);
}

/* Bits of the indicator are 0 for what is there. */
bool decode_message_parameters(struct buf *out, struct bytes b)
{
    enum { FIXED = 28, NO_DESTINATION = 1, NO_CENTRE = 2, NO_PROTOCOL = 4, NO_CODING = 8, NO_VALIDITY = 16 };
    if (b.n < FIXED)
        return false;
    const uint8_t *p = b.p + b.n - FIXED;
    words_quoted(out, alphabet_identifier, bytes_slice(b, 0, b.n - FIXED));
    if (!(p[0] & NO_CENTRE) && p[13] > 1 && p[13] <= 11) {
        words_comma(out);
        buf_text(out, "service centre ");
        words_number(out, p[14], bytes_make(p + 15, p[13] - 1u));
    }
    if (!(p[0] & NO_DESTINATION) && p[1] && p[1] <= 20) {
        words_comma(out);
        buf_text(out, "destination ");
        words_number(out, p[2], bytes_make(p + 3, (p[1] + 1u) / 2));
    }
    words_comma(out);
    buf_printf(out, p[0] & NO_PROTOCOL ? "no protocol" : "protocol %02X", p[25]);
    buf_printf(out, p[0] & NO_CODING ? ", no coding" : ", coding %02X", p[26]);
    if (!(p[0] & NO_VALIDITY))
        validity(out, p[27]);
    return true;
}

/* Status in the lowest bits (TS 31.102 4.2.25). */
bool decode_message(struct buf *out, struct bytes b)
{
    static const char *const states[] = { "free", "received, read", "free", "received, to be read",
                                          "free", "sent",           "free", "to be sent" };
    if (b.n != 176)
        return false;
    buf_text(out, states[b.p[0] & 7]);
    return true;
}

bool decode_message_status(struct buf *out, struct bytes b)
{
    if (b.n < 2)
        return false;
    buf_printf(out, "last reference %u, memory %s", b.p[0], b.p[1] & 1 ? "free" : "was full");
    return true;
}

bool decode_broadcast(struct buf *out, struct bytes b)
{
    for (size_t i = 0; i + 1 < b.n; i += 2)
        if (!saip_content_empty(bytes_slice(b, i, 2))) {
            words_item(out);
            buf_printf(out, "message %d", b.p[i] << 8 | b.p[i + 1]);
        }
    return b.n % 2 == 0;
}

bool decode_broadcast_ranges(struct buf *out, struct bytes b)
{
    for (size_t i = 0; i + 3 < b.n; i += 4)
        if (!saip_content_empty(bytes_slice(b, i, 4))) {
            words_item(out);
            buf_printf(out, "messages %d-%d", b.p[i] << 8 | b.p[i + 1], b.p[i + 2] << 8 | b.p[i + 3]);
        }
    return b.n % 4 == 0;
}

/* Labels with a length octet in front of each (TS 23.003 9.1). */
static void access_point(struct buf *out, struct bytes b)
{
    struct cursor c = cursor_over(b);
    for (size_t n = 0; !cursor_done(&c); n++) {
        struct bytes label = cursor_take(&c, cursor_u8(&c));
        if (c.failed)
            return;
        buf_text(out, n ? "." : "");
        buf_add(out, label);
    }
}

bool decode_access_points(struct buf *out, struct bytes b)
{
    struct cursor c = cursor_over(b);
    struct tlv t;
    uint8_t n = cursor_u8(&c);
    buf_text(out, n ? "" : "no access point");
    for (uint8_t i = 0; i < n; i++) {
        if (tlv_next(&c, ASN1_WIRE, &t, NULL) != 0 || t.tag != 0xDD)
            return false;
        words_item(out);
        access_point(out, t.value);
    }
    return !c.failed;
}

/* One octet whose lowest bit says yes. */
static bool whether(struct buf *out, struct bytes b, const char *yes, const char *no)
{
    if (b.n < 1)
        return false;
    buf_text(out, b.p[0] & 1 ? yes : no);
    return true;
}

bool decode_last_network(struct buf *out, struct bytes b)
{
    return whether(out, b, "at the start the home or the last network", "at the start the last network");
}

bool decode_equivalent_home(struct buf *out, struct bytes b)
{
    static const char *const ways[] = { "no preference", "only the highest of the equivalent home networks is shown",
                                        "all equivalent home networks are shown" };
    if (b.n < 1 || b.p[0] > 2)
        return false;
    buf_text(out, ways[b.p[0]]);
    return true;
}

bool decode_session_keys(struct buf *out, struct bytes b)
{
    if (b.n < 1)
        return false;
    buf_printf(out, "%s", (b.p[0] & 7) == 7 ? "no keys yet" : "keys of an authentication");
    return true;
}

/* Kc, then its number (TS 31.102 4.4.3.1). */
bool decode_session_key_gsm(struct buf *out, struct bytes b)
{
    return b.n == 9 && decode_session_keys(out, bytes_slice(b, 8, 1));
}

bool decode_menu_title(struct buf *out, struct bytes b)
{
    struct cursor c = cursor_over(b);
    struct tlv t;
    if (tlv_next(&c, ASN1_WIRE, &t, NULL) != 0 || (t.tag & 0x7F) != 0x05)
        return false;
    words_quoted(out, alphabet_identifier, t.value);
    buf_text(out, out->n ? "" : "no title");
    return true;
}
