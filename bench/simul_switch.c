/* SPDX-License-Identifier: MIT
 * bench/simul_switch.c - "switch": two tasks that let each other run; the time
 * of one switch, one way, through the scheduler. */
#include "bench.h"

#include <simul/gather.h>
#include <simul/run.h>
#include <simul/task.h>

static int take_turns(void *arg)
{
	long n = *(const long *)arg;
	int r = 0;

	for (long i = 0; i < n && r >= 0; i++)
		r = simul_sleep(0);
	return r;
}

static int both_take(long n)
{
	simul_task *tasks[2];

	for (int i = 0; i < 2; i++)
		tasks[i] = simul_create_task(take_turns, &n);
	return simul_gather(tasks, 2, NULL);
}

static int measure(void *arg)
{
	long n = *(long *)arg;
	int r = both_take(n / 10);
	double start = bench_now();

	if (r >= 0)
		r = both_take(n);
	if (r >= 0)
		bench_report_each("switch", start, 2.0 * (double)n, n);
	return r;
}

int main(int argc, char **argv)
{
	long n = bench_number(argc, argv, 1, 10000000);

	return bench_exit(simul_run(measure, &n));
}
