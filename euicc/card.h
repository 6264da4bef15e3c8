/* A software eUICC: an APDU in, an APDU out (SGP.22 5.7, TS 102 221).
 *
 * One card is used by one caller at a time.  Commands that change what lasts are durable when
 * their answer is given.  CRLs, LPAe and Java Card byte code are not offered.
 */
#ifndef RSPKIT_EUICC_CARD_H
#define RSPKIT_EUICC_CARD_H

#include "asn1/asn1.h"
#include "euicc/nvm.h"
#include "schema/rsp.h"

struct euicc;
struct misbehave;

/* What a card is made of, for euicc_make. */
struct euicc_identity {
    struct bytes eid; /* 16 octets */
    struct {
        struct bytes euicc, eum; /* DER */
        struct bytes scalar;     /* 32 octets */
    } keys[4];
    size_t n_keys;
    struct bytes cis[8]; /* DER, the first is preferred */
    size_t n_cis;
    struct bytes root_ds, default_dp; /* host names; empty: none */
    const struct rsp_RulesAuthorisationTable *rat; /* NULL: every operator may use every rule, with consent */
};

struct euicc_env {
    struct nvm nvm;
    int (*random)(void *context, uint8_t *out, size_t n);
    /* Laboratory mode: given what ES8+ carries, with its keys; may be NULL. */
    void (*trace)(void *context, const char *function, const struct asn1_type *, const void *value);
    void *context;
    struct misbehave *misbehave; /* NULL: the card behaves; see euicc/misbehave.h */
};

/* Writes a new card's memory; refuses identities whose certificates and keys do not fit. */
int euicc_make(const struct nvm *, const struct euicc_identity *, struct err *);

/* Powers a card up; ERR_VERIFY if its memory is damaged. */
int euicc_open(const struct euicc_env *, struct euicc **out, struct err *);
void euicc_close(struct euicc *);

/* Warm reset: channels closed, PINs not verified, a pending change of profile done. */
void euicc_reset(struct euicc *);

/* One command; the response (data and status word) is in the arena. */
void euicc_apdu(struct euicc *, struct arena *, struct bytes command, struct bytes *response);
/* The power was cut on request: the answer was empty, and so are all until the card is closed and opened again. */
bool euicc_dead(const struct euicc *);

/* For `rsp-euicc show`: EID, profiles and states, pending notifications; no keys. */
void euicc_describe(struct euicc *, struct buf *out);

#endif
