/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "server/audit.h"
#include "store/store.h"

enum { PROFILE, EVENT, VISIT, AUDIT };
enum { ICCID, STATE, MATCHING_ID, POOL };

static const struct store_column profile[] = {
    { "iccid", STORE_BLOB, false, false },
    { "state", STORE_INT, false, true },
    { "profile", STORE_BLOB, true, false }, /* named as its table: the name of a DUPLICATE must be told apart */
    { "pool", STORE_BLOB, false, true },
};
static const struct store_column event[] = { { "id", STORE_BLOB, false, false } };
static const struct store_kind kinds[] = {
    [PROFILE] = { "profile", profile, 4 },
    [EVENT] = { "event", event, 1 },
    [VISIT] = { "visit", event, 1, .volatile_max = 3 },
    [AUDIT] = AUDIT_KIND,
};
static const struct store_schema schema = { 1, kinds, 4 };

enum { MEMORY, SQLITE, BACK_ENDS };
static const char *const back_ends[BACK_ENDS] = { "memory", "SQLite" };

static const char *path(void)
{
    return test_path("store.db");
}

static struct store *open_store(int which)
{
    struct store *s = NULL;
    struct err e;
    if (which == MEMORY)
        CHECK_OK(store_open_memory(&schema, &s, &e), &e);
    else
        CHECK_OK(store_open_sqlite(&schema, path(), &s, &e), &e);
    return s;
}

