/* SPDX-License-Identifier: Apache-2.0
 *
 * Every command of files and PINs with every status word that it can have, as tests/vectors/uicc-commands.txt lists
 * them; and that the list is closed: what the standard has is either given or named as what this card does not give. */
#include <stdlib.h>

#include "uicc_lab.h"

enum { COMMANDS_MAX = 32, WORDS_MAX = 64 };

struct word {
    const char *pattern; /* of a status word; a digit X is any */
    bool may, never, more, seen;
};

struct command {
    const char *name;
    uint8_t cla, ins;
    struct word words[WORDS_MAX];
    size_t n;
};

/* commands[0] is what all of them have. */
static struct command commands[COMMANDS_MAX];
static size_t n_commands;

static bool fits(const char *pattern, unsigned sw)
{
    char text[8];
    snprintf(text, sizeof text, "%04X", sw);
    for (int i = 0; i < 4; i++)
        if (pattern[i] != 'X' && pattern[i] != text[i])
            return false;
    return true;
}

static struct word *word_of(struct command *c, const char *pattern)
{
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->words[i].pattern, pattern) == 0)
            return &c->words[i];
    if (!CHECK(c->n < WORDS_MAX))
        abort();
    c->words[c->n].pattern = pattern;
    return &c->words[c->n++];
}

static char *cut(char **rest, const char *at)
{
    char *text = *rest ? strsep(rest, at) : "";
    text += strspn(text, " ");
    for (size_t n = strlen(text); n && text[n - 1] == ' '; n--)
        text[n - 1] = 0;
    return text;
}

/* = NAME CLA INS */
static void begin(char *line)
{
    struct command *c = &commands[n_commands++];
    size_t n = strlen(line);
    *c = (struct command){ .name = arena_printf(test_arena(), "%.*s", (int)n - 6, line) };
    c->cla = unhex(line + n - 5).p[0];
    c->ins = unhex(line + n - 2).p[0];
}

static void list(const char *kind, char *line)
{
    struct command *c = &commands[n_commands - 1];
    if (strcmp(kind, "may") == 0) {
        for (char *sw; *(sw = cut(&line, " "));)
            word_of(c, sw)->may = true;
        return;
    }
    struct word *w = word_of(c, cut(&line, " "));
    CHECK(line && *line); /* the reason */
    *(strcmp(kind, "never") == 0 ? &w->never : &w->more) = true;
}

static struct command *asked(uint8_t ins)
{
    for (size_t i = 1; i < n_commands; i++)
        if (commands[i].ins == ins)
            return &commands[i];
    return NULL;
}

static void note_in(struct command *c, unsigned sw)
{
    for (size_t i = 0; i < c->n; i++)
        if (fits(c->words[i].pattern, sw))
            c->words[i].seen = true;
}

/* Given and known: as one of its own words, or of all commands. */
static void note(struct command *c, unsigned sw)
{
    bool known = false;
    for (size_t i = 0; i < c->n; i++)
        known = known || fits(c->words[i].pattern, sw);
    for (size_t i = 0; i < commands[0].n; i++)
        if (fits(commands[0].words[i].pattern, sw)) {
            known = true;
            word_of(c, commands[0].words[i].pattern);
        }
    CHECK(known);
    note_in(c, sw);
}

/* SW | name | what comes first | command | data */
static void row(const char *section, char *line)
{
    unsigned want = (unsigned)strtoul(cut(&line, "|"), NULL, 16);
    const char *name = cut(&line, "|"), *first = cut(&line, "|"), *command = cut(&line, "|"), *hex = cut(&line, "|");
    struct uicc_lab l;
    struct bytes data;
    test_row("%.*s: %s", (int)strlen(section) - 6, section, name);
    if (uicc_lab_open(&l) && uicc_lab_prepare(&l, first)) {
        CHECK_EQ(uicc_lab_say(&l, command, &data), want);
        CHECK_BYTES(data, uicc_lab_hex(hex));
        struct command *c = asked(unhex(arena_printf(test_arena(), "%.2s", command + 2)).p[0]);
        if (CHECK(c != NULL))
            note(c, want);
    }
    uicc_lab_close(&l);
}

