/* A card to stand on: made once, with the sample profile (ICCID_1) enabled and a second one (ICCID_2) disabled, as the
 * octets of its memory; and the card's commands in hex. */
#ifndef RSPKIT_TESTS_GROUND_H
#define RSPKIT_TESTS_GROUND_H

#include "powercut.h"
#include "world.h"

#define ICCID_1 "5A0A 989400010000000010F7" /* WORLD_ICCID, swapped */
#define ICCID_2 "5A0A 989400010000000020F5"
#define RIGHT_PIN "00200001 08 31323334FFFFFFFF"

/* The card's memory as made, and with the profiles; in memory that lives as long as the program. */
struct bytes ground_empty(void);
struct bytes ground_content(void);

/* A card in power on a simulated disk. */
struct ground {
    struct arena *arena; /* of the disk */
    struct sim sim;
    struct nvm_file file;
    struct euicc *card;
};
/* False: it does not open (err says why); nothing is left then. */
bool ground_open(struct ground *, struct bytes content, struct err *);
/* The same while the disk fails; after a failure the disk may be looked at until ground_close. */
bool ground_open_failing(struct ground *, struct bytes content, long at, enum sim_fault, struct err *);
void ground_close(struct ground *);
/* What the disk holds now, in the test's arena. */
struct bytes ground_left(struct ground *);

/* One command in hex, its answer fetched; what begins with BF goes to the ISD-R on channel 1, which is opened. */
unsigned ground_say(struct euicc *, const char *hex, struct bytes *data);

/* What anybody can see of a card from outside, as octets to be compared: profiles, notifications, addresses, free
 * memory, tries of PIN1, EF.ACC. */
struct bytes ground_observe(struct euicc *);

#endif
