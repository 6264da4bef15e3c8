/* SPDX-License-Identifier: Apache-2.0 */
#include <json-c/json.h>
#include <stdlib.h>

#include "asn1/tlv.h"
#include "crypto/aka.h"
#include "crypto/bsp.h"
#include "crypto/cipher.h"
#include "crypto/ec.h"
#include "crypto/hash.h"
#include "harness.h"
#include "schema/rsp.h"

/* -------------------------------------------------------------------- Wycheproof */

static json_object *member(json_object *o, const char *name)
{
    json_object *v = NULL;
    json_object_object_get_ex(o, name, &v);
    return v;
}

static const char *string(json_object *o, const char *name)
{
    json_object *v = member(o, name);
    return v ? json_object_get_string(v) : "";
}

/* Calls `one` for each vector of a file; the vectors of a group whose curve we lack are none. */
static void wycheproof(const char *file, void (*one)(json_object *group, json_object *vector))
{
    const char *path = test_data(arena_printf(test_arena(), "wycheproof/%s", file));
    if (!path) {
        test_row("%s", file);
        test_skip("no test data wycheproof");
        return;
    }
    json_object *root = json_object_from_file(path);
    json_object *groups = member(root, "testGroups");
    for (size_t i = 0; i < json_object_array_length(groups); i++) {
        json_object *group = json_object_array_get_idx(groups, i), *tests = member(group, "tests");
        for (size_t k = 0; k < json_object_array_length(tests); k++) {
            json_object *vector = json_object_array_get_idx(tests, k);
            test_row("%s %s %s", file, string(vector, "tcId"), string(vector, "comment"));
            one(group, vector);
        }
    }
    json_object_put(root);
}

static bool valid(json_object *vector)
{
    return strcmp(string(vector, "result"), "valid") == 0;
}

static bool acceptable(json_object *vector)
{
    return strcmp(string(vector, "result"), "acceptable") == 0;
}

static void ecdsa_vector(json_object *group, json_object *vector, bool der)
{
    json_object *key = member(group, "publicKey");
    if (!key)
        key = member(group, "key");
    bool brainpool = strstr(string(key, "curve"), "brainpool") != NULL;
    struct ec_public *k = NULL;
    struct err e = { 0 };
    if (!CHECK_OK(ec_public_new(brainpool ? EC_BRAINPOOLP256R1 : EC_P256, unhex(string(key, "uncompressed")), &k, &e),
                  &e))
        return;
    struct bytes message = unhex(string(vector, "msg")), signature = unhex(string(vector, "sig"));
    int got = der ? ec_verify_der(k, message, signature, &e) : ec_verify(k, &message, 1, signature, &e);
    if (!acceptable(vector))
        CHECK_EQ(got, valid(vector) ? 0 : -1);
    if (got != 0)
        CHECK_EQ(e.code, ERR_VERIFY);
    ec_public_free(k);
}

static void ecdsa_raw(json_object *group, json_object *vector)
{
    ecdsa_vector(group, vector, false);
}

static void ecdsa_der(json_object *group, json_object *vector)
{
    ecdsa_vector(group, vector, true);
}

static void ecdh(json_object *group, json_object *vector)
{
    (void)group;
    struct bytes scalar = unhex(string(vector, "private")), padded = scalar;
    uint8_t secret[32], fixed[32] = { 0 };
    if (scalar.n < 32)
        memcpy(fixed + 32 - scalar.n, scalar.p, scalar.n);
    padded = scalar.n < 32 ? BYTES_OF(fixed) : bytes_slice(scalar, scalar.n - 32, 32);
    struct ec_key *k = NULL;
    struct err e;
    if (!CHECK_OK(ec_key_from_scalar(EC_P256, padded, &k, &e), &e))
        return;
    int got = ec_shared_secret(k, unhex(string(vector, "public")), secret, &e);
    struct bytes point = unhex(string(vector, "public"));
    bool compressed = point.n && (point.p[0] == 2 || point.p[0] == 3);
    CHECK_EQ(got, valid(vector) && !compressed ? 0 : -1);
    if (got == 0)
        CHECK_HEX(BYTES_OF(secret), string(vector, "shared"));
    ec_key_free(k);
}

static void cmac(json_object *group, json_object *vector)
{
    struct bytes key = unhex(string(vector, "key")), message = unhex(string(vector, "msg"));
    size_t tag = (size_t)atoi(string(group, "tagSize")) / 8;
    uint8_t out[16];
    struct err e;
    if (key.n != 16 || !CHECK_OK(aes_cmac(key.p, &message, 1, out, &e), &e))
        return;
    bool same = bytes_equal(bytes_make(out, tag), unhex(string(vector, "tag")));
    CHECK_EQ(same, valid(vector));
}

