/* Inside the key holder: packages of profile types, opened once and kept, so that a download does not decode them.  A
 * template holds no subscriber's data. */
#ifndef RSPKIT_SMDP_SHELF_H
#define RSPKIT_SMDP_SHELF_H

#include "saip/personal.h"

enum { SHELF_MAX = 64 /* templates kept */ };

struct template {
    struct bytes der;
    struct saip_holes holes;
    /* the shelf's own */
    struct arena *arena;
    struct bytes sealed;
    size_t users;
};

struct shelf;
struct smdp_keys;

struct shelf *shelf_new(void); /* NULL without memory */
void shelf_free(struct shelf *); /* when nobody uses a template any more; NULL is fine */

/* The template in a sealed package of a type's name; to be given back. */
int shelf_take(struct shelf *, const struct smdp_keys *, struct bytes name, struct bytes sealed,
               struct template **out, struct err *);
void shelf_give_back(struct shelf *, struct template *);

#endif
