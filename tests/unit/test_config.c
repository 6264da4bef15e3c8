/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/file.h"
#include "config_example.h"
#include "harness.h"

/* Lines 1 to 5: what must be there. */
#define SERVER "[server]\ndata = db\naddresses = smdp.example.com\n"
#define LISTENER "[listener public]\nlisten = 127.0.0.1:8443\n"
#define CERTIFICATES "[certificates p256]\nfolder = certs\n"
#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static int read_text(struct bytes text, struct example *out, struct err *e)
{
    memset(out, 0, sizeof *out);
    memset(e, 0, sizeof *e);
    return config_read(test_arena(), "etc/rsp.conf", text, &example_table, out, e);
}

static void check_mistake(const char *title, struct bytes text, int code, int line, const char *words)
{
    struct example s;
    struct err e;
    test_row("%s", title);
    if (CHECK_FAILS(read_text(text, &s, &e), &e, code, words))
        CHECK_TEXT(e.where, arena_printf(test_arena(), "etc/rsp.conf:%d", line));
}

struct mistake {
    const char *title, *text;
    int code, line;
    const char *words;
};

static void check_mistakes(const struct mistake *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        check_mistake(rows[i].title, bytes_text(rows[i].text), rows[i].code, rows[i].line, rows[i].words);
}

/* ------------------------------------------------------------------------------------- mistakes */

TEST(lines_refused)
{
    static const struct mistake rows[] = {
        { "no '='", SERVER "workers 8\n", ERR_SYNTAX, 4, "neither [SECTION] nor KEY = VALUE" },
        { "':' for '='", SERVER "workers: 8\n", ERR_SYNTAX, 4, "neither [SECTION] nor KEY = VALUE" },
        { "no key", SERVER "= 8\n", ERR_SYNTAX, 4, "neither [SECTION] nor KEY = VALUE" },
        { "comment behind a value", SERVER "workers = 8 ; many\n", ERR_SYNTAX, 4, "a blank before ';'" },
        { "comment with #", SERVER "workers = 8\t# many\n", ERR_SYNTAX, 4, "a blank before '#'" },
        { "comment behind '='", SERVER "title = ;x\n", ERR_SYNTAX, 4, "a blank before ';'" },
        { "comment behind a heading", "[server] ; main\n", ERR_SYNTAX, 1, "give the comment a line of its own" },
        { "not UTF-8", SERVER "\n# \xE9\n", ERR_SYNTAX, 5, "not UTF-8" },
        { "control character", SERVER "title = a\x1B[1m\n", ERR_SYNTAX, 4, "control character (1B at 10)" },
        { "mark behind blanks", "\t\xEF\xBB\xBF" SERVER, ERR_SYNTAX, 1, "byte-order mark" },
        { "mark, twice", "\xEF\xBB\xBF\xEF\xBB\xBF" SERVER, ERR_SYNTAX, 1, "byte-order mark" },
        { "carriage return inside", SERVER "title = a\rb\n", ERR_SYNTAX, 4, "control character (0D" },
        { "too long", SERVER "\n# " HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN "123456\n", ERR_LIMIT, 5,
          "more than 197 octets" },
        { "too long by far", SERVER "labels = " HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED "\n", ERR_LIMIT, 4,
          "more than 197 octets" },
    };
    check_mistakes(rows, sizeof rows / sizeof *rows);
    check_mistake("NUL", BYTES_LIT(SERVER "title = a\0b\n"), ERR_SYNTAX, 4, "control character (00 at 10)");
    check_mistake("NUL in a comment", BYTES_LIT("#\0\n" SERVER), ERR_SYNTAX, 1, "control character (00 at 2)");
    check_mistake("UTF-16", BYTES_LIT("\xFF\xFE[\0s\0"), ERR_SYNTAX, 1, "UTF-8");
    uint8_t *large = arena_alloc(test_arena(), CONFIG_FILE_MAX + 1);
    memset(large, '\n', CONFIG_FILE_MAX + 1);
    check_mistake("too large a file", bytes_make(large, CONFIG_FILE_MAX + 1), ERR_LIMIT, 1, "larger than 65536");
    check_mistake("large as allowed", bytes_make(large, CONFIG_FILE_MAX), ERR_NOT_FOUND, CONFIG_FILE_MAX,
                  "the section [server] is missing");
}

