/* Inside the outbox: its records.  Each stands in one of a lane's queues, and is found by the queue's value, an octet
 * and the lane's name:
 *
 *     A        messages in their order
 *     B .. Q   messages refused: those that wait for the n-th pause.  All of a queue wait equally long and enter it at
 *              its end, so the one that is due first stands first, and no other needs to be read.
 *     R        dead letters
 */
#ifndef RSPKIT_SERVER_OUTBOX_ROWS_H
#define RSPKIT_SERVER_OUTBOX_ROWS_H

#include "server/outbox.h"

enum { OUTBOX_ORDER, OUTBOX_FIRST_ASIDE, OUTBOX_LAST_ASIDE = 16, OUTBOX_GRAVE, OUTBOX_QUEUES };
enum { OUTBOX_PAGE = 64, OUTBOX_PAGE_MEMORY = 16 << 20 /* octets for a page and the batch that changes it */ };

/* Which queue a record stands in; OUTBOX_QUEUES if in none. */
int outbox_row_queue(const struct store_record *);
/* Puts it into another one of its lane; the value is in the arena.  ERR_MEMORY. */
int outbox_row_move(struct arena *, struct store_record *, int queue, struct err *);
int outbox_row_message(const struct store_record *, struct outbox_message *, struct err *);

struct outbox_rows {
    struct store *store;
    size_t kind;
};

/* The first records of a queue behind a serial. */
int outbox_rows_page(const struct outbox_rows *, struct arena *, struct bytes lane, int queue, int64_t after,
                     size_t limit, struct store_records *, struct err *);
int outbox_rows_count(const struct outbox_rows *, struct arena *, struct bytes lane, enum outbox_state, int64_t *n,
                      struct err *);
int outbox_rows_list(const struct outbox_rows *, struct arena *, struct bytes lane, enum outbox_state,
                     struct outbox_place *, size_t limit, struct outbox_message **, size_t *n, struct err *);
/* Claims a record that nobody owns: 1 if it is owned until `lease` now, and is then read again; 0: somebody else was
 * quicker; -1: the store failed, and it may be owned. */
int outbox_rows_claim(const struct outbox_rows *, struct arena *, struct store_record *, int64_t lease, struct err *);
/* Ends the ownership of a record: it is removed (`next` NULL), or becomes `next`, at the end of its queue if `anew`.
 * 0: that is so, or somebody else has taken the record over. */
int outbox_rows_settle(const struct outbox_rows *, struct arena *, const struct store_record *held,
                       const struct store_record *next, bool anew, struct err *);
/* Makes the lane's first message due, moves those refused, and with `dead` the dead ones, to the end of its order;
 * leaves those that somebody owns.  Adds to *n. */
int outbox_rows_retry(const struct outbox_rows *, struct bytes lane, bool dead, int64_t now, int64_t *n, struct err *);

#endif
