/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/contents.h"

#include "asn1/tlv.h"
#include "base/text.h"
#include "saip/alphabet.h"
#include "saip/names.h"

/* ------------------------------------------------------------------------- what many use */

bool saip_content_empty(struct bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] != 0xFF)
            return false;
    return true;
}

bool saip_digits(struct buf *out, struct bytes b)
{
    bool ended = false;
    for (size_t i = 0; i < 2 * b.n; i++) {
        unsigned digit = i % 2 ? b.p[i / 2] >> 4 : b.p[i / 2] & 15u;
        if (digit != 15 && (digit > 9 || ended))
            return false;
        ended = ended || digit == 15;
        if (!ended)
            buf_u8(out, '0' + digit);
    }
    return true;
}

static void comma(struct buf *out)
{
    buf_text(out, out->n ? ", " : "");
}

/* Before a further item of a list. */
static void item(struct buf *out)
{
    buf_text(out, out->n ? "\n" : "");
}

/* "262-01"; D is any digit (TS 31.102 4.2.59).  False if it is no PLMN. */
static bool plmn(struct buf *out, struct bytes b)
{
    static const uint8_t half[] = { 0, 1, 2, 4, 5, 3 };
    for (size_t i = 0; i < sizeof half; i++) {
        unsigned digit = b.n == 3 ? (half[i] % 2 ? b.p[half[i] / 2] >> 4 : b.p[half[i] / 2] & 15u) : 14;
        if (i == 3)
            buf_u8(out, '-');
        if (i == 5 && digit == 15)
            return true;
        if (digit > 9 && digit != 13)
            return false;
        buf_u8(out, digit == 13 ? '*' : '0' + digit);
    }
    return true;
}

static void quoted(struct buf *out, void (*alphabet)(struct buf *, struct bytes), struct bytes text)
{
    struct buf inner = buf_in(out->arena);
    alphabet(&inner, text);
    if (inner.n == 0)
        return;
    buf_u8(out, '"');
    buf_add(out, buf_bytes(&inner));
    buf_u8(out, '"');
}

/* The names of bits that are set, from the lowest on; bits without a name in hex. */
static void bits(struct buf *out, unsigned value, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (names[i] && (value >> i & 1)) {
            comma(out);
            buf_text(out, names[i]);
            value &= ~(1u << i);
        }
    if (value) {
        comma(out);
        buf_printf(out, "reserved bits %02X", value);
    }
}

#define BITS(out, value, names) bits(out, value, names, sizeof names / sizeof *names)

/* Items of `size` octets: each is written by `one`, those of FF are left out. */
static bool list(struct buf *out, struct bytes b, size_t size, bool (*one)(struct buf *, struct bytes))
{
    size_t n = 0;
    if (b.n % size)
        return false;
    for (size_t at = 0; at < b.n; at += size) {
        struct bytes each = bytes_slice(b, at, size);
        if (saip_content_empty(bytes_slice(each, 0, 3)))
            continue;
        buf_text(out, n++ ? "\n" : "");
        if (!one(out, each))
            return false;
    }
    if (n == 0)
        buf_text(out, "empty");
    return true;
}

/* A telephone number of `b` octets behind type and plan (TS 24.008 10.5.4.7). */
static void number(struct buf *out, uint8_t type, struct bytes b)
{
    static const char digits[] = "0123456789*#p?e";
    if ((type >> 4 & 7) == 1)
        buf_u8(out, '+');
    for (size_t i = 0; i < 2 * b.n; i++) {
        unsigned digit = i % 2 ? b.p[i / 2] >> 4 : b.p[i / 2] & 15u;
        if (digit == 15)
            return;
        buf_u8(out, (uint8_t)digits[digit]);
    }
}

/* ---------------------------------------------------------------------- files of the UICC */

static bool iccid(struct buf *out, struct bytes b)
{
    return b.n == 10 && saip_digits(out, b);
}

static bool is_letter(uint8_t c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* Language codes of two letters. */
static bool languages(struct buf *out, struct bytes b)
{
    if (b.n % 2)
        return false;
    for (size_t i = 0; i < b.n; i += 2) {
        struct bytes code = bytes_slice(b, i, 2);
        if (saip_content_empty(code))
            continue;
        if (!is_letter(code.p[0]) || !is_letter(code.p[1]))
            return false;
        item(out);
        buf_add(out, code);
    }
    return true;
}

static bool directory(struct buf *out, struct bytes b)
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
    quoted(out, alphabet_identifier, label);
    return true;
}

