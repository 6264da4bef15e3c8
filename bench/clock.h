/* Time, for ratios within one run. */
#ifndef RSPKIT_BENCH_CLOCK_H
#define RSPKIT_BENCH_CLOCK_H

/* Of the processor, used by this process so far, milliseconds. */
double bench_cpu(void);
/* Since some moment, seconds. */
double bench_now(void);

#endif
