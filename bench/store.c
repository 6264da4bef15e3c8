/* SPDX-License-Identifier: Apache-2.0
 *
 * make bench: durable transactions a second, ours against the plain way of doing it (a connection for each thread, each
 * taking SQLite's own lock), in one run on one disk.  A transaction updates one record and adds one. */
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "database.h"
#include "store/store.h"

enum { THREADS_MAX = 32, MILLISECONDS = 1000 };

static const struct store_column event[] = { { "id", STORE_BLOB, false, false } };
static const struct store_kind kinds[] = { { "event", event, 1 } };
static const struct store_schema schema = { 1, kinds, 1 };

static const char *path;
static struct store *ours;
static atomic_bool ended;

struct worker {
    pthread_t thread;
    int number;
    long done;
};

static bool commit_one(struct worker *w, struct arena *a)
{
    struct store_batch b = store_batch_in(a);
    struct store_record o = { 0 }, e = { 0 };
    struct bytes key = bytes_text(arena_printf(a, "%d", w->number));
    if (store_get(ours, a, 0, key, &o, NULL) != 0)
        return false;
    o.v[0].b = key;
    e.v[0].b = bytes_text(arena_printf(a, "%d-%ld", w->number, w->done));
    store_put(&b, 0, &o);
    store_put(&b, 0, &e);
    return store_commit(ours, &b, NULL, NULL) == STORE_COMMITTED;
}

static void *work_ours(void *context)
{
    struct worker *w = context;
    struct arena *a = arena_new(1 << 20);
    while (!ended && commit_one(w, a)) {
        w->done++;
        arena_reset(a);
    }
    arena_free(a);
    return NULL;
}

static void *work_plain(void *context)
{
    struct worker *w = context;
    sqlite3 *db;
    char sql[256];
    bool right = sqlite3_open(path, &db) == SQLITE_OK && sqlite3_busy_timeout(db, 60000) == SQLITE_OK &&
                 sqlite3_exec(db, "PRAGMA synchronous = FULL", NULL, NULL, NULL) == SQLITE_OK;
    while (right && !ended) {
        snprintf(
            sql, sizeof sql,
            "BEGIN IMMEDIATE; INSERT OR REPLACE INTO event VALUES ('%d'); INSERT INTO event VALUES ('%d-%ld'); COMMIT",
            w->number, w->number, w->done);
        right = sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
        w->done += right;
    }
    sqlite3_close(db);
    return NULL;
}

static double rate(int threads, void *(*work)(void *))
{
    struct worker of[THREADS_MAX] = { 0 };
    long done = 0;
    ended = false;
    double start = bench_now();
    for (int i = 0; i < threads; i++) {
        of[i].number = i;
        pthread_create(&of[i].thread, NULL, work, &of[i]);
    }
    usleep(MILLISECONDS * 1000);
    ended = true;
    for (int i = 0; i < threads; i++) {
        pthread_join(of[i].thread, NULL);
        done += of[i].done;
    }
    return (double)done / (bench_now() - start);
}

static double rate_ours(int threads)
{
    struct err e;
    bench_database_remove(path);
    if (store_open_sqlite(&schema, path, &ours, &e) != 0)
        return 0;
    double r = rate(threads, work_ours);
    store_close(ours);
    return r;
}

static double rate_plain(int threads)
{
    sqlite3 *db;
    bench_database_remove(path);
    sqlite3_open(path, &db);
    sqlite3_exec(db, "PRAGMA journal_mode = WAL; CREATE TABLE event (id BLOB NOT NULL UNIQUE)", NULL, NULL, NULL);
    double r = rate(threads, work_plain);
    sqlite3_close(db);
    return r;
}

int main(int argc, char **argv)
{
    static const int threads[] = { 1, 8, THREADS_MAX };
    path = argc > 1 ? argv[1] : "bench-store.db";
    printf("store: durable transactions a second\n");
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        double plain = rate_plain(threads[i]), r = rate_ours(threads[i]);
        printf("  %2d threads   plain %6.0f   ours %6.0f   ratio %.2f\n", threads[i], plain, r, r / plain);
    }
    bench_database_remove(path);
    return 0;
}
