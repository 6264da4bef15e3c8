/* SPDX-License-Identifier: Apache-2.0
 *
 * Notifications of the card (SGP.22 3.5, 5.7.9 to 5.7.11, 2.5.6): octets written by hand from Annex H, signatures
 * verified by the openssl program. */
#include <stdlib.h>

#include "asn1/tlv.h"
#include "cards.h"
#include "euicc/rules.h"

#define ICCID(letter) "5A0A 9894000100000000" letter "F0"
#define A_ADDRESS "0C09 612E6578616D706C65" /* a.example */

static struct bytes ask(struct lab *l, const char *command)
{
    struct bytes answer = BYTES_NONE;
    CHECK_EQ(lab_es10(l->card, unhex(command), &answer), 0x9000);
    return answer;
}

/* TAG { 80 result } */
static int result(struct lab *l, const char *command)
{
    struct bytes answer = ask(l, command);
    struct tlv code = answer.n > 2 ? tlv_find(tlv_find(answer, (uint32_t)(answer.p[0] << 8 | answer.p[1])).value, 0x80)
                                   : (struct tlv){ 0 };
    return CHECK_EQ((int64_t)code.value.n, 1) ? code.value.p[0] : -1;
}

/* The elements of the list in BF28 and BF2B. */
static size_t elements(struct bytes answer, struct tlv *out, size_t most)
{
    struct bytes list = tlv_find(tlv_find(answer, (uint32_t)(answer.p[0] << 8 | answer.p[1])).value, 0xA0).value;
    struct cursor c = cursor_over(list);
    size_t n = 0;
    while (n < most && !cursor_done(&c) && tlv_next(&c, ASN1_STRICT, &out[n], NULL) == 0)
        n++;
    CHECK(cursor_done(&c));
    return n;
}

static const struct lab_profile one[] = { { 'A', CLASS_OPERATIONAL, 0, false } };

/* ------------------------------------------------------------------------------- numbers */

/* The counter as it stands, and the INTEGER of X.690 8.3 for it and for the next one. */
static const struct number {
    uint64_t value;
    const char *der, *next;
} numbers[] = {
    { 0, "800100", "800101" },
    { 1, "800101", "800102" },
    { 127, "80017F", "80020080" },
    { 128, "80020080", "80020081" },
    { 255, "800200FF", "80020100" },
    { 256, "80020100", "80020101" },
    { 32767, "80027FFF", "8003008000" },
    { 32768, "8003008000", "8003008001" },
    { 65535, "800300FFFF", "8003010000" },
    { 8388607, "80037FFFFF", "800400800000" },
    { 2147483647, "80047FFFFFFF", "80050080000000" },
    { 4294967295, "800500FFFFFFFF", "80050100000000" },
};

static const char *listed(const char *first, const char *bits, const char *more)
{
    return arena_printf(test_arena(), "%s 8102%s " A_ADDRESS " " ICCID("41") " %s", first, bits, more);
}

static struct bytes wrapped(const char *tag, struct bytes value)
{
    struct buf out = buf_in(test_arena());
    tlv_add(&out, (uint32_t)strtoul(tag, NULL, 16), value);
    return buf_bytes(&out);
}

static const char *hex_of(struct bytes b)
{
    return hex_encode(test_arena(), b);
}

