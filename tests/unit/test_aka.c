/* SPDX-License-Identifier: Apache-2.0
 *
 * TUAK and its permutation against the sets of 3GPP, the test algorithm against values worked out by hand, what a
 * key may be.  Milenage's sets are in test_crypto. */
#include <stdio.h>
#include <stdlib.h>

#include "crypto/aka.h"
#include "crypto/keccak.h"
#include "harness.h"

/* The next line of a file of vectors that is no comment, in words. */
enum { WORDS_MAX = 16, LINE = 2048 };

static int next_line(FILE *f, char line[LINE], char *words[WORDS_MAX])
{
    int n = 0;
    do {
        if (!fgets(line, LINE, f))
            return 0;
    } while (line[0] == '#');
    for (char *w = strtok(line, " \n"); w && n < WORDS_MAX; w = strtok(NULL, " \n"))
        words[n++] = w;
    return n;
}

/* Calls `check` for each line of so many words; how many there were. */
static int each_line(const char *path, int n_words, void (*check)(char **words))
{
    FILE *f = fopen(test_source(path), "r");
    char line[LINE], *words[WORDS_MAX];
    int lines = 0, n;
    if (!CHECK(f != NULL))
        return 0;
    for (; (n = next_line(f, line, words)) != 0; lines++) {
        test_row("TS %s", words[0]);
        if (CHECK_EQ(n, n_words))
            check(words);
    }
    fclose(f);
    return lines;
}

static void keccak_set(char **words)
{
    uint8_t state[KECCAK_STATE];
    struct bytes before = unhex(words[1]);
    if (!CHECK_EQ(before.n, KECCAK_STATE))
        return;
    memcpy(state, before.p, sizeof state);
    keccak_f1600(state);
    CHECK_HEX(BYTES_OF(state), words[2]);
}

TEST(keccak)
{
    int sets = each_line("tests/vectors/keccak.txt", 3, keccak_set);
    test_row("the sets of TS 35.232 5");
    CHECK_EQ(sets, 6);
}

enum { SET, K, RAND, SQN, AMF, TOP, KECCAKS, TOPC, MAC_A, MAC_S, RES, CK, IK, AK, AKS, TUAK_WORDS };

static uint8_t octets_of(const char *hex)
{
    return (uint8_t)(strlen(hex) / 2);
}

/* The key of a set, with the sizes of its outputs. */
static struct aka_key tuak_key(char **w)
{
    struct aka_key key;
    struct err e;
    CHECK_OK(aka_key_init(&key, AKA_TUAK, unhex(w[K]), unhex(w[TOPC]), &e), &e);
    key.keccaks = (uint8_t)atoi(w[KECCAKS]);
    key.mac_octets = octets_of(w[MAC_A]);
    key.res_octets = octets_of(w[RES]);
    key.ck_octets = octets_of(w[CK]);
    key.ik_octets = octets_of(w[IK]);
    return key;
}

static void tuak_set(char **w)
{
    struct aka_key key = tuak_key(w);
    struct aka_vector v;
    struct err e;
    uint8_t topc[32], mac_a[AKA_OUT_MAX], mac_s[AKA_OUT_MAX];
    CHECK_OK(aka_topc(unhex(w[K]), unhex(w[TOP]).p, key.keccaks, topc, &e), &e);
    CHECK_HEX(BYTES_OF(topc), w[TOPC]);
    CHECK_OK(aka_mac(&key, unhex(w[RAND]).p, unhex(w[SQN]).p, unhex(w[AMF]).p, mac_a, mac_s, &e), &e);
    CHECK_HEX(bytes_make(mac_a, key.mac_octets), w[MAC_A]);
    CHECK_HEX(bytes_make(mac_s, key.mac_octets), w[MAC_S]);
    CHECK_OK(aka_vector(&key, unhex(w[RAND]).p, &v, &e), &e);
    CHECK_HEX(bytes_make(v.res, v.res_octets), w[RES]);
    CHECK_HEX(bytes_make(v.ck, v.ck_octets), w[CK]);
    CHECK_HEX(bytes_make(v.ik, v.ik_octets), w[IK]);
    CHECK_HEX(BYTES_OF(v.ak), w[AK]);
    CHECK_HEX(BYTES_OF(v.aks), w[AKS]);
}

