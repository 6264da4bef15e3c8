/* SPDX-License-Identifier: Apache-2.0
 *
 * make bench: an SM-DS with many events: octets each, and the time to find those of a card, beside an SM-DS with few;
 * and what a card with a crowd of events costs the others (quotas forbid a crowd: it is put past them).
 * usage: bench-events FILE [EVENTS]    the file is made, and removed */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "clock.h"
#include "database.h"
#include "smds/records.h"
#include "smds/smds.h"

enum { FEW = 10000, MANY = 1000000, CROWD = 100000, AT_ONCE = 1000, LOOKUPS = 20000 };

/* The n-th card: numbers spread as EIDs of many makers are. */
static struct bytes eid_of(struct arena *a, uint64_t n)
{
    uint64_t parts[2] = { n * 0x9E3779B97F4A7C15u, n };
    return arena_copy(a, bytes_make(parts, sizeof parts));
}

static void event_add(struct store_batch *b, uint64_t n, uint64_t card)
{
    static const uint8_t owner[] = { 0x88, 0x37, 0x0A };
    struct store_record r = { 0 };
    struct arena *a = b->arena;
    r.v[EVENT_ID].b = bytes_text(arena_printf(a, "%032llX", (unsigned long long)n));
    r.v[EVENT_OWNER].b = BYTES_OF(owner);
    r.v[EVENT_EID].b = eid_of(a, card);
    r.v[EVENT_KEY].b = event_key(a, r.v[EVENT_OWNER].b, r.v[EVENT_ID].b);
    r.v[EVENT_ADDRESS].b = BYTES_LIT("smdp.example.com");
    r.v[EVENT_MADE].i = 1780000000;
    store_put(b, SMDS_EVENT, &r);
}

/* Events from..to-1: each of its own card, or all of one that has no other. */
static bool fill(struct store *s, struct arena *a, uint64_t from, uint64_t to, bool crowd)
{
    for (uint64_t n = from; n < to;) {
        struct store_batch b = store_batch_in(a);
        for (int i = 0; i < AT_ONCE && n < to; i++)
            event_add(&b, n, crowd ? UINT64_MAX : n), n++;
        if (store_commit(s, &b, NULL, NULL) != STORE_COMMITTED)
            return false;
        arena_reset(a);
    }
    return true;
}

/* Microseconds to find the events of one card; negative: one was not there. */
static double lookup(struct store *s, struct arena *a, uint64_t events)
{
    double start = bench_now();
    for (uint64_t i = 0; i < LOOKUPS; i++) {
        const struct store_query q = { .kind = SMDS_EVENT, .column = EVENT_EID, .limit = SMDS_EVENTS_MAX,
                                       .value.b = eid_of(a, i * 7919 % events) };
        struct store_records found;
        if (store_find(s, a, &q, &found, NULL) != 0 || found.n != 1)
            return -1;
        arena_reset(a);
    }
    return (bench_now() - start) / LOOKUPS * 1e6;
}

/* Closed after the filling, so that all stands in the file. */
static bool fill_file(const char *path, struct arena *a, uint64_t from, uint64_t to, bool crowd)
{
    struct store *s = NULL;
    bool right = store_open_sqlite(&smds_schema, path, &s, NULL) == 0 && fill(s, a, from, to, crowd);
    store_close(s);
    return right;
}

/* Microseconds a lookup among the first `cards` cards; what is read for the first time is not the index's doing. */
static double warm_lookup(const char *path, struct arena *a, uint64_t cards)
{
    struct store *s = NULL;
    if (store_open_sqlite(&smds_schema, path, &s, NULL) != 0)
        return -1;
    lookup(s, a, cards);
    double time = lookup(s, a, cards);
    store_close(s);
    return time;
}

/* Adds events from..to-1 and tells of the file; the time of a lookup, negative if something failed. */
static double measure(const char *path, struct arena *a, uint64_t from, uint64_t to)
{
    struct stat file;
    double start = bench_now();
    if (!fill_file(path, a, from, to, false) || stat(path, &file) != 0)
        return -1;
    double filled = bench_now() - start, time = warm_lookup(path, a, to);
    printf("  %10llu events  %5.0f octets each  %6.2f us to find a card's  %7.0f a second added\n",
           (unsigned long long)to, (double)file.st_size / (double)to, time, (double)(to - from) / filled);
    return time;
}

static bool rows(const char *path, struct arena *a, uint64_t many)
{
    double few = measure(path, a, 0, FEW), much = few < 0 ? few : measure(path, a, FEW, many);
    if (much < 0)
        return false;
    printf("  %llu beside %d: ratio %.2f\n", (unsigned long long)many, FEW, much / few);
    double crowded = fill_file(path, a, many, many + CROWD, true) ? warm_lookup(path, a, many) : -1;
    printf("  the same beside a card that has %d: %.2f us, ratio %.2f\n", CROWD, crowded, crowded / much);
    return crowded > 0;
}

int main(int argc, char **argv)
{
    uint64_t many = argc > 2 ? strtoull(argv[2], NULL, 10) : MANY;
    if (argc < 2 || many <= FEW) {
        fprintf(stderr, "usage: bench-events FILE [EVENTS, more than %d]\n", FEW);
        return 2;
    }
    struct arena *a = arena_new(64 << 20);
    printf("# events of an SM-DS on SQLite\n");
    bool right = rows(argv[1], a, many);
    bench_database_remove(argv[1]);
    arena_free(a);
    return right ? 0 : 1;
}
