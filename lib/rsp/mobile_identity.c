/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/mobile_identity.h"

#include "base/cursor.h"
#include "base/text.h"
#include "rsp/ids.h"

static const char CODING[] = "TS 24.501 9.11.3.4", NAI[] = "TS 23.003 28.7.3";

enum { TYPE_SUCI = 1, ROUTING_DIGITS = 4 };

static int no_memory(struct err *e)
{
    return err_set(e, ERR_MEMORY, NULL, "no memory for a SUCI");
}

struct bytes suci_input_imsi(struct arena *a, struct bytes msin)
{
    struct buf out = buf_in(a);
    tbcd_add(&out, msin, (msin.n + 1) / 2);
    return buf_bytes(&out);
}

/* ---------------------------------------------------------------------------- writing */

static int imsi_write(const struct suci *s, struct buf *out, struct err *e)
{
    struct bytes plmn;
    if (plmn_from_text(out->arena, s->home, &plmn, e) != 0)
        return -1;
    buf_add(out, plmn);
    tbcd_add(out, s->routing, ROUTING_DIGITS / 2);
    buf_u8(out, s->scheme);
    buf_u8(out, s->key_id);
    buf_add(out, s->output.key);
    buf_add(out, s->output.text);
    buf_add(out, s->output.mac);
    return 0;
}

static void hex_label(struct buf *out, const char *label, struct bytes b)
{
    buf_text(out, label);
    hex_append(out, b);
}

static int nai_write(const struct suci *s, struct buf *out, struct err *e)
{
    (void)e;
    buf_printf(out, "type%d.rid", s->type);
    buf_add(out, s->routing);
    buf_printf(out, ".schid%d", s->scheme);
    if (s->scheme == SUCI_NULL) {
        buf_text(out, ".userid");
        buf_add(out, s->output.text);
    } else {
        buf_printf(out, ".hnkey%u", s->key_id);
        hex_label(out, ".ecckey", s->output.key);
        hex_label(out, ".cip", s->output.text);
        hex_label(out, ".mac", s->output.mac);
    }
    buf_u8(out, '@');
    buf_add(out, s->home);
    return 0;
}

/* ---------------------------------------------------------------------------- reading */

static int scheme_of(uint64_t number, enum suci_scheme *out, struct err *e)
{
    if (number >= SUCI_SCHEMES)
        return err_set(e, ERR_UNSUPPORTED, CODING, "protection scheme %u is not known", (unsigned)number);
    *out = (enum suci_scheme)number;
    return 0;
}

/* Scheme output in octets: ephemeral key, ciphertext, MAC one behind the other. */
static int output_cut(struct suci *s, struct bytes output, struct err *e)
{
    size_t key = suci_public_octets(s->scheme), mac = s->scheme == SUCI_NULL ? 0 : SUCI_MAC_OCTETS;
    if (output.n <= key + mac)
        return err_set(e, ERR_SYNTAX, "TS 33.501 C.3.2", "a scheme output of %zu octets", output.n);
    size_t text = output.n - key - mac;
    s->output = (struct suci_output){ bytes_slice(output, 0, key), bytes_slice(output, key, text),
                                      bytes_slice(output, key + text, mac) };
    return 0;
}

static bool plmn_digits(const char *text)
{
    return strspn(text, "0123456789") == strlen(text) && strlen(text) >= 5;
}

static int imsi_read(struct arena *a, struct cursor *c, struct suci *s, struct err *e)
{
    const char *home = plmn_text(a, cursor_take(c, 3));
    struct bytes routing = cursor_take(c, ROUTING_DIGITS / 2);
    uint8_t scheme = cursor_u8(c);
    s->key_id = cursor_u8(c);
    if (c->failed)
        return err_set(e, ERR_SYNTAX, CODING, "a SUCI cut short");
    if (!home || !plmn_digits(home))
        return err_set(e, ERR_VALUE, CODING, "the home network is no MCC and MNC");
    s->home = bytes_text(home);
    if (tbcd_read(a, routing, 0, &s->routing, e) != 0 || scheme_of(scheme, &s->scheme, e) != 0)
        return -1;
    if (s->routing.n == 0)
        return err_set(e, ERR_VALUE, CODING, "the routing indicator has no digit");
    return output_cut(s, cursor_rest(c), e);
}

/* What stands behind a label, up to the next dot. */
static int label_take(struct bytes *text, const char *label, struct bytes *value, struct err *e)
{
    struct bytes word = text_word(text, '.'), name = bytes_text(label);
    if (!bytes_equal(bytes_slice(word, 0, name.n), name) || word.n == name.n)
        return err_set(e, ERR_SYNTAX, NAI, "\"%s\" is missing in the user name", label);
    *value = bytes_slice(word, name.n, word.n);
    return 0;
}

