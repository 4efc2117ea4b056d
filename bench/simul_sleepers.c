/* SPDX-License-Identifier: MIT
 * bench/simul_sleepers.c - "sleepers": N tasks that all sleep at the same time.
 * Reports how much longer than the sleep it took to create, run, wake and
 * gather them, and the memory while all of them sleep. */
#include "bench.h"

#include <simul/gather.h>
#include <simul/run.h>
#include <simul/task.h>

struct job {
	long tasks;
	double seconds;
	simul_task **handles;
};

static struct job job;
static long asleep;

static int sleeper(void *arg)
{
	int r;

	(void)arg;
	if (++asleep == job.tasks)
		bench_report_memory(asleep);
	r = simul_sleep(job.seconds);
	asleep--;
	return r;
}

static int measure(void *arg)
{
	double start = bench_now();
	int r;

	(void)arg;
	for (long i = 0; i < job.tasks; i++)
		job.handles[i] = simul_create_task(sleeper, NULL);
	r = simul_gather(job.handles, (size_t)job.tasks, NULL);
	if (r >= 0)
		bench_report("sleepers", bench_now() - start - job.seconds, "s",
			     job.tasks);
	return r;
}

int main(int argc, char **argv)
{
	simul_options options = { 0 };
	int r;

	job.tasks = bench_number(argc, argv, 1, 1000000);
	job.seconds = (double)bench_number(argc, argv, 2, 10);
	if (argc > 3)
		options.stack_size = (size_t)bench_number(argc, argv, 3, 0);
	job.handles = bench_alloc((size_t)job.tasks * sizeof(*job.handles));
	r = simul_run_with(&options, measure, NULL);
	free(job.handles);
	return bench_exit(r);
}
