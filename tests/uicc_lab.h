/* A card whose enabled profile is tests/vectors/uicc-card.asn1, and a small language to ask it in. */
#ifndef RSPKIT_TESTS_UICC_LAB_H
#define RSPKIT_TESTS_UICC_LAB_H

#include "euicc/core.h"
#include "harness.h"

struct uicc_lab {
    struct nvm_memory memory;
    bool broken; /* the card's memory takes nothing more */
    struct euicc *card;
};

/* The memory of such a card, made once. */
struct bytes uicc_lab_content(void);
/* A card in power; false: a check has failed. */
bool uicc_lab_open(struct uicc_lab *);
void uicc_lab_close(struct uicc_lab *);

/* What can be asked: hex, with "wrong" for a wrong PIN and FF*9 for nine octets.  The status word. */
unsigned uicc_lab_say(struct uicc_lab *, const char *command, struct bytes *data);
/* Octets in the same notation. */
struct bytes uicc_lab_hex(const char *text);
/* Commands and words divided by `;`, as tests/vectors/uicc-commands.txt explains them; false: one did not do what it
 * should. */
bool uicc_lab_prepare(struct uicc_lab *, const char *steps);

#endif