static int number_take(struct bytes *text, const char *label, uint64_t max, uint64_t *out, struct err *e)
{
    struct bytes value;
    return label_take(text, label, &value, e) != 0 || decimal_decode(value, max, out, e) != 0 ? -1 : 0;
}

static int hex_take(struct arena *a, struct bytes *text, const char *label, struct bytes *out, struct err *e)
{
    struct bytes value;
    return label_take(text, label, &value, e) != 0 || hex_decode(a, value, out, e) != 0 ? -1 : 0;
}

static int nai_output(struct arena *a, struct bytes text, struct suci *s, struct err *e)
{
    static const char userid[] = "userid";
    uint64_t id = 0;
    if (s->scheme == SUCI_NULL) { /* a user name may have dots */
        if (text.n <= sizeof userid - 1 || memcmp(text.p, userid, sizeof userid - 1) != 0)
            return err_set(e, ERR_SYNTAX, NAI, "\"%s\" is missing in the user name", userid);
        s->output.text = bytes_slice(text, sizeof userid - 1, text.n);
        return 0;
    }
    if (number_take(&text, "hnkey", 255, &id, e) != 0 || hex_take(a, &text, "ecckey", &s->output.key, e) != 0 ||
        hex_take(a, &text, "cip", &s->output.text, e) != 0 || hex_take(a, &text, "mac", &s->output.mac, e) != 0)
        return -1;
    s->key_id = (uint8_t)id;
    return bytes_present(text) ? err_set(e, ERR_SYNTAX, NAI, "something follows the MAC") : 0;
}

static int nai_read(struct arena *a, struct cursor *c, struct suci *s, struct err *e)
{
    struct bytes text = cursor_rest(c), user = text_word(&text, '@');
    uint64_t type, scheme, number;
    if (text.n == 0 || user.n + text.n > SUCI_NAI_MAX || !utf8_valid(user) || !utf8_valid(text))
        return err_set(e, ERR_SYNTAX, NAI, "not a user name and a realm in UTF-8");
    s->home = text;
    if (number_take(&user, "type", 9, &type, e) != 0 || label_take(&user, "rid", &s->routing, e) != 0 ||
        number_take(&user, "schid", 15, &scheme, e) != 0 || scheme_of(scheme, &s->scheme, e) != 0)
        return -1;
    if (type != SUPI_NSI)
        return err_set(e, ERR_UNSUPPORTED, NAI, "a SUPI of type %u in a NAI", (unsigned)type);
    if (s->routing.n > ROUTING_DIGITS || decimal_decode(s->routing, 9999, &number, NULL) != 0)
        return err_set(e, ERR_VALUE, NAI, "the routing indicator is not 1 to 4 digits");
    return nai_output(a, user, s, e);
}

/* ------------------------------------------------------------------------------- both */

/* Octet 4: bits 5 to 7 the SUPI format, bits 1 to 3 the type of identity. */
static const struct form {
    int (*write)(const struct suci *, struct buf *, struct err *);
    int (*read)(struct arena *, struct cursor *, struct suci *, struct err *);
} forms[] = {
    [SUPI_IMSI] = { imsi_write, imsi_read },
    [SUPI_NSI] = { nai_write, nai_read },
};

int suci_write(const struct suci *s, struct buf *out, struct err *e)
{
    buf_u8(out, (unsigned)s->type << 4 | TYPE_SUCI);
    if (forms[s->type].write(s, out, e) != 0)
        return -1;
    return out->failed ? no_memory(e) : 0;
}

int suci_read(struct arena *a, struct bytes identity, struct suci *out, struct err *e)
{
    struct cursor c = cursor_over(identity);
    uint8_t octet = cursor_u8(&c);
    unsigned format = octet >> 4;
    *out = (struct suci){ .type = SUPI_IMSI };
    if (c.failed || (octet & 0x8F) != TYPE_SUCI)
        return err_set(e, ERR_SYNTAX, CODING, "not a SUCI, whose first octet is 01 or 11");
    if (format >= sizeof forms / sizeof *forms)
        return err_set(e, ERR_UNSUPPORTED, CODING, "a SUPI of format %u, not an IMSI or network specific", format);
    out->type = (enum supi_type)format;
    return forms[format].read(a, &c, out, e);
}

int supi_text(struct arena *a, const struct suci *s, struct bytes input, const char **out, struct err *e)
{
    struct bytes msin;
    if (s->type == SUPI_NSI) {
        *out = arena_printf(a, "nai-%s@%s", text_plain(a, input), text_plain(a, s->home));
        return *out ? 0 : no_memory(e);
    }
    if (tbcd_read(a, input, 0, &msin, e) != 0)
        return -1;
    *out = arena_printf(a, "imsi-%.*s%.*s", (int)s->home.n, s->home.p, (int)msin.n, msin.p);
    return *out ? 0 : no_memory(e);
}