TEST(sections_refused)
{
    static const struct mistake rows[] = {
        { "unknown", "\n[serve]\n", ERR_NOT_FOUND, 2,
          "no section [serve], only [server], [limits], [listener NAME], [certificates NAME]" },
        { "unknown, without a key", SERVER LISTENER "[nothing]\n", ERR_NOT_FOUND, 6, "no section [nothing]" },
        { "empty heading", "[]\n", ERR_SYNTAX, 1, "a heading is [SECTION]" },
        { "blank heading", "[ ]\n", ERR_NOT_FOUND, 1, "no section []" },
        { "not closed", "[server\n", ERR_SYNTAX, 1, "a heading is [SECTION]" },
        { "only a bracket", "[", ERR_SYNTAX, 1, "a heading is [SECTION]" },
        { "text behind", "[server] data = x\n", ERR_SYNTAX, 1, "nothing behind it" },
        { "bracket inside", "[listener a]b]\n", ERR_SYNTAX, 1, "nothing behind it" },
        { "twice", SERVER "\n" SERVER, ERR_EXISTS, 5, "[server] is there already, in line 1" },
        { "two of one name", SERVER LISTENER LISTENER, ERR_EXISTS, 6, "[listener public] is there already, in line 4" },
        { "two of one name, blanks between", LISTENER "[ listener\t public ]\n", ERR_EXISTS, 3, "already, in line 1" },
        { "single with a name", "[server main]\n", ERR_SYNTAX, 1, "write [server]" },
        { "named without a name", "[listener]\n", ERR_SYNTAX, 1, "write [listener NAME]" },
        { "name of two words", "[listener a b]\n", ERR_SYNTAX, 1, "\"a b\" cannot name a section" },
        { "name with a slash", "[listener a/b]\n", ERR_SYNTAX, 1, "cannot name a section" },
        { "long name", "[listener " TEN TEN TEN TEN "1]\n", ERR_SYNTAX, 1, "at most 40" },
        { "too many", "[listener a]\n[listener b]\n[listener c]\n", ERR_LIMIT, 3,
          "more than 2 sections [listener NAME]" },
        { "missing", LISTENER, ERR_NOT_FOUND, 2, "the section [server] is missing" },
        { "missing named", SERVER "# end\n", ERR_NOT_FOUND, 4, "the section [listener NAME] is missing" },
        { "empty file", "", ERR_NOT_FOUND, 1, "the section [server] is missing" },
        { "own check", SERVER LISTENER "plain = yes\ncertificates = p256\n" CERTIFICATES, ERR_VALUE, 4,
          "exclude each other" },
    };
    check_mistakes(rows, sizeof rows / sizeof *rows);
}