static bool power(struct buf *out, struct bytes b)
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

static bool imsi(struct buf *out, struct bytes b)
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

static bool provider(struct buf *out, struct bytes b)
{
    if (b.n < 2 || b.p[0] > 3)
        return false;
    quoted(out, alphabet_identifier, bytes_slice(b, 1, b.n));
    buf_text(out, out->n ? "" : "no name");
    buf_text(out, b.p[0] & 1 ? "; at home the PLMN name beside it" : "");
    buf_text(out, b.p[0] & 2 ? "; not shown when roaming" : "; shown when roaming, too");
    return true;
}

static bool access_classes(struct buf *out, struct bytes b)
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
static bool search_period(struct buf *out, struct bytes b)
{
    if (b.n != 1)
        return false;
    if (b.p[0] == 0)
        buf_text(out, "no search for the home network");
    else
        buf_printf(out, "the home network is looked for every %u min", 6u * b.p[0]);
    return true;
}

static bool administrative(struct buf *out, struct bytes b)
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

static bool emergency(struct buf *out, struct bytes b)
{
    static const char *const categories[] = { "police", "ambulance", "fire brigade", "marine guard", "mountain rescue",
                                              "manual eCall", "automatic eCall" };
    struct buf services = buf_in(out->arena);
    if (b.n < 4)
        return false;
    number(out, 0, bytes_slice(b, 0, 3));
    buf_u8(out, ' ');
    quoted(out, alphabet_identifier, bytes_slice(b, 3, b.n - 4));
    if (out->p && out->p[out->n - 1] != ' ')
        buf_u8(out, ' ');
    BITS(&services, b.p[b.n - 1] == 0xFF ? 0u : b.p[b.n - 1], categories);
    buf_printf(out, "(%s)", services.n ? buf_str(&services) : "no category");
    return out->n > 1 && out->p[0] != ' ';
}

/* An alpha identifier, then length, type and plan, ten octets of digits, two references (TS 31.102 4.4.2.3). */
static bool dialling(struct buf *out, struct bytes b)
{
    if (b.n < 14)
        return false;
    struct bytes fixed = bytes_slice(b, b.n - 14, 14);
    quoted(out, alphabet_identifier, bytes_slice(b, 0, b.n - 14));
    if (fixed.p[0] == 0xFF || fixed.p[0] == 0)
        return out->n != 0;
    if (fixed.p[0] > 11)
        return false;
    buf_text(out, out->n ? " " : "");
    number(out, fixed.p[1], bytes_slice(fixed, 2, fixed.p[0] - 1u));
    return true;
}

/* -------------------------------------------------------------------------------- networks */

static bool technologies(struct buf *out, struct bytes b)
{
    static const char *const others[16] = { [3] = NULL, [4] = "cdma2000 1xRTT", [5] = "cdma2000 HRPD",
                                            [6] = "GSM COMPACT", [10] = "satellite NG-RAN", [11] = "NG-RAN",
                                            [15] = "UTRAN" };
    static const char *const eutran[] = { "E-UTRAN", "E-UTRAN NB-S1", "E-UTRAN WB-S1", "E-UTRAN" };
    static const char *const gsm[] = { "GSM", "GSM without EC-GSM-IoT", "EC-GSM-IoT", "GSM" };
    struct buf names = buf_in(out->arena);
    unsigned v = (unsigned)b.p[3] << 8 | b.p[4];
    if (!plmn(out, bytes_slice(b, 0, 3)))
        return false;
    if (v & 0x4000)
        buf_text(&names, eutran[v >> 12 & 3]);
    if (v & 0x0080) {
        comma(&names);
        buf_text(&names, gsm[v >> 2 & 3]);
    }
    v &= ~((v & 0x4000 ? 0x7000u : 0u) | (v & 0x0080 ? 0x008Cu : 0u));
    BITS(&names, v, others);
    buf_printf(out, " (%s)", names.n ? buf_str(&names) : "no technology");
    return true;
}

static bool networks_with_technology(struct buf *out, struct bytes b)
{
    return list(out, b, 5, technologies);
}

static bool networks(struct buf *out, struct bytes b)
{
    return list(out, b, 3, plmn);
}

