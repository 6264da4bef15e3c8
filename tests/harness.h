/* Tests as tables: a TEST is a function; inside it, each row of a table opens
 * a test of its own by test_row(), so that the row has a name and fails alone.
 *
 *     TEST(hex) { for each row { test_row("%s", r->name); CHECK_EQ(...); } }
 *
 * A test without rows is itself the one test.  The program prints TAP;
 * arguments select tests whose name contains one of them.
 */
#ifndef RSPKIT_TESTS_HARNESS_H
#define RSPKIT_TESTS_HARNESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/text.h"

#define TEST(name)                                                                         \
    static void test_##name(void);                                                         \
    __attribute__((constructor)) static void register_##name(void)                         \
    {                                                                                      \
        test_register(#name, test_##name);                                                 \
    }                                                                                      \
    static void test_##name(void)

#define CHECK(condition) check_true((condition), #condition, __FILE__, __LINE__)
#define CHECK_EQ(got, want) check_number((got), (want), #got, __FILE__, __LINE__)
#define CHECK_BYTES(got, want) check_bytes((got), (want), #got, __FILE__, __LINE__)
#define CHECK_HEX(got, want) check_bytes((got), unhex(want), #got, __FILE__, __LINE__)
#define CHECK_TEXT(got, want) check_text((got), (want), #got, __FILE__, __LINE__)
/* The call succeeded; otherwise `e` is printed. */
#define CHECK_OK(call, e) check_ok((call), (e), #call, __FILE__, __LINE__)
/* The call failed with this code and a message that contains the text. */
#define CHECK_FAILS(call, e, code, text) \
    check_fails((call), (e), (code), (text), #call, __FILE__, __LINE__)

void test_register(const char *name, void (*run)(void));
void test_row(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Ends the current row (or test) as skipped, unless a check failed in it. */
void test_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

bool check_true(bool condition, const char *text, const char *file, int line);
bool check_number(int64_t got, int64_t want, const char *text, const char *file, int line);
bool check_bytes(struct bytes got, struct bytes want, const char *text, const char *file, int line);
bool check_text(const char *got, const char *want, const char *text, const char *file, int line);
bool check_ok(int result, const struct err *e, const char *text, const char *file, int line);
bool check_fails(int result, const struct err *e, int code, const char *part, const char *text,
                 const char *file, int line);

/* An arena that lives until the end of the current TEST. */
struct arena *test_arena(void);
/* Octets of hex text with optional spaces; a malformed literal ends the program. */
struct bytes unhex(const char *text);
/* A whole file in the test's arena; absent if it cannot be read. */
struct bytes test_file(const char *path);
/* Path in the external test data, or NULL where RSPKIT_TESTDATA (default
 * ../shared/data) has no such file: then the caller skips. */
const char *test_data(const char *name);
/* Path in the project's own source tree. */
const char *test_source(const char *name);

/* A folder of the current TEST, made at the first call and gone with the TEST; paths of what is in it. */
const char *test_folder(void);
const char *test_path(const char *name);
const char *test_fresh_path(const char *name); /* the folder is emptied first */
const char *test_file_make(const char *name, struct bytes content);
void test_folder_clear(void);
/* Called by the harness. */
void test_folder_end(void);
/* Runs a shell command: what it prints to both outputs, or its exit code (-1: it was killed or did not start). */
const char *test_shell(const char *format, ...) __attribute__((format(printf, 1, 2)));
int test_shell_status(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
