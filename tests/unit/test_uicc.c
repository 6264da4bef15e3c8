/* SPDX-License-Identifier: Apache-2.0
 *
 * The enabled profile as a UICC: our own sample, downloaded and enabled, spoken to in APDUs.  What is expected is
 * counted by hand from TS 102 221, TS 31.102 and the sample's text. */
#include "dialogue.h"

static void talk_to_sample(const struct dialogue *rows, size_t n)
{
    struct world w;
    if (card_with(&w, BYTES_NONE))
        talk(&w, rows, n);
    world_close(&w);
}

#define TALK(rows) talk_to_sample(rows, sizeof rows / sizeof *rows)

TEST(selection)
{
    static const struct dialogue rows[] = {
        { "MF with its FCP", "00A4000402 3F00 00", 0x9000,
          "6223 82027821 83023F00 A506800171870101 8A0105 8B032F060E C609 9001C0 830101 83010A" },
        { "an EF with its FCP", "00A4000402 2FE2 00", 0x9000,
          "621B 82024121 83022FE2 A503C00100 8A0105 8B032F060B 8002000A 8800" },
        { "a linear file tells its records", "00A4000402 2F00 00", 0x9000,
          "621F 82054221002601 83022F00 A503C00100 8A0105 8B032F060A 80020026 8801F0" },
        { "what is not there", "00A4000C02 2F99", 0x6A82, "" },
        { "a FID cut short", "00A4000C01 2F", 0x6700, "" },
        { "the last good choice stays", "00B0000000", 0x6981, "" },
        { "7FFF before any application", "00A4000C02 7FFF", 0x6A82, "" },
        { "a path through 7FFF before any application", "00A4080C04 7FFF6F07", 0x6A82, "" },
        { "an application that is not there", "00A4040C07 A0000000871004", 0x6A82, "" },
        { "an AID cut below its RID", "00A4040C04 A0000000", 0x6A82, "" },
        { "no such way to select", "00A4050C02 3F00", 0x6A86, "" },
        { "no such answer", "00A4000802 3F00", 0x6A86, "" },
        SELECT_USIM,
        { "7FFF is the application now", "00A4000C02 7FFF", 0x9000, "" },
        { "a path from the MF", "00A4080C04 7FFF6F07", 0x9000, "" },
        { "a path from here", "00A4090C02 6F46", 0x9000, "" },
        { "a path of odd length", "00A4090C03 6F466F", 0x6A82, "" },
        { "a child directory", "00A4010C02 5F3A", 0x9000, "" },
        { "an EF is no child directory", "00A4010C02 4F30", 0x6A82, "" },
        { "the parent", "00A4030C", 0x9000, "" },
        { "the MF without data", "00A4000C", 0x9000, "" },
        { "the MF has no parent", "00A4030C", 0x6A82, "" },
        { "an application's FID is temporary", "00A4000C02 7F01", 0x6A82, "" },
    };
    TALK(rows);
}

TEST(transparent_files)
{
    static const struct dialogue rows[] = {
        { "EF.ICCID is always readable", "00A4000C02 2FE2", 0x9000, "" },
        { "read whole", "00B0000000", 0x9000, "989400010000000010F7" },
        { "nobody but ADM updates it", "00D6000001 98", 0x6982, "" },
        SELECT_USIM,
        { "no EF is chosen", "00B0000009", 0x6986, "" },
        { "EF.IMSI by its SFI, no PIN yet", "00B0870009", 0x6982, "" },
        VERIFY_PIN,
        { "EF.IMSI by its SFI", "00B0870009", 0x9000, "080910101032547698" },
        { "and it is chosen now", "00B0000802", 0x6C01, "" },
        { "the last octet", "00B0000801", 0x9000, "98" },
        { "more than there is", "00B0000010", 0x6C09, "" },
        { "from behind the end", "00B0000901", 0x6B00, "" },
        { "no file with that SFI", "00B09D0001", 0x6A82, "" },
        { "a record file read as binary", "00B0970001", 0x6981, "" },
        { "EF.LI: the user may change it", "00A4000C02 6F05", 0x9000, "" },
        { "update", "00D6000002 6465", 0x9000, "" },
        { "read back", "00B0000002", 0x9000, "6465" },
        { "update of nothing", "00D60000", 0x6700, "" },
        { "update beyond the end", "00D6000502 6465", 0x6700, "" },
        { "nothing has changed", "00B0000000", 0x9000, "6465FFFFFFFF" },
        { "EF.ACC: ADM alone", "00D6860002 0003", 0x6982, "" },
        VERIFY_ADM,
        { "with ADM1", "00D6860002 0003", 0x9000, "" },
        { "EF.ACC read back", "00B0860002", 0x9000, "0003" },
    };
    TALK(rows);
}

