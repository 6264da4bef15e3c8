/* SPDX-License-Identifier: Apache-2.0
 *
 * Card session and commands of the UICC: TS 102 221 10.1.2. */
#include "euicc/uicc_inside.h"

/* The default file system, which nothing changes: an MF. */
static struct saip_file bare_mf = { .name = "MF", .fid = UICC_MF, .type = SAIP_MF, .lcsi = 5 };
static struct euicc_profile bare = { .image.mf = &bare_mf };

void uicc_start(struct uicc *u, struct euicc_profile *p)
{
    u->profile = p ? p : &bare;
    memset(u->verified, 0, sizeof u->verified);
    for (size_t i = 0; i < UICC_TRANSFERS; i++)
        arena_free(u->transfers[i].arena);
    memset(u->transfers, 0, sizeof u->transfers);
}

void uicc_channel_start(const struct uicc *u, struct uicc_channel *c)
{
    *c = (struct uicc_channel){ .df = u->profile ? u->profile->image.mf : NULL };
}

static bool lies_in(const struct saip_file *f, const struct saip_file *df)
{
    while (f && f != df)
        f = f->parent;
    return f != NULL;
}

void uicc_application_end(struct uicc *u, const struct saip_file *adf)
{
    const struct saip_image *m = &u->profile->image;
    for (size_t i = 0; i < m->n_pins; i++)
        if (lies_in(m->pins[i].context, adf))
            u->verified[i] = false;
}

static const struct {
    uint8_t ins;
    bool proprietary; /* class 8x or Cx; else 0x or 4x */
    uicc_run *run;
} commands[] = {
    { 0xA4, false, uicc_select_command },
    { 0xF2, true, uicc_status },
    { 0xB0, false, uicc_read_binary },
    { 0xD6, false, uicc_update_binary },
    { 0xB2, false, uicc_read_record },
    { 0xDC, false, uicc_update_record },
    { 0xA2, false, uicc_search_record },
    { 0x32, true, uicc_increase },
    { 0xCB, true, uicc_retrieve_data },
    { 0xDB, true, uicc_set_data },
    { 0x20, false, uicc_verify },
    { 0x24, false, uicc_change_pin },
    { 0x26, false, uicc_disable_pin },
    { 0x28, false, uicc_enable_pin },
    { 0x2C, false, uicc_unblock_pin },
    { 0x04, false, uicc_life_cycle },
    { 0x44, false, uicc_life_cycle },
    { 0x88, false, uicc_authenticate },
    { 0x78, true, uicc_get_identity },
};

unsigned uicc_command(struct uicc *u, struct uicc_channel *c, const struct apdu *a, struct buf *out)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (commands[i].ins != a->ins)
            continue;
        if (commands[i].proprietary != (bool)(a->cla & 0x80))
            return SW_WRONG_CLA;
        if (!u->profile || !c->df)
            return a->ins == 0xA4 ? SW_NOT_FOUND : SW_CONDITIONS;
        return commands[i].run(u, c, a, out);
    }
    return SW_WRONG_INS;
}