TEST(tuak)
{
    int sets = each_line("tests/vectors/tuak.txt", TUAK_WORDS, tuak_set);
    test_row("the sets of TS 35.233 6");
    CHECK_EQ(sets, 6);
}

/* By hand from sets 1 and 5, whose MAC has 64 bits: SQN xor AK, AMF, f1; SQN xor AK*. */
static const struct tokens {
    const char *set, *autn, *hidden;
} tokens[] = {
    { "35.233-1", "608E0F8A8145 FFFF F9A54E6AEAA8618D", "F6BE7A2C1F29" },
    { "35.233-5", "1F2865CBA24B 297D D7340DAD02B4CB01", "020DE23973C7" },
};

static void tokens_check(const struct aka_key *key, char **w, const struct tokens *t)
{
    const uint8_t *rand = unhex(w[RAND]).p, *sqn = unhex(w[SQN]).p;
    uint8_t autn[16], auts[14], found[6];
    struct err e;
    CHECK_OK(aka_autn(key, rand, sqn, unhex(w[AMF]).p, autn, &e), &e);
    CHECK_HEX(BYTES_OF(autn), t->autn);
    CHECK_OK(aka_autn_open(key, rand, autn, found, &e), &e);
    CHECK_HEX(BYTES_OF(found), w[SQN]);
    autn[15] ^= 1;
    CHECK_FAILS(aka_autn_open(key, rand, autn, found, &e), &e, ERR_VERIFY, "MAC-A");
    CHECK_OK(aka_auts(key, rand, sqn, auts, &e), &e);
    CHECK_HEX(bytes_make(auts, 6), t->hidden);
    CHECK_OK(aka_auts_open(key, rand, auts, found, &e), &e);
    CHECK_HEX(BYTES_OF(found), w[SQN]);
    auts[0] ^= 1;
    CHECK_FAILS(aka_auts_open(key, rand, auts, found, &e), &e, ERR_VERIFY, "MAC-S");
}

static void tokens_of_set(char **w)
{
    struct aka_key key = tuak_key(w);
    uint8_t autn[16];
    struct err e;
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
        if (strcmp(tokens[i].set, w[SET]) == 0)
            tokens_check(&key, w, &tokens[i]);
    if (key.mac_octets != 8)
        CHECK_FAILS(aka_autn(&key, unhex(w[RAND]).p, unhex(w[SQN]).p, unhex(w[AMF]).p, autn, &e), &e, ERR_UNSUPPORTED,
                    "no room in AUTN");
}

TEST(tuak_tokens)
{
    each_line("tests/vectors/tuak.txt", TUAK_WORDS, tokens_of_set);
}

/* TS 34.108 8.1.2 by hand: XDOUT = K xor RAND, RES its first octets, CK and IK it turned by one and two octets, AK its
 * octets 4 to 9, MAC its first eight xor SQN and AMF. */
static const struct {
    const char *name, *k, *rand, *sqn, *amf;
    uint8_t res_octets;
    const char *res, *ck, *ik, *ak, *mac;
} xors[] = {
    { "K of TS.48, RAND all ones", "000102030405060708090A0B0C0D0E0F", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
      "000000000020", "8000", 16, "FFFEFDFCFBFAF9F8F7F6F5F4F3F2F1F0", "FEFDFCFBFAF9F8F7F6F5F4F3F2F1F0FF",
      "FDFCFBFAF9F8F7F6F5F4F3F2F1F0FFFE", "FCFBFAF9F8F7", "FFFEFDFCFBDA79F8" },
    { "RES of 32 bits", "000102030405060708090A0B0C0D0E0F", "00000000000000000000000000000000", "FFFFFFFFFFFF", "0000",
      4, "00010203", "0102030405060708090A0B0C0D0E0F00", "02030405060708090A0B0C0D0E0F0001", "030405060708",
      "FFFEFDFCFBFA0607" },
    { "RES of 64 bits", "80000000000000000000000000000001", "00000000000000000000000000000000", "000000000000", "FFFF",
      8,
      "8000000000000000", "00000000000000000000000000000180", "00000000000000000000000000018000", "000000000000",
      "800000000000FFFF" },
};

