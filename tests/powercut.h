/* A file system in memory under a card's file, that counts its calls and loses power at one of them.
 *
 * What a call has changed is pending until a barrier (fdatasync of the file, fsync of the folder for names).  A power
 * cut leaves any part of what is pending: writes in sectors, in any order, the last one torn anywhere.
 */
#ifndef RSPKIT_TESTS_POWERCUT_H
#define RSPKIT_TESTS_POWERCUT_H

#include "base/arena.h"
#include "euicc/nvm.h"

enum { SECTOR = 512, SIM_FILES = 4, SIM_CHANGES = 4096 };

/* What happens at call number `at`. */
enum sim_fault {
    SIM_NONE,
    CUT_BEFORE,  /* the call is not done, no later one either */
    CUT_AFTER,   /* it is the last one */
    FAIL_ONCE,   /* -1 with `number`, nothing done */
    FAIL_ALWAYS, /* so do all later ones */
    WRITE_SHORT, /* half of it is written, and said so */
    WRITE_SHORT_THEN_FAIL, /* half of it, then -1 with `number` each time */
};

enum sim_call { CALL_OTHER, CALL_WRITE, CALL_BARRIER };

struct sim_change {
    enum { CHANGE_SECTOR, CHANGE_LENGTH, CHANGE_NAME, CHANGE_GONE } kind;
    int inode;
    size_t at; /* or the new length */
    struct bytes octets;
    char name[64];
};

struct sim_disk {
    struct bytes files[SIM_FILES]; /* by inode */
    char names[SIM_FILES][64];     /* of the inode; empty: none */
};

struct sim {
    struct nvm_system system;
    struct arena *arena;
    struct sim_disk durable, seen;
    struct sim_change changes[SIM_CHANGES]; /* pending, in their order */
    size_t n;
    int open[SIM_FILES]; /* how often an inode is open */
    long calls;
    enum sim_call last;  /* what the last counted call was */
    size_t last_first;   /* its first pending change */
    long at;
    enum sim_fault fault;
    int number; /* errno */
    bool dead;
};

/* A disk that holds the card file NAME with this content. */
#define SIM_NAME "/sim/card"
void sim_start(struct sim *, struct arena *, struct bytes content);

/* What the disk holds when the pending changes for which `survives` is true have been made (`halves`: only the first
 * half of the last surviving one), under the name; absent if there is no such file. */
struct bytes sim_after(const struct sim *, const bool survives[], bool half, const char *name);
/* All pending ones made. */
struct bytes sim_content(const struct sim *, const char *name);

#endif