static void one_number(struct lab *l, const struct number *n)
{
    struct bytes metadata = wrapped("BF2F", unhex(listed(n->der, "0640", "")));
    struct bytes next = wrapped("BF2F", unhex(listed(n->next, "0520", "")));
    const char *const by_number = hex_of(wrapped("BF2B", wrapped("A0", unhex(n->der))));
    struct tlv items[4];
    test_row("%llu: listed", (unsigned long long)n->value);
    CHECK_EQ(result(l, "BF3111 A00C " ICCID("41") " 810100"), 0);
    CHECK_HEX(ask(l, "BF2800"), hex_of(wrapped("BF28", wrapped("A0", metadata))));
    test_row("%llu: the next one", (unsigned long long)n->value);
    CHECK_EQ(result(l, "BF3211 A00C " ICCID("41") " 810100"), 0);
    CHECK_HEX(ask(l, "BF2804 81020520"), hex_of(wrapped("BF28", wrapped("A0", next))));
    test_row("%llu: retrieved by number", (unsigned long long)n->value);
    if (CHECK_EQ((int64_t)elements(ask(l, by_number), items, 4), 1))
        CHECK_HEX(tlv_find(items[0].value, 0xBF2F).whole, hex_of(metadata));
    test_row("%llu: retrieved by event", (unsigned long long)n->value);
    if (CHECK_EQ((int64_t)elements(ask(l, "BF2B06 A004 81020640"), items, 4), 1))
        CHECK_HEX(tlv_find(items[0].value, 0xBF2F).whole, hex_of(metadata));
    test_row("%llu: removed, once", (unsigned long long)n->value);
    CHECK_EQ(result(l, hex_of(wrapped("BF30", unhex(n->der)))), 0);
    CHECK_EQ(result(l, hex_of(wrapped("BF30", unhex(n->der)))), 1);
    CHECK_EQ((int64_t)elements(ask(l, by_number), items, 4), 0);
    CHECK_HEX(ask(l, "BF2800"), hex_of(wrapped("BF28", wrapped("A0", next))));
    test_row("%llu: it stays removed, and counted, without power", (unsigned long long)n->value);
    lab_power(l);
    CHECK_HEX(ask(l, "BF2800"), hex_of(wrapped("BF28", wrapped("A0", next))));
    CHECK_EQ(result(l, "BF330C " ICCID("41")), 0);
    CHECK_EQ((int64_t)elements(ask(l, "BF2804 81020410"), items, 4), 1);
}

TEST(numbers)
{
    struct lab l;
    if (lab_open(&l, EC_P256))
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
            if (lab_card(&l, one, 1, numbers[i].value))
                one_number(&l, &numbers[i]);
    lab_close(&l);
}

/* ------------------------------------------------------------------------------- commands */

TEST(commands)
{
    static const struct {
        const char *name, *command;
        unsigned sw;
        const char *answer;
    } rows[] = {
        { "a negative number is none", "BF3003 8001FF", 0x9000, "BF3003 800101" },
        { "so is one of 8 octets", "BF300A 80087FFFFFFFFFFFFFFF", 0x9000, "BF3003 800101" },
        { "one of 9 octets", "BF300B 8009010000000000000000", 0x6A80, "" },
        { "none", "BF3002 8000", 0x6A80, "" },
        { "retrieved by a negative number", "BF2B05 A003 8001FF", 0x9000, "BF2B02 A000" },
        { "by no event", "BF2B06 A004 81020400", 0x9000, "BF2B02 A000" },
        { "by no bits at all", "BF2B05 A003 810100", 0x9000, "BF2B02 A000" },
        { "by a criterion that is none", "BF2B05 A003 820100", 0x6A80, "" },
        { "listed by no event", "BF2804 81020400", 0x9000, "BF2802 A000" },
        { "listed by no bits at all", "BF2803 810100", 0x9000, "BF2802 A000" },
        { "listed by an event of later versions", "BF2804 81020308", 0x9000, "BF2802 A000" },
    };
    struct lab l;
    if (lab_open(&l, EC_P256) && lab_card(&l, one, 1, 255)) {
        struct bytes answer;
        CHECK_EQ(result(&l, "BF3111 A00C " ICCID("41") " 810100"), 0);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            test_row("%s", rows[i].name);
            CHECK_EQ(lab_es10(l.card, unhex(rows[i].command), &answer), rows[i].sw);
            CHECK_HEX(answer, rows[i].answer);
        }
    }
    lab_close(&l);
}

/* One of each event, by each of the 16 filters. */
TEST(filters)
{
    static const struct lab_profile two[] = { { 'A', CLASS_OPERATIONAL, 0, false }, { 'B', CLASS_TEST, 0, false } };
    struct lab l;
    if (!lab_open(&l, EC_P256) || !lab_card(&l, two, 2, 7))
        goto out;
    CHECK_EQ(result(&l, "BF3111 A00C " ICCID("41") " 810100"), 0); /* 7 enable */
    CHECK_EQ(result(&l, "BF3211 A00C " ICCID("41") " 810100"), 0); /* 8 disable */
    CHECK_EQ(result(&l, "BF330C " ICCID("42")), 0);                 /* 9 delete */
    for (unsigned filter = 0; filter < 16; filter++) {
        struct tlv items[8];
        const uint8_t bits = (uint8_t)(filter << 4);
        size_t want = (filter >> 2 & 1) + (filter >> 1 & 1) + (filter & 1);
        test_row("%c%c%c%c", filter & 8 ? 'I' : '-', filter & 4 ? 'E' : '-', filter & 2 ? 'D' : '-',
                 filter & 1 ? 'X' : '-');
        size_t n = elements(ask(&l, arena_printf(test_arena(), "BF2804 810204%02X", bits)), items, 8);
        CHECK_EQ((int64_t)n, (int64_t)want);
        for (size_t i = 0; i < n; i++)
            CHECK(tlv_find(items[i].value, 0x81).value.p[1] & bits);
        n = elements(ask(&l, arena_printf(test_arena(), "BF2B06 A004 810204%02X", bits)), items, 8);
        CHECK_EQ((int64_t)n, (int64_t)want);
        for (size_t i = 0; i < n; i++)
            CHECK(tlv_find(tlv_find(items[i].value, 0xBF2F).value, 0x81).value.p[1] & bits);
    }
out:
    lab_close(&l);
}

