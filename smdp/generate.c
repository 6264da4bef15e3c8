/* SPDX-License-Identifier: Apache-2.0 */
#include "smdp/generate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "crypto/crypto.h"

enum {
    ICCID_DIGITS = 20,
    IMSI_DIGITS = 15,
    ICCID_ISSUER = 7, /* 89, country and issuer (ITU-T E.118): they must not change while counting */
    IMSI_NETWORK = 5, /* MCC and the first digits of the MNC (TS 23.003) */
    KEY_OCTETS = 16,
    LINE_OCTETS = ICCID_DIGITS + IMSI_DIGITS + 4 * KEY_OCTETS + 5
};

static const char HEAD[] = "iccid,imsi,k,opc\n";

/* The subscriber that is next. */
struct subscriber {
    char iccid[ICCID_DIGITS + 1], imsi[IMSI_DIGITS + 1];
};

/* ---------------------------------------------------------------------------------- digits */

static bool is_digits(const char *text, size_t least, size_t most)
{
    size_t n = strspn(text, "0123456789");
    return text[n] == '\0' && n >= least && n <= most;
}

/* The check digit behind n digits (ISO/IEC 7812-1, Luhn). */
static char check_digit(const char *digits, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned digit = (unsigned)(digits[n - 1 - i] - '0'), twice = 2 * digit;
        sum += i % 2 ? digit : twice > 9 ? twice - 9 : twice;
    }
    return (char)('0' + (10 - sum % 10) % 10);
}

/* Adds to the number that the n digits are; false if one of the first `fixed` would change. */
static bool count_up(char *digits, size_t n, size_t fixed, uint64_t add)
{
    for (size_t i = n; i > fixed && add; i--) {
        add += (uint64_t)(digits[i - 1] - '0');
        digits[i - 1] = (char)('0' + add % 10);
        add /= 10;
    }
    return add == 0;
}

static bool move_on(struct subscriber *s, uint64_t add)
{
    size_t n = strlen(s->iccid) - 1;
    bool fits = count_up(s->iccid, n, ICCID_ISSUER, add) && count_up(s->imsi, strlen(s->imsi), IMSI_NETWORK, add);
    s->iccid[n] = check_digit(s->iccid, n);
    return fits;
}

static int first_of(const struct generate *g, struct subscriber *s, struct err *e)
{
    if (!is_digits(g->iccid, ICCID_DIGITS - 1, ICCID_DIGITS))
        return err_set(e, ERR_USAGE, NULL, "the first ICCID has 19 or 20 digits");
    if (!is_digits(g->imsi, 6, IMSI_DIGITS))
        return err_set(e, ERR_USAGE, NULL, "the first IMSI has 6 to 15 digits");
    if (g->count < 1 || g->count > GENERATE_MAX)
        return err_set(e, ERR_USAGE, NULL, "from 1 to %d profiles can be made at once", GENERATE_MAX);
    size_t n = strlen(g->iccid) - 1;
    char right = check_digit(g->iccid, n);
    if (g->iccid[n] != right)
        return err_set(e, ERR_USAGE, "ITU-T E.118", "the check digit of the first ICCID is wrong; next: write %.*s%c",
                       (int)n, g->iccid, right);
    snprintf(s->iccid, sizeof s->iccid, "%s", g->iccid);
    snprintf(s->imsi, sizeof s->imsi, "%s", g->imsi);
    struct subscriber last = *s;
    return move_on(&last, g->count - 1) ? 0
                                        : err_set(e, ERR_USAGE, NULL,
                                                  "so many numbers would run into another issuer's; next: begin with "
                                                  "lower ones, or make fewer");
}

/* ------------------------------------------------------------------------------------ lines */

static int failed(const struct generate *g, struct err *e, const char *what)
{
    err_set(e, ERR_IO, NULL, "%s: %s", what, strerror(errno));
    return err_at(e, "%s", g->path);
}

static int another_list(const struct generate *g, uint64_t line, struct err *e)
{
    err_set(e, ERR_EXISTS, NULL, "the file is not the list of this command; next: name another file with -o");
    return err_at(e, "%s:%llu", g->path, (unsigned long long)line);
}