static struct store *open_new(int which)
{
    test_folder_clear();
    return open_store(which);
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

static struct store_record get_of(struct store *s, size_t kind, const char *key)
{
    struct store_record r;
    struct err e;
    CHECK_OK(store_get(s, test_arena(), kind, bytes_text(key), &r, &e), &e);
    return r;
}

static struct store_record get(struct store *s, const char *iccid)
{
    return get_of(s, PROFILE, iccid);
}

/* ------------------------------------------------------------------------ what a batch may be */

/* A batch as text, a change a word: "A=M1" puts A with the unique value M1 as a new record, "A:=M1" changes the
 * record as it was before the batch, "A~=M1" the record as it was first of all, "-A" removes it; ".." a volatile visit.
 */
static void change(struct store *s, struct store_batch *b, const struct store_record *first, char *word)
{
    bool remove = *word == '-', visit = *word == '.';
    char *equals = strchr(word, '='), *key = word + (remove || visit);
    bool current = equals && equals[-1] == ':', stale = equals && equals[-1] == '~';
    if (equals)
        equals[-(current || stale)] = 0;
    struct store_record r = record(key, 1, equals && equals[1] ? equals + 1 : NULL, NULL);
    if (visit)
        r = (struct store_record){ .v[0].b = bytes_text(key) };
    if (remove || current)
        r.version = get(s, key).version;
    if (stale)
        r.version = first->version;
    if (remove)
        store_remove(b, PROFILE, &r);
    else
        store_put(b, visit ? VISIT : PROFILE, &r);
}

static enum store_commit batch(struct store *s, const struct store_record *first, const char *text, const char **column)
{
    struct store_batch b = store_batch_in(test_arena());
    struct err e;
    for (char *save, *word = strtok_r(arena_text(test_arena(), bytes_text(text)), " ", &save); word;
         word = strtok_r(NULL, " ", &save))
        change(s, &b, first, word);
    return store_commit(s, &b, column, &e);
}

/* Every record as "KEY=UNIQUE", in order. */
static const char *contents(struct store *s)
{
    const struct store_query all = { .kind = PROFILE, .limit = 100 }, visits = { .kind = VISIT, .limit = 100 };
    struct store_records found;
    struct buf out = buf_in(test_arena());
    struct err e;
    CHECK_OK(store_find(s, test_arena(), &all, &found, &e), &e);
    for (size_t i = 0; i < found.n; i++)
        buf_printf(&out, "%.*s=%.*s ", (int)found.items[i].v[ICCID].b.n, found.items[i].v[ICCID].b.p,
                   (int)found.items[i].v[MATCHING_ID].b.n,
                   found.items[i].v[MATCHING_ID].b.p ? (const char *)found.items[i].v[MATCHING_ID].b.p : "");
    CHECK_OK(store_find(s, test_arena(), &visits, &found, &e), &e);
    for (size_t i = 0; i < found.n; i++)
        buf_printf(&out, ".%.*s ", (int)found.items[i].v[0].b.n, found.items[i].v[0].b.p);
    return buf_str(&out);
}

/* Before each: A=M (changed once since `first` was read), B without a unique value. */
static const struct {
    const char *batch;
    enum store_commit result;
    const char *column, *after;
} batches[] = {
    { "C", STORE_COMMITTED, NULL, "A=M B= C= " },
    { "C D=N", STORE_COMMITTED, NULL, "A=M B= C= D=N " },
    { "A:=N", STORE_COMMITTED, NULL, "A=N B= " },
    { "A:=M", STORE_COMMITTED, NULL, "A=M B= " },
    { "-A", STORE_COMMITTED, NULL, "B= " },
    { "-A C=M", STORE_COMMITTED, NULL, "B= C=M " },
    { "A:= C=M", STORE_COMMITTED, NULL, "A= B= C=M " },
    { "-A A=N", STORE_COMMITTED, NULL, "B= A=N " },
    { "A", STORE_CONFLICT, NULL, "A=M B= " },
    { "A~=N", STORE_CONFLICT, NULL, "A=M B= " },
    { "C A~=N", STORE_CONFLICT, NULL, "A=M B= " },
    { "A:=N C:=N", STORE_DUPLICATE, "profile", "A=M B= " },
    { "C C", STORE_CONFLICT, NULL, "A=M B= " },
    { "A:=X A:=Y", STORE_CONFLICT, NULL, "A=M B= " },
    { "-C", STORE_CONFLICT, NULL, "A=M B= " },
    { "-A -A", STORE_CONFLICT, NULL, "A=M B= " },
    { "C=M", STORE_DUPLICATE, "profile", "A=M B= " },
    { "B:=M", STORE_DUPLICATE, "profile", "A=M B= " },
    { "C=N D=N", STORE_DUPLICATE, "profile", "A=M B= " },
    { "C=M -A", STORE_DUPLICATE, "profile", "A=M B= " },
    { "A=M", STORE_CONFLICT, NULL, "A=M B= " },
    { ".1 C", STORE_COMMITTED, NULL, "A=M B= C= .1 " },
    { ".1 A", STORE_CONFLICT, NULL, "A=M B= " },
    { "C .1 .1", STORE_CONFLICT, NULL, "A=M B= " },
    { ".1 .2 .3", STORE_COMMITTED, NULL, "A=M B= .1 .2 .3 " },
    { ".1 .2 .3 .4", STORE_COMMITTED, NULL, "A=M B= .2 .3 .4 " },
};

TEST(batches)
{
    for (size_t i = 0; i < BACK_ENDS * sizeof batches / sizeof *batches; i++) {
        const int which = (int)(i % BACK_ENDS);
        const size_t row = i / BACK_ENDS;
        const char *column = NULL;
        struct store *s = open_new(which);
        CHECK_EQ(batch(s, NULL, "A=L B", NULL), STORE_COMMITTED);
        struct store_record first = get(s, "A");
        CHECK_EQ(batch(s, NULL, "A:=M", NULL), STORE_COMMITTED);
        test_row("%s: %s", back_ends[which], batches[row].batch);
        CHECK_EQ(batch(s, &first, batches[row].batch, &column), batches[row].result);
        CHECK_TEXT(column ? column : "", batches[row].column ? batches[row].column : "");
        CHECK_TEXT(contents(s), batches[row].after);
        store_close(s);
    }
    test_folder_clear();
}

TEST(a_version_is_never_given_twice)
{
    for (int i = 0; i < BACK_ENDS; i++) {
        struct store *s = open_new(i);
        CHECK_EQ(batch(s, NULL, "A=M", NULL), STORE_COMMITTED);
        struct store_record first = get(s, "A");
        CHECK_EQ(batch(s, NULL, "-A", NULL), STORE_COMMITTED);
        if (i == SQLITE) {
            store_close(s);
            s = open_store(i);
        }
        CHECK_EQ(batch(s, NULL, "A=M", NULL), STORE_COMMITTED);
        test_row("%s: put", back_ends[i]);
        CHECK_EQ(batch(s, &first, "A~=N", NULL), STORE_CONFLICT);
        store_close(s);
    }
    test_folder_clear();
}

/* -------------------------------------------------------------------------------- queries */

static const struct {
    const char *name;
    struct store_query q;
    const char *keys; /* "after" counts records of the list below, not serials */
    int64_t count;
} queries[] = {
    { "all", { .kind = PROFILE, .limit = 10 }, "ABCD", 4 },
    { "all, from the newest", { .kind = PROFILE, .newest_first = true, .limit = 10 }, "DCBA", 4 },
    { "two at most", { .kind = PROFILE, .limit = 2 }, "AB", 4 },
    { "the next two", { .kind = PROFILE, .after = 2, .limit = 2 }, "CD", 2 },
    { "before the third", { .kind = PROFILE, .after = 3, .newest_first = true, .limit = 9 }, "BA", 1 },
    { "in a pool", { .kind = PROFILE, .column = POOL, .value.b = { (const uint8_t *)"p", 1 }, .limit = 9 }, "ABD", 3 },
    { "in a pool, behind the first",
      { .kind = PROFILE, .column = POOL, .value.b = { (const uint8_t *)"p", 1 }, .after = 1, .limit = 9 },
      "BD",
      2 },
    { "in no pool of that name",
      { .kind = PROFILE, .column = POOL, .value.b = { (const uint8_t *)"", 0 }, .limit = 9 },
      "",
      0 },
    { "by number", { .kind = PROFILE, .column = STATE, .value.i = 7, .limit = 9 }, "BC", 2 },
    { "by a unique value",
      { .kind = PROFILE, .column = MATCHING_ID, .value.b = { (const uint8_t *)"M2", 2 }, .limit = 9 },
      "C",
      1 },
};

TEST(records_are_found)
{
    for (int i = 0; i < BACK_ENDS; i++) {
        struct store *s = open_new(i);
        struct store_record of[] = { record("A", 1, NULL, "p"), record("B", 7, "M1", "p"), record("C", 7, "M2", NULL),
                                     record("D", 1, NULL, "p") };
        struct err e;
        for (int k = 0; k < 4; k++) {
            struct store_batch b = store_batch_in(test_arena());
            store_put(&b, PROFILE, &of[k]);
            CHECK_EQ(store_commit(s, &b, NULL, &e), STORE_COMMITTED);
        }
        for (size_t row = 0; row < sizeof queries / sizeof *queries; row++) {
            struct store_query q = queries[row].q;
            struct store_records found;
            struct buf keys = buf_in(test_arena());
            int64_t n;
            test_row("%s: %s", back_ends[i], queries[row].name);
            if (q.after)
                q.after = get(s, (const char *)of[q.after - 1].v[ICCID].b.p).serial;
            CHECK_OK(store_find(s, test_arena(), &q, &found, &e), &e);
            for (size_t k = 0; k < found.n; k++)
                buf_add(&keys, found.items[k].v[ICCID].b);
            CHECK_TEXT(buf_str(&keys), queries[row].keys);
            CHECK_OK(store_count(s, &q, &n, &e), &e);
            if (!q.newest_first)
                CHECK_EQ(n, queries[row].count);
        }
        store_close(s);
    }
    test_folder_clear();
}

/* --------------------------------------------------------------------------------- the file */

static const char *sqlite3_says(const char *sql)
{
    char *line = arena_alloc(test_arena(), 128);
    FILE *p = popen(arena_printf(test_arena(), "sqlite3 %s \"%s\"", path(), sql), "r");
    if (p && fgets(line, 128, p))
        line[strcspn(line, "\n")] = 0;
    if (p)
        pclose(p);
    return line;
}

TEST(the_file)
{
    struct store *s = open_new(SQLITE), *second;
    struct err e;
    CHECK_EQ(batch(s, NULL, "A=M B", NULL), STORE_COMMITTED);
    test_row("one process at a time");
    CHECK_FAILS(store_open_sqlite(&schema, path(), &second, &e), &e, ERR_EXISTS,
                "another process has the database open");
    store_close(s);
    test_row("all is there after opening again");
    s = open_store(SQLITE);
    CHECK_TEXT(contents(s), "A=M B= ");
    store_close(s);
    test_row("the sqlite3 program finds it whole");
    CHECK_TEXT(sqlite3_says("PRAGMA integrity_check"), "ok");
    test_row("volatile records are not in it");
    CHECK_TEXT(sqlite3_says("SELECT count(*) FROM sqlite_master WHERE name = 'visit'"), "0");
    test_row("a record that was altered is not used");
    sqlite3_says("UPDATE profile SET state = 9 WHERE iccid = CAST('A' AS BLOB)");
    s = open_store(SQLITE);
    struct store_record r;
    CHECK_FAILS(store_get(s, test_arena(), PROFILE, BYTES_LIT("A"), &r, &e), &e, ERR_VERIFY, "damaged");
    CHECK_OK(store_get(s, test_arena(), PROFILE, BYTES_LIT("B"), &r, &e), &e);
    store_close(s);
    test_row("another version of the schema");
    const struct store_schema other = { 2, kinds, 4 };
    CHECK_FAILS(store_open_sqlite(&other, path(), &s, &e), &e, ERR_UNSUPPORTED,
                "has version 1, this program writes version 2");
    test_row("a place that cannot be written");
    CHECK_FAILS(store_open_sqlite(&schema, "/nonexistent/x.db", &s, &e), &e, ERR_IO, "cannot be opened");
    test_folder_clear();
}

/* ---------------------------------------------------------------------------------- threads */

enum { THREADS = 8, ROUNDS = 25 };
static struct store *racing;

static void *increments(void *unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS;) {
        struct arena *a = arena_new(65536);
        struct store_record r;
        struct store_batch b = store_batch_in(a);
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

/* Each thread adds an event of its own and claims a value that all want, in one batch. */
static void *claims(void *won)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct arena *a = arena_new(65536);
        struct store_batch b = store_batch_in(a);
        struct err e;
        struct bytes key = bytes_text(arena_printf(a, "%p-%d", won, i));
        struct store_record first = { .v[0].b = key },
                            r = record((const char *)key.p, 0, arena_printf(a, "M%d", i), NULL);
        store_put(&b, EVENT, &first);
        store_put(&b, PROFILE, &r);
        *(int *)won += store_commit(racing, &b, NULL, &e) == STORE_COMMITTED;
        arena_free(a);
    }
    return NULL;
}