#define EMPTY "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
#define ANNA "416E6E61FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
#define EMIL "456D696CFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"

TEST(linear_files)
{
    static const struct dialogue rows[] = {
        SELECT_USIM,
        VERIFY_PIN,
        { "the phone book", "00A4010C02 5F3A", 0x9000, "" },
        { "EF.ADN", "00A4000C02 4F58", 0x9000, "" },
        { "record 1", "00B201041C", 0x9000, EMPTY },
        { "update record 2", "00DC02041C" ANNA, 0x9000, "" },
        { "update record 10", "00DC0A041C" EMIL, 0x9000, "" },
        { "record 11 is not there", "00B20B041C", 0x6A83, "" },
        { "the next one: the first", "00B200021C", 0x9000, EMPTY },
        { "the next one: the second", "00B200021C", 0x9000, ANNA },
        { "the current one", "00B200041C", 0x9000, ANNA },
        { "the one before", "00B200031C", 0x9000, EMPTY },
        { "none before the first", "00B200031C", 0x6A83, "" },
        { "by SFI, from its beginning", "00B20A5C1C", 0x9000, EMIL },
        { "less than a record", "00B2010401", 0x6C1C, "" },
        { "no such mode", "00B201051C", 0x6A86, "" },
        { "an update cut short", "00DC020401 41", 0x6700, "" },
        { "read as binary", "00B0000001", 0x6981, "" },
        { "search", "00A2010402 696C 00", 0x9000, "0A" },
        { "the record found is current", "00B200041C", 0x9000, EMIL },
        { "search for what is not there", "00A2010402 7A7A 00", 0x6282, "" },
        { "search in one record only", "00A20B0402 696C 00", 0x6A83, "" },
    };
    TALK(rows);
}

TEST(pins)
{
    static const struct dialogue rows[] = {
        { "how many tries", "00200001", 0x63C3, "" },
        { "wrong", "00200001 08 30303030FFFFFFFF", 0x63C2, "" },
        { "wrong again", "00200001 08 30303030FFFFFFFF", 0x63C1, "" },
        { "seven octets", "00200001 07 31323334FFFFFF", 0x6700, "" },
        { "that was no try", "00200001", 0x63C1, "" },
        VERIFY_PIN,
        { "all tries are back", "00200001", 0x63C3, "" },
        { "no such PIN", "00200005 08 31323334FFFFFFFF", 0x6A88, "" },
        { "changed with the wrong one", "00240001 10 30303030FFFFFFFF 35363738FFFFFFFF", 0x63C2, "" },
        { "changed", "00240001 10 31323334FFFFFFFF 35363738FFFFFFFF", 0x9000, "" },
        { "the old one is wrong", "00200001 08 31323334FFFFFFFF", 0x63C2, "" },
        { "the new one is right", "00200001 08 35363738FFFFFFFF", 0x9000, "" },
        { "1", "00200001 08 30303030FFFFFFFF", 0x63C2, "" },
        { "2", "00200001 08 30303030FFFFFFFF", 0x63C1, "" },
        { "3: blocked", "00200001 08 30303030FFFFFFFF", 0x63C0, "" },
        { "blocked, also for the right one", "00200001 08 35363738FFFFFFFF", 0x6983, "" },
        { "unblocked with a wrong PUK", "002C0001 10 3030303030303030 31323334FFFFFFFF", 0x63C9, "" },
        { "how many tries of the PUK", "002C0001", 0x63C9, "" },
        { "unblocked", "002C0001 10 3132333435363738 31323334FFFFFFFF", 0x9000, "" },
        { "all tries of the PUK are back", "002C0001", 0x63CA, "" },
        VERIFY_PIN,
        { "enabled already", "00280001 08 31323334FFFFFFFF", 0x6984, "" },
        { "switched off", "00260001 08 31323334FFFFFFFF", 0x9000, "" },
        SELECT_USIM,
        { "EF.IMSI without PIN", "00B0870009", 0x9000, "080910101032547698" },
        { "nothing to verify", "00200001 08 31323334FFFFFFFF", 0x6984, "" },
        { "switched on", "00280001 08 31323334FFFFFFFF", 0x9000, "" },
        { "ADM1 cannot be switched off", "0026000A 08 3838383838383838", 0x6985, "" },
    };
    TALK(rows);
}