/* ----------------------------------------------------------------------------- full store */

/* Results of installations as another part of the card leaves them; only their number matters here. */
static bool add_results(struct lab *l, unsigned from, unsigned n)
{
    struct nvm nvm = nvm_in_memory(&l->memory);
    struct nvm_batch b;
    nvm_begin(&b, test_arena());
    for (unsigned i = from; i < from + n; i++) {
        struct bytes metadata =
            unhex(arena_printf(test_arena(), "BF2F12 8001%02X 81020780 0C09 612E6578616D706C65", i));
        struct nvm_record r = { .type = REC_RESULT,
                                .field = { rec_number(test_arena(), i, 8), wrapped("BF37", wrapped("BF27", metadata)),
                                           metadata } };
        nvm_put(&b, &r);
    }
    return lab_append(&nvm, &b) && lab_power(l);
}

static void check_numbers(struct lab *l, const char *list, unsigned from, size_t want)
{
    struct tlv items[80];
    size_t n = elements(ask(l, list), items, 80);
    CHECK_EQ((int64_t)n, (int64_t)want);
    for (size_t i = 0; i < n; i++)
        CHECK_EQ((int64_t)rec_value(tlv_find(items[i].value, 0x80).value), (int64_t)(from + i));
}

#define OTHERS "BF2804 81020470"
#define RESULTS "BF2804 81020780"

TEST(full_store)
{
    struct lab l;
    if (!lab_open(&l, EC_P256) || !lab_card(&l, one, 1, 16) || !add_results(&l, 0, 16))
        goto out;
    for (int i = 0; i < 48; i++)
        CHECK_EQ(result(&l, i % 2 ? "BF3211 A00C " ICCID("41") " 810100" : "BF3111 A00C " ICCID("41") " 810100"), 0);
    test_row("48 others and 16 results");
    check_numbers(&l, OTHERS, 16, 48);
    check_numbers(&l, RESULTS, 0, 16);
    test_row("one more: the lowest of its kind goes");
    CHECK_EQ(result(&l, "BF3111 A00C " ICCID("41") " 810100"), 0);
    check_numbers(&l, OTHERS, 17, 48);
    check_numbers(&l, RESULTS, 0, 16);
    test_row("one more result likewise");
    if (add_results(&l, 100, 1))
        CHECK_EQ(result(&l, "BF3003 800100"), 1);
    check_numbers(&l, OTHERS, 17, 48);
    test_row("room again after a removal");
    CHECK_EQ(result(&l, "BF3003 800114"), 0);
    CHECK_EQ(result(&l, "BF3211 A00C " ICCID("41") " 810100"), 0);
    CHECK_EQ(result(&l, "BF3003 800111"), 0);
    test_row("numbers go on after a memory reset");
    CHECK_EQ(result(&l, "BF3404 82020780"), 0);
    check_numbers(&l, "BF2804 81020410", 66, 1);
    struct buf text = buf_in(test_arena());
    test_row("rsp-euicc show tells how full it is");
    euicc_describe(l.card, &text);
    CHECK(strstr(buf_str(&text), "64 pending: 16 results (room for 16), 48 others (room for 48)") != NULL);
out:
    lab_close(&l);
}

/* ----------------------------------------------------------------------------- signatures */

