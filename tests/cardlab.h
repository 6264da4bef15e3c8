/* A card alone before a server of the test's own, which has every key and can say whatever it likes, rightly signed.
 * What the two say to each other goes as APDUs. */
#ifndef RSPKIT_TESTS_CARDLAB_H
#define RSPKIT_TESTS_CARDLAB_H

#include "crypto/bsp.h"
#include "crypto/pki.h"
#include "euicc/card.h"
#include "harness.h"
#include "rsp/bpp.h"

enum { LAB_P256, LAB_BRAINPOOL, LAB_SECOND, LAB_PKIS }; /* LAB_SECOND: another CI on P-256 */

struct lab {
    struct euicc *card;
    struct nvm nvm;
    uint8_t *log; /* the card's memory */
    size_t n, room;
    long writes;  /* counted: two a batch */
    long fail;    /* n: the n-th write from now fails, those after it don't; 0: none does */
    size_t block; /* octets of a STORE DATA block, 0: 255 */
};

/* The PKIs are made once a program. */
const struct pki *lab_pki(int which);
int64_t lab_now(void);
/* A certificate of a role with a fault, and its key (on another curve: not the role's, to be freed). */
struct pki_entity lab_fault(const struct pki *, enum cert_role, enum cert_fault);

/* A new card under the CIs of the first `n_cis` PKIs, with a key under each; its ISD-R selected. */
bool lab_open(struct lab *, int n_cis);
bool lab_select(struct lab *);
/* Power off and on: the card is read from its memory again, the ISD-R selected. */
bool lab_power(struct lab *);
void lab_close(struct lab *);

/* One command and all of its answer. */
unsigned lab_apdu(struct lab *, struct bytes command, struct bytes *answer);
/* A command TLV by STORE DATA; stops at the first status word other than 9000. */
unsigned lab_es10(struct lab *, struct bytes tlv, struct bytes *answer);
/* The same in hex: the answer as hex, or "SW xxxx" if the status word is another than 9000. */
const char *lab_say(struct lab *, const char *hex);

/* What the card's owner sees: profiles and information; notifications if asked for. */
struct bytes lab_view(struct lab *, bool notifications);
/* Removes all notifications. */
void lab_clean(struct lab *);

/* ------------------------------------------------------------------------- the server */

struct server {
    const struct pki *pki;
    struct pki_entity auth, pb; /* der absent: the PKI's own */
    struct bytes ci;            /* euiccCiPKIdToBeUsed; absent: the PKI's */
    struct bytes transaction, address;
    struct bytes offered;       /* bppEuiccOtpk */
    struct bytes hash;          /* hashCc */
    bool code_required;
    bool bad_challenge, bad_signature1, bad_signature2, bad_transaction;
    /* learned */
    struct bytes challenge, signature1, otpk;
};

/* A server of a PKI, with a transaction of its own. */
struct server server_of(const struct pki *);
struct bytes server_authenticate(struct server *); /* AuthenticateServerRequest */
struct bytes server_prepare(struct server *);      /* PrepareDownloadRequest */
/* What the card answers: 0 and what is in it is learned, or the error code; -1 if it is no answer. */
int64_t server_hear_challenge(struct server *, struct bytes answer);
int64_t server_hear_authenticate(struct server *, struct bytes answer);
int64_t server_hear_prepare(struct server *, struct bytes answer);
/* Each of them said and heard; the error code. */
int64_t server_challenge(struct server *, struct lab *);
int64_t server_authenticated(struct server *, struct lab *);
int64_t server_prepared(struct server *, struct lab *);
/* All three, none of which fails. */
bool server_ready(struct server *, struct lab *);

/* ------------------------------------------------------------------------- the package */

struct package {
    struct bytes metadata, upp, configure; /* DER; absent: of the small profile, BF2400 */
    bool ppk;                  /* protection keys */
    size_t piece;              /* octets of a piece of the UPP; 0: 1007 */
    size_t metadata_piece;     /* octets of the first '88'; 0: all */
    /* InitialiseSecureChannel, where it is to be odd */
    int64_t operation;         /* 0: installBoundProfilePackage */
    uint8_t key_type, key_length;
    struct bytes transaction, point;
    bool bad_signature;
    size_t ppk_octets;         /* 0: 16 */
};

/* A profile of a file or two, and what its metadata are by ASN.1 members beside ICCID and names (hex). */
struct bytes package_small(void);
struct bytes package_metadata(const char *members);
/* The small profile under its i-th other ICCID (from 1): 989400010000 <i> 0000F9. */
struct bytes package_numbered_iccid(int i);
struct package package_numbered(int i);
/* The UPP of samples/operator.asn1 with this K (hex): EF.IMSI of 001 01, GID1 52534B49. */
struct bytes package_operator(const char *key);
/* The package with another ICCID in EF.ICCID, same length. */
struct bytes package_iccid(struct bytes upp, struct bytes iccid);
/* The segments that an LPA would send, bound to the card's key that the server has learned. */
struct bpp_segments package_bind(const struct server *, const struct package *);

/* Sends segments until one has an answer or another status word than 9000. */
unsigned package_load(struct lab *, const struct bpp_segments *, struct bytes *answer);

/* A ProfileInstallationResult. */
struct result {
    bool right;    /* it is one, of this session, and signed by the card */
    bool success;
    int64_t command, reason;
    struct bytes iccid;
    int64_t seq;
};
struct result result_read(const struct server *, struct bytes pir);

/* The whole download of a package to a card; true if it is installed. */
bool package_install(struct lab *, const struct pki *, const struct package *);

#endif
