/* A file of SQLite that a benchmark made. */
#ifndef RSPKIT_BENCH_DATABASE_H
#define RSPKIT_BENCH_DATABASE_H

/* Removes a closed store (store_open_sqlite) and what SQLite and the store keep beside it. */
void bench_database_remove(const char *path);

#endif
