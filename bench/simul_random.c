/* SPDX-License-Identifier: MIT
 * bench/simul_random.c - "random": N tasks take turns in an order that has
 * nothing to do with where their stacks lie. Time per turn.
 *
 * How it compares with floors/random.c (16 colours, prefetch 4 ahead): each
 * task does the same work on its stack per turn, bench_touch_stack, and the
 * order of the turns is shuffled once by the same generator and then kept. The
 * floor gets it by walking a shuffled array; here the tasks wait for an event
 * each, and the events are set in the shuffled order, which is then the ready
 * queue's (first in, first out) for good. A turn is one switch here, from task
 * to task; in the floor it is two, by way of the loop, which costs 2 ns.
 *
 * The main task is one more in the circle: when its simul_sleep(0) returns,
 * every other task has had exactly one turn. */
#include "bench.h"

#include <simul/run.h>
#include <simul/sync.h>
#include <simul/task.h>

struct job {
	long tasks, turns;
	simul_event *events;
	uint32_t *order;
};

static int body(void *arg)
{
	int r = simul_event_wait(arg);

	while (r >= 0) {
		bench_touch_stack();
		r = simul_sleep(0);
	}
	return 0;
}

static int rounds(long n)
{
	int r = 0;

	for (long i = 0; i < n && r >= 0; i++)
		r = simul_sleep(0);
	return r;
}

static int start_all(const struct job *job)
{
	int r;

	for (long i = 0; i < job->tasks; i++)
		if (!simul_create_task(body, &job->events[i]))
			return -1;
	r = rounds(1); /* all run, and wait for their events */
	for (long i = 0; i < job->tasks; i++)
		simul_event_set(&job->events[job->order[i]]);
	return r;
}

static int measure(void *arg)
{
	const struct job *job = arg;
	long n = job->turns / job->tasks + 1;
	int r = start_all(job);
	double start;

	if (r >= 0)
		r = rounds(3); /* the first one still comes out of the wait */
	start = bench_now();
	if (r >= 0)
		r = rounds(n);
	if (r >= 0)
		bench_report_each("random", start, (double)(n * job->tasks),
				  job->tasks);
	return r; /* which cancels the others */
}

int main(int argc, char **argv)
{
	struct job job = { .tasks = bench_number(argc, argv, 1, 100000),
			   .turns = bench_number(argc, argv, 2, 5000000) };
	int r;

	job.events = bench_alloc((size_t)job.tasks * sizeof(*job.events));
	job.order = bench_alloc((size_t)job.tasks * sizeof(*job.order));
	bench_shuffle(job.order, job.tasks);
	r = simul_run(measure, &job);
	free(job.order);
	free(job.events);
	return bench_exit(r);
}
