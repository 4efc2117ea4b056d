/* SPDX-License-Identifier: MIT
 * bench/load/latency.c - how long answers took, in steps that grow with the
 * time: a percentile of any number of them takes no more memory. */
#include "load.h"

/* Times below 128 ns have a step each; each doubling above has 64. */
static unsigned step_of(uint64_t ns)
{
	unsigned shift;

	if (ns < 2u << STEP_BITS)
		return (unsigned)ns;
	shift = 63 - (unsigned)__builtin_clzll(ns) - STEP_BITS;
	return (shift << STEP_BITS) + (unsigned)(ns >> shift);
}

/* The middle of a step. */
static double time_of(unsigned step)
{
	unsigned shift;
	double low;

	if (step < 2u << STEP_BITS)
		return step;
	shift = (step >> STEP_BITS) - 1;
	low = (double)((uint64_t)(step - (shift << STEP_BITS)) << shift);
	return low + (double)((uint64_t)1 << shift) / 2;
}

void latency_add(struct latency *latency, uint64_t ns)
{
	unsigned step = step_of(ns);

	latency->counts[step < STEPS ? step : STEPS - 1]++;
	latency->total++;
}

double latency_at(const struct latency *latency, double share)
{
	double wanted = share * (double)latency->total;
	uint64_t seen = 0;

	for (unsigned step = 0; step < STEPS; step++) {
		seen += latency->counts[step];
		if (seen && (double)seen >= wanted)
			return time_of(step);
	}
	return 0;
}
