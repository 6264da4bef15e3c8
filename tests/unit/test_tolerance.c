/* SPDX-License-Identifier: Apache-2.0
 *
 * Odd but legal things that cards, LPAs and operators send: each is taken, and the profile is installed all the same.
 * What is odd in a card's message is signed by the card. */
#include <ctype.h>
#include <stdlib.h>

#include "asn1/tlv.h"
#include "rsp/ids.h"
#include "rsp/signed.h"
#include "schema/x509.h"
#include "smdp/records.h"
#include "tamper.h"

static struct world world;

/* Every row goes through both bindings, and with that through both curves. */
static const struct variant {
    const char *name;
    unsigned listener;
    bool asn1;
} variants[] = { { "JSON, P-256", 0, false }, { "ASN.1, brainpoolP256r1", 1, true } };

static bool begin(const struct variant *v)
{
    bool opened = world_open_two(&world);
    world.listener = v->listener;
    world.lpa.asn1 = v->asn1;
    return opened;
}

static void end(void)
{
    tamper_end(&world);
    world_close(&world);
}

static void download(const struct activation_code *code)
{
    struct lpa_download d;
    struct err e;
    if (!CHECK_EQ(world_download(&world, code, &d, &e), LPA_DONE))
        CHECK_TEXT(err_text(&e, (char[500]){ 0 }, 500), "");
    CHECK_TEXT(world_state(&world), "Installed");
}

/* The user says no: the order is over. */
static void refuse(const struct activation_code *code)
{
    struct lpa_download d;
    struct err e;
    world.answer = LPA_NO;
    CHECK_EQ(world_download(&world, code, &d, &e), LPA_USER);
    CHECK_TEXT(world_state(&world), "Error");
}

/* DER of a decoded value. */
static struct bytes der_of(const struct asn1_type *type, const void *value)
{
    struct bytes der = BYTES_NONE;
    struct err e;
    CHECK_OK(asn1_forward(test_arena(), type, value, &der, &e), &e);
    return der;
}

/* The same element with its length in four octets more than it needs. */
static struct bytes with_long_length(struct bytes element)
{
    struct cursor c = cursor_over(element);
    struct buf out = buf_in(test_arena());
    struct tlv t;
    struct err e;
    CHECK_OK(tlv_next(&c, ASN1_STRICT, &t, &e), &e);
    for (int shift = 24; shift >= 0; shift -= 8)
        if (t.tag >> shift & 0xFF)
            buf_u8(&out, t.tag >> shift & 0xFF);
    buf_u8(&out, 0x84);
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_u8(&out, (unsigned)(t.value.n >> shift) & 0xFF);
    buf_add(&out, t.value);
    return buf_bytes(&out);
}

/* ---------------------------------------------------------------- InitiateAuthentication */

static struct bytes *info1(void *v)
{
    return &((struct es9_initiate_authentication *)v)->euiccInfo1;
}

/* SGP.22 v3 has [17] lists and [19] versions here. */
static void info1_longer(void *v)
{
    *info1(v) = tamper_append(*info1(v), "B106 0404 01020304 9303030100 9F7F0100");
}

static void info1_long_length(void *v)
{
    *info1(v) = with_long_length(*info1(v));
}

/* CIs that nobody here knows come first. */
static void info1_more_cis(void *v)
{
    struct rsp_EUICCInfo1 *i = v;
    struct bytes *lists[] = { arena_array(test_arena(), 8, sizeof(struct bytes)),
                              arena_array(test_arena(), 8, sizeof(struct bytes)) };
    struct rsp_CiPKIdList *of[] = { &i->euiccCiPKIdListForVerification, &i->euiccCiPKIdListForSigning };
    for (int k = 0; k < 2; k++) {
        lists[k][0] = unhex("0102030405060708090A0B0C0D0E0F1011121314");
        lists[k][1] = unhex("0102030405");
        memcpy(lists[k] + 2, of[k]->items, of[k]->n * sizeof(struct bytes));
        *of[k] = (struct rsp_CiPKIdList){ .n = of[k]->n + 2, .items = lists[k] };
    }
}

/* -------------------------------------------------------------------- AuthenticateClient */

static struct rsp_EuiccSigned1 *signed1(void *v)
{
    struct rsp_EuiccSigned1 *s = &((struct rsp_AuthenticateResponseOk *)v)->euiccSigned1;
    s->raw = BYTES_NONE;
    return s;
}

static struct rsp_EUICCInfo2 *info2(void *v)
{
    struct rsp_EUICCInfo2 *i = &signed1(v)->euiccInfo2;
    i->raw = BYTES_NONE;
    return i;
}

static struct bytes *info2_octets(void *v)
{
    return &signed1(v)->euiccInfo2.raw;
}

static void ok_longer(void *v)
{
    struct rsp_AuthenticateResponseOk *ok = v;
    ok->raw = tamper_append(der_of(&rsp_AuthenticateResponseOk_type, ok), "A100 9F7F0100");
}

static void signed1_longer(void *v)
{
    struct rsp_EuiccSigned1 *s = signed1(v);
    s->raw = tamper_append(der_of(&rsp_EuiccSigned1_type, s), "9F7F0100 BF7F00");
}

static void signed1_long_length(void *v)
{
    struct rsp_EuiccSigned1 *s = signed1(v);
    s->raw = with_long_length(der_of(&rsp_EuiccSigned1_type, s));
}

/* SGP.22 v3 and SGP.32 have [16] to [20] here. */
static void info2_longer(void *v)
{
    *info2_octets(v) =
        tamper_append(*info2_octets(v), "900100 B106 0404 01020304 B200 9303030100 B405 A003020103");
}

static void info2_long_length(void *v)
{
    *info2_octets(v) = with_long_length(*info2_octets(v));
}

static void info2_everything(void *v)
{
    static const uint8_t ppr2[] = { 0x20 }, tre[] = { 0x80 };
    struct rsp_EUICCInfo2 *i = info2(v);
    i->has_euiccCategory = true;
    i->euiccCategory = rsp_EUICCInfo2_euiccCategory_mediumEuicc;
    i->forbiddenProfilePolicyRules = (struct asn1_bits){ ppr2, 3 };
    i->certificationDataObject = arena_alloc(test_arena(), sizeof *i->certificationDataObject);
    i->certificationDataObject->platformLabel = BYTES_LIT("1.2.3.4/label");
    i->certificationDataObject->discoveryBaseURL = BYTES_LIT("https://mycompany.example.com/DLOARegistrar");
    i->treProperties = (struct asn1_bits){ tre, 1 };
    i->treProductReference = BYTES_LIT("a product");
    i->additionalEuiccProfilePackageVersions =
        arena_alloc(test_arena(), sizeof *i->additionalEuiccProfilePackageVersions);
    i->additionalEuiccProfilePackageVersions->n = 1;
    i->additionalEuiccProfilePackageVersions->items = arena_alloc(test_arena(), sizeof(struct bytes));
    i->additionalEuiccProfilePackageVersions->items[0] = BYTES_LIT("\x03\x01\x00");
}

