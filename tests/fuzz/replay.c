/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a fuzz target over its corpus, a test a file. */
#include <dirent.h>

#include "fuzz.h"
#include "harness.h"

TEST(corpus)
{
    const char *folder = test_source("tests/fuzz/corpus/" TARGET);
    DIR *d = opendir(folder);
    if (!CHECK(d != NULL))
        return;
    for (struct dirent *f; (f = readdir(d));) {
        if (f->d_name[0] == '.')
            continue;
        test_row("%s", f->d_name);
        struct bytes content = test_file(arena_printf(test_arena(), "%s/%s", folder, f->d_name));
        if (CHECK(content.p != NULL))
            LLVMFuzzerTestOneInput(content.p, content.n);
    }
    closedir(d);
}
