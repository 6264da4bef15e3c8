/* Inside the outbox: what happens when a lane has a turn, and when it should have one.  A turn is one message, or a
 * page of messages that are given up.  Nothing here is shared: the outbox gives a turn the lane's times as a copy.
 */
#ifndef RSPKIT_SERVER_OUTBOX_TURN_H
#define RSPKIT_SERVER_OUTBOX_TURN_H

#include "server/outbox_rows.h"

/* Times from which a queue may have work. */
struct outbox_queue {
    int64_t ready;   /* its first record may be sent */
    int64_t expires; /* its first record is dead if the lane is down */
};

/* What is known of a lane without reading. */
struct outbox_pace {
    int64_t until; /* nothing is sent before */
    int64_t failures;
    struct outbox_queue queues[OUTBOX_GRAVE];
};

/* Of a lane without messages. */
void outbox_pace_begin(struct outbox_pace *);
/* The first record of a queue speaks for it; others of the same queue, which come later, are ignored. */
void outbox_pace_learn(struct outbox_pace *, const struct outbox_setup *, const struct store_record *);
/* Something was put into the order; `all`: everything is to be looked at, and no pause counts. */
void outbox_pace_look(struct outbox_pace *, bool all, int64_t now);
/* When the lane should have a turn. */
int64_t outbox_pace_next(const struct outbox_pace *, int64_t now);

/* Memory of one thread: for records, and for the send, so that one that uses all of it leaves enough to keep what came
 * of it. */
struct outbox_hands {
    struct arena *records, *sending;
};

struct outbox_turn {
    const struct outbox_setup *setup;
    const struct outbox_rows *rows;
    struct outbox_hands *hands;
    struct bytes lane;
    struct outbox_pace *pace;
    /* Told when a send begins and when it has ended; then true: the turn must end and use nothing any more. */
    bool (*sends)(void *outbox, bool begins);
    void *outbox;
    struct err *err;
};

/* -1: the store failed; the lane's pace says when to try again. */
int outbox_turn_run(struct outbox_turn *);

#endif