static void info2_least(void *v)
{
    struct rsp_EUICCInfo2 *i = info2(v);
    i->ts102241Version = i->globalplatformVersion = BYTES_NONE;
    i->sasAcreditationNumber = BYTES_LIT("");
}

/* A category of a later version. */
static void info2_category(void *v)
{
    struct rsp_EUICCInfo2 *i = info2(v);
    i->has_euiccCategory = true;
    i->euiccCategory = 77;
}

#define INFO2_ELEMENT(name, tag, octets)                                   \
    static void name(void *v)                                              \
    {                                                                      \
        *info2_octets(v) = tamper_replace(*info2_octets(v), tag, octets); \
    }
INFO2_ELEMENT(rsp_one, 0x88, "88020780")
INFO2_ELEMENT(rsp_short, 0x88, "88020490")
INFO2_ELEMENT(rsp_zeros, 0x88, "8803009000")
INFO2_ELEMENT(rsp_many_zeros, 0x88, "88050090000000")
INFO2_ELEMENT(rsp_later, 0x88, "880300FFFF")
INFO2_ELEMENT(rsp_unused, 0x88, "8802049F")
INFO2_ELEMENT(uicc_zeros, 0x85, "85070078801B800000")
INFO2_ELEMENT(uicc_short, 0x85, "85050778801B80")
INFO2_ELEMENT(uicc_later, 0x85, "85070078801B80FFFF")
INFO2_ELEMENT(uicc_older, 0x85, "85040578801B")
INFO2_ELEMENT(resources_empty, 0x84, "8400")
INFO2_ELEMENT(resources_odd, 0x84, "840D 8F0101 820400FFFFFF 83020100")
INFO2_ELEMENT(resources_long, 0x84, "8411 81020001 820700000000FFFFFF 8302FFFF")

static struct rsp_CtxParamsForCommonAuthentication *context(void *v)
{
    struct rsp_CtxParams1 *c = &signed1(v)->ctxParams1;
    c->raw = c->ctxParamsForCommonAuthentication.raw = BYTES_NONE;
    return &c->ctxParamsForCommonAuthentication;
}

static void context_longer(void *v)
{
    struct rsp_CtxParamsForCommonAuthentication *c = context(v);
    struct bytes der = der_of(&rsp_CtxParamsForCommonAuthentication_type, c);
    c->raw = tamper_append(der, "8201FF A303020103 BF7F00");
}

static struct rsp_DeviceInfo *device(void *v)
{
    struct rsp_DeviceInfo *d = &context(v)->deviceInfo;
    d->raw = BYTES_NONE;
    return d;
}

static void device_longer(void *v)
{
    struct rsp_DeviceInfo *d = device(v);
    d->raw = tamper_append(der_of(&rsp_DeviceInfo_type, d), "A300 9F7F0100");
}

static void device_imei(void *v)
{
    device(v)->imei = unhex("5309416082941300");
}

/* imei is there and empty. */
static void device_imei_empty(void *v)
{
    struct rsp_DeviceInfo *d = device(v);
    d->raw = tamper_append(der_of(&rsp_DeviceInfo_type, d), "8200");
}

/* SGP.22 v3 goes on after [14]; a release is given without digits. */
static void device_capabilities(void *v)
{
    struct rsp_DeviceInfo *d = device(v);
    struct bytes der = der_of(&rsp_DeviceInfo_type, d);
    d->raw = tamper_replace(der, 0xA1, "A114 8003050000 8500 8B03020500 8F03030000 900101");
}

static void device_no_capabilities(void *v)
{
    struct rsp_DeviceInfo *d = device(v);
    d->raw = tamper_replace(der_of(&rsp_DeviceInfo_type, d), 0xA1, "A100");
}

static void address_shouted(void *v)
{
    signed1(v)->serverAddress = BYTES_LIT("SMDP.EXAMPLE.COM");
}

/* -------------------------------------------------------------- GetBoundProfilePackage */

static struct rsp_EUICCSigned2 *signed2(void *v)
{
    struct rsp_EUICCSigned2 *s = &((struct rsp_PrepareDownloadResponseOk *)v)->euiccSigned2;
    s->raw = BYTES_NONE;
    return s;
}

static void signed2_longer(void *v)
{
    struct rsp_EUICCSigned2 *s = signed2(v);
    s->raw = tamper_append(der_of(&rsp_EUICCSigned2_type, s), "9F7F0100");
}

static void signed2_long_length(void *v)
{
    struct rsp_EUICCSigned2 *s = signed2(v);
    s->raw = with_long_length(der_of(&rsp_EUICCSigned2_type, s));
}

static void hash_superfluous(void *v)
{
    signed2(v)->hashCc = unhex("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F");
}

static void hash_empty(void *v)
{
    struct rsp_EUICCSigned2 *s = signed2(v);
    s->raw = tamper_append(der_of(&rsp_EUICCSigned2_type, s), "0400");
}

/* ------------------------------------------------------------------------ CancelSession */

static struct rsp_EuiccCancelSessionSigned *cancelled(void *v)
{
    struct rsp_EuiccCancelSessionSigned *s = &((struct rsp_CancelSessionResponseOk *)v)->euiccCancelSessionSigned;
    s->raw = BYTES_NONE;
    return s;
}

static void cancelled_longer(void *v)
{
    struct rsp_EuiccCancelSessionSigned *s = cancelled(v);
    s->raw = tamper_append(der_of(&rsp_EuiccCancelSessionSigned_type, s), "9F7F0100");
}

static void cancelled_long_length(void *v)
{
    struct rsp_EuiccCancelSessionSigned *s = cancelled(v);
    s->raw = with_long_length(der_of(&rsp_EuiccCancelSessionSigned_type, s));
}

static void cancelled_padded(void *v)
{
    struct rsp_EuiccCancelSessionSigned *s = cancelled(v);
    s->raw = tamper_replace(der_of(&rsp_EuiccCancelSessionSigned_type, s), 0x82, "82020000");
}

/* --------------------------------------------------------------------- HandleNotification */

static struct rsp_ProfileInstallationResultData *result(void *v)
{
    struct rsp_ProfileInstallationResult *r = &((struct rsp_PendingNotification *)v)->profileInstallationResult;
    r->raw = r->profileInstallationResultData.raw = BYTES_NONE;
    return &r->profileInstallationResultData;
}

