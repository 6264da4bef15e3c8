/* SPDX-License-Identifier: Apache-2.0
 *
 * A card for scenario tests: a package goes through the whole chain into it (bound by a server of its own), is enabled,
 * and then lines are answered.  A line from standard input, one to standard output:
 *
 *   install ICCID UPP   both in hex, the ICCID as in EF.ICCID, the package in DER or as the octets of its text:
 *                       "installed", or behind lines of # what was in the way
 *   fresh               the card as it was after that, powered up
 *   reset               a warm reset: channels closed, nothing verified
 *   HEX                 a command APDU: all of its answer, GET RESPONSE included, and the status word
 */
#include <stdlib.h>

#include "asn1/tlv.h"
#include "cardlab.h"
#include "exchange.h"
#include "saip/package.h"

struct made {
    struct lab lab;
    uint8_t *log; /* its memory after the installation */
    size_t n;
};

static struct package package_of(struct bytes iccid, struct bytes upp)
{
    struct buf metadata = buf_in(test_arena()), content = buf_in(test_arena());
    tlv_add(&content, 0x5A, iccid);
    buf_add(&content, unhex("910150 92014E"));
    tlv_add(&metadata, 0xBF25, buf_bytes(&content));
    return (struct package){ .metadata = buf_bytes(&metadata), .upp = upp };
}

/* The package in DER; absent if its text is none. */
static struct bytes encoded(struct bytes package)
{
    struct bytes der = BYTES_NONE;
    struct saip_package p;
    struct err e;
    if (package.n && package.p[0] == 0xA0) /* a header in DER */
        return package;
    if (CHECK_OK(saip_parse(test_arena(), package, &p, &e), &e))
        CHECK_OK(saip_encode(test_arena(), &p, &der, &e), &e);
    return der;
}

static bool fresh(struct made *m)
{
    struct lab *l = &m->lab;
    memcpy(l->log, m->log, m->n); /* a log only grows, or is written anew below twice its size */
    l->n = m->n;
    bool up = lab_power(l);
    euicc_reset(l->card);
    return up;
}

static const char *install(struct made *m, const char *line)
{
    struct bytes iccid, upp;
    struct err e;
    const char *space = strchr(line, ' ');
    if (!space || hex_decode(test_arena(), bytes_make(line, (size_t)(space - line)), &iccid, &e) != 0 ||
        hex_decode(test_arena(), bytes_text(space + 1), &upp, &e) != 0)
        return "no package";
    const struct package p = package_of(iccid, encoded(upp));
    if (!p.upp.p || !lab_open(&m->lab, 1) || !package_install(&m->lab, lab_pki(LAB_P256), &p))
        return "not installed";
    const char *enabled = lab_say(&m->lab, arena_printf(test_arena(), "BF3111 A00C 5A0A %s 810100",
                                                        hex_encode(test_arena(), iccid)));
    if (strcmp(enabled, "BF3103800100") != 0)
        return arena_printf(test_arena(), "not enabled: %s", enabled);
    m->n = m->lab.n;
    m->log = malloc(m->n);
    memcpy(m->log, m->lab.log, m->n);
    return fresh(m) ? "installed" : "no power";
}

static const char *apdu(struct made *m, const char *line)
{
    struct bytes command, answer;
    struct err e;
    if (!m->lab.card || hex_decode(test_arena(), bytes_text(line), &command, &e) != 0)
        return "no command";
    unsigned sw = exchange(m->lab.card, command, 0x00, &answer);
    return arena_printf(test_arena(), "%s%04X", hex_encode(test_arena(), answer), sw);
}

TEST(serve)
{
    static char line[4 << 20];
    struct made m = { 0 };
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        const char *answer = "done";
        if (strncmp(line, "install ", 8) == 0)
            answer = install(&m, line + 8);
        else if (strcmp(line, "fresh") == 0)
            answer = m.log && fresh(&m) ? answer : "no card";
        else if (strcmp(line, "reset") == 0)
            euicc_reset(m.lab.card);
        else
            answer = apdu(&m, line);
        puts(answer);
        fflush(stdout);
    }
    lab_close(&m.lab);
    free(m.log);
}
