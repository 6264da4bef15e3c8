/* SPDX-License-Identifier: Apache-2.0
 *
 * Misbehaviour on request: what real cards, their readers and their power supply do to an LPA, each by a name.  The
 * card's core knows nothing of it but the points where it asks; a NULL `struct misbehave` is a card that behaves. */
#ifndef RSPKIT_EUICC_MISBEHAVE_H
#define RSPKIT_EUICC_MISBEHAVE_H

#include "asn1/asn1.h"
#include "euicc/nvm.h"
#include "saip/package.h"
#include "schema/rsp.h"

struct euicc;
struct quirk;

enum { MISBEHAVE_MAX = 16 };

/* A quirk in force, with the numbers and octets of its value. */
struct misbehaviour {
    const struct quirk *quirk;
    uint64_t number[3];
    uint8_t octets[16];
    size_t n_octets;
    uint64_t count; /* of what the quirk counts */
    bool on;        /* a quirk's own memory */
};

/* Given by the card's owner, who may change it between two APDUs; it outlives power cuts. */
struct misbehave {
    struct misbehaviour active[MISBEHAVE_MAX];
    size_t n;
    bool dead;       /* the power is gone, until the card is opened again: no answer, no write */
    struct nvm real; /* the medium behind the one that loses power */
    void (*wait)(void *context, uint64_t milliseconds); /* NULL: delays are counted only */
    void *context;
    uint64_t waited; /* milliseconds asked for */
};

/* Puts into force what `text` names: NAME or NAME=VALUE between commas.  ERR_USAGE if one is not known or has a bad
 * value; then nothing has changed.  A name that is in force already gets the new value; "none" ends all. */
int misbehave_add(struct misbehave *, struct bytes text, struct err *);
/* What is in force, a line each; and what there is. */
void misbehave_describe(const struct misbehave *, struct buf *out);
void misbehave_help(struct buf *out);

/* ------------------------------------------------------------------- points of the card */

/* The card is powered up: the medium that it is to use. */
struct nvm misbehave_power_up(struct misbehave *, const struct nvm *);
/* Before an APDU, which may be changed; true: `response` is the answer, the card does not get it. */
bool misbehave_command(struct euicc *, struct arena *, struct bytes *command, struct bytes *response);
void misbehave_response(struct euicc *, struct arena *, struct bytes command, struct bytes *response);
/* Before an ES10 command or a segment of a BPP, whole; a status word if that is the answer, or 0. */
unsigned misbehave_function(struct euicc *, struct arena *, uint32_t tag, struct bytes *command, struct buf *out);
/* The answer; the status word. */
unsigned misbehave_result(struct euicc *, struct arena *, uint32_t tag, unsigned sw, struct buf *out);
struct bytes misbehave_isdr(const struct misbehave *, struct bytes aid);
size_t misbehave_memory(const struct misbehave *, size_t free);
void misbehave_info2(const struct misbehave *, struct arena *, struct rsp_EUICCInfo2 *);
/* A package that is to be installed: 0 or a PEStatus. */
int64_t misbehave_install(const struct misbehave *, struct arena *, const struct saip_package *);

#endif
