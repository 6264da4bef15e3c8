/* What a card keeps without power: a log of batches of records.  A batch is there as a whole or not at all; what is
 * obsolete is left out when the log is written anew (nvm_log_compact).
 *
 *     log    = head batch*          head  = "RSPCARD2" mark(8) crc(4)
 *     batch  = length(4) crc(4) crc of these(4) body mark(8)
 *     record = type(1) fields(1) {1 + length, or 0 for an absent field (4)  octets}..
 *
 * A commit is two writes with a barrier behind each: first length and body, then the mark.  So whatever a power cut
 * leaves of either (nothing, a part, sectors in any order, the rest zeros or absent) has no whole mark behind it and is
 * left out; anything else is damage and refused.  The mark is random, so that no content can look like one, and each of
 * its octets has two bits or more, so that no single flipped bit makes it look as if it had not been written.
 */
#ifndef RSPKIT_EUICC_NVM_H
#define RSPKIT_EUICC_NVM_H

#include "base/buf.h"
#include "base/err.h"

enum { NVM_FIELDS = 6, NVM_MARK = 8, NVM_BATCH_MAX = 32 << 20 };

struct nvm_record {
    uint8_t type;
    struct bytes field[NVM_FIELDS]; /* absent ones stay absent */
};

struct nvm_batch {
    struct arena *arena;
    struct buf octets;
    size_t n;
};

/* The medium; 0 or -1.  What was written before a barrier is durable when it returns, in any order until then. */
struct nvm {
    int (*load)(void *context, struct arena *, struct bytes *all, struct err *);
    int (*append)(void *context, struct bytes, struct err *);
    int (*truncate)(void *context, size_t octets, struct err *);
    int (*barrier)(void *context, struct err *);
    int (*replace)(void *context, struct bytes all, struct err *); /* durable, all or nothing */
    void *context;
};

void nvm_begin(struct nvm_batch *, struct arena *);
void nvm_put(struct nvm_batch *, const struct nvm_record *);

typedef int nvm_apply(void *context, const struct nvm_record *, struct err *);

/* Calls `apply` for the records of a batch that is not in a log yet. */
int nvm_batch_apply(struct nvm_batch *, nvm_apply *, void *context, struct err *);

/* A log in use. */
struct nvm_log {
    struct nvm medium;
    uint8_t mark[NVM_MARK];
    size_t end, first; /* octets of all whole batches, and of the first */
    bool broken;       /* what stands on the medium is not known until the next start */
};

/* Writes a log of this one batch; `mark` is random. */
int nvm_log_make(const struct nvm *, struct nvm_batch *, const uint8_t mark[NVM_MARK], struct err *);

/* Reads a log, applies every whole batch, and takes from the medium what a power cut left at its end.  ERR_VERIFY with
 * the place if it is damaged, ERR_VALUE if it is no log. */
int nvm_log_open(struct nvm_log *, const struct nvm *, nvm_apply *, void *context, struct err *);

/* Makes a batch durable.  After a failure the log is as before; if not even that could be made sure of, it takes
 * nothing more (ERR_WRONG_STATE) until it is opened again, and then the batch is there as a whole or not at all. */
int nvm_log_commit(struct nvm_log *, struct nvm_batch *, struct err *);

/* What a record makes of those before it, by type; a type without a row is kept. */
struct nvm_rule {
    enum { NVM_KEEP, NVM_REPLACE, NVM_END, NVM_OVERLAY } kind;
    uint8_t keys;  /* REPLACE: those of its type with equal leading fields, so many, are obsolete; END: those with equal
                      leading fields whose type is in `ends`, and it itself.  OVERLAY: key fields, then an offset, then
                      octets that lie over what was there. */
    uint64_t ends; /* 1 << type */
    size_t most;   /* KEEP: only the newest so many; 0: all */
};

/* Writes the log anew without what is obsolete, if that is worth it by now.  A failure leaves it as it was. */
int nvm_log_compact(struct nvm_log *, const struct nvm_rule *, size_t n_rules, struct err *);

/* Records of a whole log without what is obsolete, as the batch of a new one. */
int nvm_compacted(struct arena *, struct bytes all, const struct nvm_rule *, size_t n_rules, struct nvm_batch *out,
                  struct err *);

/* A medium in memory (tests, in-process cards). */
struct nvm_memory {
    struct arena *arena; /* the caller's */
    struct bytes all;
    size_t size; /* octets that `all` has room for */
};
struct nvm nvm_in_memory(struct nvm_memory *);

/* The system under a medium in a file; tests give another one.  As the calls of POSIX that they are named after, with
 * -1 and errno. */
struct nvm_system {
    int (*open)(void *context, const char *path, int flags, unsigned mode);
    int (*close)(void *context, int fd);
    /* -1 with EWOULDBLOCK: another has it; 1: the name is another file's meanwhile */
    int (*lock)(void *context, int fd, const char *path);
    long (*size)(void *context, int fd);
    long (*read)(void *context, int fd, uint8_t *out, size_t n, size_t at);
    long (*write)(void *context, int fd, const uint8_t *p, size_t n, size_t at);
    int (*truncate)(void *context, int fd, size_t octets);
    int (*sync)(void *context, int fd);
    int (*rename)(void *context, const char *from, const char *to);
    int (*unlink)(void *context, const char *path);
    int (*sync_folder)(void *context, const char *path); /* of this file */
    void *context;
};

/* A medium in a file. */
struct nvm_file {
    const struct nvm_system *system;
    char *path; /* its own copy */
    int fd;
    size_t size;
    bool failed;
};
/* Opens or, with `create`, makes the file; the lock on it keeps a second process out.  `system` NULL: the real one. */
int nvm_file_open(struct nvm_file *, const struct nvm_system *, const char *path, bool create, struct err *);
void nvm_file_close(struct nvm_file *);
struct nvm nvm_in_file(struct nvm_file *);

#endif
