/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/cli.h"
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

/* ---------------------------------------------------------------------- options and commands */

enum { ARGUMENTS_MAX = 8, ITEMS_MAX = 2 };

struct settings {
    bool force, quiet;
    const char *out, *items[ITEMS_MAX];
    size_t n_items;
    uint64_t level;
};

static int take_level(void *context, const char *value, struct err *e)
{
    struct settings *s = context;
    return decimal_decode(bytes_text(value), 9, &s->level, e);
}

/* What was read, as text: the options that were given, then the words. */
static const char *settings_text(const struct settings *s, int n, char **words)
{
    struct buf b = buf_in(test_arena());
    buf_printf(&b, "%s%s", s->force ? "force " : "", s->quiet ? "quiet " : "");
    if (s->out)
        buf_printf(&b, "out=%s ", s->out);
    for (size_t i = 0; i < s->n_items; i++)
        buf_printf(&b, "item=%s ", s->items[i]);
    if (s->level)
        buf_printf(&b, "level=%d ", (int)s->level);
    buf_text(&b, ":");
    for (int i = 0; i < n; i++)
        buf_printf(&b, " %s", words[i]);
    return buf_str(&b);
}

static int settings_read(struct settings *s, char **argv, int *n, char ***words, struct err *e)
{
    const struct cli_option options[] = {
        { "force", .flag = &s->force },
        { "quiet", 'q', .flag = &s->quiet },
        { "out", 'o', .text = &s->out },
        { "item", .list = s->items, .n = &s->n_items, .most = ITEMS_MAX },
        { "level", .take = take_level },
        { .name = NULL },
    };
    int argc = 0;
    while (argv[argc])
        argc++;
    *s = (struct settings){ 0 };
    return cli_options(options, s, argc, argv, n, words, e);
}