/* "ICCID,IMSI," */
static void beginning(const struct subscriber *s, char out[LINE_OCTETS])
{
    snprintf(out, LINE_OCTETS, "%s,%s,", s->iccid, s->imsi);
}

/* 1: the line of this subscriber; 0: cut; -1: another one. */
static int line_is(const char *line, const struct subscriber *s)
{
    char begin[LINE_OCTETS];
    beginning(s, begin);
    size_t n = strlen(begin), whole = n + 4 * KEY_OCTETS + 2, have = strlen(line);
    if (strncmp(line, begin, have < n ? have : n) != 0)
        return -1;
    return have == whole && line[have - 1] == '\n' ? 1 : have < whole && !strchr(line, '\n') ? 0 : -1;
}

/* Reads what an earlier run has left; the file's end is then behind its last whole line. */
static int keep_lines(const struct generate *g, FILE *f, struct subscriber *s, uint64_t *there, struct err *e)
{
    char line[LINE_OCTETS + 2];
    long end = 0;
    int whole = 0;
    *there = 0;
    if (fgets(line, sizeof line, f)) {
        bool cut = strncmp(line, HEAD, strlen(line)) == 0 && strlen(line) < sizeof HEAD - 1;
        if (!cut && strcmp(line, HEAD) != 0)
            return another_list(g, 1, e);
        end = cut ? 0 : ftell(f);
    }
    while (end && fgets(line, sizeof line, f) && (whole = line_is(line, s)) == 1) {
        if (++*there > g->count)
            return another_list(g, *there + 1, e);
        end = ftell(f);
        move_on(s, 1);
    }
    if (whole < 0)
        return another_list(g, *there + 2, e);
    return fseek(f, end, SEEK_SET) == 0 && ftruncate(fileno(f), end) == 0 ? 0 : failed(g, e, "it cannot be completed");
}

static int write_line(FILE *f, const struct subscriber *s, struct err *e)
{
    static const char hex[] = "0123456789ABCDEF";
    uint8_t key[2 * KEY_OCTETS];
    char text[4 * KEY_OCTETS + 1];
    if (crypto_random(key, sizeof key, e) != 0)
        return -1;
    for (size_t i = 0; i < sizeof key; i++) {
        text[2 * i] = hex[key[i] >> 4];
        text[2 * i + 1] = hex[key[i] & 15];
    }
    fprintf(f, "%s,%s,%.32s,%.32s\n", s->iccid, s->imsi, text, text + 32);
    bytes_wipe(key, sizeof key);
    bytes_wipe(text, sizeof text);
    return 0;
}

static int write_lines(const struct generate *g, FILE *f, struct subscriber *s, uint64_t there, struct err *e)
{
    if (ftell(f) == 0)
        fputs(HEAD, f);
    for (uint64_t i = there; i < g->count; i++, move_on(s, 1))
        if (write_line(f, s, e) != 0)
            return -1;
    return fflush(f) == 0 && fsync(fileno(f)) == 0 ? 0 : failed(g, e, "it cannot be written");
}

/* A new file is on the disk once its folder is. */
static int folder_sync(const struct generate *g, struct err *e)
{
    char folder[4096];
    const char *slash = strrchr(g->path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - g->path + 1) : 1, slash ? g->path : ".");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int bad = fd < 0 || fsync(fd) != 0;
    if (fd >= 0)
        close(fd);
    return bad ? failed(g, e, "its folder cannot be written") : 0;
}

int generate_list(const struct generate *g, uint64_t *there, struct err *e)
{
    struct subscriber s;
    if (first_of(g, &s, e) != 0)
        return -1;
    int fd = open(g->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "r+");
    if (!f)
        return failed(g, e, "it cannot be opened");
    int result = flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : failed(g, e, "another program works on it");
    if (result == 0)
        result = keep_lines(g, f, &s, there, e);
    if (result == 0 && fchmod(fd, 0600) != 0)
        result = failed(g, e, "it cannot be kept from others");
    if (result == 0)
        result = write_lines(g, f, &s, *there, e);
    fclose(f);
    return result == 0 ? folder_sync(g, e) : -1;
}
