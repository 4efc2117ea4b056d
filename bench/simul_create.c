/* SPDX-License-Identifier: MIT
 * bench/simul_create.c - "create": tasks that return at once; create one and
 * await it, or create 1000 and gather them. Time per task. */
#include "bench.h"

#include <simul/gather.h>
#include <simul/run.h>
#include <simul/task.h>

enum { BATCH = 1000 };

static long sum;

static int child(void *arg)
{
	sum += *(long *)arg;
	return 0;
}

static int one_at_a_time(void *arg)
{
	long n = *(long *)arg;
	double start = 0;
	int r = 0;

	for (long i = -n / 10; i < n && r >= 0; i++) {
		if (i == 0)
			start = bench_now();
		r = simul_await(simul_create_task(child, &n));
	}
	if (r >= 0)
		bench_report_each("create_await", start, (double)n, n);
	return r;
}

static int together(void *arg)
{
	long n = *(long *)arg, batches = n / BATCH;
	simul_task *tasks[BATCH];
	double start = 0;
	int r = 0;

	for (long i = -batches / 10 - 1; i < batches && r >= 0; i++) {
		if (i == 0)
			start = bench_now();
		for (int k = 0; k < BATCH; k++)
			tasks[k] = simul_create_task(child, &n);
		r = simul_gather(tasks, BATCH, NULL);
	}
	if (r >= 0)
		bench_report_each("create_gather", start,
				  (double)(batches * BATCH), BATCH);
	return r;
}

int main(int argc, char **argv)
{
	long n = bench_number(argc, argv, 2, 5000000);
	int gather = bench_word(argc, argv, 1, "gather");

	if (!gather && !bench_word(argc, argv, 1, "await")) {
		fprintf(stderr, "usage: %s await|gather [N]\n", argv[0]);
		return 2;
	}
	return bench_exit(simul_run(gather ? together : one_at_a_time, &n));
}
