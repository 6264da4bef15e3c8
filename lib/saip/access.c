/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/access.h"

#include "saip/names.h"

enum {
    AM_BYTE = 0x80,
    AM_INS = 0x84,
    AM_LAST = 0x8F,
    SC_ALWAYS = 0x90,
    SC_NEVER = 0x97,
    SC_KEY = 0xA4,
    SC_ANY_OF = 0xA0,
    SC_ALL_OF = 0xAF,
    KEY_REFERENCE = 0x83,
    PADDING = 0xFF,
};

static bool is_mode(uint32_t tag)
{
    return tag >= AM_BYTE && tag <= AM_LAST;
}

bool saip_access_next(struct cursor *c, struct saip_access *out)
{
    struct tlv mode, t;
    *out = (struct saip_access){ 0 };
    if (cursor_done(c) || cursor_peek(c) == PADDING || tlv_next(c, ASN1_WIRE, &mode, NULL) != 0 || !is_mode(mode.tag))
        return false;
    if (mode.value.n == 1)
        *(mode.tag == AM_BYTE ? &out->modes : &out->ins) =
            mode.tag == AM_BYTE || mode.tag == AM_INS ? mode.value.p[0] : 0;
    const uint8_t *from = c->p;
    for (struct cursor ahead = *c; !cursor_done(&ahead) && cursor_peek(&ahead) != PADDING; *c = ahead)
        if (tlv_next(&ahead, ASN1_WIRE, &t, NULL) != 0 || is_mode(t.tag))
            break;
    out->conditions = bytes_make(from, (size_t)(c->p - from));
    return true;
}

bool saip_condition_next(struct cursor *c, struct saip_condition *out)
{
    static const struct {
        uint8_t tag;
        enum saip_condition_kind kind;
    } kinds[] = { { SC_ALWAYS, SAIP_ALWAYS }, { SC_KEY, SAIP_KEY }, { SC_ANY_OF, SAIP_ANY_OF },
                  { SC_ALL_OF, SAIP_ALL_OF } };
    struct tlv t;
    *out = (struct saip_condition){ .kind = SAIP_NEVER };
    if (cursor_done(c) || tlv_next(c, ASN1_WIRE, &t, NULL) != 0)
        return false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].tag == t.tag)
            out->kind = kinds[i].kind;
    struct tlv key = tlv_find(t.value, KEY_REFERENCE);
    if (out->kind == SAIP_KEY && key.value.n != 1)
        out->kind = SAIP_NEVER;
    else if (out->kind == SAIP_KEY)
        out->key = key.value.p[0];
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
    if (depth > SAIP_CONDITION_DEPTH || c->kind == SAIP_NEVER)
        buf_text(out, "never");
    else if (c->kind == SAIP_ALWAYS)
        buf_text(out, "always");
    else if (c->kind == SAIP_KEY)
        buf_text(out, saip_pin_name(out->arena, c->key));
    else
        several(out, c->inner, c->kind == SAIP_ANY_OF ? " or " : " and ", depth);
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
    if (n == 0) /* none of no conditions holds, all of them do */
        buf_text(out, strcmp(between, " and ") == 0 ? "always" : "never");
}

const char *saip_access_words(struct arena *a, struct bytes record, uint8_t mode, uint8_t ins)
{
    struct cursor c = cursor_over(record);
    struct saip_access rule;
    struct buf out = buf_in(a);
    while (saip_access_next(&c, &rule))
        if ((mode && (rule.modes & mode)) || (ins && rule.ins == ins)) {
            several(&out, rule.conditions, " or ", 0);
            return buf_str(&out);
        }
    return "never";
}

enum { USES = 9 };

const struct saip_use *saip_uses(bool df, size_t *n)
{
    static const struct saip_use ef[USES] = {
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

static bool named(struct bytes record, const struct saip_use *use)
{
    struct cursor c = cursor_over(record);
    struct saip_access rule;
    while (saip_access_next(&c, &rule))
        if ((use->mode && (rule.modes & use->mode)) || (use->ins && rule.ins == use->ins))
            return true;
    return false;
}

/* Uses of the same condition stand together. */
const char *saip_access_line(struct arena *a, struct bytes record, bool df)
{
    const char *words[USES];
    size_t n;
    const struct saip_use *uses = saip_uses(df, &n);
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
