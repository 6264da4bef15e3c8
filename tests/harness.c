/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_TESTS = 512 };

static struct {
    const char *name;
    void (*run)(void);
} tests[MAX_TESTS];
static size_t n_tests;

static const char *test_name;
static char row_name[200], skip_reason[200];
static bool row_open, row_failed, row_skipped;
static int n_rows, n_failed, n_total;
static struct arena *arena;

void test_register(const char *name, void (*run)(void))
{
    if (n_tests == MAX_TESTS)
        abort();
    tests[n_tests].name = name;
    tests[n_tests++].run = run;
}

static void row_close(void)
{
    if (!row_open)
        return;
    row_open = false;
    n_total++;
    n_failed += row_failed;
    printf("%sok %d - %s%s%s%s%s\n", row_failed ? "not " : "", n_total, test_name,
           row_name[0] ? ": " : "", row_name,
           row_skipped && !row_failed ? " # SKIP " : "", row_skipped && !row_failed ? skip_reason : "");
    fflush(stdout);
}

static void row_start(void)
{
    row_open = true;
    row_failed = row_skipped = false;
}

void test_row(const char *format, ...)
{
    if (n_rows++ > 0 || row_failed || row_skipped)
        row_close();
    row_start();
    va_list ap;
    va_start(ap, format);
    vsnprintf(row_name, sizeof row_name, format, ap);
    va_end(ap);
}

void test_skip(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vsnprintf(skip_reason, sizeof skip_reason, format, ap);
    va_end(ap);
    row_skipped = true;
}

static bool failed(const char *file, int line, const char *format, ...)
{
    row_failed = true;
    printf("# %s:%d: ", file, line);
    va_list ap;
    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
    printf("\n");
    return false;
}

bool check_true(bool condition, const char *text, const char *file, int line)
{
    return condition || failed(file, line, "%s is false", text);
}

bool check_number(int64_t got, int64_t want, const char *text, const char *file, int line)
{
    return got == want ||
           failed(file, line, "%s is %" PRId64 " (0x%" PRIX64 "), expected %" PRId64 " (0x%" PRIX64 ")",
                  text, got, (uint64_t)got, want, (uint64_t)want);
}

static const char *shown(struct bytes b)
{
    if (!b.p)
        return "(absent)";
    char *hex = hex_encode(test_arena(), bytes_slice(b, 0, 400));
    return hex ? hex : "(no memory)";
}

bool check_bytes(struct bytes got, struct bytes want, const char *text, const char *file, int line)
{
    if (bytes_equal(got, want) && bytes_present(got) == bytes_present(want))
        return true;
    size_t i = 0;
    while (i < got.n && i < want.n && got.p[i] == want.p[i])
        i++;
    return failed(file, line, "%s: %zu octets, expected %zu, first difference at %zu\n#   got  %s\n#   want %s",
                  text, got.n, want.n, i, shown(got), shown(want));
}

bool check_text(const char *got, const char *want, const char *text, const char *file, int line)
{
    if (got && want ? strcmp(got, want) == 0 : got == want)
        return true;
    return failed(file, line, "%s is \"%s\", expected \"%s\"", text, got ? got : "(null)",
                  want ? want : "(null)");
}

bool check_ok(int result, const struct err *e, const char *text, const char *file, int line)
{
    char line_text[512];
    return result == 0 ||
           failed(file, line, "%s: %s", text, err_text(e, line_text, sizeof line_text));
}

bool check_fails(int result, const struct err *e, int code, const char *part, const char *text,
                 const char *file, int line)
{
    if (result == 0)
        return failed(file, line, "%s succeeded", text);
    char got[512];
    err_text(e, got, sizeof got);
    if (e->code != code)
        return failed(file, line, "%s: code %d, expected %d (%s)", text, e->code, code, got);
    return strstr(got, part) || failed(file, line, "%s: \"%s\" lacks \"%s\"", text, got, part);
}

struct arena *test_arena(void)
{
    return arena;
}

struct bytes unhex(const char *text)
{
    struct buf digits = buf_in(arena);
    for (const char *s = text; *s; s++)
        if (*s != ' ' && *s != '\n')
            buf_u8(&digits, (uint8_t)*s);
    struct bytes out = BYTES_NONE;
    struct err e;
    if (hex_decode(arena, buf_bytes(&digits), &out, &e) != 0) {
        fprintf(stderr, "bad hex literal: %s\n", text);
        exit(2);
    }
    return out;
}

struct bytes test_file(const char *path)
{
    FILE *f = path ? fopen(path, "rb") : NULL;
    if (!f)
        return BYTES_NONE;
    struct buf all = buf_in(arena);
    uint8_t part[4096];
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
        buf_add(&all, bytes_make(part, n));
    fclose(f);
    return buf_bytes(&all);
}

const char *test_source(const char *name)
{
    const char *root = getenv("RSPKIT_SOURCE");
    return arena_printf(arena, "%s/%s", root ? root : ".", name);
}

const char *test_data(const char *name)
{
    const char *dir = getenv("RSPKIT_TESTDATA");
    const char *path = dir ? arena_printf(arena, "%s/%s", dir, name)
                           : arena_printf(arena, "%s/../shared/data/%s", test_source("."), name);
    return access(path, R_OK) == 0 ? path : NULL;
}

static bool selected(const char *name, int argc, char **argv)
{
    if (argc < 2)
        return true;
    for (int i = 1; i < argc; i++)
        if (strstr(name, argv[i]))
            return true;
    return false;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; i < n_tests; i++) {
        if (!selected(tests[i].name, argc, argv))
            continue;
        arena = arena_new((size_t)256 << 20);
        if (!arena)
            return 2;
        test_name = tests[i].name;
        row_name[0] = '\0';
        n_rows = 0;
        row_start();
        tests[i].run();
        row_close();
        test_folder_end();
        arena_free(arena);
    }
    printf("1..%d\n", n_total);
    return n_failed != 0;
}