static void result_longer(void *v)
{
    struct rsp_ProfileInstallationResultData *d = result(v);
    d->raw = tamper_append(der_of(&rsp_ProfileInstallationResultData_type, d), "9F7F0100");
}

static void result_long_length(void *v)
{
    struct rsp_ProfileInstallationResultData *d = result(v);
    d->raw = with_long_length(der_of(&rsp_ProfileInstallationResultData_type, d));
}

static void result_no_iccid(void *v)
{
    struct rsp_NotificationMetadata *m = &result(v)->notificationMetadata;
    m->raw = BYTES_NONE;
    m->iccid = BYTES_NONE;
}

#define RESULT_ELEMENT(name, tag, octets)                                       \
    static void name(void *v)                                                   \
    {                                                                           \
        struct rsp_NotificationMetadata *m = &result(v)->notificationMetadata; \
        m->raw = tamper_replace(m->raw, tag, octets);                           \
    }
RESULT_ELEMENT(result_zeros, 0x81, "8103008000")
RESULT_ELEMENT(result_short, 0x81, "81020780")
RESULT_ELEMENT(result_number, 0x80, "8003000001")
RESULT_ELEMENT(result_unsigned_number, 0x80, "80050080000000")

static void result_empty_response(void *v)
{
    struct rsp_ProfileInstallationResultData *d = result(v);
    d->finalResult.raw = d->finalResult.successResult.raw = BYTES_NONE;
    d->finalResult.successResult.simaResponse = BYTES_LIT("");
}

#define INIT ES9_INITIATE_AUTHENTICATION
#define AUTH ES9_AUTHENTICATE_CLIENT
#define BPP ES9_GET_BOUND_PROFILE_PACKAGE
#define CANCEL ES9_CANCEL_SESSION
#define NOTE ES9_HANDLE_NOTIFICATION

static const struct tamper messages[] = {
    { "EUICCInfo1 with elements of later versions", INIT, TAMPER_FIELDS, info1_longer },
    { "EUICCInfo1 with an overlong length", INIT, TAMPER_FIELDS, info1_long_length },
    { "unknown CIs before the known one, one with a short identifier", INIT, TAMPER_MESSAGE, info1_more_cis },
    { "elements behind the card's certificates", AUTH, TAMPER_MESSAGE, ok_longer },
    { "euiccSigned1 with unknown elements", AUTH, TAMPER_SIGNED, signed1_longer },
    { "euiccSigned1 with an overlong length", AUTH, TAMPER_SIGNED, signed1_long_length },
    { "EUICCInfo2 with elements of later versions", AUTH, TAMPER_SIGNED, info2_longer },
    { "EUICCInfo2 with an overlong length", AUTH, TAMPER_SIGNED, info2_long_length },
    { "EUICCInfo2 with every optional element", AUTH, TAMPER_SIGNED, info2_everything },
    { "EUICCInfo2 with no optional element", AUTH, TAMPER_SIGNED, info2_least },
    { "an unknown category", AUTH, TAMPER_SIGNED, info2_category },
    { "rspCapability of one bit", AUTH, TAMPER_SIGNED, rsp_one },
    { "rspCapability of four bits", AUTH, TAMPER_SIGNED, rsp_short },
    { "rspCapability with zeros behind", AUTH, TAMPER_SIGNED, rsp_zeros },
    { "rspCapability with many zeros behind", AUTH, TAMPER_SIGNED, rsp_many_zeros },
    { "rspCapability with bits of later versions", AUTH, TAMPER_SIGNED, rsp_later },
    { "rspCapability with ones in the unused bits", AUTH, TAMPER_SIGNED, rsp_unused },
    { "uiccCapability with zeros behind", AUTH, TAMPER_SIGNED, uicc_zeros },
    { "uiccCapability of 25 bits", AUTH, TAMPER_SIGNED, uicc_short },
    { "uiccCapability with bits of later versions", AUTH, TAMPER_SIGNED, uicc_later },
    { "uiccCapability of 19 bits, from a 2.2 card", AUTH, TAMPER_SIGNED, uicc_older },
    { "extCardResource without content", AUTH, TAMPER_SIGNED, resources_empty },
    { "extCardResource with unknown elements", AUTH, TAMPER_SIGNED, resources_odd },
    { "extCardResource with long numbers", AUTH, TAMPER_SIGNED, resources_long },
    { "ctxParams1 with unknown elements", AUTH, TAMPER_SIGNED, context_longer },
    { "deviceInfo with unknown elements", AUTH, TAMPER_SIGNED, device_longer },
    { "deviceInfo with an IMEI", AUTH, TAMPER_SIGNED, device_imei },
    { "deviceInfo with an empty IMEI", AUTH, TAMPER_SIGNED, device_imei_empty },
    { "deviceCapabilities of later versions, one release empty", AUTH, TAMPER_SIGNED, device_capabilities },
    { "deviceCapabilities without content", AUTH, TAMPER_SIGNED, device_no_capabilities },
    { "serverAddress signed in capitals", AUTH, TAMPER_SIGNED, address_shouted },
    { "euiccSigned2 with unknown elements", BPP, TAMPER_SIGNED, signed2_longer },
    { "euiccSigned2 with an overlong length", BPP, TAMPER_SIGNED, signed2_long_length },
    { "hashCc where no code is asked for", BPP, TAMPER_SIGNED, hash_superfluous },
    { "an empty hashCc where no code is asked for", BPP, TAMPER_SIGNED, hash_empty },
    { "euiccCancelSessionSigned with unknown elements", CANCEL, TAMPER_SIGNED, cancelled_longer },
    { "euiccCancelSessionSigned with an overlong length", CANCEL, TAMPER_SIGNED, cancelled_long_length },
    { "a cancel reason with a padded number", CANCEL, TAMPER_SIGNED, cancelled_padded },
    { "installation result with unknown elements", NOTE, TAMPER_SIGNED, result_longer },
    { "installation result with an overlong length", NOTE, TAMPER_SIGNED, result_long_length },
    { "installation result without ICCID", NOTE, TAMPER_SIGNED, result_no_iccid },
    { "installation result whose operation has zeros behind", NOTE, TAMPER_SIGNED, result_zeros },
    { "installation result whose operation has one bit", NOTE, TAMPER_SIGNED, result_short },
    { "installation result with a padded number", NOTE, TAMPER_SIGNED, result_number },
    { "installation result with the number 2^31", NOTE, TAMPER_SIGNED, result_unsigned_number },
    { "installation result with an empty response", NOTE, TAMPER_SIGNED, result_empty_response },
};

