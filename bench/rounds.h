/* What the benchmarks over whole downloads share: a world with enough profiles, ordered one after the other. */
#ifndef RSPKIT_BENCH_ROUNDS_H
#define RSPKIT_BENCH_ROUNDS_H

#include "clock.h"
#include "world.h"

/* A world on a curve with a profile type of this package and so many profiles of it; ends the program if that fails. */
void bench_open(struct world *, enum ec_curve, struct bytes package, int profiles);
/* A round: the next of its profiles is ordered, confirmed and downloaded to the first card; then it is deleted there,
 * and the round's memory is given back.  Ends the program if anything fails. */
void bench_download(struct world *, struct lpa_download *);
void bench_forget(struct world *, const struct lpa_download *);

#endif
