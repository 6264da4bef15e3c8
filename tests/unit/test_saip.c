/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "harness.h"
#include "saip/image.h"
#include "saip/package.h"

static const char *const packages[] = { "nobertlv", "nobertlv_noramrfm", "bertlv_suci", "bertlv_suci_noramrfm" };

static bool install(const char *name, struct saip_image *image)
{
    const char *path = test_data(arena_printf(test_arena(), "ts48-v7/%s.der", name));
    struct saip_package p;
    struct saip_result r;
    struct err e;
    if (!path) {
        test_skip("no test data ts48-v7");
        return false;
    }
    if (!CHECK_OK(saip_decode(test_arena(), test_file(path), ASN1_STRICT, &p, &e), &e))
        return false;
    int result = saip_install(test_arena(), &p, image, &r);
    return CHECK_TEXT(r.n ? r.faults[r.n - 1].found : "", "") && CHECK_EQ(result, 0);
}

/* Every File member of every element has a row in the newest version of its template, and
 * every row a member. */
TEST(templates_fit_the_schema)
{
    for (size_t i = 0; i < saip_templates_count; i++) {
        const struct saip_template *t = &saip_templates[i];
        for (size_t k = 0; k < t->n; k++) {
            bool found = false;
            for (size_t x = 0; x < saip_ProfileElement_type.n_fields; x++) {
                const struct asn1_type *pe = saip_ProfileElement_type.fields[x].type;
                for (size_t m = 2; m < pe->n_fields; m++)
                    found = found || strcmp(pe->fields[m].name, t->rows[k].member) == 0;
            }
            test_row("%s %s is a member", t->oid, t->rows[k].member);
            CHECK(found);
        }
    }
    static const struct { const char *element, *newest; } rows[] = {
        { "mf", "2.1" }, { "cd", "2.2" }, { "telecom", "2.3.2" }, { "usim", "2.4.2" }, { "opt-usim", "2.5.3" },
        { "isim", "2.8" }, { "opt-isim", "2.9.2" }, { "phonebook", "2.6" }, { "gsm-access", "2.7" }, { "csim", "2.10" },
        { "opt-csim", "2.11" }, { "eap", "2.12" }, { "df-5gs", "2.13.4" }, { "df-saip", "2.14" }, { "df-snpn", "2.15" },
        { "df-5gprose", "2.16" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t x = 0; x < saip_ProfileElement_type.n_fields; x++) {
            const struct asn1_field *f = &saip_ProfileElement_type.fields[x];
            struct bytes oid;
            struct err e;
            if (strcmp(f->name, rows[i].element) != 0)
                continue;
            CHECK_OK(asn1_oid_parse(test_arena(),
                                    bytes_text(arena_printf(test_arena(), "2.23.143.1.%s", rows[i].newest)), &oid, &e),
                     &e);
            const struct saip_template *t = saip_template_find(oid);
            for (size_t m = 2; m < f->type->n_fields; m++) {
                test_row("%s.%s has a row in %s", f->name, f->type->fields[m].name, rows[i].newest);
                CHECK(saip_template_row(t, f->type->fields[m].name, &(size_t){ 0 }) != NULL);
            }
        }
}

/* ------------------------------------------------- the card of TS.48, file by file */

struct columns {
    struct bytes c[18];
};

static bool next_line(struct cursor *c, struct columns *out)
{
    memset(out, 0, sizeof *out);
    if (cursor_done(c))
        return false;
    for (size_t i = 0; !cursor_done(c); i++) {
        const uint8_t *from = c->p;
        while (!cursor_done(c) && *c->p != '\t' && *c->p != '\n')
            c->p++;
        if (i < 18)
            out->c[i] = bytes_make(from, (size_t)(c->p - from));
        if (!cursor_done(c) && *c->p++ == '\n')
            break;
    }
    return true;
}

enum { ID = 0, NAME = 1, PATH = 2, SFI = 4, KIND = 5, SHARED = 6, RECORDS = 14, LENGTH = 15, SIZE = 16, CONTENT = 17 };

static long number(struct bytes b)
{
    uint64_t v;
    return decimal_decode(b, 1 << 20, &v, NULL) == 0 ? (long)v : -1;
}

static bool is_hex(struct bytes b, size_t digits)
{
    size_t n = 0;
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] != ' ') {
            if (!strchr("0123456789ABCDEFabcdef", b.p[i]))
                return false;
            n++;
        }
    return n == digits;
}

