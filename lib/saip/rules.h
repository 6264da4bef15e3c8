/* What can be wrong with a profile package, and whether it suits a card: one table of rules.
 *
 * Most rules look at the package alone, whatever card it is for (saip_check); the others at what it needs, at a card
 * and at what the profile's owner decides (saip_suits; SGP.22 Annex F, 3.1.3, 5.6.3, 5.7.8).  Each quotes its clause.
 * docs/profile-checks.md lists them.
 *
 * A rule of a package that can't be decided reports nothing: where the format says "should", where its text isn't
 * known to us (templates that template.h does not offer), what only the run of an application would show.  A rule of a
 * card that can't be decided holds: the card leaves the fact out, says it oddly, or is of a version that has no word
 * for it.  No rule looks at globalplatformVersion, the number of ts102241Version or the AIDs of eUICC-Mandatory-AIDs:
 * no package states the first two, no card lists its libraries.
 */
#ifndef RSPKIT_SAIP_RULES_H
#define RSPKIT_SAIP_RULES_H

#include "saip/image.h"
#include "saip/suits.h"

enum saip_verdict {
    SAIP_WARNS,        /* of a package: it may not do what its maker wants; of a card: not all of it may work there */
    SAIP_FAULTY,       /* the package breaks the standard */
    SAIP_NOT_ELIGIBLE, /* SGP.22 5.6.3: the card does not suit the profile type */
    SAIP_NO_ROOM,      /* SGP.22 5.6.3: the card lacks memory, or room for one more profile */
};

/* What a rule looks at. */
enum saip_view {
    SAIP_ELEMENTS, /* the package's elements */
    SAIP_USES,     /* each file that they describe: its Fcp with the template's row */
    SAIP_IMAGE,    /* what they make together: only if the package can be interpreted */
    SAIP_FILES,    /* each file of that */
    SAIP_CARD,     /* needs, card and policy */
};

struct saip_look; /* look.h, inside lib/saip */
struct saip_use;

struct saip_rule {
    const char *name; /* of a card's service: as in ServicesList */
    const char *clause;
    enum saip_verdict verdict;
    enum saip_view view;
    uint32_t bit; /* SAIP_CARD: what it looks at in UICCCapability, RspCapability or PprIds; else the rule's own */
    union {
        void (*all)(struct saip_look *);
        void (*use)(struct saip_look *, const struct saip_use *);
        void (*file)(struct saip_look *, const struct saip_file *);
    } check;
    const char *next; /* what to do, no full stop */
};

extern const struct saip_rule saip_rules[];
extern const size_t saip_rules_count;

/* One thing that is wrong. */
struct saip_finding {
    const struct saip_rule *rule;
    struct saip_fault fault; /* its place and clause; of a card: `found` is a sentence, `expected` is NULL */
};

struct saip_sink {
    void (*take)(void *context, const struct saip_finding *); /* the finding is valid during the call */
    void *context;
};

/* The finding in `err`: ERR_VALUE, or ERR_UNSUPPORTED of a card, with its clause.  Returns -1. */
int saip_finding_err(const struct saip_finding *, struct err *);

/* ----------------------------------------------------------------------- the package alone */

struct saip_checked {
    size_t errors, warnings;
    size_t asked, skipped; /* rules; skipped: those that look at what the package makes, if it can't be interpreted */
};

/* Asks all rules but those of cards, in the table's order, and tells the sink what they find.  `package` must have
 * been decoded (`raw` of its elements is used).  0; -1 without memory. */
int saip_check(struct arena *, const struct saip_package *, struct saip_sink, struct saip_checked *, struct err *);

/* ------------------------------------------------------------------- the package and a card */

/* Asks all rules of cards in the table's order; errors are refusals, which come before warnings. */
void saip_check_card(const struct saip_needs *, const struct saip_card *, const struct saip_policy *, struct saip_sink,
                     struct saip_checked *);

/* The first broken rule of cards behind `after` (NULL: from the start) in the table's order, warnings too, with what is
 * wrong in `err` (ERR_UNSUPPORTED and the rule's clause); NULL if there is none.  Refusals come before warnings. */
const struct saip_rule *saip_broken(const struct saip_needs *, const struct saip_card *, const struct saip_policy *,
                                    const struct saip_rule *after, struct err *);

/* 0 if nothing refuses; otherwise -1 with the first rule that does in *broken (NULL after 0). */
int saip_suits(const struct saip_needs *, const struct saip_card *, const struct saip_policy *,
               const struct saip_rule **broken, struct err *);

#endif
