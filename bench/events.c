/* SPDX-License-Identifier: Apache-2.0
 *
 * An SM-DS with many events: octets each, and the time to find those of a card, beside an SM-DS with few.
 * usage: bench-events FOLDER [EVENTS] */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "smds/records.h"
#include "smds/smds.h"

enum { FEW = 10000, MANY = 1000000, AT_ONCE = 1000, LOOKUPS = 20000 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The n-th card: numbers spread as EIDs of many makers are. */
static struct bytes eid_of(struct arena *a, uint64_t n)
{
    uint64_t parts[2] = { n * 0x9E3779B97F4A7C15u, n };
    return arena_copy(a, bytes_make(parts, sizeof parts));
}

static void event_add(struct store_batch *b, uint64_t n)
{
    static const uint8_t owner[] = { 0x88, 0x37, 0x0A };
    struct store_record r = { 0 };
    struct arena *a = b->arena;
    r.v[EVENT_ID].b = bytes_text(arena_printf(a, "%032llX", (unsigned long long)n));
    r.v[EVENT_OWNER].b = BYTES_OF(owner);
    r.v[EVENT_EID].b = eid_of(a, n);
    r.v[EVENT_KEY].b = event_key(a, r.v[EVENT_OWNER].b, r.v[EVENT_ID].b);
    r.v[EVENT_ADDRESS].b = BYTES_LIT("smdp.example.com");
    r.v[EVENT_MADE].i = 1780000000;
    store_put(b, SMDS_EVENT, &r);
}

static bool fill(struct store *s, struct arena *a, uint64_t from, uint64_t to)
{
    for (uint64_t n = from; n < to;) {
        struct store_batch b = store_batch_in(a);
        for (int i = 0; i < AT_ONCE && n < to; i++)
            event_add(&b, n++);
        if (store_commit(s, &b, NULL, NULL) != STORE_COMMITTED)
            return false;
        arena_reset(a);
    }
    return true;
}

/* Microseconds to find the events of one card; negative: one was not there. */
static double lookup(struct store *s, struct arena *a, uint64_t events)
{
    double start = now();
    for (uint64_t i = 0; i < LOOKUPS; i++) {
        const struct store_query q = { .kind = SMDS_EVENT, .column = EVENT_EID, .limit = SMDS_EVENTS_MAX,
                                       .value.b = eid_of(a, i * 7919 % events) };
        struct store_records found;
        if (store_find(s, a, &q, &found, NULL) != 0 || found.n != 1)
            return -1;
        arena_reset(a);
    }
    return (now() - start) / LOOKUPS * 1e6;
}

/* Closed after the filling, so that all stands in the file. */
static bool fill_file(const char *path, struct arena *a, uint64_t from, uint64_t to)
{
    struct store *s = NULL;
    bool right = store_open_sqlite(&smds_schema, path, &s, NULL) == 0 && fill(s, a, from, to);
    store_close(s);
    return right;
}

static bool measure(const char *path, struct arena *a, uint64_t from, uint64_t events)
{
    struct stat file;
    struct store *s = NULL;
    double start = now();
    if (!fill_file(path, a, from, events))
        return false;
    double filled = now() - start;
    if (stat(path, &file) != 0 || store_open_sqlite(&smds_schema, path, &s, NULL) != 0)
        return false;
    lookup(s, a, events); /* what is read for the first time is not the index's doing */
    double time = lookup(s, a, events);
    store_close(s);
    printf("%10llu events: %5.0f octets each, %6.2f us to find a card's, added at %.0f a second\n",
           (unsigned long long)events, (double)file.st_size / (double)events, time, (double)(events - from) / filled);
    return time > 0;
}

int main(int argc, char **argv)
{
    uint64_t many = argc > 2 ? strtoull(argv[2], NULL, 10) : MANY;
    struct arena *a = arena_new(64 << 20);
    const char *path = argc > 1 ? arena_printf(a, "%s/events.db", argv[1]) : NULL;
    char *kept = path ? strdup(path) : NULL; /* the arena is wiped between the steps */
    if (!kept || many <= FEW) {
        fprintf(stderr, "usage: bench-events FOLDER [EVENTS, more than %d]\n", FEW);
        return 2;
    }
    bool right = measure(kept, a, 0, FEW) && measure(kept, a, FEW, many);
    unlink(kept);
    free(kept);
    arena_free(a);
    return right ? 0 : 1;
}
