/* SPDX-License-Identifier: MIT
 * bench/simul_loops.c - "loops": an item goes to and fro between two loops in
 * two threads. Time for there and back.
 *
 *	simul_loops N
 */
#include "bench.h"

#include <simul/loops.h>
#include <simul/task.h>
#include <simul/thread.h>
#include <simul/thread_queue.h>

struct way {
	simul_thread_queue *there;
	simul_thread_queue *back;
	long n;
};

static int answer(void *arg)
{
	const struct way *way = arg;
	void *item;

	while (simul_thread_queue_get(way->there, &item) >= 0)
		simul_thread_queue_put(way->back, item);
	return 0;
}

static int there_and_back(const struct way *way, long n)
{
	static int ball;
	void *item = &ball;
	int r = 0;

	for (long i = 0; i < n && r >= 0; i++) {
		r = simul_thread_queue_put(way->there, item);
		if (r >= 0)
			r = simul_thread_queue_get(way->back, &item);
	}
	return r;
}

static int play(struct way *way)
{
	int r = there_and_back(way, way->n / 10 + 1);
	double start = bench_now();

	if (r >= 0)
		r = there_and_back(way, way->n);
	if (r >= 0)
		bench_report_each("loops", start, (double)way->n, way->n);
	return r;
}

static int measure(void *arg)
{
	static const simul_loops_options one = { .count = 1 };
	struct way *way = arg;
	simul_loops *loops;
	int r = simul_loops_open(&one, &loops);

	if (r < 0)
		return r;
	r = simul_submit(simul_loops_at(loops, 0), answer, way);
	if (r >= 0)
		r = play(way);
	simul_thread_queue_shutdown(way->there);
	simul_loops_close(loops);
	return r;
}

int main(int argc, char **argv)
{
	struct way way = { .n = bench_number(argc, argv, 1, 10000) };
	int r = simul_thread_queue_new(1, &way.there);

	if (r >= 0)
		r = simul_thread_queue_new(1, &way.back);
	if (r >= 0)
		r = simul_run(measure, &way);
	simul_thread_queue_free(way.there);
	simul_thread_queue_free(way.back);
	return bench_exit(r);
}