TEST(test_algorithm)
{
    for (size_t i = 0; i < sizeof xors / sizeof *xors; i++) {
        struct aka_key key;
        struct aka_vector v;
        struct err e;
        uint8_t mac_a[AKA_OUT_MAX], mac_s[AKA_OUT_MAX];
        test_row("%s", xors[i].name);
        CHECK_OK(aka_key_init(&key, AKA_XOR, unhex(xors[i].k), BYTES_NONE, &e), &e);
        key.res_octets = xors[i].res_octets;
        CHECK_OK(aka_vector(&key, unhex(xors[i].rand).p, &v, &e), &e);
        CHECK_HEX(bytes_make(v.res, v.res_octets), xors[i].res);
        CHECK_HEX(bytes_make(v.ck, v.ck_octets), xors[i].ck);
        CHECK_HEX(bytes_make(v.ik, v.ik_octets), xors[i].ik);
        CHECK_HEX(BYTES_OF(v.ak), xors[i].ak);
        CHECK_HEX(BYTES_OF(v.aks), xors[i].ak);
        CHECK_OK(aka_mac(&key, unhex(xors[i].rand).p, unhex(xors[i].sqn).p, unhex(xors[i].amf).p, mac_a, mac_s, &e),
                 &e);
        CHECK_HEX(bytes_make(mac_a, 8), xors[i].mac);
        CHECK_HEX(bytes_make(mac_s, 8), xors[i].mac);
    }
}

static const struct {
    const char *name;
    int algorithm;
    size_t k, opc;
    int code; /* 0: a key */
    const char *what;
} keys[] = {
    { "Milenage", AKA_MILENAGE, 16, 16, 0, NULL },
    { "Milenage, K of 15", AKA_MILENAGE, 15, 16, ERR_VALUE, "the key has 15 octets; 16 are expected" },
    { "Milenage, K of 32", AKA_MILENAGE, 32, 16, ERR_VALUE, "the key has 32 octets; 16 are expected" },
    { "Milenage, no K", AKA_MILENAGE, 0, 16, ERR_VALUE, "the key has 0 octets; 16 are expected" },
    { "Milenage, OPc of 32", AKA_MILENAGE, 16, 32, ERR_VALUE, "OPc or TOPc has 32 octets; 16 are expected" },
    { "TUAK, 128 bits", AKA_TUAK, 16, 32, 0, NULL },
    { "TUAK, 256 bits", AKA_TUAK, 32, 32, 0, NULL },
    { "TUAK, 192 bits", AKA_TUAK, 24, 32, ERR_VALUE, "the key has 24 octets; 16 or 32 are expected" },
    { "TUAK, TOPc of 16", AKA_TUAK, 16, 16, ERR_VALUE, "OPc or TOPc has 16 octets; 32 are expected" },
    { "test algorithm without OPc", AKA_XOR, 16, 0, 0, NULL },
    { "test algorithm, any OPc", AKA_XOR, 16, 16, 0, NULL },
    { "test algorithm, K of 8", AKA_XOR, 8, 0, ERR_VALUE, "the key has 8 octets; 16 are expected" },
    { "no algorithm 0", 0, 16, 16, ERR_UNSUPPORTED, "algorithm 0 is not offered" },
    { "no algorithm 4", 4, 16, 16, ERR_UNSUPPORTED, "algorithm 4 is not offered" },
};

TEST(sizes_of_keys)
{
    static const uint8_t octets[32] = { 1 };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct aka_key key;
        struct err e;
        test_row("%s", keys[i].name);
        int result = aka_key_init(&key, (enum aka_algorithm)keys[i].algorithm, bytes_make(octets, keys[i].k),
                                  bytes_make(octets, keys[i].opc), &e);
        if (keys[i].code)
            CHECK_FAILS(result, &e, keys[i].code, keys[i].what);
        else
            CHECK_OK(result, &e);
    }
}