TEST(messages_of_cards)
{
    for (size_t i = 0; i < 2 * sizeof messages / sizeof *messages; i++) {
        struct activation_code code;
        test_row("%s (%s)", messages[i / 2].name, variants[i % 2].name);
        if (begin(&variants[i % 2]) && world_order(&world, NULL, NULL, &code)) {
            tamper_with(&world, &messages[i / 2]);
            (messages[i / 2].function == CANCEL ? refuse : download)(&code);
        }
        end();
    }
}

/* The same, where it must not be taken for what is asked for. */
TEST(empty_codes)
{
    static const struct tamper empty = { "", BPP, TAMPER_SIGNED, hash_empty };
    for (int v = 0; v < 2; v++) {
        struct activation_code code;
        struct lpa_download d;
        struct err e;
        test_row("an empty hashCc is no confirmation code (%s)", variants[v].name);
        if (begin(&variants[v]) && world_order(&world, "1234", NULL, &code)) {
            tamper_with(&world, tamper_find("prepared-no-code"));
            tamper_with(&world, &empty);
            world.code = "1234";
            CHECK_EQ(world_download(&world, &code, &d, &e), LPA_SERVER);
            CHECK_BYTES(d.status.subject, BYTES_LIT("8.2.7"));
            CHECK_BYTES(d.status.reason, BYTES_LIT("2.2"));
        }
        end();
    }
}

/* ------------------------------------------------------------------------------ versions */

static uint8_t minor_version;

static void info1_minor(void *v)
{
    *info1(v) = tamper_replace(*info1(v), 0x82, arena_printf(test_arena(), "820302%02X00", minor_version));
}

static void info2_minor(void *v)
{
    const uint8_t svn[] = { 2, minor_version, 0 };
    info2(v)->svn = arena_copy(test_arena(), BYTES_OF(svn));
}

static const struct tamper minor1 = { "", INIT, TAMPER_FIELDS, info1_minor },
                           minor2 = { "", AUTH, TAMPER_SIGNED, info2_minor };

TEST(versions)
{
    static const uint8_t minors[] = { 0, 1, 2, 3, 4, 5, 6, 255 };
    for (size_t i = 0; i < 2 * sizeof minors; i++) {
        struct activation_code code;
        minor_version = minors[i / 2];
        test_row("a card of version 2.%d (%s)", minor_version, variants[i % 2].name);
        if (begin(&variants[i % 2]) && world_order(&world, NULL, NULL, &code)) {
            tamper_with(&world, &minor1);
            tamper_with(&world, &minor2);
            download(&code);
        }
        end();
    }
}

/* --------------------------------------------------------------------------- certificates */

typedef void edit(struct x509_TBSCertificate *);

static struct bytes signed_again(struct x509_Certificate *x, const struct ec_key *issuer)
{
    struct bytes signature = BYTES_NONE;
    struct err e;
    x->raw = BYTES_NONE;
    if (!x->tbsCertificate.raw.p)
        x->tbsCertificate.raw = der_of(&x509_TBSCertificate_type, &x->tbsCertificate);
    CHECK_OK(ec_sign_der(issuer, x->tbsCertificate.raw, test_arena(), &signature, &e), &e);
    x->signatureValue = (struct asn1_bits){ signature.p, signature.n * 8 };
    return der_of(&x509_Certificate_type, x);
}

static struct bytes edited(struct bytes der, edit *change, const struct ec_key *issuer)
{
    struct x509_Certificate x;
    struct err e;
    if (!change || !CHECK_OK(asn1_decode(test_arena(), &x509_Certificate_type, der, ASN1_WIRE, &x, &e), &e))
        return der;
    x.tbsCertificate.raw = BYTES_NONE;
    change(&x.tbsCertificate);
    return signed_again(&x, issuer);
}

static void end_time(struct x509_TBSCertificate *t, const char *time)
{
    t->validity.raw = t->validity.notAfter.raw = BYTES_NONE;
    t->validity.notAfter = (struct x509_Time){ .which = x509_Time_generalTime, .generalTime = bytes_text(time) };
}

static void year_7496(struct x509_TBSCertificate *t)
{
    end_time(t, "74961231235959Z");
}

static void no_end(struct x509_TBSCertificate *t)
{
    end_time(t, "99991231235959Z");
}

/* RFC 5280 4.1.2.5 wants UTCTime before 2050; some certificates have it so. */
static void general_time(struct x509_TBSCertificate *t)
{
    struct x509_Time *from = &t->validity.notBefore;
    t->validity.raw = from->raw = BYTES_NONE;
    const char *text = arena_printf(test_arena(), "20%.*s", (int)from->utcTime.n, from->utcTime.p);
    *from = (struct x509_Time){ .which = x509_Time_generalTime, .generalTime = bytes_text(text) };
}

/* Calls `change` for the strings of a name, as whole elements. */
static void strings_change(struct x509_Name *name, void (*change)(uint8_t *element, size_t n))
{
    name->raw = BYTES_NONE;
    for (size_t i = 0; i < name->n; i++) {
        name->items[i].raw = BYTES_NONE;
        for (size_t k = 0; k < name->items[i].n; k++) {
            struct x509_AttributeTypeAndValue *a = &name->items[i].items[k];
            a->raw = BYTES_NONE;
            a->value = arena_copy(test_arena(), a->value);
            change((uint8_t *)(uintptr_t)a->value.p, a->value.n);
        }
    }
}

static void to_printable(uint8_t *element, size_t n)
{
    (void)n;
    if (element[0] == 0x0C)
        element[0] = 0x13;
}

static void to_capitals(uint8_t *element, size_t n)
{
    for (size_t i = 2; i < n; i++)
        element[i] = (uint8_t)toupper(element[i]);
}

static void printable_subject(struct x509_TBSCertificate *t)
{
    strings_change(&t->subject, to_printable);
}

static void printable_issuer(struct x509_TBSCertificate *t)
{
    strings_change(&t->issuer, to_printable);
}

static void printable_both(struct x509_TBSCertificate *t)
{
    printable_subject(t);
    printable_issuer(t);
}

static void capitals_issuer(struct x509_TBSCertificate *t)
{
    strings_change(&t->issuer, to_capitals);
}

