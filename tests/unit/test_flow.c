/* SPDX-License-Identifier: Apache-2.0
 *
 * Order, download, enable, attach: the three cores in one process, over every message. */
#include "crypto/aka.h"
#include "world.h"

static const enum ec_curve both[] = { EC_P256, EC_BRAINPOOLP256R1 };

static unsigned apdu(struct world *w, const char *hex, struct bytes *data)
{
    struct bytes response;
    euicc_apdu(w->cards[w->card], test_arena(), unhex(hex), &response);
    *data = bytes_slice(response, 0, response.n - 2);
    unsigned sw = (unsigned)response.p[response.n - 2] << 8 | response.p[response.n - 1];
    while (sw >> 8 == 0x61) {
        struct buf all = buf_in(test_arena());
        const uint8_t get[] = { 0x00, 0xC0, 0, 0, (uint8_t)sw };
        buf_add(&all, *data);
        euicc_apdu(w->cards[w->card], test_arena(), BYTES_OF(get), &response);
        buf_add(&all, bytes_slice(response, 0, response.n - 2));
        *data = buf_bytes(&all);
        sw = (unsigned)response.p[response.n - 2] << 8 | response.p[response.n - 1];
    }
    return sw;
}

static bool download(struct world *w, struct lpa_download *d)
{
    struct activation_code code;
    struct err e;
    if (!world_order(w, NULL, NULL, &code))
        return false;
    CHECK_TEXT(world_state(w), "Released");
    if (!CHECK_EQ(world_download(w, &code, d, &e), LPA_DONE)) {
        CHECK_TEXT(err_text(&e, (char[400]){ 0 }, 400), "");
        return false;
    }
    return CHECK_TEXT(world_state(w), "Installed");
}

static void enable(struct world *w, struct bytes iccid, bool refresh)
{
    struct rsp_ProfileInfoListResponse list;
    struct err e;
    size_t sent;
    CHECK_EQ(lpa_open(&w->lpa, &e), LPA_DONE);
    CHECK_EQ(lpa_enable(&w->lpa, iccid, refresh, &e), LPA_DONE);
    CHECK_EQ(lpa_list(&w->lpa, &list, &e), LPA_DONE);
    if (CHECK_EQ((int64_t)list.profileInfoListOk.n, 1)) {
        CHECK_BYTES(list.profileInfoListOk.items[0].serviceProviderName, BYTES_LIT("Rspkit Mobile"));
        CHECK_EQ(list.profileInfoListOk.items[0].profileState, 1);
    }
    CHECK_EQ(lpa_notifications_send(&w->lpa, &sent, &e), LPA_DONE);
    CHECK_EQ((int64_t)sent, 2); /* installed, enabled, as configured */
    lpa_close(&w->lpa);
}

/* The authentication centre: expectations from TS 35.208 set 1, whose keys the subscriber has. */
static void attach(struct world *w)
{
    struct bytes data;
    struct aka_key key;
    uint8_t autn[16], rand[16] = { 0 }, sqn[6] = { 0, 0, 0, 0, 0, 0x21 }, amf[2] = { 0x80, 0 }, ms[6];
    struct err e;
    CHECK_OK(aka_key_init(&key, AKA_MILENAGE, unhex(WORLD_K), unhex(WORLD_OPC), &e), &e);
    memcpy(rand, unhex("23553CBE9637A89D218AE64DAE47BF35").p, 16);
    CHECK_OK(aka_autn(&key, rand, sqn, amf, autn, &e), &e);
    const char *challenge =
        arena_printf(test_arena(), "00880081 22 10 %s 10 %s 00", hex_encode(test_arena(), BYTES_OF(rand)),
                     hex_encode(test_arena(), BYTES_OF(autn)));
    CHECK_EQ(apdu(w, "00A4040C07A0000000871002", &data), 0x9000);
    CHECK_EQ(apdu(w, challenge, &data), 0x6982); /* no PIN yet */
    CHECK_EQ(apdu(w, "0020000108 31323334FFFFFFFF", &data), 0x9000);
    CHECK_EQ(apdu(w, challenge, &data), 0x9000);
    CHECK_HEX(bytes_slice(data, 0, 10), "DB08A54211D5E3BA50BF");
    CHECK_HEX(bytes_slice(data, 10, 34), "10B40BA9A3C58B2A05BBF0D987B21BF8CB10F769BCD751044604127672711C6D3441");
    CHECK_EQ(apdu(w, challenge, &data), 0x9000); /* the same again */
    CHECK_EQ(data.n ? data.p[0] : 0, 0xDC);
    CHECK_OK(aka_auts_open(&key, rand, data.p + 2, ms, &e), &e);
    CHECK_HEX(BYTES_OF(ms), "000000000021");
}

TEST(own_sample)
{
    for (int c = 0; c < 2; c++)
        for (int ppk = 0; ppk < 2; ppk++) {
            struct world w;
            struct lpa_download d;
            test_row("%s, %s", ec_curve_name(both[c]), ppk ? "profile protection keys" : "session keys");
            if (world_open(&w, both[c], BYTES_NONE, ppk) && download(&w, &d)) {
                enable(&w, d.iccid, ppk);
                attach(&w);
            }
            world_close(&w);
        }
}

static const char *const packages[] = { "nobertlv", "nobertlv_noramrfm", "bertlv_suci", "bertlv_suci_noramrfm" };

/* What structure-files.tsv says of the card after a download, but for the subscriber's own values. */
TEST(ts48_packages)
{
    for (int i = 0; i < 4; i++)
        for (int c = 0; c < 2; c++) {
            struct world w;
            struct lpa_download d;
            struct bytes data;
            test_row("%s on %s", packages[i], ec_curve_name(both[c]));
            const char *path = test_data(arena_printf(test_arena(), "ts48-v7/%s.der", packages[i]));
            if (!path) {
                test_skip("no test data ts48-v7");
                continue;
            }
            if (world_open(&w, both[c], test_file(path), false) && download(&w, &d)) {
                enable(&w, d.iccid, false);
                CHECK_EQ(apdu(&w, "00A4080C022FE2", &data), 0x9000);
                CHECK_EQ(apdu(&w, "00B000000A", &data), 0x9000);
                CHECK_HEX(data, "989400010000000010F7");
                CHECK_EQ(apdu(&w, "00A4040C07A0000000871002", &data), 0x9000);
                CHECK_EQ(apdu(&w, "00B0870009", &data), 0x9000); /* EF.IMSI by its SFI 07 */
                CHECK_HEX(data, "080910101032547698");
                CHECK_EQ(apdu(&w, "00A4000C026F46", &data), 0x9000);
                CHECK_EQ(apdu(&w, "00B0000011", &data), 0x9000);
                CHECK_HEX(data, "0147534D4111544553 54FFFFFFFFFFFFFF");
                CHECK_EQ(apdu(&w, "00A4040C07A0000003431002", &data), 0x9000);
                CHECK_EQ(apdu(&w, "00A4000C026F22", &data), 0x9000);
                CHECK_EQ(apdu(&w, "00B000000A", &data), 0x9000);
                CHECK_HEX(data, "008D03CB11033480DE03");
            }
            world_close(&w);
        }
}