static void race(void *(*run)(void *), int *won)
{
    pthread_t threads[THREADS];
    for (int t = 0; t < THREADS; t++)
        pthread_create(&threads[t], NULL, run, won ? &won[t] : NULL);
    for (int t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
}

TEST(races)
{
    for (int i = 0; i < BACK_ENDS; i++) {
        int won[THREADS] = { 0 }, all = 0;
        racing = open_new(i);
        CHECK_EQ(batch(racing, NULL, "A", NULL), STORE_COMMITTED);
        int64_t before = get(racing, "A").v[STATE].i;
        test_row("%s: no increment is lost", back_ends[i]);
        race(increments, NULL);
        CHECK_EQ(get(racing, "A").v[STATE].i - before, THREADS * ROUNDS);
        test_row("%s: a unique value has one owner", back_ends[i]);
        race(claims, won);
        for (int t = 0; t < THREADS; t++)
            all += won[t];
        CHECK_EQ(all, ROUNDS);
        test_row("%s: a batch that lost left nothing", back_ends[i]);
        const struct store_query events = { .kind = EVENT };
        int64_t n;
        struct err e;
        CHECK_OK(store_count(racing, &events, &n, &e), &e);
        CHECK_EQ(n, ROUNDS);
        store_close(racing);
    }
    test_folder_clear();
}

/* ----------------------------------------------------------------------------- a broken disk */

/* A file system whose n-th write or sync fails: SQLite's own with two methods replaced.  It has several tables of
 * methods, one a kind of file. */
enum { METHODS_MAX = 4 };
static struct disk {
    sqlite3_vfs vfs, *real;
    const sqlite3_io_methods *sound[METHODS_MAX];
    sqlite3_io_methods broken[METHODS_MAX];
    long writes, at;
    bool for_good; /* every later one fails, too */
} disk;

static bool breaks(void)
{
    disk.writes++;
    return disk.at && (disk.writes == disk.at || (disk.for_good && disk.writes > disk.at));
}

static const sqlite3_io_methods *sound(const sqlite3_file *f)
{
    return disk.sound[f->pMethods - disk.broken];
}

static int broken_sync(sqlite3_file *f, int flags)
{
    return breaks() ? SQLITE_IOERR_FSYNC : sound(f)->xSync(f, flags);
}

static int broken_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    return breaks() ? SQLITE_FULL : sound(f)->xWrite(f, p, n, at);
}