/* Tries and values outlast the power; what was verified does not. */
TEST(pins_and_power)
{
    static const struct dialogue before[] = {
        { "wrong", "00200001 08 30303030FFFFFFFF", 0x63C2, "" },
        SELECT_USIM,
        VERIFY_ADM,
        { "EF.ACC", "00D6860002 0003", 0x9000, "" },
    };
    static const struct dialogue after[] = {
        { "reset: two tries left", "00200001", 0x63C2, "" },
        SELECT_USIM,
        { "reset: ADM1 is not verified", "00D6860002 0001", 0x6982, "" },
        VERIFY_PIN,
        { "reset: EF.ACC has stayed", "00B0860002", 0x9000, "0003" },
    };
    struct world w;
    if (card_with(&w, BYTES_NONE)) {
        talk(&w, before, sizeof before / sizeof *before);
        euicc_reset(w.cards[0]);
        talk(&w, after, sizeof after / sizeof *after);
    }
    world_close(&w);
}

TEST(status_and_classes)
{
    static const struct dialogue rows[] = {
        { "STATUS: the MF", "80F2000000", 0x9000,
          "6223 82027821 83023F00 A506800171870101 8A0105 8B032F060E C609 9001C0 830101 83010A" },
        { "STATUS: no application yet", "80F2000100", 0x6A86, "" },
        SELECT_USIM,
        { "STATUS: the application's AID", "80F2000100", 0x9000, "8410 A0000000871002FF49FFFF8901000000" },
        { "STATUS without data", "80F2000C", 0x9000, "" },
        { "STATUS of class 00", "00F2000000", 0x6E00, "" },
        { "READ BINARY of class 80", "80B0000000", 0x6E00, "" },
        { "no such instruction", "00FF0000", 0x6D00, "" },
        { "another channel that is closed", "01B0000000", 0x6881, "" },
        { "a channel opened", "0070000001", 0x9000, "01" },
        { "on it the MF is chosen", "81F2000000", 0x9000, NULL },
        { "and not the USIM", "01B0870009", 0x6A82, "" },
        { "closed", "00708001", 0x9000, "" },
        { "closed twice", "00708001", 0x6881, "" },
        { "the basic channel stays", "00708000", 0x6881, "" },
    };
    TALK(rows);
}

/* Set 1 of TS 35.208, whose K and OPc the subscriber has; AUTN of SQN 21 and AMF 8000 is made by the network's half. */
#define RAND "23553CBE9637A89D218AE64DAE47BF35"

TEST(authenticate)
{
    static const struct dialogue rows[] = {
        { "outside an application", "00880080 11 10" RAND "00", 0x6985, "" },
        SELECT_USIM,
        { "without PIN", "00880080 11 10" RAND "00", 0x6982, "" },
        VERIFY_PIN,
        { "GSM context: SRES and Kc", "00880080 11 10" RAND "00", 0x9000, "0446F8416A 08EAE4BE823AF9A08B" },
        { "GSM context: a RAND cut short", "00880080 10 0F" "23553CBE9637A89D218AE64DAE47BF" "00", 0x6700, "" },
        { "no such context", "00880087 11 10" RAND "00", 0x6A86, "" },
        { "P2 without its top bit", "00880001 11 10" RAND "00", 0x6A86, "" },
        { "a MAC that is wrong", "00880081 22 10" RAND "10 00000000000000000000000000000000 00", 0x9862, "" },
        { "an AUTN cut short", "00880081 21 10" RAND "0F 000000000000000000000000000000 00", 0x6700, "" },
    };
    TALK(rows);
}

