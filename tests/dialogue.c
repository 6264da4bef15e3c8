/* SPDX-License-Identifier: Apache-2.0 */
#include "dialogue.h"

#include "saip/package.h"

static struct bytes changed(struct bytes text, const struct sample_change *c)
{
    const char *at = memmem(text.p, text.n, c->old, strlen(c->old));
    struct buf other = buf_in(test_arena());
    if (!CHECK(at != NULL))
        return text;
    size_t before = (size_t)(at - (const char *)text.p);
    buf_add(&other, bytes_slice(text, 0, before));
    buf_text(&other, c->new);
    buf_add(&other, bytes_slice(text, before + strlen(c->old), text.n));
    return buf_bytes(&other);
}

struct bytes sample_with_all(const struct sample_change *changes, size_t n)
{
    struct bytes text = test_file(test_source("samples/operator.asn1")), der = BYTES_NONE;
    struct saip_package p;
    struct err e;
    for (size_t i = 0; i < n; i++)
        text = changed(text, &changes[i]);
    if (CHECK_OK(saip_parse(test_arena(), text, &p, &e), &e))
        CHECK_OK(saip_encode(test_arena(), &p, &der, &e), &e);
    return der;
}

struct bytes sample_with(const char *old, const char *new)
{
    return sample_with_all(&(struct sample_change){ old, new }, 1);
}

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
