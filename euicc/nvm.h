/* What a card keeps without power: a log of records.  A batch is there as a whole or not at
 * all: its records are followed by a commit mark, and all are checksummed.
 *
 * The log is given by its owner as octets that can be read at the start, appended, and
 * replaced as a whole (when it is written anew without what is obsolete).
 */
#ifndef RSPKIT_EUICC_NVM_H
#define RSPKIT_EUICC_NVM_H

#include "base/buf.h"
#include "base/err.h"

enum { NVM_FIELDS = 6 };

struct nvm_record {
    uint8_t type;
    struct bytes field[NVM_FIELDS]; /* absent ones stay absent */
};

struct nvm_batch {
    struct arena *arena;
    struct buf octets;
    size_t n;
};

/* The medium.  `append` returns when the octets are durable; 0 or -1. */
struct nvm {
    int (*load)(void *context, struct arena *, struct bytes *all, struct err *);
    int (*append)(void *context, struct bytes, struct err *);
    int (*replace)(void *context, struct bytes all, struct err *);
    void *context;
};

void nvm_begin(struct nvm_batch *, struct arena *);
void nvm_put(struct nvm_batch *, const struct nvm_record *);
/* Appends the batch and its mark. */
int nvm_commit(const struct nvm *, struct nvm_batch *, struct err *);
/* The octets of a log that holds this batch alone. */
struct bytes nvm_log(struct nvm_batch *);

/* Calls `apply` for the records of every whole batch in `all`.  A torn batch at the end is left
 * out (that is a power cut); ERR_VERIFY if damage stands before a whole batch. */
int nvm_replay(struct bytes all, struct arena *, int (*apply)(void *context, const struct nvm_record *, struct err *),
               void *context, struct err *);

/* A medium in memory (tests, in-process cards) and one in a file. */
struct nvm_memory {
    struct arena *arena;
    struct bytes all;
    long appends;      /* counted */
    long fail_at;      /* 0: never; n: the n-th append does not happen, nor any later */
    size_t torn;       /* octets of the failing append that are written all the same */
};
struct nvm nvm_in_memory(struct nvm_memory *);

struct nvm_file {
    char path[4096];
    int fd;
};
/* Opens or, with `create`, makes the file; the lock on it keeps a second process out. */
int nvm_file_open(struct nvm_file *, const char *path, bool create, struct err *);
void nvm_file_close(struct nvm_file *);
struct nvm nvm_in_file(struct nvm_file *);

#endif
