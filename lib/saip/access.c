/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/access.h"

#include "saip/names.h"

enum { AM_BYTE = 0x80, AM_HEADER = 0x81, AM_HEADER_LAST = 0x8F, AM_MACHINE = 0x9C, PADDING = 0xFF };

static bool is_mode(uint32_t tag)
{
    return tag == AM_BYTE || (tag >= AM_HEADER && tag <= AM_HEADER_LAST) || tag == AM_MACHINE;
}

/* Data objects from here on that are modes, or that are none. */
static struct bytes objects(struct cursor *c, bool modes)
{
    const uint8_t *from = c->p;
    struct tlv t;
    for (struct cursor ahead = *c; !cursor_done(&ahead) && cursor_peek(&ahead) != PADDING; *c = ahead)
        if (tlv_next(&ahead, ASN1_WIRE, &t, NULL) != 0 || is_mode(t.tag) != modes)
            break;
    return bytes_make(from, (size_t)(c->p - from));
}

bool saip_access_next(struct cursor *c, struct saip_access *out)
{
    *out = (struct saip_access){ .modes = objects(c, true) };
    if (out->modes.n)
        out->conditions = objects(c, false);
    return out->modes.n != 0;
}

/* 81 to 8F: the tag's bits 4 to 1 say which of CLA, INS, P1, P2 the value has; it may have several of such groups. */
static bool names_header(struct tlv mode, const uint8_t header[4])
{
    for (struct cursor k = cursor_over(mode.value); !cursor_done(&k) && !k.failed;) {
        bool same = true;
        for (size_t i = 0; i < 4; i++)
            if (mode.tag & 8u >> i)
                same = cursor_u8(&k) == header[i] && same;
        if (same && !k.failed)
            return true;
    }
    return false;
}

bool saip_access_concerns(const struct saip_access *rule, uint8_t use, const uint8_t header[4])
{
    struct cursor c = cursor_over(rule->modes);
    struct tlv mode;
    while (!cursor_done(&c) && tlv_next(&c, ASN1_WIRE, &mode, NULL) == 0) {
        if (mode.tag == AM_BYTE && mode.value.n == 1 && mode.value.p[0] & use)
            return true;
        if (mode.tag >= AM_HEADER && mode.tag <= AM_HEADER_LAST && header && names_header(mode, header))
            return true;
    }
    return false;
}

/* A control reference template: 83 the key, 95 how it is used; only VERIFY PIN (user knowledge) is known. */
static void key_read(struct bytes template, struct saip_condition *out)
{
    enum { KEY = 0x83, USAGE = 0x95, USER_KNOWLEDGE = 0x08 };
    struct bytes key = tlv_find(template, KEY).value, usage = tlv_find(template, USAGE).value;
    bool by_pin = !usage.p || (usage.n == 1 && usage.p[0] & USER_KNOWLEDGE);
    out->kind = key.n == 1 && by_pin ? SAIP_KEY : SAIP_UNKNOWN;
    out->key = key.n == 1 ? key.p[0] : 0;
}

bool saip_condition_next(struct cursor *c, struct saip_condition *out)
{
    static const struct {
        uint8_t tag;
        enum saip_condition_kind kind;
    } kinds[] = { { 0x90, SAIP_ALWAYS }, { 0x97, SAIP_NEVER },  { 0xA4, SAIP_KEY },
                  { 0xA0, SAIP_ANY_OF }, { 0xAF, SAIP_ALL_OF }, { 0xA7, SAIP_NONE_OF } };
    struct tlv t;
    *out = (struct saip_condition){ .kind = SAIP_UNKNOWN };
    if (cursor_done(c))
        return false;
    if (tlv_next(c, ASN1_WIRE, &t, NULL) != 0) {
        c->p = c->end;
        return true;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].tag == t.tag)
            out->kind = kinds[i].kind;
    if (out->kind == SAIP_KEY)
        key_read(t.value, out);
    else
        out->inner = t.value;
    return true;
}

struct bytes saip_arr_record(const struct saip_image *image, const struct saip_file *f)
{
    const struct saip_file *arr = saip_arr_of(image, f);
    if (!arr || !arr->body || !arr->record_length || f->arr_record == 0 ||
        (uint32_t)f->arr_record * arr->record_length > arr->size)
        return BYTES_NONE;
    return bytes_make(arr->body + (f->arr_record - 1u) * arr->record_length, arr->record_length);
}

/* ------------------------------------------------------------------------------- words */

static void several(struct buf *out, struct bytes conditions, const char *between, int depth);