/* Attributes that others put in: locality, unit, e-mail. */
static void more_subject(struct x509_TBSCertificate *t)
{
    static const char *const more[][2] = { { "550407", "0C0742616c65726e61" },
                                           { "55040B", "13054361726473" },
                                           { "2A864886F70D010901", "160861406578616D706C" } };
    struct x509_Name *name = &t->subject;
    struct x509_RelativeDistinguishedName *all = arena_array(test_arena(), name->n + 3, sizeof *all);
    memcpy(all, name->items, name->n * sizeof *all);
    for (size_t i = 0; i < 3; i++) {
        struct x509_AttributeTypeAndValue *a = arena_alloc(test_arena(), sizeof *a);
        *a = (struct x509_AttributeTypeAndValue){ .type = unhex(more[i][0]), .value = unhex(more[i][1]) };
        all[name->n + i] = (struct x509_RelativeDistinguishedName){ .n = 1, .items = a };
    }
    *name = (struct x509_Name){ .n = name->n + 3, .items = all };
}

static void more_issuer(struct x509_TBSCertificate *t)
{
    struct x509_Name own = t->subject;
    t->subject = t->issuer;
    more_subject(t);
    t->issuer = t->subject;
    t->subject = own;
}

static void extension_add(struct x509_TBSCertificate *t, const char *oid, bool critical, const char *value)
{
    struct x509_Extensions *list = t->extensions;
    struct x509_Extension *all = arena_array(test_arena(), list->n + 1, sizeof *all);
    memcpy(all, list->items, list->n * sizeof *all);
    all[list->n] = (struct x509_Extension){ .extnID = unhex(oid), .critical = critical, .extnValue = unhex(value) };
    *list = (struct x509_Extensions){ .n = list->n + 1, .items = all };
}

static struct x509_Extension *extension(struct x509_TBSCertificate *t, const char *oid)
{
    t->extensions->raw = BYTES_NONE;
    for (size_t i = 0; i < t->extensions->n; i++)
        if (bytes_equal(t->extensions->items[i].extnID, unhex(oid))) {
            t->extensions->items[i].raw = BYTES_NONE;
            return &t->extensions->items[i];
        }
    return NULL;
}

static void unknown_extension(struct x509_TBSCertificate *t)
{
    extension_add(t, "883763", false, "0500");
}

/* Authority information access. */
static void access_extension(struct x509_TBSCertificate *t)
{
    extension_add(t, "2B06010505070101", false,
                  "301F 301D 06082B06010505073002 8611687474703A2F2F63692E6578616D706C65");
}

static void not_an_authority(struct x509_TBSCertificate *t)
{
    extension_add(t, "551D13", true, "3000");
}

static void not_an_authority_in_full(struct x509_TBSCertificate *t)
{
    extension_add(t, "551D13", true, "3003010100");
}

/* A second policy, with a qualifier. */
static void more_policies(struct x509_TBSCertificate *t)
{
    struct x509_Extension *x = extension(t, "551D20");
    x->extnValue = tamper_append(x->extnValue, "301B 0603883763 3014 3012 06082B06010505070201 1606687474703A2F");
}

/* Issuer and serial number beside the key identifier (RFC 5280 4.2.1.1). */
static void more_authority(struct x509_TBSCertificate *t)
{
    struct x509_Extension *x = extension(t, "551D23");
    x->extnValue = tamper_append(x->extnValue, "A10A 820863692E65782E6F72 820101");
}

/* The standard's own tables have "minimum 0", a DEFAULT, written out. */
static void minimum_in_full(struct x509_TBSCertificate *t)
{
    struct x509_Extension *x = extension(t, "551D1E");
    struct x509_NameConstraints nc;
    struct err e;
    CHECK_OK(asn1_decode(test_arena(), &x509_NameConstraints_type, x->extnValue, ASN1_WIRE, &nc, &e), &e);
    struct x509_GeneralSubtree *s = &nc.permittedSubtrees->items[0];
    s->raw = tamper_append(s->raw, "800100");
    nc.raw = nc.permittedSubtrees->raw = BYTES_NONE;
    x->extnValue = der_of(&x509_NameConstraints_type, &nc);
}

/* Another maker's pair stands before the one that counts. */
static void more_constraints(struct x509_TBSCertificate *t)
{
    struct x509_Extension *x = extension(t, "551D1E");
    struct x509_NameConstraints nc;
    struct err e;
    CHECK_OK(asn1_decode(test_arena(), &x509_NameConstraints_type, x->extnValue, ASN1_WIRE, &nc, &e), &e);
    struct x509_GeneralSubtrees *p = nc.permittedSubtrees;
    struct x509_GeneralSubtree *all = arena_array(test_arena(), 2, sizeof *all);
    all[0] = all[1] = p->items[0];
    all[0].raw = unhex("3021 A41F 301D 3109 3007 060355040A 0C00 3110 300E 0603550405 1307 31323334353637");
    *p = (struct x509_GeneralSubtrees){ .n = 2, .items = all };
    nc.raw = BYTES_NONE;
    x->extnValue = der_of(&x509_NameConstraints_type, &nc);
}

static void printable_constraints(struct x509_TBSCertificate *t)
{
    struct x509_Extension *x = extension(t, "551D1E");
    struct x509_NameConstraints nc;
    struct err e;
    CHECK_OK(asn1_decode(test_arena(), &x509_NameConstraints_type, x->extnValue, ASN1_WIRE, &nc, &e), &e);
    struct x509_GeneralSubtree *s = &nc.permittedSubtrees->items[0];
    nc.raw = nc.permittedSubtrees->raw = s->raw = s->base.raw = BYTES_NONE;
    strings_change(&s->base.directoryName, to_printable);
    x->extnValue = der_of(&x509_NameConstraints_type, &nc);
}

/* BOOLEAN 01 where DER has FF: some generators write it. */
static void true_is_01(struct x509_TBSCertificate *t)
{
    struct bytes der = arena_copy(test_arena(), der_of(&x509_TBSCertificate_type, t));
    uint8_t *p = (uint8_t *)(uintptr_t)der.p;
    int changed = 0;
    for (size_t i = 0; i + 3 < der.n; i++)
        if (memcmp(p + i, "\x01\x01\xFF\x04", 4) == 0) {
            p[i + 2] = 1;
            changed++;
        }
    CHECK(changed >= 2);
    t->raw = der;
}

