/* SPDX-License-Identifier: MIT
 * base/clock.c - time in nanoseconds. */
#include "base/clock.h"

#include <time.h>

uint64_t smi_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}