TEST(keys_refused)
{
    static const struct mistake rows[] = {
        { "unknown, nearly right", SERVER "worker = 8\n", ERR_NOT_FOUND, 4, "did you mean workers" },
        { "unknown, letters exchanged", SERVER "adresess = a.b\n", ERR_NOT_FOUND, 4, "did you mean addresses" },
        { "unknown", SERVER "colour = red\n", ERR_NOT_FOUND, 4,
          "there is no key \"colour\" in [server]; the keys are data, addresses, title" },
        { "unknown and long", SERVER HUNDRED " = red\n", ERR_NOT_FOUND, 4, "the keys are data" },
        { "upper case", SERVER "Workers = 8\n", ERR_NOT_FOUND, 4, "did you mean workers" },
        { "of another section", SERVER "listen = 1\n", ERR_NOT_FOUND, 4, "it belongs into [listener NAME]" },
        { "before the first heading", "\ndata = x\n" SERVER, ERR_SYNTAX, 2, "data stands before the first heading" },
        { "twice", SERVER "log = errors\n\nlog = errors\n", ERR_EXISTS, 6, "log is given already, in line 4" },
        { "no value", SERVER "title =\n", ERR_SYNTAX, 4, "title has no value" },
        { "no value but a blank", SERVER "title = \t\r\n", ERR_SYNTAX, 4, "title has no value" },
        { "missing", "\n[server]\naddresses = a.b\n" LISTENER, ERR_NOT_FOUND, 2, "[server] lacks data" },
        { "missing in a named one", SERVER LISTENER "[listener b]\nplain = yes\n", ERR_NOT_FOUND, 6,
          "[listener b] lacks listen; write listen = VALUE below it" },
        { "missing in a section without keys", SERVER LISTENER "[certificates x]\n", ERR_NOT_FOUND, 6, "lacks folder" },
        { "reference to nothing", SERVER LISTENER "certificates = p384\n" CERTIFICATES, ERR_NOT_FOUND, 6,
          "names [certificates p384], which is not there" },
        { "reference to another kind", SERVER LISTENER "certificates = public\n" CERTIFICATES, ERR_NOT_FOUND, 6,
          "names [certificates public]" },
        { "reference that is no name", SERVER LISTENER "certificates = a b\n", ERR_VALUE, 6,
          "write NAME of a section [certificates NAME]" },
    };
    check_mistakes(rows, sizeof rows / sizeof *rows);
}