TEST(cli_options)
{
    static const struct { const char *name, *arguments[ARGUMENTS_MAX], *read; } rows[] = {
        { "nothing", { NULL }, ":" },
        { "words alone", { "a", "b" }, ": a b" },
        { "a flag", { "--force" }, "force :" },
        { "a flag twice", { "--force", "--force" }, "force :" },
        { "a text", { "--out", "x" }, "out=x :" },
        { "a text behind =", { "--out=x" }, "out=x :" },
        { "a text with =", { "--out", "x=y" }, "out=x=y :" },
        { "a text with = behind =", { "--out=x=y" }, "out=x=y :" },
        { "an empty text", { "--out=" }, "out= :" },
        { "a text twice: the last", { "--out", "x", "--out=y" }, "out=y :" },
        { "a text that looks like an option", { "--out", "--force" }, "out=--force :" },
        { "a letter of a flag", { "-q" }, "quiet :" },
        { "a letter of a text", { "-o", "x" }, "out=x :" },
        { "a letter with its text", { "-ox" }, "out=x :" },
        { "repeated", { "--item", "x", "--item=y" }, "item=x item=y :" },
        { "taken by a function", { "--level", "7" }, "level=7 :" },
        { "words before options", { "a", "b", "--force", "--out", "x" }, "force out=x : a b" },
        { "words after options", { "--force", "--out", "x", "a", "b" }, "force out=x : a b" },
        { "words between options", { "a", "--out", "x", "b", "-q", "c" }, "quiet out=x : a b c" },
        { "- is a word", { "-", "--out", "-" }, "out=- : -" },
        { "-- ends options", { "a", "--force", "--", "--out", "-q" }, "force : a --out -q" },
        { "-- twice", { "--", "--" }, ": --" },
        { "-- as a value", { "--out", "--", "-q" }, "quiet out=-- :" },
        { "--help behind --", { "--", "--help" }, ": --help" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        char *argv[ARGUMENTS_MAX + 2] = { "program" }, **words = NULL;
        memcpy(argv + 1, rows[i].arguments, sizeof rows[i].arguments);
        struct settings s;
        struct err e;
        int n = 0;
        for (int again = 0; again < 2; again++)
            if (CHECK_OK(settings_read(&s, argv, &n, &words, &e), &e)) {
                CHECK_TEXT(settings_text(&s, n, words), rows[i].read);
                CHECK(words[n] == NULL);
            }
    }
}

TEST(cli_options_refused)
{
    static const struct { const char *name, *arguments[ARGUMENTS_MAX]; int code; const char *told; } rows[] = {
        { "unknown", { "--nonsense" }, ERR_USAGE, "the option --nonsense is not known" },
        { "unknown: its value is not told", { "--key=1234" }, ERR_USAGE, "the option --key is not known" },
        { "unknown letter: its value is not told", { "-k1234" }, ERR_USAGE, "the option -k is not known" },
        { "unknown behind words", { "a", "-q", "b", "--nonsense" }, ERR_USAGE, "--nonsense is not known" },
        { "shortened", { "--forc" }, ERR_USAGE, "the option --forc is not known" },
        { "longer", { "--forced" }, ERR_USAGE, "the option --forced is not known" },
        { "without name", { "--=x" }, ERR_USAGE, "the option -- is not known" },
        { "a letter as name", { "--q" }, ERR_USAGE, "the option --q is not known" },
        { "no value", { "--out" }, ERR_USAGE, "--out needs a value" },
        { "no value behind words", { "a", "b", "--item" }, ERR_USAGE, "--item needs a value" },
        { "no value of a letter", { "-o" }, ERR_USAGE, "-o needs a value" },
        { "a flag with a value", { "--force=yes" }, ERR_USAGE, "--force takes no value" },
        { "a flag's letter with a value", { "-qx" }, ERR_USAGE, "-q takes no value" },
        { "too often", { "--item=x", "--item=y", "--item=z" }, ERR_USAGE, "--item can be given 2 times at most" },
        { "not taken", { "--level", "10" }, ERR_LIMIT, "--level: " },
        { "not a value", { "--level", "x" }, ERR_SYNTAX, "--level: " },
        { "before --help", { "--nonsense", "--help" }, ERR_USAGE, "--nonsense" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        char *argv[ARGUMENTS_MAX + 2] = { "program" }, **words, text[300];
        memcpy(argv + 1, rows[i].arguments, sizeof rows[i].arguments);
        struct settings s;
        struct err e = { 0 };
        int n;
        CHECK_EQ(settings_read(&s, argv, &n, &words, &e), -1);
        CHECK_EQ(e.code, rows[i].code);
        if (!CHECK(strstr(err_text(&e, text, sizeof text), rows[i].told) != NULL))
            printf("# %s\n", text);
    }
}

/* ---------------------------------------------------------- a program's commands, their options and help */

static int option_run(void *context, struct arena *a, char **words, struct err *e)
{
    (void)context, (void)a, (void)words, (void)e;
    return 42;
}

TEST(cli_main)
{
    static const struct cli_command commands[] = {
        { "make", "a name", 1, 1, option_run, "force out", "how to make\n" },
        { "look", "", 0, 0, option_run, "", NULL },
        { "any", "", 0, 0, option_run, NULL, NULL },
        { .name = NULL },
    };
    static const struct { const char *name, *arguments[ARGUMENTS_MAX]; int code; } rows[] = {
        { "its options", { "make", "x", "--force", "--out", "--quiet" }, 42 },
        { "before it", { "--out=x", "make", "x" }, 42 },
        { "an option of another", { "make", "x", "--quiet" }, EXIT_USAGE },
        { "before it, too", { "--quiet", "make", "x" }, EXIT_USAGE },
        { "its letter, too", { "make", "x", "-q" }, EXIT_USAGE },
        { "a value that looks like an option of another", { "make", "x", "--out", "-q" }, 42 },
        { "a word that looks like one", { "make", "--", "-q" }, 42 },
        { "one that has none", { "look", "--force" }, EXIT_USAGE },
        { "one that has all", { "any", "--quiet", "--out=x" }, 42 },
        { "help of a command", { "make", "--help" }, EXIT_DONE },
        { "help of the program", { "look", "--help" }, EXIT_DONE },
        { "an unknown option before the command's", { "make", "x", "--nonsense", "--quiet" }, EXIT_USAGE },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        bool force = false, quiet = false;
        const char *out = NULL;
        const struct cli_option options[] = {
            { "force", .flag = &force },
            { "quiet", 'q', .flag = &quiet },
            { "out", 'o', .text = &out },
            { .name = NULL },
        };
        const struct cli_program program = { "program", "help\n", options, commands, .memory = 4096 };
        char *argv[ARGUMENTS_MAX + 2] = { "program" };
        memcpy(argv + 1, rows[i].arguments, sizeof rows[i].arguments);
        int argc = 0;
        while (argv[argc])
            argc++;
        CHECK_EQ(cli_main(&program, NULL, argc, argv), rows[i].code);
    }
}

TEST(durations)
{
    static const struct { const char *text; int64_t seconds; const char *again; } rows[] = {
        { "0", 0, "0s" },       { "90", 90, "90s" },       { "90s", 90, "90s" }, { "60s", 60, "1m" },
        { "15m", 900, "15m" },  { "12h", 43200, "12h" },   { "7d", 604800, "7d" }, { "48h", 172800, "2d" },
        { "", -1, NULL },       { "s", -1, NULL },         { "1y", -1, NULL },   { "-1", -1, NULL },
        { "1.5h", -1, NULL },   { "7d ", -1, NULL },       { "101d", -1, NULL }, { "99999999999999999999d", -1, NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("\"%s\"", rows[i].text);
        struct err e;
        uint64_t seconds = 0;
        int result = duration_decode(bytes_text(rows[i].text), 100 * 86400, &seconds, &e);
        if (rows[i].seconds < 0)
            CHECK_FAILS(result, &e, ERR_VALUE, "is not a duration such as 90s, 15m, 12h or 7d");
        else if (CHECK_OK(result, &e)) {
            CHECK_EQ((int64_t)seconds, rows[i].seconds);
            CHECK_TEXT(duration_encode(test_arena(), seconds), rows[i].again);
        }
    }
    test_row("a date, as date -u has it");
    CHECK_TEXT(date_encode(test_arena(), 1780000000), "2026-05-28T20:26:40Z");
}

TEST(err_next)
{
    struct err e;
    test_row("added");
    err_set(&e, ERR_VALUE, NULL, "it is %s", "wrong");
    CHECK_EQ(err_next(&e, "write %s", "this"), -1);
    CHECK_TEXT(e.what, "it is wrong; next: write this");
    test_row("once only");
    err_next(&e, "or that");
    CHECK_TEXT(e.what, "it is wrong; next: write this");
    test_row("where there is room");
    err_set(&e, ERR_VALUE, NULL, "%0*d", (int)sizeof e.what - 2, 0);
    err_next(&e, "x");
    CHECK_EQ((int64_t)strlen(e.what), (int64_t)sizeof e.what - 2);
    test_row("to nobody");
    CHECK_EQ(err_next(NULL, "x"), -1);
}

TEST(text_word)
{
    static const struct {
        const char *name, *text, *word, *rest; /* rest: NULL, nothing is left */
    } rows[] = {
        { "more follows", "ab,cd", "ab", "cd" }, { "the last", "cd", "cd", NULL }, { "an empty one", ",cd", "", "cd" },
        { "the end stands last", "ab,", "ab", "" }, { "nothing", "", "", NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes text = bytes_text(rows[i].text);
        test_row("%s", rows[i].name);
        CHECK_BYTES(text_word(&text, ','), bytes_text(rows[i].word));
        CHECK_BYTES(text, rows[i].rest ? bytes_text(rows[i].rest) : BYTES_NONE);
    }
}

TEST(text_is_among)
{
    static const struct { const char *words, *word; bool is; } rows[] = {
        { "a bc d", "a", true }, { "a bc d", "bc", true }, { "a bc d", "d", true },  { "a bc d", "b", false },
        { "a bc d", "a bc", false }, { "", "a", false },   { "a  b", "b", true },    { "a bc d", "bcd", false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("\"%s\" in \"%s\"", rows[i].word, rows[i].words);
        CHECK_EQ(text_is_among(rows[i].words, bytes_text(rows[i].word)), rows[i].is);
    }
}

TEST(text_plain)
{
    static const struct { const char *name, *text, *plain; } rows[] = {
        { "words", "Rspkit Mobile", "Rspkit Mobile" },
        { "UTF-8", "Caf\u00E9 \u20AC \U0001F4F1", "Caf\u00E9 \u20AC \U0001F4F1" },
        { "escape sequence", "a\x1B[2Jb", "a?[2Jb" },
        { "C1: CSI as a character", "a\xC2\x9B" "2Jb", "a?2Jb" },
        { "DEL and carriage return", "a\x7F\rb", "a??b" },
        { "line break", "a\nb", "a?b" },
        { "right-to-left override", "a\u202Eb", "a?b" },
        { "isolate", "\u2066a\u2069", "?a?" },
        { "no UTF-8", "a\xFF\xC3", "a??" },
        { "empty", "", "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        CHECK_TEXT(text_plain(test_arena(), bytes_text(rows[i].text)), rows[i].plain);
    }
    test_row("an error that quotes it");
    struct err e;
    char text[80];
    err_set(&e, ERR_VALUE, NULL, "\"%s\" is no name", "a\x1B[2J");
    CHECK_TEXT(err_text(&e, text, sizeof text), "\"a?[2J\" is no name");
}

TEST(cli_take_pair)
{
    static const struct { const char *value; int result; } rows[] = {
        { "smdp.example.com=127.0.0.1:443", 0 }, { "a=b=c", 0 }, { "smdp.example.com", -1 }, { "=b", -1 }, { "a=", -1 },
        { "", -1 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("\"%s\"", rows[i].value);
        struct err e;
        CHECK_EQ(cli_take_pair(NULL, rows[i].value, &e), rows[i].result);
    }
}

TEST(cli_columns)
{
    static const struct { const char *given; size_t columns; } rows[] = {
        { "80", 80 }, { "20", 20 }, { "19", 100 }, { "", 100 }, { "1001", 100 }, { "8x", 100 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("COLUMNS=%s", rows[i].given);
        setenv("COLUMNS", rows[i].given, 1);
        CHECK_EQ((int64_t)cli_columns(), (int64_t)rows[i].columns);
    }
    unsetenv("COLUMNS");
}

TEST(cli_options_help)
{
    static const char *const rows[][ARGUMENTS_MAX] = {
        { "--help" }, { "-h" }, { "a", "--out", "x", "--help" }, { "-h", "--nonsense" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%zu", i);
        char *argv[ARGUMENTS_MAX + 2] = { "program" }, **words;
        memcpy(argv + 1, rows[i], sizeof rows[i]);
        struct settings s;
        struct err e;
        int n;
        CHECK_EQ(settings_read(&s, argv, &n, &words, &e), CLI_HELP);
    }
}

TEST(cli_command_find)
{
    static const struct cli_command commands[] = {
        { "list", "", 0, 0, NULL },
        { "name", "an ICCID and perhaps a text", 1, 2, NULL },
        { .name = NULL },
    };
    static const struct { const char *words[ARGUMENTS_MAX]; int found; const char *told; } rows[] = {
        { { NULL }, -1, "a command is expected: list, name" },
        { { "mend" }, -1, "there is no command \"mend\", only list, name" },
        { { "lis" }, -1, "there is no command \"lis\"" },
        { { "list" }, 0, NULL },
        { { "list", "x" }, -1, "list takes no words" },
        { { "name" }, -1, "name takes an ICCID and perhaps a text" },
        { { "name", "x" }, 1, NULL },
        { { "name", "x", "y" }, 1, NULL },
        { { "name", "x", "y", "z" }, -1, "name takes an ICCID" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%zu", i);
        char *words[ARGUMENTS_MAX];
        memcpy(words, rows[i].words, sizeof words);
        int n = 0;
        while (words[n])
            n++;
        struct err e = { 0 };
        const struct cli_command *c = cli_command_find(commands, n, words, &e);
        if (rows[i].told)
            CHECK_FAILS(c ? 0 : -1, &e, ERR_USAGE, rows[i].told);
        else
            CHECK(c == commands + rows[i].found);
    }
}