/* Short or long name (TS 24.008 10.5.3.5a). */
static bool network_name(struct buf *out, struct bytes element)
{
    struct buf name = buf_in(out->arena);
    struct bytes text = bytes_slice(element, 1, element.n);
    unsigned coding = element.n ? element.p[0] >> 4 & 7u : 7;
    if (coding > 1)
        return false;
    if (coding == 0)
        alphabet_packed(&name, text, element.p[0] & 7u);
    else
        alphabet_ucs2(&name, text);
    buf_printf(out, "\"%s\"", name.n ? buf_str(&name) : "");
    return true;
}

static bool network_names(struct buf *out, struct bytes b)
{
    struct cursor c = cursor_over(b);
    struct tlv full, next;
    if (tlv_next(&c, ASN1_WIRE, &full, NULL) != 0 || full.tag != 0x43 || !network_name(out, full.value))
        return false;
    if (tlv_peek(&c) == 0x45 && tlv_next(&c, ASN1_WIRE, &next, NULL) == 0) {
        buf_text(out, ", short ");
        return network_name(out, next.value);
    }
    return true;
}

/* A network, a range of areas of `width` octets, and a record of EF.PNN. */
static bool network_areas(struct buf *out, struct bytes b, size_t width, const char *what)
{
    if (b.n < 3 + 2 * width + 1 || !plmn(out, bytes_slice(b, 0, 3)))
        return false;
    buf_printf(out, ", %s ", what);
    hex_append(out, bytes_slice(b, 3, width));
    buf_u8(out, '-');
    hex_append(out, bytes_slice(b, 3 + width, width));
    uint8_t record = b.p[3 + 2 * width];
    if (record)
        buf_printf(out, ": name %u of EF.PNN", record);
    else
        buf_text(out, ": name from elsewhere");
    return true;
}

static bool operator_list(struct buf *out, struct bytes b)
{
    return network_areas(out, b, 2, "LAC");
}

static bool operator_list_5g(struct buf *out, struct bytes b)
{
    return network_areas(out, b, 3, "TAC");
}

static bool display_list(struct buf *out, struct bytes b)
{
    struct bytes inner = tlv_find(b, 0xA3).value, all = tlv_find(inner, 0x80).value;
    return all.p && networks(out, all);
}

/* An area's network at `at`, and in the last octet how the last registration ended. */
static bool location(struct buf *out, struct bytes b, size_t octets, size_t at, const char *const *states)
{
    struct buf network = buf_in(out->arena);
    if (b.n < octets || b.p[octets - 1] > 3 || !states[b.p[octets - 1]])
        return false;
    struct bytes home = bytes_slice(b, at, 3);
    bool known = plmn(&network, home);
    if (!known && !saip_content_empty(home))
        return false;
    buf_printf(out, "%s, last in %s", states[b.p[octets - 1]], known ? buf_str(&network) : "no network");
    return true;
}

static const char *const updated[] = { "updated", "not updated", "PLMN not allowed", "location area not allowed" };
static const char *const routed[] = { "updated", "not updated", "PLMN not allowed", "routing area not allowed" };
static const char *const registered[] = { "registered", "not registered", "roaming not allowed", NULL };
static const char *const registered_5g[] = { "updated", "not updated", "roaming not allowed", NULL };

static bool location_cs(struct buf *out, struct bytes b)
{
    return location(out, b, 11, 4, updated);
}

static bool location_ps(struct buf *out, struct bytes b)
{
    return location(out, b, 14, 7, routed);
}

static bool location_eps(struct buf *out, struct bytes b)
{
    return location(out, b, 18, 12, registered);
}

static bool location_5gs(struct buf *out, struct bytes b)
{
    return location(out, b, 20, 13, registered_5g);
}

/* -------------------------------------------------------------------------------- services */

static bool services(struct buf *out, struct bytes b, enum saip_service_table table)
{
    for (unsigned i = 0; i < 8 * b.n; i++)
        if (b.p[i / 8] >> i % 8 & 1) {
            const char *name = saip_service_name(table, i + 1);
            item(out);
            buf_printf(out, "%u %s", i + 1, name ? name : "(reserved)");
        }
    buf_text(out, out->n ? "" : "no service");
    return b.n != 0;
}

static bool usim_services(struct buf *out, struct bytes b)
{
    return services(out, b, SAIP_UST);
}

static bool isim_services(struct buf *out, struct bytes b)
{
    return services(out, b, SAIP_IST);
}