static struct saip_file *find(const struct saip_image *m, struct bytes path, struct bytes id)
{
    struct saip_file *f = m->mf;
    static const struct { const char *name, *aid; } adfs[] = {
        { "USIM", "A0000000871002" }, { "ISIM", "A0000000871004" }, { "CSIM", "A0000003431002" } };
    char text[64] = "";
    if (path.n + id.n + 2 > sizeof text)
        return NULL;
    snprintf(text, sizeof text, "%.*s/%.*s", (int)path.n, path.p, (int)id.n, id.p);
    for (char *save, *part = strtok_r(text, "/", &save); part && f; part = strtok_r(NULL, "/", &save)) {
        bool adf = false;
        for (int i = 0; i < 3; i++)
            if (strcmp(part, adfs[i].name) == 0) {
                f = saip_adf(m, unhex(adfs[i].aid));
                adf = true;
            }
        if (!adf && strcmp(part, "3F00") != 0)
            f = saip_child(f, (uint16_t)strtol(part, NULL, 16));
    }
    return f;
}

/* Services of the sheet's EF.UST that the card lacks and clears: of VGCS and VBS security (64, 65). */
static struct bytes with_cleared(struct bytes ust)
{
    uint8_t *copy = arena_alloc(test_arena(), ust.n);
    memcpy(copy, ust.p, ust.n);
    for (unsigned service = 64; service <= 65; service++) {
        CHECK(!(copy[(service - 1) / 8] >> (service - 1) % 8 & 1));
        copy[(service - 1) / 8] |= (uint8_t)(1u << (service - 1) % 8);
    }
    return bytes_make(copy, ust.n);
}

static void compare(const struct saip_image *m, const struct columns *l)
{
    static const struct { const char *name; enum saip_file_type type; } types[] = {
        { "DF", SAIP_DF }, { "Transparent", SAIP_TRANSPARENT }, { "Linear", SAIP_LINEAR }, { "Cyclic", SAIP_CYCLIC },
        { "BER-TLV", SAIP_BERTLV } };
    const struct saip_file *f = find(m, l->c[PATH], l->c[ID]);
    if (!CHECK(f != NULL))
        return;
    for (int i = 0; i < 5; i++)
        if (bytes_equal(l->c[KIND], bytes_text(types[i].name)))
            CHECK_EQ(f->type == SAIP_MF ? SAIP_DF : f->type, types[i].type);
    if (!saip_is_df(f))
        CHECK_EQ(f->sfi, l->c[SFI].n ? strtol(arena_text(test_arena(), l->c[SFI]), NULL, 16) : 0);
    CHECK_EQ(f->link != NULL, bytes_equal(bytes_slice(l->c[CONTENT], 0, 11), BYTES_LIT("Shared with")));
    if (f->link)
        return;
    if (number(l->c[LENGTH]) > 0 && (f->type == SAIP_LINEAR || f->type == SAIP_CYCLIC)) {
        CHECK_EQ(f->record_length, number(l->c[LENGTH]));
        CHECK_EQ(f->size, number(l->c[LENGTH]) * number(l->c[RECORDS]));
    } else if (number(l->c[SIZE]) > 0 && f->type == SAIP_TRANSPARENT) {
        CHECK_EQ(f->size, number(l->c[SIZE]));
    }
    struct bytes body = bytes_make(f->body, f->size);
    if (bytes_equal(l->c[NAME], BYTES_LIT("UST")))
        body = with_cleared(body);
    if (f->type == SAIP_TRANSPARENT && is_hex(l->c[CONTENT], 2 * f->size))
        CHECK_BYTES(body, unhex(arena_text(test_arena(), l->c[CONTENT])));
    char want = 0;
    if (bytes_equal_nocase(bytes_slice(l->c[CONTENT], 0, 19), BYTES_LIT("all Bytes set to FF")) ||
        bytes_equal_nocase(bytes_slice(l->c[CONTENT], 0, 21), BYTES_LIT("All bytes set to 0xFF")))
        want = 'F';
    if (bytes_equal_nocase(bytes_slice(l->c[CONTENT], 0, 19), BYTES_LIT("all Bytes set to 00")))
        want = '0';
    for (size_t i = 0; want && i < body.n; i++)
        if (!CHECK_EQ(body.p[i], want == 'F' ? 0xFF : 0))
            break;
}

/* Where the sheet and the package of the same publication differ: the package decides. */
static const struct { const char *name, *why; } misprints[] = {
    { "SMSS", "the package links 7F10/6F43 to the file of the USIM, the sheet does not say so" },
    { "SUCI_Calc_Info_USIM", "the sheet puts 4F01 of DF.SAIP (5FD0) under 5FC0" },
};

static bool misprinted(const struct columns *l)
{
    for (size_t i = 0; i < sizeof misprints / sizeof *misprints; i++)
        if (bytes_equal(l->c[NAME], bytes_text(misprints[i].name)) &&
            (i || bytes_equal(l->c[PATH], BYTES_LIT("3F00/7F10")))) {
            printf("# not compared: %s\n", misprints[i].why);
            return true;
        }
    return false;
}

