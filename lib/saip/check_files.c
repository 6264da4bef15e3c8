/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/tlv.h"
#include "base/cursor.h"
#include "saip/access.h"
#include "saip/look.h"

void saip_check_link(struct saip_look *l, const struct saip_file *f)
{
    if (f->link_path.p && !f->link)
        saip_found(l, saip_file_place(f), "a link to a file that is there", "nothing, or a circle, where %s leads",
                   f->name);
}

void saip_check_sfi_unique(struct saip_look *l, const struct saip_file *f)
{
    for (const struct saip_file *o = f->parent ? f->parent->children : NULL; o && o != f; o = o->next)
        if (f->sfi && !saip_is_df(f) && !saip_is_df(o) && o->sfi == f->sfi)
            saip_found(l, saip_file_place(f), "a short file identifier of its own in the DF", "%u, which %s has",
                       f->sfi, o->name);
}

/* --------------------------------------------------------------------- access rules */

/* The record, without the FF behind the rule. */
static struct bytes record_of(const struct saip_file *arr, unsigned record)
{
    struct bytes body = saip_body(arr);
    if (!arr->record_length || !record || record > body.n / arr->record_length)
        return BYTES_NONE;
    struct bytes rule = bytes_slice(body, (record - 1) * (size_t)arr->record_length, arr->record_length);
    while (rule.n && rule.p[rule.n - 1] == 0xFF)
        rule.n--;
    return rule;
}

void saip_check_arr_record(struct saip_look *l, const struct saip_file *f)
{
    const struct saip_file *arr = f->arr_record ? saip_arr_of(l->image, f) : NULL;
    if (f->link_path.p && !f->link)
        return;
    if (!f->arr_record)
        saip_found(l, saip_file_place(f), "a record of EF.ARR with the access rule", "none for %s", f->name);
    else if (!arr)
        saip_found(l, saip_file_place(f), "the EF.ARR that the access rule is in", "no %04X for %s", f->arr_fid,
                   f->name);
    else if (!record_of(arr, f->arr_record).n)
        saip_found(l, saip_file_place(f), "a record of EF.ARR that is there and not empty", "record %u for %s",
                   f->arr_record, f->name);
}

enum { AM_BYTE = 0x80 };

/* What a walk over an access rule meets. */
struct rule_walk {
    bool bad;
    uint8_t pins[32]; /* bits of the key references in it */
};

/* Conditions within each other (TS 102 221 9.2.4, ISO 7816-4 5.4.3.2). */
static void conditions_walk(struct rule_walk *w, struct bytes conditions, int depth)
{
    struct cursor c = cursor_over(conditions);
    struct saip_condition one;
    w->bad = w->bad || !conditions.n || depth > SAIP_CONDITION_DEPTH;
    while (!w->bad && saip_condition_next(&c, &one)) {
        bool simple = one.kind == SAIP_ALWAYS || one.kind == SAIP_NEVER;
        w->bad = one.kind == SAIP_UNKNOWN || (simple && one.inner.n);
        if (one.kind == SAIP_KEY)
            w->pins[one.key / 8] |= (uint8_t)(1u << one.key % 8);
        else if (!simple && !w->bad)
            conditions_walk(w, one.inner, depth + 1);
    }
}

/* Access modes, conditions, access modes .. (TS 102 221 9.2.2). */
static void rule_walk(struct rule_walk *w, struct bytes rules)
{
    struct cursor c = cursor_over(rules), modes;
    struct saip_access rule;
    struct tlv mode;
    memset(w, 0, sizeof *w);
    while (!w->bad && saip_access_next(&c, &rule)) {
        for (modes = cursor_over(rule.modes); !cursor_done(&modes) && tlv_next(&modes, ASN1_WIRE, &mode, NULL) == 0;)
            w->bad = w->bad || !mode.value.n || (mode.tag == AM_BYTE && mode.value.n != 1);
        conditions_walk(w, rule.conditions, 0);
    }
    w->bad = w->bad || !cursor_done(&c);
}

/* Records of EF.ARR, each by itself. */
void saip_check_arr_coding(struct saip_look *l, const struct saip_file *f)
{
    if ((f->fid != 0x2F06 && f->fid != 0x6F06) || f->type != SAIP_LINEAR || f->link)
        return;
    for (unsigned i = 1; f->record_length && i <= f->size / f->record_length; i++) {
        struct rule_walk w;
        struct bytes rule = record_of(f, i);
        if (rule.n)
            rule_walk(&w, rule);
        if (rule.n && w.bad)
            saip_found(l, saip_file_place(f), "access modes, each with a condition",
                       "something else in record %u of %s", i, f->name);
    }
}

enum { UNIVERSAL = 0x11 };

/* A condition that nobody can meet. */
void saip_check_arr_pin(struct saip_look *l, const struct saip_file *f)
{
    const struct saip_file *arr = f->arr_record ? saip_arr_of(l->image, f) : NULL;
    struct bytes rule = arr ? record_of(arr, f->arr_record) : BYTES_NONE;
    struct rule_walk w;
    if (!rule.n || (f->link_path.p && !f->link))
        return;
    rule_walk(&w, rule);
    for (unsigned r = 0; !w.bad && r < 256; r++)
        if (w.pins[r / 8] >> r % 8 & 1 && r != UNIVERSAL &&
            !saip_pin_in(l->image, saip_is_df(f) ? f : f->parent, (uint8_t)r))
            saip_found(l, saip_file_place(f), "access rules that name codes which are there",
                       "PIN %02X for %s (record %u)", r, f->name, f->arr_record);
}

/* TCA 8.1.3 */
void saip_check_pin_status(struct saip_look *l, const struct saip_file *f)
{
    for (size_t i = 0; saip_is_df(f) && !f->link && i < f->pst.n; i++)
        if (!saip_pin_in(l->image, f, f->pst.p[i]))
            saip_found(l, saip_file_place(f), "every PIN that the PIN status template names", "no PIN %02X for %s",
                       f->pst.p[i], f->name);
}

void saip_check_ber_tlv_objects(struct saip_look *l, const struct saip_file *f)
{
    struct cursor c = cursor_over(bytes_make(f->body, f->type == SAIP_BERTLV && f->body && !f->link ? f->used : 0));
    struct tlv t;
    while (!cursor_done(&c))
        if (tlv_next(&c, ASN1_WIRE, &t, NULL) != 0) {
            saip_found(l, saip_file_place(f), "BER-TLV objects one behind the other",
                       "something else at octet %zu of %s", cursor_offset(&c), f->name);
            return;
        }
}