static bool enabled_services(struct buf *out, struct bytes b)
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
static bool message_parameters(struct buf *out, struct bytes b)
{
    enum { FIXED = 28, NO_DESTINATION = 1, NO_CENTRE = 2, NO_PROTOCOL = 4, NO_CODING = 8, NO_VALIDITY = 16 };
    if (b.n < FIXED)
        return false;
    const uint8_t *p = b.p + b.n - FIXED;
    quoted(out, alphabet_identifier, bytes_slice(b, 0, b.n - FIXED));
    if (!(p[0] & NO_CENTRE) && p[13] > 1 && p[13] <= 11) {
        comma(out);
        buf_text(out, "service centre ");
        number(out, p[14], bytes_make(p + 15, p[13] - 1u));
    }
    if (!(p[0] & NO_DESTINATION) && p[1] && p[1] <= 20) {
        comma(out);
        buf_text(out, "destination ");
        number(out, p[2], bytes_make(p + 3, (p[1] + 1u) / 2));
    }
    comma(out);
    buf_printf(out, p[0] & NO_PROTOCOL ? "no protocol" : "protocol %02X", p[25]);
    buf_printf(out, p[0] & NO_CODING ? ", no coding" : ", coding %02X", p[26]);
    if (!(p[0] & NO_VALIDITY))
        validity(out, p[27]);
    return true;
}

/* Status in the lowest bits (TS 31.102 4.2.25). */
static bool message(struct buf *out, struct bytes b)
{
    static const char *const states[] = { "free", "received, read", "free", "received, to be read",
                                          "free", "sent",           "free", "to be sent" };
    if (b.n != 176)
        return false;
    buf_text(out, states[b.p[0] & 7]);
    return true;
}

static bool message_status(struct buf *out, struct bytes b)
{
    if (b.n < 2)
        return false;
    buf_printf(out, "last reference %u, memory %s", b.p[0], b.p[1] & 1 ? "free" : "was full");
    return true;
}

static bool broadcast(struct buf *out, struct bytes b)
{
    for (size_t i = 0; i + 1 < b.n; i += 2)
        if (!saip_content_empty(bytes_slice(b, i, 2))) {
            item(out);
            buf_printf(out, "message %d", b.p[i] << 8 | b.p[i + 1]);
        }
    return b.n % 2 == 0;
}

