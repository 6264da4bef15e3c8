/* A server that dies on purpose: a world's SM-DP+ on SQLite in a process of its own, while cards, LPA and operator stay
 * here.  It really dies, by SIGKILL, at one of its commits; then the server starts again in this process. */
#ifndef RSPKIT_TESTS_MORTAL_H
#define RSPKIT_TESTS_MORTAL_H

#include "world.h"

/* What goes wrong at a commit. */
enum mishap {
    KILLED_BEFORE,  /* the process dies before the commit */
    KILLED_AFTER,   /* after it */
    ANSWER_LOST,    /* the server did it all, the client got nothing and sends the same octets again */
    STORE_REFUSES,  /* nothing was committed */
    COMMIT_LOST,    /* nothing was committed, and nobody knows */
    COMMIT_UNKNOWN, /* it was committed, and nobody knows */
    MISHAPS
};
extern const char *const mishap_names[MISHAPS];

struct mortal {
    long at; /* the commit at which it happens; 0: none */
    enum mishap mishap;
    bool from_start;                     /* commits of the recovery count, too */
    bool (*administer)(struct world *);  /* what mortal_administer does in the server */
    /* told */
    long commits;
    bool died;
    int asked[RSP_FUNCTIONS], done[RSP_FUNCTIONS]; /* requests that were sent; answers that came and were no refusals */
    int refused[RSP_FUNCTIONS];
    bool bound[WORLD_CARDS];                       /* which cards were sent a BPP */
};

/* The world's server goes into a process of its own, until mortal_end.  The world's `serve` is taken. */
void mortal_begin(struct world *, struct mortal *);
/* False: refused, or the server died. */
bool mortal_administer(struct world *);
/* Ends that process.  False: it has not died as planned. */
bool mortal_reap(struct world *);
/* The same, and the server starts again in this process: requests are counted on. */
bool mortal_end(struct world *);

#endif
