/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <unistd.h>

#include "harness.h"
#include "store/store.h"

enum { PROFILE, EVENT };
enum { ICCID, STATE, MATCHING_ID, POOL };

static const struct store_column profile[] = {
    { "iccid", STORE_BLOB, false, false },
    { "state", STORE_INT, false, false },
    { "matching_id", STORE_BLOB, true, false },
    { "pool", STORE_BLOB, false, true },
};
static const struct store_column event[] = { { "id", STORE_BLOB, false, false } };
static const struct store_kind kinds[] = { { "profile", profile, 4 }, { "event", event, 1 } };
static const struct store_schema schema = { kinds, 2 };

static const char *const back_ends[] = { "memory", "SQLite" };

static const char *path(void)
{
    return arena_printf(test_arena(), "/tmp/rspkit-store-%d.db", (int)getpid());
}

static void clean(void)
{
    static const char *const ends[] = { "", "-wal", "-shm" };
    for (int i = 0; i < 3; i++)
        remove(arena_printf(test_arena(), "%s%s", path(), ends[i]));
}

static struct store *open_store(int which)
{
    struct store *s = NULL;
    struct err e;
    if (which == 0)
        CHECK_OK(store_open_memory(&schema, &s, &e), &e);
    else
        CHECK_OK(store_open_sqlite(&schema, path(), &s, &e), &e);
    return s;
}

static struct store_record record(const char *iccid, int64_t state, const char *matching_id, const char *pool)
{
    struct store_record r = { 0 };
    r.v[ICCID].b = bytes_text(iccid);
    r.v[STATE].i = state;
    r.v[MATCHING_ID].b = bytes_text(matching_id);
    r.v[POOL].b = bytes_text(pool);
    return r;
}

static enum store_commit put(struct store *s, const struct store_record *r, const char **column)
{
    struct store_batch b = { 0 };
    struct err e;
    store_put(&b, PROFILE, r);
    return store_commit(s, &b, column, &e);
}

static struct store_record get(struct store *s, const char *iccid)
{
    struct store_record r;
    struct err e;
    CHECK_OK(store_get(s, test_arena(), PROFILE, bytes_text(iccid), &r, &e), &e);
    return r;
}

