/* SPDX-License-Identifier: MIT
 * bench/simul_timer.c - "timer": open 64 timeouts, one inside the other, and
 * close them, with a million others pending. Time per timeout opened and
 * closed.
 *
 * Pending ones are due between 1000 and 1060 seconds from now in random order,
 * those that come and go in the middle of that: `at` says when, `clock` says in
 * how many seconds, so that the library has to look at the clock. */
#include "bench.h"

#include <simul/run.h>
#include <simul/scope.h>
#include <simul/sync.h>
#include <simul/task.h>

enum { PENDING = 1000000, BATCH = 64 };

static simul_event all_pending, finished;

/* A task that has a million timeouts open. */
static int holder(void *arg)
{
	simul_timeout *pending = arg;
	double now = simul_now();
	long open = 0;
	int r = 0;

	while (open < PENDING && r >= 0) {
		double part = (double)(bench_random() % 60000000) * 1e-6;

		r = simul_timeout_open_at(&pending[open], now + 1000 + part);
		if (r >= 0)
			open++;
	}
	simul_event_set(&all_pending);
	if (r >= 0)
		r = simul_event_wait(&finished);
	while (open > 0)
		r = simul_timeout_close(&pending[--open], r);
	return r;
}

static int open_and_close_at(long batches, double when)
{
	simul_timeout limits[BATCH];
	int r = 0;

	for (long i = 0; i < batches && r >= 0; i++) {
		int open = 0;

		while (open < BATCH && r >= 0) {
			r = simul_timeout_open_at(&limits[open], when);
			open += r >= 0;
		}
		while (open > 0)
			r = simul_timeout_close(&limits[--open], r);
	}
	return r;
}

static int open_and_close(long batches, double seconds)
{
	simul_timeout limits[BATCH];
	int r = 0;

	for (long i = 0; i < batches && r >= 0; i++) {
		int open = 0;

		while (open < BATCH && r >= 0) {
			r = simul_timeout_open(&limits[open], seconds);
			open += r >= 0;
		}
		while (open > 0)
			r = simul_timeout_close(&limits[--open], r);
	}
	return r;
}

struct job {
	long n;
	bool clock;
	simul_timeout *pending;
};

static int run_batches(const struct job *job, long batches)
{
	if (job->clock)
		return open_and_close(batches, 1030);
	return open_and_close_at(batches, simul_now() + 1030);
}

static int measure(void *arg)
{
	struct job *job = arg;
	simul_task *task = simul_create_task(holder, job->pending);
	long batches = job->n / BATCH;
	int r = simul_event_wait(&all_pending);
	double start;

	if (r >= 0)
		r = run_batches(job, batches / 10);
	start = bench_now();
	if (r >= 0)
		r = run_batches(job, batches);
	if (r >= 0)
		bench_report_each("timer", start, (double)(batches * BATCH),
				  job->n);
	simul_event_set(&finished);
	return r < 0 ? r : simul_await(task);
}

int main(int argc, char **argv)
{
	struct job job = { .n = bench_number(argc, argv, 2, 5000000) };
	int r;

	job.clock = bench_word(argc, argv, 1, "clock");
	if (!job.clock && !bench_word(argc, argv, 1, "at")) {
		fprintf(stderr, "usage: %s at|clock [N]\n", argv[0]);
		return 2;
	}
	job.pending = bench_alloc(PENDING * sizeof(*job.pending));
	r = simul_run(measure, &job);
	free(job.pending);
	return bench_exit(r);
}
