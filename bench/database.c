/* SPDX-License-Identifier: Apache-2.0 */
#include "database.h"

#include <stdio.h>

void bench_database_remove(const char *path)
{
    static const char *const ends[] = { "", "-wal", "-shm", "-lock" };
    char name[4096];
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (snprintf(name, sizeof name, "%s%s", path, ends[i]) < (int)sizeof name)
            remove(name);
}
