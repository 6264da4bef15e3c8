/* SPDX-License-Identifier: Apache-2.0
 *
 * What a TEST leaves on a file system, and the shell commands that look at it. */
#include <ftw.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

static char folder[200]; /* empty: none yet */
static pid_t owner;      /* a child of the test removes nothing */

/* In memory if that can be had: nobody pulls the plug here, and a disk would only take its time. */
static const char *place(void)
{
    const char *given = getenv("TMPDIR");
    return given ? given : access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
}

const char *test_folder(void)
{
    if (folder[0])
        return folder;
    snprintf(folder, sizeof folder, "%s/rspkit-test-XXXXXX", place());
    owner = getpid();
    if (!mkdtemp(folder)) {
        fprintf(stderr, "no folder can be made in %s; next: let TMPDIR name one that can be written\n", place());
        exit(2);
    }
    return folder;
}

static int removed(const char *path, const struct stat *s, int type, struct FTW *at)
{
    (void)s;
    (void)type;
    return at->level ? remove(path) : 0;
}

void test_folder_clear(void)
{
    nftw(test_folder(), removed, 8, FTW_DEPTH | FTW_PHYS);
}

void test_folder_end(void)
{
    if (!folder[0] || owner != getpid())
        return;
    test_folder_clear();
    rmdir(folder);
    folder[0] = '\0';
}

const char *test_path(const char *name)
{
    return arena_printf(test_arena(), "%s/%s", test_folder(), name);
}

const char *test_fresh_path(const char *name)
{
    test_folder_clear();
    return test_path(name);
}

const char *test_file_make(const char *name, struct bytes content)
{
    const char *path = test_path(name);
    FILE *f = fopen(path, "wb");
    if (CHECK(f != NULL)) {
        CHECK_EQ((int64_t)fwrite(content.p, 1, content.n, f), (int64_t)content.n);
        CHECK_EQ(fclose(f), 0);
    }
    return path;
}

static const char *run(const char *format, va_list ap, int *status)
{
    char command[6000], part[4096];
    struct buf out = buf_in(test_arena());
    vsnprintf(command, sizeof command, format, ap);
    FILE *pipe = popen(arena_printf(test_arena(), "( %s ) 2>&1", command), "r");
    for (size_t n; pipe && (n = fread(part, 1, sizeof part, pipe)) > 0;)
        buf_add(&out, bytes_make(part, n));
    int ended = pipe ? pclose(pipe) : -1;
    *status = ended >= 0 && WIFEXITED(ended) ? WEXITSTATUS(ended) : -1;
    return buf_str(&out);
}

const char *test_shell(const char *format, ...)
{
    int status;
    va_list ap;
    va_start(ap, format);
    const char *said = run(format, ap, &status);
    va_end(ap);
    return said;
}

int test_shell_status(const char *format, ...)
{
    int status;
    va_list ap;
    va_start(ap, format);
    run(format, ap, &status);
    va_end(ap);
    return status;
}
