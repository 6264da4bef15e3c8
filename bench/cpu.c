/* SPDX-License-Identifier: Apache-2.0 */
#include "cpu.h"

#include <time.h>

double bench_cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}
