/* SPDX-License-Identifier: MIT
 * bench/simul_offload.c - "offload": a function that does nothing is called in
 * a thread, and its result comes back; one call after the other, or 64 tasks
 * at a time. Time per call. */
#include "bench.h"

#include <simul/gather.h>
#include <simul/run.h>
#include <simul/task.h>
#include <simul/thread.h>

enum { AT_ONCE = 64 };

static int nothing(void *arg)
{
	return arg != NULL;
}

static int calls(void *arg)
{
	int r = 0;

	for (long i = *(long *)arg; i > 0 && r >= 0; i--)
		r = simul_to_thread(nothing, NULL);
	return r;
}

static int one_at_a_time(void *arg)
{
	long n = *(long *)arg, warm_up = n / 10;
	double start;
	int r = calls(&warm_up);

	start = bench_now();
	if (r >= 0)
		r = calls(&n);
	if (r >= 0)
		bench_report_each("offload", start, (double)n, n);
	return r;
}

static int together(void *arg)
{
	long n = *(long *)arg, each = n / AT_ONCE;
	simul_task *tasks[AT_ONCE];
	double start = bench_now();
	int r;

	for (int i = 0; i < AT_ONCE; i++)
		tasks[i] = simul_create_task(calls, &each);
	r = simul_gather(tasks, AT_ONCE, NULL);
	if (r >= 0)
		bench_report_each("offload_64", start, (double)(each * AT_ONCE),
				  each * AT_ONCE);
	return r;
}

int main(int argc, char **argv)
{
	long n = bench_number(argc, argv, 2, 200000);
	int at_once = bench_word(argc, argv, 1, "together");

	if (!at_once && !bench_word(argc, argv, 1, "alone")) {
		fprintf(stderr, "usage: %s alone|together [N]\n", argv[0]);
		return 2;
	}
	return bench_exit(simul_run(at_once ? together : one_at_a_time, &n));
}
