/* SPDX-License-Identifier: MIT
 * bench/floors/create.c - floor of "create": tasks on pooled stacks that run
 * once and are joined; one at a time, or 1000 and then join all. */
#include "scheduler.h"

enum { BATCH = 1000 };

struct job {
	long n;
	double start;
};

static long sum;

static void child(void *arg)
{
	sum += *(long *)arg;
}

static void one_at_a_time(void *arg)
{
	struct job *job = arg;

	for (long i = -job->n / 10; i < job->n; i++) {
		if (i == 0)
			job->start = bench_now();
		join(create(child, &job->n));
	}
	bench_report_each("create_await", job->start, (double)job->n, job->n);
}

static void together(void *arg)
{
	struct job *job = arg;
	struct task *tasks[BATCH];
	long batches = job->n / BATCH;

	for (long i = -batches / 10 - 1; i < batches; i++) {
		if (i == 0)
			job->start = bench_now();
		for (int k = 0; k < BATCH; k++)
			tasks[k] = create(child, &job->n);
		for (int k = 0; k < BATCH; k++)
			join(tasks[k]);
	}
	bench_report_each("create_gather", job->start,
			  (double)(batches * BATCH), BATCH);
}

int main(int argc, char **argv)
{
	struct job job = { .n = bench_number(argc, argv, 2, 5000000) };
	int gather = bench_word(argc, argv, 1, "gather");

	if (!gather && !bench_word(argc, argv, 1, "await")) {
		fprintf(stderr, "usage: %s await|gather [N]\n", argv[0]);
		return 2;
	}
	scheduler_open(BATCH + 1);
	create(gather ? together : one_at_a_time, &job);
	run_all();
	return 0;
}