static int broken_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
    (void)vfs;
    int result = disk.real->xOpen(disk.real, name, f, flags, out);
    for (int i = 0; result == SQLITE_OK && i < METHODS_MAX; i++) {
        if (disk.sound[i] && disk.sound[i] != f->pMethods)
            continue;
        disk.sound[i] = f->pMethods;
        disk.broken[i] = *f->pMethods;
        disk.broken[i].xSync = broken_sync;
        disk.broken[i].xWrite = broken_write;
        f->pMethods = &disk.broken[i];
        break;
    }
    return result;
}

static void disk_use(bool broken)
{
    if (!disk.real) {
        disk.real = sqlite3_vfs_find(NULL);
        disk.vfs = *disk.real;
        disk.vfs.zName = "broken";
        disk.vfs.xOpen = broken_open;
    }
    disk.writes = disk.at = 0;
    disk.for_good = false;
    sqlite3_vfs_register(broken ? &disk.vfs : disk.real, 1);
    if (!broken)
        sqlite3_vfs_unregister(&disk.vfs);
}

/* Adds a record while the disk breaks at write `at` of it; false when so many writes don't happen. */
static bool break_at(long at, bool for_good)
{
    static const char *const outcomes[] = { "A=M B= ", "A=M " };
    struct store *s = open_new(SQLITE);
    CHECK_EQ(batch(s, NULL, "A=M", NULL), STORE_COMMITTED);
    disk.writes = 0;
    disk.at = at;
    disk.for_good = for_good;
    enum store_commit result = batch(s, NULL, "B", NULL);
    bool reached = disk.writes >= at;
    CHECK(!reached || result == STORE_UNAVAILABLE || result == STORE_UNKNOWN);
    if (for_good) {
        struct store_record r;
        struct err e;
        if (result == STORE_UNKNOWN)
            CHECK_EQ(store_get(s, test_arena(), PROFILE, BYTES_LIT("B"), &r, &e), -1);
        CHECK(!reached || batch(s, NULL, "C", NULL) != STORE_COMMITTED);
        disk.for_good = false;
    }
    disk.at = 0;
    const char *seen = contents(s);
    bool there = strcmp(seen, outcomes[0]) == 0;
    CHECK(there || strcmp(seen, outcomes[1]) == 0);
    CHECK(result != STORE_COMMITTED || there);
    CHECK(result != STORE_UNAVAILABLE || !there);
    CHECK_EQ(batch(s, NULL, "D", NULL), STORE_COMMITTED);
    store_close(s);
    /* what was read stays: the failed commit does not come back from the log */
    s = open_store(SQLITE);
    CHECK_TEXT(contents(s), arena_printf(test_arena(), "%sD= ", seen));
    store_close(s);
    CHECK_TEXT(sqlite3_says("PRAGMA integrity_check"), "ok");
    return reached;
}

