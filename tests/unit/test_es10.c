/* SPDX-License-Identifier: Apache-2.0
 *
 * ES10a, ES10b and ES10c as commands and answers in hex, written by hand from SGP.22 5.7 and Annex H. */
#include "exchange.h"
#include "world.h"

#define ICCID "5A0A 989400010000000010F7" /* WORLD_ICCID, swapped as cards hold it */
#define HOST "736D64702E6578616D706C652E636F6D"
#define NAMES "910D 5273706B6974204D6F62696C65 9206 53616D706C65"
#define AID "4F10 A0000005591010FFFFFFFF8900001000"

struct dialogue {
    const char *name, *command;
    unsigned sw;
    const char *answer; /* NULL: not looked at */
};

static unsigned apdu(struct world *w, struct bytes command, struct bytes *data)
{
    return exchange(w->cards[0], command, 0x80, data);
}

/* One command TLV in one block, on channel 1: a change of profiles selects the MF on the basic one. */
static unsigned es10(struct world *w, const char *command, struct bytes *answer)
{
    struct bytes tlv = unhex(command);
    struct buf all = buf_in(test_arena());
    buf_add(&all, BYTES_LIT("\x81\xE2\x91\x00"));
    buf_u8(&all, (unsigned)tlv.n);
    buf_add(&all, tlv);
    buf_u8(&all, 0);
    return apdu(w, buf_bytes(&all), answer);
}

static bool isdr(struct world *w)
{
    struct bytes data;
    euicc_reset(w->cards[0]);
    return CHECK_EQ(apdu(w, unhex("0070000001"), &data), 0x9000) &&
           CHECK_EQ(apdu(w, unhex("00A40400 10 A0000005591010FFFFFFFF8900000100"), &data), 0x9000) &&
           CHECK_EQ(apdu(w, unhex("01A40400 10 A0000005591010FFFFFFFF8900000100"), &data), 0x9000);
}

static void talk(struct world *w, const struct dialogue *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct bytes answer;
        test_row("%s", rows[i].name);
        CHECK_EQ(es10(w, rows[i].command, &answer), rows[i].sw);
        if (rows[i].answer)
            CHECK_HEX(answer, rows[i].answer);
    }
}

#define TALK(w, rows) talk(w, rows, sizeof rows / sizeof *rows)

static bool install(struct world *w)
{
    struct activation_code code;
    struct lpa_download d;
    struct err e;
    return world_order(w, NULL, NULL, &code) && CHECK_EQ(world_download(w, &code, &d, &e), LPA_DONE) && isdr(w);
}

TEST(a_card_as_made)
{
    static const struct dialogue rows[] = {
        { "GetEID", "BF3E03 5C015A", 0x9000, "BF3E12 5A10 89049032000000000000000000000163" },
        { "GetEID: another tag", "BF3E03 5C0100", 0x6A88, "" },
        { "GetEuiccConfiguredAddresses", "BF3C00", 0x9000, "BF3C12 8110 736D64732E6578616D706C652E636F6D" },
        { "SetDefaultDpAddress", "BF3F05 8003612E62", 0x9000, "BF3F03 800100" },
        { "it is told", "BF3C00", 0x9000, "BF3C17 8003612E62 8110 736D64732E6578616D706C652E636F6D" },
        { "SetDefaultDpAddress: none", "BF3F02 8000", 0x9000, "BF3F03 800100" },
        { "it is gone", "BF3C00", 0x9000, "BF3C12 8110 736D64732E6578616D706C652E636F6D" },
        { "GetRAT: every operator, with consent", "BF4300", 0x9000,
          "BF4319 A017 3015 80020560 A10B 3009 8003EEEEEE 8100 8200 82020780" },
        { "GetProfilesInfo: none", "BF2D00", 0x9000, "BF2D02 A000" },
        { "ListNotification: none", "BF2800", 0x9000, "BF2802 A000" },
        { "RetrieveNotificationsList: none", "BF2B00", 0x9000, "BF2B02 A000" },
        { "RemoveNotificationFromList: nothing to delete", "BF3003 800100", 0x9000, "BF3003 800101" },
        { "EnableProfile: not found", "BF3111 A00C" ICCID "8101FF", 0x9000, "BF3103 800101" },
        { "DisableProfile: not found", "BF3211 A00C" ICCID "8101FF", 0x9000, "BF3203 800101" },
        { "DeleteProfile: not found", "BF330C" ICCID, 0x9000, "BF3303 800101" },
        { "SetNickname: not found", "BF290F" ICCID "900141", 0x9000, "BF2903 800101" },
        { "eUICCMemoryReset: nothing to delete", "BF3404 820205E0", 0x9000, "BF3403 800101" },
        { "CancelSession: no such transaction", "BF4106 80010A 810100", 0x9000, "BF4103 810105" },
        { "no such function", "BF7F00", 0x6A88, "" },
        { "a function of HTTP", "BF3900", 0x6A88, "" },
        { "octets behind the command", "BF2000 00", 0x6A80, "" },
        { "a length beyond the command", "BF2001", 0x6A80, "" },
        { "a member missing", "BF3000", 0x6A80, "" },
        { "a segment without a session", "A003 8701AA", 0x6985, "" },
        { "a piece of a profile without a session", "8601AA", 0x6985, "" },
    };
    struct world w;
    if (world_open(&w, EC_P256, BYTES_NONE, false) && isdr(&w))
        TALK(&w, rows);
    world_close(&w);
}

