/* The audit trail: one record a committed batch, in a hash chain, so that a record taken out or
 * changed is found.  It also settles commits of unknown outcome: the record is read back by the batch's number.
 */
#ifndef RSPKIT_SERVER_AUDIT_H
#define RSPKIT_SERVER_AUDIT_H

#include "store/store.h"

enum { AUDIT_BATCH, AUDIT_TIME, AUDIT_ACTOR, AUDIT_ACTION, AUDIT_SUBJECT, AUDIT_OUTCOME, AUDIT_LINK, AUDIT_COLUMNS };
enum { AUDIT_BATCH_OCTETS = 16 };

extern const struct store_column audit_columns[AUDIT_COLUMNS];
store_chain audit_link;

/* The kind, as an entry of a server's table. */
#define AUDIT_KIND { .name = "audit", .columns = audit_columns, .n = AUDIT_COLUMNS, .chain = audit_link }

struct audit_entry {
    uint8_t batch[AUDIT_BATCH_OCTETS]; /* random */
    int64_t time;                      /* seconds since 1970 */
    struct bytes actor, subject;       /* who asked; what it was about (an ICCID) */
    const char *action, *outcome;
};

/* Commits the batch with its entry.  An unknown outcome is read back: COMMITTED if it is there, CONFLICT (decide
 * again) if not, UNKNOWN only while the store cannot be read. */
enum store_commit audit_commit(struct store *, size_t kind, const struct audit_entry *, struct store_batch *,
                               const char **column, struct err *);

/* Follows the chain from its beginning; *n: records seen.  ERR_VERIFY names the first that does not fit. */
int audit_verify(struct store *, size_t kind, int64_t *n, struct err *);
/* The same with the chain value of the last record (zeros if there is none): whoever keeps it elsewhere notices also
 * that the newest records are gone. */
int audit_verify_to(struct store *, size_t kind, int64_t *n, uint8_t link[STORE_CHAIN], struct err *);

#endif
