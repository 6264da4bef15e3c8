/* A card that is spoken to in APDUs, line by line: our own sample, or a package made from its text, downloaded and
 * enabled. */
#ifndef RSPKIT_TESTS_DIALOGUE_H
#define RSPKIT_TESTS_DIALOGUE_H

#include "exchange.h"
#include "sample.h"
#include "world.h"

struct dialogue {
    const char *name, *command;
    unsigned sw;
    const char *data; /* NULL: not looked at */
};

#define SELECT_USIM { "SELECT the USIM", "00A4040C 07 A0000000871002", 0x9000, "" }
#define VERIFY_PIN { "VERIFY PIN", "00200001 08 31323334FFFFFFFF", 0x9000, "" }
#define VERIFY_ADM { "VERIFY ADM1", "0020000A 08 3838383838383838", 0x9000, "" }

/* The world's first card with this package (absent: the sample) enabled, just reset; false: a check has failed. */
bool card_with(struct world *, struct bytes package);

/* Each row is a test. */
void talk(struct world *, const struct dialogue *rows, size_t n);

#endif
