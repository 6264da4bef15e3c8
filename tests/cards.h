/* SPDX-License-Identifier: Apache-2.0
 *
 * Cards whose memory is written record by record, so that any set of profiles is there without a download; and an LPA's
 * APDUs to them. */
#ifndef RSPKIT_TESTS_CARDS_H
#define RSPKIT_TESTS_CARDS_H

#include "euicc/misbehave.h"
#include "euicc/state.h"
#include "world.h"

/* An eUICC's identity under a laboratory PKI of its own, with the default SM-DP+ "factory.example". */
struct lab {
    struct pki pki;
    struct nvm_memory memory;
    struct euicc *card;
    struct misbehave *misbehave; /* what the card is opened with; NULL: nothing */
};

bool lab_open(struct lab *, enum ec_curve);
void lab_close(struct lab *);

/* A profile: class and PPRs, state, what is configured to be notified.  Its ICCID ends with the letter, its AID is the
 * next free one. */
struct lab_profile {
    char letter;
    int64_t class;
    uint8_t pprs; /* PprIds, first bit on the left */
    bool enabled;
};
struct bytes lab_iccid(char letter);
struct bytes lab_aid(size_t n);

/* Writes them behind what the memory holds, under the CI of these certificates. */
bool lab_write(struct nvm_memory *, const struct pki *, const struct lab_profile *, size_t n, uint64_t seq);

/* A new card with these profiles, the counter of notifications; powered up
 * and with the ISD-R selected on channel 1. */
bool lab_card(struct lab *, const struct lab_profile *, size_t n, uint64_t seq);
/* Power off and on. */
bool lab_power(struct lab *);
/* ISD-R on channel 1. */
bool lab_select(struct euicc *);

/* One APDU as T=1 sends it, GET RESPONSE included. */
unsigned lab_apdu(struct euicc *, struct bytes command, struct bytes *data);
/* One command TLV on channel 1; the status word. */
unsigned lab_es10(struct euicc *, struct bytes command, struct bytes *answer);

#endif
