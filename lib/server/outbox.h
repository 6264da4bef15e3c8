/* The outbox: messages that a server owes to others (SGP.22 5.3.5, 5.9.2), written in the store batch that caused
 * them and delivered at least once.  It knows nothing of their meaning: how one is sent is given to it.
 *
 * A lane is a destination.  Its messages go one at a time, in the order of their batches, and no other message of a
 * lane goes before the one that could not be delivered because the destination was not reached.  A message that the
 * destination refused steps aside: it is tried again later, and those behind it go on.
 *
 * Who sends a message has claimed it before, by its version, until a time (the lease).  So two servers on one store
 * never both hold a message, and if one dies the other takes over when the lease is over.  A death between sending and
 * removing means that the message is sent again: a receiver must bear that.  The lease must be longer than a send can
 * take; a send that takes longer may be done twice at once.
 *
 * All times are seconds since 1970, all pauses seconds.
 */
#ifndef RSPKIT_SERVER_OUTBOX_H
#define RSPKIT_SERVER_OUTBOX_H

#include "store/store.h"

enum {
    OUTBOX_ID,
    OUTBOX_QUEUE, /* where it stands: lane and state in one value, see outbox_rows.h */
    OUTBOX_LANE,
    OUTBOX_TOPIC,
    OUTBOX_SUBJECT,
    OUTBOX_BODY,
    OUTBOX_CREATED,
    OUTBOX_DUE,
    OUTBOX_TRIES,
    OUTBOX_LEASE,
    OUTBOX_ERROR,
    OUTBOX_COLUMNS
};
enum {
    OUTBOX_ID_OCTETS = 16,
    OUTBOX_TEXT_MAX = 255,          /* octets of a lane's name, of a subject */
    OUTBOX_BODY_MAX = 65536,        /* octets */
    OUTBOX_RETRY_AFTER_MAX = 86400, /* what a destination may ask for */
    OUTBOX_THREADS_MAX = 16,
    OUTBOX_MEMORY = 8 << 20         /* octets that a send may use */
};
#define OUTBOX_NEVER INT64_MAX

extern const struct store_column outbox_columns[OUTBOX_COLUMNS];

/* The kind, as an entry of a server's table. */
#define OUTBOX_KIND { .name = "outbox", .columns = outbox_columns, .n = OUTBOX_COLUMNS }

enum outbox_state {
    OUTBOX_WAITING, /* in the lane's order */
    OUTBOX_ASIDE,   /* refused, and tried again later */
    OUTBOX_DEAD     /* given up; kept until somebody removes it or retries */
};

struct outbox_message {
    uint8_t id[OUTBOX_ID_OCTETS]; /* random */
    struct bytes lane;            /* the destination: text, not empty */
    int64_t topic;                /* of a meaning that its writer and its sender know */
    struct bytes subject;         /* what it is about, for people (an ICCID) */
    struct bytes body;
    int64_t created;
    /* told of one that is in the outbox, ignored in one that is put there */
    enum outbox_state state;
    int64_t due;        /* not tried before */
    int64_t tries;      /* that failed, since it was put or retried */
    int64_t lease;      /* a deliverer owns it until then; 0: nobody */
    struct bytes error; /* of the last try, text; absent: none failed */
};

/* Adds the message to a batch; the slices must last as long as the batch.  ERR_LIMIT, ERR_VALUE, ERR_MEMORY. */
int outbox_put(struct store_batch *, size_t kind, const struct outbox_message *, struct err *);

/* ----------------------------------------------------------------------------- delivering */

enum outbox_outcome {
    OUTBOX_SENT,
    OUTBOX_LATER,  /* the destination was not reached, or wants a pause: its whole lane waits */
    OUTBOX_REFUSED /* the destination did not take this message */
};

/* Sends one message; the arena is only for this.  `retry_after`: seconds, where the destination named a time (0: it did
 * not); the pause is then as long, at most OUTBOX_RETRY_AFTER_MAX for a lane and the longest pause for a message that
 * was refused.  `err` of what was not sent is kept with the message. */
typedef enum outbox_outcome outbox_send(void *context, struct arena *, const struct outbox_message *,
                                        int64_t *retry_after, struct err *);

/* After the n-th failure in a row the pause is first_pause * 2^(n-1), at most longest_pause; up to an eighth is added
 * at random, so that messages that failed together do not come back together. */
struct outbox_plan {
    int64_t first_pause, longest_pause;
    int64_t lease;   /* longer than a send takes */
    int64_t give_up; /* age after which a message that fails, or that waits while its lane is down, is dead; 0: never */
};

struct outbox_setup {
    struct store *store;
    size_t kind;
    struct outbox_plan plan;
    outbox_send *send;
    /* These two and `send` are called by all threads. */
    int64_t (*now)(void *context); /* seconds since 1970; must not call the outbox */
    int (*random)(void *context, uint8_t *out, size_t n);
    /* Told of faults of the store and of messages given up, for a log; may be NULL. */
    void (*note)(void *context, struct bytes lane, const struct err *);
    void *context;
    int threads; /* that deliver; 0: outbox_step does */
};

struct outbox;

/* Reads the outbox once, page by page, to learn its lanes; later a lane that has nothing to do, or waits, costs no
 * reading, whatever it holds.  The store must outlive the outbox.  ERR_VALUE: a plan that cannot be followed.
 *
 * Threads: one holds a lane while it sends, so that a slow destination stops one thread and one lane; lanes that are
 * ready take turns.  Lanes whose last try did not reach the destination get all threads but one. */
int outbox_open(const struct outbox_setup *, struct outbox **, struct err *);

/* To be called when a batch with messages is, or may be, committed; any other batch does no harm. */
void outbox_wake(struct outbox *, const struct store_batch *);

/* Without threads: delivers what is due now.  *next: when to call again; OUTBOX_NEVER: after a wake.  -1: the store
 * failed at something, which is tried again at its time, too. */
int outbox_step(struct outbox *, int64_t *next, struct err *);

/* Waits for the messages on their way, `patience` seconds at most.  ERR_IO if one was still not sent: then nothing that
 * the send function uses may be freed before it returns; the store may, it is not used any more.  Such a message is
 * sent again by whoever opens the outbox, when its lease is over. */
int outbox_close(struct outbox *, int64_t patience, struct err *);

/* ------------------------------------------------------------------------- administration */

struct outbox_lane {
    struct bytes name;
    int64_t failures; /* in a row; 0: the destination was reached last */
    int64_t until;    /* nothing is sent before */
};

/* All lanes that were seen since the outbox was opened, in the arena. */
int outbox_lanes(struct outbox *, struct arena *, struct outbox_lane **, size_t *n, struct err *);

/* How many messages of a lane (absent: of all) are in a state. */
int outbox_count(struct outbox *, struct bytes lane, enum outbox_state, int64_t *n, struct err *);

/* A place in a list; begins as zeros. */
struct outbox_place {
    int queue;
    int64_t serial;
};

/* The next messages, `limit` at most, into the arena; none: the end. */
int outbox_list(struct outbox *, struct arena *, struct bytes lane, enum outbox_state, struct outbox_place *,
                size_t limit, struct outbox_message **, size_t *n, struct err *);

/* Tries the lane now, whatever it was waiting for: messages that were refused, and with `dead` those given up, go to
 * the end of its order.  A message that is too old already has one more try.  *n: how many moved.  ERR_NOT_FOUND: the
 * lane has none at all. */
int outbox_retry(struct outbox *, struct bytes lane, bool dead, int64_t *n, struct err *);

#endif
