/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of profiles. */
#include <stdio.h>
#include <stdlib.h>

#include "rsp/ids.h"
#include "saip/personal.h"
#include "smdp/core.h"
#include "smdp/manage.h"

enum {
    IMPORT_BATCH = 500, /* lines whose profiles are committed together */
    IMPORT_MEMORY = 16 << 20,
    LINE_MAX_OCTETS = 4096
};

struct smdp_import {
    struct smdp *smdp;
    struct arena *kept;  /* type and names */
    struct arena *arena; /* of the batch */
    struct store_record type;
    struct saip_holes holes; /* of the type's package */
    struct csv_line names;
    struct store_batch batch;
    size_t lines;                  /* since the last commit */
    uint8_t line[LINE_MAX_OCTETS]; /* the beginning of one whose end has not come */
    size_t n;
};

static int type_read(struct smdp_import *i, const char *name, struct err *e)
{
    struct smdp *s = i->smdp;
    if (store_get(s->service.store, i->kept, KIND_TYPE, bytes_text(name), &i->type, e) != 0)
        return -1;
    if (!i->type.version)
        return err_set(e, ERR_NOT_FOUND, NULL, "there is no profile type \"%s\"; next: rsp-smdp types shows them",
                       name);
    return smdp_package_holes(s->keys, i->type.v[TYPE_NAME].b, i->type.v[TYPE_UPP].b, &i->holes, e);
}

int smdp_import_new(struct smdp *s, const char *type, struct smdp_import **out, struct err *e)
{
    struct smdp_import *i = calloc(1, sizeof *i);
    if (i)
        *i = (struct smdp_import){ .smdp = s, .kept = arena_new(IMPORT_MEMORY), .arena = arena_new(IMPORT_MEMORY) };
    if (!i || !i->kept || !i->arena)
        err_set(e, ERR_MEMORY, NULL, "no memory for a list of profiles");
    else if (type_read(i, type, e) == 0) {
        i->batch = store_batch_in(i->arena);
        *out = i;
        return 0;
    }
    smdp_import_free(i);
    return -1;
}

void smdp_import_free(struct smdp_import *i)
{
    if (!i)
        return;
    arena_free(i->kept);
    arena_free(i->arena);
    bytes_wipe(i->line, sizeof i->line);
    free(i);
}

static int import_commit(struct smdp_import *i, struct smdp_imported *done, struct err *e)
{
    size_t n = i->batch.n;
    if (n && manage_commit(i->smdp, &i->batch, "add profiles", i->type.v[TYPE_NAME].b,
                           "another import adds the same profiles now", e) != 0)
        return -1;
    done->added += n;
    i->lines = 0;
    arena_reset(i->arena);
    i->batch = store_batch_in(i->arena);
    return 0;
}

/* -------------------------------------------------------------------------------- a profile */

static int values_check(const struct smdp_import *i, const struct saip_subscriber *s, struct err *e)
{
    static const enum saip_hole needed[] = { HOLE_ICCID, HOLE_IMSI, HOLE_K, HOLE_OPC };
    for (size_t k = 0; k < sizeof needed / sizeof *needed; k++)
        if (i->holes.of[needed[k]].n && !bytes_present(s->value[needed[k]]))
            return err_set(e, ERR_VALUE, NULL, "a profile of this type needs iccid, imsi, k%s",
                           i->holes.of[HOLE_OPC].n ? " and opc" : "");
    for (int k = 0; k < SAIP_HOLES; k++)
        if (bytes_present(s->value[k]) && !i->holes.of[k].n)
            return err_set(e, ERR_VALUE, NULL, "the type's package has no place for %s",
                           saip_hole_name((enum saip_hole)k));
    return 0;
}

static int subscriber_read(struct smdp_import *i, const struct csv_line *values, struct saip_subscriber *s,
                           struct err *e)
{
    if (values->n != i->names.n)
        return err_set(e, ERR_VALUE, NULL, "%zu values for %zu columns", values->n, i->names.n);
    for (size_t k = 0; k < values->n; k++)
        if (saip_subscriber_set(i->arena, s, arena_text(i->arena, i->names.field[k]), values->field[k], e) != 0)
            return -1;
    return values_check(i, s, e);
}

/* Values as TLVs: number of the hole, length, value (read by the key holder). */
static struct bytes subscriber_write(struct arena *a, const struct saip_subscriber *s)
{
    struct buf out = buf_in(a);
    for (unsigned i = 0; i < SAIP_HOLES; i++)
        if (bytes_present(s->value[i])) {
            buf_u8(&out, i);
            buf_u8(&out, (unsigned)s->value[i].n);
            buf_add(&out, s->value[i]);
        }
    return buf_bytes(&out);
}

/* The profile with this ICCID, of the batch or of the store; version and ICCID tell whether there is one. */
static int find(struct smdp_import *i, struct bytes iccid, struct store_record *out, struct err *e)
{
    for (size_t k = 0; k < i->batch.n; k++)
        if (bytes_equal(i->batch.items[k].record.v[PROFILE_ICCID].b, iccid)) {
            *out = i->batch.items[k].record;
            return 1;
        }
    if (store_get(i->smdp->service.store, i->arena, KIND_PROFILE, iccid, out, e) != 0)
        return -1;
    return out->version != 0;
}