static void condition_words(struct buf *out, const struct saip_condition *c, int depth)
{
    if (depth > SAIP_CONDITION_DEPTH || c->kind == SAIP_UNKNOWN)
        buf_text(out, "never (an unknown condition)");
    else if (c->kind == SAIP_NEVER)
        buf_text(out, "never");
    else if (c->kind == SAIP_ALWAYS)
        buf_text(out, "always");
    else if (c->kind == SAIP_KEY)
        buf_text(out, saip_pin_name(out->arena, c->key));
    else {
        buf_text(out, c->kind == SAIP_NONE_OF ? "not " : "");
        several(out, c->inner, c->kind == SAIP_ALL_OF ? " and " : " or ", depth);
    }
}

/* Conditions that hold others get brackets where they stand beside one. */
static void several(struct buf *out, struct bytes conditions, const char *between, int depth)
{
    struct cursor k = cursor_over(conditions);
    struct saip_condition c;
    size_t n = 0;
    while (saip_condition_next(&k, &c)) {
        bool nested = c.inner.n && depth < SAIP_CONDITION_DEPTH && (n || !cursor_done(&k));
        buf_text(out, n++ ? between : "");
        buf_text(out, nested ? "(" : "");
        condition_words(out, &c, depth + 1);
        buf_text(out, nested ? ")" : "");
    }
    if (n == 0)
        buf_text(out, "never");
}

static bool concerns(const struct saip_access *rule, uint8_t mode, uint8_t ins)
{
    const uint8_t header[4] = { 0x80, ins };
    return saip_access_concerns(rule, mode, ins ? header : NULL);
}

const char *saip_access_words(struct arena *a, struct bytes record, uint8_t mode, uint8_t ins)
{
    struct cursor c = cursor_over(record);
    struct saip_access rule;
    struct buf out = buf_in(a);
    while (saip_access_next(&c, &rule))
        if (concerns(&rule, mode, ins)) {
            several(&out, rule.conditions, " or ", 0);
            return buf_str(&out);
        }
    return "never";
}

enum { USES = 9 };

const struct saip_access_use *saip_access_uses(bool df, size_t *n)
{
    static const struct saip_access_use ef[USES] = {
        { "read", SAIP_READ, 0 },
        { "update", SAIP_UPDATE, 0 },
        { "write", SAIP_WRITE, 0 },
        { "deactivate", SAIP_DEACTIVATE, 0 },
        { "activate", SAIP_ACTIVATE, 0 },
        { "terminate", SAIP_TERMINATE, 0 },
        { "delete", SAIP_DELETE, 0 },
        { "resize", 0, SAIP_INS_RESIZE },
        { "increase", 0, SAIP_INS_INCREASE },
    }, directory[USES] = {
        { "delete child", SAIP_DELETE_CHILD, 0 },
        { "create EF", SAIP_CREATE_EF, 0 },
        { "create DF", SAIP_CREATE_DF, 0 },
        { "deactivate", SAIP_DEACTIVATE, 0 },
        { "activate", SAIP_ACTIVATE, 0 },
        { "terminate", SAIP_TERMINATE, 0 },
        { "delete", SAIP_DELETE, 0 },
        { "resize", 0, SAIP_INS_RESIZE },
        { "increase", 0, SAIP_INS_INCREASE },
    };
    *n = USES;
    return df ? directory : ef;
}

static bool named(struct bytes record, const struct saip_access_use *use)
{
    struct cursor c = cursor_over(record);
    struct saip_access rule;
    while (saip_access_next(&c, &rule))
        if (concerns(&rule, use->mode, use->ins))
            return true;
    return false;
}

/* Uses of the same condition stand together. */
const char *saip_access_line(struct arena *a, struct bytes record, bool df)
{
    const char *words[USES];
    size_t n;
    const struct saip_access_use *uses = saip_access_uses(df, &n);
    struct buf out = buf_in(a);
    for (size_t i = 0; i < n; i++) {
        words[i] = named(record, &uses[i]) ? saip_access_words(a, record, uses[i].mode, uses[i].ins) : "";
        if (!words[i])
            return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        const char *here = words[i];
        if (!*here)
            continue;
        buf_text(&out, out.n ? "; " : "");
        for (size_t k = i; k < n; k++)
            if (strcmp(words[k], here) == 0) {
                buf_printf(&out, "%s%s", k == i ? "" : ", ", uses[k].name);
                words[k] = "";
            }
        buf_printf(&out, ": %s", here);
    }
    if (out.n == 0)
        buf_text(&out, "nothing is allowed");
    return buf_str(&out);
}