static const struct {
    const char *name;
    edit *eum, *euicc;
} certificates[] = {
    { "an eUICC certificate until 7496", NULL, year_7496 },
    { "an eUICC certificate without end", NULL, no_end },
    { "an EUM certificate until 7496", year_7496, NULL },
    { "GeneralizedTime before 2050", general_time, general_time },
    { "an eUICC's organization as PrintableString", NULL, printable_subject },
    { "an EUM's name as PrintableString, in its eUICC's too", printable_subject, printable_issuer },
    { "all names as PrintableString", printable_both, printable_both },
    { "an EUM that writes its CI's name as PrintableString", printable_issuer, NULL },
    { "an eUICC that writes its EUM's name as PrintableString", NULL, printable_issuer },
    { "an eUICC that writes its EUM's name in capitals", NULL, capitals_issuer },
    { "name constraints as PrintableString", printable_constraints, NULL },
    { "name constraints with their default written out", minimum_in_full, NULL },
    { "name constraints with another maker's first", more_constraints, NULL },
    { "more attributes in the eUICC's name", NULL, more_subject },
    { "more attributes in the EUM's name", more_subject, more_issuer },
    { "BOOLEAN 01 in both certificates", true_is_01, true_is_01 },
    { "an unknown extension that is not critical", unknown_extension, unknown_extension },
    { "authority information access", access_extension, access_extension },
    { "basicConstraints without cA in the eUICC's", NULL, not_an_authority },
    { "basicConstraints with cA FALSE written out", NULL, not_an_authority_in_full },
    { "a second policy with a qualifier", more_policies, more_policies },
    { "authority key identifiers with issuer and serial number", more_authority, more_authority },
};

static void show_chain(edit *eum, edit *euicc)
{
    const struct pki *p = world_pki(&world);
    tamper_certificates(&world, edited(p->of[CERT_EUM].der, eum, p->of[CERT_CI].key),
                        edited(p->of[CERT_EUICC].der, euicc, p->of[CERT_EUM].key));
}

TEST(certificates_of_cards)
{
    for (size_t i = 0; i < 2 * sizeof certificates / sizeof *certificates; i++) {
        struct activation_code code;
        test_row("%s (%s)", certificates[i / 2].name, variants[i % 2].name);
        if (begin(&variants[i % 2]) && world_order(&world, NULL, NULL, &code)) {
            show_chain(certificates[i / 2].eum, certificates[i / 2].euicc);
            download(&code);
        }
        end();
    }
}

static void shorter_issuer(struct x509_TBSCertificate *t)
{
    t->issuer.raw = BYTES_NONE;
    t->issuer.n--;
}

static void turned_issuer(struct x509_TBSCertificate *t)
{
    struct x509_RelativeDistinguishedName *last = &t->issuer.items[t->issuer.n - 1], first = t->issuer.items[0];
    t->issuer.raw = BYTES_NONE;
    t->issuer.items[0] = *last;
    *last = first;
}

/* The same text under another attribute. */
static void other_attribute(struct x509_TBSCertificate *t)
{
    struct x509_RelativeDistinguishedName *last = &t->issuer.items[t->issuer.n - 1];
    t->issuer.raw = last->raw = last->items[0].raw = BYTES_NONE;
    last->items[0].type = unhex("55040B");
}

static void letter_less(struct x509_TBSCertificate *t)
{
    struct x509_RelativeDistinguishedName *last = &t->issuer.items[t->issuer.n - 1];
    struct bytes *value = &last->items[0].value;
    t->issuer.raw = last->raw = last->items[0].raw = BYTES_NONE;
    *value = arena_copy(test_arena(), bytes_slice(*value, 0, value->n - 1));
    ((uint8_t *)(uintptr_t)value->p)[1]--;
}

/* What is another name is no way of writing the same one. */
TEST(other_issuers)
{
    static const struct {
        const char *name;
        edit *euicc;
    } issuers[] = {
        { "an attribute less", shorter_issuer },      { "more attributes", more_issuer },
        { "in another order", turned_issuer },        { "an attribute of another kind", other_attribute },
        { "a letter less", letter_less },
    };
    for (size_t i = 0; i < sizeof issuers / sizeof *issuers; i++) {
        struct activation_code code;
        struct lpa_download d;
        struct err e;
        test_row("%s", issuers[i].name);
        if (begin(&variants[0]) && world_order(&world, NULL, NULL, &code)) {
            show_chain(NULL, issuers[i].euicc);
            CHECK_EQ(world_download(&world, &code, &d, &e), LPA_SERVER);
            CHECK_BYTES(d.status.subject, BYTES_LIT("8.1.3"));
            CHECK_BYTES(d.status.reason, BYTES_LIT("6.1"));
        }
        end();
    }
}

/* -------------------------------------------------------------------------- notifications */

static struct rsp_NotificationMetadata *notification(void *v)
{
    struct rsp_OtherSignedNotification *n = &((struct rsp_PendingNotification *)v)->otherSignedNotification;
    n->raw = BYTES_NONE;
    return &n->tbsOtherNotification;
}

static void notification_longer(void *v)
{
    struct rsp_NotificationMetadata *m = notification(v);
    m->raw = tamper_append(m->raw, "9F7F0100");
}

#define NOTE_ELEMENT(name, tag, octets)                \
    static void name(void *v)                          \
    {                                                  \
        struct rsp_NotificationMetadata *m = notification(v); \
        m->raw = tamper_replace(m->raw, tag, octets);  \
    }
NOTE_ELEMENT(notification_zeros, 0x81, "8103064000")
NOTE_ELEMENT(notification_short, 0x81, "81020640")
NOTE_ELEMENT(notification_number, 0x80, "8003000080")
NOTE_ELEMENT(notification_address, 0x0C, "0C10 534D44502E4578616D706C652E434F4D")

/* Behind the certificates. */
static void notification_more(void *v)
{
    struct rsp_OtherSignedNotification *n = &((struct rsp_PendingNotification *)v)->otherSignedNotification;
    n->raw = BYTES_NONE;
    n->raw = tamper_append(der_of(&rsp_OtherSignedNotification_type, n), "A100");
}

static void notification_plain(void *v)
{
    (void)notification(v);
}

/* The chain that the card had when it signed: of the same CI by an EUM certificate of before. */
static void older_eum(void)
{
    struct pki older = *world_pki(&world);
    struct pki_entity eum, euicc;
    struct err e;
    older.plan.now -= 3 * 365 * 86400;
    CHECK_OK(ec_key_generate(older.plan.curve, &older.of[CERT_EUM].key, &e), &e);
    CHECK_OK(pki_fault(test_arena(), &older, CERT_EUM, FAULT_NONE, &eum, &e), &e);
    CHECK_OK(cert_parse(test_arena(), eum.der, &older.of[CERT_EUM].cert, &e), &e);
    CHECK_OK(pki_fault(test_arena(), &older, CERT_EUICC, FAULT_NONE, &euicc, &e), &e);
    tamper_certificates(&world, eum.der, euicc.der);
    ec_key_free(older.of[CERT_EUM].key);
}

static void usual_chain(void)
{
}

