/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/tlv.h"
#include "base/text.h"
#include "saip/alphabet.h"
#include "saip/decoders.h"

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
    if (!words_plmn(out, bytes_slice(b, 0, 3)))
        return false;
    if (v & 0x4000)
        buf_text(&names, eutran[v >> 12 & 3]);
    if (v & 0x0080) {
        words_comma(&names);
        buf_text(&names, gsm[v >> 2 & 3]);
    }
    v &= ~((v & 0x4000 ? 0x7000u : 0u) | (v & 0x0080 ? 0x008Cu : 0u));
    WORDS_BITS(&names, v, others);
    buf_printf(out, " (%s)", names.n ? buf_str(&names) : "no technology");
    return true;
}

bool decode_networks_with_technology(struct buf *out, struct bytes b)
{
    return words_list(out, b, 5, technologies);
}

bool decode_networks(struct buf *out, struct bytes b)
{
    return words_list(out, b, 3, words_plmn);
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

bool decode_network_names(struct buf *out, struct bytes b)
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
    if (b.n < 3 + 2 * width + 1 || !words_plmn(out, bytes_slice(b, 0, 3)))
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

bool decode_operator_list(struct buf *out, struct bytes b)
{
    return network_areas(out, b, 2, "LAC");
}

bool decode_operator_list_5g(struct buf *out, struct bytes b)
{
    return network_areas(out, b, 3, "TAC");
}

bool decode_display_list(struct buf *out, struct bytes b)
{
    struct bytes inner = tlv_find(b, 0xA3).value, all = tlv_find(inner, 0x80).value;
    return all.p && decode_networks(out, all);
}

/* An area's network at `at`, and in the last octet how the last registration ended. */
static bool location(struct buf *out, struct bytes b, size_t octets, size_t at, const char *const *states)
{
    struct buf network = buf_in(out->arena);
    if (b.n < octets || b.p[octets - 1] > 3 || !states[b.p[octets - 1]])
        return false;
    struct bytes home = bytes_slice(b, at, 3);
    bool known = words_plmn(&network, home);
    if (!known && !saip_content_empty(home))
        return false;
    buf_printf(out, "%s, last in %s", states[b.p[octets - 1]], known ? buf_str(&network) : "no network");
    return true;
}

static const char *const updated[] = { "updated", "not updated", "PLMN not allowed", "location area not allowed" };
static const char *const routed[] = { "updated", "not updated", "PLMN not allowed", "routing area not allowed" };
static const char *const registered[] = { "registered", "not registered", "roaming not allowed", NULL };
static const char *const registered_5g[] = { "updated", "not updated", "roaming not allowed", NULL };

bool decode_location_cs(struct buf *out, struct bytes b)
{
    return location(out, b, 11, 4, updated);
}

bool decode_location_ps(struct buf *out, struct bytes b)
{
    return location(out, b, 14, 7, routed);
}

bool decode_location_eps(struct buf *out, struct bytes b)
{
    return location(out, b, 18, 12, registered);
}

bool decode_location_5gs(struct buf *out, struct bytes b)
{
    return location(out, b, 20, 13, registered_5g);
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

bool decode_concealment(struct buf *out, struct bytes b)
{
    struct tlv schemes = tlv_find(b, 0xA0), keys = tlv_find(b, 0xA1), t;
    if (!schemes.value.p || schemes.value.n % 2)
        return false;
    for (size_t i = 0; i < schemes.value.n; i += 2) {
        words_comma(out);
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

bool decode_routing(struct buf *out, struct bytes b)
{
    struct buf digits = buf_in(out->arena);
    if (b.n < 2 || !saip_digits(&digits, bytes_slice(b, 0, 2)) || digits.n == 0)
        return false;
    buf_printf(out, "routing indicator %s", buf_str(&digits));
    return true;
}

bool decode_identities(struct buf *out, struct bytes b)
{
    static const char *const names[] = { "access identity 1 (multimedia priority)",
                                         "access identity 2 (mission critical)" };
    if (b.n < 1)
        return false;
    WORDS_BITS(out, b.p[0], names);
    buf_text(out, out->n ? "" : "no access identity");
    return true;
}

/* A text in a data object 80. */
bool decode_object_text(struct buf *out, struct bytes b)
{
    struct cursor c = cursor_over(b);
    struct tlv t;
    if (tlv_next(&c, ASN1_WIRE, &t, NULL) != 0 || t.tag != 0x80 || !utf8_valid(t.value))
        return false;
    buf_text(out, t.value.n ? text_plain(out->arena, t.value) : "none");
    return true;
}

bool decode_proxy(struct buf *out, struct bytes b)
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
