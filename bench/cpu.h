/* Time of the processor, for ratios within one run. */
#ifndef RSPKIT_BENCH_CPU_H
#define RSPKIT_BENCH_CPU_H

/* Used by this process so far, milliseconds. */
double bench_cpu(void);

#endif