TEST(blocks)
{
    static const struct dialogue rows[] = {
        { "P1 that is none", "80E2120003 BF2000", 0x6A86, "" },
        { "a block that is not the first", "80E2910103 BF2000", 0x6A86, "" },
        { "the first of two", "80E2110002 BF3C", 0x9000, "" },
        { "the second", "80E2910101 00 00", 0x9000, "BF3C12 8110 736D64732E6578616D706C652E636F6D" },
        { "the first of three", "80E2110002 BF3C", 0x9000, "" },
        { "the third", "80E2910201 00 00", 0x6A86, "" },
        { "nothing is left of it", "80E2910101 00 00", 0x6A86, "" },
        { "nothing at all", "80E29100", 0x6A80, "" },
        { "GET RESPONSE without an answer", "80C0000000", 0x6985, "" },
        { "an instruction that the ISD-R does not have", "00B0000000", 0x6D00, "" },
    };
    struct world w;
    if (world_open(&w, EC_P256, BYTES_NONE, false) && isdr(&w))
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            struct bytes answer;
            test_row("%s", rows[i].name);
            CHECK_EQ(apdu(&w, unhex(rows[i].command), &answer), rows[i].sw);
            CHECK_HEX(answer, rows[i].answer);
        }
    world_close(&w);
}

/* The order of a life: installed, named, enabled, disabled, deleted. */
TEST(a_profile_lives)
{
    static const struct dialogue rows[] = {
        { "GetProfilesInfo", "BF2D00", 0x9000, "BF2D40 A03E E33C" ICCID AID "9F700100" NAMES "950102" },
        { "by ICCID, only its state", "BF2D12 A00C" ICCID "5C029F70", 0x9000, "BF2D08 A006 E304 9F700100" },
        { "by class operational, only its ICCID", "BF2D08 A003950102 5C015A", 0x9000, "BF2D10 A00E E30C" ICCID },
        { "by class test: none", "BF2D05 A003950100", 0x9000, "BF2D02 A000" },
        { "SetNickname", "BF2912" ICCID "9004 4D696E65", 0x9000, "BF2903 800100" },
        { "it is told", "BF2D03 5C0190", 0x9000, "BF2D0A A008 E306 9004 4D696E65" },
        { "SetNickname: none", "BF290E" ICCID "9000", 0x9000, "BF2903 800100" },
        { "it is gone", "BF2D03 5C0190", 0x9000, "BF2D04 A002 E300" },
        { "DisableProfile: not enabled", "BF3211 A00C" ICCID "810100", 0x9000, "BF3203 800102" },
        { "EnableProfile", "BF3111 A00C" ICCID "810100", 0x9000, "BF3103 800100" },
        { "EnableProfile: not disabled", "BF3111 A00C" ICCID "810100", 0x9000, "BF3103 800102" },
        { "its state", "BF2D04 5C029F70", 0x9000, "BF2D08 A006 E304 9F700101" },
        { "DeleteProfile: not disabled", "BF330C" ICCID, 0x9000, "BF3303 800102" },
        { "DisableProfile, by its AID", "BF3217 A012" AID "810100", 0x9000, "BF3203 800100" },
        { "DeleteProfile", "BF330C" ICCID, 0x9000, "BF3303 800100" },
        { "none is left", "BF2D00", 0x9000, "BF2D02 A000" },
    };
    struct world w;
    if (world_open(&w, EC_P256, BYTES_NONE, false) && install(&w))
        TALK(&w, rows);
    world_close(&w);
}