TEST(versions_and_batches)
{
    for (int i = 0; i < 2; i++) {
        clean();
        struct store *s = open_store(i);
        const char *column = NULL;
        struct store_record a = record("A", 1, "M1", "p"), b = record("B", 2, NULL, "p"), c = record("C", 3, "M1", NULL);
        test_row("%s: put and get", back_ends[i]);
        CHECK_EQ(get(s, "A").version, 0);
        CHECK_EQ(put(s, &a, &column), STORE_COMMITTED);
        CHECK_EQ(put(s, &b, &column), STORE_COMMITTED);
        struct store_record got = get(s, "A");
        CHECK_EQ(got.v[STATE].i, 1);
        CHECK_BYTES(got.v[MATCHING_ID].b, BYTES_LIT("M1"));
        CHECK(!bytes_present(get(s, "B").v[MATCHING_ID].b));
        test_row("%s: what should be new is there", back_ends[i]);
        CHECK_EQ(put(s, &a, &column), STORE_CONFLICT);
        test_row("%s: a stale version", back_ends[i]);
        struct store_record stale = got;
        got.v[STATE].i = 7;
        CHECK_EQ(put(s, &got, &column), STORE_COMMITTED);
        CHECK_EQ(put(s, &stale, &column), STORE_CONFLICT);
        CHECK_EQ(get(s, "A").v[STATE].i, 7);
        test_row("%s: a unique column", back_ends[i]);
        CHECK_EQ(put(s, &c, &column), STORE_DUPLICATE);
        CHECK_TEXT(column, "matching_id");
        test_row("%s: all or nothing", back_ends[i]);
        struct store_batch both = { 0 };
        struct store_record d = record("D", 1, NULL, NULL);
        struct err e;
        store_put(&both, PROFILE, &d);
        store_put(&both, PROFILE, &stale);
        CHECK_EQ(store_commit(s, &both, NULL, &e), STORE_CONFLICT);
        CHECK_EQ(get(s, "D").version, 0);
        test_row("%s: found by column, oldest first, bounded", back_ends[i]);
        struct store_records found;
        CHECK_OK(store_find(s, test_arena(), PROFILE, POOL, BYTES_LIT("p"), 10, &found, &e), &e);
        if (CHECK_EQ((int64_t)found.n, 2))
            CHECK_BYTES(found.items[0].v[ICCID].b, BYTES_LIT("A"));
        CHECK_OK(store_find(s, test_arena(), PROFILE, POOL, BYTES_LIT("p"), 1, &found, &e), &e);
        CHECK_EQ((int64_t)found.n, 1);
        test_row("%s: removal", back_ends[i]);
        struct store_batch gone = { 0 };
        struct store_record now = get(s, "B");
        store_remove(&gone, PROFILE, &now);
        CHECK_EQ(store_commit(s, &gone, NULL, &e), STORE_COMMITTED);
        CHECK_EQ(get(s, "B").version, 0);
        CHECK_EQ(store_commit(s, &gone, NULL, &e), STORE_CONFLICT);
        store_close(s);
        if (i == 1) {
            test_row("SQLite: all is there after opening again");
            s = open_store(1);
            CHECK_EQ(get(s, "A").v[STATE].i, 7);
            store_close(s);
            test_row("SQLite: the sqlite3 program finds the file whole");
            FILE *p = popen(arena_printf(test_arena(), "sqlite3 %s 'PRAGMA integrity_check'", path()), "r");
            char line[32] = "";
            CHECK(p && fgets(line, sizeof line, p));
            CHECK_TEXT(line, "ok\n");
            if (p)
                pclose(p);
        }
    }
    clean();
}

enum { THREADS = 8, ROUNDS = 25 };
static struct store *racing;

static void *increments(void *unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS;) {
        struct arena *a = arena_new(65536);
        struct store_record r;
        struct store_batch b = { 0 };
        struct err e;
        if (store_get(racing, a, PROFILE, BYTES_LIT("A"), &r, &e) == 0) {
            r.v[STATE].i++;
            store_put(&b, PROFILE, &r);
            i += store_commit(racing, &b, NULL, &e) == STORE_COMMITTED;
        }
        arena_free(a);
    }
    return NULL;
}

TEST(nothing_is_lost_in_a_race)
{
    for (int i = 0; i < 2; i++) {
        test_row("%s", back_ends[i]);
        clean();
        racing = open_store(i);
        struct store_record a = record("A", 0, NULL, NULL);
        pthread_t threads[THREADS];
        CHECK_EQ(put(racing, &a, NULL), STORE_COMMITTED);
        for (int t = 0; t < THREADS; t++)
            pthread_create(&threads[t], NULL, increments, NULL);
        for (int t = 0; t < THREADS; t++)
            pthread_join(threads[t], NULL);
        CHECK_EQ(get(racing, "A").v[STATE].i, THREADS * ROUNDS);
        store_close(racing);
    }
    clean();
}

TEST(faults_on_purpose)
{
    struct store_faults f = { .at = 2, .how = STORE_FAIL_BEFORE };
    struct store *s = NULL;
    struct err e;
    struct store_record a = record("A", 0, NULL, NULL), b = record("B", 0, NULL, NULL);
    CHECK_OK(store_open_faults(open_store(0), &f, &s, &e), &e);
    CHECK_EQ(put(s, &a, NULL), STORE_COMMITTED);
    CHECK_EQ(put(s, &b, NULL), STORE_UNAVAILABLE);
    CHECK_EQ(get(s, "B").version, 0);
    f = (struct store_faults){ .at = 1, .how = STORE_LOSE_ANSWER };
    CHECK_EQ(put(s, &b, NULL), STORE_UNKNOWN);
    CHECK(get(s, "B").version != 0);
    store_close(s);
}
