/* SPDX-License-Identifier: MIT
 * bench/simul_growth.c - "growth": N tasks at a time are created, let each
 * other run once, end, and are gathered. Time per task, for its whole life;
 * the first batch, which finds no stacks in the pool, is not counted. */
#include "bench.h"

#include <simul/gather.h>
#include <simul/run.h>
#include <simul/task.h>

struct job {
	long tasks, batches;
	simul_task **handles;
};

static int life(void *arg)
{
	(void)arg;
	bench_touch_stack();
	return simul_sleep(0);
}

static int batch(const struct job *job)
{
	for (long i = 0; i < job->tasks; i++)
		job->handles[i] = simul_create_task(life, NULL);
	return simul_gather(job->handles, (size_t)job->tasks, NULL);
}

static int measure(void *arg)
{
	const struct job *job = arg;
	int r = batch(job);
	double start = bench_now();

	for (long i = 0; i < job->batches && r >= 0; i++)
		r = batch(job);
	if (r >= 0)
		bench_report_each("growth", start,
				  (double)(job->batches * job->tasks),
				  job->tasks);
	return r;
}

int main(int argc, char **argv)
{
	struct job job = { .tasks = bench_number(argc, argv, 1, 1000) };
	int r;

	job.batches = bench_number(argc, argv, 2, 1000000) / job.tasks + 1;
	job.handles = bench_alloc((size_t)job.tasks * sizeof(*job.handles));
	r = simul_run(measure, &job);
	free(job.handles);
	return bench_exit(r);
}