/* Class bytes: secure messaging, a channel that is closed, the other class. */
static void classes(struct command *c)
{
    const struct {
        const char *what;
        unsigned cla, sw;
    } rows[] = { { "with secure messaging", c->cla | 0x04u, 0x6882 },
                 { "on a closed channel", c->cla | 0x01u, 0x6881 },
                 { "in the other class", c->cla ^ 0x80u, 0x6E00 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct uicc_lab l;
        struct bytes data;
        test_row("%s: %s", c->name, rows[i].what);
        if (uicc_lab_open(&l))
            CHECK_EQ(uicc_lab_say(&l, arena_printf(test_arena(), "%02X%02X0000", rows[i].cla, c->ins), &data),
                     rows[i].sw);
        uicc_lab_close(&l);
        note(c, rows[i].sw);
    }
}

static bool never(const struct command *c, const char *pattern)
{
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->words[i].pattern, pattern) == 0 && c->words[i].never)
            return true;
    return false;
}

/* Each word of the standard is given or named; nothing that is named as never given is given. */
static void closed(struct command *c)
{
    for (size_t i = 0; i < commands[0].n; i++)
        word_of(c, commands[0].words[i].pattern)->may = true;
    for (size_t i = 0; i < c->n; i++) {
        const struct word *w = &c->words[i];
        bool refused = w->never || (!w->more && never(&commands[0], w->pattern) && !w->seen);
        test_row("%s: %s is %s", c->name, w->pattern, refused ? "not given" : "given");
        CHECK(w->may || w->more);
        CHECK_EQ(w->seen, !refused);
    }
}

/* The words first: a row may ask a command that comes later. */
static void read_lines(struct bytes file, bool rows)
{
    char *rest = arena_text(test_arena(), file);
    const char *name = "";
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        if (!*line || *line == '#')
            continue;
        char *text = line, *kind = strchr(line, '|') ? "" : cut(&text, " ");
        if (strcmp(kind, "=") == 0 && rows)
            name = text;
        else if (strcmp(kind, "=") == 0)
            begin(text);
        else if (*kind && !rows)
            list(kind, text);
        else if (!*kind && rows)
            row(name, line);
    }
}

TEST(commands)
{
    struct bytes file = test_file(test_source("tests/vectors/uicc-commands.txt"));
    n_commands = 0;
    read_lines(file, false);
    read_lines(file, true);
    for (size_t i = 1; i < n_commands; i++)
        classes(&commands[i]);
    for (size_t i = 1; i < n_commands; i++)
        closed(&commands[i]);
    test_row("all of them");
    CHECK_EQ((int64_t)n_commands, 1 + 17);
}

struct dialogue {
    const char *name, *first, *command;
    unsigned sw;
};

static void talk(const struct dialogue *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct uicc_lab l;
        struct bytes data;
        test_row("%s", rows[i].name);
        if (uicc_lab_open(&l) && uicc_lab_prepare(&l, rows[i].first))
            CHECK_EQ(uicc_lab_say(&l, rows[i].command, &data), rows[i].sw);
        uicc_lab_close(&l);
    }
}

