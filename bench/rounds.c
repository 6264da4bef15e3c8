/* SPDX-License-Identifier: Apache-2.0 */
#include "rounds.h"

#include <stdio.h>
#include <stdlib.h>

/* Some packages take an OPc of each subscriber, others have the test algorithm. */
static bool import(struct world *w, int profiles, bool opc)
{
    struct buf csv = buf_in(test_arena());
    struct smdp_imported done;
    struct err e;
    buf_printf(&csv, "iccid,imsi,k%s\n", opc ? ",opc" : "");
    for (int i = 0; i < profiles; i++)
        buf_printf(&csv, "894900100000001%04d,00101012345%04d,%s%s\n", i, i, WORLD_K, opc ? "," WORLD_OPC : "");
    return smdp_add_profiles(&w->smdp, "sample", buf_bytes(&csv), &done, &e) == 0;
}

void bench_open(struct world *w, enum ec_curve curve, struct bytes package, int profiles)
{
    if (!world_open(w, curve, package, false) || (!import(w, profiles, true) && !import(w, profiles, false)))
        exit(1);
}

static bool order(struct world *w, struct activation_code *code)
{
    struct es2_download_order in = { .profileType = BYTES_LIT("sample") };
    struct es2_download_order_done ordered;
    struct es2_confirm_order confirm = { .releaseFlag = true };
    struct es2_confirm_order_done confirmed;
    if (world_es2(w, ES2_DOWNLOAD_ORDER, &in, &ordered).executed != RSP_SUCCESS)
        return false;
    confirm.iccid = ordered.iccid;
    if (world_es2(w, ES2_CONFIRM_ORDER, &confirm, &confirmed).executed != RSP_SUCCESS)
        return false;
    *code = (struct activation_code){ .address = confirmed.smdpAddress, .matching_id = confirmed.matchingId };
    return true;
}

void bench_download(struct world *w, struct lpa_download *d)
{
    struct activation_code code;
    struct err e;
    w->lpa.arena = arena_new(64 << 20);
    if (!w->lpa.arena || !order(w, &code) || world_download(w, &code, d, &e) != LPA_DONE)
        exit(1);
}

void bench_forget(struct world *w, const struct lpa_download *d)
{
    struct err e;
    if (lpa_open(&w->lpa, &e) != LPA_DONE || lpa_delete(&w->lpa, d->iccid, &e) != LPA_DONE)
        exit(1);
    lpa_close(&w->lpa);
    arena_free(w->lpa.arena);
}
