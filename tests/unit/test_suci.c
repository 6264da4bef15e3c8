/* SPDX-License-Identifier: Apache-2.0
 *
 * Concealment and its codings, without a card.  Expected: the test data of TS 33.501 Annex C.4, the file of
 * TS 31.121 4.9.4, examples of TS 23.003 28.7.3, and octets written by hand from TS 24.501 9.11.3.4. */
#include "crypto/ec.h"
#include "crypto/suci.h"
#include "harness.h"
#include "rsp/ids.h"
#include "rsp/mobile_identity.h"
#include "saip/suci_info.h"

/* ------------------------------------------------------------------------- TS 33.501 C.4 */

#define A_PRIVATE "C53C22208B61860B06C62E5406A7B330C2B577AA5558981510D128247D38BD1D"
#define A_PUBLIC "5A8D38864820197C3394B92613B20B91633CBD897119273BF8E4A6F4EEC0A650"
#define B_PRIVATE "F1AB1074477EBCC7F554EA1C5FC368B1616730155E0041AC447D6301975FECDA"
#define B_X "72DA71976234CE833A6907425867B82E074D44EF907DFB4B3E21C1C2256EBCD1"
#define B_Y "5A7DED52FCBB097A4ED250E036C7B9C8C7004C4EEDC4F068CD7BF8D3F900E3B4"
#define USER "766572796C6F6E67757365726E616D6531"

static const struct vector {
    const char *name;
    enum suci_scheme scheme;
    const char *home_private, *home_public, *ephemeral, *plain, *key, *text, *mac;
} vectors[] = {
    { "C.4.3.1 profile A, IMSI", SUCI_PROFILE_A, A_PRIVATE, A_PUBLIC,
      "C80949F13EBE61AF4EBDBD293EA4F942696B9E815D7E8F0096BBF6ED7DE62256", "00012080F6",
      "B2E92F836055A255837DEBF850B528997CE0201CB82ADFE4BE1F587D07D8457D", "CB02352410", "CDDD9E730EF3FA87" },
    { "C.4.3.2 profile A, NSI", SUCI_PROFILE_A, A_PRIVATE, A_PUBLIC,
      "BE9EFF3E9F22A4B42A3D236E7A6C500B3F2E7E0C7449988BA800D664BF4FCD97", USER,
      "977D8B2FDAA7B64AA700D04227D5B440630EA4EC50F9082273A26BB678C92222", "8E358A1582ADB15322C10E515141D2039A",
      "12E1D7783A97F1AC" },
    { "C.4.4.1 profile B, IMSI", SUCI_PROFILE_B, B_PRIVATE, "04" B_X B_Y,
      "99798858A1DC6A2C68637149A4B1DBFD1FDFF5ADDD62A2142F06699ED7602529", "00012080F6",
      "039AAB8376597021E855679A9778EA0B67396E68C66DF32C0F41E9ACCA2DA9B9D1", "46A33FC271", "6AC7DAE96AA30A4D" },
    { "C.4.4.1 profile B, the home network's key compressed", SUCI_PROFILE_B, B_PRIVATE, "02" B_X,
      "99798858A1DC6A2C68637149A4B1DBFD1FDFF5ADDD62A2142F06699ED7602529", "00012080F6",
      "039AAB8376597021E855679A9778EA0B67396E68C66DF32C0F41E9ACCA2DA9B9D1", "46A33FC271", "6AC7DAE96AA30A4D" },
    { "C.4.4.2 profile B, NSI", SUCI_PROFILE_B, B_PRIVATE, "02" B_X,
      "90A5898BD29FFA3F261E00E980067C70A2B1B992A21F5B4FEF6D4DF69FE804AD", USER,
      "03759BB22C563D9F4A6B3C1419E543FC2F39D6823F02A9D71162B39399218B244B", "BE22D8B9F856A52ED381CD7EAF4CF2D525",
      "3CDDC61A0A7882EB" },
};