/* EF.ACM, the call meter: one record of three octets; the oldest falls out. */
static const struct sample_edit more_files = { "  ef-gid1 {", "  ef-acmax { },\n  ef-acm { },\n  ef-gid1 {" };

TEST(cyclic_files)
{
    static const struct dialogue rows[] = {
        SELECT_USIM,
        { "EF.ACM", "00A4000C02 6F39", 0x9000, "" },
        { "INCREASE without PIN", "8032000003 000001 00", 0x6982, "" },
        VERIFY_PIN,
        { "INCREASE: the sum, then what was added", "8032000003 000102 00", 0x9000, "000102 000102" },
        { "INCREASE by one octet", "8032000001 FF 00", 0x9000, "000201 FF" },
        { "the record", "00B2010403", 0x9000, "000201" },
        { "UPDATE in the only mode", "00DC000303 FFFFFE", 0x9000, "" },
        { "UPDATE by number", "00DC010403 000000", 0x6A86, "" },
        { "INCREASE up to the end", "8032000001 01 00", 0x9000, "FFFFFF 01" },
        { "INCREASE beyond it", "8032000001 01 00", 0x9850, "" },
        { "it stays", "00B2010403", 0x9000, "FFFFFF" },
        { "INCREASE by four octets", "8032000004 00000001 00", 0x6700, "" },
        { "EF.ACMmax is no cyclic file", "00A4000C02 6F37", 0x9000, "" },
        { "INCREASE of it", "8032000003 000001 00", 0x6981, "" },
    };
    struct world w;
    if (card_with(&w, sample_der(sample_text(&more_files, 1))))
        talk(&w, rows, sizeof rows / sizeof *rows);
    world_close(&w);
}

static const struct sample_edit test_algorithm = { "algorithmID milenage,\n    algorithmOptions '00'H",
                                                   "algorithmID usim-test-algorithm, algorithmOptions '02'H" };

/* The test algorithm of TS 34.108 8.1.2, computed by hand: XDOUT = K xor RAND, CK and IK are XDOUT turned by one and
 * two octets, AK its octets 4 to 9, MAC its first eight xor SQN and AMF, Kc by c3 of TS 33.102. */
TEST(authenticate_by_the_test_algorithm)
{
    static const struct dialogue rows[] = {
        SELECT_USIM,
        VERIFY_PIN,
        { "RES, CK, IK, Kc",
          "00880081 22 10" RAND "10 5627AE1C02AA 8000 650E6056278F9C02 00", 0x9000,
          "DB 10 650E605627AE1C028BD5EC634C7F1989 10 0E605627AE1C028BD5EC634C7F198965"
          "10 605627AE1C028BD5EC634C7F1989650E 08 57B95EBAD48E6535" },
        { "the same again: SQN is not looked at",
          "00880081 22 10" RAND "10 5627AE1C02AA 8000 650E6056278F9C02 00", 0x9000, NULL },
        { "AMF FFFF: AUTS", "00880081 22 10" RAND "10 5627AE1C02AA FFFF 650E6056278FE3FD 00", 0x9000,
          "DC 0E 5627AE1C02AA 650E6056278F1C02" },
    };
    struct world w;
    if (card_with(&w, sample_der(sample_text(&test_algorithm, 1))))
        talk(&w, rows, sizeof rows / sizeof *rows);
    world_close(&w);
}

/* What the sample brings beside files is listed. */
TEST(modules_are_listed)
{
    struct world w;
    if (card_with(&w, BYTES_NONE)) {
        struct buf out = buf_in(test_arena());
        euicc_describe(w.cards[0], &out);
        const char *text = buf_str(&out);
        CHECK(strstr(text, "\n  domain        A000000151000000\n") != NULL);
        CHECK(strstr(text, "\n  RFM           A00000055910100101  TAR B00010\n") != NULL);
    }
    world_close(&w);
}