/* r and s as ECDSA-Sig-Value, which is what openssl reads. */
static struct bytes signature_der(struct bytes plain)
{
    struct buf inner = buf_in(test_arena());
    for (size_t half = 0; half < 2; half++) {
        struct bytes n = bytes_slice(plain, half * 32, 32);
        while (n.n > 1 && n.p[0] == 0)
            n = bytes_slice(n, 1, n.n);
        struct buf number = buf_in(test_arena());
        if (n.p[0] & 0x80)
            buf_u8(&number, 0);
        buf_add(&number, n);
        tlv_add(&inner, 0x02, buf_bytes(&number));
    }
    return wrapped("30", buf_bytes(&inner));
}

static bool openssl_verifies(struct bytes signed_octets, struct bytes signature, struct bytes certificate)
{
    if (!CHECK_EQ((int64_t)signature.n, 64))
        return false;
    test_file_make("tbs", signed_octets);
    test_file_make("signature", signature_der(signature));
    test_file_make("certificate", certificate);
    return test_shell_status("cd %s && openssl x509 -inform DER -in certificate -noout -pubkey >key &&"
                             " openssl dgst -sha256 -verify key -signature signature tbs", test_folder()) == 0;
}

TEST(signatures)
{
    static const struct {
        const char *name;
        enum ec_curve curve;
    } rows[] = { { "P-256", EC_P256 }, { "brainpoolP256r1", EC_BRAINPOOLP256R1 } };
    for (size_t i = 0; i < 2; i++) {
        struct lab l;
        struct tlv item, parts[4];
        test_row("OtherSignedNotification, %s", rows[i].name);
        if (lab_open(&l, rows[i].curve) && lab_card(&l, one, 1, 128)) {
            CHECK_EQ(result(&l, "BF3111 A00C " ICCID("41") " 810100"), 0);
            CHECK_EQ((int64_t)elements(ask(&l, "BF2B00"), &item, 1), 1);
            struct cursor c = cursor_over(item.value);
            for (size_t k = 0; k < 4; k++)
                CHECK(tlv_next(&c, ASN1_STRICT, &parts[k], NULL) == 0);
            CHECK(cursor_done(&c));
            CHECK_EQ(item.tag, 0x30);
            CHECK_HEX(parts[0].whole, hex_of(wrapped("BF2F", unhex(listed("80020080", "0640", "")))));
            CHECK_EQ(parts[1].tag, 0x5F37);
            CHECK_BYTES(parts[2].whole, l.pki.of[CERT_EUICC].der);
            CHECK_BYTES(parts[3].whole, l.pki.of[CERT_EUM].der);
            CHECK(openssl_verifies(parts[0].whole, parts[1].value, parts[2].whole));
            test_row("another octet, %s", rows[i].name);
            uint8_t *flipped = (uint8_t *)(uintptr_t)arena_copy(test_arena(), parts[0].whole).p;
            flipped[6] ^= 1;
            CHECK(!openssl_verifies(bytes_make(flipped, parts[0].whole.n), parts[1].value, parts[2].whole));
        }
        lab_close(&l);
    }
}

/* --------------------------------------------------------------- results of installations */

static void not_told(struct world *w, const struct rsp_request *q, struct rsp_response *r)
{
    (void)w;
    if (strstr((const char *)q->path.p, "handleNotification"))
        r->status = 500;
}

/* A result that the server has not acknowledged, in the card. */
static struct bytes kept_result(struct world *w)
{
    struct activation_code code;
    struct lpa_download d;
    struct bytes answer;
    struct tlv items[2] = { 0 };
    struct err e;
    w->response = not_told;
    if (!world_order(w, NULL, NULL, &code))
        return BYTES_NONE;
    world_download(w, &code, &d, &e);
    CHECK(!d.told);
    if (lab_select(w->cards[0]) && CHECK_EQ(lab_es10(w->cards[0], unhex("BF2B06 A004 81020780"), &answer), 0x9000))
        CHECK(elements(answer, items, 2) >= 1);
    return items[0].whole;
}

#define HOST "0C10 736D64702E6578616D706C652E636F6D"
#define WORLD_NUMBER "989400010000000010F7"

