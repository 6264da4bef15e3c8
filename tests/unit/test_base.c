/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cursor.h"
#include "harness.h"

TEST(base64)
{
    /* RFC 4648 10 */
    static const struct { const char *plain, *text; } rows[] = {
        { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
        { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("\"%s\"", rows[i].plain);
        CHECK_TEXT(base64_encode(test_arena(), bytes_text(rows[i].plain)), rows[i].text);
        struct bytes back;
        struct err e;
        if (CHECK_OK(base64_decode(test_arena(), bytes_text(rows[i].text), &back, &e), &e))
            CHECK_BYTES(back, bytes_text(rows[i].plain));
    }
}

TEST(base64_refused)
{
    static const struct { const char *text, *why; } rows[] = {
        { "Zg=", "multiple of 4" }, { "Zg===", "multiple of 4" }, { "Zh==", "unused bits" },
        { "Z=g=", "not a base64" },  { "Zm9\n", "not a base64" },  { "====", "not a base64" },
        { "Zm-v", "not a base64" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%zu", i);
        struct bytes out;
        struct err e;
        CHECK_FAILS(base64_decode(test_arena(), bytes_text(rows[i].text), &out, &e), &e, ERR_SYNTAX,
                    rows[i].why);
    }
}

TEST(hex)
{
    CHECK_TEXT(hex_encode(test_arena(), BYTES_LIT("\x00\x9a\xff")), "009AFF");
    struct bytes out;
    struct err e;
    CHECK_OK(hex_decode(test_arena(), BYTES_LIT("009aFF"), &out, &e), &e);
    CHECK_BYTES(out, BYTES_LIT("\x00\x9a\xff"));
    CHECK_FAILS(hex_decode(test_arena(), BYTES_LIT("009"), &out, &e), &e, ERR_SYNTAX, "odd");
    CHECK_FAILS(hex_decode(test_arena(), BYTES_LIT("0g"), &out, &e), &e, ERR_SYNTAX, "character 2");
}

TEST(decimal)
{
    static const struct { const char *text; uint64_t max; int code; uint64_t value; } rows[] = {
        { "0", 9, 0, 0 }, { "255", 255, 0, 255 }, { "256", 255, ERR_LIMIT, 0 }, { "7", 5, ERR_LIMIT, 0 },
        { "", 9, ERR_SYNTAX, 0 }, { "1x", 99, ERR_SYNTAX, 0 }, { "-1", 99, ERR_SYNTAX, 0 },
        { "18446744073709551615", UINT64_MAX, 0, UINT64_MAX },
        { "18446744073709551616", UINT64_MAX, ERR_LIMIT, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].text);
        uint64_t v = 0;
        struct err e = { 0 };
        CHECK_EQ(decimal_decode(bytes_text(rows[i].text), rows[i].max, &v, &e), rows[i].code ? -1 : 0);
        CHECK_EQ(e.code, rows[i].code);
        CHECK(v == rows[i].value);
    }
}

TEST(utf8)
{
    static const struct { const char *text; bool valid; } rows[] = {
        { "plain", true }, { "\xC3\xA9", true }, { "\xE2\x82\xAC", true }, { "\xF0\x9F\x93\xB1", true },
        { "\xC0\x80", false }, { "\xED\xA0\x80", false }, { "\xF4\x90\x80\x80", false },
        { "\xE2\x82", false }, { "\x80", false }, { "\xFE", false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%zu", i);
        CHECK_EQ(utf8_valid(bytes_text(rows[i].text)), rows[i].valid);
    }
    test_row("NUL");
    CHECK(!utf8_valid(bytes_make("a\0b", 3)));
    test_row("length");
    CHECK_EQ(utf8_length(bytes_text("a\xE2\x82\xAC")), 2);
}

TEST(arena_limit)
{
    struct arena *a = arena_new(100);
    CHECK(arena_alloc(a, 64) != NULL);
    CHECK(arena_alloc(a, 64) == NULL);
    CHECK(arena_array(a, SIZE_MAX, 2) == NULL);
    CHECK_EQ(arena_used(a), 64);
    arena_reset(a);
    CHECK(arena_alloc(a, 96) != NULL);
    CHECK_EQ(arena_peak(a), 96);
    arena_free(a);
}

TEST(buf_without_memory)
{
    struct arena *a = arena_new(256);
    struct buf b = buf_in(a);
    for (int i = 0; i < 1000; i++)
        buf_u8(&b, 0xAA);
    CHECK(b.failed);
    CHECK(!bytes_present(buf_bytes(&b)));
    CHECK(buf_str(&b) == NULL);
    arena_free(a);
}

TEST(cursor)
{
    struct cursor c = cursor_over(BYTES_LIT("\x01\x02\x03\x04\x05"));
    CHECK_EQ(cursor_peek(&c), 1);
    CHECK_EQ(cursor_u8(&c), 1);
    CHECK_EQ(cursor_u16(&c), 0x0203);
    CHECK_EQ(cursor_u32(&c), 0);
    CHECK(c.failed);
    CHECK_EQ(cursor_left(&c), 2);
    CHECK_EQ(cursor_u8(&c), 0);
    CHECK(!bytes_present(cursor_rest(&c)));
}

TEST(err_places)
{
    struct err e;
    char text[300];
    CHECK_EQ(err_set(&e, ERR_VALUE, "SGP.22 4.1", "format %d is not 1", 2), -1);
    err_at(&e, "field %d", 1);
    err_at(&e, "ignored");
    err_within(&e, "activation code");
    CHECK_TEXT(err_text(&e, text, sizeof text), "activation code: field 1: format 2 is not 1 [SGP.22 4.1]");
    CHECK_EQ(err_set(NULL, ERR_VALUE, NULL, "nobody listens"), -1);
}
