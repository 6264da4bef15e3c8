/* Changes of DER octets that keep their shape: a tree of TLVs in which nodes are dropped, doubled, renamed or given
 * other content, and whose lengths are right again afterwards. */
#ifndef RSPKIT_TESTS_MUTATE_H
#define RSPKIT_TESTS_MUTATE_H

#include "base/arena.h"

/* Random numbers from a seed (not 0), the same in every run. */
uint64_t mutate_random(uint64_t *state);

/* One to four changes; what is no TLV is taken as content.  Absent without memory. */
struct bytes mutate_der(struct arena *, struct bytes der, uint64_t *state);

#endif