TEST(wycheproof_ecdsa_p256)
{
    wycheproof("ecdsa_secp256r1_sha256_p1363_test.json", ecdsa_raw);
}

TEST(wycheproof_ecdsa_brainpool)
{
    wycheproof("ecdsa_brainpoolP256r1_sha256_p1363_test.json", ecdsa_raw);
}

TEST(wycheproof_ecdsa_der)
{
    wycheproof("ecdsa_secp256r1_sha256_test.json", ecdsa_der);
}

TEST(wycheproof_ecdh)
{
    wycheproof("ecdh_secp256r1_ecpoint_test.json", ecdh);
}

TEST(wycheproof_cmac)
{
    wycheproof("aes_cmac_test.json", cmac);
}

/* --------------------------------------------------------------------- key handling */

TEST(points_refused)
{
    static const struct { const char *name, *point; } rows[] = {
        { "off the curve", "04 6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
                           "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F6" },
        { "compressed", "03 6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296" },
        { "infinity", "00" },
        { "empty", "" },
        { "a prefix of 06", "06 6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
                            "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5" },
        { "one octet more", "04 6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
                            "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F500" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        struct ec_public *k = NULL;
        struct ec_key *own = NULL;
        uint8_t secret[32];
        struct err e;
        CHECK_FAILS(ec_public_new(EC_P256, unhex(rows[i].point), &k, &e), &e, ERR_VALUE, "not an uncompressed point");
        CHECK_OK(ec_key_generate(EC_P256, &own, &e), &e);
        CHECK_FAILS(ec_shared_secret(own, unhex(rows[i].point), secret, &e), &e, ERR_VALUE, "not an uncompressed");
        ec_key_free(own);
    }
    test_row("the base point is taken");
    struct ec_public *k = NULL;
    struct err e;
    CHECK_OK(ec_public_new(EC_P256,
                           unhex("04 6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
                                 "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5"),
                           &k, &e),
             &e);
    ec_public_free(k);
}

/* The openssl program reads our keys, checks our signatures, and signs what we check. */
TEST(openssl_program)
{
    static const struct { enum ec_curve curve; const char *group, *option; } rows[] = {
        { EC_P256, "prime256v1", "-noout" }, { EC_BRAINPOOLP256R1, "brainpoolP256r1", "-noout" },
        { EC_P256, "prime256v1", "" },       { EC_BRAINPOOLP256R1, "brainpoolP256r1", "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s%s", rows[i].group, *rows[i].option ? "" : ", its parameters before the key");
        struct ec_key *k = NULL, *theirs = NULL;
        struct ec_public *pub = NULL;
        struct bytes pem, signature, message = BYTES_LIT("what is signed");
        struct err e;
        CHECK_OK(ec_key_generate(rows[i].curve, &k, &e), &e);
        CHECK_OK(ec_key_write(k, test_arena(), &pem, &e), &e);
        CHECK_OK(ec_sign_der(k, message, test_arena(), &signature, &e), &e);
        const char *key = test_file_make("key.pem", pem), *m = test_file_make("message", message),
                   *s = test_file_make("signature", signature);
        CHECK_EQ(test_shell_status("openssl pkey -in %s -pubout -out %s.pub && openssl dgst -sha256 "
                                   "-verify %s.pub -signature %s %s", key, key, key, s, m), 0);
        CHECK_EQ(test_shell_status("openssl ecparam -name %s -genkey %s -out %s.sec1 && "
                                   "openssl dgst -sha256 -sign %s.sec1 -out %s %s",
                                   rows[i].group, rows[i].option, key, key, s, m), 0);
        CHECK_OK(ec_key_read(test_file(arena_printf(test_arena(), "%s.sec1", key)), &theirs, &e), &e);
        if (theirs) {
            CHECK_EQ(ec_key_curve(theirs), rows[i].curve);
            CHECK_OK(ec_public_new(rows[i].curve, ec_key_point(theirs), &pub, &e), &e);
            CHECK_OK(ec_verify_der(pub, message, test_file(s), &e), &e);
            uint8_t raw[64];
            CHECK_OK(ec_sign(theirs, &message, 1, raw, &e), &e);
            CHECK_OK(ec_verify(pub, &message, 1, BYTES_OF(raw), &e), &e);
            raw[63] ^= 1;
            CHECK_FAILS(ec_verify(pub, &message, 1, BYTES_OF(raw), &e), &e, ERR_VERIFY, "does not verify");
        }
        ec_public_free(pub);
        ec_key_free(theirs);
        ec_key_free(k);
    }
    struct ec_key *k = NULL;
    struct err e;
    test_row("not a key");
    CHECK_FAILS(ec_key_read(BYTES_LIT("-----BEGIN NOTHING-----"), &k, &e), &e, ERR_SYNTAX, "not an EC private key");
    test_row("a key of another curve");
    const char *path = test_path("p384.pem");
    CHECK_EQ(test_shell_status("openssl ecparam -name secp384r1 -genkey -noout -out %s", path), 0);
    CHECK_FAILS(ec_key_read(test_file(path), &k, &e), &e, ERR_UNSUPPORTED, "neither P-256");
}

TEST(gcm)
{
    uint8_t key[32] = { 7 }, sealed[5 + 28], open[5];
    struct err e;
    CHECK_OK(gcm_seal(key, BYTES_LIT("row 1"), BYTES_LIT("plain"), sealed, &e), &e);
    CHECK_OK(gcm_open(key, BYTES_LIT("row 1"), BYTES_OF(sealed), open, &e), &e);
    CHECK_BYTES(BYTES_OF(open), BYTES_LIT("plain"));
    CHECK_FAILS(gcm_open(key, BYTES_LIT("row 2"), BYTES_OF(sealed), open, &e), &e, ERR_VERIFY, "belongs elsewhere");
    for (size_t i = 0; i < sizeof sealed; i++) {
        sealed[i] ^= 1;
        CHECK_EQ(gcm_open(key, BYTES_LIT("row 1"), BYTES_OF(sealed), open, &e), -1);
        sealed[i] ^= 1;
    }
    /* NIST GCM, AES-256 test case 14 (all zero key, IV and block), opened from its published octets */
    uint8_t zero[32] = { 0 }, out[16];
    CHECK_OK(gcm_open(zero, BYTES_NONE, unhex("000000000000000000000000 CEA7403D4D606B6E074EC5D3BAF39D18"
                                              "D0D1C8A799996BF0265B98B5D48AB919"), out, &e), &e);
    CHECK_BYTES(BYTES_OF(out), bytes_make(zero, 16));
}

TEST(x963)
{
    /* NIST CAVS 12.0 ANS X9.63-2001, SHA-256: [shared secret 192, no shared info, 128 bits] and
     * [521, 128 bits of shared info, 1024 bits] */
    uint8_t out[16];
    kdf_x963(unhex("96C05619D56C328AB95FE84B18264B08725B85E33FD34F08"), NULL, 0, out, sizeof out);
    CHECK_HEX(BYTES_OF(out), "443024C3DAE66B95E6F5670601558F71");
}

/* -------------------------------------------------------------------------- Milenage */

/* A line of tests/vectors/milenage.txt. */
struct set {
    char name[16], k[33], rand[33], sqn[13], amf[5], op[33], opc[33], mac_a[17], mac_s[17], res[17], ak[13], ck[33],
        ik[33], aks[13];
};

static bool next_set(FILE *f, struct set *s)
{
    char line[512];
    while (fgets(line, sizeof line, f))
        if (line[0] != '#')
            return sscanf(line, "%15s %32s %32s %12s %4s %32s %32s %16s %16s %16s %12s %32s %32s %12s", s->name, s->k,
                          s->rand, s->sqn, s->amf, s->op, s->opc, s->mac_a, s->mac_s, s->res, s->ak, s->ck, s->ik,
                          s->aks) == 14;
    return false;
}

static void milenage_set(const struct set *s)
{
    uint8_t opc[16], mac_a[AKA_OUT_MAX], mac_s[AKA_OUT_MAX];
    struct aka_key key;
    struct aka_vector v;
    struct err e;
    CHECK_OK(aka_opc(unhex(s->k).p, unhex(s->op).p, opc, &e), &e);
    CHECK_HEX(BYTES_OF(opc), s->opc);
    CHECK_OK(aka_key_init(&key, AKA_MILENAGE, unhex(s->k), BYTES_OF(opc), &e), &e);
    CHECK_OK(aka_vector(&key, unhex(s->rand).p, &v, &e), &e);
    CHECK_OK(aka_mac(&key, unhex(s->rand).p, unhex(s->sqn).p, unhex(s->amf).p, mac_a, mac_s, &e), &e);
    CHECK_HEX(bytes_make(v.res, v.res_octets), s->res);
    CHECK_HEX(bytes_make(v.ck, v.ck_octets), s->ck);
    CHECK_HEX(bytes_make(v.ik, v.ik_octets), s->ik);
    CHECK_HEX(BYTES_OF(v.ak), s->ak);
    CHECK_HEX(BYTES_OF(v.aks), s->aks);
    CHECK_HEX(bytes_make(mac_a, key.mac_octets), s->mac_a);
    CHECK_HEX(bytes_make(mac_s, key.mac_octets), s->mac_s);
}

TEST(milenage)
{
    FILE *f = fopen(test_source("tests/vectors/milenage.txt"), "r");
    struct set s;
    int sets = 0;
    while (f && next_set(f, &s)) {
        test_row("TS %s", s.name);
        milenage_set(&s);
        sets++;
    }
    if (f)
        fclose(f);
    test_row("20 sets of TS 35.208, one of TS 35.207");
    CHECK_EQ(sets, 21);
}

TEST(autn_and_auts)
{
    struct aka_key key;
    struct err e;
    /* set 1 of TS 35.208 */
    static const struct set first = { .k = "465b5ce8b199b49faa5f0a2ee238a6bc",
                                      .opc = "cd63cb71954a9f4e48a5994e37a02baf",
                                      .rand = "23553cbe9637a89d218ae64dae47bf35",
                                      .sqn = "ff9bb4d0b607",
                                      .amf = "b9b9" };
    const struct set *s = &first;
    uint8_t autn[16], auts[14], sqn[6];
    CHECK_OK(aka_key_init(&key, AKA_MILENAGE, unhex(s->k), unhex(s->opc), &e), &e);
    CHECK_OK(aka_autn(&key, unhex(s->rand).p, unhex(s->sqn).p, unhex(s->amf).p, autn, &e), &e);
    /* SQN xor AK by hand: ff9bb4d0b607 ^ aa689c648370 */
    CHECK_HEX(BYTES_OF(autn), "55F328B43577 B9B9 4A9FFAC354DFAFB3");
    CHECK_OK(aka_autn_open(&key, unhex(s->rand).p, autn, sqn, &e), &e);
    CHECK_HEX(BYTES_OF(sqn), s->sqn);
    for (size_t i = 0; i < sizeof autn; i++) {
        autn[i] ^= 1;
        CHECK_EQ(aka_autn_open(&key, unhex(s->rand).p, autn, sqn, &e), -1);
        autn[i] ^= 1;
    }
    CHECK_OK(aka_auts(&key, unhex(s->rand).p, unhex(s->sqn).p, auts, &e), &e);
    CHECK_HEX(bytes_make(auts, 6), "BA853F3C123C"); /* ff9bb4d0b607 ^ 451e8beca43b */
    CHECK_OK(aka_auts_open(&key, unhex(s->rand).p, auts, sqn, &e), &e);
    CHECK_HEX(BYTES_OF(sqn), s->sqn);
    auts[13] ^= 1;
    CHECK_FAILS(aka_auts_open(&key, unhex(s->rand).p, auts, sqn, &e), &e, ERR_VERIFY, "MAC-S");
}

/* ------------------------------------------------- a session recorded by another program */

static struct bytes recorded(const char *name)
{
    const char *dir = getenv("RSPKIT_SESSION");
    return dir ? test_file(arena_printf(test_arena(), "%s/%s", dir, name)) : BYTES_NONE;
}

TEST(recorded_bpp)
{
    struct bytes der = recorded("bound-profile-package.der"), upp = recorded("upp.der"),
                 meta = recorded("store-metadata.der");
    if (!der.p) {
        test_skip("no recorded session (RSPKIT_SESSION)");
        return;
    }
    struct rsp_BoundProfilePackage bpp;
    struct rsp_PrepareDownloadResponse prepared;
    struct err e;
    struct ec_key *otsk = NULL;
    uint8_t secret[32];
    struct bsp receive, send;
    struct buf got_upp = buf_in(test_arena()), got_meta = buf_in(test_arena());
    struct bytes eid = unhex("89049032123451234512345678901235");
    if (!CHECK_OK(asn1_decode(test_arena(), &rsp_BoundProfilePackage_type, der, ASN1_WIRE, &bpp, &e), &e) ||
        !CHECK_OK(asn1_decode(test_arena(), &rsp_PrepareDownloadResponse_type,
                              recorded("prepare-download-response.der"), ASN1_WIRE, &prepared, &e),
                  &e) ||
        !CHECK_OK(ec_key_from_scalar(EC_P256, recorded("otsk-dp.bin"), &otsk, &e), &e))
        return;
    struct rsp_InitialiseSecureChannelRequest *isc = &bpp.initialiseSecureChannelRequest;
    CHECK_BYTES(isc->smdpOtpk, ec_key_point(otsk));
    CHECK_OK(ec_shared_secret(otsk, prepared.downloadResponseOk.euiccSigned2.euiccOtpk, secret, &e), &e);
    CHECK_OK(bsp_derive(&receive, BYTES_OF(secret), isc->controlRefTemplate.hostId, eid, &e), &e);
    send = receive;
    const struct asn1_list *lists[] = { (void *)&bpp.firstSequenceOf87, (void *)&bpp.sequenceOf88,
                                        (void *)&bpp.sequenceOf86 };
    for (int l = 0; l < 3; l++) {
        struct cursor c = cursor_over(lists[l]->raw);
        struct tlv outer, item;
        CHECK_OK(tlv_next(&c, ASN1_WIRE, &outer, &e), &e);
        c = cursor_over(outer.value);
        while (!cursor_done(&c)) {
            struct bytes plain = BYTES_NONE, again = BYTES_NONE;
            CHECK_OK(tlv_next(&c, ASN1_WIRE, &item, &e), &e);
            if (!CHECK_OK(bsp_unprotect(&receive, test_arena(), item.whole, &plain, &e), &e))
                break;
            CHECK_OK(bsp_protect(&send, test_arena(), (uint8_t)item.tag, plain, &again, &e), &e);
            CHECK_BYTES(again, item.whole);
            buf_add(l == 2 ? &got_upp : &got_meta, l == 0 ? BYTES_NONE : plain);
        }
    }
    CHECK_BYTES(buf_bytes(&got_upp), upp);
    CHECK_BYTES(buf_bytes(&got_meta), meta);
    ec_key_free(otsk);
}

TEST(bsp_refuses)
{
    struct bsp a, b;
    struct err e;
    struct bytes secret = unhex("0101010101010101010101010101010101010101010101010101010101010101"), segment, plain;
    struct bytes eid = unhex("89049032123451234512345678901235");
    static const struct { uint8_t tag; size_t size, whole; } sizes[] = {
        { 0x87, 0, 26 }, { 0x87, 15, 26 }, { 0x87, 16, 42 }, { 0x86, 1007, 1020 }, { 0x88, 1008, 1020 },
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        test_row("segment %X of %zu octets", sizes[i].tag, sizes[i].size);
        CHECK_OK(bsp_derive(&a, secret, BYTES_LIT("host"), eid, &e), &e);
        b = a;
        struct bytes text = bytes_make(arena_alloc(test_arena(), sizes[i].size), sizes[i].size);
        CHECK_OK(bsp_protect(&a, test_arena(), sizes[i].tag, text, &segment, &e), &e);
        CHECK_EQ((int64_t)segment.n, (int64_t)sizes[i].whole);
        CHECK_OK(bsp_unprotect(&b, test_arena(), segment, &plain, &e), &e);
        CHECK_BYTES(plain, text);
    }
    test_row("longer than a segment may be");
    struct bytes longer = bytes_make(arena_alloc(test_arena(), 1009), 1008);
    CHECK_FAILS(bsp_protect(&a, test_arena(), 0x86, longer, &segment, &e), &e, ERR_LIMIT, "too long");
    longer.n = 1009;
    CHECK_FAILS(bsp_protect(&a, test_arena(), 0x88, longer, &segment, &e), &e, ERR_LIMIT, "too long");
    test_row("each altered octet");
    CHECK_OK(bsp_derive(&a, secret, BYTES_LIT("host"), eid, &e), &e);
    struct bsp start = a;
    CHECK_OK(bsp_protect(&a, test_arena(), 0x87, BYTES_LIT("secret"), &segment, &e), &e);
    for (size_t i = 0; i < segment.n; i++) {
        struct bytes copy = arena_copy(test_arena(), segment);
        ((uint8_t *)(uintptr_t)copy.p)[i] ^= 0x40;
        b = start;
        CHECK_EQ(bsp_unprotect(&b, test_arena(), copy, &plain, &e), -1);
        CHECK_EQ(e.code, i < 2 ? ERR_SYNTAX : ERR_VERIFY);
    }
    test_row("out of order");
    b = start;
    b.counter = 2;
    CHECK_OK(bsp_unprotect(&b, test_arena(), segment, &plain, &e) == -1 ? 0 : -1, &e);
    test_row("hostId of 17 octets");
    CHECK_FAILS(bsp_derive(&a, secret, BYTES_LIT("12345678901234567"), eid, &e), &e, ERR_VALUE, "hostId");
}
