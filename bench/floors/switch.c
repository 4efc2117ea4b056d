/* SPDX-License-Identifier: MIT
 * bench/floors/switch.c - floor of "switch": two stacks, nothing in between. */
#include "fiber.h"

static void *here, *there;

static void other(void *arg)
{
	(void)arg;
	for (;;)
		fiber_switch(&there, here);
}

static void there_and_back(long n)
{
	for (long i = 0; i < n; i++)
		fiber_switch(&here, there);
}

int main(int argc, char **argv)
{
	long n = bench_number(argc, argv, 1, 20000000);
	double start;

	there = fiber_prepare(
		fiber_top(fiber_stacks(1, STACK_SIZE), 0, STACK_SIZE, 0), other,
		NULL);
	there_and_back(n / 10);
	start = bench_now();
	there_and_back(n);
	bench_report_each("switch", start, 2.0 * (double)n, n);
	return 0;
}