TEST(a_disk_that_fails)
{
    for (int for_good = 0; for_good < 2; for_good++) {
        long at = 1;
        disk_use(true);
        do
            test_row("%s at write %ld", for_good ? "for good" : "once", at);
        while (break_at(at++, for_good));
        test_row("%s: there were writes to break", for_good ? "for good" : "once");
        CHECK(at > 4);
        disk_use(false);
    }
    test_folder_clear();
}

/* What the log holds after a failed sync appears if the process dies right then; if a reader has said that it is not
 * there, it must not. */
TEST(a_commit_read_as_absent_stays_absent)
{
    disk_use(true);
    struct store *s = open_new(SQLITE);
    CHECK_EQ(batch(s, NULL, "A=M", NULL), STORE_COMMITTED);
    disk.writes = 0;
    disk.at = LONG_MAX;
    CHECK_EQ(batch(s, NULL, "X", NULL), STORE_COMMITTED);
    disk.at = disk.writes; /* the sync is the last of a commit */
    disk.writes = 0;
    CHECK_EQ(batch(s, NULL, "B", NULL), STORE_UNKNOWN);
    CHECK_EQ(get(s, "B").version, 0);
    /* as after a crash: another process finds the files as they are now */
    const char *copy =
        arena_printf(test_arena(), "cp %s %s.copy && cp %s-wal %s.copy-wal", path(), path(), path(), path());
    CHECK_EQ(system(copy), 0);
    store_close(s);
    disk_use(false);
    FILE *p =
        popen(arena_printf(test_arena(),
                           "sqlite3 %s.copy \"SELECT group_concat(CAST(iccid AS TEXT), '') FROM profile\"", path()),
              "r");
    char line[32] = "";
    CHECK(p && fgets(line, sizeof line, p));
    CHECK_TEXT(line, "AX\n");
    if (p)
        pclose(p);
    CHECK_EQ(system(arena_printf(test_arena(), "rm -f %s.copy*", path())), 0);
    test_folder_clear();
}