/* Hex digits at the beginning of a cell, remarks behind them aside. */
static struct bytes hex_prefix(struct bytes cell)
{
    size_t n = 0;
    while (n < cell.n && (cell.p[n] == ' ' || strchr("0123456789ABCDEFabcdef", cell.p[n])))
        n++;
    return bytes_slice(cell, 0, n);
}

/* A row "Rec n" below its file. */
static void compare_record(const struct saip_file *f, const struct columns *l)
{
    struct bytes hex = hex_prefix(l->c[CONTENT]);
    long number = strtol(arena_text(test_arena(), bytes_slice(l->c[LENGTH], 3, 4)), NULL, 10);
    if (!f || f->link || !f->record_length || number < 1 || (uint32_t)number * f->record_length > f->size ||
        !is_hex(hex, 2u * f->record_length))
        return;
    test_row("%04X record %ld", f->fid, number);
    CHECK_BYTES(bytes_make(f->body + (size_t)(number - 1) * f->record_length, f->record_length),
                unhex(arena_text(test_arena(), hex)));
}

/* EF.ARR of our own sample: contents and offsets counted by hand, records of 33 octets. */
TEST(filled_by_offsets)
{
    static const struct { unsigned record; const char *content; } rows[] = {
        { 1, "8001019000800102A406830101950108800158A40683010A950108 FFFFFFFFFFFF" },
        { 2, "800101A40683010195010880015AA40683010A950108 FFFFFFFFFFFFFFFFFFFFFF" },
        { 3, "80015BA40683010A950108 FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF" },
        { 7, "800103A406830101950108800158A40683010A950108840132A406830101950108" },
        { 8, "800101A406830101950108800102A406830181950108800158A40683010A950108" },
        { 9, "800101900080011AA406830101950108800140A40683010A950108 FFFFFFFFFFFF" },
        { 14, "80015EA40683010A950108 FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF" },
    };
    struct saip_image image;
    struct saip_package p;
    struct saip_result r;
    struct err e;
    if (!CHECK_OK(saip_parse(test_arena(), test_file(test_source("samples/operator.asn1")), &p, &e), &e) ||
        !CHECK_EQ(saip_install(test_arena(), &p, &image, &r), 0))
        return;
    const struct saip_file *arr = saip_child(image.mf, 0x2F06);
    for (size_t i = 0; arr && i < sizeof rows / sizeof *rows; i++) {
        test_row("record %u", rows[i].record);
        if (CHECK_EQ(arr->record_length, 33) && CHECK(rows[i].record * 33 <= arr->size))
            CHECK_HEX(bytes_make(arr->body + (rows[i].record - 1) * 33, 33), rows[i].content);
    }
}

TEST(ts48_files)
{
    struct saip_image *m = arena_alloc(test_arena(), sizeof *m);
    if (!install("bertlv_suci", m))
        return;
    struct bytes text = test_file(test_data("ts48-v7/structure-files.tsv"));
    struct cursor c = cursor_over(text);
    const struct saip_file *last = NULL;
    for (struct columns l; next_line(&c, &l);) {
        if (bytes_equal(l.c[ID], BYTES_LIT("Additionnal Information")))
            break;
        if (!l.c[ID].n && bytes_equal(bytes_slice(l.c[LENGTH], 0, 4), BYTES_LIT("Rec ")))
            compare_record(last, &l);
        if (!is_hex(l.c[ID], 4) || misprinted(&l))
            continue;
        test_row("%.*s/%.*s %.*s", (int)l.c[PATH].n, l.c[PATH].p, (int)l.c[ID].n, l.c[ID].p, (int)l.c[NAME].n,
                 l.c[NAME].p);
        compare(m, &l);
        last = find(m, l.c[PATH], l.c[ID]);
    }
}

TEST(ts48_subscriber)
{
    static const struct { const char *path, *id, *content; } rows[] = {
        { "3F00", "2FE2", "98001032547698103214" },
        { "USIM", "6F07", "080910101032547698" },
        { "USIM", "6F46", NULL },
        { "CSIM", "6F22", NULL },
    };
    for (size_t i = 0; i < 4; i++) {
        struct saip_image *m = arena_alloc(test_arena(), sizeof *m);
        test_row("%s installs", packages[i]);
        if (!install(packages[i], m))
            continue;
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
            test_row("%s: %s/%s", packages[i], rows[k].path, rows[k].id);
            const struct saip_file *f = find(m, bytes_text(rows[k].path), bytes_text(rows[k].id));
            if (CHECK(f != NULL) && rows[k].content)
                CHECK_HEX(bytes_make(f->body, f->size), rows[k].content);
        }
    }
}