enum { VECTORS = sizeof vectors / sizeof *vectors };

static struct suci_private private_key(enum suci_scheme scheme, const char *hex)
{
    struct suci_private k = { .scheme = scheme };
    memcpy(k.octets, unhex(hex).p, sizeof k.octets);
    return k;
}

static struct suci_output output_of(const struct vector *v)
{
    return (struct suci_output){ unhex(v->key), unhex(v->text), unhex(v->mac) };
}

TEST(conceal)
{
    for (int i = 0; i < VECTORS; i++) {
        const struct vector *v = &vectors[i];
        struct suci_private ephemeral = private_key(v->scheme, v->ephemeral);
        struct suci_output out = { 0 };
        struct err e;
        test_row("%s", v->name);
        CHECK_OK(suci_conceal(&ephemeral, unhex(v->home_public), unhex(v->plain), test_arena(), &out, &e), &e);
        CHECK_HEX(out.key, v->key);
        CHECK_HEX(out.text, v->text);
        CHECK_HEX(out.mac, v->mac);
    }
}

TEST(reveal)
{
    for (int i = 0; i < VECTORS; i++) {
        const struct vector *v = &vectors[i];
        struct suci_private home = private_key(v->scheme, v->home_private);
        struct suci_output out = output_of(v);
        struct bytes plain = BYTES_NONE;
        struct err e;
        test_row("%s", v->name);
        CHECK_OK(suci_reveal(&home, &out, test_arena(), &plain, &e), &e);
        CHECK_HEX(plain, v->plain);
    }
}

/* C.4.2: the scheme output is the scheme input. */
TEST(null_scheme)
{
    struct suci_private none;
    struct suci_output out;
    struct bytes plain;
    struct err e;
    CHECK_OK(suci_private_generate(SUCI_NULL, &none, &e), &e);
    CHECK_OK(suci_conceal(&none, BYTES_NONE, unhex("00012080F6"), test_arena(), &out, &e), &e);
    CHECK_HEX(out.text, "00012080F6");
    CHECK_EQ(out.key.n + out.mac.n, 0);
    CHECK_OK(suci_reveal(&none, &out, test_arena(), &plain, &e), &e);
    CHECK_HEX(plain, "00012080F6");
}