static const struct {
    struct tamper change;
    void (*chain)(void);
} notifications[] = {
    { { "as it is", NOTE, TAMPER_MESSAGE, notification_plain }, usual_chain },
    { { "unknown elements", NOTE, TAMPER_SIGNED, notification_longer }, usual_chain },
    { { "an operation with zeros behind", NOTE, TAMPER_SIGNED, notification_zeros }, usual_chain },
    { { "an operation of two bits", NOTE, TAMPER_SIGNED, notification_short }, usual_chain },
    { { "a number above 7F", NOTE, TAMPER_SIGNED, notification_number }, usual_chain },
    { { "an address in mixed case", NOTE, TAMPER_SIGNED, notification_address }, usual_chain },
    { { "elements behind the certificates", NOTE, TAMPER_MESSAGE, notification_more }, usual_chain },
    { { "the chain of an older EUM certificate", NOTE, TAMPER_MESSAGE, notification_plain }, older_eum },
};

static void enable(struct bytes iccid)
{
    struct smdp_profile p;
    struct err e;
    size_t sent = 0;
    CHECK_EQ(lpa_open(&world.lpa, &e), LPA_DONE);
    CHECK_EQ(lpa_enable(&world.lpa, iccid, false, &e), LPA_DONE);
    CHECK_EQ(lpa_notifications_send(&world.lpa, &sent, &e), LPA_DONE);
    lpa_close(&world.lpa);
    CHECK_EQ((int64_t)sent, 1);
    CHECK_OK(smdp_profile(&world.smdp, test_arena(), iccid, &p, &e), &e);
    CHECK_TEXT(p.on_card ? p.on_card : "nothing", "enabled");
}

static bool install(struct bytes *iccid)
{
    struct activation_code code;
    struct lpa_download d;
    struct err e;
    size_t sent;
    if (!world_order(&world, NULL, NULL, &code) || !CHECK_EQ(world_download(&world, &code, &d, &e), LPA_DONE))
        return false;
    *iccid = d.iccid;
    CHECK_EQ(lpa_open(&world.lpa, &e), LPA_DONE);
    CHECK_EQ(lpa_notifications_send(&world.lpa, &sent, &e), LPA_DONE); /* the installation's own */
    lpa_close(&world.lpa);
    return true;
}

TEST(notifications_of_cards)
{
    for (size_t i = 0; i < 2 * sizeof notifications / sizeof *notifications; i++) {
        struct bytes iccid;
        test_row("%s (%s)", notifications[i / 2].change.name, variants[i % 2].name);
        if (begin(&variants[i % 2]) && install(&iccid)) {
            notifications[i / 2].chain();
            tamper_with(&world, &notifications[i / 2].change);
            enable(iccid);
        }
        end();
    }
}

/* ------------------------------------------------------------------------- HTTP and JSON */

static void no_protocol(struct world *w, struct rsp_request *q)
{
    (void)w;
    q->admin_protocol = BYTES_NONE;
}

static void old_protocol(struct world *w, struct rsp_request *q)
{
    (void)w;
    q->admin_protocol = BYTES_LIT("gsma/rsp/v2.0.0");
}

static void new_protocol(struct world *w, struct rsp_request *q)
{
    (void)w;
    q->admin_protocol = BYTES_LIT("gsma/rsp/v3.1.0");
}

static void odd_protocol(struct world *w, struct rsp_request *q)
{
    (void)w;
    q->admin_protocol = BYTES_LIT("v2");
}

static void type_append(struct rsp_request *q, const char *more)
{
    q->content_type = bytes_text(
        arena_printf(test_arena(), "%.*s%s", (int)q->content_type.n, q->content_type.p, more));
}

static void charset(struct world *w, struct rsp_request *q)
{
    (void)w;
    type_append(q, ";charset=UTF-8");
}

static void charset_apart(struct world *w, struct rsp_request *q)
{
    (void)w;
    type_append(q, " ; charset=\"utf-8\"; profile=x");
}

static void capital_type(struct world *w, struct rsp_request *q)
{
    struct bytes copy = arena_copy(test_arena(), q->content_type);
    (void)w;
    for (size_t i = 0; i < copy.n; i++)
        ((uint8_t *)(uintptr_t)copy.p)[i] = (uint8_t)toupper(copy.p[i]);
    q->content_type = copy;
}

/* Something between the first brace and the first member. */
static void json_insert(struct rsp_request *q, const char *text)
{
    q->body = bytes_text(arena_printf(test_arena(), "{%s%.*s", text, (int)q->body.n - 1, q->body.p + 1));
}

static void unknown_members(struct world *w, struct rsp_request *q)
{
    (void)w;
    json_insert(q, "\"vendor\":{\"a\":[1,2.5e3,{\"b\":null}],\"c\":\"\\u00e9\"},\"n\":true,");
}

static void header_on_es9(struct world *w, struct rsp_request *q)
{
    (void)w;
    json_insert(q, "\"header\":{\"functionRequesterIdentifier\":\"LPA\",\"functionCallIdentifier\":\"7\",\"x\":1},");
}

static void spaces(struct world *w, struct rsp_request *q)
{
    (void)w;
    json_insert(q, " \r\n\t ");
    q->body = bytes_text(arena_printf(test_arena(), "%.*s\r\n", (int)q->body.n, q->body.p));
}

/* Legal, though SGP.22 6.5 asks not to. */
static void escaped_slashes(struct world *w, struct rsp_request *q)
{
    struct buf out = buf_in(test_arena());
    (void)w;
    for (size_t i = 0; i < q->body.n; i++) {
        if (q->body.p[i] == '/')
            buf_u8(&out, '\\');
        buf_u8(&out, q->body.p[i]);
    }
    q->body = buf_bytes(&out);
}

static void small_transaction_id(struct world *w, struct rsp_request *q)
{
    static const char name[] = "\"transactionId\":\"";
    char *text = arena_text(test_arena(), q->body), *at = strstr(text, name);
    (void)w;
    for (at = at ? at + sizeof name - 1 : NULL; at && *at != '"'; at++)
        *at = (char)tolower(*at);
    q->body = bytes_text(text);
}

static const struct {
    const char *name;
    void (*change)(struct world *, struct rsp_request *);
    bool json_only;
} requests[] = {
    { "no X-Admin-Protocol", no_protocol, false },
    { "X-Admin-Protocol of 2.0", old_protocol, false },
    { "X-Admin-Protocol of 3.1", new_protocol, false },
    { "an X-Admin-Protocol that is none", odd_protocol, false },
    { "Content-Type with charset", charset, false },
    { "Content-Type with parameters and spaces", charset_apart, false },
    { "Content-Type in capitals", capital_type, false },
    { "unknown members", unknown_members, true },
    { "a header on ES9+", header_on_es9, true },
    { "spaces and line ends", spaces, true },
    { "escaped slashes", escaped_slashes, true },
    { "transactionId in small letters", small_transaction_id, true },
};

