/* SPDX-License-Identifier: Apache-2.0
 *
 * What a discovery came to, for people. */
#include "base/text.h"
#include "lpa/lpa.h"
#include "rsp/ids.h"

static void became(struct buf *out, const struct lpa_lead *lead)
{
    switch (lead->became) {
    case LPA_INSTALLED:
        buf_printf(out, "installed %s", iccid_text(out->arena, lead->download.iccid));
        if (!lead->download.told)
            buf_text(out, "; the server could not be told; next: rsp-lpa notifications send");
        return;
    case LPA_EVENTS:
        buf_printf(out, "%zu event%s", lead->events, lead->events == 1 ? "" : "s");
        return;
    case LPA_NOTHING:
        buf_text(out, "no profile for this card");
        return;
    case LPA_LOST:
        buf_text(out, lead->err.what);
        return;
    default:
        buf_text(out, "not asked");
    }
}

static void lead_line(struct buf *out, const struct lpa_lead *lead)
{
    buf_printf(out, "%*s", 2 * (int)lead->depth, "");
    if (lead->depth)
        buf_printf(out, "event %s at ", text_plain(out->arena, lead->event_id));
    else
        buf_text(out, lead->smds ? "SM-DS " : "default SM-DP+ ");
    buf_printf(out, "%s: ", text_plain(out->arena, lead->address));
    became(out, lead);
    buf_u8(out, '\n');
}

/* Nothing installed, nothing that failed, nothing left to ask. */
static bool nothing_waits(const struct lpa_discovery *d)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->leads[i].became != LPA_NOTHING && (d->leads[i].became != LPA_EVENTS || d->leads[i].events))
            return false;
    return d->n > 0;
}

const char *lpa_discovery_text(struct arena *a, const struct lpa_discovery *d)
{
    struct buf out = buf_in(a);
    for (size_t i = 0; i < d->n; i++)
        lead_line(&out, &d->leads[i]);
    if (d->left_out)
        buf_printf(&out, "%zu more events were left out; next: rsp-lpa discover again\n", d->left_out);
    if (d->skipped)
        buf_text(&out, "the card has an operational profile already, so nobody was asked\n");
    if (nothing_waits(d)) /* what is left is an activation code (SGP.22 3.4.4 step 3) */
        buf_text(&out, "nothing waits for this card; next: rsp-lpa download, with an activation code of the "
                       "operator\n");
    const char *text = buf_str(&out);
    return text ? text : "no memory to tell what was found\n";
}