/* EF.ARR of the card, record by record: TS 102 221 9.2, ISO/IEC 7816-4 5.4.3.2. */
TEST(access_rules)
{
    static const struct dialogue rows[] = {
        { "3: read always", "select 2F23", "00B0000001", 0x9000 },
        { "3: update never", "adm; pin1; select 2F23", "00D6000001 41", 0x6982 },
        { "4: or, neither", "select 2F24", "00B0000001", 0x6982 },
        { "4: or, the first", "pin1; select 2F24", "00B0000001", 0x9000 },
        { "4: or, the second", "universal; select 2F24", "00B0000001", 0x9000 },
        { "4: or, another", "adm; select 2F24", "00B0000001", 0x6982 },
        { "4: no rule for updates", "pin1; adm; universal; select 2F24", "00D6000001 41", 0x6982 },
        { "5: and, the first", "pin1; select 2F25", "00B0000001", 0x6982 },
        { "5: and, the second", "adm; select 2F25", "00B0000001", 0x6982 },
        { "5: and, both", "adm; pin1; select 2F25", "00B0000001", 0x9000 },
        { "6: not", "select 2F26", "00B0000001", 0x9000 },
        { "6: not, verified", "pin1; select 2F26", "00B0000001", 0x6982 },
        { "7: P1 and P2 as the rule has them", "select 2F27", "00D6000001 41", 0x9000 },
        { "7: another P2", "select 2F27", "00D6000101 41", 0x6982 },
        { "7: class and instruction are the second pair", "pin1; select 2F27", "00D6000101 41", 0x9000 },
        { "7: on another channel the class is the same", "pin1; channel; 01A4000C02 2F27", "01D6000101 41", 0x9000 },
        { "9: two modes, one condition: the first", "select 2F29", "00B2010401", 0x9000 },
        { "9: the second", "select 2F29", "8032000001 01", 0x9000 },
        { "9: the next rule", "select 2F29", "00DC000301 41", 0x6982 },
        { "9: with its PIN", "pin1; select 2F29", "00DC000301 41", 0x9000 },
        { "10: a PIN is not what external authentication needs", "pin1; select 2F2A", "00B0000001", 0x6982 },
        { "11: an unknown condition", "select 2F2B", "00B0000001", 0x6982 },
        { "11: and its opposite", "select 2F2B", "00D6000001 41", 0x6982 },
        { "12: a state machine", "select 2F2C", "00B0000001", 0x6982 },
        { "13: nested too deeply", "select 2F2D", "00B0000001", 0x6982 },
        { "14: an empty record", "adm; select 2F2E", "00B0000001", 0x6982 },
        { "15: no record", "adm; select 2F2F", "00B0000001", 0x6982 },
        { "a DF's own EF.ARR", "select 5F10 6F01", "00D6000001 41", 0x9000 },
        { "the MF's, by its FID", "select 5F10 6F22", "00D6000001 41", 0x9000 },
        { "one of the DF above", "select 5F10 5F11 6F01", "00D6000001 41", 0x9000 },
        { "none above", "adm; pin1; select 5F20 6F01", "00B0000001", 0x6982 },
        { "the disabled PIN asks for nothing", "0026000108 31323334FFFFFFFF; select 2F24", "00B0000001", 0x9000 },
        { "a wrong value ends a verification", "pin1; 0020000108 wrong; select 2F15", "00B0000001", 0x6982 },
        { "a reset does", "pin1; reset; select 2F15", "00B0000001", 0x6982 },
        { "a blocked PIN opens nothing",
          "pin1; 0020000108 wrong; 0020000108 wrong; 0020000108 wrong; select 2F15", "00B0000001", 0x6982 },
    };
    talk(rows, sizeof rows / sizeof *rows);
}

/* Whose verification it is: TS 102 221 9.5.1, 11.1.9.1.1. */
TEST(scope_of_verifications)
{
    static const struct dialogue rows[] = {
        { "a local PIN in its application", "adf1; pin2; select 6F01", "00B0000001", 0x9000 },
        { "without it", "adf1; select 6F01", "00B0000001", 0x6982 },
        { "another application's has the same value and is another", "adf1; pin2; adf2; select 6F01", "00B0000001",
          0x6982 },
        { "its tries are its own", "adf1; 0020008108 wrong; adf2", "00200081", 0x63C3 },
        { "verified on one channel, used on another",
          "adf1; pin2; channel; 01A4040C07 A0000000090001; 01A4000C02 6F01", "01B0000001", 0x9000 },
        { "a global one likewise", "channel; 0120000108 31323334FFFFFFFF; select 2F15", "00B0000001", 0x9000 },
        { "a global one outlasts an application", "adf1; pin1; 00A4044C07 A0000000090001; select 2F15", "00B0000001",
          0x9000 },
        { "a local one ends with the application's session", "adf1; pin2; 00A4044C07 A0000000090001; adf1; select 6F01",
          "00B0000001", 0x6982 },
        { "by the selection of another one, too", "adf1; pin2; adf2; adf1; select 6F01", "00B0000001", 0x6982 },
        { "not by the selection of the MF", "adf1; pin2; select 3F00 7FFF 6F01", "00B0000001", 0x9000 },
        { "not by its reselection", "adf1; pin2; adf1; select 6F01", "00B0000001", 0x9000 },
        { "not while another channel has it",
          "adf1; pin2; channel; 01A4040C07 A0000000090001; 00A4044C07 A0000000090001; 01A4000C02 6F01", "01B0000001",
          0x9000 },
        { "but when that is closed",
          "channel; 01A4040C07 A0000000090001; 0120008108 39383736FFFFFFFF; 0070800100; adf1; select 6F01",
          "00B0000001", 0x6982 },
    };
    talk(rows, sizeof rows / sizeof *rows);
}