TEST(requests_of_devices)
{
    for (size_t i = 0; i < 2 * sizeof requests / sizeof *requests; i++) {
        struct activation_code code;
        if (requests[i / 2].json_only && variants[i % 2].asn1)
            continue;
        test_row("%s (%s)", requests[i / 2].name, variants[i % 2].name);
        if (begin(&variants[i % 2]) && world_order(&world, NULL, NULL, &code)) {
            world.request = requests[i / 2].change;
            download(&code);
        }
        end();
    }
}

/* What only resembles the type of a binding is none. */
TEST(content_types_refused)
{
    static const char *const types[] = { "application/jsonp", "application/json+x", "text/json", "application", "" };
    struct rsp_request q = { .path = bytes_text(rsp_functions[INIT].path), .body = BYTES_LIT("{}") };
    struct rsp_response r;
    if (begin(&variants[0]))
        for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
            test_row("\"%s\"", types[i]);
            q.content_type = bytes_text(types[i]);
            smdp_handle(&world.smdp, test_arena(), &q, &r);
            CHECK_EQ(r.status, 415);
        }
    end();
}

static const struct {
    const char *name, *address, *matching_id, *eid;
} codes[] = {
    { "an address in small letters", "smdp.example.com", "as given", NULL },
    { "an address in capitals", "SMDP.EXAMPLE.COM", "as given", NULL },
    { "an address in mixed case", "Smdp.eXample.Com", "as given", NULL },
    { "no matching ID, and an order for the card", "smdp.example.com", NULL, "own" },
    { "an empty matching ID, and an order for the card", "smdp.example.com", "", "own" },
};

static void matching_id_empty(void *v)
{
    context(v)->matchingId = BYTES_LIT("");
}

static const struct tamper with_empty_id = { "", AUTH, TAMPER_SIGNED, matching_id_empty };

TEST(activation_codes)
{
    for (size_t i = 0; i < 2 * sizeof codes / sizeof *codes; i++) {
        const char *id = codes[i / 2].matching_id;
        struct activation_code code;
        test_row("%s (%s)", codes[i / 2].name, variants[i % 2].name);
        if (begin(&variants[i % 2]) &&
            world_order(&world, NULL, codes[i / 2].eid ? world.pki.plan.eid : NULL, &code)) {
            code.address = bytes_text(codes[i / 2].address);
            if (!id || !*id)
                code.matching_id = BYTES_LIT("");
            if (id && !*id)
                tamper_with(&world, &with_empty_id);
            download(&code);
        }
        end();
    }
}

/* ------------------------------------------------------------------------------ operators */

#define HEADER "\"header\":{\"functionRequesterIdentifier\":\"x\",\"functionCallIdentifier\":\"1\"}"

static const struct {
    const char *name;
    enum rsp_function function;
    const char *body, *type;
} orders[] = {
    { "an ICCID of 19 digits", ES2_DOWNLOAD_ORDER, "{" HEADER ",\"iccid\":\"8949001000000000017\"}", RSP_TYPE_JSON },
    { "an ICCID of 19 digits and F", ES2_DOWNLOAD_ORDER, "{" HEADER ",\"iccid\":\"8949001000000000017F\"}",
      RSP_TYPE_JSON },
    { "an ICCID of 19 digits and f", ES2_DOWNLOAD_ORDER, "{" HEADER ",\"iccid\":\"8949001000000000017f\"}",
      RSP_TYPE_JSON },
    { "an ICCID of 20 digits", ES2_DOWNLOAD_ORDER, "{" HEADER ",\"iccid\":\"89490010000000000414\"}", RSP_TYPE_JSON },
    { "an EID that is null", ES2_DOWNLOAD_ORDER,
      "{" HEADER ",\"iccid\":\"8949001000000000017\",\"eid\":null,\"profileType\":null}", RSP_TYPE_JSON },
    { "unknown members, also in the header", ES2_DOWNLOAD_ORDER,
      "{\"header\":{\"functionRequesterIdentifier\":\"x\",\"functionCallIdentifier\":\"1\",\"more\":[{}]},"
      "\"iccid\":\"8949001000000000017\",\"flag\":false}",
      RSP_TYPE_JSON },
    { "empty identifiers in the header", ES2_DOWNLOAD_ORDER,
      "{\"header\":{\"functionRequesterIdentifier\":\"\",\"functionCallIdentifier\":\"\"},"
      "\"iccid\":\"8949001000000000017\"}",
      RSP_TYPE_JSON },
    { "the header at the end", ES2_DOWNLOAD_ORDER, "{\"iccid\":\"8949001000000000017\"," HEADER "}", RSP_TYPE_JSON },
    { "a member's name with escapes", ES2_DOWNLOAD_ORDER,
      "{" HEADER ",\"\\u0069ccid\":\"\\u0038949001000000000017\"}", RSP_TYPE_JSON },
    { "Content-Type with charset", ES2_DOWNLOAD_ORDER, "{" HEADER ",\"iccid\":\"8949001000000000017\"}",
      "application/json; charset=utf-8" },
};

static const char *answer_to(enum rsp_function f, const char *body, const char *type)
{
    struct rsp_request q = { .path = bytes_text(rsp_functions[f].path), .content_type = bytes_text(type),
                             .client_cert = world.pki.of[CERT_OPERATOR].der, .body = bytes_text(body) };
    struct rsp_response r;
    smdp_handle(&world.smdp, test_arena(), &q, &r);
    CHECK_EQ(r.status, 200);
    return arena_text(test_arena(), r.body);
}

TEST(orders_of_operators)
{
    static const char csv[] = "iccid,imsi,k,opc\n89490010000000000414,001010123456781," WORLD_K "," WORLD_OPC "\n";
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        struct smdp_imported done;
        struct err e;
        test_row("%s", orders[i].name);
        if (begin(&variants[0]) &&
            CHECK_OK(smdp_add_profiles(&world.smdp, "sample", BYTES_LIT(csv), &done, &e), &e)) {
            const char *answer = answer_to(orders[i].function, orders[i].body, orders[i].type);
            if (!strstr(answer, "\"Executed-Success\""))
                CHECK_TEXT(answer, "a success");
            if (!strstr(answer, "\"iccid\":\"8949001000000000017\"") &&
                !strstr(answer, "\"iccid\":\"89490010000000000414\""))
                CHECK_TEXT(answer, "the ICCID");
        }
        end();
    }
}