/* --------------------------------------------------------------------------- faults, audit */

static enum store_commit audited(struct store *s, uint8_t number, const char *key)
{
    struct audit_entry entry = { .batch = { number }, .time = 1000 + number, .action = "put", .outcome = "done",
                                 .actor = BYTES_LIT("test"), .subject = bytes_text(key) };
    struct store_batch b = store_batch_in(test_arena());
    struct store_record r = record(key, 0, NULL, NULL);
    const char *column;
    struct err e;
    store_put(&b, PROFILE, &r);
    return audit_commit(s, AUDIT, &entry, &b, &column, &e);
}

static const struct {
    const char *name;
    int how;
    enum store_commit plain, with_audit;
    bool there;
} faults[] = {
    { "refused before", STORE_FAIL_BEFORE, STORE_UNAVAILABLE, STORE_UNAVAILABLE, false },
    { "the answer is lost", STORE_LOSE_ANSWER, STORE_UNKNOWN, STORE_COMMITTED, true },
    { "the batch is lost", STORE_LOSE_BATCH, STORE_UNKNOWN, STORE_CONFLICT, false },
};

TEST(faults_on_purpose)
{
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct store_faults f = { .at = 2, .how = faults[i].how };
        struct store *s = NULL;
        struct err e;
        test_row("%s", faults[i].name);
        CHECK_OK(store_open_faults(open_new(MEMORY), &f, &s, &e), &e);
        CHECK_EQ(batch(s, NULL, "A", NULL), STORE_COMMITTED);
        CHECK_EQ(batch(s, NULL, "B", NULL), faults[i].plain);
        CHECK_EQ(get(s, "B").version != 0, faults[i].there);
        test_row("%s, with an audit record", faults[i].name);
        f.at = 3;
        CHECK_EQ(audited(s, 1, "C"), faults[i].with_audit);
        CHECK_EQ(get(s, "C").version != 0, faults[i].there);
        store_close(s);
    }
}

static void add_number(struct buf *out, uint32_t n)
{
    buf_u32(out, 0);
    buf_u32(out, n);
}

static void add_text(struct buf *out, const char *text)
{
    add_number(out, (uint32_t)strlen(text));
    buf_text(out, text);
}

/* What a link must be: the rule of audit.c by hand, the digest by the openssl program; 64 hex digits. */
static const char *openssl_link(struct bytes previous, uint8_t number, const char *key)
{
    struct buf message = buf_in(test_arena());
    char *line = arena_alloc(test_arena(), 80);
    const char *file = arena_printf(test_arena(), "%s.link", path());
    buf_add(&message, previous);
    add_number(&message, 1000 + number);
    add_number(&message, 16);
    buf_u8(&message, number);
    buf_fill(&message, 0, 15);
    add_text(&message, "test");
    add_text(&message, "put");
    add_text(&message, key);
    add_text(&message, "done");
    FILE *f = fopen(file, "wb");
    CHECK(f && fwrite(message.p, 1, message.n, f) == message.n);
    if (f)
        fclose(f);
    FILE *p = popen(arena_printf(test_arena(), "openssl dgst -sha256 -r %s", file), "r");
    CHECK(p && fgets(line, 65, p));
    if (p)
        pclose(p);
    remove(file);
    return line;
}

