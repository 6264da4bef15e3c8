/* SPDX-License-Identifier: Apache-2.0 */
#include "dialogue.h"

bool card_with(struct world *w, struct bytes package)
{
    struct activation_code code;
    struct lpa_download d;
    struct err e;
    if (!world_open(w, EC_P256, package, false) || !world_order(w, NULL, NULL, &code) ||
        !CHECK_EQ(world_download(w, &code, &d, &e), LPA_DONE) || !CHECK_EQ(lpa_open(&w->lpa, &e), LPA_DONE) ||
        !CHECK_EQ(lpa_enable(&w->lpa, d.iccid, false, &e), LPA_DONE))
        return false;
    lpa_close(&w->lpa);
    euicc_reset(w->cards[0]);
    return true;
}

void talk(struct world *w, const struct dialogue *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct bytes data;
        test_row("%s", rows[i].name);
        CHECK_EQ(exchange(w->cards[0], unhex(rows[i].command), 0x00, &data), rows[i].sw);
        if (rows[i].data)
            CHECK_HEX(data, rows[i].data);
    }
}
