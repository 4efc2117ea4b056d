/* SPDX-License-Identifier: MIT
 * bench/floors/growth.c - floor of "growth": N tasks at a time are created,
 * yield once, end, and are joined. */
#include "scheduler.h"

struct job {
	long tasks, batches;
};

static void life(void *arg)
{
	(void)arg;
	bench_touch_stack();
	yield();
}

static void batch(struct task **tasks, long n)
{
	for (long i = 0; i < n; i++)
		tasks[i] = create(life, NULL);
	for (long i = 0; i < n; i++)
		join(tasks[i]);
}

static void batches(void *arg)
{
	const struct job *job = arg;
	struct task **tasks = bench_alloc((size_t)job->tasks * sizeof(*tasks));
	double start;

	batch(tasks, job->tasks);
	start = bench_now();
	for (long i = 0; i < job->batches; i++)
		batch(tasks, job->tasks);
	bench_report_each("growth", start, (double)(job->batches * job->tasks),
			  job->tasks);
	free(tasks);
}

int main(int argc, char **argv)
{
	struct job job = { .tasks = bench_number(argc, argv, 1, 1000) };
	long total = bench_number(argc, argv, 2, 1000000);

	job.batches = total / job.tasks + 1;
	scheduler_open((size_t)job.tasks + 1);
	create(batches, &job);
	run_all();
	return 0;
}