TEST(audit_chain)
{
    for (int i = 0; i < BACK_ENDS; i++) {
        struct store *s = open_new(i);
        const struct store_query all = { .kind = AUDIT, .limit = 10 };
        struct store_records found;
        int64_t n;
        struct err e;
        for (int k = 0; k < 3; k++)
            CHECK_EQ(audited(s, (uint8_t)(k + 1), k == 0 ? "A" : k == 1 ? "B" : "C"), STORE_COMMITTED);
        CHECK_EQ(audited(s, 9, "A"), STORE_CONFLICT); /* leaves no record, and the chain goes on */
        if (i == SQLITE) {
            store_close(s);
            s = open_store(i);
        }
        CHECK_EQ(audited(s, 4, "D"), STORE_COMMITTED);
        test_row("%s: whole", back_ends[i]);
        CHECK_OK(audit_verify(s, AUDIT, &n, &e), &e);
        CHECK_EQ(n, 4);
        test_row("%s: links as openssl computes them", back_ends[i]);
        CHECK_OK(store_find(s, test_arena(), &all, &found, &e), &e);
        CHECK_EQ((int64_t)found.n, 4);
        struct bytes previous = unhex("0000000000000000000000000000000000000000000000000000000000000000");
        for (uint8_t k = 0; k < 2 && found.n == 4; k++) {
            CHECK_HEX(found.items[k].v[AUDIT_LINK].b, openssl_link(previous, k + 1, k == 0 ? "A" : "B"));
            previous = found.items[k].v[AUDIT_LINK].b;
        }
        test_row("%s: records are only added", back_ends[i]);
        struct store_batch b = store_batch_in(test_arena());
        store_remove(&b, AUDIT, &found.items[1]);
        CHECK_EQ(store_commit(s, &b, NULL, &e), STORE_CONFLICT);
        b = store_batch_in(test_arena());
        store_put(&b, AUDIT, &found.items[1]);
        CHECK_EQ(store_commit(s, &b, NULL, &e), STORE_CONFLICT);
        store_close(s);
    }
    test_row("SQLite: a record taken out is noticed");
    sqlite3_says("DELETE FROM audit WHERE subject = CAST('B' AS BLOB)");
    struct store *s = open_store(SQLITE);
    int64_t n;
    struct err e;
    CHECK_FAILS(audit_verify(s, AUDIT, &n, &e), &e, ERR_VERIFY, "audit record 2 does not follow");
    store_close(s);
    test_folder_clear();
}

/* ------------------------------------------------------------------------------------ death */

/* A child writes records until it is killed at a commit; what it had acknowledged must be there. */
static void dies(int how, long at)
{
    int pipe_of[2], status;
    test_folder_clear();
    if (!CHECK_EQ(pipe(pipe_of), 0))
        return;
    pid_t child = fork();
    if (child == 0) {
        struct store_faults f = { .at = at, .how = how };
        struct store *s = NULL;
        struct err e;
        if (store_open_faults(open_store(SQLITE), &f, &s, &e) == 0)
            for (int i = 0; i < 5; i++)
                if (batch(s, NULL, arena_printf(test_arena(), "%d", i), NULL) == STORE_COMMITTED)
                    status = (int)write(pipe_of[1], "x", 1);
        _exit(0);
    }
    close(pipe_of[1]);
    char acknowledged[8];
    ssize_t n = 0, got;
    while ((got = read(pipe_of[0], acknowledged, sizeof acknowledged)) > 0)
        n += got;
    close(pipe_of[0]);
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    CHECK_EQ(n, at - 1);
    struct store *s = open_store(SQLITE);
    for (int i = 0; i < n; i++)
        CHECK(get(s, arena_printf(test_arena(), "%d", i)).version != 0);
    CHECK_EQ(get(s, arena_printf(test_arena(), "%zd", n)).version != 0, how == STORE_DIE_AFTER);
    store_close(s);
}

TEST(killed_at_a_commit)
{
    for (long at = 1; at <= 5; at++) {
        test_row("before commit %ld", at);
        dies(STORE_DIE_BEFORE, at);
        test_row("after commit %ld", at);
        dies(STORE_DIE_AFTER, at);
    }
    test_folder_clear();
}