#define NOTIFICATION(number, bits) "BF2F25 80010" number "8102" bits "0C10" HOST ICCID

/* The result of the installation has number 0 and is sent by the download itself. */
TEST(notifications)
{
    static const struct dialogue rows[] = {
        { "installed", "BF2800", 0x9000, "BF282A A028" NOTIFICATION("1", "0780") },
        { "enabled", "BF3111 A00C" ICCID "810100", 0x9000, "BF3103 800100" },
        { "disabled", "BF3211 A00C" ICCID "810100", 0x9000, "BF3203 800100" },
        { "in the order of their numbers", "BF2800", 0x9000,
          "BF287A A078" NOTIFICATION("1", "0780") NOTIFICATION("2", "0640") NOTIFICATION("3", "0520") },
        { "those of enabling", "BF2804 81020640", 0x9000, "BF282A A028" NOTIFICATION("2", "0640") },
        { "those of deleting: none", "BF2804 81020410", 0x9000, "BF2802 A000" },
        { "retrieved by a number that is not there", "BF2B05 A003 800109", 0x9000, "BF2B02 A000" },
        { "removed", "BF3003 800102", 0x9000, "BF3003 800100" },
        { "removed twice", "BF3003 800102", 0x9000, "BF3003 800101" },
        { "the others stay", "BF2800", 0x9000, "BF2852 A050" NOTIFICATION("1", "0780") NOTIFICATION("3", "0520") },
        { "deleted", "BF330C" ICCID, 0x9000, "BF3303 800100" },
        { "told as well", "BF2804 81020410", 0x9000, "BF282A A028" NOTIFICATION("4", "0410") },
    };
    struct world w;
    if (world_open(&w, EC_P256, BYTES_NONE, false) && install(&w))
        TALK(&w, rows);
    world_close(&w);
}

TEST(memory_reset)
{
    static const struct dialogue rows[] = {
        { "enabled", "BF3111 A00C" ICCID "810100", 0x9000, "BF3103 800100" },
        { "SetDefaultDpAddress", "BF3F05 8003612E62", 0x9000, "BF3F03 800100" },
        { "test profiles only: there are none", "BF3404 82020640", 0x9000, "BF3403 800101" },
        { "operational profiles, the enabled one too: REFRESH waits", "BF3404 82020780", 0x910B, "BF3403 800100" },
    };
    static const struct dialogue after[] = {
        { "no profile after the reset", "BF2D00", 0x9000, "BF2D02 A000" },
        { "its deletion is told", "BF2804 81020410", 0x9000, "BF282A A028" NOTIFICATION("3", "0410") },
        { "the default SM-DP+ has stayed", "BF3C00", 0x9000, NULL },
        { "the default SM-DP+ goes when asked for", "BF3404 82020520", 0x9000, "BF3403 800101" },
        { "back to the factory's: none", "BF3C00", 0x9000, "BF3C12 8110 736D64732E6578616D706C652E636F6D" },
    };
    struct world w;
    if (world_open(&w, EC_P256, BYTES_NONE, false) && install(&w)) {
        TALK(&w, rows);
        if (isdr(&w))
            TALK(&w, after);
    }
    world_close(&w);
}