/* A public key that is none: RFC 7748 6.1 and 7, SEC 1 2.3.4. */
TEST(public_keys)
{
    static const struct {
        const char *name;
        enum suci_scheme scheme;
        const char *key, *says;
    } rows[] = {
        { "A: no octet", SUCI_PROFILE_A, "", "32 octets, not 0" },
        { "A: 31 octets", SUCI_PROFILE_A, "8D38864820197C3394B92613B20B91633CBD897119273BF8E4A6F4EEC0A650", "not 31" },
        { "A: 33 octets", SUCI_PROFILE_A, "00" A_PUBLIC, "not 33" },
        { "A: the point 0", SUCI_PROFILE_A, "00000000000000000000000000000000" "00000000000000000000000000000000",
          "small order" },
        { "A: a point of order 8", SUCI_PROFILE_A,
          "E0EB7A7C3B41B8AE1656E3FAF19FC46ADA098DEB9C32B1FD866205165F49B800", "small order" },
        { "B: no octet", SUCI_PROFILE_B, "", "not a point" },
        { "B: infinity", SUCI_PROFILE_B, "00", "not a point" },
        { "B: X alone", SUCI_PROFILE_B, B_X, "not a point" },
        { "B: of 64 octets", SUCI_PROFILE_B, B_X B_Y, "not a point" },
        { "B: not on the curve", SUCI_PROFILE_B, "04" B_X B_X, "not a point" },
        { "B: no Y for this X", SUCI_PROFILE_B,
          "020000000000000000000000000000000000000000000000000000000000000001", "not a point" },
        { "B: the form 05", SUCI_PROFILE_B, "05" B_X, "not a point" },
        { "B: compressed, with an octet behind", SUCI_PROFILE_B, "02" B_X "00", "not a point" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct suci_private fresh;
        struct suci_output out;
        struct err e;
        test_row("%s", rows[i].name);
        CHECK_OK(suci_private_generate(rows[i].scheme, &fresh, &e), &e);
        CHECK_FAILS(suci_conceal(&fresh, unhex(rows[i].key), unhex("10325476"), test_arena(), &out, &e), &e, ERR_VALUE,
                    rows[i].says);
    }
}

TEST(outputs_that_were_altered)
{
    static const struct {
        const char *name;
        int vector;
        const char *key, *text, *mac; /* NULL: the vector's */
        int code;
        const char *says;
    } rows[] = {
        { "A: a bit of the text", 0, NULL, "CB02352411", NULL, ERR_VERIFY, "MAC" },
        { "A: a bit of the MAC", 0, NULL, NULL, "CDDD9E730EF3FA86", ERR_VERIFY, "MAC" },
        { "A: the MAC cut short", 0, NULL, NULL, "CDDD9E730EF3FA", ERR_VERIFY, "MAC" },
        { "A: another ephemeral key", 0, A_PUBLIC, NULL, NULL, ERR_VERIFY, "MAC" },
        { "A: no key", 0, "", NULL, NULL, ERR_VALUE, "of 0 octets, not 32" },
        { "A: no text", 0, NULL, "", NULL, ERR_VERIFY, "MAC" },
        { "B: the other Y", 2, "029AAB8376597021E855679A9778EA0B67396E68C66DF32C0F41E9ACCA2DA9B9D1", "46A33FC272", NULL,
          ERR_VERIFY, "MAC" },
        { "B: an uncompressed key", 2, "04" B_X B_Y, NULL, NULL, ERR_VALUE, "of 65 octets, not 33" },
        { "B: a key that is no point", 2, "020000000000000000000000000000000000000000000000000000000000000001", NULL,
          NULL, ERR_VALUE, "not a point" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct vector *v = &vectors[rows[i].vector];
        struct suci_private home = private_key(v->scheme, v->home_private);
        struct suci_output out = output_of(v);
        struct bytes plain;
        struct err e;
        test_row("%s", rows[i].name);
        out.key = rows[i].key ? unhex(rows[i].key) : out.key;
        out.text = rows[i].text ? unhex(rows[i].text) : out.text;
        out.mac = rows[i].mac ? unhex(rows[i].mac) : out.mac;
        CHECK_FAILS(suci_reveal(&home, &out, test_arena(), &plain, &e), &e, rows[i].code, rows[i].says);
    }
}

TEST(fresh_keys_differ)
{
    for (enum suci_scheme s = SUCI_PROFILE_A; s < SUCI_SCHEMES; s++) {
        struct suci_private one, other;
        struct err e;
        test_row("scheme %d", s);
        CHECK_OK(suci_private_generate(s, &one, &e), &e);
        CHECK_OK(suci_private_generate(s, &other, &e), &e);
        CHECK(!bytes_equal(BYTES_OF(one.octets), BYTES_OF(other.octets)));
    }
}

/* Keys as openssl writes them. */
TEST(private_key_files)
{
    static const struct {
        const char *name, *command;
        int scheme; /* -1: refused */
    } rows[] = {
        { "X25519, PEM", "openssl genpkey -algorithm X25519 -out %s", SUCI_PROFILE_A },
        { "X25519, DER", "openssl genpkey -algorithm X25519 -outform DER -out %s", SUCI_PROFILE_A },
        { "P-256, PKCS#8", "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out %s", SUCI_PROFILE_B },
        { "P-256, SEC1", "openssl ecparam -genkey -name prime256v1 -out %s", SUCI_PROFILE_B },
        { "P-384", "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out %s", -1 },
        { "brainpoolP256r1", "openssl ecparam -genkey -name brainpoolP256r1 -out %s", -1 },
        { "X448", "openssl genpkey -algorithm X448 -out %s", -1 },
        { "a public key", "openssl genpkey -algorithm X25519 | openssl pkey -pubout -out %s", -1 },
        { "nothing", ": > %s", -1 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *path = test_path("key");
        struct suci_private k;
        struct err e;
        test_row("%s", rows[i].name);
        CHECK_EQ(test_shell_status("%s", arena_printf(test_arena(), "rm -f %s; %s", path,
                                                      arena_printf(test_arena(), rows[i].command, path))), 0);
        if (rows[i].scheme < 0)
            CHECK_FAILS(suci_private_read(test_file(path), &k, &e), &e, ERR_SYNTAX, "not a private key of X25519");
        else if (CHECK_OK(suci_private_read(test_file(path), &k, &e), &e))
            CHECK_EQ((int)k.scheme, rows[i].scheme);
    }
}

/* ---------------------------------------------------------------------- mobile identities */

#define A_OUTPUT "B2E92F836055A255837DEBF850B528997CE0201CB82ADFE4BE1F587D07D8457D" "CB02352410" "CDDD9E730EF3FA87"
#define B_OUTPUT "039AAB8376597021E855679A9778EA0B67396E68C66DF32C0F41E9ACCA2DA9B9D1" "46A33FC271" "6AC7DAE96AA30A4D"
#define NAI_A                                                                                         \
    "type1.rid678.schid1.hnkey27.ecckey977D8B2FDAA7B64AA700D04227D5B440630EA4EC50F9082273A26BB678C92222" \
    ".cip8E358A1582ADB15322C10E515141D2039A.mac12E1D7783A97F1AC@3gpp.com"

/* Octet 4 and what follows it; in `nai` the text behind octet 11. */
static const struct identity {
    const char *name, *octets, *nai;
    struct suci suci;
    const char *supi;
} identities[] = {
    { "IMSI, null-scheme", "01 722410 F0FF 00 00 00012080F6", NULL,
      { .home = { (const uint8_t *)"274012", 6 }, .routing = { (const uint8_t *)"0", 1 } }, "imsi-274012001002086" },
    { "IMSI, MNC of two digits, routing of four", "01 00F110 2143 00 00 1032547698", NULL,
      { .home = { (const uint8_t *)"00101", 5 }, .routing = { (const uint8_t *)"1234", 4 } }, "imsi-001010123456789" },
    { "IMSI, profile A", "01 722410 76F8 01 1B" A_OUTPUT, NULL,
      { .home = { (const uint8_t *)"274012", 6 }, .routing = { (const uint8_t *)"678", 3 },
        .scheme = SUCI_PROFILE_A, .key_id = 27 }, "imsi-274012001002086" },
    { "IMSI, profile B", "01 722410 F0FF 02 FF" B_OUTPUT, NULL,
      { .home = { (const uint8_t *)"274012", 6 }, .routing = { (const uint8_t *)"0", 1 },
        .scheme = SUCI_PROFILE_B, .key_id = 255 }, "imsi-274012001002086" },
    { "NSI, null-scheme", "11", "type1.rid678.schid0.useridvery.long@3gpp.com",
      { .type = SUPI_NSI, .home = { (const uint8_t *)"3gpp.com", 8 }, .routing = { (const uint8_t *)"678", 3 } },
      "nai-very.long@3gpp.com" },
    { "NSI, profile A", "11", NAI_A,
      { .type = SUPI_NSI, .home = { (const uint8_t *)"3gpp.com", 8 }, .routing = { (const uint8_t *)"678", 3 },
        .scheme = SUCI_PROFILE_A, .key_id = 27 }, "nai-verylongusername1@3gpp.com" },
};

enum { IDENTITIES = sizeof identities / sizeof *identities };

static struct bytes identity_octets(const struct identity *id)
{
    struct buf b = buf_in(test_arena());
    buf_add(&b, unhex(id->octets));
    if (id->nai)
        buf_text(&b, id->nai);
    return buf_bytes(&b);
}

/* The home network's look at it, with the keys of C.4. */
static struct bytes input_of(const struct suci *s)
{
    struct suci_private home = private_key(s->scheme, s->scheme == SUCI_PROFILE_A ? A_PRIVATE : B_PRIVATE);
    struct bytes plain = BYTES_NONE;
    struct err e;
    CHECK_OK(suci_reveal(&home, &s->output, test_arena(), &plain, &e), &e);
    return plain;
}

TEST(identities_read)
{
    for (int i = 0; i < IDENTITIES; i++) {
        const struct identity *id = &identities[i];
        struct suci s;
        const char *supi = "";
        struct err e;
        test_row("%s", id->name);
        if (!CHECK_OK(suci_read(test_arena(), identity_octets(id), &s, &e), &e))
            continue;
        CHECK_EQ(s.type, id->suci.type);
        CHECK_BYTES(s.home, id->suci.home);
        CHECK_BYTES(s.routing, id->suci.routing);
        CHECK_EQ(s.scheme, id->suci.scheme);
        CHECK_EQ(s.key_id, id->suci.key_id);
        CHECK_OK(supi_text(test_arena(), &s, input_of(&s), &supi, &e), &e);
        CHECK_TEXT(supi, id->supi);
    }
}

TEST(identities_written)
{
    for (int i = 0; i < IDENTITIES; i++) {
        const struct identity *id = &identities[i];
        struct suci s, written = id->suci;
        struct buf out = buf_in(test_arena());
        struct err e;
        test_row("%s", id->name);
        if (!CHECK_OK(suci_read(test_arena(), identity_octets(id), &s, &e), &e))
            continue;
        written.output = s.output;
        CHECK_OK(suci_write(&written, &out, &e), &e);
        CHECK_BYTES(buf_bytes(&out), identity_octets(id));
    }
}

TEST(scheme_input_of_an_imsi)
{
    CHECK_HEX(suci_input_imsi(test_arena(), BYTES_LIT("001002086")), "00012080F6");
    CHECK_HEX(suci_input_imsi(test_arena(), BYTES_LIT("0123456789")), "1032547698");
    CHECK_HEX(suci_input_imsi(test_arena(), BYTES_LIT("7")), "F7");
}

TEST(identities_refused)
{
    static const struct {
        const char *name, *octets, *nai;
        int code;
        const char *says;
    } rows[] = {
        { "nothing", "", NULL, ERR_SYNTAX, "not a SUCI" },
        { "a 5G-GUTI", "F2 00F110 010203 04050607", NULL, ERR_SYNTAX, "not a SUCI" },
        { "the spare bit 4", "09 00F110 F0FF 00 00 10", NULL, ERR_SYNTAX, "not a SUCI" },
        { "a GCI", "21", "type3.rid0.schid0.useridX@example.com", ERR_UNSUPPORTED, "format 2" },
        { "a GLI", "31", "type2.rid0.schid0.useridX@example.com", ERR_UNSUPPORTED, "format 3" },
        { "cut in the head", "01 00F110 F0FF 00", NULL, ERR_SYNTAX, "cut short" },
        { "an MNC that is none", "01 00F1A0 F0FF 00 00 10", NULL, ERR_VALUE, "no MCC and MNC" },
        { "no routing digit", "01 00F110 FFFF 00 00 10", NULL, ERR_VALUE, "no digit" },
        { "a routing digit behind the filler", "01 00F110 F0F1 00 00 10", NULL, ERR_VALUE, "behind the filler" },
        { "a routing digit A", "01 00F110 F0AF 00 00 10", NULL, ERR_VALUE, "A" },
        { "a scheme of the operator's own", "01 00F110 F0FF 0C 00 10", NULL, ERR_UNSUPPORTED, "scheme 12" },
        { "no scheme output", "01 00F110 F0FF 00 00", NULL, ERR_SYNTAX, "0 octets" },
        { "profile A: key and MAC alone", "01 00F110 F0FF 01 01" A_PUBLIC "CDDD9E730EF3FA87", NULL, ERR_SYNTAX,
          "40 octets" },
        { "NAI: no realm", "11", "type1.rid0.schid0.useridX", ERR_SYNTAX, "realm" },
        { "NAI: an empty realm", "11", "type1.rid0.schid0.useridX@", ERR_SYNTAX, "realm" },
        { "NAI: no UTF-8", "11 FF", "@example.com", ERR_SYNTAX, "UTF-8" },
        { "NAI: of an IMSI", "11", "type0.rid0.schid0.userid7@5gc.mnc001.mcc001.3gppnetwork.org", ERR_UNSUPPORTED,
          "type 0" },
        { "NAI: no rid", "11", "type1.schid0.useridX@example.com", ERR_SYNTAX, "\"rid\"" },
        { "NAI: routing of five digits", "11", "type1.rid12345.schid0.useridX@example.com", ERR_VALUE, "1 to 4" },
        { "NAI: routing of letters", "11", "type1.ridab.schid0.useridX@example.com", ERR_VALUE, "1 to 4" },
        { "NAI: an empty user", "11", "type1.rid0.schid0.userid@example.com", ERR_SYNTAX, "\"userid\"" },
        { "NAI: no hnkey", "11", "type1.rid0.schid1.ecckeyAB.cipCD.macEF@example.com", ERR_SYNTAX, "\"hnkey\"" },
        { "NAI: hnkey 256", "11", "type1.rid0.schid1.hnkey256.ecckeyAB.cipCD.macEF@example.com", ERR_LIMIT, "255" },
        { "NAI: no MAC", "11", "type1.rid0.schid1.hnkey1.ecckeyAB.cipCD@example.com", ERR_SYNTAX, "\"mac\"" },
        { "NAI: something behind the MAC", "11", "type1.rid0.schid1.hnkey1.ecckeyAB.cipCD.macEF.x@example.com",
          ERR_SYNTAX, "follows the MAC" },
        { "NAI: half an octet", "11", "type1.rid0.schid1.hnkey1.ecckeyABC.cipCD.macEF@example.com", ERR_SYNTAX, "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct identity id = { .octets = rows[i].octets, .nai = rows[i].nai };
        struct suci s;
        struct err e;
        test_row("%s", rows[i].name);
        CHECK_FAILS(suci_read(test_arena(), identity_octets(&id), &s, &e), &e, rows[i].code, rows[i].says);
    }
}

/* ------------------------------------------------------------------------- the USIM's file */

#define KEYS_31_121 "A1 6B 80 01 1B 81 41 04" B_X B_Y "80 01 1E 81 20" A_PUBLIC

static const struct file {
    const char *name, *body;
    int code; /* of reading */
    const char *says;
    int choice, code_choice; /* the scheme, or the error */
    int key_id;
} files[] = {
    { "an empty file", "", 0, "", SUCI_NULL, 0, 0 },
    { "a blank one", "FFFFFFFFFFFF", 0, "", SUCI_NULL, 0, 0 },
    { "TS 31.121 4.9.4", "A006 0201 0102 0000" KEYS_31_121, 0, "", SUCI_PROFILE_B, 0, 27 },
    { "FF behind it", "A006 0201 0102 0000" KEYS_31_121 "FFFFFF", 0, "", SUCI_PROFILE_B, 0, 27 },
    { "A before B", "A004 0102 0201" KEYS_31_121, 0, "", SUCI_PROFILE_A, 0, 30 },
    { "the null-scheme is wanted", "A006 0000 0102 0201" KEYS_31_121, 0, "", SUCI_NULL, 0, 0 },
    { "unknown schemes first", "A006 0C01 0302 0102" KEYS_31_121, 0, "", SUCI_PROFILE_A, 0, 30 },
    { "unknown schemes alone", "A004 0C01 0302" KEYS_31_121, 0, "none of the protection", -1, ERR_UNSUPPORTED, 0 },
    { "TS.48: the null-scheme alone", "A0020000FFFFFF", 0, "", SUCI_NULL, 0, 0 },
    { "no key: index 0", "A002 0100" KEYS_31_121, 0, "", SUCI_NULL, 0, 0 },
    { "no key: no list", "A002 0101 FFFF", 0, "", SUCI_NULL, 0, 0 },
    { "no key: an empty list", "A002 0101 A100", 0, "", SUCI_NULL, 0, 0 },
    { "an index behind the keys", "A002 0103" KEYS_31_121, 0, "key 3 of 2", -1, ERR_VALUE, 0 },
    { "lengths in two octets", "A08102 0101 A18127 80810105 818120" A_PUBLIC, 0, "", SUCI_PROFILE_A, 0, 5 },
    { "keys first", KEYS_31_121 "A0020101", ERR_SYNTAX, "not at the beginning", 0, 0, 0 },
    { "one octet", "A0", ERR_SYNTAX, "", 0, 0, 0 },
    { "a list longer than the file", "A0030100", ERR_SYNTAX, "", 0, 0, 0 },
    { "no scheme", "A000", ERR_SYNTAX, "0 octets", 0, 0, 0 },
    { "half a scheme", "A003 010101", ERR_SYNTAX, "3 octets", 0, 0, 0 },
    { "seventeen schemes", "A022 0100010001000100010001000100010001000100010001000100010001000100" "0100", ERR_LIMIT,
      "more than 16 protection", 0, 0, 0 },
    { "an identifier of two octets", "A0020101 A107 80020001 810105", ERR_SYNTAX, "identifier", 0, 0, 0 },
    { "an identifier of none", "A0020101 A105 8000 810105", ERR_SYNTAX, "identifier", 0, 0, 0 },
    { "a key of none", "A0020101 A105 800101 8100", ERR_SYNTAX, "identifier", 0, 0, 0 },
    { "the key first", "A0020101 A106 810105 800101", ERR_SYNTAX, "identifier", 0, 0, 0 },
    { "an identifier alone", "A0020101 A103 800101", ERR_SYNTAX, "", 0, 0, 0 },
    { "a key longer than its list", "A0020101 A106 800101 810405", ERR_SYNTAX, "", 0, 0, 0 },
    { "a third list", "A0020000 A200", ERR_SYNTAX, "other than FF", 0, 0, 0 },
    { "zeros behind the lists", "A0020000 00", ERR_SYNTAX, "other than FF", 0, 0, 0 },
};

TEST(files_of_a_usim)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const struct file *f = &files[i];
        struct suci_info info;
        struct suci_choice choice;
        struct err e;
        test_row("%s", f->name);
        if (f->code) {
            CHECK_FAILS(suci_info_read(unhex(f->body), &info, &e), &e, f->code, f->says);
            continue;
        }
        if (!CHECK_OK(suci_info_read(unhex(f->body), &info, &e), &e))
            continue;
        if (f->code_choice) {
            CHECK_FAILS(suci_info_choose(&info, &choice, &e), &e, f->code_choice, f->says);
            continue;
        }
        CHECK_OK(suci_info_choose(&info, &choice, &e), &e);
        CHECK_EQ((int)choice.scheme, f->choice);
        CHECK_EQ(choice.key.id, f->key_id);
        if (f->choice != SUCI_NULL)
            CHECK_HEX(choice.key.octets, f->choice == SUCI_PROFILE_A ? A_PUBLIC : "04" B_X B_Y);
    }
}