static bool broadcast_ranges(struct buf *out, struct bytes b)
{
    for (size_t i = 0; i + 3 < b.n; i += 4)
        if (!saip_content_empty(bytes_slice(b, i, 4))) {
            item(out);
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

static bool access_points(struct buf *out, struct bytes b)
{
    struct cursor c = cursor_over(b);
    struct tlv t;
    uint8_t n = cursor_u8(&c);
    buf_text(out, n ? "" : "no access point");
    for (uint8_t i = 0; i < n; i++) {
        if (tlv_next(&c, ASN1_WIRE, &t, NULL) != 0 || t.tag != 0xDD)
            return false;
        item(out);
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

static bool last_network(struct buf *out, struct bytes b)
{
    return whether(out, b, "at the start the home or the last network", "at the start the last network");
}

static bool equivalent_home(struct buf *out, struct bytes b)
{
    static const char *const ways[] = { "no preference", "only the highest of the equivalent home networks is shown",
                                        "all equivalent home networks are shown" };
    if (b.n < 1 || b.p[0] > 2)
        return false;
    buf_text(out, ways[b.p[0]]);
    return true;
}

static bool session_keys(struct buf *out, struct bytes b)
{
    if (b.n < 1)
        return false;
    buf_printf(out, "%s", (b.p[0] & 7) == 7 ? "no keys yet" : "keys of an authentication");
    return true;
}

/* Kc, then its number (TS 31.102 4.4.3.1). */
static bool session_key_gsm(struct buf *out, struct bytes b)
{
    return b.n == 9 && session_keys(out, bytes_slice(b, 8, 1));
}

/* --------------------------------------------------------------------------------- 5G, IMS */

static bool scheme(struct buf *out, struct bytes b)
{
    static const char *const names[] = { "null scheme", "Profile A (X25519)", "Profile B (P-256)" };
    if (b.p[0] < sizeof names / sizeof *names)
        buf_text(out, names[b.p[0]]);
    else
        buf_printf(out, "scheme %u", b.p[0]);
    if (b.p[1])
        buf_printf(out, " with key %u", b.p[1]);
    return true;
}

static bool concealment(struct buf *out, struct bytes b)
{
    struct tlv schemes = tlv_find(b, 0xA0), keys = tlv_find(b, 0xA1), t;
    if (!schemes.value.p || schemes.value.n % 2)
        return false;
    for (size_t i = 0; i < schemes.value.n; i += 2) {
        comma(out);
        scheme(out, bytes_slice(schemes.value, i, 2));
    }
    buf_text(out, out->n ? "" : "no scheme");
    struct cursor c = cursor_over(keys.value);
    for (unsigned n = 0, number_is = 0; !cursor_done(&c);) {
        if (tlv_next(&c, ASN1_WIRE, &t, NULL) != 0)
            return false;
        if (t.tag == 0x80 && t.value.n == 1)
            number_is = t.value.p[0];
        if (t.tag == 0x81) {
            buf_printf(out, "; key %u (identifier %u) ", ++n, number_is);
            hex_append(out, t.value);
        }
    }
    return true;
}

static bool routing(struct buf *out, struct bytes b)
{
    struct buf digits = buf_in(out->arena);
    if (b.n < 2 || !saip_digits(&digits, bytes_slice(b, 0, 2)) || digits.n == 0)
        return false;
    buf_printf(out, "routing indicator %s", buf_str(&digits));
    return true;
}

static bool identities(struct buf *out, struct bytes b)
{
    static const char *const names[] = { "access identity 1 (multimedia priority)",
                                         "access identity 2 (mission critical)" };
    if (b.n < 1)
        return false;
    BITS(out, b.p[0], names);
    buf_text(out, out->n ? "" : "no access identity");
    return true;
}

/* A text in a data object 80. */
static bool object_text(struct buf *out, struct bytes b)
{
    struct cursor c = cursor_over(b);
    struct tlv t;
    if (tlv_next(&c, ASN1_WIRE, &t, NULL) != 0 || t.tag != 0x80 || !utf8_valid(t.value))
        return false;
    buf_text(out, t.value.n ? text_plain(out->arena, t.value) : "none");
    return true;
}

static bool proxy(struct buf *out, struct bytes b)
{
    struct cursor c = cursor_over(b);
    struct tlv t;
    if (tlv_next(&c, ASN1_WIRE, &t, NULL) != 0 || t.tag != 0x80 || t.value.n < 2)
        return false;
    struct bytes address = bytes_slice(t.value, 1, t.value.n);
    if (t.value.p[0] == 0 && utf8_valid(address))
        buf_add(out, address);
    else if (t.value.p[0] == 1 && address.n == 4)
        buf_printf(out, "%u.%u.%u.%u", address.p[0], address.p[1], address.p[2], address.p[3]);
    else if (t.value.p[0] == 2 && address.n == 16)
        for (size_t i = 0; i < 16; i += 2)
            buf_printf(out, "%s%x", i ? ":" : "", (unsigned)(address.p[i] << 8 | address.p[i + 1]));
    else
        return false;
    return true;
}

static bool menu_title(struct buf *out, struct bytes b)
{
    struct cursor c = cursor_over(b);
    struct tlv t;
    if (tlv_next(&c, ASN1_WIRE, &t, NULL) != 0 || (t.tag & 0x7F) != 0x05)
        return false;
    quoted(out, alphabet_identifier, t.value);
    buf_text(out, out->n ? "" : "no title");
    return true;
}

/* ------------------------------------------------------------------------------- the table */

#define UICC(clause) "TS 102 221 " clause
#define USIM(clause) "TS 31.102 " clause
#define ISIM(clause) "TS 31.103 " clause

enum {
    NUMBERS = SAIP_IN_USIM | SAIP_IN_TELECOM,
    PERSONAL = SAIP_CONTENT_PERSONAL,
    SECRET = SAIP_CONTENT_SECRET,
};

const struct saip_content saip_contents[] = {
    { SAIP_IN_MF, 0x2F00, UICC("13.1"), directory, 0 },
    { SAIP_IN_MF, 0x2FE2, UICC("13.2"), iccid, PERSONAL },
    { SAIP_IN_MF, 0x2F05, UICC("13.3"), languages, 0 },
    { SAIP_IN_MF, 0x2F08, UICC("13.6"), power, 0 },
    { SAIP_IN_USIM, 0x6F05, USIM("4.2.1"), languages, 0 },
    { SAIP_IN_USIM, 0x6F07, USIM("4.2.2"), imsi, PERSONAL },
    { SAIP_IN_USIM, 0x6F08, USIM("4.2.3"), session_keys, SECRET },
    { SAIP_IN_USIM, 0x6F09, USIM("4.2.4"), session_keys, SECRET },
    { SAIP_IN_USIM, 0x6F60, USIM("4.2.5"), networks_with_technology, 0 },
    { SAIP_IN_USIM, 0x6F31, USIM("4.2.6"), search_period, 0 },
    { SAIP_IN_USIM, 0x6F38, USIM("4.2.8"), usim_services, 0 },
    { SAIP_IN_USIM, 0x6F46, USIM("4.2.12"), provider, 0 },
    { SAIP_IN_USIM, 0x6F45, USIM("4.2.14"), broadcast, 0 },
    { SAIP_IN_USIM, 0x6F78, USIM("4.2.15"), access_classes, PERSONAL },
    { SAIP_IN_USIM, 0x6F7B, USIM("4.2.16"), networks, 0 },
    { SAIP_IN_USIM, 0x6F7E, USIM("4.2.17"), location_cs, 0 },
    { SAIP_IN_USIM, 0x6FAD, USIM("4.2.18"), administrative, 0 },
    { SAIP_IN_USIM, 0x6F48, USIM("4.2.20"), broadcast, 0 },
    { SAIP_IN_USIM, 0x6FB7, USIM("4.2.21"), emergency, 0 },
    { SAIP_IN_USIM, 0x6F50, USIM("4.2.22"), broadcast_ranges, 0 },
    { SAIP_IN_USIM, 0x6F73, USIM("4.2.23"), location_ps, 0 },
    { NUMBERS, 0x6F3B, USIM("4.2.24"), dialling, 0 },
    { NUMBERS | SAIP_IN_ISIM, 0x6F3C, USIM("4.2.25"), message, 0 },
    { NUMBERS, 0x6F40, USIM("4.2.26"), dialling, PERSONAL },
    { NUMBERS | SAIP_IN_ISIM, 0x6F42, USIM("4.2.27"), message_parameters, 0 },
    { NUMBERS | SAIP_IN_ISIM, 0x6F43, USIM("4.2.28"), message_status, 0 },
    { NUMBERS, 0x6F49, USIM("4.2.29"), dialling, 0 },
    { SAIP_IN_USIM, 0x6FC3, USIM("4.2.42"), NULL, SECRET },
    { SAIP_IN_USIM, 0x6F4D, USIM("4.2.44"), dialling, 0 },
    { SAIP_IN_USIM, 0x6F56, USIM("4.2.47"), enabled_services, 0 },
    { SAIP_IN_USIM, 0x6F57, USIM("4.2.48"), access_points, 0 },
    { SAIP_IN_USIM, 0x6F2C, USIM("4.2.49"), NULL, SECRET },
    { SAIP_IN_USIM, 0x6F61, USIM("4.2.53"), networks_with_technology, 0 },
    { SAIP_IN_USIM, 0x6F62, USIM("4.2.54"), networks_with_technology, 0 },
    { SAIP_IN_USIM, 0x6FC5, USIM("4.2.58"), network_names, 0 },
    { SAIP_IN_USIM, 0x6FC6, USIM("4.2.59"), operator_list, 0 },
    { SAIP_IN_USIM, 0x6FC7, USIM("4.2.60"), dialling, 0 },
    { SAIP_IN_USIM, 0x6FCD, USIM("4.2.66"), display_list, 0 },
    { SAIP_IN_USIM, 0x6FD9, USIM("4.2.84"), networks, 0 },
    { SAIP_IN_USIM, 0x6FDB, USIM("4.2.85"), equivalent_home, 0 },
    { SAIP_IN_USIM, 0x6FDC, USIM("4.2.86"), last_network, 0 },
    { SAIP_IN_USIM, 0x6FD0, USIM("4.2.69"), NULL, SECRET },
    { SAIP_IN_USIM, 0x6FD2, USIM("4.2.71"), NULL, SECRET },
    { SAIP_IN_USIM, 0x6FE2, USIM("4.2.90"), NULL, SECRET },
    { SAIP_IN_USIM, 0x6FFC, "TS 31.102 4.2 (EF.XCAPConfigData)", NULL, SECRET },
    { SAIP_IN_USIM, 0x6FE3, USIM("4.2.91"), location_eps, 0 },
    { SAIP_IN_USIM, 0x6FE4, USIM("4.2.92"), NULL, SECRET },
    { SAIP_IN_TELECOM, 0x6F3A, USIM("4.4.2.3"), dialling, 0 },
    { SAIP_IN_TELECOM, 0x6F54, "TS 102 223", menu_title, 0 },
    { SAIP_IN_TELECOM, 0x6FE5, USIM("4.6"), object_text, 0 },
    { SAIP_IN_PHONEBOOK, 0x4F3A, USIM("4.4.2.3"), dialling, 0 },
    { SAIP_IN_GSM_ACCESS, 0x4F20, USIM("4.4.3.1"), session_key_gsm, SECRET },
    { SAIP_IN_GSM_ACCESS, 0x4F52, USIM("4.4.3.2"), session_key_gsm, SECRET },
    { SAIP_IN_5GS, 0x4F01, USIM("4.4.11.2"), location_5gs, 0 },
    { SAIP_IN_5GS, 0x4F02, USIM("4.4.11.3"), location_5gs, 0 },
    { SAIP_IN_5GS, 0x4F03, USIM("4.4.11.4"), NULL, SECRET },
    { SAIP_IN_5GS, 0x4F04, USIM("4.4.11.5"), NULL, SECRET },
    { SAIP_IN_5GS, 0x4F05, USIM("4.4.11.6"), NULL, SECRET },
    { SAIP_IN_5GS, 0x4F06, USIM("4.4.11.7"), identities, 0 },
    { SAIP_IN_5GS, 0x4F07, USIM("4.4.11.8"), concealment, 0 },
    { SAIP_IN_5GS, 0x4F08, USIM("4.4.11.9"), operator_list_5g, 0 },
    { SAIP_IN_5GS, 0x4F0A, USIM("4.4.11.11"), routing, 0 },
    { SAIP_IN_SAIP, 0x4F01, USIM("4.4.11.8"), concealment, 0 },
    { SAIP_IN_ISIM, 0x6F02, ISIM("4.2.2"), object_text, PERSONAL },
    { SAIP_IN_ISIM, 0x6F03, ISIM("4.2.3"), object_text, 0 },
    { SAIP_IN_ISIM, 0x6F04, ISIM("4.2.4"), object_text, PERSONAL },
    { SAIP_IN_ISIM, 0x6FAD, ISIM("4.2.5"), administrative, 0 },
    { SAIP_IN_ISIM, 0x6F07, ISIM("4.2.7"), isim_services, 0 },
    { SAIP_IN_ISIM, 0x6F09, ISIM("4.2.8"), proxy, 0 },
    { SAIP_IN_ISIM, 0x6FFC, ISIM("4.2.19"), NULL, SECRET },
    { SAIP_IN_EAP, 0x4F01, "TS 102 310", NULL, SECRET },
    { SAIP_IN_CSIM, 0x6F50, "3GPP2 C.S0065", NULL, SECRET },
    { SAIP_IN_CSIM, 0x6F67, "3GPP2 C.S0065", NULL, SECRET },
    { SAIP_IN_CSIM, 0x6F69, "3GPP2 C.S0065", NULL, SECRET },
    { SAIP_IN_CSIM, 0x6F33, "3GPP2 C.S0065", NULL, SECRET },
    { SAIP_IN_CSIM, 0x6F6B, "3GPP2 C.S0065", NULL, SECRET },
};
const size_t saip_contents_count = sizeof saip_contents / sizeof *saip_contents;

/* DFs of one meaning wherever they are. */
static unsigned place_of(const struct saip_file *df)
{
    static const struct {
        uint16_t fid;
        unsigned place;
    } dfs[] = { { 0x7F10, SAIP_IN_TELECOM }, { 0x5F3A, SAIP_IN_PHONEBOOK }, { 0x5F3B, SAIP_IN_GSM_ACCESS },
                { 0x5FC0, SAIP_IN_5GS }, { 0x5FD0, SAIP_IN_SAIP } };
    static const unsigned naas[SAIP_NAAS] = { [SAIP_USIM] = SAIP_IN_USIM, [SAIP_ISIM] = SAIP_IN_ISIM,
                                              [SAIP_CSIM] = SAIP_IN_CSIM };
    if (!df || df->type == SAIP_MF)
        return df ? SAIP_IN_MF : 0;
    if (df->type == SAIP_ADF)
        return naas[df->naa];
    for (size_t i = 0; i < sizeof dfs / sizeof *dfs; i++)
        if (dfs[i].fid == df->fid)
            return dfs[i].place;
    return df->name && strcmp(df->name, "DF.EAP") == 0 ? SAIP_IN_EAP : 0;
}

const struct saip_content *saip_content_of(const struct saip_file *f)
{
    unsigned place = place_of(f->parent);
    for (size_t i = 0; i < saip_contents_count; i++)
        if ((saip_contents[i].places & place) && saip_contents[i].fid == f->fid)
            return &saip_contents[i];
    return NULL;
}

/* EFs of DF.TELECOM that templates leave out: once the SIM's, now links to those of the USIM (TS 51.011 10.5). */
static const char *telecom_name(uint16_t fid)
{
    static const struct {
        uint16_t fid;
        const char *name;
    } names[] = { { 0x6F3A, "EF.ADN" },  { 0x6F3B, "EF.FDN" },  { 0x6F3C, "EF.SMS" },  { 0x6F40, "EF.MSISDN" },
                  { 0x6F42, "EF.SMSP" }, { 0x6F43, "EF.SMSS" }, { 0x6F44, "EF.LND" },  { 0x6F47, "EF.SMSR" },
                  { 0x6F49, "EF.SDN" },  { 0x6F4A, "EF.EXT1" }, { 0x6F4B, "EF.EXT2" }, { 0x6F4C, "EF.EXT3" } };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].fid == fid)
            return names[i].name;
    return NULL;
}

/* A row of a template's versions for this FID in this DF (0: the template's own); ranges of FIDs are no name. */
static const char *name_in(const char *family, uint16_t df, uint16_t fid)
{
    size_t n = strlen(family);
    for (size_t i = 0; i < saip_templates_count; i++) {
        const struct saip_template *t = &saip_templates[i];
        const char *number = t->oid + sizeof "2.23.143.1." - 1;
        for (size_t k = 0; strncmp(number, family, n) == 0 && (number[n] == '.' || !number[n]) && k < t->n; k++)
            if (t->rows[k].fid == fid && t->rows[k].last == fid && t->rows[k].parent == df)
                return t->rows[k].name;
    }
    return NULL;
}

/* In an ADF or a DF of the card, or in a DF there. */
static const char *template_name(const struct saip_file *f)
{
    static const struct {
        unsigned place;
        const char *family;
    } families[] = { { SAIP_IN_MF, "2.1" },    { SAIP_IN_TELECOM, "2.3" }, { SAIP_IN_USIM, "2.4" },
                     { SAIP_IN_USIM, "2.5" },  { SAIP_IN_ISIM, "2.8" },    { SAIP_IN_ISIM, "2.9" },
                     { SAIP_IN_CSIM, "2.10" }, { SAIP_IN_CSIM, "2.11" },   { SAIP_IN_GSM_ACCESS, "2.7" },
                     { SAIP_IN_5GS, "2.13" },  { SAIP_IN_SAIP, "2.14" } };
    const struct saip_file *df = f->parent, *above = df ? df->parent : NULL;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        const char *name = place_of(df) == families[i].place ? name_in(families[i].family, 0, f->fid) : NULL;
        if (!name && above && place_of(above) == families[i].place)
            name = name_in(families[i].family, df->fid, f->fid);
        if (name)
            return name;
    }
    return NULL;
}

const char *saip_file_name(const struct saip_file *f)
{
    bool unnamed = !strchr(f->name, '.') && f->type != SAIP_MF;
    const char *name = unnamed ? template_name(f) : NULL;
    if (unnamed && !name && place_of(f->parent) == SAIP_IN_TELECOM)
        name = telecom_name(f->fid);
    return name ? name : f->name;
}

const char *saip_short_hex(struct arena *a, struct bytes b, size_t most)
{
    struct buf out = buf_in(a);
    hex_append(&out, bytes_slice(b, 0, most));
    if (b.n > most)
        buf_printf(&out, ".. (%zu octets)", b.n);
    return buf_str(&out);
}

enum { ODD_OCTETS = 16 };

/* Items stay apart, whatever else commands a terminal goes. */
static const char *items_plain(struct buf *said)
{
    struct buf out = buf_in(said->arena);
    for (struct bytes rest = buf_bytes(said); rest.n;) {
        struct bytes one = text_word(&rest, '\n');
        item(&out);
        buf_text(&out, text_plain(said->arena, one));
    }
    buf_text(&out, out.n || said->failed ? "" : "empty");
    return said->failed ? NULL : buf_str(&out);
}

const char *saip_content_text(struct arena *a, const struct saip_content *c, struct bytes content)
{
    struct buf out = buf_in(a);
    if (!c->decode)
        return NULL;
    if (saip_content_empty(content))
        return "empty";
    if (c->decode(&out, content))
        return items_plain(&out);
    return arena_printf(a, "%s (not as %s says)",
                        c->flags & SAIP_CONTENT_SECRET ? "hidden" : saip_short_hex(a, content, ODD_OCTETS), c->clause);
}
