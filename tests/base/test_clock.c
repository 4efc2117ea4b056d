/* SPDX-License-Identifier: MIT
 * tests/base/test_clock.c - time in nanoseconds. */
#include "test.h"

#include <math.h>

#include "base/clock.h"

TEST(the_clock_never_goes_back)
{
	uint64_t last = smi_clock();

	for (int i = 0; i < 10000; i++) {
		uint64_t now = smi_clock();

		CHECK(now >= last);
		last = now;
	}
}

TEST(seconds_become_nanoseconds)
{
	CHECK_INT(smi_nanoseconds(1), ==, 1000000000);
	CHECK_INT(smi_nanoseconds(0.25), ==, 250000000);
	CHECK_INT(smi_nanoseconds(43200), ==, 43200000000000);
}

TEST(what_is_not_nothing_is_at_least_a_nanosecond)
{
	CHECK_INT(smi_nanoseconds(1e-9), ==, 1);
	CHECK_INT(smi_nanoseconds(1e-30), ==, 1);
	CHECK_INT(smi_nanoseconds(5e-324), ==, 1);
	CHECK_INT(smi_nanoseconds(1.5e-9), ==, 2);
}

TEST(what_is_negative_or_no_number_is_nothing)
{
	CHECK_INT(smi_nanoseconds(0), ==, 0);
	CHECK_INT(smi_nanoseconds(-0.0), ==, 0);
	CHECK_INT(smi_nanoseconds(-1), ==, 0);
	CHECK_INT(smi_nanoseconds(-INFINITY), ==, 0);
	CHECK_INT(smi_nanoseconds(NAN), ==, 0);
}

TEST(what_is_too_long_to_count_is_never)
{
	CHECK(smi_nanoseconds(INFINITY) == SMI_NEVER);
	CHECK(smi_nanoseconds(1e10) == SMI_NEVER);
	CHECK(smi_nanoseconds(8.9e9) != SMI_NEVER);
}

TEST(a_point_of_time_beyond_the_end_of_time_is_never)
{
	CHECK_INT(smi_after(5, 7), ==, 12);
	CHECK(smi_after(5, SMI_NEVER) == SMI_NEVER);
	CHECK(smi_after(SMI_NEVER, 5) == SMI_NEVER);
	CHECK(smi_after(SMI_NEVER - 5, 5) == SMI_NEVER);
	CHECK(smi_after(SMI_NEVER - 5, 4) == SMI_NEVER - 1);
}
