/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include <time.h>

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double bench_cpu(void)
{
    return 1e3 * seconds(CLOCK_PROCESS_CPUTIME_ID);
}

double bench_now(void)
{
    return seconds(CLOCK_MONOTONIC);
}