/* BF37 { BF27 { 80 transaction, BF2F, 06 OID, A2 { .. } }, 5F37 } */
static void check_result(struct world *w, struct bytes pir, const char *metadata)
{
    struct bytes value = tlv_find(pir, 0xBF37).value;
    struct tlv data = tlv_find(value, 0xBF27), signature = tlv_find(value, 0x5F37);
    struct tlv transaction = tlv_find(data.value, 0x80), oid = tlv_find(data.value, 0x06);
    struct buf inner = buf_in(test_arena());
    CHECK_EQ((int64_t)(data.whole.n + signature.whole.n), (int64_t)value.n);
    CHECK_EQ((int64_t)transaction.value.n, 16);
    CHECK_BYTES(oid.value, w->pki.of[CERT_DPPB].cert.rid);
    buf_add(&inner, transaction.whole);
    buf_add(&inner, wrapped("BF2F", unhex(metadata)));
    buf_add(&inner, oid.whole);
    buf_add(&inner, tlv_find(data.value, 0xA2).whole);
    CHECK_BYTES(data.whole, wrapped("BF27", buf_bytes(&inner)));
    CHECK(openssl_verifies(data.whole, signature.value, w->pki.of[CERT_EUICC].der));
}

TEST(results)
{
    struct world w;
    struct bytes answer, pir;
    test_row("of a success");
    if (world_open(&w, EC_P256, BYTES_NONE, false)) {
        pir = kept_result(&w);
        check_result(&w, pir, "800100 81020780 " HOST " 5A0A " WORLD_NUMBER);
        struct bytes final = tlv_find(tlv_find(tlv_find(pir, 0xBF37).value, 0xBF27).value, 0xA2).value;
        struct bytes ok = tlv_find(final, 0xA0).value;
        CHECK_HEX(tlv_find(ok, 0x4F).whole, "4F10 A0000005591010FFFFFFFF8900001000");
        CHECK_HEX(tlv_find(ok, 0x04).value, "3007 A005 3003 800100");
        test_row("listed as installation");
        CHECK_EQ(lab_es10(w.cards[0], unhex("BF2804 81020780"), &answer), 0x9000);
        CHECK_HEX(answer, "BF2852 A050"
                          "BF2F25 800100 81020780 " HOST "5A0A" WORLD_NUMBER "BF2F25 800101 81020780 " HOST "5A0A"
                          WORLD_NUMBER);
        test_row("kept with its profile deleted");
        CHECK_EQ(lab_es10(w.cards[0], unhex("BF330C 5A0A" WORLD_NUMBER), &answer), 0x9000);
        CHECK_HEX(answer, "BF3303 800100");
        CHECK_EQ(lab_es10(w.cards[0], unhex("BF2B05 A003 800100"), &answer), 0x9000);
        CHECK_BYTES(tlv_find(tlv_find(answer, 0xBF2B).value, 0xA0).value, pir);
        test_row("kept through a memory reset and without power");
        CHECK_EQ(lab_es10(w.cards[0], unhex("BF3404 820205E0"), &answer), 0x9000);
        CHECK(world_power(&w) && lab_select(w.cards[0]));
        CHECK_EQ(lab_es10(w.cards[0], unhex("BF2B05 A003 800100"), &answer), 0x9000);
        CHECK_BYTES(tlv_find(tlv_find(answer, 0xBF2B).value, 0xA0).value, pir);
    }
    world_close(&w);
}

/* A profile whose owner is none of its IMSI's. */
static struct bytes mismatched(void)
{
    static const uint8_t other[] = { 0x00, 0xF1, 0x20 };
    struct rsp_OperatorId owner = { .mccMnc = BYTES_OF(other) };
    struct rsp_StoreMetadataRequest m = { .iccid = unhex(WORLD_NUMBER),
                                          .serviceProviderName = BYTES_LIT("Rspkit Mobile"),
                                          .profileName = BYTES_LIT("Sample"), .profileClass = 2,
                                          .profileOwner = &owner };
    struct bytes der = BYTES_NONE;
    struct err e;
    CHECK_OK(asn1_encode(test_arena(), &rsp_StoreMetadataRequest_type, &m, &der, &e), &e);
    return der;
}

TEST(results_of_failures)
{
    struct world w;
    world_plan.metadata = mismatched();
    bool there = world_open(&w, EC_P256, BYTES_NONE, false);
    world_plan.metadata = BYTES_NONE;
    if (there) {
        struct bytes pir = kept_result(&w);
        check_result(&w, pir, "800100 81020780 " HOST " 5A0A " WORLD_NUMBER);
        /* ErrorResult: loadProfileElements (5), data mismatch (13), the response of the package's elements */
        struct bytes failed =
            tlv_find(tlv_find(tlv_find(tlv_find(pir, 0xBF37).value, 0xBF27).value, 0xA2).value, 0xA1).value;
        CHECK_HEX(failed, "800105 81010D 8209 3007 A005 3003 800100");
    }
    world_close(&w);
}
