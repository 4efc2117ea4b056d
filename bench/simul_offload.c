/* SPDX-License-Identifier: MIT
 * bench/simul_offload.c - "offload": a function that does nothing is called in
 * a thread, and its result comes back; one call after the other, or 64 tasks
 * at a time. "to_loop": the same in a loop of another thread. Time per call. */
#include "bench.h"

#include <simul/gather.h>
#include <simul/loops.h>
#include <simul/run.h>
#include <simul/task.h>
#include <simul/thread.h>

enum { AT_ONCE = 64 };

struct way {
	const char *word;
	const char *measure;
	bool to_loop;
	bool at_once;
};

static const struct way ways[] = {
	{ "alone", "offload", false, false },
	{ "together", "offload_64", false, true },
	{ "loop", "to_loop", true, false },
	{ "loop-together", "to_loop_64", true, true },
};

enum { WAYS = sizeof(ways) / sizeof(*ways) };

static simul_loop *there;

static int nothing(void *arg)
{
	return arg != NULL;
}

static int call(void)
{
	return there ? simul_to_loop(there, nothing, NULL)
		     : simul_to_thread(nothing, NULL);
}

static int calls(void *arg)
{
	int r = 0;

	for (long i = *(long *)arg; i > 0 && r >= 0; i--)
		r = call();
	return r;
}

static int one_at_a_time(const char *name, long n)
{
	long warm_up = n / 10;
	double start;
	int r = calls(&warm_up);

	start = bench_now();
	if (r >= 0)
		r = calls(&n);
	if (r >= 0)
		bench_report_each(name, start, (double)n, n);
	return r;
}

static int together(const char *name, long n)
{
	long each = n / AT_ONCE;
	simul_task *tasks[AT_ONCE];
	double start = bench_now();
	int r;

	for (int i = 0; i < AT_ONCE; i++)
		tasks[i] = simul_create_task(calls, &each);
	r = simul_gather(tasks, AT_ONCE, NULL);
	if (r >= 0)
		bench_report_each(name, start, (double)(each * AT_ONCE),
				  each * AT_ONCE);
	return r;
}

struct job {
	const struct way *way;
	long n;
};

static int measure(const struct job *job)
{
	const struct way *way = job->way;

	return way->at_once ? together(way->measure, job->n)
			    : one_at_a_time(way->measure, job->n);
}

static int run(void *arg)
{
	static const simul_loops_options one = { .count = 1 };
	const struct job *job = arg;
	simul_loops *loops;
	int r;

	if (!job->way->to_loop)
		return measure(job);
	r = simul_loops_open(&one, &loops);
	if (r < 0)
		return r;
	there = simul_loops_at(loops, 0);
	r = measure(job);
	simul_loops_close(loops);
	return r;
}

int main(int argc, char **argv)
{
	struct job job = { NULL, bench_number(argc, argv, 2, 200000) };

	for (size_t i = 0; i < WAYS; i++)
		if (bench_word(argc, argv, 1, ways[i].word))
			job.way = &ways[i];
	if (!job.way) {
		fprintf(stderr,
			"usage: %s alone|together|loop|loop-together [N]\n",
			argv[0]);
		return 2;
	}
	return bench_exit(simul_run(run, &job));
}
