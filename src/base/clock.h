/* SPDX-License-Identifier: MIT
 * base/clock.h - time in nanoseconds. */
#ifndef SMI_BASE_CLOCK_H
#define SMI_BASE_CLOCK_H

#include <stdint.h>

#define SMI_NEVER UINT64_MAX

/* Now, on the system's monotonic clock. */
uint64_t smi_clock(void);

/* What to add to a reading of that clock to get the time since 1970. */
uint64_t smi_clock_epoch(void);

/* A span of seconds in ns, rounded up so that what is not nothing stays so;
 * 0 for what is negative, SMI_NEVER for what is too long to count. */
static inline uint64_t smi_nanoseconds(double seconds)
{
	double ns = seconds * 1e9;
	uint64_t whole;

	if (!(ns > 0))
		return 0;
	if (ns >= 9e18)
		return SMI_NEVER;
	whole = (uint64_t)(int64_t)ns;
	return whole + ((double)(int64_t)whole < ns);
}

/* A point of time that lies span after now; never if either is. */
static inline uint64_t smi_after(uint64_t now, uint64_t span)
{
	return span > SMI_NEVER - now ? SMI_NEVER : now + span;
}

#endif /* SMI_BASE_CLOCK_H */