/* What is there stays as it is; where the list says something else of it, that is told. */
static int profile_there(struct smdp_import *i, const struct store_record *there, struct bytes subscriber,
                         struct smdp_imported *done, struct err *e)
{
    bool same;
    struct bytes iccid = there->v[PROFILE_ICCID].b;
    if (smdp_sealed_is(i->smdp->keys, i->arena, SEALED_SUBSCRIBER, iccid, there->v[PROFILE_SUBSCRIBER].b, subscriber,
                       &same, e) != 0)
        return -1;
    if (same && bytes_equal(there->v[PROFILE_TYPE].b, i->type.v[TYPE_NAME].b)) {
        done->there++;
        return 0;
    }
    if (done->other++ == 0)
        snprintf(done->first_other, sizeof done->first_other, "%s", iccid_text(i->arena, iccid));
    return 0;
}

static int profile_add(struct smdp_import *i, const struct csv_line *values, struct smdp_imported *done,
                       struct err *e)
{
    struct smdp *s = i->smdp;
    struct saip_subscriber subscriber = { 0 };
    struct store_record r = { 0 }, there;
    if (subscriber_read(i, values, &subscriber, e) != 0)
        return -1;
    struct bytes plain = subscriber_write(i->arena, &subscriber), iccid = subscriber.value[HOLE_ICCID];
    int found = find(i, iccid, &there, e);
    if (found)
        return found < 0 ? -1 : profile_there(i, &there, plain, done, e);
    r.v[PROFILE_ICCID].b = iccid;
    r.v[PROFILE_TYPE].b = r.v[PROFILE_POOL].b = i->type.v[TYPE_NAME].b;
    r.v[PROFILE_OPERATOR].b = i->type.v[TYPE_OPERATOR].b;
    r.v[PROFILE_STATE].i = ORDER_AVAILABLE;
    r.v[PROFILE_CHANGED].i = s->service.now(s->service.context);
    r.v[PROFILE_ON_CARD].i = r.v[PROFILE_ON_CARD_SEQ].i = -1;
    if (smdp_seal(s->keys, i->arena, SEALED_SUBSCRIBER, iccid, plain, &r.v[PROFILE_SUBSCRIBER].b, e) != 0)
        return -1;
    store_put(&i->batch, KIND_PROFILE, &r);
    return 0;
}

/* --------------------------------------------------------------------------------- the list */

static int names_keep(struct smdp_import *i, const struct csv_line *line, struct err *e)
{
    i->names = *line;
    for (size_t k = 0; k < line->n; k++) {
        i->names.field[k] = arena_copy(i->kept, line->field[k]);
        if (!i->names.field[k].p)
            return err_set(e, ERR_MEMORY, NULL, "no memory for a list of profiles");
        for (size_t before = 0; before < k; before++)
            if (bytes_equal(line->field[before], line->field[k]))
                return err_set(e, ERR_EXISTS, NULL, "the column \"%.*s\" comes twice", (int)line->field[k].n,
                               line->field[k].p);
        if (saip_subscriber_check_name(line->field[k], e) != 0)
            return -1;
    }
    return 0;
}

/* The mark with which some editors begin a text in UTF-8. */
static struct bytes without_mark(struct bytes text)
{
    static const uint8_t mark[] = { 0xEF, 0xBB, 0xBF };
    return bytes_equal(bytes_slice(text, 0, sizeof mark), BYTES_OF(mark)) ? bytes_slice(text, sizeof mark, text.n)
                                                                          : text;
}

static int line_take(struct smdp_import *i, struct bytes text, struct smdp_imported *done, struct err *e)
{
    struct cursor c = cursor_over(i->names.n ? text : without_mark(text));
    struct csv_line line;
    done->lines++;
    if (!csv_next(&c, &line) || csv_empty(&line))
        return 0;
    bool heading = !i->names.n;
    if ((heading ? names_keep(i, &line, e) : profile_add(i, &line, done, e)) != 0) {
        import_commit(i, done, NULL);
        return err_within(e, "line %zu", done->lines);
    }
    return !heading && ++i->lines >= IMPORT_BATCH ? import_commit(i, done, e) : 0;
}

int smdp_import_take(struct smdp_import *i, struct bytes piece, struct smdp_imported *done, struct err *e)
{
    while (piece.n) {
        const uint8_t *end = memchr(piece.p, '\n', piece.n);
        size_t n = end ? (size_t)(end - piece.p) + 1 : piece.n;
        if (i->n + n > sizeof i->line) {
            err_set(e, ERR_LIMIT, NULL, "longer than %d octets", LINE_MAX_OCTETS);
            return err_within(e, "line %zu", done->lines + 1);
        }
        memcpy(i->line + i->n, piece.p, n);
        i->n += n;
        piece = bytes_slice(piece, n, piece.n);
        if (!end)
            return 0;
        size_t length = i->n;
        i->n = 0;
        if (line_take(i, bytes_make(i->line, length), done, e) != 0)
            return -1;
    }
    return 0;
}

int smdp_import_end(struct smdp_import *i, struct smdp_imported *done, struct err *e)
{
    if (i->n && line_take(i, bytes_make(i->line, i->n), done, e) != 0)
        return -1;
    i->n = 0;
    if (!i->names.n)
        return err_set(e, ERR_SYNTAX, NULL,
                       "the list is empty: it begins with a line of names, such as iccid,imsi,k,opc");
    return import_commit(i, done, e);
}

int smdp_add_profiles(struct smdp *s, const char *type, struct bytes csv, struct smdp_imported *done, struct err *e)
{
    struct smdp_import *i;
    *done = (struct smdp_imported){ 0 };
    if (smdp_import_new(s, type, &i, e) != 0)
        return -1;
    int result = smdp_import_take(i, csv, done, e);
    if (result == 0)
        result = smdp_import_end(i, done, e);
    smdp_import_free(i);
    return result;
}