TEST(values_refused)
{
    static const struct {
        const char *key, *value;
        int code;
        const char *words;
    } rows[] = {
        { "title", "a", ERR_VALUE, "a text of at least 2 and at most 8 characters" },
        { "title", "123456789", ERR_VALUE, "title cannot be \"123456789\"" },
        { "peer", "localhost", ERR_VALUE, "a host name such as" },
        { "peer", "a_b.example.com", ERR_VALUE, "a host name such as" },
        { "peer", "smdp.example.com:443", ERR_VALUE, "a host name such as" },
        { "workers", "0", ERR_VALUE, "workers cannot be \"0\"; write a whole number from 1 to 64" },
        { "workers", "65", ERR_VALUE, "a whole number from 1 to 64" },
        { "workers", "8x", ERR_VALUE, "a whole number" },
        { "workers", "-1", ERR_VALUE, "a whole number" },
        { "workers", "+8", ERR_VALUE, "a whole number" },
        { "workers", "8 8", ERR_VALUE, "a whole number" },
        { "workers", "18446744073709551624", ERR_VALUE, "a whole number" },
        { "session-time", "59", ERR_VALUE, "a duration such as 90s, 15m, 12h or 7d, at least 1m, at most 1d" },
        { "session-time", "2d", ERR_VALUE, "a duration" },
        { "session-time", "86401s", ERR_VALUE, "a duration" },
        { "session-time", "m", ERR_VALUE, "a duration" },
        { "session-time", "1 m", ERR_VALUE, "a duration" },
        { "session-time", "1h30m", ERR_VALUE, "a duration" },
        { "session-time", "1w", ERR_VALUE, "a duration" },
        { "session-time", "213503982334602d", ERR_VALUE, "a duration" }, /* 2^64 + 24192 seconds */
        { "log", "Errors", ERR_VALUE, "log cannot be \"Errors\"; write errors, requests or everything" },
        { "log", "errors, requests", ERR_VALUE, "write errors" },
        { "labels", "a,,b", ERR_VALUE, "labels cannot be \"\"; write words, at most 4, with commas between them" },
        { "labels", "a,", ERR_VALUE, "words" },
        { "labels", ",", ERR_VALUE, "words" },
        { "labels", "a b", ERR_VALUE, "words" },
        { "labels", "a, b, A", ERR_EXISTS, "\"a\" twice" },
        { "labels", "1,2,3,4,5", ERR_LIMIT, "more than 4 entries" },
        { "addresses", "smdp.example.com", ERR_EXISTS, "\"smdp.example.com\" twice" },
        { "addresses", "b.example.com c.example.com", ERR_VALUE, "host names such as smdp.example.com, at most 4" },
        { "addresses", "b.example.com, localhost", ERR_VALUE, "addresses cannot be \"localhost\"" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *line = arena_printf(test_arena(), "%s = %s", rows[i].key, rows[i].value);
        check_mistake(line, bytes_text(arena_printf(test_arena(), SERVER "%s\n" LISTENER, line)), rows[i].code, 4,
                      rows[i].words);
    }
}

TEST(listener_values_refused)
{
    static const struct { const char *line, *words; } rows[] = {
        { "listen = 127.0.0.1", "HOST:PORT" },
        { "listen = 127.0.0.1:", "HOST:PORT" },
        { "listen = :443", "HOST:PORT" },
        { "listen = 127.0.0.1:65536", "HOST:PORT" },
        { "listen = 127.0.0.256:1", "HOST:PORT" },
        { "listen = 127.0.1:1", "HOST:PORT" },
        { "listen = ::1:443", "HOST:PORT" },
        { "listen = [::1]", "HOST:PORT" },
        { "listen = [127.0.0.1]:443", "HOST:PORT" },
        { "listen = []:443", "HOST:PORT" },
        { "listen = [::1:443", "HOST:PORT" },
        { "listen = a host:443", "HOST:PORT" },
        { "listen = *:443", "HOST:PORT" },
        { "interfaces = es9, es8", "interfaces cannot be \"es8\"; write words, at most 2" },
        { "interfaces = es9, es8", "with commas between them: es2 or es9" },
        { "plain = true", "plain cannot be \"true\"; write yes or no" },
        { "plain = Yes", "write yes or no" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_mistake(rows[i].line, bytes_text(arena_printf(test_arena(), SERVER "[listener a]\n%s\n", rows[i].line)),
                      ERR_VALUE, 5, rows[i].words);
}

TEST(place_of_a_long_path)
{
    struct example s = { 0 };
    struct err e;
    CHECK_FAILS(config_read(test_arena(), HUNDRED HUNDRED "/rsp.conf", BYTES_LIT("[server]\nx = 1\n"), &example_table,
                            &s, &e),
                &e, ERR_NOT_FOUND, "no key");
    CHECK(strstr(e.where, "789/rsp.conf:2") != NULL);
}

TEST(table_of_another_structure)
{
    static const struct config_key keys[] = {
        { "attempts", CONFIG_NUMBER_AT(struct example, limits.attempts) },
        { NULL },
    };
    static const struct config_section sections[] = {
        { "limits", CONFIG_SINGLE(struct example, limits), .keys = keys },
        { NULL },
    };
    static const struct config_table table = { sections, NULL };
    struct example s = { 0 };
    struct err e;
    CHECK_FAILS(config_read(test_arena(), "a", BYTES_LIT("[limits]\nattempts = 1\n"), &table, &s, &e), &e, ERR_INTERNAL,
                "attempts outside of its section's structure");
}

/* --------------------------------------------------------------------------------------- values */

TEST(defaults)
{
    struct example s;
    struct err e;
    if (!CHECK_OK(read_text(BYTES_LIT(SERVER LISTENER), &s, &e), &e))
        return;
    CHECK_TEXT(s.server.data, "etc/db");
    CHECK_TEXT(s.server.title, "Sample");
    CHECK(s.server.peer == NULL);
    CHECK_EQ(s.server.n_addresses, 1);
    CHECK_TEXT(s.server.addresses[0], "smdp.example.com");
    CHECK_EQ(s.server.n_labels, 2);
    CHECK_TEXT(s.server.labels[0], "a;1");
    CHECK_TEXT(s.server.labels[1], "b#2");
    CHECK_EQ(s.server.workers, 8);
    CHECK_EQ(s.server.session, 600);
    CHECK_EQ(s.server.log, 1);
    CHECK_EQ(s.limits.attempts, 3);
    CHECK_EQ(s.n_listeners, 1);
    CHECK_TEXT(s.listeners[0].name, "public");
    CHECK_TEXT(s.listeners[0].listen.host, "127.0.0.1");
    CHECK_EQ(s.listeners[0].listen.port, 8443);
    CHECK_EQ(s.listeners[0].n_interfaces, 1);
    CHECK_TEXT(s.listeners[0].interfaces[0], "es9");
    CHECK(s.listeners[0].certificates == NULL);
    CHECK(!s.listeners[0].plain);
    CHECK_EQ(s.n_certificates, 0);
}

TEST(everything_given)
{
    static const char text[] = "\xEF\xBB\xBF; Windows ends of lines, blanks in front\r\n"
                               "  [server]\r\n"
                               "\tdata=/srv/db\r\n"
                               "  addresses = a.example.com ,b.example.com\r\n"
                               "  # between\r\n"
                               "  addresses =\tc.example.com\r\n"
                               "  title = =[\xC3\xA9]:;\"#\r\n"
                               "  workers = 64\r\n"
                               "[listener first]\r\n"
                               "listen = [2001:db8::1]:0\r\n"
                               "interfaces = es9,es2\r\n"
                               "certificates = p256\r\n"
                               "[ listener  second.2_x-y ]\r\n"
                               "listen = localhost:65535\r\n"
                               "plain = yes\r\n"
                               "[limits]\r\n"
                               "attempts = 9223372036854775807\r\n"
                               "[certificates brainpool]\r\n"
                               "folder = ../bp\r\n"
                               "[certificates p256]\r\n"
                               "folder = p256";
    struct example s;
    struct err e;
    if (!CHECK_OK(read_text(BYTES_LIT(text), &s, &e), &e))
        return;
    CHECK_TEXT(s.server.data, "/srv/db");
    CHECK_EQ(s.server.n_addresses, 3);
    CHECK_TEXT(s.server.addresses[1], "b.example.com");
    CHECK_TEXT(s.server.addresses[2], "c.example.com");
    CHECK_TEXT(s.server.title, "=[\xC3\xA9]:;\"#");
    CHECK_EQ(s.server.workers, 64);
    CHECK(s.limits.attempts == INT64_MAX);
    CHECK_EQ(s.n_listeners, 2);
    CHECK_TEXT(s.listeners[0].listen.host, "2001:db8::1");
    CHECK_EQ(s.listeners[0].listen.port, 0);
    CHECK_EQ(s.listeners[0].n_interfaces, 2);
    CHECK_TEXT(s.listeners[0].interfaces[1], "es2");
    CHECK(s.listeners[0].certificates == &s.certificates[1]);
    CHECK_TEXT(s.listeners[1].name, "second.2_x-y");
    CHECK_TEXT(s.listeners[1].listen.host, "localhost");
    CHECK_EQ(s.listeners[1].listen.port, 65535);
    CHECK(s.listeners[1].plain);
    CHECK_TEXT(s.certificates[0].folder, "etc/../bp");
    CHECK_TEXT(s.certificates[1].folder, "etc/p256");
}

TEST(durations)
{
    static const struct { const char *text; int64_t seconds; } rows[] = {
        { "60", 60 },     { "90", 90 },    { "90s", 90 },        { "15m", 900 },
        { "12h", 43200 }, { "1d", 86400 }, { "086400", 86400 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct example s;
        struct err e;
        test_row("%s", rows[i].text);
        const char *text = arena_printf(test_arena(), SERVER "session-time = %s\n" LISTENER, rows[i].text);
        if (CHECK_OK(read_text(bytes_text(text), &s, &e), &e))
            CHECK_EQ(s.server.session, rows[i].seconds);
    }
}

TEST(paths)
{
    static const struct { const char *file, *value, *want; } rows[] = {
        { "/etc/rsp/smdp.conf", "db", "/etc/rsp/db" }, { "/smdp.conf", "db", "/db" }, { "smdp.conf", "db", "db" },
        { "-", "a/b", "a/b" },                         { "etc/smdp.conf", "/db", "/db" },
        { "etc/smdp.conf", "a b#c", "etc/a b#c" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct example s = { 0 };
        struct err e;
        test_row("%s and %s", rows[i].file, rows[i].value);
        const char *text = arena_printf(test_arena(), "[server]\naddresses = a.b\ndata = %s\n" LISTENER, rows[i].value);
        if (CHECK_OK(config_read(test_arena(), rows[i].file, bytes_text(text), &example_table, &s, &e), &e))
            CHECK_TEXT(s.server.data, rows[i].want);
    }
}

TEST(places)
{
    static const struct { const char *value, *want; } rows[] = {
        { "ci.crl", "/etc/rsp/ci.crl" }, { "../ci.crl", "/etc/rsp/../ci.crl" }, { "/ci.crl", "/ci.crl" },
        { "http://ci.example.com/a.crl", "http://ci.example.com/a.crl" }, { "https://a.b/?x=1", "https://a.b/?x=1" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct example s = { 0 };
        struct err e;
        test_row("%s", rows[i].value);
        const char *text = arena_printf(test_arena(), SERVER "list = %s\n" LISTENER, rows[i].value);
        if (CHECK_OK(config_read(test_arena(), "/etc/rsp/x.conf", bytes_text(text), &example_table, &s, &e), &e))
            CHECK_TEXT(s.server.list, rows[i].want);
    }
}

TEST(longest_line)
{
    static const char word[] = HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN "12345678"; /* 188, and "labels = " */
    struct example s;
    struct err e;
    const char *text = arena_printf(test_arena(), SERVER "  labels = %s  \r\nworkers = 9\n" LISTENER, word);
    if (CHECK_OK(read_text(bytes_text(text), &s, &e), &e)) {
        CHECK_TEXT(s.server.labels[0], word);
        CHECK_EQ(s.server.workers, 9);
    }
}

/* --------------------------------------------------------------------------------------- sample */

static const char *sample(void)
{
    struct buf out = buf_in(test_arena());
    config_sample(&example_table, &out);
    return buf_str(&out);
}

/* The text with the first `from` in it exchanged; a check fails if there is none. */
static const char *with(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    if (!check_true(at != NULL, from, __FILE__, __LINE__))
        return text;
    return arena_printf(test_arena(), "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static const char *sample_filled(void)
{
    const char *text = with(sample(), "\ndata =\n", "\ndata = db\n");
    text = with(text, "\naddresses =\n", "\naddresses = smdp.example.com\n");
    return with(text, "\nlisten =\n", "\nlisten = 127.0.0.1:8443\n");
}

/* Without the '#' of settings, which no blank follows. */
static const char *uncomment(const char *text)
{
    struct buf out = buf_in(test_arena());
    for (const char *p = text; *p; p++)
        if (*p != '#' || (p > text && p[-1] != '\n') || p[1] == ' ' || p[1] == '\n')
            buf_u8(&out, (unsigned char)*p);
    return buf_str(&out);
}

static bool same(const struct example *a, const struct example *b)
{
    bool lists = a->server.n_labels == b->server.n_labels &&
                 a->listeners[0].n_interfaces == b->listeners[0].n_interfaces;
    for (size_t i = 0; lists && i < a->server.n_labels; i++)
        lists = strcmp(a->server.labels[i], b->server.labels[i]) == 0;
    return lists && strcmp(a->server.data, b->server.data) == 0 && strcmp(a->server.title, b->server.title) == 0 &&
           a->server.workers == b->server.workers && a->server.session == b->server.session &&
           a->server.log == b->server.log && a->limits.attempts == b->limits.attempts &&
           a->listeners[0].plain == b->listeners[0].plain && a->n_listeners == b->n_listeners;
}

TEST(sample_reads_as_defaults)
{
    struct example defaults, s;
    struct err e;
    CHECK_OK(read_text(BYTES_LIT(SERVER LISTENER), &defaults, &e), &e);
    test_row("as it is");
    CHECK_FAILS(read_text(bytes_text(sample()), &s, &e), &e, ERR_SYNTAX, "data has no value");
    test_row("required keys written");
    if (CHECK_OK(read_text(bytes_text(sample_filled()), &s, &e), &e))
        CHECK(same(&s, &defaults) && s.n_certificates == 0);
    test_row("all settings taken out of their comments");
    const char *text = with(uncomment(sample_filled()), "\npeer =\n", "\npeer = peer.example.com\n");
    text = with(text, "\nlist =\n", "\nlist = a.crl\n");
    text = with(text, "\ncertificates =\n", "\ncertificates = p256\n");
    text = with(text, "\nfolder =\n", "\nfolder = certs\n");
    if (CHECK_OK(read_text(bytes_text(text), &s, &e), &e)) {
        CHECK(same(&s, &defaults) && s.n_certificates == 1);
        CHECK_TEXT(s.server.peer, "peer.example.com");
    }
}

TEST(sample_text)
{
    static const struct { const char *title, *text; } rows[] = {
        { "title", "# What the example reads at its start.\n#\n# Below a heading" },
        { "required", "\n# The names that devices know this server by.\n# The first one is the main one.\n# (required: "
                      "host names such as smdp.example.com, at most 4, with commas between them)\naddresses =\n" },
        { "optional", "\n# Threads that answer.\n# (a whole number from 1 to 64)\n#workers = 8\n" },
        { "without a default", "\n# (a host name such as smdp.example.com)\n#peer =\n" },
        { "unbounded", "\n# (a whole number)\n#attempts = 3\n" },
        { "optional section of defaults", "\n# Limits.\n[limits]\n" },
        { "required named section",
          "\n# (at most 2 sections of this kind, each with a name of its own)\n[listener public]\n" },
        { "optional section with a required key",
          "\n#[certificates p256]\n\n# Where they are.\n"
          "# (required: a path; a relative one begins at this file's folder)\n#folder =\n" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].title);
        const char *at = strstr(sample(), rows[i].text);
        if (!CHECK(at != NULL))
            printf("# %s\n", rows[i].text);
    }
}

/* ------------------------------------------------------------------------------ files and memory */

TEST(load)
{
    const char *path = test_path("rsp.conf");
    struct example s = { 0 }, t = { 0 };
    struct err e;
    test_row("not there");
    CHECK_FAILS(config_load(test_arena(), path, &example_table, &s, &e), &e, ERR_IO, "cannot be opened");
    test_row("there");
    CHECK_OK(file_write(path, BYTES_LIT(SERVER LISTENER), 0600, &e), &e);
    if (CHECK_OK(config_load(test_arena(), path, &example_table, &t, &e), &e))
        CHECK_TEXT(t.server.data, test_path("db"));
}

/* With every limit of memory: an answer or ERR_MEMORY. */
TEST(without_memory)
{
    static const char text[] = SERVER LISTENER "certificates = p256\n" CERTIFICATES;
    int result = -1, refused = 0;
    for (size_t limit = 0; result != 0 && limit < 1 << 14; limit += 16) {
        struct arena *a = arena_new(limit);
        struct example s = { 0 };
        struct err e = { 0 };
        result = config_read(a, "rsp.conf", BYTES_LIT(text), &example_table, &s, &e);
        if (result != 0 && !CHECK_EQ(e.code, ERR_MEMORY))
            printf("# with %zu: %s\n", limit, e.what);
        refused += result != 0;
        arena_free(a);
    }
    CHECK_EQ(result, 0);
    CHECK(refused > 10);
}
