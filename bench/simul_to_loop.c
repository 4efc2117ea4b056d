/* SPDX-License-Identifier: MIT
 * bench/simul_to_loop.c - "to_loop": a function that does nothing is called in
 * a loop of another thread, and its result comes back; one call after the
 * other, or 64 tasks at a time. Time per call. */
#include "bench.h"

#include <simul/gather.h>
#include <simul/loops.h>
#include <simul/run.h>
#include <simul/task.h>

enum { AT_ONCE = 64 };

static simul_loop *there;

static int nothing(void *arg)
{
	return arg != NULL;
}

static int calls(void *arg)
{
	int r = 0;

	for (long i = *(long *)arg; i > 0 && r >= 0; i--)
		r = simul_to_loop(there, nothing, NULL);
	return r;
}

static int one_at_a_time(long n)
{
	long warm_up = n / 10;
	double start;
	int r = calls(&warm_up);

	start = bench_now();
	if (r >= 0)
		r = calls(&n);
	if (r >= 0)
		bench_report_each("to_loop", start, (double)n, n);
	return r;
}

static int together(long n)
{
	long each = n / AT_ONCE;
	simul_task *tasks[AT_ONCE];
	double start = bench_now();
	int r;

	for (int i = 0; i < AT_ONCE; i++)
		tasks[i] = simul_create_task(calls, &each);
	r = simul_gather(tasks, AT_ONCE, NULL);
	if (r >= 0)
		bench_report_each("to_loop_64", start, (double)(each * AT_ONCE),
				  each * AT_ONCE);
	return r;
}

struct measure {
	int (*of)(long n);
	long n;
};

static int measures(void *arg)
{
	static const simul_loops_options one = { .count = 1 };
	const struct measure *my = arg;
	simul_loops *loops;
	int r = simul_loops_open(&one, &loops);

	if (r < 0)
		return r;
	there = simul_loops_at(loops, 0);
	r = my->of(my->n);
	simul_loops_close(loops);
	return r;
}

int main(int argc, char **argv)
{
	struct measure m = { together, bench_number(argc, argv, 2, 200000) };

	if (bench_word(argc, argv, 1, "alone")) {
		m.of = one_at_a_time;
	} else if (!bench_word(argc, argv, 1, "together")) {
		fprintf(stderr, "usage: %s alone|together [N]\n", argv[0]);
		return 2;
	}
	return bench_exit(simul_run(measures, &m));
}
