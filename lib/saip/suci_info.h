/* What a home network tells its USIM, or its devices, of SUCIs: EF.SUCI_Calc_Info of DF.5GS (TS 31.102 4.4.11.8) and
 * EF.SUCICalcInfo of DF.SAIP (profile package 12.2), which are coded alike.
 *
 *   A0 { protection scheme, index of its key } ..   in the order of priority; index 0: no key
 *   A1 { 80 identifier, 81 public key } ..          counted from 1; absent where no scheme needs a key
 *   FF ..                                           what is left of the file
 *
 * Whether a public key is a point of its curve is not looked at here: suci_conceal() finds out.
 */
#ifndef RSPKIT_SAIP_SUCI_INFO_H
#define RSPKIT_SAIP_SUCI_INFO_H

#include "crypto/suci.h"

enum { SUCI_INFO_SCHEMES_MAX = 16, SUCI_INFO_KEYS_MAX = 16 };

struct suci_key {
    uint8_t id;          /* Home Network Public Key Identifier */
    struct bytes octets; /* borrowed from the file */
};

struct suci_info {
    struct {
        uint8_t scheme, key; /* as they stand in the file */
    } schemes[SUCI_INFO_SCHEMES_MAX];
    size_t n_schemes; /* 0: the file is blank */
    struct suci_key keys[SUCI_INFO_KEYS_MAX];
    size_t n_keys;
};

/* Reads the body of the file.  ERR_SYNTAX: not of this form; ERR_LIMIT: more schemes or keys than above. */
int suci_info_read(struct bytes body, struct suci_info *, struct err *);

/* What a SUCI is to be made with: the first of the schemes that we support, and its key; the null-scheme where the home
 * network wants it, or has provided no key (a blank file, no list of keys, index 0).  ERR_UNSUPPORTED: schemes, but
 * none that we know; ERR_VALUE: the index points behind the keys. */
struct suci_choice {
    enum suci_scheme scheme;
    struct suci_key key; /* 0 and absent with the null-scheme */
};
int suci_info_choose(const struct suci_info *, struct suci_choice *, struct err *);

#endif