/* What is left of a SELECT or an SFI that fails: everything. */
TEST(failures_change_nothing)
{
    static const struct dialogue rows[] = {
        { "SELECT of nothing", "select 2F12; 00B2000204; !00A4000C02 2F99", "00B2000204", 0x9000 },
        { "SELECT with wrong parameters", "select 2F12; !00A4008C02 2F11", "00B2010404", 0x9000 },
        { "SFI of nothing", "select 2F11; !00B09E0001", "00B0000001", 0x9000 },
        { "SFI of another structure", "select 2F11; !00B0820001", "00B0000001", 0x9000 },
        { "SFI without the PIN", "select 2F13; 00B2000203; !00B201420402", "00B2000403", 0x9000 },
        { "an update without the disk leaves the pointer", "select 2F12; 00B2000204; broken; !00DC000204 41424344",
          "00B2000404", 0x9000 },
        { "ACTIVATE FILE of nothing", "select 2F11; !0044000002 2F99", "00B0000001", 0x9000 },
        { "RETRIEVE DATA of nothing", "select 2F14; 80CB008001 80 03; !80CB008001 81", "80CB000000", 0x9000 },
    };
    talk(rows, sizeof rows / sizeof *rows);
}

/* What another channel does meanwhile. */
TEST(objects_on_two_channels)
{
    static const struct dialogue rows[] = {
        { "both fit alone, not together",
          "select 2F14; channel; 01A4000C02 2F14; 80DB008005 8181C8 4141; 81DB008005 8281C8 4242; 80DB0000C6 41*198",
          "81DB0000C6 42*198", 0x6A84 },
        { "the first is there", "select 2F14; channel; 01A4000C02 2F14; 80DB008005 8181C8 4141; 81DB008005 8281C8 4242;"
          "80DB0000C6 41*198; !81DB0000C6 42*198; reset; select 2F14", "80CB008001 81 CB", 0x9000 },
        { "the second is not", "select 2F14; channel; 01A4000C02 2F14; 80DB008005 8181C8 4141; 81DB008005 8281C8 4242;"
          "80DB0000C6 41*198; !81DB0000C6 42*198; reset; select 2F14", "80CB008001 82", 0x6A88 },
        { "an object that changes is not given on", "select 2F14; 80CB008001 80 03; channel; 01A4000C02 2F14;"
          "81DB008005 8003616263", "80CB000000", 0x6985 },
        { "nor the list", "select 2F14; 80CB008001 5C 03; channel; 01A4000C02 2F14; 81DB008001 80", "80CB000000",
          0x6985 },
        { "a change of another file is none", "pin1; select 2F14; 80CB008001 80 03; channel; 01A4000C02 2F17;"
          "81DB008003 810141", "80CB000000", 0x9000 },
        { "a channel opened from one that reads does not read", "select 2F14; channel; 01A4000C02 2F14;"
          "81CB008001 80 03; 0170000001; 02A4000C02 2F14", "82CB000000", 0x6985 },
        { "nor does it write", "select 2F14; channel; 01A4000C02 2F14; 81DB008003 810341; 0170000001; 02A4000C02 2F14",
          "82DB000002 4243", 0x6985 },
    };
    talk(rows, sizeof rows / sizeof *rows);
}

/* SET DATA on more channels than there are places for. */
TEST(objects_on_many_channels)
{
    struct uicc_lab l;
    struct bytes data;
    if (uicc_lab_open(&l)) {
        for (int i = 1; i <= UICC_TRANSFERS + 1; i++) {
            int cla = i < 4 ? i : 0x40 + i - 4;
            uicc_lab_say(&l, "0070000001", &data);
            uicc_lab_say(&l, arena_printf(test_arena(), "%02XA4000C02 2F14", cla), &data);
            const char *begin = arena_printf(test_arena(), "%02XDB008003 8%d0341", 0x80 | cla, i);
            CHECK_EQ(uicc_lab_say(&l, begin, &data), i <= UICC_TRANSFERS ? 0x63F1 : 0x6A84);
        }
        test_row("a channel that gives up makes room");
        uicc_lab_say(&l, "02A4000C02 2F11", &data);
        CHECK_EQ(uicc_lab_say(&l, "C1DB008003 850341", &data), 0x63F1);
        CHECK_EQ(uicc_lab_say(&l, "C1DB000002 4243", &data), 0x9000);
        CHECK_EQ(uicc_lab_say(&l, "81DB000002 4243", &data), 0x9000);
        CHECK_EQ(uicc_lab_say(&l, "81CB008001 5C 00", &data), 0x9000);
        CHECK_HEX(data, "5C08 80 9F1F BF8101 85 81");
    }
    uicc_lab_close(&l);
}
